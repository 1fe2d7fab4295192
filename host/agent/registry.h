/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry: snapshots of what can be found, with an index over the fields that queries name most.
 *
 * A snapshot never changes: it is made beside the one in use, swapped in, and freed when no finder
 * reads it any more. Entries are known by their place; places are in the order of names, so that
 * sorted lists of places are results in their order.
 */
#ifndef TDH_AGENT_REGISTRY_H
#define TDH_AGENT_REGISTRY_H

#include <stdatomic.h>

#include "agent/agent.h"
#include "base/map.h"
#include "base/semver.h"
#include "cel/cel.h"

/* What each entry has, in the order of the roots of a query. */
enum tdh_entry_field {
    TDH_ENTRY_NAME,
    TDH_ENTRY_KIND,
    TDH_ENTRY_VERSION,
    TDH_ENTRY_STATUS,
    TDH_ENTRY_PLUGIN,
    TDH_ENTRY_DESCRIPTION,
    TDH_ENTRY_EFFECTS,
    TDH_ENTRY_ISOLATION,
    TDH_ENTRY_TYPES,
    TDH_ENTRY_CAPABILITIES,
    TDH_ENTRY_TAGS,
    TDH_ENTRY_PERMISSIONS,
    TDH_ENTRY_CALLS,
    TDH_ENTRY_FAILURES,
    TDH_ENTRY_RUNNING,
    TDH_ENTRY_FIELDS
};

enum tdh_entry_type { TDH_ENTRY_TEXT, TDH_ENTRY_TEXTS, TDH_ENTRY_MAP, TDH_ENTRY_COUNT };

struct tdh_entry_row {
    const char *name;
    enum tdh_entry_type type;
    bool is_indexed;
    const char *text; /* for people */
};
extern const struct tdh_entry_row tdh_entry_rows[TDH_ENTRY_FIELDS];

/* Where a value occurs: places in ascending order. */
struct tdh_postings {
    uint32_t count, room;
    uint32_t *places;
};

/* Where a version occurs. */
struct tdh_entry_version {
    struct tdh_semver version;
    const struct tdh_postings *postings;
};

struct tdh_snapshot {
    uint64_t generation;
    uint32_t count;
    json_t **rows;         /* by place */
    const json_t **values; /* TDH_ENTRY_FIELDS of each, borrowed from rows or defaults */
    json_t *defaults[TDH_ENTRY_FIELDS];
    struct tdh_map postings; /* a byte for the field, then the value -> struct tdh_postings */
    struct tdh_entry_version *versions;
    size_t version_count;
    struct tdh_snapshot *next; /* of those that wait to be freed */
};

/** rows: an array of objects. err TD_E_INVAL names the row and the field, TD_E_EXISTS, TD_E_LIMIT.
 * new */
struct tdh_snapshot *tdh_snapshot_new(const json_t *rows, uint64_t generation, struct td_err *err);
void tdh_snapshot_free(struct tdh_snapshot *snapshot);
/** Where a field has a value; NULL: nowhere. The field is indexed. */
const struct tdh_postings *tdh_snapshot_look(const struct tdh_snapshot *snapshot,
                                             enum tdh_entry_field field, const char *text,
                                             size_t length);

enum { TDH_FINDERS_MAX = 64 };

struct tdh_registry {
    struct tdh_snapshot *_Atomic current;
    struct tdh_snapshot *_Atomic pins[TDH_FINDERS_MAX]; /* what each finder reads */
    atomic_bool is_taken[TDH_FINDERS_MAX];
    struct tdh_snapshot *retired; /* of the one who sets */
    uint64_t generation;
    json_t *schemas[TDH_ENTRY_FIELDS]; /* of the roots */
    struct tdh_cel_root roots[TDH_ENTRY_FIELDS];
};

/** The snapshot in use, kept until the next call with this pin. */
const struct tdh_snapshot *tdh_registry_pin(struct tdh_registry *registry, unsigned pin);

/* --- plans: query.c --- */

enum { TDH_QUERY_NODES = 256 };

enum tdh_query_kind {
    TDH_QUERY_SCAN,
    TDH_QUERY_LOOK,
    TDH_QUERY_RANGE,
    TDH_QUERY_ALL,
    TDH_QUERY_ANY
};

/* A tree: ALL intersects its children, ANY unites them. */
struct tdh_query_node {
    enum tdh_query_kind kind;
    enum tdh_entry_field field;
    const char *text; /* borrowed from the program, or static */
    size_t length;
    struct tdh_range *range; /* of RANGE */
    uint16_t child, sibling; /* node + 1; 0: none */
};

struct tdh_query {
    struct tdh_cel *cel;
    struct tdh_query_node *nodes;
    unsigned count, root;
    bool is_exact; /* the index alone decides */
};

/** err TD_E_INVAL: what the query is not. new */
struct tdh_query *tdh_query_new(const struct tdh_registry *registry, const char *query,
                                struct td_err *err);
void tdh_query_free(struct tdh_query *plan);

/* Places in ascending order, or all there are. */
struct tdh_places {
    const uint32_t *list; /* in the arena, or in the index */
    uint32_t count;
    bool is_all;
};
/** What the index leaves over for the expression. False: without memory. */
bool tdh_query_places(const struct tdh_query *plan, const struct tdh_snapshot *snapshot,
                      struct tdh_arena *arena, struct tdh_places *ret_places);
/** The plan as data, with how many entries each step leaves. new */
json_t *tdh_query_describe(const struct tdh_query *plan, const struct tdh_snapshot *snapshot,
                           struct tdh_arena *arena);

#endif
