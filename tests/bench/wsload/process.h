/* What the server's processes, this one and the whole machine use, by /proc. */
#ifndef HD1_BENCH_WSLOAD_PROCESS_H
#define HD1_BENCH_WSLOAD_PROCESS_H

#define PROCESSES_MAX 256

/* The server's: those that were named, and their descendants. */
struct processes {
    int pids[PROCESSES_MAX];
    int count;
};

struct cpu_time {
    double user_s, system_s;
};

struct memory {
    long rss_kb, pss_kb;
};

/* Adds one; past PROCESSES_MAX it is left out. */
void processes_add(struct processes *processes, int pid);
/* Dies if one of them does not exist. */
void processes_check(const struct processes *processes);
/* Adds all that they have started since. */
void processes_add_descendants(struct processes *processes);
/* With the children that they have waited for; who has gone does not count. */
struct cpu_time processes_cpu_time(const struct processes *processes);
struct memory processes_memory(const struct processes *processes);

/* Of every process there is. */
double machine_cpu_s(void);
/* Of this one. */
double own_cpu_s(void);

#endif
