/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run, across crashes: the process dies at every commit there is, another goes on, and the outcome
 * is as if nothing had happened; no external effect happens twice without somebody having said so.
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
#include "base/json.h"

static int make_world(void **state)
{
    struct world *world = malloc(sizeof(*world));

    world_make(world);
    *state = world;
    return 0;
}

static int end_world(void **state)
{
    struct world *world = *state;
    unsigned saves = world->saves, early = world->early;

    world_end(world);
    free(world);
    return saves == 0 && early == 0 ? 0 : -1;
}

/* --- every commit --- */

static const struct {
    const char *script;
    unsigned effects;
    size_t snapshot_bytes;
} scripts[] = {
    { "[[[\"call\",\"known\",1]],[[\"call\",\"known\",2]],[[\"call\",\"known\",3]]]", 3, 0 },
    { "[[[\"call\",\"known\",1],[\"call\",\"known\",2]],[[\"call\",\"pure\",3],[\"call\",\"known\","
      "4]]]",
      3, 0 },
    { "[[[\"call\",\"known\",{\"fail\":2},1]],[[\"call\",\"known\",{\"fail\":1},1],[\"call\","
      "\"pure\",{\"fail\":3},1]]]",
      2, 0 },
    { "[[[\"timer\",3],[\"call\",\"known\",1]],[[\"timer\",1]],[[\"call\",\"known\",2]]]", 2, 0 },
    { "[[[\"run\",\"script\",[[[\"call\",\"known\",1]],[[\"call\",\"known\",2]]]]],[[\"call\","
      "\"known\",3]]]",
      3, 0 },
    { "[[[\"run\",\"script\",[[[\"run\",\"script\",[[[\"timer\",1]],[[\"call\",\"known\",1]]]],["
      "\"call\",\"known\",2]]]]],"
      "[[\"run\",\"script\",{}],[\"call\",\"gone\",1],[\"run\",\"other\",1]]]",
      2, 0 },
    { "[[[\"call\",\"known\",{\"size\":300}]],[[\"call\",\"pure\",{\"size\":300}]],[[\"call\","
      "\"known\",{\"size\":200}]],[[\"timer\",1]],"
      "[[\"call\",\"known\",{\"size\":100}]]]",
      3, 64 },
    { "[[[\"wait\",\"x\"],[\"cancel\",0],[\"call\",\"known\",{\"ms\":50}],[\"cancel\",2],[\"call\","
      "\"known\",1]],[[\"call\",\"known\",2]]]",
      2, 0 },
};

/* Dies after `allowed` commits, as often as it takes; each life gets `more` commits further.
 * Returns false when nobody died. */
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
    for (size_t row = 0; row < sizeof(scripts) / sizeof(scripts[0]); row++)
        check_crashes(row, 0, row % 2 == 0);
}

static void crash_after_crash_changes_nothing(void **state)
{
    (void)state;
    for (size_t row = 0; row < sizeof(scripts) / sizeof(scripts[0]); row++)
        check_crashes(row, 1, row % 2 == 1);
}

/* --- in doubt --- */

static void run_into_doubt(struct world *world, const char *agent, int policy,
                           struct outcome *outcome)
{
    char script[200];

    snprintf(script, sizeof(script),
             "[[[\"call\",\"%s\",{\"die\":true},%d],[\"wait\",\"x\"],[\"cancel\",1]],[[\"call\","
             "\"pure\",1]]]",
             agent, policy);
    run_script(world, script, outcome);
    assert_int_not_equal(outcome->status, TDH_RUN_DONE);
}

static const struct {
    const char *agent;
    int policy;
    bool has_no_answer;
    enum tdh_decision decision;
    enum tdh_run_status status;
    const char *output; /* of the step; NULL: not looked at */
    unsigned effects;   /* also the one before the crash */
} doubts[] = {
    { "ext", 0, false, TDH_DECIDE_NONE, TDH_RUN_IN_DOUBT, NULL, 1 },
    { "ext", 5, false, TDH_DECIDE_NONE, TDH_RUN_IN_DOUBT, NULL, 1 },
    { "ext", 0, false, TDH_DECIDE_DONE, TDH_RUN_DONE, "\"by hand\"", 1 },
    { "ext", 0, false, TDH_DECIDE_FAIL, TDH_RUN_DONE,
      "{\"failed\":\"step \\\"s0.0\\\" was under way when its process ended, and may have taken "
      "effect\"}",
      1 },
    { "ext", 0, false, TDH_DECIDE_RETRY, TDH_RUN_DONE, "{\"echo\":{\"die\":true}}", 2 },
    { "ext", 3, false, TDH_DECIDE_NONE, TDH_RUN_DONE,
      "{\"failed\":\"step \\\"s0.0\\\" was under way when its process ended, and may have taken "
      "effect\"}",
      1 },
    { "ext", 4, false, TDH_DECIDE_NONE, TDH_RUN_DONE, "{\"echo\":{\"die\":true}}", 2 },
    { "idem", 0, false, TDH_DECIDE_NONE, TDH_RUN_DONE, "{\"echo\":{\"die\":true}}", 2 },
    { "idem", 5, false, TDH_DECIDE_NONE, TDH_RUN_IN_DOUBT, NULL, 1 },
    { "known", 0, false, TDH_DECIDE_NONE, TDH_RUN_DONE, "{\"echo\":{\"die\":true}}", 1 },
    { "known", 0, false, TDH_DECIDE_RETRY, TDH_RUN_DONE, "{\"echo\":{\"die\":true}}", 1 },
    { "known", 0, true, TDH_DECIDE_NONE, TDH_RUN_IN_DOUBT, NULL, 1 },
    { "known", 0, true, TDH_DECIDE_DONE, TDH_RUN_DONE, "\"by hand\"", 1 },
    { "known", 5, false, TDH_DECIDE_NONE, TDH_RUN_IN_DOUBT, NULL, 1 },
};

static void check_doubt(size_t i)
{
    struct tdh_resume resume = { .decision = doubts[i].decision, .output = json_string("by hand") };
    struct outcome outcome = { 0 };
    struct world world;
    unsigned most;

    world_make(&world);
    run_into_doubt(&world, doubts[i].agent, doubts[i].policy, &outcome);
    world.has_no_answer = doubts[i].has_no_answer;
    world.is_second = true;
    resume_run(&world, &resume, &outcome);
    if (outcome.status != doubts[i].status)
        fail_msg("row %zu: %s: %s", i, tdh_run_status_name(outcome.status), outcome.err.text);
    if (doubts[i].output != NULL) {
        json_t *want = json_loads(doubts[i].output, JSON_DECODE_ANY, NULL);

        assert_true(json_equal(json_array_get(json_array_get(outcome.output, 0), 0), want));
        json_decref(want);
    }
    if (outcome.status == TDH_RUN_IN_DOUBT)
        assert_int_equal(outcome.err.code, TD_E_DOUBT);
    assert_int_equal(count_effects(&world, &most), doubts[i].effects);
    json_decref(resume.output);
    outcome_clear(&outcome);
    world_end(&world);
}

static void a_step_in_doubt_goes_the_way_its_policy_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(doubts) / sizeof(doubts[0]); i++)
        check_doubt(i);
}

static void a_run_in_doubt_can_be_decided_later(void **state)
{
    struct tdh_resume resume = { .decision = TDH_DECIDE_DONE };
    struct world *world = *state;
    struct outcome outcome = { 0 };

    run_into_doubt(world, "ext", 0, &outcome);
    world->is_second = true;
    resume_run(world, NULL, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_IN_DOUBT);
    assert_non_null(strstr(
        outcome.err.text,
        "step \"s0.0\" (ext.do) was under way when its process ended, and may have taken effect"));
    resume_run(world, NULL, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_IN_DOUBT);
    resume_run(world, &resume, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    outcome_clear(&outcome);
}

/* --- an attempt that was tried again --- */

static void die_in_second_attempt(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };
    unsigned most;

    run_script(world, "[[[\"call\",\"ext\",{\"fail\":1,\"die\":true},1]]]", &outcome);
    assert_int_equal(count_effects(world, &most), 1);
    world->is_second = true;
    resume_run(world, NULL, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_IN_DOUBT);
    assert_int_equal(count_effects(world, &most), 1);
    outcome_clear(&outcome);
}

static void wait_for_back_off(struct life *life)
{
    struct outcome *outcome = life->arg;
    struct tdh_run *run = begin(life, "[[[\"call\",\"ext\",{\"fail\":3},2]]]");

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
    assert_true(output_is(
        &outcome, "[[{\"echo\":{\"fail\":3}}]]")); /* the fourth attempt; a fifth was not allowed */
    assert_int_equal(count_effects(world, &most), 1);
    outcome_clear(&outcome);
}

/* --- the end of a process, on purpose --- */

static void leave(struct life *life)
{
    struct outcome *outcome = life->arg;
    struct tdh_run *run = begin(life, "[[[\"call\",\"idem\",{\"ms\":60}],[\"timer\",60],[\"wait\","
                                      "\"a\"],[\"run\",\"script\",[[[\"timer\",30]]]]]]");
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
    assert_true(output_is(&outcome, "[[{\"echo\":{\"ms\":60}},null,null,[[null]]]]"));
    outcome_clear(&outcome);
}

static void wait_too(void *arg)
{
    struct life *life = arg;
    struct outcome *outcome = life->arg;

    await(begin(life, "[[[\"wait\",\"a\"]]]"), outcome);
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
    struct tdh_run *run = begin(life, "[[[\"timer\",20]],[[\"wait\",\"a\"]],[[\"wait\",\"go\"]],[["
                                      "\"wait\",\"a\"],[\"wait\",\"a\"]]]");
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

/* --- snapshots --- */

static size_t count_rows(const struct fake_disk *disk, uint32_t type, const char *text)
{
    size_t count = 0;

    for (size_t i = 0; i < disk->row_count; i++)
        count += disk->rows[i].type == type &&
                 (text == NULL || strstr(disk->rows[i].value, text) != NULL);
    return count;
}

static void grow(struct world *world, struct outcome *outcome)
{
    json_t *script = json_array();
    char *text;

    for (int i = 0; i < 40; i++)
        json_array_append_new(script,
                              json_pack("[[s, s, {s:i}]]", "call", "idem", "size", 500 + i));
    json_array_append_new(script, json_pack("[[s, s, {s:{s:[i, i]}, s:[{s:i}]}]]", "call", "pure",
                                            "$r", "$r", 1, 2, "x", "$q", 3));
    json_array_append_new(
        script,
        json_loads(
            "[[\"call\",\"pure\",{\"$r\":[1,0]}],[\"call\",\"pure\",{\"$q\":{\"$r\":[1,0]}}]]", 0,
            NULL));
    json_array_append_new(script, json_loads("[[\"call\",\"ext\",{\"die\":true}]]", 0, NULL));
    text = json_dumps(script, 0);
    run_script(world, text, outcome);
    free(text);
    json_decref(script);
}

static void a_snapshot_and_the_tail_are_as_good_as_the_whole_journal(void **state)
{
    struct tdh_resume resume = { .decision = TDH_DECIDE_DONE };
    struct outcome whole = { 0 }, tail = { 0 };
    struct world *world = *state;
    struct world other;

    grow(world, &whole);
    resume_run(world, &resume, &whole);
    assert_int_equal(whole.status, TDH_RUN_DONE);
    assert_int_equal(count_rows(world->disk, 3, NULL), 0);
    world_make(&other);
    other.snapshot_bytes = 2000;
    grow(&other, &tail);
    assert_in_range(count_rows(other.disk, 3, NULL), 2, 20);
    assert_in_range(count_rows(other.disk, 3, "{\"$r\":["), 1, 20);
    resume_run(&other, &resume, &tail);
    if (tail.status != TDH_RUN_DONE)
        fail_msg("%s", tail.err.text);
    assert_true(json_equal(whole.output, tail.output));
    assert_int_equal(other.saves, 0);
    world_end(&other);
    outcome_clear(&whole);
    outcome_clear(&tail);
}

/* --- who may go on, and who may not --- */

static void a_definition_that_diverges_parks_the_run_and_names_both(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };

    run_into_doubt(world, "idem", 0, &outcome);
    world->is_second = true;
    world->suffix = "-new";
    resume_run(world, NULL, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_ORPHANED);
    assert_int_equal(outcome.err.code, TD_E_CORRUPT);
    assert_non_null(
        strstr(outcome.err.text,
               "the journal has ask \"s0.0\", the definition now asks for \"s0.0-new\""));
    for (int i = 0; i < 4; i++)
        resume_run(world, NULL, &outcome); /* that it was tried does not count */
    assert_int_equal(outcome.err.code, TD_E_CORRUPT);
    world->suffix = NULL;
    resume_run(world, NULL, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    outcome_clear(&outcome);
}

static void a_missing_agent_parks_the_run(void **state)
{
    struct tdh_resume forced = { .is_forced = true };
    struct world *world = *state;
    struct outcome outcome = { 0 };

    run_into_doubt(world, "known", 0, &outcome);
    world->is_agent_gone = true;
    resume_run(world, NULL, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_ORPHANED);
    assert_string_equal(outcome.err.text, "step \"s0.0\": there is no agent \"known\"");
    resume_run(world, &forced, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    outcome_clear(&outcome);
}

static void three_resumes_without_progress_park(void **state)
{
    struct tdh_resume forced = { .is_forced = true };
    struct world *world = *state;
    struct outcome outcome = { 0 };

    run_into_doubt(world, "idem", 0, &outcome);
    for (int i = 0; i < 3; i++) {
        resume_run(world, NULL, &outcome);
        assert_int_equal(outcome.status, TDH_RUN_RUNNING); /* it dies again */
    }
    resume_run(world, NULL, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_ORPHANED);
    assert_int_equal(outcome.err.code, TD_E_LIMIT);
    assert_non_null(
        strstr(outcome.err.text, "ended its process 3 times in the same place and is parked"));
    world->is_second = true;
    resume_run(world, &forced, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    outcome_clear(&outcome);
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

static void meddle(struct life *life)
{
    struct tdh_engine_options options = { .runtime = life->runtime,
                                          .store = life->store,
                                          .state_dir = life->world->state_dir };
    struct outcome *outcome = life->arg;
    struct tdh_run *run = begin(life, "[[[\"wait\",\"a\"]]]");
    struct tdh_resume plain = { 0 };
    struct tdh_engine *other;
    struct tdh_run *taken;
    struct td_err err;

    while (life->world->disk->commits < 1)
        tdh_co_yield();
    other = tdh_engine_new(&options, &err);
    assert_int_equal(tdh_run_resume(other, tdh_run_id(run), &plain, &taken, &err), -1);
    assert_int_equal(err.code, TD_E_CONFLICT);
    assert_non_null(strstr(err.text, "is being run by a process that is alive"));
    assert_int_equal(tdh_run_resume(life->engine, tdh_run_id(run), &plain, &taken, &err), -1);
    assert_int_equal(err.code, TD_E_CONFLICT);
    tdh_engine_free(other);
    tdh_run_cancel(run);
    await(run, outcome);
    assert_int_equal(tdh_run_resume(life->engine, outcome->id, &plain, &taken, &err), -1);
    assert_int_equal(err.code, TD_E_EXISTS);
    assert_non_null(strstr(err.text, "has ended: it is cancelled"));
    assert_int_equal(tdh_run_resume(life->engine, "0190", &plain, &taken, &err), -1);
    assert_int_equal(err.code, TD_E_NOTFOUND);
}

static void a_living_owner_keeps_its_runs(void **state)
{
    struct outcome outcome = { 0 };

    live(*state, meddle, &outcome);
    outcome_clear(&outcome);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_world, end_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_crash_at_any_commit_changes_nothing),
        cmocka_unit_test(crash_after_crash_changes_nothing),
        cmocka_unit_test(a_step_in_doubt_goes_the_way_its_policy_says),
        TEST(a_run_in_doubt_can_be_decided_later),
        TEST(die_in_second_attempt),
        TEST(attempts_survive_and_their_times),
        TEST(a_process_that_ends_leaves_its_runs_as_they_are),
        TEST(who_waits_for_a_run_is_told_when_the_process_ends),
        TEST(kept_signals_are_neither_lost_nor_taken_twice),
        TEST(a_snapshot_and_the_tail_are_as_good_as_the_whole_journal),
        TEST(a_definition_that_diverges_parks_the_run_and_names_both),
        TEST(a_missing_agent_parks_the_run),
        TEST(three_resumes_without_progress_park),
        TEST(a_run_that_just_waits_may_be_resumed_for_ever),
        TEST(a_living_owner_keeps_its_runs),
    };

    return cmocka_run_group_tests_name("run, crashes", tests, NULL, NULL);
}
