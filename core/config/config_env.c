/* The environment: HD1_SECTION_KEY for every key that is not a table. Lists are separated by
 * commas. */
#include "config/config_load.h"
#include "log.h"
#include "suggest.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

extern char **environ;

static void
load_key(struct config_load *load, const struct config_key *key)
{
    struct config_place place = {0};
    struct buf type = BUF_INIT;
    const char *value;

    config_key_variable(key, place.variable);
    value = place.variable[0] ? getenv(place.variable) : NULL;
    if (!value || !value[0]) /* set to nothing is not set */
        return;
    if (config_key_set_text(key, load->config, span_of(value)) == 0) {
        *config_place_of(load, key) = place;
        return;
    }
    config_key_append_type(key, &type);
    config_fault(load, &place, "is \"%.40s\", but must be %s", value, buf_cstr(&type));
    buf_fini(&type);
}

/* --- those that are no key's --- */

#define PREFIX "HD1_"

/* HD1_LIMITS_CONNECTIONS without HD1_; the keys that are tables have one too. */
struct word {
    char text[CONFIG_KEY_NAME_MAX];
    const struct config_key *key; /* NULL: HD1_CONFIG, which names the file */
};

struct words {
    struct word items[CONFIG_KEYS_MAX + 1];
    size_t count;
};

static void
list_words(struct words *words)
{
    const struct config_key *key;

    words->items[0] = (struct word){"CONFIG", NULL};
    for (words->count = 1; (key = config_key_at(words->count - 1)); words->count++) {
        struct word *word = &words->items[words->count];

        word->key = key;
        config_key_path(key, word->text);
        for (char *c = word->text; *c; c++)
            *c = *c == '.' ? '_' : (char)toupper((unsigned char)*c);
    }
}

/* The word itself, or the nearest one; NULL: none is near. One slip in four letters is near. */
static const struct word *
find_word(const struct words *words, struct span text)
{
    struct suggest suggest;

    suggest_init(&suggest, text);
    for (size_t i = 0; i < words->count; i++)
        suggest_try(&suggest, words->items[i].text);
    for (size_t i = 0; i < words->count && suggest.best; i++)
        if (suggest.best == words->items[i].text)
            return suggest.distance * 4 <= strlen(suggest.best) ? &words->items[i] : NULL;
    return NULL;
}

/* LOG_COLOUR begins with the section log, SESSIONS_DEMO with the table sessions. NULL: with none.
 */
static const struct config_key *
find_first_word(struct span text)
{
    const struct config_key *key;

    for (size_t i = 0; (key = config_key_at(i)); i++) {
        const char *word = config_key_is_table(key) ? key->name : key->section;
        size_t len = strlen(word);

        if (len > 0 && text.len > len && text.at[len] == '_' &&
            strncasecmp(text.at, word, len) == 0)
            return key;
    }
    return NULL;
}

static bool
is_settable(const struct word *word)
{
    return !word->key || !config_key_is_table(word->key);
}

static void
fault_unknown(struct config_load *load, const struct config_place *place, const struct word *meant,
              const struct config_key *first)
{
    if (meant && is_settable(meant))
        config_fault(load, place, "there is no such variable; did you mean " PREFIX "%s?",
                     meant->text);
    else if (meant || config_key_is_table(first))
        config_fault(load, place, "%s is a table, and can be said in the configuration file only",
                     meant ? meant->key->name : first->name);
    else
        config_fault(load, place, "there is no such variable; `hd1 serve --help` lists those of %s",
                     first->section);
}

/* What is like no key at all is somebody else's, and no fault. */
static void
check_name(struct config_load *load, const struct words *words, struct span name)
{
    struct span text = {name.at + strlen(PREFIX), name.len - strlen(PREFIX)};
    const struct word *word = find_word(words, text);
    const struct config_key *first = find_first_word(text);
    char copy[128];
    struct config_place place = {.name = copy};

    if (word && is_settable(word) && span_is(text, word->text))
        return;
    snprintf(copy, sizeof(copy), "%.*s", (int)name.len, name.at);
    if (word || first)
        fault_unknown(load, &place, word, first);
    else
        log_warn("config", "unknown environment variable", log_span("name", name));
}

void
config_env_load(struct config_load *load)
{
    const struct config_key *key;
    struct words words;

    for (size_t i = 0; (key = config_key_at(i)); i++)
        load_key(load, key);
    list_words(&words);
    for (char **entry = environ; *entry; entry++) {
        struct span name = {*entry, strcspn(*entry, "=")};
        bool has_value = name.at[name.len] == '=' && name.at[name.len + 1];

        if (has_value && strncmp(name.at, PREFIX, strlen(PREFIX)) == 0)
            check_name(load, &words, name);
    }
}
