/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policies: each misfit of a file is named with its place, and a rule matches what it says.
 */
#include "policy_bed.h" /* before cmocka, which makes a macro of "fail" */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#include "base/json.h"
#include "base/log.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define RULE "rules:\n- "

static const struct {
    const char *text, *want;
} misfits[] = {
    { "rules: 3\n", "p.yaml:1:8: /rules: must be an array" },
    { "ruls: []\n", "p.yaml:1:1: unrecognized key \"ruls\", did you mean \"rules\"" },
    { RULE "{match: {}, retry: {tries: 3}}\n", "p.yaml:2:23: unrecognized key \"tries\"" },
    { RULE "{match: {agent: a}, ignore: true}\n",
      "p.yaml:2:12: unrecognized key \"agent\", did you mean \"agents\"" },
    { RULE "{match: {}}\n", "p.yaml:2:3: the rule does not say what is to be done" },
    { RULE "{match: {}, use: 1, ignore: true}\n",
      "p.yaml:2:3: only one of \"use\", \"ignore\" and \"fail\" can be the end" },
    { RULE "{match: {codes: timout}, ignore: true}\n",
      "p.yaml:2:19: \"timout\" is no code of errors, did you mean \"timeout\"" },
    { RULE "{match: {codes: [timeout, cancelled]}, ignore: true}\n",
      "p.yaml:2:29: \"cancelled\" cannot be matched: nothing is done about it" },
    { RULE "{match: {categories: networking}, ignore: true}\n",
      "p.yaml:2:24: \"networking\" is no category of errors" },
    { RULE "{match: {codes: timeout, categories: validation}, ignore: true}\n",
      "p.yaml:2:11: no code is in all of \"codes\", \"categories\" and \"severities\"" },
    { RULE "{match: {text: '('}, ignore: true}\n", "p.yaml:2:18: \"text\": " },
    { RULE "{match: {when: 'eror.text == 1'}, ignore: true}\n", "p.yaml:2:18: \"when\": 1:1: " },
    { RULE "{match: {when: 'error.txt == \"\"'}, ignore: true}\n", "p.yaml:2:18: \"when\": 1:" },
    { RULE "{match: {when: 'attempt'}, ignore: true}\n", "p.yaml:2:18: \"when\": " },
    { RULE "{match: {}, retry: {initial: soon}}\n", "p.yaml:2:32: \"initial\": duration \"soon\"" },
    { RULE "{match: {}, retry: {initial: 60d}}\n",
      "p.yaml:2:32: \"initial\" is \"60d\", must be 1ms to 30d" },
    { RULE "{match: {}, fail: {code: broken}}\n", "p.yaml:2:28: \"broken\" is no code of errors" },
    { "breakers:\n- {match: {agents: a}}\n", "p.yaml:2:3: the breaker would never open" },
    { "breakers:\n- {failures: 3, categories: [timeout, validation]}\n",
      "p.yaml:2:29: failures of \"validation\" open no breaker: they are the caller's" },
    { "breakers:\n- {failures: 3, cool_down: 1m, max: 1s}\n",
      "p.yaml:2:3: \"max\" is shorter than \"cool_down\"" },
    { "breakers:\n- {failures: 3, cool_down: never}\n", "p.yaml:2:28: \"cool_down\": duration" },
};

static void each_misfit_is_named_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(misfits); i++) {
        struct td_err err = { 0 };

        if (read_policies(misfits[i].text, &err) != NULL)
            fail_msg("row %zu was taken", i);
        if (err.code != TD_E_CONFIG || strncmp(err.text, misfits[i].want, strlen(misfits[i].want)))
            assert_string_equal(err.text, misfits[i].want);
    }
}

static const struct {
    const char *match; /* of the first rule; a second one matches everything */
    const char *agent, *action, *plugin;
    enum td_code code;
    const char *text;
    unsigned attempt;
    bool is_matched;
} matches[] = {
    { "{}", "a", "x", "p", TD_E_EXEC, "no", 1, true },
    { "{agents: a}", "a", "x", "p", TD_E_EXEC, "no", 1, true },
    { "{agents: a}", "ab", "x", "p", TD_E_EXEC, "no", 1, false },
    { "{agents: [b, 'a*']}", "ab", "x", "p", TD_E_EXEC, "no", 1, true },
    { "{actions: '*y'}", "a", "xy", "p", TD_E_EXEC, "no", 1, true },
    { "{actions: '*y'}", "a", "xyz", "p", TD_E_EXEC, "no", 1, false },
    { "{plugins: p}", "a", "x", "q", TD_E_EXEC, "no", 1, false },
    { "{agents: a, plugins: p}", "a", "x", "p", TD_E_EXEC, "no", 1, true },
    { "{codes: timeout}", "a", "x", "p", TD_E_TIMEOUT, "no", 1, true },
    { "{codes: timeout}", "a", "x", "p", TD_E_EXEC, "no", 1, false },
    { "{categories: [resource, timeout]}", "a", "x", "p", TD_E_LIMIT, "no", 1, true },
    { "{severities: critical}", "a", "x", "p", TD_E_INTERNAL, "no", 1, true },
    { "{severities: critical}", "a", "x", "p", TD_E_EXEC, "no", 1, false },
    { "{severities: medium, categories: timeout}", "a", "x", "p", TD_E_EXEC, "no", 1, false },
    { "{text: 'code=[0-9]+'}", "a", "x", "p", TD_E_EXEC, "got code=12", 1, true },
    { "{text: '^code'}", "a", "x", "p", TD_E_EXEC, "got code=12", 1, false },
    /* flags are not lost, and a slash is a slash */
    { "{text: '(?i)REFUSED'}", "a", "x", "p", TD_E_EXEC, "was refused", 1, true },
    { "{text: /refused/i}", "a", "x", "p", TD_E_EXEC, "was refused", 1, false },
    { "{when: 'attempt > 1 && error.code == \"execution\"'}", "a", "x", "p", TD_E_EXEC, "no", 2,
      true },
    { "{when: 'attempt > 1'}", "a", "x", "p", TD_E_EXEC, "no", 1, false },
    { "{when: 'agent == \"a\" && action == \"x\" && plugin == \"p\"'}", "a", "x", "p", TD_E_EXEC,
      "no", 1, true },
    /* what cannot be told counts as no match, and the next rule is tried */
    { "{when: 'error.retry_after_ms > 5'}", "a", "x", "p", TD_E_EXEC, "no", 1, false },
};

static void check_match(size_t row)
{
    struct tdh_target target = { .kind = "agent",
                                 .name = matches[row].agent,
                                 .action = matches[row].action,
                                 .plugin = matches[row].plugin };
    const struct tdh_rule *rule;
    struct td_err err;
    char text[300];

    snprintf(text, sizeof(text),
             RULE "{name: first, match: %s}\n- {name: last, match: {}, ignore: true}\n",
             matches[row].match);
    use_policies(text);
    assert_int_equal(tdh_target_ready(&target, &err), 0);
    td_fail(&err, matches[row].code, "%s", matches[row].text);
    rule = tdh_recover_rule(&target, &err, matches[row].attempt);
    assert_non_null(rule);
    if (strcmp(tdh_rule_name(rule), matches[row].is_matched ? "p/first" : "p/last") != 0)
        fail_msg("row %zu: it was %s", row, tdh_rule_name(rule));
    assert_ptr_equal(tdh_recover_named(&target, tdh_rule_name(rule)), rule);
    td_fail(&err, TD_E_CANCELLED, "given up");
    assert_null(tdh_recover_rule(&target, &err, 1));
    tdh_target_end(&target);
    use_policies(NULL);
}

static void the_first_rule_that_matches_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(matches); i++)
        check_match(i);
}

static void what_is_used_instead_must_fit_the_output(void **state)
{
    json_t *text = json_pack("{s:s}", "type", "integer");
    struct td_err err = { 0 };
    struct tdh_target target = { .kind = "agent", .name = "a", .action = "x" };

    (void)state;
    target.output_schema = tdh_schema_compile(text, NULL, &err);
    json_decref(text);
    use_policies(RULE "{match: {agents: b}, use: x}\n- {match: {agents: a}, use: x}\n");
    assert_int_equal(tdh_target_ready(&target, &err), -1);
    assert_int_equal(err.code, TD_E_CONFIG);
    assert_non_null(strstr(err.text, "p.yaml:3:3: what it says to use does not fit: output of "
                                     "\"a\" action \"x\": must be an integer"));
    tdh_target_end(&target);
    use_policies(RULE "{match: {agents: a}, use: 3}\n");
    assert_int_equal(tdh_target_ready(&target, &err), 0);
    tdh_target_end(&target);
    tdh_schema_free((struct tdh_schema *)(uintptr_t)target.output_schema);
    use_policies(NULL);
}

static void the_shipped_example_is_valid(void **state)
{
    struct tdh_policies *policies;
    struct td_err err = { 0 };
    size_t length;
    char *text =
        tdh_file_read(TEST_SRCDIR "/conf/policies/example.yaml.off", 1 << 20, &length, &err);

    (void)state;
    assert_non_null(text);
    policies = read_policies(text, &err);
    if (policies == NULL)
        assert_string_equal(err.text, "");
    tdh_policies_free(policies);
    free(text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_misfit_is_named_with_its_place),
        cmocka_unit_test(the_first_rule_that_matches_counts),
        cmocka_unit_test(what_is_used_instead_must_fit_the_output),
        cmocka_unit_test(the_shipped_example_is_valid),
    };

    tdh_log_setup(TDH_LOG_OFF, TDH_LOG_TEXT, 2);
    return cmocka_run_group_tests_name("policies", tests, NULL, NULL);
}
