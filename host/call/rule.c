/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule: one rule of a policies file: which failures it is for, and what becomes of them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "call/internal.h"

enum { POINTER_MAX = 200 };

/* --- reading --- */

static int read_name(struct tdh_rule *rule, const struct tdh_yaml *yaml, const json_t *text,
                     size_t place, struct td_err *err)
{
    const char *slash = strrchr(yaml->name, '/'), *file = slash != NULL ? slash + 1 : yaml->name;
    const char *name = tdh_json_str(text, "name", NULL);
    char number[24];

    snprintf(number, sizeof(number), "%zu", place + 1);
    if (asprintf(&rule->name, "%.*s/%s", (int)(strlen(file) - strlen(".yaml")), file,
                 name != NULL ? name : number) < 0) {
        rule->name = NULL;
        return td_fail(err, TD_E_NOMEM, "could not allocate a rule");
    }
    return 0;
}

/* The schema has its shape; what is left are durations. */
static int read_retry(struct tdh_rule *rule, const struct tdh_yaml *yaml, const char *pointer,
                      const json_t *retry, struct td_err *err)
{
    json_t *text = json_pack("{s:O}", "retry", (json_t *)retry);
    char at[POINTER_MAX], why[TD_ERR_TEXT];
    int64_t ignored;
    int rc;

    snprintf(at, sizeof(at), "%s/retry", pointer);
    if (text == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a rule");
    rc = tdh_policies_ms(yaml, at, retry, "initial", &ignored, err);
    if (rc == 0)
        rc = tdh_policies_ms(yaml, at, retry, "max", &ignored, err);
    if (rc == 0 && tdh_policy_read(text, NULL, &rule->retry, err) != 0) {
        memcpy(why, err->text, sizeof(why));
        rc = tdh_yaml_fail(yaml, at, err, TD_E_CONFIG, "%s", why);
    }
    json_decref(text);
    return rc;
}

static int read_fail(struct tdh_rule *rule, const struct tdh_yaml *yaml, const char *pointer,
                     const json_t *text, struct td_err *err)
{
    const char *name = tdh_json_str(text, "code", "");
    char at[POINTER_MAX];

    rule->fail_code = td_code_from_name(name);
    if (strcmp(td_code_info(rule->fail_code)->name, name) != 0 || rule->fail_code == TD_OK) {
        snprintf(at, sizeof(at), "%s/fail/code", pointer);
        tdh_yaml_fail(yaml, at, err, TD_E_CONFIG, "\"%.64s\" is no code of errors", name);
        return td_hint(err, "tdev errors lists all of them");
    }
    rule->fail = text;
    return 0;
}

/* The ends that exclude each other. */
static int read_end(struct tdh_rule *rule, const struct tdh_yaml *yaml, const char *pointer,
                    const json_t *text, struct td_err *err)
{
    const json_t *use = json_object_get(text, "use"), *fail = json_object_get(text, "fail");
    bool is_ignored = json_object_get(text, "ignore") != NULL;

    if ((use != NULL) + (fail != NULL) + is_ignored > 1)
        return tdh_yaml_fail(yaml, pointer, err, TD_E_CONFIG,
                             "only one of \"use\", \"ignore\" and \"fail\" can be the end");
    rule->output = use != NULL ? json_incref((json_t *)use) : (is_ignored ? json_null() : NULL);
    return fail != NULL ? read_fail(rule, yaml, pointer, fail, err) : 0;
}

static int read_then(struct tdh_rule *rule, const struct tdh_yaml *yaml, const char *pointer,
                     const json_t *text, struct td_err *err)
{
    const json_t *retry = json_object_get(text, "retry");

    rule->fallback = json_object_get(text, "fallback");
    rule->escalate = tdh_json_str(text, "escalate", NULL);
    if (read_end(rule, yaml, pointer, text, err) != 0)
        return -1;
    if (retry == NULL && rule->fallback == NULL && rule->escalate == NULL && rule->fail == NULL &&
        rule->output == NULL && json_object_get(text, "name") == NULL) {
        tdh_yaml_fail(yaml, pointer, err, TD_E_CONFIG, "the rule does not say what is to be done");
        return td_hint(err, "give it retry, fallback, use, ignore, fail or escalate; or a name, "
                            "when nothing is to be done and the rules behind it are not to count");
    }
    return retry != NULL ? read_retry(rule, yaml, pointer, retry, err) : 0;
}

static int read_rule(struct tdh_policies *policies, const struct tdh_yaml *yaml, json_t *text,
                     size_t place, struct td_err *err)
{
    struct tdh_rule *rule = &policies->rules[policies->rule_count++];
    struct tdh_place at;
    char pointer[POINTER_MAX / 2];

    snprintf(pointer, sizeof(pointer), "/rules/%zu/match", place);
    if (read_name(rule, yaml, text, place, err) != 0 ||
        tdh_match_read(yaml, pointer, json_object_get(text, "match"), &rule->match, err) != 0)
        return -1;
    snprintf(pointer, sizeof(pointer), "/rules/%zu", place);
    at = tdh_yaml_place(yaml, pointer);
    rule->file = yaml->name;
    rule->line = at.line;
    rule->column = at.column;
    return read_then(rule, yaml, pointer, text, err);
}

int tdh_rules_read(struct tdh_policies *policies, const struct tdh_yaml *yaml, struct td_err *err)
{
    json_t *texts = json_object_get(yaml->root, "rules"), *text;
    size_t i, count = policies->rule_count + json_array_size(texts);
    struct tdh_rule *rules = realloc(policies->rules, (count + 1) * sizeof(*rules));

    if (rules == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the policies");
    memset(rules + policies->rule_count, 0, (count + 1 - policies->rule_count) * sizeof(*rules));
    policies->rules = rules;
    json_array_foreach (texts, i, text)
        if (read_rule(policies, yaml, text, i, err) != 0)
            return -1;
    return 0;
}

void tdh_rules_free(struct tdh_policies *policies)
{
    for (size_t i = 0; i < policies->rule_count; i++) {
        tdh_match_free(&policies->rules[i].match);
        json_decref(policies->rules[i].output);
        free(policies->rules[i].name);
    }
    free(policies->rules);
}

/* --- the rules of a target --- */

/* Inserted are those that fit, in order; ended by NULL. */
static void collect(const struct tdh_policies *policies, struct tdh_target *target)
{
    size_t count = 0;

    for (size_t i = 0; i < policies->rule_count; i++)
        if (tdh_match_target(&policies->rules[i].match, target))
            target->rules[count++] = &policies->rules[i];
    target->rules[count] = NULL;
}

static int check_output(const struct tdh_target *target, const struct tdh_rule *rule,
                        struct td_err *err)
{
    if (rule->output == NULL || tdh_call_check_output(target, rule->output, err) == 0)
        return 0;
    err->code = TD_E_CONFIG;
    td_hint(err, "let its match name the actions that give such an output");
    return td_context(err, "%s:%u:%u: what it says to use does not fit", rule->file, rule->line,
                      rule->column);
}

int tdh_rules_attach(struct tdh_target *target, struct td_err *err)
{
    const struct tdh_policies *policies = tdh_policies_in_force();

    if (policies == NULL || policies->rule_count == 0 || strcmp(target->kind, "agent") != 0)
        return 0; /* the host's own targets are not the operator's to mend */
    target->rules = calloc(policies->rule_count + 1, sizeof(struct tdh_rule *));
    if (target->rules == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the policies of \"%s\"", target->name);
    collect(policies, target);
    for (size_t i = 0; target->rules[i] != NULL; i++)
        if (check_output(target, target->rules[i], err) != 0)
            return -1;
    return 0;
}
