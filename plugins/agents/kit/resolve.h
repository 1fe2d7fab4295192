/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve: from the components that were chosen to all that must come, in the order in which they
 * are loaded.
 *
 * A component stands behind everything it requires, and in alphabetical order where that leaves a
 * choice, so the same components always have the same order.
 */
#ifndef KIT_RESOLVE_H
#define KIT_RESOLVE_H

#include "catalogue.h"

/* The components in load order, of the catalogue; kit_order_free() frees `items`. */
struct kit_order {
    const struct kit_component **items;
    size_t count;
};

/**
 * chosen     list of objects whose "component" is a name in the catalogue
 * generated  list of objects whose "requires" are such names, since they need theirs, too; or NULL
 * err        TD_E_DEPENDENCY: what is missing, the whole cycle, or the two that exclude each other,
 *            by name
 */
int kit_resolve(const struct kit_catalogue *catalogue, const char *stack, const json_t *chosen,
                const json_t *generated, struct kit_order *ret_order, struct td_err *err);
void kit_order_free(struct kit_order *order);
/** Does `component` require `other`, itself or through what it requires? Both are of one resolved
 * order. */
bool kit_order_rests_on(const struct kit_order *order, const struct kit_component *component,
                        const struct kit_component *other);

#endif
