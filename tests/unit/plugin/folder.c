/* mkdtemp, and away again. */
#include "plugin/folder.h"

#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
folder_make(char path[64])
{
    char lib[80];

    strcpy(path, "/tmp/hd1-plugin-XXXXXX");
    if (!mkdtemp(path))
        abort();
    snprintf(lib, sizeof(lib), "%s/lib", path);
    if (mkdir(lib, 0700) != 0)
        abort();
}

void
folder_write(const char *path, const char *name, const char *text)
{
    char file[256];
    FILE *out;

    snprintf(file, sizeof(file), "%s/%s", path, name);
    out = fopen(file, "w");
    if (!out || fputs(text, out) < 0 || fclose(out) != 0)
        abort();
}

static int
remove_one(const char *path, const struct stat *info, int flag, struct FTW *ftw)
{
    (void)info;
    (void)flag;
    (void)ftw;
    return remove(path);
}

void
folder_remove(const char *path)
{
    nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
