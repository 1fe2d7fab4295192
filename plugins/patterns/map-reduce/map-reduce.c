/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map-reduce: a mapper makes a value of each item, a reducer makes one value of many.
 *
 * Values may be grouped by a key. A reducer gets at most `batch` values at once: what it makes of
 * the batches is reduced again, until each group has one value. All of it goes by the order of the
 * items, so the result does not depend on who was faster.
 */
#include <stdio.h>
#include <stdlib.h>

#include "kit/kit.h"

enum { ITEMS_MAX = 100000, BATCH_MAX = 1000, BATCH_DEFAULT = 100, PARALLEL_DEFAULT = 8 };

struct plan {
    struct kit_plan kit;
    struct kit_member *mapper, *reducer;
    const char *items;
    const char *group_by; /* JSON pointer; NULL: one group of all */
    const char *value;    /* JSON pointer */
    size_t max_parallel, batch;
    unsigned is_skipping; /* on_failure: skip */
};

struct state {
    size_t level;   /* 0: mapping, then the levels of reducing */
    json_t *work;   /* of this level: items, or {group, key, values} */
    json_t *done;   /* by place in work: null or [output] */
    json_t *keys;   /* of the groups */
    json_t *errors; /* [{item, error}] */
    size_t next, active, calls;
};
static const struct kit_field fields[] = {
    KIT_COUNT(struct state, level),  KIT_VALUE(struct state, work),  KIT_LIST(struct state, done),
    KIT_VALUE(struct state, keys),   KIT_LIST(struct state, errors), KIT_COUNT(struct state, next),
    KIT_COUNT(struct state, active), KIT_COUNT(struct state, calls), KIT_END,
};

static int read_pointers(struct plan *plan, const json_t *config, struct td_err *err)
{
    if (kit_text(config, "items", "items", &plan->items, err) != 0 ||
        kit_pointer(config, "group_by", NULL, &plan->group_by, err) != 0 ||
        kit_pointer(config, "value", "", &plan->value, err) != 0)
        return -1;
    return 0;
}

static int read(void *arg, const json_t *config, struct td_err *err)
{
    static const char *const on_failures[] = { "fail", "skip", NULL };
    struct plan *plan = arg;

    if (kit_member_needed(&plan->kit, config, "mapper", &plan->mapper, err) != 0 ||
        kit_member_needed(&plan->kit, config, "reducer", &plan->reducer, err) != 0 ||
        kit_count(config, "batch", 2, BATCH_MAX, BATCH_DEFAULT, &plan->batch, err) != 0 ||
        kit_count(config, "max_parallel", 1, ITEMS_MAX, PARALLEL_DEFAULT, &plan->max_parallel,
                  err) != 0 ||
        kit_choice(config, "on_failure", on_failures, 0, &plan->is_skipping, err) != 0)
        return -1;
    return read_pointers(plan, config, err);
}

/* --- one level --- */

static int ask_one(const struct state *state, const struct plan *plan, size_t place,
                   struct td_asks *asks, struct td_err *err)
{
    const json_t *job = json_array_get(state->work, place);
    char path[KIT_PATH_MAX];
    json_t *given;

    if (state->level == 0)
        return kit_ask_nth(plan->mapper, place, place, job, asks, NULL, err);
    snprintf(path, sizeof(path), "%.*s[%zu][%zu]", KIT_NAME_BYTES, plan->reducer->name,
             state->level, place);
    given = json_pack("{s:O, s:O}", "key", json_object_get(job, "key"), "values",
                      json_object_get(job, "values"));
    return kit_ask_made(plan->reducer, path, place, given, asks, NULL, err);
}

/* A single value that was reduced before is carried to the next level as it is. */
static json_t *carried(const struct state *state, size_t place)
{
    const json_t *values = json_object_get(json_array_get(state->work, place), "values");

    return state->level > 1 && json_array_size(values) == 1 ? json_array_get(values, 0) : NULL;
}

static int deal(struct state *state, const struct plan *plan, struct td_asks *asks,
                struct td_err *err)
{
    for (; state->next < json_array_size(state->work) && state->active < plan->max_parallel;
         state->next++) {
        json_t *value = carried(state, state->next);

        if (value != NULL) {
            if (kit_set(state->done, state->next, json_pack("[O]", value), err) != 0)
                return -1;
            continue;
        }
        if (ask_one(state, plan, state->next, asks, err) != 0)
            return -1;
        state->active++;
        state->calls++;
    }
    return 0;
}

static int begin_level(struct state *state, json_t *work, struct td_err *err)
{
    json_decref(state->work);
    state->work = work;
    state->next = 0;
    json_array_clear(state->done);
    for (size_t i = 0; i < json_array_size(work); i++)
        if (kit_push(state->done, json_null(), err) != 0)
            return -1;
    return 0;
}

/* --- groups --- */

/* Puts a value into the list of its group; `places` is {key as text: place}. */
static int add_value(json_t *groups, json_t *keys, json_t *places, json_t *key, json_t *value)
{
    char *text = json_dumps(key, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
    const json_t *place = text != NULL ? json_object_get(places, text) : NULL;
    size_t at = place != NULL ? (size_t)json_integer_value(place) : json_array_size(groups);
    int rc = text != NULL ? 0 : -1;

    if (rc == 0 && place == NULL &&
        (json_object_set_new(places, text, json_integer((json_int_t)at)) != 0 ||
         json_array_append(keys, key) != 0 || json_array_append_new(groups, json_array()) != 0))
        rc = -1;
    if (rc == 0)
        rc = json_array_append(json_array_get(groups, at), value);
    free(text);
    return rc;
}

/* Values of the mapper, by group: a list of lists. new; *ret_keys new */
static json_t *group(const struct state *state, const struct plan *plan, json_t **ret_keys)
{
    json_t *groups = json_array(), *keys = json_array(), *places = json_object(), *done;
    size_t i;

    json_array_foreach (state->done, i, done) {
        json_t *output = json_array_get(done, 0), *key = NULL, *value;

        if (output == NULL)
            continue; /* it failed */
        if (plan->group_by != NULL)
            key = kit_at(output, plan->group_by);
        value = kit_at(output, plan->value);
        if (add_value(groups, keys, places, key != NULL ? key : json_null(),
                      value != NULL ? value : json_null()) != 0)
            goto failed;
    }
    json_decref(places);
    *ret_keys = keys;
    return groups;
failed:
    json_decref(places);
    json_decref(groups);
    json_decref(keys);
    return NULL;
}

/* What the reducer gave, by group: batches of one group stand together. new */
static json_t *regroup(const struct state *state)
{
    json_t *groups = json_array(), *values = NULL, *done;
    json_int_t last = -1;
    size_t i;

    json_array_foreach (state->done, i, done) {
        json_int_t at =
            json_integer_value(json_object_get(json_array_get(state->work, i), "group"));

        if (at != last) {
            kit_add(&groups, json_array());
            values = json_array_get(groups, json_array_size(groups) - 1);
            last = at;
        }
        if (json_array_append(values, json_array_get(done, 0)) != 0) {
            json_decref(groups);
            return NULL;
        }
    }
    return groups;
}

/* {group, key, values} of at most `batch` values each. new */
static json_t *batches(const struct plan *plan, const json_t *groups, const json_t *keys)
{
    json_t *work = json_array(), *values;
    size_t at, first;

    json_array_foreach (groups, at, values)
        for (first = 0; first < json_array_size(values); first += plan->batch) {
            json_t *some = json_array();

            for (size_t i = first; i < first + plan->batch && i < json_array_size(values); i++)
                kit_add(&some, json_incref(json_array_get(values, i)));
            kit_add(&work, json_pack("{s:I, s:O, s:o}", "group", (json_int_t)at, "key",
                                     json_array_get(keys, at), "values", some));
        }
    return work;
}

/* --- from level to level --- */

static int finish(const struct state *state, const struct plan *plan, const json_t *groups,
                  struct td_asks *asks, struct td_err *err)
{
    json_t *rows = json_array(), *values, *output;
    size_t i;

    json_array_foreach (groups, i, values)
        kit_add(&rows, json_pack("{s:O, s:O}", "key", json_array_get(state->keys, i), "value",
                                 json_array_get(values, 0)));
    if (plan->group_by == NULL && rows != NULL) { /* the one value of all, or nothing */
        output = json_array_size(groups) > 0 ? json_array_get(json_array_get(groups, 0), 0) : NULL;
        json_decref(rows);
        rows = output != NULL ? json_incref(output) : json_null();
    }
    return kit_finish(asks,
                      json_pack("{s:o, s:{s:I, s:I, s:O}}", "output", rows, "metadata", "groups",
                                (json_int_t)json_array_size(groups), "calls",
                                (json_int_t)state->calls, "errors", state->errors),
                      err);
}

static bool is_reduced(const json_t *groups)
{
    const json_t *values;
    size_t i;

    json_array_foreach (groups, i, values)
        if (json_array_size(values) > 1)
            return false;
    return true;
}

/* A level is over. Every group goes through the reducer once at least. */
static int end_level(struct state *state, const struct plan *plan, bool *ret_is_over,
                     struct td_asks *asks, struct td_err *err)
{
    json_t *groups = state->level == 0 ? group(state, plan, &state->keys) : regroup(state), *work;
    int rc;

    if (groups == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the groups");
    *ret_is_over = json_array_size(groups) == 0 || (state->level > 0 && is_reduced(groups));
    if (*ret_is_over) {
        rc = finish(state, plan, groups, asks, err);
    } else {
        work = batches(plan, groups, state->keys);
        state->level++;
        rc = work != NULL ? begin_level(state, work, err)
                          : td_fail(err, TD_E_NOMEM, "could not allocate the batches");
    }
    json_decref(groups);
    return rc;
}

/* On to the next levels, as long as nothing is under way. */
static int go_on(struct state *state, const struct plan *plan, struct td_asks *asks,
                 struct td_err *err)
{
    bool is_over = false;

    while (!is_over) {
        if (deal(state, plan, asks, err) != 0)
            return -1;
        if (state->active > 0)
            return 0;
        if (end_level(state, plan, &is_over, asks, err) != 0)
            return -1;
    }
    return 0;
}

/* --- events --- */

static int start(void *arg, const void *plan_arg, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;
    json_t *items = json_object_get(input, plan->items);

    if (!json_is_array(items) || json_array_size(items) > ITEMS_MAX)
        return td_fail(err, TD_E_INVAL, "input \"%s\" must be a list of at most %d items",
                       plan->items, ITEMS_MAX);
    if (begin_level(state, json_incref(items), err) != 0)
        return -1;
    return go_on(state, plan, asks, err);
}

static int fold_failed(struct state *state, const struct plan *plan, const struct td_event *event,
                       struct td_err *err)
{
    if (state->level > 0)
        return kit_fail_as(event->error, err, "reducer");
    if (!plan->is_skipping)
        return kit_fail_as(event->error, err, "mapper, item %zu", (size_t)event->tag);
    return kit_push(
        state->errors,
        json_pack("{s:I, s:s}", "item", (json_int_t)event->tag, "error", event->error->text), err);
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;
    int rc = event->kind == TD_EVENT_FAILED
                 ? fold_failed(state, plan, event, err)
                 : kit_set(state->done, event->tag, json_pack("[O]", event->output), err);

    state->active--;
    return rc == 0 ? go_on(state, plan, asks, err) : -1;
}

static bool fits(const void *arg, const void *plan)
{
    const struct state *state = arg;

    (void)plan;
    return json_array_size(state->done) == json_array_size(state->work) &&
           state->next <= json_array_size(state->work) &&
           (state->level == 0 || state->keys != NULL);
}

static const struct kit_pattern map_reduce = { .plan_size = sizeof(struct plan),
                                               .fields = fields,
                                               .read = read,
                                               .start = start,
                                               .fold = fold,
                                               .fits = fits };
KIT_PLUGIN("map-reduce", "1.0.0", map_reduce, struct state);
