/* SPDX-License-Identifier: Apache-2.0 */
/* budget: the option --budget, and budgets of runs on a terminal. */
#ifndef TDH_CLI_BUDGET_H
#define TDH_CLI_BUDGET_H

#include "cli/cli.h"

/** Reads all --budget. ret_given: NULL when there is none, else ret_limits. err TD_E_INVAL. */
int tdh_args_budget(const struct tdh_args *args, struct tdh_meters *ret_limits,
                    const struct tdh_meters **ret_given, struct td_err *err);
/** Is each of them a meter that the run has a limit for, or has used? NULL limits are. err
 * TD_E_INVAL with the nearest name. */
int tdh_budget_check(const json_t *record, const struct tdh_meters *limits, struct td_err *err);
/** One line of a run's `budget` and `spent`: "cost 2.48 of 2.5, calls 12". Nothing without any. */
void tdh_budget_print(const json_t *record);

#endif
