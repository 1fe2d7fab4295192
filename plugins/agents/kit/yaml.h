/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml: reads the YAML that people write for the catalogue into JSON values.
 *
 * The part of YAML 1.2 that has one obvious reading: one document of mappings, sequences and
 * scalars. Plain scalars are null, booleans and numbers as in JSON, else strings; quoted and block
 * scalars are strings. Anchors, aliases, tags, merge keys, repeated keys and keys that are not
 * strings are refused with their place.
 */
#ifndef KIT_YAML_H
#define KIT_YAML_H

#include <jansson.h>
#include <stddef.h>
#include <tdev/err.h>

#define KIT_YAML_BYTES (1U << 20) /* most bytes of one file */
#define KIT_YAML_DEPTH 32

/** Reads one text; `name` stands in messages. err: TD_E_CONFIG, `NAME:LINE:COLUMN: ...`. Returns
 * new, or NULL. */
json_t *kit_yaml_parse(const char *text, size_t length, const char *name, struct td_err *err);
/** Reads one file. err besides: TD_E_IO, TD_E_NOTFOUND, TD_E_LIMIT. Returns new, or NULL. */
json_t *kit_yaml_read(const char *path, struct td_err *err);

#endif
