/* Histories to join, and what a joiner is to receive. */
#include "joining.h"

#include "conn.h"
#include "message.h"
#include "rest.h"
#include "json/json.h"

void
scene_create_objects(struct scene *scene, const char *session, int first, int count)
{
    for (int done = 0; done < count;) {
        struct buf array = BUF_INIT;

        buf_append_char(&array, '[');
        for (int i = 0; i < 500 && done < count; i++, done++) {
            buf_appendf(&array,
                        "%s{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"o%d\","
                        "\"type\":\"cube\"}}}",
                        i ? "," : "", first + done);
        }
        buf_append_char(&array, ']');
        assert_string_equal(scene_post(scene, session, NULL, "%s", buf_cstr(&array)), "");
        buf_fini(&array);
    }
}

void
scene_create_history(struct scene *scene, int64_t seq)
{
    scene_create(scene, "s");
    scene_create_objects(scene, "s", 2, (int)seq - 1);
}

void
message_copy_epoch(struct span message, char epoch[24])
{
    assert_true(json_copy_string(message_get(message, "data.epoch"), epoch, 24) > 0);
}

void
scene_find_epoch(struct scene *scene, char epoch[24])
{
    struct conn *conn = conn_greet(scene);

    conn_send(scene, conn, JOIN("s"), 1);
    scene_settle(scene);
    message_copy_epoch(conn_expect(conn, "session_snapshot"), epoch);
    conn_close(scene, conn);
}

struct conn *
conn_resume(struct scene *scene, int64_t since, const char *epoch)
{
    struct conn *conn = conn_greet(scene);

    conn->ignores_presence = true;
    conn_send(scene, conn, RESUME, (long long)since, epoch);
    scene_settle(scene);
    return conn;
}

void
conn_expect_resumed(struct conn *conn, int64_t since, int64_t to)
{
    struct span message = conn_expect(conn, "session_resumed");

    assert_int_equal(message_int(message, "data.from"), since + 1);
    assert_int_equal(message_int(message, "data.to"), to);
    for (int64_t seq = since + 1; seq <= to; seq++) {
        message = conn_next(conn);
        if (!message.at || message_int(message, "seq") != seq) {
            fail_msg("expected seq %lld, got %.*s", (long long)seq, (int)message.len,
                     message.at ? message.at : "");
        }
    }
    conn_expect_nothing(conn);
}

size_t
conn_expect_snapshot(struct conn *conn, const char *reason, int64_t seq)
{
    struct span page = conn_expect(conn, "session_snapshot");
    struct json_iter iter;
    struct span object;
    size_t count = 0;
    int64_t number = 0;

    assert_true(reason ? message_is(page, "data.reason", reason)
                       : !message_has(page, "data.reason"));
    for (;;) {
        assert_int_equal(message_int(page, "data.page"), number++);
        assert_int_equal(message_int(page, "data.seq"), seq);
        assert_true(page.len + 10 <= 64 * 1024);
        for (json_iter_init(&iter, message_get(page, "data.objects"));
             json_next_element(&iter, &object);)
            count++;
        if (message_is(page, "data.last", "true"))
            return count;
        page = conn_expect(conn, "session_snapshot");
    }
}
