/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host: a host as it was with an older SDK, and plugins built with each SDK there was: which it
 * loads and calls, and the words for those it refuses.
 *
 * This is built once for each SDK. The gates that know a host's own version, host/plugin/stamp.c
 * and check.c, are built with the headers of that time and stand in front of those of today; the
 * rest of the host is today's.
 */
#include "plugin_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/json.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define OWN TD_ABI_MINOR /* 1.OWN is what this host offers */

/* Plugins of SDK 1.0, 1.1, ..., and what each answers, wherever it is loaded. */
static const char *const answers[] = {
    "{\"sdk\":\"1.0.0\",\"who\":\"old\",\"services\":144,\"asks\":72,\"reducer\":72,\"storage\":"
    "96}",
    "{\"sdk\":\"1.1.0\",\"who\":\"old\",\"services\":144,\"asks\":80,\"reducer\":80,\"storage\":"
    "112}",
    "{\"sdk\":\"1.2.0\",\"who\":\"old\",\"services\":152,\"asks\":80,\"reducer\":80,\"storage\":"
    "112}",
    "{\"sdk\":\"1.3.0\",\"who\":\"old\",\"services\":224,\"asks\":80,\"reducer\":80,\"storage\":"
    "112}",
    /* of today's, whose sizes test_abi.c has, only this much */
    "{\"sdk\":\"1.4.0\",",
};

/* What a plugin of 1.plugin is told on a host of 1.host. NULL: it is loaded. By the stamp, when its
 * manifest says that any 1.x will do; by the manifest, when that says what it was built with. */
static const struct {
    unsigned host, plugin;
    const char *by_stamp, *by_manifest;
} cells[] = {
    { 0, 0, NULL, NULL },
    { 0, 1, "needs plugin ABI 1.1, this host offers 1.0",
      "plugin.yaml:8:6: needs SDK ^1.1, this host offers 1.0.0" },
    { 0, 2, "needs plugin ABI 1.2, this host offers 1.0",
      "plugin.yaml:8:6: needs SDK ^1.2, this host offers 1.0.0" },
    { 0, 3, "needs plugin ABI 1.3, this host offers 1.0",
      "plugin.yaml:8:6: needs SDK ^1.3, this host offers 1.0.0" },
    { 0, 4, "needs plugin ABI 1.4, this host offers 1.0",
      "plugin.yaml:8:6: needs SDK ^1.4, this host offers 1.0.0" },
    { 1, 0, NULL, NULL },
    { 1, 1, NULL, NULL },
    { 1, 2, "needs plugin ABI 1.2, this host offers 1.1",
      "plugin.yaml:8:6: needs SDK ^1.2, this host offers 1.1.0" },
    { 1, 3, "needs plugin ABI 1.3, this host offers 1.1",
      "plugin.yaml:8:6: needs SDK ^1.3, this host offers 1.1.0" },
    { 1, 4, "needs plugin ABI 1.4, this host offers 1.1",
      "plugin.yaml:8:6: needs SDK ^1.4, this host offers 1.1.0" },
    { 2, 0, NULL, NULL },
    { 2, 1, NULL, NULL },
    { 2, 2, NULL, NULL },
    { 2, 3, "needs plugin ABI 1.3, this host offers 1.2",
      "plugin.yaml:8:6: needs SDK ^1.3, this host offers 1.2.0" },
    { 2, 4, "needs plugin ABI 1.4, this host offers 1.2",
      "plugin.yaml:8:6: needs SDK ^1.4, this host offers 1.2.0" },
    { 3, 0, NULL, NULL },
    { 3, 1, NULL, NULL },
    { 3, 2, NULL, NULL },
    { 3, 3, NULL, NULL },
    { 3, 4, "needs plugin ABI 1.4, this host offers 1.3",
      "plugin.yaml:8:6: needs SDK ^1.4, this host offers 1.3.0" },
    { 4, 0, NULL, NULL },
    { 4, 1, NULL, NULL },
    { 4, 2, NULL, NULL },
    { 4, 3, NULL, NULL },
    { 4, 4, NULL, NULL },
};

#if OWN >= 2
static int count_spending(struct td_ctx *ctx, const char *meter, double amount, struct td_err *err)
{
    (void)ctx, (void)err;
    return strcmp(meter, "words") == 0 && amount == 1 ? 0 : -1;
}
#endif

/* As large as today's, filled as this host's time would. */
static union {
    struct td_services table;
    char room[4096];
} services;

static void fill_services(void)
{
    tdh_ctx_fill(&services.table);
    services.table.size = sizeof(services.table);
#if OWN >= 2
    services.table.spend = count_spending;
#endif
}

static void call(const struct tdh_plugin *plugin, const char *want)
{
    struct tdh_ctx ctx;
    struct td_err err = { 0 };
    json_t *output = NULL;
    char *text;

    tdh_ctx_begin(&ctx, &services.table, plugin, "old", NULL, NULL);
    assert_int_equal(plugin->actions[0]->run(&ctx.pub, json_null(), &output, &err), 0);
    tdh_ctx_end(&ctx);
    text = json_dumps(output, JSON_COMPACT);
    if (strncmp(text, want, strlen(want)) != 0)
        assert_string_equal(text, want);
    free(text);
    json_decref(output);
}

/* The plugin of SDK 1.minor, with or without a manifest that says so. */
static void put_plugin(const struct plugin_home *home, unsigned minor, bool is_told)
{
    char sdk[32], library[64];

    snprintf(sdk, sizeof(sdk), "sdk: \"^1.%u\"", is_told ? minor : 0);
    plugin_home_agent(home, "bundled/age", "1.0.0", sdk);
    snprintf(library, sizeof(library), "../../abi/.libs/age_1_%u", minor);
    plugin_home_library(home, library, "bundled/age/age.so");
}

static void check_cell(struct plugin_home *home, unsigned minor, bool is_told, const char *want)
{
    char text[256];

    put_plugin(home, minor, is_told);
    plugin_home_open(home);
    if (want == NULL) {
        call(plugin_home_load_well(home, "age"), answers[minor]);
        return;
    }
    snprintf(text, sizeof(text), "plugin \"age\": %s", want);
    plugin_home_load_badly(home, "age", TD_E_ABI, text);
}

static void each_plugin_is_loaded_and_called_or_refused(void **state)
{
    struct plugin_home *home = *state;
    unsigned seen = 0;

    fill_services();
    for (size_t i = 0; i < COUNT(cells); i++) {
        if (cells[i].host != OWN)
            continue;
        check_cell(home, cells[i].plugin, false, cells[i].by_stamp);
        check_cell(home, cells[i].plugin, true, cells[i].by_manifest);
        seen++;
    }
    assert_int_equal(seen, COUNT(answers)); /* a new SDK is a new row and column */
}

/* The forecast of this host is what happens on it. */
static void a_forecast_comes_true(void **state)
{
    struct plugin_home *home = *state;
    struct tdh_forecast forecast;

    fill_services();
    for (unsigned minor = 0; minor < COUNT(answers); minor++) {
        put_plugin(home, minor, true);
        plugin_home_open(home);
        assert_int_equal(tdh_plugins_forecast(home->plugins, plugin_home_path(home, "bundled/age"),
                                              NULL, &forecast, &home->err),
                         0);
        assert_int_equal(forecast.outlook == TDH_FAILS, plugin_home_load(home, "age") == NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_HOME_TEST(each_plugin_is_loaded_and_called_or_refused),
        PLUGIN_HOME_TEST(a_forecast_comes_true),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
