/*
 * Boxes: what Lua holds of our objects. The event's and the message's are one userdata per plugin,
 * good while a hook runs; a session's is good for the call it was handed out in; a client's
 * is the same as long as somebody holds it, so that it can be a key. A box that is not good any
 * more raises. All functions are for use inside vm_call().
 */
#ifndef HD1_PLUGIN_API_BOX_H
#define HD1_PLUGIN_API_BOX_H

#include "span.h"

#include <lua.h>
#include <stdbool.h>

struct plugin;
struct plugin_socket;
struct client;
struct session;

/* One per kind: makes the metatable and what is kept for it. Once per plugin. [-0, +0] */
void box_event_open(lua_State *L, struct plugin *plugin);
void box_message_open(lua_State *L, struct plugin *plugin);
void box_session_open(lua_State *L, struct plugin *plugin);
void box_client_open(lua_State *L, struct plugin *plugin);
void box_socket_open(lua_State *L, struct plugin *plugin);
void box_identity_open(lua_State *L);
void box_request_open(lua_State *L);

/* [-0, +1] each. */
void box_push_event(lua_State *L, struct plugin *plugin);
void box_push_message(lua_State *L, struct plugin *plugin);
void box_push_session(lua_State *L, struct plugin *plugin, struct session *session);
void box_push_client(lua_State *L, struct plugin *plugin, struct client *client);

/* Lets go of the clients that hooks have not seen for a while. Outside of vm_call(). */
void box_rest_clients(struct plugin *plugin, int64_t now_ms);

/* What plugin->now.request is. */
void box_push_request(lua_State *L, struct plugin *plugin);
void box_push_socket(lua_State *L, struct plugin_socket *socket);
/* A copy of that identity (JSON), read-only; nil for SPAN_NONE. */
void box_push_identity(lua_State *L, struct span identity);
/* Its `user`; nil for SPAN_NONE. */
void box_push_user(lua_State *L, struct span identity);
/* The text with ? for each byte that is not UTF-8, so that it can be told on; nil for SPAN_NONE. */
void box_push_text(lua_State *L, struct span text);
/* It is closed and will be freed: what Lua holds of it is good no more. Outside of vm_call(). */
void box_forget_socket(struct plugin_socket *socket);
/* The session of the box at index; raises if there is none, or it is not good any more. */
struct session *box_check_session(lua_State *L, int index);
/* The same, and its state is looked at: what the call tells others rests on it. */
struct session *box_read_session(lua_State *L, int index);
/* box_session_methods.c: the function of that name, or NULL. */
lua_CFunction box_session_method(const char *name);
/* box_session_acts.c: those that tell or do something to one member. */
lua_CFunction box_session_act(const char *name);
/* The client of the box at index, or NULL if it is something else. */
struct client *box_test_client(lua_State *L, int index);

/* Is the value at index the event? Then its data, as it came, to be looked through once: who does
 * that often pays. Raises if the event is gone. [-0, +0] */
bool box_event_data(lua_State *L, int index, struct span *data);
/* Lets go of the event's data. [-0, +0] */
void box_clear_event(lua_State *L, struct plugin *plugin);

/* Pushes a new metatable of that name, hidden from getmetatable, whose fields are read by index and
 * cannot be written. [-0, +1] */
void box_push_metatable(lua_State *L, const char *name, lua_CFunction index);
/* Raises: there is no such field. */
int box_no_field(lua_State *L, const char *name);

#endif
