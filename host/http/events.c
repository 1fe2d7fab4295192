/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events: streams of events, as browsers and the APIs of models have them (text/event-stream).
 */
#include <string.h>

#include "http/internal.h"

int tdh_http_events_begin(struct tdh_http_exchange *exchange, struct td_err *err)
{
    if (tdh_http_add(exchange, "Cache-Control", "no-cache, no-transform", err) != 0 ||
        tdh_http_add(exchange, "X-Accel-Buffering", "no", err) != 0)
        return -1;
    return tdh_http_stream_begin(exchange, 200, "text/event-stream", err);
}

static void add_field(struct tdh_buf *buf, const char *name, const char *value, size_t length)
{
    tdh_buf_text(buf, name);
    tdh_buf_text(buf, ": ");
    tdh_buf_add(buf, value, length);
    tdh_buf_char(buf, '\n');
}

static bool has_line_end(const char *text)
{
    return strpbrk(text, "\r\n") != NULL;
}

/* A field for each line; CR, LF and CR LF end one. */
static void add_data(struct tdh_buf *buf, const char *data, size_t length)
{
    size_t from = 0;

    for (size_t at = 0; at < length; at++) {
        if (data[at] != '\n' && data[at] != '\r')
            continue;
        add_field(buf, "data", data + from, at - from);
        if (data[at] == '\r' && at + 1 < length && data[at + 1] == '\n')
            at++;
        from = at + 1;
    }
    add_field(buf, "data", data + from, length - from);
}

static int send_text(struct tdh_http_exchange *exchange, struct td_err *err)
{
    struct tdh_buf *text = &exchange->text;

    if (text->failed)
        return td_fail(err, TD_E_NOMEM, "could not allocate an event");
    return tdh_http_stream_write(exchange, text->data, text->length, err);
}

int tdh_http_event(struct tdh_http_exchange *exchange, const char *name, const char *id,
                   const char *data, size_t length, struct td_err *err)
{
    struct tdh_buf *text = &exchange->text;

    if ((name != NULL && has_line_end(name)) || (id != NULL && has_line_end(id)))
        return td_fail(err, TD_E_INVAL, "the name or the id of an event has a line end");
    tdh_buf_clear(text);
    if (name != NULL)
        add_field(text, "event", name, strlen(name));
    if (id != NULL)
        add_field(text, "id", id, strlen(id));
    add_data(text, data, length);
    tdh_buf_char(text, '\n');
    return send_text(exchange, err);
}

int tdh_http_event_ping(struct tdh_http_exchange *exchange, struct td_err *err)
{
    tdh_buf_clear(&exchange->text);
    tdh_buf_text(&exchange->text, ": ping\n\n");
    return send_text(exchange, err);
}
