/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template: text with marks, filled from JSON values.
 *
 *   {{html NAME}} {{json NAME}} {{md NAME}} {{text NAME}}   a value, escaped for where it stands
 *   {{#NAME}}...{{/NAME}}   once per item of a list; else kept when NAME is there and not false,
 *                           null, "" or empty
 *   {{^NAME}}...{{/NAME}}   the reverse
 *
 * NAME is a dotted path, looked for in the item at hand first and then outward; "." is the item
 * itself. A name that is not there is an error where its value is wanted, and false for a section.
 * A section mark alone on its line takes the line with it. A template is parsed once and rendered
 * many times, by any thread.
 */
#ifndef GENERATION_TEMPLATE_H
#define GENERATION_TEMPLATE_H

#include <jansson.h>
#include <stddef.h>
#include <tdev/err.h>

#define TEMPLATE_DEPTH 16   /* most sections within each other */
#define TEMPLATE_NODES 5000 /* most marks and pieces of text */

struct template;

/**
 * text  take: malloc()ed, freed by template_free, also when this fails
 * name  borrow, lives as long as the template: stands in errors, `NAME:LINE:COLUMN: ...`
 * err   TD_E_CONFIG: a mark that is no mark, a section that does not end; TD_E_LIMIT
 * Returns new; end it with template_free().
 */
struct template *template_parse(char *text, size_t length, const char *name, struct td_err *err);
void template_free(struct template *template);
/**
 * err  TD_E_CONFIG with the place: an unknown name, a value that has no text;
 *      TD_E_LIMIT: more than `limit_bytes`
 *
 * Returns new: a JSON string; NULL on failure.
 */
json_t *template_render(const struct template *template, const json_t *data, size_t limit_bytes,
                        struct td_err *err);

#endif
