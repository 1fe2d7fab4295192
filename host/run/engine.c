/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine: what runs share: the owner, a hub per worker, the kinds of definitions, and the
 * definitions themselves.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/said.h"
#include "run/internal.h"

enum {
    RUN_AHEAD_DEFAULT = 65536,
    SNAPSHOT_DEFAULT = 65536,
    CALLS_DEFAULT = 4096,
    STOP_MS_DEFAULT = 30000
};

static void set_defaults(struct tdh_engine_options *options)
{
    if (options->run_ahead_bytes == 0)
        options->run_ahead_bytes = RUN_AHEAD_DEFAULT;
    if (options->snapshot_bytes == 0)
        options->snapshot_bytes = SNAPSHOT_DEFAULT;
    if (options->stop_ms == 0)
        options->stop_ms = STOP_MS_DEFAULT;
    if (options->calls_max == 0)
        options->calls_max = CALLS_DEFAULT;
}

void tdh_engine_limit(struct tdh_engine *engine, const struct tdh_engine_options *limits)
{
    struct tdh_engine_options *own = &engine->options;

    own->run_ahead_bytes = limits->run_ahead_bytes;
    own->snapshot_bytes = limits->snapshot_bytes;
    own->stop_ms = limits->stop_ms;
    own->input_bytes = limits->input_bytes;
    set_defaults(own);
}

/* Runs sort as they began also when the clock was set back since the newest did. */
static void follow_newest(const struct tdh_engine *engine)
{
    json_t *list = NULL;
    struct td_err ignored;

    if (engine->options.store == NULL ||
        tdh_store_list(engine->options.store, TDH_RUN_SPACE, "", NULL, 1, TD_SCAN_DOWN, &list,
                       &ignored) != 0)
        return; /* whoever needs the store is told */
    tdh_id_after(tdh_json_str(json_array_get(list, 0), "key", ""));
    json_decref(list);
}

struct tdh_engine *tdh_engine_new(const struct tdh_engine_options *options, struct td_err *err)
{
    struct tdh_engine *engine = calloc(1, sizeof(*engine));
    unsigned workers = tdh_runtime_workers(options->runtime);

    if (engine != NULL)
        engine->hubs = calloc(workers, sizeof(*engine->hubs));
    if (engine == NULL || engine->hubs == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the engine of runs");
        free(engine);
        return NULL;
    }
    engine->options = *options;
    set_defaults(&engine->options);
    atomic_init(&engine->sweeps, 1);
    for (unsigned i = 0; i < workers; i++) {
        engine->hubs[i].engine = engine;
        pthread_mutex_init(&engine->hubs[i].building, NULL);
        engine->hubs[i].worker = tdh_runtime_worker(options->runtime, i);
    }
    if (tdh_owner_take(engine, err) != 0) {
        tdh_engine_free(engine);
        return NULL;
    }
    follow_newest(engine);
    return engine;
}

static void wake_waiters(struct tdh_task *task)
{
    struct tdh_hub *hub = (struct tdh_hub *)((char *)task - offsetof(struct tdh_hub, stop));

    for (struct tdh_run *run = hub->runs; run != NULL; run = run->next)
        tdh_run_wake(run);
}

void tdh_engine_stop(struct tdh_engine *engine)
{
    if (atomic_exchange(&engine->is_stopping, true))
        return;
    for (unsigned i = 0; i < tdh_runtime_workers(engine->options.runtime); i++) {
        engine->hubs[i].stop.run = wake_waiters;
        tdh_worker_post(engine->hubs[i].worker, &engine->hubs[i].stop);
    }
}

static void free_hub(struct tdh_hub *hub)
{
    struct tdh_ask_entry *ask;

    for (unsigned i = 0; i < TDH_KNOWN; i++)
        tdh_definition_release(hub->known[i]);
    tdh_preload_free(hub);
    while (hub->runs != NULL)
        tdh_run_free(hub->runs);
    while ((ask = tdh_queue_take(hub)) != NULL)
        tdh_ask_remove(ask);
    free(hub->flying);
    free(hub->op_cells);
    free(hub->ops);
    free(hub->texts);
    pthread_mutex_destroy(&hub->building);
}

void tdh_engine_free(struct tdh_engine *engine)
{
    if (engine == NULL)
        return;
    for (unsigned i = 0; i < tdh_runtime_workers(engine->options.runtime); i++)
        free_hub(&engine->hubs[i]);
    tdh_owner_leave(engine);
    free(engine->hubs);
    free(engine);
}

int tdh_run_register(struct tdh_engine *engine, const struct tdh_run_kind *kind, struct td_err *err)
{
    if (engine->kind_count == TDH_RUN_KINDS)
        return td_fail(err, TD_E_LIMIT, "no room for definitions of kind \"%s\"", kind->kind);
    engine->kinds[engine->kind_count++] = *kind;
    return 0;
}

const struct tdh_run_kind *tdh_run_kind_of(struct tdh_engine *engine, const char *kind,
                                           enum td_target target)
{
    for (unsigned i = 0; i < engine->kind_count; i++)
        if (kind != NULL ? strcmp(engine->kinds[i].kind, kind) == 0
                         : engine->kinds[i].target == target)
            return &engine->kinds[i];
    return NULL;
}

int tdh_definition_hash(const json_t *value, char ret_hash[static TDH_SHA256_HEX],
                        struct td_err *err)
{
    char *text = tdh_json_text(value, TDH_JSON_SORTED);

    if (text == NULL)
        return td_fail(err, TD_E_NOMEM, "could not write a definition as JSON");
    tdh_sha256_hex(text, strlen(text), ret_hash);
    free(text);
    return 0;
}

static const char *const priorities[] = { "critical", "high", "normal", "low" };

const char *tdh_priority_name(enum tdh_priority priority)
{
    return priorities[priority];
}

bool tdh_priority_parse(const char *name, enum tdh_priority *ret_priority)
{
    for (unsigned i = 0; i < TDH_PRIORITIES; i++)
        if (strcmp(priorities[i], name) == 0) {
            *ret_priority = (enum tdh_priority)i;
            return true;
        }
    return false;
}

/* The kind has checked its text. */
static void read_urgency(struct tdh_definition *definition)
{
    const json_t *deadline = json_object_get(definition->text, "deadline");
    int64_t ms = json_integer_value(deadline);
    struct td_err ignored;

    definition->priority = TDH_NORMAL;
    tdh_priority_parse(tdh_json_str(definition->text, "priority", ""), &definition->priority);
    if (json_is_string(deadline))
        tdh_duration_parse(json_string_value(deadline), &ms, &ignored);
    definition->deadline_us = ms * 1000;
    definition->max_parallel =
        (uint32_t)json_integer_value(json_object_get(definition->text, "max_parallel"));
    tdh_notices_read(definition);
}

bool tdh_budget_read(const json_t *text, struct tdh_meters *ret_limits, bool *ret_is_pausing,
                     struct tdh_meter_fault *ret_fault)
{
    static const char word[] = "on_exhausted";
    const json_t *then = json_object_get(text, word);
    const char *name = json_string_value(then);
    json_t *limits;
    bool is_read;

    if (then != NULL &&
        (name == NULL || (strcmp(name, "fail") != 0 && strcmp(name, "pause") != 0))) {
        *ret_fault = (struct tdh_meter_fault){ word, "must be fail or pause" };
        return false;
    }
    if (then == NULL)
        limits = json_incref((json_t *)(uintptr_t)text);
    else if ((limits = json_copy((json_t *)(uintptr_t)text)) != NULL)
        json_object_del(limits, word);
    *ret_is_pausing = name != NULL && strcmp(name, "pause") == 0;
    is_read = tdh_meters_read(limits, ret_limits, ret_fault);
    json_decref(limits);
    return is_read;
}

static int read_budget(struct tdh_definition *definition, struct td_err *err)
{
    const json_t *text = json_object_get(definition->text, "budget");
    struct tdh_meter_fault fault;

    if (text == NULL)
        return 0;
    definition->limits = malloc(sizeof(*definition->limits));
    if (definition->limits == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a definition");
    if (!tdh_budget_read(text, definition->limits, &definition->is_pausing, &fault))
        return td_fail(err, TD_E_CONFIG, "\"budget\" %s %s", fault.key != NULL ? fault.key : "",
                       fault.text);
    return 0;
}

static int prepare(struct tdh_definition *definition, const json_t *config, struct td_err *err)
{
    const struct td_reducer *reducer = definition->reducer;

    if (reducer->prepare == NULL)
        return 0;
    tdh_unsaid(err);
    return tdh_said(reducer->prepare(config, &definition->plan, err), definition->name, "prepare",
                    err);
}

struct tdh_definition *tdh_definition_new(const char *kind, const char *name, const char *version,
                                          const struct td_reducer *reducer, json_t *text,
                                          const json_t *config, struct td_err *err)
{
    struct tdh_definition *definition = calloc(1, sizeof(*definition));

    if (definition == NULL) {
        json_decref(text);
        td_fail(err, TD_E_NOMEM, "could not allocate a definition");
        return NULL;
    }
    definition->kind = kind;
    definition->text = text;
    definition->reducer = reducer;
    definition->holds = 1;
    read_urgency(definition);
    definition->name = strdup(name);
    definition->version = strdup(version != NULL ? version : "");
    if (definition->name == NULL || definition->version == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate a definition");
    else if (read_budget(definition, err) == 0 &&
             tdh_definition_hash(definition->text, definition->hash, err) == 0 &&
             prepare(definition, config, err) == 0)
        return definition;
    tdh_definition_release(definition);
    return NULL;
}

struct tdh_definition *tdh_definition_hold(struct tdh_definition *definition)
{
    __atomic_fetch_add(&definition->holds, 1, __ATOMIC_RELAXED);
    return definition;
}

void tdh_definition_release(struct tdh_definition *definition)
{
    if (definition == NULL || __atomic_sub_fetch(&definition->holds, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    if (definition->plan != NULL && definition->reducer->release != NULL)
        definition->reducer->release(definition->plan);
    if (definition->free != NULL)
        definition->free(definition);
    if (definition->plugin != NULL)
        tdh_plugin_release(definition->plugin);
    json_decref(definition->text);
    free(definition->limits);
    free(definition->name);
    free(definition->version);
    free(definition);
}
