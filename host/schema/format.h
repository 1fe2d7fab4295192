/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format: the formats that can be asserted. Private to host/schema. Holds no state.
 */
#ifndef TDH_SCHEMA_FORMAT_H
#define TDH_SCHEMA_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

struct tdh_js_format {
    const char *name;
    bool (*is_valid)(const char *text, size_t length);
};

/** The row of a format, or NULL when it is not one that is asserted. */
const struct tdh_js_format *tdh_js_format_find(const char *name);

#endif
