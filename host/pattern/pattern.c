/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern: definitions from plugins. The stored text is {pattern, version, config}: a rebuild needs
 * the same plugin again.
 */
#include "pattern/pattern.h"

#include "base/json.h"

const char *tdh_pattern_name(const char *name, char text[static TDH_PATTERN_NAME])
{
    size_t i = 0;

    for (; name[i] != '\0' && i < TDH_PATTERN_NAME - 1; i++)
        text[i] = name[i] == '_' ? '-' : name[i];
    text[i] = '\0';
    return text;
}

struct tdh_definition *tdh_pattern_definition(struct tdh_plugins *plugins, const char *wanted,
                                              const json_t *config, struct td_err *err)
{
    char own_name[TDH_PATTERN_NAME];
    const char *name = tdh_pattern_name(wanted, own_name);
    struct tdh_plugin *plugin = tdh_plugins_load(plugins, TD_KIND_PATTERN, name, err);
    struct tdh_definition *definition;
    json_t *text, *own = config != NULL ? json_incref((json_t *)config) : json_object();

    if (plugin == NULL) {
        json_decref(own);
        return NULL;
    }
    text = json_pack("{s:s, s:s, s:o}", "pattern", name, "version", plugin->manifest->version_text,
                     "config", own);
    if (text == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the definition of pattern \"%s\"", name);
        return NULL;
    }
    definition = tdh_definition_new("pattern", name, plugin->manifest->version_text,
                                    plugin->descriptor.pattern->reducer, text,
                                    json_object_get(text, "config"), err);
    if (definition == NULL) {
        td_context(err, "pattern \"%s\"", name);
        return NULL;
    }
    definition->plugin = tdh_plugin_hold(plugin);
    return definition;
}

static int find(void *arg, const char *name, const json_t *config,
                struct tdh_definition **ret_definition, struct td_err *err)
{
    *ret_definition = tdh_pattern_definition(arg, name, config, err);
    return *ret_definition != NULL ? 0 : -1;
}

static int remake(void *arg, const json_t *text, struct tdh_definition **ret_definition,
                  struct td_err *err)
{
    return find(arg, tdh_json_str(text, "pattern", ""), json_object_get(text, "config"),
                ret_definition, err);
}

int tdh_patterns_register(struct tdh_plugins *plugins, struct tdh_engine *engine,
                          struct td_err *err)
{
    struct tdh_run_kind kind = { .kind = "pattern",
                                 .target = TD_TARGET_PATTERN,
                                 .find = find,
                                 .remake = remake,
                                 .arg = plugins };

    return tdh_run_register(engine, &kind, err);
}
