/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cable: bytes of a connection to an upstream, plain or through TLS, and waiting for them.
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
#include "http/cable.h"

/* --- what the loop tells --- */

static void on_input(evutil_socket_t fd, short what, void *arg)
{
    struct tdh_cable *cable = arg;

    (void)fd;
    (void)what;
    if (cable->waiter != NULL && !cable->is_deaf) {
        tdh_co_wake(cable->waiter);
    } else if (cable->rests_since_ns == 0) {
        event_del(cable->input);
        cable->is_paused = true;
    } else if (tdh_cable_is_dead(cable)) {
        tdh_berth_discard(cable);
    }
}

static void on_room(evutil_socket_t fd, short what, void *arg)
{
    const struct tdh_cable *cable = arg;

    (void)fd;
    (void)what;
    if (cable->waiter != NULL)
        tdh_co_wake(cable->waiter);
}

int tdh_cable_open(struct tdh_cable *cable, int fd, struct td_err *err)
{
    struct event_base *base = tdh_worker_events(tdh_worker_self());

    cable->input = event_new(base, fd, EV_READ | EV_PERSIST, on_input, cable);
    cable->output = event_new(base, fd, EV_WRITE, on_room, cable);
    cable->fd = fd;
    cable->is_paused = true;
    cable->may_have = false;
    if (cable->input != NULL && cable->output != NULL)
        return 0;
    tdh_cable_close(cable);
    return td_fail(err, TD_E_NOMEM, "could not allocate the events of a connection");
}

void tdh_cable_close(struct tdh_cable *cable)
{
    if (cable->ssl != NULL)
        tdh_session_free(cable->ssl);
    if (cable->input != NULL)
        event_free(cable->input);
    if (cable->output != NULL)
        event_free(cable->output);
    if (cable->fd >= 0)
        close(cable->fd);
    cable->ssl = NULL;
    cable->input = cable->output = NULL;
    cable->fd = -1;
}

/* --- waiting --- */

void tdh_cable_listen(struct tdh_cable *cable)
{
    if (cable->is_paused && event_add(cable->input, NULL) == 0)
        cable->is_paused = false;
}

enum tdh_woken tdh_cable_wait(struct tdh_cable *cable, enum tdh_cable_step step, uint64_t until_ns)
{
    enum tdh_woken woken;

    cable->is_deaf &= step == TDH_CABLE_AWAITS_ROOM;
    if (!cable->is_deaf)
        tdh_cable_listen(cable);
    if (step == TDH_CABLE_AWAITS_ROOM ? event_add(cable->output, NULL) != 0 : cable->is_paused)
        return TDH_WAIT_TIMEOUT; /* no memory to be told: better early than never */
    cable->waiter = tdh_co_self();
    woken = tdh_co_wait(until_ns);
    cable->waiter = NULL;
    if (step == TDH_CABLE_AWAITS_ROOM)
        event_del(cable->output);
    return woken;
}

/* --- plain --- */

static enum tdh_cable_step step_of_errno(enum tdh_cable_step again)
{
    return errno == EAGAIN || errno == EINTR ? again : TDH_CABLE_BROKEN;
}

static enum tdh_cable_step read_plain(struct tdh_cable *cable, char *bytes, size_t room,
                                      size_t *ret_got)
{
    ssize_t got = recv(cable->fd, bytes, room, 0);

    if (got < 0)
        return step_of_errno(TDH_CABLE_AWAITS_INPUT);
    cable->may_have = (size_t)got == room;
    *ret_got = (size_t)got;
    return got > 0 ? TDH_CABLE_DONE : TDH_CABLE_END;
}

static enum tdh_cable_step write_plain(struct tdh_cable *cable, const struct iovec *parts,
                                       unsigned count, size_t *ret_sent)
{
    struct msghdr message = { .msg_iov = (struct iovec *)parts, .msg_iovlen = count };
    ssize_t sent = sendmsg(cable->fd, &message, MSG_NOSIGNAL);

    if (sent < 0)
        return step_of_errno(TDH_CABLE_AWAITS_ROOM);
    *ret_sent = (size_t)sent;
    return TDH_CABLE_DONE;
}

/* --- TLS --- */

/* What OpenSSL says of a call that gave nothing. Its queue of errors is of the thread: it is read
 * before anything waits. */
static enum tdh_cable_step step_of_ssl(SSL *ssl)
{
    int code = SSL_get_error(ssl, 0);

    if (code == SSL_ERROR_WANT_READ)
        return TDH_CABLE_AWAITS_INPUT;
    if (code == SSL_ERROR_WANT_WRITE)
        return TDH_CABLE_AWAITS_ROOM;
    if (code == SSL_ERROR_ZERO_RETURN)
        return TDH_CABLE_END;
    if (code != SSL_ERROR_SYSCALL)
        errno = 0;
    ERR_clear_error();
    return TDH_CABLE_BROKEN;
}

static enum tdh_cable_step read_tls(struct tdh_cable *cable, char *bytes, size_t room,
                                    size_t *ret_got)
{
    enum tdh_cable_step step = TDH_CABLE_DONE;

    ERR_clear_error();
    errno = 0;
    if (SSL_read_ex(cable->ssl, bytes, room, ret_got) != 1)
        step = step_of_ssl(cable->ssl);
    cable->may_have = step == TDH_CABLE_DONE; /* a record is read, and there may be others */
    return step;
}

static enum tdh_cable_step write_tls(struct tdh_cable *cable, const struct iovec *part,
                                     size_t *ret_sent)
{
    ERR_clear_error();
    errno = 0;
    if (SSL_write_ex(cable->ssl, part->iov_base, part->iov_len, ret_sent) == 1)
        return TDH_CABLE_DONE;
    return step_of_ssl(cable->ssl);
}

/* --- both --- */

enum tdh_cable_step tdh_cable_read(struct tdh_cable *cable, char *bytes, size_t room,
                                   size_t *ret_got)
{
    return cable->ssl != NULL ? read_tls(cable, bytes, room, ret_got)
                              : read_plain(cable, bytes, room, ret_got);
}

enum tdh_cable_step tdh_cable_write(struct tdh_cable *cable, const struct iovec *parts,
                                    unsigned count, size_t *ret_sent)
{
    return cable->ssl != NULL ? write_tls(cable, parts, ret_sent)
                              : write_plain(cable, parts, count, ret_sent);
}

bool tdh_cable_is_dead(struct tdh_cable *cable)
{
    char byte;
    size_t got;

    if (cable->ssl == NULL)
        return recv(cable->fd, &byte, 1, MSG_PEEK) >= 0 ||
               step_of_errno(TDH_CABLE_AWAITS_INPUT) == TDH_CABLE_BROKEN;
    ERR_clear_error();
    errno = 0;
    return SSL_peek_ex(cable->ssl, &byte, 1, &got) == 1 ||
           step_of_ssl(cable->ssl) != TDH_CABLE_AWAITS_INPUT; /* a ticket of TLS 1.3 is no reply */
}
