/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state_sync: makes this store and another know the same newest state of an agent.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "cli/cli.h"

struct job {
    const struct tdh_args *args;
    const char *agent;
    char path[PATH_MAX]; /* of the other store */
    struct tdh_sync sync;
    json_t *report;
};

/* --- words --- */

static const char *const ways[] = { "both", "push", "pull", NULL };
static const char *const choices[] = { "ask", "newest", "ours", "theirs", "merge", NULL };
static const char *const ties[] = { "ask", "newest", "ours", "theirs", NULL };

/* Its place among the words; -1: it is none of them. */
static int find_word(const struct tdh_args *args, const char *option, const char *const *words)
{
    const char *said = tdh_args_value(args, option, words[0]);

    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], said) == 0)
            return i;
    return -1;
}

static int read_options(const struct tdh_args *args, struct tdh_sync *sync)
{
    int way = find_word(args, "direction", ways), choice = find_word(args, "conflict", choices),
        tie = find_word(args, "tie", ties);

    if (way < 0)
        return tdh_cli_usage(args, "--direction must be both, push or pull");
    if (choice < 0)
        return tdh_cli_usage(args, "--conflict must be ask, newest, ours, theirs or merge");
    if (tie < 0)
        return tdh_cli_usage(args, "--tie must be ask, newest, ours or theirs");
    if (tdh_args_has(args, "tie") && choice != TDH_SYNC_MERGE)
        return tdh_cli_usage(args, "--tie goes with --conflict merge");
    sync->way = (enum tdh_sync_way)way;
    sync->conflict = (enum tdh_sync_choice)choice;
    sync->tie = (enum tdh_sync_choice)tie;
    sync->is_dry = tdh_args_has(args, "dry-run");
    return TDH_EXIT_DONE;
}

/* --- the other store --- */

/* A folder is one of states, as state_dir names it. */
static int find_store(struct job *job, const char *word, struct td_err *err)
{
    struct stat found;
    bool is_folder = stat(word, &found) == 0 && S_ISDIR(found.st_mode);
    int length = snprintf(job->path, sizeof(job->path), "%s%s", word, is_folder ? "/store.db" : "");

    return length < PATH_MAX ? 0
                             : td_fail(err, TD_E_LIMIT, "the path \"%.100s...\" is too long", word);
}

/* Nothing is made by a slip of the pen. */
static int check_store(const struct job *job, const struct tdh_host *host, struct td_err *err)
{
    struct stat own, other;

    if (stat(job->path, &other) != 0) {
        if (errno != ENOENT)
            return td_fail_sys(err, "could not look at \"%s\"", job->path);
        if (tdh_args_has(job->args, "create"))
            return 0;
        td_fail(err, TD_E_NOTFOUND, "there is no store \"%s\"", job->path);
        return td_hint(err, "--create makes it");
    }
    if (!S_ISREG(other.st_mode))
        return td_fail(err, TD_E_INVAL, "\"%s\" is no store: it is no regular file", job->path);
    if (stat(tdh_conf_str(host->conf, TDH_CONF_STORE_PATH), &own) == 0 &&
        own.st_dev == other.st_dev && own.st_ino == other.st_ino)
        return td_fail(err, TD_E_INVAL, "\"%s\" is the store itself", job->path);
    return 0;
}

static int sync_states(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct job *job = arg;
    struct tdh_store *other;
    int rc;

    if (find_store(job, tdh_args_value(job->args, "with", ""), err) != 0 ||
        check_store(job, host, err) != 0)
        return -1;
    if (job->args->hosts->open_store(host, job->path, &other, err) != 0)
        return td_context(err, "the other store");
    rc = tdh_agent_state_sync(host->agents, job->agent, other, &job->sync, &job->report, err);
    tdh_store_close(other);
    return rc;
}

/* --- what is told --- */

static void print_copied(const json_t *report, const char *key, const char *where, bool is_dry)
{
    long long count = (long long)json_integer_value(json_object_get(report, key));

    if (count > 0)
        printf("%lld version%s %s %s\n", count, count == 1 ? "" : "s",
               is_dry ? "would be copied" : "copied", where);
}

static void print_conflict(const json_t *report, bool is_dry)
{
    const char *choice = tdh_json_str(report, "choice", NULL);
    size_t both = json_array_size(json_object_get(report, "both_changed"));

    if (choice == NULL)
        return;
    if (strcmp(choice, "same") == 0)
        puts("both stores have come to the same state");
    else
        printf("both stores have gone on: %s; version %s %s kept aside\n", choice,
               tdh_json_str(report, "aside", ""), is_dry ? "would be" : "is");
    for (size_t i = 0; i < both; i++)
        printf("both changed %s\n",
               json_string_value(json_array_get(json_object_get(report, "both_changed"), i)));
}

static void print(const json_t *report, const struct tdh_sync *sync)
{
    const char *agent = tdh_json_str(report, "agent", ""),
               *relation = tdh_json_str(report, "relation", ""),
               *newest = tdh_json_str(report, "newest", "");
    const json_t *damaged = json_object_get(report, "damaged");

    print_conflict(report, sync->is_dry);
    print_copied(report, "pushed", "to the other store", sync->is_dry);
    print_copied(report, "pulled", "to this store", sync->is_dry);
    for (size_t i = 0; i < json_array_size(damaged); i++)
        printf("version %s is damaged and was not copied\n",
               json_string_value(json_array_get(damaged, i)));
    if (strcmp(relation, "none") == 0)
        printf("agent %s: neither store has a state of it\n", agent);
    else if (strcmp(relation, "same") == 0)
        printf("agent %s: both stores are at version %s\n", agent, newest);
    else if (strcmp(relation, "ahead") == 0 && sync->way == TDH_SYNC_PULL)
        printf("agent %s: this store is ahead, there is nothing to pull\n", agent);
    else if (strcmp(relation, "behind") == 0 && sync->way == TDH_SYNC_PUSH)
        printf("agent %s: the other store is ahead, there is nothing to push\n", agent);
    else if (newest[0] != '\0')
        printf("agent %s: version %s %s the newest%s\n", agent, newest,
               sync->is_dry ? "would be" : "is",
               sync->way == TDH_SYNC_PUSH   ? " of the other store"
               : sync->way == TDH_SYNC_PULL ? " of this store"
                                            : " of both stores");
}

int tdh_verb_agent_state_sync(const struct tdh_args *args)
{
    struct job job = { .args = args, .agent = args->words[0] };
    struct td_err err;
    int rc = read_options(args, &job.sync);

    if (rc != TDH_EXIT_DONE)
        return rc;
    if (!tdh_args_has(args, "with"))
        return tdh_cli_usage(args, "--with must name the other store: its file or folder");
    if (tdh_cli_host_run(args, TDH_HOST_WHOLE, sync_states, &job, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(job.report);
    print(job.report, &job.sync);
    json_decref(job.report);
    return TDH_EXIT_DONE;
}
