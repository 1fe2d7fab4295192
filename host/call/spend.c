/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spend: what calls say they have used. It counts for the outermost call, which is an attempt of a
 * run, or nobody's; in the ledger for the agent that says it; and in a metric per meter, of the
 * first meters there are.
 */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/meter.h"
#include "base/metric.h"
#include "call/internal.h"

enum { CELLS = 16, CELL_NAME = TDH_METER_NAME + 40 };

static struct {
    char meter[TDH_METER_NAME], name[CELL_NAME], help[CELL_NAME];
    struct tdh_metric metric;
} cells[CELLS];
static unsigned cell_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct tdh_metric others = TDH_COUNTER(
    "tdev_spent_others_millionths_total", "Used of all meters that came behind the first sixteen");

/* Under the lock. */
static struct tdh_metric *cell_of(const char *meter)
{
    unsigned i = 0;

    while (i < cell_count && strcmp(cells[i].meter, meter) != 0)
        i++;
    if (i == CELLS)
        return &others;
    if (i == cell_count) {
        snprintf(cells[i].meter, sizeof(cells[i].meter), "%s", meter);
        snprintf(cells[i].name, CELL_NAME, "tdev_spent_%s_millionths_total", meter);
        snprintf(cells[i].help, CELL_NAME, "Used of the meter %s", meter);
        cells[i].metric.name = cells[i].name;
        cells[i].metric.help = cells[i].help;
        cell_count++;
    }
    return &cells[i].metric;
}

static void count(const char *meter, int64_t amount)
{
    pthread_mutex_lock(&lock);
    tdh_metric_add(cell_of(meter), amount);
    pthread_mutex_unlock(&lock);
}

/* What is less than a millionth still counts. */
static int64_t round_up(double amount)
{
    return tdh_amount_of(ceil(amount * (double)TDH_METER_UNIT - 0.001) / (double)TDH_METER_UNIT);
}

int tdh_call_spend(struct tdh_call *call, const char *meter, double amount, struct td_err *err)
{
    struct tdh_ledger_line *line = call->target->line;
    int64_t millionths = amount >= 0 ? round_up(amount) : -1;

    if (!tdh_meter_is_name(meter))
        return td_fail(err, TD_E_INVAL,
                       "meter \"%.100s\" must be a small letter, then small letters, digits and "
                       "\"_\", at most %d",
                       meter, TDH_METER_NAME - 1);
    if (strcmp(meter, TDH_METER_CALLS) == 0)
        return td_fail(err, TD_E_INVAL, "the meter \"calls\" is the host's own: it counts them");
    if (millionths < 0)
        return td_fail(err, TD_E_INVAL, "%g of \"%s\" cannot be used, only 0 to 9007199254", amount,
                       meter);
    while (call->parent != NULL)
        call = call->parent;
    if (call->used != NULL && !tdh_meters_add(call->used, meter, millionths))
        return td_fail(err, TD_E_LIMIT, "a call has at most %d meters, and \"%s\" is one more",
                       TDH_METERS_MAX, meter);
    if (line != NULL)
        tdh_ledger_spend(line, meter, millionths);
    if (call->tenant != NULL)
        tdh_ledger_spend(call->tenant, meter, millionths);
    count(meter, millionths);
    return 0;
}
