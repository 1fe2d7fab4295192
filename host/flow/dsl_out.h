/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dsl_out: what the files that say statements as a document share.
 */
#ifndef TDH_FLOW_DSL_OUT_H
#define TDH_FLOW_DSL_OUT_H

#include "base/yaml_make.h"
#include "flow/dsl.h"

/* A text whose document is being made. */
struct tdh_dsl_reading {
    struct tdh_dsl *dsl;
    struct tdh_yaml_builder *out;
    const char *name;
};

/* dsl_out.c: says one thing at the place where it stands. A span is a string; with is_word it is
 * what YAML takes it for. */
bool tdh_dsl_is(const struct tdh_dsl_span *span, const char *text);
int tdh_dsl_out_text(struct tdh_dsl_reading *reading, const struct tdh_dsl_span *span, bool is_word,
                     struct td_err *err);
int tdh_dsl_out_member(struct tdh_dsl_reading *reading, const char *key,
                       const struct tdh_dsl_span *value, struct td_err *err);
int tdh_dsl_out_value(struct tdh_dsl_reading *reading, enum tdh_dsl_value kind,
                      const struct tdh_dsl_span *span, struct td_err *err);
/* All that is left at the cursor. */
int tdh_dsl_out_expression(struct tdh_dsl_reading *reading, struct tdh_dsl_cursor cursor,
                           struct td_err *err);
/* KEY: VALUE, the cursor behind ":"; an expression is all that is left of the line. */
int tdh_dsl_out_item(struct tdh_dsl_reading *reading, struct tdh_dsl_cursor *cursor,
                     const struct tdh_dsl_span *key, struct td_err *err);
/* The keys that stand in the line of a node or trigger. */
int tdh_dsl_out_items(struct tdh_dsl_reading *reading, struct tdh_dsl_cursor *cursor,
                      struct td_err *err);

#endif
