/* The inside of a test file, for test_file.c and test_host.c. */
#ifndef HD1_TESTING_TEST_STATE_H
#define HD1_TESTING_TEST_STATE_H

#include "plugin/vm/vm.h"
#include "testing/test_file.h"

#include <lauxlib.h>

#define TEST_CASES_MAX 10000

struct test_file {
    char *path, *folder, *subject; /* "plugins/test_chat.lua", "plugins", "chat" */
    struct stage_store *store;     /* borrowed */
    const struct test_paths *paths;
    struct vm *vm;
    int run_ref, name_ref; /* functions of testing/lua/test.lua */
    char **names;          /* of its cases */
    size_t count;
    struct stage *stage; /* of the case that runs; NULL: none was opened */
    struct stage_client **clients;
    size_t client_count;
    struct stage_socket **sockets;
    size_t socket_count;
    /* What a host function holds while Lua may raise. */
    struct buf text;
    struct stage_answer answer;
};

/* test_host.c: pushes the table `host` that the test library is made of. [-0, +1] */
void test_host_push(lua_State *L);
/* test_visit.c: those of them about clients, sockets and requests. */
extern const luaL_Reg test_visit_functions[];
/* The world's stage; raises if there is none. */
struct stage *test_host_stage(lua_State *L);
/* Raises if it did not come to rest. */
void test_host_check_settled(lua_State *L, bool is_settled);
/* Pushes what the embedded chunk NAME.lua returns to these arguments, which are on top.
 * [-count, +results] */
void test_host_part(lua_State *L, const char *name, int count, int results);
/* The stage goes, with its clients. */
void test_host_close(struct test_file *file);
/* Is there FOLDER/NAME.lua? */
bool test_host_has_file(const char *folder, const char *name);

#endif
