/*
 * For LD_PRELOAD: notes what is written to the database and its log, and what of that is synced, so
 * that a test can play a power loss (tests/chaos/power_loss.py): what was not synced may be gone.
 *
 * The notes go to the file named by UNSYNCED_LOG. Each is a struct note; after a write its bytes
 * follow. What was noted before a sync began is safe once the sync has ended. If there is a file
 * named by UNSYNCED_FAIL, the next sync of pages in the log removes that file, and fails.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

struct note {
    char kind; /* W write, T truncation, B sync begins, E it ended */
    char file; /* d database, w its log */
    char unused[6];
    int64_t at;  /* W: offset; B, E: the sync's number */
    int64_t len; /* W: bytes; T: new length */
};

#define LOG_HEADER_BYTES 32 /* at most: of the log or of a page in it */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char has_pages; /* the log, since its last sync */

int fdatasync(int fd);
int fsync(int fd);
int ftruncate64(int fd, off64_t len);
ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at);

static void *
next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static int
ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);

    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* 0: none of ours. */
static char
file_of(int fd)
{
    char link[32], path[1024];
    ssize_t len;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    len = readlink(link, path, sizeof(path) - 1);
    if (len < 0)
        return 0;
    path[len] = '\0';
    return ends_with(path, "/hd1.db") ? 'd' : ends_with(path, "/hd1.db-wal") ? 'w' : 0;
}

/* One write, so that a killed process leaves no half note but at the end. */
static void
note(const struct note *what, const void *bytes)
{
    static int log_fd = -1;
    struct iovec parts[2] = {{(void *)(uintptr_t)what, sizeof(*what)},
                             {(void *)(uintptr_t)bytes, bytes ? (size_t)what->len : 0}};

    pthread_mutex_lock(&lock);
    if (log_fd < 0)
        log_fd = open(getenv("UNSYNCED_LOG"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (log_fd < 0 || writev(log_fd, parts, 2) < 0)
        abort();
    pthread_mutex_unlock(&lock);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    ssize_t (*real)(int, const void *, size_t, off64_t);
    char file = file_of(fd);

    *(void **)&real = next("pwrite64");
    ssize_t written = real(fd, bytes, len, at);

    if (file && written > 0)
        note(&(struct note){.kind = 'W', .file = file, .at = at, .len = written}, bytes);
    if (file == 'w' && written > LOG_HEADER_BYTES)
        __atomic_store_n(&has_pages, 1, __ATOMIC_SEQ_CST);
    return written;
}

int
ftruncate64(int fd, off64_t len)
{
    int (*real)(int, off64_t);
    char file = file_of(fd);

    *(void **)&real = next("ftruncate64");
    int result = real(fd, len);

    if (file && result == 0)
        note(&(struct note){.kind = 'T', .file = file, .len = len}, NULL);
    return result;
}

/* Only the first who asks is told so. */
static int
must_fail(char file)
{
    const char *path = getenv("UNSYNCED_FAIL");

    return file == 'w' && __atomic_exchange_n(&has_pages, 0, __ATOMIC_SEQ_CST) && path &&
           unlink(path) == 0;
}

static int
sync_as(const char *name, int fd)
{
    static int64_t count;
    int (*real)(int);
    struct note what = {.kind = 'B', .file = file_of(fd)};

    *(void **)&real = next(name);
    what.at = __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
    if (what.file)
        note(&what, NULL);
    if (must_fail(what.file)) {
        errno = EIO;
        return -1;
    }
    int result = real(fd);

    if (what.file && result == 0) {
        what.kind = 'E';
        note(&what, NULL);
    }
    return result;
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
