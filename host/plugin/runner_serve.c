/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner_serve: what a plugin's process asks its host for, within a request.
 *
 * Each service is the one that a plugin inline gets, called in the context of the request: so
 * permissions, limits and deadlines are kept in one place, and nothing that the process says of
 * itself counts.
 */
#include <stdlib.h>
#include <string.h>

#include "plugin/runner.h"

/* One service under way. */
struct service {
    const struct tdh_frame *ask;
    struct td_ctx *ctx;
    const struct td_services *services;
    const char *first, *second; /* texts of the payload */
    json_t *value;              /* of the payload; NULL: none */
    struct tdh_buf answer;
    uint64_t number; /* of the answer */
};

/* --- one function per service; the answer is filled after the wait --- */

static struct td_call_options options_of(const struct service *service)
{
    const struct tdh_frame_head *head = &service->ask->head;

    return (struct td_call_options){ TD_SIZE(struct td_call_options),
                                     .timeout_ms = (uint32_t)head->number,
                                     .max_attempts = (uint32_t)head->subject };
}

static int serve_call(struct service *service, struct td_err *err)
{
    const struct td_call_options options = options_of(service);
    json_t *output = NULL;

    if (service->services->call(service->ctx, service->first, service->second, service->value,
                                &options, &output, err) != 0)
        return -1;
    tdh_buf_json(&service->answer, output, 0);
    json_decref(output);
    return 0;
}

static int serve_has_use(struct service *service, struct td_err *err)
{
    int has = service->services->has_use(service->ctx, service->first, err);

    service->number = has == 1;
    return has < 0 ? -1 : 0;
}

static int serve_use(struct service *service, struct td_err *err)
{
    const struct td_call_options options = options_of(service);
    json_t *output = NULL;

    if (service->services->use(service->ctx, service->first, service->value, &options, &output,
                               err) != 0)
        return -1;
    tdh_buf_json(&service->answer, output, 0);
    json_decref(output);
    return 0;
}

static int serve_emit(struct service *service, struct td_err *err)
{
    return service->services->emit(service->ctx, service->value, err);
}

static int serve_get(struct service *service, struct td_err *err)
{
    json_t *value = NULL;

    if (service->services->store_get(service->ctx, service->first, &value, &service->number, err) !=
        0)
        return -1;
    tdh_buf_json(&service->answer, value, 0);
    json_decref(value);
    return 0;
}

static int serve_put(struct service *service, struct td_err *err)
{
    return service->services->store_put(service->ctx, service->first, service->value,
                                        service->ask->head.number, &service->number, err);
}

static int serve_delete(struct service *service, struct td_err *err)
{
    return service->services->store_delete(service->ctx, service->first, service->ask->head.number,
                                           err);
}

static int add_record(void *arg, const char *key, const json_t *value, uint64_t version)
{
    struct tdh_buf *answer = arg;

    tdh_buf_char(answer, answer->length > 0 ? ',' : '[');
    tdh_buf_char(answer, '[');
    tdh_buf_json_string(answer, key, strlen(key));
    tdh_buf_char(answer, ',');
    tdh_buf_json(answer, value, 0);
    tdh_buf_printf(answer, ",%lld]", (long long)version);
    return answer->failed || answer->length > TDH_FRAME_MAX;
}

static int serve_scan(struct service *service, struct td_err *err)
{
    if (service->services->store_scan(service->ctx, service->first,
                                      (uint32_t)service->ask->head.number, add_record,
                                      &service->answer, err) != 0)
        return -1;
    tdh_buf_text(&service->answer, service->answer.length > 0 ? "]" : "[]");
    return 0;
}

static int serve_spend(struct service *service, struct td_err *err)
{
    double amount;

    memcpy(&amount, &service->ask->head.number, sizeof(amount));
    return service->services->spend(service->ctx, service->first, amount, err);
}

/* By enum tdh_service. */
static const struct {
    unsigned texts;
    bool has_value;
    int (*serve)(struct service *service, struct td_err *err);
} services[] = {
    [TDH_SERVICE_CALL] = { 2, true, serve_call },
    [TDH_SERVICE_EMIT] = { 0, true, serve_emit },
    [TDH_SERVICE_GET] = { 1, false, serve_get },
    [TDH_SERVICE_PUT] = { 1, true, serve_put },
    [TDH_SERVICE_DELETE] = { 1, false, serve_delete },
    [TDH_SERVICE_SCAN] = { 1, false, serve_scan },
    [TDH_SERVICE_SPEND] = { 1, false, serve_spend },
    [TDH_SERVICE_HAS_USE] = { 1, false, serve_has_use },
    [TDH_SERVICE_USE] = { 1, true, serve_use },
};

/* False: the message makes no sense. */
static bool read_ask(struct service *service)
{
    uint32_t place = service->ask->head.place;
    size_t at = 0;
    struct td_err ignored;

    if (place == 0 || place >= sizeof(services) / sizeof(services[0]))
        return false;
    if (services[place].texts > 0)
        service->first = tdh_frame_text(service->ask, &at);
    if (services[place].texts > 1 && service->first != NULL)
        service->second = tdh_frame_text(service->ask, &at);
    if ((services[place].texts > 0 && service->first == NULL) ||
        (services[place].texts > 1 && service->second == NULL))
        return false;
    if (services[place].has_value)
        service->value = tdh_frame_json(service->ask, at, &ignored);
    return !services[place].has_value || service->value != NULL;
}

static void send_answer(const struct tdh_request *request, struct service *service, int rc,
                        struct td_err *why)
{
    struct tdh_frame_head head = { .kind = TDH_FRAME_ANSWER,
                                   .call = request->id,
                                   .number = service->number };
    struct td_err err;

    if (rc == 0 && service->answer.failed)
        rc = td_fail(why, TD_E_NOMEM, "could not allocate the answer of a service");
    else if (rc == 0 && service->answer.length > TDH_FRAME_MAX)
        rc = td_fail(why, TD_E_LIMIT, "the answer of a service is longer than %d bytes",
                     TDH_FRAME_MAX);
    if (rc != 0) {
        tdh_buf_clear(&service->answer);
        tdh_frame_put_err(&service->answer, why);
    }
    head.rc = rc;
    if (tdh_link_send(&request->runner->link, &head, service->answer.data, service->answer.length,
                      &err) != 0)
        tdh_runner_kill(request->runner, "it could not be answered: %s", err.text);
    request->runner->lookout.is_hopeful = true;
}

void tdh_runner_serve(const struct tdh_request *request, const struct tdh_frame *ask,
                      struct tdh_ctx *ctx)
{
    struct service service = { .ask = ask, .ctx = &ctx->pub, .services = ctx->pub.services };
    struct td_err why = { 0 };
    int rc;

    if (!read_ask(&service)) {
        tdh_runner_kill(request->runner, "it asked for something that makes no sense");
        return;
    }
    rc = services[ask->head.place].serve(&service, &why);
    if (!request->is_gone)
        send_answer(request, &service, rc, &why);
    json_decref(service.value);
    tdh_buf_free(&service.answer);
}
