/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random_host: records, and answers as it is told.
 */
#include "random_host.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"

static struct asked *note(struct host *host, const char *path, uint64_t tag, uint32_t *ret_ask)
{
    struct asked *asked = &host->open[host->open_count++];

    assert_in_range(host->open_count, 1, OPEN_MAX);
    *asked = (struct asked){ .tag = tag, .number = ++host->number };
    snprintf(asked->path, sizeof(asked->path), "%s", path);
    host->asked_twice = host->asked_twice || tdh_map_get(&host->paths, path) != NULL;
    assert_int_equal(tdh_map_set(&host->paths, path, host, NULL), 0);
    tdh_buf_printf(&host->trace, " %s#%u#%llx", path, host->number, (unsigned long long)tag);
    *ret_ask = host->number;
    return asked;
}

static int ask_call(struct td_asks *asks, const struct td_ask *ask, uint32_t *ret_ask,
                    struct td_err *err)
{
    struct host *host = (struct host *)asks;

    (void)err;
    note(host, ask->path, ask->tag, ret_ask)->is_run = ask->target == TD_TARGET_WORKFLOW;
    tdh_buf_json(&host->trace, ask->input, TDH_JSON_SORTED);
    json_decref(ask->input);
    return 0;
}

static int ask_timer(struct td_asks *asks, const char *path, uint64_t tag, uint64_t delay_ms,
                     uint32_t *ret_ask, struct td_err *err)
{
    struct host *host = (struct host *)asks;

    (void)err;
    note(host, path, tag, ret_ask)->is_timer = true;
    tdh_buf_printf(&host->trace, ":%llu", (unsigned long long)delay_ms);
    return 0;
}

static int ask_wait(struct td_asks *asks, const char *path, uint64_t tag, const char *signal,
                    uint32_t *ret_ask, struct td_err *err)
{
    struct host *host = (struct host *)asks;

    (void)err;
    note(host, path, tag, ret_ask)->is_wait = true;
    tdh_buf_printf(&host->trace, "?%s", signal);
    return 0;
}

static int ask_cancel(struct td_asks *asks, uint32_t number, struct td_err *err)
{
    struct host *host = (struct host *)asks;
    unsigned place = 0;

    (void)err;
    while (place < host->open_count && host->open[place].number != number)
        place++;
    assert_in_range(place, 0, host->open_count - 1);
    tdh_buf_printf(&host->trace, " -%u", number);
    host->open[place] = host->open[--host->open_count];
    return 0;
}

static int ask_stop(struct td_asks *asks, uint32_t number, struct td_err *err)
{
    (void)err;
    tdh_buf_printf(&((struct host *)asks)->trace, " ~%u", number);
    return 0;
}

static int ask_finish(struct td_asks *asks, json_t *output, struct td_err *err)
{
    struct host *host = (struct host *)asks;

    (void)err;
    assert_false(host->is_over);
    host->is_over = true;
    host->output = tdh_json_text(output, TDH_JSON_SORTED);
    tdh_buf_printf(&host->trace, " = %s", host->output);
    json_decref(output);
    return 0;
}

static int ask_fail(struct td_asks *asks, const struct td_err *error, struct td_err *err)
{
    struct host *host = (struct host *)asks;

    (void)err;
    assert_false(host->is_over);
    host->is_over = true;
    host->open_count = 0; /* what is open is taken back */
    snprintf(host->error, sizeof(host->error), "%s", error->text);
    tdh_buf_printf(&host->trace, " ! %s", host->error);
    return 0;
}

static const char *run_id(struct td_asks *asks)
{
    (void)asks;
    return "run-1";
}

static const struct td_asks_ops ops = { .size = sizeof(ops),
                                        .call = ask_call,
                                        .timer = ask_timer,
                                        .wait = ask_wait,
                                        .cancel = ask_cancel,
                                        .stop = ask_stop,
                                        .finish = ask_finish,
                                        .fail = ask_fail,
                                        .run_id = run_id };

static char *saved_text(struct host *host, struct td_err *err)
{
    json_t *saved = tdh_flow_reducer.save(host->state, host->plan, err);
    char *text = tdh_json_text(saved, TDH_JSON_SORTED);

    assert_non_null(text);
    json_decref(saved);
    return text;
}

/* The state goes through text and into a new struct. */
void host_reload(struct host *host)
{
    struct td_err err;
    char *text = saved_text(host, &err);
    json_t *saved = tdh_json_parse(text, strlen(text), "state", &err);

    tdh_flow_reducer.drop(host->state, host->plan);
    memset(host->state, 0, tdh_flow_reducer.state_size);
    if (tdh_flow_reducer.load(host->state, host->plan, saved, tdh_flow_reducer.state_version,
                              &err) != 0)
        fail_msg("%s", err.text);
    json_decref(saved);
    free(text);
}

void host_begin(struct host *host, const void *plan, unsigned input)
{
    json_t *value = json_pack("{s:i}", "n", (int)input);
    struct td_err err;

    host->asks.ops = &ops;
    host->plan = plan;
    host->state = calloc(1, tdh_flow_reducer.state_size);
    assert_int_equal(tdh_flow_reducer.start(host->state, plan, value, &host->asks, &err), 0);
    json_decref(value);
}

void host_end(struct host *host)
{
    tdh_flow_reducer.drop(host->state, host->plan);
    free(host->state);
    tdh_map_free(&host->paths, NULL);
    tdh_buf_free(&host->trace);
    free(host->output);
}

/* place: of the ask that is answered. */
void host_tell(struct host *host, unsigned place, struct td_event *event)
{
    struct td_err err;

    tdh_buf_text(&host->trace, " |");
    if (event->kind != TD_EVENT_CANCEL) {
        event->ask = host->open[place].number;
        event->tag = host->open[place].tag;
        host->open[place] = host->open[--host->open_count];
    }
    if (tdh_flow_reducer.fold(host->state, host->plan, event, &host->asks, &err) != 0)
        ask_fail(&host->asks, &err, &err);
}
