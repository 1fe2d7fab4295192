/* SPDX-License-Identifier: Apache-2.0 */
/*
 * isolated: calls into a plugin that runs in a process of its own (tests/plugins/wild).
 *
 * The two processes wake each other, so what a call costs depends on where they run: on one core
 * each switch goes through the scheduler; on two they look at the shared memory for a while before
 * they sleep. Both are measured; and what the two processes use of a core in all, start and end
 * with it, which what else the machine does changes least.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "bench.h"

enum { WARM_UP = 200, CALLS = 20000 };

static struct tdh_target *find(struct tdh_host *host, const char *action)
{
    struct tdh_target *target;
    struct td_err err;

    if (tdh_agents_find(host->agents, "wild", action, NULL, &target, &err) != 0)
        bench_die("agent", &err);
    return target;
}

static void call_once(struct tdh_target *target, const json_t *input)
{
    struct tdh_call call = { .target = target, .input = input, .is_single = true };
    struct td_err err;

    if (tdh_call_run(&call, &err) != 0)
        bench_die("call", &err);
    json_decref(call.output);
}

/* Microseconds of one. */
static double time_calls(struct tdh_target *target, const json_t *input, unsigned count)
{
    uint64_t begun_ns = tdh_clock_mono_ns();

    for (unsigned i = 0; i < count; i++)
        call_once(target, input);
    return bench_since_s(begun_ns) * 1e6 / count;
}

struct placed {
    const struct bench *bench;
    bool is_one;
};

static int measure(struct tdh_host *host, void *arg, struct td_err *err)
{
    const struct placed *placed = arg;
    unsigned count = bench_size(placed->bench, CALLS, 200);
    json_t *input = json_pack("{s:s}", "text", "hello");
    struct tdh_target *echo = find(host, "echo");
    uint64_t begun_ns = tdh_clock_mono_ns();
    double first_ms;

    (void)err;
    call_once(echo, input);
    first_ms = bench_since_s(begun_ns) * 1e3;
    time_calls(echo, input, WARM_UP);
    if (placed->is_one) {
        figure_at_most("isolated_one_core_us", time_calls(echo, input, count), "us", "M", 15);
        figure_tell("isolated_first_call_ms", first_ms, "ms", "M");
    } else {
        figure_tell("isolated_two_cores_us", time_calls(echo, input, count), "us", "M");
    }
    json_decref(input);
    return 0;
}

/* Also what is started later runs there. */
static void stay_on_one_core(void)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(sched_getcpu(), &set);
    if (sched_setaffinity(0, sizeof(set), &set) != 0) {
        perror("bench: could not stay on one core");
        exit(1);
    }
}

/* Of this process and of those that have ended. */
static double cpu_s(void)
{
    struct rusage self, children;

    getrusage(RUSAGE_SELF, &self);
    getrusage(RUSAGE_CHILDREN, &children);
    return (double)(self.ru_utime.tv_sec + self.ru_stime.tv_sec + children.ru_utime.tv_sec +
                    children.ru_stime.tv_sec) +
           (double)(self.ru_utime.tv_usec + self.ru_stime.tv_usec + children.ru_utime.tv_usec +
                    children.ru_stime.tv_usec) /
               1e6;
}

void group_isolated(struct bench *bench)
{
    struct placed placed = { bench, false };
    double begun_s;

    bench_home(bench);
    bench_host("memory", measure, &placed);
    stay_on_one_core();
    placed.is_one = true;
    begun_s = cpu_s();
    bench_host("memory", measure, &placed);
    figure_tell("isolated_one_core_cpu_us",
                (cpu_s() - begun_s) * 1e6 / (bench_size(bench, CALLS, 200) + WARM_UP), "us", "M");
}
