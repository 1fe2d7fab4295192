/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exchange: a request goes to its handler, and its body to whoever reads it.
 */
#include <event2/buffer.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "http/internal.h"

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

enum { REQUESTS_PER_TURN = 32, ALLOW = 256 };

/* --- what came --- */

const char *tdh_http_method(const struct tdh_http_exchange *exchange)
{
    return exchange->head + exchange->parse.method.at;
}

const char *tdh_http_path(const struct tdh_http_exchange *exchange)
{
    return exchange->head + exchange->parse.path.at;
}

const char *tdh_http_query(const struct tdh_http_exchange *exchange)
{
    const struct tdh_span *query = &exchange->parse.query;

    return query->at != 0 ? exchange->head + query->at : "";
}

const char *tdh_http_header(const struct tdh_http_exchange *exchange, const char *name)
{
    const struct tdh_field *field = NULL;
    char small[64];
    size_t length = strlen(name);

    if (length >= sizeof(small))
        return NULL;
    for (size_t i = 0; i <= length; i++)
        small[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] + ('a' - 'A')) : name[i];
    field = tdh_parse_find(&exchange->parse, exchange->head, small);
    return field != NULL ? exchange->head + field->value.at : NULL;
}

static int hex(char digit)
{
    const char *digits = "0123456789abcdef";
    const char *at =
        digit != '\0' ? strchr(digits, digit >= 'A' && digit <= 'F' ? digit | 0x20 : digit) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

/* In place; the text becomes shorter. False: it holds a "%" without two digits, or a NUL. */
static bool decode(char *text)
{
    char *to = text;

    for (const char *at = text; *at != '\0'; at++, to++) {
        int high, low;

        if (*at != '%') {
            *to = *at;
            continue;
        }
        high = hex(at[1]);
        low = high >= 0 ? hex(at[2]) : -1;
        if (low < 0 || high + low == 0)
            return false;
        *to = (char)(high * 16 + low);
        at += 2;
    }
    *to = '\0';
    return true;
}

int tdh_http_param(struct tdh_http_exchange *exchange, const char *name, const char **ret_value,
                   struct td_err *err)
{
    const struct tdh_params *params = &exchange->params;
    size_t length = strlen(name);

    for (unsigned i = 0; i < params->count; i++) {
        const struct tdh_span *value = &params->values[i];
        char *text;

        if (strncmp(params->names[i], name, length) != 0 || params->names[i][length] != '}')
            continue;
        text = tdh_arena_copy(&exchange->arena, tdh_http_path(exchange) + value->at, value->length);
        if (text == NULL)
            return td_fail(err, TD_E_NOMEM, "could not allocate a part of the path");
        if (!decode(text))
            return td_fail(err, TD_E_INVAL, "\"%.*s\" in the path cannot be decoded",
                           value->length < 100 ? value->length : 100,
                           tdh_http_path(exchange) + value->at);
        *ret_value = text;
        return 0;
    }
    return td_fail(err, TD_E_INVAL, "the route has no \"{%s}\"", name);
}

bool tdh_http_is_draining(const struct tdh_http_exchange *exchange)
{
    return atomic_load_explicit(&exchange->conn->lane->server->is_draining, memory_order_relaxed);
}

/* --- bodies --- */

/* A client that says so waits for a word before it sends its body. */
static int let_it_come(struct tdh_http_exchange *exchange, struct td_err *err)
{
    static const char word[] = "HTTP/1.1 100 Continue\r\n\r\n";

    exchange->body_since_ns = tdh_clock_mono_ns();
    if (!exchange->parse.expects_continue || exchange->has_continued ||
        exchange->reply != TDH_REPLY_NONE || exchange->parse.minor == 0 ||
        evbuffer_get_length(tdh_conn_input(exchange->conn)) > 0)
        return 0;
    exchange->has_continued = true;
    return tdh_conn_put(exchange->conn, &(struct iovec){ (char *)word, sizeof(word) - 1 }, 1, err);
}

static uint64_t body_deadline(const struct tdh_http_exchange *exchange)
{
    return exchange->body_since_ns + exchange->conn->lane->server->options.body_ms * NS_PER_MS +
           exchange->parse.body_bytes * (NS_PER_S / TDH_HTTP_RATE);
}

static int refuse_body(struct tdh_http_exchange *exchange, struct td_err *err)
{
    const struct tdh_parse *parse = &exchange->parse;
    bool is_limit = parse->refusal == 413 || parse->refusal == 431;

    exchange->refusal = parse->refusal;
    exchange->must_close = true;
    tdh_metric_add(&tdh_http_refusals, 1);
    return td_fail(err, is_limit ? TD_E_LIMIT : TD_E_INVAL, "could not read the body: %s",
                   parse->why);
}

/* Waits for more of the body than is there. */
static int await_body(struct tdh_http_exchange *exchange, struct td_err *err)
{
    size_t had = evbuffer_get_length(tdh_conn_input(exchange->conn));

    if (tdh_conn_more(exchange->conn, had, body_deadline(exchange), err) == 0)
        return 0;
    exchange->must_close = true;
    if (err->code == TD_E_TIMEOUT)
        exchange->refusal = 408;
    return -1;
}

/* The bytes that are to be looked at: what lies together, or, when that was not enough, a line. */
static const char *window(struct evbuffer *input, bool was_short, size_t *ret_length)
{
    size_t all = evbuffer_get_length(input), length = evbuffer_get_contiguous_space(input);

    if (was_short && length < TDH_PARSE_LONGEST_LINE)
        length = all < TDH_PARSE_LONGEST_LINE ? all : TDH_PARSE_LONGEST_LINE;
    *ret_length = length;
    return length != 0 ? (const char *)evbuffer_pullup(input, (ev_ssize_t)length) : "";
}

int tdh_http_body_next(struct tdh_http_exchange *exchange, const char **ret_bytes,
                       size_t *ret_length, struct td_err *err)
{
    struct evbuffer *input = tdh_conn_input(exchange->conn);
    bool was_short = false;

    evbuffer_drain(input, exchange->taken);
    exchange->taken = 0;
    if (exchange->body_since_ns == 0 && exchange->parse.state != TDH_PARSED &&
        let_it_come(exchange, err) != 0)
        return -1;
    for (;;) {
        size_t length, used;
        const char *bytes = window(input, was_short, &length);

        if (bytes == NULL)
            return td_fail(err, TD_E_NOMEM, "could not allocate a line of the body");
        switch (tdh_parse_body(&exchange->parse, bytes, length, &used, ret_bytes, ret_length)) {
        case TDH_PARSE_PIECE:
            exchange->taken = used;
            return 0;
        case TDH_PARSE_END:
            evbuffer_drain(input, used);
            *ret_bytes = "";
            *ret_length = 0;
            return 0;
        case TDH_PARSE_MORE:
            evbuffer_drain(input, used);
            was_short = evbuffer_get_length(input) > length - used;
            if (!was_short && await_body(exchange, err) != 0)
                return -1;
            was_short = true;
            break;
        default:
            return refuse_body(exchange, err);
        }
    }
}

int tdh_http_body(struct tdh_http_exchange *exchange, size_t limit, const char **ret_bytes,
                  size_t *ret_length, struct td_err *err)
{
    struct tdh_buf *body = &exchange->body;
    const char *piece;
    size_t length;

    tdh_buf_clear(body);
    do {
        if (tdh_http_body_next(exchange, &piece, &length, err) != 0)
            return -1;
        if (length > limit - body->length) {
            exchange->refusal = 413;
            exchange->must_close = true;
            return td_fail(err, TD_E_LIMIT, "the body is longer than %zu bytes", limit);
        }
        tdh_buf_add(body, piece, length);
    } while (length != 0);
    if (body->failed || tdh_buf_room(body, 1) == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the body");
    *ret_bytes = body->data;
    *ret_length = body->length;
    return 0;
}

/* Reads what the handler has not, so that the next request can be. */
static void pass_over_body(struct tdh_http_exchange *exchange)
{
    size_t passed = 0, length = 1;
    const char *piece;
    struct td_err err;

    while (length != 0 && !exchange->must_close) {
        if (tdh_http_body_next(exchange, &piece, &length, &err) != 0)
            exchange->must_close = true;
        else if ((passed += length) > TDH_HTTP_UNREAD)
            exchange->must_close = true;
    }
}

/* --- handlers --- */

static void reply_without_handler(struct tdh_http_exchange *exchange, const char *allow)
{
    struct td_err err;
    bool is_options = strcmp(tdh_http_method(exchange), "OPTIONS") == 0;

    if (allow[0] != '\0' || (is_options && strcmp(tdh_http_path(exchange), "*") == 0)) {
        tdh_http_add(exchange, "Allow", allow[0] != '\0' ? allow : "GET, HEAD, OPTIONS", &err);
        if (is_options)
            tdh_http_reply(exchange, 204, NULL, NULL, 0, &err);
        else
            tdh_http_problem(exchange, 405, "the path has no such method", NULL);
    } else {
        tdh_http_problem(exchange, 404, "there is nothing at this path", NULL);
    }
}

static void call_handler(struct tdh_http_exchange *exchange)
{
    const struct tdh_http_server_options *options = &exchange->conn->lane->server->options;
    char allow[ALLOW];
    const struct tdh_http_route *route =
        tdh_routes_find(options->routes, options->route_count, tdh_http_method(exchange),
                        tdh_http_path(exchange), &exchange->params, allow, sizeof(allow));

    if (route == NULL) {
        reply_without_handler(exchange, allow);
        return;
    }
    route->handle(exchange, route->arg);
    if (exchange->reply == TDH_REPLY_NONE)
        tdh_http_problem(exchange, 500, "the handler has not replied", NULL);
    if (exchange->reply == TDH_REPLY_STREAM)
        exchange->conn->is_gone = true; /* cut off: the client sees that it is not whole */
}

static void log_access(const struct tdh_http_exchange *exchange)
{
    tdh_log(TDH_LOG_INFO, "http",
            TDH_FACTS(TDH_S("client", exchange->conn->entry->address),
                      TDH_I("bytes", exchange->sent_bytes),
                      TDH_I("took_us", (tdh_clock_mono_ns() - exchange->begun_ns) / 1000)),
            "%s %s %u", tdh_http_method(exchange), tdh_http_path(exchange), exchange->status);
}

static void reset(struct tdh_http_exchange *exchange)
{
    evbuffer_drain(tdh_conn_input(exchange->conn), exchange->taken);
    tdh_arena_reset(&exchange->arena);
    tdh_buf_clear(&exchange->fields);
    if (exchange->text.data != NULL)
        tdh_buf_free(&exchange->text);
    if (exchange->body.data != NULL)
        tdh_buf_free(&exchange->body);
    exchange->reply = TDH_REPLY_NONE;
    exchange->refusal = exchange->status = 0;
    exchange->has_continued = exchange->is_chunked = false;
    exchange->taken = 0;
    exchange->body_since_ns = exchange->sent_bytes = 0;
}

static void answer(struct tdh_http_exchange *exchange)
{
    bool is_logged = exchange->conn->lane->server->options.has_access_log;

    tdh_metric_add(&tdh_http_requests, 1);
    if (is_logged)
        exchange->begun_ns = tdh_clock_mono_ns();
    call_handler(exchange);
    if (exchange->status >= 500)
        tdh_metric_add(&tdh_http_failures, 1);
    if (is_logged)
        log_access(exchange);
    if (exchange->parse.state != TDH_PARSED)
        pass_over_body(exchange);
    reset(exchange);
}

void tdh_exchange_run(void *arg)
{
    struct tdh_conn *conn = arg;
    unsigned turns = 0;

    do {
        answer(&conn->exchange);
        if (++turns % REQUESTS_PER_TURN == 0)
            tdh_co_yield();
    } while (!conn->is_gone && !conn->exchange.must_close && tdh_conn_has_next(conn));
}
