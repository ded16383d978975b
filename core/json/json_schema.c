/* Judging a value by a compiled schema: one walk over its bytes. */
#include "json/json_schema.h"

#include "json/json.h"
#include "json/json_impl.h"
#include "json/json_schema_impl.h"

#include <math.h>
#include <stdlib.h>

#define BYTES_PER_CHARACTER 12          /* in a text, at most: two escapes */
#define ROOM (JSON_SCHEMA_NAME_MAX + 4) /* for a name, and a character more */

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

bool
step_append_path(const struct step *where, struct buf *out)
{
    if (!where)
        return true;
    if (!step_append_path(where->parent, out) || where->key.len > JSON_SCHEMA_TOLD_MAX)
        return false;
    buf_append_char(out, '/');
    if (where->key.at)
        append_token(out, where->key);
    else
        buf_append_int(out, (int64_t)where->index);
    return true;
}

static bool
refuse(struct json_schema_fault *fault, const struct step *where, const char *message)
{
    buf_clear(&fault->path);
    if (step_append_path(where, &fault->path))
        fault->message = message;
    else
        fault->message = "has something wrong under a name that is too long to be told";
    return false;
}

/* --- names --- */

/* The text of a string, given between its quotes; unescaped into room if need be. False: it is
 * longer than any name of a schema. */
static bool
read_text(struct span raw, char room[ROOM], struct span *text)
{
    const char *end = raw.at + raw.len;
    size_t len = 0;

    *text = raw;
    if (!memchr(raw.at, '\\', raw.len))
        return true;
    while (raw.at < end && len <= JSON_SCHEMA_NAME_MAX)
        len += json_decode_char(&raw.at, room + len);
    *text = (struct span){room, len};
    return raw.at == end;
}

/* Where the string, given between its quotes, is among them; their count: nowhere. */
static size_t
names_find(const struct names *names, struct span raw)
{
    char room[ROOM];
    size_t from = 0, to = names->count;
    struct span text;

    if (!read_text(raw, room, &text))
        return names->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = name_cmp(text, names->items[middle]);

        if (order == 0)
            return middle;
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return names->count;
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

int
number_cmp(const void *a, const void *b)
{
    double first = *(const double *)a, second = *(const double *)b;

    return (first > second) - (first < second);
}

static bool
is_among(const struct choice *choice, enum json_type type, struct span value)
{
    double number;

    if (!choice->is_set)
        return true;
    switch (type) {
    case JSON_NUMBER:
        return json_number(value, &number) &&
               bsearch(&number, choice->numbers, choice->number_count, sizeof(number), number_cmp);
    case JSON_STRING:
        return names_find(&choice->strings, (struct span){value.at + 1, value.len - 2}) <
               choice->strings.count;
    case JSON_ARRAY:
    case JSON_OBJECT:
        return false;
    default:
        return choice->literals >> type & 1;
    }
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

static const struct property *
find_property(const struct node *node, struct span key)
{
    size_t index = names_find(&node->names, key);

    return index < node->names.count ? &node->properties[index] : NULL;
}

/* Some that are required are not there: the first of them is told. */
static bool
refuse_missing(const struct node *node, struct span object, const struct step *where,
               struct json_schema_fault *fault)
{
    bool is_there[JSON_SCHEMA_LIST_MAX + JSON_MEMBERS_MAX + 1] = {false};
    struct step step = {.parent = where};
    struct json_iter iter;
    struct span key, value;

    for (json_iter_init(&iter, object); json_next_member(&iter, &key, &value);)
        is_there[names_find(&node->names, key)] = true; /* what is no property comes last */
    for (size_t i = 0; i < node->property_count; i++) {
        step.key = node->properties[i].key;
        if (node->properties[i].is_required && !is_there[i])
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

        step.key = json_take_key(&in->at, in->end);
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

/* All but what is inside; of an array or object, value need not hold all. */
static bool
outside_is_good(const struct node *node, enum json_type type, struct span value,
                const struct step *where, struct json_schema_fault *fault)
{
    if (!is_of_type(node, type, value))
        return refuse(fault, where, node->type_message);
    if (!is_among(&node->constant, type, value))
        return refuse(fault, where, node->constant.message);
    if (!is_among(&node->list, type, value))
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
        return outside_is_good(node, type, value, where, fault);
    }
    if (!outside_is_good(node, type, value, where, fault))
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

bool
json_schema_admits(const struct json_schema *schema, struct span name)
{
    const struct property *property = find_property(schema->root, name);

    return !schema->root->is_closed || (property && property->node);
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
