/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proxy: an isolated plugin as the host sees it. Its descriptor has the functions of any other, and
 * they send requests to the process.
 *
 * Nothing is sent before the first call: what a process holds is gone when it ends, so each call
 * sees to it that the template and the instance are there, made anew when the process is another
 * one than the last time. Its state then is as init makes it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/said.h"
#include "plugin/proxy.h"

/* An action, and its place among the manifest's capabilities. */
struct proxy_action {
    struct td_action action;
    size_t place;
};

struct tdh_proxy {
    struct proxy_action *actions;
};

/* --- options --- */

int tdh_proxy_bind(const json_t *options, void *state, void **ret_block, struct td_err *err)
{
    char *text = options != NULL ? tdh_json_text(options, 0) : strdup("{}");

    if (text == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the texts of options");
    ((struct tdh_proxy_state *)state)->options = text;
    *ret_block = text;
    return 0;
}

/* --- templates and instances --- */

static uint64_t next_subject(struct tdh_runner *runner)
{
    return __atomic_add_fetch(&runner->next_subject, 1, __ATOMIC_RELAXED);
}

static void free_template(struct tdh_proxy_template *template)
{
    if (template == NULL)
        return;
    free(template->name);
    free(template->options);
    free(template);
}

static int proxy_prepare(struct td_ctx *pub, void **ret_shared, struct td_err *err)
{
    const struct tdh_proxy_state *state = td_self(pub);
    struct tdh_proxy_template *template = calloc(1, sizeof(*template));

    if (template != NULL) {
        template->runner = tdh_ctx_of(pub)->plugin->runner;
        template->id = next_subject(template->runner);
        template->name = strdup(td_instance(pub));
        template->options = strdup(state->options);
    }
    if (template == NULL || template->name == NULL || template->options == NULL) {
        free_template(template);
        return td_fail(err, TD_E_NOMEM, "could not allocate what is shared");
    }
    *ret_shared = template;
    return 0;
}

/* Of something the process holds. In the home worker, or when there is none any more. */
static void forget(struct tdh_runner *runner, enum tdh_frame_kind kind, uint64_t id,
                   uint64_t generation)
{
    const struct tdh_frame_head head = { .kind = kind, .subject = id };
    struct td_err err;

    if (generation != 0 && generation == runner->generation &&
        tdh_link_send(&runner->link, &head, NULL, 0, &err) != 0)
        tdh_runner_kill(runner, "it could not be told to drop an instance: %s", err.text);
}

static void proxy_release(void *shared)
{
    struct tdh_proxy_template *template = shared;

    forget(template->runner, TDH_FRAME_RELEASE, template->id, template->generation);
    free_template(template);
}

static int proxy_init(struct td_ctx *pub, struct td_err *err)
{
    struct tdh_proxy_state *state = td_self(pub);

    (void)err;
    state->id = next_subject(tdh_ctx_of(pub)->plugin->runner);
    return 0;
}

static void proxy_drop(struct td_ctx *pub)
{
    const struct tdh_proxy_state *state = td_self(pub);

    forget(tdh_ctx_of(pub)->plugin->runner, TDH_FRAME_DROP, state->id, state->generation);
}

/* --- a call --- */

int tdh_proxied_send(const struct tdh_proxied *call, const struct tdh_frame_head *head,
                     const struct tdh_buf *payload, const char *what, struct tdh_frame **ret_done)
{
    struct tdh_ctx ctx;
    bool is_gone;
    int rc;

    tdh_ctx_begin(&ctx, call->ctx->pub.services, call->ctx->plugin, call->ctx->instance, NULL,
                  NULL);
    tdh_unsaid(call->err);
    rc = tdh_runner_request(call->runner, head, payload, &ctx, call->until_ns, what, &is_gone,
                            ret_done, call->err);
    tdh_ctx_end(&ctx);
    return rc;
}

static int make(const struct tdh_proxied *call, const struct tdh_frame_head *head,
                const struct tdh_buf *payload, const char *what)
{
    struct tdh_frame *done;

    if (tdh_proxied_send(call, head, payload, what, &done) != 0)
        return -1;
    free(done);
    return 0;
}

static int make_template(const struct tdh_proxied *call, struct tdh_proxy_template *template)
{
    const struct tdh_frame_head head = { .kind = TDH_FRAME_PREPARE, .subject = template->id };
    uint64_t generation = call->runner->generation;
    struct tdh_buf payload = { 0 };
    int rc;

    tdh_buf_add(&payload, template->name, strlen(template->name) + 1);
    tdh_buf_text(&payload, template->options);
    rc = make(call, &head, &payload, "prepare");
    tdh_buf_free(&payload);
    if (rc == 0)
        template->generation = generation;
    return rc;
}

static int make_instance(const struct tdh_proxied *call, struct tdh_proxy_state *state,
                         uint64_t template)
{
    const struct tdh_frame_head head = { .kind = TDH_FRAME_INIT,
                                         .subject = state->id,
                                         .number = template };
    const struct tdh_buf nothing = { 0 };
    uint64_t generation = call->runner->generation;
    int rc = make(call, &head, &nothing, "init");

    if (rc == 0 && call->ctx->fresh != NULL) {
        rc = call->ctx->fresh(call->ctx, call->err);
        if (rc != 0) { /* it is not what it was: the next one is made with a number of its own */
            forget(call->runner, TDH_FRAME_DROP, state->id, generation);
            state->id = next_subject(call->runner);
        }
    }
    if (rc == 0)
        state->generation = generation;
    return rc;
}

static int ready_template(const struct tdh_proxied *call, struct tdh_proxy_template *template)
{
    int rc = 0;

    if (template->generation == call->runner->generation)
        return 0;
    if (tdh_turn_take(&template->turn, call->until_ns, call->err) != 0)
        return -1;
    if (template->generation != call->runner->generation)
        rc = make_template(call, template);
    tdh_turn_give(&template->turn);
    return rc;
}

static int ready_instance(const struct tdh_proxied *call, struct tdh_proxy_state *state,
                          uint64_t template)
{
    int rc = 0;

    if (state->generation == call->runner->generation)
        return 0;
    if (tdh_turn_take(&state->turn, call->until_ns, call->err) != 0)
        return -1;
    if (state->generation != call->runner->generation)
        rc = make_instance(call, state, template);
    tdh_turn_give(&state->turn);
    return rc;
}

int tdh_proxied_ready(const struct tdh_proxied *call)
{
    struct tdh_proxy_template *template =
        (struct tdh_proxy_template *)(uintptr_t)call->ctx->pub.shared;

    if (tdh_runner_up(call->runner, call->until_ns, call->err) != 0)
        return -1;
    if (ready_template(call, template) == 0 &&
        ready_instance(call, call->ctx->pub.self, template->id) == 0)
        return 0;
    return -1;
}

static int take_output(const struct tdh_proxied *call, struct tdh_frame *done)
{
    json_t *output = NULL;

    if (call->answer != NULL)
        *call->answer =
            done->head.number <= TD_UNKNOWN ? (enum td_reconciled)done->head.number : TD_UNKNOWN;
    if (call->answer == NULL || *call->answer == TD_DONE) {
        output = tdh_frame_json(done, 0, call->err);
        if (output == NULL)
            return td_context(call->err,
                              "plugin \"%s\": its process sent an output that is no JSON",
                              call->ctx->plugin->manifest->name);
        *call->ret_output = output;
    }
    return 0;
}

/* When the process ended in the middle, an external effect may have happened, or not. */
static void judge(const struct tdh_proxied *call, size_t place)
{
    const struct tdh_capability *capability = &call->ctx->plugin->manifest->capabilities[place];

    if (capability->effects != TDH_EFFECTS_EXTERNAL || call->answer != NULL)
        return;
    call->err->code = TD_E_DOUBT;
    call->err->is_retryable = false;
    td_hint(call->err, "look whether action \"%s\" was done before it is tried again",
            capability->name);
}

static int send_call(const struct tdh_proxied *call, struct tdh_buf *payload)
{
    const struct proxy_action *action = (const struct proxy_action *)call->ctx->action;
    const struct tdh_proxy_state *state = call->ctx->pub.self;
    const struct tdh_frame_head head = { .kind = call->answer != NULL ? TDH_FRAME_RECONCILE
                                                                      : TDH_FRAME_CALL,
                                         .subject = state->id,
                                         .number = call->until_ns,
                                         .place = (uint32_t)action->place };
    char what[96];
    struct tdh_frame *done;
    bool is_gone;
    int rc;

    snprintf(what, sizeof(what), "action \"%.64s\"", action->action.name);
    tdh_unsaid(call->err);
    if (tdh_runner_request(call->runner, &head, payload, call->ctx, call->until_ns, what, &is_gone,
                           &done, call->err) != 0) {
        if (is_gone)
            judge(call, action->place);
        return -1;
    }
    rc = take_output(call, done);
    free(done);
    return rc;
}

/* Has the key in front of the input; none is as an empty one. */
static void put_input(const struct tdh_proxied *call, struct tdh_buf *payload)
{
    const char *key = td_key(&call->ctx->pub);

    tdh_buf_text(payload, key != NULL ? key : "");
    tdh_buf_char(payload, '\0');
    tdh_buf_json(payload, call->input, 0);
}

static void run_at_home(void *arg)
{
    struct tdh_proxied *call = arg;
    struct tdh_buf payload = { 0 };

    call->rc = tdh_proxied_ready(call);
    if (call->rc == 0) {
        put_input(call, &payload);
        call->rc = send_call(call, &payload);
        tdh_buf_free(&payload);
    }
}

static uint64_t deadline_of(struct td_ctx *ctx)
{
    int64_t left_ms = td_remaining_ms(ctx);

    return left_ms == INT64_MAX ? TDH_NEVER
                                : tdh_clock_mono_ns() + (uint64_t)left_ms * UINT64_C(1000000);
}

int tdh_proxied_run(struct tdh_proxied *call, tdh_co_fn *fn)
{
    struct tdh_worker *home = call->runner->home;

    if (home == NULL || home == tdh_worker_self())
        fn(call);
    else if (tdh_hop(home, fn, call, call->err) != 0)
        return -1;
    return call->rc;
}

static int run(struct tdh_proxied *call)
{
    call->until_ns = deadline_of(&call->ctx->pub);
    return tdh_proxied_run(call, run_at_home);
}

static int proxy_run(struct td_ctx *pub, const json_t *input, json_t **ret_output,
                     struct td_err *err)
{
    struct tdh_ctx *ctx = tdh_ctx_of(pub);
    struct tdh_proxied call = { .runner = ctx->plugin->runner,
                                .ctx = ctx,
                                .input = input,
                                .ret_output = ret_output,
                                .err = err };

    return run(&call);
}

static int proxy_reconcile(struct td_ctx *pub, const json_t *input, enum td_reconciled *ret_answer,
                           json_t **ret_output, struct td_err *err)
{
    struct tdh_ctx *ctx = tdh_ctx_of(pub);
    struct tdh_proxied call = { .runner = ctx->plugin->runner,
                                .ctx = ctx,
                                .input = input,
                                .answer = ret_answer,
                                .ret_output = ret_output,
                                .err = err };

    return run(&call);
}

/* --- the descriptor --- */

static void fill_descriptor(struct tdh_plugin *plugin)
{
    plugin->descriptor = (struct td_plugin){
        TD_SIZE(struct td_plugin),
        .kind = plugin->manifest->kind,
        .name = plugin->manifest->name,
        .version = plugin->manifest->version_text,
        .state_size = sizeof(struct tdh_proxy_state),
        .prepare = proxy_prepare,
        .release = proxy_release,
        .init = proxy_init,
        .drop = proxy_drop,
    };
}

int tdh_proxy_fill(struct tdh_plugin *plugin, struct td_err *err)
{
    size_t count = plugin->manifest->capability_count;

    plugin->proxy = calloc(1, sizeof(*plugin->proxy));
    plugin->actions = calloc(count + 1, sizeof(*plugin->actions));
    if (plugin->proxy != NULL)
        plugin->proxy->actions = calloc(count + 1, sizeof(*plugin->proxy->actions));
    if (plugin->proxy == NULL || plugin->actions == NULL || plugin->proxy->actions == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the actions");
    fill_descriptor(plugin);
    for (size_t i = 0; i < count; i++) {
        plugin->proxy->actions[i] = (struct proxy_action){
            .action = { TD_SIZE(struct td_action), .name = plugin->manifest->capabilities[i].name,
                        .run = proxy_run, .reconcile = proxy_reconcile },
            .place = i,
        };
        plugin->actions[i] = &plugin->proxy->actions[i].action;
    }
    return 0;
}

void tdh_proxy_free(struct tdh_plugin *plugin)
{
    if (plugin->proxy == NULL)
        return;
    free(plugin->proxy->actions);
    free(plugin->proxy);
}
