/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_scalar: what a scalar of YAML 1.2 means under the core schema. Private to yaml.
 *
 * Knows texts and tags, no places: the caller puts the place in front of an error.
 */
#ifndef TDH_BASE_YAML_SCALAR_H
#define TDH_BASE_YAML_SCALAR_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <tdev/err.h>

/**
 * The value of a scalar.
 *
 * text      valid UTF-8, `length` bytes and a NUL
 * tag       the resolved tag, or NULL when there is none
 * is_plain  written without quotes and not as a block
 * err       TD_E_INVAL: a tag that is not known or does not fit the text, a number that JSON cannot
 *           hold; TD_E_NOMEM
 * Returns new, or NULL.
 */
json_t *tdh_yaml_scalar(const char *text, size_t length, const char *tag, bool is_plain,
                        struct td_err *err);
/** Refuses a tag of a scalar that is not known: for keys, which are taken as text. */
int tdh_yaml_scalar_tag(const char *tag, struct td_err *err);
/** Refuses any tag of a collection but its own; name is "map" or "seq". */
int tdh_yaml_collection_tag(const char *tag, const char *name, struct td_err *err);

#endif
