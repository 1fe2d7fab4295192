/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report: what became of a run's time: its steps with their spans, how far it is, how long it may
 * take yet, and what holds it up. Made from its events, and from earlier runs of the same
 * definition.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/map.h"
#include "cli/budget.h"
#include "cli/past.h"

enum { BOTTLENECKS_MAX = 3, BAR_COLUMNS = 40, STUCK_FACTOR = 10 };
#define STUCK_US (INT64_C(60) * 1000000) /* less is never stuck */
#define SHARE_MIN 0.25                   /* of the run's time, for a bottleneck */

struct reporting {
    const struct tdh_args *args;
    json_t *run;
    struct tdh_past past; /* of earlier runs of the same definition */
    int64_t now_us;
    json_t *report;
};

/* --- what follows from them --- */

/* Of known steps: those of earlier runs, on average; without any, those there are. */
static json_t *progress(const struct reporting *reporting, const json_t *steps, bool has_ended)
{
    size_t done = 0, known = json_object_size(steps);
    int64_t begun_us = tdh_past_time(reporting->run, "created"), remaining_us = -1;
    const char *path;
    json_t *step, *shown;

    json_object_foreach ((json_t *)steps, path, step)
        done += strcmp(tdh_json_str(step, "status", ""), "open") != 0;
    if (reporting->past.runs > 0) {
        size_t usual = reporting->past.step_count / reporting->past.runs;

        known = usual > known ? usual : known;
        remaining_us =
            reporting->past.sum_us / reporting->past.runs - (reporting->now_us - begun_us);
        remaining_us = remaining_us > 0 ? remaining_us : 0;
    }
    shown = json_pack("{s:I, s:I, s:f}", "steps_done", (json_int_t)done, "steps_known",
                      (json_int_t)known, "percent",
                      has_ended   ? 100.0
                      : known > 0 ? 100.0 * (double)done / (double)known
                                  : 0.0);
    if (!has_ended && remaining_us >= 0)
        json_object_set_new(shown, "remaining_ms", json_integer(remaining_us / 1000));
    return shown;
}

static int by_wall(const void *a, const void *b)
{
    json_int_t one = json_integer_value(json_object_get(*(json_t *const *)a, "wall_us")),
               other = json_integer_value(json_object_get(*(json_t *const *)b, "wall_us"));

    return one > other ? -1 : one < other;
}

/* The steps that took the most of the run's time. */
static json_t *bottlenecks(const json_t *steps, int64_t duration_us)
{
    size_t count = 0, room = json_object_size(steps);
    json_t **list = calloc(room + 1, sizeof(*list)), *found = json_array(), *step;
    const char *path;

    json_object_foreach ((json_t *)steps, path, step)
        if (list != NULL && json_object_get(step, "wall_us") != NULL)
            list[count++] = step;
    if (count > 0)
        qsort(list, count, sizeof(*list), by_wall);
    for (size_t i = 0; i < count && i < BOTTLENECKS_MAX && duration_us > 0; i++) {
        double share =
            (double)json_integer_value(json_object_get(list[i], "wall_us")) / (double)duration_us;

        if (share >= SHARE_MIN)
            json_array_append_new(found,
                                  json_pack("{s:O, s:f}", "step", json_object_get(list[i], "step"),
                                            "share", share < 1 ? share : 1.0));
    }
    free(list);
    return found;
}

static bool waits_for_people(const json_t *run, const char *path)
{
    json_t *wait;
    size_t i;

    json_array_foreach (json_object_get(run, "waits"), i, wait)
        if (strcmp(tdh_json_str(wait, "step", ""), path) == 0)
            return true;
    return false;
}

/* Open for much longer than it ever took. */
static json_t *stuck(const struct reporting *reporting, const json_t *steps)
{
    json_t *found = json_array(), *step;
    const char *path;

    json_object_foreach ((json_t *)steps, path, step) {
        int64_t open_us = reporting->now_us - json_integer_value(json_object_get(step, "begun_us"));
        const struct tdh_past_step *past = tdh_map_get(&reporting->past.steps, path);

        if (strcmp(tdh_json_str(step, "status", ""), "open") == 0 && open_us >= STUCK_US &&
            past != NULL && past->count > 0 &&
            open_us > STUCK_FACTOR * (past->sum_us / past->count) &&
            !waits_for_people(reporting->run, path))
            json_array_append_new(found,
                                  json_pack("{s:s, s:I, s:I}", "step", path, "open_ms",
                                            (json_int_t)(open_us / 1000), "usual_ms",
                                            (json_int_t)(past->sum_us / past->count / 1000)));
    }
    return found;
}

/* Times as offsets from the run's begin, in milliseconds. */
static json_t *timeline(const json_t *steps, int64_t begun_us)
{
    json_t *list = json_array(), *step;
    const char *path;

    json_object_foreach ((json_t *)steps, path, step) {
        json_t *row = json_pack(
            "{s:s, s:O, s:O, s:f}", "step", path, "status", json_object_get(step, "status"),
            "retries", json_object_get(step, "retries"), "begun_ms",
            (double)(json_integer_value(json_object_get(step, "begun_us")) - begun_us) / 1000);

        if (json_object_get(step, "wall_us") != NULL)
            json_object_set_new(
                row, "wall_ms",
                json_real((double)json_integer_value(json_object_get(step, "wall_us")) / 1000));
        if (json_object_get(step, "used") != NULL)
            json_object_set(row, "used", json_object_get(step, "used"));
        json_array_append_new(list, row);
    }
    return list;
}

/* Steps whose compensation failed for good. */
static json_t *not_undone(const json_t *run)
{
    static const char ending[] = ".compensate";
    json_t *list = json_array(), *event;
    size_t i;

    json_array_foreach (json_object_get(run, "events"), i, event) {
        const char *path = tdh_json_str(event, "step", "");
        size_t length = strlen(path), rest = length - (sizeof(ending) - 1);

        if (length < sizeof(ending) || strcmp(path + rest, ending) != 0 ||
            strcmp(tdh_json_str(event, "event", ""), "failed") != 0)
            continue;
        json_array_append_new(list, json_pack("{s:s%, s:O}", "step", path, rest, "error",
                                              json_object_get(event, "error")));
    }
    return list;
}

/* What a workflow's reducer had come to before the run's end, folded again; NULL: what stands in
 * the way of that is no reason to say anything. new. */
static json_t *state_at_end(struct tdh_host *host, const json_t *run)
{
    const json_t *events = json_object_get(run, "events"),
                 *last = json_array_get(events, json_array_size(events) - 1);
    json_int_t at = json_integer_value(json_object_get(last, "seq"));
    json_t *past, *state;
    struct td_err ignored;

    if (strcmp(tdh_json_str(run, "kind", ""), TDH_FLOW_KIND) != 0 || at < 2 ||
        tdh_runs_at(host->engine, tdh_json_str(run, "id", ""), (uint32_t)at - 1, &past, &ignored) !=
            0)
        return NULL;
    state = json_incref(json_object_get(past, "state"));
    json_decref(past);
    return state;
}

/* Steps of a run that was undone for which no compensation was asked, as it could not be. */
static json_t *never_undone(struct tdh_host *host, const json_t *run)
{
    const char *status = tdh_json_str(run, "status", "");
    json_t *list = json_array(), *state, *row;
    size_t i;

    if (strcmp(status, "failed") != 0 && strcmp(status, "cancelled") != 0)
        return list;
    state = state_at_end(host, run);
    json_array_foreach (tdh_flow_not_undone(state), i, row) {
        const json_t *step = json_object_get(row, "step");
        json_t *error = json_copy(row);

        json_object_del(error, "step");
        if (step != NULL)
            json_array_append_new(list, json_pack("{s:O, s:O}", "step", step, "error", error));
        json_decref(error);
    }
    json_decref(state);
    return list;
}

/* A workflow that is done and gave nothing may have left its ways before an end. */
static bool has_missed_its_end(struct tdh_host *host, const json_t *run)
{
    const json_t *events = json_object_get(run, "events"),
                 *last = json_array_get(events, json_array_size(events) - 1);
    json_t *text = NULL, *state;
    struct td_err ignored;
    bool has_missed;

    if (strcmp(tdh_json_str(run, "status", ""), "done") != 0 ||
        !json_is_null(json_object_get(last, "result")))
        return false;
    state = state_at_end(host, run);
    has_missed =
        state != NULL &&
        tdh_runs_definition(host->engine, tdh_json_str(run, "def", ""), &text, &ignored) == 0 &&
        !tdh_flow_is_end_reached(text, state);
    json_decref(text);
    json_decref(state);
    return has_missed;
}

static json_t *make_report(struct reporting *reporting)
{
    static const char *const facts[] = { "id",      "name",  "version", "status",
                                         "created", "ended", "budget",  "spent" };
    json_t *run = reporting->run, *errors = json_array(), *steps = tdh_past_steps(run, errors);
    bool has_ended = tdh_run_is_end(tdh_json_str(run, "status", ""));
    int64_t begun_us = tdh_past_time(run, "created");
    json_t *report = json_object();

    reporting->now_us = has_ended ? tdh_past_time(run, "ended") : tdh_clock_us();
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
        if (json_object_get(run, facts[i]) != NULL)
            json_object_set(report, facts[i], json_object_get(run, facts[i]));
    json_object_set_new(report, "duration_ms",
                        json_real((double)(reporting->now_us - begun_us) / 1000));
    json_object_set_new(report, "progress", progress(reporting, steps, has_ended));
    json_object_set_new(report, "earlier_runs", json_integer(reporting->past.runs));
    json_object_set_new(report, "bottlenecks", bottlenecks(steps, reporting->now_us - begun_us));
    json_object_set_new(report, "stuck", has_ended ? json_array() : stuck(reporting, steps));
    json_object_set_new(report, "errors", errors);
    json_object_set_new(report, "not_undone", not_undone(run));
    json_object_set_new(report, "timeline", timeline(steps, begun_us));
    if (json_object_get(run, "waits") != NULL)
        json_object_set(report, "waits", json_object_get(run, "waits"));
    json_decref(steps);
    return report;
}

static int report_run(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct reporting *reporting = arg;
    json_t *never;

    if (tdh_runs_show(host->engine, reporting->args->words[0], &reporting->run, err) != 0)
        return -1;
    if (tdh_past_read(host->engine, tdh_json_str(reporting->run, "name", ""),
                      tdh_json_str(reporting->run, "def", ""),
                      tdh_json_str(reporting->run, "id", ""), false, &reporting->past, err) != 0)
        return -1;
    reporting->report = make_report(reporting);
    never = never_undone(host, reporting->run);
    json_array_extend(json_object_get(reporting->report, "not_undone"), never);
    json_decref(never);
    if (has_missed_its_end(host, reporting->run))
        json_object_set_new(reporting->report, "missed_end", json_true());
    return 0;
}

/* --- for people --- */

static void print_bar(double begun_ms, double wall_ms, double duration_ms)
{
    int from = duration_ms > 0 ? (int)(begun_ms / duration_ms * BAR_COLUMNS) : 0;
    int to = duration_ms > 0 ? (int)((begun_ms + wall_ms) / duration_ms * BAR_COLUMNS + 0.5) : 0;

    for (int i = 0; i < BAR_COLUMNS; i++)
        putchar(i >= from && (i < to || i == from) ? '=' : '.');
}

static void print_timeline(const json_t *report)
{
    double duration_ms = json_number_value(json_object_get(report, "duration_ms"));
    const char *meter;
    json_t *row, *amount;
    size_t i;

    json_array_foreach (json_object_get(report, "timeline"), i, row) {
        double begun_ms = json_number_value(json_object_get(row, "begun_ms"));
        const json_t *wall = json_object_get(row, "wall_ms");
        double wall_ms = wall != NULL ? json_number_value(wall) : duration_ms - begun_ms;

        printf("%-24.40s %-6s ", tdh_json_str(row, "step", ""), tdh_json_str(row, "status", ""));
        print_bar(begun_ms, wall_ms, duration_ms);
        printf(" %9.1f ms", wall_ms);
        if (json_integer_value(json_object_get(row, "retries")) > 0)
            printf("  %lld retries",
                   (long long)json_integer_value(json_object_get(row, "retries")));
        json_object_foreach (json_object_get(row, "used"), meter, amount)
            printf("  %s=%.12g", meter, json_number_value(amount));
        putchar('\n');
    }
}

static void print_report(const json_t *report)
{
    const json_t *progress = json_object_get(report, "progress"),
                 *remaining = json_object_get(progress, "remaining_ms");
    json_t *row;
    size_t i;

    printf("%s  %s  %s  %.1f ms, %.0f %%\n", tdh_json_str(report, "id", ""),
           tdh_json_str(report, "name", ""), tdh_json_str(report, "status", ""),
           json_number_value(json_object_get(report, "duration_ms")),
           json_number_value(json_object_get(progress, "percent")));
    if (remaining != NULL)
        printf("about %.1f s to go, as %lld earlier runs took\n",
               (double)json_integer_value(remaining) / 1000,
               (long long)json_integer_value(json_object_get(report, "earlier_runs")));
    tdh_budget_print(report);
    putchar('\n');
    print_timeline(report);
    json_array_foreach (json_object_get(report, "bottlenecks"), i, row)
        printf("%s%s took %.0f %% of the time\n", i == 0 ? "\n" : "", tdh_json_str(row, "step", ""),
               100 * json_number_value(json_object_get(row, "share")));
    json_array_foreach (json_object_get(report, "stuck"), i, row)
        printf("%s%s is stuck: open for %lld s, usually %lld ms\n", i == 0 ? "\n" : "",
               tdh_json_str(row, "step", ""),
               (long long)json_integer_value(json_object_get(row, "open_ms")) / 1000,
               (long long)json_integer_value(json_object_get(row, "usual_ms")));
    json_array_foreach (json_object_get(report, "errors"), i, row)
        printf("%s%s: %s\n", i == 0 ? "\n" : "", tdh_json_str(row, "step", ""),
               tdh_json_str(json_object_get(row, "error"), "text", ""));
    json_array_foreach (json_object_get(report, "not_undone"), i, row)
        printf("%scould not be undone: %s\n", i == 0 ? "\n" : "", tdh_json_str(row, "step", ""));
    if (json_object_get(report, "missed_end") != NULL)
        puts("\nit came to no end: on each of its ways some condition did not hold");
}

int tdh_verb_runs_report(const struct tdh_args *args)
{
    struct reporting reporting = { .args = args };
    struct td_err err;
    int rc = tdh_cli_host_run(args, TDH_HOST_WHOLE, report_run, &reporting, &err);

    tdh_past_end(&reporting.past);
    json_decref(reporting.run);
    if (rc != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(reporting.report);
    print_report(reporting.report);
    json_decref(reporting.report);
    return TDH_EXIT_DONE;
}
