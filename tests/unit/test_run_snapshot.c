/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run, its snapshots: what they hold, how many there are, what they stand behind, and that a run
 * made again from one is the run that was.
 */
#include "run_bed.h" /* before cmocka, which makes a macro of "fail" */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h> /* needs what stands above */

#include "base/clock.h"
#include "base/json.h"
#include "run/snapshot.h"

enum { ROW_SNAPSHOT = TDH_ROW_SNAPSHOT, PATIENCE_MS = 10000 };

static const struct fake_record *find_snapshot(const struct fake_disk *disk)
{
    const struct fake_record *found = NULL;

    for (size_t i = 0; i < disk->record_count; i++)
        if (strcmp(disk->records[i].space, TDH_SNAP_SPACE) == 0) {
            assert_null(found);
            found = &disk->records[i];
        }
    return found;
}

/* Looks on at each commit. */
struct witness {
    unsigned snapshots;
    uint64_t after;    /* of the newest */
    size_t with, rows; /* commits of a snapshot that had rows as well; rows so far */
    size_t longest;    /* text */
};

static void look_on(void *arg, struct td_op *const *ops, size_t count)
{
    struct witness *witness = arg;
    uint64_t after = 0;
    bool has_row = false;

    for (size_t i = 0; i < count; i++) {
        has_row = has_row || ops[i]->kind == TD_OP_APPEND;
        if (ops[i]->kind != TD_OP_PUT || strcmp(ops[i]->space, TDH_SNAP_SPACE) != 0)
            continue;
        after = tdh_snapshot_after(ops[i]->value.data);
        assert_true(after > witness->after);
        assert_true(after <= witness->rows);
        if (ops[i]->value.length > witness->longest)
            witness->longest = ops[i]->value.length;
        witness->after = after;
        witness->snapshots++;
    }
    for (size_t i = 0; i < count; i++)
        witness->rows += ops[i]->kind == TD_OP_APPEND;
    witness->with += after != 0 && has_row;
}

static void watch_commits(struct world *world, struct witness *witness)
{
    world->disk->on_commit = look_on;
    world->disk->arg = witness;
}

static size_t count_rows(const struct fake_disk *disk, uint32_t type)
{
    size_t count = 0;

    for (size_t i = 0; i < disk->row_count; i++)
        count += disk->rows[i].type == type;
    return count;
}

/* Forty rounds, answers that look like what a snapshot writes itself, and a death. */
static void grow(struct world *world, struct outcome *outcome)
{
    char script[4096] = "[";
    size_t used = 1;

    for (int i = 0; i < 40; i++)
        used += (size_t)snprintf(script + used, sizeof(script) - used,
                                 "[['call','idem',{'size':%d}]],", 500 + i);
    snprintf(script + used, sizeof(script) - used,
             "[['call','pure',{'$r':{'$r':[1,2]},'x':[{'$q':3}]}]],"
             "[['call','pure',{'$r':[1,0]}],['call','pure',{'$q':{'$r':[1,0]}}]],"
             "[['call','ext',{'die':true}]]]");
    run_script(world, script, outcome);
}

static const struct tdh_resume done = { .decision = TDH_DECIDE_DONE };

static void a_snapshot_and_the_tail_are_as_good_as_the_whole_journal(void **state)
{
    struct outcome whole = { 0 }, tail = { 0 };
    struct world *world = *state;
    struct world other;

    grow(world, &whole);
    assert_null(find_snapshot(world->disk));
    resume_run(world, &done, &whole);
    assert_int_equal(whole.status, TDH_RUN_DONE);
    world_make(&other);
    other.snapshot_bytes = 2000;
    grow(&other, &tail);
    assert_non_null(strstr(find_snapshot(other.disk)->value, "{\"$r\":["));
    resume_run(&other, &done, &tail);
    if (tail.status != TDH_RUN_DONE)
        fail_msg("%s", tail.err.text);
    assert_true(json_equal(whole.output, tail.output));
    assert_int_equal(other.saves, 0);
    world_end(&other);
    outcome_clear(&whole);
    outcome_clear(&tail);
}

static void a_run_has_one_snapshot_and_none_when_it_has_ended(void **state)
{
    struct world *world = *state;
    struct witness witness = { 0 };
    struct outcome outcome = { 0 };

    world->snapshot_bytes = 1000;
    watch_commits(world, &witness);
    grow(world, &outcome);
    assert_in_range(witness.snapshots, 5, 30);
    assert_non_null(find_snapshot(world->disk)); /* one: looked for in there */
    assert_int_equal(count_rows(world->disk, ROW_SNAPSHOT), 0);
    resume_run(world, &done, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    assert_null(find_snapshot(world->disk));
    outcome_clear(&outcome);
}

/* While calls are under way it can wait for their events. */
static void a_snapshot_costs_no_commit_of_its_own_while_a_run_is_busy(void **state)
{
    struct world *world = *state;
    struct witness witness = { 0 };
    struct outcome outcome = { 0 };

    world->snapshot_bytes = 1000;
    watch_commits(world, &witness);
    grow(world, &outcome);
    assert_true(witness.snapshots > 0);
    assert_int_equal(witness.with, witness.snapshots);
    outcome_clear(&outcome);
}

/* Of the text of an answer of the first stage. */
static size_t answer_length(const struct outcome *outcome, size_t slot)
{
    const json_t *answer = json_array_get(json_array_get(outcome->output, 0), slot);

    return json_string_length(json_object_get(answer, "text"));
}

/* A hundred answers of 1 KB in one turn: they stand in the very row that the snapshot is behind. */
static void results_of_the_same_write_are_referred_to(void **state)
{
    struct world *world = *state;
    struct witness witness = { 0 };
    struct outcome outcome = { 0 };
    char script[4096] = "[[";
    size_t used = 2;

    for (int i = 0; i < 100; i++)
        used += (size_t)snprintf(script + used, sizeof(script) - used,
                                 "['call','pure',{'size':1000}],");
    snprintf(script + used - 1, sizeof(script) - used + 1,
             "],[['timer',20]],[['call','ext',{'die':true}]]]");
    world->snapshot_bytes = 50000;
    watch_commits(world, &witness);
    run_script(world, script, &outcome);
    assert_true(witness.snapshots > 0);
    assert_in_range(witness.longest, 1000, 20000);
    resume_run(world, &done, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    assert_int_equal(json_array_size(json_array_get(outcome.output, 0)), 100);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(answer_length(&outcome, i), 1000);
    outcome_clear(&outcome);
}

/* Those that came while a snapshot was written, and that the state has forgotten since, stay until
 * they have their row; then they go. */
static void the_table_of_results_keeps_those_that_wait_for_their_row(void **state)
{
    enum { RESULTS = 200, ROW = 7 };
    struct tdh_run run = { .id = "" };

    (void)state;
    alarm(PATIENCE_MS / 1000);
    for (uint32_t i = 0; i < RESULTS; i++) {
        json_t *value = json_sprintf("result %u", i);

        tdh_journal_result(&run, value, 1000);
        json_decref(value);
    }
    tdh_results_sweep(&run);
    assert_int_equal(run.result_count, RESULTS);
    tdh_results_fly(&run);
    tdh_results_settle(&run, ROW);
    tdh_results_sweep(&run);
    assert_int_equal(run.result_count, 0);
    alarm(0);
    tdh_results_free(&run);
}

/* --- of a run that waits --- */

static bool has_snapshot(struct fake_disk *disk)
{
    bool is_there = false;

    pthread_mutex_lock(&disk->lock);
    for (size_t i = 0; i < disk->record_count; i++)
        is_there = is_there || strcmp(disk->records[i].space, TDH_SNAP_SPACE) == 0;
    pthread_mutex_unlock(&disk->lock);
    return is_there;
}

static void wait_for_snapshot(struct life *life)
{
    for (unsigned ms = 0; !has_snapshot(life->world->disk); ms++) {
        assert_true(ms < PATIENCE_MS);
        tdh_co_wait(tdh_clock_mono_ns() + 1000000);
    }
}

static const char large[] = "[[['call','idem',{'size':50000}]],[['wait','x']],[['call','ext',2]]]";

static void begin_large(struct life *life)
{
    struct outcome *outcome = life->arg;
    struct tdh_run *run = begin(life, large);

    wait_for_snapshot(life);
    snprintf(outcome->id, sizeof(outcome->id), "%s", tdh_run_id(run));
    tdh_run_release(run);
}

static void signal_and_await(struct life *life)
{
    static const struct tdh_resume plain;
    struct outcome *outcome = life->arg;
    json_t *payload = json_true();
    struct tdh_run *run;
    struct td_err err;

    tdh_runs_preload(life->engine);
    assert_int_equal(tdh_run_resume(life->engine, outcome->id, &plain, &run, &err), 0);
    assert_int_equal(tdh_run_signal(run, "x", payload, &err), 0);
    await(run, outcome);
}

/* It is written beside the worker, as it is large, and not left for an event that may never come.
 */
static void a_run_that_waits_gets_its_snapshot_and_goes_on_from_it(void **state)
{
    struct world *world = *state;
    struct witness witness = { 0 };
    struct outcome outcome = { 0 };

    world->snapshot_bytes = 1000;
    watch_commits(world, &witness);
    live(world, begin_large, &outcome);
    assert_int_equal(witness.with, 0);
    assert_in_range(witness.longest, 100, 2000);
    live(world, signal_and_await, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    assert_int_equal(answer_length(&outcome, 0), 50000);
    outcome_clear(&outcome);
}

static void a_damaged_snapshot_costs_nothing_but_time(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };

    world->snapshot_bytes = 1000;
    live(world, begin_large, &outcome);
    world->disk->damaged = TDH_SNAP_SPACE;
    live(world, signal_and_await, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    assert_int_equal(answer_length(&outcome, 0), 50000);
    assert_null(find_snapshot(world->disk));
    outcome_clear(&outcome);
}

/* --- many at once --- */

enum { MANY = 5 };

static void begin_many(struct life *life)
{
    struct outcome *outcomes = life->arg;

    for (size_t i = 0; i < MANY; i++)
        begin_large(&(struct life){ .world = life->world,
                                    .runtime = life->runtime,
                                    .store = life->store,
                                    .engine = life->engine,
                                    .script = life->script,
                                    .arg = &outcomes[i] });
}

static void resume_many(struct life *life)
{
    static const struct tdh_resume plain;
    struct outcome *outcomes = life->arg;
    json_t *payload = json_true();

    tdh_runs_preload(life->engine);
    assert_int_equal(life->engine->hubs[0].ahead_count, MANY);
    for (size_t i = 0; i < MANY; i++) {
        struct tdh_run *run;
        struct td_err err;

        if (tdh_run_resume(life->engine, outcomes[i].id, &plain, &run, &err) != 0)
            fail_msg("%s", err.text);
        assert_int_equal(tdh_run_signal(run, "x", payload, &err), 0);
        await(run, &outcomes[i]);
    }
}

static void snapshots_that_are_read_ahead_are_as_good(void **state)
{
    struct world *world = *state;
    struct outcome outcomes[MANY] = { 0 };

    world->snapshot_bytes = 1000;
    live(world, begin_many, outcomes);
    live(world, resume_many, outcomes);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(outcomes[i].status, TDH_RUN_DONE);
        assert_int_equal(answer_length(&outcomes[i], 0), 50000);
        outcome_clear(&outcomes[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_snapshot_and_the_tail_are_as_good_as_the_whole_journal),
        WORLD_TEST(a_run_has_one_snapshot_and_none_when_it_has_ended),
        WORLD_TEST(a_snapshot_costs_no_commit_of_its_own_while_a_run_is_busy),
        WORLD_TEST(results_of_the_same_write_are_referred_to),
        cmocka_unit_test(the_table_of_results_keeps_those_that_wait_for_their_row),
        WORLD_TEST(a_run_that_waits_gets_its_snapshot_and_goes_on_from_it),
        WORLD_TEST(a_damaged_snapshot_costs_nothing_but_time),
        WORLD_TEST(snapshots_that_are_read_ahead_are_as_good),
    };

    return cmocka_run_group_tests_name("run, snapshots", tests, NULL, NULL);
}
