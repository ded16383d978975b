/* The state of volatile things: the newest of each kind, by counter. */
#include "hub/newest.h"

#include <stdlib.h>

#define KEY_PART_MAX 512 /* ids have 64 bytes at most, names of files 255 */

struct newest_entry {
    struct newest_entry *older, *newer;
    uint64_t counter;
    uint8_t kind; /* enum newest_kind */
    uint16_t key_len, sender_len;
    uint32_t frame_len;
    char bytes[]; /* key, sender, frame */
};

static struct span
entry_key(const struct newest_entry *entry)
{
    return (struct span){entry->bytes, entry->key_len};
}

static struct span
entry_sender(const struct newest_entry *entry)
{
    return (struct span){entry->bytes + entry->key_len, entry->sender_len};
}

static struct span
entry_frame(const struct newest_entry *entry)
{
    return (struct span){entry->bytes + entry->key_len + entry->sender_len, entry->frame_len};
}

static size_t
entry_bytes(const struct newest_entry *entry)
{
    return sizeof(*entry) + entry->key_len + entry->sender_len + entry->frame_len;
}

static void
entry_drop(struct newest *newest, struct newest_entry *entry)
{
    *(entry->older ? &entry->older->newer : &newest->oldest) = entry->newer;
    *(entry->newer ? &entry->newer->older : &newest->latest) = entry->older;
    newest->bytes -= entry_bytes(entry);
    newest->presence_count -= entry->kind == NEWEST_PRESENCE;
    table_del(&newest->by_key, entry_key(entry));
    free(entry);
}

void
newest_fini(struct newest *newest)
{
    while (newest->oldest)
        entry_drop(newest, newest->oldest);
    table_fini(&newest->by_key);
}

/* --- keys --- */

struct key {
    char bytes[3 * (KEY_PART_MAX + 1)];
    size_t len;
};

/* Ends in a space, which no part can hold: parts that run into one another are told apart. */
static void
key_add(struct key *key, struct span part)
{
    size_t len = part.len < KEY_PART_MAX ? part.len : KEY_PART_MAX;

    if (len > 0)
        memcpy(key->bytes + key->len, part.at, len);
    key->len += len;
    key->bytes[key->len++] = ' ';
}

static struct span
key_make(struct key *key, struct span type, struct span sender, struct span object)
{
    key->len = 0;
    key_add(key, type);
    key_add(key, sender);
    key_add(key, object);
    return (struct span){key->bytes, key->len};
}

/* --- the list --- */

static struct newest_entry *
entry_new(enum newest_kind kind, struct span key, struct span sender, struct span frame)
{
    struct newest_entry *entry = mem_alloc(sizeof(*entry) + key.len + sender.len + frame.len);

    *entry = (struct newest_entry){
        .kind = (uint8_t)kind,
        .key_len = (uint16_t)key.len,
        .sender_len = (uint16_t)sender.len,
        .frame_len = (uint32_t)frame.len,
    };
    memcpy(entry->bytes, key.at, key.len);
    memcpy(entry->bytes + key.len, sender.at, sender.len);
    memcpy(entry->bytes + key.len + sender.len, frame.at, frame.len);
    return entry;
}

static void
entry_add(struct newest *newest, struct newest_entry *entry)
{
    entry->counter = ++newest->counter;
    table_put(&newest->by_key, entry_key(entry), entry);
    entry->older = newest->latest;
    *(newest->latest ? &newest->latest->newer : &newest->oldest) = entry;
    newest->latest = entry;
    newest->bytes += entry_bytes(entry);
    newest->presence_count += entry->kind == NEWEST_PRESENCE;
}

void
newest_put(struct newest *newest, enum newest_kind kind, struct span type, struct span sender,
           struct span object, struct span frame)
{
    struct key key;
    struct span at = key_make(&key, type, kind == NEWEST_SHARED ? SPAN_NONE : sender, object);
    struct newest_entry *old = table_get(&newest->by_key, at);
    struct newest_entry *entry = entry_new(kind, at, sender, frame);

    if (old)
        entry_drop(newest, old);
    entry_add(newest, entry);
    while (newest->bytes > NEWEST_BYTES_MAX && newest->oldest != entry)
        entry_drop(newest, newest->oldest);
}

static struct newest_entry *
first_after(const struct newest *newest, uint64_t seen)
{
    struct newest_entry *entry = newest->latest;

    if (!entry || entry->counter <= seen)
        return NULL;
    while (entry->older && entry->older->counter > seen)
        entry = entry->older;
    return entry;
}

uint64_t
newest_append(const struct newest *newest, uint64_t seen, uint64_t joined, struct span but_sender,
              size_t max_bytes, struct buf *out)
{
    size_t start = out->len;

    for (const struct newest_entry *entry = first_after(newest, seen); entry;
         entry = entry->newer) {
        if ((entry->kind == NEWEST_PRESENCE && entry->counter <= joined) ||
            span_eq(entry_sender(entry), but_sender))
            continue;
        if (out->len > start && out->len - start + entry->frame_len > max_bytes)
            return entry->counter - 1;
        buf_append_span(out, entry_frame(entry));
    }
    return newest->counter;
}

bool
newest_has(const struct newest *newest, struct span type, struct span object)
{
    struct key key;

    return newest->oldest && table_get(&newest->by_key, key_make(&key, type, SPAN_NONE, object));
}

void
newest_drop(struct newest *newest, struct span type, struct span object)
{
    struct key key;
    struct newest_entry *entry =
        table_get(&newest->by_key, key_make(&key, type, SPAN_NONE, object));

    if (entry)
        entry_drop(newest, entry);
}

void
newest_drop_sender(struct newest *newest, struct span sender)
{
    struct newest_entry *next;

    for (struct newest_entry *entry = newest->oldest; entry; entry = next) {
        next = entry->newer;
        if (entry->kind != NEWEST_SHARED && span_eq(entry_sender(entry), sender))
            entry_drop(newest, entry);
    }
}

void
newest_drop_presence(struct newest *newest)
{
    struct newest_entry *next;

    if (newest->presence_count == 0)
        return;
    for (struct newest_entry *entry = newest->oldest; entry; entry = next) {
        next = entry->newer;
        if (entry->kind == NEWEST_PRESENCE)
            entry_drop(newest, entry);
    }
}
