/* SPDX-License-Identifier: Apache-2.0 */
/* echo: answers a call with the text it was given; the smallest useful plugin. */
#include <string.h>
#include <tdev/plugin.h>

struct echo {
    const char *prefix;
    int64_t limit;
};

static const struct td_binding *const echo_bindings[] = {
    TD_BIND_STR(struct echo, prefix),
    TD_BIND_INT(struct echo, limit),
    NULL,
};

static int echo(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    const struct echo *self = td_self(ctx);
    const json_t *text = json_object_get(input, "text");
    size_t length = json_string_length(text);
    json_t *output = NULL;

    if (!json_is_string(text) || length > (size_t)self->limit)
        return td_fail(err, TD_E_INVAL, "\"text\" must be a string of at most %lld bytes",
                       (long long)self->limit);
    output = json_pack("{s:s+%}", "text", self->prefix, json_string_value(text), length);
    if (output == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the reply");
    *ret_output = output;
    return 0;
}

static const struct td_action *const echo_actions[] = { TD_ACTION("echo", echo), NULL };
static const struct td_agent echo_agent = { TD_SIZE(struct td_agent), .actions = echo_actions };
static const struct td_plugin echo_plugin = {
    TD_SIZE(struct td_plugin),
    .name = "echo",
    .version = "1.0.0",
    .kind = TD_KIND_AGENT,
    .agent = &echo_agent,
    .bindings = echo_bindings,
    .state_size = sizeof(struct echo),
};
TD_PLUGIN(echo_plugin);
