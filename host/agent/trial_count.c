/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial_count: calls of both sides of a trial, counted where they go into the plugin.
 */
#include <stdio.h>

#include "agent/trial.h"
#include "base/clock.h"

#define RELAXED memory_order_relaxed

void tdh_trial_reset(struct tdh_trial *trial)
{
    for (unsigned i = 0; i < 2; i++) {
        struct tdh_side *side = &trial->sides[i];

        atomic_store_explicit(&side->calls, 0, RELAXED);
        atomic_store_explicit(&side->failures, 0, RELAXED);
        atomic_store_explicit(&side->in_row, 0, RELAXED);
        for (unsigned k = 0; k < TDH_SPREAD_BUCKETS; k++)
            atomic_store_explicit(&side->spread[k], 0, RELAXED);
    }
    trial->picks = 0;
    trial->same = trial->different = trial->skipped = 0;
    pthread_mutex_lock(&trial->lock);
    json_array_clear(trial->examples);
    trial->last[0] = '\0';
    pthread_mutex_unlock(&trial->lock);
}

void tdh_side_read(const struct tdh_side *side, struct tdh_side_sum *ret_sum)
{
    ret_sum->failures = atomic_load_explicit(&side->failures, RELAXED);
    ret_sum->calls = atomic_load_explicit(&side->calls, RELAXED);
    ret_sum->in_row = atomic_load_explicit(&side->in_row, RELAXED);
    for (unsigned i = 0; i < TDH_SPREAD_BUCKETS; i++)
        ret_sum->spread[i] = atomic_load_explicit(&side->spread[i], RELAXED);
}

json_t *tdh_side_json(const struct tdh_side *side)
{
    struct tdh_side_sum sum;

    tdh_side_read(side, &sum);
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "calls", (json_int_t)sum.calls, "failures",
                     (json_int_t)sum.failures, "in_a_row", (json_int_t)sum.in_row, "p50_ns",
                     (json_int_t)tdh_spread_quantile(sum.spread, 0.5), "p95_ns",
                     (json_int_t)tdh_spread_quantile(sum.spread, 0.95));
}

static void count(struct tdh_trial *trial, unsigned place, const struct td_err *failure,
                  uint64_t took_ns)
{
    struct tdh_side *side = &trial->sides[place];

    atomic_fetch_add_explicit(&side->calls, 1, RELAXED);
    atomic_fetch_add_explicit(&side->spread[tdh_spread_bucket(took_ns)], 1, RELAXED);
    if (failure == NULL) {
        atomic_store_explicit(&side->in_row, 0, RELAXED);
        return;
    }
    atomic_fetch_add_explicit(&side->failures, 1, RELAXED);
    atomic_fetch_add_explicit(&side->in_row, 1, RELAXED);
    if (place != TDH_SIDE_TRIED)
        return;
    pthread_mutex_lock(&trial->lock);
    snprintf(trial->last, sizeof(trial->last), "%s", failure->text);
    pthread_mutex_unlock(&trial->lock);
}

/* Output that does not fit is a failure here already; the call path says so behind this. */
int tdh_trial_dispatch(struct tdh_agent_template *template, struct tdh_call *call,
                       tdh_dispatch_fn *dispatch, struct td_err *err)
{
    struct tdh_trial *trial = atomic_load_explicit(&template->trial, memory_order_acquire);
    unsigned side = atomic_load_explicit(&template->side, RELAXED);
    uint64_t begun_ns = tdh_clock_mono_ns(), took_ns;
    int rc = dispatch(call, err);
    struct td_err misfit;
    const struct td_err *failure = rc != 0 ? err : NULL;

    took_ns = tdh_clock_mono_ns() - begun_ns;
    if (rc != 0 && err->code == TD_E_CANCELLED)
        return rc;
    if (rc == 0 && tdh_call_check_output(call->target, call->output, &misfit) != 0)
        failure = &misfit;
    count(trial, side, failure, took_ns);
    if (rc == 0 && side == TDH_SIDE_SERVING && call->target->effects == TDH_EFFECTS_NONE &&
        atomic_load_explicit(&trial->is_mirrored, RELAXED))
        tdh_trial_mirror(trial, template, call);
    return rc;
}
