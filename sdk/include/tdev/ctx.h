/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctx: what a plugin may ask of its host, while one of its functions runs.
 *
 * The host gives, a plugin never reaches: every service is a function in one append-only table,
 * wrapped here by inline functions, so a plugin links no symbol of the host and a test can hand it
 * a fake one.
 *
 * TD_YIELDS marks functions that may give way: other coroutines of this worker run meanwhile. After
 * such a call, read shared state again and trust no borrow taken before, except what belongs to
 * this call (input, td_alloc memory).
 */
#ifndef TDEV_CTX_H
#define TDEV_CTX_H

#include <jansson.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <tdev/err.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TD_YIELDS
#define TD_SIZE(type) .size = sizeof(type)

struct td_ctx;
typedef void td_defer_fn(void *arg);
typedef int td_blocking_fn(void *arg, struct td_err *err);
/* Gets one record of a scan; returns 0 to go on, 1 to stop. Borrowed for the call. */
typedef int td_store_scan_fn(void *arg, const char *key, const json_t *value, uint64_t version);

enum td_level { TD_DEBUG, TD_INFO, TD_WARNING, TD_ERROR };

/* Options of td_call beyond the policy that the configuration gives. Zero means: as configured. */
struct td_call_options {
    uint32_t size;
    uint32_t timeout_ms; /* at most what is left of the caller's own deadline */
    uint32_t max_attempts;
    uint32_t flags; /* none yet */
    uint64_t reserved[4];
};

/* Version of a record that is not there; and "whatever it is now". */
#define TD_VERSION_ABSENT 0
#define TD_VERSION_ANY UINT64_MAX

/*
 * A program that answers calls, one JSON value a line; docs/bridges.md has the lines. It runs in
 * processes of its own, confined to the `files` and `network` that the agent's permissions name.
 */
struct td_program;
struct td_program_options {
    uint32_t size;
    uint32_t flags;                 /* none yet */
    const char *const *command;     /* the first word an absolute path; ends with NULL */
    const char *const *environment; /* all it has, NAME=VALUE; ends with NULL; may be NULL */
    const char *folder;             /* that it is in; NULL: "/" */
    int64_t memory_bytes;           /* of each of its processes; 0: 1 GiB */
    int64_t line_bytes;             /* longest line that it may write; 0: 16 MiB */
    uint64_t reserved[4];
};

/* A JSON value in whose texts ${CEL} stands for what it comes to; see td_template_new. */
struct td_template;

/* A request to a server elsewhere. */
struct td_http_request {
    uint32_t size;
    uint32_t timeout_ms;        /* 0: what is left of the call */
    const char *method, *url;   /* http or https */
    const char *const *headers; /* "Name: value"; ends with NULL; may be NULL */
    const void *body;           /* NULL: none */
    size_t body_bytes;
    size_t limit_bytes;  /* longest body of the reply, decoded; 0: 16 MiB */
    const char *ca_file; /* whom to trust instead of the system's; NULL */
    uint64_t reserved[4];
};
struct td_http_reply {
    uint32_t size;
    uint32_t status;
    const json_t *headers; /* names in small letters to values; several joined by ", " */
    const char *body;      /* ends with a NUL */
    size_t body_bytes;
    uint64_t reserved[4];
};

struct td_services {
    uint32_t size;
    void (*log)(struct td_ctx *ctx, enum td_level level, const char *text);
    void *(*alloc)(struct td_ctx *ctx, size_t size);
    int (*defer)(struct td_ctx *ctx, td_defer_fn *fn, void *arg, struct td_err *err);
    int (*call)(struct td_ctx *ctx, const char *agent, const char *action, const json_t *input,
                const struct td_call_options *options, json_t **ret_output, struct td_err *err);
    int (*sleep)(struct td_ctx *ctx, uint64_t ms, struct td_err *err);
    int (*check)(struct td_ctx *ctx, struct td_err *err);
    int64_t (*remaining_ms)(struct td_ctx *ctx);
    int (*emit)(struct td_ctx *ctx, const json_t *chunk, struct td_err *err);
    int (*blocking)(struct td_ctx *ctx, td_blocking_fn *fn, void *arg, struct td_err *err);
    const char *(*key)(struct td_ctx *ctx);
    const char *(*instance)(struct td_ctx *ctx);
    const char *(*folder)(struct td_ctx *ctx);
    const char *(*data_dir)(struct td_ctx *ctx);
    int (*store_get)(struct td_ctx *ctx, const char *key, json_t **ret_value, uint64_t *ret_version,
                     struct td_err *err);
    int (*store_put)(struct td_ctx *ctx, const char *key, const json_t *value, uint64_t version,
                     uint64_t *ret_version, struct td_err *err);
    int (*store_delete)(struct td_ctx *ctx, const char *key, uint64_t version, struct td_err *err);
    int (*store_scan)(struct td_ctx *ctx, const char *prefix, uint32_t limit, td_store_scan_fn *fn,
                      void *arg, struct td_err *err);
    int (*spend)(struct td_ctx *ctx, const char *meter, double amount, struct td_err *err);
    const char *(*action)(struct td_ctx *ctx);
    const json_t *(*capabilities)(struct td_ctx *ctx);
    int (*program_open)(struct td_ctx *ctx, const struct td_program_options *options,
                        struct td_program **ret_program, struct td_err *err);
    int (*program_call)(struct td_ctx *ctx, struct td_program *program, const char *action,
                        const json_t *input, json_t **ret_output, struct td_err *err);
    void (*program_close)(struct td_ctx *ctx, struct td_program *program);
    int (*template_new)(struct td_ctx *ctx, const json_t *value, const char *const *roots,
                        struct td_template **ret_template, struct td_err *err);
    int (*template_eval)(struct td_ctx *ctx, const struct td_template *template_,
                         const json_t *values, json_t **ret_value, struct td_err *err);
    void (*template_free)(struct td_ctx *ctx, struct td_template *template_);
    int (*http_fetch)(struct td_ctx *ctx, const struct td_http_request *request,
                      struct td_http_reply *ret_reply, struct td_err *err);
    /* --- since 1.4 --- */
    int (*has_use)(struct td_ctx *ctx, const char *name, struct td_err *err);
    int (*use)(struct td_ctx *ctx, const char *name, const json_t *input,
               const struct td_call_options *options, json_t **ret_output, struct td_err *err);
};

/*
 * The context of one call: of an action, of init, of a storage function. Made by the host, valid
 * until that function returns, used only in the thread and coroutine it was given to.
 */
struct td_ctx {
    uint32_t size;
    uint32_t reserved;
    const struct td_services *services;
    void *self;         /* state_size bytes of the instance; see td_self */
    const void *shared; /* what the plugin's prepare made; see td_shared */
};

/** The instance's state: the struct that bindings fill.
 * In prepare: a state with the options filled in, nothing more. */
static inline void *td_self(const struct td_ctx *ctx)
{
    return ctx->self;
}

/** What prepare returned for this plugin and these options;
 * read-only, shared by all instances and threads. */
static inline const void *td_shared(const struct td_ctx *ctx)
{
    return ctx->shared;
}

/** One log line; the host adds time and the instance's name. Never put a secret in it. */
static inline void td_log(struct td_ctx *ctx, enum td_level level, const char *fmt, ...)
    TD_PRINTF(3, 4);
static inline void td_log(struct td_ctx *ctx, enum td_level level, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    ctx->services->log(ctx, level, text);
}

/** Zeroed memory that lives until this call ends; NULL when there is none. */
static inline void *td_alloc(struct td_ctx *ctx, size_t size)
{
    return ctx->services->alloc(ctx, size);
}

/** Has `fn(arg)` run when this call ends, however it ends;
 * last registered runs first. err: TD_E_NOMEM; then fn ran. */
static inline int td_defer(struct td_ctx *ctx, td_defer_fn *fn, void *arg, struct td_err *err)
{
    return ctx->services->defer(ctx, fn, arg, err);
}

/**
 * Calls another agent's action down the host's call path: permission, validation, limits, retries
 * and deadline are the host's. At most 16 calls deep.
 *
 * options     may be NULL
 * ret_output  new: json_decref() it
 * err         what the callee said, or the path: TD_E_NOTFOUND, TD_E_PERM, TD_E_INVAL,
 *             TD_E_TIMEOUT, TD_E_CANCELLED, TD_E_LIMIT
 */
static inline TD_YIELDS int td_call(struct td_ctx *ctx, const char *agent, const char *action,
                                    const json_t *input, const struct td_call_options *options,
                                    json_t **ret_output, struct td_err *err)
{
    return ctx->services->call(ctx, agent, action, input, options, ret_output, err);
}

/**
 * Calls who has a role of the plugin: a row of `uses` in its manifest. Which agent that is, the
 * file of this plugin's own agent says, or the row's default; the action is the row's. As td_call
 * otherwise, but that `permissions: {agents: [...]}` need not name the agent. Since SDK 1.4.
 *
 * input       must fit the row's `input`
 * ret_output  new; fits the row's `output`
 * err         as td_call; TD_E_NOTFOUND: nobody has the role, which is optional; TD_E_INVAL: the
 *             manifest has no such role, or the input does not fit; TD_E_EXEC: the output does not
 */
static inline TD_YIELDS int td_use(struct td_ctx *ctx, const char *name, const json_t *input,
                                   const struct td_call_options *options, json_t **ret_output,
                                   struct td_err *err)
{
    return ctx->services->use(ctx, name, input, options, ret_output, err);
}

/** Has somebody the role? 1 or 0, or -1. It stays so to the end of the instance. err: TD_E_INVAL:
 * the manifest has no such role. Since SDK 1.4. */
static inline TD_YIELDS int td_has_use(struct td_ctx *ctx, const char *name, struct td_err *err)
{
    return ctx->services->has_use(ctx, name, err);
}

/** Waits. err: TD_E_CANCELLED or TD_E_TIMEOUT when the call is to end before. */
static inline TD_YIELDS int td_sleep(struct td_ctx *ctx, uint64_t ms, struct td_err *err)
{
    return ctx->services->sleep(ctx, ms, err);
}

/** For long loops: fails with TD_E_CANCELLED or TD_E_TIMEOUT when the call should end;
 * gives way when others wait. */
static inline TD_YIELDS int td_check(struct td_ctx *ctx, struct td_err *err)
{
    return ctx->services->check(ctx, err);
}

/** Milliseconds until this call's deadline; INT64_MAX when it has none. */
static inline int64_t td_remaining_ms(struct td_ctx *ctx)
{
    return ctx->services->remaining_ms(ctx);
}

/** Sends a piece of the output ahead, to whoever watches.
 * Provisional: not part of the result; after it, no retry. */
static inline TD_YIELDS int td_emit(struct td_ctx *ctx, const json_t *chunk, struct td_err *err)
{
    return ctx->services->emit(ctx, chunk, err);
}

/** Runs `fn(arg)` where it may block, and waits for it.
 * In fn no service but td_alloc's memory may be used. */
static inline TD_YIELDS int td_blocking(struct td_ctx *ctx, td_blocking_fn *fn, void *arg,
                                        struct td_err *err)
{
    return ctx->services->blocking(ctx, fn, arg, err);
}

/**
 * The idempotency key of this step of a durable run: the same for every attempt, also after a
 * crash. NULL outside of a run. An action with `effects: idempotent` hands it to whatever it
 * changes.
 */
static inline const char *td_key(struct td_ctx *ctx)
{
    return ctx->services->key(ctx);
}

/** The name of the action that is called, or reconciled: a bridge has one function for all of them.
 * NULL outside of one. */
static inline const char *td_action_name(struct td_ctx *ctx)
{
    return ctx->services->action(ctx);
}

/**
 * What the agent offers, if its plugin is a bridge (`capabilities: from_instance`): the list as its
 * file has it, `[{name, effects, input, output, config, ...} ...]`, checked. Read-only; lives as
 * long as the instance, and is the same in prepare, init and all actions. NULL: it is none.
 */
static inline const json_t *td_capabilities(struct td_ctx *ctx)
{
    return ctx->services->capabilities(ctx);
}

/** The name of this instance. */
static inline const char *td_instance(struct td_ctx *ctx)
{
    return ctx->services->instance(ctx);
}

/**
 * Describes a program to the host; nothing is started. Usually in init, with td_program_close in
 * drop. The manifest's permissions must name it in `programs`.
 *
 * ret_program  new; td_program_close()
 * err          TD_E_PERM, TD_E_INVAL; TD_E_UNSUPPORTED: this host runs none
 */
static inline int td_program_open(struct td_ctx *ctx, const struct td_program_options *options,
                                  struct td_program **ret_program, struct td_err *err)
{
    return ctx->services->program_open(ctx, options, ret_program, err);
}

/**
 * Has the program do an action, starting it when it does not run: one process does all calls, many
 * at once. Pieces that it sends ahead go to td_emit. It is told of the call's end when that is
 * cancelled or its time is up, and is ended when it does not heed that.
 *
 * ret_output  new
 * err         what it says; TD_E_UNAVAILABLE: it ended meanwhile; TD_E_DOUBT: the same, of an
 *             action with external effects
 */
static inline TD_YIELDS int td_program_call(struct td_ctx *ctx, struct td_program *program,
                                            const char *action, const json_t *input,
                                            json_t **ret_output, struct td_err *err)
{
    return ctx->services->program_call(ctx, program, action, input, ret_output, err);
}

/** Ends it with all it has started; no call is under way. NULL is fine. */
static inline void td_program_close(struct td_ctx *ctx, struct td_program *program)
{
    ctx->services->program_close(ctx, program);
}

/**
 * Compiles a value in whose texts `${...}` are expressions of CEL, as in workflows: alone in its
 * text one keeps its type, among other text it is printed; `$${` is a plain `${`. Usually in init.
 *
 * roots  names of the variables there are, at most 16; ends with NULL
 * err    TD_E_CONFIG with the JSON Pointer of the text in front
 */
static inline int td_template_new(struct td_ctx *ctx, const json_t *value, const char *const *roots,
                                  struct td_template **ret_template, struct td_err *err)
{
    return ctx->services->template_new(ctx, value, roots, ret_template, err);
}

/** The value, with each expression worked out. values: an object of variables; one it does not
 * have cannot be read. ret_value: new. err TD_E_INVAL, TD_E_LIMIT */
static inline int td_template_eval(struct td_ctx *ctx, const struct td_template *template_,
                                   const json_t *values, json_t **ret_value, struct td_err *err)
{
    return ctx->services->template_eval(ctx, template_, values, ret_value, err);
}

static inline void td_template_free(struct td_ctx *ctx, struct td_template *template_)
{
    ctx->services->template_free(ctx, template_);
}

/**
 * Sends a request over HTTP and waits for the whole reply. Any status is a success here; redirects
 * are not followed. The permissions must name the host, or HOST:PORT, in `network`. Certificates
 * are verified.
 *
 * ret_reply  lives until this call ends
 * err        TD_E_PERM, TD_E_INVAL; TD_E_UNAVAILABLE: not reached, or cut off; TD_E_EXTERNAL: not
 *            trusted; TD_E_LIMIT: too long; TD_E_TIMEOUT, TD_E_CANCELLED; TD_E_DOUBT instead of
 *            these when it was sent, and the action has external effects
 */
static inline TD_YIELDS int td_http_fetch(struct td_ctx *ctx, const struct td_http_request *request,
                                          struct td_http_reply *ret_reply, struct td_err *err)
{
    return ctx->services->http_fetch(ctx, request, ret_reply, err);
}

/** The plugin's folder, where plugin.yaml and its own data files are. */
static inline const char *td_folder(struct td_ctx *ctx)
{
    return ctx->services->folder(ctx);
}

/** The folder of tdev's shared data files (catalogue, templates). */
static inline const char *td_data_dir(struct td_ctx *ctx)
{
    return ctx->services->data_dir(ctx);
}

/* The plugin's own records in the host's store; keys are the plugin's,
 * other plugins cannot see them. Permission `store: [kv]`. */

/** ret_value: new. err: TD_E_NOTFOUND when there is no such record. ret_version may be NULL. */
static inline TD_YIELDS int td_store_get(struct td_ctx *ctx, const char *key, json_t **ret_value,
                                         uint64_t *ret_version, struct td_err *err)
{
    return ctx->services->store_get(ctx, key, ret_value, ret_version, err);
}

/** Writes if the record's version is `version` (or TD_VERSION_ABSENT, TD_VERSION_ANY);
 * durable on return. err: TD_E_CONFLICT. */
static inline TD_YIELDS int td_store_put(struct td_ctx *ctx, const char *key, const json_t *value,
                                         uint64_t version, uint64_t *ret_version,
                                         struct td_err *err)
{
    return ctx->services->store_put(ctx, key, value, version, ret_version, err);
}

/** As td_store_put; a record that is not there is fine with TD_VERSION_ANY. */
static inline TD_YIELDS int td_store_delete(struct td_ctx *ctx, const char *key, uint64_t version,
                                            struct td_err *err)
{
    return ctx->services->store_delete(ctx, key, version, err);
}

/** Walks the records whose key begins with `prefix`, in byte order of keys, at most `limit`. */
static inline TD_YIELDS int td_store_scan(struct td_ctx *ctx, const char *prefix, uint32_t limit,
                                          td_store_scan_fn *fn, void *arg, struct td_err *err)
{
    return ctx->services->store_scan(ctx, prefix, limit, fn, arg, err);
}

/**
 * Says what the call under way has used, such as td_spend(ctx, "tokens", 812, err). It adds up, and
 * counts for the step of the run that the call belongs to, however the call ends; a budget of the
 * run decides what begins next. Outside of a run it only shows in the host's metrics. In a run,
 * what the capability's `uses` promises as the most of one attempt is reserved before.
 *
 * meter   [a-z][a-z0-9_]*, at most 31 bytes and 8 of them in a call; not "calls", which the host
 *         counts
 * amount  0 to 9007199254, kept to a millionth, rounded up
 * err     TD_E_INVAL: no such name or amount; TD_E_LIMIT: too many meters; TD_E_UNSUPPORTED: no
 *         call is under way here
 */
static inline TD_YIELDS int td_spend(struct td_ctx *ctx, const char *meter, double amount,
                                     struct td_err *err)
{
    return ctx->services->spend(ctx, meter, amount, err);
}

#ifdef __cplusplus
}
#endif
#endif
