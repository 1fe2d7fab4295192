/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err_json: an error says the same wherever it is told, and the reference is made of the table.
 */
#include "base/err_json.h" /* before cmocka, which makes a macro of "fail" */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#include "base/json.h"

static const struct {
    enum td_code code;
    bool is_retryable;
    uint32_t retry_after_ms;
    const char *hint, *whole, *brief;
} rows[] = {
    { TD_E_UNAVAILABLE, true, 1500, "wait",
      "{\"code\": \"unavailable\", \"category\": \"communication\", \"severity\": \"high\", "
      "\"retryable\": true, \"text\": \"no\", \"retry_after_ms\": 1500, \"hint\": \"wait\"}",
      "{\"code\": \"unavailable\", \"text\": \"no\", \"retryable\": true, "
      "\"retry_after_ms\": 1500, \"hint\": \"wait\"}" },
    { TD_E_PERM, false, 0, "",
      "{\"code\": \"permission\", \"category\": \"permission\", \"severity\": \"high\", "
      "\"retryable\": false, \"text\": \"no\"}",
      "{\"code\": \"permission\", \"text\": \"no\"}" },
};

static void check_json(json_t *said, const char *want)
{
    json_t *wanted = json_loads(want, 0, NULL);

    assert_non_null(wanted);
    if (!json_equal(said, wanted))
        assert_string_equal(json_dumps(said, 0), want);
    json_decref(wanted);
    json_decref(said);
}

static void an_error_carries_all_that_is_known_and_reads_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct td_err err, back;
        json_t *brief;

        td_fail(&err, rows[i].code, "no");
        td_hint(&err, "%s", rows[i].hint);
        err.is_retryable = rows[i].is_retryable;
        err.retry_after_ms = rows[i].retry_after_ms;
        check_json(tdh_err_json(&err), rows[i].whole);
        brief = tdh_err_json_short(&err);
        tdh_err_from_json(brief, &back);
        check_json(brief, rows[i].brief);
        check_json(tdh_err_json(&back), rows[i].whole);
    }
}

static void every_category_and_severity_has_a_code(void **state)
{
    static const char *const words[] = { "configuration", "initialization",   "execution",
                                         "communication", "resource",         "dependency",
                                         "validation",    "timeout",          "permission",
                                         "low",           "external_service", "medium",
                                         "high",          "critical" };
    enum { WORDS = sizeof(words) / sizeof(words[0]) };
    unsigned seen[WORDS] = { 0 }, known = 0;

    (void)state;
    for (int code = TD_OK + 1; code < TD_E_MAX_; code++) {
        assert_string_not_equal(tdh_err_meaning((enum td_code)code), "");
        for (unsigned i = 0; i < WORDS; i++) {
            bool is_it = strcmp(words[i], td_code_info((enum td_code)code)->category) == 0 ||
                         strcmp(words[i], td_code_info((enum td_code)code)->severity) == 0;

            seen[i] += is_it;
            known += is_it;
        }
    }
    assert_int_equal(known, 2 * (TD_E_MAX_ - 1)); /* and no other word */
    for (unsigned i = 0; i < WORDS; i++)
        assert_int_not_equal(seen[i], 0);
}

static void the_reference_in_docs_is_the_table(void **state)
{
    struct tdh_buf buf = { 0 };
    struct td_err err;
    size_t length = 0;
    char *docs = tdh_file_read(TEST_SRCDIR "/docs/errors.md", 1 << 20, &length, &err);

    (void)state;
    tdh_err_reference(&buf);
    if (docs == NULL || strcmp(docs, buf.data) != 0) {
        assert_int_equal(tdh_file_write("errors.md", buf.data, buf.length, 0644, &err), 0);
        fail_msg("docs/errors.md is not what the table says; the new one is ./errors.md");
    }
    free(docs);
    tdh_buf_free(&buf);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_carries_all_that_is_known_and_reads_back),
        cmocka_unit_test(every_category_and_severity_has_a_code),
        cmocka_unit_test(the_reference_in_docs_is_the_table),
    };

    return cmocka_run_group_tests_name("err_json", tests, NULL, NULL);
}
