/*
 * A hub that the network can be tested with: it notes what it is told and echoes text messages as
 * WebSocket frames through the port.
 */
#ifndef STUB_HUB_H
#define STUB_HUB_H

#include "hub/hub.h"

#define STUB_CLIENTS_MAX 64

struct client {
    enum client_kind kind;
    char address[48];
    char session[80];
    char identity[64];
    void *conn;
    bool is_gone;
};

struct hub {
    struct client *clients[STUB_CLIENTS_MAX]; /* all there ever were */
    int connected, disconnected;
    int messages, binaries, writables;
    struct buf last; /* the newest text message */
    bool is_silent;  /* no echo */
    int closes_at;   /* closes the sender of that message; 0: of none */
    struct hub_limits limits;
    bool is_charge_refused; /* by hub_charge(), as rate_limited */
    int charges;
    const char *welcome; /* sent on connect if not NULL */
};

void stub_hub_init(struct hub *hub);
void stub_hub_fini(struct hub *hub);
/* The newest client. */
struct client *stub_hub_client(struct hub *hub);
/* Sends one text frame to a client; what the port says. */
int stub_hub_send(struct client *client, const char *text, size_t len);

#endif
