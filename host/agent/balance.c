/* SPDX-License-Identifier: Apache-2.0 */
/*
 * balance: one of several candidates that are as good.
 */
#include "agent/router.h"

const char *const tdh_balance_names[TDH_BALANCES + 1] = {
    [TDH_BALANCE_ROUND_ROBIN] = "weighted_round_robin",
    [TDH_BALANCE_LEAST] = "least_connections",
    [TDH_BALANCE_RESOURCES] = "resource_based",
    [TDH_BALANCE_TWO] = "power_of_two",
};

typedef double load_fn(const struct tdh_candidate *candidate);

static double calls_of(const struct tdh_candidate *candidate)
{
    return (double)tdh_candidate_running(candidate) / candidate->weight;
}

/* Calls count by the capacity; without one, each takes half of what is left. */
static double resources_of(const struct tdh_candidate *candidate)
{
    double running = tdh_candidate_running(candidate);
    double calls =
        candidate->capacity > 0 ? running / candidate->capacity : running / (running + 1);

    return 0.4 * candidate->cpu + 0.3 * candidate->memory + 0.3 * calls;
}

/* As nginx does it: each gets its weight, the one with most is taken and pays for all. So of
 * weights 5, 1, 1 the five do not come in a row. */
static uint32_t take_turn(struct tdh_router *router, const uint32_t *picked, uint32_t count)
{
    struct tdh_candidate *best = NULL;
    int64_t total = 0;

    for (uint32_t i = 0; i < count; i++) {
        struct tdh_candidate *candidate = &router->candidates[picked[i]];

        candidate->turn += candidate->weight;
        total += candidate->weight;
        if (best == NULL || candidate->turn > best->turn)
            best = candidate;
    }
    best->turn -= total;
    return (uint32_t)(best - router->candidates);
}

/* The least; those that are alike take turns. Their list stands in front of `picked` then. */
static uint32_t take_least(struct tdh_router *router, uint32_t *picked, uint32_t count,
                           load_fn *load)
{
    double least = 0;
    uint32_t alike = 0;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = picked[i];
        double its = load(&router->candidates[number]);

        if (alike > 0 && its > least)
            continue;
        if (alike > 0 && its < least)
            alike = 0;
        least = its;
        picked[i] = picked[alike];
        picked[alike++] = number;
    }
    return take_turn(router, picked, alike);
}

static uint32_t draw(struct tdh_router *router, uint32_t count)
{
    router->random ^= router->random << 13;
    router->random ^= router->random >> 7;
    router->random ^= router->random << 17;
    return (uint32_t)((router->random >> 32) % count);
}

static uint32_t take_of_two(struct tdh_router *router, const uint32_t *picked, uint32_t count)
{
    uint32_t first = draw(router, count), second = draw(router, count - 1);
    const struct tdh_candidate *a, *b;

    second += second >= first;
    a = &router->candidates[picked[first]];
    b = &router->candidates[picked[second]];
    return calls_of(b) < calls_of(a) ? picked[second] : picked[first];
}

uint32_t tdh_router_balance(struct tdh_router *router, uint32_t *picked, uint32_t count)
{
    if (count == 1)
        return picked[0];
    switch (router->options.balance) {
    case TDH_BALANCE_LEAST:
        return take_least(router, picked, count, calls_of);
    case TDH_BALANCE_RESOURCES:
        return take_least(router, picked, count, resources_of);
    case TDH_BALANCE_TWO:
        return take_of_two(router, picked, count);
    case TDH_BALANCE_ROUND_ROBIN:
    case TDH_BALANCES:
        break;
    }
    return take_turn(router, picked, count);
}
