/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map: byte-string keys to pointers. Open addressing, keys copied, no order promised. One owner, no
 * lock.
 */
#ifndef TDH_BASE_MAP_H
#define TDH_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct tdh_map_slot {
    uint64_t hash;
    char *key; /* NULL: empty; owned, NUL-terminated */
    size_t key_length;
    void *value;
};

/* Zero-initialised is valid and empty. */
struct tdh_map {
    struct tdh_map_slot *slots;
    size_t capacity, count;
};

/** The value of a key, or NULL. */
void *tdh_map_get(const struct tdh_map *map, const char *key);
void *tdh_map_get_n(const struct tdh_map *map, const char *key, size_t length);
/** Sets a key; *ret_old (ret_old may be NULL) gets the value that was there, or NULL. value is not
 * NULL. Returns -1 without memory: the map is as it was. */
int tdh_map_set(struct tdh_map *map, const char *key, void *value, void **ret_old);
int tdh_map_set_n(struct tdh_map *map, const char *key, size_t length, void *value, void **ret_old);
/** Takes a key out and returns its value, or NULL. */
void *tdh_map_remove(struct tdh_map *map, const char *key);
void *tdh_map_remove_n(struct tdh_map *map, const char *key, size_t length);
/** Walks all entries in slot order: start with *at = 0; NULL at the end. Not across changes. */
const struct tdh_map_slot *tdh_map_next(const struct tdh_map *map, size_t *at);
/** Frees keys and table, calling `free_value` (may be NULL) on each value. */
void tdh_map_free(struct tdh_map *map, void (*free_value)(void *value));

#endif
