/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollout_plan: what is said of rollouts: `rollouts` of the policies files, and of one version
 * alone by `tdev plugin deploy`. A strategy is a list of shares, and what is not said otherwise.
 */
#include <math.h>
#include <string.h>

#include "agent/rollout.h"
#include "base/json.h"

enum { WATCH_MS = 5 * 60000, MIN_CALLS = 20, IN_ROW = 10, POINTER_MAX = 160 };

const char *const tdh_strategies[] = { "all_at_once", "rolling", "canary",
                                       "blue_green",  "shadow",  NULL };

static const struct {
    unsigned shares[4];
    bool is_manual;
} defaults[] = {
    [TDH_ALL_AT_ONCE] = { { TDH_SHARE_ALL }, false },
    [TDH_ROLLING] = { { 2500, 5000, 7500, TDH_SHARE_ALL }, false },
    [TDH_CANARY] = { { 500, 2500, TDH_SHARE_ALL }, false },
    [TDH_BLUE_GREEN] = { { 0, TDH_SHARE_ALL }, true },
    [TDH_SHADOW] = { { 0, TDH_SHARE_ALL }, true },
};

static void add_share(struct tdh_rollout_plan *plan, unsigned share)
{
    plan->shares[plan->count++] = share;
}

static int read_shares(const struct tdh_yaml *yaml, const char *pointer, const json_t *shares,
                       struct tdh_rollout_plan *plan, struct td_err *err)
{
    unsigned before = 0;
    const json_t *item;
    size_t i;

    if (plan->strategy != TDH_CANARY && plan->strategy != TDH_ROLLING)
        return tdh_yaml_fail(yaml, pointer, err, TD_E_CONFIG,
                             "\"shares\" is for canary and rolling only");
    plan->count = 0;
    json_array_foreach (shares, i, item) {
        unsigned share = (unsigned)lround(json_number_value(item) * TDH_SHARE_ALL);

        if (share <= before || share > TDH_SHARE_ALL || plan->count == TDH_PHASES_MAX - 1)
            return tdh_yaml_fail(yaml, pointer, err, TD_E_CONFIG,
                                 "\"shares\" must grow, each from 0.0001 to 1, at most %d of them",
                                 TDH_PHASES_MAX - 1);
        add_share(plan, share);
        before = share;
    }
    if (before < TDH_SHARE_ALL)
        add_share(plan, TDH_SHARE_ALL);
    return 0;
}

static void read_number(const json_t *text, const char *key, double *number)
{
    const json_t *value = json_object_get(text, key);

    if (value != NULL)
        *number = json_number_value(value);
}

static void read_count(const json_t *text, const char *key, uint64_t *count)
{
    const json_t *value = json_object_get(text, key);

    if (json_is_integer(value) && json_integer_value(value) >= 0)
        *count = (uint64_t)json_integer_value(value);
}

static void fill(struct tdh_rollout_plan *plan, const char *strategy)
{
    *plan = (struct tdh_rollout_plan){ .watch_ms = WATCH_MS,
                                       .min_calls = MIN_CALLS,
                                       .errors = 0.01,
                                       .latency = 1.5,
                                       .significance = 0.01,
                                       .in_row = IN_ROW };
    for (unsigned i = 0; tdh_strategies[i] != NULL; i++)
        if (strcmp(tdh_strategies[i], strategy) == 0)
            plan->strategy = (enum tdh_strategy)i;
    plan->is_manual = defaults[plan->strategy].is_manual;
    while (plan->count == 0 || plan->shares[plan->count - 1] < TDH_SHARE_ALL)
        add_share(plan, defaults[plan->strategy].shares[plan->count]);
}

int tdh_rollout_plan_read(const struct tdh_yaml *yaml, const char *pointer, const json_t *text,
                          struct tdh_rollout_plan *ret_plan, struct td_err *err)
{
    const json_t *shares = json_object_get(text, "shares");
    const char *promote = tdh_json_str(text, "promote", NULL);
    char at[POINTER_MAX];

    fill(ret_plan, tdh_json_str(text, "strategy", tdh_strategies[TDH_ROLLING]));
    snprintf(at, sizeof(at), "%.100s/shares", pointer);
    if (shares != NULL && read_shares(yaml, at, shares, ret_plan, err) != 0)
        return -1;
    if (tdh_policies_ms(yaml, pointer, text, "watch", &ret_plan->watch_ms, err) != 0)
        return -1;
    ret_plan->keep_ms = ret_plan->strategy == TDH_ALL_AT_ONCE ? 0 : ret_plan->watch_ms;
    if (tdh_policies_ms(yaml, pointer, text, "keep", &ret_plan->keep_ms, err) != 0)
        return -1;
    if (promote != NULL)
        ret_plan->is_manual = strcmp(promote, "manual") == 0;
    read_count(text, "min_calls", &ret_plan->min_calls);
    read_count(text, "failures", &ret_plan->in_row);
    read_number(text, "errors", &ret_plan->errors);
    read_number(text, "latency", &ret_plan->latency);
    read_number(text, "significance", &ret_plan->significance);
    read_number(text, "differences", &ret_plan->differences);
    return 0;
}

/* The rows of a file; pointer: of one. */
static const json_t *row_at(const struct tdh_yaml *yaml, size_t place,
                            char pointer[static POINTER_MAX])
{
    snprintf(pointer, POINTER_MAX, "/rollouts/%zu", place);
    return json_array_get(json_object_get(yaml->root, "rollouts"), place);
}

int tdh_rollout_plans_check(const struct tdh_policies *policies, struct td_err *err)
{
    for (size_t i = 0; i < tdh_policies_count(policies); i++) {
        const struct tdh_yaml *yaml = tdh_policies_file(policies, i);
        char pointer[POINTER_MAX];
        const json_t *row;

        for (size_t k = 0; (row = row_at(yaml, k, pointer)) != NULL; k++) {
            struct tdh_rollout_plan plan;

            if (tdh_rollout_plan_read(yaml, pointer, row, &plan, err) != 0)
                return -1;
        }
    }
    return 0;
}

static bool is_for(const json_t *row, const char *plugin)
{
    const json_t *plugins = json_object_get(row, "plugins"), *pattern;
    size_t i;

    if (plugins == NULL)
        return true;
    if (json_is_string(plugins))
        return tdh_name_covers(json_string_value(plugins), plugin);
    json_array_foreach (plugins, i, pattern)
        if (tdh_name_covers(json_string_value(pattern), plugin))
            return true;
    return false;
}

json_t *tdh_rollout_plan_find(const struct tdh_policies *policies, const char *plugin,
                              struct tdh_rollout_plan *ret_plan)
{
    for (size_t i = 0; i < tdh_policies_count(policies); i++) {
        const struct tdh_yaml *yaml = tdh_policies_file(policies, i);
        char pointer[POINTER_MAX];
        struct td_err ignored; /* it was read before */
        const json_t *row;

        for (size_t k = 0; (row = row_at(yaml, k, pointer)) != NULL; k++)
            if (is_for(row, plugin))
                return tdh_rollout_plan_read(yaml, pointer, row, ret_plan, &ignored) == 0
                           ? json_deep_copy(row)
                           : NULL;
    }
    return NULL;
}

bool tdh_rollout_is_plain(const struct tdh_rollout_plan *plan)
{
    return plan->strategy == TDH_ALL_AT_ONCE && plan->keep_ms == 0;
}
