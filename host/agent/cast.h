/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cast: who has the roles of an agent's plugin (`uses` of its manifest): as the agent's file says
 * (`uses: {mailer: post}`), or the manifest's defaults.
 */
#ifndef TDH_AGENT_CAST_H
#define TDH_AGENT_CAST_H

#include "agent/internal.h"

/**
 * Who has each role, from files and manifests alone: nothing is opened. Whoever has one is there,
 * has the action, and its schemas go with the role's as far as that can be told; and nobody comes
 * back to itself along roles that are not optional.
 *
 * file      the agent's; NULL: it has none
 * ret_cast  new: a name for each role of the manifest, NULL: nobody; tdh_cast_free(). NULL: the
 *           manifest has no roles
 * err       TD_E_DEPENDENCY with FILE:LINE:COLUMN of the file, or of the manifest's row;
 * TD_E_CONFIG: `uses` of the file is none
 */
int tdh_cast_read(struct tdh_agents *agents, const char *name, const struct tdh_yaml *file,
                  const struct tdh_manifest *manifest, char ***ret_cast, struct td_err *err);
void tdh_cast_free(char **cast, const struct tdh_manifest *manifest);
/** {role: {agent, action, optional} ...}, agent null: nobody. new */
json_t *tdh_cast_describe(char *const *cast, const struct tdh_manifest *manifest);

#endif
