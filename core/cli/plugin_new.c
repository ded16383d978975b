/* The templates' name, new_plugin, is replaced wherever it stands. */
#include "cli/plugin_new.h"

#include "exit_code.h"
#include "testing/embedded.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_MAX_BYTES 40 /* leaves room for event types that begin with it */

static const char placeholder[] = "new_plugin";

/* Like an event type, for those of the plugin begin with it. */
static bool
is_good_name(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len <= NAME_MAX_BYTES && name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

static void
append_renamed(struct buf *out, struct span text, const char *name)
{
    size_t len = sizeof(placeholder) - 1;

    while (text.len) {
        const char *found = memmem(text.at, text.len, placeholder, len);
        size_t before = found ? (size_t)(found - text.at) : text.len;

        buf_append(out, text.at, before);
        if (found) {
            buf_append_str(out, name);
            before += len;
        }
        text = (struct span){text.at + before, text.len - before};
    }
}

/* O_EXCL: what is there stays. */
static int
write_new(const char *path, struct span text, struct buf *report)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    bool is_written;

    if (fd < 0) {
        buf_appendf(report, "%s: %s%s\n", path, strerror(errno),
                    errno == EEXIST ? "; nothing is overwritten: choose another name" : "");
        return CODE_FAILURE;
    }
    is_written = write(fd, text.at, text.len) == (ssize_t)text.len;
    is_written &= close(fd) == 0;
    if (is_written)
        return CODE_OK;
    buf_appendf(report, "%s: cannot be written: %s\n", path, strerror(errno));
    unlink(path);
    return CODE_FAILURE;
}

static int
write_template(const char *template, const char *path, const char *name, struct buf *report)
{
    struct buf text = BUF_INIT;
    int code;

    append_renamed(&text, embedded_text(template), name);
    code = write_new(path, buf_span(&text), report);
    buf_fini(&text);
    return code;
}

/* The test is written first: if the plugin is there already, it goes again. */
static int
write_both(const char *plugin, const char *test, const char *name, struct buf *report)
{
    int code = write_template("test_new_plugin.lua", test, name, report);

    if (code == CODE_OK) {
        code = write_template("new_plugin.lua", plugin, name, report);
        if (code != CODE_OK)
            unlink(test);
    }
    return code;
}

int
plugin_new(const char *folder, const char *name, struct buf *report)
{
    struct buf plugin = BUF_INIT, test = BUF_INIT;
    int code = CODE_USAGE;

    buf_appendf(&plugin, "%s/%s.lua", folder, name);
    buf_appendf(&test, "%s/test_%s.lua", folder, name);
    if (!is_good_name(name) || strncmp(name, "test_", 5) == 0)
        buf_appendf(report,
                    "\"%s\" is no name for a plugin: a lower-case letter, then letters, digits and "
                    "_, at most %d; not test_...\n",
                    name, NAME_MAX_BYTES);
    else if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        buf_appendf(report, "%s: cannot be made: %s\n", folder, strerror(errno));
    else
        code = write_both(buf_cstr(&plugin), buf_cstr(&test), name, report);
    if (code == CODE_OK)
        buf_appendf(report,
                    "wrote %s and %s\n"
                    "next: hd1 test %s\n"
                    "then: plugin_path = \"%s\" and plugins = { ..., \"%s\" } in the configuration "
                    "(hd1.lua), hd1 check --config hd1.lua\n",
                    plugin.data, test.data, test.data, folder, name);
    buf_fini(&plugin);
    buf_fini(&test);
    return code;
}
