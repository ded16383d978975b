/* Two equal keys in one object: found in time linear in the bytes of all its keys. */
#include "json/json.h"

#include "table.h"
#include "json/json_impl.h"

#define FEW 8 /* so few are compared each with each, which needs no hashing */

static struct span
key_span(const char *text, const struct json_key *key)
{
    return (struct span){text + key->offset, key->len};
}

/*
 * A hash of the unescaped key, in chunks that end between characters: equal keys hash alike,
 * however they are written.
 */
uint64_t
json_hash_key(struct span key)
{
    char chunk[128];
    uint64_t hash = 0;
    const char *at = key.at;
    const char *end = key.at + key.len;

    do {
        size_t used = sizeof(hash);

        memcpy(chunk, &hash, sizeof(hash));
        while (at < end && used + 4 <= sizeof(chunk))
            used += json_decode_char(&at, chunk + used);
        hash = table_hash((struct span){chunk, used});
    } while (at < end);
    return hash;
}

static const struct json_key *
duplicate_among_few(const char *text, const struct json_key *keys, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t j = 0; j < i; j++)
            if (json_key_eq(key_span(text, &keys[i]), key_span(text, &keys[j])))
                return &keys[i];
    }
    return NULL;
}

/*
 * A hash table of indices into keys, plus one. The hash has a random key, so that nobody can choose
 * keys that collide.
 */
static const struct json_key *
duplicate_among_many(const char *text, const struct json_key *keys, size_t count)
{
    uint16_t slots[JSON_MEMBERS_MAX * 2];
    uint32_t hashes[JSON_MEMBERS_MAX];
    size_t cap = 2 * FEW;

    while (cap < count * 2)
        cap *= 2;
    memset(slots, 0, cap * sizeof(slots[0]));
    for (size_t i = 0; i < count; i++) {
        struct span key = key_span(text, &keys[i]);
        uint64_t hash = json_hash_key(key);
        size_t slot = hash & (cap - 1);

        hashes[i] = (uint32_t)(hash >> 32);
        for (; slots[slot]; slot = (slot + 1) & (cap - 1)) {
            size_t other = slots[slot] - 1U;

            if (hashes[i] == hashes[other] && json_key_eq(key, key_span(text, &keys[other])))
                return &keys[i];
        }
        slots[slot] = (uint16_t)(i + 1);
    }
    return NULL;
}

const struct json_key *
json_duplicate_key(const char *text, const struct json_key *keys, size_t count)
{
    return count <= FEW ? duplicate_among_few(text, keys, count)
                        : duplicate_among_many(text, keys, count);
}
