/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify: what a plugin may say of an instance: that it is as it should be, and that it is as new.
 *
 * Plugins of an SDK before 1.4 have no such functions, and those that run isolated have them in
 * their own process only: verify follows their init there, and instances are not reset.
 */
#include "agent/internal.h"
#include "base/said.h"

struct asked {
    struct tdh_agent_template *template;
    struct tdh_cell_agent *cell;
    struct tdh_call *call;
    int (*fn)(struct td_ctx *ctx, struct td_err *err);
    const char *name;
};

static int ask(void *arg, struct td_err *err)
{
    const struct asked *asked = arg;
    struct tdh_ctx ctx;
    int rc;

    tdh_agent_enter(asked->template, asked->cell->state, asked->call, &ctx);
    tdh_unsaid(err);
    rc = tdh_said(asked->fn(&ctx.pub, err), asked->template->name, asked->name, err);
    tdh_agent_leave(asked->template, &ctx);
    return rc == 0 ? 0 : td_context(err, "agent \"%s\"", asked->template->name);
}

int tdh_agent_verify(struct tdh_agent_template *template, struct tdh_cell_agent *cell,
                     struct tdh_birth *birth, struct td_err *err)
{
    struct asked asked = { template, cell, &birth->call, tdh_plugin_verify(template->plugin),
                           "verify" };

    return asked.fn != NULL ? tdh_agent_in_place(template, birth, ask, &asked, err) : 0;
}

bool tdh_agent_can_reset(const struct tdh_agent_template *template)
{
    return tdh_plugin_reset(template->plugin) != NULL;
}

int tdh_agent_reset(struct tdh_agent_template *template, struct tdh_cell_agent *cell,
                    struct td_err *err)
{
    struct asked asked = { template, cell, NULL, tdh_plugin_reset(template->plugin), "reset" };

    if (!tdh_plugin_blocks(template->plugin) || tdh_co_self() == NULL)
        return ask(&asked, err);
    return tdh_blocking_plugin(template->agents->options.runtime, TDH_NEVER, ask, &asked, err);
}
