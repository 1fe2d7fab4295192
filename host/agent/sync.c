/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sync: looks at both stores, decides, and writes each with one commit: the other one first, so
 * that what fails there leaves this one as it was.
 */
#include "agent/sync.h"

#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/states_shared.h"
#include "agent/sync_list.h"
#include "base/clock.h"
#include "base/json.h"

enum { HERE, THERE };

struct side {
    struct tdh_store *store;
    struct tdh_states states; /* as it was read */
    json_t *next;             /* the list to be */
    json_t *added;            /* {id: state} of versions that are copied */
    bool may_move;            /* its newest may become another */
    bool is_changed;          /* next is to be written */
};

struct pass {
    const struct tdh_sync *sync;
    const char *agent;
    struct side sides[2];
    enum tdh_sync_relation relation;
    json_t *common;       /* the note, or NULL; owned, as the rest */
    json_t *both_changed; /* of a conflict */
    json_t *damaged;      /* numbers */
    const char *choice;   /* what a conflict came to; NULL: none */
    char loser[TDH_STATE_ID];
    bool is_made; /* that it came to is a version of its own */
    bool is_late; /* another saved meanwhile: a commit was refused */
};

static int no_memory(const struct pass *pass, struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate the versions of agent \"%s\"", pass->agent);
}

static const char *newest_of(const json_t *list)
{
    return tdh_json_str(list, "newest", NULL);
}

/* --- looking --- */

static int look_at(struct pass *pass, struct side *side, const char *where, struct td_err *err)
{
    if (tdh_states_read(side->store, pass->agent, &side->states, err) != 0)
        return td_context(err, "%s", where);
    side->next = json_deep_copy(side->states.list);
    side->added = json_object();
    return side->next != NULL && side->added != NULL ? 0 : no_memory(pass, err);
}

static int look(struct pass *pass, struct td_err *err)
{
    struct side *here = &pass->sides[HERE], *there = &pass->sides[THERE];

    pass->both_changed = json_array();
    pass->damaged = json_array();
    here->may_move = pass->sync->way != TDH_SYNC_PUSH;
    there->may_move = pass->sync->way != TDH_SYNC_PULL;
    if (look_at(pass, here, "this store", err) != 0 ||
        look_at(pass, there, "the other store", err) != 0)
        return -1;
    pass->relation = tdh_sync_compare(here->next, there->next);
    pass->common = json_incref((json_t *)(uintptr_t)tdh_sync_common(here->next, there->next));
    return 0;
}

static void forget(struct pass *pass)
{
    for (int i = 0; i < 2; i++) {
        tdh_states_end(&pass->sides[i].states);
        json_decref(pass->sides[i].next);
        json_decref(pass->sides[i].added);
    }
    json_decref(pass->common);
    json_decref(pass->both_changed);
    json_decref(pass->damaged);
}

/* --- copying versions --- */

/* What is damaged is left where it is, unless it is the newest. */
static int copy_state(struct pass *pass, const struct side *from, struct side *to,
                      const json_t *note, struct td_err *err)
{
    const char *id = tdh_state_id(note);
    json_t *state;

    if (tdh_states_get(from->store, &from->states, note, &state, err) == 0)
        return json_object_set_new(to->added, id, state) == 0 ? 0 : no_memory(pass, err);
    if (err->code != TD_E_CORRUPT || strcmp(id, newest_of(from->states.list)) == 0)
        return -1;
    return json_array_append_new(pass->damaged, json_string(id)) == 0 ? 0 : no_memory(pass, err);
}

/* The latest of the notes, as many as the bound allows, but one at least. Returns the first. */
static size_t fitting(const json_t *notes)
{
    size_t first = json_array_size(notes);
    json_int_t left = TDH_SYNC_BYTES;

    while (first > 0) {
        left -= json_integer_value(json_object_get(json_array_get(notes, first - 1), "size"));
        if (left < 0 && first < json_array_size(notes))
            break;
        first--;
    }
    return first;
}

/* `to` gets the versions that the newest of `from` comes from, and that itself. */
static int bring(struct pass *pass, const struct side *from, struct side *to, bool is_aside,
                 struct td_err *err)
{
    json_t *notes = tdh_sync_missing(from->states.list, to->next);
    int rc = notes != NULL ? 0 : no_memory(pass, err);

    for (size_t i = fitting(notes); rc == 0 && i < json_array_size(notes); i++) {
        const json_t *note = json_array_get(notes, i);

        rc = copy_state(pass, from, to, note, err);
        if (rc == 0 && json_object_get(to->added, tdh_state_id(note)) != NULL &&
            (is_aside ? tdh_sync_put_aside : tdh_sync_put)(to->next, note) != 0)
            rc = no_memory(pass, err);
    }
    json_decref(notes);
    to->is_changed = true;
    return rc;
}

static int set_newest(const struct pass *pass, struct side *side, const char *id,
                      struct td_err *err)
{
    return json_object_set_new(side->next, "newest", json_string(id)) == 0 ? 0
                                                                           : no_memory(pass, err);
}

/* `to` goes on to where `from` is. */
static int forward(struct pass *pass, const struct side *from, struct side *to, struct td_err *err)
{
    return bring(pass, from, to, false, err) == 0
               ? set_newest(pass, to, newest_of(from->states.list), err)
               : -1;
}

/* --- a conflict --- */

struct conflict {
    const json_t *notes[2]; /* the newest of both */
    json_t *states[2];
    int winner;
    json_t *made; /* what it comes to, when that is a version of its own: note and state */
    json_t *state;
};

static int later_of(const json_t *const notes[2])
{
    json_int_t here = json_integer_value(json_object_get(notes[HERE], "time_us")),
               there = json_integer_value(json_object_get(notes[THERE], "time_us"));

    if (here != there)
        return here > there ? HERE : THERE;
    return strcmp(tdh_state_id(notes[HERE]), tdh_state_id(notes[THERE])) > 0 ? HERE : THERE;
}

static int winner_by(enum tdh_sync_choice choice, const json_t *const notes[2])
{
    return choice == TDH_SYNC_OURS ? HERE : choice == TDH_SYNC_THEIRS ? THERE : later_of(notes);
}

static json_int_t form_of(const json_t *note)
{
    return json_integer_value(json_object_get(note, "version"));
}

static bool is_same_state(const json_t *const notes[2])
{
    return form_of(notes[HERE]) == form_of(notes[THERE]) &&
           strcmp(tdh_json_str(notes[HERE], "sha256", ""),
                  tdh_json_str(notes[THERE], "sha256", "")) == 0;
}

static int fail_conflict(const struct pass *pass, const struct conflict *conflict,
                         struct td_err *err)
{
    const char *ours = tdh_state_id(conflict->notes[HERE]),
               *theirs = tdh_state_id(conflict->notes[THERE]);

    if (pass->common != NULL)
        td_fail(err, TD_E_CONFLICT,
                "agent \"%s\": both stores went on from version %s: this one to %s, the other to "
                "%s",
                pass->agent, tdh_state_id(pass->common), ours, theirs);
    else
        td_fail(err, TD_E_CONFLICT,
                "agent \"%s\": the stores have no version in common: this one is at %s, the other "
                "at %s",
                pass->agent, ours, theirs);
    return td_hint(err, "--conflict newest, ours, theirs or merge says what it comes to; the other "
                        "is kept aside");
}

static int fail_tied(const struct pass *pass, struct td_err *err)
{
    size_t count = json_array_size(pass->both_changed);
    char more[40] = "";

    if (count > 1)
        snprintf(more, sizeof(more), " and %zu more", count - 1);
    td_fail(err, TD_E_CONFLICT, "agent \"%s\": both stores changed \"%.100s\"%s since version %s",
            pass->agent, json_string_value(json_array_get(pass->both_changed, 0)), more,
            tdh_state_id(pass->common));
    return td_hint(err, "--tie newest, ours or theirs says whose counts there");
}

static int merge(struct pass *pass, struct conflict *conflict, struct td_err *err)
{
    const struct tdh_sync *sync = pass->sync;
    const struct side *here = &pass->sides[HERE];
    json_t *base;

    if (pass->common == NULL)
        return td_fail(err, TD_E_CONFLICT,
                       "agent \"%s\": the states cannot be merged: no version that both came from "
                       "is kept",
                       pass->agent);
    if (form_of(pass->common) != form_of(conflict->notes[HERE]) ||
        form_of(pass->common) != form_of(conflict->notes[THERE])) {
        td_fail(err, TD_E_CONFLICT,
                "agent \"%s\": the states cannot be merged: their forms are of versions %lld, %lld "
                "and %lld",
                pass->agent, (long long)form_of(pass->common),
                (long long)form_of(conflict->notes[HERE]),
                (long long)form_of(conflict->notes[THERE]));
        return td_hint(err, "--conflict newest, ours or theirs takes one of them");
    }
    if (tdh_states_get(here->store, &here->states, pass->common, &base, err) != 0)
        return -1;
    conflict->state =
        tdh_state_merge(base, conflict->states[HERE], conflict->states[THERE],
                        winner_by(sync->tie, conflict->notes) == HERE, pass->both_changed);
    json_decref(base);
    if (conflict->state == NULL)
        return no_memory(pass, err);
    if (json_array_size(pass->both_changed) > 0 && sync->tie == TDH_SYNC_ASK)
        return fail_tied(pass, err);
    return 0;
}

/* A version that comes from both. */
static int make(struct pass *pass, struct conflict *conflict, struct td_err *err)
{
    const json_t *won = conflict->notes[conflict->winner];
    const struct tdh_state_new version = {
        .state = conflict->state,
        .version = (uint32_t)form_of(won),
        .plugin = tdh_json_str(won, "plugin", ""),
        .plugin_version = tdh_json_str(won, "plugin_version", ""),
        .edition = tdh_json_str(won, "edition", NULL),
        .why = "merged",
        .parent = tdh_state_id(won),
        .from = tdh_state_id(conflict->notes[!conflict->winner]),
        .note = pass->choice,
    };

    pass->is_made = true;
    conflict->made = tdh_states_note(pass->agent, &version, err);
    return conflict->made != NULL ? 0 : -1;
}

static int decide(struct pass *pass, struct conflict *conflict, struct td_err *err)
{
    static const char *const names[] = { "ask", "newest", "ours", "theirs", "merge" };
    enum tdh_sync_choice choice = pass->sync->conflict;

    if (is_same_state(conflict->notes)) {
        conflict->winner = later_of(conflict->notes);
        pass->choice = "same";
        return 0;
    }
    if (choice == TDH_SYNC_ASK)
        return fail_conflict(pass, conflict, err);
    pass->choice = names[choice];
    if (choice == TDH_SYNC_MERGE) {
        if (merge(pass, conflict, err) != 0)
            return -1;
    } else {
        conflict->winner = winner_by(choice, conflict->notes);
        conflict->state = json_incref(conflict->states[conflict->winner]);
    }
    return make(pass, conflict, err);
}

/* One side gets what the conflict came to: all of the winner, and the loser aside. */
static int settle(struct pass *pass, const struct conflict *conflict, int at, struct td_err *err)
{
    struct side *side = &pass->sides[at], *winner = &pass->sides[conflict->winner],
                *loser = &pass->sides[!conflict->winner];
    int rc = side == loser ? forward(pass, winner, side, err) : bring(pass, loser, side, true, err);

    if (rc != 0)
        return -1;
    if (tdh_sync_put_aside(side->next, conflict->notes[!conflict->winner]) != 0)
        return no_memory(pass, err);
    if (conflict->made == NULL)
        return 0;
    if (tdh_sync_put(side->next, conflict->made) != 0 ||
        json_object_set(side->added, tdh_state_id(conflict->made), conflict->state) != 0)
        return no_memory(pass, err);
    return set_newest(pass, side, tdh_state_id(conflict->made), err);
}

static int resolve(struct pass *pass, struct td_err *err)
{
    struct conflict conflict = { .winner = HERE };
    int rc = 0;

    for (int i = 0; rc == 0 && i < 2; i++) {
        const struct side *side = &pass->sides[i];

        conflict.notes[i] = tdh_states_newest(&side->states);
        rc =
            tdh_states_get(side->store, &side->states, conflict.notes[i], &conflict.states[i], err);
    }
    if (rc == 0)
        rc = decide(pass, &conflict, err);
    snprintf(pass->loser, sizeof(pass->loser), "%s",
             tdh_state_id(conflict.notes[!conflict.winner]));
    for (int i = 0; rc == 0 && i < 2; i++)
        if (pass->sides[i].may_move)
            rc = settle(pass, &conflict, i, err);
    json_decref(conflict.states[HERE]);
    json_decref(conflict.states[THERE]);
    json_decref(conflict.made);
    json_decref(conflict.state);
    return rc;
}

/* --- what both have in common is noted --- */

static int mark(struct pass *pass, struct td_err *err)
{
    json_t *lists[2] = { pass->sides[HERE].next, pass->sides[THERE].next };
    const json_t *common = tdh_sync_common(lists[HERE], lists[THERE]);

    if (common == NULL)
        return 0;
    for (int i = 0; i < 2; i++) {
        bool is_new, is_named;

        if (tdh_sync_name(lists[!i], &is_named) != 0 ||
            tdh_sync_mark(lists[i], tdh_json_str(lists[!i], "name", ""), tdh_state_id(common),
                          &is_new) != 0)
            return no_memory(pass, err);
        pass->sides[!i].is_changed |= is_named;
        pass->sides[i].is_changed |= is_new;
    }
    return 0;
}

/* --- all of it --- */

static int plan(struct pass *pass, struct td_err *err)
{
    struct side *here = &pass->sides[HERE], *there = &pass->sides[THERE];
    int rc = 0;

    if (pass->relation == TDH_SYNC_CONFLICT)
        rc = resolve(pass, err);
    else if (pass->relation == TDH_SYNC_AHEAD && there->may_move)
        rc = forward(pass, here, there, err);
    else if (pass->relation == TDH_SYNC_BEHIND && here->may_move)
        rc = forward(pass, there, here, err);
    return rc == 0 ? mark(pass, err) : -1;
}

/* What is to become the newest here is tried before anything is written. */
static int try_newest(const struct pass *pass, struct td_err *err)
{
    const struct side *here = &pass->sides[HERE];
    const char *id = newest_of(here->next), *was = newest_of(here->states.list);

    if (pass->sync->try == NULL || id == NULL || (was != NULL && strcmp(id, was) == 0))
        return 0;
    return pass->sync->try(pass->sync->arg, tdh_states_by_id(here->next, id),
                           json_object_get(here->added, id), err);
}

static int write_side(struct pass *pass, struct side *side, const char *where, struct td_err *err)
{
    if (!side->is_changed || tdh_states_replace(side->store, &side->states, side->next, side->added,
                                                pass->sync->keep, pass->sync->ttl_ms, err) == 0)
        return 0;
    pass->is_late = err->code == TD_E_CONFLICT;
    return td_context(err, "%s", where);
}

static json_t *report(const struct pass *pass, const char *ours, const char *theirs)
{
    const struct side *here = &pass->sides[HERE], *there = &pass->sides[THERE];
    const char *newest = newest_of(here->may_move ? here->next : there->next);

    return json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:I, s:I, s:O, s:O, s:b}",
                     "agent", pass->agent, "relation", tdh_sync_relation_name(pass->relation),
                     "here", ours, "there", theirs, "common",
                     pass->common != NULL ? tdh_state_id(pass->common) : NULL, "newest",
                     pass->is_made && pass->sync->is_dry ? NULL : newest, "choice", pass->choice,
                     "aside", pass->choice != NULL ? pass->loser : NULL, "pushed",
                     (json_int_t)json_object_size(there->added), "pulled",
                     (json_int_t)json_object_size(here->added), "damaged", pass->damaged,
                     "both_changed", pass->both_changed, "dry_run", (int)pass->sync->is_dry);
}

static int run(struct pass *pass, json_t **ret_report, struct td_err *err)
{
    json_t *told;

    if (look(pass, err) != 0 || plan(pass, err) != 0 || try_newest(pass, err) != 0)
        return -1;
    told = report(pass, newest_of(pass->sides[HERE].states.list),
                  newest_of(pass->sides[THERE].states.list));
    if (told == NULL)
        return no_memory(pass, err);
    if (!pass->sync->is_dry &&
        (write_side(pass, &pass->sides[THERE], "the other store", err) != 0 ||
         write_side(pass, &pass->sides[HERE], "this store", err) != 0)) {
        json_decref(told);
        return -1;
    }
    *ret_report = told;
    return 0;
}

int tdh_states_sync(struct tdh_store *here, struct tdh_store *there, const char *agent,
                    const struct tdh_sync *sync, json_t **ret_report, struct td_err *err)
{
    for (int i = 0; i < TDH_SYNC_TRIES; i++) {
        struct pass pass = { .sync = sync,
                             .agent = agent,
                             .sides = { { .store = here }, { .store = there } } };
        int rc = run(&pass, ret_report, err);

        forget(&pass);
        if (rc == 0 || !pass.is_late)
            return rc;
    }
    return td_fail(err, TD_E_UNAVAILABLE,
                   "agent \"%s\": others saved its state meanwhile, %d times", agent,
                   TDH_SYNC_TRIES);
}
