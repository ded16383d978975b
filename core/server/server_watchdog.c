/*
 * The watchdog: how long the loop's rounds are, and what a long one was spent on. It is told by a
 * line of the log, at most one a second, and counted for /metrics, all of them.
 */
#include "server/server_state.h"

#include "log.h"

#include <stdlib.h>

#define LONG_ROUND_NS 50000000

/* Rounds that were too long for the same reason, the slowest step being of the same kind. */
struct long_steps {
    char *labels; /* for /metrics, owned */
    int64_t count;
};

/* What is known of the slowest step of that cause, in labels; the session is one only if asked for:
 * there is no end of them, so it is named where only the last round is told of. */
static void
append_labels(struct buf *labels, const struct watch *watch, enum watch_cause cause,
              bool has_session)
{
    metric_label(labels, "cause", span_of(watch_cause_text(cause)));
    for (enum watch_field field = 0; field < WATCH_FIELDS; field++) {
        const char *text = watch->worst[cause].fields[field];

        if (text[0] && (has_session || field != WATCH_SESSION))
            metric_label(labels, watch_field_text(field), span_of(text));
    }
}

static void
count_long_step(struct server *server, const char *labels)
{
    struct long_steps *steps = table_get(&server->long_steps, span_of(labels));

    if (!steps) {
        steps = mem_zalloc(sizeof(*steps));
        steps->labels = mem_strndup(labels, strlen(labels));
        table_put(&server->long_steps, span_of(steps->labels), steps);
    }
    steps->count++;
}

static void
log_long_round(const struct watch *watch, enum watch_cause cause, int64_t ns)
{
    const struct watch_worst *worst = &watch->worst[cause];
    struct log_field fields[WATCH_FIELDS];
    size_t count = 0;

    _Static_assert(WATCH_FIELDS == 6, "each is passed below");
    for (enum watch_field field = 0; field < WATCH_FIELDS; field++)
        if (worst->fields[field][0])
            fields[count++] = log_str(watch_field_text(field), worst->fields[field]);
    while (count < WATCH_FIELDS)
        fields[count++] = LOG_END;
    log_warn("watchdog", "the loop was held up", log_int("ms", ns / 1000000),
             log_str("cause", watch_cause_text(cause)),
             log_int("cause_ms", watch->cause_ns[cause] / 1000000),
             log_int("slowest_ms", worst->ns / 1000000), log_int("messages", watch->messages),
             fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]);
}

static void
note_long_round(struct server *server, int64_t ns, uint64_t now_ns)
{
    struct watch *watch = hub_watch(server->hub);
    enum watch_cause cause = watch_main_cause(watch, ns);
    struct buf labels = BUF_INIT;

    server->long_rounds[cause]++;
    append_labels(&labels, watch, cause, false);
    count_long_step(server, buf_cstr(&labels));
    buf_fini(&labels);
    buf_clear(&server->last_long_round);
    append_labels(&server->last_long_round, watch, cause, true);
    server->last_long_round_ns = ns;
    if (now_ns - server->long_round_logged_ns >= 1000000000) { /* load alone can make them long */
        server->long_round_logged_ns = now_ns;
        log_long_round(watch, cause, ns);
    }
}

/* How long this round of the loop was busy: since the last one ended, less what was waited. */
void
server_note_round(struct server *server)
{
    uint64_t now_ns = uv_hrtime(), idle_ns = uv_metrics_idle_time(&server->loop);
    int64_t ns = (int64_t)((now_ns - server->round_end_ns) - (idle_ns - server->idle_ns));

    if (server->round_end_ns) {
        histogram_add(&server->round_us, ns > 0 ? ns / 1000 : 0);
        if (ns > LONG_ROUND_NS)
            note_long_round(server, ns, now_ns);
    }
    server->round_end_ns = now_ns;
    server->idle_ns = idle_ns;
    watch_reset(hub_watch(server->hub));
}

void
server_append_rounds(struct server *server, struct buf *out)
{
    size_t pos = 0;
    void *value;

    metric_family(out, "hd1_round_seconds", "histogram", "Busy time of one round of the loop.");
    metric_histogram(out, "hd1_round_seconds", NULL, &server->round_us, 1e-6);
    metric_family(out, "hd1_long_rounds_total", "counter",
                  "Rounds over 50 ms, by what took most of them.");
    for (enum watch_cause cause = 0; cause < WATCH_CAUSES; cause++) {
        struct buf labels = BUF_INIT;

        metric_label(&labels, "cause", span_of(watch_cause_text(cause)));
        metric_value(out, "hd1_long_rounds_total", buf_cstr(&labels),
                     (double)server->long_rounds[cause]);
        buf_fini(&labels);
    }
    metric_family(out, "hd1_long_round_steps_total", "counter",
                  "The same by the slowest step that the cause had in it.");
    while (table_next(&server->long_steps, &pos, NULL, &value)) {
        const struct long_steps *steps = value;

        metric_value(out, "hd1_long_round_steps_total", steps->labels, (double)steps->count);
    }
    metric_family(out, "hd1_last_long_round_seconds", "gauge",
                  "The last one of them, and all that is known of it.");
    if (server->last_long_round_ns > 0)
        metric_value(out, "hd1_last_long_round_seconds", buf_cstr(&server->last_long_round),
                     (double)server->last_long_round_ns * 1e-9);
}

void
server_watchdog_fini(struct server *server)
{
    size_t pos = 0;
    void *value;

    while (table_next(&server->long_steps, &pos, NULL, &value)) {
        struct long_steps *steps = value;

        free(steps->labels);
        free(steps);
    }
    table_fini(&server->long_steps);
    buf_fini(&server->last_long_round);
}
