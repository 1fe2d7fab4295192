/* SPDX-License-Identifier: Apache-2.0 */
/*
 * left: which processes ended because they were told to, and not in the middle of something. A run
 * that one of these leaves behind has ended nobody's process, however often that happens.
 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "run/internal.h"

#define KEPT_US (INT64_C(90) * 24 * 3600 * 1000000) /* a run that is left longer counts once */

void tdh_engine_leave(struct tdh_engine *engine)
{
    struct td_op op = { TD_SIZE(struct td_op), .kind = TD_OP_PUT,         .space = TDH_LEFT_SPACE,
                        .key = engine->owner,  .version = TD_VERSION_ANY, .value = { "{}", 2 } };
    struct td_op *ops[] = { &op };
    struct td_err err;

    if (engine->options.store == NULL || atomic_load(&engine->open_runs) == 0)
        return;
    op.time_us = tdh_clock_us();
    op.expires_us = op.time_us + KEPT_US;
    if (tdh_store_commit(engine->options.store, ops, 1, NULL, &err) != 0)
        tdh_log_err(TDH_LOG_WARNING, "run", &err);
}

bool tdh_owner_has_left(struct tdh_engine *engine, const char *owner)
{
    struct tdh_hub *hub = &engine->hubs[tdh_worker_index(tdh_worker_self())];
    json_t *record = NULL;
    struct td_err ignored;
    bool has_left;

    if (strcmp(hub->left_owner, owner) == 0)
        return hub->left_answer;
    has_left =
        tdh_store_get(engine->options.store, TDH_LEFT_SPACE, owner, &record, NULL, &ignored) == 0;
    json_decref(record);
    snprintf(hub->left_owner, sizeof(hub->left_owner), "%s", owner);
    hub->left_answer = has_left;
    return has_left;
}
