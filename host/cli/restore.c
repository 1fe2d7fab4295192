/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore: puts a backup in the store's place, in one step, and keeps what was there.
 *
 * A copy of the backup is made ready beside the store: opened as a store (which brings an older one
 * up), read as a whole, its unfinished runs parked. Only then the backend puts it in the place of
 * the store, which nobody may have open.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "cli/cli.h"
#include "cli/room.h"

enum { COPY_BYTES = 1 << 20 };

struct restore {
    const struct tdh_args *args;
    const char *file; /* the backup */
    bool is_as_is;    /* nothing ran since */
    char aside[PATH_MAX];
    bool is_aside_there;
    uint32_t held; /* runs that were parked */
};

/* --- the copy --- */

static int copy_bytes(int from, int to, char *buffer)
{
    ssize_t got;

    while ((got = read(from, buffer, COPY_BYTES)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        for (ssize_t at = 0, done = 0; at<got; at += done> 0 ? done : 0) {
            done = write(to, buffer + at, (size_t)(got - at));
            if (done < 0 && errno != EINTR)
                return -1;
        }
    }
    return 0;
}

/* A store that is open has more files beside it; a backup has none. */
static int check_file(const struct restore *restore, struct td_err *err)
{
    struct stat found;
    char log[PATH_MAX];

    if (stat(restore->file, &found) != 0)
        return errno == ENOENT
                   ? td_fail(err, TD_E_NOTFOUND, "there is no backup \"%s\"", restore->file)
                   : td_fail_sys(err, "could not look at \"%s\"", restore->file);
    if (!S_ISREG(found.st_mode))
        return td_fail(err, TD_E_INVAL, "\"%s\" is no backup: it is no regular file",
                       restore->file);
    snprintf(log, sizeof(log), "%s-wal", restore->file);
    if (stat(log, &found) != 0 || found.st_size == 0)
        return 0;
    td_fail(err, TD_E_INVAL, "\"%s\" is no backup: beside it is \"%s\", as of a store that is open",
            restore->file, log);
    return td_hint(err, "make a backup of it: tdev store backup");
}

static int copy_file(const struct restore *restore, const char *to_path, struct td_err *err)
{
    int from = open(restore->file, O_RDONLY | O_CLOEXEC), to = -1, rc = -1;
    char *buffer = malloc(COPY_BYTES);

    if (from < 0)
        td_fail_sys(err, "could not open \"%s\"", restore->file);
    else if (buffer == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate %d bytes", COPY_BYTES);
    else if ((to = open(to_path, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC)) < 0 ||
             copy_bytes(from, to, buffer) != 0 || fsync(to) != 0)
        td_fail_sys(err, "could not copy \"%s\" to \"%s\"", restore->file, to_path);
    else
        rc = 0;
    free(buffer);
    if (to >= 0)
        close(to);
    if (from >= 0)
        close(from);
    return rc;
}

/* Makes it a store of this build, in order, whose runs wait. */
static int make_ready(struct restore *restore, struct tdh_host *host, const char *path,
                      struct td_err *err)
{
    struct tdh_store *store;
    struct stat found;
    int rc;

    if (stat(path, &found) == 0 && found.st_size == 0)
        return td_fail(err, TD_E_CORRUPT, "it is empty");
    if (restore->args->hosts->open_store(host, path, &store, err) != 0)
        return -1;
    rc = tdh_store_verify(store, err);
    if (rc == 0 && !restore->is_as_is)
        rc = tdh_runs_hold(store, &restore->held, err);
    tdh_store_close(store);
    return rc;
}

/* --- the step --- */

static int name_aside(struct restore *restore, const char *store, struct td_err *err)
{
    char when[40];

    if (snprintf(restore->aside, PATH_MAX, "%s.before-%s", store, tdh_room_now(when)) < PATH_MAX)
        return 0;
    return td_fail(err, TD_E_LIMIT, "the path \"%.100s...\" is too long", store);
}

static int restore_from(struct restore *restore, struct tdh_host *host, const char *image,
                        struct td_err *err)
{
    if (copy_file(restore, image, err) != 0)
        return -1;
    if (make_ready(restore, host, image, err) != 0) {
        if (err->code == TD_E_UNSUPPORTED)
            return -1;
        td_context(err, "backup \"%s\"", restore->file);
        return td_hint(err, "name a file that tdev store backup wrote, of this tdev or an older "
                            "one; the store is as it was");
    }
    return restore->args->hosts->restore_store(host, image, restore->aside, err);
}

static int restore_store(struct tdh_host *host, void *arg, struct td_err *err)
{
    const char *store = tdh_conf_str(host->conf, TDH_CONF_STORE_PATH);
    struct restore *restore = arg;
    struct tdh_room room;
    struct stat found;
    int rc;

    if (check_file(restore, err) != 0 || name_aside(restore, store, err) != 0 ||
        tdh_file_mkdirs(tdh_conf_str(host->conf, TDH_CONF_STATE_DIR), 0700, err) != 0 ||
        tdh_room_open(&room, store, ".restore", err) != 0)
        return -1;
    rc = restore_from(restore, host, room.file, err);
    tdh_room_close(&room);
    restore->is_aside_there = lstat(restore->aside, &found) == 0;
    if (rc != 0 && restore->is_aside_there)
        td_context(err, "what was there is kept in \"%s\"", restore->aside);
    return rc;
}

static void print(const struct restore *restore)
{
    printf("restored from \"%s\"\n", restore->file);
    if (restore->is_aside_there)
        printf("what was there is kept in \"%s\"\n", restore->aside);
    if (restore->held > 0)
        printf("%u runs were under way at the backup and are parked: tdev runs list --status "
               "parked\n",
               restore->held);
}

int tdh_verb_store_restore(const struct tdh_args *args)
{
    struct restore restore = { .args = args,
                               .file = args->words[0],
                               .is_as_is = tdh_args_has(args, "as-is") };
    struct td_err err;

    if (tdh_cli_host_run(args, TDH_HOST_BARE, restore_store, &restore, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(json_pack("{s:s, s:s?, s:i}", "file", restore.file, "aside",
                                       restore.is_aside_there ? restore.aside : NULL, "parked",
                                       (int)restore.held));
    print(&restore);
    return TDH_EXIT_DONE;
}
