/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paper: a run on paper.
 */
#include "paper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool paper_is_saving;

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *value = json_loads(text, JSON_DECODE_ANY, &error);

    if (value == NULL)
        fail_msg("%s: %s", text, error.text);
    return value;
}

/* --- asks --- */

static int ask_call(struct td_asks *asks, const struct td_ask *ask, uint32_t *ret_ask,
                    struct td_err *err)
{
    struct paper *paper = (struct paper *)asks;
    char *input = json_dumps(ask->input, JSON_ENCODE_ANY | JSON_COMPACT);
    size_t used = strlen(paper->asked);

    (void)err;
    assert_true(paper->count < PAPER_ASKS);
    assert_int_equal(ask->target, TD_TARGET_AGENT);
    snprintf(paper->asked + used, sizeof(paper->asked) - used, "%s=%s.%s %s\n", ask->path,
             ask->name, ask->action, input);
    paper->tags[paper->count++] = ask->tag;
    if (ret_ask != NULL)
        *ret_ask = paper->count;
    free(input);
    json_decref(ask->input);
    return 0;
}

static int ask_finish(struct td_asks *asks, json_t *output, struct td_err *err)
{
    struct paper *paper = (struct paper *)asks;

    (void)err;
    assert_non_null(output);
    assert_null(paper->output);
    paper->output = output;
    return 0;
}

static int ask_fail(struct td_asks *asks, const struct td_err *error, struct td_err *err)
{
    struct paper *paper = (struct paper *)asks;

    (void)err;
    snprintf(paper->error, sizeof(paper->error), "%s", error->text);
    return 0;
}

static const struct td_asks_ops ops = { TD_SIZE(struct td_asks_ops), .call = ask_call,
                                        .finish = ask_finish, .fail = ask_fail };

/* --- events --- */

static void save_and_load(struct paper *paper)
{
    const struct td_reducer *reducer = paper->reducer;
    struct td_err err;
    json_t *saved = reducer->save(paper->state, paper->plan, &err);
    char *text = json_dumps(saved, 0);

    assert_non_null(text);
    json_decref(saved);
    reducer->drop(paper->state, paper->plan);
    memset(paper->state, 0, reducer->state_size);
    saved = parse(text);
    if (reducer->load(paper->state, paper->plan, saved, reducer->state_version, &err) != 0)
        fail_msg("load: %s", err.text);
    json_decref(saved);
    free(text);
}

static void fold(struct paper *paper, const struct td_event *event)
{
    struct td_err err;

    assert_true(paper->output == NULL && paper->error[0] == '\0');
    if (paper_is_saving)
        save_and_load(paper);
    if (paper->reducer->fold(paper->state, paper->plan, event, &paper->asks, &err) != 0)
        snprintf(paper->error, sizeof(paper->error), "%s", err.text);
}

void paper_answer(struct paper *paper, unsigned ask, const char *output)
{
    struct td_event event = { TD_SIZE(struct td_event), .kind = TD_EVENT_DONE, .ask = ask,
                              .attempts = 1 };

    assert_in_range(ask, 1, paper->count);
    event.tag = paper->tags[ask - 1];
    event.output = parse(output);
    fold(paper, &event);
    json_decref(event.output);
}

void paper_fail(struct paper *paper, unsigned ask, const char *error)
{
    struct td_err why;
    struct td_event event = { TD_SIZE(struct td_event), .kind = TD_EVENT_FAILED, .ask = ask,
                              .error = &why };

    assert_in_range(ask, 1, paper->count);
    event.tag = paper->tags[ask - 1];
    td_fail(&why, TD_E_EXEC, "%s", error);
    fold(paper, &event);
}

void paper_cancel(struct paper *paper)
{
    static const struct td_event event = { TD_SIZE(struct td_event), .kind = TD_EVENT_CANCEL };

    fold(paper, &event);
}

/* --- a run --- */

void paper_start(struct paper *paper, const char *config, const char *input)
{
    json_t *config_value = parse(config), *input_value = parse(input);
    struct td_err err;

    *paper = (struct paper){ .asks = { &ops }, .reducer = td_entry.plugin->pattern->reducer };
    if (paper->reducer->prepare(config_value, &paper->plan, &err) != 0)
        fail_msg("prepare: %s", err.text);
    json_decref(config_value);
    paper->state = calloc(1, paper->reducer->state_size);
    assert_non_null(paper->state);
    if (paper->reducer->start(paper->state, paper->plan, input_value, &paper->asks, &err) != 0)
        snprintf(paper->error, sizeof(paper->error), "%s", err.text);
    json_decref(input_value);
}

const char *paper_refusal(const char *config)
{
    static struct td_err err;
    json_t *value = parse(config);
    void *plan = NULL;

    assert_int_equal(td_entry.plugin->pattern->reducer->prepare(value, &plan, &err), -1);
    assert_null(plan);
    assert_int_equal(err.code, TD_E_CONFIG);
    json_decref(value);
    return err.text;
}

void paper_expect(const struct paper *paper, const char *output)
{
    json_t *wanted = parse(output);
    char *text = json_dumps(paper->output, JSON_ENCODE_ANY | JSON_COMPACT);

    assert_string_equal(paper->error, "");
    if (!json_equal(wanted, paper->output))
        fail_msg("the output is %s", text != NULL ? text : "not there");
    json_decref(wanted);
    free(text);
}

void paper_end(struct paper *paper)
{
    paper->reducer->drop(paper->state, paper->plan);
    paper->reducer->release(paper->plan);
    json_decref(paper->output);
    free(paper->state);
}
