/* The state of volatile things: the newest of each kind, by counter. */
#include "hub/newest.h"

#include <stdlib.h>

struct newest_entry {
    struct newest_entry *older, *newer;
    uint64_t counter;
    bool is_presence;
    uint16_t type_len, sender_len, object_len;
    uint32_t frame_len;
    char bytes[]; /* type, sender, object, frame */
};

static struct span
entry_key(const struct newest_entry *entry)
{
    return (struct span){entry->bytes,
                         (size_t)entry->type_len + entry->sender_len + entry->object_len};
}

static struct span
entry_sender(const struct newest_entry *entry)
{
    return (struct span){entry->bytes + entry->type_len, entry->sender_len};
}

static struct span
entry_object(const struct newest_entry *entry)
{
    return (struct span){entry->bytes + entry->type_len + entry->sender_len, entry->object_len};
}

static struct span
entry_frame(const struct newest_entry *entry)
{
    return (struct span){entry->bytes + entry_key(entry).len, entry->frame_len};
}

static size_t
entry_bytes(const struct newest_entry *entry)
{
    return sizeof(*entry) + entry_key(entry).len + entry->frame_len;
}

static void
entry_drop(struct newest *newest, struct newest_entry *entry)
{
    *(entry->older ? &entry->older->newer : &newest->oldest) = entry->newer;
    *(entry->newer ? &entry->newer->older : &newest->latest) = entry->older;
    newest->bytes -= entry_bytes(entry);
    newest->presence_count -= entry->is_presence;
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

/*
 * The lengths are part of the entry but not of the key; ids and types have no common character
 * class boundary, so the key is unique enough only with separators: each part ends in a space,
 * which none of them can hold.
 */
static size_t
part_put(char *at, struct span part)
{
    memcpy(at, part.at, part.len);
    at[part.len] = ' ';
    return part.len + 1;
}

void
newest_put(struct newest *newest, struct span type, struct span sender, struct span object,
           struct span frame, bool is_presence)
{
    struct span object_part = object.at ? object : SPAN("");
    size_t key_len = type.len + sender.len + object_part.len + 3;
    struct newest_entry *entry = mem_alloc(sizeof(*entry) + key_len + frame.len);

    *entry = (struct newest_entry){
        .counter = ++newest->counter,
        .is_presence = is_presence,
        .type_len = (uint16_t)(type.len + 1),
        .sender_len = (uint16_t)(sender.len + 1),
        .object_len = (uint16_t)(object_part.len + 1),
        .frame_len = (uint32_t)frame.len,
    };
    size_t at = part_put(entry->bytes, type);

    at += part_put(entry->bytes + at, sender);
    at += part_put(entry->bytes + at, object_part);
    memcpy(entry->bytes + at, frame.at, frame.len);

    struct newest_entry *old = table_get(&newest->by_key, entry_key(entry));

    if (old)
        entry_drop(newest, old);
    table_put(&newest->by_key, entry_key(entry), entry);
    entry->older = newest->latest;
    *(newest->latest ? &newest->latest->newer : &newest->oldest) = entry;
    newest->latest = entry;
    newest->bytes += entry_bytes(entry);
    newest->presence_count += is_presence;
    while (newest->bytes > NEWEST_BYTES_MAX && newest->oldest != entry)
        entry_drop(newest, newest->oldest);
}

/* Is the part (with its closing space) this text? */
static bool
part_is(struct span part, struct span text)
{
    return part.len == text.len + 1 && memcmp(part.at, text.at, text.len) == 0;
}

void
newest_append(const struct newest *newest, uint64_t seen, uint64_t joined, struct span but_sender,
              struct buf *out)
{
    const struct newest_entry *entry = newest->latest;

    if (!entry || entry->counter <= seen)
        return;
    while (entry->older && entry->older->counter > seen)
        entry = entry->older;
    for (; entry; entry = entry->newer) {
        if ((entry->is_presence && entry->counter <= joined) ||
            part_is(entry_sender(entry), but_sender))
            continue;
        buf_append_span(out, entry_frame(entry));
    }
}

void
newest_drop_object(struct newest *newest, struct span object)
{
    struct newest_entry *next;

    for (struct newest_entry *entry = newest->oldest; entry; entry = next) {
        next = entry->newer;
        if (part_is(entry_object(entry), object))
            entry_drop(newest, entry);
    }
}

void
newest_drop_sender(struct newest *newest, struct span sender)
{
    struct newest_entry *next;

    for (struct newest_entry *entry = newest->oldest; entry; entry = next) {
        next = entry->newer;
        if (part_is(entry_sender(entry), sender))
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
        if (entry->is_presence)
            entry_drop(newest, entry);
    }
}
