/* The writer: the thread that owns the writing connection and commits one batch after the other. */
#ifndef HD1_STORE_WRITER_H
#define HD1_STORE_WRITER_H

#include "store/env.h"

struct writer;
struct db;

/* Called on the hub thread with a batch that is done. */
typedef void (*writer_done_fn)(void *ctx, struct batch *batch);

/* Starts the thread; takes the connection. NULL if there can be no thread (the connection is
 * closed). */
struct writer *writer_new(struct env *env, const struct db *db, writer_done_fn done,
                          void *done_ctx);
/* Ends the thread once the batch it was given is in the inbox. NULL is fine. */
void writer_stop(struct writer *writer);
/* Stops, closes. The inbox must have been emptied after the stop. NULL is fine. */
void writer_free(struct writer *writer);
/* Takes the batch until it is delivered. Only when it has none. */
void writer_submit(struct writer *writer, struct batch *batch);
/* Did the last commit work? Any thread. */
bool writer_is_ready(const struct writer *writer);

#endif
