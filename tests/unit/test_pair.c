/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pair: rules of the compatibility matrix for two plugins: which pairs they fit, and where they are
 * kept.
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
#include "plugin/pair.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char rules[] =
    "rules:\n"
    "  - {plugin: mail, version: 1.5.0, with: {plugin: fax, version: 2.0.0}, verdict: allow}\n"
    "  - {plugin: mail, version: ^1, with: {plugin: fax, version: ^2}, verdict: block, reason: a}\n"
    "  - {plugin: \"old-*\", with: {plugin: \"*\"}, host: \">=9\", verdict: block, reason: b}\n"
    "  - {version: 0.x, with: {plugin: mail}, verdict: deprecated, reason: c}\n"
    "  - {plugin: mail, version: 3.x, verdict: block, reason: d}\n";

static const struct tdh_compat_rule *match(const struct tdh_compat *compat, const char *a,
                                           const char *a_text, const char *b, const char *b_text)
{
    struct tdh_terms terms = { .host = { .minor = 1 }, .sdk = { .major = 1 } };
    struct tdh_semver first, second;
    struct td_err err;

    assert_int_equal(tdh_semver_parse(a_text, &first, &err), 0);
    assert_int_equal(tdh_semver_parse(b_text, &second, &err), 0);
    return tdh_compat_pair(compat, &(struct tdh_plugin_name){ a, &first, a_text },
                           &(struct tdh_plugin_name){ b, &second, b_text }, &terms);
}

/* 3.19.3, Bug: the reverse match of the two did not swap their ranges; Bug: what was kept of an
 * answer depended on the order of the two. */
static void a_pair_is_judged_alike_from_both_sides_each_with_its_own_range(void **state)
{
    static const struct {
        const char *a, *a_version, *b, *b_version;
        unsigned line; /* 0: no rule */
    } cases[] = {
        { "mail", "1.4.0", "fax", "2.1.0", 3 },  { "mail", "1.5.0", "fax", "2.0.0", 2 },
        { "mail", "1.5.0", "fax", "2.1.0", 3 },  { "mail", "2.0.0", "fax", "1.0.0", 0 },
        { "mail", "2.0.0", "fax", "2.0.0", 0 },  { "mail", "1.0.0", "fax", "1.0.0", 0 },
        { "mail", "1.0.0", "fix", "2.0.0", 0 },  { "mail", "1.0.0", "fax", "0.1.0", 5 },
        { "old-a", "1.0.0", "fax", "1.0.0", 0 }, { "mail", "3.0.0", "fax", "1.0.0", 0 },
    };
    struct plugin_home *home = *state;
    struct tdh_compat *compat;

    plugin_home_write(home, "compat.yaml", rules);
    compat = tdh_compat_read(home->options.compat_path, true, &home->err);
    assert_string_equal(home->err.text, "");
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct tdh_compat_rule *there =
            match(compat, cases[i].a, cases[i].a_version, cases[i].b, cases[i].b_version);
        const struct tdh_compat_rule *back =
            match(compat, cases[i].b, cases[i].b_version, cases[i].a, cases[i].a_version);

        assert_int_equal(there != NULL ? there->line : 0, cases[i].line);
        assert_ptr_equal(there, back);
    }
    tdh_compat_free(compat);
}

static void a_rule_for_a_pair_says_nothing_of_either_by_itself(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_terms terms = { .host = { .minor = 1 } };
    const struct tdh_semver version = { .major = 1, .minor = 4 };
    struct tdh_compat *compat;

    plugin_home_write(home, "compat.yaml", rules);
    compat = tdh_compat_read(home->options.compat_path, true, &home->err);
    assert_null(tdh_compat_match(compat, "mail", &version, &terms));
    assert_null(tdh_compat_match(compat, "fax", &version, &terms));
    tdh_compat_free(compat);
}

static void faults_are_named_with_their_place(void **state)
{
    static const struct {
        const char *rule, *want;
    } cases[] = {
        { "{with: {version: \"1\"}, verdict: allow}", "2:12: key \"plugin\" is missing" },
        { "{with: fax, verdict: allow}", "2:12: \"with\" is of type string, must be a mapping" },
        { "{with: {plugin: fax, versoin: 1}, verdict: allow}",
          "2:26: unrecognized key \"versoin\", did you mean \"version\"" },
        { "{with: {plugin: fax, version: x.1}, verdict: allow}",
          "2:35: range \"x.1\": expected a version like 1.2.3, 1.2 or 1.x" },
        { "{with: {plugin: fax}, verdict: block}",
          "2:5: a rule that says \"block\" must give its reason" },
    };
    struct plugin_home *home = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[256];

        snprintf(text, sizeof(text), "rules:\n  - %s\n", cases[i].rule);
        plugin_home_write(home, "compat.yaml", text);
        assert_null(tdh_compat_read(home->options.compat_path, true, &home->err));
        snprintf(text, sizeof(text), "~/compat.yaml:%s", cases[i].want);
        assert_string_equal(plugin_home_shown(home, home->err.text), text);
    }
}

/* --- where they are kept --- */

static void block(const struct plugin_home *home, const char *plugin, const char *with)
{
    char text[256];

    snprintf(text, sizeof(text),
             "rules:\n  - {plugin: %s, with: {plugin: %s}, verdict: block, reason: they fight, "
             "replaced_by: z}\n",
             plugin, with);
    plugin_home_write(home, "compat.yaml", text);
}

static void plug(const struct plugin_home *home, const char *folder, unsigned version)
{
    char path[256], text[512];

    snprintf(path, sizeof(path), "%s/plugin.yaml", folder);
    snprintf(text, sizeof(text),
             "apiVersion: tdev/v1\nkind: agent\nname: turn\nversion: %u.0.0\nlibrary: turn.so\n"
             "sdk: \"^1.0\"\ncapabilities: [{name: say}]\noptions: [{name: mark, type: string}]\n",
             version);
    plugin_home_write(home, path, text);
    snprintf(path, sizeof(path), "%s/turn.so", folder);
    snprintf(text, sizeof(text), "../turn/.libs/turn%u", version);
    plugin_home_library(home, text, path);
}

static void the_second_of_two_is_not_loaded(void **state)
{
    struct plugin_home *home = *state;

    block(home, "turn", "x");
    plug(home, "inline/turn", 1);
    plugin_home_misfit(home, "inline/x", "good", NULL);
    plugin_home_open(home);
    plugin_home_load_well(home, "turn");
    plugin_home_load_badly(home, "x", TD_E_DEPENDENCY,
                           "plugin \"x\": \"x\" 1.0.0 and \"turn\" 1.0.0 are not to be used "
                           "together, by line 2 of the compatibility matrix: they fight");
    assert_string_equal(home->err.hint, "use \"z\" instead of \"turn\"");
}

static void who_rests_on_both_is_told(void **state)
{
    struct plugin_home *home = *state;

    block(home, "turn", "y");
    plug(home, "inline/turn", 1);
    plugin_home_misfit(home, "inline/y", "name", "requires: [{plugin: turn}]");
    plugin_home_open(home);
    plugin_home_load_badly(home, "y", TD_E_DEPENDENCY,
                           "plugin \"y\": needs plugins that exclude each other: \"y\" 1.0.0 and "
                           "\"turn\" 1.0.0 are not to be used together, by line 2 of the "
                           "compatibility matrix: they fight");
}

/* Of several versions the newest that goes with the rest; when none does, that is told. */
static void a_version_that_goes_with_the_rest_is_chosen(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_plugin *plugin;

    plugin_home_write(home, "compat.yaml",
                      "rules:\n  - {plugin: y, with: {plugin: turn, version: ^2}, verdict: block, "
                      "reason: they fight}\n");
    plug(home, "inline/turn", 1);
    plug(home, "inline/turn@2.0.0", 2);
    plugin_home_misfit(home, "inline/y", "name", "requires: [{plugin: turn}]");
    plugin_home_open(home);
    plugin = plugin_home_load_well(home, "y");
    assert_string_equal(plugin->needs[0]->manifest->version_text, "1.0.0");
    block(home, "turn", "y");
    plugin_home_open(home);
    plugin_home_load_badly(home, "y", TD_E_DEPENDENCY,
                           "plugin \"y\": there are no versions that go together; turn 2.0.0 is "
                           "out: not together with y 1.0.0, by line 2 of the matrix: they fight; "
                           "turn 1.0.0 is out: not together with y 1.0.0, by line 2 of the matrix: "
                           "they fight");
}

static void reread(struct plugin_home *home)
{
    assert_int_equal(tdh_plugins_reread(home->plugins, &home->err), 0);
}

static void of_two_that_are_loaded_the_one_named_first_is_blocked(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_plugin *turn, *y;

    plug(home, "inline/turn", 1);
    plugin_home_misfit(home, "inline/y", "name", NULL);
    plugin_home_open(home);
    turn = plugin_home_load_well(home, "turn");
    y = plugin_home_load_well(home, "y");
    block(home, "y", "turn");
    reread(home);
    assert_true(tdh_plugin_is_blocked(y) && !tdh_plugin_is_blocked(turn));
    block(home, "turn", "y");
    reread(home);
    assert_true(!tdh_plugin_is_blocked(y) && tdh_plugin_is_blocked(turn));
    block(home, "\"*\"", "\"*\"");
    reread(home);
    assert_true(tdh_plugin_is_blocked(y) && !tdh_plugin_is_blocked(turn));
    plugin_home_write(home, "compat.yaml", "rules: []\n");
    reread(home);
    assert_true(!tdh_plugin_is_blocked(y) && !tdh_plugin_is_blocked(turn));
}

static void what_is_used_together_is_looked_at(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_plugin_entry *entries[2];
    size_t places[2];

    block(home, "turn", "x");
    plug(home, "inline/turn", 1);
    plugin_home_misfit(home, "inline/x", "good", NULL);
    plugin_home_open(home);
    entries[0] = tdh_plugins_find(home->plugins, TD_KIND_AGENT, "turn", &home->err);
    entries[1] = tdh_plugins_find(home->plugins, TD_KIND_AGENT, "x", &home->err);
    assert_int_equal(tdh_plugins_together(home->plugins, entries, 2, places, &home->err), -1);
    assert_int_equal(places[0] + places[1], 1);
    assert_string_equal(home->err.text, "\"turn\" 1.0.0 and \"x\" 1.0.0 are not to be used "
                                        "together, by line 2 of the compatibility matrix: they "
                                        "fight");
}

static void another_host_is_asked(void **state)
{
    static const struct {
        const char *host, *more;
        enum tdh_outlook outlook; /* of the row of pairs; TDH_UNKNOWN: there is none */
    } cases[] = {
        { "8.0.0", "", TDH_UNKNOWN },
        { "9.0.0", "", TDH_PASSES },
        { "9.0.0", "requires: [{plugin: turn, optional: true}]", TDH_PASSES },
        { "9.0.0", "requires: [{plugin: turn}]", TDH_FAILS },
    };
    struct plugin_home *home = *state;

    plugin_home_write(
        home, "compat.yaml",
        "rules:\n  - {plugin: turn, with: {plugin: x}, host: \">=9\", verdict: block, "
        "reason: they fight}\n");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tdh_terms terms = { .sdk = { .major = 1, .minor = 4 } };
        struct tdh_forecast forecast;
        enum tdh_outlook outlook = TDH_UNKNOWN;

        plugin_home_misfit(home, "inline/x", "good", cases[i].more);
        plugin_home_open(home);
        assert_int_equal(tdh_semver_parse(cases[i].host, &terms.host, &home->err), 0);
        assert_int_equal(tdh_plugins_forecast(home->plugins, plugin_home_path(home, "inline/x"),
                                              &terms, &forecast, &home->err),
                         0);
        for (size_t k = 0; k < forecast.count; k++)
            if (strcmp(forecast.rows[k].gate, "pairs") == 0) {
                outlook = forecast.rows[k].outlook;
                assert_string_equal(
                    forecast.rows[k].text,
                    "not to be used together with \"turn\" * by line 2: they fight");
            }
        assert_int_equal(outlook, cases[i].outlook);
    }
}

static void the_pairs_there_are_are_listed(void **state)
{
    struct plugin_home *home = *state;
    json_t *pairs;

    block(home, "turn", "x");
    plug(home, "inline/turn", 1);
    plugin_home_misfit(home, "inline/x", "good", NULL);
    plugin_home_misfit(home, "inline/y", "name", NULL);
    plugin_home_open(home);
    assert_int_equal(tdh_plugins_scan(home->plugins, &home->err), 0);
    pairs = tdh_plugins_pairs(home->plugins, NULL);
    assert_int_equal(json_array_size(pairs), 1);
    assert_string_equal(tdh_json_str(json_array_get(pairs, 0), "plugin", ""), "turn");
    assert_string_equal(tdh_json_str(json_array_get(pairs, 0), "verdict", ""), "block");
    json_decref(pairs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_HOME_TEST(a_pair_is_judged_alike_from_both_sides_each_with_its_own_range),
        PLUGIN_HOME_TEST(a_rule_for_a_pair_says_nothing_of_either_by_itself),
        PLUGIN_HOME_TEST(faults_are_named_with_their_place),
        PLUGIN_HOME_TEST(the_second_of_two_is_not_loaded),
        PLUGIN_HOME_TEST(who_rests_on_both_is_told),
        PLUGIN_HOME_TEST(a_version_that_goes_with_the_rest_is_chosen),
        PLUGIN_HOME_TEST(of_two_that_are_loaded_the_one_named_first_is_blocked),
        PLUGIN_HOME_TEST(what_is_used_together_is_looked_at),
        PLUGIN_HOME_TEST(another_host_is_asked),
        PLUGIN_HOME_TEST(the_pairs_there_are_are_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
