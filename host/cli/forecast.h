/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forecast: shows what would become of plugins on a host: for `plugin check` and `plugin matrix`.
 */
#ifndef TDH_CLI_FORECAST_H
#define TDH_CLI_FORECAST_H

#include "cli/cli.h"

/**
 * The host of --against.
 *
 * ret_terms        what plugins are held against; this host when the option is not given
 * ret_is_other     whether it was given
 * err              TD_E_INVAL, to be told as a fault of usage
 */
int tdh_args_against(const struct tdh_args *args, const struct tdh_plugins *plugins,
                     struct tdh_terms *ret_terms, bool *ret_is_other, struct td_err *err);
/** {host, sdk, day}. new. */
json_t *tdh_cli_terms(const struct tdh_terms *terms);
/** "allow", "deprecated", "block". */
extern const char *const tdh_cli_verdicts[];
/** {path, name, version, kind, sdk, abi, outcome, gates: [{gate, outcome, text, hint}]}; what is
 * not known is not there. new. */
json_t *tdh_cli_forecast(const char *path, const struct tdh_forecast *forecast);
/** Prints what tdh_cli_forecast gave, for people. */
void tdh_cli_print_forecast(const json_t *forecast, const json_t *terms);

#endif
