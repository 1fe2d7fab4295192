/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange: plugins whose folders change while they are loaded, and what is kept of them. The
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

#include "base/json.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* HOME/FOLDER becomes that build, its manifest with `more` behind it (NULL: nothing). */
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
    char path[256];

    snprintf(path, sizeof(path), "%s/plugin.yaml", folder);
    assert_int_equal(unlink(plugin_home_path(home, path)), 0);
    snprintf(path, sizeof(path), "%s/turn.so", folder);
    assert_int_equal(unlink(plugin_home_path(home, path)), 0);
}

/* Who uses plugins: it holds the one that serves, as agents do. */
struct user {
    struct tdh_plugin *plugin;
    bool is_stubborn; /* it does not go over */
    unsigned asked;   /* to go over */
};

static int go_over(void *arg, const struct tdh_plugin_entry *entry, struct tdh_plugin *after,
                   struct td_err *err)
{
    struct user *user = arg;

    assert_ptr_equal(entry->plugin, user->plugin);
    user->asked++;
    if (user->is_stubborn && after != NULL)
        return td_fail(err, TD_E_CONFIG, "agent \"turn\": no");
    tdh_plugin_release(user->plugin);
    user->plugin = after != NULL ? tdh_plugin_hold(after) : NULL;
    return 0;
}

static struct user begin(struct plugin_home *home)
{
    plugin_home_open(home);
    return (struct user){ .plugin = tdh_plugin_hold(plugin_home_load_well(home, "turn")) };
}

/* As often as it takes for what has changed to be taken for complete. */
static struct tdh_exchanged look(const struct plugin_home *home, struct user *user)
{
    struct tdh_exchanged once, all = { 0 };

    for (int i = 0; i < 2; i++) {
        tdh_plugins_exchange(home->plugins, go_over, user, &once);
        all.exchanged += once.exchanged;
        all.refused += once.refused;
        all.gone += once.gone;
    }
    return all;
}

static void serves(struct plugin_home *home, const struct user *user, const char *version)
{
    const struct tdh_plugin *plugin = plugin_home_load_well(home, "turn");

    assert_string_equal(plugin->manifest->version_text, version);
    assert_ptr_equal(user->plugin, plugin);
}

/* What others are told of plugins that could not be exchanged; "": nothing. */
static void told_is(struct plugin_home *home, const char *want)
{
    json_t *list = tdh_plugins_processes(home->plugins);
    const char *why = tdh_json_str(json_array_get(list, 0), "why", "");

    assert_string_equal(plugin_home_shown(home, why), want);
    json_decref(list);
}

/* --- refused --- */

static void to_a_shorter_library(const struct plugin_home *home)
{
    plug(home, "inline/turn", 2, NULL);
    assert_int_equal(truncate(plugin_home_path(home, "inline/turn/turn.so"), 2000), 0);
}

static void to_another_kind(const struct plugin_home *home)
{
    plug(home, "inline/turn", 2, NULL);
    plugin_home_write(home, "inline/turn/plugin.yaml",
                      "apiVersion: tdev/v1\nkind: pattern\nname: turn\nversion: 2.0.0\n"
                      "library: turn.so\nsdk: \"^1.0\"\n");
}

static void to_a_manifest_with_a_fault(const struct plugin_home *home)
{
    plug(home, "inline/turn", 2, "nonsense: yes");
}

static void to_the_next_version(const struct plugin_home *home)
{
    plug(home, "inline/turn", 2, NULL);
}

static void to_one_that_excludes_another(const struct plugin_home *home)
{
    plug(home, "inline/turn", 2, "conflicts: [{plugin: y, version: \"*\"}]");
}

static const struct {
    void (*change)(const struct plugin_home *home);
    const char *other; /* what the manifest of a loaded plugin says; NULL: there is none */
    bool is_stubborn;
    const char *want; /* its beginning */
} refusals[] = {
    { to_a_shorter_library, NULL, false, "plugin \"turn\": library \"turn.so\" is cut short" },
    { to_another_kind, NULL, false, "plugin \"turn\": is used as agent, the new one is pattern" },
    { to_a_manifest_with_a_fault, NULL, false,
      "plugin \"turn\": plugin.yaml:9:1: unrecognized key \"nonsense\"" },
    { to_the_next_version, NULL, true, "agent \"turn\": no" },
    { to_the_next_version, "requires: [{plugin: turn, version: \"^1\"}]", false,
      "plugin \"turn\": \"y\", which is loaded, requires version ^1 of it, this is 2.0.0" },
    { to_the_next_version, "conflicts: [{plugin: turn, version: \">=2\"}]", false,
      "plugin \"turn\": \"y\", which is loaded, conflicts with version 2.0.0 of it" },
    { to_one_that_excludes_another, "", false,
      "plugin \"turn\": conflicts with \"y\" 1.0.0, which is loaded" },
};

static void check_refusal(struct plugin_home *home, size_t row)
{
    struct user user;
    struct tdh_plugin *before;
    const char *why;
    json_t *list;
    int holds;

    plug(home, "inline/turn", 1, NULL);
    user = begin(home);
    if (refusals[row].other != NULL) {
        plugin_home_misfit(home, "inline/y", "name", refusals[row].other);
        plugin_home_load_well(home, "y");
    }
    before = user.plugin;
    holds = (int)before->holds;
    user.is_stubborn = refusals[row].is_stubborn;
    refusals[row].change(home);
    assert_int_equal(look(home, &user).refused, 1);
    assert_int_equal(user.asked, user.is_stubborn);
    assert_ptr_equal(plugin_home_load_well(home, "turn"), before);
    assert_int_equal(before->holds, holds);
    assert_int_equal(tdh_plugins_sweep(home->plugins), 0);
    list = tdh_plugins_processes(home->plugins);
    why = tdh_json_str(json_array_get(list, 0), "why", "");
    if (strncmp(why, refusals[row].want, strlen(refusals[row].want)) != 0)
        fail_msg("row %zu: \"%s\"", row, why);
    json_decref(list);
    tdh_plugin_release(user.plugin);
}

static void a_refused_exchange_leaves_everything_as_it_was(void **state)
{
    for (size_t i = 0; i < COUNT(refusals); i++) {
        plugin_home_setup(state);
        check_refusal(*state, i);
        plugin_home_teardown(state);
    }
}

static void what_was_refused_is_taken_when_it_is_mended(void **state)
{
    struct plugin_home *home = *state;
    struct user user;

    plug(home, "inline/turn", 1, NULL);
    user = begin(home);
    to_a_manifest_with_a_fault(home);
    assert_int_equal(look(home, &user).refused, 1);
    to_the_next_version(home);
    assert_int_equal(look(home, &user).exchanged, 1);
    serves(home, &user, "2.0.0");
    told_is(home, "");
    tdh_plugin_release(user.plugin);
}

/* --- former ones --- */

static void a_former_plugin_lasts_as_long_as_it_is_held(void **state)
{
    struct plugin_home *home = *state;
    struct tdh_plugin *former;
    struct user user;
    char edition[TDH_EDITION_ID];

    plug(home, "inline/turn", 1, NULL);
    user = begin(home);
    former = tdh_plugin_hold(user.plugin);
    strcpy(edition, former->edition);
    plug(home, "inline/turn", 2, NULL);
    assert_int_equal(look(home, &user).exchanged, 1);
    serves(home, &user, "2.0.0");
    assert_int_equal(tdh_plugins_sweep(home->plugins), 1);
    assert_string_equal(former->manifest->version_text, "1.0.0");
    assert_ptr_equal(tdh_plugins_edition(home->plugins, TD_KIND_AGENT, "turn", edition, &home->err),
                     former);
    tdh_plugin_release(former);
    assert_int_equal(tdh_plugins_sweep(home->plugins), 1);
    tdh_plugin_release(former);
    assert_int_equal(tdh_plugins_sweep(home->plugins), 0);
    tdh_plugin_release(user.plugin);
}

static void a_plugin_can_go_and_come_back(void **state)
{
    struct plugin_home *home = *state;
    struct user user;
    char edition[TDH_EDITION_ID];

    plug(home, "inline/turn", 1, NULL);
    user = begin(home);
    strcpy(edition, user.plugin->edition);
    for (unsigned i = 0; i < 4; i++) { /* there and back, at once */
        plug(home, "inline/turn", 2 - i % 2, NULL);
        assert_int_equal(look(home, &user).exchanged, 1);
        serves(home, &user, i % 2 == 0 ? "2.0.0" : "1.0.0");
    }
    assert_string_equal(user.plugin->edition, edition);
    assert_int_equal(tdh_plugins_sweep(home->plugins), 0);
    tdh_plugin_release(user.plugin);
}

/* --- what was kept --- */

static const struct {
    const char *from, *to; /* in the file that was kept; from NULL: it is not there */
    enum td_code code;     /* TD_OK: it is had */
    const char *want;      /* the end of the words */
} keeps[] = {
    { "", "", TD_OK, "" },
    { NULL, NULL, TD_E_NOTFOUND, "it is not kept any more" },
    { "\"version\":\"1.0.0\"", "\"version\":\"1.0.1\"", TD_E_ABI, NULL },
    { "\"say\"", "\"sing\"", TD_E_ABI, NULL },
    { "\"sdk\":", "\"description\":\"other\",\"sdk\":", TD_E_CORRUPT, ".edition\" is damaged" },
    { "\"turn\"", "\"burn\"", TD_E_CONFIG, "name \"burn\" is not that of the folder \"turn\"" },
    { "\"hash\":\"", "\"hash\":\"0", TD_E_CORRUPT, ".edition\" is of another plugin" },
    { "\"hash\":", "", TD_E_INVAL, NULL },
};

/* The file of the edition with the first `from` replaced. */
static void change_kept(struct plugin_home *home, const char *edition, size_t row)
{
    char name[128], *text, *at, *changed = NULL;
    size_t length;

    snprintf(name, sizeof(name), "private/%s.edition", edition);
    text = tdh_file_read(plugin_home_path(home, name), 1 << 20, &length, &home->err);
    assert_non_null(text);
    assert_int_equal(unlink(plugin_home_path(home, name)), 0);
    at = keeps[row].from != NULL ? strstr(text, keeps[row].from) : NULL;
    if (keeps[row].from != NULL) {
        assert_non_null(at);
        assert_true(asprintf(&changed, "%.*s%s%s", (int)(at - text), text, keeps[row].to,
                             at + strlen(keeps[row].from)) >= 0);
        plugin_home_write(home, name, changed);
    }
    free(changed);
    free(text);
}

static void check_kept(struct plugin_home *home, size_t row)
{
    char edition[TDH_EDITION_ID];
    struct tdh_plugin *plugin;
    struct user user;
    size_t length;

    plug(home, "inline/turn", 1, NULL);
    user = begin(home);
    strcpy(edition, user.plugin->edition);
    plug(home, "inline/turn", 2, NULL);
    assert_int_equal(look(home, &user).exchanged, 1);
    change_kept(home, edition, row);
    home->err = (struct td_err){ 0 };
    plugin = tdh_plugins_edition(home->plugins, TD_KIND_AGENT, "turn", edition, &home->err);
    length = strlen(home->err.text);
    if (home->err.code != keeps[row].code || (plugin != NULL) != (keeps[row].code == TD_OK) ||
        (keeps[row].want != NULL &&
         (length < strlen(keeps[row].want) ||
          strcmp(home->err.text + length - strlen(keeps[row].want), keeps[row].want) != 0)))
        fail_msg("row %zu: %d: %s", row, (int)home->err.code, home->err.text);
    if (plugin != NULL)
        assert_string_equal(plugin->edition, edition);
    tdh_plugin_release(plugin);
    assert_int_equal(tdh_plugins_sweep(home->plugins), 0);
    tdh_plugin_release(user.plugin);
}

static void an_edition_is_had_as_it_was_or_not_at_all(void **state)
{
    for (size_t i = 0; i < COUNT(keeps); i++) {
        plugin_home_setup(state);
        check_kept(*state, i);
        plugin_home_teardown(state);
    }
}

/* --- folders --- */

static void a_folder_in_an_earlier_root_covers_a_later_one(void **state)
{
    struct plugin_home *home = *state;
    struct user user;

    plug(home, "inline/turn", 1, NULL);
    user = begin(home);
    plug(home, "bundled/turn", 2, NULL);
    assert_int_equal(look(home, &user).exchanged, 1);
    serves(home, &user, "2.0.0");
    plug(home, "inline/turn", 1, "description: another"); /* nobody sees it */
    assert_int_equal(look(home, &user).exchanged, 0);
    unplug(home, "bundled/turn");
    assert_int_equal(look(home, &user).exchanged, 1);
    serves(home, &user, "1.0.0");
    assert_int_equal(tdh_plugins_sweep(home->plugins), 0);
    tdh_plugin_release(user.plugin);
}

/* Whoever uses it must know the one that will be exchanged next. */
static void the_same_build_in_an_earlier_root_is_gone_over_to(void **state)
{
    struct plugin_home *home = *state;
    struct user user;

    plug(home, "inline/turn", 1, NULL);
    user = begin(home);
    plug(home, "bundled/turn", 1, NULL);
    assert_int_equal(look(home, &user).exchanged, 1);
    assert_int_equal(user.asked, 1);
    serves(home, &user, "1.0.0");
    assert_string_equal(plugin_home_shown(home, user.plugin->manifest->folder), "~/bundled/turn");
    plug(home, "bundled/turn", 2, NULL);
    assert_int_equal(look(home, &user).exchanged, 1);
    serves(home, &user, "2.0.0");
    assert_int_equal(tdh_plugins_sweep(home->plugins), 0);
    tdh_plugin_release(user.plugin);
}

static void a_folder_that_stays_away_is_gone(void **state)
{
    struct plugin_home *home = *state;
    struct user user;
    unsigned looks = 0;

    plug(home, "inline/turn", 1, NULL);
    user = begin(home);
    unplug(home, "inline/turn");
    assert_int_equal(look(home, &user).gone, 0);
    plug(home, "inline/turn", 1, NULL); /* a slow copy */
    assert_int_equal(look(home, &user).exchanged, 0);
    serves(home, &user, "1.0.0");
    unplug(home, "inline/turn");
    while (user.plugin != NULL && looks++ < 10)
        look(home, &user);
    assert_null(user.plugin);
    plugin_home_load_badly(home, "turn", TD_E_NOTFOUND, "agent \"turn\" is not there");
    assert_int_equal(tdh_plugins_sweep(home->plugins), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_exchange_leaves_everything_as_it_was),
        PLUGIN_HOME_TEST(what_was_refused_is_taken_when_it_is_mended),
        PLUGIN_HOME_TEST(a_former_plugin_lasts_as_long_as_it_is_held),
        PLUGIN_HOME_TEST(a_plugin_can_go_and_come_back),
        cmocka_unit_test(an_edition_is_had_as_it_was_or_not_at_all),
        PLUGIN_HOME_TEST(a_folder_in_an_earlier_root_covers_a_later_one),
        PLUGIN_HOME_TEST(the_same_build_in_an_earlier_root_is_gone_over_to),
        PLUGIN_HOME_TEST(a_folder_that_stays_away_is_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
