/* Loading: all plugins of the configuration, in its order, or none. */
#include "plugin/plugin.h"

#include "clock.h"
#include "err.h"
#include "hub/kv.h"
#include "log.h"
#include "plugin/api/api.h"
#include "plugin/api/box.h"
#include "plugin/own_metrics.h"
#include "plugin/plugin_state.h"

#include <lauxlib.h>
#include <stdlib.h>

#define SLICE_NS (4 * NS_PER_MS) /* for each: a plugin's resumes, timers, ticks; in one round */
#define TIMERS_MAX 256
#define STORE_WAIT_MS 30000

int64_t
plugins_mono_ms(const struct plugins *plugins)
{
    return plugins->options.mono_ms ? plugins->options.mono_ms(plugins->options.clock_ctx)
                                    : clock_mono_ms();
}

int64_t
plugins_unix_ms(const struct plugins *plugins)
{
    return plugins->hub ? hub_unix_ms(plugins->hub) : clock_unix_ms();
}

static char *
copy_text(const char *text)
{
    return mem_strndup(text, strlen(text));
}

static struct plugin *
find_plugin(const struct plugins *plugins, const char *name)
{
    for (size_t i = 0; plugins && i < plugins->count; i++)
        if (strcmp(plugins->items[i]->name, name) == 0)
            return plugins->items[i];
    return NULL;
}

static struct plugin *
plugin_new(struct plugins *all, const struct plugin_entry *entry)
{
    struct plugin *plugin = mem_zalloc(sizeof(*plugin));

    plugin->all = all;
    plugin->old = find_plugin(all->old, entry->name);
    plugin->name = copy_text(entry->name);
    plugin->where = copy_text(entry->where && *entry->where ? entry->where : "configuration");
    plugin_find_file(plugin);
    timers_init(&plugin->timers, TIMERS_MAX);
    for (int i = 0; i < MOMENT_COUNT; i++)
        plugin->hook_refs[i] = LUA_NOREF;
    return plugin;
}

static void
plugin_free(struct plugin *plugin)
{
    plugin_free_sockets(plugin);
    plugin_forget_openings(plugin);
    plugin_forget_new_timers(plugin);
    vm_free(plugin->vm);
    plugin_free_routes(plugin);
    own_metrics_free(plugin);
    api_checker_free(plugin);
    if (plugin->client && !plugin->old)
        hub_disconnect(plugin->all->hub, plugin->client);
    for (size_t i = 0; i < plugin->type_count; i++)
        free(plugin->types[i]);
    free(plugin->types);
    timers_fini(&plugin->timers);
    ticker_fini(&plugin->ticker);
    free(plugin->before_event.items);
    free(plugin->after_event.items);
    basis_fini(&plugin->basis);
    buf_fini(&plugin->config);
    buf_fini(&plugin->faults);
    buf_fini(&plugin->answer_json);
    buf_fini(&plugin->answer_headers);
    case_reads_fini(&plugin->reads);
    free(plugin->name);
    free(plugin->version);
    free(plugin->path);
    free(plugin->where);
    free(plugin);
}

static int
check_entry(const struct plugins *plugins, const struct plugin_entry *entry, struct buf *why)
{
    const char *where = entry->where && *entry->where ? entry->where : "configuration";

    if (!id_is_valid(span_of(entry->name))) {
        buf_appendf(why, "%s: a plugin's name is [A-Za-z0-9_-]{1,64}\n", where);
        return HD1_EINVAL;
    }
    if (find_plugin(plugins, entry->name)) {
        buf_appendf(why, "%s: plugin %s is listed twice\n", where, entry->name);
        return HD1_EINVAL;
    }
    return 0;
}

static void
append_unread(const char *where, const char *name, struct buf *why)
{
    buf_appendf(why,
                "%s: plugin %s: what it keeps cannot be read from the database; look at the"
                " disk\n",
                where, name);
}

int
plugins_ask_stores(struct hub *hub, const struct plugins_options *options, bool is_late,
                   struct buf *why)
{
    int result = 0;

    for (size_t i = 0; i < options->entry_count; i++) {
        const struct plugin_entry *entry = &options->entries[i];
        int err = hub_kv_ask(hub_kv_open(hub, span_of(entry->name)));

        if (err == HD1_EIO || (err && is_late))
            append_unread(entry->where, entry->name, why);
        if (result != HD1_EIO && err)
            result = is_late ? HD1_EIO : err;
    }
    return result;
}

/* What it keeps is read before its setup runs. While others are served nothing is waited for. */
static int
open_store(struct plugin *plugin, struct buf *why)
{
    plugin->store = hub_kv_open(plugin->all->hub, span_of(plugin->name));
    if (hub_kv_await(plugin->store, plugin->all->old ? 0 : STORE_WAIT_MS) == 0)
        return 0;
    append_unread(plugin->where, plugin->name, why);
    return HD1_EIO;
}

/* A plugin goes on as the client that it was in the generation before. */
static void
connect_client(struct plugin *plugin)
{
    struct hub_connection connection = {
        .kind = CLIENT_LOCAL, .address = plugin->name, .path_session = SPAN_NONE};

    if (plugin->old)
        plugin->client = plugin->old->client;
    else if (plugin->all->hub)
        plugin->client = hub_connect(plugin->all->hub, &connection);
}

/* Runs each file; a setup comes only when all files are in, and sees all event types. */
static int
open_all(struct plugins *plugins, struct buf *why)
{
    const struct plugins_options *options = &plugins->options;
    int err = plugins_check_folder(plugins, why);

    plugins->items = mem_zalloc((options->entry_count + 1) * sizeof(*plugins->items));
    for (size_t i = 0; i < options->entry_count; i++) {
        struct plugin *plugin;

        if (check_entry(plugins, &options->entries[i], why) != 0) {
            err = HD1_EINVAL;
            continue;
        }
        plugin = plugin_new(plugins, &options->entries[i]);
        plugins->items[plugins->count++] = plugin;
        plugin->is_faulty = plugin_open(plugin, options->entries[i].options, why) != 0;
        err = plugin->is_faulty ? HD1_EINVAL : err;
    }
    return err;
}

/* The store may tell the hub of other things meanwhile, so this comes before any plugin acts. */
static int
open_stores(struct plugins *plugins, struct buf *why)
{
    int err = 0;

    for (size_t i = 0; i < plugins->count && plugins->hub; i++) {
        struct plugin *plugin = plugins->items[i];

        if (plugin->is_open && open_store(plugin, why) != 0) {
            plugin->is_faulty = true;
            err = HD1_EIO;
        }
    }
    return err;
}

/* are_types_known: all files ran, so a type that is not there is a fault. Even if not, the setups
 * of those that did are called, so that all faults are told at once. */
static int
setup_all(struct plugins *plugins, bool are_types_known, struct buf *why)
{
    int err = 0;

    for (size_t i = 0; i < plugins->count; i++) {
        struct plugin *plugin = plugins->items[i];

        if (!plugin->is_open)
            continue;
        connect_client(plugin);
        plugin->is_faulty |= plugin_setup(plugin, why) != 0;
        if (are_types_known)
            plugin->is_faulty |= plugin_check_patterns(plugin, why) != 0;
        err = plugin->is_faulty ? HD1_EINVAL : err;
    }
    return err;
}

static void
tell_faulty(const struct plugins *plugins)
{
    const struct plugins_options *options = &plugins->options;

    for (size_t i = 0; options->is_faulty && i < options->entry_count; i++) {
        const struct plugin *plugin = find_plugin(plugins, options->entries[i].name);

        options->is_faulty[i] = !plugin || plugin->is_faulty;
    }
}

/* When it is known what they have. */
static void
init_web(struct plugins *plugins)
{
    moment_connect_init(plugins);
    moment_route_init(plugins);
    moment_socket_init(plugins);
}

int
plugins_stage(struct plugins **out, const struct plugins_options *options, struct plugins *old,
              struct event_types *types, struct hub *hub, struct buf *why)
{
    struct plugins *plugins = mem_zalloc(sizeof(*plugins));
    int open_err, err;

    plugins->options = *options;
    plugins->generation = old ? old->generation + 1 : 1;
    plugins->old = old;
    plugins->is_staged = true;
    plugins->hub_types = types;
    plugins->types = &plugins->stage;
    event_types_stage(&plugins->stage, types);
    plugins->hub = hub;
    hooks_init(plugins);
    open_err = open_all(plugins, why);
    if (plugins_check_schemas(plugins, why) != 0)
        open_err = HD1_EINVAL;
    err = open_stores(plugins, why);
    if (hub)
        hub_emit_mark(hub, &plugins->emit_mark);
    if (!err)
        err = setup_all(plugins, !open_err, why);
    tell_faulty(plugins);
    if (err || open_err) {
        err = HD1_EINVAL;
        plugins_free(plugins);
        plugins = NULL;
    } else {
        init_web(plugins);
    }
    *out = plugins;
    return err;
}

static void
log_loaded(const struct plugins *plugins)
{
    for (size_t i = 0; i < plugins->count; i++)
        log_info("plugins", "loaded", log_str("plugin", plugins->items[i]->name),
                 log_str("version", plugins->items[i]->version),
                 log_int("generation", plugins->generation),
                 log_int("memory", (int64_t)vm_memory(plugins->items[i]->vm)));
}

void
plugins_settle(struct plugins *plugins)
{
    event_types_commit(plugins->hub_types, &plugins->stage);
    plugins->types = plugins->hub_types;
    plugins->is_staged = false;
    plugins->old = NULL;
    for (size_t i = 0; i < plugins->count; i++)
        timers_restart(&plugins->items[i]->timers, plugins_mono_ms(plugins));
    log_loaded(plugins);
}

int
plugins_load(struct plugins **out, const struct plugins_options *options, struct event_types *types,
             struct hub *hub, struct buf *why)
{
    int err = plugins_stage(out, options, NULL, types, hub, why);

    if (!err)
        plugins_settle(*out);
    return err;
}

void
plugins_free(struct plugins *plugins)
{
    if (!plugins)
        return;
    type_hooks_forget(plugins);
    if (plugins->is_staged && plugins->hub)
        hub_emit_take_back(plugins->hub, &plugins->emit_mark);
    for (size_t i = 0; i < plugins->count; i++)
        plugin_free(plugins->items[i]);
    event_types_fini(&plugins->stage);
    free(plugins->items);
    free(plugins);
}

const struct hub_hooks *
plugins_hooks(struct plugins *plugins)
{
    return &plugins->hooks;
}

int64_t
plugins_due_ms(struct plugins *plugins)
{
    int64_t now_ms = plugins_mono_ms(plugins), due_ms = INT64_MAX;

    for (size_t i = 0; i < plugins->count; i++) {
        struct plugin *plugin = plugins->items[i];
        int64_t tick_ms = plugin_tick_due_ms(plugin, now_ms);
        int64_t resume_ms = plugin_resume_due_ms(plugin);

        due_ms = resume_ms < due_ms ? resume_ms : due_ms;
        due_ms = plugin->timers.due_ms < due_ms ? plugin->timers.due_ms : due_ms;
        due_ms = tick_ms < due_ms ? tick_ms : due_ms;
    }
    return due_ms;
}

void
plugins_run_due(struct plugins *plugins)
{
    int64_t now_ms = plugins_mono_ms(plugins);

    for (size_t i = 0; i < plugins->count; i++) {
        struct plugin *plugin = plugins->items[i];

        plugin_run_resumes(plugin, now_ms, plugins_mono_ns(plugins) + SLICE_NS);
        plugin_run_timers(plugin, now_ms, plugins_mono_ns(plugins) + SLICE_NS);
        plugin_run_ticks(plugin, now_ms, plugins_mono_ns(plugins) + SLICE_NS);
    }
}

void
plugins_tidy(struct plugins *plugins)
{
    int64_t now_ms = plugins_mono_ms(plugins);

    for (size_t i = 0; i < plugins->count; i++) {
        box_rest_clients(plugins->items[i], now_ms);
        vm_tidy(plugins->items[i]->vm);
    }
}

const struct web_hooks *
plugins_web(struct plugins *plugins)
{
    return &plugins->web;
}

bool
plugins_authenticate(const struct plugins *plugins)
{
    return plugins->web.before_connect != NULL;
}
