/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_bed: the agents, and lives of a process around them.
 */
#include "run_bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "run_script.h"

enum { SIZE_MOST = 1 << 20, MS_MOST = 1000000000 };

static struct world *the_world; /* of the life that is on */
static struct life *the_life;
static struct tdh_co *main_co;

/* new. Aborts when it is none: the test is wrong. */
static json_t *parse_quoted(const char *text)
{
    char *copy = strdup(text);
    struct td_err err;
    json_t *value;

    for (char *at = copy; (at = strchr(at, '\'')) != NULL;)
        *at = '"';
    value = tdh_json_parse(copy, strlen(copy), "text of a test", &err);
    if (value == NULL) {
        fprintf(stderr, "%s: %s\n", text, err.text);
        abort();
    }
    free(copy);
    return value;
}

/* --- the agents --- */

static json_int_t bump(json_t *counts, const char *key)
{
    json_int_t count = json_integer_value(json_object_get(counts, key)) + 1;

    json_object_set_new(counts, key, json_integer(count));
    return count;
}

/* Is the intent on disk? The key is RUN/PATH/NUMBER;
 * with attempts before, a "b" event of the number is the intent. */
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

    if (size == 0 || size > SIZE_MOST) /* a journal may have been changed */
        return json_pack("{s:O}", "echo", (json_t *)(uintptr_t)input);
    text = malloc(size + 1);
    memset(text, 'x', size);
    text[size] = '\0';
    output = json_pack("{s:s}", "text", text);
    free(text);
    return output;
}

static int spend(struct tdh_call *call, struct td_err *err)
{
    const json_t *amount = json_object_get(call->input, "spend");

    return amount == NULL ? 0 : tdh_call_spend(call, "tokens", json_number_value(amount), err);
}

/* Counts how often another agent takes over a step that says by whom it is to be done. */
static void note_actor(const struct tdh_call *call)
{
    if (json_object_get(call->input, "by") == NULL)
        return;
    the_world->changes +=
        the_world->actor != NULL && strcmp(the_world->actor, call->target->name) != 0;
    the_world->actor = call->target->name;
}

static bool is_late(const struct tdh_call *call)
{
    json_int_t late = json_integer_value(json_object_get(call->input, "late"));

    return late > 0 && bump(the_world->attempts, call->key) <= late;
}

static int work(struct tdh_call *call, struct td_err *err)
{
    bool has_effect = call->target->effects != TDH_EFFECTS_NONE;
    json_int_t fails = json_integer_value(json_object_get(call->input, "fail"));
    json_int_t ms = json_integer_value(json_object_get(call->input, "ms"));
    const char *by = tdh_json_str(call->input, "by", call->target->name);

    if (fake_disk_is_gone(the_world->disk))
        return play_dead(err);
    if (has_effect && the_world->disk->durability == TD_DURABLE_FULL &&
        !is_intent_durable(call->key, call->attempt))
        the_world->early++;
    if (is_late(call)) {
        bool is_cancelled = tdh_co_wait(call->deadline_ns) == TDH_WAIT_CANCELLED;

        return td_fail(err, is_cancelled ? TD_E_CANCELLED : TD_E_TIMEOUT, "the time is up");
    }
    if (ms > 0 && ms < MS_MOST &&
        tdh_co_wait(tdh_clock_mono_ns() + (uint64_t)ms * 1000000) == TDH_WAIT_CANCELLED)
        return td_fail(err, TD_E_CANCELLED, "cancelled");
    if (spend(call, err) != 0)
        return -1;
    note_actor(call);
    if (bump(the_world->attempts, call->key) <= fails || strcmp(by, call->target->name) != 0) {
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

static const struct tdh_meters thrift = { 1, { { "tokens", 2 * TDH_METER_UNIT } } };
static const struct tdh_meters grand = { 1, { { "tokens", 5 * TDH_METER_UNIT } } };
static struct tdh_target targets[] = {
    { .name = "pure", .effects = TDH_EFFECTS_NONE },
    { .name = "idem", .effects = TDH_EFFECTS_IDEMPOTENT },
    { .name = "ext", .effects = TDH_EFFECTS_EXTERNAL },
    { .name = "thrift", .effects = TDH_EFFECTS_NONE, .uses = &thrift },
    { .name = "grand", .effects = TDH_EFFECTS_EXTERNAL, .uses = &grand },
    { .name = "known",
      .effects = TDH_EFFECTS_EXTERNAL,
      .has_reconcile = true,
      .reconcile = reconcile },
    { .name = "twin",
      .effects = TDH_EFFECTS_EXTERNAL,
      .has_reconcile = true,
      .reconcile = reconcile },
};

static int resolve(void *arg, const char *name, const char *action, const char *edition,
                   struct tdh_target **ret_target, struct td_err *err)
{
    (void)arg;
    (void)action;
    (void)edition;
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
        targets[i].dispatch = dispatch;
        tdh_target_end(&targets[i]); /* of the life before */
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

int world_setup(void **state)
{
    struct world *world = malloc(sizeof(*world));

    if (world == NULL)
        return -1;
    world_make(world);
    *state = world;
    return 0;
}

int world_teardown(void **state)
{
    struct world *world = *state;
    unsigned saves = world->saves, early = world->early;

    world_end(world);
    free(world);
    return saves == 0 && early == 0 ? 0 : -1;
}

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

static int remake_script(void *arg, const json_t *text, const char *edition,
                         struct tdh_definition **ret_definition, struct td_err *err)
{
    (void)edition;
    if (!json_is_object(text))
        return td_fail(err, TD_E_CORRUPT, "that is no script");
    return find_script(arg, "script", NULL, ret_definition, err);
}

/* --- what runs tell --- */

static void print_notice(void *arg, const struct tdh_notice *notice, struct tdh_buf *buf)
{
    json_t *row = json_pack("{s:s, s:s, s:I, s:O}", "name", tdh_notice_name(notice->kind), "run",
                            notice->run, "hops", (json_int_t)notice->hops, "data", notice->data);

    (void)arg;
    tdh_buf_json(buf, row, TDH_JSON_SORTED);
    json_decref(row);
}

static void hear_told(void *arg, unsigned count)
{
    (void)arg;
    the_world->told += count;
}

/* --- a life --- */

static json_t *script_text(const struct world *world)
{
    json_t *text = json_pack("{s:s}", "is", "a script");

    if (world->announce != NULL)
        json_object_set_new(text, "announce", parse_quoted(world->announce));
    if (world->budget != NULL)
        json_object_set_new(text, "budget", parse_quoted(world->budget));
    return text;
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
                                          .run_ahead_bytes = world->run_ahead_bytes,
                                          .notices = world->notices };
    const struct tdh_notice_port port = { "news", print_notice, hear_told, NULL };
    struct tdh_run_kind kind = { .kind = "script",
                                 .target = TD_TARGET_WORKFLOW,
                                 .find = find_script,
                                 .remake = remake_script,
                                 .arg = life };
    struct td_err err;

    life->store = options.store = fake_store_open(life->runtime, world->disk, world->is_blocking);
    life->engine = tdh_engine_new(&options, &err);
    life->script = tdh_definition_new("script", "script", "1.0.0", script_reducer(world),
                                      script_text(world), NULL, &err);
    if (life->engine == NULL || tdh_run_register(life->engine, &kind, &err) != 0)
        abort();
    tdh_run_announce(life->engine, &port);
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
    struct tdh_run_start begun = { .definition = life->script, .input = parse_quoted(script) };
    struct tdh_run *run;
    struct td_err err;

    if (tdh_run_start(life->engine, &begun, &run, &err) != 0)
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

/* value may be NULL. */
static bool is_same(const json_t *value, const char *text)
{
    json_t *want = parse_quoted(text);
    bool is_equal = json_equal(want, value);

    if (!is_equal && value != NULL)
        json_dumpf(value, stderr, JSON_ENCODE_ANY);
    json_decref(want);
    return is_equal;
}

bool output_is(const struct outcome *outcome, const char *text)
{
    return is_same(outcome->output, text);
}

bool answer_is(const struct outcome *outcome, size_t stage, size_t slot, const char *text)
{
    return is_same(json_array_get(json_array_get(outcome->output, stage), slot), text);
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
