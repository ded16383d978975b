/* Names of the database's files, and the door through which tests make the store fail. */
#include "store/env.h"

#include "buf.h"

#include <stdlib.h>

static char *
path_in(const char *dir, const char *name)
{
    struct buf path = BUF_INIT;

    buf_appendf(&path, "%s/%s", dir, name);
    buf_cstr(&path);
    return path.data;
}

void
env_init(struct env *env, const struct store_options *options)
{
    env->options = *options;
    env->path = path_in(options->dir, "hd1.db");
    env->wal_path = path_in(options->dir, "hd1.db-wal");
    atomic_init(&env->is_writers_turn, false);
    inbox_init(&env->inbox, options->wake, options->wake_ctx);
}

void
env_fini(struct env *env)
{
    inbox_fini(&env->inbox);
    free(env->wal_path);
    free(env->path);
}

int
env_fault(const struct env *env, enum store_point point)
{
    return env->options.fault ? env->options.fault(env->options.fault_ctx, point) : 0;
}
