/* SPDX-License-Identifier: Apache-2.0 */
/*
 * retry: tries a member again when it fails, with waits between the attempts.
 *
 * What the member gives is the result as it is, so that wrappers stack. One that is done without
 * success is tried again, too, unless it is said not to be strict. A member that is a run has
 * no attempts of its own: each attempt is a run of its own here.
 */
#include <stdio.h>

#include "kit/kit.h"

enum { TAG_MEMBER, TAG_WAIT };

struct plan {
    struct kit_plan kit;
    struct kit_member *member;
    struct td_policy policy;
};

struct state {
    json_t *input;
    size_t attempt; /* from 1 */
};
static const struct kit_field fields[] = { KIT_VALUE(struct state, input),
                                           KIT_COUNT(struct state, attempt), KIT_END };

static int read(void *arg, const json_t *config, struct td_err *err)
{
    struct plan *plan = arg;

    if (kit_member_needed(&plan->kit, config, "member", &plan->member, err) != 0)
        return -1;
    plan->member->is_strict = !json_is_false(json_object_get(plan->member->text, "strict"));
    return kit_retry(config, &plan->policy, err);
}

static int ask(struct state *state, const struct plan *plan, struct td_asks *asks,
               struct td_err *err)
{
    state->attempt++;
    return kit_ask_nth(plan->member, state->attempt, TAG_MEMBER, state->input, asks, NULL, err);
}

static int start(void *arg, const void *plan, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;

    kit_hold(&state->input, input);
    return ask(state, plan, asks, err);
}

/* --- the wait behind an attempt --- */

static double growth(enum td_backoff backoff, size_t attempt)
{
    double one = 1, other = 1;

    if (backoff == TD_BACKOFF_FIXED)
        return 1;
    if (backoff == TD_BACKOFF_LINEAR)
        return (double)attempt;
    for (size_t i = 1; i < attempt && one <= UINT32_MAX; i++) { /* beyond that it makes no odds */
        double next = backoff == TD_BACKOFF_EXPONENTIAL ? one * 2 : other;

        other += one;
        one = next;
    }
    return one;
}

static uint64_t wait_ms(const struct td_policy *policy, size_t attempt)
{
    double most = policy->max_ms > 0 ? policy->max_ms : UINT32_MAX;
    double wait = policy->initial_ms * growth(policy->backoff, attempt);

    return (uint64_t)(wait < most ? wait : most);
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;
    char path[KIT_PATH_MAX];

    if (event->tag == TAG_WAIT)
        return ask(state, plan, asks, err);
    if (event->kind != TD_EVENT_FAILED)
        return kit_finish(asks, json_incref(event->output), err);
    if (state->attempt == plan->policy.max_attempts)
        return kit_fail_as(event->error, err, "failed after %zu attempt%s", state->attempt,
                           state->attempt > 1 ? "s" : "");
    if (plan->policy.initial_ms == 0)
        return ask(state, plan, asks, err);
    snprintf(path, sizeof(path), "wait[%zu]", state->attempt);
    return td_ask_timer(asks, path, TAG_WAIT, wait_ms(&plan->policy, state->attempt), NULL, err);
}

static bool fits(const void *arg, const void *plan)
{
    const struct state *state = arg;

    return state->attempt >= 1 &&
           state->attempt <= ((const struct plan *)plan)->policy.max_attempts;
}

static const struct kit_pattern retry = { .plan_size = sizeof(struct plan),
                                          .fields = fields,
                                          .read = read,
                                          .start = start,
                                          .fold = fold,
                                          .fits = fits };
KIT_PLUGIN("retry", "1.0.0", retry, struct state);
