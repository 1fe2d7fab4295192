/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reply: what goes back: whole replies, problems, and streams.
 */
#include <event2/buffer.h>
#include <stdio.h>
#include <string.h>

#include "base/metric.h"
#include "http/internal.h"
#include "http/parse_line.h"

const char *tdh_lane_date(struct tdh_lane *lane)
{
    time_t now = time(NULL);

    if (now != lane->date_at) {
        tdh_date_print(now, lane->date);
        lane->date_at = now;
    }
    return lane->date;
}

void tdh_reply_head(struct tdh_buf *buf, struct tdh_lane *lane, unsigned status, const char *type)
{
    tdh_buf_text(buf, "HTTP/1.1 ");
    tdh_buf_int(buf, status);
    tdh_buf_char(buf, ' ');
    tdh_buf_text(buf, tdh_status_text(status));
    tdh_buf_text(buf, "\r\nDate: ");
    tdh_buf_add(buf, tdh_lane_date(lane), TDH_DATE - 1);
    tdh_buf_text(buf, "\r\n");
    if (type != NULL) {
        tdh_buf_text(buf, "Content-Type: ");
        tdh_buf_text(buf, type);
        tdh_buf_text(buf, "\r\n");
    }
}

int tdh_http_add(struct tdh_http_exchange *exchange, const char *name, const char *value,
                 struct td_err *err)
{
    static const char *const ours[] = { "content-length", "content-type", "connection", "date",
                                        "transfer-encoding" };
    size_t name_length = strlen(name), value_length = strlen(value);

    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (tdh_bytes_are(name, name_length, ours[i]))
            return td_fail(err, TD_E_INVAL, "field \"%s\" is written by the server itself", name);
    if (name_length == 0 || tdh_bytes_of(name, name_length, TDH_BYTE_TOKEN) != name_length ||
        tdh_bytes_of(value, value_length, TDH_BYTE_VALUE) != value_length)
        return td_fail(err, TD_E_INVAL, "\"%.100s\" is no field, or its value is none", name);
    if (exchange->fields.length + name_length + value_length + 4 > TDH_HTTP_REPLY_FIELDS)
        return td_fail(err, TD_E_LIMIT, "the fields of a reply are longer than %d bytes",
                       TDH_HTTP_REPLY_FIELDS);
    tdh_buf_add(&exchange->fields, name, name_length);
    tdh_buf_text(&exchange->fields, ": ");
    tdh_buf_add(&exchange->fields, value, value_length);
    tdh_buf_text(&exchange->fields, "\r\n");
    return exchange->fields.failed ? td_fail(err, TD_E_NOMEM, "could not allocate a field") : 0;
}

/* May another request follow on the connection? */
static bool is_kept(const struct tdh_http_exchange *exchange)
{
    const struct tdh_parse *parse = &exchange->parse;

    if (!parse->is_kept || exchange->must_close || tdh_http_is_draining(exchange))
        return false;
    if (parse->state == TDH_PARSED)
        return true;
    if (parse->expects_continue && !exchange->has_continued)
        return false; /* who knows whether the body comes */
    return parse->state != TDH_PARSING_LENGTH || parse->left <= TDH_HTTP_UNREAD;
}

/* Ends the head in the lane's scratch. */
static int finish_head(struct tdh_http_exchange *exchange, struct tdh_buf *head, struct td_err *err)
{
    tdh_buf_add(head, exchange->fields.data, exchange->fields.length);
    if (!is_kept(exchange)) {
        exchange->must_close = true;
        tdh_buf_text(head, "Connection: close\r\n");
    } else if (exchange->parse.minor == 0) {
        tdh_buf_text(head, "Connection: keep-alive\r\n");
    }
    tdh_buf_text(head, "\r\n");
    return head->failed ? td_fail(err, TD_E_NOMEM, "could not allocate the head of a reply") : 0;
}

/* Waits until there is room, and begins the head. */
static int begin_head(struct tdh_http_exchange *exchange, unsigned status, const char *type,
                      struct td_err *err)
{
    struct tdh_lane *lane = exchange->conn->lane;

    if (exchange->reply != TDH_REPLY_NONE)
        return td_fail(err, TD_E_INTERNAL, "a request was answered twice");
    if (tdh_conn_room(exchange->conn, err) != 0)
        return -1;
    tdh_buf_clear(&lane->scratch);
    tdh_reply_head(&lane->scratch, lane, status, type);
    exchange->status = status;
    return 0;
}

static bool has_body(const struct tdh_http_exchange *exchange, unsigned status)
{
    return !exchange->is_head && status != 204 && status != 304;
}

/* The rest of a long body, as the client takes it. */
static int send_rest(struct tdh_conn *conn, const char *bytes, size_t length, struct td_err *err)
{
    while (length > 0) {
        size_t piece = length < TDH_HTTP_OUT_HIGH ? length : TDH_HTTP_OUT_HIGH;

        if (tdh_conn_room(conn, err) != 0 ||
            tdh_conn_put(conn, &(struct iovec){ (char *)bytes, piece }, 1, err) != 0)
            return -1;
        bytes += piece;
        length -= piece;
    }
    return 0;
}

int tdh_http_reply(struct tdh_http_exchange *exchange, unsigned status, const char *type,
                   const void *body, size_t length, struct td_err *err)
{
    struct tdh_buf *head = &exchange->conn->lane->scratch;
    size_t first = 0;

    if (begin_head(exchange, status, type, err) != 0)
        return -1;
    if (status != 204 && status != 304) {
        tdh_buf_text(head, "Content-Length: ");
        tdh_buf_int(head, (int64_t)length);
        tdh_buf_text(head, "\r\n");
    }
    if (finish_head(exchange, head, err) != 0)
        return -1;
    exchange->reply = TDH_REPLY_DONE;
    if (has_body(exchange, status))
        exchange->sent_bytes = length;
    else
        length = 0;
    first = length < TDH_HTTP_OUT_HIGH ? length : TDH_HTTP_OUT_HIGH;
    if (tdh_conn_put(exchange->conn,
                     (struct iovec[]){ { head->data, head->length }, { (char *)body, first } },
                     first != 0 ? 2 : 1, err) != 0)
        return -1;
    return send_rest(exchange->conn, (const char *)body + first, length - first, err);
}

/* --- problems --- */

static void add_member(struct tdh_buf *buf, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    tdh_buf_printf(buf, ",\"%s\":", name);
    tdh_buf_json_string(buf, value, strlen(value));
}

void tdh_problem_print(struct tdh_buf *buf, unsigned status, const char *detail, const char *code,
                       const char *hint)
{
    tdh_buf_printf(buf, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u",
                   tdh_status_text(status), status);
    add_member(buf, "detail", detail);
    add_member(buf, "code", code);
    add_member(buf, "hint", hint);
    tdh_buf_text(buf, "}\n");
}

static void send_problem(struct tdh_http_exchange *exchange, unsigned status, const char *detail,
                         const char *code, const char *hint)
{
    struct td_err err;

    if (exchange->reply != TDH_REPLY_NONE || exchange->conn->is_gone)
        return;
    tdh_buf_clear(&exchange->text);
    tdh_problem_print(&exchange->text, status, detail, code, hint);
    if (exchange->text.failed ||
        tdh_http_reply(exchange, status, "application/problem+json", exchange->text.data,
                       exchange->text.length, &err) != 0)
        exchange->conn->is_gone = true; /* nothing, or only a part, can be told */
}

void tdh_http_problem(struct tdh_http_exchange *exchange, unsigned status, const char *detail,
                      const char *hint)
{
    send_problem(exchange, status, detail, NULL, hint);
}

void tdh_http_fail(struct tdh_http_exchange *exchange, const struct td_err *why)
{
    unsigned status = exchange->refusal != 0 ? exchange->refusal : tdh_status_of(why->code);
    uint32_t seconds = (why->retry_after_ms + 999) / 1000;
    struct td_err err;
    char text[16];

    if (seconds != 0 && exchange->reply == TDH_REPLY_NONE) {
        snprintf(text, sizeof(text), "%u", seconds);
        tdh_http_add(exchange, "Retry-After", text, &err);
    }
    send_problem(exchange, status, why->text, td_code_info(why->code)->name, why->hint);
}

/* --- streams --- */

int tdh_http_stream_begin(struct tdh_http_exchange *exchange, unsigned status, const char *type,
                          struct td_err *err)
{
    struct tdh_buf *head = &exchange->conn->lane->scratch;

    if (begin_head(exchange, status, type, err) != 0)
        return -1;
    exchange->is_chunked = exchange->parse.minor == 1;
    if (exchange->is_chunked)
        tdh_buf_text(head, "Transfer-Encoding: chunked\r\n");
    else
        exchange->must_close = true; /* the end of the connection is the end of the stream */
    if (finish_head(exchange, head, err) != 0)
        return -1;
    exchange->reply = TDH_REPLY_STREAM;
    return tdh_conn_put(exchange->conn, &(struct iovec){ head->data, head->length }, 1, err);
}

static int send_chunk(struct tdh_http_exchange *exchange, const char *bytes, size_t length,
                      struct td_err *err)
{
    char size[24];
    int size_length = snprintf(size, sizeof(size), "%zx\r\n", length);

    if (tdh_conn_room(exchange->conn, err) != 0)
        return -1;
    if (!exchange->is_chunked)
        return tdh_conn_put(exchange->conn, &(struct iovec){ (char *)bytes, length }, 1, err);
    return tdh_conn_put(exchange->conn,
                        (struct iovec[]){ { size, (size_t)size_length },
                                          { (char *)bytes, length },
                                          { (char *)"\r\n", 2 } },
                        3, err);
}

int tdh_http_stream_write(struct tdh_http_exchange *exchange, const void *bytes, size_t length,
                          struct td_err *err)
{
    const char *at = bytes;

    if (exchange->reply != TDH_REPLY_STREAM)
        return td_fail(err, TD_E_INTERNAL, "a stream that has not begun was written to");
    exchange->sent_bytes += length;
    while (length > 0 && !exchange->is_head) {
        size_t piece = length < TDH_HTTP_OUT_HIGH ? length : TDH_HTTP_OUT_HIGH;

        if (send_chunk(exchange, at, piece, err) != 0)
            return -1;
        at += piece;
        length -= piece;
    }
    return 0;
}

int tdh_http_stream_end(struct tdh_http_exchange *exchange, struct td_err *err)
{
    static const char last[] = "0\r\n\r\n";

    if (exchange->reply != TDH_REPLY_STREAM)
        return td_fail(err, TD_E_INTERNAL, "a stream that has not begun was ended");
    exchange->reply = TDH_REPLY_DONE;
    if (!exchange->is_chunked || exchange->is_head)
        return 0;
    return tdh_conn_put(exchange->conn, &(struct iovec){ (char *)last, sizeof(last) - 1 }, 1, err);
}
