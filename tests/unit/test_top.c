/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_top: what processes tell is added up, and what they use now comes of two looks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/top.h"

#include <cmocka.h>

#define SECOND INT64_C(1000000) /* in us */

static json_t *parse(const char *text)
{
    struct td_err err;
    json_t *value = tdh_json_parse(text, strlen(text), "test", &err);

    if (value == NULL)
        fail_msg("%s", err.text);
    return value;
}

static json_t *ledger(int pid, int64_t at_us, const char *lines, const char *processes,
                      const char *runs)
{
    return json_pack("{s:i, s:s, s:I, s:I, s:o, s:o, s:o}", "tdev", pid, "program", "tdev",
                     "began_us", (json_int_t)0, "at_us", (json_int_t)at_us, "lines", parse(lines),
                     "processes", parse(processes), "runs", parse(runs));
}

static double at(const json_t *sum, const char *pointer)
{
    const json_t *value = tdh_json_at(sum, pointer);

    if (value == NULL)
        fail_msg("there is no %s", pointer);
    return json_number_value(value);
}

static const char one_line[] =
    "[{\"kind\": \"agent\", \"name\": \"loud\", \"plugin\": \"echo\", \"cpu_ns\": 2000000000,"
    " \"wall_ns\": 3000000000, \"calls\": 10, \"failures\": 1, \"retries\": 2, \"cache_hits\": 3,"
    " \"bytes\": 100, \"spent\": {\"tokens\": 5, \"cost\": 0.5}}]";
static const char two_lines[] =
    "[{\"kind\": \"agent\", \"name\": \"loud\", \"plugin\": \"echo\", \"cpu_ns\": 1000000000,"
    " \"calls\": 4, \"spent\": {\"tokens\": 7, \"cost\": 1}},"
    " {\"kind\": \"agent\", \"name\": \"low\", \"plugin\": \"echo\", \"cpu_ns\": 500000000,"
    " \"calls\": 90, \"spent\": {}},"
    " {\"kind\": \"plugin\", \"name\": \"vote\", \"plugin\": \"vote\", \"cpu_ns\": 9000000000,"
    " \"calls\": 0, \"spent\": {}}]";

static void processes_are_added_up_by_plugin_and_by_agent(void **state)
{
    json_t *ledgers = json_array(), *sum;

    (void)state;
    json_array_append_new(ledgers, ledger(1, SECOND, one_line, "[]", "[]"));
    json_array_append_new(ledgers,
                          ledger(2, SECOND, two_lines,
                                 "[{\"plugin\": \"echo\", \"process\": 7, \"cpu_ns\": 500000000,"
                                 " \"bytes\": 1000}]",
                                 "[]"));
    sum = tdh_top_sum(ledgers, NULL, SECOND);
    assert_int_equal(json_array_size(json_object_get(sum, "processes")), 2);
    assert_int_equal(json_array_size(json_object_get(sum, "plugins")), 2);
    assert_int_equal(json_array_size(json_object_get(sum, "agents")), 2);
    assert_string_equal(json_string_value(tdh_json_at(sum, "/plugins/0/name")), "vote");
    assert_true(at(sum, "/plugins/0/cpu_ms") == 9000);
    assert_true(at(sum, "/plugins/1/cpu_ms") == 4000); /* 2 + 1 + 0.5 and its process, 0.5 */
    assert_true(at(sum, "/plugins/1/calls") == 104);
    assert_true(at(sum, "/plugins/1/bytes") == 1100);
    assert_true(at(sum, "/plugins/1/spent/tokens") == 12);
    assert_true(json_is_integer(tdh_json_at(sum, "/plugins/1/spent/tokens")));
    assert_true(at(sum, "/plugins/1/spent/cost") == 1.5);
    assert_string_equal(json_string_value(tdh_json_at(sum, "/agents/0/name")), "loud");
    assert_true(at(sum, "/agents/0/failures") == 1);
    assert_true(at(sum, "/agents/0/retries") == 2);
    assert_true(at(sum, "/agents/0/cache_hits") == 3);
    assert_true(at(sum, "/agents/0/wall_ms") == 3000);
    assert_null(tdh_json_at(sum, "/agents/0/cpu_percent"));
    tdh_top_sort(sum, TDH_TOP_AGENTS, TDH_TOP_CALLS);
    assert_string_equal(json_string_value(tdh_json_at(sum, "/agents/0/name")), "low");
    tdh_top_sort(sum, TDH_TOP_PLUGINS, TDH_TOP_NAME);
    assert_string_equal(json_string_value(tdh_json_at(sum, "/plugins/0/name")), "echo");
    json_decref(sum);
    json_decref(ledgers);
}

static void tenants_have_a_view_of_their_own_and_count_for_no_plugin(void **state)
{
    static const char one[] =
        "[{\"kind\": \"agent\", \"name\": \"loud\", \"plugin\": \"echo\", \"cpu_ns\": 3000000,"
        " \"calls\": 3}, {\"kind\": \"tenant\", \"name\": \"acme\", \"plugin\": \"\","
        " \"cpu_ns\": 1000000, \"calls\": 1, \"spent\": {\"cost\": 2}},"
        " {\"kind\": \"tenant\", \"name\": \"globex\", \"plugin\": \"\", \"cpu_ns\": 1500000,"
        " \"calls\": 2}]";
    json_t *ledgers = json_array(), *sum;

    (void)state;
    json_array_append_new(ledgers, ledger(1, SECOND, one, "[]", "[]"));
    json_array_append_new(ledgers, ledger(2, SECOND, one, "[]", "[]"));
    sum = tdh_top_sum(ledgers, NULL, SECOND);
    assert_int_equal(json_array_size(json_object_get(sum, "plugins")), 1);
    assert_int_equal(json_array_size(json_object_get(sum, "agents")), 1);
    assert_true(at(sum, "/plugins/0/calls") == 6);
    assert_int_equal(json_array_size(json_object_get(sum, "tenants")), 2);
    assert_string_equal(json_string_value(tdh_json_at(sum, "/tenants/0/name")), "globex");
    assert_true(at(sum, "/tenants/0/cpu_ms") == 3);
    assert_true(at(sum, "/tenants/1/calls") == 2);
    assert_true(at(sum, "/tenants/1/spent/cost") == 4);
    json_decref(sum);
    json_decref(ledgers);
}

static void a_share_is_that_of_the_time_between_two_looks(void **state)
{
    static const struct {
        int64_t at_us, now_us;
        double want;
    } rows[] = {
        { 4 * SECOND, 4 * SECOND, 50 },            /* 1 s of 2 */
        { 3 * SECOND, 4 * SECOND, 100 },           /* and of 1, read later */
        { 4 * SECOND, 4 * SECOND + 3 * SECOND, 0 } /* it has told nothing since */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *ledgers = json_array(), *before = json_object(), *sum;

        json_object_set_new(
            before, "1",
            ledger(1, 2 * SECOND,
                   "[{\"kind\": \"agent\", \"name\": \"loud\", \"plugin\": \"echo\","
                   " \"cpu_ns\": 1000000000}]",
                   "[]", "[{\"id\": \"R\", \"name\": \"w\", \"cpu_ns\": 0}]"));
        json_array_append_new(ledgers,
                              ledger(1, rows[i].at_us, one_line, "[]",
                                     "[{\"id\": \"R\", \"name\": \"w\", \"status\": \"running\","
                                     " \"cpu_ns\": 1000000000, \"spent\": {\"calls\": 3}}]"));
        sum = tdh_top_sum(ledgers, before, rows[i].now_us);
        assert_true(at(sum, "/agents/0/cpu_percent") == rows[i].want);
        assert_true(at(sum, "/plugins/0/cpu_percent") == rows[i].want);
        assert_true(at(sum, "/runs/0/cpu_percent") == rows[i].want);
        assert_true(at(sum, "/runs/0/calls") == 3);
        json_decref(sum);
        json_decref(before);
        json_decref(ledgers);
    }
}

static void a_table_has_what_people_ask_for(void **state)
{
    json_t *ledgers = json_array(), *sum;
    char *text = NULL;
    size_t length;
    FILE *file = open_memstream(&text, &length);

    (void)state;
    json_array_append_new(ledgers, ledger(1, SECOND, two_lines, "[]", "[]"));
    sum = tdh_top_sum(ledgers, NULL, SECOND);
    tdh_top_print(file, sum, TDH_TOP_AGENTS, TDH_TOP_CPU, 1, false);
    fclose(file);
    assert_non_null(strstr(text, "tdev 1; by cpu\n"));
    assert_non_null(strstr(text, "AGENT "));
    assert_non_null(strstr(text, "loud "));
    assert_non_null(strstr(text, " 1.00 s "));
    assert_non_null(strstr(text, "tokens=7 cost=1\n"));
    assert_null(strstr(text, "low "));
    free(text);
    json_decref(sum);
    json_decref(ledgers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(processes_are_added_up_by_plugin_and_by_agent),
        cmocka_unit_test(tenants_have_a_view_of_their_own_and_count_for_no_plugin),
        cmocka_unit_test(a_share_is_that_of_the_time_between_two_looks),
        cmocka_unit_test(a_table_has_what_people_ask_for),
    };

    return cmocka_run_group_tests_name("top", tests, NULL, NULL);
}
