/* Shared texts, counted. */
#include "intern.h"

#include "buf.h"

#include <stdlib.h>

struct entry {
    size_t holders;
    char text[];
};

static struct entry *
entry_of(const char *text)
{
    return (struct entry *)(text - offsetof(struct entry, text));
}

void
intern_fini(struct intern *intern)
{
    size_t pos = 0;
    void *entry;

    while (table_next(&intern->texts, &pos, NULL, &entry))
        free(entry);
    table_fini(&intern->texts);
}

const char *
intern_take(struct intern *intern, const char *text)
{
    struct span key = span_of(text);
    struct entry *entry = table_get(&intern->texts, key);

    if (!entry) {
        entry = mem_alloc(sizeof(*entry) + key.len + 1);
        entry->holders = 0;
        memcpy(entry->text, text, key.len + 1);
        table_put(&intern->texts, span_of(entry->text), entry);
    }
    entry->holders++;
    return entry->text;
}

void
intern_drop(struct intern *intern, const char *text)
{
    if (text && --entry_of(text)->holders == 0) {
        table_del(&intern->texts, span_of(text));
        free(entry_of(text));
    }
}

size_t
intern_holders(const char *text)
{
    return entry_of(text)->holders;
}
