/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run keep: what is due by a retention, that it goes whole and nothing else does, and that
 * definitions go with the last run, whoever begins one meanwhile.
 */
#include "run_bed.h" /* before cmocka, which makes a macro of "fail" */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <cmocka.h> /* needs what stands above */

#include "run/ended.h"

#define MS INT64_C(1000)
enum { LATER_MAX = 60 };

/* --- the policy --- */

static const struct {
    int64_t done_ms, failed_ms;
    unsigned letter;
    int64_t floor_us, now_us, want_us;
} due_rows[] = {
    { 10, 20, 0, INT64_MAX, 100 * MS, 90 * MS },
    { 10, 20, 1, INT64_MAX, 100 * MS, 80 * MS },
    { 10, 20, 3, INT64_MAX, 100 * MS, INT64_MIN },                   /* by its tag */
    { 0, 20, 0, INT64_MAX, 100 * MS, 100 * MS },                     /* at once */
    { TDH_RETENTION_MS_MAX, 20, 0, INT64_MAX, 100 * MS, INT64_MIN }, /* for ever */
    { 10, 20, 0, 50 * MS, 100 * MS, 50 * MS - 1 },                   /* the newest stay */
    { 10, 20, 0, 95 * MS, 100 * MS, 90 * MS },
    { 10, 20, 0, INT64_MIN, 100 * MS, INT64_MIN }, /* all are among the newest */
};

static void what_is_due_follows_from_age_and_number(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(due_rows) / sizeof(due_rows[0]); i++) {
        const struct tdh_retention retention = { { due_rows[i].done_ms, due_rows[i].failed_ms, 0 },
                                                 0 };
        int64_t got = tdh_retention_due(&retention, due_rows[i].letter, due_rows[i].floor_us,
                                        due_rows[i].now_us);

        if (got != due_rows[i].want_us)
            fail_msg("row %zu: %lld, not %lld", i, (long long)got, (long long)due_rows[i].want_us);
    }
}

static const struct {
    const char *text;
    struct tdh_retention want; /* over 1, 2, 3 ms and 4 */
} own_rows[] = {
    { "{}", { { 1, 2, 3 }, 4 } },
    { "{\"retention\": {}}", { { 1, 2, 3 }, 4 } },
    { "{\"retention\": {\"done\": \"1m\"}}", { { 60000, 2, 3 }, 4 } },
    { "{\"retention\": {\"failed\": 0, \"cancelled\": \"2s\", \"keep\": 0}}",
      { { 1, 0, 2000 }, 0 } },
    { "{\"retention\": {\"done\": \"soon\", \"keep\": -1}}", { { 1, 2, 3 }, 4 } },
};

static void a_workflow_says_otherwise_of_its_own(void **state)
{
    const struct tdh_retention all = { { 1, 2, 3 }, 4 };

    (void)state;
    for (size_t i = 0; i < sizeof(own_rows) / sizeof(own_rows[0]); i++) {
        json_t *text = json_loads(own_rows[i].text, 0, NULL);
        struct tdh_retention own, got;

        tdh_retention_read(text, &own);
        got = tdh_retention_with(&all, &own);
        for (unsigned k = 0; k < TDH_RUN_ENDS; k++)
            assert_int_equal(got.age_ms[k], own_rows[i].want.age_ms[k]);
        assert_int_equal(got.keep, own_rows[i].want.keep);
        json_decref(text);
    }
}

/* --- passes --- */

struct seen {
    unsigned runs, ended, definitions, rows, live;
};

static struct seen look(const struct world *world)
{
    struct seen seen = { 0 };

    for (size_t i = 0; i < world->disk->record_count; i++) {
        const char *space = world->disk->records[i].space;

        seen.runs += strcmp(space, TDH_RUN_SPACE) == 0;
        seen.ended += strcmp(space, TDH_ENDED_SPACE) == 0;
        seen.definitions += strcmp(space, TDH_DEF_SPACE) == 0;
        seen.live += strcmp(space, TDH_LIVE_SPACE) == 0;
    }
    for (size_t i = 0; i < world->disk->row_count; i++)
        seen.rows += world->disk->rows[i].run != 0;
    return seen;
}

static void run_some(struct life *life)
{
    for (unsigned i = 0; i < *(unsigned *)life->arg; i++) {
        struct outcome outcome = { 0 };

        await(begin(life, "[[['call','pure',{}]],[['call','idem',{}]]]"), &outcome);
        assert_int_equal(outcome.status, TDH_RUN_DONE);
        outcome_clear(&outcome);
    }
}

/* A whole pass. Returns what failed. */
static int pass(struct life *life, const struct tdh_retention *retention, bool is_dry,
                struct tdh_kept *ret_kept)
{
    struct td_err err;
    struct tdh_keeper *keeper = tdh_keeper_new(life->engine, is_dry, &err);
    bool is_more = true;
    int rc = 0;

    assert_non_null(keeper);
    while (rc == 0 && is_more)
        rc = tdh_keeper_step(keeper, retention, &is_more, &err);
    *ret_kept = tdh_keeper_told(keeper);
    ret_kept->runs = NULL; /* it goes with the keeper */
    tdh_keeper_free(keeper);
    return rc;
}

static const struct tdh_retention at_once = { { 0, 0, 0 }, 0 };

static void pass_at_once(struct life *life)
{
    struct tdh_kept kept;

    *(int *)life->arg = pass(life, &at_once, false, &kept);
}

static void pass_by_number(struct life *life)
{
    const struct tdh_retention by_number = { { 0, 0, 0 }, 3 };
    struct tdh_kept kept;

    assert_int_equal(pass(life, &by_number, true, &kept), 0);
    assert_int_equal(kept.run_count, 4);
    assert_int_equal(look(life->world).runs, 7);
    assert_int_equal(pass(life, &by_number, false, &kept), 0);
    assert_int_equal(kept.run_count, 4);
    assert_int_equal(kept.definition_count, 0);
    assert_int_equal(look(life->world).runs, 3);
    assert_int_equal(pass(life, &by_number, false, &kept), 0);
    assert_int_equal(kept.run_count, 0);
}

static void the_newest_stay_and_a_dry_pass_takes_nothing(void **state)
{
    struct world *world = *state;
    unsigned count = 7;

    live(world, run_some, &count);
    live(world, pass_by_number, NULL);
}

/* Each run that has a record has its journal. */
static void check_whole(const struct world *world)
{
    for (size_t i = 0; i < world->disk->record_count; i++) {
        const struct fake_record *record = &world->disk->records[i];
        unsigned long long key;
        bool has_rows = false;

        if (strcmp(record->space, TDH_RUN_SPACE) != 0)
            continue;
        assert_int_equal(sscanf(strstr(record->value, "\"key\":\""), "\"key\":\"%llx", &key), 1);
        for (size_t k = 0; k < world->disk->row_count; k++)
            has_rows = has_rows || world->disk->rows[k].run == key;
        assert_true(has_rows);
    }
}

static void a_pass_that_dies_anywhere_leaves_whole_runs_and_the_next_ends_it(void **state)
{
    struct world *world = *state;
    unsigned count = 3, later = 0;
    int rc = -1;

    for (; rc != 0; later++) {
        struct seen seen;
        int again;

        assert_true(later < LATER_MAX);
        live(world, run_some, &count);
        world->disk->allowed = world->disk->commits + later;
        live(world, pass_at_once, &rc);
        world->disk->allowed = 0;
        check_whole(world);
        live(world, pass_at_once, &again);
        assert_int_equal(again, 0);
        seen = look(world);
        assert_int_equal(seen.runs + seen.ended + seen.rows + seen.definitions, 0);
    }
    assert_true(later > 6);
}

/* A store as releases before wrote it. */
static void runs_that_are_not_in_the_list_are_found_once(void **state)
{
    struct world *world = *state;
    unsigned count = 700;
    struct seen seen;
    int rc;

    live(world, run_some, &count);
    for (size_t i = 0; i < world->disk->record_count; i++)
        if (strcmp(world->disk->records[i].space, TDH_ENDED_SPACE) == 0)
            world->disk->records[i].space[4] = 'c'; /* their order stays */
    live(world, pass_at_once, &rc);
    assert_int_equal(rc, 0);
    seen = look(world);
    assert_int_equal(seen.runs + seen.ended + seen.rows + seen.definitions, 0);
}

/* --- definitions --- */

static void prune_and_begin_again(struct life *life)
{
    struct tdh_kept kept;

    for (int i = 0; i < 3; i++) {
        run_some(life);
        assert_int_equal(look(life->world).definitions, 1);
        assert_int_equal(pass(life, &at_once, false, &kept), 0);
        assert_int_equal(kept.run_count, 1);
        assert_int_equal(kept.definition_count, 1);
        assert_int_equal(look(life->world).definitions, 0);
    }
}

static void a_definition_comes_back_with_the_next_run(void **state)
{
    unsigned count = 1;

    live(*state, prune_and_begin_again, &count);
}

static void prune_beside_an_open_run(struct life *life)
{
    struct tdh_run *open = begin(life, "[[['wait','a']]]");
    struct outcome outcome = { 0 };
    struct tdh_kept kept;
    struct td_err err;

    run_some(life);
    assert_int_equal(pass(life, &at_once, false, &kept), 0);
    assert_int_equal(kept.run_count, 2);
    assert_int_equal(kept.definition_count, 0);
    assert_int_equal(look(life->world).live, 1);
    assert_int_equal(tdh_run_signal(open, "a", NULL, &err), 0);
    await(open, &outcome);
    outcome_clear(&outcome);
    assert_int_equal(pass(life, &at_once, false, &kept), 0);
    assert_int_equal(kept.run_count, 1);
    assert_int_equal(kept.definition_count, 1);
}

static void the_definition_of_an_open_run_stays(void **state)
{
    unsigned count = 2;

    live(*state, prune_beside_an_open_run, &count);
}

/* Another process puts the definition again, while the sweep looks at who refers to it. */
static void put_again(void *arg, struct td_op *const *ops, size_t count)
{
    struct world *world = arg;

    for (size_t i = 0; i < count; i++)
        if (ops[i]->kind == TD_OP_PUT && strcmp(ops[i]->space, TDH_CARE_SPACE) == 0 &&
            strcmp(ops[i]->key, "sweep") == 0)
            for (size_t k = 0; k < world->disk->record_count; k++)
                if (strcmp(world->disk->records[k].space, TDH_DEF_SPACE) == 0)
                    world->disk->records[k].version++;
}

static void a_definition_that_is_put_meanwhile_stays(void **state)
{
    struct world *world = *state;
    unsigned count = 1;
    int rc;

    live(world, run_some, &count);
    world->disk->on_commit = put_again;
    world->disk->arg = world;
    live(world, pass_at_once, &rc);
    world->disk->on_commit = NULL;
    assert_int_equal(rc, 0);
    assert_int_equal(look(world).runs, 0);
    assert_int_equal(look(world).definitions, 1);
    live(world, pass_at_once, &rc);
    assert_int_equal(look(world).definitions, 0);
}

static void definitions_stay_while_another_process_lives(void **state)
{
    struct world *world = *state;
    unsigned count = 1;
    char path[256], other[TDH_ID_SIZE];
    int rc, fd;

    live(world, run_some, &count);
    tdh_id_new(other);
    snprintf(path, sizeof(path), "%s/owners/%s.lock", world->state_dir, other);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    live(world, pass_at_once, &rc);
    assert_int_equal(rc, 0);
    assert_int_equal(look(world).runs, 0);
    assert_int_equal(look(world).definitions, 1);
    close(fd);
    live(world, pass_at_once, &rc);
    assert_int_equal(look(world).definitions, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_due_follows_from_age_and_number),
        cmocka_unit_test(a_workflow_says_otherwise_of_its_own),
        WORLD_TEST(the_newest_stay_and_a_dry_pass_takes_nothing),
        WORLD_TEST(a_pass_that_dies_anywhere_leaves_whole_runs_and_the_next_ends_it),
        WORLD_TEST(runs_that_are_not_in_the_list_are_found_once),
        WORLD_TEST(a_definition_comes_back_with_the_next_run),
        WORLD_TEST(the_definition_of_an_open_run_stays),
        WORLD_TEST(a_definition_that_is_put_meanwhile_stays),
        WORLD_TEST(definitions_stay_while_another_process_lives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
