/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cel: the Common Expression Language (cel-spec), compiled once and run many times, bounded in
 * steps and memory.
 *
 * A program is immutable after tdh_cel_compile and may run in many threads at once. A run reads
 * JSON values through its roots without copying them and allocates from the caller's arena only.
 * Steps are counted per node evaluated and per element visited; past TDH_CEL_STEPS a run fails with
 * TD_E_LIMIT. Compiling is O(n) in the text, at most TDH_CEL_TEXT bytes and TDH_CEL_DEPTH levels.
 * Text length of `matches` patterns and PCRE2 match limits are bounded.
 */
#ifndef TDH_CEL_CEL_H
#define TDH_CEL_CEL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tdev/err.h>

#include "base/arena.h"

#define TDH_CEL_TEXT 65536U
#define TDH_CEL_DEPTH 250U
#define TDH_CEL_STEPS 1000000U
#define TDH_CEL_BYTES (16U << 20) /* most memory of one run */

/*
 * The types an expression may be checked against: a root variable with its JSON Schema, or NULL
 * when its type is not known ("dyn"). Schemas are borrowed during the compile only.
 */
struct tdh_cel_root {
    const char *name;
    const json_t *schema;
};

struct tdh_cel_options {
    const struct tdh_cel_root *roots; /* the variables there are: any other name is refused */
    size_t root_count;
    const char *container; /* name resolution prefix, may be NULL */
    const json_t *want;    /* JSON Schema of the result, or NULL */
    /*
     * true: no static checks, as cel-spec evaluates without its type checker: an unknown variable
     * or function, or a type that cannot fit, is an evaluation error, which `||` and `&&` may
     * swallow. For values given from outside (tdh_cel_eval_typed); text written by people is better
     * checked.
     */
    bool is_unchecked;
};

struct tdh_cel;

/**
 * Compiles and checks. Unknown variables and functions, wrong arity, and types that can never fit a
 * known schema are found here.
 *
 * text     borrow; the program keeps a copy
 * options  borrow; NULL: no roots, checked
 * err      TD_E_INVAL: `LINE:COLUMN: what is wrong` within the text; TD_E_LIMIT: too long or too
 *          deep; TD_E_NOMEM
 * Returns new; end it with tdh_cel_free().
 */
struct tdh_cel *tdh_cel_compile(const char *text, const struct tdh_cel_options *options,
                                struct td_err *err);
/** As tdh_cel_compile, of a text with its length: a string in it may hold NUL. */
struct tdh_cel *tdh_cel_compile_bytes(const char *text, size_t length,
                                      const struct tdh_cel_options *options, struct td_err *err);
void tdh_cel_free(struct tdh_cel *cel);
const char *tdh_cel_text(const struct tdh_cel *cel);
/** Bit i is set when root i of the options is read. Roots past 63 share the last bit. */
uint64_t tdh_cel_reads(const struct tdh_cel *cel);

/*
 * What a run sees: one value per root, in the order of the options; NULL is a root without a value,
 * and reading it is an evaluation error. Borrowed for the run. There is no clock: whoever wants one
 * passes a root "now".
 */
struct tdh_cel_env {
    const json_t *const *roots;
    size_t root_count;
};

/**
 * Runs to a JSON value. Bytes become base64 text, timestamps RFC 3339 text, durations text like
 * "1.5s"; a uint past int64 and non-finite doubles are TD_E_INVAL; an absent optional is null; keys
 * of maps that are no strings become text.
 *
 * arena  scratch of this run; may be reset afterwards
 * err    TD_E_INVAL: evaluation error with its place; TD_E_LIMIT: steps or memory
 * Returns new (a reference when the result is a value of the environment), or NULL.
 */
json_t *tdh_cel_eval(const struct tdh_cel *cel, const struct tdh_cel_env *env,
                     struct tdh_arena *arena, struct td_err *err);
/** Runs a condition; a result that is not a bool is TD_E_INVAL. */
int tdh_cel_eval_bool(const struct tdh_cel *cel, const struct tdh_cel_env *env,
                      struct tdh_arena *arena, bool *ret_value, struct td_err *err);
/**
 * As tdh_cel_eval, with values in and out tagged by type, as in the conformance data:
 *   {"null": null} {"bool": true} {"int": 1} {"uint": "1"} {"double": "1"} {"string": ""}
 *   {"bytes_hex": ""} {"list": [v]} {"map": [[k, v]]} {"type": "int"}, and besides
 *   {"timestamp": "2026-01-01T00:00:00Z"} {"duration": "1.5s"} {"optional": [v]} (none: []).
 *
 * typed_roots  object of name to tagged value, or NULL; a root it does not have has no value
 */
json_t *tdh_cel_eval_typed(const struct tdh_cel *cel, const json_t *typed_roots,
                           struct tdh_arena *arena, struct td_err *err);

/* --- for whoever has an index over the roots --- */

/*
 * What has to hold for a condition to be true, as far as an index can look it up. A list of facts
 * is in the order of a stack machine: AND and OR take the two results before them. A condition
 * whose facts have no OTHER is true where they hold, and only there, as long as the roots they name
 * have values of the type they speak of; with OTHER they are a bound: where they do not hold it is
 * not true.
 */
enum tdh_cel_fact_kind {
    TDH_CEL_FACT_OTHER, /* not known: it may hold anywhere */
    TDH_CEL_FACT_IS,    /* root == text, of a string */
    TDH_CEL_FACT_HAS,   /* text in root, of a list or a map */
    TDH_CEL_FACT_FITS,  /* root.satisfies(text), of a version */
    TDH_CEL_FACT_AND,
    TDH_CEL_FACT_OR,
};
struct tdh_cel_fact {
    enum tdh_cel_fact_kind kind;
    uint32_t root;    /* in the order of the options */
    const char *text; /* borrowed from the program; need not end in NUL */
    size_t length;
};
/** Fills at most `room` (1 or more) facts and returns how many; one OTHER when they are more. */
size_t tdh_cel_facts(const struct tdh_cel *cel, struct tdh_cel_fact *ret_facts, size_t room);

/* --- time zones, as expressions know them --- */

struct tdh_zone;
/**
 * "Europe/Paris", "UTC", "+09:00". The file of the system's database is read once, here.
 * err TD_E_INVAL: no such zone, with the nearest name. new; tdh_zone_free().
 */
struct tdh_zone *tdh_zone_new(const char *name, struct td_err *err);
void tdh_zone_free(struct tdh_zone *zone);
/** Seconds east of UTC, at so many seconds since 1970. */
int64_t tdh_zone_offset_s(const struct tdh_zone *zone, int64_t seconds);

#include "cel/template.h"

#endif
