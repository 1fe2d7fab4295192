/* SPDX-License-Identifier: Apache-2.0 */
/*
 * echo: answers a call with the text it was given; the smallest plugin, built as an author outside this tree would.
 */
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
    const char *text = json_string_value(json_object_get(input, "text"));

    if (text == NULL || strlen(text) > (size_t)self->limit)
        return td_fail(err, TD_E_INVAL, "\"text\" must be a string of at most %lld bytes",
                       (long long)self->limit);
    *ret_output = json_pack("{s:o}", "text", json_sprintf("%s%s", self->prefix, text));
    return *ret_output != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the reply");
}

static const struct td_action *const echo_actions[] = { TD_ACTION("echo", echo), NULL };
static const struct td_agent echo_agent = {
    .size = sizeof(struct td_agent),
    .actions = echo_actions,
};
static const struct td_plugin echo_plugin = {
    .size = sizeof(struct td_plugin),
    .kind = TD_KIND_AGENT,
    .name = "echo",
    .version = "1.0.0",
    .state_size = sizeof(struct echo),
    .bindings = echo_bindings,
    .agent = &echo_agent,
};
TD_PLUGIN(echo_plugin);
