/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alert_rule: what policies files say of alerts. The schema has the shape.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "observe/internal.h"

enum { WINDOW_MS = 5 * 60000, COOL_DOWN_MS = 15 * 60000, MIN_CALLS = 10, POINTER_MAX = 200 };

static int read_times(struct tdh_alert_rule *rule, const struct tdh_yaml *yaml, const char *pointer,
                      const json_t *text, struct td_err *err)
{
    int64_t slow_ms = 0;

    rule->window_ms = WINDOW_MS;
    rule->cool_down_ms = COOL_DOWN_MS;
    if (tdh_policies_ms(yaml, pointer, text, "window", &rule->window_ms, err) != 0 ||
        tdh_policies_ms(yaml, pointer, text, "for", &rule->for_ms, err) != 0 ||
        tdh_policies_ms(yaml, pointer, text, "cool_down", &rule->cool_down_ms, err) != 0 ||
        tdh_policies_ms(yaml, pointer, text, "latency", &slow_ms, err) != 0)
        return -1;
    rule->slow_ns = (uint64_t)slow_ms * 1000000;
    return 0;
}

static void read_by(struct tdh_alert_rule *rule, const char *by)
{
    static const char *const names[] = { "agent", "action", "plugin", "all" };

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], by) == 0)
            rule->by = (enum tdh_alert_by)i;
}

/* One of rate, count and latency. */
static int read_kind(struct tdh_alert_rule *rule, const struct tdh_yaml *yaml, const char *pointer,
                     const json_t *text, struct td_err *err)
{
    const json_t *rate = json_object_get(text, "rate"), *count = json_object_get(text, "count"),
                 *latency = json_object_get(text, "latency"),
                 *quantile = json_object_get(text, "quantile");

    if ((rate != NULL) + (count != NULL) + (latency != NULL) != 1)
        return tdh_yaml_fail(yaml, pointer, err, TD_E_CONFIG,
                             "an alert needs one of \"rate\", \"count\" and \"latency\"");
    if (quantile != NULL && latency == NULL)
        return tdh_yaml_fail(yaml, pointer, err, TD_E_CONFIG,
                             "\"quantile\" is for \"latency\" only");
    rule->kind = rate != NULL    ? TDH_ALERT_RATE
                 : count != NULL ? TDH_ALERT_COUNT
                                 : TDH_ALERT_LATENCY;
    rule->count = (uint64_t)json_integer_value(count);
    rule->share = rate != NULL ? json_number_value(rate)
                               : 1 - (quantile != NULL ? json_number_value(quantile) : 0.95);
    return 0;
}

int tdh_alert_rule_read(struct tdh_alert_rule *rule, const struct tdh_yaml *yaml,
                        const char *pointer, const json_t *text, struct td_err *err)
{
    const json_t *min_calls = json_object_get(text, "min_calls");
    char at[POINTER_MAX];

    *rule = (struct tdh_alert_rule){ 0 };
    snprintf(at, sizeof(at), "%.100s/match", pointer);
    if (tdh_match_read(yaml, at, json_object_get(text, "match"), &rule->match, err) != 0)
        return -1;
    rule->name = tdh_json_str(text, "name", "");
    rule->severity = tdh_json_str(text, "severity", "warning");
    rule->min_calls = min_calls != NULL ? (uint64_t)json_integer_value(min_calls) : MIN_CALLS;
    read_by(rule, tdh_json_str(text, "by", "agent"));
    return read_kind(rule, yaml, pointer, text, err) == 0
               ? read_times(rule, yaml, pointer, text, err)
               : -1;
}

void tdh_alert_rule_clear(struct tdh_alert_rule *rule)
{
    tdh_match_free(&rule->match);
    tdh_map_free(&rule->subjects, free);
}
