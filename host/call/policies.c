/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policies: the files of the policies folders: FOLDER/NAME.yaml, those of the first folder before
 * those of the next, in each by name. A file hides one of its name in a later folder.
 *
 * The shape is a JSON Schema (conf/schema/policy.json), which editors use, too; what it cannot say
 * is checked where each part is read.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "call/internal.h"

enum { SCHEMA_BYTES = 1 << 20, NAME_MAX_BYTES = 255 };

static const struct tdh_policies *in_force;

void tdh_call_policies(const struct tdh_policies *policies)
{
    in_force = policies;
}

const struct tdh_policies *tdh_policies_in_force(void)
{
    return in_force;
}

size_t tdh_policies_count(const struct tdh_policies *policies)
{
    return policies != NULL ? policies->file_count : 0;
}

const struct tdh_yaml *tdh_policies_file(const struct tdh_policies *policies, size_t place)
{
    return policies->files[place];
}

int tdh_policies_ms(const struct tdh_yaml *yaml, const char *pointer, const json_t *object,
                    const char *key, int64_t *ms, struct td_err *err)
{
    const char *text = tdh_json_str(object, key, NULL);
    char at[200], why[TD_ERR_TEXT];
    int64_t value = 0;

    if (text == NULL)
        return 0;
    snprintf(at, sizeof(at), "%s/%s", pointer, key);
    if (tdh_duration_parse(text, &value, err) != 0) {
        memcpy(why, err->text, sizeof(why));
        return tdh_yaml_fail(yaml, at, err, TD_E_CONFIG, "\"%s\": %s", key, why);
    }
    if (value < 1 || value > TDH_POLICY_MS_MAX)
        return tdh_yaml_fail(yaml, at, err, TD_E_CONFIG, "\"%s\" is \"%s\", must be 1ms to 30d",
                             key, text);
    *ms = value;
    return 0;
}

/* --- the files of the folders --- */

static bool has_name(const struct tdh_policies *policies, const char *name)
{
    for (size_t i = 0; i < policies->file_count; i++) {
        const char *slash = strrchr(policies->files[i]->name, '/');

        if (slash != NULL && strcmp(slash + 1, name) == 0)
            return true;
    }
    return false;
}

static int is_policy(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return entry->d_name[0] != '.' && length > 5 && length <= NAME_MAX_BYTES &&
           strcmp(entry->d_name + length - 5, ".yaml") == 0;
}

static int read_schema(struct tdh_policies *policies, struct td_err *err)
{
    json_t *text = policies->schema == NULL && policies->schema_path != NULL
                       ? tdh_json_read(policies->schema_path, SCHEMA_BYTES, err)
                       : NULL;

    if (policies->schema != NULL)
        return 0;
    if (text != NULL)
        policies->schema = tdh_schema_compile(text, NULL, err);
    json_decref(text);
    return policies->schema != NULL ? 0 : td_context(err, "the shape of policies");
}

static int read_file(struct tdh_policies *policies, const char *path, struct td_err *err)
{
    struct tdh_yaml *yaml;

    if (policies->file_count == TDH_POLICY_FILES)
        return td_fail(err, TD_E_LIMIT, "%s: at most %d files of policies are read", path,
                       TDH_POLICY_FILES);
    yaml = tdh_yaml_read(path, err);
    if (yaml == NULL) {
        err->code = err->code == TD_E_NOMEM ? TD_E_NOMEM : TD_E_CONFIG;
        return -1;
    }
    policies->files[policies->file_count++] = yaml;
    if (read_schema(policies, err) != 0)
        return -1;
    if (tdh_schema_check_yaml(policies->schema, yaml, err) == 0)
        return tdh_rules_read(policies, yaml, err) == 0 ? tdh_breakers_read(policies, yaml, err)
                                                        : -1;
    if (err->code == TD_E_INVAL)
        err->code = TD_E_CONFIG;
    return -1;
}

static int read_folder(struct tdh_policies *policies, const char *folder, struct td_err *err)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_policy, alphasort), rc = 0;
    char path[4096];

    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        if (rc == 0 && !has_name(policies, entries[i]->d_name))
            rc = read_file(policies, path, err);
        free(entries[i]);
    }
    free(entries);
    return rc;
}

struct tdh_policies *tdh_policies_read(const char *const *folders, const char *schema_path,
                                       struct td_err *err)
{
    struct tdh_policies *policies = calloc(1, sizeof(*policies));
    int rc = 0;

    if (policies == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the policies");
        return NULL;
    }
    policies->schema_path = schema_path;
    for (; rc == 0 && *folders != NULL; folders++)
        rc = read_folder(policies, *folders, err);
    tdh_schema_free(policies->schema);
    policies->schema = NULL;
    policies->schema_path = NULL;
    if (rc == 0)
        return policies;
    tdh_policies_free(policies);
    return NULL;
}

void tdh_policies_free(struct tdh_policies *policies)
{
    if (policies == NULL)
        return;
    tdh_rules_free(policies);
    tdh_breakers_free(policies);
    for (size_t i = 0; i < policies->file_count; i++)
        tdh_yaml_free(policies->files[i]);
    free(policies);
}
