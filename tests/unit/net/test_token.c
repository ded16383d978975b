/* What a request brings to prove who it is, and its query, parameter by parameter. */
#include "net_fixture.h"

#include "net/token.h"
#include "net/uri.h"

#include <stdio.h>

/* A request with that query and these header lines. */
static struct request *
make(const char *query, const char *headers)
{
    struct request *request;
    struct buf head = BUF_INIT;
    int err;

    buf_appendf(&head, "GET /ws HTTP/1.1\r\n%s\r\n", headers);
    request = request_new(NULL, buf_span(&head), &err);
    buf_fini(&head);
    assert_non_null(request);
    request->query = span_of(query);
    return request;
}

static void
a_token_is_in_a_header_a_subprotocol_or_the_query(void **state)
{
    static const struct {
        const char *query, *headers, *token;
    } cases[] = {
        {NULL, "", NULL},
        {NULL, "Authorization: Bearer abc\r\n", "abc"},
        {NULL, "authorization: BEARER   a.b-c_d==  \r\n", "a.b-c_d=="},
        {NULL, "Authorization: Basic abc\r\n", NULL},
        {NULL, "Authorization: Bearer\r\n", NULL},
        {NULL, "Sec-WebSocket-Protocol: hd1.v1, hd1.jwt.abc\r\n", "abc"},
        {NULL, "Sec-WebSocket-Protocol: hd1.v1\r\nSec-WebSocket-Protocol: hd1.jwt.abc,x\r\n",
         "abc"},
        {NULL, "Sec-WebSocket-Protocol: hd1.jwt., xhd1.jwt.abc\r\n", NULL},
        {"access_token=abc", "", "abc"},
        {"x=1&access%5ftoken=a%2bc", "", "a+c"},
        {"access_tokens=abc", "", NULL},
        {"access_token=q", "Authorization: Bearer h\r\nSec-WebSocket-Protocol: hd1.jwt.p\r\n", "h"},
        {"access_token=q", "Sec-WebSocket-Protocol: hd1.jwt.p\r\n", "p"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct request *request = make(cases[i].query, cases[i].headers);
        struct span token = token_find(request);

        if (!token.at != !cases[i].token || (token.at && !span_is(token, cases[i].token)))
            fail_msg("case %zu: %.*s", i, (int)token.len, token.at ? token.at : "none");
        request_free(request);
    }
}

static void
a_query_is_walked_parameter_by_parameter(void **state)
{
    static const char *const expected[] = {"a=1", "b=& =", "a=2", "c=", "=d", "e=="};
    struct request *request = make("&a=1&b=%26+%3D&&a=2&c&=d&e==&", "");
    struct span key, value;
    size_t pos = 0, count = 0;

    (void)state;
    while (uri_query_next(&request->arena, request->query, &pos, &key, &value)) {
        char text[32];

        snprintf(text, sizeof(text), "%s=%s", key.at, value.at);
        assert_true(count < sizeof(expected) / sizeof(expected[0]));
        assert_string_equal(text, expected[count++]);
    }
    assert_int_equal(count, sizeof(expected) / sizeof(expected[0]));
    pos = 0;
    assert_false(uri_query_next(&request->arena, SPAN_NONE, &pos, &key, &value));
    assert_false(uri_query_next(&request->arena, SPAN(""), &pos, &key, &value));
    request_free(request);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_in_a_header_a_subprotocol_or_the_query),
        cmocka_unit_test(a_query_is_walked_parameter_by_parameter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
