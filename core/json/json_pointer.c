/* Following a JSON Pointer, token by token. */
#include "json/json_pointer.h"

#include "json/json_impl.h"

/* The byte that a token goes on with, ~0 and ~1 being ~ and / (RFC 6901, section 4); -1: none. */
static int
next_byte(struct span *token)
{
    size_t used = token->len > 1 && token->at[0] == '~' ? 2 : 1;
    int byte;

    if (token->len == 0)
        return -1;
    byte = (unsigned char)token->at[0];
    if (byte == '~') {
        if (used == 1 || (token->at[1] != '0' && token->at[1] != '1'))
            return -1;
        byte = token->at[1] == '0' ? '~' : '/';
    }
    token->at += used;
    token->len -= used;
    return byte;
}

static bool
is_key(struct span token, struct span key)
{
    const char *end = key.at + key.len;
    char bytes[4];

    while (key.at < end) {
        size_t len = json_decode_char(&key.at, bytes);

        for (size_t i = 0; i < len; i++)
            if (next_byte(&token) != (unsigned char)bytes[i])
                return false;
    }
    return token.len == 0;
}

/* Where the values below begin is known, where they end is not: at the end of the whole at most. */

static const char *
find_member(struct span object, struct span token)
{
    const char *end = object.at + object.len;
    const char *at = json_skip_space(object.at + 1, end);

    while (*at == '"') {
        struct span key = json_take_key(&at, end);

        if (is_key(token, key))
            return at;
        at = json_skip_comma(json_skip_value(at, end), end);
    }
    return NULL;
}

/* An index has no sign and no leading zero. */
static bool
read_index(struct span token, size_t *index)
{
    if (token.len == 0 || token.len > 9 || (token.len > 1 && token.at[0] == '0'))
        return false;
    *index = 0;
    for (size_t i = 0; i < token.len; i++) {
        if (token.at[i] < '0' || token.at[i] > '9')
            return false;
        *index = *index * 10 + (size_t)(token.at[i] - '0');
    }
    return true;
}

static const char *
find_element(struct span array, struct span token)
{
    const char *end = array.at + array.len;
    const char *at = json_skip_space(array.at + 1, end);
    size_t index;

    if (!read_index(token, &index))
        return NULL;
    for (; *at != ']'; at = json_skip_comma(json_skip_value(at, end), end))
        if (index-- == 0)
            return at;
    return NULL;
}

static const char *
find(struct span value, struct span token)
{
    switch (json_type_of(value)) {
    case JSON_OBJECT:
        return find_member(value, token);
    case JSON_ARRAY:
        return find_element(value, token);
    default:
        return NULL;
    }
}

bool
json_iter_at(struct json_iter *iter, struct span value, struct span pointer)
{
    const char *end = value.at + value.len, *at;
    enum json_type type;

    while (pointer.len > 0) {
        struct span token = {pointer.at + 1, pointer.len - 1};
        const char *slash = memchr(token.at, '/', token.len);

        if (pointer.at[0] != '/')
            return false;
        if (slash)
            token.len = (size_t)(slash - token.at);
        at = find(value, token);
        if (!at)
            return false;
        value = (struct span){at, (size_t)(end - at)};
        pointer.at += token.len + 1;
        pointer.len -= token.len + 1;
    }
    type = json_type_of(value);
    if (type != JSON_OBJECT && type != JSON_ARRAY)
        return false;
    json_iter_init(iter, value);
    return true;
}
