/* SPDX-License-Identifier: Apache-2.0 */
/*
 * part: finds what an installation brought besides the program, and the folders of plugins.
 *
 * The paths fixed when tdev was configured hold for a program that stands where it was meant to.
 * One that was moved with its whole prefix (a staged package, a copy in a home folder) finds the
 * same parts from where it stands now, and one that was only built finds them in its build folder.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/internal.h"

/* Fixed by configure; these are its own defaults. */
#ifndef TDH_BIN_DIR
#define TDH_BIN_DIR "/usr/local/bin"
#endif
#ifndef TDH_DATA_DIR
#define TDH_DATA_DIR "/usr/local/share/tdev"
#endif
#ifndef TDH_CONF_DIR
#define TDH_CONF_DIR "/usr/local/etc/tdev"
#endif
#ifndef TDH_PLUGIN_DIR
#define TDH_PLUGIN_DIR "/usr/local/lib/tdev/plugins"
#endif

#ifndef TDH_LIBEXEC_DIR
#define TDH_LIBEXEC_DIR "/usr/local/libexec/tdev"
#endif

static const struct {
    const char *installed; /* absolute */
    const char *built;     /* in a build folder, beside the program */
} parts[] = {
    [TDH_PART_DATA] = { TDH_DATA_DIR, "data-tree" },
    [TDH_PART_PLUGINS] = { TDH_PLUGIN_DIR, "plugins-tree" },
    [TDH_PART_CONF] = { TDH_CONF_DIR, "data-tree" },
    [TDH_PART_PROGRAMS] = { TDH_LIBEXEC_DIR, "." },
};

static bool is_folder(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* How many bytes two paths share, up to and with a slash. */
static size_t shared_folders(const char *path, const char *other)
{
    size_t shared = 0;

    for (size_t i = 0; path[i] != '\0' && path[i] == other[i]; i++)
        if (path[i] == '/')
            shared = i + 1;
    return shared;
}

/* Where `installed` stands when the programs' folder TDH_BIN_DIR is now program_dir; NULL when it
 * does not end alike. */
static char *moved(const char *installed, const char *program_dir)
{
    size_t shared = shared_folders(TDH_BIN_DIR, installed);
    const char *own = &TDH_BIN_DIR[shared]; /* "bin" */
    size_t own_length = strlen(own), length = strlen(program_dir);
    char *path = NULL;

    if (length <= own_length || strcmp(program_dir + length - own_length, own) != 0 ||
        program_dir[length - own_length - 1] != '/')
        return NULL;
    if (asprintf(&path, "%.*s%s", (int)(length - own_length), program_dir, installed + shared) < 0)
        return NULL;
    return path;
}

static char *beside(const char *program_dir, const char *name)
{
    char *path = NULL;

    return asprintf(&path, "%s/%s", program_dir, name) < 0 ? NULL : path;
}

char *tdh_part_find_from(enum tdh_part part, const char *program_dir)
{
    char *path = NULL;

    if (strcmp(program_dir, TDH_BIN_DIR) != 0) {
        path = moved(parts[part].installed, program_dir);
        if (path == NULL)
            path = beside(program_dir, parts[part].built);
        if (path != NULL && is_folder(path))
            return path;
        free(path);
    }
    return strdup(parts[part].installed);
}

char *tdh_part_find(enum tdh_part part)
{
    char program[4096];
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    char *slash = NULL;

    if (length > 0) {
        program[length] = '\0';
        slash = strrchr(program, '/');
    }
    if (slash == NULL)
        return strdup(parts[part].installed);
    *slash = '\0';
    return tdh_part_find_from(part, program);
}

/* A list of folders on its way; `failed` is looked at in the end. */
struct folders {
    struct tdh_arena arena;
    const char **paths;
    size_t count, most;
    bool failed;
};

static void add_folder(struct folders *folders, const char *path, size_t length)
{
    char *copy = NULL;

    if (length == 0 || folders->failed)
        return;
    copy = tdh_arena_copy(&folders->arena, path, length);
    folders->failed = copy == NULL || folders->count == folders->most;
    if (!folders->failed)
        folders->paths[folders->count++] = copy;
}

static void add_all(struct folders *folders, const struct tdh_conf *conf)
{
    const char *own = tdh_conf_env(conf, "XDG_DATA_HOME"), *home = tdh_conf_home(conf);
    const char *path = tdh_conf_env(conf, "TDEV_PLUGIN_PATH");
    const char *const *list = tdh_conf_list(conf, TDH_CONF_PLUGINS_PATHS);
    char *mine = NULL;

    for (size_t length = 0; path != NULL && *path != '\0'; path += length + (path[length] == ':')) {
        length = strcspn(path, ":");
        add_folder(folders, path, length);
    }
    for (size_t i = 0; list[i] != NULL; i++)
        add_folder(folders, list[i], strlen(list[i]));
    if (conf->source.is_daemon && !conf->source.is_personal)
        return;
    if (own != NULL && own[0] == '/')
        mine = tdh_arena_printf(&folders->arena, "%s/tdev/plugins", own);
    else if (home != NULL)
        mine = tdh_arena_printf(&folders->arena, "%s/.local/share/tdev/plugins", home);
    if (mine != NULL)
        add_folder(folders, mine, strlen(mine));
}

/* One block of memory: the array, then the texts. */
static char **pack(const struct folders *folders)
{
    size_t bytes = (folders->count + 1) * sizeof(char *);
    char **array = NULL;
    char *at = NULL;

    for (size_t i = 0; i < folders->count; i++)
        bytes += strlen(folders->paths[i]) + 1;
    array = malloc(bytes);
    if (array == NULL)
        return NULL;
    at = (char *)(array + folders->count + 1);
    for (size_t i = 0; i < folders->count; i++) {
        array[i] = at;
        at = stpcpy(at, folders->paths[i]) + 1;
    }
    array[folders->count] = NULL;
    return array;
}

static size_t count_most(const struct tdh_conf *conf)
{
    const char *path = tdh_conf_env(conf, "TDEV_PLUGIN_PATH");
    const char *const *list = tdh_conf_list(conf, TDH_CONF_PLUGINS_PATHS);
    size_t most = 3; /* the first of the variable, the user's, the installation's */

    for (; path != NULL && *path != '\0'; path++)
        most += *path == ':';
    for (size_t i = 0; list[i] != NULL; i++)
        most++;
    return most;
}

char **tdh_conf_plugin_folders(const struct tdh_conf *conf, size_t *ret_bundled)
{
    struct folders folders = { .most = count_most(conf) };
    char *bundled = tdh_part_find(TDH_PART_PLUGINS);
    char **array = NULL;

    folders.paths = tdh_arena_alloc(&folders.arena, folders.most * sizeof(*folders.paths));
    folders.failed = bundled == NULL || folders.paths == NULL;
    add_all(&folders, conf);
    if (bundled != NULL)
        add_folder(&folders, bundled, strlen(bundled));
    if (!folders.failed)
        array = pack(&folders);
    if (array != NULL)
        *ret_bundled = folders.count - 1;
    free(bundled);
    tdh_arena_free(&folders.arena);
    return array;
}
