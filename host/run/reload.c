/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reload: a run as its snapshot has it. References are resolved before (tail.c).
 */
#include <stdlib.h>
#include <string.h>

#include "base/err_json.h"
#include "base/json.h"
#include "base/said.h"
#include "run/recover.h"
#include "run/snapshot.h"

static void read_policy(const json_t *row, struct td_policy *policy)
{
    *policy = (struct td_policy){ .size = sizeof(*policy) };
    policy->timeout_ms = (uint32_t)json_integer_value(json_array_get(row, 0));
    policy->max_attempts = (uint32_t)json_integer_value(json_array_get(row, 1));
    policy->backoff = (enum td_backoff)json_integer_value(json_array_get(row, 2));
    policy->initial_ms = (uint32_t)json_integer_value(json_array_get(row, 3));
    policy->max_ms = (uint32_t)json_integer_value(json_array_get(row, 4));
    policy->jitter = json_number_value(json_array_get(row, 5));
    policy->in_doubt = (enum td_in_doubt)json_integer_value(json_array_get(row, 6));
}

static json_t *take_value(const json_t *row, size_t place)
{
    json_t *value = json_array_get(row, place);

    return json_is_null(value) ? NULL : json_incref(value);
}

/* Calls and runs have an input, which may be null; all but timers and questions a name. */
static bool ask_fits(const struct tdh_run *run, const json_t *row)
{
    json_int_t number = json_integer_value(json_array_get(row, 0));
    json_int_t kind = json_integer_value(json_array_get(row, 1));
    const json_t *policy = json_array_get(row, 10);
    const char *child = json_string_value(json_array_get(row, 9));

    return (tdh_row_fits(row, "nnssninSSSa**Snn") || tdh_row_fits(row, "nnssninSSSa**Snnssn")) &&
           kind <= TDH_ASK_RUN && number > run->next_ask && tdh_row_fits(policy, "nnnnnrn") &&
           json_integer_value(json_array_get(policy, 2)) <= TD_BACKOFF_FIBONACCI &&
           json_integer_value(json_array_get(policy, 6)) <= TD_DOUBT_FAIL &&
           (kind == TDH_ASK_TIMER || json_is_string(json_array_get(row, 7)) ||
            (kind == TDH_ASK_WAIT && json_is_object(json_array_get(row, 12)))) &&
           (kind != TDH_ASK_RUN || (child != NULL && tdh_id_is_valid(child)));
}

static int read_names(struct tdh_ask_entry *ask, const json_t *row, struct td_err *err)
{
    const char *name = json_string_value(json_array_get(row, 7)),
               *action = json_string_value(json_array_get(row, 8));
    const char *child = json_string_value(json_array_get(row, 9));
    struct td_err why;

    if (child != NULL)
        snprintf(ask->child_id, sizeof(ask->child_id), "%s", child);
    if (ask->kind == TDH_ASK_CALL && name != NULL && action != NULL)
        if (tdh_pin_find(ask->run, name, action, NULL, &ask->target, &why) != 0)
            name = why.text; /* as when it was asked for: told as the ask's failure, or the run is
                                parked */
    if (ask->target != NULL)
        return 0;
    ask->name = name != NULL ? strdup(name) : NULL;
    return name == NULL || ask->name != NULL
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate an ask");
}

/* As when the journal tells of it; the pins of the snapshot have its edition. */
static void read_stand_in(struct tdh_ask_entry *ask, const json_t *row)
{
    const char *agent = json_string_value(json_array_get(row, 16)),
               *rule = json_string_value(json_array_get(row, 17));

    if (agent == NULL)
        return;
    tdh_recover_again(ask, agent, NULL, rule);
    if (ask->stand_in != NULL)
        ask->before_stand_in = (unsigned)json_integer_value(json_array_get(row, 18));
}

static int read_ask(struct tdh_run *run, const json_t *row, struct td_err *err)
{
    const char *path = json_string_value(json_array_get(row, 2)),
               *tag = json_string_value(json_array_get(row, 3));
    struct tdh_ask_entry *ask;
    json_int_t flags;

    if (!ask_fits(run, row))
        return td_fail(err, TD_E_CORRUPT, "an ask of the snapshot is not of a known shape");
    run->next_ask = (uint32_t)json_integer_value(json_array_get(row, 0)) - 1;
    ask = tdh_ask_add(run, (enum tdh_ask_kind)json_integer_value(json_array_get(row, 1)), path,
                      strtoull(tag, NULL, 16), err);
    if (ask == NULL)
        return -1;
    ask->attempt = (unsigned)json_integer_value(json_array_get(row, 4));
    ask->due_us = json_integer_value(json_array_get(row, 5));
    ask->run_target = (enum td_target)json_integer_value(json_array_get(row, 6));
    read_policy(json_array_get(row, 10), &ask->policy);
    if (ask->kind == TDH_ASK_CALL || ask->kind == TDH_ASK_RUN)
        ask->input = json_incref(json_array_get(row, 11));
    ask->config = take_value(row, 12);
    flags = json_integer_value(json_array_get(row, 14));
    if ((flags & TDH_FLAG_BACKOFF) != 0)
        ask->state = TDH_ASK_BACKOFF;
    if ((flags & TDH_FLAG_PAUSED) != 0)
        ask->state = TDH_ASK_PAUSED;
    ask->is_stopped = (flags & TDH_FLAG_STOPPED) != 0;
    ask->counted = ask->attempt - (ask->attempt > 0 && (flags & TDH_FLAG_RUNNING) != 0);
    if (json_is_string(json_array_get(row, 13)) &&
        (ask->key = strdup(json_string_value(json_array_get(row, 13)))) == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate an ask");
    ask->delay_us = json_integer_value(json_array_get(row, 15));
    if (read_names(ask, row, err) != 0)
        return -1;
    read_stand_in(ask, row);
    return 0;
}

static bool snapshot_fits(const json_t *snapshot)
{
    const json_t *parent = json_object_get(snapshot, "parent"),
                 *spent = json_object_get(snapshot, "spent");
    json_t *signals = json_object_get(snapshot, "signals"), *signal;
    json_t *numbers =
        json_pack("[O*, O*, O*]", json_object_get(snapshot, "version"),
                  json_object_get(snapshot, "next"), json_object_get(snapshot, "created"));
    bool fits = tdh_row_fits(numbers, "nni") && json_is_array(signals) &&
                json_is_array(json_object_get(snapshot, "asks")) &&
                (parent == NULL || tdh_row_fits(parent, "sn")) && tdh_facts_fit(snapshot) &&
                tdh_pins_fit(json_object_get(snapshot, "pins")) &&
                (spent == NULL || tdh_meters_parse(spent, &(struct tdh_meters){ 0 }));
    size_t i;

    json_decref(numbers);
    json_array_foreach (signals, i, signal)
        fits = fits && tdh_row_fits(signal, "s*");
    return fits;
}

static void read_spent(struct tdh_run *run, const json_t *spent)
{
    struct tdh_meters meters;

    if (!tdh_meters_parse(spent, &meters))
        return;
    for (unsigned i = 0; i < meters.count; i++)
        tdh_purse_spend(run, meters.list[i].name, meters.list[i].amount);
}

int tdh_snapshot_load(struct tdh_run *run, json_t *snapshot, struct td_err *err)
{
    const struct tdh_definition *definition = run->definition;
    uint32_t next = (uint32_t)json_integer_value(json_object_get(snapshot, "next"));
    json_t *asks = json_object_get(snapshot, "asks"), *ask;
    struct tdh_held before;
    size_t i;
    int rc;

    if (!snapshot_fits(snapshot))
        return td_fail(err, TD_E_CORRUPT, "the snapshot is not of a known shape");
    run->created_us = json_integer_value(json_object_get(snapshot, "created"));
    run->is_cancel_asked = json_is_true(json_object_get(snapshot, "cancel"));
    run->is_paused = json_is_true(json_object_get(snapshot, "paused"));
    run->status = run->is_paused ? TDH_RUN_PAUSED : TDH_RUN_RUNNING;
    if (json_object_get(snapshot, "why") != NULL)
        tdh_err_from_json(json_object_get(snapshot, "why"), &run->why);
    tdh_facts_read(run, snapshot);
    if (!run->is_unpinned)
        run->pins.known = json_incref(json_object_get(snapshot, "pins"));
    read_spent(run, json_object_get(snapshot, "spent"));
    json_decref(run->signals);
    run->signals = json_incref(json_object_get(snapshot, "signals"));
    json_array_foreach (asks, i, ask)
        if (read_ask(run, ask, err) != 0)
            return -1;
    if (run->next_ask > next)
        return td_fail(err, TD_E_CORRUPT, "an ask of the snapshot is newer than the snapshot");
    run->next_ask = next;
    run->is_started = true;
    before = tdh_run_enter(run);
    tdh_unsaid(err);
    rc = definition->reducer->load(
        run->state, definition->plan, json_object_get(snapshot, "state"),
        (uint32_t)json_integer_value(json_object_get(snapshot, "version")), err);
    tdh_hold_again(&before, NULL);
    return tdh_said(rc, definition->name, "load", err);
}
