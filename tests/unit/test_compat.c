/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compat: the rules of the compatibility matrix, read, matched and applied.
 */
#include "plugin_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "plugin/internal.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char rules_text[] =
    "rules:\n"
    "  - {plugin: mail, version: 1.4.1, verdict: allow}\n"
    "  - {plugin: mail, version: \"<1.4.2\", verdict: block, reason: sends twice, replaced_by: "
    "post}\n"
    "  - {plugin: \"old-*\", host: \">=9\", verdict: block, reason: too old}\n"
    "  - {plugin: \"old-*\", sdk: \"^1.0\", host: \">=0.1\", verdict: deprecated, reason: not "
    "looked after}\n"
    "  - {version: \"0.x\", verdict: deprecated, reason: not finished}\n";

static void the_first_rule_that_fits_decides(void **state)
{
    static const struct {
        const char *plugin, *version;
        unsigned line; /* 0: no rule */
    } cases[] = {
        { "mail", "1.4.1", 2 }, { "mail", "1.4.0", 3 },  { "mail", "1.4.2", 0 },
        { "mail", "0.9.0", 3 }, { "mails", "1.0.0", 0 }, { "old-mail", "1.0.0", 5 },
        { "old", "1.0.0", 0 },  { "other", "0.1.0", 6 },
    };
    struct plugin_home *home = *state;
    struct tdh_compat *compat;
    size_t count;

    plugin_home_write(home, "compat.yaml", rules_text);
    compat = tdh_compat_read(home->options.compat_path, &home->err);
    assert_string_equal(home->err.text, "");
    tdh_compat_rules(compat, &count);
    assert_int_equal(count, 5);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct tdh_compat_rule *rule;
        struct tdh_semver version;

        assert_int_equal(tdh_semver_parse(cases[i].version, &version, &home->err), 0);
        rule = tdh_compat_match(compat, cases[i].plugin, &version);
        assert_int_equal(rule != NULL ? rule->line : 0, cases[i].line);
    }
    tdh_compat_free(compat);
}

static void a_blocked_plugin_is_not_loaded(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_write(home, "compat.yaml", rules_text);
    plugin_home_agent(home, "bundled/mail", "1.4.0", NULL);
    plugin_home_open(home);
    assert_null(tdh_plugins_load(home->plugins, TD_KIND_AGENT, "mail", &home->err));
    assert_string_equal(home->err.text, "plugin \"mail\": version 1.4.0 is blocked by line 3 of "
                                        "the compatibility matrix: sends twice");
    assert_string_equal(home->err.hint, "use \"post\" instead");
    assert_int_equal(home->err.code, TD_E_ABI);
}

static void a_deprecated_plugin_is_loaded_and_says_why(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_plugin_entry *entry;

    plugin_home_write(home, "compat.yaml",
                      "rules: [{plugin: misfit, verdict: deprecated, reason: not looked after, "
                      "replaced_by: fit}]");
    plugin_home_misfit(home, "bundled/misfit", "good", NULL);
    plugin_home_open(home);
    assert_non_null(tdh_plugins_load(home->plugins, TD_KIND_AGENT, "misfit", &home->err));
    entry = tdh_plugins_find(home->plugins, TD_KIND_AGENT, "misfit", &home->err);
    assert_true(entry->is_deprecated && entry->state == TDH_PLUGIN_READY);
    assert_string_equal(entry->why.text, "plugin \"misfit\": version 1.0.0 is deprecated by line 1 "
                                         "of the compatibility matrix: not looked after");
    assert_string_equal(entry->why.hint, "use \"fit\" instead");
}

static void rules_are_shown_as_they_are_written(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_compat_rule *rules;
    size_t count;

    plugin_home_write(home, "compat.yaml", rules_text);
    plugin_home_open(home);
    rules = tdh_plugins_rules(home->plugins, &count);
    assert_int_equal(count, 5);
    assert_string_equal(rules[1].version_text, "<1.4.2");
    assert_string_equal(rules[1].replaced_by, "post");
    assert_int_equal(rules[1].verdict, TDH_BLOCK);
    assert_null(rules[1].host_text);
    assert_string_equal(rules[3].sdk_text, "^1.0");
    assert_null(rules[4].plugin);
}

static void faults_are_named_with_their_place(void **state)
{
    static const struct {
        const char *text, *want; /* behind ~/compat.yaml: */
    } cases[] = {
        { "", "1:1: the text is empty, expected a YAML document" },
        { "rule: []", "1:1: unrecognized key \"rule\", did you mean \"rules\"" },
        { "{}", "1:1: key \"rules\" is missing" },
        { "rules: {}", "1:8: \"rules\" is of type object, must be a list" },
        { "rules: [{}]", "1:9: key \"verdict\" is missing" },
        { "rules: [{verdict: ban}]",
          "1:19: verdict is \"ban\", must be one of allow, deprecated, block" },
        { "rules: [{verdict: block}]", "1:9: a rule that says \"block\" must give its reason" },
        { "rules: [{verdict: allow, host: new}]",
          "1:32: range \"new\": expected a version like 1.2.3, 1.2 or 1.x" },
        { "rules: [{verdict: allow, pluign: x}]",
          "1:26: unrecognized key \"pluign\", did you mean \"plugin\"" },
    };
    struct plugin_home *home = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        char want[256];

        snprintf(want, sizeof(want), "~/compat.yaml:%s", cases[i].want);
        plugin_home_write(home, "compat.yaml", cases[i].text);
        assert_null(tdh_plugins_new(&home->options, &home->err));
        assert_string_equal(plugin_home_shown(home, home->err.text), want);
        assert_int_equal(home->err.code, TD_E_CONFIG);
    }
}

static void no_file_is_no_rules(void **state)
{
    struct plugin_home *home = *state;
    size_t count = 1;

    plugin_home_open(home);
    tdh_plugins_rules(home->plugins, &count);
    assert_int_equal(count, 0);
    home->options.compat_path = NULL;
    plugin_home_open(home);
    tdh_plugins_rules(home->plugins, &count);
    assert_int_equal(count, 0);
}

static void the_shipped_matrix_is_well(void **state)
{
    struct td_err err = { 0 };
    struct tdh_compat *compat = tdh_compat_read(TEST_SRCDIR "/conf/compat.yaml", &err);

    (void)state;
    assert_string_equal(err.text, "");
    assert_non_null(compat);
    tdh_compat_free(compat);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_HOME_TEST(the_first_rule_that_fits_decides),
        PLUGIN_HOME_TEST(a_blocked_plugin_is_not_loaded),
        PLUGIN_HOME_TEST(a_deprecated_plugin_is_loaded_and_says_why),
        PLUGIN_HOME_TEST(rules_are_shown_as_they_are_written),
        PLUGIN_HOME_TEST(faults_are_named_with_their_place),
        PLUGIN_HOME_TEST(no_file_is_no_rules),
        cmocka_unit_test(the_shipped_matrix_is_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
