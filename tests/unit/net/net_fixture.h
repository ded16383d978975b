/*
 * The real network on 127.0.0.1, port 0, with a stub hub, in this process; and peers that talk raw
 * bytes to it. Nothing sleeps: the loop runs until a condition holds or a deadline passes.
 */
#ifndef NET_FIXTURE_H
#define NET_FIXTURE_H

#include "net/net.h"
#include "stub_hub.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four above */
#include <cmocka.h>

#define ASKED_MAX 64
/* A line of requests that are written out. */
#define H "Host: 127.0.0.1\r\n"

struct fixture {
    uv_loop_t loop;
    uv_timer_t tick; /* so that a round never waits for long */
    struct hub hub;
    struct net_options options;
    struct net *net;
    /* The handler: by path, see net_fixture.c. */
    struct request *held[ASKED_MAX]; /* asked for /later, not answered yet */
    int held_count;
    int asked;
    size_t big_bytes; /* of the answer to /big */
};

struct peer {
    int fd;
    struct buf in; /* all that came */
    bool is_at_end;
};

/* Defaults; then change fixture->options, then start. */
void fixture_init(struct fixture *fixture);
void fixture_start(struct fixture *fixture);
/* Tears the network down; asserts that every client was disconnected. */
void fixture_fini(struct fixture *fixture);
int fixture_port(struct fixture *fixture, size_t listener);

/* One round of the loop; then reads what came for the peers given (NULL-terminated list). */
void run_once(struct fixture *fixture);
/* Runs until the condition holds; fails the test after 30 s. */
#define RUN_UNTIL(fixture, condition)                                                              \
    for (uint64_t until_ = uv_hrtime() / 1000000 + 30000; !(condition);) {                         \
        run_once(fixture);                                                                         \
        if (uv_hrtime() / 1000000 > until_)                                                        \
            fail_msg("%s:%d: did not happen: %s", __FILE__, __LINE__, #condition);                 \
    }

void peer_open(struct peer *peer, struct fixture *fixture);
void peer_close(struct peer *peer);
/* Closes with a reset. */
void peer_reset(struct peer *peer);
void peer_send(struct peer *peer, const char *bytes, size_t len);
#define peer_say(peer, text) peer_send(peer, text, strlen(text))
/* Reads what is there; true if `in` holds the text somewhere. */
bool peer_has(struct peer *peer, const char *text);
/* Reads what is there; how often does the text occur? */
int peer_count(struct peer *peer, const char *text);
/* Reads what is there; has the other side closed? */
bool peer_is_at_end(struct peer *peer);
void peer_forget(struct peer *peer);

/* --- WebSocket --- */

/* Does the handshake with these extra header lines and waits for 101. */
void ws_open(struct peer *peer, struct fixture *fixture, const char *path, const char *headers);
/* The same, with frames sent in one piece with the handshake. */
void ws_open_with(struct peer *peer, struct fixture *fixture, const char *path, const char *headers,
                  struct span behind);
/* One masked frame; first is its first byte, e.g. 0x81. */
void ws_append(struct buf *out, int first, const void *payload, size_t len);
void ws_send(struct peer *peer, int first, const void *payload, size_t len);
/* Takes a whole frame from the front of `in`: its first byte, or -1 if there is none yet. */
int ws_take(struct peer *peer, struct buf *payload);
/* Waits for a frame, expects that first byte. */
void ws_expect(struct peer *peer, struct fixture *fixture, int first, struct buf *payload);
/* Waits for a close frame with that code. */
void ws_expect_close(struct peer *peer, struct fixture *fixture, int code);

#endif
