/* SPDX-License-Identifier: Apache-2.0 */
/*
 * switch: lets runs go over to another version of their workflow. It is checked here first, and
 * done by the process that has the run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/mail.h"

struct switching {
    const struct tdh_args *args;
    struct tdh_definition *definition;
    json_t *nodes;
    struct tdh_sending sending;
    json_t *reports;
};

static int add_pair(json_t *nodes, const char *pair, struct td_err *err)
{
    const char *equals = strchr(pair, '=');

    if (equals == NULL || equals == pair || equals[1] == '\0')
        return td_fail(err, TD_E_INVAL, "--map %.200s: must be OLD=NEW", pair);
    return json_object_setn_new(nodes, pair, (size_t)(equals - pair), json_string(equals + 1));
}

/* --map OLD=NEW and --drop OLD, as {OLD: NEW or null}. */
static json_t *read_nodes(const struct tdh_args *args, struct td_err *err)
{
    json_t *nodes = json_object();

    for (size_t i = 0; i < args->given_count; i++) {
        const char *value = args->values[i];
        bool is_drop = strcmp(args->given[i]->name, "drop") == 0;

        if (is_drop)
            json_object_set_new(nodes, value, json_null());
        else if (strcmp(args->given[i]->name, "map") == 0 && add_pair(nodes, value, err) != 0) {
            json_decref(nodes);
            return NULL;
        }
    }
    return nodes;
}

static int check(struct tdh_host *host, struct switching *switching, const char *id,
                 json_t **ret_report, struct td_err *err)
{
    const struct tdh_switch to = { switching->definition, switching->nodes };

    return tdh_run_switch_check(host->engine, id, &to, ret_report, err);
}

/* Its process may have found that it cannot, as it had gone on meanwhile: then the check says so
 * now. */
static int check_outcome(struct tdh_host *host, struct switching *switching, const char *id,
                         struct td_err *err)
{
    json_t *record, *report;
    bool has_gone_over;

    if (tdh_runs_record(host->engine, id, &record, err) != 0)
        return -1;
    has_gone_over = strcmp(tdh_json_str(record, "def", ""), switching->definition->hash) == 0;
    json_decref(record);
    if (has_gone_over)
        return 0;
    if (check(host, switching, id, &report, err) != 0)
        return -1;
    json_decref(report);
    td_fail(err, TD_E_UNAVAILABLE, "run %s has not gone over: it did not stand still for a moment",
            id);
    return td_hint(err, "pause it first: tdev runs pause %s", id);
}

static int send(struct tdh_host *host, struct switching *switching, const json_t *record,
                struct td_err *err)
{
    json_t *payload =
        json_pack("{s:s, s:O, s:O}", "kind", switching->definition->kind, "definition",
                  switching->definition->text, "nodes", switching->nodes);
    int rc;

    if (payload == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a message");
    switching->sending.message =
        (struct tdh_message){ .kind = TDH_MESSAGE_MOVE, .payload = payload };
    rc = tdh_mail_send(host, &switching->sending, record, err);
    json_decref(payload);
    return rc;
}

static int move_one(struct tdh_host *host, struct switching *switching, const char *word,
                    struct td_err *err)
{
    char id[TDH_ID_SIZE];
    json_t *record = NULL, *report = NULL;
    int rc = -1;

    if (tdh_runs_find(host->engine, word, id, err) == 0 &&
        tdh_runs_record(host->engine, id, &record, err) == 0 &&
        check(host, switching, id, &report, err) == 0)
        rc = 0;
    if (rc == 0 && !tdh_args_has(switching->args, "dry-run"))
        rc = send(host, switching, record, err) == 0 &&
                     (switching->sending.is_here || check_outcome(host, switching, id, err) == 0)
                 ? 0
                 : -1;
    if (rc == 0)
        json_array_append(switching->reports, report);
    json_decref(switching->sending.follow.output); /* what it gave, when it went on here */
    switching->sending.follow.output = NULL;
    json_decref(record);
    json_decref(report);
    return rc;
}

static int move(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct switching *switching = arg;
    const struct tdh_args *args = switching->args;
    int rc = 0;

    switching->definition = tdh_flows_find(host->flows, tdh_args_value(args, "to", ""), err);
    if (switching->definition == NULL)
        return -1;
    for (size_t i = 0; rc == 0 && i < args->word_count; i++)
        rc = move_one(host, switching, args->words[i], err);
    tdh_definition_release(switching->definition);
    return rc;
}

static void print_steps(const char *what, const json_t *steps)
{
    const json_t *step;
    size_t i;

    if (json_array_size(steps) == 0)
        return;
    printf("  %s:", what);
    json_array_foreach (steps, i, step)
        printf("%s %s", i > 0 ? "," : "", json_string_value(step));
    putchar('\n');
}

static void print_reports(const struct switching *switching)
{
    bool is_dry = tdh_args_has(switching->args, "dry-run");
    const json_t *report;
    size_t i;

    json_array_foreach (switching->reports, i, report) {
        printf("run %s %s from %s to %s\n", tdh_json_str(report, "run", ""),
               is_dry ? "would go over" : "has gone over", tdh_json_str(report, "from", ""),
               tdh_json_str(report, "to", ""));
        print_steps("done", json_object_get(report, "done"));
        print_steps("under way", json_object_get(report, "under_way"));
        print_steps("begins", json_object_get(report, "begins"));
    }
}

static int move_all(struct switching *switching)
{
    const struct tdh_args *args = switching->args;
    struct td_err err;
    int rc = tdh_cli_host_run(args, TDH_HOST_WHOLE, move, switching, &err);

    if (!args->is_json)
        print_reports(switching);
    if (rc == 0)
        return args->is_json ? tdh_cli_print(json_incref(switching->reports)) : TDH_EXIT_DONE;
    rc = tdh_cli_fail(args, &err);
    return err.code == TD_E_CONFLICT ? TDH_EXIT_REFUSED : rc; /* the check did not let it */
}

int tdh_verb_runs_move(const struct tdh_args *args)
{
    struct switching switching = { .args = args, .sending = { .args = args } };
    struct td_err err;
    int rc;

    if (!tdh_args_has(args, "to"))
        return tdh_cli_usage(args,
                             "--to says which workflow it goes over to: FILE, ID, ID@VERSION");
    switching.nodes = read_nodes(args, &err);
    if (switching.nodes == NULL)
        return tdh_cli_usage(args, "%s", err.text);
    switching.sending.follow =
        (struct tdh_follow){ .args = args,
                             .is_quiet = args->is_json || tdh_args_has(args, "quiet") };
    switching.reports = json_array();
    rc = move_all(&switching);
    json_decref(switching.nodes);
    json_decref(switching.reports);
    return rc;
}
