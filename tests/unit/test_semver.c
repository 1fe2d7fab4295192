/* SPDX-License-Identifier: Apache-2.0 */
/*
 * semver: precedence as on semver.org, ranges as in npm.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/semver.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void versions_print_as_they_were_read(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "0.0.0", "0.0.0" },
        { "1.20.300", "1.20.300" },
        { "4294967295.0.1", "4294967295.0.1" },
        { "1.2.3-rc.1", "1.2.3-rc.1" },
        { "1.2.3-0.a-b.10", "1.2.3-0.a-b.10" },
        { "1.2.3--", "1.2.3--" },
        { "1.2.3-01a", "1.2.3-01a" },
        { "1.2.3+build.007", "1.2.3" },
        { "1.2.3-beta+exp.sha-5114f85", "1.2.3-beta" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tdh_semver version;
        struct td_err err = { 0 };
        char text[128];

        assert_int_equal(tdh_semver_parse(cases[i].text, &version, &err), 0);
        assert_string_equal(tdh_semver_print(&version, text, sizeof(text)), cases[i].want);
    }
}

static void what_is_no_version_is_named(void **state)
{
    static const char *const cases[] = {
        "",
        "1",
        "1.2",
        "1.2.3.4",
        "01.2.3",
        "1.02.3",
        "1.2.03",
        "v1.2.3",
        " 1.2.3",
        "1.2.3 ",
        "1.2.-3",
        "1.2.3-",
        "1.2.3-a..b",
        "1.2.3-01",
        "1.2.3-a.01",
        "1.2.3+",
        "1.2.3+a+b",
        "1.2.3-a_b",
        "a.b.c",
        "1..3",
        "4294967296.0.0",
        "1.2.x",
        "1.2.3-\xC3\xA9",
        /* 64 bytes behind the dash */
        "1.2.3-aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff1234",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tdh_semver version = { .major = 7 };
        struct td_err err = { 0 };

        assert_int_equal(tdh_semver_parse(cases[i], &version, &err), -1);
        assert_int_equal(err.code, TD_E_INVAL);
        assert_int_equal(version.major, 7);
    }
    {
        struct tdh_semver version;
        struct td_err err = { 0 };

        tdh_semver_parse("1.2", &version, &err);
        assert_string_equal(err.text,
                            "version \"1.2\" is not like \"1.2.3\" or \"1.2.3-rc.1\" (semver.org)");
    }
}

static void each_version_comes_before_the_next(void **state)
{
    static const char *const order[] = {
        "0.0.1-0",
        "0.0.1",
        "0.1.0",
        "1.0.0-0",
        "1.0.0-1",
        "1.0.0-2",
        "1.0.0-10",
        "1.0.0-99999999999999999999",
        "1.0.0-100000000000000000000",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.0.1",
        "1.1.0",
        "1.10.0",
        "2.0.0",
        "10.0.0",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(order); i++)
        for (size_t k = 0; k < COUNT(order); k++) {
            struct tdh_semver a, b;
            struct td_err err = { 0 };
            int got;

            assert_int_equal(tdh_semver_parse(order[i], &a, &err), 0);
            assert_int_equal(tdh_semver_parse(order[k], &b, &err), 0);
            got = tdh_semver_compare(&a, &b);
            assert_int_equal((got > 0) - (got < 0), (i > k) - (i < k));
        }
}

static const struct {
    const char *range;
    const char *in, *out; /* versions, separated by spaces */
} ranges[] = {
    /* 3.14.4, Bug: a version without an operator, and "=", were met by everything */
    { "1.2.3", "1.2.3", "1.2.4 1.2.2 1.2.3-a" },
    { "=1.2.3", "1.2.3", "1.2.4" },
    { "*", "0.0.0 9.9.9", "1.0.0-a" },
    { "", "0.0.0 9.9.9", "1.0.0-a" },
    { " x ", "0.0.0 9.9.9", "1.0.0-a" },
    { "1", "1.0.0 1.9.9", "0.9.9 2.0.0 2.0.0-a 1.0.0-a" },
    { "1.x", "1.0.0 1.9.9", "2.0.0" },
    { "1.2.*", "1.2.0 1.2.9", "1.3.0 1.1.9" },
    { "1.x.x", "1.0.0 1.9.9", "2.0.0" },
    { "^1.2.3", "1.2.3 1.9.0", "1.2.2 2.0.0 2.0.0-a 1.2.3-a 1.3.0-a" },
    /* 3.14.4, Bug: ^0.x was as ^1.x */
    { "^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2 0.3.0-a" },
    { "^0.0.3", "0.0.3", "0.0.4 0.0.2" },
    { "^0.0", "0.0.0 0.0.9", "0.1.0" },
    { "^0", "0.0.0 0.9.9", "1.0.0" },
    { "^0.x", "0.0.0 0.9.9", "1.0.0" },
    { "^1.2", "1.2.0 1.9.9", "1.1.9 2.0.0" },
    { "^1.2.3-beta.2", "1.2.3-beta.2 1.2.3-beta.3 1.2.3 1.5.0",
      "1.2.3-beta.1 1.2.4-beta.3 2.0.0-0" },
    /* 3.14.4, Bug: ~ took what is before its base */
    { "~1.2.3", "1.2.3 1.2.9", "1.2.2 1.3.0" },
    { "~1.2", "1.2.0 1.2.9", "1.3.0" },
    { "~1", "1.0.0 1.9.9", "2.0.0" },
    { "~0.2.3-a", "0.2.3-a 0.2.3 0.2.9", "0.2.4-b 0.3.0" },
    { ">=0.1 <2", "0.1.0 1.9.9", "0.0.9 2.0.0 2.0.0-a" },
    { ">= 1.2.3   <= 2.0.0", "1.2.3 2.0.0", "1.2.2 2.0.1" },
    { ">1.2.3", "1.2.4", "1.2.3" },
    { ">1.2", "1.3.0", "1.2.9" },
    { ">1", "2.0.0", "1.9.9 2.0.0-a" },
    { "<1.2", "1.1.9", "1.2.0 1.2.0-a" },
    { "<=1.2", "1.2.9", "1.3.0" },
    { "<=1", "1.9.9", "2.0.0" },
    { "<=1.2.3", "1.2.3", "1.2.4" },
    { ">*", NULL, "0.0.0 1.0.0 0.0.0-0" },
    { "<*", NULL, "0.0.0 1.0.0" },
    { ">=*", "0.0.0 1.0.0", "1.0.0-a" },
    { "^*", "0.0.0 1.0.0", NULL },
    { "1.2.3 - 2.3.4", "1.2.3 2.3.4", "1.2.2 2.3.5" },
    { "1.2 - 2.3", "1.2.0 2.3.9", "1.1.9 2.4.0" },
    { "1.2.3 - 2", "2.9.9", "3.0.0" },
    { "* - 2", "0.0.0 2.9.9", "3.0.0" },
    { "1 - *", "1.0.0 9.0.0", "0.9.9" },
    { "^1 || ^3", "1.5.0 3.1.0", "2.0.0 4.0.0" },
    { "1.2.3||2.0.0-rc.1", "1.2.3 2.0.0-rc.1", "2.0.0 2.0.0-rc.2" },
    { "^2 ||", "2.0.0 7.0.0", "2.0.0-a" },
    { ">=2.0.0-a ^1.5", NULL, "1.5.0 2.0.0 2.0.0-b" },
    { ">1.0.0-a <1.0.0-c", "1.0.0-b", "1.0.0-c 1.0.0" },
    { "4294967295.0.0", "4294967295.0.0", "1.0.0" },
};

/* Each version of a list against the range: all in it, or none. */
static void expect(const struct tdh_range *range, const char *list, bool want)
{
    while (list != NULL && *list != '\0') {
        size_t length = strcspn(list, " ");
        struct tdh_semver version;
        struct td_err err = { 0 };
        char text[64] = "";

        memcpy(text, list, length);
        assert_int_equal(tdh_semver_parse(text, &version, &err), 0);
        if (tdh_range_has(range, &version) != want)
            fail_msg("%s: %s", text, want ? "should be in" : "should be out");
        list += length + strspn(list + length, " ");
    }
}

static void ranges_hold_what_they_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ranges); i++) {
        struct tdh_range range;
        struct td_err err = { 0 };

        assert_int_equal(tdh_range_parse(ranges[i].range, &range, &err), 0);
        expect(&range, ranges[i].in, true);
        expect(&range, ranges[i].out, false);
    }
}

static void a_range_that_was_never_read_holds_all_releases(void **state)
{
    const struct tdh_range range = { 0 };

    (void)state;
    expect(&range, "0.0.0 1.2.3", true);
    expect(&range, "1.2.3-a", false);
}

#define NO_VERSION(text) "range \"" text "\": expected a version like 1.2.3, 1.2 or 1.x"

static void what_is_no_range_is_named(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "abc", NO_VERSION("abc") },
        { "^", NO_VERSION("^") },
        { ">=", NO_VERSION(">=") },
        { "^^1", NO_VERSION("^^1") },
        { "1.", NO_VERSION("1.") },
        { "1.2.3.4", NO_VERSION("1.2.3.4") },
        { "1.x.3", NO_VERSION("1.x.3") },
        { "01", NO_VERSION("01") },
        { "1.2-beta", NO_VERSION("1.2-beta") },
        { "1.2.3-", NO_VERSION("1.2.3-") },
        { "1.2.3,2.0.0", NO_VERSION("1.2.3,2.0.0") },
        { "1 -2", NO_VERSION("1 -2") },
        { "1 - ", NO_VERSION("1 - ") },
        { "1 |2", NO_VERSION("1 |2") },
        { "v1", NO_VERSION("v1") },
        { "4294967296", NO_VERSION("4294967296") },
        { "^4294967295", "range \"^4294967295\": a number is too large" },
        { "1.2.3 1.2.3 1.2.3 1.2.3 1.2.3 1.2.3 1.2.3 1.2.3 1.2.3 1.2.3 1.2.3 1.2.3 1.2.3 1.2.3 "
          "1.2.3 1.2.3 1",
          "range \"1.2.3 1.2.3 1.2.3 1.2.3 1.2.3 1.2.3 1.2.3 1.2.3 1.2.3 1.2.3 1.2.3 1.2.3 1.2.3 "
          "1.2.3 1.2.3 1.2.3 1\": "
          "has more than 16 comparators" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tdh_range range = { .count = 7 };
        struct td_err err = { 0 };

        assert_int_equal(tdh_range_parse(cases[i].text, &range, &err), -1);
        assert_string_equal(err.text, cases[i].want);
        assert_int_equal(range.count, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_print_as_they_were_read),
        cmocka_unit_test(what_is_no_version_is_named),
        cmocka_unit_test(each_version_comes_before_the_next),
        cmocka_unit_test(ranges_hold_what_they_say),
        cmocka_unit_test(a_range_that_was_never_read_holds_all_releases),
        cmocka_unit_test(what_is_no_range_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
