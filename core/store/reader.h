/* The reader: the thread that answers what the hub wants to know, one lookup after the other. */
#ifndef HD1_STORE_READER_H
#define HD1_STORE_READER_H

#include "store/env.h"

struct reader;
struct lookup;

/* Connects and starts the thread. Upon failure NULL, and *rc is SQLite's code or SQLITE_OK (no
 * thread). */
struct reader *reader_new(struct env *env, int *rc);
/* Ends the thread after the lookup at hand; the others are in the inbox, as HD1_ECLOSED. NULL is
 * fine. */
void reader_free(struct reader *reader);
/* Takes the lookup; it comes back through the inbox. */
void reader_submit(struct reader *reader, struct lookup *lookup);

#endif
