/* SPDX-License-Identifier: Apache-2.0 */
/*
 * matrix: the compatibility matrix as one JSON value, which its other forms are made of:
 *
 *   {on: {host, sdk, day},
 *    rules: [{line, plugin, version, with: {plugin, version}, host, sdk, verdict, reason,
 *             replaced_by, since, until}],
 *    plugins: [{name, kind, version, path, sdk, abi, verdict, line, why}],
 *    pairs: [{plugin, version, with: {plugin, version}, verdict, line, why}]}
 *
 * A plugin's verdict is allow, deprecated or block, by the rule in that line or because no rule
 * fits (line null); refused, for another reason; unknown. sdk and abi, of which it was built, are
 * null when it does not say so.
 */
#ifndef TDH_CLI_MATRIX_H
#define TDH_CLI_MATRIX_H

#include <jansson.h>
#include <tdev/err.h>

/** Writes the matrix as a page of HTML that needs nothing else. err: TD_E_IO, TD_E_NOMEM. */
int tdh_matrix_html(const json_t *matrix, const char *path, struct td_err *err);

#endif
