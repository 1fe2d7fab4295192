/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile: the schemas of a manifest: of the inputs and outputs of an agent's actions, and of a
 * pattern's configuration. They are compiled when they are first needed, and kept.
 */
#include "plugin/internal.h"

/* NULL stays for a schema that accepts everything: callers skip the check. `spot` is where the
 * document stands. */
static int compile(const struct tdh_spot *spot, const char *what, const json_t *document,
                   struct tdh_schema **ret_schema, struct td_err *err)
{
    struct tdh_schema *schema;

    if (document == NULL || *ret_schema != NULL)
        return 0;
    schema = tdh_schema_compile(document, NULL, err);
    if (schema == NULL) {
        td_context(err, "%s", what);
        return tdh_spot_context(spot, err);
    }
    if (!tdh_schema_accepts_all(schema)) {
        *ret_schema = schema;
        return 0;
    }
    tdh_schema_free(schema);
    return 0;
}

/* owner: `capability "send"`. */
static int compile_part(const struct tdh_spot *item, const char *key, const char *owner,
                        const json_t *document, struct tdh_schema **ret_schema, struct td_err *err)
{
    const struct tdh_spot spot = { .up = item, .yaml = item->yaml, .key = key };
    char what[160];

    snprintf(what, sizeof(what), "%s of %s", key, owner);
    return compile(&spot, what, document, ret_schema, err);
}

static int compile_capability(const struct tdh_spot *list, struct tdh_capability *capability,
                              size_t index, struct td_err *err)
{
    const struct tdh_spot item = { .up = list, .yaml = list->yaml, .index = index };

    char owner[96];

    snprintf(owner, sizeof(owner), "capability \"%s\"", capability->name);
    if (compile_part(&item, "input", owner, capability->input, &capability->input_schema, err) != 0)
        return -1;
    return compile_part(&item, "output", owner, capability->output, &capability->output_schema,
                        err);
}

static int compile_role(const struct tdh_spot *list, struct tdh_role *role, size_t index,
                        struct td_err *err)
{
    const struct tdh_spot item = { .up = list, .yaml = list->yaml, .index = index };
    char owner[96];

    snprintf(owner, sizeof(owner), "role \"%s\"", role->name);
    if (compile_part(&item, "input", owner, role->input, &role->input_schema, err) != 0)
        return -1;
    return compile_part(&item, "output", owner, role->output, &role->output_schema, err);
}

static int compile_roles(const struct tdh_spot *root, struct tdh_manifest *manifest,
                         struct td_err *err)
{
    const struct tdh_spot list = { .up = root, .yaml = root->yaml, .key = "uses" };

    for (size_t i = 0; i < manifest->role_count; i++)
        if (compile_role(&list, &manifest->roles[i], i, err) != 0)
            return -1;
    return 0;
}

static int compile_config(const struct tdh_spot *root, struct tdh_manifest *manifest,
                          struct td_err *err)
{
    const struct tdh_spot spot = { .up = root, .yaml = root->yaml, .key = "config" };

    return compile(&spot, "schema of the configuration", manifest->config, &manifest->config_schema,
                   err);
}

int tdh_capabilities_compile(const struct tdh_spot *list, struct tdh_capability *capabilities,
                             size_t count, struct td_err *err)
{
    for (size_t i = 0; i < count; i++)
        if (compile_capability(list, &capabilities[i], i, err) != 0)
            return -1;
    return 0;
}

int tdh_manifest_compile(struct tdh_manifest *manifest, struct td_err *err)
{
    const struct tdh_spot root = { .yaml = manifest->yaml };
    const struct tdh_spot list = { .up = &root, .yaml = manifest->yaml, .key = "capabilities" };

    if (tdh_capabilities_compile(&list, manifest->capabilities, manifest->capability_count, err) !=
            0 ||
        compile_roles(&root, manifest, err) != 0)
        return -1;
    return compile_config(&root, manifest, err);
}

int tdh_manifest_config_schema(struct tdh_manifest *manifest, const struct tdh_schema **ret_schema,
                               struct td_err *err)
{
    const struct tdh_spot root = { .yaml = manifest->yaml };

    if (compile_config(&root, manifest, err) != 0)
        return td_context(err, "plugin \"%s\"", manifest->name);
    *ret_schema = manifest->config_schema;
    return 0;
}
