/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conform_agent: the rules for agents: their schemas, and how their actions behave.
 *
 * An action with `effects: none` is called with an input made from its schema and with the calls of
 * conform.yaml; others with those of conform.yaml only, since only their author knows what may be
 * changed. All calls go down the host's own path.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli/conform.h"

enum { SHORT_MS = 2, RETURN_MS_MAX = 5000 };

/* One action under trial. */
struct subject {
    const struct tdh_capability *capability;
    const struct td_action *action;
    const json_t *expected; /* a call of conform.yaml, or NULL */
    json_t *input;
};

/* An instance and one of its actions as the host's path sees it. */
struct stage {
    struct tdh_conform *conform;
    struct tdh_conform_instance instance;
    const struct td_action *action;
    struct tdh_target target;
    bool is_mute; /* it failed without a text, or succeeded without an output */
};

/* --- a call --- */

static int enter(void *arg, struct td_err *err)
{
    struct tdh_call *call = arg;
    struct stage *stage = call->target->owner;
    struct tdh_ctx ctx;
    int rc;

    tdh_ctx_begin(&ctx, &stage->conform->host->services, stage->conform->plugin, stage->target.name,
                  stage->instance.state, stage->instance.shared);
    ctx.call = call;
    ctx.action = stage->action;
    ctx.action_name = stage->target.action;
    ctx.offer = &stage->conform->offer;
    ctx.cast = stage->conform->cast;
    rc = stage->action->run(&ctx.pub, call->input, &call->output, err);
    stage->is_mute = rc == 0 ? call->output == NULL : err->text[0] == '\0';
    tdh_ctx_end(&ctx);
    return rc;
}

static int dispatch(struct tdh_call *call, struct td_err *err)
{
    struct stage *stage = call->target->owner;

    call->worker = tdh_worker_self();
    if (tdh_plugin_blocks(stage->conform->plugin))
        return tdh_blocking_plugin(stage->conform->host->runtime, TDH_NEVER, enter, call, err);
    return enter(call, err);
}

static int open_instance(void *arg, struct td_err *err)
{
    struct stage *stage = arg;

    return tdh_conform_open(stage->conform, &stage->instance, err);
}

static int close_instance(void *arg, struct td_err *err)
{
    struct stage *stage = arg;

    (void)err;
    tdh_conform_close(stage->conform, &stage->instance);
    return 0;
}

/* prepare, init and drop of a blocking plugin belong into the pool as well. */
static int at_home(struct stage *stage, td_blocking_fn *fn, struct td_err *err)
{
    if (tdh_plugin_blocks(stage->conform->plugin))
        return tdh_blocking_plugin(stage->conform->host->runtime, TDH_NEVER, fn, stage, err);
    return fn(stage, err);
}

static int stage_open(struct stage *stage, struct tdh_conform *conform,
                      const struct subject *subject, struct td_err *err)
{
    *stage = (struct stage){ .conform = conform, .action = subject->action };
    stage->target = (struct tdh_target){
        .kind = "agent",
        .name = conform->plugin->manifest->name,
        .action = subject->capability->name,
        .effects = subject->capability->effects,
        .input_schema = subject->capability->input_schema,
        .permissions = conform->offer.permissions,
        .policy = { .size = sizeof(struct td_policy), .max_attempts = 1 },
        .dispatch = dispatch,
        .owner = stage,
    };
    if (tdh_target_ready(&stage->target, err) != 0)
        return -1;
    return at_home(stage, open_instance, err);
}

static void stage_close(struct stage *stage)
{
    struct td_err ignored;

    tdh_target_end(&stage->target);
    at_home(stage, close_instance, &ignored);
}

/* Calls the action. Returns -1 when a rule is broken: *ret_output is NULL after an honest error,
 * which is in `said`. */
static int call(struct stage *stage, const struct subject *subject, uint64_t deadline_ns,
                json_t **ret_output, struct td_err *said, struct td_err *err)
{
    struct tdh_call call = { .target = &stage->target,
                             .input = subject->input,
                             .deadline_ns = deadline_ns };
    json_t *before = json_deep_copy(subject->input);
    int rc;

    *said = (struct td_err){ 0 };
    *ret_output = NULL;
    stage->is_mute = false;
    rc = tdh_call_run(&call, said);
    if (!json_equal(before, subject->input))
        rc = td_fail(err, TD_E_EXEC, "it changed its input");
    else if (stage->is_mute)
        rc = td_fail(err, TD_E_EXEC, "%s", said->text);
    else if (rc == 0 && subject->capability->output_schema != NULL &&
             tdh_schema_check(subject->capability->output_schema, call.output, err) != 0)
        rc = td_context(err, "its output");
    else if (rc != 0 && (said->text[0] == '\0' || said->code <= TD_OK || said->code >= TD_E_MAX_))
        rc = td_fail(err, TD_E_EXEC, "it failed without a text or with an unrecognized code, %d",
                     (int)said->code);
    else {
        *ret_output = rc == 0 ? json_incref(call.output) : NULL;
        rc = 0;
    }
    json_decref(before);
    json_decref(call.output);
    return rc;
}

/* --- rules --- */

static int has_input_schema(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    const struct subject *subject = arg;
    const char *type = tdh_json_str(subject->capability->input, "type", "");

    (void)conform;
    if (strcmp(type, "object") != 0)
        return td_fail(err, TD_E_CONFIG, "\"input\" must be a schema of type object");
    return 0;
}

static int has_output_schema(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    const struct subject *subject = arg;

    (void)conform;
    if (!json_is_object(subject->capability->output) ||
        json_object_size(subject->capability->output) == 0)
        return td_fail(err, TD_E_CONFIG, "\"output\" must be a schema that says something");
    return 0;
}

/* What a call of conform.yaml expects. */
static int check_expected(const struct subject *subject, const json_t *output,
                          const struct td_err *said, struct td_err *err)
{
    const json_t *wanted = json_object_get(subject->expected, "output");
    const json_t *part = json_object_get(subject->expected, "includes");
    const char *code = tdh_json_str(subject->expected, "error", NULL);
    char *text = NULL;

    if (code != NULL && output != NULL)
        return td_fail(err, TD_E_EXEC, "it succeeded, expected error \"%s\"", code);
    if (code != NULL && strcmp(td_code_info(said->code)->name, code) != 0)
        return td_fail(err, TD_E_EXEC, "it failed with \"%s\" (%s), expected \"%s\"",
                       td_code_info(said->code)->name, said->text, code);
    if (code == NULL && subject->expected != NULL && output == NULL)
        return td_fail(err, TD_E_EXEC, "it failed: %s", said->text);
    if (part != NULL && tdh_conform_includes(output, part, err) != 0)
        return -1;
    if (wanted == NULL || json_equal(wanted, output))
        return 0;
    text = tdh_json_text(output, TDH_JSON_SORTED);
    td_fail(err, TD_E_EXEC, "its output is %.400s", text != NULL ? text : "");
    free(text);
    return -1;
}

static int answers(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    const struct subject *subject = arg;
    struct td_err said;
    struct stage stage;
    json_t *output = NULL;
    int rc = stage_open(&stage, conform, subject, err);

    if (rc == 0)
        rc = call(&stage, subject, 0, &output, &said, err);
    if (rc == 0)
        rc = check_expected(subject, output, &said, err);
    json_decref(output);
    stage_close(&stage);
    return rc;
}

/* In one instance, and in another: an action without effects rests on its input alone. */
static int answers_equally(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    const struct subject *subject = arg;
    struct td_err said;
    struct stage stages[2];
    json_t *outputs[3] = { NULL, NULL, NULL };
    int rc = stage_open(&stages[0], conform, subject, err);

    if (stage_open(&stages[1], conform, subject, err) != 0)
        rc = -1;
    for (size_t i = 0; rc == 0 && i < 3; i++)
        rc = call(&stages[i / 2], subject, 0, &outputs[i], &said, err);
    if (rc == 0 && outputs[0] != NULL &&
        (!json_equal(outputs[0], outputs[1]) || !json_equal(outputs[0], outputs[2])))
        rc = td_fail(err, TD_E_EXEC, "the same input gave another output");
    for (size_t i = 0; i < 3; i++)
        json_decref(outputs[i]);
    stage_close(&stages[0]);
    stage_close(&stages[1]);
    return rc;
}

static int heeds_deadline(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    const struct subject *subject = arg;
    struct td_err said;
    struct stage stage;
    json_t *output = NULL;
    int rc = stage_open(&stage, conform, subject, err);
    uint64_t begun_ns = tdh_clock_mono_ns(), took_ms;

    if (rc == 0)
        rc = call(&stage, subject, begun_ns + SHORT_MS * UINT64_C(1000000), &output, &said, err);
    took_ms = (tdh_clock_mono_ns() - begun_ns) / 1000000;
    if (rc == 0 && took_ms > RETURN_MS_MAX)
        rc = td_fail(err, TD_E_EXEC, "with %d ms to live the call took %llu ms", SHORT_MS,
                     (unsigned long long)took_ms);
    json_decref(output);
    stage_close(&stage);
    return rc;
}

/* A call in a coroutine of its own, so that it can be cancelled. */
struct flight {
    struct stage stage;
    const struct subject *subject;
    struct tdh_co *waiter;
    struct td_err err;
    bool is_over;
    int rc;
};

static void fly(void *arg)
{
    struct flight *flight = arg;
    struct td_err said;
    json_t *output = NULL;

    flight->rc = call(&flight->stage, flight->subject, 0, &output, &said, &flight->err);
    json_decref(output);
    flight->is_over = true;
    tdh_co_wake(flight->waiter);
}

static int heeds_cancel(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    struct flight flight = { .subject = arg, .waiter = tdh_co_self() };
    struct tdh_co *co = NULL;
    int rc = stage_open(&flight.stage, conform, arg, err);

    if (rc == 0)
        rc = tdh_co_spawn(fly, &flight, &co, err);
    if (rc == 0) {
        tdh_co_yield();
        if (!flight.is_over)
            tdh_co_cancel(co);
        while (!flight.is_over)
            tdh_co_park();
        *err = flight.err;
        rc = flight.rc;
    }
    stage_close(&flight.stage);
    return rc;
}

/* --- the suite --- */

static void try_calls(struct tdh_conform *conform, struct subject *subject, const char *from)
{
    const char *name = subject->capability->name;

    if (tdh_conform_rule(conform, answers, subject, "action \"%s\": answers %s", name, from) != 0)
        return;
    if (subject->capability->effects == TDH_EFFECTS_NONE) {
        tdh_conform_rule(conform, answers_equally, subject,
                         "action \"%s\": equal inputs give equal outputs, %s", name, from);
        tdh_conform_rule(conform, heeds_deadline, subject,
                         "action \"%s\": returns when its time is up, %s", name, from);
        tdh_conform_rule(conform, heeds_cancel, subject,
                         "action \"%s\": returns when it is cancelled, %s", name, from);
    }
}

static bool fits(const struct subject *subject, const json_t *input)
{
    struct td_err ignored;

    return subject->capability->input_schema == NULL ||
           tdh_schema_check(subject->capability->input_schema, input, &ignored) == 0;
}

/* Returns whether a call was made. */
static bool try_made(struct tdh_conform *conform, struct subject *subject)
{
    subject->expected = NULL;
    subject->input = tdh_conform_value(subject->capability->input);
    if (subject->input == NULL || !fits(subject, subject->input)) {
        json_decref(subject->input);
        return false;
    }
    try_calls(conform, subject, "an input made from its schema");
    json_decref(subject->input);
    return true;
}

static int has_a_call(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    (void)conform;
    (void)arg;
    return td_fail(err, TD_E_CONFIG,
                   "no input can be made from its schema: add one to \"calls\" of conform.yaml");
}

/* Tries a call of conform.yaml with ${TMP} filled in: one folder for all of them, so that a call
 * finds what those before it wrote. */
static void try_script(struct tdh_conform *conform, struct subject *subject, size_t place)
{
    const json_t *call = json_array_get(json_object_get(conform->script, "calls"), place);
    json_t *filled = tdh_conform_fill(call, conform->temp);
    char from[64];

    snprintf(from, sizeof(from), "call %zu of conform.yaml", place + 1);
    subject->expected = filled;
    subject->input = json_object_get(filled, "input");
    try_calls(conform, subject, from);
    json_decref(filled);
}

static void try_action(struct tdh_conform *conform, size_t place)
{
    bool is_bridge = conform->plugin->manifest->is_bridge;
    struct subject subject = { .capability = &conform->offer.capabilities[place],
                               .action = conform->plugin->actions[is_bridge ? 0 : place] };
    const char *name = subject.capability->name;
    bool was_called = false;
    json_t *expected;
    size_t i;

    tdh_conform_rule(conform, has_input_schema, &subject,
                     "action \"%s\": its input is an object with a schema", name);
    tdh_conform_rule(conform, has_output_schema, &subject, "action \"%s\": its output has a schema",
                     name);
    if (subject.capability->effects == TDH_EFFECTS_NONE)
        was_called = try_made(conform, &subject);
    json_array_foreach (json_object_get(conform->script, "calls"), i, expected) {
        if (strcmp(tdh_json_str(expected, "action", ""), name) != 0)
            continue;
        try_script(conform, &subject, i);
        was_called = true;
    }
    if (!was_called && subject.capability->effects == TDH_EFFECTS_NONE)
        tdh_conform_rule(conform, has_a_call, &subject, "action \"%s\": can be tried", name);
    else if (!was_called)
        tdh_conform_skip(conform,
                         "action \"%s\" has effects and no call in conform.yaml: not called", name);
}

/* A call of an action that is misspelt would never be made. */
static int names_actions(struct tdh_conform *conform, void *calls, struct td_err *err)
{
    const json_t *call;
    size_t i;

    json_array_foreach (calls, i, call) {
        const char *name = tdh_json_str(call, "action", "");

        if (tdh_offer_find(&conform->offer, name) == NULL)
            return td_fail(err, TD_E_CONFIG, "call %zu is of action \"%s\", the manifest has none",
                           i + 1, name);
    }
    return 0;
}

void tdh_conform_agent(struct tdh_conform *conform)
{
    json_t *calls = json_object_get(conform->script, "calls");

    if (calls != NULL)
        tdh_conform_rule(conform, names_actions, calls, "conform.yaml calls what there is");
    for (size_t i = 0; i < conform->offer.capability_count; i++)
        try_action(conform, i);
    tdh_conform_state(conform);
}
