/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin require: plugins that need others, or cannot stand them.
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

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void what_is_required_is_loaded_before(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_plugin *plugin;

    plugin_home_misfit(home, "inline/misfit", "good", NULL);
    plugin_home_misfit(home, "bundled/y", "name", "requires: [{plugin: misfit, version: \"^1\"}]");
    plugin_home_open(home);
    plugin = plugin_home_load_well(home, "y");
    assert_ptr_equal(plugin->needs[0], plugin_home_load_well(home, "misfit"));
}

static const struct {
    const char *a, *b; /* what the manifests of two agents say; NULL: there is no b */
    enum td_code code;
    const char *want;
} requirements[] = {
    { "requires: [{plugin: post}]", NULL, TD_E_DEPENDENCY,
      "plugin \"a\": requires \"post\": plugin \"post\" is not there" },
    { "requires: [{plugin: b, version: ^2}]", "", TD_E_DEPENDENCY,
      "plugin \"a\": requires \"b\" ^2, which is 1.0.0" },
    { "requires: [{plugin: a}]", NULL, TD_E_DEPENDENCY, "plugin \"a\": requires itself: a -> a" },
    { "requires: [{plugin: b}]", "requires: [{plugin: a}]", TD_E_DEPENDENCY,
      "plugin \"a\": requires itself: a -> b -> a" },
    { "requires: [{plugin: b}]", "requires: [{plugin: b}]", TD_E_DEPENDENCY,
      "plugin \"b\": requires itself: b -> b" },
    { "requires: [{plugin: b}]", "host: \">=9\"", TD_E_DEPENDENCY,
      "plugin \"a\": requires \"b\": plugin \"b\": plugin.yaml:8:7: "
      "needs host >=9, this host is 0.1.0" },
    { "requires: [{plugin: b}]", "", TD_E_DEPENDENCY,
      "plugin \"a\": requires \"b\": plugin \"b\": "
      "library \"b.so\" is not in folder \"~/bundled/b\"" },
    { "requires: [{plugin: misfit}]\nconflicts: [{plugin: misfit, version: 1.x}]", NULL,
      TD_E_DEPENDENCY,
      "plugin \"a\": needs plugins that exclude each other: \"a\" 1.0.0 and \"misfit\" 1.0.0" },
    { "requires: [{plugin: misfit}]\nconflicts: [{plugin: misfit, version: 2.x}]", NULL,
      TD_E_NOTFOUND, "plugin \"a\": library \"a.so\" is not in folder \"~/bundled/a\"" },
};

static void requirements_that_cannot_be_met_are_named(void **state)
{
    for (size_t i = 0; i < COUNT(requirements); i++) {
        struct plugin_home *home;

        plugin_home_setup(state);
        home = *state;
        plugin_home_misfit(home, "bundled/misfit", "good", NULL);
        plugin_home_agent(home, "bundled/a", "1.0.0", requirements[i].a);
        if (requirements[i].b != NULL)
            plugin_home_agent(home, "bundled/b", "1.0.0", requirements[i].b);
        plugin_home_open(home);
        plugin_home_load_badly(home, "a", requirements[i].code, requirements[i].want);
        plugin_home_teardown(state);
    }
}

/* `tdev plugin check` says it, and so does the list: "ready" is what can be used. */
static void requirements_are_checked_before_anything_is_opened(void **state)
{
    for (size_t i = 0; i < COUNT(requirements); i++) {
        struct plugin_home *home;
        const struct tdh_plugin_entry **list;
        const char *want = requirements[i].want;

        plugin_home_setup(state);
        home = *state;
        plugin_home_misfit(home, "bundled/misfit", "good", NULL);
        plugin_home_agent(home, "bundled/a", "1.0.0", requirements[i].a);
        if (requirements[i].b != NULL)
            plugin_home_agent(home, "bundled/b", "1.0.0", requirements[i].b);
        plugin_home_open(home);
        assert_int_equal(
            tdh_plugins_check(home->plugins, plugin_home_path(home, "bundled/a"), &home->err), -1);
        assert_string_equal(plugin_home_shown(home, home->err.text), want);
        assert_int_equal(tdh_plugins_scan(home->plugins, &home->err), 0);
        list = tdh_plugins_list(home->plugins, &home->err);
        assert_string_equal(list[0]->name, "a");
        assert_int_equal(list[0]->state, TDH_PLUGIN_REFUSED);
        assert_string_equal(plugin_home_shown(home, list[0]->why.text), want);
        free(list);
        plugin_home_teardown(state);
    }
}

/* The list, which ends with NULL; free() it. */
static const struct tdh_plugin_entry **scan(struct plugin_home *home)
{
    assert_int_equal(tdh_plugins_scan(home->plugins, &home->err), 0);
    return tdh_plugins_list(home->plugins, &home->err);
}

/* a rests on b and c, which exclude each other, and z on a; each of the others is well by itself.
 */
static void only_who_needs_both_is_refused(void **state)
{
    static const char want[] =
        "plugin \"a\": needs plugins that exclude each other: \"b\" 1.0.0 and \"c\" 1.0.0";
    struct plugin_home *home = *state;
    const struct tdh_plugin_entry **list;

    plugin_home_misfit(home, "bundled/a", "good", "requires: [{plugin: b}, {plugin: d}]");
    plugin_home_misfit(home, "bundled/b", "good", "conflicts: [{plugin: c, version: \"^1\"}]");
    plugin_home_misfit(home, "bundled/c", "good", NULL);
    plugin_home_misfit(home, "bundled/d", "good", "requires: [{plugin: c}]");
    plugin_home_misfit(home, "bundled/z", "good", "requires: [{plugin: a}]");
    plugin_home_open(home);
    list = scan(home);
    for (size_t i = 0; i < 5; i++) {
        bool is_refused = i == 0 || i == 4;

        assert_int_equal(list[i]->state, is_refused ? TDH_PLUGIN_REFUSED : TDH_PLUGIN_DISCOVERED);
        if (is_refused)
            assert_string_equal(list[i]->why.text, want);
    }
    free(list);
}

/* What could be loaded before the fault was reached is not. */
static void nothing_is_opened_before_all_fits(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_plugin_entry **list;

    plugin_home_misfit(home, "bundled/misfit", "good", NULL);
    plugin_home_agent(home, "bundled/a", "1.0.0",
                      "requires: [{plugin: misfit}, {plugin: misfit, version: ^2}]");
    plugin_home_open(home);
    plugin_home_load_badly(home, "a", TD_E_DEPENDENCY,
                           "plugin \"a\": requires \"misfit\" ^2, which is 1.0.0");
    list = scan(home);
    assert_string_equal(list[1]->name, "misfit");
    assert_null(list[1]->plugin);
    free(list);
}

/* It is in no root, so the registry does not know it. */
static void a_checked_folder_counts_as_there(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_agent(home, "bundled/else/mine", "1.0.0", "requires: [{plugin: mine}]");
    plugin_home_open(home);
    assert_int_equal(
        tdh_plugins_check(home->plugins, plugin_home_path(home, "bundled/else/mine"), &home->err),
        -1);
    assert_string_equal(home->err.text, "plugin \"mine\": requires itself: mine -> mine");
}

/* Each half of a diamond is followed once, and what both rest on is no circle. */
static void what_is_required_twice_is_ready(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_plugin_entry **list;

    plugin_home_misfit(home, "bundled/misfit", "good", NULL);
    plugin_home_misfit(home, "bundled/b", "good", "requires: [{plugin: misfit}]");
    plugin_home_misfit(home, "bundled/c", "good", "requires: [{plugin: misfit}]");
    plugin_home_misfit(home, "bundled/a", "good", "requires: [{plugin: b}, {plugin: c}]");
    plugin_home_open(home);
    assert_int_equal(tdh_plugins_scan(home->plugins, &home->err), 0);
    list = tdh_plugins_list(home->plugins, &home->err);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(list[i]->state, TDH_PLUGIN_DISCOVERED);
        assert_null(list[i]->plugin);
    }
    free(list);
}

static void a_conflict_is_said_by_either_side(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_misfit(home, "bundled/misfit", "good", "conflicts: [{plugin: a, version: \"<2\"}]");
    plugin_home_agent(home, "bundled/a", "1.0.0", NULL);
    plugin_home_open(home);
    plugin_home_load_well(home, "misfit");
    plugin_home_load_badly(
        home, "a", TD_E_DEPENDENCY,
        "plugin \"a\": \"misfit\", which is loaded, conflicts with version 1.0.0 of it");
}

/* d rests on c, which b does not stand; e requires what is not there. */
static const struct {
    const char *names[3];
    size_t places[2];
    const char *want; /* "": they can be together */
} groups[] = {
    { { "a", "b", "a" }, { 0, 0 }, "" },
    { { "a", "c", "d" }, { 0, 0 }, "" },
    { { "b", "a", "d" }, { 0, 2 }, "\"b\" 1.0.0 and \"c\" 1.0.0" },
    { { "d", "a", "b" }, { 0, 2 }, "\"c\" 1.0.0 and \"b\" 1.0.0" },
    { { "a", "e", "b" },
      { 1, 1 },
      "plugin \"e\": requires \"post\": plugin \"post\" is not there" },
    { { "a", "f", "b" },
      { 1, 1 },
      "plugin \"f\": needs plugins that exclude each other: \"f\" 1.0.0 and \"c\" 1.0.0" },
};

static void who_can_be_used_together_is_known_before_anything_is_opened(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_agent(home, "bundled/a", "1.0.0", NULL);
    plugin_home_agent(home, "bundled/b", "1.0.0", "conflicts: [{plugin: c, version: \"^1\"}]");
    plugin_home_agent(home, "bundled/c", "1.0.0", NULL);
    plugin_home_agent(home, "bundled/d", "1.0.0", "requires: [{plugin: c}]");
    plugin_home_agent(home, "bundled/e", "1.0.0", "requires: [{plugin: post}]");
    plugin_home_agent(home, "bundled/f", "1.0.0",
                      "requires: [{plugin: c}]\nconflicts: [{plugin: c}]");
    plugin_home_open(home);
    for (size_t i = 0; i < COUNT(groups); i++) {
        const struct tdh_plugin_entry *entries[3];
        size_t places[2] = { 0, 0 };

        home->err = (struct td_err){ 0 };
        for (size_t k = 0; k < 3; k++)
            entries[k] =
                tdh_plugins_find(home->plugins, TD_KIND_AGENT, groups[i].names[k], &home->err);
        assert_int_equal(tdh_plugins_together(home->plugins, entries, 3, places, &home->err),
                         groups[i].want[0] == '\0' ? 0 : -1);
        assert_string_equal(home->err.text, groups[i].want);
        if (groups[i].want[0] != '\0')
            assert_memory_equal(places, groups[i].places, sizeof(places));
    }
}

static void a_chain_of_requirements_has_an_end(void **state)
{
    struct plugin_home *home = *state;

    for (int i = 0; i < 40; i++) {
        char folder[64], more[64];

        snprintf(folder, sizeof(folder), "bundled/a%d", i);
        snprintf(more, sizeof(more), "requires: [{plugin: a%d}]", i + 1);
        plugin_home_agent(home, folder, "1.0.0", more);
    }
    plugin_home_open(home);
    plugin_home_load_badly(home, "a0", TD_E_DEPENDENCY,
                           "plugin \"a32\": is required by a chain of 33 plugins, the most is 32");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_HOME_TEST(what_is_required_is_loaded_before),
        cmocka_unit_test(requirements_that_cannot_be_met_are_named),
        cmocka_unit_test(requirements_are_checked_before_anything_is_opened),
        PLUGIN_HOME_TEST(only_who_needs_both_is_refused),
        PLUGIN_HOME_TEST(nothing_is_opened_before_all_fits),
        PLUGIN_HOME_TEST(a_checked_folder_counts_as_there),
        PLUGIN_HOME_TEST(what_is_required_twice_is_ready),
        PLUGIN_HOME_TEST(a_conflict_is_said_by_either_side),
        PLUGIN_HOME_TEST(who_can_be_used_together_is_known_before_anything_is_opened),
        PLUGIN_HOME_TEST(a_chain_of_requirements_has_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
