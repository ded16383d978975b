/*
 * The configuration: flag > environment (HD1_SECTION_KEY) > file > default. The file is Lua that
 * returns a table; plugin/config_lua.c runs it in an empty environment and gives it here as JSON.
 */
#ifndef HD1_CONFIG_H
#define HD1_CONFIG_H

#include "buf.h"
#include "hub/hub.h"
#include "log.h"
#include "span.h"

struct config_plugin {
    char *name;
    char *options; /* its table as a JSON object, {} if none */
    int line;      /* in the configuration file, 0 if unknown */
};

struct config_session {
    char *id;
    char *script; /* or NULL */
    char *world;  /* JSON object or NULL */
    int line;     /* in the configuration file, 0 if unknown */
};

struct config {
    char *file;          /* NULL: none */
    bool is_file_broken; /* it could not be run: nothing it says is known */
    char **listen;
    size_t listen_count;
    char *data;
    char *admin;        /* address of the listener for administration; "": none */
    bool is_admin_said; /* else it is the default, DATA/admin.sock */
    bool has_cases;     /* write case files when a plugin fails */
    enum store_durability durability;
    int64_t keep_days, keep_events;
    bool is_anonymous_allowed, is_anonymous_set;
    struct buf unauthenticated; /* the fault, should no plugin have before_connect; or empty */
    char **origins;
    size_t origin_count;
    struct hub_limits limits;
    size_t connections, connections_per_address;
    bool is_io_uring_used, is_io_uring_set;
    int ping_s, read_timeout_s, write_timeout_s, request_timeout_s, stop_timeout_s;
    char *plugin_path, *script_path;
    char *plugin_path_where, *script_path_where; /* who says so, "hd1.lua:3" */
    char *plugin_shipped; /* where the plugins that ship are, for what plugin_path does not have */
    struct config_plugin *plugins;
    size_t plugin_count;
    struct config_session *sessions;
    size_t session_count;
    int trace_every; /* 0: no event is traced */
    enum log_level log_level;
    enum log_format log_format;
};

/* What the command line said; NULL or 0: nothing. */
struct config_flags {
    const char *file;
    const char **listen;
    size_t listen_count;
    const char *data;
    const char *log_level;
    const char *log_format;
};

/*
 * Fills config in from all four sources. 0, or HD1_EINVAL: why then holds one line per fault, each
 * "FILE:LINE: what is wrong; what to do". Call config_fini in either case.
 */
int config_load(struct config *config, const struct config_flags *flags, struct buf *why);
void config_fini(struct config *config);
/* Is the folder of world scripts there? 0, or HD1_ENOENT with a line appended to why. */
int config_check_script_path(const struct config *config, struct buf *why);

/* A reload reads all four sources again, into a second config. */

/* Appends a JSON array of the keys that differ and that only a restart changes: ["listen"]. */
void config_append_restart_keys(const struct config *running, const struct config *fresh,
                                struct buf *out);
/* Exchanges what a reload may change: plugins, their paths, the log's level and format. */
void config_exchange_live(struct config *running, struct config *fresh);

/* Appends every key with type, default, range and meaning: for `hd1 serve --help`. */
void config_append_help(struct buf *out);

#endif
