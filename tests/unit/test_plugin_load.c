/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin load: every way a library can keep a plugin from being loaded, by the exact words; and
 * what a plugin is once it is.
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
#include <sys/stat.h>

#include "alloc_fail.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void a_plugin_that_fits_is_loaded_once(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_plugin *plugin;
    struct stat status;

    plugin_home_misfit(home, "bundled/agents/misfit", "good", NULL);
    plugin_home_open(home);
    plugin = plugin_home_load_well(home, "misfit");
    assert_ptr_equal(plugin_home_load_well(home, "misfit"), plugin);
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

static const struct {
    const char *library, *want; /* behind `plugin "misfit": ` */
} misfits[] = {
    { "no_entry", "not a tdev plugin: no symbol \"td_entry\"" },
    { "undefined", "undefined symbol: td_gone" },
    { "magic", "not a tdev plugin: \"td_entry\" begins with 0x12345678, must be 0x56454454" },
    { "major", "needs plugin ABI 2.4, this host offers 1.4" },
    { "minor", "needs plugin ABI 1.5, this host offers 1.4" },
    { "note_minor", "needs plugin ABI 1.5, this host offers 1.4" },
    { "note_time", "was built with time_t size 4, this host with 8" },
    { "note_lie", "its note says plugin ABI 1.4, its symbol \"td_entry\" 1.3" },
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
        plugin_home_load_badly(home, "misfit", TD_E_ABI, want);
    }
}

static void the_note_of_a_library_is_read(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_plugin *plugin;

    plugin_home_misfit(home, "bundled/misfit", "note", NULL);
    plugin_home_open(home);
    plugin = plugin_home_load_well(home, "misfit");
    assert_string_equal(plugin->note.sdk, TD_SDK_VERSION);
    assert_int_equal(plugin->note.stamp.minor, TD_ABI_MINOR);
    plugin_home_misfit(home, "bundled/misfit", "good", NULL);
    plugin_home_open(home);
    assert_int_equal(plugin_home_load_well(home, "misfit")->note.size, 0);
}

/* The list opens nothing, and these would end the test if it did. */
static void a_note_refuses_before_anything_is_opened(void **state)
{
    struct plugin_home *home = *state;
    const struct tdh_plugin_entry **list;

    plugin_home_misfit(home, "bundled/misfit", "note_minor", NULL);
    plugin_home_open(home);
    assert_int_equal(tdh_plugins_scan(home->plugins, &home->err), 0);
    list = tdh_plugins_list(home->plugins, &home->err);
    assert_non_null(list);
    assert_int_equal(list[0]->state, TDH_PLUGIN_REFUSED);
    assert_string_equal(list[0]->why.text,
                        "plugin \"misfit\": needs plugin ABI 1.5, this host offers 1.4");
    free(list);
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
                 "{apiVersion: tdev/v1, kind: %s, name: misfit, version: 1.0.0, "
                 "library: misfit.so, sdk: '1'}",
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

static void a_descriptor_that_grew_is_cut(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_misfit(home, "bundled/misfit", "grown", NULL);
    plugin_home_open(home);
    assert_int_equal(plugin_home_load_well(home, "misfit")->descriptor.size, 4096);
}

static void a_plugin_outlives_the_registry_while_it_is_held(void **state)
{
    struct plugin_home *home = *state;
    struct tdh_plugin *plugin;

    plugin_home_misfit(home, "bundled/misfit", "good", NULL);
    plugin_home_misfit(home, "bundled/y", "name", "requires: [{plugin: misfit}]");
    plugin_home_open(home);
    plugin = tdh_plugin_hold(plugin_home_load_well(home, "y"));
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
    plugin = plugin_home_load_well(home, "misfit");
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
        plugin = home->plugins != NULL ? plugin_home_load(home, "y") : NULL;
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
        PLUGIN_HOME_TEST(the_note_of_a_library_is_read),
        PLUGIN_HOME_TEST(a_note_refuses_before_anything_is_opened),
        PLUGIN_HOME_TEST(tables_of_other_kinds_are_checked),
        PLUGIN_HOME_TEST(a_descriptor_that_grew_is_cut),
        PLUGIN_HOME_TEST(a_plugin_outlives_the_registry_while_it_is_held),
        PLUGIN_HOME_TEST(init_has_the_last_word),
        PLUGIN_HOME_TEST(without_memory_nothing_is_left_over),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
