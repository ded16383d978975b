/*
 * Events that plugins and scripts emit take the whole way in by themselves: staged while the event
 * that caused them is not yet accepted, then queued, into another session only once the cause is on
 * disk.
 */
#include "hub/hub_state.h"

#include "clock.h"
#include "err.h"
#include "log.h"

#include <stdlib.h>

#define EMITS_PER_EVENT 64
#define DEPTH_MAX 8
#define BYTES_MAX (32 * 1024 * 1024) /* of all that is emitted and not yet on its way in */
#define LOGGED_PER_S 5               /* refusals of what was emitted */
#define DRAIN_US 5000                /* of a round; the rest waits until others had their turn */
#define DRAIN_LOOK 32                /* how many between two looks at the clock */

static void
list_add(struct emit_list *list, struct emit *emit)
{
    emit->next = NULL;
    *(list->first ? &list->last->next : &list->first) = emit;
    list->last = emit;
    list->count++;
}

static struct emit *
list_take(struct emit_list *list)
{
    struct emit *emit = list->first;

    if (emit) {
        list->first = emit->next;
        list->count--;
    }
    return emit;
}

static void
emit_free(struct emit *emit)
{
    if (emit->fn) /* what was to be done is told that it will not be */
        emit->fn(emit->ctx, false);
    emit_hold_drop(emit);
    emit->client->hub->emit_bytes -= sizeof(*emit) + emit->len;
    client_unref(emit->client);
    free(emit);
}

static void
list_free(struct emit_list *list)
{
    struct emit *emit;

    while ((emit = list_take(list)))
        emit_free(emit);
}

/* Keeps what is up to last, NULL for nothing. */
static void
list_cut(struct emit_list *list, struct emit *last)
{
    struct emit_list rest = {last ? last->next : list->first, list->last, 0};

    if (!rest.first)
        return;
    *(last ? &last->next : &list->first) = NULL;
    list->last = last;
    for (struct emit *emit = rest.first; emit; emit = emit->next)
        rest.count++;
    list->count -= rest.count;
    list_free(&rest);
}

static void
stage(struct hub *hub, struct emit *emit)
{
    list_add(hub->current ? &hub->staged : &hub->emits, emit);
}

int
hub_emit(struct hub *hub, struct client *client, enum source source, struct span session_id,
         struct span text)
{
    int depth = hub->current_depth + 1;

    if (depth > DEPTH_MAX || session_id.len > ID_MAX)
        return HD1_EINVAL;
    if (hub->current_emits >= EMITS_PER_EVENT && hub->current_depth >= 0)
        return HD1_EFULL;
    if (hub->emit_bytes + text.len > BYTES_MAX)
        return HD1_EFULL;
    struct emit *emit = mem_zalloc(sizeof(*emit) + text.len);

    hub->emit_bytes += sizeof(*emit) + text.len;

    emit->client = client_ref(client);
    emit->source = source;
    emit->depth = depth;
    memcpy(emit->session_id, session_id.at ? session_id.at : "", session_id.len);
    emit->len = text.len;
    memcpy(emit->text, text.at, text.len);
    hub->current_emits++;
    stage(hub, emit);
    return 0;
}

void
hub_emit_mark(const struct hub *hub, struct hub_emit_mark *mark)
{
    mark->staged = hub->staged.first ? hub->staged.last : NULL;
    mark->queued = hub->emits.first ? hub->emits.last : NULL;
    mark->of_event = hub->current_emits;
}

void
hub_emit_take_back(struct hub *hub, const struct hub_emit_mark *mark)
{
    list_cut(&hub->staged, mark->staged);
    list_cut(&hub->emits, mark->queued);
    hub->current_emits = mark->of_event;
}

/* bytes: what ctx keeps. */
static struct emit *
defer(struct hub *hub, struct client *client, size_t bytes, hub_defer_fn fn, void *ctx)
{
    struct emit *emit = mem_zalloc(sizeof(*emit));

    emit->client = client_ref(client);
    emit->fn = fn;
    emit->ctx = ctx;
    emit->len = bytes;
    hub->emit_bytes += sizeof(*emit) + bytes;
    stage(hub, emit);
    return emit;
}

int
hub_defer(struct hub *hub, struct client *client, size_t bytes, hub_defer_fn fn, void *ctx)
{
    if (hub->emit_bytes + bytes > BYTES_MAX)
        return HD1_EFULL;
    defer(hub, client, bytes, fn, ctx);
    return 0;
}

void
hub_hold_accepted(struct hub *hub, struct client *client, bool is_on_disk, hub_hold_fn fn,
                  void *ctx)
{
    defer(hub, client, 0, fn, ctx)->is_held = is_on_disk;
}

int
hub_reserve(struct hub *hub, size_t bytes)
{
    if (hub->emit_bytes + bytes > BYTES_MAX)
        return HD1_EFULL;
    hub->emit_bytes += bytes;
    return 0;
}

void
hub_give_back(struct hub *hub, size_t bytes)
{
    hub->emit_bytes -= bytes;
}

size_t
hub_emit_count(const struct hub *hub)
{
    return hub->emits.count;
}

static void
on_cause_kept(void *ctx, bool is_kept)
{
    struct emit *emit = ctx;

    if (is_kept)
        list_add(&emit->client->hub->emits, emit);
    else
        emit_free(emit);
}

/* The message whose hooks emitted these is accepted. */
void
emit_accept(struct hub *hub, struct session *session)
{
    struct emit *emit;

    while ((emit = list_take(&hub->staged))) {
        if (!emit->fn && strcmp(emit->session_id, session->id) != 0) {
            hub_hold(session, on_cause_kept, emit);
        } else {
            if (emit->fn)
                memcpy(emit->session_id, session->id, sizeof(emit->session_id));
            emit->cause = session;
            list_add(&hub->emits, emit);
        }
    }
}

/* What caused them was not committed: it never was. */
void
emit_drop_caused(struct hub *hub, const struct session *session)
{
    struct emit_list all = hub->emits;
    struct emit *emit;

    hub->emits = (struct emit_list){NULL, NULL, 0};
    while ((emit = list_take(&all)))
        if (emit->cause == session)
            emit_free(emit);
        else
            list_add(&hub->emits, emit);
}

/* What they have to say may rest on what was not committed. */
void
emit_drop_of(struct hub *hub, struct span id)
{
    struct emit_list all = hub->emits;
    struct emit *emit;

    hub->emits = (struct emit_list){NULL, NULL, 0};
    while ((emit = list_take(&all)))
        if (span_eq(client_id_span(emit->client), id))
            emit_free(emit);
        else
            list_add(&hub->emits, emit);
}

void
emit_drop_staged(struct hub *hub)
{
    list_free(&hub->staged);
}

void
emit_fini(struct hub *hub)
{
    list_free(&hub->staged);
    list_free(&hub->emits);
}

/* A timer that always fails is not to flood the log. */
static bool
may_log(struct hub *hub)
{
    int64_t second = hub_mono_ms(hub) / 1000;

    if (hub->emits_logged_s != second) {
        hub->emits_logged_s = second;
        hub->emits_logged = 0;
    }
    return hub->emits_logged++ < LOGGED_PER_S;
}

/* An event that is on its way in. */
struct sent {
    struct client *client;  /* a reference */
    struct emit_hold *hold; /* who waits for it, or NULL */
    char type[ID_SIZE], session_id[ID_SIZE];
};

/* The area of who emitted it: a script's client is called "script:NAME". */
static const char *
area_of(const struct client *client)
{
    const char *colon = strchr(client_id(client), ':');

    return colon ? colon + 1 : client_id(client);
}

/* A plugin's or script's own mistake: nobody else hears of it. */
static void
log_refusal(const struct sent *sent, const struct refusal *refusal)
{
    if (may_log(sent->client->hub))
        log_warn(area_of(sent->client), "emitted event was refused", log_str("type", sent->type),
                 log_str("session", sent->session_id), log_str("code", refusal->code),
                 log_str("why", refusal->message));
}

static void
on_reply(void *ctx, const struct outcome *outcome)
{
    struct sent *sent = ctx;

    if (outcome->refusal)
        log_refusal(sent, outcome->refusal);
    if (sent->hold)
        emit_hold_told(sent->hold, outcome);
    client_unref(sent->client);
    free(sent);
}

/* The envelope is one of ours (plugin/api/envelope.c): it begins with its type. */
static void
copy_type(const struct emit *emit, char type[ID_SIZE])
{
    static const char begin[] = "{\"type\":\"";
    const char *at = emit->text + sizeof(begin) - 1;
    size_t len = 0, max = emit->len < sizeof(begin) ? 0 : emit->len - (sizeof(begin) - 1);

    if (max > 0 && memcmp(emit->text, begin, sizeof(begin) - 1) == 0)
        while (len < max && len < ID_MAX && at[len] != '"')
            len++;
    memcpy(type, at, len);
    type[len] = '\0';
}

/* Takes what waits for the emit. */
static struct sent *
note_sent(struct emit *emit)
{
    struct sent *sent = mem_alloc(sizeof(*sent));

    sent->client = client_ref(emit->client);
    sent->hold = emit->hold;
    emit->hold = NULL;
    copy_type(emit, sent->type);
    memcpy(sent->session_id, emit->session_id, sizeof(sent->session_id));
    return sent;
}

static void
send_in(struct hub *hub, struct emit *emit)
{
    struct message message = {
        .client = emit->client,
        .source = emit->source,
        .text = {emit->text, emit->len},
        .session_id = emit->session_id[0] ? span_of(emit->session_id) : SPAN_NONE,
        .if_version = -1,
        .depth = emit->depth,
        .reply = on_reply,
        .reply_ctx = note_sent(emit),
    };

    hub_receive(hub, &message);
}

/* A session that is not there any more was on disk when it went. */
static void
do_deferred(const struct emit *emit)
{
    struct session *session =
        emit->is_held ? session_find(emit->client->hub, span_of(emit->session_id)) : NULL;

    if (session)
        hub_hold(session, emit->fn, emit->ctx);
    else
        emit->fn(emit->ctx, true);
}

/* Sends what is queued on its way in, and does what was put off. */
void
emit_drain(struct hub *hub)
{
    int64_t until_us = hub->emits.first ? clock_mono_us() + DRAIN_US : 0;

    for (int i = 1; hub->emits.first; i++) {
        if (i % DRAIN_LOOK == 0 && clock_mono_us() >= until_us)
            break;
        struct emit *emit = list_take(&hub->emits);

        if (emit->fn) {
            do_deferred(emit);
            emit->fn = NULL;
        } else {
            send_in(hub, emit);
        }
        emit_free(emit);
    }
    if (hub->emits.first)
        hub_wake_in(hub, 1);
}
