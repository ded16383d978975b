/* The texts of our own failures, for the log and the terminal. */
#include "err.h"

const char *
err_text(int err)
{
    static const char *const texts[] = {
        [0] = "no error",
        [-HD1_ENOMEM] = "out of memory",
        [-HD1_EIO] = "input/output error",
        [-HD1_EFULL] = "no space left",
        [-HD1_EBUSY] = "busy",
        [-HD1_ECORRUPT] = "data is corrupt",
        [-HD1_ECONSTRAINT] = "constraint violated",
        [-HD1_ENOENT] = "not found",
        [-HD1_EEXIST] = "exists already",
        [-HD1_EINVAL] = "invalid argument",
        [-HD1_ESYNTAX] = "malformed text",
        [-HD1_ETOOBIG] = "too big",
        [-HD1_EVERSION] = "made by a newer build",
        [-HD1_EFOREIGN] = "not a database of this server",
        [-HD1_ELOCKED] = "owned by another server",
        [-HD1_EOUTCOME] = "outcome unknown",
        [-HD1_ECLOSED] = "closed by the other end",
        [-HD1_ESCRIPT] = "error in a Lua script",
        [-HD1_EBUDGET] = "Lua budget used up",
    };
    int count = (int)(sizeof(texts) / sizeof(texts[0]));

    return err <= 0 && err > -count ? texts[-err] : "unknown error";
}
