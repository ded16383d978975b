/* The environment: HD1_SECTION_KEY for every key that is not a table. Lists are separated by
 * commas. */
#include "config/config_load.h"
#include "log.h"
#include "suggest.h"

#include <stdlib.h>

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

/* Somebody else may use such a name, so it is no fault. */
static void
warn_unknown(struct span name)
{
    const struct config_key *key;
    char variable[CONFIG_KEY_NAME_MAX];
    struct suggest suggest;

    suggest_init(&suggest, name);
    for (size_t i = 0; (key = config_key_at(i)); i++) {
        config_key_variable(key, variable);
        if (span_is(name, variable))
            return;
        suggest_try(&suggest, variable);
        if (suggest.best == variable)
            suggest.best = key->name;
    }
    if (suggest.best)
        log_warn("config", "unknown environment variable", log_span("name", name),
                 log_str("nearest_key", suggest.best));
}

void
config_env_load(struct config_load *load)
{
    const struct config_key *key;

    for (size_t i = 0; (key = config_key_at(i)); i++)
        load_key(load, key);
    for (char **entry = environ; *entry; entry++) {
        struct span name = {*entry, strcspn(*entry, "=")};

        if (name.len > 4 && memcmp(name.at, "HD1_", 4) == 0 && !span_is(name, "HD1_CONFIG"))
            warn_unknown(name);
    }
}
