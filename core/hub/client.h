/*
 * A client: somebody at the other end. A WebSocket connection, a REST caller (one per HTTP
 * connection), a world script or a plugin (both "local"). What it is joined to hangs on it as
 * members (member.h). Hub thread only.
 */
#ifndef HD1_HUB_CLIENT_H
#define HD1_HUB_CLIENT_H

#include "hub/event.h"
#include "span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hub;
struct client;

enum client_kind {
    CLIENT_WS,     /* receives events */
    CLIENT_REST,   /* sends only */
    CLIENT_LOCAL,  /* a script or a plugin */
    CLIENT_SOCKET, /* speaks with a plugin alone, on a WebSocket of that plugin's */
};

#define CLIENT_SESSIONS_MAX 16
#define CLIENT_OUT_MAX (64 * 1024) /* bytes of messages meant for one client alone */

/* Its id, e.g. "client-k3v9x0ab"; for local ones their name, e.g. "script:gallery". */
const char *client_id(const struct client *client);
/* Its network address as text, or "local". Lent. */
const char *client_address(const struct client *client);
enum client_kind client_kind(const struct client *client);
/* The connection ended; the struct lives on only because something refers to it. */
bool client_is_gone(const struct client *client);
/* What it said in client_info, a JSON object, or SPAN_NONE. Lent. */
struct span client_info(const struct client *client);
/* Who it is by what a plugin found out in before_connect, a JSON object {"user":..,"roles":[..],
 * "name":..,"data":..}, or SPAN_NONE. Never changes. Lent. */
struct span client_identity(const struct client *client);

/* Keep it in memory after its connection ended. Balanced by client_unref(). */
struct client *client_ref(struct client *client);
void client_unref(struct client *client);

#endif
