/* SPDX-License-Identifier: Apache-2.0 */
/*
 * consensus: in a round all proposers make a proposal at once, then each voter votes for one of
 * them, for none, or abstains. It ends when a proposal has the votes it needs, when the rounds are
 * used up, or when the time is.
 *
 * What is needed stands in the configuration, not with whoever comes first; a vote is for one
 * proposal of its round, and none that comes later changes a decision.
 */
#include <stdio.h>
#include <string.h>

#include "kit/kit.h"
#include "kit/tally.h"

enum { PROPOSERS_MAX = 20, ROUNDS_MAX = 50, ROUNDS_DEFAULT = 3 };
enum { TAG_VOTE = 1 << 20, TAG_TIMER = 1 << 21 }; /* of a voter: TAG_VOTE and its place */
#define NONE "none"                               /* a vote against all proposals */

enum phase { PROPOSING, VOTING };

struct plan {
    struct kit_plan kit;
    struct kit_member *proposers, *voters;
    size_t *weights; /* by voter */
    size_t proposer_count, voter_count, rounds;
    struct rules rules;
    uint32_t timeout_ms;
    const char *proposal_at, *choice_at;
};

struct state {
    json_t *input;
    json_t *proposals; /* of this round, by proposer: null or {id, proposal} */
    json_t *votes;     /* of this round, by voter */
    json_t *history;   /* [{round, outcome, proposals, tally, votes}] of rounds that are over */
    size_t round, phase, open;
};
static const struct kit_field fields[] = {
    KIT_VALUE(struct state, input), KIT_LIST(struct state, proposals),
    KIT_LIST(struct state, votes),  KIT_LIST(struct state, history),
    KIT_COUNT(struct state, round), KIT_COUNT(struct state, phase),
    KIT_COUNT(struct state, open),  KIT_END,
};

/* --- the configuration --- */

static int read_members(struct plan *plan, const json_t *config, struct td_err *err)
{
    if (kit_members(&plan->kit, config, "proposers", "proposer", 1, PROPOSERS_MAX, &plan->proposers,
                    &plan->proposer_count, err) != 0 ||
        kit_members_unique(plan->proposers, plan->proposer_count, "proposer", err) != 0 ||
        kit_members(&plan->kit, config, "voters", "voter", 1, VOTERS_MAX, &plan->voters,
                    &plan->voter_count, err) != 0 ||
        kit_members_unique(plan->voters, plan->voter_count, "voter", err) != 0)
        return -1;
    for (size_t i = 0; i < plan->proposer_count; i++)
        if (strcmp(plan->proposers[i].name, NONE) == 0)
            return td_fail(err, TD_E_CONFIG,
                           "proposer %zu cannot be called \"%s\": that is a vote against all", i,
                           NONE);
    return 0;
}

static int read_weights(struct plan *plan, struct td_err *err)
{
    plan->weights = kit_alloc(&plan->kit, plan->voter_count * sizeof(*plan->weights), err);
    if (plan->weights == NULL)
        return -1;
    for (size_t i = 0; i < plan->voter_count; i++)
        if (kit_count(plan->voters[i].text, "weight", 1, WEIGHT_MAX, 1, &plan->weights[i], err) !=
            0)
            return td_context(err, "voter \"%s\"", plan->voters[i].name);
    return 0;
}

static int read(void *arg, const json_t *config, struct td_err *err)
{
    struct plan *plan = arg;

    if (read_members(plan, config, err) != 0 || read_weights(plan, err) != 0 ||
        tally_rules(config, plan->voter_count, plan->voter_count / 2 + 1, &plan->rules, err) != 0 ||
        kit_count(config, "rounds", 1, ROUNDS_MAX, ROUNDS_DEFAULT, &plan->rounds, err) != 0 ||
        kit_duration(config, "timeout", &plan->timeout_ms, err) != 0 ||
        kit_pointer(config, "proposal", "/proposal", &plan->proposal_at, err) != 0 ||
        kit_pointer(config, "choice", "/choice", &plan->choice_at, err) != 0)
        return -1;
    return 0;
}

/* --- what is told --- */

/* [{id, proposal}]; who made none is left out. new */
static json_t *proposal_rows(const struct state *state)
{
    json_t *rows = json_array(), *row;
    size_t i;

    json_array_foreach (state->proposals, i, row)
        if (json_is_object(row))
            kit_add(&rows, json_incref(row));
    return rows;
}

/* [{voter, choice | abstained | error}]; who was not heard is left out. new */
static json_t *vote_rows(const struct state *state, const struct plan *plan)
{
    json_t *rows = json_array(), *vote;
    size_t i;

    json_array_foreach (state->votes, i, vote)
        if (json_is_object(vote))
            kit_add(&rows, kit_merged(json_pack("{s:s}", "voter", plan->voters[i].name), vote));
    return rows;
}

/* How a round ended is kept. */
static int note_round(struct state *state, const struct plan *plan, const char *outcome,
                      struct td_err *err)
{
    struct tally tally;

    tally_make(&tally, state->votes, plan->weights, true);
    return kit_push(state->history,
                    json_pack("{s:I, s:s, s:o, s:o, s:o}", "round", (json_int_t)state->round,
                              "outcome", outcome, "proposals", proposal_rows(state), "tally",
                              tally_json(&tally, false), "votes", vote_rows(state, plan)),
                    err);
}

/* `agreed` is {id, proposal}; NULL: there is none. */
static int finish(const struct state *state, const struct plan *plan, const char *outcome,
                  const json_t *agreed, struct td_asks *asks, struct td_err *err)
{
    return kit_finish(asks,
                      json_pack("{s:s, s:b, s:O?, s:O?, s:I, s:I, s:I, s:O}", "outcome", outcome,
                                "success", agreed != NULL, "output",
                                json_object_get(agreed, "proposal"), "proposed_by",
                                json_object_get(agreed, "id"), "round", (json_int_t)state->round,
                                "quorum", (json_int_t)plan->rules.quorum, "voters",
                                (json_int_t)plan->voter_count, "history", state->history),
                      err);
}

/* --- a round --- */

static int ask(const struct kit_member *member, const char *what, size_t round, uint64_t tag,
               json_t *given, struct td_asks *asks, struct td_err *err)
{
    char path[KIT_PATH_MAX];

    snprintf(path, sizeof(path), "%s.%.*s[%zu]", what, KIT_NAME_BYTES, member->name, round);
    return kit_ask_made(member, path, tag, given, asks, NULL, err);
}

static int fill_nulls(json_t *list, size_t count, struct td_err *err)
{
    json_array_clear(list);
    for (size_t i = 0; i < count; i++)
        if (kit_push(list, json_null(), err) != 0)
            return -1;
    return 0;
}

static int begin_round(struct state *state, const struct plan *plan, struct td_asks *asks,
                       struct td_err *err)
{
    const json_t *last = state->round > 0 ? json_array_get(state->history, state->round - 1) : NULL;

    state->round++;
    state->phase = PROPOSING;
    state->open = plan->proposer_count;
    if (fill_nulls(state->proposals, plan->proposer_count, err) != 0 ||
        fill_nulls(state->votes, plan->voter_count, err) != 0)
        return -1;
    for (size_t i = 0; i < plan->proposer_count; i++)
        if (ask(&plan->proposers[i], "propose", state->round, i,
                json_pack("{s:O, s:I, s:I, s:O?}", "input", state->input, "round",
                          (json_int_t)state->round, "rounds", (json_int_t)plan->rounds, "last",
                          last),
                asks, err) != 0)
            return -1;
    return 0;
}

static int end_round(struct state *state, const struct plan *plan, const char *outcome,
                     struct td_asks *asks, struct td_err *err)
{
    if (note_round(state, plan, outcome, err) != 0)
        return -1;
    return state->round < plan->rounds ? begin_round(state, plan, asks, err)
                                       : finish(state, plan, "no_consensus", NULL, asks, err);
}

static int ask_voters(struct state *state, const struct plan *plan, struct td_asks *asks,
                      struct td_err *err)
{
    state->phase = VOTING;
    state->open = plan->voter_count;
    for (size_t i = 0; i < plan->voter_count; i++)
        if (ask(&plan->voters[i], "vote", state->round, TAG_VOTE + i,
                json_pack("{s:O, s:I, s:I, s:o}", "input", state->input, "round",
                          (json_int_t)state->round, "rounds", (json_int_t)plan->rounds, "proposals",
                          proposal_rows(state)),
                asks, err) != 0)
            return -1;
    return 0;
}

/* --- events --- */

static int fold_proposal(struct state *state, const struct plan *plan, const struct td_event *event,
                         struct td_asks *asks, struct td_err *err)
{
    const json_t *proposal =
        event->kind == TD_EVENT_FAILED ? NULL : kit_at(event->output, plan->proposal_at);
    bool is_any = false;
    const json_t *row;
    size_t i;

    if (proposal != NULL && !json_is_null(proposal) &&
        kit_set(
            state->proposals, event->tag,
            json_pack("{s:s, s:O}", "id", plan->proposers[event->tag].name, "proposal", proposal),
            err) != 0)
        return -1;
    if (--state->open > 0)
        return 0;
    json_array_foreach (state->proposals, i, row)
        is_any = is_any || json_is_object(row);
    return is_any ? ask_voters(state, plan, asks, err)
                  : end_round(state, plan, "no_proposals", asks, err);
}

/* What may be voted for. new; NULL: no memory */
static json_t *choices(const struct state *state)
{
    json_t *list = json_array(), *row;
    size_t i;

    json_array_foreach (state->proposals, i, row)
        if (json_is_object(row))
            kit_add(&list, json_incref(json_object_get(row, "id")));
    kit_add(&list, json_string(NONE));
    return list;
}

static const json_t *proposal_of(const struct state *state, const json_t *id)
{
    const json_t *row;
    size_t i;

    json_array_foreach (state->proposals, i, row)
        if (json_equal(json_object_get(row, "id"), id))
            return row;
    return NULL;
}

static int look(struct state *state, const struct plan *plan, struct td_asks *asks,
                struct td_err *err)
{
    static const char *const outcomes[] = { "", "rejected", "tie", "undecided", "no_quorum" };
    const struct tally_row *best;
    const json_t *agreed = NULL;
    struct tally tally;
    enum verdict verdict;

    tally_make(&tally, state->votes, plan->weights, false);
    verdict = tally_verdict(&tally, &plan->rules, &best);
    if (verdict == WAITING)
        return 0;
    if (verdict == DECIDED)
        agreed = proposal_of(state, best->choice);
    if (agreed == NULL && state->open > 0)
        return 0; /* rejected; but the round is over only when all are heard */
    if (agreed == NULL)
        return end_round(state, plan, outcomes[verdict], asks, err);
    return note_round(state, plan, "agreed", err) == 0
               ? finish(state, plan, "agreed", agreed, asks, err)
               : -1;
}

static int fold_vote(struct state *state, const struct plan *plan, const struct td_event *event,
                     struct td_asks *asks, struct td_err *err)
{
    json_t *allowed = choices(state);
    int rc = allowed != NULL ? kit_set(state->votes, event->tag - TAG_VOTE,
                                       tally_vote(event, plan->choice_at, allowed), err)
                             : td_fail(err, TD_E_NOMEM, "could not allocate the choices");

    json_decref(allowed);
    state->open--;
    return rc == 0 ? look(state, plan, asks, err) : -1;
}

static int start(void *arg, const void *plan_arg, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    kit_hold(&state->input, input);
    if (begin_round(state, plan, asks, err) != 0)
        return -1;
    return plan->timeout_ms > 0
               ? td_ask_timer(asks, "timeout", TAG_TIMER, plan->timeout_ms, NULL, err)
               : 0;
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    if (event->tag == TAG_TIMER)
        return note_round(state, plan, "timeout", err) == 0
                   ? finish(state, plan, "timeout", NULL, asks, err)
                   : -1;
    return event->tag >= TAG_VOTE ? fold_vote(state, plan, event, asks, err)
                                  : fold_proposal(state, plan, event, asks, err);
}

static bool fits(const void *arg, const void *plan_arg)
{
    const struct state *state = arg;
    const struct plan *plan = plan_arg;

    return json_array_size(state->proposals) == plan->proposer_count &&
           json_array_size(state->votes) == plan->voter_count && state->round >= 1 &&
           state->round <= plan->rounds && state->phase <= VOTING && state->open > 0;
}

static const struct kit_pattern consensus = { .plan_size = sizeof(struct plan),
                                              .fields = fields,
                                              .read = read,
                                              .start = start,
                                              .fold = fold,
                                              .fits = fits };
KIT_PLUGIN("consensus", "1.0.0", consensus, struct state);
