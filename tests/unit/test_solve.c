/* SPDX-License-Identifier: Apache-2.0 */
/*
 * solve: which versions go together, and what is said when none do.
 */
#include "solve_case.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_fail.h"
#include "base/buf.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct {
    const char *claim, *text, *want;
} answers[] = {
    { "the newest release is taken, not a pre-release",
      "mail 1.0.0\nmail 2.1.0\nmail 3.0.0-rc.1\nmail 2.0.0\n@you mail\n", "mail 2.1.0" },
    { "a pre-release is taken when there is nothing else", "mail 3.0.0-rc.1\n@you mail\n",
      "mail 3.0.0-rc.1" },
    { "a pre-release is taken when its range invites it",
      "mail 2.0.0\nmail 3.0.0-rc.1\n@you mail:>=3.0.0-rc.0\n", "mail 3.0.0-rc.1" },
    { "of equal versions the one given first", "mail 1.0.0 a\nmail 1.0.0\na 1.0.0\n@you mail\n",
      "mail 1.0.0, a 1.0.0" },
    { "what is out is passed over", "mail 2.0.0 -\nmail 1.0.0\n@you mail\n", "mail 1.0.0" },
    /* 3.14.4, Missing: constraints of constraints, and taking back */
    { "what is required is in its range",
      "report 1.1.0 mail:^1\nmail 2.0.0\nmail 1.4.0\nmail 1.3.0\n@you report\n",
      "report 1.1.0, mail 1.4.0" },
    { "an older one is taken when the newest asks for what is not there",
      "report 2.0.0 mail:^3\nreport 1.0.0 mail:^2\nmail 2.0.0\n@you report\n",
      "report 1.0.0, mail 2.0.0" },
    { "a choice is taken back when a later one shows that it was wrong",
      "a 2.0.0 c:^2\na 1.0.0 c:^1\nb 1.0.0 c:^1\nc 2.0.0\nc 1.0.0\n@you a\n@you b\n",
      "a 1.0.0, b 1.0.0, c 1.0.0" },
    { "two choices back",
      "a 2.0.0 b:*\na 1.0.0\nb 2.0.0 c:^2\nb 1.0.0 c:^1\nc 2.0.0 d:^2\nc 1.0.0 d:^1\n"
      "d 3.0.0\n@you a\n",
      "a 1.0.0" },
    { "a conflict is kept, whoever says it",
      "a 1.0.0 b:* c:*\nb 2.0.0 !c:^1\nb 1.0.0\nc 1.0.0 !d:*\nd 1.0.0\n@you a\n",
      "a 1.0.0, b 1.0.0, c 1.0.0" },
    /* 3.14.1, Bug: a graph with a circle ended in an exception */
    { "a circle is no way, another version may be", "a 2.0.0 b:*\na 1.0.0\nb 1.0.0 a:*\n@you b\n",
      "a 1.0.0, b 1.0.0" },
    /* 3.14.2, Caution: a mark that stays makes a diamond a circle */
    { "a diamond is no circle", "a 1.0.0 b:* c:*\nb 1.0.0 d:*\nc 1.0.0 d:*\nd 1.0.0\n@you a\n",
      "a 1.0.0, b 1.0.0, c 1.0.0, d 1.0.0" },
    { "a kind is kept", "a 1.0.0 storage/lite:*\nlite 2.0.0\nstorage/lite 1.0.0\n@you a\n",
      "a 1.0.0, lite 1.0.0" },
    { "one name may be of two kinds",
      "a 1.0.0 storage/lite:* agent/lite:*\nlite 2.0.0\nstorage/lite 1.0.0\n@you a\n",
      "a 1.0.0, lite 2.0.0, lite 1.0.0" },
    { "a limit brings nothing in", "a 1.0.0\nb 1.0.0\n@you a\n=box b:^1\n", "a 1.0.0" },
    { "a limit is kept for what came in", "a 1.0.0 b:*\nb 2.0.0\nb 1.0.0\n@you a\n=box b:^1\n",
      "a 1.0.0, b 1.0.0" },
    { "what is optional comes in when it can",
      "a 1.0.0 ?b:^1\nb 2.0.0\nb 1.0.0 c:*\nc 1.0.0\n"
      "@you a\n",
      "a 1.0.0, b 1.0.0, c 1.0.0" },
    { "what is optional stays out when it cannot", "a 1.0.0 ?b:^1\nb 1.0.0 c:*\n@you a\n",
      "a 1.0.0 (-b)" },
    { "what is optional changes nothing that is required",
      "a 1.0.0 ?b:* c:*\nb 1.0.0 c:^1\nc 2.0.0\nc 1.0.0\n@you a\n", "a 1.0.0 (-b), c 2.0.0" },
    { "what is optional closes no circle", "a 1.0.0 b:*\nb 1.0.0 ?a:*\n@you a\n",
      "a 1.0.0, b 1.0.0 (-a)" },
    { "what is optional is met by what came in for another",
      "a 1.0.0 ?b:* ?c:*\nb 1.0.0 - d:*\nc 1.0.0 ?b:*\n@you a\n", "a 1.0.0 (-b), c 1.0.0 (-b)" },
};

static void the_newest_that_goes_together_is_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        static struct solve_case one;
        struct tdh_solved solved;
        struct td_err err = { 0 };
        char *text;

        solve_case_read(&one, answers[i].text);
        if (solve_case_solve(&one, &solved, &err) != 0)
            fail_msg("%s: %s", answers[i].claim, err.text);
        text = solve_case_print(&one, &solved);
        if (strcmp(text, answers[i].want) != 0)
            fail_msg("%s: %s", answers[i].claim, text);
        free(text);
        tdh_solved_end(&solved);
        solve_case_end(&one);
    }
}

static const struct {
    const char *text;
    enum td_code code;
    const char *want, *hint; /* hint: how it begins */
} failures[] = {
    { "@you mail\n", TD_E_NOTFOUND, "you wants \"mail\", which is not there", "" },
    { "report 1.0.0 pdf:*\n@you report\n", TD_E_DEPENDENCY,
      "something that is required is missing; report 1.0.0 is out: it requires pdf, which is not "
      "there",
      "put what is missing" },
    { "a 1.0.0 b:*\nb 1.0.0 c:*\nc 1.0.0 a:*\n@you a\n", TD_E_DEPENDENCY,
      "plugins require each other in a circle; c 1.0.0 is out: it requires itself: "
      "c -> a -> b -> c",
      "plugins cannot be loaded before each other" },
    { "a 1.0.0 a:*\n@you a\n", TD_E_DEPENDENCY,
      "plugins require each other in a circle; a 1.0.0 is out: it requires itself: a -> a", "" },
    { "report 1.1.0 mail:^1\nmail 2.0.0\nmail 1.4.0\n@you report\n=box mail:^2\n", TD_E_DEPENDENCY,
      "there are no versions that go together; mail 2.0.0 is out: report 1.1.0 wants mail ^1; "
      "mail 1.4.0 is out: box wants mail ^2",
      "install a version that is in all of these ranges" },
    { "report 1.1.0 mail:^3\nmail 2.0.0\nmail 1.4.0 -\n@you report\n", TD_E_DEPENDENCY,
      "there are no versions that go together; report 1.1.0 is out: it requires mail ^3, there is "
      "2.0.0, 1.4.0 (out: it is broken)",
      "" },
    { "a 1.0.0 b:*\nb 1.0.0 !a:<2\n@you a\n", TD_E_DEPENDENCY,
      "there are no versions that go together; b 1.0.0 is out: it conflicts with a 1.0.0", "" },
    { "mail 1.0.0 -\n@you mail\n", TD_E_DEPENDENCY,
      "there are no versions that go together; mail 1.0.0 is out: it is broken", "" },
    { "a 2.0.0 c:^1\na 1.0.0 c:^1\nb 1.0.0 c:^2\nc 2.0.0\nc 1.0.0\n@you b\n@you a\n",
      TD_E_DEPENDENCY,
      "there are no versions that go together; c 2.0.0 is out: a 2.0.0 wants c ^1, a 1.0.0 wants "
      "c ^1; c 1.0.0 is out: b 1.0.0 wants c ^2",
      "" },
};

static void no_way_is_told_in_a_persons_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(failures); i++) {
        static struct solve_case one;
        struct tdh_solved solved;
        struct td_err err = { 0 };

        solve_case_read(&one, failures[i].text);
        assert_int_equal(solve_case_solve(&one, &solved, &err), -1);
        assert_string_equal(err.text, failures[i].want);
        assert_int_equal(err.code, failures[i].code);
        assert_memory_equal(err.hint, failures[i].hint, strlen(failures[i].hint));
        tdh_solved_end(&solved);
        solve_case_end(&one);
    }
}

static const struct {
    const char *text;
    size_t which;
    const char *want;
} reasons[] = {
    { "report 1.1.0 mail:^1\nmail 2.0.0\nmail 1.4.0\n@you report\n", 1,
      "report 1.1.0 wants mail ^1" },
    { "mail 2.0.0\nmail 1.4.0\n@you mail\n", 1, "another one comes before it" },
    { "a 1.0.0 b:*\nb 2.0.0 c:*\nb 1.0.0\nc 1.0.0 d:*\n@you a\n", 1,
      "what it requires does not go with the rest" },
};

static void why_another_was_not_taken_is_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(reasons); i++) {
        static struct solve_case one;
        struct tdh_solved solved;
        struct td_err err = { 0 };
        char text[TDH_SOLVE_NOTE_TEXT];

        solve_case_read(&one, reasons[i].text);
        assert_int_equal(solve_case_solve(&one, &solved, &err), 0);
        assert_string_equal(tdh_solve_why_not(one.options, one.option_count, one.wants,
                                              one.want_count, &solved, reasons[i].which, text),
                            reasons[i].want);
        tdh_solved_end(&solved);
        solve_case_end(&one);
    }
}

/* Each of eleven may be of four versions, and the last one does not exist in the version that all
 * lead to. */
static void a_search_without_end_is_given_up(void **state)
{
    static struct solve_case one;
    struct tdh_buf text = { 0 };
    struct tdh_solved solved;
    struct td_err err = { 0 };

    (void)state;
    for (int name = 0; name < 11; name++)
        for (int version = 1; version < 5; version++)
            tdh_buf_printf(&text, "n%d %d.0.0 n%d:*\n", 10 + name, version, 11 + name);
    tdh_buf_printf(&text, "n21 1.0.0 z:<=1\nn21 2.0.0 z:<=1\nz 1.0.0\n@you n10\n=box z:>1\n");
    solve_case_read(&one, text.data);
    assert_int_equal(solve_case_solve(&one, &solved, &err), -1);
    assert_int_equal(err.code, TD_E_LIMIT);
    assert_string_equal(err.text,
                        "no versions that go together were found in 20001 steps, among 47");
    tdh_solved_end(&solved);
    solve_case_end(&one);
    tdh_buf_free(&text);
}

static void short_memory_is_told(void **state)
{
    static struct solve_case one;
    struct tdh_solved solved;
    struct td_err err = { 0 };
    int rc = -1;

    (void)state;
    solve_case_read(&one, answers[7].text);
    for (unsigned n = 1; rc != 0; n++) {
        alloc_fail_at(n);
        rc = solve_case_solve(&one, &solved, &err);
        alloc_fail_at(0);
        assert_true(rc == 0 || err.code == TD_E_NOMEM);
        tdh_solved_end(&solved);
    }
    solve_case_end(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_that_goes_together_is_taken),
        cmocka_unit_test(no_way_is_told_in_a_persons_words),
        cmocka_unit_test(why_another_was_not_taken_is_known),
        cmocka_unit_test(a_search_without_end_is_given_up),
        cmocka_unit_test(short_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
