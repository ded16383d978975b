/* The other end of a plugin's own WebSocket, as a text of what it heard. */
#ifndef HD1_TESTS_PEER_H
#define HD1_TESTS_PEER_H

#include "plugin/play.h"

#include "buf.h"

struct peer {
    struct play *play;
    struct client *client;
    void *served;
    struct buf heard; /* since it was looked at: "one|two|" and, if it was closed, "4000 why|" */
    bool is_closed, is_slow;
};

/* Connects to /ws/x/a; its connect function, if any, must not fail. */
void peer_open(struct peer *peer, struct play *play);
/* Sends a text, and nothing settles. */
void peer_say(struct peer *peer, const char *text);
/* That is all it heard since the last time. */
void peer_expect(struct peer *peer, const char *heard);
/* Its connection ends. */
void peer_end(struct peer *peer);

#endif
