/* The data directory: made if absent, owned by one server at a time. */
#ifndef HD1_STORE_DATADIR_H
#define HD1_STORE_DATADIR_H

#include "buf.h"

struct datadir {
    int lock_fd; /* DIR/hd1.lock, held with flock(2); -1: not held */
};

#define DATADIR_INIT ((struct datadir){-1})

/*
 * Makes the directory, takes its lock and sees to it that db_path exists (an empty file is an empty
 * database; ours is readable by its owner only, for it holds secrets). 0, HD1_ELOCKED or HD1_EIO
 * with the reason appended to why.
 */
int datadir_open(struct datadir *datadir, const char *dir, const char *db_path, struct buf *why);
/* Gives the lock back. Legal after a failed open. */
void datadir_close(struct datadir *datadir);

#endif
