/* SPDX-License-Identifier: Apache-2.0 */
/*
 * writer: group commit. One job at a time takes all writes that wait, commits them as one batch,
 * and tells each.
 *
 * A write at fault (a guard that does not hold, a name too long) fails alone: it is taken out and
 * the batch is committed again. A batch is bounded by BATCH_OPS; what is over waits for the next
 * round.
 */
#include <stdlib.h>

#include "base/metric.h"
#include "store/internal.h"

enum { BATCH_OPS = 16384 };

static struct tdh_metric commits =
    TDH_COUNTER("tdev_store_commits_total", "Commits of the store's writer");
static struct tdh_metric writes_done =
    TDH_COUNTER("tdev_store_writes_total", "Writes that commits carried");

static struct tdh_write *write_of(struct tdh_task *task)
{
    return (struct tdh_write *)task;
}

static void tell_sender(struct tdh_task *task)
{
    struct tdh_write *write = write_of(task);

    write->done(write);
}

static void finish(struct tdh_write *write)
{
    tdh_metric_add(&writes_done, 1);
    write->task.run = tell_sender;
    tdh_worker_post(write->worker, &write->task);
}

/* Takes everything that waits and puts it in the order of arrival. */
static struct tdh_task *take_waiting(struct tdh_store *store)
{
    struct tdh_task *newest = atomic_exchange(&store->waiting, NULL), *oldest = NULL;

    while (newest != NULL) {
        struct tdh_task *next = newest->next;

        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}

static int reserve(struct tdh_store *store, size_t count)
{
    size_t room = store->ops_room > 0 ? store->ops_room : 256;
    struct td_op **ops;

    if (count <= store->ops_room)
        return 0;
    while (room < count)
        room *= 2;
    ops = realloc(store->ops, room * sizeof(*ops));
    if (ops == NULL)
        return -1;
    store->ops = ops;
    store->ops_room = room;
    return 0;
}

/*
 * Fills the batch from `first`; *ret_rest is where the next batch begins. Returns the number of
 * operations. The list is cut there.
 */
static size_t fill(struct tdh_store *store, struct tdh_task *first, struct tdh_task **ret_rest)
{
    struct tdh_task *last = NULL;
    size_t count = 0;

    for (struct tdh_task *at = first; at != NULL; last = at, at = at->next) {
        struct tdh_write *write = write_of(at);

        if (last != NULL &&
            (count + write->count > BATCH_OPS || reserve(store, count + write->count) != 0))
            break;
        if (last == NULL && reserve(store, write->count) != 0)
            return 0;
        for (size_t i = 0; i < write->count; i++)
            store->ops[count++] = write->ops[i];
    }
    *ret_rest = last != NULL ? last->next : NULL;
    if (last != NULL)
        last->next = NULL;
    return count;
}

static void fail_all(struct tdh_task *first, const struct td_err *err)
{
    while (first != NULL) {
        struct tdh_task *next = first->next;
        struct tdh_write *write = write_of(first);

        write->rc = -1;
        write->err = *err;
        finish(write);
        first = next;
    }
}

static void succeed_all(struct tdh_task *first)
{
    while (first != NULL) {
        struct tdh_task *next = first->next;

        write_of(first)->rc = 0;
        finish(write_of(first));
        first = next;
    }
}

/* Takes the write that holds operation `failed` out of the list, tells it, and returns the list
 * without it. */
static struct tdh_task *drop_failed(struct tdh_task *first, size_t failed, const struct td_err *err)
{
    struct tdh_task **link = &first;
    struct tdh_write *write;

    while (*link != NULL && failed >= write_of(*link)->count) {
        failed -= write_of(*link)->count;
        link = &(*link)->next;
    }
    if (*link == NULL)
        return first;
    write = write_of(*link);
    *link = write->task.next;
    write->rc = -1;
    write->failed = failed;
    write->err = *err;
    finish(write);
    return first;
}

/* Commits one list of writes, as often as guards fail. */
static void commit_list(struct tdh_store *store, struct tdh_task *first)
{
    while (first != NULL) {
        struct tdh_task *rest = NULL;
        struct td_err err = { .code = TD_OK };
        size_t failed = SIZE_MAX, count = fill(store, first, &rest);

        if (count == 0 && write_of(first)->count > 0) {
            td_fail(&err, TD_E_NOMEM, "could not allocate a batch of %zu operations",
                    write_of(first)->count);
            fail_all(first, &err);
            return;
        }
        tdh_metric_add(&commits, 1);
        if (store->backend.table->commit(store->backend.ctx, store->ops, count, &failed, &err) ==
            0) {
            succeed_all(first);
            first = rest;
        } else if (failed < count) {
            first = drop_failed(first, failed, &err);
            for (struct tdh_task **link = &first;; link = &(*link)->next)
                if (*link == NULL) {
                    *link = rest;
                    break;
                }
        } else {
            fail_all(first, &err);
            first = rest;
        }
    }
}

static void write_waiting(struct tdh_job *job)
{
    struct tdh_store *store = (struct tdh_store *)((char *)job - offsetof(struct tdh_store, job));
    struct tdh_task *first;

    while ((first = take_waiting(store)) != NULL)
        commit_list(store, first);
}

static void start_writer(struct tdh_store *store);

/* On a worker: the job has ended; what came since then starts the next one. */
static void writer_ended(struct tdh_job *job)
{
    struct tdh_store *store = (struct tdh_store *)((char *)job - offsetof(struct tdh_store, job));

    atomic_store(&store->is_writing, false);
    if (atomic_load(&store->waiting) != NULL)
        start_writer(store);
    else if (store->closer != NULL)
        tdh_co_wake(store->closer);
}

/* A backend that does not block is written to from the worker itself, when its turn ends: still one
 * batch for all. */
static void write_here(struct tdh_task *task)
{
    write_waiting((struct tdh_job *)task);
    writer_ended((struct tdh_job *)task);
}

static void start_writer(struct tdh_store *store)
{
    if (atomic_exchange(&store->is_writing, true))
        return;
    store->job.worker = tdh_worker_self();
    store->job.run = write_waiting;
    store->job.done = writer_ended;
    store->job.task.run = write_here;
    if (store->backend.is_blocking)
        tdh_blocking_submit(store->runtime, &store->job);
    else
        tdh_worker_defer(&store->job.task);
}

void tdh_store_submit(struct tdh_store *store, struct tdh_write *write)
{
    struct tdh_task *newest = atomic_load_explicit(&store->waiting, memory_order_relaxed);

    do
        write->task.next = newest;
    while (!atomic_compare_exchange_weak(&store->waiting, &newest, &write->task));
    start_writer(store);
}

void tdh_writer_end(struct tdh_store *store)
{
    store->closer = tdh_co_self();
    while (store->closer != NULL && atomic_load(&store->is_writing))
        tdh_co_park();
}

/* A coroutine that waits for its write. Others may wake it meanwhile, for reasons of their own. */
struct sender {
    struct tdh_co *co;
    bool is_done;
};

static void wake_sender(struct tdh_write *write)
{
    struct sender *sender = write->arg;

    sender->is_done = true;
    tdh_co_wake(sender->co);
}

struct direct {
    struct td_op *const *ops;
    size_t count;
    size_t *ret_failed;
};

static int commit_direct(struct td_ctx *ctx, const struct td_storage *table, void *arg,
                         struct td_err *err)
{
    struct direct *direct = arg;
    size_t failed;

    return table->commit(ctx, direct->ops, direct->count,
                         direct->ret_failed != NULL ? direct->ret_failed : &failed, err);
}

int tdh_store_commit(struct tdh_store *store, struct td_op *const *ops, size_t count,
                     size_t *ret_failed, struct td_err *err)
{
    struct sender sender = { .co = tdh_co_self() };
    struct tdh_write write = {
        .worker = tdh_worker_self(), .ops = ops, .count = count, .done = wake_sender, .arg = &sender
    };
    struct direct direct = { ops, count, ret_failed };

    if (sender.co == NULL)
        return tdh_store_ask(store, commit_direct, &direct,
                             err); /* start-up and tools: nothing else writes yet */
    tdh_store_submit(store, &write);
    while (!sender.is_done)
        tdh_co_park();
    if (write.rc != 0) {
        *err = write.err;
        if (ret_failed != NULL)
            *ret_failed = write.failed;
    }
    return write.rc;
}
