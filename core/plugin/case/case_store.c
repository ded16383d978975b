/* What the plugin keeps, in a case file: the keys that the call looked up, the latest first, then
 * those that there is room for. The call's own writes are taken back by now. */
#include "plugin/case/case_parts.h"

#include "hub/kv.h"
#include "plugin/case/case_text.h"
#include "plugin/plugin_state.h"
#include "table.h"

#define READ_BYTES (64 * 1024)
#define OTHERS_BYTES (16 * 1024) /* the list is no longer than this for their sake */

struct listing {
    struct buf *out;
    struct table by_key;
};

/* Once; false if it does not fit. */
static bool
list(struct listing *listing, struct span key, struct span value, size_t bytes_max)
{
    struct buf *out = listing->out;

    if (table_get(&listing->by_key, key))
        return true;
    if (out->len + key.len + value.len > bytes_max)
        return false;
    table_put(&listing->by_key, key, listing);
    buf_append_str(out, out->len > 1 ? ",{" : "{");
    case_append_bytes(out, "key", key);
    case_append_json(out, "value", value);
    buf_append_char(out, '}');
    return true;
}

/* Takes the last one off keys. */
static struct span
take_last(struct span *keys)
{
    const char *before = keys->len > 1 ? memrchr(keys->at, '\0', keys->len - 1) : NULL;
    size_t start = before ? (size_t)(before - keys->at) + 1 : 0;
    struct span key = {keys->at + start, keys->len - start - 1};

    keys->len = start;
    return key;
}

/* How many of them do not fit. */
static size_t
list_read(struct listing *listing, const struct sorted *all, const struct case_reads *reads)
{
    struct span keys = buf_span(&reads->keys);
    size_t missing = 0;

    while (keys.len > 0) {
        struct span key = take_last(&keys), value = sorted_get(all, key);

        if (value.at)
            missing += !list(listing, key, value, READ_BYTES);
    }
    return missing;
}

static void
list_others(struct listing *listing, const struct sorted *all)
{
    const struct sorted_node *node = sorted_from(all, SPAN(""), false);

    while (node && list(listing, sorted_key(node), sorted_value(node), OTHERS_BYTES))
        node = sorted_next(node);
}

void
case_append_store(struct buf *out, struct buf *left_out, const struct plugin *plugin,
                  const struct hook_call *now)
{
    struct listing listing = {.out = out};
    const struct sorted *all;
    size_t missing;

    (void)now;
    if (!plugin->store || !kv_is_ready(plugin->store))
        return;
    all = kv_all(plugin->store);
    buf_append_char(out, '[');
    missing = list_read(&listing, all, &plugin->reads);
    list_others(&listing, all);
    buf_append_char(out, ']');
    if (missing || plugin->reads.is_key_missing)
        case_note_left_out(left_out, "store: %zu%s that were looked up", missing,
                           plugin->reads.is_key_missing ? " and more keys" : " keys");
    if (listing.by_key.count < all->count)
        case_note_left_out(left_out, "store: %zu of %zu keys are here", listing.by_key.count,
                           all->count);
    table_fini(&listing.by_key);
}
