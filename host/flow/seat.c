/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seat: which triggers there are, and what the store knows of them.
 *
 * A file that cannot be read changes nothing: its workflow's triggers stay as they were. The tally
 * of a trigger that is not there any more goes, and what it had still to start.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "flow/clerk.h"

int tdh_seat_key(char key[static TDH_SEAT_KEY], const char *workflow, const char *trigger)
{
    return snprintf(key, TDH_SEAT_KEY, "%s/%s", workflow, trigger) < TDH_SEAT_KEY ? 0 : -1;
}

void tdh_seat_forget(struct tdh_seat *seat)
{
    tdh_tally_end(&seat->tally);
    seat->tally = (struct tdh_tally){ 0 };
    tdh_map_free(&seat->files, free);
    seat->files = (struct tdh_map){ 0 };
    seat->is_known = seat->is_dirty = false;
    seat->version = TD_VERSION_ABSENT;
}

void tdh_seat_free(struct tdh_seat *seat)
{
    if (seat == NULL)
        return;
    tdh_seat_forget(seat);
    tdh_definition_release(seat->definition);
    free(seat);
}

struct tdh_seat *tdh_seat_find(struct tdh_clerk *clerk, const char *key)
{
    return tdh_map_get(&clerk->by_key, key);
}

static int index_seats(struct tdh_clerk *clerk, struct td_err *err)
{
    tdh_map_free(&clerk->by_key, NULL);
    clerk->by_key = (struct tdh_map){ 0 };
    for (struct tdh_seat *seat = clerk->seats; seat != NULL; seat = seat->next)
        if (tdh_map_set(&clerk->by_key, seat->key, seat, NULL) != 0)
            return td_fail(err, TD_E_NOMEM, "could not allocate the triggers");
    return 0;
}

/* --- the files of workflows --- */

struct load {
    struct tdh_clerk *clerk;
    struct tdh_seat *seats, **last; /* as they will be */
    struct tdh_map bad;             /* workflows whose file cannot be read */
    bool has_failed;                /* no memory */
};

static void keep(struct load *load, struct tdh_seat *seat)
{
    seat->next = NULL;
    *load->last = seat;
    load->last = &seat->next;
}

static bool is_of(const struct tdh_seat *seat, const char *workflow)
{
    size_t length = strlen(workflow);

    return strncmp(seat->key, workflow, length) == 0 && seat->key[length] == '/';
}

/* Takes seats out of the clerk's list: that of a key, or all of a workflow. */
static void take_old(struct load *load, const char *key, const char *workflow)
{
    struct tdh_seat **link = &load->clerk->seats;

    while (*link != NULL) {
        struct tdh_seat *seat = *link;

        if (key != NULL ? strcmp(seat->key, key) != 0 : !is_of(seat, workflow)) {
            link = &seat->next;
            continue;
        }
        *link = seat->next;
        keep(load, seat);
    }
}

static struct tdh_seat *last_with(const struct load *load, const char *key)
{
    struct tdh_seat *seat = load->seats;

    while (seat != NULL && strcmp(seat->key, key) != 0)
        seat = seat->next;
    return seat;
}

static void seat_trigger(struct load *load, struct tdh_definition *definition,
                         const struct tdh_trigger *trigger)
{
    char key[TDH_SEAT_KEY];
    struct tdh_seat *seat;

    tdh_seat_key(key, definition->name, trigger->key); /* both are short */
    take_old(load, key, NULL);
    seat = last_with(load, key);
    if (seat == NULL) {
        seat = calloc(1, sizeof(*seat));
        if (seat == NULL) {
            load->has_failed = true;
            return;
        }
        memcpy(seat->key, key, sizeof(key));
        seat->wd = -1;
        keep(load, seat);
    }
    tdh_definition_release(seat->definition);
    seat->definition = tdh_definition_hold(definition);
    seat->trigger = trigger;
}

/* Once for each fault. */
static void tell_fault(struct tdh_clerk *clerk, const char *path, const struct td_err *err)
{
    const char *told = tdh_map_get(&clerk->told, path);
    char *text = strdup(err->text);
    void *old = NULL;

    if ((told == NULL || strcmp(told, err->text) != 0))
        tdh_log_err(TDH_LOG_ERROR, "triggers", err);
    if (text != NULL && tdh_map_set(&clerk->told, path, text, &old) != 0)
        free(text);
    free(old);
}

static void seat_workflow(void *arg, const char *name, const char *path,
                          struct tdh_definition *definition, const struct td_err *err)
{
    struct load *load = arg;
    const struct tdh_plan *plan;

    if (definition == NULL) {
        tell_fault(load->clerk, path, err);
        take_old(load, NULL, name);
        if (tdh_map_set(&load->bad, name, load, NULL) != 0)
            load->has_failed = true;
        return;
    }
    free(tdh_map_remove(&load->clerk->told, path));
    plan = definition->plan;
    for (size_t i = 0; i < plan->trigger_count; i++)
        seat_trigger(load, definition, &plan->triggers[i]);
}

/* --- what the store knows --- */

static int load_files(struct tdh_clerk *clerk, struct tdh_seat *seat, struct td_err *err)
{
    char prefix[TDH_SEAT_KEY + 1];
    json_t *list, *row;
    size_t i;
    int rc = 0;

    snprintf(prefix, sizeof(prefix), "%s/", seat->key);
    if (tdh_store_list(clerk->options.store, TDH_WATCHED_SPACE, prefix, NULL, 0, TD_SCAN_SOUND,
                       &list, err) != 0)
        return -1;
    json_array_foreach (list, i, row) {
        char *state = strdup(tdh_json_str(json_object_get(row, "value"), "state", ""));

        if (rc == 0 && (state == NULL ||
                        tdh_map_set(&seat->files, tdh_json_str(row, "key", "") + strlen(prefix),
                                    state, NULL) != 0)) {
            free(state);
            rc = td_fail(err, TD_E_NOMEM, "could not allocate the files of a trigger");
        }
    }
    json_decref(list);
    return rc;
}

static int know_seat(struct tdh_clerk *clerk, struct tdh_seat *seat, const json_t *row,
                     struct td_err *err)
{
    if (seat->is_known)
        return 0;
    tdh_seat_forget(seat);
    if (tdh_tally_read(&seat->tally, json_object_get(row, "value"), err) != 0)
        return -1;
    seat->version = (uint64_t)json_integer_value(json_object_get(row, "version"));
    seat->is_known = true;
    return seat->trigger->kind == TRIGGER_FILE ? load_files(clerk, seat, err) : 0;
}

/* A trigger that was not there before, or that reacts to something else now: it has missed nothing.
 */
static void refresh_seat(struct tdh_seat *seat, int64_t now_us)
{
    struct tdh_tally *tally = &seat->tally;

    seat->is_known = true;
    if (strcmp(tally->hash, seat->trigger->hash) != 0) {
        memcpy(tally->hash, seat->trigger->hash, sizeof(tally->hash));
        tally->since_us = tally->seen_us = now_us;
        tally->is_listed = false;
        json_decref(tally->waiting);
        tally->waiting = NULL;
        seat->is_dirty = true;
    }
    if (!tdh_pace_next(seat->trigger, tally->since_us, tally->seen_us, &seat->next_us))
        seat->next_us = INT64_MAX;
    seat->is_due_scan = seat->trigger->kind == TRIGGER_FILE;
}

static void drop_fires(struct tdh_clerk *clerk, const char *seat)
{
    for (struct tdh_fire *fire = clerk->fires; fire != NULL; fire = fire->next)
        if (strcmp(fire->seat, seat) == 0 && !fire->is_starting) {
            tdh_batch_delete(&clerk->batch, TDH_FIRE_SPACE, fire->id);
            fire->is_over = true;
        }
}

/* The trigger of a tally is not there any more. */
static int forget_trigger(struct tdh_clerk *clerk, const char *key, struct td_err *err)
{
    char prefix[TDH_SEAT_KEY + 1];
    json_t *list, *row;
    size_t i;

    snprintf(prefix, sizeof(prefix), "%s/", key);
    if (tdh_store_list(clerk->options.store, TDH_WATCHED_SPACE, prefix, NULL, 0, TD_SCAN_SOUND,
                       &list, err) != 0)
        return -1;
    json_array_foreach (list, i, row)
        tdh_batch_delete(&clerk->batch, TDH_WATCHED_SPACE, tdh_json_str(row, "key", ""));
    json_decref(list);
    tdh_batch_delete(&clerk->batch, TDH_TALLY_SPACE, key);
    drop_fires(clerk, key);
    return 0;
}

static int match_tallies(struct load *load, const json_t *list, struct td_err *err)
{
    const json_t *row;
    size_t i;

    json_array_foreach (list, i, row) {
        const char *key = tdh_json_str(row, "key", "");
        struct tdh_seat *seat = tdh_seat_find(load->clerk, key);
        char workflow[TDH_SEAT_KEY];

        snprintf(workflow, sizeof(workflow), "%.*s", (int)strcspn(key, "/"), key);
        if (seat != NULL ? know_seat(load->clerk, seat, row, err) != 0
                         : tdh_map_get(&load->bad, workflow) == NULL &&
                               forget_trigger(load->clerk, key, err) != 0)
            return -1;
    }
    return 0;
}

static int know_all(struct load *load, struct td_err *err)
{
    struct tdh_clerk *clerk = load->clerk;
    int64_t now_us = tdh_clock_us();
    json_t *list;
    int rc;

    if (tdh_store_list(clerk->options.store, TDH_TALLY_SPACE, "", NULL, 0, TD_SCAN_SOUND, &list,
                       err) != 0)
        return -1;
    rc = match_tallies(load, list, err);
    json_decref(list);
    for (struct tdh_seat *seat = clerk->seats; rc == 0 && seat != NULL; seat = seat->next)
        refresh_seat(seat, now_us);
    return rc;
}

static void free_seats(struct tdh_seat *seat)
{
    while (seat != NULL) {
        struct tdh_seat *next = seat->next;

        tdh_seat_free(seat);
        seat = next;
    }
}

int tdh_seats_load(struct tdh_clerk *clerk, struct td_err *err)
{
    struct load load = { .clerk = clerk };
    int rc;

    load.last = &load.seats;
    rc = tdh_flows_each(clerk->options.flows, seat_workflow, &load, err);
    if (rc == 0 && load.has_failed)
        rc = td_fail(err, TD_E_NOMEM, "could not allocate the triggers");
    if (rc != 0)
        *load.last = clerk->seats; /* all that were there stay */
    else
        free_seats(clerk->seats);
    clerk->seats = load.seats;
    if (index_seats(clerk, err) != 0)
        rc = -1;
    if (rc == 0)
        rc = know_all(&load, err);
    tdh_map_free(&load.bad, NULL);
    return rc;
}
