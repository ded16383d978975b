/*
 * What something that leaves the server rests on: the sessions it may tell of, what a plugin keeps,
 * what was emitted with it. It waits until all of that is on disk (invariant 4). Hub thread.
 */
#ifndef HD1_HUB_BASIS_H
#define HD1_HUB_BASIS_H

#include "hub/hub.h"

#include <stdbool.h>
#include <stddef.h>

struct kv_space;

/* Embedded; all zero: it rests on nothing. Good until the hub runs again, or to be cleared. */
struct basis {
    struct session **sessions; /* of which something waits for the disk; one may be there twice */
    size_t count, cap;
    bool has_looked;        /* into any session, whether or not anything of it waits */
    struct kv_space *space; /* or NULL */
    bool has_emitted;
    struct hub_emit_mark emitted; /* before what was emitted; as for hub_hold_emitted() */
};

void basis_fini(struct basis *basis);
/* It rests on nothing again, and keeps its memory. */
void basis_clear(struct basis *basis);
/* It may tell of that session. */
void basis_add_session(struct basis *basis, struct session *session);
/* Rests it on nothing that could still be lost, as far as is known without a look? */
bool basis_is_firm(const struct basis *basis);
/* Calls fn once, perhaps at once: when all of it is on disk, is_kept true; or when all is known and
 * some of it was lost, false. */
void basis_hold(struct hub *hub, const struct basis *basis, hub_hold_fn fn, void *ctx);

#endif
