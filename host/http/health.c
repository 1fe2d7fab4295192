/* SPDX-License-Identifier: Apache-2.0 */
/*
 * health: counts failures in a row, and lets one call at a time look again.
 *
 * It knows nothing of connections, so that who tells of it loads nothing of TLS.
 */
#include "http/health.h"

#include <pthread.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/log.h"

#define NS_PER_MS UINT64_C(1000000)

static struct {
    pthread_mutex_t lock;
    struct tdh_health *first;
} list = { .lock = PTHREAD_MUTEX_INITIALIZER };

bool tdh_health_is_down(const struct tdh_health *health)
{
    return atomic_load_explicit(&health->down_until_ns, memory_order_relaxed) != 0;
}

static int refuse(const struct tdh_health *health, uint64_t until_ns, uint64_t now_ns,
                  struct td_err *err)
{
    uint64_t rest_ms = until_ns > now_ns ? (until_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS : 1;

    td_fail(err, TD_E_UNAVAILABLE,
            "%s is left alone for %.1f s more: the last %u calls could not reach it", health->name,
            (double)rest_ms / 1000, atomic_load(&health->failures));
    err->retry_after_ms = (uint32_t)rest_ms;
    return -1;
}

int tdh_health_ask(struct tdh_health *health, uint64_t now_ns, struct td_err *err)
{
    uint64_t until_ns = atomic_load_explicit(&health->down_until_ns, memory_order_relaxed);
    uint64_t probe_ns;

    if (until_ns == 0)
        return 0;
    if (now_ns < until_ns)
        return refuse(health, until_ns, now_ns, err);
    probe_ns = atomic_load(&health->probe_until_ns);
    if (now_ns >= probe_ns &&
        atomic_compare_exchange_strong(&health->probe_until_ns, &probe_ns,
                                       now_ns + TDH_HEALTH_PROBE_MS * NS_PER_MS))
        return 0;
    return refuse(health, now_ns + TDH_HEALTH_DOWN_MS * NS_PER_MS, now_ns, err);
}

void tdh_health_good(struct tdh_health *health)
{
    if (atomic_load_explicit(&health->failures, memory_order_relaxed) == 0)
        return;
    atomic_store(&health->failures, 0);
    atomic_store(&health->probe_until_ns, 0);
    if (atomic_exchange(&health->down_until_ns, 0) != 0)
        tdh_log(TDH_LOG_INFO, "http", TDH_FACTS(TDH_S("upstream", health->name)),
                "an upstream answers again");
}

/* 1 s, 2 s, 4 s and so on. */
static uint64_t down_ms(unsigned failures)
{
    uint64_t ms = TDH_HEALTH_DOWN_MS;

    for (unsigned more = failures - TDH_HEALTH_FAILURES; more > 0 && ms < TDH_HEALTH_DOWN_MAX_MS;
         more--)
        ms *= 2;
    return ms < TDH_HEALTH_DOWN_MAX_MS ? ms : TDH_HEALTH_DOWN_MAX_MS;
}

void tdh_health_bad(struct tdh_health *health, uint64_t now_ns)
{
    unsigned failures;
    uint64_t until_ns;

    atomic_fetch_add_explicit(&health->faults, 1, memory_order_relaxed);
    if (now_ns < atomic_load(&health->down_until_ns)) /* calls that began before it was down */
        return;
    failures = atomic_fetch_add(&health->failures, 1) + 1;
    if (failures < TDH_HEALTH_FAILURES)
        return;
    until_ns = now_ns + down_ms(failures) * NS_PER_MS;
    atomic_store(&health->probe_until_ns, 0);
    if (atomic_exchange(&health->down_until_ns, until_ns) == 0)
        tdh_log(TDH_LOG_WARNING, "http",
                TDH_FACTS(TDH_S("upstream", health->name), TDH_I("failures", failures)),
                "an upstream cannot be reached: calls to it fail at once for a while");
}

void tdh_health_unknown(struct tdh_health *health)
{
    atomic_store_explicit(&health->probe_until_ns, 0, memory_order_relaxed);
}

/* --- all there are --- */

void tdh_health_list(struct tdh_health *health)
{
    pthread_mutex_lock(&list.lock);
    health->before = NULL;
    health->next = list.first;
    if (list.first != NULL)
        list.first->before = health;
    list.first = health;
    pthread_mutex_unlock(&list.lock);
}

void tdh_health_unlist(struct tdh_health *health)
{
    pthread_mutex_lock(&list.lock);
    if (health->before != NULL)
        health->before->next = health->next;
    else
        list.first = health->next;
    if (health->next != NULL)
        health->next->before = health->before;
    pthread_mutex_unlock(&list.lock);
}

void tdh_health_each(tdh_health_fn *fn, void *arg)
{
    pthread_mutex_lock(&list.lock);
    for (const struct tdh_health *health = list.first; health != NULL; health = health->next)
        fn(health, arg);
    pthread_mutex_unlock(&list.lock);
}
