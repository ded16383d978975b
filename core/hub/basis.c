/* What leaves the server waits for several things at once: one count for all of them. */
#include "hub/basis.h"

#include "hub/hub_state.h"
#include "hub/kv.h"

#include <stdlib.h>

#define CAP_MIN 16

void
basis_fini(struct basis *basis)
{
    free(basis->sessions);
    *basis = (struct basis){.sessions = NULL};
}

void
basis_clear(struct basis *basis)
{
    basis->count = 0;
    basis->has_looked = basis->has_emitted = false;
    basis->space = NULL;
}

static bool
is_on_disk(const struct session *session)
{
    return session->state == SESSION_READY && !session->open_part && !session->flight_part;
}

void
basis_add_session(struct basis *basis, struct session *session)
{
    basis->has_looked = true;
    if (is_on_disk(session))
        return;
    if (basis->count == basis->cap) {
        basis->cap = basis->cap ? basis->cap * 2 : CAP_MIN;
        basis->sessions = mem_realloc(basis->sessions, basis->cap * sizeof(*basis->sessions));
    }
    basis->sessions[basis->count++] = session;
}

bool
basis_is_firm(const struct basis *basis)
{
    return basis->count == 0 && !basis->space && !basis->has_emitted;
}

/* --- waiting --- */

struct wait {
    size_t waiting;
    bool is_lost; /* some of it */
    hub_hold_fn fn;
    void *ctx;
};

static void
on_one(void *ctx, bool is_kept)
{
    struct wait *wait = ctx;

    wait->is_lost |= !is_kept;
    if (--wait->waiting > 0)
        return;
    wait->fn(wait->ctx, !wait->is_lost);
    free(wait);
}

void
basis_hold(struct hub *hub, const struct basis *basis, hub_hold_fn fn, void *ctx)
{
    struct wait *wait = mem_alloc(sizeof(*wait));

    /* The first is our own: the others may be over at once. */
    *wait = (struct wait){.waiting = 1 + basis->count + (basis->space != NULL) + basis->has_emitted,
                          .fn = fn,
                          .ctx = ctx};
    for (size_t i = 0; i < basis->count; i++)
        hub_hold(basis->sessions[i], on_one, wait);
    if (basis->space)
        hub_hold_kv(basis->space, on_one, wait);
    if (basis->has_emitted)
        hub_hold_emitted(hub, &basis->emitted, on_one, wait);
    on_one(wait, true);
}
