/* SPDX-License-Identifier: Apache-2.0 */
/*
 * set: changes what was set of a named agent. The whole of it is checked by making the agent once,
 * with its file and what would hold then, and ending it again; only then is it written, and only
 * if nobody else has written meanwhile.
 */
#include <string.h>

#include "agent/route.h"
#include "agent/setting.h"
#include "base/clock.h"
#include "base/hook.h"
#include "base/json.h"

struct change {
    struct tdh_agents *agents;
    struct tdh_store *store;
    const char *name, *source;
    struct tdh_yaml *yaml;               /* NULL: it has no file */
    const struct tdh_manifest *manifest; /* borrowed for a moment */
    json_t *record;                      /* as it is; {} */
    uint64_t version;                    /* of that; TD_VERSION_ABSENT */
    json_t *set;                         /* as it is to be */
    json_t *changes;                     /* [{path, old, new}], secrets hidden */
};

static const json_t *file_text(const struct change *change)
{
    return change->yaml != NULL ? change->yaml->root : NULL;
}

static int fail_memory(const struct change *change, struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate what is set of agent \"%s\"", change->name);
}

/* --- what there is --- */

static int read_record(struct change *change, struct td_err *err)
{
    change->version = TD_VERSION_ABSENT;
    if (tdh_store_get(change->store, TDH_SETTING_SPACE, change->name, &change->record,
                      &change->version, err) == 0)
        return 0;
    if (err->code != TD_E_NOTFOUND)
        return -1;
    change->record =
        json_pack("{s:{}, s:i, s:i, s:[]}", "set", "number", 0, "forgotten", 0, "history");
    return change->record != NULL ? 0 : fail_memory(change, err);
}

static int open_change(struct change *change, struct td_err *err)
{
    const struct tdh_plugin_entry *entry;

    if (!tdh_agent_is_name(change->name))
        return td_fail(err, TD_E_NOTFOUND, "there is no agent \"%.64s\"", change->name);
    if (tdh_route_is(change->agents, change->name))
        return td_fail(err, TD_E_UNSUPPORTED,
                       "agent \"%s\" is a route: its file says how it chooses", change->name);
    entry = tdh_agents_entry(change->agents, change->name, err);
    if (entry == NULL ||
        tdh_agent_file(change->agents, change->name, &change->yaml, NULL, err) != 0)
        return -1;
    change->manifest = entry->manifest;
    return read_record(change, err);
}

static void close_change(struct change *change)
{
    tdh_yaml_free(change->yaml);
    json_decref(change->record);
    json_decref(change->set);
    json_decref(change->changes);
}

static bool is_secret(const struct tdh_manifest *manifest, const char *path)
{
    for (size_t i = 0; strncmp(path, "options.", 8) == 0 && i < manifest->option_count; i++)
        if (strcmp(manifest->options[i].name, path + 8) == 0)
            return manifest->options[i].is_secret;
    return false;
}

/* --- what is to be --- */

static json_t *shown(const struct change *change, const char *path, const json_t *value)
{
    return value != NULL && is_secret(change->manifest, path)
               ? json_string(TDH_SETTING_HIDDEN)
               : json_incref((json_t *)(uintptr_t)value);
}

/* Only what is another then is a change. */
static int note_changes(struct change *change, const json_t *paths, struct td_err *err)
{
    json_t *before = tdh_setting_lay(file_text(change), json_object_get(change->record, "set")),
           *after = tdh_setting_lay(file_text(change), change->set), *ignored;
    const char *path;
    int rc = before != NULL && after != NULL ? 0 : -1;

    change->changes = json_array();
    json_object_foreach ((json_t *)(uintptr_t)paths, path, ignored) {
        const json_t *old = tdh_setting_get(before, path), *new = tdh_setting_get(after, path);

        if (rc != 0 || old == new || (old != NULL && new != NULL &&json_equal(old, new)))
            continue;
        rc = json_array_append_new(change->changes, json_pack("{s:s, s:o*, s:o*}", "path", path,
                                                              "old", shown(change, path, old),
                                                              "new", shown(change, path, new)));
    }
    json_decref(before);
    json_decref(after);
    return rc == 0 ? 0 : fail_memory(change, err);
}

/* The agent is made once, and ended again. */
static int check(struct change *change, struct td_err *err)
{
    json_t *text = tdh_setting_lay(file_text(change), change->set);
    struct tdh_agent_template *template;
    char where[160];

    snprintf(where, sizeof(where), "agent \"%s\"", change->name);
    if (text == NULL)
        return fail_memory(change, err);
    if (json_object_size(change->set) > TDH_SETTING_PATHS ||
        tdh_agent_text_check(text, where, err) != 0) {
        json_decref(text);
        return json_object_size(change->set) > TDH_SETTING_PATHS
                   ? td_fail(err, TD_E_LIMIT, "agent \"%s\": at most %d keys can be set",
                             change->name, TDH_SETTING_PATHS)
                   : -1;
    }
    template = tdh_agent_make_of(change->agents, change->name, NULL, change->yaml, text, true, err);
    if (template == NULL)
        return td_context(err, "nothing has changed");
    tdh_agent_template_free(template);
    return 0;
}

/* --- writing --- */

static json_t *new_entry(const struct change *change, json_int_t number)
{
    char time[40];

    return json_pack("{s:I, s:s, s:s, s:O, s:O}", "number", number, "time",
                     tdh_clock_print(tdh_clock_us(), time, sizeof(time)), "source", change->source,
                     "changes", change->changes, "set", change->set);
}

/* Without the oldest changes, as far as there are too many, or too large. */
static void bound(json_t *record)
{
    json_t *history = json_object_get(record, "history");

    while (json_array_size(history) > 1 &&
           (json_array_size(history) > TDH_SETTING_HISTORY ||
            json_dumpb(record, NULL, 0, JSON_COMPACT) > TDH_SETTING_BYTES)) {
        json_int_t forgotten = json_integer_value(json_object_get(record, "forgotten"));

        json_array_remove(history, 0);
        json_object_set_new(record, "forgotten", json_integer(forgotten + 1));
    }
}

static int write_record(struct change *change, struct td_err *err)
{
    json_int_t number = json_integer_value(json_object_get(change->record, "number")) + 1;
    json_t *record = json_deep_copy(change->record);
    int rc = -1;

    if (record == NULL || json_object_set(record, "set", change->set) != 0 ||
        json_object_set_new(record, "number", json_integer(number)) != 0 ||
        json_array_append_new(json_object_get(record, "history"), new_entry(change, number)) != 0) {
        json_decref(record);
        return fail_memory(change, err);
    }
    bound(record);
    if (json_dumpb(record, NULL, 0, JSON_COMPACT) > TDH_SETTING_BYTES)
        td_fail(err, TD_E_LIMIT, "agent \"%s\": what is set has more than %d bytes as JSON",
                change->name, TDH_SETTING_BYTES);
    else
        rc = tdh_store_put(change->store, TDH_SETTING_SPACE, change->name, record, change->version,
                           NULL, err);
    if (rc != 0 && err->code == TD_E_CONFLICT) {
        td_fail(err, TD_E_CONFLICT, "agent \"%s\" was set by somebody else meanwhile",
                change->name);
        td_hint(err, "look at tdev agent history %s, and try again", change->name);
    }
    json_decref(record);
    return rc;
}

/* paths: an object whose keys may have changed. */
static int apply(struct change *change, const json_t *paths, json_t **ret_result,
                 struct td_err *err)
{
    json_int_t number = json_integer_value(json_object_get(change->record, "number"));
    bool is_other;
    json_t *result;

    if (note_changes(change, paths, err) != 0)
        return -1;
    is_other = !json_equal(change->set, json_object_get(change->record, "set"));
    if (is_other && (check(change, err) != 0 || write_record(change, err) != 0))
        return -1;
    result = json_pack("{s:s, s:I, s:O, s:s}", "agent", change->name, "number", number + is_other,
                       "changes", change->changes, "source", change->source);
    if (result == NULL)
        return fail_memory(change, err);
    if (json_array_size(change->changes) > 0)
        tdh_hook_event("agent.config.changed", result);
    *ret_result = result;
    return 0;
}

static int lay_changes(struct change *change, const json_t *values, struct td_err *err)
{
    const char *path;
    json_t *value;

    change->set = json_deep_copy(json_object_get(change->record, "set"));
    json_object_foreach ((json_t *)(uintptr_t)values, path, value) {
        if (tdh_setting_check_path(path, err) != 0)
            return td_context(err, "agent \"%s\"", change->name);
        if (json_is_null(value))
            json_object_del(change->set, path);
        else if (json_object_set(change->set, path, value) != 0)
            return fail_memory(change, err);
    }
    return change->set != NULL ? 0 : fail_memory(change, err);
}

int tdh_agents_set(struct tdh_agents *agents, struct tdh_store *store, const char *name,
                   const json_t *values, const char *source, json_t **ret_result,
                   struct td_err *err)
{
    struct change change = { .agents = agents, .store = store, .name = name, .source = source };
    int rc = -1;

    if (open_change(&change, err) == 0 && lay_changes(&change, values, err) == 0)
        rc = apply(&change, values, ret_result, err);
    close_change(&change);
    return rc;
}

/* --- back, and what there was --- */

/* The place of that change in the history; -1: it is not kept. */
static int find_past(const struct change *change, json_int_t number)
{
    const json_t *history = json_object_get(change->record, "history"), *entry;
    size_t i;

    json_array_foreach (history, i, entry)
        if (json_integer_value(json_object_get(entry, "number")) == number)
            return (int)i;
    return -1;
}

static int take_past(struct change *change, json_int_t number, struct td_err *err)
{
    json_int_t now = json_integer_value(json_object_get(change->record, "number"));
    int place;

    number = number >= 0 ? number : now - 1;
    place = find_past(change, number);
    if (now == 0 || number > now || (number != 0 && place < 0))
        return td_fail(err, TD_E_NOTFOUND,
                       now == 0 ? "nothing was set of agent \"%s\""
                                : "agent \"%s\": that change is not kept",
                       change->name);
    change->set =
        number == 0 ? json_object()
                    : json_deep_copy(json_object_get(
                          json_array_get(json_object_get(change->record, "history"), (size_t)place),
                          "set"));
    return change->set != NULL ? 0 : fail_memory(change, err);
}

/* The keys of both. */
static json_t *all_paths(const json_t *a, const json_t *b)
{
    json_t *paths = json_copy((json_t *)(uintptr_t)a);

    json_object_update(paths, (json_t *)(uintptr_t)b);
    return paths;
}

int tdh_agents_rollback(struct tdh_agents *agents, struct tdh_store *store, const char *name,
                        int64_t number, const char *source, json_t **ret_result, struct td_err *err)
{
    struct change change = { .agents = agents, .store = store, .name = name, .source = source };
    json_t *paths = NULL;
    int rc = -1;

    if (open_change(&change, err) == 0 && take_past(&change, number, err) == 0) {
        paths = all_paths(change.set, json_object_get(change.record, "set"));
        rc = apply(&change, paths, ret_result, err);
    }
    json_decref(paths);
    close_change(&change);
    return rc;
}

static void hide(const struct change *change, json_t *set)
{
    const char *path;
    json_t *value;

    json_object_foreach (set, path, value)
        if (is_secret(change->manifest, path))
            json_object_set_new(set, path, json_string(TDH_SETTING_HIDDEN));
}

int tdh_agents_past(struct tdh_agents *agents, struct tdh_store *store, const char *name,
                    json_t **ret_record, struct td_err *err)
{
    struct change change = { .agents = agents, .store = store, .name = name };
    json_t *record = NULL, *entry;
    size_t i;
    int rc = open_change(&change, err);

    if (rc == 0) {
        record = json_deep_copy(change.record);
        hide(&change, json_object_get(record, "set"));
        json_array_foreach (json_object_get(record, "history"), i, entry)
            hide(&change, json_object_get(entry, "set"));
        json_object_set_new(record, "agent", json_string(name));
        *ret_record = record;
    }
    close_change(&change);
    return rc;
}
