/* SPDX-License-Identifier: Apache-2.0 */
/*
 * past: steps out of the events of runs, and what earlier runs of one definition have in common.
 */
#include "cli/past.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"

enum { LOOK_MAX = 100 }; /* records looked at for runs of the same definition */

int64_t tdh_past_time(const json_t *object, const char *key)
{
    const char *text = tdh_json_str(object, key, NULL);
    struct td_err ignored;
    int64_t us = 0;

    return text != NULL && tdh_clock_parse(text, &us, &ignored) == 0 ? us : 0;
}

/* --- steps out of events --- */

static json_t *step_of(json_t *steps, const char *path, int64_t begun_us)
{
    json_t *step = json_pack("{s:s, s:s, s:I, s:i}", "step", path, "status", "open", "begun_us",
                             (json_int_t)begun_us, "retries", 0);

    json_object_set_new(steps, path, step);
    return step;
}

static void end_step(json_t *step, const char *status, int64_t us)
{
    json_object_set_new(step, "status", json_string(status));
    json_object_set_new(step, "ended_us", json_integer(us));
    json_object_set_new(step, "wall_us",
                        json_integer(us - json_integer_value(json_object_get(step, "begun_us"))));
}

/* Of all attempts of the step together. */
static void add_used(json_t *step, const json_t *used)
{
    json_t *sum = json_object_get(step, "used"), *amount;
    const char *meter;

    if (sum == NULL && used != NULL)
        json_object_set_new(step, "used", sum = json_object());
    json_object_foreach ((json_t *)(uintptr_t)used, meter, amount) {
        const json_t *before = json_object_get(sum, meter);

        json_object_set_new(
            sum, meter,
            json_is_integer(amount) && !json_is_real(before)
                ? json_integer(json_integer_value(amount) + json_integer_value(before))
                : json_real(json_number_value(amount) + json_number_value(before)));
    }
}

static void take_event(json_t *steps, json_t *errors, const json_t *event)
{
    const char *name = tdh_json_str(event, "event", ""), *path = tdh_json_str(event, "step", NULL);
    int64_t us = tdh_past_time(event, "time");
    json_t *asked, *step = path != NULL ? json_object_get(steps, path) : NULL;
    size_t i;

    if (step != NULL && strcmp(name, "retry") == 0)
        json_object_set_new(step, "retries",
                            json_integer(json_integer_value(json_object_get(step, "retries")) + 1));
    else if (step != NULL && (strcmp(name, "done") == 0 || strcmp(name, "signal") == 0))
        end_step(step, "done", us);
    else if (step != NULL && strcmp(name, "failed") == 0)
        end_step(step, "failed", us);
    if (step != NULL)
        add_used(step, json_object_get(event, "used"));
    if (path != NULL && json_object_get(event, "error") != NULL)
        json_array_append_new(errors, json_pack("{s:s, s:O, s:O}", "step", path, "time",
                                                json_object_get(event, "time"), "error",
                                                json_object_get(event, "error")));
    json_array_foreach (json_object_get(event, "asks"), i, asked)
        step_of(steps, json_string_value(asked), us);
}

json_t *tdh_past_steps(const json_t *run, json_t *errors)
{
    json_t *steps = json_object(), *event;
    size_t i;

    json_array_foreach (json_object_get(run, "events"), i, event)
        take_event(steps, errors, event);
    return steps;
}

/* --- earlier runs --- */

/* "each.pay" of "each[3].pay". new; NULL: without memory. */
static char *node_path(const char *path)
{
    char *node = malloc(strlen(path) + 1), *out = node;

    for (bool is_round = false; node != NULL && *path != '\0'; path++) {
        is_round = *path == '[' || (is_round && *path != ']');
        if (!is_round && *path != ']')
            *out++ = *path;
    }
    if (node != NULL)
        *out = '\0';
    return node;
}

/* Without memory the step does not count. */
static void add_step(struct tdh_past *past, const char *path, int64_t wall_us)
{
    struct tdh_past_step *step = tdh_map_get(&past->steps, path);

    if (step == NULL) {
        step = calloc(1, sizeof(*step));
        if (step == NULL || tdh_map_set(&past->steps, path, step, NULL) != 0) {
            free(step);
            return;
        }
    }
    step->sum_us += wall_us;
    step->count++;
}

static void add_run(struct tdh_past *past, const json_t *run, bool by_node)
{
    json_t *errors = json_array(), *steps = tdh_past_steps(run, errors), *step;
    const char *path;

    json_object_foreach (steps, path, step) {
        const json_t *wall_us = json_object_get(step, "wall_us");
        char *node = by_node ? node_path(path) : NULL;

        if (wall_us != NULL && (node != NULL || !by_node))
            add_step(past, by_node ? node : path, json_integer_value(wall_us));
        free(node);
    }
    past->sum_us += tdh_past_time(run, "ended") - tdh_past_time(run, "created");
    past->step_count += (unsigned)json_object_size(steps);
    past->runs++;
    json_decref(steps);
    json_decref(errors);
}

int tdh_past_read(struct tdh_engine *engine, const char *name, const char *def, const char *except,
                  bool by_node, struct tdh_past *past, struct td_err *err)
{
    const struct tdh_run_filter filter = { .status = "done", .name = name, .limit = LOOK_MAX };
    json_t *list, *record;
    size_t i;

    if (tdh_runs_list(engine, &filter, &list, err) != 0)
        return -1;
    json_array_foreach (list, i, record) {
        const char *id = tdh_json_str(record, "id", "");
        json_t *run;

        if (past->runs == TDH_PAST_RUNS)
            break;
        if ((except != NULL && strcmp(id, except) == 0) ||
            strcmp(tdh_json_str(record, "def", ""), def) != 0 ||
            tdh_runs_show(engine, id, &run, err) != 0)
            continue; /* one that cannot be read is no reason to say nothing */
        add_run(past, run, by_node);
        json_decref(run);
    }
    json_decref(list);
    return 0;
}

void tdh_past_end(struct tdh_past *past)
{
    tdh_map_free(&past->steps, free);
}
