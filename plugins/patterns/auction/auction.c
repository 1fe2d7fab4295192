/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auction: the contract net. The work is announced to all bidders at once, the best bid gets it,
 * and when its bidder fails the next best one does.
 *
 * A bid is given once: who bids late, or worse than the limit, or fails, is out.
 */
#include <stdio.h>

#include "kit/kit.h"

enum { BIDDERS_MAX = 100 };
enum { TAG_TIMER = 1 << 20, TAG_WORK };

enum phase { BIDDING, WORKING };

struct plan {
    struct kit_plan kit;
    struct kit_member *bidders, **bids; /* by bidder: who is asked for its bid */
    size_t count, awards;
    unsigned is_highest;
    const char *offer_at, *price_at;
    const json_t *limit; /* a number; NULL: none */
    uint32_t timeout_ms;
};

struct state {
    json_t *input;
    json_t *bids;   /* by bidder: null: not heard, else {price, bid}, {declined} or {error} */
    json_t *failed; /* [{bidder, error}]: who had the work */
    json_t *out;    /* by bidder: whether it cannot have the work (any more) */
    size_t phase, open, winner;
};
static const struct kit_field fields[] = {
    KIT_VALUE(struct state, input),  KIT_LIST(struct state, bids),
    KIT_LIST(struct state, failed),  KIT_LIST(struct state, out),
    KIT_COUNT(struct state, phase),  KIT_COUNT(struct state, open),
    KIT_COUNT(struct state, winner), KIT_END,
};

/* --- the configuration --- */

static int read_bids(struct plan *plan, struct td_err *err)
{
    plan->bids = kit_alloc(&plan->kit, plan->count * sizeof(*plan->bids), err);
    if (plan->bids == NULL)
        return -1;
    for (size_t i = 0; i < plan->count; i++)
        if (kit_member_needed(&plan->kit, plan->bidders[i].text, "bid", &plan->bids[i], err) != 0)
            return td_context(err, "bidder \"%s\"", plan->bidders[i].name);
    return 0;
}

static int read(void *arg, const json_t *config, struct td_err *err)
{
    static const char *const bests[] = { "lowest", "highest", NULL };
    struct plan *plan = arg;

    plan->limit = json_object_get(config, "limit");
    if (plan->limit != NULL && !json_is_number(plan->limit))
        return td_fail(err, TD_E_CONFIG, "\"limit\" must be a number");
    if (kit_members(&plan->kit, config, "bidders", "bidder", 1, BIDDERS_MAX, &plan->bidders,
                    &plan->count, err) != 0 ||
        kit_members_unique(plan->bidders, plan->count, "bidder", err) != 0 ||
        kit_choice(config, "best", bests, 0, &plan->is_highest, err) != 0 ||
        kit_pointer(config, "offer", "", &plan->offer_at, err) != 0 ||
        kit_pointer(config, "price", "/price", &plan->price_at, err) != 0 ||
        kit_duration(config, "timeout", &plan->timeout_ms, err) != 0 ||
        kit_count(config, "awards", 1, BIDDERS_MAX, BIDDERS_MAX, &plan->awards, err) != 0)
        return -1;
    return read_bids(plan, err);
}

/* --- the end --- */

/* [{bidder, price | declined | error}]; who was not heard is late. */
static json_t *bid_rows(const struct state *state, const struct plan *plan)
{
    json_t *rows = json_array(), *bid;
    size_t i;

    json_array_foreach (state->bids, i, bid) {
        json_t *row = json_pack("{s:s}", "bidder", plan->bidders[i].name);
        const json_t *price = json_object_get(bid, "price");

        if (price != NULL)
            kit_add_member(&row, "price", json_incref((json_t *)price));
        else if (json_is_object(bid))
            row = kit_merged(row, bid);
        else
            kit_add_member(&row, "error", json_string("did not bid in time"));
        kit_add(&rows, row);
    }
    return rows;
}

/* `output` is NULL when nobody did the work. */
static int finish(const struct state *state, const struct plan *plan, const char *outcome,
                  const json_t *output, struct td_asks *asks, struct td_err *err)
{
    const json_t *bid = output != NULL ? json_array_get(state->bids, state->winner) : NULL;

    return kit_finish(
        asks,
        json_pack("{s:s, s:b, s:O?, s:o, s:O?, s:o, s:O}", "outcome", outcome, "success",
                  output != NULL, "output", output, "winner",
                  kit_string(output != NULL ? plan->bidders[state->winner].name : NULL), "price",
                  json_object_get(bid, "price"), "bids", bid_rows(state, plan), "failed",
                  state->failed),
        err);
}

/* --- the work --- */

static double price_of(const struct state *state, size_t place)
{
    return json_number_value(json_object_get(json_array_get(state->bids, place), "price"));
}

/* As many as there are: nobody is left. */
static size_t best_bidder(const struct state *state, const struct plan *plan)
{
    size_t best = plan->count;

    for (size_t i = 0; i < plan->count; i++) {
        if (json_object_get(json_array_get(state->bids, i), "price") == NULL ||
            json_is_true(json_array_get(state->out, i)))
            continue;
        if (best == plan->count || (plan->is_highest ? price_of(state, i) > price_of(state, best)
                                                     : price_of(state, i) < price_of(state, best)))
            best = i;
    }
    return best;
}

/* With no form of input, who gets the work gets what was announced. */
static int award(struct state *state, const struct plan *plan, struct td_asks *asks,
                 struct td_err *err)
{
    size_t failed = json_array_size(state->failed), best = best_bidder(state, plan);
    const struct kit_member *bidder = &plan->bidders[best];

    state->phase = WORKING;
    if (best == plan->count || failed == plan->awards)
        return finish(state, plan, failed > 0 ? "unfulfilled" : "no_bids", NULL, asks, err);
    state->winner = best;
    return kit_ask_nth_made(
        bidder, failed, TAG_WORK,
        bidder->input != NULL ? json_pack("{s:O, s:O}", "input", state->input, "bid",
                                          json_object_get(json_array_get(state->bids, best), "bid"))
                              : json_incref(state->input),
        asks, NULL, err);
}

static int fold_work(struct state *state, const struct plan *plan, const struct td_event *event,
                     struct td_asks *asks, struct td_err *err)
{
    if (event->kind != TD_EVENT_FAILED)
        return finish(state, plan, "awarded", event->output, asks, err);
    if (kit_push(state->failed,
                 json_pack("{s:s, s:s}", "bidder", plan->bidders[state->winner].name, "error",
                           event->error->text),
                 err) != 0 ||
        kit_set(state->out, state->winner, json_true(), err) != 0)
        return -1;
    return award(state, plan, asks, err);
}

/* --- bids --- */

static int start(void *arg, const void *plan_arg, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    kit_hold(&state->input, input);
    state->open = plan->count;
    for (size_t i = 0; i < plan->count; i++) {
        char path[KIT_PATH_MAX];

        snprintf(path, sizeof(path), "%.*s.bid", KIT_NAME_BYTES, plan->bidders[i].name);
        if (kit_push(state->bids, json_null(), err) != 0 ||
            kit_push(state->out, json_false(), err) != 0 ||
            kit_ask(plan->bids[i], path, i, input, asks, NULL, err) != 0)
            return -1;
    }
    return plan->timeout_ms > 0
               ? td_ask_timer(asks, "timeout", TAG_TIMER, plan->timeout_ms, NULL, err)
               : 0;
}

static bool is_within(const struct plan *plan, double price)
{
    double limit = json_number_value(plan->limit);

    return plan->limit == NULL || (plan->is_highest ? price >= limit : price <= limit);
}

/* new */
static json_t *priced(const struct plan *plan, const json_t *offer)
{
    const json_t *price = kit_at(offer, plan->price_at);

    if (price == NULL || json_is_null(price))
        return json_pack("{s:b}", "declined", 1);
    if (!json_is_number(price))
        return json_pack("{s:s}", "error", "the price is no number");
    if (!is_within(plan, json_number_value(price)))
        return json_pack("{s:s}", "error", "the price is beyond the limit");
    return json_pack("{s:O, s:O}", "price", price, "bid", offer);
}

/* What one answer is worth. new */
static json_t *bid_of(const struct plan *plan, const struct td_event *event, struct td_err *err)
{
    json_t *bid;
    const json_t *found;
    json_t *offer;

    if (event->kind == TD_EVENT_FAILED)
        return json_pack("{s:s}", "error", event->error->text);
    found = kit_at(event->output, plan->offer_at);
    if (found == NULL || json_is_null(found))
        return json_pack("{s:b}", "declined", 1);
    if (kit_reading(found, &offer, err) != 0)
        return NULL;
    bid = offer != NULL ? priced(plan, offer) : json_pack("{s:s}", "error", "gave no bid");
    json_decref(offer);
    return bid;
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    if (event->tag == TAG_WORK)
        return fold_work(state, plan, event, asks, err);
    if (state->phase == WORKING)
        return 0; /* too late */
    if (event->tag == TAG_TIMER)
        return award(state, plan, asks, err);
    if (kit_set(state->bids, event->tag, bid_of(plan, event, err), err) != 0)
        return -1;
    return --state->open > 0 ? 0 : award(state, plan, asks, err);
}

static bool fits(const void *arg, const void *plan_arg)
{
    const struct state *state = arg;
    const struct plan *plan = plan_arg;

    return json_array_size(state->bids) == plan->count &&
           json_array_size(state->out) == plan->count && state->open <= plan->count &&
           state->winner < plan->count && state->phase <= WORKING;
}

static const struct kit_pattern auction = { .plan_size = sizeof(struct plan),
                                            .fields = fields,
                                            .read = read,
                                            .start = start,
                                            .fold = fold,
                                            .fits = fits };
KIT_PLUGIN("auction", "1.0.0", auction, struct state);
