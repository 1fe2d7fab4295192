/* SPDX-License-Identifier: Apache-2.0 */
/*
 * misfit: an agent that loads, and, with one -D each, libraries made to be refused. local.mk says
 * which.
 */
#include <tdev/plugin.h>

/* What a misfit does without stays unused. */
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-const-variable"

#ifndef MISFIT_MAGIC
#define MISFIT_MAGIC TD_ABI_MAGIC
#endif
#ifndef MISFIT_MAJOR
#define MISFIT_MAJOR TD_ABI_MAJOR
#endif
#ifndef MISFIT_MINOR
#define MISFIT_MINOR TD_ABI_MINOR
#endif
#ifndef MISFIT_POINTER
#define MISFIT_POINTER sizeof(void *)
#endif
#ifndef MISFIT_TIME
#define MISFIT_TIME sizeof(time_t)
#endif
#ifndef MISFIT_OFF
#define MISFIT_OFF sizeof(off_t)
#endif
#ifndef MISFIT_JANSSON
#define MISFIT_JANSSON JANSSON_MAJOR_VERSION
#endif
#ifndef MISFIT_ERR
#define MISFIT_ERR sizeof(struct td_err)
#endif
#ifndef MISFIT_FLAGS
#define MISFIT_FLAGS 0
#endif
#ifndef MISFIT_SIZE
#define MISFIT_SIZE sizeof(struct td_plugin)
#endif
#ifndef MISFIT_NAME
#define MISFIT_NAME "misfit"
#endif
#ifndef MISFIT_VERSION
#define MISFIT_VERSION "1.0.0"
#endif
#ifndef MISFIT_KIND
#define MISFIT_KIND TD_KIND_AGENT
#endif
#ifndef MISFIT_AGENT
#define MISFIT_AGENT &agent
#endif
#ifndef MISFIT_STATE
#define MISFIT_STATE sizeof(struct misfit)
#endif
#ifndef MISFIT_ACTIONS
#define MISFIT_ACTIONS TD_ACTION("echo", echo)
#endif
#ifndef MISFIT_BINDINGS
#define MISFIT_BINDINGS TD_BIND_INT(struct misfit, limit)
#endif
#ifndef MISFIT_INIT
#define MISFIT_INIT init
#endif
#ifndef MISFIT_ENTRY
#define MISFIT_ENTRY td_entry
#endif
#ifndef MISFIT_DESCRIPTOR
#define MISFIT_DESCRIPTOR &misfit.plugin
#endif

struct misfit {
    int64_t limit;
    double share;
};

#ifdef MISFIT_UNDEFINED
extern void td_gone(void); /* in no library */
#endif

#ifdef MISFIT_OPEN /* what it does while it is opened */
#include <stdlib.h>
#include <unistd.h>

__attribute__((constructor)) static void open_badly(void)
{
    MISFIT_OPEN;
}
#endif

static int echo(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    (void)ctx;
#ifdef MISFIT_UNDEFINED
    td_gone();
#endif
#ifdef MISFIT_MUTE
    return MISFIT_MUTE;
#endif
    *ret_output = json_deep_copy(input);
    return *ret_output != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the reply");
}

/* As a bridge: what it was asked for, and what it knows of its agent. */
static int answer_any(struct td_ctx *ctx, const json_t *input, json_t **ret_output,
                      struct td_err *err)
{
    *ret_output = json_pack("{s:s, s:O, s:O*}", "action", td_action_name(ctx), "input", input,
                            "capabilities", td_capabilities(ctx));
    return *ret_output != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the reply");
}

static int init(struct td_ctx *ctx, struct td_err *err)
{
    const struct misfit *self = td_self(ctx);

    return self->limit != 13 ? 0 : td_fail(err, TD_E_INVAL, "limit 13 brings bad luck");
}

static const struct td_reducer half_reducer = { TD_SIZE(struct td_reducer), .state_version = 1 };
static const struct td_pattern half_pattern = { TD_SIZE(struct td_pattern),
                                                .reducer = &half_reducer };
static const struct td_kv small_kv = { .size = 8 };
static const struct td_storage half_storage = { TD_SIZE(struct td_storage), .kv = &small_kv };

static const struct td_binding *const bindings[] = { MISFIT_BINDINGS, NULL };
static const struct td_action *const actions[] = { MISFIT_ACTIONS, NULL };
static const struct td_agent agent = { TD_SIZE(struct td_agent), .actions = actions };

/* With room behind it, for a descriptor that grew. */
static const struct {
    struct td_plugin plugin;
    char later[4096];
} misfit = {
    .plugin = {
        .size = MISFIT_SIZE,
        .name = MISFIT_NAME,
        .version = MISFIT_VERSION,
        .kind = MISFIT_KIND,
        .agent = MISFIT_AGENT,
        .storage = &half_storage,
        .pattern = &half_pattern,
        .bindings = bindings,
        .init = MISFIT_INIT,
        .state_size = MISFIT_STATE,
    },
    .later = { 1 },
};

#ifdef MISFIT_NOTE_MINOR /* else it has no note, as those of SDK 1.2 and before */
TD_NOTE_PLACE static const struct td_note_section own_note = {
    .owner_size = sizeof(TD_NOTE_OWNER),
    .note_size = sizeof(struct td_note),
    .type = TD_NOTE_STAMP,
    .owner = TD_NOTE_OWNER,
    .note = { .size = sizeof(struct td_note),
              .sdk = TD_SDK_VERSION,
              .stamp = { .magic = TD_ABI_MAGIC,
                         .major = TD_ABI_MAJOR,
                         .minor = MISFIT_NOTE_MINOR,
                         .pointer_size = sizeof(void *),
                         .time_size = MISFIT_TIME,
                         .off_size = sizeof(off_t),
                         .jansson_major = JANSSON_MAJOR_VERSION,
                         .err_size = sizeof(struct td_err) } },
};
#endif

TD_EXPORT extern const struct td_entry MISFIT_ENTRY;
const struct td_entry MISFIT_ENTRY = {
    { .magic = MISFIT_MAGIC,
      .major = MISFIT_MAJOR,
      .minor = MISFIT_MINOR,
      .pointer_size = MISFIT_POINTER,
      .time_size = MISFIT_TIME,
      .off_size = MISFIT_OFF,
      .jansson_major = MISFIT_JANSSON,
      .err_size = MISFIT_ERR,
      .flags = MISFIT_FLAGS },
    MISFIT_DESCRIPTOR,
};
