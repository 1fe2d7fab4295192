/* SPDX-License-Identifier: Apache-2.0 */
/* exec: an agent whose actions a program does: the host's service td_program, with options. */
#include <tdev/plugin.h>

struct exec {
    const char *const *command;
    const char *const *environment;
    const char *folder;
    int64_t memory, line;
    struct td_program *program;
};

static const struct td_binding *const exec_bindings[] = {
    TD_BIND_LIST(struct exec, command), TD_BIND_LIST(struct exec, environment),
    TD_BIND_STR(struct exec, folder),   TD_BIND_BYTES(struct exec, memory),
    TD_BIND_BYTES(struct exec, line),   NULL,
};

static int init(struct td_ctx *ctx, struct td_err *err)
{
    struct exec *self = td_self(ctx);
    const struct td_program_options options = {
        TD_SIZE(struct td_program_options), .command = self->command,
        .environment = self->environment,   .folder = self->folder,
        .memory_bytes = self->memory,       .line_bytes = self->line
    };

    return td_program_open(ctx, &options, &self->program, err);
}

static void drop(struct td_ctx *ctx)
{
    struct exec *self = td_self(ctx);

    td_program_close(ctx, self->program);
}

static int run(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    const struct exec *self = td_self(ctx);

    return td_program_call(ctx, self->program, td_action_name(ctx), input, ret_output, err);
}

static const struct td_action *const exec_actions[] = { TD_ACTION("*", run), NULL };
static const struct td_agent exec_agent = { TD_SIZE(struct td_agent), .actions = exec_actions };
static const struct td_plugin exec_plugin = {
    TD_SIZE(struct td_plugin),
    .name = "exec",
    .version = "1.0.0",
    .kind = TD_KIND_AGENT,
    .agent = &exec_agent,
    .bindings = exec_bindings,
    .state_size = sizeof(struct exec),
    .init = init,
    .drop = drop,
};
TD_PLUGIN(exec_plugin);
