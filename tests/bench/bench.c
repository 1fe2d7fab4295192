/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench: what design section 12 promises, measured. Prints a table and writes bench.json.
 *
 *   bench TDEV PLUGINS_TREE OUT.json
 *
 * Durability classes: F fsync before done, M memory. Every figure is the best of a few rounds for
 * times that other work on the machine can only lengthen, and says so in its name by nothing: rerun
 * it on a quiet machine to compare.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "cel/cel.h"
#include "main/main.h"

struct figure {
    const char *name, *unit, *class;
    double value, budget;
    bool is_least; /* the budget is a lower bound */
};

struct bench {
    const char *tdev, *tree;
    struct figure figures[32];
    size_t count;
    char dir[64];
};

static void add(struct bench *bench, const char *name, double value, const char *unit,
                double budget, bool is_least, const char *class)
{
    bench->figures[bench->count++] = (struct figure){ name, unit, class, value, budget, is_least };
    fprintf(stderr, "%-24s %14.1f %-8s budget %s %.1f %s\n", name, value, unit,
            is_least ? ">=" : "<=", budget,
            (is_least ? value >= budget : value <= budget) ? "" : "  MISSED");
}

static double since_ns(uint64_t begun_ns)
{
    return (double)(tdh_clock_mono_ns() - begun_ns);
}

static void die(const char *what, const struct td_err *err)
{
    fprintf(stderr, "bench: %s: %s\n", what, err->text);
    exit(1);
}

/* --- in one process --- */

enum {
    SWITCHES = 2000000,
    EVALS = 2000000,
    INSTANCES = 1000000,
    LIVE = 100000,
    CALLS = 500000,
    STEPS_MEM = 500000
};

static bool is_switching;

static void other_side(void *arg)
{
    (void)arg;
    while (is_switching)
        tdh_co_yield();
}

static void measure_switch(struct bench *bench)
{
    struct td_err err;
    uint64_t begun_ns;

    is_switching = true;
    if (tdh_co_spawn(other_side, NULL, NULL, &err) != 0)
        die("coroutine", &err);
    tdh_co_yield();
    begun_ns = tdh_clock_mono_ns();
    for (int i = 0; i < SWITCHES; i++)
        tdh_co_yield();
    add(bench, "switch_ns", since_ns(begun_ns) / SWITCHES / 4, "ns", 20, false,
        "M"); /* two coroutines, in and out each */
    is_switching = false;
    tdh_co_yield();
}

static void measure_cel(struct bench *bench)
{
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
        die("cel", &err);
    for (int i = 0; i < EVALS; i++) {
        if (tdh_cel_eval_bool(cel, &env, &arena, &is_true, &err) != 0 || !is_true)
            die("cel", &err);
        tdh_arena_reset(&arena);
    }
    add(bench, "cel_ns", since_ns(begun_ns) / EVALS, "ns", 300, false, "M");
    tdh_cel_free(cel);
    tdh_arena_free(&arena);
    json_decref(value);
}

static double time_instances(struct tdh_agent_template *template)
{
    uint64_t begun_ns = tdh_clock_mono_ns();
    struct td_err err;

    for (int i = 0; i < INSTANCES; i++) {
        tdh_instance instance;

        if (tdh_instance_new(template, &instance, &err) != 0)
            die("instance", &err);
        tdh_instance_end(template, instance);
    }
    return since_ns(begun_ns) / INSTANCES;
}

/* One of the many, to show that it can be called. */
static void call_instance(struct tdh_agent_template *template, tdh_instance instance)
{
    json_t *input = json_pack("{s:s}", "text", "hello"), *output;
    struct td_err err;

    if (tdh_instance_call(template, instance, "echo", input, &output, &err) != 0)
        die("instance", &err);
    json_decref(output);
    json_decref(input);
}

static void measure_instances(struct bench *bench, struct tdh_host *host)
{
    static tdh_instance live[LIVE];
    struct tdh_agent_template *template;
    struct td_err err;

    if (tdh_agents_template(host->agents, "echo", NULL, &template, &err) != 0)
        die("template", &err);
    add(bench, "instance_ns", time_instances(template), "ns", 100, false, "M");
    for (int i = 0; i < LIVE; i++)
        if (tdh_instance_new(template, &live[i], &err) != 0)
            die("instance", &err);
    add(bench, "instance_100k_ns", time_instances(template), "ns", 250, false, "M");
    call_instance(template, live[LIVE / 2]);
    for (int i = 0; i < LIVE; i++)
        tdh_instance_end(template, live[i]);
    add(bench, "instance_bytes", (double)tdh_instance_bytes(template), "bytes", 256, false, "M");
}

static void measure_call(struct bench *bench, struct tdh_host *host)
{
    json_t *input = json_pack("{s:s}", "text", "hello");
    struct tdh_target *target;
    struct td_err err;
    uint64_t begun_ns;

    if (tdh_agents_find(host->agents, "echo", "echo", &target, &err) != 0)
        die("agent", &err);
    begun_ns = tdh_clock_mono_ns();
    for (int i = 0; i < CALLS; i++) {
        struct tdh_call call = { .target = target, .input = input };

        if (tdh_call_run(&call, &err) != 0)
            die("call", &err);
        json_decref(call.output);
    }
    add(bench, "call_ns", since_ns(begun_ns) / CALLS, "ns", 1000, false, "M");
    json_decref(input);
}

/* --- workflow steps --- */

/* A loop whose body is one echo. */
static struct tdh_definition *make_loop(struct tdh_host *host, unsigned rounds)
{
    char text[512];
    struct td_err err;
    struct tdh_yaml *yaml;
    struct tdh_definition *definition;

    snprintf(text, sizeof(text),
             "id: steps\nnodes:\n- {id: begin, type: start, next: [each]}\n- {id: each, type: "
             "loop, times: %u, next: [done], body: [{id: step, "
             "type: task, agent: echo, action: echo, inputs: {text: hello}}]}\n- {id: done, type: "
             "end, output: 1}\n",
             rounds);
    yaml = tdh_yaml_parse(text, strlen(text), "steps", &err);
    definition = yaml != NULL ? tdh_flow_read(yaml, &host->world, &err) : NULL;
    if (definition == NULL)
        die("workflow", &err);
    tdh_yaml_free(yaml);
    return definition;
}

/* Runs `runs` at once of `rounds` steps each; returns steps per second. */
static double time_steps(struct tdh_host *host, struct tdh_engine *engine, unsigned runs,
                         unsigned rounds)
{
    struct tdh_definition *definition = make_loop(host, rounds);
    struct tdh_run **list = calloc(runs, sizeof(struct tdh_run *));
    struct tdh_run_start start = { .definition = definition, .input = json_object() };
    uint64_t begun_ns = tdh_clock_mono_ns();
    double seconds;
    struct td_err err;

    for (unsigned i = 0; i < runs; i++)
        if (tdh_run_start(engine, &start, &list[i], &err) != 0)
            die("run", &err);
    for (unsigned i = 0; i < runs; i++) {
        json_t *output;

        if (tdh_run_wait(list[i], &output, &err) != TDH_RUN_DONE)
            die("run", &err);
        json_decref(output);
        tdh_run_release(list[i]);
    }
    seconds = since_ns(begun_ns) / 1e9;
    json_decref(start.input);
    tdh_definition_release(definition);
    free(list);
    return runs * (double)rounds / seconds;
}

static void measure_memory_steps(struct bench *bench, struct tdh_host *host)
{
    struct tdh_engine_options options = { .runtime = host->runtime };
    struct td_err err;
    struct tdh_engine *engine = tdh_engine_new(&options, &err);

    if (engine == NULL)
        die("engine", &err);
    add(bench, "steps_mem_per_s", time_steps(host, engine, 1, STEPS_MEM), "1/s", 500000, true, "M");
    tdh_engine_free(engine);
}

/* Rows of the same bytes as a step's event, appended by nothing but the store. */
static double time_raw(struct tdh_host *host, size_t bytes, unsigned rows)
{
    enum { BATCH = 1000 };
    static struct td_op cells[BATCH];
    static struct td_op *ops[BATCH];
    char *value = calloc(1, bytes);
    uint64_t head = 0, begun_ns = tdh_clock_mono_ns();
    struct td_err err;

    memset(value, 'x', bytes);
    for (unsigned done = 0; done < rows; done += BATCH) {
        for (unsigned i = 0; i < BATCH; i++) {
            cells[i] = (struct td_op){ TD_SIZE(struct td_op),
                                       .kind = TD_OP_APPEND,
                                       .space = "raw",
                                       .run = 1,
                                       .type = 1,
                                       .head = &head,
                                       .value = { value, bytes } };
            ops[i] = &cells[i];
        }
        if (tdh_store_commit(host->store, ops, BATCH, NULL, &err) != 0)
            die("append", &err);
    }
    free(value);
    return rows / (since_ns(begun_ns) / 1e9);
}

static void measure_durable_steps(struct bench *bench, struct tdh_host *host)
{
    double steps = time_steps(host, host->engine, 1000, 200), raw;

    add(bench, "steps_durable_per_s", steps, "1/s", 150000, true, "F");
    raw = time_raw(host, 90, 200000); /* an event of such a step has about 90 bytes */
    add(bench, "durable_vs_raw", steps / raw, "ratio", 0.5, true, "F");
}

static int inside(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct bench *bench = arg;

    (void)err;
    measure_switch(bench);
    measure_cel(bench);
    measure_instances(bench, host);
    measure_call(bench, host);
    measure_memory_steps(bench, host);
    measure_durable_steps(bench, host);
    return 0;
}

/* --- whole processes --- */

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
    return since_ns(begun_ns) / 1e6;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

enum { RUNS = 11 };

/* `fresh` (may be NULL) is a text of argv that gets a name nobody has used before each run. */
static double median_process(const struct bench *bench, char *const argv[], char fresh[128],
                             long *ret_peak_kb)
{
    double times[RUNS];

    for (int i = -1; i < RUNS; i++) {
        double ms;

        if (fresh != NULL)
            snprintf(fresh, 128, "%s/app%d", bench->dir, i + 1);
        ms = run_process(argv, ret_peak_kb);
        if (i >= 0)
            times[i] = ms;
    }
    qsort(times, RUNS, sizeof(times[0]), compare);
    return times[RUNS / 2];
}

static void measure_processes(struct bench *bench)
{
    char flow[128], out[128];
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

    snprintf(flow, sizeof(flow), "%s/hello.yaml", bench->dir);
    if (tdh_file_write(flow, text, strlen(text), 0644, &err) != 0)
        die("workflow", &err);
    add(bench, "start_to_done_ms", median_process(bench, run, NULL, &peak_kb), "ms", 10, false,
        "F");
    add(bench, "build_static_ms", median_process(bench, build, out, &peak_kb), "ms", 150, false,
        "F");
    add(bench, "build_static_peak_mb", (double)peak_kb / 1024, "MiB", 40, false, "F");
}

/* --- the end --- */

static int write_json(const struct bench *bench, const char *path, struct td_err *err)
{
    json_t *list = json_array();
    char *text;
    int rc;

    for (size_t i = 0; i < bench->count; i++) {
        const struct figure *figure = &bench->figures[i];

        json_array_append_new(list, json_pack("{s:s, s:f, s:s, s:f, s:s}", "name", figure->name,
                                              "value", figure->value, "unit", figure->unit,
                                              "budget", figure->budget, "class", figure->class));
    }
    text = tdh_json_text(list, TDH_JSON_PRETTY);
    json_decref(list);
    if (text == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the figures");
    rc = tdh_file_write(path, text, strlen(text), 0644, err);
    free(text);
    return rc;
}

int main(int argc, char **argv)
{
    struct bench bench = { .dir = "/var/tmp/tdev-bench-XXXXXX" };
    const struct tdh_hosts *hosts = &tdh_hosts_embedded;
    struct tdh_host *host;
    struct td_err err;
    char state[128], remove[160];

    if (argc != 4 || mkdtemp(bench.dir) == NULL) {
        fprintf(stderr, "usage: bench TDEV PLUGINS_TREE OUT.json\n");
        return 2;
    }
    bench.tdev = argv[1];
    bench.tree = argv[2];
    snprintf(state, sizeof(state), "%s/state", bench.dir);
    setenv("TDEV_STATE_DIR", state, 1);
    setenv("HOME", bench.dir, 1);
    setenv("XDG_CONFIG_HOME", bench.dir, 1);
    setenv("XDG_STATE_HOME", bench.dir, 1);
    host = hosts->open(NULL, NULL, &err);
    if (host == NULL || hosts->run(host, true, inside, &bench, &err) != 0)
        die("host", &err);
    hosts->free(host);
    measure_processes(&bench);
    if (write_json(&bench, argv[3], &err) != 0)
        die("bench.json", &err);
    snprintf(remove, sizeof(remove), "rm -rf '%s'", bench.dir);
    return system(remove) == 0 ? 0 : 1;
}
