/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin_home: a fixture for tests of plugins: a folder of their own with roots of plugins in it.
 *
 *   HOME/user         the roots, in this order; plugins of this one may not run inside the host,
 *   HOME/bundled      these came with tdev,
 *   HOME/inline       and these may run inside the host
 *   HOME/private      copies of libraries
 *   HOME/compat.yaml  the compatibility matrix
 */
#ifndef TDEV_TESTS_PLUGIN_HOME_H
#define TDEV_TESTS_PLUGIN_HOME_H

#include "plugin/plugin.h" /* before cmocka, whose fail() is a macro */

/* Made and ended around each test by PLUGIN_HOME_TEST. */
struct plugin_home {
    char dir[64];
    struct tdh_plugins_options options;
    struct tdh_plugins *plugins; /* NULL until plugin_home_open */
    struct td_err err;
};

int plugin_home_setup(void **state);
int plugin_home_teardown(void **state);
#define PLUGIN_HOME_TEST(test)                                                                     \
    cmocka_unit_test_setup_teardown(test, plugin_home_setup, plugin_home_teardown)

/** HOME/NAME, good until the next call but one. */
const char *plugin_home_path(const struct plugin_home *home, const char *name);
/** Writes HOME/NAME with its folders. */
void plugin_home_write(const struct plugin_home *home, const char *name, const char *text);
/** Copies a library of BUILD/tests/plugins to HOME/NAME; a file that is there is replaced. */
void plugin_home_library(const struct plugin_home *home, const char *library, const char *name);
/**
 * HOME/FOLDER, a plugin like tests/plugins/misfit.c makes: its manifest, with `more` behind it
 * (NULL: nothing), and the library misfit_LIBRARY.
 */
void plugin_home_misfit(const struct plugin_home *home, const char *folder, const char *library,
                        const char *more);
/** As plugin_home_misfit, a manifest of an agent of that name and version without a library. The
 * folder's name may be NAME@VERSION. */
void plugin_home_agent(const struct plugin_home *home, const char *folder, const char *version,
                       const char *more);
/** Ends what was open, and opens the roots anew. */
void plugin_home_open(struct plugin_home *home);
/** Loads an agent. NULL: home->err says why. */
struct tdh_plugin *plugin_home_load(struct plugin_home *home, const char *name);
/** Checked: it is loaded. */
struct tdh_plugin *plugin_home_load_well(struct plugin_home *home, const char *name);
/** Checked: it is refused with this code and these words, in which "~" is the home folder. */
void plugin_home_load_badly(struct plugin_home *home, const char *name, enum td_code code,
                            const char *want);
/** The text with "~" for the folder, good until the next call. */
const char *plugin_home_shown(const struct plugin_home *home, const char *text);

#endif
