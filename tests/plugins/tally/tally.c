/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tally: counts, and has its host keep the count. Built with three forms of its state, each with
 * the migrations there were at its time:
 *
 *   1  {"count": N}
 *   2  {"total": N, "last": N}            1 <-> 2
 *   3  {"sum": {"total": N}, "last": N}   1 <-> 2 <-> 3
 *   9  as 3, and no way to it
 */
#include <stdlib.h>
#include <string.h>
#include <tdev/plugin.h>

#ifndef TALLY
#define TALLY 1
#endif
#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

struct tally {
    const char *refuse; /* what fails: "load", "save" */
    int64_t count, last;
};

static const struct td_binding *const bindings[] = { TD_BIND_STR(struct tally, refuse), NULL };

static int say(const struct tally *self, json_t **ret_output, struct td_err *err)
{
    *ret_output = json_pack("{s:I, s:i}", "count", (json_int_t)self->count, "build", TALLY);
    return *ret_output != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the answer");
}

static int add(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    struct tally *self = td_self(ctx);
    const json_t *by = json_object_get(input, "by");
    json_int_t ms = json_integer_value(json_object_get(input, "ms"));

    if (ms > 0 && td_sleep(ctx, (uint64_t)ms, err) != 0)
        return -1;
    self->last = by != NULL ? json_integer_value(by) : 1;
    self->count += self->last;
    return say(self, ret_output, err);
}

static int get(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    (void)input;
    return say(td_self(ctx), ret_output, err);
}

/* Adds within a call of its own. */
static int twice(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    if (td_call(ctx, td_instance(ctx), "add", input, NULL, ret_output, err) != 0)
        return -1;
    json_decref(*ret_output);
    *ret_output = NULL;
    return add(ctx, input, ret_output, err);
}

static int crash(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    (void)ctx, (void)input, (void)ret_output, (void)err;
    abort();
}

static const struct td_action *const actions[] = { TD_ACTION("add", add), TD_ACTION("get", get),
                                                   TD_ACTION("twice", twice),
                                                   TD_ACTION("crash", crash), NULL };

/* --- the state --- */

static json_t *save(struct td_ctx *ctx, struct td_err *err)
{
    const struct tally *self = td_self(ctx);

    if (strcmp(self->refuse, "save") == 0) {
        td_fail(err, TD_E_EXEC, "it does not say what it knows");
        return NULL;
    }
#if TALLY == 1
    return json_pack("{s:I}", "count", (json_int_t)self->count);
#elif TALLY == 2
    return json_pack("{s:I, s:I}", "total", (json_int_t)self->count, "last",
                     (json_int_t)self->last);
#else
    return json_pack("{s:{s:I}, s:I}", "sum", "total", (json_int_t)self->count, "last",
                     (json_int_t)self->last);
#endif
}

static int load(struct td_ctx *ctx, const json_t *saved, struct td_err *err)
{
    struct tally *self = td_self(ctx);
    const json_t *count = json_object_get(saved, TALLY == 1 ? "count" : "total");

    if (TALLY >= 3)
        count = json_object_get(json_object_get(saved, "sum"), "total");
    if (strcmp(self->refuse, "load") == 0)
        return td_fail(err, TD_E_EXEC, "it takes no state");
    if (!json_is_integer(count))
        return td_fail(err, TD_E_INVAL, "the saved state has no count");
    self->count = json_integer_value(count);
    self->last = json_integer_value(json_object_get(saved, "last"));
    return 0;
}

#if TALLY == 2 || TALLY == 3
static json_t *up_2(const json_t *saved, struct td_err *err)
{
    (void)err;
    return json_pack("{s:O, s:i}", "total", json_object_get(saved, "count"), "last", 0);
}

static json_t *down_2(const json_t *saved, struct td_err *err)
{
    (void)err;
    return json_pack("{s:O}", "count", json_object_get(saved, "total"));
}
static const struct td_state_migration to_2 = { TD_SIZE(struct td_state_migration), .from = 1,
                                                .to = 2, .up = up_2, .down = down_2 };
#endif

#if TALLY == 3
static json_t *up_3(const json_t *saved, struct td_err *err)
{
    (void)err;
    return json_pack("{s:{s:O}, s:O}", "sum", "total", json_object_get(saved, "total"), "last",
                     json_object_get(saved, "last"));
}

static json_t *down_3(const json_t *saved, struct td_err *err)
{
    (void)err;
    return json_pack("{s:O, s:O}", "total", json_object_get(json_object_get(saved, "sum"), "total"),
                     "last", json_object_get(saved, "last"));
}
static const struct td_state_migration to_3 = { TD_SIZE(struct td_state_migration), .from = 2,
                                                .to = 3, .up = up_3, .down = down_3 };
#endif

static const struct td_state_migration *const migrations[] = {
#if TALLY == 2 || TALLY == 3
    &to_2,
#endif
#if TALLY == 3
    &to_3,
#endif
    NULL,
};

static const struct td_agent_state state = { TD_SIZE(struct td_agent_state), .version = TALLY,
                                             .save = save, .load = load, .migrations = migrations };
static const struct td_agent agent = { TD_SIZE(struct td_agent), .actions = actions,
                                       .state = &state };
static const struct td_plugin tally = {
    TD_SIZE(struct td_plugin),
    .kind = TD_KIND_AGENT,
    .name = "tally",
    .version = TEXT(TALLY) ".0.0",
    .state_size = sizeof(struct tally),
    .bindings = bindings,
    .agent = &agent,
};
TD_PLUGIN(tally);
