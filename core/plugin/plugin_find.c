/* Where a plugin's file is: in the operator's folder or, if not, in the one that ships. */
#include "plugin/plugin_state.h"

#include "err.h"
#include "folder.h"
#include "suggest.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static char *
file_in(const char *folder, const char *name)
{
    struct buf path = BUF_INIT;
    char *text;

    buf_appendf(&path, "%s/%s.lua", folder, name);
    text = mem_strndup(path.data, path.len);
    buf_fini(&path);
    return text;
}

void
plugin_find_file(struct plugin *plugin)
{
    const struct plugins_options *options = &plugin->all->options;
    char *shipped = options->shipped ? file_in(options->shipped, plugin->name) : NULL;

    plugin->path = file_in(options->path, plugin->name);
    plugin->is_shipped = shipped && access(plugin->path, F_OK) != 0 && access(shipped, F_OK) == 0;
    if (plugin->is_shipped) {
        free(plugin->path);
        plugin->path = shipped;
    } else {
        free(shipped);
    }
}

int
plugins_check_folder(const struct plugins *plugins, struct buf *why)
{
    const struct plugins_options *options = &plugins->options;
    struct buf reason = BUF_INIT;
    int err = options->entry_count ? folder_check(options->path, &reason) : 0;

    if (err)
        buf_appendf(why, "%s: plugin_path: %s\n",
                    options->path_where ? options->path_where : "configuration", buf_cstr(&reason));
    buf_fini(&reason);
    return err;
}

static bool
is_test(const char *name)
{
    size_t len = strlen(name);

    return strncmp(name, "test_", 5) == 0 || (len > 5 && strcmp(name + len - 5, "_test") == 0);
}

static void
try_folder(struct suggest *suggest, const struct folder *folder)
{
    for (size_t i = 0; i < folder->count; i++)
        if (!is_test(folder->names[i]))
            suggest_try(suggest, folder->names[i]);
}

/* Where it was looked for; of a folder that is not there itself, that is told already. */
static void
append_absent(const struct plugin *plugin, const char *nearest, struct buf *why)
{
    const struct plugins_options *options = &plugin->all->options;
    struct buf ignored = BUF_INIT;
    bool has_own = folder_check(options->path, &ignored) == 0;

    buf_fini(&ignored);
    if (!has_own && !nearest)
        return;
    buf_appendf(why, "%s: plugin %s: there is no %s.lua in %s", plugin->where, plugin->name,
                plugin->name, has_own ? options->path : options->shipped);
    if (has_own && options->shipped && strcmp(options->shipped, options->path) != 0)
        buf_appendf(why, ", nor in %s", options->shipped);
    if (nearest)
        buf_appendf(why, "; did you mean %s?", nearest);
    buf_append_char(why, '\n');
}

int
plugin_check_file(const struct plugin *plugin, struct buf *why)
{
    const struct plugins_options *options = &plugin->all->options;
    struct folder own, shipped = {NULL, 0};
    struct suggest suggest;

    if (access(plugin->path, R_OK) == 0)
        return 0;
    if (access(plugin->path, F_OK) == 0) {
        buf_appendf(why, "%s: plugin %s: cannot read %s: %s\n", plugin->where, plugin->name,
                    plugin->path, strerror(EACCES));
        return HD1_EINVAL;
    }
    folder_init(&own, options->path);
    if (options->shipped)
        folder_init(&shipped, options->shipped);
    suggest_init(&suggest, span_of(plugin->name));
    try_folder(&suggest, &own);
    try_folder(&suggest, &shipped);
    append_absent(plugin, suggest.best, why);
    folder_fini(&own);
    folder_fini(&shipped);
    return HD1_EINVAL;
}
