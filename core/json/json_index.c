/* The members of an object, found by key: a few are looked through, many are hashed. */
#include "json/json.h"

#include "json/json_impl.h"

#include <stdlib.h>

static void
append(struct json_index *index, struct span key, struct span value)
{
    if (index->count == index->cap) {
        bool is_first = index->members == index->few;

        index->cap *= 2;
        index->members =
            mem_realloc(is_first ? NULL : index->members, index->cap * sizeof(*index->members));
        if (is_first)
            memcpy(index->members, index->few, sizeof(index->few));
    }
    index->members[index->count++] = (struct json_member){.key = key, .value = value};
}

/* Where the key stands, or the free slot where it would. */
static uint32_t *
find_slot(const struct json_index *index, struct span key)
{
    size_t mask = index->slot_count - 1, at = json_hash_key(key) & mask;

    while (index->slots[at] && !json_key_eq(index->members[index->slots[at] - 1].key, key))
        at = (at + 1) & mask;
    return &index->slots[at];
}

static void
hash_all(struct json_index *index)
{
    index->slot_count = index->cap * 2;
    index->slots = mem_zalloc(index->slot_count * sizeof(*index->slots));
    for (size_t i = 0; i < index->count; i++)
        *find_slot(index, index->members[i].key) = (uint32_t)(i + 1);
}

void
json_index_init(struct json_index *index, struct span object, bool (*counts)(struct span key))
{
    struct json_iter iter;
    struct span key, value;

    index->members = index->few;
    index->count = 0;
    index->cap = JSON_INDEX_FEW;
    index->slots = NULL;
    for (json_iter_init(&iter, object); json_next_member(&iter, &key, &value);)
        if (!counts || counts(key))
            append(index, key, value);
    if (index->count > JSON_INDEX_FEW)
        hash_all(index);
}

void
json_index_fini(struct json_index *index)
{
    free(index->slots);
    if (index->members != index->few)
        free(index->members);
}

struct json_member *
json_index_find(const struct json_index *index, struct span key)
{
    if (index->slots) {
        uint32_t place = *find_slot(index, key);

        return place ? &index->members[place - 1] : NULL;
    }
    for (size_t i = 0; i < index->count; i++)
        if (json_key_eq(index->members[i].key, key))
            return &index->members[i];
    return NULL;
}
