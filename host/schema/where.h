/* SPDX-License-Identifier: Apache-2.0 */
/*
 * where: JSON Pointers (RFC 6901) of places in schemas and values. Private to host/schema.
 *
 * Nobody keeps pointers: nodes and steps know what is around them, and the text is made when an
 * error is told.
 */
#ifndef TDH_SCHEMA_WHERE_H
#define TDH_SCHEMA_WHERE_H

#include "schema/run.h"

/**
 * Where a keyword of a node stands, new; free() it. keyword NULL: the node itself. A node outside
 * the document of `root` gets "URI#" in front. NULL without memory.
 */
char *tdh_js_where_keyword(const struct tdh_js_node *node, const struct tdh_js_node *root,
                           const char *keyword);
/** Where in the value a run is, new; free() it.
 * *ret_parent_length: without the last step. NULL without memory. */
char *tdh_js_where_step(const struct tdh_js_step *step, size_t *ret_parent_length);
/** Writes a key as a JSON Pointer step with its "/",
 * without NUL, when `out` is not NULL. Returns its length. */
size_t tdh_js_where_escape(char *out, const char *key);

#endif
