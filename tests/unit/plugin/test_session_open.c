/* Sessions that a plugin asks for: hd1.open(id, fn). */
#include "hub/rest.h"
#include "plugin/play.h"

static void
a_session_is_loaded_on_request(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    scene_create(play->scene, "other");
    scene_restart(play->scene); /* nothing is in memory now */
    play_add_hook(play, "local got = {}",
                  "local name = event.data.object.name\n"
                  "if name == 'ask' then\n"
                  "  assert(select(3, hd1.session('other')) == 'not_loaded')\n"
                  "  for _, id in ipairs{ 'other', 'demo', 'nowhere' } do\n"
                  "    assert(hd1.open(id, function(s, why, code)\n"
                  "      got[#got + 1] = s and s.id .. s.seq .. tostring(hd1.session(id) == s)"
                  " or code end))\n"
                  "  end\n"
                  "  assert(#got == 0)\n"
                  "  fails('session', hd1.open, 'a b', print)\n"
                  "  fails('function expected', hd1.open, 'demo')\n"
                  "  return\n"
                  "end\n"
                  "table.sort(got)\n"
                  "assert(table.concat(got, ' ') == 'demo2true other1true unknown_session',"
                  " table.concat(got, ' '))");
    play_start(play);
    play_expect_post(play, "ask", "");
    play_expect_post(play, "see", "");
}

static void
opening_is_dropped_with_a_refused_event_and_bounded(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play_add_hook(play, "local got = 0",
                  "local name = event.data.object.name\n"
                  "if name == 'see' then assert(got == 0) return end\n"
                  "if name == 'count' then assert(got == 256) return end\n"
                  "local n = 0\n"
                  "while hd1.open('demo', function() got = got + 1 end) do n = n + 1 end\n"
                  "assert(n == 256)\n"
                  "if name == 'refuse' then return hd1.reject{ code = 'no' } end");
    play_start(play);
    play_expect_post(play, "refuse", "no");
    play_expect_post(play, "see", "");
    play_expect_post(play, "ask", "");
    play_expect_post(play, "count", "");
}

static void
a_callback_that_fails_is_logged_and_all_goes_on(void **state)
{
    struct play *play = *state;

    scene_create(play->scene, "demo");
    play_add_hook(play, "local n = 0",
                  "hd1.open('demo', function(s) n = n + 1 error('on purpose') end)\n"
                  "if event.data.object.name == 'b' then assert(n == 1) end");
    play_start(play);
    play_expect_post(play, "a", "");
    play_expect_post(play, "b", "");
}

#define PLAY_TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PLAY_TEST(a_session_is_loaded_on_request),
        PLAY_TEST(opening_is_dropped_with_a_refused_event_and_bounded),
        PLAY_TEST(a_callback_that_fails_is_logged_and_all_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
