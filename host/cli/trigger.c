/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trigger: lists triggers, and starts a workflow as one of them would.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/follow.h"
#include "cli/left.h"

/* --- list --- */

struct look {
    json_t *list;
    bool is_daemon_on;
};

static int list(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct look *look = arg;

    look->is_daemon_on = tdh_left_to_daemon(host);
    return tdh_triggers_list(host->store, host->flows, &look->list, err);
}

static void print_trigger(const json_t *row)
{
    const json_t *refusal = json_object_get(row, "refusal");
    json_int_t waiting = json_integer_value(json_object_get(row, "waiting"));
    char name[96];

    snprintf(name, sizeof(name), "%.64s %lld", tdh_json_str(row, "workflow", ""),
             (long long)json_integer_value(json_object_get(row, "number")));
    printf("%-28s %-8s %-24s started %lld", name, tdh_json_str(row, "kind", ""),
           tdh_json_str(row, "source", ""),
           (long long)json_integer_value(json_object_get(row, "count")));
    if (json_is_string(json_object_get(row, "last")))
        printf(", last %s", tdh_json_str(row, "last", ""));
    if (json_is_string(json_object_get(row, "next")))
        printf(", next %s", tdh_json_str(row, "next", ""));
    if (waiting > 0)
        printf(", %lld wait", (long long)waiting);
    puts(json_is_null(json_object_get(row, "since")) ? ", not watched yet" : "");
    if (json_is_object(refusal))
        printf("%-28s refused %lld, last %s: %s\n", "",
               (long long)json_integer_value(json_object_get(row, "refused")),
               tdh_json_str(refusal, "time", ""), tdh_json_str(refusal, "text", ""));
}

static bool is_any_unwatched(const json_t *list)
{
    const json_t *row;
    size_t i;

    json_array_foreach (list, i, row)
        if (json_object_get(row, "error") == NULL && json_is_null(json_object_get(row, "since")))
            return true;
    return false;
}

static void print_list(const struct look *look)
{
    const json_t *row;
    size_t i;

    json_array_foreach (look->list, i, row)
        if (json_object_get(row, "error") != NULL)
            printf("%s\n", tdh_json_str(row, "error", ""));
        else
            print_trigger(row);
    if (look->is_daemon_on && is_any_unwatched(look->list))
        fprintf(stderr, "tdev: what is not watched within a second is in no folder of that tdevd: "
                        "its log begins with those it watches\n");
    if (!look->is_daemon_on && json_array_size(look->list) > 0)
        fprintf(stderr, "tdev: no tdevd runs on this state folder: nothing is started by itself\n");
}

int tdh_verb_trigger_list(const struct tdh_args *args)
{
    struct look look = { 0 };
    struct td_err err;

    if (tdh_cli_host_run(args, TDH_HOST_WHOLE, list, &look, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(look.list);
    print_list(&look);
    json_decref(look.list);
    return TDH_EXIT_DONE;
}

/* --- fire --- */

struct firing {
    struct tdh_follow follow;
    unsigned number;
    json_t *data;
};

static int fire(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct firing *firing = arg;
    struct tdh_follow *follow = &firing->follow;
    const char *key;
    int rc = -1;

    follow->definition = tdh_flows_find(host->flows, follow->args->words[0], err);
    if (follow->definition == NULL)
        return -1;
    if (tdh_trigger_by_hand(follow->definition, follow->args->words[0], firing->number,
                            firing->data, &follow->input, &key, err) == 0) {
        tdh_id_new(follow->id);
        rc = tdh_trigger_count(host->store, follow->definition->name, key, follow->id, err);
        if (rc == 0)
            rc = tdh_follow_run(host, follow, err);
        json_decref(follow->input);
    }
    tdh_definition_release(follow->definition);
    return rc;
}

int tdh_verb_trigger_fire(const struct tdh_args *args)
{
    struct firing firing = {
        .follow = { .args = args, .is_quiet = args->is_json || tdh_args_has(args, "quiet") }
    };
    const char *number = args->word_count > 1 ? args->words[1] : "0";
    struct td_err err;
    char *end;
    int rc;

    firing.number = (unsigned)strtoul(number, &end, 10);
    if (*end != '\0' || number[0] == '-' || (args->word_count > 1 && firing.number == 0))
        return tdh_cli_usage(args, "\"%s\" is no number of a trigger: they begin with 1", number);
    firing.data = tdh_args_inputs(args, "input", &err);
    if (firing.data == NULL)
        return tdh_cli_fail(args, &err);
    rc = tdh_cli_host_run(args, TDH_HOST_WHOLE, fire, &firing, &err) == 0
             ? tdh_follow_print(&firing.follow)
             : tdh_follow_fail(&firing.follow, &err);
    json_decref(firing.data);
    return rc;
}
