/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sync: two and three stores that save, are synchronised, are cut in the middle, and are held
 * against a model in which a version is a bit and what it comes from a set of bits.
 */
#include "fake_store.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "agent/agent.h"
#include "base/json.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { STORES = 3, HERE = 0, THERE = 1 };

struct bed {
    struct tdh_runtime *runtime;
    struct fake_disk *disks[STORES];
    struct tdh_store *stores[STORES];
    void (*fn)(struct bed *bed);
    json_t *report;
    struct td_err err;
};

static void run_fn(void *arg)
{
    struct bed *bed = arg;

    bed->fn(bed);
}

static void run(void (*fn)(struct bed *bed))
{
    struct tdh_runtime_options options = { .workers = 1, .blocking_threads = 1 };
    struct bed bed = { .fn = fn };

    bed.runtime = tdh_runtime_new(&options, &bed.err);
    for (int i = 0; i < STORES; i++) {
        bed.disks[i] = fake_disk_new();
        bed.stores[i] = fake_store_open(bed.runtime, bed.disks[i], false);
    }
    assert_int_equal(tdh_runtime_run(bed.runtime, run_fn, &bed, &bed.err), 0);
    for (int i = 0; i < STORES; i++)
        tdh_store_close(bed.stores[i]);
    tdh_runtime_free(bed.runtime);
    for (int i = 0; i < STORES; i++)
        fake_disk_free(bed.disks[i]);
    json_decref(bed.report);
}

/* Forgets all that the stores hold. */
static void begin_anew(struct bed *bed)
{
    for (int i = 0; i < STORES; i++) {
        tdh_store_close(bed->stores[i]);
        fake_disk_free(bed->disks[i]);
        bed->disks[i] = fake_disk_new();
        bed->stores[i] = fake_store_open(bed->runtime, bed->disks[i], false);
    }
}

/* --- saving and looking --- */

static void save(struct bed *bed, int at, const json_t *state, unsigned keep)
{
    struct tdh_states states;
    struct tdh_state_new version = {
        .state = state,
        .version = 1,
        .plugin = "p",
        .plugin_version = "1.0.0",
        .why = "saved",
        .keep = keep,
    };

    assert_int_equal(tdh_states_read(bed->stores[at], "a", &states, &bed->err), 0);
    version.parent = tdh_json_str(tdh_states_newest(&states), "id", NULL);
    assert_int_equal(tdh_states_add(bed->stores[at], &states, &version, NULL, &bed->err), 0);
    tdh_states_end(&states);
}

static void save_text(struct bed *bed, int at, const char *text)
{
    json_t *state = json_loads(text, 0, NULL);

    save(bed, at, state, TDH_STATES_KEEP_MAX);
    json_decref(state);
}

/* The newest state, and its number if that is wanted. new; NULL: there is none. */
static json_t *newest(struct bed *bed, int at, char id[static TDH_STATE_ID])
{
    struct tdh_states states;
    const json_t *note;
    json_t *state = NULL;

    assert_int_equal(tdh_states_read(bed->stores[at], "a", &states, &bed->err), 0);
    note = tdh_states_newest(&states);
    snprintf(id, TDH_STATE_ID, "%s", note != NULL ? tdh_json_str(note, "id", "") : "");
    if (note != NULL)
        assert_int_equal(tdh_states_get(bed->stores[at], &states, note, &state, &bed->err), 0);
    tdh_states_end(&states);
    return state;
}

/* As text; free(). */
static char *newest_text(struct bed *bed, int at)
{
    char id[TDH_STATE_ID];
    json_t *state = newest(bed, at, id);
    char *text = state != NULL ? json_dumps(state, JSON_COMPACT | JSON_SORT_KEYS) : strdup("-");

    json_decref(state);
    return text;
}

static void assert_newest(struct bed *bed, int at, const char *want)
{
    char *text = newest_text(bed, at);

    assert_string_equal(text, want);
    free(text);
}

/* Is there a version with that state, which can be read? */
static bool holds(struct bed *bed, int at, const char *id)
{
    struct tdh_states states;
    const json_t *note;
    json_t *state = NULL;
    bool is_there;

    assert_int_equal(tdh_states_read(bed->stores[at], "a", &states, &bed->err), 0);
    note = tdh_states_find(&states, id, &bed->err);
    is_there =
        note != NULL && tdh_states_get(bed->stores[at], &states, note, &state, &bed->err) == 0;
    json_decref(state);
    tdh_states_end(&states);
    return is_there;
}

static int sync_of(struct bed *bed, int here, int there, const struct tdh_sync *sync)
{
    json_decref(bed->report);
    bed->report = NULL;
    return tdh_states_sync(bed->stores[here], bed->stores[there], "a", sync, &bed->report,
                           &bed->err);
}

static int sync_plain(struct bed *bed, int here, int there, enum tdh_sync_choice choice)
{
    const struct tdh_sync sync = { .conflict = choice, .keep = TDH_STATES_KEEP_MAX };

    return sync_of(bed, here, there, &sync);
}

static const char *told(const struct bed *bed, const char *key)
{
    return tdh_json_str(bed->report, key, "-");
}

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

static void prepare(struct bed *bed, size_t row)
{
    begin_anew(bed);
    if (rows[row].both != NULL) {
        save_text(bed, HERE, rows[row].both);
        assert_int_equal(sync_plain(bed, HERE, THERE, TDH_SYNC_ASK), 0);
    }
    if (rows[row].here != NULL)
        save_text(bed, HERE, rows[row].here);
    if (rows[row].there != NULL)
        save_text(bed, THERE, rows[row].there);
}

static struct tdh_sync sync_of_row(size_t row)
{
    struct tdh_sync sync = rows[row].sync;

    sync.keep = TDH_STATES_KEEP_MAX;
    return sync;
}

static void try_rows(struct bed *bed)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct tdh_sync sync = sync_of_row(i);
        char ours[TDH_STATE_ID], theirs[TDH_STATE_ID];

        prepare(bed, i);
        json_decref(newest(bed, HERE, ours));
        json_decref(newest(bed, THERE, theirs));
        assert_int_equal(sync_of(bed, HERE, THERE, &sync), rows[i].failure != NULL ? -1 : 0);
        if (rows[i].failure != NULL)
            assert_non_null(strstr(bed->err.text, rows[i].failure));
        else
            assert_string_equal(told(bed, "relation"), rows[i].relation);
        assert_newest(bed, HERE, rows[i].want_here);
        assert_newest(bed, THERE, rows[i].want_there);
        assert_true(ours[0] == '\0' || holds(bed, HERE, ours));
        assert_true(theirs[0] == '\0' || holds(bed, THERE, theirs));
        if (rows[i].failure == NULL && strcmp(rows[i].relation, "conflict") == 0 && !sync.is_dry)
            assert_true(holds(bed, sync.way == TDH_SYNC_PUSH ? THERE : HERE, told(bed, "aside")));
    }
}

static void each_relation_and_policy_ends_as_it_says(void **state)
{
    (void)state;
    run(try_rows);
}

/* --- again --- */

static void try_again(struct bed *bed)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct tdh_sync sync = sync_of_row(i);
        unsigned commits;

        if (rows[i].failure != NULL || sync.is_dry || sync.way != TDH_SYNC_BOTH)
            continue;
        prepare(bed, i);
        assert_int_equal(sync_of(bed, HERE, THERE, &sync), 0);
        commits = bed->disks[HERE]->tried + bed->disks[THERE]->tried;
        assert_int_equal(sync_plain(bed, HERE, THERE, TDH_SYNC_ASK), 0);
        assert_int_equal(sync_plain(bed, THERE, HERE, TDH_SYNC_ASK), 0);
        assert_string_equal(told(bed, "relation"), i == 0 ? "none" : "same");
        assert_int_equal(bed->disks[HERE]->tried + bed->disks[THERE]->tried, commits);
    }
}

static void what_is_synchronised_is_not_written_again(void **state)
{
    (void)state;
    run(try_again);
}

/* --- cut in the middle --- */

/* The process dies when the disk of `at` is asked for its next commit; then it is done again. */
static void cut(struct bed *bed, size_t row, int at)
{
    const struct tdh_sync sync = sync_of_row(row);
    char want[TDH_STATE_ID], got[TDH_STATE_ID];

    prepare(bed, row);
    bed->disks[at]->is_full = true;
    if (sync_of(bed, HERE, THERE, &sync) == 0)
        return; /* it had nothing to write there */
    bed->disks[at]->is_full = false;
    for (int i = 0; i < 2; i++) {
        tdh_store_close(bed->stores[i]);
        bed->stores[i] = fake_store_open(bed->runtime, bed->disks[i], false);
    }
    assert_int_equal(sync_of(bed, HERE, THERE, &sync), 0);
    assert_newest(bed, HERE, rows[row].want_here);
    assert_newest(bed, THERE, rows[row].want_there);
    json_decref(newest(bed, HERE, want));
    json_decref(newest(bed, THERE, got));
    if (sync.way == TDH_SYNC_BOTH)
        assert_string_equal(got, want);
}

static void cut_all(struct bed *bed)
{
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int at = 0; rows[i].failure == NULL && at < 2; at++)
            cut(bed, i, at);
}

static void one_that_is_cut_and_repeated_ends_the_same(void **state)
{
    (void)state;
    run(cut_all);
}

/* --- somebody saves meanwhile --- */

struct meddler {
    struct bed *bed;
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
        save_text(meddler->bed, HERE, meddler->text);
    }
    return 0;
}

static void disturb(struct bed *bed)
{
    struct meddler meddler = { bed, 1, "{\"a\":7,\"b\":0}" };
    const struct tdh_sync sync = {
        .conflict = TDH_SYNC_MERGE, .keep = TDH_STATES_KEEP_MAX, .try = meddle, .arg = &meddler
    };

    save_text(bed, HERE, BASE);
    assert_int_equal(sync_plain(bed, HERE, THERE, TDH_SYNC_ASK), 0);
    save_text(bed, THERE, "{\"a\":0,\"b\":3}");
    assert_int_equal(sync_of(bed, HERE, THERE, &sync), 0);
    assert_newest(bed, HERE, "{\"a\":7,\"b\":3}");
    assert_newest(bed, THERE, "{\"a\":7,\"b\":3}");
    save_text(bed, THERE, "{\"a\":7,\"b\":4}");
    meddler = (struct meddler){ bed, 100, "{\"a\":8,\"b\":3}" };
    assert_int_equal(sync_of(bed, HERE, THERE, &sync), -1);
    assert_int_equal(bed->err.code, TD_E_UNAVAILABLE);
}

static void who_saves_meanwhile_is_not_written_over(void **state)
{
    (void)state;
    run(disturb);
}

static int refuse(void *arg, const json_t *note, const json_t *state, struct td_err *err)
{
    (void)arg;
    (void)note;
    (void)state;
    return td_fail(err, TD_E_INVAL, "its plugin does not take it");
}

static void reject(struct bed *bed)
{
    const struct tdh_sync sync = { .keep = TDH_STATES_KEEP_MAX, .try = refuse };

    save_text(bed, HERE, BASE);
    assert_int_equal(sync_of(bed, HERE, THERE, &sync), 0); /* nothing is to be taken here */
    save_text(bed, THERE, "{\"a\":1}");
    assert_int_equal(sync_of(bed, HERE, THERE, &sync), -1);
    assert_string_equal(bed->err.text, "its plugin does not take it");
    assert_newest(bed, HERE, BASE);
}

static void what_the_plugin_does_not_take_does_not_become_the_newest(void **state)
{
    (void)state;
    run(reject);
}

/* --- when few versions are kept --- */

static void save_many(struct bed *bed, int at, int from)
{
    for (int i = from; i < from + 20; i++) {
        json_t *state = json_pack("{s:i, s:i}", "a", i, "b", 0);

        save(bed, at, state, 3);
        json_decref(state);
    }
}

static void forget_much(struct bed *bed)
{
    const struct tdh_sync merge = { .conflict = TDH_SYNC_MERGE, .keep = 3 };

    save_text(bed, HERE, BASE);
    assert_int_equal(sync_of(bed, HERE, THERE, &merge), 0);
    for (int i = 0; i < 3; i++) {
        save_many(bed, HERE, 100 * i + 1);
        assert_int_equal(sync_of(bed, HERE, THERE, &merge), 0);
        assert_string_equal(told(bed, "relation"), "ahead");
    }
    save_many(bed, HERE, 1000);
    save_text(bed, THERE, "{\"a\":220,\"b\":5}");
    assert_int_equal(sync_of(bed, HERE, THERE, &merge), 0);
    assert_string_equal(told(bed, "relation"), "conflict");
    assert_newest(bed, THERE, "{\"a\":1019,\"b\":5}");
    assert_true(bed->disks[HERE]->record_count < 10);
}

static void what_both_had_last_is_kept_however_much_is_saved_since(void **state)
{
    (void)state;
    run(forget_much);
}

static void damage(struct bed *bed)
{
    char first[TDH_STATE_ID], key[64];

    save_text(bed, HERE, BASE);
    json_decref(newest(bed, HERE, first));
    save_text(bed, HERE, "{\"a\":1}");
    snprintf(key, sizeof(key), "a/%s", first);
    assert_int_equal(
        tdh_store_delete(bed->stores[HERE], "agent.state.saved", key, TD_VERSION_ANY, &bed->err),
        0);
    assert_int_equal(sync_plain(bed, HERE, THERE, TDH_SYNC_ASK), 0);
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(bed->report, "damaged"), 0)), first);
    assert_newest(bed, THERE, "{\"a\":1}");
    json_decref(newest(bed, HERE, first));
    snprintf(key, sizeof(key), "a/%s", first);
    assert_int_equal(
        tdh_store_delete(bed->stores[HERE], "agent.state.saved", key, TD_VERSION_ANY, &bed->err),
        0);
    assert_int_equal(sync_plain(bed, HERE, 2, TDH_SYNC_ASK), -1);
    assert_int_equal(bed->err.code, TD_E_CORRUPT);
    assert_newest(bed, 2, "-");
}

static void what_is_damaged_is_not_copied_and_told(void **state)
{
    (void)state;
    run(damage);
}

/* --- random histories --- */

/* What the model knows of a store: the versions that its newest comes from, as bits; 0: none. */
struct model {
    uint64_t line[STORES];
    uint64_t head[STORES]; /* the newest; of two with one state the later counts for both */
    int text[STORES];      /* of the newest state; no two saves have the same */
    int time[STORES];
    unsigned versions;
    int now;
};

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void model_new(struct model *model, int at, uint64_t from, int text)
{
    model->head[at] = (uint64_t)1 << model->versions++;
    model->line[at] = from | model->head[at];
    model->text[at] = text;
    model->time[at] = ++model->now;
}

static void model_copy(struct model *model, int from, int to)
{
    model->line[to] = model->line[from];
    model->head[to] = model->head[from];
    model->text[to] = model->text[from];
    model->time[to] = model->time[from];
}

static const char *model_relation(const struct model *model, int here, int there)
{
    bool is_ahead = model->line[here] != 0 &&
                    (model->line[here] & model->head[there]) == model->head[there],
         is_behind = model->line[there] != 0 &&
                     (model->line[there] & model->head[here]) == model->head[here];

    if (model->head[here] == model->head[there])
        return model->head[here] != 0 ? "same" : "none";
    return is_ahead ? "ahead" : is_behind ? "behind" : "conflict";
}

static void model_sync(struct model *model, int here, int there, const struct tdh_sync *sync)
{
    const char *relation = model_relation(model, here, there);
    bool may[2] = { sync->way != TDH_SYNC_PUSH, sync->way != TDH_SYNC_PULL };

    if (strcmp(relation, "ahead") == 0 && may[THERE])
        model_copy(model, here, there);
    if (strcmp(relation, "behind") == 0 && may[HERE])
        model_copy(model, there, here);
    if (strcmp(relation, "conflict") == 0) {
        struct model made = *model;
        int winner = sync->conflict == TDH_SYNC_OURS          ? here
                     : sync->conflict == TDH_SYNC_THEIRS      ? there
                     : model->time[here] > model->time[there] ? here
                                                              : there;

        if (model->text[here] != model->text[there]) {
            model_new(&made, here, made.line[here] | made.line[there], made.text[winner]);
        } else { /* the same state: the later one counts, and knows the other from now on */
            winner = model->time[here] > model->time[there] ? here : there;
            model_copy(&made, winner, here);
            made.line[here] |= model->line[here] | model->line[there];
        }
        if (may[THERE])
            model_copy(&made, here, there);
        if (!may[HERE]) {
            made.line[here] = model->line[here];
            made.head[here] = model->head[here];
            made.text[here] = model->text[here];
            made.time[here] = model->time[here];
        }
        *model = made;
    }
}

static void assert_as_model(struct bed *bed, const struct model *model)
{
    for (int at = 0; at < STORES; at++) {
        char want[32];

        snprintf(want, sizeof(want), "{\"n\":%d}", model->text[at]);
        assert_newest(bed, at, model->line[at] != 0 ? want : "-");
    }
}

static void random_step(struct bed *bed, struct model *model, uint64_t *seed, int step)
{
    int here = (int)(next_random(seed) % STORES), there = (here + 1) % STORES;
    struct tdh_sync sync = { .way = (enum tdh_sync_way)(next_random(seed) % 3),
                             .conflict = (enum tdh_sync_choice)(1 + next_random(seed) % 3),
                             .keep = TDH_STATES_KEEP_MAX };
    char text[32];

    if (next_random(seed) % 2 == 0) {
        snprintf(text, sizeof(text), "{\"n\":%d}", step);
        save_text(bed, here, text);
        model_new(model, here, model->line[here], step);
        return;
    }
    if (next_random(seed) % 2 == 0)
        there = (here + 2) % STORES;
    snprintf(text, sizeof(text), "%s", model_relation(model, here, there));
    assert_int_equal(sync_of(bed, here, there, &sync), 0);
    assert_string_equal(told(bed, "relation"), text);
    model_sync(model, here, there, &sync);
    assert_as_model(bed, model);
}

static void random_history(struct bed *bed, uint64_t seed)
{
    struct model model = { 0 };
    char ids[STORES][TDH_STATE_ID];

    begin_anew(bed);
    for (int step = 1; step <= 24; step++)
        random_step(bed, &model, &seed, step);
    for (int i = 0; i < 2 * STORES; i++)
        assert_int_equal(sync_plain(bed, i % STORES, (i + 1) % STORES, TDH_SYNC_NEWEST), 0);
    for (int at = 0; at < STORES; at++)
        json_decref(newest(bed, at, ids[at]));
    assert_string_equal(ids[0], ids[1]);
    assert_string_equal(ids[1], ids[2]);
}

static void random_histories(struct bed *bed)
{
    const char *said = getenv("SEED");
    uint64_t seed = said != NULL ? strtoull(said, NULL, 10) : 1;

    for (uint64_t i = 0; i < (said != NULL ? 1 : 300); i++) {
        print_message("SEED=%llu\n", (unsigned long long)(seed + i));
        random_history(bed, (seed + i) * UINT64_C(0x9e3779b97f4a7c15));
    }
}

static void random_histories_of_three_stores_are_as_in_the_model_and_come_together(void **state)
{
    (void)state;
    run(random_histories);
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
        cmocka_unit_test(random_histories_of_three_stores_are_as_in_the_model_and_come_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
