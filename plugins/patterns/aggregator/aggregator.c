/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aggregator: collects messages from agents that are asked at once, and from signals, and makes one
 * result of them.
 *
 * It is complete when there are `count` messages, when all have answered, or when the time is up
 * and there are at least `min_count`. A message the strategy cannot use counts as a failure.
 */
#include "kit/kit.h"
#include "strategy.h"

enum { SOURCES_MAX = 1000, SIGNALS_MAX = 1000 };
enum { TAG_SIGNAL = 1 << 20, TAG_TIMER };

struct plan {
    struct kit_plan kit;
    struct kit_member *sources;
    size_t source_count;
    const char *signal; /* NULL: none is waited for */
    size_t signal_count;
    size_t count, min_count;
    uint32_t timeout_ms; /* 0: none */
    unsigned strategy;
    const char *at, *separator;
};

struct state {
    json_t *messages; /* [VALUE] by place: sources, then signals; null: not there */
    json_t *errors;   /* [{source, error}] */
    size_t received;
    size_t signals; /* that came, used or not */
    size_t open;    /* sources that have not answered */
};
static const struct kit_field fields[] = {
    KIT_LIST(struct state, messages),  KIT_LIST(struct state, errors),
    KIT_COUNT(struct state, received), KIT_COUNT(struct state, signals),
    KIT_COUNT(struct state, open),     KIT_END,
};

static int read_wait(struct plan *plan, const json_t *wait, struct td_err *err)
{
    if (wait == NULL)
        return plan->source_count > 0
                   ? 0
                   : td_fail(err, TD_E_CONFIG, "needs \"sources\", or \"wait\", or both");
    if (kit_text(wait, "signal", NULL, &plan->signal, err) != 0 ||
        kit_count(wait, "count", 1, SIGNALS_MAX, 1, &plan->signal_count, err) != 0)
        return td_context(err, "\"wait\"");
    if (plan->signal == NULL || plan->signal[0] == '\0')
        return td_fail(err, TD_E_CONFIG, "\"wait\" needs a \"signal\": its name");
    return 0;
}

static int read_completion(struct plan *plan, const json_t *config, struct td_err *err)
{
    size_t all = plan->source_count + plan->signal_count;

    if (kit_count(config, "count", 1, all, plan->strategy == FIRST ? 1 : all, &plan->count, err) !=
            0 ||
        kit_count(config, "min_count", 1, all, 1, &plan->min_count, err) != 0)
        return -1;
    if (plan->min_count > plan->count)
        return td_fail(err, TD_E_CONFIG, "\"min_count\" is %zu, more than \"count\", which is %zu",
                       plan->min_count, plan->count);
    return 0;
}

/* Signals have no names of their own. */
static int check_names(const struct plan *plan, struct td_err *err)
{
    if (plan->strategy != BY_NAME)
        return 0;
    if (plan->signal != NULL)
        return td_fail(err, TD_E_CONFIG, "the strategy \"by_name\" cannot be used with \"wait\"");
    return kit_members_unique(plan->sources, plan->source_count, "source", err);
}

static int read(void *arg, const json_t *config, struct td_err *err)
{
    struct plan *plan = arg;

    if (kit_members(&plan->kit, config, "sources", "source", 0, SOURCES_MAX, &plan->sources,
                    &plan->source_count, err) != 0 ||
        read_wait(plan, json_object_get(config, "wait"), err) != 0 ||
        kit_choice(config, "strategy", strategies, LIST, &plan->strategy, err) != 0 ||
        kit_duration(config, "timeout", &plan->timeout_ms, err) != 0 ||
        kit_pointer(config, "at", "", &plan->at, err) != 0 ||
        kit_text(config, "separator", "\n", &plan->separator, err) != 0)
        return -1;
    return check_names(plan, err) == 0 ? read_completion(plan, config, err) : -1;
}

static int finish(const struct state *state, const struct plan *plan, const char *because,
                  struct td_asks *asks, struct td_err *err)
{
    json_t *output = strategy_apply((enum strategy)plan->strategy, state->messages, plan->separator,
                                    plan->sources, err);

    if (output == NULL)
        return -1;
    return kit_finish(asks,
                      json_pack("{s:b, s:o, s:{s:s, s:s, s:I, s:I, s:O}}", "success", 1, "output",
                                output, "metadata", "strategy", strategies[plan->strategy],
                                "complete", because, "received", (json_int_t)state->received,
                                "expected", (json_int_t)(plan->source_count + plan->signal_count),
                                "errors", state->errors),
                      err);
}

static int fail_few(const struct state *state, const struct plan *plan, enum td_code code,
                    const char *because, struct td_err *err)
{
    const char *first =
        json_string_value(json_object_get(json_array_get(state->errors, 0), "error"));

    return td_fail(err, code, "%s with %zu messages, %zu are needed%s%s", because, state->received,
                   plan->min_count, first != NULL ? "; the first failure: " : "",
                   first != NULL ? first : "");
}

/* After each event: is that enough? */
static int look(const struct state *state, const struct plan *plan, struct td_asks *asks,
                struct td_err *err)
{
    if (state->received >= plan->count)
        return finish(state, plan, "count", asks, err);
    if (state->open > 0 || state->signals < plan->signal_count)
        return 0;
    return state->received >= plan->min_count
               ? finish(state, plan, "all", asks, err)
               : fail_few(state, plan, TD_E_EXEC, "all have answered", err);
}

static int ask_signal(const struct plan *plan, struct td_asks *asks, struct td_err *err)
{
    return td_ask_wait(asks, plan->signal, TAG_SIGNAL, plan->signal, NULL, err);
}

static int start(void *arg, const void *plan_arg, const json_t *input, struct td_asks *asks,
                 struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    state->open = plan->source_count;
    for (size_t i = 0; i < plan->source_count + plan->signal_count; i++)
        if (kit_push(state->messages, json_null(), err) != 0)
            return -1;
    for (size_t i = 0; i < plan->source_count; i++)
        if (kit_ask_nth(&plan->sources[i], i, i, input, asks, NULL, err) != 0)
            return -1;
    if (plan->signal != NULL && ask_signal(plan, asks, err) != 0)
        return -1;
    return plan->timeout_ms > 0
               ? td_ask_timer(asks, "timeout", TAG_TIMER, plan->timeout_ms, NULL, err)
               : 0;
}

static int note_error(struct state *state, const char *source, const struct td_err *why,
                      struct td_err *err)
{
    return kit_push(state->errors, json_pack("{s:s, s:s}", "source", source, "error", why->text),
                    err);
}

static int note(struct state *state, const struct plan *plan, const char *source, size_t place,
                const struct td_event *event, struct td_err *err)
{
    json_t *value = event->kind != TD_EVENT_FAILED ? kit_at(event->output, plan->at) : NULL;
    struct td_err why;

    if (event->kind == TD_EVENT_FAILED)
        return note_error(state, source, event->error, err);
    if (strategy_check((enum strategy)plan->strategy, value, &why) != 0)
        return note_error(state, source, &why, err);
    state->received++;
    return kit_set(state->messages, place, json_pack("[O]", value), err);
}

static int fold_signal(struct state *state, const struct plan *plan, const struct td_event *event,
                       struct td_asks *asks, struct td_err *err)
{
    if (note(state, plan, plan->signal, plan->source_count + state->signals, event, err) != 0)
        return -1;
    state->signals++;
    if (look(state, plan, asks, err) != 0)
        return -1;
    if (state->received >= plan->count || state->signals == plan->signal_count)
        return 0;
    return ask_signal(plan, asks, err);
}

static int fold(void *arg, const void *plan_arg, const struct td_event *event, struct td_asks *asks,
                struct td_err *err)
{
    struct state *state = arg;
    const struct plan *plan = plan_arg;

    if (event->tag == TAG_TIMER)
        return state->received >= plan->min_count
                   ? finish(state, plan, "timeout", asks, err)
                   : fail_few(state, plan, TD_E_TIMEOUT, "the time is up", err);
    if (event->tag == TAG_SIGNAL)
        return fold_signal(state, plan, event, asks, err);
    state->open--;
    if (note(state, plan, plan->sources[event->tag].name, event->tag, event, err) != 0)
        return -1;
    return look(state, plan, asks, err);
}

static bool fits(const void *arg, const void *plan_arg)
{
    const struct state *state = arg;
    const struct plan *plan = plan_arg;

    return json_array_size(state->messages) == plan->source_count + plan->signal_count &&
           state->signals <= plan->signal_count && state->open <= plan->source_count;
}

static const struct kit_pattern aggregator = { .plan_size = sizeof(struct plan),
                                               .fields = fields,
                                               .read = read,
                                               .start = start,
                                               .fold = fold,
                                               .fits = fits };
KIT_PLUGIN("aggregator", "1.1.0", aggregator, struct state);
