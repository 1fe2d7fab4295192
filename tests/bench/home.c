/* SPDX-License-Identifier: Apache-2.0 */
/*
 * home: a folder for a group, hosts in it, and runs on them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/yaml.h"
#include "bench.h"

void bench_die(const char *what, const struct td_err *err)
{
    fprintf(stderr, "bench: %s: %s\n", what, err->text);
    exit(1);
}

unsigned bench_size(const struct bench *bench, unsigned usual, unsigned least)
{
    uint64_t size = (uint64_t)usual * bench->percent / 100;

    return size > least ? (unsigned)size : least;
}

double bench_since_s(uint64_t begun_ns)
{
    return (double)(tdh_clock_mono_ns() - begun_ns) / 1e9;
}

double bench_resident_mb(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    unsigned long size, resident = 0;

    if (file == NULL || fscanf(file, "%lu %lu", &size, &resident) != 2) {
        fprintf(stderr, "bench: could not read /proc/self/statm\n");
        exit(1);
    }
    fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

/* --- the folder --- */

static const struct bench *owner; /* for the end of the process */
static pid_t owner_pid;

static void remove_below(const char *dir, const char *name)
{
    char command[160];

    snprintf(command, sizeof(command), "rm -rf '%s%s'", dir, name);
    if (system(command) != 0)
        fprintf(stderr, "bench: could not remove \"%s%s\"\n", dir, name);
}

static void remove_home(void)
{
    if (getpid() == owner_pid) /* a process that was forked to measure has not made it */
        remove_below(owner->dir, "");
}

void bench_home(struct bench *bench)
{
    char state[80];

    snprintf(bench->dir, sizeof(bench->dir), "/var/tmp/tdev-bench-XXXXXX");
    if (mkdtemp(bench->dir) == NULL) {
        perror("bench: could not make a folder in /var/tmp");
        exit(1);
    }
    owner = bench;
    owner_pid = getpid();
    atexit(remove_home);
    snprintf(state, sizeof(state), "%s/state", bench->dir);
    setenv("TDEV_STATE_DIR", state, 1);
    setenv("HOME", bench->dir, 1);
    setenv("XDG_CONFIG_HOME", bench->dir, 1);
    setenv("XDG_STATE_HOME", bench->dir, 1);
}

void bench_clean(const struct bench *bench)
{
    remove_below(bench->dir, "/state");
}

void bench_host(const char *durability, tdh_host_fn *fn, void *arg)
{
    const struct tdh_hosts *hosts = &tdh_hosts_embedded;
    struct tdh_host *host;
    struct td_err err;

    setenv("TDEV_STORE_DURABILITY", durability, 1);
    setenv("TDEV_LOG_LEVEL", "warning", 1);
    host = hosts->open(NULL, NULL, &err);
    if (host == NULL || hosts->run(host, true, fn, arg, &err) != 0)
        bench_die("host", &err);
    hosts->free(host);
}

/* --- workflows --- */

struct tdh_definition *bench_define(struct tdh_host *host, const char *fmt, ...)
{
    char text[4096];
    struct td_err err;
    struct tdh_yaml *yaml;
    struct tdh_definition *definition;
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    yaml = tdh_yaml_parse(text, strlen(text), "bench.yaml", &err);
    definition = yaml != NULL ? tdh_flow_read(yaml, &host->world, &err) : NULL;
    if (definition == NULL)
        bench_die("workflow", &err);
    tdh_yaml_free(yaml);
    return definition;
}

struct tdh_definition *bench_loop(struct tdh_host *host, const char *action, unsigned rounds,
                                  unsigned bytes)
{
    return bench_define(host,
                        "id: steps\nnodes:\n"
                        "- {id: begin, type: start, next: [each]}\n"
                        "- {id: each, type: loop, times: %u, next: [done], body: [{id: step, type: "
                        "task, agent: work, action: %s, inputs: {bytes: %u}}]}\n"
                        "- {id: done, type: end, output: 1}\n",
                        rounds, action, bytes);
}

/* --- runs --- */

void bench_run(struct tdh_engine *engine, struct tdh_definition *definition, json_t *input,
               tdh_run_watch_fn *watch, void *arg)
{
    struct tdh_run_start start = {
        .definition = definition,
        .input = input != NULL ? json_incref(input) : json_object(),
        .watch = watch,
        .watch_arg = arg,
    };
    struct tdh_run *run;
    struct td_err err;
    json_t *output;

    if (tdh_run_start(engine, &start, &run, &err) != 0 ||
        tdh_run_wait(run, &output, &err) != TDH_RUN_DONE)
        bench_die("run", &err);
    json_decref(output);
    json_decref(start.input);
    tdh_run_release(run);
}

/* Runs that several coroutines start one after another. */
struct lanes {
    struct tdh_engine *engine;
    struct tdh_definition *definition;
    unsigned left, open;
    struct tdh_co *waiter;
};

static void lane(void *arg)
{
    struct lanes *lanes = arg;

    while (lanes->left > 0) {
        lanes->left--;
        bench_run(lanes->engine, lanes->definition, NULL, NULL, NULL);
    }
    if (--lanes->open == 0)
        tdh_co_wake(lanes->waiter);
}

double bench_runs(struct tdh_engine *engine, struct tdh_definition *definition, unsigned runs,
                  unsigned lanes)
{
    struct lanes shared = { engine, definition, runs, lanes, tdh_co_self() };
    uint64_t begun_ns = tdh_clock_mono_ns();
    struct td_err err;

    for (unsigned i = 0; i < lanes; i++)
        if (tdh_co_spawn(lane, &shared, NULL, &err) != 0)
            bench_die("coroutine", &err);
    while (shared.open > 0)
        tdh_co_park();
    return bench_since_s(begun_ns);
}
