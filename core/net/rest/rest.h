/*
 * REST under /api: the same events by other means. A change becomes an envelope's bytes and goes
 * through hub_receive(); a read goes through hub_open() and hub_hold(). Also /healthz, /readyz and
 * the front page. By the listener for administration only /api/admin, health and metrics. Hub
 * thread.
 */
#ifndef HD1_NET_REST_REST_H
#define HD1_NET_REST_REST_H

#include "buf.h"
#include "net/request.h"

#include <stdbool.h>

struct hub;
struct store;
struct rest;

/* What became of a reload: a refusal, or a JSON object. Lent during the call. */
typedef void (*rest_reload_fn)(void *ctx, const struct refusal *refusal, struct span detail);

/* What REST lists but does not know: filled in by the server. Each appends a JSON array. */
struct rest_registry {
    void *ctx;
    void (*append_plugins)(void *ctx, struct buf *out); /* GET /api/plugins */
    void (*append_scripts)(void *ctx, struct buf *out); /* GET /api/scripts */
    void (*append_metrics)(void *ctx, struct buf *out); /* GET /metrics, Prometheus' text */
    bool (*is_ready)(void *ctx, struct buf *detail);    /* GET /readyz; detail: a JSON object */
    const struct web_hooks *web; /* the plugins' routes; borrowed; NULL: there are none */
    /* POST /api/admin/reload: done is called once, later, unless the server stops before. */
    void (*reload)(void *ctx, bool is_state_kept, rest_reload_fn done, void *done_ctx);
};

struct rest *rest_new(struct hub *hub, struct store *store, const struct rest_registry *registry);
/* Requests that still wait are refused as `stopping`. The hub must not call back any more: it and
 * the store are closed before. NULL ok. */
void rest_free(struct rest *rest);
/* Answers the request, at once or later. Not to be called from inside the hub. */
void rest_handle(struct rest *rest, struct request *request);
/* Goes on with what had to wait until the hub is off the stack. To be called in each round of the
 * loop after hub_round_end(); true: something was done, so call both again. */
bool rest_run_later(struct rest *rest);

#endif
