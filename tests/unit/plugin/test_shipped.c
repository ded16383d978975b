/* What ships in plugins/: it loads, and refuses wrong options. What it does is shown by
 * tests/plugins/test_*.lua, which `hd1 test` runs. */
#include "hub/hub.h"
#include "plugin/plugin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Loads the plugins and lets them go. True if they loaded; else why says what is wrong. */
static bool
loads(const char *path, const struct plugin_entry *entries, size_t count, struct buf *why)
{
    struct hub_options hub_options = {.store = NULL};
    struct plugins_options options = {.path = path, .entries = entries, .entry_count = count};
    struct plugins *plugins = NULL;
    int status;

    hub_limits_default(&hub_options.limits);
    struct hub *hub = hub_new(&hub_options);

    status = plugins_load(&plugins, &options, hub_types(hub), NULL, why);
    plugins_free(plugins);
    hub_free(hub);
    return status == 0;
}

static void
test_they_load_together_with_their_defaults(void **state)
{
    const struct plugin_entry entries[] = {
        {.name = "rate_limit", .options = SPAN("{}"), .where = "hd1.lua:1"},
        {.name = "validate", .options = SPAN("{}"), .where = "hd1.lua:2"},
        {.name = "chat", .options = SPAN("{}"), .where = "hd1.lua:3"},
    };
    struct buf why = BUF_INIT;

    (void)state;
    if (!loads(HD1_SOURCE_DIR "/plugins", entries, 3, &why))
        fail_msg("%s", buf_cstr(&why));
    buf_fini(&why);
}

static void
refuses(const char *name, const char *options, const char *part)
{
    struct plugin_entry entry = {.name = name, .options = span_of(options), .where = "hd1.lua:7"};
    struct buf why = BUF_INIT;

    assert_false(loads(HD1_SOURCE_DIR "/plugins", &entry, 1, &why));
    if (!strstr(buf_cstr(&why), part) || !strstr(buf_cstr(&why), "hd1.lua:7"))
        fail_msg("%s", buf_cstr(&why));
    buf_fini(&why);
}

static void
test_wrong_options_refuse_to_start(void **state)
{
    (void)state;
    refuses("rate_limit", "{\"client\":{\"rate\":0}}", "client.rate");
    refuses("rate_limit", "{\"client\":{\"bursts\":1}}", "client.bursts");
    refuses("rate_limit", "{\"user\":{}}", "user");
    refuses("validate", "{\"bounds\":\"yes\"}", "bounds");
    refuses("chat", "{\"max_length\":0}", "max_length");
    refuses("chat", "{\"max_length\":5000}", "max_length");
    refuses("chat", "{\"max_length\":2.5}", "max_length");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_they_load_together_with_their_defaults),
        cmocka_unit_test(test_wrong_options_refuse_to_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
