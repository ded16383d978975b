/* What a second reading of the configuration changes: keys that a reload takes over, and others. */
#include "config/config_key.h"

#include "json/json.h"
#include "json/json_equal.h"

#include <stdlib.h>

/* What a reload takes over. Their defaults are in the table of keys, like all others'. */
static const char *const live_keys[] = {
    "plugins", "plugin_path", "script_path", "log.level", "log.format",
};

bool
config_key_is_live(const struct config_key *key)
{
    char path[CONFIG_KEY_NAME_MAX];

    config_key_path(key, path);
    for (size_t i = 0; i < sizeof(live_keys) / sizeof(live_keys[0]); i++)
        if (strcmp(path, live_keys[i]) == 0)
            return true;
    return false;
}

static size_t
size_of(const struct config_key *key)
{
    switch (key->type) {
    case CONFIG_INT64:
        return sizeof(int64_t);
    case CONFIG_SIZE:
        return sizeof(size_t);
    case CONFIG_BOOL:
        return sizeof(bool);
    case CONFIG_INT:
    case CONFIG_MS:
    case CONFIG_CHOICE:
        return sizeof(int);
    default:
        return sizeof(void *);
    }
}

static bool
has_count(const struct config_key *key)
{
    return key->type == CONFIG_TEXTS || key->type == CONFIG_PLUGINS || key->type == CONFIG_SESSIONS;
}

static bool
eq_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool
eq_texts(char *const *a, char *const *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!eq_text(a[i], b[i]))
            return false;
    return true;
}

static bool
eq_json(const char *a, const char *b)
{
    return a == b || (a && b && json_equal(span_of(a), span_of(b)));
}

static bool
has_session(const struct config *config, const struct config_session *session)
{
    for (size_t i = 0; i < config->session_count; i++) {
        const struct config_session *other = &config->sessions[i];

        if (strcmp(other->id, session->id) == 0)
            return eq_text(other->script, session->script) && eq_json(other->world, session->world);
    }
    return false;
}

/* As many, by the same ids: a Lua table has no order. */
static bool
eq_sessions(const struct config *a, const struct config *b)
{
    for (size_t i = 0; i < a->session_count; i++)
        if (!has_session(b, &a->sessions[i]))
            return false;
    return true;
}

/* Of keys that are not live: lists of plugins are not compared. */
static bool
is_equal(const struct config_key *key, const struct config *a, const struct config *b)
{
    const char *x = (const char *)a + key->offset, *y = (const char *)b + key->offset;

    if (has_count(key) &&
        memcmp((const char *)a + key->count, (const char *)b + key->count, sizeof(size_t)) != 0)
        return false;
    switch (key->type) {
    case CONFIG_TEXT:
    case CONFIG_OPTIONAL:
        return eq_text(*(char *const *)x, *(char *const *)y);
    case CONFIG_TEXTS:
        return eq_texts(*(char **const *)x, *(char **const *)y,
                        *(const size_t *)((const char *)a + key->count));
    case CONFIG_SESSIONS:
        return eq_sessions(a, b);
    default:
        return memcmp(x, y, size_of(key)) == 0;
    }
}

void
config_append_restart_keys(const struct config *running, const struct config *fresh,
                           struct buf *out)
{
    char path[CONFIG_KEY_NAME_MAX];
    const struct config_key *key;

    buf_append_char(out, '[');
    for (size_t i = 0; (key = config_key_at(i)); i++) {
        if (config_key_is_live(key) || is_equal(key, running, fresh))
            continue;
        if (out->data[out->len - 1] != '[')
            buf_append_char(out, ',');
        config_key_path(key, path);
        json_append_string(out, span_of(path));
    }
    buf_append_char(out, ']');
}

static void
exchange(char *a, char *b, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char byte = a[i];

        a[i] = b[i];
        b[i] = byte;
    }
}

void
config_exchange_live(struct config *running, struct config *fresh)
{
    char *a = (char *)running, *b = (char *)fresh;
    const struct config_key *key;

    for (size_t i = 0; (key = config_key_at(i)); i++) {
        if (!config_key_is_live(key))
            continue;
        exchange(a + key->offset, b + key->offset, size_of(key));
        if (has_count(key))
            exchange(a + key->count, b + key->count, sizeof(size_t));
    }
    exchange((char *)&running->plugin_path_where, (char *)&fresh->plugin_path_where,
             sizeof(char *));
    exchange((char *)&running->script_path_where, (char *)&fresh->script_path_where,
             sizeof(char *));
}
