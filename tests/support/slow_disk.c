/*
 * A slow disk, for LD_PRELOAD: a sync takes as many milliseconds as the file named by SLOW_DISK
 * says. The file is looked at again while one waits, so that a disk that stands still can be let go
 * on.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LOOK_AGAIN_MS 2

static long
wanted_ms(void)
{
    const char *path = getenv("SLOW_DISK");
    char text[24] = "";
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t len = fd >= 0 ? read(fd, text, sizeof(text) - 1) : 0;

    if (fd >= 0)
        close(fd);
    return len > 0 ? strtol(text, NULL, 10) : 0;
}

static void
take_its_time(void)
{
    const struct timespec pause = {0, LOOK_AGAIN_MS * 1000000};
    struct timespec start, now;

    clock_gettime(CLOCK_MONOTONIC, &start);
    for (;;) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        if ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 >=
            wanted_ms())
            return;
        nanosleep(&pause, NULL);
    }
}

static int
sync_as(const char *name, int fd)
{
    int (*next)(int) = NULL;

    *(void **)&next = dlsym(RTLD_NEXT, name);
    take_its_time();
    return next(fd);
}

int
fdatasync(int fd)
{
    return sync_as("fdatasync", fd);
}

int
fsync(int fd)
{
    return sync_as("fsync", fd);
}
