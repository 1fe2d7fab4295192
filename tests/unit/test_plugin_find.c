/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin find: which folder a kind and a name mean, and what is known of all of them.
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

#define OTHER_HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SWAPPED "plugin \"swapped\": library \"swapped.so\" is not an ELF shared object"
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct tdh_plugin_entry *find(struct plugin_home *home, enum td_kind kind,
                                           const char *name)
{
    home->err = (struct td_err){ 0 };
    return tdh_plugins_find(home->plugins, kind, name, &home->err);
}

static void write_storage(const struct plugin_home *home, const char *folder, const char *name)
{
    char path[128], text[256];

    snprintf(path, sizeof(path), "%s/plugin.yaml", folder);
    snprintf(
        text, sizeof(text),
        "{apiVersion: tdev/v1, kind: storage, name: %s, version: 2.0.0, library: x.so, sdk: '1'}",
        name);
    plugin_home_write(home, path, text);
}

static void the_first_root_wins(void **state)
{
    static const char *const folders[] = { "inline/agents/mail", "inline/mail",
                                           "bundled/agents/mail", "bundled/mail" };
    struct plugin_home *home = *state;

    for (size_t i = 0; i < COUNT(folders); i++) {
        plugin_home_agent(home, folders[i], "1.0.0", NULL);
        plugin_home_open(home);
        assert_string_equal(find(home, TD_KIND_AGENT, "mail")->folder,
                            plugin_home_path(home, folders[i]));
        assert_int_equal(find(home, TD_KIND_AGENT, "mail")->is_bundled, i >= 2);
        assert_ptr_equal(find(home, TD_KIND_AGENT, "mail"), find(home, TD_KIND_AGENT, "mail"));
    }
}

static void a_name_is_unique_within_its_kind(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_agent(home, "bundled/mail", "1.0.0", NULL);
    write_storage(home, "inline/mail", "mail");
    plugin_home_open(home);
    assert_string_equal(find(home, TD_KIND_AGENT, "mail")->manifest->version_text, "1.0.0");
    assert_string_equal(find(home, TD_KIND_STORAGE, "mail")->manifest->version_text, "2.0.0");
    assert_null(find(home, TD_KIND_PATTERN, "mail"));
}

static void what_is_not_there_is_told_with_roots_and_nearest_name(void **state)
{
    static const struct {
        enum td_kind kind;
        const char *name, *want;
    } cases[] = {
        { TD_KIND_AGENT, "meil", "agent \"meil\" is not there, did you mean \"mail\"" },
        { (enum td_kind)0, "sqlitee", "plugin \"sqlitee\" is not there, did you mean \"sqlite\"" },
        { (enum td_kind)0, "meil", "plugin \"meil\" is not there, did you mean \"mail\"" },
        { TD_KIND_AGENT, "mail-merge", "agent \"mail-merge\" is not there" },
        { TD_KIND_STORAGE, "sqlitee", "storage \"sqlitee\" is not there, did you mean \"sqlite\"" },
        { TD_KIND_AGENT, "sqlitee", "agent \"sqlitee\" is not there" },
        { TD_KIND_AGENT, "Mail", "agent \"Mail\" is not there, did you mean \"mail\"" },
        { TD_KIND_AGENT, "../mail", "agent \"../mail\" is not there" },
        { TD_KIND_AGENT, "", "agent \"\" is not there" },
    };
    struct plugin_home *home = *state;

    plugin_home_agent(home, "bundled/mail", "1.0.0", NULL);
    write_storage(home, "bundled/storage/sqlite", "sqlite");
    plugin_home_open(home);
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_null(find(home, cases[i].kind, cases[i].name));
        assert_string_equal(home->err.text, cases[i].want);
        assert_int_equal(home->err.code, TD_E_NOTFOUND);
        assert_string_equal(
            plugin_home_shown(home, home->err.hint),
            "looked for a folder of that name in \"~/user\", \"~/bundled\", \"~/inline\"");
    }
}

static void a_folder_that_comes_later_is_found(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_open(home);
    assert_null(find(home, TD_KIND_AGENT, "mail"));
    plugin_home_agent(home, "bundled/mail", "1.0.0", NULL);
    assert_non_null(find(home, TD_KIND_AGENT, "mail"));
}

static void a_fault_that_was_mended_is_found_mended(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_write(home, "bundled/mail/plugin.yaml", "kind: agent");
    plugin_home_open(home);
    assert_null(find(home, TD_KIND_AGENT, "mail"));
    assert_string_equal(home->err.text,
                        "plugin \"mail\": plugin.yaml:1:1: key \"apiVersion\" is missing");
    plugin_home_agent(home, "bundled/mail", "1.0.0", NULL);
    assert_non_null(find(home, TD_KIND_AGENT, "mail"));
}

static void a_scan_lists_all_by_name_with_their_faults(void **state)
{
    static const struct {
        const char *folder;
        enum td_kind kind;
        enum tdh_plugin_state state;
        const char *why;
    } wants[] = {
        { "bundled/agents/apple", TD_KIND_AGENT, TDH_PLUGIN_REFUSED,
          "plugin \"apple\": library \"apple.so\" is not in folder \"~/bundled/agents/apple\"" },
        { "inline/broken", (enum td_kind)0, TDH_PLUGIN_REFUSED,
          "plugin \"broken\": plugin.yaml:1:1: the text is empty, expected a YAML document" },
        { "user/own", TD_KIND_AGENT, TDH_PLUGIN_REFUSED,
          "plugin \"own\": cannot run inside the host from folder \"~/user/own\"" },
        { "bundled/storage/pear", TD_KIND_STORAGE, TDH_PLUGIN_REFUSED,
          "plugin \"pear\": library \"x.so\" is not in folder \"~/bundled/storage/pear\"" },
        { "bundled/schema", TD_KIND_AGENT, TDH_PLUGIN_REFUSED,
          "plugin \"schema\": plugin.yaml:7:36: input of capability \"echo\": "
          "/type: \"objekt\" is not a type, did you mean \"object\"" },
        { "bundled/swapped", TD_KIND_AGENT, TDH_PLUGIN_REFUSED, SWAPPED },
        { "bundled/twice", TD_KIND_AGENT, TDH_PLUGIN_DISCOVERED, "" },
    };
    struct plugin_home *home = *state;
    const struct tdh_plugin_entry **list;

    plugin_home_agent(home, "user/own", "1.0.0", NULL);
    plugin_home_agent(home, "bundled/agents/apple", "1.0.0", NULL);
    write_storage(home, "bundled/storage/pear", "pear");
    plugin_home_write(home, "inline/broken/plugin.yaml", "");
    plugin_home_write(home, "inline/nothing/README.md", "no plugin");
    plugin_home_misfit(home, "bundled/twice", "good", NULL);
    plugin_home_write(home, "bundled/schema/plugin.yaml",
                      "apiVersion: tdev/v1\nkind: agent\nname: schema\nversion: 1.0.0\n"
                      "library: schema.so\nsdk: '1'\n"
                      "capabilities: [{name: echo, input: {type: objekt}}]\n");
    plugin_home_misfit(home, "bundled/swapped", "good", "integrity: {sha256: " OTHER_HASH "}");
    plugin_home_write(home, "bundled/swapped/swapped.so", "not what it was");
    plugin_home_agent(home, "inline/twice", "1.0.0", NULL);
    plugin_home_open(home);
    assert_int_equal(tdh_plugins_scan(home->plugins, &home->err), 0);
    list = tdh_plugins_list(home->plugins, &home->err);
    for (size_t i = 0; i < COUNT(wants); i++) {
        assert_non_null(list[i]);
        assert_string_equal(list[i]->folder, plugin_home_path(home, wants[i].folder));
        assert_int_equal(list[i]->kind, wants[i].kind);
        assert_int_equal(list[i]->state, wants[i].state);
        assert_string_equal(plugin_home_shown(home, list[i]->why.text), wants[i].why);
        assert_null(list[i]->plugin);
    }
    assert_null(list[COUNT(wants)]);
    free(list);
}

static void roots_that_are_not_there_hold_nothing(void **state)
{
    static const char *const roots[] = { "/nowhere/at/all", NULL };
    struct plugin_home *home = *state;

    home->options.roots = roots;
    home->options.inline_roots = NULL;
    home->options.bundled_root = NULL;
    plugin_home_open(home);
    assert_int_equal(tdh_plugins_scan(home->plugins, &home->err), 0);
    assert_null(find(home, TD_KIND_AGENT, "mail"));
    assert_string_equal(home->err.hint, "looked for a folder of that name in \"/nowhere/at/all\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_HOME_TEST(the_first_root_wins),
        PLUGIN_HOME_TEST(a_name_is_unique_within_its_kind),
        PLUGIN_HOME_TEST(what_is_not_there_is_told_with_roots_and_nearest_name),
        PLUGIN_HOME_TEST(a_folder_that_comes_later_is_found),
        PLUGIN_HOME_TEST(a_fault_that_was_mended_is_found_mended),
        PLUGIN_HOME_TEST(a_scan_lists_all_by_name_with_their_faults),
        PLUGIN_HOME_TEST(roots_that_are_not_there_hold_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
