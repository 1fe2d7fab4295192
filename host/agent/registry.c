/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry: which snapshot is in use, and which are still read.
 *
 * A finder says what it is about to read, then looks whether that is still in use; who swaps does
 * it in the other order. So a snapshot that no finder names is read by nobody, and nobody waits.
 */
#include "agent/registry.h"

#include <stdlib.h>

static json_t *new_schema(enum tdh_entry_type type)
{
    switch (type) {
    case TDH_ENTRY_TEXT:
        return json_pack("{s:s}", "type", "string");
    case TDH_ENTRY_TEXTS:
        return json_pack("{s:s, s:{s:s}}", "type", "array", "items", "type", "string");
    case TDH_ENTRY_MAP:
        return json_pack("{s:s}", "type", "object");
    case TDH_ENTRY_COUNT:
        return json_pack("{s:s}", "type", "integer");
    }
    return NULL;
}

struct tdh_registry *tdh_registry_new(struct td_err *err)
{
    struct tdh_registry *registry = calloc(1, sizeof(*registry));
    json_t *nothing = json_array();
    bool is_whole = registry != NULL && nothing != NULL;

    for (unsigned field = 0; is_whole && field < TDH_ENTRY_FIELDS; field++) {
        registry->schemas[field] = new_schema(tdh_entry_rows[field].type);
        registry->roots[field] =
            (struct tdh_cel_root){ tdh_entry_rows[field].name, registry->schemas[field] };
        is_whole = registry->schemas[field] != NULL;
    }
    if (!is_whole)
        td_fail(err, TD_E_NOMEM, "could not allocate the registry");
    else
        is_whole = tdh_registry_set(registry, nothing, err) == 0;
    json_decref(nothing);
    if (is_whole)
        return registry;
    tdh_registry_free(registry);
    return NULL;
}

void tdh_registry_free(struct tdh_registry *registry)
{
    if (registry == NULL)
        return;
    tdh_snapshot_free(atomic_load(&registry->current));
    while (registry->retired != NULL) {
        struct tdh_snapshot *next = registry->retired->next;

        tdh_snapshot_free(registry->retired);
        registry->retired = next;
    }
    for (unsigned field = 0; field < TDH_ENTRY_FIELDS; field++)
        json_decref(registry->schemas[field]);
    free(registry);
}

static bool is_read(const struct tdh_registry *registry, const struct tdh_snapshot *snapshot)
{
    for (unsigned pin = 0; pin < TDH_FINDERS_MAX; pin++)
        if (atomic_load(&registry->pins[pin]) == snapshot)
            return true;
    return false;
}

/* What was replaced and is read no more. At most one per finder stays. */
static void free_retired(struct tdh_registry *registry)
{
    struct tdh_snapshot **at = &registry->retired;

    while (*at != NULL) {
        struct tdh_snapshot *snapshot = *at;

        if (is_read(registry, snapshot)) {
            at = &snapshot->next;
            continue;
        }
        *at = snapshot->next;
        tdh_snapshot_free(snapshot);
    }
}

int tdh_registry_set(struct tdh_registry *registry, const json_t *rows, struct td_err *err)
{
    struct tdh_snapshot *snapshot = tdh_snapshot_new(rows, registry->generation + 1, err), *old;

    if (snapshot == NULL)
        return -1;
    registry->generation++;
    old = atomic_exchange(&registry->current, snapshot);
    if (old != NULL) {
        old->next = registry->retired;
        registry->retired = old;
    }
    free_retired(registry);
    return 0;
}

const struct tdh_snapshot *tdh_registry_pin(struct tdh_registry *registry, unsigned pin)
{
    struct tdh_snapshot *snapshot = atomic_load(&registry->current);

    atomic_store(&registry->pins[pin], snapshot);
    while (atomic_load(&registry->current) != snapshot) {
        snapshot = atomic_load(&registry->current);
        atomic_store(&registry->pins[pin], snapshot);
    }
    return snapshot;
}
