/* An event on its way out of Lua: {"type":T,"data":D} as bytes. */
#ifndef HD1_PLUGIN_API_ENVELOPE_H
#define HD1_PLUGIN_API_ENVELOPE_H

#include "span.h"

#include <lua.h>

/*
 * Pushes the envelope of an event of that type with the table at index (nil or none: {}) as its
 * data; raises if that is no object, or over the size. The text is lent by the stack. [-0, +1]
 */
struct span envelope_push(lua_State *L, struct span type, int index, size_t bytes_max);

/*
 * Pushes the table at index (nil or none: {}) as JSON, with session_id as its first member; raises
 * if that is no object, names another session, or is over the size. Lent by the stack. [-0, +1]
 */
struct span envelope_push_data(lua_State *L, const char *session_id, int index, size_t bytes_max);

#endif
