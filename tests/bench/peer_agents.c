/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peer_agents: agents made and ended, and requests that go to one of a hundred agents: our side of
 * peers/agents.mjs. peers/README.md says what the work is.
 */
#include "bench.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

enum { MADE = 2000000, ROUTED = 50000, CANDIDATES = 100 };

static void write_file(const char *path, const char *text)
{
    struct td_err err;

    if (tdh_file_write(path, text, strlen(text), 0644, &err) != 0)
        bench_die("agents", &err);
}

/* A hundred agents of one plugin, and a route to all of them. */
static void write_agents(const struct bench *bench)
{
    char path[160], text[160];
    struct td_err err;

    snprintf(path, sizeof(path), "%s/tdev/agents", bench->dir);
    if (tdh_file_mkdirs(path, 0755, &err) != 0)
        bench_die("agents", &err);
    for (int i = 0; i < CANDIDATES; i++) {
        snprintf(path, sizeof(path), "%s/tdev/agents/desk-%d.yaml", bench->dir, i);
        snprintf(text, sizeof(text), "plugin: echo\ndescription: handles topic%d\n", i);
        write_file(path, text);
    }
    snprintf(path, sizeof(path), "%s/tdev/agents/front.yaml", bench->dir);
    write_file(path, "route: {find: \"name.startsWith('desk-')\"}\n");
}

static void measure_made(const struct bench *bench, struct tdh_host *host)
{
    unsigned count = bench_size(bench, MADE, 1000);
    struct tdh_agent_template *template;
    tdh_instance instance;
    struct td_err err;
    uint64_t begun_ns;

    if (tdh_agents_template(host->agents, "echo", NULL, &template, &err) != 0)
        bench_die("template", &err);
    begun_ns = tdh_clock_mono_ns();
    for (unsigned i = 0; i < count; i++) {
        if (tdh_instance_new(template, &instance, &err) != 0)
            bench_die("instance", &err);
        tdh_instance_end(template, instance);
    }
    figure_tell("agents_made_per_s", count / bench_since_s(begun_ns), "1/s", "M");
}

static void route_one(struct tdh_target *front, unsigned i)
{
    json_t *input =
        json_pack("{s:o}", "text", json_sprintf("question %u about topic%u", i, i % CANDIDATES));
    struct tdh_call call = { .target = front, .input = input };
    struct td_err err;

    if (tdh_call_run(&call, &err) != 0)
        bench_die("route", &err);
    json_decref(call.output);
    json_decref(input);
}

static void measure_routed(const struct bench *bench, struct tdh_host *host)
{
    unsigned count = bench_size(bench, ROUTED, 500);
    struct tdh_target *front;
    struct td_err err;
    uint64_t begun_ns;

    if (tdh_agents_find(host->agents, "front", "echo", NULL, &front, &err) != 0)
        bench_die("route", &err);
    for (unsigned i = 0; i < CANDIDATES; i++) /* each is made at its first call */
        route_one(front, i);
    begun_ns = tdh_clock_mono_ns();
    for (unsigned i = 0; i < count; i++)
        route_one(front, i);
    figure_tell("routed_100_per_s", count / bench_since_s(begun_ns), "1/s", "M");
}

static int measure(struct tdh_host *host, void *arg, struct td_err *err)
{
    (void)err;
    measure_made(arg, host);
    measure_routed(arg, host);
    return 0;
}

void group_agents(struct bench *bench)
{
    bench_home(bench);
    write_agents(bench);
    bench_host("memory", measure, bench);
}
