/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin versions: several versions of one plugin beside each other, and which one serves. The
 * plugin "turn" has two builds, of the versions 1.0.0 and 2.0.0.
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
#include <unistd.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* --- which one is meant; no library is opened --- */

struct folder {
    const char *path, *version, *more;
};

static const struct {
    const char *claim;
    struct folder folders[6];
    const char *name, *want; /* the folder; else the beginning of the refusal */
} choices[] = {
    { "the newest, not the one without a version in its folder",
      { { "bundled/mail", "1.0.0", NULL }, { "bundled/mail@1.4.0", "1.4.0", NULL } },
      "mail",
      "~/bundled/mail@1.4.0" },
    { "the newest of all roots",
      { { "inline/agents/mail", "1.0.0", NULL }, { "bundled/agents/mail@2.0.0", "2.0.0", NULL } },
      "mail",
      "~/bundled/agents/mail@2.0.0" },
    { "of equal ones that of the first root",
      { { "bundled/mail@1.0.0", "1.0.0", NULL }, { "inline/mail", "1.0.0", NULL } },
      "mail",
      "~/bundled/mail@1.0.0" },
    { "a release before a pre-release",
      { { "bundled/mail", "1.0.0", NULL }, { "bundled/mail@2.0.0-rc.1", "2.0.0-rc.1", NULL } },
      "mail",
      "~/bundled/mail" },
    { "without one that has a fault",
      { { "bundled/mail", "1.0.0", NULL }, { "bundled/mail@2.0.0", "2.0.0", "nonsense: 1" } },
      "mail",
      "~/bundled/mail" },
    { "one whose requirements can be met",
      { { "bundled/mail", "1.0.0", NULL },
        { "bundled/mail@2.0.0", "2.0.0", "requires: [{plugin: post, version: \"^2\"}]" },
        { "bundled/post", "1.0.0", NULL } },
      "mail",
      "~/bundled/mail" },
    { "what all of them require is told",
      { { "bundled/mail", "1.0.0", "requires: [{plugin: post}]" },
        { "bundled/mail@2.0.0", "2.0.0", "requires: [{plugin: fax}]" } },
      "mail",
      "plugin \"mail\": something that is required is missing; mail 2.0.0 is out: it requires fax, "
      "which is not there; mail 1.0.0 is out: it requires post, which is not there" },
    { "a fault in a later root is passed over",
      { { "inline/mail", "1.0.0", "nonsense: 1" }, { "bundled/mail", "1.0.0", NULL } },
      "mail",
      "~/bundled/mail" },
    { "one of an earlier root with a fault hides that of a later one",
      { { "bundled/mail", "1.0.0", "nonsense: 1" }, { "inline/mail", "2.0.0", NULL } },
      "mail",
      "plugin \"mail\": plugin.yaml:8:1: unrecognized key \"nonsense\"" },
    { "so does one of the same version that cannot be used",
      { { "bundled/mail", "1.0.0", "requires: [{plugin: post}]" },
        { "inline/mail", "1.0.0", NULL } },
      "mail",
      "~/bundled/mail" },
    { "but not a version of its own",
      { { "bundled/mail", "1.0.0", "nonsense: 1" }, { "inline/mail@0.9.0", "0.9.0", NULL } },
      "mail",
      "~/inline/mail@0.9.0" },
    { "a folder that lies about its version",
      { { "bundled/mail@2.0.0", "1.0.0", NULL } },
      "mail",
      "plugin \"mail@2.0.0\": plugin.yaml:4:1: version \"1.0.0\" is not that of the folder "
      "\"mail@2.0.0\"" },
};

static void the_version_that_is_meant_is_found(void **state)
{
    for (size_t i = 0; i < COUNT(choices); i++) {
        const struct tdh_plugin_entry *entry;
        struct plugin_home *home;
        const char *got;

        plugin_home_setup(state);
        home = *state;
        for (size_t k = 0; choices[i].folders[k].path != NULL; k++)
            plugin_home_agent(home, choices[i].folders[k].path, choices[i].folders[k].version,
                              choices[i].folders[k].more);
        plugin_home_open(home);
        entry = tdh_plugins_find(home->plugins, TD_KIND_AGENT, choices[i].name, &home->err);
        got = plugin_home_shown(home, entry != NULL ? entry->folder : home->err.text);
        if (strcmp(got, choices[i].want) != 0)
            fail_msg("%s: %s", choices[i].claim, got);
        plugin_home_teardown(state);
    }
}

static void a_version_that_comes_later_is_found_by_the_next(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_agent(home, "bundled/mail", "1.0.0", NULL);
    plugin_home_open(home);
    assert_int_equal(tdh_plugins_scan(home->plugins, &home->err), 0);
    plugin_home_agent(home, "bundled/mail@1.1.0", "1.1.0", NULL);
    plugin_home_open(home);
    assert_string_equal(
        tdh_plugins_find(home->plugins, TD_KIND_AGENT, "mail", &home->err)->manifest->version_text,
        "1.1.0");
}

/* --- what is loaded --- */

static void plug(const struct plugin_home *home, const char *folder, unsigned version,
                 const char *more)
{
    char path[256], text[1024];

    snprintf(path, sizeof(path), "%s/plugin.yaml", folder);
    snprintf(text, sizeof(text),
             "apiVersion: tdev/v1\nkind: agent\nname: turn\nversion: %u.0.0\nlibrary: turn.so\n"
             "sdk: \"^1.0\"\ncapabilities: [{name: say}]\noptions: [{name: mark, type: string}]\n"
             "%s\n",
             version, more != NULL ? more : "");
    plugin_home_write(home, path, text);
    snprintf(path, sizeof(path), "%s/turn.so", folder);
    snprintf(text, sizeof(text), "../turn/.libs/turn%u", version);
    plugin_home_library(home, text, path);
}

static void unplug(const struct plugin_home *home, const char *folder)
{
    static const char *const files[] = { "plugin.yaml", "turn.so" };
    char path[256];

    for (size_t i = 0; i < COUNT(files); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
        assert_int_equal(unlink(plugin_home_path(home, path)), 0);
    }
}

static void serves(struct plugin_home *home, const char *version)
{
    assert_string_equal(plugin_home_load_well(home, "turn")->manifest->version_text, version);
}

static void who_requires_less_gets_it_loaded(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_plugin *plugin;

    plug(home, "inline/turn", 1, NULL);
    plug(home, "inline/turn@2.0.0", 2, NULL);
    plugin_home_misfit(home, "inline/y", "name", "requires: [{plugin: turn, version: \"^1\"}]");
    plugin_home_open(home);
    plugin = plugin_home_load_well(home, "y");
    assert_string_equal(plugin->needs[0]->manifest->version_text, "1.0.0");
    serves(home, "1.0.0");
}

static void what_is_in_use_stays_and_is_named(void **state)
{
    struct plugin_home *home = *state;

    plug(home, "inline/turn", 1, NULL);
    plug(home, "inline/turn@2.0.0", 2, NULL);
    plugin_home_misfit(home, "inline/y", "name", "requires: [{plugin: turn, version: \"^1\"}]");
    plugin_home_open(home);
    serves(home, "2.0.0");
    plugin_home_load_badly(
        home, "y", TD_E_DEPENDENCY,
        "plugin \"y\": there are no versions that go together; y 1.0.0 is out: it "
        "requires turn ^1, there is 2.0.0, 1.0.0 (out: 2.0.0 of it is in use)");
    serves(home, "2.0.0");
}

static void a_version_that_cannot_be_opened_gives_way(void **state)
{
    struct plugin_home *home = *state;

    plug(home, "inline/turn", 1, NULL);
    plug(home, "inline/turn@2.0.0", 2, NULL);
    plugin_home_write(home, "inline/turn@2.0.0/turn.so", "nonsense");
    plugin_home_open(home);
    serves(home, "1.0.0");
}

static void so_does_one_that_is_required(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_plugin *plugin;

    plug(home, "inline/turn", 1, NULL);
    plug(home, "inline/turn@2.0.0", 2, NULL);
    plugin_home_write(home, "inline/turn@2.0.0/turn.so", "nonsense");
    plugin_home_misfit(home, "inline/y", "name", "requires: [{plugin: turn}]");
    plugin_home_open(home);
    plugin = plugin_home_load_well(home, "y");
    assert_string_equal(plugin->needs[0]->manifest->version_text, "1.0.0");
}

static const struct {
    const char *claim, *turn, *requires; /* turn: what its manifest says; NULL: it is not there */
    bool is_held;
} optionals[] = {
    { "what is there is loaded before", "", "{plugin: turn, optional: true}", true },
    { "what is not there is done without", NULL, "{plugin: turn, optional: true}", false },
    { "so is another version", "", "{plugin: turn, version: ^2, optional: true}", false },
    { "so is another kind", "", "{plugin: turn, kind: storage, optional: true}", false },
    { "so is what cannot be used", "requires: [{plugin: fax}]", "{plugin: turn, optional: true}",
      false },
    { "so is what would close a circle", "requires: [{plugin: y}]",
      "{plugin: turn, optional: true}", false },
};

static void what_is_optional_holds_nobody_up(void **state)
{
    for (size_t i = 0; i < COUNT(optionals); i++) {
        const struct tdh_plugin *plugin;
        struct plugin_home *home;
        char more[256];

        plugin_home_setup(state);
        home = *state;
        if (optionals[i].turn != NULL)
            plug(home, "inline/turn", 1, optionals[i].turn);
        snprintf(more, sizeof(more), "requires: [%s]", optionals[i].requires);
        plugin_home_misfit(home, "inline/y", "name", more);
        plugin_home_open(home);
        plugin = plugin_home_load_well(home, "y");
        if ((plugin->needs[0] != NULL) != optionals[i].is_held)
            fail_msg("%s", optionals[i].claim);
        plugin_home_teardown(state);
    }
}

static void an_optional_one_that_cannot_be_opened_is_left_out(void **state)
{
    struct plugin_home *home = *state;

    plug(home, "inline/turn", 1, NULL);
    plugin_home_write(home, "inline/turn/turn.so", "nonsense");
    plugin_home_misfit(home, "inline/y", "name", "requires: [{plugin: turn, optional: true}]");
    plugin_home_open(home);
    assert_null(plugin_home_load_well(home, "y")->needs[0]);
}

/* --- while it is in use --- */

static int go_over(void *arg, const struct tdh_plugin_entry *entry, struct tdh_plugin *after,
                   struct td_err *err)
{
    (void)arg, (void)entry, (void)after, (void)err;
    return 0;
}

/* How often it takes until nothing changes any more is not counted. */
static struct tdh_exchanged look(const struct plugin_home *home)
{
    struct tdh_exchanged once, all = { 0 };

    for (int i = 0; i < 3; i++) {
        tdh_plugins_exchange(home->plugins, go_over, NULL, &once);
        all.exchanged += once.exchanged;
        all.refused += once.refused;
    }
    return all;
}

static void a_newer_folder_takes_over_and_falls_back_when_it_goes(void **state)
{
    struct plugin_home *home = *state;

    plug(home, "inline/turn", 1, NULL);
    plugin_home_open(home);
    serves(home, "1.0.0");
    for (int i = 0; i < 2; i++) {
        plug(home, "inline/turn@2.0.0", 2, NULL);
        assert_int_equal(look(home).exchanged, 1);
        serves(home, "2.0.0");
        assert_int_equal(look(home).exchanged, 0);
        unplug(home, "inline/turn@2.0.0");
        assert_int_equal(look(home).exchanged, 1);
        serves(home, "1.0.0");
    }
}

static void an_older_folder_changes_nothing(void **state)
{
    struct plugin_home *home = *state;

    plug(home, "inline/turn", 2, NULL);
    plugin_home_open(home);
    serves(home, "2.0.0");
    plug(home, "inline/turn@1.0.0", 1, NULL);
    assert_int_equal(look(home).exchanged, 0);
    unplug(home, "inline/turn");
    assert_int_equal(look(home).exchanged, 1);
    serves(home, "1.0.0");
}

static void a_newer_folder_that_others_do_not_take_changes_nothing(void **state)
{
    struct plugin_home *home = *state;

    plug(home, "inline/turn", 1, NULL);
    plugin_home_misfit(home, "inline/y", "name", "requires: [{plugin: turn, version: \"^1\"}]");
    plugin_home_open(home);
    plugin_home_load_well(home, "y");
    plug(home, "inline/turn@2.0.0", 2, NULL);
    assert_int_equal(look(home).exchanged, 0);
    assert_int_equal(look(home).refused, 0);
    serves(home, "1.0.0");
}

static void a_newer_folder_with_a_fault_leaves_the_old_one_and_is_told(void **state)
{
    struct plugin_home *home = *state;

    plug(home, "inline/turn", 1, NULL);
    plugin_home_open(home);
    serves(home, "1.0.0");
    plug(home, "inline/turn@2.0.0", 2, NULL);
    plugin_home_write(home, "inline/turn@2.0.0/turn.so", "nonsense");
    assert_true(look(home).refused > 0);
    serves(home, "1.0.0");
    plug(home, "inline/turn@2.0.0", 2, NULL);
    assert_int_equal(look(home).exchanged, 1);
    serves(home, "2.0.0");
}

/* --- ranges of others --- */

static json_t *ranges(void *arg, const char *plugin)
{
    assert_string_equal(plugin, "mail");
    return json_incref(arg);
}

static const struct {
    const char *rows, *want;
} limits[] = {
    { "[]", "3.0.0" },
    { "[{\"who\": \"a\", \"range\": \"<3\"}]", "2.0.0" },
    { "[{\"who\": \"a\", \"range\": \"<3\"}, {\"who\": \"b\", \"range\": \"<2\"}]", "1.0.0" },
    { "[{\"who\": \"a\", \"range\": \"<3\"}, {\"who\": \"b\", \"range\": \">2\"}]", "2.0.0" },
    { "[{\"who\": \"a\", \"range\": \"^9\"}]", "3.0.0" },
};

static void ranges_of_others_count_as_far_as_they_go_together(void **state)
{
    for (size_t i = 0; i < COUNT(limits); i++) {
        struct plugin_home *home;
        json_t *rows = json_loads(limits[i].rows, 0, NULL);

        plugin_home_setup(state);
        home = *state;
        plugin_home_agent(home, "bundled/mail", "1.0.0", NULL);
        plugin_home_agent(home, "bundled/mail@2.0.0", "2.0.0", NULL);
        plugin_home_agent(home, "bundled/mail@3.0.0", "3.0.0", NULL);
        plugin_home_open(home);
        tdh_plugins_ranges(home->plugins, ranges, rows);
        assert_string_equal(tdh_plugins_find(home->plugins, TD_KIND_AGENT, "mail", &home->err)
                                ->manifest->version_text,
                            limits[i].want);
        plugin_home_teardown(state);
        json_decref(rows);
    }
}

static void who_wants_another_than_is_in_use_is_told(void **state)
{
    struct plugin_home *home = *state;
    struct tdh_range range;
    const struct tdh_plugin_wish wish = { "agent \"box\"", TD_KIND_AGENT, "turn", &range, "^1" };

    assert_int_equal(tdh_range_parse("^1", &range, &home->err), 0);
    plug(home, "inline/turn@2.0.0", 2, NULL);
    plugin_home_open(home);
    assert_null(tdh_plugins_find_in(home->plugins, &wish, &home->err));
    assert_string_equal(home->err.text, "agent \"box\" wants plugin \"turn\" ^1, which is 2.0.0");
    plug(home, "inline/turn", 1, NULL);
    assert_string_equal(
        tdh_plugins_find_in(home->plugins, &wish, &home->err)->manifest->version_text, "1.0.0");
    plugin_home_open(home);
    serves(home, "2.0.0");
    assert_null(tdh_plugins_find_in(home->plugins, &wish, &home->err));
    assert_string_equal(home->err.text,
                        "there are no versions that go together; turn 2.0.0 is out: agent \"box\" "
                        "wants turn ^1; turn 1.0.0 is out: 2.0.0 of it is in use");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_version_that_is_meant_is_found),
        PLUGIN_HOME_TEST(a_version_that_comes_later_is_found_by_the_next),
        PLUGIN_HOME_TEST(who_requires_less_gets_it_loaded),
        PLUGIN_HOME_TEST(what_is_in_use_stays_and_is_named),
        PLUGIN_HOME_TEST(a_version_that_cannot_be_opened_gives_way),
        PLUGIN_HOME_TEST(so_does_one_that_is_required),
        cmocka_unit_test(what_is_optional_holds_nobody_up),
        PLUGIN_HOME_TEST(an_optional_one_that_cannot_be_opened_is_left_out),
        PLUGIN_HOME_TEST(a_newer_folder_takes_over_and_falls_back_when_it_goes),
        PLUGIN_HOME_TEST(an_older_folder_changes_nothing),
        PLUGIN_HOME_TEST(a_newer_folder_that_others_do_not_take_changes_nothing),
        PLUGIN_HOME_TEST(a_newer_folder_with_a_fault_leaves_the_old_one_and_is_told),
        cmocka_unit_test(ranges_of_others_count_as_far_as_they_go_together),
        PLUGIN_HOME_TEST(who_wants_another_than_is_in_use_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
