/*
 * Turns: how much of one connection, and of all requests, is dealt with in a round of the loop, so
 * that everybody is served in each. A round goes from one wait for sockets to the next. Private to
 * net/.
 */
#ifndef HD1_NET_TURN_H
#define HD1_NET_TURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct net;
struct ws;

/* Of one WebSocket, in a round; what else came with them waits. */
#define TURN_MESSAGES_MAX 64

struct turns {
    uv_prepare_t round_end;
    uint64_t round;
    const struct ws *speaker; /* whose message came last; what was read of one comes in a row */
    int messages;             /* of the speaker, in this round */
    struct ws **waiting;      /* had their turn: are read again in the next round */
    size_t waiting_count, waiting_cap;
    uint64_t http_round, http_began_ns;
};

/* Takes one of net's open handles; call turns_fini() when the loop has closed it. */
void turns_init(struct net *net);
void turns_close(struct net *net, uv_close_cb closed);
void turns_fini(struct turns *turns);

/* A message of it has come: the last of its turn stops its reading until the next round. */
void turn_take(struct ws *ws);
/* It ends. */
void turn_forget(struct ws *ws);
/* Have the requests of this round taken their time? */
bool turn_http_is_over(struct net *net);

#endif
