/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tenant: on whose account a run is. A name that is told, kept and counted by; who may use which is
 * not asked.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "run/internal.h"

bool tdh_run_is_tenant(const char *name)
{
    size_t length = strlen(name);

    if (length == 0 || length >= TDH_TENANT_SIZE)
        return false;
    for (const char *at = name; *at != '\0'; at++)
        if (!isalnum((unsigned char)*at) && *at != '_' && *at != '-')
            return false;
    return true;
}

int tdh_tenant_set(struct tdh_run *run, const char *name, struct td_err *err)
{
    char *copy;

    if (!tdh_run_is_tenant(name))
        return td_fail(err, TD_E_INVAL,
                       "tenant \"%.64s\" must be at most %d letters, digits, \"_\" and \"-\"", name,
                       TDH_TENANT_SIZE - 1);
    copy = strdup(name);
    if (copy == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the name of a tenant");
    free(run->tenant);
    run->tenant = copy;
    run->account = tdh_ledger_line(TDH_LEDGER_TENANT, name, "");
    return 0;
}

void tdh_tenant_inherit(struct tdh_run *child, const struct tdh_run *parent)
{
    struct td_err ignored; /* without memory the child is on its own account */

    if (parent->tenant != NULL)
        tdh_tenant_set(child, parent->tenant, &ignored);
}

void tdh_tenant_charge(struct tdh_run *run)
{
    uint64_t cpu_ns = atomic_load_explicit(&run->cpu_ns, memory_order_relaxed);

    if (run->account == NULL || cpu_ns <= run->charged_ns)
        return;
    tdh_ledger_add(&run->account->cpu_ns, cpu_ns - run->charged_ns);
    run->charged_ns = cpu_ns;
}
