/*
 * Case files: what a call that failed was made with, as a JSON object, so that `hd1 test FILE` can
 * make it again (testing/replay.c reads it):
 *
 *   {"hd1_case":2, "plugin":.., "version":.., "file":.., "file_hash":.., "options":{..},
 *    "moment":.., "time_ms":.., "error":FIRST LINE, "traceback":..,
 *    "types":[{"name":..,"lane":..}],      event types that other plugins declared
 *
 *    "client":{"id":..,"address":..,"kind":..,"info":{..},"identity":{..}}, "session":ID,
 *    "event":{"type":..,"data":{..},"source":..,"id":..,"seq":..,"time_ms":..},
 *    "message":{"type":..,"session_id":..,"bytes":..,"count":..,"source":..},
 *    "tick":{"number":..,"dt":..}, "restore":{"state":..,"old_version":..},
 *    "request":{"kind":..,"method":..,"path":..,"headers":{..},"query":[{KEY:VALUE}],"body":..,..},
 *    "socket":{"path":..,"call":"connect" | "message" | "close","message":..,"code":..},
 *    "timer":{"at":"FILE:LINE","cause":{"moment":..} and arguments of the call that set it},
 *    "open":{"at":..,"cause":..},          the same of hd1.open()
 *
 *    "limits":{..}, "store":[{"key":..,"value":..}],
 *    "sessions":[{"id":..,"seq":..,"world":{..},"camera":{..},"objects":[..],"clients":[..]}]}
 *
 * Options marked secret are "(secret)"; in a request, what proves who somebody is keeps its length
 * and shape only ("masked" says of what). A part that would make the file too long is left out
 * ("left_out" names them). What the plugin keeps in variables of its own is not in it.
 */
#include "plugin/case/case_parts.h"
#include "plugin/case/case_text.h"
#include "plugin/plugin_state.h"

#include "hub/event.h"
#include "hub/kv.h"

#define STORE_BYTES_MAX 16384

/* What it keeps, as far as it fits: the call's own writes are taken back by now. */
static void
append_store(struct buf *out, const struct plugin *plugin, const struct hook_call *now)
{
    const struct sorted_node *node;

    (void)now;
    if (!plugin->store || !kv_is_ready(plugin->store))
        return;
    buf_append_char(out, '[');
    node = sorted_from(kv_all(plugin->store), SPAN(""), false);
    for (; node; node = sorted_next(node)) {
        if (out->len + sorted_key(node).len + sorted_value(node).len > STORE_BYTES_MAX)
            break;
        buf_append_str(out, out->len > 1 ? ",{" : "{");
        case_append_bytes(out, "key", sorted_key(node));
        case_append_json(out, "value", sorted_value(node));
        buf_append_char(out, '}');
    }
    buf_append_char(out, ']');
}

/* Those of the server's own options that a call may run into. */
static void
append_limits(struct buf *out, const struct plugin *plugin, const struct hook_call *now)
{
    const struct plugin_limits *limits = &plugin->limits;

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
    case_append_int(out, "file_hash", plugin->file_hash);
    case_append_text(out, "moment", span_of(failure->moment));
    case_append_int(out, "time_ms", plugins_unix_ms(plugin->all));
    case_append_text(out, "error", (struct span){failure->error, strcspn(failure->error, "\n")});
    case_append_text(out, "traceback", span_of(failure->error));
}

static void
append_types(struct buf *out, const struct plugin *plugin)
{
    const struct table *types = &plugin->all->types->by_name;
    struct span name;
    void *value;
    size_t pos = 0;

    buf_append_str(out, ",\"types\":[");
    while (table_next(types, &pos, &name, &value)) {
        const struct event_type *type = value;

        if (strcmp(type->owner, "core") == 0 || strcmp(type->owner, plugin->name) == 0)
            continue;
        buf_appendf(out, "%s{\"name\":\"%s\",\"lane\":\"%s\"}",
                    out->data[out->len - 1] == '[' ? "" : ",", type->name,
                    type->lane == LANE_DURABLE ? "durable" : "volatile");
    }
    buf_append_char(out, ']');
}

/* A part is left out if it would make the whole too long; left_out: the names of such. */
static void
append_part(struct buf *out, const struct case_part *part, const struct plugin *plugin,
            size_t bytes_max, struct buf *left_out)
{
    struct buf text = BUF_INIT;

    part->append(&text, plugin, &plugin->now);
    if (out->len + text.len + 300 <= bytes_max)
        case_append_json(out, part->name, buf_span(&text));
    else
        buf_appendf(left_out, "%s\"%s\"", left_out->len ? "," : "", part->name);
    buf_fini(&text);
}

void
plugin_failure_append_case(const struct plugin_failure *failure, size_t bytes_max, struct buf *out)
{
    static const struct case_part surroundings[] = {
        {"limits", append_limits},
        {"sessions", case_append_sessions},
        {"store", append_store},
    };
    struct buf left_out = BUF_INIT;

    buf_append_str(out, "{\"hd1_case\":2");
    append_what_failed(out, failure);
    case_append_json(out, "options", buf_span(&failure->of->config));
    append_types(out, failure->of);
    for (const struct case_part *part = case_arguments; part->name; part++)
        append_part(out, part, failure->of, bytes_max, &left_out);
    for (size_t i = 0; i < sizeof(surroundings) / sizeof(surroundings[0]); i++)
        append_part(out, &surroundings[i], failure->of, bytes_max, &left_out);
    if (left_out.len)
        buf_appendf(out, ",\"left_out\":[%s]", buf_cstr(&left_out));
    buf_append_str(out, "}\n");
    buf_fini(&left_out);
}
