/*
 * How steady the machine is: each core works for a time, and what it gets done in every 10 ms is
 * counted. A window is slow if it got less than half of that core's median done: the core was kept
 * by another process, or by another machine on the same host, which no account in this one shows.
 * Prints {"windows":N,"slow":N}.
 */
#include "load_stats.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#define WINDOW_NS 10000000u
#define WINDOWS_MAX 1000
#define CORES_MAX 64
#define STEPS 500 /* between two looks at the clock: some microseconds */

struct core {
    pthread_t thread;
    int number, windows;
    uint32_t done[WINDOWS_MAX];
    uint64_t sum; /* so that the work is not left out */
};

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
    }
    printf("{\"windows\":%d,\"slow\":%d}\n", windows, slow);
    return 0;
}
