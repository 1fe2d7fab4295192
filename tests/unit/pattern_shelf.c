/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern_shelf.h"
#include "plugin/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <sys/stat.h>

struct tdh_manifest *pattern_shelf_parse(const char *name, const char *line, struct td_err *err)
{
    char text[4096], folder[128];

    snprintf(text, sizeof(text),
             "apiVersion: tdev/v1\nkind: pattern\nname: %s\nversion: 1.0.0\nlibrary: x.so\n"
             "sdk: '1'\n%s\n",
             name, line);
    snprintf(folder, sizeof(folder), "/plugins/%s", name);
    return tdh_manifest_parse(text, strlen(text), folder, err);
}

int pattern_shelf_open(void **state)
{
    static struct pattern_shelf shelf;
    DIR *dir = opendir(TEST_SRCDIR "/plugins/patterns");
    struct dirent *entry;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL && shelf.count < PATTERN_SHELF_MAX) {
        struct td_err err = { 0 };
        char path[512];
        struct stat status;

        snprintf(path, sizeof(path), TEST_SRCDIR "/plugins/patterns/%s/plugin.yaml", entry->d_name);
        if (entry->d_name[0] == '.' || stat(path, &status) != 0)
            continue;
        *strrchr(path, '/') = '\0';
        shelf.patterns[shelf.count] = tdh_manifest_read(path, &err);
        if (shelf.patterns[shelf.count++] == NULL)
            print_error("%s\n", err.text);
        assert_non_null(shelf.patterns[shelf.count - 1]);
    }
    closedir(dir);
    *state = &shelf;
    return 0;
}

void pattern_shelf_clear(struct pattern_shelf *shelf)
{
    while (shelf->count > 0)
        tdh_manifest_free((struct tdh_manifest *)(uintptr_t)shelf->patterns[--shelf->count]);
}

int pattern_shelf_close(void **state)
{
    pattern_shelf_clear(*state);
    return 0;
}

const struct tdh_manifest *pattern_shelf_find(const struct pattern_shelf *shelf, const char *name)
{
    for (size_t i = 0; i < shelf->count; i++)
        if (strcmp(shelf->patterns[i]->name, name) == 0)
            return shelf->patterns[i];
    return NULL;
}
