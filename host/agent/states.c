/* SPDX-License-Identifier: Apache-2.0 */
/*
 * states: the tree of versions of an agent's state, in two spaces of records: one list for each
 * agent, and the states by agent and number.
 */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"

static const char lists[] = TDH_STATES_SPACE, saved[] = "agent.state.saved";

enum { KEYS_MAX = 32, KEY_BYTES = 64, PREFIX_MIN = 4, RECORD_KEY = 64 + TDH_STATE_ID + 1 };

/* --- the list --- */

int tdh_states_read(struct tdh_store *store, const char *agent, struct tdh_states *ret_versions,
                    struct td_err *err)
{
    *ret_versions = (struct tdh_states){ .agent = agent };
    if (tdh_store_get(store, lists, agent, &ret_versions->list, &ret_versions->guard, err) == 0)
        return 0;
    if (err->code != TD_E_NOTFOUND)
        return td_context(err, "could not read the versions of the state of agent \"%s\"", agent);
    ret_versions->list = json_pack("{s:n, s:[]}", "newest", "versions");
    return ret_versions->list != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate a list");
}

void tdh_states_end(struct tdh_states *versions)
{
    json_decref(versions->list);
    versions->list = NULL;
}

static const char *id_of(const json_t *note)
{
    return tdh_json_str(note, "id", "");
}

static const json_t *find_id(const json_t *list, const char *id)
{
    const json_t *note;
    size_t i;

    json_array_foreach (json_object_get(list, "versions"), i, note)
        if (strcmp(id_of(note), id) == 0)
            return note;
    return NULL;
}

const json_t *tdh_states_newest(const struct tdh_states *versions)
{
    const char *id = tdh_json_str(versions->list, "newest", NULL);

    return id != NULL ? find_id(versions->list, id) : NULL;
}

static int fail_unknown(const struct tdh_states *versions, const char *word, struct td_err *err)
{
    if (json_array_size(json_object_get(versions->list, "versions")) == 0)
        return td_fail(err, TD_E_NOTFOUND, "of agent \"%s\" no state was saved", versions->agent);
    td_fail(err, TD_E_NOTFOUND, "the state of agent \"%s\" has no version \"%.40s\"",
            versions->agent, word);
    return td_hint(err, "\"tdev agent state list %s\" shows them", versions->agent);
}

const json_t *tdh_states_find(const struct tdh_states *versions, const char *word,
                              struct td_err *err)
{
    const json_t *note, *found = NULL;
    size_t i, length = strlen(word);

    if (strcmp(word, "newest") == 0)
        found = tdh_states_newest(versions);
    else if (length >= PREFIX_MIN)
        json_array_foreach (json_object_get(versions->list, "versions"), i, note) {
            if (strncmp(id_of(note), word, length) != 0)
                continue;
            if (found != NULL) {
                td_fail(err, TD_E_INVAL, "several versions of agent \"%s\" begin with \"%s\"",
                        versions->agent, word);
                return NULL;
            }
            found = note;
        }
    if (found == NULL)
        fail_unknown(versions, word, err);
    return found;
}

/* --- numbers and sums --- */

char *tdh_state_text(const json_t *state, char sha256[static TDH_SHA256_HEX])
{
    char *text = tdh_json_text(state, TDH_JSON_SORTED);

    if (text != NULL)
        tdh_sha256_hex(text, strlen(text), sha256);
    return text;
}

/* All of the note that its number vouches for. */
static int print_id(const char *agent, const json_t *note, char id[static TDH_STATE_ID])
{
    char hex[TDH_SHA256_HEX], *text = NULL;
    int length = asprintf(&text, "%s\n%s\n%s\n%lld\n%lld\n%s\n%s", agent,
                          tdh_json_str(note, "sha256", ""), tdh_json_str(note, "parent", ""),
                          (long long)json_integer_value(json_object_get(note, "version")),
                          (long long)json_integer_value(json_object_get(note, "time_us")),
                          tdh_json_str(note, "by", ""), tdh_json_str(note, "why", ""));

    if (length < 0)
        return -1;
    tdh_sha256_hex(text, (size_t)length, hex);
    memcpy(id, hex, TDH_STATE_ID - 1);
    id[TDH_STATE_ID - 1] = '\0';
    free(text);
    return 0;
}

static void print_key(const char *agent, const char *id, char key[static RECORD_KEY])
{
    snprintf(key, RECORD_KEY, "%.64s/%.16s", agent, id);
}

/* --- reading one --- */

static int fail_damaged(const struct tdh_states *versions, const json_t *note, const char *why,
                        struct td_err *err)
{
    const char *parent = tdh_json_str(note, "parent", "");

    td_fail(err, TD_E_CORRUPT, "version %s of the state of agent \"%s\" is damaged: %s",
            id_of(note), versions->agent, why);
    if (find_id(versions->list, parent) != NULL)
        return td_hint(err, "\"tdev agent state rollback %s %s\" goes back to the one before it",
                       versions->agent, parent);
    return td_hint(err, "the one before it is not kept; \"tdev agent state list %s\" shows others",
                   versions->agent);
}

static int check_state(const struct tdh_states *versions, const json_t *note, const json_t *state,
                       struct td_err *err)
{
    char sha256[TDH_SHA256_HEX], id[TDH_STATE_ID], why[200];
    const char *want = tdh_json_str(note, "sha256", "");
    char *text = state != NULL ? tdh_state_text(state, sha256) : NULL;

    if (state == NULL)
        return fail_damaged(versions, note, "its record holds no state", err);
    if (text == NULL || print_id(versions->agent, note, id) != 0) {
        free(text);
        return td_fail(err, TD_E_NOMEM, "could not allocate the state of agent \"%s\"",
                       versions->agent);
    }
    free(text);
    snprintf(why, sizeof(why), "its SHA-256 is %s, %.64s was saved", sha256, want);
    if (strcmp(sha256, want) != 0)
        return fail_damaged(versions, note, why, err);
    if (strcmp(id, id_of(note)) != 0)
        return fail_damaged(versions, note, "what is known of it is not what its number says", err);
    return 0;
}

int tdh_states_get(struct tdh_store *store, const struct tdh_states *versions, const json_t *note,
                   json_t **ret_state, struct td_err *err)
{
    char key[RECORD_KEY];
    json_t *record = NULL;
    int rc;

    print_key(versions->agent, id_of(note), key);
    if (tdh_store_get(store, saved, key, &record, NULL, err) != 0) {
        if (err->code == TD_E_NOTFOUND)
            return fail_damaged(versions, note, "its record is not there", err);
        if (err->code == TD_E_CORRUPT) {
            char why[160];

            snprintf(why, sizeof(why), "%.150s", err->text);
            return fail_damaged(versions, note, why, err);
        }
        return -1;
    }
    rc = check_state(versions, note, json_object_get(record, "state"), err);
    if (rc == 0)
        *ret_state = json_incref(json_object_get(record, "state"));
    json_decref(record);
    return rc;
}

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

/* Splits the list: what stays is returned, new; the rest is added to gone. */
static json_t *leave_out(const json_t *list, const char *replaces, unsigned keep, int64_t ttl_ms,
                         json_t *gone)
{
    json_t *notes = json_object_get(list, "versions"), *left = json_array(), *note;
    const char *newest = tdh_json_str(list, "newest", "");
    int64_t oldest_us = ttl_ms > 0 ? tdh_clock_us() - ttl_ms * 1000 : INT64_MIN;
    unsigned counts[2] = { count_kind(notes, false), count_kind(notes, true) };
    size_t i;

    json_array_foreach (notes, i, note) {
        bool is_old = json_integer_value(json_object_get(note, "time_us")) < oldest_us;
        bool is_replaced = replaces != NULL && strcmp(id_of(note), replaces) == 0;
        unsigned *count = &counts[is_aside(note)];

        if (strcmp(id_of(note), newest) != 0 && (is_old || is_replaced || *count > keep)) {
            --*count;
            json_array_append(gone, note);
        } else {
            json_array_append(left, note);
        }
    }
    return left;
}

/* --- writing --- */

/* A batch: the list, one version at most, and those that go. */
struct batch {
    struct td_op *ops;
    struct td_op **places;
    char (*keys)[RECORD_KEY];
    struct tdh_buf list, state;
    size_t count;
};

static void batch_end(struct batch *batch)
{
    free(batch->ops);
    free(batch->places);
    free(batch->keys);
    tdh_buf_free(&batch->list);
    tdh_buf_free(&batch->state);
}

static int batch_begin(struct batch *batch, size_t room, struct td_err *err)
{
    *batch = (struct batch){ .ops = calloc(room, sizeof(*batch->ops)),
                             .places = calloc(room, sizeof(*batch->places)),
                             .keys = calloc(room, sizeof(*batch->keys)) };
    return batch->ops != NULL && batch->places != NULL && batch->keys != NULL
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate a commit");
}

static struct td_op *batch_add(struct batch *batch, enum td_op_kind kind, const char *space,
                               const char *agent, const char *id)
{
    struct td_op *op = &batch->ops[batch->count];
    char *key = batch->keys[batch->count];

    if (id != NULL)
        print_key(agent, id, key);
    else
        snprintf(key, RECORD_KEY, "%s", agent);
    *op = (struct td_op){ TD_SIZE(struct td_op),
                          .kind = kind,
                          .space = space,
                          .key = key,
                          .version = TD_VERSION_ANY,
                          .time_us = tdh_clock_us() };
    batch->places[batch->count++] = op;
    return op;
}

static void put_json(struct td_op *op, struct tdh_buf *buf, const json_t *value, uint64_t version)
{
    tdh_buf_json(buf, value, 0);
    op->value = (struct td_bytes){ buf->data, buf->length };
    op->version = version;
}

/* The list takes the place of what it was. added: {state: ...} of the version `id`, or NULL. */
static int commit(struct tdh_store *store, struct tdh_states *versions, const json_t *list,
                  const json_t *gone, const char *id, const json_t *added, struct td_err *err)
{
    struct batch batch;
    struct td_op *op;
    const json_t *note;
    size_t i;
    int rc = batch_begin(&batch, json_array_size(gone) + 2, err);

    if (rc != 0)
        goto out;
    op = batch_add(&batch, TD_OP_PUT, lists, versions->agent, NULL);
    put_json(op, &batch.list, list, versions->guard);
    if (added != NULL)
        put_json(batch_add(&batch, TD_OP_PUT, saved, versions->agent, id), &batch.state, added,
                 TD_VERSION_ANY);
    json_array_foreach (gone, i, note)
        batch_add(&batch, TD_OP_DELETE, saved, versions->agent, id_of(note));
    rc = batch.list.failed || batch.state.failed
             ? td_fail(err, TD_E_NOMEM, "could not write the state of agent \"%s\" as JSON",
                       versions->agent)
             : tdh_store_commit(store, batch.places, batch.count, NULL, err);
    if (rc == 0)
        versions->guard = op->ret_version;
out:
    batch_end(&batch);
    return rc;
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

/* new; NULL: err */
static json_t *make_note(const char *agent, const struct tdh_state_new *version, struct td_err *err)
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
    if (note == NULL || text == NULL || print_id(agent, note, id) != 0 ||
        json_object_set_new(note, "id", json_string(id)) != 0 ||
        (version->is_aside && json_object_set_new(note, "aside", json_true()) != 0)) {
        json_decref(note);
        td_fail(err, TD_E_NOMEM, "could not allocate a version of the state of agent \"%s\"",
                agent);
        return NULL;
    }
    return note;
}

/* The list with the note in it, less what goes; new. */
static json_t *next_list(const struct tdh_states *versions, json_t *note,
                         const struct tdh_state_new *version, json_t *gone)
{
    json_t *notes = json_copy(json_object_get(versions->list, "versions")), *list;
    const char *newest =
        version->is_aside ? tdh_json_str(versions->list, "newest", NULL) : id_of(note);

    json_array_append(notes, note);
    list = json_pack("{s:s?, s:o}", "newest", newest, "versions", notes);
    if (list != NULL)
        json_object_set_new(
            list, "versions",
            leave_out(list, version->replaces, version->keep, version->ttl_ms, gone));
    return list;
}

int tdh_states_add(struct tdh_store *store, struct tdh_states *versions,
                   const struct tdh_state_new *version, const json_t **ret_note, struct td_err *err)
{
    json_t *note = make_note(versions->agent, version, err), *gone = json_array(), *list = NULL;
    json_t *added = json_pack("{s:O}", "state", version->state);
    int rc = -1;

    if (note != NULL)
        list = next_list(versions, note, version, gone);
    if (note != NULL && (list == NULL || added == NULL))
        td_fail(err, TD_E_NOMEM, "could not allocate the versions of agent \"%s\"",
                versions->agent);
    else if (note != NULL)
        rc = commit(store, versions, list, gone, id_of(note), added, err);
    if (rc == 0) {
        json_decref(versions->list);
        versions->list = json_incref(list);
        if (ret_note != NULL)
            *ret_note = note;
    }
    json_decref(note);
    json_decref(gone);
    json_decref(list);
    json_decref(added);
    return rc;
}

int tdh_states_prune(struct tdh_store *store, struct tdh_states *versions, unsigned keep,
                     int64_t ttl_ms, bool is_dry, json_t **ret_gone, struct td_err *err)
{
    json_t *gone = json_array(), *list = json_copy(versions->list);
    int rc = 0;

    json_object_set_new(list, "versions", leave_out(list, NULL, keep, ttl_ms, gone));
    if (!is_dry && json_array_size(gone) > 0)
        rc = commit(store, versions, list, gone, NULL, NULL, err);
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
