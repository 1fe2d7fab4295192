/* SPDX-License-Identifier: Apache-2.0 */
/*
 * find: agents and plugins for which a condition is true, and how they were found.
 */
#include <stdio.h>

#include "base/json.h"
#include "cli/cli.h"

typedef json_t *rows_fn(struct tdh_host *host, struct td_err *err);

struct job {
    const struct tdh_args *args;
    rows_fn *rows;
    json_t *result;    /* the rows that were found, or what explains them */
    size_t faults;     /* that could not be judged */
    struct td_err why; /* of the first */
};

static json_t *agents_rows(struct tdh_host *host, struct td_err *err)
{
    return tdh_agents_rows(host->agents, err);
}

static json_t *plugins_rows(struct tdh_host *host, struct td_err *err)
{
    return tdh_plugins_rows(host->plugins, err);
}

/* A copy of what was found: new. */
static json_t *copy_found(struct job *job, struct tdh_finder *finder, const char *query,
                          struct td_err *err)
{
    const struct tdh_found *found;
    json_t *rows;

    if (tdh_find(finder, query, &found, err) != 0)
        return NULL;
    rows = json_array();
    for (size_t i = 0; i < found->count; i++)
        json_array_append(rows, (json_t *)(uintptr_t)found->rows[i]);
    job->faults = found->faults;
    job->why = found->why;
    return rows;
}

static json_t *ask(struct job *job, struct tdh_registry *registry, struct td_err *err)
{
    struct tdh_finder *finder = tdh_finder_new(registry, err);
    const char *query = job->args->words[0];
    json_t *result = NULL;

    if (finder != NULL && tdh_args_has(job->args, "explain"))
        result = tdh_find_explain(finder, query, err);
    else if (finder != NULL)
        result = copy_found(job, finder, query, err);
    tdh_finder_free(finder);
    return result;
}

static int find(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct job *job = arg;
    struct tdh_registry *registry = tdh_registry_new(err);
    json_t *rows = registry != NULL ? job->rows(host, err) : NULL;

    if (rows != NULL && tdh_registry_set(registry, rows, err) == 0)
        job->result = ask(job, registry, err);
    json_decref(rows);
    tdh_registry_free(registry);
    return job->result != NULL ? 0 : -1;
}

/* --- words --- */

static void print_words(const json_t *words)
{
    const json_t *word;
    size_t i;

    json_array_foreach (words, i, word)
        printf("%s%s", i > 0 ? "," : "", json_string_value(word));
}

static void print_rows(const json_t *rows)
{
    const json_t *row;
    size_t i;

    json_array_foreach (rows, i, row) {
        printf("%-22s %-8s %-9s %-10s ", tdh_json_str(row, "name", ""),
               tdh_json_str(row, "kind", ""), tdh_json_str(row, "version", ""),
               tdh_json_str(row, "status", ""));
        print_words(json_object_get(row, "capabilities"));
        printf("  %s\n", tdh_json_str(row, "description", ""));
    }
}

static void print_step(const json_t *step, int depth)
{
    const json_t *child, *of = json_object_get(step, "of");
    const char *field = tdh_json_str(step, "field", NULL);
    size_t i;

    printf("%*s%-12s %lld%s%s%s%s\n", depth * 2, "", tdh_json_str(step, "step", ""),
           (long long)json_integer_value(json_object_get(step, "entries")),
           field != NULL ? "  " : "", field != NULL ? field : "", field != NULL ? " " : "",
           tdh_json_str(step, "value", ""));
    json_array_foreach (of, i, child)
        print_step(child, depth + 1);
}

static void print_explained(const json_t *explained)
{
    print_step(json_object_get(explained, "plan"), 0);
    printf("%lld of %lld found, %lld judged by the expression\n",
           (long long)json_integer_value(json_object_get(explained, "found")),
           (long long)json_integer_value(json_object_get(explained, "entries")),
           (long long)json_integer_value(json_object_get(explained, "judged")));
}

static int find_with(const struct tdh_args *args, rows_fn *rows)
{
    struct job job = { .args = args, .rows = rows };
    struct td_err err;

    if (tdh_cli_host_run(args, TDH_HOST_BARE, find, &job, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (job.faults > 0)
        fprintf(stderr, "tdev: %zu entries could not be judged, the first: %s\n", job.faults,
                job.why.text);
    if (args->is_json)
        return tdh_cli_print(job.result);
    if (tdh_args_has(args, "explain"))
        print_explained(job.result);
    else
        print_rows(job.result);
    json_decref(job.result);
    return TDH_EXIT_DONE;
}

int tdh_verb_agent_find(const struct tdh_args *args)
{
    return find_with(args, agents_rows);
}

int tdh_verb_plugin_find(const struct tdh_args *args)
{
    return find_with(args, plugins_rows);
}
