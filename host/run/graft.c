/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graft: a run takes over what it would be under another definition: its reducer's state and its
 * asks, but for those that are under way, which go on. An event that says so and a snapshot are
 * written in one commit, so that a crash leaves the old or the new; nothing new begins before.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "run/snapshot.h"
#include "run/switch.h"

enum { TRIES = 20, WAIT_NS = 5 * 1000 * 1000 };

/* The reducer's state, and what stands for it in the journal, change hands. */
static void swap_state(struct tdh_run *run, struct tdh_run *next)
{
    struct tdh_definition *definition = run->definition;
    json_t *signals = run->signals;
    void *state = run->state;

    if (run->priority == definition->priority)
        run->priority = next->definition->priority;
    tdh_purse_follow(&run->purse, next->definition->limits);
    run->definition = next->definition;
    next->definition = definition;
    run->notices = next->notices;
    run->state = next->state;
    next->state = state;
    run->signals = next->signals;
    next->signals = signals;
}

/* Its values are other objects than those the journal's results are known by. */
static void forget_results(struct tdh_run *run)
{
    tdh_results_free(run);
    run->results = NULL;
    run->result_room = run->result_count = 0;
    run->fresh_results = run->flying_results = (struct tdh_values){ 0 };
}

/* The key by which its effect is known stays what it was. */
static int keep_key(struct tdh_ask_entry *ask)
{
    size_t size;

    if (ask->key != NULL)
        return 0;
    size = strlen(ask->path) + TDH_ID_SIZE + 16;
    ask->key = malloc(size);
    if (ask->key == NULL)
        return -1;
    snprintf(ask->key, size, "%s/%s/%u", ask->run->id, ask->path, ask->number);
    return 0;
}

/* What is under way takes the place of its heir; the rest makes room. */
static int take_over(const struct tdh_switching *switching, struct tdh_run *run)
{
    struct tdh_ask_entry *next;

    for (struct tdh_ask_entry *ask = run->first; ask != NULL; ask = next) {
        bool is_dropped;
        struct tdh_ask_entry *heir = tdh_switching_heir(switching, ask, &is_dropped);

        next = ask->next;
        if (heir == NULL || !tdh_switching_has_begun(ask))
            tdh_ask_drop(ask);
        else if (keep_key(ask) != 0 || tdh_ask_succeed(ask, heir) != 0)
            return -1;
        else if (ask->child != NULL)
            ask->child->parent_number = ask->number;
    }
    return 0;
}

/* Only what goes on has a state of its own. */
static bool is_fresh(const struct tdh_ask_entry *ask)
{
    return ask->key == NULL && ask->state == TDH_ASK_OPEN && ask->child == NULL;
}

/* In a run that lives they begin here; in one that is being resumed, with the others. */
static void begin_fresh(struct tdh_run *run, bool is_resumed)
{
    struct tdh_ask_entry *next;

    for (struct tdh_ask_entry *ask = run->first; ask != NULL; ask = next) {
        next = ask->next;
        if (!is_fresh(ask))
            continue;
        ask->mark = run->marks;
        tdh_notice_ask(run, ask);
        if (is_resumed && tdh_ask_is_work(ask))
            ask->state = TDH_ASK_PAUSED;
        else if (!is_resumed)
            tdh_execute(ask);
    }
}

static void note_definition(struct tdh_run *run, const char *hash)
{
    if (run->was == NULL)
        run->was = json_array();
    json_array_append_new(run->was, json_string(hash));
}

static void go_over(struct tdh_switching *switching, struct tdh_run *run)
{
    struct tdh_run *next = switching->run;
    char from[TDH_SHA256_HEX];
    const json_t *nodes = switching->nodes;

    memcpy(from, run->definition->hash, sizeof(from));
    if (take_over(switching, run) != 0) {
        tdh_run_break(run, "no memory to go over to another definition");
        return;
    }
    swap_state(run, next);
    tdh_ask_move(next, run);
    tdh_pins_move(&next->pins, &run->pins);
    forget_results(run);
    note_definition(run, from);
    tdh_budget_flush(run);
    tdh_fold_moved(run, from, nodes);
    json_decref(run->moved);
    run->moved = json_deep_copy(nodes);
    run->is_record_due = true;
    begin_fresh(run, run->is_resuming);
}

/* --- when --- */

static bool is_settled(const struct tdh_run *run)
{
    return run->marks == run->durable_marks && !run->is_dirty;
}

/* Reads the journal while nothing of the run is on its way there. 0: it does not stand still. */
static int read_settled(struct tdh_run *run, struct tdh_history *past, struct td_err *err)
{
    for (unsigned i = 0; i < TRIES && !run->is_broken && !run->is_ended; i++) {
        uint64_t marks = run->marks;

        if (is_settled(run)) {
            tdh_history_end(past);
            *past = (struct tdh_history){ 0 };
            if (tdh_history_read(run->engine, run->id, past, err) != 0)
                return -1;
            if (is_settled(run) && run->marks == marks)
                return 1;
        }
        tdh_co_wait(tdh_clock_mono_ns() + WAIT_NS);
    }
    return 0;
}

static struct tdh_definition *remake(struct tdh_run *run, const json_t *order, struct td_err *err)
{
    const struct tdh_run_kind *kind =
        tdh_run_kind_of(run->engine, tdh_json_str(order, "kind", ""), 0);
    struct tdh_definition *definition = NULL;

    if (kind == NULL)
        td_fail(err, TD_E_UNSUPPORTED, "definitions of kind \"%s\" are not known to this host",
                tdh_json_str(order, "kind", ""));
    else if (kind->remake(kind->arg, json_object_get(order, "definition"), NULL, &definition,
                          err) != 0)
        return NULL;
    return definition;
}

/* 1: done; 0: not now; -1: it cannot be. */
static int graft(struct tdh_run *run, const json_t *order, const char *mail, struct td_err *err)
{
    struct tdh_switching switching = { .nodes = json_object_get(order, "nodes") };
    struct tdh_definition *definition = remake(run, order, err);
    int rc = definition != NULL ? read_settled(run, &switching.past, err) : -1;

    if (rc > 0 && (run->is_broken || run->is_ended || run->mail[0] != '\0'))
        rc = 0;
    if (rc > 0 && tdh_switching_walk(&switching, run, definition, err) != 0)
        rc = -1;
    if (rc > 0) {
        tdh_mail_note(run, mail);
        go_over(&switching, run);
    }
    tdh_switching_end(&switching);
    tdh_definition_release(definition);
    return rc;
}

int tdh_run_graft(struct tdh_run *run, const json_t *order, const char *mail)
{
    struct td_err err;
    int rc = graft(run, order, mail, &err);

    if (rc == 0)
        return 0;
    if (rc < 0) {
        tdh_log_err(TDH_LOG_WARNING, "run", &err);
        tdh_mail_note(run, mail);
        tdh_journal_touch(run);
    }
    return 1;
}
