/* See scene.h. */
#include "scene.h"

#include "hub/frame.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ROUNDS_MAX 5000
#define CATCH_UP_MAX 1000 /* deliveries */
#define CATCH_UP_MS 10000 /* for one of them */

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

static const struct hub_port port = {
    .write = port_write,
    .is_blocked = port_is_blocked,
    .want_writable = port_want_writable,
    .close = port_close,
    .pause_reading = port_pause,
};

/* --- the scene --- */

static int64_t
scene_unix_ms(void *ctx)
{
    return ((struct scene *)ctx)->unix_ms;
}

static int64_t
scene_mono_us(void *ctx)
{
    return ((struct scene *)ctx)->mono_ms * 1000;
}

static int
fault(void *ctx, enum store_point point)
{
    struct scene *scene = ctx;

    while ((point == STORE_POINT_BEGIN && scene->is_store_held) ||
           (point == STORE_POINT_READ && scene->is_reader_held))
        usleep(100);
    if (scene->faults[point].count > 0) {
        scene->faults[point].count--;
        scene->failed[point][scene->faults[point].code]++;
        return scene->faults[point].code;
    }
    return 0;
}

static void
wake(void *ctx)
{
    (void)ctx;
}

static void
committed(void *ctx, struct batch *batch)
{
    hub_committed(((struct scene *)ctx)->hub, batch);
}

void
scene_start(struct scene *scene)
{
    struct buf why = BUF_INIT;
    struct store_options store = scene->store_options;

    store.dir = scene->dir;
    store.wake = wake;
    store.committed = committed;
    store.committed_ctx = scene;
    store.fault = fault;
    store.fault_ctx = scene;

    if (store_open(&scene->store, &store, &why) != 0)
        fail_msg("store: %s", buf_cstr(&why));
    buf_fini(&why);
    scene->options.store = scene->store;
    scene->hub = hub_new(&scene->options);
    hub_set_hooks(scene->hub, &scene->hooks);
}

struct scene *
scene_make(void)
{
    struct scene *scene = calloc(1, sizeof(*scene));

    snprintf(scene->dir, sizeof(scene->dir), "%s/hd1-hub-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(scene->dir));
    scene->store_options.durability = STORE_PROCESS;
    scene->unix_ms = 1700000000000;
    scene->mono_ms = 1000000;
    scene->options = (struct hub_options){.port = &port,
                                          .unix_ms = scene_unix_ms,
                                          .mono_us = scene_mono_us,
                                          .ctx = scene,
                                          .heartbeat_s = 25};
    hub_limits_default(&scene->options.limits);
    return scene;
}

int
scene_setup(void **state)
{
    struct scene *scene = scene_make();

    scene_start(scene);
    *state = scene;
    return 0;
}

static void
remove_dir(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    char name[512];

    while (dir && (entry = readdir(dir))) {
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(name);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

int
scene_teardown(void **state)
{
    struct scene *scene = *state;

    for (int point = 0; point <= STORE_POINT_READ; point++)
        scene->faults[point].count = 0;
    scene->is_store_held = scene->is_reader_held = 0;
    while (scene->conns) /* a failed test's */
        conn_vanish(scene, scene->conns);
    scene_settle(scene);
    store_close(scene->store);
    hub_free(scene->hub);
    remove_dir(scene->dir);
    free(scene);
    return 0;
}

void
scene_restart(struct scene *scene)
{
    scene_settle(scene);
    scene_crash(scene);
}

void
scene_crash(struct scene *scene)
{
    store_close(scene->store);
    hub_free(scene->hub);
    scene_start(scene);
}

void
scene_round(struct scene *scene)
{
    scene->mono_ms++;
    store_poll(scene->store);
    hub_round_end(scene->hub);
}

void
scene_turn(struct scene *scene)
{
    scene->mono_ms++;
    hub_round_end(scene->hub);
}

static bool
is_store_working(const struct scene *scene)
{
    struct hub_stats stats;

    hub_stats(scene->hub, &stats);
    return (!store_is_idle(scene->store) && !scene->is_store_held) ||
           (stats.reads > 0 && !scene->is_reader_held);
}

void
scene_catch_up(struct scene *scene)
{
    store_poll(scene->store);
    for (int i = 0; i < CATCH_UP_MAX && is_store_working(scene); i++)
        store_wait(scene->store, CATCH_UP_MS);
    assert_false(is_store_working(scene));
}

void
scene_deliver(struct scene *scene, int timeout_ms)
{
    store_wait(scene->store, timeout_ms);
}

void
scene_pass(struct scene *scene, int ms)
{
    scene->mono_ms += ms;
    scene->unix_ms += ms;
}

void
scene_settle(struct scene *scene)
{
    int quiet = 0;

    for (int i = 0; i < ROUNDS_MAX && quiet < 4; i++) {
        scene->mono_ms += 2; /* the pace of handing over */
        hub_round_end(scene->hub);
        quiet = hub_is_settled(scene->hub) ? quiet + 1 : 0;
        scene_catch_up(scene);
    }
    assert_int_equal(quiet, 4);
}

void
scene_fail(struct scene *scene, enum store_point point, int code, int count)
{
    scene->faults[point].code = code;
    scene->faults[point].count = count;
}

bool
scene_has_failed(const struct scene *scene, enum store_point point)
{
    return scene->faults[point].count == 0;
}

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

static void
format_text(struct buf *out, const char *format, va_list args)
{
    char *text = NULL;
    int len = vasprintf(&text, format, args);

    assert_true(len >= 0);
    buf_append(out, text, (size_t)len);
    free(text);
}

void
conn_send(struct scene *scene, struct conn *conn, const char *format, ...)
{
    struct buf text = BUF_INIT;
    va_list args;

    va_start(args, format);
    format_text(&text, format, args);
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

/* --- REST --- */

static void
on_reply(void *ctx, const struct outcome *outcome)
{
    struct rest_answer *answer = ctx;

    assert_false(answer->is_answered);
    answer->is_answered = true;
    if (outcome->refusal) {
        snprintf(answer->code, sizeof(answer->code), "%s", outcome->refusal->code);
        answer->index = outcome->refused_index;
        buf_append_span(&answer->result, buf_span(&outcome->refusal->details));
        return;
    }
    snprintf(answer->session_id, sizeof(answer->session_id), "%.*s", (int)outcome->session_id.len,
             outcome->session_id.at);
    answer->first_seq = outcome->first_seq;
    answer->last_seq = outcome->last_seq;
    answer->version = outcome->version;
    buf_append_span(&answer->result, outcome->result);
}

static void
send_request(struct scene *scene, const char *session_id, struct rest_answer *answer,
             struct span text)
{
    struct hub_connection connection = {.kind = CLIENT_REST, .address = "127.0.0.1"};
    struct message message = {.source = SOURCE_REST,
                              .text = text,
                              .is_array_allowed = true,
                              .session_id = session_id ? span_of(session_id) : SPAN_NONE,
                              .if_version = -1,
                              .reply = on_reply,
                              .reply_ctx = answer};

    rest_fini(answer);
    *answer = (struct rest_answer){.client = hub_connect(scene->hub, &connection)};
    message.client = answer->client;
    hub_receive(scene->hub, &message);
}

void
rest_send(struct scene *scene, const char *session_id, struct rest_answer *answer,
          const char *format, ...)
{
    struct buf text = BUF_INIT;
    va_list args;

    va_start(args, format);
    format_text(&text, format, args);
    va_end(args);
    send_request(scene, session_id, answer, buf_span(&text));
    buf_fini(&text);
}

const char *
rest_await(struct scene *scene, struct rest_answer *answer)
{
    scene_settle(scene);
    assert_true(answer->is_answered);
    hub_disconnect(scene->hub, answer->client);
    answer->client = NULL;
    scene_settle(scene);
    return answer->code;
}

void
rest_fini(struct rest_answer *answer)
{
    buf_fini(&answer->result);
}

const char *
scene_post(struct scene *scene, const char *session_id, struct rest_answer *answer,
           const char *format, ...)
{
    static struct rest_answer fallback;
    struct buf text = BUF_INIT;
    va_list args;

    va_start(args, format);
    format_text(&text, format, args);
    va_end(args);
    send_request(scene, session_id, answer ? answer : &fallback, buf_span(&text));
    buf_fini(&text);
    rest_await(scene, answer ? answer : &fallback);
    rest_fini(&fallback);
    return answer ? answer->code : fallback.code;
}

void
scene_create(struct scene *scene, const char *session_id)
{
    const char *code =
        scene_post(scene, NULL, NULL,
                   "{\"type\":\"session_created\",\"data\":{\"session_id\":\"%s\"}}", session_id);

    assert_string_equal(code, "");
}

/* --- state --- */

#define OBJECTS_MAX 1000

static void
append_state(void *ctx, struct session *session, const struct refusal *refusal)
{
    const struct object *objects[OBJECTS_MAX];
    struct buf *out = ctx;

    if (!session) {
        buf_append_str(out, refusal->code);
        return;
    }
    buf_appendf(out, "%lld ", (long long)session_seq(session));
    buf_append_span(out, session_world(session));
    size_t count = session_objects_after(session, SPAN_NONE, OBJECTS_MAX, objects);

    for (size_t i = 0; i < count; i++) {
        buf_append_char(out, '\n');
        object_append(out, objects[i]);
    }
}

void
scene_state(struct scene *scene, const char *session_id, struct buf *out)
{
    size_t len = out->len;

    hub_open(scene->hub, span_of(session_id), append_state, out);
    scene_settle(scene);
    assert_true(out->len > len);
}

/* --- looking into messages --- */

static bool
find(struct span message, const char *path, struct span *value)
{
    char name[64];
    size_t len = strcspn(path, ".");

    snprintf(name, sizeof(name), "%.*s", (int)len, path);
    if (json_type_of(message) != JSON_OBJECT || !json_member(message, name, value))
        return false;
    return path[len] == '\0' || find(*value, path + len + 1, value);
}

int64_t
message_int(struct span message, const char *path)
{
    struct span value;
    int64_t number = 0;

    if (!find(message, path, &value) || !json_integer(value, &number))
        fail_msg("no integer %s in %.*s", path, (int)message.len, message.at);
    return number;
}

bool
message_is(struct span message, const char *path, const char *text)
{
    struct span value, plain;

    if (!find(message, path, &value))
        return false;
    return json_plain_string(value, &plain) ? span_is(plain, text) : span_is(value, text);
}

bool
message_has(struct span message, const char *path)
{
    struct span value;

    return find(message, path, &value);
}

struct span
message_get(struct span message, const char *path)
{
    struct span value;

    return find(message, path, &value) ? value : SPAN_NONE;
}
