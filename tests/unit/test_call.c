/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call: the path and its stages: who may call what, what fits, how long, how often, and what is
 * remembered. test_limit has how many at once, test_policy the numbers.
 */
#include "call_bed.h" /* before cmocka, which makes a macro of "fail" */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#include "base/clock.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* --- retry --- */

static const struct {
    unsigned fails; /* of the attempts, and with what */
    enum td_code code;
    bool is_retryable;
    int rc;
    unsigned attempts, retries; /* of this call; of all so far */
} efforts[] = {
    { 2, TD_E_UNAVAILABLE, true, 0, 3, 2 },
    { 3, TD_E_UNAVAILABLE, true, -1, 3, 4 },
    { 3, TD_E_INVAL, false, -1, 1, 4 },
};

static void try_again(void *arg)
{
    struct td_policy policy = { .max_attempts = 3, .initial_ms = 1 };
    struct bed *bed = arg;

    for (size_t i = 0; i < COUNT(efforts); i++) {
        struct td_err err = { 0 };

        bed_error(bed, efforts[i].code, efforts[i].is_retryable);
        bed->fails = efforts[i].fails;
        atomic_store(&bed->calls, 0);
        assert_int_equal(bed_call(bed, NULL, &policy, &err), efforts[i].rc);
        if (efforts[i].rc != 0)
            assert_string_equal(err.text, "that failed");
        assert_int_equal(atomic_load(&bed->calls), efforts[i].attempts);
        assert_int_equal(atomic_load(&bed->target.account.retries), efforts[i].retries);
    }
    assert_int_equal(atomic_load(&bed->target.account.calls), 3);
    assert_int_equal(atomic_load(&bed->target.account.failures), 2);
}

static void what_may_succeed_later_is_tried_again(void **state)
{
    bed_run(*state, 1, try_again);
}

static void note_attempt(void *arg, const struct tdh_call *call, bool is_end,
                         const struct td_err *error)
{
    bed_note(arg, "%s%u%s ", is_end ? "end" : "begin", call->attempt, error != NULL ? "!" : "");
}

static void each_attempt_is_traced(void **state)
{
    static const char want[] = "begin1 end1! begin2 end2! begin3 end3 begin1";
    struct bed *bed = *state;

    tdh_call_trace(note_attempt, bed);
    bed_run(bed, 1, try_again);
    tdh_call_untrace(note_attempt, bed);
    assert_memory_equal(bed->trace, want, strlen(want));
}

/* Makes a call whose first attempt fails; a second, which the policy allows, would not. */
static void fail_once(struct bed *bed, struct tdh_call *call)
{
    struct td_policy policy = { .max_attempts = 5, .initial_ms = 1 };
    struct td_err err;

    bed_error(bed, TD_E_UNAVAILABLE, true);
    bed->fails = 1;
    call->target = &bed->target;
    call->policy = &policy;
    assert_int_equal(tdh_call_run(call, &err), -1);
    assert_int_equal(atomic_load(&bed->calls), 1);
}

static int count_chunk(void *arg, const json_t *chunk, struct td_err *err)
{
    (void)chunk;
    (void)err;
    (*(unsigned *)arg)++;
    return 0;
}

static void emit_and_fail(void *arg)
{
    struct bed *bed = arg;
    unsigned chunks = 0;
    struct tdh_call call = { .emit = count_chunk, .emit_arg = &chunks };

    bed->emits = true;
    fail_once(bed, &call);
    assert_int_equal(chunks, 1);
}

static void after_the_first_chunk_nothing_is_tried_again(void **state)
{
    bed_run(*state, 1, emit_and_fail);
}

static void fail_singly(void *arg)
{
    fail_once(arg, &(struct tdh_call){ .is_single = true, .attempt = 4 });
}

static void a_call_of_a_run_is_tried_once(void **state)
{
    bed_run(*state, 1, fail_singly);
}

/* --- deadline and cancel --- */

static void be_late(struct bed *bed)
{
    struct tdh_call late = { .target = &bed->target, .deadline_ns = tdh_clock_mono_ns() - 1 };
    struct td_err err;

    assert_int_equal(tdh_call_run(&late, &err), -1);
    assert_int_equal(err.code, TD_E_TIMEOUT);
    assert_string_equal(err.text, "\"a\" action \"do\": no time is left");
}

static void be_a_late_child(struct bed *bed)
{
    struct tdh_call parent = { .target = &bed->other, .deadline_ns = 1, .depth = 1 };
    struct tdh_call child = { .target = &bed->target, .parent = &parent };
    json_t *permissions = json_pack("{s:[s]}", "agents", "*");
    struct td_err err;

    bed->other.permissions = permissions;
    assert_int_equal(tdh_call_run(&child, &err), -1);
    assert_int_equal(err.code, TD_E_TIMEOUT);
    json_decref(permissions);
}

/* A back-off that would pass the deadline is not begun. */
static void have_no_time_to_wait(struct bed *bed)
{
    struct td_policy slow = {
        .timeout_ms = 60000, .max_attempts = 9, .initial_ms = 3600000, .max_ms = 3600000
    };
    struct td_err err;

    bed_error(bed, TD_E_UNAVAILABLE, true);
    bed->fails = 9;
    assert_int_equal(bed_call(bed, NULL, &slow, &err), -1);
    assert_string_equal(err.text,
                        "gave up after 1 attempts, the next would pass the deadline: that failed");
}

static void pass_deadlines(void *arg)
{
    be_late(arg);
    be_a_late_child(arg);
    have_no_time_to_wait(arg);
}

static void deadlines_are_kept_and_inherited(void **state)
{
    bed_run(*state, 1, pass_deadlines);
}

static void retry_long(void *arg)
{
    struct td_policy policy = { .max_attempts = 5, .initial_ms = 60000 };
    struct bed *bed = arg;
    struct td_err err;

    assert_int_equal(bed_call(bed, NULL, &policy, &err), -1);
    bed_note(bed, "%.150s", err.text);
    tdh_co_wake(bed->waiter);
}

static void cancel_back_off(void *arg)
{
    struct bed *bed = arg;
    struct tdh_co *co;
    struct td_err err;

    bed_error(bed, TD_E_UNAVAILABLE, true);
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
    bed_run(*state, 1, cancel_back_off);
}

/* --- permissions, effects, depth, schemas --- */

static const struct {
    const char *permissions; /* of the caller "b"; NULL: none */
    enum tdh_effects of_caller, of_target;
    unsigned depth; /* of the caller */
    enum td_code code;
    const char *text, *hint;
} nested[] = {
    { NULL, TDH_EFFECTS_NONE, TDH_EFFECTS_NONE, 1, TD_E_PERM, "\"b\" may not call agent \"a\"",
      "add it to \"permissions: {agents: [...]}\" in the plugin's manifest" },
    { "{\"agents\": [\"mail-*\"]}", TDH_EFFECTS_NONE, TDH_EFFECTS_NONE, 1, TD_E_PERM,
      "\"b\" may not call agent \"a\"",
      "add it to \"permissions: {agents: [...]}\" in the plugin's manifest" },
    { "{\"agents\": [\"mail-*\", \"a\"]}", TDH_EFFECTS_NONE, TDH_EFFECTS_NONE, 1, TD_OK, "", "" },
    { "{\"agents\": [\"a\"]}", TDH_EFFECTS_IDEMPOTENT, TDH_EFFECTS_EXTERNAL, 1, TD_E_PERM,
      "action \"do\" of \"b\" declares weaker effects than action \"do\" of \"a\", which it calls",
      "" },
    { "{\"agents\": [\"a\"]}", TDH_EFFECTS_EXTERNAL, TDH_EFFECTS_EXTERNAL, TDH_CALL_DEPTH - 1,
      TD_OK, "", "" },
    { "{\"agents\": [\"a\"]}", TDH_EFFECTS_EXTERNAL, TDH_EFFECTS_EXTERNAL, TDH_CALL_DEPTH,
      TD_E_LIMIT, "call of \"a\" action \"do\": calls nest more than 16 deep", "" },
};

static void call_from_within(void *arg)
{
    struct bed *bed = arg;

    for (size_t i = 0; i < COUNT(nested); i++) {
        struct tdh_call parent = { .target = &bed->other,
                                   .depth = nested[i].depth,
                                   .deadline_ns = TDH_NEVER };
        struct tdh_call call = { .target = &bed->target, .parent = &parent };
        const char *text = nested[i].permissions;
        json_t *permissions = text != NULL ? json_loads(text, 0, NULL) : NULL;
        struct td_err err = { 0 };

        bed->other.permissions = permissions;
        bed->other.effects = nested[i].of_caller;
        bed->target.effects = nested[i].of_target;
        assert_int_equal(tdh_call_run(&call, &err), nested[i].code == TD_OK ? 0 : -1);
        assert_string_equal(err.text, nested[i].text);
        assert_string_equal(err.hint, nested[i].hint);
        assert_int_equal(err.code, nested[i].code);
        json_decref(call.output);
        json_decref(permissions);
    }
}

static void a_plugin_calls_what_its_manifest_names_and_no_more(void **state)
{
    bed_run(*state, 1, call_from_within);
}

static const struct {
    const char *input;
    int answer;
    enum td_code code;
    const char *begins; /* of the error's text */
    unsigned attempts;
} fits[] = {
    { "{\"t\": 1}", 3, TD_E_INVAL, "input of \"a\" action \"do\": ", 0 },
    /* another attempt might have fitted */
    { "{\"t\": \"x\"}", 99, TD_E_EXEC, "output of \"a\" action \"do\": ", 2 },
    { "{\"t\": \"x\"}", 3, TD_OK, "", 1 },
};

static void call_misfits(void *arg)
{
    struct td_policy policy = { .max_attempts = 2, .initial_ms = 1 };
    struct bed *bed = arg;

    for (size_t i = 0; i < COUNT(fits); i++) {
        json_t *input = json_loads(fits[i].input, 0, NULL);
        struct td_err err = { 0 };

        bed->answer = fits[i].answer;
        atomic_store(&bed->calls, 0);
        assert_int_equal(bed_call(bed, input, &policy, &err), fits[i].code == TD_OK ? 0 : -1);
        assert_int_equal(err.code, fits[i].code);
        assert_memory_equal(err.text, fits[i].begins, strlen(fits[i].begins));
        assert_int_equal(atomic_load(&bed->calls), fits[i].attempts);
        json_decref(input);
    }
}

static struct tdh_schema *compile(const char *text)
{
    json_t *document = json_loads(text, 0, NULL);
    struct td_err err;
    struct tdh_schema *schema = tdh_schema_compile(document, NULL, &err);

    json_decref(document);
    return schema;
}

static void input_and_output_fit_their_schemas(void **state)
{
    struct bed *bed = *state;
    struct tdh_schema *input =
        compile("{\"type\": \"object\", \"properties\": {\"t\": {\"type\": \"string\"}}}");
    struct tdh_schema *output = compile("{\"type\": \"integer\", \"maximum\": 9}");

    bed->target.input_schema = input;
    bed->target.output_schema = output;
    bed_run(bed, 1, call_misfits);
    tdh_schema_free(input);
    tdh_schema_free(output);
}

/* --- cache --- */

/* How often the work is done for a call with that input. */
static unsigned calls_for(struct bed *bed, int input)
{
    json_t *value = json_pack("{s:i, s:i}", "x", input, "y", 1);
    struct td_err err;

    atomic_store(&bed->calls, 0);
    assert_int_equal(bed_call(bed, value, NULL, &err), 0);
    json_decref(value);
    return atomic_load(&bed->calls);
}

static void use_cache(void *arg)
{
    static const struct {
        int input;
        unsigned calls;
    } rows[] = { { 1, 1 }, { 1, 0 }, { 2, 1 }, { 1, 0 }, { 3, 1 }, { 1, 0 }, { 2, 1 } };
    struct bed *bed = arg;

    for (size_t i = 0; i < COUNT(rows); i++) /* two entries: with 3, 2 leaves; 1 was used later */
        assert_int_equal(calls_for(bed, rows[i].input), rows[i].calls);
    assert_int_equal(atomic_load(&bed->target.account.cache_hits), 3);
    bed->emits = true;
    assert_int_equal(calls_for(bed, 5), 1);
    assert_int_equal(calls_for(bed, 5), 1);
}

static void results_of_pure_actions_are_remembered_for_a_while(void **state)
{
    struct bed *bed = *state;

    bed->target.cache_ttl_ms = 3600000;
    bed->target.cache_entries = 2;
    bed_run(bed, 1, use_cache);
}

static void use_what_is_old(void *arg)
{
    assert_int_equal(calls_for(arg, 1), 1);
    tdh_co_wait(tdh_clock_mono_ns() + 2000000);
    assert_int_equal(calls_for(arg, 1), 1);
}

static void results_that_are_old_are_asked_for_again(void **state)
{
    struct bed *bed = *state;

    bed->target.cache_ttl_ms = 1;
    bed_run(bed, 1, use_what_is_old);
}

static void use_no_cache(void *arg)
{
    assert_int_equal(calls_for(arg, 1), 1);
    assert_int_equal(calls_for(arg, 1), 1);
}

static void effects_are_never_remembered(void **state)
{
    struct bed *bed = *state;

    bed->target.cache_ttl_ms = 50000;
    bed->target.effects = TDH_EFFECTS_IDEMPOTENT;
    bed_run(bed, 1, use_no_cache);
}

/* --- targets --- */

static void what_cannot_be_called_is_named(void **state)
{
    struct tdh_target *target;
    struct td_err err;

    (void)state;
    assert_int_equal(tdh_call_resolve(TD_TARGET_PATTERN, "x", NULL, NULL, &target, &err), -1);
    assert_string_equal(err.text, "\"x\" cannot be called: no such kind of target");
}

/* --- what is used --- */

static void what_a_call_used_counts_for_the_outermost(void **state)
{
    static const struct {
        const char *meter;
        double amount;
        const char *want; /* NULL: it counts */
    } rows[] = {
        { "tokens", 800, NULL },
        { "tokens", 12, NULL },
        { "cost", 0.0000001, NULL }, /* rounded up */
        { "cost", 0, NULL },
        { "calls", 1, "the meter \"calls\" is the host's own: it counts them" },
        { "cost", -1, "-1 of \"cost\" cannot be used, only 0 to 9007199254" },
        { "cost", 1e10, "1e+10 of \"cost\" cannot be used, only 0 to 9007199254" },
        { "Cost", 1,
          "meter \"Cost\" must be a small letter, then small letters, digits and \"_\", at most "
          "31" },
    };
    struct tdh_meters used = { 0 };
    struct tdh_target by = { .line = tdh_ledger_line(TDH_LEDGER_AGENT, "spender", "test") },
                      around = { .name = "around" };
    struct tdh_call outer = { .target = &around, .used = &used },
                    inner = { .target = &by, .parent = &outer };
    struct td_err err;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int rc = tdh_call_spend(&inner, rows[i].meter, rows[i].amount, &err);

        assert_int_equal(rc, rows[i].want == NULL ? 0 : -1);
        if (rc != 0)
            assert_string_equal(err.text, rows[i].want);
    }
    assert_int_equal(tdh_meters_get(&used, "tokens"), 812 * TDH_METER_UNIT);
    assert_int_equal(tdh_meters_get(&used, "cost"), 1);
    assert_int_equal(tdh_meters_get(&by.line->spent, "tokens"), 812 * TDH_METER_UNIT);
    outer.used = NULL;
    assert_int_equal(tdh_call_spend(&inner, "tokens", 1, &err), 0); /* nobody's run */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BED_TEST(what_may_succeed_later_is_tried_again),
        BED_TEST(each_attempt_is_traced),
        BED_TEST(after_the_first_chunk_nothing_is_tried_again),
        BED_TEST(a_call_of_a_run_is_tried_once),
        BED_TEST(deadlines_are_kept_and_inherited),
        BED_TEST(cancelling_ends_a_back_off),
        BED_TEST(a_plugin_calls_what_its_manifest_names_and_no_more),
        BED_TEST(input_and_output_fit_their_schemas),
        BED_TEST(results_of_pure_actions_are_remembered_for_a_while),
        BED_TEST(results_that_are_old_are_asked_for_again),
        BED_TEST(effects_are_never_remembered),
        cmocka_unit_test(what_cannot_be_called_is_named),
        cmocka_unit_test(what_a_call_used_counts_for_the_outermost),
    };

    return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
