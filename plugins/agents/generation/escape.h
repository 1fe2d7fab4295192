/* SPDX-License-Identifier: Apache-2.0 */
/*
 * escape: writes texts so that they stay texts where they stand.
 */
#ifndef GENERATION_ESCAPE_H
#define GENERATION_ESCAPE_H

#include <stddef.h>

#include "kit/text.h"

/** For HTML text and for attributes in quotes. */
void escape_html(struct kit_text *out, const char *text, size_t length);
/** For running Markdown text and table cells: no mark, no line end, no HTML. */
void escape_md(struct kit_text *out, const char *text, size_t length);

#endif
