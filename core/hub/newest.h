/*
 * The newest volatile events of a session: the last one of each kind, with a counter, bounded in
 * bytes. For joiners and for those who skipped a round because they could not take more.
 */
#ifndef HD1_HUB_NEWEST_H
#define HD1_HUB_NEWEST_H

#include "buf.h"
#include "span.h"
#include "table.h"

#include <stdbool.h>
#include <stdint.h>

#define NEWEST_BYTES_MAX (1024 * 1024)

struct newest_entry;

/* Which are of the same kind, so that the newest is enough, and how long it counts. */
enum newest_kind {
    NEWEST_OWN,      /* of the same type and sender; until he leaves */
    NEWEST_SHARED,   /* of the same type and object, whoever sent them, for all see the last one;
                        until newest_drop() */
    NEWEST_PRESENCE, /* as NEWEST_OWN, and of no use to who joins later: he gets the list */
};

struct newest {
    struct table by_key;
    struct newest_entry *oldest, *latest; /* by counter */
    uint64_t counter;                     /* of the last event put */
    size_t bytes;
    size_t presence_count;
};

/* A zeroed struct is empty. */
void newest_fini(struct newest *newest);
/* Keeps a copy of the frame. object: SPAN_NONE if it is about none. */
void newest_put(struct newest *newest, enum newest_kind kind, struct span type, struct span sender,
                struct span object, struct span frame);
/* Appends the frames with a counter above seen (presence: above joined), but for those of
 * `but_sender`: as many as fit into max_bytes, at least one. Returns the counter to go on from. */
uint64_t newest_append(const struct newest *newest, uint64_t seen, uint64_t joined,
                       struct span but_sender, size_t max_bytes, struct buf *out);
/* Is there a shared one of that type and object? */
bool newest_has(const struct newest *newest, struct span type, struct span object);
/* It is out of date: a durable event says what it said. */
void newest_drop(struct newest *newest, struct span type, struct span object);
/* He left: his own go with him. */
void newest_drop_sender(struct newest *newest, struct span sender);
/* Everybody has been told who came and went. */
void newest_drop_presence(struct newest *newest);

#endif
