/* SPDX-License-Identifier: Apache-2.0 */
/*
 * length: does a run grow slower or fatter the longer it is? Runs of 100, 1 000 and 10 000 steps,
 * each with an effect and a result of 1 KB that the run keeps in a variable.
 *
 * Marks are taken at steps, from a watch: time, processor time of the process, and pages of the
 * store's file, as a second connection sees them. Late to early compares two stretches of the
 * longest run: its last 2 000 steps and those after step 100.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

enum { RESULT = 1024, LONG = 10000, STRETCH = 2000, EARLY = 100, NORMAL_RUNS = 15 };
enum { AT_EARLY, AT_EARLY_END, AT_LATE, AT_LATE_END, MARKS };

struct mark {
    unsigned step;
    double seconds, bytes;
};

struct watched {
    struct mark begun, ended, marks[MARKS];
    unsigned step, next;
    sqlite3_stmt *pages;
};

static double store_bytes(sqlite3_stmt *pages)
{
    double bytes;

    if (sqlite3_step(pages) != SQLITE_ROW) {
        fprintf(stderr, "bench: could not ask the store's file for its pages\n");
        exit(1);
    }
    bytes = sqlite3_column_double(pages, 0);
    sqlite3_reset(pages);
    return bytes;
}

static void take_mark(const struct watched *watched, struct mark *mark)
{
    mark->seconds = (double)tdh_clock_mono_ns() / 1e9;
    mark->bytes = store_bytes(watched->pages);
}

static void watch(void *arg, struct tdh_run *run, const char *name, const char *path,
                  const json_t *data, const struct td_err *error)
{
    struct watched *watched = arg;

    (void)run;
    (void)path;
    (void)data;
    (void)error;
    if (strcmp(name, "done") != 0)
        return;
    watched->step++;
    if (watched->next < MARKS && watched->marks[watched->next].step == watched->step)
        take_mark(watched, &watched->marks[watched->next++]);
}

static sqlite3 *open_pages(const struct bench *bench, sqlite3_stmt **ret_pages)
{
    char path[96];
    sqlite3 *db;

    snprintf(path, sizeof(path), "%s/state/store.db", bench->dir);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db,
                           "SELECT page_count * page_size FROM pragma_page_count(), "
                           "pragma_page_size()",
                           -1, ret_pages, NULL) != SQLITE_OK) {
        fprintf(stderr, "bench: \"%s\": %s\n", path, sqlite3_errmsg(db));
        exit(1);
    }
    return db;
}

static struct watched run_watched(const struct bench *bench, struct tdh_host *host,
                                  const char *action, unsigned steps)
{
    struct watched watched = { .marks = { { .step = EARLY },
                                          { .step = EARLY + STRETCH },
                                          { .step = steps - STRETCH },
                                          { .step = steps } } };
    sqlite3 *db = open_pages(bench, &watched.pages);
    struct tdh_definition *definition = bench_define(
        host,
        "id: long\nvariables: {last: null}\nnodes:\n"
        "- {id: begin, type: start, next: [each]}\n"
        "- {id: each, type: loop, times: %u, next: [done], body: [{id: step, type: task, agent: "
        "work, action: %s, inputs: {bytes: %u}, outputs: {last: \"${result}\"}}]}\n"
        "- {id: done, type: end, output: 1}\n",
        steps, action, RESULT);

    take_mark(&watched, &watched.begun);
    bench_run(host->engine, definition, NULL, watch, &watched);
    take_mark(&watched, &watched.ended);
    tdh_definition_release(definition);
    sqlite3_finalize(watched.pages);
    sqlite3_close(db);
    return watched;
}

/* --- how long a stretch took, how much it wrote --- */

static double stretch_seconds(const struct watched *watched, int from)
{
    return watched->marks[from + 1].seconds - watched->marks[from].seconds;
}

static double stretch_bytes(const struct watched *watched, int from)
{
    return watched->marks[from + 1].bytes - watched->marks[from].bytes;
}

static bool has_stretches(unsigned steps)
{
    return steps >= 2 * STRETCH + EARLY;
}

static void tell_whole(const struct watched *watched, const char *action, unsigned usual,
                       unsigned steps)
{
    const struct mark *from = &watched->begun, *to = &watched->ended;
    char name[48];

    snprintf(name, sizeof(name), "run_%u_%s_us", usual, action);
    figure_tell(name, (to->seconds - from->seconds) * 1e6 / steps, "us", "F");
    snprintf(name, sizeof(name), "run_%u_%s_bytes", usual, action);
    if (usual == LONG)
        figure_at_most(name, (to->bytes - from->bytes) / steps, "bytes", "F", 1.3 * RESULT);
    else
        figure_tell(name, (to->bytes - from->bytes) / steps, "bytes", "F");
}

static void tell_stretches(const struct watched *watched)
{
    figure_tell("run_10000_early_us", stretch_seconds(watched, AT_EARLY) * 1e6 / STRETCH, "us",
                "F");
    figure_tell("run_10000_late_us", stretch_seconds(watched, AT_LATE) * 1e6 / STRETCH, "us", "F");
    figure_at_most("run_10000_late_to_early_bytes",
                   stretch_bytes(watched, AT_LATE) / stretch_bytes(watched, AT_EARLY), "ratio", "F",
                   1.05);
}

static int measure_full(struct tdh_host *host, void *arg, struct td_err *err)
{
    static const char *const actions[] = { "none", "idempotent" };
    static const unsigned lengths[] = { 100, 1000, LONG };
    const struct bench *bench = arg;

    (void)err;
    run_watched(bench, host, "idempotent", EARLY); /* what is made at first use */
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        for (size_t j = 0; j < sizeof(lengths) / sizeof(lengths[0]); j++) {
            unsigned steps = bench_size(bench, lengths[j], 10);
            struct watched watched = run_watched(bench, host, actions[i], steps);

            tell_whole(&watched, actions[i], lengths[j], steps);
            if (i == 1 && has_stretches(steps))
                tell_stretches(&watched);
        }
    return 0;
}

static int measure_normal(struct tdh_host *host, void *arg, struct td_err *err)
{
    const struct bench *bench = arg;
    unsigned steps = bench_size(bench, LONG, 10);
    double times[NORMAL_RUNS], ratios[NORMAL_RUNS];

    (void)err;
    if (!has_stretches(steps))
        return 0;
    for (int i = 0; i < NORMAL_RUNS; i++) {
        struct watched watched = run_watched(bench, host, "idempotent", steps);

        times[i] = stretch_seconds(&watched, AT_EARLY) * 1e6 / STRETCH;
        ratios[i] = stretch_seconds(&watched, AT_LATE) / stretch_seconds(&watched, AT_EARLY);
    }
    figure_tell("run_10000_early_us", figure_median(times, NORMAL_RUNS), "us", "N");
    figure_at_most("run_10000_late_to_early_time", figure_median(ratios, NORMAL_RUNS), "ratio", "N",
                   1.05);
    return 0;
}

void group_length(struct bench *bench)
{
    bench_home(bench);
    bench_host("full", measure_full, bench);
    bench_clean(bench);
    bench_host("normal", measure_normal, bench);
}
