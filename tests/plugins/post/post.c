/* SPDX-License-Identifier: Apache-2.0 */
/* post: takes letters, and says who it is. */
#include <tdev/plugin.h>

static int send(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    (void)err;
    *ret_output = json_pack("{s:o}", "id",
                            json_sprintf("%s to %s", td_instance(ctx),
                                         json_string_value(json_object_get(input, "to"))));
    return 0;
}

static int drop_letter(struct td_ctx *ctx, const json_t *input, json_t **ret_output,
                       struct td_err *err)
{
    (void)ctx, (void)input, (void)err;
    *ret_output = json_object();
    return 0;
}

static const struct td_action *const actions[] = { TD_ACTION("send", send),
                                                   TD_ACTION("drop", drop_letter), NULL };
static const struct td_agent agent = { TD_SIZE(struct td_agent), .actions = actions };
static const struct td_plugin post = {
    TD_SIZE(struct td_plugin), .name = "post",  .version = "1.0.0",
    .kind = TD_KIND_AGENT,     .agent = &agent,
};
TD_PLUGIN(post);
