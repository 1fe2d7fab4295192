/* SPDX-License-Identifier: Apache-2.0 */
/* then: a run as it was after one of its events. */
#ifndef TDH_CLI_THEN_H
#define TDH_CLI_THEN_H

#include <jansson.h>

/** Prints it. run: as tdh_runs_show gives it; then: as tdh_runs_at does. */
void tdh_then_print(const json_t *run, const json_t *then);

#endif
