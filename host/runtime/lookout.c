/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lookout: looks a while at memory that another process writes to, before the worker sleeps.
 *
 * A wake through the system costs both sides a call, and on another core that sleeps ten times as
 * much; an answer of a plugin that runs in a process of its own is often there before that. The
 * time is bounded, and only who has reason to hope looks.
 */
#include <sched.h>

#include "base/clock.h"
#include "runtime/internal.h"

enum { LOOKS_PER_CLOCK = 64 };

bool tdh_is_alone(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) == 1;
}

void tdh_lookout_add(struct tdh_lookout *lookout)
{
    struct tdh_worker *worker = tdh_worker_self();

    lookout->worker = worker;
    lookout->next = worker->lookouts;
    worker->lookouts = lookout;
}

void tdh_lookout_remove(struct tdh_lookout *lookout)
{
    if (lookout->worker == NULL)
        return;
    for (struct tdh_lookout **at = &lookout->worker->lookouts; *at != NULL; at = &(*at)->next)
        if (*at == lookout) {
            *at = lookout->next;
            break;
        }
    lookout->worker = NULL;
}

static inline void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static bool is_anyone_hopeful(const struct tdh_worker *worker)
{
    for (const struct tdh_lookout *at = worker->lookouts; at != NULL; at = at->next)
        if (at->is_hopeful)
            return true;
    return false;
}

/* `next` is read first: who finds something may go. */
static bool look_at_all(struct tdh_worker *worker, bool is_last)
{
    bool is_found = false;

    for (struct tdh_lookout *at = worker->lookouts, *next; at != NULL; at = next) {
        next = at->next;
        is_found = at->look(at, is_last) || is_found;
    }
    return is_found;
}

static void lose_hope(struct tdh_worker *worker)
{
    for (struct tdh_lookout *at = worker->lookouts; at != NULL; at = at->next)
        at->is_hopeful = false;
}

bool tdh_look_out(struct tdh_worker *worker)
{
    uint64_t until_ns;
    bool is_found = false;

    if (worker->runtime->is_alone || !is_anyone_hopeful(worker))
        return false;
    until_ns = tdh_clock_mono_ns() + TDH_LOOK_NS;
    do
        for (unsigned i = 0; i < LOOKS_PER_CLOCK && !is_found; i++) {
            is_found = look_at_all(worker, false);
            relax();
        }
    while (!is_found && atomic_load(&worker->inbox.newest) == NULL &&
           tdh_clock_mono_ns() < until_ns);
    if (!is_found)
        lose_hope(worker);
    return look_at_all(worker, true) || is_found;
}
