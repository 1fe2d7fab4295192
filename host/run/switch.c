/* SPDX-License-Identifier: Apache-2.0 */
/*
 * switch: a run goes over to another definition.
 *
 * The new definition is walked from the run's input with what the run has come to so far: each time
 * it asks for something that the run has asked for before, under the same path, the outcome is
 * there already. What is left open then, goes on or begins. A run cannot go over when the new
 * definition has no place for something that was done or is under way, unless that is declared to
 * be let go of; or when nothing would be left to be done.
 *
 * All of that happens in a second run in memory, from which the first then takes over: graft.c.
 */
#include "run/switch.h"

#include <stdlib.h>
#include <string.h>

#include "base/err_json.h"
#include "base/json.h"

enum { PATH_MAX_BYTES = 4096 };

/* --- paths --- */

/* "each[2].pay" with {"each.pay": "each.charge"} is "each[2].charge". False: what was done there is
 * let go of. */
static bool map_path(const json_t *nodes, const char *path, char mapped[static PATH_MAX_BYTES])
{
    char name[PATH_MAX_BYTES];
    size_t length = 0, out = 0;

    while (*path != '\0' && out < PATH_MAX_BYTES - 1) {
        size_t id = strcspn(path, ".["), end = strcspn(path, ".");
        const json_t *target;
        const char *own = path;

        length += (size_t)snprintf(name + length, sizeof(name) - length, "%s%.*s",
                                   length > 0 ? "." : "", (int)id, path);
        if (length >= sizeof(name))
            break;
        target = json_object_get(nodes, name);
        if (json_is_null(target))
            return false;
        if (target != NULL) {
            const char *dot = strrchr(json_string_value(target), '.');

            own = dot != NULL ? dot + 1 : json_string_value(target);
        }
        out += (size_t)snprintf(mapped + out, PATH_MAX_BYTES - out, "%s%.*s%.*s",
                                out > 0 ? "." : "", own == path ? (int)id : (int)strlen(own), own,
                                (int)(end - id), path + id);
        path += end + (path[end] == '.');
    }
    return true;
}

/* Through all the definitions that the run has followed since. */
static bool map_through(const struct tdh_switching *switching, const char *path, size_t base,
                        char mapped[static PATH_MAX_BYTES])
{
    char from[PATH_MAX_BYTES];

    snprintf(mapped, PATH_MAX_BYTES, "%s", path);
    for (; base < switching->past.base_count; base++) {
        snprintf(from, sizeof(from), "%s", mapped);
        if (!map_path(switching->past.bases[base].nodes, from, mapped))
            return false;
    }
    snprintf(from, sizeof(from), "%s", mapped);
    return map_path(switching->nodes, from, mapped);
}

/* --- what the run has come to --- */

static bool is_work(const struct tdh_switching *switching, const json_t *event)
{
    char number[24];
    const char *kind;

    snprintf(number, sizeof(number), "%lld",
             (long long)json_integer_value(json_array_get(event, 2)));
    kind = json_string_value(json_array_get(json_object_get(switching->past.asks, number), 1));
    return kind != NULL && kind[0] != 't';
}

static int note_outcome(struct tdh_switching *switching, const json_t *event, size_t base,
                        struct td_err *err)
{
    const char *path = tdh_history_path(&switching->past, event);
    struct tdh_outcome *outcome = &switching->outcomes[switching->count];
    char mapped[PATH_MAX_BYTES];

    if (path == NULL)
        return td_fail(err, TD_E_CORRUPT, "the journal tells of an ask that was never made");
    if (!map_through(switching, path, base, mapped))
        return 0;
    *outcome = (struct tdh_outcome){ .event = event,
                                     .path = strdup(mapped),
                                     .is_work = is_work(switching, event) };
    switching->count++;
    return outcome->path != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a path");
}

/* A signal that no wait had taken, or whose wait may stand elsewhere now, has no path. */
static int note_signal(struct tdh_switching *switching, const json_t *event, size_t base,
                       struct td_err *err)
{
    const char *signal = json_string_value(json_array_get(event, 3));

    if (signal[0] == '\0')
        return note_outcome(switching, event, base, err); /* an answer to a question */
    switching->outcomes[switching->count++].event = event;
    return 0;
}

static int note_event(struct tdh_switching *switching, const json_t *event, size_t base,
                      struct td_err *err)
{
    const char *letter = json_string_value(json_array_get(event, 0));

    if (!tdh_event_fits(event))
        return td_fail(err, TD_E_CORRUPT, "an event of the journal is not of a known shape");
    switch (letter[0]) {
    case 'd':
    case 'f':
        return note_outcome(switching, event, base, err);
    case 'g':
        return note_signal(switching, event, base, err);
    case 'c':
        return td_fail(err, TD_E_CONFLICT, "it is being cancelled");
    default:
        return 0;
    }
}

static int note_events(struct tdh_switching *switching, struct td_err *err)
{
    const struct tdh_history *past = &switching->past;
    size_t count = json_array_size(past->events), base = 1;

    if (past->bases[0].snapshot != NULL) {
        td_fail(err, TD_E_UNSUPPORTED,
                "it was made from another run, and its journal does not go "
                "back to the beginning");
        return -1;
    }
    switching->outcomes = calloc(count + 1, sizeof(*switching->outcomes));
    if (switching->outcomes == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate what the run has come to");
    for (size_t i = 0; i < count; i++) {
        while (base < past->base_count && past->bases[base].at <= i)
            base++;
        if (note_event(switching, json_array_get(past->events, i), base, err) != 0)
            return td_context(err, "event %zu", i + 1);
    }
    return 0;
}

/* --- the new definition, walked --- */

static void feed(struct tdh_switching *switching, struct tdh_ask_entry *ask,
                 struct tdh_outcome *outcome)
{
    const json_t *event = outcome->event;
    const char letter = json_string_value(json_array_get(event, 0))[0];
    struct td_err error;

    outcome->is_used = true;
    if (letter == 'g') {
        tdh_fold_signal(switching->run, ask, json_string_value(json_array_get(event, 3)),
                        json_array_get(event, 4));
        return;
    }
    ask->attempt = (unsigned)json_integer_value(json_array_get(event, 3));
    if (letter == 'd') {
        tdh_fold_done(ask, json_array_get(event, 4));
    } else {
        tdh_err_from_json(json_array_get(event, 4), &error);
        tdh_fold_failed(ask, &error);
    }
}

/* An answer is for a question, the rest for what is no wait. */
static bool can_take(const struct tdh_ask_entry *ask, const struct tdh_outcome *outcome)
{
    bool is_answer = json_string_value(json_array_get(outcome->event, 0))[0] == 'g';

    return (ask->kind == TDH_ASK_WAIT) == is_answer;
}

static struct tdh_outcome *take_waiting(struct tdh_switching *switching,
                                        const struct tdh_ask_entry *ask)
{
    struct tdh_outcome *outcome = tdh_map_get(&switching->waiting, ask->path);
    void *old;

    if (outcome == NULL || !can_take(ask, outcome))
        return NULL;
    if (outcome->next != NULL)
        tdh_map_set(&switching->waiting, ask->path, outcome->next, &old);
    else
        tdh_map_remove(&switching->waiting, ask->path);
    return outcome;
}

/* Asks of one fold may be taken back by the next. */
static struct tdh_ask_entry *next_fresh(struct tdh_switching *switching)
{
    struct tdh_ask_entry *ask = NULL;

    while (ask == NULL && switching->seen < switching->run->next_ask)
        ask = tdh_ask_find(switching->run, ++switching->seen);
    return ask;
}

/* Gives each ask that is new what is there for it; that may make further ones. */
static int settle(struct tdh_switching *switching, struct td_err *err)
{
    struct tdh_run *run = switching->run;
    struct tdh_ask_entry *ask;

    while (!run->is_broken && !run->is_finish_asked && (ask = next_fresh(switching)) != NULL) {
        struct tdh_outcome *outcome = take_waiting(switching, ask);
        json_t *kept =
            ask->kind == TDH_ASK_WAIT && ask->name != NULL ? tdh_signal_kept(run, ask->name) : NULL;
        void *old;

        if (outcome != NULL)
            feed(switching, ask, outcome);
        else if (kept != NULL)
            tdh_fold_signal(run, ask, ask->name, kept);
        else if (tdh_map_set(&switching->open, ask->path, (void *)(uintptr_t)ask->number, &old) !=
                 0)
            return td_fail(err, TD_E_NOMEM, "could not allocate the asks of a run");
    }
    return 0;
}

static struct tdh_ask_entry *find_open(const struct tdh_switching *switching, const char *path)
{
    uint32_t number = (uint32_t)(uintptr_t)tdh_map_get(&switching->open, path);

    return number != 0 ? tdh_ask_find(switching->run, number) : NULL;
}

static int wait_for_ask(struct tdh_switching *switching, struct tdh_outcome *outcome,
                        struct td_err *err)
{
    struct tdh_outcome *first = tdh_map_get(&switching->waiting, outcome->path);
    void *old;

    if (first == NULL)
        return tdh_map_set(&switching->waiting, outcome->path, outcome, &old) == 0
                   ? 0
                   : td_fail(err, TD_E_NOMEM, "could not allocate what the run has come to");
    while (first->next != NULL)
        first = first->next;
    first->next = outcome;
    return 0;
}

static struct tdh_ask_entry *find_wait(const struct tdh_run *run, const char *signal)
{
    struct tdh_ask_entry *ask = run->first;

    while (ask != NULL &&
           (ask->kind != TDH_ASK_WAIT || ask->name == NULL || strcmp(ask->name, signal) != 0))
        ask = ask->next;
    return ask;
}

static int walk_one(struct tdh_switching *switching, struct tdh_outcome *outcome,
                    struct td_err *err)
{
    struct tdh_ask_entry *ask;

    switching->run->now_us = json_integer_value(json_array_get(outcome->event, 1));
    if (outcome->path == NULL) {
        const char *signal = json_string_value(json_array_get(outcome->event, 3));

        tdh_fold_signal(switching->run, find_wait(switching->run, signal), signal,
                        json_array_get(outcome->event, 4));
        return settle(switching, err);
    }
    ask = find_open(switching, outcome->path);
    if (ask == NULL || !can_take(ask, outcome))
        return wait_for_ask(switching, outcome, err);
    tdh_map_remove(&switching->open, outcome->path);
    feed(switching, ask, outcome);
    return settle(switching, err);
}

static int check_walk(const struct tdh_run *run, struct td_err *err)
{
    if (run->is_broken)
        return td_fail(err, TD_E_CONFLICT, "%s", run->why.text);
    if (!run->is_finish_asked)
        return 0;
    if (run->finish_status == TDH_RUN_FAILED)
        return td_fail(err, TD_E_CONFLICT, "it would have failed: %s", run->why.text);
    return td_fail(err, TD_E_CONFLICT, "nothing of it would be left to be done");
}

static int walk(struct tdh_switching *switching, struct td_err *err)
{
    const json_t *start = json_array_get(switching->past.events, 0);
    struct tdh_run *run = switching->run;

    run->now_us = json_integer_value(json_array_get(start, 1));
    tdh_facts_read(run, json_array_get(start, 2));
    tdh_fold_start(run, json_object_get(json_array_get(start, 2), "input"));
    if (settle(switching, err) != 0)
        return -1;
    for (size_t i = 0; i < switching->count; i++)
        if (check_walk(run, err) != 0 || walk_one(switching, &switching->outcomes[i], err) != 0)
            return -1;
    return check_walk(run, err);
}

/* --- what stays, and what has no place --- */

static int name_lost(const struct tdh_switching *switching, const char *path, const char *what,
                     struct td_err *err)
{
    td_fail(err, TD_E_CONFLICT, "step \"%.200s\" %s, and \"%.64s\" %.64s has no place for it", path,
            what, switching->run->definition->name, switching->run->definition->version);
    return td_hint(err, "say what became of the node, --map OLD=NEW, or let go of what it did, "
                        "--drop OLD");
}

static int check_outcomes(const struct tdh_switching *switching, struct td_err *err)
{
    for (size_t i = 0; i < switching->count; i++) {
        const struct tdh_outcome *outcome = &switching->outcomes[i];

        if (outcome->path != NULL && outcome->is_work && !outcome->is_used)
            return name_lost(switching, tdh_history_path(&switching->past, outcome->event),
                             "is done", err);
        if (outcome->is_work && outcome->is_used)
            json_array_append_new(switching->kept, json_string(outcome->path));
    }
    return 0;
}

bool tdh_switching_has_begun(const struct tdh_ask_entry *ask)
{
    if (!tdh_ask_is_work(ask) || ask->state == TDH_ASK_PAUSED)
        return false;
    return ask->attempt > 0 || (ask->state != TDH_ASK_HELD && ask->state != TDH_ASK_QUEUED);
}

struct tdh_ask_entry *tdh_switching_heir(const struct tdh_switching *switching,
                                         const struct tdh_ask_entry *ask, bool *ret_dropped)
{
    size_t base = switching->past.base_count; /* it goes by the newest definition's names */
    char mapped[PATH_MAX_BYTES];
    struct tdh_ask_entry *heir;

    *ret_dropped = !map_through(switching, ask->path, base, mapped);
    heir = *ret_dropped ? NULL : find_open(switching, mapped);
    return heir != NULL && heir->kind == ask->kind ? heir : NULL;
}

/* run: the one that goes over, as it is now. */
static int check_open(struct tdh_switching *switching, const struct tdh_run *run,
                      struct td_err *err)
{
    for (const struct tdh_ask_entry *ask = run->first; ask != NULL; ask = ask->next) {
        bool is_dropped;
        const struct tdh_ask_entry *heir = tdh_switching_heir(switching, ask, &is_dropped);

        if (!tdh_switching_has_begun(ask) || is_dropped)
            continue;
        if (heir == NULL)
            return name_lost(switching, ask->path, "is under way", err);
        json_object_set_new(switching->goes_on, heir->path, json_true());
    }
    return 0;
}

/* --- all of it --- */

static int begin(struct tdh_switching *switching, const struct tdh_run *run,
                 struct tdh_definition *definition, struct td_err *err)
{
    switching->kept = json_array();
    switching->goes_on = json_object();
    if (switching->kept == NULL || switching->goes_on == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the steps of a run");
    if (strcmp(run->definition->kind, definition->kind) != 0)
        return td_fail(err, TD_E_INVAL, "it is a run of a %s", run->definition->kind);
    if (strcmp(run->definition->hash, definition->hash) == 0)
        return td_fail(err, TD_E_EXISTS, "it follows that already");
    switching->run =
        tdh_run_new(run->engine, definition, tdh_json_str(switching->past.record, "id", ""), err);
    if (switching->run == NULL)
        return -1;
    switching->run->is_replaying = switching->run->is_loose = true;
    switching->run->next_ask = switching->seen = run->next_ask;
    return 0;
}

void tdh_switching_end(struct tdh_switching *switching)
{
    if (switching->run != NULL) {
        switching->run->is_broken = true;
        tdh_run_release(switching->run);
    }
    for (size_t i = 0; i < switching->count; i++)
        free(switching->outcomes[i].path);
    free(switching->outcomes);
    tdh_map_free(&switching->waiting, NULL);
    tdh_map_free(&switching->open, NULL);
    json_decref(switching->kept);
    json_decref(switching->goes_on);
    tdh_history_end(&switching->past);
}

int tdh_switching_walk(struct tdh_switching *switching, const struct tdh_run *run,
                       struct tdh_definition *definition, struct td_err *err)
{
    if (begin(switching, run, definition, err) == 0 && note_events(switching, err) == 0 &&
        walk(switching, err) == 0 && check_outcomes(switching, err) == 0 &&
        check_open(switching, run, err) == 0)
        return 0;
    return td_context(err, "run %s cannot go over to \"%s\" %s",
                      tdh_json_str(switching->past.record, "id", ""), definition->name,
                      definition->version);
}

/* --- what would become of it --- */

static json_t *paths_under_way(const struct tdh_switching *switching)
{
    json_t *list = json_array(), *value;
    const char *path;

    json_object_foreach (switching->goes_on, path, value)
        json_array_append_new(list, json_string(path));
    return list;
}

static json_t *paths_that_begin(const struct tdh_switching *switching)
{
    json_t *list = json_array();

    for (const struct tdh_ask_entry *ask = switching->run->first; ask != NULL; ask = ask->next)
        if (ask->kind != TDH_ASK_TIMER && json_object_get(switching->goes_on, ask->path) == NULL)
            json_array_append_new(list, json_string(ask->path));
    return list;
}

int tdh_run_switch_check(struct tdh_engine *engine, const char *id, const struct tdh_switch *to,
                         json_t **ret_report, struct td_err *err)
{
    struct tdh_switching switching = { .nodes = to->nodes };
    struct tdh_history *past = &switching.past;
    int rc = tdh_history_read(engine, id, past, err);

    if (rc == 0 && json_object_get(past->record, "ended_us") != NULL)
        rc = td_fail(err, TD_E_CONFLICT, "run %s has ended: it is %s", id,
                     tdh_json_str(past->record, "status", "?"));
    if (rc == 0)
        rc = tdh_history_fold(engine, past, (uint32_t)json_array_size(past->events), err);
    if (rc == 0)
        rc = tdh_switching_walk(&switching, past->run, to->definition, err);
    if (rc == 0)
        *ret_report = json_pack("{s:s, s:s, s:s, s:O, s:o, s:o}", "run", id, "from",
                                past->run->definition->version, "to", to->definition->version,
                                "done", switching.kept, "under_way", paths_under_way(&switching),
                                "begins", paths_that_begin(&switching));
    tdh_switching_end(&switching);
    return rc;
}
