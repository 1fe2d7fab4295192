/* SPDX-License-Identifier: Apache-2.0 */
/*
 * budget: an attempt begins only when what it may use fits into what is left, of its run and of
 * every run around it. That is reserved until the attempt has ended; what it used then stands in
 * the event that tells how. What was cut off, by a crash or as nobody waits for it any more, counts
 * as what it had reserved.
 *
 * What undoes a step is not held up, nor is anything of a run that is being cancelled; it counts.
 */
#include <stdlib.h>
#include <string.h>

#include "base/metric.h"
#include "run/internal.h"

static struct tdh_metric refused = TDH_COUNTER(
    "tdev_run_budget_refusals_total", "Steps that failed as a budget of their run was used up");
static struct tdh_metric paused =
    TDH_COUNTER("tdev_run_budget_pauses_total", "Runs that paused as their budget was used up");

/* --- may it begin? --- */

/* What does not fit. */
struct misfit {
    struct tdh_run *run; /* whose budget it is */
    const struct tdh_purse_row *row;
    int64_t need;
};

bool tdh_ask_is_undo(const struct tdh_ask_entry *ask)
{
    size_t length = strlen(ask->path), undo = strlen(TDH_UNDO);

    return length >= undo && strcmp(ask->path + length - undo, TDH_UNDO) == 0;
}

static bool is_free(const struct tdh_ask_entry *ask)
{
    for (; ask != NULL; ask = ask->run->parent_ask)
        if (ask->run->is_cancel_asked || tdh_ask_is_undo(ask))
            return true;
    return false;
}

static bool row_fits(struct tdh_run *run, const struct tdh_purse_row *row,
                     const struct tdh_target *target, struct misfit *ret_misfit)
{
    int64_t need = row == &run->purse.calls ? TDH_METER_UNIT
                   : target->uses != NULL   ? tdh_meters_get(target->uses, row->name)
                                            : 0;

    if (row->limit < 0 || tdh_purse_used(row) + row->reserved + need <= row->limit)
        return true;
    *ret_misfit = (struct misfit){ run, row, need };
    return false;
}

static bool run_fits(struct tdh_run *run, const struct tdh_target *target,
                     struct misfit *ret_misfit)
{
    const struct tdh_purse *purse = &run->purse;

    if (!row_fits(run, &purse->calls, target, ret_misfit))
        return false;
    for (unsigned i = 0; i < purse->count; i++)
        if (!row_fits(run, &purse->rows[i], target, ret_misfit))
            return false;
    return true;
}

static void reserve(struct tdh_ask_entry *ask, int sign)
{
    const struct tdh_meters *uses = ask->target->uses;

    ask->is_reserved = sign > 0;
    tdh_purse_reserve(ask->run, TDH_METER_CALLS, sign * TDH_METER_UNIT);
    for (unsigned i = 0; uses != NULL && i < uses->count; i++)
        tdh_purse_reserve(ask->run, uses->list[i].name, sign * uses->list[i].amount);
}

/* False: it does not fit. */
static bool take(struct tdh_ask_entry *ask, struct misfit *ret_misfit)
{
    for (struct tdh_run *run = ask->run; run != NULL; run = tdh_purse_above(run))
        if (run->purse.is_limited && !run_fits(run, ask->target, ret_misfit) && !is_free(ask))
            return false;
    reserve(ask, 1);
    return true;
}

/* --- it may not --- */

/* As it is told in a run. */
static void tell(const struct tdh_run *run, const struct misfit *misfit, struct td_err *ret_why)
{
    char limit[TDH_AMOUNT_TEXT], used[TDH_AMOUNT_TEXT], reserved[TDH_AMOUNT_TEXT],
        need[TDH_AMOUNT_TEXT], whose[TDH_ID_SIZE + 8] = "the run";
    const struct tdh_purse_row *row = misfit->row;

    if (misfit->run != run)
        snprintf(whose, sizeof(whose), "run %s", misfit->run->id);
    td_fail(ret_why, TD_E_LIMIT,
            "budget \"%s\" of %s is used up: %s of %s are spent, %s reserved, the step needs up "
            "to %s",
            row->name, whose, tdh_amount_print(tdh_purse_used(row), used),
            tdh_amount_print(row->limit, limit), tdh_amount_print(row->reserved, reserved),
            tdh_amount_print(misfit->need, need));
    ret_why->is_retryable = false;
}

static void pause_for(struct tdh_ask_entry *ask, const struct misfit *misfit)
{
    struct tdh_run *run = misfit->run;

    tdh_metric_add(&paused, 1);
    ask->state = TDH_ASK_PAUSED;
    tell(run, misfit, &run->why);
    td_hint(&run->why, "let it have more: tdev runs resume %s --budget %s=AMOUNT", run->id,
            misfit->row->name);
    tdh_run_pause(run);
}

bool tdh_budget_take(struct tdh_ask_entry *ask)
{
    struct misfit misfit;
    struct td_err why;

    if (take(ask, &misfit))
        return true;
    if (misfit.run->definition->is_pausing) {
        pause_for(ask, &misfit);
        return false;
    }
    tell(ask->run, &misfit, &why);
    tdh_metric_add(&refused, 1);
    td_hint(&why, "raise \"budget\" of the workflow, or let it be \"on_exhausted: pause\"");
    ask->state = TDH_ASK_OPEN;
    tdh_fold_failed(ask, &why);
    return false;
}

int tdh_budget_set(struct tdh_run *run, const struct tdh_meters *limits, struct td_err *err)
{
    run->purse.is_own = true;
    if (tdh_purse_limit(&run->purse, limits))
        return 0;
    return td_fail(err, TD_E_LIMIT, "run %s: a run has at most %d meters besides its calls",
                   run->id, TDH_METERS_MAX);
}

/* --- what was used --- */

/* Calls are known by the attempts. */
static int64_t new_calls(struct tdh_ask_entry *ask)
{
    unsigned attempts = ask->attempt > ask->counted ? ask->attempt - ask->counted : 0;

    if (ask->kind != TDH_ASK_CALL || ask->target == NULL)
        return 0;
    ask->counted = ask->attempt;
    return attempts * TDH_METER_UNIT;
}

bool tdh_budget_counts(const struct tdh_ask_entry *ask)
{
    if (ask->used != NULL && ask->used->count > 0)
        return true;
    if (ask->kind != TDH_ASK_CALL)
        return false;
    for (const struct tdh_run *run = ask->run; run != NULL; run = tdh_purse_above(run))
        if (run->purse.calls.limit >= 0)
            return true;
    return ask->target != NULL && ask->target->uses != NULL;
}

static void spend(struct tdh_run *run, const struct tdh_meters *meters)
{
    for (unsigned i = 0; i < meters->count; i++)
        tdh_purse_spend(run, meters->list[i].name, meters->list[i].amount);
    if (meters->count > 0)
        run->is_record_due = true;
}

const struct tdh_meters *tdh_budget_settle(struct tdh_ask_entry *ask)
{
    const struct tdh_meters *used = ask->used != NULL ? ask->used : ask->child_used;
    int64_t calls = new_calls(ask);

    ask->used = NULL;
    if (ask->is_reserved)
        reserve(ask, -1);
    if (ask->child_used != NULL)
        tdh_purse_live(ask->run, ask->child_used, -1);
    if (calls > 0)
        tdh_purse_spend(ask->run, TDH_METER_CALLS, calls);
    if (used == NULL || used->count == 0)
        return NULL;
    spend(ask->run, used);
    return used;
}

/* --- what was cut off --- */

static struct tdh_meters *lost_of(struct tdh_run *run)
{
    if (run->lost == NULL)
        run->lost = calloc(1, sizeof(*run->lost));
    if (run->lost == NULL)
        tdh_run_break(run, "no memory to count what it used");
    return run->lost;
}

static void lose(struct tdh_run *run, const char *name, int64_t amount)
{
    struct tdh_meters *lost = lost_of(run);

    if (lost != NULL)
        tdh_meters_add(lost, name, amount);
}

/* One attempt, for what it had reserved. */
static void lose_attempt(struct tdh_ask_entry *ask)
{
    const struct tdh_meters *uses = ask->target->uses;

    reserve(ask, -1);
    lose(ask->run, TDH_METER_CALLS, TDH_METER_UNIT);
    for (unsigned i = 0; uses != NULL && i < uses->count; i++)
        lose(ask->run, uses->list[i].name, uses->list[i].amount);
}

static void lose_child(struct tdh_ask_entry *ask)
{
    struct tdh_purse *purse = &ask->child->purse;
    struct tdh_meters total;

    tdh_purse_total(purse, false, &total);
    tdh_purse_live(ask->run, &total, -1);
    tdh_purse_reserve(ask->run, TDH_METER_CALLS, -purse->calls.reserved);
    for (unsigned i = 0; i < purse->count; i++)
        tdh_purse_reserve(ask->run, purse->rows[i].name, -purse->rows[i].reserved);
    tdh_purse_total(purse, true, &total);
    for (unsigned i = 0; i < total.count; i++)
        lose(ask->run, total.list[i].name, total.list[i].amount);
}

/* Of a child that has ended, which nobody will hear of. */
static void lose_outcome(struct tdh_ask_entry *ask)
{
    const struct tdh_meters *used = ask->child_used;

    tdh_purse_live(ask->run, used, -1);
    for (unsigned i = 0; i < used->count; i++)
        lose(ask->run, used->list[i].name, used->list[i].amount);
}

void tdh_budget_cut(struct tdh_ask_entry *ask)
{
    if (ask->run->is_broken || ask->run->is_replaying)
        return;
    if (ask->is_reserved)
        lose_attempt(ask);
    else if (ask->child != NULL)
        lose_child(ask);
    else if (ask->child_used != NULL)
        lose_outcome(ask);
}

void tdh_budget_late(struct tdh_ask_entry *ask)
{
    const struct tdh_meters *used = ask->used, *uses = ask->target->uses;

    if (used == NULL || ask->run->is_ended || ask->run->is_broken)
        return;
    for (unsigned i = 0; i < used->count; i++) {
        int64_t more =
            used->list[i].amount - (uses != NULL ? tdh_meters_get(uses, used->list[i].name) : 0);

        if (more > 0)
            lose(ask->run, used->list[i].name, more);
    }
    tdh_budget_flush(ask->run);
}

void tdh_budget_aside(struct tdh_ask_entry *ask)
{
    const struct tdh_meters *used = ask->used;

    ask->used = NULL;
    for (unsigned i = 0; i < used->count; i++)
        lose(ask->run, used->list[i].name, used->list[i].amount);
    tdh_budget_flush(ask->run);
}

static void keep_used(struct tdh_ask_entry *ask, const struct tdh_meters *used)
{
    if (used->count == 0)
        return;
    ask->child_used = malloc(sizeof(*used));
    if (ask->child_used == NULL)
        tdh_run_break(ask->run, "no memory for what a child run used");
    else
        *ask->child_used = *used;
}

void tdh_budget_child(struct tdh_ask_entry *ask, const struct tdh_run *child)
{
    struct tdh_meters total;

    tdh_purse_total(&child->purse, false, &total);
    keep_used(ask, &total);
}

void tdh_budget_known(struct tdh_ask_entry *ask, const struct tdh_meters *used)
{
    keep_used(ask, used);
    tdh_purse_live(ask->run, used, 1);
}

void tdh_budget_flush(struct tdh_run *run)
{
    struct tdh_meters *lost = run->lost;

    run->lost = NULL;
    if (lost != NULL && lost->count > 0 && !run->is_broken)
        tdh_fold_lost(run, lost);
    free(lost);
}

void tdh_budget_lost(struct tdh_run *run, const struct tdh_meters *lost)
{
    spend(run, lost);
}

/* Will it be done again, or is it known what became of it? While a person is asked, nothing of it
 * begins, and the next process finds it as it is now. */
static bool is_cut_off(const struct tdh_ask_entry *ask, const struct tdh_resume *resume)
{
    return ask->kind == TDH_ASK_CALL && ask->target != NULL && ask->state == TDH_ASK_OPEN &&
           tdh_budget_counts(ask) && !tdh_doubt_is_asked(ask, resume);
}

/* Nobody knows which of them had begun. They had at most as far as they fit. */
void tdh_budget_resume(struct tdh_run *run, const struct tdh_resume *resume)
{
    struct misfit ignored;

    if (resume->budget != NULL && tdh_purse_above(run) == NULL)
        tdh_fold_limits(run, resume->budget);
    for (struct tdh_ask_entry *ask = run->first; ask != NULL; ask = ask->next)
        if (is_cut_off(ask, resume))
            take(ask, &ignored);
    for (struct tdh_ask_entry *ask = run->first; ask != NULL; ask = ask->next)
        if (ask->is_reserved) {
            lose_attempt(ask);
            ask->mark = run->marks + 1; /* it begins again when that is durable */
        }
    tdh_budget_flush(run);
}
