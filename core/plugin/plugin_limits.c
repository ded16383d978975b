/*
 * The options that every plugin has, and the core's own; they stand beside the plugin's in the
 * configuration:
 *
 *   on_error = "closed"       what a before-hook that fails, or may not run, means for what it
 *                             guards: "closed" refuses it, "open" lets it pass
 *   cpu_share = 0.5           of each second of the hub's thread (0.01 to 1; 1: no bound)
 *   memory_bytes = 16777216   of its Lua state (256 KiB to 1 GiB)
 *   instructions = 1000000    of one call (1000 to 1e9; its time is bounded in proportion)
 *   emits_per_second = 10000  events of its own, messages to single clients and kicks (1 to 1e6);
 *                             beyond, hd1.emit answers "too_many"
 *   store_bytes = 16777216    of keys and values in its hd1.store (0 to 1 GiB)
 */
#include "plugin/plugin_state.h"

#include "err.h"
#include "hub/kv.h"
#include "json/json.h"

#include <stdio.h>

#define EMITS_PER_SECOND 10000

struct limit {
    const char *name;
    bool (*read)(struct span value, struct plugin_limits *limits);
    const char *must; /* what to do */
};

static bool
read_integer(struct span value, int64_t min, int64_t max, int64_t *number)
{
    return json_integer(value, number) && *number >= min && *number <= max;
}

static bool
read_on_error(struct span value, struct plugin_limits *limits)
{
    limits->is_open_on_error = span_is(value, "\"open\"");
    return limits->is_open_on_error || span_is(value, "\"closed\"");
}

static bool
read_cpu_share(struct span value, struct plugin_limits *limits)
{
    return json_number(value, &limits->cpu_share) && limits->cpu_share >= CPU_SHARE_MIN &&
           limits->cpu_share <= 1;
}

static bool
read_memory(struct span value, struct plugin_limits *limits)
{
    return read_integer(value, 256 * 1024, 1024 * 1024 * 1024, &limits->memory_bytes);
}

static bool
read_instructions(struct span value, struct plugin_limits *limits)
{
    return read_integer(value, 1000, 1000000000, &limits->instructions);
}

static bool
read_emits(struct span value, struct plugin_limits *limits)
{
    return read_integer(value, 1, 1000000, &limits->emits_per_second);
}

static bool
read_store(struct span value, struct plugin_limits *limits)
{
    return read_integer(value, 0, 1024 * 1024 * 1024, &limits->store_bytes);
}

static const struct limit known[] = {
    {"on_error", read_on_error, "must be \"open\" or \"closed\""},
    {"cpu_share", read_cpu_share, "must be a number from 0.01 to 1"},
    {"memory_bytes", read_memory, "must be an integer from 262144 to 1073741824"},
    {"instructions", read_instructions, "must be an integer from 1000 to 1000000000"},
    {"emits_per_second", read_emits, "must be an integer from 1 to 1000000"},
    {"store_bytes", read_store, "must be an integer from 0 to 1073741824"},
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

static const struct limit *
find(struct span key)
{
    for (size_t i = 0; i < KNOWN; i++)
        if (json_key_is(key, known[i].name))
            return &known[i];
    return NULL;
}

bool
plugin_limit_is(const char *name)
{
    return find(span_of(name)) != NULL;
}

static void
set_defaults(struct plugin *plugin)
{
    const struct plugins_options *options = &plugin->all->options;

    plugin->limits = (struct plugin_limits){
        .cpu_share = CPU_SHARE_DEFAULT,
        .memory_bytes = options->memory_bytes ? (int64_t)options->memory_bytes : VM_MEMORY_DEFAULT,
        .instructions = options->instructions ? options->instructions : VM_INSTRUCTIONS_DEFAULT,
        .emits_per_second = EMITS_PER_SECOND,
        .store_bytes = KV_SPACE_BYTES_DEFAULT};
}

/* A member of the options: the core's is taken, the plugin's goes to rest. */
static int
take(struct plugin *plugin, struct span key, struct span value, struct buf *rest, struct buf *why)
{
    const struct limit *limit = find(key);
    struct plugin_limits before = plugin->limits;

    if (!limit) {
        buf_append_str(rest, rest->len > 1 ? ",\"" : "\"");
        buf_append_span(rest, key);
        buf_append_str(rest, "\":");
        buf_append_span(rest, value);
    } else if (!limit->read(value, &plugin->limits)) {
        plugin->limits = before;
        buf_appendf(why, "%s: plugin %s: option %s %s\n", plugin->where, plugin->name, limit->name,
                    limit->must);
        return HD1_EINVAL;
    }
    return 0;
}

int
plugin_read_limits(struct plugin *plugin, struct span options, struct buf *rest, struct buf *why)
{
    struct json_iter iter;
    struct span key, value;
    int err = 0;

    set_defaults(plugin);
    if (options.at &&
        (json_check(options, &options, NULL) != 0 || json_type_of(options) != JSON_OBJECT)) {
        buf_appendf(why, "%s: options of %s must be a table\n", plugin->where, plugin->name);
        return HD1_EINVAL;
    }
    buf_append_char(rest, '{');
    json_iter_init(&iter, options.at ? options : SPAN("{}"));
    while (json_next_member(&iter, &key, &value))
        if (take(plugin, key, value, rest, why) != 0)
            err = HD1_EINVAL;
    buf_append_char(rest, '}');
    cpu_share_init(&plugin->share, plugin->limits.cpu_share);
    return err;
}
