/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dispatch: one attempt at a model: the request in its wire's words, out and back, and what it
 * costs.
 *
 * When somebody takes chunks, the reply is asked for as a stream, whose deltas are passed on as
 * they come; it is gathered all the same, so that the output is the same with and without.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "model/served.h"

struct attempt {
    struct tdh_call *call;
    const struct tdh_model_target *own;
    const struct tdh_served *served; /* by whom: it may be another meanwhile */
    struct tdh_outgoing sending;
    struct td_sink sink;       /* to who takes chunks */
    struct tdh_gather *gather; /* of a stream; NULL: it is none */
    struct tdh_stream *stream;
    struct tdh_buf body; /* of what is no stream */
    json_t *reply;
};

/* --- what comes back --- */

static int take_delta(const struct td_sink *sink, const struct td_delta *delta, struct td_err *err)
{
    struct attempt *attempt =
        (struct attempt *)((char *)(uintptr_t)sink - offsetof(struct attempt, sink));
    struct tdh_call *call = attempt->call;
    json_t *chunk = tdh_delta_json(delta);
    int rc;

    if (chunk == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a piece of the reply");
    call->has_emitted = call->has_emitted || tdh_gather_has_content(attempt->gather);
    rc = call->emit(call->emit_arg, chunk, err);
    json_decref(chunk);
    return rc;
}

static int take_body(void *arg, const struct tdh_answer *answer, const char *bytes, size_t length,
                     struct td_err *err)
{
    struct attempt *attempt = arg;

    if (attempt->stream != NULL && answer->status < 300)
        return tdh_stream_feed(attempt->stream, bytes, length, err);
    if (length > TDH_MODEL_REPLY_MAX - attempt->body.length)
        return td_fail(err, TD_E_LIMIT, "the reply is longer than %d bytes", TDH_MODEL_REPLY_MAX);
    tdh_buf_add(&attempt->body, bytes, length);
    return attempt->body.failed ? td_fail(err, TD_E_NOMEM, "could not allocate a reply") : 0;
}

static int finish(struct attempt *attempt, const struct tdh_answer *answer, struct td_err *err)
{
    const struct tdh_wire *wire = attempt->served->wire;
    const char *text = attempt->body.data != NULL ? attempt->body.data : "";

    if (answer->status >= 300) {
        tdh_wire_failure(wire, answer->status, answer->headers, text, attempt->body.length, err);
        return -1;
    }
    if (attempt->stream == NULL)
        return tdh_wire_reply(wire, attempt->own->is_embed, text, attempt->body.length,
                              &attempt->reply, err);
    if (tdh_stream_end(attempt->stream, err) != 0)
        return -1;
    attempt->reply = tdh_gather_reply(attempt->gather);
    return attempt->reply != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a reply");
}

/* --- what goes out --- */

/* Those of the wire and of the provider's file, with room for the key's: new; ends with NULL. */
static char **make_headers(const struct attempt *attempt, struct td_err *err)
{
    const json_t *own = attempt->served->provider->headers, *line;
    char **theirs = attempt->sending.headers, **headers;
    size_t count = 0, i;

    while (theirs != NULL && theirs[count] != NULL)
        count++;
    headers = calloc(count + json_array_size(own) + 2 + TDH_SIGN_LINES, sizeof(char *));
    if (headers == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate a request");
        return NULL;
    }
    for (i = 0; i < count; i++)
        headers[i] = theirs[i];
    json_array_foreach (own, i, line)
        headers[count++] = (char *)(uintptr_t)json_string_value(line);
    headers[count] = (char *)(uintptr_t) "Content-Type: application/json";
    return headers;
}

/* Behind the others: the key, or a signature of what is there. A signature lasts minutes, so each
 * attempt has its own. */
static int add_key(const struct attempt *attempt, const char *url, const struct tdh_buf *body,
                   char **headers, char *lines[TDH_SIGN_LINES + 1], struct td_err *err)
{
    const struct tdh_signing signing = { .method = attempt->sending.method,
                                         .url = url,
                                         .headers = headers,
                                         .body = body->data,
                                         .body_bytes = body->length };

    if (lines[0] == NULL && tdh_provider_sign(attempt->served->provider, signing, lines, err) != 0)
        return -1;
    while (*headers != NULL)
        headers++;
    for (size_t i = 0; lines[i] != NULL; i++)
        headers[i] = lines[i];
    return 0;
}

static int send_it(struct attempt *attempt, const char *url, char *const *headers,
                   const struct tdh_buf *body, struct td_err *err)
{
    const struct tdh_served *served = attempt->served;
    const struct tdh_ask ask = {
        .method = attempt->sending.method,
        .url = url,
        .headers = headers,
        .body = body->data,
        .body_bytes = body->length,
        .ca_file = served->provider->ca_file,
        .deadline_ns = attempt->call->deadline_ns != 0 ? attempt->call->deadline_ns : TDH_NEVER,
        .limit_bytes = TDH_MODEL_REPLY_MAX,
    };
    struct tdh_answer answer = { 0 };
    bool is_sent = false;
    int rc = served->models->transport(served->models->transport_arg, &ask, &answer, take_body,
                                       attempt, &is_sent, err);

    if (rc == 0)
        rc = finish(attempt, &answer, err);
    else if (tdh_fault_of(err) == TD_FAULT_NONE && err->code == TD_E_UNAVAILABLE) {
        tdh_fault_mark(err, TD_FAULT_OUTAGE);
        td_context(err, "provider \"%s\"", served->provider->name);
    }
    json_decref(answer.headers);
    return rc;
}

static bool write_body(struct tdh_buf *body, const json_t *value)
{
    tdh_buf_json(body, value, 0);
    return !body->failed;
}

static int exchange(struct attempt *attempt, struct td_err *err)
{
    const struct tdh_served *served = attempt->served;
    struct tdh_buf body = { 0 };
    char *url = NULL, **headers = NULL, *lines[TDH_SIGN_LINES + 1] = { NULL };
    int rc = tdh_provider_key(served->provider, &lines[0], err);

    if (rc == 0 && asprintf(&url, "%s%s", served->url, attempt->sending.path) < 0) {
        url = NULL;
        rc = td_fail(err, TD_E_NOMEM, "could not allocate a request");
    }
    if (rc == 0 && attempt->sending.body != NULL && !write_body(&body, attempt->sending.body))
        rc = td_fail(err, TD_E_NOMEM, "could not allocate a request");
    if (rc == 0 && (headers = make_headers(attempt, err)) == NULL)
        rc = -1;
    if (rc == 0)
        rc = add_key(attempt, url, &body, headers, lines, err);
    if (rc == 0)
        rc = send_it(attempt, url, headers, &body, err);
    for (size_t i = 0; i < TDH_SIGN_LINES; i++) {
        tdh_key_wipe(lines[i]);
        free(lines[i]);
    }
    free(headers);
    free(url);
    tdh_buf_free(&body);
    return rc;
}

/* --- both kinds --- */

static int begin_stream(struct attempt *attempt, struct td_err *err)
{
    attempt->sink = (struct td_sink){ .size = sizeof(attempt->sink), .take = take_delta };
    attempt->gather = tdh_gather_new(&attempt->sink, err);
    if (attempt->gather == NULL)
        return -1;
    if (tdh_wire_is_native(attempt->served->wire))
        return 0;
    attempt->stream = tdh_stream_new(attempt->served->wire, tdh_gather_sink(attempt->gather), err);
    return attempt->stream != NULL ? 0 : -1;
}

static int run_native(struct attempt *attempt, const json_t *request, struct td_err *err)
{
    const struct tdh_wire *wire = attempt->served->wire;
    const struct td_sink *sink = attempt->gather != NULL ? tdh_gather_sink(attempt->gather) : NULL;

    if (attempt->own->is_embed)
        return tdh_wire_run_embed(wire, attempt->call, request, &attempt->reply, err);
    if (tdh_wire_run(wire, attempt->call, request, sink, &attempt->reply, err) != 0)
        return -1;
    if (sink != NULL)
        attempt->reply = tdh_gather_reply(attempt->gather);
    return attempt->reply != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a reply");
}

static int run_wire(struct attempt *attempt, const json_t *request, struct td_err *err)
{
    const struct tdh_wire *wire = attempt->served->wire;
    int rc = attempt->own->is_embed
                 ? tdh_wire_embed(wire, request, &attempt->sending, err)
                 : tdh_wire_chat(wire, request, attempt->stream != NULL, &attempt->sending, err);

    return rc == 0 ? exchange(attempt, err) : -1;
}

/* --- what it comes to --- */

static void set_cost(const struct attempt *attempt, const struct td_usage *usage)
{
    const struct tdh_provider *provider = attempt->served->provider;
    const struct tdh_model *model = tdh_provider_model(provider, attempt->own->model);
    struct tdh_price price;
    struct td_err ignored;
    double cost;

    if (model == NULL || usage->input < 0 ||
        tdh_catalog_price(attempt->served->models->catalog, model, &price, &ignored) != 0)
        return;
    cost = tdh_price_of(&price, usage);
    if (cost < 0)
        return;
    json_object_set_new(attempt->reply, "cost", json_real(cost));
    tdh_call_spend(attempt->call, "cost", cost, &ignored);
}

/* Provider, cost, and what was left out; and the meters. */
static void account(struct attempt *attempt)
{
    struct td_usage usage = tdh_usage_read(json_object_get(attempt->reply, "usage"));
    struct td_err ignored;
    int64_t tokens = (usage.input > 0 ? usage.input : 0) + (usage.output > 0 ? usage.output : 0);

    json_object_set_new(attempt->reply, "provider", json_string(attempt->served->provider->name));
    if (json_object_get(attempt->reply, "model") == NULL)
        json_object_set_new(attempt->reply, "model", json_string(attempt->own->model));
    if (attempt->sending.dropped != NULL)
        json_object_set(attempt->reply, "dropped", attempt->sending.dropped);
    if (tokens > 0)
        tdh_call_spend(attempt->call, "tokens", (double)tokens, &ignored);
    set_cost(attempt, &usage);
}

/* The input with the model's name, checked. new */
static json_t *make_request(const struct attempt *attempt, struct td_err *err)
{
    json_t *named = json_copy((json_t *)(uintptr_t)attempt->call->input), *request = NULL;

    if (named == NULL || json_object_set_new(named, "model", json_string(attempt->own->model)) != 0)
        td_fail(err, json_is_object(named) ? TD_E_NOMEM : TD_E_INVAL,
                "a request for a model must be an object");
    else if (attempt->own->is_embed)
        tdh_request_check_embed(named, &request, err);
    else
        tdh_request_check(named, &request, err);
    json_decref(named);
    return request;
}

int tdh_model_dispatch(struct tdh_call *call, struct td_err *err)
{
    struct tdh_model_target *own = call->target->owner;
    struct attempt attempt = { .call = call, .own = own, .served = atomic_load(&own->served) };
    json_t *request = make_request(&attempt, err);
    int rc = -1;

    if (request == NULL)
        return -1;
    if (call->emit == NULL || attempt.own->is_embed || begin_stream(&attempt, err) == 0)
        rc = tdh_wire_is_native(attempt.served->wire) ? run_native(&attempt, request, err)
                                                      : run_wire(&attempt, request, err);
    if (rc == 0) {
        account(&attempt);
        call->output = attempt.reply;
    } else
        json_decref(attempt.reply);
    json_decref(request);
    tdh_stream_free(attempt.stream);
    tdh_gather_free(attempt.gather);
    tdh_outgoing_end(&attempt.sending);
    tdh_buf_free(&attempt.body);
    return rc;
}
