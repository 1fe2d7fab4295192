/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin_home: folders of plugins that are gone after the test.
 */
#include "plugin_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "plugin/internal.h"

static char places[6][96]; /* of the options; one test runs at a time */
static const char *roots[4], *inline_roots[2];

int plugin_home_setup(void **state)
{
    static const char *const names[] = { "user", "bundled", "inline", "private", "compat.yaml" };
    struct plugin_home *home = calloc(1, sizeof(*home));
    char *dir;

    assert_non_null(home);
    strcpy(home->dir, "/tmp/tdev-plugin-XXXXXX");
    assert_non_null(mkdtemp(home->dir));
    dir = realpath(home->dir, NULL);
    assert_non_null(dir);
    snprintf(home->dir, sizeof(home->dir), "%s", dir);
    free(dir);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(places[i], sizeof(places[i]), "%s/%s", home->dir, names[i]);
        if (i < 3)
            assert_int_equal(mkdir(places[i], 0755), 0);
    }
    roots[0] = places[0];
    roots[1] = home->options.bundled_root = places[1];
    roots[2] = inline_roots[0] = places[2];
    home->options.roots = roots;
    home->options.inline_roots = inline_roots;
    home->options.private_dir = places[3];
    home->options.compat_path = places[4];
    *state = home;
    return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
    (void)status, (void)type, (void)ftw;
    return remove(path);
}

int plugin_home_teardown(void **state)
{
    struct plugin_home *home = *state;

    tdh_plugins_free(home->plugins);
    nftw(home->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(home);
    return 0;
}

const char *plugin_home_path(const struct plugin_home *home, const char *name)
{
    static char paths[2][PATH_MAX];
    static unsigned turn;
    char *path = paths[turn++ % 2];

    snprintf(path, PATH_MAX, "%s/%s", home->dir, name);
    return path;
}

static void make_parents(const char *path)
{
    char folder[PATH_MAX];
    struct td_err err;

    snprintf(folder, sizeof(folder), "%s", path);
    *strrchr(folder, '/') = '\0';
    assert_int_equal(tdh_file_mkdirs(folder, 0755, &err), 0);
}

void plugin_home_write(const struct plugin_home *home, const char *name, const char *text)
{
    const char *path = plugin_home_path(home, name);
    FILE *file;

    make_parents(path);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

void plugin_home_library(const struct plugin_home *home, const char *library, const char *name)
{
    char from[PATH_MAX];
    const char *path = plugin_home_path(home, name);
    struct td_err err = { 0 };
    size_t length;
    char *bytes;

    snprintf(from, sizeof(from), "%s/%s.so", TEST_BUILDDIR "/tests/plugins/.libs", library);
    bytes = tdh_file_read(from, 64 << 20, &length, &err);
    assert_string_equal(err.text, "");
    make_parents(path);
    assert_int_equal(tdh_file_write(path, bytes, length, 0644, &err), 0);
    free(bytes);
}

void plugin_home_agent(const struct plugin_home *home, const char *folder, const char *version,
                       const char *more)
{
    const char *slash = strrchr(folder, '/');
    const char *name = slash != NULL ? slash + 1 : folder;
    int length = (int)strcspn(name, "@");
    char path[256], text[2048];

    snprintf(path, sizeof(path), "%s/plugin.yaml", folder);
    snprintf(text, sizeof(text),
             "apiVersion: tdev/v1\nkind: agent\nname: %.*s\nversion: %s\nlibrary: %.*s.so\n"
             "capabilities: [{name: echo}]\n%s\n%s\n",
             length, name, version, length, name,
             more == NULL || strstr(more, "sdk:") == NULL ? "sdk: \"^1.0\"" : "",
             more != NULL ? more : "");
    plugin_home_write(home, path, text);
}

void plugin_home_misfit(const struct plugin_home *home, const char *folder, const char *library,
                        const char *more)
{
    char name[128], path[256], text[1024];

    snprintf(text, sizeof(text), "%s\n%s",
             "options: [{name: limit, type: int, default: 8, min: 1, max: 99}]",
             more != NULL ? more : "");
    plugin_home_agent(home, folder, "1.0.0", text);
    snprintf(name, sizeof(name), "misfit_%s", library);
    snprintf(path, sizeof(path), "%s/%s.so", folder, strrchr(folder, '/') + 1);
    plugin_home_library(home, name, path);
}

void plugin_home_open(struct plugin_home *home)
{
    tdh_plugins_free(home->plugins);
    home->plugins = tdh_plugins_new(&home->options, &home->err);
    assert_string_equal(home->plugins != NULL ? "" : home->err.text, "");
    home->plugins->grace_ms = 0; /* tests borrow nothing over an exchange */
}

const char *plugin_home_shown(const struct plugin_home *home, const char *text)
{
    static char shown[2 * TD_ERR_TEXT];
    size_t length = strlen(home->dir), used = 0;

    while (*text != '\0') {
        bool is_home = strncmp(text, home->dir, length) == 0;

        shown[used++] = is_home ? '~' : *text;
        text += is_home ? length : 1;
    }
    shown[used] = '\0';
    return shown;
}

struct tdh_plugin *plugin_home_load(struct plugin_home *home, const char *name)
{
    home->err = (struct td_err){ 0 };
    return tdh_plugins_load(home->plugins, TD_KIND_AGENT, name, &home->err);
}

struct tdh_plugin *plugin_home_load_well(struct plugin_home *home, const char *name)
{
    struct tdh_plugin *plugin = plugin_home_load(home, name);

    assert_string_equal(home->err.text, "");
    assert_non_null(plugin);
    return plugin;
}

void plugin_home_load_badly(struct plugin_home *home, const char *name, enum td_code code,
                            const char *want)
{
    assert_null(plugin_home_load(home, name));
    assert_string_equal(plugin_home_shown(home, home->err.text), want);
    assert_int_equal(home->err.code, code);
}
