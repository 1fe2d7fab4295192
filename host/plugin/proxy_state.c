/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proxy_state: what an isolated plugin's instance has its host keep: save, load and migrate as
 * requests to its process. What comes back is not believed to be JSON, nor to be of any length.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "plugin/proxy.h"

enum { STATE_MS = 30000 }; /* longest time for one of them: none waits for anything */

struct request {
    struct tdh_proxied call; /* first: it is what is run */
    struct tdh_frame_head head;
    const char *what;
    json_t *answer;   /* new */
    bool is_optional; /* of an instance that is not there it is not asked */
};

static int take_answer(struct request *request, const struct tdh_frame *done)
{
    if (done->head.length > TD_STATE_BYTES_MAX + 4096)
        return td_fail(request->call.err, TD_E_LIMIT, "%s gave a state of %u bytes, the most is %u",
                       request->what, done->head.length, TD_STATE_BYTES_MAX);
    request->answer = tdh_frame_json(done, 0, request->call.err);
    if (request->answer != NULL)
        return 0;
    return td_context(request->call.err, "plugin \"%s\": its process sent a state that is no JSON",
                      request->call.ctx->plugin->manifest->name);
}

static void send_request(void *arg)
{
    struct request *request = arg;
    struct tdh_proxied *call = &request->call;
    const struct tdh_proxy_state *state = call->ctx->pub.self;
    struct tdh_buf payload = { 0 };
    struct tdh_frame *done;

    call->rc = 0;
    if (request->is_optional &&
        (state->generation == 0 || state->generation != call->runner->generation))
        return;
    if (call->input != NULL)
        tdh_buf_json(&payload, call->input, 0);
    request->head.subject = state != NULL ? state->id : 0;
    call->rc = tdh_proxied_send(call, &request->head, &payload, request->what, &done);
    tdh_buf_free(&payload);
    if (call->rc != 0)
        return;
    if (request->head.kind != TDH_FRAME_LOAD)
        call->rc = take_answer(request, done);
    free(done);
}

static void begin(struct request *request, struct tdh_ctx *ctx, struct td_err *err)
{
    request->call = (struct tdh_proxied){
        .runner = ctx->plugin->runner,
        .ctx = ctx,
        .input = request->call.input,
        .err = err,
        .until_ns = tdh_clock_mono_ns() + STATE_MS * UINT64_C(1000000),
    };
}

int tdh_proxy_save(struct tdh_ctx *ctx, json_t **ret_saved, struct td_err *err)
{
    struct request request = { .head = { .kind = TDH_FRAME_SAVE },
                               .what = "save",
                               .is_optional = true };

    begin(&request, ctx, err);
    if (tdh_proxied_run(&request.call, send_request) != 0)
        return -1;
    *ret_saved = request.answer;
    return 0;
}

int tdh_proxy_load(struct tdh_ctx *ctx, const json_t *saved, struct td_err *err)
{
    struct request request = { .call = { .input = saved },
                               .head = { .kind = TDH_FRAME_LOAD },
                               .what = "load" };

    begin(&request, ctx, err);
    return tdh_proxied_run(&request.call, send_request);
}

static void migrate_at_home(void *arg)
{
    struct request *request = arg;

    request->call.rc =
        tdh_runner_up(request->call.runner, request->call.until_ns, request->call.err);
    if (request->call.rc == 0)
        send_request(arg);
}

int tdh_proxy_migrate(struct tdh_ctx *ctx, uint32_t from, uint32_t to, const json_t *saved,
                      json_t **ret_saved, json_t **ret_path, struct td_err *err)
{
    struct request request = { .call = { .input = saved },
                               .head = { .kind = TDH_FRAME_MIGRATE, .number = from, .place = to },
                               .what = "a migration" };
    json_t *path, *state;

    begin(&request, ctx, err);
    if (tdh_proxied_run(&request.call, migrate_at_home) != 0)
        return -1;
    path = json_object_get(request.answer, "path");
    state = json_object_get(request.answer, "state");
    if (path == NULL || state == NULL) {
        json_decref(request.answer);
        return td_fail(err, TD_E_EXEC, "plugin \"%s\": its process migrated, and gave no state",
                       ctx->plugin->manifest->name);
    }
    *ret_path = json_incref(path);
    *ret_saved = json_incref(state);
    json_decref(request.answer);
    return 0;
}

static void wake_at_home(void *arg)
{
    struct tdh_proxied *call = arg;

    call->rc = tdh_proxied_ready(call);
}

int tdh_proxy_wake(struct tdh_ctx *ctx, struct td_err *err)
{
    struct request request = { .what = "init" };

    begin(&request, ctx, err);
    return tdh_proxied_run(&request.call, wake_at_home);
}
