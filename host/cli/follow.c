/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow: a line per step on standard error: what, how long, what went wrong.
 */
#include "cli/follow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"

enum { LINES_MAX = 200 }; /* of steps that went well */

struct tdh_follow_step {
    struct tdh_follow_step *next;
    uint64_t begun_ns;
    char path[];
};

static void begin_step(struct tdh_follow *follow, const char *path)
{
    struct tdh_follow_step *step = malloc(sizeof(*step) + strlen(path) + 1);

    if (step == NULL)
        return; /* its line will lack the time */
    step->begun_ns = tdh_clock_mono_ns();
    strcpy(step->path, path);
    step->next = follow->steps;
    follow->steps = step;
}

static double end_step(struct tdh_follow *follow, const char *path)
{
    for (struct tdh_follow_step **link = &follow->steps; *link != NULL; link = &(*link)->next) {
        struct tdh_follow_step *step = *link;
        double ms;

        if (strcmp(step->path, path) != 0)
            continue;
        ms = (double)(tdh_clock_mono_ns() - step->begun_ns) / 1e6;
        *link = step->next;
        free(step);
        return ms;
    }
    return 0;
}

/* What a path is called; NULL: with labels, the path is not among them. "cycle[0].score" goes by
 * its last part. */
static const char *label_of(const struct tdh_follow *follow, const char *path)
{
    const char *last = strrchr(path, '.');

    if (follow->labels == NULL)
        return path;
    last = last != NULL ? last + 1 : path;
    for (const char *const *pair = follow->labels; *pair != NULL; pair += 2)
        if (strcmp(pair[0], last) == 0)
            return pair[1];
    return NULL;
}

static void tell_wait(const struct tdh_follow *follow, const struct tdh_run *run, const char *path,
                      const json_t *data)
{
    if (follow->is_quiet)
        return;
    if (json_is_string(data))
        fprintf(stderr, "  %-22s %9s     waits: tdev runs signal %s %s\n", path, "",
                tdh_run_id(run), json_string_value(data));
    else
        fprintf(stderr, "  %-22s %9s     asks: %s\n  %-22s %9s     tdev runs approve %s %s\n", path,
                "", tdh_json_str(data, "text", "go on?"), "", "", tdh_run_id(run), path);
}

static void tell_pause(const struct tdh_run *run, const struct td_err *why)
{
    if (why != NULL)
        fprintf(stderr, "  paused: %s\n  %s\n", why->text, why->hint);
    else
        fprintf(stderr, "  paused: tdev runs resume %s\n", tdh_run_id(run));
}

void tdh_follow_watch(void *arg, struct tdh_run *run, const char *name, const char *path,
                      const json_t *data, const struct td_err *error)
{
    struct tdh_follow *follow = arg;
    const char *label = path != NULL ? label_of(follow, path) : NULL;
    double ms;

    if (strcmp(name, "paused") == 0 && !follow->is_quiet)
        tell_pause(run, error);
    if (path == NULL)
        return;
    if (strcmp(name, "started") == 0) {
        begin_step(follow, path);
        return;
    }
    if (strcmp(name, "chunk") == 0)
        return;
    if (strcmp(name, "waits") == 0) {
        tell_wait(follow, run, path, data);
        return;
    }
    ms = end_step(follow, path);
    if (follow->is_quiet || label == NULL)
        return;
    if (error != NULL)
        fprintf(stderr, "  %-22s %9.1f ms  %s: %s\n", label, ms, name, error->text);
    else if (follow->lines++ < LINES_MAX)
        fprintf(stderr, "  %-22s %9.1f ms\n", label, ms);
    else if (follow->lines == LINES_MAX + 1)
        fprintf(stderr, "  ... from here only what goes wrong is told\n");
}

int tdh_follow_wait(struct tdh_follow *follow, struct tdh_run *run, struct td_err *err)
{
    uint64_t begun_ns = tdh_clock_mono_ns();

    memcpy(follow->id, tdh_run_id(run), TDH_ID_SIZE);
    follow->status = tdh_run_wait(run, &follow->output, err);
    follow->elapsed_ms = (tdh_clock_mono_ns() - begun_ns) / 1000000;
    tdh_run_release(run);
    while (follow->steps != NULL) {
        struct tdh_follow_step *next = follow->steps->next;

        free(follow->steps);
        follow->steps = next;
    }
    return follow->status == TDH_RUN_DONE ? 0 : -1;
}

int tdh_follow_run(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct tdh_follow *follow = arg;
    struct tdh_run_start start = { .definition = follow->definition,
                                   .input = follow->input,
                                   .tags = follow->tags,
                                   .priority = follow->priority,
                                   .budget = follow->budget,
                                   .id = follow->id[0] != '\0' ? follow->id : NULL,
                                   .watch = tdh_follow_watch,
                                   .watch_arg = follow };
    struct tdh_run *run;

    if (tdh_run_start(host->engine, &start, &run, err) != 0)
        return -1;
    return tdh_follow_wait(follow, run, err);
}

/* --- a run that failed --- */

/* How a step ended; NULL: the event is none of that. new. */
static json_t *ended_step(const json_t *event)
{
    const char *name = tdh_json_str(event, "event", ""), *path = tdh_json_str(event, "step", NULL);
    bool is_done = strcmp(name, "done") == 0 || strcmp(name, "signal") == 0;
    json_t *value = json_object_get(event, is_done ? "output" : "error");
    json_t *step;

    if (path == NULL || (!is_done && strcmp(name, "failed") != 0))
        return NULL;
    step = json_pack("{s:s, s:b}", "step", path, "success", is_done);
    if (step != NULL && value != NULL)
        json_object_set(step, is_done ? "output" : "error", value);
    return step;
}

void tdh_follow_past(struct tdh_host *host, struct tdh_follow *follow)
{
    json_t *run, *list = json_array(), *events;
    struct td_err ignored;
    size_t at;

    if (list == NULL || tdh_runs_show(host->engine, follow->id, &run, &ignored) != 0) {
        json_decref(list);
        return;
    }
    events = json_object_get(run, "events");
    for (at = json_array_size(events); at > 0 && json_array_size(list) < TDH_FOLLOW_STEPS; at--) {
        json_t *step = ended_step(json_array_get(events, at - 1));

        if (step != NULL)
            json_array_insert_new(list, 0, step);
    }
    follow->past = json_pack("{s:s, s:s, s:o}", "run", follow->id, "status",
                             tdh_run_status_name(follow->status), "steps", list);
    json_decref(run);
}

int tdh_follow_print(const struct tdh_follow *follow)
{
    if (follow->args->is_json)
        return tdh_cli_print(json_pack("{s:s, s:s, s:I, s:o}", "run", follow->id, "status",
                                       tdh_run_status_name(follow->status), "elapsed_ms",
                                       (json_int_t)follow->elapsed_ms, "output", follow->output));
    if (!follow->is_quiet)
        fprintf(stderr, "run %s done in %llu ms\n", follow->id,
                (unsigned long long)follow->elapsed_ms);
    return tdh_cli_print(follow->output);
}
