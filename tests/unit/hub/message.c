/* See message.h. */
#include "message.h"

#include "json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void
message_write(struct buf *out, const char *format, va_list args)
{
    char *text = NULL;
    int len = vasprintf(&text, format, args);

    assert_true(len >= 0);
    buf_append(out, text, (size_t)len);
    free(text);
}

static bool
find(struct span message, const char *path, struct span *value)
{
    char name[64];
    size_t len = strcspn(path, ".");

    snprintf(name, sizeof(name), "%.*s", (int)len, path);
    if (json_type_of(message) != JSON_OBJECT || !json_member(message, name, value))
        return false;
    return path[len] == '\0' || find(*value, path + len + 1, value);
}

int64_t
message_int(struct span message, const char *path)
{
    struct span value;
    int64_t number = 0;

    if (!find(message, path, &value) || !json_integer(value, &number))
        fail_msg("no integer %s in %.*s", path, (int)message.len, message.at);
    return number;
}

bool
message_is(struct span message, const char *path, const char *text)
{
    struct span value, plain;

    if (!find(message, path, &value))
        return false;
    return json_plain_string(value, &plain) ? span_is(plain, text) : span_is(value, text);
}

bool
message_has(struct span message, const char *path)
{
    struct span value;

    return find(message, path, &value);
}

struct span
message_get(struct span message, const char *path)
{
    struct span value;

    return find(message, path, &value) ? value : SPAN_NONE;
}
