/* SPDX-License-Identifier: Apache-2.0 */
/*
 * module: between the host and the module with libcurl. Both are built together.
 *
 * All functions run on the main stack of one worker, and none waits.
 */
#ifndef TDH_HTTP_MODULE_H
#define TDH_HTTP_MODULE_H

#include "http/http.h"

enum { TDH_HTTP_MODULE = 1 }; /* changes with this file */

/* One request. Owned by who waits for it. */
struct tdh_http_exchange {
    const struct tdh_http_request *request;
    struct tdh_http_reply reply;
    struct td_err err;
    int rc;
    bool is_sent, is_done;
    void (*done)(struct tdh_http_exchange *exchange); /* told once, not for one that is dropped */
    void *easy;                                       /* the module's; NULL: it has none of it */
};

/* What the module asks of its worker. what: 1 to read, 2 to write, 3 both, 0 no longer. */
struct tdh_http_loop {
    void *arg;
    void (*watch)(void *arg, int fd, int what);
    void (*timer)(void *arg, long ms); /* less than 0: none */
};

struct tdh_http_engine;
struct tdh_http_module {
    int version;
    struct tdh_http_engine *(*open)(const struct tdh_http_loop *loop, const char *agent);
    void (*close)(struct tdh_http_engine *engine);
    /* A failure is told like any end, later or at once. */
    void (*send)(struct tdh_http_engine *engine, struct tdh_http_exchange *exchange);
    void (*drop)(struct tdh_http_engine *engine, struct tdh_http_exchange *exchange);
    /* fd -1: the timer. what as for watch. */
    void (*happened)(struct tdh_http_engine *engine, int fd, int what);
};
#define TDH_HTTP_SYMBOL "tdh_http_module"

#endif
