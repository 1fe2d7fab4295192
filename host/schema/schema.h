/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema: JSON Schema 2020-12 (json-schema.org/draft/2020-12), compiled once and applied many times.
 *
 * A compiled schema is immutable and may be used in many threads at once. References never leave the process: other
 * documents are given as resources. Patterns are PCRE2 with UTF, match limits, and at most 50 nested parentheses.
 */
#ifndef TDH_SCHEMA_SCHEMA_H
#define TDH_SCHEMA_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <tdev/err.h>

#include "base/yaml.h"

#define TDH_SCHEMA_ERRORS 20 /* most errors collected by tdh_schema_errors */

struct tdh_schema_resource {
    const char *uri;
    const json_t *document;
};

struct tdh_schema_options {
    const char *uri;                             /* of the root document, may be NULL */
    const struct tdh_schema_resource *resources; /* other documents that may be referred to; borrowed for the compile */
    size_t resource_count;
    bool is_format_asserted; /* date-time date time email uri uuid ipv4 ipv6 regex; other formats stay annotations */
};

struct tdh_schema;

/** err: TD_E_INVAL with the JSON Pointer of the bad keyword; TD_E_NOTFOUND: a reference to a document not given;
 * TD_E_LIMIT. options may be NULL. Returns new; tdh_schema_free(). */
struct tdh_schema *tdh_schema_compile(const json_t *document, const struct tdh_schema_options *options, struct td_err *err);
void tdh_schema_free(struct tdh_schema *schema);
/** True when every value is valid (`true`, `{}`, annotations only): callers skip the check. */
bool tdh_schema_accepts_all(const struct tdh_schema *schema);

/**
 * Checks one value and stops at the first error. Allocates nothing for common schemas when the value is valid.
 * err  TD_E_INVAL: `INSTANCE_PATH: what is wrong (schema SCHEMA_PATH)`; "did you mean" for unknown keys and enum values
 */
int tdh_schema_check(const struct tdh_schema *schema, const json_t *value, struct td_err *err);
/** As tdh_schema_check; the text begins with FILE:LINE:COLUMN of the value in the YAML document. */
int tdh_schema_check_yaml(const struct tdh_schema *schema, const struct tdh_yaml *yaml, struct td_err *err);

/**
 * All errors, new: [{"instance": "/a", "schema": "/properties/a/type", "keyword": "type", "text": "..."}], empty when valid,
 * at most TDH_SCHEMA_ERRORS. NULL without memory.
 */
json_t *tdh_schema_errors(const struct tdh_schema *schema, const json_t *value, struct td_err *err);

#endif
