/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal: what the units of the server share.
 *
 * Three kinds of owners. The server: worker 0 accepts, counts connections and their addresses. A
 * lane: what the server has on one worker. A connection: on the worker of its lane, from the
 * hand-over to its end, when its entry goes back to worker 0.
 */
#ifndef TDH_HTTP_INTERNAL_H
#define TDH_HTTP_INTERNAL_H

#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "http/http.h"
#include "http/parse.h"

struct bufferevent;
struct evbuffer;
struct evconnlistener;
struct event;
struct ssl_ctx_st; /* OpenSSL's SSL_CTX and SSL: only tls.c looks inside */
struct ssl_st;

/* --- routes: route.c --- */

/* Parts of a path that stand for "{name}". */
struct tdh_params {
    const char *names[TDH_HTTP_PARAMS]; /* of the route; end with "}" */
    struct tdh_span values[TDH_HTTP_PARAMS];
    unsigned count;
};
/** Are they good? err TD_E_INVAL */
int tdh_routes_check(const struct tdh_http_route *routes, size_t count, struct td_err *err);
/**
 * The route of a request; NULL: *ret_allow has the methods of the path, "" when it has none. The
 * spans count from path.
 */
const struct tdh_http_route *tdh_routes_find(const struct tdh_http_route *routes, size_t count,
                                             const char *method, const char *path,
                                             struct tdh_params *ret_params, char *ret_allow,
                                             size_t allow_size);

/* --- words of replies: status.c --- */

/** "Not Found"; of a status that has none, "Unknown". */
const char *tdh_status_text(unsigned status);
/** The status that goes with an error. */
unsigned tdh_status_of(enum td_code code);
/** "Sun, 06 Nov 1994 08:49:37 GMT": 29 bytes and a NUL. */
enum { TDH_DATE = 30 };
void tdh_date_print(time_t now, char text[static TDH_DATE]);

/* --- TLS: tls.c --- */

/** err TD_E_CONFIG. new; tdh_tls_free() */
struct ssl_ctx_st *tdh_tls_new(const char *certificate, const char *key, struct td_err *err);
void tdh_tls_free(struct ssl_ctx_st *tls);
/** new: a session, taken by tdh_tls_bufferevent. NULL without memory. */
struct ssl_st *tdh_tls_session(struct ssl_ctx_st *tls);
void tdh_tls_session_free(struct ssl_st *session);
struct bufferevent *tdh_tls_bufferevent(struct event_base *base, int fd, struct ssl_st *session);
/** Tells the other side that nothing comes any more. */
void tdh_tls_bye(struct bufferevent *bev);

/* --- addresses: address.c --- */

/** "127.0.0.1:8338" or "[::1]:8338". err TD_E_INVAL */
int tdh_address_parse(const char *text, struct sockaddr_storage *ret_address, socklen_t *ret_length,
                      struct td_err *err);
bool tdh_address_is_loopback(const struct sockaddr *address);
enum { TDH_ADDRESS = 64 };
/** As tdh_address_parse reads it. */
void tdh_address_print(const struct sockaddr *address, char text[static TDH_ADDRESS]);
/** What counts as one client: an IPv4 address, or the first 64 bits of another. Returns its length.
 */
enum { TDH_PEER = 16 };
size_t tdh_address_peer(const struct sockaddr *address, char peer[static TDH_PEER]);

/* --- the server: server.c, accept.c --- */

/* Who has connections: of worker 0. */
struct tdh_peer {
    uint32_t count;
    size_t key_length;
    char key[TDH_PEER];
};

/* A connection as worker 0 knows it. Goes to its lane as one task, and comes back as another. */
struct tdh_entry {
    struct tdh_task task; /* first: a task is its entry */
    struct tdh_lane *lane;
    struct tdh_peer *peer;  /* NULL: not counted */
    struct ssl_st *session; /* NULL: plain */
    int fd;
    char address[TDH_ADDRESS];
};

struct tdh_conn;
struct tdh_lane {
    struct tdh_http_server *server;
    struct tdh_worker *worker;
    struct tdh_conn *conns;
    uint32_t count;         /* as worker 0 sees it */
    struct tdh_buf scratch; /* for what is sent before anybody waits */
    time_t date_at;
    char date[TDH_DATE];
};

struct tdh_http_server {
    struct tdh_http_server_options options;
    char *certificate, *key;
    char address[TDH_ADDRESS];
    struct evconnlistener *listener;
    struct tdh_timer pause; /* until accepting goes on */
    struct ssl_ctx_st *tls;
    struct tdh_map peers;
    uint32_t connections;   /* that have not come back */
    struct tdh_co *drainer; /* waits for them */
    atomic_bool is_draining;
    unsigned lane_count;
    struct tdh_lane *lanes;
};

/** accept.c: begins. err TD_E_IO, TD_E_INVAL, TD_E_PERM */
int tdh_accept_begin(struct tdh_http_server *server, struct td_err *err);
void tdh_accept_end(struct tdh_http_server *server);
/** A connection has ended; on its worker. */
void tdh_accept_return(struct tdh_entry *entry);

/* --- connections: conn.c --- */

enum tdh_reply_state { TDH_REPLY_NONE, TDH_REPLY_STREAM, TDH_REPLY_DONE };

struct tdh_http_exchange {
    struct tdh_conn *conn;
    struct tdh_parse parse;
    char *head; /* in the arena: NUL-terminated parts */
    struct tdh_arena arena;
    struct tdh_params params;
    struct tdh_buf fields; /* that the handler added */
    struct tdh_buf text;   /* of an event, a problem */
    struct tdh_buf body;   /* the whole of it */
    enum tdh_reply_state reply;
    unsigned status;
    unsigned refusal;   /* of the body: the status that goes with it */
    bool is_head;       /* HEAD: no body leaves */
    bool is_chunked;    /* the stream */
    bool must_close;    /* no further request on this connection */
    bool has_continued; /* the client was told to send its body */
    size_t taken;       /* bytes of the input that the last piece has */
    uint64_t begun_ns, body_since_ns, sent_bytes;
};

enum tdh_conn_state { TDH_CONN_OPEN, TDH_CONN_CLOSING, TDH_CONN_LINGERING };

struct tdh_conn {
    struct tdh_lane *lane;
    struct tdh_conn *next, *before;
    struct tdh_entry *entry;
    struct bufferevent *bev;
    struct tdh_co *co; /* of the exchange in flight */
    enum tdh_conn_state state;
    struct tdh_timer timer;         /* fires at or before the deadline */
    uint64_t deadline_ns;           /* of what is waited for while there is no coroutine */
    bool has_begun;                 /* bytes of a head are there, and its time runs */
    bool awaits_input, awaits_room; /* the coroutine waits for this, and for nothing else */
    bool is_gone;                   /* the client, or it does not take what it gets */
    uint32_t lingered;              /* bytes that came after the last reply */
    struct tdh_http_exchange exchange;
};

/** Takes over a connection; on the lane's worker. entry: take. */
void tdh_conn_begin(struct tdh_task *entry);
/** The server drains: ends it unless something is in flight. May free it. */
void tdh_conn_drain(struct tdh_conn *conn);
/** Ends it: at once, or when its coroutine has. May free it. */
void tdh_conn_cut(struct tdh_conn *conn);
/** The next request is there. *conn has no exchange in flight. */
bool tdh_conn_has_next(struct tdh_conn *conn);
/** In its coroutine: answers what is wrong with what came. */
void tdh_conn_refuse(struct tdh_conn *conn, unsigned status, const char *why);

/** Sends, or has it wait its turn; never waits itself. err TD_E_CANCELLED, TD_E_NOMEM */
int tdh_conn_put(struct tdh_conn *conn, const struct iovec *parts, unsigned count,
                 struct td_err *err);
/** Waits until not too much waits for the client. err TD_E_CANCELLED, TD_E_TIMEOUT */
TD_YIELDS int tdh_conn_room(struct tdh_conn *conn, struct td_err *err);
/** Waits for more input than `had` bytes. err TD_E_CANCELLED, TD_E_TIMEOUT */
TD_YIELDS int tdh_conn_more(struct tdh_conn *conn, size_t had, uint64_t until_ns,
                            struct td_err *err);
struct evbuffer *tdh_conn_input(const struct tdh_conn *conn);

/* --- exchanges: exchange.c, reply.c --- */

/** What the coroutine of a connection runs: requests, until no further one is there. */
TD_YIELDS void tdh_exchange_run(void *conn);
/** Of the lane's second. */
const char *tdh_lane_date(struct tdh_lane *lane);
/** Appends a reply's head up to where its own fields go. */
void tdh_reply_head(struct tdh_buf *buf, struct tdh_lane *lane, unsigned status, const char *type);
/** Appends a problem (RFC 9457). code, hint: NULL: none. */
void tdh_problem_print(struct tdh_buf *buf, unsigned status, const char *detail, const char *code,
                       const char *hint);

/* metrics: server.c */
extern struct tdh_metric tdh_http_requests, tdh_http_failures, tdh_http_refusals, tdh_http_timeouts,
    tdh_http_connections, tdh_http_turned_away;

#endif
