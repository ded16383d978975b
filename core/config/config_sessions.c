/* sessions = { demo = { script = "gallery", world = { ... } } }: made at start if they do not
 * exist. */
#include "config/config_load.h"
#include "config/config_source.h"
#include "idgen.h"
#include "json/json.h"

#include <stdlib.h>

void
config_sessions_fini(struct config *config)
{
    for (size_t i = 0; i < config->session_count; i++) {
        free(config->sessions[i].id);
        free(config->sessions[i].script);
        free(config->sessions[i].world);
    }
    free(config->sessions);
    config->sessions = NULL;
    config->session_count = 0;
}

static struct config_session *
add(struct config *config, struct span id)
{
    struct config_session *session;

    config->sessions =
        mem_realloc(config->sessions, (config->session_count + 1) * sizeof(*config->sessions));
    session = &config->sessions[config->session_count++];
    *session = (struct config_session){mem_strndup(id.at, id.len), NULL, NULL, 0};
    return session;
}

static void
load_member(struct config_load *load, const struct config_place *place,
            struct config_session *session, struct span key, struct span value)
{
    struct span text;

    if (json_key_is(key, "script") && json_type_of(value) == JSON_STRING &&
        json_plain_string(value, &text) && id_is_valid(text)) {
        free(session->script);
        session->script = mem_strndup(text.at, text.len);
    } else if (json_key_is(key, "world") && json_type_of(value) == JSON_OBJECT) {
        free(session->world);
        session->world = mem_strndup(value.at, value.len);
    } else if (json_key_is(key, "script")) {
        config_fault(load, place, "sessions.%s.script must be the name of a world script",
                     session->id);
    } else if (json_key_is(key, "world")) {
        config_fault(load, place, "sessions.%s.world must be a table of named properties",
                     session->id);
    } else {
        config_fault(load, place, "unknown key sessions.%s.%.*s; there are script and world",
                     session->id, (int)key.len, key.at);
    }
}

static void
load_session(struct config_load *load, struct span id, struct span value)
{
    struct config_place place =
        config_place_line(load, config_source_key_line(buf_span(&load->source), "sessions", id));
    struct config_session *session;
    struct json_iter iter;
    struct span key;

    if (!id_is_valid(id)) {
        config_fault(load, &place, "\"%.*s\" is no session id: 1 to 64 letters, digits, _ and -",
                     (int)id.len, id.at);
        return;
    }
    if (json_type_of(value) != JSON_OBJECT) {
        config_fault(load, &place, "sessions.%.*s must be a table: { script = NAME }", (int)id.len,
                     id.at);
        return;
    }
    session = add(load->config, id);
    session->line = place.line;
    json_iter_init(&iter, value);
    while (json_next_member(&iter, &key, &value))
        load_member(load, &place, session, key, value);
}

void
config_sessions_load(struct config_load *load, struct span value)
{
    struct json_iter iter;
    struct span id;

    if (json_type_of(value) != JSON_OBJECT) {
        config_fault(load, config_place_of(load, config_key_find("", SPAN("sessions"))),
                     "sessions must be a table by session id: { demo = { script = \"gallery\" } }");
        return;
    }
    json_iter_init(&iter, value);
    while (json_next_member(&iter, &id, &value))
        load_session(load, id, value);
}
