/* Which failures get a case file, and under what name. */
#include "server/case_files.h"

#include "clock.h"
#include "log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define WRITTEN_PER_SECOND 5

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

/* FILE:LINE of the error, which the values in its text do not change; the whole line if there is
 * none. */
static struct span
place_of(const char *error)
{
    const char *at = strstr(error, ".lua:");
    size_t line = strcspn(error, "\n");

    if (!at || at >= error + line)
        return (struct span){error, line};
    at += 5;
    return (struct span){error, (size_t)(at - error) + strspn(at, "0123456789")};
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

static bool
may_write(struct case_files *files)
{
    int64_t second = clock_mono_ms() / 1000;

    if (second != files->second)
        files->written = 0;
    files->second = second;
    return files->written++ < WRITTEN_PER_SECOND;
}

static void
refuse_once(struct case_files *files, const char *why)
{
    if (!files->is_refused)
        log_warn("cases", "case file not written", log_str("folder", files->folder),
                 log_str("reason", why));
    files->is_refused = true;
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

static bool
write_case(struct case_files *files, const struct plugin_failure *failure, const char *path)
{
    struct buf text = BUF_INIT;
    bool is_written;

    if (mkdir(files->folder, 0700) != 0 && errno != EEXIST) {
        refuse_once(files, strerror(errno));
        return false;
    }
    if (count_files(files->folder) >= CASE_FILES_MAX) {
        refuse_once(files, "there are 100 already; look at them and delete them");
        return false;
    }
    plugin_failure_append_case(failure, CASE_FILE_BYTES_MAX, &text);
    is_written = write_file(path, buf_span(&text)) == 0;
    if (!is_written)
        refuse_once(files, strerror(errno));
    buf_fini(&text);
    return is_written;
}

void
case_files_write(void *ctx, const struct plugin_failure *failure, struct buf *file)
{
    struct case_files *files = ctx;
    struct buf path = BUF_INIT;

    if (!files->folder)
        return;
    append_path(files, failure, &path);
    if (access(buf_cstr(&path), F_OK) == 0 ||
        (may_write(files) && write_case(files, failure, path.data)))
        buf_append_span(file, buf_span(&path));
    buf_fini(&path);
}
