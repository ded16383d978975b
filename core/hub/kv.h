/*
 * What plugins keep: one space of keys and values (JSON texts) per owner, all of it in memory, in
 * memcmp's order of the keys, and durable in the store. The hub does not know who the owners are.
 *
 * A write is seen at once by whoever reads the space, and is staged: it goes with the message whose
 * before_event hooks made it, into the same transaction, or is dropped with it; outside of these
 * the caller settles it (hub_kv_settle) or takes it back. When a commit fails, the spaces are again
 * what is on disk, and every event that wrote to them or read what was not on disk fails too
 * (invariants 3 and 4, for kv: the batch's kv and the parts coupled to it stand or fall together).
 *
 * Hub thread only.
 */
#ifndef HD1_HUB_KV_H
#define HD1_HUB_KV_H

#include "hub/hub.h"
#include "sorted.h"
#include "span.h"

#include <stdbool.h>
#include <stddef.h>

#define KV_KEYS_MAX 100000
#define KV_KEY_BYTES_MAX 256
#define KV_VALUE_BYTES_MAX (32 * 1024)
#define KV_SPACE_BYTES_DEFAULT (16 * 1024 * 1024)

struct kv_space;

/* That owner's space, lent by the hub for its whole life; asks the store for it when it is first
 * opened. */
struct kv_space *hub_kv_open(struct hub *hub, struct span owner);
/* Waits until it is read, delivering what the store has meanwhile; for loading plugins. 0, or
 * HD1_EIO. */
int hub_kv_await(struct kv_space *space, int timeout_ms);
/* Without waiting: 0, HD1_EBUSY (it is being read) or HD1_EIO (that failed; it is tried again). */
int hub_kv_ask(const struct kv_space *space);
/* Else it is being read (again, after a commit of unknown outcome), and may not be touched. */
bool kv_is_ready(const struct kv_space *space);

/* The value; SPAN_NONE if there is none. Lent until the space changes. */
struct span kv_get(struct kv_space *space, struct span key);
/* All of it, to be walked. Lent until the space changes. */
const struct sorted *kv_all(struct kv_space *space);
/*
 * Puts a copy, or removes the key if value.at is NULL. 0, HD1_EFULL (over bytes_max or KV_KEYS_MAX:
 * nothing changed) or HD1_EBUSY (too much waits for the disk).
 */
int kv_put(struct kv_space *space, struct span key, struct span value, size_t bytes_max);

/* Empties all spaces that are open. For tests. */
void hub_kv_clear(struct hub *hub);

/* How many writes are staged; hub_kv_take_back(hub, mark) undoes those made since. */
size_t hub_kv_mark(const struct hub *hub);
void hub_kv_take_back(struct hub *hub, size_t mark);
/* Puts what is staged into the open batch by itself. During before_event nothing happens: it goes
 * with the event. */
void hub_kv_settle(struct hub *hub);
/* Calls fn when everything written to the space so far is committed (perhaps at once): is_kept
 * true; or false if it failed. */
void hub_hold_kv(struct kv_space *space, hub_hold_fn fn, void *ctx);

#endif
