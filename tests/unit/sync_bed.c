/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sync_bed: the stores, and what is in them.
 */
#include "sync_bed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"

static void run_fn(void *arg)
{
    struct sync_bed *bed = arg;

    bed->fn(bed);
}

void sync_bed_run(void (*fn)(struct sync_bed *bed))
{
    struct tdh_runtime_options options = { .workers = 1, .blocking_threads = 1 };
    struct sync_bed bed = { .fn = fn };

    bed.runtime = tdh_runtime_new(&options, &bed.err);
    for (int i = 0; i < STORES; i++) {
        bed.disks[i] = fake_disk_new();
        bed.stores[i] = fake_store_open(bed.runtime, bed.disks[i], false);
    }
    assert_int_equal(tdh_runtime_run(bed.runtime, run_fn, &bed, &bed.err), 0);
    for (int i = 0; i < STORES; i++)
        tdh_store_close(bed.stores[i]);
    tdh_runtime_free(bed.runtime);
    for (int i = 0; i < STORES; i++)
        fake_disk_free(bed.disks[i]);
    json_decref(bed.report);
}

/* Forgets all that the stores hold. */
void sync_bed_begin_anew(struct sync_bed *bed)
{
    for (int i = 0; i < STORES; i++) {
        tdh_store_close(bed->stores[i]);
        fake_disk_free(bed->disks[i]);
        bed->disks[i] = fake_disk_new();
        bed->stores[i] = fake_store_open(bed->runtime, bed->disks[i], false);
    }
}

/* --- saving and looking --- */

void sync_bed_save(struct sync_bed *bed, int at, const json_t *state, unsigned keep)
{
    struct tdh_states states;
    struct tdh_state_new version = {
        .state = state,
        .version = 1,
        .plugin = "p",
        .plugin_version = "1.0.0",
        .why = "saved",
        .keep = keep,
    };

    assert_int_equal(tdh_states_read(bed->stores[at], "a", &states, &bed->err), 0);
    version.parent = tdh_json_str(tdh_states_newest(&states), "id", NULL);
    assert_int_equal(tdh_states_add(bed->stores[at], &states, &version, NULL, &bed->err), 0);
    tdh_states_end(&states);
}

void sync_bed_save_text(struct sync_bed *bed, int at, const char *text)
{
    json_t *state = json_loads(text, 0, NULL);

    sync_bed_save(bed, at, state, TDH_STATES_KEEP_MAX);
    json_decref(state);
}

/* The newest state, and its number if that is wanted. new; NULL: there is none. */
json_t *sync_bed_newest(struct sync_bed *bed, int at, char id[static TDH_STATE_ID])
{
    struct tdh_states states;
    const json_t *note;
    json_t *state = NULL;

    assert_int_equal(tdh_states_read(bed->stores[at], "a", &states, &bed->err), 0);
    note = tdh_states_newest(&states);
    snprintf(id, TDH_STATE_ID, "%s", note != NULL ? tdh_json_str(note, "id", "") : "");
    if (note != NULL)
        assert_int_equal(tdh_states_get(bed->stores[at], &states, note, &state, &bed->err), 0);
    tdh_states_end(&states);
    return state;
}

/* As text; free(). */
static char *newest_text(struct sync_bed *bed, int at)
{
    char id[TDH_STATE_ID];
    json_t *state = sync_bed_newest(bed, at, id);
    char *text = state != NULL ? json_dumps(state, JSON_COMPACT | JSON_SORT_KEYS) : strdup("-");

    json_decref(state);
    return text;
}

void sync_bed_assert_newest(struct sync_bed *bed, int at, const char *want)
{
    char *text = newest_text(bed, at);

    assert_string_equal(text, want);
    free(text);
}

/* Is there a version with that state, which can be read? */
bool sync_bed_holds(struct sync_bed *bed, int at, const char *id)
{
    struct tdh_states states;
    const json_t *note;
    json_t *state = NULL;
    bool is_there;

    assert_int_equal(tdh_states_read(bed->stores[at], "a", &states, &bed->err), 0);
    note = tdh_states_find(&states, id, &bed->err);
    is_there =
        note != NULL && tdh_states_get(bed->stores[at], &states, note, &state, &bed->err) == 0;
    json_decref(state);
    tdh_states_end(&states);
    return is_there;
}

int sync_bed_sync_of(struct sync_bed *bed, int here, int there, const struct tdh_sync *sync)
{
    json_decref(bed->report);
    bed->report = NULL;
    return tdh_states_sync(bed->stores[here], bed->stores[there], "a", sync, &bed->report,
                           &bed->err);
}

int sync_bed_sync_plain(struct sync_bed *bed, int here, int there, enum tdh_sync_choice choice)
{
    const struct tdh_sync sync = { .conflict = choice, .keep = TDH_STATES_KEEP_MAX };

    return sync_bed_sync_of(bed, here, there, &sync);
}

const char *sync_bed_told(const struct sync_bed *bed, const char *key)
{
    return tdh_json_str(bed->report, key, "-");
}
