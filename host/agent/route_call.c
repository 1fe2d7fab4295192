/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route_call: a call of a route becomes a call of the agent that is chosen, within it; and of the
 * next one, as long as nobody can be reached.
 *
 * Choosing, and counting afterwards, happen on the route's home worker; the call is made where it
 * came from. An attempt of the route is one attempt of each agent: its own policy says whether
 * there is another, which chooses anew.
 */
#include "agent/route.h"
#include "base/clock.h"

struct trip {
    struct tdh_route *route;
    struct tdh_call *call;
    unsigned action;
    struct tdh_route_asked asked;
    uint32_t order[TDH_ROUTER_TRIES + 1], count, at;
    struct tdh_target *target; /* of the agent whose turn it is */
    uint64_t begun_ns, took_ns;
    bool is_alone; /* the first of the order is better than all others */
    bool is_good;
    struct td_err *err;
    int rc;
};

/* On the home worker, or -1 when there is no way there. */
static int at_home(struct trip *trip, void (*fn)(void *trip), struct td_err *err)
{
    trip->rc = 0;
    if (trip->route->home == tdh_worker_self())
        fn(trip);
    else if (tdh_hop(trip->route->home, fn, trip, err) != 0)
        return -1;
    return trip->rc;
}

static void choose(void *arg)
{
    struct trip *trip = arg;
    struct tdh_route *route = trip->route;
    struct tdh_router_request request;
    struct tdh_choice choice = { 0 };

    trip->rc = tdh_route_ask(route, trip->action, trip->call->input, &trip->asked, trip->err);
    if (trip->rc != 0)
        return;
    tdh_route_count(route, trip->asked.now_ns);
    request = tdh_route_request(&trip->asked);
    if (tdh_router_choose(&route->router, &request, &choice)) {
        trip->count = tdh_route_order(route, &choice, trip->order);
        trip->is_alone = choice.alike == 1 && !choice.is_blind;
    } else {
        trip->rc = td_fail(trip->err, TD_E_NOTFOUND, "agent \"%s\": no candidate has action \"%s\"",
                           route->name, trip->call->target->action);
    }
}

static struct tdh_candidate *candidate_of(const struct trip *trip)
{
    return &trip->route->router.candidates[trip->order[trip->at]];
}

/* The plugin behind it may be opened now, for the first time. */
static void find_target(void *arg)
{
    struct trip *trip = arg;
    uint32_t number = trip->order[trip->at];

    trip->rc = tdh_agents_find(trip->route->agents, candidate_of(trip)->name,
                               trip->call->target->action, NULL, &trip->target, trip->err);
    trip->begun_ns = tdh_clock_mono_ns();
    if (trip->rc != 0)
        tdh_router_settle(&trip->route->router, number, false, 0, NULL, trip->begun_ns);
    else
        tdh_route_count_one(trip->route, number, trip->begun_ns);
}

/* What was answered is learned of who was chosen for what it says. Of one of many that are alike it
 * would tell them apart, and there would be nothing to balance any more. */
static void settle(void *arg)
{
    struct trip *trip = arg;
    struct tdh_router *router = &trip->route->router;
    bool is_lesson = router->options.learn > 0 && trip->is_good && trip->is_alone && trip->at == 0;
    uint64_t now_ns = trip->begun_ns + trip->took_ns;

    if (is_lesson)
        tdh_words_read(json_string_value(trip->asked.text), json_string_length(trip->asked.text),
                       &router->words);
    tdh_router_settle(router, trip->order[trip->at], trip->is_good, trip->took_ns,
                      is_lesson ? &router->words : NULL, now_ns);
    tdh_route_count_one(trip->route, trip->order[trip->at], now_ns);
}

static int call_target(struct trip *trip, struct td_err *err)
{
    struct tdh_call nested = { .target = trip->target,
                               .input = trip->call->input,
                               .parent = trip->call,
                               .key = trip->call->key,
                               .hops = trip->call->hops,
                               .is_single = true };
    struct tdh_candidate *candidate = candidate_of(trip);
    struct td_err ignored;
    int rc;

    atomic_fetch_add(&candidate->running, 1);
    rc = tdh_call_run(&nested, err);
    tdh_edition_release(trip->target->edition);
    atomic_fetch_sub(&candidate->running, 1);
    trip->took_ns = tdh_clock_mono_ns() - trip->begun_ns;
    trip->is_good = rc == 0;
    at_home(trip, settle, &ignored); /* without it the choice is only less informed */
    trip->call->output = rc == 0 ? nested.output : NULL;
    return rc;
}

/* One try. *ret_is_over: another agent is not asked. */
static int try_one(struct trip *trip, bool *ret_is_over, struct td_err *err)
{
    int rc = at_home(trip, find_target, err);

    *ret_is_over = false;
    if (rc == 0) {
        rc = call_target(trip, err);
        *ret_is_over = rc == 0 || err->code != TD_E_UNAVAILABLE || trip->call->has_emitted;
    }
    return rc;
}

int tdh_route_dispatch(struct tdh_call *call, struct td_err *err)
{
    struct tdh_route *route = call->target->owner;
    struct trip trip = { .route = route,
                         .call = call,
                         .action = (unsigned)(call->target - route->targets),
                         .err = err };
    bool is_over = false;
    int rc = at_home(&trip, choose, err);

    for (; rc == 0 && !is_over && trip.at < trip.count; trip.at += !is_over)
        if (try_one(&trip, &is_over, err) != 0 && (is_over || trip.at + 1 == trip.count))
            rc = -1;
    json_decref(trip.asked.text);
    return rc;
}
