/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life: which state may follow which, what is kept and told of it, how agents are made, and how
 * they are paused and stopped.
 */
#include "life_bed.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/internal.h"
#include "agent/life.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* --- states --- */

static const char *const legal[] = {
    "created initializing",
    "initializing initialized",
    "initializing error",
    "initialized starting",
    "starting started",
    "starting error",
    "started executing",
    "started stopping",
    "executing started",
    "executing pausing",
    "executing error",
    "pausing paused",
    "pausing error",
    "paused resuming",
    "paused stopping",
    "resuming started",
    "resuming error",
    "stopping stopped",
    "stopping error",
    "stopped terminated",
    "error stopping",
    "error terminated",
    /* ours: docs/agent.md says why */
    "started pausing",
    "started error",
    "executing stopping",
    "pausing resuming",
    "pausing stopping",
    "paused error",
};

static bool is_legal(const char *pair)
{
    for (size_t i = 0; i < COUNT(legal); i++)
        if (strcmp(legal[i], pair) == 0)
            return true;
    return false;
}

static void each_change_is_legal_or_refused_and_counted(void **state)
{
    struct tdh_life life = { .name = (char *)(uintptr_t) "a", .lock = PTHREAD_MUTEX_INITIALIZER };
    uint64_t refused = 0;

    (void)state;
    for (unsigned from = 0; from < TDH_LIFE_STATES; from++)
        for (unsigned to = 0; to < TDH_LIFE_STATES; to++) {
            struct td_err err = { 0 };
            char pair[64];
            bool may;

            snprintf(pair, sizeof(pair), "%s %s", tdh_life_word(from), tdh_life_word(to));
            may = is_legal(pair);
            life.state = from;
            assert_int_equal(tdh_life_go(&life, to, NULL, &err), may ? 0 : -1);
            assert_int_equal(life.state, may ? to : from);
            assert_int_equal(err.code, may ? TD_OK : TD_E_CONFLICT);
            refused += !may;
        }
    assert_int_equal(life.refused, refused);
    assert_int_equal(life.change_count, COUNT(legal));
}

/* --- the rest with agents --- */

static void keep_history(struct bed *bed)
{
    json_t *list;
    const json_t *history;

    bed_agent(bed, "a", " ");
    assert_int_equal(bed_act(bed, "a", TDH_AGENT_START, NULL), 0);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(bed_act(bed, "a", TDH_AGENT_PAUSE, NULL), 0);
        assert_int_equal(bed_act(bed, "a", TDH_AGENT_RESUME, NULL), 0);
    }
    list = tdh_agents_status(bed->agents, "a", &bed->err);
    history = json_object_get(json_array_get(list, 0), "history");
    assert_int_equal(json_array_size(history), TDH_LIFE_HISTORY);
    assert_string_equal(tdh_json_str(json_array_get(history, TDH_LIFE_HISTORY - 1), "to", ""),
                        "started");
    assert_string_equal(tdh_json_str(json_array_get(history, TDH_LIFE_HISTORY - 4), "reason", ""),
                        "asked for");
    /* 5 to start, 4 for each pause and resume */
    assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "forgotten")),
                     5 + 20 * 4 - TDH_LIFE_HISTORY);
    json_decref(list);
}

static void history_keeps_the_newest_and_counts_the_rest(void **state)
{
    bed_run(state, "moody", keep_history);
}

static void tell_states(struct bed *bed)
{
    bed_agent(bed, "a", " ");
    json_decref(bed_call(bed, "a", "count", 0));
    assert_int_equal(bed_act(bed, "a", TDH_AGENT_PAUSE, NULL), 0);
    assert_int_equal(bed_act(bed, "a", TDH_AGENT_STOP, NULL), 0);
    assert_int_equal(bed_act(bed, "a", TDH_AGENT_START, NULL), 0);
    tdh_agents_stop(bed->agents);
    assert_string_equal(bed->told,
                        "a:created a:initializing a:initialized a:starting a:started "
                        "a:pausing a:paused "
                        "a:stopping a:stopped a:terminated a:created a:initializing a:initialized "
                        "a:starting a:started a:stopping a:stopped a:terminated ");
    assert_string_equal(bed_state(bed, "a"), "terminated");
}

static void each_state_is_told(void **state)
{
    bed_run(state, "moody", tell_states);
}

/* --- initialization --- */

static void fail_steps(struct bed *bed)
{
    static const struct {
        const char *file, *step, *words, *want;
    } rows[] = {
        { "environment: [HOME, TDEV_NOT_SET]\n", "environment", "",
          "initialization, step 1 of 6 (environment): agent \"a\": environment variable "
          "TDEV_NOT_SET is not set" },
        { "options: {limit: 100}\n", "configure", "",
          "initialization, step 4 of 6 (configure): agent \"a\": option \"limit\": 100 is not in 1 "
          "to 99" },
        { "options: {fails: prepare}\n", "configure", "prepare",
          "initialization, step 4 of 6 (configure): agent \"a\": no mood to prepare" },
        { "options: {fails: init}\n", "init", "prepare init drop release",
          "initialization, step 5 of 6 (init): agent \"a\": no mood to init" },
        { "options: {fails: verify}\n", "verify", "prepare init verify drop release",
          "initialization, step 6 of 6 (verify): agent \"a\": no mood to verify" },
        { "options: {wait: 10s}\ninit: {timeout: 30ms}\n", "init", "prepare drop release",
          "initialization, step 5 of 6 (init): agent \"a\": no time is left" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        json_t *list;

        bed_agent(bed, "a", "%s", rows[i].file);
        assert_null(bed_call(bed, "a", "count", 0));
        assert_string_equal(bed->err.text, rows[i].want);
        assert_string_equal(bed_words(bed), rows[i].words); /* all of it is given back */
        list = tdh_agents_status(bed->agents, "a", &bed->err);
        assert_string_equal(tdh_json_str(json_array_get(list, 0), "step", ""), rows[i].step);
        assert_string_equal(tdh_json_str(json_array_get(list, 0), "state", ""), "error");
        json_decref(list);
    }
    bed_agent(bed, "a", " ");
    json_decref(bed_call(bed, "a", "count", 0)); /* the next call begins again */
    assert_string_equal(bed_words(bed), "prepare init verify");
}

static void a_step_that_fails_is_named_and_all_is_given_back(void **state)
{
    bed_run(state, "moody", fail_steps);
}

static void try_again(struct bed *bed)
{
    bed_agent(bed, "good",
              "options: {fails: verify, times: 2, is_worth_more: true}\ninit: {delay: 1ms}\n");
    json_decref(bed_call(bed, "good", "count", 0));
    assert_string_equal(bed_words(bed), "prepare init verify drop release prepare init verify drop "
                                        "release prepare init verify");
    bed_agent(bed, "bad",
              "options: {fails: init, is_worth_more: true}\ninit: {delay: 1ms, attempts: 2}\n");
    assert_null(bed_call(bed, "bad", "count", 0));
    assert_string_equal(bed->err.text, "after 2 attempts: initialization, step 5 of 6 (init): "
                                       "agent \"bad\": no mood to init");
    assert_string_equal(bed_words(bed), "prepare init drop release prepare init drop release");
}

static void only_what_is_worth_it_is_tried_again(void **state)
{
    bed_run(state, "moody", try_again);
}

static void begin_together(struct bed *bed)
{
    struct caller callers[3] = { { 0 } };

    bed_agent(bed, "a", "options: {wait: 20ms}\n");
    for (size_t i = 0; i < COUNT(callers); i++)
        bed_begin(bed, &callers[i], "a", "count", 0);
    for (size_t i = 0; i < COUNT(callers); i++)
        assert_int_equal(bed_end(&callers[i]), 0);
    assert_string_equal(bed_words(bed), "prepare init verify");
}

static void who_comes_while_it_is_made_waits_for_that(void **state)
{
    bed_run(state, "moody", begin_together);
}

/* --- pause --- */

static void pause_it(struct bed *bed)
{
    struct caller running = { 0 }, waiting = { 0 }, late = { .timeout_ms = 20 };

    bed_agent(bed, "a", "stop: {graceful: 0s}\n");
    bed_begin(bed, &running, "a", "count", 30);
    assert_string_equal(bed_state(bed, "a"), "executing");
    assert_int_equal(bed_act(bed, "a", TDH_AGENT_PAUSE, NULL), 0);
    assert_string_equal(bed_state(bed, "a"), "pausing"); /* a call runs still */
    bed_begin(bed, &waiting, "a", "count", 0);
    bed_begin(bed, &late, "a", "count", 0);
    assert_int_equal(bed_end(&running), 0);
    tdh_agents_tend(bed->agents);
    assert_string_equal(bed_state(bed, "a"), "paused");
    assert_int_equal(bed_end(&late), -1);
    assert_string_equal(late.err.text, "\"a\" is paused, and was not resumed in time");
    assert_int_equal(bed_number(bed, "a", "waiting"), 1);
    assert_int_equal(bed_act(bed, "a", TDH_AGENT_RESUME, NULL), 0);
    assert_int_equal(bed_end(&waiting), 0);
    assert_string_equal(bed_state(bed, "a"), "started");
}

static void calls_wait_while_it_is_paused(void **state)
{
    bed_run(state, "moody", pause_it);
}

static void refuse_calls(struct bed *bed)
{
    bed_agent(bed, "a", "queue: refuse\n");
    assert_int_equal(bed_act(bed, "a", TDH_AGENT_PAUSE, NULL), 0); /* also one nobody has called */
    assert_null(bed_call(bed, "a", "count", 0));
    assert_string_equal(bed->err.text, "agent \"a\" is paused");
    assert_int_equal(bed->err.code, TD_E_UNAVAILABLE);
    assert_int_equal(bed_act(bed, "a", TDH_AGENT_START, NULL), -1);
    assert_string_equal(bed->err.text, "agent \"a\" is paused, and was not stopped");
    assert_int_equal(bed_act(bed, "a", TDH_AGENT_RESUME, NULL), 0);
    json_decref(bed_call(bed, "a", "count", 0));
    assert_int_equal(bed->err.code, TD_OK);
}

static void calls_are_refused_when_the_file_says_so(void **state)
{
    bed_run(state, "moody", refuse_calls);
}

static void exchange_paused(struct bed *bed)
{
    struct caller waiting = { 0 };

    bed_agent(bed, "a", " ");
    assert_int_equal(bed_act(bed, "a", TDH_AGENT_PAUSE, NULL), 0);
    bed_agent(bed, "a", "options: {limit: 42}\n");
    assert_int_equal(tdh_agents_refresh(bed->agents), 1);
    bed_begin(bed, &waiting, "a", "count", 0);
    bed_until(bed, "a", "waiting", 1); /* the new one is paused as well */
    assert_int_equal(bed_act(bed, "a", TDH_AGENT_RESUME, NULL), 0);
    assert_int_equal(bed_end(&waiting), 0);
}

static void what_is_paused_stays_so_when_it_is_exchanged(void **state)
{
    bed_run(state, "moody", exchange_paused);
}

/* --- stop --- */

static void stop_it(struct bed *bed)
{
    struct tdh_agent_stopped stopped;
    struct caller running = { 0 };

    bed_agent(bed, "a", " ");
    bed_begin(bed, &running, "a", "count", 20);
    assert_int_equal(bed_act(bed, "a", TDH_AGENT_STOP, &stopped), 0);
    assert_false(stopped.is_forced);
    assert_int_equal(bed_end(&running), 0); /* it came to its end */
    assert_string_equal(bed_words(bed), "prepare init verify drop");
    assert_null(bed_call(bed, "a", "count", 0));
    assert_string_equal(bed->err.text, "agent \"a\" was stopped");
    assert_string_equal(bed->err.hint, "tdev agent start a");
    assert_int_equal(bed_act(bed, "a", TDH_AGENT_PAUSE, NULL), -1);
    assert_string_equal(bed->err.text, "agent \"a\" is stopped, and cannot be pausing now");
    assert_int_equal(bed_act(bed, "a", TDH_AGENT_STOP, NULL), 0); /* once more is fine */
    assert_int_equal(bed_act(bed, "a", TDH_AGENT_RESTART, NULL), 0);
    json_decref(bed_call(bed, "a", "count", 0));
    assert_int_equal(bed->err.code, TD_OK);
    assert_int_equal(tdh_agents_sweep(bed->agents), 0);
}

static void what_runs_may_end_before_it_is_stopped(void **state)
{
    bed_run(state, "moody", stop_it);
}

static void cut_it(struct bed *bed)
{
    struct tdh_agent_stopped stopped;
    struct caller running = { 0 }, waiting = { 0 }, asking = { 0 };

    bed_agent(bed, "a", "stop: {graceful: 0s}\nconcurrency: 2\n");
    bed_begin(bed, &running, "a", "count", 3600000);
    bed_begin(bed, &asking, "moody", "count", 0); /* another agent of the same plugin */
    assert_int_equal(bed_end(&asking), 0);
    asking = (struct caller){ 0 };
    bed_begin(bed, &asking, "a", "count", 3600000);
    bed_begin(bed, &waiting, "a", "count", 0);
    assert_int_equal(bed_number(bed, "a", "running"), 2);
    assert_int_equal(bed_act(bed, "a", TDH_AGENT_STOP, &stopped), 0);
    assert_true(stopped.is_forced);
    assert_int_equal(stopped.left, 0);
    assert_int_equal(bed_end(&running), -1);
    assert_string_equal(running.err.text, "agent \"a\" was stopped");
    assert_int_equal(bed_end(&asking), -1);
    assert_int_equal(bed_end(&waiting), -1);
    assert_string_equal(waiting.err.text, "agent \"a\" was stopped");
    assert_string_equal(bed_words(bed), "prepare init verify drop"); /* cleaned up all the same */
    assert_string_equal(bed_state(bed, "a"), "stopped");
}

static void what_does_not_end_is_cut_and_cleaned_up_after(void **state)
{
    bed_run(state, "moody", cut_it);
}

static void outlive_the_cut(struct bed *bed)
{
    struct caller asking = { 0 };
    json_t *output;

    bed_agent(bed, "inner", "stop: {graceful: 0s}\n");
    bed_agent(bed, "outer", " ");
    asking.asks = "inner";
    bed_begin(bed, &asking, "outer", "ask", 3600000);
    assert_int_equal(bed_act(bed, "inner", TDH_AGENT_STOP, NULL), 0);
    assert_int_equal(bed_end(&asking), 0); /* it has waited since, and answered */
    output = bed_call(bed, "outer", "count", 1);
    assert_non_null(output);
    json_decref(output);
}

static void who_called_what_was_cut_goes_on(void **state)
{
    bed_run(state, "moody", outlive_the_cut);
}

static void sulk(struct bed *bed)
{
    struct tdh_agent_stopped stopped;
    struct caller sulking = { .gate = strdup(plugin_home_path(bed->home, "gate")) };
    const char *gate = sulking.gate;
    int fd;

    assert_int_equal(mkfifo(gate, 0600), 0);
    bed_agent(bed, "a", "stop: {graceful: 0s, force: 1ms}\n");
    bed_begin(bed, &sulking, "a", "sulk", 0);
    while ((fd = open(gate, O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0) /* until it is there */
        tdh_co_wait(tdh_clock_mono_ns() + UINT64_C(1000000));
    assert_int_equal(bed_act(bed, "a", TDH_AGENT_STOP, &stopped), 0);
    assert_true(stopped.is_forced);
    assert_int_equal(stopped.left, 1);
    assert_string_equal(bed_state(bed, "a"), "error");
    assert_string_equal(bed_words(bed), "prepare init verify"); /* it is in use */
    close(fd);
    bed_end(&sulking);
    free((void *)(uintptr_t)gate);
    tdh_agents_sweep(bed->agents);
    assert_string_equal(bed_words(bed), "drop release");
}

static void what_cannot_be_cut_is_told_and_ends_later(void **state)
{
    bed_run(state, "moody", sulk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_change_is_legal_or_refused_and_counted),
        PLUGIN_HOME_TEST(history_keeps_the_newest_and_counts_the_rest),
        PLUGIN_HOME_TEST(each_state_is_told),
        PLUGIN_HOME_TEST(a_step_that_fails_is_named_and_all_is_given_back),
        PLUGIN_HOME_TEST(only_what_is_worth_it_is_tried_again),
        PLUGIN_HOME_TEST(who_comes_while_it_is_made_waits_for_that),
        PLUGIN_HOME_TEST(calls_wait_while_it_is_paused),
        PLUGIN_HOME_TEST(calls_are_refused_when_the_file_says_so),
        PLUGIN_HOME_TEST(what_is_paused_stays_so_when_it_is_exchanged),
        PLUGIN_HOME_TEST(what_runs_may_end_before_it_is_stopped),
        PLUGIN_HOME_TEST(what_does_not_end_is_cut_and_cleaned_up_after),
        PLUGIN_HOME_TEST(who_called_what_was_cut_goes_on),
        PLUGIN_HOME_TEST(what_cannot_be_cut_is_told_and_ends_later),
    };

    tdh_log_setup(TDH_LOG_OFF, TDH_LOG_TEXT, 2);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
