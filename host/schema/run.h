/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run: one check of one value, as the keyword functions see it. Private to host/schema.
 *
 * Checks recurse, on stacks as small as 256 KiB: frames are kept small, TDH_SCHEMA_NEST bounds
 * their number and TDH_SCHEMA_STEPS the work. A run that cannot decide (no memory, a limit) is
 * stuck: every further node fails at once, and the error is the run's answer whatever the keywords
 * above make of the failures.
 */
#ifndef TDH_SCHEMA_RUN_H
#define TDH_SCHEMA_RUN_H

#include "schema/node.h"

/* Where in the value the run is: one for each member or item entered, on the stack. */
struct tdh_js_step {
    const struct tdh_js_step *up;
    const char *key; /* NULL: an item */
    size_t index;
    unsigned nest; /* of the run when it was entered */
};

/* The resources entered and not left, innermost first. */
struct tdh_js_scope {
    const struct tdh_js_scope *outer;
    const struct tdh_js_resource *resource;
};

/* Which members or items of the value at hand some keyword has evaluated,
 * for unevaluatedProperties and -Items. */
struct tdh_js_marks {
    size_t count;
    bool is_all;
    uint64_t few;   /* the bits, when there are at most 64 */
    uint64_t *many; /* else */
};

/* One thing that is wrong. All texts are borrowed for the telling. */
struct tdh_js_complaint {
    const char *instance; /* JSON Pointer */
    size_t parent_length; /* of `instance` without its last step */
    bool is_key;          /* the member's key is wrong, not its value */
    const char *schema;   /* JSON Pointer of the keyword; URI# in front when in another document */
    const char *keyword;
    const char *text;
    const char *hint;
};

typedef void tdh_js_tell_fn(struct tdh_js_run *run, const struct tdh_js_complaint *complaint);

struct tdh_js_run {
    const struct tdh_schema *schema;
    struct td_err *err;
    tdh_js_tell_fn *tell;
    const struct tdh_yaml *yaml; /* for its tell, */
    const char *under;           /* and the JSON Pointer of the value in it */
    json_t *errors;              /* for its tell */
    const struct tdh_js_step *at;
    const struct tdh_js_scope *scope;
    struct tdh_js_marks *marks; /* NULL: nobody asks */
    const char *named;          /* the value at hand is this key of the member the run is at */
    unsigned nest;       /* nodes entered and not left; those with marks of their own count twice */
    unsigned quiet;      /* > 0: a failure is an answer, not an error */
    unsigned steps_left; /* 0: stuck */
    bool is_stuck;       /* err tells why */
    bool is_collecting;  /* go on after an error */
};

/** Checks a value that the run has entered already. */
bool tdh_js_node_check(struct tdh_js_run *run, const struct tdh_js_node *node, const json_t *value);
/** Checks a member (key) or an item (key NULL) of the value the run is in. */
bool tdh_js_node_check_in(struct tdh_js_run *run, const struct tdh_js_node *node,
                          const json_t *value, const char *key, size_t index);
/** As tdh_js_node_check, telling nothing, and keeping marks only when valid. */
bool tdh_js_node_try(struct tdh_js_run *run, const struct tdh_js_node *node, const json_t *value);

/** Whether to look for further errors after one. */
static inline bool tdh_js_run_goes_on(const struct tdh_js_run *run)
{
    return run->is_collecting && run->quiet == 0 && run->steps_left > 0;
}

/** Tells an error of the value at hand, unless the run is quiet. Returns false. */
bool tdh_js_run_fail(struct tdh_js_run *run, const struct tdh_js_rule *rule, const char *fmt, ...)
    TD_PRINTF(3, 4);
/** Tells that a member should not be there;
 * `known` (may be NULL) are the keys that may. Returns false. */
bool tdh_js_run_refuse_key(struct tdh_js_run *run, const struct tdh_js_rule *rule, const char *key,
                           const struct tdh_js_names *known);
/** Ends the run without an answer; the first reason stands. Returns false. */
bool tdh_js_run_stuck(struct tdh_js_run *run, enum td_code code, const char *fmt, ...)
    TD_PRINTF(3, 4);
/** Takes work off the budget. False when it is used up. */
bool tdh_js_run_spend(struct tdh_js_run *run, size_t steps);
/** Whether a pattern is found in a text; false, too, when the run is stuck. */
bool tdh_js_run_match(struct tdh_js_run *run, struct tdh_js_pattern *pattern, const char *text,
                      size_t length);

void tdh_js_tell_err(struct tdh_js_run *run, const struct tdh_js_complaint *complaint);
void tdh_js_tell_yaml(struct tdh_js_run *run, const struct tdh_js_complaint *complaint);
void tdh_js_tell_list(struct tdh_js_run *run, const struct tdh_js_complaint *complaint);

static inline void tdh_js_marks_set(struct tdh_js_marks *marks, size_t i)
{
    if (marks == NULL)
        return;
    if (marks->many != NULL)
        marks->many[i / 64] |= (uint64_t)1 << (i % 64);
    else
        marks->few |= (uint64_t)1 << i;
}

static inline bool tdh_js_marks_has(const struct tdh_js_marks *marks, size_t i)
{
    uint64_t word = marks->many != NULL ? marks->many[i / 64] : marks->few;

    return marks->is_all || ((word >> (i % 64)) & 1U) != 0;
}

static inline void tdh_js_marks_set_all(struct tdh_js_marks *marks)
{
    if (marks != NULL)
        marks->is_all = true;
}

#endif
