/*
 * @NAME@: calls one agent several times, each time with what it gave before.
 *
 * A pattern is a reducer: it is told what happened and says what to do next. It does no I/O and
 * reads no clock, so the host can rebuild a run from its journal. Everything it must remember
 * stands in struct @IDENT@_state, and goes through save and load.
 */
#include <stdlib.h>
#include <string.h>
#include <tdev/plugin.h>

enum { TIMES_MAX = 1000 };

/* What a configuration means: made once, never changed. */
struct @IDENT@_plan {
    json_t *config; /* held: the texts are its own */
    const char *agent, *action;
    json_int_t times;
};

struct @IDENT@_state {
    json_int_t done; /* calls that have come back */
};

static int prepare(const json_t *config, void **ret_plan, struct td_err *err)
{
    struct @IDENT@_plan plan = {
        .agent = json_string_value(json_object_get(config, "agent")),
        .action = json_string_value(json_object_get(config, "action")),
        .times = json_integer_value(json_object_get(config, "times")),
    };
    struct @IDENT@_plan *kept;

    if (plan.agent == NULL || plan.action == NULL)
        return td_fail(err, TD_E_CONFIG, "\"agent\" and \"action\" must be texts");
    if (plan.times < 1 || plan.times > TIMES_MAX)
        return td_fail(err, TD_E_CONFIG, "\"times\" must be a whole number from 1 to %d",
                       TIMES_MAX);
    kept = malloc(sizeof(*kept));
    if (kept == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the plan");
    *kept = plan;
    kept->config = json_incref((json_t *)config);
    *ret_plan = kept;
    return 0;
}

static void release(void *arg)
{
    struct @IDENT@_plan *plan = arg;

    json_decref(plan->config);
    free(plan);
}

/* Asks for the next call. Its path stays the same whenever the run is folded again: it is part of
 * the idempotency key. */
static int ask(const struct @IDENT@_state *state, const struct @IDENT@_plan *plan,
               const json_t *input, struct td_asks *asks, struct td_err *err)
{
    char path[32];
    struct td_ask call = { TD_SIZE(struct td_ask), .target = TD_TARGET_AGENT,
                           .name = plan->agent,    .action = plan->action,
                           .path = path,           .input = json_incref((json_t *)input) };

    snprintf(path, sizeof(path), "call[%lld]", (long long)state->done);
    return td_ask_call(asks, &call, NULL, err);
}

static int start(void *state, const void *plan, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    return ask(state, plan, input, asks, err);
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct @IDENT@_state *state = arg;
    const struct @IDENT@_plan *plan = plan_arg;

    if (event->kind == TD_EVENT_CANCEL)
        return td_fail(err, TD_E_CANCELLED, "the pattern was cancelled");
    if (event->kind == TD_EVENT_FAILED) {
        *err = *event->error;
        return td_context(err, "call %lld of %lld", (long long)state->done + 1,
                          (long long)plan->times);
    }
    if (++state->done < plan->times)
        return ask(state, plan, event->output, asks, err);
    return td_ask_finish(
        asks, json_pack("{s:O, s:I}", "output", event->output, "calls", state->done), err);
}

static json_t *save(const void *arg, const void *plan, struct td_err *err)
{
    const struct @IDENT@_state *state = arg;
    json_t *saved = json_pack("{s:I}", "done", state->done);

    (void)plan;
    if (saved == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the state");
    return saved;
}

static int load(void *arg, const void *plan_arg, const json_t *saved, uint32_t version,
                struct td_err *err)
{
    struct @IDENT@_state *state = arg;
    const struct @IDENT@_plan *plan = plan_arg;

    if (version != 1)
        return td_fail(err, TD_E_UNSUPPORTED, "states of version %u are not known to this plugin",
                       version);
    state->done = json_integer_value(json_object_get(saved, "done"));
    if (state->done < 0 || state->done >= plan->times)
        return td_fail(err, TD_E_CORRUPT, "the saved state does not fit the configuration");
    return 0;
}

static const struct td_reducer reducer = {
    TD_SIZE(struct td_reducer),
    .state_version =
        1, /* one more whenever save writes something else; load keeps reading the old ones */
    .state_size = sizeof(struct @IDENT@_state),
    .prepare = prepare,
    .release = release,
    .start = start,
    .fold = fold,
    .save = save,
    .load = load,
};
static const struct td_pattern pattern = { TD_SIZE(struct td_pattern), .reducer = &reducer };
static const struct td_plugin @IDENT@_plugin = {
    TD_SIZE(struct td_plugin), .kind = TD_KIND_PATTERN, .name = "@NAME@",
    .version = "0.1.0",        .pattern = &pattern,
};
TD_PLUGIN(@IDENT@_plugin);
