/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollout: begins and ends rollouts, as builds of plugins are exchanged.
 */
#include "agent/rollout.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"

struct tdh_rollouts *tdh_rollouts_new(struct tdh_agents *agents,
                                      const struct tdh_policies *policies, const char *dir,
                                      struct td_err *err)
{
    struct tdh_rollouts *rollouts;

    if (tdh_rollout_plans_check(policies, err) != 0)
        return NULL;
    rollouts = calloc(1, sizeof(*rollouts));
    if (rollouts != NULL)
        rollouts->dir = strdup(dir);
    if (rollouts == NULL || rollouts->dir == NULL) {
        free(rollouts);
        td_fail(err, TD_E_NOMEM, "could not allocate the rollouts of plugins");
        return NULL;
    }
    rollouts->agents = agents;
    rollouts->policies = policies;
    tdh_plugins_ask_instead(agents->options.plugins, tdh_rollout_instead, rollouts->dir);
    return rollouts;
}

static void free_rollout(void *value)
{
    struct tdh_rollout *rollout = value;

    json_decref(rollout->record);
    json_decref(rollout->written);
    free(rollout->name);
    free(rollout);
}

void tdh_rollouts_free(struct tdh_rollouts *rollouts)
{
    if (rollouts == NULL)
        return;
    tdh_plugins_ask_instead(rollouts->agents->options.plugins, NULL, NULL);
    tdh_map_free(&rollouts->on, free_rollout);
    free(rollouts->dir);
    free(rollouts);
}

void tdh_rollout_end(struct tdh_rollout *rollout)
{
    tdh_map_remove(&rollout->all->on, rollout->name);
    free_rollout(rollout);
}

/* --- one begins --- */

static json_t *side_of(const struct tdh_plugin *plugin)
{
    return json_pack("{s:s, s:s}", "edition", plugin->edition, "version",
                     plugin->manifest->version_text);
}

/* plan: as written; borrowed */
static json_t *new_record(const char *name, const char *state, const struct tdh_rollout_plan *plan,
                          json_t *text, const struct tdh_plugin *before,
                          const struct tdh_plugin *after)
{
    json_t *shares = json_array();

    for (size_t i = 0; i < plan->count; i++)
        json_array_append_new(shares, json_real((double)plan->shares[i] / TDH_SHARE_ALL));
    return json_pack("{s:s, s:s, s:s, s:O*, s:o, s:I, s:I, s:b, s:o, s:o, s:I, s:[]}", "plugin",
                     name, "state", state, "strategy", tdh_strategies[plan->strategy], "plan", text,
                     "shares", shares, "watch_ms", (json_int_t)plan->watch_ms, "keep_ms",
                     (json_int_t)plan->keep_ms, "manual", (int)plan->is_manual, "before",
                     side_of(before), "next", side_of(after), "began_us",
                     (json_int_t)tdh_clock_us(), "story");
}

/* Not yet among those that are on. */
static struct tdh_rollout *new_rollout(struct tdh_rollouts *rollouts, const char *name,
                                       const struct tdh_rollout_plan *plan, json_t *text,
                                       const struct tdh_plugin *before,
                                       const struct tdh_plugin *after, struct td_err *err)
{
    struct tdh_rollout *rollout = calloc(1, sizeof(*rollout));

    if (rollout != NULL) {
        *rollout =
            (struct tdh_rollout){ .all = rollouts,
                                  .name = strdup(name),
                                  .plan = *plan,
                                  .next_look = plan->min_calls > 0 ? plan->min_calls : 1,
                                  .record = new_record(name, "trial", plan, text, before, after) };
        if (rollout->name != NULL && rollout->record != NULL)
            return rollout;
        free_rollout(rollout);
    }
    td_fail(err, TD_E_NOMEM, "could not allocate the rollout of plugin \"%s\"", name);
    return NULL;
}

static int begin(struct tdh_rollouts *rollouts, const struct tdh_plugin *before,
                 struct tdh_plugin *after, const struct tdh_rollout_plan *plan, json_t *text,
                 size_t phase, struct td_err *err)
{
    const char *name = before->manifest->name;
    struct tdh_rollout *rollout = new_rollout(rollouts, name, plan, text, before, after, err);
    int rc;

    if (rollout == NULL)
        return -1;
    tdh_agents_lock(rollouts->agents);
    rc = tdh_trial_begin(rollouts->agents, before, after, &rollout->trial, err);
    tdh_agents_unlock(rollouts->agents);
    if (rc == 0 && tdh_map_set(&rollouts->on, name, rollout, NULL) != 0) {
        tdh_agents_lock(rollouts->agents);
        tdh_trial_end(rollouts->agents, rollout->trial, false);
        tdh_agents_unlock(rollouts->agents);
        rc = td_fail(err, TD_E_NOMEM, "could not allocate the rollout of plugin \"%s\"", name);
    }
    if (rc != 0) {
        free_rollout(rollout);
        return -1;
    }
    tdh_rollout_enter(rollout, phase < plan->count ? phase : 0, tdh_clock_mono_ns());
    return TDH_ON_TRIAL;
}

/* --- and ends without a verdict, as something else is to be done --- */

static void give_up(struct tdh_rollouts *rollouts, const char *name, const char *why)
{
    struct tdh_rollout *rollout = tdh_map_get(&rollouts->on, name);

    if (rollout == NULL)
        return;
    json_object_set_new(rollout->record, "state", json_string("given_up"));
    json_object_set_new(rollout->record, "why", json_string(why));
    tdh_rollout_tell(rollout, "given_up", why);
    tdh_rollout_keep(rollout);
    tdh_agents_lock(rollouts->agents);
    tdh_trial_end(rollouts->agents, rollout->trial, false);
    tdh_agents_unlock(rollouts->agents);
    tdh_rollout_end(rollout);
}

/* --- exchanges --- */

static bool is_edition(const json_t *record, const char *side, const struct tdh_plugin *plugin)
{
    return strcmp(tdh_json_str(json_object_get(record, side), "edition", ""), plugin->edition) == 0;
}

/* Was that very build tried, and taken back? */
static int check_rejected(const json_t *record, const struct tdh_plugin *after, struct td_err *err)
{
    if (strcmp(tdh_json_str(record, "state", ""), "rolled_back") != 0 ||
        !is_edition(record, "next", after))
        return 0;
    td_fail(err, TD_E_CONFLICT, "%s", tdh_json_str(record, "why", "it was rolled back"));
    return td_hint(err, "\"tdev plugin promote %s\" has it serve nevertheless",
                   after->manifest->name);
}

/* It serves at once; what did before is kept in mind, so that it can be gone back to. */
static int exchange_plainly(struct tdh_rollouts *rollouts, const struct tdh_plugin_entry *entry,
                            struct tdh_plugin *after, struct td_err *err)
{
    static const struct tdh_rollout_plan plain = { .shares = { TDH_SHARE_ALL }, .count = 1 };
    struct td_err why;
    json_t *record;

    if (tdh_agents_exchange(rollouts->agents, entry, after, err) != 0)
        return -1;
    record = new_record(entry->name, "done", &plain, NULL, entry->plugin, after);
    if (record == NULL || tdh_rollout_write(rollouts->dir, entry->name, record, &why) != 0)
        tdh_log(TDH_LOG_WARNING, "rollout", TDH_FACTS(TDH_S("plugin", entry->name)),
                "could not write down which version served before");
    json_decref(record);
    return 0;
}

/* One state cannot have two who write it. */
static bool has_state(const struct tdh_plugin_entry *entry, const struct tdh_plugin *after)
{
    if (entry->manifest->state_version == 0 && after->manifest->state_version == 0)
        return false;
    tdh_log(TDH_LOG_WARNING, "rollout", TDH_FACTS(TDH_S("plugin", entry->name)),
            "keeps a state, which two builds cannot share: it serves at once");
    return true;
}

static int exchange(struct tdh_rollouts *rollouts, const struct tdh_plugin_entry *entry,
                    struct tdh_plugin *after, const json_t *record, struct td_err *err)
{
    const char *state = tdh_json_str(record, "state", "");
    struct tdh_rollout_plan plan;
    json_t *text = NULL;
    size_t phase = 0;
    bool is_wanted;
    int rc;

    if (strcmp(state, "trial") == 0 && is_edition(record, "next", after)) {
        text = tdh_rollout_recorded_plan(rollouts->dir, entry->name, &plan);
        phase = (size_t)json_integer_value(json_object_get(record, "phase"));
    }
    if (text == NULL)
        text =
            tdh_rollout_take_plan(rollouts->dir, entry->name, after->manifest->version_text, &plan);
    if (text == NULL)
        text = tdh_rollout_plan_find(rollouts->policies, entry->name, &plan);
    /* somebody has it serve, whatever was found */
    is_wanted = strcmp(state, "promoted") == 0 && is_edition(record, "next", after);
    rc = text == NULL || tdh_rollout_is_plain(&plan) || is_wanted || has_state(entry, after)
             ? exchange_plainly(rollouts, entry, after, err)
             : begin(rollouts, entry->plugin, after, &plan, text, phase, err);
    json_decref(text);
    return rc;
}

int tdh_rollouts_exchange(void *arg, const struct tdh_plugin_entry *entry, struct tdh_plugin *after,
                          struct td_err *err)
{
    struct tdh_rollouts *rollouts = arg;
    json_t *record;
    int rc;

    if (entry->kind == TD_KIND_AGENT)
        give_up(rollouts, entry->name,
                after == NULL            ? "the plugin is gone"
                : after == entry->plugin ? "its folder has the version before again"
                                         : "its folder has another build");
    if (after == entry->plugin)
        return 0;
    if (entry->kind != TD_KIND_AGENT || after == NULL)
        return tdh_agents_exchange(rollouts->agents, entry, after, err);
    record = tdh_rollout_record(rollouts->dir, entry->name);
    rc = check_rejected(record, after, err);
    if (rc == 0)
        rc = exchange(rollouts, entry, after, record, err);
    json_decref(record);
    return rc;
}

/* --- what is to be done --- */

/* new: names of rollouts that are on, and that end while they are looked at. */
static char **take_names(const struct tdh_rollouts *rollouts)
{
    char **names = calloc(rollouts->on.count + 1, sizeof(char *));
    const struct tdh_map_slot *slot;
    size_t at = 0, count = 0;

    while (names != NULL && (slot = tdh_map_next(&rollouts->on, &at)) != NULL)
        if ((names[count] = strdup(slot->key)) != NULL)
            count++;
    return names;
}

/* Loaded, it is found to be another than its folder has, and so tried. */
static void resume(struct tdh_rollouts *rollouts, const char *plugin)
{
    struct td_err err;

    if (tdh_plugins_load(rollouts->agents->options.plugins, TD_KIND_AGENT, plugin, &err) == NULL)
        tdh_log_err(TDH_LOG_WARNING, "rollout", &err);
}

void tdh_rollouts_resume(struct tdh_rollouts *rollouts)
{
    struct td_err err;
    json_t *list = tdh_rollouts_list(rollouts->dir, &err), *record;
    size_t i;

    json_array_foreach (list, i, record)
        if (strcmp(tdh_json_str(record, "state", ""), "trial") == 0)
            resume(rollouts, tdh_json_str(record, "plugin", ""));
    json_decref(list);
}

void tdh_rollouts_heed(struct tdh_rollouts *rollouts)
{
    char **names = tdh_rollout_wished(rollouts->dir);

    for (char **name = names; name != NULL && *name != NULL; name++)
        if (tdh_map_get(&rollouts->on, *name) == NULL)
            tdh_rollout_heed(rollouts, *name);
    tdh_agent_names_free(names);
}

unsigned tdh_rollouts_step(struct tdh_rollouts *rollouts)
{
    char **names = take_names(rollouts);
    unsigned next_ms = 0;

    for (char **name = names; name != NULL && *name != NULL; name++) {
        struct tdh_rollout *rollout = tdh_map_get(&rollouts->on, *name);
        uint64_t now_ns = tdh_clock_mono_ns();
        unsigned ms;

        tdh_rollout_step(rollout, now_ns);
        tdh_rollout_wish_done(rollouts->dir, *name);
        rollout = tdh_map_get(&rollouts->on, *name);
        ms = rollout != NULL ? tdh_rollout_next_ms(rollout, now_ns) : 0;
        if (ms > 0 && (next_ms == 0 || ms < next_ms))
            next_ms = ms;
    }
    tdh_agent_names_free(names);
    return next_ms;
}

void tdh_rollouts_rest(struct tdh_rollouts *rollouts)
{
    const struct tdh_map_slot *slot;
    size_t at = 0;

    while ((slot = tdh_map_next(&rollouts->agents->trials, &at)) != NULL) {
        struct tdh_trial *trial = slot->value;

        atomic_store(&trial->is_mirrored, false);
        tdh_trial_rest(trial);
    }
}
