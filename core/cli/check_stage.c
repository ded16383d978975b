/* Loading again and again, each time without those that did not load. */
#include "cli/check_stage.h"

#include "server/server_plugins.h"

#include <stdlib.h>

static size_t
count_faulty(const struct config *config, const bool *is_faulty)
{
    size_t count = 0;

    for (size_t i = 0; i < config->plugin_count; i++)
        count += is_faulty[i];
    return count;
}

/* The entries of the others; index: which of the configuration each one is. */
static size_t
pick_sound(const struct server_plugin_list *list, const bool *is_faulty,
           struct plugin_entry *entries, size_t *index)
{
    size_t count = 0;

    for (size_t i = 0; i < list->count; i++) {
        if (is_faulty[i])
            continue;
        entries[count] = list->items[i];
        index[count++] = i;
    }
    return count;
}

/* NULL, and why, if one does not load; it is marked. */
static struct stage *
open_once(const struct config *config, struct stage_store *store, bool *is_faulty, struct buf *why)
{
    size_t size = config->plugin_count + 1, *index = mem_alloc(size * sizeof(*index));
    struct plugin_entry *entries = mem_alloc(size * sizeof(*entries));
    bool *failed = mem_zalloc(size * sizeof(*failed));
    struct server_plugin_list list;
    struct stage_options options = {.plugin_path = config->plugin_path,
                                    .plugin_shipped = config->plugin_shipped,
                                    .plugins = entries,
                                    .is_faulty = failed,
                                    .script_path = config->script_path};
    struct stage *stage;

    server_plugin_list_init(&list, config);
    options.plugin_count = pick_sound(&list, is_faulty, entries, index);
    stage = stage_new(store, &options, why);
    for (size_t i = 0; i < options.plugin_count; i++)
        is_faulty[index[i]] = failed[i];
    server_plugin_list_fini(&list);
    free(failed);
    free(entries);
    free(index);
    return stage;
}

struct stage *
check_stage_open(const struct config *config, struct stage_store *store, bool *is_faulty,
                 struct buf *report)
{
    struct buf why = BUF_INIT;
    struct stage *stage;
    size_t before;
    bool is_stuck;

    do {
        buf_clear(&why);
        before = count_faulty(config, is_faulty);
        stage = open_once(config, store, is_faulty, &why);
        is_stuck = count_faulty(config, is_faulty) == before;
        if (!stage && (before == 0 || is_stuck))
            buf_append_span(report, buf_span(&why));
    } while (!stage && !is_stuck);
    buf_fini(&why);
    return stage;
}
