/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ecma: rewrites a regular expression of ECMA-262 (Unicode mode) into one of PCRE2. Private to
 * host/schema.
 */
#ifndef TDH_SCHEMA_ECMA_H
#define TDH_SCHEMA_ECMA_H

#include <stddef.h>
#include <tdev/err.h>

#include "base/buf.h"

/**
 * Appends the PCRE2 spelling of `text`. What is left to PCRE2 to refuse: unbalanced brackets,
 * ranges out of order. err: TD_E_INVAL: not ECMA-262; TD_E_LIMIT: more than TDH_PATTERN_NEST
 * parentheses inside each other; TD_E_NOMEM
 */
int tdh_js_ecma_rewrite(const char *text, size_t length, struct tdh_buf *out, struct td_err *err);

#endif
