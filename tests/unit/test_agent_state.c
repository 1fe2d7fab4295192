/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agents whose state is kept: restarts, policies, people, and what goes wrong.
 */
#include "state_bed.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void run(void **state, void (*fn)(struct state_bed *bed))
{
    state_bed_run(state, 1, false, fn);
}

static int add(struct state_bed *bed, int by)
{
    return state_bed_ask(bed, bed->agents, "add", by);
}

/* --- restarts --- */

static void go_on(struct state_bed *bed)
{
    assert_int_equal(add(bed, 5), 5);
    state_bed_restart(bed); /* nothing was saved at the end: as if it was killed */
    assert_int_equal(add(bed, 2), 7);
    state_bed_restart(bed);
    assert_int_equal(state_bed_ask(bed, bed->agents, "get", 0), 7);
    assert_int_equal(state_bed_count(bed, false), 2); /* what changes nothing makes none */
}

static void what_a_call_has_changed_outlives_the_process(void **state)
{
    run(state, go_on);
}

static void what_a_call_has_changed_outlives_the_plugins_process(void **state)
{
    state_bed_run(state, 1, true, go_on);
}

static void crash(struct state_bed *bed)
{
    assert_int_equal(add(bed, 5), 5);
    assert_int_equal(state_bed_ask(bed, bed->agents, "crash", 0), -1);
    assert_int_equal(add(bed, 1), 6);
}

static void a_plugins_process_that_crashed_goes_on_with_the_newest(void **state)
{
    state_bed_run(state, 1, true, crash);
}

/* --- policies --- */

static void save_at_the_end(struct state_bed *bed)
{
    state_bed_say(bed, "plugin: tally\nstate: {save: end}\n");
    assert_int_equal(add(bed, 5), 5);
    assert_int_equal(state_bed_count(bed, false), 0);
    state_bed_restart(bed);
    assert_int_equal(add(bed, 1), 1); /* that is what the policy allows */
    tdh_agents_save(bed->agents);
    state_bed_restart(bed);
    assert_int_equal(add(bed, 1), 2);
}

static void what_is_saved_at_the_end_is_lost_before(void **state)
{
    run(state, save_at_the_end);
}

/* Does anybody else hold the agent, who waits to save it? */
static bool is_held(struct state_bed *bed)
{
    struct tdh_target *target;
    bool is_so;

    assert_int_equal(tdh_agents_find(bed->agents, "tally", "get", NULL, &target, &bed->err), 0);
    is_so = target->edition->users > 1;
    tdh_edition_release(target->edition);
    return is_so;
}

static void wait_for_savers(struct state_bed *bed)
{
    while (is_held(bed))
        tdh_co_wait(tdh_clock_mono_ns() + UINT64_C(5000000));
}

static void save_every(struct state_bed *bed)
{
    state_bed_say(bed, "plugin: tally\nstate: {save: 100ms}\n");
    assert_int_equal(add(bed, 5), 5);
    assert_int_equal(add(bed, 5), 10);
    wait_for_savers(bed);
    assert_int_equal(add(bed, 1), 11); /* a new wait */
    wait_for_savers(bed);
    state_bed_restart(bed);
    assert_int_equal(state_bed_ask(bed, bed->agents, "get", 0), 11);
    wait_for_savers(bed);
}

static void what_changed_is_saved_within_the_time_of_the_policy(void **state)
{
    run(state, save_every);
}

static void misspell(struct state_bed *bed)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "plugin: tally\nstate: {safe: end}\n", "~/agents/tally.yaml:2:8: unrecognized key "
                                                 "\"safe\" of \"state\", did you mean \"save\"" },
        { "plugin: tally\nstate:\n  save: 10ms\n",
          "~/agents/tally.yaml:3:9: \"save\" must be each_call, end, or a duration from 100ms to "
          "24h" },
        { "plugin: tally\nstate: {keep: 0}\n",
          "~/agents/tally.yaml:2:8: \"keep\" must be a whole number from 1 to 100" },
        { "plugin: tally\nstate: {ttl: long}\n",
          "~/agents/tally.yaml:2:8: \"ttl\" must be a duration of 1s or more, such as 30d" },
        { "plugin: tally\nstate: end\n",
          "~/agents/tally.yaml:2:8: \"state\" is a map with \"save\", \"keep\" and \"ttl\"" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        state_bed_say(bed, cases[i].text);
        assert_int_equal(add(bed, 1), -1);
        assert_string_equal(plugin_home_shown(bed->home, bed->err.text),
                            plugin_home_shown(bed->home, cases[i].want));
    }
}

static void a_policy_that_is_none_is_refused_at_its_place(void **state)
{
    run(state, misspell);
}

/* --- people --- */

static void roll_back(struct state_bed *bed)
{
    struct tdh_states states;
    json_t *note, *document;
    char first[TDH_STATE_ID], want[300];

    assert_int_equal(add(bed, 5), 5);
    assert_int_equal(tdh_states_read(bed->store, "tally", &states, &bed->err), 0);
    snprintf(first, sizeof(first), "%s", tdh_json_str(tdh_states_newest(&states), "id", ""));
    tdh_states_end(&states);
    assert_int_equal(add(bed, 1), 6);
    assert_int_equal(tdh_agent_state_rollback(bed->agents, "tally", first, "why", &note, &bed->err),
                     0);
    assert_string_equal(tdh_json_str(note, "from", ""), first);
    assert_string_equal(tdh_json_str(note, "note", ""), "why");
    json_decref(note);
    assert_int_equal(add(bed, 1), 6); /* the one at work has found out */
    document = tdh_agent_state_export(bed->agents, "tally", first, &bed->err);
    assert_non_null(document);
    assert_int_equal(tdh_agent_state_import(bed->agents, "tally", document, &note, &bed->err), 0);
    json_decref(note);
    assert_int_equal(state_bed_ask(bed, bed->agents, "get", 0), 5);
    json_object_set_new(json_object_get(document, "state"), "count", json_integer(50));
    assert_int_equal(tdh_agent_state_import(bed->agents, "tally", document, &note, &bed->err), -1);
    assert_int_equal(bed->err.code, TD_E_CORRUPT);
    json_object_set_new(json_object_get(document, "note"), "version", json_integer(4));
    json_object_set_new(json_object_get(document, "state"), "count", json_integer(5));
    assert_int_equal(tdh_agent_state_import(bed->agents, "tally", document, &note, &bed->err), -1);
    snprintf(want, sizeof(want), "%s",
             "agent \"tally\": no migrations lead from version 4 of its state to version 1; there "
             "are none");
    assert_string_equal(bed->err.text, want);
    json_decref(document);
    assert_int_equal(state_bed_ask(bed, bed->agents, "get", 0), 5);
}

static void people_go_back_and_an_agent_at_work_follows(void **state)
{
    run(state, roll_back);
}

static void migrate(struct state_bed *bed)
{
    json_t *report;
    size_t versions;

    assert_int_equal(add(bed, 5), 5);
    versions = state_bed_count(bed, false);
    assert_int_equal(tdh_agent_state_migrate(bed->agents, "tally", 1, true, &report, &bed->err), 0);
    assert_int_equal(json_array_size(json_object_get(report, "diff")), 3);
    json_decref(report);
    assert_int_equal(state_bed_count(bed, false), versions);
    assert_int_equal(tdh_agent_state_migrate(bed->agents, "tally", 1, false, &report, &bed->err),
                     0);
    json_decref(report);
    assert_int_equal(state_bed_count(bed, false), versions + 1);
    assert_int_equal(tdh_agent_state_migrate(bed->agents, "tally", 0, false, &report, &bed->err),
                     0);
    assert_int_equal(json_integer_value(json_object_get(report, "to")), 2);
    json_decref(report);
    assert_int_equal(add(bed, 1), 6);
    state_bed_say(bed, "plugin: tally\noptions: {refuse: load}\n");
    assert_int_equal(tdh_agent_state_migrate(bed->agents, "tally", 1, false, &report, &bed->err),
                     -1);
    assert_string_equal(bed->err.text,
                        "agent \"tally\": its plugin does not take it: it takes no state");
    assert_int_equal(add(bed, 1), 7);
}

static void a_migration_is_tried_before_it_counts(void **state)
{
    state_bed_run(state, 2, false, migrate);
}

/* --- what goes wrong --- */

static void fill(struct state_bed *bed)
{
    assert_int_equal(add(bed, 5), 5);
    bed->disk->is_full = true;
    assert_int_equal(add(bed, 1), -1); /* nobody is told of what cannot be kept */
    assert_non_null(strstr(bed->err.text, "action \"add\" was done: agent \"tally\": its state "
                                          "could not be saved: "));
    assert_false(bed->err.is_retryable);
    assert_int_equal(state_bed_ask(bed, bed->agents, "get", 0), -1);
    bed->disk->is_full = false;
    assert_int_equal(state_bed_ask(bed, bed->agents, "get", 0),
                     6); /* and with the next it is saved */
    state_bed_restart(bed);
    assert_int_equal(state_bed_ask(bed, bed->agents, "get", 0), 6);
}

static void on_a_full_disk_no_call_succeeds_that_is_not_kept(void **state)
{
    run(state, fill);
}

static void damage(struct state_bed *bed)
{
    struct tdh_states states;
    char key[64];
    json_t *other = json_pack("{s:{s:i}}", "state", "count", 70), *note;
    const json_t *newest;

    assert_int_equal(add(bed, 5), 5);
    assert_int_equal(add(bed, 1), 6);
    assert_int_equal(tdh_states_read(bed->store, "tally", &states, &bed->err), 0);
    newest = tdh_states_newest(&states);
    snprintf(key, sizeof(key), "tally/%s", tdh_json_str(newest, "id", ""));
    assert_int_equal(
        tdh_store_put(bed->store, "agent.state.saved", key, other, TD_VERSION_ANY, NULL, &bed->err),
        0);
    json_decref(other);
    state_bed_restart(bed);
    assert_int_equal(state_bed_ask(bed, bed->agents, "get", 0), -1);
    assert_int_equal(bed->err.code, TD_E_CORRUPT);
    assert_int_equal(tdh_agent_state_rollback(bed->agents, "tally",
                                              tdh_json_str(newest, "parent", ""), NULL, &note,
                                              &bed->err),
                     0);
    json_decref(note);
    tdh_states_end(&states);
    assert_int_equal(state_bed_ask(bed, bed->agents, "get", 0), 5);
}

static void a_damaged_state_is_never_loaded(void **state)
{
    run(state, damage);
}

static void save_nothing(struct state_bed *bed)
{
    state_bed_say(bed, "plugin: tally\noptions: {refuse: save}\n");
    assert_int_equal(add(bed, 5), -1);
    assert_string_equal(bed->err.text, "action \"add\" was done: agent \"tally\": its state could "
                                       "not be saved: it does not say what it knows");
}

static void a_save_that_fails_is_told_to_the_caller(void **state)
{
    run(state, save_nothing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_HOME_TEST(what_a_call_has_changed_outlives_the_process),
        PLUGIN_HOME_TEST(what_a_call_has_changed_outlives_the_plugins_process),
        PLUGIN_HOME_TEST(a_plugins_process_that_crashed_goes_on_with_the_newest),
        PLUGIN_HOME_TEST(what_is_saved_at_the_end_is_lost_before),
        PLUGIN_HOME_TEST(what_changed_is_saved_within_the_time_of_the_policy),
        PLUGIN_HOME_TEST(a_policy_that_is_none_is_refused_at_its_place),
        PLUGIN_HOME_TEST(people_go_back_and_an_agent_at_work_follows),
        PLUGIN_HOME_TEST(a_migration_is_tried_before_it_counts),
        PLUGIN_HOME_TEST(on_a_full_disk_no_call_succeeds_that_is_not_kept),
        PLUGIN_HOME_TEST(a_damaged_state_is_never_loaded),
        PLUGIN_HOME_TEST(a_save_that_fails_is_told_to_the_caller),
    };

    tdh_log_setup(TDH_LOG_OFF, TDH_LOG_TEXT, STDERR_FILENO);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
