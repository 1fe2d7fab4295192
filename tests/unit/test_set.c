/* SPDX-License-Identifier: Apache-2.0 */
/*
 * set: what is set of an agent besides its file is checked as a whole before it holds, is written
 * only if nobody was faster, is kept with its history, and can be taken back.
 */
#include "life_bed.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/log.h"
#include "fake_store.h"

struct shelf {
    struct fake_disk *disk;
    struct tdh_store *store;
};

static void open_shelf(struct bed *bed, struct shelf *shelf)
{
    shelf->disk = fake_disk_new();
    shelf->store = fake_store_open(bed->runtime, shelf->disk, false);
    bed_agent(bed, "a", "options: {limit: 20}\nconcurrency: 4\n");
}

static void close_shelf(struct shelf *shelf)
{
    tdh_store_close(shelf->store);
    fake_disk_free(shelf->disk);
}

/* Returns the number of changes, or -1 with bed->err. */
static int set(struct bed *bed, struct tdh_store *store, const char *values)
{
    json_t *object = json_loads(values, 0, NULL), *result = NULL;
    int count = -1;

    bed->err = (struct td_err){ 0 };
    assert_non_null(object);
    if (tdh_agents_set(bed->agents, store, "a", object, "test", &result, &bed->err) == 0)
        count = (int)json_array_size(json_object_get(result, "changes"));
    json_decref(object);
    json_decref(result);
    return count;
}

static int roll_back(struct bed *bed, struct tdh_store *store, int number)
{
    json_t *result = NULL;
    int count = -1;

    if (tdh_agents_rollback(bed->agents, store, "a", number, "test", &result, &bed->err) == 0)
        count = (int)json_array_size(json_object_get(result, "changes"));
    json_decref(result);
    return count;
}

/* What the running agent says after all that was set is taken over. */
static json_int_t limit_now(struct bed *bed, struct tdh_store *store)
{
    json_t *output;
    json_int_t limit;

    assert_int_equal(tdh_agents_settings(bed->agents, store, &bed->err), 0);
    tdh_agents_refresh(bed->agents);
    output = bed_call(bed, "a", "count", 0);
    limit = json_integer_value(json_object_get(output, "limit"));
    json_decref(output);
    return limit;
}

static void set_some(struct bed *bed)
{
    struct shelf shelf;

    open_shelf(bed, &shelf);
    assert_int_equal(limit_now(bed, shelf.store), 20);
    assert_int_equal(set(bed, shelf.store, "{\"options.limit\": 30, \"concurrency\": 2}"), 2);
    assert_int_equal(limit_now(bed, shelf.store), 30);
    assert_int_equal(set(bed, shelf.store, "{\"options.limit\": 30}"), 0); /* it is that */
    assert_int_equal(set(bed, shelf.store, "{\"options.limit\": 31}"), 1);
    assert_int_equal(limit_now(bed, shelf.store), 31);
    assert_int_equal(set(bed, shelf.store, "{\"options.limit\": null}"), 1);
    assert_int_equal(limit_now(bed, shelf.store), 20); /* as the file says */
    close_shelf(&shelf);
}

static void what_is_set_goes_before_the_file_until_it_is_unset(void **state)
{
    bed_run(state, "moody", set_some);
}

static void refuse_some(struct bed *bed)
{
    static const struct {
        const char *values, *want;
    } rows[] = {
        { "{\"options.limit\": 100}",
          "nothing has changed: initialization, step 4 of 6 (configure): agent \"a\": option "
          "\"limit\": 100 is not in 1 to 99" },
        { "{\"options.limit\": 30, \"timeout\": \"soon\"}", "agent \"a\": \"timeout\"" },
        { "{\"options.fails\": \"init\"}",
          "nothing has changed: initialization, step 5 of 6 (init): agent \"a\": no mood to init" },
        { "{\"optoins.limit\": 1}",
          "agent \"a\": \"optoins.limit\" cannot be set, did you mean \"options\"" },
        { "{\"options\": {}}",
          "agent \"a\": \"options\" cannot be set as a whole, must be options.NAME" },
        { "{\"plugin\": \"echo\"}", "agent \"a\": \"plugin\" cannot be set" },
        { "{\"pool.max\": 0}", "agent \"a\": \"pool.max\": must be a whole number from 1 to 1000" },
    };
    struct shelf shelf;

    open_shelf(bed, &shelf);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(set(bed, shelf.store, rows[i].values), -1);
        assert_memory_equal(bed->err.text, rows[i].want, strlen(rows[i].want));
    }
    assert_int_equal(shelf.disk->commits, 0); /* nothing was written */
    bed_words(bed);
    assert_int_equal(set(bed, shelf.store, "{\"options.limit\": 30}"), 1);
    assert_string_equal(bed_words(bed), "prepare init verify drop release"); /* only a trial */
    assert_int_equal(limit_now(bed, shelf.store), 30);
    close_shelf(&shelf);
}

static void what_does_not_fit_changes_nothing(void **state)
{
    bed_run(state, "moody", refuse_some);
}

struct setter {
    struct bed *bed;
    struct tdh_store *store;
    int rc;
    struct td_err err;
    bool is_over;
};

static void set_apart(void *arg)
{
    struct setter *setter = arg;
    json_t *values = json_pack("{s:i}", "options.limit", 40), *result = NULL;

    setter->rc = tdh_agents_set(setter->bed->agents, setter->store, "a", values, "other", &result,
                                &setter->err);
    json_decref(values);
    json_decref(result);
    setter->is_over = true;
}

static void set_twice(struct bed *bed)
{
    struct shelf shelf;
    struct setter setter = { .bed = bed };
    int rc;

    open_shelf(bed, &shelf);
    setter.store = shelf.store;
    bed_agent(bed, "a", "options: {limit: 20, wait: 20ms}\n"); /* a trial takes its time */
    assert_int_equal(tdh_co_spawn(set_apart, &setter, NULL, &bed->err), 0);
    tdh_co_yield();
    rc = set(bed, shelf.store, "{\"options.limit\": 30}");
    while (!setter.is_over)
        tdh_co_yield();
    assert_true((rc == 1) != (setter.rc == 0)); /* one of the two */
    if (rc == 1)
        bed->err = setter.err;
    assert_int_equal(bed->err.code, TD_E_CONFLICT);
    assert_string_equal(bed->err.text, "agent \"a\" was set by somebody else meanwhile");
    close_shelf(&shelf);
}

static void of_two_at_once_one_is_told(void **state)
{
    bed_run(state, "moody", set_twice);
}

static void go_back(struct bed *bed)
{
    json_t *record;
    const json_t *history;
    struct shelf shelf;
    char values[64];

    open_shelf(bed, &shelf);
    for (int i = 1; i <= 30; i++) {
        snprintf(values, sizeof(values), "{\"options.limit\": %d}", 20 + i);
        assert_int_equal(set(bed, shelf.store, values), 1);
    }
    assert_int_equal(roll_back(bed, shelf.store, -1), 1);
    assert_int_equal(limit_now(bed, shelf.store), 49);
    assert_int_equal(roll_back(bed, shelf.store, 15), 1);
    assert_int_equal(limit_now(bed, shelf.store), 35);
    assert_int_equal(roll_back(bed, shelf.store, 3), -1);
    assert_string_equal(bed->err.text, "agent \"a\": that change is not kept");
    assert_int_equal(roll_back(bed, shelf.store, 0), 1);
    assert_int_equal(limit_now(bed, shelf.store), 20);
    assert_int_equal(tdh_agents_past(bed->agents, shelf.store, "a", &record, &bed->err), 0);
    history = json_object_get(record, "history");
    assert_int_equal(json_array_size(history), 20);
    assert_int_equal(json_integer_value(json_object_get(record, "forgotten")), 33 - 20);
    assert_string_equal(tdh_json_str(json_array_get(history, 0), "source", ""), "test");
    json_decref(record);
    close_shelf(&shelf);
}

static void history_is_bounded_and_leads_back(void **state)
{
    bed_run(state, "moody", go_back);
}

static void keep_secrets(struct bed *bed)
{
    json_t *values = json_pack("{s:s}", "options.secret", "hush"), *result, *record;
    struct shelf shelf;
    char *text;

    open_shelf(bed, &shelf);
    assert_int_equal(
        tdh_agents_set(bed->agents, shelf.store, "a", values, "test", &result, &bed->err), 0);
    assert_int_equal(tdh_agents_past(bed->agents, shelf.store, "a", &record, &bed->err), 0);
    json_object_set_new(record, "result", result);
    text = json_dumps(record, 0);
    assert_null(strstr(text, "hush"));
    assert_non_null(strstr(text, "(secret)"));
    free(text);
    json_decref(record);
    json_decref(values);
    close_shelf(&shelf);
}

static void a_secret_is_never_shown(void **state)
{
    bed_run(state, "moody", keep_secrets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLUGIN_HOME_TEST(what_is_set_goes_before_the_file_until_it_is_unset),
        PLUGIN_HOME_TEST(what_does_not_fit_changes_nothing),
        PLUGIN_HOME_TEST(of_two_at_once_one_is_told),
        PLUGIN_HOME_TEST(history_is_bounded_and_leads_back),
        PLUGIN_HOME_TEST(a_secret_is_never_shown),
    };

    tdh_log_setup(TDH_LOG_OFF, TDH_LOG_TEXT, 2);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
