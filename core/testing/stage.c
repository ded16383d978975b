/* The life of a stage, its rounds and its clocks. */
#include "testing/stage_state.h"

#include "err.h"
#include "hub/kv.h"

#include <stdio.h>
#include <stdlib.h>

#define ROUNDS_MAX 20000
#define QUIET_ROUNDS 2
#define STORE_WAIT_MS 2
#define TICK_MS 1000
#define MONO_BEGINS_MS 1000000
#define FAILURES_MAX 64 /* that are kept */

/* --- rounds --- */

bool
stage_settle(struct stage *stage)
{
    int quiet = 0;

    for (int i = 0; i < ROUNDS_MAX && quiet < QUIET_ROUNDS; i++) {
        bool has_more;

        stage->is_wake_wanted = false;
        hub_round_end(stage->hub);
        has_more = rest_run_later(stage->rest) || stage->is_wake_wanted;
        has_more |= stage_end_sockets(stage);
        if (!hub_is_settled(stage->hub)) {
            store_wait(stage->store->store, STORE_WAIT_MS);
            has_more = true;
        } else {
            store_poll(stage->store->store);
        }
        quiet = has_more ? 0 : quiet + 1;
    }
    return quiet == QUIET_ROUNDS;
}

static void
on_wake_in(void *ctx, int ms)
{
    struct stage *stage = ctx;

    stage->is_wake_wanted |= ms <= 1;
}

/* --- clocks --- */

static int64_t
mono_ms(void *ctx)
{
    return ((struct stage *)ctx)->mono_ms;
}

static int64_t
mono_us(void *ctx)
{
    return mono_ms(ctx) * 1000;
}

static int64_t
unix_ms(void *ctx)
{
    return ((struct stage *)ctx)->unix_ms;
}

int64_t
stage_unix_ms(const struct stage *stage)
{
    return stage->unix_ms;
}

/* What falls due now: timers of scripts, timers and ticks of plugins, the hub's second; and all
 * that follows from it. False: it does not come to rest. */
static bool
run_due(struct stage *stage)
{
    scripts_run_timers(stage->scripts);
    plugins_run_due(stage->plugins);
    if (stage->mono_ms >= stage->tick_ms) {
        stage->tick_ms = stage->mono_ms + TICK_MS;
        hub_tick(stage->hub);
    }
    return stage_settle(stage);
}

/* When something falls due next; later than now, until_ms at the latest. */
static int64_t
next_due_ms(const struct stage *stage, int64_t until_ms)
{
    int64_t due_ms[] = {scripts_due_ms(stage->scripts), plugins_due_ms(stage->plugins),
                        stage->tick_ms};
    int64_t next_ms = until_ms;

    for (size_t i = 0; i < sizeof(due_ms) / sizeof(due_ms[0]); i++)
        if (due_ms[i] < next_ms)
            next_ms = due_ms[i];
    return next_ms > stage->mono_ms ? next_ms : stage->mono_ms + 1;
}

bool
stage_advance(struct stage *stage, int64_t ms)
{
    int64_t until_ms = stage->mono_ms + ms;
    bool is_settled = run_due(stage);

    while (stage->mono_ms < until_ms && is_settled) {
        int64_t step_ms = next_due_ms(stage, until_ms) - stage->mono_ms;

        stage->mono_ms += step_ms;
        stage->unix_ms += step_ms;
        is_settled = run_due(stage);
    }
    return is_settled;
}

/* --- failures --- */

static void
note_failure(struct stage *stage, const char *where, const char *what, const char *error)
{
    struct buf text = BUF_INIT;

    if (stage->failure_count == FAILURES_MAX)
        return;
    buf_appendf(&text, "%s failed in %s: %s", where, what, error);
    stage->failures =
        mem_realloc(stage->failures, (stage->failure_count + 1) * sizeof(*stage->failures));
    stage->failures[stage->failure_count++] = mem_strndup(text.data, text.len);
    buf_fini(&text);
}

static void
on_plugin_failed(void *ctx, const struct plugin_failure *failure, struct buf *file)
{
    char where[ID_SIZE + 16];

    (void)file;
    snprintf(where, sizeof(where), "plugin %s", failure->plugin);
    note_failure(ctx, where, failure->moment, failure->error);
}

static void
on_script_failed(void *ctx, const char *script, const char *error)
{
    note_failure(ctx, "world script", script, error);
}

size_t
stage_failure_count(const struct stage *stage)
{
    return stage->failure_count;
}

const char *
stage_failure(const struct stage *stage, size_t index)
{
    return stage->failures[index];
}

/* --- life --- */

static int
load_plugins(struct stage *stage, const struct stage_options *options, struct buf *why)
{
    struct plugins_options plugins = {.shipped = options->plugin_shipped,
                                      .path = options->plugin_path,
                                      .entries = options->plugins,
                                      .entry_count = options->plugin_count,
                                      .is_faulty = options->is_faulty,
                                      .mono_ms = mono_ms,
                                      .clock_ctx = stage,
                                      .failed = on_plugin_failed,
                                      .failed_ctx = stage,
                                      .absent = options->absent,
                                      .absent_ctx = options->absent_ctx};
    int err = options->prepare ? options->prepare(options->prepare_ctx, stage, why) : 0;

    if (err)
        return err;
    err = plugins_load(&stage->plugins, &plugins, hub_types(stage->hub), stage->hub, why);

    if (!err)
        stage->web = *plugins_web(stage->plugins);
    if (!err)
        hub_set_hooks(stage->hub, plugins_hooks(stage->plugins));
    return err;
}

static void
append_plugins(void *ctx, struct buf *out)
{
    plugins_describe(((struct stage *)ctx)->plugins, out);
}

static void
append_scripts(void *ctx, struct buf *out)
{
    scripts_describe(((struct stage *)ctx)->scripts, out);
}

static void
build(struct stage *stage, const struct stage_options *options)
{
    struct hub_options hub = {.store = stage->store->store,
                              .port = &stage_port,
                              .unix_ms = unix_ms,
                              .mono_us = mono_us,
                              .wake_in = on_wake_in,
                              .ctx = stage,
                              .heartbeat_s = 25,
                              .is_eager = true};
    struct rest_registry registry = {.ctx = stage,
                                     .append_plugins = append_plugins,
                                     .append_scripts = append_scripts,
                                     .web = &stage->web};

    hub_limits_default(&hub.limits);
    stage->hub = hub_new(&hub);
    stage->scripts = scripts_new(options->script_path, stage->hub);
    scripts_set_clock(stage->scripts, mono_ms, stage);
    scripts_set_failed(stage->scripts, on_script_failed, stage);
    hub_set_scripts(stage->hub, scripts_hooks(stage->scripts));
    stage->rest = rest_new(stage->hub, stage->store->store, &registry);
}

struct stage *
stage_new(struct stage_store *store, const struct stage_options *options, struct buf *why)
{
    struct hub_connection local = {.kind = CLIENT_LOCAL, .address = "server"};
    struct stage *stage = mem_zalloc(sizeof(*stage));

    stage->store = store;
    store->stage = stage;
    stage->unix_ms = options->unix_ms ? options->unix_ms : STAGE_BEGINS_MS;
    stage->mono_ms = MONO_BEGINS_MS;
    stage->tick_ms = stage->mono_ms + TICK_MS;
    build(stage, options);
    stage->local = hub_connect(stage->hub, &local);
    if (load_plugins(stage, options, why) != 0) {
        stage_free(stage);
        return NULL;
    }
    stage_settle(stage);
    return stage;
}

static void
ignore(void *ctx, const struct outcome *outcome)
{
    (void)ctx;
    (void)outcome;
}

/* Called by the store inside stage_settle(); the hub may be called from there. */
static void
delete_listed(void *ctx, int status, const struct store_listing *items, size_t count)
{
    struct stage *stage = ctx;

    for (size_t i = 0; status == 0 && i < count; i++) {
        struct message message = {.client = stage->local,
                                  .source = SOURCE_SCRIPT,
                                  .text = SPAN("{\"type\":\"session_deleted\",\"data\":{}}"),
                                  .session_id = items[i].id,
                                  .if_version = -1,
                                  .reply = ignore};

        hub_receive(stage->hub, &message);
    }
    stage->is_listing = false;
}

static void
delete_sessions(struct stage *stage)
{
    stage->is_listing = true;
    store_list(stage->store->store, SPAN_NONE, 1000, delete_listed, stage);
    while (stage->is_listing)
        store_wait(stage->store->store, 1000);
    stage_settle(stage);
}

/* The REST calls end first: plugins and scripts may still be asked while clients leave. */
void
stage_free(struct stage *stage)
{
    static const struct hub_hooks no_hooks;
    static const struct hub_scripts no_scripts;

    if (!stage)
        return;
    while (stage->clients)
        stage_disconnect(stage, stage->clients);
    stage_free_sockets(stage);
    stage_settle(stage);
    hub_set_scripts(stage->hub, &no_scripts);
    scripts_free(stage->scripts);
    hub_set_hooks(stage->hub, &no_hooks);
    stage->web = (struct web_hooks){.ctx = NULL};
    plugins_free(stage->plugins);
    hub_kv_clear(stage->hub);
    delete_sessions(stage);
    if (stage->rest_client)
        hub_disconnect(stage->hub, stage->rest_client);
    hub_disconnect(stage->hub, stage->local);
    stage_settle(stage);
    stage->store->stage = NULL;
    hub_free(stage->hub);
    rest_free(stage->rest);
    for (size_t i = 0; i < stage->failure_count; i++)
        free(stage->failures[i]);
    free(stage->failures);
    free(stage);
}

struct hub *
stage_hub(struct stage *stage)
{
    return stage->hub;
}

struct plugins *
stage_plugins(struct stage *stage)
{
    return stage->plugins;
}

/* --- the first session --- */

struct making {
    struct refusal *refusal;
    int err;
};

static void
on_made(void *ctx, const struct outcome *outcome)
{
    struct making *making = ctx;

    making->err = outcome->refusal ? HD1_EINVAL : 0;
    if (!outcome->refusal)
        return;
    *making->refusal = *outcome->refusal;
    making->refusal->details = BUF_INIT;
    buf_append_span(&making->refusal->details, buf_span(&outcome->refusal->details));
}

int
stage_make_session(struct stage *stage, struct span data, struct refusal *refusal)
{
    struct making making = {refusal, HD1_EIO};
    struct buf text = BUF_INIT;
    struct message message = {.client = stage->local,
                              .source = SOURCE_SCRIPT,
                              .if_version = -1,
                              .reply = on_made,
                              .reply_ctx = &making};

    buf_append_str(&text, "{\"type\":\"session_created\",\"data\":");
    buf_append_span(&text, data);
    buf_append_char(&text, '}');
    message.text = buf_span(&text);
    hub_receive(stage->hub, &message);
    stage_settle(stage);
    buf_fini(&text);
    return making.err;
}
