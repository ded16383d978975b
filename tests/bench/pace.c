/*
 * How steady the machine is, in two ways that no account of this one shows when it is another
 * machine on the same host that makes it slow:
 *
 * - Each core works for a time, and what it gets done in every 10 ms is counted. A window is slow
 * if it got less than half of that core's median done: something else had the core.
 * - Then each core walks through 4 MiB of memory of its own in random order. A step takes several
 *   times as long while others fill the cache that all cores share, and so does a server's work.
 *
 * Prints {"windows":N,"slow":N,"step_ns":X}, X of the slowest core.
 */
#include "load_stats.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#define WINDOW_NS 10000000u
#define WINDOWS_MAX 1000
#define CORES_MAX 64
#define STEPS 500 /* between two looks at the clock: some microseconds */
#define PLACES (1u << 20)
#define WALK_STEPS 4000000u /* some 50 ms or more */

struct core {
    pthread_t thread;
    int number, windows;
    uint32_t done[WINDOWS_MAX];
    uint64_t sum; /* so that the work is not left out */
    double step_ns;
};

/* One circle through all places: each says which is next. */
static void
make_circle(uint32_t *places, uint64_t random)
{
    for (uint32_t i = 0; i < PLACES; i++)
        places[i] = i;
    for (uint32_t i = PLACES - 1; i > 0; i--) { /* Sattolo's shuffle */
        uint32_t k, place = places[i];

        random = random * 6364136223846793005u + 1442695040888963407u;
        k = (uint32_t)((random >> 32) % i);
        places[i] = places[k];
        places[k] = place;
    }
}

static void
walk(struct core *core)
{
    uint32_t *places = malloc(PLACES * sizeof(*places)), at = 0;
    uint64_t start;

    if (!places)
        exit(1);
    make_circle(places, (uint64_t)core->number);
    start = now_ns();
    for (uint32_t i = 0; i < WALK_STEPS; i++)
        at = places[at];
    core->step_ns = (double)(now_ns() - start) / WALK_STEPS;
    core->sum += at;
    free(places);
}

static void *
work(void *arg)
{
    struct core *core = arg;
    uint64_t value = 1, end = now_ns();
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(core->number, &set);
    sched_setaffinity(0, sizeof(set), &set);
    for (int i = 0; i < core->windows; i++) {
        end += WINDOW_NS;
        while (now_ns() < end) {
            for (int k = 0; k < STEPS; k++)
                value = value * 6364136223846793005u + 1442695040888963407u;
            core->done[i]++;
        }
    }
    core->sum = value;
    walk(core);
    return NULL;
}

static int
compare(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, two = *(const uint32_t *)b;

    return one < two ? -1 : one > two;
}

static int
slow_windows(struct core *core)
{
    uint32_t median;
    int slow = 0;

    qsort(core->done, (size_t)core->windows, sizeof(core->done[0]), compare);
    median = core->done[core->windows / 2];
    while (slow < core->windows && core->done[slow] < median / 2)
        slow++;
    return slow;
}

int
main(int argc, char **argv)
{
    static struct core cores[CORES_MAX];
    long ms = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    int windows = 0, slow = 0;
    double step_ns = 0;

    if (argc != 2 || ms < 10 || ms > 10 * WINDOWS_MAX) {
        fprintf(stderr, "usage: pace MILLISECONDS (10 to %d)\n", 10 * WINDOWS_MAX);
        return 2;
    }
    count = count < CORES_MAX ? count : CORES_MAX;
    for (int i = 0; i < count; i++) {
        cores[i].number = i;
        cores[i].windows = (int)(ms / 10);
        if (pthread_create(&cores[i].thread, NULL, work, &cores[i])) {
            perror("pthread_create");
            return 1;
        }
    }
    for (int i = 0; i < count; i++) {
        pthread_join(cores[i].thread, NULL);
        windows += cores[i].windows;
        slow += slow_windows(&cores[i]);
        step_ns = cores[i].step_ns > step_ns ? cores[i].step_ns : step_ns;
    }
    printf("{\"windows\":%d,\"slow\":%d,\"step_ns\":%.2f}\n", windows, slow, step_ns);
    return 0;
}
