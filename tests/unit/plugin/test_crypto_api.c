/* hd1.random, random_bytes, uuid; sha256, hmac_sha256, equal, base64url. */
#include "hub/rest.h"
#include "plugin/play.h"

#include <stdio.h>
#include <string.h>

static void
body(struct play *play, const char *text)
{
    scene_create(play->scene, "demo");
    play_add_hook(play, "", text);
    play_start(play);
    play_expect_post(play, "last", "");
}

static void
random_is_in_its_range(void **state)
{
    body(*state,
         "local seen = {}\n"
         "for _ = 1, 1000 do\n"
         "  local f, die, far = hd1.random(), hd1.random(6), hd1.random(-3, -2)\n"
         "  assert(f >= 0 and f < 1 and die >= 1 and die <= 6 and math.type(die) == 'integer')\n"
         "  assert(far == -3 or far == -2) seen[die] = true\n"
         "end\n"
         "assert(#seen == 6 and hd1.random(5, 5) == 5)\n"
         "assert(hd1.random(math.mininteger, math.maxinteger)"
         " ~= hd1.random(math.mininteger, math.maxinteger))\n"
         "fails('interval is empty', hd1.random, 0)\n"
         "fails('interval is empty', hd1.random, 2, 1)\n"
         "fails('number', hd1.random, 'x')\n"
         "assert(#hd1.random_bytes(0) == 0 and #hd1.random_bytes(65536) == 65536)\n"
         "assert(hd1.random_bytes(16) ~= hd1.random_bytes(16))\n"
         "fails('0 to 65536', hd1.random_bytes, -1)\n"
         "fails('0 to 65536', hd1.random_bytes, math.maxinteger)");
}

static void
a_uuid_is_of_version_7(void **state)
{
    struct play *play = *state;

    play->scene->unix_ms = 0x0123456789ab;
    body(play,
         "local a, b = hd1.uuid(), hd1.uuid()\n"
         "assert(a ~= b and #a == 36, a)\n"
         "assert(a:find('^01234567%-89ab%-7%x%x%x%-[89ab]%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$'), a)");
}

/* Two plugins, each with math.random as Lua seeds it: equal if it came from the clock alone. */
static void
math_random_differs_between_plugins(void **state)
{
    struct play *play = *state;

    play_add_setup(play, "b",
                   "return { before_event = function(event)"
                   " return hd1.patch{ number = math.random(0) } end }");
    body(play, "assert(event.data.number and event.data.number ~= math.random(0))");
}

static void
digests_are_those_of_the_standards(void **state)
{
    /* FIPS 180-4 examples; RFC 4231, test cases 1, 2, 3, 6 and 7 */
    body(
        *state,
        "assert(hd1.sha256('abc', 'hex') =="
        " 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')\n"
        "assert(hd1.sha256('', 'hex') =="
        " 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')\n"
        "assert(#hd1.sha256('abc') == 32 and hd1.sha256('abc'):byte(1) == 0xba)\n"
        "assert(hd1.sha256('abc', 'base64url') == hd1.base64url.encode(hd1.sha256('abc', 'raw')))\n"
        "local function mac(key, text) return hd1.hmac_sha256(key, text, 'hex') end\n"
        "assert(mac(('\\x0b'):rep(20), 'Hi There') =="
        " 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7')\n"
        "assert(mac('Jefe', 'what do ya want for nothing?') =="
        " '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843')\n"
        "assert(mac(('\\xaa'):rep(20), ('\\xdd'):rep(50)) =="
        " '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe')\n"
        "assert(mac(('\\xaa'):rep(131), 'Test Using Larger Than Block-Size Key - Hash Key First')"
        " == '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54')\n"
        "assert(mac(('\\xaa'):rep(131), 'This is a test using a larger than block-size key and a '"
        " .. 'larger than block-size data. The key needs to be hashed before being used by the '"
        " .. 'HMAC algorithm.')"
        " == '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2')\n"
        "assert(#hd1.hmac_sha256('', '') == 32)\n"
        "fails('invalid option', hd1.sha256, 'a', 'md5')\n"
        "fails('string expected', hd1.hmac_sha256, 'k')");
}

static void
base64url_is_that_of_the_standard(void **state)
{
    /* RFC 4648, section 10, without padding */
    body(*state,
         "local b = hd1.base64url\n"
         "for text, code in pairs{ [''] = '', f = 'Zg', fo = 'Zm8', foo = 'Zm9v', foob = 'Zm9vYg',"
         " fooba = 'Zm9vYmE', foobar = 'Zm9vYmFy', ['\\xfb\\xff\\xfe'] = '-__-' } do\n"
         "  assert(b.encode(text) == code and b.decode(code) == text, text)\n"
         "end\n"
         "for n = 0, 300 do local bytes = hd1.random_bytes(n)"
         " assert(b.decode(b.encode(bytes)) == bytes) end\n"
         "for _, bad in ipairs{ 'Zg==', 'Z', 'Zh', 'Zm9=', 'Zm+v', 'Zm/v', 'Zm9v\\n', 'Zm 9v',"
         " 'Zm\\0v' } do\n"
         "  local bytes, why, code = b.decode(bad)\n"
         "  assert(bytes == nil and #why > 0 and code == 'malformed', bad)\n"
         "end\n"
         "fails('too long', b.encode, ('x'):rep(1024 * 1024) .. 'x')");
}

static void
equal_compares(void **state)
{
    body(*state, "assert(hd1.equal('', '') and hd1.equal('a\\0b', 'a\\0b'))\n"
                 "assert(not hd1.equal('a\\0b', 'a\\0c') and not hd1.equal('a', 'ab'))\n"
                 "fails('string expected', hd1.equal, 'a', nil)");
}

static void
work_in_c_costs(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play_add_hook(play, "local big = ('x'):rep(1000000)",
                  "local todo = { digest = function() hd1.sha256(big) end,\n"
                  "mac = function() hd1.hmac_sha256(big, big) end,\n"
                  "code = function() hd1.base64url.encode(big) end,\n"
                  "equal = function() hd1.equal(big, big) end,\n"
                  "bytes = function() hd1.random_bytes(65536) end }\n"
                  "for _ = 1, 1000 do todo[event.data.object.name]() end");
    play_start(play);
    play_expect_post(play, "digest", "plugin_failed");
    play_expect_post(play, "mac", "plugin_failed");
    play_expect_post(play, "code", "plugin_failed");
    play_expect_post(play, "equal", "plugin_failed");
    play_expect_post(play, "bytes", "plugin_failed");
}

int
main(void)
{
#define PLAY_TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)
    const struct CMUnitTest tests[] = {
        PLAY_TEST(random_is_in_its_range),
        PLAY_TEST(a_uuid_is_of_version_7),
        PLAY_TEST(math_random_differs_between_plugins),
        PLAY_TEST(digests_are_those_of_the_standards),
        PLAY_TEST(base64url_is_that_of_the_standard),
        PLAY_TEST(equal_compares),
        PLAY_TEST(work_in_c_costs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
