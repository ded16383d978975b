/*
 * The configuration: defaults, then the file, then the environment, then the flags, each in place
 * of what was there; then what only the whole can tell.
 */
#include "config/config.h"

#include "config/config_key.h"
#include "config/config_load.h"
#include "err.h"
#include "folder.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
config_append_place(struct buf *out, const struct config_place *place)
{
    if (place->variable[0])
        buf_appendf(out, "%s: ", place->variable);
    else if (place->name && place->line)
        buf_appendf(out, "%s:%d: ", place->name, place->line);
    else
        buf_appendf(out, "%s: ", place->name ? place->name : "default");
}

void
config_fault(struct config_load *load, const struct config_place *place, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    config_append_place(load->why, place);
    buf_appendf(load->why, "%s\n", text);
    load->faults++;
}

struct config_place
config_place_line(const struct config_load *load, int line)
{
    return (struct config_place){.name = load->config->file, .line = line};
}

struct config_place *
config_place_of(struct config_load *load, const struct config_key *key)
{
    size_t i = 0;

    while (config_key_at(i) != key)
        i++;
    return &load->places[i];
}

static void
set_defaults(struct config *config)
{
    const struct config_key *key;

    hub_limits_default(&config->limits);
    config->is_anonymous_allowed = true;
    for (size_t i = 0; (key = config_key_at(i)); i++)
        if (key->fallback)
            config_key_set_text(key, config, span_of(key->fallback));
    config->plugin_path = config_path_default("plugins");
    config->plugin_shipped = config_path_default("plugins");
    config->script_path = config_path_default("scripts");
}

static char *
make_where(struct config_load *load, const char *name)
{
    struct buf text = BUF_INIT;
    char *where;

    config_append_place(&text, config_place_of(load, config_key_find("", span_of(name))));
    where = mem_strndup(text.data, text.len - strlen(": "));
    buf_fini(&text);
    return where;
}

static void
load_flag(struct config_load *load, const char *name, const char *section, const char *flag,
          const char *value)
{
    const struct config_key *key = config_key_find(section, span_of(name));
    struct config_place place = {.name = flag};
    struct buf type = BUF_INIT;

    if (!value)
        return;
    if (config_key_set_text(key, load->config, span_of(value)) == 0) {
        *config_place_of(load, key) = place;
        return;
    }
    config_key_append_type(key, &type);
    config_fault(load, &place, "is \"%.40s\", but must be %s", value, buf_cstr(&type));
    buf_fini(&type);
}

static void
load_flags(struct config_load *load, const struct config_flags *flags)
{
    const struct config_key *listen = config_key_find("", SPAN("listen"));

    if (flags->listen_count) {
        config_key_set_texts(listen, load->config, flags->listen, flags->listen_count);
        *config_place_of(load, listen) = (struct config_place){.name = "--listen"};
    }
    load_flag(load, "data", "", "--data", flags->data);
    load_flag(load, "level", "log", "--log-level", flags->log_level);
    load_flag(load, "format", "log", "--log-format", flags->log_format);
}

static void
check_pings(struct config_load *load)
{
    const struct config *config = load->config;

    if (config->ping_s >= config->read_timeout_s)
        config_fault(load, config_place_of(load, config_key_find("timeouts", SPAN("read_s"))),
                     "timeouts.read_s (%d) must be more than timeouts.ping_s (%d), or every quiet "
                     "client is cut",
                     config->read_timeout_s, config->ping_s);
}

/* What is not on disk yet is bounded: see hub/journal.c. */
static void
check_fits_pending(struct config_load *load, const char *name, size_t bytes)
{
    size_t pending = load->config->limits.pending_bytes;

    if (bytes > pending)
        config_fault(load, config_place_of(load, config_key_find("limits", span_of(name))),
                     "limits.%s (%zu) must not be more than limits.pending_bytes (%zu), or what is "
                     "so long is never taken",
                     name, bytes, pending);
}

static void
choose_file(struct config *config, const struct config_flags *flags)
{
    const char *file = flags->file ? flags->file : getenv("HD1_CONFIG");

    if (file && file[0])
        config->file = mem_strndup(file, strlen(file));
}

/* Beside the database, for whoever may read that. */
static void
choose_admin(struct config *config)
{
    struct buf path = BUF_INIT;

    config->is_admin_said = config->admin != NULL;
    if (config->admin)
        return;
    buf_appendf(&path, "unix:%s/admin.sock", config->data);
    config->admin = mem_strndup(path.data, path.len);
    buf_fini(&path);
}

int
config_load(struct config *config, const struct config_flags *flags, struct buf *why)
{
    struct config_load load = {.config = config, .why = why};

    memset(config, 0, sizeof(*config));
    choose_file(config, flags);
    set_defaults(config);
    if (config->file)
        config_file_load(&load);
    config_env_load(&load);
    load_flags(&load, flags);
    if (!load.has_plugins) {
        config_plugins_add(config, "rate_limit");
        config_plugins_add(config, "validate");
        config_plugins_add(config, "chat");
    }
    config->plugin_path_where = make_where(&load, "plugin_path");
    config->script_path_where = make_where(&load, "script_path");
    choose_admin(config);
    config->limits.stall_ms = config->write_timeout_s * 1000;
    config_listen_check(&load);
    check_pings(&load);
    check_fits_pending(&load, "message_bytes", config->limits.message_bytes);
    check_fits_pending(&load, "body_bytes", config->limits.body_bytes);
    buf_fini(&load.source);
    return load.faults ? HD1_EINVAL : 0;
}

int
config_check_script_path(const struct config *config, struct buf *why)
{
    struct buf reason = BUF_INIT;
    int err = folder_check(config->script_path, &reason);

    if (err)
        buf_appendf(why, "%s: script_path: %s\n", config->script_path_where, buf_cstr(&reason));
    buf_fini(&reason);
    return err;
}

void
config_fini(struct config *config)
{
    const struct config_key *key;

    buf_fini(&config->unauthenticated);
    for (size_t i = 0; (key = config_key_at(i)); i++)
        config_key_fini(key, config);
    config_plugins_fini(config);
    config_sessions_fini(config);
    free(config->plugin_path_where);
    free(config->script_path_where);
    config->plugin_path_where = config->script_path_where = NULL;
    free(config->plugin_shipped);
    config->plugin_shipped = NULL;
    free(config->file);
    config->file = NULL;
}
