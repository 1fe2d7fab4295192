/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life_status: what is known of the lives of named agents, as JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/internal.h"
#include "agent/life.h"
#include "agent/pool.h"
#include "base/clock.h"
#include "base/err_json.h"
#include "base/json.h"

static json_t *time_text(int64_t time_us)
{
    char text[40];

    return json_string(tdh_clock_print(time_us, text, sizeof(text)));
}

/* Under the life's lock. The oldest first. */
static json_t *history_of(const struct tdh_life *life)
{
    uint64_t first =
        life->change_count > TDH_LIFE_HISTORY ? life->change_count - TDH_LIFE_HISTORY : 0;
    json_t *history = json_array();

    for (uint64_t number = first; number < life->change_count; number++) {
        const struct tdh_life_change *change = &life->changes[number % TDH_LIFE_HISTORY];

        json_array_append_new(
            history, json_pack("{s:o, s:s, s:s, s:s*}", "time", time_text(change->time_us), "from",
                               tdh_life_word(change->from), "to", tdh_life_word(change->to),
                               "reason", change->reason[0] != '\0' ? change->reason : NULL));
    }
    return history;
}

/* Work is not written down as a state with each call; it is what runs now. */
static enum tdh_life_state state_seen(const struct tdh_life *life, unsigned running)
{
    return life->state == TDH_LIFE_STARTED && running > 0 ? TDH_LIFE_EXECUTING : life->state;
}

/* Under the life's lock. */
static json_t *facts_of(const struct tdh_life *life, unsigned running)
{
    uint64_t kept = life->change_count < TDH_LIFE_HISTORY ? life->change_count : TDH_LIFE_HISTORY;
    json_t *row = json_pack("{s:s, s:s, s:s*, s:s*, s:s*, s:i, s:I, s:I, s:o}", "agent", life->name,
                            "state", tdh_life_word(state_seen(life, running)), "plugin",
                            life->plugin[0] != '\0' ? life->plugin : NULL, "version",
                            life->version[0] != '\0' ? life->version : NULL, "edition",
                            life->edition[0] != '\0' ? life->edition : NULL, "births",
                            (int)life->births, "refused", (json_int_t)life->refused, "forgotten",
                            (json_int_t)(life->change_count - kept), "history", history_of(life));

    if (life->change_count > 0)
        json_object_set_new(
            row, "since",
            time_text(life->changes[(life->change_count - 1) % TDH_LIFE_HISTORY].time_us));
    if (life->error.code != TD_OK) {
        json_object_set_new(row, "error", tdh_err_json(&life->error));
        json_object_set_new(row, "error_time", time_text(life->error_us));
    }
    if (life->step != NULL)
        json_object_set_new(row, "step", json_string(life->step));
    return row;
}

static json_t *status_of(struct tdh_agents *agents, struct tdh_life *life)
{
    const struct tdh_agent_template *template = tdh_map_get(&agents->named, life->name);
    unsigned running = tdh_life_running(agents, life);
    json_t *row, *pool;
    uint64_t calls = 0, failures = 0;

    pthread_mutex_lock(&life->lock);
    row = facts_of(life, running);
    pthread_mutex_unlock(&life->lock);
    if (life->plugin[0] != '\0') {
        const struct tdh_ledger_line *line =
            tdh_ledger_line(TDH_LEDGER_AGENT, life->name, life->plugin);

        calls = atomic_load(&line->calls);
        failures = atomic_load(&line->failures);
    }
    json_object_set_new(row, "running", json_integer(running));
    json_object_set_new(
        row, "waiting",
        json_integer(template != NULL ? atomic_load(&template->limiter.waiting) : 0));
    json_object_set_new(row, "calls", json_integer((json_int_t)calls));
    json_object_set_new(row, "failures", json_integer((json_int_t)failures));
    pool = template != NULL ? tdh_pool_status(template) : NULL;
    if (pool != NULL)
        json_object_set_new(row, "pool", pool);
    return row;
}

static int compare(const void *a, const void *b)
{
    return strcmp(tdh_json_str(*(json_t *const *)a, "agent", ""),
                  tdh_json_str(*(json_t *const *)b, "agent", ""));
}

static json_t *status_of_all(struct tdh_agents *agents)
{
    json_t **rows = calloc(agents->lives.count + 1, sizeof(json_t *)), *list = json_array();
    const struct tdh_map_slot *slot;
    size_t at = 0, count = 0;

    while (rows != NULL && (slot = tdh_map_next(&agents->lives, &at)) != NULL)
        rows[count++] = status_of(agents, slot->value);
    if (rows != NULL)
        qsort(rows, count, sizeof(json_t *), compare);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, rows[i]);
    free(rows);
    return list;
}

static json_t *status_of_one(struct tdh_agents *agents, const char *name, struct td_err *err)
{
    struct tdh_life *life = tdh_map_get(&agents->lives, name);
    const struct tdh_plugin_entry *entry;

    if (life != NULL)
        return json_pack("[o]", status_of(agents, life));
    if (!tdh_agent_is_name(name)) {
        td_fail(err, TD_E_NOTFOUND, "there is no agent \"%.64s\"", name);
        return NULL;
    }
    entry = tdh_agents_entry(agents, name, err);
    return entry != NULL ? json_pack("[{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:[]}]", "agent",
                                     name, "state", tdh_life_word(TDH_LIFE_CREATED), "plugin",
                                     entry->name, "running", 0, "waiting", 0, "calls", 0,
                                     "failures", 0, "births", 0, "history")
                         : NULL;
}

json_t *tdh_agents_status(struct tdh_agents *agents, const char *name, struct td_err *err)
{
    json_t *list;

    tdh_agents_lock(agents);
    list = name != NULL ? status_of_one(agents, name, err) : status_of_all(agents);
    tdh_agents_unlock(agents);
    if (list == NULL && name == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the status of agents");
    return list;
}
