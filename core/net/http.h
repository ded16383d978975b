/*
 * An HTTP/1 connection: reads requests one after the other, lets them through the gate to the
 * handler, writes the answers in their order, and hands its socket to ws.c when it is asked to.
 * Private to net/.
 *
 * Why not libwebsockets' own HTTP server: between a request and a later answer it can neither read
 * on (a client that pipelines makes it spin on the unread bytes) nor stop reading (then it does not
 * service writability); its parser lets pass what the gate must see; and its upgrade path has a
 * use-after-free (see ws.c). So libwebsockets gets a socket only together with a WebSocket
 * handshake that was checked here.
 */
#ifndef HD1_NET_HTTP_H
#define HD1_NET_HTTP_H

#include "net/connection.h"
#include "span.h"

struct client;
struct http;
struct listener;
struct refusal;
struct request;

/*
 * Takes a connected, non-blocking socket that the listener accepted from that address. HD1_EFULL if
 * there are too many connections: the socket is then still the caller's.
 */
int http_open(const struct listener *listener, int fd, const char *address);
/* Ends it; the memory goes later, the outstanding request's even later. */
void http_close(struct http *http);
/* The hub's client of this connection, made on first use, anew for another identity (JSON, or
 * SPAN_NONE). Once the connection is closed, though its request may still be under way, none is
 * made: NULL. */
struct client *http_client(struct http *http, struct span identity);
/* guard_check() of its outstanding request. */
int http_admit(struct http *http, struct request *request, bool is_websocket,
               struct refusal *refusal);
/* Writes the answer to the outstanding request; keeps neither request nor body. */
void http_answer(struct http *http, struct request *request, int status, struct span body);
/* What is not a whole request by now will be none; what is, is answered, and closes. */
void http_stop_reading(struct http *http);
/* Once a second: deadlines. */
void http_sweep(struct http *http, uint32_t now_s);
/* Frees the orphans whose requests were answered meanwhile; all of them if is_final. */
void http_free_orphans(struct net *net, bool is_final);

#endif
