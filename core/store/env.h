/* The environment: what all threads of one store know. Set up before they start. */
#ifndef HD1_STORE_ENV_H
#define HD1_STORE_ENV_H

#include "store/inbox.h"
#include "store/store.h"

#include <stdatomic.h>

struct env {
    struct store_options options;
    char *path;     /* of the database */
    char *wal_path; /* of its write-ahead log */
    struct inbox inbox;
    /* Maintenance has checkpointed: the writer's turn to copy the rest (see checkpoint.h). */
    atomic_bool is_writers_turn;
};

/* Copies the options; their dir is not used afterwards. */
void env_init(struct env *env, const struct store_options *options);
void env_fini(struct env *env);
/* The SQLite code that a test wants here, else 0. Any store thread. */
int env_fault(const struct env *env, enum store_point point);

#endif
