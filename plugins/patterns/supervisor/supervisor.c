/* SPDX-License-Identifier: Apache-2.0 */
/*
 * supervisor: a planner gives subtasks, workers do them, and a checker says that all is done or
 * gives more. The first plan may also stand in the configuration, and the planner may be asked
 * again when something failed.
 */
#include "supervisor/crew.h"

static int read(void *arg, const json_t *config, struct td_err *err)
{
    struct crew *crew = arg;

    crew->planner_word = "planner";
    crew->checker_word = "checker";
    if (kit_member(&crew->kit, config, "planner", &crew->planner, err) != 0 ||
        kit_member(&crew->kit, config, "checker", &crew->checker, err) != 0 ||
        kit_members(&crew->kit, config, "workers", "worker", 1, CREW_MAX, &crew->workers,
                    &crew->rules.worker_count, err) != 0 ||
        kit_members_unique(crew->workers, crew->rules.worker_count, "worker", err) != 0 ||
        crew_read_bounds(crew, config, err) != 0)
        return -1;
    crew->rules.workers = crew->workers;
    return crew_read_first(crew, config, err);
}

static const struct kit_pattern supervisor = CREW_PATTERN(read);
KIT_PLUGIN("supervisor", "1.1.0", supervisor, struct crew_state);
