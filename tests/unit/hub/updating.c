/* See updating.h. */
#include "updating.h"

#include "conn.h"
#include "rest.h"
#include "scene.h"

#include <stdlib.h>
#include <string.h>

void
scene_create_one(struct scene *scene)
{
    scene_create(scene, "s");
    assert_string_equal(scene_post(scene, "s", NULL, CREATE), "");
}

void
scene_update(struct scene *scene, int count)
{
    for (int i = 0; i < count; i++)
        assert_string_equal(scene_post(scene, "s", NULL, UPDATE, i), "");
}

void
scene_update_at_once(struct scene *scene, int count, size_t filler)
{
    struct buf array = BUF_INIT;
    char *fill = calloc(1, filler + 1);

    memset(fill, 'x', filler);
    for (int i = 0; i < count; i++) {
        buf_append_str(&array, i ? "," : "[");
        buf_appendf(&array,
                    "{\"type\":\"object_updated\",\"data\":{\"object\":{\"name\":\"a\",\"x\":%d,"
                    "\"f\":\"%s\"}}}",
                    i, fill);
    }
    buf_append_char(&array, ']');
    assert_string_equal(scene_post(scene, "s", NULL, "%s", buf_cstr(&array)), "");
    buf_fini(&array);
    free(fill);
}

void
conn_expect_updates(struct conn *conn, int64_t first, int64_t last)
{
    for (int64_t seq = first; seq <= last; seq++)
        conn_expect_seq(conn, "object_updated", seq);
}

int64_t
scene_slow_cut(struct scene *scene)
{
    struct hub_stats stats;

    hub_stats(scene->hub, &stats);
    return stats.slow_cut;
}
