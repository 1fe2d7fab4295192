/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recover: what becomes of a failure, by the rules of its target. Nothing here waits or remembers,
 * so that the path of calls and the engine of runs decide alike.
 */
#include <string.h>

#include "base/err_json.h"
#include "base/hook.h"
#include "base/json.h"
#include "base/log.h"
#include "base/metric.h"
#include "call/internal.h"

static struct tdh_metric fallbacks =
    TDH_COUNTER("tdev_call_fallbacks_total", "Calls that were handed to another agent");
static struct tdh_metric escalations =
    TDH_COUNTER("tdev_call_escalations_total", "Failures of which others were told");

const struct tdh_rule *tdh_recover_rule(const struct tdh_target *target, const struct td_err *error,
                                        unsigned attempt)
{
    if (target->rules != NULL)
        for (size_t i = 0; target->rules[i] != NULL; i++)
            if (tdh_match_failure(&target->rules[i]->match, target, error, attempt))
                return target->rules[i];
    return NULL;
}

const struct tdh_rule *tdh_recover_named(const struct tdh_target *target, const char *name)
{
    if (target->rules != NULL)
        for (size_t i = 0; target->rules[i] != NULL; i++)
            if (strcmp(target->rules[i]->name, name) == 0)
                return target->rules[i];
    return NULL;
}

const char *tdh_rule_name(const struct tdh_rule *rule)
{
    return rule->name;
}

static void take_retry(struct td_policy *policy, const struct td_policy *from)
{
    policy->max_attempts = from->max_attempts;
    policy->backoff = from->backoff;
    policy->initial_ms = from->initial_ms;
    policy->max_ms = from->max_ms;
    policy->jitter = from->jitter;
}

bool tdh_recover_retry(const struct tdh_rule *rule, const struct tdh_target *target,
                       const struct td_policy *over, const struct td_err *error, unsigned attempt,
                       struct td_policy *ret_policy)
{
    bool has_rule = rule != NULL && rule->retry.max_attempts > 0;

    *ret_policy = tdh_policy_merge(over, &target->policy);
    if (has_rule && !target->says_retry && (over == NULL || over->max_attempts == 0))
        take_retry(ret_policy, &rule->retry);
    return (error->is_retryable || has_rule) && attempt < ret_policy->max_attempts;
}

const char *tdh_recover_next(const struct tdh_rule *rule, const char *after)
{
    const json_t *name;
    bool is_next = after == NULL;
    size_t i;

    if (rule == NULL)
        return NULL;
    json_array_foreach (rule->fallback, i, name) {
        if (is_next)
            return json_string_value(name);
        is_next = strcmp(json_string_value(name), after) == 0;
    }
    return NULL;
}

int tdh_recover_stand_in(const struct tdh_target *target, const char *agent,
                         const struct tdh_target *found, struct td_err *err)
{
    if (found == NULL)
        return td_context(err, "\"%s\" cannot stand in for \"%s\"", agent, target->name);
    if (found->effects > target->effects)
        return td_fail(err, TD_E_CONFIG,
                       "\"%s\" cannot stand in for \"%s\": its action \"%s\" has stronger effects",
                       agent, target->name, target->action);
    tdh_metric_add(&fallbacks, 1);
    return 0;
}

static void tell(const struct tdh_rule *rule, const struct tdh_target *target, unsigned hops,
                 const struct td_err *error)
{
    json_t *data;

    tdh_metric_add(&escalations, 1);
    tdh_log(TDH_LOG_WARNING, "policies",
            TDH_FACTS(TDH_S("rule", rule->name), TDH_S("to", rule->escalate),
                      TDH_S("agent", target->name), TDH_S("action", target->action),
                      TDH_S("error", error->text)),
            "a failure is escalated");
    if (!tdh_hook_is_wanted())
        return;
    data = json_pack("{s:s, s:s, s:s, s:s, s:s*, s:o*, s:I}", "to", rule->escalate, "rule",
                     rule->name, "agent", target->name, "action", target->action, "plugin",
                     target->plugin, "error", tdh_err_json(error), "hops", (json_int_t)hops);
    tdh_hook_event("error.escalated", data);
    json_decref(data);
}

static void change_error(const struct tdh_rule *rule, struct td_err *err)
{
    const json_t *retryable = json_object_get(rule->fail, "retryable");
    const char *text = tdh_json_str(rule->fail, "text", NULL),
               *hint = tdh_json_str(rule->fail, "hint", NULL);
    char before[TD_ERR_TEXT];

    memcpy(before, err->text, sizeof(before));
    td_fail(err, rule->fail_code, "%s", before);
    if (text != NULL)
        td_context(err, "%s", text);
    if (hint != NULL)
        td_hint(err, "%s", hint);
    if (retryable != NULL)
        err->is_retryable = json_is_true(retryable);
}

int tdh_recover_end(const struct tdh_rule *rule, const struct tdh_target *target, unsigned hops,
                    json_t **ret_output, struct td_err *err)
{
    if (rule == NULL)
        return -1;
    if (rule->escalate != NULL)
        tell(rule, target, hops, err);
    if (rule->output != NULL) {
        *ret_output = json_incref(rule->output);
        return 0;
    }
    if (rule->fail != NULL)
        change_error(rule, err);
    return -1;
}
