/* SPDX-License-Identifier: Apache-2.0 */
/*
 * role: the rows of `uses` in a manifest, and what is asked of them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "plugin/internal.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
enum { TEXT_MAX = 1000 };

/* --- reading --- */

static int read_agent(const struct tdh_field *field, const struct tdh_spot *spot,
                      const json_t *value, void *into, struct td_err *err)
{
    const char *text;

    if (tdh_field_text(field, spot, value, into, err) != 0)
        return -1;
    text = json_string_value(value);
    if (text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_")] == '\0')
        return 0;
    return tdh_spot_fail(
        spot, err, "agent \"%s\" must be small letters, digits, \"-\" and \"_\": its name", text);
}

#define ROLE(member) offsetof(struct tdh_role, member)
static const struct tdh_field role_fields[] = {
    { "name", true, tdh_field_option_name, ROLE(name), TDH_PLUGIN_NAME_MAX, NULL },
    { "action", true, tdh_field_action, ROLE(action), TDH_PLUGIN_NAME_MAX, NULL },
    { "agent", false, read_agent, ROLE(agent), TDH_PLUGIN_NAME_MAX, NULL },
    { "input", false, tdh_field_schema, ROLE(input), 0, NULL },
    { "output", false, tdh_field_schema, ROLE(output), 0, NULL },
    { "optional", false, tdh_field_bool, ROLE(is_optional), 0, NULL },
    { "text", false, tdh_field_text, ROLE(text), TEXT_MAX, NULL },
};

static int read_role(const struct tdh_spot *spot, const json_t *item, void *into,
                     struct td_err *err)
{
    struct tdh_manifest *manifest = into;
    struct tdh_role *role = &manifest->roles[manifest->role_count++];

    if (tdh_fields_read(role_fields, COUNT(role_fields), spot, item, role, err) != 0)
        return -1;
    for (const struct tdh_role *other = manifest->roles; other < role; other++)
        if (strcmp(other->name, role->name) == 0)
            return tdh_spot_fail_key(spot, "name", err, "role \"%s\" stands twice", role->name);
    return 0;
}

int tdh_manifest_roles(const struct tdh_field *field, const struct tdh_spot *spot,
                       const json_t *value, void *into, struct td_err *err)
{
    struct tdh_manifest *manifest = into;

    (void)field;
    if (json_array_size(value) > TDH_ROLES_MAX)
        return tdh_spot_fail(spot, err, "%zu roles, the most is %d", json_array_size(value),
                             TDH_ROLES_MAX);
    manifest->roles = calloc(json_array_size(value) + 1, sizeof(*manifest->roles));
    if (manifest->roles == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate a list of the manifest");
    return tdh_items_read(read_role, spot, value, manifest, err);
}

void tdh_roles_free(struct tdh_role *roles, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(roles[i].name);
        free(roles[i].action);
        free(roles[i].text);
        free(roles[i].agent);
        json_decref(roles[i].input);
        json_decref(roles[i].output);
        tdh_schema_free(roles[i].input_schema);
        tdh_schema_free(roles[i].output_schema);
    }
    free(roles);
}

/* --- finding --- */

const struct tdh_role *tdh_role_find(const struct tdh_manifest *manifest, const char *name)
{
    for (size_t i = 0; i < manifest->role_count; i++)
        if (strcmp(manifest->roles[i].name, name) == 0)
            return &manifest->roles[i];
    return NULL;
}

const char *tdh_role_near(const struct tdh_manifest *manifest, const char *name)
{
    const char *names[TDH_ROLES_MAX];

    for (size_t i = 0; i < manifest->role_count; i++)
        names[i] = manifest->roles[i].name;
    return tdh_near(name, names, manifest->role_count);
}

const struct tdh_role *tdh_role_of(const struct tdh_ctx *ctx, const char *name,
                                   const char **ret_agent, struct td_err *err)
{
    const struct tdh_manifest *manifest = ctx->plugin->manifest;
    const struct tdh_role *role = tdh_role_find(manifest, name);
    const char *near;

    if (role != NULL) {
        *ret_agent = ctx->cast != NULL ? ctx->cast[role - manifest->roles] : role->agent;
        return role;
    }
    near = tdh_role_near(manifest, name);
    td_fail(err, TD_E_INVAL, "plugin \"%s\": its manifest has no role \"%.64s\"%s%s%s",
            manifest->name, name, near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
            near != NULL ? "\"" : "");
    td_hint(err, "name it in \"uses\" of the manifest");
    return NULL;
}

int tdh_role_fail(const struct tdh_role *role, const char *instance, struct td_err *err)
{
    td_fail(err, TD_E_NOTFOUND, "agent \"%s\": nobody has its role \"%s\"", instance, role->name);
    return td_hint(err, "write \"uses: {%s: AGENT}\" into agents/%s.yaml", role->name, instance);
}

/* --- what goes through it --- */

int tdh_role_check_input(const struct tdh_role *role, const json_t *input, struct td_err *err)
{
    return role->input_schema == NULL || tdh_schema_check(role->input_schema, input, err) == 0
               ? 0
               : td_context(err, "input for role \"%s\"", role->name);
}

int tdh_role_check_output(const struct tdh_role *role, const json_t *output, struct td_err *err)
{
    if (role->output_schema == NULL || tdh_schema_check(role->output_schema, output, err) == 0)
        return 0;
    if (err->code == TD_E_INVAL)
        err->code = TD_E_EXEC;
    return td_context(err, "output of role \"%s\"", role->name);
}

int tdh_role_takes(const struct tdh_role *role, const json_t *input, const json_t *output,
                   struct td_err *err)
{
    const char *what = NULL;

    if (tdh_schema_within(role->input, input, err) != 0)
        what = "what it is sent";
    else if (tdh_schema_within(output, role->output, err) != 0)
        what = "what it answers";
    if (what == NULL)
        return 0;
    td_context(err, "%s", what);
    err->code = TD_E_DEPENDENCY;
    return -1;
}

json_t *tdh_role_describe(const struct tdh_role *role)
{
    return json_pack("{s:s, s:s, s:s*, s:b, s:s, s:O*, s:O*}", "name", role->name, "action",
                     role->action, "agent", role->agent, "optional", role->is_optional, "text",
                     role->text != NULL ? role->text : "", "input", role->input, "output",
                     role->output);
}
