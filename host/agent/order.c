/* SPDX-License-Identifier: Apache-2.0 */
/*
 * order: what one process wants done with the agents of another. An order is a record of the store;
 * tdevd carries it out and writes what came of it into the record, which its sender takes away.
 *
 * An order that was given before tdevd began is not carried out: whoever gave it is told so.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/internal.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err_json.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"

#define SPACE "agent-order"
enum { AT_ONCE = 32, LIST_MAX = 256, LOOK_MS = 20 };
#define KEPT_US (INT64_C(24) * 3600 * 1000000) /* then one that nobody takes away goes */

static const char *const acts[] = { [TDH_AGENT_PAUSE] = "pause",
                                    [TDH_AGENT_RESUME] = "resume",
                                    [TDH_AGENT_STOP] = "stop",
                                    [TDH_AGENT_START] = "start",
                                    [TDH_AGENT_RESTART] = "restart" };
enum { ACTS = sizeof(acts) / sizeof(acts[0]) };

/* One that is carried out; its coroutine ends it. */
struct order {
    struct tdh_orders *orders;
    char key[TDH_ID_SIZE];
    uint64_t version;
    json_t *text;
};

struct tdh_orders {
    struct tdh_agents *agents;
    struct tdh_store *store;
    int64_t began_us;
    unsigned count;
    json_t *under_way; /* keys */
    struct tdh_co *waiting;
};

void tdh_agents_ring(const char *state_dir)
{
    char path[TDH_AGENT_PATH];

    snprintf(path, sizeof(path), "%s/" TDH_AGENTS_BELL, state_dir);
    utimensat(AT_FDCWD, path, NULL, 0); /* who listens has made it */
}

/* As tdh_store_put, and it goes by itself some day. */
static int put(struct tdh_store *store, const char *key, const json_t *value, uint64_t version,
               struct td_err *err)
{
    struct tdh_buf buf = { 0 };
    int64_t now_us = tdh_clock_us();
    struct td_op op = { TD_SIZE(struct td_op),
                        .kind = TD_OP_PUT,
                        .space = SPACE,
                        .key = key,
                        .version = version,
                        .time_us = now_us,
                        .expires_us = now_us + KEPT_US };
    struct td_op *ops[] = { &op };
    int rc;

    tdh_buf_json(&buf, value, 0);
    op.value = (struct td_bytes){ buf.data, buf.length };
    rc = buf.failed ? td_fail(err, TD_E_NOMEM, "could not write an order for agents")
                    : tdh_store_commit(store, ops, 1, NULL, err);
    tdh_buf_free(&buf);
    return rc;
}

/* --- carrying out --- */

static int carry_out(struct tdh_agents *agents, const json_t *text, json_t **ret_result,
                     struct td_err *err)
{
    const char *word = tdh_json_str(text, "act", ""), *name = tdh_json_str(text, "agent", NULL);
    struct tdh_agent_stopped stopped;
    unsigned act = 0;
    json_t *list;

    if (strcmp(word, "status") == 0) {
        *ret_result = tdh_agents_status(agents, name, err);
        return *ret_result != NULL ? 0 : -1;
    }
    while (act < ACTS && strcmp(acts[act], word) != 0)
        act++;
    if (act == ACTS || name == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "this tdevd cannot \"%.32s\" an agent", word);
    if (tdh_agents_act(agents, name, (enum tdh_agent_act)act, &stopped, err) != 0)
        return -1;
    list = tdh_agents_status(agents, name, err);
    if (list == NULL)
        return -1;
    *ret_result = json_pack("{s:s, s:O, s:O, s:b, s:i}", "agent", name, "state",
                            json_object_get(json_array_get(list, 0), "state"), "running",
                            json_object_get(json_array_get(list, 0), "running"), "forced",
                            stopped.is_forced, "left", (int)stopped.left);
    json_decref(list);
    return 0;
}

static void end_order(struct order *order)
{
    struct tdh_orders *orders = order->orders;

    json_object_del(orders->under_way, order->key);
    json_decref(order->text);
    free(order);
    orders->count--;
    if (orders->waiting != NULL)
        tdh_co_wake(orders->waiting);
}

static void work(void *arg)
{
    struct order *order = arg;
    struct tdh_orders *orders = order->orders;
    json_t *result = NULL;
    struct td_err err = { 0 };
    int rc;

    if (json_integer_value(json_object_get(order->text, "at_us")) < orders->began_us)
        rc = td_fail(&err, TD_E_UNAVAILABLE, "tdevd was started again meanwhile");
    else
        rc = carry_out(orders->agents, order->text, &result, &err);
    if (rc == 0)
        json_object_set_new(order->text, "result", result);
    else
        json_object_set_new(order->text, "error", tdh_err_json(&err));
    if (put(orders->store, order->key, order->text, order->version, &err) != 0 &&
        err.code != TD_E_CONFLICT) /* else its sender has gone */
        tdh_log_err(TDH_LOG_WARNING, "agent", &err);
    end_order(order);
}

static bool is_answered(const json_t *text)
{
    return json_object_get(text, "result") != NULL || json_object_get(text, "error") != NULL;
}

static int begin(struct tdh_orders *orders, const json_t *row, struct td_err *err)
{
    struct order *order = calloc(1, sizeof(*order));

    if (order == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate an order for agents");
    order->orders = orders;
    order->version = (uint64_t)json_integer_value(json_object_get(row, "version"));
    order->text = json_incref(json_object_get(row, "value"));
    snprintf(order->key, sizeof(order->key), "%s", tdh_json_str(row, "key", ""));
    json_object_set_new(orders->under_way, order->key, json_true());
    orders->count++;
    if (tdh_co_spawn(work, order, NULL, err) == 0)
        return 0;
    end_order(order);
    return -1;
}

void tdh_orders_look(struct tdh_orders *orders)
{
    json_t *list, *row;
    struct td_err err;
    size_t i;

    if (tdh_store_list(orders->store, SPACE, "", NULL, LIST_MAX, TD_SCAN_SOUND, &list, &err) != 0) {
        tdh_log_err(TDH_LOG_WARNING, "agent", &err);
        return;
    }
    json_array_foreach (list, i, row) {
        const char *key = tdh_json_str(row, "key", "");

        if (orders->count >= AT_ONCE || is_answered(json_object_get(row, "value")) ||
            json_object_get(orders->under_way, key) != NULL)
            continue;
        if (begin(orders, row, &err) != 0)
            tdh_log_err(TDH_LOG_WARNING, "agent", &err);
    }
    json_decref(list);
}

struct tdh_orders *tdh_orders_new(struct tdh_agents *agents, struct tdh_store *store,
                                  struct td_err *err)
{
    struct tdh_orders *orders = calloc(1, sizeof(*orders));

    if (orders != NULL)
        *orders = (struct tdh_orders){
            .agents = agents, .store = store, .began_us = tdh_clock_us(), .under_way = json_object()
        };
    if (orders != NULL && orders->under_way != NULL)
        return orders;
    free(orders);
    td_fail(err, TD_E_NOMEM, "could not allocate the orders for agents");
    return NULL;
}

void tdh_orders_end(struct tdh_orders *orders)
{
    if (orders == NULL)
        return;
    orders->waiting = tdh_co_self();
    while (orders->count > 0)
        tdh_co_park();
    json_decref(orders->under_way);
    free(orders);
}

/* --- giving --- */

static int fail_as_told(const json_t *error, struct td_err *err)
{
    td_fail(err, td_code_from_name(tdh_json_str(error, "code", "")), "%s",
            tdh_json_str(error, "text", "failed"));
    if (tdh_json_str(error, "hint", NULL) != NULL)
        td_hint(err, "%s", tdh_json_str(error, "hint", ""));
    return -1;
}

/* Waits for what comes of it, as long as somebody is there who may say so. */
static int wait_for(struct tdh_store *store, const char *key, bool (*is_there)(void *arg),
                    void *arg, json_t **ret_text, struct td_err *err)
{
    for (;;) {
        json_t *text;

        if (tdh_store_get(store, SPACE, key, &text, NULL, err) != 0)
            return -1;
        if (is_answered(text)) {
            *ret_text = text;
            return 0;
        }
        json_decref(text);
        if (!is_there(arg))
            return td_fail(err, TD_E_UNAVAILABLE, "tdevd is gone, and may not have done it");
        if (tdh_co_wait(tdh_clock_mono_ns() + LOOK_MS * UINT64_C(1000000)) == TDH_WAIT_CANCELLED)
            return td_fail(err, TD_E_CANCELLED, "nobody waits for it any more");
    }
}

int tdh_agents_order(const struct tdh_order *order, json_t **ret_result, struct td_err *err)
{
    json_t *text = json_pack("{s:s, s:s*, s:I}", "act", order->act, "agent", order->agent, "at_us",
                             (json_int_t)tdh_clock_us());
    char key[TDH_ID_SIZE];
    struct td_err ignored;
    int rc;

    tdh_id_new(key);
    rc = text != NULL ? put(order->store, key, text, TD_VERSION_ABSENT, err)
                      : td_fail(err, TD_E_NOMEM, "could not allocate an order for agents");
    json_decref(text);
    if (rc != 0)
        return -1;
    tdh_agents_ring(order->state_dir);
    rc = wait_for(order->store, key, order->is_there, order->arg, &text, err);
    tdh_store_delete(order->store, SPACE, key, TD_VERSION_ANY, &ignored);
    if (rc != 0)
        return -1;
    *ret_result = json_incref(json_object_get(text, "result"));
    if (*ret_result == NULL)
        rc = fail_as_told(json_object_get(text, "error"), err);
    json_decref(text);
    return rc;
}
