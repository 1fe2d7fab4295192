/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dsl_write: what the files that write the text notation share.
 */
#ifndef TDH_FLOW_DSL_WRITE_H
#define TDH_FLOW_DSL_WRITE_H

#include "base/buf.h"
#include "base/yaml.h"

struct tdh_dsl_writing {
    struct tdh_buf *buf;
    const struct tdh_yaml *yaml; /* what is written; for the places of errors */
};

/* new: the text of a workflow, free(). err TD_E_CONFIG with FILE:LINE:COLUMN: it is none. */
char *tdh_dsl_write(const struct tdh_yaml *yaml, struct td_err *err);
void tdh_dsl_write_indent(struct tdh_buf *buf, unsigned indent);
/* An expression up to the end of the line: value is a string or a bool. */
void tdh_dsl_write_expression(struct tdh_buf *buf, const json_t *value);

/* dsl_write_edge.c. Can `next` of a node be written as edges? */
bool tdh_dsl_is_edges(const json_t *next);
/* The edges between nodes that stand side by side. */
int tdh_dsl_write_edges(const struct tdh_dsl_writing *writing, const json_t *nodes, unsigned indent,
                        struct td_err *err);

#endif
