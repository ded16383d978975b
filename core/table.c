/*
 * Open addressing with linear probing. A removed entry leaves a dead slot, so that nothing moves
 * while somebody walks the table; dead slots are swept when the table is built anew.
 */
#include "table.h"

#include "buf.h"
#include "idgen.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define CAP_MIN 8

struct table_slot {
    uint64_t hash; /* without a value: EMPTY or DEAD */
    struct span key;
    void *value; /* NULL if the slot holds no entry */
};

enum { EMPTY = 0, DEAD = 1 };

static pthread_once_t secret_once = PTHREAD_ONCE_INIT;
static uint64_t secret[2];

static void
make_secret(void)
{
    idgen_bytes(secret, sizeof(secret));
}

static uint64_t
rotate(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static void
sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

static void
sip_absorb(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
}

/* The bytes after the last whole word, with the length in the top byte. */
static uint64_t
sip_tail(struct span key)
{
    uint64_t word = (uint64_t)key.len << 56;
    size_t whole = key.len - key.len % 8;

    for (size_t i = whole; i < key.len; i++)
        word |= (uint64_t)(unsigned char)key.at[i] << (8 * (i - whole));
    return word;
}

uint64_t
table_hash(struct span key)
{
    uint64_t v[4];

    pthread_once(&secret_once, make_secret);
    v[0] = secret[0] ^ 0x736f6d6570736575;
    v[1] = secret[1] ^ 0x646f72616e646f6d;
    v[2] = secret[0] ^ 0x6c7967656e657261;
    v[3] = secret[1] ^ 0x7465646279746573;
    for (size_t i = 0; i + 8 <= key.len; i += 8) {
        uint64_t word;

        memcpy(&word, key.at + i, 8);
        sip_absorb(v, word);
    }
    sip_absorb(v, sip_tail(key));
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* The entry's slot, or NULL. */
static struct table_slot *
find(const struct table *table, struct span key, uint64_t hash)
{
    size_t mask = table->cap - 1;

    if (table->cap == 0)
        return NULL;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct table_slot *slot = &table->slots[i];

        if (!slot->value && slot->hash == EMPTY)
            return NULL;
        if (slot->value && slot->hash == hash && span_eq(slot->key, key))
            return slot;
    }
}

/* The first slot on the key's way that holds no entry. */
static struct table_slot *
find_free(const struct table *table, uint64_t hash)
{
    size_t mask = table->cap - 1;
    size_t i = hash & mask;

    while (table->slots[i].value)
        i = (i + 1) & mask;
    return &table->slots[i];
}

static void
rebuild(struct table *table, size_t cap)
{
    struct table old = *table;

    table->slots = mem_zalloc(cap * sizeof(*table->slots));
    table->cap = cap;
    table->dead = 0;
    for (size_t i = 0; i < old.cap; i++)
        if (old.slots[i].value)
            *find_free(table, old.slots[i].hash) = old.slots[i];
    free(old.slots);
}

/* Invariant: at most 3/4 of the slots are taken or dead, so that every probe ends. */
static void
make_room(struct table *table)
{
    size_t cap = CAP_MIN;

    if ((table->count + table->dead + 1) * 4 <= table->cap * 3)
        return;
    while ((table->count + 1) * 2 > cap)
        cap *= 2;
    rebuild(table, cap);
}

void
table_fini(struct table *table)
{
    free(table->slots);
    *table = (struct table){0};
}

void *
table_get(const struct table *table, struct span key)
{
    struct table_slot *slot;

    if (table->count == 0)
        return NULL;
    slot = find(table, key, table_hash(key));
    return slot ? slot->value : NULL;
}

void *
table_put(struct table *table, struct span key, void *value)
{
    uint64_t hash = table_hash(key);
    struct table_slot *slot = find(table, key, hash);
    void *old = slot ? slot->value : NULL;

    assert(value);
    if (!slot) {
        make_room(table);
        slot = find_free(table, hash);
        table->dead -= slot->hash == DEAD;
        table->count++;
    }
    *slot = (struct table_slot){hash, key, value};
    return old;
}

void *
table_del(struct table *table, struct span key)
{
    struct table_slot *slot = find(table, key, table_hash(key));
    void *old;

    if (!slot)
        return NULL;
    old = slot->value;
    *slot = (struct table_slot){DEAD, SPAN_NONE, NULL};
    table->count--;
    table->dead++;
    return old;
}

bool
table_next(const struct table *table, size_t *pos, struct span *key, void **value)
{
    while (*pos < table->cap) {
        const struct table_slot *slot = &table->slots[(*pos)++];

        if (!slot->value)
            continue;
        if (key)
            *key = slot->key;
        if (value)
            *value = slot->value;
        return true;
    }
    return false;
}
