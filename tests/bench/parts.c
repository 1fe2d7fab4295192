/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts: what single parts cost, without a store: a switch of coroutines, CEL, instances, calls,
 * queries.
 */
#include "bench.h"
#include "cel/cel.h"

enum { SWITCHES = 2000000, EVALS = 2000000, INSTANCES = 1000000, LIVE = 100000, CALLS = 500000 };

static double each_ns(uint64_t begun_ns, unsigned count)
{
    return bench_since_s(begun_ns) * 1e9 / count;
}

static bool is_switching;

static void other_side(void *arg)
{
    (void)arg;
    while (is_switching)
        tdh_co_yield();
}

static void measure_switch(const struct bench *bench)
{
    unsigned count = bench_size(bench, SWITCHES, 1000);
    struct td_err err;
    uint64_t begun_ns;

    is_switching = true;
    if (tdh_co_spawn(other_side, NULL, NULL, &err) != 0)
        bench_die("coroutine", &err);
    tdh_co_yield();
    begun_ns = tdh_clock_mono_ns();
    for (unsigned i = 0; i < count; i++)
        tdh_co_yield();
    /* two coroutines, in and out each */
    figure_at_most("switch_ns", each_ns(begun_ns, count) / 4, "ns", "M", 20);
    is_switching = false;
    tdh_co_yield();
}

static void measure_cel(const struct bench *bench)
{
    unsigned count = bench_size(bench, EVALS, 1000);
    json_t *value = json_pack("{s:{s:s}}", "b", "c", "x");
    const json_t *values[] = { value };
    struct tdh_cel_root root = { "a", NULL };
    struct tdh_cel_options options = { .roots = &root, .root_count = 1 };
    struct tdh_cel_env env = { values, 1 };
    struct tdh_arena arena = { 0 };
    struct td_err err;
    struct tdh_cel *cel = tdh_cel_compile("a.b.c == 'x'", &options, &err);
    uint64_t begun_ns = tdh_clock_mono_ns();
    bool is_true = false;

    if (cel == NULL)
        bench_die("cel", &err);
    for (unsigned i = 0; i < count; i++) {
        if (tdh_cel_eval_bool(cel, &env, &arena, &is_true, &err) != 0 || !is_true)
            bench_die("cel", &err);
        tdh_arena_reset(&arena);
    }
    figure_at_most("cel_ns", each_ns(begun_ns, count), "ns", "M", 300);
    tdh_cel_free(cel);
    tdh_arena_free(&arena);
    json_decref(value);
}

static double time_instances(struct tdh_agent_template *template, unsigned count)
{
    uint64_t begun_ns = tdh_clock_mono_ns();
    struct td_err err;

    for (unsigned i = 0; i < count; i++) {
        tdh_instance instance;

        if (tdh_instance_new(template, &instance, &err) != 0)
            bench_die("instance", &err);
        tdh_instance_end(template, instance);
    }
    return each_ns(begun_ns, count);
}

/* One of the many, to show that it can be called. */
static void call_instance(struct tdh_agent_template *template, tdh_instance instance)
{
    json_t *input = json_pack("{s:s}", "text", "hello"), *output;
    struct td_err err;

    if (tdh_instance_call(template, instance, "echo", input, &output, &err) != 0)
        bench_die("instance", &err);
    json_decref(output);
    json_decref(input);
}

static void measure_instances(const struct bench *bench, struct tdh_host *host)
{
    static tdh_instance live[LIVE];
    unsigned count = bench_size(bench, INSTANCES, 1000);
    struct tdh_agent_template *template;
    struct td_err err;

    if (tdh_agents_template(host->agents, "echo", NULL, &template, &err) != 0)
        bench_die("template", &err);
    figure_at_most("instance_ns", time_instances(template, count), "ns", "M", 100);
    for (int i = 0; i < LIVE; i++)
        if (tdh_instance_new(template, &live[i], &err) != 0)
            bench_die("instance", &err);
    figure_at_most("instance_100k_ns", time_instances(template, count), "ns", "M", 250);
    call_instance(template, live[LIVE / 2]);
    for (int i = 0; i < LIVE; i++)
        tdh_instance_end(template, live[i]);
    figure_at_most("instance_bytes", (double)tdh_instance_bytes(template), "bytes", "M", 256);
}

static void measure_call(const struct bench *bench, struct tdh_host *host)
{
    unsigned count = bench_size(bench, CALLS, 1000);
    json_t *input = json_pack("{s:s}", "text", "hello");
    struct tdh_target *target;
    struct td_err err;
    uint64_t begun_ns;

    if (tdh_agents_find(host->agents, "echo", "echo", NULL, &target, &err) != 0)
        bench_die("agent", &err);
    begun_ns = tdh_clock_mono_ns();
    for (unsigned i = 0; i < count; i++) {
        struct tdh_call call = { .target = target, .input = input };

        if (tdh_call_run(&call, &err) != 0)
            bench_die("call", &err);
        json_decref(call.output);
    }
    figure_at_most("call_ns", each_ns(begun_ns, count), "ns", "M", 1000);
    json_decref(input);
}

static int measure(struct tdh_host *host, void *arg, struct td_err *err)
{
    const struct bench *bench = arg;

    (void)err;
    measure_switch(bench);
    measure_cel(bench);
    measure_instances(bench, host);
    measure_call(bench, host);
    measure_finding(bench);
    measure_routes(bench);
    return 0;
}

void group_parts(struct bench *bench)
{
    bench_home(bench);
    bench_host("memory", measure, bench);
}
