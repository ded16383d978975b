/*
 * Case files: DIR/cases/PLUGIN-HASH.json, one for each moment and place in a plugin where a call of
 * it failed, which `hd1 test FILE` plays again. What was written stays until somebody deletes it,
 * or the plugin's file has changed; then the next failure there writes it anew. There are as many
 * as a plugin has places that fail, 100 at most, and a plugin that fails all the time rests: so
 * nothing else bounds them. Hub thread.
 */
#ifndef HD1_SERVER_CASE_FILES_H
#define HD1_SERVER_CASE_FILES_H

#include "plugin/plugin.h"

#define CASE_FILES_MAX 100               /* in the folder */
#define CASE_FILE_BYTES_MAX (512 * 1024) /* of each */

struct case_files {
    char *folder; /* NULL: none are written */
};

/* data: the data directory, NULL for none. The folder is made when it is first needed. */
void case_files_init(struct case_files *files, const char *data);
void case_files_fini(struct case_files *files);
/* For plugins_options.failed; ctx is a struct case_files. Appends the file's path to file, or why
 * there is none, unless none is asked for. Does not wait for the disk. */
void case_files_write(void *ctx, const struct plugin_failure *failure, struct buf *file);

#endif
