/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names: open addressing, at most half full. Hash and length of a key are found in one pass.
 */
#include "schema/names.h"

#include <string.h>

struct tdh_js_names *tdh_js_names_new(struct tdh_arena *arena, size_t count)
{
    struct tdh_js_names *names = tdh_arena_alloc(arena, sizeof(*names));
    size_t size = 4;

    while (size < 2 * count)
        size *= 2;
    if (names == NULL)
        return NULL;
    names->mask = size - 1;
    names->slots = tdh_arena_alloc(arena, size * sizeof(*names->slots));
    names->keys = tdh_arena_alloc(arena, (count + 1) * sizeof(*names->keys));
    return names->slots != NULL && names->keys != NULL ? names : NULL;
}

static uint32_t hash_key(const char *key, size_t *ret_length)
{
    uint32_t hash = 2166136261U;
    const char *at = key;

    for (; *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * 16777619U;
    *ret_length = (size_t)(at - key);
    return hash ^ (hash >> 15);
}

/* The slot that has the key, or the empty one where it would stand. */
static struct tdh_js_name *find(const struct tdh_js_names *names, const char *key, uint32_t hash,
                                size_t length)
{
    size_t i = hash & names->mask;

    for (;; i = (i + 1) & names->mask) {
        struct tdh_js_name *slot = &names->slots[i];

        if (slot->key == NULL)
            return slot;
        if (slot->hash == hash && slot->length == length && memcmp(slot->key, key, length) == 0)
            return slot;
    }
}

bool tdh_js_names_add(struct tdh_js_names *names, const char *key, const struct tdh_js_node *node)
{
    size_t length;
    uint32_t hash = hash_key(key, &length);
    struct tdh_js_name *slot = find(names, key, hash, length);

    if (slot->key != NULL)
        return false;
    *slot =
        (struct tdh_js_name){ .hash = hash, .length = (uint32_t)length, .key = key, .node = node };
    names->keys[names->count++] = key;
    return true;
}

const struct tdh_js_name *tdh_js_names_get(const struct tdh_js_names *names, const char *key)
{
    size_t length;
    uint32_t hash = hash_key(key, &length);
    const struct tdh_js_name *slot = find(names, key, hash, length);

    return slot->key != NULL ? slot : NULL;
}
