/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text: texts that grow in the arena of a run.
 */
#ifndef TDH_CEL_TEXT_H
#define TDH_CEL_TEXT_H

#include "base/utf8.h"
#include "cel/run.h"

struct cel_text {
    struct cel_run *run;
    char *data;
    size_t length, capacity;
};

/* Past the memory bound they do nothing, and the run stops at its next step. */
void cel_text_add(struct cel_text *text, const char *bytes, size_t length);
void cel_text_puts(struct cel_text *text, const char *bytes);
void cel_text_char(struct cel_text *text, char c);
struct cel_value cel_text_done(const struct cel_text *text);

#endif
