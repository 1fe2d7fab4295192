/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life_end: a named agent takes calls, lets them wait, or takes none any more.
 *
 * The order of an end is fixed, and nothing that fails on the way leaves out what comes after:
 *
 *   1. new calls are refused, and so are those that wait
 *   2. what runs may end, for stop.graceful
 *   3. what is left is cut, for stop.force
 *   4. its state is saved, if that is kept
 *   5. instances are dropped; the agent is out of the table
 *   6. when no run holds it any more: its caches and breakers, what prepare made, the plugin
 */
#include <stdlib.h>
#include <string.h>

#include "agent/keep.h"
#include "agent/life.h"
#include "agent/pool.h"
#include "agent/route.h"
#include "base/clock.h"
#include "base/log.h"

enum { LOOK_MS = 5, CUT_EACH_MS = 100 };

/* --- gates --- */

static enum tdh_limiter_gate gate_of(const struct tdh_agent_template *template,
                                     enum tdh_life_state state)
{
    switch (state) {
    case TDH_LIFE_PAUSING:
    case TDH_LIFE_PAUSED:
        return template->is_refusing ? TDH_GATE_PAUSED : TDH_GATE_HOLD;
    case TDH_LIFE_STOPPING:
    case TDH_LIFE_STOPPED:
        return TDH_GATE_STOPPED;
    default:
        return TDH_GATE_OPEN;
    }
}

int tdh_life_govern(struct tdh_agent_template *template, const json_t *text, const char *where,
                    int64_t *max, struct td_err *err)
{
    unsigned workers = tdh_runtime_workers(template->agents->options.runtime);
    struct tdh_life_settings settings;

    if (tdh_life_settings_read(text, where, &settings, err) != 0)
        return -1;
    template->graceful_ms = settings.graceful_ms;
    template->force_ms = settings.force_ms;
    template->is_refusing = settings.is_refusing;
    template->limiter.is_governed = true;
    template->limiter.entries = calloc(workers, sizeof(struct tdh_limit_entry *));
    if (template->limiter.entries == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate agent \"%s\"", template->name);
    tdh_life_gate(template);
    if (!settings.has_pool)
        return 0;
    if (*max == 0 || *max > (int64_t)settings.pool_max)
        *max = settings.pool_max;
    return tdh_pool_new(template, &settings, err);
}

void tdh_life_gate(struct tdh_agent_template *template)
{
    tdh_limiter_set(&template->limiter, gate_of(template, tdh_life_state(template->life)));
}

/* The next template of a life: the one that serves, the one that is tried, then those of before.
 * after NULL: the first. */
static struct tdh_agent_template *next_of(const struct tdh_agents *agents,
                                          const struct tdh_life *life,
                                          const struct tdh_agent_template *after)
{
    struct tdh_agent_template *serving = tdh_map_get(&agents->named, life->name),
                              *tried = serving != NULL ? serving->tried : NULL, *at;

    if (after == NULL && serving != NULL)
        return serving;
    if (after != NULL && after == serving && tried != NULL)
        return tried;
    at = after == NULL || after == serving || after == tried ? agents->former : after->former;
    while (at != NULL && at->life != life)
        at = at->former;
    return at;
}

static void set_gates(struct tdh_agents *agents, struct tdh_life *life)
{
    for (struct tdh_agent_template *at = next_of(agents, life, NULL); at != NULL;
         at = next_of(agents, life, at))
        tdh_life_gate(at);
}

unsigned tdh_life_running(const struct tdh_agents *agents, const struct tdh_life *life)
{
    unsigned count = 0;

    for (const struct tdh_agent_template *at = next_of(agents, life, NULL); at != NULL;
         at = next_of(agents, life, at))
        count += atomic_load(&at->limiter.in_use);
    return count;
}

/* --- waiting --- */

static void wait_ms(struct tdh_agents *agents, unsigned ms)
{
    unsigned depth = tdh_plugins_pause(agents->options.plugins);

    tdh_co_wait(tdh_clock_mono_ns() + ms * UINT64_C(1000000));
    tdh_plugins_resume(agents->options.plugins, depth);
}

/* Until no call runs. False: the time is over, or nobody wants to wait any more. */
static bool wait_idle(struct tdh_agents *agents, const struct tdh_life *life, int64_t ms)
{
    uint64_t until_ns = tdh_clock_mono_ns() + (uint64_t)ms * 1000000;

    while (tdh_life_running(agents, life) > 0) {
        if (tdh_clock_mono_ns() >= until_ns || tdh_co_is_cancelled(tdh_co_self()))
            return false;
        wait_ms(agents, LOOK_MS);
    }
    return true;
}

static void cut_all(struct tdh_agents *agents, const struct tdh_life *life)
{
    for (struct tdh_agent_template *at = next_of(agents, life, NULL), *next; at != NULL;
         at = next) {
        unsigned depth;

        tdh_edition_hold(&at->edition);
        depth = tdh_plugins_pause(agents->options.plugins);
        tdh_limiter_cut(&at->limiter, agents->options.runtime);
        tdh_plugins_resume(agents->options.plugins, depth);
        next = next_of(agents, life, at);
        tdh_edition_release(&at->edition);
    }
}

/* What was cut may begin to wait again, outside of the inner call that was cut. */
static bool force(struct tdh_agents *agents, const struct tdh_life *life, int64_t ms)
{
    uint64_t until_ns = tdh_clock_mono_ns() + (uint64_t)ms * 1000000;

    do {
        cut_all(agents, life);
        if (wait_idle(agents, life, CUT_EACH_MS))
            return true;
    } while (tdh_clock_mono_ns() < until_ns && !tdh_co_is_cancelled(tdh_co_self()));
    return false;
}

/* --- dropping --- */

static void drop_here(void *arg)
{
    struct tdh_agent_template *template = arg;

    if (template->pool != NULL)
        tdh_pool_close(template);
    else
        tdh_agent_cell_end(template, template->own);
    template->own = NULL;
}

/* It serves no more. */
static void take_out(struct tdh_agents *agents, const struct tdh_life *life)
{
    struct tdh_agent_template *serving = tdh_map_get(&agents->named, life->name);

    if (serving == NULL)
        return;
    tdh_map_remove(&agents->named, life->name);
    tdh_agent_retire(agents, serving);
}

/* A save that is due may be at it, in another coroutine. */
static void drop(struct tdh_agents *agents, struct tdh_agent_template *template)
{
    struct td_err ignored;
    unsigned depth = tdh_plugins_pause(agents->options.plugins);

    if (template->keep != NULL)
        tdh_keep_begin_work(template->keep);
    if (template->own != NULL)
        tdh_hop(template->home, drop_here, template, &ignored);
    if (template->keep != NULL)
        tdh_keep_end_work(template->keep);
    tdh_plugins_resume(agents->options.plugins, depth);
}

/* Those whose runs hold them stay in memory, without an instance. */
static void drop_all(struct tdh_agents *agents, struct tdh_life *life)
{
    struct tdh_agent_template *next;

    take_out(agents, life);
    for (struct tdh_agent_template *at = next_of(agents, life, NULL); at != NULL; at = next) {
        tdh_edition_hold(&at->edition);
        drop(agents, at);
        next = next_of(agents, life, at);
        tdh_edition_release(&at->edition);
    }
}

/* --- what can be asked for --- */

/* The life of an agent that is there; made when nobody has called it yet and it is to be. */
static struct tdh_life *find_life(struct tdh_agents *agents, const char *name, bool is_to_be,
                                  struct td_err *err)
{
    struct tdh_life *life = tdh_map_get(&agents->lives, name);

    if (life == NULL && (!tdh_agent_is_name(name) || tdh_agents_entry(agents, name, err) == NULL)) {
        if (!tdh_agent_is_name(name))
            td_fail(err, TD_E_NOTFOUND, "there is no agent \"%.64s\"", name);
        return NULL;
    }
    if (tdh_route_is(agents, name)) {
        td_fail(err, TD_E_UNSUPPORTED, "agent \"%s\" is a route, and has no life of its own", name);
        td_hint(err, "name one of its candidates");
        return NULL;
    }
    if (is_to_be && (life == NULL || tdh_map_get(&agents->named, name) == NULL) &&
        (life == NULL || tdh_life_state(life) != TDH_LIFE_STOPPED) &&
        tdh_life_make(agents, name, "asked for", err) == NULL)
        return NULL;
    if (life == NULL)
        life = tdh_life_of(agents, name, err);
    if (life != NULL && life->is_acting) {
        td_fail(err, TD_E_CONFLICT, "agent \"%s\" is %s just now", name,
                tdh_life_word(tdh_life_state(life)));
        return NULL;
    }
    return life;
}

/* So that the history says what was under way. */
static void say_work(struct tdh_agents *agents, struct tdh_life *life)
{
    struct td_err ignored;
    char reason[64];
    unsigned running = tdh_life_running(agents, life);

    snprintf(reason, sizeof(reason), "%u %s", running, running == 1 ? "call runs" : "calls run");
    if (running > 0 && tdh_life_state(life) == TDH_LIFE_STARTED)
        tdh_life_go(life, TDH_LIFE_EXECUTING, reason, &ignored);
}

static int pause_life(struct tdh_agents *agents, struct tdh_life *life, struct td_err *err)
{
    const struct tdh_agent_template *template = tdh_map_get(&agents->named, life->name);
    int64_t graceful_ms = template != NULL ? template->graceful_ms : 0;

    if (tdh_life_state(life) == TDH_LIFE_PAUSED)
        return 0;
    say_work(agents, life);
    if (tdh_life_go(life, TDH_LIFE_PAUSING, "asked for", err) != 0)
        return -1;
    set_gates(agents, life);
    return wait_idle(agents, life, graceful_ms) ? tdh_life_go(life, TDH_LIFE_PAUSED, NULL, err) : 0;
}

static int resume_life(struct tdh_agents *agents, struct tdh_life *life, struct td_err *err)
{
    if (tdh_life_state(life) == TDH_LIFE_STARTED)
        return 0;
    if (tdh_life_go(life, TDH_LIFE_RESUMING, "asked for", err) != 0)
        return -1;
    set_gates(agents, life);
    return tdh_life_go(life, TDH_LIFE_STARTED, NULL, err);
}

/* The end of the calls. Sets forced, and left when some do not end. */
static void end_calls(struct tdh_agents *agents, struct tdh_life *life,
                      struct tdh_agent_stopped *stopped)
{
    const struct tdh_agent_template *template = next_of(agents, life, NULL);
    int64_t graceful_ms = template != NULL ? template->graceful_ms : 0,
            force_ms = template != NULL ? template->force_ms : 0;

    if (wait_idle(agents, life, graceful_ms))
        return;
    stopped->is_forced = true;
    force(agents, life, force_ms);
    stopped->left = tdh_life_running(agents, life);
}

/* All calls are over, and its instances are still there. */
static void save(struct tdh_agents *agents, const struct tdh_life *life)
{
    struct tdh_agent_template *serving = tdh_map_get(&agents->named, life->name);

    if (serving == NULL)
        return;
    tdh_edition_hold(&serving->edition);
    tdh_keep_leave(serving);
    tdh_edition_release(&serving->edition);
}

static int stop_life(struct tdh_agents *agents, struct tdh_life *life, const char *reason,
                     struct tdh_agent_stopped *stopped, struct td_err *err)
{
    char why[TDH_LIFE_REASON];

    if (tdh_life_state(life) == TDH_LIFE_STOPPED)
        return 0;
    say_work(agents, life);
    if (tdh_life_go(life, TDH_LIFE_STOPPING, reason, err) != 0)
        return -1;
    set_gates(agents, life);
    end_calls(agents, life, stopped);
    if (stopped->left == 0) {
        save(agents, life);
        drop_all(agents, life);
        return tdh_life_go(life, TDH_LIFE_STOPPED, stopped->is_forced ? "forced" : NULL, err);
    }
    snprintf(why, sizeof(why), "%u of its calls cannot be cut", stopped->left);
    take_out(agents, life);
    return tdh_life_go(life, TDH_LIFE_ERROR, why, err);
}

static int start_life(struct tdh_agents *agents, struct tdh_life *life, struct td_err *err)
{
    switch (tdh_life_state(life)) {
    case TDH_LIFE_STARTED:
    case TDH_LIFE_EXECUTING:
        return 0;
    case TDH_LIFE_PAUSED:
    case TDH_LIFE_PAUSING:
        td_fail(err, TD_E_CONFLICT, "agent \"%s\" is paused, and was not stopped", life->name);
        return td_hint(err, "tdev agent resume %s", life->name);
    default:
        return tdh_life_make(agents, life->name, "asked for", err) != NULL ? 0 : -1;
    }
}

static int act(struct tdh_agents *agents, struct tdh_life *life, enum tdh_agent_act what,
               struct tdh_agent_stopped *stopped, struct td_err *err)
{
    switch (what) {
    case TDH_AGENT_PAUSE:
        return pause_life(agents, life, err);
    case TDH_AGENT_RESUME:
        return resume_life(agents, life, err);
    case TDH_AGENT_STOP:
        return stop_life(agents, life, "asked for", stopped, err);
    case TDH_AGENT_START:
        return start_life(agents, life, err);
    case TDH_AGENT_RESTART:
        return stop_life(agents, life, "to be started again", stopped, err) == 0
                   ? start_life(agents, life, err)
                   : -1;
    }
    return td_fail(err, TD_E_INVAL, "there is no such thing to be done with an agent");
}

int tdh_agents_act(struct tdh_agents *agents, const char *name, enum tdh_agent_act what,
                   struct tdh_agent_stopped *ret_stopped, struct td_err *err)
{
    struct tdh_life *life;
    int rc = -1;

    *ret_stopped = (struct tdh_agent_stopped){ 0 };
    tdh_agents_lock(agents);
    life = find_life(agents, name, what != TDH_AGENT_START && what != TDH_AGENT_RESUME, err);
    if (life != NULL) {
        life->is_acting = true;
        rc = act(agents, life, what, ret_stopped, err);
        life->is_acting = false;
    }
    tdh_agents_unlock(agents);
    return rc;
}

/* --- the host's end, and what is due now and then --- */

static void end_life(struct tdh_agents *agents, struct tdh_life *life)
{
    struct tdh_agent_stopped stopped = { 0 };
    enum tdh_life_state state = tdh_life_state(life);
    struct td_err err;

    if (tdh_life_may(state, TDH_LIFE_STOPPING) && state != TDH_LIFE_ERROR &&
        stop_life(agents, life, "the host ends", &stopped, &err) != 0)
        tdh_log_err(TDH_LOG_WARNING, "agent", &err);
    if (stopped.is_forced)
        tdh_log(TDH_LOG_WARNING, "agent",
                TDH_FACTS(TDH_S("agent", life->name), TDH_I("left", stopped.left)),
                "was stopped by force");
    tdh_life_go(life, TDH_LIFE_TERMINATED, NULL, &err);
}

void tdh_agents_stop(struct tdh_agents *agents)
{
    const struct tdh_map_slot *slot;
    size_t at = 0, count = 0;
    struct tdh_life **lives;

    if (agents == NULL)
        return;
    tdh_agents_lock(agents);
    lives = calloc(agents->lives.count + 1, sizeof(struct tdh_life *));
    while (lives != NULL && (slot = tdh_map_next(&agents->lives, &at)) != NULL)
        lives[count++] = slot->value;
    for (size_t i = 0; i < count; i++)
        if (!lives[i]->is_acting && !lives[i]->is_making)
            end_life(agents, lives[i]);
    free(lives);
    tdh_agents_unlock(agents);
}

static void tend_here(void *arg)
{
    tdh_pool_tend(arg);
}

static void tend_life(struct tdh_agents *agents, struct tdh_life *life)
{
    struct tdh_agent_template *template = tdh_map_get(&agents->named, life->name);
    struct td_err ignored;
    unsigned depth;

    if (tdh_life_state(life) == TDH_LIFE_PAUSING && !life->is_acting &&
        tdh_life_running(agents, life) == 0)
        tdh_life_go(life, TDH_LIFE_PAUSED, NULL, &ignored);
    if (template == NULL || template->pool == NULL || life->is_acting)
        return;
    tdh_edition_hold(&template->edition);
    depth = tdh_plugins_pause(agents->options.plugins);
    tdh_hop(template->home, tend_here, template, &ignored);
    tdh_plugins_resume(agents->options.plugins, depth);
    tdh_edition_release(&template->edition);
}

bool tdh_agents_tend(struct tdh_agents *agents)
{
    const struct tdh_map_slot *slot;
    size_t at = 0, count = 0;
    struct tdh_life **lives;
    bool is_needed = false;

    tdh_agents_lock(agents);
    lives = calloc(agents->lives.count + 1, sizeof(struct tdh_life *));
    while (lives != NULL && (slot = tdh_map_next(&agents->lives, &at)) != NULL)
        lives[count++] = slot->value;
    for (size_t i = 0; i < count; i++) {
        const struct tdh_agent_template *template;

        tend_life(agents, lives[i]);
        template = tdh_map_get(&agents->named, lives[i]->name);
        is_needed = is_needed || (template != NULL && template->pool != NULL) ||
                    tdh_life_state(lives[i]) == TDH_LIFE_PAUSING;
    }
    free(lives);
    tdh_agents_unlock(agents);
    return is_needed;
}
