/*
 * What Lua's functions and operators do in C is charged to the budget by how much it is, and no
 * more than that. Counted in instructions, which do not vary.
 */
#include "vm_test.h"

#define MIB (1024 * 1024)

/* What is there before: a mebibyte of x, of digits and of NULs, and lists of 100,000. */
static const char made[] =
    "x, ones, nuls = ('x'):rep(1 << 20), ('1'):rep(1 << 20), ('\\0'):rep(1 << 20)\n"
    "utf = ('\\u{10FFFF}'):rep(1 << 18)\n"
    "numbers, texts, huge, same = {}, {}, {}, {}\n"
    "for i = 1, 100000 do numbers[i], texts[i] = i, 'x' end\n"
    "for i = 1, 1000 do huge[i], same[i] = 1e308, x end\n"
    "holes = table.move(numbers, 1, 50000, 1, {}) holes[50001] = print\n"
    "mixed = table.move(numbers, 1, 50000, 1, {}) mixed.a = 1\n"
    "thirds = {} for i = 1, 10000 do thirds[i] = i / 3 end\n"
    "emptied = {} for i = 1, 100000 do emptied['k' .. i] = i end\n"
    "for key in pairs(emptied) do emptied[key] = nil end\n"
    "list = {} for i = 1, 10000 do list[i] = emptied end\n"
    "date, b, pack = ('%p'):rep(20000), ('b'):rep(100000), ('i4'):rep(10000)\n"
    "packed = pack:rep(2)\n"
    "f, d, s3 = ('%f'):rep(1000), ('%d'):rep(1000), ('%.3s'):rep(1000)\n";

static int64_t
used(struct vm *vm, const char *text)
{
    if (run_text(vm, text, NULL) != 0)
        fail_msg("%s: %s", text, vm_error(vm));
    return vm_instructions_used(vm);
}

static struct vm *
make(void)
{
    struct vm_options options = {
        .name = "test", .instructions = 1000 * VM_INSTRUCTIONS_DEFAULT, .memory_bytes = 64 * MIB};
    struct vm *vm = vm_new(&options);

    assert_non_null(vm);
    used(vm, made);
    return vm;
}

static const struct {
    const char *text;
    int64_t least;
} dear[] = {
    {"x:lower()", MIB / 64},
    {"x:upper()", MIB / 64},
    {"x:reverse()", MIB / 64},
    {"x:byte(1, 100000)", 100000 / 8},
    {"x:byte(-100000, -1)", 100000 / 8},
    {"x:rep(1)", MIB / 64},
    {"('x'):rep(100000)", 100000 / 8},
    {"(''):rep(100000, 'ab')", 200000 / 64},
    {"('%s%s'):format(x, x)", 2 * MIB / 64},
    {"('%q'):format(nuls)", MIB},
    {"(x):sub(1, 60000):format()", 60000 / 64},
    {"f:format(table.unpack(huge))", 1000 * 100},
    {"d:format(table.unpack(numbers, 1, 1000))", 1000 * 4},
    {"pcall(string.format, s3, table.unpack(same))", 1000 * (MIB / 64)},
    {"pcall(string.char, table.unpack(numbers, 1, 20000))", 2 * 20000 / 8},
    {"pcall(string.char, table.unpack(same))", 1000 * (MIB / 64)},
    {"string.packsize(b)", 100000 / 8},
    {"string.pack(pack, table.unpack(numbers, 1, 10000))", 20000 / 8 + 10000 / 8},
    {"string.pack('c1000000', '')", 1000000 / 64},
    {"string.unpack(pack, packed)", 20000 / 8},
    {"x:find('y', 1, true)", MIB / 64},
    {"x:find('y')", MIB / 64},
    {"x:find('[y]')", MIB / 16},
    {"x:match('y*$')", MIB / 16},
    {"x:gsub('.', '')", MIB / 16},
    {"x:find('()$')", MIB / 16},
    {"x:sub(1, 60000):find('^(.*)%1y')", 1500000},
    {"x:sub(1, 100000):gsub('.', {})", 150000},
    {"x:gmatch('y.')()", MIB / 16},
    {"tonumber(ones)", MIB / 64},
    {"tonumber(ones, 36)", MIB / 64},
    {"math.max(table.unpack(same))", 1000 * (MIB / 64)},
    {"math.min(table.unpack(numbers, 1, 20000))", 2 * 20000 / 8},
    {"math.floor(ones)", MIB / 64},
    {"local _ = ones + 1", MIB / 64},
    {"local _ = -ones", MIB / 64},
    {"utf8.len(utf)", MIB / 64},
    {"utf8.codepoint(utf, 1, 100000)", 100000 / 16},
    {"utf8.offset(utf, 200000)", 200000 / 64},
    {"utf8.char(table.unpack(numbers, 1, 20000))", 2 * 20000 / 8},
    {"os.date(date)", 40000},
    {"print(x)", MIB / 64},
    {"table.concat(numbers)", 100000 * 2},
    {"table.concat(thirds)", 10000 * 8},
    {"table.concat({x, x, x, x})", 4 * MIB / 64},
    {"pcall(table.concat, same)", 1000 * (MIB / 64)},
    {"table.concat({1, 2, 3, 4}, x)", 3 * MIB / 64},
    {"table.insert(numbers, 1, 0)", 100000 / 8},
    {"table.remove(numbers, 1)", 100000 / 8},
    {"table.move(numbers, 1, 100000, 2)", 100000 / 8},
    {"table.unpack(numbers, 1, 100000)", 100000 / 8},
    {"table.sort(numbers)", 100000 * 16 / 4},
    {"table.sort(same)", 1000 * 9 * (MIB / 64)},
    {"for i = 1, 100 do local _ = x .. i end", 100 * 250},
    {"for i = 1, 100 do coroutine.wrap(print) end", 100 * 250},
    {"for i = 1, 100 do coroutine.create(print) end", 100 * 250},
    {"coroutine.wrap(function() for i = 1, 100 do end end)()", 250 + 75},
    {"cjson.encode(numbers)", 100000},
    {"cjson.encode(thirds)", 10000 * 12},
    {"pcall(cjson.encode, holes)", 50000 / 8},
    {"pcall(cjson.encode, mixed)", 50000 / 8},
    {"pcall(cjson.encode, {x:sub(1, 900000), '\\xff'})", 900000 / 16},
    {"cjson.encode(list)", 10000 * 8},
    {"cjson.decode('\"' .. x:sub(1, 1000000) .. '\"')", 1000000 / 16},
};

static void
what_is_done_in_c_is_charged(void **state)
{
    struct vm *vm = make();
    int failed = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(dear) / sizeof(dear[0]); i++) {
        int64_t instructions = used(vm, dear[i].text);

        if (instructions < dear[i].least)
            print_error("only %lld instructions: %s\n", (long long)instructions, dear[i].text);
        failed += instructions < dear[i].least;
    }
    vm_free(vm);
    assert_int_equal(failed, 0);
}

/* Of something large, a little; in a loop a budget is enough for a million of them. */
static const char *const cheap[] = {
    "for i = 1, 1000 do local _ = x:byte(i) end",
    "for i = 1, 1000 do local _ = x:byte(-i) end",
    "for i = 1, 1000 do local _ = x:byte() end",
    "for i = 1, 1000 do local _ = x:sub(i, i) end",
    "for i = 1, 1000 do local _ = x:len() end",
    "for i = 1, 1000 do local _ = #x end",
    "for i = 1, 1000 do local _ = x:find('x', i) end",
    "for i = 1, 1000 do local _ = x:find('x', i, true) end",
    "for i = 1, 1000 do local _ = x:find('^x', i) end",
    "for i = 1, 1000 do local _ = x:match('..', i) end",
    "for i = 1, 1000 do local _ = ('%d %s'):format(i, 'x') end",
    "for i = 1, 1000 do local _ = utf8.codepoint(utf, 4 * i + 1) end",
    "for i = 1, 1000 do local _ = utf8.len(utf, 1, 40) end",
    "for i = 1, 1000 do local _ = utf8.offset(utf, 2, 4 * i + 1) end",
    "local n = 0 for _ in utf8.codes(utf) do n = n + 1 if n == 1000 then break end end",
    "local n = 0 for _ in x:gmatch('.') do n = n + 1 if n == 1000 then break end end",
    "for i = 1, 1000 do table.insert(numbers, i) end",
    "for i = 1, 1000 do table.remove(numbers) end",
    "for i = 1, 1000 do table.insert(numbers, #numbers + 1, i) end",
    "for i = 1, 1000 do table.remove(numbers, #numbers) end",
    "for i = 1, 1000 do local _ = table.unpack(numbers, i, i) end",
    "for i = 1, 1000 do local _ = table.concat({'a', i}, ' ') end",
    "for i = 1, 1000 do local _ = math.floor(i / 2) end",
    "for i = 1, 1000 do local _ = tonumber('1') end",
    "for i = 1, 1000 do local _ = os.date('%d.%m.%Y') end",
};

static void
what_is_little_costs_little(void **state)
{
    struct vm *vm = make();
    int failed = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(cheap) / sizeof(cheap[0]); i++) {
        int64_t instructions = used(vm, cheap[i]);

        if (instructions > 30000)
            print_error("%lld instructions: %s\n", (long long)instructions, cheap[i]);
        failed += instructions > 30000;
    }
    vm_free(vm);
    assert_int_equal(failed, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_done_in_c_is_charged),
        cmocka_unit_test(what_is_little_costs_little),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
