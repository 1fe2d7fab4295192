/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flows: what its two units share: files (flows.c), and what is deployed (deployed.c).
 */
#ifndef TDH_FLOW_FLOWS_H
#define TDH_FLOW_FLOWS_H

#include <pthread.h>
#include <sys/stat.h>

#include "base/map.h"
#include "flow/plan.h"
#include "flow/version.h"

struct tdh_flows_entry {
    struct stat status; /* of the file when it was read */
    struct tdh_definition *definition;
};

struct tdh_flows {
    char **folders;
    size_t folder_count;
    struct tdh_flow_world outside; /* what the caller knows */
    struct tdh_flow_world
        world; /* the same, and the names of workflows when the caller does not check them */
    pthread_mutex_t lock;
    struct tdh_map entries;        /* by path */
    struct tdh_versions *versions; /* NULL: nothing is deployed, as far as is known */
};

/* file.c: names of workflows; takes name. A folder that is not there has none. */
struct tdh_names {
    char **list;
    size_t count, room;
};
void tdh_names_free(struct tdh_names *names);
int tdh_names_add(struct tdh_names *names, char *name);
int tdh_names_read(const char *folder, struct tdh_names *names);

/* flow.c: as tdh_flow_remake, with what starts it. */
struct tdh_definition *tdh_flow_remake_deployed(const json_t *text, struct td_err *err);

/* deployed.c: by name, or the newest in a range */
struct tdh_wanted {
    const char *id;
    const struct tdh_range *range; /* NULL: the active one */
    const char *words;             /* the range, as written */
};

bool tdh_flows_has(struct tdh_flows *flows, const char *id);
/* Made from its text when it is wanted first; new reference. err TD_OK: nothing of that name is
 * deployed; TD_E_DEPENDENCY: none is in the range. */
struct tdh_definition *tdh_flows_deployed(struct tdh_flows *flows, const struct tdh_wanted *wanted,
                                          struct td_err *err);

#endif
