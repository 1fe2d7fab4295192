/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request-reply: one request, one reply. When a responder fails or is late, the next one is asked.
 *
 * A late call is taken back before the next is made, so a reply always belongs to the responder
 * that is named with it; the number of the ask is the correlation.
 */
#include <stdio.h>

#include "kit/kit.h"

enum { RESPONDERS_MAX = 100 };

struct plan {
    struct kit_plan kit;
    struct kit_member *responders;
    size_t count;
    uint32_t timeout_ms; /* of a reply; 0: none */
};

struct state {
    size_t at;         /* the responder that is asked */
    size_t ask, timer; /* timer: 0: none */
    json_t *request;
    json_t *tried; /* [{responder, error}] */
};
static const struct kit_field fields[] = {
    KIT_COUNT(struct state, at),      KIT_COUNT(struct state, ask),  KIT_COUNT(struct state, timer),
    KIT_VALUE(struct state, request), KIT_LIST(struct state, tried), KIT_END,
};

static int read(void *arg, const json_t *config, struct td_err *err)
{
    struct plan *plan = arg;

    if (kit_duration(config, "timeout", &plan->timeout_ms, err) != 0)
        return -1;
    return kit_members(&plan->kit, config, "responders", "responder", 1, RESPONDERS_MAX,
                       &plan->responders, &plan->count, err);
}

static int ask(struct state *state, const struct plan *plan, struct td_asks *asks,
               struct td_err *err)
{
    const struct kit_member *responder = &plan->responders[state->at];
    char path[KIT_PATH_MAX];
    uint32_t number = 0, timer = 0;
    int rc = kit_ask_nth(responder, state->at, state->at, state->request, asks, &number, err);

    snprintf(path, sizeof(path), "%.*s[%zu].timeout", KIT_NAME_BYTES, responder->name, state->at);
    if (rc == 0 && plan->timeout_ms > 0)
        rc = td_ask_timer(asks, path, state->at, plan->timeout_ms, &timer, err);
    state->ask = number;
    state->timer = timer;
    return rc;
}

static int start(void *arg, const void *plan, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;

    kit_hold(&state->request, input);
    return ask(state, plan, asks, err);
}

/* The next one, if there is one. */
static int go_on(struct state *state, const struct plan *plan, const struct td_err *why,
                 struct td_asks *asks, struct td_err *err)
{
    const char *name = plan->responders[state->at].name;

    if (kit_push(state->tried, json_pack("{s:s, s:s}", "responder", name, "error", why->text),
                 err) != 0)
        return -1;
    if (state->at + 1 == plan->count)
        return kit_fail_as(why, err, "no reply from %zu responder%s, the last of them \"%s\"",
                           plan->count, plan->count > 1 ? "s" : "", name);
    state->at++;
    return ask(state, plan, asks, err);
}

static int fold_late(struct state *state, const struct plan *plan, struct td_asks *asks,
                     struct td_err *err)
{
    struct td_err why;

    if (td_ask_cancel(asks, (uint32_t)state->ask, err) != 0)
        return -1;
    td_fail(&why, TD_E_TIMEOUT, "did not reply within %u ms", plan->timeout_ms);
    return go_on(state, plan, &why, asks, err);
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    if (event->ask == state->timer)
        return fold_late(state, plan, asks, err);
    if (state->timer != 0 && td_ask_cancel(asks, (uint32_t)state->timer, err) != 0)
        return -1;
    if (event->kind == TD_EVENT_FAILED)
        return go_on(state, plan, event->error, asks, err);
    return kit_finish(asks,
                      json_pack("{s:O, s:s, s:O}", "reply", event->output, "responder",
                                plan->responders[state->at].name, "tried", state->tried),
                      err);
}

static bool fits(const void *arg, const void *plan)
{
    const struct state *state = arg;

    return state->at < ((const struct plan *)plan)->count && state->ask > 0 &&
           state->request != NULL;
}

static const struct kit_pattern request_reply = { .plan_size = sizeof(struct plan),
                                                  .fields = fields,
                                                  .read = read,
                                                  .start = start,
                                                  .fold = fold,
                                                  .fits = fits };
KIT_PLUGIN("request-reply", "1.0.0", request_reply, struct state);
