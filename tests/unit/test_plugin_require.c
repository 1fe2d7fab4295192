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
      TD_E_DEPENDENCY, "plugin \"a\": conflicts with \"misfit\" 1.0.0, which is loaded" },
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
        PLUGIN_HOME_TEST(a_conflict_is_said_by_either_side),
        PLUGIN_HOME_TEST(a_chain_of_requirements_has_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
