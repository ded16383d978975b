/*
 * hd1.random(), hd1.random(n), hd1.random(m, n): as math.random, but of the operating system's
 * random bytes, so that nobody can tell the next from those before. hd1.random_bytes(n): a string
 * of n bytes, 0 to 65536. hd1.uuid(): a UUID of version 7 (RFC 9562): by time, then random.
 */
#include "plugin/api/api.h"

#include "idgen.h"
#include "plugin/plugin_state.h"

#include <lauxlib.h>
#include <stdio.h>

#define BYTES_MAX 65536

/* Drawn in one call for many. */
static uint64_t
next_bits(struct plugin *plugin)
{
    uint64_t bits;

    if (plugin->random_left < sizeof(bits)) {
        idgen_bytes(plugin->random, sizeof(plugin->random));
        plugin->random_left = sizeof(plugin->random);
    }
    plugin->random_left -= sizeof(bits);
    memcpy(&bits, plugin->random + plugin->random_left, sizeof(bits));
    memset(plugin->random + plugin->random_left, 0, sizeof(bits));
    return bits;
}

/* 0 to n, each as likely: what lies beyond is drawn again. */
static uint64_t
next_up_to(struct plugin *plugin, uint64_t n)
{
    uint64_t mask = n, bits;

    for (int shift = 1; shift < 64; shift *= 2)
        mask |= mask >> shift;
    do {
        bits = next_bits(plugin) & mask;
    } while (bits > n);
    return bits;
}

static int
random_number(lua_State *L)
{
    struct plugin *plugin = vm_owner(L);
    lua_Integer low = 1, high;

    if (lua_gettop(L) == 0) {
        lua_pushnumber(L, (lua_Number)(next_bits(plugin) >> 11) * 0x1p-53);
        return 1;
    }
    high = luaL_checkinteger(L, 1);
    if (!lua_isnoneornil(L, 2)) {
        low = high;
        high = luaL_checkinteger(L, 2);
    }
    luaL_argcheck(L, low <= high, lua_isnoneornil(L, 2) ? 1 : 2, "interval is empty");
    lua_pushinteger(
        L, (lua_Integer)((uint64_t)low + next_up_to(plugin, (uint64_t)high - (uint64_t)low)));
    return 1;
}

static int
random_bytes(lua_State *L)
{
    lua_Integer count = luaL_checkinteger(L, 1);
    luaL_Buffer out;

    luaL_argcheck(L, count >= 0 && count <= BYTES_MAX, 1, "must be 0 to 65536");
    vm_charge(L, count / 16 + 20);
    idgen_bytes(luaL_buffinitsize(L, &out, (size_t)count), (size_t)count);
    luaL_pushresultsize(&out, (size_t)count);
    return 1;
}

static int
uuid(lua_State *L)
{
    struct plugin *plugin = vm_owner(L);
    uint64_t time_ms = (uint64_t)plugins_unix_ms(plugin->all);
    uint64_t a = next_bits(plugin), b = next_bits(plugin);
    char text[40];

    snprintf(text, sizeof(text), "%08llx-%04llx-7%03llx-%04llx-%012llx",
             (unsigned long long)(time_ms >> 16 & 0xffffffff),
             (unsigned long long)(time_ms & 0xffff), (unsigned long long)(a & 0xfff),
             (unsigned long long)(0x8000 | (a >> 12 & 0x3fff)),
             (unsigned long long)(b & 0xffffffffffff));
    lua_pushstring(L, text);
    return 1;
}

static const luaL_Reg functions[] = {
    {"random", random_number},
    {"random_bytes", random_bytes},
    {"uuid", uuid},
    {NULL, NULL},
};

void
api_random_open(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}
