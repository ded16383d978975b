/* The inside of a stage, for stage*.c. */
#ifndef HD1_TESTING_STAGE_STATE_H
#define HD1_TESTING_STAGE_STATE_H

#include "net/request_local.h"
#include "net/rest/rest.h"
#include "net/socket_peer.h"
#include "plugin/script/script.h"
#include "testing/stage.h"

struct stage_store {
    char folder[64];
    struct store *store;
    struct stage *stage; /* the one that plays; NULL: none */
};

struct stage {
    struct stage_store *store; /* borrowed */
    struct hub *hub;
    struct plugins *plugins;
    struct web_hooks web; /* theirs, for rest */
    struct scripts *scripts;
    struct rest *rest;
    struct client *local;         /* the server itself: makes sessions */
    struct client *rest_client;   /* whom requests come from; made on first use */
    struct stage_client *clients; /* all that were not disconnected */
    struct stage_socket *sockets; /* all, ended ones too */
    int64_t unix_ms, mono_ms;
    int64_t tick_ms;     /* mono, of the hub's next tick */
    bool is_wake_wanted; /* the hub asked for another round at once */
    bool is_listing;     /* its sessions, which are then deleted */
    char **failures;
    size_t failure_count;
};

struct stage_client {
    struct stage_client *next;
    struct client *client;
    int close_code;
    struct buf in; /* frames received and not yet read */
    struct buf last;
};

struct stage_socket {
    struct stage_socket *next;
    struct socket_peer peer; /* client: NULL once it ended */
    char *subprotocol;       /* or NULL */
    int close_code;
    struct buf in; /* messages received and not yet read */
    struct buf last;
};

/* stage_visit.c: a handshake of that visit; as request_local_upgrade(). */
int stage_visit(struct stage *stage, const struct stage_visit *visit, struct stage_answer *refused,
                struct request_handshake *handshake);
/* stage_socket.c: those that were closed end. Was there any? */
bool stage_end_sockets(struct stage *stage);
/* All are closed with 1001, end and go. */
void stage_free_sockets(struct stage *stage);

/* stage_client.c */
extern const struct hub_port stage_port;

#endif
