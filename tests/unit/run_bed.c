/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_bed: the script's reducer, the agents, and the life around them.
 */
#include "run_bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"

static struct world *the_world; /* of the life that is on */
static struct life *the_life;
static struct tdh_co *main_co;

/* --- the reducer --- */

struct script {
    json_t *stages, *results;
    size_t stage, slots, open;
    uint32_t *asks; /* by slot; 0: answered */
};

static const struct td_policy policies[] = {
    { TD_SIZE(struct td_policy) },
    { TD_SIZE(struct td_policy), .max_attempts = 4, .initial_ms = 1, .max_ms = 5 },
    { TD_SIZE(struct td_policy), .max_attempts = 4, .initial_ms = 40 },
    { TD_SIZE(struct td_policy), .in_doubt = TD_DOUBT_FAIL },
    { TD_SIZE(struct td_policy), .in_doubt = TD_DOUBT_RETRY },
    { TD_SIZE(struct td_policy), .in_doubt = TD_DOUBT_ASK },
};

static int wish_call(struct script *script, const json_t *wish, const char *path, size_t slot,
                     struct td_asks *asks, struct td_err *err)
{
    bool is_run = strcmp(json_string_value(json_array_get(wish, 0)), "run") == 0;
    const json_t *policy = json_array_get(wish, 3);
    struct td_ask ask = { TD_SIZE(struct td_ask),
                          .target = is_run ? TD_TARGET_WORKFLOW : TD_TARGET_AGENT,
                          .action = "do",
                          .name = json_string_value(json_array_get(wish, 1)),
                          .path = path,
                          .tag = slot,
                          .input = json_incref(json_array_get(wish, 2)) };

    ask.policy = policy != NULL ? &policies[json_integer_value(policy)] : NULL;
    return td_ask_call(asks, &ask, &script->asks[slot], err);
}

static int take_back(struct script *script, size_t slot, size_t which, struct td_asks *asks,
                     struct td_err *err)
{
    json_t *results = json_array_get(script->results, script->stage);

    if (td_ask_cancel(asks, script->asks[which], err) != 0)
        return -1;
    json_array_set_new(results, which, json_string("taken back"));
    json_array_set_new(results, slot, json_true());
    script->asks[which] = 0;
    script->open -= 2;
    return 0;
}

static int make_wish(struct script *script, size_t slot, struct td_asks *asks, struct td_err *err)
{
    const json_t *wish = json_array_get(json_array_get(script->stages, script->stage), slot),
                 *what = json_array_get(wish, 1);
    const char *kind = json_string_value(json_array_get(wish, 0));
    char path[64];

    snprintf(path, sizeof(path), "s%zu.%zu%s", script->stage, slot,
             the_world->suffix != NULL ? the_world->suffix : "");
    if (strcmp(kind, "timer") == 0)
        return td_ask_timer(asks, path, slot, (uint64_t)json_integer_value(what),
                            &script->asks[slot], err);
    if (strcmp(kind, "wait") == 0)
        return td_ask_wait(asks, path, slot, json_string_value(what), &script->asks[slot], err);
    if (strcmp(kind, "cancel") == 0)
        return take_back(script, slot, (size_t)json_integer_value(what), asks, err);
    return wish_call(script, wish, path, slot, asks, err);
}

static void make_slots(struct script *script)
{
    script->slots = json_array_size(json_array_get(script->stages, script->stage));
    script->asks = realloc(script->asks, (script->slots + 1) * sizeof(*script->asks));
    memset(script->asks, 0, (script->slots + 1) * sizeof(*script->asks));
}

/* Begins stages until one has to be waited for. */
static int go_on(struct script *script, struct td_asks *asks, struct td_err *err)
{
    while (script->open == 0 && script->stage < json_array_size(script->stages)) {
        json_t *results = json_array();

        make_slots(script);
        for (size_t slot = 0; slot < script->slots; slot++)
            json_array_append_new(results, json_null());
        json_array_append_new(script->results, results);
        script->open = script->slots;
        for (size_t slot = 0; slot < script->slots; slot++)
            if (make_wish(script, slot, asks, err) != 0)
                return -1;
        script->stage += script->open == 0;
    }
    return script->open > 0 ? 0 : td_ask_finish(asks, json_incref(script->results), err);
}

static int start(void *state, const void *plan, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct script *script = state;

    (void)plan;
    the_world->saves++;
    script->results = json_array();
    script->stages = json_incref((json_t *)(uintptr_t)input);
    if (!json_is_array(input))
        return td_fail(err, TD_E_INVAL, "a script is an array");
    return go_on(script, asks, err);
}

static int fold(void *state, const void *plan, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct script *script = state;
    json_t *answer;

    (void)plan;
    if (event->kind == TD_EVENT_CANCEL)
        return td_ask_finish(asks, json_string("cancelled"), err);
    answer = event->kind == TD_EVENT_FAILED ? json_pack("{s:s}", "failed", event->error->text)
                                            : json_incref(event->output);
    if (event->tag >= script->slots || script->asks[event->tag] != event->ask) {
        json_decref(answer);
        return td_fail(err, TD_E_INTERNAL, "an answer for what was not asked");
    }
    json_array_set_new(json_array_get(script->results, script->stage), event->tag, answer);
    script->asks[event->tag] = 0;
    script->stage += --script->open == 0;
    return go_on(script, asks, err);
}

static json_t *save(const void *state, const void *plan, struct td_err *err)
{
    const struct script *script = state;
    json_t *asks = json_array();

    (void)plan;
    (void)err;
    for (size_t slot = 0; slot < script->slots; slot++)
        json_array_append_new(asks, json_integer(script->asks[slot]));
    return json_pack("{s:O, s:O, s:I, s:I, s:o}", "stages", script->stages, "results",
                     script->results, "stage", (json_int_t)script->stage, "open",
                     (json_int_t)script->open, "asks", asks);
}

static int load(void *state, const void *plan, const json_t *saved, uint32_t version,
                struct td_err *err)
{
    struct script *script = state;
    json_t *asks = json_object_get(saved, "asks");

    (void)plan;
    the_world->saves++;
    if (version != 3)
        return td_fail(err, TD_E_CORRUPT, "state version %u is not 3", version);
    script->stages = json_incref(json_object_get(saved, "stages"));
    script->results = json_incref(json_object_get(saved, "results"));
    script->stage = (size_t)json_integer_value(json_object_get(saved, "stage"));
    script->open = (size_t)json_integer_value(json_object_get(saved, "open"));
    make_slots(script);
    for (size_t slot = 0; slot < script->slots; slot++)
        script->asks[slot] = (uint32_t)json_integer_value(json_array_get(asks, slot));
    return 0;
}

static void drop(void *state, const void *plan)
{
    struct script *script = state;

    (void)plan;
    the_world->saves--;
    json_decref(script->stages);
    json_decref(script->results);
    free(script->asks);
}

static const struct td_reducer reducer = { TD_SIZE(struct td_reducer),
                                           .state_version = 3,
                                           .state_size = sizeof(struct script),
                                           .start = start,
                                           .fold = fold,
                                           .save = save,
                                           .load = load,
                                           .drop = drop };

static int find_script(void *arg, const char *name, const json_t *config,
                       struct tdh_definition **ret_definition, struct td_err *err)
{
    struct life *life = arg;

    (void)config;
    if (strcmp(name, "script") != 0)
        return td_fail(err, TD_E_NOTFOUND, "there is no script \"%s\"", name);
    *ret_definition = tdh_definition_hold(life->script);
    return 0;
}

static int remake_script(void *arg, const json_t *text, struct tdh_definition **ret_definition,
                         struct td_err *err)
{
    if (!json_is_object(text))
        return td_fail(err, TD_E_CORRUPT, "that is no script");
    return find_script(arg, "script", NULL, ret_definition, err);
}

/* --- the agents --- */

static json_int_t bump(json_t *counts, const char *key)
{
    json_int_t count = json_integer_value(json_object_get(counts, key)) + 1;

    json_object_set_new(counts, key, json_integer(count));
    return count;
}

/* Is the intent on disk? The key is RUN/PATH/NUMBER; with attempts before, a "b" event of the
 * number is the intent. */
static bool is_intent_durable(const char *key, unsigned attempt)
{
    const char *path = key + TDH_ID_SIZE, *end = strrchr(key, '/');
    struct fake_disk *disk = the_world->disk;
    bool is_there = false;
    char want[128];

    if (attempt == 1)
        snprintf(want, sizeof(want), "[%s,\"c\",\"%.*s\"]", end + 1, (int)(end - path), path);
    else
        snprintf(want, sizeof(want), ",%s,%u]", end + 1, attempt - 1);
    pthread_mutex_lock(&disk->lock);
    for (size_t i = 0; i < disk->row_count && !is_there; i++)
        is_there = strstr(disk->rows[i].value, want) != NULL || disk->rows[i].type == 3;
    pthread_mutex_unlock(&disk->lock);
    return is_there;
}

/* A process that is dead does nothing more. */
static int play_dead(struct td_err *err)
{
    while (tdh_co_wait(TDH_NEVER) != TDH_WAIT_CANCELLED)
        ;
    return td_fail(err, TD_E_CANCELLED, "the process is dead");
}

static json_t *make_output(const json_t *input)
{
    size_t size = (size_t)json_integer_value(json_object_get(input, "size"));
    char *text;
    json_t *output;

    if (size == 0)
        return json_pack("{s:O}", "echo", (json_t *)(uintptr_t)input);
    text = malloc(size + 1);
    memset(text, 'x', size);
    text[size] = '\0';
    output = json_pack("{s:s}", "text", text);
    free(text);
    return output;
}

static int work(struct tdh_call *call, struct td_err *err)
{
    bool has_effect = call->target->effects != TDH_EFFECTS_NONE;
    json_int_t fails = json_integer_value(json_object_get(call->input, "fail"));
    json_int_t ms = json_integer_value(json_object_get(call->input, "ms"));

    if (fake_disk_is_gone(the_world->disk))
        return play_dead(err);
    if (has_effect && the_world->disk->durability == TD_DURABLE_FULL &&
        !is_intent_durable(call->key, call->attempt))
        the_world->early++;
    if (ms > 0 && tdh_co_wait(tdh_clock_mono_ns() + (uint64_t)ms * 1000000) == TDH_WAIT_CANCELLED)
        return td_fail(err, TD_E_CANCELLED, "cancelled");
    if (bump(the_world->attempts, call->key) <= fails) {
        td_fail(err, TD_E_UNAVAILABLE, "not yet");
        return -1;
    }
    if (has_effect)
        bump(the_world->effects, call->key);
    if (json_is_true(json_object_get(call->input, "die")) && !the_world->is_second) {
        the_world->disk->allowed = the_world->disk->commits;
        the_world->disk->tried = the_world->disk->commits + 1;
        tdh_engine_stop(the_life->engine);
        tdh_co_cancel(main_co);
        return play_dead(err);
    }
    call->output = make_output(call->input);
    return 0;
}

static int dispatch(struct tdh_call *call, struct td_err *err)
{
    int rc;

    if (++the_world->running > the_world->most)
        the_world->most = the_world->running;
    rc = work(call, err);
    the_world->running--;
    return rc;
}

static int reconcile(struct tdh_call *call, enum td_reconciled *ret_answer, struct td_err *err)
{
    (void)err;
    *ret_answer = TD_NOT_DONE;
    if (the_world->has_no_answer) {
        *ret_answer = TD_UNKNOWN;
    } else if (json_object_get(the_world->effects, call->key) != NULL) {
        *ret_answer = TD_DONE;
        call->output = make_output(call->input);
    }
    return 0;
}

static struct tdh_target targets[] = {
    { .name = "pure", .effects = TDH_EFFECTS_NONE },
    { .name = "idem", .effects = TDH_EFFECTS_IDEMPOTENT },
    { .name = "ext", .effects = TDH_EFFECTS_EXTERNAL },
    { .name = "known",
      .effects = TDH_EFFECTS_EXTERNAL,
      .has_reconcile = true,
      .reconcile = reconcile },
};

static int resolve(void *arg, const char *name, const char *action, struct tdh_target **ret_target,
                   struct td_err *err)
{
    (void)arg;
    (void)action;
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
        if (strcmp(targets[i].name, name) == 0 &&
            !(the_world->is_agent_gone && strcmp(name, "known") == 0)) {
            *ret_target = &targets[i];
            return 0;
        }
    return td_fail(err, TD_E_NOTFOUND, "there is no agent \"%s\"", name);
}

static void make_targets(void)
{
    struct td_err err;

    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        targets[i].kind = "agent";
        targets[i].action = "do";
        targets[i].label = "test";
        targets[i].dispatch = dispatch;
        tdh_target_ready(&targets[i], &err);
    }
    tdh_call_register(TD_TARGET_AGENT, resolve, NULL);
}

/* --- lives --- */

void world_make(struct world *world)
{
    *world = (struct world){ .disk = fake_disk_new(),
                             .effects = json_object(),
                             .attempts = json_object(),
                             .is_blocking = true };
    snprintf(world->state_dir, sizeof(world->state_dir), "/tmp/tdev-run-XXXXXX");
    if (mkdtemp(world->state_dir) == NULL)
        abort();
}

void world_end(struct world *world)
{
    char path[128];

    fake_disk_free(world->disk);
    json_decref(world->effects);
    json_decref(world->attempts);
    snprintf(path, sizeof(path), "%s/owners", world->state_dir);
    rmdir(path);
    rmdir(world->state_dir);
}

struct start {
    struct life life;
    life_fn *fn;
};

static void be_alive(void *arg)
{
    struct start *begun = arg;
    struct life *life = &begun->life;
    struct world *world = life->world;
    struct tdh_engine_options options = { .runtime = life->runtime,
                                          .state_dir = world->state_dir,
                                          .calls_max = 64,
                                          .snapshot_bytes = world->snapshot_bytes,
                                          .run_ahead_bytes = world->run_ahead_bytes };
    struct tdh_run_kind kind = { .kind = "script",
                                 .target = TD_TARGET_WORKFLOW,
                                 .find = find_script,
                                 .remake = remake_script,
                                 .arg = life };
    struct td_err err;

    life->store = options.store = fake_store_open(life->runtime, world->disk, world->is_blocking);
    life->engine = tdh_engine_new(&options, &err);
    life->script = tdh_definition_new("script", "script", "1.0.0", &reducer,
                                      json_pack("{s:s}", "is", "a script"), NULL, &err);
    if (life->engine == NULL || tdh_run_register(life->engine, &kind, &err) != 0)
        abort();
    the_life = life;
    main_co = tdh_co_self();
    begun->fn(life);
    tdh_engine_stop(life->engine);
}

void live(struct world *world, life_fn *fn, void *arg)
{
    struct tdh_runtime_options options = { .workers = 1,
                                           .blocking_threads = 2,
                                           .coroutines_max = 200 };
    struct start begun = { { .world = world, .arg = arg }, fn };
    struct td_err err;

    the_world = world;
    world->disk->tried = world->disk->commits;
    make_targets();
    begun.life.runtime = tdh_runtime_new(&options, &err);
    if (begun.life.runtime == NULL ||
        tdh_runtime_run(begun.life.runtime, be_alive, &begun, &err) != 0)
        abort();
    tdh_engine_free(begun.life.engine);
    tdh_definition_release(begun.life.script);
    tdh_store_close(begun.life.store);
    tdh_runtime_free(begun.life.runtime);
}

void outcome_clear(struct outcome *outcome)
{
    json_decref(outcome->output);
    *outcome = (struct outcome){ 0 };
}

struct tdh_run *begin(struct life *life, const char *script)
{
    struct tdh_run_start begun = { .definition = life->script };
    struct tdh_run *run;
    struct td_err err;

    begun.input = tdh_json_parse(script, strlen(script), "script", &err);
    if (begun.input == NULL || tdh_run_start(life->engine, &begun, &run, &err) != 0)
        abort();
    json_decref(begun.input);
    return run;
}

void await(struct tdh_run *run, struct outcome *outcome)
{
    json_decref(outcome->output);
    snprintf(outcome->id, sizeof(outcome->id), "%s", tdh_run_id(run));
    outcome->status = tdh_run_wait(run, &outcome->output, &outcome->err);
    tdh_run_release(run);
}

struct plan {
    const char *script;
    const struct tdh_resume *resume;
    struct outcome *outcome;
};

static void run_it(struct life *life)
{
    struct plan *plan = life->arg;

    await(begin(life, plan->script), plan->outcome);
}

void run_script(struct world *world, const char *script, struct outcome *outcome)
{
    struct plan plan = { .script = script, .outcome = outcome };

    live(world, run_it, &plan);
}

void resume_here(struct life *life, const struct tdh_resume *resume, struct outcome *outcome)
{
    static const struct tdh_resume plain;
    struct tdh_run *run;

    if (tdh_run_resume(life->engine, outcome->id, resume != NULL ? resume : &plain, &run,
                       &outcome->err) == 0)
        await(run, outcome);
    else
        outcome->status = TDH_RUN_ORPHANED;
}

static void resume_it(struct life *life)
{
    struct plan *plan = life->arg;

    resume_here(life, plan->resume, plan->outcome);
}

void resume_run_until(struct world *world, const struct tdh_resume *resume, struct outcome *outcome)
{
    struct plan plan = { .resume = resume, .outcome = outcome };

    live(world, resume_it, &plan);
}

void resume_run(struct world *world, const struct tdh_resume *resume, struct outcome *outcome)
{
    world->disk->allowed = 0;
    resume_run_until(world, resume, outcome);
}

bool output_is(const struct outcome *outcome, const char *text)
{
    json_t *want = json_loads(text, JSON_DECODE_ANY, NULL);
    bool is_equal = want != NULL && json_equal(want, outcome->output);

    if (!is_equal && outcome->output != NULL)
        json_dumpf(outcome->output, stderr, JSON_ENCODE_ANY);
    json_decref(want);
    return is_equal;
}

unsigned count_effects(const struct world *world, unsigned *ret_most)
{
    unsigned count = 0;
    const char *key;
    json_t *value;

    *ret_most = 0;
    json_object_foreach (world->effects, key, value) {
        count += (unsigned)json_integer_value(value);
        if ((unsigned)json_integer_value(value) > *ret_most)
            *ret_most = (unsigned)json_integer_value(value);
    }
    return count;
}
