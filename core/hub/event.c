/* Changes to an event's data, and the one encoding that wire, ring and history share. */
#include "hub/event.h"

#include "hub/merge.h"

const char *
source_text(enum source source)
{
    static const char *const texts[] = {
        [SOURCE_WS] = "ws",
        [SOURCE_REST] = "rest",
        [SOURCE_SCRIPT] = "script",
        [SOURCE_PLUGIN] = "plugin",
    };

    return texts[source];
}

void
event_set_data(struct event *event, struct span data)
{
    struct buf copy = BUF_INIT;

    buf_append_span(&copy, data);
    buf_fini(&event->scratch);
    event->scratch = copy;
    event->data = buf_span(&event->scratch);
}

void
event_patch(struct event *event, struct span members)
{
    static const struct merge_rules rules = {.inner = "object"};
    struct buf patched = BUF_INIT;

    merge(&patched, event->data, members, &rules);
    buf_fini(&event->scratch);
    event->scratch = patched;
    event->data = buf_span(&event->scratch);
}

/* --- encoding --- */

void
event_encode(struct buf *out, const struct event_facts *facts)
{
    buf_reserve(out, facts->type.len + facts->data.len + facts->client_id.len + 160);
    buf_append_str(out, "{\"type\":\"");
    buf_append_span(out, facts->type);
    buf_append_str(out, "\",\"data\":");
    buf_append_span(out, facts->data);
    buf_append_str(out, ",\"timestamp\":");
    buf_append_int(out, facts->time_ms / 1000);
    buf_append_str(out, ",\"time_ms\":");
    buf_append_int(out, facts->time_ms);
    if (facts->seq > 0) {
        buf_append_str(out, ",\"seq\":");
        buf_append_int(out, facts->seq);
    }
    if (facts->client_id.len > 0) {
        buf_append_str(out, ",\"client_id\":\"");
        buf_append_span(out, facts->client_id);
        buf_append_char(out, '"');
    }
    if (facts->id > 0) {
        buf_append_str(out, ",\"id\":");
        buf_append_int(out, facts->id);
    }
    buf_append_char(out, '}');
}
