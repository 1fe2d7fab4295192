/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_make: documents with places out of texts of other notations than YAML, whose values may be
 * YAML.
 *
 * A document is made from its beginning to its end: tdh_yaml_make_map, then a key, its value, and
 * so on, and tdh_yaml_make_end. All that is checked of a YAML text is checked here too: repeated
 * keys, depth, values, bytes. Errors have NAME:LINE:COLUMN in front.
 */
#ifndef TDH_BASE_YAML_MAKE_H
#define TDH_BASE_YAML_MAKE_H

#include "base/yaml.h"

struct tdh_yaml_builder;

/** new: nothing yet. It ends with tdh_yaml_make_done or tdh_yaml_make_free. */
struct tdh_yaml_builder *tdh_yaml_make_new(const char *name, struct td_err *err);
/** Begins a map, a list; ends what was begun last. */
int tdh_yaml_make_map(struct tdh_yaml_builder *builder, struct tdh_place place, struct td_err *err);
int tdh_yaml_make_list(struct tdh_yaml_builder *builder, struct tdh_place place,
                       struct td_err *err);
int tdh_yaml_make_end(struct tdh_yaml_builder *builder, struct td_err *err);
/** A string; in a map a key, where one comes next. text: valid UTF-8. */
int tdh_yaml_make_text(struct tdh_yaml_builder *builder, const char *text, struct tdh_place place,
                       struct td_err *err);
/** What a text without quotes is in YAML: a number, true, null, a string. text: valid UTF-8. */
int tdh_yaml_make_word(struct tdh_yaml_builder *builder, const char *text, struct tdh_place place,
                       struct td_err *err);
/** The value that a text of YAML says; any bytes. */
int tdh_yaml_make_value(struct tdh_yaml_builder *builder, const char *text, size_t length,
                        struct tdh_place place, struct td_err *err);
/** The members of a YAML mapping, into the map that is open; any bytes. */
int tdh_yaml_make_members(struct tdh_yaml_builder *builder, const char *text, size_t length,
                          struct tdh_place place, struct td_err *err);
/** new: the document; takes the builder. */
struct tdh_yaml *tdh_yaml_make_done(struct tdh_yaml_builder *builder);
void tdh_yaml_make_free(struct tdh_yaml_builder *builder);

#endif
