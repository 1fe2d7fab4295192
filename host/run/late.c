/* SPDX-License-Identifier: Apache-2.0 */
/*
 * late: answers that are there while the run's asks are being set to work: a child that ended at
 * once, or never began; a signal that was kept. They are told in a turn of their own, so that folds
 * never nest.
 */
#include <stdlib.h>

#include "run/internal.h"

struct late_answer {
    struct tdh_task task;
    struct tdh_run *run;
    uint32_t number;
    json_t *output; /* NULL: failed with err */
    bool is_signal;
    struct td_err err;
};

static void tell_late(struct tdh_task *task)
{
    struct late_answer *late = (struct late_answer *)task;
    struct tdh_run *run = late->run;
    struct tdh_ask_entry *ask = run->is_broken ? NULL : tdh_ask_find(run, late->number);
    json_t *kept = ask != NULL && late->is_signal ? tdh_signal_kept(run, ask->name) : NULL;

    if (kept != NULL)
        tdh_fold_signal(run, ask, ask->name, kept);
    else if (late->is_signal)
        ; /* another wait took it */
    else if (ask != NULL && late->output != NULL)
        tdh_fold_done(ask, late->output);
    else if (ask != NULL)
        tdh_fold_failed(ask, &late->err);
    json_decref(late->output);
    free(late);
    tdh_run_release(run);
}

static struct late_answer *post_late(struct tdh_ask_entry *ask, json_t *output)
{
    struct late_answer *late = calloc(1, sizeof(*late));

    if (late == NULL) {
        tdh_run_break(
            ask->run,
            "no memory for an answer"); /* the journal still has the ask: a resume makes it good */
        return NULL;
    }
    late->task.run = tell_late;
    late->run = ask->run;
    late->number = ask->number;
    late->output = output != NULL ? json_incref(output) : NULL;
    ask->run->holds++;
    tdh_worker_defer(&late->task);
    return late;
}

void tdh_answer_late(struct tdh_ask_entry *ask, json_t *output, const struct td_err *error)
{
    struct late_answer *late = post_late(ask, output);

    if (late != NULL && output == NULL)
        late->err = *error;
}

void tdh_answer_signal(struct tdh_ask_entry *ask)
{
    struct late_answer *late = post_late(ask, NULL);

    if (late != NULL)
        late->is_signal = true;
}
