/*
 * Case files: what a call that failed was made with, as a JSON object, so that `hd1 test FILE` can
 * make it again (testing/replay.c reads it):
 *
 *   {"hd1_case":2, "plugin":.., "version":.., "file":.., "file_hash":.., "options":{..},
 *    "moment":.., "time_ms":.., "error":FIRST LINE, "traceback":..,
 *
 *    "client":{"id":..,"address":..,"kind":..,"info":{..},"identity":{..}}, "session":ID,
 *    "event":{"type":..,"data":{..},"source":..,"id":..,"seq":..,"time_ms":..},
 *    "message":{"type":..,"session_id":..,"bytes":..,"count":..,"source":..},
 *    "tick":{"number":..,"dt":..}, "restore":{"state":..,"old_version":..},
 *    "request":{"kind":..,"method":..,"path":..,"headers":{..},"query":[{KEY:VALUE}],"body":..,..},
 *    "socket":{"path":..,"call":"connect" | "resume" | "message" | "close","message":..,"code":..},
 *    "timer":{"at":"FILE:LINE","cause":{"moment":..} and arguments of the call that set it},
 *    "open":{"at":..,"cause":..},          the same of hd1.open()
 *
 *    "types":[{"name":..,"lane":..,"schema":{..}}],      that other plugins declared
 *    "limits":{..}, "store":[{"key":..,"value":..}],
 *    "sessions":[{"id":..,"seq":..,"world":{..},"camera":{..},"object_count":..,"objects":[..],
 *                 "client_count":..,"clients":[..]}],
 *    "left_out":[TEXT]}
 *
 * Of objects and of the store, what the call looked up comes first (case_reads.h), then as much as
 * there is room for. What there is no room for is named in "left_out". Options marked secret are
 * "(secret)"; in a request, what proves who somebody is keeps its length and shape only ("masked"
 * says of what). What the plugin keeps in variables of its own is not in it.
 */
#include "plugin/case/case_parts.h"
#include "plugin/case/case_text.h"
#include "plugin/plugin_state.h"

#include "hub/web.h"

/* Those of the server's own options that a call may run into. */
static void
append_limits(struct buf *out, struct buf *left_out, const struct plugin *plugin,
              const struct hook_call *now)
{
    const struct plugin_limits *limits = &plugin->limits;

    (void)left_out;
    (void)now;
    buf_append_char(out, '{');
    case_append_int(out, "instructions", limits->instructions);
    case_append_int(out, "memory_bytes", limits->memory_bytes);
    case_append_int(out, "emits_per_second", limits->emits_per_second);
    case_append_int(out, "store_bytes", limits->store_bytes);
    buf_append_char(out, '}');
}

static void
append_what_failed(struct buf *out, const struct plugin_failure *failure)
{
    const struct plugin *plugin = failure->of;

    case_append_text(out, "plugin", span_of(plugin->name));
    case_append_text(out, "version", span_of(plugin->version));
    case_append_text(out, "file", span_of(plugin->path));
    case_append_int(out, "file_hash", failure->file_hash);
    case_append_text(out, "moment", span_of(failure->moment));
    case_append_int(out, "time_ms", plugins_unix_ms(plugin->all));
    case_append_text(out, "error", (struct span){failure->error, strcspn(failure->error, "\n")});
    case_append_text(out, "traceback", span_of(failure->error));
}

struct surrounding {
    const char *name;
    void (*append)(struct buf *out, struct buf *left_out, const struct plugin *plugin,
                   const struct hook_call *now);
};

static const struct surrounding surroundings[] = {
    {"types", case_append_types},
    {"limits", append_limits},
    {"sessions", case_append_sessions},
    {"store", case_append_store},
};

/* A part is left out if it would make the whole too long. */
static void
append_part(struct buf *out, struct buf *left_out, const char *name, struct span text,
            size_t bytes_max)
{
    if (out->len + text.len + left_out->len + 300 <= bytes_max)
        case_append_json(out, name, text);
    else
        case_note_left_out(left_out, "%s", name);
}

static void
append_arguments(struct buf *out, struct buf *left_out, const struct plugin *plugin,
                 size_t bytes_max)
{
    const struct web_request *request = plugin->now.request;
    struct buf text = BUF_INIT;

    for (const struct case_part *part = case_arguments; part->name; part++) {
        buf_clear(&text);
        part->append(&text, plugin, &plugin->now);
        append_part(out, left_out, part->name, buf_span(&text), bytes_max);
    }
    if (request && request->body.len > CASE_BODY_MAX)
        case_note_left_out(left_out, "body of the request: %zu bytes", request->body.len);
    buf_fini(&text);
}

static void
append_surroundings(struct buf *out, struct buf *left_out, const struct plugin *plugin,
                    size_t bytes_max)
{
    struct buf text = BUF_INIT;

    for (size_t i = 0; i < sizeof(surroundings) / sizeof(surroundings[0]); i++) {
        buf_clear(&text);
        surroundings[i].append(&text, left_out, plugin, &plugin->now);
        append_part(out, left_out, surroundings[i].name, buf_span(&text), bytes_max);
    }
    buf_fini(&text);
}

void
plugin_failure_append_case(const struct plugin_failure *failure, size_t bytes_max, struct buf *out)
{
    struct buf left_out = BUF_INIT;

    buf_append_str(out, "{\"hd1_case\":2");
    append_what_failed(out, failure);
    case_append_json(out, "options", buf_span(&failure->of->config));
    append_arguments(out, &left_out, failure->of, bytes_max);
    append_surroundings(out, &left_out, failure->of, bytes_max);
    if (left_out.len)
        buf_appendf(out, ",\"left_out\":[%s]", buf_cstr(&left_out) + 1);
    buf_append_str(out, "}\n");
    buf_fini(&left_out);
}
