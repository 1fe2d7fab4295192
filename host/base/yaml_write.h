/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_write: JSON values as YAML that people read, and that reads back as the same value.
 *
 * What fits on one line stands there ({a: 1, b: [x, y]}), the rest is indented; texts of several
 * lines are blocks (|); quotes stand only where they must, or where a person would want them.
 * Appends to a buffer: TDH_JSON_DEPTH and the lack of memory set its `failed`.
 */
#ifndef TDH_BASE_YAML_WRITE_H
#define TDH_BASE_YAML_WRITE_H

#include "base/buf.h"

#define TDH_YAML_COLUMNS 100 /* what is longer is not put on one line, where that can be helped */

/** A map's members, each on a line of its own, `indent` spaces in; an empty map or another value:
 * the value on a line. */
void tdh_yaml_write(struct tdh_buf *buf, const json_t *value, unsigned indent);
/** One member of a map, on lines of its own. is_quoted: its key stands in quotes whatever it is. */
void tdh_yaml_write_member(struct tdh_buf *buf, const char *key, const json_t *value,
                           unsigned indent, bool is_quoted);
/** Any value within the line. False, with nothing appended, when that would take more than
 * `columns`, or when it holds a text of several lines that reads better as a block. */
bool tdh_yaml_write_line(struct tdh_buf *buf, const json_t *value, size_t columns);
/** Is a text this string to YAML, without quotes, also within a list of one line? */
bool tdh_yaml_is_plain(const char *text, size_t length);
/** Can it stand as it is: UTF-8, nothing that is a control character or a line end? */
bool tdh_yaml_is_printable(const char *text, size_t length);
/** A string in quotes: single ones when that saves escapes. */
void tdh_yaml_write_quoted(struct tdh_buf *buf, const char *text, size_t length);

#endif
