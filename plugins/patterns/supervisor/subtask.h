/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subtask: what a planner gives, checked before any of it is done.
 *
 * A subtask that is taken is {id, worker, input, after, when}: the place of its worker, the places
 * of the subtasks it rests on, and its condition. It is never changed.
 */
#ifndef SUPERVISOR_SUBTASK_H
#define SUPERVISOR_SUBTASK_H

#include "kit/kit.h"

enum { SUBTASKS_MAX = 200, AFTER_MAX = 32, ID_BYTES = 64 };

/* Who may be given subtasks, and how many there may be in one run. */
struct subtask_rules {
    const struct kit_member *workers;
    size_t worker_count;
    size_t max;
};

/**
 * Takes a list of {id, worker, input, depends_on, when} behind those in `tasks`; all of it or
 * nothing. `worker` is a name, or else "agent" (and "action") are those of a worker.
 *
 * err  what is wrong with the list, in words for who made it
 */
int subtasks_take(json_t *tasks, const json_t *list, const struct subtask_rules *rules,
                  struct td_err *err);

#endif
