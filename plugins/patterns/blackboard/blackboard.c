/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blackboard: experts look at a shared board, and add to it when their condition holds, until the
 * problem is solved.
 *
 * In a step one expert is asked, or all that can add something; these see the same board, and what
 * they add is written in their order, whoever was faster. An expert is asked again only when
 * another has changed the board since: nobody can go on alone for ever.
 */
#include <string.h>

#include "kit/kit.h"

enum { EXPERTS_MAX = 100, PRIORITY_MAX = 1000, STEPS_MAX = 1000, STEPS_DEFAULT = 50 };
enum { BOARD_MAX = 1000 }; /* members */

struct plan {
    struct kit_plan kit;
    struct kit_member *experts;
    size_t *priorities;
    size_t count, steps;
    const json_t *until;
    unsigned is_all;
    const char *adds_at, *output_at;
};

struct state {
    json_t *board;
    json_t *fresh; /* by expert: whether the board is another since it was asked */
    json_t *said;  /* in this step, by expert: null, {output} or {error} */
    json_t *trail; /* [{step, expert, adds | error}] */
    size_t step, open;
};
static const struct kit_field fields[] = {
    KIT_OBJECT(struct state, board),
    KIT_LIST(struct state, fresh),
    KIT_LIST(struct state, said),
    KIT_LIST(struct state, trail),
    KIT_COUNT(struct state, step),
    KIT_COUNT(struct state, open),
    KIT_END,
};

/* --- the configuration --- */

static int check_writes(const json_t *writes, struct td_err *err)
{
    const json_t *key;
    size_t i;

    if (writes != NULL && (!json_is_array(writes) || json_array_size(writes) == 0))
        return td_fail(err, TD_E_CONFIG, "\"writes\" must be a list of members of the board");
    json_array_foreach (writes, i, key)
        if (!json_is_string(key))
            return td_fail(err, TD_E_CONFIG, "\"writes\": %zu is no text", i);
    return 0;
}

static int read_expert(struct plan *plan, size_t place, struct td_err *err)
{
    const json_t *text = plan->experts[place].text, *when;

    if (kit_rules(text, "when", &when, err) != 0 ||
        kit_count(text, "priority", 0, PRIORITY_MAX, 0, &plan->priorities[place], err) != 0 ||
        check_writes(json_object_get(text, "writes"), err) != 0)
        return td_context(err, "expert \"%s\"", plan->experts[place].name);
    return 0;
}

static int read(void *arg, const json_t *config, struct td_err *err)
{
    static const char *const turns[] = { "best", "all", NULL };
    struct plan *plan = arg;

    if (kit_members(&plan->kit, config, "experts", "expert", 1, EXPERTS_MAX, &plan->experts,
                    &plan->count, err) != 0 ||
        kit_members_unique(plan->experts, plan->count, "expert", err) != 0 ||
        kit_rules(config, "until", &plan->until, err) != 0 ||
        kit_choice(config, "turns", turns, 0, &plan->is_all, err) != 0 ||
        kit_pointer(config, "adds", "", &plan->adds_at, err) != 0 ||
        kit_pointer(config, "output", "", &plan->output_at, err) != 0 ||
        kit_count(config, "steps", 1, STEPS_MAX, STEPS_DEFAULT, &plan->steps, err) != 0)
        return -1;
    if (plan->until == NULL)
        return td_fail(err, TD_E_CONFIG, "needs \"until\": what holds when the problem is solved");
    plan->priorities = kit_alloc(&plan->kit, plan->count * sizeof(*plan->priorities), err);
    if (plan->priorities == NULL)
        return -1;
    for (size_t i = 0; i < plan->count; i++)
        if (read_expert(plan, i, err) != 0)
            return -1;
    return 0;
}

/* --- the end --- */

static int finish(const struct state *state, const struct plan *plan, const char *outcome,
                  struct td_asks *asks, struct td_err *err)
{
    return kit_finish(asks,
                      json_pack("{s:s, s:b, s:O?, s:O, s:I, s:O}", "outcome", outcome, "success",
                                strcmp(outcome, "solved") == 0, "output",
                                kit_at(state->board, plan->output_at), "board", state->board,
                                "steps", (json_int_t)state->step, "trail", state->trail),
                      err);
}

/* --- asking --- */

static bool can_add(const struct state *state, const struct plan *plan, size_t place)
{
    return json_is_true(json_array_get(state->fresh, place)) &&
           kit_rules_hold(json_object_get(plan->experts[place].text, "when"), state->board);
}

/* Of equal priority, the first; as many as there are: nobody can add anything. */
static size_t best_expert(const struct state *state, const struct plan *plan)
{
    size_t best = plan->count;

    for (size_t i = 0; i < plan->count; i++)
        if (can_add(state, plan, i) &&
            (best == plan->count || plan->priorities[i] > plan->priorities[best]))
            best = i;
    return best;
}

static int ask_expert(struct state *state, const struct plan *plan, size_t place,
                      struct td_asks *asks, struct td_err *err)
{
    json_t *given = json_pack("{s:o, s:I, s:I}", "board", kit_copy(state->board), "step",
                              (json_int_t)state->step, "steps", (json_int_t)plan->steps);

    state->open++;
    if (kit_ask_nth_made(&plan->experts[place], state->step, place, given, asks, NULL, err) != 0)
        return -1;
    return kit_set(state->fresh, place, json_false(), err);
}

static int ask_all(struct state *state, const struct plan *plan, struct td_asks *asks,
                   struct td_err *err)
{
    for (size_t i = 0; i < plan->count; i++)
        if (can_add(state, plan, i) && ask_expert(state, plan, i, asks, err) != 0)
            return -1;
    return 0;
}

/* The next step, unless it is solved or nothing more can come. */
static int go_on(struct state *state, const struct plan *plan, struct td_asks *asks,
                 struct td_err *err)
{
    size_t best = best_expert(state, plan);

    if (kit_rules_hold(plan->until, state->board))
        return finish(state, plan, "solved", asks, err);
    if (best == plan->count)
        return finish(state, plan, "stuck", asks, err);
    if (state->step == plan->steps)
        return finish(state, plan, "exhausted", asks, err);
    state->step++;
    json_array_clear(state->said);
    for (size_t i = 0; i < plan->count; i++)
        if (kit_push(state->said, json_null(), err) != 0)
            return -1;
    return plan->is_all ? ask_all(state, plan, asks, err)
                        : ask_expert(state, plan, best, asks, err);
}

static int start(void *arg, const void *plan_arg, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    if (!json_is_object(input) || json_object_size(input) > BOARD_MAX)
        return td_fail(err, TD_E_INVAL,
                       "the input must be an object of at most %d members: it is the board",
                       BOARD_MAX);
    if (json_object_update(state->board, (json_t *)input) != 0)
        return td_fail(err, TD_E_NOMEM, "could not allocate the board");
    for (size_t i = 0; i < plan->count; i++)
        if (kit_push(state->fresh, json_true(), err) != 0)
            return -1;
    return go_on(state, plan, asks, err);
}

/* --- what is added --- */

static bool may_write(const struct kit_member *expert, const char *key)
{
    const json_t *writes = json_object_get(expert->text, "writes"), *row;
    size_t i;

    json_array_foreach (writes, i, row)
        if (strcmp(json_string_value(row), key) == 0)
            return true;
    return writes == NULL;
}

/* All of it or nothing. */
static int check_adds(const struct state *state, const struct kit_member *expert,
                      const json_t *adds, struct td_err *err)
{
    size_t count = json_object_size(state->board);
    const char *key;
    json_t *value;

    if (!json_is_object(adds))
        return td_fail(err, TD_E_EXEC, "gave no object to be put on the board");
    json_object_foreach ((json_t *)adds, key, value) {
        if (!may_write(expert, key))
            return td_fail(err, TD_E_EXEC, "may not write \"%s\"", key);
        count += json_object_get(state->board, key) == NULL;
    }
    return count <= BOARD_MAX
               ? 0
               : td_fail(err, TD_E_EXEC, "the board has room for %d members", BOARD_MAX);
}

/* What is not new is not told as added. *ret_keys: new */
static int write_board(struct state *state, const json_t *adds, json_t **ret_keys,
                       struct td_err *err)
{
    json_t *keys = json_array(), *value;
    const char *key;

    json_object_foreach ((json_t *)adds, key, value) {
        if (kit_equal(json_object_get(state->board, key), value))
            continue;
        kit_add(&keys, json_string(key));
        if (kit_put(state->board, key, json_incref(value), err) != 0) {
            json_decref(keys);
            return -1;
        }
    }
    *ret_keys = keys;
    return keys != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not note what was added");
}

/* Others may look again. */
static int freshen(struct state *state, const struct plan *plan, size_t by, struct td_err *err)
{
    for (size_t i = 0; i < plan->count; i++)
        if (i != by && kit_set(state->fresh, i, json_true(), err) != 0)
            return -1;
    return 0;
}

static int note_failure(struct state *state, const struct plan *plan, size_t place,
                        const char *text, struct td_err *err)
{
    return kit_push(state->trail,
                    json_pack("{s:I, s:s, s:s}", "step", (json_int_t)state->step, "expert",
                              plan->experts[place].name, "error", text),
                    err);
}

static int add(struct state *state, const struct plan *plan, size_t place, const json_t *adds,
               struct td_err *err)
{
    struct td_err why;
    json_t *keys = NULL;

    if (check_adds(state, &plan->experts[place], adds, &why) != 0)
        return note_failure(state, plan, place, why.text, err);
    if (write_board(state, adds, &keys, err) != 0)
        return -1;
    if (json_array_size(keys) > 0 && freshen(state, plan, place, err) != 0) {
        json_decref(keys);
        return -1;
    }
    return kit_push(state->trail,
                    json_pack("{s:I, s:s, s:o}", "step", (json_int_t)state->step, "expert",
                              plan->experts[place].name, "adds", keys),
                    err);
}

static int add_said(struct state *state, const struct plan *plan, size_t place, const json_t *said,
                    struct td_err *err)
{
    const json_t *error = json_object_get(said, "error");
    json_t *adds;
    int rc;

    if (error != NULL)
        return note_failure(state, plan, place, json_string_value(error), err);
    if (kit_reading(kit_at(json_object_get(said, "output"), plan->adds_at), &adds, err) != 0)
        return -1;
    rc = add(state, plan, place, adds, err);
    json_decref(adds);
    return rc;
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;
    const json_t *said;
    size_t i;

    if (kit_set(state->said, event->tag,
                event->kind == TD_EVENT_FAILED ? json_pack("{s:s}", "error", event->error->text)
                                               : json_pack("{s:O}", "output", event->output),
                err) != 0)
        return -1;
    if (--state->open > 0)
        return 0;
    json_array_foreach (state->said, i, said)
        if (json_is_object(said) && add_said(state, plan, i, said, err) != 0)
            return -1;
    return go_on(state, plan, asks, err);
}

static bool fits(const void *arg, const void *plan_arg)
{
    const struct state *state = arg;
    const struct plan *plan = plan_arg;

    return json_array_size(state->fresh) == plan->count &&
           json_array_size(state->said) == plan->count && state->open > 0 &&
           state->open <= plan->count && state->step <= plan->steps;
}

static const struct kit_pattern blackboard = { .plan_size = sizeof(struct plan),
                                               .fields = fields,
                                               .read = read,
                                               .start = start,
                                               .fold = fold,
                                               .fits = fits };
KIT_PLUGIN("blackboard", "1.0.0", blackboard, struct state);
