/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fire: starts that are due. Each is a record until the run it stands for has begun: the commit
 * that writes the run's start removes it. So a crash before leaves the record, a crash after leaves
 * the run.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "flow/clerk.h"

enum { STARTING_MAX = 64, PAGE = 500 };
#define AGAIN_US 5000000 /* after the store could not be written */

void tdh_fire_free(struct tdh_fire *fire)
{
    if (fire == NULL)
        return;
    json_decref(fire->input);
    tdh_definition_release(fire->definition);
    free(fire);
}

/* --- in the store --- */

static json_t *fire_json(const struct tdh_fire *fire)
{
    return json_pack("{s:s, s:s, s:I, s:I, s:O}", "trigger", fire->seat, "run", fire->run, "due_us",
                     (json_int_t)fire->due_us, "hops", (json_int_t)fire->hops, "input",
                     fire->input);
}

static struct tdh_fire *fire_of(struct tdh_clerk *clerk, const json_t *row)
{
    const json_t *value = json_object_get(row, "value");
    struct tdh_fire *fire = calloc(1, sizeof(*fire));

    if (fire == NULL)
        return NULL;
    fire->clerk = clerk;
    snprintf(fire->id, sizeof(fire->id), "%s", tdh_json_str(row, "key", ""));
    snprintf(fire->run, sizeof(fire->run), "%s", tdh_json_str(value, "run", ""));
    snprintf(fire->seat, sizeof(fire->seat), "%s", tdh_json_str(value, "trigger", ""));
    fire->due_us = json_integer_value(json_object_get(value, "due_us"));
    fire->hops = (unsigned)json_integer_value(json_object_get(value, "hops"));
    fire->input = json_incref(json_object_get(value, "input"));
    return fire;
}

static bool is_here(const struct tdh_clerk *clerk, const char *id)
{
    const struct tdh_fire *fire = clerk->fires;

    while (fire != NULL && strcmp(fire->id, id) != 0)
        fire = fire->next;
    return fire != NULL;
}

static int load_page(struct tdh_clerk *clerk, const json_t *page, struct td_err *err)
{
    struct tdh_fire **last = &clerk->fires;
    const json_t *row;
    size_t i;

    while (*last != NULL)
        last = &(*last)->next;
    json_array_foreach (page, i, row) {
        struct tdh_fire *fire;

        if (is_here(clerk, tdh_json_str(row, "key", "")))
            continue; /* it is being started */
        fire = fire_of(clerk, row);
        if (fire == NULL)
            return td_fail(err, TD_E_NOMEM, "could not allocate a start that is due");
        *last = fire;
        last = &fire->next;
        clerk->fire_count++;
    }
    return 0;
}

/* But for those that are being started. */
static void forget_fires(struct tdh_clerk *clerk)
{
    struct tdh_fire **link = &clerk->fires;

    while (*link != NULL) {
        struct tdh_fire *fire = *link;

        if (fire->is_starting) {
            link = &fire->next;
            continue;
        }
        *link = fire->next;
        clerk->fire_count--;
        tdh_fire_free(fire);
    }
}

int tdh_fires_load(struct tdh_clerk *clerk, struct td_err *err)
{
    char after[TDH_ID_SIZE] = "";
    size_t count = PAGE;
    int rc = 0;

    forget_fires(clerk);
    while (rc == 0 && count == PAGE && clerk->fire_count < TDH_CLERK_FIRES) {
        json_t *page;

        if (tdh_store_list(clerk->options.store, TDH_FIRE_SPACE, "",
                           after[0] != '\0' ? after : NULL, PAGE, TD_SCAN_SOUND, &page, err) != 0)
            return -1;
        count = json_array_size(page);
        snprintf(after, sizeof(after), "%s",
                 tdh_json_str(json_array_get(page, count > 0 ? count - 1 : 0), "key", ""));
        rc = load_page(clerk, page, err);
        json_decref(page);
    }
    return rc;
}

/* --- out of what has happened --- */

static void refuse(struct tdh_seat *seat, int64_t now_us, const char *text)
{
    tdh_tally_refuse(&seat->tally, now_us, text);
    seat->is_dirty = true;
    tdh_log(TDH_LOG_WARNING, "triggers", TDH_FACTS(TDH_S("trigger", seat->key), TDH_S("why", text)),
            "a trigger starts nothing");
}

static json_t *make_input(struct tdh_clerk *clerk, const struct tdh_seat *seat, const json_t *event,
                          struct td_err *err)
{
    json_t *input = tdh_trigger_input(seat->trigger, event, &clerk->arena, err);

    if (input == NULL || tdh_flow_check_input(seat->definition, input, err) == 0)
        return input;
    json_decref(input);
    return NULL;
}

static int check_room(const struct tdh_clerk *clerk, const struct tdh_seat *seat,
                      struct td_err *err)
{
    if (seat->fires >= TDH_SEAT_FIRES)
        return td_fail(err, TD_E_LIMIT, "%d starts of the trigger wait already", TDH_SEAT_FIRES);
    if (clerk->fire_count >= TDH_CLERK_FIRES)
        return td_fail(err, TD_E_LIMIT, "%d starts of all triggers wait already", TDH_CLERK_FIRES);
    return 0;
}

/* Workflows that start each other would go round for ever. */
static int check_hops(unsigned hops, struct td_err *err)
{
    return hops < TDH_EVENT_HOPS
               ? 0
               : td_fail(err, TD_E_LIMIT,
                         "%u starts by triggers, each by an event of the run before, led to this "
                         "event: workflows that start each other in a circle end here",
                         hops);
}

/* new: the start that follows from an event. */
static struct tdh_fire *make_fire(struct tdh_clerk *clerk, struct tdh_seat *seat,
                                  const json_t *event, int64_t now_us, struct td_err *err)
{
    unsigned hops = (unsigned)json_integer_value(json_object_get(event, "hops"));
    struct tdh_fire *fire;

    if (check_hops(hops, err) != 0 || check_room(clerk, seat, err) != 0)
        return NULL;
    fire = calloc(1, sizeof(*fire));
    if (fire == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a start");
        return NULL;
    }
    fire->clerk = clerk;
    fire->hops = hops + 1;
    tdh_id_new(fire->id);
    tdh_id_new(fire->run);
    memcpy(fire->seat, seat->key, sizeof(fire->seat));
    fire->input = make_input(clerk, seat, event, err);
    if (fire->input != NULL &&
        tdh_pace_slot(seat->trigger, &seat->tally.log, now_us, &fire->due_us, err) == 0)
        return fire;
    tdh_fire_free(fire);
    return NULL;
}

static void start_later(struct tdh_clerk *clerk, struct tdh_seat *seat, const json_t *event,
                        int64_t now_us)
{
    struct td_err err;
    struct tdh_fire *fire = make_fire(clerk, seat, event, now_us, &err);

    if (fire == NULL) {
        refuse(seat, now_us, err.text);
        return;
    }
    tdh_batch_put(&clerk->batch, TDH_FIRE_SPACE, fire->id, fire_json(fire), TD_VERSION_ABSENT, 0);
    fire->next = clerk->fresh;
    clerk->fresh = fire;
    clerk->fire_count++;
    seat->fires++;
    seat->tally.count++;
    seat->tally.last_us = now_us;
    memcpy(seat->tally.last_run, fire->run, sizeof(fire->run));
    seat->is_dirty = true;
}

void tdh_seat_react(struct tdh_clerk *clerk, struct tdh_seat *seat, json_t *event, int64_t now_us)
{
    bool holds = false;
    struct td_err err;

    if (tdh_trigger_holds(seat->trigger, event, &clerk->arena, &holds, &err) != 0) {
        refuse(seat, now_us, err.text);
        return;
    }
    if (!holds)
        return;
    if (seat->trigger->debounce_ms == 0) {
        start_later(clerk, seat, event, now_us);
        return;
    }
    json_decref(seat->tally.waiting);
    seat->tally.waiting = json_incref(event);
    seat->tally.waiting_us = now_us + (int64_t)seat->trigger->debounce_ms * 1000;
    seat->is_dirty = true;
}

void tdh_seat_settle(struct tdh_clerk *clerk, struct tdh_seat *seat, int64_t now_us)
{
    json_t *event = seat->tally.waiting;

    if (event == NULL || seat->tally.waiting_us > now_us)
        return;
    seat->tally.waiting = NULL;
    start_later(clerk, seat, event, now_us);
    seat->is_dirty = true;
    json_decref(event);
}

/* --- starting --- */

/* On the worker that the run is to live on. */
static void start_there(void *arg)
{
    struct tdh_fire *fire = arg;
    struct tdh_engine *engine = fire->clerk->options.engine;
    struct tdh_run_start start = { .definition = fire->definition,
                                   .input = fire->input,
                                   .id = fire->run,
                                   .hops = fire->hops,
                                   .cause_space = TDH_FIRE_SPACE,
                                   .cause = fire->id };
    struct tdh_run *run;

    fire->rc = tdh_run_start(engine, &start, &run, &fire->err);
    if (fire->rc != 0)
        return;
    fire->rc = tdh_run_wait_begun(run, &fire->err);
    tdh_run_release(run);
    if (fire->rc == 0 && !tdh_runs_last(engine))
        fire->rc = tdh_store_delete(fire->clerk->options.store, TDH_FIRE_SPACE, fire->id,
                                    TD_VERSION_ANY, &fire->err);
}

static void start_fire(void *arg)
{
    struct tdh_fire *fire = arg;
    struct tdh_clerk *clerk = fire->clerk;
    unsigned workers = tdh_runtime_workers(clerk->options.runtime);
    struct tdh_worker *worker =
        tdh_runtime_worker(clerk->options.runtime, clerk->turn_worker++ % workers);

    if (tdh_hop(worker, start_there, fire, &fire->err) != 0)
        fire->rc = -1;
    fire->is_over = true;
    clerk->starting--;
    tdh_co_wake(clerk->co);
}

static void begin_fire(struct tdh_clerk *clerk, struct tdh_fire *fire)
{
    const struct tdh_seat *seat = tdh_seat_find(clerk, fire->seat);
    struct td_err err;

    if (seat == NULL)
        return; /* its workflow cannot be read now */
    tdh_definition_release(fire->definition);
    fire->definition = tdh_definition_hold(seat->definition);
    fire->is_starting = true;
    clerk->starting++;
    if (tdh_co_spawn(start_fire, fire, NULL, &err) == 0)
        return;
    fire->is_starting = false;
    fire->due_us += AGAIN_US;
    clerk->starting--;
}

/* False: it is to be tried again. What is wrong with the start itself stays wrong. */
static bool end_fire(struct tdh_clerk *clerk, struct tdh_fire *fire, int64_t now_us)
{
    struct tdh_seat *seat = tdh_seat_find(clerk, fire->seat);

    if (fire->is_starting && fire->rc != 0 && fire->err.code != TD_E_INVAL) {
        tdh_log_err(TDH_LOG_ERROR, "triggers", &fire->err);
        fire->is_starting = fire->is_over = false;
        fire->due_us = now_us + AGAIN_US;
        return false;
    }
    if (fire->is_starting && fire->rc != 0) {
        tdh_batch_delete(&clerk->batch, TDH_FIRE_SPACE, fire->id);
        if (seat != NULL)
            refuse(seat, now_us, fire->err.text);
    }
    return true;
}

void tdh_fires_begin(struct tdh_clerk *clerk, int64_t now_us)
{
    struct tdh_fire **link = &clerk->fires;

    clerk->due_count = 0;
    for (struct tdh_seat *seat = clerk->seats; seat != NULL; seat = seat->next)
        seat->fires = 0;
    while (*link != NULL) {
        struct tdh_fire *fire = *link;
        struct tdh_seat *seat = tdh_seat_find(clerk, fire->seat);

        if (fire->is_over && end_fire(clerk, fire, now_us)) {
            *link = fire->next;
            clerk->fire_count--;
            tdh_fire_free(fire);
            continue;
        }
        if (seat != NULL) {
            seat->fires++;
            clerk->due_count += fire->due_us <= now_us;
        }
        if (!fire->is_starting && fire->due_us <= now_us && clerk->starting < STARTING_MAX)
            begin_fire(clerk, fire);
        link = &fire->next;
    }
}
