/* The configuration file, once it was run and its table is JSON: every key must be known. */
#include "config/config_load.h"
#include "config/config_source.h"
#include "err.h"
#include "plugin/vm/config_lua.h"
#include "suggest.h"
#include "json/json.h"

static int
line_of(const struct config_load *load, const char *section, struct span key)
{
    return config_source_key_line(buf_span(&load->source), section, key);
}

/* Is it a key of another section? */
static const struct config_key *
find_anywhere(struct span name)
{
    const struct config_key *key;

    for (size_t i = 0; (key = config_key_at(i)); i++)
        if (span_is(name, key->name))
            return key;
    return NULL;
}

static const char *
nearest(const char *section, struct span name)
{
    const struct config_key *key;
    struct suggest suggest;

    suggest_init(&suggest, name);
    for (size_t i = 0; (key = config_key_at(i)); i++) {
        if (strcmp(key->section, section) == 0)
            suggest_try(&suggest, key->name);
        if (!section[0] && key->section[0])
            suggest_try(&suggest, key->section);
    }
    return suggest.best;
}

static void
fault_unknown(struct config_load *load, const char *section, struct span name)
{
    struct config_place place = config_place_line(load, line_of(load, section, name));
    const struct config_key *elsewhere = find_anywhere(name);
    const char *near = nearest(section, name);
    char path[CONFIG_KEY_NAME_MAX];

    if (near) {
        config_fault(load, &place, "unknown key %s%s%.*s; did you mean %s?", section,
                     section[0] ? "." : "", (int)name.len, name.at, near);
    } else if (elsewhere) {
        config_key_path(elsewhere, path);
        config_fault(load, &place, "unknown key %s%s%.*s; did you mean %s?", section,
                     section[0] ? "." : "", (int)name.len, name.at, path);
    } else {
        config_fault(load, &place, "unknown key %s%s%.*s; `hd1 serve --help` lists the keys",
                     section, section[0] ? "." : "", (int)name.len, name.at);
    }
}

static void
fault_type(struct config_load *load, const struct config_key *key, struct span value)
{
    struct buf type = BUF_INIT;
    char path[CONFIG_KEY_NAME_MAX];
    int shown = value.len > 40 ? 40 : (int)value.len;

    config_key_path(key, path);
    config_key_append_type(key, &type);
    config_fault(load, config_place_of(load, key), "%s is %.*s%s, but must be %s", path, shown,
                 value.at, value.len > 40 ? "..." : "", buf_cstr(&type));
    buf_fini(&type);
}

static void
load_key(struct config_load *load, const char *section, struct span name, struct span value)
{
    const struct config_key *key = config_key_find(section, name);

    if (!key) {
        fault_unknown(load, section, name);
        return;
    }
    *config_place_of(load, key) = config_place_line(load, line_of(load, section, name));
    if (key->type == CONFIG_PLUGINS)
        config_plugins_load(load, value);
    else if (key->type == CONFIG_SESSIONS)
        config_sessions_load(load, value);
    else if (config_key_set_json(key, load->config, value) != 0)
        fault_type(load, key, value);
}

static void
load_section(struct config_load *load, struct span name, struct span value)
{
    char section[CONFIG_KEY_NAME_MAX];
    struct config_place place = config_place_line(load, line_of(load, "", name));
    struct json_iter iter;
    struct span key;

    if (json_type_of(value) != JSON_OBJECT) {
        config_fault(load, &place, "%.*s must be a table of named keys", (int)name.len, name.at);
        return;
    }
    memcpy(section, name.at, name.len); /* a known one, so it fits */
    section[name.len] = '\0';
    json_iter_init(&iter, value);
    while (json_next_member(&iter, &key, &value))
        load_key(load, section, key, value);
}

static void
load_table(struct config_load *load, struct span table)
{
    struct config_place place = config_place_line(load, 0);
    struct json_iter iter;
    struct span name, value;

    if (json_type_of(table) != JSON_OBJECT) {
        config_fault(load, &place, "must return a table of named keys: return { listen = ... }");
        return;
    }
    json_iter_init(&iter, table);
    while (json_next_member(&iter, &name, &value))
        if (config_key_is_section(name))
            load_section(load, name, value);
        else
            load_key(load, "", name, value);
}

void
config_file_load(struct config_load *load)
{
    const char *file = load->config->file;
    struct config_place place = config_place_line(load, 0);
    struct buf json = BUF_INIT;
    struct json_error error;
    struct span table;
    int err;

    config_source_read(file, &load->source);
    err = config_lua_run(file, &json, load->why);
    if (err) {
        if (load->why->len && load->why->data[load->why->len - 1] != '\n')
            buf_append_char(load->why, '\n');
        load->faults++;
        load->config->is_file_broken = true;
    } else if (json_check(buf_span(&json), &table, &error) != 0) {
        config_fault(load, &place, "cannot be read as a table: %s", error.what);
    } else {
        load_table(load, table);
    }
    buf_fini(&json);
}
