/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trigger view: triggers for people, and starts by hand.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/near.h"
#include "flow/clerk.h"

enum { COUNT_TRIES = 10 };

/* --- the list --- */

struct view {
    json_t *list, *tallies, *fires; /* fires: by trigger, how many wait */
    int64_t now_us;
    bool has_failed;
};

static void set_time(json_t *row, const char *key, int64_t time_us)
{
    char text[40];

    json_object_set_new(row, key,
                        time_us > 0 ? json_string(tdh_clock_print(time_us, text, sizeof(text)))
                                    : json_null());
}

static int64_t next_of(const struct tdh_trigger *trigger, const struct tdh_tally *tally,
                       int64_t now_us)
{
    int64_t after_us = tally->seen_us > now_us ? tally->seen_us : now_us, next_us;

    if (tally->waiting != NULL)
        return tally->waiting_us;
    return tdh_pace_next(trigger, tally->since_us != 0 ? tally->since_us : now_us, after_us,
                         &next_us)
               ? next_us
               : 0;
}

/* A tally counts what is to be started. It is read before those that wait, of which some may have
 * been noted since. */
static json_int_t started(const struct tdh_tally *tally, json_int_t waiting)
{
    json_int_t count = (json_int_t)tally->count - waiting;

    return count > 0 ? count : 0;
}

static void add_trigger(struct view *view, const char *workflow, size_t number,
                        const struct tdh_trigger *trigger)
{
    struct tdh_tally tally = { 0 };
    char key[TDH_SEAT_KEY];
    json_int_t waiting;
    struct td_err err;
    json_t *row;

    tdh_seat_key(key, workflow, trigger->key);
    waiting = json_integer_value(json_object_get(view->fires, key));
    if (tdh_tally_read(&tally, json_object_get(view->tallies, key), &err) != 0)
        view->has_failed = true;
    row = json_pack("{s:s, s:I, s:s, s:s, s:s, s:I, s:I, s:O?, s:I}", "workflow", workflow,
                    "number", (json_int_t)number, "key", trigger->key, "kind",
                    tdh_trigger_kind_name(trigger->kind), "source", trigger->source, "count",
                    started(&tally, waiting), "refused", (json_int_t)tally.refused, "refusal",
                    tally.refusal, "waiting", waiting);
    if (row == NULL || json_array_append_new(view->list, row) != 0) {
        view->has_failed = true;
    } else {
        set_time(row, "next", next_of(trigger, &tally, view->now_us));
        set_time(row, "since", tally.since_us);
        set_time(row, "last", tally.last_us);
        json_object_set_new(row, "last_run",
                            tally.last_run[0] != '\0' ? json_string(tally.last_run) : json_null());
    }
    tdh_tally_end(&tally);
}

static void add_workflow(void *arg, const char *name, const char *path,
                         struct tdh_definition *definition, const struct td_err *err)
{
    struct view *view = arg;
    const struct tdh_plan *plan;

    if (definition == NULL) {
        json_array_append_new(view->list,
                              json_pack("{s:s, s:s}", "path", path, "error", err->text));
        return;
    }
    plan = definition->plan;
    for (size_t i = 0; i < plan->trigger_count; i++)
        add_trigger(view, name, i + 1, &plan->triggers[i]);
}

/* Records by key. new. */
static json_t *read_tallies(struct tdh_store *store, struct td_err *err)
{
    json_t *list, *row, *tallies = json_object();
    size_t i;

    if (tdh_store_list(store, TDH_TALLY_SPACE, "", NULL, 0, TD_SCAN_SOUND, &list, err) != 0) {
        json_decref(tallies);
        return NULL;
    }
    json_array_foreach (list, i, row)
        json_object_set(tallies, tdh_json_str(row, "key", ""), json_object_get(row, "value"));
    json_decref(list);
    return tallies;
}

static json_t *count_fires(struct tdh_store *store, struct td_err *err)
{
    json_t *list, *row, *counts = json_object();
    size_t i;

    if (tdh_store_list(store, TDH_FIRE_SPACE, "", NULL, TDH_CLERK_FIRES, TD_SCAN_SOUND, &list,
                       err) != 0) {
        json_decref(counts);
        return NULL;
    }
    json_array_foreach (list, i, row) {
        const char *key = tdh_json_str(json_object_get(row, "value"), "trigger", "");

        json_object_set_new(counts, key,
                            json_integer(json_integer_value(json_object_get(counts, key)) + 1));
    }
    json_decref(list);
    return counts;
}

int tdh_triggers_list(struct tdh_store *store, struct tdh_flows *flows, json_t **ret_list,
                      struct td_err *err)
{
    struct view view = { .list = json_array(), .now_us = tdh_clock_us() };
    int rc = -1;

    view.tallies = read_tallies(store, err);
    view.fires = view.tallies != NULL ? count_fires(store, err) : NULL;
    if (view.fires != NULL)
        rc = tdh_flows_each(flows, add_workflow, &view, err);
    if (rc == 0 && view.has_failed)
        rc = td_fail(err, TD_E_NOMEM, "could not allocate the list of triggers");
    json_decref(view.tallies);
    json_decref(view.fires);
    if (rc == 0)
        *ret_list = view.list;
    else
        json_decref(view.list);
    return rc;
}

/* --- by hand --- */

static const struct tdh_trigger *choose(const struct tdh_definition *definition, const char *called,
                                        unsigned number, struct td_err *err)
{
    const struct tdh_plan *plan = definition->plan;

    if (plan->trigger_count == 0) {
        td_fail(err, TD_E_NOTFOUND, "workflow \"%s\" has no triggers", definition->name);
        td_hint(err, "tdev run %s starts it", called);
        return NULL;
    }
    if (number > plan->trigger_count) {
        td_fail(err, TD_E_NOTFOUND, "workflow \"%s\" has %zu triggers, there is no number %u",
                definition->name, plan->trigger_count, number);
        return NULL;
    }
    if (number > 0 || plan->trigger_count == 1)
        return &plan->triggers[number > 0 ? number - 1 : 0];
    for (size_t i = 0; i < plan->trigger_count; i++)
        if (plan->triggers[i].kind == TRIGGER_MANUAL)
            return &plan->triggers[i];
    td_fail(err, TD_E_NOTFOUND, "workflow \"%s\" has %zu triggers, and none of them is manual",
            definition->name, plan->trigger_count);
    td_hint(err, "say which: tdev trigger list shows their numbers");
    return NULL;
}

int tdh_trigger_by_hand(const struct tdh_definition *definition, const char *called,
                        unsigned number, const json_t *data, json_t **ret_input,
                        const char **ret_key, struct td_err *err)
{
    const struct tdh_trigger *trigger = choose(definition, called, number, err);
    struct tdh_arena arena = { 0 };
    json_t *event, *input;

    if (trigger == NULL)
        return -1;
    event = tdh_event_json("manual", "cli", tdh_clock_us(), json_incref((json_t *)data));
    input = event != NULL ? tdh_trigger_input(trigger, event, &arena, err) : NULL;
    if (event == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate an event");
    json_decref(event);
    tdh_arena_free(&arena);
    if (input == NULL)
        return -1;
    if (tdh_flow_check_input(definition, input, err) != 0) {
        json_decref(input);
        return -1;
    }
    *ret_input = input;
    *ret_key = trigger->key;
    return 0;
}

/* --- whom a replay is for --- */

/* By its id, or its number from 1. NULL: err. */
static const struct tdh_trigger *find_trigger(const struct tdh_definition *definition,
                                              const char *which, struct td_err *err)
{
    const struct tdh_plan *plan = definition->plan;
    const char *keys[TDH_TRIGGERS_MAX], *near;
    char *end;
    unsigned long number = strtoul(which, &end, 10);

    if (*end == '\0' && number > 0 && number <= plan->trigger_count)
        return &plan->triggers[number - 1];
    for (size_t i = 0; i < plan->trigger_count; i++) {
        if (strcmp(plan->triggers[i].key, which) == 0)
            return &plan->triggers[i];
        keys[i] = plan->triggers[i].key;
    }
    td_fail(err, TD_E_NOTFOUND, "workflow \"%s\" has no trigger \"%.64s\"", definition->name,
            which);
    near = tdh_near(which, keys, plan->trigger_count);
    if (near != NULL)
        td_hint(err, "did you mean \"%s\"", near);
    else
        td_hint(err, "tdev trigger list shows their numbers");
    return NULL;
}

static bool has_event_trigger(const struct tdh_plan *plan)
{
    size_t i = 0;

    while (i < plan->trigger_count && plan->triggers[i].kind != TRIGGER_EVENT)
        i++;
    return i < plan->trigger_count;
}

static int print_address(const struct tdh_definition *definition, const char *which,
                         char ret_address[static TDH_TRIGGER_ADDRESS], struct td_err *err)
{
    const struct tdh_trigger *trigger;

    if (which == NULL) {
        if (!has_event_trigger(definition->plan))
            return td_fail(err, TD_E_INVAL, "no trigger of workflow \"%s\" hears events",
                           definition->name);
        snprintf(ret_address, TDH_TRIGGER_ADDRESS, "%s", definition->name);
        return 0;
    }
    trigger = find_trigger(definition, which, err);
    if (trigger == NULL)
        return -1;
    if (trigger->kind != TRIGGER_EVENT)
        return td_fail(err, TD_E_INVAL,
                       "trigger \"%s\" of workflow \"%s\" is of kind %s and hears no events", which,
                       definition->name, tdh_trigger_kind_name(trigger->kind));
    return tdh_seat_key(ret_address, definition->name, trigger->key);
}

int tdh_trigger_address(struct tdh_flows *flows, const char *text,
                        char ret_address[static TDH_TRIGGER_ADDRESS], struct td_err *err)
{
    const char *slash = strchr(text, '/');
    size_t length = slash != NULL ? (size_t)(slash - text) : strlen(text);
    struct tdh_definition *definition;
    char name[TDH_TRIGGER_ADDRESS];
    int rc;

    if (length >= sizeof(name))
        return td_fail(err, TD_E_NOTFOUND, "there is no workflow \"%.64s...\"", text);
    snprintf(name, sizeof(name), "%.*s", (int)length, text);
    definition = tdh_flows_find(flows, name, err);
    if (definition == NULL)
        return -1;
    rc = print_address(definition, slash != NULL ? slash + 1 : NULL, ret_address, err);
    tdh_definition_release(definition);
    return rc;
}

/* --- counting --- */

/* The clerk of another process may count at the same time. */
static int try_count(struct tdh_store *store, const char *key, const char *run, struct td_err *err)
{
    struct tdh_tally tally = { 0 };
    uint64_t version;
    json_t *record;
    int rc;

    if (tdh_store_get(store, TDH_TALLY_SPACE, key, &record, &version, err) != 0)
        return err->code == TD_E_NOTFOUND ? 0 : -1; /* nobody watches over it */
    rc = tdh_tally_read(&tally, record, err);
    json_decref(record);
    if (rc != 0)
        return -1;
    tally.count++;
    tally.last_us = tdh_clock_us();
    snprintf(tally.last_run, sizeof(tally.last_run), "%s", run);
    record = tdh_tally_json(&tally);
    rc = tdh_store_put(store, TDH_TALLY_SPACE, key, record, version, NULL, err);
    json_decref(record);
    tdh_tally_end(&tally);
    return rc;
}

int tdh_trigger_count(struct tdh_store *store, const char *workflow, const char *key,
                      const char *run, struct td_err *err)
{
    char whole[TDH_SEAT_KEY];
    int rc = -1;

    tdh_seat_key(whole, workflow, key);
    for (int i = 0; rc != 0 && i < COUNT_TRIES; i++) {
        rc = try_count(store, whole, run, err);
        if (rc != 0 && err->code != TD_E_CONFLICT)
            return -1;
    }
    return rc;
}
