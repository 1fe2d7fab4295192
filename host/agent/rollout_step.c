/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollout_step: a rollout that is on goes forward phase by phase, is taken, or is taken back.
 *
 * The tests of what is tried are made when it has had `min_calls`, and each time that number has
 * doubled, and at the end of a phase. So that many looks make no rollback without cause likelier,
 * the chance that may be taken is shared out: half of it to the looks, of which each gets half of
 * what is left, the other half to the ends of phases, alike.
 */
#include <string.h>

#include "agent/rollout.h"
#include "base/clock.h"
#include "base/hook.h"
#include "base/json.h"
#include "base/log.h"

enum { TICK_MS = 1000, TICK_MIN_MS = 10 };

static bool is_last(const struct tdh_rollout *rollout)
{
    return rollout->phase + 1 == rollout->plan.count;
}

static const char *version_of(const struct tdh_rollout *rollout, const char *side)
{
    return tdh_json_str(json_object_get(rollout->record, side), "version", "");
}

/* --- telling --- */

static void add_to_story(struct tdh_rollout *rollout, const char *what, const char *why)
{
    json_t *story = json_object_get(rollout->record, "story");

    while (json_array_size(story) >= TDH_ROLLOUT_STEPS)
        json_array_remove(story, 0);
    json_array_append_new(story,
                          json_pack("{s:I, s:s, s:i, s:s*}", "at_us", (json_int_t)tdh_clock_us(),
                                    "what", what, "phase", (int)rollout->phase, "why", why));
}

void tdh_rollout_tell(struct tdh_rollout *rollout, const char *what, const char *why)
{
    bool is_bad = strcmp(what, "rolled_back") == 0;
    double share = (double)rollout->plan.shares[rollout->phase] / TDH_SHARE_ALL;
    char name[64];
    json_t *data =
        json_pack("{s:s, s:s, s:s, s:s, s:f, s:s*}", "plugin", rollout->name, "from",
                  version_of(rollout, "before"), "to", version_of(rollout, "next"), "strategy",
                  tdh_strategies[rollout->plan.strategy], "share", share, "why", why);

    add_to_story(rollout, what, why);
    tdh_log(is_bad ? TDH_LOG_ERROR : TDH_LOG_INFO, "rollout",
            TDH_FACTS(TDH_S("plugin", rollout->name), TDH_S("from", version_of(rollout, "before")),
                      TDH_S("to", version_of(rollout, "next")),
                      TDH_S("strategy", tdh_strategies[rollout->plan.strategy]),
                      TDH_I("percent", (int64_t)(share * 100)), TDH_S("why", why)),
            "%s", what);
    snprintf(name, sizeof(name), "plugin.rollout.%s", what);
    if (data != NULL)
        tdh_hook_event(name, data);
    json_decref(data);
}

/* --- the record --- */

static void take_stock(struct tdh_rollout *rollout)
{
    json_t *record = rollout->record;

    json_object_set_new(record, "phase", json_integer((json_int_t)rollout->phase));
    json_object_set_new(record, "share",
                        json_real((double)rollout->plan.shares[rollout->phase] / TDH_SHARE_ALL));
    json_object_set_new(json_object_get(record, "before"), "seen",
                        tdh_side_json(&rollout->trial->sides[TDH_SIDE_SERVING]));
    json_object_set_new(json_object_get(record, "next"), "seen",
                        tdh_side_json(&rollout->trial->sides[TDH_SIDE_TRIED]));
    if (rollout->plan.strategy == TDH_SHADOW)
        json_object_set_new(record, "mirror", tdh_mirror_json(rollout->trial));
}

void tdh_rollout_keep(struct tdh_rollout *rollout)
{
    struct td_err err;

    take_stock(rollout);
    if (rollout->written != NULL && json_equal(rollout->written, rollout->record))
        return;
    if (tdh_rollout_write(rollout->all->dir, rollout->name, rollout->record, &err) != 0) {
        td_context(&err, "the rollout of plugin \"%s\"", rollout->name);
        tdh_log_err(TDH_LOG_ERROR, "rollout", &err);
    }
    json_decref(rollout->written);
    rollout->written = json_deep_copy(rollout->record);
}

static void set_state(struct tdh_rollout *rollout, const char *state, const char *why)
{
    json_object_set_new(rollout->record, "state", json_string(state));
    json_object_set_new(rollout->record, "why", json_string(why));
}

/* --- what becomes of it --- */

static void roll_back(struct tdh_rollout *rollout, const char *why)
{
    struct tdh_agents *agents = rollout->all->agents;
    struct td_err told;

    td_fail(&told, TD_E_CONFLICT, "plugin \"%s\": version %s was rolled back: %s", rollout->name,
            version_of(rollout, "next"), why);
    if (rollout->trial->last[0] != '\0')
        td_hint(&told, "its last failure: %.180s", rollout->trial->last);
    set_state(rollout, "rolled_back", told.text);
    json_object_set_new(rollout->record, "last_failure", json_string(rollout->trial->last));
    tdh_rollout_tell(rollout, "rolled_back", why);
    tdh_rollout_keep(rollout);
    tdh_agents_lock(agents);
    tdh_trial_end(agents, rollout->trial, false);
    tdh_plugins_reject(agents->options.plugins, TD_KIND_AGENT, rollout->name, &told);
    tdh_agents_unlock(agents);
    tdh_rollout_end(rollout);
}

/* Agents that could be made of the version before only must be made of this one now. */
static int take(struct tdh_rollout *rollout, struct td_err *err)
{
    struct tdh_agents *agents = rollout->all->agents;
    const struct tdh_plugin_entry *entry =
        tdh_plugins_find(agents->options.plugins, TD_KIND_AGENT, rollout->name, err);

    if (entry == NULL || tdh_trial_join_all(agents, rollout->trial, entry->plugin, err) != 0 ||
        tdh_plugins_adopt(agents->options.plugins, TD_KIND_AGENT, rollout->name, err) != 0)
        return -1;
    tdh_trial_end(agents, rollout->trial, true);
    return 0;
}

static void finish(struct tdh_rollout *rollout)
{
    struct td_err err;
    int rc;

    tdh_agents_lock(rollout->all->agents);
    rc = take(rollout, &err);
    tdh_agents_unlock(rollout->all->agents);
    if (rc != 0) {
        roll_back(rollout, err.text);
        return;
    }
    set_state(rollout, "done", "");
    tdh_rollout_tell(rollout, "done", NULL);
    tdh_rollout_keep(rollout);
    tdh_rollout_end(rollout);
}

void tdh_rollout_enter(struct tdh_rollout *rollout, size_t phase, uint64_t now_ns)
{
    struct tdh_trial *trial = rollout->trial;

    rollout->phase = phase;
    rollout->since_ns = now_ns;
    tdh_agents_lock(rollout->all->agents);
    trial->is_by_agent = rollout->plan.strategy == TDH_ROLLING;
    trial->share = rollout->plan.shares[phase];
    atomic_store(&trial->is_mirrored, rollout->plan.strategy == TDH_SHADOW && !is_last(rollout));
    tdh_agents_unlock(rollout->all->agents);
    json_object_set_new(rollout->record, "since_us", json_integer((json_int_t)tdh_clock_us()));
    tdh_rollout_tell(rollout, phase == 0 ? "began" : "went_on", NULL);
    tdh_rollout_keep(rollout);
}

/* --- judging --- */

static int64_t length_ms(const struct tdh_rollout *rollout)
{
    return is_last(rollout) ? rollout->plan.keep_ms : rollout->plan.watch_ms;
}

static bool is_watched(const struct tdh_rollout *rollout, uint64_t now_ns)
{
    return now_ns - rollout->since_ns >= (uint64_t)length_ms(rollout) * 1000000;
}

/* The chance for the tests of this moment; 0: they are not made. */
static double chance(struct tdh_rollout *rollout, uint64_t calls, bool is_end)
{
    double half = rollout->plan.significance / 2;

    if (calls > 0 && calls >= rollout->next_look) {
        rollout->next_look = 2 * calls;
        rollout->looks++;
        return half / (double)(UINT64_C(1) << (rollout->looks < 40 ? rollout->looks : 40));
    }
    return is_end ? half / (double)rollout->plan.count : 0;
}

static enum tdh_opinion judge(struct tdh_rollout *rollout, bool is_end,
                              char why[static TD_ERR_TEXT])
{
    struct tdh_trial *trial = rollout->trial;
    const struct tdh_mirror_sum mirror = { atomic_load(&trial->same),
                                           atomic_load(&trial->different),
                                           atomic_load(&trial->skipped) };
    struct tdh_side_sum serving, tried;

    why[0] = '\0';
    if (trial->share == 0 && !atomic_load(&trial->is_mirrored))
        return TDH_WELL; /* it gets nothing yet */
    tdh_side_read(&trial->sides[TDH_SIDE_SERVING], &serving);
    tdh_side_read(&trial->sides[TDH_SIDE_TRIED], &tried);
    return tdh_trial_judge(&rollout->plan, &serving, &tried, &mirror,
                           chance(rollout, tried.calls, is_end), why);
}

static void go_on(struct tdh_rollout *rollout, uint64_t now_ns, enum tdh_wish wish)
{
    if (is_last(rollout) || wish == TDH_WISH_PROMOTE_NOW)
        finish(rollout);
    else
        tdh_rollout_enter(rollout, rollout->phase + 1, now_ns);
}

void tdh_rollout_step(struct tdh_rollout *rollout, uint64_t now_ns)
{
    enum tdh_wish wish = tdh_rollout_take_wish(rollout->all->dir, rollout->name);
    bool is_end = is_watched(rollout, now_ns), is_free;
    char why[TD_ERR_TEXT];
    enum tdh_opinion opinion = judge(rollout, is_end, why);

    if (wish == TDH_WISH_ROLLBACK || opinion == TDH_ILL) {
        roll_back(rollout, opinion == TDH_ILL ? why : "somebody wanted it");
        return;
    }
    is_free = is_last(rollout) || !rollout->plan.is_manual;
    if (wish != TDH_WISH_NOTHING || (is_end && is_free && opinion == TDH_WELL)) {
        go_on(rollout, now_ns, wish);
        return;
    }
    if (is_end && !is_free && opinion == TDH_WELL)
        snprintf(why, sizeof(why), "waits for \"tdev plugin promote\"");
    json_object_set_new(rollout->record, "waits", json_string(why));
    tdh_rollout_keep(rollout);
}

unsigned tdh_rollout_next_ms(const struct tdh_rollout *rollout, uint64_t now_ns)
{
    int64_t left = length_ms(rollout) - (int64_t)((now_ns - rollout->since_ns) / 1000000);

    if (left <= 0 || left > TICK_MS)
        return TICK_MS;
    return left < TICK_MIN_MS ? TICK_MIN_MS : (unsigned)left;
}
