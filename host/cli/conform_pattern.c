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
#include "cli/conform.h"

enum { EVENTS_MAX = 10000 };

/* How a case is folded. */
enum manner {
    IN_ORDER = 0,
    BACKWARDS = 1, /* the newest open ask is answered first */
    SAVED = 2,     /* save and load between any two events */
    CANCELLED = 4, /* the run is asked to end after its start */
};

/* One ask that waits for its answer. */
struct open_ask {
    uint32_t number;
    uint64_t tag;
    json_t *input; /* owned */
};

/* A run on paper. */
struct paper {
    struct td_asks asks; /* first: what the reducer gets */
    const struct td_reducer *reducer;
    const json_t *text; /* the case */
    void *plan, *state;
    json_t *lines;       /* what was asked, in order */
    json_t *output;      /* of finish */
    struct td_err error; /* of a run that failed */
    struct open_ask *open;
    size_t open_count;
    uint32_t last;
    bool is_over, is_failed;
};

/* --- asks --- */

static struct paper *paper_of(struct td_asks *asks)
{
    return (struct paper *)asks;
}

/* Takes line and input. */
static int add_ask(struct paper *paper, json_t *line, uint64_t tag, json_t *input,
                   uint32_t *ret_ask, struct td_err *err)
{
    struct open_ask *open = realloc(paper->open, (paper->open_count + 1) * sizeof(*open));

    if (open == NULL || line == NULL || paper->last >= EVENTS_MAX) {
        json_decref(line);
        json_decref(input);
        paper->open = open != NULL ? open : paper->open;
        return td_fail(err, TD_E_LIMIT, "more than %d asks, or one that cannot be written down",
                       EVENTS_MAX);
    }
    paper->open = open;
    paper->open[paper->open_count++] = (struct open_ask){ ++paper->last, tag, input };
    json_object_set_new(line, "ask", json_integer(paper->last));
    json_object_set_new(line, "tag", json_integer((json_int_t)tag));
    json_array_append_new(paper->lines, line);
    if (ret_ask != NULL)
        *ret_ask = paper->last;
    return 0;
}

static int ask_call(struct td_asks *asks, const struct td_ask *ask, uint32_t *ret_ask,
                    struct td_err *err)
{
    json_t *input = ask->input != NULL ? ask->input : json_null();

    if (ask->name == NULL || ask->name[0] == '\0' || ask->path == NULL || ask->path[0] == '\0') {
        json_decref(input);
        return td_fail(err, TD_E_INVAL, "an ask needs \"name\" and \"path\"");
    }
    if (ask->target == TD_TARGET_AGENT && ask->action == NULL) {
        json_decref(input);
        return td_fail(err, TD_E_INVAL, "an ask of agent \"%s\" needs \"action\"", ask->name);
    }
    return add_ask(paper_of(asks),
                   json_pack("{s:s, s:i, s:s, s:s?, s:s, s:O, s:O?}", "do", "call", "target",
                             (int)ask->target, "name", ask->name, "action", ask->action, "path",
                             ask->path, "input", input, "config", ask->config),
                   ask->tag, input, ret_ask, err);
}

static int ask_timer(struct td_asks *asks, const char *path, uint64_t tag, uint64_t delay_ms,
                     uint32_t *ret_ask, struct td_err *err)
{
    return add_ask(paper_of(asks),
                   json_pack("{s:s, s:s?, s:I}", "do", "timer", "path", path, "delay_ms",
                             (json_int_t)delay_ms),
                   tag, json_null(), ret_ask, err);
}

static int ask_wait(struct td_asks *asks, const char *path, uint64_t tag, const char *signal,
                    uint32_t *ret_ask, struct td_err *err)
{
    return add_ask(paper_of(asks),
                   json_pack("{s:s, s:s?, s:s?}", "do", "wait", "path", path, "signal", signal),
                   tag, json_null(), ret_ask, err);
}

/* Takes an ask off the list of open ones; false: it is not there. */
static bool close_ask(struct paper *paper, size_t place, struct open_ask *ret_ask)
{
    if (place >= paper->open_count)
        return false;
    *ret_ask = paper->open[place];
    memmove(&paper->open[place], &paper->open[place + 1],
            (paper->open_count - place - 1) * sizeof(*paper->open));
    paper->open_count--;
    return true;
}

static int ask_cancel(struct td_asks *asks, uint32_t ask, struct td_err *err)
{
    struct paper *paper = paper_of(asks);
    struct open_ask closed;
    size_t place = 0;

    while (place < paper->open_count && paper->open[place].number != ask)
        place++;
    if (!close_ask(paper, place, &closed))
        return td_fail(err, TD_E_NOTFOUND, "ask %u is not open", ask);
    json_decref(closed.input);
    json_array_append_new(paper->lines,
                          json_pack("{s:s, s:I}", "do", "cancel", "ask", (json_int_t)ask));
    return 0;
}

static int end_run(struct paper *paper, json_t *line, struct td_err *err)
{
    if (paper->is_over) {
        json_decref(line);
        return td_fail(err, TD_E_INVAL, "the run had ended already");
    }
    paper->is_over = true;
    json_array_append_new(paper->lines, line);
    return 0;
}

static int ask_finish(struct td_asks *asks, json_t *output, struct td_err *err)
{
    struct paper *paper = paper_of(asks);
    int rc;

    if (output == NULL)
        return td_fail(err, TD_E_INVAL, "finish needs an output");
    rc = end_run(paper, json_pack("{s:s, s:O}", "do", "finish", "output", output), err);
    if (rc == 0)
        paper->output = output;
    else
        json_decref(output);
    return rc;
}

static void fail_run(struct paper *paper, const struct td_err *error)
{
    struct td_err ignored;

    paper->is_failed = true;
    paper->error = *error;
    end_run(paper,
            json_pack("{s:s, s:s, s:s}", "do", "fail", "code", td_code_info(error->code)->name,
                      "error", error->text),
            &ignored);
}

static int ask_fail(struct td_asks *asks, const struct td_err *error, struct td_err *err)
{
    if (paper_of(asks)->is_over)
        return td_fail(err, TD_E_INVAL, "the run had ended already");
    fail_run(paper_of(asks), error);
    return 0;
}

static const char *run_id(struct td_asks *asks)
{
    (void)asks;
    return "01990000-0000-7000-8000-000000000000";
}

static const struct td_asks_ops paper_ops = { TD_SIZE(struct td_asks_ops),
                                              ask_call,
                                              ask_timer,
                                              ask_wait,
                                              ask_cancel,
                                              ask_finish,
                                              ask_fail,
                                              run_id };

/* --- a run --- */

static void paper_free(struct paper *paper)
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

static int paper_open(struct paper *paper, const struct td_reducer *reducer, const json_t *text,
                      struct td_err *err)
{
    json_t *config = json_object_get(text, "config") != NULL
                         ? json_incref(json_object_get(text, "config"))
                         : json_object();
    int rc = 0;

    *paper = (struct paper){
        .asks = { &paper_ops }, .reducer = reducer, .text = text, .lines = json_array()
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
static int save_and_load(struct paper *paper, struct td_err *err)
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

static int fold(struct paper *paper, const struct td_event *event, struct td_err *err)
{
    struct td_err said = { 0 };

    if (paper->reducer->fold(paper->state, paper->plan, event, &paper->asks, &said) == 0)
        return 0;
    if (said.text[0] == '\0')
        return td_fail(err, TD_E_EXEC, "fold failed without a text");
    if (!paper->is_over)
        fail_run(paper, &said);
    return 0;
}

/* The next open ask is answered with what the case says for it, else with its own input. */
static int answer(struct paper *paper, unsigned manner, struct td_err *err)
{
    struct td_event event = { TD_SIZE(struct td_event), .kind = TD_EVENT_DONE, .attempts = 1,
                              .time_us = INT64_C(1790000000000000) };
    struct open_ask ask = { 0 };
    const json_t *given;
    struct td_err failure;
    int rc;

    close_ask(paper, manner & BACKWARDS ? paper->open_count - 1 : 0, &ask);
    given = json_array_get(json_object_get(paper->text, "answers"), ask.number - 1);
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

static int start(struct paper *paper, unsigned manner, struct td_err *err)
{
    static const struct td_event cancel = { TD_SIZE(struct td_event), .kind = TD_EVENT_CANCEL };
    const json_t *given = json_object_get(paper->text, "input");
    json_t *input = given != NULL ? json_deep_copy(given) : json_object();
    struct td_err said = { 0 };
    int rc = paper->reducer->start(paper->state, paper->plan, input, &paper->asks, &said);

    json_decref(input); /* a state that needs it holds it */
    if (rc != 0 && !paper->is_over)
        fail_run(paper, &said);
    if (manner & CANCELLED && !paper->is_over)
        return fold(paper, &cancel, err);
    return 0;
}

static int run(struct paper *paper, unsigned manner, struct td_err *err)
{
    if (start(paper, manner, err) != 0)
        return -1;
    while (!paper->is_over && paper->open_count > 0)
        if ((manner & SAVED && save_and_load(paper, err) != 0) || answer(paper, manner, err) != 0)
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
    const struct pair *pair = arg;
    const struct td_reducer *reducer = conform->plugin->descriptor.pattern->reducer;
    struct paper one, other;
    int rc = paper_open(&one, reducer, pair->text, err);

    if (paper_open(&other, reducer, pair->text, err) != 0)
        rc = -1;
    if (rc == 0 && (run(&one, pair->one, err) != 0 || run(&other, pair->other, err) != 0))
        rc = -1;
    if (rc == 0 && !json_equal(one.lines, other.lines))
        rc = fail_difference(one.lines, other.lines, err);
    paper_free(&one);
    paper_free(&other);
    return rc;
}

static int check_wanted(const struct paper *paper, struct td_err *err)
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
    struct paper paper;
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
    struct paper paper;
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
        { CANCELLED, CANCELLED | SAVED, "it ends when it is cancelled" },
    };
    const char *name = tdh_json_str(text, "name", "");
    struct pair pair = { .text = text };

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
