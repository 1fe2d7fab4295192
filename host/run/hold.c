/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold: what waits until the disk has the event that asked for it.
 *
 * A call with effects does: that event is its intent; and one that counts towards a budget, so that
 * a crash loses no count. A pure call does when what came before could
 * not be told again once its plugin has ended the process: that there is a run at all, and how an
 * effect ended; and when the run is too far ahead of the disk. People hear of a wait when it is
 * durable, so that what they answer finds it.
 */
#include "base/json.h"
#include "run/internal.h"

bool tdh_ask_must_wait(const struct tdh_ask_entry *ask)
{
    const struct tdh_run *run = ask->run;

    if (!run->is_journalled || run->durable_marks >= ask->mark)
        return false;
    if (ask->target == NULL || ask->target->effects != TDH_EFFECTS_NONE || tdh_budget_counts(ask))
        return true;
    return (!run->has_row && run->parent_id[0] == '\0') || run->durable_marks < run->effect_marks ||
           run->events.length + run->flying.length > run->engine->options.run_ahead_bytes;
}

void tdh_ask_hold(struct tdh_ask_entry *ask)
{
    struct tdh_run *run = ask->run;

    ask->state = TDH_ASK_HELD;
    ask->queue_next = NULL;
    *(run->held_last != NULL ? &run->held_last->queue_next : &run->held) = ask;
    run->held_last = ask;
}

static void tell_wait(struct tdh_ask_entry *ask)
{
    json_t *signal = ask->name != NULL ? json_string(ask->name) : json_incref(ask->config);

    tdh_run_tell(ask->run, "waits", ask->path, signal, NULL);
    json_decref(signal);
}

void tdh_ask_tell_wait(struct tdh_ask_entry *ask)
{
    ask->is_untold = tdh_ask_must_wait(ask);
    ask->run->has_untold |= ask->is_untold;
    if (!ask->is_untold)
        tell_wait(ask);
}

static void tell_waits(struct tdh_run *run)
{
    run->has_untold = false;
    for (struct tdh_ask_entry *ask = run->first; ask != NULL; ask = ask->next) {
        if (ask->is_untold && !tdh_ask_must_wait(ask)) {
            ask->is_untold = false;
            tell_wait(ask);
        }
        run->has_untold |= ask->is_untold;
    }
}

void tdh_execute_held(struct tdh_run *run)
{
    struct tdh_ask_entry *ask = run->held;

    if (run->has_untold)
        tell_waits(run);
    run->held = run->held_last = NULL;
    while (ask != NULL) {
        struct tdh_ask_entry *next = ask->queue_next;

        if (ask->state == TDH_ASK_GONE) {
            tdh_ask_remove(ask);
        } else {
            ask->state = TDH_ASK_OPEN;
            tdh_execute(ask);
        }
        ask = next;
    }
}
