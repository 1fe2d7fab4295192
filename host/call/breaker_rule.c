/* SPDX-License-Identifier: Apache-2.0 */
/*
 * breaker_rule: what policies files say of breakers: for which targets, and when they open.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "call/internal.h"

enum {
    COOL_DOWN_MS = 30000,
    MAX_MS = 600000,
    WINDOW_MS = 60000,
    MIN_CALLS = 10,
    POINTER_MAX = 200
};

/* What says that the target is in trouble, and not the caller. */
static const char *const usual[] = { "communication", "timeout", "external_service", "execution",
                                     "dependency" };

static unsigned number(const json_t *text, const char *key, unsigned fallback)
{
    const json_t *value = json_object_get(text, key);

    return json_is_integer(value) ? (unsigned)json_integer_value(value) : fallback;
}

static json_t *usual_categories(void)
{
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        json_array_append_new(list, json_string(usual[i]));
    return list;
}

/* What the caller did wrong says nothing of the target. */
static int read_categories(struct tdh_breaker_rule *rule, const struct tdh_yaml *yaml,
                           const char *pointer, const json_t *given, struct td_err *err)
{
    static const char *const never[] = { "validation", "permission" };
    json_t *categories = given != NULL ? json_incref((json_t *)given) : usual_categories();
    char at[POINTER_MAX];
    int rc;

    snprintf(at, sizeof(at), "%s/categories", pointer);
    rc = tdh_codes_read(yaml, at, categories, &rule->codes, err);
    json_decref(categories);
    for (unsigned code = TD_OK + 1; rc == 0 && code < TD_E_MAX_; code++)
        for (unsigned i = 0; i < 2; i++)
            if ((rule->codes & 1U << code) != 0 &&
                strcmp(td_code_info((enum td_code)code)->category, never[i]) == 0)
                return tdh_yaml_fail(yaml, at, err, TD_E_CONFIG,
                                     "failures of \"%s\" open no breaker: they are the caller's",
                                     never[i]);
    return rc;
}

static int read_times(struct tdh_breaker_rule *rule, const struct tdh_yaml *yaml,
                      const char *pointer, const json_t *text, struct td_err *err)
{
    rule->window_ms = WINDOW_MS;
    rule->cool_down_ms = COOL_DOWN_MS;
    rule->max_ms = MAX_MS;
    if (tdh_policies_ms(yaml, pointer, text, "window", &rule->window_ms, err) != 0 ||
        tdh_policies_ms(yaml, pointer, text, "cool_down", &rule->cool_down_ms, err) != 0 ||
        tdh_policies_ms(yaml, pointer, text, "max", &rule->max_ms, err) != 0)
        return -1;
    if (json_object_get(text, "max") == NULL && rule->max_ms < rule->cool_down_ms)
        rule->max_ms = rule->cool_down_ms;
    return rule->max_ms >= rule->cool_down_ms
               ? 0
               : tdh_yaml_fail(yaml, pointer, err, TD_E_CONFIG,
                               "\"max\" is shorter than \"cool_down\"");
}

static int read_breaker(struct tdh_breaker_rule *rule, const struct tdh_yaml *yaml,
                        const char *pointer, const json_t *text, struct td_err *err)
{
    char at[POINTER_MAX];

    snprintf(at, sizeof(at), "%s/match", pointer);
    rule->failures = number(text, "failures", 0);
    rule->rate = json_number_value(json_object_get(text, "rate"));
    rule->min_calls = number(text, "min_calls", MIN_CALLS);
    rule->probes = number(text, "probes", 1);
    rule->growth = json_is_number(json_object_get(text, "growth"))
                       ? json_number_value(json_object_get(text, "growth"))
                       : 2;
    if (rule->failures == 0 && rule->rate <= 0) {
        tdh_yaml_fail(yaml, pointer, err, TD_E_CONFIG, "the breaker would never open");
        return td_hint(err, "give it failures, in a row, or rate, in a window, or both");
    }
    return tdh_match_read(yaml, at, json_object_get(text, "match"), &rule->match, err) == 0 &&
                   read_times(rule, yaml, pointer, text, err) == 0
               ? read_categories(rule, yaml, pointer, json_object_get(text, "categories"), err)
               : -1;
}

int tdh_breakers_read(struct tdh_policies *policies, const struct tdh_yaml *yaml,
                      struct td_err *err)
{
    json_t *texts = json_object_get(yaml->root, "breakers"), *text;
    size_t i, count = policies->breaker_count + json_array_size(texts);
    struct tdh_breaker_rule *rules = realloc(policies->breakers, (count + 1) * sizeof(*rules));
    char pointer[POINTER_MAX / 2];

    if (rules == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the policies");
    memset(rules + policies->breaker_count, 0,
           (count + 1 - policies->breaker_count) * sizeof(*rules));
    policies->breakers = rules;
    json_array_foreach (texts, i, text) {
        snprintf(pointer, sizeof(pointer), "/breakers/%zu", i);
        if (read_breaker(&policies->breakers[policies->breaker_count++], yaml, pointer, text,
                         err) != 0)
            return -1;
    }
    return 0;
}

void tdh_breakers_free(struct tdh_policies *policies)
{
    for (size_t i = 0; i < policies->breaker_count; i++)
        tdh_match_free(&policies->breakers[i].match);
    free(policies->breakers);
}

int tdh_breaker_attach(struct tdh_target *target, struct td_err *err)
{
    const struct tdh_policies *policies = tdh_policies_in_force();

    if (strcmp(target->kind, "agent") != 0)
        return 0;
    for (size_t i = 0; policies != NULL && i < policies->breaker_count; i++)
        if (tdh_match_target(&policies->breakers[i].match, target)) {
            target->breaker = tdh_breaker_new(&policies->breakers[i], target, err);
            return target->breaker != NULL ? 0 : -1;
        }
    return 0;
}
