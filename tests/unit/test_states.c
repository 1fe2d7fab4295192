/* SPDX-License-Identifier: Apache-2.0 */
/*
 * states: versions of an agent's state in a store that forgets, fills up, and is changed behind
 * its back.
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

struct bed {
    struct fake_disk *disk;
    struct tdh_store *store;
    void (*fn)(struct bed *bed);
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
    struct bed bed = { .disk = fake_disk_new(), .fn = fn };
    struct tdh_runtime *runtime = tdh_runtime_new(&options, &bed.err);

    bed.store = fake_store_open(runtime, bed.disk, false);
    assert_int_equal(tdh_runtime_run(runtime, run_fn, &bed, &bed.err), 0);
    tdh_store_close(bed.store);
    tdh_runtime_free(runtime);
    fake_disk_free(bed.disk);
}

static void read_list(struct bed *bed, struct tdh_states *states)
{
    assert_int_equal(tdh_states_read(bed->store, "a", states, &bed->err), 0);
}

/* Adds {n: number} behind the newest, or aside. Its number is written to id. */
static int add(struct bed *bed, struct tdh_states *states, int number, bool is_aside, unsigned keep,
               char id[static TDH_STATE_ID])
{
    json_t *state = json_pack("{s:i}", "n", number);
    const json_t *newest = tdh_states_newest(states), *note;
    const struct tdh_state_new version = {
        .state = state,
        .version = 1,
        .plugin = "p",
        .plugin_version = "1.0.0",
        .why = "saved",
        .parent = tdh_json_str(newest, "id", NULL),
        .is_aside = is_aside,
        .keep = keep,
    };
    int rc = tdh_states_add(bed->store, states, &version, &note, &bed->err);

    if (rc == 0)
        snprintf(id, TDH_STATE_ID, "%s", tdh_json_str(note, "id", ""));
    json_decref(state);
    return rc;
}

static void add_well(struct bed *bed, int number, bool is_aside, unsigned keep,
                     char id[static TDH_STATE_ID])
{
    struct tdh_states states;

    read_list(bed, &states);
    assert_int_equal(add(bed, &states, number, is_aside, keep, id), 0);
    tdh_states_end(&states);
}

static size_t count(struct bed *bed)
{
    struct tdh_states states;
    size_t length;

    read_list(bed, &states);
    length = json_array_size(json_object_get(states.list, "versions"));
    tdh_states_end(&states);
    return length;
}

/* The number in the state of that version; -1: err. */
static int value_of(struct bed *bed, const char *word)
{
    struct tdh_states states;
    const json_t *note;
    json_t *state;
    int value = -1;

    read_list(bed, &states);
    note = tdh_states_find(&states, word, &bed->err);
    if (note != NULL && tdh_states_get(bed->store, &states, note, &state, &bed->err) == 0) {
        value = (int)json_integer_value(json_object_get(state, "n"));
        json_decref(state);
    }
    tdh_states_end(&states);
    return value;
}

/* --- the tree --- */

static void grow(struct bed *bed)
{
    char first[TDH_STATE_ID], second[TDH_STATE_ID], aside[TDH_STATE_ID], start[6];
    struct tdh_states states;

    add_well(bed, 1, false, 10, first);
    add_well(bed, 2, false, 10, second);
    add_well(bed, 3, true, 10, aside);
    assert_int_equal(value_of(bed, "newest"), 2);
    assert_int_equal(value_of(bed, first), 1);
    assert_int_equal(value_of(bed, aside), 3);
    snprintf(start, sizeof(start), "%.5s", aside);
    assert_int_equal(value_of(bed, start), 3);
    read_list(bed, &states);
    assert_string_equal(tdh_json_str(tdh_states_newest(&states), "parent", ""), first);
    assert_int_equal(json_integer_value(json_object_get(tdh_states_newest(&states), "size")), 7);
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(tdh_states_newest(&states), "keys"), 0)),
        "n");
    tdh_states_end(&states);
    assert_int_equal(value_of(bed, "beef"), -1);
    assert_string_equal(bed->err.text, "the state of agent \"a\" has no version \"beef\"");
}

static void versions_form_a_tree_and_one_is_the_newest(void **state)
{
    (void)state;
    run(grow);
}

/* --- two at once --- */

static void race(struct bed *bed)
{
    struct tdh_states one, other;
    char id[TDH_STATE_ID], lost[TDH_STATE_ID];

    add_well(bed, 1, false, 10, id);
    read_list(bed, &one);
    read_list(bed, &other);
    assert_int_equal(add(bed, &one, 2, false, 10, id), 0);
    assert_int_equal(add(bed, &other, 3, false, 10, lost), -1);
    assert_int_equal(bed->err.code, TD_E_CONFLICT);
    tdh_states_end(&one);
    tdh_states_end(&other);
    assert_int_equal(value_of(bed, "newest"), 2);
    assert_int_equal(count(bed), 2);
}

static void of_two_hosts_that_add_at_once_one_is_told(void **state)
{
    (void)state;
    run(race);
}

/* --- what goes --- */

static void crowd(struct bed *bed)
{
    char id[TDH_STATE_ID], aside[TDH_STATE_ID], last[TDH_STATE_ID];

    for (int i = 1; i <= 9; i++)
        add_well(bed, i, false, 3, i == 9 ? last : id);
    assert_int_equal(count(bed), 3);
    assert_int_equal(bed->disk->record_count, 4); /* the list, and theirs */
    for (int i = 0; i < 9; i++)
        add_well(bed, 100 + i, true, 3, aside);
    assert_int_equal(count(bed), 6); /* what is aside takes nobody's place */
    assert_int_equal(value_of(bed, "newest"), 9);
    assert_int_equal(value_of(bed, aside), 108);
    add_well(bed, 10, false, 1, id);
    assert_int_equal(count(bed), 2);
    assert_int_equal(value_of(bed, last), -1);
}

static void so_many_are_kept_and_never_the_newest_goes(void **state)
{
    (void)state;
    run(crowd);
}

/* Makes all versions in the list old. */
static void age(struct bed *bed)
{
    struct tdh_states states;
    json_t *note;
    size_t i;

    read_list(bed, &states);
    json_array_foreach (json_object_get(states.list, "versions"), i, note)
        json_object_set_new(note, "time_us", json_integer(1000000));
    assert_int_equal(tdh_store_put(bed->store, TDH_STATES_SPACE, "a", states.list, TD_VERSION_ANY,
                                   NULL, &bed->err),
                     0);
    tdh_states_end(&states);
}

static void prune_old(struct bed *bed)
{
    char id[TDH_STATE_ID];
    struct tdh_states states;
    json_t *gone;

    for (int i = 1; i <= 4; i++)
        add_well(bed, i, false, 10, id);
    age(bed);
    read_list(bed, &states);
    assert_int_equal(tdh_states_prune(bed->store, &states, 10, 5000, true, &gone, &bed->err), 0);
    assert_int_equal(json_array_size(gone), 3);
    json_decref(gone);
    assert_int_equal(count(bed), 4);
    assert_int_equal(tdh_states_prune(bed->store, &states, 10, 5000, false, &gone, &bed->err), 0);
    json_decref(gone);
    tdh_states_end(&states);
    assert_int_equal(count(bed), 1);
    assert_int_equal(bed->disk->record_count, 2);
}

static void what_is_too_old_goes_but_the_newest(void **state)
{
    (void)state;
    run(prune_old);
}

/* --- damage --- */

static void change_record(struct bed *bed, const char *id, json_t *value)
{
    char key[64];

    snprintf(key, sizeof(key), "a/%s", id);
    assert_int_equal(
        tdh_store_put(bed->store, "agent.state.saved", key, value, TD_VERSION_ANY, NULL, &bed->err),
        0);
    json_decref(value);
}

static void damage(struct bed *bed)
{
    char first[TDH_STATE_ID], second[TDH_STATE_ID], want[200];

    add_well(bed, 1, false, 10, first);
    add_well(bed, 2, false, 10, second);
    change_record(bed, second, json_pack("{s:{s:i}}", "state", "n", 7));
    assert_int_equal(value_of(bed, "newest"), -1);
    assert_int_equal(bed->err.code, TD_E_CORRUPT);
    snprintf(want, sizeof(want), "version %s of the state of agent \"a\" is damaged: its SHA-256",
             second);
    assert_memory_equal(bed->err.text, want, strlen(want));
    snprintf(want, sizeof(want),
             "\"tdev agent state rollback a %s\" goes back to the one before it", first);
    assert_string_equal(bed->err.hint, want);
    change_record(bed, second, json_object());
    assert_int_equal(value_of(bed, "newest"), -1);
    assert_int_equal(bed->err.code, TD_E_CORRUPT);
    assert_int_equal(value_of(bed, first), 1);
}

static void a_state_that_is_not_what_was_saved_is_told_and_the_one_before_named(void **state)
{
    (void)state;
    run(damage);
}

static void forge(struct bed *bed)
{
    char id[TDH_STATE_ID];

    add_well(bed, 1, false, 10, id);
    age(bed);
    assert_int_equal(value_of(bed, "newest"), -1);
    assert_int_equal(bed->err.code, TD_E_CORRUPT);
    assert_non_null(strstr(bed->err.text, "what is known of it is not what its number says"));
}

static void what_is_known_of_a_version_is_held_against_its_number(void **state)
{
    (void)state;
    run(forge);
}

/* --- a full disk --- */

static void fill(struct bed *bed)
{
    char id[TDH_STATE_ID];
    struct tdh_states states;

    add_well(bed, 1, false, 1, id);
    bed->disk->is_full = true;
    read_list(bed, &states);
    assert_int_equal(add(bed, &states, 2, false, 1, id), -1);
    assert_int_equal(json_array_size(json_object_get(states.list, "versions")), 1);
    assert_int_equal(value_of(bed, "newest"), 1);
    bed->disk->is_full = false;
    assert_int_equal(add(bed, &states, 2, false, 1, id), 0); /* the same list still holds */
    tdh_states_end(&states);
    assert_int_equal(value_of(bed, "newest"), 2);
    assert_int_equal(count(bed), 1);
}

static void a_full_disk_leaves_what_was_there(void **state)
{
    (void)state;
    run(fill);
}

/* --- differences --- */

static void differences_are_told_by_pointer(void **state)
{
    static const struct {
        const char *from, *to, *want;
    } cases[] = {
        { "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", "[]" },
        { "{\"a\":1}", "{\"a\":2}", "[{\"path\":\"/a\",\"from\":1,\"to\":2}]" },
        { "{\"a\":1}", "{\"b\":1}", "[{\"path\":\"/a\",\"from\":1},{\"path\":\"/b\",\"to\":1}]" },
        { "{\"a\":{\"b/c\":[1,2,3]}}", "{\"a\":{\"b/c\":[1,4]}}",
          "[{\"path\":\"/a/b~1c/1\",\"from\":2,\"to\":4},{\"path\":\"/a/b~1c/2\",\"from\":3}]" },
        { "[]", "{}", "[{\"path\":\"\",\"from\":[],\"to\":{}}]" },
        { "{\"a\":null}", "{}", "[{\"path\":\"/a\",\"from\":null}]" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *from = json_loads(cases[i].from, 0, NULL), *to = json_loads(cases[i].to, 0, NULL);
        json_t *diff = tdh_state_diff(from, to);
        char *text = json_dumps(diff, JSON_COMPACT);

        assert_string_equal(text, cases[i].want);
        free(text);
        json_decref(from);
        json_decref(to);
        json_decref(diff);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_form_a_tree_and_one_is_the_newest),
        cmocka_unit_test(of_two_hosts_that_add_at_once_one_is_told),
        cmocka_unit_test(so_many_are_kept_and_never_the_newest_goes),
        cmocka_unit_test(what_is_too_old_goes_but_the_newest),
        cmocka_unit_test(a_state_that_is_not_what_was_saved_is_told_and_the_one_before_named),
        cmocka_unit_test(what_is_known_of_a_version_is_held_against_its_number),
        cmocka_unit_test(a_full_disk_leaves_what_was_there),
        cmocka_unit_test(differences_are_told_by_pointer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
