/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml: YAML 1.2 (core schema) to JSON values, with the file, line and column of every value.
 *
 * The core schema, not 1.1's: `yes`, `no`, `on`, `off` are strings, `0o17` is octal and `017` is
 * 17, `1:30` is a string. JSON has no infinity and no NaN, and integers are of 64 bits: what is
 * past them is refused. A key is the text of its scalar (`1: x` has the key "1"); repeated keys are
 * refused. Merge keys (<<) are not part of 1.2 and are refused by name. Limits: bytes, depth
 * (TDH_JSON_DEPTH), values, and what aliases may expand to, so a "billion laughs" text is refused.
 * Time and memory grow with the text and what its aliases expand to, never faster.
 */
#ifndef TDH_BASE_YAML_H
#define TDH_BASE_YAML_H

#include <jansson.h>
#include <stddef.h>
#include <tdev/err.h>

#define TDH_YAML_BYTES (4U << 20)  /* most bytes of one text */
#define TDH_YAML_VALUES 200000U    /* most values of one document, aliases expanded */
#define TDH_YAML_TEXTS (16U << 20) /* most bytes of its keys and strings, aliases expanded */
#define TDH_YAML_DOCUMENTS 64U     /* most documents of one text */

struct tdh_place {
    unsigned line, column; /* from 1; 0: not known */
};

/*
 * One document. Made by tdh_yaml_parse or tdh_yaml_read, ended by tdh_yaml_free; read-only in
 * between, also by several threads. What an alias stands for is a copy, and all of it has the
 * alias's place.
 */
struct tdh_yaml {
    json_t *root;                     /* owned; json_incref to keep it longer */
    char *name;                       /* file name, for messages */
    struct tdh_yaml_places *places;   /* JSON Pointer -> place, private; NULL: made of another */
    struct tdh_yaml_derived *derived; /* how its places are found in that one, private; or NULL */
};

/** Reads exactly one document, UTF-8 without or with a byte order mark. err: TD_E_INVAL with
 * `NAME:LINE:COLUMN: ...`, TD_E_LIMIT. Returns new, or NULL. */
struct tdh_yaml *tdh_yaml_parse(const char *text, size_t length, const char *name,
                                struct td_err *err);
/** As tdh_yaml_parse, from a file. err besides: TD_E_IO, TD_E_NOTFOUND. */
struct tdh_yaml *tdh_yaml_read(const char *path, struct td_err *err);
/** All documents of a text separated by `---`, at most TDH_YAML_DOCUMENTS, maybe none; a new array
 * of *ret_count, each ended by tdh_yaml_free, the array by free(). */
struct tdh_yaml **tdh_yaml_parse_all(const char *text, size_t length, const char *name,
                                     size_t *ret_count, struct td_err *err);
void tdh_yaml_free(struct tdh_yaml *yaml);

/**
 * A document that was made out of another, a short form written out, say: what is wrong in it is
 * told with the places of its source. A value has the place of the one at the same pointer of the
 * source, until tdh_yaml_derived_from tells otherwise.
 *
 * root    take
 * source  borrow; must outlive the new document
 * Returns new, or NULL: err TD_E_NOMEM.
 */
struct tdh_yaml *tdh_yaml_derive(json_t *root, const struct tdh_yaml *source, struct td_err *err);
/** The value at `pointer`, and all within that no longer pointer was told of, is made of what
 * stands at `from` in the source, and has its shape as far as that goes. err TD_E_NOMEM. */
int tdh_yaml_derived_from(struct tdh_yaml *yaml, const char *pointer, const char *from,
                          struct td_err *err);

/** Where the value at a JSON Pointer stands;
 * when it is not there, where its nearest parent stands. */
struct tdh_place tdh_yaml_place(const struct tdh_yaml *yaml, const char *pointer);
/** Where the key of the member at a JSON Pointer stands; else as tdh_yaml_place. */
struct tdh_place tdh_yaml_key_place(const struct tdh_yaml *yaml, const char *pointer);
/** td_fail with "FILE:LINE:COLUMN: " of that value in front. Returns -1. */
int tdh_yaml_fail(const struct tdh_yaml *yaml, const char *pointer, struct td_err *err,
                  enum td_code code, const char *fmt, ...) TD_PRINTF(5, 6);

#endif
