/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_pipeline: the pattern pipeline. All claims are tested twice, the second time with the state
 * saved and loaded between any two events.
 */
#include "paper.h"

#include <string.h>

static void stages_run_in_order_each_with_what_the_one_before_gave(void **state)
{
    struct paper paper;

    (void)state;
    paper_start(&paper,
                "{\"stages\": [{\"agent\": \"a\", \"action\": \"x\"}, {\"name\": \"two\", "
                "\"agent\": \"b\", \"action\": \"y\"},"
                " {\"agent\": \"c\", \"action\": \"z\"}]}",
                "{\"n\": 0}");
    assert_string_equal(paper.asked, "a=a.x {\"n\":0}\n");
    paper_answer(&paper, 1, "{\"n\": 1}");
    assert_string_equal(paper.asked, "a=a.x {\"n\":0}\ntwo=b.y {\"n\":1}\n");
    paper_answer(&paper, 2, "{\"n\": 2}");
    paper_answer(&paper, 3, "{\"n\": 3}");
    assert_string_equal(paper.asked, "a=a.x {\"n\":0}\ntwo=b.y {\"n\":1}\nc=c.z {\"n\":2}\n");
    paper_expect(&paper, "{\"success\": true, \"output\": {\"n\": 3}, \"stage_results\": ["
                         "{\"stage\": \"a\", \"success\": true, \"output\": {\"n\": 1}},"
                         "{\"stage\": \"two\", \"success\": true, \"output\": {\"n\": 2}},"
                         "{\"stage\": \"c\", \"success\": true, \"output\": {\"n\": 3}}]}");
    paper_end(&paper);
}

static void pick_hands_on_a_member_and_the_report_keeps_the_whole(void **state)
{
    struct paper paper;

    (void)state;
    paper_start(&paper,
                "{\"stages\": [{\"agent\": \"a\", \"action\": \"x\", \"pick\": \"text\"}, "
                "{\"agent\": \"b\", \"action\": \"y\"}]}",
                "{}");
    paper_answer(&paper, 1, "{\"text\": \"t\", \"more\": 1}");
    assert_string_equal(paper.asked, "a=a.x {}\nb=b.y \"t\"\n");
    paper_answer(&paper, 2, "7");
    paper_expect(
        &paper, "{\"success\": true, \"output\": 7, \"stage_results\": ["
                "{\"stage\": \"a\", \"success\": true, \"output\": {\"text\": \"t\", \"more\": 1}},"
                "{\"stage\": \"b\", \"success\": true, \"output\": 7}]}");
    paper_end(&paper);
}

static void a_member_to_pick_that_is_not_there_is_null(void **state)
{
    struct paper paper;

    (void)state;
    paper_start(&paper,
                "{\"stages\": [{\"agent\": \"a\", \"action\": \"x\", \"pick\": \"gone\"}, "
                "{\"agent\": \"b\", \"action\": \"y\"}]}",
                "{}");
    paper_answer(&paper, 1, "{\"text\": \"t\"}");
    assert_string_equal(paper.asked, "a=a.x {}\nb=b.y null\n");
    paper_end(&paper);
}

static void any_value_recovers_and_is_reported(void **state)
{
    static const char *const values[] = { "\"\"", "0", "false", "null", "[]", "{\"n\":1}" };
    struct paper paper;

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char config[256], wanted[512];

        snprintf(config, sizeof(config),
                 "{\"stages\": [{\"agent\": \"a\", \"action\": \"x\", \"recover\": %s}, "
                 "{\"agent\": \"b\", \"action\": \"y\"}]}",
                 values[i]);
        paper_start(&paper, config, "{}");
        paper_fail(&paper, 1, "no");
        snprintf(wanted, sizeof(wanted), "a=a.x {}\nb=b.y %s\n", values[i]);
        assert_string_equal(paper.asked, wanted);
        paper_answer(&paper, 2, "1");
        paper_expect(
            &paper,
            "{\"success\": true, \"output\": 1, \"stage_results\": ["
            "{\"stage\": \"a\", \"success\": false, \"error\": \"no\", \"recovered\": true},"
            "{\"stage\": \"b\", \"success\": true, \"output\": 1}]}");
        paper_end(&paper);
    }
}

static void the_last_stage_recovers_too(void **state)
{
    struct paper paper;

    (void)state;
    paper_start(&paper, "{\"stages\": [{\"agent\": \"a\", \"action\": \"x\", \"recover\": false}]}",
                "{}");
    paper_fail(&paper, 1, "no");
    paper_expect(
        &paper, "{\"success\": true, \"output\": false, \"stage_results\": ["
                "{\"stage\": \"a\", \"success\": false, \"error\": \"no\", \"recovered\": true}]}");
    paper_end(&paper);
}

static void a_failure_ends_the_run_and_names_the_stage(void **state)
{
    struct paper paper;

    (void)state;
    paper_start(&paper,
                "{\"stages\": [{\"agent\": \"a\", \"action\": \"x\"}, {\"name\": \"two\", "
                "\"agent\": \"b\", \"action\": \"y\"}]}",
                "{}");
    paper_answer(&paper, 1, "{}");
    paper_fail(&paper, 2, "disk full");
    assert_string_equal(paper.error, "stage \"two\": disk full");
    paper_end(&paper);
}

static void on_failure_report_ends_the_run_well_with_what_was_done(void **state)
{
    struct paper paper;

    (void)state;
    paper_start(&paper,
                "{\"on_failure\": \"report\", \"stages\": [{\"agent\": \"a\", \"action\": \"x\"}, "
                "{\"agent\": \"b\", \"action\": \"y\"},"
                " {\"agent\": \"c\", \"action\": \"z\"}]}",
                "{}");
    paper_answer(&paper, 1, "1");
    paper_fail(&paper, 2, "no");
    paper_expect(
        &paper,
        "{\"success\": false, \"output\": null, \"error\": \"no\", \"stage_results\": ["
        "{\"stage\": \"a\", \"success\": true, \"output\": 1},"
        "{\"stage\": \"b\", \"success\": false, \"error\": \"no\", \"recovered\": false}]}");
    assert_int_equal(paper.count, 2);
    paper_end(&paper);
}

static void a_cancelled_run_fails_with_words(void **state)
{
    struct paper paper;

    (void)state;
    paper_start(&paper, "{\"stages\": [{\"agent\": \"a\", \"action\": \"x\"}]}", "{}");
    paper_cancel(&paper);
    assert_string_equal(paper.error, "the pattern was cancelled");
    paper_end(&paper);
}

static void a_configuration_that_cannot_run_is_refused(void **state)
{
    static const struct {
        const char *config, *words;
    } cases[] = {
        { "{}", "\"stages\" must be a list of 1 to 1000 stages" },
        { "{\"stages\": []}", "\"stages\" must be a list of 1 to 1000 stages" },
        { "{\"stages\": [{\"agent\": \"a\", \"action\": \"x\"}, {\"agent\": \"a\"}]}",
          "stage 1: needs \"agent\" and \"action\", or else \"pattern\" or \"workflow\"" },
        { "{\"on_failure\": \"stop\", \"stages\": [{\"agent\": \"a\", \"action\": \"x\"}]}",
          "\"on_failure\" is \"stop\", it must be \"fail\" or \"report\"" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(paper_refusal(cases[i].config), cases[i].words);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(stages_run_in_order_each_with_what_the_one_before_gave),
        cmocka_unit_test(pick_hands_on_a_member_and_the_report_keeps_the_whole),
        cmocka_unit_test(a_member_to_pick_that_is_not_there_is_null),
        cmocka_unit_test(any_value_recovers_and_is_reported),
        cmocka_unit_test(the_last_stage_recovers_too),
        cmocka_unit_test(a_failure_ends_the_run_and_names_the_stage),
        cmocka_unit_test(on_failure_report_ends_the_run_well_with_what_was_done),
        cmocka_unit_test(a_cancelled_run_fails_with_words),
        cmocka_unit_test(a_configuration_that_cannot_run_is_refused),
    };
    int failed = cmocka_run_group_tests_name("pipeline", tests, NULL, NULL);

    paper_is_saving = true;
    return failed +
           cmocka_run_group_tests_name("pipeline, saved between any two events", tests, NULL, NULL);
}
