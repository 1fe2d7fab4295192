/* SPDX-License-Identifier: Apache-2.0 */
/* letter: writes letters, and has others send and keep them: who, it does not know. */
#include <string.h>
#include <tdev/plugin.h>

static int write_letter(struct td_ctx *ctx, const json_t *input, json_t **ret_output,
                        struct td_err *err)
{
    json_t *letter = json_pack("{s:O, s:s}", "to", json_object_get(input, "to"), "text", "hello");
    json_t *sent = NULL, *kept = NULL;
    int has = td_has_use(ctx, "keeper", err), rc = -1;

    if (json_is_true(json_object_get(input, "broken")))
        json_object_set_new(letter, "to", json_integer(5));
    if (has >= 0 && td_use(ctx, "mailer", letter, NULL, &sent, err) == 0)
        rc = has == 0 ? 0 : td_use(ctx, "keeper", letter, NULL, &kept, err);
    if (rc == 0)
        *ret_output = json_pack("{s:O, s:b, s:O?}", "id", json_object_get(sent, "id"), "kept", has,
                                "keeper", json_object_get(kept, "id"));
    json_decref(letter);
    json_decref(sent);
    json_decref(kept);
    return rc;
}

/* Uses a role whose name is the input's, whatever that is. */
static int use(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    const char *name = json_string_value(json_object_get(input, "role"));

    return td_use(ctx, name, json_object_get(input, "letter"), NULL, ret_output, err);
}

/* Calls an agent by its name, which its manifest does not permit. */
static int call(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    return td_call(ctx, json_string_value(json_object_get(input, "agent")), "send",
                   json_object_get(input, "letter"), NULL, ret_output, err);
}

/* So that a letter may be somebody's mailer. */
static int send(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    return td_use(ctx, "mailer", input, NULL, ret_output, err);
}

static const struct td_action *const actions[] = { TD_ACTION("write", write_letter),
                                                   TD_ACTION("use", use), TD_ACTION("call", call),
                                                   TD_ACTION("send", send), NULL };
static const struct td_agent agent = { TD_SIZE(struct td_agent), .actions = actions };
static const struct td_plugin letter = {
    TD_SIZE(struct td_plugin), .name = "letter", .version = "1.0.0",
    .kind = TD_KIND_AGENT,     .agent = &agent,  .state_size = 8,
};
TD_PLUGIN(letter);
