/* head.c, uri.c and origin.c: what is pure in the network. */
#include "buf.h"
#include "err.h"
#include "net/head.h"
#include "net/origin.h"
#include "net/uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

static int
parse(struct head *head, const char *text, char *copy)
{
    size_t scanned = 0;
    long len = head_length(text, strlen(text), &scanned);

    if (len <= 0)
        return len < 0 ? HD1_ESYNTAX : 1;
    memcpy(copy, text, (size_t)len);
    return head_parse(head, copy, (size_t)len);
}

static void
a_head_is_taken_apart(void **state)
{
    struct head head;
    char copy[512];

    (void)state;
    assert_int_equal(
        parse(&head, "PUT /x?y HTTP/1.0\r\nHoSt:\t a:1 \r\nX: 1\r\nx:2\r\nE:\r\n\r\nbody", copy),
        0);
    assert_true(span_is(head.method, "PUT"));
    assert_true(span_is(head.target, "/x?y"));
    assert_int_equal(head.minor, 0);
    assert_int_equal(head.field_count, 4);
    assert_true(span_is(head_get(&head, "host"), "a:1"));
    assert_true(span_is(head_get(&head, "x"), "1"));
    assert_int_equal(head_count(&head, "x"), 2);
    assert_non_null(head_get(&head, "e").at);
    assert_int_equal(head_get(&head, "e").len, 0);
    assert_null(head_get(&head, "none").at);
}

static void
heads_are_read_strictly(void **state)
{
    static const struct {
        const char *text;
        int err; /* 1: not whole yet */
    } cases[] = {
        {"GET / HTTP/1.1\r\n\r\n", 0},
        {"GET / HTTP/1.1\r\nA: b\r\n", 1},
        {"GET / HTTP/1.1", 1},
        {"GET / HTTP/1.1\n\n", HD1_ESYNTAX},
        {"GET / HTTP/1.1\r\nA: b\n\r\n", HD1_ESYNTAX},
        {"\nGET / HTTP/1.1\r\n\r\n", HD1_ESYNTAX},
        {"GET /\r\n", HD1_ESYNTAX}, /* HTTP/0.9, not waited for */
        {"GET  / HTTP/1.1\r\n\r\n", HD1_ESYNTAX},
        {"GET / HTTP/1.1 \r\n\r\n", HD1_ESYNTAX},
        {" GET / HTTP/1.1\r\n\r\n", HD1_ESYNTAX},
        {"GET /a b HTTP/1.1\r\n\r\n", HD1_ESYNTAX},
        {"GET /\xc3\xa9 HTTP/1.1\r\n\r\n", HD1_ESYNTAX},
        {"G(T / HTTP/1.1\r\n\r\n", HD1_ESYNTAX},
        {"GET / http/1.1\r\n\r\n", HD1_ESYNTAX},
        {"GET / HTTP/1.2\r\n\r\n", HD1_EVERSION},
        {"PRI * HTTP/2.0\r\n\r\n", HD1_EVERSION},
        {"GET / HTTP/1.1\r\nA b\r\n\r\n", HD1_ESYNTAX},
        {"GET / HTTP/1.1\r\nA : b\r\n\r\n", HD1_ESYNTAX},
        {"GET / HTTP/1.1\r\n: b\r\n\r\n", HD1_ESYNTAX},
        {"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", HD1_ESYNTAX},
        {"GET / HTTP/1.1\r\nA: b\001\r\n\r\n", HD1_ESYNTAX},
        {"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", HD1_ESYNTAX},
        {"GET / HTTP/1.1\r\nA: \xff\r\n\r\n", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct head head;
        char copy[512];

        if (parse(&head, cases[i].text, copy) != cases[i].err)
            fail_msg("case %zu: %s", i, cases[i].text);
    }
}

static void
a_head_may_come_byte_by_byte(void **state)
{
    static const char text[] = "GET / HTTP/1.1\r\nA: b\r\n\r\n";
    size_t scanned = 0;

    (void)state;
    for (size_t len = 1; len < sizeof(text) - 1; len++) {
        assert_int_equal(head_length(text, len, &scanned), 0);
        assert_int_equal(scanned, len);
    }
    assert_int_equal(head_length(text, sizeof(text) - 1, &scanned), sizeof(text) - 1);
}

static void
too_many_fields_are_refused(void **state)
{
    struct buf text = BUF_INIT;
    struct head head;

    (void)state;
    buf_append_str(&text, "GET / HTTP/1.1\r\n");
    for (int i = 0; i < HEAD_FIELDS_MAX; i++)
        buf_append_str(&text, "a: b\r\n");
    buf_append_str(&text, "\r\n");
    assert_int_equal(head_parse(&head, text.data, text.len), 0);
    text.len -= 2;
    buf_append_str(&text, "a: b\r\n\r\n");
    assert_int_equal(head_parse(&head, text.data, text.len), HD1_ETOOBIG);
    buf_fini(&text);
}

static void
tokens_are_found_in_lists(void **state)
{
    struct head head;
    char copy[512];

    (void)state;
    assert_int_equal(
        parse(&head, "GET / HTTP/1.1\r\nc: a, ,Keep-Alive ,x\r\nc: Upgrade\r\n\r\n", copy), 0);
    assert_true(head_has_token(&head, "c", "keep-alive"));
    assert_true(head_has_token(&head, "c", "upgrade"));
    assert_true(head_has_token(&head, "c", "a"));
    assert_false(head_has_token(&head, "c", "keep"));
    assert_false(head_has_token(&head, "d", "a"));
}

static void
percents_are_decoded(void **state)
{
    struct arena arena = {0};
    struct span value;

    (void)state;
    assert_true(uri_is_valid(SPAN("/a%2f%C3%a9")));
    assert_false(uri_is_valid(SPAN("/a%2")));
    assert_false(uri_is_valid(SPAN("/a%")));
    assert_false(uri_is_valid(SPAN("/a%zz")));
    assert_false(uri_is_valid(SPAN("/a%00")));
    assert_true(span_is(uri_decode(&arena, SPAN("/a+%2F%20"), false), "/a+/ "));
    assert_true(uri_query_get(&arena, SPAN("a=1&b%62=x+y%26&c"), "bb", &value));
    assert_true(span_is(value, "x y&"));
    assert_true(uri_query_get(&arena, SPAN("a=1&bb=&c"), "c", &value));
    assert_int_equal(value.len, 0);
    value = SPAN("as it was");
    assert_false(uri_query_get(&arena, SPAN("a=1"), "d", &value));
    assert_true(span_is(value, "as it was"));
    assert_false(uri_query_get(&arena, SPAN_NONE, "d", &value));
    arena_fini(&arena);
}

static char *listed[] = {(char *)"https://world.example.org",
                         (char *)"http://dev.example.org:3000"};

static void
hosts_are_addresses_localhost_or_listed(void **state)
{
    static const struct {
        const char *host;
        enum host_verdict verdict;
    } cases[] = {
        {"127.0.0.1", HOST_OK},
        {"127.0.0.1:8080", HOST_OK},
        {"10.1.2.3:1", HOST_OK},
        {"[::1]", HOST_OK},
        {"[2001:db8::1]:8080", HOST_OK},
        {"localhost", HOST_OK},
        {"LocalHost:8080", HOST_OK},
        {"world.example.org", HOST_OK},
        {"WORLD.example.org:99", HOST_OK},
        {"dev.example.org", HOST_OK},
        {"evil.example.org", HOST_REFUSED},
        {"localhost.example.org", HOST_REFUSED},
        {"127.0.0.1.example.org", HOST_REFUSED},
        {"127.1", HOST_REFUSED},
        {"", HOST_MALFORMED},
        {"localhost:", HOST_MALFORMED},
        {"localhost:x", HOST_MALFORMED},
        {"localhost:70000", HOST_MALFORMED},
        {"localhost:80:80", HOST_MALFORMED},
        {"[::1", HOST_MALFORMED},
        {"[x]", HOST_MALFORMED},
        {"::1", HOST_MALFORMED},
        {"a b", HOST_MALFORMED},
        {"user@localhost", HOST_MALFORMED},
        {"localhost/x", HOST_MALFORMED},
    };
    struct origins origins;
    struct buf why = BUF_INIT;

    (void)state;
    assert_int_equal(origins_init(&origins, listed, 2, &why), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (origins_check_host(&origins, span_of(cases[i].host)) != cases[i].verdict)
            fail_msg("case %zu: %s", i, cases[i].host);
    origins_fini(&origins);
}

static void
origins_are_the_same_or_listed(void **state)
{
    static const struct {
        const char *origin;
        const char *host;
        bool is_allowed;
    } cases[] = {
        {"http://127.0.0.1:8080", "127.0.0.1:8080", true},
        {"http://127.0.0.1", "127.0.0.1", true},
        {"http://127.0.0.1", "127.0.0.1:80", true},
        {"https://world.example.org", "world.example.org", true},
        {"https://WORLD.example.org:443", "127.0.0.1:8080", true},
        {"http://dev.example.org:3000", "127.0.0.1:8080", true},
        {"http://[::1]:8080", "[::1]:8080", true},
        {"http://dev.example.org", "127.0.0.1:8080", false},
        {"http://world.example.org", "127.0.0.1:8080", false},
        {"http://127.0.0.1:8081", "127.0.0.1:8080", false},
        {"http://localhost:8080", "127.0.0.1:8080", false},
        {"http://evil.example.org", "127.0.0.1:8080", false},
        {"null", "127.0.0.1:8080", false},
        {"", "127.0.0.1:8080", false},
        {"file://", "127.0.0.1:8080", false},
        {"http://127.0.0.1:8080/", "127.0.0.1:8080", false},
        {"http://user@127.0.0.1:8080", "127.0.0.1:8080", false},
    };
    struct origins origins;
    struct buf why = BUF_INIT;

    (void)state;
    assert_int_equal(origins_init(&origins, listed, 2, &why), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (origins_allow(&origins, span_of(cases[i].origin), span_of(cases[i].host)) !=
            cases[i].is_allowed)
            fail_msg("case %zu: %s to %s", i, cases[i].origin, cases[i].host);
    origins_fini(&origins);
}

static void
a_malformed_listed_origin_is_refused(void **state)
{
    static char *bad[] = {(char *)"https://ok.example.org", (char *)"world.example.org"};
    struct origins origins;
    struct buf why = BUF_INIT;

    (void)state;
    assert_int_equal(origins_init(&origins, bad, 2, &why), HD1_EINVAL);
    assert_non_null(strstr(buf_cstr(&why), "world.example.org"));
    origins_fini(&origins);
    buf_fini(&why);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_taken_apart),
        cmocka_unit_test(heads_are_read_strictly),
        cmocka_unit_test(a_head_may_come_byte_by_byte),
        cmocka_unit_test(too_many_fields_are_refused),
        cmocka_unit_test(tokens_are_found_in_lists),
        cmocka_unit_test(percents_are_decoded),
        cmocka_unit_test(hosts_are_addresses_localhost_or_listed),
        cmocka_unit_test(origins_are_the_same_or_listed),
        cmocka_unit_test(a_malformed_listed_origin_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
