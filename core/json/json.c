/*
 * The check: one pass over the text, no recursion, no heap.
 *
 * The keys of all open objects lie in one array, used as a stack: when an object closes, its own
 * keys are the topmost ones, and are compared with one another. A first try has room for few keys,
 * which nearly every text fits; the rare one that does not is checked again with room for as many
 * as can ever be open (256 KiB of stack).
 */
#include "json/json.h"

#include "err.h"
#include "json/json_impl.h"

#define KEYS_FEW 64
#define KEYS_MOST (JSON_DEPTH_MAX * JSON_MEMBERS_MAX)
#define TEXT_MAX ((size_t)0x7fffffff) /* what struct json_key can hold */

struct level {
    uint32_t first_key;
    bool is_object;
};

struct checker {
    struct json_text text;
    size_t depth;
    struct level levels[JSON_DEPTH_MAX];
    size_t key_count;
    size_t key_cap;
    struct json_key *keys;
    bool is_out_of_keys; /* not the text's fault */
};

enum next { NEXT_FAULT, NEXT_VALUE, NEXT_COMMA, NEXT_END };

static void
skip_space(struct checker *c)
{
    c->text.at = json_skip_space(c->text.at, c->text.end);
}

static enum next
fault(struct checker *c, const char *what)
{
    json_fault(&c->text, c->text.at, what);
    return NEXT_FAULT;
}

/* Of the object that closes; takes its keys off the stack. */
static bool
check_keys(struct checker *c, size_t first)
{
    const struct json_key *keys = c->keys + first;
    size_t count = c->key_count - first;
    const struct json_key *duplicate = json_duplicate_key(c->text.start, keys, count);

    c->key_count = first;
    return !duplicate || json_fault(&c->text, c->text.start + duplicate->offset, "duplicate key");
}

static bool
push_key(struct checker *c, const char *at, size_t len)
{
    if (c->key_count - c->levels[c->depth - 1].first_key == JSON_MEMBERS_MAX)
        return json_fault(&c->text, at, "too many members");
    if (c->key_count == c->key_cap) {
        c->is_out_of_keys = true;
        return false;
    }
    c->keys[c->key_count++] = (struct json_key){(uint32_t)(at - c->text.start), (uint32_t)len};
    return true;
}

/* A key and its colon. */
static enum next
check_key(struct checker *c)
{
    const char *start = c->text.at + 1;

    if (json_peek(&c->text) != '"')
        return fault(c, "key expected");
    if (!json_check_string(&c->text) || !push_key(c, start, (size_t)(c->text.at - 1 - start)))
        return NEXT_FAULT;
    skip_space(c);
    if (json_peek(&c->text) != ':')
        return fault(c, "colon expected");
    c->text.at++;
    return NEXT_VALUE;
}

static enum next
close_container(struct checker *c)
{
    struct level level = c->levels[--c->depth];

    c->text.at++;
    if (level.is_object && !check_keys(c, level.first_key))
        return NEXT_FAULT;
    return c->depth > 0 ? NEXT_COMMA : NEXT_END;
}

static enum next
open_container(struct checker *c)
{
    bool is_object = *c->text.at == '{';

    if (c->depth == JSON_DEPTH_MAX)
        return fault(c, "nested too deep");
    c->levels[c->depth++] = (struct level){(uint32_t)c->key_count, is_object};
    c->text.at++;
    skip_space(c);
    if (json_peek(&c->text) == (is_object ? '}' : ']'))
        return close_container(c);
    return is_object ? check_key(c) : NEXT_VALUE;
}

/* A whole scalar, or a container up to its first value. */
static enum next
check_value(struct checker *c)
{
    skip_space(c);
    if (json_peek(&c->text) == '{' || json_peek(&c->text) == '[')
        return open_container(c);
    if (!json_check_scalar(&c->text))
        return NEXT_FAULT;
    return c->depth > 0 ? NEXT_COMMA : NEXT_END;
}

/* What stands behind a value inside a container. */
static enum next
check_comma(struct checker *c)
{
    bool is_object = c->levels[c->depth - 1].is_object;

    skip_space(c);
    if (json_peek(&c->text) == (is_object ? '}' : ']'))
        return close_container(c);
    if (json_peek(&c->text) != ',')
        return fault(c, "comma or closing bracket expected");
    c->text.at++;
    if (!is_object)
        return NEXT_VALUE;
    skip_space(c);
    return check_key(c);
}

static bool
check_text(struct checker *c, struct span *value)
{
    enum next next = NEXT_VALUE;
    const char *start;

    skip_space(c);
    start = c->text.at;
    while (next == NEXT_VALUE || next == NEXT_COMMA)
        next = next == NEXT_VALUE ? check_value(c) : check_comma(c);
    if (next == NEXT_FAULT)
        return false;
    *value = (struct span){start, (size_t)(c->text.at - start)};
    skip_space(c);
    return c->text.at == c->text.end || json_fault(&c->text, c->text.at, "more than one value");
}

static bool
check_with(struct checker *c, struct span text, struct json_key *keys, size_t cap,
           struct span *value)
{
    c->text.start = c->text.at = text.at ? text.at : "";
    c->text.end = c->text.start + text.len;
    c->depth = 0;
    c->key_count = 0;
    c->key_cap = cap;
    c->keys = keys;
    c->is_out_of_keys = false;
    if (text.len > TEXT_MAX)
        return json_fault(&c->text, c->text.start, "longer than 2 GiB");
    return check_text(c, value);
}

static __attribute__((noinline)) bool
check_with_most_keys(struct checker *c, struct span text, struct span *value)
{
    struct json_key keys[KEYS_MOST];

    return check_with(c, text, keys, KEYS_MOST, value);
}

int
json_check(struct span text, struct span *value, struct json_error *error)
{
    struct json_key keys[KEYS_FEW];
    struct checker c;
    struct span found;
    bool is_good = check_with(&c, text, keys, KEYS_FEW, &found);

    if (!is_good && c.is_out_of_keys)
        is_good = check_with_most_keys(&c, text, &found);
    if (!is_good) {
        if (error)
            *error = c.text.error;
        return HD1_ESYNTAX;
    }
    if (value)
        *value = found;
    return 0;
}
