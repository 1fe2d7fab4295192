/* SPDX-License-Identifier: Apache-2.0 */
/*
 * top: what processes tell of what they use, added up and printed.
 */
#ifndef TDH_CLI_TOP_H
#define TDH_CLI_TOP_H

#include <stdio.h>

#include "cli/cli.h"

enum tdh_top_view { TDH_TOP_PLUGINS, TDH_TOP_AGENTS, TDH_TOP_RUNS, TDH_TOP_TENANTS, TDH_TOP_VIEWS };
enum tdh_top_order {
    TDH_TOP_CPU,
    TDH_TOP_CALLS,
    TDH_TOP_FAILURES,
    TDH_TOP_WALL,
    TDH_TOP_MEMORY,
    TDH_TOP_NAME,
    TDH_TOP_ORDERS
};
/* "plugin", "agent", "run", "tenant"; end with NULL, as the next. */
extern const char *const tdh_top_views[];
/* "cpu" and so on. */
extern const char *const tdh_top_orders[];

/**
 * What two looks at the same state folder tell, added up over processes:
 *
 *     {processes: [{tdev, program, began}], plugins: [ROW], agents: [ROW], runs: [RUN],
 *      tenants: [ROW]}
 *
 * A ROW is {name, plugin, cpu_ms, wall_ms, calls, failures, retries, cache_hits, bytes, spent:
 * {METER: number}}, and cpu_percent when the two looks say so; a RUN is {name, id, status, tdev,
 * cpu_ms, calls, spent, and
 * tenant if it has one}. What used most of the processor comes first.
 *
 * ledgers  of tdh_ledgers_read()
 * before   the same, of an earlier look, for cpu_percent: {PID: ledger}; NULL: none
 * now_us   what has told nothing for long uses nothing now
 * Returns new; NULL: without memory.
 */
json_t *tdh_top_sum(const json_t *ledgers, const json_t *before, int64_t now_us);

/* "plugins" and so on: of the sum. */
extern const char *const tdh_top_lists[];
/** Sorts the rows of a view. */
void tdh_top_sort(json_t *sum, enum tdh_top_view view, enum tdh_top_order order);

/** Prints a view, at most `max` rows of it. is_live: with the percentages. */
void tdh_top_print(FILE *file, const json_t *sum, enum tdh_top_view view, enum tdh_top_order order,
                   size_t max, bool is_live);

#endif
