/* See process.h. */
#include "process.h"

#include "fatal.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct stat_line {
    int parent;
    struct cpu_time cpu;
};

/* --- one process --- */

static bool
read_file(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "r");
    size_t len;

    if (!file)
        return false;
    len = fread(text, 1, size - 1, file);
    fclose(file);
    text[len] = '\0';
    return true;
}

static bool
read_stat(int pid, struct stat_line *line)
{
    char path[64], text[1024], *name_end;
    unsigned long user, system;
    long parent, children_user, children_system;
    double ticks_per_s = (double)sysconf(_SC_CLK_TCK);

    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    if (!read_file(path, text, sizeof(text)))
        return false;
    name_end = strrchr(text, ')');
    if (!name_end ||
        sscanf(name_end + 2, "%*c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld", &parent,
               &user, &system, &children_user, &children_system) != 5)
        return false;
    line->parent = (int)parent;
    line->cpu.user_s = (double)(user + (unsigned long)children_user) / ticks_per_s;
    line->cpu.system_s = (double)(system + (unsigned long)children_system) / ticks_per_s;
    return true;
}

/* The number behind a key at the start of a line; 0 if there is none. */
static long
read_kb(int pid, const char *file_name, const char *key)
{
    char path[64], line[256];
    long number = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/%s", pid, file_name);
    file = fopen(path, "r");
    if (!file)
        return 0;
    while (fgets(line, sizeof(line), file)) {
        if (strncmp(line, key, strlen(key)) == 0) {
            number = atol(line + strlen(key));
            break;
        }
    }
    fclose(file);
    return number;
}

/* The next pid in /proc; 0 at the end. */
static int
next_pid(DIR *proc)
{
    struct dirent *entry;

    while ((entry = readdir(proc)))
        if (isdigit((unsigned char)entry->d_name[0]))
            return atoi(entry->d_name);
    return 0;
}

/* --- the server's --- */

static bool
is_known(const struct processes *processes, int pid)
{
    for (int i = 0; i < processes->count; i++)
        if (processes->pids[i] == pid)
            return true;
    return false;
}

void
processes_add(struct processes *processes, int pid)
{
    if (processes->count < PROCESSES_MAX)
        processes->pids[processes->count++] = pid;
}

void
processes_check(const struct processes *processes)
{
    struct stat_line line;

    for (int i = 0; i < processes->count; i++)
        if (!read_stat(processes->pids[i], &line))
            die("no process %d", processes->pids[i]);
}

/* How many of those that are there now were added. */
static int
add_children(struct processes *processes)
{
    int before = processes->count, pid;
    struct stat_line line;
    DIR *proc = opendir("/proc");

    if (!proc)
        return 0;
    while ((pid = next_pid(proc)) > 0) {
        if (is_known(processes, pid) || !read_stat(pid, &line))
            continue;
        if (is_known(processes, line.parent))
            processes_add(processes, pid);
    }
    closedir(proc);
    return processes->count - before;
}

void
processes_add_descendants(struct processes *processes)
{
    while (add_children(processes) > 0) {
    }
}

struct cpu_time
processes_cpu_time(const struct processes *processes)
{
    struct cpu_time sum = {0};
    struct stat_line line;

    for (int i = 0; i < processes->count; i++) {
        if (!read_stat(processes->pids[i], &line))
            continue;
        sum.user_s += line.cpu.user_s;
        sum.system_s += line.cpu.system_s;
    }
    return sum;
}

struct memory
processes_memory(const struct processes *processes)
{
    struct memory sum = {0};

    for (int i = 0; i < processes->count; i++) {
        sum.rss_kb += read_kb(processes->pids[i], "status", "VmRSS:");
        sum.pss_kb += read_kb(processes->pids[i], "smaps_rollup", "Pss:");
    }
    return sum;
}

/* --- all, and this one --- */

/* /proc/stat is sampled on ticks and can be far off for work that runs in step with a timer, so the
 * exact sums are used. */
double
machine_cpu_s(void)
{
    struct stat_line line;
    double sum = 0;
    DIR *proc = opendir("/proc");
    int pid;

    if (!proc)
        return 0;
    while ((pid = next_pid(proc)) > 0)
        if (read_stat(pid, &line))
            sum += line.cpu.user_s + line.cpu.system_s;
    closedir(proc);
    return sum;
}

double
own_cpu_s(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}
