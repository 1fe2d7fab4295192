/* SPDX-License-Identifier: Apache-2.0 */
/*
 * voting: voters are asked at once; a rule says which choice wins.
 *
 * A result that the votes to come cannot change ends the run, and these are taken back. No quorum
 * and no winner are results as well. A tie is told, or decided by a chairman.
 */
#include "kit/kit.h"
#include "kit/tally.h"

enum { TAG_TIMER = 1 << 20, TAG_CHAIRMAN };

struct plan {
    struct kit_plan kit;
    struct kit_member *voters, *chairman; /* chairman: or NULL */
    size_t *weights;
    size_t count;
    struct rules rules;
    uint32_t timeout_ms;
    const char *choice;    /* JSON pointer into what a voter gives */
    const json_t *choices; /* what may be chosen; NULL: anything */
};

struct state {
    json_t *input;
    json_t *votes;   /* by voter: null, {choice}, {abstained} or {error} */
    size_t is_final; /* the votes are counted for good, and the chairman is asked */
};
static const struct kit_field fields[] = { KIT_VALUE(struct state, input),
                                           KIT_LIST(struct state, votes),
                                           KIT_COUNT(struct state, is_final), KIT_END };

/* --- the configuration --- */

static int read_weights(struct plan *plan, struct td_err *err)
{
    plan->weights = kit_alloc(&plan->kit, plan->count * sizeof(*plan->weights), err);
    if (plan->weights == NULL)
        return -1;
    for (size_t i = 0; i < plan->count; i++)
        if (kit_count(plan->voters[i].text, "weight", 1, WEIGHT_MAX, 1, &plan->weights[i], err) !=
            0)
            return td_context(err, "voter \"%s\"", plan->voters[i].name);
    return 0;
}

static int read(void *arg, const json_t *config, struct td_err *err)
{
    struct plan *plan = arg;

    plan->choices = json_object_get(config, "choices");
    if (kit_members(&plan->kit, config, "voters", "voter", 1, VOTERS_MAX, &plan->voters,
                    &plan->count, err) != 0 ||
        kit_member(&plan->kit, config, "chairman", &plan->chairman, err) != 0 ||
        read_weights(plan, err) != 0 ||
        tally_rules(config, plan->count, 1, &plan->rules, err) != 0 ||
        kit_duration(config, "timeout", &plan->timeout_ms, err) != 0 ||
        kit_pointer(config, "choice", "/choice", &plan->choice, err) != 0)
        return -1;
    return 0;
}

/* --- the result --- */

/* [{voter, choice | abstained | error}]; who was not heard is left out. */
static json_t *votes_json(const struct state *state, const struct plan *plan)
{
    json_t *rows = json_array(), *vote;
    size_t i;

    json_array_foreach (state->votes, i, vote) {
        if (json_is_object(vote))
            kit_add(&rows, kit_merged(json_pack("{s:s}", "voter", plan->voters[i].name), vote));
    }
    return rows;
}

static int finish(const struct state *state, const struct plan *plan, const struct tally *tally,
                  const char *outcome, const json_t *decision, const char *by, struct td_asks *asks,
                  struct td_err *err)
{
    json_t *output = json_pack("{s:s, s:O?}", "outcome", outcome, "decision", decision);

    kit_add_text(&output, "decided_by", by);
    kit_add_member(&output, "tally", tally_json(tally, false));
    kit_add_member(&output, "votes", votes_json(state, plan));
    kit_add_member(&output, "heard", json_integer((json_int_t)(tally->voted + tally->abstained)));
    kit_add_member(&output, "quorum", json_integer((json_int_t)plan->rules.quorum));
    kit_add_member(&output, "voters", json_integer((json_int_t)plan->count));
    return kit_finish(asks, output, err);
}

static int ask_chairman(struct state *state, const struct plan *plan, const struct tally *tally,
                        struct td_asks *asks, struct td_err *err)
{
    json_t *given = json_pack("{s:O, s:o}", "input", state->input, "tied", tally_json(tally, true));

    state->is_final = 1;
    return kit_ask_made(plan->chairman, "chairman", TAG_CHAIRMAN, given, asks, NULL, err);
}

static int look(struct state *state, const struct plan *plan, bool is_final, struct td_asks *asks,
                struct td_err *err)
{
    static const char *const outcomes[] = { "", "decided", "tie", "undecided", "no_quorum" };
    const struct tally_row *best;
    struct tally tally;
    enum verdict verdict;

    tally_make(&tally, state->votes, plan->weights, is_final);
    verdict = tally_verdict(&tally, &plan->rules, &best);
    if (verdict == WAITING)
        return 0;
    if (verdict == TIE && plan->chairman != NULL)
        return ask_chairman(state, plan, &tally, asks, err);
    return finish(state, plan, &tally, outcomes[verdict], verdict == DECIDED ? best->choice : NULL,
                  verdict == DECIDED ? "vote" : NULL, asks, err);
}

/* --- events --- */

static int start(void *arg, const void *plan_arg, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    kit_hold(&state->input, input);
    for (size_t i = 0; i < plan->count; i++)
        if (kit_push(state->votes, json_null(), err) != 0 ||
            kit_ask_nth(&plan->voters[i], i, i, input, asks, NULL, err) != 0)
            return -1;
    return plan->timeout_ms > 0
               ? td_ask_timer(asks, "timeout", TAG_TIMER, plan->timeout_ms, NULL, err)
               : 0;
}

/* A chairman who fails, or names what is not tied, leaves it at the tie. */
static int fold_chairman(const struct state *state, const struct plan *plan,
                         const struct td_event *event, struct td_asks *asks, struct td_err *err)
{
    const json_t *choice =
        event->kind == TD_EVENT_FAILED ? NULL : kit_at(event->output, plan->choice);
    struct tally tally;

    tally_make(&tally, state->votes, plan->weights, true);
    if (choice == NULL || !tally_is_leading(&tally, choice))
        return finish(state, plan, &tally, "tie", NULL, NULL, asks, err);
    return finish(state, plan, &tally, "decided", choice, "chairman", asks, err);
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    if (event->tag == TAG_CHAIRMAN)
        return fold_chairman(state, plan, event, asks, err);
    if (state->is_final)
        return 0; /* too late */
    if (event->tag == TAG_TIMER)
        return look(state, plan, true, asks, err);
    if (kit_set(state->votes, event->tag, tally_vote(event, plan->choice, plan->choices), err) != 0)
        return -1;
    return look(state, plan, false, asks, err);
}

static bool fits(const void *state, const void *plan)
{
    return json_array_size(((const struct state *)state)->votes) ==
           ((const struct plan *)plan)->count;
}

static const struct kit_pattern voting = { .plan_size = sizeof(struct plan),
                                           .fields = fields,
                                           .read = read,
                                           .start = start,
                                           .fold = fold,
                                           .fits = fits };
KIT_PLUGIN("voting", "1.0.0", voting, struct state);
