/*
 * Lua values from checked JSON, and JSON from Lua values. Integers stay integers, arrays carry a
 * metatable so that [] is not {}, null is the light pointer NULL (hd1.json.null).
 */
#ifndef HD1_PLUGIN_VM_LUA_JSON_H
#define HD1_PLUGIN_VM_LUA_JSON_H

#include "buf.h"
#include "span.h"

#include <lua.h>

#define LUA_JSON_BYTES_MAX                                                                         \
    (1024 * 1024) /* the cap of what plugins encode or decode by themselves */

/* Makes the arrays' metatable. Inside vm_call(), once per state. [-0, +0] */
void lua_json_open(lua_State *L);

#define LUA_JSON_BYTES_PER_INSTRUCTION 16 /* of decoding, which is the caller's to charge */

/* Pushes a value that passed json_check() [-0, +1]; raises when memory is used up. */
void lua_json_push(lua_State *L, struct span value);
/* Checks the text first; false and a message in why (static or in error): nothing was pushed. */
bool lua_json_push_text(lua_State *L, struct span text, const char **why, size_t *offset);

/* Marks the table at index as an array, whatever is in it. [-0, +0] */
void lua_json_mark_array(lua_State *L, int index);
bool lua_json_is_array(lua_State *L, int index);

struct lua_json_options {
    size_t bytes_max;
    bool is_mixed; /* a table with a sequence and other keys becomes an object with keys "1", "2",
                      ... */
};

#define LUA_JSON_WHY_MAX 160

/*
 * Appends the value at index as JSON. Allocates nothing in Lua, raises nothing, calls no
 * metamethod. 0, or HD1_EINVAL (a function, a cycle, NaN, invalid UTF-8, a sparse array, ...),
 * HD1_ETOOBIG or HD1_EBUDGET, with why[LUA_JSON_WHY_MAX] = where in the value and what. A table
 * without the arrays' metatable is an array if its keys are 1..n, n > 0. Whatever comes of it, the
 * budget pays for what was looked at. [-0, +0]
 */
int lua_json_append(lua_State *L, int index, const struct lua_json_options *options,
                    struct buf *out, char *why);
/* The same into the VM's scratch buffer, which is lent; raises the message if it cannot. [-0, +0]
 */
struct span lua_json_encode(lua_State *L, int index, size_t bytes_max);

#endif
