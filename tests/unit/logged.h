/* What a test's program logs, read back: standard error leads to a file meanwhile. */
#ifndef HD1_TESTS_LOGGED_H
#define HD1_TESTS_LOGGED_H

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#define LOGGED_MAX 65536

struct logged {
    FILE *sink;
    int real_stderr;
    char text[LOGGED_MAX]; /* of logged_take() */
};

static inline bool
logged_divert(struct logged *logged)
{
    logged->sink = tmpfile();
    logged->real_stderr = dup(STDERR_FILENO);
    return logged->sink && logged->real_stderr >= 0 &&
           dup2(fileno(logged->sink), STDERR_FILENO) >= 0;
}

static inline void
logged_restore(struct logged *logged)
{
    dup2(logged->real_stderr, STDERR_FILENO);
    close(logged->real_stderr);
    fclose(logged->sink);
}

/* All that was logged so far; forgets it. Good until the next call. */
static inline char *
logged_take(struct logged *logged)
{
    ssize_t len = pread(fileno(logged->sink), logged->text, sizeof(logged->text) - 1, 0);

    logged->text[len > 0 ? len : 0] = '\0';
    if (ftruncate(fileno(logged->sink), 0) == 0)
        lseek(fileno(logged->sink), 0, SEEK_SET);
    return logged->text;
}

#endif
