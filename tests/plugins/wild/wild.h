/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wild: its attempts to do what a plugin may not.
 */
#ifndef WILD_H
#define WILD_H

#include <jansson.h>

/** Tries it. new: {"done": true}, or {"error": "EACCES"}. `input` may have a path, port or pid. */
json_t *wild_escape(const char *what, const json_t *input);

#endif
