/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sync: two stores that save, are synchronised, are cut in the middle, and are disturbed.
 */
#include "sync_bed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* --- what two states come to --- */

static void a_merge_takes_each_place_from_who_changed_it(void **state)
{
    static const struct {
        const char *base, *ours, *theirs;
        bool tie_ours;
        const char *want, *both;
    } cases[] = {
        { "{\"a\":1,\"b\":1}", "{\"a\":2,\"b\":1}", "{\"a\":1,\"b\":2}", 1, "{\"a\":2,\"b\":2}",
          "[]" },
        { "{\"a\":1}", "{\"a\":2}", "{\"a\":2}", 0, "{\"a\":2}", "[]" },
        { "{\"a\":1}", "{\"a\":2}", "{\"a\":3}", 1, "{\"a\":2}", "[\"/a\"]" },
        { "{\"a\":1}", "{\"a\":2}", "{\"a\":3}", 0, "{\"a\":3}", "[\"/a\"]" },
        { "{\"a\":1,\"b\":1}", "{\"b\":1}", "{\"a\":1,\"b\":2}", 1, "{\"b\":2}", "[]" },
        { "{\"a\":1}", "{}", "{\"a\":2}", 1, "{}", "[\"/a\"]" },
        { "{\"a\":1}", "{}", "{\"a\":2}", 0, "{\"a\":2}", "[\"/a\"]" },
        { "{}", "{\"x\":{\"a\":1}}", "{\"x\":{\"b\":2}}", 1, "{\"x\":{\"a\":1,\"b\":2}}", "[]" },
        { "{\"x\":{\"a~/b\":0,\"c\":0}}", "{\"x\":{\"a~/b\":1,\"c\":0}}",
          "{\"x\":{\"a~/b\":2,\"c\":3}}", 1, "{\"x\":{\"a~/b\":1,\"c\":3}}", "[\"/x/a~0~1b\"]" },
        { "{\"l\":[1]}", "{\"l\":[1,2]}", "{\"l\":[1,3]}", 1, "{\"l\":[1,2]}", "[\"/l\"]" },
        { "{\"n\":null}", "{}", "{\"n\":null}", 1, "{}", "[]" },
        { "{\"a\":1}", "{\"a\":{\"b\":1}}", "{\"a\":[2]}", 0, "{\"a\":[2]}", "[\"/a\"]" },
        { "[1]", "[2]", "[3]", 1, "[2]", "[\"\"]" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *base = json_loads(cases[i].base, 0, NULL),
               *ours = json_loads(cases[i].ours, 0, NULL),
               *theirs = json_loads(cases[i].theirs, 0, NULL), *both = json_array();
        json_t *merged = tdh_state_merge(base, ours, theirs, cases[i].tie_ours, both);
        char *text = json_dumps(merged, JSON_COMPACT | JSON_SORT_KEYS),
             *paths = json_dumps(both, JSON_COMPACT);

        assert_string_equal(text, cases[i].want);
        assert_string_equal(paths, cases[i].both);
        free(text);
        free(paths);
        json_decref(base);
        json_decref(ours);
        json_decref(theirs);
        json_decref(both);
        json_decref(merged);
    }
}

/* --- one synchronisation --- */

#define BASE "{\"a\":0,\"b\":0}"

/* What both had, if anything; what each saved since, in this order of time: here, then there. */
static const struct {
    const char *both, *here, *there;
    struct tdh_sync sync;
    const char *relation, *want_here, *want_there;
    const char *failure; /* NULL: it succeeds */
} rows[] = {
    { NULL, NULL, NULL, { 0 }, "none", "-", "-", NULL },
    { BASE, NULL, NULL, { 0 }, "same", BASE, BASE, NULL },
    { BASE, "{\"a\":1}", NULL, { 0 }, "ahead", "{\"a\":1}", "{\"a\":1}", NULL },
    { BASE, NULL, "{\"a\":1}", { 0 }, "behind", "{\"a\":1}", "{\"a\":1}", NULL },
    { NULL, "{\"a\":1}", NULL, { 0 }, "ahead", "{\"a\":1}", "{\"a\":1}", NULL },
    { NULL, NULL, "{\"a\":1}", { 0 }, "behind", "{\"a\":1}", "{\"a\":1}", NULL },
    { BASE, NULL, "{\"a\":1}", { .way = TDH_SYNC_PUSH }, "behind", BASE, "{\"a\":1}", NULL },
    { BASE, "{\"a\":1}", NULL, { .way = TDH_SYNC_PULL }, "ahead", "{\"a\":1}", BASE, NULL },
    { BASE, "{\"a\":1}", NULL, { .is_dry = true }, "ahead", "{\"a\":1}", BASE, NULL },
    { BASE,
      "{\"a\":1}",
      "{\"a\":2}",
      { 0 },
      NULL,
      "{\"a\":1}",
      "{\"a\":2}",
      "both stores went on from version" },
    { NULL,
      "{\"a\":1}",
      "{\"a\":2}",
      { 0 },
      NULL,
      "{\"a\":1}",
      "{\"a\":2}",
      "the stores have no version in common" },
    { NULL, "{\"a\":1}", "{\"a\":1}", { 0 }, "conflict", "{\"a\":1}", "{\"a\":1}", NULL },
    { BASE,
      "{\"a\":1}",
      "{\"a\":2}",
      { .conflict = TDH_SYNC_NEWEST },
      "conflict",
      "{\"a\":2}",
      "{\"a\":2}",
      NULL },
    { BASE,
      "{\"a\":1}",
      "{\"a\":2}",
      { .conflict = TDH_SYNC_OURS },
      "conflict",
      "{\"a\":1}",
      "{\"a\":1}",
      NULL },
    { BASE,
      "{\"a\":1}",
      "{\"a\":2}",
      { .conflict = TDH_SYNC_THEIRS },
      "conflict",
      "{\"a\":2}",
      "{\"a\":2}",
      NULL },
    { BASE,
      "{\"a\":1}",
      "{\"a\":2}",
      { .conflict = TDH_SYNC_OURS, .is_dry = true },
      "conflict",
      "{\"a\":1}",
      "{\"a\":2}",
      NULL },
    { BASE,
      "{\"a\":1}",
      "{\"a\":2}",
      { .conflict = TDH_SYNC_OURS, .way = TDH_SYNC_PUSH },
      "conflict",
      "{\"a\":1}",
      "{\"a\":1}",
      NULL },
    { BASE,
      "{\"a\":1}",
      "{\"a\":2}",
      { .conflict = TDH_SYNC_OURS, .way = TDH_SYNC_PULL },
      "conflict",
      "{\"a\":1}",
      "{\"a\":2}",
      NULL },
    { BASE,
      "{\"a\":1,\"b\":0}",
      "{\"a\":0,\"b\":2}",
      { .conflict = TDH_SYNC_MERGE },
      "conflict",
      "{\"a\":1,\"b\":2}",
      "{\"a\":1,\"b\":2}",
      NULL },
    { BASE,
      "{\"a\":1,\"b\":5}",
      "{\"a\":0,\"b\":2}",
      { .conflict = TDH_SYNC_MERGE },
      NULL,
      "{\"a\":1,\"b\":5}",
      "{\"a\":0,\"b\":2}",
      "both stores changed \"/b\" since version" },
    { BASE,
      "{\"a\":1,\"b\":5}",
      "{\"a\":0,\"b\":2}",
      { .conflict = TDH_SYNC_MERGE, .tie = TDH_SYNC_NEWEST },
      "conflict",
      "{\"a\":1,\"b\":2}",
      "{\"a\":1,\"b\":2}",
      NULL },
    { BASE,
      "{\"a\":1,\"b\":5}",
      "{\"a\":0,\"b\":2}",
      { .conflict = TDH_SYNC_MERGE, .tie = TDH_SYNC_OURS },
      "conflict",
      "{\"a\":1,\"b\":5}",
      "{\"a\":1,\"b\":5}",
      NULL },
    { NULL,
      "{\"a\":1}",
      "{\"a\":2}",
      { .conflict = TDH_SYNC_MERGE, .tie = TDH_SYNC_OURS },
      NULL,
      "{\"a\":1}",
      "{\"a\":2}",
      "no version that both came from is kept" },
};

static void prepare(struct sync_bed *bed, size_t row)
{
    sync_bed_begin_anew(bed);
    if (rows[row].both != NULL) {
        sync_bed_save_text(bed, HERE, rows[row].both);
        assert_int_equal(sync_bed_sync_plain(bed, HERE, THERE, TDH_SYNC_ASK), 0);
    }
    if (rows[row].here != NULL)
        sync_bed_save_text(bed, HERE, rows[row].here);
    if (rows[row].there != NULL)
        sync_bed_save_text(bed, THERE, rows[row].there);
}

static struct tdh_sync sync_of_row(size_t row)
{
    struct tdh_sync sync = rows[row].sync;

    sync.keep = TDH_STATES_KEEP_MAX;
    return sync;
}

static void try_rows(struct sync_bed *bed)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct tdh_sync sync = sync_of_row(i);
        char ours[TDH_STATE_ID], theirs[TDH_STATE_ID];

        prepare(bed, i);
        json_decref(sync_bed_newest(bed, HERE, ours));
        json_decref(sync_bed_newest(bed, THERE, theirs));
        assert_int_equal(sync_bed_sync_of(bed, HERE, THERE, &sync),
                         rows[i].failure != NULL ? -1 : 0);
        if (rows[i].failure != NULL)
            assert_non_null(strstr(bed->err.text, rows[i].failure));
        else
            assert_string_equal(sync_bed_told(bed, "relation"), rows[i].relation);
        sync_bed_assert_newest(bed, HERE, rows[i].want_here);
        sync_bed_assert_newest(bed, THERE, rows[i].want_there);
        assert_true(ours[0] == '\0' || sync_bed_holds(bed, HERE, ours));
        assert_true(theirs[0] == '\0' || sync_bed_holds(bed, THERE, theirs));
        if (rows[i].failure == NULL && strcmp(rows[i].relation, "conflict") == 0 && !sync.is_dry)
            assert_true(sync_bed_holds(bed, sync.way == TDH_SYNC_PUSH ? THERE : HERE,
                                       sync_bed_told(bed, "aside")));
    }
}

static void each_relation_and_policy_ends_as_it_says(void **state)
{
    (void)state;
    sync_bed_run(try_rows);
}

/* --- again --- */

static void try_again(struct sync_bed *bed)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct tdh_sync sync = sync_of_row(i);
        unsigned commits;

        if (rows[i].failure != NULL || sync.is_dry || sync.way != TDH_SYNC_BOTH)
            continue;
        prepare(bed, i);
        assert_int_equal(sync_bed_sync_of(bed, HERE, THERE, &sync), 0);
        commits = bed->disks[HERE]->tried + bed->disks[THERE]->tried;
        assert_int_equal(sync_bed_sync_plain(bed, HERE, THERE, TDH_SYNC_ASK), 0);
        assert_int_equal(sync_bed_sync_plain(bed, THERE, HERE, TDH_SYNC_ASK), 0);
        assert_string_equal(sync_bed_told(bed, "relation"), i == 0 ? "none" : "same");
        assert_int_equal(bed->disks[HERE]->tried + bed->disks[THERE]->tried, commits);
    }
}

static void what_is_synchronised_is_not_written_again(void **state)
{
    (void)state;
    sync_bed_run(try_again);
}

/* --- cut in the middle --- */

/* The process dies when the disk of `at` is asked for its next commit; then it is done again. */
static void cut(struct sync_bed *bed, size_t row, int at)
{
    const struct tdh_sync sync = sync_of_row(row);
    char want[TDH_STATE_ID], got[TDH_STATE_ID];

    prepare(bed, row);
    bed->disks[at]->is_full = true;
    if (sync_bed_sync_of(bed, HERE, THERE, &sync) == 0)
        return; /* it had nothing to write there */
    bed->disks[at]->is_full = false;
    for (int i = 0; i < 2; i++) {
        tdh_store_close(bed->stores[i]);
        bed->stores[i] = fake_store_open(bed->runtime, bed->disks[i], false);
    }
    assert_int_equal(sync_bed_sync_of(bed, HERE, THERE, &sync), 0);
    sync_bed_assert_newest(bed, HERE, rows[row].want_here);
    sync_bed_assert_newest(bed, THERE, rows[row].want_there);
    json_decref(sync_bed_newest(bed, HERE, want));
    json_decref(sync_bed_newest(bed, THERE, got));
    if (sync.way == TDH_SYNC_BOTH)
        assert_string_equal(got, want);
}

static void cut_all(struct sync_bed *bed)
{
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int at = 0; rows[i].failure == NULL && at < 2; at++)
            cut(bed, i, at);
}

static void one_that_is_cut_and_repeated_ends_the_same(void **state)
{
    (void)state;
    sync_bed_run(cut_all);
}

/* --- somebody saves meanwhile --- */

struct meddler {
    struct sync_bed *bed;
    unsigned times;
    const char *text; /* that is saved */
};

static int meddle(void *arg, const json_t *note, const json_t *state, struct td_err *err)
{
    struct meddler *meddler = arg;

    (void)note;
    (void)err;
    assert_non_null(state);
    if (meddler->times > 0) {
        meddler->times--;
        sync_bed_save_text(meddler->bed, HERE, meddler->text);
    }
    return 0;
}

static void disturb(struct sync_bed *bed)
{
    struct meddler meddler = { bed, 1, "{\"a\":7,\"b\":0}" };
    const struct tdh_sync sync = {
        .conflict = TDH_SYNC_MERGE, .keep = TDH_STATES_KEEP_MAX, .try = meddle, .arg = &meddler
    };

    sync_bed_save_text(bed, HERE, BASE);
    assert_int_equal(sync_bed_sync_plain(bed, HERE, THERE, TDH_SYNC_ASK), 0);
    sync_bed_save_text(bed, THERE, "{\"a\":0,\"b\":3}");
    assert_int_equal(sync_bed_sync_of(bed, HERE, THERE, &sync), 0);
    sync_bed_assert_newest(bed, HERE, "{\"a\":7,\"b\":3}");
    sync_bed_assert_newest(bed, THERE, "{\"a\":7,\"b\":3}");
    sync_bed_save_text(bed, THERE, "{\"a\":7,\"b\":4}");
    meddler = (struct meddler){ bed, 100, "{\"a\":8,\"b\":3}" };
    assert_int_equal(sync_bed_sync_of(bed, HERE, THERE, &sync), -1);
    assert_int_equal(bed->err.code, TD_E_UNAVAILABLE);
}

static void who_saves_meanwhile_is_not_written_over(void **state)
{
    (void)state;
    sync_bed_run(disturb);
}

static int refuse(void *arg, const json_t *note, const json_t *state, struct td_err *err)
{
    (void)arg;
    (void)note;
    (void)state;
    return td_fail(err, TD_E_INVAL, "its plugin does not take it");
}

static void reject(struct sync_bed *bed)
{
    const struct tdh_sync sync = { .keep = TDH_STATES_KEEP_MAX, .try = refuse };

    sync_bed_save_text(bed, HERE, BASE);
    assert_int_equal(sync_bed_sync_of(bed, HERE, THERE, &sync),
                     0); /* nothing is to be taken here */
    sync_bed_save_text(bed, THERE, "{\"a\":1}");
    assert_int_equal(sync_bed_sync_of(bed, HERE, THERE, &sync), -1);
    assert_string_equal(bed->err.text, "its plugin does not take it");
    sync_bed_assert_newest(bed, HERE, BASE);
}

static void what_the_plugin_does_not_take_does_not_become_the_newest(void **state)
{
    (void)state;
    sync_bed_run(reject);
}

/* --- when few versions are kept --- */

static void save_many(struct sync_bed *bed, int at, int from)
{
    for (int i = from; i < from + 20; i++) {
        json_t *state = json_pack("{s:i, s:i}", "a", i, "b", 0);

        sync_bed_save(bed, at, state, 3);
        json_decref(state);
    }
}

static void forget_much(struct sync_bed *bed)
{
    const struct tdh_sync merge = { .conflict = TDH_SYNC_MERGE, .keep = 3 };

    sync_bed_save_text(bed, HERE, BASE);
    assert_int_equal(sync_bed_sync_of(bed, HERE, THERE, &merge), 0);
    for (int i = 0; i < 3; i++) {
        save_many(bed, HERE, 100 * i + 1);
        assert_int_equal(sync_bed_sync_of(bed, HERE, THERE, &merge), 0);
        assert_string_equal(sync_bed_told(bed, "relation"), "ahead");
    }
    save_many(bed, HERE, 1000);
    sync_bed_save_text(bed, THERE, "{\"a\":220,\"b\":5}");
    assert_int_equal(sync_bed_sync_of(bed, HERE, THERE, &merge), 0);
    assert_string_equal(sync_bed_told(bed, "relation"), "conflict");
    sync_bed_assert_newest(bed, THERE, "{\"a\":1019,\"b\":5}");
    assert_true(bed->disks[HERE]->record_count < 10);
}

static void what_both_had_last_is_kept_however_much_is_saved_since(void **state)
{
    (void)state;
    sync_bed_run(forget_much);
}

static void damage(struct sync_bed *bed)
{
    char first[TDH_STATE_ID], key[64];

    sync_bed_save_text(bed, HERE, BASE);
    json_decref(sync_bed_newest(bed, HERE, first));
    sync_bed_save_text(bed, HERE, "{\"a\":1}");
    snprintf(key, sizeof(key), "a/%s", first);
    assert_int_equal(
        tdh_store_delete(bed->stores[HERE], "agent.state.saved", key, TD_VERSION_ANY, &bed->err),
        0);
    assert_int_equal(sync_bed_sync_plain(bed, HERE, THERE, TDH_SYNC_ASK), 0);
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(bed->report, "damaged"), 0)), first);
    sync_bed_assert_newest(bed, THERE, "{\"a\":1}");
    json_decref(sync_bed_newest(bed, HERE, first));
    snprintf(key, sizeof(key), "a/%s", first);
    assert_int_equal(
        tdh_store_delete(bed->stores[HERE], "agent.state.saved", key, TD_VERSION_ANY, &bed->err),
        0);
    assert_int_equal(sync_bed_sync_plain(bed, HERE, 2, TDH_SYNC_ASK), -1);
    assert_int_equal(bed->err.code, TD_E_CORRUPT);
    sync_bed_assert_newest(bed, 2, "-");
}

static void what_is_damaged_is_not_copied_and_told(void **state)
{
    (void)state;
    sync_bed_run(damage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_merge_takes_each_place_from_who_changed_it),
        cmocka_unit_test(each_relation_and_policy_ends_as_it_says),
        cmocka_unit_test(what_is_synchronised_is_not_written_again),
        cmocka_unit_test(one_that_is_cut_and_repeated_ends_the_same),
        cmocka_unit_test(who_saves_meanwhile_is_not_written_over),
        cmocka_unit_test(what_the_plugin_does_not_take_does_not_become_the_newest),
        cmocka_unit_test(what_both_had_last_is_kept_however_much_is_saved_since),
        cmocka_unit_test(what_is_damaged_is_not_copied_and_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
