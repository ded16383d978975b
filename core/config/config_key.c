/* The table of configuration keys. A new key is one line here and one member of struct config. */
#include "config/config_key.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>

#define AT(member) offsetof(struct config, member)
#define KIB 1024LL
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* In the order of the enums they stand for. */
static const char *const durabilities[] = {"full", "process", NULL};
static const char *const levels[] = {"debug", "info", "warn", "error", NULL};
static const char *const formats[] = {"logfmt", "json", NULL};

/* clang-format off */
static const struct config_key keys[] = {
    {"", "listen", CONFIG_TEXTS, AT(listen), AT(listen_count), 0, 0, NULL, "127.0.0.1:8080",
     "where to listen: ADDR:PORT, [ADDR]:PORT or unix:PATH; port 0 picks a free one"},
    {"", "data", CONFIG_TEXT, AT(data), 0, 0, 0, NULL, "data",
     "the folder of the database; made if absent; one server at a time"},
    {"", "admin", CONFIG_OPTIONAL, AT(admin), 0, 0, 0, NULL, NULL,
     "where administration is served, for this machine only: unix:PATH or ADDR:PORT; false: nowhere"},
    {"", "cases", CONFIG_BOOL, AT(has_cases), 0, 0, 0, NULL, "true",
     "write DIR/cases/*.json when a plugin fails, for `hd1 test FILE`"},
    {"", "durability", CONFIG_CHOICE, AT(durability), 0, 0, 0, durabilities, "full",
     "full: what was acknowledged survives power loss; process: it survives kill -9 only"},
    {"", "anonymous", CONFIG_BOOL, AT(is_anonymous_allowed), AT(is_anonymous_set), 0, 0, NULL, NULL,
     "true: anyone who can connect may take part; false: only who is known to a plugin with "
     "before_connect; default: true if only this machine can connect"},
    {"", "origins", CONFIG_TEXTS, AT(origins), AT(origin_count), 0, 0, NULL, NULL,
     "web origins whose pages may connect, besides the server's own: https://HOST[:PORT]"},
    {"", "queue_messages", CONFIG_SIZE, AT(limits.queue_messages), 0, 16, 65536, NULL, "256",
     "a live client that is behind by more messages is cut as slow"},
    {"", "queue_bytes", CONFIG_SIZE, AT(limits.queue_bytes), 0, 64 * KIB, GIB, NULL, "1048576",
     "... or by more bytes"},
    {"", "plugins", CONFIG_PLUGINS, AT(plugins), AT(plugin_count), 0, 0, NULL, NULL,
     "names, or tables { NAME, option = value, ... }; this order is the order of the hooks"},
    {"", "plugin_path", CONFIG_TEXT, AT(plugin_path), 0, 0, 0, NULL, NULL,
     "the folder of your plugins, NAME.lua; those that ship are found besides"},
    {"", "script_path", CONFIG_TEXT, AT(script_path), 0, 0, 0, NULL, NULL,
     "the folder of the world scripts, NAME.lua, instead of those that ship"},
    {"", "sessions", CONFIG_SESSIONS, AT(sessions), AT(session_count), 0, 0, NULL, NULL,
     "made at start if they do not exist: { ID = { script = NAME, world = { ... } }, ... }"},

    {"", "io_uring", CONFIG_BOOL, AT(is_io_uring_used), AT(is_io_uring_set), 0, 0, NULL, "true",
     "send to many clients by one system call, where the kernel offers it"},

    {"limits", "message_bytes", CONFIG_SIZE, AT(limits.message_bytes), 0, KIB, 16 * MIB, NULL, "65536",
     "longest WebSocket message from a client"},
    {"limits", "body_bytes", CONFIG_SIZE, AT(limits.body_bytes), 0, KIB, 64 * MIB, NULL, "1048576",
     "longest body of a request"},
    {"limits", "events_per_request", CONFIG_SIZE, AT(limits.events_per_request), 0, 1, 10000, NULL, "1000",
     "longest array of events"},
    {"limits", "connections", CONFIG_SIZE, AT(connections), 0, 1, 1000000, NULL, "10000",
     "connections at a time; needs as many file descriptors and 256 more"},
    {"limits", "connections_per_address", CONFIG_SIZE, AT(connections_per_address), 0, 1, 1000000, NULL, "200",
     "... from one network address"},
    {"limits", "pending_bytes", CONFIG_SIZE, AT(limits.pending_bytes), 0, MIB, 4 * GIB, NULL, "67108864",
     "events not yet on disk, in the whole server; beyond it senders wait"},
    {"limits", "ring_bytes", CONFIG_SIZE, AT(limits.ring_bytes), 0, MIB, 64 * GIB, NULL, "67108864",
     "recent events kept in memory for those who come back, in the whole server"},

    {"timeouts", "ping_s", CONFIG_INT, AT(ping_s), 0, 1, 3600, NULL, "25",
     "a WebSocket is pinged after so long without traffic"},
    {"timeouts", "read_s", CONFIG_INT, AT(read_timeout_s), 0, 2, 86400, NULL, "60",
     "... and is dead after so long without any; more than ping_s"},
    {"timeouts", "write_s", CONFIG_INT, AT(write_timeout_s), 0, 1, 3600, NULL, "10",
     "a connection that takes no byte for so long is cut"},
    {"timeouts", "request_s", CONFIG_INT, AT(request_timeout_s), 0, 1, 3600, NULL, "30",
     "the headers and the body of a request must be whole by then"},
    {"timeouts", "idle_s", CONFIG_MS, AT(limits.idle_ms), 0, 1, 86400, NULL, "60",
     "a session that nobody uses leaves the memory after so long"},
    {"timeouts", "stop_s", CONFIG_INT, AT(stop_timeout_s), 0, 1, 600, NULL, "10",
     "stopping takes at most so long"},

    {"keep", "days", CONFIG_INT64, AT(keep_days), 0, 0, 36500, NULL, "7",
     "older events leave the log, their effect stays; 0: kept for ever"},
    {"keep", "events", CONFIG_INT64, AT(keep_events), 0, 0, 1000000000000, NULL, "100000",
     "at most so many events per session stay in the log; 0: no bound"},

    {"log", "level", CONFIG_CHOICE, AT(log_level), 0, 0, 0, levels, "info",
     "the least serious lines to be written"},
    {"log", "format", CONFIG_CHOICE, AT(log_format), 0, 0, 0, formats, "logfmt",
     "of the log on standard error"},
    {"log", "trace_every", CONFIG_INT, AT(trace_every), 0, 0, 1000000000, NULL, "0",
     "the way of one durable event in so many is logged with the time of each stage; 0: none"},
};
/* clang-format on */

#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

const struct config_key *
config_key_at(size_t i)
{
    return i < KEY_COUNT ? &keys[i] : NULL;
}

const struct config_key *
config_key_find(const char *section, struct span name)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (strcmp(keys[i].section, section) == 0 && span_is(name, keys[i].name))
            return &keys[i];
    return NULL;
}

bool
config_key_is_section(struct span name)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (keys[i].section[0] && span_is(name, keys[i].section))
            return true;
    return false;
}

bool
config_key_is_table(const struct config_key *key)
{
    return key->type == CONFIG_PLUGINS || key->type == CONFIG_SESSIONS;
}

void
config_key_path(const struct config_key *key, char out[CONFIG_KEY_NAME_MAX])
{
    snprintf(out, CONFIG_KEY_NAME_MAX, "%s%s%s", key->section, key->section[0] ? "." : "",
             key->name);
}

void
config_key_variable(const struct config_key *key, char out[CONFIG_KEY_NAME_MAX])
{
    if (config_key_is_table(key)) {
        out[0] = '\0';
        return;
    }
    snprintf(out, CONFIG_KEY_NAME_MAX, "HD1_%s%s%s", key->section, key->section[0] ? "_" : "",
             key->name);
    for (char *c = out; *c; c++)
        *c = (char)toupper((unsigned char)*c);
}
