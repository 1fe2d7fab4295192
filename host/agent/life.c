/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life: the states of a named agent, which may follow which, and what is remembered and told of
 * each change.
 */
#include "agent/life.h"

#include <stdlib.h>
#include <string.h>

#include "agent/internal.h"
#include "base/clock.h"
#include "base/hook.h"
#include "base/metric.h"

static struct tdh_metric changes_told =
    TDH_COUNTER("tdev_agent_changes_total", "Changes of the state of named agents");
static struct tdh_metric changes_refused = TDH_COUNTER(
    "tdev_agent_changes_refused_total", "Changes of the state of named agents that are not legal");

#define BIT(state) (1U << TDH_LIFE_##state)

/* Those marked with a letter are said for in docs/agent.md, "Life". */
static const struct {
    const char *word;
    unsigned next; /* a bit for each state that may follow */
} rows[TDH_LIFE_STATES] = {
    [TDH_LIFE_CREATED] = { "created", BIT(INITIALIZING) },
    [TDH_LIFE_INITIALIZING] = { "initializing", BIT(INITIALIZED) | BIT(ERROR) },
    [TDH_LIFE_INITIALIZED] = { "initialized", BIT(STARTING) },
    [TDH_LIFE_STARTING] = { "starting", BIT(STARTED) | BIT(ERROR) },
    [TDH_LIFE_STARTED] = { "started",
                           BIT(EXECUTING) | BIT(STOPPING) | /* a, b */ BIT(PAUSING) | BIT(ERROR) },
    [TDH_LIFE_EXECUTING] = { "executing", BIT(STARTED) | BIT(PAUSING) | BIT(ERROR) |
                                              /* c */ BIT(STOPPING) },
    [TDH_LIFE_PAUSING] = { "pausing",
                           BIT(PAUSED) | BIT(ERROR) | /* d */ BIT(RESUMING) | BIT(STOPPING) },
    [TDH_LIFE_PAUSED] = { "paused", BIT(RESUMING) | BIT(STOPPING) | /* b */ BIT(ERROR) },
    [TDH_LIFE_RESUMING] = { "resuming", BIT(STARTED) | BIT(ERROR) },
    [TDH_LIFE_STOPPING] = { "stopping", BIT(STOPPED) | BIT(ERROR) },
    [TDH_LIFE_STOPPED] = { "stopped", BIT(TERMINATED) },
    [TDH_LIFE_ERROR] = { "error", BIT(STOPPING) | BIT(TERMINATED) },
    [TDH_LIFE_TERMINATED] = { "terminated", 0 },
};

const char *tdh_life_word(enum tdh_life_state state)
{
    return rows[state].word;
}

bool tdh_life_may(enum tdh_life_state from, enum tdh_life_state to)
{
    return (rows[from].next & 1U << to) != 0;
}

/* --- one of a name --- */

struct tdh_life *tdh_life_of(struct tdh_agents *agents, const char *name, struct td_err *err)
{
    struct tdh_life *life = tdh_map_get(&agents->lives, name);

    if (life != NULL)
        return life;
    life = calloc(1, sizeof(*life));
    if (life != NULL)
        life->name = strdup(name);
    if (life == NULL || life->name == NULL || tdh_map_set(&agents->lives, name, life, NULL) != 0) {
        if (life != NULL)
            free(life->name);
        free(life);
        td_fail(err, TD_E_NOMEM, "could not allocate agent \"%s\"", name);
        return NULL;
    }
    pthread_mutex_init(&life->lock, NULL);
    return life;
}

void tdh_life_free(void *value)
{
    struct tdh_life *life = value;

    pthread_mutex_destroy(&life->lock);
    free(life->name);
    free(life);
}

enum tdh_life_state tdh_life_state(struct tdh_life *life)
{
    enum tdh_life_state state;

    pthread_mutex_lock(&life->lock);
    state = life->state;
    pthread_mutex_unlock(&life->lock);
    return state;
}

/* --- changes --- */

/* Under the lock. */
static void enter(struct tdh_life *life, enum tdh_life_state to, const char *reason)
{
    struct tdh_life_change *change = &life->changes[life->change_count++ % TDH_LIFE_HISTORY];

    *change = (struct tdh_life_change){ .from = life->state, .to = to, .time_us = tdh_clock_us() };
    if (reason != NULL)
        snprintf(change->reason, sizeof(change->reason), "%s", reason);
    life->state = to;
    tdh_metric_add(&changes_told, 1);
}

/* Who listens takes it from there in his own time, so nobody who fails at it is in the way. */
static void tell(struct tdh_life *life, const struct tdh_life_change *change)
{
    char name[64], time[40];
    json_t *data;

    if (!tdh_hook_is_wanted())
        return;
    tdh_clock_print(change->time_us, time, sizeof(time));
    pthread_mutex_lock(&life->lock);
    data = json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s*, s:s*}", "agent", life->name, "from",
                     rows[change->from].word, "to", rows[change->to].word, "time", time, "reason",
                     change->reason[0] != '\0' ? change->reason : NULL, "plugin",
                     life->plugin[0] != '\0' ? life->plugin : NULL, "edition",
                     life->edition[0] != '\0' ? life->edition : NULL);
    pthread_mutex_unlock(&life->lock);
    snprintf(name, sizeof(name), "agent.lifecycle.%s", rows[change->to].word);
    if (data != NULL)
        tdh_hook_event(name, data);
    json_decref(data);
}

int tdh_life_go(struct tdh_life *life, enum tdh_life_state to, const char *reason,
                struct td_err *err)
{
    struct tdh_life_change change;
    enum tdh_life_state from;
    bool may;

    pthread_mutex_lock(&life->lock);
    from = life->state;
    may = tdh_life_may(from, to);
    if (may)
        enter(life, to, reason);
    else
        life->refused++;
    change = life->changes[(life->change_count - may) % TDH_LIFE_HISTORY];
    pthread_mutex_unlock(&life->lock);
    if (may) {
        tell(life, &change);
        return 0;
    }
    tdh_metric_add(&changes_refused, 1);
    return td_fail(err, TD_E_CONFLICT, "agent \"%s\" is %s, and cannot be %s now", life->name,
                   rows[from].word, rows[to].word);
}

int tdh_life_begin(struct tdh_life *life, struct td_err *err)
{
    enum tdh_life_state state = tdh_life_state(life);
    struct tdh_life_change change;
    bool may;

    if ((state == TDH_LIFE_STOPPED || state == TDH_LIFE_ERROR) &&
        tdh_life_go(life, TDH_LIFE_TERMINATED, NULL, err) != 0)
        return -1;
    pthread_mutex_lock(&life->lock);
    state = life->state;
    may = state == TDH_LIFE_TERMINATED || (state == TDH_LIFE_CREATED && life->births == 0);
    if (may) {
        enter(life, TDH_LIFE_CREATED, life->births > 0 ? "begins again" : NULL);
        life->births++;
        change = life->changes[(life->change_count - 1) % TDH_LIFE_HISTORY];
    } else {
        life->refused++;
    }
    pthread_mutex_unlock(&life->lock);
    if (!may)
        return td_fail(err, TD_E_CONFLICT, "agent \"%s\" is %s, and cannot begin again now",
                       life->name, rows[state].word);
    tell(life, &change);
    return 0;
}

void tdh_life_lose(struct tdh_life *life, const char *reason)
{
    struct td_err ignored;

    if (tdh_life_may(tdh_life_state(life), TDH_LIFE_ERROR))
        tdh_life_go(life, TDH_LIFE_ERROR, reason, &ignored);
}

void tdh_life_is_of(struct tdh_life *life, const struct tdh_plugin *plugin)
{
    pthread_mutex_lock(&life->lock);
    snprintf(life->plugin, sizeof(life->plugin), "%.71s", plugin->manifest->name);
    snprintf(life->version, sizeof(life->version), "%.63s", plugin->manifest->version_text);
    snprintf(life->edition, sizeof(life->edition), "%s", plugin->edition);
    pthread_mutex_unlock(&life->lock);
}

void tdh_life_note(struct tdh_life *life, const char *step, const struct td_err *error)
{
    pthread_mutex_lock(&life->lock);
    life->error = *error;
    life->error_us = tdh_clock_us();
    if (step != NULL)
        life->step = step;
    pthread_mutex_unlock(&life->lock);
}
