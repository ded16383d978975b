/*
 * Writes that are gathered, so that the port can hand many of them to the kernel at once: one write
 * to each client at most. gather_run() ends each flush; until then neither the bytes (blocks of a
 * ring, the frames of a round, copies) nor the clients go.
 */
#ifndef HD1_HUB_GATHER_H
#define HD1_HUB_GATHER_H

#include "arena.h"
#include "hub/hooks.h"

#define GATHER_MAX 256

struct client;
struct hub;

struct gather {
    size_t count;
    struct hub_write writes[GATHER_MAX];
    struct gathered {
        struct client *client;
        size_t messages;
    } of[GATHER_MAX];
    struct arena copies; /* until gather_run() */
};

/* Room for the bytes of the very next gather_write(), until gather_run(). */
char *gather_room(struct hub *hub, size_t len);
/* Only when client_can_write(); bytes must stay until gather_run(). messages: how many the client
 * is behind by, should its socket not take them. */
void gather_write(struct client *client, struct span bytes, size_t messages);
/* Writes all of it. Who is dead is closing after this, who is blocked is lagging. */
void gather_run(struct hub *hub);

#endif
