/* Judging a value by a compiled schema: one walk over its bytes. */
#include "json/json_schema.h"

#include "json/json.h"
#include "json/json_equal.h"
#include "json/json_impl.h"
#include "json/json_schema_impl.h"

#include <math.h>
#include <stdlib.h>

#define BYTES_PER_CHARACTER 12 /* in a text, at most: two escapes */

/* --- where --- */

/* A reference token of RFC 6901, section 3, out of a raw key. */
static void
append_token(struct buf *out, struct span key)
{
    const char *end = key.at + key.len;
    char bytes[4];

    while (key.at < end) {
        size_t len = json_decode_char(&key.at, bytes);

        if (bytes[0] == '~')
            buf_append_str(out, "~0");
        else if (bytes[0] == '/')
            buf_append_str(out, "~1");
        else
            buf_append(out, bytes, len);
    }
}

void
step_append_path(const struct step *where, struct buf *out)
{
    if (!where)
        return;
    step_append_path(where->parent, out);
    buf_append_char(out, '/');
    if (where->key.at)
        append_token(out, where->key);
    else
        buf_append_int(out, (int64_t)where->index);
}

static bool
refuse(struct json_schema_fault *fault, const struct step *where, const char *message)
{
    buf_clear(&fault->path);
    step_append_path(where, &fault->path);
    fault->message = message;
    return false;
}

/* --- values of one kind --- */

static bool
is_whole(struct span value)
{
    double number;

    return json_number(value, &number) && floor(number) == number;
}

static bool
is_of_type(const struct node *node, enum json_type type, struct span value)
{
    static const unsigned types[] = {
        [JSON_NULL] = TYPE_NULL,     [JSON_FALSE] = TYPE_BOOLEAN, [JSON_TRUE] = TYPE_BOOLEAN,
        [JSON_NUMBER] = TYPE_NUMBER, [JSON_STRING] = TYPE_STRING, [JSON_ARRAY] = TYPE_ARRAY,
        [JSON_OBJECT] = TYPE_OBJECT,
    };

    if (node->types == 0 || (node->types & types[type]))
        return true;
    return type == JSON_NUMBER && (node->types & TYPE_INTEGER) && is_whole(value);
}

static bool
is_among(const struct choice *choice, struct span value)
{
    if (!choice->values)
        return true;
    for (size_t i = 0; i < choice->count; i++)
        if (json_equal(choice->values[i], value))
            return true;
    return false;
}

static bool
number_is_good(const struct node *node, struct span value, const struct step *where,
               struct json_schema_fault *fault)
{
    double number;

    if (!node->is_bounded || !json_number(value, &number))
        return true;
    if (number < node->min)
        return refuse(fault, where, node->too_small);
    return number <= node->max || refuse(fault, where, node->too_large);
}

static size_t
count_characters(struct span text)
{
    const char *at = text.at, *end = text.at + text.len;
    char bytes[4];
    size_t count = 0;

    for (; at < end; count++)
        json_decode_char(&at, bytes);
    return count;
}

/* Characters are counted only if the bytes leave it open. */
static bool
string_is_good(const struct node *node, struct span value, const struct step *where,
               struct json_schema_fault *fault)
{
    struct span text = {value.at + 1, value.len - 2};
    double length = (double)text.len;

    if (length <= node->max_length && length >= BYTES_PER_CHARACTER * (node->min_length - 1) + 1)
        return true;
    length = (double)count_characters(text);
    if (length < node->min_length)
        return refuse(fault, where, node->too_short);
    return length <= node->max_length || refuse(fault, where, node->too_long);
}

/* --- values inside values: `at` is moved behind what is good --- */

struct text {
    const char *at;
    const char *end;
};

static bool accepts(const struct node *node, struct text *in, const struct step *where,
                    struct json_schema_fault *fault);

static bool
array_is_good(const struct node *node, struct text *in, const struct step *where,
              struct json_schema_fault *fault)
{
    struct step step = {.parent = where};

    in->at = json_skip_space(in->at + 1, in->end);
    for (; *in->at != ']'; in->at = json_skip_comma(in->at, in->end), step.index++) {
        if ((double)step.index >= node->max_items)
            return refuse(fault, where, node->too_many);
        if (!node->items)
            in->at = json_skip_value(in->at, in->end);
        else if (!accepts(node->items, in, &step, fault))
            return false;
    }
    in->at++;
    return true;
}

/* Of a key that is written with escapes. */
static const struct property *
find_slowly(const struct node *node, struct span key)
{
    for (size_t i = 0; i < node->property_count; i++)
        if (json_key_eq(node->properties[i].key, key))
            return &node->properties[i];
    return NULL;
}

static const struct property *
find_property(const struct node *node, struct span key)
{
    size_t from = 0, to = node->property_count;

    if (memchr(key.at, '\\', key.len))
        return find_slowly(node, key);
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = property_cmp(key, node->properties[middle].name);

        if (order == 0)
            return &node->properties[middle];
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return NULL;
}

static bool
has_member(struct span object, struct span key)
{
    struct json_iter iter;
    struct span other, value;

    json_iter_init(&iter, object);
    while (json_next_member(&iter, &other, &value))
        if (json_key_eq(other, key))
            return true;
    return false;
}

/* Some that are required are not there: which is the first? */
static bool
refuse_missing(const struct node *node, struct span object, const struct step *where,
               struct json_schema_fault *fault)
{
    for (size_t i = 0; i < node->property_count; i++) {
        const struct property *property = &node->properties[i];
        struct step step = {.parent = where, .key = property->key};

        if (property->is_required && !has_member(object, property->key))
            return refuse(fault, &step, "is missing");
    }
    return true; /* never: an object has no key twice */
}

static bool
member_is_good(const struct node *node, const struct property *property, struct text *in,
               const struct step *where, struct json_schema_fault *fault)
{
    if (property && property->node)
        return accepts(property->node, in, where, fault);
    if (node->is_closed)
        return refuse(fault, where, "is not known here");
    if (node->others)
        return accepts(node->others, in, where, fault);
    in->at = json_skip_value(in->at, in->end);
    return true;
}

static struct span
take_key(struct text *in)
{
    struct span key = {in->at + 1, 0};

    in->at = json_skip_string(in->at, in->end);
    key.len = (size_t)(in->at - key.at) - 1;
    in->at = json_skip_space(in->at, in->end) + 1; /* the colon */
    in->at = json_skip_space(in->at, in->end);
    return key;
}

static bool
object_is_good(const struct node *node, struct text *in, const struct step *where,
               struct json_schema_fault *fault)
{
    const char *start = in->at;
    struct step step = {.parent = where};
    size_t required = 0;

    in->at = json_skip_space(in->at + 1, in->end);
    for (; *in->at != '}'; in->at = json_skip_comma(in->at, in->end)) {
        const struct property *property;

        step.key = take_key(in);
        property = find_property(node, step.key);
        required += property && property->is_required;
        if (!member_is_good(node, property, in, &step, fault))
            return false;
    }
    in->at++;
    return required == node->required_count ||
           refuse_missing(node, (struct span){start, (size_t)(in->at - start)}, where, fault);
}

/* Does it matter what is inside a value of that type? */
static bool
looks_inside(const struct node *node, enum json_type type)
{
    if (type == JSON_ARRAY)
        return node->items || !isinf(node->max_items);
    return type == JSON_OBJECT && (node->property_count > 0 || node->is_closed || node->others);
}

/* A value of which the end is known. */
static bool
whole_is_good(const struct node *node, enum json_type type, struct span value,
              const struct step *where, struct json_schema_fault *fault)
{
    if (!is_of_type(node, type, value))
        return refuse(fault, where, node->type_message);
    if (!is_among(&node->constant, value))
        return refuse(fault, where, node->constant.message);
    if (!is_among(&node->list, value))
        return refuse(fault, where, node->list.message);
    if (type == JSON_NUMBER)
        return number_is_good(node, value, where, fault);
    return type != JSON_STRING || string_is_good(node, value, where, fault);
}

static bool
accepts(const struct node *node, struct text *in, const struct step *where,
        struct json_schema_fault *fault)
{
    struct span value = {in->at, 1};
    enum json_type type = json_type_of(value);
    const char *end;

    if (!looks_inside(node, type)) {
        end = json_skip_value(in->at, in->end);
        value.len = (size_t)(end - in->at);
        in->at = end;
        return whole_is_good(node, type, value, where, fault);
    }
    if (node->constant.values || node->list.values)
        value.len = (size_t)(json_skip_value(in->at, in->end) - in->at);
    if (!whole_is_good(node, type, value, where, fault))
        return false;
    return type == JSON_ARRAY ? array_is_good(node, in, where, fault)
                              : object_is_good(node, in, where, fault);
}

bool
json_schema_accepts(const struct json_schema *schema, struct span value,
                    struct json_schema_fault *fault)
{
    struct text in = {value.at, value.at + value.len};

    return accepts(schema->root, &in, NULL, fault);
}

size_t
json_schema_bytes(const struct json_schema *schema)
{
    return schema->arena.used;
}

void
json_schema_free(struct json_schema *schema)
{
    if (!schema)
        return;
    arena_fini(&schema->arena);
    free(schema);
}
