/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run mail: signals, and those and cancels that come through the store.
 */
#include "run_bed.h" /* before cmocka, which makes a macro of "fail" */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

static void signal_around(struct life *life)
{
    struct tdh_run *run = begin(life, "[[['wait','a'],['wait','b']],[['timer',5]],"
                                      "[['wait','a'],['wait','a']],[['wait','a']]]");
    struct outcome outcome = { 0 };
    json_t *payload = json_string("early");
    struct td_err err;

    assert_int_equal(tdh_run_signal(run, "b", NULL, &err), 0);
    assert_int_equal(tdh_run_signal(run, "a", payload, &err), 0);
    for (int i = 1; i <= 3; i++) {
        json_t *number = json_integer(i);

        assert_int_equal(tdh_run_signal(run, "a", number, &err), 0); /* kept until somebody waits */
        json_decref(number);
    }
    await(run, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    assert_true(output_is(&outcome, "[['early',null],[null],[1,2],[3]]"));
    json_decref(payload);
    outcome_clear(&outcome);
}

static void signals_before_and_after_the_wait_are_taken_in_order(void **state)
{
    live(*state, signal_around, NULL);
}

static void signal_late(struct life *life)
{
    struct tdh_run *run = begin(life, "[]");
    struct outcome outcome = { 0 };
    struct td_err err;

    assert_int_equal(tdh_run_signal(run, "a", NULL, &err), -1);
    assert_int_equal(err.code, TD_E_NOTFOUND);
    await(run, &outcome);
    outcome_clear(&outcome);
}

static void a_run_that_has_ended_takes_no_signal(void **state)
{
    live(*state, signal_late, NULL);
}

static void send_two(struct life *life)
{
    struct tdh_run *run = begin(life, "[[['wait','a']],[['wait','a']]]");
    json_t *one = json_integer(1), *two = json_integer(2);
    struct tdh_message first_message = { .signal = "a", .payload = one };
    struct tdh_message second_message = { .signal = "a", .payload = two };
    char first[TDH_MAIL_KEY], second[TDH_MAIL_KEY];
    struct outcome outcome = { 0 };
    struct td_err err;
    bool is_taken = true;

    assert_int_equal(tdh_run_mail(life->engine, tdh_run_id(run), &first_message, first, &err), 0);
    assert_int_equal(tdh_run_mail(life->engine, tdh_run_id(run), &second_message, second, &err), 0);
    assert_int_equal(tdh_run_mail_is_taken(life->engine, first, &is_taken, &err), 0);
    assert_false(is_taken); /* it is looked for from time to time */
    await(run, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    assert_true(output_is(&outcome, "[[1],[2]]"));
    assert_int_equal(tdh_run_mail_is_taken(life->engine, first, &is_taken, &err), 0);
    assert_true(is_taken);
    outcome_clear(&outcome);
    json_decref(one);
    json_decref(two);
}

static void messages_are_taken_in_their_order(void **state)
{
    live(*state, send_two, NULL);
}

static void send_cancel(struct life *life)
{
    struct tdh_run *run = begin(life, "[[['wait','never']]]");
    struct outcome outcome = { 0 };
    const struct tdh_message cancel = { .kind = TDH_MESSAGE_CANCEL };
    char key[TDH_MAIL_KEY];
    struct td_err err;

    assert_int_equal(tdh_run_mail(life->engine, tdh_run_id(run), &cancel, key, &err), 0);
    await(run, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_CANCELLED);
    outcome_clear(&outcome);
}

static void a_message_may_end_a_run(void **state)
{
    live(*state, send_cancel, NULL);
}

/* --- paused --- */

static void pause_and_go_on(struct life *life)
{
    struct tdh_run *run =
        begin(life, "[[['wait','a']],[['call','idem',1],['call','pure',2],['timer',1]]]");
    struct outcome outcome = { 0 };
    struct td_err err;
    unsigned most;

    tdh_run_pause(run);
    tdh_run_pause(run);
    assert_int_equal(tdh_run_signal(run, "a", NULL, &err), 0); /* what follows is not begun */
    for (int i = 0; i < 100; i++)
        tdh_co_yield();
    assert_int_equal(count_effects(life->world, &most), 0);
    tdh_run_go_on(run);
    await(run, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    assert_int_equal(count_effects(life->world, &most), 1);
    outcome_clear(&outcome);
}

static void a_paused_run_begins_nothing(void **state)
{
    live(*state, pause_and_go_on, NULL);
}

struct paused {
    struct outcome outcome;
    struct tdh_resume resume;
};

static void pause_and_end(struct life *life)
{
    struct tdh_run *run = begin(life, "[[['wait','a']],[['call','ext',1]],[['call','pure',2]]]");
    struct paused *paused = life->arg;
    struct td_err err;

    snprintf(paused->outcome.id, sizeof(paused->outcome.id), "%s", tdh_run_id(run));
    tdh_run_pause(run);
    assert_int_equal(tdh_run_signal(run, "a", NULL, &err), 0);
    for (int i = 0; i < 100; i++)
        tdh_co_yield();
    tdh_run_release(run);
}

static void resume_unasked(struct life *life)
{
    struct paused *paused = life->arg;
    const struct tdh_resume unasked = { 0 };
    struct tdh_run *run;
    struct td_err err;

    assert_int_equal(tdh_run_resume(life->engine, paused->outcome.id, &unasked, &run, &err), 0);
    for (int i = 0; i < 100; i++)
        tdh_co_yield();
    tdh_run_release(run);
}

static void resume_wanted(struct life *life)
{
    struct paused *paused = life->arg;

    paused->resume.is_wanted = true;
    resume_here(life, &paused->resume, &paused->outcome);
}

/* Nothing of it was begun, so nothing of it is in doubt. */
static void a_run_stays_paused_in_the_next_process(void **state)
{
    struct world *world = *state;

    for (size_t snapshot = 1; snapshot < 100000; snapshot += 50000) {
        struct paused paused = { 0 };
        unsigned most;

        world->snapshot_bytes = snapshot;
        json_object_clear(world->effects);
        live(world, pause_and_end, &paused);
        live(world, resume_unasked, &paused);
        assert_int_equal(count_effects(world, &most), 0);
        live(world, resume_wanted, &paused);
        assert_int_equal(paused.outcome.status, TDH_RUN_DONE);
        assert_int_equal(count_effects(world, &most), 1);
        outcome_clear(&paused.outcome);
    }
}

/* --- questions --- */

static void answer_questions(struct life *life)
{
    struct tdh_run *run = begin(life, "[[['ask',{}]],[['ask',{}]]]");
    struct outcome outcome = { 0 };
    json_t *one = json_integer(1), *two = json_integer(2);

    tdh_run_answer(run, 1, one);
    tdh_run_answer(run, 1, one); /* it is answered: this counts for no other */
    tdh_run_answer(run, 99, one);
    tdh_run_answer(run, 2, two);
    await(run, &outcome);
    assert_true(output_is(&outcome, "[[1],[2]]"));
    json_decref(one);
    json_decref(two);
    outcome_clear(&outcome);
}

static void an_answer_counts_for_one_question(void **state)
{
    live(*state, answer_questions, NULL);
}

static bool has_record(const struct fake_disk *disk, const char *space)
{
    for (size_t i = 0; i < disk->record_count; i++)
        if (strcmp(disk->records[i].space, space) == 0)
            return true;
    return false;
}

/* What stands in the store after each commit is the cause or the run, never both or none. */
static void look_at_disk(void *arg, struct td_op *const *ops, size_t count)
{
    struct world *world = arg;
    bool has_cause = has_record(world->disk, "cause"), has_run = has_record(world->disk, "run");

    (void)ops;
    (void)count;
    world->early += has_cause == has_run; /* must stay 0 */
}

static void begin_with_cause(struct life *life)
{
    struct world *world = life->world;
    json_t *input = json_array();
    struct tdh_run_start start = {
        .definition = life->script, .input = input, .cause_space = "cause", .cause = "one"
    };
    struct tdh_run *run;
    struct outcome outcome = { 0 };
    struct td_err err;

    world->disk->on_commit = look_at_disk;
    world->disk->arg = world;
    assert_int_equal(
        tdh_store_put(life->store, "cause", "one", input, TD_VERSION_ABSENT, NULL, &err), 0);
    assert_int_equal(tdh_run_start(life->engine, &start, &run, &err), 0);
    assert_true(has_record(world->disk, "cause"));
    assert_int_equal(tdh_run_wait_begun(run, &err), 0);
    assert_false(has_record(world->disk, "cause"));
    assert_true(has_record(world->disk, "run"));
    await(run, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    world->disk->on_commit = NULL;
    json_decref(input);
    outcome_clear(&outcome);
}

static void a_cause_goes_in_the_commit_that_begins_its_run(void **state)
{
    live(*state, begin_with_cause, NULL);
}

static void begin_on_full_disk(struct life *life)
{
    struct world *world = life->world;
    json_t *input = json_array();
    struct tdh_run_start start = {
        .definition = life->script, .input = input, .cause_space = "cause", .cause = "one"
    };
    struct tdh_run *run;
    struct td_err err;

    assert_int_equal(
        tdh_store_put(life->store, "cause", "one", input, TD_VERSION_ABSENT, NULL, &err), 0);
    world->disk->is_full = true;
    assert_int_equal(tdh_run_start(life->engine, &start, &run, &err), 0);
    assert_int_equal(tdh_run_wait_begun(run, &err), -1);
    assert_int_equal(err.code, TD_E_IO);
    assert_true(has_record(world->disk, "cause"));
    assert_false(has_record(world->disk, "run"));
    tdh_run_release(run);
    world->disk->is_full = false;
    json_decref(input);
}

static void a_run_that_cannot_begin_leaves_its_cause(void **state)
{
    live(*state, begin_on_full_disk, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(signals_before_and_after_the_wait_are_taken_in_order),
        WORLD_TEST(a_run_that_has_ended_takes_no_signal),
        WORLD_TEST(messages_are_taken_in_their_order),
        WORLD_TEST(a_message_may_end_a_run),
        WORLD_TEST(a_paused_run_begins_nothing),
        WORLD_TEST(a_run_stays_paused_in_the_next_process),
        WORLD_TEST(an_answer_counts_for_one_question),
        WORLD_TEST(a_cause_goes_in_the_commit_that_begins_its_run),
        WORLD_TEST(a_run_that_cannot_begin_leaves_its_cause),
    };

    return cmocka_run_group_tests_name("run mail", tests, NULL, NULL);
}
