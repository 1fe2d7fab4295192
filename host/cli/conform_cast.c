/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conform_cast: who has the roles of an agent that is tried: stand-ins, which answer as `uses` of
 * conform.yaml says, and else with the least that a role expects.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/near.h"
#include "cli/conform.h"

/* The stand-in for one role. */
struct tdh_conform_part {
    struct tdh_target target;
    char name[96];      /* role:NAME */
    json_t *output;     /* NULL: it fails */
    enum td_code error; /* then */
    bool is_provided;
};

static int answer(struct tdh_call *call, struct td_err *err)
{
    const struct tdh_conform_part *part = call->target->owner;

    if (part->output == NULL)
        return td_fail(err, part->error, "conform.yaml has role \"%s\" fail",
                       strchr(part->name, ':') + 1);
    call->output = json_deep_copy(part->output);
    return call->output != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate an answer");
}

static int read_code(const char *name, enum td_code *ret_code, struct td_err *err)
{
    const char *names[TD_E_MAX_], *near;

    *ret_code = td_code_from_name(name);
    if (*ret_code != TD_E_INTERNAL || strcmp(name, "internal") == 0)
        return 0;
    for (int code = 1; code < TD_E_MAX_; code++)
        names[code - 1] = td_code_info((enum td_code)code)->name;
    near = tdh_near(name, names, TD_E_MAX_ - 1);
    return td_fail(err, TD_E_CONFIG, "\"%.64s\" is no code of an error%s%s%s", name,
                   near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
                   near != NULL ? "\"" : "");
}

/* What the stand-in does. False: nobody has the role, or it failed. */
static int read_part(const struct tdh_conform *conform, const struct tdh_role *role,
                     struct tdh_conform_part *part, bool *ret_is_there, struct td_err *err)
{
    json_t *said = json_object_get(json_object_get(conform->script, "uses"), role->name);
    const char *code = tdh_json_str(said, "error", NULL);

    *ret_is_there = said != NULL ? !json_is_null(said) : !role->is_optional;
    if (!*ret_is_there)
        return 0;
    if (code != NULL)
        return read_code(code, &part->error, err);
    part->output = said != NULL ? json_incref(json_object_get(said, "output"))
                                : tdh_conform_value(role->output);
    if (part->output == NULL)
        part->output = json_object();
    return part->output != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate an answer");
}

static int provide(struct tdh_conform *conform, size_t place, struct td_err *err)
{
    const struct tdh_role *role = &conform->plugin->manifest->roles[place];
    struct tdh_conform_part *part = &conform->parts[place];
    bool is_there;

    if (read_part(conform, role, part, &is_there, err) != 0)
        return td_context(err, "role \"%s\"", role->name);
    if (!is_there)
        return 0;
    snprintf(part->name, sizeof(part->name), "role:%s", role->name);
    part->target = (struct tdh_target){
        .kind = "agent",
        .name = part->name,
        .action = role->action,
        .effects = TDH_EFFECTS_NONE,
        .policy = { .size = sizeof(struct td_policy), .max_attempts = 1 },
        .dispatch = answer,
        .owner = part,
    };
    if (tdh_target_ready(&part->target, err) != 0)
        return -1;
    part->is_provided = true;
    tdh_call_provide(&part->target);
    conform->cast[place] = part->name;
    return 0;
}

int tdh_conform_cast(struct tdh_conform *conform, void *arg, struct td_err *err)
{
    const struct tdh_manifest *manifest = conform->plugin->manifest;
    const char *name;
    json_t *value;

    (void)arg;
    json_object_foreach (json_object_get(conform->script, "uses"), name, value)
        if (tdh_role_find(manifest, name) == NULL)
            return td_fail(err, TD_E_CONFIG, "\"uses\" names role \"%.64s\", the manifest has none",
                           name);
    conform->parts = calloc(manifest->role_count, sizeof(*conform->parts));
    conform->cast = calloc(manifest->role_count, sizeof(*conform->cast));
    if (conform->parts == NULL || conform->cast == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate who has the roles");
    for (size_t i = 0; i < manifest->role_count; i++)
        if (provide(conform, i, err) != 0)
            return -1;
    return 0;
}

void tdh_conform_cast_end(struct tdh_conform *conform)
{
    size_t count = conform->parts != NULL ? conform->plugin->manifest->role_count : 0;

    for (size_t i = 0; i < count; i++) {
        if (conform->parts[i].is_provided) {
            tdh_call_withdraw(&conform->parts[i].target);
            tdh_target_end(&conform->parts[i].target);
        }
        json_decref(conform->parts[i].output);
    }
    free(conform->parts);
    free(conform->cast);
    conform->parts = NULL;
    conform->cast = NULL;
}
