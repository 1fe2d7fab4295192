/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scatter-gather: items go to workers in parallel, results come back in the order of the items.
 *
 * There may be more items than workers: they are dealt round and round, and none is dropped.
 * Without a list of items every worker gets the whole input. One result is enough for success,
 * unless `min_success` says more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tdev/plugin.h>

enum { WORKERS_MAX = 1000, ITEMS_MAX = 1000000 };

struct worker {
    const char *name, *agent, *action; /* borrowed from the configuration */
};

struct plan {
    json_t *config;    /* held */
    const char *items; /* member of the input that is the list */
    size_t min_success, max_parallel, count;
    struct worker workers[];
};

struct state {
    json_t *items;   /* what is dealt */
    json_t *results; /* by item; null: failed or not yet */
    json_t *errors;  /* [{worker, item, error}] */
    size_t next, active, successful;
};

static int read_worker(const json_t *text, size_t place, struct worker *worker, struct td_err *err)
{
    worker->agent = json_string_value(json_object_get(text, "agent"));
    worker->action = json_string_value(json_object_get(text, "action"));
    worker->name = json_string_value(json_object_get(text, "name"));
    if (worker->agent == NULL || worker->action == NULL)
        return td_fail(err, TD_E_CONFIG, "worker %zu needs \"agent\" and \"action\"", place);
    if (worker->name == NULL)
        worker->name = worker->agent;
    return 0;
}

static int read_count(const json_t *config, const char *key, size_t fallback, size_t *ret_count,
                      struct td_err *err)
{
    const json_t *value = json_object_get(config, key);

    *ret_count = value != NULL ? (size_t)json_integer_value(value) : fallback;
    if (value != NULL && (!json_is_integer(value) || json_integer_value(value) < 1 ||
                          json_integer_value(value) > ITEMS_MAX))
        return td_fail(err, TD_E_CONFIG, "\"%s\" must be a whole number from 1 to %d", key,
                       ITEMS_MAX);
    return 0;
}

static int fill_plan(struct plan *plan, const json_t *config, struct td_err *err)
{
    const char *items = json_string_value(json_object_get(config, "items"));

    plan->items = items != NULL ? items : "items";
    if (read_count(config, "min_success", 1, &plan->min_success, err) != 0 ||
        read_count(config, "max_parallel", ITEMS_MAX, &plan->max_parallel, err) != 0)
        return -1;
    for (size_t i = 0; i < plan->count; i++)
        if (read_worker(json_array_get(json_object_get(config, "workers"), i), i, &plan->workers[i],
                        err) != 0)
            return -1;
    return 0;
}

static int prepare(const json_t *config, void **ret_plan, struct td_err *err)
{
    size_t count = json_array_size(json_object_get(config, "workers"));
    struct plan *plan;

    if (count == 0 || count > WORKERS_MAX)
        return td_fail(err, TD_E_CONFIG, "\"workers\" must be a list of 1 to %d workers",
                       WORKERS_MAX);
    plan = calloc(1, sizeof(*plan) + count * sizeof(plan->workers[0]));
    if (plan == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate %zu workers", count);
    plan->count = count;
    if (fill_plan(plan, config, err) != 0) {
        free(plan);
        return -1;
    }
    plan->config = json_incref((json_t *)config);
    *ret_plan = plan;
    return 0;
}

static void release(void *arg)
{
    struct plan *plan = arg;

    json_decref(plan->config);
    free(plan);
}

/* Hands out items as long as there are some and room for them. */
static int deal(struct state *state, const struct plan *plan, struct td_asks *asks,
                struct td_err *err)
{
    size_t count = json_array_size(state->items);

    while (state->next < count && state->active < plan->max_parallel) {
        const struct worker *worker = &plan->workers[state->next % plan->count];
        char path[128];
        struct td_ask ask = { TD_SIZE(struct td_ask),
                              .target = TD_TARGET_AGENT,
                              .name = worker->agent,
                              .action = worker->action,
                              .path = path,
                              .tag = state->next,
                              .input = json_incref(json_array_get(state->items, state->next)) };

        snprintf(path, sizeof(path), "%.90s[%zu]", worker->name, state->next);
        if (td_ask_call(asks, &ask, NULL, err) != 0)
            return -1;
        state->next++;
        state->active++;
    }
    return 0;
}

/* Every worker gets the whole input. */
static json_t *repeat(const json_t *input, size_t count)
{
    json_t *items = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append(items, (json_t *)input);
    return items;
}

static int gather(struct state *state, const struct plan *plan, struct td_asks *asks,
                  struct td_err *err)
{
    size_t count = json_array_size(state->items);
    json_t *output;

    if (state->successful < plan->min_success && count > 0) {
        const char *first =
            json_string_value(json_object_get(json_array_get(state->errors, 0), "error"));

        if (state->successful == 0)
            return td_fail(err, TD_E_EXEC, "all workers failed; the first said: %s", first);
        return td_fail(err, TD_E_EXEC,
                       "%zu of %zu items succeeded, %zu are needed; the first failure: %s",
                       state->successful, count, plan->min_success, first);
    }
    output =
        json_pack("{s:b, s:O, s:{s:I, s:I, s:I, s:O}}", "success", 1, "output", state->results,
                  "metadata", "total_workers", (json_int_t)plan->count, "items", (json_int_t)count,
                  "successful", (json_int_t)state->successful, "errors", state->errors);
    return td_ask_finish(asks, output, err);
}

static int start(void *arg, const void *plan_arg, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;
    json_t *items = json_object_get(input, plan->items);

    if (items != NULL && (!json_is_array(items) || json_array_size(items) > ITEMS_MAX))
        return td_fail(err, TD_E_INVAL, "input \"%s\" must be a list of at most %d items",
                       plan->items, ITEMS_MAX);
    state->items = items != NULL ? json_incref(items) : repeat(input, plan->count);
    state->results = json_array();
    state->errors = json_array();
    for (size_t i = 0; i < json_array_size(state->items); i++)
        json_array_append_new(state->results, json_null());
    if (state->items == NULL || json_array_size(state->results) != json_array_size(state->items))
        return td_fail(err, TD_E_NOMEM, "could not allocate the results");
    if (json_array_size(state->items) == 0)
        return gather(state, plan, asks, err);
    return deal(state, plan, asks, err);
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    if (event->kind == TD_EVENT_CANCEL)
        return td_fail(err, TD_E_CANCELLED, "the pattern was cancelled");
    state->active--;
    if (event->kind == TD_EVENT_DONE) {
        state->successful++;
        json_array_set(state->results, event->tag, event->output);
    } else {
        json_array_append_new(state->errors,
                              json_pack("{s:s, s:I, s:s}", "worker",
                                        plan->workers[event->tag % plan->count].name, "item",
                                        (json_int_t)event->tag, "error", event->error->text));
    }
    if (state->active == 0 && state->next == json_array_size(state->items))
        return gather(state, plan, asks, err);
    return deal(state, plan, asks, err);
}

static json_t *save(const void *arg, const void *plan, struct td_err *err)
{
    const struct state *state = arg;
    json_t *saved = json_pack("{s:O, s:o, s:o, s:I, s:I, s:I}", "items", state->items, "results",
                              json_copy(state->results), "errors", json_copy(state->errors), "next",
                              (json_int_t)state->next, "active", (json_int_t)state->active,
                              "successful", (json_int_t)state->successful);

    (void)plan;
    if (saved == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the state");
    return saved;
}

static int load(void *arg, const void *plan, const json_t *saved, uint32_t version,
                struct td_err *err)
{
    struct state *state = arg;

    (void)plan;
    if (version != 1)
        return td_fail(err, TD_E_UNSUPPORTED, "states of version %u are not known to this plugin",
                       version);
    state->items = json_incref(json_object_get(saved, "items"));
    state->results = json_incref(json_object_get(saved, "results"));
    state->errors = json_incref(json_object_get(saved, "errors"));
    state->next = (size_t)json_integer_value(json_object_get(saved, "next"));
    state->active = (size_t)json_integer_value(json_object_get(saved, "active"));
    state->successful = (size_t)json_integer_value(json_object_get(saved, "successful"));
    if (!json_is_array(state->items) || !json_is_array(state->results) ||
        !json_is_array(state->errors))
        return td_fail(err, TD_E_CORRUPT, "the saved state is not of a known shape");
    return 0;
}

static void drop(void *arg, const void *plan)
{
    struct state *state = arg;

    (void)plan;
    json_decref(state->items);
    json_decref(state->results);
    json_decref(state->errors);
}

static const struct td_reducer reducer = {
    TD_SIZE(struct td_reducer),
    .state_version = 1,
    .state_size = sizeof(struct state),
    .prepare = prepare,
    .release = release,
    .start = start,
    .fold = fold,
    .save = save,
    .load = load,
    .drop = drop,
};
static const struct td_pattern pattern = { TD_SIZE(struct td_pattern), .reducer = &reducer };
static const struct td_plugin plugin = {
    TD_SIZE(struct td_plugin), .kind = TD_KIND_PATTERN, .name = "scatter-gather",
    .version = "1.0.0",        .pattern = &pattern,
};
TD_PLUGIN(plugin);
