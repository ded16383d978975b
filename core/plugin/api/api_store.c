/*
 * hd1.store: what the plugin keeps, durably: keys of 1 to 256 bytes (UTF-8 without NUL) with values
 * that hd1.json can encode, each at most 32 KiB, 16 MiB in all (the option store_bytes) and 100,000
 * keys.
 *
 *   get(key)                  the value, or nil
 *   put(key, value)           true; nil, message, "full" or "busy" (the disk does not keep up)
 *   delete(key)               true; the same
 *   compare_and_set(key, expected, value)
 *                             true if the value was expected (nil: there was none) and is now value
 *                             (nil: there is none); false if not; nil, message, code as for put
 *   list{prefix=, limit=100, after=}
 *                             an array of {key=, value=}, by key, and the key to go on after, or
 * nil
 *
 * Everything is in memory, and sees the plugin's own writes at once. What before_event writes goes
 * with the event, in one transaction, and is dropped with it, if it is refused or the hook fails;
 * what other hooks write is dropped if they fail. If a commit fails, the store is what is on disk.
 * Not to be written in setup and restore.
 */
#include "plugin/api/api.h"

#include "err.h"
#include "hub/kv.h"
#include "plugin/plugin_state.h"
#include "plugin/vm/lua_json.h"
#include "utf8.h"
#include "json/json_equal.h"

#include <lauxlib.h>

#define ACCESS_COST 20 /* instructions */
#define BYTES_PER_INSTRUCTION 16

/* NULL where there is no hub: then it is empty. */
static struct kv_space *
check_store(lua_State *L)
{
    struct plugin *plugin = vm_owner(L);

    vm_charge(L, ACCESS_COST);
    plugin->basis.space = plugin->store;
    if (plugin->store && !kv_is_ready(plugin->store))
        luaL_error(L, "hd1.store is being read again after a failed commit; try again");
    return plugin->store;
}

/* A key that is looked up or written. */
static struct span
check_key(lua_State *L, int arg)
{
    struct plugin *plugin = vm_owner(L);
    struct span key;

    key.at = luaL_checklstring(L, arg, &key.len);
    luaL_argcheck(L, key.len >= 1 && key.len <= KV_KEY_BYTES_MAX, arg, "a key has 1 to 256 bytes");
    luaL_argcheck(L, !memchr(key.at, '\0', key.len) && utf8_is_valid(key), arg,
                  "a key is UTF-8 without NUL");
    case_reads_key(&plugin->reads, key);
    return key;
}

/* Pushes the value at arg as JSON; SPAN_NONE, and nil, for nil. [-0, +1] */
static struct span
push_text(lua_State *L, int arg)
{
    struct span text;

    if (lua_isnoneornil(L, arg)) {
        lua_pushnil(L);
        return SPAN_NONE;
    }
    text = lua_json_encode(L, arg, KV_VALUE_BYTES_MAX);
    text.at = lua_pushlstring(L, text.at, text.len);
    return text;
}

/* Pushes what a value's text means [-0, +1]. */
static void
push_value(lua_State *L, struct span text)
{
    if (!text.at) {
        lua_pushnil(L);
        return;
    }
    vm_charge(L, (int64_t)text.len / BYTES_PER_INSTRUCTION);
    text.at = lua_pushlstring(L, text.at, text.len); /* what is lent may move */
    lua_json_push(L, text);
    lua_replace(L, -2);
}

static int
fail(lua_State *L, int err)
{
    lua_pushnil(L);
    if (err == HD1_EFULL) {
        lua_pushliteral(L, "the plugin's store is full");
        lua_pushliteral(L, "full");
    } else if (err == HD1_EBUSY) {
        lua_pushliteral(L, "the disk does not keep up");
        lua_pushliteral(L, "busy");
    } else {
        lua_pushliteral(L, "there is no server here");
        lua_pushliteral(L, "unavailable");
    }
    return 3;
}

/* Puts or, without value, deletes; the results are pushed. */
static int
write_value(lua_State *L, struct kv_space *store, struct span key, struct span value)
{
    struct plugin *plugin = vm_owner(L);
    int err;

    if (plugin->all->is_staged) /* what is written stays, though the loading may be refused */
        return luaL_error(L, "hd1.store can be read in setup and restore, not written");
    if (!store)
        return fail(L, HD1_ECLOSED);
    /* The key's old value is kept until this one is on disk: */
    vm_charge(L, (int64_t)kv_get(store, key).len / BYTES_PER_INSTRUCTION);
    if (!plugin->has_written)
        plugin->store_mark = hub_kv_mark(plugin->all->hub);
    plugin->has_written = true;
    err = kv_put(store, key, value, (size_t)plugin->limits.store_bytes);
    if (err)
        return fail(L, err);
    lua_pushboolean(L, 1);
    return 1;
}

static int
get(lua_State *L)
{
    struct kv_space *store = check_store(L);
    struct span key = check_key(L, 1);

    push_value(L, store ? kv_get(store, key) : SPAN_NONE);
    return 1;
}

static int
put(lua_State *L)
{
    struct kv_space *store = check_store(L);
    struct span key = check_key(L, 1);

    luaL_argcheck(L, !lua_isnoneornil(L, 2), 2, "must not be nil: use delete");
    lua_settop(L, 2);
    return write_value(L, store, key, push_text(L, 2));
}

static int delete (lua_State *L)
{
    struct kv_space *store = check_store(L);

    return write_value(L, store, check_key(L, 1), SPAN_NONE);
}

static int
compare_and_set(lua_State *L)
{
    struct kv_space *store = check_store(L);
    struct span key = check_key(L, 1), expected, now;

    lua_settop(L, 3);
    expected = push_text(L, 2);
    now = store ? kv_get(store, key) : SPAN_NONE;
    if (!expected.at != !now.at || (now.at && !json_equal(expected, now))) {
        lua_pushboolean(L, 0);
        return 1;
    }
    return write_value(L, store, key, push_text(L, 3));
}

/* Pushes {key=, value=} [-0, +1]. */
static void
push_entry(lua_State *L, const struct sorted_node *node)
{
    struct plugin *plugin = vm_owner(L);
    struct span key = sorted_key(node);

    case_reads_key(&plugin->reads, key);
    lua_createtable(L, 0, 2);
    lua_pushlstring(L, key.at, key.len);
    lua_setfield(L, -2, "key");
    push_value(L, sorted_value(node));
    lua_setfield(L, -2, "value");
}

static bool
has_prefix(struct span key, struct span prefix)
{
    return key.len >= prefix.len && memcmp(key.at, prefix.at, prefix.len) == 0;
}

static int
list(lua_State *L)
{
    static const char *const known[] = {"prefix", "limit", "after", NULL};
    struct kv_space *store = check_store(L);
    const struct sorted_node *node = NULL, *last = NULL;
    struct span prefix, after;
    lua_Integer count = 0, limit;

    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    lua_settop(L, 1);
    api_check_keys(L, 1, known);
    limit = (lua_Integer)api_limit_field(L, 1);
    prefix.at = api_string_field(L, 1, "prefix", &prefix.len);
    after.at = api_string_field(L, 1, "after", &after.len);
    prefix = prefix.at ? prefix : SPAN("");
    if (store)
        node = after.at && span_cmp(after, prefix) >= 0 ? sorted_from(kv_all(store), after, true)
                                                        : sorted_from(kv_all(store), prefix, false);
    lua_newtable(L);
    lua_json_mark_array(L, -1);
    for (; node && count < limit && has_prefix(sorted_key(node), prefix);
         node = sorted_next(node)) {
        vm_charge(L, ACCESS_COST);
        push_entry(L, node);
        lua_rawseti(L, -2, ++count);
        last = node;
    }
    if (count < limit)
        return 1;
    lua_pushlstring(L, sorted_key(last).at, sorted_key(last).len);
    return 2;
}

void
api_store_settle(struct plugin *plugin, bool is_kept)
{
    if (is_kept)
        hub_kv_settle(plugin->all->hub);
    else
        hub_kv_take_back(plugin->all->hub, plugin->store_mark);
    plugin->has_written = false;
}

static const luaL_Reg functions[] = {
    {"get", get},   {"put", put}, {"delete", delete}, {"compare_and_set", compare_and_set},
    {"list", list}, {NULL, NULL},
};

void
api_store_push(lua_State *L)
{
    luaL_newlib(L, functions);
}
