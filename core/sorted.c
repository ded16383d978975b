/* A skip list: each node stands in the lists of level 0 up to its own, a quarter of them in the
 * next one. */
#include "sorted.h"

#include "buf.h"

#include <stdlib.h>

struct sorted_node {
    char *value; /* and behind it the key */
    size_t key_len, value_len;
    struct sorted_node *next[]; /* per level */
};

/* Where the links to a key are: per level, the one that points to the first node with a key not
 * before it. */
struct path {
    struct sorted_node **links[SORTED_LEVELS];
};

static int
level_of(struct sorted *map)
{
    int levels = 1;

    /* splitmix64; who chooses keys does not know the order of the draws, and gains little by it. */
    map->random += 0x9e3779b97f4a7c15u;
    uint64_t z = (map->random ^ (map->random >> 30)) * 0xbf58476d1ce4e5b9u;

    for (z ^= z >> 27; (z & 3) == 0 && levels < SORTED_LEVELS; z >>= 2)
        levels++;
    return levels;
}

/* In one block with the value. */
static char *
key_at(const struct sorted_node *node)
{
    return node->value + node->value_len;
}

struct span
sorted_key(const struct sorted_node *node)
{
    return (struct span){key_at(node), node->key_len};
}

struct span
sorted_value(const struct sorted_node *node)
{
    return (struct span){node->value, node->value_len};
}

const struct sorted_node *
sorted_next(const struct sorted_node *node)
{
    return node->next[0];
}

/* limit: 0 stops before an equal key, 1 behind it. */
static void
find(struct sorted *map, struct span key, int limit, struct path *path)
{
    struct sorted_node **links = map->heads;

    for (int level = SORTED_LEVELS - 1; level >= 0; level--) {
        while (links[level] && span_cmp(sorted_key(links[level]), key) < limit)
            links = links[level]->next;
        path->links[level] = &links[level];
    }
}

const struct sorted_node *
sorted_from(const struct sorted *map, struct span from, bool is_after)
{
    struct path path;

    find((struct sorted *)map, from, is_after ? 1 : 0, &path);
    return *path.links[0];
}

static struct sorted_node *
found(const struct path *path, struct span key)
{
    struct sorted_node *node = *path->links[0];

    return node && span_eq(sorted_key(node), key) ? node : NULL;
}

struct span
sorted_get(const struct sorted *map, struct span key)
{
    struct path path;

    find((struct sorted *)map, key, 0, &path);
    const struct sorted_node *node = found(&path, key);

    return node ? sorted_value(node) : SPAN_NONE;
}

/* One block: the value, then the key. */
static char *
join(struct span value, struct span key)
{
    char *block = mem_alloc(value.len + key.len + 1);

    memcpy(block, value.at, value.len);
    memcpy(block + value.len, key.at, key.len);
    return block;
}

void
sorted_set(struct sorted *map, struct span key, struct span value)
{
    struct path path;

    find(map, key, 0, &path);
    struct sorted_node *node = found(&path, key);
    char *block = join(value, key);

    if (node) {
        map->bytes += value.len - node->value_len;
        free(node->value);
        node->value = block;
        node->value_len = value.len;
        return;
    }
    int levels = level_of(map);

    node = mem_alloc(sizeof(*node) + (size_t)levels * sizeof(node->next[0]));
    node->value = block;
    node->value_len = value.len;
    node->key_len = key.len;
    for (int level = 0; level < levels; level++) {
        node->next[level] = *path.links[level];
        *path.links[level] = node;
    }
    map->count++;
    map->bytes += key.len + value.len;
}

bool
sorted_remove(struct sorted *map, struct span key)
{
    struct path path;

    find(map, key, 0, &path);
    struct sorted_node *node = found(&path, key);

    if (!node)
        return false;
    for (int level = 0; level < SORTED_LEVELS && *path.links[level] == node; level++)
        *path.links[level] = node->next[level];
    map->count--;
    map->bytes -= node->key_len + node->value_len;
    free(node->value);
    free(node);
    return true;
}

void
sorted_fini(struct sorted *map)
{
    struct sorted_node *node = map->heads[0];

    while (node) {
        struct sorted_node *next = node->next[0];

        free(node->value);
        free(node);
        node = next;
    }
    *map = (struct sorted){.random = map->random};
}
