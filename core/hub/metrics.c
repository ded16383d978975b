/* The hub's figures for /metrics. */
#include "hub/hub_state.h"

#include "metric.h"

struct figure {
    const char *name, *type, *help;
    double value;
};

static void
append_figures(struct buf *out, const struct figure *figures, size_t count)
{
    for (size_t i = 0; i < count; i++)
        metric_one(out, figures[i].name, figures[i].type, figures[i].help, figures[i].value);
}

static void
append_type(struct buf *out, const struct event_type *type, const char *verdict, int64_t count)
{
    struct buf labels = BUF_INIT;

    metric_label(&labels, "type", span_of(type->name));
    metric_label(&labels, "verdict", span_of(verdict));
    metric_value(out, "hd1_events_total", buf_cstr(&labels), (double)count);
    buf_fini(&labels);
}

static void
append_types(struct buf *out, const struct event_types *types)
{
    size_t pos = 0;
    struct span name;
    void *value;

    metric_family(out, "hd1_events_total", "counter", "Events that came in, by type and verdict.");
    while (table_next(&types->by_name, &pos, &name, &value)) {
        const struct event_type *type = value;

        append_type(out, type, "accepted", type->accepted);
        append_type(out, type, "refused", type->refused);
        append_type(out, type, "dropped", type->dropped);
    }
}

static void
append_batches(struct buf *out, const struct hub *hub)
{
    metric_family(out, "hd1_batch_events", "histogram", "Events in one transaction.");
    metric_histogram(out, "hd1_batch_events", NULL, &hub->batch_events, 1);
    metric_family(out, "hd1_commit_seconds", "histogram", "Time of one transaction.");
    metric_histogram(out, "hd1_commit_seconds", NULL, &hub->commit_us, 1e-6);
}

static double
ring_blocks(const struct hub *hub)
{
    size_t pos = 0, blocks = 0;
    void *session;

    while (table_next(&hub->sessions, &pos, NULL, &session))
        blocks += ((const struct session *)session)->ring.blocks;
    return (double)blocks;
}

void
hub_append_metrics(const struct hub *hub, struct buf *out)
{
    const struct hub_stats *stats = &hub->stats;
    const struct figure figures[] = {
        {"hd1_clients", "gauge", "WebSocket clients connected.", (double)stats->clients},
        {"hd1_sessions_loaded", "gauge", "Sessions in memory.", (double)stats->sessions},
        {"hd1_messages_refused_total", "counter", "Messages refused, nonsense included.",
         (double)stats->refused},
        {"hd1_deliveries_total", "counter", "Events written to clients.",
         (double)stats->deliveries},
        {"hd1_sent_bytes_total", "counter", "Bytes of frames written to clients.",
         (double)stats->bytes_out},
        {"hd1_slow_clients_cut_total", "counter", "Clients closed with 4008.",
         (double)stats->slow_cut},
        {"hd1_storage_failures_total", "counter", "Sessions whose commit failed.",
         (double)stats->storage_failures},
        {"hd1_batches_total", "counter", "Transactions handed to the writer.",
         (double)stats->batches},
        {"hd1_pending_bytes", "gauge", "Bytes of events not yet on disk.",
         (double)journal_pending_bytes(hub)},
        {"hd1_waiting_bytes", "gauge", "Bytes of input for sessions that are being read.",
         (double)hub->waiting_bytes},
        {"hd1_ring_blocks", "gauge", "Blocks of the sessions' rings.", ring_blocks(hub)},
        {"hd1_ring_bytes", "gauge", "Memory of the sessions' rings.", (double)hub->ring_bytes},
    };

    append_figures(out, figures, sizeof(figures) / sizeof(*figures));
    append_types(out, &hub->types);
    append_batches(out, hub);
}
