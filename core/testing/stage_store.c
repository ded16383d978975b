/* The store of a run: in memory where there is such a folder, else among the temporary files. */
#include "testing/stage_state.h"

#include "err.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void
on_wake(void *ctx)
{
    (void)ctx;
}

static void
on_committed(void *ctx, struct batch *batch)
{
    struct stage_store *store = ctx;

    hub_committed(store->stage->hub, batch);
}

static const char *
parent_folder(void)
{
    const char *temporary = getenv("TMPDIR");

    if (access("/dev/shm", W_OK) == 0)
        return "/dev/shm";
    return temporary && strlen(temporary) < 32 ? temporary : "/tmp";
}

static int
remove_one(const char *path, const struct stat *info, int flag, struct FTW *ftw)
{
    (void)info;
    (void)flag;
    (void)ftw;
    return remove(path);
}

int
stage_store_open(struct stage_store **out, struct buf *why)
{
    struct stage_store *store = mem_zalloc(sizeof(*store));
    struct store_options options = {.durability = STORE_PROCESS,
                                    .wake = on_wake,
                                    .committed = on_committed,
                                    .committed_ctx = store};
    int err = HD1_EIO;

    *out = NULL;
    snprintf(store->folder, sizeof(store->folder), "%s/hd1-test-XXXXXX", parent_folder());
    if (!mkdtemp(store->folder)) {
        buf_appendf(why, "%s: cannot be made: %s\n", store->folder, strerror(errno));
        free(store);
        return err;
    }
    options.dir = store->folder;
    err = store_open(&store->store, &options, why);
    if (err)
        stage_store_close(store);
    else
        *out = store;
    return err;
}

void
stage_store_close(struct stage_store *store)
{
    if (!store)
        return;
    store_close(store->store);
    nftw(store->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(store);
}
