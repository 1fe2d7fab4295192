/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token-ring: a token goes round; only who holds it works, and what it gives is the token of the
 * next.
 */
#include "kit/kit.h"

enum { MEMBERS_MAX = 100, LAPS_MAX = 1000 };

struct plan {
    struct kit_plan kit;
    struct kit_member *members;
    size_t count, laps;
    const char *token_at, *done_at;
    unsigned is_skipping;
};

struct state {
    json_t *input, *token;
    json_t *skipped; /* [{member, lap, error}] */
    size_t pass;     /* how often the token was handed on: the holder, and the lap */
    size_t failures; /* in a row */
};
static const struct kit_field fields[] = {
    KIT_VALUE(struct state, input),    KIT_VALUE(struct state, token),
    KIT_LIST(struct state, skipped),   KIT_COUNT(struct state, pass),
    KIT_COUNT(struct state, failures), KIT_END,
};

static int read(void *arg, const json_t *config, struct td_err *err)
{
    static const char *const on_failures[] = { "fail", "skip", NULL };
    struct plan *plan = arg;

    if (kit_members(&plan->kit, config, "members", "member", 1, MEMBERS_MAX, &plan->members,
                    &plan->count, err) != 0 ||
        kit_members_unique(plan->members, plan->count, "member", err) != 0 ||
        kit_count(config, "laps", 1, LAPS_MAX, 1, &plan->laps, err) != 0 ||
        kit_pointer(config, "token", "", &plan->token_at, err) != 0 ||
        kit_pointer(config, "done", "/done", &plan->done_at, err) != 0)
        return -1;
    return kit_choice(config, "on_failure", on_failures, 0, &plan->is_skipping, err);
}

static const struct kit_member *holder_of(const struct state *state, const struct plan *plan)
{
    return &plan->members[state->pass % plan->count];
}

static json_int_t lap_of(const struct state *state, const struct plan *plan)
{
    return (json_int_t)(state->pass / plan->count + 1);
}

static int ask(const struct state *state, const struct plan *plan, struct td_asks *asks,
               struct td_err *err)
{
    const struct kit_member *holder = holder_of(state, plan);

    return kit_ask_nth_made(holder, state->pass, 0,
                            json_pack("{s:O, s:O, s:s, s:I, s:I}", "input", state->input, "token",
                                      state->token, "holder", holder->name, "lap",
                                      lap_of(state, plan), "laps", (json_int_t)plan->laps),
                            asks, NULL, err);
}

static int start(void *arg, const void *plan, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;

    kit_hold(&state->input, input);
    kit_hold(&state->token, input);
    return ask(state, plan, asks, err);
}

/* `by` is who said that it is done, or NULL. */
static int finish(const struct state *state, const char *by, json_int_t lap, struct td_asks *asks,
                  struct td_err *err)
{
    json_t *output =
        json_pack("{s:s, s:b, s:O, s:I, s:I, s:O}", "outcome", by != NULL ? "done" : "went_round",
                  "success", 1, "output", state->token, "lap", lap, "passes",
                  (json_int_t)state->pass, "skipped", state->skipped);

    kit_add_text(&output, "done_by", by);
    return kit_finish(asks, output, err);
}

static int hand_on(struct state *state, const struct plan *plan, const char *done_by,
                   struct td_asks *asks, struct td_err *err)
{
    json_int_t lap = lap_of(state, plan);

    state->pass++;
    return done_by != NULL || state->pass == plan->laps * plan->count
               ? finish(state, done_by, lap, asks, err)
               : ask(state, plan, asks, err);
}

/* A ring in which nobody can hold the token is broken. */
static int fold_failure(struct state *state, const struct plan *plan, const struct td_err *error,
                        struct td_asks *asks, struct td_err *err)
{
    const char *name = holder_of(state, plan)->name;

    if (!plan->is_skipping)
        return kit_fail_as(error, err, "member \"%s\"", name);
    if (++state->failures == plan->count)
        return kit_fail_as(error, err, "all members failed, the last of them \"%s\"", name);
    if (kit_push(state->skipped,
                 json_pack("{s:s, s:I, s:s}", "member", name, "lap", lap_of(state, plan), "error",
                           error->text),
                 err) != 0)
        return -1;
    return hand_on(state, plan, NULL, asks, err);
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;
    const char *name = holder_of(state, plan)->name;
    const json_t *token;

    if (event->kind == TD_EVENT_FAILED)
        return fold_failure(state, plan, event->error, asks, err);
    state->failures = 0;
    token = kit_at(event->output, plan->token_at);
    if (token == NULL)
        return td_fail(err, TD_E_EXEC, "member \"%s\" gave no token at \"%s\"", name,
                       plan->token_at);
    kit_hold(&state->token, token);
    return hand_on(state, plan, json_is_true(kit_at(event->output, plan->done_at)) ? name : NULL,
                   asks, err);
}

static bool fits(const void *arg, const void *plan_arg)
{
    const struct state *state = arg;
    const struct plan *plan = plan_arg;

    return state->pass < plan->laps * plan->count && state->token != NULL && state->input != NULL;
}

static const struct kit_pattern token_ring = { .plan_size = sizeof(struct plan),
                                               .fields = fields,
                                               .read = read,
                                               .start = start,
                                               .fold = fold,
                                               .fits = fits };
KIT_PLUGIN("token-ring", "1.0.0", token_ring, struct state);
