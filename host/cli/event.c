/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event: publishes an event, lists and shows those that are kept, gives them to triggers again.
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
        const char *replay_of = tdh_json_str(event, "replay_of", NULL);
        char *data = json_dumps(json_object_get(event, "data"), JSON_COMPACT | JSON_ENCODE_ANY);

        printf("%s  %-24s %-8s %s%s%s\n", tdh_json_str(event, "time", ""),
               tdh_json_str(event, "name", ""), tdh_json_str(event, "source", ""),
               data != NULL ? data : "", replay_of != NULL ? "  replay of " : "",
               replay_of != NULL ? replay_of : "");
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
    if (tdh_args_since(args, &look.filter.since_us, &err) != 0 ||
        tdh_args_time(args, "until", &look.filter.until_us, &err) != 0)
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

/* --- show --- */

/* The one whose id begins so: two are enough to know that there is not one. */
static int find(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct look *look = arg;
    size_t count;

    if (tdh_events_list(host->events, &look->filter, &look->list, err) != 0)
        return -1;
    count = json_array_size(look->list);
    if (count == 1)
        return 0;
    json_decref(look->list);
    td_fail(err, TD_E_NOTFOUND,
            count == 0 ? "there is no event \"%s\"" : "more than one event begins with \"%s\"",
            look->filter.id);
    return td_hint(err, "tdev event list --json shows the ids of those that are kept");
}

int tdh_verb_event_show(const struct tdh_args *args)
{
    struct look look = { .args = args, .filter = { .id = args->words[0], .limit = 2 } };
    struct td_err err;
    json_t *event;

    if (strlen(args->words[0]) < 4)
        return tdh_cli_usage(args, "\"%s\" is too short: give at least 4 letters of the event's id",
                             args->words[0]);
    if (tdh_cli_host_run(args, TDH_HOST_WHOLE, find, &look, &err) != 0)
        return tdh_cli_fail(args, &err);
    event = json_incref(json_array_get(look.list, 0));
    json_decref(look.list);
    return tdh_cli_print(event);
}

/* --- replay --- */

enum { REPLAY_DEFAULT = 1000 };

struct again {
    const struct tdh_args *args;
    struct tdh_replay replay;
    char name[TDH_ID_SIZE], address[TDH_TRIGGER_ADDRESS];
    json_t *list; /* of those that were given, or would be */
};

static void note_given(void *arg, const json_t *event, const char *id)
{
    struct again *again = arg;

    json_array_append_new(again->list, json_pack("{s:s, s:s, s:s, s:s}", "id", id, "replay_of",
                                                 tdh_json_str(event, "id", ""), "name",
                                                 tdh_json_str(event, "name", ""), "time",
                                                 tdh_json_str(event, "time", "")));
}

/* Without a name of its own a replay that is cut off can still go on. */
static int tell_how_to_go_on(const struct again *again, struct td_err *err)
{
    return td_hint(err, "%zu events were given; the rest follows with the same options and --as %s",
                   json_array_size(again->list), again->replay.name);
}

static int replay(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct again *again = arg;
    const char *to = tdh_args_value(again->args, "to", NULL);

    if (to != NULL && tdh_trigger_address(host->flows, to, again->address, err) != 0)
        return -1;
    again->replay.to = to != NULL ? again->address : NULL;
    if (tdh_args_has(again->args, "dry-run"))
        return tdh_events_past(host->events, &again->replay, &again->list, err);
    again->list = json_array();
    if (again->list == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a list of events");
    if (tdh_events_replay(host->events, &again->replay, err) == 0)
        return 0;
    if (json_array_size(again->list) > 0)
        tell_how_to_go_on(again, err);
    json_decref(again->list);
    return -1;
}

static int read_speed(const struct tdh_args *args, double *ret_speed, struct td_err *err)
{
    const char *text = tdh_args_value(args, "speed", NULL);
    char *end;

    if (text == NULL)
        return 0;
    *ret_speed = strtod(text, &end);
    return *end == '\0' && *ret_speed >= 0.001 && *ret_speed <= 1e9
               ? 0
               : td_fail(err, TD_E_INVAL, "--speed must be a number from 0.001 to 1000000000");
}

/* err: what is wrong with the options. */
static int read_replay(struct again *again, struct td_err *err)
{
    const struct tdh_args *args = again->args;
    struct tdh_events_filter *filter = &again->replay.filter;

    filter->limit = REPLAY_DEFAULT;
    filter->pattern = tdh_args_value(args, "name", NULL);
    if (!tdh_args_has(args, "since"))
        return td_fail(err, TD_E_INVAL, "say from when on: --since 2h, or a time");
    if (tdh_args_since(args, &filter->since_us, err) != 0 ||
        tdh_args_time(args, "until", &filter->until_us, err) != 0 ||
        tdh_args_count(args, "limit", 1, TDH_REPLAY_MAX, &filter->limit, err) != 0 ||
        read_speed(args, &again->replay.speed, err) != 0)
        return -1;
    if (!tdh_run_is_tag(again->replay.name))
        return td_fail(err, TD_E_INVAL, "--as must be one word of at most %d bytes",
                       TDH_REPLAY_NAME);
    return filter->pattern != NULL ? tdh_event_check_pattern(filter->pattern, err) : 0;
}

int tdh_verb_event_replay(const struct tdh_args *args)
{
    struct again again = { .args = args };
    struct td_err err;

    tdh_id_new(again.name);
    again.replay.name = tdh_args_value(args, "as", again.name);
    again.replay.told = note_given;
    again.replay.arg = &again;
    if (read_replay(&again, &err) != 0)
        return tdh_cli_usage(args, "%s", err.text);
    if (tdh_cli_host_run(args, TDH_HOST_WHOLE, replay, &again, &err) != 0)
        return tdh_cli_fail(args, &err);
    if (args->is_json)
        return tdh_cli_print(again.list);
    if (tdh_args_has(args, "dry-run"))
        print_events(again.list);
    else
        printf("%zu events were given once more\n", json_array_size(again.list));
    json_decref(again.list);
    return TDH_EXIT_DONE;
}
