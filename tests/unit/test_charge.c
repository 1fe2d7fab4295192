/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_charge: whose the time of a thread is, by clocks that the test sets; and the lines it goes
 * to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/ledger.h"
#include "runtime/charge.h"

#include <cmocka.h>

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)

static uint64_t worked_ns; /* what the thread's own clock says */
static unsigned looks;

static uint64_t thread_clock(void)
{
    looks++;
    return worked_ns;
}

struct turn {
    uint64_t at_ns, worked_ns;
    char next; /* who is charged from then on: 'a', 'b', or '-' for nobody */
};

/* Takes the turns; what a and b got. */
static void take(bool is_exact, const struct turn *turns, uint64_t ret_got[static 2])
{
    _Atomic uint64_t cells[2] = { 0, 0 }, also = 0;
    struct tdh_stint stint = { .is_exact = is_exact };

    looks = 0;
    for (; turns->next != '\0'; turns++) {
        struct tdh_charge next = { NULL, NULL };

        if (turns->next != '-')
            next = (struct tdh_charge){ &cells[turns->next - 'a'], &also };
        worked_ns = turns->worked_ns;
        tdh_stint_turn(&stint, &next, turns->at_ns, thread_clock);
    }
    ret_got[0] = cells[0];
    ret_got[1] = cells[1];
    assert_int_equal(also, cells[0] + cells[1]);
}

static const struct {
    const char *claim;
    bool is_exact;
    struct turn turns[8];
    uint64_t a, b;
    unsigned looks;
} stints[] = {
    { "a short stint goes by the clock on the wall",
      false,
      { { 10 * MS, 7 * MS, 'a' }, { 10 * MS + 40 * US, 7 * MS, '-' } },
      40 * US,
      0,
      1 },
    { "what is entered within is its own, and the outer one goes on after it",
      false,
      { { 10 * MS, 0, 'a' },
        { 10 * MS + 10 * US, 0, 'b' },
        { 10 * MS + 40 * US, 0, 'a' },
        { 10 * MS + 45 * US, 0, '-' } },
      15 * US,
      30 * US,
      1 },
    { "nobody's time is nobody's",
      false,
      { { 10 * MS, 0, 'a' },
        { 10 * MS + 10 * US, 0, '-' },
        { 10 * MS + 90 * US, 0, 'a' },
        { 10 * MS + 95 * US, 0, '-' } },
      15 * US,
      0,
      1 },
    { "a long stint in which the thread was at work counts whole",
      false,
      { { 10 * MS, 3 * MS, 'a' }, { 30 * MS, 23 * MS, '-' } },
      20 * MS,
      0,
      2 },
    { "of a long stint in which others had the processor only the work counts",
      false,
      { { 10 * MS, 3 * MS, 'a' }, { 30 * MS, 5 * MS, '-' } },
      2 * MS,
      0,
      2 },
    { "the thread's clock is not asked again before its time",
      false,
      { { 10 * MS, 0, 'a' },
        { 10 * MS + 50 * US, 0, '-' },
        { 10 * MS + 100 * US, 0, 'a' },
        { 10 * MS + 150 * US, 0, '-' },
        { 10 * MS + 300 * US, 0, 'a' },
        { 10 * MS + 310 * US, 0, '-' } },
      110 * US,
      0,
      2 },
    { "where the thread waits within a stint, only work counts, however short",
      true,
      { { 10 * MS, 0, 'a' }, { 10 * MS + 50 * US, 6 * US, '-' } },
      6 * US,
      0,
      2 },
};

static void time_is_whose_code_the_thread_was_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(stints) / sizeof(stints[0]); i++) {
        uint64_t got[2];

        take(stints[i].is_exact, stints[i].turns, got);
        if (got[0] != stints[i].a || got[1] != stints[i].b || looks != stints[i].looks)
            fail_msg("%s: a got %llu, b %llu, after %u looks", stints[i].claim,
                     (unsigned long long)got[0], (unsigned long long)got[1], looks);
    }
}

static void a_line_is_that_of_its_name(void **state)
{
    struct tdh_ledger_line *line = tdh_ledger_line(TDH_LEDGER_AGENT, "loud", "echo");

    (void)state;
    assert_ptr_equal(tdh_ledger_line(TDH_LEDGER_AGENT, "loud", "echo"), line);
    assert_ptr_not_equal(tdh_ledger_line(TDH_LEDGER_AGENT, "low", "echo"), line);
    assert_ptr_not_equal(tdh_ledger_line(TDH_LEDGER_PLUGIN, "loud", "echo"), line);
    assert_ptr_not_equal(tdh_ledger_line(TDH_LEDGER_AGENT, "loud", "other"), line);
}

static void what_was_used_is_told(void **state)
{
    struct tdh_ledger_line *line = tdh_ledger_line(TDH_LEDGER_AGENT, "teller", "echo");
    json_t *rows, *row = NULL, *at;
    size_t i;

    (void)state;
    tdh_ledger_add(&line->calls, 3);
    tdh_ledger_add(&line->cpu_ns, 1500);
    tdh_ledger_spend(line, "tokens", 12 * TDH_METER_UNIT);
    tdh_ledger_spend(line, "tokens", TDH_METER_UNIT / 2);
    tdh_ledger_line(TDH_LEDGER_AGENT, "idle", "echo");
    rows = tdh_ledger_rows();
    json_array_foreach (rows, i, at) {
        assert_string_not_equal(tdh_json_str(at, "name", ""), "idle");
        if (strcmp(tdh_json_str(at, "name", ""), "teller") == 0)
            row = at;
    }
    assert_non_null(row);
    assert_string_equal(tdh_json_str(row, "plugin", ""), "echo");
    assert_int_equal(json_integer_value(json_object_get(row, "calls")), 3);
    assert_int_equal(json_integer_value(json_object_get(row, "cpu_ns")), 1500);
    assert_true(json_real_value(tdh_json_at(row, "/spent/tokens")) == 12.5);
    json_decref(rows);
}

static void tenants_are_bounded_by_themselves(void **state)
{
    struct tdh_ledger_line *line, *others = NULL;

    (void)state;
    for (int n = 0; n < TDH_LEDGER_TENANTS + 3; n++) {
        char name[32];

        snprintf(name, sizeof(name), "tenant-%d", n);
        line = tdh_ledger_line(TDH_LEDGER_TENANT, name, "");
        assert_string_equal(line->name, n < TDH_LEDGER_TENANTS ? name : "(others)");
        if (n >= TDH_LEDGER_TENANTS) {
            assert_true(others == NULL || others == line);
            others = line;
        }
    }
    line = tdh_ledger_line(TDH_LEDGER_AGENT, "behind the tenants", "echo");
    assert_string_equal(line->name, "behind the tenants");
}

static void names_are_bounded_and_nothing_is_lost(void **state)
{
    struct tdh_ledger_line *others = NULL;
    json_t *rows, *row;
    json_int_t calls = 0;
    size_t i;

    (void)state;
    for (int n = 0; n < TDH_LEDGER_LINES + 10; n++) {
        char name[32];
        struct tdh_ledger_line *line;

        snprintf(name, sizeof(name), "many%d", n);
        line = tdh_ledger_line(TDH_LEDGER_AGENT, name, "many");
        tdh_ledger_add(&line->calls, 1);
        if (n >= TDH_LEDGER_LINES)
            others = line;
    }
    assert_string_equal(others->name, "(others)");
    rows = tdh_ledger_rows();
    json_array_foreach (rows, i, row)
        if (strncmp(tdh_json_str(row, "name", ""), "many", 4) == 0 ||
            strcmp(tdh_json_str(row, "name", ""), "(others)") == 0)
            calls += json_integer_value(json_object_get(row, "calls"));
    assert_int_equal(calls, TDH_LEDGER_LINES + 10);
    json_decref(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_is_whose_code_the_thread_was_in),
        cmocka_unit_test(a_line_is_that_of_its_name),
        cmocka_unit_test(what_was_used_is_told),
        cmocka_unit_test(tenants_are_bounded_by_themselves),
        cmocka_unit_test(names_are_bounded_and_nothing_is_lost),
    };

    return cmocka_run_group_tests_name("charge", tests, NULL, NULL);
}
