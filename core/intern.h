/*
 * Texts that many have in common, each kept once: who takes one holds a reference. Leaf; not
 * thread-safe.
 */
#ifndef HD1_INTERN_H
#define HD1_INTERN_H

#include "table.h"

/* A zeroed struct is empty. */
struct intern {
    struct table texts; /* text -> its entry */
};

/* Frees the texts that are still held, too. */
void intern_fini(struct intern *intern);
/* The one copy of that text, NUL-terminated; it stays until it was dropped as often as taken. */
const char *intern_take(struct intern *intern, const char *text);
/* NULL ok. text is what intern_take() of the same intern answered. */
void intern_drop(struct intern *intern, const char *text);
/* How many hold it now. */
size_t intern_holders(const char *text);

#endif
