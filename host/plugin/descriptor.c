/* SPDX-License-Identifier: Apache-2.0 */
/*
 * descriptor: copies what an open library says of itself and compares it with what its manifest
 * promised.
 *
 * Structs of a plugin are as large as its SDK made them: each is at least what SDK 1.0 had, and
 * what it lacks is zero.
 */
#include <stdlib.h>
#include <string.h>

#include "plugin/internal.h"

#define END_OF(type, member) (offsetof(type, member) + sizeof(((type *)NULL)->member))

/* Sizes of the SDK that had them first: they never change. */
enum {
    PLUGIN_MIN = END_OF(struct td_plugin, pattern),
    AGENT_MIN = END_OF(struct td_agent, actions),
    ACTION_MIN = END_OF(struct td_action, reducer),
    BINDING_MIN = END_OF(struct td_binding, offset),
    PATTERN_MIN = END_OF(struct td_pattern, reducer),
    REDUCER_MIN = END_OF(struct td_reducer, drop),
    STORAGE_MIN = END_OF(struct td_storage, verify),
    MIGRATION_MIN = END_OF(struct td_state_migration, down),
    STATE_MIN = END_OF(struct td_agent_state, migrations),
    PROVIDER_MIN = END_OF(struct td_provider, estimate),
    WIRE_MIN = END_OF(struct td_wire, failure),
    NATIVE_MIN = END_OF(struct td_native, embed),
    SIZE_MAX_ = 64 << 10,
    ROWS_MAX = 1000
};

/* Every struct of the border begins with its size. */
static int check_size(const void *object, size_t min, const char *what, struct td_err *err)
{
    uint32_t size;

    memcpy(&size, object, sizeof(size));
    if (size < min)
        return td_fail(err, TD_E_ABI, "%s is %u bytes, the least is %zu", what, size, min);
    if (size > SIZE_MAX_)
        return td_fail(err, TD_E_ABI, "%s is %u bytes, the most is %d", what, size, SIZE_MAX_);
    return 0;
}

static int copy_descriptor(struct tdh_plugin *plugin, const struct td_plugin *theirs,
                           struct td_err *err)
{
    size_t size;

    if (theirs == NULL)
        return td_fail(err, TD_E_ABI, "has no descriptor");
    if (check_size(theirs, PLUGIN_MIN, "its descriptor", err) != 0)
        return -1;
    size = theirs->size < sizeof(plugin->descriptor) ? theirs->size : sizeof(plugin->descriptor);
    memset(&plugin->descriptor, 0, sizeof(plugin->descriptor));
    memcpy(&plugin->descriptor, theirs, size);
    return 0;
}

static int check_names(const struct tdh_manifest *manifest, const struct td_plugin *descriptor,
                       struct td_err *err)
{
    if (descriptor->name == NULL || descriptor->version == NULL)
        return td_fail(err, TD_E_ABI, "its descriptor has no %s",
                       descriptor->name == NULL ? "name" : "version");
    if (strcmp(descriptor->name, manifest->name) != 0)
        return td_fail(err, TD_E_ABI, "calls itself \"%.64s\"", descriptor->name);
    if (strcmp(descriptor->version, manifest->version_text) != 0)
        return td_fail(err, TD_E_ABI, "is version %.64s, its manifest says %s", descriptor->version,
                       manifest->version_text);
    if (descriptor->kind != manifest->kind)
        return td_fail(err, TD_E_ABI, "is of kind %s, its manifest says %s",
                       tdh_kind_name(descriptor->kind), tdh_kind_name(manifest->kind));
    if (descriptor->state_size > TDH_STATE_BYTES_MAX)
        return td_fail(err, TD_E_ABI, "its state is %zu bytes, the most is %d",
                       descriptor->state_size, TDH_STATE_BYTES_MAX);
    return 0;
}

static int check_reducer(const struct td_reducer *reducer, const char *what, struct td_err *err)
{
    const char *missing = NULL;

    if (check_size(reducer, REDUCER_MIN, "its reducer", err) != 0)
        return td_context(err, "%s", what);
    if (reducer->start == NULL)
        missing = "start";
    else if (reducer->fold == NULL)
        missing = "fold";
    else if (reducer->save == NULL)
        missing = "save";
    else if (reducer->load == NULL)
        missing = "load";
    if (missing == NULL)
        return 0;
    return td_fail(err, TD_E_ABI, "%s: its reducer has no %s", what, missing);
}

static int check_action(const struct td_action *action, struct td_err *err)
{
    char what[96];

    if (check_size(action, ACTION_MIN, "an action", err) != 0)
        return -1;
    if (action->name == NULL)
        return td_fail(err, TD_E_ABI, "an action has no name");
    snprintf(what, sizeof(what), "action \"%.64s\"", action->name);
    if ((action->run == NULL) == (action->reducer == NULL))
        return td_fail(err, TD_E_ABI, "%s must have a function or a reducer, and has %s", what,
                       action->run == NULL ? "neither" : "both");
    return action->reducer != NULL ? check_reducer(action->reducer, what, err) : 0;
}

/* Puts each action beside its capability; none may be left over on either side. */
static int match_actions(struct tdh_plugin *plugin, const struct td_action *const *theirs,
                         struct td_err *err)
{
    const struct tdh_manifest *manifest = plugin->manifest;

    for (size_t i = 0; theirs[i] != NULL; i++) {
        const struct tdh_capability *capability;
        const struct td_action **place;

        if (i == ROWS_MAX)
            return td_fail(err, TD_E_ABI, "has more than %d actions", ROWS_MAX);
        if (check_action(theirs[i], err) != 0)
            return -1;
        capability = tdh_manifest_capability(manifest, theirs[i]->name);
        if (capability == NULL)
            return td_fail(err, TD_E_ABI, "has action \"%.64s\", its manifest does not promise it",
                           theirs[i]->name);
        place = &plugin->actions[capability - manifest->capabilities];
        if (*place != NULL)
            return td_fail(err, TD_E_ABI, "has action \"%s\" twice", capability->name);
        *place = theirs[i];
    }
    for (size_t i = 0; i < manifest->capability_count; i++)
        if (plugin->actions[i] == NULL)
            return td_fail(err, TD_E_ABI, "manifest promises action \"%s\", the library has none",
                           manifest->capabilities[i].name);
    return 0;
}

/* A bridge has one action, "*", that does them all. */
static int match_bridge(struct tdh_plugin *plugin, const struct td_action *const *theirs,
                        struct td_err *err)
{
    if (theirs[0] == NULL || theirs[1] != NULL)
        return td_fail(err, TD_E_ABI, "has %s, a bridge has one action, \"*\"",
                       theirs[0] == NULL ? "no action" : "several actions");
    if (check_action(theirs[0], err) != 0)
        return -1;
    if (strcmp(theirs[0]->name, "*") != 0)
        return td_fail(err, TD_E_ABI, "has action \"%.64s\", a bridge has one action, \"*\"",
                       theirs[0]->name);
    plugin->actions[0] = theirs[0];
    return 0;
}

/* What is kept of an agent. */
static int check_migration(const struct td_agent_state *state, size_t place, struct td_err *err)
{
    const struct td_state_migration *own = state->migrations[place];

    if (check_size(own, MIGRATION_MIN, "a migration of its state", err) != 0)
        return -1;
    if (own->from < 1 || own->to < 1 || own->from == own->to)
        return td_fail(err, TD_E_ABI, "a migration of its state leads from version %u to %u",
                       own->from, own->to);
    if (own->up == NULL)
        return td_fail(err, TD_E_ABI, "the migration of its state from %u to %u has no up",
                       own->from, own->to);
    for (size_t i = 0; i < place; i++)
        if ((state->migrations[i]->from == own->from && state->migrations[i]->to == own->to) ||
            (state->migrations[i]->from == own->to && state->migrations[i]->to == own->from))
            return td_fail(err, TD_E_ABI, "has two migrations of its state between %u and %u",
                           own->from, own->to);
    return 0;
}

static int check_state(const struct td_agent_state *state, uint32_t promised, struct td_err *err)
{
    if (check_size(state, STATE_MIN, "its table of a state", err) != 0)
        return -1;
    if (state->version != promised)
        return td_fail(err, TD_E_ABI, "its state has version %u, its manifest says %u",
                       state->version, promised);
    if (state->save == NULL || state->load == NULL)
        return td_fail(err, TD_E_ABI, "its state has no %s", state->save == NULL ? "save" : "load");
    for (size_t i = 0; state->migrations != NULL && state->migrations[i] != NULL; i++) {
        if (i == TD_STATE_MIGRATIONS_MAX)
            return td_fail(err, TD_E_ABI, "has more than %d migrations of its state",
                           TD_STATE_MIGRATIONS_MAX);
        if (check_migration(state, i, err) != 0)
            return -1;
    }
    return 0;
}

static int read_state(struct tdh_plugin *plugin, struct td_err *err)
{
    const struct td_agent *agent = plugin->descriptor.agent;
    uint32_t promised = plugin->manifest->state_version;

    plugin->state = agent->size >= END_OF(struct td_agent, state) ? agent->state : NULL;
    if (plugin->state == NULL)
        return promised == 0
                   ? 0
                   : td_fail(err, TD_E_ABI, "manifest promises a state, the library has none");
    if (promised == 0)
        return td_fail(err, TD_E_ABI, "has a state, its manifest does not promise it");
    return check_state(plugin->state, promised, err);
}

static int read_agent(struct tdh_plugin *plugin, struct td_err *err)
{
    const struct td_agent *agent = plugin->descriptor.agent;

    if (agent == NULL || check_size(agent, AGENT_MIN, "its table of an agent", err) != 0)
        return agent != NULL ? -1 : td_fail(err, TD_E_ABI, "has no table of an agent");
    if (agent->actions == NULL)
        return td_fail(err, TD_E_ABI, "its table of an agent has no actions");
    plugin->actions = calloc(plugin->manifest->capability_count + 1, sizeof(*plugin->actions));
    if (plugin->actions == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the actions");
    if (read_state(plugin, err) != 0)
        return -1;
    return plugin->manifest->is_bridge ? match_bridge(plugin, agent->actions, err)
                                       : match_actions(plugin, agent->actions, err);
}

static int read_pattern(struct tdh_plugin *plugin, struct td_err *err)
{
    const struct td_pattern *pattern = plugin->descriptor.pattern;

    if (pattern == NULL || check_size(pattern, PATTERN_MIN, "its table of a pattern", err) != 0)
        return pattern != NULL ? -1 : td_fail(err, TD_E_ABI, "has no table of a pattern");
    if (pattern->reducer == NULL)
        return td_fail(err, TD_E_ABI, "its table of a pattern has no reducer");
    return check_reducer(pattern->reducer, "pattern", err);
}

static int read_storage(struct tdh_plugin *plugin, struct td_err *err)
{
    static const struct {
        const char *what;
        size_t offset, min;
    } tables[] = {
        { "its table \"kv\"", offsetof(struct td_storage, kv), END_OF(struct td_kv, expire) },
        { "its table \"log\"", offsetof(struct td_storage, log),
          END_OF(struct td_log_table, prune) },
        { "its table \"queue\"", offsetof(struct td_storage, queue),
          END_OF(struct td_queue, count) },
        { "its table \"topic\"", offsetof(struct td_storage, topic),
          END_OF(struct td_topic, trim) },
        { "its table \"lease\"", offsetof(struct td_storage, lease),
          END_OF(struct td_lease, release) },
        { "its table \"blob\"", offsetof(struct td_storage, blob), END_OF(struct td_blob, remove) },
    };
    const struct td_storage *storage = plugin->descriptor.storage;

    if (storage == NULL ||
        check_size(storage, STORAGE_MIN, "its table of a storage backend", err) != 0)
        return storage != NULL ? -1 : td_fail(err, TD_E_ABI, "has no table of a storage backend");
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        const void *table;

        memcpy(&table, (const char *)storage + tables[i].offset, sizeof(table));
        if (table != NULL && check_size(table, tables[i].min, tables[i].what, err) != 0)
            return -1;
    }
    return 0;
}

static int check_wire(const struct td_wire *wire, struct td_err *err)
{
    const char *missing = NULL;

    if (check_size(wire, WIRE_MIN, "its table of a wire", err) != 0)
        return -1;
    if (wire->chat == NULL)
        missing = "chat";
    else if (wire->reply == NULL)
        missing = "reply";
    else if (wire->read == NULL)
        missing = "read";
    else if (wire->end == NULL)
        missing = "end";
    if (missing != NULL)
        return td_fail(err, TD_E_ABI, "its wire has no %s", missing);
    if ((wire->embed == NULL) != (wire->vectors == NULL))
        return td_fail(err, TD_E_ABI, "its wire has only one of embed and vectors");
    if (wire->framing < TD_FRAMES_SSE || wire->framing > TD_FRAMES_AWS)
        return td_fail(err, TD_E_ABI, "its wire has framing %d, which this host does not know",
                       (int)wire->framing);
    if (wire->reader_size > TDH_STATE_BYTES_MAX)
        return td_fail(err, TD_E_ABI, "the reader of its wire is %zu bytes, the most is %d",
                       wire->reader_size, TDH_STATE_BYTES_MAX);
    return 0;
}

static int read_provider(struct tdh_plugin *plugin, struct td_err *err)
{
    const struct td_provider *provider = plugin->descriptor.provider;

    if (provider == NULL || check_size(provider, PROVIDER_MIN, "its table of a provider", err) != 0)
        return provider != NULL ? -1 : td_fail(err, TD_E_ABI, "has no table of a provider");
    if ((provider->wire == NULL) == (provider->native == NULL))
        return td_fail(err, TD_E_ABI,
                       "its table of a provider must have a wire or be native, and is %s",
                       provider->wire == NULL ? "neither" : "both");
    if (provider->wire != NULL)
        return check_wire(provider->wire, err);
    if (check_size(provider->native, NATIVE_MIN, "its native table", err) != 0)
        return -1;
    return provider->native->chat != NULL ? 0
                                          : td_fail(err, TD_E_ABI, "its native table has no chat");
}

static int read_kind(struct tdh_plugin *plugin, struct td_err *err)
{
    switch (plugin->manifest->kind) {
    case TD_KIND_AGENT:
        return read_agent(plugin, err);
    case TD_KIND_PATTERN:
        return read_pattern(plugin, err);
    case TD_KIND_STORAGE:
        return read_storage(plugin, err);
    case TD_KIND_PROVIDER:
        return read_provider(plugin, err);
    default:
        return td_fail(err, TD_E_UNSUPPORTED, "kind \"%s\" is not offered by this host",
                       tdh_kind_name(plugin->manifest->kind));
    }
}

static size_t bind_size(enum td_bind bind)
{
    static const size_t sizes[] = {
        [TD_BIND_STR_] = sizeof(const char *),
        [TD_BIND_INT_] = sizeof(int64_t),
        [TD_BIND_REAL_] = sizeof(double),
        [TD_BIND_BOOL_] = sizeof(bool),
        [TD_BIND_DURATION_] = sizeof(int64_t),
        [TD_BIND_BYTES_] = sizeof(int64_t),
        [TD_BIND_LIST_] = sizeof(const char *const *),
    };

    return (unsigned)bind < sizeof(sizes) / sizeof(sizes[0]) ? sizes[bind] : 0;
}

static int check_binding(const struct tdh_plugin *plugin, const struct td_binding *binding,
                         const struct tdh_option *option, struct td_err *err)
{
    size_t size = bind_size(binding->type), state_size = plugin->descriptor.state_size;

    if (option == NULL)
        return td_fail(err, TD_E_ABI, "binds option \"%.64s\", its manifest has none",
                       binding->name);
    if (binding->type != tdh_option_bind(option->type))
        return td_fail(err, TD_E_ABI,
                       "binds option \"%s\" as %s, its manifest says %s, which is bound as %s",
                       option->name, tdh_bind_name(binding->type), tdh_option_types[option->type],
                       tdh_bind_name(tdh_option_bind(option->type)));
    if (binding->offset > state_size || size > state_size - binding->offset)
        return td_fail(err, TD_E_ABI, "binds option \"%s\" outside of its state of %zu bytes",
                       option->name, state_size);
    return 0;
}

static const struct tdh_option *find_option(const struct tdh_manifest *manifest, const char *name)
{
    for (size_t i = 0; i < manifest->option_count; i++)
        if (strcmp(manifest->options[i].name, name) == 0)
            return &manifest->options[i];
    return NULL;
}

static int match_bindings(struct tdh_plugin *plugin, const struct td_binding *const *theirs,
                          struct td_err *err)
{
    for (size_t i = 0; theirs != NULL && theirs[i] != NULL; i++) {
        const struct tdh_option *option;
        const struct td_binding **place;

        if (i == ROWS_MAX)
            return td_fail(err, TD_E_ABI, "has more than %d bindings", ROWS_MAX);
        if (check_size(theirs[i], BINDING_MIN, "a binding", err) != 0)
            return -1;
        if (theirs[i]->name == NULL)
            return td_fail(err, TD_E_ABI, "a binding has no name");
        option = find_option(plugin->manifest, theirs[i]->name);
        if (check_binding(plugin, theirs[i], option, err) != 0)
            return -1;
        place = &plugin->bindings[option - plugin->manifest->options];
        if (*place != NULL)
            return td_fail(err, TD_E_ABI, "binds option \"%s\" twice", option->name);
        *place = theirs[i];
    }
    for (size_t i = 0; i < plugin->manifest->option_count; i++)
        if (plugin->bindings[i] == NULL)
            return td_fail(err, TD_E_ABI,
                           "manifest has option \"%s\", the library has no binding of it",
                           plugin->manifest->options[i].name);
    return 0;
}

int tdh_descriptor_read(struct tdh_plugin *plugin, const struct td_plugin *descriptor,
                        struct td_err *err)
{
    if (copy_descriptor(plugin, descriptor, err) != 0 ||
        check_names(plugin->manifest, &plugin->descriptor, err) != 0 || read_kind(plugin, err) != 0)
        return -1;
    plugin->bindings = calloc(plugin->manifest->option_count + 1, sizeof(*plugin->bindings));
    if (plugin->bindings == NULL)
        return td_fail(err, TD_E_NOMEM, "could not allocate the bindings");
    return match_bindings(plugin, plugin->descriptor.bindings, err);
}

/* --- what an older plugin's table does not reach to --- */

#define REACHES(table, member)                                                                     \
    ((table) != NULL &&                                                                            \
     (table)->size >= offsetof(struct td_agent, member) + sizeof((table)->member))

tdh_ready_fn *tdh_plugin_verify(const struct tdh_plugin *plugin)
{
    const struct td_agent *agent = plugin->descriptor.agent;

    return REACHES(agent, verify) ? agent->verify : NULL;
}

tdh_ready_fn *tdh_plugin_reset(const struct tdh_plugin *plugin)
{
    const struct td_agent *agent = plugin->descriptor.agent;

    return REACHES(agent, reset) ? agent->reset : NULL;
}
