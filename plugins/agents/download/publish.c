/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish: brings a packed folder to its place in one step.
 *
 * The mark in the folder tells how far an earlier attempt came: as long as it is in `from`, nothing
 * has happened; once it is in `to`, the step was taken, and only cleaning up is left; without any
 * mark, all is done. So the mark goes last.
 *
 * Until the step is taken, a failure is for good: what was to be brought is removed, so that
 * nothing half-written stays beside its place, and there is nothing left to try again with.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk.h"
#include "kit/file.h"
#include "kit/json.h"
#include "kit/sha256.h"
#include "own.h"
#include "pack.h"
#include "tree.h"

#define SUMS_BYTES (1U << 20)

enum target { TARGET_ABSENT, TARGET_EMPTY, TARGET_FULL };

struct publishing {
    struct td_ctx *ctx;
    const char *from, *to, *sums; /* sums NULL: any finished project */
    bool is_forced, has_replaced;
    struct td_err *err;
};

static bool is_wanted(const struct publishing *publishing, const char *sums)
{
    return sums[0] != '\0' && (publishing->sums == NULL || strcmp(publishing->sums, sums) == 0);
}

/* Is this folder, without a mark, the finished project? */
static bool is_published(const struct publishing *publishing)
{
    char *path = kit_path_join(publishing->to, PACK_SUMS, publishing->err);
    char hash[KIT_SHA256_TEXT] = "";
    size_t length = 0;
    char *sums = path != NULL ? kit_file_read(path, SUMS_BYTES, &length, publishing->err) : NULL;

    if (sums == NULL || kit_sha256(sums, length, hash) != 0)
        hash[0] = '\0';
    free(sums);
    free(path);
    return is_wanted(publishing, hash);
}

static bool is_home(const char *path)
{
    const char *home = getenv("HOME");
    struct stat a, b;

    return home != NULL && stat(path, &a) == 0 && stat(home, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

static int inspect(const struct publishing *publishing, enum target *ret_target)
{
    const char *to = publishing->to;
    const struct dirent *entry;
    struct stat st;
    DIR *dir;

    *ret_target = TARGET_ABSENT;
    if (lstat(to, &st) != 0)
        return errno == ENOENT ? 0 : disk_fail(publishing->err, "look at", to);
    if (!S_ISDIR(st.st_mode))
        return td_fail(publishing->err, TD_E_EXISTS,
                       "could not publish to \"%s\": it is there and is no folder", to);
    if (is_home(to))
        return td_fail(publishing->err, TD_E_PERM,
                       "cannot publish to \"%s\": it is the home folder", to);
    dir = opendir(to);
    if (dir == NULL)
        return disk_fail(publishing->err, "look into", to);
    *ret_target = TARGET_EMPTY;
    while (*ret_target == TARGET_EMPTY && (entry = readdir(dir)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            *ret_target = TARGET_FULL;
    closedir(dir);
    return 0;
}

static int fail_move(const struct publishing *publishing)
{
    td_fail_sys(publishing->err, "could not bring \"%s\" to \"%s\"", publishing->from,
                publishing->to);
    return disk_judge(publishing->err);
}

/* A file system without the exchange: for a moment there is no folder in its place. */
static int swap_slowly(const struct publishing *publishing)
{
    char *aside = NULL;
    int rc = 0;

    if (asprintf(&aside, "%s.old", publishing->from) < 0)
        return td_fail(publishing->err, TD_E_NOMEM, "could not allocate a path beside \"%s\"",
                       publishing->from);
    if (tree_remove(aside, publishing->err) != 0)
        rc = -1;
    else if (rename(publishing->to, aside) != 0)
        rc = fail_move(publishing);
    else if (rename(publishing->from, publishing->to) != 0) {
        rc = fail_move(publishing);
        rename(aside, publishing->to);
    } else if (rename(aside, publishing->from) != 0)
        td_log(publishing->ctx, TD_WARNING, "the replaced folder stays behind as \"%s\"", aside);
    free(aside);
    return rc;
}

/* What no build has left is somebody's work: it is not thrown away, with or without force. */
static int check_own(const struct publishing *publishing)
{
    char *foreign = NULL;

    if (own_check(publishing->to, &foreign, publishing->err) != 0)
        return -1;
    if (foreign == NULL)
        return 0;
    td_fail(publishing->err, TD_E_EXISTS,
            "could not replace \"%s\": \"%s\" in it is not from a tdev build", publishing->to,
            foreign);
    free(foreign);
    return td_hint(publishing->err,
                   "move it elsewhere, or choose another folder: --force replaces only what a "
                   "build has left");
}

static int swap(struct publishing *publishing)
{
    if (check_own(publishing) != 0)
        return -1;
    publishing->has_replaced = true;
    if (renameat2(AT_FDCWD, publishing->from, AT_FDCWD, publishing->to, RENAME_EXCHANGE) == 0)
        return 0;
    if (errno == EINVAL || errno == ENOSYS)
        return swap_slowly(publishing);
    return fail_move(publishing);
}

/* rename() itself takes the place of an empty folder, and of nothing else. */
static int move(const struct publishing *publishing, enum target target)
{
    int rc = -1;

    if (target == TARGET_ABSENT)
        rc = renameat2(AT_FDCWD, publishing->from, AT_FDCWD, publishing->to, RENAME_NOREPLACE);
    if (target == TARGET_EMPTY || (rc != 0 && (errno == EINVAL || errno == ENOSYS)))
        rc = rename(publishing->from, publishing->to);
    return rc == 0 ? 0 : fail_move(publishing);
}

static int bring(struct publishing *publishing)
{
    enum target target;

    if (inspect(publishing, &target) != 0)
        return -1;
    if (target != TARGET_FULL)
        return move(publishing, target);
    if (publishing->is_forced)
        return swap(publishing);
    td_fail(publishing->err, TD_E_EXISTS, "could not publish to \"%s\": the folder is not empty",
            publishing->to);
    return td_hint(publishing->err, "choose another folder, or replace this one with --force");
}

/* What is left after the step: the old folder, and the mark. An old folder that stays is no reason
 * to fail. */
static int clean_up(struct publishing *publishing)
{
    if (tree_sync_above(publishing->to, publishing->err) != 0)
        return -1;
    if (tree_remove(publishing->from, publishing->err) != 0)
        td_log(publishing->ctx, TD_WARNING, "the replaced folder stays behind: %s",
               publishing->err->text);
    return tree_unmark(publishing->to, publishing->err);
}

static int fail_source(const struct publishing *publishing, bool is_marked)
{
    return td_fail(publishing->err, TD_E_NOTFOUND, "could not publish \"%s\": %s", publishing->from,
                   is_marked ? "it was never finished, or is not the project that was packed"
                             : "it is not a packed project");
}

/* The mark says "never finished" first: should this be cut off, the rest is not taken for whole. */
static void discard(const struct publishing *publishing)
{
    struct td_err ignored; /* the failure that led here is the one to tell */
    char *mark = kit_path_join(publishing->from, TREE_MARK, &ignored);

    int fd = mark != NULL ? open(mark, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW) : -1;

    if (fd >= 0)
        close(fd);
    tree_remove(publishing->from, &ignored);
    free(mark);
}

static int give_up(const struct publishing *publishing)
{
    discard(publishing);
    publishing->err->is_retryable = false;
    if (publishing->err->hint[0] == '\0')
        td_hint(publishing->err, "build again, or choose another folder");
    return -1;
}

static int publish_folder(struct publishing *publishing)
{
    char from_mark[KIT_SHA256_TEXT] = "";
    char to_mark[KIT_SHA256_TEXT] = "";
    bool is_marked = tree_mark(publishing->from, from_mark, sizeof(from_mark));

    if (!is_marked && tree_mark(publishing->to, to_mark, sizeof(to_mark)) &&
        is_wanted(publishing, to_mark))
        return clean_up(publishing);
    if (!is_marked && access(publishing->from, F_OK) != 0 && is_published(publishing))
        return 0;
    if (!is_wanted(publishing, from_mark)) {
        fail_source(publishing, is_marked);
        return is_marked && from_mark[0] == '\0' ? give_up(publishing) : -1;
    }
    return bring(publishing) == 0 ? clean_up(publishing) : give_up(publishing);
}

int publish(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    struct publishing publishing = {
        .ctx = ctx,
        .from = kit_str(input, "from", ""),
        .to = kit_str(input, "to", ""),
        .sums = kit_str(input, "sums", NULL),
        .is_forced = json_is_true(json_object_get(input, "force")),
        .err = err,
    };

    if (publishing.from[0] == '\0' || publishing.to[0] == '\0')
        return td_fail(err, TD_E_INVAL, "\"from\" and \"to\" must be paths of folders");
    if (publish_folder(&publishing) != 0)
        return -1;
    *ret_output =
        json_pack("{s:s, s:b}", "dir", publishing.to, "replaced", publishing.has_replaced);
    return *ret_output != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the reply");
}
