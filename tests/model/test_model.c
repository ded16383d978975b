/*
 * The server does what a small reference model does: random operations of several clients, with a
 * store that fails and clients that come, block and vanish, against both.
 *
 *   test_model SEED          one seed, with the log and all that is said
 *   test_model FIRST LAST    many, apart; then what happened in them, all of which must have
 */
#include "seeds.h"

#include "hub/conn.h"
#include "play.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define STEPS 160
#define TIGHT_BYTES 4000 /* pending; what may be sent at once is less */
#define HURRY_MS 5       /* a flush has time for one session */
#define SELDOM 50        /* each kind of happening at least once in so many plays */

/* Who is not in the session joins it first, mostly. */
static void
come_in(struct play *play, struct peer *peer, int session)
{
    struct memory *memory = &play->memories[play_random(play, MEMORIES)];

    if (play_chance(play, 60) && memory->session == session)
        peer_resume(play, peer, memory);
    else
        peer_join(play, peer, session);
}

static void
act(struct play *play, struct peer *peer, uint32_t what)
{
    int session = (int)play_random(play, SESSIONS);

    if (!peer->conn)
        peer_connect(play, peer);
    else if (peer->conn->is_paused && what < 17 && play_chance(play, 70))
        play->tally->count[TALLY_PAUSED]++; /* else it had been read already */
    else if (!peer->seats[session].is_member && what < 16)
        come_in(play, peer, session);
    else if (what < 13)
        peer_change(play, peer, session);
    else if (what < 16)
        peer_move(play, peer, session);
    else if (what < 17)
        peer_leave(play, peer, session);
    else if (what < 18)
        peer_hang_up(play, peer);
    else if (what < 19)
        peer->conn->block_after_write = !peer->conn->block_after_write;
    else
        conn_unblock(play->scene, peer->conn);
}

static void
step(struct play *play)
{
    uint32_t what = play_random(play, 100);

    if (what < 55) {
        act(play, &play->peers[play_random(play, PEERS)], play_random(play, 20));
    } else if (what < 65) {
        play_request(play);
    } else if (what < 76) {
        scene_turn(play->scene);
    } else if (what < 84) {
        scene_catch_up(play->scene);
    } else if (what < 90) {
        play_release(play);
        scene_settle(play->scene);
    } else {
        play_disturb(play, play_random(play, 100));
    }
    play_read_all(play);
}

/* --- one play --- */

static void
begin(struct play *play)
{
    struct scene *scene = scene_make();

    play->scene = scene;
    scene->options.limits.idle_ms = 500;
    scene->options.limits.queue_messages = play_chance(play, 50) ? 8 : 256;
    scene->options.limits.ring_bytes = play_chance(play, 50) ? 1 : 1 << 20;
    scene->hurry_ms = play_chance(play, 30) ? HURRY_MS : 0;
    play->is_tight = play_chance(play, 40);
    if (play->is_tight)
        scene->options.limits.pending_bytes = TIGHT_BYTES;
    scene_start(scene);
    for (int session = 0; session < SESSIONS; session++)
        play_create(play, session);
}

static void
end(struct play *play)
{
    void *state = play->scene;

    for (int i = 0; i < PEERS; i++)
        peer_hang_up(play, &play->peers[i]);
    play_collect(play);
    scene_teardown(&state);
    for (size_t i = 0; i < play->life_count; i++)
        event_log_fini(&play->lives[i].log);
    free(play->sendings);
}

static void
a_play_goes_as_the_reference_says(void **state)
{
    struct play *play = *state;

    begin(play);
    for (int i = 0; i < STEPS; i++)
        step(play);
    play_check(play);
    end(play);
}

static int
play_one(uint64_t seed, struct tally *tally, bool is_loud)
{
    struct play play = {.random = seed, .tally = tally, .is_loud = is_loud};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(a_play_goes_as_the_reference_says, &play),
    };

    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    fflush(stdout);
    if (failed) /* what it left behind is no news */
        _exit(EXIT_FAILURE);
    return failed;
}

static int
play_quietly(uint64_t seed, struct tally *tally)
{
    return play_one(seed, tally, false);
}

static int
play_many(uint64_t first, uint64_t last)
{
    struct tally tally;
    uint64_t failed = seeds_play(first, last, play_quietly, &tally);
    bool is_complete = tally_print(&tally, last - first + 1, SELDOM);

    printf("%sok 1 - seeds %llu to %llu, %llu failed\n", failed || !is_complete ? "not " : "",
           (unsigned long long)first, (unsigned long long)last, (unsigned long long)failed);
    seeds_print_failed();
    return failed || !is_complete;
}

int
main(int argc, char **argv)
{
    struct tally ignored = {.count = {0}};

    if (argc == 2)
        return play_one(strtoull(argv[1], NULL, 10), &ignored, true);
    if (argc == 3)
        return play_many(strtoull(argv[1], NULL, 10), strtoull(argv[2], NULL, 10));
    fprintf(stderr, "usage: %s SEED | FIRST LAST\n", argv[0]);
    return 2;
}
