/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool: the cables of a berth: in use, at rest, or to be made by the next who waits.
 *
 * The one that was used last is used first, so that those nobody needs grow old and are closed. A
 * call that finds as many cables as there may be waits; what another gives back goes to who has
 * waited longest. A call that is let go while it is given something hands it on.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "http/cable.h"

enum { KEPT_BUFFER = 4096 /* bytes of a buffer that a cable at rest keeps */ };

/* --- users --- */

void tdh_berth_enter(struct tdh_berth *berth)
{
    berth->users++;
}

void tdh_berth_exit(struct tdh_berth *berth)
{
    if (--berth->users == 0 && berth->is_left)
        tdh_upstream_release(berth->upstream);
}

/* --- at rest --- */

static void take_out(struct tdh_cable *cable)
{
    struct tdh_berth *berth = cable->berth;

    if (cable->before != NULL)
        cable->before->next = cable->next;
    else
        berth->newest = cable->next;
    if (cable->next != NULL)
        cable->next->before = cable->before;
    else
        berth->oldest = cable->before;
    cable->next = cable->before = NULL;
    cable->rests_since_ns = 0;
    berth->resting--;
    tdh_metric_add(&tdh_client_resting, -1);
    if (berth->oldest == NULL)
        tdh_timer_stop(&berth->expiry);
}

static void put_in(struct tdh_cable *cable)
{
    struct tdh_berth *berth = cable->berth;

    cable->before = NULL;
    cable->next = berth->newest;
    if (berth->newest != NULL)
        berth->newest->before = cable;
    else
        berth->oldest = cable;
    berth->newest = cable;
    berth->resting++;
    tdh_metric_add(&tdh_client_resting, 1);
}

void tdh_cable_end(struct tdh_cable *cable)
{
    if (cable->is_counted) {
        tdh_metric_add(&tdh_client_connections, -1);
        atomic_fetch_sub_explicit(&cable->berth->upstream->health.connections, 1,
                                  memory_order_relaxed);
    }
    tdh_cable_close(cable);
    cable->is_counted = cable->was_kept = false;
}

static void free_cable(struct tdh_cable *cable)
{
    tdh_cable_end(cable);
    tdh_buf_free(&cable->out);
    tdh_buf_free(&cable->call.head);
    tdh_buf_free(&cable->call.body);
    tdh_sse_free(&cable->call.sse);
    free(cable->in);
    free(cable);
}

static void expire(struct tdh_timer *timer);

/* A timer that cannot be set closes the cable: it would rest for ever. */
static void set_expiry(struct tdh_berth *berth)
{
    struct td_err err;

    while (berth->oldest != NULL && berth->expiry.place == 0) {
        uint64_t at_ns =
            berth->oldest->rests_since_ns + berth->upstream->options.keep_ms * TDH_NS_PER_MS;

        if (tdh_timer_set(&berth->expiry, at_ns, expire, &err) != 0)
            tdh_berth_discard(berth->oldest);
    }
}

static void expire(struct tdh_timer *timer)
{
    struct tdh_berth *berth =
        (struct tdh_berth *)((char *)timer - offsetof(struct tdh_berth, expiry));
    uint64_t kept_ns = berth->upstream->options.keep_ms * TDH_NS_PER_MS;
    uint64_t now_ns = tdh_clock_mono_ns();

    while (berth->oldest != NULL && berth->oldest->rests_since_ns + kept_ns <= now_ns)
        tdh_berth_discard(berth->oldest);
    set_expiry(berth);
}

/* What a call has grown is given back: many may rest. */
static void shrink(struct tdh_cable *cable)
{
    if (cable->in_room > KEPT_BUFFER) {
        free(cable->in);
        cable->in = NULL;
        cable->in_room = 0;
    }
    if (cable->out.capacity > KEPT_BUFFER)
        tdh_buf_free(&cable->out);
    if (cable->call.head.capacity > KEPT_BUFFER)
        tdh_buf_free(&cable->call.head);
    if (cable->call.body.capacity > KEPT_BUFFER)
        tdh_buf_free(&cable->call.body);
    if (cable->call.sse.line.capacity + cable->call.sse.data.capacity > KEPT_BUFFER)
        tdh_sse_free(&cable->call.sse);
}

static void rest(struct tdh_cable *cable)
{
    struct tdh_berth *berth = cable->berth;

    shrink(cable);
    cable->rests_since_ns = tdh_clock_mono_ns();
    put_in(cable);
    tdh_cable_listen(cable);
    if (berth->resting > berth->upstream->options.idle)
        tdh_berth_discard(berth->oldest);
    set_expiry(berth);
}

/* --- who waits --- */

static void leave_queue(struct tdh_berth *berth, struct tdh_queued *queued)
{
    if (queued->before != NULL)
        queued->before->next = queued->next;
    else
        berth->first = queued->next;
    if (queued->next != NULL)
        queued->next->before = queued->before;
    else
        berth->last = queued->before;
    berth->queued--;
    tdh_metric_add(&tdh_client_waiting, -1);
}

static void enter_queue(struct tdh_berth *berth, struct tdh_queued *queued)
{
    queued->before = berth->last;
    if (berth->last != NULL)
        berth->last->next = queued;
    else
        berth->first = queued;
    berth->last = queued;
    berth->queued++;
    tdh_metric_add(&tdh_client_waiting, 1);
}

/* The next who waits, who does so no more. */
static struct tdh_queued *call_next(struct tdh_berth *berth)
{
    struct tdh_queued *queued = berth->first;

    if (queued == NULL)
        return NULL;
    leave_queue(berth, queued);
    tdh_co_wake(queued->co);
    return queued;
}

void tdh_berth_give(struct tdh_cable *cable)
{
    struct tdh_berth *berth = cable->berth;
    struct tdh_queued *queued;

    if (berth->is_left) {
        tdh_berth_discard(cable);
        return;
    }
    queued = call_next(berth);
    if (queued != NULL)
        queued->cable = cable;
    else
        rest(cable);
}

/* There is room for one cable more. */
static void give_room(struct tdh_berth *berth)
{
    struct tdh_queued *queued = call_next(berth);

    if (queued != NULL)
        queued->may_dial = true;
    else
        berth->cables--;
}

void tdh_berth_discard(struct tdh_cable *cable)
{
    struct tdh_berth *berth = cable->berth;

    if (cable->rests_since_ns != 0)
        take_out(cable);
    free_cable(cable);
    give_room(berth);
}

void tdh_berth_leave(struct tdh_berth *berth)
{
    berth->is_left = true;
    while (berth->oldest != NULL)
        tdh_berth_discard(berth->oldest);
    if (berth->users == 0)
        tdh_upstream_release(berth->upstream);
}

/* --- taking --- */

/* One that may be used now; NULL: there is none. */
static struct tdh_cable *take_resting(struct tdh_berth *berth, bool is_sure)
{
    while (berth->newest != NULL) {
        struct tdh_cable *cable = berth->newest;

        take_out(cable);
        if (!is_sure || !tdh_cable_is_dead(cable)) {
            cable->was_kept = true;
            tdh_metric_add(&tdh_client_reused, 1);
            return cable;
        }
        tdh_berth_discard(cable);
    }
    return NULL;
}

/* One that is not connected yet; there is room for it. */
static struct tdh_cable *make_cable(struct tdh_berth *berth, struct td_err *err)
{
    struct tdh_cable *cable = calloc(1, sizeof(*cable));

    if (cable == NULL) {
        give_room(berth);
        td_fail(err, TD_E_NOMEM, "could not allocate a connection");
        return NULL;
    }
    cable->berth = berth;
    cable->fd = -1;
    cable->call.cable = cable;
    return cable;
}

static int fail_wait(const struct tdh_berth *berth, enum tdh_woken woken, uint64_t begun_ns,
                     struct td_err *err)
{
    if (woken == TDH_WAIT_CANCELLED)
        return td_fail(err, TD_E_CANCELLED, "the call was cancelled");
    tdh_metric_add(&tdh_client_timeouts, 1);
    return td_fail(
        err, TD_E_TIMEOUT, "none of the %u connections that there may be was free within %.1f s",
        berth->upstream->options.connections, (double)(tdh_clock_mono_ns() - begun_ns) / 1e9);
}

/* It was let go, and given something all the same. */
static void hand_on(struct tdh_berth *berth, struct tdh_queued *queued)
{
    if (queued->cable != NULL)
        tdh_berth_give(queued->cable);
    else if (queued->may_dial)
        give_room(berth);
    else
        leave_queue(berth, queued);
}

static struct tdh_cable *wait_for_one(struct tdh_berth *berth, uint64_t until_ns,
                                      struct td_err *err)
{
    struct tdh_queued queued = { .co = tdh_co_self() };
    uint64_t begun_ns = tdh_clock_mono_ns();
    enum tdh_woken woken = TDH_WOKEN;

    if (berth->queued >= berth->upstream->options.waiting) {
        tdh_metric_add(&tdh_client_refusals, 1);
        td_fail(err, TD_E_LIMIT, "%u calls wait for a connection already", berth->queued);
        return NULL;
    }
    enter_queue(berth, &queued);
    while (queued.cable == NULL && !queued.may_dial && woken == TDH_WOKEN)
        woken = tdh_co_wait(until_ns);
    if (woken != TDH_WOKEN) {
        hand_on(berth, &queued);
        fail_wait(berth, woken, begun_ns, err);
        return NULL;
    }
    if (queued.may_dial)
        return make_cable(berth, err);
    queued.cable->was_kept = true;
    tdh_metric_add(&tdh_client_reused, 1);
    return queued.cable;
}

struct tdh_cable *tdh_berth_take(struct tdh_berth *berth, bool is_sure, uint64_t until_ns,
                                 struct td_err *err)
{
    struct tdh_cable *cable = take_resting(berth, is_sure);

    if (cable != NULL)
        return cable;
    if (berth->cables >= berth->upstream->options.connections)
        return wait_for_one(berth, until_ns, err);
    berth->cables++;
    return make_cable(berth, err);
}
