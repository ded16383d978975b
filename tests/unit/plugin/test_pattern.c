/* string.find, match, gmatch and gsub do what Lua's own do, their errors included: both are given
 * the same; and what takes long is charged. */
#include "vm_test.h"

#include "call_time.h"

#include <lualib.h>

#define CASES 30000

/* Behind "local seed = N": makes a subject, a pattern and what else is needed from it, and says
 * what comes of it. */
static const char chunk[] =
    "local function random(n)\n"
    "  seed = (seed * 6364136223846793005 + 1442695040888963407) & 0x7fffffffffffffff\n"
    "  return (seed >> 20) % n + 1\n"
    "end\n"
    "local function pick(list, most)\n"
    "  local out = {}\n"
    "  for i = 1, random(most) - 1 do out[i] = list[random(#list)] end\n"
    "  return table.concat(out)\n"
    "end\n"
    "local letters = {'a', 'a', 'a', 'b', 'b', 'c', 'A', '0', '1', ' ', '(', ')', '\\0', ']', "
    "'-',\n"
    "  '.', '^', '$', '%', '\\xe4'}\n"
    "local pieces = {'a', 'a', 'b', 'b', 'c', '1', ' ', '.', '.', '%a', '%d', '%s', '%W', '%l',\n"
    "  '%p', '%c', '%g', '%x', '%u', '%z', '%.', '[ab]', '[^a]', '[%a]', '[a-c]', '[^%s-]',\n"
    "  '[]]', '[^]]', '[a-]', '[%]]', '%1', '%1', '%2', '%0', '%b()', '%bab', '%f[%a]',\n"
    "  '%f[^a]', '%f[%z]', '(', '(', ')', ')', '()', '$', '^', '*', '*', '+', '+', '-', '-',\n"
    "  '?', '?', '%', '[', '[a', '[^', '%b', '%bx', '%f', '\\0', ']', '(a*)', '(.-)', '(b)'}\n"
    "local texts = {'x', '', '%0', '%1', '<%2>', '%%', '%', '%a', 'a%1b%0', 7, 1.5}\n"
    "local replacements = {\n"
    "  {a = 'X', b = false, ['1'] = 1, [1] = 'one', [2] = {}},\n"
    "  function(...) return select('#', ...) .. tostring((...)) end,\n"
    "  function(a, b) return b end,\n"
    "  function() return {} end,\n"
    "  function(a) error({a}) end,\n"
    "}\n"
    "local function show(...)\n"
    "  local out = table.pack(...)\n"
    "  for i = 1, out.n do\n"
    "    out[i] = type(out[i]) == 'string' and ('%q'):format(out[i]) or\n"
    "      math.type(out[i]) or type(out[i])\n"
    "  end\n"
    "  for i = 1, out.n do\n"
    "    local value = select(i, ...)\n"
    "    if math.type(value) then out[i] = out[i] .. value end\n"
    "  end\n"
    "  return table.concat(out, ',')\n"
    "end\n"
    "local function all(...)\n"
    "  local out, count = {}, 0\n"
    "  for a, b in string.gmatch(...) do\n"
    "    count = count + 1\n"
    "    out[count] = show(a, b)\n"
    "    if count == 20 then break end\n"
    "  end\n"
    "  return table.concat(out, ';')\n"
    "end\n"
    "local subject, pattern = pick(letters, 12), pick(pieces, 8)\n"
    "if random(4) == 1 then pattern = '^' .. pattern end\n"
    "local start, what = random(14) - 5, random(6)\n"
    "if what == 1 then return show(pcall(string.find, subject, pattern)) end\n"
    "if what == 2 then return show(pcall(string.find, subject, pattern, start, start > 6)) end\n"
    "if what == 3 then return show(pcall(string.match, subject, pattern, start)) end\n"
    "if what == 4 then return show(pcall(all, subject, pattern, start)) end\n"
    "if what == 5 then\n"
    "  return show(pcall(string.gsub, subject, pattern, texts[random(#texts)],\n"
    "    random(3) == 1 and start or nil))\n"
    "end\n"
    "return show(pcall(string.gsub, subject, pattern, replacements[random(#replacements)]))\n";

/* Of what chance does not find; each returns one value. */
static const char *const fixed[] = {
    "return select('#', ('x'):rep(40):match(('(x)'):rep(32)))",
    "return select(2, pcall(string.match, ('x'):rep(40), ('(x)'):rep(33)))",
    "return select(2, pcall(string.find, ('a'):rep(300), ('a?'):rep(250) .. 'b'))",
    "return select(2, pcall(string.find, ('a'):rep(300), ('b?'):rep(250) .. 'a'))",
    "return select(2, pcall(string.find, ('a'):rep(300), ('b*'):rep(250) .. 'a'))",
    "return select(2, pcall(string.find, ('a'):rep(300), ('b-'):rep(250) .. 'a'))",
    "return select(2, pcall(string.find, ('a'):rep(300), ('a*'):rep(199)))",
    "return select(2, pcall(string.find, ('a'):rep(300), ('a*'):rep(200)))",
    "return select(2, pcall(string.find, 'a', ('a'):rep(70000) .. '*'))",
    "return (('THE (quick) fox'):find('%((%a+)%)'))",
    "return (('x = 1, y = 22'):gsub('(%w+) = (%w+)', '%2 = %1'))",
    "return (('hello world'):gsub('', '-'))",
    "return (('abc'):gsub('%w', '%0%0', 2))",
    "return (('$name is $age'):gsub('%$(%w+)', {name = 'Ann', age = 7}))",
    "return select(2, pcall(string.gsub, 'x', 'x'))",
    "return select(2, pcall(string.gsub, 'x', 'x', true))",
    "return select(2, pcall(string.find))",
    "return select(2, pcall(string.find, 'x', {}))",
    "return select(2, pcall(string.find, 'x', 'x', 'y'))",
    "return select(2, pcall(string.gmatch, 'x'))",
    "return (string.find(1234, 3))",
    "return string.gmatch(1234, '%d')()",
    "return (string.gsub(1234, 3, 4))",
    "return ('x'):find('x', math.mininteger)",
    "return ('x'):find('x', math.maxinteger) == nil",
    "return ('x'):gmatch('x', math.mininteger)()",
    "return ('x'):gmatch('', math.maxinteger)() == nil",
    "return ('x'):find('', 2)",
    "return ('x'):find('', 3) == nil",
    "local f = ('x'):gmatch('x') f() return f() == nil and f() == nil",
};

static void
expect_same(lua_State *reference, struct vm *vm, const char *text)
{
    struct chunk wanted = {.text = text};
    char got[256];

    run_chunk(reference, &wanted);
    lua_settop(reference, 0);
    if (run_text(vm, text, got) != 0)
        fail_msg("%.60s: %s", text, vm_error(vm));
    if (strcmp(got, wanted.result) != 0)
        fail_msg("%.60s: \"%s\" instead of \"%s\"", text, got, wanted.result);
}

static void
patterns_match_what_they_match_in_lua(void **state)
{
    struct vm_options options = {.name = "test"};
    struct vm *vm = vm_new(&options);
    lua_State *reference = luaL_newstate();
    char text[sizeof(chunk) + 40];

    (void)state;
    luaL_openlibs(reference);
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        expect_same(reference, vm, fixed[i]);
    for (int seed = 1; seed <= CASES; seed++) {
        snprintf(text, sizeof(text), "local seed = %d %s", seed, chunk);
        expect_same(reference, vm, text);
    }
    lua_close(reference);
    vm_free(vm);
}

/* Each takes Lua's own matcher seconds or longer, up to the end of the world. */
static void
what_takes_long_is_stopped_and_the_error_says_what_to_do(void **state)
{
    static const char *const texts[] = {
        "return ('a'):rep(7000):find('[' .. ('z'):rep(1000) .. 'a]-b')",
        "return ('a'):rep(7000):find('[^' .. ('z'):rep(1000) .. ']-b')",
        "return ('a'):rep(7000):find('.-' .. ('a'):rep(1000) .. 'b')",
        "return ('a'):rep(7000):match('.-' .. ('a'):rep(1000) .. 'b')",
        "return ('a'):rep(7000):gsub('.-' .. ('a'):rep(1000) .. 'b', '')",
        "for _ in ('a'):rep(7000):gmatch('.-' .. ('a'):rep(1000) .. 'b') do end",
        "return ('a'):rep(7000):find(('[%l%u%d]'):rep(1000) .. 'b.-c')",
        "return ('a'):rep(1000000):find('[' .. ('z'):rep(100000) .. ']')",
        "return ('a'):rep(1000000):find('%f[' .. ('z'):rep(100000) .. ']')",
        "return ('a'):rep(3000):find(('.-'):rep(12) .. 'b')",
        "return ('a'):rep(3000):find('^' .. ('.-'):rep(12) .. 'b')",
        "return ('a'):rep(30000):find('((((.*)))-)b')",
        "return ('('):rep(300000):find('%b()')",
        "return ('a'):rep(1000000):find('(.*)%1b')",
        "return ('a'):rep(1000):find('(.-)(.-)(.-)%3%2%1b')",
        "return ('a'):rep(100):find(('a?'):rep(100) .. ('a'):rep(100))",
        "return ('a'):rep(1000000):gsub('', ('%0'):rep(500000))",
        "return ('a'):rep(1000000):gsub('()', ('%1'):rep(10000))",
    };
    struct vm_options options = {.name = "test"};
    struct vm *vm = vm_new(&options);

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int64_t start_ms = call_time_ms();

        if (run_text(vm, texts[i], NULL) != HD1_EBUDGET)
            fail_msg("%s: %s", texts[i], vm_error(vm));
        assert_true(call_time_ms() - start_ms <= CALL_TIME_MAX_MS);
        if (!strstr(vm_error_line(vm), "used up while matching a pattern: begin it with ^"))
            fail_msg("%s: %s", texts[i], vm_error(vm));
    }
    vm_free(vm);
}

/* A long text is no crime. Sanitizers are slow: the budget's time is not what is looked at here. */
static void
what_is_long_but_cheap_is_matched(void **state)
{
    static const char *const texts[][2] = {
        {"return #('a b '):rep(250000):gsub('%s+', '')", "500000"},
        {"return ('x'):rep(1000000):match('^(.-)%s*$') == ('x'):rep(1000000)", "true"},
        {"local n = 0 for k in ('key = value, '):rep(20000):gmatch('(%w+) = %w+') do n = n + 1 end "
         "return n",
         "20000"},
        {"return (('x'):rep(1000000) .. 'yz'):find('yz')", "1000001"},
        {"return (('x'):rep(1000000) .. 'yz'):find('y.')", "1000001"},
        {"return ('a'):rep(500000):find(('a'):rep(250000) .. 'b', 1, true)", "nil"},
        {"return ('a'):rep(1000000):find(('a'):rep(2000)) ", "1"},
        {"local text, n, at = ('line\\n'):rep(20000), 0, 1 while at <= #text do at = "
         "text:find('\\n', at, true) + 1 n = n + 1 end return n",
         "20000"},
    };
    struct vm_options options = {.name = "test", .instructions = 100 * VM_INSTRUCTIONS_DEFAULT};
    struct vm *vm = vm_new(&options);

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        expect_result(vm, texts[i][0], texts[i][1]);
        assert_in_range(vm_instructions_used(vm), 0, VM_INSTRUCTIONS_DEFAULT);
    }
    vm_free(vm);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_what_they_match_in_lua),
        cmocka_unit_test(what_takes_long_is_stopped_and_the_error_says_what_to_do),
        cmocka_unit_test(what_is_long_but_cheap_is_matched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
