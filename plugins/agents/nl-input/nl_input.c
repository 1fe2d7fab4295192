/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nl-input: the first agent: takes a request in a person's words and says what it is about. Knows
 * no fields and builds nothing; that is the parser's.
 */
#include "understand.h"

#include <tdev/plugin.h>

struct nl_input {
    int64_t limit;
    int64_t name_length;
};

static const struct td_binding *const nl_input_bindings[] = {
    TD_BIND_BYTES(struct nl_input, limit),
    TD_BIND_INT(struct nl_input, name_length),
    NULL,
};

static int prepare(struct td_ctx *ctx, void **ret_shared, struct td_err *err)
{
    struct nl_rules *rules = nl_rules_read(td_folder(ctx), err);

    if (rules == NULL)
        return td_context(err, "could not read the word lists");
    *ret_shared = rules;
    return 0;
}

static void release(void *shared)
{
    nl_rules_free(shared);
}

static int understand(struct td_ctx *ctx, const json_t *input, json_t **ret_output,
                      struct td_err *err)
{
    const struct nl_input *self = td_self(ctx);
    const json_t *text = json_object_get(input, "request");
    struct nl_request request = {
        .text = json_string_value(text),
        .length = json_string_length(text),
        .limit_bytes = (size_t)self->limit,
        .name_length = (size_t)self->name_length,
        .lang = json_string_value(json_object_get(input, "lang")),
        .name = json_string_value(json_object_get(input, "name")),
    };

    if (request.text == NULL)
        return td_fail(err, TD_E_INVAL, "\"request\" must be a string");
    return nl_understand(td_shared(ctx), &request, ret_output, err);
}

static const struct td_action *const nl_input_actions[] = { TD_ACTION("understand", understand),
                                                            NULL };
static const struct td_agent nl_input_agent = { TD_SIZE(struct td_agent),
                                                .actions = nl_input_actions };
static const struct td_plugin nl_input_plugin = {
    TD_SIZE(struct td_plugin),
    .kind = TD_KIND_AGENT,
    .name = "nl-input",
    .version = "1.0.0",
    .state_size = sizeof(struct nl_input),
    .bindings = nl_input_bindings,
    .prepare = prepare,
    .release = release,
    .agent = &nl_input_agent,
};
TD_PLUGIN(nl_input_plugin);
