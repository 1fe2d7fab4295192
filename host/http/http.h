/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http: a server, and requests to servers elsewhere.
 *
 * The server reads with a strict parser of its own. A connection lives on one worker; while a
 * request is in flight it has a coroutine there, and none while it is idle.
 *
 * Requests to servers that are asked again and again go over connections of our own that are kept:
 * client.h.
 *
 * All other requests to others are done by libcurl, which costs time and memory to load: it is in a
 * module of its own, opened by the first request of the process. One engine per worker; curl runs
 * on the worker's main stack only, and names are resolved in threads of its own.
 */
#ifndef TDH_HTTP_HTTP_H
#define TDH_HTTP_HTTP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tdev/ctx.h>
#include <tdev/err.h>

#include "http/client.h"
#include "runtime/runtime.h"

/* --- requests to others: host/http/fetch.c --- */

/** May a request go there? host: a name, or an address without brackets. */
typedef bool tdh_http_allow_fn(void *arg, const char *host, unsigned port);

struct tdh_http_request {
    const char *method, *url;   /* http or https */
    const char *const *headers; /* "Name: value"; ends with NULL; may be NULL */
    const void *body;           /* NULL: none */
    size_t body_bytes;
    size_t limit_bytes;       /* longest body of the reply, decoded */
    uint64_t deadline_ns;     /* TDH_NEVER: none */
    const char *ca_file;      /* whom to trust instead of the system's; NULL */
    tdh_http_allow_fn *allow; /* asked before anything is sent */
    void *allow_arg;
};

struct tdh_http_reply {
    unsigned status;
    json_t *headers; /* new: names in small letters to values, several joined by ", " */
    char *body;      /* new: free(); NUL-terminated */
    size_t body_bytes;
};

/** At start-up. module: path of tdev-http.so; borrow. */
void tdh_http_setup(const char *module);
/** Ends all engines; when the runtime has ended, before it is freed. */
void tdh_http_end(void);
/**
 * Sends a request and waits for the whole reply. Redirects are not followed. In a coroutine.
 *
 * ret_is_sent  on failure: something of it has left, so the server may have done what was asked
 * err          TD_E_INVAL: no such URL, method or header; TD_E_PERM: not allowed there;
 *              TD_E_UNAVAILABLE: not reached, or cut off; TD_E_EXTERNAL: not trusted; TD_E_LIMIT:
 *              too long; TD_E_TIMEOUT, TD_E_CANCELLED; TD_E_UNSUPPORTED: the module is not there
 */
TD_YIELDS int tdh_http_fetch(const struct tdh_http_request *request,
                             struct tdh_http_reply *ret_reply, bool *ret_is_sent,
                             struct td_err *err);

/* --- the server: host/http/server.c --- */

enum {
    TDH_HTTP_PARAMS = 8,               /* segments in braces of a route */
    TDH_HTTP_ROUTES = 1000,            /* of a server */
    TDH_HTTP_OUT_HIGH = 64 * 1024,     /* bytes that wait for a client before its handler waits */
    TDH_HTTP_OUT_LOW = 16 * 1024,      /* how few they must be before it goes on */
    TDH_HTTP_IN_HIGH = 64 * 1024,      /* bytes of a client that nobody has read yet */
    TDH_HTTP_REPLY_FIELDS = 16 * 1024, /* bytes of fields that a handler adds */
    TDH_HTTP_UNREAD = 64 * 1024, /* of a body nobody read: passed over; more ends the connection */
    TDH_HTTP_LINGER_MS = 2000,   /* how long a client may go on to send after the last reply */
    TDH_HTTP_RATE = 512          /* bytes a second that a body must come with, at least */
};

struct tdh_http_server;
/*
 * A request and its reply: lives while its handler runs, in one coroutine. Texts that are asked of
 * it live as long.
 */
struct tdh_http_exchange;

/**
 * Answers a request. It must reply; when it does not, the client gets 500. When the client goes
 * away, the coroutine is cancelled.
 */
typedef void tdh_http_handler_fn(struct tdh_http_exchange *exchange, void *arg);

struct tdh_http_route {
    const char *method; /* a GET answers HEAD as well */
    const char *path;   /* "/runs/{id}/events": what is in braces takes any one segment */
    tdh_http_handler_fn *handle;
    void *arg;
};

/* Borrowed while tdh_http_server_new runs, but for the routes, which outlive the server. */
struct tdh_http_server_options {
    struct tdh_runtime *runtime;
    const char *listen; /* "127.0.0.1:8338", "[::1]:8338"; port 0: any that is free */
    const struct tdh_http_route *routes;
    size_t route_count;
    const char *certificate, *key; /* PEM files: TLS 1.2 and later; NULL: plain */
    bool is_authenticated;         /* nobody unknown gets past a handler */
    bool has_access_log;
    uint32_t connections_max, per_address_max; /* 0: none of its own */
    uint64_t body_bytes;                       /* longest body of a request */
    uint32_t head_ms;                          /* from a head's first byte to its last */
    uint32_t body_ms;  /* that a body may take longer than its bytes need at TDH_HTTP_RATE */
    uint32_t write_ms; /* until a client that does not read has taken what waits for it */
    uint32_t idle_ms;  /* between two requests */
};

/**
 * Listens, and serves from now on. On worker 0, in a coroutine; connections go to the worker with
 * the fewest.
 *
 * err  TD_E_INVAL: no such address, or routes that cannot be; TD_E_PERM: not a loopback address
 *      without TLS and authentication; TD_E_CONFIG: certificate or key; TD_E_IO; TD_E_NOMEM
 * new; tdh_http_server_drain(), then tdh_http_server_free()
 */
struct tdh_http_server *tdh_http_server_new(const struct tdh_http_server_options *options,
                                            struct td_err *err);
/** Where it listens: "127.0.0.1:43211", with the port it has got. */
const char *tdh_http_server_address(const struct tdh_http_server *server);
/** Reads certificate and key again, for connections that come. err TD_E_CONFIG: the old ones stay.
 */
int tdh_http_server_reload(struct tdh_http_server *server, struct td_err *err);
/**
 * Listens no more, ends idle connections, lets what is in flight end, cancels what has not ended
 * after `limit_ms`, and returns when no connection is left. On worker 0, in a coroutine.
 */
TD_YIELDS void tdh_http_server_drain(struct tdh_http_server *server, uint32_t limit_ms);
/** After _drain, or NULL. */
void tdh_http_server_free(struct tdh_http_server *server);

/* --- an exchange: only in its coroutine --- */

const char *tdh_http_method(const struct tdh_http_exchange *exchange);
/** As it came: not decoded, and without query. */
const char *tdh_http_path(const struct tdh_http_exchange *exchange);
/** What stands behind "?"; "" when there is none. */
const char *tdh_http_query(const struct tdh_http_exchange *exchange);
/** The value of the first field of that name, in any case; NULL. */
const char *tdh_http_header(const struct tdh_http_exchange *exchange, const char *name);
/** What stands in the path for "{name}", decoded. err TD_E_INVAL: it cannot be decoded; no NUL. */
int tdh_http_param(struct tdh_http_exchange *exchange, const char *name, const char **ret_value,
                   struct td_err *err);
/** Does the server end? Then streams should, too. In any thread. */
bool tdh_http_is_draining(const struct tdh_http_exchange *exchange);

/**
 * The next bytes of the body, as they come; *ret_length 0 is its end. Borrowed until the coroutine
 * next waits.
 *
 * err  TD_E_INVAL: it is malformed; TD_E_LIMIT; TD_E_TIMEOUT; TD_E_CANCELLED: the client is gone.
 *      tdh_http_fail() has the reply
 */
TD_YIELDS int tdh_http_body_next(struct tdh_http_exchange *exchange, const char **ret_bytes,
                                 size_t *ret_length, struct td_err *err);
/** The whole body, NUL-terminated, at most `limit` bytes. err as tdh_http_body_next, TD_E_NOMEM. */
TD_YIELDS int tdh_http_body(struct tdh_http_exchange *exchange, size_t limit,
                            const char **ret_bytes, size_t *ret_length, struct td_err *err);

/**
 * Adds a field to the reply, before it begins. Not Content-Length, Content-Type, Connection, Date
 * or Transfer-Encoding. err TD_E_INVAL: not a field; TD_E_LIMIT; TD_E_NOMEM
 */
int tdh_http_add(struct tdh_http_exchange *exchange, const char *name, const char *value,
                 struct td_err *err);
/**
 * Replies at once. type: media type, NULL: none. body: borrow. Waits while the client is slow.
 * err TD_E_CANCELLED: the client is gone; TD_E_TIMEOUT: it does not read; TD_E_NOMEM
 */
TD_YIELDS int tdh_http_reply(struct tdh_http_exchange *exchange, unsigned status, const char *type,
                             const void *body, size_t length, struct td_err *err);
/** Replies with a problem (RFC 9457). hint: NULL, or the way out. What fails is not told. */
TD_YIELDS void tdh_http_problem(struct tdh_http_exchange *exchange, unsigned status,
                                const char *detail, const char *hint);
/** The same with an error and the status that goes with it. Nothing once a reply has begun. */
TD_YIELDS void tdh_http_fail(struct tdh_http_exchange *exchange, const struct td_err *why);

/**
 * A reply that comes in pieces. One that is not ended when the handler returns is cut off, so the
 * client sees that it is not whole. err as tdh_http_reply
 */
TD_YIELDS int tdh_http_stream_begin(struct tdh_http_exchange *exchange, unsigned status,
                                    const char *type, struct td_err *err);
TD_YIELDS int tdh_http_stream_write(struct tdh_http_exchange *exchange, const void *bytes,
                                    size_t length, struct td_err *err);
TD_YIELDS int tdh_http_stream_end(struct tdh_http_exchange *exchange, struct td_err *err);

/** A stream of events (text/event-stream); ends with tdh_http_stream_end(). err as
 * tdh_http_reply. */
TD_YIELDS int tdh_http_events_begin(struct tdh_http_exchange *exchange, struct td_err *err);
/** One event. name, id: NULL: none. err as tdh_http_reply; TD_E_INVAL: a line end in name or id. */
TD_YIELDS int tdh_http_event(struct tdh_http_exchange *exchange, const char *name, const char *id,
                             const char *data, size_t length, struct td_err *err);
/** A comment, so that nobody on the way takes the stream for dead. */
TD_YIELDS int tdh_http_event_ping(struct tdh_http_exchange *exchange, struct td_err *err);

#endif
