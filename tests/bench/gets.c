/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gets: requests a second of the gateway's client: 64 coroutines of one worker, GETs over kept
 * connections to the server at BENCH_URL, which client.sh has started.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "bench.h"
#include "http/http.h"

enum { LANES = 64 };

struct gets {
    struct tdh_runtime *runtime;
    struct tdh_upstream *upstream;
    struct tdh_co *main;
    uint64_t until_ns, count;
    unsigned running;
    double seconds;
};

static void get_once(struct gets *gets)
{
    static const struct tdh_http_ask ask = { .method = "GET", .target = "/" };
    struct td_err err;
    bool is_sent;
    struct tdh_http_call *call = tdh_http_open(gets->upstream, &ask, &is_sent, &err);
    const char *bytes;
    size_t length = 1;

    if (call == NULL)
        bench_die("request", &err);
    while (length != 0)
        if (tdh_http_call_read(call, &bytes, &length, &err) != 0)
            bench_die("reply", &err);
    tdh_http_call_end(call);
    gets->count++;
}

static void lane(void *arg)
{
    struct gets *gets = arg;

    while (tdh_clock_mono_ns() < gets->until_ns)
        get_once(gets);
    if (--gets->running == 0)
        tdh_co_wake(gets->main);
}

static double used_s(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void run(void *arg)
{
    struct gets *gets = arg;
    const struct tdh_upstream_options options = {
        .runtime = gets->runtime, .url = getenv("BENCH_URL"), .connections = LANES, .idle = LANES
    };
    struct td_err err;
    uint64_t begun_ns = tdh_clock_mono_ns();
    double used_before_s = used_s();

    gets->upstream = tdh_upstream_new(&options, &err);
    if (gets->upstream == NULL)
        bench_die("upstream", &err);
    gets->main = tdh_co_self();
    gets->until_ns = begun_ns + (uint64_t)(gets->seconds * 1e9);
    for (gets->running = 0; gets->running < LANES; gets->running++)
        if (tdh_co_spawn(lane, gets, NULL, &err) != 0)
            bench_die("coroutine", &err);
    while (gets->running != 0)
        tdh_co_park();
    figure_tell("http_client_per_s", (double)gets->count / bench_since_s(begun_ns), "1/s", "M");
    figure_tell("http_client_cpu_us", (used_s() - used_before_s) * 1e6 / (double)gets->count, "us",
                "M");
    tdh_upstream_free(gets->upstream);
}

void group_gets(struct bench *bench)
{
    const struct tdh_runtime_options options = { .workers = 1, .blocking_threads = 1 };
    struct gets gets = { .seconds = bench_size(bench, 3, 1) };
    struct td_err err;

    if (getenv("BENCH_URL") == NULL) {
        fprintf(stderr, "gets: BENCH_URL is not set (client.sh sets it)\n");
        exit(1);
    }
    gets.runtime = tdh_runtime_new(&options, &err);
    if (gets.runtime == NULL || tdh_runtime_run(gets.runtime, run, &gets, &err) != 0)
        bench_die("runtime", &err);
    tdh_runtime_free(gets.runtime);
}
