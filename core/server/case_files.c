/* Which failures get a case file, and under what name. */
#include "server/case_files.h"

#include "plugin/case/case_text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_BYTES 8192 /* the file's hash is within these */

void
case_files_init(struct case_files *files, const char *data)
{
    struct buf path = BUF_INIT;

    *files = (struct case_files){.folder = NULL};
    if (!data)
        return;
    buf_appendf(&path, "%s/cases", data);
    files->folder = mem_strndup(path.data, path.len);
    buf_fini(&path);
}

void
case_files_fini(struct case_files *files)
{
    free(files->folder);
    files->folder = NULL;
}

/* FNV-1a: a name, not a secret. */
static uint64_t
hash(uint64_t hash, struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.at[i]) * 0x100000001b3u;
    return hash;
}

/* Where it was raised, which the values in its text do not change; its first line if nobody knows.
 */
static struct span
place_of(const char *error)
{
    struct span place = case_place(span_of(error));

    return place.at ? place : (struct span){error, strcspn(error, "\n")};
}

static void
append_path(const struct case_files *files, const struct plugin_failure *failure, struct buf *out)
{
    uint64_t key = hash(0xcbf29ce484222325u, span_of(failure->moment));

    key = hash(key, place_of(failure->error));
    buf_appendf(out, "%s/%s-%08x.json", files->folder, failure->plugin,
                (unsigned)(key ^ key >> 32));
}

static int
count_files(const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    int count = 0;

    while (dir && (entry = readdir(dir)))
        count += entry->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return count;
}

/* Does the file tell of the plugin as it is now? "file_hash": with these quotes is in no text of
 * it: there they would have backslashes. */
static bool
is_current(const char *path, int64_t file_hash)
{
    static const char key[] = "\"file_hash\":";
    char head[HEAD_BYTES + 1];
    FILE *file = fopen(path, "r");
    const char *found;

    if (!file)
        return false;
    head[fread(head, 1, HEAD_BYTES, file)] = '\0';
    fclose(file);
    found = strstr(head, key);
    return found && strtoll(found + sizeof(key) - 1, NULL, 10) == file_hash;
}

/* Only the owner may read it: there are events of users in it. */
static int
write_file(const char *path, struct span text)
{
    struct buf temporary = BUF_INIT;
    int fd, err = -1;

    buf_appendf(&temporary, "%s.new", path);
    fd = open(buf_cstr(&temporary), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd >= 0) {
        err = write(fd, text.at, text.len) == (ssize_t)text.len ? 0 : -1;
        err = close(fd) == 0 ? err : -1;
        err = err == 0 ? rename(temporary.data, path) : err;
    }
    buf_fini(&temporary);
    return err;
}

/* 0, or negative with why filled in. */
static int
write_case(struct case_files *files, const struct plugin_failure *failure, const char *path,
           struct buf *why)
{
    struct buf text = BUF_INIT;
    int err = 0;

    if (mkdir(files->folder, 0700) != 0 && errno != EEXIST) {
        buf_appendf(why, "%s: %s", files->folder, strerror(errno));
        return -1;
    }
    if (access(path, F_OK) != 0 && count_files(files->folder) >= CASE_FILES_MAX) {
        buf_appendf(why, "there are %d files in %s already; look at them and delete them",
                    CASE_FILES_MAX, files->folder);
        return -1;
    }
    plugin_failure_append_case(failure, CASE_FILE_BYTES_MAX, &text);
    err = write_file(path, buf_span(&text));
    if (err)
        buf_appendf(why, "%s: %s", path, strerror(errno));
    buf_fini(&text);
    return err;
}

void
case_files_write(void *ctx, const struct plugin_failure *failure, struct buf *file)
{
    struct case_files *files = ctx;
    struct buf path = BUF_INIT, why = BUF_INIT;

    if (!files->folder)
        return;
    append_path(files, failure, &path);
    if (!is_current(buf_cstr(&path), failure->file_hash) &&
        write_case(files, failure, path.data, &why) != 0)
        buf_appendf(file, "not written: %s", buf_cstr(&why));
    else
        buf_append_span(file, buf_span(&path));
    buf_fini(&path);
    buf_fini(&why);
}
