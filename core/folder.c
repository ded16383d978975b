/* Looking into folders. */
#include "folder.h"

#include "err.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
folder_check(const char *path, struct buf *why)
{
    DIR *dir = opendir(path);

    if (dir) {
        closedir(dir);
        return 0;
    }
    if (errno == ENOENT)
        buf_appendf(why, "there is no folder %s", path);
    else if (errno == ENOTDIR)
        buf_appendf(why, "%s is no folder", path);
    else
        buf_appendf(why, "the folder %s cannot be read: %s", path, strerror(errno));
    return HD1_ENOENT;
}

static int
is_lua(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return len > 4 && strcmp(entry->d_name + len - 4, ".lua") == 0;
}

void
folder_init(struct folder *folder, const char *path)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, is_lua, alphasort);

    *folder = (struct folder){NULL, 0};
    if (count > 0)
        folder->names = mem_alloc((size_t)count * sizeof(char *));
    for (int i = 0; i < count; i++) {
        folder->names[folder->count++] =
            mem_strndup(entries[i]->d_name, strlen(entries[i]->d_name) - 4);
        free(entries[i]);
    }
    free(entries);
}

void
folder_fini(struct folder *folder)
{
    for (size_t i = 0; i < folder->count; i++)
        free(folder->names[i]);
    free(folder->names);
    *folder = (struct folder){NULL, 0};
}
