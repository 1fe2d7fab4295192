/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reflection: a worker makes a draft, a critic judges it, and the worker makes it better, until the
 * critic accepts it or the rounds are used up.
 *
 * Once there is a draft no failure loses it: the run is done with the draft and the error.
 */
#include <stdio.h>

#include "kit/kit.h"

enum { ROUNDS_MAX = 50, ROUNDS_DEFAULT = 3 };

enum phase { WORKING, JUDGING };

struct plan {
    struct kit_plan kit;
    struct kit_member *worker, *critic;
    size_t rounds;
    unsigned is_best; /* the best draft is the result, not the last */
    const char *verdict, *accepted, *feedback, *score;
};

struct state {
    json_t *input;
    json_t *draft, *feedback; /* NULL: none yet */
    json_t *best;             /* {draft, score, round} of what was judged; NULL: none */
    json_t *verdicts;         /* [{round, accepted, feedback, score}] */
    size_t round;             /* from 1 */
    size_t phase;
};
static const struct kit_field fields[] = {
    KIT_VALUE(struct state, input),    KIT_VALUE(struct state, draft),
    KIT_VALUE(struct state, feedback), KIT_VALUE(struct state, best),
    KIT_LIST(struct state, verdicts),  KIT_COUNT(struct state, round),
    KIT_COUNT(struct state, phase),    KIT_END,
};

static int read_pointers(struct plan *plan, const json_t *config, struct td_err *err)
{
    const struct {
        const char *key, *fallback, **text;
    } rows[] = { { "verdict", "", &plan->verdict },
                 { "accepted", "/accepted", &plan->accepted },
                 { "feedback", "/feedback", &plan->feedback },
                 { "score", "/score", &plan->score } };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (kit_pointer(config, rows[i].key, rows[i].fallback, rows[i].text, err) != 0)
            return -1;
    return 0;
}

static int read(void *arg, const json_t *config, struct td_err *err)
{
    static const char *const keeps[] = { "last", "best", NULL };
    struct plan *plan = arg;

    if (kit_member_needed(&plan->kit, config, "worker", &plan->worker, err) != 0 ||
        kit_member_needed(&plan->kit, config, "critic", &plan->critic, err) != 0 ||
        kit_count(config, "rounds", 1, ROUNDS_MAX, ROUNDS_DEFAULT, &plan->rounds, err) != 0 ||
        kit_choice(config, "keep", keeps, 0, &plan->is_best, err) != 0)
        return -1;
    return read_pointers(plan, config, err);
}

/* --- asking --- */

static int ask(struct state *state, const struct plan *plan, enum phase phase, struct td_asks *asks,
               struct td_err *err)
{
    const struct kit_member *member = phase == WORKING ? plan->worker : plan->critic;
    json_t *given =
        json_pack("{s:O, s:I, s:I, s:O?}", "input", state->input, "round", (json_int_t)state->round,
                  "rounds", (json_int_t)plan->rounds, "draft", state->draft);
    char path[KIT_PATH_MAX];

    state->phase = phase;
    snprintf(path, sizeof(path), "%s[%zu]", phase == WORKING ? "worker" : "critic", state->round);
    if (phase == WORKING)
        kit_add_member(&given, "feedback",
                       state->feedback != NULL ? json_incref(state->feedback) : json_null());
    return kit_ask_made(member, path, phase, given, asks, NULL, err);
}

static int start(void *arg, const void *plan, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;

    kit_hold(&state->input, input);
    state->round = 1;
    return ask(state, plan, WORKING, asks, err);
}

/* --- the end --- */

static int finish(const struct state *state, const struct plan *plan, const char *outcome,
                  const char *error, struct td_asks *asks, struct td_err *err)
{
    bool is_accepted = error == NULL && outcome[0] == 'a';
    bool is_best = plan->is_best && !is_accepted && state->best != NULL;
    json_t *draft = is_best ? json_object_get(state->best, "draft") : state->draft;
    json_t *output;
    json_int_t round = is_best ? json_integer_value(json_object_get(state->best, "round"))
                               : (json_int_t)state->round;

    if (!is_best && error != NULL && state->phase == WORKING)
        round--; /* the last draft is that of the round before */
    output = json_pack("{s:s, s:b, s:O, s:I, s:I, s:O}", "outcome", outcome, "accepted",
                       is_accepted, "output", draft, "round", round, "rounds",
                       (json_int_t)state->round, "verdicts", state->verdicts);
    kit_add_text(&output, "error", error);
    return kit_finish(asks, output, err);
}

/* Once there is a draft, it is the result. */
static int fold_failure(const struct state *state, const struct plan *plan,
                        const struct td_err *error, struct td_asks *asks, struct td_err *err)
{
    struct td_err why;

    kit_fail_as(error, &why, "%s, round %zu", state->phase == WORKING ? "worker" : "critic",
                state->round);
    if (state->draft != NULL)
        return finish(state, plan, "stopped", why.text, asks, err);
    *err = why;
    return -1;
}

/* --- judging --- */

/* The newest of equally good ones. */
static int note_best(struct state *state, const json_t *score, struct td_err *err)
{
    double best = json_number_value(json_object_get(state->best, "score"));
    json_t *row;

    if (!json_is_number(score) || (state->best != NULL && json_number_value(score) < best))
        return 0;
    row = json_pack("{s:O, s:O, s:I}", "draft", state->draft, "score", score, "round",
                    (json_int_t)state->round);
    if (row == NULL)
        return td_fail(err, TD_E_NOMEM, "could not keep the best draft");
    kit_hold(&state->best, row);
    json_decref(row);
    return 0;
}

static int note_verdict(struct state *state, const struct plan *plan, const json_t *verdict,
                        struct td_err *err)
{
    json_t *score = kit_at(verdict, plan->score), *feedback = kit_at(verdict, plan->feedback);

    kit_hold(&state->feedback, feedback);
    if (kit_push(state->verdicts,
                 json_pack("{s:I, s:O, s:O?, s:O*}", "round", (json_int_t)state->round, "accepted",
                           kit_at(verdict, plan->accepted), "feedback", feedback, "score", score),
                 err) != 0)
        return -1;
    return note_best(state, score, err);
}

static int fold_verdict(struct state *state, const struct plan *plan, const json_t *verdict,
                        struct td_asks *asks, struct td_err *err)
{
    const json_t *accepted = kit_at(verdict, plan->accepted);
    struct td_err why;

    if (!json_is_boolean(accepted)) {
        td_fail(&why, TD_E_EXEC, "gave neither true nor false at \"%s\"", plan->accepted);
        return fold_failure(state, plan, &why, asks, err);
    }
    if (note_verdict(state, plan, verdict, err) != 0)
        return -1;
    if (json_is_true(accepted))
        return finish(state, plan, "accepted", NULL, asks, err);
    if (state->round == plan->rounds)
        return finish(state, plan, "exhausted", NULL, asks, err);
    state->round++;
    return ask(state, plan, WORKING, asks, err);
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;
    json_t *verdict;
    int rc;

    if (event->kind == TD_EVENT_FAILED)
        return fold_failure(state, plan, event->error, asks, err);
    if (state->phase == WORKING) {
        kit_hold(&state->draft, event->output);
        return ask(state, plan, JUDGING, asks, err);
    }
    if (kit_reading(kit_at(event->output, plan->verdict), &verdict, err) != 0)
        return -1;
    rc = fold_verdict(state, plan, verdict, asks, err);
    json_decref(verdict);
    return rc;
}

static bool fits(const void *arg, const void *plan)
{
    const struct state *state = arg;

    return state->round >= 1 && state->round <= ((const struct plan *)plan)->rounds &&
           (state->phase == WORKING || state->draft != NULL);
}

static const struct kit_pattern reflection = { .plan_size = sizeof(struct plan),
                                               .fields = fields,
                                               .read = read,
                                               .start = start,
                                               .fold = fold,
                                               .fits = fits };
KIT_PLUGIN("reflection", "1.0.0", reflection, struct state);
