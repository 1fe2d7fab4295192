/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life_make: a named agent is made by whoever calls it first; who comes meanwhile waits for that.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/keep.h"
#include "agent/life.h"
#include "agent/pool.h"
#include "agent/trial.h"

/* On the stack of who waits. */
struct tdh_life_wait {
    struct tdh_task task;
    struct tdh_life_wait *next;
    struct tdh_worker *worker;
    struct tdh_co *co;
    bool is_over;
};

/* --- waiting for the maker --- */

static void over(struct tdh_task *task)
{
    struct tdh_life_wait *wait = (struct tdh_life_wait *)task;

    wait->is_over = true;
    tdh_co_wake(wait->co);
}

static void wake_all(struct tdh_life *life)
{
    struct tdh_life_wait *wait = life->waiting;

    life->waiting = NULL;
    while (wait != NULL) {
        struct tdh_life_wait *next = wait->next;

        wait->task.run = over;
        tdh_worker_post(wait->worker, &wait->task);
        wait = next;
    }
}

/* False: it was told to already, and will be woken. */
static bool leave(struct tdh_life *life, const struct tdh_life_wait *wait)
{
    struct tdh_life_wait **link = &life->waiting;

    while (*link != NULL && *link != wait)
        link = &(*link)->next;
    if (*link == NULL)
        return false;
    *link = wait->next;
    return true;
}

static int wait_for_maker(struct tdh_agents *agents, struct tdh_life *life, struct td_err *err)
{
    struct tdh_life_wait wait = { .next = life->waiting,
                                  .worker = tdh_worker_self(),
                                  .co = tdh_co_self() };
    struct tdh_plugins *plugins = agents->options.plugins;
    unsigned depth;
    bool is_cancelled = false;

    if (wait.co == NULL || wait.co == life->maker)
        return td_fail(err, TD_E_DEPENDENCY,
                       "agent \"%s\" is being initialized, and cannot be called by that",
                       life->name);
    life->waiting = &wait;
    depth = tdh_plugins_pause(plugins);
    while (!wait.is_over && !is_cancelled)
        is_cancelled = tdh_co_wait(TDH_NEVER) == TDH_WAIT_CANCELLED;
    tdh_plugins_resume(plugins, depth);
    if (is_cancelled && !wait.is_over && !leave(life, &wait)) {
        depth = tdh_plugins_pause(plugins);
        while (!wait.is_over)
            tdh_co_park();
        tdh_plugins_resume(plugins, depth);
    }
    return is_cancelled ? td_fail(err, TD_E_CANCELLED,
                                  "cancelled while agent \"%s\" was initialized", life->name)
                        : 0;
}

/* --- making --- */

/* Has it a file, or is there a plugin of its name? So that what is not there has no life. */
static int check_known(struct tdh_agents *agents, const char *name, struct td_err *err)
{
    char path[TDH_AGENT_PATH];

    return tdh_agent_path(agents, name, path) ||
                   tdh_plugins_find(agents->options.plugins, TD_KIND_AGENT, name, err) != NULL
               ? 0
               : -1;
}

static int start(struct tdh_life *life, struct tdh_agent_template *template, struct td_err *err)
{
    tdh_life_is_of(life, template->plugin);
    if (tdh_life_go(life, TDH_LIFE_INITIALIZED, NULL, err) != 0 ||
        tdh_life_go(life, TDH_LIFE_STARTING, NULL, err) != 0)
        return -1;
    if (tdh_keep_load(template, true, err) != 0) {
        tdh_life_note(life, "state", err);
        return -1;
    }
    if (tdh_pool_warm(template, err) != 0) {
        tdh_life_note(life, "pool", err);
        return -1;
    }
    return tdh_life_go(life, TDH_LIFE_STARTED, NULL, err);
}

static struct tdh_agent_template *make(struct tdh_agents *agents, struct tdh_life *life,
                                       const char *reason, struct td_err *err)
{
    struct tdh_agent_template *template;
    struct td_err ignored;

    if (tdh_life_begin(life, err) != 0 ||
        tdh_life_go(life, TDH_LIFE_INITIALIZING, reason, err) != 0)
        return NULL;
    template = tdh_agent_make(agents, life->name, NULL, err);
    if (template != NULL && start(life, template, err) == 0 &&
        tdh_map_set(&agents->named, life->name, template, NULL) == 0) {
        tdh_keep_serve(template);
        tdh_trial_join(agents, template);
        return tdh_map_get(&agents->named, life->name);
    }
    if (template != NULL && tdh_life_state(life) == TDH_LIFE_STARTED)
        td_fail(err, TD_E_NOMEM, "could not allocate agent \"%s\"", life->name);
    tdh_agent_template_free(template);
    tdh_life_go(life, TDH_LIFE_ERROR, err->text, &ignored);
    return NULL;
}

static int check_not_stopped(struct tdh_life *life, struct td_err *err)
{
    enum tdh_life_state state = tdh_life_state(life);

    if (state != TDH_LIFE_STOPPED && state != TDH_LIFE_STOPPING)
        return 0;
    td_fail(err, TD_E_UNAVAILABLE, "agent \"%s\" was stopped", life->name);
    return td_hint(err, "tdev agent start %s", life->name);
}

struct tdh_agent_template *tdh_life_make(struct tdh_agents *agents, const char *name,
                                         const char *reason, struct td_err *err)
{
    struct tdh_life *life = tdh_map_get(&agents->lives, name);
    struct tdh_agent_template *template;

    if (life == NULL &&
        (check_known(agents, name, err) != 0 || (life = tdh_life_of(agents, name, err)) == NULL))
        return NULL;
    while (life->is_making)
        if (wait_for_maker(agents, life, err) != 0)
            return NULL;
    template = tdh_map_get(&agents->named, name);
    if (template != NULL)
        return template;
    if (reason == NULL && check_not_stopped(life, err) != 0)
        return NULL;
    life->is_making = true;
    life->maker = tdh_co_self();
    template = make(agents, life, reason != NULL ? reason : "called", err);
    life->is_making = false;
    life->maker = NULL;
    wake_all(life);
    return template;
}
