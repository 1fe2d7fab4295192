/* SPDX-License-Identifier: Apache-2.0 */
/*
 * optimize: says what a chain or a workflow could do faster, writes the one that does, measures
 * both.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/yaml_write.h"
#include "cli/cli.h"

enum { RUNS = 20 /* of history */, ROUNDS = 5 /* of a measurement */ };

struct work {
    const struct tdh_args *args;
    struct tdh_host *host;
    struct tdh_yaml *yaml;
    json_t *input;     /* of a measurement */
    json_t *durations; /* by link */
    json_t *result;
    char *text; /* of the new chain */
    double measured_ms[2];
};

/* --- what is known of actions --- */

static int find_action(void *arg, const char *agent, const char *action, bool *ret_pure,
                       int64_t *ret_ms)
{
    const struct work *work = arg;
    const struct tdh_capability *capability;
    struct td_err ignored;

    if (tdh_agents_capability(work->host->agents, agent, action, &capability, &ignored) != 0)
        return -1;
    *ret_pure = capability->effects == TDH_EFFECTS_NONE;
    *ret_ms = capability->estimate_ms;
    return 0;
}

/* --- history --- */

/* "chain__stream[3].pay" is link "pay". */
static const char *link_of(const char *path)
{
    const char *dot = path != NULL ? strrchr(path, '.') : NULL;

    return dot != NULL ? dot + 1 : path != NULL ? path : "";
}

/* Adds one time of a link: [sum, count]. */
static void add_time(json_t *sums, const char *link, double ms)
{
    const json_t *old = json_object_get(sums, link);

    json_object_set_new(sums, link,
                        json_pack("[f, f]", json_number_value(json_array_get(old, 0)) + ms,
                                  json_number_value(json_array_get(old, 1)) + 1));
}

/* A step has begun with the event that asked for it, and ended with its own. */
static void add_run(json_t *sums, const json_t *events)
{
    json_t *begun = json_object(), *event, *path;
    size_t i, at;

    json_array_foreach (events, i, event) {
        const char *step = tdh_json_str(event, "step", NULL);
        const json_t *from = step != NULL ? json_object_get(begun, step) : NULL;
        struct td_err ignored;
        int64_t time_us;

        if (tdh_clock_parse(tdh_json_str(event, "time", ""), &time_us, &ignored) != 0)
            continue;
        if (from != NULL && strcmp(tdh_json_str(event, "event", ""), "done") == 0)
            add_time(sums, link_of(step), (double)(time_us - json_integer_value(from)) / 1000);
        json_array_foreach (json_object_get(event, "asks"), at, path)
            if (json_is_string(path))
                json_object_set_new(begun, json_string_value(path), json_integer(time_us));
    }
    json_decref(begun);
}

static int read_history(struct work *work, struct td_err *err)
{
    const struct tdh_run_filter filter = { .status = "done",
                                           .name = tdh_json_str(work->yaml->root, "id", ""),
                                           .limit = RUNS };
    json_t *list, *run, *shown, *sums = json_object();
    const char *link;
    size_t i;

    if (tdh_runs_list(work->host->engine, &filter, &list, err) != 0) {
        json_decref(sums);
        return -1;
    }
    json_array_foreach (list, i, run) {
        struct td_err ignored;

        if (tdh_runs_show(work->host->engine, tdh_json_str(run, "id", ""), &shown, &ignored) != 0)
            continue; /* pruned meanwhile */
        add_run(sums, json_object_get(shown, "events"));
        json_decref(shown);
    }
    work->durations = json_object();
    json_object_foreach (sums, link, run)
        json_object_set_new(work->durations, link,
                            json_real(json_number_value(json_array_get(run, 0)) /
                                      json_number_value(json_array_get(run, 1))));
    json_decref(sums);
    json_decref(list);
    return 0;
}

/* --- measuring --- */

/* The first call within that is not known to be without effects; NULL: none. */
static const json_t *find_effect(struct work *work, const json_t *text)
{
    const json_t *found = NULL;
    json_t *member;
    const char *key;
    int64_t ignored;
    bool is_pure = false;

    if (json_object_get(text, "workflow") != NULL || json_object_get(text, "definition") != NULL ||
        json_object_get(text, "pattern") != NULL ||
        strcmp(tdh_json_str(text, "type", ""), "wait") == 0)
        return text;
    if (json_object_get(text, "agent") != NULL &&
        (find_action(work, tdh_json_str(text, "agent", ""), tdh_json_str(text, "action", ""),
                     &is_pure, &ignored) != 0 ||
         !is_pure))
        return text;
    json_object_foreach ((json_t *)text, key, member)
        if (found == NULL && strcmp(key, "inputs") != 0)
            found = find_effect(work, member);
    for (size_t i = 0; found == NULL && i < json_array_size(text); i++)
        found = find_effect(work, json_array_get(text, i));
    return found;
}

static int run_once(struct work *work, struct tdh_definition *definition, double *ret_ms,
                    json_t **ret_output, struct td_err *err)
{
    const struct tdh_run_start start = { .definition = definition, .input = work->input };
    uint64_t begun_ns = tdh_clock_mono_ns();
    struct tdh_run *run;
    enum tdh_run_status status;

    if (tdh_run_start(work->host->engine, &start, &run, err) != 0)
        return -1;
    status = tdh_run_wait(run, ret_output, err);
    *ret_ms = (double)(tdh_clock_mono_ns() - begun_ns) / 1e6;
    tdh_run_release(run);
    return status == TDH_RUN_DONE ? 0 : td_context(err, "while it was measured");
}

/* Without an `output` of a chain it is the value that counts: links that are gone have no entry.
 */
static bool is_same(const json_t *a, const json_t *b, bool has_output)
{
    return has_output ? json_equal(a, b)
                      : json_equal(json_object_get(a, "output"), json_object_get(b, "output"));
}

/* In turns, so that both meet the same noise; the least of some counts. */
static int run_both(struct work *work, struct tdh_definition *const both[2], struct td_err *err)
{
    bool has_output =
        !tdh_chain_is(work->yaml->root) || json_object_get(work->yaml->root, "output") != NULL;
    json_t *outputs[2] = { NULL, NULL };
    int rc = 0;

    for (unsigned i = 0; rc == 0 && i < 2 * ROUNDS; i++) {
        double ms = 0;

        json_decref(outputs[i % 2]);
        outputs[i % 2] = NULL;
        rc = run_once(work, both[i % 2], &ms, &outputs[i % 2], err);
        if (i < 2 || ms < work->measured_ms[i % 2])
            work->measured_ms[i % 2] = ms;
        if (rc == 0 && i % 2 == 1 && !is_same(outputs[0], outputs[1], has_output))
            rc = td_fail(err, TD_E_INTERNAL, "what was optimized gives something else than before");
    }
    json_decref(outputs[0]);
    json_decref(outputs[1]);
    return rc;
}

static int measure(struct work *work, struct tdh_definition *old, struct tdh_definition *made,
                   struct td_err *err)
{
    struct tdh_definition *const both[2] = { old, made };
    const json_t *effect = find_effect(work, work->yaml->root);

    if (effect != NULL) {
        td_fail(err, TD_E_INVAL,
                "--measure runs it %d times: \"%s\" may have effects, so it is not run", 2 * ROUNDS,
                tdh_json_str(effect, "agent", tdh_json_str(effect, "id", "a link")));
        return td_hint(err, "leave --measure out, or run it and use --history");
    }
    return tdh_flow_check_input(old, work->input, err) == 0 ? run_both(work, both, err) : -1;
}

/* --- the new chain --- */

/* The comment that a file begins with goes along; those within are not kept. */
static void copy_head(struct tdh_buf *buf, const char *text)
{
    while (*text == '#' || *text == '\n') {
        size_t length = strcspn(text, "\n");

        length += text[length] == '\n';
        tdh_buf_add(buf, text, length);
        text += length;
    }
}

static int write_text(struct work *work, struct td_err *err)
{
    struct tdh_buf buf = { 0 };
    size_t length;
    char *old = tdh_file_read(work->args->words[0], TDH_YAML_BYTES, &length, err);

    if (old == NULL)
        return -1;
    copy_head(&buf, old);
    free(old);
    tdh_yaml_write(&buf, json_object_get(work->result, "text"), 0);
    work->text = buf.failed ? NULL : tdh_buf_steal(&buf);
    if (work->text != NULL)
        return 0;
    tdh_buf_free(&buf);
    return td_fail(err, TD_E_NOMEM, "could not allocate the new chain");
}

/* What is written can be read. */
static struct tdh_definition *read_text(struct work *work, struct td_err *err)
{
    struct tdh_yaml *yaml =
        tdh_yaml_parse(work->text, strlen(work->text), work->args->words[0], err);
    struct tdh_definition *made =
        yaml != NULL ? tdh_flow_read(yaml, &work->host->world, err) : NULL;

    tdh_yaml_free(yaml);
    if (made == NULL)
        td_context(err, "what was optimized");
    return made;
}

static int optimize(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct work *work = arg;
    struct tdh_chain_facts facts = { .arg = work, .action = find_action };
    struct tdh_definition *old = tdh_flow_read(work->yaml, &host->world, err), *made = NULL;
    int rc = -1;

    work->host = host;
    if (old == NULL || (tdh_args_has(work->args, "history") && read_history(work, err) != 0))
        goto out;
    facts.durations = work->durations;
    if (tdh_chain_optimize(work->yaml, &facts, &work->result, err) != 0 ||
        write_text(work, err) != 0 || (made = read_text(work, err)) == NULL)
        goto out;
    if (!tdh_args_has(work->args, "measure") || measure(work, old, made, err) == 0)
        rc = 0;
out:
    tdh_definition_release(old);
    tdh_definition_release(made);
    return rc;
}

/* --- telling --- */

static void print_times(const char *what, double before_ms, double after_ms, const char *basis)
{
    printf("%s: %.3g ms -> %.3g ms, %.2f times as fast%s%s\n", what, before_ms, after_ms,
           after_ms > 0 ? before_ms / after_ms : 1, basis != NULL ? "; from " : "",
           basis != NULL ? basis : "");
}

static void print_proposals(const struct work *work)
{
    json_t *row;
    size_t i;

    json_array_foreach (json_object_get(work->result, "proposals"), i, row) {
        double before_ms = json_number_value(json_object_get(row, "before_ms"));

        printf("%-9s %s", tdh_json_str(row, "rule", ""), tdh_json_str(row, "reason", ""));
        if (before_ms > 0)
            printf(" (%.3g ms -> %.3g ms)", before_ms,
                   json_number_value(json_object_get(row, "after_ms")));
        putchar('\n');
    }
    if (json_array_size(json_object_get(work->result, "proposals")) == 0) {
        puts("nothing to do");
        return;
    }
    print_times("estimated", json_number_value(json_object_get(work->result, "before_ms")),
                json_number_value(json_object_get(work->result, "after_ms")),
                tdh_json_str(work->result, "basis", ""));
    if (tdh_args_has(work->args, "measure"))
        print_times("measured", work->measured_ms[0], work->measured_ms[1], NULL);
}

static int print(struct work *work, bool is_written)
{
    if (!work->args->is_json) {
        print_proposals(work);
        if (is_written)
            printf("written to %s\n", work->args->words[0]);
        return TDH_EXIT_DONE;
    }
    if (tdh_args_has(work->args, "measure"))
        json_object_set_new(work->result, "measured",
                            json_pack("{s:f, s:f}", "before_ms", work->measured_ms[0], "after_ms",
                                      work->measured_ms[1]));
    json_object_set_new(work->result, "written", json_boolean(is_written));
    return tdh_cli_print(json_incref(work->result));
}

static int finish(struct work *work)
{
    bool is_changed = json_array_size(json_object_get(work->result, "proposals")) > 0;
    struct td_err err;

    if (!tdh_args_has(work->args, "write") || !is_changed)
        return print(work, false);
    if (tdh_file_write(work->args->words[0], work->text, strlen(work->text), 0644, &err) != 0)
        return tdh_cli_fail(work->args, &err);
    return print(work, true);
}

int tdh_verb_workflow_optimize(const struct tdh_args *args)
{
    struct work work = { .args = args };
    bool needs_runs = tdh_args_has(args, "history") || tdh_args_has(args, "measure");
    enum tdh_host_parts parts = needs_runs ? TDH_HOST_WHOLE : TDH_HOST_LOOKING;
    struct td_err err;
    int rc;

    work.yaml = tdh_yaml_read(args->words[0], &err);
    work.input = work.yaml != NULL ? tdh_args_inputs(args, "input", &err) : NULL;
    if (work.input != NULL && tdh_cli_host_run(args, parts, optimize, &work, &err) == 0)
        rc = finish(&work);
    else
        rc = tdh_cli_fail(args, &err);
    tdh_yaml_free(work.yaml);
    json_decref(work.input);
    json_decref(work.durations);
    json_decref(work.result);
    free(work.text);
    return rc;
}
