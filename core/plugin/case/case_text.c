/* Members of a case file, as text. */
#include "plugin/case/case_text.h"

#include "plugin/api/base64url.h"
#include "utf8.h"
#include "json/json.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

static void
begin(struct buf *out, const char *key)
{
    if (out->len && out->data[out->len - 1] != '{')
        buf_append_char(out, ',');
    json_append_string(out, span_of(key));
    buf_append_char(out, ':');
}

bool
case_append_clean(struct buf *out, struct span text)
{
    const char *at = text.at, *end = text.at + text.len;
    bool is_clean = true;

    while (at < end) {
        size_t n = utf8_len(at, end);

        if (n > 0)
            buf_append(out, at, n);
        else
            buf_append_char(out, '?');
        is_clean &= n > 0;
        at += n ? n : 1;
    }
    return is_clean;
}

void
case_append_text(struct buf *out, const char *key, struct span text)
{
    struct buf clean = BUF_INIT;

    begin(out, key);
    if (text.at) {
        case_append_clean(&clean, text);
        json_append_string(out, clean.data ? buf_span(&clean) : SPAN(""));
    } else {
        buf_append_str(out, "null");
    }
    buf_fini(&clean);
}

void
case_append_int(struct buf *out, const char *key, int64_t number)
{
    begin(out, key);
    buf_appendf(out, "%lld", (long long)number);
}

void
case_append_json(struct buf *out, const char *key, struct span json)
{
    if (!json.len)
        return;
    begin(out, key);
    buf_append_span(out, json);
}

void
case_append_bytes(struct buf *out, const char *key, struct span bytes)
{
    struct buf text = BUF_INIT;
    char *room;

    if (!bytes.at)
        return;
    if (case_append_clean(&text, bytes)) {
        case_append_text(out, key, bytes);
    } else {
        begin(out, key);
        buf_append_str(out, "{\"base64url\":\"");
        room = buf_reserve(out, BASE64URL_LEN(bytes.len));
        out->len += base64url_encode(room, bytes);
        buf_append_str(out, "\"}");
    }
    buf_fini(&text);
}

void
case_append_masked(struct buf *out, const char *key, struct span text)
{
    struct buf masked = BUF_INIT;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];

        buf_append_char(&masked, isdigit(c) ? '0' : isalpha(c) || c >= 0x80 ? 'x' : (char)c);
    }
    case_append_text(out, key, masked.data ? buf_span(&masked) : SPAN(""));
    buf_fini(&masked);
}

void
case_note_left_out(struct buf *left_out, const char *format, ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    buf_append_char(left_out, ',');
    json_append_string(left_out, span_of(text));
}

bool
case_is_secret(struct span name)
{
    static const char *const words[] = {"auth", "cookie", "token",     "secret",  "password",
                                        "key",  "jwt",    "signature", "protocol"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        for (size_t at = 0; at + strlen(words[i]) <= name.len; at++)
            if (strncasecmp(name.at + at, words[i], strlen(words[i])) == 0)
                return true;
    return false;
}

struct span
case_place(struct span error)
{
    const char *end = error.at + error.len, *dot = error.at;

    while (error.len && (dot = memmem(dot, (size_t)(end - dot), ".lua:", 5))) {
        const char *start = dot, *after = dot + 5;

        while (after < end && isdigit((unsigned char)*after))
            after++;
        while (start > error.at && !strchr("/< \t\n", start[-1]))
            start--;
        if (after > dot + 5 && start < dot)
            return (struct span){start, (size_t)(after - start)};
        dot = after;
    }
    return SPAN_NONE;
}

struct span
case_without_folders(struct span line)
{
    const char *dot = line.len ? memmem(line.at, line.len, ".lua:", 5) : NULL, *at = dot;

    while (at && at > line.at && at[-1] != '/')
        at--;
    return at ? (struct span){at, line.len - (size_t)(at - line.at)} : line;
}
