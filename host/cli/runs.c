/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runs: lists, shows, watches and resumes runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli/follow.h"

struct look {
    const struct tdh_args *args;
    struct tdh_run_filter filter;
    json_t *result;
    int rc;
};

/* --- list --- */

static int list_runs(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct look *look = arg;
    char before[TDH_ID_SIZE];

    if (look->filter.before != NULL && strlen(look->filter.before) != sizeof(before) - 1) {
        if (tdh_runs_find(host->engine, look->filter.before, before, err) != 0)
            return -1;
        look->filter.before = before;
    }
    return tdh_runs_list(host->engine, &look->filter, &look->result, err);
}

static bool is_status(const char *name)
{
    for (int i = TDH_RUN_RUNNING; i <= TDH_RUN_ORPHANED; i++)
        if (strcmp(tdh_run_status_name((enum tdh_run_status)i), name) == 0)
            return true;
    return false;
}

/* A time, or how long ago. */
static int read_since(const char *text, int64_t *ret_us, struct td_err *err)
{
    int64_t ms;

    if (text == NULL || tdh_clock_parse(text, ret_us, err) == 0)
        return 0;
    if (tdh_duration_parse(text, &ms, err) != 0)
        return td_fail(err, TD_E_INVAL,
                       "--since must be a time such as 2026-11-21T09:00:00Z, or how long ago, "
                       "such as 2h");
    *ret_us = ms < tdh_clock_us() / 1000 ? tdh_clock_us() - ms * 1000 : 0;
    return 0;
}

static void print_list(const json_t *list)
{
    json_t *run;
    size_t i;

    if (json_array_size(list) == 0)
        puts("no runs");
    json_array_foreach (list, i, run)
        printf("%s  %-9s  %-10s %-24s %s\n", tdh_json_str(run, "id", ""),
               tdh_json_str(run, "status", ""), tdh_json_str(run, "kind", ""),
               tdh_json_str(run, "name", ""), tdh_json_str(run, "created", ""));
}

int tdh_verb_runs_list(const struct tdh_args *args)
{
    const char *limit = tdh_args_value(args, "limit", "50");
    struct look look = { .args = args,
                         .filter = { .status = tdh_args_value(args, "status", NULL),
                                     .name = tdh_args_value(args, "name", NULL),
                                     .before = tdh_args_value(args, "before", NULL) } };
    struct td_err err;
    char *end;
    long count = strtol(limit, &end, 10);

    if (*end != '\0' || count < 1 || count > 100000)
        return tdh_cli_usage(args, "--limit must be a whole number from 1 to 100000");
    look.filter.limit = (uint32_t)count;
    if (look.filter.status != NULL && !is_status(look.filter.status))
        return tdh_cli_usage(args, "--status must be one of running, done, failed, cancelled, "
                                   "parked, in_doubt, orphaned");
    if (read_since(tdh_args_value(args, "since", NULL), &look.filter.since_us, &err) != 0)
        return tdh_cli_usage(args, "%s", err.text);
    if (tdh_cli_host_run(args, true, list_runs, &look, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(look.result);
    print_list(look.result);
    json_decref(look.result);
    return TDH_EXIT_DONE;
}

/* --- show --- */

static int show_run(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct look *look = arg;

    return tdh_runs_show(host->engine, look->args->words[0], &look->result, err);
}

static void print_event(const json_t *event)
{
    const json_t *error = json_object_get(event, "error"),
                 *result = json_object_get(event, "result");

    printf("%8lld  %-27s  %-9s %s", (long long)json_integer_value(json_object_get(event, "seq")),
           tdh_json_str(event, "time", ""), tdh_json_str(event, "event", ""),
           tdh_json_str(event, "step", ""));
    if (json_is_object(error))
        printf("  %s", tdh_json_str(error, "text", ""));
    if (json_is_string(result))
        printf("  %s", json_string_value(result));
    putchar('\n');
}

static void print_run(const json_t *run)
{
    static const char *const fields[] = { "id",     "kind",    "name",  "version",
                                          "status", "created", "ended", "parent" };
    const json_t *error = json_object_get(run, "error"), *events = json_object_get(run, "events");

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (json_object_get(run, fields[i]) != NULL)
            printf("%-8s  %s\n", fields[i], tdh_json_str(run, fields[i], ""));
    if (error != NULL)
        printf("%-8s  %s\n%-8s  %s\n", "error", tdh_json_str(error, "text", ""), "",
               tdh_json_str(error, "hint", ""));
    putchar('\n');
    for (size_t i = 0; i < json_array_size(events); i++)
        print_event(json_array_get(events, i));
}

int tdh_verb_runs_show(const struct tdh_args *args)
{
    struct look look = { .args = args };
    struct td_err err;

    if (tdh_cli_host_run(args, true, show_run, &look, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(look.result);
    print_run(look.result);
    json_decref(look.result);
    return TDH_EXIT_DONE;
}

/* --- watch --- */

enum { WATCH_MS = 200 };

/* Another process runs it: its journal is read again and again until the run has ended. */
static int watch_run(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct look *look = arg;
    size_t shown = 0;

    for (;;) {
        json_t *run, *events;
        const char *status;
        bool is_over;

        if (tdh_runs_show(host->engine, look->args->words[0], &run, err) != 0)
            return -1;
        events = json_object_get(run, "events");
        for (; shown < json_array_size(events); shown++)
            if (look->args->is_json)
                tdh_cli_print(json_incref(json_array_get(events, shown)));
            else
                print_event(json_array_get(events, shown));
        status = tdh_json_str(run, "status", "");
        is_over = strcmp(status, "running") != 0;
        if (is_over && !look->args->is_json)
            printf("%s\n", status);
        json_decref(run);
        if (is_over)
            return 0;
        fflush(stdout);
        if (tdh_co_wait(tdh_clock_mono_ns() + WATCH_MS * UINT64_C(1000000)) == TDH_WAIT_CANCELLED)
            return td_fail(err, TD_E_CANCELLED, "stopped watching");
    }
}

int tdh_verb_runs_watch(const struct tdh_args *args)
{
    struct look look = { .args = args };
    struct td_err err;

    return tdh_cli_host_run(args, true, watch_run, &look, &err) == 0 ? TDH_EXIT_DONE
                                                                     : tdh_cli_fail(args, &err);
}

/* --- resume --- */

struct resuming {
    const struct tdh_args *args;
    struct tdh_resume resume;
    struct tdh_follow follow;
    unsigned done, failed;
    size_t parked; /* that were passed over */
};

static int resume_named(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct resuming *resuming = arg;
    struct tdh_run *run;
    char id[TDH_ID_SIZE];

    resuming->resume.watch = tdh_follow_watch;
    resuming->resume.watch_arg = &resuming->follow;
    if (tdh_runs_find(host->engine, resuming->args->words[0], id, err) != 0 ||
        tdh_run_resume(host->engine, id, &resuming->resume, &run, err) != 0)
        return -1;
    return tdh_follow_wait(&resuming->follow, run, err);
}

/* One of many. */
struct resumed {
    struct tdh_run *run; /* NULL: it could not be resumed */
    struct tdh_follow follow;
};

static void count_outcome(struct resuming *resuming, int rc, const struct td_err *why)
{
    if (rc == 0) {
        resuming->done++;
        return;
    }
    resuming->failed++;
    tdh_cli_fail(&(struct tdh_args){ 0 }, why);
}

static void begin_one(struct tdh_host *host, struct resuming *resuming, struct resumed *one,
                      const char *id)
{
    struct tdh_resume resume = resuming->resume;
    struct td_err why;

    one->follow = resuming->follow;
    resume.watch = tdh_follow_watch;
    resume.watch_arg = &one->follow;
    if (tdh_run_resume(host->engine, id, &resume, &one->run, &why) != 0) {
        one->run = NULL;
        count_outcome(resuming, -1, &why);
    }
}

/* All begin before one is waited for: what waits for a signal holds nothing up. */
static void resume_list(struct tdh_host *host, struct resuming *resuming, const json_t *list,
                        struct resumed *all)
{
    const json_t *run;
    size_t i;

    json_array_foreach (list, i, run)
        if (json_object_get(run, "parent") == NULL)
            begin_one(host, resuming, &all[i], tdh_json_str(run, "id", ""));
    for (i = 0; i < json_array_size(list); i++) {
        struct td_err why;

        if (all[i].run == NULL)
            continue;
        count_outcome(resuming, tdh_follow_wait(&all[i].follow, all[i].run, &why), &why);
        json_decref(all[i].follow.output);
    }
}

/* All that are orphaned and no child of another. */
static int resume_all(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct resuming *resuming = arg;
    const struct tdh_run_filter orphaned = { .status = "orphaned", .limit = 100000 };
    const struct tdh_run_filter parked = { .status = "parked", .limit = 1000 };
    struct resumed *all;
    json_t *list;

    if (tdh_runs_list(host->engine, &orphaned, &list, err) != 0)
        return -1;
    all = calloc(json_array_size(list) + 1, sizeof(*all));
    if (all == NULL) {
        json_decref(list);
        return td_fail(err, TD_E_NOMEM, "could not allocate the runs to resume");
    }
    resume_list(host, resuming, list, all);
    free(all);
    json_decref(list);
    if (tdh_runs_list(host->engine, &parked, &list, err) != 0)
        return -1;
    resuming->parked = json_array_size(list);
    json_decref(list);
    return 0;
}

static int read_decision(struct resuming *resuming, struct td_err *err)
{
    const struct tdh_args *args = resuming->args;
    const char *done = tdh_args_value(args, "done", NULL);
    int count =
        tdh_args_has(args, "retry") + tdh_args_has(args, "done") + tdh_args_has(args, "fail");

    resuming->resume.is_forced = tdh_args_has(args, "force");
    if (count > 1)
        return td_fail(err, TD_E_INVAL, "--retry, --done and --fail exclude each other");
    if (tdh_args_has(args, "retry"))
        resuming->resume.decision = TDH_DECIDE_RETRY;
    if (tdh_args_has(args, "fail"))
        resuming->resume.decision = TDH_DECIDE_FAIL;
    if (done == NULL)
        return 0;
    resuming->resume.decision = TDH_DECIDE_DONE;
    resuming->resume.output = tdh_json_parse(done, strlen(done), "--done", err);
    return resuming->resume.output != NULL ? 0 : -1;
}

static void print_all(const struct resuming *resuming)
{
    if (resuming->args->is_json) {
        tdh_cli_print(json_pack("{s:i, s:i, s:I}", "done", (int)resuming->done, "failed",
                                (int)resuming->failed, "parked", (json_int_t)resuming->parked));
        return;
    }
    printf("%u resumed and done, %u not\n", resuming->done, resuming->failed);
    if (resuming->parked > 0)
        printf("%zu parked: tdev runs list --status parked, then tdev runs resume RUN --force\n",
               resuming->parked);
}

int tdh_verb_runs_resume(const struct tdh_args *args)
{
    struct resuming resuming = {
        .args = args,
        .follow = { .args = args, .is_quiet = args->is_json || tdh_args_has(args, "quiet") }
    };
    struct td_err err;
    int rc;

    if (read_decision(&resuming, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (resuming.resume.decision != 0 && args->word_count == 0) {
        json_decref(resuming.resume.output);
        return tdh_cli_usage(args, "--retry, --done and --fail decide of one run: name it");
    }
    if (args->word_count == 1) {
        rc = tdh_cli_host_run(args, true, resume_named, &resuming, &err) == 0
                 ? tdh_follow_print(&resuming.follow)
                 : tdh_cli_fail(args, &err);
    } else if (tdh_cli_host_run(args, true, resume_all, &resuming, &err) != 0) {
        rc = tdh_cli_fail(args, &err);
    } else {
        rc = resuming.failed > 0 ? TDH_EXIT_FAILED : TDH_EXIT_DONE;
        print_all(&resuming);
    }
    json_decref(resuming.resume.output);
    return rc;
}
