/* config.c: where values come from, and which source wins. */
#include "config_fixture.h"

static void
without_any_source_the_defaults_of_the_documentation_hold(void **state)
{
    struct fixture *fixture = fixture_new();
    const struct config *config = &fixture->config;

    (void)state;
    fixture_load(fixture, NULL);
    assert_loaded(fixture);
    assert_int_equal(config->listen_count, 1);
    assert_string_equal(config->listen[0], "127.0.0.1:8080");
    assert_string_equal(config->data, "data");
    assert_int_equal(config->durability, STORE_FULL);
    assert_true(config->is_anonymous_allowed);
    assert_false(config->is_anonymous_set);
    assert_int_equal(config->limits.message_bytes, 65536);
    assert_int_equal(config->limits.body_bytes, 1048576);
    assert_int_equal(config->limits.events_per_request, 1000);
    assert_int_equal(config->limits.queue_messages, 256);
    assert_int_equal(config->limits.queue_bytes, 1048576);
    assert_int_equal(config->limits.idle_ms, 60000);
    assert_int_equal(config->limits.stall_ms, 10000);
    assert_int_equal(config->connections, 10000);
    assert_int_equal(config->connections_per_address, 200);
    assert_int_equal(config->keep_days, 7);
    assert_int_equal(config->keep_events, 100000);
    assert_int_equal(config->log_level, LOG_INFO);
    assert_int_equal(config->session_count, 0);
    fixture_free(fixture);
}

static void
without_a_list_the_plugins_are_rate_limit_validate_and_chat(void **state)
{
    struct fixture *fixture = fixture_new();
    const struct config *config = &fixture->config;

    (void)state;
    fixture_load(fixture, "return {}");
    assert_loaded(fixture);
    assert_int_equal(config->plugin_count, 3);
    assert_string_equal(config->plugins[0].name, "rate_limit");
    assert_string_equal(config->plugins[1].name, "validate");
    assert_string_equal(config->plugins[2].name, "chat");
    assert_string_equal(config->plugins[2].options, "{}");
    fixture_free(fixture);
}

static void
the_file_says_everything(void **state)
{
    struct fixture *fixture = fixture_new();
    const struct config *config = &fixture->config;

    (void)state;
    fixture_load(fixture, "return {\n"
                          "  listen = { \"0.0.0.0:80\", \"[::1]:0\", \"unix:/run/hd1\" },\n"
                          "  data = \"elsewhere\", durability = \"process\", anonymous = true,\n"
                          "  origins = { \"https://world.example.org\" },\n"
                          "  limits = { message_bytes = 4096, connections = 1e3 },\n"
                          "  timeouts = { idle_s = 5, write_s = 3 },\n"
                          "  log = { level = \"debug\", format = \"json\" },\n"
                          "}\n");
    assert_loaded(fixture);
    assert_int_equal(config->listen_count, 3);
    assert_string_equal(config->listen[2], "unix:/run/hd1");
    assert_string_equal(config->data, "elsewhere");
    assert_int_equal(config->durability, STORE_PROCESS);
    assert_true(config->is_anonymous_set);
    assert_string_equal(config->origins[0], "https://world.example.org");
    assert_int_equal(config->limits.message_bytes, 4096);
    assert_int_equal(config->connections, 1000);
    assert_int_equal(config->limits.idle_ms, 5000);
    assert_int_equal(config->limits.stall_ms, 3000);
    assert_int_equal(config->log_level, LOG_DEBUG);
    assert_int_equal(config->log_format, LOG_JSON);
    fixture_free(fixture);
}

static void
plugins_keep_their_order_options_and_lines(void **state)
{
    struct fixture *fixture = fixture_new();
    const struct config *config = &fixture->config;

    (void)state;
    fixture_load(fixture, "return { plugins = {\n"
                          "  -- \"chat\" comes first\n"
                          "  \"chat\",\n"
                          "  { \"rate_limit\", client = { rate = 5 } },\n"
                          "  { \"validate\" },\n"
                          "} }\n");
    assert_loaded(fixture);
    assert_int_equal(config->plugin_count, 3);
    assert_string_equal(config->plugins[0].name, "chat");
    assert_int_equal(config->plugins[0].line, 3);
    assert_string_equal(config->plugins[1].name, "rate_limit");
    assert_string_equal(config->plugins[1].options, "{\"client\":{\"rate\":5}}");
    assert_int_equal(config->plugins[1].line, 4);
    assert_string_equal(config->plugins[2].options, "{}");
    fixture_free(fixture);
}

static void
an_empty_list_of_plugins_means_none(void **state)
{
    struct fixture *fixture = fixture_new();

    (void)state;
    fixture_load(fixture, "return { plugins = {} }");
    assert_loaded(fixture);
    assert_int_equal(fixture->config.plugin_count, 0);
    fixture_free(fixture);
}

static void
sessions_have_a_script_and_a_world(void **state)
{
    struct fixture *fixture = fixture_new();
    const struct config *config = &fixture->config;

    (void)state;
    fixture_load(fixture, "return { sessions = {\n"
                          "  demo = { script = \"gallery\", world = { size = 9 } },\n"
                          "} }\n");
    assert_loaded(fixture);
    assert_int_equal(config->session_count, 1);
    assert_string_equal(config->sessions[0].id, "demo");
    assert_string_equal(config->sessions[0].script, "gallery");
    assert_string_equal(config->sessions[0].world, "{\"size\":9}");
    assert_int_equal(config->sessions[0].line, 2);
    fixture_free(fixture);
}

static void
the_environment_wins_over_the_file(void **state)
{
    struct fixture *fixture = fixture_new();
    const struct config *config = &fixture->config;

    (void)state;
    setenv("HD1_DURABILITY", "process", 1);
    setenv("HD1_LIMITS_MESSAGE_BYTES", "2048", 1);
    setenv("HD1_LISTEN", "127.0.0.1:1, [::1]:2", 1);
    setenv("HD1_DATA", "", 1); /* set to nothing is not set */
    fixture_load(fixture, "return { durability = \"full\", data = \"file\",\n"
                          "  limits = { message_bytes = 4096, body_bytes = 8192 } }");
    assert_loaded(fixture);
    assert_int_equal(config->durability, STORE_PROCESS);
    assert_int_equal(config->limits.message_bytes, 2048);
    assert_int_equal(config->limits.body_bytes, 8192);
    assert_int_equal(config->listen_count, 2);
    assert_string_equal(config->listen[1], "[::1]:2");
    assert_string_equal(config->data, "file");
    fixture_free(fixture);
    unsetenv("HD1_DURABILITY");
    unsetenv("HD1_LIMITS_MESSAGE_BYTES");
    unsetenv("HD1_LISTEN");
    unsetenv("HD1_DATA");
}

static void
flags_win_over_everything(void **state)
{
    struct fixture *fixture = fixture_new();
    const struct config *config = &fixture->config;
    const char *listen[] = {"127.0.0.1:0"};

    (void)state;
    setenv("HD1_DATA", "environment", 1);
    setenv("HD1_LOG_LEVEL", "warn", 1);
    fixture->flags.data = "flag";
    fixture->flags.log_level = "error";
    fixture->flags.listen = listen;
    fixture->flags.listen_count = 1;
    fixture_load(fixture, "return { data = \"file\", listen = { \"127.0.0.1:9\" } }");
    assert_loaded(fixture);
    assert_string_equal(config->data, "flag");
    assert_int_equal(config->log_level, LOG_ERROR);
    assert_int_equal(config->listen_count, 1);
    assert_string_equal(config->listen[0], "127.0.0.1:0");
    fixture_free(fixture);
    unsetenv("HD1_DATA");
    unsetenv("HD1_LOG_LEVEL");
}

static void
the_environment_can_name_the_file(void **state)
{
    struct fixture *fixture = fixture_new();

    (void)state;
    fixture_load(fixture, "return { data = \"named\" }");
    config_fini(&fixture->config);
    fixture->flags.file = NULL;
    setenv("HD1_CONFIG", fixture->file, 1);
    fixture_load(fixture, NULL);
    assert_loaded(fixture);
    assert_string_equal(fixture->config.data, "named");
    fixture_free(fixture);
    unsetenv("HD1_CONFIG");
}

static void
administration_is_beside_the_database_unless_said(void **state)
{
    static const struct {
        const char *text, *admin;
    } cases[] = {
        {"return { data = \"/srv/d\" }", "unix:/srv/d/admin.sock"},
        {"return { admin = false }", ""},
        {"return { admin = \"\" }", ""},
        {"return { admin = \"127.0.0.1:99\" }", "127.0.0.1:99"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture *fixture = fixture_new();

        fixture_load(fixture, cases[i].text);
        assert_loaded(fixture);
        assert_string_equal(fixture->config.admin, cases[i].admin);
        fixture_free(fixture);
    }
}

static void
a_second_reading_tells_what_needs_a_restart_and_gives_the_rest(void **state)
{
    struct fixture *old = fixture_new(), *new = fixture_new();
    struct buf keys = BUF_INIT;

    (void)state;
    fixture_load(old, "return { origins = { \"http://a\" }, sessions = { demo = {} },\n"
                      "plugins = { \"chat\" }, script_path = \"/old\" }");
    fixture_load(new, "return { origins = { \"http://b\" }, sessions = { demo = { world = {} } },\n"
                      "plugins = { { \"chat\", max_length = 9 }, \"validate\" },\n"
                      "plugin_path = \"/new\", log = { level = \"warn\" },\n"
                      "timeouts = { idle_s = 7 }, keep = { days = 1 } }");
    config_append_restart_keys(&old->config, &new->config, &keys);
    assert_string_equal(buf_cstr(&keys),
                        "[\"origins\",\"sessions\",\"timeouts.idle_s\",\"keep.days\"]");
    config_exchange_live(&old->config, &new->config);
    assert_int_equal(old->config.plugin_count, 2);
    assert_string_equal(old->config.plugins[0].options, "{\"max_length\":9}");
    assert_string_equal(old->config.plugin_path, "/new");
    assert_int_equal(old->config.log_level, LOG_WARN);
    assert_string_not_equal(old->config.script_path, "/old");
    assert_string_equal(old->config.origins[0], "http://a");
    assert_int_equal(old->config.keep_days, 7);
    fixture_free(old);
    fixture_free(new);
    old = fixture_new();
    new = fixture_new();
    fixture_load(
        old, "return { sessions = { a = { world = { x = 1, y = 2, z = 3 } }, b = {}, c = {} } }");
    fixture_load(
        new, "return { sessions = { c = {}, b = {}, a = { world = { z = 3, y = 2, x = 1 } } } }");
    buf_clear(&keys);
    config_append_restart_keys(&old->config, &new->config, &keys);
    assert_string_equal(buf_cstr(&keys), "[]");
    buf_fini(&keys);
    fixture_free(old);
    fixture_free(new);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_any_source_the_defaults_of_the_documentation_hold),
        cmocka_unit_test(without_a_list_the_plugins_are_rate_limit_validate_and_chat),
        cmocka_unit_test(the_file_says_everything),
        cmocka_unit_test(plugins_keep_their_order_options_and_lines),
        cmocka_unit_test(an_empty_list_of_plugins_means_none),
        cmocka_unit_test(sessions_have_a_script_and_a_world),
        cmocka_unit_test(the_environment_wins_over_the_file),
        cmocka_unit_test(flags_win_over_everything),
        cmocka_unit_test(the_environment_can_name_the_file),
        cmocka_unit_test(administration_is_beside_the_database_unless_said),
        cmocka_unit_test(a_second_reading_tells_what_needs_a_restart_and_gives_the_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
