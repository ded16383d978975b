/* Latencies and processor time, for the load generators; included by one file each. */
#ifndef HD1_BENCH_LOAD_STATS_H
#define HD1_BENCH_LOAD_STATS_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static uint64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* 32 linear steps for each power of two of ns: wrong by 3 % at most. */
#define LATENCY_STEPS 64
static uint64_t latency[LATENCY_STEPS * 60], latency_count, latency_max;

static void
latency_add(uint64_t ns)
{
    unsigned power = ns < LATENCY_STEPS ? 0 : 58 - (unsigned)__builtin_clzll(ns);

    latency[power * LATENCY_STEPS + (ns >> power)]++;
    latency_count++;
    latency_max = ns > latency_max ? ns : latency_max;
}

static double
latency_ms(double quantile)
{
    uint64_t want = (uint64_t)(quantile * (double)latency_count), seen = 0;

    for (uint64_t i = 0; i < sizeof(latency) / sizeof(*latency); i++) {
        seen += latency[i];
        if (seen > want)
            return (double)((i % LATENCY_STEPS) << (i / LATENCY_STEPS)) / 1e6;
    }
    return (double)latency_max / 1e6;
}

/* User and system time of a process; 0 if there is none. */
static double
process_cpu_s(int pid)
{
    char path[64], text[1024], *at;
    unsigned long user, system;
    size_t len;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    if (!pid || !(file = fopen(path, "r")))
        return 0;
    len = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[len] = '\0';
    at = strrchr(text, ')');
    if (!at ||
        sscanf(at + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
        return 0;
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static double
own_cpu_s(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

#endif
