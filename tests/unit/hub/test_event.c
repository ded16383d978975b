/* The registry of types, splicing into an event's data, and the one encoding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "err.h"
#include "hub/event.h"

#include <stdio.h>
#include <stdlib.h>

static int
add(struct event_types *types, const char *name)
{
    struct event_type type = {.lane = LANE_DURABLE, .is_sendable = true};

    snprintf(type.name, sizeof(type.name), "%s", name);
    return event_types_add(types, &type);
}

static void
a_type_is_found_by_its_name_and_belongs_to_the_core_unless_said(void **state)
{
    struct event_types types;
    struct event_type chat = {.name = "chat_message", .lane = LANE_VOLATILE};
    char doc[] = "said", owner[] = "chat";

    (void)state;
    event_types_init(&types);
    chat.doc = doc;
    chat.owner = owner;
    assert_int_equal(event_types_add(&types, &chat), 0);
    assert_int_equal(add(&types, "plain"), 0);
    doc[0] = owner[0] = '?'; /* it was copied */
    const struct event_type *found = event_types_find(&types, SPAN("chat_message"));

    assert_non_null(found);
    assert_int_equal(found->lane, LANE_VOLATILE);
    assert_string_equal(found->doc, "said");
    assert_string_equal(found->owner, "chat");
    assert_string_equal(event_types_find(&types, SPAN("plain"))->owner, "core");
    assert_null(event_types_find(&types, SPAN("chat")));
    assert_int_equal(add(&types, "plain"), HD1_EEXIST);
    event_types_fini(&types);
}

static void
names_of_types_are_lower_case_words(void **state)
{
    static const char *const bad[] = {"", "A", "_a", "1a", "a-b", "a b", "a.b", "aB"};
    struct event_types types;

    (void)state;
    event_types_init(&types);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_int_equal(add(&types, bad[i]), HD1_EINVAL);
    assert_int_equal(add(&types, "a"), 0);
    assert_int_equal(add(&types, "a1_b"), 0);
    event_types_fini(&types);
}

static void
declare(struct event_types *types, const char *name, enum lane lane, const char *doc)
{
    struct event_type type = {.lane = lane, .is_sendable = true, .is_declared = true};

    type.doc = (char *)doc;
    snprintf(type.name, sizeof(type.name), "%s", name);
    assert_int_equal(event_types_add(types, &type), 0);
}

static void
a_staged_generation_comes_into_force_as_a_whole(void **state)
{
    struct event_types types, stage;

    (void)state;
    event_types_init(&types);
    add(&types, "core_one");
    declare(&types, "changes", LANE_DURABLE, "old");
    declare(&types, "goes", LANE_DURABLE, "old");
    struct event_type *core = event_types_find(&types, SPAN("core_one"));
    struct event_type *changes = event_types_find(&types, SPAN("changes"));
    struct event_type *goes = event_types_find(&types, SPAN("goes"));

    changes->accepted = 7;
    event_types_stage(&stage, &types);
    assert_null(event_types_find(&stage, SPAN("changes"))); /* the old generation's */
    assert_int_equal(add(&stage, "core_one"), HD1_EEXIST);  /* clashes are found while loading */
    declare(&stage, "changes", LANE_VOLATILE, "new");
    declare(&stage, "comes", LANE_DURABLE, "new");
    assert_null(event_types_find(&types, SPAN("comes")));
    assert_string_equal(changes->doc, "old");
    event_types_commit(&types, &stage);
    assert_ptr_equal(event_types_find(&types, SPAN("core_one")), core);
    assert_ptr_equal(event_types_find(&types, SPAN("changes")), changes);
    assert_int_equal(changes->lane, LANE_VOLATILE);
    assert_string_equal(changes->doc, "new");
    assert_int_equal(changes->accepted, 7);
    assert_non_null(event_types_find(&types, SPAN("comes")));
    assert_null(event_types_find(&types, SPAN("goes")));
    assert_string_equal(goes->name, "goes"); /* still there for events on their way */
    event_types_stage(&stage, &types);
    declare(&stage, "goes", LANE_DURABLE, "again");
    event_types_commit(&types, &stage);
    assert_ptr_equal(event_types_find(&types, SPAN("goes")), goes);
    assert_string_equal(goes->doc, "again");
    assert_null(event_types_find(&types, SPAN("changes")));
    event_types_fini(&types);
}

static void
a_patch_splices_members_and_merges_into_object(void **state)
{
    static const struct {
        const char *data, *patch, *patched;
    } cases[] = {
        {"{}", "{}", "{}"},
        {"{}", "{\"a\":1}", "{\"a\":1}"},
        {"{\"a\":1,\"b\":2}", "{\"a\":null}", "{\"a\":null,\"b\":2}"},
        {"{\"a\" : 1.50 }", "{\"b\": 2}", "{\"a\" : 1.50,\"b\":2}"},
        {"{\"object\":{\"x\":1,\"y\":2}}", "{\"object\":{\"x\":3,\"z\":4}}",
         "{\"object\":{\"x\":3,\"y\":2,\"z\":4}}"},
        {"{\"object\":{\"d\":{\"p\":1}}}", "{\"object\":{\"d\":{\"q\":2}}}",
         "{\"object\":{\"d\":{\"q\":2}}}"},
        {"{\"object\":{\"x\":1}}", "{\"object\":7}", "{\"object\":7}"},
        {"{\"object\":7}", "{\"object\":{\"x\":1}}", "{\"object\":{\"x\":1}}"},
        {"{\"a\":{\"object\":{\"x\":1}}}", "{\"a\":{\"object\":{\"y\":1}}}",
         "{\"a\":{\"object\":{\"y\":1}}}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct event event = {.data = span_of(cases[i].data)};

        event_patch(&event, span_of(cases[i].patch));
        assert_true(span_is(event.data, cases[i].patched));
        event_patch(&event, SPAN("{\"again\":1}"));
        buf_fini(&event.scratch);
    }
}

static void
data_may_be_set_to_a_part_of_itself(void **state)
{
    struct event event = {.data = SPAN("{}")};

    (void)state;
    event_set_data(&event, SPAN("{\"a\":{\"b\":1}}"));
    event_set_data(&event, (struct span){event.data.at + 5, 7});
    assert_true(span_is(event.data, "{\"b\":1}"));
    buf_fini(&event.scratch);
}

static void
what_is_not_there_is_left_out_of_the_encoding(void **state)
{
    struct event_facts facts = {.type = SPAN("t"), .data = SPAN("{\"a\":1}"), .time_ms = 1999};
    struct buf out = BUF_INIT;

    (void)state;
    event_encode(&out, &facts);
    assert_string_equal(buf_cstr(&out),
                        "{\"type\":\"t\",\"data\":{\"a\":1},\"timestamp\":1,\"time_ms\":1999}");
    facts.seq = 7;
    facts.client_id = SPAN("client-x");
    facts.id = 9;
    buf_clear(&out);
    event_encode(&out, &facts);
    assert_string_equal(buf_cstr(&out),
                        "{\"type\":\"t\",\"data\":{\"a\":1},\"timestamp\":1,\"time_ms\":1999,"
                        "\"seq\":7,\"client_id\":\"client-x\",\"id\":9}");
    buf_fini(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_type_is_found_by_its_name_and_belongs_to_the_core_unless_said),
        cmocka_unit_test(names_of_types_are_lower_case_words),
        cmocka_unit_test(a_staged_generation_comes_into_force_as_a_whole),
        cmocka_unit_test(a_patch_splices_members_and_merges_into_object),
        cmocka_unit_test(data_may_be_set_to_a_part_of_itself),
        cmocka_unit_test(what_is_not_there_is_left_out_of_the_encoding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
