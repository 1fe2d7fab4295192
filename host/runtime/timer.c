/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timer: a binary heap per worker, each timer knowing its place, so that stopping one costs O(log
 * n) and no search.
 */
#include "runtime/internal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"

static void put(struct tdh_worker *worker, size_t place, struct tdh_timer *timer)
{
    worker->heap[place] = timer;
    timer->place = place;
}

static void sift_up(struct tdh_worker *worker, size_t place, struct tdh_timer *timer)
{
    while (place > 1 && worker->heap[place / 2]->at_ns > timer->at_ns) {
        put(worker, place, worker->heap[place / 2]);
        place /= 2;
    }
    put(worker, place, timer);
}

static void sift_down(struct tdh_worker *worker, size_t place, struct tdh_timer *timer)
{
    size_t child;

    while ((child = place * 2) <= worker->heap_count) {
        if (child < worker->heap_count &&
            worker->heap[child + 1]->at_ns < worker->heap[child]->at_ns)
            child++;
        if (worker->heap[child]->at_ns >= timer->at_ns)
            break;
        put(worker, place, worker->heap[child]);
        place = child;
    }
    put(worker, place, timer);
}

static int reserve(struct tdh_worker *worker, struct td_err *err)
{
    size_t room = worker->heap_room == 0 ? 64 : worker->heap_room * 2;
    struct tdh_timer **heap;

    if (worker->heap_count + 1 < worker->heap_room)
        return 0;
    heap = realloc(worker->heap, room * sizeof(struct tdh_timer *));
    if (heap == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate room for %zu timers", room);
    worker->heap = heap;
    worker->heap_room = room;
    return 0;
}

int tdh_timer_set(struct tdh_timer *timer, uint64_t at_ns, void (*fire)(struct tdh_timer *timer),
                  struct td_err *err)
{
    struct tdh_worker *worker = tdh_worker_self();

    assert(worker != NULL);
    tdh_timer_stop(timer);
    if (reserve(worker, err) != 0)
        return -1;
    timer->at_ns = at_ns;
    timer->fire = fire;
    sift_up(worker, ++worker->heap_count, timer);
    return 0;
}

void tdh_timer_stop(struct tdh_timer *timer)
{
    struct tdh_worker *worker = tdh_worker_self();
    size_t place = timer->place;
    struct tdh_timer *last;

    if (place == 0)
        return;
    assert(worker != NULL && worker->heap[place] == timer);
    last = worker->heap[worker->heap_count--];
    timer->place = 0;
    if (last == timer)
        return;
    if (place > 1 && worker->heap[place / 2]->at_ns > last->at_ns)
        sift_up(worker, place, last);
    else
        sift_down(worker, place, last);
}

void tdh_timer_fire_due(struct tdh_worker *worker, uint64_t now_ns)
{
    while (worker->heap_count > 0 && worker->heap[1]->at_ns <= now_ns) {
        struct tdh_timer *timer = worker->heap[1];

        tdh_timer_stop(timer);
        timer->fire(timer);
    }
}
