/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run queue: whose calls come first.
 */
#include "run_bed.h" /* before cmocka, which makes a macro of "fail" */

#include "base/clock.h"
#include "run/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#define MINUTE_US (INT64_C(60) * 1000000)

/* Calls that wait: the priority of their run, how long they have waited, and how long it is to the
 * run's deadline (0: it has none). Their order is that in which they came. */
static const struct {
    struct {
        enum tdh_priority priority;
        int64_t waited_min, left_min;
    } calls[4];
    unsigned count;
    const char *order; /* their numbers, as they are taken */
} rows[] = {
    { { { TDH_NORMAL, 0, 0 }, { TDH_NORMAL, 0, 0 }, { TDH_NORMAL, 0, 0 } }, 3, "012" },
    { { { TDH_LOW, 0, 0 }, { TDH_NORMAL, 0, 0 }, { TDH_HIGH, 0, 0 }, { TDH_CRITICAL, 0, 0 } },
      4,
      "3210" },
    { { { TDH_HIGH, 0, 0 }, { TDH_CRITICAL, 0, 0 }, { TDH_HIGH, 0, 0 }, { TDH_CRITICAL, 0, 0 } },
      4,
      "1302" },
    /* five minutes of waiting count as one priority */
    { { { TDH_LOW, 7, 0 }, { TDH_NORMAL, 1, 0 } }, 2, "01" },
    { { { TDH_LOW, 2, 0 }, { TDH_NORMAL, 1, 0 } }, 2, "10" },
    { { { TDH_LOW, 9, 0 }, { TDH_HIGH, 0, 0 } }, 2, "10" },
    { { { TDH_LOW, 16, 0 }, { TDH_CRITICAL, 0, 0 } }, 2, "01" },
    /* a deadline that is close counts two */
    { { { TDH_HIGH, 0, 0 }, { TDH_LOW, 0, 60 }, { TDH_LOW, 0, 4 } }, 3, "021" },
    { { { TDH_NORMAL, 0, 0 }, { TDH_NORMAL, 0, 1 }, { TDH_HIGH, 0, 0 } }, 3, "120" },
};

static void check_row(size_t row)
{
    struct tdh_hub hub = { 0 };
    struct tdh_run runs[4] = { 0 };
    struct tdh_definition definitions[4] = { 0 };
    struct tdh_ask_entry asks[4] = { 0 }, *ask;
    int64_t now_us = tdh_clock_us();
    char order[8] = "";

    for (unsigned i = 0; i < rows[row].count; i++) {
        runs[i].definition = &definitions[i];
        runs[i].priority = rows[row].calls[i].priority;
        runs[i].now_us = now_us - rows[row].calls[i].waited_min * MINUTE_US;
        runs[i].created_us = runs[i].now_us - 60 * MINUTE_US;
        if (rows[row].calls[i].left_min > 0)
            definitions[i].deadline_us = (60 + rows[row].calls[i].left_min) * MINUTE_US;
        asks[i].run = &runs[i];
        tdh_queue_put(&hub, &asks[i]);
    }
    for (size_t n = 0; (ask = tdh_queue_take(&hub)) != NULL; n++) {
        order[n] = (char)('0' + (ask - asks));
        order[n + 1] = '\0';
    }
    if (strcmp(order, rows[row].order) != 0)
        fail_msg("row %zu: %s, not %s", row, order, rows[row].order);
}

static void urgent_calls_come_first_and_none_waits_for_ever(void **state)
{
    (void)state;
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++)
        check_row(row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urgent_calls_come_first_and_none_waits_for_ever),
    };

    return cmocka_run_group_tests_name("run queue", tests, NULL, NULL);
}
