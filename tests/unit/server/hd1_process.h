/* A server of our own in a child process, on a port that the system picks, with a folder of its
 * own. */
#ifndef HD1_TEST_HD1_PROCESS_H
#define HD1_TEST_HD1_PROCESS_H

#include "buf.h"

#include <sys/types.h>

struct hd1_process {
    pid_t pid;
    int port;
    char dir[64]; /* holds hd1.lua, if the test wrote one, and data */
};

/* Makes the folder. */
void hd1_process_init(struct hd1_process *process);
/* Ends it if it runs, and removes the folder. */
void hd1_process_fini(struct hd1_process *process);
/* Writes hd1.lua into the folder. */
void hd1_process_configure(struct hd1_process *process, const char *text);
/* Starts `hd1 serve` and waits until it says where it listens. False: it ended without that. */
bool hd1_process_start(struct hd1_process *process);
/* Sends the signal and waits for the end; its exit code, or -1 if the signal killed it. */
int hd1_process_end(struct hd1_process *process, int signal);
/* Waits for the end; its exit code. */
int hd1_process_wait(struct hd1_process *process);

/* A connection to it. */
int hd1_process_connect(const struct hd1_process *process);
/* One request on a connection of its own: the status; all that was answered in answer (may be
 * NULL). */
int hd1_process_ask(const struct hd1_process *process, const char *method, const char *path,
                    const char *body, struct buf *answer);

#endif
