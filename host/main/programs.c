/* SPDX-License-Identifier: Apache-2.0 */
/*
 * programs: the services by which plugins run programs (host/plugin/program.c).
 */
#include <stdlib.h>

#include "main/services.h"

static struct tdh_host *the_host; /* one per process */

struct td_program {
    struct tdh_program *program;
};

static int check_permission(const struct tdh_ctx *ctx, const char *path, struct td_err *err)
{
    const struct tdh_manifest *manifest = ctx->plugin->manifest;
    const json_t *own = tdh_ctx_permissions(ctx);

    if (!tdh_permission_has(manifest->permissions, "programs", path)) {
        td_fail(err, TD_E_PERM, "plugin \"%s\" may not run \"%s\"", manifest->name, path);
        return td_hint(err, "name it in \"permissions: {programs: [...]}\" of its manifest");
    }
    /* an agent of a bridge may say which; it need not */
    if (json_object_get(own, "programs") == NULL || tdh_permission_has(own, "programs", path))
        return 0;
    return td_fail(err, TD_E_PERM,
                   "agent \"%s\" may not run \"%s\": its permissions do not name it", ctx->instance,
                   path);
}

static int open_program(struct td_ctx *pub, const struct td_program_options *options,
                        struct td_program **ret_program, struct td_err *err)
{
    struct tdh_ctx *ctx = tdh_ctx_of(pub);
    struct tdh_program_options own = { .command = options->command,
                                       .environment = options->environment,
                                       .folder = options->folder,
                                       .permissions = tdh_ctx_permissions(ctx),
                                       .memory_bytes = options->memory_bytes,
                                       .line_bytes = options->line_bytes };
    struct td_program *program;
    char name[160];

    if (own.command != NULL && own.command[0] != NULL &&
        check_permission(ctx, own.command[0], err) != 0)
        return -1;
    snprintf(name, sizeof(name), "%s/%s", ctx->plugin->manifest->name, ctx->instance);
    own.name = name;
    program = malloc(sizeof(*program));
    if (program == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a program");
    program->program = tdh_program_new(the_host->plugins, &own, err);
    if (program->program == NULL) {
        free(program);
        return -1;
    }
    *ret_program = program;
    return 0;
}

static void close_program(struct td_ctx *ctx, struct td_program *program)
{
    (void)ctx;
    if (program == NULL)
        return;
    tdh_program_free(program->program);
    free(program);
}

/* A call on its way. Pieces of output go back to the worker that it came from. */
struct asking {
    struct tdh_program *program;
    struct tdh_program_call call;
    struct tdh_call *serves;
    struct tdh_worker *origin;
    struct td_err *err;
    int rc;
};

struct passing {
    struct tdh_call *call;
    const json_t *chunk;
    struct td_err *err;
    int rc;
};

static void pass_at_origin(void *arg)
{
    struct passing *passing = arg;

    passing->rc = tdh_service_emit(passing->call, passing->chunk, passing->err);
}

static int pass(void *arg, const json_t *chunk, struct td_err *err)
{
    const struct asking *asking = arg;
    struct passing passing = { asking->serves, chunk, err, -1 };

    if (asking->origin == tdh_worker_self())
        pass_at_origin(&passing);
    else if (tdh_hop(asking->origin, pass_at_origin, &passing, err) != 0)
        return -1;
    return passing.rc;
}

static void ask(void *arg)
{
    struct asking *asking = arg;

    asking->origin = tdh_worker_self();
    asking->rc = tdh_program_call(asking->program, &asking->call, asking->err);
}

static int call_program(struct td_ctx *ctx, struct td_program *program, const char *action,
                        const json_t *input, json_t **ret_output, struct td_err *err)
{
    struct tdh_call *call = tdh_service_call(ctx);
    struct asking asking = { .program = program->program, .serves = call, .err = err, .rc = -1 };

    if (call == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "programs can be called within an action only");
    asking.call = (struct tdh_program_call){
        .action = action,
        .input = input,
        .key = call->key,
        .deadline_ns = call->deadline_ns,
        .is_external = call->target->effects == TDH_EFFECTS_EXTERNAL,
        .emit = pass,
        .emit_arg = &asking,
    };
    if (tdh_service_on_worker(ctx, ask, &asking, &asking.rc, err) != 0)
        return -1;
    *ret_output = asking.call.output;
    return 0;
}

void tdh_services_programs(struct tdh_host *host)
{
    the_host = host;
    host->services.program_open = open_program;
    host->services.program_call = call_program;
    host->services.program_close = close_program;
}
