/* Maintenance: the thread that checkpoints, prunes and purges, beside the writer. */
#ifndef HD1_STORE_MAINTENANCE_H
#define HD1_STORE_MAINTENANCE_H

#include "store/env.h"

struct maintenance;

/* Connects and starts the thread. Upon failure NULL, and *rc is SQLite's code or SQLITE_OK (no
 * thread). */
struct maintenance *maintenance_new(struct env *env, int *rc);
/* Ends the thread after the step at hand, closes. NULL is fine. */
void maintenance_free(struct maintenance *maintenance);

#endif
