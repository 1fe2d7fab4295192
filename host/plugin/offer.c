/* SPDX-License-Identifier: Apache-2.0 */
/*
 * offer: what an agent offers and may do.
 *
 * A plugin's manifest says it for all its agents. A bridge (`capabilities: from_instance`) stands
 * for what is not native code, so each agent of it says so itself, in its file: the same rows, and
 * a `config` in each, which the bridge's manifest has the schema of. What its file does not permit
 * is denied, and it cannot permit more than the manifest does.
 */
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "plugin/internal.h"

enum { NEAR_MAX = 64 };

struct tdh_offer tdh_manifest_offer(const struct tdh_manifest *manifest)
{
    return (struct tdh_offer){ .capabilities = manifest->capabilities,
                               .capability_count = manifest->capability_count,
                               .permissions = manifest->permissions };
}

void tdh_offer_end(struct tdh_offer *offer)
{
    if (offer->is_own) {
        tdh_capabilities_free(offer->capabilities, offer->capability_count);
        json_decref(offer->permissions);
        json_decref(offer->rows);
    }
    *offer = (struct tdh_offer){ .capabilities = NULL };
}

const struct tdh_capability *tdh_offer_find(const struct tdh_offer *offer, const char *action)
{
    for (size_t i = 0; i < offer->capability_count; i++)
        if (strcmp(offer->capabilities[i].name, action) == 0)
            return &offer->capabilities[i];
    return NULL;
}

const char *tdh_offer_near(const struct tdh_offer *offer, const char *action)
{
    const char *names[NEAR_MAX];
    size_t count = offer->capability_count < NEAR_MAX ? offer->capability_count : NEAR_MAX;

    for (size_t i = 0; i < count; i++)
        names[i] = offer->capabilities[i].name;
    return tdh_near(action, names, count);
}

/* --- of an agent's file --- */

static int read_rows(const struct tdh_spot *root, const char *bridge, struct tdh_offer *offer,
                     struct td_err *err)
{
    json_t *rows = json_object_get(root->yaml->root, "capabilities");
    const struct tdh_spot spot = { .up = root, .yaml = root->yaml, .key = "capabilities" };

    if (rows == NULL || json_array_size(rows) == 0) {
        tdh_spot_fail(rows != NULL ? &spot : root, err,
                      "an agent of plugin \"%s\" needs \"capabilities\": a list of its actions",
                      bridge);
        return td_hint(err, "capabilities: [{name: ACTION, effects: none, input: SCHEMA, "
                            "output: SCHEMA}]");
    }
    offer->rows = json_incref(rows);
    if (tdh_capabilities_read(&spot, rows, true, &offer->capabilities, &offer->capability_count,
                              err) != 0)
        return -1;
    return tdh_capabilities_compile(&spot, offer->capabilities, offer->capability_count, err);
}

/* Each entry is one that the manifest covers. */
static int check_within(const struct tdh_spot *spot, const struct tdh_manifest *manifest,
                        const char *member, const json_t *entries, struct td_err *err)
{
    const struct tdh_spot list = { .up = spot, .yaml = spot->yaml, .key = member };

    for (size_t i = 0; i < json_array_size(entries); i++) {
        const struct tdh_spot item = { .up = &list, .yaml = spot->yaml, .index = i };
        const char *entry = json_string_value(json_array_get(entries, i));

        if (!tdh_permission_has(manifest->permissions, member, entry))
            return tdh_spot_fail(&item, err, "plugin \"%s\" may not do so itself: %s \"%s\"",
                                 manifest->name, member, entry);
    }
    return 0;
}

static int read_permissions(const struct tdh_spot *root, const struct tdh_manifest *manifest,
                            struct tdh_offer *offer, struct td_err *err)
{
    json_t *permissions = json_object_get(root->yaml->root, "permissions"), *entries;
    const struct tdh_spot spot = { .up = root, .yaml = root->yaml, .key = "permissions" };
    const struct tdh_field field = { .key = "permissions",
                                     .offset = offsetof(struct tdh_offer, permissions) };
    const char *member;

    if (permissions == NULL)
        return 0;
    if (tdh_field_permissions(&field, &spot, permissions, offer, err) != 0)
        return -1;
    json_object_foreach (permissions, member, entries)
        if (check_within(&spot, manifest, member, entries, err) != 0)
            return -1;
    return 0;
}

static int check_config(const struct tdh_yaml *yaml, const struct tdh_manifest *manifest,
                        const struct tdh_schema *schema, const struct tdh_capability *capability,
                        size_t place, struct td_err *err)
{
    char pointer[64];
    json_t *config;
    int rc;

    snprintf(pointer, sizeof(pointer), "/capabilities/%zu/config", place);
    if (manifest->config == NULL && capability->config != NULL)
        return tdh_yaml_fail(yaml, pointer, err, TD_E_CONFIG,
                             "actions of plugin \"%s\" have no config", manifest->name);
    if (schema == NULL)
        return 0;
    config = capability->config != NULL ? json_incref(capability->config) : json_object();
    rc = config != NULL ? tdh_schema_check_part(schema, yaml, pointer, config, err)
                        : td_fail(err, TD_E_NOMEM, "could not allocate a config");
    json_decref(config);
    if (rc != 0 && err->code == TD_E_INVAL)
        err->code = TD_E_CONFIG;
    return rc;
}

static int check_configs(const struct tdh_yaml *yaml, struct tdh_manifest *manifest,
                         const struct tdh_offer *offer, struct td_err *err)
{
    const struct tdh_schema *schema;

    if (tdh_manifest_config_schema(manifest, &schema, err) != 0)
        return -1;
    for (size_t i = 0; i < offer->capability_count; i++)
        if (check_config(yaml, manifest, schema, &offer->capabilities[i], i, err) != 0)
            return -1;
    return 0;
}

int tdh_offer_read(struct tdh_manifest *manifest, const struct tdh_yaml *yaml,
                   struct tdh_offer *ret_offer, struct td_err *err)
{
    const struct tdh_spot root = { .yaml = yaml };
    struct tdh_offer offer = { .is_own = true };

    if (read_rows(&root, manifest->name, &offer, err) != 0 ||
        read_permissions(&root, manifest, &offer, err) != 0 ||
        check_configs(yaml, manifest, &offer, err) != 0) {
        tdh_offer_end(&offer);
        return -1;
    }
    *ret_offer = offer;
    return 0;
}
