/* The hub as a whole: made, driven by the loop's rounds and ticks, stopped. */
#include "hub/hub_state.h"

#include "clock.h"
#include "hub/invariants.h"
#include "log.h"

#include <assert.h>
#include <stdlib.h>

void
hub_limits_default(struct hub_limits *limits)
{
    *limits = (struct hub_limits){
        .message_bytes = 65536,
        .body_bytes = 1048576,
        .events_per_request = 1000,
        .queue_messages = 256,
        .queue_bytes = 1048576,
        .pending_bytes = 64 * 1024 * 1024,
        .ring_bytes = 64 * 1024 * 1024,
        .stall_ms = 10000,
        .idle_ms = 60000,
    };
}

struct hub *
hub_new(const struct hub_options *options)
{
    struct hub *hub = mem_zalloc(sizeof(*hub));

    hub->options = *options;
    hub->current_depth = -1;
    hub->traces.every = options->trace_every;
    list_init(&hub->lagging);
    list_init(&hub->flush_sessions);
    list_init(&hub->round_sessions);
    list_init(&hub->dirty_sessions);
    list_init(&hub->prompt_sessions);
    list_init(&hub->ring_sessions);
    event_types_init(&hub->types);
    apply_register(&hub->types);
    return hub;
}

static void
free_open_batch(struct hub *hub)
{
    for (struct batch_part *part = hub->open ? hub->open->parts : NULL; part; part = part->next)
        for (struct batch_event *event = part->events; event; event = event->next)
            client_unref(((struct pending *)event->owner)->client);
    batch_free(hub->open);
    hub->open = NULL;
}

static void
free_sessions(struct hub *hub)
{
    size_t pos;
    struct span key;
    void *value;

    while ((pos = 0), table_next(&hub->sessions, &pos, &key, &value)) {
        struct session *session = value;

        session->refs = 0;
        session->open_part = session->flight_part = NULL;
        hold_list_run(&session->flight_holds, false);
        hold_list_run(&session->open_holds, false);
        session_run_waiting(session, NULL, &(struct refusal){.status = 503, .code = "stopping"});
        volatile_clear(session);
        session->refs = 0;
        session_free(session);
    }
    table_fini(&hub->sessions);
}

void
hub_free(struct hub *hub)
{
    if (!hub)
        return;
    assert(hub->stats.clients == 0);
    hub->hooks = NULL;
    hub->scripts = NULL;
    if (hub->done)
        journal_after_hooks(hub);
    free_open_batch(hub);
    batch_free(hub->spare);
    free_sessions(hub);
    emit_fini(hub);
    kv_fini(hub);
    flush_clients(hub);
    client_sweep(hub);
    traces_fini(hub);
    event_types_fini(&hub->types);
    arena_fini(&hub->after_arena);
    arena_fini(&hub->gather.copies);
    buf_fini(&hub->scratch);
    buf_fini(&hub->scratch2);
    free(hub->lobby);
    free(hub->dead);
    intern_fini(&hub->addresses);
    free(hub->joined);
    free(hub->undo);
    invariants_fini(hub);
    free(hub);
}

void
hub_set_hooks(struct hub *hub, const struct hub_hooks *hooks)
{
    hub->hooks = hooks;
}

void
hub_set_scripts(struct hub *hub, const struct hub_scripts *scripts)
{
    hub->scripts = scripts;
}

struct event_types *
hub_types(struct hub *hub)
{
    return &hub->types;
}

const struct hub_limits *
hub_limits(const struct hub *hub)
{
    return &hub->options.limits;
}

int64_t
hub_unix_ms(const struct hub *hub)
{
    return hub->options.unix_ms ? hub->options.unix_ms(hub->options.ctx) : clock_unix_ms();
}

int64_t
hub_mono_us(const struct hub *hub)
{
    return hub->options.mono_us ? hub->options.mono_us(hub->options.ctx) : clock_mono_us();
}

int64_t
hub_mono_ms(const struct hub *hub)
{
    return hub_mono_us(hub) / 1000;
}

/* The earliest of all wishes of a round counts. */
void
hub_wake_in_us(struct hub *hub, int64_t us)
{
    int64_t at = hub_mono_us(hub) + us;

    if (hub->wake_at_us == 0 || at < hub->wake_at_us)
        hub->wake_at_us = at;
}

void
hub_wake_in(struct hub *hub, int ms)
{
    hub_wake_in_us(hub, (int64_t)ms * 1000);
}

bool
verdict_passes(enum verdict verdict, struct refusal *refusal)
{
    if (verdict == VERDICT_DROP)
        refuse(refusal, REFUSE_FORBIDDEN, "refused by a plugin");
    return verdict == VERDICT_PASS;
}

/* --- rounds --- */

static void
resume_client(struct client *client)
{
    if (client->is_paused && client->conn && !client->is_closing)
        client->hub->options.port->pause_reading(client->conn, false);
    client->is_paused = false;
}

static void
resume_reading(struct hub *hub)
{
    if (!hub->is_paused_any || !journal_is_relieved(hub))
        return;
    hub->is_paused_any = false;
    client_each(hub, resume_client);
}

static void
ask_for_wake(struct hub *hub)
{
    if (hub->wake_at_us && hub->options.wake_in) {
        int64_t in = hub->wake_at_us - hub_mono_us(hub);

        hub->options.wake_in(hub->options.ctx, in > 0 ? (int)((in + 999) / 1000) : 0);
    }
    hub->wake_at_us = 0;
}

void
hub_round_end(struct hub *hub)
{
    emit_drain(hub);
    presence_flush(hub);
    journal_handover(hub, hub->is_stopping || hub->options.is_eager);
    flush_clients(hub);
    flush_sessions(hub);
    volatile_flush(hub);
    traces_flush(hub);
    if (hub->done)
        journal_after_hooks(hub);
    volatile_after_hooks(hub);
    if (hub->emits.first || hub->ready || !list_is_empty(&hub->flush_sessions))
        hub_wake_in(hub, 0);
    rings_trim(hub);
    resume_reading(hub);
    client_sweep(hub);
    ask_for_wake(hub);
}

/* Idle sessions go; those that could not be read again are tried again. */
static void
tick_sessions(struct hub *hub)
{
    int64_t now = hub_mono_ms(hub);
    size_t pos = 0;
    struct span key;
    void *value;

    while (table_next(&hub->sessions, &pos, &key, &value)) {
        struct session *session = value;

        volatile_rest(session, now);
        if (session->state == SESSION_RELOADING && !session->is_load_asked &&
            now >= session->retry_load_ms) {
            session_load(session);
        } else if (now - session->used_ms > hub->options.limits.idle_ms &&
                   session_is_idle(session)) {
            log_debug("hub", "session evicted", log_str("session", session->id));
            invariants_at_eviction(session);
            session_free(session);
        }
    }
}

void
hub_tick(struct hub *hub)
{
    flush_check_stalled(hub);
    tick_sessions(hub);
    kv_tick(hub);
    journal_handover(hub, false);
}

/* --- stopping --- */

void
hub_stop_accepting(struct hub *hub)
{
    hub->is_stopping = true;
}

bool
hub_is_settled(const struct hub *hub)
{
    return !hub->in_flight && !hub->done && (!hub->open || hub->open->part_count == 0) &&
           !kv_has_open(hub) && !hub->emits.first && hub->reads == 0 &&
           list_is_empty(&hub->round_sessions);
}

bool
hub_is_drained(const struct hub *hub)
{
    return hub_is_settled(hub) && list_is_empty(&hub->flush_sessions) && !hub->ready &&
           list_is_empty(&hub->lagging);
}

static void
say_goodbye(struct client *client)
{
    client_send(client, "goodbye", SPAN("{\"reconnect\":true,\"after_ms\":1000}"));
    client_flush(client);
    client_close(client, 1001, "the server stops");
}

void
hub_close_clients(struct hub *hub)
{
    flush_all_sessions(hub);
    client_each(hub, say_goodbye);
}

struct watch *
hub_watch(struct hub *hub)
{
    return &hub->watch;
}

void
hub_stats(const struct hub *hub, struct hub_stats *stats)
{
    *stats = hub->stats;
    stats->pending_bytes = (int64_t)journal_pending_bytes(hub);
    stats->waiting_bytes = (int64_t)hub->waiting_bytes;
    stats->ring_bytes = (int64_t)hub->ring_bytes;
    stats->reads = (int64_t)hub->reads;
}
