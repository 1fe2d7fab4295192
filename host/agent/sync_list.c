/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sync_list: which of two lists of versions has gone on, and what the other lacks.
 *
 * What became the newest of a store stands in its list without `aside`; what lost a conflict and
 * was merged stands there as `aside` and `merged`. The newest comes from all of these. What is only
 * `aside` lost against another host, and nothing comes from it.
 */
#include "agent/sync_list.h"

#include <string.h>

#include "agent/states_shared.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"

const char *tdh_sync_relation_name(enum tdh_sync_relation relation)
{
    static const char *const names[] = { "none", "same", "ahead", "behind", "conflict" };

    return names[relation];
}

/* --- questions --- */

static bool is_in_line(const json_t *note)
{
    return note != NULL && (!json_is_true(json_object_get(note, "aside")) ||
                            json_is_true(json_object_get(note, "merged")));
}

static bool knows(const json_t *list, const char *id)
{
    return is_in_line(tdh_states_by_id(list, id));
}

enum tdh_sync_relation tdh_sync_compare(const json_t *here, const json_t *there)
{
    const char *ours = tdh_json_str(here, "newest", NULL),
               *theirs = tdh_json_str(there, "newest", NULL);
    bool is_ahead, is_behind;

    if (ours == NULL || theirs == NULL)
        return ours != NULL ? TDH_SYNC_AHEAD : theirs != NULL ? TDH_SYNC_BEHIND : TDH_SYNC_NONE;
    if (strcmp(ours, theirs) == 0)
        return TDH_SYNC_SAME;
    is_ahead = knows(here, theirs);
    is_behind = knows(there, ours);
    if (is_ahead == is_behind)
        return TDH_SYNC_CONFLICT;
    return is_ahead ? TDH_SYNC_AHEAD : TDH_SYNC_BEHIND;
}

/* A list has what a version comes from before it, but for what was merged. */
const json_t *tdh_sync_common(const json_t *here, const json_t *there)
{
    const json_t *notes = json_object_get(here, "versions");
    const char *ours = tdh_json_str(here, "newest", ""),
               *theirs = tdh_json_str(there, "newest", "");

    if (knows(there, ours))
        return tdh_states_by_id(here, ours);
    if (knows(here, theirs))
        return tdh_states_by_id(here, theirs);
    for (size_t i = json_array_size(notes); i > 0; i--) {
        const json_t *note = json_array_get(notes, i - 1);

        if (is_in_line(note) && knows(there, tdh_state_id(note)))
            return note;
    }
    return NULL;
}

json_t *tdh_sync_missing(const json_t *from, const json_t *to)
{
    json_t *missing = json_array(), *note;
    bool failed = missing == NULL;
    size_t i;

    json_array_foreach (json_object_get(from, "versions"), i, note)
        if (is_in_line(note) && !knows(to, tdh_state_id(note)))
            failed |= json_array_append(missing, note) != 0;
    if (!failed)
        return missing;
    json_decref(missing);
    return NULL;
}

/* --- changes --- */

static int put(json_t *list, json_t *note)
{
    json_t *notes = json_object_get(list, "versions"), *other;
    size_t i;

    if (note == NULL)
        return -1;
    json_array_foreach (notes, i, other)
        if (strcmp(tdh_state_id(other), tdh_state_id(note)) == 0)
            return json_array_set_new(notes, i, note);
    return json_array_append_new(notes, note);
}

int tdh_sync_put(json_t *list, const json_t *note)
{
    return put(list, json_copy((json_t *)(uintptr_t)note));
}

int tdh_sync_put_aside(json_t *list, const json_t *note)
{
    json_t *copy = json_copy((json_t *)(uintptr_t)note);

    if (copy != NULL && json_object_set_new(copy, "aside", json_true()) == 0 &&
        json_object_set_new(copy, "merged", json_true()) == 0)
        return put(list, copy);
    json_decref(copy);
    return -1;
}

int tdh_sync_name(json_t *list, bool *ret_is_new)
{
    char id[TDH_ID_SIZE];

    *ret_is_new = json_object_get(list, "name") == NULL;
    if (!*ret_is_new)
        return 0;
    tdh_id_new(id);
    return json_object_set_new(list, "name", json_string(id));
}

static void drop_oldest(json_t *peers)
{
    const char *name, *oldest = NULL;
    json_int_t oldest_us = 0;
    json_t *mark;

    json_object_foreach (peers, name, mark) {
        json_int_t time_us = json_integer_value(json_object_get(mark, "time_us"));

        if (oldest == NULL || time_us < oldest_us) {
            oldest = name;
            oldest_us = time_us;
        }
    }
    json_object_del(peers, oldest);
}

int tdh_sync_mark(json_t *list, const char *name, const char *id, bool *ret_is_new)
{
    json_t *peers = json_object_get(list, "peers"), *mark = json_object_get(peers, name);

    *ret_is_new = strcmp(tdh_state_id(mark), id) != 0;
    if (!*ret_is_new)
        return 0;
    if (peers == NULL) {
        peers = json_object();
        if (json_object_set_new(list, "peers", peers) != 0)
            return -1;
    }
    if (mark == NULL && json_object_size(peers) >= TDH_SYNC_PEERS)
        drop_oldest(peers);
    return json_object_set_new(
        peers, name, json_pack("{s:s, s:I}", "id", id, "time_us", (json_int_t)tdh_clock_us()));
}
