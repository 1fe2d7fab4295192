/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cast: who has the roles of an agent's plugin, and whether they can have them.
 *
 * Whoever has a role is only found here, not made: that is done when it is called. So the schemas
 * are those of manifests and files of now; what is called later is held against the role each time.
 */
#include "agent/cast.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"

enum { DEPTH_MAX = 32 }; /* of a chain of roles; calls nest less deep */

/* An agent whose roles are looked at. */
struct casting {
    struct tdh_agents *agents;
    const char *name;
    const struct tdh_yaml *file; /* NULL: it has none */
    const struct tdh_manifest *manifest;
};

/* --- places --- */

static json_t *bindings_of(const struct casting *casting)
{
    return casting->file != NULL ? json_object_get(casting->file->root, "uses") : NULL;
}

/* Does the agent's file say who has the role? */
static bool is_said(const struct casting *casting, const struct tdh_role *role)
{
    return json_object_get(bindings_of(casting), role->name) != NULL;
}

/* Puts the place of what gives the role to somebody in front of what err holds. */
static int fail_role(const struct casting *casting, const struct tdh_role *role, struct td_err *err)
{
    const struct tdh_manifest *manifest = casting->manifest;
    const struct tdh_yaml *yaml = manifest->yaml;
    char pointer[160];
    struct tdh_place place;

    if (err->code == TD_E_NOMEM)
        return -1;
    err->code = TD_E_DEPENDENCY;
    td_context(err, "agent \"%.64s\": role \"%s\" of plugin \"%s\"", casting->name, role->name,
               manifest->name);
    if (is_said(casting, role)) {
        yaml = casting->file;
        snprintf(pointer, sizeof(pointer), "/uses/%s", role->name);
    } else {
        snprintf(pointer, sizeof(pointer), "/uses/%zu", (size_t)(role - manifest->roles));
    }
    place = tdh_yaml_place(yaml, pointer);
    return td_context(err, "%s:%u:%u", yaml == manifest->yaml ? manifest->path : yaml->name,
                      place.line, place.column);
}

/* --- what the file says --- */

static int fail_name(const struct casting *casting, const char *name, struct td_err *err)
{
    const char *near = tdh_role_near(casting->manifest, name);
    char pointer[160];
    struct tdh_place place;

    snprintf(pointer, sizeof(pointer), "/uses/%.120s", name);
    place = tdh_yaml_key_place(casting->file, pointer);
    return td_fail(err, TD_E_CONFIG, "%s:%u:%u: plugin \"%s\" has no role \"%.64s\"%s%s%s",
                   casting->file->name, place.line, place.column, casting->manifest->name, name,
                   near != NULL ? ", did you mean \"" : "", near != NULL ? near : "",
                   near != NULL ? "\"" : "");
}

static int check_bindings(const struct casting *casting, struct td_err *err)
{
    json_t *bindings = bindings_of(casting), *value;
    const char *name;

    if (bindings == NULL)
        return 0;
    if (!json_is_object(bindings))
        return tdh_yaml_fail(casting->file, "/uses", err, TD_E_CONFIG,
                             "\"uses\" must be a map of roles to names of agents");
    json_object_foreach (bindings, name, value) {
        char pointer[160];

        if (tdh_role_find(casting->manifest, name) == NULL)
            return fail_name(casting, name, err);
        snprintf(pointer, sizeof(pointer), "/uses/%s", name);
        if (!json_is_null(value) &&
            (!json_is_string(value) || !tdh_agent_is_name(json_string_value(value))))
            return tdh_yaml_fail(casting->file, pointer, err, TD_E_CONFIG,
                                 "who has role \"%s\" must be the name of an agent, or null", name);
    }
    return 0;
}

/* Who is to have the role; NULL: nobody. */
static const char *agent_of(const struct casting *casting, const struct tdh_role *role)
{
    return is_said(casting, role)
               ? json_string_value(json_object_get(bindings_of(casting), role->name))
               : role->agent;
}

/* --- can they have them? --- */

static int fail_nobody(const struct casting *casting, const struct tdh_role *role,
                       struct td_err *err)
{
    td_fail(err, TD_E_DEPENDENCY, "nobody has it, and it is not optional");
    fail_role(casting, role, err);
    if (casting->file != NULL)
        return td_hint(err, "write \"uses: {%s: AGENT}\" into %s, an agent with action \"%s\"",
                       role->name, casting->file->name, role->action);
    return td_hint(err,
                   "write agents/NAME.yaml with \"plugin: %s\" and \"uses: {%s: AGENT}\", an agent "
                   "with action \"%s\"",
                   casting->manifest->name, role->name, role->action);
}

static int check_agent(const struct casting *casting, const struct tdh_role *role,
                       const char *agent, struct td_err *err)
{
    const struct tdh_capability *capability;

    if (casting->agents->is_finding) /* it may be the route that candidates are looked for */
        return 0;
    if (tdh_agents_capability(casting->agents, agent, role->action, &capability, err) != 0)
        return fail_role(casting, role, err);
    if (tdh_role_takes(role, capability->input, capability->output, err) == 0)
        return 0;
    td_context(err, "does not go with agent \"%s\" action \"%s\"", agent, role->action);
    return fail_role(casting, role, err);
}

/* A default of an optional role may be away: then nobody has it. */
static int cast_role(const struct casting *casting, const struct tdh_role *role, char **ret_agent,
                     struct td_err *err)
{
    const char *agent = agent_of(casting, role);
    struct td_err why;

    if (agent == NULL && !role->is_optional)
        return fail_nobody(casting, role, err);
    if (agent != NULL && check_agent(casting, role, agent, &why) != 0) {
        if (is_said(casting, role) || !role->is_optional || why.code == TD_E_NOMEM) {
            *err = why;
            return -1;
        }
        agent = NULL;
    }
    if (agent == NULL)
        return 0;
    *ret_agent = strdup(agent);
    return *ret_agent != NULL ? 0
                              : td_fail(err, TD_E_NOMEM, "could not allocate who agent \"%s\" uses",
                                        casting->name);
}

/* --- circles --- */

/* Who needs whom: a chain on the stack, the newest first. */
struct chain {
    const struct chain *up;
    const char *name;
};

/* A walk along roles that are not optional. */
struct walk {
    struct tdh_agents *agents;
    json_t *done; /* from which no circle is come to */
};

static int fail_circle(const struct chain *chain, const char *again, struct td_err *err)
{
    const char *names[DEPTH_MAX + 1];
    struct tdh_buf text = { 0 };
    size_t count = 0;

    for (const struct chain *at = chain; at != NULL && count <= DEPTH_MAX; at = at->up) {
        names[count++] = at->name;
        if (strcmp(at->name, again) == 0)
            break;
    }
    while (count > 0)
        tdh_buf_printf(&text, "%s -> ", names[--count]);
    td_fail(err, TD_E_DEPENDENCY, "agents need each other in a circle: %s%s",
            text.failed || text.data == NULL ? "" : text.data, again);
    tdh_buf_free(&text);
    return td_hint(err, "one of them has to do without: give its role to another agent");
}

static int walk_roles(const struct walk *walk, const struct casting *casting,
                      const struct chain *chain, struct td_err *err);

static int check_chain(const struct chain *chain, const char *name, struct td_err *err)
{
    size_t depth = 1;

    for (const struct chain *at = chain; at != NULL; at = at->up, depth++)
        if (strcmp(at->name, name) == 0)
            return fail_circle(chain, name, err);
    return depth <= DEPTH_MAX ? 0
                              : td_fail(err, TD_E_DEPENDENCY,
                                        "agent \"%s\" is needed by a chain of %d agents, the most "
                                        "is %d",
                                        name, DEPTH_MAX + 1, DEPTH_MAX);
}

/* The roles of that agent. What is wrong with it is told to who asks for it. */
static int walk_agent(const struct walk *walk, const char *name, const struct chain *up,
                      struct td_err *err)
{
    const struct chain chain = { up, name };
    const struct tdh_plugin_entry *entry = NULL;
    struct tdh_yaml *file = NULL;
    struct td_err ignored;
    int rc = 0;

    if (check_chain(up, name, err) != 0)
        return -1;
    if (json_object_get(walk->done, name) != NULL)
        return 0;
    if (tdh_agent_file(walk->agents, name, &file, NULL, &ignored) == 0 &&
        (file == NULL || json_object_get(file->root, "route") == NULL))
        entry = tdh_agent_plugin(walk->agents, file, name, &ignored);
    if (entry != NULL) {
        const struct casting casting = { walk->agents, name, file, entry->manifest };

        rc = walk_roles(walk, &casting, &chain, err);
    }
    tdh_yaml_free(file);
    if (rc == 0 && json_object_set_new(walk->done, name, json_true()) != 0)
        rc = td_fail(err, TD_E_NOMEM, "could not allocate a list of agents");
    return rc;
}

static int walk_roles(const struct walk *walk, const struct casting *casting,
                      const struct chain *chain, struct td_err *err)
{
    const struct tdh_manifest *manifest = casting->manifest;

    for (size_t i = 0; i < manifest->role_count; i++) {
        const char *agent =
            manifest->roles[i].is_optional ? NULL : agent_of(casting, &manifest->roles[i]);

        if (agent == NULL || walk_agent(walk, agent, chain, err) == 0)
            continue;
        return chain->up == NULL ? fail_role(casting, &manifest->roles[i], err) : -1;
    }
    return 0;
}

static int check_circles(const struct casting *casting, struct td_err *err)
{
    const struct walk walk = { casting->agents, json_object() };
    const struct chain chain = { NULL, casting->name };
    int rc = walk.done != NULL ? walk_roles(&walk, casting, &chain, err)
                               : td_fail(err, TD_E_NOMEM, "could not allocate a list of agents");

    json_decref(walk.done);
    return rc;
}

/* --- all --- */

static int fail_useless(const struct casting *casting, struct td_err *err)
{
    return tdh_yaml_fail(casting->file, "/uses", err, TD_E_CONFIG,
                         "plugin \"%s\" has no roles that could be given to agents",
                         casting->manifest->name);
}

int tdh_cast_read(struct tdh_agents *agents, const char *name, const struct tdh_yaml *file,
                  const struct tdh_manifest *manifest, char ***ret_cast, struct td_err *err)
{
    const struct casting casting = { agents, name, file, manifest };
    char **cast = NULL;
    int rc;

    *ret_cast = NULL;
    if (manifest->role_count == 0)
        return bindings_of(&casting) != NULL ? fail_useless(&casting, err) : 0;
    cast = calloc(manifest->role_count, sizeof(*cast));
    rc = cast != NULL ? check_bindings(&casting, err)
                      : td_fail(err, TD_E_NOMEM, "could not allocate who agent \"%s\" uses", name);
    for (size_t i = 0; rc == 0 && i < manifest->role_count; i++)
        rc = cast_role(&casting, &manifest->roles[i], &cast[i], err);
    if (rc == 0)
        rc = check_circles(&casting, err);
    if (rc == 0)
        *ret_cast = cast;
    else
        tdh_cast_free(cast, manifest);
    return rc;
}

void tdh_cast_free(char **cast, const struct tdh_manifest *manifest)
{
    for (size_t i = 0; cast != NULL && i < manifest->role_count; i++)
        free(cast[i]);
    free(cast);
}

json_t *tdh_cast_describe(char *const *cast, const struct tdh_manifest *manifest)
{
    json_t *roles = json_object();

    for (size_t i = 0; i < manifest->role_count; i++)
        json_object_set_new(roles, manifest->roles[i].name,
                            json_pack("{s:s?, s:s, s:b}", "agent", cast[i], "action",
                                      manifest->roles[i].action, "optional",
                                      manifest->roles[i].is_optional));
    return roles;
}
