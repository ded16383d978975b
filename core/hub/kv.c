/* Spaces of keys and values: reading, staging writes, taking them back. What becomes of them on
 * their way to the disk is in kv_journal.c. */
#include "hub/kv_state.h"

#include "clock.h"
#include "err.h"

#include <assert.h>
#include <stdlib.h>

/* --- changes --- */

static struct kv_change *
change_new(struct kv_space *space, struct span key)
{
    struct span before = sorted_get(&space->map, key);
    struct kv_change *change = mem_alloc(sizeof(*change) + key.len + before.len);

    memcpy(change->bytes, key.at, key.len);
    if (before.len)
        memcpy(change->bytes + key.len, before.at, before.len);
    *change = (struct kv_change){
        .space = space,
        .key = {change->bytes, key.len},
        .before = {before.at ? change->bytes + key.len : NULL, before.len},
    };
    return change;
}

/* The key is again what it was before the change, which is freed. */
void
kv_undo(struct kv_change *change)
{
    struct kv_space *space = change->space;

    if (change->before.at)
        sorted_set(&space->map, change->key, change->before);
    else
        sorted_remove(&space->map, change->key);
    space->hub->kv.waiting_bytes -= change->size;
    free(change);
}

/* --- reading and writing --- */

bool
kv_is_ready(const struct kv_space *space)
{
    return space->is_ready;
}

/* Whoever sees what is not on disk must not be told apart from it. */
static void
note_access(const struct kv_space *space)
{
    if (kv_is_pending(space))
        space->hub->kv.was_seen = true;
}

struct span
kv_get(struct kv_space *space, struct span key)
{
    note_access(space);
    return sorted_get(&space->map, key);
}

const struct sorted *
kv_all(struct kv_space *space)
{
    note_access(space);
    return &space->map;
}

static int
check_room(const struct kv_space *space, struct span key, struct span value, size_t bytes_max)
{
    const struct hub *hub = space->hub;
    struct span before = sorted_get(&space->map, key);
    size_t freed = before.at ? key.len + before.len : 0;
    size_t size = key.len + value.len + before.len; /* what was before is kept meanwhile */

    if (value.at && (space->map.bytes - freed + key.len + value.len > bytes_max ||
                     (!before.at && space->map.count >= KV_KEYS_MAX)))
        return HD1_EFULL;
    return journal_pending_bytes(hub) + size > hub->options.limits.pending_bytes ? HD1_EBUSY : 0;
}

int
kv_put(struct kv_space *space, struct span key, struct span value, size_t bytes_max)
{
    struct kv *kv = &space->hub->kv;
    int err = check_room(space, key, value, bytes_max);

    assert(space->is_ready);
    note_access(space);
    if (err || (!value.at && !sorted_get(&space->map, key).at))
        return err;
    struct kv_change *change = change_new(space, key);

    change->size = key.len + value.len + change->before.len;
    change->next = kv->staged;
    kv->staged = change;
    kv->staged_count++;
    kv->waiting_bytes += change->size;
    if (value.at)
        sorted_set(&space->map, key, value);
    else
        sorted_remove(&space->map, key);
    return 0;
}

/* Key by key, which is copied: it is lent by what is removed. */
static void
clear(struct kv_space *space)
{
    const struct sorted_node *node;
    char bytes[KV_KEY_BYTES_MAX];

    while (space->is_ready && (node = sorted_from(&space->map, SPAN(""), false))) {
        struct span key = sorted_key(node);

        memcpy(bytes, key.at, key.len);
        if (kv_put(space, (struct span){bytes, key.len}, SPAN_NONE, SIZE_MAX) != 0)
            return;
    }
}

void
hub_kv_clear(struct hub *hub)
{
    size_t pos = 0;
    void *space;

    while (table_next(&hub->kv.spaces, &pos, NULL, &space))
        clear(space);
    hub_kv_settle(hub);
}

size_t
hub_kv_mark(const struct hub *hub)
{
    return hub->kv.staged_count;
}

void
hub_kv_take_back(struct hub *hub, size_t mark)
{
    struct kv *kv = &hub->kv;

    while (kv->staged_count > mark) {
        struct kv_change *change = kv->staged;

        kv->staged = change->next;
        kv->staged_count--;
        kv_undo(change);
    }
}

void
hub_kv_settle(struct hub *hub)
{
    if (!hub->current)
        kv_stage_done(hub);
}

/* --- from the store --- */

static void
on_loaded(void *ctx, int status, const struct store_kv *items, size_t count)
{
    struct kv_space *space = ctx;

    space->is_load_asked = false;
    space->hub->reads--;
    if (status != 0) {
        space->has_failed = true;
        space->retry_ms = hub_mono_ms(space->hub) + KV_RETRY_MS;
        return;
    }
    sorted_fini(&space->map);
    for (size_t i = 0; i < count; i++)
        sorted_set(&space->map, items[i].key, items[i].value);
    space->is_ready = true;
}

/* A hub without a store, which only checks, has kept nothing. */
void
kv_load(struct kv_space *space)
{
    if (!space->hub->options.store) {
        space->is_ready = true;
    } else if (!space->is_load_asked) {
        space->is_load_asked = true;
        space->has_failed = false;
        space->hub->reads++;
        store_load_kv(space->hub->options.store, span_of(space->owner), on_loaded, space);
    }
}

struct kv_space *
hub_kv_open(struct hub *hub, struct span owner)
{
    struct kv_space *space = table_get(&hub->kv.spaces, owner);

    if (!space) {
        space = mem_zalloc(sizeof(*space));
        space->hub = hub;
        space->owner = mem_strndup(owner.at, owner.len);
        table_put(&hub->kv.spaces, span_of(space->owner), space);
        kv_load(space);
    }
    return space;
}

int
hub_kv_ask(const struct kv_space *space)
{
    if (space->is_ready)
        return 0;
    return space->has_failed ? HD1_EIO : HD1_EBUSY;
}

int
hub_kv_await(struct kv_space *space, int timeout_ms)
{
    int64_t deadline_ms = clock_mono_ms() + timeout_ms;

    if (space->has_failed)
        kv_load(space);
    while (!space->is_ready && !space->has_failed && clock_mono_ms() < deadline_ms)
        store_wait(space->hub->options.store, 100);
    return space->is_ready ? 0 : HD1_EIO;
}
