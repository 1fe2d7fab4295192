/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain: text from outside must not move a terminal's cursor, set its title, or turn the order of
 * letters around.
 */
#ifndef TDH_BASE_PLAIN_H
#define TDH_BASE_PLAIN_H

#include <stddef.h>
#include <stdio.h>

/** How many bytes at the beginning of the text are a control character (C0, DEL, C1), or one that
 * changes the direction of text (U+202A to U+202E, U+2066 to U+2069); 0: it begins with neither. */
size_t tdh_steering(const char *text);
/** Prints it with "?" for each of those. */
void tdh_print_plain(FILE *file, const char *text);

#endif
