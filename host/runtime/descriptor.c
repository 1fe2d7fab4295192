/* SPDX-License-Identifier: Apache-2.0 */
/*
 * descriptor: a coroutine that waits for a file descriptor.
 */
#include <event2/event.h>

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
