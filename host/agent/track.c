/* SPDX-License-Identifier: Apache-2.0 */
/*
 * track: how well a candidate has done of late, and how much it has to do.
 *
 * A call counts half after each half-life. Without any, a candidate is as good as can be: it counts
 * as if it had done one call well, so that a single failure does not end its use.
 */
#include <math.h>

#include "agent/router.h"

static const double new_share = 0.2; /* of the newest time in the mean */

static double left_of(const struct tdh_router *router, const struct tdh_candidate *candidate,
                      uint64_t now_ns)
{
    uint64_t half_life_ns = router->options.half_life_ns;

    if (half_life_ns == 0 || now_ns <= candidate->counted_at_ns || candidate->all == 0)
        return 1;
    return exp2(-(double)(now_ns - candidate->counted_at_ns) / (double)half_life_ns);
}

static void count(const struct tdh_router *router, struct tdh_candidate *candidate, double good,
                  double all, uint64_t now_ns)
{
    double left = left_of(router, candidate, now_ns);

    candidate->good = candidate->good * left + good;
    candidate->all = candidate->all * left + all;
    candidate->counted_at_ns = now_ns;
}

double tdh_candidate_success(const struct tdh_router *router, const struct tdh_candidate *candidate,
                             uint64_t now_ns)
{
    double left;

    if (candidate->good >= candidate->all)
        return 1;
    left = left_of(router, candidate, now_ns);
    return (candidate->good * left + 1) / (candidate->all * left + 1);
}

double tdh_candidate_speed(const struct tdh_router *router, const struct tdh_candidate *candidate)
{
    double slow_ns = (double)router->options.slow_ns;

    return slow_ns > 0 ? slow_ns / (slow_ns + candidate->mean_ns) : 1;
}

uint32_t tdh_candidate_running(const struct tdh_candidate *candidate)
{
    return atomic_load_explicit(&candidate->running, memory_order_relaxed) + candidate->others;
}

bool tdh_candidate_is_full(const struct tdh_candidate *candidate)
{
    return candidate->capacity > 0 &&
           5 * (uint64_t)tdh_candidate_running(candidate) >= 4 * (uint64_t)candidate->capacity;
}

void tdh_router_settle(struct tdh_router *router, uint32_t number, bool is_good, uint64_t took_ns,
                       const struct tdh_words *words, uint64_t now_ns)
{
    struct tdh_candidate *candidate = &router->candidates[number];

    if (candidate->mean_ns == 0)
        candidate->mean_ns = (double)took_ns;
    else if (took_ns > 0)
        candidate->mean_ns += new_share * ((double)took_ns - candidate->mean_ns);
    if (!candidate->is_accounted)
        count(router, candidate, is_good, 1, now_ns);
    if (is_good && words != NULL)
        tdh_rank_learn(&router->rank, number, words);
}

void tdh_router_account(struct tdh_router *router, uint32_t number, uint64_t calls,
                        uint64_t failures, uint64_t now_ns)
{
    struct tdh_candidate *candidate = &router->candidates[number];
    uint64_t more, bad;

    if (calls < candidate->seen_calls || failures < candidate->seen_failures) {
        candidate->seen_calls = 0; /* it was made anew */
        candidate->seen_failures = 0;
    }
    candidate->is_accounted = true;
    more = calls - candidate->seen_calls;
    bad = failures - candidate->seen_failures;
    candidate->seen_calls = calls;
    candidate->seen_failures = failures;
    if (more > 0 || bad > 0)
        count(router, candidate, more > bad ? (double)(more - bad) : 0,
              (double)(more > bad ? more : bad), now_ns);
}
