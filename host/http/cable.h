/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cable: what the units of the client share. Private to them.
 *
 * An upstream has a berth on each worker: its connections (cables) there, the addresses of its
 * name, and the calls that wait. A cable is connecting, then in use by one call, at rest, in use
 * again, and closed. All of a berth is touched by its worker only.
 */
#ifndef TDH_HTTP_CABLE_H
#define TDH_HTTP_CABLE_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/buf.h"
#include "base/metric.h"
#include "http/client.h"
#include "http/parse.h"

struct event;
struct ssl_ctx_st; /* OpenSSL's SSL_CTX and SSL: only trust.c and cable.c look inside */
struct ssl_st;

#define TDH_NS_PER_MS UINT64_C(1000000)

/* An address of a name. */
struct tdh_place {
    struct sockaddr_storage address;
    socklen_t length;
};

enum { TDH_CALL_WHAT = 100 };

/* What is the same for each try to get a reply. */
struct tdh_terms {
    uint64_t begun_ns, deadline_ns;
    uint32_t head_ms, silence_ms;
    char what[TDH_CALL_WHAT]; /* "POST /v1/chat/completions" */
};

/* A request on its cable, and its reply. */
struct tdh_http_call {
    struct tdh_cable *cable;
    struct tdh_terms terms;
    struct tdh_parse parse;
    struct tdh_buf head; /* of the reply: parts end with NUL */
    struct tdh_buf body; /* the whole of it */
    struct tdh_sse sse;
    const char *events; /* of the piece that is not read yet */
    size_t event_bytes;
    bool has_events, has_failed;
};

struct tdh_cable {
    struct tdh_berth *berth;
    struct tdh_cable *next, *before; /* at rest: the one before came later */
    int fd;
    struct ssl_st *ssl;           /* NULL: plain */
    struct event *input, *output; /* output: only while it is waited for */
    struct tdh_co *waiter;        /* waits for either, and for nothing else */
    uint64_t rests_since_ns;
    bool was_kept;      /* this call is not its first */
    bool is_counted;    /* connected, and among those that are told */
    bool is_paused;     /* input is not watched: nobody wanted it when it came */
    bool may_have;      /* input may be there that no event tells of */
    bool must_close;    /* after this call */
    bool is_deaf;       /* nothing that comes is wanted while the request is sent */
    struct tdh_buf out; /* head of the request */
    char *in;           /* what was read, from..to; NULL at rest when it was large */
    size_t in_room, in_from, in_to;
    struct tdh_http_call call;
};

/* A call that waits for a cable; on its stack. */
struct tdh_queued {
    struct tdh_queued *next, *before;
    struct tdh_co *co;
    struct tdh_cable *cable; /* it got one */
    bool may_dial;           /* it may make one */
};

/* A call that waits for the addresses; on its stack. */
struct tdh_asking {
    struct tdh_asking *next;
    struct tdh_co *co;
    bool is_done;
};

struct tdh_berth {
    struct tdh_upstream *upstream;
    unsigned cables;  /* there are, or are being made */
    unsigned resting; /* of them at rest: a list, newest first */
    struct tdh_cable *newest, *oldest;
    struct tdh_timer expiry; /* of the oldest */
    struct tdh_queued *first, *last;
    unsigned queued;
    unsigned users; /* calls, lookups */
    bool is_left;   /* the upstream is freed with the last user */
    struct tdh_task leave;
    struct tdh_place places[TDH_HTTP_ADDRESSES];
    unsigned place_count, good_place; /* the one that answered last */
    uint64_t places_until_ns;
    bool is_looking_up;
    struct td_err lookup_err; /* of the last lookup; code 0: it was good */
    struct tdh_asking *asking;
};

struct tdh_upstream {
    struct tdh_health health;
    struct tdh_upstream_options options;
    char host[256];  /* without brackets */
    char field[272]; /* "Host" */
    uint16_t port;
    bool is_tls, is_address;
    char *ca_file;
    _Atomic(struct ssl_ctx_st *) tls; /* set once; owned by trust.c */
    atomic_uint berths_left;          /* that still have users */
    unsigned berth_count;
    struct tdh_berth berths[];
};

/* --- pool.c --- */

/**
 * A cable to use: one at rest, a new one that is not connected yet (fd -1), or, when there are as
 * many as there may be, the first that another call gives back.
 *
 * is_sure   one that was kept is looked at first
 * until_ns  how long it may wait; err TD_E_LIMIT, TD_E_TIMEOUT, TD_E_CANCELLED, TD_E_NOMEM
 */
TD_YIELDS struct tdh_cable *tdh_berth_take(struct tdh_berth *berth, bool is_sure, uint64_t until_ns,
                                           struct td_err *err);
/** Gives it back: to the next who waits, or to rest; take. */
void tdh_berth_give(struct tdh_cable *cable);
/** Closes its connection, so that it can be connected anew. */
void tdh_cable_end(struct tdh_cable *cable);
/** Closes it, and lets the next who waits make another; take. */
void tdh_berth_discard(struct tdh_cable *cable);
/** The upstream is freed: closes what rests. Its worker only. */
void tdh_berth_leave(struct tdh_berth *berth);
/** A user has come, and has gone; the last one of a berth that is left may free the upstream. */
void tdh_berth_enter(struct tdh_berth *berth);
void tdh_berth_exit(struct tdh_berth *berth);

/* upstream.c: a berth has no users any more. May free it. */
void tdh_upstream_release(struct tdh_upstream *upstream);

/* --- resolve.c --- */

/** The addresses of the upstream are in the berth. err TD_E_UNAVAILABLE, TD_E_TIMEOUT,
 * TD_E_CANCELLED, TD_E_NOMEM */
TD_YIELDS int tdh_berth_resolve(struct tdh_berth *berth, uint64_t until_ns, struct td_err *err);

/* --- dial.c --- */

/** Connects a new cable, TLS included. err as tdh_http_open, before the text of which stands what
 * was tried */
TD_YIELDS int tdh_cable_dial(struct tdh_cable *cable, uint64_t until_ns, struct td_err *err);

/* --- cable.c --- */

enum tdh_cable_step {
    TDH_CABLE_DONE,
    TDH_CABLE_AWAITS_INPUT,
    TDH_CABLE_AWAITS_ROOM,
    TDH_CABLE_END,   /* the other side ended it, in order */
    TDH_CABLE_BROKEN /* errno says how; 0: it was cut off within TLS */
};

/** Reads what is there, at least one byte with TDH_CABLE_DONE. Never waits. */
enum tdh_cable_step tdh_cable_read(struct tdh_cable *cable, char *bytes, size_t room,
                                   size_t *ret_got);
/** Writes what the system takes, at least one byte with TDH_CABLE_DONE. Never waits. With TLS only
 * of the first part. */
enum tdh_cable_step tdh_cable_write(struct tdh_cable *cable, const struct iovec *parts,
                                    unsigned count, size_t *ret_sent);
/** Waits until it can go on; TDH_CABLE_AWAITS_ROOM: or until input came. */
TD_YIELDS enum tdh_woken tdh_cable_wait(struct tdh_cable *cable, enum tdh_cable_step step,
                                        uint64_t until_ns);
/** A cable at rest: has it been ended, or brought what nobody asked for? */
bool tdh_cable_is_dead(struct tdh_cable *cable);
/** What comes is looked for from now on. */
void tdh_cable_listen(struct tdh_cable *cable);
/** Watches a socket that was made; take. err TD_E_NOMEM */
int tdh_cable_open(struct tdh_cable *cable, int fd, struct td_err *err);
/** Back to what it was before tdh_cable_open. */
void tdh_cable_close(struct tdh_cable *cable);

/* --- trust.c --- */

/** Whom the upstream must be, loaded at the first use. err TD_E_CONFIG: the file of authorities */
TD_YIELDS int tdh_trust_load(struct tdh_upstream *upstream, struct td_err *err);
/** A client's session over a cable. NULL without memory. new: tdh_session_free() */
struct ssl_st *tdh_session_new(struct tdh_cable *cable);
/** Goes on with the handshake. err TD_E_EXTERNAL: not trusted, or no TLS */
enum tdh_cable_step tdh_session_shake(struct tdh_cable *cable, struct td_err *err);
void tdh_session_free(struct ssl_st *session);

/* --- request.c --- */

/** Method and target. err TD_E_INVAL */
int tdh_ask_check(const struct tdh_http_ask *ask, struct td_err *err);
/** Writes the head. err TD_E_INVAL: a field; TD_E_NOMEM */
int tdh_ask_print(struct tdh_buf *out, const struct tdh_upstream *upstream,
                  const struct tdh_http_ask *ask, struct td_err *err);
/** For people: "POST /v1/chat/completions". */
void tdh_ask_name(const struct tdh_http_ask *ask, char what[static TDH_CALL_WHAT]);

/* --- client.c --- */

/**
 * Reads more into the buffer of the cable, or waits for it.
 *
 * ret_is_end  the connection ended in order, and nothing more came
 * err         TD_E_TIMEOUT, TD_E_CANCELLED, TD_E_UNAVAILABLE, TD_E_LIMIT, TD_E_NOMEM
 */
TD_YIELDS int tdh_call_fill(struct tdh_http_call *call, uint64_t until_ns, bool *ret_is_end,
                            struct td_err *err);
/** Seconds since the call began. */
double tdh_call_age_s(const struct tdh_http_call *call);
/** min(now + ms, the call's deadline) */
uint64_t tdh_call_until(const struct tdh_http_call *call, uint32_t ms);

/* --- refusal.c --- */

/** A Retry-After in either form as a time from now; 0: none, or it has passed, or it is neither. */
uint32_t tdh_retry_after_ms(const char *text, int64_t now_s);

/* metrics: upstream.c */
extern struct tdh_metric tdh_client_calls, tdh_client_reused, tdh_client_repeats,
    tdh_client_timeouts, tdh_client_connects, tdh_client_connections, tdh_client_resting,
    tdh_client_waiting, tdh_client_refusals;

#endif
