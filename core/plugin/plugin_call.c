/*
 * Calling one plugin: the one way into its Lua state once it is loaded. Here it is counted, timed,
 * logged and put to rest by the breaker; what a before-hook answers becomes a verdict.
 */
#include "plugin/plugin_state.h"

#include "err.h"
#include "hub/event.h"
#include "hub/hooks.h"
#include "hub/session.h"
#include "log.h"
#include "plugin/api/api.h"
#include "plugin/api/box.h"

#include <lauxlib.h>
#include <stdarg.h>
#include <stdio.h>

static void
call_body(lua_State *L, void *ctx)
{
    struct plugin *plugin = ctx;
    struct hook_call *now = &plugin->now;

    vm_push_ref(L, now->ref);
    lua_pushvalue(L, 1); /* the first one stays, for api_fail_answer() */
    lua_call(L, now->push(L, plugin), 1 + now->more);
    now->reading = NULL; /* it went on all the same */
    now->is_clients_fault = false;
    plugin->answer.kind = ANSWER_PASS;
    if (now->take)
        now->take(L, plugin);
    else
        api_answer_take_none(L, plugin);
    if (now->has_data)
        box_clear_event(L, plugin);
}

static void
tell_failure(const struct plugin *plugin, struct buf *file)
{
    const struct plugins_options *options = &plugin->all->options;
    struct plugin_failure failure = {.of = plugin,
                                     .plugin = plugin->name,
                                     .moment = moment_text(plugin->now.moment),
                                     .error = vm_error(plugin->vm),
                                     .file_hash = plugin->file_hash};

    if (options->failed)
        options->failed(options->failed_ctx, &failure, file);
}

/* What the call is about; NULL: no session, or one that is only being made. */
static const struct session *
session_of(const struct hook_call *call)
{
    return call->event ? call->event->session : call->session;
}

static void
log_failure(const struct plugin *plugin, bool is_tripped)
{
    const struct hook_call *now = &plugin->now;
    const struct session *session = session_of(now);
    struct buf file = BUF_INIT;

    tell_failure(plugin, &file);

    log_error(plugin->name, "hook failed", log_str("hook", moment_text(now->moment)),
              log_int("generation", plugin->all->generation),
              log_str("type", now->what ? now->what : ""),
              log_str("session", session ? session_id(session) : ""),
              log_str("client", now->client ? client_id(now->client) : ""),
              log_str("error", vm_error(plugin->vm)),
              file.len ? log_span("case", buf_span(&file)) : LOG_END);
    buf_fini(&file);
    if (is_tripped)
        log_error(plugin->name, "too many failures: not called for a while",
                  log_int("generation", plugin->all->generation),
                  log_int("rest_ms", BREAKER_REST_MS),
                  log_str("on_error", plugin->limits.is_open_on_error ? "open" : "closed"));
}

/* For the watchdog, should the round become too long. */
static void
note_time(struct plugin *plugin, int64_t ns)
{
    const struct hook_call *now = &plugin->now;
    struct hub *hub = plugin->all->hub;

    if (hub && watch_took(hub_watch(hub), WATCH_PLUGIN, ns)) {
        const struct session *session = session_of(now);

        watch_name(hub_watch(hub), WATCH_PLUGIN,
                   &(struct watch_who){{[WATCH_PLUGIN_NAME] = plugin->name,
                                        [WATCH_HOOK] = moment_text(now->moment),
                                        [WATCH_TYPE] = now->event ? now->event->type->name : NULL,
                                        [WATCH_SESSION] = session ? session_id(session) : NULL}});
    }
}

/*
 * What a call did besides its answer is kept if it succeeded and dropped if it failed, whatever the
 * moment and on_error; what before_event did goes with its event. This is the one place that
 * decides: whoever adds such an effect notes where it began (api_note_queued(), api_store.c,
 * timer_mark, outbox.h), and has it dropped from there here. Metrics and log lines tell what was
 * tried, and stay.
 */
static void
settle_effects(struct plugin *plugin, bool is_kept)
{
    if (!is_kept && plugin->has_queued)
        hub_emit_take_back(plugin->all->hub, &plugin->emit_mark);
    if (plugin->has_written)
        api_store_settle(plugin, is_kept);
    /* In before_event the hub keeps what is emitted to itself, until the event is accepted. */
    if (plugin->has_queued && plugin->now.moment != BEFORE_EVENT) {
        plugin->basis.has_emitted = true;
        plugin->basis.emitted = plugin->emit_mark;
    }
    if (plugin->timers.last_id > plugin->timer_mark)
        api_timer_settle(plugin, is_kept);
    if (plugin->sent_first)
        outbox_settle(plugin, is_kept);
}

static void
note_share(struct plugin *plugin, int64_t now_ns, int64_t ns)
{
    if (cpu_share_is_over(&plugin->share, now_ns))
        cpu_share_add_late(&plugin->share, now_ns, plugins_thread_ns(plugin->all), ns);
    else
        cpu_share_add(&plugin->share, ns);
}

static void
count(struct plugin *plugin, int64_t start_ns)
{
    struct hook_stats *stats = &plugin->stats[plugin->now.moment];
    int64_t now_ns = plugins_mono_ns(plugin->all), ns = now_ns - start_ns, us = (ns + 999) / 1000;

    histogram_add(&stats->time_us, us);
    stats->ns += ns;
    stats->instructions += vm_instructions_used(plugin->vm);
    plugin->ended_ns = now_ns;
    if (!moment_is_of_reload(plugin->now.moment))
        note_share(plugin, now_ns, ns);
    note_time(plugin, ns);
}

/* After a rest. */
static void
note_success(struct plugin *plugin)
{
    if (moment_is_of_reload(plugin->now.moment))
        return;
    breaker_success(&plugin->breaker);
    log_info(plugin->name, "works again: called as before",
             log_str("hook", moment_text(plugin->now.moment)));
}

static void
note_failure(struct plugin *plugin)
{
    bool is_tripped = !moment_is_of_reload(plugin->now.moment) &&
                      breaker_failure(&plugin->breaker, plugins_mono_ms(plugin->all));

    plugin->stats[plugin->now.moment].errors++;
    log_failure(plugin, is_tripped);
}

/* Enters Lua with what plugin->now says. 0, or negative if it failed. */
static int
run(struct plugin *plugin)
{
    int64_t start_ns = plugins_mono_ns(plugin->all);
    int err;

    if (cpu_share_is_over(&plugin->share, start_ns))
        cpu_share_turn(&plugin->share, start_ns, plugins_thread_ns(plugin->all));
    plugin->call_count++;
    plugin->emits = 0;
    plugin->acts = 0;
    plugin->timer_mark = plugin->timers.last_id;
    basis_clear(&plugin->basis);
    case_reads_begin(&plugin->reads);
    plugin->has_queued = plugin->has_written = false;
    plugin->answer.kind = ANSWER_PASS;
    err = plugin->all->options.mono_ms /* a clock that stands in is none to measure by */
              ? vm_call(plugin->vm, call_body, plugin)
              : vm_call_at(plugin->vm, call_body, plugin, start_ns / 1000);
    if (err == HD1_EBUDGET && plugin->now.reading)
        plugin_blame_client(plugin, REFUSE_TOO_LARGE, "the %s is too large for plugin %s",
                            plugin->now.reading, plugin->name);
    count(plugin, start_ns);
    plugin->call_count++; /* no session's box is good any more */
    settle_effects(plugin, err == 0);
    if (err && !plugin->now.is_clients_fault)
        note_failure(plugin);
    else if (plugin->breaker.is_tripped)
        note_success(plugin);
    return plugin->now.is_clients_fault ? 0 : err;
}

/* A route has nothing to fall back on. */
static bool
passes_on_error(const struct plugin *plugin, enum moment moment)
{
    return plugin->limits.is_open_on_error && moment_may_refuse(moment);
}

static enum verdict
refuse_for_failure(struct plugin *plugin, struct refusal *refusal)
{
    if (passes_on_error(plugin, plugin->now.moment))
        return VERDICT_PASS;
    refuse(refusal, REFUSE_INTERNAL, "plugin %s failed", plugin->name);
    snprintf(refusal->code, sizeof(refusal->code), "plugin_failed");
    return VERDICT_REJECT;
}

static enum verdict
refuse_unavailable(struct plugin *plugin, enum moment moment, int64_t wait_ms,
                   struct refusal *refusal)
{
    if (passes_on_error(plugin, moment))
        return VERDICT_PASS;
    refuse(refusal, REFUSE_PLUGIN_UNAVAILABLE, "plugin %s is not available", plugin->name);
    refusal->retry_after_ms = wait_ms;
    return VERDICT_REJECT;
}

static enum verdict
refuse_as_told(struct plugin *plugin, struct refusal *refusal)
{
    const struct answer *answer = &plugin->answer;

    plugin->stats[plugin->now.moment].rejections++;
    refuse(refusal, REFUSE_INVALID_EVENT, "%s", answer->message);
    refusal->status = answer->status;
    snprintf(refusal->code, sizeof(refusal->code), "%s", answer->code);
    refusal->retry_after_ms = answer->retry_after_ms;
    buf_clear(&refusal->details);
    buf_append_span(&refusal->details, buf_span(&plugin->answer_json));
    return VERDICT_REJECT;
}

/* event: of before_event, else NULL. */
static enum verdict
take_answer(struct plugin *plugin, struct event *event, struct refusal *refusal)
{
    switch (plugin->answer.kind) {
    case ANSWER_REJECT:
        return refuse_as_told(plugin, refusal);
    case ANSWER_PATCH:
        event_patch(event, buf_span(&plugin->answer_json));
        return VERDICT_PASS;
    case ANSWER_REPLACE:
        event_set_data(event, buf_span(&plugin->answer_json));
        return VERDICT_PASS;
    case ANSWER_DROP:
        return VERDICT_DROP;
    case ANSWER_IDENTITY:
    case ANSWER_PASS:
        break;
    }
    return VERDICT_PASS;
}

enum verdict
plugin_ask(struct plugin *plugin, const struct hook_call *call, struct event *event,
           struct refusal *refusal)
{
    enum verdict verdict;
    int64_t wait_ms;

    if (!plugin_is_free(plugin) && !plugin_may_run(plugin, call->moment, &wait_ms))
        return refuse_unavailable(plugin, call->moment, wait_ms, refusal);
    plugin->now = *call;
    buf_clear(&plugin->answer_json);
    buf_clear(&plugin->answer_headers);
    if (run(plugin) == 0)
        verdict = take_answer(plugin, event, refusal);
    else
        verdict = refuse_for_failure(plugin, refusal);
    memset(&plugin->now, 0, sizeof(plugin->now));
    return verdict;
}

int
plugin_tell(struct plugin *plugin, const struct hook_call *call)
{
    int64_t wait_ms;
    int err;

    if (!plugin_is_free(plugin) && !plugin_may_run(plugin, call->moment, &wait_ms))
        return HD1_ECLOSED;
    plugin->now = *call;
    err = run(plugin);
    memset(&plugin->now, 0, sizeof(plugin->now));
    return err;
}

void
plugin_blame_client(struct plugin *plugin, enum refusal_code code, const char *format, ...)
{
    struct answer *answer = &plugin->answer;
    va_list args;

    plugin->now.is_clients_fault = true;
    *answer = (struct answer){.kind = ANSWER_REJECT, .status = refusal_code_status(code)};
    snprintf(answer->code, sizeof(answer->code), "%s", refusal_code_text(code));
    va_start(args, format);
    vsnprintf(answer->message, sizeof(answer->message), format, args);
    va_end(args);
}
