/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel: tasks from many threads to one, without a lock.
 */
#include "runtime/internal.h"

bool tdh_channel_push(struct tdh_channel *channel, struct tdh_task *task)
{
    struct tdh_task *newest = atomic_load_explicit(&channel->newest, memory_order_relaxed);

    do
        task->next = newest;
    while (!atomic_compare_exchange_weak(&channel->newest, &newest, task));
    return newest == NULL;
}

struct tdh_task *tdh_channel_take(struct tdh_channel *channel)
{
    struct tdh_task *newest, *oldest = NULL;

    if (atomic_load_explicit(&channel->newest, memory_order_relaxed) == NULL)
        return NULL;
    newest = atomic_exchange(&channel->newest, NULL);
    while (newest != NULL) {
        struct tdh_task *next = newest->next;

        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}
