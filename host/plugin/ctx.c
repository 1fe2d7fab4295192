/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctx: the context a plugin's function gets, and the services that need nothing but the context
 * itself.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cel/cel.h"
#include "plugin/plugin.h"

struct tdh_deferred {
    struct tdh_deferred *older;
    td_defer_fn *fn;
    void *arg;
};

void tdh_ctx_begin(struct tdh_ctx *ctx, const struct td_services *services,
                   const struct tdh_plugin *plugin, const char *instance, void *self,
                   const void *shared)
{
    *ctx = (struct tdh_ctx){ .pub = { .size = sizeof(struct td_ctx),
                                      .services = services,
                                      .self = self,
                                      .shared = shared },
                             .plugin = plugin,
                             .instance = instance };
}

void tdh_ctx_end(struct tdh_ctx *ctx)
{
    while (ctx->deferred != NULL) {
        struct tdh_deferred *deferred = ctx->deferred;

        ctx->deferred = deferred->older;
        deferred->fn(deferred->arg);
    }
    tdh_arena_free(&ctx->arena);
}

static void *ctx_alloc(struct td_ctx *pub, size_t size)
{
    return tdh_arena_alloc(&tdh_ctx_of(pub)->arena, size);
}

static int ctx_defer(struct td_ctx *pub, td_defer_fn *fn, void *arg, struct td_err *err)
{
    struct tdh_ctx *ctx = tdh_ctx_of(pub);
    struct tdh_deferred *deferred = tdh_arena_alloc(&ctx->arena, sizeof(*deferred));

    if (deferred == NULL) {
        fn(arg);
        return td_fail(err, TD_E_NOMEM, "could not allocate a deferred function");
    }
    *deferred = (struct tdh_deferred){ .older = ctx->deferred, .fn = fn, .arg = arg };
    ctx->deferred = deferred;
    return 0;
}

static void ctx_log(struct td_ctx *pub, enum td_level level, const char *text)
{
    static const enum tdh_log_level levels[] = { TDH_LOG_DEBUG, TDH_LOG_INFO, TDH_LOG_WARNING,
                                                 TDH_LOG_ERROR };
    const struct tdh_ctx *ctx = tdh_ctx_of(pub);
    enum tdh_log_level own =
        (unsigned)level < sizeof(levels) / sizeof(levels[0]) ? levels[level] : TDH_LOG_INFO;
    char unit[160];

    if (!tdh_log_wants(own))
        return;
    snprintf(unit, sizeof(unit), "%s/%s", ctx->plugin->manifest->name, ctx->instance);
    tdh_log(own, unit, TDH_NO_FACTS, "%s", text);
}

static const char *ctx_instance(struct td_ctx *pub)
{
    return tdh_ctx_of(pub)->instance;
}

static const char *ctx_folder(struct td_ctx *pub)
{
    return tdh_ctx_of(pub)->plugin->manifest->folder;
}

const json_t *tdh_ctx_permissions(const struct tdh_ctx *ctx)
{
    return ctx->offer != NULL ? ctx->offer->permissions : ctx->plugin->manifest->permissions;
}

static const char *ctx_action(struct td_ctx *pub)
{
    return tdh_ctx_of(pub)->action_name;
}

static const json_t *ctx_capabilities(struct td_ctx *pub)
{
    const struct tdh_offer *offer = tdh_ctx_of(pub)->offer;

    return offer != NULL ? offer->rows : NULL;
}

static int ctx_has_use(struct td_ctx *pub, const char *name, struct td_err *err)
{
    const char *agent;

    return tdh_role_of(tdh_ctx_of(pub), name, &agent, err) != NULL ? agent != NULL : -1;
}

/* --- templates --- */

enum { TEMPLATE_ROOTS = 16 };

struct td_template {
    struct tdh_template *template;
    char *names[TEMPLATE_ROOTS];
    size_t count;
};

static void free_template(struct td_ctx *pub, struct td_template *template)
{
    (void)pub;
    if (template == NULL)
        return;
    for (size_t i = 0; i < template->count; i++)
        free(template->names[i]);
    tdh_template_free(template->template);
    free(template);
}

/* A template knows where in the value a fault is, and no file. */
static int place(void *arg, const char *pointer, struct td_err *err)
{
    (void)arg;
    err->code = TD_E_CONFIG;
    return pointer[0] != '\0' ? td_context(err, "%s", pointer) : -1;
}

static int new_template(struct td_ctx *pub, const json_t *value, const char *const *roots,
                        struct td_template **ret_template, struct td_err *err)
{
    struct td_template *template = calloc(1, sizeof(*template));
    struct tdh_cel_root known[TEMPLATE_ROOTS] = { { NULL, NULL } };
    struct tdh_cel_options options = { .roots = known };

    if (template == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a template");
    for (; roots[template->count] != NULL && template->count < TEMPLATE_ROOTS; template->count++) {
        known[template->count].name = roots[template->count];
        template->names[template->count] = strdup(roots[template->count]);
    }
    options.root_count = template->count;
    template->template = tdh_template_new(value, &options, "", place, NULL, err);
    if (template->template == NULL) {
        free_template(pub, template);
        return -1;
    }
    *ret_template = template;
    return 0;
}

static int eval_template(struct td_ctx *pub, const struct td_template *template,
                         const json_t *values, json_t **ret_value, struct td_err *err)
{
    const json_t *roots[TEMPLATE_ROOTS];
    struct tdh_cel_env env = { roots, template->count };
    struct tdh_arena arena = { 0 };

    (void)pub;
    for (size_t i = 0; i < template->count; i++)
        roots[i] = template->names[i] != NULL ? json_object_get(values, template->names[i]) : NULL;
    *ret_value = tdh_template_eval(template->template, &env, &arena, err);
    tdh_arena_free(&arena);
    return *ret_value != NULL ? 0 : -1;
}

/* --- what only a whole host has --- */

static int no_fetch(struct td_ctx *pub, const struct td_http_request *request,
                    struct td_http_reply *ret_reply, struct td_err *err)
{
    (void)pub, (void)request, (void)ret_reply;
    return td_fail(err, TD_E_UNSUPPORTED,
                   "requests can be sent by plugins inside of the host only");
}

static int no_program(struct td_ctx *pub, const struct td_program_options *options,
                      struct td_program **ret_program, struct td_err *err)
{
    (void)pub, (void)options, (void)ret_program;
    return td_fail(err, TD_E_UNSUPPORTED, "programs can be run by plugins inside of the host only");
}

static int no_program_call(struct td_ctx *pub, struct td_program *program, const char *action,
                           const json_t *input, json_t **ret_output, struct td_err *err)
{
    (void)action, (void)input, (void)ret_output;
    return no_program(pub, NULL, &program, err);
}

static void no_program_close(struct td_ctx *pub, struct td_program *program)
{
    (void)pub, (void)program;
}

void tdh_ctx_fill(struct td_services *services)
{
    services->size = sizeof(*services);
    services->log = ctx_log;
    services->alloc = ctx_alloc;
    services->defer = ctx_defer;
    services->instance = ctx_instance;
    services->folder = ctx_folder;
    services->action = ctx_action;
    services->capabilities = ctx_capabilities;
    services->has_use = ctx_has_use;
    services->template_new = new_template;
    services->template_eval = eval_template;
    services->template_free = free_template;
    services->http_fetch = no_fetch;
    services->program_open = no_program;
    services->program_call = no_program_call;
    services->program_close = no_program_close;
}
