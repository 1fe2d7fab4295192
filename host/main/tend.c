/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tend: tdevd carries out what others want done with its agents, and sees to their pools.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/watch.h"
#include "main/main.h"

enum { TEND_MS = 1000 };

void tdh_host_bell(const struct tdh_host *host, char path[static PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/" TDH_AGENTS_BELL, tdh_conf_str(host->conf, TDH_CONF_STATE_DIR));
}

void tdh_host_bell_make(const struct tdh_host *host)
{
    char path[PATH_MAX];
    int fd;

    tdh_host_bell(host, path);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
}

/* NULL: it cannot be watched, and is looked at each second. */
static struct tdh_watch *watch_bell(const struct tdh_host *host)
{
    struct td_err err;
    struct tdh_watch *watch = tdh_watch_new(&err);
    char path[PATH_MAX];
    int number;

    tdh_host_bell(host, path);
    if (watch != NULL) {
        tdh_watch_begin(watch);
        if (tdh_watch_want(watch, path, &number, &err) == 0) {
            tdh_watch_end(watch);
            return watch;
        }
    }
    tdh_log_err(TDH_LOG_WARNING, "agent", &err);
    tdh_watch_free(watch);
    return NULL;
}

/* Has it rung since? */
static bool has_rung(struct tdh_watch *watch)
{
    bool is_so = watch == NULL;
    const char *name;
    int number;

    while (watch != NULL && tdh_watch_next(watch, &number, &name))
        is_so = true;
    return is_so;
}

static bool wait(struct tdh_watch *watch)
{
    uint64_t until_ns = tdh_clock_mono_ns() + TEND_MS * UINT64_C(1000000);

    return (watch != NULL ? tdh_co_wait_readable(tdh_watch_fd(watch), until_ns)
                          : tdh_co_wait(until_ns)) != TDH_WAIT_CANCELLED;
}

void tdh_tend_work(struct tdh_host *host)
{
    struct tdh_watch *watch = watch_bell(host);
    struct td_err err;
    struct tdh_orders *orders = tdh_orders_new(host->agents, host->store, &err);

    if (orders == NULL)
        tdh_log_err(TDH_LOG_ERROR, "agent", &err);
    if (orders != NULL)
        tdh_orders_look(orders); /* what was left behind is answered */
    while (wait(watch)) {
        if (orders != NULL && has_rung(watch))
            tdh_orders_look(orders);
        tdh_agents_tend(host->agents);
    }
    tdh_orders_end(orders);
    tdh_watch_free(watch);
}
