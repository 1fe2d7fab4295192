/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_places: where the values of a document stand in its text. Private to yaml.
 *
 * A tree in document order: a node knows its parent and its own step of the JSON Pointer, so deep
 * documents with long keys cost no more than their text. The index that makes a lookup fast is
 * built by the first one.
 */
#ifndef TDH_BASE_YAML_PLACES_H
#define TDH_BASE_YAML_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/yaml.h"

#define TDH_YAML_NO_NODE UINT32_MAX

struct tdh_yaml_node {
    uint32_t parent;            /* TDH_YAML_NO_NODE: the root */
    uint32_t step, step_length; /* escaped as in a pointer, in `steps` */
    struct tdh_place place, key_place;
};

/* Zero-initialised is valid and empty.
 * Grows while one thread builds; afterwards any thread may look up. */
struct tdh_yaml_places {
    struct tdh_yaml_node *nodes; /* [0] is the root */
    uint32_t count, capacity;
    struct tdh_buf steps;
    _Atomic(uint32_t *) index; /* a hash table of nodes, set once; NULL: not built yet */
};

/** Adds the root. Returns its node, or TDH_YAML_NO_NODE without memory. */
uint32_t tdh_yaml_places_root(struct tdh_yaml_places *places, struct tdh_place place);
/** Adds a member of an object. Returns its node, or TDH_YAML_NO_NODE without memory. */
uint32_t tdh_yaml_places_member(struct tdh_yaml_places *places, uint32_t parent, const char *key,
                                size_t length, struct tdh_place key_place, struct tdh_place place);
/** Adds an element of an array. Returns its node, or TDH_YAML_NO_NODE without memory. */
uint32_t tdh_yaml_places_element(struct tdh_yaml_places *places, uint32_t parent, size_t index,
                                 struct tdh_place place);
/** The node of a pointer; of its nearest parent when it is not there.
 * NULL: there is no node at all. */
const struct tdh_yaml_node *tdh_yaml_places_find(struct tdh_yaml_places *places,
                                                 const char *pointer, bool *ret_is_exact);
/** The first member of a parent with this key, found without the index:
 * for the words on a repeated key. */
const struct tdh_yaml_node *tdh_yaml_places_first(const struct tdh_yaml_places *places,
                                                  uint32_t parent, const char *key, size_t length);
/** Frees the places themselves too; NULL is fine. */
void tdh_yaml_places_free(struct tdh_yaml_places *places);

#endif
