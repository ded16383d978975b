/*
 * One HTTP request, after the gate (gate.c) let it through and its body is whole, and its answer.
 * REST, health and metrics see HTTP only through this header. Hub thread.
 *
 * A request stays valid until it was answered, also if its connection ends meanwhile (the answer
 * then goes nowhere). Each request is answered exactly once, at once or later.
 */
#ifndef HD1_NET_REQUEST_H
#define HD1_NET_REQUEST_H

#include "buf.h"
#include "hub/client.h"
#include "hub/refusal.h"
#include "hub/web.h"
#include "span.h"

struct request;

enum method request_method(const struct request *request);
/* Did it come by the listener for administration? */
bool request_is_admin(const struct request *request);
/* The path without query, percent-decoded, "/api/sessions/demo". */
struct span request_path(const struct request *request);
/* A query parameter, decoded; false if absent. Lent until the answer. */
bool request_query(const struct request *request, const char *name, struct span *value);
/* A header the gate keeps: "if-match", "if-none-match", "accept", "content-type", "authorization",
 * "idempotency-key". SPAN_NONE if absent. */
struct span request_header(const struct request *request, const char *name);
/* The whole body, length checked against limits; not yet looked into. */
struct span request_body(const struct request *request);
/* May it be served? Asks the plugins who that is (guard.c). 0, or HD1_EINVAL: refusal says why not,
 * and what else the answer is to say is set. Once, before request_client(). */
int request_admit(struct request *request, struct refusal *refusal);
/* What plugins see of it; good until the answer. */
void request_web(struct request *request, struct web_request *web);
/* The client that REST events of this connection come from (made on first use, kept alive with it,
 * and with an outstanding request; another one when somebody else speaks); NULL once the network is
 * torn down. */
struct client *request_client(struct request *request);

/* Adds a header to the answer: name in lower case without colon. Copies. */
void request_set_header(struct request *request, const char *name, const char *value);
/* Adds several, "name: value\r\n" each. */
void request_set_headers(struct request *request, struct span lines);
/* Answers with application/json (or the type set by request_set_header). Takes a copy of body. */
void request_reply(struct request *request, int status, struct span body);
/* Answers with application/problem+json and, if set, Retry-After. */
void request_refuse(struct request *request, const struct refusal *refusal);

#endif
