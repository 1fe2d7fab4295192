/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http: requests to servers elsewhere.
 *
 * The work is done by libcurl, which costs time and memory to load: it is in a module of its own,
 * opened by the first request of the process. One engine per worker; curl runs on the worker's main
 * stack only, and names are resolved in threads of its own.
 */
#ifndef TDH_HTTP_HTTP_H
#define TDH_HTTP_HTTP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tdev/ctx.h>
#include <tdev/err.h>

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

#endif
