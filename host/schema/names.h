/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names: a fixed set of keys with a node each, for lookups that must be fast. Private to
 * host/schema.
 */
#ifndef TDH_SCHEMA_NAMES_H
#define TDH_SCHEMA_NAMES_H

#include "schema/node.h"

/** An empty set with room for `count` keys, in the arena. NULL without memory. */
struct tdh_js_names *tdh_js_names_new(struct tdh_arena *arena, size_t count);
/** Adds a key (borrow: lives as long as the set).
 * False when it is there already. Not more often than there is room. */
bool tdh_js_names_add(struct tdh_js_names *names, const char *key, const struct tdh_js_node *node);
/** The slot of a key, or NULL. */
const struct tdh_js_name *tdh_js_names_get(const struct tdh_js_names *names, const char *key);

#endif
