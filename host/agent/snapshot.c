/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapshot: entries in the order of their names, and where each value of an indexed field occurs.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/registry.h"
#include "base/json.h"

enum { ENTRIES_MAX = 1000000 };

const struct tdh_entry_row tdh_entry_rows[TDH_ENTRY_FIELDS] = {
    [TDH_ENTRY_NAME] = { "name", TDH_ENTRY_TEXT, true, "of the agent or plugin" },
    [TDH_ENTRY_KIND] = { "kind", TDH_ENTRY_TEXT, true, "agent, pattern, provider or storage" },
    [TDH_ENTRY_VERSION] = { "version", TDH_ENTRY_TEXT, true, "of the plugin" },
    [TDH_ENTRY_STATUS] = { "status", TDH_ENTRY_TEXT, true, "active, deprecated or refused" },
    [TDH_ENTRY_PLUGIN] = { "plugin", TDH_ENTRY_TEXT, true, "that the agent is an instance of" },
    [TDH_ENTRY_DESCRIPTION] = { "description", TDH_ENTRY_TEXT, false, "what it does" },
    [TDH_ENTRY_EFFECTS] = { "effects", TDH_ENTRY_TEXT, true, "the strongest of its actions" },
    [TDH_ENTRY_ISOLATION] = { "isolation", TDH_ENTRY_TEXT, true, "inline or process" },
    [TDH_ENTRY_TYPES] = { "types", TDH_ENTRY_TEXTS, true, "of its capabilities" },
    [TDH_ENTRY_CAPABILITIES] = { "capabilities", TDH_ENTRY_TEXTS, true, "names of its actions" },
    [TDH_ENTRY_TAGS] = { "tags", TDH_ENTRY_TEXTS, true, "words to find it by" },
    [TDH_ENTRY_PERMISSIONS] = { "permissions", TDH_ENTRY_MAP, false, "as in the manifest" },
    [TDH_ENTRY_CALLS] = { "calls", TDH_ENTRY_COUNT, false, "into it, since this host began" },
    [TDH_ENTRY_FAILURES] = { "failures", TDH_ENTRY_COUNT, false, "of those" },
    [TDH_ENTRY_RUNNING] = { "running", TDH_ENTRY_COUNT, false, "calls of an agent with a limit" },
};

static bool is_of_type(const json_t *value, enum tdh_entry_type type)
{
    const json_t *item;
    size_t i;

    switch (type) {
    case TDH_ENTRY_TEXT:
        return json_is_string(value);
    case TDH_ENTRY_MAP:
        return json_is_object(value);
    case TDH_ENTRY_COUNT:
        return json_is_integer(value);
    case TDH_ENTRY_TEXTS:
        json_array_foreach (value, i, item)
            if (!json_is_string(item))
                return false;
        return json_is_array(value);
    }
    return false;
}

/* --- order --- */

static int compare_rows(const void *a, const void *b)
{
    const json_t *left = *(json_t *const *)a, *right = *(json_t *const *)b;
    int order = strcmp(tdh_json_str(left, "name", ""), tdh_json_str(right, "name", ""));

    return order != 0 ? order
                      : strcmp(tdh_json_str(left, "kind", ""), tdh_json_str(right, "kind", ""));
}

static int take_rows(struct tdh_snapshot *snapshot, const json_t *rows, struct td_err *err)
{
    json_t *row;
    size_t i;

    json_array_foreach (rows, i, row)
        snapshot->rows[snapshot->count++] = json_incref(row);
    qsort(snapshot->rows, snapshot->count, sizeof(json_t *), compare_rows);
    for (uint32_t at = 1; at < snapshot->count; at++)
        if (compare_rows(&snapshot->rows[at - 1], &snapshot->rows[at]) == 0)
            return td_fail(err, TD_E_EXISTS, "registry: there are two of kind \"%s\" named \"%s\"",
                           tdh_json_str(snapshot->rows[at], "kind", ""),
                           tdh_json_str(snapshot->rows[at], "name", ""));
    return 0;
}

/* --- values --- */

static json_t *new_default(enum tdh_entry_type type)
{
    switch (type) {
    case TDH_ENTRY_TEXT:
        return json_string("");
    case TDH_ENTRY_TEXTS:
        return json_array();
    case TDH_ENTRY_MAP:
        return json_object();
    case TDH_ENTRY_COUNT:
        return json_integer(0);
    }
    return NULL;
}

static int take_values(struct tdh_snapshot *snapshot, uint32_t place, struct td_err *err)
{
    const json_t **values = &snapshot->values[(size_t)place * TDH_ENTRY_FIELDS];

    for (unsigned field = 0; field < TDH_ENTRY_FIELDS; field++) {
        const struct tdh_entry_row *row = &tdh_entry_rows[field];
        const json_t *value = json_object_get(snapshot->rows[place], row->name);

        if (value != NULL && !is_of_type(value, row->type))
            return td_fail(err, TD_E_INVAL, "registry: entry \"%s\": its \"%s\" is %s",
                           tdh_json_str(snapshot->rows[place], "name", ""), row->name,
                           tdh_json_type_name(value));
        values[field] = value != NULL ? value : snapshot->defaults[field];
    }
    return 0;
}

/* --- postings --- */

static size_t print_key(enum tdh_entry_field field, const char *text, size_t length, char *key,
                        size_t room)
{
    if (length + 1 > room)
        return 0;
    key[0] = (char)(field + 1);
    memcpy(key + 1, text, length);
    return length + 1;
}

enum { KEY_MAX = 600 }; /* longer values are not indexed: no name is so long */

const struct tdh_postings *tdh_snapshot_look(const struct tdh_snapshot *snapshot,
                                             enum tdh_entry_field field, const char *text,
                                             size_t length)
{
    char key[KEY_MAX];
    size_t size = print_key(field, text, length, key, sizeof(key));

    return size > 0 ? tdh_map_get_n(&snapshot->postings, key, size) : NULL;
}

static struct tdh_postings *find_postings(struct tdh_snapshot *snapshot, enum tdh_entry_field field,
                                          const json_t *text)
{
    char key[KEY_MAX];
    size_t size =
        print_key(field, json_string_value(text), json_string_length(text), key, sizeof(key));
    struct tdh_postings *postings = tdh_map_get_n(&snapshot->postings, key, size);

    if (postings != NULL)
        return postings;
    postings = calloc(1, sizeof(*postings));
    if (postings != NULL && tdh_map_set_n(&snapshot->postings, key, size, postings, NULL) == 0)
        return postings;
    free(postings);
    return NULL;
}

static bool add_place(struct tdh_postings *postings, uint32_t place)
{
    uint32_t room = postings->room == 0 ? 4 : postings->room * 2;
    uint32_t *grown;

    if (postings->count > 0 && postings->places[postings->count - 1] == place)
        return true; /* a word that stands twice in a list */
    if (postings->count == postings->room) {
        grown = realloc(postings->places, room * sizeof(*grown));
        if (grown == NULL)
            return false;
        postings->places = grown;
        postings->room = room;
    }
    postings->places[postings->count++] = place;
    return true;
}

static int add_value(struct tdh_snapshot *snapshot, enum tdh_entry_field field, const json_t *text,
                     uint32_t place, struct td_err *err)
{
    struct tdh_postings *postings;

    if (json_string_length(text) + 1 > KEY_MAX)
        return td_fail(err, TD_E_LIMIT, "registry: entry \"%s\": its \"%s\" has more than %d bytes",
                       tdh_json_str(snapshot->rows[place], "name", ""), tdh_entry_rows[field].name,
                       KEY_MAX - 1);
    postings = find_postings(snapshot, field, text);
    return postings != NULL && add_place(postings, place)
               ? 0
               : td_fail(err, TD_E_NOMEM, "could not allocate the index of the registry");
}

static int index_field(struct tdh_snapshot *snapshot, enum tdh_entry_field field, uint32_t place,
                       struct td_err *err)
{
    const json_t *value = snapshot->values[(size_t)place * TDH_ENTRY_FIELDS + field], *item;
    size_t i;

    if (tdh_entry_rows[field].type == TDH_ENTRY_TEXT)
        return add_value(snapshot, field, value, place, err);
    json_array_foreach (value, i, item)
        if (add_value(snapshot, field, item, place, err) != 0)
            return -1;
    return 0;
}

static int index_entry(struct tdh_snapshot *snapshot, uint32_t place, struct td_err *err)
{
    if (take_values(snapshot, place, err) != 0)
        return -1;
    for (unsigned field = 0; field < TDH_ENTRY_FIELDS; field++)
        if (tdh_entry_rows[field].is_indexed &&
            index_field(snapshot, (enum tdh_entry_field)field, place, err) != 0)
            return -1;
    return 0;
}

/* The versions there are: ranges are held against these, not against the entries. What is no
 * version is in no range. */
static int list_versions(struct tdh_snapshot *snapshot, struct td_err *err)
{
    const struct tdh_map_slot *slot;
    struct td_err ignored;
    size_t at = 0;

    snapshot->versions = calloc(snapshot->postings.count + 1, sizeof(*snapshot->versions));
    if (snapshot->versions == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the index of the registry");
    while ((slot = tdh_map_next(&snapshot->postings, &at)) != NULL) {
        struct tdh_entry_version *version = &snapshot->versions[snapshot->version_count];

        if (slot->key[0] != TDH_ENTRY_VERSION + 1 ||
            tdh_semver_parse(slot->key + 1, &version->version, &ignored) != 0)
            continue;
        version->postings = slot->value;
        snapshot->version_count++;
    }
    return 0;
}

static int fill(struct tdh_snapshot *snapshot, const json_t *rows, struct td_err *err)
{
    size_t count = json_array_size(rows);

    snapshot->rows = calloc(count + 1, sizeof(*snapshot->rows));
    snapshot->values = calloc(count + 1, sizeof(*snapshot->values) * TDH_ENTRY_FIELDS);
    if (snapshot->rows == NULL || snapshot->values == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the registry");
    for (unsigned field = 0; field < TDH_ENTRY_FIELDS; field++) {
        snapshot->defaults[field] = new_default(tdh_entry_rows[field].type);
        if (snapshot->defaults[field] == NULL)
            return td_fail(err, TD_E_NOMEM, "could not allocate the registry");
    }
    if (take_rows(snapshot, rows, err) != 0)
        return -1;
    for (uint32_t place = 0; place < snapshot->count; place++)
        if (index_entry(snapshot, place, err) != 0)
            return -1;
    return list_versions(snapshot, err);
}

struct tdh_snapshot *tdh_snapshot_new(const json_t *rows, uint64_t generation, struct td_err *err)
{
    struct tdh_snapshot *snapshot;

    if (json_array_size(rows) > ENTRIES_MAX) {
        td_fail(err, TD_E_LIMIT, "registry: %zu entries, at most %d are kept",
                json_array_size(rows), ENTRIES_MAX);
        return NULL;
    }
    snapshot = calloc(1, sizeof(*snapshot));
    if (snapshot == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the registry");
        return NULL;
    }
    snapshot->generation = generation;
    if (fill(snapshot, rows, err) == 0)
        return snapshot;
    tdh_snapshot_free(snapshot);
    return NULL;
}

static void free_postings(void *value)
{
    struct tdh_postings *postings = value;

    free(postings->places);
    free(postings);
}

void tdh_snapshot_free(struct tdh_snapshot *snapshot)
{
    if (snapshot == NULL)
        return;
    for (uint32_t place = 0; place < snapshot->count; place++)
        json_decref(snapshot->rows[place]);
    for (unsigned field = 0; field < TDH_ENTRY_FIELDS; field++)
        json_decref(snapshot->defaults[field]);
    tdh_map_free(&snapshot->postings, free_postings);
    free(snapshot->versions);
    free(snapshot->values);
    free(snapshot->rows);
    free(snapshot);
}
