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
#include "cli/left.h"

enum {
    LINES_MAX = 200, /* of steps that went well */
    KEY_MAX = TDH_ID_SIZE + 320
};

struct step { /* under way */
    uint64_t begun_ns;
};

/* Child runs are watched with their parent, and many of them may have steps of one path. */
static const char *step_key(const struct tdh_run *run, const char *path, char key[static KEY_MAX])
{
    snprintf(key, KEY_MAX, "%s/%s", tdh_run_id(run), path);
    return key;
}

/* Without memory its line will lack the time. */
static void begin_step(struct tdh_follow *follow, const struct tdh_run *run, const char *path)
{
    struct step *step = malloc(sizeof(*step));
    char key[KEY_MAX];
    void *old = NULL;

    if (step == NULL)
        return;
    step->begun_ns = tdh_clock_mono_ns();
    if (tdh_map_set(&follow->steps, step_key(run, path, key), step, &old) != 0)
        free(step);
    free(old); /* an earlier attempt */
}

static double end_step(struct tdh_follow *follow, const struct tdh_run *run, const char *path)
{
    char key[KEY_MAX];
    struct step *step = tdh_map_remove(&follow->steps, step_key(run, path, key));
    double ms = step != NULL ? (double)(tdh_clock_mono_ns() - step->begun_ns) / 1e6 : 0;

    free(step);
    return ms;
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

static void tell_wait(const struct tdh_run *run, const char *path, const json_t *data)
{
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

static void tell_end(struct tdh_follow *follow, const struct tdh_run *run, const char *name,
                     const char *path, const struct td_err *error)
{
    const char *label = label_of(follow, path);
    double ms = end_step(follow, run, path);

    if (label == NULL)
        return;
    if (error != NULL)
        fprintf(stderr, "  %-22s %9.1f ms  %s: %s\n", label, ms, name, error->text);
    else if (follow->lines++ < LINES_MAX)
        fprintf(stderr, "  %-22s %9.1f ms\n", label, ms);
    else if (follow->lines == LINES_MAX + 1)
        fprintf(stderr, "  ... from here only what goes wrong is told\n");
}

/* A tdh_run_watch_fn. */
static void watch(void *arg, struct tdh_run *run, const char *name, const char *path,
                  const json_t *data, const struct td_err *error)
{
    struct tdh_follow *follow = arg;

    if (follow->is_quiet)
        return;
    if (strcmp(name, "paused") == 0)
        tell_pause(run, error);
    if (path == NULL || strcmp(name, "chunk") == 0)
        return;
    if (strcmp(name, "started") == 0)
        begin_step(follow, run, path);
    else if (strcmp(name, "waits") == 0)
        tell_wait(run, path, data);
    else
        tell_end(follow, run, name, path, error);
}

int tdh_follow_resume(struct tdh_host *host, struct tdh_follow *follow, const char *id,
                      const struct tdh_resume *how, struct tdh_run **ret_run, struct td_err *err)
{
    struct tdh_resume resume = *how;

    resume.watch = watch;
    resume.watch_arg = follow;
    if (!follow->is_one_of_many)
        tdh_left_watch(host, id); /* before its first word is out */
    if (tdh_run_resume(host->engine, id, &resume, ret_run, err) == 0)
        return 0;
    if (!follow->is_one_of_many)
        tdh_left_forget();
    return -1;
}

int tdh_follow_wait(struct tdh_host *host, struct tdh_follow *follow, struct tdh_run *run,
                    struct td_err *err)
{
    uint64_t begun_ns = follow->begun_ns != 0 ? follow->begun_ns : tdh_clock_mono_ns();

    memcpy(follow->id, tdh_run_id(run), TDH_ID_SIZE);
    follow->has_begun = true;
    follow->is_kept = tdh_runs_last(host->engine);
    follow->status = tdh_run_wait(run, &follow->output, err);
    follow->elapsed_ms = (tdh_clock_mono_ns() - begun_ns) / 1000000;
    tdh_run_release(run);
    tdh_map_free(&follow->steps, free);
    if (!follow->is_one_of_many) {
        tdh_left_forget();
        if (!tdh_args_has(follow->args, "quiet"))
            tdh_left_tell(host, follow->id);
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
                                   .tenant = follow->tenant,
                                   .budget = follow->budget,
                                   .id = follow->id[0] != '\0' ? follow->id : NULL,
                                   .watch = watch,
                                   .watch_arg = follow };
    struct tdh_run *run;

    follow->begun_ns = tdh_clock_mono_ns();
    if (tdh_run_start(host->engine, &start, &run, err) != 0)
        return -1;
    tdh_left_watch(host, tdh_run_id(run));
    if (tdh_run_wait_begun(run, err) != 0) { /* its id is good for nothing */
        tdh_run_release(run);
        return -1;
    }
    return tdh_follow_wait(host, follow, run, err);
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

/* One that stopped where its journal stands has no owner when this process has ended. */
static enum tdh_run_status status_left(const struct tdh_follow *follow)
{
    return follow->status == TDH_RUN_RUNNING || follow->status == TDH_RUN_PARKED ? TDH_RUN_ORPHANED
                                                                                 : follow->status;
}

/* Not when the error has said it. */
static void tell_run(const struct tdh_follow *follow, const struct td_err *err)
{
    static const struct {
        const char *became, *verb;
    } ends[] = { [TDH_RUN_FAILED] = { "failed", "report" },
                 [TDH_RUN_CANCELLED] = { "was cancelled", "report" },
                 [TDH_RUN_IN_DOUBT] = { "is in doubt", "show" },
                 [TDH_RUN_ORPHANED] = { "stopped in the middle", "resume" },
                 [TDH_RUN_PAUSED] = { "is paused", "resume" } };
    enum tdh_run_status status = status_left(follow);

    if (strstr(err->hint, follow->id) != NULL || ends[status].became == NULL)
        return;
    fprintf(stderr, "      run %s %s", follow->id, ends[status].became);
    if (follow->is_kept)
        fprintf(stderr, ": tdev runs %s %s", ends[status].verb, follow->id);
    fputc('\n', stderr);
}

int tdh_follow_fail(const struct tdh_follow *follow, const struct td_err *err)
{
    json_t *more;
    int rc;

    if (!follow->has_begun)
        return tdh_cli_fail(follow->args, err);
    more = json_pack("{s:s, s:s}", "run", follow->id, "status",
                     tdh_run_status_name(status_left(follow)));
    if (follow->past != NULL)
        json_object_update_missing(more, follow->past);
    rc = tdh_cli_fail_with(follow->args, err, more);
    json_decref(more);
    tell_run(follow, err);
    return rc;
}
