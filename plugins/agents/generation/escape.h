/* SPDX-License-Identifier: Apache-2.0 */
/*
 * escape: writes values so that they stay values where they stand.
 */
#ifndef GENERATION_ESCAPE_H
#define GENERATION_ESCAPE_H

#include <jansson.h>
#include <stddef.h>

#include "kit/text.h"

/** For HTML text and for attributes in quotes. */
void escape_html(struct kit_text *out, const char *text, size_t length);
/** For running Markdown text and table cells: no mark, no line end, no HTML. */
void escape_md(struct kit_text *out, const char *text, size_t length);
/**
 * JSON that is also safe inside a script and in HTML text. What fits is on one line, the rest broken as a person would;
 * lines after the first are moved in by `indent` spaces.
 */
void escape_json(struct kit_text *out, const json_t *value, size_t indent);

#endif
