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

/** The string member `key`, or `fallback`. */
const char *kit_str(const json_t *object, const char *key, const char *fallback);
/** The text of language `lang` in {"en": ..., "ko": ...}; English when there is none; "" when there
 * is neither. */
const char *kit_in_lang(const json_t *texts, const char *lang);
/** Is the string in this list? */
bool kit_list_has(const json_t *list, const char *string);
/** The object of a list whose string member `key` is `value`, borrowed; NULL when there is none. */
json_t *kit_list_find(const json_t *list, const char *key, const char *value);

/** json_object_set_new and json_array_append_new that tell a lack of memory; `value` is taken, and
 * may be NULL. */
int kit_put(json_t *object, const char *key, json_t *value, struct td_err *err);
int kit_push(json_t *list, json_t *value, struct td_err *err);
/** As kit_put, for a value whose maker tells its own failures: when it is NULL, err stays as it is.
 */
int kit_put_made(json_t *object, const char *key, json_t *value, struct td_err *err);

/** The same members or items in another object or list; new. NULL: no memory, told in err
 * (json_copy would leave some out). */
json_t *kit_copy(const json_t *value, struct td_err *err);

#endif
