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

#include "base/json.h"
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

static int64_t day(const char *text)
{
    struct td_err err = { 0 };
    int64_t day = 0;

    tdh_day_parse(text, &day, &err);
    assert_string_equal(err.text, "");
    return day;
}

static struct tdh_terms terms(const char *host, const char *sdk, int64_t today)
{
    struct tdh_terms terms = { .day = today };
    struct td_err err;

    assert_int_equal(tdh_semver_parse(host, &terms.host, &err), 0);
    assert_int_equal(tdh_semver_parse(sdk, &terms.sdk, &err), 0);
    return terms;
}

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
    const struct tdh_terms own = terms("0.1.0", "1.3.0", 0);
    struct tdh_compat *compat;
    size_t count;

    plugin_home_write(home, "compat.yaml", rules_text);
    compat = tdh_compat_read(home->options.compat_path, true, &home->err);
    assert_string_equal(home->err.text, "");
    tdh_compat_rules(compat, &count);
    assert_int_equal(count, 5);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct tdh_compat_rule *rule;
        struct tdh_semver version;

        assert_int_equal(tdh_semver_parse(cases[i].version, &version, &home->err), 0);
        rule = tdh_compat_match(compat, cases[i].plugin, &version, &own);
        assert_int_equal(rule != NULL ? rule->line : 0, cases[i].line);
    }
    tdh_compat_free(compat);
}

/* Both sides have a range: the same plugin on another host, the same host with another SDK. */
static void host_and_sdk_are_those_that_are_asked_about(void **state)
{
    static const struct {
        const char *host, *sdk;
        unsigned line; /* 0: no rule */
    } cases[] = {
        { "0.1.0", "1.3.0", 0 }, { "0.2.0", "1.3.0", 2 },      { "0.3.0", "1.3.0", 2 },
        { "0.1.9", "1.2.9", 3 }, { "0.2.0-rc.1", "1.3.0", 0 }, { "0.1.0", "2.0.0", 0 },
        { "0.2.0", "1.2.0", 2 },
    };
    struct plugin_home *home = *state;
    struct tdh_compat *compat;

    plugin_home_write(home, "compat.yaml",
                      "rules:\n"
                      "  - {plugin: mail, host: \">=0.2\", verdict: block, reason: a}\n"
                      "  - {plugin: mail, sdk: \"<1.3\", verdict: block, reason: b}\n");
    compat = tdh_compat_read(home->options.compat_path, true, &home->err);
    assert_non_null(compat);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct tdh_terms there = terms(cases[i].host, cases[i].sdk, 0);
        const struct tdh_semver version = { .major = 1 };
        const struct tdh_compat_rule *rule = tdh_compat_match(compat, "mail", &version, &there);

        assert_int_equal(rule != NULL ? rule->line : 0, cases[i].line);
    }
    tdh_compat_free(compat);
}

static void a_deprecation_has_its_days(void **state)
{
    static const struct {
        const char *today, *want; /* "": no rule says anything */
    } cases[] = {
        { "2027-01-31", "" },
        { "2027-02-01", "version 1.0.0 is deprecated by line 1 of the compatibility matrix until "
                        "2027-06-30: old" },
        { "2027-06-30", "version 1.0.0 is deprecated by line 1 of the compatibility matrix until "
                        "2027-06-30: old" },
        { "2027-07-01", "version 1.0.0 is blocked by line 1 of the compatibility matrix, since its "
                        "time ended with 2027-06-30: old" },
        { "2099-12-31", "version 1.0.0 is blocked by line 1 of the compatibility matrix, since its "
                        "time ended with 2027-06-30: old" },
    };
    struct plugin_home *home = *state;

    plugin_home_write(home, "compat.yaml",
                      "rules: [{plugin: misfit, verdict: deprecated, reason: old, "
                      "since: 2027-02-01, until: 2027-06-30, replaced_by: fit}]");
    plugin_home_misfit(home, "bundled/misfit", "good", NULL);
    for (size_t i = 0; i < COUNT(cases); i++) {
        bool is_blocked = strstr(cases[i].want, "blocked") != NULL;
        bool is_told = cases[i].want[0] != '\0';
        const struct tdh_plugin_entry *entry;
        char want[256];

        home->options.day = day(cases[i].today);
        plugin_home_open(home);
        home->err = (struct td_err){ 0 };
        snprintf(want, sizeof(want), "plugin \"misfit\": %s", cases[i].want);
        assert_int_equal(plugin_home_load(home, "misfit") == NULL, is_blocked);
        assert_string_equal(home->err.text, is_blocked ? want : "");
        entry = tdh_plugins_find(home->plugins, TD_KIND_AGENT, "misfit", &home->err);
        if (is_blocked)
            continue;
        assert_int_equal(entry->is_deprecated, is_told);
        assert_string_equal(entry->why.text, is_told ? want : "");
    }
}

static void days_are_days_of_the_calendar(void **state)
{
    static const char *const good[] = { "1970-01-01", "2028-02-29", "1969-12-31", "9999-12-31" };
    static const char *const bad[] = { "",           "2027-02-29",  "2027-1-31", "2027-01-32",
                                       "2027-13-01", "2027-01-31T", "tomorrow" };
    char text[TDH_DAY_TEXT];

    (void)state;
    assert_int_equal(day("1970-01-02"), 1);
    for (size_t i = 0; i < COUNT(good); i++)
        assert_string_equal(tdh_day_print(day(good[i]), text), good[i]);
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct td_err err = { 0 };
        int64_t ignored;

        assert_int_equal(tdh_day_parse(bad[i], &ignored, &err), -1);
        assert_int_equal(err.code, TD_E_INVAL);
    }
}

/* --- reread --- */

#define BLOCK_MISFIT "rules: [{plugin: misfit, verdict: block, reason: broken}]"

static void a_rule_that_comes_later_counts_from_then_on(void **state)
{
    struct plugin_home *home = *state;
    struct tdh_plugin *held;

    plugin_home_misfit(home, "bundled/misfit", "good", NULL);
    plugin_home_agent(home, "bundled/mail", "1.0.0", NULL);
    plugin_home_open(home);
    held = plugin_home_load_well(home, "misfit");
    assert_non_null(tdh_plugins_find(home->plugins, TD_KIND_AGENT, "mail", &home->err));
    plugin_home_write(home, "compat.yaml", "rules: [{verdict: block, reason: broken}]");
    assert_int_equal(tdh_plugins_reread(home->plugins, &home->err), 0);
    plugin_home_load_badly(home, "misfit", TD_E_ABI,
                           "plugin \"misfit\": version 1.0.0 is blocked by line 1 of the "
                           "compatibility matrix: broken");
    assert_null(tdh_plugins_find(home->plugins, TD_KIND_AGENT, "mail", &home->err));
    /* who has it keeps it */
    assert_string_equal(held->descriptor.name, "misfit");
    plugin_home_write(home, "compat.yaml", "rules: []");
    assert_int_equal(tdh_plugins_reread(home->plugins, &home->err), 0);
    assert_ptr_equal(plugin_home_load_well(home, "misfit"), held);
    assert_non_null(tdh_plugins_find(home->plugins, TD_KIND_AGENT, "mail", &home->err));
}

/* One that another version has taken the place of, and that runs go on with. */
static void a_former_version_is_judged_too(void **state)
{
    struct plugin_home *home = *state;
    struct tdh_plugin_entry *entry;
    struct tdh_plugin *former;

    plugin_home_misfit(home, "bundled/misfit", "good", NULL);
    plugin_home_open(home);
    former = plugin_home_load_well(home, "misfit");
    entry = tdh_entry_find(home->plugins, TD_KIND_AGENT, "misfit", &home->err);
    assert_int_equal(tdh_former_add(home->plugins, former, NULL, &home->err), 0);
    entry->plugin = NULL;
    entry->manifest = NULL; /* the plugin's */
    plugin_home_write(home, "compat.yaml", BLOCK_MISFIT);
    assert_int_equal(tdh_plugins_reread(home->plugins, &home->err), 0);
    assert_true(tdh_plugin_is_blocked(former));
    plugin_home_write(home, "compat.yaml", "rules: []");
    assert_int_equal(tdh_plugins_reread(home->plugins, &home->err), 0);
    assert_false(tdh_plugin_is_blocked(former));
}

static void a_deprecation_comes_and_goes(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_plugin_entry *entry;

    plugin_home_misfit(home, "bundled/misfit", "good", NULL);
    plugin_home_open(home);
    plugin_home_load_well(home, "misfit");
    entry = tdh_plugins_find(home->plugins, TD_KIND_AGENT, "misfit", &home->err);
    assert_false(entry->is_deprecated);
    plugin_home_write(home, "compat.yaml", "rules: [{verdict: deprecated, reason: old}]");
    assert_int_equal(tdh_plugins_reread(home->plugins, &home->err), 0);
    assert_true(entry->is_deprecated && entry->state == TDH_PLUGIN_READY);
    plugin_home_write(home, "compat.yaml", "rules: [{verdict: allow}]");
    assert_int_equal(tdh_plugins_reread(home->plugins, &home->err), 0);
    assert_true(!entry->is_deprecated && entry->state == TDH_PLUGIN_READY);
}

static void a_file_with_a_fault_changes_nothing(void **state)
{
    static const char *const faults[] = { "rules: [{verdict: ban}]", "rules:", "\"", NULL };
    struct plugin_home *home = *state;
    size_t count;

    plugin_home_misfit(home, "bundled/misfit", "good", NULL);
    plugin_home_write(home, "compat.yaml", BLOCK_MISFIT);
    home->options.is_compat_needed = true;
    plugin_home_open(home);
    for (size_t i = 0; i < COUNT(faults); i++) {
        if (faults[i] != NULL)
            plugin_home_write(home, "compat.yaml", faults[i]);
        else
            assert_int_equal(remove(home->options.compat_path), 0);
        assert_int_equal(tdh_plugins_reread(home->plugins, &home->err), -1);
        assert_string_equal(home->err.hint, "the compatibility matrix stays as it was read before");
        tdh_plugins_rules(home->plugins, &count);
        assert_int_equal(count, 1);
        assert_null(plugin_home_load(home, "misfit"));
    }
    assert_null(tdh_plugins_new(&home->options, &home->err));
    assert_int_equal(home->err.code, TD_E_NOTFOUND);
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
        { "rules: [{verdict: deprecated, reason: a, until: 2027-02-30}]",
          "1:49: date \"2027-02-30\" is not a day of the calendar like 2027-01-31" },
        { "rules: [{verdict: deprecated, reason: a, until: 5}]",
          "1:49: \"until\" is of type integer, must be a string" },
        { "rules: [{verdict: block, reason: a, until: 2027-02-01}]",
          "1:37: only a rule that says \"deprecated\" has dates, this one says \"block\"" },
        { "rules: [{verdict: allow, since: 2027-02-01}]",
          "1:26: only a rule that says \"deprecated\" has dates, this one says \"allow\"" },
        { "rules: [{verdict: deprecated, reason: a, since: 2027-02-02, until: 2027-02-01}]",
          "1:61: \"until\" is before \"since\"" },
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

/* --- the schema for editors --- */

static const struct {
    const char *rule;
    bool is_valid;
} shapes[] = {
    { "{verdict: allow}", true },
    { "{verdict: block, reason: a, plugin: x, version: ^1, host: 0.x, sdk: '1.0 - 1.2'}", true },
    { "{verdict: deprecated, reason: a, since: 2027-01-01, until: 2027-01-31, replaced_by: y}",
      true },
    { "{verdict: deprecated}", false },
    { "{verdict: block}", false },
    { "{verdict: ban, reason: a}", false },
    { "{reason: a}", false },
    { "{verdict: block, reason: a, since: 2027-01-01}", false },
    { "{verdict: allow, until: 2027-01-01}", false },
    { "{verdict: deprecated, reason: a, until: 2027-13-01}", false },
    { "{verdict: deprecated, reason: a, until: tomorrow}", false },
    { "{verdict: deprecated, reason: a, until: 2027}", false },
    { "{verdict: allow, pluign: x}", false },
    { "{verdict: allow, version: 1}", false },
    { "{verdict: allow, plugin: ''}", false },
    { "3", false },
};

static struct tdh_schema *shipped_schema(void)
{
    struct td_err err = { 0 };
    json_t *document = tdh_json_read(TEST_SRCDIR "/conf/schema/compat.json", 1 << 20, &err);
    struct tdh_schema *schema = document != NULL ? tdh_schema_compile(document, NULL, &err) : NULL;

    assert_string_equal(err.text, "");
    assert_non_null(schema);
    json_decref(document);
    return schema;
}

static void reader_and_schema_agree(void **state)
{
    struct plugin_home *home = *state;
    struct tdh_schema *schema = shipped_schema();

    for (size_t i = 0; i < COUNT(shapes); i++) {
        struct tdh_compat *compat;
        struct tdh_yaml *yaml;
        char text[256];

        snprintf(text, sizeof(text), "rules: [%s]", shapes[i].rule);
        plugin_home_write(home, "compat.yaml", text);
        compat = tdh_compat_read(home->options.compat_path, true, &home->err);
        yaml = tdh_yaml_read(home->options.compat_path, &home->err);
        assert_non_null(yaml);
        if ((compat != NULL) != shapes[i].is_valid ||
            (tdh_schema_check_yaml(schema, yaml, &home->err) == 0) != shapes[i].is_valid)
            fail_msg("%s: the reader %s it", shapes[i].rule, compat != NULL ? "takes" : "refuses");
        tdh_yaml_free(yaml);
        tdh_compat_free(compat);
    }
    tdh_schema_free(schema);
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
    struct tdh_compat *compat = tdh_compat_read(TEST_SRCDIR "/conf/compat.yaml", true, &err);
    struct tdh_yaml *yaml = tdh_yaml_read(TEST_SRCDIR "/conf/compat.yaml", &err);
    struct tdh_schema *schema = shipped_schema();

    (void)state;
    assert_non_null(compat);
    assert_int_equal(tdh_schema_check_yaml(schema, yaml, &err), 0);
    assert_string_equal(err.text, "");
    tdh_schema_free(schema);
    tdh_yaml_free(yaml);
    tdh_compat_free(compat);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_HOME_TEST(the_first_rule_that_fits_decides),
        PLUGIN_HOME_TEST(host_and_sdk_are_those_that_are_asked_about),
        PLUGIN_HOME_TEST(a_deprecation_has_its_days),
        cmocka_unit_test(days_are_days_of_the_calendar),
        PLUGIN_HOME_TEST(a_rule_that_comes_later_counts_from_then_on),
        PLUGIN_HOME_TEST(a_former_version_is_judged_too),
        PLUGIN_HOME_TEST(a_deprecation_comes_and_goes),
        PLUGIN_HOME_TEST(a_file_with_a_fault_changes_nothing),
        PLUGIN_HOME_TEST(a_blocked_plugin_is_not_loaded),
        PLUGIN_HOME_TEST(a_deprecated_plugin_is_loaded_and_says_why),
        PLUGIN_HOME_TEST(rules_are_shown_as_they_are_written),
        PLUGIN_HOME_TEST(faults_are_named_with_their_place),
        PLUGIN_HOME_TEST(reader_and_schema_agree),
        PLUGIN_HOME_TEST(no_file_is_no_rules),
        cmocka_unit_test(the_shipped_matrix_is_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
