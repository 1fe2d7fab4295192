/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool: instances of one agent: made before they are needed, on demand, made as new, thrown away,
 * and ended when nobody needs them.
 */
#include "life_bed.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"

enum { CALLERS = 5 };

/* How many calls the instance has had that answers. */
static json_int_t calls_of_answer(struct bed *bed)
{
    json_t *output = bed_call(bed, "a", "count", 0);
    json_int_t calls = json_integer_value(json_object_get(output, "calls"));

    assert_non_null(output);
    json_decref(output);
    return calls;
}

static void warm(struct bed *bed)
{
    bed_agent(bed, "a", "pool: {min: 3, max: 4}\n");
    assert_int_equal(bed_act(bed, "a", TDH_AGENT_START, NULL), 0);
    assert_string_equal(bed_words(bed), "prepare init verify init verify init verify");
    assert_int_equal(bed_number(bed, "a", "pool.idle"), 3);
    bed_agent(bed, "b", "pool: {min: 2}\noptions: {fails: init, times: 1}\n");
    assert_int_equal(bed_act(bed, "b", TDH_AGENT_START, NULL), -1);
    assert_string_equal(bed_state(bed, "b"), "error");
}

static void instances_are_made_before_they_are_needed(void **state)
{
    bed_run(state, "moody", warm);
}

static void grow(struct bed *bed)
{
    struct caller callers[CALLERS] = { { 0 } };

    bed_agent(bed, "a", "pool: {min: 1, max: 3, reset: false, idle: 0s}\n");
    for (int i = 0; i < CALLERS; i++)
        bed_begin(bed, &callers[i], "a", "count", 30);
    bed_until(bed, "a", "waiting", CALLERS - 3);
    assert_int_equal(bed_number(bed, "a", "pool.busy"), 3);
    for (int i = 0; i < CALLERS; i++)
        assert_int_equal(bed_end(&callers[i]), 0);
    assert_int_equal(bed_number(bed, "a", "pool.made"), 3);
    assert_int_equal(bed_number(bed, "a", "pool.most"), 3);
    assert_int_equal(bed_number(bed, "a", "pool.idle"), 3);
    bed_words(bed);
    assert_true(tdh_agents_tend(bed->agents)); /* idle for too long, all but one */
    assert_string_equal(bed_words(bed), "drop drop");
    assert_int_equal(bed_number(bed, "a", "pool.instances"), 1);
    assert_int_equal(bed_number(bed, "a", "pool.shrunk"), 2);
    assert_int_equal(bed_act(bed, "a", TDH_AGENT_STOP, NULL), 0);
    assert_string_equal(bed_words(bed), "drop");
}

static void it_grows_with_the_calls_and_shrinks_when_idle(void **state)
{
    bed_run(state, "moody", grow);
}

static void use_as_new(struct bed *bed)
{
    bed_agent(bed, "a", "pool: {max: 1}\n");
    assert_int_equal(calls_of_answer(bed), 1);
    assert_int_equal(calls_of_answer(bed), 1);
    assert_string_equal(bed_words(bed), "prepare init verify reset reset");
    assert_int_equal(bed_number(bed, "a", "pool.resets"), 2);
}

static void an_instance_is_as_new_for_each_call(void **state)
{
    bed_run(state, "moody", use_as_new);
}

static void make_anew(struct bed *bed)
{
    bed_agent(bed, "a", "pool: {max: 1}\n");
    assert_int_equal(calls_of_answer(bed), 1);
    assert_string_equal(bed_words(bed), "prepare init verify drop");
    assert_int_equal(calls_of_answer(bed), 1);
    assert_string_equal(bed_words(bed), "init verify drop");
    bed_agent(bed, "b", "pool: {min: 1, max: 1}\n");
    json_decref(bed_call(bed, "b", "count", 0));
    bed_words(bed);
    tdh_agents_tend(bed->agents);
    assert_string_equal(bed_words(bed), "init verify"); /* to its minimum */
}

static void one_that_cannot_be_reset_is_made_anew(void **state)
{
    bed_run(state, "gloomy", make_anew);
}

static void keep_as_it_is(struct bed *bed)
{
    bed_agent(bed, "a", "pool: {max: 1, reset: false}\n");
    assert_int_equal(calls_of_answer(bed), 1);
    assert_int_equal(calls_of_answer(bed), 2);
    assert_int_equal(bed_number(bed, "a", "pool.reused"), 2);
}

static void without_reset_it_stays_as_it_is(void **state)
{
    bed_run(state, "gloomy", keep_as_it_is);
}

static void spoil(struct bed *bed)
{
    static const struct {
        const char *code;
        bool is_thrown;
    } rows[] = {
        { "execution", false }, { "unavailable", false }, { "internal", true }, { "corrupt", true }
    };

    bed_agent(bed, "a", "pool: {max: 1, reset: false}\n");
    assert_int_equal(calls_of_answer(bed), 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct caller caller = { .code = rows[i].code };
        json_int_t thrown = bed_number(bed, "a", "pool.thrown");

        bed_begin(bed, &caller, "a", "spoil", 0);
        assert_int_equal(bed_end(&caller), -1);
        assert_int_equal(bed_number(bed, "a", "pool.thrown") - thrown, rows[i].is_thrown);
    }
}

static void one_that_fails_by_its_own_fault_is_thrown_away(void **state)
{
    bed_run(state, "moody", spoil);
}

static void call_within(struct bed *bed)
{
    json_t *output;

    bed_agent(bed, "a", "pool: {max: 1}\n");
    output = bed_call(bed, "a", "ask", 0); /* asks itself */
    assert_non_null(output);
    assert_true(json_is_true(json_object_get(output, "answered")));
    json_decref(output);
    assert_int_equal(bed_number(bed, "a", "pool.made"), 1);
}

static void a_call_within_a_call_does_not_wait_for_itself(void **state)
{
    bed_run(state, "moody", call_within);
}

static void misread(struct bed *bed)
{
    static const struct {
        const char *file, *want;
    } rows[] = {
        { "pool: {min: 3, max: 2}\n", "agent \"a\": \"pool.min\" is 3, and \"pool.max\" is 2" },
        { "pool: {max: 1001}\n",
          "agent \"a\": \"pool.max\": must be a whole number from 1 to 1000" },
        { "pool: {idel: 1s}\n",
          "agent \"a\": unrecognized key \"pool.idel\", did you mean \"idle\"" },
        { "pool: 3\n", "agent \"a\": \"pool\" must be a map" },
        { "stop: {force: soon}\n",
          "agent \"a\": \"stop.force\": must be a duration of 0s to 24h, such as \"10s\"" },
        { "init: {attempts: 0}\n",
          "agent \"a\": \"init.attempts\": must be a whole number from 1 to 100" },
        { "queue: maybe\n", "agent \"a\": \"queue\" must be wait or refuse" },
        { "environment: PATH\n",
          "agent \"a\": \"environment\" must be a list of at most 64 names of variables" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bed_agent(bed, "a", "%s", rows[i].file);
        assert_null(bed_call(bed, "a", "count", 0));
        assert_string_equal(bed->err.text, rows[i].want);
        assert_int_equal(bed->err.code, TD_E_CONFIG);
    }
}

static void what_the_file_says_wrong_is_named(void **state)
{
    bed_run(state, "moody", misread);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_HOME_TEST(instances_are_made_before_they_are_needed),
        PLUGIN_HOME_TEST(it_grows_with_the_calls_and_shrinks_when_idle),
        PLUGIN_HOME_TEST(an_instance_is_as_new_for_each_call),
        PLUGIN_HOME_TEST(one_that_cannot_be_reset_is_made_anew),
        PLUGIN_HOME_TEST(without_reset_it_stays_as_it_is),
        PLUGIN_HOME_TEST(one_that_fails_by_its_own_fault_is_thrown_away),
        PLUGIN_HOME_TEST(a_call_within_a_call_does_not_wait_for_itself),
        PLUGIN_HOME_TEST(what_the_file_says_wrong_is_named),
    };

    tdh_log_setup(TDH_LOG_OFF, TDH_LOG_TEXT, 2);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
