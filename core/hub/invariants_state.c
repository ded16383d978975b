/*
 * Invariant 3 of hub.h, asserted: the memory state of a session = its committed state + its pending
 * events applied in order; a message is applied whole or not at all. States are compared by a hash:
 * before and after a refused message, and between an eviction and the next load.
 */
#include "hub/invariants.h"

#ifdef HD1_INVARIANTS

#include "log.h"

#include <assert.h>
#include <stdlib.h>

#define REFUSAL_OBJECTS_MAX 64 /* larger sessions are not looked at for each message */
#define EVICTED_MAX 64

/* What evicted sessions were like; the oldest are forgotten. */
struct invariants {
    struct evicted {
        int64_t key, seq;
        uint64_t state;
    } evicted[EVICTED_MAX];
    size_t next;
};

/* FNV-1a. */
static uint64_t
hash(uint64_t state, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < len; i++)
        state = (state ^ at[i]) * UINT64_C(0x100000001b3);
    return state;
}

static uint64_t
hash_object(const struct object *object)
{
    uint64_t state = hash(UINT64_C(0xcbf29ce484222325), object->name, strlen(object->name));

    state = hash(state, &object->version, sizeof(object->version));
    return hash(state, object->body, object->body_len);
}

/* The camera is not part of it: it is volatile, and saved lazily. */
static uint64_t
hash_state(const struct session *session)
{
    uint64_t state = hash(UINT64_C(0xcbf29ce484222325), &session->seq, sizeof(session->seq));
    size_t pos = 0;
    struct span name;
    void *object;

    state = hash(state, session->world.data, session->world.len);
    while (table_next(&session->objects, &pos, &name, &object))
        state += hash_object(object); /* in no order */
    return state ? state : 1;
}

uint64_t
invariants_before(const struct session *session)
{
    return session->objects.count <= REFUSAL_OBJECTS_MAX ? hash_state(session) : 0;
}

void
invariants_at_refusal(const struct session *session, uint64_t before)
{
    assert(before == 0 || hash_state(session) == before);
}

void
invariants_at_eviction(const struct session *session)
{
    struct hub *hub = session->hub;

    assert(session->seq == session->committed);
    if (!hub->invariants)
        hub->invariants = mem_zalloc(sizeof(*hub->invariants));
    hub->invariants->evicted[hub->invariants->next++ % EVICTED_MAX] =
        (struct evicted){session->key, session->seq, hash_state(session)};
}

void
invariants_at_load(const struct session *session)
{
    const struct invariants *invariants = session->hub->invariants;

    for (size_t i = 0; invariants && i < EVICTED_MAX; i++) {
        const struct evicted *evicted = &invariants->evicted[i];

        if (evicted->key == session->key && evicted->seq == session->seq)
            assert(evicted->state == hash_state(session));
    }
}

void
invariants_fini(struct hub *hub)
{
    free(hub->invariants);
}

#else

typedef int invariants_state_are_off; /* a translation unit holds something */

#endif
