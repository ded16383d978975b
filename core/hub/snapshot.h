/*
 * A snapshot of a session's objects at one seq: immutable pages of ready-made frames,
 * reference-counted, shared by all who join while it is not too old. Page 0 (world, camera,
 * clients) is made per joiner; the pages here are 1, 2, ...
 */
#ifndef HD1_HUB_SNAPSHOT_H
#define HD1_HUB_SNAPSHOT_H

#include "span.h"

#include <stdint.h>

#define SNAPSHOT_PAGE_BYTES (64 * 1024)
#define SNAPSHOT_AGE_MAX 1000 /* events after which it is made anew */

struct session;
struct snapshot;

/*
 * The session's snapshot: the cached one if it is recent, else a new one of the memory state, which
 * may hold pending events: nothing of it may leave before hub_hold() of now says kept. A reference
 * for the caller.
 */
struct snapshot *snapshot_take(struct session *session);
void snapshot_unref(struct snapshot *snapshot);
/* The state is the one after this event. */
int64_t snapshot_seq(const struct snapshot *snapshot);
/* The world at that seq. Lent. */
struct span snapshot_world(const struct snapshot *snapshot);
/* Of frames with objects; page 0 not counted. */
uint32_t snapshot_page_count(const struct snapshot *snapshot);
/* A ready-made frame; page in 1..count. Lent. */
struct span snapshot_page(const struct snapshot *snapshot, uint32_t page);

#endif
