/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_scatter_gather: the pattern scatter-gather. All claims are tested twice, the second time
 * with the state saved and loaded between any two events.
 */
#include "paper.h"

#include <string.h>

#define TWO_WORKERS                                                                                \
    "\"workers\": [{\"agent\": \"a\", \"action\": \"x\"}, {\"name\": \"two\", \"agent\": \"b\", "  \
    "\"action\": \"y\"}]"
#define ONE_WORKER "\"workers\": [{\"agent\": \"a\", \"action\": \"x\"}]"

static void more_items_than_workers_lose_none_and_keep_their_order(void **state)
{
    struct paper paper;

    (void)state;
    paper_start(&paper, "{" TWO_WORKERS "}", "{\"items\": [10, 11, 12, 13, 14]}");
    assert_string_equal(paper.asked,
                        "a[0]=a.x 10\ntwo[1]=b.y 11\na[2]=a.x 12\ntwo[3]=b.y 13\na[4]=a.x 14\n");
    for (unsigned ask = 5; ask > 0; ask--) {
        char output[8];

        snprintf(output, sizeof(output), "%u", ask * 100);
        paper_answer(&paper, ask, output);
    }
    paper_expect(&paper,
                 "{\"success\": true, \"output\": [100, 200, 300, 400, 500], \"metadata\": "
                 "{\"total_workers\": 2, \"items\": 5, \"successful\": 5, \"errors\": []}}");
    paper_end(&paper);
}

static void one_result_is_success_and_the_failures_are_told(void **state)
{
    struct paper paper;

    (void)state;
    paper_start(&paper, "{" TWO_WORKERS "}", "{\"items\": [1, 2, 3]}");
    paper_fail(&paper, 2, "busy");
    paper_answer(&paper, 3, "\"c\"");
    paper_fail(&paper, 1, "gone");
    paper_expect(
        &paper,
        "{\"success\": true, \"output\": [null, null, \"c\"], \"metadata\": {\"total_workers\": 2, "
        "\"items\": 3,"
        " \"successful\": 1, \"errors\": [{\"worker\": \"two\", \"item\": 1, \"error\": \"busy\"},"
        " {\"worker\": \"a\", \"item\": 0, \"error\": \"gone\"}]}}");
    paper_end(&paper);
}

static void when_all_fail_the_run_fails_and_says_so(void **state)
{
    struct paper paper;

    (void)state;
    paper_start(&paper, "{" TWO_WORKERS "}", "{\"items\": [1, 2]}");
    paper_fail(&paper, 1, "first");
    paper_fail(&paper, 2, "second");
    assert_string_equal(paper.error, "all workers failed; the first said: first");
    paper_end(&paper);
}

static void fewer_than_min_success_fail_the_run(void **state)
{
    struct paper paper;

    (void)state;
    paper_start(&paper, "{\"min_success\": 2, " ONE_WORKER "}", "{\"items\": [1, 2, 3]}");
    paper_answer(&paper, 1, "1");
    paper_fail(&paper, 2, "no");
    paper_fail(&paper, 3, "never");
    assert_string_equal(paper.error, "1 of 3 items succeeded, 2 are needed; the first failure: no");
    paper_end(&paper);
}

static void max_parallel_bounds_what_is_under_way(void **state)
{
    struct paper paper;

    (void)state;
    paper_start(&paper, "{\"max_parallel\": 2, " ONE_WORKER "}", "{\"items\": [1, 2, 3, 4]}");
    assert_int_equal(paper.count, 2);
    paper_answer(&paper, 2, "20");
    assert_int_equal(paper.count, 3);
    paper_fail(&paper, 1, "no");
    assert_int_equal(paper.count, 4);
    paper_answer(&paper, 4, "40");
    paper_answer(&paper, 3, "30");
    assert_int_equal(paper.count, 4);
    paper_expect(
        &paper,
        "{\"success\": true, \"output\": [null, 20, 30, 40], \"metadata\": {\"total_workers\": 1, "
        "\"items\": 4,"
        " \"successful\": 3, \"errors\": [{\"worker\": \"a\", \"item\": 0, \"error\": \"no\"}]}}");
    paper_end(&paper);
}

static void without_a_list_every_worker_gets_the_whole_input(void **state)
{
    struct paper paper;

    (void)state;
    paper_start(&paper, "{" TWO_WORKERS "}", "{\"topic\": \"t\"}");
    assert_string_equal(paper.asked, "a[0]=a.x {\"topic\":\"t\"}\ntwo[1]=b.y {\"topic\":\"t\"}\n");
    paper_answer(&paper, 1, "1");
    paper_answer(&paper, 2, "2");
    paper_expect(&paper,
                 "{\"success\": true, \"output\": [1, 2], \"metadata\": "
                 "{\"total_workers\": 2, \"items\": 2, \"successful\": 2, \"errors\": []}}");
    paper_end(&paper);
}

static void the_list_may_have_another_name(void **state)
{
    struct paper paper;

    (void)state;
    paper_start(&paper, "{\"items\": \"files\", " ONE_WORKER "}",
                "{\"files\": [\"f\"], \"items\": [1, 2]}");
    assert_string_equal(paper.asked, "a[0]=a.x \"f\"\n");
    paper_end(&paper);
}

static void an_empty_list_is_done_at_once(void **state)
{
    struct paper paper;

    (void)state;
    paper_start(&paper, "{\"min_success\": 3, " ONE_WORKER "}", "{\"items\": []}");
    paper_expect(&paper,
                 "{\"success\": true, \"output\": [], \"metadata\": "
                 "{\"total_workers\": 1, \"items\": 0, \"successful\": 0, \"errors\": []}}");
    paper_end(&paper);
}

static void a_list_that_is_none_fails_the_run(void **state)
{
    struct paper paper;

    (void)state;
    paper_start(&paper, "{" ONE_WORKER "}", "{\"items\": 7}");
    assert_string_equal(paper.error, "input \"items\" must be a list of at most 1000000 items");
    paper_end(&paper);
}

static void a_cancelled_run_fails_with_words(void **state)
{
    struct paper paper;

    (void)state;
    paper_start(&paper, "{" ONE_WORKER "}", "{\"items\": [1, 2]}");
    paper_answer(&paper, 1, "1");
    paper_cancel(&paper);
    assert_string_equal(paper.error, "the pattern was cancelled");
    paper_end(&paper);
}

static void a_configuration_that_cannot_run_is_refused(void **state)
{
    static const struct {
        const char *config, *words;
    } cases[] = {
        { "{}", "\"workers\" must be a list of 1 to 1000 workers" },
        { "{\"workers\": [{\"agent\": \"a\"}]}",
          "worker 0: needs \"agent\" and \"action\", or else \"pattern\" or \"workflow\"" },
        { "{\"max_parallel\": 0, " ONE_WORKER "}",
          "\"max_parallel\" must be a whole number from 1 to 1000000" },
        { "{\"min_success\": \"all\", " ONE_WORKER "}",
          "\"min_success\" must be a whole number from 1 to 1000000" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(paper_refusal(cases[i].config), cases[i].words);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_items_than_workers_lose_none_and_keep_their_order),
        cmocka_unit_test(one_result_is_success_and_the_failures_are_told),
        cmocka_unit_test(when_all_fail_the_run_fails_and_says_so),
        cmocka_unit_test(fewer_than_min_success_fail_the_run),
        cmocka_unit_test(max_parallel_bounds_what_is_under_way),
        cmocka_unit_test(without_a_list_every_worker_gets_the_whole_input),
        cmocka_unit_test(the_list_may_have_another_name),
        cmocka_unit_test(an_empty_list_is_done_at_once),
        cmocka_unit_test(a_list_that_is_none_fails_the_run),
        cmocka_unit_test(a_cancelled_run_fails_with_words),
        cmocka_unit_test(a_configuration_that_cannot_run_is_refused),
    };
    int failed = cmocka_run_group_tests_name("scatter-gather", tests, NULL, NULL);

    paper_is_saving = true;
    return failed + cmocka_run_group_tests_name("scatter-gather, saved between any two events",
                                                tests, NULL, NULL);
}
