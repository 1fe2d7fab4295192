/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledgers: what all processes of a state folder tell of what they use.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "observe/observe.h"

/* The very process that wrote it: a number may come again, but not at the same time. */
static bool is_alive(const json_t *ledger, long pid)
{
    struct tdh_proc proc;

    return tdh_proc_read(pid, &proc) &&
           json_integer_value(json_object_get(ledger, "ticks")) == (json_int_t)proc.began_ticks;
}

/* What people may want of it, in the shape of observe.h; NULL: it is of another shape. new. */
static json_t *shape(const json_t *ledger)
{
    const json_t *used = json_object_get(ledger, "used");
    json_t *shaped;

    if (!json_is_array(json_object_get(used, "lines")) ||
        !json_is_array(json_object_get(used, "processes")) ||
        !json_is_array(json_object_get(used, "runs")))
        return NULL;
    shaped = json_pack(
        "{s:O, s:O, s:O, s:O, s:O, s:O, s:O}", "tdev", json_object_get(ledger, "tdev"), "program",
        json_object_get(ledger, "program"), "began_us", json_object_get(ledger, "began_us"),
        "at_us", json_object_get(ledger, "at_us"), "lines", json_object_get(used, "lines"),
        "processes", json_object_get(used, "processes"), "runs", json_object_get(used, "runs"));
    return shaped;
}

/* new; NULL: nobody's any more, then it is removed; or it makes no sense. */
static json_t *read_one(const char *folder, const char *name)
{
    char path[PATH_MAX], *end;
    long pid = strtol(name, &end, 10);
    struct td_err ignored;
    json_t *ledger, *shaped = NULL;

    if (!isdigit((unsigned char)name[0]) || (*end != '\0' && strcmp(end, ".new") != 0) ||
        snprintf(path, sizeof(path), "%s/%s", folder, name) >= PATH_MAX)
        return NULL;
    if (*end != '\0') { /* about to be renamed, or left behind */
        struct tdh_proc proc;

        if (!tdh_proc_read(pid, &proc))
            unlink(path);
        return NULL;
    }
    ledger = tdh_json_read(path, TDH_LEDGER_BYTES, &ignored);
    if (ledger != NULL && is_alive(ledger, pid))
        shaped = shape(ledger);
    else if (ledger != NULL)
        unlink(path);
    json_decref(ledger);
    return shaped;
}

json_t *tdh_ledgers_read(const char *state_dir, struct td_err *err)
{
    json_t *list = json_array(), *ledger;
    const struct dirent *file;
    char folder[PATH_MAX];
    DIR *dir;

    if (list == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the ledgers");
        return NULL;
    }
    snprintf(folder, sizeof(folder), "%s/ledger", state_dir);
    dir = opendir(folder);
    if (dir == NULL && errno != ENOENT) {
        td_fail_sys(err, "could not read the ledgers in \"%s\"", folder);
        json_decref(list);
        return NULL;
    }
    while (dir != NULL && (file = readdir(dir)) != NULL && json_array_size(list) < TDH_LEDGER_FILES)
        if ((ledger = read_one(folder, file->d_name)) != NULL)
            json_array_append_new(list, ledger);
    if (dir != NULL)
        closedir(dir);
    return list;
}
