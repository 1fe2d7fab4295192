/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request: what is asked of an upstream, checked and written as the head of a message. Nothing that
 * a caller passes on can end a line of it.
 */
#include <string.h>

#include "http/cable.h"
#include "http/parse_line.h"

static bool is_ours(const char *name, size_t length)
{
    static const char *const ours[] = {
        "host", "content-length", "transfer-encoding", "connection", "expect",
        "te",   "trailer",        "upgrade",           "keep-alive", "proxy-connection"
    };

    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (tdh_bytes_are(name, length, ours[i]))
            return true;
    return false;
}

int tdh_ask_check(const struct tdh_http_ask *ask, struct td_err *err)
{
    size_t method = strlen(ask->method), target = strlen(ask->target);

    if (method == 0 || method > TDH_PARSE_METHOD ||
        tdh_bytes_of(ask->method, method, TDH_BYTE_TOKEN) != method ||
        strcmp(ask->method, "CONNECT") == 0)
        return td_fail(err, TD_E_INVAL, "\"%.40s\" is no method that can be sent", ask->method);
    if ((ask->target[0] != '/' && strcmp(ask->target, "*") != 0) || target > TDH_PARSE_LINE ||
        tdh_bytes_of(ask->target, target, TDH_BYTE_TARGET) != target)
        return td_fail(err, TD_E_INVAL,
                       "\"%.200s\" is no target: it begins with \"/\", has only visible ASCII but "
                       "\"#\", and at most %d bytes",
                       ask->target, TDH_PARSE_LINE);
    if (ask->field_count > TDH_HTTP_ASK_FIELDS)
        return td_fail(err, TD_E_INVAL, "%zu fields are more than the %d that can be sent",
                       ask->field_count, TDH_HTTP_ASK_FIELDS);
    return 0;
}

static int add_field(struct tdh_buf *out, const struct tdh_http_ask_field *field,
                     struct td_err *err)
{
    size_t name = strlen(field->name), value = strlen(field->value);

    if (name == 0 || tdh_bytes_of(field->name, name, TDH_BYTE_TOKEN) != name)
        return td_fail(err, TD_E_INVAL, "\"%.100s\" is no name of a field", field->name);
    if (is_ours(field->name, name))
        return td_fail(err, TD_E_INVAL, "field \"%s\" is written by the client itself",
                       field->name);
    if (tdh_bytes_of(field->value, value, TDH_BYTE_VALUE) != value) /* it may be a secret */
        return td_fail(err, TD_E_INVAL, "the value of field \"%s\" holds a control character",
                       field->name);
    tdh_buf_add(out, field->name, name);
    tdh_buf_add(out, ": ", 2);
    tdh_buf_add(out, field->value, value);
    tdh_buf_add(out, "\r\n", 2);
    return 0;
}

/* Is a length to be told, also when it is 0? */
static bool has_body(const struct tdh_http_ask *ask)
{
    return ask->body_bytes != 0 || strcmp(ask->method, "POST") == 0 ||
           strcmp(ask->method, "PUT") == 0 || strcmp(ask->method, "PATCH") == 0;
}

int tdh_ask_print(struct tdh_buf *out, const struct tdh_upstream *upstream,
                  const struct tdh_http_ask *ask, struct td_err *err)
{
    tdh_buf_clear(out);
    tdh_buf_text(out, ask->method);
    tdh_buf_char(out, ' ');
    tdh_buf_text(out, ask->target);
    tdh_buf_text(out, " HTTP/1.1\r\nHost: ");
    tdh_buf_text(out, upstream->field);
    tdh_buf_text(out, "\r\n");
    for (size_t i = 0; i < ask->field_count; i++)
        if (add_field(out, &ask->fields[i], err) != 0)
            return -1;
    if (has_body(ask)) {
        tdh_buf_text(out, "Content-Length: ");
        tdh_buf_int(out, (int64_t)ask->body_bytes);
        tdh_buf_text(out, "\r\n");
    }
    tdh_buf_text(out, "\r\n");
    if (out->failed)
        return td_fail(err, TD_E_NOMEM, "could not allocate the head of a request");
    if (out->length > TDH_HTTP_ASK_HEAD)
        return td_fail(err, TD_E_INVAL, "the head of the request is longer than %d bytes",
                       TDH_HTTP_ASK_HEAD);
    return 0;
}

/* For people: without the query, which may hold secrets. */
void tdh_ask_name(const struct tdh_http_ask *ask, char what[static TDH_CALL_WHAT])
{
    size_t method = strlen(ask->method), target = strcspn(ask->target, "?");

    if (target > TDH_CALL_WHAT - 2 - method)
        target = TDH_CALL_WHAT - 2 - method;
    memcpy(what, ask->method, method);
    what[method] = ' ';
    memcpy(what + method + 1, ask->target, target);
    what[method + 1 + target] = '\0';
}
