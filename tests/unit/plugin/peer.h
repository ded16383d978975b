/* The other end of a plugin's own WebSocket, as a text of what it heard. Those that are open hang
 * in the play, which ends what a failed test has left. */
#ifndef HD1_TESTS_PEER_H
#define HD1_TESTS_PEER_H

#include "plugin/play.h"

#include "buf.h"

struct peer {
    struct peer *next; /* in play->peers */
    struct play *play;
    struct client *client;
    void *served;
    struct buf heard; /* since it was looked at: "one|two|" and, if it was closed, "4000 why|" */
    bool is_closed, is_slow;
};

/* Connects to /ws/x/a; its connect function, if any, must not fail. */
struct peer *peer_open(struct play *play);
/* Sends a text, and nothing settles. */
void peer_say(struct peer *peer, const char *text);
/* That is all it heard since the last time. */
void peer_expect(struct peer *peer, const char *heard);
/* Its connection ends; frees it. */
void peer_end(struct peer *peer);

#endif
