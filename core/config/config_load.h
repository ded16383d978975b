/* A configuration being loaded: the sources, the places of what they say, the faults. Private to
 * config*.c. */
#ifndef HD1_CONFIG_LOAD_H
#define HD1_CONFIG_LOAD_H

#include "config/config.h"
#include "config/config_key.h"

/* Where something was said. */
struct config_place {
    const char *name; /* the file, a variable, a flag; NULL: the default */
    int line;         /* 0: not known, or not of a file */
    char variable[CONFIG_KEY_NAME_MAX];
};

#define CONFIG_KEYS_MAX 64

struct config_load {
    struct config *config;
    struct buf *why;
    struct buf source;                           /* the file's text, for lines */
    struct config_place places[CONFIG_KEYS_MAX]; /* by key: where its value comes from */
    int faults;
    bool has_plugins;
};

/* Appends "FILE:LINE: ". */
void config_append_place(struct buf *out, const struct config_place *place);
/* Appends a fault, "FILE:LINE: ..." */
void config_fault(struct config_load *load, const struct config_place *place, const char *format,
                  ...) __attribute__((format(printf, 3, 4)));
/* The place of a line in the file. */
struct config_place config_place_line(const struct config_load *load, int line);
/* The slot of a key's place. */
struct config_place *config_place_of(struct config_load *load, const struct config_key *key);

/* The four parts; each appends its faults. */
void config_file_load(struct config_load *load);                        /* config_file.c */
void config_env_load(struct config_load *load);                         /* config_env.c */
void config_plugins_load(struct config_load *load, struct span value);  /* config_plugins.c */
void config_sessions_load(struct config_load *load, struct span value); /* config_sessions.c */
void config_listen_check(struct config_load *load);                     /* config_listen.c */

/* Adds a plugin without options. */
void config_plugins_add(struct config *config, const char *name);
void config_plugins_fini(struct config *config);
void config_sessions_fini(struct config *config);

/* Where the server's own files are: PREFIX/share/hd1/NAME of an installed one, else the source
 * tree's. The caller frees. */
char *config_path_default(const char *name); /* config_path.c */

#endif
