/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client_body: what comes behind the head of a reply: pieces, the whole of it, events; and the end
 * of a call.
 *
 * A body is whole when its length, its last chunk or, of one without either, the end of the
 * connection in order says so. Everything else is a failure: what was cut is never told as whole.
 */
#include <string.h>

#include "base/clock.h"
#include "http/cable.h"

unsigned tdh_http_call_status(const struct tdh_http_call *call)
{
    return call->parse.status_code;
}

const char *tdh_http_call_field(const struct tdh_http_call *call, const char *name)
{
    for (size_t i = 0; i < call->parse.field_count; i++) {
        const struct tdh_field *field = &call->parse.fields[i];

        if (strcasecmp(call->head.data + field->name.at, name) == 0)
            return call->head.data + field->value.at;
    }
    return NULL;
}

/* --- failures --- */

static int fail(struct tdh_http_call *call, struct td_err *err)
{
    call->has_failed = true;
    return td_context(err, "%s: %s", call->cable->berth->upstream->health.name, call->terms.what);
}

static int fail_parse(struct tdh_http_call *call, struct td_err *err)
{
    const struct tdh_parse *parse = &call->parse;

    if (parse->refusal == 413)
        td_fail(err, TD_E_LIMIT, "the body of the reply is longer than %llu bytes",
                (unsigned long long)parse->body_limit);
    else
        td_fail(err, TD_E_EXTERNAL, "the reply is malformed: %s", parse->why);
    err->is_retryable = false;
    return fail(call, err);
}

static int fail_cut(struct tdh_http_call *call, struct td_err *err)
{
    td_fail(err, TD_E_UNAVAILABLE,
            "the connection ended before the reply was whole, after %llu bytes of its body",
            (unsigned long long)call->parse.body_bytes);
    return fail(call, err);
}

static int fail_fill(struct tdh_http_call *call, struct td_err *err)
{
    unsigned long long bytes = call->parse.body_bytes;

    if (err->code == TD_E_TIMEOUT && tdh_clock_mono_ns() >= call->terms.deadline_ns)
        td_fail(err, TD_E_TIMEOUT,
                "the reply was not whole after %.1f s; %llu bytes of its body came",
                tdh_call_age_s(call), bytes);
    else if (err->code == TD_E_TIMEOUT)
        td_fail(err, TD_E_TIMEOUT,
                "nothing more of the reply came for %.1f s, after %llu bytes of its body",
                call->terms.silence_ms / 1e3, bytes);
    else if (err->code == TD_E_UNAVAILABLE)
        td_context(err, "the reply was not whole, after %llu bytes of its body", bytes);
    return fail(call, err);
}

/* --- pieces --- */

/* More of the body comes, or its end. */
static int await_more(struct tdh_http_call *call, struct td_err *err)
{
    bool is_end;

    if (tdh_call_fill(call, tdh_call_until(call, call->terms.silence_ms), &is_end, err) != 0)
        return fail_fill(call, err);
    if (is_end && tdh_parse_eof(&call->parse) != TDH_PARSE_END)
        return fail_cut(call, err);
    return 0;
}

/* One step with what is there. */
static enum tdh_parse_step step_on(struct tdh_http_call *call, const char **ret_bytes,
                                   size_t *ret_length)
{
    struct tdh_cable *cable = call->cable;
    size_t used = 0;
    enum tdh_parse_step step;

    *ret_bytes = "";
    *ret_length = 0;
    step = tdh_parse_body(&call->parse, cable->in + cable->in_from, cable->in_to - cable->in_from,
                          &used, ret_bytes, ret_length);
    cable->in_from += used;
    return step;
}

int tdh_http_call_read(struct tdh_http_call *call, const char **ret_bytes, size_t *ret_length,
                       struct td_err *err)
{
    if (call->has_failed) {
        td_fail(err, TD_E_INTERNAL, "the reply was read on after a failure");
        return fail(call, err);
    }
    for (;;)
        switch (step_on(call, ret_bytes, ret_length)) {
        case TDH_PARSE_PIECE:
        case TDH_PARSE_END:
            return 0;
        case TDH_PARSE_MORE:
            if (await_more(call, err) != 0)
                return -1;
            break;
        default:
            return fail_parse(call, err);
        }
}

/* --- the whole --- */

static int fail_long(struct tdh_http_call *call, size_t limit, struct td_err *err)
{
    td_fail(err, TD_E_LIMIT, "the body of the reply is longer than %zu bytes", limit);
    err->is_retryable = false;
    return fail(call, err);
}

int tdh_http_call_whole(struct tdh_http_call *call, size_t limit, const char **ret_bytes,
                        size_t *ret_length, struct td_err *err)
{
    struct tdh_buf *body = &call->body;
    const char *piece;
    size_t length;

    tdh_buf_clear(body);
    if (call->parse.has_length && !call->parse.is_bodiless && call->parse.length > limit)
        return fail_long(call, limit, err);
    do {
        if (tdh_http_call_read(call, &piece, &length, err) != 0)
            return -1;
        if (length > limit - body->length)
            return fail_long(call, limit, err);
        tdh_buf_add(body, piece, length);
    } while (length != 0 && !body->failed);
    if (body->failed || tdh_buf_room(body, 1) == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the body of the reply");
        return fail(call, err);
    }
    body->data[body->length] = '\0';
    *ret_bytes = body->data;
    *ret_length = body->length;
    return 0;
}

/* --- events --- */

static int fail_event(struct tdh_http_call *call, struct td_err *err)
{
    td_fail(err, call->sse.code, "the stream of events cannot be read: %s", call->sse.why);
    if (call->sse.code == TD_E_LIMIT)
        err->is_retryable = false;
    return fail(call, err);
}

/* Its end: is it between two events? */
static int end_events(struct tdh_http_call *call, const struct tdh_sse_event **ret_event,
                      struct td_err *err)
{
    if (tdh_sse_is_within(&call->sse)) {
        td_fail(err, TD_E_UNAVAILABLE,
                "the stream ended within an event, after %llu bytes of the body",
                (unsigned long long)call->parse.body_bytes);
        return fail(call, err);
    }
    *ret_event = NULL;
    return 0;
}

int tdh_http_call_event(struct tdh_http_call *call, const struct tdh_sse_event **ret_event,
                        struct td_err *err)
{
    if (!call->has_events)
        tdh_sse_begin(&call->sse, TDH_HTTP_EVENT_BYTES);
    call->has_events = true;
    for (;;) {
        enum tdh_sse_step step;
        size_t used;

        if (call->event_bytes == 0 &&
            tdh_http_call_read(call, &call->events, &call->event_bytes, err) != 0)
            return -1;
        if (call->event_bytes == 0)
            return end_events(call, ret_event, err);
        step = tdh_sse_next(&call->sse, call->events, call->event_bytes, &used);
        call->events += used;
        call->event_bytes -= used;
        if (step == TDH_SSE_FAILED)
            return fail_event(call, err);
        if (step == TDH_SSE_EVENT) {
            *ret_event = &call->sse.event;
            return 0;
        }
    }
}

/* --- the end --- */

/* Is the reply whole, with what is here already? Never waits. */
static bool is_whole(struct tdh_http_call *call)
{
    struct tdh_cable *cable = call->cable;
    bool has_read = false;

    for (;;) {
        const char *piece;
        size_t length;

        switch (step_on(call, &piece, &length)) {
        case TDH_PARSE_PIECE:
            break;
        case TDH_PARSE_END:
            return true;
        case TDH_PARSE_MORE:
            if (has_read || cable->in_from != cable->in_to || cable->in_room == 0)
                return false;
            cable->in_from = cable->in_to = 0;
            if (tdh_cable_read(cable, cable->in, cable->in_room, &length) != TDH_CABLE_DONE)
                return false;
            cable->in_to = length;
            has_read = true;
            break;
        default:
            return false;
        }
    }
}

/* May another request follow? What came behind the reply is no answer to anything. */
static bool is_kept(struct tdh_http_call *call)
{
    struct tdh_cable *cable = call->cable;

    return !call->has_failed && !cable->must_close && call->parse.is_kept &&
           call->parse.state != TDH_PARSING_CLOSE && is_whole(call) &&
           cable->in_from == cable->in_to && (!cable->may_have || !tdh_cable_is_dead(cable));
}

void tdh_http_call_end(struct tdh_http_call *call)
{
    struct tdh_cable *cable;
    struct tdh_berth *berth;

    if (call == NULL)
        return;
    cable = call->cable;
    berth = cable->berth;
    if (is_kept(call))
        tdh_berth_give(cable);
    else
        tdh_berth_discard(cable);
    tdh_berth_exit(berth);
}
