/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_places: nodes in an array, their steps in one text, and a hash index over parent and step.
 */
#include "base/yaml_places.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"

enum { NODES_MIN = 64 };

static bool has_room(struct tdh_yaml_places *places)
{
    uint32_t capacity = places->capacity != 0 ? places->capacity * 2 : NODES_MIN;
    struct tdh_yaml_node *nodes;

    if (places->count < places->capacity)
        return true;
    nodes = realloc(places->nodes, capacity * sizeof(*nodes));
    if (nodes == NULL)
        return false;
    places->nodes = nodes;
    places->capacity = capacity;
    return true;
}

/* Adds a node whose step is what `steps` has from `step` on. */
static uint32_t add(struct tdh_yaml_places *places, uint32_t parent, size_t step,
                    struct tdh_place key_place, struct tdh_place place)
{
    if (places->steps.failed || places->steps.length > UINT32_MAX || !has_room(places))
        return TDH_YAML_NO_NODE;
    places->nodes[places->count] = (struct tdh_yaml_node){
        .parent = parent,
        .step = (uint32_t)step,
        .step_length = (uint32_t)(places->steps.length - step),
        .place = place,
        .key_place = key_place,
    };
    return places->count++;
}

uint32_t tdh_yaml_places_root(struct tdh_yaml_places *places, struct tdh_place place)
{
    return add(places, TDH_YAML_NO_NODE, places->steps.length, (struct tdh_place){ 0 }, place);
}

uint32_t tdh_yaml_places_member(struct tdh_yaml_places *places, uint32_t parent, const char *key,
                                size_t length, struct tdh_place key_place, struct tdh_place place)
{
    size_t step = places->steps.length;

    tdh_buf_pointer(&places->steps, key, length);
    return add(places, parent, step, key_place, place);
}

uint32_t tdh_yaml_places_element(struct tdh_yaml_places *places, uint32_t parent, size_t index,
                                 struct tdh_place place)
{
    size_t step = places->steps.length;

    tdh_buf_char(&places->steps, '/');
    tdh_buf_int(&places->steps, (int64_t)index);
    return add(places, parent, step, (struct tdh_place){ 0 }, place);
}

static uint64_t hash_step(uint32_t parent, const char *step, size_t length)
{
    return tdh_hash(step, length) + parent * UINT64_C(0x9E3779B97F4A7C15);
}

/* Slots of the index: a power of two, at least half of them empty. They hold a node's number plus
 * one. */
static size_t index_size(const struct tdh_yaml_places *places)
{
    size_t size = NODES_MIN;

    while (size < (size_t)places->count * 2)
        size *= 2;
    return size;
}

static uint32_t *build_index(const struct tdh_yaml_places *places)
{
    size_t mask = index_size(places) - 1;
    uint32_t *index = calloc(mask + 1, sizeof(*index));

    for (uint32_t i = 0; index != NULL && i < places->count; i++) {
        const struct tdh_yaml_node *node = &places->nodes[i];
        size_t at =
            hash_step(node->parent, places->steps.data + node->step, node->step_length) & mask;

        while (index[at] != 0)
            at = (at + 1) & mask;
        index[at] = i + 1;
    }
    return index;
}

/* The index, or NULL without memory. Two threads may build it at once; the second throws its own
 * away. */
static const uint32_t *get_index(struct tdh_yaml_places *places)
{
    uint32_t *index = atomic_load_explicit(&places->index, memory_order_acquire);
    uint32_t *built;

    if (index != NULL)
        return index;
    built = build_index(places);
    if (built == NULL || atomic_compare_exchange_strong(&places->index, &index, built))
        return built;
    free(built);
    return index;
}

static bool node_is(const struct tdh_yaml_places *places, const struct tdh_yaml_node *node,
                    uint32_t parent, const char *step, size_t length)
{
    return node->parent == parent && node->step_length == length &&
           memcmp(places->steps.data + node->step, step, length) == 0;
}

/* Without an index, since the search must not fail: one look at every node. */
static const struct tdh_yaml_node *scan(const struct tdh_yaml_places *places, uint32_t parent,
                                        const char *step, size_t length)
{
    for (uint32_t i = 1; i < places->count; i++)
        if (node_is(places, &places->nodes[i], parent, step, length))
            return &places->nodes[i];
    return NULL;
}

static const struct tdh_yaml_node *find_child(struct tdh_yaml_places *places, uint32_t parent,
                                              const char *step, size_t length)
{
    const uint32_t *index = get_index(places);
    size_t mask = index_size(places) - 1;

    if (index == NULL)
        return scan(places, parent, step, length);
    for (size_t at = hash_step(parent, step, length) & mask; index[at] != 0; at = (at + 1) & mask) {
        const struct tdh_yaml_node *node = &places->nodes[index[at] - 1];

        if (node_is(places, node, parent, step, length))
            return node;
    }
    return NULL;
}

const struct tdh_yaml_node *tdh_yaml_places_find(struct tdh_yaml_places *places,
                                                 const char *pointer, bool *ret_is_exact)
{
    const struct tdh_yaml_node *node = places->count != 0 ? &places->nodes[0] : NULL;

    *ret_is_exact = node != NULL;
    while (node != NULL && *pointer == '/') {
        size_t length = 1 + strcspn(pointer + 1, "/");
        const struct tdh_yaml_node *child =
            find_child(places, (uint32_t)(node - places->nodes), pointer, length);

        if (child == NULL) {
            *ret_is_exact = false;
            break;
        }
        node = child;
        pointer += length;
    }
    return node;
}

const struct tdh_yaml_node *tdh_yaml_places_first(const struct tdh_yaml_places *places,
                                                  uint32_t parent, const char *key, size_t length)
{
    struct tdh_buf step = { 0 };
    const struct tdh_yaml_node *node = NULL;

    tdh_buf_pointer(&step, key, length);
    if (!step.failed)
        node = scan(places, parent, step.data, step.length);
    tdh_buf_free(&step);
    return node;
}

void tdh_yaml_places_free(struct tdh_yaml_places *places)
{
    if (places == NULL)
        return;
    free(places->nodes);
    free(atomic_load(&places->index));
    tdh_buf_free(&places->steps);
    free(places);
}
