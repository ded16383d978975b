/* Things that go wrong, or take their time: commits that fail, threads that are held, restarts. */
#include "play.h"

void
play_release(struct play *play)
{
    play->scene->is_store_held = play->scene->is_reader_held = 0;
    scene_catch_up(play->scene);
}

/* --- what was met --- */

static int64_t
failures(const struct scene *scene, enum store_point first, enum store_point last, int code)
{
    int64_t count = 0;

    for (int point = (int)first; point <= (int)last; point++)
        count += scene->failed[point][code];
    return count;
}

static int64_t
failures_of_any(const struct scene *scene, enum store_point point)
{
    int64_t count = 0;

    for (int code = 0; code < FAULT_CODES; code++)
        count += scene->failed[point][code];
    return count;
}

/* An error of the COMMITTED point counts as I/O whatever its code, see store/commit.c. */
static void
collect_faults(struct play *play)
{
    const struct scene *scene = play->scene;
    const enum store_point first = STORE_POINT_BEGIN, last = STORE_POINT_COMMIT;
    int64_t *count = play->tally->count;

    count[TALLY_FULL] += failures(scene, first, last, FAULT_FULL);
    count[TALLY_BUSY] += failures(scene, first, last, FAULT_BUSY);
    count[TALLY_CONSTRAINT] += failures(scene, first, last, FAULT_CONSTRAINT);
    count[TALLY_CORRUPT] += failures(scene, first, last, FAULT_CORRUPT);
    count[TALLY_IO_BEFORE] += failures(scene, first, STORE_POINT_SESSION, FAULT_IOERR);
    count[TALLY_IO_UNKNOWN] += scene->failed[STORE_POINT_COMMIT][FAULT_IOERR];
    count[TALLY_IO_UNKNOWN] += failures_of_any(scene, STORE_POINT_COMMITTED);
    count[TALLY_REOPEN_FAILED] += failures_of_any(scene, STORE_POINT_REOPEN);
    count[TALLY_READ_FAILED] += failures_of_any(scene, STORE_POINT_READ);
}

static void
collect_hub(struct play *play)
{
    struct hub_stats stats;

    hub_stats(play->scene->hub, &stats);
    play->tally->count[TALLY_RESUMED_RING] += stats.resumed_ring;
    play->tally->count[TALLY_RESUMED_STORE] += stats.resumed_store;
}

void
play_collect(struct play *play)
{
    collect_hub(play);
    collect_faults(play);
}

/* --- troubles --- */

static void
arm_fault(struct play *play)
{
    static const int codes[] = {FAULT_BUSY, FAULT_IOERR, FAULT_CORRUPT, FAULT_FULL,
                                FAULT_CONSTRAINT};
    enum store_point point = (enum store_point)play_random(play, STORE_POINT_READ + 1);

    scene_catch_up(play->scene);
    play->has_read_faults = play->has_read_faults || point == STORE_POINT_READ;
    scene_fail(play->scene, point, codes[play_random(play, 5)], 1 + (int)play_random(play, 3));
}

static void
hold_or_release(struct play *play)
{
    struct scene *scene = play->scene;

    scene_catch_up(scene);
    if (play_chance(play, 60))
        scene->is_store_held = !scene->is_store_held;
    else
        scene->is_reader_held = !scene->is_reader_held;
}

static void
everybody_goes(struct play *play)
{
    for (int i = 0; i < PEERS; i++)
        peer_hang_up(play, &play->peers[i]);
}

/* The server goes and comes; what the requests under way became is told to nobody. */
static void
restart(struct play *play)
{
    bool is_at_rest = play_chance(play, 50);

    everybody_goes(play);
    play_read_all(play);
    for (int i = 0; i < REQUESTS; i++) {
        if (play->requests[i].is_sent) {
            hub_disconnect(play->scene->hub, play->requests[i].answer.client);
            play->requests[i].answer.client = NULL;
        }
    }
    play_release(play);
    collect_hub(play);
    (is_at_rest ? scene_restart : scene_crash)(play->scene);
    play_read_all(play);
    for (int i = 0; i < REQUESTS; i++)
        assert_false(play->requests[i].is_sent); /* everybody is answered */
    play->tally->count[is_at_rest ? TALLY_RESTARTED : TALLY_CRASHED]++;
}

static void
evict(struct play *play)
{
    struct hub_stats before, after;

    everybody_goes(play);
    play_release(play);
    scene_settle(play->scene);
    hub_stats(play->scene->hub, &before);
    for (int i = 0; i < 2; i++) { /* first rows written behind, then sessions */
        scene_pass(play->scene, 2000);
        hub_tick(play->scene->hub);
        scene_settle(play->scene);
    }
    hub_tick(play->scene->hub);
    hub_stats(play->scene->hub, &after);
    play->tally->count[TALLY_EVICTED] += before.sessions - after.sessions;
}

void
play_disturb(struct play *play, uint32_t what)
{
    if (what < 30) {
        arm_fault(play);
    } else if (what < 55) {
        hold_or_release(play);
    } else if (what < 75) {
        scene_pass(play->scene, (int)play_random(play, 1500));
        hub_tick(play->scene->hub);
        scene_turn(play->scene); /* as in the loop: no batch comes back between the two */
    } else if (what < 85) {
        evict(play);
    } else if (what < 90) {
        restart(play);
    } else if (what < 95) {
        play_check(play);
    } else {
        play_foretell(play);
    }
}
