/*
 * What a plugin or script finds in its globals: the harmless part of Lua's libraries, the natives
 * that a count hook cannot see into wrapped with caps and charges, patterns by a matcher of our own
 * (pattern.h), require for PATH/lib only, and cjson.
 *
 *   _G _VERSION assert error getmetatable ipairs next pairs pcall rawequal rawget rawlen rawset
 * select setmetatable tonumber tostring type xpcall print require cjson coroutine math string table
 * utf8; os with clock, date, time
 */
#ifndef HD1_PLUGIN_VM_SANDBOX_H
#define HD1_PLUGIN_VM_SANDBOX_H

#include <lua.h>
#include <stdint.h>

#define TEXT_BYTES_PER_INSTRUCTION 64

/* Inside vm_call(), on a state without libraries. lib_path NULL: there is no require. [-0, +0] */
void sandbox_open(lua_State *L, const char *lib_path);

/* The parts, each in its file; they change the library tables among the globals. [-0, +0] */
void natives_string_open(lua_State *L);
void natives_pattern_open(lua_State *L); /* string.find, match, gmatch, gsub */
void natives_text_open(lua_State *L);    /* utf8, math, tonumber, os.date, arithmetic with texts */
void natives_table_open(lua_State *L);
void natives_control_open(lua_State *L); /* coroutine, xpcall, setmetatable */
void require_open(lua_State *L, const char *lib_path);
/* require(name) gives the value on top, whatever is in the folder. [-1, +0] */
void require_preload(lua_State *L, const char *name);
void cjson_open(lua_State *L);

/*
 * Replaces field name of the table at index -1 by guard, which gets the original as its first
 * upvalue and may go on by guard_pass(). [-0, +0]
 */
void guard_wrap(lua_State *L, const char *name, lua_CFunction guard);
/* Runs the original in the frame of the guard, so that its error messages name the right line. */
int guard_pass(lua_State *L);
/* A guard for what reads its arguments to the end: pays for the length of all texts among them. */
int guard_texts(lua_State *L);
/* How many of the len bytes at the text 1 the positions at 2 and 3 mean, which may be negative;
 * first, last: what they are if they are left out, last 0: the same as the first. */
int64_t guard_range(lua_State *L, size_t len, lua_Integer last);

#endif
