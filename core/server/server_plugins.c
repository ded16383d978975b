/* From configuration to plugin layer. */
#include "server/server_plugins.h"

#include "err.h"

#include <stdlib.h>

/* "hd1.lua:12", "default" if no file names it. The caller frees. */
static char *
make_where(const struct config *config, const struct config_plugin *plugin)
{
    struct buf text = BUF_INIT;
    char *where;

    if (plugin->line)
        buf_appendf(&text, "%s:%d", config->file, plugin->line);
    else
        buf_append_str(&text, "default");
    where = mem_strndup(text.data, text.len);
    buf_fini(&text);
    return where;
}

void
server_plugin_list_init(struct server_plugin_list *list, const struct config *config)
{
    list->count = config->plugin_count;
    list->items = mem_zalloc((list->count + 1) * sizeof(*list->items));
    list->wheres = mem_zalloc((list->count + 1) * sizeof(*list->wheres));
    for (size_t i = 0; i < list->count; i++) {
        const struct config_plugin *plugin = &config->plugins[i];

        list->wheres[i] = make_where(config, plugin);
        list->items[i] =
            (struct plugin_entry){plugin->name, span_of(plugin->options), list->wheres[i]};
    }
}

void
server_plugin_list_fini(struct server_plugin_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->wheres[i]);
    free(list->wheres);
    free(list->items);
    *list = (struct server_plugin_list){.items = NULL};
}

/* Lends from all three. */
static struct plugins_options
options_of(const struct config *config, const struct server_plugin_list *list,
           struct case_files *cases)
{
    return (struct plugins_options){.shipped = config->plugin_shipped,
                                    .path = config->plugin_path,
                                    .path_where = config->plugin_path_where,
                                    .entries = list->items,
                                    .entry_count = list->count,
                                    .failed = cases ? case_files_write : NULL,
                                    .failed_ctx = cases};
}

/* Where the configuration asks for a plugin that says who somebody is; HD1_ENOENT, and they are
 * freed, if none does. */
static int
check_authentication(const struct config *config, struct plugins **plugins, struct buf *why)
{
    if (config->unauthenticated.len == 0 || plugins_authenticate(*plugins))
        return 0;
    buf_append_span(why, buf_span(&config->unauthenticated));
    plugins_free(*plugins);
    *plugins = NULL;
    return HD1_ENOENT;
}

int
server_plugins_load(struct plugins **plugins, const struct config *config, struct hub *hub,
                    struct case_files *cases, struct buf *why)
{
    struct server_plugin_list list;
    struct plugins_options options;
    int err;

    server_plugin_list_init(&list, config);
    options = options_of(config, &list, cases);
    err = plugins_load(plugins, &options, hub_types(hub), hub, why);
    server_plugin_list_fini(&list);
    return err ? err : check_authentication(config, plugins, why);
}

int
server_plugins_try(const struct config *config, bool *is_faulty, struct buf *why)
{
    struct hub_options bare = {.limits = config->limits};
    struct hub *hub = hub_new(&bare); /* for its event types */
    struct plugins *plugins = NULL;
    struct server_plugin_list list;
    struct plugins_options options;
    int err;

    server_plugin_list_init(&list, config);
    options = options_of(config, &list, NULL);
    options.is_faulty = is_faulty;
    err = plugins_load(&plugins, &options, hub_types(hub), NULL, why);
    server_plugin_list_fini(&list);
    if (!err)
        err = check_authentication(config, &plugins, why);
    plugins_free(plugins);
    hub_free(hub);
    return err;
}

int
server_plugins_ask_stores(const struct config *config, struct hub *hub, bool is_late,
                          struct buf *why)
{
    struct server_plugin_list list;
    struct plugins_options options;
    int err;

    server_plugin_list_init(&list, config);
    options = options_of(config, &list, NULL);
    err = plugins_ask_stores(hub, &options, is_late, why);
    server_plugin_list_fini(&list);
    return err;
}

int
server_plugins_prepare(struct plugins *plugins, struct plugins **next, const struct config *config,
                       struct case_files *cases, struct buf *why)
{
    struct server_plugin_list list;
    struct plugins_options options;
    int err;

    server_plugin_list_init(&list, config);
    options = options_of(config, &list, cases);
    err = plugins_prepare(plugins, next, &options, why);
    server_plugin_list_fini(&list);
    return err ? err : check_authentication(config, next, why);
}
