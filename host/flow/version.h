/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version: versions of workflows that the store keeps, as they were when it was read last.
 *
 * Immutable once read, but for definitions that are made when somebody first wants them; who
 * replaces the whole keeps what did not change.
 */
#ifndef TDH_FLOW_VERSION_H
#define TDH_FLOW_VERSION_H

#include "base/semver.h"
#include "flow/flow.h"

/*
 * By ID: {active: VERSION, versions: [{version, hash, deployed_us}], before: [VERSION]}, in the
 * order they were deployed; `before` are those that were active, the newest last.
 */
#define TDH_DEPLOYED_SPACE "deployed"
#define TDH_VERSION_SPACE "version" /* by ID/VERSION: its text */
#define TDH_MARK_SPACE "mark"       /* one record, written with each change of the others */
#define TDH_MARK "workflows"

enum { TDH_FLOW_KEY = 256 }; /* bytes of ID/VERSION with its NUL */

struct tdh_version {
    char *name; /* its number, as written */
    struct tdh_semver number;
    json_t *text;
    struct tdh_definition *definition; /* NULL: not made yet */
};

struct tdh_deployed {
    char *id;
    json_t *head; /* its record */
    struct tdh_version *versions;
    size_t count, active;
};

struct tdh_versions {
    struct tdh_deployed *list; /* by id */
    size_t count;
    uint64_t mark; /* version of the mark's record; 0: nothing was ever deployed */
};

/* Reads all of them. err TD_E_CORRUPT. new */
TD_YIELDS struct tdh_versions *tdh_versions_read(struct tdh_store *store, struct td_err *err);
void tdh_versions_free(struct tdh_versions *versions);
/* NULL: nothing of that name is deployed. */
struct tdh_deployed *tdh_versions_of(const struct tdh_versions *versions, const char *id);
/* The newest in that range; NULL: none is. */
struct tdh_version *tdh_version_in(const struct tdh_deployed *deployed,
                                   const struct tdh_range *range);
/* Definitions that were made, for texts that are the same. */
void tdh_versions_inherit(struct tdh_versions *versions, const struct tdh_versions *old);

#endif
