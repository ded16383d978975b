/* cli*.c: commands, options, help, exit codes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/cli.h"
#include "cli/cli_options.h"
#include "config/config_key.h"
#include "err.h"

#include <stdio.h>
#include <unistd.h>

/* Runs the command line with both outputs caught in text. */
static int
run(struct buf *text, const char *const *argv)
{
    FILE *caught = tmpfile();
    int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO), argc = 0, code;

    assert_non_null(caught);
    while (argv[argc])
        argc++;
    fflush(stdout);
    dup2(fileno(caught), STDOUT_FILENO);
    dup2(fileno(caught), STDERR_FILENO);
    code = cli_main(argc, (char **)argv);
    fflush(stdout);
    fflush(stderr);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    close(out);
    close(err);
    rewind(caught);
    buf_clear(text);
    text->len = fread(buf_reserve(text, 65536), 1, 65536, caught);
    fclose(caught);
    return code;
}

static void
assert_run(int want_code, const char *want_text, const char *const *argv)
{
    struct buf text = BUF_INIT;
    int code = run(&text, argv);

    if (code != want_code || !strstr(buf_cstr(&text), want_text))
        fail_msg("exit %d, \"%s\" wanted; got exit %d: %s", want_code, want_text, code,
                 buf_cstr(&text));
    buf_fini(&text);
}

#define RUN(code, text, ...) assert_run(code, text, (const char *[]){"hd1", __VA_ARGS__, NULL})

static void
a_wrong_command_line_exits_2_with_a_hint(void **state)
{
    (void)state;
    assert_run(2, "hd1 serve", (const char *[]){"hd1", NULL});
    RUN(2, "unknown command srve; did you mean `hd1 serve`?", "srve");
    RUN(2, "unknown command dance; `hd1 --help`", "dance");
    RUN(2, "unknown option --conifg; did you mean --config?", "serve", "--conifg", "x");
    RUN(2, "--database is no option of serve; it belongs to: check", "serve", "--database");
    RUN(2, "unknown option --quickly; `hd1 serve --help`", "serve", "--quickly");
    RUN(2, "--data needs a value", "serve", "--data");
    RUN(2, "--database takes no value", "check", "--database=yes");
    RUN(2, "unexpected argument now", "serve", "now");
}

static void
help_and_version_exit_0(void **state)
{
    (void)state;
    RUN(0, "hd1 check", "--help");
    RUN(0, "hd1 serve [--config FILE]", "serve", "--help");
    RUN(0, "hd1 serve [--config FILE]", "serve", "-h");
    RUN(0, "hd1 check [--config FILE]", "help", "check");
    RUN(0, HD1_VERSION, "version");
    RUN(0, HD1_VERSION, "--version");
}

static void
a_wrong_configuration_exits_78(void **state)
{
    (void)state;
    RUN(78, "/nonexistent.lua", "serve", "--config", "/nonexistent.lua");
    RUN(78, "--listen: cannot listen on \"here\"", "serve", "--listen=here");
    RUN(78, "--log-level: is \"loud\"", "check", "--log-level", "loud");
}

static void
options_may_be_written_both_ways_and_listen_again(void **state)
{
    struct cli_options options;
    struct buf why = BUF_INIT;
    const char *argv[] = {"--listen", "127.0.0.1:1", "--listen=[::1]:2",
                          "--data=d", "--config",    "c"};

    (void)state;
    assert_int_equal(cli_options_parse(&options, "serve", 6, (char **)argv, &why), 0);
    assert_int_equal(options.flags.listen_count, 2);
    assert_string_equal(options.flags.listen[0], "127.0.0.1:1");
    assert_string_equal(options.flags.listen[1], "[::1]:2");
    assert_string_equal(options.flags.data, "d");
    assert_string_equal(options.flags.file, "c");
    cli_options_fini(&options);
    buf_fini(&why);
}

static void
the_help_lists_every_key_its_variable_and_its_default(void **state)
{
    const struct config_key *key;
    struct buf text = BUF_INIT;
    char variable[CONFIG_KEY_NAME_MAX];

    (void)state;
    cli_append_help(&text, "serve");
    for (size_t i = 0; (key = config_key_at(i)); i++) {
        config_key_variable(key, variable);
        assert_non_null(strstr(buf_cstr(&text), key->name));
        assert_non_null(strstr(buf_cstr(&text), variable));
        assert_non_null(strstr(buf_cstr(&text), key->doc));
        if (key->fallback)
            assert_non_null(strstr(buf_cstr(&text), key->fallback));
    }
    buf_fini(&text);
}

static void
the_help_tells_an_operator_signals_exit_codes_and_an_example(void **state)
{
    static const char *const want[] = {"HD1_CONFIG", "TERM",     "HUP",       "78",
                                       "--listen",   "return {", "hd1 check", NULL};
    struct buf text = BUF_INIT;

    (void)state;
    cli_append_help(&text, "serve");
    for (size_t i = 0; want[i]; i++)
        assert_non_null(strstr(buf_cstr(&text), want[i]));
    buf_fini(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_command_line_exits_2_with_a_hint),
        cmocka_unit_test(help_and_version_exit_0),
        cmocka_unit_test(a_wrong_configuration_exits_78),
        cmocka_unit_test(options_may_be_written_both_ways_and_listen_again),
        cmocka_unit_test(the_help_lists_every_key_its_variable_and_its_default),
        cmocka_unit_test(the_help_tells_an_operator_signals_exit_codes_and_an_example),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
