/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resume: takes over a run whose owner is gone and rebuilds it: snapshot, then the tail of its
 * journal folded again.
 *
 * The take-over is a compare-and-set of the run's live record, so of two that try one wins. A run
 * that was taken over TDH_RESUMES_MAX times without a new event since is parked.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err_json.h"
#include "base/json.h"
#include "base/log.h"
#include "run/snapshot.h"

static struct tdh_hub *own_hub(struct tdh_engine *engine)
{
    return &engine->hubs[tdh_worker_index(tdh_worker_self())];
}

/* --- rebuild --- */

/* after: the row it stands behind */
static int load_snapshot(struct tdh_run *run, json_t *snapshot, size_t bytes, uint64_t after,
                         struct td_err *err)
{
    json_t *resolved = tdh_rows_resolve(run, snapshot, after, err);
    int rc = resolved != NULL ? tdh_snapshot_load(run, resolved, err) : -1;

    json_decref(resolved);
    run->snapshot_bytes = bytes;
    run->head = after;
    return rc;
}

static int replay_row(struct tdh_run *run, const struct tdh_row *row, struct td_err *err)
{
    json_t *event;
    size_t i;

    if (!json_is_array(row->value))
        return td_fail(err, TD_E_CORRUPT, "run %s, row %llu: is no list of events", run->id,
                       (unsigned long long)row->seq);
    json_array_foreach (row->value, i, event) {
        const char *letter = json_string_value(json_array_get(event, 0));

        if (tdh_fold_replay(run, event, err) != 0)
            return td_context(err, "run %s, row %llu, event %zu", run->id,
                              (unsigned long long)row->seq, i);
        if (letter[0] == 'd' || letter[0] == 'g')
            tdh_journal_known(run, json_array_get(event, TDH_RESULT_PLACE), row->seq, (uint32_t)i);
    }
    return 0;
}

static int rebuild(struct tdh_run *run, const struct tdh_rows *rows, struct td_err *err)
{
    int rc = 0;

    run->is_replaying = true;
    run->has_snapshot = rows->has_snapshot;
    if (rows->snapshot != NULL)
        rc = load_snapshot(run, rows->snapshot, rows->snapshot_bytes, rows->after, err);
    for (size_t i = 0; i < rows->count && rc == 0; i++) {
        const struct tdh_row *row = &rows->list[i];

        if (row->type != TDH_ROW_SNAPSHOT) {
            rc = replay_row(run, row, err);
            run->tail_bytes += row->bytes;
        } else if (i == 0 && rows->snapshot == NULL) {
            rc = load_snapshot(run, row->value, row->bytes, row->seq, err);
        }
        run->head = row->seq;
    }
    run->is_replaying = false;
    if (rc == 0 && !run->is_started)
        return td_fail(err, TD_E_CORRUPT, "run %s: its journal has no start", run->id);
    if (rc == 0 && run->first == NULL && !run->is_finish_asked)
        return td_fail(err, TD_E_CORRUPT, "run %s: its journal ends with nothing under way",
                       run->id);
    return rc;
}

/* A call whose agent is not there any more waits for it, parked, unless somebody wants the run to
 * go on without. */
static int check_targets(const struct tdh_run *run, const struct tdh_resume *resume,
                         struct td_err *err)
{
    for (const struct tdh_ask_entry *ask = run->first; ask != NULL; ask = ask->next)
        if (ask->kind == TDH_ASK_CALL && ask->target == NULL && !resume->is_forced) {
            td_fail(err, TD_E_DEPENDENCY, "step \"%s\": %s", ask->path,
                    ask->name != NULL ? ask->name : "no such agent");
            return td_hint(err, "bring it back, or let the step fail: tdev runs resume %s --force",
                           run->id);
        }
    return 0;
}

/* Only a call under way may have ended the process: a run that just waits may be resumed for ever.
 */
static bool has_call(const struct tdh_run *run)
{
    const struct tdh_ask_entry *ask = run->first;

    while (ask != NULL && ask->kind != TDH_ASK_CALL)
        ask = ask->next;
    return ask != NULL;
}

/* The first call that was under way, and whose plugin it needs. */
static void name_call(const struct tdh_run *run, char *ret_text, size_t size)
{
    const struct tdh_ask_entry *ask = run->first;

    while (ask != NULL && (ask->kind != TDH_ASK_CALL || ask->target == NULL))
        ask = ask->next;
    if (ask != NULL)
        snprintf(ret_text, size, "step \"%s\" (%s.%s)", ask->path, ask->target->name,
                 ask->target->action);
    else
        snprintf(ret_text, size, "\"%s\"", run->definition->name);
}

/* What it was about to do has ended its process too often. */
static int check_tries(const struct tdh_run *run, const struct tdh_resume *resume,
                       struct td_err *err)
{
    char what[TD_ERR_TEXT / 2];

    if (run->tries <= TDH_RESUMES_MAX || resume->is_forced || !has_call(run))
        return 0;
    name_call(run, what, sizeof(what));
    td_fail(err, TD_E_LIMIT, "run %s ended its process %d times at %s, and is parked", run->id,
            TDH_RESUMES_MAX, what);
    return td_hint(err, "mend that, then: tdev runs resume %s --force", run->id);
}

static const json_t *first_facts(const struct tdh_rows *rows)
{
    const json_t *value = rows->snapshot != NULL ? rows->snapshot : rows->list[0].value;

    return rows->snapshot != NULL || rows->list[0].type == TDH_ROW_SNAPSHOT
               ? value
               : json_array_get(json_array_get(value, 0), 2);
}

/* --- taking over --- */

static int take_over(struct tdh_engine *engine, const char *id, json_t *live, uint64_t version,
                     const struct tdh_resume *resume, struct td_err *err)
{
    const char *owner = tdh_json_str(live, "owner", "");
    unsigned tries = (unsigned)json_integer_value(json_object_get(live, "tries"));

    if (strcmp(owner, engine->owner) == 0 ? tdh_run_here(engine, id) != NULL
                                          : tdh_owner_is_alive(engine, owner))
        return td_fail(err, TD_E_CONFLICT,
                       "run %s is being run by a process that is alive (owner %s)", id, owner);
    tries += !tdh_owner_has_left(engine, owner);
    if (tries > 2 * TDH_RESUMES_MAX &&
        !resume->is_forced) { /* it did not even get to check_tries */
        td_fail(err, TD_E_LIMIT, "run %s ends its process while it is rebuilt, and is parked", id);
        return td_hint(err, "mend its pattern's plugin, then: tdev runs resume %s --force", id);
    }
    if (json_object_get(live, "held") != NULL && !resume->is_forced) {
        tdh_err_from_json(json_object_get(live, "held"), err);
        return -1;
    }
    json_object_del(live, "held");
    json_object_set_new(live, "owner", json_string(engine->owner));
    json_object_set_new(live, "tries", json_integer(resume->is_forced ? 1 : tries));
    if (tdh_store_put(engine->options.store, TDH_LIVE_SPACE, id, live, version, NULL, err) != 0)
        return err->code == TD_E_CONFLICT
                   ? td_fail(err, TD_E_CONFLICT,
                             "run %s was taken over by another process just now", id)
                   : -1;
    return 0;
}

/* It could not be rebuilt: nobody owns it, and that it was tried does not count. */
static void give_back(struct tdh_engine *engine, const char *id, json_t *live)
{
    unsigned tries = (unsigned)json_integer_value(json_object_get(live, "tries"));
    struct td_err err;

    json_object_set_new(live, "owner", json_string(""));
    json_object_set_new(live, "tries", json_integer(tries > 0 ? tries - 1 : 0));
    if (tdh_store_put(engine->options.store, TDH_LIVE_SPACE, id, live, TD_VERSION_ANY, NULL,
                      &err) != 0)
        tdh_log_err(TDH_LOG_WARNING, "run", &err);
}

/* Ends a run in memory, and its children, that were rebuilt but shall not go on. */
static void discard(struct tdh_engine *engine, struct tdh_run *run)
{
    struct td_err err;
    json_t *live;

    run->is_broken = true;
    for (struct tdh_ask_entry *ask = run->first; ask != NULL; ask = ask->next)
        if (ask->child != NULL)
            discard(engine, ask->child);
    if (tdh_store_get(engine->options.store, TDH_LIVE_SPACE, run->id, &live, NULL, &err) == 0) {
        give_back(engine, run->id, live);
        json_decref(live);
    }
    run->holds = 1;
    tdh_run_release(run);
}

static int read_live(struct tdh_engine *engine, const char *id, json_t **ret_live,
                     uint64_t *ret_version, struct td_err *err)
{
    json_t *record;

    if (tdh_preload_live(own_hub(engine), id, ret_live, ret_version))
        return 0;
    if (tdh_store_get(engine->options.store, TDH_LIVE_SPACE, id, ret_live, ret_version, err) == 0)
        return 0;
    if (err->code != TD_E_NOTFOUND)
        return -1;
    if (tdh_store_get(engine->options.store, TDH_RUN_SPACE, id, &record, NULL, err) != 0)
        return td_fail(err, TD_E_NOTFOUND, "there is no run %s", id);
    td_fail(err, TD_E_EXISTS, "run %s has ended: it is %s", id,
            tdh_json_str(record, "status", "?"));
    json_decref(record);
    return -1;
}

/* --- a child that has ended, while its parent's journal does not say so yet --- */

/* Kept with the ask until the parent goes on. */
static int note_outcome(struct tdh_ask_entry *ask, const json_t *event, struct td_err *err)
{
    const char *status = json_string_value(json_array_get(event, 2));
    struct tdh_meters used;
    struct td_err why;

    if (status == NULL)
        return td_fail(err, TD_E_CORRUPT, "the journal of child run %s does not say how it ended",
                       ask->child_id);
    ask->decision = strcmp(status, "done") == 0 ? TDH_DECIDE_DONE : TDH_DECIDE_FAIL;
    if (strcmp(status, "cancelled") == 0) {
        td_fail(&why, TD_E_CANCELLED, "run %s was cancelled", ask->child_id);
        ask->decided = tdh_err_json(&why);
    } else {
        ask->decided = json_incref(json_array_get(event, 3));
    }
    ask->attempt = 1;
    if (tdh_meters_parse(json_array_get(event, 4), &used))
        tdh_budget_known(ask, &used);
    return ask->decided != NULL
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate the outcome of a child run");
}

static int answer_ended(struct tdh_engine *engine, struct tdh_ask_entry *ask, struct td_err *err)
{
    struct tdh_rows rows = { .err = err };
    json_t *record;
    int rc = -1;

    if (tdh_store_get(engine->options.store, TDH_RUN_SPACE, ask->child_id, &record, NULL, err) != 0)
        return -1;
    rows.run = strtoull(tdh_json_str(record, "key", "0"), NULL, 16);
    json_decref(record);
    if (tdh_rows_last(engine->options.store, &rows, err) == 0)
        rc = note_outcome(
            ask, json_array_get(rows.list[0].value, json_array_size(rows.list[0].value) - 1), err);
    tdh_rows_free(&rows);
    return rc;
}

static int resume_child(struct tdh_engine *engine, struct tdh_ask_entry *ask,
                        const struct tdh_resume *resume, struct td_err *err)
{
    json_t *record = NULL;
    struct tdh_run *child;

    if (tdh_store_get(engine->options.store, TDH_RUN_SPACE, ask->child_id, &record, NULL, err) != 0)
        return err->code == TD_E_NOTFOUND ? 0 : -1; /* it never began */
    json_decref(record);
    if (tdh_child_is_async(ask)) { /* it has begun, and is resumed by itself */
        ask->decision = TDH_DECIDE_DONE;
        ask->decided = tdh_child_told(ask);
        return ask->decided != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate an answer");
    }
    if (tdh_run_rebuild(engine, ask->child_id, resume, &child, err) != 0)
        return err->code == TD_E_EXISTS ? answer_ended(engine, ask, err) : -1;
    tdh_run_adopt(ask->run, ask, child);
    tdh_run_release(child);
    return 0;
}

static int resume_children(struct tdh_engine *engine, struct tdh_run *run,
                           const struct tdh_resume *resume, struct td_err *err)
{
    struct tdh_ask_entry *next;

    for (struct tdh_ask_entry *ask = run->first; ask != NULL; ask = next) {
        next = ask->next;
        if (ask->kind == TDH_ASK_RUN && resume_child(engine, ask, resume, err) != 0)
            return td_context(err, "step \"%s\"", ask->path);
    }
    return 0;
}

/* --- a run that cannot go on by itself is parked, and its record says why --- */

static void park(struct tdh_engine *engine, const char *id, const struct td_err *why)
{
    struct td_err err;
    json_t *record;

    if (tdh_store_get(engine->options.store, TDH_RUN_SPACE, id, &record, NULL, &err) != 0)
        return;
    json_object_set_new(record, "status", json_string(tdh_run_status_name(TDH_RUN_PARKED)));
    json_object_set_new(record, "error", tdh_err_json(why));
    if (tdh_store_put(engine->options.store, TDH_RUN_SPACE, id, record, TD_VERSION_ANY, NULL,
                      &err) != 0)
        tdh_log_err(TDH_LOG_WARNING, "run", &err);
    json_decref(record);
}

static bool is_for_parking(enum td_code code)
{
    return code == TD_E_CORRUPT || code == TD_E_LIMIT || code == TD_E_CONFIG ||
           code == TD_E_UNSUPPORTED || code == TD_E_DEPENDENCY;
}

static int read_rows(struct tdh_engine *engine, const char *id, uint64_t version,
                     struct tdh_rows *rows, struct td_err *err)
{
    return tdh_preload_take(own_hub(engine), id, version, rows)
               ? rows->rc
               : tdh_rows_tail(engine->options.store, rows, err);
}

/* The run in memory as it was, with its children; nothing of it is under way yet. */
int tdh_run_rebuild(struct tdh_engine *engine, const char *id, const struct tdh_resume *resume,
                    struct tdh_run **ret_run, struct td_err *err)
{
    struct tdh_rows rows = { .id = id, .err = err };
    struct tdh_definition *definition = NULL;
    struct tdh_run *run = NULL;
    json_t *live = NULL;
    bool is_taken = false;
    uint64_t version;
    int rc = -1;

    if (read_live(engine, id, &live, &version, err) != 0)
        return -1;
    rows.run = strtoull(tdh_json_str(live, "key", "0"), NULL, 16);
    if (take_over(engine, id, live, version, resume, err) != 0)
        goto out;
    is_taken = true;
    if (read_rows(engine, id, version, &rows, err) != 0)
        goto out;
    if (tdh_definition_find(engine, first_facts(&rows), resume->is_forced, &definition, err) != 0)
        goto out;
    run = tdh_run_new(engine, definition, id, err);
    if (run == NULL)
        goto out;
    run->key = rows.run;
    run->is_unpinned = resume->is_forced;
    run->has_row = true;
    run->tries = (unsigned)json_integer_value(json_object_get(live, "tries"));
    run->holds++; /* its own, until it has ended */
    if (rebuild(run, &rows, err) == 0 && check_targets(run, resume, err) == 0 &&
        check_tries(run, resume, err) == 0 && resume_children(engine, run, resume, err) == 0) {
        if (!has_call(run))
            run->tries = 0;
        tdh_run_count(run);
        *ret_run = run;
        rc = 0;
    } else {
        discard(engine, run);
        is_taken = false;
    }
out:
    if (rc != 0 && is_taken)
        give_back(engine, id, live);
    if (rc != 0 && is_for_parking(err->code))
        park(engine, id, err);
    tdh_definition_release(definition);
    json_decref(live);
    tdh_rows_free(&rows);
    return rc;
}

/* Sets what was open to work again, children first. */
static void go_on(struct tdh_run *run, const struct tdh_resume *resume)
{
    struct tdh_ask_entry *next;

    run->watch = resume->watch;
    run->watch_arg = resume->watch_arg;
    run->is_record_due = true;
    tdh_journal_touch(run);
    tdh_budget_resume(run, resume);
    if (run->is_finish_asked) {
        tdh_fold_end(run, run->finish_status, run->output, &run->why);
        return;
    }
    for (struct tdh_ask_entry *ask = run->first; ask != NULL; ask = next) {
        next = ask->next;
        if (ask->child != NULL) {
            ask->child->depth = run->depth + 1;
            go_on(ask->child, resume);
            if (ask->is_stopped && ask->child != NULL)
                tdh_run_cancel(ask->child);
        } else {
            tdh_execute_resumed(ask, resume);
        }
    }
    if (resume->is_wanted)
        tdh_run_go_on(run);
}

int tdh_run_resume(struct tdh_engine *engine, const char *id, const struct tdh_resume *resume,
                   struct tdh_run **ret_run, struct td_err *err)
{
    struct tdh_run *run;
    json_t *mail;

    if (engine->options.store == NULL)
        return td_fail(err, TD_E_UNSUPPORTED, "runs are not kept: there is no store");
    if (tdh_mail_read(engine, id, &mail, err) != 0)
        return -1;
    if (tdh_run_rebuild(engine, id, resume, &run, err) != 0) {
        json_decref(mail);
        return -1;
    }
    tdh_log(TDH_LOG_INFO, "run", TDH_FACTS(TDH_S("run", id)), "resumed a run");
    run->holds++; /* it may end with what it was sent */
    run->is_resuming = true;
    tdh_mail_graft(run, mail);
    run->is_resuming = false;
    go_on(run, resume);
    tdh_mail_take(run, mail); /* before anything of it begins: no call does in this turn */
    json_decref(mail);
    tdh_run_release(run);
    *ret_run = run;
    return 0;
}
