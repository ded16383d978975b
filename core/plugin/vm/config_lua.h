/* Runs a configuration file, which is Lua that returns a table, in an empty environment. */
#ifndef HD1_PLUGIN_VM_CONFIG_LUA_H
#define HD1_PLUGIN_VM_CONFIG_LUA_H

#include "buf.h"

/*
 * Appends the returned table as JSON to out: sequences become arrays, other tables objects; a table
 * with both (a plugin entry { "rate_limit", client = {...} }) becomes an object whose sequence part
 * is under the keys "1", "2", ... An empty table is {}. Functions, cycles, NaN are refused. 0, or
 * HD1_ENOENT, HD1_ESCRIPT, HD1_EINVAL with why = "FILE:LINE: what".
 */
int config_lua_run(const char *file, struct buf *out, struct buf *why);

#endif
