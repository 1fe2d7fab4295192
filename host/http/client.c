/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client: a request goes out over a cable, and the head of its reply comes in.
 *
 * The head and a small body leave with one system call. While a long body goes out, what the
 * upstream says already is looked at: a refusal ends the sending.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "http/cable.h"

enum { FIRST_BUFFER = 4096, ONE_RECORD = 16 * 1024 };

/* One try to get a reply. */
struct attempt {
    struct tdh_http_call *call;
    const struct tdh_http_ask *ask;
    size_t sent;     /* of head and body, as the system took them */
    bool has_head;   /* the reply's is parsed */
    bool has_reply;  /* a byte of it came */
    bool has_broken; /* the connection ended, or could not be made */
};

/* --- time --- */

double tdh_call_age_s(const struct tdh_http_call *call)
{
    return (double)(tdh_clock_mono_ns() - call->terms.begun_ns) / 1e9;
}

uint64_t tdh_call_until(const struct tdh_http_call *call, uint32_t ms)
{
    uint64_t until_ns = tdh_clock_mono_ns() + ms * TDH_NS_PER_MS;

    return until_ns < call->terms.deadline_ns ? until_ns : call->terms.deadline_ns;
}

static int fail_wait(const struct tdh_http_call *call, enum tdh_woken woken, const char *what,
                     struct td_err *err)
{
    if (woken == TDH_WAIT_CANCELLED)
        return td_fail(err, TD_E_CANCELLED, "the call was cancelled");
    tdh_metric_add(&tdh_client_timeouts, 1);
    return td_fail(err, TD_E_TIMEOUT, "%s after %.1f s", what, tdh_call_age_s(call));
}

/* --- reading --- */

static int fail_broken(const char *what, struct td_err *err)
{
    return td_fail(err, TD_E_UNAVAILABLE, "%s: %s", what,
                   errno != 0 ? strerror(errno) : "TLS was cut off");
}

/* The buffer grows when a read has filled it, as long as it may; what is left moves to its begin.
 */
static int make_room(struct tdh_cable *cable, struct td_err *err)
{
    size_t left = cable->in_to - cable->in_from, room = cable->in_room;
    bool was_full = cable->in_to == room && room != 0;
    char *in;

    if (left != 0 && cable->in_from != 0)
        memmove(cable->in, cable->in + cable->in_from, left);
    cable->in_from = 0;
    cable->in_to = left;
    if (room != 0 && (!was_full || room >= TDH_HTTP_CALL_BUFFER) && left < room)
        return 0;
    if (room >= TDH_HTTP_CALL_BUFFER)
        return td_fail(err, TD_E_LIMIT, "the reply has a line that is too long");
    room = room != 0 ? room * 2 : FIRST_BUFFER;
    in = realloc(cable->in, room);
    if (in == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the reply");
    cable->in = in;
    cable->in_room = room;
    return 0;
}

int tdh_call_fill(struct tdh_http_call *call, uint64_t until_ns, bool *ret_is_end,
                  struct td_err *err)
{
    struct tdh_cable *cable = call->cable;
    enum tdh_cable_step step = TDH_CABLE_AWAITS_INPUT;
    size_t got = 0;

    *ret_is_end = false;
    if (make_room(cable, err) != 0)
        return -1;
    for (bool may_have = cable->may_have;; may_have = true) {
        enum tdh_woken woken;

        if (may_have)
            step = tdh_cable_read(cable, cable->in + cable->in_to, cable->in_room - cable->in_to,
                                  &got);
        if (step != TDH_CABLE_AWAITS_INPUT && step != TDH_CABLE_AWAITS_ROOM)
            break;
        woken = tdh_cable_wait(cable, step, until_ns);
        if (woken != TDH_WOKEN)
            return fail_wait(call, woken, "nothing came", err);
    }
    if (step == TDH_CABLE_BROKEN)
        return fail_broken("the connection broke", err);
    *ret_is_end = step == TDH_CABLE_END;
    cable->in_to += got;
    return 0;
}

/* --- the head of the reply --- */

/* Ends each part with a NUL: what stands there is a delimiter that has been read. */
static int keep_head(struct tdh_http_call *call, const char *bytes, size_t length,
                     struct td_err *err)
{
    tdh_buf_clear(&call->head);
    tdh_buf_add(&call->head, bytes, length);
    if (call->head.failed)
        return td_fail(err, TD_E_NOMEM, "could not allocate the head of the reply");
    for (size_t i = 0; i < call->parse.field_count; i++) {
        const struct tdh_field *field = &call->parse.fields[i];

        call->head.data[field->name.at + field->name.length] = '\0';
        call->head.data[field->value.at + field->value.length] = '\0';
    }
    return 0;
}

static int fail_head(const struct tdh_http_call *call, struct td_err *err)
{
    const struct tdh_parse *parse = &call->parse;

    if (parse->refusal == 413)
        td_fail(err, TD_E_LIMIT, "the body of the reply has %llu bytes, at most %llu are allowed",
                (unsigned long long)parse->length, (unsigned long long)parse->body_limit);
    else
        td_fail(err, TD_E_EXTERNAL, "the reply is malformed: %s", parse->why);
    err->is_retryable = false;
    return -1;
}

/* Looks at what has come. TDH_PARSE_MORE, TDH_PARSE_HEAD_DONE: the last head there will be, or
 * TDH_PARSE_FAILED, also without memory. */
static enum tdh_parse_step try_head(struct attempt *attempt, struct td_err *err)
{
    struct tdh_http_call *call = attempt->call;
    struct tdh_cable *cable = call->cable;
    size_t used;

    for (unsigned interim = 0;; interim++) {
        const char *bytes = cable->in + cable->in_from;
        enum tdh_parse_step step =
            cable->in_to == cable->in_from
                ? TDH_PARSE_MORE
                : tdh_parse_head(&call->parse, bytes, cable->in_to - cable->in_from, &used);

        if (step == TDH_PARSE_FAILED)
            fail_head(call, err);
        if (step != TDH_PARSE_HEAD_DONE)
            return step;
        cable->in_from += used;
        if (call->parse.status_code >= 200) {
            attempt->has_head = true;
            return keep_head(call, bytes, used, err) == 0 ? step : TDH_PARSE_FAILED;
        }
        if (call->parse.status_code == 101 || interim == TDH_HTTP_INTERIM) {
            td_fail(err, TD_E_EXTERNAL, "the reply is malformed: %s",
                    interim == TDH_HTTP_INTERIM ? "too many replies 1xx come before it"
                                                : "it changes to a protocol nobody asked for");
            return TDH_PARSE_FAILED;
        }
        tdh_parse_begin(&call->parse, true, call->parse.body_limit);
        call->parse.is_bodiless = strcmp(attempt->ask->method, "HEAD") == 0;
    }
}

static int fail_no_reply(struct attempt *attempt, struct td_err *err)
{
    attempt->has_broken = true;
    return td_fail(err, TD_E_UNAVAILABLE, "the connection ended %s, after %.1f s",
                   attempt->has_reply ? "within the head of the reply" : "without a reply",
                   tdh_call_age_s(attempt->call));
}

/* Words for a head that did not come. */
static int explain(struct attempt *attempt, struct td_err *err)
{
    if (err->code == TD_E_UNAVAILABLE)
        attempt->has_broken = true;
    if (err->code != TD_E_TIMEOUT)
        return -1;
    return td_fail(err, TD_E_TIMEOUT, "%s after %.1f s",
                   attempt->has_reply ? "the head of the reply was not whole" : "no reply",
                   tdh_call_age_s(attempt->call));
}

static int read_head(struct attempt *attempt, struct td_err *err)
{
    struct tdh_http_call *call = attempt->call;
    uint64_t until_ns = tdh_call_until(call, call->terms.head_ms);

    if (attempt->has_head)
        return 0;
    for (;;) {
        enum tdh_parse_step step = try_head(attempt, err);
        bool is_end;

        if (step != TDH_PARSE_MORE)
            return step == TDH_PARSE_HEAD_DONE ? 0 : -1;
        if (tdh_call_fill(call, until_ns, &is_end, err) != 0)
            return explain(attempt, err);
        if (is_end)
            return fail_no_reply(attempt, err);
        attempt->has_reply = true;
    }
}

/* --- sending --- */

/* Is there a refusal already? Reads what has come, and does not wait. 1: it is; 0: not yet; -1:
 * what came is no reply. */
static int look_for_refusal(struct attempt *attempt, struct td_err *err)
{
    struct tdh_http_call *call = attempt->call;
    struct tdh_cable *cable = call->cable;
    enum tdh_cable_step step = TDH_CABLE_END;
    size_t got = 0;

    if (cable->in_to - cable->in_from < TDH_HTTP_CALL_BUFFER / 2 && make_room(cable, err) == 0)
        step = tdh_cable_read(cable, cable->in + cable->in_to, cable->in_room - cable->in_to, &got);
    cable->in_to += got;
    attempt->has_reply |= got != 0;
    if (step != TDH_CABLE_DONE) {
        cable->is_deaf = step == TDH_CABLE_END || step == TDH_CABLE_BROKEN;
        return 0;
    }
    if (!attempt->has_head && try_head(attempt, err) == TDH_PARSE_FAILED)
        return -1;
    cable->must_close = attempt->has_head && call->parse.status_code >= 300;
    return cable->must_close ? 1 : 0;
}

/* The system takes no more. 0: it does again; 1: the rest need not be sent. */
static int await_room(struct attempt *attempt, enum tdh_cable_step step, struct td_err *err)
{
    struct tdh_http_call *call = attempt->call;
    enum tdh_woken woken =
        tdh_cable_wait(call->cable, step, tdh_call_until(call, call->terms.silence_ms));

    if (woken != TDH_WOKEN)
        return fail_wait(call, woken, "the request was not taken", err);
    return call->cable->is_deaf ? 0 : look_for_refusal(attempt, err);
}

/* A refusal may have come before the connection broke. */
static int fail_send(struct attempt *attempt, struct td_err *err)
{
    int saved = errno, rc = attempt->sent != 0 ? look_for_refusal(attempt, err) : 0;

    if (rc != 0)
        return rc > 0 ? 0 : -1;
    errno = saved;
    attempt->has_broken = true;
    return fail_broken("the connection broke while the request was sent", err);
}

/* What is not sent yet. */
static unsigned rest_of(struct iovec parts[2], size_t head, const struct tdh_http_ask *ask,
                        const char *bytes, size_t sent)
{
    if (sent >= head) {
        parts[0] =
            (struct iovec){ (char *)ask->body + (sent - head), ask->body_bytes - (sent - head) };
        return 1;
    }
    parts[0] = (struct iovec){ (char *)bytes + sent, head - sent };
    parts[1] = (struct iovec){ (char *)ask->body, ask->body_bytes };
    return ask->body_bytes != 0 ? 2 : 1;
}

static int send_request(struct attempt *attempt, struct td_err *err)
{
    struct tdh_cable *cable = attempt->call->cable;
    const struct tdh_http_ask *ask = attempt->ask;
    size_t head = cable->out.length, all = head + ask->body_bytes;

    if (cable->ssl != NULL && all <= ONE_RECORD) { /* one record, so one system call */
        tdh_buf_add(&cable->out, ask->body, ask->body_bytes);
        if (cable->out.failed)
            return td_fail(err, TD_E_NOMEM, "could not allocate a request");
        head = all;
    }
    while (attempt->sent < all) {
        struct iovec parts[2];
        unsigned count = rest_of(parts, head, ask, cable->out.data, attempt->sent);
        size_t sent = 0;
        enum tdh_cable_step step = tdh_cable_write(cable, parts, count, &sent);
        int rc;

        attempt->sent += sent;
        if (step == TDH_CABLE_DONE)
            continue;
        if (step != TDH_CABLE_AWAITS_INPUT && step != TDH_CABLE_AWAITS_ROOM)
            return fail_send(attempt, err);
        rc = await_room(attempt, step, err);
        if (rc != 0)
            return rc > 0 ? 0 : -1;
    }
    return 0;
}

/* --- one try, and maybe another --- */

static void begin_call(struct tdh_http_call *call, const struct tdh_http_ask *ask,
                       const struct tdh_terms *terms)
{
    struct tdh_cable *cable = call->cable;

    call->terms = *terms;
    call->has_events = call->has_failed = false;
    call->events = NULL;
    call->event_bytes = 0;
    cable->in_from = cable->in_to = 0;
    cable->may_have = cable->must_close = cable->is_deaf = false;
    tdh_parse_begin(&call->parse, true,
                    ask->limit_bytes != 0 ? ask->limit_bytes : TDH_HTTP_BODY_BYTES);
    call->parse.is_bodiless = strcmp(ask->method, "HEAD") == 0;
}

static int connect_cable(struct attempt *attempt, uint64_t until_ns, struct td_err *err)
{
    struct tdh_cable *cable = attempt->call->cable;
    struct tdh_health *health = &cable->berth->upstream->health;

    if (cable->fd >= 0)
        return 0;
    if (tdh_cable_dial(cable, until_ns, err) != 0) {
        if (err->code == TD_E_TIMEOUT)
            tdh_metric_add(&tdh_client_timeouts, 1);
        attempt->has_broken = true;
        tdh_cable_close(cable);
        return -1;
    }
    cable->is_counted = true;
    tdh_metric_add(&tdh_client_connections, 1);
    atomic_fetch_add_explicit(&health->connections, 1, memory_order_relaxed);
    return 0;
}

static int try_once(struct attempt *attempt, struct td_err *err)
{
    struct tdh_http_call *call = attempt->call;
    struct tdh_cable *cable = call->cable;
    const struct tdh_upstream *upstream = cable->berth->upstream;

    if (tdh_ask_print(&cable->out, upstream, attempt->ask, err) != 0 ||
        connect_cable(attempt, tdh_call_until(call, upstream->options.connect_ms), err) != 0 ||
        send_request(attempt, err) != 0)
        return -1;
    return read_head(attempt, err);
}

/* Is twice as good as once? */
static bool may_repeat(const struct tdh_http_ask *ask)
{
    static const char *const methods[] = { "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" };

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (strcmp(ask->method, methods[i]) == 0)
            return true;
    return ask->is_repeatable;
}

/* What a failure says of the upstream. */
static void judge(struct tdh_upstream *upstream, const struct attempt *attempt,
                  const struct td_err *err)
{
    uint64_t now_ns = tdh_clock_mono_ns();
    bool is_bad;

    if (err->code == TD_E_TIMEOUT) /* the caller's own haste says nothing */
        is_bad = now_ns < attempt->call->terms.deadline_ns;
    else
        is_bad = attempt->has_broken && err->code != TD_E_CANCELLED && err->code != TD_E_NOMEM &&
                 err->code != TD_E_CONFIG;
    if (is_bad && !attempt->call->cable->was_kept)
        tdh_health_bad(&upstream->health, now_ns);
    else
        tdh_health_unknown(&upstream->health);
}

/* A connection that nothing was sent over is as good as before. */
static void drop(const struct attempt *attempt)
{
    struct tdh_cable *cable = attempt->call->cable;

    if (attempt->sent == 0 && !attempt->has_broken && cable->fd >= 0)
        tdh_berth_give(cable);
    else
        tdh_berth_discard(cable);
}

/* A kept connection may have ended before the request came: nobody was there to read it, or nobody
 * knows. */
static bool is_worth_another(const struct attempt *attempt)
{
    return attempt->call->cable->was_kept && attempt->has_broken && !attempt->has_reply &&
           (attempt->sent == 0 || may_repeat(attempt->ask));
}

/* Sends it, once more when that is right. */
static struct tdh_http_call *send_call(struct tdh_berth *berth, const struct tdh_http_ask *ask,
                                       const struct tdh_terms *terms, bool *ret_is_sent,
                                       struct td_err *err)
{
    struct tdh_cable *cable = tdh_berth_take(berth, !may_repeat(ask), terms->deadline_ns, err);
    struct attempt attempt = { .ask = ask };
    int rc;

    if (cable == NULL) {
        tdh_health_unknown(&berth->upstream->health);
        return NULL;
    }
    attempt.call = &cable->call;
    begin_call(&cable->call, ask, terms);
    rc = try_once(&attempt, err);
    *ret_is_sent = attempt.sent != 0;
    if (rc != 0 && is_worth_another(&attempt)) {
        tdh_metric_add(&tdh_client_repeats, 1);
        tdh_cable_end(cable);
        attempt = (struct attempt){ .call = &cable->call, .ask = ask };
        begin_call(&cable->call, ask, terms);
        rc = try_once(&attempt, err);
        *ret_is_sent |= attempt.sent != 0;
    }
    if (rc == 0) {
        tdh_health_good(&berth->upstream->health);
        return &cable->call;
    }
    judge(berth->upstream, &attempt, err);
    drop(&attempt);
    return NULL;
}

struct tdh_http_call *tdh_http_open(struct tdh_upstream *upstream, const struct tdh_http_ask *ask,
                                    bool *ret_is_sent, struct td_err *err)
{
    const struct tdh_upstream_options *options = &upstream->options;
    struct tdh_berth *berth = &upstream->berths[tdh_worker_index(tdh_worker_self())];
    struct tdh_terms terms = {
        .begun_ns = tdh_clock_mono_ns(),
        .deadline_ns = ask->deadline_ns != 0 ? ask->deadline_ns : TDH_NEVER,
        .head_ms = ask->head_ms != 0 ? ask->head_ms : options->head_ms,
        .silence_ms = ask->silence_ms != 0 ? ask->silence_ms : options->silence_ms,
    };
    struct tdh_http_call *call = NULL;

    *ret_is_sent = false;
    if (tdh_ask_check(ask, err) != 0) {
        td_context(err, "%s", upstream->health.name);
        return NULL;
    }
    tdh_ask_name(ask, terms.what);
    tdh_metric_add(&tdh_client_calls, 1);
    atomic_fetch_add_explicit(&upstream->health.calls, 1, memory_order_relaxed);
    if (tdh_health_ask(&upstream->health, terms.begun_ns, err) != 0) {
        tdh_metric_add(&tdh_client_refusals, 1);
        return NULL; /* it names the upstream */
    }
    tdh_berth_enter(berth);
    call = send_call(berth, ask, &terms, ret_is_sent, err);
    if (call == NULL) {
        td_context(err, "%s: %s", upstream->health.name, terms.what);
        tdh_berth_exit(berth);
    }
    return call;
}
