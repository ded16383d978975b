/* plugins = { "chat", { "rate_limit", client = { ... } } }: names, options, order. */
#include "config/config_load.h"
#include "config/config_source.h"
#include "idgen.h"
#include "json/json.h"

#include <stdlib.h>

static struct config_plugin *
add(struct config *config, struct span name)
{
    struct config_plugin *plugin;

    config->plugins =
        mem_realloc(config->plugins, (config->plugin_count + 1) * sizeof(*config->plugins));
    plugin = &config->plugins[config->plugin_count++];
    *plugin = (struct config_plugin){mem_strndup(name.at, name.len), NULL, 0};
    return plugin;
}

void
config_plugins_add(struct config *config, const char *name)
{
    add(config, span_of(name))->options = mem_strndup("{}", 2);
}

void
config_plugins_fini(struct config *config)
{
    for (size_t i = 0; i < config->plugin_count; i++) {
        free(config->plugins[i].name);
        free(config->plugins[i].options);
    }
    free(config->plugins);
    config->plugins = NULL;
    config->plugin_count = 0;
}

/* The entry's name: the text itself, or the first of its table. */
static bool
find_name(struct span entry, struct span *name)
{
    struct json_iter iter;
    struct span value;

    switch (json_type_of(entry)) {
    case JSON_STRING:
        return json_plain_string(entry, name);
    case JSON_ARRAY: /* { "chat" } */
        json_iter_init(&iter, entry);
        return json_next_element(&iter, &value) && json_type_of(value) == JSON_STRING &&
               json_plain_string(value, name) && !json_next_element(&iter, &value);
    case JSON_OBJECT:
        return json_member(entry, "1", &value) && json_type_of(value) == JSON_STRING &&
               json_plain_string(value, name) && !json_member(entry, "2", NULL);
    default:
        return false;
    }
}

static char *
copy_options(struct span entry)
{
    struct buf out = BUF_INIT;
    struct json_iter iter;
    struct span key, value;
    char *text;

    buf_append_char(&out, '{');
    if (json_type_of(entry) == JSON_OBJECT) {
        json_iter_init(&iter, entry);
        while (json_next_member(&iter, &key, &value)) {
            if (json_key_is(key, "1"))
                continue;
            buf_append_str(&out, out.len > 1 ? ",\"" : "\"");
            buf_append_span(&out, key);
            buf_append_str(&out, "\":");
            buf_append_span(&out, value);
        }
    }
    buf_append_char(&out, '}');
    text = mem_strndup(out.data, out.len);
    buf_fini(&out);
    return text;
}

static const struct config_plugin *
find(const struct config *config, struct span name)
{
    for (size_t i = 0; i < config->plugin_count; i++)
        if (span_is(name, config->plugins[i].name))
            return &config->plugins[i];
    return NULL;
}

static void
load_entry(struct config_load *load, const struct config_place *place, struct span entry)
{
    const struct config_plugin *other;
    struct config_plugin *plugin;
    struct config_place at;
    struct span name;

    if (!find_name(entry, &name) || !id_is_valid(name)) {
        config_fault(load, place,
                     "a plugin must be \"NAME\" or { \"NAME\", option = value, ... }, not %.*s",
                     entry.len > 40 ? 40 : (int)entry.len, entry.at);
        return;
    }
    other = find(load->config, name);
    at = config_place_line(
        load, config_source_item_line(buf_span(&load->source), "plugins", name, other ? 1 : 0));
    if (other) {
        config_fault(load, &at, "plugin %s is there twice (first in line %d); name it once",
                     other->name, other->line);
        return;
    }
    plugin = add(load->config, name);
    plugin->line = at.line;
    plugin->options = copy_options(entry);
}

void
config_plugins_load(struct config_load *load, struct span value)
{
    const struct config_place *place = config_place_of(load, config_key_find("", SPAN("plugins")));
    struct json_iter iter;
    struct span entry;

    load->has_plugins = true;
    if (span_is(value, "{}")) /* none, on purpose */
        return;
    if (json_type_of(value) != JSON_ARRAY) {
        config_fault(load, place,
                     "plugins must be a list, for its order is the order of the hooks: "
                     "{ \"validate\", { \"chat\", max_length = 200 } }");
        return;
    }
    json_iter_init(&iter, value);
    while (json_next_element(&iter, &entry))
        load_entry(load, place, entry);
}
