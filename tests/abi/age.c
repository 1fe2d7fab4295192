/* SPDX-License-Identifier: Apache-2.0 */
/*
 * age: a plugin built with the headers of an SDK as it was. What it answers shows that its machine
 * code and the host still agree: an agent by default, a pattern with -DAGE_PATTERN.
 */
#include <tdev/plugin.h>

/* The sizes that are in it, and will not change with the host. */
static json_t *tell(const char *who)
{
    return json_pack("{s:s, s:s, s:i, s:i, s:i, s:i}", "sdk", TD_SDK_VERSION, "who", who,
                     "services", (int)sizeof(struct td_services), "asks",
                     (int)sizeof(struct td_asks_ops), "reducer", (int)sizeof(struct td_reducer),
                     "storage", (int)sizeof(struct td_storage));
}

#ifdef AGE_PATTERN

static int start(void *state, const void *plan, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    (void)state, (void)plan, (void)input;
    if (asks->ops->size < sizeof(struct td_asks_ops))
        return td_fail(err, TD_E_ABI, "the host offers %u bytes of asks, %zu are needed",
                       asks->ops->size, sizeof(struct td_asks_ops));
    return td_ask_finish(asks, tell(td_ask_run_id(asks)[0] != '\0' ? "a run" : "nobody"), err);
}

static int fold(void *state, const void *plan, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    (void)state, (void)plan, (void)event, (void)asks;
    return td_fail(err, TD_E_INTERNAL, "nothing was asked for");
}

static json_t *save(const void *state, const void *plan, struct td_err *err)
{
    (void)state, (void)plan, (void)err;
    return json_object();
}

static int load(void *state, const void *plan, const json_t *saved, uint32_t version,
                struct td_err *err)
{
    (void)state, (void)plan, (void)saved, (void)version, (void)err;
    return 0;
}

static const struct td_reducer reducer = {
    TD_SIZE(struct td_reducer),
    .state_version = 1,
    .state_size = 8,
    .start = start,
    .fold = fold,
    .save = save,
    .load = load,
#if TD_ABI_MINOR >= 1
    .flags = TD_REDUCER_SHARES,
#endif
};
static const struct td_pattern pattern = { TD_SIZE(struct td_pattern), .reducer = &reducer };

#else

static int echo(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    (void)input;
#if TD_ABI_MINOR >= 2
    if (td_spend(ctx, "words", 1, err) != 0)
        return -1;
#endif
    *ret_output = tell(td_instance(ctx));
    return *ret_output != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the reply");
}

static const struct td_action *const actions[] = { TD_ACTION("echo", echo), NULL };
static const struct td_agent agent = { TD_SIZE(struct td_agent), .actions = actions };

#endif

static const struct td_plugin age = {
    TD_SIZE(struct td_plugin), .name = "age",       .version = "1.0.0",
#ifdef AGE_PATTERN
    .kind = TD_KIND_PATTERN,   .pattern = &pattern,
#else
    .kind = TD_KIND_AGENT,     .agent = &agent,
#endif
};
TD_PLUGIN(age);
