/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench: what the groups of measurements share: a host in a folder of its own, workflows made from
 * a text, runs of them. A group is a function that measures and tells figures (figure.h); it runs
 * in a process of its own and ends it when something fails.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include "base/clock.h"
#include "figure.h"
#include "main/main.h"

/* What a group was asked for. */
struct bench {
    const char *tdev;     /* the program */
    unsigned percent;     /* of the work that is usual; sizes shrink, budgets stay */
    unsigned runs, steps; /* of count-steps */
    const char *effects;
    char dir[64]; /* the folder of this process; made by bench_home */
};

typedef void group_fn(struct bench *bench);
/* Each is a row of bench.c, which says what it measures. */
group_fn group_parts, group_isolated, group_processes, group_steps, group_count_steps, group_lone,
    group_length, group_fan, group_many, group_resume, group_work, group_agents, group_gets;

/* Of the group "parts": queries in a large registry, and choices of one of many. */
void measure_finding(const struct bench *bench);
void measure_routes(const struct bench *bench);

/** Says what failed and ends the process. */
_Noreturn void bench_die(const char *what, const struct td_err *err);
/** `usual` as the percentage asks for, at least `least`. */
unsigned bench_size(const struct bench *bench, unsigned usual, unsigned least);
double bench_since_s(uint64_t begun_ns);
/** Memory of this process, resident pages. */
double bench_resident_mb(void);

/** Makes a folder below /var/tmp and lets everything of tdev live there.
 * It goes when this process ends with exit(). */
void bench_home(struct bench *bench);
/** Takes away what the store has, for the next host in the same folder. */
void bench_clean(const struct bench *bench);
/** A host, its store and engine of that durability ("full", "normal", "memory"), around fn. */
void bench_host(const char *durability, tdh_host_fn *fn, void *arg);

/** A workflow from its text. new; tdh_definition_release(). */
struct tdh_definition *bench_define(struct tdh_host *host, const char *fmt, ...) TD_PRINTF(2, 3);
/** A loop of `rounds` calls of the agent "work" (see work/plugin.yaml), each of which gives
 * `bytes` bytes. new. */
struct tdh_definition *bench_loop(struct tdh_host *host, const char *action, unsigned rounds,
                                  unsigned bytes);
/** Starts a run, waits until its end is durable. watch may be NULL. input: borrow, NULL: {}. */
TD_YIELDS void bench_run(struct tdh_engine *engine, struct tdh_definition *definition,
                         json_t *input, tdh_run_watch_fn *watch, void *arg);
/** So many runs, `lanes` at once; returns the seconds. */
TD_YIELDS double bench_runs(struct tdh_engine *engine, struct tdh_definition *definition,
                            unsigned runs, unsigned lanes);

#endif
