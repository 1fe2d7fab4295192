/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collection: growing lists, hashed maps, and one way to walk both forms.
 */
#include "cel/collection.h"

#include <string.h>

enum { INDEX_FROM = 8 };

struct cel_list *cel_list_new(struct cel_run *run, size_t capacity)
{
    struct cel_list *list = cel_alloc(run, sizeof(*list));

    if (list == NULL)
        return NULL;
    *list = (struct cel_list){ .capacity = (uint32_t)capacity };
    if (capacity > 0 && (list->items = cel_alloc(run, capacity * sizeof(*list->items))) == NULL)
        return NULL;
    return list;
}

int cel_list_add(struct cel_run *run, struct cel_list *list, struct cel_value item)
{
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity < 4 ? 8 : list->capacity * 2;
        struct cel_value *items = cel_alloc(run, capacity * sizeof(*items));

        if (items == NULL)
            return -1;
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof(*items));
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = item;
    return 0;
}

struct cel_map *cel_map_new(struct cel_run *run, size_t capacity)
{
    struct cel_map *map = cel_alloc(run, sizeof(*map));

    if (map == NULL)
        return NULL;
    *map = (struct cel_map){ .capacity = (uint32_t)capacity };
    if (capacity > 0 && (map->entries = cel_alloc(run, capacity * sizeof(*map->entries))) == NULL)
        return NULL;
    return map;
}

/* Equal keys hash alike: int and uint of one number have the same bits. */
static uint32_t hash_key(struct cel_value key)
{
    uint64_t hash = 0xcbf29ce484222325U;

    if (key.type != CEL_STRING)
        return (uint32_t)((key.as.u ^ (uint64_t)(key.type == CEL_BOOL) << 62) *
                              0x9E3779B97F4A7C15U >>
                          32);
    for (uint32_t i = 0; i < key.size; i++)
        hash = (hash ^ (unsigned char)key.as.s[i]) * 0x100000001b3U;
    return (uint32_t)(hash ^ hash >> 32);
}

static bool keys_equal(struct cel_value a, struct cel_value b)
{
    if (a.type == CEL_STRING || b.type == CEL_STRING)
        return a.type == b.type && a.size == b.size &&
               (a.size == 0 || memcmp(a.as.s, b.as.s, a.size) == 0);
    if (a.type == b.type)
        return a.as.u == b.as.u;
    return a.type != CEL_BOOL && b.type != CEL_BOOL && a.as.u == b.as.u && a.as.i >= 0;
}

static bool is_key(struct cel_value key)
{
    return key.type == CEL_STRING || key.type == CEL_INT || key.type == CEL_UINT ||
           key.type == CEL_BOOL;
}

/* Where the key's entry number stands or would stand. Adds the slots looked at to *probes. */
static uint32_t *slot_of(const struct cel_map *map, struct cel_value key, uint64_t *probes)
{
    for (uint32_t at = hash_key(key);; at++) {
        uint32_t *slot = &map->index[at & (map->index_size - 1)];

        ++*probes;
        if (*slot == 0 || keys_equal(map->entries[*slot - 1].key, key))
            return slot;
    }
}

static const struct cel_entry *find(const struct cel_map *map, struct cel_value key,
                                    uint64_t *probes)
{
    if (map->index != NULL) {
        uint32_t entry = *slot_of(map, key, probes);

        return entry != 0 ? &map->entries[entry - 1] : NULL;
    }
    for (uint32_t i = 0; i < map->count; i++)
        if (keys_equal(map->entries[i].key, key))
            return &map->entries[i];
    return NULL;
}

/* At most half full. */
static int grow_index(struct cel_run *run, struct cel_map *map)
{
    uint32_t size = map->index_size == 0 ? 4 * INDEX_FROM : map->index_size * 2;
    uint32_t *index = cel_alloc(run, size * sizeof(*index));
    uint64_t probes = 0;

    if (index == NULL)
        return -1;
    memset(index, 0, size * sizeof(*index));
    map->index = index;
    map->index_size = size;
    for (uint32_t i = 0; i < map->count; i++)
        *slot_of(map, map->entries[i].key, &probes) = i + 1;
    cel_charge(run, probes >> 2);
    return 0;
}

static int grow_entries(struct cel_run *run, struct cel_map *map)
{
    uint32_t capacity = map->capacity < 2 ? 4 : map->capacity * 2;
    struct cel_entry *entries = cel_alloc(run, capacity * sizeof(*entries));

    if (entries == NULL)
        return -1;
    if (map->count > 0)
        memcpy(entries, map->entries, map->count * sizeof(*entries));
    map->entries = entries;
    map->capacity = capacity;
    return 0;
}

/* Keys made to collide cost their maker steps: every slot looked at is charged. */
enum cel_put cel_map_put(struct cel_run *run, struct cel_map *map, struct cel_value key,
                         struct cel_value value)
{
    const struct cel_entry *known;
    uint64_t probes = key.type == CEL_STRING ? key.size >> 6 : 0;

    if (!is_key(key))
        return CEL_PUT_BAD_KEY;
    known = find(map, key, &probes);
    cel_charge(run, probes);
    if (known != NULL)
        return CEL_PUT_DUPLICATE;
    if (map->count == map->capacity && grow_entries(run, map) != 0)
        return CEL_PUT_STOPPED;
    if (map->count >= INDEX_FROM && map->count * 2 >= map->index_size && grow_index(run, map) != 0)
        return CEL_PUT_STOPPED;
    map->entries[map->count++] = (struct cel_entry){ key, value };
    if (map->index != NULL)
        *slot_of(map, key, &probes) = map->count;
    return CEL_PUT_DONE;
}

struct cel_value cel_put_fault(struct cel_run *run, enum cel_put put, struct cel_value key)
{
    if (put == CEL_PUT_STOPPED)
        return cel_stopped();
    return cel_fault_about(
        run, put == CEL_PUT_DUPLICATE ? "map has key %s twice" : "a map key cannot be %s", key);
}

size_t cel_count(struct cel_value collection)
{
    if (collection.type == CEL_LIST)
        return collection.form == CEL_JSON ? json_array_size(collection.as.json)
                                           : collection.as.list->count;
    return collection.form == CEL_JSON ? json_object_size(collection.as.json)
                                       : collection.as.map->count;
}

struct cel_value cel_list_at(struct cel_value list, size_t position)
{
    if (list.form == CEL_JSON)
        return cel_from_json(json_array_get(list.as.json, position));
    return list.as.list->items[position];
}

bool cel_map_get(struct cel_value map, struct cel_value key, struct cel_value *ret_value)
{
    const struct cel_entry *entry;
    const json_t *json;
    uint64_t probes = 0;

    if (map.form == CEL_JSON) {
        json = key.type == CEL_STRING ? json_object_getn(map.as.json, key.as.s, key.size) : NULL;
        if (json != NULL)
            *ret_value = cel_from_json(json);
        return json != NULL;
    }
    key = cel_integral(key);
    entry = is_key(key) ? find(map.as.map, key, &probes) : NULL;
    if (entry != NULL)
        *ret_value = entry->value;
    return entry != NULL;
}

struct cel_value cel_first(struct cel_value collection)
{
    struct cel_value state = { .type = CEL_STATE };

    if (collection.type == CEL_MAP && collection.form == CEL_JSON)
        state.as.p =
            json_object_iter((json_t *)collection.as.json); /* reads only, but has no const */
    return state;
}

static bool next_member(struct cel_value map, struct cel_value *state, struct cel_value *ret_key,
                        struct cel_value *ret_value)
{
    void *at = state->as.p;

    if (at == NULL)
        return false;
    *ret_key = cel_string(json_object_iter_key(at), json_object_iter_key_len(at));
    *ret_value = cel_from_json(json_object_iter_value(at));
    state->as.p = json_object_iter_next((json_t *)map.as.json, at);
    return true;
}

bool cel_next(struct cel_value collection, struct cel_value *state, struct cel_value *ret_key,
              struct cel_value *ret_value)
{
    uint32_t at = state->size;

    if (collection.type == CEL_MAP && collection.form == CEL_JSON)
        return next_member(collection, state, ret_key, ret_value);
    if (at >= cel_count(collection))
        return false;
    state->size = at + 1;
    *ret_key = collection.type == CEL_LIST ? cel_int(at) : collection.as.map->entries[at].key;
    *ret_value = collection.type == CEL_LIST ? cel_list_at(collection, at)
                                             : collection.as.map->entries[at].value;
    return true;
}
