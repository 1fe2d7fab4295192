/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan: the times of a workflow as a table: each node with its begin, its end and its slack, the
 * critical path, and what stands beside each other.
 */
#include "cli/plan.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/past.h"

struct knowing {
    struct tdh_host *host;
    struct tdh_past past;
};

/* --- what is known --- */

static bool action_time(void *arg, const char *agent, const char *action, int64_t *ret_us)
{
    const struct knowing *knowing = arg;
    const struct tdh_capability *capability;
    struct td_err ignored;

    if (tdh_agents_capability(knowing->host->agents, agent, action, &capability, &ignored) != 0 ||
        capability->estimate_ms <= 0)
        return false;
    *ret_us =
        capability->estimate_ms < INT64_MAX / 1000 ? capability->estimate_ms * 1000 : INT64_MAX;
    return true;
}

static bool past_time(void *arg, const char *path, int64_t *ret_us)
{
    const struct knowing *knowing = arg;
    const struct tdh_past_step *step = tdh_map_get(&knowing->past.steps, path);

    if (step == NULL)
        return false;
    *ret_us = step->sum_us / step->count;
    return true;
}

struct tdh_critical *tdh_plan_times(struct tdh_host *host, const struct tdh_args *args,
                                    const struct tdh_definition *definition, json_t **ret_plan,
                                    struct td_err *err)
{
    struct knowing knowing = { .host = host };
    const struct tdh_flow_times times = { &knowing, action_time, past_time };
    bool has_history = tdh_args_has(args, "history");
    struct tdh_critical *critical = NULL;
    json_t *plan = NULL;

    if (!has_history || tdh_past_read(host->engine, definition->name, definition->hash, NULL, true,
                                      &knowing.past, err) == 0)
        critical = tdh_critical_new(definition, &times, err);
    if (critical != NULL)
        plan = tdh_critical_json(critical, err);
    if (plan != NULL && has_history)
        json_object_set_new(plan, "earlier_runs", json_integer(knowing.past.runs));
    tdh_past_end(&knowing.past);
    if (plan == NULL) {
        tdh_critical_free(critical);
        return NULL;
    }
    *ret_plan = plan;
    return critical;
}

/* --- for people --- */

enum { NAME_COLUMNS = 28 };

static void print_ms(const json_t *row, const char *key)
{
    const json_t *value = json_object_get(row, key);

    if (value != NULL)
        printf(" %11.1f", json_number_value(value));
    else
        printf(" %11s", "-");
}

/* In a body that is not on the path nothing is. */
static void print_nodes(const json_t *nodes, int indent, bool is_critical)
{
    const json_t *row;
    size_t i;

    json_array_foreach (nodes, i, row) {
        const json_t *rounds = json_object_get(row, "rounds"), *body = json_object_get(row, "body");

        bool has_star = is_critical && json_is_true(json_object_get(row, "critical"));

        printf("%c %*s%-*s", has_star ? '*' : ' ', indent, "", NAME_COLUMNS - indent,
               tdh_json_str(row, "node", ""));
        print_ms(row, "estimate_ms");
        print_ms(row, "start_ms");
        print_ms(row, "finish_ms");
        print_ms(row, "slack_ms");
        printf("  %s", tdh_json_str(row, "source", ""));
        if (rounds != NULL)
            printf(", %lld in a row", (long long)json_integer_value(rounds));
        puts(json_object_get(row, "on_failure") != NULL ? ", only after a failure" : "");
        if (body != NULL)
            print_nodes(json_object_get(body, "nodes"), indent + 2, has_star);
    }
}

static void print_list(const json_t *names, const char *between)
{
    const json_t *name;
    size_t i;

    json_array_foreach (names, i, name)
        printf("%s%s", i > 0 ? between : "", json_string_value(name));
    putchar('\n');
}

static void print_groups(const json_t *graph, const char *prefix)
{
    const json_t *group, *row;
    size_t i;

    json_array_foreach (json_object_get(graph, "groups"), i, group)
        if (json_array_size(group) > 1) {
            printf("side by side%s: ", prefix);
            print_list(group, ", ");
        }
    json_array_foreach (json_object_get(graph, "nodes"), i, row)
        if (json_object_get(row, "body") != NULL) {
            char inner[96];

            snprintf(inner, sizeof(inner), " in %s", tdh_json_str(row, "node", ""));
            print_groups(json_object_get(row, "body"), inner);
        }
}

void tdh_plan_print(const json_t *plan)
{
    const json_t *runs = json_object_get(plan, "earlier_runs");

    printf("%s takes %.1f ms", tdh_json_str(plan, "workflow", ""),
           json_number_value(json_object_get(plan, "total_ms")));
    if (runs != NULL)
        printf(", as %lld earlier run%s took", (long long)json_integer_value(runs),
               json_integer_value(runs) == 1 ? "" : "s");
    printf("\n\n  %-*s %11s %11s %11s %11s\n", NAME_COLUMNS, "node", "ms", "begins", "ends",
           "slack");
    print_nodes(json_object_get(plan, "nodes"), 0, true);
    printf("\ncritical path: ");
    print_list(json_object_get(plan, "critical_path"), " > ");
    print_groups(plan, "");
    if (json_array_size(json_object_get(plan, "unknown")) > 0) {
        printf("not known, counted as 0: ");
        print_list(json_object_get(plan, "unknown"), ", ");
    }
    if (json_array_size(json_object_get(plan, "rounds_unknown")) > 0) {
        printf("rounds not known, counted once: ");
        print_list(json_object_get(plan, "rounds_unknown"), ", ");
    }
}
