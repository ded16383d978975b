/* config*.c: what refuses a start says where, what, and what to do. */
#include "config_fixture.h"

static void
a_key_with_a_slip_names_the_one_that_was_meant(void **state)
{
    (void)state;
    assert_refused("return {\n  durabilty = \"full\",\n}\n",
                   "hd1.lua:2: unknown key durabilty; did you mean durability?", NULL);
    assert_refused("return {\n  limits = {\n    conections = 5,\n  },\n}\n",
                   "hd1.lua:3: unknown key limits.conections; did you mean connections?", NULL);
    assert_refused("return { limit = { connections = 5 } }",
                   "hd1.lua:1: unknown key limit; did you mean limits?", NULL);
}

static void
a_key_of_another_section_names_that_section(void **state)
{
    (void)state;
    assert_refused("return {\n\n  message_bytes = 5000,\n}\n",
                   "hd1.lua:3: unknown key message_bytes; did you mean limits.message_bytes?",
                   NULL);
}

static void
a_key_like_no_other_points_to_the_help(void **state)
{
    (void)state;
    assert_refused("return { colour_of_money = 1 }",
                   "unknown key colour_of_money; `hd1 serve --help`", NULL);
}

static void
a_wrong_type_says_what_it_must_be(void **state)
{
    (void)state;
    assert_refused("return {\n  data = 5,\n}\n", "hd1.lua:2: data is 5, but must be a text", NULL);
    assert_refused("return { anonymous = \"yes\" }",
                   "anonymous is \"yes\", but must be true or false", NULL);
    assert_refused("return { durability = \"fast\" }",
                   "durability is \"fast\", but must be \"full\" or \"process\"", NULL);
    assert_refused("return { limits = { connections = 1.5 } }", "limits.connections is 1.5", NULL);
    assert_refused("return { limits = 5 }", "limits must be a table of named keys", NULL);
    assert_refused("return { listen = { 8080 } }", "listen is [8080], but must be a list of texts",
                   NULL);
}

static void
a_number_out_of_range_says_the_range(void **state)
{
    (void)state;
    assert_refused("return { timeouts = { stop_s = 0 } }",
                   "timeouts.stop_s is 0, but must be an integer from 1 to 600", NULL);
    assert_refused("return { keep = { days = -1 } }", "keep.days is -1", NULL);
}

static void
every_fault_is_told_not_only_the_first(void **state)
{
    (void)state;
    assert_refused("return {\n  dta = \"x\",\n  durability = 1,\n  plugins = 2,\n}\n",
                   "hd1.lua:2: unknown key dta", "hd1.lua:3: durability is 1",
                   "hd1.lua:4: plugins must be a list", NULL);
}

static void
a_comment_is_not_taken_for_the_line_of_a_key(void **state)
{
    (void)state;
    assert_refused("-- data = 1\n--[[ data = 2\n]]\nreturn {\n  data = 5, -- data\n}\n",
                   "hd1.lua:5: data is 5", NULL);
}

static void
a_plugin_twice_is_refused_at_its_second_line(void **state)
{
    (void)state;
    assert_refused("return { plugins = {\n  \"chat\",\n  { \"chat\", max_length = 5 },\n} }\n",
                   "hd1.lua:3: plugin chat is there twice (first in line 2); name it once", NULL);
}

static void
a_plugin_without_a_name_is_refused(void **state)
{
    (void)state;
    assert_refused("return { plugins = { { max_length = 5 } } }", "a plugin must be \"NAME\" or",
                   NULL);
    assert_refused("return { plugins = { \"../chat\" } }", "not \"../chat\"", NULL);
    assert_refused("return { plugins = { { \"chat\", \"validate\" } } }", "a plugin must be", NULL);
}

static void
a_session_must_be_a_table_with_known_keys(void **state)
{
    (void)state;
    assert_refused("return { sessions = {\n  demo = { scrpt = \"x\" },\n} }\n",
                   "hd1.lua:2: unknown key sessions.demo.scrpt; there are script and world", NULL);
    assert_refused("return { sessions = { \"demo\" } }", "sessions must be a table by session id",
                   NULL);
    assert_refused("return { sessions = { [\"a b\"] = {} } }", "\"a b\" is no session id", NULL);
    assert_refused("return { sessions = { demo = { world = 1 } } }", "sessions.demo.world must be",
                   NULL);
}

/* Until the plugins are loaded, who may be the ones that are missing. */
static void
assert_waits_for_plugins(const char *text, const char *part)
{
    struct fixture *fixture = fixture_new();

    fixture_load(fixture, text);
    assert_int_equal(fixture->err, 0);
    assert_false(fixture->config.is_anonymous_allowed);
    assert_non_null(strstr(buf_cstr(&fixture->config.unauthenticated), part));
    fixture_free(fixture);
}

static void
an_open_address_needs_anonymous_to_be_said(void **state)
{
    (void)state;
    assert_waits_for_plugins("return {\n  listen = { \"0.0.0.0:80\" },\n}\n",
                             "hd1.lua:2: 0.0.0.0:80 can be reached from other machines");
    assert_waits_for_plugins("return { listen = { \"0.0.0.0:80\" } }", "say anonymous = true");
    assert_waits_for_plugins("return { listen = { \"[::]:80\" } }", "[::]:80 can be reached");
    assert_waits_for_plugins("return { anonymous = false }",
                             "anonymous = false needs an authentication plugin");
}

static void
an_address_must_have_a_port_and_be_in_numbers(void **state)
{
    const char *wrong[] = {"127.0.0.1",      "127.0.0.1:",    "127.0.0.1:65536", "::1:80",
                           "example.org:80", "127.0.0.1:80x", "[::1:80",         "unix:"};
    char text[128];

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        snprintf(text, sizeof(text), "return { listen = { \"%s\" } }", wrong[i]);
        assert_refused(text, "cannot listen on", wrong[i], "write ADDR:PORT", NULL);
    }
    assert_refused("return { listen = {} }", "listen names no address", NULL);
}

static void
pings_must_come_before_the_end(void **state)
{
    (void)state;
    assert_refused("return {\n  timeouts = {\n    read_s = 20,\n  },\n}\n",
                   "hd1.lua:3: timeouts.read_s (20) must be more than timeouts.ping_s (25)", NULL);
}

static void
a_file_that_is_no_table_or_not_there_is_refused(void **state)
{
    struct fixture *fixture = fixture_new();

    (void)state;
    assert_refused("return 5", "hd1.lua", NULL);
    assert_refused("return {\n  data = \n}\n", "hd1.lua:3:", NULL);
    assert_refused("return { data = os.getenv(\"HOME\") }", "hd1.lua:1:", NULL);
    fixture->flags.file = "/nonexistent/hd1.lua";
    fixture_load(fixture, NULL);
    assert_int_equal(fixture->err, HD1_EINVAL);
    assert_non_null(strstr(buf_cstr(&fixture->why), "/nonexistent/hd1.lua"));
    fixture_free(fixture);
}

static void
a_fault_of_the_environment_names_the_variable(void **state)
{
    (void)state;
    setenv("HD1_LIMITS_CONNECTIONS", "many", 1);
    assert_refused("return {}",
                   "HD1_LIMITS_CONNECTIONS: is \"many\", but must be an integer from 1", NULL);
    unsetenv("HD1_LIMITS_CONNECTIONS");
    setenv("HD1_LISTEN", "0.0.0.0:80", 1);
    assert_waits_for_plugins("return {}", "HD1_LISTEN: 0.0.0.0:80 can be reached");
    unsetenv("HD1_LISTEN");
}

/* One variable, and what is said of it; NULL: it is no fault. */
static void
assert_variable(const char *name, const char *want)
{
    struct fixture *fixture = fixture_new();

    setenv(name, "1", 1);
    fixture_load(fixture, "return {}");
    unsetenv(name);
    assert_int_equal(fixture->err, want ? HD1_EINVAL : 0);
    if (want)
        assert_string_equal(buf_cstr(&fixture->why), want);
    fixture_free(fixture);
}

static void
a_variable_that_is_nearly_a_key_is_refused(void **state)
{
    (void)state;
    assert_variable("HD1_QUEUE_MESAGES", "HD1_QUEUE_MESAGES: there is no such variable; did you "
                                         "mean HD1_QUEUE_MESSAGES?\n");
    assert_variable("HD1_LIMIT_CONNECTIONS", "HD1_LIMIT_CONNECTIONS: there is no such variable; "
                                             "did you mean HD1_LIMITS_CONNECTIONS?\n");
    assert_variable("HD1_DTAA", "HD1_DTAA: there is no such variable; did you mean HD1_DATA?\n");
    assert_variable("HD1_CONFG",
                    "HD1_CONFG: there is no such variable; did you mean HD1_CONFIG?\n");
    assert_variable("HD1_LOG_COLOUR", "HD1_LOG_COLOUR: there is no such variable; `hd1 serve "
                                      "--help` lists those of log\n");
}

static void
a_table_in_the_environment_is_refused(void **state)
{
    (void)state;
    assert_variable("HD1_PLUGINS", "HD1_PLUGINS: plugins is a table, and can be said in the "
                                   "configuration file only\n");
    assert_variable("HD1_PLUGIN", "HD1_PLUGIN: plugins is a table, and can be said in the "
                                  "configuration file only\n");
    assert_variable("HD1_SESSIONS_DEMO", "HD1_SESSIONS_DEMO: sessions is a table, and can be said "
                                         "in the configuration file only\n");
}

static void
a_variable_that_is_like_no_key_is_somebody_elses(void **state)
{
    static const char *const names[] = {
        "HD1_FOO",        "HD1_VERSION", "HD1_META",  "HD1_KEEP", "HD1_LONG", "HD1_BINARY",
        "HD1_TEST_TIMES", "HD1_OWNED",   "HD1_IMAGE", "HD1_HOME", "HD1_"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_variable(names[i], NULL);
}

static void
a_fault_of_a_flag_names_the_flag(void **state)
{
    struct fixture *fixture = fixture_new();

    (void)state;
    fixture->flags.log_level = "loud";
    fixture_load(fixture, NULL);
    assert_int_equal(fixture->err, HD1_EINVAL);
    assert_string_equal(buf_cstr(&fixture->why), "--log-level: is \"loud\", but must be \"debug\" "
                                                 "or \"info\" or \"warn\" or \"error\"\n");
    fixture_free(fixture);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_with_a_slip_names_the_one_that_was_meant),
        cmocka_unit_test(a_key_of_another_section_names_that_section),
        cmocka_unit_test(a_key_like_no_other_points_to_the_help),
        cmocka_unit_test(a_wrong_type_says_what_it_must_be),
        cmocka_unit_test(a_number_out_of_range_says_the_range),
        cmocka_unit_test(every_fault_is_told_not_only_the_first),
        cmocka_unit_test(a_comment_is_not_taken_for_the_line_of_a_key),
        cmocka_unit_test(a_plugin_twice_is_refused_at_its_second_line),
        cmocka_unit_test(a_plugin_without_a_name_is_refused),
        cmocka_unit_test(a_session_must_be_a_table_with_known_keys),
        cmocka_unit_test(an_open_address_needs_anonymous_to_be_said),
        cmocka_unit_test(an_address_must_have_a_port_and_be_in_numbers),
        cmocka_unit_test(pings_must_come_before_the_end),
        cmocka_unit_test(a_file_that_is_no_table_or_not_there_is_refused),
        cmocka_unit_test(a_fault_of_the_environment_names_the_variable),
        cmocka_unit_test(a_variable_that_is_nearly_a_key_is_refused),
        cmocka_unit_test(a_table_in_the_environment_is_refused),
        cmocka_unit_test(a_variable_that_is_like_no_key_is_somebody_elses),
        cmocka_unit_test(a_fault_of_a_flag_names_the_flag),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
