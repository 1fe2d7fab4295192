/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crew: how a planner's subtasks are done by workers, and looked at by a checker; for patterns in
 * which one plans and others work.
 */
#ifndef SUPERVISOR_CREW_H
#define SUPERVISOR_CREW_H

#include "kit/kit.h"
#include "supervisor/subtask.h"

enum { CREW_MAX = 100, CREW_ROUNDS_MAX = 20, CREW_PARALLEL_MAX = 100 };

/* What a pattern reads from its configuration. */
struct crew {
    struct kit_plan kit;
    struct kit_member *planner, *checker, *workers; /* planner, checker: or NULL */
    const json_t *first;                            /* the first plan; NULL: the planner's */
    const char *planner_word, *checker_word;        /* what errors call them */
    bool is_replanning;
    struct subtask_rules rules;
    size_t rounds, max_parallel;
    const char *plan_at, *verdict_at; /* JSON pointers */
};

struct crew_state {
    json_t *input;
    json_t *tasks; /* all that were taken */
    json_t
        *results; /* by task: null: not begun, true: under way, else {output}, {error, skipped} */
    json_t *outputs; /* of the tasks that are done, by id */
    size_t from;     /* the first task of the planner's newest plan */
    size_t round;    /* plans that were asked for */
    size_t active;
};
extern const struct kit_field crew_fields[];

/** The keys that bound it, and where things stand: rounds, max_parallel, max_subtasks, plan,
 * verdict. */
int crew_read_bounds(struct crew *crew, const json_t *config, struct td_err *err);
/** The keys "subtasks" and "replan": the plan that is there from the start. Members, and the words
 * for them, stand in the crew before. */
int crew_read_first(struct crew *crew, const json_t *config, struct td_err *err);

/* The functions of struct kit_pattern; its `read` is the pattern's own. */
int crew_start(void *state, const void *plan, const json_t *input, struct td_asks *asks,
               struct td_err *err);
int crew_fold(void *state, const void *plan, const struct td_event *event, struct td_asks *asks,
              struct td_err *err);
bool crew_fits(const void *state, const void *plan);

#define CREW_PATTERN(read_)                                                                        \
    {                                                                                              \
        .plan_size = sizeof(struct crew), .fields = crew_fields, .read = (read_),                  \
        .start = crew_start, .fold = crew_fold, .fits = crew_fits                                  \
    }

#endif
