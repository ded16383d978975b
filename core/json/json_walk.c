/* Walks over checked bytes: members, elements, and strings without their escapes. */
#include "json/json.h"

#include "json/json_impl.h"

#include <endian.h>

#define ONES UINT64_C(0x0101010101010101)

/* The high bit of each byte that is the one looked for, and perhaps of some behind the first. */
static inline uint64_t
find_bytes(uint64_t word, char byte)
{
    uint64_t rest = word ^ (ONES * (unsigned char)byte);

    return (rest - ONES) & ~rest & (ONES << 7);
}

/* Eight bytes at a time: strings are most of a text, and each is walked over several times. */
const char *
json_skip_string(const char *at, const char *end)
{
    at++;
    while (end - at >= 8) {
        uint64_t word, found;

        memcpy(&word, at, sizeof(word));
        word = le64toh(word);
        found = find_bytes(word, '"') | find_bytes(word, '\\');
        if (!found) {
            at += 8;
            continue;
        }
        at += __builtin_ctzll(found) / 8;
        if (*at == '"')
            return at + 1;
        at += 2;
    }
    for (; at < end && *at != '"'; at++)
        if (*at == '\\')
            at++;
    return at < end ? at + 1 : end;
}

enum { BYTE_OTHER, BYTE_OPENS, BYTE_CLOSES, BYTE_QUOTE };

static const unsigned char byte_class[256] = {
    ['{'] = BYTE_OPENS,  ['['] = BYTE_OPENS, ['}'] = BYTE_CLOSES,
    [']'] = BYTE_CLOSES, ['"'] = BYTE_QUOTE,
};

static const char *
skip_container(const char *at, const char *end)
{
    int depth = 0;

    while (at < end) {
        unsigned char class = byte_class[(unsigned char)*at];

        at = class == BYTE_QUOTE ? json_skip_string(at, end) : at + 1;
        if (class == BYTE_OPENS)
            depth++;
        else if (class == BYTE_CLOSES && --depth == 0)
            break;
    }
    return at;
}

static const char *
skip_scalar(const char *at, const char *end)
{
    while (at < end && *at != ',' && *at != ']' && *at != '}' && !json_is_space(*at))
        at++;
    return at;
}

const char *
json_skip_value(const char *at, const char *end)
{
    if (*at == '"')
        return json_skip_string(at, end);
    return *at == '{' || *at == '[' ? skip_container(at, end) : skip_scalar(at, end);
}

enum json_type
json_type_of(struct span value)
{
    switch (value.len > 0 ? value.at[0] : 'n') {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 't':
        return JSON_TRUE;
    case 'f':
        return JSON_FALSE;
    case 'n':
        return JSON_NULL;
    default:
        return JSON_NUMBER;
    }
}

void
json_iter_init(struct json_iter *iter, struct span container)
{
    enum json_type type = json_type_of(container);

    iter->at = iter->end = container.at;
    if (type == JSON_OBJECT || type == JSON_ARRAY) {
        iter->end = container.at + container.len - 1;
        iter->at = json_skip_space(container.at + 1, iter->end);
    }
}

/* Takes the value at hand and moves behind the comma that follows it. */
static struct span
take_value(struct json_iter *iter)
{
    struct span value = {iter->at, 0};
    const char *at = json_skip_value(iter->at, iter->end);

    value.len = (size_t)(at - value.at);
    iter->at = json_skip_comma(at, iter->end);
    return value;
}

bool
json_next_member(struct json_iter *iter, struct span *key, struct span *value)
{
    const char *at;

    if (iter->at >= iter->end || *iter->at != '"')
        return false;
    at = json_skip_string(iter->at, iter->end);
    *key = (struct span){iter->at + 1, (size_t)(at - iter->at) - 2};
    at = json_skip_space(at, iter->end);
    if (at >= iter->end || *at != ':')
        return false;
    iter->at = json_skip_space(at + 1, iter->end);
    *value = take_value(iter);
    return true;
}

bool
json_next_element(struct json_iter *iter, struct span *value)
{
    if (iter->at >= iter->end || *iter->at == ']')
        return false;
    *value = take_value(iter);
    return true;
}

bool
json_member(struct span object, const char *name, struct span *value)
{
    struct json_iter iter;
    struct span key;
    struct span found;

    if (json_type_of(object) != JSON_OBJECT)
        return false;
    json_iter_init(&iter, object);
    while (json_next_member(&iter, &key, &found)) {
        if (!json_key_is(key, name))
            continue;
        if (value)
            *value = found;
        return true;
    }
    return false;
}

static bool
has_escape(struct span key)
{
    return key.len > 0 && memchr(key.at, '\\', key.len);
}

static bool
key_eq_slowly(struct span a, struct span b)
{
    const char *a_end = a.at + a.len;
    const char *b_end = b.at + b.len;
    char a_bytes[4];
    char b_bytes[4];

    while (a.at < a_end && b.at < b_end) {
        size_t a_len = json_decode_char(&a.at, a_bytes);
        size_t b_len = json_decode_char(&b.at, b_bytes);

        if (a_len != b_len || memcmp(a_bytes, b_bytes, a_len) != 0)
            return false;
    }
    return a.at == a_end && b.at == b_end;
}

/* name is plain text, in which a backslash is a backslash. */
bool
json_key_is(struct span key, const char *name)
{
    const char *end = key.at + key.len;
    size_t left = strlen(name);
    char bytes[4];

    if (key.len > 0 && key.at[0] != name[0] && key.at[0] != '\\')
        return false;
    if (!has_escape(key))
        return span_is(key, name);
    while (key.at < end) {
        size_t len = json_decode_char(&key.at, bytes);

        if (len > left || memcmp(bytes, name, len) != 0)
            return false;
        name += len;
        left -= len;
    }
    return left == 0;
}

/* Two that begin differently, with no escape there, need no closer look. */
bool
json_key_eq(struct span a, struct span b)
{
    if (a.len > 0 && b.len > 0 && a.at[0] != b.at[0] && a.at[0] != '\\' && b.at[0] != '\\')
        return false;
    if (span_eq(a, b))
        return true;
    return (has_escape(a) || has_escape(b)) && key_eq_slowly(a, b);
}

void
json_append_compact(struct buf *out, struct span value)
{
    const char *at = value.at;
    const char *end = value.at + value.len;

    while (at < end) {
        const char *start = at;

        while (at < end && !json_is_space(*at))
            at = *at == '"' ? json_skip_string(at, end) : at + 1;
        buf_append(out, start, (size_t)(at - start));
        at = json_skip_space(at, end);
    }
}

/* A member has at least `"":0,`. */
bool
json_is_crowded(struct span object)
{
    struct json_iter iter;
    struct span key, value;
    size_t count = 0;

    if (object.len < 5 * JSON_MEMBERS_MAX)
        return false;
    for (json_iter_init(&iter, object); json_next_member(&iter, &key, &value);)
        count++;
    return count > JSON_MEMBERS_MAX;
}
