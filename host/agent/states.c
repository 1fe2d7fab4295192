/* SPDX-License-Identifier: Apache-2.0 */
/*
 * states: reads the versions of an agent's state, and holds them against their numbers.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/states_shared.h"
#include "base/buf.h"
#include "base/json.h"

enum { PREFIX_MIN = 4 };

/* --- the list --- */

int tdh_states_read(struct tdh_store *store, const char *agent, struct tdh_states *ret_versions,
                    struct td_err *err)
{
    *ret_versions = (struct tdh_states){ .agent = agent };
    if (tdh_store_get(store, TDH_STATES_SPACE, agent, &ret_versions->list, &ret_versions->guard,
                      err) == 0)
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

const char *tdh_state_id(const json_t *note)
{
    return tdh_json_str(note, "id", "");
}

const json_t *tdh_states_by_id(const json_t *list, const char *id)
{
    const json_t *note;
    size_t i;

    json_array_foreach (json_object_get(list, "versions"), i, note)
        if (strcmp(tdh_state_id(note), id) == 0)
            return note;
    return NULL;
}

const json_t *tdh_states_newest(const struct tdh_states *versions)
{
    const char *id = tdh_json_str(versions->list, "newest", NULL);

    return id != NULL ? tdh_states_by_id(versions->list, id) : NULL;
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
            if (strncmp(tdh_state_id(note), word, length) != 0)
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

/* All of the note that its number vouches for; of what was merged also with what. */
int tdh_state_print_id(const char *agent, const json_t *note, char id[static TDH_STATE_ID])
{
    char hex[TDH_SHA256_HEX], *text = NULL;
    const char *why = tdh_json_str(note, "why", "");
    bool is_merged = strcmp(why, "merged") == 0;
    int length = asprintf(&text, "%s\n%s\n%s\n%lld\n%lld\n%s\n%s%s%s", agent,
                          tdh_json_str(note, "sha256", ""), tdh_json_str(note, "parent", ""),
                          (long long)json_integer_value(json_object_get(note, "version")),
                          (long long)json_integer_value(json_object_get(note, "time_us")),
                          tdh_json_str(note, "by", ""), why, is_merged ? "\n" : "",
                          is_merged ? tdh_json_str(note, "from", "") : "");

    if (length < 0)
        return -1;
    tdh_sha256_hex(text, (size_t)length, hex);
    memcpy(id, hex, TDH_STATE_ID - 1);
    id[TDH_STATE_ID - 1] = '\0';
    free(text);
    return 0;
}

void tdh_state_print_key(const char *agent, const char *id, char key[static TDH_STATE_KEY])
{
    snprintf(key, TDH_STATE_KEY, "%.64s/%.16s", agent, id);
}

/* --- reading one --- */

static int fail_damaged(const struct tdh_states *versions, const json_t *note, const char *why,
                        struct td_err *err)
{
    const char *parent = tdh_json_str(note, "parent", "");

    td_fail(err, TD_E_CORRUPT, "version %s of the state of agent \"%s\" is damaged: %s",
            tdh_state_id(note), versions->agent, why);
    if (tdh_states_by_id(versions->list, parent) != NULL)
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
    if (text == NULL || tdh_state_print_id(versions->agent, note, id) != 0) {
        free(text);
        return td_fail(err, TD_E_NOMEM, "could not allocate the state of agent \"%s\"",
                       versions->agent);
    }
    free(text);
    snprintf(why, sizeof(why), "its SHA-256 is %s, %.64s was saved", sha256, want);
    if (strcmp(sha256, want) != 0)
        return fail_damaged(versions, note, why, err);
    if (strcmp(id, tdh_state_id(note)) != 0)
        return fail_damaged(versions, note, "what is known of it is not what its number says", err);
    return 0;
}

int tdh_states_get(struct tdh_store *store, const struct tdh_states *versions, const json_t *note,
                   json_t **ret_state, struct td_err *err)
{
    char key[TDH_STATE_KEY];
    json_t *record = NULL;
    int rc;

    tdh_state_print_key(versions->agent, tdh_state_id(note), key);
    if (tdh_store_get(store, TDH_STATES_SAVED, key, &record, NULL, err) != 0) {
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
