/* Every class of failure at every point, and what is to be seen of it. */
#include "failing.h"

#include "conn.h"
#include "message.h"
#include "rest.h"

#include <stdio.h>

const struct failure_class failure_classes[FAILURE_CLASSES] = {
    {FAULT_FULL, "storage_full"},           {FAULT_BUSY, "storage_unavailable"},
    {FAULT_IOERR, "storage_unavailable"},   {FAULT_CONSTRAINT, "storage_unavailable"},
    {FAULT_CORRUPT, "storage_unavailable"},
};

void
failure_for_each(struct scene *scene, unsigned points, failure_fn fn)
{
    char session[16];
    int number = 0;

    for (int point = 0; point <= STORE_POINT_COMMIT; point++) {
        for (size_t i = 0; i < FAILURE_CLASSES; i++) {
            struct failure failure = {(enum store_point)point, failure_classes[i].code,
                                      failure_classes[i].refusal};

            if (!(points & (1u << point)))
                continue;
            snprintf(session, sizeof(session), "s%d", number++);
            scene_create(scene, session);
            assert_string_equal(scene_post(scene, session, NULL, CREATE("a")), "");
            fn(scene, &failure, session);
            assert_true(scene_has_failed(scene, failure.point));
            /* Its rows must not share a batch with the next one's: that would be written one by
             * one. */
            assert_string_equal(scene_post(scene, session, NULL, "{\"type\":\"session_deleted\"}"),
                                "");
        }
    }
}

void
conn_expect_error(struct conn *conn, int64_t id, const char *code)
{
    struct span error = conn_expect(conn, "error");

    assert_int_equal(message_int(error, "data.id"), id);
    assert_true(message_is(error, "data.code", code));
    assert_int_equal(message_int(error, "data.status"), 503);
}

void
scene_expect_state(struct scene *scene, const char *session, const char *expected)
{
    struct buf state = BUF_INIT;

    scene_state(scene, session, &state);
    assert_string_equal(buf_cstr(&state), expected);
    buf_fini(&state);
}
