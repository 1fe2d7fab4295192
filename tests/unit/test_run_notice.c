/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run, told of: what others hear of a run's life is what was asked for, says what it must, and is
 * there exactly when what it tells is durable.
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

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define PURE "[['call','pure',1]]"
#define CHILD "[['run','script',[" PURE "]]]"

/* The n-th notice there is, new; NULL: there are fewer. */
static json_t *notice(const struct world *world, size_t n)
{
    const struct fake_disk *disk = world->disk;
    struct td_err err;

    return n < disk->topic_count
               ? tdh_json_parse(disk->topic[n].value, disk->topic[n].length, "a notice", &err)
               : NULL;
}

/* The names of all of them, each with a blank behind it. */
static void names_of(const struct world *world, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; i < world->disk->topic_count; i++) {
        json_t *row = notice(world, i);
        size_t length = strlen(text);

        snprintf(text + length, size - length, "%s ", tdh_json_str(row, "name", "?"));
        json_decref(row);
    }
}

/* --- which --- */

static const struct {
    unsigned notices;
    const char *announce, *script, *want;
} rows[] = {
    { 0, NULL, "[" PURE "]", "" },
    { 0, "'all'", "[" PURE "]", "started completed " },
    { 0, "['completed']", "[" PURE "]", "completed " },
    { 0, "['failed','cancelled','waiting']", "[" PURE "]", "" },
    { 0, "'all'", "[" PURE ",[['mute']]]", "started failed " },
    { 0, "['failed']", "[[['mute']]]", "failed " },
    { TDH_NOTICE_ALL, NULL, "[" PURE "]", "started completed " },
    { TDH_NOTICE_ALL, "[]", "[" PURE "]", "" },
    { TDH_NOTICE_BIT(TDH_NOTICE_FAILED), NULL, "[" PURE "]", "" },
    { TDH_NOTICE_BIT(TDH_NOTICE_FAILED), NULL, "[[['mute']]]", "failed " },
    { TDH_NOTICE_BIT(TDH_NOTICE_FAILED), "['completed']", "[[['mute']]]", "" },
    { 0, "'all'", "[" CHILD "]", "started started completed completed " },
    { 0, "['waiting']",
      "[[['ask',{'text':'a?'}],['wait','x'],['timer',1],['cancel',0],"
      "['cancel',1]],[['ask',{'text':'b?'}],['cancel',0]]," PURE "]",
      "" },
};

static void only_what_was_asked_for_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct outcome outcome = { 0 };
        struct world world;
        char names[200];

        world_make(&world);
        world.notices = rows[i].notices;
        world.announce = rows[i].announce;
        run_script(&world, rows[i].script, &outcome);
        names_of(&world, names, sizeof(names));
        if (strcmp(names, rows[i].want) != 0)
            fail_msg("row %zu: \"%s\" is told, not \"%s\"", i, names, rows[i].want);
        assert_int_equal(world.told, world.disk->topic_count);
        world_end(&world);
        outcome_clear(&outcome);
    }
}

static void what_is_kept_nowhere_is_not_told(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };

    world->announce = "'all'";
    world->disk->durability = TD_DURABLE_MEMORY;
    run_script(world, "[" PURE "]", &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    assert_int_equal(world->disk->topic_count, 0);
    outcome_clear(&outcome);
}

/* --- what it says --- */

static void a_notice_says_which_run_and_how_it_went(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };
    json_t *started, *child, *ended;
    const json_t *data;

    world->announce = "'all'";
    run_script(world, "[" CHILD "]", &outcome);
    started = notice(world, 0);
    data = json_object_get(started, "data");
    assert_string_equal(tdh_json_str(data, "run", ""), outcome.id);
    assert_string_equal(tdh_json_str(data, "workflow", ""), "script");
    assert_string_equal(tdh_json_str(data, "version", ""), "1.0.0");
    assert_string_equal(tdh_json_str(data, "status", ""), "running");
    assert_non_null(json_object_get(data, "started"));
    assert_null(json_object_get(data, "ended"));
    assert_null(json_object_get(data, "parent"));
    child = notice(world, 1);
    assert_string_equal(tdh_json_str(json_object_get(child, "data"), "parent", ""), outcome.id);
    ended = notice(world, 3);
    data = json_object_get(ended, "data");
    assert_string_equal(tdh_json_str(data, "status", ""), "done");
    assert_non_null(json_object_get(data, "ended"));
    assert_true(json_equal(json_object_get(data, "output"), outcome.output));
    json_decref(started);
    json_decref(child);
    json_decref(ended);
    outcome_clear(&outcome);
}

static void a_failure_is_told_with_its_error(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };
    json_t *ended;

    world->announce = "['failed']";
    run_script(world, "[[['mute']]]", &outcome);
    ended = notice(world, 0);
    assert_string_equal(
        tdh_json_str(json_object_get(json_object_get(ended, "data"), "error"), "text", ""),
        outcome.err.text);
    json_decref(ended);
    outcome_clear(&outcome);
}

static void a_large_output_is_left_in_the_run(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };
    const json_t *data;
    json_t *ended;

    world->announce = "['completed']";
    run_script(world, "[[['call','pure',{'size':20000}]]]", &outcome);
    ended = notice(world, 0);
    data = json_object_get(ended, "data");
    assert_null(json_object_get(data, "output"));
    assert_true(json_integer_value(json_object_get(data, "output_bytes")) > 20000);
    json_decref(ended);
    outcome_clear(&outcome);
}

static void ask_and_cancel(struct life *life)
{
    struct tdh_run *run = begin(life, "[[['ask',{'text':'may I?'}]]]");
    struct outcome *outcome = life->arg;
    struct td_err err;

    assert_int_equal(tdh_run_wait_begun(run, &err), 0);
    tdh_run_cancel(run);
    await(run, outcome);
}

static void a_question_and_a_cancel_are_told(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };
    const json_t *data;
    json_t *asked;
    char names[100];

    world->announce = "'all'";
    live(world, ask_and_cancel, &outcome);
    names_of(world, names, sizeof(names));
    assert_string_equal(names, "started waiting cancelled ");
    asked = notice(world, 1);
    data = json_object_get(asked, "data");
    assert_string_equal(tdh_json_str(data, "step", ""), "s0.0");
    assert_string_equal(tdh_json_str(json_object_get(data, "about"), "text", ""), "may I?");
    json_decref(asked);
    outcome_clear(&outcome);
}

/* --- exactly once --- */

static const char *const crashes[] = {
    "[[['call','known',1]],[['call','known',2]]]",
    "[[['timer',1]],[['call','pure',{'size':300}]],[['call','known',2]],[['call','known',3]]]",
    "[" PURE "]",
};

/* What is durable of the run, and what is told of it, are the same. */
static void check_told(const struct world *world, size_t row, unsigned allowed)
{
    bool has_begun = world->disk->row_count > 0, has_ended = false;
    size_t want;

    for (size_t i = 0; i < world->disk->row_count; i++)
        has_ended = has_ended || strstr(world->disk->rows[i].value, "[\"e\",") != NULL;
    want = (size_t)has_begun + has_ended;
    if (world->disk->topic_count != want)
        fail_msg("script %zu, dies after %u commits: %zu notices, not %zu", row, allowed,
                 world->disk->topic_count, want);
}

static bool die_and_resume(size_t row, unsigned allowed, size_t snapshot_bytes)
{
    struct tdh_resume forced = { .is_forced = true };
    struct outcome outcome = { 0 };
    struct world world;
    char names[100];
    bool has_died;

    world_make(&world);
    world.announce = "'all'";
    world.snapshot_bytes = snapshot_bytes;
    world.disk->allowed = allowed;
    run_script(&world, crashes[row], &outcome);
    has_died = outcome.status != TDH_RUN_DONE;
    check_told(&world, row, allowed);
    world.disk->allowed = 0;
    if (has_died)
        resume_run(&world, &forced, &outcome);
    check_told(&world, row, allowed);
    names_of(&world, names, sizeof(names));
    assert_string_equal(names, "started completed ");
    world_end(&world);
    outcome_clear(&outcome);
    return has_died;
}

static void a_crash_at_any_commit_loses_and_doubles_none(void **state)
{
    (void)state;
    for (size_t row = 0; row < COUNT(crashes); row++) {
        unsigned allowed = 1;

        while (die_and_resume(row, allowed, allowed % 2 * 64))
            allowed++;
        assert_true(allowed > 1);
    }
}

static void what_cannot_be_written_is_not_told(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };

    world->announce = "'all'";
    world->disk->is_full = true;
    run_script(world, "[" PURE "]", &outcome);
    assert_int_equal(outcome.status, TDH_RUN_PARKED);
    assert_int_equal(world->disk->topic_count, 0);
    assert_int_equal(world->told, 0);
    outcome_clear(&outcome);
}

/* --- a chain of starts --- */

static void start_far_down(struct life *life)
{
    struct tdh_run_start start = { .definition = life->script, .hops = 7 };
    struct outcome *outcome = life->arg;
    struct tdh_run *run;
    struct td_err err;

    start.input = json_loads("[[[\"call\",\"known\",{\"die\":true}]],"
                             "[[\"run\",\"script\",[[[\"call\",\"pure\",1]]]]]]",
                             0, NULL);
    assert_int_equal(tdh_run_start(life->engine, &start, &run, &err), 0);
    json_decref(start.input);
    await(run, outcome);
}

static void a_run_and_its_children_know_how_far_down_they_are_also_after_a_crash(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };

    world->announce = "'all'";
    live(world, start_far_down, &outcome);
    resume_run(world, NULL, &outcome);
    assert_int_equal(outcome.status, TDH_RUN_DONE);
    assert_int_equal(world->disk->topic_count, 4);
    for (size_t i = 0; i < 4; i++) {
        json_t *row = notice(world, i);

        assert_int_equal(json_integer_value(json_object_get(row, "hops")), 7);
        json_decref(row);
    }
    outcome_clear(&outcome);
}

/* --- runs made out of runs --- */

static void fork_it(struct life *life)
{
    struct outcome *outcome = life->arg;
    char id[TDH_ID_SIZE];
    struct td_err err;

    await(begin(life, "[[['ask',{'text':'a?'}],['call','pure',1],['cancel',0]]]"), outcome);
    if (tdh_run_fork(life->engine, outcome->id, 1, id, &err) != 0)
        fail_msg("%s", err.text);
}

static void a_fork_tells_that_it_began(void **state)
{
    struct world *world = *state;
    struct outcome outcome = { 0 };
    char names[100];
    json_t *row;

    world->announce = "'all'";
    live(world, fork_it, &outcome);
    names_of(world, names, sizeof(names));
    assert_string_equal(names, "started completed started ");
    row = notice(world, 2);
    assert_string_not_equal(tdh_json_str(row, "run", ""), outcome.id);
    json_decref(row);
    outcome_clear(&outcome);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_was_asked_for_is_told),
        WORLD_TEST(what_is_kept_nowhere_is_not_told),
        WORLD_TEST(a_notice_says_which_run_and_how_it_went),
        WORLD_TEST(a_failure_is_told_with_its_error),
        WORLD_TEST(a_large_output_is_left_in_the_run),
        WORLD_TEST(a_question_and_a_cancel_are_told),
        cmocka_unit_test(a_crash_at_any_commit_loses_and_doubles_none),
        WORLD_TEST(what_cannot_be_written_is_not_told),
        WORLD_TEST(a_run_and_its_children_know_how_far_down_they_are_also_after_a_crash),
        WORLD_TEST(a_fork_tells_that_it_began),
    };

    return cmocka_run_group_tests_name("run notices", tests, NULL, NULL);
}
