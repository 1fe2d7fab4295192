/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coordination: locks, barriers, votes and elections that hold across runs and processes, on
 * records of the store.
 *
 * Every action may be repeated: who has the lock gets it again, a party or voter counts once.
 */
#include "coordination.h"

struct coordination {
    int64_t ttl;
};

static const struct td_binding *const bindings[] = { TD_BIND_DURATION(struct coordination, ttl),
                                                     NULL };

/* The input with what was not given. new */
static json_t *complete(struct td_ctx *ctx, const json_t *input, const char *who)
{
    const struct coordination *self = td_self(ctx);
    json_t *full = copy_of(input);
    int rc = full != NULL ? 0 : -1;

    if (rc == 0 && json_object_get(full, "ttl_ms") == NULL)
        rc = json_object_set_new(full, "ttl_ms", json_integer(self->ttl));
    if (rc == 0 && who != NULL && json_object_get(full, who) == NULL && td_key(ctx) != NULL)
        rc = json_object_set_new(full, who, json_string(td_key(ctx)));
    if (rc == 0)
        return full;
    json_decref(full);
    return NULL;
}

/* `who` is the key of the input that names the caller; the step of the run when it is not given. */
static int act(struct td_ctx *ctx, const struct kind *kind, const char *who, const json_t *input,
               json_t **ret_output, struct td_err *err)
{
    json_t *full = complete(ctx, input, who);
    int rc;

    if (full == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the input");
    if (who != NULL && text_of(full, who) == NULL)
        rc = td_fail(err, TD_E_INVAL, "outside of a run it needs \"%s\": who calls", who);
    else
        rc = coordinate(ctx, kind, full, ret_output, err);
    json_decref(full);
    return rc == 0 ? 0 : td_context(err, "%s \"%s\"", kind->name, text_of(input, "name"));
}

static int lock(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    static const struct kind kind = { "lock", LOCKS_MAX, lock_step };

    return act(ctx, &kind, "holder", input, ret_output, err);
}

static int unlock(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    static const struct kind kind = { "lock", LOCKS_MAX, unlock_step };

    return act(ctx, &kind, NULL, input, ret_output, err);
}

static int barrier_arrive(struct td_ctx *ctx, const json_t *input, json_t **ret_output,
                          struct td_err *err)
{
    static const struct kind kind = { "barrier", SESSIONS_MAX, barrier_step };

    return act(ctx, &kind, "party", input, ret_output, err);
}

static int vote(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    static const struct kind kind = { "vote", SESSIONS_MAX, vote_step };

    return act(ctx, &kind, "voter", input, ret_output, err);
}

static int elect(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    static const struct kind kind = { "election", LOCKS_MAX, elect_step };

    return act(ctx, &kind, "candidate", input, ret_output, err);
}

static const struct td_action *const actions[] = {
    TD_ACTION("lock", lock),
    TD_ACTION("unlock", unlock),
    TD_ACTION("barrier_arrive", barrier_arrive),
    TD_ACTION("vote", vote),
    TD_ACTION("elect", elect),
    NULL,
};
static const struct td_agent agent = { TD_SIZE(struct td_agent), .actions = actions };
static const struct td_plugin coordination = {
    TD_SIZE(struct td_plugin),
    .name = "coordination",
    .version = "1.0.0",
    .kind = TD_KIND_AGENT,
    .agent = &agent,
    .bindings = bindings,
    .state_size = sizeof(struct coordination),
};
TD_PLUGIN(coordination);
