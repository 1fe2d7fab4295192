/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan: what `workflow graph --plan` shows: the times of a workflow, and its critical path.
 */
#ifndef TDH_CLI_PLAN_H
#define TDH_CLI_PLAN_H

#include "cli/cli.h"

/**
 * The times of a workflow: of agents from their manifests, with --history those that earlier runs
 * took, which needs the store.
 *
 * ret_plan  new: as tdh_critical_json, with `earlier_runs`
 * Returns new; tdh_critical_free(). NULL: err.
 */
TD_YIELDS struct tdh_critical *tdh_plan_times(struct tdh_host *host, const struct tdh_args *args,
                                              const struct tdh_definition *definition,
                                              json_t **ret_plan, struct td_err *err);
/** For people, to standard output. */
void tdh_plan_print(const json_t *plan);

#endif
