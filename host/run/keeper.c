/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper: applies a retention in passes. A pass looks at the oldest run of each definition and each
 * way to end; only where that is due it reads on, a portion at a time, until one is not. What a
 * pass costs goes by what is due, not by what is kept.
 *
 * A run that another asked for stays while that one is open. Its place in the list moves on by a
 * day or by its age, whichever is less, so that no pass meets it again before.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "run/keeper.h"

enum { PASSES_PER_SWEEP = 1440 };
#define PUT_OFF_US (86400 * INT64_C(1000000))

struct tdh_keeper {
    struct tdh_engine *engine;
    bool is_dry, is_under_way;
    unsigned passes;
    struct tdh_retention retention; /* of this pass, as the time */
    int64_t now_us;
    struct tdh_shelves shelves;
    size_t at; /* of the shelves */
    unsigned letter;
    bool is_class_open;
    int64_t due_us;            /* in the class */
    char after[TDH_ENDED_KEY]; /* in it, for the next portion */
    json_t *runs;
    uint32_t run_count, definition_count;
    struct tdh_ended page[TDH_ENDED_PORTION], late[TDH_ENDED_PORTION]; /* late: put off */
    size_t count, late_count;
};

struct tdh_keeper *tdh_keeper_new(struct tdh_engine *engine, bool is_dry, struct td_err *err)
{
    struct tdh_keeper *keeper = NULL;

    if (engine->options.store == NULL)
        td_fail(err, TD_E_UNSUPPORTED, "runs are not kept: there is no store");
    else if ((keeper = calloc(1, sizeof(*keeper))) == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the keeper of runs");
    else
        *keeper = (struct tdh_keeper){ .engine = engine, .is_dry = is_dry };
    return keeper;
}

void tdh_keeper_free(struct tdh_keeper *keeper)
{
    if (keeper == NULL)
        return;
    tdh_shelves_free(&keeper->shelves);
    json_decref(keeper->runs);
    free(keeper);
}

struct tdh_kept tdh_keeper_told(const struct tdh_keeper *keeper)
{
    return (struct tdh_kept){ keeper->runs, keeper->run_count, keeper->definition_count };
}

static int begin_pass(struct tdh_keeper *keeper, const struct tdh_retention *retention,
                      struct td_err *err)
{
    struct tdh_store *store = keeper->engine->options.store;

    if (tdh_shelves_read(&keeper->shelves, store, err) != 0)
        return -1;
    for (size_t i = 0; i < keeper->shelves.count; i++)
        if (tdh_shelf_know(&keeper->shelves.list[i], store, err) != 0)
            return -1;
    json_decref(keeper->runs);
    keeper->runs = json_object();
    keeper->run_count = keeper->definition_count = 0;
    keeper->retention = *retention;
    keeper->now_us = tdh_clock_us();
    keeper->at = keeper->letter = 0;
    keeper->is_class_open = false;
    keeper->is_under_way = true;
    return 0;
}

/* --- where something is due --- */

/* Whether something of the class is due. */
static int open_class(struct tdh_keeper *keeper, bool *ret_due, struct td_err *err)
{
    const struct tdh_shelf *shelf = &keeper->shelves.list[keeper->at];
    struct tdh_retention retention = tdh_retention_with(&keeper->retention, &shelf->own);
    int64_t oldest_us = shelf->oldest_us[keeper->letter], floor_us = INT64_MAX;

    keeper->due_us = tdh_retention_due(&retention, keeper->letter, floor_us, keeper->now_us);
    *ret_due = oldest_us >= 0 && oldest_us <= keeper->due_us;
    if (!*ret_due || retention.keep == 0)
        return 0;
    if (tdh_shelves_floor(&keeper->shelves, shelf->name, retention.keep,
                          keeper->engine->options.store, &floor_us, err) != 0)
        return -1;
    keeper->due_us = tdh_retention_due(&retention, keeper->letter, floor_us, keeper->now_us);
    *ret_due = oldest_us <= keeper->due_us;
    return 0;
}

static void next_class(struct tdh_keeper *keeper)
{
    keeper->is_class_open = false;
    if (++keeper->letter < TDH_RUN_ENDS) /* those that stay by their tag stand behind */
        return;
    keeper->letter = 0;
    keeper->at++;
}

/* Goes on to where something is due; false: nowhere. */
static int find_class(struct tdh_keeper *keeper, bool *ret_found, struct td_err *err)
{
    while (!keeper->is_class_open && keeper->at < keeper->shelves.count) {
        if (open_class(keeper, &keeper->is_class_open, err) != 0)
            return -1;
        keeper->after[0] = '\0';
        if (!keeper->is_class_open)
            next_class(keeper);
    }
    *ret_found = keeper->is_class_open;
    return 0;
}

/* --- a portion --- */

/* The next that are due, into the page. */
static int read_page(struct tdh_keeper *keeper, struct td_err *err)
{
    char class[TDH_ENDED_CLASS + 1];
    size_t count, due = 0;

    tdh_shelf_class(&keeper->shelves.list[keeper->at], keeper->letter, class);
    if (tdh_ended_page(keeper->engine->options.store, class, keeper->after, TDH_ENDED_PORTION,
                       keeper->page, &count, err) != 0)
        return -1;
    while (due < count && tdh_ended_us(keeper->page[due].key) <= keeper->due_us)
        due++;
    keeper->count = due;
    if (due > 0)
        memcpy(keeper->after, keeper->page[due - 1].key, TDH_ENDED_KEY);
    keeper->is_class_open = due == TDH_ENDED_PORTION;
    return 0;
}

/* Those whose parent is open go to `late`. */
static int part(struct td_ctx *ctx, const struct td_storage *table, void *arg, struct td_err *err)
{
    struct tdh_keeper *keeper = arg;
    size_t left = 0;

    keeper->late_count = 0;
    for (size_t i = 0; i < keeper->count; i++) {
        const struct tdh_ended *ended = &keeper->page[i];
        void *live = NULL;
        size_t length;
        uint64_t version;

        if (ended->parent[0] == '\0' ||
            (table->kv->get(ctx, TDH_LIVE_SPACE, ended->parent, tdh_clock_us(), &live, &length,
                            &version, err) != 0 &&
             err->code == TD_E_NOTFOUND))
            keeper->page[left++] = *ended;
        else if (live != NULL)
            keeper->late[keeper->late_count++] = *ended;
        else
            return -1;
        free(live);
    }
    keeper->count = left;
    return 0;
}

/* The places of those that are put off: the old ones go, new ones come. */
struct delay {
    struct td_op ops[2 * TDH_ENDED_PORTION], *list[2 * TDH_ENDED_PORTION];
    struct tdh_buf values[TDH_ENDED_PORTION];
    char keys[TDH_ENDED_PORTION][TDH_ENDED_KEY];
    size_t count;
};

static void add_op(struct delay *delay, enum td_op_kind kind, const char *key,
                   const struct tdh_buf *value)
{
    struct td_op *op = &delay->ops[delay->count];

    *op = (struct td_op){ TD_SIZE(struct td_op), .kind = kind, .space = TDH_ENDED_SPACE };
    op->key = key;
    op->version = TD_VERSION_ANY;
    if (value != NULL)
        op->value = (struct td_bytes){ value->data, value->length };
    delay->list[delay->count++] = op;
}

static void add_delay(struct delay *delay, size_t at, const struct tdh_ended *ended, int64_t on_us)
{
    tdh_ended_value(ended, &delay->values[at]);
    snprintf(delay->keys[at], TDH_ENDED_KEY, "%.*s%016llx/%s", TDH_ENDED_CLASS, ended->key,
             (unsigned long long)on_us, tdh_ended_id(ended));
    add_op(delay, TD_OP_DELETE, ended->key, NULL);
    add_op(delay, TD_OP_PUT, delay->keys[at], &delay->values[at]);
}

static int put_off(struct tdh_keeper *keeper, struct td_err *err)
{
    int64_t age_us = keeper->now_us - keeper->due_us;
    struct delay *delay;
    bool has_failed = false;
    int rc;

    if (keeper->late_count == 0)
        return 0;
    delay = calloc(1, sizeof(*delay));
    if (delay == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a list of runs");
    for (size_t i = 0; i < keeper->late_count; i++) {
        add_delay(delay, i, &keeper->late[i],
                  keeper->due_us + (age_us < PUT_OFF_US ? age_us : PUT_OFF_US) + 1);
        has_failed = has_failed || delay->values[i].failed;
    }
    rc = has_failed ? td_fail(err, TD_E_NOMEM, "could not allocate a list of runs")
                    : tdh_store_commit(keeper->engine->options.store, delay->list, delay->count,
                                       NULL, err);
    for (size_t i = 0; i < keeper->late_count; i++)
        tdh_buf_free(&delay->values[i]);
    free(delay);
    return rc;
}

static void tell(struct tdh_keeper *keeper)
{
    struct tdh_shelf *shelf = &keeper->shelves.list[keeper->at];
    const char *status = tdh_retention_keys[keeper->letter];
    json_t *counts = json_object_get(keeper->runs, shelf->name);

    if (keeper->count == 0)
        return;
    shelf->removed += (uint32_t)keeper->count;
    keeper->run_count += (uint32_t)keeper->count;
    if (counts == NULL) {
        json_object_set_new(keeper->runs, shelf->name, json_object());
        counts = json_object_get(keeper->runs, shelf->name);
    }
    json_object_set_new(counts, status,
                        json_integer(json_integer_value(json_object_get(counts, status)) +
                                     (json_int_t)keeper->count));
}

static int take_portion(struct tdh_keeper *keeper, struct td_err *err)
{
    if (read_page(keeper, err) != 0 ||
        tdh_store_ask(keeper->engine->options.store, part, keeper, err) != 0)
        return -1;
    if (!keeper->is_dry &&
        (put_off(keeper, err) != 0 ||
         tdh_runs_remove(keeper->engine, keeper->page, keeper->count, true, err) != 0))
        return -1;
    tell(keeper);
    if (!keeper->is_class_open)
        next_class(keeper);
    return 0;
}

/* --- the end of a pass --- */

/* All definitions at first and then once a day; else those whose runs went. */
static int end_pass(struct tdh_keeper *keeper, struct td_err *err)
{
    uint32_t count;

    keeper->is_under_way = false;
    if (keeper->is_dry)
        return 0;
    if (keeper->passes++ % PASSES_PER_SWEEP == 0)
        return tdh_definitions_tidy(keeper->engine, NULL, &keeper->definition_count, err);
    for (size_t i = 0; i < keeper->shelves.count; i++) {
        if (keeper->shelves.list[i].removed == 0)
            continue;
        if (tdh_definitions_tidy(keeper->engine, keeper->shelves.list[i].hash, &count, err) != 0)
            return -1;
        keeper->definition_count += count;
    }
    return 0;
}

static int step(struct tdh_keeper *keeper, const struct tdh_retention *retention, bool *ret_more,
                struct td_err *err)
{
    bool is_found;

    *ret_more = true;
    if (!keeper->is_under_way) {
        bool is_listing;

        if (tdh_ended_complete(keeper->engine, &is_listing, err) != 0)
            return -1;
        return is_listing ? 0 : begin_pass(keeper, retention, err);
    }
    if (find_class(keeper, &is_found, err) != 0)
        return -1;
    if (is_found)
        return take_portion(keeper, err);
    *ret_more = false;
    return end_pass(keeper, err);
}

int tdh_keeper_step(struct tdh_keeper *keeper, const struct tdh_retention *retention,
                    bool *ret_more, struct td_err *err)
{
    int rc = step(keeper, retention, ret_more, err);

    if (rc != 0)
        keeper->is_under_way = *ret_more = false; /* the next pass begins anew */
    return rc;
}
