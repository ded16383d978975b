/* Finding test files: test_*.lua and *_test.lua beneath a folder. */
#include "testing/test_run.h"

#include "err.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define DEPTH_MAX 16

struct search {
    char **files;
    size_t count;
};

static void
add(struct search *search, const char *path)
{
    search->files = mem_realloc(search->files, (search->count + 1) * sizeof(*search->files));
    search->files[search->count++] = mem_strndup(path, strlen(path));
}

static int
is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void
look_beneath(struct search *search, const char *folder, int depth)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_visible, alphasort);

    for (int i = 0; i < count; i++) {
        struct buf path = BUF_INIT;
        struct stat info;
        struct span subject;

        buf_appendf(&path, "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/",
                    entries[i]->d_name);
        if (stat(buf_cstr(&path), &info) != 0)
            info.st_mode = 0;
        if (S_ISDIR(info.st_mode) && depth < DEPTH_MAX)
            look_beneath(search, buf_cstr(&path), depth + 1);
        else if (S_ISREG(info.st_mode) && test_file_subject(buf_cstr(&path), &subject))
            add(search, buf_cstr(&path));
        buf_fini(&path);
        free(entries[i]);
    }
    free(entries);
}

int
test_find(const char *const *paths, size_t path_count, char ***files, size_t *count,
          struct buf *why)
{
    struct search search = {NULL, 0};
    int err = 0;

    for (size_t i = 0; i < path_count; i++) {
        struct stat info;

        if (stat(paths[i], &info) != 0) {
            buf_appendf(why, "%s: %s\n", paths[i], strerror(errno));
            err = HD1_ENOENT;
        } else if (S_ISDIR(info.st_mode)) {
            look_beneath(&search, paths[i], 0);
        } else {
            add(&search, paths[i]);
        }
    }
    *files = search.files;
    *count = search.count;
    return err;
}
