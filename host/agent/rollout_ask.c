/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollout_ask: what others see of rollouts, and want of them, through their files.
 */
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/rollout.h"
#include "base/buf.h"
#include "base/json.h"

enum { RECORDS_MAX = 10000 };

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_record(const struct dirent *file)
{
    size_t length = strlen(file->d_name);

    return length > 5 && strcmp(file->d_name + length - 5, ".json") == 0;
}

json_t *tdh_rollouts_list(const char *dir, struct td_err *err)
{
    struct dirent **files = NULL;
    int count = scandir(dir, &files, is_record, by_name);
    json_t *list = json_array();

    for (int i = 0; i < count; i++) {
        char name[NAME_MAX + 1];
        json_t *record;

        snprintf(name, sizeof(name), "%.*s", (int)strlen(files[i]->d_name) - 5, files[i]->d_name);
        record = i < RECORDS_MAX ? tdh_rollout_record(dir, name) : NULL;
        if (record != NULL)
            json_array_append_new(list, record);
        free(files[i]);
    }
    free(files);
    if (list == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate a list of rollouts");
    return list;
}

static int write_file(const char *dir, const char *plugin, const char *kind, json_t *value,
                      struct td_err *err)
{
    char path[PATH_MAX];
    char *text = value != NULL ? tdh_json_text(value, 0) : NULL;
    int rc = -1;

    mkdir(dir, S_IRWXU);
    if (text == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate a file of \"%s\"", plugin);
    else if (snprintf(path, sizeof(path), "%s/%s.%s", dir, plugin, kind) >= PATH_MAX)
        td_fail(err, TD_E_LIMIT, "the path of folder \"%s\" is too long", dir);
    else
        rc = tdh_file_write(path, text, strlen(text), S_IRUSR | S_IWUSR, err);
    free(text);
    json_decref(value);
    return rc;
}

/* --- wishes --- */

/* What becomes of a state by a wish; NULL: it makes no sense. */
static const char *state_after(const char *state, bool is_rollback)
{
    bool is_trial = strcmp(state, "trial") == 0;

    if (is_rollback)
        return is_trial || strcmp(state, "done") == 0 ? "rolled_back" : NULL;
    if (is_trial)
        return "done";
    return strcmp(state, "rolled_back") == 0 ? "promoted" : NULL;
}

/* No tdevd is there to ask: the next host that loads the plugin goes by the record. */
static int write_down(const char *dir, const char *plugin, json_t *record, const char *state,
                      struct td_err *err)
{
    bool is_back = strcmp(state, "rolled_back") == 0;
    char why[TD_ERR_TEXT] = "";

    if (is_back)
        snprintf(why, sizeof(why), "plugin \"%s\": version %s was rolled back: somebody wanted it",
                 plugin, tdh_json_str(json_object_get(record, "next"), "version", ""));
    json_object_set_new(record, "state", json_string(state));
    json_object_set_new(record, "why", json_string(why));
    return tdh_rollout_write(dir, plugin, record, err);
}

static int fail_state(const char *plugin, const char *state, struct td_err *err)
{
    if (state[0] == '\0')
        td_fail(err, TD_E_NOTFOUND, "of plugin \"%s\" no other version was rolled out", plugin);
    else
        td_fail(err, TD_E_CONFLICT, "the rollout of plugin \"%s\" is \"%s\"", plugin, state);
    return td_hint(err, "\"tdev plugin status\" shows what was rolled out");
}

int tdh_rollouts_wish(const char *dir, const char *plugin, const char *wish, bool is_served,
                      struct td_err *err)
{
    json_t *record = tdh_rollout_record(dir, plugin);
    const char *state = tdh_json_str(record, "state", "");
    const char *after = state_after(state, strcmp(wish, "rollback") == 0);
    int rc;

    if (after == NULL)
        rc = fail_state(plugin, state, err);
    else if (is_served)
        rc = write_file(dir, plugin, "wish", json_pack("{s:s}", "wish", wish), err);
    else
        rc = write_down(dir, plugin, record, after, err);
    json_decref(record);
    return rc;
}

/* --- plans --- */

static int check_plan(json_t *plan, struct td_err *err)
{
    char *text = tdh_json_text(plan, 0);
    struct tdh_yaml *yaml =
        text != NULL ? tdh_yaml_parse(text, strlen(text), "the plan", err) : NULL;
    struct tdh_rollout_plan read;
    int rc = yaml != NULL ? tdh_rollout_plan_read(yaml, "", yaml->root, &read, err) : -1;

    free(text);
    tdh_yaml_free(yaml);
    if (rc != 0)
        err->code = TD_E_INVAL;
    return rc;
}

int tdh_rollouts_plan(const char *dir, const char *plugin, const char *version, const json_t *plan,
                      struct td_err *err)
{
    json_t *copy = json_copy((json_t *)(uintptr_t)plan);

    if (copy == NULL || json_object_set_new(copy, "version", json_string(version)) != 0) {
        json_decref(copy);
        return td_fail(err, TD_E_NOMEM, "could not allocate the plan of \"%s\"", plugin);
    }
    if (check_plan(copy, err) != 0) {
        json_decref(copy);
        return -1;
    }
    return write_file(dir, plugin, "plan", copy, err);
}
