/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files: what triggers know of files: a state (time, size, number) by name, in memory and in the
 * store. A difference is a change; which way it was noticed does not matter, so each counts once,
 * and also when it happened while nobody looked.
 */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "flow/clerk.h"

enum { STATE_ROOM = 80 };
#define SETTLED_US 2000000 /* a file that nobody says is closed was not written for so long */

/* False: there is no such file. */
static bool read_state(const char *path, char state[static STATE_ROOM], int64_t *ret_changed_us)
{
    struct stat status;

    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    snprintf(state, STATE_ROOM, "%lld.%09ld %lld %llu", (long long)status.st_mtim.tv_sec,
             status.st_mtim.tv_nsec, (long long)status.st_size, (unsigned long long)status.st_ino);
    *ret_changed_us = (int64_t)status.st_mtim.tv_sec * 1000000 + status.st_mtim.tv_nsec / 1000;
    return true;
}

/* In memory, and with this commit in the store. state NULL: it is gone. */
static void note_state(struct tdh_clerk *clerk, struct tdh_seat *seat, const char *name,
                       const char *state)
{
    char key[TDH_SEAT_KEY + NAME_MAX + 2];
    void *old = NULL;
    char *copy;

    snprintf(key, sizeof(key), "%s/%s", seat->key, name);
    if (state == NULL) {
        free(tdh_map_remove(&seat->files, name));
        tdh_batch_delete(&clerk->batch, TDH_WATCHED_SPACE, key);
        return;
    }
    copy = strdup(state);
    if (copy == NULL || tdh_map_set(&seat->files, name, copy, &old) != 0) {
        free(copy);
        clerk->batch.has_failed = true;
        return;
    }
    free(old);
    tdh_batch_put(&clerk->batch, TDH_WATCHED_SPACE, key, json_pack("{s:s}", "state", state),
                  TD_VERSION_ANY, 0);
}

static void tell_change(struct tdh_clerk *clerk, struct tdh_seat *seat, const char *path,
                        const char *name, unsigned change, int64_t now_us)
{
    const char *word = change == FILE_CREATED   ? "created"
                       : change == FILE_CHANGED ? "changed"
                                                : "removed";
    char event_name[32];
    json_t *event;

    if ((seat->trigger->on & change) == 0 || !seat->tally.is_listed)
        return;
    snprintf(event_name, sizeof(event_name), "file.%s", word);
    event =
        tdh_event_json(event_name, "file", now_us,
                       json_pack("{s:s, s:s, s:s}", "path", path, "name", name, "change", word));
    if (event != NULL)
        tdh_seat_react(clerk, seat, event, now_us);
    else
        clerk->batch.has_failed = true;
    json_decref(event);
}

/* is_closed: somebody says that it is whole. */
static void look_at_file(struct tdh_clerk *clerk, struct tdh_seat *seat, const char *name,
                         bool is_closed, int64_t now_us)
{
    const char *known = tdh_map_get(&seat->files, name);
    char path[PATH_MAX], state[STATE_ROOM];
    int64_t changed_us = 0;
    bool is_there;

    if (snprintf(path, sizeof(path), "%s/%s", seat->trigger->folder, name) >= (int)sizeof(path))
        return;
    is_there = read_state(path, state, &changed_us);
    if (is_there ? known != NULL && strcmp(known, state) == 0 : known == NULL)
        return;
    if (is_there && !is_closed && seat->tally.is_listed && changed_us > now_us - SETTLED_US &&
        changed_us <= now_us) {
        clerk->rescan_us = now_us + SETTLED_US;
        return;
    }
    if (known == NULL && seat->files.count >= TDH_SEAT_FILES) {
        tdh_tally_refuse(&seat->tally, now_us, "there are more files than a trigger keeps in mind");
        seat->is_dirty = true;
        return;
    }
    tell_change(clerk, seat, path, name,
                !is_there       ? FILE_REMOVED
                : known == NULL ? FILE_CREATED
                                : FILE_CHANGED,
                now_us);
    note_state(clerk, seat, name, is_there ? state : NULL);
}

static bool is_wanted(const struct tdh_seat *seat, const char *name)
{
    json_t *text = NULL;
    bool is_fit = fnmatch(seat->trigger->pattern, name, FNM_PERIOD) == 0 &&
                  (text = json_string(name)) != NULL; /* UTF-8, as names in the store are */

    json_decref(text);
    return is_fit;
}

void tdh_files_changed(struct tdh_clerk *clerk, int wd, const char *name, int64_t now_us)
{
    for (struct tdh_seat *seat = clerk->seats; seat != NULL; seat = seat->next) {
        if (seat->trigger->kind != TRIGGER_FILE || (wd >= 0 && seat->wd != wd))
            continue;
        if (name[0] == '\0' || seat->is_due_scan || !seat->tally.is_listed)
            seat->is_due_scan = true;
        else if (is_wanted(seat, name))
            look_at_file(clerk, seat, name, true, now_us);
    }
}

/* --- the folder as a whole --- */

/* Names of files that are known. new; NULL: no memory. */
static json_t *known_names(const struct tdh_seat *seat)
{
    json_t *names = json_array();
    const struct tdh_map_slot *slot;
    size_t at = 0;

    while (names != NULL && (slot = tdh_map_next(&seat->files, &at)) != NULL)
        json_array_append_new(names, json_string(slot->key));
    return names;
}

static void look_for_gone(struct tdh_clerk *clerk, struct tdh_seat *seat, int64_t now_us)
{
    json_t *names = known_names(seat), *name;
    size_t i;

    json_array_foreach (names, i, name)
        look_at_file(clerk, seat, json_string_value(name), false, now_us);
    json_decref(names);
}

static void scan_folder(struct tdh_clerk *clerk, struct tdh_seat *seat, int64_t now_us)
{
    DIR *dir = opendir(seat->trigger->folder);
    const struct dirent *file;
    struct td_err err;

    if (dir == NULL && errno != ENOENT) {
        td_fail_sys(&err, "could not read folder \"%.300s\"", seat->trigger->folder);
        tdh_tally_refuse(&seat->tally, now_us, err.text);
        seat->is_dirty = true;
        return;
    }
    look_for_gone(clerk, seat, now_us);
    while (dir != NULL && (file = readdir(dir)) != NULL)
        if (is_wanted(seat, file->d_name))
            look_at_file(clerk, seat, file->d_name, false, now_us);
    if (dir != NULL)
        closedir(dir);
    seat->is_dirty = seat->is_dirty || !seat->tally.is_listed;
    seat->tally.is_listed = true;
}

void tdh_files_scan(struct tdh_clerk *clerk, int64_t now_us)
{
    if (clerk->rescan_us != 0 && clerk->rescan_us <= now_us) {
        clerk->rescan_us = 0;
        tdh_files_changed(clerk, -1, "", now_us);
    }
    for (struct tdh_seat *seat = clerk->seats; seat != NULL; seat = seat->next)
        if (seat->is_due_scan) {
            seat->is_due_scan = false;
            scan_folder(clerk, seat, now_us);
        }
}

void tdh_files_watch(struct tdh_clerk *clerk)
{
    for (struct tdh_seat *seat = clerk->seats; seat != NULL; seat = seat->next) {
        struct td_err err;
        int before = seat->wd;

        if (seat->trigger->kind != TRIGGER_FILE)
            continue;
        if (tdh_watch_want(clerk->watch, seat->trigger->folder, &seat->wd, &err) != 0 &&
            err.code != TD_E_NOTFOUND)
            tdh_log_err(TDH_LOG_WARNING, "triggers", &err);
        if (seat->wd != before)
            seat->is_due_scan = true; /* something may have happened before it was watched */
    }
}
