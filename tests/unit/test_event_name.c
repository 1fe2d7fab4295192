/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event name: names, patterns, and which of them fit.
 */
#include "message/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *text;
    bool is_name, is_pattern;
} names[] = {
    { "a", true, true },     { "order.created", true, true }, { "Order_1.is-new.3", true, true },
    { "", false, false },    { ".", false, false },           { "a.", false, false },
    { ".a", false, false },  { "a..b", false, false },        { "a b", false, false },
    { "a/b", false, false }, { "주문", false, false },        { "*", false, true },
    { "a.*", false, true },  { "*.b", false, true },          { "a.*.c", false, true },
    { "**", false, true },   { "a.**", false, true },         { "**.a", false, false },
    { "a*", false, false },  { "*a", false, false },          { "a.***", false, false },
};

static void names_and_patterns_are_told_apart_from_others(void **state)
{
    struct td_err err;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if ((tdh_event_check_name(names[i].text, &err) == 0) != names[i].is_name)
            fail_msg("name \"%s\"", names[i].text);
        if ((tdh_event_check_pattern(names[i].text, &err) == 0) != names[i].is_pattern)
            fail_msg("pattern \"%s\"", names[i].text);
    }
}

static void a_name_has_an_end(void **state)
{
    char name[TDH_EVENT_NAME + 2];
    struct td_err err;

    (void)state;
    memset(name, 'a', sizeof(name));
    name[TDH_EVENT_NAME] = '\0';
    assert_int_equal(tdh_event_check_name(name, &err), 0);
    name[TDH_EVENT_NAME] = 'a';
    name[TDH_EVENT_NAME + 1] = '\0';
    assert_int_equal(tdh_event_check_name(name, &err), -1);
}

static const struct {
    const char *pattern, *name;
    bool fits;
} pairs[] = {
    { "a", "a", true },         { "a", "b", false },         { "a", "ab", false },
    { "ab", "a", false },       { "a.b", "a.b", true },      { "a.b", "a", false },
    { "a", "a.b", false },      { "a.b", "a.c", false },     { "*", "a", true },
    { "*", "a.b", false },      { "a.*", "a.b", true },      { "a.*", "a", false },
    { "a.*", "a.b.c", false },  { "*.b", "a.b", true },      { "*.b", "a.c", false },
    { "a.*.c", "a.b.c", true }, { "a.*.c", "a.b.d", false }, { "**", "a", true },
    { "**", "a.b.c", true },    { "a.**", "a.b", true },     { "a.**", "a.b.c", true },
    { "a.**", "a", false },     { "a.**", "b.c", false },    { "*.*", "a.b", true },
    { "*.*", "a", false },      { "*.**", "a.b.c", true },   { "*.**", "a", false },
};

static void a_pattern_fits_by_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        if (tdh_event_matches(pairs[i].pattern, pairs[i].name) != pairs[i].fits)
            fail_msg("\"%s\" and \"%s\"", pairs[i].pattern, pairs[i].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_patterns_are_told_apart_from_others),
        cmocka_unit_test(a_name_has_an_end),
        cmocka_unit_test(a_pattern_fits_by_words),
    };

    return cmocka_run_group_tests_name("event name", tests, NULL, NULL);
}
