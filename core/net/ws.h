/*
 * WebSocket connections: libwebsockets' side. Whole messages go to the endpoint (ws_state.h), which
 * writes through the port (ws_port.c). Private to net/.
 */
#ifndef HD1_NET_WS_H
#define HD1_NET_WS_H

#include "buf.h"
#include "net/connection.h"
#include "span.h"

struct lws;
struct lws_context_creation_info;
struct lws_protocols;
struct request;
struct ws;

/*
 * What a connection reads at once fits a buffer that libwebsockets makes with it and keeps; its
 * size is the virtual host's. The first connections get a large one, which takes in twice as much
 * per second; many that rest had better have a small one.
 */
enum ws_buffer { WS_BUFFER_SMALL, WS_BUFFER_LARGE, WS_BUFFER_COUNT };

/* For the virtual host of that name: the table of protocols, and the name; static. */
const struct lws_protocols *ws_protocols(enum ws_buffer buffer);
const char *ws_vhost_name(enum ws_buffer buffer);

/*
 * The socket of an HTTP connection goes on as WebSocket: takes its descriptor and its place in the
 * registry. behind: what came behind the handshake. Takes the request.
 */
void ws_adopt(struct connection *connection, struct request *request, struct span behind);
/* The server stops. */
void ws_stop(struct ws *ws);
/* net->is_reading_stopped changed. */
void ws_update(struct ws *ws);
/* Once a second: pings, deadlines. */
void ws_sweep(struct ws *ws, uint32_t now_s);

#endif
