/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fold: a run of a reducer without an engine: the test is the world, event by event.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct td_test_fold {
    struct td_asks asks; /* first: its functions get it back */
    const struct td_reducer *reducer;
    const char *name; /* of the plugin */
    void *plan, *state;
    json_t *config, *input;
    json_t *open; /* array, as td_test_fold_asks tells it */
    json_t *output;
    uint32_t last;
    bool is_over, is_failed;
    struct td_err error;
};

static struct td_test_fold *fold_of(struct td_asks *asks)
{
    return (struct td_test_fold *)asks;
}

/* --- what is asked --- */

/* The place of an open ask; the number of them when there is none. */
static size_t find(const struct td_test_fold *fold, uint32_t ask)
{
    const json_t *one;
    size_t i;

    json_array_foreach (fold->open, i, one)
        if (json_integer_value(json_object_get(one, "ask")) == ask)
            return i;
    return json_array_size(fold->open);
}

/* ask: take. */
static int add(struct td_test_fold *fold, json_t *ask, uint64_t tag, uint32_t *ret_ask,
               struct td_err *err)
{
    td_testing_must(ask);
    if (fold->is_over) {
        json_decref(ask);
        return td_fail(err, TD_E_INVAL, "the run has ended");
    }
    json_object_set_new(ask, "ask", json_integer(++fold->last));
    json_object_set_new(ask, "tag", json_integer((json_int_t)tag));
    json_array_append_new(fold->open, ask);
    if (ret_ask != NULL)
        *ret_ask = fold->last;
    return 0;
}

static bool is_text(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static int ask_call(struct td_asks *asks, const struct td_ask *ask, uint32_t *ret_ask,
                    struct td_err *err)
{
    static const char *const kinds[] = { [TD_TARGET_AGENT] = "call",
                                         [TD_TARGET_PATTERN] = "pattern",
                                         [TD_TARGET_WORKFLOW] = "workflow" };

    if (ask->target < TD_TARGET_AGENT || ask->target > TD_TARGET_WORKFLOW || !is_text(ask->name) ||
        !is_text(ask->path) || ask->input == NULL ||
        (ask->target == TD_TARGET_AGENT && !is_text(ask->action))) {
        json_decref(ask->input);
        return td_fail(err, TD_E_INVAL,
                       "an ask needs target, name, path, input, and of an agent the action");
    }
    return add(fold_of(asks),
               json_pack("{s:s, s:s, s:s*, s:s, s:o, s:O*}", "kind", kinds[ask->target], "name",
                         ask->name, "action", ask->action, "path", ask->path, "input", ask->input,
                         "config", ask->config),
               ask->tag, ret_ask, err);
}

static int check_path(const char *path, struct td_err *err)
{
    return is_text(path) ? 0 : td_fail(err, TD_E_INVAL, "an ask needs a path");
}

static int ask_timer(struct td_asks *asks, const char *path, uint64_t tag, uint64_t delay_ms,
                     uint32_t *ret_ask, struct td_err *err)
{
    if (check_path(path, err) != 0)
        return -1;
    return add(fold_of(asks),
               json_pack("{s:s, s:s, s:I}", "kind", "timer", "path", path, "delay_ms",
                         (json_int_t)delay_ms),
               tag, ret_ask, err);
}

static int ask_wait(struct td_asks *asks, const char *path, uint64_t tag, const char *signal,
                    uint32_t *ret_ask, struct td_err *err)
{
    if (check_path(path, err) != 0)
        return -1;
    if (!is_text(signal))
        return td_fail(err, TD_E_INVAL, "a wait needs the name of its signal");
    return add(fold_of(asks),
               json_pack("{s:s, s:s, s:s}", "kind", "wait", "path", path, "signal", signal), tag,
               ret_ask, err);
}

static int ask_question(struct td_asks *asks, const char *path, uint64_t tag, const json_t *about,
                        uint32_t *ret_ask, struct td_err *err)
{
    if (check_path(path, err) != 0)
        return -1;
    if (!json_is_object(about))
        return td_fail(err, TD_E_INVAL, "a question needs an object that people are shown");
    return add(fold_of(asks),
               json_pack("{s:s, s:s, s:O}", "kind", "question", "path", path, "about", about), tag,
               ret_ask, err);
}

static int fail_closed(uint32_t ask, struct td_err *err)
{
    return td_fail(err, TD_E_NOTFOUND, "ask %u is not open", ask);
}

static int ask_cancel(struct td_asks *asks, uint32_t ask, struct td_err *err)
{
    struct td_test_fold *fold = fold_of(asks);

    return json_array_remove(fold->open, find(fold, ask)) == 0 ? 0 : fail_closed(ask, err);
}

static int ask_stop(struct td_asks *asks, uint32_t ask, struct td_err *err)
{
    struct td_test_fold *fold = fold_of(asks);
    json_t *one = json_array_get(fold->open, find(fold, ask));

    if (one == NULL)
        return fail_closed(ask, err);
    json_object_set_new(one, "is_stopped", json_true());
    return 0;
}

static int end_run(struct td_test_fold *fold, struct td_err *err)
{
    if (fold->is_over)
        return td_fail(err, TD_E_INVAL, "the run has ended");
    fold->is_over = true;
    json_array_clear(fold->open);
    return 0;
}

static int ask_finish(struct td_asks *asks, json_t *output, struct td_err *err)
{
    struct td_test_fold *fold = fold_of(asks);

    if (output == NULL)
        return td_fail(err, TD_E_INVAL, "finish needs an output");
    if (end_run(fold, err) != 0) {
        json_decref(output);
        return -1;
    }
    fold->output = output;
    return 0;
}

static int ask_fail(struct td_asks *asks, const struct td_err *error, struct td_err *err)
{
    struct td_test_fold *fold = fold_of(asks);

    if (end_run(fold, err) != 0)
        return -1;
    fold->is_failed = true;
    fold->error = *error;
    return 0;
}

static const char *run_id(struct td_asks *asks)
{
    (void)asks;
    return "01990000-0000-7000-8000-000000000000";
}

static const struct td_asks_ops ops = {
    TD_SIZE(struct td_asks_ops),
    .call = ask_call,
    .timer = ask_timer,
    .wait = ask_wait,
    .cancel = ask_cancel,
    .finish = ask_finish,
    .fail = ask_fail,
    .run_id = run_id,
    .stop = ask_stop,
    .question = ask_question,
};

_Static_assert(offsetof(struct td_asks_ops, question) + sizeof(ops.question) ==
                   sizeof(struct td_asks_ops),
               "a new ask needs its answer here");

/* --- a run --- */

/* What a start or fold that has returned means for the run. */
static void settle(struct td_test_fold *fold, int rc, const struct td_err *said)
{
    struct td_err err;

    if (fold->is_over)
        return;
    if (rc == 0 && json_array_size(fold->open) > 0)
        return;
    if (rc == 0)
        td_fail(&err, TD_E_EXEC,
                "the reducer asked for nothing, with nothing open, and did not "
                "finish");
    else
        err = *said;
    ask_fail(&fold->asks, &err, &err);
}

struct td_test_fold *td_test_fold_new(const struct td_entry *entry, json_t *config, json_t *input,
                                      struct td_err *err)
{
    struct td_test_fold *fold = td_testing_must(calloc(1, sizeof(*fold)));
    const struct td_plugin *plugin = entry->plugin;
    struct td_err said = { 0 };

    if (plugin->pattern == NULL)
        td_testing_end("td_test_fold_new: plugin \"%s\" is no pattern", plugin->name);
    fold->asks.ops = &ops;
    fold->reducer = plugin->pattern->reducer;
    fold->name = plugin->name;
    fold->config = config != NULL ? config : td_testing_must(json_object());
    fold->input = input != NULL ? input : td_testing_must(json_object());
    fold->open = td_testing_must(json_array());
    if (fold->reducer->prepare != NULL &&
        fold->reducer->prepare(fold->config, &fold->plan, &said) != 0) {
        *err = said;
        fold->plan = NULL;
        td_test_fold_free(fold);
        return NULL;
    }
    fold->state = td_testing_must(calloc(1, fold->reducer->state_size + 1));
    settle(fold, fold->reducer->start(fold->state, fold->plan, fold->input, &fold->asks, &said),
           &said);
    return fold;
}

void td_test_fold_free(struct td_test_fold *fold)
{
    if (fold == NULL)
        return;
    if (fold->state != NULL && fold->reducer->drop != NULL)
        fold->reducer->drop(fold->state, fold->plan);
    free(fold->state);
    if (fold->plan != NULL && fold->reducer->release != NULL)
        fold->reducer->release(fold->plan);
    json_decref(fold->config);
    json_decref(fold->input);
    json_decref(fold->open);
    json_decref(fold->output);
    free(fold);
}

/* --- events --- */

static void give(struct td_test_fold *fold, const struct td_event *event)
{
    struct td_err said = { 0 };

    if (fold->is_over)
        td_testing_end("the run of \"%s\" has ended, nothing more happens to it", fold->name);
    settle(fold, fold->reducer->fold(fold->state, fold->plan, event, &fold->asks, &said), &said);
}

/* The event that answers an open ask, which is closed by it. */
static struct td_event answer(struct td_test_fold *fold, uint32_t ask)
{
    size_t place = find(fold, ask);
    const json_t *one = json_array_get(fold->open, place);
    const char *kind = json_string_value(json_object_get(one, "kind"));
    struct td_event event = { TD_SIZE(struct td_event), .ask = ask, .attempts = 1,
                              .time_us = INT64_C(1790000000000000) + fold->last };

    if (one == NULL)
        td_testing_end("ask %u of the run of \"%s\" is not open", ask, fold->name);
    event.kind = strcmp(kind, "wait") == 0 || strcmp(kind, "question") == 0 ? TD_EVENT_SIGNAL
                                                                            : TD_EVENT_DONE;
    event.tag = (uint64_t)json_integer_value(json_object_get(one, "tag"));
    json_array_remove(fold->open, place);
    return event;
}

void td_test_fold_done(struct td_test_fold *fold, uint32_t ask, json_t *output)
{
    struct td_event event = answer(fold, ask);

    event.output = output != NULL ? output : json_null();
    give(fold, &event);
    json_decref(event.output);
}

void td_test_fold_failed(struct td_test_fold *fold, uint32_t ask, enum td_code code,
                         const char *text)
{
    struct td_event event = answer(fold, ask);
    struct td_err error;

    td_fail(&error, code, "%s", text);
    event.kind = TD_EVENT_FAILED;
    event.error = &error;
    give(fold, &event);
}

void td_test_fold_cancel(struct td_test_fold *fold)
{
    const struct td_event event = { TD_SIZE(struct td_event), .kind = TD_EVENT_CANCEL,
                                    .time_us = INT64_C(1790000000000000) };

    give(fold, &event);
}

/* new: what save gives, once through text, as on its way through a store. */
static json_t *save(struct td_test_fold *fold, struct td_err *err)
{
    json_t *saved = fold->reducer->save(fold->state, fold->plan, err), *read;
    char *text;

    if (saved == NULL)
        return NULL;
    text = json_dumps(saved, JSON_ENCODE_ANY);
    json_decref(saved);
    if (text == NULL)
        td_testing_end("what save of \"%s\" gave cannot be written as JSON", fold->name);
    read = td_testing_must(json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL));
    free(text);
    return read;
}

int td_test_fold_reload(struct td_test_fold *fold, struct td_err *err)
{
    const struct td_reducer *reducer = fold->reducer;
    struct td_err said = { 0 };
    json_t *saved;
    int rc;

    if (reducer->save == NULL || reducer->load == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "the reducer of \"%s\" has no save and load",
                       fold->name);
    saved = save(fold, &said);
    if (saved == NULL) {
        *err = said;
        return -1;
    }
    if (reducer->drop != NULL)
        reducer->drop(fold->state, fold->plan);
    memset(fold->state, 0, reducer->state_size);
    rc = reducer->load(fold->state, fold->plan, saved, reducer->state_version, &said);
    json_decref(saved);
    if (rc != 0)
        *err = said;
    return rc;
}

const json_t *td_test_fold_asks(const struct td_test_fold *fold)
{
    return fold->open;
}

const json_t *td_test_fold_output(const struct td_test_fold *fold)
{
    return fold->output;
}

const struct td_err *td_test_fold_error(const struct td_test_fold *fold)
{
    return fold->is_failed ? &fold->error : NULL;
}
