/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pace: which times start something after an absence, by policy; when a throttle lets starts
 * through; what is known of a trigger survives being written. No clock is asked.
 */
#include "flow/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "flow/tally.h"

#define S INT64_C(1000000)
#define MIN (60 * S)
#define HOUR (60 * MIN)
#define DAY (24 * HOUR)

static struct tdh_trigger cron_of(const char *text, enum tdh_missed missed)
{
    struct tdh_trigger trigger = { .kind = TRIGGER_CRON, .missed = missed };
    struct td_err err;

    assert_int_equal(tdh_cron_parse(text, &trigger.cron, &err), 0);
    return trigger;
}

/* Each minute; times in minutes: seen, begun, now; then those that start, "at+left_out". */
static const struct {
    enum tdh_missed missed;
    int seen, begun, now;
    const char *want;
} absences[] = {
    { MISSED_ONCE, 0, 0, 1, "1" },
    { MISSED_ONCE, 0, 0, 0, "" },
    { MISSED_SKIP, 0, 0, 1, "1" },
    { MISSED_ALL, 0, 0, 1, "1" },
    /* away from 0 to 5, back for 5 */
    { MISSED_ONCE, 0, 5, 5, "4+3 5" },
    { MISSED_SKIP, 0, 5, 5, "5+4" },
    { MISSED_ALL, 0, 5, 5, "1 2 3 4 5" },
    /* away from 0 to 5, noticed at once that nothing is due */
    { MISSED_SKIP, 0, 6, 5, "" },
    { MISSED_ONCE, 0, 6, 5, "5+4" },
    /* there all the time, but the machine slept */
    { MISSED_ONCE, 0, 0, 9, "7+6 8 9" },
    { MISSED_SKIP, 0, 0, 9, "8+7 9" },
    { MISSED_ALL, 0, 0, 4, "1 2 3 4" },
    /* the clock was put back: what was seen is not seen again */
    { MISSED_ALL, 9, 0, 4, "" },
};

static void missed_times_are_made_up_for_by_policy(void **state)
{
    static struct tdh_pace_time times[TDH_PACE_ROOM];

    (void)state;
    for (size_t i = 0; i < sizeof(absences) / sizeof(absences[0]); i++) {
        struct tdh_trigger trigger = cron_of("* * * * *", absences[i].missed);
        const struct tdh_pace_span span = { .seen_us = absences[i].seen * MIN,
                                            .began_us = absences[i].begun * MIN,
                                            .now_us = absences[i].now * MIN };
        size_t count = tdh_pace_times(&trigger, &span, times);
        struct tdh_buf got = { 0 };

        tdh_buf_text(&got, "");
        for (size_t at = 0; at < count; at++) {
            tdh_buf_printf(&got, at > 0 ? " %lld" : "%lld", (long long)(times[at].at_us / MIN));
            if (times[at].left_out > 0)
                tdh_buf_printf(&got, "+%llu", (unsigned long long)times[at].left_out);
        }
        if (strcmp(got.data != NULL ? got.data : "", absences[i].want) != 0)
            fail_msg("row %zu: %s, want %s", i, got.data, absences[i].want);
        tdh_buf_free(&got);
    }
}

static void a_long_absence_is_bounded(void **state)
{
    static struct tdh_pace_time times[TDH_PACE_ROOM];
    struct tdh_trigger trigger = cron_of("* * * * * *", MISSED_ALL);
    struct tdh_pace_span span = { .seen_us = 0, .began_us = 3 * HOUR, .now_us = 3 * HOUR };
    size_t count;

    (void)state;
    count = tdh_pace_times(&trigger, &span, times);
    assert_int_equal(count, TDH_PACE_TIMES);
    assert_int_equal(times[0].at_us, 3 * HOUR - (TDH_PACE_TIMES - 1) * S);
    assert_int_equal(times[0].left_out, 3 * 3600 - TDH_PACE_TIMES);
    assert_int_equal(times[count - 1].at_us, 3 * HOUR);
    span.began_us = span.now_us = 3650 * DAY; /* ten years of seconds */
    count = tdh_pace_times(&trigger, &span, times);
    assert_int_equal(count, TDH_PACE_TIMES);
    assert_int_equal(times[count - 1].at_us, 3650 * DAY);
    trigger.missed = MISSED_ONCE;
    count = tdh_pace_times(&trigger, &span, times);
    assert_int_equal(count, 2);
    assert_true(times[0].left_out > 100000);
}

static void an_interval_counts_from_when_it_was_first_seen(void **state)
{
    struct tdh_trigger trigger = { .kind = TRIGGER_INTERVAL, .interval_us = 5 * MIN };
    int64_t next_us;

    (void)state;
    assert_true(tdh_pace_next(&trigger, 7 * S, 7 * S, &next_us));
    assert_int_equal(next_us, 7 * S + 5 * MIN);
    assert_true(tdh_pace_next(&trigger, 7 * S, next_us, &next_us));
    assert_int_equal(next_us, 7 * S + 10 * MIN);
    assert_true(tdh_pace_next(&trigger, 7 * S, 7 * S + 12 * MIN, &next_us));
    assert_int_equal(next_us, 7 * S + 15 * MIN);
    assert_true(tdh_pace_next(&trigger, 7 * S, 0, &next_us)); /* the clock was put back */
    assert_int_equal(next_us, 7 * S);
}

static void a_throttle_lets_through_so_many_in_any_span(void **state)
{
    struct tdh_trigger trigger = { .throttle_max = 3, .throttle_ms = 10000 };
    /* when each is wanted, and when it may be, in seconds */
    static const int wants[][2] = { { 0, 0 },   { 1, 1 },   { 1, 1 },   { 2, 10 },
                                    { 3, 11 },  { 3, 11 },  { 12, 20 }, { 40, 40 },
                                    { 40, 40 }, { 40, 40 }, { 40, 50 } };
    struct tdh_pace_log log = { 0 };
    struct td_err err;

    (void)state;
    for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]); i++) {
        int64_t at_us;

        assert_int_equal(tdh_pace_slot(&trigger, &log, wants[i][0] * S, &at_us, &err), 0);
        assert_int_equal(at_us, wants[i][1] * S);
        assert_in_range(log.count, 1, 3);
    }
    trigger.throttle_max = 0;
    assert_int_equal(tdh_pace_slot(&trigger, &log, S, &log.starts_us[0], &err), 0);
    assert_int_equal(log.starts_us[0], S);
    free(log.starts_us);
}

/* Starts in an order: never more than max within any span, and none is let through too late. */
static void a_throttle_holds_for_many(void **state)
{
    struct tdh_trigger trigger = { .throttle_max = 7, .throttle_ms = 1000 };
    struct tdh_pace_log log = { 0 };
    static int64_t starts_us[2000];
    uint64_t seed = 1;
    int64_t now_us = 0;
    struct td_err err;

    (void)state;
    for (size_t i = 0; i < 2000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        now_us += (int64_t)(seed >> 33) % 250000;
        assert_int_equal(tdh_pace_slot(&trigger, &log, now_us, &starts_us[i], &err), 0);
        assert_true(starts_us[i] >= now_us && (i == 0 || starts_us[i] >= starts_us[i - 1]));
        if (i >= 7) {
            assert_true(starts_us[i] - starts_us[i - 7] >= S);
            assert_true(starts_us[i] == now_us || starts_us[i] == starts_us[i - 1] ||
                        starts_us[i] == starts_us[i - 7] + S);
        }
    }
    free(log.starts_us);
}

static void what_is_known_survives_being_written(void **state)
{
    int64_t starts_us[] = { 1, 2, 3 };
    struct tdh_tally tally = { .hash = "abc",
                               .since_us = 10,
                               .seen_us = 20,
                               .is_listed = true,
                               .last_us = 30,
                               .last_run = "a run",
                               .count = 4,
                               .waiting_us = 50,
                               .log = { starts_us, 3 } };
    struct tdh_tally again = { 0 };
    struct td_err err;
    json_t *first, *second;

    (void)state;
    tdh_tally_refuse(&tally, 0, "because");
    tally.waiting = json_pack("{s:s}", "name", "x");
    first = tdh_tally_json(&tally);
    assert_int_equal(tdh_tally_read(&again, first, &err), 0);
    second = tdh_tally_json(&again);
    assert_true(json_equal(first, second));
    assert_int_equal(again.refused, 1);
    assert_string_equal(again.last_run, "a run");
    assert_int_equal(again.log.starts_us[2], 3);
    json_decref(first);
    json_decref(second);
    json_decref(tally.refusal);
    json_decref(tally.waiting);
    tdh_tally_end(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missed_times_are_made_up_for_by_policy),
        cmocka_unit_test(a_long_absence_is_bounded),
        cmocka_unit_test(an_interval_counts_from_when_it_was_first_seen),
        cmocka_unit_test(a_throttle_lets_through_so_many_in_any_span),
        cmocka_unit_test(a_throttle_holds_for_many),
        cmocka_unit_test(what_is_known_survives_being_written),
    };

    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
