/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lone: one durable run alone, whose every step has an effect and so waits for the disk, against
 * the least that a disk can do: one fdatasync after an append of 4 KiB to a file beside the store.
 *
 * Both are measured in turns, so that what else the machine does hits both alike.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

enum { TURNS = 15, STEPS = 200, BLOCK = 4096, RESULT = 5 };

static double append_seconds(int fd, unsigned count)
{
    static char block[BLOCK];
    uint64_t begun_ns = tdh_clock_mono_ns();

    memset(block, 'x', sizeof(block));
    for (unsigned i = 0; i < count; i++)
        if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block) || fdatasync(fd) != 0) {
            perror("bench: could not append");
            exit(1);
        }
    return bench_since_s(begun_ns);
}

static int open_file(const struct bench *bench)
{
    char path[96];
    int fd;

    snprintf(path, sizeof(path), "%s/appended", bench->dir);
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        perror("bench: could not make a file");
        exit(1);
    }
    return fd;
}

static int measure(struct tdh_host *host, void *arg, struct td_err *err)
{
    const struct bench *bench = arg;
    unsigned steps = bench_size(bench, STEPS, 20);
    struct tdh_definition *definition = bench_loop(host, "external", steps, RESULT);
    double appends[TURNS], runs[TURNS], ratios[TURNS];
    int fd = open_file(bench);

    (void)err;
    bench_runs(host->engine, definition, 1, 1);
    append_seconds(fd, steps);
    for (unsigned i = 0; i < TURNS; i++) {
        appends[i] = append_seconds(fd, steps) * 1e6 / steps;
        runs[i] = bench_runs(host->engine, definition, 1, 1) * 1e6 / steps;
        ratios[i] = runs[i] / appends[i];
    }
    close(fd);
    tdh_definition_release(definition);
    figure_tell("append_4k_fdatasync_us", figure_median(appends, TURNS), "us", "F");
    figure_tell("lone_step_us", figure_median(runs, TURNS), "us", "F");
    figure_at_most("lone_step_to_append", figure_median(ratios, TURNS), "ratio", "F", 1.5);
    return 0;
}

void group_lone(struct bench *bench)
{
    bench_home(bench);
    bench_host("full", measure, bench);
}
