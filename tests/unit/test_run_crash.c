/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run, across crashes: the process dies at every commit there is, or ends on purpose, another goes
 * on, and the outcome is as if nothing had happened. test_run_resume has what is in doubt.
 */
#include "run_bed.h" /* before cmocka, which makes a macro of "fail" */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#include "base/clock.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* --- every commit --- */

static const struct {
    const char *script;
    unsigned effects;
    size_t snapshot_bytes;
} scripts[] = {
    { "[[['call','known',1]],[['call','known',2]],[['call','known',3]]]", 3, 0 },
    { "[[['call','known',1],['call','known',2]],"
      "[['call','pure',3],['call','known',4]]]",
      3, 0 },
    { "[[['call','known',{'fail':2},1]],"
      "[['call','known',{'fail':1},1],['call','pure',{'fail':3},1]]]",
      2, 0 },
    { "[[['timer',3],['call','known',1]],[['timer',1]],[['call','known',2]]]", 2, 0 },
    { "[[['run','script',[[['call','known',1]],[['call','known',2]]]]],"
      "[['call','known',3]]]",
      3, 0 },
    { "[[['run','script',"
      "[[['run','script',[[['timer',1]],[['call','known',1]]]],['call','known',2]]]]],"
      "[['run','script',{}],['call','gone',1],['run','other',1]]]",
      2, 0 },
    { "[[['call','known',{'size':300}]],[['call','pure',{'size':300}]],"
      "[['call','known',{'size':200}]],[['timer',1]],[['call','known',{'size':100}]]]",
      3, 64 },
    { "[[['call','pure',{'size':300}]],[['call','known',null],['timer',20]],"
      "[['call','known',null]]]",
      2, 64 },
    /* snapshots that are written beside the worker */
    { "[[['call','known',{'size':40000}]],[['call','known',1],['call','pure',{'size':300}]],"
      "[['call','known',{'size':200}]],[['timer',5]],[['call','known',2]]]",
      4, 64 },
    { "[[['wait','x'],['cancel',0],['call','known',{'ms':50}],['cancel',2],['call','known',1]],"
      "[['call','known',2]]]",
      2, 0 },
    { "[[['run','script',[[['wait','x']]]],['call','known',1],['stop',0,1]],[['call','known',2]]]",
      2, 0 },
};

/*
 * Dies after `allowed` commits, as often as it takes; each life gets `more` commits further.
 * Returns false when nobody died.
 */
static bool survive(struct world *world, size_t row, unsigned allowed, unsigned more,
                    struct outcome *outcome)
{
    struct tdh_resume forced = { .is_forced = true };
    bool has_died;

    world->disk->allowed = allowed;
    run_script(world, scripts[row].script, outcome);
    has_died = outcome->status != TDH_RUN_DONE;
    while (outcome->status != TDH_RUN_DONE && more > 0) {
        unsigned before = world->disk->commits;

        world->disk->allowed = before + more++;
        resume_run_until(world, &forced, outcome);
        if (outcome->status == TDH_RUN_ORPHANED && outcome->err.code == TD_E_NOTFOUND &&
            before == 0)
            run_script(world, scripts[row].script, outcome); /* nothing of it was ever durable */
    }
    if (outcome->status != TDH_RUN_DONE)
        resume_run(world, &forced, outcome);
    return has_died;
}

static void check_crashes(size_t row, unsigned more, bool is_blocking)
{
    struct world world;
    struct outcome outcome = { 0 };
    json_t *want;
    bool has_died = true;

    world_make(&world);
    world.snapshot_bytes = scripts[row].snapshot_bytes;
    run_script(&world, scripts[row].script, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    want = json_incref(outcome.output);
    world_end(&world);
    for (unsigned allowed = 1; has_died; allowed++) {
        unsigned most;

        outcome_clear(&outcome);
        world_make(&world);
        world.snapshot_bytes = scripts[row].snapshot_bytes;
        world.is_blocking = is_blocking;
        has_died = survive(&world, row, allowed, more, &outcome);
        if (outcome.status != TDH_RUN_DONE)
            fail_msg("row %zu, %u commits, %u more: %s: %s", row, allowed, more,
                     tdh_run_status_name(outcome.status), outcome.err.text);
        assert_true(json_equal(outcome.output, want));
        assert_int_equal(count_effects(&world, &most), scripts[row].effects);
        assert_int_equal(most, 1);
        assert_int_equal(world.saves, 0);
        assert_int_equal(world.early, 0);
        world_end(&world);
    }
    json_decref(want);
    outcome_clear(&outcome);
}

static void one_crash_at_any_commit_changes_nothing(void **state)
{
    (void)state;
    for (size_t row = 0; row < COUNT(scripts); row++)
        check_crashes(row, 0, row % 2 == 0);
}

static void crash_after_crash_changes_nothing(void **state)
{
    (void)state;
    for (size_t row = 0; row < COUNT(scripts); row++)
        check_crashes(row, 1, row % 2 == 1);
}

/* --- an attempt that was tried again --- */

static void a_crash_in_a_later_attempt_leaves_it_in_doubt(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };
    unsigned most;

    run_script(world, "[[['call','ext',{'fail':1,'die':true},1]]]", &outcome);
    assert_int_equal(count_effects(world, &most), 1);
    world->is_second = true;
    resume_run(world, NULL, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_IN_DOUBT);
    assert_int_equal(count_effects(world, &most), 1);
    outcome_clear(&outcome);
}

/* The process dies in the back-off, however slow it is: no second attempt can be written down. */
static void wait_for_back_off(struct life *life)
{
    struct outcome *outcome = life->arg;
    struct tdh_run *run = begin(life, "[[['call','ext',{'fail':3},2]]]");

    life->world->disk->allowed = 2;
    while (life->world->disk->commits < 2)
        tdh_co_yield();
    snprintf(outcome->id, sizeof(outcome->id), "%s", tdh_run_id(run));
    tdh_run_release(run);
}

static void attempts_survive_and_their_times(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };
    unsigned most;

    live(world, wait_for_back_off, &outcome);
    resume_run(world, NULL, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    /* the fourth attempt; a fifth was not allowed */
    assert_true(output_is(&outcome, "[[{'echo':{'fail':3}}]]"));
    assert_int_equal(count_effects(world, &most), 1);
    outcome_clear(&outcome);
}

/* --- the end of a process, on purpose --- */

static void leave(struct life *life)
{
    struct outcome *outcome = life->arg;
    struct tdh_run *run = begin(life, "[[['call','idem',{'ms':60}],['timer',60],['wait','a'],"
                                      "['run','script',[[['timer',30]]]]]]");
    struct td_err err;

    tdh_co_wait(tdh_clock_mono_ns() + 10000000);
    assert_int_equal(tdh_run_signal(run, "a", NULL, &err), 0);
    snprintf(outcome->id, sizeof(outcome->id), "%s", tdh_run_id(run));
    tdh_run_release(run);
}

static void a_process_that_ends_leaves_its_runs_as_they_are(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };

    live(world, leave, &outcome);
    resume_run(world, NULL, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    assert_true(output_is(&outcome, "[[{'echo':{'ms':60}},null,null,[[null]]]]"));
    outcome_clear(&outcome);
}

static void wait_too(void *arg)
{
    struct life *life = arg;
    struct outcome *outcome = life->arg;

    await(begin(life, "[[['wait','a']]]"), outcome);
}

static void leave_waiter(struct life *life)
{
    struct td_err err;

    assert_int_equal(tdh_co_spawn(wait_too, life, NULL, &err), 0);
    tdh_co_wait(tdh_clock_mono_ns() + 5000000);
}

static void who_waits_for_a_run_is_told_when_the_process_ends(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };

    live(world, leave_waiter, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_RUNNING);
    assert_int_equal(outcome.err.code, TD_E_CANCELLED);
    assert_non_null(strstr(outcome.err.text, "goes on when it is resumed"));
    outcome_clear(&outcome);
}

/* --- signals --- */

static void keep_signals(struct life *life)
{
    struct outcome *outcome = life->arg;
    struct tdh_run *run = begin(life, "[[['timer',20]],[['wait','a']],[['wait','go']],"
                                      "[['wait','a'],['wait','a']]]");
    struct td_err err;

    for (int i = 1; i <= 3; i++) {
        json_t *payload = json_integer(i);

        assert_int_equal(tdh_run_signal(run, "a", payload, &err), 0);
        json_decref(payload);
    }
    tdh_co_wait(tdh_clock_mono_ns() + (life->world->is_second ? 40000000 : 2000000));
    snprintf(outcome->id, sizeof(outcome->id), "%s", tdh_run_id(run));
    tdh_run_release(run);
}

static void go_and_await(struct life *life)
{
    struct outcome *outcome = life->arg;
    static const struct tdh_resume plain;
    struct tdh_run *run;
    struct td_err err;

    assert_int_equal(tdh_run_resume(life->engine, outcome->id, &plain, &run, &err), 0);
    assert_int_equal(tdh_run_signal(run, "go", NULL, &err), 0);
    await(run, outcome);
}

static void kept_signals_are_neither_lost_nor_taken_twice(void **state)
{
    struct world *world = *state;

    for (int i = 0; i < 4; i++) {
        struct outcome outcome = { 0 };

        world->is_second = i % 2 == 1; /* die before, or after the first was taken */
        world->snapshot_bytes = i < 2 ? 0 : 1;
        live(world, keep_signals, &outcome);
        live(world, go_and_await, &outcome);
        assert_int_equal(outcome.status, TDH_RUN_DONE);
        assert_true(output_is(&outcome, "[[null],[1],[null],[2,3]]"));
        outcome_clear(&outcome);
    }
}

static void look_only(struct life *life)
{
    static const struct tdh_resume plain;
    struct outcome *outcome = life->arg;
    struct tdh_run *run;
    struct td_err err;

    assert_int_equal(tdh_run_resume(life->engine, outcome->id, &plain, &run, &err), 0);
    tdh_co_wait(tdh_clock_mono_ns() + 3000000);
    tdh_run_release(run);
}

static void a_run_that_just_waits_may_be_resumed_for_ever(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };

    live(world, keep_signals, &outcome);
    for (int i = 0; i < 8; i++)
        live(world, look_only, &outcome);
    live(world, go_and_await, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    outcome_clear(&outcome);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_crash_at_any_commit_changes_nothing),
        cmocka_unit_test(crash_after_crash_changes_nothing),
        WORLD_TEST(a_crash_in_a_later_attempt_leaves_it_in_doubt),
        WORLD_TEST(attempts_survive_and_their_times),
        WORLD_TEST(a_process_that_ends_leaves_its_runs_as_they_are),
        WORLD_TEST(who_waits_for_a_run_is_told_when_the_process_ends),
        WORLD_TEST(kept_signals_are_neither_lost_nor_taken_twice),
        WORLD_TEST(a_run_that_just_waits_may_be_resumed_for_ever),
    };

    return cmocka_run_group_tests_name("run, crashes", tests, NULL, NULL);
}
