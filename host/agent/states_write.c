/* SPDX-License-Identifier: Apache-2.0 */
/*
 * states_write: adds versions of an agent's state and takes some away: always one commit, guarded
 * by the list.
 */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/states_shared.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"

enum { KEYS_MAX = 32, KEY_BYTES = 64 };

/* --- what is too old, or too many --- */

static bool is_aside(const json_t *note)
{
    return json_is_true(json_object_get(note, "aside"));
}

static unsigned count_kind(const json_t *notes, bool is_of_aside)
{
    unsigned count = 0;
    const json_t *note;
    size_t i;

    json_array_foreach (notes, i, note)
        count += is_aside(note) == is_of_aside;
    return count;
}

/* The newest stays, and what another store had last when they were synchronised: from there it is
 * told which of the two went on. */
static bool must_stay(const json_t *list, const char *id)
{
    const char *peer;
    json_t *mark;

    json_object_foreach (json_object_get(list, "peers"), peer, mark)
        if (strcmp(tdh_state_id(mark), id) == 0)
            return true;
    return strcmp(tdh_json_str(list, "newest", ""), id) == 0;
}

/* Splits the list: what stays is returned, new; the rest is added to gone. */
static json_t *leave_out(const json_t *list, const char *replaces, unsigned keep, int64_t ttl_ms,
                         json_t *gone)
{
    json_t *notes = json_object_get(list, "versions"), *left = json_array(), *note;
    int64_t oldest_us = ttl_ms > 0 ? tdh_clock_us() - ttl_ms * 1000 : INT64_MIN;
    unsigned counts[2] = { count_kind(notes, false), count_kind(notes, true) };
    size_t i;

    json_array_foreach (notes, i, note) {
        bool is_old = json_integer_value(json_object_get(note, "time_us")) < oldest_us;
        bool is_replaced = replaces != NULL && strcmp(tdh_state_id(note), replaces) == 0;
        unsigned *count = &counts[is_aside(note)];

        if ((is_old || is_replaced || *count > keep) && !must_stay(list, tdh_state_id(note))) {
            --*count;
            json_array_append(gone, note);
        } else {
            json_array_append(left, note);
        }
    }
    return left;
}

/* --- writing --- */

/* A batch: the list, the versions that are new, and those that go. */
struct batch {
    struct td_op *ops;
    struct td_op **places;
    char (*keys)[TDH_STATE_KEY];
    struct tdh_buf *values; /* as many */
    size_t count;
    bool failed;
};

static void batch_end(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        tdh_buf_free(&batch->values[i]);
    free(batch->ops);
    free(batch->places);
    free(batch->keys);
    free(batch->values);
}

static int batch_begin(struct batch *batch, size_t room, struct td_err *err)
{
    *batch = (struct batch){ .ops = calloc(room, sizeof(*batch->ops)),
                             .places = calloc(room, sizeof(*batch->places)),
                             .keys = calloc(room, sizeof(*batch->keys)),
                             .values = calloc(room, sizeof(*batch->values)) };
    return batch->ops != NULL && batch->places != NULL && batch->keys != NULL &&
                   batch->values != NULL
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate a commit");
}

static struct td_op *batch_add(struct batch *batch, enum td_op_kind kind, const char *space,
                               const char *agent, const char *id)
{
    struct td_op *op = &batch->ops[batch->count];
    char *key = batch->keys[batch->count];

    if (id != NULL)
        tdh_state_print_key(agent, id, key);
    else
        snprintf(key, TDH_STATE_KEY, "%s", agent);
    *op = (struct td_op){ TD_SIZE(struct td_op),
                          .kind = kind,
                          .space = space,
                          .key = key,
                          .version = TD_VERSION_ANY,
                          .time_us = tdh_clock_us() };
    batch->places[batch->count++] = op;
    return op;
}

/* The value of the operation that was added last. */
static void put_json(struct batch *batch, const json_t *value)
{
    struct tdh_buf *buf = &batch->values[batch->count - 1];

    tdh_buf_json(buf, value, 0);
    batch->failed |= buf->failed;
    batch->ops[batch->count - 1].value = (struct td_bytes){ buf->data, buf->length };
}

static void put_state(struct batch *batch, const char *agent, const char *id, json_t *state)
{
    json_t *record = json_pack("{s:O}", "state", state);

    batch_add(batch, TD_OP_PUT, TDH_STATES_SAVED, agent, id);
    put_json(batch, record);
    json_decref(record);
}

/* The list takes the place of what it was. states: {id: state} of those that are new, or NULL. */
static int commit(struct tdh_store *store, struct tdh_states *versions, const json_t *list,
                  const json_t *gone, const json_t *states, struct td_err *err)
{
    struct batch batch;
    struct td_op *head = NULL;
    const json_t *note;
    json_t *state;
    const char *id;
    size_t i;
    int rc = batch_begin(&batch, json_array_size(gone) + json_object_size(states) + 1, err);

    if (rc != 0)
        goto out;
    head = batch_add(&batch, TD_OP_PUT, TDH_STATES_SPACE, versions->agent, NULL);
    head->version = versions->guard;
    put_json(&batch, list);
    json_object_foreach ((json_t *)(uintptr_t)states, id, state)
        if (tdh_states_by_id(list, id) != NULL)
            put_state(&batch, versions->agent, id, state);
    json_array_foreach (gone, i, note)
        batch_add(&batch, TD_OP_DELETE, TDH_STATES_SAVED, versions->agent, tdh_state_id(note));
    rc = batch.failed
             ? td_fail(err, TD_E_NOMEM, "could not write the state of agent \"%s\" as JSON",
                       versions->agent)
             : tdh_store_commit(store, batch.places, batch.count, NULL, err);
    if (rc == 0)
        versions->guard = head->ret_version;
out:
    batch_end(&batch);
    return rc;
}

/* As tdh_states_replace; replaces: one more that goes, or NULL. */
static int replace(struct tdh_store *store, struct tdh_states *versions, const json_t *list,
                   const json_t *states, const char *replaces, unsigned keep, int64_t ttl_ms,
                   struct td_err *err)
{
    json_t *gone = json_array(), *next = json_copy((json_t *)(uintptr_t)list);
    int rc;

    if (gone == NULL || next == NULL ||
        json_object_set_new(next, "versions", leave_out(list, replaces, keep, ttl_ms, gone)) != 0)
        rc = td_fail(err, TD_E_NOMEM, "could not allocate the versions of agent \"%s\"",
                     versions->agent);
    else
        rc = commit(store, versions, next, gone, states, err);
    if (rc == 0) {
        json_decref(versions->list);
        versions->list = json_incref(next);
    }
    json_decref(gone);
    json_decref(next);
    return rc;
}

int tdh_states_replace(struct tdh_store *store, struct tdh_states *versions, const json_t *list,
                       const json_t *states, unsigned keep, int64_t ttl_ms, struct td_err *err)
{
    return replace(store, versions, list, states, NULL, keep, ttl_ms, err);
}

/* Who adds it: the person and the process. */
static void print_by(char *text, size_t size)
{
    char host[80] = "?", room[1024];
    struct passwd person, *found = NULL;

    gethostname(host, sizeof(host) - 1);
    if (getpwuid_r(geteuid(), &person, room, sizeof(room), &found) != 0 || found == NULL)
        snprintf(text, size, "user %d, process %d on %s", (int)geteuid(), (int)getpid(), host);
    else
        snprintf(text, size, "%.60s, process %d on %s", person.pw_name, (int)getpid(), host);
}

static json_t *list_keys(const json_t *state)
{
    json_t *keys = json_array(), *value;
    const char *key;

    json_object_foreach ((json_t *)(uintptr_t)state, key, value)
        if (json_array_size(keys) < KEYS_MAX)
            json_array_append_new(keys,
                                  strlen(key) <= KEY_BYTES ? json_string(key) : json_string("..."));
    return keys;
}

json_t *tdh_states_note(const char *agent, const struct tdh_state_new *version, struct td_err *err)
{
    char sha256[TDH_SHA256_HEX], by[256], id[TDH_STATE_ID];
    char *text = tdh_state_text(version->state, sha256);
    size_t size = text != NULL ? strlen(text) : 0;
    json_t *note;

    free(text);
    if (size > TD_STATE_BYTES_MAX) {
        td_fail(err, TD_E_LIMIT, "a state of %zu bytes is too long, the most is %u", size,
                TD_STATE_BYTES_MAX);
        return NULL;
    }
    print_by(by, sizeof(by));
    note =
        json_pack("{s:s, s:s?, s:s*, s:s, s:s, s:s*, s:I, s:I, s:s, s:s, s:s*, s:I, s:s, s:o}",
                  "id", "", "parent", version->parent, "from", version->from, "why", version->why,
                  "by", by, "note", version->note, "time_us", (json_int_t)tdh_clock_us(), "version",
                  (json_int_t)version->version, "plugin", version->plugin, "plugin_version",
                  version->plugin_version, "edition", version->edition, "size", (json_int_t)size,
                  "sha256", sha256, "keys", list_keys(version->state));
    if (note == NULL || text == NULL || tdh_state_print_id(agent, note, id) != 0 ||
        json_object_set_new(note, "id", json_string(id)) != 0 ||
        (version->is_aside && json_object_set_new(note, "aside", json_true()) != 0)) {
        json_decref(note);
        td_fail(err, TD_E_NOMEM, "could not allocate a version of the state of agent \"%s\"",
                agent);
        return NULL;
    }
    return note;
}

/* The list with the note in it; new. */
static json_t *next_list(const struct tdh_states *versions, json_t *note, bool is_of_aside)
{
    json_t *list = json_copy(versions->list);
    json_t *notes = json_copy(json_object_get(versions->list, "versions"));

    json_array_append(notes, note);
    json_object_set_new(list, "versions", notes);
    if (!is_of_aside)
        json_object_set(list, "newest", json_object_get(note, "id"));
    return list;
}

int tdh_states_add(struct tdh_store *store, struct tdh_states *versions,
                   const struct tdh_state_new *version, const json_t **ret_note, struct td_err *err)
{
    json_t *note = tdh_states_note(versions->agent, version, err), *list = NULL, *states = NULL;
    int rc = -1;

    if (note != NULL) {
        list = next_list(versions, note, version->is_aside);
        states = json_pack("{s:O}", tdh_state_id(note), version->state);
    }
    if (note != NULL && (list == NULL || states == NULL))
        td_fail(err, TD_E_NOMEM, "could not allocate the versions of agent \"%s\"",
                versions->agent);
    else if (note != NULL)
        rc = replace(store, versions, list, states, version->replaces, version->keep,
                     version->ttl_ms, err);
    if (rc == 0 && ret_note != NULL)
        *ret_note = note; /* the list has it */
    json_decref(note);
    json_decref(list);
    json_decref(states);
    return rc;
}

int tdh_states_prune(struct tdh_store *store, struct tdh_states *versions, unsigned keep,
                     int64_t ttl_ms, bool is_dry, json_t **ret_gone, struct td_err *err)
{
    json_t *gone = json_array(), *list = json_copy(versions->list);
    int rc = 0;

    json_object_set_new(list, "versions", leave_out(list, NULL, keep, ttl_ms, gone));
    if (!is_dry && json_array_size(gone) > 0)
        rc = commit(store, versions, list, gone, NULL, err);
    if (rc == 0 && !is_dry) {
        json_decref(versions->list);
        versions->list = json_incref(list);
    }
    json_decref(list);
    if (rc == 0)
        *ret_gone = gone;
    else
        json_decref(gone);
    return rc;
}
