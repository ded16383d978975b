/*
 * A new generation in place of the one that runs: loaded beside it by plugins_stage(), given the
 * state that plugins save, and exchanged between two events. Until the exchange the old generation
 * is untouched; after it nothing points to it any more, and it is freed.
 */
#include "plugin/api/api.h"
#include "plugin/own_metrics.h"
#include "plugin/plugin_state.h"
#include "plugin/vm/lua_json.h"

#include "err.h"
#include "json/json.h"

#include <lauxlib.h>

#define STATE_MAX (1024 * 1024)    /* of a plugin, as JSON */
#define RESUME_NS (50 * NS_PER_MS) /* for each plugin, at once */

static int
push_nothing(lua_State *L, struct plugin *plugin)
{
    (void)L;
    (void)plugin;
    return 0;
}

static void
take_state(lua_State *L, struct plugin *plugin)
{
    struct lua_json_options options = {.bytes_max = STATE_MAX};
    struct handover *handover = plugin->now.handover;
    char why[LUA_JSON_WHY_MAX];

    if (!lua_isnil(L, -1) && lua_json_append(L, -1, &options, &handover->state, why) != 0)
        plugin_fail_at(L, plugin, "save", "what save returns cannot be kept: %s", why);
    lua_pop(L, 1);
}

static int
push_state(lua_State *L, struct plugin *plugin)
{
    const struct handover *handover = plugin->now.handover;

    lua_json_push(L, buf_span(&handover->state));
    lua_pushstring(L, handover->old_version);
    return 2;
}

/* Calls save or restore. next: on whose budget. */
static int
call(struct plugin *plugin, struct plugin *next, enum moment moment, struct handover *handover,
     struct buf *why)
{
    struct hook_call call = {.moment = moment,
                             .ref = plugin->hook_refs[moment],
                             .push = moment == SAVE ? push_nothing : push_state,
                             .take = moment == SAVE ? take_state : NULL,
                             .handover = handover};
    int err;

    plugin_begin_loading(next, plugin);
    err = plugin_tell(plugin, &call);
    plugin_end_loading(next, plugin);
    return err ? plugin_report(plugin, false, why) : 0;
}

/* What was counted while it was staged (its setup may emit) counts too. */
static void
count_on(struct plugin *plugin, const struct plugin *old)
{
    memcpy(plugin->stats, old->stats, sizeof(plugin->stats));
    plugin->emits_sent += old->emits_sent;
    plugin->emits_refused += old->emits_refused;
    own_metrics_carry(plugin, old);
}

/* The counters go on, the state too unless it is discarded. */
static int
hand_over(struct plugin *plugin, bool is_state_kept, struct buf *why)
{
    struct plugin *old = plugin->old;
    struct handover handover = {.state = BUF_INIT, .old_version = old->version};
    bool is_wanted = is_state_kept && old->hook_refs[SAVE] != LUA_NOREF &&
                     plugin->hook_refs[RESTORE] != LUA_NOREF;
    int err = is_wanted ? call(old, plugin, SAVE, &handover, why) : 0;

    count_on(plugin, old);
    if (!err && handover.state.len > 0) {
        err = call(plugin, plugin, RESTORE, &handover, why);
        plugin->is_restored = !err;
    }
    buf_fini(&handover.state);
    return err;
}

static int
hand_over_all(struct plugins *next, bool is_state_kept, struct buf *why)
{
    int err = 0;

    for (size_t i = 0; i < next->count; i++)
        if (next->items[i]->old && hand_over(next->items[i], is_state_kept, why) != 0)
            err = HD1_EINVAL;
    return err;
}

/* The clients that the old generation lent are the new one's, and those that it served. */
static void
keep_clients(struct plugins *next)
{
    for (size_t i = 0; i < next->count; i++) {
        struct plugin *plugin = next->items[i];

        if (plugin->old) {
            plugin_take_over_sockets(plugin);
            plugin->old->client = NULL;
        }
        plugin->old = NULL;
    }
}

static void
adopt(struct plugins *plugins)
{
    plugins->hooks.ctx = plugins;
    plugins->web.ctx = plugins;
    for (size_t i = 0; i < plugins->count; i++)
        plugins->items[i]->all = plugins;
}

/* The hub and the server know `plugins` by its address: what is in it changes places. */
static void
exchange(struct plugins *plugins, struct plugins *next)
{
    struct plugins old = *plugins;

    *plugins = *next;
    *next = old;
    adopt(plugins);
    adopt(next);
}

/* It is in force: those whom it took over are presented to it. */
static void
resume_all(struct plugins *plugins)
{
    int64_t now_ms = plugins_mono_ms(plugins);

    for (size_t i = 0; i < plugins->count; i++)
        plugin_run_resumes(plugins->items[i], now_ms, plugins_mono_ns(plugins) + RESUME_NS);
}

int
plugins_prepare(struct plugins *plugins, struct plugins **next,
                const struct plugins_options *options, struct buf *why)
{
    return plugins_stage(next, options, plugins, plugins->hub_types, plugins->hub, why);
}

int
plugins_replace(struct plugins *plugins, struct plugins *next, bool is_state_kept, struct buf *why)
{
    int err = hand_over_all(next, is_state_kept, why);

    if (!err) {
        keep_clients(next);
        plugins_settle(next);
        exchange(plugins, next);
    }
    plugins_free(next); /* and whom the event types remember of it */
    if (!err)
        resume_all(plugins);
    return err;
}

int
plugins_play_handover(struct plugins *plugins, struct span state, const char *old_version,
                      struct buf *why)
{
    enum moment moment = state.at ? RESTORE : SAVE;
    struct handover handover = {.state = BUF_INIT, .old_version = old_version};
    int err = 0;

    if (state.at)
        buf_append_span(&handover.state, state);
    for (size_t i = 0; i < plugins->count && !err; i++)
        if (plugins->items[i]->hook_refs[moment] != LUA_NOREF)
            err = call(plugins->items[i], plugins->items[i], moment, &handover, why);
    buf_fini(&handover.state);
    return err;
}

bool
plugins_is_file(const struct plugins *plugins, int64_t hash)
{
    return plugins->count == 1 && plugins->items[0]->file_hash == hash;
}

int64_t
plugins_generation(const struct plugins *plugins)
{
    return plugins->generation;
}

void
plugins_append_summary(const struct plugins *plugins, struct buf *out)
{
    buf_append_char(out, '[');
    for (size_t i = 0; i < plugins->count; i++) {
        const struct plugin *plugin = plugins->items[i];

        buf_append_str(out, i > 0 ? ",{\"name\":" : "{\"name\":");
        json_append_string(out, span_of(plugin->name));
        buf_append_str(out, ",\"version\":");
        json_append_string(out, span_of(plugin->version));
        buf_appendf(out, ",\"restored\":%s}", plugin->is_restored ? "true" : "false");
    }
    buf_append_char(out, ']');
}
