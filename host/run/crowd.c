/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crowd: a run makes no more calls at once than its definition says. The others stand in a line of
 * the run's own; each call that comes back lets the next one go.
 */
#include "run/internal.h"

bool tdh_crowd_is_full(const struct tdh_run *run)
{
    return run->definition->max_parallel > 0 && run->calls >= run->definition->max_parallel;
}

void tdh_crowd_wait(struct tdh_ask_entry *ask)
{
    struct tdh_line *line = &ask->run->line;

    ask->state = TDH_ASK_HELD;
    ask->queue_next = NULL;
    *(line->last != NULL ? &line->last->queue_next : &line->first) = ask;
    line->last = ask;
}

static struct tdh_ask_entry *take(struct tdh_line *line)
{
    struct tdh_ask_entry *ask = line->first;

    if (ask == NULL)
        return NULL;
    line->first = ask->queue_next;
    if (line->first == NULL)
        line->last = NULL;
    ask->queue_next = NULL;
    return ask;
}

/* One that makes no call, as it was taken back, is stopped or paused, lets the next one try. */
void tdh_crowd_next(struct tdh_run *run)
{
    struct tdh_ask_entry *ask;

    while (!tdh_crowd_is_full(run) && (ask = take(&run->line)) != NULL) {
        if (ask->state == TDH_ASK_GONE) {
            tdh_ask_remove(ask);
            continue;
        }
        ask->state = TDH_ASK_OPEN;
        tdh_execute(ask);
        if (ask->state == TDH_ASK_QUEUED || ask->state == TDH_ASK_HELD)
            break;
    }
}

void tdh_crowd_leave(struct tdh_run *run)
{
    run->calls--;
    tdh_crowd_next(run);
}

void tdh_crowd_free(struct tdh_run *run)
{
    struct tdh_ask_entry *ask;

    while ((ask = take(&run->line)) != NULL)
        tdh_ask_remove(ask);
}
