/* SPDX-License-Identifier: Apache-2.0 */
/*
 * queue: the calls of a worker that wait for an executor. A line for each priority; within one,
 * first come, first served.
 *
 * Who is next is decided when one is taken, not when it came: each AGE_US that the call in front of
 * a line has waited counts as one priority, so none waits for ever behind a stream of more urgent
 * ones. A run close to its deadline enters two lines higher.
 */
#include "base/clock.h"
#include "run/internal.h"

#define AGE_US (INT64_C(300) * 1000000)
#define CLOSE_US (INT64_C(300) * 1000000) /* to the deadline */
enum { CLOSE_LINES = 2 };

static unsigned line_of(const struct tdh_run *run)
{
    unsigned line = run->priority;

    if (run->definition->deadline_us > 0 &&
        run->created_us + run->definition->deadline_us - run->now_us < CLOSE_US)
        line = line > CLOSE_LINES ? line - CLOSE_LINES : 0;
    return line;
}

void tdh_queue_put(struct tdh_hub *hub, struct tdh_ask_entry *ask)
{
    struct tdh_line *line = &hub->lines[line_of(ask->run)];

    ask->queued_us = ask->run->now_us;
    ask->queue_next = NULL;
    *(line->last != NULL ? &line->last->queue_next : &line->first) = ask;
    line->last = ask;
    hub->queue_count++;
}

/* Lower is sooner. In 1/1000 of a priority. */
static int64_t score(const struct tdh_ask_entry *ask, int64_t line, int64_t now_us)
{
    int64_t waited_us = now_us - ask->queued_us;

    waited_us = waited_us > 0 ? waited_us : 0;
    return line * 1000 - waited_us * 1000 / AGE_US;
}

static struct tdh_line *choose(struct tdh_hub *hub)
{
    struct tdh_line *best = NULL;
    int64_t now_us = 0, least = 0;

    for (int64_t i = 0; i < TDH_PRIORITIES; i++) {
        struct tdh_line *line = &hub->lines[i];
        int64_t own;

        if (line->first == NULL)
            continue;
        if (best != NULL && now_us == 0) {
            now_us = tdh_clock_us(); /* only when there is a choice */
            least = score(best->first, best - hub->lines, now_us);
        }
        own = best != NULL ? score(line->first, i, now_us) : 0;
        if (best == NULL || own < least) {
            best = line;
            least = own;
        }
    }
    return best;
}

struct tdh_ask_entry *tdh_queue_take(struct tdh_hub *hub)
{
    struct tdh_line *line = hub->queue_count > 0 ? choose(hub) : NULL;
    struct tdh_ask_entry *ask;

    if (line == NULL)
        return NULL;
    ask = line->first;
    line->first = ask->queue_next;
    if (line->first == NULL)
        line->last = NULL;
    ask->queue_next = NULL;
    hub->queue_count--;
    return ask;
}
