/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debate: participants argue for a number of rounds, each sees what was said; then a judge decides.
 *
 * It ends early when all agree. The transcript stands in the order of rounds and participants,
 * whoever was faster; what is handed on of it is bounded.
 */
#include "kit/kit.h"

enum { PARTICIPANTS_MAX = 20, ROUNDS_MAX = 50, TRANSCRIPT_MAX = PARTICIPANTS_MAX * ROUNDS_MAX };
enum { ROUNDS_DEFAULT = 3, SHOWN_DEFAULT = 50 };
enum { TAG_JUDGE = 1 << 20 };

struct plan {
    struct kit_plan kit;
    struct kit_member *participants, *judge; /* judge: or NULL */
    size_t count, rounds;
    size_t shown;      /* newest statements that are handed on */
    unsigned in_order; /* one after another, not all at once */
    const char *agree;
};

struct state {
    json_t *input;
    json_t *transcript; /* of rounds that are over: [{round, participant, output | error}] */
    json_t *said;       /* in this round, by participant: null or such a row */
    size_t round;       /* from 1 */
    size_t heard;       /* in this round */
};
static const struct kit_field fields[] = {
    KIT_VALUE(struct state, input), KIT_LIST(struct state, transcript),
    KIT_LIST(struct state, said),   KIT_COUNT(struct state, round),
    KIT_COUNT(struct state, heard), KIT_END,
};

static int read(void *arg, const json_t *config, struct td_err *err)
{
    static const char *const turns[] = { "at_once", "in_order", NULL };
    struct plan *plan = arg;

    if (kit_members(&plan->kit, config, "participants", "participant", 2, PARTICIPANTS_MAX,
                    &plan->participants, &plan->count, err) != 0 ||
        kit_members_unique(plan->participants, plan->count, "participant", err) != 0 ||
        kit_member(&plan->kit, config, "judge", &plan->judge, err) != 0 ||
        kit_choice(config, "turns", turns, 0, &plan->in_order, err) != 0 ||
        kit_count(config, "rounds", 1, ROUNDS_MAX, ROUNDS_DEFAULT, &plan->rounds, err) != 0 ||
        kit_count(config, "shown", 1, TRANSCRIPT_MAX, SHOWN_DEFAULT, &plan->shown, err) != 0 ||
        kit_pointer(config, "agree", "/agree", &plan->agree, err) != 0)
        return -1;
    return 0;
}

/* --- what is handed on --- */

/* The newest statements, without failures, oldest first. new */
static json_t *shown(const struct state *state, const struct plan *plan)
{
    json_t *rows = json_array(), *row;
    size_t i;

    json_array_foreach (state->transcript, i, row)
        if (json_object_get(row, "output") != NULL)
            kit_add(&rows, json_incref(row));
    json_array_foreach (state->said, i, row)
        if (plan->in_order && json_object_get(row, "output") != NULL)
            kit_add(&rows, json_incref(row));
    while (json_array_size(rows) > plan->shown)
        json_array_remove(rows, 0);
    return rows;
}

static int ask_participant(const struct state *state, const struct plan *plan, size_t place,
                           struct td_asks *asks, struct td_err *err)
{
    const struct kit_member *member = &plan->participants[place];
    json_t *given = json_pack("{s:O, s:s, s:I, s:I, s:o}", "input", state->input, "participant",
                              member->name, "round", (json_int_t)state->round, "rounds",
                              (json_int_t)plan->rounds, "transcript", shown(state, plan));

    return kit_ask_nth_made(member, state->round, place, given, asks, NULL, err);
}

static int begin_round(struct state *state, const struct plan *plan, struct td_asks *asks,
                       struct td_err *err)
{
    state->round++;
    state->heard = 0;
    json_array_clear(state->said);
    for (size_t i = 0; i < plan->count; i++)
        if (kit_push(state->said, json_null(), err) != 0)
            return -1;
    for (size_t i = 0; i < (plan->in_order ? 1 : plan->count); i++)
        if (ask_participant(state, plan, i, asks, err) != 0)
            return -1;
    return 0;
}

static int start(void *arg, const void *plan, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;

    kit_hold(&state->input, input);
    return begin_round(state, plan, asks, err);
}

/* --- the end of a round --- */

static int finish(const struct state *state, const char *outcome, const json_t *decision,
                  struct td_asks *asks, struct td_err *err)
{
    return kit_finish(asks,
                      json_pack("{s:s, s:O?, s:I, s:O}", "outcome", outcome, "decision", decision,
                                "rounds", (json_int_t)state->round, "transcript",
                                state->transcript),
                      err);
}

static int ask_judge(const struct state *state, const struct plan *plan, struct td_asks *asks,
                     struct td_err *err)
{
    json_t *given = json_pack("{s:O, s:I, s:o}", "input", state->input, "rounds",
                              (json_int_t)state->round, "transcript", shown(state, plan));

    return kit_ask_made(plan->judge, "judge", TAG_JUDGE, given, asks, NULL, err);
}

static bool all_agree(const struct state *state, const struct plan *plan)
{
    const json_t *row;
    size_t i;

    json_array_foreach (state->said, i, row) {
        const json_t *output = json_object_get(row, "output");

        if (output == NULL || !json_is_true(kit_at(output, plan->agree)))
            return false;
    }
    return true;
}

static int end_round(struct state *state, const struct plan *plan, struct td_asks *asks,
                     struct td_err *err)
{
    const json_t *first = json_array_get(state->said, 0), *row;
    bool is_agreed = all_agree(state, plan), is_anything_said = false;
    size_t i;

    json_array_foreach (state->said, i, row)
        is_anything_said = is_anything_said || json_object_get(row, "output") != NULL;
    if (!is_anything_said)
        return td_fail(err, TD_E_EXEC, "all participants failed in round %zu; the first said: %s",
                       state->round, json_string_value(json_object_get(first, "error")));
    if (json_array_extend(state->transcript, state->said) != 0)
        return td_fail(err, TD_E_NOMEM, "could not keep what was said");
    if (is_agreed)
        return finish(state, "agreed", json_object_get(first, "output"), asks, err);
    json_array_clear(state->said);
    if (state->round < plan->rounds)
        return begin_round(state, plan, asks, err);
    return plan->judge != NULL ? ask_judge(state, plan, asks, err)
                               : finish(state, "undecided", NULL, asks, err);
}

static json_t *row_of(const struct state *state, const char *name, const struct td_event *event)
{
    json_int_t round = (json_int_t)state->round;

    return event->kind == TD_EVENT_FAILED
               ? json_pack("{s:I, s:s, s:s}", "round", round, "participant", name, "error",
                           event->error->text)
               : json_pack("{s:I, s:s, s:O}", "round", round, "participant", name, "output",
                           event->output);
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    if (event->tag == TAG_JUDGE && event->kind == TD_EVENT_FAILED)
        return kit_fail_as(event->error, err, "the judge");
    if (event->tag == TAG_JUDGE)
        return finish(state, "judged", event->output, asks, err);
    if (kit_set(state->said, event->tag, row_of(state, plan->participants[event->tag].name, event),
                err) != 0)
        return -1;
    state->heard++;
    if (state->heard == plan->count)
        return end_round(state, plan, asks, err);
    return plan->in_order ? ask_participant(state, plan, state->heard, asks, err) : 0;
}

static bool fits(const void *arg, const void *plan_arg)
{
    const struct state *state = arg;
    const struct plan *plan = plan_arg;

    return state->round >= 1 && state->round <= plan->rounds && state->heard <= plan->count &&
           (json_array_size(state->said) == plan->count || json_array_size(state->said) == 0);
}

static const struct kit_pattern debate = { .plan_size = sizeof(struct plan),
                                           .fields = fields,
                                           .read = read,
                                           .start = start,
                                           .fold = fold,
                                           .fits = fits };
KIT_PLUGIN("debate", "1.0.0", debate, struct state);
