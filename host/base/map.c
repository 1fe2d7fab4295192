/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map: linear probing in a table of a power of two, at most three quarters full.
 *
 * Taking a key out moves later ones of its run back, so there are no tombstones and a table never
 * needs cleaning.
 */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/id.h"

enum { CAPACITY_MIN = 8 };

/* The slot of a key, or the empty one where it belongs. The table has an empty slot. */
static struct tdh_map_slot *find(const struct tdh_map *map, uint64_t hash, const char *key,
                                 size_t length)
{
    size_t mask = map->capacity - 1;

    for (size_t at = hash & mask;; at = (at + 1) & mask) {
        struct tdh_map_slot *slot = &map->slots[at];

        if (slot->key == NULL || (slot->hash == hash && slot->key_length == length &&
                                  memcmp(slot->key, key, length) == 0))
            return slot;
    }
}

static int grow(struct tdh_map *map)
{
    struct tdh_map larger = {
        .capacity = map->capacity != 0 ? map->capacity * 2 : CAPACITY_MIN,
        .count = map->count,
    };

    larger.slots = calloc(larger.capacity, sizeof(*larger.slots));
    if (larger.slots == NULL)
        return -1;
    for (size_t i = 0; i < map->capacity; i++) {
        const struct tdh_map_slot *slot = &map->slots[i];

        if (slot->key != NULL)
            *find(&larger, slot->hash, slot->key, slot->key_length) = *slot;
    }
    free(map->slots);
    *map = larger;
    return 0;
}

static char *copy_key(const char *key, size_t length)
{
    char *copy = malloc(length + 1);

    if (copy == NULL)
        return NULL;
    memcpy(copy, key, length);
    copy[length] = '\0';
    return copy;
}

void *tdh_map_get_n(const struct tdh_map *map, const char *key, size_t length)
{
    return map->count != 0 ? find(map, tdh_hash(key, length), key, length)->value : NULL;
}

void *tdh_map_get(const struct tdh_map *map, const char *key)
{
    return tdh_map_get_n(map, key, strlen(key));
}

int tdh_map_set_n(struct tdh_map *map, const char *key, size_t length, void *value, void **ret_old)
{
    uint64_t hash = tdh_hash(key, length);
    struct tdh_map_slot *slot;

    if (map->count >= map->capacity / 4 * 3 && grow(map) != 0)
        return -1;
    slot = find(map, hash, key, length);
    if (slot->key == NULL) {
        slot->key = copy_key(key, length);
        if (slot->key == NULL)
            return -1;
        slot->key_length = length;
        slot->hash = hash;
        map->count++;
    }
    if (ret_old != NULL)
        *ret_old = slot->value;
    slot->value = value;
    return 0;
}

int tdh_map_set(struct tdh_map *map, const char *key, void *value, void **ret_old)
{
    return tdh_map_set_n(map, key, strlen(key), value, ret_old);
}

/* Fills the hole at `hole` with a later slot of the run that may stand there, and so on until the
 * run ends. */
static void close_hole(struct tdh_map *map, size_t hole)
{
    size_t mask = map->capacity - 1;

    for (size_t at = (hole + 1) & mask; map->slots[at].key != NULL; at = (at + 1) & mask) {
        size_t home = map->slots[at].hash & mask;

        if (((at - home) & mask) >= ((at - hole) & mask)) {
            map->slots[hole] = map->slots[at];
            hole = at;
        }
    }
    map->slots[hole] = (struct tdh_map_slot){ 0 };
}

void *tdh_map_remove(struct tdh_map *map, const char *key)
{
    return tdh_map_remove_n(map, key, strlen(key));
}

void *tdh_map_remove_n(struct tdh_map *map, const char *key, size_t length)
{
    struct tdh_map_slot *slot;
    void *value;

    if (map->count == 0)
        return NULL;
    slot = find(map, tdh_hash(key, length), key, length);
    if (slot->key == NULL)
        return NULL;
    value = slot->value;
    free(slot->key);
    close_hole(map, (size_t)(slot - map->slots));
    map->count--;
    return value;
}

const struct tdh_map_slot *tdh_map_next(const struct tdh_map *map, size_t *at)
{
    while (*at < map->capacity) {
        const struct tdh_map_slot *slot = &map->slots[(*at)++];

        if (slot->key != NULL)
            return slot;
    }
    return NULL;
}

void tdh_map_free(struct tdh_map *map, void (*free_value)(void *value))
{
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->slots[i].key != NULL && free_value != NULL)
            free_value(map->slots[i].value);
        free(map->slots[i].key);
    }
    free(map->slots);
    *map = (struct tdh_map){ 0 };
}
