/* SPDX-License-Identifier: Apache-2.0 */
/*
 * processes: what a person waits for: whole processes of tdev, from start to end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "bench.h"

enum { RUNS = 11, NAME = 128 };

static double run_process(char *const argv[], long *ret_peak_kb)
{
    uint64_t begun_ns = tdh_clock_mono_ns();
    struct rusage usage;
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        if (freopen("/dev/null", "w", stdout) == NULL || freopen("/dev/null", "w", stderr) == NULL)
            _exit(126);
        execv(argv[0], argv);
        _exit(127);
    }
    if (wait4(pid, &status, 0, &usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "bench: \"%s %s\" failed\n", argv[0], argv[1]);
        exit(1);
    }
    *ret_peak_kb = usage.ru_maxrss;
    return bench_since_s(begun_ns) * 1e3;
}

/* The first run makes the store and does not count. `fresh` (may be NULL) is a text of argv that
 * gets a name nobody has used before each run. */
static double median_process(const struct bench *bench, char *const argv[], char fresh[NAME],
                             long *ret_peak_kb)
{
    int runs = (int)bench_size(bench, RUNS, 1);
    double times[RUNS + 1];

    for (int i = 0; i <= runs && i <= RUNS; i++) {
        if (fresh != NULL)
            snprintf(fresh, NAME, "%s/app%d", bench->dir, i);
        times[i] = run_process(argv, ret_peak_kb);
    }
    return figure_median(times + 1, (size_t)(runs < RUNS ? runs : RUNS));
}

void group_processes(struct bench *bench)
{
    char flow[NAME], out[NAME];
    char *run[] = { (char *)bench->tdev, "run", flow, "-q", NULL };
    char *build[] = { (char *)bench->tdev,
                      "build",
                      "a to-do app with due dates, tags, search and dark mode",
                      "-o",
                      out,
                      NULL };
    const char *text = "id: hello\nnodes:\n- {id: begin, type: start, next: [step]}\n- {id: step, "
                       "type: task, agent: echo, action: echo, inputs: "
                       "{text: hello}, next: [done]}\n- {id: done, type: end}\n";
    struct td_err err;
    long peak_kb;

    bench_home(bench);
    snprintf(flow, sizeof(flow), "%s/hello.yaml", bench->dir);
    if (tdh_file_write(flow, text, strlen(text), 0644, &err) != 0)
        bench_die("workflow", &err);
    figure_at_most("start_to_done_ms", median_process(bench, run, NULL, &peak_kb), "ms", "F", 10);
    figure_at_most("build_static_ms", median_process(bench, build, out, &peak_kb), "ms", "F", 150);
    figure_at_most("build_static_peak_mb", (double)peak_kb / 1024, "MiB", "F", 40);
}
