/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call: the path and its stages: who may call what, what fits, how long, how often, how many at
 * once, and what is remembered.
 */
#include "call/call.h" /* before cmocka, which makes a macro of "fail" */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#include "base/clock.h"

/* --- a target whose work a test describes --- */

struct bed {
    struct tdh_target target, other;
    struct tdh_limiter limiter;
    struct tdh_runtime *runtime;
    tdh_co_fn *fn;
    unsigned fails;      /* attempts that fail first */
    struct td_err error; /* with this */
    unsigned work_ms;
    bool emits;
    atomic_uint calls, running, most, ended, failed;
    char trace[200];
    struct tdh_co *waiter, *victim;
    int answer;
};

static int do_work(struct tdh_call *call, struct td_err *err)
{
    struct bed *bed = call->target->owner;
    unsigned count = atomic_fetch_add(&bed->calls, 1),
             running = atomic_fetch_add(&bed->running, 1) + 1;
    unsigned most = atomic_load(&bed->most);
    int rc = 0;

    while (running > most && !atomic_compare_exchange_weak(&bed->most, &most, running))
        ;
    if (bed->emits) {
        call->has_emitted = true;
        rc = call->emit != NULL ? call->emit(call->emit_arg, call->input, err) : 0;
    }
    if (bed->work_ms > 0 &&
        tdh_co_wait(tdh_clock_mono_ns() + bed->work_ms * 1000000ULL) == TDH_WAIT_CANCELLED)
        rc = td_fail(err, TD_E_CANCELLED, "cancelled at work");
    atomic_fetch_sub(&bed->running, 1);
    if (rc == 0 && count < bed->fails) {
        *err = bed->error;
        return -1;
    }
    if (rc == 0)
        call->output = json_integer(bed->answer);
    return rc;
}

static struct bed *make_bed(void)
{
    struct bed *bed = calloc(1, sizeof(*bed));

    bed->target = (struct tdh_target){ .kind = "agent",
                                       .name = "a",
                                       .action = "do",
                                       .label = "test",
                                       .dispatch = do_work,
                                       .owner = bed };
    bed->other = bed->target;
    bed->other.name = "b";
    return bed;
}

static void free_bed(struct bed *bed)
{
    tdh_target_end(&bed->target);
    tdh_target_end(&bed->other);
    free(bed);
}

static void run_fn(void *arg)
{
    ((struct bed *)arg)->fn(arg);
}

/* Runs fn in a coroutine of worker 0, with the targets ready. */
static void run(struct bed *bed, unsigned workers, tdh_co_fn *fn)
{
    struct tdh_runtime_options options = { .workers = workers, .blocking_threads = 1 };
    struct td_err err;

    bed->fn = fn;
    assert_int_equal(tdh_target_ready(&bed->target, &err), 0);
    assert_int_equal(tdh_target_ready(&bed->other, &err), 0);
    bed->runtime = tdh_runtime_new(&options, &err);
    bed->limiter.home = tdh_runtime_worker(bed->runtime, 0);
    assert_int_equal(tdh_runtime_run(bed->runtime, run_fn, bed, &err), 0);
    tdh_runtime_free(bed->runtime);
}

static int call_with(struct bed *bed, const json_t *input, const struct td_policy *policy,
                     struct td_err *err)
{
    struct tdh_call call = { .target = &bed->target, .input = input, .policy = policy };
    int rc = tdh_call_run(&call, err);

    json_decref(call.output);
    return rc;
}

/* --- back-off: pure numbers --- */

static const struct {
    enum td_backoff backoff;
    uint32_t initial, max;
    double jitter, draw;
    uint32_t retry_after;
    uint64_t want[6]; /* before attempts 2 to 7 */
} backoffs[] = {
    { TD_BACKOFF_FIXED, 100, 0, 0, 0, 0, { 100, 100, 100, 100, 100, 100 } },
    { TD_BACKOFF_LINEAR, 100, 0, 0, 0, 0, { 100, 200, 300, 400, 500, 600 } },
    { TD_BACKOFF_EXPONENTIAL, 100, 0, 0, 0, 0, { 100, 200, 400, 800, 1600, 3200 } },
    { TD_BACKOFF_FIBONACCI, 100, 0, 0, 0, 0, { 100, 100, 200, 300, 500, 800 } },
    { TD_BACKOFF_EXPONENTIAL, 100, 500, 0, 0, 0, { 100, 200, 400, 500, 500, 500 } },
    { TD_BACKOFF_FIXED, 0, 0, 0, 0, 0, { 1000, 1000, 1000, 1000, 1000, 1000 } },
    { TD_BACKOFF_EXPONENTIAL, 40000, 0, 0, 0, 0, { 40000, 60000, 60000, 60000, 60000, 60000 } },
    { TD_BACKOFF_LINEAR, 100, 0, 0.5, 1, 0, { 50, 100, 150, 200, 250, 300 } },
    { TD_BACKOFF_LINEAR, 100, 0, 0.5, 0.5, 0, { 75, 150, 225, 300, 375, 450 } },
    { TD_BACKOFF_LINEAR, 100, 0, 1, 1, 0, { 0, 0, 0, 0, 0, 0 } },
    { TD_BACKOFF_LINEAR, 100, 0, 0, 0, 350, { 350, 350, 350, 400, 500, 600 } },
    { TD_BACKOFF_FIXED, 100, 200, 1, 1, 5000, { 5000, 5000, 5000, 5000, 5000, 5000 } },
};

static void each_back_off_has_its_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(backoffs) / sizeof(backoffs[0]); i++) {
        struct td_policy policy = { .backoff = backoffs[i].backoff,
                                    .initial_ms = backoffs[i].initial,
                                    .max_ms = backoffs[i].max,
                                    .jitter = backoffs[i].jitter };
        struct td_err err = { .retry_after_ms = backoffs[i].retry_after };

        for (unsigned next = 2; next < 8; next++)
            assert_int_equal(tdh_backoff_ms(&policy, next, &err, backoffs[i].draw),
                             backoffs[i].want[next - 2]);
        assert_in_range(tdh_backoff_ms(&policy, 1000000, &err, 0), 0, 60000);
    }
}

static void policies_merge_field_by_field(void **state)
{
    struct td_policy base = {
        .timeout_ms = 5, .max_attempts = 3, .backoff = TD_BACKOFF_LINEAR, .in_doubt = TD_DOUBT_ASK
    };
    struct td_policy over = { .timeout_ms = 7 }, both;

    (void)state;
    both = tdh_policy_merge(&over, &base);
    assert_int_equal(both.timeout_ms, 7);
    assert_int_equal(both.max_attempts, 3);
    assert_int_equal(both.backoff, TD_BACKOFF_LINEAR);
    over = (struct td_policy){ .max_attempts = 1, .in_doubt = TD_DOUBT_FAIL };
    both = tdh_policy_merge(&over, &base);
    assert_int_equal(both.timeout_ms, 5);
    assert_int_equal(both.max_attempts, 1);
    assert_int_equal(both.in_doubt, TD_DOUBT_FAIL);
    both = tdh_policy_merge(NULL, &base);
    assert_int_equal(both.max_attempts, 3);
}

static const struct {
    const char *text, *want;
} refusals[] = {
    { "{\"timeout\": \"soon\"}", "agent \"x\": \"timeout\": duration \"soon\": " },
    { "{\"timeout\": true}", "agent \"x\": \"timeout\" must be a duration such as \"5s\"" },
    { "{\"timeout\": \"60d\"}", "agent \"x\": \"timeout\" must be at most 49 days" },
    { "{\"retry\": 3}", "agent \"x\": \"retry\" must be a map such as {max_attempts: 3}" },
    { "{\"retry\": {\"max_attempts\": 0}}",
      "agent \"x\": \"max_attempts\" must be a whole number from 1 to 1000" },
    { "{\"retry\": {\"jitter\": 2}}", "agent \"x\": \"jitter\" must be a number from 0 to 1" },
    { "{\"retry\": {\"times\": 2}}", "agent \"x\": unrecognized key \"times\" in \"retry\"" },
    { "{\"retry\": {\"backoff\": \"expo\"}}",
      "agent \"x\": \"backoff\" is \"expo\", which is no choice" },
    { "{\"in_doubt\": 1}", "agent \"x\": \"in_doubt\" is \"not a text\", which is no choice" },
};

static void each_misfit_of_a_policy_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        json_t *text = json_loads(refusals[i].text, 0, NULL);
        struct td_policy policy;
        struct td_err err;

        assert_int_equal(tdh_policy_read(text, "agent \"x\"", &policy, &err), -1);
        assert_int_equal(err.code, TD_E_CONFIG);
        if (strncmp(err.text, refusals[i].want, strlen(refusals[i].want)) != 0)
            assert_string_equal(err.text, refusals[i].want);
        json_decref(text);
    }
}

static void a_policy_is_read(void **state)
{
    json_t *text = json_loads("{\"timeout\":\"5s\",\"retry\":{\"backoff\":\"fibonacci\","
                              "\"initial\":\"10ms\",\"max\":2000,\"jitter\":0.3},"
                              "\"in_doubt\":\"reconcile\"}",
                              0, NULL);
    struct td_policy policy;
    struct td_err err;

    (void)state;
    assert_int_equal(tdh_policy_read(text, "x", &policy, &err), 0);
    assert_int_equal(policy.timeout_ms, 5000);
    assert_int_equal(policy.max_attempts, 3);
    assert_int_equal(policy.backoff, TD_BACKOFF_FIBONACCI);
    assert_int_equal(policy.initial_ms, 10);
    assert_int_equal(policy.max_ms, 2000);
    assert_int_equal(policy.in_doubt, TD_DOUBT_RECONCILE);
    json_decref(text);
}

/* --- retry --- */

static void set_error(struct bed *bed, enum td_code code, bool is_retryable)
{
    td_fail(&bed->error, code, "that failed");
    bed->error.is_retryable = is_retryable;
}

static void try_again(void *arg)
{
    struct td_policy policy = { .max_attempts = 3, .initial_ms = 1 };
    struct bed *bed = arg;
    struct td_err err;

    set_error(bed, TD_E_UNAVAILABLE, true);
    bed->fails = 2;
    assert_int_equal(call_with(bed, NULL, &policy, &err), 0);
    assert_int_equal(atomic_load(&bed->calls), 3);
    assert_int_equal(atomic_load(&bed->target.account.retries), 2);
    atomic_store(&bed->calls, 0);
    bed->fails = 3;
    assert_int_equal(call_with(bed, NULL, &policy, &err), -1);
    assert_int_equal(atomic_load(&bed->calls), 3);
    assert_string_equal(err.text, "that failed");
    atomic_store(&bed->calls, 0);
    set_error(bed, TD_E_INVAL, false);
    assert_int_equal(call_with(bed, NULL, &policy, &err), -1);
    assert_int_equal(atomic_load(&bed->calls), 1);
    assert_int_equal(atomic_load(&bed->target.account.calls), 3);
    assert_int_equal(atomic_load(&bed->target.account.failures), 2);
}

static void what_may_succeed_later_is_tried_again(void **state)
{
    struct bed *bed = make_bed();

    (void)state;
    run(bed, 1, try_again);
    free_bed(bed);
}

static int swallow(void *arg, const json_t *chunk, struct td_err *err)
{
    (void)chunk;
    (void)err;
    (*(unsigned *)arg)++;
    return 0;
}

static void emit_and_fail(void *arg)
{
    struct td_policy policy = { .max_attempts = 5, .initial_ms = 1 };
    struct bed *bed = arg;
    unsigned chunks = 0;
    struct tdh_call call = {
        .target = &bed->target, .policy = &policy, .emit = swallow, .emit_arg = &chunks
    };
    struct td_err err;

    set_error(bed, TD_E_UNAVAILABLE, true);
    bed->fails = 1;
    bed->emits = true;
    assert_int_equal(tdh_call_run(&call, &err), -1);
    assert_int_equal(atomic_load(&bed->calls), 1);
    assert_int_equal(chunks, 1);
}

static void after_the_first_chunk_nothing_is_tried_again(void **state)
{
    struct bed *bed = make_bed();

    (void)state;
    run(bed, 1, emit_and_fail);
    free_bed(bed);
}

static void try_once(void *arg)
{
    struct td_policy policy = { .max_attempts = 5, .initial_ms = 1 };
    struct bed *bed = arg;
    struct tdh_call call = {
        .target = &bed->target, .policy = &policy, .is_single = true, .attempt = 4
    };
    struct td_err err;

    set_error(bed, TD_E_UNAVAILABLE, true);
    bed->fails = 1;
    assert_int_equal(tdh_call_run(&call, &err), -1);
    assert_int_equal(atomic_load(&bed->calls), 1);
}

static void a_call_of_a_run_is_tried_once(void **state)
{
    struct bed *bed = make_bed();

    (void)state;
    run(bed, 1, try_once);
    free_bed(bed);
}

/* --- deadline and cancel --- */

static void pass_deadlines(void *arg)
{
    struct td_policy slow = { .timeout_ms = 40, .max_attempts = 9, .initial_ms = 1000 };
    struct bed *bed = arg;
    struct tdh_call late = { .target = &bed->target, .deadline_ns = tdh_clock_mono_ns() - 1 };
    struct tdh_call parent = { .target = &bed->other, .deadline_ns = 1, .depth = 1 };
    struct tdh_call child = { .target = &bed->target, .parent = &parent };
    uint64_t begin_ns = tdh_clock_mono_ns();
    struct td_err err;

    assert_int_equal(tdh_call_run(&late, &err), -1);
    assert_int_equal(err.code, TD_E_TIMEOUT);
    assert_string_equal(err.text, "\"a\" action \"do\": no time is left");
    bed->other.permissions = json_pack("{s:[s]}", "agents", "*");
    assert_int_equal(tdh_call_run(&child, &err), -1);
    assert_int_equal(err.code, TD_E_TIMEOUT);
    json_decref((json_t *)(uintptr_t)bed->other.permissions);
    set_error(bed, TD_E_UNAVAILABLE, true);
    bed->fails = 9;
    assert_int_equal(call_with(bed, NULL, &slow, &err), -1);
    assert_string_equal(err.text,
                        "gave up after 1 attempts, the next would pass the deadline: that failed");
    assert_in_range(tdh_clock_mono_ns() - begin_ns, 0, 30000000);
}

static void deadlines_are_kept_and_inherited(void **state)
{
    struct bed *bed = make_bed();

    (void)state;
    run(bed, 1, pass_deadlines);
    free_bed(bed);
}

static void retry_long(void *arg)
{
    struct td_policy policy = { .max_attempts = 5, .initial_ms = 60000 };
    struct bed *bed = arg;
    struct td_err err;

    assert_int_equal(call_with(bed, NULL, &policy, &err), -1);
    snprintf(bed->trace, sizeof(bed->trace), "%.150s", err.text);
    tdh_co_wake(bed->waiter);
}

static void cancel_back_off(void *arg)
{
    struct bed *bed = arg;
    struct tdh_co *co;
    struct td_err err;

    set_error(bed, TD_E_UNAVAILABLE, true);
    bed->fails = 9;
    bed->waiter = tdh_co_self();
    assert_int_equal(tdh_co_spawn(retry_long, bed, &co, &err), 0);
    tdh_co_yield();
    tdh_co_wake(co); /* a stray wake does not shorten it */
    tdh_co_yield();
    assert_int_equal(atomic_load(&bed->calls), 1);
    tdh_co_cancel(co);
    tdh_co_park();
    assert_string_equal(bed->trace, "\"a\" action \"do\" was cancelled");
}

static void cancelling_ends_a_back_off(void **state)
{
    struct bed *bed = make_bed();

    (void)state;
    run(bed, 1, cancel_back_off);
    free_bed(bed);
}

/* --- permissions, effects, depth, schemas --- */

static void call_from_within(void *arg)
{
    struct bed *bed = arg;
    struct tdh_call parent = { .target = &bed->other, .depth = 1 };
    struct tdh_call call = { .target = &bed->target, .parent = &parent };
    json_t *permissions = json_pack("{s:[s]}", "agents", "mail-*");
    struct td_err err;

    parent.deadline_ns = TDH_NEVER;
    assert_int_equal(tdh_call_run(&call, &err), -1);
    assert_string_equal(err.text, "\"b\" may not call agent \"a\"");
    assert_int_equal(err.code, TD_E_PERM);
    assert_string_equal(err.hint,
                        "add it to \"permissions: {agents: [...]}\" in the plugin's manifest");
    bed->other.permissions = permissions;
    assert_int_equal(tdh_call_run(&call, &err), -1);
    json_array_append_new(json_object_get(permissions, "agents"), json_string("a"));
    assert_int_equal(tdh_call_run(&call, &err), 0);
    json_decref(call.output);
    call.output = NULL;
    bed->target.effects = TDH_EFFECTS_EXTERNAL;
    bed->other.effects = TDH_EFFECTS_IDEMPOTENT;
    assert_int_equal(tdh_call_run(&call, &err), -1);
    assert_string_equal(err.text, "action \"do\" of \"b\" declares weaker effects than action "
                                  "\"do\" of \"a\", which it calls");
    bed->other.effects = TDH_EFFECTS_EXTERNAL;
    parent.depth = TDH_CALL_DEPTH - 1;
    assert_int_equal(tdh_call_run(&call, &err), 0);
    json_decref(call.output);
    parent.depth = TDH_CALL_DEPTH;
    assert_int_equal(tdh_call_run(&call, &err), -1);
    assert_int_equal(err.code, TD_E_LIMIT);
    assert_string_equal(err.text, "call of \"a\" action \"do\": calls nest more than 16 deep");
    json_decref(permissions);
}

static void a_plugin_calls_what_its_manifest_names_and_no_more(void **state)
{
    struct bed *bed = make_bed();

    (void)state;
    run(bed, 1, call_from_within);
    free_bed(bed);
}

static struct tdh_schema *compile(const char *text)
{
    json_t *document = json_loads(text, 0, NULL);
    struct td_err err;
    struct tdh_schema *schema = tdh_schema_compile(document, NULL, &err);

    json_decref(document);
    return schema;
}

static void call_misfits(void *arg)
{
    struct td_policy policy = { .max_attempts = 2, .initial_ms = 1 };
    struct bed *bed = arg;
    json_t *good = json_pack("{s:s}", "t", "x"), *bad = json_pack("{s:i}", "t", 1);
    struct td_err err;

    assert_int_equal(call_with(bed, bad, &policy, &err), -1);
    assert_int_equal(err.code, TD_E_INVAL);
    assert_int_equal(strncmp(err.text, "input of \"a\" action \"do\": ", 26), 0);
    assert_int_equal(atomic_load(&bed->calls), 0);
    bed->answer = 99;
    assert_int_equal(call_with(bed, good, &policy, &err), -1);
    assert_int_equal(err.code, TD_E_EXEC);
    assert_int_equal(strncmp(err.text, "output of \"a\" action \"do\": ", 27), 0);
    assert_int_equal(atomic_load(&bed->calls), 2); /* another attempt might have fitted */
    bed->answer = 3;
    assert_int_equal(call_with(bed, good, &policy, &err), 0);
    json_decref(good);
    json_decref(bad);
}

static void input_and_output_fit_their_schemas(void **state)
{
    struct bed *bed = make_bed();
    struct tdh_schema *input =
        compile("{\"type\":\"object\",\"properties\":{\"t\":{\"type\":\"string\"}}}");
    struct tdh_schema *output = compile("{\"type\":\"integer\",\"maximum\":9}");

    (void)state;
    bed->target.input_schema = input;
    bed->target.output_schema = output;
    run(bed, 1, call_misfits);
    tdh_schema_free(input);
    tdh_schema_free(output);
    free_bed(bed);
}

/* --- cache --- */

static unsigned calls_for(struct bed *bed, int input)
{
    json_t *value = json_pack("{s:i, s:i}", "x", input, "y", 1);
    struct td_err err;

    atomic_store(&bed->calls, 0);
    assert_int_equal(call_with(bed, value, NULL, &err), 0);
    json_decref(value);
    return atomic_load(&bed->calls);
}

static void use_cache(void *arg)
{
    struct bed *bed = arg;

    assert_int_equal(calls_for(bed, 1), 1);
    assert_int_equal(calls_for(bed, 1), 0);
    assert_int_equal(calls_for(bed, 2), 1);
    assert_int_equal(calls_for(bed, 1), 0);
    assert_int_equal(calls_for(bed, 3), 1); /* two entries: 2 leaves, 1 was used later */
    assert_int_equal(calls_for(bed, 1), 0);
    assert_int_equal(calls_for(bed, 2), 1);
    assert_int_equal(atomic_load(&bed->target.account.cache_hits), 3);
    tdh_co_wait(tdh_clock_mono_ns() + 60000000);
    assert_int_equal(calls_for(bed, 2), 1);
    bed->emits = true;
    assert_int_equal(calls_for(bed, 5), 1);
    assert_int_equal(calls_for(bed, 5), 1);
}

static void results_of_pure_actions_are_remembered_for_a_while(void **state)
{
    struct bed *bed = make_bed();

    (void)state;
    bed->target.cache_ttl_ms = 50;
    bed->target.cache_entries = 2;
    run(bed, 1, use_cache);
    free_bed(bed);
}

static void use_no_cache(void *arg)
{
    assert_int_equal(calls_for(arg, 1), 1);
    assert_int_equal(calls_for(arg, 1), 1);
}

static void effects_are_never_remembered(void **state)
{
    struct bed *bed = make_bed();

    (void)state;
    bed->target.cache_ttl_ms = 50000;
    bed->target.effects = TDH_EFFECTS_IDEMPOTENT;
    run(bed, 1, use_no_cache);
    free_bed(bed);
}

/* --- limiter --- */

struct caller {
    struct bed *bed;
    int number;
    uint32_t timeout_ms;
    struct td_err err;
    int rc;
};

static void call_once(void *arg)
{
    struct caller *caller = arg;
    struct bed *bed = caller->bed;
    struct td_policy policy = { .timeout_ms = caller->timeout_ms };
    size_t used;

    caller->rc = call_with(bed, NULL, &policy, &caller->err);
    used = strlen(bed->trace);
    snprintf(bed->trace + used, sizeof(bed->trace) - used, "%d%s ", caller->number,
             caller->rc == 0 ? "" : "!");
    atomic_fetch_add(&bed->ended, 1);
    tdh_co_wake(bed->waiter);
}

static void start_callers(struct bed *bed, struct caller *callers, struct tdh_co **cos,
                          unsigned count)
{
    struct td_err err;

    bed->waiter = tdh_co_self();
    for (unsigned i = 0; i < count; i++) {
        callers[i].bed = bed;
        callers[i].number = (int)i;
        assert_int_equal(tdh_co_spawn(call_once, &callers[i], &cos[i], &err), 0);
    }
    tdh_co_yield();
}

static void wait_ended(struct bed *bed, unsigned count)
{
    while (atomic_load(&bed->ended) < count)
        tdh_co_park();
}

static void queue_up(void *arg)
{
    struct bed *bed = arg;
    struct caller callers[7] = { { 0 } };
    struct tdh_co *cos[7];

    bed->work_ms = 2;
    start_callers(bed, callers, cos, 7);
    wait_ended(bed, 7);
    assert_string_equal(bed->trace,
                        "6! 0 1 2 3 4 5 "); /* two at work, four wait, one is too many */
    assert_int_equal(callers[6].err.code, TD_E_LIMIT);
    assert_string_equal(callers[6].err.text, "\"a\": 2 calls run and 4 wait already");
    assert_int_equal(atomic_load(&bed->most), 2);
    assert_int_equal(atomic_load(&bed->limiter.in_use), 0);
    assert_int_equal(atomic_load(&bed->limiter.waiting), 0);
}

static void calls_wait_in_order_for_a_slot(void **state)
{
    struct bed *bed = make_bed();

    (void)state;
    bed->limiter = (struct tdh_limiter){ .max = 2, .max_waiting = 4 };
    bed->target.limiter = &bed->limiter;
    run(bed, 1, queue_up);
    free_bed(bed);
}

static void give_up(void *arg)
{
    struct bed *bed = arg;
    struct caller callers[4] = {
        { .timeout_ms = 0 }, { .timeout_ms = 5 }, { .timeout_ms = 0 }, { .timeout_ms = 0 }
    };
    struct tdh_co *cos[4];

    bed->work_ms = 25;
    start_callers(bed, callers, cos, 4);
    tdh_co_yield();
    tdh_co_cancel(cos[2]);
    wait_ended(bed, 4);
    assert_string_equal(bed->trace, "2! 1! 0 3 ");
    assert_int_equal(callers[1].err.code, TD_E_TIMEOUT);
    assert_string_equal(callers[1].err.text, "\"a\": no slot of 1 came free in time");
    assert_int_equal(callers[2].err.code, TD_E_CANCELLED);
    assert_string_equal(callers[2].err.text, "\"a\" was cancelled while it waited for a slot");
    assert_int_equal(atomic_load(&bed->limiter.in_use), 0);
    assert_int_equal(atomic_load(&bed->limiter.waiting), 0);
}

static void who_gives_up_leaves_the_queue(void **state)
{
    struct bed *bed = make_bed();

    (void)state;
    bed->limiter = (struct tdh_limiter){ .max = 1, .max_waiting = 10 };
    bed->target.limiter = &bed->limiter;
    run(bed, 1, give_up);
    free_bed(bed);
}

static int call_inner(struct tdh_call *call, struct td_err *err)
{
    struct bed *bed = call->target->owner;
    struct tdh_call inner = { .target = &bed->target, .parent = call };
    int rc = tdh_call_run(&inner, err);

    call->output = inner.output;
    return rc;
}

static void nest(void *arg)
{
    struct bed *bed = arg;
    struct tdh_call call = { .target = &bed->other };
    struct td_err err;

    assert_int_equal(tdh_call_run(&call, &err), 0);
    json_decref(call.output);
    assert_int_equal(atomic_load(&bed->limiter.in_use), 0);
}

static void a_call_within_takes_no_second_slot(void **state)
{
    struct bed *bed = make_bed();

    (void)state;
    bed->limiter = (struct tdh_limiter){ .max = 1, .max_waiting = 1 };
    bed->target.limiter = bed->other.limiter = &bed->limiter;
    bed->other.dispatch = call_inner;
    bed->other.permissions = json_pack("{s:[s]}", "agents", "*");
    run(bed, 1, nest);
    json_decref((json_t *)(uintptr_t)bed->other.permissions);
    free_bed(bed);
}

enum { CALLERS = 30, ROUNDS = 40 };

static void call_often(void *arg)
{
    struct bed *bed = arg;

    for (int i = 0; i < ROUNDS; i++) {
        struct td_policy policy = {
            .timeout_ms = i % 5 == 4 ? 1 : 0
        }; /* some give up, some just when their slot comes */
        struct td_err err;

        if (call_with(bed, NULL, &policy, &err) != 0) {
            atomic_fetch_add(&bed->failed, 1);
            if (err.code != TD_E_TIMEOUT)
                abort();
        }
    }
}

static void call_there(void *arg)
{
    struct caller *caller = arg;
    struct bed *bed = caller->bed;
    struct td_err err;

    tdh_hop(tdh_runtime_worker(bed->runtime, (unsigned)caller->number % 3), call_often, bed, &err);
    atomic_fetch_add(&bed->ended, 1);
    tdh_co_wake(bed->waiter);
}

static void stress(void *arg)
{
    struct bed *bed = arg;
    struct caller callers[CALLERS] = { { 0 } };
    struct td_err err;

    bed->work_ms = 0;
    bed->waiter = tdh_co_self();
    for (int i = 0; i < CALLERS; i++) {
        callers[i].bed = bed;
        callers[i].number = i;
        assert_int_equal(tdh_co_spawn(call_there, &callers[i], NULL, &err), 0);
    }
    wait_ended(bed, CALLERS);
    assert_in_range(atomic_load(&bed->most), 1, 3);
    assert_int_equal(atomic_load(&bed->calls) + atomic_load(&bed->failed), CALLERS * ROUNDS);
    assert_int_equal(atomic_load(&bed->limiter.in_use), 0);
    assert_int_equal(atomic_load(&bed->limiter.waiting), 0);
}

static int work_and_yield(struct tdh_call *call, struct td_err *err)
{
    struct bed *bed = call->target->owner;
    unsigned running = atomic_fetch_add(&bed->running, 1) + 1, most = atomic_load(&bed->most);

    (void)err;
    while (running > most && !atomic_compare_exchange_weak(&bed->most, &most, running))
        ;
    tdh_co_yield();
    atomic_fetch_sub(&bed->running, 1);
    atomic_fetch_add(&bed->calls, 1);
    call->output = json_true();
    return 0;
}

static void three_workers_share_a_limit(void **state)
{
    struct bed *bed = make_bed();

    (void)state;
    bed->limiter = (struct tdh_limiter){ .max = 3, .max_waiting = 1000 };
    bed->target.limiter = &bed->limiter;
    bed->target.dispatch = work_and_yield;
    run(bed, 3, stress);
    free_bed(bed);
}

/* --- trace, targets --- */

static void note_trace(void *arg, const struct tdh_call *call, bool is_end,
                       const struct td_err *error)
{
    struct bed *bed = arg;
    size_t used = strlen(bed->trace);

    snprintf(bed->trace + used, sizeof(bed->trace) - used, "%s%u%s ", is_end ? "end" : "begin",
             call->attempt, error != NULL ? "!" : "");
}

static void each_attempt_is_traced(void **state)
{
    struct bed *bed = make_bed();

    (void)state;
    tdh_call_trace(note_trace, bed);
    run(bed, 1, try_again);
    tdh_call_trace(NULL, NULL);
    assert_int_equal(strncmp(bed->trace, "begin1 end1! begin2 end2! begin3 end3 begin1", 44), 0);
    free_bed(bed);
}

static void what_cannot_be_called_is_named(void **state)
{
    struct tdh_target *target;
    struct td_err err;

    (void)state;
    assert_int_equal(tdh_call_resolve(TD_TARGET_PATTERN, "x", NULL, &target, &err), -1);
    assert_string_equal(err.text, "\"x\" cannot be called: no such kind of target");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_back_off_has_its_numbers),
        cmocka_unit_test(policies_merge_field_by_field),
        cmocka_unit_test(each_misfit_of_a_policy_is_named),
        cmocka_unit_test(a_policy_is_read),
        cmocka_unit_test(what_may_succeed_later_is_tried_again),
        cmocka_unit_test(after_the_first_chunk_nothing_is_tried_again),
        cmocka_unit_test(a_call_of_a_run_is_tried_once),
        cmocka_unit_test(deadlines_are_kept_and_inherited),
        cmocka_unit_test(cancelling_ends_a_back_off),
        cmocka_unit_test(a_plugin_calls_what_its_manifest_names_and_no_more),
        cmocka_unit_test(input_and_output_fit_their_schemas),
        cmocka_unit_test(results_of_pure_actions_are_remembered_for_a_while),
        cmocka_unit_test(effects_are_never_remembered),
        cmocka_unit_test(calls_wait_in_order_for_a_slot),
        cmocka_unit_test(who_gives_up_leaves_the_queue),
        cmocka_unit_test(a_call_within_takes_no_second_slot),
        cmocka_unit_test(three_workers_share_a_limit),
        cmocka_unit_test(each_attempt_is_traced),
        cmocka_unit_test(what_cannot_be_called_is_named),
    };

    return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
