/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trial: agents that have two builds of their plugin, and which of them gets a call.
 */
#include "agent/trial.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static struct tdh_trial *new_trial(struct tdh_agents *agents, const char *plugin,
                                   struct td_err *err)
{
    struct tdh_trial *trial = calloc(1, sizeof(*trial));

    if (trial != NULL) {
        pthread_mutex_init(&trial->lock, NULL);
        trial->plugin = strdup(plugin);
        trial->examples = json_array();
        if (trial->plugin != NULL && trial->examples != NULL &&
            tdh_map_set(&agents->trials, plugin, trial, NULL) == 0)
            return trial;
        json_decref(trial->examples);
        free(trial->plugin);
        free(trial);
    }
    td_fail(err, TD_E_NOMEM, "could not allocate the trial of plugin \"%s\"", plugin);
    return NULL;
}

static void free_trial(void *value)
{
    struct tdh_trial *trial = value;

    tdh_plugin_release(trial->after);
    json_decref(trial->examples);
    pthread_mutex_destroy(&trial->lock);
    free(trial->plugin);
    free(trial);
}

void tdh_trials_free(struct tdh_agents *agents)
{
    tdh_map_free(&agents->trials, free_trial);
}

/* --- both sides of an agent --- */

static void pair(struct tdh_trial *trial, struct tdh_agent_template *serving,
                 struct tdh_agent_template *tried)
{
    atomic_store(&serving->side, TDH_SIDE_SERVING);
    atomic_store(&tried->side, TDH_SIDE_TRIED);
    atomic_store(&serving->trial, trial);
    atomic_store(&tried->trial, trial);
    serving->tried = tried;
    serving->trial_place = trial->agents++;
}

/* Making it may wait: the agent may be another by then, or the trial over. */
static int join(struct tdh_agents *agents, struct tdh_trial *trial, const char *name,
                struct td_err *err)
{
    struct tdh_agent_template *serving = tdh_map_get(&agents->named, name), *tried;
    struct tdh_plugin *after;
    bool is_wanted;

    if (serving != NULL && serving->tried != NULL)
        return 0;
    after = tdh_plugin_hold(trial->after);
    tried = tdh_agent_make_warm(agents, name, after, err);
    serving = tdh_map_get(&agents->named, name);
    is_wanted = serving != NULL && serving->tried == NULL && trial->after == after &&
                tried != NULL && tried->plugin == after;
    tdh_plugin_release(after);
    if (is_wanted)
        pair(trial, serving, tried);
    else
        tdh_agent_template_free(tried);
    return is_wanted || tried != NULL ? 0 : -1;
}

void tdh_trial_join(struct tdh_agents *agents, struct tdh_agent_template *template)
{
    struct tdh_trial *trial = tdh_map_get(&agents->trials, template->plugin->manifest->name);
    struct td_err err;

    if (trial == NULL || trial->after == NULL || trial->after == template->plugin ||
        join(agents, trial, template->name, &err) == 0)
        return;
    tdh_log_err(TDH_LOG_ERROR, "agent", &err);
    tdh_log(TDH_LOG_WARNING, "agent", TDH_FACTS(TDH_S("agent", template->name)),
            "is made of the version before only");
}

int tdh_trial_join_all(struct tdh_agents *agents, struct tdh_trial *trial,
                       const struct tdh_plugin *serving, struct td_err *err)
{
    char **names = tdh_agent_names(agents, serving);
    int rc = names != NULL
                 ? 0
                 : td_fail(err, TD_E_NOMEM, "could not allocate the agents of plugin \"%s\"",
                           trial->plugin);

    for (char **name = names; rc == 0 && *name != NULL; name++)
        rc = join(agents, trial, *name, err);
    tdh_agent_names_free(names);
    return rc;
}

int tdh_trial_begin(struct tdh_agents *agents, const struct tdh_plugin *serving,
                    struct tdh_plugin *after, struct tdh_trial **ret_trial, struct td_err *err)
{
    const char *name = serving->manifest->name;
    struct tdh_trial *trial = tdh_map_get(&agents->trials, name);

    if (trial == NULL)
        trial = new_trial(agents, name, err);
    if (trial == NULL)
        return -1;
    tdh_trial_reset(trial);
    trial->share = trial->agents = 0;
    trial->after = tdh_plugin_hold(after);
    if (tdh_trial_join_all(agents, trial, serving, err) != 0) {
        tdh_trial_end(agents, trial, false);
        return -1;
    }
    atomic_store(&trial->is_on, true);
    *ret_trial = trial;
    return 0;
}

static void part(struct tdh_agents *agents, struct tdh_agent_template *serving, bool is_taken)
{
    struct tdh_agent_template *tried = serving->tried;

    serving->tried = NULL;
    if (is_taken && tdh_map_set(&agents->named, serving->name, tried, NULL) == 0)
        tdh_agent_retire(agents, serving); /* its key is there, so this takes no memory */
    else
        tdh_agent_retire(agents, tried);
}

void tdh_trial_end(struct tdh_agents *agents, struct tdh_trial *trial, bool is_taken)
{
    const struct tdh_map_slot *slot;
    size_t at = 0;

    atomic_store(&trial->is_on, false);
    atomic_store(&trial->is_mirrored, false);
    while ((slot = tdh_map_next(&agents->named, &at)) != NULL) {
        struct tdh_agent_template *template = slot->value;

        if (template->tried != NULL && template->trial == trial)
            part(agents, template, is_taken);
    }
    tdh_plugin_release(trial->after);
    trial->after = NULL;
}

/* --- who gets a call --- */

/* Exact shares: of any so many calls in a row so many are its. */
static bool is_its_turn(struct tdh_trial *trial)
{
    uint64_t n = trial->picks++;

    return (n + 1) * trial->share / TDH_SHARE_ALL != n * trial->share / TDH_SHARE_ALL;
}

struct tdh_agent_template *tdh_trial_pick(struct tdh_agent_template *template)
{
    struct tdh_trial *trial = atomic_load(&template->trial);
    bool is_its;

    if (template->tried == NULL)
        return template;
    is_its = trial->is_by_agent ? (uint64_t) template->trial_place * TDH_SHARE_ALL <
                                      (uint64_t)trial->share * trial->agents
                                : is_its_turn(trial);
    return is_its ? template->tried : template;
}
