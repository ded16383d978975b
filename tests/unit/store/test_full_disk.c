/* A disk that is really full: a small file system of its own, where that can be mounted. */
#include "scene.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static const char count_events[] = "SELECT count(*) FROM events WHERE session = ?1";

static int
setup_small_disk(void **state)
{
    struct scene *scene;

    if (scene_setup(state) != 0)
        return -1;
    scene = *state;
    scene_close(scene);
    if (mount("hd1-test", scene->dir, "tmpfs", 0, "size=2m") != 0) {
        print_message("SKIPPED, no small file system can be mounted here: %s\n", strerror(errno));
        scene->options.dir = NULL;
        return 0;
    }
    scene_open(scene);
    return 0;
}

static int
teardown_small_disk(void **state)
{
    struct scene *scene = *state;

    scene_close(scene);
    if (scene->options.dir && umount(scene->dir) != 0)
        return -1;
    return scene_teardown(state);
}

static bool
is_skipped(const struct scene *scene)
{
    return !scene->options.dir;
}

/* Fills the disk with a file, which can be removed again. */
static void
fill(struct scene *scene)
{
    static const char block[4096];
    int fd = open(scene_path(scene, "filler"), O_WRONLY | O_CREAT, 0600);

    assert_true(fd >= 0);
    while (write(fd, block, sizeof(block)) > 0) {
    }
    assert_int_equal(errno, ENOSPC);
    close(fd);
}

/* Commits events until that fails; the seq of the last one that was acknowledged. */
static int64_t
write_until_refused(struct scene *scene, int64_t key, int *status)
{
    char text[2000];
    struct batch_event event = {.type = SPAN("t"), .body = {text, sizeof(text)}};

    memset(text, 'x', sizeof(text));
    memcpy(text, "{\"a\":\"", 6);
    memcpy(text + sizeof(text) - 2, "\"}", 2);
    for (event.seq = 1;; event.seq++) {
        struct batch *batch = batch_new();

        batch_add_event(batch, batch_add_part(batch, key, NULL), &event);
        scene_commit(scene, batch);
        *status = batch->parts->status;
        batch_free(batch);
        if (*status != 0)
            return event.seq - 1;
    }
}

static void
exactly_the_acknowledged_events_are_there(void **state)
{
    struct scene *scene = *state;
    struct answer *answer;
    int64_t key, last;
    int status;

    if (is_skipped(scene))
        skip();
    key = scene_create(scene, "demo");
    fill(scene);
    last = write_until_refused(scene, key, &status);
    print_message("refused after %lld events with %d\n", (long long)last, status);
    assert_true(status == HD1_EFULL || status == HD1_EIO);
    assert_false(store_is_ready(scene->store));
    /* Reading goes on. */
    answer = scene_load(scene, "demo");
    assert_int_equal(answer->status, 0);
    assert_int_equal(answer->session.last_seq, last);
    assert_int_equal(answer->session.event_count, last);
    answer_free(answer);

    unlink(scene_path(scene, "filler"));
    scene_await_ready(scene, true);
    scene_append(scene, key, last + 1, last + 3);
    scene_close(scene);
    scene_open(scene);
    assert_int_equal(scene_sql(scene, count_events, key), last + 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(exactly_the_acknowledged_events_are_there, setup_small_disk,
                                        teardown_small_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
