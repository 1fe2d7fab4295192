/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client: requests to servers that are asked again and again, as the gateway does: straight-line
 * code in a coroutine of a worker, over connections that are kept. Part of http.h.
 *
 * An upstream is a server: its address, whom it must be, and its health. Each worker has its own
 * connections to it and its own queue of calls that wait for one, so nothing here takes a lock. A
 * call is one request and its reply; it has a connection for itself until it ends.
 */
#ifndef TDH_HTTP_CLIENT_H
#define TDH_HTTP_CLIENT_H

#include "http/health.h"
#include "http/sse.h"
#include "runtime/runtime.h"

enum {
    TDH_HTTP_ASK_FIELDS = 64,           /* fields of a request */
    TDH_HTTP_ASK_HEAD = 32 * 1024,      /* bytes of the head of a request */
    TDH_HTTP_CALL_BUFFER = 64 * 1024,   /* of a reply that nobody has read yet, at most */
    TDH_HTTP_BODY_BYTES = 16 << 20,     /* longest body of a reply, unless the call says another */
    TDH_HTTP_EVENT_BYTES = 4 << 20,     /* longest event of a stream */
    TDH_HTTP_INTERIM = 8,               /* replies 1xx before the reply */
    TDH_HTTP_ADDRESSES = 8,             /* of a name that are tried */
    TDH_HTTP_ADDRESSES_MS = 30000,      /* how long addresses of a name are used */
    TDH_HTTP_RETRY_AFTER_S = 24 * 3600, /* longest Retry-After that is believed */
};

/* --- upstreams --- */

/* A zero stands for the number in brackets. Texts are borrowed while tdh_upstream_new runs. */
struct tdh_upstream_options {
    struct tdh_runtime *runtime;
    const char *url;      /* "https://api.example.com", "http://[::1]:8080"; a path is refused */
    const char *ca_file;  /* PEM: whom to trust instead of the system's; NULL */
    uint32_t connections; /* of each worker [64] */
    uint32_t idle;        /* of each worker, that are kept while nobody needs them [16] */
    uint32_t waiting;     /* calls of each worker that wait for a connection [1024] */
    uint32_t connect_ms;  /* until there is a connection, TLS included [10 000] */
    uint32_t head_ms;     /* from the request's last byte to the reply's whole head [60 000] */
    uint32_t silence_ms;  /* between two pieces of a reply, or of a request [60 000] */
    uint32_t keep_ms;     /* how long a connection that nobody needs is kept [30 000] */
};

struct tdh_upstream;

/**
 * Nothing is looked up or connected yet. In any thread.
 *
 * err  TD_E_INVAL: the url is none, or more than scheme, host and port; TD_E_NOMEM
 * new; tdh_upstream_free()
 */
struct tdh_upstream *tdh_upstream_new(const struct tdh_upstream_options *options,
                                      struct td_err *err);
/**
 * Ends the connections that nobody uses, soon, on each worker. Calls that have begun go on; the
 * last one that ends frees it. None may be opened afterwards. In any thread, while the runtime
 * runs; NULL.
 */
void tdh_upstream_free(struct tdh_upstream *upstream);
/** "https://api.example.com:443" */
const char *tdh_upstream_name(const struct tdh_upstream *upstream);

/* --- calls: in the coroutine that opened it --- */

struct tdh_http_ask_field {
    const char *name, *value;
};

/* What is asked. Borrowed while tdh_http_open runs. Zeroed but for method and target is valid. */
struct tdh_http_ask {
    const char *method;
    const char *target; /* "/v1/models?limit=3" */
    /* Not Host, Content-Length, Transfer-Encoding, Connection, Expect, TE, Trailer or Upgrade. */
    const struct tdh_http_ask_field *fields;
    size_t field_count;
    const void *body; /* NULL: none */
    size_t body_bytes;
    bool is_repeatable;   /* twice is as good as once, also when the method does not say so */
    uint64_t limit_bytes; /* longest body of the reply; 0: TDH_HTTP_BODY_BYTES */
    uint32_t head_ms, silence_ms; /* 0: the upstream's */
    uint64_t deadline_ns; /* of the whole call, on the clock of tdh_clock_mono_ns; 0, TDH_NEVER:
                             none */
};

/* A request that was sent, and its reply as it comes. Not read, it does not grow: the upstream is
 * left waiting. */
struct tdh_http_call;

/**
 * Sends a request and waits for the head of its reply; any status is one.
 *
 * A request is sent a second time, over a new connection, only when it went out over one that was
 * kept, that one ended before a byte of the reply came, and either nothing of the request had left,
 * or its method is idempotent (GET, HEAD, OPTIONS, TRACE, PUT, DELETE), or it is_repeatable.
 *
 * ret_is_sent  on failure: something of it has left, so the upstream may have done what was asked
 * err   TD_E_INVAL: no such method, target or field; TD_E_UNAVAILABLE: not reached, cut off, or
 * left alone as it failed before (retry_after_ms); TD_E_EXTERNAL: not trusted, or the reply is
 *       malformed; TD_E_LIMIT: too much of something; TD_E_TIMEOUT; TD_E_CANCELLED; TD_E_NOMEM
 * new; tdh_http_call_end()
 */
TD_YIELDS struct tdh_http_call *tdh_http_open(struct tdh_upstream *upstream,
                                              const struct tdh_http_ask *ask, bool *ret_is_sent,
                                              struct td_err *err);
/**
 * Ends it. The connection is kept when the reply is whole, or its rest is here already; else it is
 * closed at once, so the upstream sees that nobody listens. Never waits. NULL is fine.
 */
void tdh_http_call_end(struct tdh_http_call *call);

unsigned tdh_http_call_status(const struct tdh_http_call *call);
/** The value of the first field of that name, in any case; NULL. Borrowed until the call ends. */
const char *tdh_http_call_field(const struct tdh_http_call *call, const char *name);

/**
 * The next bytes of the body, as they come; *ret_length 0 is the end of a whole body. Borrowed
 * until the next of these calls.
 *
 * err  TD_E_UNAVAILABLE: the connection ended before the body did; TD_E_EXTERNAL: malformed;
 *      TD_E_LIMIT; TD_E_TIMEOUT; TD_E_CANCELLED. After a failure only tdh_http_call_end()
 */
TD_YIELDS int tdh_http_call_read(struct tdh_http_call *call, const char **ret_bytes,
                                 size_t *ret_length, struct td_err *err);
/** The whole body, NUL-terminated, at most `limit` bytes. Borrowed until the call ends. err as
 * tdh_http_call_read, TD_E_NOMEM. */
TD_YIELDS int tdh_http_call_whole(struct tdh_http_call *call, size_t limit, const char **ret_bytes,
                                  size_t *ret_length, struct td_err *err);
/**
 * The next event of a body that is a stream of events, whatever its type says; *ret_event NULL is
 * the end of the stream. Borrowed until the next of these calls.
 *
 * err  as tdh_http_call_read; TD_E_UNAVAILABLE also when the body ended within an event
 */
TD_YIELDS int tdh_http_call_event(struct tdh_http_call *call,
                                  const struct tdh_sse_event **ret_event, struct td_err *err);

/**
 * A status of 400 or more as an error: code, is it worth a retry, and Retry-After in either form.
 * Returns -1. Does not read the body.
 */
int tdh_http_call_refusal(const struct tdh_http_call *call, struct td_err *err);

#endif
