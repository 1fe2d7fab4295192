/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollout_wish: what somebody wishes of a plugin of which no rollout is on: back to the version
 * before, or once more what was taken back.
 */
#include <string.h>

#include "agent/rollout.h"
#include "base/json.h"
#include "base/log.h"

static void write_state(struct tdh_rollouts *rollouts, const char *plugin, json_t *record,
                        const char *state, const char *why)
{
    struct td_err err;

    json_object_set_new(record, "state", json_string(state));
    json_object_set_new(record, "why", json_string(why));
    if (tdh_rollout_write(rollouts->dir, plugin, record, &err) != 0)
        tdh_log_err(TDH_LOG_ERROR, "rollout", &err);
}

static void go_back(struct tdh_rollouts *rollouts, const char *plugin, json_t *record)
{
    const char *edition = tdh_json_str(json_object_get(record, "before"), "edition", "");
    struct td_err why, err;

    td_fail(&why, TD_E_CONFLICT, "plugin \"%s\": version %s was rolled back: somebody wanted it",
            plugin, tdh_json_str(json_object_get(record, "next"), "version", ""));
    if (tdh_plugins_go_back(rollouts->agents->options.plugins, TD_KIND_AGENT, plugin, edition,
                            tdh_agents_exchange, rollouts->agents, &why, &err) != 0) {
        tdh_log_err(TDH_LOG_ERROR, "rollout", &err);
        json_object_set_new(record, "waits", json_string(err.text));
        write_state(rollouts, plugin, record, "done", "");
        return;
    }
    write_state(rollouts, plugin, record, "rolled_back", why.text);
}

void tdh_rollout_heed(struct tdh_rollouts *rollouts, const char *plugin)
{
    enum tdh_wish wish = tdh_rollout_take_wish(rollouts->dir, plugin);
    json_t *record = tdh_rollout_record(rollouts->dir, plugin);
    const char *state = tdh_json_str(record, "state", "");

    if (wish == TDH_WISH_ROLLBACK && strcmp(state, "done") == 0)
        go_back(rollouts, plugin, record);
    else if (wish != TDH_WISH_NOTHING && wish != TDH_WISH_ROLLBACK &&
             strcmp(state, "rolled_back") == 0) {
        write_state(rollouts, plugin, record, "promoted", "");
        tdh_plugins_look_again(rollouts->agents->options.plugins, TD_KIND_AGENT, plugin);
    }
    json_decref(record);
    tdh_rollout_wish_done(rollouts->dir, plugin);
}
