/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peer_work: our side of the comparisons. peers/README.md says what the work is; the scripts beside
 * it do the same with other systems. Rates are steps a second, so that more is better everywhere.
 *
 * Class N is what the others' SQLite stores promise; the same in class F is told beside it. Steps
 * are external: an intent is written before each, which none of the others does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench.h"

enum { CHAIN = 10, CHAINS = 200, MEMORY_CHAINS = 2000, SMALL = 100, LARGE = 1024, FAN = 100 };
enum { FANS = 20, LONG_TURNS = 3 };

struct side {
    const struct bench *bench;
    const char *class;
    struct tdh_engine *engine;
};

/* So many nodes in a row, as the others have them. */
static struct tdh_definition *make_chain(struct tdh_host *host, const char *action)
{
    struct tdh_buf buf = { 0 };
    struct tdh_definition *definition;

    tdh_buf_text(&buf, "id: chain\nnodes:\n- {id: begin, type: start, next: [n0]}\n");
    for (int i = 0; i < CHAIN; i++)
        tdh_buf_printf(&buf,
                       "- {id: n%d, type: task, agent: work, action: %s, inputs: {bytes: %d}, "
                       "next: [n%d]}\n",
                       i, action, SMALL, i + 1);
    tdh_buf_printf(&buf, "- {id: n%d, type: end, output: \"${nodes.n%d.output.text}\"}\n", CHAIN,
                   CHAIN - 1);
    definition = bench_define(host, "%s", buf.data);
    tdh_buf_free(&buf);
    return definition;
}

static void measure_chains(struct side *side, struct tdh_host *host, const char *action,
                           unsigned usual, unsigned lanes)
{
    unsigned chains = bench_size(side->bench, usual, lanes);
    struct tdh_definition *definition = make_chain(host, action);
    char name[48];

    bench_runs(side->engine, definition, lanes, lanes);
    snprintf(name, sizeof(name), "chain_10_x%u", lanes);
    figure_tell(name, chains * (double)CHAIN / bench_runs(side->engine, definition, chains, lanes),
                "1/s", side->class);
    tdh_definition_release(definition);
}

/* The run's output is the list of all results (map, one at a time), or the last (loop). */
static struct tdh_definition *make_long(struct tdh_host *host, unsigned steps, bool is_list)
{
    const char *body = "{id: step, type: task, agent: work, action: external, inputs: {bytes: ";

    if (is_list)
        return bench_define(host,
                            "id: long\nnodes:\n- {id: begin, type: start, next: [each]}\n"
                            "- {id: each, type: map, over: \"${input.items}\", max_parallel: 1, "
                            "next: [done], body: [%s%d}}]}\n"
                            "- {id: done, type: end, output: \"${nodes.each.output}\"}\n",
                            body, LARGE);
    return bench_define(host,
                        "id: long\nnodes:\n- {id: begin, type: start, next: [each]}\n"
                        "- {id: each, type: loop, times: %u, next: [done], body: [%s%d}}]}\n"
                        "- {id: done, type: end, output: \"${nodes.each.output}\"}\n",
                        steps, body, LARGE);
}

static json_t *make_items(unsigned count)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < count; i++)
        json_array_append_new(list, json_integer(i));
    return json_pack("{s:o}", "items", list);
}

static void measure_long(struct side *side, struct tdh_host *host, unsigned usual, bool is_list)
{
    unsigned steps = bench_size(side->bench, usual, 10);
    struct tdh_definition *definition = make_long(host, steps, is_list);
    json_t *input = make_items(steps);
    double rates[LONG_TURNS];
    char name[48];

    for (int i = 0; i < LONG_TURNS; i++) {
        uint64_t begun_ns = tdh_clock_mono_ns();

        bench_run(side->engine, definition, input, NULL, NULL);
        rates[i] = steps / bench_since_s(begun_ns);
    }
    snprintf(name, sizeof(name), "long_%u_%s", usual, is_list ? "list" : "last");
    figure_tell(name, figure_median(rates, LONG_TURNS), "1/s", side->class);
    json_decref(input);
    tdh_definition_release(definition);
}

static void measure_fan(struct side *side, struct tdh_host *host, const char *action)
{
    struct tdh_definition *definition = bench_define(
        host,
        "id: fan\nnodes:\n- {id: begin, type: start, next: [each]}\n"
        "- {id: each, type: map, over: \"${input.items}\", next: [done], body: [{id: step, type: "
        "task, agent: work, action: %s, inputs: {bytes: %d}}]}\n"
        "- {id: done, type: end, output: \"${size(nodes.each.output)}\"}\n",
        action, SMALL);
    json_t *input = make_items(FAN);
    double rates[FANS];

    for (int i = 0; i < FANS; i++) {
        uint64_t begun_ns = tdh_clock_mono_ns();

        bench_run(side->engine, definition, input, NULL, NULL);
        rates[i] = FAN / bench_since_s(begun_ns);
    }
    figure_tell("fan_100", figure_median(rates, FANS), "1/s", side->class);
    json_decref(input);
    tdh_definition_release(definition);
}

static int measure_memory(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct side *side = arg;
    struct tdh_engine_options options = { .runtime = host->runtime };

    side->engine = tdh_engine_new(&options, err);
    if (side->engine == NULL)
        return -1;
    measure_chains(side, host, "none", MEMORY_CHAINS, 1);
    measure_fan(side, host, "none");
    tdh_engine_free(side->engine);
    return 0;
}

static int measure_durable(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct side *side = arg;

    (void)err;
    side->engine = host->engine;
    measure_chains(side, host, "external", CHAINS, 1);
    measure_chains(side, host, "external", CHAINS, 16);
    measure_long(side, host, 100, false);
    measure_long(side, host, 100, true);
    measure_long(side, host, 1000, false);
    measure_long(side, host, 1000, true);
    measure_fan(side, host, "external");
    return 0;
}

/* Bytes that the store's files have for each step of one run, the log of writes counted. */
static int measure_bytes(struct tdh_host *host, void *arg, struct td_err *err)
{
    const struct bench *bench = arg;
    unsigned steps = bench_size(bench, 1000, 10);
    struct tdh_definition *definition = make_long(host, steps, true);
    json_t *input = make_items(steps);

    (void)err;
    bench_run(host->engine, definition, input, NULL, NULL);
    json_decref(input);
    tdh_definition_release(definition);
    return 0;
}

/* When the host has ended, the log of writes is in the file. */
static void tell_bytes(const struct bench *bench)
{
    char path[96];
    struct stat file;

    bench_clean(bench);
    bench_host("normal", measure_bytes, (void *)bench);
    snprintf(path, sizeof(path), "%s/state/store.db", bench->dir);
    if (stat(path, &file) != 0) {
        perror(path);
        exit(1);
    }
    figure_tell("long_1000_list_bytes", (double)file.st_size / bench_size(bench, 1000, 10), "bytes",
                "N");
}

void group_work(struct bench *bench)
{
    struct side side = { .bench = bench, .class = "M" };

    bench_home(bench);
    bench_host("memory", measure_memory, &side);
    side.class = "N";
    bench_clean(bench);
    bench_host("normal", measure_durable, &side);
    side.class = "F";
    bench_clean(bench);
    bench_host("full", measure_durable, &side);
    tell_bytes(bench);
}
