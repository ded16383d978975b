/* What the json_schema files share among themselves: what is compiled, and compiling it; not for
 * others. */
#ifndef HD1_JSON_JSON_SCHEMA_IMPL_H
#define HD1_JSON_JSON_SCHEMA_IMPL_H

#include "arena.h"
#include "json/json_schema.h"

/* Types as JSON Schema has them; a set of them is a sum. */
enum {
    TYPE_NULL = 1,
    TYPE_BOOLEAN = 2,
    TYPE_NUMBER = 4,
    TYPE_INTEGER = 8,
    TYPE_STRING = 16,
    TYPE_ARRAY = 32,
    TYPE_OBJECT = 64
};

struct node;

/* Strings without escapes, in the order of name_cmp(). */
struct names {
    struct span *items;
    size_t count;
};

/* The values that const or enum allow. */
struct choice {
    bool is_set;       /* else any */
    unsigned literals; /* null, false, true: 1 << enum json_type */
    double *numbers;   /* ascending */
    size_t number_count;
    struct names strings;
    const char *message;
};

struct property {
    struct span name;
    struct span key; /* as the schema writes it */
    bool is_required;
    const struct node *node; /* NULL: it is required, and nothing else is said about it */
};

/* A schema, or a part of one. What is not said about a value is the keyword's most lenient one. */
struct node {
    unsigned types; /* 0: any */
    const char *type_message;
    struct choice constant, list;
    bool is_bounded; /* a number, by */
    double min, max;
    const char *too_small, *too_large;
    double min_length, max_length; /* of a string, in characters */
    const char *too_short, *too_long;
    const struct node *items;
    double max_items;
    const char *too_many;
    struct property *properties;
    size_t property_count, required_count;
    struct names names;        /* theirs, in the same order */
    const struct node *others; /* members that are not among the properties; NULL: any */
    bool is_closed;            /* there are to be none */
};

struct json_schema {
    struct arena arena; /* all of it */
    const struct node *root;
};

/* Of doubles, for bsearch() and qsort(). */
int number_cmp(const void *a, const void *b);

/* Where in a value or a schema: the way back to its root. */
struct step {
    const struct step *parent; /* NULL: at the root */
    struct span key;           /* raw; at is NULL: an element */
    size_t index;
};

/* Appends the way from the root to where as a JSON Pointer. False: only up to a key that is too
 * long to be told. */
bool step_append_path(const struct step *where, struct buf *out);

/* The shorter first: most differ in that, so that few bytes are compared. */
static inline int
name_cmp(struct span a, struct span b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return a.len > 0 ? memcmp(a.at, b.at, a.len) : 0;
}

/* --- compiling --- */

struct compiler {
    struct arena *arena;
    struct buf *why;
    struct buf text; /* a message in the making */
};

/* A schema on its way to be a node. */
struct draft {
    struct compiler *compiler;
    const struct step *where;
    struct node *node;
    struct span required, properties; /* SPAN_NONE: not said */
};

/* Tells the fault, with shown behind it; false. */
bool draft_fail(const struct draft *draft, const char *what, struct span shown);
bool draft_fail_keyword(const struct draft *draft, const char *keyword, const char *must);
/* A message is written into the buffer that draft_new_text() gives, then kept with the schema. */
struct buf *draft_new_text(struct draft *draft);
const char *draft_keep_text(struct draft *draft);

/* A string's text, given between its quotes, kept with the schema; told if it is too long. */
bool draft_keep_name(struct draft *draft, struct span raw, struct span *name);

/* A list may be empty; so may a table of Lua, which says nothing of being a list. */
bool schema_is_list(struct span value);
size_t schema_count_elements(struct span list);

/* json_schema_value.c: the keywords that look at one value and not into it. False: told why. */
bool keyword_type(struct draft *draft, const char *keyword, struct span value);
bool keyword_const(struct draft *draft, const char *keyword, struct span value);
bool keyword_enum(struct draft *draft, const char *keyword, struct span value);
bool keyword_minimum(struct draft *draft, const char *keyword, struct span value);
bool keyword_maximum(struct draft *draft, const char *keyword, struct span value);
bool keyword_min_length(struct draft *draft, const char *keyword, struct span value);
bool keyword_max_length(struct draft *draft, const char *keyword, struct span value);
bool keyword_max_items(struct draft *draft, const char *keyword, struct span value);

#endif
