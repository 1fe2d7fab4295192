/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ui-select: the second agent: chooses the stack and the layout, and says why.
 */
#include "select.h"

#include <tdev/plugin.h>

static int prepare(struct td_ctx *ctx, void **ret_shared, struct td_err *err)
{
    json_t *choices = ui_choices_read(td_folder(ctx), err);

    if (choices == NULL)
        return td_context(err, "could not read the choices");
    *ret_shared = choices;
    return 0;
}

static void release(void *shared)
{
    json_decref(shared);
}

static int select_ui(struct td_ctx *ctx, const json_t *input, json_t **ret_output,
                     struct td_err *err)
{
    return ui_select(td_shared(ctx), input, ret_output, err);
}

static const struct td_action *const ui_select_actions[] = { TD_ACTION("select", select_ui), NULL };
static const struct td_agent ui_select_agent = { TD_SIZE(struct td_agent),
                                                 .actions = ui_select_actions };
static const struct td_plugin ui_select_plugin = {
    TD_SIZE(struct td_plugin), .kind = TD_KIND_AGENT, .name = "ui-select",       .version = "1.0.0",
    .prepare = prepare,        .release = release,    .agent = &ui_select_agent,
};
TD_PLUGIN(ui_select_plugin);
