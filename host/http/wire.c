/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire: bytes of a connection to an upstream, plain or through TLS, and waiting for them.
 *
 * Reads and writes go to the system at once; libevent only says when to try again. Input is watched
 * as long as there is any and somebody wants it: when nobody does it is no longer looked for, so
 * what is not read stays with the system, and the other side waits.
 */
#include <errno.h>
#include <event2/event.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/wire.h"

/* --- what the loop tells --- */

static void on_input(evutil_socket_t fd, short what, void *arg)
{
    struct tdh_wire *wire = arg;

    (void)fd;
    (void)what;
    if (wire->waiter != NULL && !wire->is_deaf) {
        tdh_co_wake(wire->waiter);
    } else if (wire->rests_since_ns == 0) {
        event_del(wire->input);
        wire->is_paused = true;
    } else if (tdh_wire_is_dead(wire)) {
        tdh_berth_discard(wire);
    }
}

static void on_room(evutil_socket_t fd, short what, void *arg)
{
    const struct tdh_wire *wire = arg;

    (void)fd;
    (void)what;
    if (wire->waiter != NULL)
        tdh_co_wake(wire->waiter);
}

int tdh_wire_open(struct tdh_wire *wire, int fd, struct td_err *err)
{
    struct event_base *base = tdh_worker_events(tdh_worker_self());

    wire->input = event_new(base, fd, EV_READ | EV_PERSIST, on_input, wire);
    wire->output = event_new(base, fd, EV_WRITE, on_room, wire);
    wire->fd = fd;
    wire->is_paused = true;
    wire->may_have = false;
    if (wire->input != NULL && wire->output != NULL)
        return 0;
    tdh_wire_close(wire);
    return td_fail(err, TD_E_NOMEM, "could not allocate the events of a connection");
}

void tdh_wire_close(struct tdh_wire *wire)
{
    if (wire->ssl != NULL)
        tdh_session_free(wire->ssl);
    if (wire->input != NULL)
        event_free(wire->input);
    if (wire->output != NULL)
        event_free(wire->output);
    if (wire->fd >= 0)
        close(wire->fd);
    wire->ssl = NULL;
    wire->input = wire->output = NULL;
    wire->fd = -1;
}

/* --- waiting --- */

void tdh_wire_listen(struct tdh_wire *wire)
{
    if (wire->is_paused && event_add(wire->input, NULL) == 0)
        wire->is_paused = false;
}

enum tdh_woken tdh_wire_wait(struct tdh_wire *wire, enum tdh_wire_step step, uint64_t until_ns)
{
    enum tdh_woken woken;

    wire->is_deaf &= step == TDH_WIRE_AWAITS_ROOM;
    if (!wire->is_deaf)
        tdh_wire_listen(wire);
    if (step == TDH_WIRE_AWAITS_ROOM ? event_add(wire->output, NULL) != 0 : wire->is_paused)
        return TDH_WAIT_TIMEOUT; /* no memory to be told: better early than never */
    wire->waiter = tdh_co_self();
    woken = tdh_co_wait(until_ns);
    wire->waiter = NULL;
    if (step == TDH_WIRE_AWAITS_ROOM)
        event_del(wire->output);
    return woken;
}

/* --- plain --- */

static enum tdh_wire_step step_of_errno(enum tdh_wire_step again)
{
    return errno == EAGAIN || errno == EINTR ? again : TDH_WIRE_BROKEN;
}

static enum tdh_wire_step read_plain(struct tdh_wire *wire, char *bytes, size_t room,
                                     size_t *ret_got)
{
    ssize_t got = recv(wire->fd, bytes, room, 0);

    if (got < 0)
        return step_of_errno(TDH_WIRE_AWAITS_INPUT);
    wire->may_have = (size_t)got == room;
    *ret_got = (size_t)got;
    return got > 0 ? TDH_WIRE_DONE : TDH_WIRE_END;
}

static enum tdh_wire_step write_plain(struct tdh_wire *wire, const struct iovec *parts,
                                      unsigned count, size_t *ret_sent)
{
    struct msghdr message = { .msg_iov = (struct iovec *)parts, .msg_iovlen = count };
    ssize_t sent = sendmsg(wire->fd, &message, MSG_NOSIGNAL);

    if (sent < 0)
        return step_of_errno(TDH_WIRE_AWAITS_ROOM);
    *ret_sent = (size_t)sent;
    return TDH_WIRE_DONE;
}

/* --- TLS --- */

/* What OpenSSL says of a call that gave nothing. Its queue of errors is of the thread: it is read
 * before anything waits. */
static enum tdh_wire_step step_of_ssl(SSL *ssl)
{
    int code = SSL_get_error(ssl, 0);

    if (code == SSL_ERROR_WANT_READ)
        return TDH_WIRE_AWAITS_INPUT;
    if (code == SSL_ERROR_WANT_WRITE)
        return TDH_WIRE_AWAITS_ROOM;
    if (code == SSL_ERROR_ZERO_RETURN)
        return TDH_WIRE_END;
    if (code != SSL_ERROR_SYSCALL)
        errno = 0;
    ERR_clear_error();
    return TDH_WIRE_BROKEN;
}

static enum tdh_wire_step read_tls(struct tdh_wire *wire, char *bytes, size_t room, size_t *ret_got)
{
    enum tdh_wire_step step = TDH_WIRE_DONE;

    ERR_clear_error();
    errno = 0;
    if (SSL_read_ex(wire->ssl, bytes, room, ret_got) != 1)
        step = step_of_ssl(wire->ssl);
    wire->may_have = step == TDH_WIRE_DONE; /* a record is read, and there may be others */
    return step;
}

static enum tdh_wire_step write_tls(struct tdh_wire *wire, const struct iovec *part,
                                    size_t *ret_sent)
{
    ERR_clear_error();
    errno = 0;
    if (SSL_write_ex(wire->ssl, part->iov_base, part->iov_len, ret_sent) == 1)
        return TDH_WIRE_DONE;
    return step_of_ssl(wire->ssl);
}

/* --- both --- */

enum tdh_wire_step tdh_wire_read(struct tdh_wire *wire, char *bytes, size_t room, size_t *ret_got)
{
    return wire->ssl != NULL ? read_tls(wire, bytes, room, ret_got)
                             : read_plain(wire, bytes, room, ret_got);
}

enum tdh_wire_step tdh_wire_write(struct tdh_wire *wire, const struct iovec *parts, unsigned count,
                                  size_t *ret_sent)
{
    return wire->ssl != NULL ? write_tls(wire, parts, ret_sent)
                             : write_plain(wire, parts, count, ret_sent);
}

bool tdh_wire_is_dead(struct tdh_wire *wire)
{
    char byte;
    size_t got;

    if (wire->ssl == NULL)
        return recv(wire->fd, &byte, 1, MSG_PEEK) >= 0 ||
               step_of_errno(TDH_WIRE_AWAITS_INPUT) == TDH_WIRE_BROKEN;
    ERR_clear_error();
    errno = 0;
    return SSL_peek_ex(wire->ssl, &byte, 1, &got) == 1 ||
           step_of_ssl(wire->ssl) != TDH_WIRE_AWAITS_INPUT; /* a ticket of TLS 1.3 is no reply */
}
