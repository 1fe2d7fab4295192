/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scatter-gather: items go to workers in parallel, results come back in the order of the items.
 *
 * There may be more items than workers: they are dealt round and round, and none is dropped.
 * Without a list of items every worker gets the whole input. One result is enough for success,
 * unless `min_success` says more.
 */
#include "kit/kit.h"

enum { WORKERS_MAX = 1000, ITEMS_MAX = 1000000 };

struct plan {
    struct kit_plan kit;
    const char *items; /* member of the input that is the list */
    size_t min_success, max_parallel, count;
    struct kit_member *workers;
};

struct state {
    json_t *items;   /* what is dealt */
    json_t *results; /* by item; null: failed or not yet */
    json_t *errors;  /* [{worker, item, error}] */
    size_t next, active, successful;
};
static const struct kit_field fields[] = {
    KIT_VALUE(struct state, items),
    KIT_LIST(struct state, results),
    KIT_LIST(struct state, errors),
    KIT_COUNT(struct state, next),
    KIT_COUNT(struct state, active),
    KIT_COUNT(struct state, successful),
    KIT_END,
};

static int read(void *arg, const json_t *config, struct td_err *err)
{
    struct plan *plan = arg;

    if (kit_text(config, "items", "items", &plan->items, err) != 0 ||
        kit_count(config, "min_success", 1, ITEMS_MAX, 1, &plan->min_success, err) != 0 ||
        kit_count(config, "max_parallel", 1, ITEMS_MAX, ITEMS_MAX, &plan->max_parallel, err) != 0)
        return -1;
    return kit_members(&plan->kit, config, "workers", "worker", 1, WORKERS_MAX, &plan->workers,
                       &plan->count, err);
}

/* Hands out items as long as there are some and room for them. */
static int deal(struct state *state, const struct plan *plan, struct td_asks *asks,
                struct td_err *err)
{
    size_t count = json_array_size(state->items);

    while (state->next < count && state->active < plan->max_parallel) {
        if (kit_ask_nth(&plan->workers[state->next % plan->count], state->next, state->next,
                        json_array_get(state->items, state->next), asks, NULL, err) != 0)
            return -1;
        state->next++;
        state->active++;
    }
    return 0;
}

static int fail_few(const struct state *state, const struct plan *plan, struct td_err *err)
{
    const char *first =
        json_string_value(json_object_get(json_array_get(state->errors, 0), "error"));

    if (first == NULL) /* nothing failed: there are fewer items than are needed */
        return td_fail(err, TD_E_EXEC, "all %zu items succeeded, %zu are needed", state->successful,
                       plan->min_success);
    if (state->successful == 0)
        return td_fail(err, TD_E_EXEC, "all workers failed; the first said: %s", first);
    return td_fail(err, TD_E_EXEC,
                   "%zu of %zu items succeeded, %zu are needed; the first failure: %s",
                   state->successful, json_array_size(state->items), plan->min_success, first);
}

static int gather(struct state *state, const struct plan *plan, struct td_asks *asks,
                  struct td_err *err)
{
    size_t count = json_array_size(state->items);

    if (state->successful < plan->min_success && count > 0)
        return fail_few(state, plan, err);
    return kit_finish(asks,
                      json_pack("{s:b, s:O, s:{s:I, s:I, s:I, s:O}}", "success", 1, "output",
                                state->results, "metadata", "total_workers",
                                (json_int_t)plan->count, "items", (json_int_t)count, "successful",
                                (json_int_t)state->successful, "errors", state->errors),
                      err);
}

/* Without a list every worker gets the whole input. new */
static json_t *items_of(const json_t *input, const struct plan *plan, struct td_err *err)
{
    json_t *items = json_object_get(input, plan->items);

    if (items != NULL)
        return json_incref(items);
    items = json_array();
    for (size_t i = 0; i < plan->count; i++)
        if (kit_push(items, json_incref((json_t *)input), err) != 0) {
            json_decref(items);
            return NULL;
        }
    return items;
}

static int start(void *arg, const void *plan_arg, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    state->items = items_of(input, plan, err);
    if (state->items == NULL)
        return -1;
    if (!json_is_array(state->items) || json_array_size(state->items) > ITEMS_MAX)
        return td_fail(err, TD_E_INVAL, "input \"%s\" must be a list of at most %d items",
                       plan->items, ITEMS_MAX);
    for (size_t i = 0; i < json_array_size(state->items); i++)
        if (kit_push(state->results, json_null(), err) != 0)
            return -1;
    if (json_array_size(state->items) == 0)
        return gather(state, plan, asks, err);
    return deal(state, plan, asks, err);
}

static int note(struct state *state, const struct plan *plan, const struct td_event *event,
                struct td_err *err)
{
    if (event->kind == TD_EVENT_DONE) {
        state->successful++;
        return kit_set(state->results, event->tag, json_incref(event->output), err);
    }
    return kit_push(state->errors,
                    json_pack("{s:s, s:I, s:s}", "worker",
                              plan->workers[event->tag % plan->count].name, "item",
                              (json_int_t)event->tag, "error", event->error->text),
                    err);
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    state->active--;
    if (note(state, plan, event, err) != 0)
        return -1;
    if (state->active == 0 && state->next == json_array_size(state->items))
        return gather(state, plan, asks, err);
    return deal(state, plan, asks, err);
}

static const struct kit_pattern scatter_gather = {
    .plan_size = sizeof(struct plan), .fields = fields, .read = read, .start = start, .fold = fold
};
KIT_PLUGIN("scatter-gather", "1.1.0", scatter_gather, struct state);
