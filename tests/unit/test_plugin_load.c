/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin load: every way a library, its folder or its neighbours can keep a plugin from being
 * loaded, by the exact words.
 */
#include "plugin_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc_fail.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static struct tdh_plugin *load(struct plugin_home *home, const char *name)
{
    home->err = (struct td_err){ 0 };
    return tdh_plugins_load(home->plugins, TD_KIND_AGENT, name, &home->err);
}

static void load_well(struct plugin_home *home, const char *name)
{
    const struct tdh_plugin *plugin = load(home, name);

    assert_string_equal(home->err.text, "");
    assert_non_null(plugin);
}

/* Loading fails with these words; "~" is the home folder. */
static void load_badly(struct plugin_home *home, const char *name, enum td_code code,
                       const char *want)
{
    assert_null(load(home, name));
    assert_string_equal(plugin_home_shown(home, home->err.text), want);
    assert_int_equal(home->err.code, code);
}

static const struct {
    const char *library, *want; /* behind `plugin "misfit": ` */
} misfits[] = {
    { "no_entry", "not a tdev plugin: no symbol \"td_entry\"" },
    { "undefined", "undefined symbol: td_gone" },
    { "magic", "not a tdev plugin: \"td_entry\" begins with 0x12345678, must be 0x56454454" },
    { "major", "needs plugin ABI 2.0, this host offers 1.0" },
    { "minor", "needs plugin ABI 1.1, this host offers 1.0" },
    { "pointer", "was built with pointer size 4, this host with 8" },
    { "time", "was built with time_t size 4, this host with 8" },
    { "off", "was built with off_t size 4, this host with 8" },
    { "jansson", "was built with jansson major version 9, this host with 2" },
    { "err", "was built with struct td_err size 64, this host with 1072" },
    { "flags", "was built with flags 1, this host with 0" },
    { "no_descriptor", "has no descriptor" },
    { "small", "its descriptor is 8 bytes, the least is 104" },
    { "big", "its descriptor is 70000 bytes, the most is 65536" },
    { "name", "calls itself \"y\"" },
    { "version", "is version 2.0.0, its manifest says 1.0.0" },
    { "pattern", "is of kind pattern, its manifest says agent" },
    { "no_agent", "has no table of an agent" },
    { "state", "its state is 268435456 bytes, the most is 16777216" },
    { "no_action", "manifest promises action \"echo\", the library has none" },
    { "more_action", "has action \"sing\", its manifest does not promise it" },
    { "twice_action", "has action \"echo\" twice" },
    { "empty_action", "action \"echo\" must have a function or a reducer, and has neither" },
    { "no_binding", "manifest has option \"limit\", the library has no binding of it" },
    { "more_binding", "binds option \"share\", its manifest has none" },
    { "twice_binding", "binds option \"limit\" twice" },
    { "wrong_binding",
      "binds option \"limit\" as DURATION, its manifest says int, which is bound as INT" },
    { "outside_binding", "binds option \"limit\" outside of its state of 4 bytes" },
};

static void each_misfit_is_named(void **state)
{
    struct plugin_home *home = *state;

    for (size_t i = 0; i < COUNT(misfits); i++) {
        char want[512];

        plugin_home_misfit(home, "bundled/misfit", misfits[i].library, NULL);
        plugin_home_open(home);
        snprintf(want, sizeof(want), "plugin \"misfit\": %s", misfits[i].want);
        load_badly(home, "misfit", TD_E_ABI, want);
    }
}

static void tables_of_other_kinds_are_checked(void **state)
{
    static const struct {
        const char *kind, *want;
    } cases[] = {
        { "pattern", "plugin \"misfit\": pattern: its reducer has no start" },
        { "storage", "plugin \"misfit\": its table \"kv\" is 8 bytes, the least is 32" },
    };
    struct plugin_home *home = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[512], library[64];

        snprintf(text, sizeof(text),
                 "{apiVersion: tdev/v1, kind: %s, name: misfit, version: 1.0.0, library: "
                 "misfit.so, sdk: '1'}",
                 cases[i].kind);
        snprintf(library, sizeof(library), "misfit_%s", cases[i].kind);
        plugin_home_write(home, "bundled/misfit/plugin.yaml", text);
        plugin_home_library(home, library, "bundled/misfit/misfit.so");
        plugin_home_open(home);
        home->err = (struct td_err){ 0 };
        assert_null(tdh_plugins_load(home->plugins, tdh_kind_from_name(cases[i].kind), "misfit",
                                     &home->err));
        assert_string_equal(home->err.text, cases[i].want);
    }
}

static void a_plugin_that_fits_is_loaded_once(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_plugin *plugin;
    struct stat status;

    plugin_home_misfit(home, "bundled/agents/misfit", "good", NULL);
    plugin_home_open(home);
    load_well(home, "misfit");
    plugin = load(home, "misfit");
    assert_ptr_equal(load(home, "misfit"), plugin);
    assert_int_equal(plugin->holds, 1);
    assert_string_equal(plugin->descriptor.name, "misfit");
    assert_string_equal(plugin->actions[0]->name, "echo");
    assert_string_equal(plugin->bindings[0]->name, "limit");
    assert_int_equal(strlen(plugin->hash), 64);
    assert_memory_equal(plugin->copy + strlen(plugin->copy) - 67, plugin->hash, 64);
    assert_int_equal(stat(plugin->copy, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0500);
    assert_int_equal(stat(home->options.private_dir, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
}

static void a_descriptor_that_grew_is_cut(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_misfit(home, "bundled/misfit", "grown", NULL);
    plugin_home_open(home);
    load_well(home, "misfit");
    assert_int_equal(load(home, "misfit")->descriptor.size, 4096);
}

static void a_plugin_outlives_the_registry_while_it_is_held(void **state)
{
    struct plugin_home *home = *state;
    struct tdh_plugin *plugin;

    plugin_home_misfit(home, "bundled/misfit", "good", NULL);
    plugin_home_misfit(home, "bundled/y", "name", "requires: [{plugin: misfit}]");
    plugin_home_open(home);
    load_well(home, "y");
    plugin = tdh_plugin_hold(load(home, "y"));
    assert_int_equal(plugin->needs[0]->holds, 2);
    tdh_plugins_free(home->plugins);
    home->plugins = NULL;
    assert_int_equal(plugin->needs[0]->holds, 1);
    assert_string_equal(plugin->needs[0]->descriptor.name, "misfit");
    tdh_plugin_release(plugin);
}

static void init_has_the_last_word(void **state)
{
    struct plugin_home *home = *state;
    struct td_services services = { 0 };
    struct tdh_plugin *plugin;
    struct tdh_ctx ctx;
    int64_t self[2] = { 0 };
    void *block = NULL;
    json_t *options = json_pack("{s:i}", "limit", 13);

    plugin_home_misfit(home, "bundled/misfit", "good", NULL);
    plugin_home_open(home);
    load_well(home, "misfit");
    plugin = load(home, "misfit");
    tdh_ctx_fill(&services);
    assert_int_equal(tdh_plugin_bind(plugin, options, "agent \"lucky\"", self, &block, &home->err),
                     0);
    tdh_ctx_begin(&ctx, &services, plugin, "lucky", self, NULL);
    assert_int_equal(plugin->descriptor.init(&ctx.pub, &home->err), -1);
    assert_string_equal(home->err.text, "limit 13 brings bad luck");
    tdh_ctx_end(&ctx);
    assert_null(block);
    json_decref(options);
}

/* Changes a folder that is well but for this. */
typedef void spoil_fn(const struct plugin_home *home);

static void take_library(const struct plugin_home *home)
{
    assert_int_equal(unlink(plugin_home_path(home, "inline/misfit/misfit.so")), 0);
}

static void link_library(const struct plugin_home *home)
{
    plugin_home_library(home, "misfit_good", "elsewhere.so");
    take_library(home);
    assert_int_equal(
        symlink("../../elsewhere.so", plugin_home_path(home, "inline/misfit/misfit.so")), 0);
}

static void make_library_a_folder(const struct plugin_home *home)
{
    take_library(home);
    assert_int_equal(mkdir(plugin_home_path(home, "inline/misfit/misfit.so"), 0755), 0);
}

static void open_library_to_all(const struct plugin_home *home)
{
    assert_int_equal(chmod(plugin_home_path(home, "inline/misfit/misfit.so"), 0666), 0);
}

static void open_folder_to_all(const struct plugin_home *home)
{
    assert_int_equal(chmod(plugin_home_path(home, "inline/misfit"), 0777), 0);
}

static void open_root_to_all(const struct plugin_home *home)
{
    assert_int_equal(chmod(plugin_home_path(home, "inline"), 0777), 0);
}

static void open_private_to_all(const struct plugin_home *home)
{
    assert_int_equal(mkdir(home->options.private_dir, 0777), 0);
    assert_int_equal(chmod(home->options.private_dir, 0777), 0);
}

static void ask_for_process(const struct plugin_home *home)
{
    plugin_home_misfit(home, "inline/misfit", "good", "isolation: process");
}

static void say_another_hash(const struct plugin_home *home)
{
    plugin_home_misfit(
        home, "inline/misfit", "good",
        "integrity: {sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}");
}

static void spoil_a_schema(const struct plugin_home *home)
{
    plugin_home_misfit(home, "inline/misfit", "good", "tags: [a]");
    plugin_home_write(home, "inline/misfit/plugin.yaml",
                      "apiVersion: tdev/v1\nkind: agent\nname: misfit\nversion: 1.0.0\nlibrary: "
                      "misfit.so\nsdk: '1'\n"
                      "capabilities: [{name: echo, input: {type: objekt}}]\n");
}

static void spoil_the_text(const struct plugin_home *home)
{
    plugin_home_write(home, "inline/misfit/plugin.yaml",
                      "apiVersion: tdev/v1\nkind: agent\nname: misfit\nlibary: misfit.so\n");
}

static void want_newer_sdk(const struct plugin_home *home)
{
    plugin_home_agent(home, "inline/misfit", "1.0.0", "sdk: \">=1.1\"");
}

static void want_newer_host(const struct plugin_home *home)
{
    plugin_home_agent(home, "inline/misfit", "1.0.0", "host: \">=9\"");
}

static const struct {
    spoil_fn *spoil;
    enum td_code code;
    const char *want, *hint;
} spoiled[] = {
    { take_library, TD_E_NOTFOUND,
      "plugin \"misfit\": library \"misfit.so\" is not in folder \"~/inline/misfit\"", "" },
    { link_library, TD_E_CONFIG,
      "plugin \"misfit\": library \"misfit.so\" is a link, must be a file inside the plugin's "
      "folder",
      "" },
    { make_library_a_folder, TD_E_CONFIG, "plugin \"misfit\": library \"misfit.so\" is not a file",
      "" },
    { open_library_to_all, TD_E_PERM,
      "plugin \"misfit\": everybody can write to library \"~/inline/misfit/misfit.so\"", "" },
    { open_folder_to_all, TD_E_PERM,
      "plugin \"misfit\": cannot run inside the host: everybody can write to folder "
      "\"~/inline/misfit\"",
      "chmod o-w \"~/inline/misfit\"" },
    { open_root_to_all, TD_E_PERM,
      "plugin \"misfit\": cannot run inside the host: everybody can write to folder \"~/inline\"",
      "chmod o-w \"~/inline\"" },
    { open_private_to_all, TD_E_PERM,
      "plugin \"misfit\": cannot keep libraries in folder \"~/private\": others can write to it",
      "set plugins.private_dir to a folder of the user's own, with mode 0700" },
    { ask_for_process, TD_E_UNSUPPORTED,
      "plugin \"misfit\": isolation \"process\" is not offered by this host",
      "with \"isolation: inline\" it may run inside the host, from a folder in plugins.inline" },
    { spoil_a_schema, TD_E_CONFIG,
      "plugin \"misfit\": plugin.yaml:7:36: input of capability \"echo\": /type: \"objekt\" is not "
      "a type, did you mean "
      "\"object\"",
      "" },
    { spoil_the_text, TD_E_CONFIG,
      "plugin \"misfit\": plugin.yaml:4:1: unrecognized key \"libary\", did you mean \"library\"",
      "the manifest is ~/inline/misfit/plugin.yaml" },
    { want_newer_sdk, TD_E_ABI,
      "plugin \"misfit\": plugin.yaml:8:6: needs SDK >=1.1, this host offers 1.0.0",
      "install a version of the plugin that was made for this host, or another version of tdev" },
    { want_newer_host, TD_E_ABI,
      "plugin \"misfit\": plugin.yaml:8:7: needs host >=9, this host is 0.1.0",
      "install a version of the plugin that was made for this host, or another version of tdev" },
};

static void a_folder_that_is_not_well_is_refused(void **state)
{
    for (size_t i = 0; i < COUNT(spoiled); i++) {
        struct plugin_home *home;

        plugin_home_setup(state);
        home = *state;
        plugin_home_misfit(home, "inline/misfit", "good", NULL);
        spoiled[i].spoil(home);
        plugin_home_open(home);
        load_badly(home, "misfit", spoiled[i].code, spoiled[i].want);
        assert_string_equal(plugin_home_shown(home, home->err.hint), spoiled[i].hint);
        plugin_home_teardown(state);
    }
}

static void the_hash_of_the_manifest_is_compared(void **state)
{
    static const char other[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    struct plugin_home *home = *state;
    char hash[65], more[128], want[512];

    plugin_home_misfit(home, "inline/misfit", "good", NULL);
    plugin_home_open(home);
    load_well(home, "misfit");
    memcpy(hash, load(home, "misfit")->hash, sizeof(hash));
    snprintf(want, sizeof(want),
             "plugin \"misfit\": library \"misfit.so\" has SHA-256 %s, the manifest says %s", hash,
             other);
    say_another_hash(home);
    plugin_home_open(home);
    load_badly(home, "misfit", TD_E_CORRUPT, want);
    snprintf(more, sizeof(more), "integrity: {sha256: %s}", hash);
    plugin_home_misfit(home, "inline/misfit", "good", more);
    load_well(home, "misfit"); /* in the same registry: what was refused is read anew */
}

static void only_named_folders_run_inside_the_host(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_misfit(home, "user/misfit", "good", "isolation: inline");
    plugin_home_open(home);
    load_badly(home, "misfit", TD_E_PERM,
               "plugin \"misfit\": cannot run inside the host from folder \"~/user/misfit\"");
    assert_string_equal(
        home->err.hint,
        "put the folder above it into the setting plugins.inline if you trust what lies there");
}

static void a_link_of_an_inline_root_may_not_lead_out(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_misfit(home, "other/misfit", "good", NULL);
    assert_int_equal(symlink("../other/misfit", plugin_home_path(home, "inline/misfit")), 0);
    plugin_home_open(home);
    load_badly(home, "misfit", TD_E_PERM,
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
    load_well(home, "misfit");
    assert_int_equal(unlink(plugin_home_path(home, "bundled/misfit/.libs")), 0);
    assert_int_equal(symlink("../../elsewhere/.libs/misfit.so",
                             plugin_home_path(home, "bundled/misfit/misfit.so")),
                     0);
    plugin_home_open(home);
    load_well(home, "misfit");
}

static void what_is_required_is_loaded_before(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_plugin *plugin;

    plugin_home_misfit(home, "inline/misfit", "good", NULL);
    plugin_home_misfit(home, "bundled/y", "name", "requires: [{plugin: misfit, version: \"^1\"}]");
    plugin_home_open(home);
    load_well(home, "y");
    plugin = load(home, "y");
    assert_ptr_equal(plugin->needs[0], load(home, "misfit"));
}

static const struct {
    const char *a, *b, *want; /* what a and b say; of a */
} requirements[] = {
    { "requires: [{plugin: post}]", NULL,
      "plugin \"a\": requires \"post\": plugin \"post\" is not there" },
    { "requires: [{plugin: b, version: ^2}]", "",
      "plugin \"a\": requires \"b\" ^2, which is 1.0.0" },
    { "requires: [{plugin: a}]", NULL, "plugin \"a\": requires itself: a -> a" },
    { "requires: [{plugin: b}]", "requires: [{plugin: a}]",
      "plugin \"a\": requires itself: a -> b -> a" },
    { "requires: [{plugin: b}]", "requires: [{plugin: b}]",
      "plugin \"b\": requires itself: b -> b" },
    { "requires: [{plugin: b}]", "host: \">=9\"",
      "plugin \"a\": requires \"b\": plugin \"b\": plugin.yaml:8:7: needs host >=9, this host is "
      "0.1.0" },
    { "requires: [{plugin: b}]", "",
      "plugin \"a\": requires \"b\": plugin \"b\": library \"b.so\" is not in folder "
      "\"~/bundled/b\"" },
    { "requires: [{plugin: misfit}]\nconflicts: [{plugin: misfit, version: 1.x}]", NULL,
      "plugin \"a\": conflicts with \"misfit\" 1.0.0, which is loaded" },
    { "requires: [{plugin: misfit}]\nconflicts: [{plugin: misfit, version: 2.x}]", NULL,
      "plugin \"a\": library \"a.so\" is not in folder \"~/bundled/a\"" },
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
        load_badly(home, "a", i + 1 < COUNT(requirements) ? TD_E_DEPENDENCY : TD_E_NOTFOUND,
                   requirements[i].want);
        plugin_home_teardown(state);
    }
}

static void a_conflict_is_said_by_either_side(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_misfit(home, "bundled/misfit", "good", "conflicts: [{plugin: a, version: \"<2\"}]");
    plugin_home_agent(home, "bundled/a", "1.0.0", NULL);
    plugin_home_open(home);
    load_well(home, "misfit");
    load_badly(home, "a", TD_E_DEPENDENCY,
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
    load_badly(home, "a0", TD_E_DEPENDENCY,
               "plugin \"a32\": is required by a chain of 33 plugins, the most is 32");
}

/* Waits until the files of the plugin are old enough to be remembered. */
static void let_it_age(void)
{
    usleep(30000);
}

/* Writes another hash into what is remembered of the only library there is. */
static void remember_wrongly(const struct plugin_home *home, const char *hash)
{
    char target[512], command[512];
    char *path = NULL;
    ssize_t length;
    FILE *find;
    size_t size = 0;

    snprintf(command, sizeof(command), "ls %s/*.seen", home->options.private_dir);
    find = popen(command, "r");
    assert_non_null(find);
    assert_true(getline(&path, &size, find) > 0);
    pclose(find);
    path[strcspn(path, "\n")] = '\0';
    length = readlink(path, target, sizeof(target) - 1);
    assert_true(length > 64);
    target[length] = '\0';
    memcpy(target, hash, 64);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink(target, path), 0);
    free(path);
}

/* It would be found out that the memory is wrong if it were. */
static void a_known_library_is_not_hashed_again(void **state)
{
    struct plugin_home *home = *state;
    char hash[65];

    plugin_home_misfit(home, "inline/misfit", "grown", NULL);
    plugin_home_open(home);
    load_well(home, "misfit");
    memcpy(hash, load(home, "misfit")->hash, sizeof(hash));
    plugin_home_misfit(home, "inline/misfit", "good", NULL);
    let_it_age();
    plugin_home_open(home);
    load_well(home, "misfit");
    assert_int_not_equal(load(home, "misfit")->descriptor.size, 4096);
    remember_wrongly(home, hash);
    plugin_home_open(home);
    load_well(home, "misfit");
    assert_string_equal(load(home, "misfit")->hash, hash);
}

static void a_cut_copy_is_made_anew(void **state)
{
    struct plugin_home *home = *state;
    char copy[PATH_MAX];
    struct stat status;

    plugin_home_misfit(home, "inline/misfit", "good", NULL);
    let_it_age();
    plugin_home_open(home);
    load_well(home, "misfit");
    snprintf(copy, sizeof(copy), "%s", load(home, "misfit")->copy);
    tdh_plugins_free(home->plugins);
    home->plugins = NULL;
    assert_int_equal(unlink(copy),
                     0); /* not cut in place: under the sanitizers it is still mapped */
    assert_int_equal(close(open(copy, O_WRONLY | O_CREAT | O_CLOEXEC, 0500)), 0);
    plugin_home_open(home);
    load_well(home, "misfit");
    assert_int_equal(stat(copy, &status), 0);
    assert_true(status.st_size > 0);
}

static void a_library_that_changed_is_copied_anew(void **state)
{
    struct plugin_home *home = *state;
    char hash[65];

    plugin_home_misfit(home, "inline/misfit", "good", NULL);
    let_it_age();
    plugin_home_open(home);
    load_well(home, "misfit");
    memcpy(hash, load(home, "misfit")->hash, sizeof(hash));
    plugin_home_misfit(home, "inline/misfit", "grown", NULL);
    plugin_home_open(home);
    load_well(home, "misfit");
    assert_string_not_equal(load(home, "misfit")->hash, hash);
}

static void check_leaves_nothing_loaded(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_plugin_entry **list;

    plugin_home_misfit(home, "inline/misfit", "good", NULL);
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

static void without_memory_nothing_is_left_over(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_plugin *plugin = NULL;
    unsigned n = 0;
    bool has_failed = true;

    plugin_home_misfit(home, "bundled/misfit", "good", NULL);
    plugin_home_misfit(home, "bundled/y", "name", "requires: [{plugin: misfit}]");
    while (has_failed) {
        tdh_plugins_free(home->plugins);
        alloc_fail_at(++n);
        home->plugins = tdh_plugins_new(&home->options, &home->err);
        plugin = home->plugins != NULL ? load(home, "y") : NULL;
        has_failed = alloc_fail_end();
        assert_true(plugin != NULL || home->err.code == TD_E_NOMEM);
    }
    assert_non_null(plugin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_HOME_TEST(a_plugin_that_fits_is_loaded_once),
        PLUGIN_HOME_TEST(each_misfit_is_named),
        PLUGIN_HOME_TEST(tables_of_other_kinds_are_checked),
        PLUGIN_HOME_TEST(a_descriptor_that_grew_is_cut),
        PLUGIN_HOME_TEST(a_plugin_outlives_the_registry_while_it_is_held),
        PLUGIN_HOME_TEST(init_has_the_last_word),
        cmocka_unit_test(a_folder_that_is_not_well_is_refused),
        PLUGIN_HOME_TEST(the_hash_of_the_manifest_is_compared),
        PLUGIN_HOME_TEST(only_named_folders_run_inside_the_host),
        PLUGIN_HOME_TEST(a_link_of_an_inline_root_may_not_lead_out),
        PLUGIN_HOME_TEST(bundled_plugins_may_be_links_and_libtool_builds),
        PLUGIN_HOME_TEST(what_is_required_is_loaded_before),
        cmocka_unit_test(requirements_that_cannot_be_met_are_named),
        PLUGIN_HOME_TEST(a_conflict_is_said_by_either_side),
        PLUGIN_HOME_TEST(a_chain_of_requirements_has_an_end),
        PLUGIN_HOME_TEST(a_known_library_is_not_hashed_again),
        PLUGIN_HOME_TEST(a_cut_copy_is_made_anew),
        PLUGIN_HOME_TEST(a_library_that_changed_is_copied_anew),
        PLUGIN_HOME_TEST(check_leaves_nothing_loaded),
        PLUGIN_HOME_TEST(without_memory_nothing_is_left_over),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
