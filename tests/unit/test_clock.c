/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock: times, durations and sizes, there and back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <time.h>

#include "base/clock.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void monotonic_time_goes_on_and_the_date_is_ours(void **state)
{
    uint64_t before = tdh_clock_mono_ns();

    (void)state;
    assert_true(tdh_clock_mono_ns() >= before);
    assert_in_range(tdh_clock_us(), INT64_C(1700000000000000), INT64_C(9000000000000000));
}

static void times_print_and_read_back(void **state)
{
    static const struct {
        int64_t time_us;
        const char *want;
    } cases[] = {
        { 0, "1970-01-01T00:00:00Z" },
        { 500000, "1970-01-01T00:00:00.5Z" },
        { 1, "1970-01-01T00:00:00.000001Z" },
        { -1, "1969-12-31T23:59:59.999999Z" },
        { INT64_C(951782400000000), "2000-02-29T00:00:00Z" },
        { INT64_C(1709164800123400), "2024-02-29T00:00:00.1234Z" },
        { INT64_C(4107542400000000), "2100-03-01T00:00:00Z" },
        { INT64_C(253402300799999999), "9999-12-31T23:59:59.999999Z" },
        { INT64_C(-62167219200000000), "0000-01-01T00:00:00Z" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct td_err err = { 0 };
        int64_t time_us = 7;
        char text[32];

        assert_string_equal(tdh_clock_print(cases[i].time_us, text, sizeof(text)), cases[i].want);
        assert_int_equal(tdh_clock_parse(text, &time_us, &err), 0);
        assert_int_equal(time_us, cases[i].time_us);
    }
}

static void the_ends_of_time_fit_the_room(void **state)
{
    char text[32];

    (void)state;
    assert_string_equal(tdh_clock_print(INT64_MAX, text, sizeof(text)),
                        "294247-01-10T04:00:54.775807Z");
    assert_string_equal(tdh_clock_print(INT64_MIN, text, sizeof(text)),
                        "-290308-12-21T19:59:05.224192Z");
}

/* Every day of 800 years against the C library. */
static void the_calendar_agrees_with_the_systems(void **state)
{
    (void)state;
    for (int64_t day = -135000; day < 160000; day += 1) {
        time_t seconds = (time_t)(day * 86400 + 3661);
        char text[32], want[32];
        struct tm tm;

        gmtime_r(&seconds, &tm);
        strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%SZ", &tm);
        tdh_clock_print((int64_t)seconds * 1000000, text, sizeof(text));
        assert_string_equal(text, want);
    }
}

static void every_spelling_of_a_time_is_read(void **state)
{
    static const struct {
        const char *text;
        int64_t want;
    } cases[] = {
        { "1970-01-01t00:00:00z", 0 },
        { "1970-01-01T00:00:00+00:00", 0 },
        { "1970-01-01T00:00:00-00:00", 0 },
        { "1970-01-01T09:00:00+09:00", 0 },
        { "1969-12-31T19:30:00-04:30", 0 },
        { "1970-01-01T00:00:00.000000999Z", 0 },
        { "1970-01-01T00:00:01.25+00:00", 1250000 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct td_err err = { 0 };
        int64_t time_us = 7;

        assert_int_equal(tdh_clock_parse(cases[i].text, &time_us, &err), 0);
        assert_int_equal(time_us, cases[i].want);
    }
}

#define NO_TIME(text) "\"" text "\" is not a time like \"2026-11-21T10:00:00Z\" (RFC 3339)"

static void what_is_no_time_is_named(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "", NO_TIME("") },
        { "2026-11-21", NO_TIME("2026-11-21") },
        { "2026-11-21T10:00:00", NO_TIME("2026-11-21T10:00:00") },
        { "2026-11-21 10:00:00Z", NO_TIME("2026-11-21 10:00:00Z") },
        { "2026-11-21T10:00Z", NO_TIME("2026-11-21T10:00Z") },
        { "2026-11-21T10:00:00.Z", NO_TIME("2026-11-21T10:00:00.Z") },
        { "2026-11-21T10:00:00.5", NO_TIME("2026-11-21T10:00:00.5") },
        { "2026-11-21T10:00:00Zx", NO_TIME("2026-11-21T10:00:00Zx") },
        { "2026-11-21T10:00:00+09", NO_TIME("2026-11-21T10:00:00+09") },
        { "2026-11-21T10:00:00+09:0", NO_TIME("2026-11-21T10:00:00+09:0") },
        { "2026-11-21T10:00:00+09:000", NO_TIME("2026-11-21T10:00:00+09:000") },
        { "26-11-21T10:00:00Z", NO_TIME("26-11-21T10:00:00Z") },
        { "2026-13-01T00:00:00Z", "time \"2026-13-01T00:00:00Z\": month 13 is not in 1 to 12" },
        { "2026-02-29T00:00:00Z", "time \"2026-02-29T00:00:00Z\": day 29 is not in 1 to 28" },
        { "1900-02-29T00:00:00Z", "time \"1900-02-29T00:00:00Z\": day 29 is not in 1 to 28" },
        { "2026-04-31T00:00:00Z", "time \"2026-04-31T00:00:00Z\": day 31 is not in 1 to 30" },
        { "2026-01-00T00:00:00Z", "time \"2026-01-00T00:00:00Z\": day 0 is not in 1 to 31" },
        { "2026-01-01T24:00:00Z", "time \"2026-01-01T24:00:00Z\": hour 24 is not in 0 to 23" },
        { "2026-01-01T00:60:00Z", "time \"2026-01-01T00:60:00Z\": minute 60 is not in 0 to 59" },
        { "2016-12-31T23:59:60Z", "time \"2016-12-31T23:59:60Z\": second 60 is not in 0 to 59" },
        { "2026-01-01T00:00:00+24:00",
          "time \"2026-01-01T00:00:00+24:00\": offset hour 24 is not in 0 to 23" },
        { "2026-01-01T00:00:00-01:60",
          "time \"2026-01-01T00:00:00-01:60\": offset minute 60 is not in 0 to 59" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct td_err err = { 0 };
        int64_t time_us = 7;

        assert_int_equal(tdh_clock_parse(cases[i].text, &time_us, &err), -1);
        assert_string_equal(err.text, cases[i].want);
        assert_int_equal(err.code, TD_E_INVAL);
        assert_int_equal(time_us, 7);
    }
}

static void durations_are_read_in_whole_milliseconds(void **state)
{
    static const struct {
        const char *text;
        int64_t want;
    } cases[] = {
        { "500us", 1 },
        { "0us", 0 },
        { "0s", 0 },
        { "5ms", 5 },
        { "1.5s", 1500 },
        { "0.1s", 100 },
        { "2m", 120000 },
        { "3h", 10800000 },
        { "7d", 604800000 },
        { "1h30m", 5400000 },
        { "1d2h3m4s5ms", 93784005 },
        { "1500us", 2 },
        { "1.0001ms", 2 },
        { "0.5d", 43200000 },
        { "0.00000001us", 1 },
        { "0.0000000s", 0 },
        { "1.5000000s", 1500 },
        { "0.9999999s", 1000 },
        { "106751d", INT64_C(9223286400000) },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct td_err err = { 0 };
        int64_t ms = 7;

        assert_int_equal(tdh_duration_parse(cases[i].text, &ms, &err), 0);
        assert_int_equal(ms, cases[i].want);
    }
}

static void what_is_no_duration_is_named(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "", "duration \"\": expected a number and a unit, like \"1h30m\"" },
        { "s", "duration \"s\": expected a number and a unit, like \"1h30m\"" },
        { "-1s", "duration \"-1s\": expected a number and a unit, like \"1h30m\"" },
        { "1.s", "duration \"1.s\": expected a number and a unit, like \"1h30m\"" },
        { "10", "duration \"10\": a number needs a unit: us, ms, s, m, h or d" },
        { "1h30", "duration \"1h30\": a number needs a unit: us, ms, s, m, h or d" },
        { "1 s", "duration \"1 s\": a number needs a unit: us, ms, s, m, h or d" },
        { "1w", "duration \"1w\": a number needs a unit: us, ms, s, m, h or d" },
        { "1S", "duration \"1S\": a number needs a unit: us, ms, s, m, h or d" },
        { "30m1h", "duration \"30m1h\": units go from large to small, each once" },
        { "1s1s", "duration \"1s1s\": units go from large to small, each once" },
        { "999999999999d", "duration \"999999999999d\": is too long" },
        { "99999999999999999999s", "duration \"99999999999999999999s\": is too long" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct td_err err = { 0 };
        int64_t ms = 7;

        assert_int_equal(tdh_duration_parse(cases[i].text, &ms, &err), -1);
        assert_string_equal(err.text, cases[i].want);
        assert_int_equal(ms, 7);
    }
}

static void sizes_are_read_in_bytes(void **state)
{
    static const struct {
        const char *text;
        int64_t want;
    } cases[] = {
        { "0", 0 },
        { "4096", 4096 },
        { "12B", 12 },
        { "64KiB", 65536 },
        { "1.5MiB", 1572864 },
        { "2GiB", INT64_C(2147483648) },
        { "10kB", 10000 },
        { "1MB", 1000000 },
        { "1TiB", INT64_C(1099511627776) },
        { "0.1KiB", 103 },
        { "0.5B", 1 },
        { "9223372036854775807", INT64_MAX },
        { "3GB", INT64_C(3000000000) },
        { "1TB", INT64_C(1000000000000) },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct td_err err = { 0 };
        int64_t bytes = 7;

        assert_int_equal(tdh_size_parse(cases[i].text, &bytes, &err), 0);
        assert_int_equal(bytes, cases[i].want);
    }
}

#define NO_UNIT(text, unit)                                                                        \
    "size \"" text "\": \"" unit "\" is not a unit; use B, kB, MB, GB, TB, KiB, MiB, GiB or TiB"

static void what_is_no_size_is_named(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "", "size \"\": expected a number and a unit, like \"64KiB\"" },
        { "-1", "size \"-1\": expected a number and a unit, like \"64KiB\"" },
        { "KiB", "size \"KiB\": expected a number and a unit, like \"64KiB\"" },
        { "64K", NO_UNIT("64K", "K") },
        { "64 KiB", NO_UNIT("64 KiB", " KiB") },
        { "1KB", NO_UNIT("1KB", "KB") },
        { "1kB2", NO_UNIT("1kB2", "kB2") },
        { "9223372036854775808", "size \"9223372036854775808\": is too large" },
        { "9000000TiB", "size \"9000000TiB\": is too large" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct td_err err = { 0 };
        int64_t bytes = 7;

        assert_int_equal(tdh_size_parse(cases[i].text, &bytes, &err), -1);
        assert_string_equal(err.text, cases[i].want);
        assert_int_equal(bytes, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(monotonic_time_goes_on_and_the_date_is_ours),
        cmocka_unit_test(times_print_and_read_back),
        cmocka_unit_test(the_ends_of_time_fit_the_room),
        cmocka_unit_test(the_calendar_agrees_with_the_systems),
        cmocka_unit_test(every_spelling_of_a_time_is_read),
        cmocka_unit_test(what_is_no_time_is_named),
        cmocka_unit_test(durations_are_read_in_whole_milliseconds),
        cmocka_unit_test(what_is_no_duration_is_named),
        cmocka_unit_test(sizes_are_read_in_bytes),
        cmocka_unit_test(what_is_no_size_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
