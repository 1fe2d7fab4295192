/* SPDX-License-Identifier: Apache-2.0 */
/*
 * then: a run as it was after one of its events, for people: what was done, what was open, what its
 * variables held. The raw state is for programs.
 */
#include "cli/then.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/past.h"

enum { VALUE_BYTES = 160, STEPS_NAMED = 100 };

/* The steps that had that status, in the order in which they began. */
static void print_steps(const json_t *steps, const char *status, const char *label)
{
    size_t count = 0;
    const char *path;
    json_t *step;

    json_object_foreach ((json_t *)steps, path, step) {
        if (strcmp(tdh_json_str(step, "status", ""), status) != 0)
            continue;
        if (count++ < STEPS_NAMED)
            printf("%s%s", count == 1 ? label : ", ", path);
    }
    if (count > STEPS_NAMED)
        printf(" and %zu more", count - STEPS_NAMED);
    if (count > 0)
        putchar('\n');
}

static void print_open(const json_t *open)
{
    const json_t *ask;
    size_t i;

    json_array_foreach (open, i, ask) {
        json_int_t attempts = json_integer_value(json_object_get(ask, "attempts"));

        if (i == STEPS_NAMED) {
            printf("%-10sand %zu more\n", "", json_array_size(open) - i);
            return;
        }
        printf("%-10s%s (%s", i == 0 ? "open" : "", tdh_json_str(ask, "step", ""),
               tdh_json_str(ask, "kind", ""));
        if (attempts > 1)
            printf(", attempt %lld", (long long)attempts);
        puts(")");
    }
}

static void print_vars(const json_t *vars, const char *label, const char *path)
{
    const char *name;
    json_t *value;

    json_object_foreach ((json_t *)vars, name, value) {
        char *text = tdh_json_text(value, 0);
        size_t length = text != NULL ? strlen(text) : 0;

        printf("%-10s%s%s%s = ", label, path, path[0] != '\0' ? "." : "", name);
        if (length > VALUE_BYTES)
            printf("%zu bytes\n", length);
        else
            puts(text != NULL ? text : "?");
        free(text);
        label = "";
    }
}

/* Of patterns only they know what their state says. */
static void print_state(const json_t *state)
{
    const json_t *bodies = json_object_get(state, "body_vars");
    const char *path;
    json_t *vars;

    print_vars(json_object_get(state, "vars"), "variables", "");
    json_object_foreach ((json_t *)bodies, path, vars)
        print_vars(vars, "", path);
}

void tdh_then_print(const json_t *run, const json_t *then)
{
    json_int_t at = json_integer_value(json_object_get(then, "at"));
    json_t *errors = json_array(), *events = json_array(), *event, *steps;
    size_t i;

    json_array_foreach (json_object_get(run, "events"), i, event)
        if (json_integer_value(json_object_get(event, "seq")) <= at)
            json_array_append(events, event);
    steps = json_pack("{s:o}", "events", events);
    events = steps;
    steps = tdh_past_steps(events, errors);
    printf("run %s, %s, after event %lld, %s\n\n", tdh_json_str(then, "run", ""),
           tdh_json_str(run, "name", ""), (long long)at, tdh_json_str(then, "time", ""));
    print_steps(steps, "done", "done      ");
    print_steps(steps, "failed", "failed    ");
    print_open(json_object_get(then, "open"));
    print_state(json_object_get(then, "state"));
    json_decref(steps);
    json_decref(events);
    json_decref(errors);
}
