/* SPDX-License-Identifier: Apache-2.0 */
/*
 * install: puts a plugin into the folder of plugins, in one step: it is copied aside, and then the
 * folders change places. What serves, and how the new one comes to, is then tdevd's.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli/left.h"
#include "cli/rollout.h"

enum { DEPTH_MAX = 16, FILES_MAX = 10000, CHECK_MS = 30000, CHUNK = 1 << 16 };

/* --- copying --- */

static int copy_bytes(int from, int to)
{
    char bytes[CHUNK];
    ssize_t got;

    while ((got = read(from, bytes, sizeof(bytes))) > 0)
        for (ssize_t at = 0; at < got;) {
            ssize_t put = write(to, bytes + at, (size_t)(got - at));

            if (put < 0)
                return -1;
            at += put;
        }
    return got == 0 ? fsync(to) : -1;
}

static int copy_file(const char *from, const char *to, mode_t mode, struct td_err *err)
{
    int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int out = in >= 0 ? open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 0755) : -1;
    int rc = out >= 0 ? copy_bytes(in, out) : -1;

    if (rc != 0)
        td_fail_sys(err, "could not copy \"%s\" to \"%s\"", from, to);
    if (in >= 0)
        close(in);
    if (out >= 0 && close(out) != 0 && rc == 0)
        rc = td_fail_sys(err, "could not write \"%s\"", to);
    return rc;
}

struct copying {
    unsigned depth, files;
    struct td_err *err;
};

static int copy_tree(struct copying *copying, const char *from, const char *to);

static int copy_entry(struct copying *copying, const char *from, const char *to, const char *name)
{
    char source[PATH_MAX], target[PATH_MAX];
    struct stat status;

    if (snprintf(source, sizeof(source), "%s/%s", from, name) >= PATH_MAX ||
        snprintf(target, sizeof(target), "%s/%s", to, name) >= PATH_MAX ||
        ++copying->files > FILES_MAX || copying->depth >= DEPTH_MAX)
        return td_fail(copying->err, TD_E_LIMIT,
                       "folder \"%s\" is too large for a plugin: at most %d files, %d deep", from,
                       FILES_MAX, DEPTH_MAX);
    if (lstat(source, &status) != 0)
        return td_fail_sys(copying->err, "could not look at \"%s\"", source);
    if (S_ISDIR(status.st_mode))
        return copy_tree(copying, source, target);
    if (S_ISREG(status.st_mode))
        return copy_file(source, target, status.st_mode, copying->err);
    return td_fail(copying->err, TD_E_INVAL, "\"%s\" is no plain file, and a plugin has no other",
                   source);
}

static int copy_tree(struct copying *copying, const char *from, const char *to)
{
    DIR *dir = opendir(from);
    const struct dirent *file;
    int rc = dir != NULL && mkdir(to, 0755) == 0 ? 0 : -1;

    if (rc != 0)
        td_fail_sys(copying->err, "could not copy folder \"%s\" to \"%s\"", from, to);
    copying->depth++;
    while (rc == 0 && (file = readdir(dir)) != NULL)
        if (file->d_name[0] != '.')
            rc = copy_entry(copying, from, to, file->d_name);
    copying->depth--;
    if (dir != NULL)
        closedir(dir);
    return rc;
}

static void remove_tree(const char *path, unsigned depth)
{
    DIR *dir = depth < DEPTH_MAX + 2 ? opendir(path) : NULL;
    const struct dirent *file;

    while (dir != NULL && (file = readdir(dir)) != NULL) {
        char below[PATH_MAX];

        if (strcmp(file->d_name, ".") == 0 || strcmp(file->d_name, "..") == 0 ||
            snprintf(below, sizeof(below), "%s/%s", path, file->d_name) >= PATH_MAX)
            continue;
        if (unlink(below) != 0 && errno == EISDIR)
            remove_tree(below, depth + 1);
    }
    if (dir != NULL)
        closedir(dir);
    rmdir(path);
}

/* The folders change places, or the new one takes one that is free. */
static int put(const char *aside, const char *target, struct td_err *err)
{
    if (renameat2(AT_FDCWD, aside, AT_FDCWD, target, RENAME_EXCHANGE) == 0 ||
        (errno == ENOENT && rename(aside, target) == 0))
        return 0;
    return td_fail_sys(err, "could not put the plugin to \"%s\"", target);
}

static int install(const char *from, const char *root, const char *name, struct td_err *err)
{
    struct copying copying = { .err = err };
    char aside[PATH_MAX], target[PATH_MAX];
    int rc;

    if (snprintf(aside, sizeof(aside), "%s/.%s.new", root, name) >= PATH_MAX ||
        snprintf(target, sizeof(target), "%s/%s", root, name) >= PATH_MAX)
        return td_fail(err, TD_E_LIMIT, "the path of folder \"%s\" is too long", root);
    remove_tree(aside, 0); /* of one that was cut off */
    rc = copy_tree(&copying, from, aside);
    if (rc == 0)
        rc = put(aside, target, err);
    remove_tree(aside, 0); /* what was there before, or half of what is new */
    return rc;
}

/* --- where to --- */

/* The folder of plugins that has one of that name, if it is none that came with tdev; else the
 * first that can be written to. */
static int find_root(struct tdh_host *host, const struct tdh_manifest *manifest,
                     char root[static PATH_MAX], struct td_err *err)
{
    struct td_err ignored;
    const struct tdh_plugin_entry *entry =
        tdh_plugins_find(host->plugins, manifest->kind, manifest->name, &ignored);

    if (entry != NULL && !entry->is_bundled) {
        snprintf(root, PATH_MAX, "%.*s",
                 (int)(strlen(entry->folder) - strlen(strrchr(entry->folder, '/'))), entry->folder);
        return 0;
    }
    for (char **folder = host->plugin_folders; *folder != NULL; folder++)
        if (access(*folder, W_OK) == 0) {
            snprintf(root, PATH_MAX, "%s", *folder);
            return 0;
        }
    td_fail(err, TD_E_PERM, "no folder of plugins can be written to");
    return td_hint(err, "name one with --to; \"tdev doctor\" shows which are looked at");
}

/* --- the plan --- */

static int add_share(json_t *shares, const char *text, size_t length, struct td_err *err)
{
    char number[32], *end;
    double share;

    snprintf(number, sizeof(number), "%.*s", (int)(length < 31 ? length : 31), text);
    share = strtod(number, &end);
    if (end == number || (*end != '%' && *end != '\0') || (*end == '%' && end[1] != '\0'))
        return td_fail(err, TD_E_INVAL, "--shares: \"%s\" is no share such as 10%% or 0.1", number);
    return json_array_append_new(shares, json_real(*end == '%' ? share / 100 : share));
}

static int read_shares(const char *text, json_t *plan, struct td_err *err)
{
    json_t *shares = json_array();

    json_object_set_new(plan, "shares", shares);
    while (text != NULL && *text != '\0') {
        size_t length = strcspn(text, ",");

        if (add_share(shares, text, length, err) != 0)
            return -1;
        text += length + (text[length] == ',' ? 1 : 0);
    }
    return 0;
}

/* Is what was given, if it was, one of those words? */
static int check_word(const struct tdh_args *args, const char *option, const char *const *words,
                      struct td_err *err)
{
    const char *word = tdh_args_value(args, option, NULL);
    char list[128] = "";

    for (size_t i = 0; word != NULL && words[i] != NULL; i++) {
        size_t length = strlen(list);

        if (strcmp(words[i], word) == 0)
            return 0;
        snprintf(list + length, sizeof(list) - length, "%s%s", i > 0 ? ", " : "", words[i]);
    }
    return word == NULL ? 0
                        : td_fail(err, TD_E_INVAL, "--%s: there is no \"%s\", it is one of %s",
                                  option, word, list);
}

/* new; an empty one when nothing was said: then the policies count. */
static json_t *read_plan(const struct tdh_args *args, struct td_err *err)
{
    static const char *const texts[] = { "strategy", "watch", "keep", "promote" };
    static const char *const ways[] = { "auto", "manual", NULL };
    const char *shares = tdh_args_value(args, "shares", NULL);
    uint32_t min_calls = UINT32_MAX;
    json_t *plan = json_object();
    int rc = check_word(args, "strategy", tdh_strategies, err);

    if (rc == 0)
        rc = check_word(args, "promote", ways, err);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (tdh_args_value(args, texts[i], NULL) != NULL)
            json_object_set_new(plan, texts[i], json_string(tdh_args_value(args, texts[i], "")));
    if (rc == 0 && shares != NULL)
        rc = read_shares(shares, plan, err);
    if (rc == 0)
        rc = tdh_args_count(args, "min-calls", 0, 1000000, &min_calls, err);
    if (min_calls != UINT32_MAX)
        json_object_set_new(plan, "min_calls", json_integer(min_calls));
    if (rc == 0)
        return plan;
    json_decref(plan);
    return NULL;
}

/* --- the verb --- */

struct deploying {
    const struct tdh_args *args;
    struct tdh_host *host;
    struct tdh_manifest *manifest;
    json_t *plan;
    char root[PATH_MAX];
};

static int plan_it(const struct deploying *deploying, const json_t *plan, struct td_err *err)
{
    char *dir;
    int rc;

    if (json_object_size(plan) == 0)
        return 0;
    if (deploying->manifest->kind != TD_KIND_AGENT) {
        td_fail(err, TD_E_UNSUPPORTED, "a %s serves at once: runs stay with the build they began",
                tdh_kind_name(deploying->manifest->kind));
        return td_hint(err, "leave out what was said of its rollout");
    }
    if (deploying->manifest->state_version > 0) {
        td_fail(err, TD_E_UNSUPPORTED,
                "plugin \"%s\" keeps a state, which two builds cannot share: it serves at once",
                deploying->manifest->name);
        return td_hint(err, "leave out what was said of its rollout");
    }
    dir = tdh_cli_rollouts(deploying->host);
    rc = dir != NULL ? tdh_rollouts_plan(dir, deploying->manifest->name,
                                         deploying->manifest->version_text, plan, err)
                     : td_fail(err, TD_E_NOMEM, "could not allocate a path");
    free(dir);
    return rc;
}

static int deploy(struct deploying *deploying, const char *folder, struct td_err *err)
{
    const char *to = tdh_args_value(deploying->args, "to", NULL);
    int rc = tdh_plugins_check_apart(deploying->host->plugins, folder, CHECK_MS, err);

    if (rc == 0) {
        deploying->manifest = tdh_manifest_read(folder, err);
        rc = deploying->manifest != NULL ? 0 : -1;
    }
    if (rc == 0 && to != NULL)
        snprintf(deploying->root, PATH_MAX, "%s", to);
    else if (rc == 0)
        rc = find_root(deploying->host, deploying->manifest, deploying->root, err);
    if (rc == 0)
        rc = plan_it(deploying, deploying->plan, err);
    return rc == 0 ? install(folder, deploying->root, deploying->manifest->name, err) : -1;
}

static int tell(const struct deploying *deploying)
{
    const struct tdh_manifest *manifest = deploying->manifest;
    bool is_served = tdh_left_to_daemon(deploying->host);

    if (deploying->args->is_json)
        return tdh_cli_print(json_pack("{s:s, s:s, s:s, s:b}", "plugin", manifest->name, "version",
                                       manifest->version_text, "folder", deploying->root, "served",
                                       (int)is_served));
    printf("%s %s is in %s/%s\n", manifest->name, manifest->version_text, deploying->root,
           manifest->name);
    puts(is_served ? "tdevd takes it over; \"tdev plugin status\" shows how it goes"
                   : "no tdevd is running: it serves from the next start on");
    return TDH_EXIT_DONE;
}

int tdh_verb_plugin_deploy(const struct tdh_args *args)
{
    struct deploying deploying = { .args = args };
    struct td_err err;
    char *folder;
    int rc = -1;

    deploying.plan = read_plan(args, &err);
    if (deploying.plan == NULL)
        return tdh_cli_usage(args, "%s", err.text);
    folder = realpath(args->words[0], NULL);
    if (folder == NULL)
        td_fail_sys(&err, "could not find folder \"%s\"", args->words[0]);
    else
        deploying.host = tdh_cli_host(args, &err);
    if (deploying.host != NULL)
        rc = deploy(&deploying, folder, &err);
    rc = rc == 0 ? tell(&deploying) : tdh_cli_fail(args, &err);
    tdh_manifest_free(deploying.manifest);
    if (deploying.host != NULL)
        args->hosts->free(deploying.host);
    json_decref(deploying.plan);
    free(folder);
    return rc;
}
