/* The value of one key: from text (environment, defaults) or JSON (the file) into struct config. */
#include "config/config_key.h"
#include "err.h"
#include "json/json.h"

#include <inttypes.h>
#include <stdlib.h>

#define TEXT_MAX 4096 /* longest text value */

static void *
field(const struct config_key *key, struct config *config)
{
    return (char *)config + key->offset;
}

static void *
count_field(const struct config_key *key, struct config *config)
{
    return (char *)config + key->count;
}

static void
append_choices(const struct config_key *key, struct buf *out)
{
    for (size_t i = 0; key->choices[i]; i++)
        buf_appendf(out, "%s\"%s\"", i ? " or " : "", key->choices[i]);
}

void
config_key_append_type(const struct config_key *key, struct buf *out)
{
    switch (key->type) {
    case CONFIG_INT:
    case CONFIG_INT64:
    case CONFIG_SIZE:
    case CONFIG_MS:
        buf_appendf(out, "an integer from %" PRId64 " to %" PRId64, key->min, key->max);
        break;
    case CONFIG_BOOL:
        buf_append_str(out, "true or false");
        break;
    case CONFIG_TEXT:
        buf_append_str(out, "a text");
        break;
    case CONFIG_OPTIONAL:
        buf_append_str(out, "a text, or false");
        break;
    case CONFIG_TEXTS:
        buf_append_str(out, "a list of texts");
        break;
    case CONFIG_CHOICE:
        append_choices(key, out);
        break;
    case CONFIG_PLUGINS:
        buf_append_str(out, "a list of names and tables");
        break;
    case CONFIG_SESSIONS:
        buf_append_str(out, "a table of tables by session id");
        break;
    }
}

static int
set_number(const struct config_key *key, struct config *config, int64_t number)
{
    if (number < key->min || number > key->max)
        return HD1_EINVAL;
    if (key->type == CONFIG_INT64)
        *(int64_t *)field(key, config) = number;
    else if (key->type == CONFIG_SIZE)
        *(size_t *)field(key, config) = (size_t)number;
    else
        *(int *)field(key, config) = (int)number * (key->type == CONFIG_MS ? 1000 : 1);
    return 0;
}

static int
set_bool(const struct config_key *key, struct config *config, bool is_true)
{
    *(bool *)field(key, config) = is_true;
    if (key->count)
        *(bool *)count_field(key, config) = true;
    return 0;
}

static int
set_text(const struct config_key *key, struct config *config, struct span text)
{
    char **place = field(key, config);

    if ((text.len == 0 && key->type != CONFIG_OPTIONAL) || text.len > TEXT_MAX ||
        (text.len > 0 && memchr(text.at, '\0', text.len)))
        return HD1_EINVAL;
    free(*place);
    *place = mem_strndup(text.len ? text.at : "", text.len);
    return 0;
}

static int
set_choice(const struct config_key *key, struct config *config, struct span text)
{
    for (int i = 0; key->choices[i]; i++) {
        if (span_is(text, key->choices[i])) {
            memcpy(field(key, config), &i, sizeof(i));
            return 0;
        }
    }
    return HD1_EINVAL;
}

static void
forget_texts(const struct config_key *key, struct config *config)
{
    char ***texts = field(key, config);
    size_t *count = count_field(key, config);

    for (size_t i = 0; i < *count; i++)
        free((*texts)[i]);
    free(*texts);
    *texts = NULL;
    *count = 0;
}

static void
add_text(const struct config_key *key, struct config *config, struct span text)
{
    char ***texts = field(key, config);
    size_t *count = count_field(key, config);

    *texts = mem_realloc(*texts, (*count + 1) * sizeof(**texts));
    (*texts)[(*count)++] = mem_strndup(text.at, text.len);
}

void
config_key_set_texts(const struct config_key *key, struct config *config, const char *const *texts,
                     size_t count)
{
    forget_texts(key, config);
    for (size_t i = 0; i < count; i++)
        add_text(key, config, span_of(texts[i]));
}

/* Separated by commas; spaces around them do not count. */
static int
set_texts(const struct config_key *key, struct config *config, struct span list)
{
    forget_texts(key, config);
    while (list.len) {
        const char *comma = memchr(list.at, ',', list.len);
        size_t len = comma ? (size_t)(comma - list.at) : list.len, skip = len + (comma != NULL);
        struct span text = {list.at, len};

        while (text.len && text.at[0] == ' ')
            text = (struct span){text.at + 1, text.len - 1};
        while (text.len && text.at[text.len - 1] == ' ')
            text.len--;
        if (text.len)
            add_text(key, config, text);
        list = (struct span){list.at + skip, list.len - skip};
    }
    return 0;
}

static bool
parse_integer(struct span text, int64_t *number)
{
    size_t i = text.len && text.at[0] == '-';

    if (text.len - i < 1 || text.len - i > 18)
        return false;
    for (*number = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        *number = *number * 10 + (text.at[i] - '0');
    }
    if (text.at[0] == '-')
        *number = -*number;
    return true;
}

int
config_key_set_text(const struct config_key *key, struct config *config, struct span text)
{
    int64_t number;

    switch (key->type) {
    case CONFIG_BOOL:
        if (!span_is(text, "true") && !span_is(text, "false"))
            return HD1_EINVAL;
        return set_bool(key, config, span_is(text, "true"));
    case CONFIG_TEXT:
        return set_text(key, config, text);
    case CONFIG_OPTIONAL:
        return set_text(key, config, span_is(text, "false") ? SPAN("") : text);
    case CONFIG_TEXTS:
        return set_texts(key, config, text);
    case CONFIG_CHOICE:
        return set_choice(key, config, text);
    case CONFIG_PLUGINS:
    case CONFIG_SESSIONS:
        return HD1_EINVAL;
    default:
        return parse_integer(text, &number) ? set_number(key, config, number) : HD1_EINVAL;
    }
}

/* Lua writes 1e6 as a float: a whole number is a whole number. */
static bool
json_whole(struct span value, int64_t *number)
{
    double d;

    if (json_integer(value, number))
        return true;
    if (!json_number(value, &d) || d < -9e15 || d > 9e15)
        return false;
    *number = (int64_t)d;
    return (double)*number == d;
}

static int
set_json_texts(const struct config_key *key, struct config *config, struct span array)
{
    struct json_iter iter;
    struct span value;
    char text[TEXT_MAX];

    json_iter_init(&iter, array);
    while (json_next_element(&iter, &value))
        if (json_copy_string(value, text, sizeof(text)) < 1)
            return HD1_EINVAL;
    forget_texts(key, config);
    json_iter_init(&iter, array);
    while (json_next_element(&iter, &value))
        if (json_copy_string(value, text, sizeof(text)) > 0)
            add_text(key, config, span_of(text));
    return 0;
}

static int
set_json_string(const struct config_key *key, struct config *config, struct span value)
{
    char text[TEXT_MAX];

    if (json_copy_string(value, text, sizeof(text)) < 0)
        return HD1_EINVAL;
    if (key->type == CONFIG_TEXT || key->type == CONFIG_OPTIONAL)
        return set_text(key, config, span_of(text));
    if (key->type == CONFIG_CHOICE)
        return set_choice(key, config, span_of(text));
    if (key->type == CONFIG_TEXTS && text[0]) { /* one is a list of one */
        forget_texts(key, config);
        add_text(key, config, span_of(text));
        return 0;
    }
    return HD1_EINVAL;
}

int
config_key_set_json(const struct config_key *key, struct config *config, struct span value)
{
    bool is_number = key->type <= CONFIG_MS;
    int64_t number;

    switch (json_type_of(value)) {
    case JSON_NUMBER:
        return is_number && json_whole(value, &number) ? set_number(key, config, number)
                                                       : HD1_EINVAL;
    case JSON_TRUE:
    case JSON_FALSE:
        if (key->type == CONFIG_OPTIONAL && json_type_of(value) == JSON_FALSE)
            return set_text(key, config, SPAN(""));
        if (key->type != CONFIG_BOOL)
            return HD1_EINVAL;
        return set_bool(key, config, json_type_of(value) == JSON_TRUE);
    case JSON_STRING:
        return set_json_string(key, config, value);
    case JSON_ARRAY:
        return key->type == CONFIG_TEXTS ? set_json_texts(key, config, value) : HD1_EINVAL;
    case JSON_OBJECT: /* an empty table */
        if (key->type != CONFIG_TEXTS || !span_is(value, "{}"))
            return HD1_EINVAL;
        forget_texts(key, config);
        return 0;
    default:
        return HD1_EINVAL;
    }
}

void
config_key_fini(const struct config_key *key, struct config *config)
{
    if (key->type == CONFIG_TEXTS)
        forget_texts(key, config);
    if (key->type == CONFIG_TEXT || key->type == CONFIG_OPTIONAL) {
        free(*(char **)field(key, config));
        *(char **)field(key, config) = NULL;
    }
}
