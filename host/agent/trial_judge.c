/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial_judge: is the build that is tried worse than the one that serves?
 */
#include <stdio.h>

#include "agent/trial.h"

static double share_of(uint64_t part, uint64_t all)
{
    return all > 0 ? (double)part / (double)all : 0;
}

static bool fails_more(const struct tdh_rollout_plan *plan, const struct tdh_side_sum *serving,
                       const struct tdh_side_sum *tried, double chance,
                       char why[static TD_ERR_TEXT])
{
    double p = tdh_fisher_greater(tried->failures, tried->calls, serving->failures, serving->calls);
    double more =
        share_of(tried->failures, tried->calls) - share_of(serving->failures, serving->calls);

    if (serving->calls == 0) { /* nothing to hold it against: failures by themselves */
        p = 0;
        more = share_of(tried->failures, tried->calls);
    }
    if (more <= plan->errors || p >= chance)
        return false;
    snprintf(why, TD_ERR_TEXT,
             "%ju of its %ju calls failed, of the version before %ju of %ju (p = %.2g)",
             (uintmax_t)tried->failures, (uintmax_t)tried->calls, (uintmax_t)serving->failures,
             (uintmax_t)serving->calls, p);
    return true;
}

static bool is_slower(const struct tdh_rollout_plan *plan, const struct tdh_side_sum *serving,
                      const struct tdh_side_sum *tried, double chance, char why[static TD_ERR_TEXT])
{
    double its = (double)tdh_spread_quantile(tried->spread, 0.95);
    double before = (double)tdh_spread_quantile(serving->spread, 0.95), p;

    if (plan->latency <= 0 || before <= 0 || its <= plan->latency * before)
        return false;
    p = tdh_rank_greater(tried->spread, serving->spread);
    if (p >= chance)
        return false;
    snprintf(why, TD_ERR_TEXT,
             "95 of 100 calls take up to %.3g ms, of the version before %.3g ms (p = %.2g)",
             its / 1e6, before / 1e6, p);
    return true;
}

static bool differs(const struct tdh_rollout_plan *plan, const struct tdh_mirror_sum *mirror,
                    char why[static TD_ERR_TEXT])
{
    uint64_t all = mirror->same + mirror->different;

    if (plan->is_manual || share_of(mirror->different, all) <= plan->differences)
        return false;
    snprintf(why, TD_ERR_TEXT, "%ju of %ju mirrored calls came to something else",
             (uintmax_t)mirror->different, (uintmax_t)all);
    return true;
}

enum tdh_opinion tdh_trial_judge(const struct tdh_rollout_plan *plan,
                                 const struct tdh_side_sum *serving,
                                 const struct tdh_side_sum *tried,
                                 const struct tdh_mirror_sum *mirror, double chance,
                                 char why[static TD_ERR_TEXT])
{
    why[0] = '\0';
    if (plan->in_row > 0 && tried->in_row >= plan->in_row) {
        snprintf(why, TD_ERR_TEXT, "%ju calls in a row failed", (uintmax_t)tried->in_row);
        return TDH_ILL;
    }
    if (tried->calls < plan->min_calls) {
        snprintf(why, TD_ERR_TEXT, "%ju of %ju calls to judge by", (uintmax_t)tried->calls,
                 (uintmax_t)plan->min_calls);
        return TDH_UNSURE;
    }
    if (differs(plan, mirror, why) || fails_more(plan, serving, tried, chance, why) ||
        is_slower(plan, serving, tried, chance, why))
        return TDH_ILL;
    if (plan->in_row == 0 || tried->in_row == 0)
        return TDH_WELL;
    snprintf(why, TD_ERR_TEXT,
             "its latest calls failed, %ju in a row; %ju end it, a good one goes on",
             (uintmax_t)tried->in_row, (uintmax_t)plan->in_row);
    return TDH_UNSURE;
}
