/* SPDX-License-Identifier: Apache-2.0 */
/*
 * daemon: what tdevd does: it goes on with runs that nobody owns, takes away what has ended and is
 * due, takes over plugins that change, and lets the clerk of triggers work, until it is told to
 * end.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/lock.h"
#include "base/log.h"
#include "main/main.h"

enum { CARE_MS = 5000, ORPHANS_MAX = 1000 };

/* One of the coroutines that work side by side with the one that waits for signals. */
struct helper {
    struct tdh_host *host;
    struct tdh_clerk *clerk;
    struct tdh_daemon *daemon;
    struct tdh_co *co, *waiting; /* waiting: for the end of all */
    unsigned *left;
};

int tdh_daemon_lock(const struct tdh_host *host, int *ret_fd, struct td_err *err)
{
    const char *folder = tdh_conf_str(host->conf, TDH_CONF_STATE_DIR);
    char *path;
    int rc;

    if (tdh_file_mkdirs(folder, 0700, err) != 0)
        return -1;
    if (asprintf(&path, "%s/" TDH_DAEMON_LOCK, folder) < 0)
        return td_fail(err, TD_E_NOMEM, "could not allocate a path");
    rc = tdh_lock_take(path, ret_fd, err);
    free(path);
    if (rc != 0 && err->code == TD_E_CONFLICT) {
        err->code = TD_E_UNAVAILABLE;
        td_context(err, "another tdevd has this state folder");
        td_hint(err, "one runs for a state folder: stop the other, or choose another state.dir");
    }
    return rc;
}

/* --- runs that nobody owns --- */

static unsigned resume_all(struct tdh_host *host, const json_t *ids)
{
    const struct tdh_resume resume = { 0 };
    unsigned count = 0;
    const json_t *id;
    size_t i;

    json_array_foreach (ids, i, id) {
        struct tdh_run *run;
        struct td_err err;

        if (tdh_run_resume(host->engine, json_string_value(id), &resume, &run, &err) == 0) {
            tdh_run_release(run);
            count++;
        } else if (err.code != TD_E_CONFLICT) { /* else somebody was faster */
            tdh_log_err(TDH_LOG_WARNING, "tdevd", &err);
        }
        if (tdh_co_is_cancelled(tdh_co_self()))
            break;
    }
    return count;
}

/* As long as there are more of them than are looked at at once. */
static void care_once(struct tdh_host *host)
{
    unsigned count = ORPHANS_MAX;
    json_t *ids;
    struct td_err err;

    while (count == ORPHANS_MAX) {
        if (tdh_runs_orphaned(host->engine, ORPHANS_MAX, &ids, &err) != 0) {
            tdh_log_err(TDH_LOG_WARNING, "tdevd", &err);
            return;
        }
        count = resume_all(host, ids);
        json_decref(ids);
    }
}

static void end_helper(struct helper *helper)
{
    helper->co = NULL;
    if (--*helper->left == 0)
        tdh_co_wake(helper->waiting);
}

static void care(void *arg)
{
    struct helper *helper = arg;

    do
        care_once(helper->host);
    while (tdh_co_wait(tdh_clock_mono_ns() + CARE_MS * UINT64_C(1000000)) != TDH_WAIT_CANCELLED);
    end_helper(helper);
}

static void keep(void *arg)
{
    struct helper *helper = arg;

    tdh_keep_work(helper->host);
    end_helper(helper);
}

static void plug(void *arg)
{
    struct helper *helper = arg;

    tdh_hotplug_work(helper->host);
    end_helper(helper);
}

static void tend(void *arg)
{
    struct helper *helper = arg;

    tdh_tend_work(helper->host);
    end_helper(helper);
}

/* plugins.load: optimistic: what the first calls may need is loaded behind their back, once nobody
 * waits for the start any more. */
static void warm(void *arg)
{
    struct helper *helper = arg;
    struct tdh_daemon *daemon = helper->daemon;
    enum tdh_woken woken = TDH_WOKEN;

    if (strcmp(tdh_conf_str(helper->host->conf, TDH_CONF_PLUGINS_LOAD), "optimistic") == 0) {
        daemon->warming = tdh_co_self();
        while (!daemon->is_ready && woken != TDH_WAIT_CANCELLED)
            woken = tdh_co_wait(TDH_NEVER);
        daemon->warming = NULL;
        if (woken != TDH_WAIT_CANCELLED)
            tdh_agents_ready(helper->host->agents);
    }
    end_helper(helper);
}

static void watch_triggers(void *arg)
{
    struct helper *helper = arg;
    struct td_err err;

    if (tdh_clerk_work(helper->clerk, &err) != 0)
        tdh_log_err(TDH_LOG_ERROR, "triggers", &err);
    end_helper(helper);
}

/* --- signals --- */

static void reload(struct tdh_host *host, const struct tdh_daemon *daemon, struct tdh_clerk *clerk)
{
    struct td_err err;

    if (tdh_host_reload(host, &err) != 0)
        tdh_log_err(TDH_LOG_ERROR, "tdevd", &err);
    else
        tdh_log(TDH_LOG_INFO, "tdevd", TDH_NO_FACTS, "read the configuration again");
    tdh_serve_reload(daemon->serve);
    tdh_clerk_reload(clerk);
}

/* Returns when it is told to end. */
static void wait_for_signals(struct tdh_host *host, const struct tdh_daemon *daemon,
                             struct tdh_clerk *clerk, const struct helper *keeping)
{
    while (tdh_co_wait_readable(daemon->signals, TDH_NEVER) != TDH_WAIT_CANCELLED) {
        unsigned char number;

        while (read(daemon->signals, &number, 1) == 1) {
            if (number == SIGHUP) {
                reload(host, daemon, clerk);
                if (keeping->co != NULL)
                    tdh_co_wake(keeping->co);
                continue;
            }
            tdh_log(TDH_LOG_INFO, "tdevd", TDH_FACTS(TDH_I("signal", number)),
                    "ends; runs that are under way go on with the next tdevd");
            return;
        }
    }
}

static int work(struct tdh_host *host, struct tdh_daemon *daemon, struct tdh_clerk *clerk,
                struct td_err *err)
{
    static tdh_co_fn *const tasks[] = { care, keep, watch_triggers, plug, tend, warm };
    enum { HELPERS = sizeof(tasks) / sizeof(tasks[0]), KEEP = 1 };
    struct helper helpers[HELPERS];
    unsigned left = 0;
    int rc = 0;

    for (unsigned i = 0; i < HELPERS; i++)
        helpers[i] = (struct helper){
            .host = host, .clerk = clerk, .daemon = daemon, .waiting = tdh_co_self(), .left = &left
        };
    tdh_host_bell_make(host);
    while (rc == 0 && left < HELPERS) {
        rc = tdh_co_spawn(tasks[left], &helpers[left], &helpers[left].co, err);
        left += rc == 0;
    }
    if (rc == 0)
        wait_for_signals(host, daemon, clerk, &helpers[KEEP]);
    tdh_serve_drain(daemon->serve);
    tdh_clerk_stop(clerk);
    for (unsigned i = 0; i < HELPERS; i++)
        if (helpers[i].co != NULL && tasks[i] != watch_triggers)
            tdh_co_cancel(helpers[i].co);
    while (left > 0)
        tdh_co_park();
    return rc;
}

static void tell_ready(void *arg)
{
    struct tdh_daemon *daemon = arg;
    char *const *folders = daemon->host->flow_folders; /* two: the user's, and what came with it */
    char *text = NULL;

    tdh_serve_is_ready(daemon->serve);
    if (asprintf(&text, "%s:%s", folders[0], folders[1]) < 0)
        text = NULL;
    tdh_log(TDH_LOG_INFO, "tdevd",
            TDH_FACTS(TDH_I("took_ms", (tdh_clock_mono_ns() - daemon->begun_ns) / 1000000),
                      TDH_I("process", getpid()),
                      TDH_S("state", tdh_conf_str(daemon->host->conf, TDH_CONF_STATE_DIR)),
                      TDH_S("workflows", text != NULL ? text : folders[0])),
            "is ready");
    daemon->is_ready = true;
    if (daemon->warming != NULL)
        tdh_co_wake(daemon->warming);
    free(text);
}

static int serve(struct tdh_host *host, struct tdh_daemon *daemon, struct td_err *err)
{
    const struct tdh_clerk_options options = {
        .runtime = host->runtime,
        .store = host->store,
        .engine = host->engine,
        .events = host->events,
        .flows = host->flows,
        .folders = (const char *const *)host->flow_folders,
        .state_dir = tdh_conf_str(host->conf, TDH_CONF_STATE_DIR),
        .ready = tell_ready,
        .arg = daemon,
    };
    struct tdh_clerk *clerk = tdh_clerk_new(&options, err);
    int rc;

    if (clerk == NULL) {
        tdh_serve_drain(daemon->serve);
        return -1;
    }
    if (strcmp(tdh_conf_str(host->conf, TDH_CONF_PLUGINS_LOAD), "eager") == 0)
        tdh_agents_ready(host->agents);
    rc = work(host, daemon, clerk, err);
    tdh_clerk_free(clerk);
    return rc;
}

int tdh_daemon_serve(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct tdh_daemon *daemon = arg;
    int rc;

    daemon->serve = tdh_serve_new(host, err);
    if (daemon->serve == NULL)
        return -1;
    rc = serve(host, daemon, err);
    tdh_serve_free(daemon->serve);
    return rc;
}
