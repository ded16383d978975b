/*
 * The newest volatile events of a session: per (type, sender, object) the last one, each with a
 * counter, bounded in bytes. For joiners and for those who skipped a round because they could not
 * take more.
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

struct newest {
    struct table by_key;
    struct newest_entry *oldest, *latest; /* by counter */
    uint64_t counter;                     /* of the last event put */
    size_t bytes;
    size_t presence_count;
};

/* A zeroed struct is empty. */
void newest_fini(struct newest *newest);
/*
 * Keeps a copy of the frame as the newest of its kind. Presence (who came, who went) is of no use
 * to those who join later: they get the list of clients.
 */
void newest_put(struct newest *newest, struct span type, struct span sender, struct span object,
                struct span frame, bool is_presence);
/* Appends the frames with a counter above seen (presence: above joined), but for those of
 * `but_sender`. */
void newest_append(const struct newest *newest, uint64_t seen, uint64_t joined,
                   struct span but_sender, struct buf *out);
/* A durable event on that object was committed: what moved it before is out of date. */
void newest_drop_object(struct newest *newest, struct span object);
/* Its sender left: what it moved last stays where the durable state says. */
void newest_drop_sender(struct newest *newest, struct span sender);
/* Everybody has been told who came and went. */
void newest_drop_presence(struct newest *newest);

#endif
