/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire: a provider's plugin with its options, and what it is asked: requests out, replies in.
 *
 * What the plugin gives is looked at before it is used: a wire that fails without a word, or gives
 * something of another form, is told by its name.
 */
#include "model/wire.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_memory.h"
#include "base/said.h"

enum { HEADERS_MAX = 64 };

/* --- its life --- */

void tdh_wire_enter(const struct tdh_wire *wire, struct tdh_call *call, struct tdh_ctx *ctx)
{
    tdh_ctx_begin(ctx, wire->services, wire->plugin, wire->name, wire->state, wire->shared);
    ctx->call = call;
}

static int make_state(struct tdh_wire *wire, const json_t *options, struct td_err *err)
{
    size_t bytes = wire->plugin->descriptor.state_size;
    char where[128];

    wire->state = calloc(1, bytes > 0 ? bytes : 1);
    if (wire->state == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate provider \"%s\"", wire->name);
    snprintf(where, sizeof(where), "provider \"%s\"", wire->name);
    return tdh_plugin_bind(wire->plugin, options, where, wire->state, &wire->block, err);
}

static int begin(struct tdh_wire *wire, struct td_err *err)
{
    const struct td_plugin *descriptor = &wire->plugin->descriptor;
    struct tdh_ctx ctx;
    int rc = 0;

    tdh_wire_enter(wire, NULL, &ctx);
    tdh_unsaid(err);
    if (descriptor->prepare != NULL)
        rc =
            tdh_said(descriptor->prepare(&ctx.pub, &wire->shared, err), wire->name, "prepare", err);
    tdh_ctx_end(&ctx);
    wire->is_prepared = rc == 0;
    if (rc != 0 || descriptor->init == NULL)
        return rc;
    tdh_wire_enter(wire, NULL, &ctx);
    wire->is_begun = true;
    rc = tdh_said(descriptor->init(&ctx.pub, err), wire->name, "init", err);
    tdh_ctx_end(&ctx);
    return rc;
}

struct tdh_wire *tdh_wire_new(struct tdh_plugin *plugin, const struct td_services *services,
                              const char *name, const json_t *options, struct td_err *err)
{
    struct tdh_wire *wire = calloc(1, sizeof(*wire));

    if (wire == NULL || (wire->name = strdup(name)) == NULL) {
        free(wire);
        td_fail(err, TD_E_NOMEM, "could not allocate provider \"%s\"", name);
        return NULL;
    }
    wire->plugin = tdh_plugin_hold(plugin);
    wire->services = services;
    wire->wire = plugin->descriptor.provider->wire;
    wire->native = plugin->descriptor.provider->native;
    if (make_state(wire, options, err) == 0) {
        if (begin(wire, err) == 0)
            return wire;
        td_context(err, "provider \"%s\"", name);
    }
    tdh_wire_free(wire);
    return NULL;
}

void tdh_wire_free(struct tdh_wire *wire)
{
    const struct td_plugin *descriptor;

    if (wire == NULL)
        return;
    descriptor = &wire->plugin->descriptor;
    if (wire->is_begun && descriptor->drop != NULL) {
        struct tdh_ctx ctx;

        tdh_wire_enter(wire, NULL, &ctx);
        descriptor->drop(&ctx.pub);
        tdh_ctx_end(&ctx);
    }
    if (wire->is_prepared && descriptor->release != NULL)
        descriptor->release(wire->shared);
    free(wire->state);
    free(wire->block);
    free(wire->name);
    tdh_plugin_release(wire->plugin);
    free(wire);
}

bool tdh_wire_is_native(const struct tdh_wire *wire)
{
    return wire->native != NULL;
}

bool tdh_wire_has_embeddings(const struct tdh_wire *wire)
{
    return wire->native != NULL ? wire->native->embed != NULL : wire->wire->embed != NULL;
}

enum td_framing tdh_wire_framing(const struct tdh_wire *wire)
{
    return wire->wire->framing;
}

/* What a function of the plugin came to; a tree that is not whole is a failure. */
static int told(const struct tdh_wire *wire, int rc, const char *what, struct td_err *err)
{
    if (tdh_json_memory_failed())
        return td_fail(err, TD_E_NOMEM, "could not allocate a message");
    return tdh_said(rc, wire->name, what, err);
}

/* --- requests --- */

void tdh_outgoing_end(struct tdh_outgoing *sending)
{
    for (char **header = sending->headers; header != NULL && *header != NULL; header++)
        free(*header);
    free(sending->headers);
    free(sending->path);
    json_decref(sending->body);
    json_decref(sending->dropped);
    memset(sending, 0, sizeof(*sending));
}

/* No line of a request may hold another. */
static bool is_line(const char *text)
{
    return text[strcspn(text, "\r\n")] == '\0';
}

static int copy_headers(const struct td_wire_request *request, struct tdh_outgoing *sending,
                        struct td_err *err)
{
    size_t count = 0;

    if (request->headers == NULL)
        return 0;
    while (request->headers[count] != NULL && count < HEADERS_MAX)
        count++;
    sending->headers = calloc(count + 1, sizeof(char *));
    for (size_t i = 0; sending->headers != NULL && i < count; i++) {
        if (!is_line(request->headers[i]))
            return td_fail(err, TD_E_INVAL, "a header of the request is more than one line");
        sending->headers[i] = strdup(request->headers[i]);
        if (sending->headers[i] == NULL)
            return td_fail(err, TD_E_NOMEM, "could not allocate a request");
    }
    return sending->headers != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a request");
}

/* Takes body and dropped. */
static int take_request(struct td_wire_request *request, struct tdh_outgoing *sending,
                        struct td_err *err)
{
    const char *fault;

    sending->body = request->body;
    sending->dropped = request->dropped;
    if (request->path == NULL || request->path[0] != '/' || !is_line(request->path))
        return td_fail(err, TD_E_INTERNAL, "gave a request without a path");
    fault = request->body != NULL ? tdh_json_fault(request->body) : NULL;
    if (fault != NULL)
        return td_fail(err, TD_E_INVAL, "the body of the request cannot be sent: it %s", fault);
    sending->method = request->method != NULL ? request->method : "POST";
    sending->path = strdup(request->path);
    if (sending->path == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a request");
    return copy_headers(request, sending, err);
}

typedef int make_fn(const struct tdh_wire *wire, struct td_ctx *ctx, const json_t *request,
                    bool is_stream, struct td_wire_request *ret, struct td_err *err);

static int make_chat(const struct tdh_wire *wire, struct td_ctx *ctx, const json_t *request,
                     bool is_stream, struct td_wire_request *ret, struct td_err *err)
{
    return wire->wire->chat(ctx, request, is_stream, ret, err);
}

static int make_embed(const struct tdh_wire *wire, struct td_ctx *ctx, const json_t *request,
                      bool is_stream, struct td_wire_request *ret, struct td_err *err)
{
    (void)is_stream;
    return wire->wire->embed(ctx, request, ret, err);
}

static int make_sending(const struct tdh_wire *wire, make_fn *make, const char *what,
                        const json_t *request, bool is_stream, struct tdh_outgoing *ret_sending,
                        struct td_err *err)
{
    struct td_wire_request made = { TD_SIZE(struct td_wire_request) };
    struct tdh_outgoing sending = { 0 };
    struct tdh_ctx ctx;
    int rc;

    tdh_wire_enter(wire, NULL, &ctx);
    tdh_unsaid(err);
    tdh_json_memory_begin();
    rc = told(wire, make(wire, &ctx.pub, request, is_stream, &made, err), what, err);
    if (rc == 0)
        rc = take_request(&made, &sending, err);
    else {
        json_decref(made.body);
        json_decref(made.dropped);
    }
    tdh_ctx_end(&ctx);
    if (rc == 0) {
        *ret_sending = sending;
        return 0;
    }
    tdh_outgoing_end(&sending);
    return td_context(err, "provider \"%s\"", wire->name);
}

int tdh_wire_chat(const struct tdh_wire *wire, const json_t *request, bool is_stream,
                  struct tdh_outgoing *ret_sending, struct td_err *err)
{
    return make_sending(wire, make_chat, "chat", request, is_stream, ret_sending, err);
}

int tdh_wire_embed(const struct tdh_wire *wire, const json_t *request,
                   struct tdh_outgoing *ret_sending, struct td_err *err)
{
    if (wire->wire->embed == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "provider \"%s\" has no embeddings", wire->name);
    return make_sending(wire, make_embed, "embed", request, false, ret_sending, err);
}

/* --- replies --- */

/* Is it a reply in the host's form? The wire may be anybody's. */
static int check_reply(const json_t *reply, bool is_embed, struct td_err *err)
{
    const char *list = is_embed ? "vectors" : "parts", *fault = tdh_json_fault(reply);

    if (fault != NULL)
        return td_fail(err, TD_E_INTERNAL, "gave a reply that %s", fault);
    if (json_is_array(json_object_get(reply, list)) &&
        (is_embed || json_is_string(json_object_get(reply, "finish"))))
        return 0;
    return td_fail(err, TD_E_INTERNAL, "gave a reply without %s",
                   is_embed ? list : "parts or finish");
}

int tdh_wire_reply(const struct tdh_wire *wire, bool is_embed, const char *body, size_t length,
                   json_t **ret_reply, struct td_err *err)
{
    json_t *parsed = tdh_json_parse(body, length, "reply", err), *reply = NULL;
    struct tdh_ctx ctx;
    int rc;

    if (parsed == NULL) {
        if (err->code != TD_E_NOMEM)
            tdh_fault_mark(err, TD_FAULT_BROKEN);
        return td_context(err, "provider \"%s\"", wire->name);
    }
    tdh_wire_enter(wire, NULL, &ctx);
    tdh_unsaid(err);
    tdh_json_memory_begin();
    rc = told(wire,
              (is_embed ? wire->wire->vectors : wire->wire->reply)(&ctx.pub, parsed, &reply, err),
              "reply", err);
    tdh_ctx_end(&ctx);
    json_decref(parsed);
    if (rc != 0 && err->code == TD_E_EXTERNAL)
        tdh_fault_mark(err, TD_FAULT_BROKEN);
    if (rc == 0)
        rc = check_reply(reply, is_embed, err);
    if (rc == 0) {
        *ret_reply = reply;
        return 0;
    }
    json_decref(reply);
    return td_context(err, "provider \"%s\"", wire->name);
}

void tdh_wire_failure(const struct tdh_wire *wire, unsigned status, const json_t *headers,
                      const char *body, size_t length, struct td_err *err)
{
    size_t shown = length < TDH_MODEL_FAILURE_TEXT ? length : TDH_MODEL_FAILURE_TEXT;
    char *text = strndup(body != NULL ? body : "", shown);
    struct td_err ignored;
    json_t *parsed = length > 0 ? tdh_json_parse(body, length, "reply", &ignored) : NULL;
    uint32_t retry_after_ms = err->retry_after_ms;
    enum td_fault fault;

    tdh_fault_of_status(status, parsed, text != NULL ? text : "", wire->name, &fault, err);
    err->retry_after_ms = retry_after_ms;
    if (wire->wire->failure != NULL) {
        struct td_wire_failure failure = { .size = sizeof(failure),
                                           .status = status,
                                           .headers = headers,
                                           .body = parsed,
                                           .text = text != NULL ? text : "" };
        enum td_fault before = fault;
        struct tdh_ctx ctx;

        tdh_wire_enter(wire, NULL, &ctx);
        wire->wire->failure(&ctx.pub, &failure, &fault, err);
        tdh_ctx_end(&ctx);
        if (fault != before && fault > TD_FAULT_NONE && fault < TD_FAULT_MAX_)
            tdh_fault_mark(err, fault);
    }
    json_decref(parsed);
    free(text);
}

/* --- those that are at no server --- */

int tdh_wire_run(const struct tdh_wire *wire, struct tdh_call *call, const json_t *request,
                 const struct td_sink *sink, json_t **ret_reply, struct td_err *err)
{
    struct tdh_ctx ctx;
    int rc;

    tdh_wire_enter(wire, call, &ctx);
    tdh_unsaid(err);
    *ret_reply = NULL;
    rc = tdh_said(wire->native->chat(&ctx.pub, request, sink, ret_reply, err), wire->name, "chat",
                  err);
    tdh_ctx_end(&ctx);
    if (rc == 0 && sink == NULL)
        rc = check_reply(*ret_reply, false, err);
    return rc == 0 ? 0 : td_context(err, "provider \"%s\"", wire->name);
}

int tdh_wire_run_embed(const struct tdh_wire *wire, struct tdh_call *call, const json_t *request,
                       json_t **ret_reply, struct td_err *err)
{
    struct tdh_ctx ctx;
    int rc;

    if (wire->native->embed == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "provider \"%s\" has no embeddings", wire->name);
    tdh_wire_enter(wire, call, &ctx);
    tdh_unsaid(err);
    rc = tdh_said(wire->native->embed(&ctx.pub, request, ret_reply, err), wire->name, "embed", err);
    tdh_ctx_end(&ctx);
    if (rc == 0)
        rc = check_reply(*ret_reply, true, err);
    return rc == 0 ? 0 : td_context(err, "provider \"%s\"", wire->name);
}
