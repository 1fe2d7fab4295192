/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run, and policies: within a run the engine decides what becomes of a failure, and journals it: a
 * process that dies at any commit loses no count and no agent that stands in.
 */
#include "run_bed.h" /* before cmocka, which makes a macro of "fail" */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#include "base/json.h"
#include "base/log.h"
#include "policy_bed.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define RULE "rules:\n- "

static const struct {
    const char *policies, *agent, *input;
    int policy;                          /* of run_script.c */
    const char *want;                    /* the answer */
    unsigned attempts, effects, changes; /* changes: how often another agent takes over */
    size_t snapshot_bytes;
} rows[] = {
    { RULE "{match: {agents: known}, fallback: [twin]}\n", "known", "{'by':'twin'}", 0,
      "{'echo':{'by':'twin'}}", 2, 1, 1, 0 },
    { RULE "{match: {agents: known}, retry: {max_attempts: 3, initial: 1ms}, fallback: [twin]}\n",
      "known", "{'by':'twin'}", 0, "{'echo':{'by':'twin'}}", 4, 1, 1, 0 },
    { RULE "{match: {agents: known}, retry: {max_attempts: 3, initial: 1ms}, fallback: [twin]}\n",
      "known", "{'by':'twin'}", 0, "{'echo':{'by':'twin'}}", 4, 1, 1, 64 },
    /* who stands in tries again as the node says: four times */
    { RULE "{match: {agents: known}, fallback: [twin]}\n", "known", "{'by':'twin','fail':6}", 1,
      "{'echo':{'by':'twin','fail':6}}", 7, 1, 1, 64 },
    { RULE "{match: {agents: known}, fallback: [gone, idem, twin]}\n", "known", "{'by':'twin'}", 0,
      "{'echo':{'by':'twin'}}", 3, 1, 2, 64 },
    { RULE "{match: {agents: pure}, fallback: [ext]}\n", "pure", "{'fail':9}", 0,
      "{'failed':'\\'ext\\' cannot stand in for \\'pure\\': its action \\'do\\' has stronger "
      "effects'}",
      1, 0, 0, 0 },
    { RULE "{match: {agents: known}, fallback: [twin], use: {x: 1}}\n", "known", "{'fail':9}", 0,
      "{'x':1}", 2, 0, 0, 64 },
    { RULE "{match: {agents: known}, ignore: true}\n", "known", "{'fail':9}", 0, "null", 1, 0, 0,
      0 },
    { RULE "{match: {agents: known}, fail: {code: permission, text: ask}}\n", "known", "{'fail':9}",
      0, "{'failed':'ask: not yet'}", 1, 0, 0, 0 },
};

static json_int_t attempts_of(const struct world *world)
{
    json_int_t sum = 0;
    const char *key;
    json_t *count;

    json_object_foreach (world->attempts, key, count)
        sum += json_integer_value(count);
    return sum;
}

/* Dies after so many commits, then lives on. False: nobody died. */
static bool survive(size_t row, unsigned allowed)
{
    struct tdh_resume forced = { .is_forced = true };
    struct outcome outcome = { 0 };
    struct world world;
    char script[200];
    unsigned most;
    bool has_died;

    world_make(&world);
    world.snapshot_bytes = rows[row].snapshot_bytes;
    world.disk->allowed = allowed;
    snprintf(script, sizeof(script), "[[['call','%s',%s,%d]],[['call','known',{'size':300}]]]",
             rows[row].agent, rows[row].input, rows[row].policy);
    run_script(&world, script, &outcome);
    has_died = outcome.status != TDH_RUN_DONE;
    if (has_died)
        resume_run(&world, &forced, &outcome);
    if (outcome.status == TDH_RUN_ORPHANED && outcome.err.code == TD_E_NOTFOUND)
        run_script(&world, script, &outcome); /* nothing of it was ever durable */
    if (outcome.status != TDH_RUN_DONE || !answer_is(&outcome, 0, 0, rows[row].want))
        fail_msg("row %zu, %u commits: %s: %s", row, allowed, tdh_run_status_name(outcome.status),
                 outcome.err.text);
    assert_int_equal(count_effects(&world, &most), rows[row].effects + 1);
    assert_in_range(most, 0, 1);
    /* a death has at most one attempt made again */
    assert_in_range(attempts_of(&world), rows[row].attempts + 1, rows[row].attempts + 1 + has_died);
    assert_int_equal(world.changes, rows[row].changes);
    assert_int_equal(world.early, 0);
    outcome_clear(&outcome);
    world_end(&world);
    return has_died;
}

static void a_failure_goes_the_same_way_whenever_the_process_dies(void **state)
{
    (void)state;
    for (size_t row = 0; row < COUNT(rows); row++) {
        unsigned allowed = 1;

        use_policies(rows[row].policies);
        while (survive(row, allowed))
            allowed++;
        assert_in_range(allowed, 2, 100);
    }
    use_policies(NULL);
}

static void an_attempt_that_timed_out_is_tried_again(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };
    unsigned most;

    run_script(world,
               "[[['call','pure',{'late':2},6],['call','idem',{'late':1},6],"
               "['call','pure',{'late':9},6]]]",
               &outcome);
    assert_true(output_is(&outcome, "[[{'echo':{'late':2}},{'echo':{'late':1}},"
                                    "{'failed':'the time is up'}]]"));
    assert_int_equal(count_effects(world, &most), 1);
    outcome_clear(&outcome);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WORLD_TEST(an_attempt_that_timed_out_is_tried_again),
        cmocka_unit_test(a_failure_goes_the_same_way_whenever_the_process_dies),
    };

    tdh_log_setup(TDH_LOG_OFF, TDH_LOG_TEXT, 2);
    return cmocka_run_group_tests_name("run recover", tests, NULL, NULL);
}
