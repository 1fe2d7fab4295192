/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dispatch: a call into an instance, on the worker and kind of thread it must run on.
 */
#include <string.h>

#include "agent/keep.h"
#include "agent/life.h"
#include "agent/pool.h"
#include "agent/trial.h"

/* One entry into the plugin: action or reconcile. */
struct entry {
    struct tdh_call *call;
    struct tdh_cell_agent *cell;
    const struct td_action *action;
    enum td_reconciled *answer; /* NULL: run the action */
    struct td_err *err;
    int rc;
};

static int enter(void *arg, struct td_err *err)
{
    struct entry *entry = arg;
    struct tdh_agent_template *template = entry->cell->template;
    struct tdh_ctx ctx;
    int rc;

    tdh_agent_enter(template, entry->cell->state, entry->call, &ctx);
    ctx.action = entry->action;
    ctx.action_name = entry->call->target->action;
    if (entry->answer != NULL)
        rc = entry->action->reconcile(&ctx.pub, entry->call->input, entry->answer,
                                      &entry->call->output, err);
    else
        rc = entry->action->run(&ctx.pub, entry->call->input, &entry->call->output, err);
    tdh_agent_leave(template, &ctx);
    return rc;
}

static int enter_cell(struct entry *entry, struct td_err *err)
{
    struct tdh_agent_template *template = entry->cell->template;

    entry->call->worker = tdh_worker_self();
    if (tdh_plugin_blocks(template->plugin))
        return tdh_blocking_plugin(template->agents->options.runtime, entry->call->deadline_ns,
                                   enter, entry, err);
    return enter(entry, err);
}

static int enter_pooled(struct entry *entry, struct td_err *err)
{
    struct tdh_agent_template *template = entry->cell->template;
    bool is_taken;
    int rc;

    if (tdh_pool_take(template, entry->call, &entry->cell, &is_taken, err) != 0)
        return -1;
    entry->call->subject = entry->cell;
    rc = enter_cell(entry, err);
    entry->call->subject = NULL;
    if (is_taken)
        tdh_pool_give(template, entry->cell, rc != 0 ? err : NULL);
    return rc;
}

static int enter_here(struct entry *entry, struct td_err *err)
{
    struct tdh_agent_template *template = entry->cell->template;
    int rc = template->pool != NULL && entry->call->subject == NULL ? enter_pooled(entry, err)
                                                                    : enter_cell(entry, err);

    if (rc != 0 && template->life != NULL)
        tdh_life_note(template->life, NULL, err);
    return rc;
}

static void enter_hopped(void *arg)
{
    struct entry *entry = arg;

    entry->rc = enter_here(entry, entry->err);
}

int tdh_agent_do(struct tdh_call *call, struct tdh_cell_agent *cell, const struct td_action *action,
                 enum td_reconciled *answer, struct td_err *err)
{
    struct tdh_agent_template *template = cell->template;
    struct entry entry = {
        .call = call, .cell = cell, .action = action, .answer = answer, .err = err
    };

    if (template->home == tdh_worker_self() ||
        (template->plugin->manifest->is_threaded && template->plugin->runner == NULL))
        return enter_here(&entry, err);
    if (tdh_hop(template->home, enter_hopped, &entry, err) != 0)
        return -1;
    return entry.rc;
}

static int enter_at_home(struct tdh_call *call, enum td_reconciled *answer, struct td_err *err)
{
    struct tdh_cell_agent *cell = call->subject != NULL ? call->subject : call->target->owner;
    struct tdh_agent_template *template = cell->template;
    size_t place = (size_t)(call->target - template->targets);

    if (template->keep != NULL && answer == NULL)
        return tdh_keep_call(call, template, err);
    return tdh_agent_do(call, cell, tdh_agent_action(template, place), answer, err);
}

static int dispatch(struct tdh_call *call, struct td_err *err)
{
    return enter_at_home(call, NULL, err);
}

int tdh_agent_dispatch(struct tdh_call *call, struct td_err *err)
{
    const struct tdh_cell_agent *cell = call->subject != NULL ? call->subject : call->target->owner;
    const struct tdh_trial *trial =
        atomic_load_explicit(&cell->template->trial, memory_order_acquire);

    if (trial == NULL || !atomic_load_explicit(&trial->is_on, memory_order_relaxed))
        return dispatch(call, err);
    return tdh_trial_dispatch(cell->template, call, dispatch, err);
}

int tdh_agent_reconcile(struct tdh_call *call, enum td_reconciled *ret_answer, struct td_err *err)
{
    return enter_at_home(call, ret_answer, err);
}
