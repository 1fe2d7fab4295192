/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_refusal: rows of a workflow and what reading it says, for tests of host/flow.
 */
#ifndef TDEV_TESTS_FLOW_REFUSAL_H
#define TDEV_TESTS_FLOW_REFUSAL_H

#include "flow_case.h"

/* One node a line, so that the first node of a row stands in line 5. */
#define END "- {id: e, type: end}\n"
#define TASK(id, rest) "- {id: " id DO ", " rest "}\n"
#define DO ", type: task, agent: any, action: do"

struct refusal {
    const char *next;  /* where the start "s" leads, of a workflow with the variables ok and n */
    const char *nodes; /* behind the start; with next NULL: the whole workflow */
    const char *want;  /* the error's text behind "t.yaml:", or "valid" */
};

/** Reads the workflow of a row; NULL: refused. */
struct tdh_definition *read_nodes(const char *next, const char *nodes, struct td_err *err);
/** Checks that each is refused as TD_E_CONFIG with its words, or is not. */
void check_refusals(const struct refusal *rows, size_t count);
#define CHECK_REFUSALS(rows) check_refusals(rows, sizeof(rows) / sizeof((rows)[0]))

#endif
