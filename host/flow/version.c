/* SPDX-License-Identifier: Apache-2.0 */
/*
 * version: reads what is deployed.
 */
#include "flow/version.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

enum { PAGE = 500 };

static int no_memory(struct td_err *err)
{
    return td_fail(err, TD_E_NOMEM, "could not allocate the versions of workflows");
}

static void free_deployed(struct tdh_deployed *deployed)
{
    for (size_t i = 0; i < deployed->count; i++) {
        free(deployed->versions[i].name);
        json_decref(deployed->versions[i].text);
        tdh_definition_release(deployed->versions[i].definition);
    }
    free(deployed->versions);
    json_decref(deployed->head);
    free(deployed->id);
}

void tdh_versions_free(struct tdh_versions *versions)
{
    if (versions == NULL)
        return;
    for (size_t i = 0; i < versions->count; i++)
        free_deployed(&versions->list[i]);
    free(versions->list);
    free(versions);
}

static int compare_id(const void *id, const void *deployed)
{
    return strcmp(id, ((const struct tdh_deployed *)deployed)->id);
}

/* The store lists them in the order of bytes. */
struct tdh_deployed *tdh_versions_of(const struct tdh_versions *versions, const char *id)
{
    if (versions == NULL || versions->count == 0)
        return NULL;
    return bsearch(id, versions->list, versions->count, sizeof(*versions->list), compare_id);
}

struct tdh_version *tdh_version_in(const struct tdh_deployed *deployed,
                                   const struct tdh_range *range)
{
    struct tdh_version *newest = NULL;

    for (size_t i = 0; i < deployed->count; i++) {
        struct tdh_version *version = &deployed->versions[i];

        if (tdh_range_has(range, &version->number) &&
            (newest == NULL || tdh_semver_compare(&version->number, &newest->number) > 0))
            newest = version;
    }
    return newest;
}

/* --- reading --- */

/* All records of a space, page by page. */
static int each_record(struct tdh_store *store, const char *space, struct tdh_versions *versions,
                       int (*take)(struct tdh_versions *versions, const char *key, json_t *value,
                                   struct td_err *err),
                       struct td_err *err)
{
    json_t *page = NULL, *item;
    char after[TDH_FLOW_KEY] = "";
    size_t i, count = PAGE;
    int rc = 0;

    while (rc == 0 && count == PAGE) {
        if (tdh_store_list(store, space, "", after[0] != '\0' ? after : NULL, PAGE, TD_SCAN_SOUND,
                           &page, err) != 0)
            return -1;
        count = json_array_size(page);
        json_array_foreach (page, i, item)
            if (rc == 0)
                rc = take(versions, tdh_json_str(item, "key", ""), json_object_get(item, "value"),
                          err);
        snprintf(after, sizeof(after), "%s",
                 tdh_json_str(json_array_get(page, count - 1), "key", ""));
        json_decref(page);
    }
    return rc;
}

static int take_version(struct tdh_deployed *deployed, const json_t *row, struct td_err *err)
{
    const char *name = tdh_json_str(row, "version", "");
    struct tdh_version *version = &deployed->versions[deployed->count++];

    version->name = strdup(name);
    if (version->name == NULL)
        return no_memory(err);
    if (strcmp(name, tdh_json_str(deployed->head, "active", "")) == 0)
        deployed->active = deployed->count - 1;
    return tdh_semver_parse(name, &version->number, err);
}

static int take_head(struct tdh_versions *versions, const char *key, json_t *value,
                     struct td_err *err)
{
    const json_t *rows = json_object_get(value, "versions"), *row;
    size_t count = versions->count + 1, i;
    struct tdh_deployed *list = realloc(versions->list, count * sizeof(*list)), *deployed;

    if (list == NULL)
        return no_memory(err);
    versions->list = list;
    deployed = &list[versions->count++];
    *deployed = (struct tdh_deployed){
        .id = strdup(key),
        .head = json_incref(value),
        .versions = calloc(json_array_size(rows) + 1, sizeof(struct tdh_version)),
    };
    if (deployed->id == NULL || deployed->versions == NULL)
        return no_memory(err);
    json_array_foreach (rows, i, row)
        if (take_version(deployed, row, err) != 0)
            return td_context(err, "the store's record of workflow \"%s\"", key);
    return deployed->count > 0
               ? 0
               : td_fail(err, TD_E_CORRUPT, "the store's record of workflow \"%s\" has no version",
                         key);
}

static int take_text(struct tdh_versions *versions, const char *key, json_t *value,
                     struct td_err *err)
{
    const char *slash = strchr(key, '/');
    char id[TDH_FLOW_KEY];
    struct tdh_deployed *deployed;

    (void)err;
    snprintf(id, sizeof(id), "%.*s", (int)(slash != NULL ? slash - key : 0), key);
    deployed = tdh_versions_of(versions, id);
    for (size_t i = 0; deployed != NULL && i < deployed->count; i++)
        if (strcmp(deployed->versions[i].name, slash + 1) == 0 &&
            deployed->versions[i].text == NULL)
            deployed->versions[i].text = json_incref(value);
    return 0; /* a text without a record: somebody has taken it away in between */
}

static int check_texts(const struct tdh_versions *versions, struct td_err *err)
{
    for (size_t i = 0; i < versions->count; i++)
        for (size_t k = 0; k < versions->list[i].count; k++)
            if (versions->list[i].versions[k].text == NULL)
                return td_fail(err, TD_E_CORRUPT, "the store has no text of workflow \"%s\" %s",
                               versions->list[i].id, versions->list[i].versions[k].name);
    return 0;
}

struct tdh_versions *tdh_versions_read(struct tdh_store *store, struct td_err *err)
{
    struct tdh_versions *versions = calloc(1, sizeof(*versions));

    if (versions == NULL) {
        no_memory(err);
        return NULL;
    }
    if (each_record(store, TDH_DEPLOYED_SPACE, versions, take_head, err) == 0 &&
        each_record(store, TDH_VERSION_SPACE, versions, take_text, err) == 0 &&
        check_texts(versions, err) == 0)
        return versions;
    tdh_versions_free(versions);
    return NULL;
}

void tdh_versions_inherit(struct tdh_versions *versions, const struct tdh_versions *old)
{
    for (size_t i = 0; i < versions->count; i++) {
        const struct tdh_deployed *before = tdh_versions_of(old, versions->list[i].id);

        for (size_t k = 0; before != NULL && k < versions->list[i].count; k++)
            for (size_t n = 0; n < before->count; n++) {
                struct tdh_version *version = &versions->list[i].versions[k];

                if (before->versions[n].definition != NULL && version->definition == NULL &&
                    json_equal(version->text, before->versions[n].text))
                    version->definition = tdh_definition_hold(before->versions[n].definition);
            }
    }
}
