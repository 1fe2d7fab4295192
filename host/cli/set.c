/* SPDX-License-Identifier: Apache-2.0 */
/*
 * set: sets something of an agent besides its file, shows what was set, and goes back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/cli.h"

struct job {
    const struct tdh_args *args;
    json_t *values, *result;
    int64_t number; /* to go back to */
};

static const char *source_of(const struct job *job)
{
    return tdh_args_value(job->args, "source", "cli");
}

static void ring(const struct tdh_host *host)
{
    tdh_agents_ring(tdh_conf_str(host->conf, TDH_CONF_STATE_DIR));
}

static int set(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct job *job = arg;
    int rc = tdh_agents_set(host->agents, host->store, job->args->words[0], job->values,
                            source_of(job), &job->result, err);

    ring(host);
    return rc;
}

static int roll_back(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct job *job = arg;
    int rc = tdh_agents_rollback(host->agents, host->store, job->args->words[0], job->number,
                                 source_of(job), &job->result, err);

    ring(host);
    return rc;
}

static int past(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct job *job = arg;

    return tdh_agents_past(host->agents, host->store, job->args->words[0], &job->result, err);
}

/* --- words --- */

static void print_value(const json_t *value)
{
    char *text = value != NULL ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

    fputs(text != NULL ? text : "nothing", stdout);
    free(text);
}

static void print_changes(const json_t *changes, const char *indent)
{
    const json_t *change;
    size_t i;

    json_array_foreach (changes, i, change) {
        printf("%s%s: ", indent, tdh_json_str(change, "path", ""));
        print_value(json_object_get(change, "old"));
        fputs(" -> ", stdout);
        print_value(json_object_get(change, "new"));
        putchar('\n');
    }
}

static int finish(const struct tdh_args *args, struct job *job, tdh_host_fn *fn)
{
    struct td_err err;
    int rc = tdh_cli_host_run(args, TDH_HOST_WHOLE, fn, job, &err);

    json_decref(job->values);
    if (rc != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(job->result);
    if (json_array_size(json_object_get(job->result, "changes")) == 0)
        puts("nothing is another now");
    print_changes(json_object_get(job->result, "changes"), "");
    json_decref(job->result);
    return TDH_EXIT_DONE;
}

/* --- verbs --- */

/* What is no JSON is a text. */
static json_t *read_value(const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);

    return value != NULL && !json_is_null(value) ? value : json_string(text);
}

int tdh_verb_agent_set(const struct tdh_args *args)
{
    struct job job = { .args = args, .values = json_object() };

    for (size_t i = 1; i < args->word_count; i++) {
        const char *word = args->words[i], *equals = strchr(word, '=');

        if (equals == NULL || equals == word) {
            json_decref(job.values);
            return tdh_cli_usage(args, "\"%s\" must be KEY=VALUE", word);
        }
        json_object_setn_new(job.values, word, (size_t)(equals - word), read_value(equals + 1));
    }
    return finish(args, &job, set);
}

int tdh_verb_agent_unset(const struct tdh_args *args)
{
    struct job job = { .args = args, .values = json_object() };

    for (size_t i = 1; i < args->word_count; i++)
        json_object_set_new(job.values, args->words[i], json_null());
    return finish(args, &job, set);
}

int tdh_verb_agent_rollback(const struct tdh_args *args)
{
    struct job job = { .args = args, .number = -1 };
    char *end = NULL;

    if (args->word_count > 1)
        job.number = strtoll(args->words[1], &end, 10);
    if (end != NULL && (*end != '\0' || job.number < 0))
        return tdh_cli_usage(args, "\"%s\" must be the number of a change", args->words[1]);
    return finish(args, &job, roll_back);
}

static void print_past(const json_t *record)
{
    const json_t *entry;
    json_int_t forgotten = json_integer_value(json_object_get(record, "forgotten"));
    size_t i;

    if (forgotten > 0)
        printf("%lld earlier changes are not kept\n", (long long)forgotten);
    json_array_foreach (json_object_get(record, "history"), i, entry) {
        printf("%lld  %s  %s\n", (long long)json_integer_value(json_object_get(entry, "number")),
               tdh_json_str(entry, "time", ""), tdh_json_str(entry, "source", ""));
        print_changes(json_object_get(entry, "changes"), "   ");
    }
}

int tdh_verb_agent_history(const struct tdh_args *args)
{
    struct job job = { .args = args };
    struct td_err err;

    if (tdh_cli_host_run(args, TDH_HOST_WHOLE, past, &job, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(job.result);
    print_past(job.result);
    json_decref(job.result);
    return TDH_EXIT_DONE;
}
