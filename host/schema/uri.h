/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uri: references resolved against a base, as RFC 3986 section 5 has it. Private to host/schema.
 * Holds no state.
 */
#ifndef TDH_SCHEMA_URI_H
#define TDH_SCHEMA_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/** `reference` seen from `base`, new in the arena;
 * its fragment, if any, is kept. NULL without memory. */
char *tdh_js_uri_resolve(struct tdh_arena *arena, const char *base, const char *reference);
/** Decodes %XX in place. False when an escape is broken or gives a NUL. */
bool tdh_js_uri_decode(char *text);
/** Whether `length` bytes are a URI (absolute, with optional fragment)
 * by the grammar of RFC 3986. */
bool tdh_js_uri_is_valid(const char *text, size_t length);

#endif
