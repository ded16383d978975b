/* The configured plugins, as the plugin layer wants them. For server.c and check.c. */
#ifndef HD1_SERVER_PLUGINS_H
#define HD1_SERVER_PLUGINS_H

#include "config/config.h"
#include "plugin/plugin.h"
#include "server/case_files.h"

/* The configured plugins as plugins_load() takes them. Lends from config; free with fini. */
struct server_plugin_list {
    struct plugin_entry *items;
    char **wheres;
    size_t count;
};
void server_plugin_list_init(struct server_plugin_list *list, const struct config *config);
void server_plugin_list_fini(struct server_plugin_list *list);

/* plugins_load() with what the configuration says. cases: where failures go, borrowed as long as
 * the plugins live; NULL ok. HD1_ENOENT: all of them load, but none says who somebody is, which the
 * configuration needs. */
int server_plugins_load(struct plugins **plugins, const struct config *config, struct hub *hub,
                        struct case_files *cases, struct buf *why);
/* Loads them for trial, without a hub to emit to, and frees them. is_faulty: as plugins_options'.
 */
int server_plugins_try(const struct config *config, bool *is_faulty, struct buf *why);
/* plugins_ask_stores() likewise. */
int server_plugins_ask_stores(const struct config *config, struct hub *hub, bool is_late,
                              struct buf *why);
/* plugins_prepare() likewise. */
int server_plugins_prepare(struct plugins *plugins, struct plugins **next,
                           const struct config *config, struct case_files *cases, struct buf *why);

#endif
