/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run budgets: what does not fit does not begin, at whatever moment, in whichever run of a family,
 * after whatever crash; and what was used is known afterwards.
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

#include "base/buf.h"
#include "base/clock.h"
#include "base/err_json.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static json_int_t count_attempts(const struct world *world)
{
    json_int_t count = 0;
    const char *key;
    json_t *value;

    json_object_foreach (world->attempts, key, value)
        count += json_integer_value(value);
    return count;
}

/* What the run's record says it spent, as JSON; the caller's to free. */
struct reading {
    struct outcome *outcome;
    const char *member;
    char *text;
};

static void read_record(struct life *life)
{
    struct reading *reading = life->arg;
    struct td_err err;
    json_t *record;

    assert_int_equal(tdh_runs_record(life->engine, reading->outcome->id, &record, &err), 0);
    reading->text = tdh_json_text(json_object_get(record, reading->member), 0);
    json_decref(record);
}

static void check_record(struct world *world, struct outcome *outcome, const char *member,
                         const char *want)
{
    struct reading reading = { outcome, member, NULL };

    world->disk->allowed = 0;
    live(world, read_record, &reading);
    assert_string_equal(reading.text != NULL ? reading.text : "", want);
    free(reading.text);
}

static size_t count_text(const json_t *value, const char *text)
{
    char *all = tdh_json_text(value, 0);
    size_t count = 0;

    for (const char *at = all; (at = strstr(at, text)) != NULL; at++)
        count++;
    free(all);
    return count;
}

/* --- what begins, and what was spent --- */

#define FIVE(x) x "," x "," x "," x "," x
#define TEN(x) FIVE(x) "," FIVE(x)

static const struct {
    const char *claim, *budget, *script;
    json_int_t attempts;
    const char *spent;
    unsigned refused; /* steps */
} rows[] = {
    { "of a hundred at once, as many begin as may", "{'calls':10}",
      "[[" TEN(TEN("['call','pure',{'ms':1}]")) "]]", 10, "{\"calls\":10}", 90 },
    { "what is reserved counts while it is under way", "{'tokens':10}",
      "[[" TEN("['call','thrift',{'ms':5,'spend':1}]") "]]", 5, "{\"calls\":5,\"tokens\":5}", 5 },
    { "what was not used after all is there for the next", "{'tokens':10}",
      "[" TEN("[['call','thrift',{'spend':1}]]") "]", 9, "{\"calls\":9,\"tokens\":9}", 1 },
    { "fractions add up", "{'tokens':0.3}",
      "[[['call','pure',{'spend':0.1}]],[['call','pure',{'spend':0.2}]],"
      "[['call','pure',{'spend':0.000001}]],[['call','pure',{'spend':9}]]]",
      3, "{\"calls\":3,\"tokens\":0.300001}", 1 },
    { "each attempt is a call", "{'calls':2}", "[[['call','pure',{'fail':3},2]]]", 2,
      "{\"calls\":2}", 1 },
    { "children share what their parent has", "{'calls':3}",
      "[[['run','script',[[['call','pure',1]],[['call','ext',1]]]],"
      "['run','script',[[['call','idem',1]],[['call','pure',1]]]]]]",
      3, "{\"calls\":3}", 1 },
    { "so do theirs", "{'tokens':7}",
      "[[['run','script',[[['run','script',[[['call','grand',{'spend':5}]]]]]]]],"
      "[['call','thrift',{'spend':2}]],[['call','thrift',{'spend':2}]]]",
      2, "{\"calls\":2,\"tokens\":7}", 1 },
};

static void only_what_fits_begins(void **state)
{
    (void)state;
    for (size_t row = 0; row < COUNT(rows); row++) {
        for (unsigned snapshots = 0; snapshots < 2; snapshots++) {
            struct outcome outcome = { 0 };
            struct world world;

            world_make(&world);
            world.budget = rows[row].budget;
            world.snapshot_bytes = snapshots * 64;
            run_script(&world, rows[row].script, &outcome);
            if (count_attempts(&world) != rows[row].attempts)
                fail_msg("%s: %lld attempts, not %lld", rows[row].claim,
                         (long long)count_attempts(&world), (long long)rows[row].attempts);
            assert_int_equal(count_text(outcome.output, "is used up"), rows[row].refused);
            check_record(&world, &outcome, "spent", rows[row].spent);
            assert_int_equal(world.early + world.saves, 0);
            world_end(&world);
            outcome_clear(&outcome);
        }
    }
}

static void the_refusal_says_whose_and_how_much(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };

    world->budget = "{'tokens':2.5}";
    run_script(world, "[[['call','pure',{'spend':2.48}]],[['call','thrift',1]]]", &outcome);
    assert_true(answer_is(&outcome, 1, 0,
                          "{'failed':'budget \\\"tokens\\\" of the run is used up: 2.48 of 2.5 are "
                          "spent, 0 reserved, the step needs up to 2'}"));
    outcome_clear(&outcome);
}

/* --- cut off --- */

static void cancel_soon(struct life *life)
{
    struct outcome *outcome = life->arg;
    struct tdh_run *run = begin(life, "[[['run','script',[[['call','grand',{'ms':60000}]]]]]]");

    while (life->world->running == 0)
        tdh_co_wait(tdh_clock_mono_ns() + 1000000);
    tdh_run_cancel(run);
    await(run, outcome);
}

static void what_is_cut_off_counts_as_it_was_reserved(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };

    live(world, cancel_soon, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_CANCELLED);
    check_record(world, &outcome, "spent", "{\"calls\":1,\"tokens\":5}");
    outcome_clear(&outcome);
}

static const struct {
    const char *budget, *script;
    json_int_t limit;
    size_t snapshot_bytes;
} crashes[] = {
    { "{'calls':4}", "[[['call','pure',1]],[['call','idem',1]],[['call','pure',2]]]", 4, 0 },
    { "{'calls':5}",
      "[[['call','idem',1],['call','pure',2],['call','pure',3]],[['call','pure',4]]]", 5, 0 },
    { "{'calls':5}", "[[['call','idem',{'fail':2},1]],[['call','pure',{'fail':2},1]]]", 5, 0 },
    { "{'tokens':8}",
      "[[['call','thrift',{'spend':2}]],[['call','thrift',{'spend':2}]],"
      "[['call','thrift',{'spend':2}]],[['call','thrift',{'spend':2}]]]",
      4, 0 },
    { "{'calls':4}",
      "[[['run','script',[[['call','pure',1]],[['call','idem',2]]]],['call','pure',3]],"
      "[['call','idem',4]]]",
      4, 0 },
    { "{'calls':4}",
      "[[['run','script',[[['call','pure',{'size':200}]],[['call','idem',{'size':200}]]]]],"
      "[['call','idem',{'size':200,'fail':1},1]],[['call','pure',4]]]",
      4, 64 },
};

static void die_and_go_on(struct world *world, size_t row, unsigned allowed, unsigned more,
                          bool *ret_has_died)
{
    const struct tdh_resume forced = { .is_forced = true };
    struct outcome outcome = { 0 };

    world->disk->allowed = allowed;
    run_script(world, crashes[row].script, &outcome);
    *ret_has_died = outcome.status != TDH_RUN_DONE;
    while (outcome.status != TDH_RUN_DONE && world->disk->commits > 0) {
        world->disk->allowed = world->disk->commits + more++;
        resume_run_until(world, &forced, &outcome);
    }
    outcome_clear(&outcome);
}

static void no_crash_lets_more_begin_than_may(void **state)
{
    (void)state;
    for (size_t row = 0; row < COUNT(crashes); row++) {
        bool has_died = true;

        for (unsigned allowed = 1; has_died; allowed++) {
            struct world world;

            world_make(&world);
            world.budget = crashes[row].budget;
            world.snapshot_bytes = crashes[row].snapshot_bytes;
            die_and_go_on(&world, row, allowed, 1, &has_died);
            if (count_attempts(&world) > crashes[row].limit)
                fail_msg("row %zu, %u commits: %lld began", row, allowed,
                         (long long)count_attempts(&world));
            assert_int_equal(world.early + world.saves, 0);
            world_end(&world);
        }
    }
}

static void a_crash_in_an_attempt_counts_it_once(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };
    const struct tdh_resume retry = { .decision = TDH_DECIDE_RETRY };

    world->budget = "{'tokens':100}";
    run_script(world, "[[['call','grand',{'spend':1,'die':true}]],[['call','thrift',{'spend':1}]]]",
               &outcome);
    world->is_second = true;
    resume_run(world, NULL, &outcome); /* asks a person: nothing is counted yet */
    assert_int_equal(outcome.status, TDH_RUN_IN_DOUBT);
    resume_run(world, NULL, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_IN_DOUBT);
    resume_run(world, &retry, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    check_record(world, &outcome, "spent", "{\"calls\":3,\"tokens\":7}"); /* 5 cut off, 1, 1 */
    outcome_clear(&outcome);
}

static void counting_what_was_cut_off_is_no_progress(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };

    world->budget = "{'calls':100}";
    run_script(world, "[[['call','idem',{'die':true}]]]", &outcome);
    for (int i = 0; i < 5 && outcome.status != TDH_RUN_ORPHANED; i++)
        resume_run(world, NULL, &outcome);
    assert_int_equal(outcome.err.code, TD_E_LIMIT);
    assert_non_null(strstr(outcome.err.text, "ended its process 3 times"));
    outcome_clear(&outcome);
}

/* --- pauses --- */

static void wait_paused(struct life *life, struct tdh_run *run, struct td_err *ret_why)
{
    json_t *record = NULL, *error;
    struct td_err err;
    const char *status = "";

    while (strcmp(status, "paused") != 0) {
        json_decref(record);
        tdh_co_wait(tdh_clock_mono_ns() + 1000000);
        assert_int_equal(tdh_runs_record(life->engine, tdh_run_id(run), &record, &err), 0);
        status = json_string_value(json_object_get(record, "status"));
    }
    error = json_object_get(record, "error");
    assert_non_null(error);
    tdh_err_from_json(error, ret_why);
    json_decref(record);
}

#define PAUSING                                                                                    \
    "[[['call','idem',1]],[['call','ext',2],['run','script',[[['call','ext',3]]]]],[['call',"      \
    "'pure',4]]]"

static void pause_and_leave(struct life *life)
{
    struct outcome *outcome = life->arg;
    struct tdh_run *run = begin(life, PAUSING);

    wait_paused(life, run, &outcome->err);
    snprintf(outcome->id, sizeof(outcome->id), "%s", tdh_run_id(run));
    tdh_run_release(run);
}

static void raise_by_mail(struct life *life)
{
    struct outcome *outcome = life->arg;
    struct tdh_run *run = begin(life, PAUSING);
    json_t *payload = json_pack("{s:{s:f}}", "budget", "calls", 4.0);
    const struct tdh_message message = { .kind = TDH_MESSAGE_GO_ON, .payload = payload };
    char key[TDH_MAIL_KEY];

    wait_paused(life, run, &outcome->err);
    assert_int_equal(tdh_run_mail(life->engine, tdh_run_id(run), &message, key, &outcome->err), 0);
    await(run, outcome);
    json_decref(payload);
}

static void check_raised(struct world *world, struct outcome *outcome)
{
    unsigned most;

    assert_int_equal(outcome->status, TDH_RUN_DONE);
    assert_int_equal(count_text(outcome->output, "failed"), 0);
    assert_int_equal(count_effects(world, &most), 3);
    assert_int_equal(most, 1);
    check_record(world, outcome, "spent", "{\"calls\":4}");
    check_record(world, outcome, "budget", "{\"calls\":4}");
}

static void a_paused_run_says_why_and_goes_on_with_more(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };

    world->budget = "{'calls':2,'on_exhausted':'pause'}";
    live(world, raise_by_mail, &outcome);
    check_raised(world, &outcome);
    outcome_clear(&outcome);
}

/* What was held up has never begun, so it is not in doubt; and the record still says why. */
static void it_stays_paused_in_the_next_process(void **state)
{
    const struct tdh_meters four = { 1, { { "calls", 4 * TDH_METER_UNIT } } };
    const struct tdh_resume more = { .is_wanted = true, .budget = &four };

    (void)state;
    for (unsigned snapshots = 0; snapshots < 2; snapshots++) {
        struct outcome outcome = { 0 };
        struct world world;

        world_make(&world);
        world.budget = "{'calls':2,'on_exhausted':'pause'}";
        world.snapshot_bytes = snapshots;
        live(&world, pause_and_leave, &outcome);
        assert_string_equal(outcome.err.text,
                            "budget \"calls\" of the run is used up: 2 of 2 are spent, 0 "
                            "reserved, the step needs up to 1");
        assert_non_null(strstr(outcome.err.hint, " --budget calls=AMOUNT"));
        resume_run(&world, &more, &outcome);
        check_raised(&world, &outcome);
        assert_int_equal(world.early + world.saves, 0);
        world_end(&world);
        outcome_clear(&outcome);
    }
}

/* --- runs made out of runs --- */

static void fork_behind_the_second(struct life *life)
{
    struct outcome *outcome = life->arg;
    char id[TDH_ID_SIZE];

    if (tdh_run_fork(life->engine, outcome->id, 3, id, &outcome->err) != 0)
        fail_msg("%s", outcome->err.text);
    memcpy(outcome->id, id, sizeof(id));
    resume_here(life, NULL, outcome);
}

/* The start and two steps are taken over, with what they used; the rest is done anew. */
static void a_fork_begins_with_what_it_takes_over(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };

    world->budget = "{'tokens':7}";
    run_script(world,
               "[[['call','pure',{'spend':2}]],[['call','pure',{'spend':1}]],"
               "[['call','thrift',{'spend':2}]],[['call','thrift',{'spend':2}]]]",
               &outcome);
    check_record(world, &outcome, "spent", "{\"calls\":4,\"tokens\":7}");
    live(world, fork_behind_the_second, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    assert_int_equal(count_text(outcome.output, "is used up"), 0);
    assert_int_equal(count_attempts(world), 6);
    check_record(world, &outcome, "spent", "{\"calls\":4,\"tokens\":7}");
    outcome_clear(&outcome);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_fits_begins),
        WORLD_TEST(the_refusal_says_whose_and_how_much),
        WORLD_TEST(what_is_cut_off_counts_as_it_was_reserved),
        cmocka_unit_test(no_crash_lets_more_begin_than_may),
        WORLD_TEST(a_crash_in_an_attempt_counts_it_once),
        WORLD_TEST(counting_what_was_cut_off_is_no_progress),
        WORLD_TEST(a_paused_run_says_why_and_goes_on_with_more),
        cmocka_unit_test(it_stays_paused_in_the_next_process),
        WORLD_TEST(a_fork_begins_with_what_it_takes_over),
    };

    return cmocka_run_group_tests_name("run, budgets", tests, NULL, NULL);
}
