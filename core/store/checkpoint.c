/* The three users: maintenance every half second, the writer behind it, recovery after a failure.
 */
#include "store/checkpoint.h"

#include "clock.h"

#include <fcntl.h>
#include <unistd.h>

#define SETTLE_MS 2000
#define SETTLE_PAUSE_MS 5

static int
checkpoint(struct db *db, int mode)
{
    int frames = -1;
    int copied = -1;
    int rc = sqlite3_wal_checkpoint_v2(db->handle, "main", mode, &frames, &copied);

    /* A connection that has not read yet says OK and does nothing; preparing statements reads. */
    return rc == SQLITE_OK && frames < 0 ? SQLITE_MISUSE : rc;
}

int
checkpoint_pass(struct db *db)
{
    return checkpoint(db, SQLITE_CHECKPOINT_PASSIVE);
}

/* SQLite does not sync the log after cutting it: the disk may still hold what was in it. No lock is
 * lost by closing this descriptor, since SQLite takes none on the log itself. */
static int
sync_wal(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    int rc = fd >= 0 && fsync(fd) == 0 ? SQLITE_OK : SQLITE_IOERR_FSYNC;

    if (fd >= 0)
        close(fd);
    return rc;
}

int
checkpoint_settle(struct db *db, const struct env *env)
{
    int64_t deadline_ms = clock_mono_ms() + SETTLE_MS;
    int rc = checkpoint(db, SQLITE_CHECKPOINT_TRUNCATE);

    /* The busy timeout covers readers and writers, but not somebody else's checkpoint. */
    while (rc == SQLITE_BUSY && clock_mono_ms() < deadline_ms) {
        sqlite3_sleep(SETTLE_PAUSE_MS);
        rc = checkpoint(db, SQLITE_CHECKPOINT_TRUNCATE);
    }
    return rc == SQLITE_OK ? sync_wal(env->wal_path) : rc;
}
