/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin check: what lies on disk, whether it may run inside the host from there, and the copy
 * of the library that is really loaded.
 */
#include "plugin_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

#define MISFIT "inline/misfit"
#define MANIFEST MISFIT "/plugin.yaml"
#define LIBRARY MISFIT "/misfit.so"
#define OTHER_GROUP 12345
#define OTHER_HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Changes a folder that is well but for this. */
typedef void spoil_fn(const struct plugin_home *home, const char *arg);

static void take_library(const struct plugin_home *home, const char *arg)
{
    (void)arg;
    assert_int_equal(unlink(plugin_home_path(home, LIBRARY)), 0);
}

static void link_library(const struct plugin_home *home, const char *target)
{
    plugin_home_library(home, "misfit_good", "elsewhere.so");
    take_library(home, NULL);
    assert_int_equal(symlink(target, plugin_home_path(home, LIBRARY)), 0);
}

static void make_library_a_folder(const struct plugin_home *home, const char *arg)
{
    take_library(home, arg);
    assert_int_equal(mkdir(plugin_home_path(home, LIBRARY), 0755), 0);
}

static void cut_library(const struct plugin_home *home, const char *bytes)
{
    assert_int_equal(truncate(plugin_home_path(home, LIBRARY), atol(bytes)), 0);
}

static void open_to_all(const struct plugin_home *home, const char *path)
{
    assert_int_equal(chmod(plugin_home_path(home, path), 0777), 0);
}

static void open_to_group(const struct plugin_home *home, const char *path)
{
    assert_int_equal(chown(plugin_home_path(home, path), (uid_t)-1, OTHER_GROUP), 0);
    assert_int_equal(chmod(plugin_home_path(home, path), 0775), 0);
}

static void make_open_to_all(const struct plugin_home *home, const char *folder)
{
    assert_int_equal(mkdir(plugin_home_path(home, folder), 0777), 0);
    open_to_all(home, folder);
}

static void say_more(const struct plugin_home *home, const char *more)
{
    plugin_home_misfit(home, MISFIT, "good", more);
}

static void say_only(const struct plugin_home *home, const char *more)
{
    plugin_home_agent(home, MISFIT, "1.0.0", more);
}

static void say(const struct plugin_home *home, const char *text)
{
    plugin_home_write(home, MANIFEST, text);
}

static const struct {
    spoil_fn *spoil;
    const char *arg;
    enum td_code code;
    const char *want; /* behind `plugin "misfit": ` */
    const char *hint;
} spoiled[] = {
    { take_library, NULL, TD_E_NOTFOUND,
      "library \"misfit.so\" is not in folder \"~/inline/misfit\"", "" },
    { link_library, "../../elsewhere.so", TD_E_CONFIG,
      "library \"misfit.so\" is a link, must be a file inside the plugin's folder", "" },
    { make_library_a_folder, NULL, TD_E_CONFIG, "library \"misfit.so\" is not a file", "" },
    { cut_library, "40", TD_E_ABI,
      "library \"misfit.so\" is cut short: its header ends at byte 64, the file has 40", "" },
    { open_to_all, LIBRARY, TD_E_PERM,
      "everybody can write to library \"~/inline/misfit/misfit.so\"",
      "chmod go-w \"~/inline/misfit/misfit.so\"" },
    { open_to_all, MISFIT, TD_E_PERM,
      "cannot run inside the host: everybody can write to folder \"~/inline/misfit\"",
      "chmod go-w \"~/inline/misfit\"" },
    { open_to_all, "inline", TD_E_PERM,
      "cannot run inside the host: everybody can write to folder \"~/inline\"",
      "chmod go-w \"~/inline\"" },
    { make_open_to_all, "private", TD_E_PERM,
      "cannot keep libraries in folder \"~/private\": others can write to it",
      "set plugins.private_dir to a folder of the user's own, with mode 0700" },
    { say_more, "isolation: process", TD_E_UNSUPPORTED,
      "isolation \"process\" is not offered by this host",
      "with \"isolation: inline\" it may run inside the host, from a folder in plugins.inline" },
    { say,
      "apiVersion: tdev/v1\nkind: agent\nname: misfit\nversion: 1.0.0\nlibrary: misfit.so\n"
      "sdk: '1'\ncapabilities: [{name: echo, input: {type: objekt}}]\n",
      TD_E_CONFIG,
      "plugin.yaml:7:36: input of capability \"echo\": /type: \"objekt\" is not a type, "
      "did you mean \"object\"",
      "" },
    { say, "apiVersion: tdev/v1\nkind: agent\nname: misfit\nlibary: misfit.so\n", TD_E_CONFIG,
      "plugin.yaml:4:1: unrecognized key \"libary\", did you mean \"library\"",
      "the manifest is ~/inline/misfit/plugin.yaml" },
    { say_only, "sdk: \">=1.5\"", TD_E_ABI,
      "plugin.yaml:8:6: needs SDK >=1.5, this host offers 1.4.0",
      "install a version of the plugin that was made for this host, or another version of tdev" },
    { say_only, "host: \">=9\"", TD_E_ABI, "plugin.yaml:8:7: needs host >=9, this host is 0.1.0",
      "install a version of the plugin that was made for this host, or another version of tdev" },
};

/* Needs root, or it could not give the folder to a group it is not in. */
static void a_folder_its_group_can_write_to_is_refused(void **state)
{
    static const char *const folders[] = { MISFIT, "inline" };

    if (geteuid() != 0)
        skip();
    for (size_t i = 0; i < COUNT(folders); i++) {
        struct plugin_home *home;
        char want[256];

        plugin_home_setup(state);
        home = *state;
        plugin_home_misfit(home, MISFIT, "good", NULL);
        open_to_group(home, folders[i]);
        plugin_home_open(home);
        snprintf(want, sizeof(want),
                 "plugin \"misfit\": cannot run inside the host: its group can write to folder "
                 "\"~/%s\"",
                 folders[i]);
        plugin_home_load_badly(home, "misfit", TD_E_PERM, want);
        snprintf(want, sizeof(want), "chmod go-w \"~/%s\"", folders[i]);
        assert_string_equal(plugin_home_shown(home, home->err.hint), want);
        plugin_home_teardown(state);
    }
}

static void the_group_of_the_user_alone_may_write(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_misfit(home, MISFIT, "good", NULL);
    assert_int_equal(chown(plugin_home_path(home, MISFIT), (uid_t)-1, getegid()), 0);
    assert_int_equal(chmod(plugin_home_path(home, MISFIT), 0775), 0);
    plugin_home_open(home);
    plugin_home_load_well(home, "misfit");
}

/* Between the root and the plugin, too: who can write there can lay another folder in its place. */
static void every_folder_up_to_the_root_counts(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_misfit(home, "inline/agents/misfit", "good", NULL);
    open_to_all(home, "inline/agents");
    plugin_home_open(home);
    plugin_home_load_badly(
        home, "misfit", TD_E_PERM,
        "plugin \"misfit\": cannot run inside the host: everybody can write to folder "
        "\"~/inline/agents\"");
}

static void a_folder_that_is_not_well_is_refused(void **state)
{
    for (size_t i = 0; i < COUNT(spoiled); i++) {
        struct plugin_home *home;
        char want[512];

        plugin_home_setup(state);
        home = *state;
        plugin_home_misfit(home, MISFIT, "good", NULL);
        spoiled[i].spoil(home, spoiled[i].arg);
        plugin_home_open(home);
        snprintf(want, sizeof(want), "plugin \"misfit\": %s", spoiled[i].want);
        plugin_home_load_badly(home, "misfit", spoiled[i].code, want);
        assert_string_equal(plugin_home_shown(home, home->err.hint), spoiled[i].hint);
        plugin_home_teardown(state);
    }
}

/* Lays the library into the folder and loads it with a registry of its own. */
static const struct tdh_plugin *load_anew(struct plugin_home *home, const char *library)
{
    plugin_home_misfit(home, MISFIT, library, NULL);
    plugin_home_open(home);
    return plugin_home_load_well(home, "misfit");
}

static void the_hash_of_the_manifest_is_compared(void **state)
{
    struct plugin_home *home = *state;
    char hash[65], more[128], want[512];

    snprintf(hash, sizeof(hash), "%s", load_anew(home, "good")->hash);
    snprintf(
        want, sizeof(want),
        "plugin \"misfit\": library \"misfit.so\" has SHA-256 %.12s..., the manifest vouches for "
        "%.12s...",
        hash, OTHER_HASH);
    say_more(home, "integrity: {sha256: " OTHER_HASH "}");
    plugin_home_open(home);
    plugin_home_load_badly(home, "misfit", TD_E_PERM, want);
    assert_non_null(strstr(home->err.hint, hash));
    snprintf(more, sizeof(more), "integrity: {sha256: %s}", hash);
    say_more(home, more);
    plugin_home_load_well(home, "misfit"); /* in the same registry: what was refused is read anew */
}

static void only_named_folders_run_inside_the_host(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_misfit(home, "user/misfit", "good", "isolation: inline");
    plugin_home_open(home);
    plugin_home_load_badly(
        home, "misfit", TD_E_PERM,
        "plugin \"misfit\": cannot run inside the host from folder \"~/user/misfit\"");
    assert_string_equal(
        home->err.hint,
        "put the folder above it into the setting plugins.inline if you trust what lies there");
}

static void a_link_of_an_inline_root_may_not_lead_out(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_misfit(home, "other/misfit", "good", NULL);
    assert_int_equal(symlink("../other/misfit", plugin_home_path(home, MISFIT)), 0);
    plugin_home_open(home);
    plugin_home_load_badly(
        home, "misfit", TD_E_PERM,
        "plugin \"misfit\": cannot run inside the host from folder \"~/inline/misfit\"");
}

static void bundled_plugins_may_be_links_and_libtool_builds(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_misfit(home, "bundled/misfit", "good", NULL);
    plugin_home_library(home, "misfit_good", "elsewhere/.libs/misfit.so");
    assert_int_equal(unlink(plugin_home_path(home, "bundled/misfit/misfit.so")), 0);
    assert_int_equal(
        symlink("../../elsewhere/.libs", plugin_home_path(home, "bundled/misfit/.libs")), 0);
    plugin_home_open(home);
    plugin_home_load_well(home, "misfit");
    assert_int_equal(unlink(plugin_home_path(home, "bundled/misfit/.libs")), 0);
    assert_int_equal(symlink("../../elsewhere/.libs/misfit.so",
                             plugin_home_path(home, "bundled/misfit/misfit.so")),
                     0);
    plugin_home_open(home);
    plugin_home_load_well(home, "misfit");
}

/* Waits until the library has its age: one that changed just now is not remembered. */
static void let_it_age(struct plugin_home *home)
{
    struct stat status;
    struct timespec now;

    assert_int_equal(stat(plugin_home_path(home, LIBRARY), &status), 0);
    do
        assert_int_equal(clock_gettime(CLOCK_REALTIME, &now), 0);
    while ((now.tv_sec - status.st_ctim.tv_sec) * 1000 +
               (now.tv_nsec - status.st_ctim.tv_nsec) / 1000000 <=
           20);
}

/* Writes another hash into what is remembered of the only library there is. */
static void remember_wrongly(const struct plugin_home *home, const char *hash)
{
    char target[512];
    ssize_t length;
    glob_t found;

    assert_int_equal(glob(plugin_home_path(home, "private/*.seen"), 0, NULL, &found), 0);
    length = readlink(found.gl_pathv[0], target, sizeof(target) - 1);
    assert_true(length > 64);
    target[length] = '\0';
    memcpy(target, hash, 64);
    assert_int_equal(unlink(found.gl_pathv[0]), 0);
    assert_int_equal(symlink(target, found.gl_pathv[0]), 0);
    globfree(&found);
}

/* It would be found out that the memory is wrong if it were. */
static void a_known_library_is_not_hashed_again(void **state)
{
    struct plugin_home *home = *state;
    char hash[65];

    snprintf(hash, sizeof(hash), "%s", load_anew(home, "grown")->hash);
    plugin_home_misfit(home, MISFIT, "good", NULL);
    let_it_age(home);
    plugin_home_open(home);
    assert_int_not_equal(plugin_home_load_well(home, "misfit")->descriptor.size, 4096);
    remember_wrongly(home, hash);
    plugin_home_open(home);
    assert_string_equal(plugin_home_load_well(home, "misfit")->hash, hash);
}

static void a_known_library_is_held_against_its_manifest_too(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_misfit(home, MISFIT, "good", NULL);
    let_it_age(home);
    plugin_home_open(home);
    plugin_home_load_well(home, "misfit");
    say_only(home, "integrity: {sha256: " OTHER_HASH "}"); /* the library is as it was */
    plugin_home_open(home);
    assert_null(plugin_home_load(home, "misfit"));
    assert_non_null(strstr(home->err.text, "the manifest vouches for 0123456789ab..."));
}

/* As long as before, but nothing of a library in it: what a disk may leave of it. */
static void a_damaged_copy_is_made_anew(void **state)
{
    struct plugin_home *home = *state;
    char copy[PATH_MAX];
    struct stat status;

    snprintf(copy, sizeof(copy), "%s", load_anew(home, "good")->copy);
    tdh_plugins_free(home->plugins);
    home->plugins = NULL;
    assert_int_equal(stat(copy, &status) | unlink(copy), 0);
    assert_int_equal(close(open(copy, O_WRONLY | O_CREAT | O_CLOEXEC, 0700)), 0);
    assert_int_equal(truncate(copy, status.st_size), 0);
    plugin_home_open(home);
    plugin_home_load_well(home, "misfit");
    assert_int_equal(stat(copy, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0500);
}

static void a_cut_copy_is_made_anew(void **state)
{
    struct plugin_home *home = *state;
    char copy[PATH_MAX];
    struct stat status;

    plugin_home_misfit(home, MISFIT, "good", NULL);
    let_it_age(home);
    plugin_home_open(home);
    snprintf(copy, sizeof(copy), "%s", plugin_home_load_well(home, "misfit")->copy);
    tdh_plugins_free(home->plugins);
    home->plugins = NULL;
    /* not cut in place: under the sanitizers it is still mapped */
    assert_int_equal(unlink(copy), 0);
    assert_int_equal(close(open(copy, O_WRONLY | O_CREAT | O_CLOEXEC, 0500)), 0);
    plugin_home_open(home);
    plugin_home_load_well(home, "misfit");
    assert_int_equal(stat(copy, &status), 0);
    assert_true(status.st_size > 0);
}

static void a_library_that_changed_is_copied_anew(void **state)
{
    struct plugin_home *home = *state;
    char hash[65];

    plugin_home_misfit(home, MISFIT, "good", NULL);
    let_it_age(home);
    plugin_home_open(home);
    snprintf(hash, sizeof(hash), "%s", plugin_home_load_well(home, "misfit")->hash);
    assert_string_not_equal(load_anew(home, "grown")->hash, hash);
}

static void check_leaves_nothing_loaded(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_plugin_entry **list;

    plugin_home_misfit(home, MISFIT, "good", NULL);
    plugin_home_misfit(home, "inline/y", "good", NULL);
    plugin_home_open(home);
    assert_int_equal(
        tdh_plugins_check(home->plugins, plugin_home_path(home, "inline/misfit/"), &home->err), 0);
    assert_int_equal(
        tdh_plugins_check(home->plugins, plugin_home_path(home, "inline/y"), &home->err), -1);
    assert_string_equal(home->err.text, "plugin \"y\": calls itself \"misfit\"");
    assert_int_equal(
        tdh_plugins_check(home->plugins, plugin_home_path(home, "inline/z"), &home->err), -1);
    assert_string_equal(plugin_home_shown(home, home->err.text),
                        "could not resolve folder \"~/inline/z\": No such file or directory");
    list = tdh_plugins_list(home->plugins, &home->err);
    assert_null(list[0]);
    free(list);
}

/* Nothing is left behind the headers but what makes the system's loader die. */
static void a_library_that_is_cut_anywhere_is_refused(void **state)
{
    struct plugin_home *home = *state;
    struct stat status;

    plugin_home_misfit(home, MISFIT, "good", NULL);
    assert_int_equal(stat(plugin_home_path(home, LIBRARY), &status), 0);
    for (off_t size = status.st_size - 1; size > 64; size = size * 2 / 3) {
        assert_int_equal(truncate(plugin_home_path(home, LIBRARY), size), 0);
        plugin_home_open(home);
        assert_null(plugin_home_load(home, "misfit"));
        assert_non_null(strstr(home->err.text, "library \"misfit.so\" is cut short: "));
        assert_int_equal(home->err.code, TD_E_ABI);
    }
}

static void a_library_that_ends_the_process_is_told(void **state)
{
    static const struct {
        const char *library, *want;
    } cases[] = {
        { "abort", "plugin in \"~/inline/misfit\": opening it ended the process: Aborted" },
        { "exit", "plugin in \"~/inline/misfit\": opening it ended the process with exit code 7" },
        { "name", "plugin \"misfit\": calls itself \"y\"" },
        { "good", NULL },
    };
    struct plugin_home *home = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        int rc;

        plugin_home_misfit(home, MISFIT, cases[i].library, NULL);
        plugin_home_open(home);
        rc = tdh_plugins_check_apart(home->plugins, plugin_home_path(home, MISFIT), 60000,
                                     &home->err);
        assert_int_equal(rc, cases[i].want != NULL ? -1 : 0);
        if (cases[i].want == NULL)
            continue;
        assert_string_equal(plugin_home_shown(home, home->err.text), cases[i].want);
        assert_int_equal(home->err.code, TD_E_ABI);
    }
}

/* However long one waits for it. */
static void a_library_that_never_comes_back_is_told(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_misfit(home, MISFIT, "endless", NULL);
    plugin_home_open(home);
    assert_int_equal(
        tdh_plugins_check_apart(home->plugins, plugin_home_path(home, MISFIT), 1, &home->err), -1);
    assert_string_equal(plugin_home_shown(home, home->err.text),
                        "plugin in \"~/inline/misfit\": opening it took more than 0.001 s");
    assert_int_equal(home->err.code, TD_E_ABI);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* it is gone */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_that_is_not_well_is_refused),
        cmocka_unit_test(a_folder_its_group_can_write_to_is_refused),
        PLUGIN_HOME_TEST(the_group_of_the_user_alone_may_write),
        PLUGIN_HOME_TEST(every_folder_up_to_the_root_counts),
        PLUGIN_HOME_TEST(the_hash_of_the_manifest_is_compared),
        PLUGIN_HOME_TEST(only_named_folders_run_inside_the_host),
        PLUGIN_HOME_TEST(a_link_of_an_inline_root_may_not_lead_out),
        PLUGIN_HOME_TEST(bundled_plugins_may_be_links_and_libtool_builds),
        PLUGIN_HOME_TEST(a_known_library_is_not_hashed_again),
        PLUGIN_HOME_TEST(a_known_library_is_held_against_its_manifest_too),
        PLUGIN_HOME_TEST(a_damaged_copy_is_made_anew),
        PLUGIN_HOME_TEST(a_cut_copy_is_made_anew),
        PLUGIN_HOME_TEST(a_library_that_changed_is_copied_anew),
        PLUGIN_HOME_TEST(check_leaves_nothing_loaded),
        PLUGIN_HOME_TEST(a_library_that_is_cut_anywhere_is_refused),
        PLUGIN_HOME_TEST(a_library_that_ends_the_process_is_told),
        PLUGIN_HOME_TEST(a_library_that_never_comes_back_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
