/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map: a search goes along the highest level and down a level where the next key is too large. The
 * links that lead to the place (`path`) are what insertion and removal change.
 */
#include "map.h"

#include <string.h>

/* -1, 0, 1 as the node's key stands to this one; a shorter key is less than its continuation */
static int compare(const struct map_node *node, const void *key, size_t length)
{
    size_t common = node->key_length < length ? node->key_length : length;
    int order = memcmp(node->key, key, common);

    if (order != 0)
        return order;
    return node->key_length < length ? -1 : node->key_length > length;
}

/* Fills, per level, the link that points past all lesser keys; returns the last lesser node. */
static struct map_node *walk(const struct map *map, const void *key, size_t length,
                             struct map_node **path[MAP_HEIGHT])
{
    struct map_node *below = NULL;

    for (int level = MAP_HEIGHT - 1; level >= 0; level--) {
        struct map_node *const *link = below != NULL ? &below->next[level] : &map->first[level];

        while (*link != NULL && compare(*link, key, length) < 0) {
            below = *link;
            link = &below->next[level];
        }
        path[level] = (struct map_node **)link;
    }
    return below;
}

/* One node in four is a level higher. Derived from the place in memory and the key: no state, no
 * lock. */
static uint32_t pick_height(const void *node, const char *key, size_t length)
{
    uint64_t mix = (uint64_t)(uintptr_t)node * 0x9E3779B97F4A7C15U;
    uint32_t height = 1;

    for (size_t i = 0; i < length; i++)
        mix = (mix ^ (unsigned char)key[i]) * 0x100000001B3U;
    mix ^= mix >> 32;
    while (height < MAP_HEIGHT && (mix & 3U) == 0) {
        height++;
        mix >>= 2;
    }
    return height;
}

struct map_node *map_node_new(struct pool *pool, const void *key, size_t length, void *value,
                              struct td_err *err)
{
    uint32_t height = pick_height(value, key, length);
    size_t links = sizeof(struct map_node) + height * sizeof(struct map_node *);
    struct map_node *node = pool_alloc(pool, links + length + 1, err);

    if (node == NULL)
        return NULL;
    node->value = value;
    node->height = height;
    node->key = (char *)node + links;
    node->key_length = (uint32_t)length;
    memcpy(node->key, key, length);
    return node;
}

void map_node_free(struct pool *pool, struct map_node *node)
{
    pool_free(pool, node);
}

void map_attach(struct map *map, struct map_node *node)
{
    struct map_node **path[MAP_HEIGHT];

    node->before = walk(map, node->key, node->key_length, path);
    for (uint32_t level = 0; level < node->height; level++) {
        node->next[level] = *path[level];
        *path[level] = node;
    }
    if (node->next[0] != NULL)
        node->next[0]->before = node;
    else
        map->last = node;
    map->count++;
}

void map_detach(struct map *map, struct map_node *node)
{
    struct map_node **path[MAP_HEIGHT];

    walk(map, node->key, node->key_length, path);
    for (uint32_t level = 0; level < node->height; level++)
        *path[level] = node->next[level];
    if (node->next[0] != NULL)
        node->next[0]->before = node->before;
    else
        map->last = node->before;
    map->count--;
}

struct map_node *map_at_least(const struct map *map, const void *key, size_t length)
{
    struct map_node **path[MAP_HEIGHT];

    walk(map, key, length, path);
    return *path[0];
}

struct map_node *map_find(const struct map *map, const void *key, size_t length)
{
    struct map_node *node = map_at_least(map, key, length);

    return node != NULL && compare(node, key, length) == 0 ? node : NULL;
}

struct map_node *map_below(const struct map *map, const void *key, size_t length)
{
    struct map_node **path[MAP_HEIGHT];

    return walk(map, key, length, path);
}

void map_key_put(char key[8], uint64_t number)
{
    for (int i = 7; i >= 0; i--) {
        key[i] = (char)(number & 0xFFU);
        number >>= 8;
    }
}
