/* Events to be judged by hooks. */
#include "plugin/hooking.h"

#include "hub/rest.h"

const char *
play_post(struct play *play, const char *text, struct rest_answer *answer)
{
    return scene_post(play->scene, "demo", answer, "%s", text);
}

void
play_expect_event(struct play *play, const char *text, const char *code)
{
    struct rest_answer answer = {0};

    assert_string_equal(play_post(play, text, &answer), code);
    buf_fini(&answer.result);
}
