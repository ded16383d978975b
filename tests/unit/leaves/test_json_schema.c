/* Schemas: each keyword, where a fault is, and schemas that are refused. */
#include "json/json_schema.h"

#include "json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct json_schema *
compile(const char *text)
{
    struct buf why = BUF_INIT;
    struct json_schema *schema = NULL;
    struct span value;

    assert_int_equal(json_check(span_of(text), &value, NULL), 0);
    schema = json_schema_new(value, &why);
    if (!schema)
        fail_msg("%s: %s", text, buf_cstr(&why));
    buf_fini(&why);
    return schema;
}

static const struct {
    const char *schema, *value;
    const char *path; /* NULL: accepted */
    const char *message;
} judged[] = {
    {"{}", "null", NULL, NULL},
    {"{}", " [1, {\"a\": \"}\"}] ", NULL, NULL},
    {"{\"type\":\"null\"}", "null", NULL, NULL},
    {"{\"type\":\"null\"}", "false", "", "must be null"},
    {"{\"type\":\"boolean\"}", "true", NULL, NULL},
    {"{\"type\":\"boolean\"}", "false", NULL, NULL},
    {"{\"type\":\"boolean\"}", "0", "", "must be a boolean"},
    {"{\"type\":\"string\"}", "\"\"", NULL, NULL},
    {"{\"type\":\"string\"}", "1", "", "must be a string"},
    {"{\"type\":\"number\"}", "1", NULL, NULL},
    {"{\"type\":\"number\"}", "-1.5e-3", NULL, NULL},
    {"{\"type\":\"number\"}", "\"1\"", "", "must be a number"},
    {"{\"type\":\"integer\"}", "3", NULL, NULL},
    {"{\"type\":\"integer\"}", "3.0", NULL, NULL},
    {"{\"type\":\"integer\"}", "3e2", NULL, NULL},
    {"{\"type\":\"integer\"}", "3.5", "", "must be an integer"},
    {"{\"type\":\"integer\"}", "9007199254740993", NULL, NULL},
    {"{\"type\":[\"integer\",\"number\"]}", "3.5", NULL, NULL},
    {"{\"type\":\"array\"}", "[]", NULL, NULL},
    {"{\"type\":\"array\"}", "{}", "", "must be an array"},
    {"{\"type\":\"object\"}", "{}", NULL, NULL},
    {"{\"type\":\"object\"}", "[]", "", "must be an object"},
    {"{\"type\":\"object\"}", "null", "", "must be an object"},
    {"{\"type\":[\"number\",\"null\"]}", "null", NULL, NULL},
    {"{\"type\":[\"number\",\"null\"]}", "2", NULL, NULL},
    {"{\"type\":[\"number\",\"null\"]}", "{}", "", "must be a number or null"},
    {"{\"const\":4}", "4", NULL, NULL},
    {"{\"const\":4}", "4.0", NULL, NULL},
    {"{\"const\":4}", "5", "", "must be 4"},
    {"{\"const\":null}", "null", NULL, NULL},
    {"{\"const\":null}", "0", "", "must be null"},
    {"{\"const\":\"\"}", "\"\"", NULL, NULL},
    {"{\"const\":\"\"}", "[]", "", "must be \"\""},
    {"{\"const\":true}", "false", "", "must be true"},
    {"{\"enum\":[\"a\",\"b\",null]}", "\"b\"", NULL, NULL},
    {"{\"enum\":[\"a\",\"b\",null]}", "\"\\u0062\"", NULL, NULL},
    {"{\"enum\":[\"a\",\"b\",null]}", "null", NULL, NULL},
    {"{\"enum\":[\"a\",\"b\",null]}", "\"c\"", "", "must be one of \"a\", \"b\", null"},
    {"{\"enum\":[3,1.5,\"\\u0061b\",2e1,true]}", "20", NULL, NULL},
    {"{\"enum\":[3,1.5,\"\\u0061b\",2e1,true]}", "1.5", NULL, NULL},
    {"{\"enum\":[3,1.5,\"\\u0061b\",2e1,true]}", "\"a\\u0062\"", NULL, NULL},
    {"{\"enum\":[3,1.5,\"\\u0061b\",2e1,true]}", "true", NULL, NULL},
    {"{\"enum\":[3]}", "{\"a\":3}", "", "must be one of 3"},
    {"{\"enum\":[3]}", "null", "", "must be one of 3"},
    {"{\"const\":1,\"enum\":[1,2]}", "2", "", "must be 1"},
    {"{\"minimum\":2}", "2", NULL, NULL},
    {"{\"minimum\":2}", "1.99", "", "must be at least 2"},
    {"{\"minimum\":2}", "\"only numbers are compared\"", NULL, NULL},
    {"{\"maximum\":2}", "2.01", "", "must be at most 2"},
    {"{\"maximum\":2}", "2", NULL, NULL},
    {"{\"maximum\":0.5}", "-1e300", NULL, NULL},
    {"{\"maximum\":0.5}", "1", "", "must be at most 0.5"},
    {"{\"minLength\":2}", "\"a\"", "", "must have at least 2 characters"},
    {"{\"minLength\":2}", "\"\xc3\xa4\xc3\xb6\"", NULL, NULL},
    {"{\"minLength\":2}", "\"\xc3\xa4\"", "", "must have at least 2 characters"},
    {"{\"minLength\":2}", "\"\\ud83d\\ude00\"", "", "must have at least 2 characters"},
    {"{\"minLength\":1}", "\"\"", "", "must have at least 1 characters"},
    {"{\"minLength\":0}", "\"\"", NULL, NULL},
    {"{\"maxLength\":2}", "\"\xc3\xa4\xc3\xb6\"", NULL, NULL},
    {"{\"maxLength\":2}", "\"\xc3\xa4\xc3\xb6\xc3\xbc\"", "", "must have at most 2 characters"},
    {"{\"maxLength\":2}", "\"\\u0061\\n\"", NULL, NULL},
    {"{\"maxLength\":2}", "\"\\u0061\\nb\"", "", "must have at most 2 characters"},
    {"{\"maxLength\":2}", "[1,2,3]", NULL, NULL},
    {"{\"maxItems\":2}", "[1,2]", NULL, NULL},
    {"{\"maxItems\":2}", "[1,2,3]", "", "must have at most 2 items"},
    {"{\"maxItems\":2.0}", "[1,2]", NULL, NULL},
    {"{\"maxItems\":0}", "[ ]", NULL, NULL},
    {"{\"maxItems\":0}", "[[]]", "", "must have at most 0 items"},
    {"{\"items\":{\"type\":\"integer\"}}", "[1,2,3]", NULL, NULL},
    {"{\"items\":{\"type\":\"integer\"}}", "[1,\"2\",3]", "/1", "must be an integer"},
    {"{\"items\":{\"items\":{\"type\":\"null\"}}}", "[[null],[null,0]]", "/1/1", "must be null"},
    {"{\"items\":{},\"maxItems\":3}", "[[1,2,3,4],{\"a\":[]},\"]\"]", NULL, NULL},
    {"{\"required\":[\"a\"]}", "{\"a\":null}", NULL, NULL},
    {"{\"required\":[\"a\",\"b\"]}", "{\"a\":1}", "/b", "is missing"},
    {"{\"required\":[\"a\",\"a\"]}", "{\"a\":1}", NULL, NULL},
    {"{\"required\":[\"a\"]}", "{\"b\":1}", "/a", "is missing"},
    {"{\"required\":[\"a\"],\"properties\":{\"b\":{}}}", "{\"b\":1}", "/a", "is missing"},
    {"{\"required\":[\"a\"]}", "{\"\\u0061\":1}", NULL, NULL},
    {"{\"required\":[\"a\"]}", "{\"A\":1,\"aa\":1}", "/a", "is missing"},
    {"{\"required\":[\"a\"]}", "[]", NULL, NULL},
    {"{\"required\":{}}", "{}", NULL, NULL},
    {"{\"required\":[\"a\"],\"additionalProperties\":false}", "{\"a\":1}", "/a",
     "is not known here"},
    {"{\"properties\":{\"a\":{\"type\":\"string\"}}}", "{\"b\":1}", NULL, NULL},
    {"{\"properties\":{\"a\":{\"type\":\"string\"}}}", "{\"a\":1}", "/a", "must be a string"},
    {"{\"properties\":{\"a\":{\"type\":\"string\"}}}", "{ \"b\" : {\"a\":1} , \"a\" : 1 }", "/a",
     "must be a string"},
    {"{\"properties\":{\"a\":{\"type\":\"string\"}}}", "{\"\\u0061\":1}", "/a", "must be a string"},
    {"{\"properties\":{\"\\u0061\":{\"type\":\"string\"}}}", "{\"a\":1}", "/a", "must be a string"},
    {"{\"properties\":{\"a\":{\"properties\":{\"b\":{\"maximum\":1}}}}}", "{\"a\":{\"b\":2}}",
     "/a/b", "must be at most 1"},
    {"{\"properties\":{\"x\":{\"minimum\":0},\"y\":{\"minimum\":0}}}", "{\"y\":-1,\"x\":-1}", "/y",
     "must be at least 0"},
    {"{\"properties\":{\"a/b~c\":{\"type\":\"null\"}}}", "{\"a/b~c\":1}", "/a~1b~0c",
     "must be null"},
    {"{\"properties\":{\"\":{\"type\":\"null\"}}}", "{\"\":1}", "/", "must be null"},
    {"{\"additionalProperties\":false}", "{}", NULL, NULL},
    {"{\"additionalProperties\":false}", "{\"z\":1}", "/z", "is not known here"},
    {"{\"properties\":{\"a\":{}},\"additionalProperties\":false}", "{\"a\":{\"b\":1}}", NULL, NULL},
    {"{\"properties\":{\"a\":{}},\"additionalProperties\":true}", "{\"b\":1}", NULL, NULL},
    {"{\"additionalProperties\":{\"type\":\"number\"}}", "{\"b\":1}", NULL, NULL},
    {"{\"additionalProperties\":{\"type\":\"number\"}}", "{\"b\":\"1\"}", "/b", "must be a number"},
    {"{\"properties\":{\"a\":{}},\"additionalProperties\":{\"type\":\"null\"}}",
     "{\"a\":1,\"b\":1}", "/b", "must be null"},
    {"{\"$schema\":\"s\",\"title\":\"t\",\"description\":\"d\",\"examples\":[1]}", "1", NULL, NULL},
};

static void
a_value_is_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(judged) / sizeof(judged[0]); i++) {
        struct json_schema *schema = compile(judged[i].schema);
        struct json_schema_fault fault = {.message = "none"};
        struct span value;
        bool is_good;

        assert_int_equal(json_check(span_of(judged[i].value), &value, NULL), 0);
        is_good = json_schema_accepts(schema, value, &fault);
        if (is_good != !judged[i].path ||
            (!is_good && (strcmp(buf_cstr(&fault.path), judged[i].path) != 0 ||
                          strcmp(fault.message, judged[i].message) != 0)))
            fail_msg("%s of %s: %s '%s' %s", judged[i].schema, judged[i].value,
                     is_good ? "accepted" : "refused", buf_cstr(&fault.path), fault.message);
        buf_fini(&fault.path);
        json_schema_free(schema);
    }
}

static void
what_is_no_schema_is_refused(void **state)
{
    static const struct {
        const char *schema, *why;
    } rows[] = {
        {"[]", "schema: a schema must be an object"},
        {"{\"pattern\":\"^a\"}",
         "schema: unknown keyword \"pattern\"; known: type, const, enum, minimum, maximum, "
         "minLength, maxLength, items, maxItems, required, properties, additionalProperties, "
         "$schema, title, description, examples"},
        {"{\"properties\":{\"a\":{\"minimun\":1}}}",
         "schema at /properties/a: unknown keyword \"minimun\"; did you mean minimum?"},
        {"{\"items\":{\"minItems\":1}}",
         "schema at /items: unknown keyword \"minItems\"; did you mean maxItems?"},
        {"{\"additionalProperties\":{\"requried\":[]}}",
         "schema at /additionalProperties: unknown keyword \"requried\"; did you mean required?"},
        {"{\"type\":\"float\"}",
         "schema: no type is called \"float\"; known: null, boolean, number, integer, string, "
         "array, object"},
        {"{\"type\":[\"null\",7]}", "schema: no type is called 7; known: null, boolean, number, "
                                    "integer, string, array, object"},
        {"{\"type\":[]}", "schema: type names no type"},
        {"{\"type\":1}", "schema: type names no type"},
        {"{\"minimum\":\"1\"}", "schema: minimum must be a number"},
        {"{\"maxLength\":null}", "schema: maxLength must be a whole number"},
        {"{\"minLength\":1.5}", "schema: minLength must be a whole number"},
        {"{\"maxItems\":-1}", "schema: maxItems must be a whole number"},
        {"{\"const\":{}}", "schema: only simple values can be compared, not {}"},
        {"{\"enum\":[[1]]}", "schema: only simple values can be compared, not [1]"},
        {"{\"enum\":1}", "schema: enum must be a list"},
        {"{\"enum\":{\"a\":1}}", "schema: enum must be a list"},
        {"{\"required\":\"a\"}", "schema: required must be a list"},
        {"{\"required\":[1]}", "schema: required must be a list of names"},
        {"{\"properties\":[]}", "schema: properties must be an object"},
        {"{\"properties\":{\"a\":true}}", "schema at /properties/a: a schema must be an object"},
        {"{\"items\":{\"properties\":{\"a\":{\"maximum\":[]}}}}",
         "schema at /items/properties/a: maximum must be a number"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf why = BUF_INIT;

        assert_null(json_schema_new(span_of(rows[i].schema), &why));
        assert_string_equal(buf_cstr(&why), rows[i].why);
        buf_fini(&why);
    }
}

/* Of a schema's names those of so many bytes, and an escape in the value, which costs no more. */
static void
names_are_bounded(void **state)
{
    static const int lens[] = {JSON_SCHEMA_TOLD_MAX, JSON_SCHEMA_NAME_MAX - 6, JSON_SCHEMA_NAME_MAX,
                               JSON_SCHEMA_NAME_MAX + 1};
    struct buf text = BUF_INIT, why = BUF_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        struct json_schema_fault fault = {.message = NULL};
        struct json_schema *schema;
        bool is_good = lens[i] <= JSON_SCHEMA_NAME_MAX;

        buf_clear(&text);
        buf_appendf(&text, "{\"properties\":{\"%0*d\":{\"type\":\"null\"}}}", lens[i], 0);
        schema = json_schema_new(buf_span(&text), &why);
        assert_true(!schema == !is_good);
        if (!schema) {
            assert_string_equal(buf_cstr(&why), "schema: a name or value is too long");
            continue;
        }
        buf_clear(&text);
        buf_appendf(&text, "{\"%0*d\":1}", lens[i], 0);
        assert_false(json_schema_accepts(schema, buf_span(&text), &fault));
        assert_int_equal(fault.path.len, lens[i] > JSON_SCHEMA_TOLD_MAX ? 0 : lens[i] + 1);
        assert_true(!strstr(fault.message, "too long to be told") ==
                    (lens[i] <= JSON_SCHEMA_TOLD_MAX));
        buf_clear(&text);
        buf_appendf(&text, "{\"\\u0030%0*d\":1}", lens[i] - 1, 0);
        assert_false(json_schema_accepts(schema, buf_span(&text), &fault));
        buf_clear(&text);
        buf_appendf(&text, "{\"\\u0030%0*d\":1}", lens[i], 0); /* another one */
        assert_true(json_schema_accepts(schema, buf_span(&text), &fault));
        buf_fini(&fault.path);
        json_schema_free(schema);
    }
    buf_fini(&text);
    buf_fini(&why);
}

/* {"KEYWORD":["0","1",...]} */
static void
append_list(struct buf *out, const char *keyword, int count)
{
    buf_clear(out);
    buf_appendf(out, "{\"%s\":[", keyword);
    for (int i = 0; i < count; i++)
        buf_appendf(out, "%s\"%d\"", i ? "," : "", i);
    buf_append_str(out, "]}");
}

static void
lists_are_bounded(void **state)
{
    struct buf text = BUF_INIT, why = BUF_INIT;

    (void)state;
    append_list(&text, "enum", JSON_SCHEMA_LIST_MAX);
    json_schema_free(compile(buf_cstr(&text)));
    append_list(&text, "enum", JSON_SCHEMA_LIST_MAX + 1);
    assert_null(json_schema_new(buf_span(&text), &why));
    assert_string_equal(buf_cstr(&why), "schema: enum has too many values");
    buf_clear(&why);
    append_list(&text, "required", JSON_SCHEMA_LIST_MAX);
    json_schema_free(compile(buf_cstr(&text)));
    append_list(&text, "required", JSON_SCHEMA_LIST_MAX + 1);
    assert_null(json_schema_new(buf_span(&text), &why));
    assert_string_equal(buf_cstr(&why), "schema: required has too many names");
    buf_fini(&text);
    buf_fini(&why);
}

/* So many that they are looked for in halves. */
static void
many_properties_are_all_found(void **state)
{
    struct buf text = BUF_INIT;
    struct json_schema_fault fault = {.message = NULL};
    struct json_schema *schema;

    (void)state;
    buf_append_str(&text, "{\"properties\":{");
    for (int i = 0; i < 300; i++)
        buf_appendf(&text, "%s\"p%d\":{\"const\":%d}", i ? "," : "", i, i);
    buf_append_str(&text, "}}");
    schema = compile(buf_cstr(&text));
    assert_true(json_schema_bytes(schema) > 300 * sizeof(void *));
    for (int i = 0; i < 300; i++) {
        buf_clear(&text);
        buf_appendf(&text, "{\"p%d\":%d}", i, i);
        assert_true(json_schema_accepts(schema, buf_span(&text), &fault));
        buf_clear(&text);
        buf_appendf(&text, "{\"p%d\":%d}", i, i + 1);
        assert_false(json_schema_accepts(schema, buf_span(&text), &fault));
        buf_clear(&text);
        buf_appendf(&text, "/p%d", i);
        assert_string_equal(buf_cstr(&fault.path), buf_cstr(&text));
    }
    json_schema_free(schema);
    buf_fini(&fault.path);
    buf_fini(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_judged),
        cmocka_unit_test(what_is_no_schema_is_refused),
        cmocka_unit_test(names_are_bounded),
        cmocka_unit_test(lists_are_bounded),
        cmocka_unit_test(many_properties_are_all_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
