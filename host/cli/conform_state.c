/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conform_state: the rules for agents whose state the host keeps. What they are tried with is the
 * state of an instance that was just made, those of `states` in conform.yaml ({version, state}),
 * and what migrations make of these.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/conform.h"

enum { SAMPLES_MAX = 256 };

/* A state of some version. */
struct sample {
    uint32_t version;
    json_t *state;
};

struct trial {
    struct tdh_conform *conform;
    struct sample samples[SAMPLES_MAX]; /* owned */
    size_t count;
    const struct td_state_migration *migration; /* of a rule about one */
    bool was_tried;
    int (*fn)(struct trial *trial, struct td_err *err);
};

/* --- instances --- */

static int is_same(const json_t *one, const json_t *other, const char *what, struct td_err *err)
{
    json_t *diff;
    int rc;

    if (json_equal(one, other))
        return 0;
    diff = tdh_state_diff(one, other);
    rc = td_fail(err, TD_E_EXEC, "%s: \"%s\" is another", what,
                 tdh_json_str(json_array_get(diff, 0), "path", ""));
    json_decref(diff);
    return rc;
}

/* The state that an instance saves; given: what is loaded into it before, NULL: nothing. new */
static json_t *save_one(struct tdh_conform *conform, const json_t *given, struct td_err *err)
{
    struct tdh_conform_instance instance;
    json_t *saved = NULL, *again = NULL;
    int rc = tdh_conform_open(conform, &instance, err);

    if (rc == 0 && given != NULL)
        rc = tdh_state_load(&instance.ctx, given, err);
    if (rc == 0)
        rc = tdh_state_save(&instance.ctx, &saved, err);
    if (rc == 0)
        rc = tdh_state_save(&instance.ctx, &again, err);
    if (rc == 0)
        rc = is_same(saved, again, "it saves one thing, and then another", err);
    tdh_conform_close(conform, &instance);
    json_decref(again);
    if (rc == 0)
        return saved;
    json_decref(saved);
    return NULL;
}

static int migrate(struct trial *trial, uint32_t from, uint32_t to, const json_t *state,
                   json_t **ret_state, struct td_err *err)
{
    struct tdh_ctx ctx;
    json_t *path;
    int rc;

    tdh_ctx_begin(&ctx, &trial->conform->host->services, trial->conform->plugin,
                  trial->conform->plugin->manifest->name, NULL, NULL);
    rc = tdh_state_migrate(&ctx, from, to, state, ret_state, &path, err);
    tdh_ctx_end(&ctx);
    if (rc == 0)
        json_decref(path);
    return rc;
}

/* --- samples --- */

static const struct sample *find_sample(const struct trial *trial, uint32_t version)
{
    for (size_t i = 0; i < trial->count; i++)
        if (trial->samples[i].version == version)
            return &trial->samples[i];
    return NULL;
}

/* Takes state. */
static void add_sample(struct trial *trial, uint32_t version, json_t *state)
{
    if (trial->count < SAMPLES_MAX)
        trial->samples[trial->count++] = (struct sample){ version, state };
    else
        json_decref(state);
}

/* A state for a version that has none, made of one that is there, if a path leads to it. */
static void make_sample(struct trial *trial, uint32_t version)
{
    size_t count = trial->count;

    for (size_t i = 0; i < count && find_sample(trial, version) == NULL; i++) {
        struct td_err ignored;
        json_t *state;

        if (migrate(trial, trial->samples[i].version, version, trial->samples[i].state, &state,
                    &ignored) == 0)
            add_sample(trial, version, state);
    }
}

/* --- rules --- */

static int loads_what_it_saves(struct trial *trial, struct td_err *err)
{
    const struct td_agent_state *state = trial->conform->plugin->state;
    json_t *first = save_one(trial->conform, NULL, err), *second;
    int rc;

    if (first == NULL)
        return td_context(err, "an instance that was just made");
    add_sample(trial, state->version, first);
    second = save_one(trial->conform, first, err);
    if (second == NULL)
        return td_context(err, "one that loaded what another had saved");
    rc = is_same(first, second, "what was loaded is saved as another", err);
    json_decref(second);
    return rc;
}

static int read_samples(struct trial *trial, struct td_err *err)
{
    const json_t *row;
    size_t i;

    (void)err;
    json_array_foreach (json_object_get(trial->conform->script, "states"), i, row)
        add_sample(trial, (uint32_t)json_integer_value(json_object_get(row, "version")),
                   json_incref(json_object_get(row, "state")));
    return 0;
}

/* Each state of conform.yaml comes to the plugin's own version, and is loaded. */
static int loads_samples(struct trial *trial, struct td_err *err)
{
    uint32_t own = trial->conform->plugin->state->version;

    for (size_t i = 0; i < trial->count; i++) {
        json_t *state, *saved;

        if (migrate(trial, trial->samples[i].version, own, trial->samples[i].state, &state, err) !=
            0)
            return td_context(err, "state %zu", i + 1);
        saved = save_one(trial->conform, state, err);
        json_decref(state);
        if (saved == NULL)
            return td_context(err, "state %zu, as version %u", i + 1, own);
        json_decref(saved);
    }
    return 0;
}

static int try_migration(struct trial *trial, const json_t *state, struct td_err *err)
{
    const struct td_state_migration *own = trial->migration;
    json_t *there = own->up(state, err), *back = NULL;
    const char *fault = there != NULL ? tdh_json_fault(there) : NULL;
    int rc = 0;

    trial->was_tried = true;
    if (there == NULL)
        return td_context(err, "up");
    if (fault != NULL)
        rc = td_fail(err, TD_E_EXEC, "up gave a state; it %s", fault);
    if (rc == 0 && own->down != NULL) {
        back = own->down(there, err);
        rc = back != NULL ? is_same(state, back, "up and down again gives another state", err)
                          : td_context(err, "down");
    }
    json_decref(there);
    json_decref(back);
    return rc;
}

static int keeps_what_it_migrates(struct trial *trial, struct td_err *err)
{
    json_t *copy;
    int rc = 0;

    make_sample(trial, trial->migration->from);
    for (size_t i = 0; rc == 0 && i < trial->count; i++) {
        if (trial->samples[i].version != trial->migration->from)
            continue;
        copy = json_deep_copy(trial->samples[i].state);
        rc = try_migration(trial, trial->samples[i].state, err);
        if (rc == 0)
            rc = is_same(copy, trial->samples[i].state, "it changes what it is given", err);
        json_decref(copy);
    }
    if (rc == 0 && !trial->was_tried)
        return td_fail(err, TD_E_CONFIG,
                       "there is no state of version %u to try it with: add one to \"states\" of "
                       "conform.yaml",
                       trial->migration->from);
    return rc;
}

/* --- the suite --- */

static int run_fn(void *arg, struct td_err *err)
{
    struct trial *trial = arg;

    return trial->fn(trial, err);
}

static int rule(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    if (tdh_plugin_blocks(conform->plugin))
        return tdh_blocking_plugin(conform->host->runtime, TDH_NEVER, run_fn, arg, err);
    return run_fn(arg, err);
}

static void try_rule(struct trial *trial, int (*fn)(struct trial *trial, struct td_err *err),
                     const char *words)
{
    trial->fn = fn;
    tdh_conform_rule(trial->conform, rule, trial, "%s", words);
}

static void try_migrations(struct trial *trial)
{
    const struct td_state_migration *const *at = trial->conform->plugin->state->migrations;

    for (; at != NULL && *at != NULL; at++) {
        trial->migration = *at;
        trial->was_tried = false;
        trial->fn = keeps_what_it_migrates;
        tdh_conform_rule(trial->conform, rule, trial, "state: from version %u to %u%s", (*at)->from,
                         (*at)->to,
                         (*at)->down != NULL ? " and back nothing is lost" : " it is migrated");
    }
}

void tdh_conform_state(struct tdh_conform *conform)
{
    struct trial *trial;
    struct td_err err;

    if (conform->plugin->state == NULL)
        return;
    trial = calloc(1, sizeof(*trial));
    if (trial == NULL) {
        tdh_conform_skip(conform, "state: there is no memory to try it");
        return;
    }
    trial->conform = conform;
    read_samples(trial, &err);
    if (trial->count > 0)
        try_rule(trial, loads_samples, "state: those of conform.yaml are loaded");
    try_rule(trial, loads_what_it_saves, "state: an instance that loads it saves the same");
    try_migrations(trial);
    for (size_t i = 0; i < trial->count; i++)
        json_decref(trial->samples[i].state);
    free(trial);
}
