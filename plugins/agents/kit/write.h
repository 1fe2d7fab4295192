/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write: JSON values as text. Says when it finds no memory, which jansson's own writer does not
 * always do.
 */
#ifndef KIT_WRITE_H
#define KIT_WRITE_H

#include <jansson.h>
#include <stddef.h>

#include "text.h"

#define KIT_WRITE_DEPTH 64  /* deeper values fail as a lack of memory does */
#define KIT_WRITE_WIDTH 140 /* bytes of a line after which kit_write_pretty breaks a value */

/** On one line, the members sorted by key: the same value always gives the same bytes. */
void kit_write_sorted(struct kit_text *out, const json_t *value);
/**
 * As a person would write it: what fits is on one line, the rest is broken, and lines after the
 * first moved in by `indent` spaces. Safe inside a script and in HTML text: <, >, & and the two
 * Unicode line separators are escaped.
 */
void kit_write_pretty(struct kit_text *out, const json_t *value, size_t indent);

#endif
