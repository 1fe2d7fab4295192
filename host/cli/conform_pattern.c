/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conform_pattern: the rules for patterns: a reducer rests on its events alone, and its state
 * survives save and load.
 *
 * Each case of conform.yaml is folded against a host made of paper: it writes down every ask as a
 * line of JSON, and answers it with what the case says, or with its own input. Two folds of one
 * case must give the same lines.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/conform_paper.h"

enum { CANCELS_MAX = 64 }; /* places at which a run is cancelled */

/* How a case is folded. */
enum manner {
    IN_ORDER = 0,
    BACKWARDS = 1, /* the newest open ask is answered first */
    SAVED = 2,     /* save and load between any two events */
};

/* --- a run --- */

static void paper_free(struct tdh_paper *paper)
{
    if (paper->state != NULL && paper->reducer->drop != NULL)
        paper->reducer->drop(paper->state, paper->plan);
    if (paper->plan != NULL && paper->reducer->release != NULL)
        paper->reducer->release(paper->plan);
    for (size_t i = 0; i < paper->open_count; i++)
        json_decref(paper->open[i].input);
    free(paper->open);
    free(paper->state);
    json_decref(paper->lines);
    json_decref(paper->output);
}

static int paper_open(struct tdh_paper *paper, const struct td_reducer *reducer, const json_t *text,
                      struct td_err *err)
{
    json_t *config = json_object_get(text, "config") != NULL
                         ? json_incref(json_object_get(text, "config"))
                         : json_object();
    int rc = 0;

    *paper = (struct tdh_paper){
        .asks = { &tdh_paper_ops },
        .reducer = reducer,
        .text = text,
        .lines = json_array(),
        .cancel_at = json_object_get(text, "cancel") != NULL
                         ? (uint32_t)json_integer_value(json_object_get(text, "cancel"))
                         : TDH_PAPER_EVENTS,
    };
    if (reducer->prepare != NULL)
        rc = reducer->prepare(config, &paper->plan, err);
    json_decref(config); /* a plan that needs it holds it */
    if (rc != 0)
        return td_context(err, "prepare");
    paper->state = calloc(1, reducer->state_size > 0 ? reducer->state_size : 1);
    return paper->state != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a state");
}

/* The state goes through JSON text, as it does on its way through a store, into memory that knows
 * nothing of it. */
static int save_and_load(struct tdh_paper *paper, struct td_err *err)
{
    const struct td_reducer *reducer = paper->reducer;
    json_t *saved =
               reducer->save != NULL ? reducer->save(paper->state, paper->plan, err) : json_null(),
           *read;
    char *text = saved != NULL ? tdh_json_text(saved, 0) : NULL;
    int rc = -1;

    json_decref(saved);
    if (saved == NULL)
        return td_context(err, "save");
    if (text == NULL)
        return td_fail(err, TD_E_EXEC, "what save wrote cannot be written as JSON");
    read = tdh_json_parse(text, strlen(text), "saved state", err);
    free(text);
    if (reducer->drop != NULL)
        reducer->drop(paper->state, paper->plan);
    memset(paper->state, 0, reducer->state_size);
    if (read != NULL && reducer->load != NULL)
        rc = reducer->load(paper->state, paper->plan, read, reducer->state_version, err);
    json_decref(read);
    return rc == 0 || reducer->load == NULL ? 0 : td_context(err, "load");
}

static int fold(struct tdh_paper *paper, const struct td_event *event, struct td_err *err)
{
    struct td_err said = { 0 };

    if (paper->reducer->fold(paper->state, paper->plan, event, &paper->asks, &said) == 0)
        return 0;
    if (said.text[0] == '\0')
        return td_fail(err, TD_E_EXEC, "fold failed without a text");
    if (!paper->is_over)
        tdh_paper_fail(paper, &said);
    return 0;
}

/* The open ask that the case has first in its order, else the oldest or the newest. */
static size_t next_place(const struct tdh_paper *paper, unsigned manner)
{
    const json_t *number;
    size_t i;

    if (manner & BACKWARDS)
        return paper->open_count - 1;
    json_array_foreach (json_object_get(paper->text, "order"), i, number)
        for (size_t place = 0; place < paper->open_count; place++)
            if (paper->open[place].number == json_integer_value(number))
                return place;
    return 0;
}

/* The next open ask is answered with what the case says for it, else with its own input. */
static int answer(struct tdh_paper *paper, unsigned manner, struct td_err *err)
{
    struct td_event event = { TD_SIZE(struct td_event), .attempts = 1,
                              .time_us = INT64_C(1790000000000000) };
    struct tdh_paper_ask ask = { 0 };
    const json_t *given;
    struct td_err failure;
    int rc;

    tdh_paper_close(paper, next_place(paper, manner), &ask);
    given = json_array_get(json_object_get(paper->text, "answers"), ask.number - 1);
    event.kind = ask.kind;
    event.ask = ask.number;
    event.tag = ask.tag;
    event.output = json_object_get(given, "output");
    if (event.output == NULL)
        event.output = ask.input;
    if (json_object_get(given, "error") != NULL) {
        td_fail(&failure, TD_E_EXEC, "%s", tdh_json_str(given, "error", "failed"));
        event.kind = TD_EVENT_FAILED;
        event.error = &failure;
        event.output = NULL;
    }
    rc = fold(paper, &event, err);
    json_decref(ask.input);
    return rc;
}

static void start(struct tdh_paper *paper)
{
    const json_t *given = json_object_get(paper->text, "input");
    json_t *input = given != NULL ? json_deep_copy(given) : json_object();
    struct td_err said = { 0 };
    int rc = paper->reducer->start(paper->state, paper->plan, input, &paper->asks, &said);

    json_decref(input); /* a state that needs it holds it */
    if (rc != 0 && !paper->is_over)
        tdh_paper_fail(paper, &said);
}

/* One event: an answer, or that the run is to end. */
static int step(struct tdh_paper *paper, unsigned manner, struct td_err *err)
{
    static const struct td_event cancel = { TD_SIZE(struct td_event), .kind = TD_EVENT_CANCEL };

    if (manner & SAVED && save_and_load(paper, err) != 0)
        return -1;
    if (paper->answered == paper->cancel_at && !paper->is_cancelled) {
        paper->is_cancelled = true;
        return fold(paper, &cancel, err);
    }
    paper->answered++;
    return answer(paper, manner, err);
}

static int run(struct tdh_paper *paper, unsigned manner, struct td_err *err)
{
    start(paper);
    while (!paper->is_over && paper->open_count > 0)
        if (step(paper, manner, err) != 0)
            return -1;
    if (!paper->is_over)
        return td_fail(err, TD_E_EXEC, "after %u asks nothing is open and the run has not ended",
                       paper->last);
    if (paper->is_failed && paper->error.text[0] == '\0')
        return td_fail(err, TD_E_EXEC, "the run failed without a text");
    return 0;
}

/* --- rules --- */

/* One case, and two ways to fold it that must come to the same. */
struct pair {
    const json_t *text;
    unsigned one, other;
    uint32_t cancel_at; /* TDH_PAPER_EVENTS: as the case says */
    bool is_cancelled;  /* it had not ended before */
};

static int fail_difference(const json_t *one, const json_t *other, struct td_err *err)
{
    size_t i = 0, count = json_array_size(one);
    char *first, *second;

    while (i < count && json_equal(json_array_get(one, i), json_array_get(other, i)))
        i++;
    first = i < count ? tdh_json_text(json_array_get(one, i), 0) : NULL;
    second = i < json_array_size(other) ? tdh_json_text(json_array_get(other, i), 0) : NULL;
    td_fail(err, TD_E_EXEC, "ask %zu was %.250s, and then %.250s", i + 1,
            first != NULL ? first : "none", second != NULL ? second : "none");
    free(first);
    free(second);
    return -1;
}

static int folds_equally(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    struct pair *pair = arg;
    const struct td_reducer *reducer = conform->plugin->descriptor.pattern->reducer;
    struct tdh_paper one, other;
    int rc = paper_open(&one, reducer, pair->text, err);

    if (paper_open(&other, reducer, pair->text, err) != 0)
        rc = -1;
    if (pair->cancel_at != TDH_PAPER_EVENTS)
        one.cancel_at = other.cancel_at = pair->cancel_at;
    if (rc == 0 && (run(&one, pair->one, err) != 0 || run(&other, pair->other, err) != 0))
        rc = -1;
    if (rc == 0 && !json_equal(one.lines, other.lines))
        rc = fail_difference(one.lines, other.lines, err);
    pair->is_cancelled = one.is_cancelled;
    paper_free(&one);
    paper_free(&other);
    return rc;
}

/* Cancelled after each number of events, up to its end. */
static int ends_when_cancelled(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    struct pair *pair = arg;

    for (pair->cancel_at = 0; pair->cancel_at < CANCELS_MAX; pair->cancel_at++) {
        if (folds_equally(conform, pair, err) != 0)
            return td_context(err, "cancelled after %u events", pair->cancel_at);
        if (!pair->is_cancelled)
            break;
    }
    return 0;
}

static int check_wanted(const struct tdh_paper *paper, struct td_err *err)
{
    const json_t *output = json_object_get(paper->text, "output");
    const char *error = tdh_json_str(paper->text, "error", NULL);
    char *text;

    if (error != NULL && !paper->is_failed)
        return td_fail(err, TD_E_EXEC, "the run is done, it should fail: %s", error);
    if (error != NULL && strstr(paper->error.text, error) == NULL)
        return td_fail(err, TD_E_EXEC, "the run failed with \"%s\", expected \"%s\"",
                       paper->error.text, error);
    if (output != NULL && paper->is_failed)
        return td_fail(err, TD_E_EXEC, "the run failed: %s", paper->error.text);
    if (output == NULL || json_equal(output, paper->output))
        return 0;
    text = tdh_json_text(paper->output, TDH_JSON_SORTED);
    td_fail(err, TD_E_EXEC, "the run's output is %.400s", text != NULL ? text : "");
    free(text);
    return -1;
}

static int comes_out(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    const struct pair *pair = arg;
    struct tdh_paper paper;
    int rc = paper_open(&paper, conform->plugin->descriptor.pattern->reducer, pair->text, err);

    if (rc == 0)
        rc = run(&paper, IN_ORDER, err);
    if (rc == 0)
        rc = check_wanted(&paper, err);
    paper_free(&paper);
    return rc;
}

static int has_cases(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    (void)arg;
    if (json_array_size(json_object_get(conform->script, "cases")) == 0)
        return td_fail(err, TD_E_CONFIG,
                       "conform.yaml must hold \"cases\": a list of {config, input, answers}");
    return 0;
}

/* A configuration of nothing may be good or not; a refusal must say why. */
static int says_why(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    struct td_err said = { 0 };
    struct tdh_paper paper;
    json_t *text = json_object();
    int rc = paper_open(&paper, conform->plugin->descriptor.pattern->reducer, text, &said);

    (void)arg;
    paper_free(&paper);
    json_decref(text);
    return rc == 0 || strlen(said.text) > strlen("prepare: ")
               ? 0
               : td_fail(err, TD_E_EXEC, "prepare failed without a text");
}

static int fits_schema(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    const struct pair *pair = arg;
    const json_t *given = json_object_get(pair->text, "config");
    json_t *config = given != NULL ? json_incref((json_t *)given) : json_object();
    int rc = tdh_schema_check(conform->plugin->manifest->config_schema, config, err);

    json_decref(config);
    return rc;
}

static void try_case(struct tdh_conform *conform, const json_t *text, size_t place)
{
    static const struct {
        unsigned one, other;
        const char *rule;
    } rules[] = {
        { IN_ORDER, IN_ORDER, "the same events give the same asks" },
        { BACKWARDS, BACKWARDS, "also when the newest ask is answered first" },
        { IN_ORDER, SAVED, "its state survives save and load between any two events" },
        { BACKWARDS, BACKWARDS | SAVED,
          "also when the newest ask is answered first and the state is saved" },
    };
    const char *name = tdh_json_str(text, "name", "");
    struct pair pair = { .text = text, .cancel_at = TDH_PAPER_EVENTS };

    if (conform->plugin->manifest->config_schema != NULL &&
        tdh_conform_rule(conform, fits_schema, &pair,
                         "case %zu (%s): its config fits the schema of the manifest", place + 1,
                         name) != 0)
        return;
    if (tdh_conform_rule(conform, comes_out, &pair, "case %zu (%s): ends as the case says",
                         place + 1, name) != 0)
        return;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        pair.one = rules[i].one;
        pair.other = rules[i].other;
        tdh_conform_rule(conform, folds_equally, &pair, "case %zu (%s): %s", place + 1, name,
                         rules[i].rule);
    }
    pair.one = IN_ORDER;
    pair.other = SAVED;
    tdh_conform_rule(conform, ends_when_cancelled, &pair,
                     "case %zu (%s): it ends whenever it is cancelled", place + 1, name);
}

void tdh_conform_pattern(struct tdh_conform *conform)
{
    const json_t *text;
    size_t i;

    tdh_conform_rule(conform, says_why, NULL,
                     "an empty configuration is taken, or refused with words");
    if (tdh_conform_rule(conform, has_cases, NULL, "conform.yaml holds cases") != 0)
        return;
    json_array_foreach (json_object_get(conform->script, "cases"), i, text)
        try_case(conform, text, i);
}
