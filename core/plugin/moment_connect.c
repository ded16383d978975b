/* before_connect: the plugins that guard connections, in order. The first that refuses decides; the
 * first identity that is given stays, and the plugins behind see it as request.identity. */
#include "plugin/plugin_state.h"

#include "plugin/api/api.h"
#include "plugin/api/box.h"

#include <lauxlib.h>

static int
push_request(lua_State *L, struct plugin *plugin)
{
    box_push_request(L, plugin);
    return 1;
}

/* One plugin's answer. seen: what the next one sees. */
static enum verdict
ask(struct plugin *plugin, struct web_request *seen, struct buf *identity, struct refusal *refusal,
    struct buf *headers)
{
    struct hook_call call = {.moment = BEFORE_CONNECT,
                             .ref = plugin->hook_refs[BEFORE_CONNECT],
                             .what = seen->is_websocket ? "websocket" : "rest",
                             .push = push_request,
                             .take = api_answer_take,
                             .request = seen};
    enum verdict verdict = plugin_ask(plugin, &call, NULL, refusal);

    if (verdict != VERDICT_PASS) {
        buf_append_span(headers, buf_span(&plugin->answer_headers));
    } else if (plugin->answer.kind == ANSWER_IDENTITY && identity->len == 0) {
        buf_append_span(identity, buf_span(&plugin->answer_json));
        seen->identity = buf_span(identity);
    }
    return verdict;
}

static enum verdict
before_connect(void *ctx, const struct web_request *request, struct buf *identity,
               struct refusal *refusal, struct buf *headers)
{
    struct plugins *plugins = ctx;
    struct web_request seen = *request;
    enum verdict verdict = VERDICT_PASS;

    for (size_t i = 0; i < plugins->count && verdict == VERDICT_PASS; i++)
        if (plugins->items[i]->hook_refs[BEFORE_CONNECT] != LUA_NOREF)
            verdict = ask(plugins->items[i], &seen, identity, refusal, headers);
    return verdict;
}

void
moment_connect_init(struct plugins *plugins)
{
    plugins->web.ctx = plugins;
    for (size_t i = 0; i < plugins->count; i++)
        if (plugins->items[i]->hook_refs[BEFORE_CONNECT] != LUA_NOREF)
            plugins->web.before_connect = before_connect;
}
