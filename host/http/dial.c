/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dial: a new connection: addresses in turn, then TLS.
 *
 * Each address but the last gets a fair share of the time that is left, so that one that swallows
 * packets does not take all of it; the one that answered last time is tried first.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/cable.h"
#include "http/internal.h"

enum { LEAST_MS = 250, TRIED = 300 };

static int fail_cancelled(struct td_err *err)
{
    return td_fail(err, TD_E_CANCELLED, "the call was cancelled");
}

/* Waits until the socket is connected, or is not. Returns what became of it, as errno has it. */
static int await_connect(struct tdh_cable *cable, uint64_t until_ns, bool *ret_is_cancelled)
{
    enum tdh_woken woken = tdh_cable_wait(cable, TDH_CABLE_AWAITS_ROOM, until_ns);
    struct sockaddr_storage peer;
    socklen_t peer_length = sizeof(peer);
    int code = 0;
    socklen_t length = sizeof(code);

    *ret_is_cancelled = woken == TDH_WAIT_CANCELLED;
    if (woken != TDH_WOKEN)
        return ETIMEDOUT;
    if (getsockopt(cable->fd, SOL_SOCKET, SO_ERROR, &code, &length) != 0)
        return errno;
    if (code == 0 && getpeername(cable->fd, (struct sockaddr *)&peer, &peer_length) != 0)
        return EINPROGRESS;
    return code;
}

/* One address. Returns 0, or why not, as errno has it. */
static int connect_to(struct tdh_cable *cable, const struct tdh_place *place, uint64_t until_ns,
                      bool *ret_is_cancelled)
{
    int fd = socket(place->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int one = 1, code;
    struct td_err err;

    *ret_is_cancelled = false;
    if (fd < 0)
        return errno;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (tdh_cable_open(cable, fd, &err) != 0)
        return ENOMEM;
    code = connect(fd, (const struct sockaddr *)&place->address, place->length) == 0 ? 0 : errno;
    while (code == EINPROGRESS)
        code = await_connect(cable, until_ns, ret_is_cancelled);
    if (code != 0)
        tdh_cable_close(cable);
    return code;
}

/* --- addresses in turn --- */

static uint64_t share(uint64_t until_ns, unsigned left)
{
    uint64_t now_ns = tdh_clock_mono_ns(), least_ns = LEAST_MS * TDH_NS_PER_MS, part_ns;

    if (left <= 1 || until_ns <= now_ns)
        return until_ns;
    part_ns = (until_ns - now_ns) / left;
    if (part_ns < least_ns)
        part_ns = least_ns;
    return now_ns + part_ns < until_ns ? now_ns + part_ns : until_ns;
}

static void add_tried(struct tdh_buf *tried, const struct tdh_place *place, int code)
{
    char address[TDH_ADDRESS];

    tdh_address_print((const struct sockaddr *)&place->address, address);
    tdh_buf_text(tried, tried->length != 0 ? "; " : "");
    tdh_buf_text(tried, address);
    tdh_buf_text(tried, ": ");
    tdh_buf_text(tried, code == ETIMEDOUT ? "it does not answer" : strerror(code));
}

static int fail_all(struct tdh_berth *berth, const struct tdh_buf *tried, bool is_late,
                    double after_s, struct td_err *err)
{
    if (!berth->upstream->is_address)
        berth->places_until_ns = 0; /* maybe it has moved */
    return td_fail(err, is_late ? TD_E_TIMEOUT : TD_E_UNAVAILABLE,
                   "could not connect, tried for %.1f s: %s", after_s,
                   tried->length != 0 ? tried->data : "no memory");
}

/* The addresses are copied: while one is tried, a lookup may bring others. */
static int connect_any(struct tdh_cable *cable, uint64_t until_ns, struct td_err *err)
{
    struct tdh_berth *berth = cable->berth;
    struct tdh_place places[TDH_HTTP_ADDRESSES];
    unsigned count = berth->place_count, first = berth->good_place;
    uint64_t begun_ns = tdh_clock_mono_ns();
    struct tdh_buf tried = { 0 };
    int code = 0, rc;

    memcpy(places, berth->places, sizeof(places));
    for (unsigned i = 0; i < count; i++) {
        unsigned at = (first + i) % count;
        bool is_cancelled;

        code = connect_to(cable, &places[at], share(until_ns, count - i), &is_cancelled);
        if (code == 0)
            berth->good_place = at;
        if (code == 0 || is_cancelled) {
            tdh_buf_free(&tried);
            return code == 0 ? 0 : fail_cancelled(err);
        }
        add_tried(&tried, &places[at], code);
    }
    rc = fail_all(berth, &tried, code == ETIMEDOUT, (double)(tdh_clock_mono_ns() - begun_ns) / 1e9,
                  err);
    tdh_buf_free(&tried);
    return rc;
}

/* --- TLS --- */

static int shake(struct tdh_cable *cable, uint64_t until_ns, struct td_err *err)
{
    uint64_t begun_ns = tdh_clock_mono_ns();
    enum tdh_cable_step step;

    cable->ssl = tdh_session_new(cable);
    if (cable->ssl == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate TLS");
    while ((step = tdh_session_shake(cable, err)) != TDH_CABLE_DONE) {
        enum tdh_woken woken;

        if (step == TDH_CABLE_BROKEN)
            return -1;
        woken = tdh_cable_wait(cable, step, until_ns);
        if (woken == TDH_WAIT_CANCELLED)
            return fail_cancelled(err);
        if (woken == TDH_WAIT_TIMEOUT)
            return td_fail(err, TD_E_TIMEOUT, "could not agree on TLS within %.1f s",
                           (double)(tdh_clock_mono_ns() - begun_ns) / 1e9);
    }
    return 0;
}

int tdh_cable_dial(struct tdh_cable *cable, uint64_t until_ns, struct td_err *err)
{
    struct tdh_upstream *upstream = cable->berth->upstream;

    if (tdh_berth_resolve(cable->berth, until_ns, err) != 0 ||
        connect_any(cable, until_ns, err) != 0)
        return -1;
    tdh_metric_add(&tdh_client_connects, 1);
    if (!upstream->is_tls)
        return 0;
    return tdh_trust_load(upstream, err) == 0 ? shake(cable, until_ns, err) : -1;
}
