/* The first step of opening a store: a directory that is ours alone. */
#include "store/datadir.h"

#include "err.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int
refuse(struct buf *why, const char *what, const char *path)
{
    buf_appendf(why, "%s: cannot %s: %s", path, what, strerror(errno));
    return HD1_EIO;
}

/* Without this, a power cut could take a directory that was just made, with all that is in it. */
static void
sync_parent(const char *dir)
{
    int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int parent_fd = dir_fd < 0 ? -1 : openat(dir_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (parent_fd >= 0) {
        (void)fsync(parent_fd);
        close(parent_fd);
    }
    if (dir_fd >= 0)
        close(dir_fd);
}

static int
make(const char *dir, struct buf *why)
{
    if (mkdir(dir, 0700) == 0) {
        sync_parent(dir);
        return 0;
    }
    return errno == EEXIST ? 0 : refuse(why, "make the data directory", dir);
}

static int
refuse_locked(int fd, const char *path, struct buf *why)
{
    char text[24] = "";
    ssize_t len = pread(fd, text, sizeof(text) - 1, 0);
    long pid = len > 0 ? strtol(text, NULL, 10) : 0;

    buf_appendf(why, "%s: another server owns this data directory", path);
    if (pid > 0)
        buf_appendf(why, " (process %ld)", pid);
    buf_append_str(why, "; stop it, or give this one another directory with --data");
    return HD1_ELOCKED;
}

/* The pid in the file only serves the message above: what counts is the lock. */
static int
lock(struct datadir *datadir, const char *path, struct buf *why)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int err = 0;

    if (fd < 0)
        return refuse(why, "open the lock file", path);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        err = errno == EWOULDBLOCK ? refuse_locked(fd, path, why) : refuse(why, "lock it", path);
    } else if (ftruncate(fd, 0) != 0 || dprintf(fd, "%ld\n", (long)getpid()) < 0) {
        /* A full disk is no reason not to read what is there. */
        err = errno == ENOSPC ? 0 : refuse(why, "write to it", path);
    }
    if (err) {
        close(fd);
        return err;
    }
    datadir->lock_fd = fd;
    return 0;
}

static int
make_database(const char *path, struct buf *why)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return refuse(why, "open the database", path);
    close(fd);
    return 0;
}

int
datadir_open(struct datadir *datadir, const char *dir, const char *db_path, struct buf *why)
{
    struct buf path = BUF_INIT;
    int err = make(dir, why);

    if (!err) {
        buf_appendf(&path, "%s/hd1.lock", dir);
        err = lock(datadir, buf_cstr(&path), why);
    }
    if (!err)
        err = make_database(db_path, why);
    if (err)
        datadir_close(datadir);
    buf_fini(&path);
    return err;
}

void
datadir_close(struct datadir *datadir)
{
    if (datadir->lock_fd < 0)
        return;
    (void)!ftruncate(datadir->lock_fd, 0);
    close(datadir->lock_fd);
    datadir->lock_fd = -1;
}
