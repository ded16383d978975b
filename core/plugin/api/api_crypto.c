/*
 * hd1.sha256(text, form?), hd1.hmac_sha256(key, text, form?): form is "raw" (32 bytes, the
 * default), "hex" (lower case) or "base64url". hd1.equal(a, b): are two strings equal? In a time
 * that does not tell where they differ: for signatures and tokens.
 */
#include "plugin/api/api.h"

#include "plugin/api/base64url.h"
#include "plugin/vm/vm.h"

#include <lauxlib.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>

#define DIGEST_BYTES 32
#define KEY_BYTES_MAX (1024 * 1024)
#define BYTES_PER_INSTRUCTION 16

/* In the form that the argument at arg names. [-0, +1] */
static int
push_digest(lua_State *L, int arg, const unsigned char digest[DIGEST_BYTES])
{
    static const char *const forms[] = {"raw", "hex", "base64url", NULL};
    char text[DIGEST_BYTES * 2 + 1];

    switch (luaL_checkoption(L, arg, "raw", forms)) {
    case 1:
        for (int i = 0; i < DIGEST_BYTES; i++)
            snprintf(text + 2 * i, 3, "%02x", digest[i]);
        lua_pushlstring(L, text, 2 * DIGEST_BYTES);
        break;
    case 2:
        lua_pushlstring(L, text,
                        base64url_encode(text, (struct span){(const char *)digest, DIGEST_BYTES}));
        break;
    default:
        lua_pushlstring(L, (const char *)digest, DIGEST_BYTES);
    }
    return 1;
}

static int
sha256(lua_State *L)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);

    vm_charge(L, (int64_t)(len / BYTES_PER_INSTRUCTION) + 20);
    if (!EVP_Digest(text, len, digest, NULL, EVP_sha256(), NULL))
        return luaL_error(L, "sha256 failed");
    return push_digest(L, 2, digest);
}

static int
hmac_sha256(lua_State *L)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    size_t key_len, len;
    const char *key = luaL_checklstring(L, 1, &key_len);
    const char *text = luaL_checklstring(L, 2, &len);

    luaL_argcheck(L, key_len <= KEY_BYTES_MAX, 1, "too long");
    vm_charge(L, (int64_t)((key_len + len) / BYTES_PER_INSTRUCTION) + 40);
    if (!HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, len, digest, NULL))
        return luaL_error(L, "hmac_sha256 failed");
    return push_digest(L, 3, digest);
}

static int
equal(lua_State *L)
{
    size_t a_len, b_len;
    const char *a = luaL_checklstring(L, 1, &a_len);
    const char *b = luaL_checklstring(L, 2, &b_len);

    vm_charge(L, (int64_t)(a_len / BYTES_PER_INSTRUCTION) + 1);
    lua_pushboolean(L, a_len == b_len && CRYPTO_memcmp(a, b, a_len) == 0);
    return 1;
}

static const luaL_Reg functions[] = {
    {"sha256", sha256},
    {"hmac_sha256", hmac_sha256},
    {"equal", equal},
    {NULL, NULL},
};

void
api_crypto_open(lua_State *L)
{
    luaL_setfuncs(L, functions, 0);
}
