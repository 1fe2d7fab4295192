/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agents whose state is kept, when another takes the place of what serves: exchanges, also under
 * load, other hosts, and runs that stay with what they began with.
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
#include "base/hook.h"
#include "base/log.h"

enum { CALLERS = 8, CALLS = 50 };

static void run(void **state, void (*fn)(struct state_bed *bed))
{
    state_bed_run(state, 1, false, fn);
}

static int add(struct state_bed *bed, int by)
{
    return state_bed_ask(bed, bed->agents, "add", by);
}

/* --- exchange --- */

static void exchange(struct state_bed *bed)
{
    assert_int_equal(add(bed, 5), 5);
    state_bed_plug(bed, 3, false);
    assert_int_equal(state_bed_look(bed), 1);
    assert_int_equal(state_bed_build(bed), 3);
    assert_int_equal(add(bed, 1), 6); /* by way of version 2 */
    state_bed_plug(bed, 2, false);
    assert_int_equal(state_bed_look(bed), 1);
    assert_int_equal(add(bed, 1), 7); /* and back */
    assert_int_equal(state_bed_build(bed), 2);
}

static void the_new_one_has_what_the_old_one_knew(void **state)
{
    run(state, exchange);
}

static void exchange_from_memory(struct state_bed *bed)
{
    state_bed_say(bed, "plugin: tally\nstate: {save: end}\n");
    exchange(bed);
}

static void the_old_one_saves_when_it_is_exchanged(void **state)
{
    run(state, exchange_from_memory);
}

static void refuse(struct state_bed *bed)
{
    size_t versions;

    assert_int_equal(add(bed, 5), 5);
    versions = state_bed_count(bed, false);
    state_bed_plug(bed, 9, false);
    assert_int_equal(state_bed_look(bed), 0);
    assert_int_equal(state_bed_build(bed), 1);
    assert_int_equal(add(bed, 1), 6);
    state_bed_say(bed, "plugin: tally\noptions: {refuse: load}\n");
    assert_int_equal(tdh_agents_refresh(bed->agents), 0);
    assert_int_equal(add(bed, 1), 7);
    assert_int_equal(state_bed_count(bed, false), versions + 2);
    bed->disk->is_full = true;
    state_bed_say(bed, "plugin: tally\nstate: {save: end}\n");
    assert_int_equal(tdh_agents_refresh(bed->agents), 1); /* nothing was to be saved */
    assert_int_equal(add(bed, 1), 8);
    state_bed_say(bed, "plugin: tally\n");
    assert_int_equal(tdh_agents_refresh(bed->agents), 0); /* but now */
    bed->disk->is_full = false;
    assert_int_equal(state_bed_ask(bed, bed->agents, "get", 0), 8);
}

static void one_that_cannot_take_over_leaves_the_old_one_with_all_it_knew(void **state)
{
    run(state, refuse);
}

static void refuse_isolated(struct state_bed *bed)
{
    assert_int_equal(add(bed, 5), 5);
    state_bed_plug(bed, 9, true);
    assert_int_equal(state_bed_look(bed), 0);
    assert_int_equal(state_bed_build(bed), 1);
    state_bed_plug(bed, 2, true);
    assert_int_equal(state_bed_look(bed), 1);
    assert_int_equal(state_bed_build(bed), 2);
    assert_int_equal(add(bed, 1), 6);
}

static void the_same_is_so_of_isolated_plugins(void **state)
{
    state_bed_run(state, 1, true, refuse_isolated);
}

/* --- calls at the same time --- */

static void add_often(void *arg)
{
    struct state_bed *bed = arg;

    for (int i = 0; i < CALLS; i++) {
        json_t *output = NULL;
        struct td_err err;

        if (state_bed_call(bed, bed->agents, "add", -1, NULL, &output, &err) != 0)
            bed->failed++;
        json_decref(output);
    }
    bed->left--;
}

static void exchange_under_load(struct state_bed *bed)
{
    unsigned exchanged = 0, build = 1;
    int before;

    bed->left = CALLERS;
    for (unsigned i = 0; i < CALLERS; i++)
        assert_int_equal(tdh_co_spawn(add_often, bed, NULL, &bed->err), 0);
    while (bed->left > 0) {
        build = build % 3 + 1;
        state_bed_plug(bed, build, false);
        before = state_bed_ask(bed, bed->agents, "get", 0);
        exchanged += state_bed_look(bed);
        assert_true(state_bed_ask(bed, bed->agents, "get", 0) <= before); /* they count down */
        tdh_co_wait(tdh_clock_mono_ns() + UINT64_C(2000000));
    }
    assert_int_equal(bed->failed, 0);
    assert_true(exchanged > 1);
    assert_int_equal(state_bed_ask(bed, bed->agents, "get", 0), -CALLERS * CALLS);
    assert_int_equal(state_bed_count(bed, true), 0);
}

static void exchange_and_restart(struct state_bed *bed)
{
    exchange_under_load(bed);
    state_bed_restart(bed);
    assert_int_equal(state_bed_ask(bed, bed->agents, "get", 0), -CALLERS * CALLS);
}

static void no_call_is_lost_while_versions_are_exchanged(void **state)
{
    run(state, exchange_and_restart);
}

static void exchange_from_memory_under_load(struct state_bed *bed)
{
    state_bed_say(bed, "plugin: tally\nstate: {save: end}\n");
    exchange_under_load(bed);
    tdh_agents_save(bed->agents);
    state_bed_restart(bed);
    assert_int_equal(state_bed_ask(bed, bed->agents, "get", 0), -CALLERS * CALLS);
}

static void nor_of_a_state_that_is_in_memory_only(void **state)
{
    run(state, exchange_from_memory_under_load);
}

static void call_within_a_call(struct state_bed *bed)
{
    state_bed_nested = bed->agents;
    assert_int_equal(state_bed_ask(bed, bed->agents, "twice", 3), 6);
    state_bed_restart(bed);
    assert_int_equal(state_bed_ask(bed, bed->agents, "get", 0), 6);
}

static void an_agent_that_calls_itself_does_not_wait_for_itself(void **state)
{
    run(state, call_within_a_call);
}

/* --- two hosts --- */

static void share(struct state_bed *bed)
{
    struct tdh_agents *other = state_bed_open(bed);

    assert_int_equal(add(bed, 5), 5);
    assert_int_equal(state_bed_ask(bed, other, "add", 1), 6);
    assert_int_equal(add(bed, 1), 7); /* it looks before the call */
    assert_int_equal(state_bed_ask(bed, other, "add", 1), 8);
    assert_int_equal(state_bed_count(bed, true), 0);
    tdh_agents_free(other);
}

static void two_hosts_that_save_each_call_count_as_one(void **state)
{
    run(state, share);
}

static unsigned conflicts;

static void hear(void *arg, const char *name, const json_t *data)
{
    (void)arg, (void)data;
    conflicts += strcmp(name, "agent.state.conflict") == 0;
}

static void collide(struct state_bed *bed)
{
    struct tdh_agents *other;

    state_bed_say(bed, "plugin: tally\nstate: {save: end}\n");
    other = state_bed_open(bed);
    assert_int_equal(add(bed, 5), 5);
    assert_int_equal(state_bed_ask(bed, other, "add", 1), 1);
    tdh_agents_save(bed->agents);
    conflicts = 0;
    tdh_hook_add(hear, NULL);
    tdh_agents_save(other);
    tdh_agents_save(other); /* told once */
    tdh_hook_remove(hear, NULL);
    assert_int_equal(conflicts, 1);
    assert_int_equal(state_bed_count(bed, false), 1);
    assert_int_equal(state_bed_count(bed, true), 1);          /* and not lost */
    assert_int_equal(state_bed_ask(bed, other, "add", 1), 6); /* it goes on with the newest */
    tdh_agents_save(other);
    assert_int_equal(state_bed_count(bed, false), 2);
    tdh_agents_free(other);
}

static void the_loser_is_told_and_what_it_knows_is_kept_aside(void **state)
{
    run(state, collide);
}

/* --- runs that are pinned --- */

/* The step of a run was found before a newer state came: it goes to who has that. */
static void follow(struct state_bed *bed)
{
    struct tdh_call call = { .key = "run/step/1" };
    struct tdh_agents *other = state_bed_open(bed);

    assert_int_equal(add(bed, 5), 5);
    assert_int_equal(tdh_agents_find(bed->agents, "tally", "get", NULL, &call.target, &bed->err),
                     0);
    assert_int_equal(state_bed_ask(bed, other, "add", 1), 6);
    call.input = json_object();
    assert_int_equal(tdh_call_run(&call, &bed->err), 0);
    tdh_edition_release(call.target->edition);
    assert_int_equal(json_integer_value(json_object_get(call.output, "count")), 6);
    json_decref(call.output);
    json_decref((json_t *)(uintptr_t)call.input);
    tdh_agents_free(other);
}

static void a_run_of_the_same_build_goes_on_with_the_newest(void **state)
{
    run(state, follow);
}

static void pin(struct state_bed *bed)
{
    struct tdh_call call = { .key = "run/step/1" };
    char edition[TDH_EDITION_ID];

    assert_int_equal(add(bed, 5), 5);
    assert_int_equal(tdh_agents_find(bed->agents, "tally", "add", NULL, &call.target, &bed->err),
                     0);
    snprintf(edition, sizeof(edition), "%s", call.target->edition->id);
    state_bed_plug(bed, 2, false);
    assert_int_equal(state_bed_look(bed), 1);
    call.input = json_object();
    assert_int_equal(tdh_call_run(&call, &bed->err), 0);
    assert_int_equal(json_integer_value(json_object_get(call.output, "build")), 1);
    json_decref(call.output);
    call.output = NULL;
    assert_int_equal(tdh_call_run(&call, &bed->err), 0); /* its own aside takes its place */
    tdh_edition_release(call.target->edition);
    json_decref(call.output);
    json_decref((json_t *)(uintptr_t)call.input);
    assert_int_equal(state_bed_ask(bed, bed->agents, "get", 0), 5);
    assert_int_equal(state_bed_count(bed, true), 1);
}

static void what_a_pinned_run_changes_afterwards_is_kept_aside(void **state)
{
    run(state, pin);
}

/* --- an end, and a new beginning --- */

static void stop_and_start(struct state_bed *bed)
{
    struct tdh_agent_stopped stopped;

    state_bed_say(bed, "plugin: tally\nstate: {save: end}\n");
    assert_int_equal(add(bed, 5), 5);
    assert_int_equal(state_bed_count(bed, false), 0);
    assert_int_equal(tdh_agents_act(bed->agents, "tally", TDH_AGENT_STOP, &stopped, &bed->err), 0);
    assert_int_equal(state_bed_count(bed, false), 1);
    assert_int_equal(add(bed, 1), -1);
    assert_string_equal(bed->err.text, "agent \"tally\" was stopped");
    assert_int_equal(tdh_agents_act(bed->agents, "tally", TDH_AGENT_START, &stopped, &bed->err), 0);
    assert_int_equal(add(bed, 1), 6);
}

static void one_that_is_stopped_saves_and_goes_on_with_that(void **state)
{
    run(state, stop_and_start);
}

static void an_isolated_one_does_so_too(void **state)
{
    state_bed_run(state, 1, true, stop_and_start);
}

/* Who waits to save it is left behind, and finds that there is nothing to save. */
static void stop_and_end(struct state_bed *bed)
{
    struct tdh_agent_stopped stopped;

    state_bed_say(bed, "plugin: tally\nstate: {save: 100ms}\n");
    assert_int_equal(add(bed, 5), 5);
    assert_int_equal(tdh_agents_act(bed->agents, "tally", TDH_AGENT_STOP, &stopped, &bed->err), 0);
    tdh_agents_save(bed->agents);
    while (tdh_agents_sweep(bed->agents) > 0)
        tdh_co_wait(tdh_clock_mono_ns() + UINT64_C(1000000));
    assert_int_equal(state_bed_count(bed, false), 1);
}

static void one_that_is_stopped_while_a_save_is_due_ends(void **state)
{
    run(state, stop_and_end);
}

static void refuse_pool(struct state_bed *bed)
{
    state_bed_say(bed, "plugin: tally\npool: {min: 1, max: 2}\n");
    assert_int_equal(add(bed, 5), -1);
    assert_string_equal(
        bed->err.text,
        "initialization, step 4 of 6 (configure): agent \"tally\": \"pool\" does not "
        "go with plugin \"tally\", whose state is kept: that is of one instance");
}

static void one_whose_state_is_kept_has_no_pool(void **state)
{
    run(state, refuse_pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_HOME_TEST(the_new_one_has_what_the_old_one_knew),
        PLUGIN_HOME_TEST(the_old_one_saves_when_it_is_exchanged),
        PLUGIN_HOME_TEST(one_that_cannot_take_over_leaves_the_old_one_with_all_it_knew),
        PLUGIN_HOME_TEST(the_same_is_so_of_isolated_plugins),
        PLUGIN_HOME_TEST(no_call_is_lost_while_versions_are_exchanged),
        PLUGIN_HOME_TEST(nor_of_a_state_that_is_in_memory_only),
        PLUGIN_HOME_TEST(an_agent_that_calls_itself_does_not_wait_for_itself),
        PLUGIN_HOME_TEST(two_hosts_that_save_each_call_count_as_one),
        PLUGIN_HOME_TEST(the_loser_is_told_and_what_it_knows_is_kept_aside),
        PLUGIN_HOME_TEST(a_run_of_the_same_build_goes_on_with_the_newest),
        PLUGIN_HOME_TEST(what_a_pinned_run_changes_afterwards_is_kept_aside),
        PLUGIN_HOME_TEST(one_that_is_stopped_saves_and_goes_on_with_that),
        PLUGIN_HOME_TEST(an_isolated_one_does_so_too),
        PLUGIN_HOME_TEST(one_that_is_stopped_while_a_save_is_due_ends),
        PLUGIN_HOME_TEST(one_whose_state_is_kept_has_no_pool),
    };

    tdh_log_setup(TDH_LOG_OFF, TDH_LOG_TEXT, STDERR_FILENO);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
