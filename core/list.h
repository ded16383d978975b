/*
 * Lists whose links lie in their elements: nothing allocates, and each element goes in constant
 * time, whether it is in the list or not. Leaf.
 */
#ifndef HD1_LIST_H
#define HD1_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* A head, after list_init(); or the link of an element, which is in no list while it is all 0. */
struct list {
    struct list *prev, *next;
};

/* The element of that type whose member is this link. */
#define LIST_ELEMENT(link, type, member) ((type *)((char *)(link)-offsetof(type, member)))

static inline void
list_init(struct list *list)
{
    list->prev = list->next = list;
}

static inline bool
list_is_empty(const struct list *list)
{
    return list->next == list;
}

/* Is it in a list? */
static inline bool
list_is_linked(const struct list *link)
{
    return link->next != NULL;
}

/* Takes it out of whatever list it is in. */
static inline void
list_remove(struct list *link)
{
    if (!link->next)
        return;
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link->prev = link->next = NULL;
}

/* Makes it the last one, if it is in no list yet. */
static inline void
list_append(struct list *list, struct list *link)
{
    if (link->next)
        return;
    link->prev = list->prev;
    link->next = list;
    list->prev->next = link;
    list->prev = link;
}

/* The one after it, NULL at the end; `link` may be the head, for the first one. */
static inline struct list *
list_next(const struct list *list, const struct list *link)
{
    return link->next == list ? NULL : link->next;
}

/* Takes the first one out; NULL if there is none. */
static inline struct list *
list_shift(struct list *list)
{
    struct list *first = list_next(list, list);

    if (first)
        list_remove(first);
    return first;
}

#endif
