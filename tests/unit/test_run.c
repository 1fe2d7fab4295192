/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run: what a run does while its process lives: order of events, intents, retries, timers, signals,
 * children, cancel, records.
 */
#include "run_bed.h" /* before cmocka, which makes a macro of "fail" */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#include "base/clock.h"

/* --- rows: a script, and what it gives --- */

static const struct {
    const char *script, *output;
    unsigned effects;
} scripts[] = {
    { "[]", "[]", 0 },
    { "[[]]", "[[]]", 0 },
    { "[[['call','pure',1]]]", "[[{'echo':1}]]", 0 },
    { "[[['call','pure',1]],[['call','pure',2]]]", "[[{'echo':1}],[{'echo':2}]]", 0 },
    { "[[['call','ext',1],['call','idem',2]],[['call','ext',3]]]",
      "[[{'echo':1},{'echo':2}],[{'echo':3}]]", 3 },
    { "[[['timer',2],['timer',0]]]", "[[null,null]]", 0 },
    { "[[['call','gone',1]]]", "[[{'failed':'there is no agent \\'gone\\''}]]", 0 },
    { "[[['call','pure',{'ms':1000}],['cancel',0]]]", "[['taken back',true]]", 0 },
    { "[[['wait','never'],['cancel',0],['timer',9999],['cancel',2]]]",
      "[['taken back',true,'taken back',true]]", 0 },
    { "[[['run','script',[[['call','ext',7]]]]]]", "[[[[{'echo':7}]]]]", 1 },
    { "[[['run','script',[]]]]", "[[[]]]", 0 },
    { "[[['run','script',[[['run','script',[[['timer',1]]]],['call','pure',1]]]]]]",
      "[[[[[[null]],{'echo':1}]]]]", 0 },
    { "[[['run','other',[]]]]", "[[{'failed':'there is no script \\'other\\''}]]", 0 },
    { "[[['run','script',{}]]]", "[[{'failed':'a script is an array'}]]", 0 },
    { "[[['run','script',[[['wait','x']]]],['cancel',0]],[['call','pure',1]]]",
      "[['taken back',true],[{'echo':1}]]", 0 },
    /* stopped: before it began; while it waits to be tried again; too late to change it; a child */
    { "[[['call','ext',1],['stop',0]]]", "[[{'failed':'cancelled'},true]]", 0 },
    { "[[['wait','never'],['stop',0]]]", "[[{'failed':'cancelled'},true]]", 0 },
    { "[[['call','idem',{'fail':3},2],['timer',10],['stop',0,1]]]",
      "[[{'failed':'cancelled'},null,true]]", 0 },
    { "[[['call','ext',{'ms':30}],['timer',5],['stop',0,1]]]", "[[{'echo':{'ms':30}},null,true]]",
      1 },
    { "[[['call','idem',{'fail':3,'ms':30},2],['timer',5],['stop',0,1]]]",
      "[[{'failed':'not yet'},null,true]]", 0 },
    { "[[['run','script',[[['wait','never']]]],['timer',5],['stop',0,1]]]",
      "[[{'failed':'cancelled'},null,true]]", 0 },
};

static void check_script(struct world *world, size_t i)
{
    struct outcome outcome = { 0 };
    unsigned most;

    run_script(world, scripts[i].script, &outcome);
    if (outcome.status != TDH_RUN_DONE)
        fail_msg("row %zu: %s", i, outcome.err.text);
    assert_true(output_is(&outcome, scripts[i].output));
    assert_int_equal(count_effects(world, &most), scripts[i].effects);
    json_object_clear(world->effects);
    json_object_clear(world->attempts);
    outcome_clear(&outcome);
}

static void scripts_end_with_their_answers(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
        for (int kind = 0; kind < 3; kind++) {
            world->is_blocking = kind == 1;
            world->disk->durability = kind == 2 ? TD_DURABLE_MEMORY : TD_DURABLE_FULL;
            check_script(world, i);
        }
}

static void memory_runs_write_nothing(void **state)
{
    struct world *world = *state;

    world->disk->durability = TD_DURABLE_MEMORY;
    check_script(world, 4);
    assert_int_equal(world->disk->tried, 0);
}

static void what_a_reducer_does_wrong_fails_its_run_and_is_told(void **state)
{
    static const struct {
        const char *script;
        enum td_code code;
        const char *text;
    } rows[] = {
        { "{}", TD_E_INVAL, "a script is an array" },
        { "[[['mute']]]", TD_E_EXEC, "\"script\": start failed and did not say why" },
        { "[[['timer',1]],[['mute']]]", TD_E_EXEC, "\"script\": fold failed and did not say why" },
        { "[[['nothing']]]", TD_E_EXEC,
          "\"script\" asks for nothing and does not finish: the run would wait for ever" },
        { "[[['timer',1]],[['nothing']]]", TD_E_EXEC,
          "\"script\" asks for nothing and does not finish: the run would wait for ever" },
        { "[[['call',null,1]]]", TD_E_INVAL, "a reducer's ask needs \"name\"" },
        { "[[['call','pure']]]", TD_E_INVAL, "a reducer's ask needs \"input\"" },
        { "[[['wait',null]]]", TD_E_INVAL, "a reducer's ask needs \"signal\"" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct outcome outcome = { 0 };

        run_script(*state, rows[i].script, &outcome);
        assert_int_equal(outcome.status, TDH_RUN_FAILED);
        assert_string_equal(outcome.err.text, rows[i].text);
        assert_int_equal(outcome.err.code, rows[i].code);
        outcome_clear(&outcome);
    }
}

/* --- attempts --- */

static void failures_are_tried_again_as_the_policy_says(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };
    unsigned most;

    run_script(world,
               "[[['call','ext',{'fail':3},1],['call','pure',{'fail':2},1],"
               "['call','idem',{'fail':9},1],['call','ext',{'fail':1}]]]",
               &outcome);
    assert_true(output_is(&outcome, "[[{'echo':{'fail':3}},{'echo':{'fail':2}},"
                                    "{'failed':'not yet'},{'failed':'not yet'}]]"));
    assert_int_equal(count_effects(world, &most), 1);
    outcome_clear(&outcome);
}

/* --- many at once --- */

static void ask_ten_thousand(struct life *life)
{
    struct outcome outcome = { 0 };
    json_t *stage = json_array(), *script = json_pack("[o]", stage);
    char *text;

    for (int i = 0; i < 10000; i++)
        json_array_append_new(stage,
                              json_pack("[s, s, {s:i}]", "call", i % 2 ? "pure" : "idem", "n", i));
    text = json_dumps(script, JSON_COMPACT);
    await(begin(life, text), &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    assert_int_equal(json_array_size(json_array_get(outcome.output, 0)), 10000);
    outcome_clear(&outcome);
    json_decref(script);
    free(text);
}

static void ten_thousand_asks_at_once_are_answered(void **state)
{
    struct world *world = *state;
    unsigned most;

    live(world, ask_ten_thousand, NULL);
    assert_int_equal(count_effects(world, &most), 5000);
    assert_int_equal(most, 1);
}

static void wait_all(struct life *life)
{
    struct outcome outcome = { 0 };
    char text[9000] = "[[";
    size_t used = 2;

    for (int i = 0; i < 150; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used,
                                 "%s[\"call\",\"pure\",{\"ms\":3,\"n\":%d}]", i ? "," : "", i);
    snprintf(text + used, sizeof(text) - used, "]]");
    await(begin(life, text), &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    outcome_clear(&outcome);
}

static void calls_at_once_are_bounded(void **state)
{
    struct world *world = *state;

    live(world, wait_all, NULL);
    assert_in_range(world->most, 2, 64);
}

static void wait_in_line(struct life *life)
{
    struct tdh_definition *script = life->script;

    script->max_parallel = 3;
    wait_all(life);
}

/* Also when calls that wait in the run's line are taken back, or the run is cancelled meanwhile. */
static void cancel_in_line(struct life *life)
{
    struct outcome outcome = { 0 };
    struct tdh_run *run;

    life->script->max_parallel = 1;
    run = begin(life, "[[['call','pure',{'ms':3600000}],['call','pure',1],['call','idem',2]]]");
    tdh_co_yield();
    tdh_co_yield();
    tdh_run_cancel(run);
    await(run, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_CANCELLED);
    outcome_clear(&outcome);
}

static void a_run_makes_no_more_calls_at_once_than_it_may(void **state)
{
    struct world *world = *state;

    live(world, wait_in_line, NULL);
    assert_int_equal(world->most, 3);
    live(world, cancel_in_line, NULL);
}

/* --- group commit, and running ahead --- */

enum { RUNS = 50 };

static void run_many(struct life *life)
{
    struct tdh_run *runs[RUNS];
    struct outcome outcome = { 0 };

    for (int i = 0; i < RUNS; i++)
        runs[i] = begin(life, "[[['call','idem',1]],[['call','idem',2]]]");
    for (int i = 0; i < RUNS; i++) {
        await(runs[i], &outcome);
        assert_int_equal(outcome.status, TDH_RUN_DONE);
    }
    outcome_clear(&outcome);
}

static void runs_of_a_worker_share_their_commits(void **state)
{
    struct world *world = *state;

    live(world, run_many, NULL);
    assert_in_range(world->disk->commits, 3, 6);
}

static void pure_steps_need_no_commit_of_their_own(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };
    json_t *script = json_array();
    char *text;

    for (int i = 0; i < 200; i++)
        json_array_append_new(script, json_pack("[[s, s, i]]", "call", "pure", i));
    text = json_dumps(script, 0);
    run_script(world, text, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    assert_in_range(world->disk->commits, 1, 20);
    free(text);
    json_decref(script);
    outcome_clear(&outcome);
}

/* Of events, without snapshots and ends: how far a run was ahead of the disk. */
static size_t largest_row;

static void note_rows(void *arg, struct td_op *const *ops, size_t count)
{
    (void)arg;
    for (size_t i = 0; i < count; i++)
        if (ops[i]->kind == TD_OP_APPEND && ops[i]->type < 3 && ops[i]->value.length > largest_row)
            largest_row = ops[i]->value.length;
}

static void pure_steps_stay_under_the_bound(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };
    json_t *script = json_array();
    char *text;

    for (int i = 0; i < 300; i++)
        json_array_append_new(script, json_pack("[[s, s, {s:i}]]", "call", "pure", "size", 500));
    text = json_dumps(script, 0);
    world->run_ahead_bytes = 4096;
    world->disk->is_slow = true;
    world->disk->on_commit = note_rows;
    largest_row = 0;
    run_script(world, text, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    assert_in_range(largest_row, 1000, strlen(text) + 4096 + 2000); /* the first has the input */
    free(text);
    json_decref(script);
    outcome_clear(&outcome);
}

/* --- cancel --- */

static const char *const cancelled[] = {
    "[[['wait','a']]]",
    "[[['timer',100000]]]",
    "[[['call','pure',{'ms':100000}]]]",
    "[[['call','ext',{'ms':100000}]]]",
    "[[['call','ext',{'fail':9},2]]]",
    "[[['run','script',[[['call','ext',{'ms':100000}],['wait','a']]]]]]",
};

static void cancel_run(struct life *life)
{
    const char *script = life->arg;
    struct tdh_run *run = begin(life, script);
    struct outcome outcome = { 0 };

    tdh_co_wait(tdh_clock_mono_ns() + 5000000);
    tdh_run_cancel(run);
    tdh_run_cancel(run);
    await(run, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_CANCELLED);
    assert_int_equal(outcome.err.code, TD_E_CANCELLED);
    outcome_clear(&outcome);
}

static void cancelling_ends_what_is_under_way(void **state)
{
    struct world *world = *state;
    unsigned most;

    for (size_t i = 0; i < sizeof(cancelled) / sizeof(cancelled[0]); i++)
        live(world, cancel_run, (void *)(uintptr_t)cancelled[i]);
    assert_int_equal(count_effects(world, &most), 0);
    for (size_t i = 0; i < world->disk->record_count; i++)
        assert_string_not_equal(world->disk->records[i].space, "live");
}

/* --- the disk --- */

static void fill_disk(struct life *life)
{
    struct outcome *outcome = life->arg;
    struct tdh_run *run = begin(life, "[[['call','ext',1]],[['run','script',[[['timer',1]]]]],"
                                      "[['call','ext',2]]]");

    while (life->world->disk->commits < 2)
        tdh_co_yield();
    life->world->disk->is_full = true;
    await(run, outcome);
    tdh_co_wait(tdh_clock_mono_ns() + 5000000);
}

static void a_journal_that_cannot_be_written_stops_the_run_and_says_how_to_go_on(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };
    char want[128];
    unsigned most;

    live(world, fill_disk, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_PARKED);
    assert_int_equal(outcome.err.code, TD_E_IO);
    snprintf(want, sizeof(want), "run %s stopped: the disk is full", outcome.id);
    assert_string_equal(outcome.err.text, want);
    assert_non_null(strstr(outcome.err.hint, "tdev runs resume"));
    assert_int_equal(count_effects(world, &most), 1);
    outcome_clear(&outcome);
}

static void fill_and_mend(struct life *life)
{
    struct outcome *outcome = life->arg;
    struct tdh_resume resume = { .decision = TDH_DECIDE_DONE };

    fill_disk(life);
    life->world->disk->is_full = false;
    resume_here(life, &resume, outcome);
}

static void a_run_that_stopped_can_be_resumed_by_the_same_process(void **state)
{
    struct outcome outcome = { 0 };
    struct world *world = *state;

    world->disk->is_full = false;
    live(world, fill_and_mend, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    outcome_clear(&outcome);
}

/* --- records --- */

static void look_at_records(struct life *life)
{
    struct outcome outcome = { 0 };
    json_t *list, *shown, *events;
    char id[TDH_ID_SIZE];
    struct td_err err;
    struct tdh_run *open = begin(life, "[[['wait','a']]]");

    await(begin(life, "[[['call','ext',{'fail':1},1]]]"), &outcome);
    assert_int_equal(
        tdh_runs_list(life->engine, &(struct tdh_run_filter){ .limit = 10 }, &list, &err), 0);
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "id")),
                        outcome.id);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "status")),
                        "done");
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 1), "status")),
                        "running");
    json_decref(list);
    assert_int_equal(
        tdh_runs_list(life->engine, &(struct tdh_run_filter){ .status = "running" }, &list, &err),
        0);
    assert_int_equal(json_array_size(list), 1);
    json_decref(list);
    assert_int_equal(tdh_runs_show(life->engine, outcome.id, &shown, &err), 0);
    events = json_object_get(shown, "events");
    assert_int_equal(json_array_size(events), 5); /* started, retry, again, done, ended */
    assert_string_equal(json_string_value(json_object_get(json_array_get(events, 1), "event")),
                        "retry");
    assert_string_equal(json_string_value(json_object_get(json_array_get(events, 1), "step")),
                        "s0.0");
    assert_string_equal(json_string_value(json_object_get(json_array_get(events, 4), "event")),
                        "ended");
    json_decref(shown);
    assert_int_equal(tdh_runs_find(life->engine, outcome.id, id, &err), 0);
    assert_string_equal(id, outcome.id);
    assert_int_equal(tdh_runs_find(life->engine, "01", id, &err), -1);
    assert_string_equal(err.text,
                        "\"01\" is too short for a run: give at least 4 letters of its id");
    assert_int_equal(tdh_runs_find(life->engine, "nothing", id, &err), -1);
    assert_string_equal(err.text, "there is no run \"nothing\"");
    assert_int_equal(
        tdh_runs_find(life->engine,
                      (char[5]){ outcome.id[0], outcome.id[1], outcome.id[2], outcome.id[3], 0 },
                      id, &err),
        -1);
    assert_non_null(strstr(err.text, "more than one run begins with"));
    tdh_run_release(open);
    outcome_clear(&outcome);
}

static void runs_are_listed_shown_and_found(void **state)
{
    live(*state, look_at_records, NULL);
}

static void list_only(struct life *life)
{
    json_t *list;
    struct td_err err;

    assert_int_equal(
        tdh_runs_list(life->engine, &(struct tdh_run_filter){ .status = "orphaned" }, &list, &err),
        0);
    assert_int_equal(json_array_size(list), 1);
    json_decref(list);
}

static void a_run_whose_process_is_gone_is_listed_as_orphaned(void **state)
{
    live(*state, look_at_records, NULL);
    live(*state, list_only, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(scripts_end_with_their_answers),
        WORLD_TEST(memory_runs_write_nothing),
        WORLD_TEST(what_a_reducer_does_wrong_fails_its_run_and_is_told),
        WORLD_TEST(failures_are_tried_again_as_the_policy_says),
        WORLD_TEST(ten_thousand_asks_at_once_are_answered),
        WORLD_TEST(calls_at_once_are_bounded),
        WORLD_TEST(a_run_makes_no_more_calls_at_once_than_it_may),
        WORLD_TEST(runs_of_a_worker_share_their_commits),
        WORLD_TEST(pure_steps_need_no_commit_of_their_own),
        WORLD_TEST(pure_steps_stay_under_the_bound),
        WORLD_TEST(cancelling_ends_what_is_under_way),
        WORLD_TEST(a_journal_that_cannot_be_written_stops_the_run_and_says_how_to_go_on),
        WORLD_TEST(a_run_that_stopped_can_be_resumed_by_the_same_process),
        WORLD_TEST(runs_are_listed_shown_and_found),
        WORLD_TEST(a_run_whose_process_is_gone_is_listed_as_orphaned),
    };

    return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
