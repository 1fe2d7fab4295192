/* SPDX-License-Identifier: Apache-2.0 */
/*
 * near: the word that was meant, and none when nothing is near.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/near.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char *const names[] = { "library", "version",      "options", "kind", "name",
                                     "id",      "max_attempts", "of",      "on" };

static const struct {
    const char *word, *want;
} cases[] = {
    { "libary", "library" },   /* one missing */
    { "libraryy", "library" }, /* one too many */
    { "verison", "version" },  /* neighbours swapped */
    { "optoins", "options" },
    { "kint", "kind" }, /* one changed */
    { "nmae", "name" }, /* a swap is one edit, and four letters allow one */
    { "max_atempst", "max_attempts" },
    { "maxattempt", "max_attempts" },
    { "maxattemp", "max_attempts" }, /* three edits in nine letters */
    { "max_attempts_of_all", NULL },
    { "knid_", NULL }, /* two edits in five letters */
    { "name", "name" },
    { "ox", "of" }, /* the first of two equally near */
    { "", NULL },
    { "zzz", NULL },
    { "x", NULL },
    { "o", "of" },
    { "Library", "library" },
};

static void the_nearest_name_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *near = tdh_near(cases[i].word, names, COUNT(names));

        assert_string_equal(near != NULL ? near : "<none>",
                            cases[i].want != NULL ? cases[i].want : "<none>");
    }
}

static void a_nearer_name_wins_over_an_earlier_one(void **state)
{
    static const char *const pair[] = { "attempt-limits", "attempt_limit", "attempt-limit" };

    (void)state;
    assert_string_equal(tdh_near("attempt-limit", pair, 3), "attempt-limit");
    assert_string_equal(tdh_near("attempt_limiq", pair, 3), "attempt_limit");
}

static void long_words_are_left_alone(void **state)
{
    char word[66];
    const char *const same[] = { word };

    (void)state;
    memset(word, 'w', sizeof(word) - 1);
    word[65] = '\0';
    assert_null(tdh_near(word, same, 1));
    assert_null(tdh_near(word + 2, same, 1)); /* the name is too long */
    word[64] = '\0';
    assert_non_null(tdh_near(word, same, 1));
    assert_null(tdh_near("word", NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_name_is_found),
        cmocka_unit_test(a_nearer_name_wins_over_an_earlier_one),
        cmocka_unit_test(long_words_are_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
