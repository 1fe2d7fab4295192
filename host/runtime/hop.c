/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hop: has another worker do something in a coroutine, and waits for it.
 *
 * The struct of a hop lives on the waiting side's stack until the other side has said "done". A
 * cancelled waiter tells the other worker and goes on waiting for that.
 */
#include "runtime/internal.h"

#include <errno.h>

struct hop {
    struct tdh_task go, done, cancel;
    struct tdh_worker *there, *here; /* here NULL: a thread that is no worker waits */
    tdh_co_fn *fn;
    void *arg;
    struct tdh_co *co_there, *co_here;
    sem_t end;
    struct td_err *err;
    int rc;
    bool is_done, is_cancel_sent, is_cancel_back;
};

static void hop_done(struct tdh_task *task)
{
    struct hop *hop = (struct hop *)((char *)task - offsetof(struct hop, done));

    hop->is_done = true;
    tdh_co_wake(hop->co_here);
}

static void tell_end(struct hop *hop)
{
    hop->co_there = NULL;
    hop->done.run = hop_done;
    if (hop->here != NULL)
        tdh_worker_post(hop->here, &hop->done);
    else
        sem_post(&hop->end);
}

static void run_there(void *arg)
{
    struct hop *hop = arg;

    hop->fn(hop->arg);
    tell_end(hop);
}

static void start_there(struct tdh_task *task)
{
    struct hop *hop = (struct hop *)task;

    hop->rc = tdh_co_spawn(run_there, hop, &hop->co_there, hop->err);
    if (hop->rc != 0)
        tell_end(hop);
}

/* Runs on the waiting side: the other worker has seen the cancel, so the struct may go. */
static void cancel_back(struct tdh_task *task)
{
    struct hop *hop = (struct hop *)((char *)task - offsetof(struct hop, cancel));

    hop->is_cancel_back = true;
    tdh_co_wake(hop->co_here);
}

static void cancel_there(struct tdh_task *task)
{
    struct hop *hop = (struct hop *)((char *)task - offsetof(struct hop, cancel));

    if (hop->co_there != NULL)
        tdh_co_cancel(hop->co_there);
    hop->cancel.run = cancel_back;
    tdh_worker_post(hop->here, &hop->cancel);
}

static void wait_for_end(struct hop *hop)
{
    while (!hop->is_done && !hop->is_cancel_sent)
        if (tdh_co_wait(TDH_NEVER) == TDH_WAIT_CANCELLED) {
            hop->is_cancel_sent = true;
            hop->cancel.run = cancel_there;
            tdh_worker_post(hop->there, &hop->cancel);
        }
    while (!hop->is_done || (hop->is_cancel_sent && !hop->is_cancel_back))
        tdh_co_park();
}

int tdh_hop(struct tdh_worker *worker, tdh_co_fn *fn, void *arg, struct td_err *err)
{
    struct hop hop = { .go.run = start_there,
                       .there = worker,
                       .here = tdh_worker_self(),
                       .fn = fn,
                       .arg = arg,
                       .err = err };

    if (hop.here == worker && tdh_co_self() != NULL) {
        fn(arg);
        return 0;
    }
    hop.co_here = tdh_co_self();
    if (hop.here != NULL) {
        tdh_worker_post(worker, &hop.go);
        wait_for_end(&hop);
        return hop.rc;
    }
    sem_init(&hop.end, 0, 0);
    tdh_worker_post(worker, &hop.go);
    while (sem_wait(&hop.end) != 0 && errno == EINTR)
        ;
    sem_destroy(&hop.end);
    return hop.rc;
}
