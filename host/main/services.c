/* SPDX-License-Identifier: Apache-2.0 */
/*
 * services: the table that plugins see, filled with what the host has.
 *
 * A plugin with `execution: blocking` runs in a thread of the pool: its services hop to the worker
 * that sent it there.
 */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "main/services.h"

static struct tdh_host *the_host; /* one per process: services get no other way back to it */

int tdh_service_on_worker(struct td_ctx *ctx, tdh_co_fn *fn, void *arg, int *rc, struct td_err *err)
{
    struct tdh_call *call = tdh_service_call(ctx);

    if (tdh_worker_self() != NULL) {
        fn(arg);
        return *rc;
    }
    if (call == NULL || call->worker == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "this service needs a call, and there is none here");
    return tdh_hop(call->worker, fn, arg, err) == 0 ? *rc : -1;
}

/* --- td_call --- */

struct nested {
    struct tdh_call call;
    const char *agent, *action;
    struct td_err *err;
    int rc;
};

static void run_nested(void *arg)
{
    struct nested *nested = arg;

    nested->rc = tdh_call_resolve(TD_TARGET_AGENT, nested->agent, nested->action, NULL,
                                  &nested->call.target, nested->err);
    if (nested->rc != 0)
        return;
    nested->rc = tdh_call_run(&nested->call, nested->err);
    tdh_edition_release(nested->call.target->edition);
}

/* Calls nested.agent and nested.action. */
static int run_within(struct td_ctx *ctx, struct nested nested, const json_t *input,
                      const struct td_call_options *options, json_t **ret_output,
                      struct td_err *err)
{
    struct tdh_call *parent = tdh_service_call(ctx);
    struct td_policy policy = { .size = sizeof(policy) };

    nested.err = err;
    if (parent == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "calls can be made within an action only");
    if (options != NULL) {
        policy.timeout_ms = options->timeout_ms;
        policy.max_attempts = options->max_attempts;
    }
    nested.call = (struct tdh_call){
        .input = input,
        .parent = parent,
        .policy = &policy,
        .key = parent->key,
        .hops = parent->hops,
        .is_in_role = nested.call.is_in_role,
    };
    if (tdh_service_on_worker(ctx, run_nested, &nested, &nested.rc, err) != 0)
        return -1;
    *ret_output = nested.call.output;
    return 0;
}

static int service_call(struct td_ctx *ctx, const char *agent, const char *action,
                        const json_t *input, const struct td_call_options *options,
                        json_t **ret_output, struct td_err *err)
{
    const struct nested nested = { .agent = agent, .action = action };

    return run_within(ctx, nested, input, options, ret_output, err);
}

static int service_use(struct td_ctx *ctx, const char *name, const json_t *input,
                       const struct td_call_options *options, json_t **ret_output,
                       struct td_err *err)
{
    struct nested nested = { .call = { .is_in_role = true } };
    const struct tdh_role *role = tdh_role_of(tdh_ctx_of(ctx), name, &nested.agent, err);
    json_t *output = NULL;

    if (role == NULL)
        return -1;
    if (nested.agent == NULL)
        return tdh_role_fail(role, tdh_ctx_of(ctx)->instance, err);
    nested.action = role->action;
    if (tdh_role_check_input(role, input, err) != 0 ||
        run_within(ctx, nested, input, options, &output, err) != 0)
        return -1;
    if (tdh_role_check_output(role, output, err) == 0) {
        *ret_output = output;
        return 0;
    }
    json_decref(output);
    return -1;
}

/* --- waiting --- */

static int say_why(const struct tdh_call *call, enum tdh_woken woken, struct td_err *err)
{
    if (woken == TDH_WAIT_CANCELLED)
        return td_fail(err, TD_E_CANCELLED, "the call was cancelled");
    return td_fail(err, TD_E_TIMEOUT, "the call's time ran out: \"%s\" action \"%s\"",
                   call->target->name, call->target->action);
}

struct nap {
    const struct tdh_call *call;
    uint64_t until_ns;
    struct td_err *err;
    int rc;
};

static void take_nap(void *arg)
{
    struct nap *nap = arg;
    uint64_t deadline_ns = nap->call != NULL ? nap->call->deadline_ns : TDH_NEVER;
    enum tdh_woken woken = tdh_co_wait(nap->until_ns < deadline_ns ? nap->until_ns : deadline_ns);

    nap->rc = 0;
    if (woken == TDH_WAIT_CANCELLED || (nap->until_ns >= deadline_ns && woken == TDH_WAIT_TIMEOUT))
        nap->rc = say_why(nap->call, woken, nap->err);
}

static int service_sleep(struct td_ctx *ctx, uint64_t ms, struct td_err *err)
{
    struct nap nap = { .call = tdh_service_call(ctx),
                       .until_ns = tdh_clock_mono_ns() + ms * 1000000,
                       .err = err };

    if (nap.call == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "td_sleep needs a call, and there is none here");
    return tdh_service_on_worker(ctx, take_nap, &nap, &nap.rc, err);
}

static int service_check(struct td_ctx *ctx, struct td_err *err)
{
    const struct tdh_call *call = tdh_service_call(ctx);
    struct tdh_co *co = tdh_co_self();

    if (co != NULL && tdh_co_is_cancelled(co))
        return td_fail(err, TD_E_CANCELLED, "the call was cancelled");
    if (call != NULL && call->deadline_ns != TDH_NEVER && tdh_clock_mono_ns() >= call->deadline_ns)
        return say_why(call, TDH_WAIT_TIMEOUT, err);
    if (co != NULL && tdh_co_is_crowded())
        tdh_co_yield();
    return 0;
}

static int64_t service_remaining(struct td_ctx *ctx)
{
    const struct tdh_call *call = tdh_service_call(ctx);
    uint64_t now_ns = tdh_clock_mono_ns();

    if (call == NULL || call->deadline_ns == TDH_NEVER)
        return INT64_MAX;
    return call->deadline_ns > now_ns ? (int64_t)((call->deadline_ns - now_ns) / 1000000) : 0;
}

static int service_blocking(struct td_ctx *ctx, td_blocking_fn *fn, void *arg, struct td_err *err)
{
    const struct tdh_call *call = tdh_service_call(ctx);

    return tdh_blocking_plugin(the_host->runtime, call != NULL ? call->deadline_ns : TDH_NEVER, fn,
                               arg, err);
}

/* --- emit --- */

int tdh_service_emit(struct tdh_call *call, const json_t *chunk, struct td_err *err)
{
    struct tdh_call *at = call;

    while (at != NULL && at->emit == NULL) {
        at->has_emitted = true;
        at = at->parent;
    }
    if (at == NULL)
        return 0;
    at->has_emitted = true;
    return at->emit(at->emit_arg, chunk, err);
}

struct emission {
    struct tdh_call *call;
    const json_t *chunk;
    struct td_err *err;
    int rc;
};

static void emit_up(void *arg)
{
    struct emission *emission = arg;

    emission->rc = tdh_service_emit(emission->call, emission->chunk, emission->err);
}

static int service_emit(struct td_ctx *ctx, const json_t *chunk, struct td_err *err)
{
    struct emission emission = { .call = tdh_service_call(ctx), .chunk = chunk, .err = err };

    return tdh_service_on_worker(ctx, emit_up, &emission, &emission.rc, err);
}

/* --- facts --- */

static int service_spend(struct td_ctx *ctx, const char *meter, double amount, struct td_err *err)
{
    struct tdh_call *call = tdh_service_call(ctx);

    return call != NULL
               ? tdh_call_spend(call, meter, amount, err)
               : td_fail(err, TD_E_UNSUPPORTED, "td_spend needs a call, and there is none here");
}

static const char *service_key(struct td_ctx *ctx)
{
    const struct tdh_call *call = tdh_service_call(ctx);

    return call != NULL ? call->key : NULL;
}

static const char *service_data_dir(struct td_ctx *ctx)
{
    (void)ctx;
    return the_host->data_dir;
}

/* --- the plugin's own records: space "plugin", key NAME/KEY --- */

struct record {
    enum { RECORD_GET, RECORD_PUT, RECORD_DELETE, RECORD_LIST } what;
    char key[TD_NAME_MAX + 1];
    const json_t *value;
    json_t *ret_value;
    uint64_t version, ret_version;
    uint32_t limit;
    struct td_err *err;
    int rc;
};

static void reach_record(void *arg)
{
    struct record *record = arg;
    struct tdh_store *store = the_host->store;

    switch (record->what) {
    case RECORD_GET:
        record->rc = tdh_store_get(store, "plugin", record->key, &record->ret_value,
                                   &record->ret_version, record->err);
        break;
    case RECORD_PUT:
        record->rc = tdh_store_put(store, "plugin", record->key, record->value, record->version,
                                   &record->ret_version, record->err);
        break;
    case RECORD_DELETE:
        record->rc = tdh_store_delete(store, "plugin", record->key, record->version, record->err);
        break;
    case RECORD_LIST:
        record->rc = tdh_store_list(store, "plugin", record->key, NULL, record->limit, 0,
                                    &record->ret_value, record->err);
        break;
    }
}

static int use_record(struct td_ctx *ctx, const char *key, struct record *record,
                      struct td_err *err)
{
    const struct tdh_manifest *manifest = tdh_ctx_of(ctx)->plugin->manifest;
    int length = snprintf(record->key, sizeof(record->key), "%s/%s", manifest->name, key);

    if (!tdh_permission_has(tdh_ctx_permissions(tdh_ctx_of(ctx)), "store", "kv")) {
        td_fail(err, TD_E_PERM, "plugin \"%s\" may not use the store", manifest->name);
        return td_hint(err, "add \"kv\" to \"permissions: {store: [...]}\" in its manifest");
    }
    if (the_host->store == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "there is no store here");
    if (length < 0 || (size_t)length >= sizeof(record->key))
        return td_fail(err, TD_E_INVAL,
                       "the key of a record must be at most %d bytes with the plugin's name",
                       TD_NAME_MAX);
    record->err = err;
    return tdh_service_on_worker(ctx, reach_record, record, &record->rc, err);
}

static int service_get(struct td_ctx *ctx, const char *key, json_t **ret_value,
                       uint64_t *ret_version, struct td_err *err)
{
    struct record record = { .what = RECORD_GET };

    if (use_record(ctx, key, &record, err) != 0)
        return -1;
    *ret_value = record.ret_value;
    if (ret_version != NULL)
        *ret_version = record.ret_version;
    return 0;
}

static int service_put(struct td_ctx *ctx, const char *key, const json_t *value, uint64_t version,
                       uint64_t *ret_version, struct td_err *err)
{
    struct record record = { .what = RECORD_PUT, .value = value, .version = version };

    if (use_record(ctx, key, &record, err) != 0)
        return -1;
    if (ret_version != NULL)
        *ret_version = record.ret_version;
    return 0;
}

static int service_delete(struct td_ctx *ctx, const char *key, uint64_t version, struct td_err *err)
{
    struct record record = { .what = RECORD_DELETE, .version = version };

    return use_record(ctx, key, &record, err);
}

static int service_scan(struct td_ctx *ctx, const char *prefix, uint32_t limit,
                        td_store_scan_fn *fn, void *arg, struct td_err *err)
{
    struct record record = { .what = RECORD_LIST, .limit = limit };
    size_t i, skip = strlen(tdh_ctx_of(ctx)->plugin->manifest->name) + 1;
    json_t *item;

    if (use_record(ctx, prefix, &record, err) != 0)
        return -1;
    json_array_foreach (record.ret_value, i, item)
        if (fn(arg, tdh_json_str(item, "key", "") + skip, json_object_get(item, "value"),
               (uint64_t)json_integer_value(json_object_get(item, "version"))) != 0)
            break;
    json_decref(record.ret_value);
    return 0;
}

void tdh_services_fill(struct tdh_host *host)
{
    struct td_services *services = &host->services;

    the_host = host;
    tdh_ctx_fill(services);
    services->call = service_call;
    services->use = service_use;
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
    tdh_services_programs(host);
    tdh_services_requests(host);
}
