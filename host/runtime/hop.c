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
    struct tdh_helper *helper; /* of what runs there; own: with here NULL */
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
        sem_post(&hop->helper->ready);
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
    else
        hop->co_there->helper = hop->helper;
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

/* What runs there is one coroutine, so there is at most one job at a time. */
static struct tdh_task *next_of(struct tdh_helper *helper)
{
    while (sem_wait(&helper->ready) != 0 && errno == EINTR)
        ;
    return tdh_channel_take(&helper->inbox);
}

/* From a thread that is no worker: does what the other side wants done until that is over. */
static void help_to_end(struct hop *hop)
{
    struct tdh_helper helper = { .inbox.newest = NULL };
    struct tdh_task *task;

    sem_init(&helper.ready, 0, 0);
    hop->helper = &helper;
    tdh_worker_post(hop->there, &hop->go);
    while ((task = next_of(&helper)) != NULL)
        tdh_helper_run(task);
    sem_destroy(&helper.ready);
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
    if (hop.here == NULL) {
        help_to_end(&hop);
        return hop.rc;
    }
    hop.helper = hop.co_here != NULL ? hop.co_here->helper : NULL;
    tdh_worker_post(worker, &hop.go);
    wait_for_end(&hop);
    return hop.rc;
}
