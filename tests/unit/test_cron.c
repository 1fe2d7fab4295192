/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cron: what may be written, and when it comes next: leap years, ends of months, zones, and clocks
 * put forward and back.
 */
#include "flow/cron.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

enum { TIMES_MAX = 6 };

/* The times after `after`, in UTC. */
struct row {
    const char *cron, *zone, *after;
    const char *want[TIMES_MAX];
};

static int64_t time_of(const char *text)
{
    struct td_err err;
    int64_t time_us;

    if (tdh_clock_parse(text, &time_us, &err) != 0)
        fail_msg("%s", err.text);
    return time_us;
}

static void check_row(const struct row *row)
{
    struct tdh_zone *zone = NULL;
    int64_t at = time_of(row->after);
    struct tdh_cron cron;
    struct td_err err;

    if (tdh_cron_parse(row->cron, &cron, &err) != 0 ||
        (row->zone != NULL && (zone = tdh_zone_new(row->zone, &err)) == NULL))
        fail_msg("%s", err.text);
    for (int i = 0; i < TIMES_MAX && row->want[i] != NULL; i++) {
        char got[40];

        if (!tdh_cron_next(&cron, zone, at, &at))
            fail_msg("\"%s\" does not come after %s", row->cron, row->after);
        tdh_clock_print(at, got, sizeof(got));
        if (strcmp(got, row->want[i]) != 0)
            fail_msg("\"%s\" in %s after %s: time %d is %s, want %s", row->cron,
                     row->zone ? row->zone : "UTC", row->after, i, got, row->want[i]);
    }
    tdh_zone_free(zone);
}

#define CHECK_ROWS(rows)                                                                           \
    for (size_t i_ = 0; i_ < sizeof(rows) / sizeof((rows)[0]); i_++)                               \
    check_row(&(rows)[i_])

static const struct row fields[] = {
    { "* * * * *",
      NULL,
      "2026-01-01T00:00:00Z",
      { "2026-01-01T00:01:00Z", "2026-01-01T00:02:00Z" } },
    { "* * * * *", NULL, "2025-12-31T23:59:59.999Z", { "2026-01-01T00:00:00Z" } },
    { "* * * * *",
      NULL,
      "1969-12-31T23:58:00.5Z",
      { "1969-12-31T23:59:00Z", "1970-01-01T00:00:00Z" } },
    { "* * * * * *",
      NULL,
      "2026-01-01T00:00:00.2Z",
      { "2026-01-01T00:00:01Z", "2026-01-01T00:00:02Z" } },
    { "*/15 * * * *",
      NULL,
      "2026-01-01T00:16:00Z",
      { "2026-01-01T00:30:00Z", "2026-01-01T00:45:00Z", "2026-01-01T01:00:00Z" } },
    { "*/40 * * * *",
      NULL,
      "2026-01-01T00:00:00Z",
      { "2026-01-01T00:40:00Z", "2026-01-01T01:00:00Z", "2026-01-01T01:40:00Z" } },
    { "5/20 * * * *",
      NULL,
      "2026-01-01T00:00:00Z",
      { "2026-01-01T00:05:00Z", "2026-01-01T00:25:00Z", "2026-01-01T00:45:00Z",
        "2026-01-01T01:05:00Z" } },
    { "10-20/5,50 3 * * *",
      NULL,
      "2026-01-01T03:10:00Z",
      { "2026-01-01T03:15:00Z", "2026-01-01T03:20:00Z", "2026-01-01T03:50:00Z",
        "2026-01-02T03:10:00Z" } },
    { "30 59 */10 * * *",
      NULL,
      "2026-01-01T00:59:30Z",
      { "2026-01-01T10:59:30Z", "2026-01-01T20:59:30Z", "2026-01-02T00:59:30Z" } },
    { "0 0 L * *",
      NULL,
      "2026-01-15T00:00:00Z",
      { "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z",
        "2026-04-30T00:00:00Z" } },
    { "0 0 15,L 2 *",
      NULL,
      "2028-01-01T00:00:00Z",
      { "2028-02-15T00:00:00Z", "2028-02-29T00:00:00Z", "2029-02-15T00:00:00Z",
        "2029-02-28T00:00:00Z" } },
    { "0 0 31 * *",
      NULL,
      "2026-01-31T00:00:00Z",
      { "2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z", "2026-07-31T00:00:00Z",
        "2026-08-31T00:00:00Z" } },
    { "0 0 29 2 *",
      NULL,
      "2026-01-01T00:00:00Z",
      { "2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z", "2036-02-29T00:00:00Z" } },
    { "0 0 29 2 *", NULL, "2096-03-01T00:00:00Z", { "2104-02-29T00:00:00Z" } },
    { "0 0 29 FEB *", NULL, "1999-01-01T00:00:00Z", { "2000-02-29T00:00:00Z" } },
    { "0 12 * jan,DEC mon-wed",
      NULL,
      "2026-01-01T00:00:00Z",
      { "2026-01-05T12:00:00Z", "2026-01-06T12:00:00Z", "2026-01-07T12:00:00Z",
        "2026-01-12T12:00:00Z" } },
    { "0 0 * * 0",
      NULL,
      "2026-01-01T00:00:00Z",
      { "2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z" } },
    { "0 0 * * 7",
      NULL,
      "2026-01-01T00:00:00Z",
      { "2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z" } },
    { "0 0 * * 5-7",
      NULL,
      "2026-01-01T00:00:00Z",
      { "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z",
        "2026-01-09T00:00:00Z" } },
    /* a day or a weekday, when both are named; both, when one begins with a star */
    { "0 0 13 * FRI",
      NULL,
      "2026-01-01T00:00:00Z",
      { "2026-01-02T00:00:00Z", "2026-01-09T00:00:00Z", "2026-01-13T00:00:00Z",
        "2026-01-16T00:00:00Z" } },
    { "0 0 */2 * MON",
      NULL,
      "2026-01-01T00:00:00Z",
      { "2026-01-05T00:00:00Z", "2026-01-19T00:00:00Z", "2026-02-09T00:00:00Z" } },
    { "@hourly", NULL, "2026-01-01T00:00:00Z", { "2026-01-01T01:00:00Z" } },
    { "@daily", NULL, "2026-01-01T00:00:00Z", { "2026-01-02T00:00:00Z" } },
    { "@weekly", NULL, "2026-01-01T00:00:00Z", { "2026-01-04T00:00:00Z" } },
    { "@MONTHLY", NULL, "2026-01-01T00:00:00Z", { "2026-02-01T00:00:00Z" } },
    { "@yearly", NULL, "2026-01-01T00:00:00Z", { "2027-01-01T00:00:00Z" } },
    { "  0\t4  1 1 *  ", NULL, "2026-01-01T05:00:00Z", { "2027-01-01T04:00:00Z" } },
};

static void fields_say_when(void **state)
{
    (void)state;
    CHECK_ROWS(fields);
}

/* Berlin: forward 2026-03-29 02:00 to 03:00 (01:00Z), back 2026-10-25 03:00 to 02:00 (01:00Z).
 * Lord Howe: by half an hour, forward 2026-10-04 02:00 to 02:30 (2026-10-03T15:30Z), back
 * 2026-04-05 02:00 to 01:30 (2026-04-04T15:00Z). */
static const struct row zones[] = {
    { "0 9 * * *",
      "Asia/Seoul",
      "2026-01-01T00:00:00Z",
      { "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z" } },
    { "0 9 * * *", "+09:00", "2025-12-31T23:59:59Z", { "2026-01-01T00:00:00Z" } },
    { "0 0 1 1 *",
      "America/New_York",
      "2026-01-01T04:59:59Z",
      { "2026-01-01T05:00:00Z", "2027-01-01T05:00:00Z" } },
    { "0 12 * * *",
      "Europe/Berlin",
      "2026-03-28T00:00:00Z",
      { "2026-03-28T11:00:00Z", "2026-03-29T10:00:00Z" } },
    /* left out: at the moment the clock is put forward, once */
    { "30 2 * * *",
      "Europe/Berlin",
      "2026-03-28T00:00:00Z",
      { "2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z" } },
    { "0,30 2,3 * * *",
      "Europe/Berlin",
      "2026-03-29T00:00:00Z",
      { "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:00:00Z" } },
    { "15 2 * * *",
      "Australia/Lord_Howe",
      "2026-10-03T12:00:00Z",
      { "2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z" } },
    /* twice on the wall: the first */
    { "30 2 * * *",
      "Europe/Berlin",
      "2026-10-24T12:00:00Z",
      { "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z" } },
    { "30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", { "2026-10-26T01:30:00Z" } },
    { "0,30 2,3 * * *",
      "Europe/Berlin",
      "2026-10-25T00:00:00Z",
      { "2026-10-25T00:30:00Z", "2026-10-25T02:00:00Z", "2026-10-25T02:30:00Z",
        "2026-10-26T01:00:00Z" } },
    { "45 1 * * *",
      "Australia/Lord_Howe",
      "2026-04-04T12:00:00Z",
      { "2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z" } },
    /* what repeats goes by the time that passes */
    { "*/30 * * * *",
      "Europe/Berlin",
      "2026-03-29T00:00:00Z",
      { "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z" } },
    { "*/30 * * * *",
      "Europe/Berlin",
      "2026-10-25T00:00:00Z",
      { "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z",
        "2026-10-25T02:00:00Z" } },
    { "*/20 2 * * *",
      "Europe/Berlin",
      "2026-03-28T02:00:00Z",
      { "2026-03-30T00:00:00Z", "2026-03-30T00:20:00Z" } },
    { "30 * * * *",
      "Europe/Berlin",
      "2026-10-24T23:45:00Z",
      { "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z" } },
    { "* * 1 11 *", "America/New_York", "2026-11-01T05:59:00Z", { "2026-11-01T06:00:00Z" } },
    { "0 */6 * * *",
      "Europe/Berlin",
      "2026-03-28T23:00:00Z",
      { "2026-03-29T04:00:00Z", "2026-03-29T10:00:00Z" } },
    /* a whole day is left out: there is no 30 December 2011 in Apia */
    { "0 12 30 12 *",
      "Pacific/Apia",
      "2011-12-01T00:00:00Z",
      { "2011-12-30T10:00:00Z", "2012-12-29T22:00:00Z" } },
    { "0 12 * * *",
      "Pacific/Apia",
      "2011-12-29T00:00:00Z",
      { "2011-12-29T22:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T22:00:00Z" } },
    /* past the last change that the file has: by its rule */
    { "30 2 * * *",
      "Europe/Berlin",
      "2080-03-30T12:00:00Z",
      { "2080-03-31T01:00:00Z", "2080-04-01T00:30:00Z" } },
};

static void zones_and_their_changes_are_kept(void **state)
{
    (void)state;
    CHECK_ROWS(zones);
}

static const struct {
    const char *cron, *want;
} refusals[] = {
    { "", "cron \"\": it has 0 fields, must have 5 (minute hour day month weekday) or 6 (second "
          "before them)" },
    { "* * * *",
      "cron \"* * * *\": it has 4 fields, must have 5 (minute hour day month weekday) or 6 (second "
      "before them)" },
    { "* * * * * * *",
      "cron \"* * * * * * *\": it has over 6 fields, must have 5 (minute hour day month weekday) "
      "or 6 (second before them)" },
    { "60 * * * *", "cron \"60 * * * *\": minute \"60\" is none: it goes from 0 to 59" },
    { "* 24 * * *", "cron \"* 24 * * *\": hour \"24\" is none: it goes from 0 to 23" },
    { "* * 0 * *", "cron \"* * 0 * *\": day of the month \"0\" is none: it goes from 1 to 31" },
    { "* * * 13 *",
      "cron \"* * * 13 *\": month \"13\" is none: it goes from 1 to 12, or from JAN to DEC" },
    { "* * * * 8",
      "cron \"* * * * 8\": weekday \"8\" is none: it goes from 0 to 7, or from SUN to SAT" },
    { "* * * Jna *", "cron \"* * * Jna *\": month \"Jna\" is none, did you mean \"JAN\"" },
    { "* * * * mno", "cron \"* * * * mno\": weekday \"mno\" is none, did you mean \"MON\"" },
    { "*/0 * * * *", "cron \"*/0 * * * *\": minute: the step \"0\" is none: it goes from 1 to 59" },
    { "*/x * * * *", "cron \"*/x * * * *\": minute: the step \"x\" is none: it goes from 1 to 59" },
    { "*/ * * * *", "cron \"*/ * * * *\": minute: the step \"\" is none: it goes from 1 to 59" },
    { "20-10 * * * *",
      "cron \"20-10 * * * *\": minute: the range 20-10 goes backwards: write it as two" },
    { "*-3 * * * *", "cron \"*-3 * * * *\": minute: \"*\" is no end of a range" },
    { "1,,2 * * * *", "cron \"1,,2 * * * *\": minute: the list \"1,,2\" has an empty place" },
    { "1, * * * *", "cron \"1, * * * *\": minute: the list \"1,\" has an empty place" },
    { "-1 * * * *", "cron \"-1 * * * *\": minute \"\" is none: it goes from 0 to 59" },
    { "+1 * * * *", "cron \"+1 * * * *\": minute \"+1\" is none: it goes from 0 to 59" },
    { "L * * * *", "cron \"L * * * *\": minute \"L\" is none: it goes from 0 to 59" },
    { "30 */10 59 * * *", "cron \"30 */10 59 * * *\": hour \"59\" is none: it goes from 0 to 23" },
    { "0 0 31 2 *", "cron \"0 0 31 2 *\": that time never comes" },
    { "0 0 30 FEB *", "cron \"0 0 30 FEB *\": that time never comes" },
    { "0 0 31 4,6,9,11 *", "cron \"0 0 31 4,6,9,11 *\": that time never comes" },
    { "@dialy", "cron \"@dialy\": there is no \"@dialy\", did you mean \"@daily\"" },
    { "@reboot", "cron \"@reboot\": there is no \"@reboot\"" },
};

static void each_fault_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        struct tdh_cron cron;
        struct td_err err;

        if (tdh_cron_parse(refusals[i].cron, &cron, &err) == 0)
            fail_msg("\"%s\" is taken", refusals[i].cron);
        assert_string_equal(err.text, refusals[i].want);
    }
}

static void zones_that_are_not_there_are_named(void **state)
{
    struct td_err err;

    (void)state;
    assert_null(tdh_zone_new("Asia/Seol", &err));
    assert_string_equal(err.text,
                        "there is no time zone \"Asia/Seol\", did you mean \"Asia/Seoul\"");
    assert_null(tdh_zone_new("../passwd", &err));
    assert_string_equal(err.text, "there is no time zone \"../passwd\"");
}

/* Every second of two days around each change: what comes next is what a look at each shows. */
static void the_next_time_leaves_none_out(void **state)
{
    static const char *const starts[] = { "2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z" };
    struct tdh_zone *zone;
    struct tdh_cron cron;
    struct td_err err;

    (void)state;
    zone = tdh_zone_new("Europe/Berlin", &err);
    assert_non_null(zone);
    assert_int_equal(tdh_cron_parse("*/7 */20 1-3 * * *", &cron, &err), 0);
    for (size_t i = 0; i < 2; i++) {
        int64_t from = time_of(starts[i]) / 1000000, next = 0;

        assert_true(tdh_cron_next(&cron, zone, (from - 1) * 1000000, &next));
        for (int64_t at = from; at < from + 2 * 86400; at++) {
            int64_t local = at + tdh_zone_offset_s(zone, at), hour = local / 3600 % 24;
            bool is_now =
                local % 60 % 7 == 0 && local / 60 % 60 % 20 == 0 && hour >= 1 && hour <= 3;

            assert_int_equal(is_now, at * 1000000 == next);
            if (is_now)
                assert_true(tdh_cron_next(&cron, zone, next, &next));
        }
    }
    tdh_zone_free(zone);
}

static bool has_zones(void)
{
    struct td_err err;
    struct tdh_zone *zone = tdh_zone_new("Europe/Berlin", &err);

    tdh_zone_free(zone);
    return zone != NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_say_when),
        cmocka_unit_test(each_fault_is_named),
        cmocka_unit_test(zones_and_their_changes_are_kept),
        cmocka_unit_test(zones_that_are_not_there_are_named),
        cmocka_unit_test(the_next_time_leaves_none_out),
    };

    if (!has_zones()) {
        printf("the system has no time zone database\n");
        return 77;
    }
    return cmocka_run_group_tests_name("cron", tests, NULL, NULL);
}
