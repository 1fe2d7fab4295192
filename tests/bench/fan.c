/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fan: a map that calls an agent for each of 100 and 10 000 items at the same time and joins them
 * to a list. Milliseconds of the whole run, from its start to its durable end.
 */
#include <stdio.h>
#include <string.h>

#include "bench.h"

enum { RESULT = 100, TURNS_MAX = 21 };

static json_t *make_items(unsigned count)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < count; i++)
        json_array_append_new(list, json_integer(i));
    return json_pack("{s:o}", "items", list);
}

static double median_ms(struct tdh_host *host, struct tdh_engine *engine, const char *action,
                        unsigned items, unsigned turns)
{
    struct tdh_definition *definition = bench_define(
        host,
        "id: fan\nnodes:\n- {id: begin, type: start, next: [each]}\n"
        "- {id: each, type: map, over: \"${input.items}\", next: [done], body: [{id: step, type: "
        "task, agent: work, action: %s, inputs: {bytes: %u}}]}\n"
        "- {id: done, type: end, output: \"${size(nodes.each.output)}\"}\n",
        action, RESULT);
    json_t *input = make_items(items);
    double times[TURNS_MAX];

    for (unsigned i = 0; i < turns; i++) {
        uint64_t begun_ns = tdh_clock_mono_ns();

        bench_run(engine, definition, input, NULL, NULL);
        times[i] = bench_since_s(begun_ns) * 1e3;
    }
    json_decref(input);
    tdh_definition_release(definition);
    return figure_median(times, turns);
}

static const struct {
    const char *name, *action;
    unsigned items, turns;
} rows[] = {
    { "fan_none_100_ms", "none", 100, TURNS_MAX },
    { "fan_none_10000_ms", "none", 10000, 3 },
    { "fan_idempotent_100_ms", "idempotent", 100, TURNS_MAX },
    { "fan_idempotent_10000_ms", "idempotent", 10000, 3 },
};

static int measure_durable(struct tdh_host *host, void *arg, struct td_err *err)
{
    const struct bench *bench = arg;

    (void)err;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        figure_tell(rows[i].name,
                    median_ms(host, host->engine, rows[i].action,
                              bench_size(bench, rows[i].items, 10), rows[i].turns),
                    "ms", "F");
    return 0;
}

static int measure_memory(struct tdh_host *host, void *arg, struct td_err *err)
{
    const struct bench *bench = arg;
    struct tdh_engine_options options = { .runtime = host->runtime };
    struct tdh_engine *engine = tdh_engine_new(&options, err);

    if (engine == NULL)
        return -1;
    for (size_t i = 0; i < 2; i++)
        figure_tell(rows[i].name,
                    median_ms(host, engine, rows[i].action, bench_size(bench, rows[i].items, 10),
                              rows[i].turns),
                    "ms", "M");
    tdh_engine_free(engine);
    return 0;
}

void group_fan(struct bench *bench)
{
    bench_home(bench);
    bench_host("memory", measure_memory, bench);
    bench_host("full", measure_durable, bench);
}
