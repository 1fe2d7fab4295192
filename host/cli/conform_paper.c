/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conform_paper: what a run on paper does when its reducer asks for something: a line.
 */
#include "cli/conform_paper.h"

#include <stdlib.h>
#include <string.h>

static struct tdh_paper *paper_of(struct td_asks *asks)
{
    return (struct tdh_paper *)asks;
}

/* Takes line and input. */
static int add_ask(struct tdh_paper *paper, json_t *line, uint64_t tag, json_t *input,
                   uint32_t *ret_ask, struct td_err *err)
{
    struct tdh_paper_ask *open = realloc(paper->open, (paper->open_count + 1) * sizeof(*open));

    if (open == NULL || line == NULL || paper->last >= TDH_PAPER_EVENTS) {
        json_decref(line);
        json_decref(input);
        paper->open = open != NULL ? open : paper->open;
        return td_fail(err, TD_E_LIMIT, "more than %d asks, or one that cannot be written down",
                       TDH_PAPER_EVENTS);
    }
    paper->open = open;
    paper->open[paper->open_count++] =
        (struct tdh_paper_ask){ ++paper->last, TD_EVENT_DONE, tag, input };
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
    struct tdh_paper *paper = paper_of(asks);
    int rc =
        add_ask(paper, json_pack("{s:s, s:s?, s:s?}", "do", "wait", "path", path, "signal", signal),
                tag, json_null(), ret_ask, err);

    if (rc == 0)
        paper->open[paper->open_count - 1].kind = TD_EVENT_SIGNAL;
    return rc;
}

static int ask_question(struct td_asks *asks, const char *path, uint64_t tag, const json_t *about,
                        uint32_t *ret_ask, struct td_err *err)
{
    struct tdh_paper *paper = paper_of(asks);
    int rc = add_ask(paper,
                     json_pack("{s:s, s:s?, s:O?}", "do", "question", "path", path, "about", about),
                     tag, json_null(), ret_ask, err);

    if (rc == 0)
        paper->open[paper->open_count - 1].kind = TD_EVENT_SIGNAL;
    return rc;
}

/* Takes an ask off the list of open ones; false: it is not there. */
bool tdh_paper_close(struct tdh_paper *paper, size_t place, struct tdh_paper_ask *ret_ask)
{
    if (place >= paper->open_count)
        return false;
    *ret_ask = paper->open[place];
    memmove(&paper->open[place], &paper->open[place + 1],
            (paper->open_count - place - 1) * sizeof(*paper->open));
    paper->open_count--;
    return true;
}

/* It stays open: the case says how it ends. */
static int ask_stop(struct td_asks *asks, uint32_t ask, struct td_err *err)
{
    struct tdh_paper *paper = paper_of(asks);
    size_t place = 0;

    while (place < paper->open_count && paper->open[place].number != ask)
        place++;
    if (place == paper->open_count)
        return td_fail(err, TD_E_NOTFOUND, "ask %u is not open", ask);
    json_array_append_new(paper->lines,
                          json_pack("{s:s, s:I}", "do", "stop", "ask", (json_int_t)ask));
    return 0;
}

static int ask_cancel(struct td_asks *asks, uint32_t ask, struct td_err *err)
{
    struct tdh_paper *paper = paper_of(asks);
    struct tdh_paper_ask closed;
    size_t place = 0;

    while (place < paper->open_count && paper->open[place].number != ask)
        place++;
    if (!tdh_paper_close(paper, place, &closed))
        return td_fail(err, TD_E_NOTFOUND, "ask %u is not open", ask);
    json_decref(closed.input);
    json_array_append_new(paper->lines,
                          json_pack("{s:s, s:I}", "do", "cancel", "ask", (json_int_t)ask));
    return 0;
}

static int end_run(struct tdh_paper *paper, json_t *line, struct td_err *err)
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
    struct tdh_paper *paper = paper_of(asks);
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

void tdh_paper_fail(struct tdh_paper *paper, const struct td_err *error)
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
    tdh_paper_fail(paper_of(asks), error);
    return 0;
}

static const char *run_id(struct td_asks *asks)
{
    (void)asks;
    return "01990000-0000-7000-8000-000000000000";
}

const struct td_asks_ops tdh_paper_ops = { TD_SIZE(struct td_asks_ops),
                                           ask_call,
                                           ask_timer,
                                           ask_wait,
                                           ask_cancel,
                                           ask_finish,
                                           ask_fail,
                                           run_id,
                                           ask_stop,
                                           ask_question };
