/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err: codes, words, and what happens where the room ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <tdev/err.h>

static void every_code_has_a_row_and_its_name_leads_back(void **state)
{
    (void)state;
    for (int code = 0; code < TD_E_MAX_; code++) {
        const struct td_code_info *info = td_code_info((enum td_code)code);

        assert_int_equal(info->code, code);
        assert_int_equal(td_code_from_name(info->name), code);
        assert_true(info->category[0] != '\0' && info->severity[0] != '\0');
    }
}

static void what_is_no_code_counts_as_a_bug_of_ours(void **state)
{
    (void)state;
    assert_int_equal(td_code_info((enum td_code) - 1)->code, TD_E_INTERNAL);
    assert_int_equal(td_code_info(TD_E_MAX_)->code, TD_E_INTERNAL);
    assert_int_equal(td_code_from_name("no such name"), TD_E_INTERNAL);
}

static void a_failure_forgets_the_one_before(void **state)
{
    struct td_err err;

    (void)state;
    memset(&err, 0x5A, sizeof(err));
    assert_int_equal(td_fail(&err, TD_E_LIMIT, "queue \"%s\" holds %d calls", "in", 8), -1);
    assert_int_equal(err.code, TD_E_LIMIT);
    assert_int_equal(err.sys, 0);
    assert_true(err.is_retryable);
    assert_int_equal(err.retry_after_ms, 0);
    assert_string_equal(err.hint, "");
    assert_string_equal(err.text, "queue \"in\" holds 8 calls");
    for (size_t i = 0; i < sizeof(err.reserved) / sizeof(err.reserved[0]); i++)
        assert_int_equal(err.reserved[i], 0);
}

static void a_failure_may_quote_its_own_text(void **state)
{
    struct td_err err = { 0 };

    (void)state;
    td_fail(&err, TD_E_INVAL, "inner");
    td_fail(&err, TD_E_CONFIG, "outer (%s)", err.text);
    assert_string_equal(err.text, "outer (inner)");
    td_context(&err, "again %s", err.text);
    assert_string_equal(err.text, "again outer (inner): outer (inner)");
}

static void the_systems_words_come_last(void **state)
{
    static const struct {
        int sys;
        enum td_code code;
        const char *want;
    } cases[] = {
        { ENOENT, TD_E_IO, "could not open \"x\": No such file or directory" },
        { ENOMEM, TD_E_NOMEM, "could not open \"x\": Cannot allocate memory" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct td_err err = { 0 };

        errno = cases[i].sys;
        assert_int_equal(td_fail_sys(&err, "could not open \"%s\"", "x"), -1);
        assert_int_equal(err.code, cases[i].code);
        assert_int_equal(err.sys, cases[i].sys);
        assert_string_equal(err.text, cases[i].want);
    }
}

static void context_keeps_all_but_the_text(void **state)
{
    struct td_err err = { 0 };

    (void)state;
    td_fail(&err, TD_E_TIMEOUT, "no answer within 5 s");
    td_hint(&err, "raise %s", "timeout");
    err.retry_after_ms = 250;
    assert_int_equal(td_context(&err, "agent \"%s\"", "mail"), -1);
    assert_string_equal(err.text, "agent \"mail\": no answer within 5 s");
    assert_string_equal(err.hint, "raise timeout");
    assert_int_equal(err.code, TD_E_TIMEOUT);
    assert_int_equal(err.retry_after_ms, 250);
}

/* Whatever the length, the text ends in dots, in its room, and not in half a character. */
static void a_long_text_is_cut_at_a_character(void **state)
{
    char text[2 * TD_ERR_TEXT];

    (void)state;
    for (size_t lead = 0; lead < 4; lead++) {
        struct td_err err = { 0 };
        size_t length;

        memset(text, 'a', lead);
        for (length = lead; length + 4 < sizeof(text); length += 3)
            memcpy(text + length, "\xEA\xB0\x80", 3);
        text[length] = '\0';
        td_fail(&err, TD_E_INVAL, "%s", text);
        length = strlen(err.text);
        assert_true(length < TD_ERR_TEXT && length > TD_ERR_TEXT - 8);
        assert_string_equal(err.text + length - 3, "...");
        assert_int_equal((length - 3 - lead) % 3, 0);
    }
}

static void what_is_no_utf_8_becomes_question_marks(void **state)
{
    static const struct {
        const char *said, *want;
    } rows[] = {
        { "\xed\x95\x9c is \xc3\xa9, \xf0\x9f\x98\x80",
          "\xed\x95\x9c is \xc3\xa9, \xf0\x9f\x98\x80" },
        { "INTEG\x91R", "INTEG?R" },
        { "\xc0\xaf \xe0\x80\xaf \xf0\x80\x80\xaf", "?? ??? ????" }, /* longer than need be */
        { "\xed\xa0\x80", "???" },                                   /* half a pair */
        { "\xf4\x90\x80\x80 \xff", "???? ?" },                       /* beyond the last */
        { "cut \xe2\x82", "cut ??" },
    };
    struct td_err err;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        td_fail(&err, TD_E_IO, "%s", rows[i].said);
        assert_string_equal(err.text, rows[i].want);
        td_hint(&err, "%s", rows[i].said);
        assert_string_equal(err.hint, rows[i].want);
    }
}

static void context_in_front_of_a_full_text_is_cut_too(void **state)
{
    char text[2 * TD_ERR_TEXT];
    struct td_err err = { 0 };

    (void)state;
    memset(text, 'b', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    td_fail(&err, TD_E_INVAL, "short");
    td_context(&err, "%s", text);
    assert_int_equal(strlen(err.text), TD_ERR_TEXT - 1);
    assert_string_equal(err.text + TD_ERR_TEXT - 4, "...");
    td_hint(&err, "%s", text);
    assert_int_equal(strlen(err.hint), TD_ERR_HINT - 1);
    errno = EIO;
    td_fail_sys(&err, "%s", text);
    assert_int_equal(strlen(err.text), TD_ERR_TEXT - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_a_row_and_its_name_leads_back),
        cmocka_unit_test(what_is_no_code_counts_as_a_bug_of_ours),
        cmocka_unit_test(a_failure_forgets_the_one_before),
        cmocka_unit_test(a_failure_may_quote_its_own_text),
        cmocka_unit_test(the_systems_words_come_last),
        cmocka_unit_test(context_keeps_all_but_the_text),
        cmocka_unit_test(a_long_text_is_cut_at_a_character),
        cmocka_unit_test(what_is_no_utf_8_becomes_question_marks),
        cmocka_unit_test(context_in_front_of_a_full_text_is_cut_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
