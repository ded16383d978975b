/*
 * A scene: one store in a temporary directory of its own, and short words for what tests do with
 * it. "The writer fails at its second event with a full disk; then session 1 has one row."
 */
#ifndef HD1_TEST_STORE_SCENE_H
#define HD1_TEST_STORE_SCENE_H

/* cmocka wants these before itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

#include "arena.h"
#include "err.h"
#include "store/store.h"

#define SCENE_WAIT_MS 60000
#define SCENE_FAULTS 3

struct fault {
    enum store_point point;
    int code;        /* of SQLite; 0: this fault is not set */
    unsigned calls;  /* bit n: fails at the call number n (from 0) of this point */
    unsigned passed; /* calls so far */
};

#define EVERY_CALL (~0U)
#define CALL(n) (1U << (n))

#define SCENE_TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

struct scene {
    char dir[64];
    struct store_options options;
    struct store *store;
    pthread_mutex_t lock;
    struct fault faults[SCENE_FAULTS]; /* under the lock */
    int blocked_point;                 /* under the lock: -1, or where the thread waits */
    pthread_cond_t unblocked;
    struct batch *returned; /* the batch that came back last, until scene_commit takes it */
    int returned_count;
    atomic_int wakes;
};

/* For cmocka_unit_test_setup_teardown; *state is a struct scene *, the store open. */
int scene_setup(void **state);
int scene_teardown(void **state);

void scene_open(struct scene *scene);
/* Opens, which must fail with err and say all three texts (NULL: none). */
void scene_refuse(struct scene *scene, int err, const char *a, const char *b, const char *c);
void scene_close(struct scene *scene);
/* A file in the directory; static memory. */
const char *scene_path(const struct scene *scene, const char *name);

void scene_fail(struct scene *scene, enum store_point point, int code, unsigned calls);
void scene_heal(struct scene *scene);
/* Waits until the point that is to fail has been called that often. */
void scene_await_calls(struct scene *scene, enum store_point point, unsigned calls);
/* The store's thread waits at that point until scene_unblock. */
void scene_block(struct scene *scene, enum store_point point);
void scene_unblock(struct scene *scene);

/* Hands the batch over and waits until it is back. It stays the caller's. */
void scene_commit(struct scene *scene, struct batch *batch);
/* Waits until store_is_ready() says so. */
void scene_await_ready(struct scene *scene, bool is_ready);

/* A batch with one part that creates session id with that key. */
struct batch *scene_creation(int64_t key, const char *id);
/* Commits the creation of a session; its key. */
int64_t scene_create(struct scene *scene, const char *id);
/* Adds event seq, recognizable by its number. */
void scene_add_event(struct batch *batch, struct batch_part *part, int64_t seq);
void scene_add_object(struct batch *batch, struct batch_part *part, const char *name,
                      int64_t version, const char *body);
/* Commits events from..to of a session in one batch of one part. */
void scene_append(struct scene *scene, int64_t key, int64_t from, int64_t to);

/* What came back from a request; all in the arena. */
struct answer {
    bool is_there;
    int status;
    struct arena arena;
    struct store_session session;
    struct store_event *events;
    struct store_listing *items;
    size_t count;
};

/* Ask and wait; free with answer_free(). */
struct answer *scene_load(struct scene *scene, const char *id);
struct answer *scene_history(struct scene *scene, int64_t key, int64_t since, int64_t until,
                             size_t limit, size_t max_bytes);
struct answer *scene_list(struct scene *scene, const char *after, size_t limit);
void answer_free(struct answer *answer);

/* The number that this SQL gives, on a connection of its own; "?1" is key. */
int64_t scene_sql(const struct scene *scene, const char *sql, int64_t key);
/* Waits until it gives that number. */
void scene_await_sql(struct scene *scene, const char *sql, int64_t key, int64_t wanted);

void assert_span(struct span span, const char *text);

#endif
