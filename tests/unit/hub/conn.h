/*
 * The other end of a WebSocket, as a buffer in memory that a test can block, fail and read. Those
 * that are open hang in the scene, which closes what a failed test has left.
 */
#ifndef HD1_TESTS_HUB_CONN_H
#define HD1_TESTS_HUB_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "hub/hub.h"

struct scene;

struct conn {
    struct conn *next; /* in scene->conns */
    struct client *client;
    struct buf in;          /* frames received and not yet read by the test */
    size_t longest;         /* write to it, in bytes */
    size_t messages;        /* read so far by conn_next() */
    bool is_blocked;        /* what is written now goes in, but no more: as when lws holds a rest */
    bool block_after_write; /* blocks itself with the next write */
    bool is_dead;           /* writes fail */
    bool ignores_presence;  /* conn_next() passes over who came and went */
    bool wants_writable;
    bool is_paused;
    int close_code;   /* 0: not closed */
    struct span last; /* the message that conn_next() gave */
    struct buf last_text;
};

/* How the hub writes to them. Fails the test if it writes half a frame, or to one that is blocked
 * or closed. */
extern const struct hub_port conn_port;

struct conn *conn_open(struct scene *scene);
/* Opens and reads the welcome. */
struct conn *conn_greet(struct scene *scene);
/* As by /ws/{session_id}. */
struct conn *conn_open_path(struct scene *scene, const char *session_id);
/* Opens, reads the welcome, joins and reads the snapshot up to its last page. */
struct conn *conn_join(struct scene *scene, const char *session_id);
/* The same; and who comes and goes is passed over from then on. */
struct conn *conn_join_quietly(struct scene *scene, const char *session_id);
void conn_close(struct scene *scene, struct conn *conn);  /* the client hangs up; frees conn */
void conn_vanish(struct scene *scene, struct conn *conn); /* the same, and nothing settles */

void conn_send(struct scene *scene, struct conn *conn, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Lets go on what was blocked. */
void conn_unblock(struct scene *scene, struct conn *conn);

/* The next message, or SPAN_NONE. Lent until the next call. */
struct span conn_next(struct conn *conn);
/* The next message, which must be of this type; others before it fail the test. */
struct span conn_expect(struct conn *conn, const char *type);
/* The next message is of this type and has this seq. */
void conn_expect_seq(struct conn *conn, const char *type, int64_t seq);
/* Skips to the next message of this type; fails if there is none. */
struct span conn_skip_to(struct conn *conn, const char *type);
/* Nothing more has come. */
void conn_expect_nothing(struct conn *conn);

#endif
