/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run broken: journals with a row that is not as it was written: at each place of each row, and of
 * the snapshot, a value of each other kind, and none; and rows that are missing, doubled, out of
 * order or of another type. Such a run is refused or parked with a reason, or goes on and gets to
 * an end; it never ends the process, and never goes on with nothing under way.
 *
 * STEP=1 tries all; the default tries every so many, a different part of them for each journal.
 */
#include "journal_bed.h" /* before cmocka, which makes a macro of "fail" */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"

enum { STEP = 11 };
static const size_t SNAPSHOT = SIZE_MAX; /* in place of a row */

struct trial {
    struct world world; /* as it was written */
    char id[TDH_ID_SIZE];
    size_t first;
    uint64_t run; /* its number */
    unsigned step, count, tried, refused, parked;
};

static const char *text_of(const struct trial *trial, const struct world *world, size_t row)
{
    return row == SNAPSHOT ? journal_snapshot(world, trial->id) : world->disk->rows[row].value;
}

static void set_text(const struct trial *trial, struct world *world, size_t row, char *text)
{
    if (row == SNAPSHOT)
        journal_set_snapshot(world, trial->id, text);
    else
        journal_set(world, row, text);
}

static void judge(struct trial *trial, struct world *broken, const char *what, size_t row)
{
    struct resumed resumed;

    journal_resume(broken, trial->id, &resumed);
    if (resumed.is_idle || (resumed.is_refused && resumed.err.text[0] == '\0') ||
        (resumed.is_parked && !resumed.is_refused))
        fail_msg("%s, row %zu: %s: %s", what, row, text_of(trial, broken, row),
                 resumed.is_idle ? "it goes on with nothing under way" : "without a reason");
    trial->tried++;
    trial->refused += resumed.is_refused;
    trial->parked += resumed.is_parked;
    world_end(broken);
}

static bool is_due(struct trial *trial)
{
    return trial->count++ % trial->step == 0;
}

static bool is_row(const struct trial *trial, size_t row)
{
    return trial->world.disk->rows[row].run == trial->run;
}

/* --- another value at each place --- */

static const char *const others[] = {
    "null", "true",  "-1",    "0",  "1",    "4294967295", "9223372036854775807", "1.5",
    "\"\"", "\"x\"", "\"s\"", "[]", "[[]]", "{}",         "{\"$r\": [1, 0]}",    "{\"$r\": [1, 4]}",
};
enum { OTHERS = sizeof(others) / sizeof(others[0]) };

/* The slot of the place with that number, counted down in order; NULL: not reached yet. */
struct slot {
    json_t *holder; /* NULL: the value itself */
    const char *key;
    size_t index;
};

static bool find_slot(json_t *value, unsigned *left, struct slot *slot)
{
    const char *key;
    json_t *member;
    size_t i;

    json_array_foreach (value, i, member) {
        if ((*left)-- == 0) {
            *slot = (struct slot){ value, NULL, i };
            return true;
        }
        if (find_slot(member, left, slot))
            return true;
    }
    json_object_foreach (value, key, member) {
        if ((*left)-- == 0) {
            *slot = (struct slot){ value, key, 0 };
            return true;
        }
        if (find_slot(member, left, slot))
            return true;
    }
    return false;
}

/* other: OTHERS: takes it out. */
static void change(const struct slot *slot, unsigned other)
{
    json_t *value = other < OTHERS ? json_loads(others[other], JSON_DECODE_ANY, NULL) : NULL;

    if (value != NULL && slot->key != NULL)
        json_object_set_new(slot->holder, slot->key, value);
    else if (value != NULL)
        json_array_set_new(slot->holder, slot->index, value);
    else if (slot->key != NULL)
        json_object_del(slot->holder, slot->key);
    else
        json_array_remove(slot->holder, slot->index);
}

/* False when the row has no such place. */
static bool break_place(struct trial *trial, size_t row, unsigned place, unsigned other)
{
    json_t *value = json_loads(text_of(trial, &trial->world, row), JSON_DECODE_ANY, NULL);
    struct slot slot;
    struct world broken;
    bool is_there = find_slot(value, &place, &slot);

    if (is_there && is_due(trial)) {
        change(&slot, other);
        journal_copy(&trial->world, &broken);
        set_text(trial, &broken, row, json_dumps(value, JSON_ENCODE_ANY));
        judge(trial, &broken, other < OTHERS ? others[other] : "nothing", row);
    }
    json_decref(value);
    return is_there;
}

static void break_places(struct trial *trial, size_t row)
{
    bool is_there = true;

    for (unsigned place = 0; is_there; place++)
        for (unsigned other = 0; other <= OTHERS && is_there; other++)
            is_there = break_place(trial, row, place, other);
}

/* --- whole rows --- */

static const char *const texts[] = {
    "",
    "[",
    "null",
    "3",
    "\"x\"",
    "[]",
    "{}",
    "[[]]",
    "[null]",
    "[[\"c\",1,[]]]",
    "[[\"e\",1,\"done\",1]]",
    "[[\"x\",1,2,3]]",
    "[[\"d\",1,1,1,null,[]]]",
    "{\"asks\":[3]}",
    "{\"after\":99999}",
    "{\"after\":1,\"asks\":[3]}",
};

static void break_texts(struct trial *trial, size_t row)
{
    struct world broken;

    for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        journal_copy(&trial->world, &broken);
        set_text(trial, &broken, row, strdup(texts[i]));
        judge(trial, &broken, texts[i], row);
    }
    for (uint32_t type = 0; type < 6 && row != SNAPSHOT; type++) {
        journal_copy(&trial->world, &broken);
        broken.disk->rows[row].type = type;
        judge(trial, &broken, "another type", row);
    }
}

static void swap_texts(struct world *world, size_t a, size_t b)
{
    char *value = world->disk->rows[a].value;
    size_t length = world->disk->rows[a].length;

    world->disk->rows[a].value = world->disk->rows[b].value;
    world->disk->rows[a].length = world->disk->rows[b].length;
    world->disk->rows[b].value = value;
    world->disk->rows[b].length = length;
}

/* The row is another's; it has the text of each later one, and the other way round; it is there
 * twice. */
static void break_order(struct trial *trial, size_t row)
{
    struct world broken;

    journal_copy(&trial->world, &broken);
    broken.disk->rows[row].run = UINT64_MAX;
    judge(trial, &broken, "gone", row);
    for (size_t other = row + 1; other < trial->world.disk->row_count; other++) {
        if (!is_row(trial, other) || !is_due(trial))
            continue;
        journal_copy(&trial->world, &broken);
        swap_texts(&broken, row, other);
        judge(trial, &broken, "swapped", row);
        journal_copy(&trial->world, &broken);
        journal_set(&broken, other, strdup(broken.disk->rows[row].value));
        judge(trial, &broken, "twice", other);
    }
}

/* --- all --- */

static void check_journal(enum journal_kind kind)
{
    const char *step = getenv("STEP");
    struct trial trial = { .step = step != NULL ? (unsigned)atoi(step) : STEP,
                           .count = (unsigned)kind * 3 };
    struct world untouched;

    journal_make(kind, &trial.world, trial.id);
    trial.first = journal_first(&trial.world, trial.id, &trial.run);
    journal_copy(&trial.world, &untouched);
    judge(&trial, &untouched, "as it was", trial.first);
    assert_int_equal(trial.refused, 0);
    assert_int_equal(journal_snapshot(&trial.world, trial.id) != NULL, kind == JOURNAL_SNAPSHOTS);
    if (kind == JOURNAL_SNAPSHOTS) {
        break_places(&trial, SNAPSHOT);
        break_texts(&trial, SNAPSHOT);
    }
    for (size_t row = trial.first; row < trial.world.disk->row_count; row++) {
        if (!is_row(&trial, row))
            continue;
        break_places(&trial, row);
        break_texts(&trial, row);
        break_order(&trial, row);
    }
    print_message("%u broken journals: %u refused, of these %u parked\n", trial.tried,
                  trial.refused, trial.parked);
    assert_in_range(trial.refused, trial.tried / 4, trial.tried);
    world_end(&trial.world);
}

static void a_journal_of_events(void **state)
{
    (void)state;
    check_journal(JOURNAL_EVENTS);
}

static void a_journal_with_snapshots(void **state)
{
    (void)state;
    check_journal(JOURNAL_SNAPSHOTS);
}

static void a_journal_of_a_run_that_is_being_undone(void **state)
{
    (void)state;
    check_journal(JOURNAL_UNDOING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_journal_of_events),
        cmocka_unit_test(a_journal_with_snapshots),
        cmocka_unit_test(a_journal_of_a_run_that_is_being_undone),
    };

    return cmocka_run_group_tests_name("run broken", tests, NULL, NULL);
}
