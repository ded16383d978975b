/*
 * A line with a schema, then a value. What is a schema must judge the value alike however it is
 * spaced, and as an element of an array as by itself; what is at fault must be there.
 */
#include "json/json.h"
#include "json/json_pointer.h"
#include "json/json_schema.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json_schema *
compile(struct span text)
{
    struct buf why = BUF_INIT;
    struct json_schema *schema = json_schema_new(text, &why);

    assert(!schema == (why.len > 0));
    buf_fini(&why);
    return schema;
}

/* The container around the fault is there, though what is missing in it is not. */
static void
expect_path(struct span value, struct span path)
{
    struct json_iter iter;

    while (path.len > 0 && path.at[path.len - 1] != '/')
        path.len--;
    if (path.len > 0)
        assert(json_iter_at(&iter, value, (struct span){path.at, path.len - 1}));
}

/* Is it judged as said? */
static void
expect_same(const struct json_schema *schema, struct span value, bool is_good, const char *before,
            const struct json_schema_fault *said)
{
    struct json_schema_fault fault = {.message = NULL};
    size_t skipped = strlen(before);

    assert(json_schema_accepts(schema, value, &fault) == is_good);
    if (!is_good) {
        const char *path = buf_cstr(&fault.path);

        assert(strncmp(path, before, skipped) == 0);
        assert(span_eq(buf_span(&said->path),
                       (struct span){path + skipped, fault.path.len - skipped}));
        assert(strcmp(fault.message, said->message) == 0);
    }
    buf_fini(&fault.path);
}

static void
try_as_element(struct span text, struct span value, bool is_good,
               const struct json_schema_fault *said)
{
    struct buf schema_text = BUF_INIT, array = BUF_INIT;
    struct span schema_value;
    struct json_schema *schema;

    buf_appendf(&schema_text, "{\"items\":%.*s}", (int)text.len, text.at);
    buf_appendf(&array, "[%.*s]", (int)value.len, value.at);
    if (json_check(buf_span(&schema_text), &schema_value, NULL) == 0 &&
        json_check(buf_span(&array), NULL, NULL) == 0) { /* else it is nested too deep */
        schema = compile(schema_value);
        assert(schema);
        expect_same(schema, buf_span(&array), is_good, "/0", said);
        json_schema_free(schema);
    }
    buf_fini(&schema_text);
    buf_fini(&array);
}

static void
try_value(const struct json_schema *schema, struct span text, struct span value)
{
    struct json_schema_fault fault = {.message = NULL};
    bool is_good = json_schema_accepts(schema, value, &fault);
    struct buf compact = BUF_INIT;

    assert(is_good == !fault.message);
    if (!is_good)
        expect_path(value, buf_span(&fault.path));
    json_append_compact(&compact, value);
    expect_same(schema, buf_span(&compact), is_good, "", &fault);
    try_as_element(text, value, is_good, &fault);
    buf_fini(&compact);
    buf_fini(&fault.path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data, *line = size > 0 ? memchr(text, '\n', size) : NULL;
    struct span schema_text, value;
    struct json_schema *schema;

    if (!line || memchr(data, '\0', size) ||
        json_check((struct span){text, (size_t)(line - text)}, &schema_text, NULL) != 0 ||
        json_check((struct span){line + 1, size - (size_t)(line + 1 - text)}, &value, NULL) != 0)
        return 0;
    schema = compile(schema_text);
    if (schema)
        try_value(schema, schema_text, value);
    json_schema_free(schema);
    return 0;
}
