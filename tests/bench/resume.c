/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resume: 100 000 runs were under way when their process ended; how long until each of them has
 * done a step in the next one?
 *
 * A first process starts the runs, waits until all are durable, and ends without a word: the step
 * of each is under way, or waits for its turn. The second is timed from the start of its host. It
 * resumes the runs from as many coroutines as AT_ONCE says, as a daemon would.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "bench.h"

enum { RUNS = 100000, AT_ONCE = 256, RESULT = 5, PAGE = 10000, YIELD_EACH = 100 };

/* --- the process that ends --- */

/* Ids of the runs that have not ended, as the store has them. new. */
static json_t *list_live(struct tdh_host *host)
{
    json_t *ids = json_array(), *page = NULL, *record;
    const char *after = NULL;
    struct td_err err;
    size_t i;

    do {
        json_t *before = page;

        if (tdh_store_list(host->store, "live", NULL, after, PAGE, 0, &page, &err) != 0)
            bench_die("list of runs", &err);
        json_decref(before);
        json_array_foreach (page, i, record) {
            after = tdh_json_str(record, "key", "");
            json_array_append_new(ids, json_string(after));
        }
    } while (json_array_size(page) == PAGE);
    json_decref(page);
    return ids;
}

static void start_runs(struct tdh_host *host, unsigned count)
{
    struct tdh_run_start start = { .definition = bench_loop(host, "gate", 3, RESULT),
                                   .input = json_object() };
    struct tdh_run *run;
    struct td_err err;

    for (unsigned i = 0; i < count; i++) {
        if (tdh_run_start(host->engine, &start, &run, &err) != 0)
            bench_die("run", &err);
        tdh_run_release(run);
        if (i % YIELD_EACH == 0)
            tdh_co_yield();
    }
}

static int leave_behind(struct tdh_host *host, void *arg, struct td_err *err)
{
    unsigned count = *(unsigned *)arg;
    size_t there = 0;

    (void)err;
    start_runs(host, count);
    while (there < count) {
        json_t *ids = list_live(host);

        there = json_array_size(ids);
        json_decref(ids);
    }
    _exit(0);
}

static void build(unsigned count)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        setenv("TDEV_BENCH_GATE", "1", 1);
        bench_host("full", leave_behind, &count);
        _exit(1);
    }
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "bench: could not leave %u runs behind\n", count);
        exit(1);
    }
}

/* --- the one that goes on --- */

struct one { /* a run that goes on */
    struct resuming *resuming;
    bool has_stepped;
};

struct resuming {
    struct tdh_engine *engine;
    json_t *ids;
    struct one *ones;
    size_t next, count, stepped;
    struct tdh_co *waiter;
    uint64_t begun_ns;
    double first_s, all_s, taken_s;
};

static void watch(void *arg, struct tdh_run *run, const char *name, const char *path,
                  const json_t *data, const struct td_err *error)
{
    struct one *one = arg;
    struct resuming *resuming = one->resuming;

    (void)run;
    (void)path;
    (void)data;
    (void)error;
    if (strcmp(name, "done") != 0 || one->has_stepped)
        return;
    one->has_stepped = true;
    if (resuming->stepped++ == 0)
        resuming->first_s = bench_since_s(resuming->begun_ns);
    if (resuming->stepped < resuming->count)
        return;
    resuming->all_s = bench_since_s(resuming->begun_ns);
    tdh_co_wake(resuming->waiter);
}

static void resumer(void *arg)
{
    struct resuming *resuming = arg;

    while (resuming->next < resuming->count) {
        const char *id = json_string_value(json_array_get(resuming->ids, resuming->next++));
        struct one *one = &resuming->ones[resuming->next - 1];
        struct tdh_resume resume = { .watch = watch, .watch_arg = one };
        struct tdh_run *run;
        struct td_err err;

        one->resuming = resuming;
        if (tdh_run_resume(resuming->engine, id, &resume, &run, &err) != 0)
            bench_die("resume", &err);
        tdh_run_release(run);
    }
    resuming->taken_s = bench_since_s(resuming->begun_ns);
}

/* Each of them, not as many steps as there are runs. */
static void check_all(const struct resuming *resuming)
{
    for (size_t i = 0; i < resuming->count; i++)
        if (!resuming->ones[i].has_stepped) {
            fprintf(stderr, "bench: a run that was resumed has done no step\n");
            exit(1);
        }
}

static int go_on(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct resuming *resuming = arg;

    resuming->engine = host->engine;
    resuming->waiter = tdh_co_self();
    resuming->ids = list_live(host);
    resuming->count = json_array_size(resuming->ids);
    resuming->ones = calloc(resuming->count, sizeof(*resuming->ones));
    tdh_runs_preload(host->engine);
    for (int i = 0; i < AT_ONCE; i++)
        if (tdh_co_spawn(resumer, resuming, NULL, err) != 0)
            return -1;
    while (resuming->stepped < resuming->count)
        tdh_co_park();
    check_all(resuming);
    figure_tell("resume_runs", (double)resuming->count, "runs", "F");
    figure_tell("resume_first_step_s", resuming->first_s, "s", "F");
    figure_tell("resume_resident_mb", bench_resident_mb(), "MiB", "F");
    figure_tell("resume_taken_over_s", resuming->taken_s, "s", "F");
    figure_at_most("resume_all_stepped_s", resuming->all_s, "s", "F", 5);
    return 0; /* what else the runs had to do stays open, as it does when a process ends */
}

void group_resume(struct bench *bench)
{
    struct resuming resuming = { .next = 0 };

    bench_home(bench);
    build(bench_size(bench, RUNS, 10));
    resuming.begun_ns = tdh_clock_mono_ns();
    bench_host("full", go_on, &resuming);
    json_decref(resuming.ids);
    free(resuming.ones);
}
