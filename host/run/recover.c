/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recover: what becomes of an attempt that failed, as the policies say (host/call/recover.c): the
 * next one, another agent, or the end. Which it is stands in the journal, so a crash loses neither
 * a count nor who stands in.
 *
 * Who stands in has effects no stronger than those of the action that was asked for, and gets the
 * same idempotency key: the intent that was written covers it. One that is gone after a crash is
 * passed over: the agent that was asked for begins anew.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "run/recover.h"

struct tdh_target *tdh_ask_acting(const struct tdh_ask_entry *ask)
{
    return ask->stand_in != NULL ? ask->stand_in : ask->target;
}

/* Of those that may, the first behind the one that failed. What keeps the others from it takes the
 * place of the failure. */
static void find_stand_in(const struct tdh_ask_entry *ask, struct tdh_recovery *next,
                          struct td_err *err)
{
    const char *agent = ask->stand_in != NULL ? ask->stand_in->name : NULL;

    while (next->stand_in == NULL && (agent = tdh_recover_next(next->rule, agent)) != NULL) {
        struct tdh_target *found = NULL;

        if (tdh_pin_find(ask->run, agent, ask->target->action, NULL, &found, err) != 0)
            found = NULL;
        if (tdh_recover_stand_in(ask->target, agent, found, err) == 0)
            next->stand_in = found;
    }
}

void tdh_recover_look(const struct tdh_ask_entry *ask, struct tdh_recovery *next,
                      struct td_err *err)
{
    const struct tdh_target *acting = tdh_ask_acting(ask);
    unsigned attempt = ask->attempt - ask->before_stand_in;
    const struct tdh_rule *rule = tdh_recover_rule(acting, err, attempt);

    *next = (struct tdh_recovery){ 0 };
    if (ask->is_stopped)
        return;
    next->is_retry = tdh_recover_retry(rule, acting, &ask->policy, err, attempt, &next->policy);
    if (ask->stand_in != NULL)
        rule = ask->rule != NULL ? tdh_recover_named(ask->target, ask->rule) : NULL;
    next->rule = rule;
    if (!next->is_retry)
        find_stand_in(ask, next, err);
}

static void wait_for_next(struct tdh_ask_entry *ask, uint64_t delay_ms, const struct td_err *err)
{
    ask->state = TDH_ASK_BACKOFF;
    ask->delay_us = (int64_t)delay_ms * 1000;
    ask->due_ns = tdh_clock_mono_ns() + delay_ms * 1000000;
    tdh_fold_attempt(ask, err);
    tdh_due_arm(ask);
}

static void retry(struct tdh_ask_entry *ask, const struct tdh_recovery *next,
                  const struct td_err *err)
{
    double draw = (double)(tdh_id_random() >> 11) / 9007199254740992.0;
    unsigned attempt = ask->attempt - ask->before_stand_in + 1;

    wait_for_next(ask, tdh_backoff_ms(&next->policy, attempt, err, draw), err);
}

static void end(struct tdh_ask_entry *ask, const struct tdh_recovery *next, struct td_err *err)
{
    json_t *output = NULL;

    if (tdh_recover_end(next->rule, ask->target, ask->run->hops, &output, err) == 0)
        tdh_fold_done(ask, output);
    else
        tdh_fold_failed(ask, err);
    json_decref(output);
}

static int hand_over(struct tdh_ask_entry *ask, struct tdh_target *stand_in, const char *rule)
{
    char *copy = strdup(rule);

    if (copy == NULL)
        return -1;
    free(ask->rule);
    ask->rule = copy;
    ask->stand_in = stand_in;
    ask->before_stand_in = ask->attempt;
    return 0;
}

void tdh_recover_again(struct tdh_ask_entry *ask, const char *agent, const char *edition,
                       const char *rule)
{
    struct tdh_target *target;
    struct td_err ignored;

    if (ask->target == NULL)
        return;
    if (edition != NULL && (edition[0] == '\0' || ask->run->is_unpinned))
        edition = NULL;
    if (tdh_pin_find(ask->run, agent, ask->target->action, edition, &target, &ignored) == 0)
        hand_over(ask, target, rule);
}

void tdh_recover_act(struct tdh_ask_entry *ask, const struct tdh_recovery *next, struct td_err *err)
{
    if (next->is_retry)
        retry(ask, next, err);
    else if (next->stand_in != NULL && !ask->is_stopped &&
             hand_over(ask, next->stand_in, tdh_rule_name(next->rule)) == 0)
        wait_for_next(ask, 0, err);
    else
        end(ask, next, err);
}
