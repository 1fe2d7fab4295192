/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf_home: a fixture for tests of conf: a home folder of their own, and the environment of who
 * lives there.
 */
#ifndef TDEV_TESTS_CONF_HOME_H
#define TDEV_TESTS_CONF_HOME_H

#include <tdev/err.h>

#include "conf/conf.h"

#define CONF_HOME_ENV 8

/* Made and ended around each test by CONF_HOME_TEST. */
struct conf_home {
    char dir[64];
    char home[80];                 /* "HOME=" and dir */
    char *env[CONF_HOME_ENV + 2];  /* env[0] is `home` */
    struct tdh_conf_source source; /* reads `env`; a test fills in the rest */
    struct tdh_conf *conf;
    struct td_err err;
};

int conf_home_setup(void **state);
int conf_home_teardown(void **state);
#define CONF_HOME_TEST(test)                                                                       \
    cmocka_unit_test_setup_teardown(test, conf_home_setup, conf_home_teardown)

/** Writes HOME/NAME with its folders. Returns its path, good until the next call. */
const char *conf_home_write(const struct conf_home *home, const char *name, const char *text);
/** HOME/NAME, good until the next call. */
const char *conf_home_path(const struct conf_home *home, const char *name);
/** Adds "NAME=value", borrowed, to the environment. */
void conf_home_set(struct conf_home *home, char *variable);
/** Reads into `conf` and `err` what is there now. */
int conf_home_read(struct conf_home *home);
/** As conf_home_read; a failure fails the test. */
void conf_home_read_well(struct conf_home *home);
/** The text with "~" for the home folder, good until the next call. */
const char *conf_home_shown(const struct conf_home *home, const char *text);

#endif
