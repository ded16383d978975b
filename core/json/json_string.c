/* Strings: taking escapes out, and putting them in. */
#include "json/json.h"

#include "err.h"
#include "json/json_impl.h"

static unsigned
hex_value(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

/* The four digits of a \uXXXX whose backslash is at escape. */
static unsigned
hex4(const char *escape)
{
    return hex_value(escape[2]) << 12 | hex_value(escape[3]) << 8 | hex_value(escape[4]) << 4 |
           hex_value(escape[5]);
}

static size_t
encode_utf8(unsigned point, char out[4])
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xC0 | point >> 6);
        out[1] = (char)(0x80 | (point & 0x3F));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xE0 | point >> 12);
        out[1] = (char)(0x80 | (point >> 6 & 0x3F));
        out[2] = (char)(0x80 | (point & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | point >> 18);
    out[1] = (char)(0x80 | (point >> 12 & 0x3F));
    out[2] = (char)(0x80 | (point >> 6 & 0x3F));
    out[3] = (char)(0x80 | (point & 0x3F));
    return 4;
}

static size_t
decode_unicode(const char **at, char out[4])
{
    unsigned point = hex4(*at);

    *at += 6;
    if (point >= 0xD800 && point <= 0xDBFF) {
        point = 0x10000 + ((point - 0xD800) << 10) + (hex4(*at) - 0xDC00);
        *at += 6;
    }
    return encode_utf8(point, out);
}

/* What a backslash and this letter stand for. */
static char
unescaped(char letter)
{
    switch (letter) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return letter;
    }
}

static size_t
copy_plain(const char **at, char out[4])
{
    unsigned char first = (unsigned char)**at;
    size_t len = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

    memcpy(out, *at, len);
    *at += len;
    return len;
}

size_t
json_decode_char(const char **at, char out[4])
{
    if (**at != '\\')
        return copy_plain(at, out);
    if ((*at)[1] == 'u')
        return decode_unicode(at, out);
    out[0] = unescaped((*at)[1]);
    *at += 2;
    return 1;
}

/* What stands between the quotes. */
static struct span
inside(struct span value)
{
    return (struct span){value.at + 1, value.len - 2};
}

bool
json_plain_string(struct span value, struct span *text)
{
    if (json_type_of(value) != JSON_STRING || memchr(value.at, '\\', value.len))
        return false;
    *text = inside(value);
    return true;
}

void
json_append_unescaped(struct buf *out, struct span value)
{
    const char *at;
    const char *end;
    char *to;

    if (json_type_of(value) != JSON_STRING)
        return;
    at = value.at + 1;
    end = value.at + value.len - 1;
    to = buf_reserve(out, value.len + 4);
    while (at < end) {
        const char *escape = memchr(at, '\\', (size_t)(end - at));
        size_t plain = (size_t)((escape ? escape : end) - at);

        memcpy(to, at, plain);
        to += plain;
        at += plain;
        if (escape)
            to += json_decode_char(&at, to);
    }
    out->len = (size_t)(to - out->data);
}

int
json_copy_string(struct span value, char *out, size_t size)
{
    const char *at;
    const char *end;
    size_t len = 0;

    if (json_type_of(value) != JSON_STRING)
        return HD1_EINVAL;
    end = value.at + value.len - 1;
    for (at = value.at + 1; at < end;) {
        char bytes[4];
        size_t n = json_decode_char(&at, bytes);

        if (bytes[0] == '\0')
            return HD1_EINVAL;
        if (len + n >= size)
            return HD1_ETOOBIG;
        memcpy(out + len, bytes, n);
        len += n;
    }
    if (size == 0)
        return HD1_ETOOBIG;
    out[len] = '\0';
    return (int)len;
}

static bool
needs_escape(char c)
{
    return (unsigned char)c < 0x20 || c == '"' || c == '\\';
}

static void
append_escape(struct buf *out, char c)
{
    static const char letters[0x20] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    char letter = c == '"' || c == '\\' ? c : letters[(unsigned char)c];

    if (!letter) {
        buf_appendf(out, "\\u%04x", (unsigned)(unsigned char)c);
        return;
    }
    buf_append_char(out, '\\');
    buf_append_char(out, letter);
}

void
json_append_string(struct buf *out, struct span text)
{
    size_t done = 0;

    buf_append_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (!needs_escape(text.at[i]))
            continue;
        buf_append(out, text.at + done, i - done);
        append_escape(out, text.at[i]);
        done = i + 1;
    }
    buf_append(out, text.at + done, text.len - done);
    buf_append_char(out, '"');
}
