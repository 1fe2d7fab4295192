/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event: publishes an event, and lists those that are kept.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/cli.h"

struct look {
    const struct tdh_args *args;
    struct tdh_events_filter filter;
    struct tdh_event event;
    char id[TDH_ID_SIZE];
    json_t *list;
};

static int emit(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct look *look = arg;

    return tdh_event_publish(host->events, &look->event, NULL, look->id, err);
}

int tdh_verb_event_emit(const struct tdh_args *args)
{
    struct look look = { .args = args,
                         .event = { .name = args->words[0],
                                    .source = "cli",
                                    .correlation = tdh_args_value(args, "correlation", NULL) } };
    struct td_err err;
    json_t *data = tdh_args_inputs(args, "input", &err);
    int rc;

    if (data == NULL)
        return tdh_cli_fail(args, &err);
    look.event.data = data;
    rc = tdh_cli_host_run(args, TDH_HOST_WHOLE, emit, &look, &err);
    json_decref(data);
    if (rc != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(json_pack("{s:s}", "id", look.id));
    printf("%s\n", look.id);
    return TDH_EXIT_DONE;
}

static int list(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct look *look = arg;

    return tdh_events_list(host->events, &look->filter, &look->list, err);
}

static void print_events(const json_t *events)
{
    json_t *event;
    size_t i;

    json_array_foreach (events, i, event) {
        char *data = json_dumps(json_object_get(event, "data"), JSON_COMPACT | JSON_ENCODE_ANY);

        printf("%s  %-24s %-8s %s\n", tdh_json_str(event, "time", ""),
               tdh_json_str(event, "name", ""), tdh_json_str(event, "source", ""),
               data != NULL ? data : "");
        free(data);
    }
}

int tdh_verb_event_list(const struct tdh_args *args)
{
    struct look look = { .args = args,
                         .filter = { .pattern = tdh_args_value(args, "name", NULL) } };
    const char *limit = tdh_args_value(args, "limit", "50");
    char *end;
    unsigned long count = strtoul(limit, &end, 10);
    struct td_err err;

    if (*end != '\0' || limit[0] == '-' || count > UINT32_MAX)
        return tdh_cli_usage(args, "--limit must be a whole number");
    if (tdh_args_since(args, &look.filter.since_us, &err) != 0)
        return tdh_cli_usage(args, "%s", err.text);
    if (look.filter.pattern != NULL && tdh_event_check_pattern(look.filter.pattern, &err) != 0)
        return tdh_cli_fail(args, &err);
    look.filter.limit = (uint32_t)count;
    if (tdh_cli_host_run(args, TDH_HOST_WHOLE, list, &look, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(look.list);
    print_events(look.list);
    json_decref(look.list);
    return TDH_EXIT_DONE;
}
