/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hotplug: folders of plugins and of agents are watched while tdevd runs, and what changes in them
 * is taken over. Where they cannot be watched, they are looked at every second.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/watch.h"
#include "main/main.h"

/* CALM_MS: between two looks, also where things change all the time: of a folder that is not there
 * the one above is watched, which may be /tmp. */
enum { POLL_MS = 1000, CALM_MS = 50, PLACES_MAX = 8192 };

struct hotplug {
    struct tdh_host *host;
    struct tdh_watch *watch; /* NULL: they cannot be watched */
    unsigned places;
    bool is_blind; /* some folder could not be watched */
};

/* --- which folders --- */

/* In the place of one that is not there yet that which it would be in is watched. */
static void want(struct hotplug *hotplug, const char *path)
{
    char place[PATH_MAX];
    struct td_err err = { 0 };
    int number, rc = -1;

    if (snprintf(place, sizeof(place), "%s", path) >= PATH_MAX || ++hotplug->places > PLACES_MAX)
        return;
    while (rc != 0 && place[0] != '\0') {
        char *slash = strrchr(place, '/');

        rc = tdh_watch_want(hotplug->watch, place, &number, &err);
        if (slash == NULL || err.code != TD_E_NOTFOUND)
            break;
        *slash = '\0';
    }
    if (rc == 0 || err.code == TD_E_NOTFOUND || hotplug->is_blind)
        return;
    tdh_log_err(TDH_LOG_WARNING, "hotplug", &err);
    hotplug->is_blind = true;
}

/* The folder, and those within, `depth` levels of them. */
static void want_tree(struct hotplug *hotplug, const char *path, unsigned depth)
{
    DIR *dir = depth > 0 ? opendir(path) : NULL;
    const struct dirent *file;

    want(hotplug, path);
    while (dir != NULL && (file = readdir(dir)) != NULL) {
        char below[PATH_MAX];

        if (file->d_name[0] != '.' && file->d_type != DT_REG &&
            snprintf(below, sizeof(below), "%s/%s", path, file->d_name) < PATH_MAX)
            want_tree(hotplug, below, depth - 1);
    }
    if (dir != NULL)
        closedir(dir);
}

/* ROOT/NAME and ROOT/agents/NAME; files of agents, and of rollouts. */
static void want_all(struct hotplug *hotplug)
{
    char bell[PATH_MAX];

    hotplug->places = 0;
    tdh_watch_begin(hotplug->watch);
    for (char *const *root = hotplug->host->plugin_folders; *root != NULL; root++)
        want_tree(hotplug, *root, 2);
    for (char *const *folder = hotplug->host->agent_folders; *folder != NULL; folder++)
        want(hotplug, *folder);
    want(hotplug, hotplug->host->rollout_dir);
    tdh_host_bell(hotplug->host, bell);
    want(hotplug, bell);
    tdh_watch_end(hotplug->watch);
}

/* --- what is to be done --- */

/* Returns when to look again, in ms; 0: when something changes. */
static unsigned look(struct tdh_host *host)
{
    struct tdh_exchanged exchanged;
    struct td_err err;
    unsigned left, next_ms;

    tdh_rollouts_heed(host->rollouts);
    tdh_plugins_exchange(host->plugins, tdh_rollouts_exchange, host->rollouts, &exchanged);
    next_ms = tdh_rollouts_step(host->rollouts);
    if (tdh_agents_settings(host->agents, host->store, &err) != 0)
        tdh_log_err(TDH_LOG_WARNING, "hotplug", &err);
    tdh_agents_refresh(host->agents);
    left = tdh_agents_sweep(host->agents);
    left += tdh_plugins_sweep(host->plugins);
    if (exchanged.unsettled > 0)
        return TDH_LOOK_MS;
    if (left > 0 && (next_ms == 0 || next_ms > POLL_MS))
        next_ms = POLL_MS;
    return next_ms;
}

static void drain(struct tdh_watch *watch)
{
    const char *name;
    int number;

    while (tdh_watch_next(watch, &number, &name))
        ;
}

/* False: it was cancelled. */
static bool wait(const struct hotplug *hotplug, unsigned ms)
{
    uint64_t now_ns = tdh_clock_mono_ns();
    uint64_t until_ns = ms > 0 ? now_ns + ms * UINT64_C(1000000) : TDH_NEVER;

    if (tdh_co_wait(now_ns + CALM_MS * UINT64_C(1000000)) == TDH_WAIT_CANCELLED)
        return false;
    if (hotplug->watch == NULL || ms == TDH_LOOK_MS)
        return tdh_co_wait(until_ns) != TDH_WAIT_CANCELLED;
    return tdh_co_wait_readable(tdh_watch_fd(hotplug->watch), until_ns) != TDH_WAIT_CANCELLED;
}

void tdh_hotplug_work(struct tdh_host *host)
{
    struct hotplug hotplug = { .host = host };
    struct td_err err;
    unsigned ms = 0;

    hotplug.watch = tdh_watch_new(&err);
    if (hotplug.watch == NULL)
        tdh_log_err(TDH_LOG_WARNING, "hotplug", &err);
    tdh_rollouts_resume(host->rollouts);
    do {
        if (hotplug.watch != NULL) {
            drain(hotplug.watch);
            want_all(&hotplug);
        }
        ms = look(host);
        if (ms == 0 && (hotplug.watch == NULL || hotplug.is_blind))
            ms = POLL_MS;
    } while (wait(&hotplug, ms));
    tdh_watch_free(hotplug.watch);
    tdh_rollouts_rest(host->rollouts);
}
