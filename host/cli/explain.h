/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain: what `tdev build --explain` prints: which words of the request each part of an app came
 * from, and what was added to them.
 */
#ifndef TDH_CLI_EXPLAIN_H
#define TDH_CLI_EXPLAIN_H

#include <jansson.h>

/** Prints the output of the workflow build-app; members that a workflow of the user's own leaves
 * out are not told. */
void tdh_explain(const json_t *output);

#endif
