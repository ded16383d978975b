/* See seeds.h. */
#include "seeds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEEDS_PER_PROCESS 50
#define SEED_TIMEOUT_S 60
#define SHOWN_BYTES 3000
#define FAILURES_SHOWN 5

/* What a process says of itself while it plays; shared with its parent. */
struct progress {
    uint64_t seed; /* being played; last + 1: all were, what failed then is the leak check */
    struct tally tally;
};

/* The end of what a failed seed said. */
static void
show(FILE *said)
{
    char text[SHOWN_BYTES];
    long end;

    fseek(said, 0, SEEK_END);
    end = ftell(said);
    fseek(said, end > SHOWN_BYTES ? end - SHOWN_BYTES : 0, SEEK_SET);
    fwrite(text, 1, fread(text, 1, sizeof(text), said), stdout);
}

/* In the child. exit() and not _exit(): the leak check runs at exit. */
static void
play_all(struct progress *progress, uint64_t first, uint64_t last, seed_fn play)
{
    for (uint64_t seed = first; seed <= last; seed++) {
        progress->seed = seed;
        alarm(SEED_TIMEOUT_S);
        if (play(seed, &progress->tally) != 0)
            _exit(EXIT_FAILURE);
    }
    progress->seed = last + 1;
    exit(EXIT_SUCCESS);
}

static bool
play_apart(struct progress *progress, uint64_t first, uint64_t last, seed_fn play, bool is_shown)
{
    FILE *said = tmpfile();
    int status = 0;

    fflush(stdout);
    pid_t child = said ? fork() : -1;

    if (child == 0) {
        dup2(fileno(said), STDOUT_FILENO);
        dup2(fileno(said), STDERR_FILENO);
        play_all(progress, first, last, play);
    }
    bool is_good = child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
                   WEXITSTATUS(status) == 0;

    if (!is_good && is_shown && said)
        show(said);
    if (said)
        fclose(said);
    return is_good;
}

/* The first that failed; the second number is that of the last seed. */
static uint64_t named[FAILURES_SHOWN][2];
static size_t named_count;

static void
print_command(uint64_t first, uint64_t last)
{
    char range[48];

    snprintf(range, sizeof(range), first == last ? "%llu" : "%llu %llu", (unsigned long long)first,
             (unsigned long long)last);
    printf("seed %s fails; again, with the log: %s %s\n", range, program_invocation_name, range);
    fflush(stdout);
}

static void
name(uint64_t first, uint64_t last)
{
    print_command(first, last);
    if (named_count < FAILURES_SHOWN) {
        named[named_count][0] = first;
        named[named_count++][1] = last;
    }
}

void
seeds_print_failed(void)
{
    for (size_t i = 0; i < named_count; i++)
        print_command(named[i][0], named[i][1]);
}

/* Together they leak, though each went well: which one does? */
static void
find_leak(struct progress *progress, uint64_t first, uint64_t last, seed_fn play)
{
    for (uint64_t seed = first; seed <= last; seed++) {
        if (!play_apart(progress, seed, seed, play, false)) {
            name(seed, seed);
            return;
        }
    }
    name(first, last);
}

uint64_t
seeds_play(uint64_t first, uint64_t last, seed_fn play, struct tally *tally)
{
    struct progress *progress =
        mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t failed = 0;

    if (progress == MAP_FAILED) {
        perror("mmap");
        exit(EXIT_FAILURE);
    }
    for (uint64_t seed = first; seed <= last;) {
        uint64_t end = last - seed < SEEDS_PER_PROCESS ? last : seed + SEEDS_PER_PROCESS - 1;

        progress->seed = seed;
        if (play_apart(progress, seed, end, play, failed < FAILURES_SHOWN)) {
            seed = end + 1;
            continue;
        }
        failed++;
        uint64_t culprit = progress->seed;

        if (culprit <= end)
            name(culprit, culprit);
        else
            find_leak(progress, seed, end, play);
        seed = culprit <= end ? culprit + 1 : end + 1;
    }
    *tally = progress->tally;
    munmap(progress, sizeof(*progress));
    return failed;
}
