/* Compiling a schema: each keyword by a function of its own, then what takes two of them. */
#include "json/json_schema.h"

#include "suggest.h"
#include "json/json.h"
#include "json/json_schema_impl.h"

#include <math.h>
#include <stdlib.h>

/* --- what is said about a fault --- */

bool
draft_fail(const struct draft *draft, const char *what, struct span shown)
{
    struct buf *why = draft->compiler->why;

    buf_append_str(why, draft->where ? "schema at " : "schema");
    step_append_path(draft->where, why);
    buf_appendf(why, ": %s", what);
    buf_append_span(why, shown);
    return false;
}

bool
draft_fail_keyword(const struct draft *draft, const char *keyword, const char *must)
{
    struct buf what = BUF_INIT;

    buf_appendf(&what, "%s must be %s", keyword, must);
    draft_fail(draft, buf_cstr(&what), SPAN_NONE);
    buf_fini(&what);
    return false;
}

const char *
draft_keep_text(struct draft *draft)
{
    return arena_copy(draft->compiler->arena, buf_span(&draft->compiler->text)).at;
}

struct buf *
draft_new_text(struct draft *draft)
{
    buf_clear(&draft->compiler->text);
    return &draft->compiler->text;
}

bool
draft_keep_name(struct draft *draft, struct span raw, struct span *name)
{
    struct buf *text = draft_new_text(draft);

    json_append_unescaped(text, (struct span){raw.at - 1, raw.len + 2});
    if (text->len > JSON_SCHEMA_NAME_MAX)
        return draft_fail(draft, "a name or value is too long", SPAN_NONE);
    *name = arena_copy(draft->compiler->arena, buf_span(text));
    return true;
}

/* --- lists --- */

bool
schema_is_list(struct span value)
{
    struct json_iter iter;
    struct span key, member;

    if (json_type_of(value) != JSON_OBJECT)
        return json_type_of(value) == JSON_ARRAY;
    json_iter_init(&iter, value);
    return !json_next_member(&iter, &key, &member);
}

size_t
schema_count_elements(struct span list)
{
    struct json_iter iter;
    struct span value;
    size_t count = 0;

    if (json_type_of(list) != JSON_ARRAY)
        return 0;
    for (json_iter_init(&iter, list); json_next_element(&iter, &value);)
        count++;
    return count;
}

/* --- schemas inside the schema --- */

static const struct node *compile(struct compiler *compiler, struct span schema,
                                  const struct step *where);

/* The schema at `keyword`, or, if name is one, at that name in it. */
static const struct node *
compile_inner(struct draft *draft, const char *keyword, struct span name, struct span schema)
{
    struct step outer = {.parent = draft->where, .key = span_of(keyword)};
    struct step inner = {.parent = &outer, .key = name};

    return compile(draft->compiler, schema, name.at ? &inner : &outer);
}

static bool
keyword_items(struct draft *draft, const char *keyword, struct span value)
{
    draft->node->items = compile_inner(draft, keyword, SPAN_NONE, value);
    return draft->node->items != NULL;
}

static bool
keyword_others(struct draft *draft, const char *keyword, struct span value)
{
    draft->node->is_closed = json_type_of(value) == JSON_FALSE;
    if (draft->node->is_closed || json_type_of(value) == JSON_TRUE)
        return true;
    draft->node->others = compile_inner(draft, keyword, SPAN_NONE, value);
    return draft->node->others != NULL;
}

static bool
keyword_required(struct draft *draft, const char *keyword, struct span value)
{
    struct json_iter iter;
    struct span name;

    if (!schema_is_list(value))
        return draft_fail_keyword(draft, keyword, "a list");
    if (schema_count_elements(value) > JSON_SCHEMA_LIST_MAX)
        return draft_fail(draft, "required has too many names", SPAN_NONE);
    for (json_iter_init(&iter, value); json_next_element(&iter, &name);)
        if (json_type_of(name) != JSON_STRING)
            return draft_fail_keyword(draft, keyword, "a list of names");
    draft->required = value;
    return true;
}

static bool
keyword_properties(struct draft *draft, const char *keyword, struct span value)
{
    if (json_type_of(value) != JSON_OBJECT)
        return draft_fail_keyword(draft, keyword, "an object");
    draft->properties = value;
    return true;
}

/* It is only said. */
static bool
keyword_nothing(struct draft *draft, const char *keyword, struct span value)
{
    (void)draft;
    (void)keyword;
    (void)value;
    return true;
}

static const struct {
    const char *name;
    bool (*read)(struct draft *draft, const char *keyword, struct span value);
} keywords[] = {
    {"type", keyword_type},
    {"const", keyword_const},
    {"enum", keyword_enum},
    {"minimum", keyword_minimum},
    {"maximum", keyword_maximum},
    {"minLength", keyword_min_length},
    {"maxLength", keyword_max_length},
    {"items", keyword_items},
    {"maxItems", keyword_max_items},
    {"required", keyword_required},
    {"properties", keyword_properties},
    {"additionalProperties", keyword_others},
    {"$schema", keyword_nothing},
    {"title", keyword_nothing},
    {"description", keyword_nothing},
    {"examples", keyword_nothing},
};

#define KEYWORDS (sizeof(keywords) / sizeof(keywords[0]))

static bool
fail_unknown(const struct draft *draft, struct span key)
{
    struct buf *why = draft->compiler->why;
    struct suggest suggest;

    suggest_init(&suggest, key);
    for (size_t i = 0; i < KEYWORDS; i++)
        suggest_try(&suggest, keywords[i].name);
    draft_fail(draft, "unknown keyword ", (struct span){key.at - 1, key.len + 2});
    if (suggest.best) {
        buf_appendf(why, "; did you mean %s?", suggest.best);
        return false;
    }
    for (size_t i = 0; i < KEYWORDS; i++)
        buf_appendf(why, "%s%s", i == 0 ? "; known: " : ", ", keywords[i].name);
    return false;
}

static bool
read_keyword(struct draft *draft, struct span key, struct span value)
{
    for (size_t i = 0; i < KEYWORDS; i++)
        if (json_key_is(key, keywords[i].name))
            return keywords[i].read(draft, keywords[i].name, value);
    return fail_unknown(draft, key);
}

/* --- required and properties together --- */

/* The property of that raw key, added if it is not among the required ones, which come first. NULL:
 * told why. */
static struct property *
add_property(struct draft *draft, struct span key)
{
    struct node *node = draft->node;
    struct property *property;

    for (size_t i = 0; i < node->required_count; i++)
        if (json_key_eq(node->properties[i].key, key))
            return &node->properties[i];
    property = &node->properties[node->property_count++];
    *property = (struct property){.key = arena_copy(draft->compiler->arena, key)};
    return draft_keep_name(draft, key, &property->name) ? property : NULL;
}

static size_t
count_members(struct span object)
{
    struct json_iter iter;
    struct span key, value;
    size_t count = 0;

    for (json_iter_init(&iter, object); json_next_member(&iter, &key, &value);)
        count++;
    return count;
}

static int
cmp_properties(const void *a, const void *b)
{
    return name_cmp(((const struct property *)a)->name, ((const struct property *)b)->name);
}

static bool
add_required(struct draft *draft)
{
    struct json_iter iter;
    struct span name;

    if (json_type_of(draft->required) != JSON_ARRAY)
        return true;
    for (json_iter_init(&iter, draft->required); json_next_element(&iter, &name);) {
        struct property *property = add_property(draft, (struct span){name.at + 1, name.len - 2});

        if (!property)
            return false;
        draft->node->required_count += !property->is_required;
        property->is_required = true;
    }
    return true;
}

static bool
add_properties(struct draft *draft)
{
    struct json_iter iter;
    struct span key, schema;

    if (!draft->properties.at)
        return true;
    for (json_iter_init(&iter, draft->properties); json_next_member(&iter, &key, &schema);) {
        struct property *property = add_property(draft, key);

        if (!property)
            return false;
        property->node = compile_inner(draft, "properties", key, schema);
        if (!property->node)
            return false;
    }
    return true;
}

static void
sort_properties(struct draft *draft)
{
    struct node *node = draft->node;
    size_t count = node->property_count;

    qsort(node->properties, count, sizeof(*node->properties), cmp_properties);
    node->names.items =
        arena_alloc(draft->compiler->arena, (count + 1) * sizeof(*node->names.items));
    node->names.count = count;
    for (size_t i = 0; i < count; i++)
        node->names.items[i] = node->properties[i].name;
}

static bool
join_properties(struct draft *draft)
{
    struct node *node = draft->node;
    size_t most = schema_count_elements(draft->required) + count_members(draft->properties);

    node->properties = arena_alloc(draft->compiler->arena, (most + 1) * sizeof(*node->properties));
    if (!add_required(draft) || !add_properties(draft))
        return false;
    sort_properties(draft);
    return true;
}

/* NULL: it is none, and why is said. */
static const struct node *
compile(struct compiler *compiler, struct span schema, const struct step *where)
{
    struct draft draft = {.compiler = compiler, .where = where};
    struct json_iter iter;
    struct span key, value;

    if (json_type_of(schema) != JSON_OBJECT) {
        draft_fail(&draft, "a schema must be an object", SPAN_NONE);
        return NULL;
    }
    draft.node = arena_alloc(compiler->arena, sizeof(*draft.node));
    *draft.node = (struct node){
        .min = -INFINITY, .max = INFINITY, .max_length = INFINITY, .max_items = INFINITY};
    for (json_iter_init(&iter, schema); json_next_member(&iter, &key, &value);)
        if (!read_keyword(&draft, key, value))
            return NULL;
    return join_properties(&draft) ? draft.node : NULL;
}

struct json_schema *
json_schema_new(struct span text, struct buf *why)
{
    struct json_schema *schema = mem_zalloc(sizeof(*schema));
    struct compiler compiler = {.arena = &schema->arena, .why = why};

    schema->root = compile(&compiler, text, NULL);
    buf_fini(&compiler.text);
    if (!schema->root) {
        json_schema_free(schema);
        schema = NULL;
    }
    return schema;
}
