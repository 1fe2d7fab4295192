/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf_home: the fixture; what cannot be set up fails the test that asked for it.
 */
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
#include "conf_home.h"

int conf_home_setup(void **state)
{
    struct conf_home *home = calloc(1, sizeof(*home));

    snprintf(home->dir, sizeof(home->dir), "/tmp/tdev-conf-XXXXXX");
    assert_non_null(mkdtemp(home->dir));
    snprintf(home->home, sizeof(home->home), "HOME=%s", home->dir);
    home->env[0] = home->home;
    home->source.env = home->env;
    *state = home;
    return 0;
}

int conf_home_teardown(void **state)
{
    struct conf_home *home = *state;
    char command[96];
    int rc = 0;

    snprintf(command, sizeof(command), "rm -rf '%s'", home->dir);
    rc = system(command);
    tdh_conf_unref(home->conf);
    free(home);
    return rc;
}

const char *conf_home_write(const struct conf_home *home, const char *name, const char *text)
{
    static char path[256];
    struct td_err err;
    char *slash = NULL;

    snprintf(path, sizeof(path), "%s/%s", home->dir, name);
    slash = strrchr(path, '/');
    *slash = '\0';
    assert_int_equal(tdh_file_mkdirs(path, 0755, &err), 0);
    *slash = '/';
    assert_int_equal(tdh_file_write(path, text, strlen(text), 0644, &err), 0);
    return path;
}

void conf_home_set(struct conf_home *home, char *variable)
{
    size_t i = 1;

    while (home->env[i] != NULL)
        i++;
    assert_true(i <= CONF_HOME_ENV);
    home->env[i] = variable;
}

int conf_home_read(struct conf_home *home)
{
    tdh_conf_unref(home->conf);
    home->conf = NULL;
    return tdh_conf_read(&home->source, &home->conf, &home->err);
}

void conf_home_read_well(struct conf_home *home)
{
    if (conf_home_read(home) != 0)
        fail_msg("%s", home->err.text);
}

const char *conf_home_path(const struct conf_home *home, const char *name)
{
    static char path[256];

    snprintf(path, sizeof(path), "%s/%s", home->dir, name);
    return path;
}

const char *conf_home_shown(const struct conf_home *home, const char *text)
{
    static char shown[1024];
    size_t length = strlen(home->dir), used = 0;

    while (*text != '\0' && used + 2 < sizeof(shown)) {
        bool is_home = strncmp(text, home->dir, length) == 0;

        shown[used++] = is_home ? '~' : *text;
        text += is_home ? length : 1;
    }
    shown[used] = '\0';
    return shown;
}
