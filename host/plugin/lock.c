/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lock: the registry is one thread's at a time. Who has it may take it again; around code of
 * plugins, and around waits, it is given up as a whole. So a worker waits for another at most as
 * long as that opens a plugin.
 */
#include "plugin/internal.h"

/* How often this thread has one; so who has none sees that at once. */
static _Thread_local unsigned held;

static bool is_own(const struct tdh_plugins_lock *lock)
{
    return lock->depth > 0 && pthread_equal(lock->owner, pthread_self());
}

void tdh_plugins_lock(struct tdh_plugins *plugins)
{
    tdh_plugins_resume(plugins, 1);
}

void tdh_plugins_unlock(struct tdh_plugins *plugins)
{
    struct tdh_plugins_lock *lock = &plugins->lock;

    pthread_mutex_lock(&lock->mutex);
    held--;
    if (--lock->depth == 0)
        pthread_cond_signal(&lock->is_free);
    pthread_mutex_unlock(&lock->mutex);
}

unsigned tdh_plugins_pause(struct tdh_plugins *plugins)
{
    struct tdh_plugins_lock *lock = &plugins->lock;
    unsigned depth = 0;

    if (held == 0)
        return 0;
    pthread_mutex_lock(&lock->mutex);
    if (is_own(lock)) {
        depth = lock->depth;
        lock->depth = 0;
        held -= depth;
        pthread_cond_signal(&lock->is_free);
    }
    pthread_mutex_unlock(&lock->mutex);
    return depth;
}

void tdh_plugins_resume(struct tdh_plugins *plugins, unsigned depth)
{
    struct tdh_plugins_lock *lock = &plugins->lock;

    if (depth == 0)
        return;
    pthread_mutex_lock(&lock->mutex);
    while (lock->depth > 0 && !is_own(lock))
        pthread_cond_wait(&lock->is_free, &lock->mutex);
    lock->owner = pthread_self();
    lock->depth += depth;
    held += depth;
    pthread_mutex_unlock(&lock->mutex);
}
