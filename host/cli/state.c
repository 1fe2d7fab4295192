/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state: the states of agents that are kept in the store: looked at, and changed by people.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli/cli.h"

enum { AGENTS_MAX = 10000, DOCUMENT_MAX = 64 << 20 };

struct job {
    const struct tdh_args *args;
    const char *agent, *version, *other;
    uint32_t number; /* of --to, or --keep */
    int64_t ttl_ms;
    json_t *document, *result;
};

static int run(const struct tdh_args *args, tdh_host_fn *fn, struct job *job, struct td_err *err)
{
    job->args = args;
    job->agent = args->word_count > 0 ? args->words[0] : NULL;
    return tdh_cli_host_run(args, TDH_HOST_WHOLE, fn, job, err);
}

static int tell_newest(const struct job *job)
{
    if (job->args->is_json)
        return tdh_cli_print(job->result);
    printf("version %s is the newest of agent %s\n", tdh_json_str(job->result, "id", ""),
           job->agent);
    json_decref(job->result);
    return TDH_EXIT_DONE;
}

/* --- list --- */

static int list_agents(struct tdh_host *host, struct job *job, struct td_err *err)
{
    json_t *list, *row;
    size_t i;

    if (tdh_store_list(host->store, TDH_STATES_SPACE, NULL, NULL, AGENTS_MAX, 0, &list, err) != 0)
        return -1;
    job->result = json_array();
    json_array_foreach (list, i, row) {
        json_t *versions = json_object_get(json_object_get(row, "value"), "versions");

        json_array_append_new(job->result,
                              json_pack("{s:O, s:I, s:O*}", "agent", json_object_get(row, "key"),
                                        "versions", (json_int_t)json_array_size(versions), "newest",
                                        json_object_get(json_object_get(row, "value"), "newest")));
    }
    json_decref(list);
    return 0;
}

static int list(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct job *job = arg;
    struct tdh_states states;

    if (job->agent == NULL)
        return list_agents(host, job, err);
    if (tdh_states_read(host->store, job->agent, &states, err) != 0)
        return -1;
    job->result = json_incref(states.list);
    if (json_array_size(json_object_get(states.list, "versions")) == 0) {
        json_decref(job->result);
        tdh_states_find(&states, "newest", err);
        tdh_states_end(&states);
        return -1;
    }
    tdh_states_end(&states);
    return 0;
}

static void print_agents(const json_t *rows)
{
    const json_t *row;
    size_t i;

    json_array_foreach (rows, i, row)
        printf("%-24s %3lld versions, newest %s\n", tdh_json_str(row, "agent", ""),
               (long long)json_integer_value(json_object_get(row, "versions")),
               tdh_json_str(row, "newest", "-"));
}

/* Newest first: what is looked for is mostly there. */
static void print_versions(const json_t *list)
{
    const char *newest = tdh_json_str(list, "newest", "");
    const json_t *notes = json_object_get(list, "versions");

    for (size_t i = json_array_size(notes); i > 0; i--) {
        const json_t *note = json_array_get(notes, i - 1);
        const char *id = tdh_json_str(note, "id", ""), *from = tdh_json_str(note, "from", NULL),
                   *words = tdh_json_str(note, "note", NULL);
        char time[64];

        printf("%c %s  %s  version %lld  %6lld bytes  %s %s  %s%s%s%s%s%s\n",
               strcmp(id, newest) == 0                        ? '*'
               : json_is_true(json_object_get(note, "aside")) ? '~'
                                                              : ' ',
               id,
               tdh_clock_print(json_integer_value(json_object_get(note, "time_us")), time,
                               sizeof(time)),
               (long long)json_integer_value(json_object_get(note, "version")),
               (long long)json_integer_value(json_object_get(note, "size")),
               tdh_json_str(note, "plugin", ""), tdh_json_str(note, "plugin_version", ""),
               tdh_json_str(note, "why", ""), from != NULL ? " of " : "", from != NULL ? from : "",
               words != NULL ? ": \"" : "", words != NULL ? words : "", words != NULL ? "\"" : "");
    }
}

int tdh_verb_agent_state_list(const struct tdh_args *args)
{
    struct job job = { .number = 0 };
    struct td_err err;

    if (run(args, list, &job, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(job.result);
    if (job.agent == NULL)
        print_agents(job.result);
    else
        print_versions(job.result);
    json_decref(job.result);
    return TDH_EXIT_DONE;
}

/* --- show, export --- */

static int export(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct job *job = arg;

    job->result = tdh_agent_state_export(host->agents, job->agent, job->version, err);
    return job->result != NULL ? 0 : -1;
}

int tdh_verb_agent_state_show(const struct tdh_args *args)
{
    struct job job = { .version = args->word_count > 1 ? args->words[1] : "newest" };
    struct td_err err;

    if (run(args, export, &job, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(job.result);
    tdh_cli_print(json_incref(json_object_get(job.result, "state")));
    json_decref(job.result);
    return TDH_EXIT_DONE;
}

int tdh_verb_agent_state_export(const struct tdh_args *args)
{
    const char *path = tdh_args_value(args, "output", NULL);
    struct job job = { .version = args->word_count > 1 ? args->words[1] : "newest" };
    struct td_err err;
    char *text;
    int rc;

    if (run(args, export, &job, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (path == NULL)
        return tdh_cli_print(job.result);
    text = json_dumps(job.result, JSON_INDENT(2) | JSON_ENCODE_ANY);
    json_decref(job.result);
    rc = text != NULL ? tdh_file_write(path, text, strlen(text), 0600, &err)
                      : td_fail(&err, TD_E_NOMEM, "could not allocate the text of the state");
    free(text);
    return rc == 0 ? TDH_EXIT_DONE : tdh_cli_fail(args, &err);
}

/* --- diff --- */

static int read_two(struct tdh_host *host, const struct tdh_states *states, const struct job *job,
                    json_t *ret_states[static 2], struct td_err *err)
{
    const json_t *to = tdh_states_find(states, job->other, err), *from;
    const char *before = job->version;

    if (to == NULL)
        return -1;
    if (before == NULL)
        before = tdh_json_str(to, "parent", NULL);
    if (before == NULL)
        return td_fail(err, TD_E_NOTFOUND, "version %s of agent \"%s\" is the first",
                       tdh_json_str(to, "id", ""), job->agent);
    from = tdh_states_find(states, before, err);
    if (from == NULL || tdh_states_get(host->store, states, from, &ret_states[0], err) != 0)
        return -1;
    if (tdh_states_get(host->store, states, to, &ret_states[1], err) == 0)
        return 0;
    json_decref(ret_states[0]);
    return -1;
}

static int compare(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct job *job = arg;
    struct tdh_states states;
    json_t *two[2];
    int rc;

    if (tdh_states_read(host->store, job->agent, &states, err) != 0)
        return -1;
    rc = read_two(host, &states, job, two, err);
    tdh_states_end(&states);
    if (rc != 0)
        return -1;
    job->result = tdh_state_diff(two[0], two[1]);
    json_decref(two[0]);
    json_decref(two[1]);
    return job->result != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the differences");
}

static void print_side(char sign, const char *path, const json_t *value)
{
    char *text = value != NULL ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;

    if (text != NULL)
        printf("%c %s  %s\n", sign, path[0] != '\0' ? path : "(all)", text);
    free(text);
}

static void print_diff(const json_t *diff)
{
    const json_t *row;
    size_t i;

    if (json_array_size(diff) == 0)
        puts("no difference");
    json_array_foreach (diff, i, row) {
        print_side('-', tdh_json_str(row, "path", ""), json_object_get(row, "from"));
        print_side('+', tdh_json_str(row, "path", ""), json_object_get(row, "to"));
    }
}

/* Of one version, against its parent; of none, of the newest. */
int tdh_verb_agent_state_diff(const struct tdh_args *args)
{
    struct job job = { .version = args->word_count > 2 ? args->words[1] : NULL,
                       .other =
                           args->word_count > 1 ? args->words[args->word_count - 1] : "newest" };
    struct td_err err;

    if (run(args, compare, &job, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(job.result);
    print_diff(job.result);
    json_decref(job.result);
    return TDH_EXIT_DONE;
}

/* --- save, rollback, import --- */

static int read_words(const struct tdh_args *args, const char **ret_words)
{
    *ret_words = tdh_args_value(args, "note", NULL);
    if (*ret_words == NULL || strlen(*ret_words) <= TDH_STATE_NOTE)
        return TDH_EXIT_DONE;
    return tdh_cli_usage(args, "--note: at most %d bytes", TDH_STATE_NOTE);
}

static int save(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct job *job = arg;

    return tdh_agent_state_save(host->agents, job->agent, job->other, &job->result, err);
}

int tdh_verb_agent_state_save(const struct tdh_args *args)
{
    struct job job = { .number = 0 };
    struct td_err err;
    int rc = read_words(args, &job.other);

    if (rc != TDH_EXIT_DONE)
        return rc;
    if (run(args, save, &job, &err) != 0)
        return tdh_cli_fail(args, &err);
    return tell_newest(&job);
}

static int roll_back(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct job *job = arg;

    return tdh_agent_state_rollback(host->agents, job->agent, job->version, job->other,
                                    &job->result, err);
}

int tdh_verb_agent_state_rollback(const struct tdh_args *args)
{
    struct job job = { .version = args->words[1] };
    struct td_err err;
    int rc = read_words(args, &job.other);

    if (rc != TDH_EXIT_DONE)
        return rc;
    if (run(args, roll_back, &job, &err) != 0)
        return tdh_cli_fail(args, &err);
    return tell_newest(&job);
}

static int import(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct job *job = arg;

    return tdh_agent_state_import(host->agents, job->agent, job->document, &job->result, err);
}

int tdh_verb_agent_state_import(const struct tdh_args *args)
{
    struct td_err err;
    struct job job = { .document = tdh_json_read(args->words[1], DOCUMENT_MAX, &err) };
    int rc;

    if (job.document == NULL)
        return tdh_cli_fail(args, &err);
    rc = run(args, import, &job, &err);
    json_decref(job.document);
    if (rc != 0)
        return tdh_cli_fail(args, &err);
    return tell_newest(&job);
}

/* --- prune --- */

static int prune(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct job *job = arg;
    struct tdh_states states;
    int rc;

    if (tdh_states_read(host->store, job->agent, &states, err) != 0)
        return -1;
    rc = tdh_states_prune(host->store, &states, job->number, job->ttl_ms,
                          tdh_args_has(job->args, "dry-run"), &job->result, err);
    tdh_states_end(&states);
    return rc;
}

int tdh_verb_agent_state_prune(const struct tdh_args *args)
{
    const char *older = tdh_args_value(args, "older", NULL);
    struct job job = { .number = TDH_STATES_KEEP };
    struct td_err err;

    if (tdh_args_count(args, "keep", 1, TDH_STATES_KEEP_MAX, &job.number, &err) != 0)
        return tdh_cli_usage(args, "%s", err.text);
    if (older != NULL && tdh_duration_parse(older, &job.ttl_ms, &err) != 0)
        return tdh_cli_usage(args, "--older: %s", err.text);
    if (older != NULL && !tdh_args_has(args, "keep"))
        job.number = TDH_STATES_KEEP_MAX;
    if (run(args, prune, &job, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(job.result);
    printf("%zu versions %s taken away\n", json_array_size(job.result),
           tdh_args_has(args, "dry-run") ? "would be" : "were");
    json_decref(job.result);
    return TDH_EXIT_DONE;
}

/* --- migrate --- */

static int migrate(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct job *job = arg;

    return tdh_agent_state_migrate(host->agents, job->agent, job->number,
                                   tdh_args_has(job->args, "dry-run"), &job->result, err);
}

static void print_migration(const json_t *report, const char *agent)
{
    const json_t *path = json_object_get(report, "path"), *note = json_object_get(report, "note");

    printf("%s: ", agent);
    for (size_t i = 0; i < json_array_size(path); i++)
        printf("%s%lld", i > 0 ? " -> " : "version ",
               (long long)json_integer_value(json_array_get(path, i)));
    if (json_array_size(path) < 2)
        puts(", nothing to do");
    else if (note != NULL)
        printf(", saved as %s\n", tdh_json_str(note, "id", ""));
    else
        puts(", would be");
    if (json_array_size(path) > 1)
        print_diff(json_object_get(report, "diff"));
}

int tdh_verb_agent_state_migrate(const struct tdh_args *args)
{
    struct job job = { .number = 0 };
    struct td_err err;

    if (tdh_args_count(args, "to", 1, INT32_MAX, &job.number, &err) != 0)
        return tdh_cli_usage(args, "%s", err.text);
    if (run(args, migrate, &job, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(job.result);
    print_migration(job.result, job.agent);
    json_decref(job.result);
    return TDH_EXIT_DONE;
}
