/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run, resumed: what a step in doubt does, and who may go on with a run. No external effect happens
 * twice without somebody having said so.
 */
#include "run_bed.h" /* before cmocka, which makes a macro of "fail" */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* --- in doubt --- */

/* A life that ends in the first step, after its effect. */
static void run_into_doubt(struct world *world, const char *agent, int policy,
                           struct outcome *outcome)
{
    char script[200];

    snprintf(script, sizeof(script),
             "[[['call','%s',{'die':true},%d],['wait','x'],['cancel',1]],[['call','pure',1]]]",
             agent, policy);
    run_script(world, script, outcome);
    assert_int_not_equal(outcome->status, TDH_RUN_DONE);
}

#define FAILED                                                                                     \
    "{'failed':'step \\'s0.0\\' was under way when its process ended, "                            \
    "and may have taken effect'}"
#define ECHO "{'echo':{'die':true}}"

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
    { "ext", 0, false, TDH_DECIDE_DONE, TDH_RUN_DONE, "'by hand'", 1 },
    { "ext", 0, false, TDH_DECIDE_FAIL, TDH_RUN_DONE, FAILED, 1 },
    { "ext", 0, false, TDH_DECIDE_RETRY, TDH_RUN_DONE, ECHO, 2 },
    { "ext", 3, false, TDH_DECIDE_NONE, TDH_RUN_DONE, FAILED, 1 },
    { "ext", 4, false, TDH_DECIDE_NONE, TDH_RUN_DONE, ECHO, 2 },
    { "idem", 0, false, TDH_DECIDE_NONE, TDH_RUN_DONE, ECHO, 2 },
    { "idem", 5, false, TDH_DECIDE_NONE, TDH_RUN_IN_DOUBT, NULL, 1 },
    { "known", 0, false, TDH_DECIDE_NONE, TDH_RUN_DONE, ECHO, 1 },
    { "known", 0, false, TDH_DECIDE_RETRY, TDH_RUN_DONE, ECHO, 1 },
    { "known", 0, true, TDH_DECIDE_NONE, TDH_RUN_IN_DOUBT, NULL, 1 },
    { "known", 0, true, TDH_DECIDE_DONE, TDH_RUN_DONE, "'by hand'", 1 },
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
    if (doubts[i].output != NULL)
        assert_true(answer_is(&outcome, 0, 0, doubts[i].output));
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
    for (size_t i = 0; i < COUNT(doubts); i++)
        check_doubt(i);
}

static json_t *nested(unsigned depth)
{
    json_t *value = json_array();

    while (depth-- > 1)
        value = json_pack("[o]", value);
    return value;
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
    /* what nobody could have given as an output is no decision */
    resume.output = nested(200);
    resume_run(world, &resume, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_IN_DOUBT);
    assert_non_null(strstr(outcome.err.text, "output of \"ext\" action \"do\": it nests deeper"));
    json_decref(resume.output);
    resume.output = NULL;
    resume_run(world, &resume, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    outcome_clear(&outcome);
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
    assert_non_null(strstr(outcome.err.text,
                           "ended its process 3 times at step \"s0.0\" (idem.do), and is parked"));
    world->is_second = true;
    resume_run(world, &forced, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    outcome_clear(&outcome);
}

static void meddle(struct life *life)
{
    struct tdh_engine_options options = { .runtime = life->runtime,
                                          .store = life->store,
                                          .state_dir = life->world->state_dir };
    struct outcome *outcome = life->arg;
    struct tdh_run *run = begin(life, "[[['wait','a']]]");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_in_doubt_goes_the_way_its_policy_says),
        WORLD_TEST(a_run_in_doubt_can_be_decided_later),
        WORLD_TEST(a_definition_that_diverges_parks_the_run_and_names_both),
        WORLD_TEST(a_missing_agent_parks_the_run),
        WORLD_TEST(three_resumes_without_progress_park),
        WORLD_TEST(a_living_owner_keeps_its_runs),
    };

    return cmocka_run_group_tests_name("run, resumed", tests, NULL, NULL);
}
