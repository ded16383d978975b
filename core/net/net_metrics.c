/* The network's figures for /metrics. */
#include "net/net_state.h"

#include "metric.h"

#include <stdio.h>

const char *
cut_reason_text(enum cut_reason reason)
{
    static const char *const texts[] = {[CUT_STALLED] = "stalled", [CUT_SILENT] = "silent"};

    return texts[reason];
}

void
net_append_metrics(const struct net *net, struct buf *out)
{
    size_t http = 0;

    for (size_t i = 0; i < net->registry.count; i++)
        http += net->registry.at[i]->kind == CONNECTION_HTTP;
    metric_family(out, "hd1_connections", "gauge", "Connections that are open.");
    metric_value(out, "hd1_connections", "kind=\"http\"", (double)http);
    metric_value(out, "hd1_connections", "kind=\"websocket\"",
                 (double)(net->registry.count - http));
    metric_one(out, "hd1_received_bytes_total", "counter",
               "Bytes that came in: HTTP as it is, WebSocket messages without their frames.",
               (double)net->bytes_in);
    metric_one(out, "hd1_connections_max", "gauge", "Connections allowed.",
               (double)net->registry.max);
    metric_family(out, "hd1_connections_cut_total", "counter",
                  "WebSocket connections cut because they took, or sent, nothing for too long.");
    for (int reason = 0; reason < CUT_REASON_COUNT; reason++) {
        char labels[32];

        snprintf(labels, sizeof(labels), "reason=\"%s\"", cut_reason_text(reason));
        metric_value(out, "hd1_connections_cut_total", labels, (double)net->cuts[reason]);
    }
}
