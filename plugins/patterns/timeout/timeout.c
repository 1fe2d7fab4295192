/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timeout: gives a member so much time. When that is up it is taken back, and another is asked
 * instead, or the run fails.
 *
 * What the member gives is the result as it is, so that wrappers stack.
 */
#include "kit/kit.h"

enum { TAG_MEMBER, TAG_TIMER, TAG_INSTEAD };

struct plan {
    struct kit_plan kit;
    struct kit_member *member, *instead; /* instead: or NULL */
    uint32_t after_ms;
};

struct state {
    json_t *input;
    size_t ask; /* of the member; 0: it was late */
};
static const struct kit_field fields[] = { KIT_VALUE(struct state, input),
                                           KIT_COUNT(struct state, ask), KIT_END };

static int read(void *arg, const json_t *config, struct td_err *err)
{
    struct plan *plan = arg;

    if (kit_member_needed(&plan->kit, config, "member", &plan->member, err) != 0 ||
        kit_member(&plan->kit, config, "instead", &plan->instead, err) != 0 ||
        kit_duration(config, "after", &plan->after_ms, err) != 0)
        return -1;
    return plan->after_ms > 0
               ? 0
               : td_fail(err, TD_E_CONFIG, "needs \"after\": the time, such as \"5m\"");
}

static int start(void *arg, const void *plan_arg, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;
    uint32_t ask = 0;

    kit_hold(&state->input, input);
    if (kit_ask(plan->member, plan->member->name, TAG_MEMBER, input, asks, &ask, err) != 0)
        return -1;
    state->ask = ask;
    return td_ask_timer(asks, "timeout", TAG_TIMER, plan->after_ms, NULL, err);
}

static int fold_late(struct state *state, const struct plan *plan, struct td_asks *asks,
                     struct td_err *err)
{
    if (td_ask_cancel(asks, (uint32_t)state->ask, err) != 0)
        return -1;
    state->ask = 0;
    if (plan->instead != NULL)
        return kit_ask(plan->instead, "instead", TAG_INSTEAD, state->input, asks, NULL, err);
    return td_fail(err, TD_E_TIMEOUT, "\"%s\" timed out after %u ms", plan->member->name,
                   plan->after_ms);
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    const struct plan *plan = plan_arg;

    if (event->tag == TAG_TIMER)
        return fold_late(arg, plan, asks, err);
    if (event->kind != TD_EVENT_FAILED)
        return kit_finish(asks, json_incref(event->output), err);
    return kit_fail_as(event->error, err, "\"%s\"",
                       (event->tag == TAG_INSTEAD ? plan->instead : plan->member)->name);
}

static bool fits(const void *arg, const void *plan)
{
    return ((const struct state *)arg)->ask > 0 || ((const struct plan *)plan)->instead != NULL;
}

static const struct kit_pattern timeout = { .plan_size = sizeof(struct plan),
                                            .fields = fields,
                                            .read = read,
                                            .start = start,
                                            .fold = fold,
                                            .fits = fits };
KIT_PLUGIN("timeout", "1.0.0", timeout, struct state);
