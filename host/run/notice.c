/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notice: what of a run's life others want to hear of. It is written out when it happens, and goes
 * into the write of the event that tells it in the journal.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err_json.h"
#include "base/json.h"
#include "run/internal.h"

static const char *const names[TDH_NOTICES] = { "started", "completed", "failed", "cancelled",
                                                "waiting" };

const char *tdh_notice_name(enum tdh_notice_kind kind)
{
    return names[kind];
}

bool tdh_notice_parse(const char *name, enum tdh_notice_kind *ret_kind)
{
    for (unsigned i = 0; i < TDH_NOTICES; i++)
        if (strcmp(names[i], name) == 0) {
            *ret_kind = (enum tdh_notice_kind)i;
            return true;
        }
    return false;
}

unsigned tdh_notices_named(const char *choice)
{
    static const struct {
        const char *choice;
        unsigned notices;
    } rows[] = {
        { "failed", TDH_NOTICE_BIT(TDH_NOTICE_FAILED) },
        { "ended", TDH_NOTICE_BIT(TDH_NOTICE_COMPLETED) | TDH_NOTICE_BIT(TDH_NOTICE_FAILED) |
                       TDH_NOTICE_BIT(TDH_NOTICE_CANCELLED) },
        { "all", TDH_NOTICE_ALL },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].choice, choice) == 0)
            return rows[i].notices;
    return 0;
}

void tdh_run_announce(struct tdh_engine *engine, const struct tdh_notice_port *port)
{
    engine->port = port != NULL ? *port : (struct tdh_notice_port){ 0 };
}

/* --- which --- */

/* The kind has checked its text: "all", or a list of names. */
void tdh_notices_read(struct tdh_definition *definition)
{
    const json_t *announce = json_object_get(definition->text, "announce"), *name;
    enum tdh_notice_kind kind;
    size_t i;

    definition->has_notices = announce != NULL;
    definition->notices = json_is_string(announce) ? TDH_NOTICE_ALL : 0;
    json_array_foreach (announce, i, name)
        if (json_is_string(name) && tdh_notice_parse(json_string_value(name), &kind))
            definition->notices |= TDH_NOTICE_BIT(kind);
}

unsigned tdh_notices_of(const struct tdh_engine *engine, const struct tdh_definition *definition)
{
    const struct tdh_run_kind *kind;

    if (engine->port.print == NULL)
        return 0;
    if (definition->has_notices || engine->options.notices == 0)
        return definition->notices;
    kind = tdh_run_kind_of((struct tdh_engine *)(uintptr_t)engine, definition->kind, 0);
    return kind != NULL && kind->target == TD_TARGET_WORKFLOW ? engine->options.notices : 0;
}

/* --- what they say --- */

/* One that is too large is left in the run, and its size is told. */
static int set_bounded(json_t *data, const char *key, json_t *value)
{
    size_t bytes = json_dumpb(value, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
    char size_key[32];

    if (bytes <= TDH_NOTICE_BYTES)
        return json_object_set(data, key, value);
    snprintf(size_key, sizeof(size_key), "%s_bytes", key);
    return json_object_set_new(data, size_key, json_integer((json_int_t)bytes));
}

static int set_time(json_t *data, const char *key, int64_t time_us)
{
    char text[40];

    return json_object_set_new(data, key,
                               json_string(tdh_clock_print(time_us, text, sizeof(text))));
}

static json_t *facts_of(const struct tdh_run *run)
{
    const struct tdh_definition *definition = run->definition;
    json_t *data =
        json_pack("{s:s, s:s, s:s*, s:s, s:o, s:s*}", "run", run->id, "workflow", definition->name,
                  "version", definition->version[0] != '\0' ? definition->version : NULL, "status",
                  tdh_run_status_name(run->status), "tags",
                  run->tags != NULL ? json_incref(run->tags) : json_array(), "parent",
                  run->parent_id[0] != '\0' ? run->parent_id : NULL);

    if (data != NULL && set_time(data, "started", run->created_us) == 0)
        return data;
    json_decref(data);
    return NULL;
}

static int set_outcome(const struct tdh_run *run, json_t *data, json_t *output,
                       const struct td_err *error)
{
    if (set_time(data, "ended", run->now_us) != 0)
        return -1;
    if (run->status == TDH_RUN_DONE)
        return set_bounded(data, "output", output);
    return error->code == TD_OK ? 0 : json_object_set_new(data, "error", tdh_err_json(error));
}

static int set_question(json_t *data, const struct tdh_ask_entry *ask)
{
    return json_object_set_new(data, "step", json_string(ask->path)) == 0
               ? set_bounded(data, "about", ask->config)
               : -1;
}

/* Takes data. */
static json_t *only_whole(json_t *data, int rc)
{
    if (rc == 0)
        return data;
    json_decref(data);
    return NULL;
}

/* Takes data. A notice that cannot be written stops the run, as an event of the journal does. */
static void add_note(struct tdh_run *run, enum tdh_notice_kind kind, json_t *data)
{
    const struct tdh_notice notice = {
        .kind = kind, .run = run->id, .hops = run->hops, .time_us = run->now_us, .data = data
    };
    struct tdh_note *note = data != NULL ? calloc(1, sizeof(*note)) : NULL;

    if (note != NULL)
        run->engine->port.print(run->engine->port.arg, &notice, &note->text);
    json_decref(data);
    if (note == NULL || note->text.failed) {
        tdh_notes_free(note);
        tdh_run_break(run, "no memory to tell others of it");
        return;
    }
    note->time_us = run->now_us;
    *(run->notes_last != NULL ? &run->notes_last->next : &run->notes) = note;
    run->notes_last = note;
    run->note_count++;
}

void tdh_notice_start(struct tdh_run *run)
{
    add_note(run, TDH_NOTICE_STARTED, facts_of(run));
}

static bool is_question(const struct tdh_ask_entry *ask)
{
    return ask->kind == TDH_ASK_WAIT && ask->name == NULL;
}

static void tell_question(struct tdh_run *run, const struct tdh_ask_entry *ask)
{
    json_t *data = facts_of(run);

    add_note(run, TDH_NOTICE_WAITING, only_whole(data, data != NULL ? set_question(data, ask) : 0));
}

void tdh_notice_ask(struct tdh_run *run, const struct tdh_ask_entry *ask)
{
    if (tdh_notice_is_wanted(run, TDH_NOTICE_WAITING) && is_question(ask))
        tell_question(run, ask);
}

void tdh_notice_end(struct tdh_run *run, json_t *output, const struct td_err *error)
{
    static const enum tdh_notice_kind kinds[] = { [TDH_RUN_DONE] = TDH_NOTICE_COMPLETED,
                                                  [TDH_RUN_FAILED] = TDH_NOTICE_FAILED,
                                                  [TDH_RUN_CANCELLED] = TDH_NOTICE_CANCELLED };
    enum tdh_notice_kind kind = kinds[run->status];
    json_t *data;

    if (!tdh_notice_is_wanted(run, kind))
        return;
    data = facts_of(run);
    add_note(run, kind, only_whole(data, data != NULL ? set_outcome(run, data, output, error) : 0));
}

void tdh_notices_begin(struct tdh_run *run)
{
    run->now_us = run->created_us;
    if ((run->notices & TDH_NOTICE_BIT(TDH_NOTICE_STARTED)) != 0)
        tdh_notice_start(run);
    if ((run->notices & TDH_NOTICE_BIT(TDH_NOTICE_WAITING)) == 0)
        return;
    for (const struct tdh_ask_entry *ask = run->first; ask != NULL; ask = ask->next)
        if (is_question(ask))
            tell_question(run, ask);
}

/* --- on their way --- */

struct tdh_note *tdh_notes_fly(struct tdh_run *run)
{
    run->flying_notes = run->notes;
    run->notes = run->notes_last = NULL;
    run->note_count = 0;
    return run->flying_notes;
}

struct td_op tdh_note_op(const struct tdh_run *run, const struct tdh_note *note)
{
    return (struct td_op){ TD_SIZE(struct td_op), .kind = TD_OP_PUBLISH,
                           .space = run->engine->port.topic, .time_us = note->time_us,
                           .value = { note->text.data, note->text.length } };
}

int tdh_notes_commit(struct tdh_run *run, const struct td_op *ops, size_t count, struct td_err *err)
{
    const struct tdh_notice_port *port = &run->engine->port;
    size_t all = count + run->note_count, failed, at = 0;
    struct td_op *cells = calloc(all, sizeof(*cells)), **list = calloc(all, sizeof(*list));
    int rc = -1;

    if (cells == NULL || list == NULL || run->is_broken) {
        td_fail(err, TD_E_NOMEM, "could not allocate what is to be written of run %s", run->id);
        goto out;
    }
    memcpy(cells, ops, count * sizeof(*ops));
    at = count;
    for (const struct tdh_note *note = run->notes; note != NULL; note = note->next)
        cells[at++] = tdh_note_op(run, note);
    for (size_t i = 0; i < all; i++)
        list[i] = &cells[i];
    rc = tdh_store_commit(run->engine->options.store, list, all, &failed, err);
    if (rc == 0 && all > count)
        port->told(port->arg, (unsigned)(all - count));
out:
    free(cells);
    free(list);
    return rc;
}

void tdh_notes_free(struct tdh_note *notes)
{
    while (notes != NULL) {
        struct tdh_note *next = notes->next;

        tdh_buf_free(&notes->text);
        free(notes);
        notes = next;
    }
}
