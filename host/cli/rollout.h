/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollout: where the files of rollouts are.
 */
#ifndef TDH_CLI_ROLLOUT_H
#define TDH_CLI_ROLLOUT_H

#include "cli/cli.h"

/** new: the folder; NULL without memory. */
char *tdh_cli_rollouts(const struct tdh_host *host);

#endif
