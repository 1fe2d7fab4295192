/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runs: lists, shows and watches runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli/budget.h"
#include "cli/cli.h"
#include "cli/then.h"

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 100000 };

struct look {
    const struct tdh_args *args;
    uint32_t at; /* 0: now */
    struct tdh_run_filter filter;
    json_t *result, *then; /* then: with `at` */
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
    for (int i = TDH_RUN_RUNNING; i <= TDH_RUN_PAUSED; i++)
        if (strcmp(tdh_run_status_name((enum tdh_run_status)i), name) == 0)
            return true;
    return false;
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
    struct look look = { .args = args,
                         .filter = { .status = tdh_args_value(args, "status", NULL),
                                     .name = tdh_args_value(args, "name", NULL),
                                     .tag = tdh_args_value(args, "tag", NULL),
                                     .before = tdh_args_value(args, "before", NULL) } };
    struct td_err err;

    look.filter.limit = LIMIT_DEFAULT;
    if (tdh_args_count(args, "limit", 1, LIMIT_MAX, &look.filter.limit, &err) != 0)
        return tdh_cli_usage(args, "%s", err.text);
    if (look.filter.status != NULL && !is_status(look.filter.status))
        return tdh_cli_usage(args, "--status must be one of running, done, failed, cancelled, "
                                   "parked, in_doubt, orphaned, paused");
    if (tdh_args_since(args, &look.filter.since_us, &err) != 0)
        return tdh_cli_usage(args, "%s", err.text);
    if (tdh_cli_host_run(args, TDH_HOST_WHOLE, list_runs, &look, &err) != 0)
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
    char id[TDH_ID_SIZE];

    if (tdh_runs_find(host->engine, look->args->words[0], id, err) != 0 ||
        (look->at != 0 && tdh_runs_at(host->engine, id, look->at, &look->then, err) != 0))
        return -1;
    return tdh_runs_show(host->engine, id, &look->result, err);
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
    static const char *const fields[] = { "id",      "kind",  "name",   "version",  "status",
                                          "created", "ended", "parent", "priority", "deadline" };
    const json_t *error = json_object_get(run, "error"), *events = json_object_get(run, "events");

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (json_object_get(run, fields[i]) != NULL)
            printf("%-8s  %s\n", fields[i], tdh_json_str(run, fields[i], ""));
    tdh_budget_print(run);
    if (json_object_get(run, "from") != NULL)
        printf("%-8s  %s, event %lld\n", "from",
               tdh_json_str(json_object_get(run, "from"), "run", ""),
               (long long)json_integer_value(json_object_get(json_object_get(run, "from"), "at")));
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
    int rc = TDH_EXIT_DONE;

    if (tdh_args_count(args, "at", 1, UINT32_MAX, &look.at, &err) != 0)
        return tdh_cli_usage(args, "%s", err.text);
    if (tdh_cli_host_run(args, TDH_HOST_WHOLE, show_run, &look, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        rc = tdh_cli_print(json_incref(look.then != NULL ? look.then : look.result));
    else if (look.then != NULL)
        tdh_then_print(look.result, look.then);
    else
        print_run(look.result);
    json_decref(look.result);
    json_decref(look.then);
    return rc;
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
        is_over = strcmp(status, "running") != 0 && strcmp(status, "paused") != 0;
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

    return tdh_cli_host_run(args, TDH_HOST_WHOLE, watch_run, &look, &err) == 0
               ? TDH_EXIT_DONE
               : tdh_cli_fail(args, &err);
}
