/* SPDX-License-Identifier: Apache-2.0 */
/*
 * many: a million short runs in one process, 1 000 at once: does it grow? Its memory (resident
 * pages) is looked at when a tenth is done and when all are.
 */
#include "bench.h"

enum { RUNS = 1000000, LANES = 1000, RESULT = 5 };

static void run_many(const struct bench *bench, struct tdh_host *host, struct tdh_engine *engine,
                     const char *class)
{
    struct tdh_definition *definition = bench_loop(host, "none", 1, RESULT);
    unsigned runs = bench_size(bench, RUNS, LANES * 10), tenth = runs / 10;
    double seconds = bench_runs(engine, definition, tenth, LANES), early = bench_resident_mb(),
           late;

    seconds += bench_runs(engine, definition, runs - tenth, LANES);
    late = bench_resident_mb();
    tdh_definition_release(definition);
    figure_tell("many_runs", runs / seconds, "1/s", class);
    figure_tell("many_runs_early_mb", early, "MiB", class);
    figure_tell("many_runs_late_mb", late, "MiB", class);
    figure_at_most("many_runs_growth", late / early, "ratio", class, 1.1);
}

static int measure_durable(struct tdh_host *host, void *arg, struct td_err *err)
{
    (void)err;
    run_many(arg, host, host->engine, "F");
    return 0;
}

static int measure_memory(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct tdh_engine_options options = { .runtime = host->runtime };
    struct tdh_engine *engine = tdh_engine_new(&options, err);

    if (engine == NULL)
        return -1;
    run_many(arg, host, engine, "M");
    tdh_engine_free(engine);
    return 0;
}

void group_many(struct bench *bench)
{
    bench_home(bench);
    bench_host("memory", measure_memory, bench);
    bench_clean(bench);
    bench_host("full", measure_durable, bench);
}
