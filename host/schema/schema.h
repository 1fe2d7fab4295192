/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema: JSON Schema 2020-12 (json-schema.org/draft/2020-12), compiled once and applied many
 * times.
 *
 * A compiled schema is immutable and may be used in many threads at once. References never leave
 * the process: other documents are given as resources; those of the dialect itself are built in.
 * Patterns are PCRE2 with UTF, match limits, and at most 50 nested parentheses. What is supported,
 * the words of errors and the limits stand in docs/schema.md.
 *
 * Checks run on the caller's stack, coroutines included: they use at most about 128 KiB of it.
 */
#ifndef TDH_SCHEMA_SCHEMA_H
#define TDH_SCHEMA_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <tdev/err.h>

#include "base/yaml.h"

#define TDH_SCHEMA_ERRORS 20 /* most errors collected by tdh_schema_errors */

/* A document that may be referred to, and the URI it would be fetched from. */
struct tdh_schema_resource {
    const char *uri;
    const json_t *document;
};

struct tdh_schema_options {
    const char *uri;                             /* of the root document, may be NULL */
    const struct tdh_schema_resource *resources; /* borrowed for the compile */
    size_t resource_count;
    /* date-time date time email uri uuid ipv4 ipv6 regex; other formats stay annotations */
    bool is_format_asserted;
};

/* Made by tdh_schema_compile, ended by tdh_schema_free, never changed in between.
 * Keeps nothing of the documents it was made from. */
struct tdh_schema;

/**
 * Compiles a document and whatever it refers to.
 *
 * options  may be NULL
 * err      begins with the JSON Pointer of the keyword, behind URI# when it stands in another
 *          document. TD_E_INVAL: not a schema, or a reference that leads nowhere; TD_E_NOTFOUND: a
 *          reference to a document, or a dialect, that was not given; TD_E_UNSUPPORTED: a dialect
 *          needs a vocabulary not known here; TD_E_LIMIT; TD_E_NOMEM
 * Returns new; tdh_schema_free(). NULL: told.
 */
struct tdh_schema *tdh_schema_compile(const json_t *document,
                                      const struct tdh_schema_options *options, struct td_err *err);
void tdh_schema_free(struct tdh_schema *schema);
/** True when every value is valid (`true`, `{}`, annotations only): callers skip the check. */
bool tdh_schema_accepts_all(const struct tdh_schema *schema);

/**
 * Checks one value and stops at the first error. Allocates nothing for common schemas when the
 * value is valid.
 *
 * err  TD_E_INVAL: `INSTANCE_PATH: what is wrong (schema SCHEMA_PATH)`, without the first part when
 *      it is the value as a whole; "did you mean" for unknown keys and enum values; where nothing
 *      is near, the hint names the keys that may be there.
 *      TD_E_LIMIT: the check was given up; TD_E_NOMEM
 */
int tdh_schema_check(const struct tdh_schema *schema, const json_t *value, struct td_err *err);
/**
 * As tdh_schema_check, of a YAML document: `FILE:LINE:COLUMN: INSTANCE_PATH: what is wrong`. For a
 * key that is wrong itself the place is the key's, and no path is needed.
 */
int tdh_schema_check_yaml(const struct tdh_schema *schema, const struct tdh_yaml *yaml,
                          struct td_err *err);
/** As tdh_schema_check_yaml, of the value that stands at a JSON Pointer in the document. */
int tdh_schema_check_part(const struct tdh_schema *schema, const struct tdh_yaml *yaml,
                          const char *pointer, const json_t *value, struct td_err *err);

/**
 * All errors, new: [{"instance": "/a", "schema": "/properties/a/type", "keyword": "type",
 * "text": "..."}], empty when valid, at most TDH_SCHEMA_ERRORS. NULL: err TD_E_LIMIT or TD_E_NOMEM.
 */
json_t *tdh_schema_errors(const struct tdh_schema *schema, const json_t *value, struct td_err *err);

/**
 * within.c: does all that fits the one schema fit the other? That cannot be decided in general.
 * Looked at are type, required, properties, additionalProperties, items, and enum and const where
 * both have them, at every depth. What these do not tell is taken to go together: values are still
 * checked against both when there are some.
 *
 * from, to  as written, and good for tdh_schema_compile; NULL is anything, and goes with all
 * err       TD_E_INVAL: `/to: may be null, must be a string`, of the first place where they do not
 */
int tdh_schema_within(const json_t *from, const json_t *to, struct td_err *err);

#endif
