/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fan: a map that calls an agent for each of 100 and 10 000 items at the same time and joins them
 * to a list. Milliseconds of the whole run, from its start to its durable end; and of the longest
 * time that a map of 10 000, a few at once, with results of 1 KB and so with a state that grows,
 * keeps its worker from all else.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

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

/*
 * --- what else the worker does meanwhile: a timer, as often as it can ---
 *
 * Between two of its ticks the worker's processor time counts, so that what other processes take
 * does not.
 */

enum { TICK_NS = 50000 };

struct ticker {
    struct tdh_timer timer;
    uint64_t last_ns, longest_ns;
};

static uint64_t thread_ns(void)
{
    struct timespec at;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return (uint64_t)at.tv_sec * 1000000000 + (uint64_t)at.tv_nsec;
}

static void tick(struct tdh_timer *timer)
{
    struct ticker *ticker = (struct ticker *)timer;
    uint64_t now_ns = thread_ns();
    struct td_err err;

    if (ticker->last_ns != 0 && now_ns - ticker->last_ns > ticker->longest_ns)
        ticker->longest_ns = now_ns - ticker->last_ns;
    ticker->last_ns = now_ns;
    if (tdh_timer_set(timer, tdh_clock_mono_ns() + TICK_NS, tick, &err) != 0)
        bench_die("timer", &err);
}

static double held_ms(const struct bench *bench, struct tdh_host *host, unsigned turns)
{
    unsigned count = bench_size(bench, 10000, 10);
    struct tdh_definition *definition = bench_define(
        host,
        "id: held\nnodes:\n- {id: begin, type: start, next: [each]}\n"
        "- {id: each, type: map, over: \"${input.items}\", max_parallel: 16, next: [done], body: "
        "[{id: step, type: task, agent: work, action: idempotent, inputs: {bytes: 1024}}]}\n"
        "- {id: done, type: end, output: \"${size(nodes.each.output)}\"}\n");
    json_t *input = make_items(count);
    double times[TURNS_MAX];

    for (unsigned i = 0; i < turns; i++) {
        struct ticker ticker = { .last_ns = 0 };

        tick(&ticker.timer);
        bench_run(host->engine, definition, input, NULL, NULL);
        tdh_timer_stop(&ticker.timer);
        times[i] = (double)ticker.longest_ns / 1e6;
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
    figure_tell("fan_held_ms", held_ms(bench, host, 5), "ms", "F");
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
