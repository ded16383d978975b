/* The log's lines, read back from where standard error leads. */
#include "log.h"

#include "buf.h"
#include "err.h"
#include "logged.h"
#include "json/json.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static struct logged logged;

static int
divert_stderr(void **state)
{
    (void)state;
    log_set_level(LOG_INFO);
    log_set_format(LOG_LOGFMT);
    return logged_divert(&logged) ? 0 : -1;
}

static int
restore_stderr(void **state)
{
    (void)state;
    logged_restore(&logged);
    return 0;
}

static char *
take_log(void)
{
    return logged_take(&logged);
}

/* What follows the message of the one line that was logged. */
static const char *
take_fields(void)
{
    char *log = take_log();
    char *fields = strstr(log, " msg=m ");

    assert_non_null(fields);
    assert_int_equal(log[strlen(log) - 1], '\n');
    log[strlen(log) - 1] = '\0';
    assert_null(strchr(log, '\n'));
    return fields + strlen(" msg=m ");
}

static void
a_line_says_when_how_bad_where_and_what(void **state)
{
    const char *log;

    (void)state;
    log_info("hub", "session loaded", log_str("session", "demo"), log_int("objects", -5));
    log = take_log();
    assert_int_equal(strspn(log, "time=0123456789-:.TZ"), strlen("time=2026-11-23T10:00:00.000Z"));
    assert_string_equal(log + strlen("time=2026-11-23T10:00:00.000Z"),
                        " level=info area=hub msg=\"session loaded\" session=demo objects=-5\n");
}

static void
a_message_needs_no_fields(void **state)
{
    (void)state;
    log_error("store", "failed");
    assert_non_null(strstr(take_log(), " level=error area=store msg=failed\n"));
}

static void
a_value_is_quoted_only_where_it_must_be(void **state)
{
    (void)state;
    log_info("a", "m", log_str("plain", "a-b_c.d/e:f,g"), log_str("space", "a b"),
             log_str("equals", "a=b"), log_str("empty", ""), log_str("none", NULL),
             log_span("span", SPAN_NONE));
    assert_string_equal(take_fields(), "plain=a-b_c.d/e:f,g space=\"a b\" equals=\"a=b\" "
                                       "empty=\"\" none=\"\" span=\"\"");
}

static void
no_value_can_break_out_of_its_quotes_or_line(void **state)
{
    (void)state;
    log_info("a", "m", log_str("quote", "a\" level=error x=\""), log_str("slash", "\\"),
             log_str("lines", "one\ntwo\r\n\tthree"),
             log_span("controls", SPAN("\0\1\033[31m\177")),
             log_str("wide", "\302\205\342\202\254"), log_str("broken", "\377\303(\355\240\200"));
    assert_string_equal(take_fields(),
                        "quote=\"a\\\" level=error x=\\\"\" slash=\"\\\\\" "
                        "lines=\"one\\ntwo\\r\\n\\tthree\" "
                        "controls=\"\\x00\\x01\\x1b[31m\\x7f\" "
                        "wide=\"\\xc2\\x85\342\202\254\" broken=\"\\xff\\xc3(\\xed\\xa0\\x80\"");
}

static void
a_long_value_is_cut_between_characters(void **state)
{
    struct buf value = BUF_INIT;
    const char *fields;

    (void)state;
    buf_append_char(&value, 'x');
    while (value.len <= LOG_VALUE_MAX)
        buf_append_str(&value, "\303\244");
    log_info("a", "m", log_span("long", buf_span(&value)));
    fields = take_fields();
    assert_int_equal(strlen(fields), strlen("long=\"...\"") + LOG_VALUE_MAX - 1);
    assert_string_equal(fields + strlen(fields) - 6, "\303\244...\"");
    value.len = LOG_VALUE_MAX;
    memset(value.data, 'y', value.len);
    log_info("a", "m", log_span("long", buf_span(&value)));
    assert_int_equal(strlen(take_fields()), strlen("long=") + LOG_VALUE_MAX);
    buf_fini(&value);
}

/* The one line as a checked JSON object. */
static struct span
take_object(void)
{
    struct span text = span_of(take_log());
    struct span object;

    assert_int_equal(json_check(text, &object, NULL), 0);
    assert_int_equal(object.len + 1, text.len);
    assert_int_equal(json_type_of(object), JSON_OBJECT);
    return object;
}

static void
assert_member(struct span object, const char *name, const char *expected)
{
    struct buf text = BUF_INIT;
    struct span value;

    assert_true(json_member(object, name, &value));
    json_append_unescaped(&text, value);
    assert_string_equal(buf_cstr(&text), expected);
    buf_fini(&text);
}

static void
a_json_line_is_one_object(void **state)
{
    struct span object;
    struct span number;

    (void)state;
    log_set_format(LOG_JSON);
    log_warn("hub", "a \"message\"", log_str("session", "demo"), log_int("objects", 5));
    object = take_object();
    assert_member(object, "level", "warn");
    assert_member(object, "area", "hub");
    assert_member(object, "msg", "a \"message\"");
    assert_member(object, "session", "demo");
    assert_true(json_member(object, "time", NULL));
    assert_true(json_member(object, "objects", &number));
    assert_true(span_is(number, "5"));
}

static void
any_bytes_make_valid_json(void **state)
{
    char every_byte[256];
    struct span object;

    (void)state;
    log_set_format(LOG_JSON);
    for (int i = 0; i < 256; i++)
        every_byte[i] = (char)i;
    log_info("a", "m", log_span("bytes", (struct span){every_byte, 256}),
             log_str("shown", "\"\\\n\033\377\342\202\254"));
    object = take_object();
    assert_member(object, "shown", "\"\\\n\033\\xff\342\202\254");
}

static void
what_is_below_the_level_is_not_written(void **state)
{
    (void)state;
    log_debug("a", "m");
    assert_string_equal(take_log(), "");
    log_set_level(LOG_DEBUG);
    log_debug("a", "m");
    assert_non_null(strstr(take_log(), "level=debug"));
    log_set_level(LOG_ERROR);
    log_warn("a", "m");
    assert_string_equal(take_log(), "");
    assert_false(log_is_on(LOG_WARN));
    assert_true(log_is_on(LOG_ERROR));
}

/* A packet pipe keeps each write(2) apart from the next. */
static void
a_line_is_one_write(void **state)
{
    char packet[8192];
    int pipes[2];
    ssize_t len;

    (void)state;
    assert_int_equal(pipe2(pipes, O_DIRECT), 0);
    dup2(pipes[1], STDERR_FILENO);
    log_info("a", "m", log_str("k", "one two three"), log_int("n", 1));
    dup2(fileno(logged.sink), STDERR_FILENO);
    len = read(pipes[0], packet, sizeof(packet));
    assert_in_range(len, 1, sizeof(packet));
    assert_int_equal(packet[len - 1], '\n');
    assert_memory_equal(packet, "time=", 5);
    close(pipes[0]);
    close(pipes[1]);
}

int
main(void)
{
#define LOG_TEST(test) cmocka_unit_test_setup_teardown(test, divert_stderr, restore_stderr)
    const struct CMUnitTest tests[] = {
        LOG_TEST(a_line_says_when_how_bad_where_and_what),
        LOG_TEST(a_message_needs_no_fields),
        LOG_TEST(a_value_is_quoted_only_where_it_must_be),
        LOG_TEST(no_value_can_break_out_of_its_quotes_or_line),
        LOG_TEST(a_long_value_is_cut_between_characters),
        LOG_TEST(a_json_line_is_one_object),
        LOG_TEST(any_bytes_make_valid_json),
        LOG_TEST(what_is_below_the_level_is_not_written),
        LOG_TEST(a_line_is_one_write),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
