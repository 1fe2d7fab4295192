/* SPDX-License-Identifier: Apache-2.0 */
/*
 * steps: how many steps of workflows a second, by what they promise: in memory; durable without
 * effects, which may run ahead of the disk; durable with an intent before each.
 *
 * All runs live on one worker; the store's writer is a thread of its own. A step gives some bytes
 * of text, and does nothing else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

enum { RESULT = 5, MEMORY_STEPS = 500000, RAW_ROWS = 100000, RAW_BATCH = 1000, RAW_TURNS = 5 };
/* of the event of such a step, and what the row has besides */
enum { EVENT_BYTES = 77 };

/* Steps a second of so many runs at once. */
static double rate(struct tdh_host *host, struct tdh_engine *engine, const char *action,
                   unsigned runs, unsigned steps)
{
    struct tdh_definition *definition = bench_loop(host, action, steps, RESULT);
    double seconds = bench_runs(engine, definition, runs, runs);

    tdh_definition_release(definition);
    return runs * (double)steps / seconds;
}

static int measure_memory(struct tdh_host *host, void *arg, struct td_err *err)
{
    const struct bench *bench = arg;
    struct tdh_engine_options options = { .runtime = host->runtime };
    struct tdh_engine *engine = tdh_engine_new(&options, err);

    if (engine == NULL)
        return -1;
    figure_at_least("steps_memory",
                    rate(host, engine, "none", 1, bench_size(bench, MEMORY_STEPS, 100)), "1/s", "M",
                    500000);
    tdh_engine_free(engine);
    return 0;
}

/* Rows of the same bytes as a step's event, appended by nothing but the store; a second. */
static double raw_rate(struct tdh_host *host, size_t bytes, unsigned rows)
{
    static struct td_op cells[RAW_BATCH];
    static struct td_op *ops[RAW_BATCH];
    char *value = calloc(1, bytes);
    uint64_t head = 0, begun_ns = tdh_clock_mono_ns();
    struct td_err err;

    memset(value, 'x', bytes);
    for (unsigned done = 0; done < rows; done += RAW_BATCH) {
        for (unsigned i = 0; i < RAW_BATCH; i++) {
            cells[i] = (struct td_op){ TD_SIZE(struct td_op),
                                       .kind = TD_OP_APPEND,
                                       .space = "raw",
                                       .run = 1,
                                       .type = 1,
                                       .head = &head,
                                       .value = { value, bytes } };
            ops[i] = &cells[i];
        }
        if (tdh_store_commit(host->store, ops, RAW_BATCH, NULL, &err) != 0)
            bench_die("append", &err);
    }
    free(value);
    return rows / bench_since_s(begun_ns);
}

/* Both in turns. */
static double ratio_to_raw(const struct bench *bench, struct tdh_host *host)
{
    unsigned steps = bench_size(bench, 100, 1), raw_rows = bench_size(bench, RAW_ROWS, RAW_BATCH);
    double ratios[RAW_TURNS];

    for (int i = 0; i < RAW_TURNS; i++)
        ratios[i] =
            rate(host, host->engine, "none", 1000, steps) / raw_rate(host, EVENT_BYTES, raw_rows);
    return figure_median(ratios, RAW_TURNS);
}

static const struct {
    const char *action, *name;
    unsigned runs, steps;
    double budget; /* 0: none */
} rows[] = {
    { "none", "steps_none_1", 1, 50000, 0 },
    { "none", "steps_none_16", 16, 10000, 0 },
    { "none", "steps_none_1000", 1000, 200, 150000 },
    { "idempotent", "steps_idempotent_1", 1, 2000, 0 },
    { "idempotent", "steps_idempotent_16", 16, 1000, 15000 },
    { "idempotent", "steps_idempotent_1000", 1000, 100, 60000 },
    { "external", "steps_external_1", 1, 2000, 0 },
    { "external", "steps_external_16", 16, 1000, 15000 },
    { "external", "steps_external_1000", 1000, 100, 60000 },
};

static int measure_durable(struct tdh_host *host, void *arg, struct td_err *err)
{
    const struct bench *bench = arg;

    (void)err;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double value = rate(host, host->engine, rows[i].action, rows[i].runs,
                            bench_size(bench, rows[i].steps, 1));

        if (rows[i].budget > 0)
            figure_at_least(rows[i].name, value, "1/s", "F", rows[i].budget);
        else
            figure_tell(rows[i].name, value, "1/s", "F");
    }
    figure_at_least("steps_none_1000_to_raw", ratio_to_raw(bench, host), "ratio", "F", 0.5);
    return 0;
}

void group_steps(struct bench *bench)
{
    bench_home(bench);
    bench_host("memory", measure_memory, bench);
    bench_host("full", measure_durable, bench);
}

/* --- for a script that counts what the system was asked for meanwhile --- */

static int run_counted(struct tdh_host *host, void *arg, struct td_err *err)
{
    const struct bench *bench = arg;

    (void)err;
    rate(host, host->engine, bench->effects, bench->runs, bench->steps);
    return 0;
}

void group_count_steps(struct bench *bench)
{
    bench_home(bench);
    bench_host("full", run_counted, bench);
}
