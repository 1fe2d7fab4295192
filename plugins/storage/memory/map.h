/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map: keys in byte order, as a skip list that is linked both ways at the bottom.
 *
 * A node is made once and may be taken out and put back without needing memory: that is what lets a
 * batch be undone. A map of zeros is an empty map.
 */
#ifndef MEMORY_MAP_H
#define MEMORY_MAP_H

#include "pool.h"

#include <stdint.h>

enum { MAP_HEIGHT = 12 }; /* a level has a quarter of the one below: enough for 16 million keys */

struct map_node {
    void *value;
    char *key;               /* behind the links; ends with a NUL that is not counted */
    struct map_node *before; /* NULL: the first */
    uint32_t key_length;
    uint32_t height;
    struct map_node *next[];
};

struct map {
    struct map_node *first[MAP_HEIGHT];
    struct map_node *last;
    size_t count;
};

/** new: in no map yet; end it with map_node_free(). The key is copied. err TD_E_LIMIT, TD_E_NOMEM
 */
struct map_node *map_node_new(struct pool *pool, const void *key, size_t length, void *value,
                              struct td_err *err);
/** The node must be in no map. */
void map_node_free(struct pool *pool, struct map_node *node);

/** Puts a node in; its key must not be there. */
void map_attach(struct map *map, struct map_node *node);
/** Takes a node out; it is the caller's again. */
void map_detach(struct map *map, struct map_node *node);

/** The node with this key, or NULL. */
struct map_node *map_find(const struct map *map, const void *key, size_t length);
/** The first node whose key is not less; NULL when there is none. */
struct map_node *map_at_least(const struct map *map, const void *key, size_t length);
/** The last node whose key is less; NULL when there is none. */
struct map_node *map_below(const struct map *map, const void *key, size_t length);

/** Writes a number so that byte order is number order. */
void map_key_put(char key[8], uint64_t number);

#endif
