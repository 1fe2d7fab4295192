/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting: what was set of named agents, read from the store and laid over what their files say.
 */
#include "agent/setting.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/near.h"

/* What may be set, and whether a name follows: "timeout", "options.NAME". What an agent is, and
 * what it may do, is said by its file only. */
static const struct {
    const char *key;
    bool is_map;
} keys[] = {
    { "options", true }, { "retry", true },        { "cache", true },        { "init", true },
    { "stop", true },    { "pool", true },         { "timeout", false },     { "in_doubt", false },
    { "queue", false },  { "concurrency", false }, { "description", false }, { "tags", false },
};
enum { KEYS = sizeof(keys) / sizeof(keys[0]), KEY_MAX = 128 };

int tdh_setting_check_path(const char *path, struct td_err *err)
{
    size_t length = strcspn(path, "."), i = 0;
    const char *names[KEYS], *near;
    char key[KEY_MAX];

    snprintf(key, sizeof(key), "%.*s", (int)(length < KEY_MAX ? length : KEY_MAX - 1), path);
    while (i < KEYS && strcmp(keys[i].key, key) != 0) {
        names[i] = keys[i].key;
        i++;
    }
    if (i == KEYS) {
        near = tdh_near(key, names, KEYS);
        return td_fail(err, TD_E_INVAL, "\"%.64s\" cannot be set%s%s%s", path,
                       near ? ", did you mean \"" : "", near ? near : "", near ? "\"" : "");
    }
    if (strlen(path) >= KEY_MAX || keys[i].is_map != (path[length] == '.') ||
        (keys[i].is_map && path[length + 1] == '\0'))
        return td_fail(err, TD_E_INVAL, "\"%.64s\" cannot be set as a whole, must be %s%s", path,
                       key, keys[i].is_map ? ".NAME" : "");
    return 0;
}

const json_t *tdh_setting_get(const json_t *text, const char *path)
{
    const char *dot = strchr(path, '.');
    char key[KEY_MAX];

    if (dot == NULL)
        return json_object_get(text, path);
    snprintf(key, sizeof(key), "%.*s", (int)(dot - path), path);
    return json_object_get(json_object_get(text, key), dot + 1);
}

static int lay_one(json_t *text, const char *path, json_t *value)
{
    const char *dot = strchr(path, '.');
    char key[KEY_MAX];
    json_t *map;

    if (dot == NULL)
        return json_object_set(text, path, value);
    snprintf(key, sizeof(key), "%.*s", (int)(dot - path), path);
    map = json_object_get(text, key);
    if (!json_is_object(map)) {
        map = json_object();
        if (json_object_set_new(text, key, map) != 0)
            return -1;
    }
    return json_object_set(map, dot + 1, value);
}

json_t *tdh_setting_lay(const json_t *text, const json_t *set)
{
    json_t *whole = text != NULL ? json_deep_copy(text) : json_object(), *value;
    const char *path;

    json_object_foreach ((json_t *)(uintptr_t)set, path, value)
        if (whole != NULL && lay_one(whole, path, value) != 0) {
            json_decref(whole);
            return NULL;
        }
    return whole;
}

/* --- of all agents --- */

void tdh_setting_free(void *value)
{
    struct tdh_setting *setting = value;

    json_decref(setting->set);
    free(setting);
}

const struct tdh_setting *tdh_setting_of(const struct tdh_agents *agents, const char *name)
{
    return tdh_map_get(&agents->settings, name);
}

int tdh_setting_put(struct tdh_agents *agents, const char *name, uint64_t version, json_t *set,
                    struct td_err *err)
{
    struct tdh_setting *setting = calloc(1, sizeof(*setting));
    void *old = NULL;

    if (setting != NULL)
        *setting = (struct tdh_setting){ version, set };
    if (setting == NULL || tdh_map_set(&agents->settings, name, setting, &old) != 0) {
        json_decref(set);
        free(setting);
        return td_fail(err, TD_E_NOMEM, "could not allocate what was set of agent \"%s\"", name);
    }
    if (old != NULL)
        tdh_setting_free(old);
    return 0;
}

int tdh_agents_settings(struct tdh_agents *agents, struct tdh_store *store, struct td_err *err)
{
    json_t *list, *row;
    size_t i;
    int rc = 0;

    if (tdh_store_list(store, TDH_SETTING_SPACE, "", NULL, TDH_SETTING_AGENTS, 0, &list, err) != 0)
        return -1;
    tdh_agents_lock(agents);
    json_array_foreach (list, i, row)
        if (rc == 0)
            rc = tdh_setting_put(agents, tdh_json_str(row, "key", ""),
                                 (uint64_t)json_integer_value(json_object_get(row, "version")),
                                 json_incref(json_object_get(json_object_get(row, "value"), "set")),
                                 err);
    tdh_agents_unlock(agents);
    json_decref(list);
    return rc;
}
