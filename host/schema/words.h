/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words: what people are told about values. Private to host/schema.
 *
 * Strings of the checked value are shown only where they were to be one of a few known words: what
 * does not match a pattern or a format may be a secret.
 */
#ifndef TDH_SCHEMA_WORDS_H
#define TDH_SCHEMA_WORDS_H

#include "base/buf.h"
#include "schema/run.h"

/** Appends a value as JSON, cut when it is long. */
void tdh_js_words_value(struct tdh_buf *buf, const json_t *value);
/** Tells `start` and the words, and ends the buffer. Returns false. */
bool tdh_js_words_fail(struct tdh_js_run *run, const struct tdh_js_rule *rule, const char *start,
                       struct tdh_buf *words);
/** Tells that a value is none of `allowed`, and which one may have been meant. Returns false. */
bool tdh_js_words_fail_enum(struct tdh_js_run *run, const struct tdh_js_rule *rule,
                            const json_t *allowed, const json_t *value);

#endif
