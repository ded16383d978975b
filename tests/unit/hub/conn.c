/* See conn.h. */
#include "conn.h"

#include "message.h"
#include "scene.h"
#include "json/json.h"

#include <stdlib.h>

/* --- the port --- */

/* The layer below may send a control frame between two writes. */
static void
assert_whole_frames(const unsigned char *bytes, size_t len)
{
    size_t at = 0;

    while (at < len) {
        size_t header = 2, payload = bytes[at + 1], extra = payload == 126 ? 2 : 8;

        if (payload >= 126) {
            payload = 0;
            for (size_t i = 0; i < extra; i++)
                payload = payload << 8 | bytes[at + header++];
        }
        at += header + payload;
    }
    assert_int_equal(at, len);
}

static int
port_write(void *ctx, const char *bytes, size_t len)
{
    struct conn *conn = ctx;

    assert_whole_frames((const unsigned char *)bytes, len);
    assert_false(conn->is_blocked);
    assert_int_equal(conn->close_code, 0);
    if (conn->is_dead)
        return -1;
    buf_append(&conn->in, bytes, len);
    conn->longest = len > conn->longest ? len : conn->longest;
    if (conn->block_after_write)
        conn->is_blocked = true;
    return conn->is_blocked;
}

static bool
port_is_blocked(void *ctx)
{
    return ((struct conn *)ctx)->is_blocked;
}

static void
port_want_writable(void *ctx)
{
    ((struct conn *)ctx)->wants_writable = true;
}

static void
port_close(void *ctx, int code, const char *reason)
{
    struct conn *conn = ctx;

    (void)reason;
    assert_int_equal(conn->close_code, 0);
    conn->close_code = code;
}

static void
port_pause(void *ctx, bool is_paused)
{
    ((struct conn *)ctx)->is_paused = is_paused;
}

const struct hub_port conn_port = {
    .write = port_write,
    .is_blocked = port_is_blocked,
    .want_writable = port_want_writable,
    .close = port_close,
    .pause_reading = port_pause,
};

/* --- clients --- */

struct conn *
conn_open(struct scene *scene)
{
    return conn_open_path(scene, NULL);
}

struct conn *
conn_greet(struct scene *scene)
{
    struct conn *conn = conn_open(scene);

    scene_settle(scene);
    conn_expect(conn, "welcome");
    return conn;
}

struct conn *
conn_open_path(struct scene *scene, const char *session_id)
{
    struct conn *conn = calloc(1, sizeof(*conn));
    struct hub_connection connection = {.kind = CLIENT_WS,
                                        .address = "127.0.0.1",
                                        .path_session = span_of(session_id),
                                        .conn = conn};

    conn->next = scene->conns;
    scene->conns = conn;
    conn->client = hub_connect(scene->hub, &connection);
    return conn;
}

void
conn_vanish(struct scene *scene, struct conn *conn)
{
    struct conn **at = &scene->conns;

    while (*at != conn)
        at = &(*at)->next;
    *at = conn->next;
    hub_disconnect(scene->hub, conn->client);
    buf_fini(&conn->in);
    buf_fini(&conn->last_text);
    free(conn);
}

void
conn_close(struct scene *scene, struct conn *conn)
{
    conn_vanish(scene, conn);
    scene_settle(scene);
}

void
conn_send(struct scene *scene, struct conn *conn, const char *format, ...)
{
    struct buf text = BUF_INIT;
    va_list args;

    va_start(args, format);
    message_write(&text, format, args);
    va_end(args);
    struct message message = {
        .client = conn->client, .source = SOURCE_WS, .text = buf_span(&text), .if_version = -1};

    hub_receive(scene->hub, &message);
    buf_fini(&text);
}

static struct span
next_message(struct conn *conn)
{
    unsigned char *at = (unsigned char *)conn->in.data;
    size_t header = 2, len;

    if (conn->in.len < 2)
        return SPAN_NONE;
    assert_int_equal(at[0], 0x81);
    len = at[1];
    if (len == 126) {
        header = 4;
        len = (size_t)at[2] << 8 | at[3];
    } else if (len == 127) {
        header = 10;
        len = 0;
        for (int i = 2; i < 10; i++)
            len = len << 8 | at[i];
    }
    assert_true(conn->in.len >= header + len);
    buf_clear(&conn->last_text);
    buf_append(&conn->last_text, at + header, len);
    buf_consume(&conn->in, header + len);
    conn->messages++;
    conn->last = buf_span(&conn->last_text);
    assert_int_equal(json_check(conn->last, NULL, NULL), 0);
    return conn->last;
}

struct span
conn_next(struct conn *conn)
{
    struct span message = next_message(conn);

    while (conn->ignores_presence && message.at &&
           (message_is(message, "type", "client_connected") ||
            message_is(message, "type", "client_disconnected")))
        message = next_message(conn);
    return message;
}

struct span
conn_expect(struct conn *conn, const char *type)
{
    struct span message = conn_next(conn);

    if (!message.at || !message_is(message, "type", type))
        fail_msg("expected %s, got %.*s", type, (int)message.len, message.at ? message.at : "");
    return message;
}

struct span
conn_skip_to(struct conn *conn, const char *type)
{
    struct span message;

    while ((message = conn_next(conn)).at)
        if (message_is(message, "type", type))
            return message;
    fail_msg("no %s came", type);
    return SPAN_NONE;
}

void
conn_expect_nothing(struct conn *conn)
{
    struct span message = conn_next(conn);

    if (message.at)
        fail_msg("unexpected %.*s", (int)message.len, message.at);
}

void
conn_unblock(struct scene *scene, struct conn *conn)
{
    conn->is_blocked = false;
    if (conn->wants_writable && conn->close_code == 0) {
        conn->wants_writable = false;
        hub_writable(scene->hub, conn->client);
    }
}

struct conn *
conn_join(struct scene *scene, const char *session_id)
{
    struct conn *conn = conn_open(scene);
    struct span message;

    conn_send(scene, conn, "{\"type\":\"join\",\"data\":{\"session_id\":\"%s\"}}", session_id);
    scene_settle(scene);
    conn_expect(conn, "welcome");
    do {
        message = conn_expect(conn, "session_snapshot");
    } while (!message_is(message, "data.last", "true"));
    return conn;
}

struct conn *
conn_join_quietly(struct scene *scene, const char *session_id)
{
    struct conn *conn = conn_join(scene, session_id);

    conn->ignores_presence = true;
    return conn;
}

void
conn_expect_seq(struct conn *conn, const char *type, int64_t seq)
{
    assert_int_equal(message_int(conn_expect(conn, type), "seq"), seq);
}
