/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peer: a server on loopback that does what a script says, however wrong that is, in threads of its
 * own; and a worker for the client that talks to it.
 */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include "http/http.h"

struct ssl_ctx_st;

enum peer_then {
    PEER_NEXT,  /* goes on with the next request of the connection */
    PEER_CLOSE, /* ends the connection */
    PEER_RESET, /* breaks it */
    PEER_CUT,   /* ends it, and not what speaks TLS over it */
    PEER_HOLD   /* waits until the client goes away */
};

/* What becomes of one request. */
struct peer_act {
    const char *say; /* NULL: nothing */
    size_t length;   /* 0: as long as a text */
    unsigned times;  /* 0: once */
    bool drips;      /* a byte at a time, a few of them a second */
    bool is_early;   /* before the body is read, which then is not */
    enum peer_then then;
};

struct peer;

/** Takes the acts one after the other, in the order the requests come; the last stays. acts:
 * borrow. tls: NULL: plain. */
struct peer *peer_start(const struct peer_act *acts, size_t count, struct ssl_ctx_st *tls);
/** Waits for its connections to end. */
void peer_end(struct peer *peer);
unsigned peer_port(const struct peer *peer);
unsigned peer_connections(const struct peer *peer);
unsigned peer_requests(const struct peer *peer);
/** Bytes that it could send. */
size_t peer_sent(const struct peer *peer);
/** Connections that the client has ended. */
unsigned peer_gone(const struct peer *peer);
/** Connections that are closed on its side, whoever ended them. */
unsigned peer_ended(const struct peer *peer);
/** Waits until so many have gone; in a coroutine. False after ten seconds. */
bool peer_await_gone(const struct peer *peer, unsigned count);
/** The last request, its body as far as there was room. When no request is under way. */
const char *peer_heard(const struct peer *peer);

/* --- certificates: peer_tls.c --- */

enum peer_fault { PEER_GOOD, PEER_SELF_SIGNED, PEER_EXPIRED };
/** A server's context with a certificate for `name`, "DNS:localhost"; its authority's is written to
 * `ca_file`. new: peer_tls_free() */
struct ssl_ctx_st *peer_tls_new(const char *name, enum peer_fault fault, const char *ca_file);
void peer_tls_free(struct ssl_ctx_st *tls);

/* --- the client --- */

enum { GOT_BODY = 4096 };
/* What came of one request. */
struct got {
    int rc; /* of open and whole */
    bool has_head, is_sent;
    unsigned status;
    char body[GOT_BODY];
    size_t body_bytes;
    struct td_err err;
};

/** An upstream at the peer; options: its zeros filled in, NULL: all of them. In a coroutine. */
struct tdh_upstream *peer_upstream(const struct peer *peer,
                                   const struct tdh_upstream_options *options);
/** Sends a request, reads the whole reply, ends the call. */
void peer_ask(struct tdh_upstream *upstream, const struct tdh_http_ask *ask, struct got *ret_got);
/** GET / */
void peer_get(struct tdh_upstream *upstream, struct got *ret_got);
/* What a test's coroutine is given and what it found out; asserted when it has ended. */
enum { SCENE_CALLS = 16 };
struct scene {
    struct peer *peer;
    struct ssl_ctx_st *tls; /* of the peer; NULL: plain */
    struct tdh_upstream *upstream;
    struct tdh_upstream_options options;
    struct tdh_http_ask ask;
    struct got got[SCENE_CALLS];
    bool is_good;
    unsigned ended, order[SCENE_CALLS];
    struct tdh_co *main;
};
/** Runs fn with the scene as a coroutine of the first of two workers. acts: NULL: no peer, else it
 * is to be ended.
 */
void scene_run(struct scene *scene, tdh_co_fn *fn, const struct peer_act *acts, size_t count);
/** Makes its upstream; in the coroutine. */
void scene_begin(struct scene *scene);
/** Lets tasks, callbacks and other threads run. */
void scene_pause(unsigned ms);

/** Runs fn as a coroutine of the first of two workers. */
void peer_run(tdh_co_fn *fn, void *arg);
/** The runtime of peer_run, while it runs. */
struct tdh_runtime *peer_runtime(void);
/** What a metric counts now. */
int64_t peer_metric(const char *name);

#endif
