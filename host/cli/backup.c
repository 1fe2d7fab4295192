/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup: writes all that the store holds to a file, while it is in use. The file gets its name
 * when it is whole, was read again and is on the disk.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "cli/cli.h"
#include "cli/room.h"

struct backup {
    char target[PATH_MAX];
    bool may_replace;
    long long bytes;
};

static bool is_there(const char *path)
{
    struct stat found;

    return lstat(path, &found) == 0;
}

/* A folder gets a file named by the time. */
static int choose_target(struct backup *backup, const char *word, struct td_err *err)
{
    struct stat found;
    int length;

    if (stat(word, &found) == 0 && S_ISDIR(found.st_mode)) {
        char when[40];

        length = snprintf(backup->target, PATH_MAX, "%s/store-%s.db", word, tdh_room_now(when));
    } else {
        length = snprintf(backup->target, PATH_MAX, "%s", word);
    }
    return length < PATH_MAX ? 0
                             : td_fail(err, TD_E_LIMIT, "the path \"%.100s...\" is too long", word);
}

static int check_target(const struct backup *backup, const struct tdh_host *host,
                        struct td_err *err)
{
    struct stat store, target;

    if (!is_there(backup->target))
        return 0;
    if (stat(tdh_conf_str(host->conf, TDH_CONF_STORE_PATH), &store) == 0 &&
        stat(backup->target, &target) == 0 && store.st_dev == target.st_dev &&
        store.st_ino == target.st_ino)
        return td_fail(err, TD_E_INVAL, "\"%s\" is the store itself", backup->target);
    if (backup->may_replace)
        return 0;
    td_fail(err, TD_E_EXISTS, "\"%s\" is there already", backup->target);
    return td_hint(err, "name another file or a folder, or replace it with --force");
}

static int give_name(struct backup *backup, const struct tdh_room *room,
                     const struct tdh_host *host, struct td_err *err)
{
    struct stat found;

    if (stat(room->file, &found) != 0)
        return td_fail_sys(err, "could not look at \"%s\"", room->file);
    if (check_target(backup, host, err) != 0)
        return -1;
    if (rename(room->file, backup->target) != 0)
        return td_fail_sys(err, "could not give the backup its name, \"%s\"", backup->target);
    backup->bytes = (long long)found.st_size;
    return tdh_file_sync_folder(backup->target, err);
}

static int write_backup(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct backup *backup = arg;
    struct tdh_room room;
    int rc;

    if (check_target(backup, host, err) != 0 ||
        tdh_room_open(&room, backup->target, ".part", err) != 0)
        return -1;
    rc = tdh_store_backup(host->store, room.file, err);
    if (rc == 0)
        rc = give_name(backup, &room, host, err);
    tdh_room_close(&room);
    return rc;
}

int tdh_verb_store_backup(const struct tdh_args *args)
{
    struct backup backup = { .may_replace = tdh_args_has(args, "force") };
    struct td_err err;

    if (choose_target(&backup, args->words[0], &err) != 0 ||
        tdh_cli_host_run(args, TDH_HOST_WHOLE, write_backup, &backup, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(
            json_pack("{s:s, s:I}", "file", backup.target, "bytes", (json_int_t)backup.bytes));
    printf("backed up to \"%s\", %lld bytes\n", backup.target, backup.bytes);
    return TDH_EXIT_DONE;
}
