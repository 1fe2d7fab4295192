/* SPDX-License-Identifier: Apache-2.0 */
/*
 * descriptor: a coroutine that waits for a file descriptor, and descriptors that are watched all
 * the time.
 */
#include <event2/event.h>
#include <stdlib.h>

#include "base/clock.h"
#include "runtime/internal.h"

static void on_readable(evutil_socket_t fd, short what, void *co)
{
    (void)fd;
    (void)what;
    tdh_co_wake(co);
}

enum tdh_woken tdh_co_wait_readable(int fd, uint64_t until_ns)
{
    struct tdh_co *co = tdh_co_self();
    struct event *event = event_new(co->worker->base, fd, EV_READ, on_readable, co);
    enum tdh_woken woken;

    if (event == NULL || event_add(event, NULL) != 0) { /* no memory: it is looked at later */
        uint64_t soon_ns = tdh_clock_mono_ns() + UINT64_C(1000000000);

        woken = tdh_co_wait(soon_ns < until_ns ? soon_ns : until_ns);
    } else {
        woken = tdh_co_wait(until_ns);
    }
    if (event != NULL)
        event_free(event);
    return woken;
}

/* --- watches --- */

struct tdh_fd_watch {
    struct event *event;
    void (*ready)(void *arg);
    void *arg;
};

static void on_watched(evutil_socket_t fd, short what, void *arg)
{
    const struct tdh_fd_watch *watch = arg;

    (void)fd;
    (void)what;
    watch->ready(watch->arg);
}

static struct tdh_fd_watch *new_watch(int fd, short what, void (*ready)(void *arg), void *arg,
                                      struct td_err *err)
{
    struct tdh_fd_watch *watch = calloc(1, sizeof(*watch));

    if (watch != NULL) {
        *watch = (struct tdh_fd_watch){ .ready = ready, .arg = arg };
        watch->event = event_new(tdh_worker_self()->base, fd, what | EV_PERSIST, on_watched, watch);
        if (watch->event != NULL && event_add(watch->event, NULL) == 0)
            return watch;
        tdh_fd_watch_free(watch);
    }
    td_fail(err, TD_E_NOMEM, "could not allocate a watch of a descriptor");
    return NULL;
}

struct tdh_fd_watch *tdh_fd_watch_new(int fd, void (*ready)(void *arg), void *arg,
                                      struct td_err *err)
{
    return new_watch(fd, EV_READ, ready, arg, err);
}

struct tdh_fd_watch *tdh_fd_watch_room(int fd, void (*ready)(void *arg), void *arg,
                                       struct td_err *err)
{
    return new_watch(fd, EV_WRITE, ready, arg, err);
}

void tdh_fd_watch_free(struct tdh_fd_watch *watch)
{
    if (watch == NULL)
        return;
    if (watch->event != NULL)
        event_free(watch->event);
    free(watch);
}
