/*
 * The one table of configuration keys: it reads the file, names the environment variables, makes
 * the help. Private to config*.c.
 */
#ifndef HD1_CONFIG_KEY_H
#define HD1_CONFIG_KEY_H

#include "config/config.h"

#include <stdint.h>

enum config_type {
    CONFIG_INT,      /* an int */
    CONFIG_INT64,    /* an int64_t */
    CONFIG_SIZE,     /* a size_t */
    CONFIG_MS,       /* seconds, kept as an int of milliseconds */
    CONFIG_BOOL,     /* a bool; `count` is the bool that tells that it was set */
    CONFIG_TEXT,     /* a char * */
    CONFIG_OPTIONAL, /* a char *, "" if it is false or empty */
    CONFIG_TEXTS,    /* a char ** and, at `count`, a size_t */
    CONFIG_CHOICE,   /* an enum: the index among `choices` */
    CONFIG_PLUGINS,  /* config_plugins.c; with its size_t at `count`, as TEXTS */
    CONFIG_SESSIONS, /* config_sessions.c; likewise */
};

struct config_key {
    const char *section; /* "" at the top */
    const char *name;
    enum config_type type;
    size_t offset; /* in struct config */
    size_t count;
    int64_t min, max; /* of numbers, as written */
    const char *const *choices;
    const char *fallback; /* the default as text; NULL: made elsewhere */
    const char *doc;
};

#define CONFIG_KEY_NAME_MAX 48 /* "section.name" or the variable, with its NUL */

/* All keys, by section; NULL after the last. */
const struct config_key *config_key_at(size_t i);
const struct config_key *config_key_find(const char *section, struct span name);
bool config_key_is_section(struct span name);
/* Is it a table, which only the file can say? */
bool config_key_is_table(const struct config_key *key);
/* "limits.connections". */
void config_key_path(const struct config_key *key, char out[CONFIG_KEY_NAME_MAX]);
/* "HD1_LIMITS_CONNECTIONS", "" if the key has none. */
void config_key_variable(const struct config_key *key, char out[CONFIG_KEY_NAME_MAX]);
/* Appends "an integer from 1 to 9". */
void config_key_append_type(const struct config_key *key, struct buf *out);

/* Does a reload take it over? Else a restart is needed. */
bool config_key_is_live(const struct config_key *key); /* config_reload.c */

/* Both put a value in place of what was there, or return HD1_EINVAL and change nothing: it is not
 * what config_key_append_type() says. Not for PLUGINS and SESSIONS. */
int config_key_set_text(const struct config_key *key, struct config *config, struct span text);
int config_key_set_json(const struct config_key *key, struct config *config, struct span value);
/* Lists of texts: replaces by these copies. */
void config_key_set_texts(const struct config_key *key, struct config *config,
                          const char *const *texts, size_t count);
/* Frees what the key owns. */
void config_key_fini(const struct config_key *key, struct config *config);

#endif
