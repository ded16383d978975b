/* Whence a function comes that is called later. */
#include "plugin/case/case_parts.h"
#include "plugin/case/case_text.h"
#include "plugin/plugin_state.h"

#include <stdlib.h>

/* "plugins/x.lua:12", where the function at index begins. */
static void
append_at(lua_State *L, int index, struct buf *out)
{
    lua_Debug info;

    lua_pushvalue(L, index);
    lua_getinfo(L, ">S", &info);
    buf_appendf(out, "%s:%d", info.source[0] == '@' ? info.source + 1 : info.short_src,
                info.linedefined);
}

/* The call that runs, with its arguments. */
static void
append_cause(const struct plugin *plugin, struct buf *out)
{
    struct buf part = BUF_INIT;

    buf_append_char(out, '{');
    case_append_text(out, "moment", span_of(moment_text(plugin->now.moment)));
    for (const struct case_part *at = case_arguments; at->name; at++) {
        buf_clear(&part);
        at->append(&part, plugin, &plugin->now);
        case_append_json(out, at->name, buf_span(&part));
    }
    buf_append_char(out, '}');
    buf_fini(&part);
}

/* A function that hands itself over again and again: what led to it the time before must do. */
static char *
copy_own(const struct plugin *plugin, const struct buf *begin)
{
    struct buf own = BUF_INIT;
    char *copy = NULL;

    case_append_timer(&own, plugin, &plugin->now);
    case_append_open(&own, plugin, &plugin->now);
    if (own.len >= begin->len && memcmp(own.data, begin->data, begin->len) == 0)
        copy = mem_strndup(own.data, own.len);
    buf_fini(&own);
    return copy;
}

char *
case_origin(lua_State *L, struct plugin *plugin, int index)
{
    struct buf out = BUF_INIT, at = BUF_INIT, cause = BUF_INIT;
    char *origin = NULL;

    append_at(L, index, &at);
    buf_append_char(&out, '{');
    case_append_text(&out, "at", buf_span(&at));
    if (plugin->now.push)
        append_cause(plugin, &cause);
    if (out.len + cause.len < CASE_ORIGIN_MAX)
        case_append_json(&out, "cause", buf_span(&cause));
    else
        origin = copy_own(plugin, &out);
    buf_append_char(&out, '}');
    if (!origin)
        origin = mem_strndup(out.data, out.len);
    buf_fini(&out);
    buf_fini(&at);
    buf_fini(&cause);
    return origin;
}
