/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crew_read: what the configurations of patterns with a crew have in common.
 */
#include "supervisor/crew.h"

enum { ROUNDS_DEFAULT = 3, PARALLEL_DEFAULT = 8, SUBTASKS_DEFAULT = 50 };

int crew_read_bounds(struct crew *crew, const json_t *config, struct td_err *err)
{
    if (kit_count(config, "rounds", 1, CREW_ROUNDS_MAX, ROUNDS_DEFAULT, &crew->rounds, err) != 0 ||
        kit_count(config, "max_parallel", 1, CREW_PARALLEL_MAX, PARALLEL_DEFAULT,
                  &crew->max_parallel, err) != 0 ||
        kit_count(config, "max_subtasks", 1, SUBTASKS_MAX, SUBTASKS_DEFAULT, &crew->rules.max,
                  err) != 0 ||
        kit_pointer(config, "plan", "/subtasks", &crew->plan_at, err) != 0)
        return -1;
    return kit_pointer(config, "verdict", "", &crew->verdict_at, err);
}

int crew_read_first(struct crew *crew, const json_t *config, struct td_err *err)
{
    json_t *tasks = json_array();
    int rc = 0;

    crew->first = json_object_get(config, "subtasks");
    crew->is_replanning = json_is_true(json_object_get(config, "replan"));
    if (crew->first == NULL && crew->planner == NULL)
        rc = td_fail(err, TD_E_CONFIG, "needs a \"%s\", or else \"subtasks\": its plan",
                     crew->planner_word);
    else if (crew->is_replanning && (crew->planner == NULL || crew->checker != NULL))
        rc = td_fail(err, TD_E_CONFIG,
                     "\"replan\" needs a \"%s\", and nobody who checks: that asks for more itself",
                     crew->planner_word);
    else if (crew->first != NULL && subtasks_take(tasks, crew->first, &crew->rules, err) != 0)
        rc = td_context(err, "\"subtasks\"");
    json_decref(tasks);
    return rc;
}
