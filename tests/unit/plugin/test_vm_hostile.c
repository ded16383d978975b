/* Nothing inside a Lua state gets past its budget, and whatever it tried leaves it usable. */
#include "vm_test.h"

#include "call_time.h"

#include <stdlib.h>

/* Each must end in an error; after it the state must still be usable. */
static const char *const hostile[] = {
    /* the budget */
    "while true do end",
    "repeat until false",
    "local function f() return f() end return f()",
    "local function f() return 1 + f() end return f()",
    "while true do pcall(function() while true do end end) end",
    "pcall(function() while true do end end) while true do end",
    "return pcall(pcall, pcall, function() while true do end end)",
    "return pcall(function() while true do end end)",
    "xpcall(function() while true do end end, function() while true do end end)",
    "xpcall(function() error('x') end, function() while true do end end)",
    "local function h(e) return xpcall(error, h, e) end while true do xpcall(error, h, 1) end",
    "local co = coroutine.wrap(function() while true do end end) co()",
    "while true do coroutine.wrap(function() end)() end",
    "while true do pcall(coroutine.wrap(function() while true do end end)) end",
    "local function f() coroutine.wrap(f)() end f()",
    "local function f() pcall(coroutine.wrap(f)) pcall(coroutine.wrap(f)) end f() f()",
    "local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do "
    "co() end",
    "setmetatable({}, {__close = 1}) local x <close> = setmetatable({}, {__close = function() "
    "while true do end end}) while true do end",
    "local t = setmetatable({}, {__index = function(t, k) return t[k] end}) return t.x",
    "local t = setmetatable({}, {__eq = function() while true do end end}) return t == "
    "setmetatable({}, "
    "getmetatable(t))",
    "for i = 1, math.huge do end",
    "goto a ::a:: goto a",
    "while true do pcall(error) end",
    /* memory */
    "local t = {} for i = 1, 1e9 do t[i] = {} end",
    "local s = 'x' while true do s = s .. s end",
    "local s = ('x'):rep(1000000) local t = {} for i = 1, 1000 do t[i] = s .. i end",
    "local t = {} while true do pcall(function() for i = 1, 1e6 do t[#t + 1] = {i} end end) end",
    "return {table.unpack({}, 1, 1e7)}",
    "return ('x'):rep(1e6):byte(1, -1)",
    "return select('#', ('x'):rep(1e6):byte(1, -1))",
    "return table.pack(('x'):rep(900000):byte(1, -1))",
    "local t = {} for i = 1, 1e7 do t[i] = coroutine.create(print) end",
    "error(setmetatable({}, {__tostring = function() while true do end end}))",
    /* natives that the hook does not see */
    "return ('x'):rep(1e10)",
    "return ('x'):rep(1 << 62)",
    "return (''):rep(1 << 62)",
    "return (''):rep(1e9)",
    "while true do local s = ('x'):rep(1e6) end",
    "return table.concat({}, 'x', 1, 1e18)",
    "return table.concat(setmetatable({}, {__index = function() return 'x' end}), '', 1, 1e9)",
    "return table.concat(setmetatable({}, {__index = rawlen}), '', 1, 1 << 62)",
    "return table.concat(setmetatable({}, {__index = rawlen, __len = function() return 1 << 60 "
    "end}))",
    "return table.unpack({}, 1, 1 << 62)",
    "return table.unpack({}, math.mininteger, math.maxinteger)",
    "return table.move({}, 1, 1 << 62, 2)",
    "return table.move({1}, 1, math.maxinteger - 1, 2)",
    "return table.sort(setmetatable({}, {__len = function() return 1 << 30 end, __index = "
    "rawlen}))",
    "local t = {} for i = 1, 1e5 do t[i] = i end while true do table.sort(t) end",
    "local t = {} for i = 1, 1e5 do t[i] = i end while true do table.insert(t, 1, 0) end",
    "table.sort({1, 2, 3, 4, 5, 6, 7, 8, 9}, function() while true do end end)",
    "return table.insert(setmetatable({}, {__len = function() return 1 << 40 end, __index = "
    "rawlen}), 1, 1)",
    "return ('a'):rep(30000):find(('a*'):rep(20) .. 'b')",
    "return ('a'):rep(5000):match(('a-'):rep(8) .. 'b')",
    "return ('a'):rep(5000):gsub('.-.-.-b', '')",
    "for _ in ('a'):rep(5000):gmatch('.*.*.*b') do end",
    "return ('a'):rep(50000):find('.-b')",
    "while true do ('a'):rep(500000):find(('a'):rep(250000) .. 'b', 1, true) end",
    "while true do ('a'):rep(500000):find(('a'):rep(250000) .. 'b') end",
    "return ('('):rep(30000):find('%b()%b()%b()')",
    "return ('a'):rep(4000):find('(.*)%1b')",
    "return ('a'):rep(4000):find(('a?'):rep(4000) .. ('a'):rep(4000))",
    "while true do ('a'):rep(500):find('.-.-b') end",
    "return ('a'):rep(7000):find('[' .. ('z'):rep(1000) .. 'a]-b')",
    "return ('a'):rep(7000):find('.-' .. ('a'):rep(1000) .. 'b')",
    "return ('a'):rep(7000):gsub('.-' .. ('a'):rep(1000) .. 'b', '')",
    "return ('a'):rep(1000000):gsub('', ('%0'):rep(500000))",
    "while true do ('x'):rep(1000000):gsub('()', tostring) end",
    "return ('x'):rep(200000):format()",
    "local s = ('\\0'):rep(1e6) while true do string.format('%q', s) end",
    "local t = {} for i = 1, 9000 do t[i] = 1e308 end while true do "
    "string.format(('%f'):rep(9000), table.unpack(t)) end",
    "local t, s = {}, ('x'):rep(1e6) for i = 1, 9000 do t[i] = s end while true do "
    "pcall(string.format, ('%.3s'):rep(9000), table.unpack(t)) end",
    "local s = ('%p'):rep(500000) while true do os.date(s) end",
    "local s = ('x'):rep(1e6) s = s .. s .. s .. s while true do utf8.len(s) end",
    "local s = ('x'):rep(1e6) s = s .. s .. s .. s while true do utf8.offset(s, 4000000) end",
    "local s = ('x'):rep(1e6) while true do pcall(utf8.codepoint, s, 1, 1000000) end",
    "local s = ('1'):rep(1e6) s = s .. s .. s .. s while true do tonumber(s, 36) end",
    "local s = ('1'):rep(1e6) s = s .. s .. s .. s while true do tonumber(s) end",
    "local s = ('1'):rep(1e6) s = s .. s .. s .. s while true do local t = s + 1 end",
    "local s = ('1'):rep(1e6) s = s .. s .. s .. s while true do math.floor(s) end",
    "local t, s = {}, ('1'):rep(1e6) for i = 1, 9000 do t[i] = s end while true do "
    "math.max(table.unpack(t)) end",
    "local t, s = {}, ('1'):rep(1e6) for i = 1, 9000 do t[i] = s end while true do "
    "pcall(string.char, table.unpack(t)) end",
    "local s = ('b'):rep(1e6) while true do pcall(string.packsize, s) end",
    "local s = ('b'):rep(1e5) while true do pcall(string.unpack, s, s) end",
    "while true do string.pack('c1000000', '') end",
    "local t, s = {}, ('x'):rep(1e6) while true do t[s .. s .. s .. s] = nil end",
    "coroutine.wrap(function() local t, s = {}, ('x'):rep(1e6) while true do "
    "t[s .. s .. s .. s] = nil end end)()",
    "local t, s = {}, ('x'):rep(1e6) for i = 1, 4 do t[i] = s end while true do table.concat(t) "
    "end",
    "local t, s = {}, ('x'):rep(1e6) for i = 1, 1000 do t[i] = s end while true do "
    "pcall(table.concat, t) end",
    "local t, s = {}, ('x'):rep(1e6) for i = 1, 9000 do t[i] = s end table.sort(t)",
    "local t = {} for i = 1, 2e5 do t[i] = i + 0.1 end while true do table.concat(t) end",
    "local t = {} for i = 1, 1e5 do t['k' .. i] = i end for k in pairs(t) do t[k] = nil end "
    "while true do next(t) end",
    "local s = ('x'):rep(1e6) while true do s:lower() end",
    "local s = ('x'):rep(1e6) while true do s:reverse() end",
    "local s = ('x'):rep(1e6) while true do pcall(error, s .. s) end",
    "local s = ('x'):rep(1e6) while true do print(s, s, s) end",
    "return string.format('%99999d', 1)",
    "while true do local s = ('x'):rep(1e6):upper() end",
    "local s = ('x'):rep(7e6) while true do local t = s .. s end",
    "local a, b = ('x'):rep(1e6), ('x'):rep(1e6) .. '' while true do local t = a == b end",
    "local t = table.pack(('x'):rep(60000):byte(1, -1)) local function f(...) while true do "
    "select('#', ...) end end f(table.unpack(t))",
    /* metatables, strings, code */
    "setmetatable({}, {__gc = function() end})",
    "setmetatable({}, {__gc = true})",
    "getmetatable('').__index = nil",
    "return setmetatable('', {})",
    "string.dump(print)",
    "load('x = 1')()",
    "return require('os')",
    "coroutine.yield()",
    "error()",
    "error(nil)",
    "error({})",
    "error(setmetatable({}, {__tostring = error}))",
    "error(('x'):rep(1000000))",
    "return 1 + nil",
    "return #nil",
    "return ('x')()",
    "syntax error",
    "\x1bLua",
    "return cjson.decode(('['):rep(100))",
    "return cjson.decode('[NaN]')",
    "return cjson.decode(('x'):rep(2000000))",
    "local t = {} t[1] = t return cjson.encode(t)",
    "local t = {} for i = 1, 31 do t = {t, t} end return cjson.encode(t)",
    "return cjson.encode({x = print})",
    "return cjson.encode({[10] = 1})",
    "return cjson.encode(0 / 0)",
    "return cjson.encode('\\xff')",
    "local t = {} for i = 1, 20000 do t[i] = i end t[20001] = print while true do "
    "pcall(cjson.encode, t) end",
    "local t = {('x'):rep(9e5), '\\xff'} while true do pcall(cjson.encode, t) end",
    "local t, u = {}, {} for i = 1, 60000 do t['k' .. i] = 1 end for k in pairs(t) do t[k] = nil "
    "end for i = 1, 60000 do u[i] = t end while true do cjson.encode(u) end",
};

/* Says what is wrong with one of them; true: nothing is. */
static bool
is_stopped(struct vm *vm, const char *text)
{
    int64_t start_ms = call_time_ms(), took_ms;
    int err = run_text(vm, text, NULL);

    took_ms = call_time_ms() - start_ms;
    if (getenv("HD1_TEST_TIMES"))
        print_message("%6d ms  %.70s -- %.60s\n", (int)took_ms, text, vm_error_line(vm));
    if (err == 0)
        print_error("was not stopped: %s\n", text);
    else if (took_ms > CALL_TIME_MAX_MS)
        print_error("took %d ms: %s\n", (int)took_ms, text);
    return err != 0 && took_ms <= CALL_TIME_MAX_MS && vm_error(vm)[0] != '\0';
}

static void
hostile_chunks_are_stopped_and_leave_a_usable_state(void **state)
{
    int failed = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        struct vm *vm = make_vm(0);

        failed += !is_stopped(vm, hostile[i]);
        expect_result(vm, "return 1 + 1", "2");
        vm_free(vm);
    }
    assert_int_equal(failed, 0);
}

/* The same state is hit by all of them in turn. */
static void
hostile_chunks_leave_nothing_behind_for_the_next(void **state)
{
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        assert_int_not_equal(run_text(*state, hostile[i], NULL), 0);
        expect_result(*state, "local n = 0 for i = 1, 100000 do n = n + 1 end return n", "100000");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_chunks_are_stopped_and_leave_a_usable_state),
        cmocka_unit_test_setup_teardown(hostile_chunks_leave_nothing_behind_for_the_next, vm_setup,
                                        vm_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
