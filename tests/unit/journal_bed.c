/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal_bed: a workflow with something of everything that a journal tells of.
 */
#include "journal_bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "flow/flow.h"
#include "run/snapshot.h"

enum { PATIENCE_MS = 20000, TURNS = 12 };

static const char workflow[] =
    "id: t\nvariables: {n: 0}\nnodes:\n"
    "- {id: s, type: start, next: [a, l, w, c]}\n"
    "- {id: a, type: task, agent: known, action: do, inputs: {fail: 1}, outputs: {n: '${vars.n + "
    "1}'}, retry: {max_attempts: 3, initial: 1ms, max: 1ms}, compensate: {agent: ext, action: do, "
    "inputs: {die: true}}, next: m}\n"
    "- {id: m, type: map, over: [1, 2, 3], max_parallel: 2, max_failures: 1, next: z, body: ["
    "{id: x, type: task, agent: pure, action: do, inputs: {i: '${item}', long: "
    "'a text that is long enough for a snapshot to refer to it instead of having it once more, "
    "which takes some hundred bytes'}, next: y}, {id: y, type: sleep, duration: 1ms}]}\n"
    "- {id: l, type: loop, times: 2, next: z, body: [{id: b, type: task, agent: idem, action: do, "
    "inputs: {i: '${index}'}}]}\n"
    "- {id: w, type: wait, signal: go, timeout: 1h, next: e}\n"
    "- {id: c, type: subworkflow, workflow: script, inputs: [[[wait, x]]], next: e}\n"
    "- {id: z, type: task, agent: pure, action: do, inputs: {all: '${nodes.a.output}'}, next: e}\n"
    "- {id: e, type: end, output: '${nodes.z.output}'}\n";

static struct tdh_definition *the_definition; /* of the life that is on */

static int remake(void *arg, const json_t *text, const char *edition,
                  struct tdh_definition **ret_definition, struct td_err *err)
{
    (void)edition;
    (void)arg;
    (void)text;
    (void)err;
    *ret_definition = tdh_definition_hold(the_definition);
    return 0;
}

static void enter(struct life *life)
{
    struct tdh_run_kind kind = { .kind = "workflow", .remake = remake };
    struct td_err err;
    struct tdh_yaml *yaml = tdh_yaml_parse(workflow, strlen(workflow), "t.yaml", &err);

    the_definition = yaml != NULL ? tdh_flow_read(yaml, NULL, &err) : NULL;
    if (the_definition == NULL || tdh_run_register(life->engine, &kind, &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    tdh_yaml_free(yaml);
}

static void leave(void)
{
    tdh_definition_release(the_definition);
    the_definition = NULL;
}

/* --- making one --- */

struct making {
    enum journal_kind kind;
    char *id;
};

static bool has_row_with(struct fake_disk *disk, const char *text)
{
    bool is_there = false;

    pthread_mutex_lock(&disk->lock);
    for (size_t i = 0; i < disk->row_count && !is_there; i++)
        is_there = strstr(disk->rows[i].value, text) != NULL;
    for (size_t i = 0; i < disk->record_count && !is_there; i++)
        is_there = strcmp(disk->records[i].space, text) == 0;
    pthread_mutex_unlock(&disk->lock);
    return is_there;
}

/* Until a row with that text is durable, or a record of that space, or the process is dead. */
static void wait_for(const struct life *life, const char *text)
{
    for (unsigned ms = 0; !has_row_with(life->world->disk, text); ms++) {
        if (fake_disk_is_gone(life->world->disk))
            return;
        if (ms == PATIENCE_MS) {
            fprintf(stderr, "the journal never tells of %s\n", text);
            abort();
        }
        tdh_co_wait(tdh_clock_mono_ns() + 1000000);
    }
}

static void make(struct life *life)
{
    struct making *making = life->arg;
    json_t *input = json_object();
    struct tdh_run_start start = { .input = input };
    struct tdh_run *run;
    struct td_err err;

    enter(life);
    start.definition = the_definition;
    if (tdh_run_start(life->engine, &start, &run, &err) != 0)
        abort();
    snprintf(making->id, TDH_ID_SIZE, "%s", tdh_run_id(run));
    wait_for(life, "\"z\"]");
    if (making->kind == JOURNAL_SNAPSHOTS)
        wait_for(life, TDH_SNAP_SPACE);
    if (making->kind == JOURNAL_UNDOING)
        tdh_run_cancel(run);
    else
        tdh_run_signal(run, "early", input, &err);
    wait_for(life, making->kind == JOURNAL_UNDOING ? "never" : "\"early\"");
    tdh_run_release(run);
    json_decref(input);
    leave();
}

void journal_make(enum journal_kind kind, struct world *world, char id[static TDH_ID_SIZE])
{
    struct making making = { kind, id };

    world_make(world);
    world->is_blocking = false;
    world->snapshot_bytes = kind == JOURNAL_SNAPSHOTS ? 64 : 1 << 20;
    live(world, make, &making);
    world->disk->allowed = 0;
    world->is_second = true;
}

void journal_copy(const struct world *from, struct world *world)
{
    const struct fake_disk *disk = from->disk;
    struct fake_disk *to;

    world_make(world);
    world->is_blocking = false;
    world->is_second = true;
    world->snapshot_bytes = from->snapshot_bytes;
    json_object_update(world->effects, from->effects);
    json_object_update(world->attempts, from->attempts);
    to = world->disk;
    to->records = calloc(disk->record_count + 1, sizeof(*to->records));
    to->rows = calloc(disk->row_count + 1, sizeof(*to->rows));
    to->index = calloc(disk->index_count + 1, sizeof(*to->index));
    to->record_count = to->record_room = disk->record_count;
    to->row_count = to->row_room = disk->row_count;
    to->index_count = to->index_room = disk->index_count;
    memcpy(to->index, disk->index, disk->index_count * sizeof(*to->index));
    for (size_t i = 0; i < disk->record_count; i++) {
        to->records[i] = disk->records[i];
        to->records[i].space = strdup(disk->records[i].space);
        to->records[i].key = strdup(disk->records[i].key);
        to->records[i].value = strdup(disk->records[i].value);
    }
    for (size_t i = 0; i < disk->row_count; i++) {
        to->rows[i] = disk->rows[i];
        to->rows[i].value = strdup(disk->rows[i].value);
    }
}

static struct fake_record *find_record(const struct world *world, const char *space,
                                       const char *key)
{
    for (size_t i = 0; i < world->disk->record_count; i++)
        if (strcmp(world->disk->records[i].space, space) == 0 &&
            strcmp(world->disk->records[i].key, key) == 0)
            return &world->disk->records[i];
    return NULL;
}

static const char *record_of(const struct world *world, const char *space, const char *key)
{
    const struct fake_record *record = find_record(world, space, key);

    return record != NULL ? record->value : NULL;
}

const char *journal_snapshot(const struct world *world, const char *id)
{
    return record_of(world, TDH_SNAP_SPACE, id);
}

void journal_set_snapshot(struct world *world, const char *id, char *value)
{
    struct fake_record *record = find_record(world, TDH_SNAP_SPACE, id);

    free(record->value);
    record->value = value;
    record->length = strlen(value);
}

size_t journal_first(const struct world *world, const char *id, uint64_t *ret_run)
{
    const char *live_text = record_of(world, TDH_LIVE_SPACE, id);
    const struct fake_disk *disk = world->disk;
    struct td_err err;
    json_t *record = tdh_json_parse(live_text, strlen(live_text), "record", &err);
    const char *snapshot = journal_snapshot(world, id);
    uint64_t seq = 0;
    size_t row = 0;

    *ret_run = strtoull(tdh_json_str(record, "key", "0"), NULL, 16);
    json_decref(record);
    for (size_t i = 0; i < disk->index_count; i++)
        if (disk->index[i].version == *ret_run)
            seq = disk->index[i].length;
    if (snapshot != NULL)
        seq = tdh_snapshot_after(snapshot);
    while (row < disk->row_count && disk->rows[row].seq != seq)
        row++;
    return row;
}

void journal_set(struct world *world, size_t row, char *value)
{
    free(world->disk->rows[row].value);
    world->disk->rows[row].value = value;
    world->disk->rows[row].length = strlen(value);
}

/* --- resuming one --- */

struct resuming {
    const char *id;
    struct resumed *resumed;
};

static void let_it_go_on(void)
{
    for (unsigned i = 0; i < TURNS; i++)
        tdh_co_wait(tdh_clock_mono_ns());
}

static void resume(struct life *life)
{
    static const struct tdh_resume forced = { .is_forced = true };
    struct resuming *resuming = life->arg;
    struct resumed *resumed = resuming->resumed;
    json_t *payload = json_object();
    struct tdh_run *run;
    struct td_err err;

    enter(life);
    resumed->is_refused =
        tdh_run_resume(life->engine, resuming->id, &forced, &run, &resumed->err) != 0;
    if (!resumed->is_refused) {
        let_it_go_on();
        resumed->is_idle = run->first == NULL && !run->is_ended && !run->is_broken;
        if (!run->is_ended)
            tdh_run_signal(run, "go", payload, &err);
        let_it_go_on();
        if (!run->is_ended)
            tdh_run_cancel(run);
        let_it_go_on();
        tdh_run_release(run);
    }
    json_decref(payload);
    leave();
}

void journal_resume(struct world *world, const char *id, struct resumed *ret_resumed)
{
    struct resuming resuming = { id, ret_resumed };
    const char *record;

    *ret_resumed = (struct resumed){ 0 };
    live(world, resume, &resuming);
    record = record_of(world, TDH_RUN_SPACE, id);
    ret_resumed->is_parked = record != NULL && strstr(record, "\"parked\"") != NULL;
}
