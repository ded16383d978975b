/* Compiling a schema: the keywords that look at one value and not into it. */
#include "json/json.h"
#include "json/json_schema_impl.h"

#include <math.h>
#include <stdlib.h>

static const char *
message(struct draft *draft, const char *before, double number, const char *after)
{
    struct buf *text = draft_new_text(draft);

    buf_append_str(text, before);
    json_append_number(text, number);
    buf_append_str(text, after);
    return draft_keep_text(draft);
}

/* --- type --- */

static const struct {
    const char *name;
    unsigned type;
    const char *text;
} types[] = {
    {"null", TYPE_NULL, "null"},          {"boolean", TYPE_BOOLEAN, "a boolean"},
    {"number", TYPE_NUMBER, "a number"},  {"integer", TYPE_INTEGER, "an integer"},
    {"string", TYPE_STRING, "a string"},  {"array", TYPE_ARRAY, "an array"},
    {"object", TYPE_OBJECT, "an object"},
};

#define TYPES (sizeof(types) / sizeof(types[0]))

static bool
add_type(struct draft *draft, struct span name, struct buf *text)
{
    struct span word = {name.at + 1, name.len - 2};

    for (size_t i = 0; i < TYPES; i++) {
        if (json_type_of(name) != JSON_STRING || !json_key_is(word, types[i].name))
            continue;
        buf_appendf(text, "%s%s", draft->node->types ? " or " : "must be ", types[i].text);
        draft->node->types |= types[i].type;
        return true;
    }
    draft_fail(draft, "no type is called ", name);
    buf_append_str(draft->compiler->why,
                   "; known: null, boolean, number, integer, string, array, object");
    return false;
}

bool
keyword_type(struct draft *draft, const char *keyword, struct span value)
{
    struct buf *text = draft_new_text(draft);
    struct json_iter iter;
    struct span name;

    (void)keyword;
    if (json_type_of(value) == JSON_STRING && !add_type(draft, value, text))
        return false;
    if (json_type_of(value) == JSON_ARRAY)
        for (json_iter_init(&iter, value); json_next_element(&iter, &name);)
            if (!add_type(draft, name, text))
                return false;
    draft->node->type_message = draft_keep_text(draft);
    return draft->node->types || draft_fail(draft, "type names no type", SPAN_NONE);
}

/* --- const, enum --- */

static int
cmp_names(const void *a, const void *b)
{
    return name_cmp(*(const struct span *)a, *(const struct span *)b);
}

static void
begin_choice(struct draft *draft, struct choice *choice, size_t count)
{
    struct arena *arena = draft->compiler->arena;

    choice->is_set = true;
    choice->numbers = arena_alloc(arena, (count + 1) * sizeof(*choice->numbers));
    choice->strings.items = arena_alloc(arena, (count + 1) * sizeof(*choice->strings.items));
}

static bool
add_choice(struct draft *draft, struct choice *choice, struct span value)
{
    struct names *strings = &choice->strings;

    switch (json_type_of(value)) {
    case JSON_ARRAY:
    case JSON_OBJECT:
        return draft_fail(draft, "only simple values can be compared, not ", value);
    case JSON_NUMBER:
        json_number(value, &choice->numbers[choice->number_count++]);
        return true;
    case JSON_STRING:
        return draft_keep_name(draft, (struct span){value.at + 1, value.len - 2},
                               &strings->items[strings->count++]);
    default:
        choice->literals |= 1u << json_type_of(value);
        return true;
    }
}

static void
end_choice(struct choice *choice)
{
    qsort(choice->numbers, choice->number_count, sizeof(*choice->numbers), number_cmp);
    qsort(choice->strings.items, choice->strings.count, sizeof(*choice->strings.items), cmp_names);
}

bool
keyword_const(struct draft *draft, const char *keyword, struct span value)
{
    struct choice *choice = &draft->node->constant;
    struct buf *text;

    (void)keyword;
    begin_choice(draft, choice, 1);
    if (!add_choice(draft, choice, value))
        return false;
    text = draft_new_text(draft);
    buf_append_str(text, "must be ");
    buf_append_span(text, value);
    choice->message = draft_keep_text(draft);
    return true;
}

static void
append_choices(struct buf *text, struct span list)
{
    struct json_iter iter;
    struct span item;
    size_t count = 0;

    buf_append_str(text, "must be one of ");
    for (json_iter_init(&iter, list); json_next_element(&iter, &item); count++) {
        buf_append_str(text, count > 0 ? ", " : "");
        buf_append_span(text, item);
    }
}

bool
keyword_enum(struct draft *draft, const char *keyword, struct span value)
{
    struct choice *choice = &draft->node->list;
    size_t count = schema_count_elements(value);
    struct json_iter iter;
    struct span item;

    if (!schema_is_list(value))
        return draft_fail_keyword(draft, keyword, "a list");
    if (count > JSON_SCHEMA_LIST_MAX)
        return draft_fail(draft, "enum has too many values", SPAN_NONE);
    begin_choice(draft, choice, count);
    for (json_iter_init(&iter, value); json_next_element(&iter, &item);)
        if (!add_choice(draft, choice, item))
            return false;
    end_choice(choice);
    append_choices(draft_new_text(draft), value);
    choice->message = draft_keep_text(draft);
    return true;
}

/* --- numbers that bound something --- */

static bool
read_number(struct draft *draft, const char *keyword, struct span value, double *number)
{
    return json_number(value, number) || draft_fail_keyword(draft, keyword, "a number");
}

static bool
read_count(struct draft *draft, const char *keyword, struct span value, double *count)
{
    if (!json_number(value, count) || *count < 0 || floor(*count) != *count)
        return draft_fail_keyword(draft, keyword, "a whole number");
    return true;
}

bool
keyword_minimum(struct draft *draft, const char *keyword, struct span value)
{
    struct node *node = draft->node;

    if (!read_number(draft, keyword, value, &node->min))
        return false;
    node->is_bounded = true;
    node->too_small = message(draft, "must be at least ", node->min, "");
    return true;
}

bool
keyword_maximum(struct draft *draft, const char *keyword, struct span value)
{
    struct node *node = draft->node;

    if (!read_number(draft, keyword, value, &node->max))
        return false;
    node->is_bounded = true;
    node->too_large = message(draft, "must be at most ", node->max, "");
    return true;
}

bool
keyword_min_length(struct draft *draft, const char *keyword, struct span value)
{
    struct node *node = draft->node;

    if (!read_count(draft, keyword, value, &node->min_length))
        return false;
    node->too_short = message(draft, "must have at least ", node->min_length, " characters");
    return true;
}

bool
keyword_max_length(struct draft *draft, const char *keyword, struct span value)
{
    struct node *node = draft->node;

    if (!read_count(draft, keyword, value, &node->max_length))
        return false;
    node->too_long = message(draft, "must have at most ", node->max_length, " characters");
    return true;
}

bool
keyword_max_items(struct draft *draft, const char *keyword, struct span value)
{
    struct node *node = draft->node;

    if (!read_count(draft, keyword, value, &node->max_items))
        return false;
    node->too_many = message(draft, "must have at most ", node->max_items, " items");
    return true;
}
