/* What .luacheckrc lets plugins use is exactly what the sandbox offers. */
#include "vm_test.h"

#include <stdlib.h>

/*
 * Runs .luacheckrc (itself Lua, setting globals) in a VM and compares its list for plugins with _G,
 * both ways, one level deep. Returns "" or what differs.
 */
static const char compare[] =
    "local expected, differences = stds.sandbox.read_globals, {}\n"
    "local ignored = { stds = true, std = true, files = true, exclude_files = true,\n"
    "  max_line_length = true }\n"
    "local function both(mine, theirs, prefix)\n"
    "  for name, value in pairs(mine) do\n"
    "    local entry = theirs[name]\n"
    "    if ignored[name] or name == '_G' then\n"
    "    elseif not entry then differences[#differences + 1] = '+' .. prefix .. name\n"
    "    elseif type(value) == 'table' and prefix == '' and entry.fields then\n"
    "      both(value, entry.fields, name .. '.')\n"
    "    end\n"
    "  end\n"
    "  for name in pairs(theirs) do\n"
    "    if mine[name] == nil then differences[#differences + 1] = '-' .. prefix .. name end\n"
    "  end\n"
    "end\n"
    "both(_G, expected, '')\n"
    "table.sort(differences)\n"
    "return table.concat(differences, ' ')";

static void
run_rc(lua_State *L, void *ctx)
{
    struct chunk chunk = {.text = compare};

    lua_newtable(L); /* luacheck gives these two to the file */
    lua_setglobal(L, "stds");
    lua_newtable(L);
    lua_setglobal(L, "files");
    vm_load_file(L, HD1_SOURCE_DIR "/.luacheckrc");
    lua_call(L, 0, 0);
    run_chunk(L, &chunk);
    snprintf(ctx, 256, "%s", chunk.result);
}

static void
luacheck_knows_exactly_the_sandboxs_names(void **state)
{
    struct vm_options options = {.name = "test", .lib_path = "/nowhere"};
    struct vm *vm = vm_new(&options);
    char differences[256] = "";

    (void)state;
    if (vm_call(vm, run_rc, differences) != 0)
        fail_msg("%s", vm_error(vm));
    assert_string_equal(differences, "");
    vm_free(vm);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(luacheck_knows_exactly_the_sandboxs_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
