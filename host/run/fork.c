/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fork: a run as it was after some of its events: to be looked at, or to go on from there as a run
 * of its own.
 *
 * The past is folded again in memory, and the new run is written as one snapshot and its records,
 * in one commit; then it is a run like any other whose process is gone. What was open at that point
 * has never begun in the new run, so it begins anew, under keys of its own.
 *
 * A retry is a fork from where a step was asked for, that also takes over how all other steps ended
 * which were open then. Its steps keep the keys of the old run, so that an effect that happened, or
 * may have, is not made twice: those that may have are in doubt, as after a crash.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err_json.h"
#include "base/json.h"
#include "run/history.h"
#include "run/snapshot.h"

#define TIMEOUT ".timeout"
#define TIMEOUT_LENGTH ((int)sizeof(TIMEOUT) - 1)

/* --- looking at it --- */

static json_t *show_open(const struct tdh_run *run)
{
    static const char *const kinds[] = { "call", "timer", "wait", "run" };
    json_t *list = json_array();

    for (const struct tdh_ask_entry *ask = run->first; ask != NULL; ask = ask->next)
        json_array_append_new(list,
                              json_pack("{s:I, s:s, s:s, s:I}", "ask", (json_int_t)ask->number,
                                        "step", ask->path, "kind", kinds[ask->kind], "attempts",
                                        (json_int_t)ask->attempt));
    return list;
}

int tdh_runs_at(struct tdh_engine *engine, const char *id, uint32_t at, json_t **ret_state,
                struct td_err *err)
{
    struct tdh_history past = { 0 };
    json_t *saved = NULL;
    char time[40];

    if (tdh_history_at(engine, id, at, &past, err) == 0) {
        struct tdh_held before = tdh_run_enter(past.run);

        saved =
            past.run->definition->reducer->save(past.run->state, past.run->definition->plan, err);
        tdh_hold_again(&before, NULL);
    }
    if (saved != NULL)
        *ret_state = json_pack("{s:s, s:I, s:s, s:o, s:o}", "run", id, "at", (json_int_t)at, "time",
                               tdh_clock_print(past.run->now_us, time, sizeof(time)), "open",
                               show_open(past.run), "state", saved);
    tdh_history_end(&past);
    if (saved != NULL && *ret_state == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the state of run %s", id);
    return saved != NULL ? 0 : -1;
}

/* --- writing the new run --- */

static int write_run(struct tdh_engine *engine, struct tdh_run *run, struct td_err *err)
{
    struct td_op ops[4] = { { TD_SIZE(struct td_op), .kind = TD_OP_APPEND, .space = TDH_RUN_LOG },
                            { TD_SIZE(struct td_op), .kind = TD_OP_PUT, .space = TDH_RUN_SPACE },
                            { TD_SIZE(struct td_op), .kind = TD_OP_PUT, .space = TDH_LIVE_SPACE },
                            { TD_SIZE(struct td_op), .kind = TD_OP_PUT, .space = TDH_DEF_SPACE } };
    char *text; /* of the definition: the old run may be taken away meanwhile */
    int rc;

    if (tdh_capture_base(run, &run->base, err) != 0)
        return -1;
    tdh_facts_record(run);
    tdh_facts_live(run, engine->owner);
    if (run->record.failed || run->live.failed ||
        (text = tdh_json_text(run->definition->text, 0)) == NULL)
        return td_fail(err, TD_E_NOMEM, "could not write the new run");
    ops[0].run = run->key;
    ops[0].type = TDH_ROW_SNAPSHOT;
    ops[0].flags = TD_APPEND_INDEX;
    ops[0].time_us = run->created_us;
    ops[0].head = &run->head;
    ops[0].value = (struct td_bytes){ run->base.data, run->base.length };
    ops[1].key = ops[2].key = run->id;
    ops[1].version = ops[2].version = TD_VERSION_ABSENT;
    ops[1].value = (struct td_bytes){ run->record.data, run->record.length };
    ops[2].value = (struct td_bytes){ run->live.data, run->live.length };
    ops[3].key = run->definition->hash;
    ops[3].version = TD_VERSION_ANY;
    ops[3].value = (struct td_bytes){ text, strlen(text) };
    tdh_notices_begin(run);
    rc = tdh_notes_commit(run, ops, 4, err);
    free(text);
    return rc;
}

/* The new run is nobody's child, and nobody has told it to end. */
static int finish(struct tdh_engine *engine, struct tdh_history *past, const char *id, uint32_t at,
                  char ret_id[static TDH_ID_SIZE], struct td_err *err)
{
    struct tdh_run *run = past->run;

    if (run->is_finish_asked || run->first == NULL)
        return td_fail(err, TD_E_CONFLICT, "nothing of run %s is left to be done after event %u",
                       id, at);
    snprintf(run->origin_id, sizeof(run->origin_id), "%s", id);
    run->origin_at = at;
    run->parent_id[0] = '\0';
    run->is_paused = false;
    run->why = (struct td_err){ 0 };
    run->status = TDH_RUN_RUNNING;
    run->created_us = tdh_clock_us();
    if (write_run(engine, run, err) != 0)
        return -1;
    memcpy(ret_id, run->id, TDH_ID_SIZE);
    return 0;
}

static void begin_anew(struct tdh_ask_entry *ask)
{
    ask->attempt = ask->counted = ask->before_stand_in = 0;
    ask->stand_in = NULL;
    ask->is_stopped = false;
    if (tdh_ask_is_work(ask))
        ask->state = TDH_ASK_PAUSED;
    if (ask->kind == TDH_ASK_RUN)
        tdh_id_new(ask->child_id);
}

int tdh_run_fork(struct tdh_engine *engine, const char *id, uint32_t at,
                 char ret_id[static TDH_ID_SIZE], struct td_err *err)
{
    struct tdh_history past = { 0 };
    int rc = tdh_history_at(engine, id, at, &past, err);

    if (rc == 0 && past.run->is_cancel_asked)
        rc = td_fail(err, TD_E_CONFLICT, "run %s was being cancelled at event %u", id, at);
    if (rc == 0) {
        for (struct tdh_ask_entry *ask = past.run->first; ask != NULL; ask = ask->next)
            begin_anew(ask);
        rc = finish(engine, &past, id, at, ret_id, err);
    }
    tdh_history_end(&past);
    return rc;
}

/* --- retry --- */

/* The step whose failure was the last. */
static const char *find_failed(const struct tdh_history *past)
{
    for (size_t i = json_array_size(past->events); i > 0; i--) {
        const json_t *event = json_array_get(past->events, i - 1);
        const char *letter = json_string_value(json_array_get(event, 0));

        if (letter != NULL && letter[0] == 'f')
            return tdh_history_path(past, event);
    }
    return NULL;
}

static bool has_path(const json_t *ask, const char *path)
{
    const char *own = json_string_value(json_array_get(ask, 2));

    return own != NULL && strcmp(own, path) == 0;
}

/* Is it open where the base begins, so that it can be done again from there? */
static bool is_in_base(const struct tdh_base *base, const char *path, uint32_t *ret_number)
{
    const json_t *ask;
    size_t i;

    json_array_foreach (json_object_get(base->snapshot, "asks"), i, ask)
        if (has_path(ask, path)) {
            *ret_number = (uint32_t)json_integer_value(json_array_get(ask, 0));
            return true;
        }
    return false;
}

static bool is_in_event(const json_t *event, const char *path, uint32_t *ret_number)
{
    const json_t *ask;
    size_t i;

    json_array_foreach (json_array_get(event, json_array_size(event) - 1), i, ask)
        if (has_path(ask, path)) {
            *ret_number = (uint32_t)json_integer_value(json_array_get(ask, 0));
            return true;
        }
    return false;
}

/* After which event was it asked for, the last time? What was open where a base begins counts as
 * asked for there. */
static bool find_asked(const struct tdh_history *past, const char *path, uint32_t *ret_number,
                       uint32_t *ret_at)
{
    size_t base = past->base_count;

    for (*ret_at = (uint32_t)json_array_size(past->events);; --*ret_at) {
        while (base > 0 && past->bases[base - 1].at == *ret_at)
            if (is_in_base(&past->bases[--base], path, ret_number))
                return true;
        if (*ret_at == 0)
            return false;
        if (is_in_event(json_array_get(past->events, *ret_at - 1), path, ret_number))
            return true;
    }
}

static int check_retry(const struct tdh_history *past, const char *id, const char *step,
                       struct td_err *err)
{
    const json_t *ask;
    const char *key;

    if (json_object_get(past->record, "ended_us") == NULL)
        return td_fail(err, TD_E_CONFLICT, "run %s has not ended: it is %s", id,
                       tdh_json_str(past->record, "status", "?"));
    json_object_foreach (past->asks, key, ask) {
        const char *text = json_string_value(json_array_get(ask, 2)),
                   *undo = strstr(text, TDH_UNDO);

        if (undo != NULL && undo[strlen(TDH_UNDO)] == '\0') {
            td_fail(err, TD_E_CONFLICT, "what run %s did was undone", id);
            return td_hint(err,
                           "start it again, or look for an event before that: tdev runs fork "
                           "%s --at N",
                           id);
        }
    }
    if (step == NULL) {
        td_fail(err, TD_E_INVAL, "no step of run %s has failed", id);
        return td_hint(err, "name the step to go on from: tdev runs retry %s --from STEP", id);
    }
    return 0;
}

static struct tdh_ask_entry *find_open(struct tdh_run *run, const char *path)
{
    struct tdh_ask_entry *ask = run->first;

    while (ask != NULL && strcmp(ask->path, path) != 0)
        ask = ask->next;
    return ask;
}

/* Is the path the step's own, or of what belongs to it: "pay.timeout"; or of the whole run? */
static bool is_of_step(const char *path, const char *step)
{
    size_t length = strlen(step);

    return strcmp(path, "run.timeout") == 0 ||
           (strncmp(path, step, length) == 0 && (path[length] == '\0' || path[length] == '.'));
}

/* How one of the others ended. */
static void fold_other(struct tdh_run *run, struct tdh_ask_entry *ask, const json_t *event)
{
    const char letter = json_string_value(json_array_get(event, 0))[0];
    struct tdh_meters used;
    struct td_err error;

    run->now_us = json_integer_value(json_array_get(event, 1));
    ask->attempt = (unsigned)json_integer_value(json_array_get(event, 3));
    ask->used = tdh_event_used(event, &used);
    if (letter == 'd') {
        tdh_fold_done(ask, json_array_get(event, 4));
    } else if (letter == 'g') {
        tdh_fold_signal(run, ask, json_string_value(json_array_get(event, 3)),
                        json_array_get(event, 4));
    } else {
        tdh_err_from_json(json_array_get(event, 4), &error);
        tdh_fold_failed(ask, &error);
    }
}

/* What is taken over of another step ends the run, before there is anything to do again. */
static int fail_over(const struct tdh_history *past, const char *path, const char *step,
                     struct td_err *err)
{
    const struct tdh_run *run = past->run;
    const char *id = tdh_json_str(past->record, "id", "");
    int length = (int)strlen(path);

    if (length > TIMEOUT_LENGTH && strcmp(path + length - TIMEOUT_LENGTH, TIMEOUT) == 0)
        length -= TIMEOUT_LENGTH;
    if (!run->is_broken && run->finish_status == TDH_RUN_DONE)
        td_fail(err, TD_E_CONFLICT, "run %s is done without it", id);
    else
        *err = run->why;
    td_context(err, "step \"%s\" was not done again: how step \"%.*s\" ended is taken over", step,
               length, path);
    return td_hint(err, "do that one again: tdev runs retry %s --from %.*s", id, length, path);
}

static int fold_others(struct tdh_history *past, uint32_t at, const char *step, struct td_err *err)
{
    struct tdh_run *run = past->run;

    run->is_loose = true;
    for (size_t i = at; i < json_array_size(past->events); i++) {
        const json_t *event = json_array_get(past->events, i);
        const char *letter = tdh_event_fits(event) || tdh_history_is_end(event)
                                 ? json_string_value(json_array_get(event, 0))
                                 : "";
        const char *path = letter[0] != '\0' && strchr("dfg", letter[0]) != NULL
                               ? tdh_history_path(past, event)
                               : NULL;
        struct tdh_ask_entry *ask =
            path != NULL && !is_of_step(path, step) ? find_open(run, path) : NULL;

        if (letter[0] == '\0')
            return td_fail(err, TD_E_CORRUPT, "event %zu of the journal is not of a known shape",
                           i + 1);
        if (letter[0] == 'c')
            break;
        if (ask == NULL)
            continue;
        fold_other(run, ask, event);
        if (run->is_broken || run->is_finish_asked)
            return fail_over(past, path, step, err);
    }
    return 0;
}

/* Its key in the old run. */
static int keep_key(const struct tdh_history *past, const char *id, struct tdh_ask_entry *ask,
                    struct td_err *err)
{
    uint32_t number, at;

    if (ask->key != NULL || !find_asked(past, ask->path, &number, &at))
        return 0; /* it has it from the run before; or it was not asked for there */
    ask->key = malloc(strlen(ask->path) + TDH_ID_SIZE + 16);
    if (ask->key == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a key");
    sprintf(ask->key, "%s/%s/%u", id, ask->path, number);
    return 0;
}

/* The step begins anew, and so does what has no effects; its time limits do too. Other effects may
 * have been under way when the run ended. */
static int prepare_open(struct tdh_history *past, const char *id, const char *step,
                        int64_t asked_us, struct td_err *err)
{
    for (struct tdh_ask_entry *ask = past->run->first; ask != NULL; ask = ask->next) {
        bool is_own = is_of_step(ask->path, step);
        bool is_effect = ask->kind == TDH_ASK_CALL && ask->target != NULL &&
                         ask->target->effects != TDH_EFFECTS_NONE;

        if (ask->kind == TDH_ASK_TIMER && is_own)
            ask->due_us += tdh_clock_us() - asked_us;
        if (ask->kind == TDH_ASK_CALL && keep_key(past, id, ask, err) != 0)
            return -1;
        if (is_own || !is_effect)
            begin_anew(ask);
    }
    return 0;
}

static int retry(struct tdh_engine *engine, struct tdh_history *past, const char *id,
                 const char *from, char ret_id[static TDH_ID_SIZE], struct td_err *err)
{
    const char *step = from != NULL ? from : find_failed(past);
    uint32_t number, at;
    int64_t asked_us;

    if (check_retry(past, id, step, err) != 0)
        return -1;
    if (!find_asked(past, step, &number, &at)) {
        td_fail(err, TD_E_NOTFOUND, "run %s never came to a step \"%s\"", id, step);
        return td_hint(err, "tdev runs show %s names its steps", id);
    }
    asked_us = tdh_history_time(past, at);
    if (tdh_history_fold(engine, past, at, err) != 0 || fold_others(past, at, step, err) != 0 ||
        prepare_open(past, id, step, asked_us, err) != 0)
        return -1;
    return finish(engine, past, id, at, ret_id, err);
}

int tdh_run_retry(struct tdh_engine *engine, const char *id, const char *from,
                  char ret_id[static TDH_ID_SIZE], struct td_err *err)
{
    struct tdh_history past = { 0 };
    int rc = tdh_history_read(engine, id, &past, err);

    if (rc == 0)
        rc = retry(engine, &past, id, from, ret_id, err);
    tdh_history_end(&past);
    return rc;
}
