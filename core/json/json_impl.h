/* What the json files share among themselves; not for others. */
#ifndef HD1_JSON_JSON_IMPL_H
#define HD1_JSON_JSON_IMPL_H

#include "json/json.h"

/* A text being checked: at moves from start to end; error is filled in at the first fault. */
struct json_text {
    const char *start;
    const char *at;
    const char *end;
    struct json_error error;
};

/* The byte at hand; NUL, which fits nowhere, at the end. */
static inline char
json_peek(const struct json_text *text)
{
    return text->at < text->end ? *text->at : '\0';
}

static inline bool
json_is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static inline const char *
json_skip_space(const char *at, const char *end)
{
    while (at < end && json_is_space(*at))
        at++;
    return at;
}

/* In checked bytes: from a string's opening quote to behind the closing one, from a value's first
 * byte to behind its last. */
const char *json_skip_string(const char *at, const char *end);
const char *json_skip_value(const char *at, const char *end);

/* The key of the member at hand, as it stands between its quotes; moves to the member's value. */
static inline struct span
json_take_key(const char **at, const char *end)
{
    struct span key = {*at + 1, 0};

    *at = json_skip_string(*at, end);
    key.len = (size_t)(*at - key.at) - 1;
    *at = json_skip_space(*at, end) + 1; /* the colon */
    *at = json_skip_space(*at, end);
    return key;
}

/* From behind a member or an element to the next one, over the comma if there is one. */
static inline const char *
json_skip_comma(const char *at, const char *end)
{
    at = json_skip_space(at, end);
    return at < end && *at == ',' ? json_skip_space(at + 1, end) : at;
}

/* Notes the fault at `at` and returns false. A fault at the very end is always "unexpected end". */
bool json_fault(struct json_text *text, const char *at, const char *what);

/* Checks the string whose quote is at hand, or whatever scalar is, and moves behind it. */
bool json_check_string(struct json_text *text);
bool json_check_scalar(struct json_text *text);

/* A key between its quotes, as an offset from the start of the text. */
struct json_key {
    uint32_t offset;
    uint32_t len;
};

/* The first key that equals an earlier one, or NULL. count <= JSON_MEMBERS_MAX. */
const struct json_key *json_duplicate_key(const char *text, const struct json_key *keys,
                                          size_t count);

/* A hash, keyed at random, of a raw key as it is unescaped: equal keys hash alike. */
uint64_t json_hash_key(struct span key);

/*
 * Decodes the character at *at inside a checked string (between the quotes), written plainly or as
 * an escape, to 1 to 4 bytes of UTF-8, returns how many, and moves *at behind it.
 */
size_t json_decode_char(const char **at, char out[4]);

/* Does this well-formed number lie within a double's range? */
bool json_number_fits(struct span number);

#endif
