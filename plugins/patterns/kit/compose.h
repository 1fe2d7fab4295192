/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compose: members put together, one after another, at once, by conditions or by what they need,
 * with rules that say when it stops. The patterns sequence, parallel, branch and orchestrator are
 * one table each.
 *
 * Forms of inputs and conditions look at {input, last, results: {NAME: OUTPUT}}; where members run
 * at once there is no `last`, and where they do not need each other no `results`, so that nothing
 * depends on who was faster.
 */
#ifndef PATTERNS_KIT_COMPOSE_H
#define PATTERNS_KIT_COMPOSE_H

#include "kit.h"

enum {
    COMPOSE_NEEDS_MAX = 32,   /* of one member */
    COMPOSE_INSTEAD_MAX = 10, /* of one member */
    COMPOSE_PARALLEL_MAX = 100,
    COMPOSE_PARALLEL_DEFAULT = 8,
};

enum compose_stop { COMPOSE_NEVER, COMPOSE_ON_FAILURE, COMPOSE_ON_SUCCESS };

/* What one pattern makes of it. */
struct compose_form {
    const char *key, *word; /* the list of members in the configuration, and what one is called */
    size_t max;             /* members */
    enum compose_stop stop; /* when the configuration says nothing */
    bool is_reporting;      /* likewise: a failure is told in the result, and fails no run */
    bool is_chain;          /* a member gets what the one before gave; else what the run got */
    bool is_at_once;        /* `max_parallel` members; else one */
    bool has_needs;         /* a member waits for those it needs, and has an `id` */
    bool has_choice;        /* `match` and `default` */
};

struct compose_step; /* what a member has besides: its condition, needs and alternatives */

struct compose {
    struct kit_plan kit;
    const struct compose_form *form;
    struct kit_member *members; /* the default is the last one */
    struct compose_step *steps; /* one for each */
    size_t count;
    size_t width;       /* members under way at most */
    size_t min_success; /* 0: none may fail */
    unsigned stop, is_reporting, is_all;
    bool has_default;
    const json_t *stop_when; /* rules; NULL: none */
};

struct compose_state {
    json_t *input;
    json_t *last;    /* what the last one that was done gave */
    json_t *results; /* by place: null: not begun; [{name, error}]: under way, and who failed before
                        the one that is; else {output | error, skipped, by, tried} */
    json_t *outputs; /* of those that are done, by name */
    json_t *error;   /* of the first that failed */
    size_t failed_at; /* its place, and 1; 0: none */
    size_t active, begun, succeeded, failed;
};
extern const struct kit_field compose_fields[];

/* The functions of struct kit_pattern; a pattern's own `read` adds its form. */
int compose_read(struct compose *plan, const struct compose_form *form, const json_t *config,
                 struct td_err *err);
int compose_start(void *state, const void *plan, const json_t *input, struct td_asks *asks,
                  struct td_err *err);
int compose_fold(void *state, const void *plan, const struct td_event *event, struct td_asks *asks,
                 struct td_err *err);
bool compose_fits(const void *state, const void *plan);

#define COMPOSE_PATTERN(read_)                                                                     \
    {                                                                                              \
        .plan_size = sizeof(struct compose), .fields = compose_fields, .read = (read_),            \
        .start = compose_start, .fold = compose_fold, .fits = compose_fits                         \
    }

/* --- for compose.c: what is read of a member (compose_read.c) --- */

struct compose_step {
    const json_t *when;  /* rules; NULL: always */
    const size_t *needs; /* places */
    size_t need_count;
    struct kit_member *instead; /* asked in turn when it fails */
    size_t instead_count;
};

#endif
