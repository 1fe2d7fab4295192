/* SPDX-License-Identifier: Apache-2.0 */
/*
 * purse: sums of a run, and of the runs around it, which live on the same worker.
 */
#include "run/purse.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "run/internal.h"

struct tdh_run *tdh_purse_above(const struct tdh_run *run)
{
    return run->parent_ask != NULL ? run->parent : NULL;
}

struct tdh_purse_row *tdh_purse_find(struct tdh_purse *purse, const char *name)
{
    for (unsigned i = 0; i < purse->count; i++)
        if (strcmp(purse->rows[i].name, name) == 0)
            return &purse->rows[i];
    return strcmp(name, TDH_METER_CALLS) == 0 ? &purse->calls : NULL;
}

static struct tdh_purse_row *add_row(struct tdh_purse *purse, const char *name)
{
    struct tdh_purse_row *row;

    if (purse->rows == NULL)
        purse->rows = calloc(TDH_METERS_MAX, sizeof(*purse->rows));
    if (purse->rows == NULL || purse->count == TDH_METERS_MAX)
        return NULL;
    row = &purse->rows[purse->count++];
    *row = (struct tdh_purse_row){ .limit = TDH_NO_LIMIT };
    snprintf(row->name, sizeof(row->name), "%s", name);
    return row;
}

/* A run has at most so many meters; those with a limit are there from its begin. */
static struct tdh_purse_row *row_of(struct tdh_run *run, const char *name)
{
    struct tdh_purse_row *row = tdh_purse_find(&run->purse, name);

    if (row == NULL)
        row = add_row(&run->purse, name);
    if (row == NULL && !run->purse.is_full) {
        run->purse.is_full = true;
        tdh_log(TDH_LOG_WARNING, "run", TDH_FACTS(TDH_S("run", run->id), TDH_S("meter", name)),
                "a run counts 8 meters besides its calls, and this is one more");
    }
    return row;
}

bool tdh_purse_limit(struct tdh_purse *purse, const struct tdh_meters *limits)
{
    for (unsigned i = 0; i < limits->count; i++) {
        const char *name = limits->list[i].name;
        struct tdh_purse_row *row = tdh_purse_find(purse, name);

        if (row == NULL)
            row = add_row(purse, name);
        if (row == NULL)
            return false;
        row->limit = limits->list[i].amount;
        purse->is_limited = true;
    }
    return true;
}

bool tdh_purse_follow(struct tdh_purse *purse, const struct tdh_meters *limits)
{
    if (purse->is_own)
        return true;
    purse->calls.limit = TDH_NO_LIMIT;
    for (unsigned i = 0; i < purse->count; i++)
        purse->rows[i].limit = TDH_NO_LIMIT;
    purse->is_limited = false;
    return limits == NULL || tdh_purse_limit(purse, limits);
}

void tdh_purse_free(struct tdh_purse *purse)
{
    free(purse->rows);
}

/* Whoever may be held up by it is told of it in its record. */
static void note(struct tdh_run *run)
{
    if (!run->purse.is_limited || run->is_replaying)
        return;
    run->is_record_due = true;
    tdh_journal_touch(run);
}

void tdh_purse_spend(struct tdh_run *run, const char *name, int64_t amount)
{
    struct tdh_purse_row *row = row_of(run, name);

    if (row != NULL)
        row->spent = tdh_amount_sum(row->spent, amount);
    note(run);
    while ((run = tdh_purse_above(run)) != NULL) {
        row = row_of(run, name);
        if (row != NULL)
            row->live = tdh_amount_sum(row->live, amount);
        note(run);
    }
}

/* A row that came without memory for the first of two may be short of it. */
static int64_t sum(int64_t a, int64_t b)
{
    int64_t both = tdh_amount_sum(a, b);

    return both > 0 ? both : 0;
}

void tdh_purse_reserve(struct tdh_run *run, const char *name, int64_t amount)
{
    for (; run != NULL; run = tdh_purse_above(run)) {
        struct tdh_purse_row *row = row_of(run, name);

        if (row != NULL)
            row->reserved = sum(row->reserved, amount);
    }
}

void tdh_purse_live(struct tdh_run *run, const struct tdh_meters *meters, int sign)
{
    for (; run != NULL; run = tdh_purse_above(run))
        for (unsigned i = 0; i < meters->count; i++) {
            struct tdh_purse_row *row = row_of(run, meters->list[i].name);

            if (row != NULL)
                row->live = sum(row->live, sign * meters->list[i].amount);
        }
}

static void add_total(const struct tdh_purse_row *row, bool with_reserved,
                      struct tdh_meters *meters)
{
    int64_t amount = tdh_amount_sum(tdh_purse_used(row), with_reserved ? row->reserved : 0);

    if (amount > 0)
        tdh_meters_add(meters, row->name, amount);
}

void tdh_purse_total(const struct tdh_purse *purse, bool with_reserved,
                     struct tdh_meters *ret_meters)
{
    ret_meters->count = 0;
    add_total(&purse->calls, with_reserved, ret_meters);
    for (unsigned i = 0; i < purse->count; i++)
        add_total(&purse->rows[i], with_reserved, ret_meters);
}

/* --- as JSON --- */

void tdh_purse_write(const struct tdh_meters *meters, struct tdh_buf *buf)
{
    for (unsigned i = 0; i < meters->count; i++)
        tdh_buf_printf(buf, "%c\"%s\":%lld", i == 0 ? '{' : ',', meters->list[i].name,
                       (long long)meters->list[i].amount);
    tdh_buf_text(buf, meters->count > 0 ? "}" : "{}");
}

static void limits_of(const struct tdh_purse *purse, struct tdh_meters *ret_limits)
{
    ret_limits->count = 0;
    if (purse->calls.limit >= 0)
        tdh_meters_add(ret_limits, TDH_METER_CALLS, purse->calls.limit);
    for (unsigned i = 0; i < purse->count; i++)
        if (purse->rows[i].limit >= 0)
            tdh_meters_add(ret_limits, purse->rows[i].name, purse->rows[i].limit);
}

void tdh_purse_write_limits(const struct tdh_purse *purse, struct tdh_buf *buf)
{
    struct tdh_meters limits;

    if (!purse->is_own)
        return;
    limits_of(purse, &limits);
    tdh_buf_text(buf, ",\"budget\":");
    tdh_purse_write(&limits, buf);
}

void tdh_purse_write_spent(const struct tdh_purse *purse, struct tdh_buf *buf)
{
    struct tdh_meters spent = { .count = 0 };

    if (purse->calls.spent > 0)
        tdh_meters_add(&spent, TDH_METER_CALLS, purse->calls.spent);
    for (unsigned i = 0; i < purse->count; i++)
        if (purse->rows[i].spent > 0)
            tdh_meters_add(&spent, purse->rows[i].name, purse->rows[i].spent);
    if (spent.count == 0)
        return;
    tdh_buf_text(buf, ",\"spent\":");
    tdh_purse_write(&spent, buf);
}

static void show(const struct tdh_meters *meters, struct tdh_buf *buf)
{
    char text[TDH_AMOUNT_TEXT];

    for (unsigned i = 0; i < meters->count; i++)
        tdh_buf_printf(buf, "%c\"%s\":%s", i == 0 ? '{' : ',', meters->list[i].name,
                       tdh_amount_print(meters->list[i].amount, text));
    tdh_buf_text(buf, meters->count > 0 ? "}" : "{}");
}

void tdh_purse_show(const struct tdh_purse *purse, struct tdh_buf *buf)
{
    struct tdh_meters meters;

    if (purse->is_limited) {
        limits_of(purse, &meters);
        tdh_buf_text(buf, ",\"budget\":");
        show(&meters, buf);
    }
    tdh_purse_total(purse, false, &meters);
    if (purse->is_limited || meters.count > (purse->calls.spent + purse->calls.live > 0)) {
        tdh_buf_text(buf, ",\"spent\":");
        show(&meters, buf);
    }
}
