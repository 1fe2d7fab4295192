/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inmate_service: the services that an isolated plugin sees. What needs nothing but time is done
 * here; the rest asks the host, one thing at a time, and waits for its answer.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "plugin/inmate.h"

static struct tdh_served *served_of(struct td_ctx *ctx)
{
    return tdh_ctx_of(ctx)->call;
}

/* Runs fn in a coroutine of the worker: here, or for a thread of the plugin's that waits. */
static int on_worker(tdh_co_fn *fn, void *arg, const int *rc, struct td_err *err)
{
    if (tdh_worker_self() != NULL) {
        fn(arg);
        return *rc;
    }
    return tdh_hop(tdh_inmate.worker, fn, arg, err) == 0 ? *rc : -1;
}

/* --- asking the host --- */

struct asking {
    struct tdh_served *served;
    struct tdh_frame_head head;
    struct tdh_buf payload;
    struct tdh_frame *answer;
    struct td_err *err;
    int rc;
};

static void ask_here(void *arg)
{
    struct asking *asking = arg;
    struct tdh_served *served = asking->served;

    asking->rc = tdh_link_send(&tdh_inmate.link, &asking->head, asking->payload.data,
                               asking->payload.length, asking->err);
    if (asking->rc != 0)
        return;
    served->asker = tdh_co_self();
    while (served->answer == NULL)
        tdh_co_park();
    asking->answer = served->answer;
    served->answer = NULL;
    served->asker = NULL;
    asking->rc = asking->answer->head.rc;
    if (asking->rc != 0)
        tdh_frame_get_err(asking->answer, asking->err);
}

/* Takes the payload. ret_answer: new, when it is 0 that is returned. */
static int ask(struct td_ctx *ctx, struct asking *asking, struct tdh_frame **ret_answer,
               struct td_err *err)
{
    int rc;

    asking->served = served_of(ctx);
    asking->err = err;
    asking->head.kind = TDH_FRAME_ASK;
    asking->head.call = asking->served->frame->head.call;
    if (!asking->served->is_answered)
        rc = td_fail(err, TD_E_UNSUPPORTED, "an isolated plugin cannot use this service in drop");
    else if (asking->payload.failed)
        rc = td_fail(err, TD_E_NOMEM, "could not allocate a message for the host");
    else
        rc = on_worker(ask_here, asking, &asking->rc, err);
    tdh_buf_free(&asking->payload);
    if (rc == 0)
        *ret_answer = asking->answer;
    else
        free(asking->answer);
    return rc;
}

static void put_text(struct asking *asking, const char *text)
{
    tdh_buf_add(&asking->payload, text, strlen(text) + 1);
}

static int ask_for_nothing(struct td_ctx *ctx, struct asking *asking, uint64_t *ret_number,
                           struct td_err *err)
{
    struct tdh_frame *answer;

    if (ask(ctx, asking, &answer, err) != 0)
        return -1;
    if (ret_number != NULL)
        *ret_number = answer->head.number;
    free(answer);
    return 0;
}

static int ask_for_value(struct td_ctx *ctx, struct asking *asking, json_t **ret_value,
                         uint64_t *ret_number, struct td_err *err)
{
    struct tdh_frame *answer;
    json_t *value;

    if (ask(ctx, asking, &answer, err) != 0)
        return -1;
    value = tdh_frame_json(answer, 0, err);
    if (value != NULL && ret_number != NULL)
        *ret_number = answer->head.number;
    free(answer);
    if (value == NULL)
        return -1;
    *ret_value = value;
    return 0;
}

static void put_options(struct asking *asking, const struct td_call_options *options)
{
    if (options == NULL)
        return;
    asking->head.number = options->timeout_ms;
    asking->head.subject = options->max_attempts;
}

static int service_call(struct td_ctx *ctx, const char *agent, const char *action,
                        const json_t *input, const struct td_call_options *options,
                        json_t **ret_output, struct td_err *err)
{
    struct asking asking = { .head = { .place = TDH_SERVICE_CALL } };

    put_options(&asking, options);
    put_text(&asking, agent);
    put_text(&asking, action);
    tdh_buf_json(&asking.payload, input, 0);
    return ask_for_value(ctx, &asking, ret_output, NULL, err);
}

static int service_has_use(struct td_ctx *ctx, const char *name, struct td_err *err)
{
    struct asking asking = { .head = { .place = TDH_SERVICE_HAS_USE } };
    uint64_t has;

    put_text(&asking, name);
    return ask_for_nothing(ctx, &asking, &has, err) == 0 ? (int)has : -1;
}

static int service_use(struct td_ctx *ctx, const char *name, const json_t *input,
                       const struct td_call_options *options, json_t **ret_output,
                       struct td_err *err)
{
    struct asking asking = { .head = { .place = TDH_SERVICE_USE } };

    put_options(&asking, options);
    put_text(&asking, name);
    tdh_buf_json(&asking.payload, input, 0);
    return ask_for_value(ctx, &asking, ret_output, NULL, err);
}

static int service_emit(struct td_ctx *ctx, const json_t *chunk, struct td_err *err)
{
    struct asking asking = { .head = { .place = TDH_SERVICE_EMIT } };

    tdh_buf_json(&asking.payload, chunk, 0);
    return ask_for_nothing(ctx, &asking, NULL, err);
}

static int service_get(struct td_ctx *ctx, const char *key, json_t **ret_value,
                       uint64_t *ret_version, struct td_err *err)
{
    struct asking asking = { .head = { .place = TDH_SERVICE_GET } };

    put_text(&asking, key);
    return ask_for_value(ctx, &asking, ret_value, ret_version, err);
}

static int service_put(struct td_ctx *ctx, const char *key, const json_t *value, uint64_t version,
                       uint64_t *ret_version, struct td_err *err)
{
    struct asking asking = { .head = { .place = TDH_SERVICE_PUT, .number = version } };

    put_text(&asking, key);
    tdh_buf_json(&asking.payload, value, 0);
    return ask_for_nothing(ctx, &asking, ret_version, err);
}

static int service_delete(struct td_ctx *ctx, const char *key, uint64_t version, struct td_err *err)
{
    struct asking asking = { .head = { .place = TDH_SERVICE_DELETE, .number = version } };

    put_text(&asking, key);
    return ask_for_nothing(ctx, &asking, NULL, err);
}

static int service_scan(struct td_ctx *ctx, const char *prefix, uint32_t limit,
                        td_store_scan_fn *fn, void *arg, struct td_err *err)
{
    struct asking asking = { .head = { .place = TDH_SERVICE_SCAN, .number = limit } };
    json_t *records, *record;
    size_t i;

    put_text(&asking, prefix);
    if (ask_for_value(ctx, &asking, &records, NULL, err) != 0)
        return -1;
    json_array_foreach (records, i, record)
        if (fn(arg, json_string_value(json_array_get(record, 0)), json_array_get(record, 1),
               (uint64_t)json_integer_value(json_array_get(record, 2))) != 0)
            break;
    json_decref(records);
    return 0;
}

static int service_spend(struct td_ctx *ctx, const char *meter, double amount, struct td_err *err)
{
    struct asking asking = { .head = { .place = TDH_SERVICE_SPEND } };

    _Static_assert(sizeof(amount) == sizeof(asking.head.number), "an amount goes as a number");
    memcpy(&asking.head.number, &amount, sizeof(amount));
    put_text(&asking, meter);
    return ask_for_nothing(ctx, &asking, NULL, err);
}

/* --- log: nobody waits for it --- */

struct line {
    struct tdh_frame_head head;
    struct tdh_buf payload;
    int rc;
};

static void send_line(void *arg)
{
    const struct line *line = arg;
    struct td_err ignored;

    tdh_link_send(&tdh_inmate.link, &line->head, line->payload.data, line->payload.length,
                  &ignored);
}

static void service_log(struct td_ctx *ctx, enum td_level level, const char *text)
{
    struct line line = { .head = { .kind = TDH_FRAME_LOG,
                                   .place = level <= TD_ERROR ? (uint32_t)level : TD_INFO } };
    struct td_err ignored;

    tdh_buf_add(&line.payload, td_instance(ctx), strlen(td_instance(ctx)) + 1);
    tdh_buf_add(&line.payload, text, strlen(text) + 1);
    if (!line.payload.failed)
        on_worker(send_line, &line, &line.rc, &ignored);
    tdh_buf_free(&line.payload);
}

/* --- waiting --- */

static int say_why(const struct tdh_served *served, struct td_err *err)
{
    if (atomic_load(&served->is_cancelled) && tdh_clock_mono_ns() < served->deadline_ns)
        return td_fail(err, TD_E_CANCELLED, "the call was cancelled");
    return td_fail(err, TD_E_TIMEOUT, "the call's time ran out");
}

struct nap {
    struct tdh_served *served;
    uint64_t until_ns;
    struct td_err *err;
    int rc;
};

static void take_nap(void *arg)
{
    struct nap *nap = arg;
    uint64_t deadline_ns = nap->served->deadline_ns;
    enum tdh_woken woken = TDH_WOKEN;

    if (atomic_load(&nap->served->is_cancelled))
        tdh_co_cancel(tdh_co_self());
    nap->served->inner = tdh_co_self();
    while (woken == TDH_WOKEN)
        woken = tdh_co_wait(nap->until_ns < deadline_ns ? nap->until_ns : deadline_ns);
    nap->served->inner = NULL;
    nap->rc = 0;
    if (woken == TDH_WAIT_CANCELLED || nap->until_ns >= deadline_ns)
        nap->rc = say_why(nap->served, nap->err);
}

static int service_sleep(struct td_ctx *ctx, uint64_t ms, struct td_err *err)
{
    struct nap nap = { .served = served_of(ctx),
                       .until_ns = tdh_clock_mono_ns() + ms * UINT64_C(1000000),
                       .err = err };

    if (!nap.served->is_call)
        return td_fail(err, TD_E_UNSUPPORTED, "td_sleep needs a call, and there is none here");
    return on_worker(take_nap, &nap, &nap.rc, err);
}

static int service_check(struct td_ctx *ctx, struct td_err *err)
{
    const struct tdh_served *served = served_of(ctx);

    if (atomic_load(&served->is_cancelled) ||
        (served->deadline_ns != TDH_NEVER && tdh_clock_mono_ns() >= served->deadline_ns))
        return say_why(served, err);
    /* What the host says comes in only when this gives way. */
    if (tdh_co_self() != NULL)
        tdh_co_yield();
    if (atomic_load(&served->is_cancelled))
        return say_why(served, err);
    return 0;
}

static int64_t service_remaining(struct td_ctx *ctx)
{
    uint64_t deadline_ns = served_of(ctx)->deadline_ns, now_ns = tdh_clock_mono_ns();

    if (deadline_ns == TDH_NEVER)
        return INT64_MAX;
    return deadline_ns > now_ns ? (int64_t)((deadline_ns - now_ns) / 1000000) : 0;
}

static int service_blocking(struct td_ctx *ctx, td_blocking_fn *fn, void *arg, struct td_err *err)
{
    return tdh_blocking_plugin(tdh_inmate.runtime, served_of(ctx)->deadline_ns, fn, arg, err);
}

/* --- facts --- */

static const char *service_key(struct td_ctx *ctx)
{
    return served_of(ctx)->key;
}

static const char *service_data_dir(struct td_ctx *ctx)
{
    (void)ctx;
    return tdh_inmate.paper.data_dir;
}

void tdh_inmate_services(struct td_services *services)
{
    tdh_ctx_fill(services);
    services->log = service_log;
    services->call = service_call;
    services->sleep = service_sleep;
    services->check = service_check;
    services->remaining_ms = service_remaining;
    services->emit = service_emit;
    services->blocking = service_blocking;
    services->key = service_key;
    services->data_dir = service_data_dir;
    services->store_get = service_get;
    services->store_put = service_put;
    services->store_delete = service_delete;
    services->store_scan = service_scan;
    services->spend = service_spend;
    services->has_use = service_has_use;
    services->use = service_use;
}
