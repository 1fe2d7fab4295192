/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forecast: what would become of a plugin on another host, told by each gate in its exact words,
 * and nothing opened: the libraries here end who opens them.
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
#define FOLDER "bundled/misfit"
#define MORE "sdk: \">=1.1 <2\"\nhost: \">=0.1 <0.9\"\nrequires: [{plugin: y, version: ^2}]"

static const char rules[] =
    "rules:\n"
    "  - {plugin: misfit, host: \">=0.7\", verdict: block, reason: sends twice, replaced_by: fit}\n"
    "  - {plugin: misfit, sdk: \"1.9.x\", verdict: allow}\n"
    "  - {plugin: misfit, host: \">=0.5\", verdict: deprecated, reason: old, since: 2027-02-01,\n"
    "     until: 2027-02-28}\n";

/* Of the library misfit_note_minor.so, of plugin ABI 1.5. */
static const struct {
    const char *host;
    enum tdh_outlook outlook;
    const char *gate, *text, *hint;
} cases[] = {
    { "0.2,sdk=1.5", TDH_PASSES, "manifest", "agent \"misfit\" 1.0.0", "" },
    { "0.2,sdk=1.5", TDH_PASSES, "sdk", "needs SDK >=1.1 <2, that host offers 1.5.0", "" },
    { "0.2,sdk=1.5", TDH_PASSES, "host", "needs host >=0.1 <0.9, that host is 0.2.0", "" },
    { "0.2,sdk=1.5", TDH_PASSES, "matrix", "no rule fits it", "" },
    { "0.2,sdk=1.5", TDH_PASSES, "requires", "must be there, too: \"y\" ^2", "" },
    { "0.2,sdk=1.5", TDH_PASSES, "library", "\"misfit.so\" is of this machine, and whole", "" },
    { "0.2,sdk=1.5", TDH_PASSES, "stamp",
      "was built with SDK 1.4.0, needs plugin ABI 1.5, that host offers 1.5", "" },
    { "0.2,sdk=1.9.7", TDH_PASSES, "matrix", "is allowed by line 3 of the compatibility matrix",
      "" },
    { "0.2,sdk=1.4", TDH_FAILS, "stamp", "needs plugin ABI 1.5, that host offers 1.4",
      "build the plugin with the SDK of that host, or install a tdev that offers its ABI" },
    { "0.2,sdk=2.5", TDH_FAILS, "stamp", "needs plugin ABI 1.5, that host offers 2.5",
      "build the plugin with the SDK of that host, or install a tdev that offers its ABI" },
    { "0.2,sdk=1.0.5", TDH_FAILS, "sdk",
      "plugin.yaml:9:6: needs SDK >=1.1 <2, that host offers 1.0.5",
      "install a version of the plugin that was made for that host, or another version of tdev" },
    { "0.9,sdk=1.5", TDH_FAILS, "host",
      "plugin.yaml:10:7: needs host >=0.1 <0.9, that host is 0.9.0",
      "install a version of the plugin that was made for that host, or another version of tdev" },
    { "0.7.1,sdk=1.5", TDH_FAILS, "matrix",
      "version 1.0.0 is blocked by line 2 of the compatibility matrix: sends twice",
      "use \"fit\" instead" },
    { "0.5,sdk=1.5,on=2027-01-31", TDH_PASSES, "matrix", "no rule fits it", "" },
    { "0.5,sdk=1.5,on=2027-02-01", TDH_WARNS, "matrix",
      "version 1.0.0 is deprecated by line 4 of the compatibility matrix until 2027-02-28: old",
      "" },
    { "0.5,sdk=1.5,on=2027-03-01", TDH_FAILS, "matrix",
      "version 1.0.0 is blocked by line 4 of the compatibility matrix, since its time ended with "
      "2027-02-28: old",
      "" },
};

static struct tdh_forecast forecast; /* one test at a time */

static const struct tdh_forecast_row *find_row(const char *gate)
{
    for (size_t i = 0; i < forecast.count; i++)
        if (strcmp(forecast.rows[i].gate, gate) == 0)
            return &forecast.rows[i];
    return NULL;
}

static void foresee(struct plugin_home *home, const char *name, const char *host)
{
    struct tdh_terms terms = tdh_plugins_terms(home->plugins);

    if (host != NULL)
        assert_int_equal(tdh_terms_parse(host, &terms, &home->err), 0);
    assert_int_equal(tdh_plugins_forecast(home->plugins, plugin_home_path(home, name),
                                          host != NULL ? &terms : NULL, &forecast, &home->err),
                     0);
}

static void each_gate_says_what_would_happen(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_write(home, "compat.yaml", rules);
    plugin_home_misfit(home, FOLDER, "note_minor", MORE);
    plugin_home_open(home);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct tdh_forecast_row *row;

        foresee(home, FOLDER, cases[i].host);
        row = find_row(cases[i].gate);
        assert_non_null(row);
        assert_string_equal(row->text, cases[i].text);
        assert_string_equal(row->hint, cases[i].hint);
        assert_int_equal(row->outlook, cases[i].outlook);
        assert_int_equal(forecast.outlook, cases[i].outlook);
    }
}

/* One that fails does not hide the next. */
static void all_gates_are_told(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_write(home, "compat.yaml", rules);
    plugin_home_misfit(home, FOLDER, "note_minor", MORE);
    plugin_home_open(home);
    foresee(home, FOLDER, "1.0,sdk=1.0");
    assert_int_equal(find_row("sdk")->outlook, TDH_FAILS);
    assert_int_equal(find_row("host")->outlook, TDH_FAILS);
    assert_int_equal(find_row("matrix")->outlook, TDH_FAILS);
    assert_int_equal(find_row("library")->outlook, TDH_PASSES);
    assert_int_equal(find_row("stamp")->outlook, TDH_FAILS);
}

static void a_library_without_a_note_tells_less(void **state)
{
    static const struct {
        const char *host, *text;
        enum tdh_outlook outlook;
    } unnoted[] = {
        { "0.1,sdk=1.2", "has no note, so SDK 1.2 or before built it, and that host offers its ABI",
          TDH_PASSES },
        { "0.1,sdk=1.1", "has no note, so only opening it can tell which SDK built it",
          TDH_UNKNOWN },
        { "0.1,sdk=2.2", "has no note, so only opening it can tell which SDK built it",
          TDH_UNKNOWN },
        { NULL, "has no note, so SDK 1.2 or before built it, and this host offers its ABI",
          TDH_PASSES },
    };
    struct plugin_home *home = *state;

    plugin_home_library(home, "misfit_abort", "x.so");
    plugin_home_open(home);
    for (size_t i = 0; i < COUNT(unnoted); i++) {
        foresee(home, "x.so", unnoted[i].host);
        assert_int_equal(forecast.count, 2);
        assert_string_equal(find_row("stamp")->text, unnoted[i].text);
        assert_int_equal(forecast.outlook, unnoted[i].outlook);
        assert_int_equal(forecast.kind, 0);
    }
}

static void what_cannot_be_read_is_told(void **state)
{
    struct plugin_home *home = *state;

    plugin_home_write(home, "text.so", "hello");
    plugin_home_write(home, "bundled/half/plugin.yaml", "kind: agent\nnam: half\n");
    plugin_home_misfit(home, FOLDER, "note",
                       "integrity: {sha256: \"abcd0000000000000000000000000000"
                       "00000000000000000000000000000000\"}");
    plugin_home_agent(home, "bundled/bare", "1.0.0", NULL);
    plugin_home_open(home);
    foresee(home, "text.so", NULL);
    assert_string_equal(find_row("library")->text,
                        "library \"text.so\" is not an ELF shared object");
    foresee(home, "bundled/half", NULL);
    assert_string_equal(find_row("manifest")->text,
                        "plugin \"half\": plugin.yaml:2:1: unrecognized key \"nam\", did you mean "
                        "\"name\"");
    foresee(home, "bundled/bare", NULL);
    assert_string_equal(plugin_home_shown(home, find_row("library")->text),
                        "library \"bare.so\" is not in folder \"~/bundled/bare\"");
    foresee(home, FOLDER, NULL);
    assert_non_null(
        strstr(find_row("integrity")->text, "the manifest vouches for abcd00000000..."));
    assert_int_equal(forecast.outlook, TDH_FAILS);
    assert_int_equal(tdh_plugins_forecast(home->plugins, plugin_home_path(home, "nowhere"), NULL,
                                          &forecast, &home->err),
                     -1);
}

static void a_host_is_its_version_and_more(void **state)
{
    static const struct {
        const char *text, *want; /* of what is no host */
    } bad[] = {
        { "", "host \"\": " },
        { "new", "host \"new\": " },
        { "0.2,1.2", "host \"0.2,1.2\": \"1.2\" is neither sdk=VERSION nor on=DATE" },
        { "0.2,sdk=", "host \"0.2,sdk=\": " },
        { "0.2,sdk=1.70000", "host \"0.2,sdk=1.70000\": no SDK has a number greater than 65535" },
        { "0.2,on=2027-2-1",
          "host \"0.2,on=2027-2-1\": date \"2027-2-1\" is not a day of the calendar like "
          "2027-01-31" },
        { "0.2,", "host \"0.2,\": \"\" is neither sdk=VERSION nor on=DATE" },
    };
    struct plugin_home *home = *state;
    struct tdh_terms terms;
    char text[128];

    plugin_home_open(home);
    terms = tdh_plugins_terms(home->plugins);
    assert_int_equal(tdh_terms_parse("2,sdk=1.1,on=1970-01-03", &terms, &home->err), 0);
    assert_string_equal(tdh_semver_print(&terms.host, text, sizeof(text)), "2.0.0");
    assert_string_equal(tdh_semver_print(&terms.sdk, text, sizeof(text)), "1.1.0");
    assert_int_equal(terms.day, 2);
    assert_int_equal(tdh_terms_parse("0.2.0-rc.1", &terms, &home->err), 0);
    assert_string_equal(tdh_semver_print(&terms.host, text, sizeof(text)), "0.2.0-rc.1");
    assert_string_equal(tdh_semver_print(&terms.sdk, text, sizeof(text)), "1.1.0");
    for (size_t i = 0; i < COUNT(bad); i++) {
        home->err = (struct td_err){ 0 };
        assert_int_equal(tdh_terms_parse(bad[i].text, &terms, &home->err), -1);
        if (strncmp(home->err.text, bad[i].want, strlen(bad[i].want)) != 0)
            assert_string_equal(home->err.text, bad[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_HOME_TEST(each_gate_says_what_would_happen),
        PLUGIN_HOME_TEST(all_gates_are_told),
        PLUGIN_HOME_TEST(a_library_without_a_note_tells_less),
        PLUGIN_HOME_TEST(what_cannot_be_read_is_told),
        PLUGIN_HOME_TEST(a_host_is_its_version_and_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
