/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_case: the recording host, and the language of its scripts.
 */
#include "flow_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"

static void swap_quotes(char *text, char from, char to)
{
    for (; *text != '\0'; text++)
        if (*text == from)
            *text = to;
}

json_t *json_of(const char *text)
{
    char *copy = strdup(text);
    struct td_err err;
    json_t *value;

    swap_quotes(copy, '\'', '"');
    value = tdh_json_parse(copy, strlen(copy), "value", &err);
    if (value == NULL)
        fail_msg("%s: %s", text, err.text);
    free(copy);
    return value;
}

char *text_of(const json_t *value)
{
    char *text = tdh_json_text(value, TDH_JSON_SORTED);

    assert_non_null(text);
    swap_quotes(text, '"', '\'');
    return text;
}

/* --- the host --- */

struct open_ask {
    char *path;
    uint64_t tag;
    json_t *input; /* NULL: a timer, or a wait */
    bool is_open, is_wait;
};

struct flow_run {
    struct td_asks asks; /* first: what the reducer gets */
    struct tdh_definition *definition;
    enum run_mode mode;
    void *state;
    struct open_ask *list; /* by number, from 1 */
    size_t count, room, first, open, events;
    json_t *output; /* of the finish; NULL: none */
    bool is_over;
    int64_t time_us;
    struct tdh_buf trace;
    struct tdh_buf secret; /* numbers and tags, compared but not shown */
};

static void note_ask(struct flow_run *run, const char *path, uint64_t tag, json_t *input,
                     uint32_t *ret_ask)
{
    if (run->count == run->room) {
        run->room = run->room > 0 ? run->room * 2 : 64;
        run->list = realloc(run->list, run->room * sizeof(*run->list));
        assert_non_null(run->list);
    }
    run->list[run->count++] = (struct open_ask){ strdup(path), tag, input, true, false };
    run->open++;
    *ret_ask = (uint32_t)run->count;
    tdh_buf_printf(&run->secret, "%s#%zu#%llx ", path, run->count, (unsigned long long)tag);
    if (run->trace.length > 0 && run->trace.data[run->trace.length - 1] != ' ')
        tdh_buf_char(&run->trace, ' ');
    tdh_buf_text(&run->trace, path);
}

static int ask_call(struct td_asks *asks, const struct td_ask *ask, uint32_t *ret_ask,
                    struct td_err *err)
{
    struct flow_run *run = (struct flow_run *)asks;
    static const char *const targets[] = { "", "", "pattern ", "workflow " };

    (void)err;
    assert_non_null(ask->policy);
    note_ask(run, ask->path, ask->tag, ask->input, ret_ask);
    if (ask->target != TD_TARGET_AGENT)
        tdh_buf_printf(&run->trace, "<%s%s>", targets[ask->target], ask->name);
    if (json_object_size(ask->input) > 0 || !json_is_object(ask->input)) {
        char *text = text_of(ask->input);

        tdh_buf_text(&run->trace, text);
        free(text);
    }
    return 0;
}

static int ask_timer(struct td_asks *asks, const char *path, uint64_t tag, uint64_t delay_ms,
                     uint32_t *ret_ask, struct td_err *err)
{
    struct flow_run *run = (struct flow_run *)asks;

    (void)err;
    note_ask(run, path, tag, NULL, ret_ask);
    if (delay_ms == 0)
        tdh_buf_text(&run->trace, ":timer");
    else
        tdh_buf_printf(&run->trace, ":%llums", (unsigned long long)delay_ms);
    return 0;
}

static int ask_wait(struct td_asks *asks, const char *path, uint64_t tag, const char *signal,
                    uint32_t *ret_ask, struct td_err *err)
{
    struct flow_run *run = (struct flow_run *)asks;

    (void)err;
    note_ask(run, path, tag, NULL, ret_ask);
    run->list[*ret_ask - 1].is_wait = true;
    tdh_buf_printf(&run->trace, "?%s", signal);
    return 0;
}

static int ask_question(struct td_asks *asks, const char *path, uint64_t tag, const json_t *about,
                        uint32_t *ret_ask, struct td_err *err)
{
    struct flow_run *run = (struct flow_run *)asks;
    char *text = text_of(about);

    (void)err;
    note_ask(run, path, tag, NULL, ret_ask);
    run->list[*ret_ask - 1].is_wait = true;
    tdh_buf_printf(&run->trace, "?%s", text);
    free(text);
    return 0;
}

static void note_sign(struct flow_run *run, char sign, uint32_t number)
{
    assert_in_range(number, 1, run->count);
    assert_true(run->list[number - 1].is_open);
    if (run->trace.length > 0 && run->trace.data[run->trace.length - 1] != ' ')
        tdh_buf_char(&run->trace, ' ');
    tdh_buf_printf(&run->trace, "%c%s", sign, run->list[number - 1].path);
}

static int ask_cancel(struct td_asks *asks, uint32_t number, struct td_err *err)
{
    struct flow_run *run = (struct flow_run *)asks;

    (void)err;
    note_sign(run, '-', number);
    run->list[number - 1].is_open = false;
    run->open--;
    return 0;
}

static int ask_stop(struct td_asks *asks, uint32_t number, struct td_err *err)
{
    (void)err;
    note_sign((struct flow_run *)asks, '~', number);
    return 0;
}

static void end(struct flow_run *run, char sign, const char *text)
{
    assert_false(run->is_over);
    run->is_over = true;
    if (run->trace.length > 0 && run->trace.data[run->trace.length - 1] != ' ')
        tdh_buf_char(&run->trace, ' ');
    tdh_buf_printf(&run->trace, "%c %s", sign, text);
}

static int ask_finish(struct td_asks *asks, json_t *output, struct td_err *err)
{
    struct flow_run *run = (struct flow_run *)asks;
    char *text = text_of(output);

    (void)err;
    end(run, '=', text);
    free(text);
    run->output = output;
    return 0;
}

static int ask_fail(struct td_asks *asks, const struct td_err *error, struct td_err *err)
{
    (void)err;
    end((struct flow_run *)asks, '!', error->text);
    return 0;
}

static const char *run_id(struct td_asks *asks)
{
    (void)asks;
    return "run-1";
}

static const struct td_asks_ops ops = { TD_SIZE(struct td_asks_ops),
                                        ask_call,
                                        ask_timer,
                                        ask_wait,
                                        ask_cancel,
                                        ask_finish,
                                        ask_fail,
                                        run_id,
                                        ask_stop,
                                        ask_question };

/* --- events --- */

static void *new_state(void)
{
    void *state = calloc(1, tdh_flow_reducer.state_size);

    assert_non_null(state);
    return state;
}

static void drop_state(struct flow_run *run)
{
    tdh_flow_reducer.drop(run->state, run->definition->plan);
    free(run->state);
}

json_t *run_save(struct flow_run *run)
{
    struct td_err err;
    json_t *saved = tdh_flow_reducer.save(run->state, run->definition->plan, &err);

    assert_non_null(saved);
    return saved;
}

void run_load(struct flow_run *run, const json_t *saved, uint32_t version)
{
    struct td_err err;

    drop_state(run);
    run->state = new_state();
    if (tdh_flow_reducer.load(run->state, run->definition->plan, saved, version, &err) != 0)
        fail_msg("%s", err.text);
}

/* The state goes through text and into a new struct. */
static void reload(struct flow_run *run)
{
    json_t *saved = run_save(run);
    char *text = tdh_json_text(saved, 0);
    struct td_err err;

    json_decref(saved);
    saved = tdh_json_parse(text, strlen(text), "state", &err);
    assert_non_null(saved);
    free(text);
    run_load(run, saved, tdh_flow_reducer.state_version);
    json_decref(saved);
}

static void after_event(struct flow_run *run, int rc, const struct td_err *err)
{
    run->events++;
    if (rc != 0)
        end(run, '!', err->text);
    if (!run->is_over)
        tdh_buf_text(&run->trace, " | ");
    if (run->mode == RUN_SAVED && !run->is_over)
        reload(run);
}

struct flow_run *run_new(struct tdh_definition *definition, const char *input, enum run_mode mode)
{
    struct flow_run *run = calloc(1, sizeof(*run));
    json_t *value = json_of(input);
    struct td_err err;
    int rc;

    run->asks.ops = &ops;
    run->definition = tdh_definition_hold(definition);
    run->mode = mode;
    run->state = new_state();
    run->time_us = 1795260000000000; /* 2026-11-21T11:20:00Z */
    rc = tdh_flow_reducer.start(run->state, definition->plan, value, &run->asks, &err);
    after_event(run, rc, &err);
    json_decref(value);
    return run;
}

void run_free(struct flow_run *run)
{
    drop_state(run);
    for (size_t i = 0; i < run->count; i++) {
        free(run->list[i].path);
        json_decref(run->list[i].input);
    }
    free(run->list);
    json_decref(run->output);
    tdh_definition_release(run->definition);
    tdh_buf_free(&run->trace);
    tdh_buf_free(&run->secret);
    free(run);
}

static void tell(struct flow_run *run, size_t place, struct td_event *event)
{
    struct td_err err;
    int rc;

    event->size = sizeof(*event);
    event->time_us = run->time_us += 1000000;
    if (event->kind != TD_EVENT_CANCEL) {
        event->ask = (uint32_t)place + 1;
        event->tag = run->list[place].tag;
        run->list[place].is_open = false;
        run->open--;
    }
    rc = tdh_flow_reducer.fold(run->state, run->definition->plan, event, &run->asks, &err);
    after_event(run, rc, &err);
}

static size_t find_open(const struct flow_run *run, const char *path)
{
    for (size_t i = 0; i < run->count; i++)
        if (run->list[i].is_open && strcmp(run->list[i].path, path) == 0)
            return i;
    fail_msg("\"%s\" is not open after: %s", path, run->trace.data);
    return 0;
}

void run_done(struct flow_run *run, const char *path, json_t *output)
{
    size_t place = find_open(run, path);
    struct td_event event = { .kind = run->list[place].is_wait ? TD_EVENT_SIGNAL : TD_EVENT_DONE,
                              .output = output };

    tell(run, place, &event);
    json_decref(output);
}

bool run_echo(struct flow_run *run)
{
    struct td_event event = { .kind = TD_EVENT_DONE };
    json_t *output;

    while (run->first < run->count && !run->list[run->first].is_open)
        run->first++;
    if (run->is_over || run->first == run->count)
        return false;
    output = run->list[run->first].input != NULL ? json_incref(run->list[run->first].input)
                                                 : json_null();
    event.output = output;
    tell(run, run->first, &event);
    json_decref(output);
    return true;
}

const char *run_ask(const struct flow_run *run, size_t n, const json_t **ret_input, bool *ret_open)
{
    if (n >= run->count)
        return NULL;
    *ret_input = run->list[n].input;
    *ret_open = run->list[n].is_open;
    return run->list[n].path;
}

void run_fail(struct flow_run *run, const char *path)
{
    struct td_err error;
    struct td_event event = { .kind = TD_EVENT_FAILED, .error = &error };

    td_fail(&error, TD_E_EXEC, "it broke");
    tell(run, find_open(run, path), &event);
}

const json_t *run_output(const struct flow_run *run)
{
    return run->output;
}

bool run_is_over(const struct flow_run *run)
{
    return run->is_over;
}

size_t run_open(const struct flow_run *run)
{
    return run->open;
}

size_t run_events(const struct flow_run *run)
{
    return run->events;
}

const char *run_trace(const struct flow_run *run)
{
    return run->trace.data;
}

void run_is_done(const struct flow_run *run, const char *output)
{
    char *text;

    if (!run->is_over || run->output == NULL)
        fail_msg("the run is not done: %.2000s", run->trace.data);
    text = text_of(run->output);
    assert_string_equal(text, output);
    free(text);
}

/* --- scripts --- */

static void echo_all(struct flow_run *run, bool is_to_the_end)
{
    for (size_t count = run->open; is_to_the_end || count > 0; count--)
        if (!run_echo(run))
            break;
}

static void play_word(struct flow_run *run, char *word)
{
    struct td_event event = { .kind = TD_EVENT_CANCEL };
    char *value = strchr(word, '=');

    if (strcmp(word, "*") == 0 || strcmp(word, "**") == 0) {
        echo_all(run, word[1] == '*');
    } else if (strcmp(word, "cancel") == 0) {
        tell(run, 0, &event);
    } else if (word[0] == '!') {
        run_fail(run, word + 1);
    } else if (value != NULL) {
        *value = '\0';
        run_done(run, word, json_of(value + 1));
    } else {
        run_done(run, word, json_null());
    }
}

static void play(struct flow_run *run, const char *script)
{
    char *copy = strdup(script), *at = copy;

    while (at != NULL && *at != '\0') {
        char *end = strstr(at, "; ");

        if (end != NULL)
            *end = '\0';
        play_word(run, at);
        at = end != NULL ? end + 2 : NULL;
    }
    free(copy);
}

char *run_script(const char *yaml, const char *input, const char *script)
{
    struct tdh_definition *definition = flow_of(yaml);
    const enum run_mode modes[] = { RUN_PLAIN, RUN_PLAIN, RUN_SAVED };
    char *trace = NULL, *secret = NULL;

    for (size_t i = 0; i < 3; i++) {
        struct flow_run *run = run_new(definition, input, modes[i]);
        const char *hidden;

        play(run, script);
        hidden = run->secret.data != NULL ? run->secret.data : "";
        if (trace == NULL) {
            trace = strdup(run->trace.data);
            secret = strdup(hidden);
        }
        assert_string_equal(run->trace.data, trace);
        assert_string_equal(hidden, secret);
        run_free(run);
    }
    free(secret);
    tdh_definition_release(definition);
    return trace;
}
