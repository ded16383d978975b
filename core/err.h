/*
 * The failures of our own functions: a function that can fail returns 0 or one of these (negative).
 * What a client is told is another thing: see hub/refusal.h.
 */
#ifndef HD1_ERR_H
#define HD1_ERR_H

enum hd1_err {
    HD1_ENOMEM = -1,      /* a client-sized allocation was refused */
    HD1_EIO = -2,         /* the system or SQLite reported an input/output error */
    HD1_EFULL = -3,       /* the disk or a bounded buffer is full */
    HD1_EBUSY = -4,       /* somebody else holds it just now */
    HD1_ECORRUPT = -5,    /* the data does not hold together */
    HD1_ECONSTRAINT = -6, /* a constraint of the database was violated */
    HD1_ENOENT = -7,      /* there is no such thing */
    HD1_EEXIST = -8,      /* there is one already */
    HD1_EINVAL = -9,      /* not valid here */
    HD1_ESYNTAX = -10,    /* malformed text */
    HD1_ETOOBIG = -11,    /* over a limit of size or count */
    HD1_EVERSION = -12,   /* made by a newer build */
    HD1_EFOREIGN = -13,   /* a database, but not one of ours */
    HD1_ELOCKED = -14,    /* another server owns it */
    HD1_EOUTCOME = -15,   /* it may or may not have happened */
    HD1_ECLOSED = -16,    /* the other end is gone */
    HD1_ESCRIPT = -17,    /* a Lua error: the text says which */
    HD1_EBUDGET = -18,    /* a Lua call used up its instructions or memory */
};

/* One text for each, in lower case without a full stop. Any thread; static memory. */
const char *err_text(int err);

#endif
