/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json: what the build agents do with JSON values over and over.
 */
#ifndef KIT_JSON_H
#define KIT_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <tdev/err.h>

#define KIT_JSON_BYTES (4U << 20) /* most bytes of one JSON data file */

/** The string member `key`, or `fallback`. */
const char *kit_str(const json_t *object, const char *key, const char *fallback);
/** The text of language `lang` in {"en": ..., "ko": ...}; English when there is none; "" when there is neither. */
const char *kit_in_lang(const json_t *texts, const char *lang);
/** Is the string in this list? */
bool kit_list_has(const json_t *list, const char *string);
/** The object of a list whose string member `key` is `value`, borrowed; NULL when there is none. */
json_t *kit_list_find(const json_t *list, const char *key, const char *value);

/** json_object_set_new and json_array_append_new that tell a lack of memory; `value` is taken, and may be NULL. */
int kit_put(json_t *object, const char *key, json_t *value, struct td_err *err);
int kit_push(json_t *list, json_t *value, struct td_err *err);
/** As kit_put, for a value whose maker tells its own failures: when it is NULL, err stays as it is. */
int kit_put_made(json_t *object, const char *key, json_t *value, struct td_err *err);

/** Reads a JSON file. err: TD_E_IO, TD_E_NOTFOUND, TD_E_CONFIG with FILE:LINE:COLUMN. Returns new, or NULL. */
json_t *kit_json_read(const char *path, struct td_err *err);

#endif
