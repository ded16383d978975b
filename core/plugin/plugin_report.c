/* What a plugin's last call failed of, as a line for whoever loads it: where in its file, and which
 * entry of the configuration it is about. */
#include "plugin/plugin_state.h"

#include "err.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* The line of the plugin's own file that the traceback names first, 0 if none. */
static int
find_own_line(const struct plugin *plugin)
{
    char mark[ID_SIZE + 8];
    const char *at = vm_error(plugin->vm);

    snprintf(mark, sizeof(mark), "/%s.lua:", plugin->name);
    while ((at = strstr(at, mark))) {
        at += strlen(mark);
        if (isdigit((unsigned char)*at))
            return atoi(at);
    }
    return 0;
}

static bool
begins_with_file(const struct plugin *plugin, const char *line)
{
    size_t len = strlen(plugin->path);

    return strncmp(line, plugin->path, len) == 0 && line[len] == ':';
}

/* An error that leaves its place out is about the options: "option x must be ...". */
static void
append_of_options(const struct plugin *plugin, const char *line, struct buf *why)
{
    int number = find_own_line(plugin);

    buf_appendf(why, "%s: plugin %s: %s (%s", plugin->where, plugin->name, line, plugin->path);
    if (number > 0)
        buf_appendf(why, ":%d", number);
    buf_append_char(why, ')');
}

int
plugin_report(const struct plugin *plugin, bool is_setting_up, struct buf *why)
{
    const char *line = vm_error_line(plugin->vm);
    bool is_own = begins_with_file(plugin, line), has_place = is_own || strstr(line, ".lua:");

    if (is_setting_up && !has_place)
        append_of_options(plugin, line, why);
    else if (!has_place)
        buf_appendf(why, "%s: %s", plugin->path, line);
    else if (is_setting_up || !is_own)
        buf_appendf(why, "%s (plugin %s, %s)", line, plugin->name, plugin->where);
    else
        buf_append_str(why, line);
    if (plugin->all->old && strstr(line, "the budget"))
        buf_append_str(why,
                       " (a reload gives a plugin's file, setup, save and restore together "
                       "what one call may use: its option `instructions`; a start gives more)");
    buf_append_char(why, '\n');
    return HD1_EINVAL;
}
