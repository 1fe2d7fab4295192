/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell: a host at work says what it uses, for who looks from outside.
 */
#include "main/main.h"

struct telling {
    struct tdh_ledger_of of;
    struct tdh_co *waiting;
    bool is_over;
};

static void tell(void *arg)
{
    struct telling *telling = arg;

    tdh_ledger_tell(&telling->of);
    telling->is_over = true;
    tdh_co_wake(telling->waiting);
}

int tdh_tell_while(struct tdh_host *host, tdh_host_fn *fn, void *arg, struct td_err *err)
{
    struct telling telling = { .of = { .state_dir = tdh_conf_str(host->conf, TDH_CONF_STATE_DIR),
                                       .program = host->is_daemon ? "tdevd" : "tdev",
                                       .runtime = host->runtime,
                                       .plugins = host->plugins,
                                       .engine = host->engine },
                               .waiting = tdh_co_self() };
    struct tdh_co *teller;
    struct td_err ignored;
    int rc;

    telling.is_over = tdh_co_spawn(tell, &telling, &teller, &ignored) != 0;
    rc = fn(host, arg, err);
    if (!telling.is_over)
        tdh_co_cancel(teller);
    while (!telling.is_over)
        tdh_co_park();
    return rc;
}
