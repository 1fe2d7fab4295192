/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern: definitions from plugins. The stored text is {pattern, version, config}: a rebuild needs
 * the same plugin again.
 */
#include "pattern/pattern.h"

#include "base/json.h"
#include "base/log.h"

const char *tdh_pattern_name(const char *name, char text[static TDH_PATTERN_NAME])
{
    size_t i = 0;

    for (; name[i] != '\0' && i < TDH_PATTERN_NAME - 1; i++)
        text[i] = name[i] == '_' ? '-' : name[i];
    text[i] = '\0';
    return text;
}

/* Takes text: {pattern, version, config}. */
static struct tdh_definition *make(struct tdh_plugin *plugin, json_t *text, struct td_err *err)
{
    const char *name = plugin->manifest->name, *version = plugin->manifest->version_text;
    struct tdh_definition *definition;
    const char *before;

    if (text == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the definition of pattern \"%s\"", name);
        return NULL;
    }
    before = tdh_hold(plugin->manifest->name);
    definition = tdh_definition_new("pattern", name, version, plugin->descriptor.pattern->reducer,
                                    text, json_object_get(text, "config"), err);
    tdh_hold(before);
    if (definition == NULL)
        td_context(err, "pattern \"%s\"", name);
    else
        definition->plugin = tdh_plugin_hold(plugin);
    return definition;
}

static int check_config(struct tdh_plugin *plugin, const json_t *config, struct td_err *err)
{
    const struct tdh_schema *schema = plugin->manifest->config_schema;

    if (schema == NULL || tdh_schema_check(schema, config, err) == 0)
        return 0;
    if (err->code == TD_E_INVAL)
        err->code = TD_E_CONFIG;
    return td_context(err, "pattern \"%s\": configuration", plugin->manifest->name);
}

static struct tdh_definition *make_with(struct tdh_plugin *plugin, json_t *own, struct td_err *err)
{
    return make(plugin,
                json_pack("{s:s, s:s, s:o}", "pattern", plugin->manifest->name, "version",
                          plugin->manifest->version_text, "config", own),
                err);
}

struct tdh_definition *tdh_pattern_definition(struct tdh_plugins *plugins, const char *name,
                                              const json_t *config, struct td_err *err)
{
    char own_name[TDH_PATTERN_NAME];
    struct tdh_plugin *plugin =
        tdh_plugins_load(plugins, TD_KIND_PATTERN, tdh_pattern_name(name, own_name), err);
    json_t *own = config != NULL ? json_incref((json_t *)config) : json_object();

    if (plugin != NULL && check_config(plugin, own, err) == 0)
        return make_with(plugin, own, err);
    json_decref(own);
    return NULL;
}

static int find_for_run(void *arg, const char *name, const json_t *config,
                        struct tdh_definition **ret_definition, struct td_err *err)
{
    *ret_definition = tdh_pattern_definition(arg, name, config, err);
    return *ret_definition != NULL ? 0 : -1;
}

/* The plugin as it was, if it is to be had; else as it serves now. new hold. */
static struct tdh_plugin *find_again(struct tdh_plugins *plugins, const char *name,
                                     const char *edition, struct td_err *err)
{
    struct tdh_plugin *plugin = NULL;
    struct td_err why;

    if (edition != NULL)
        plugin = tdh_plugins_edition(plugins, TD_KIND_PATTERN, name, edition, &why);
    if (plugin != NULL)
        return plugin;
    if (edition != NULL)
        tdh_log(TDH_LOG_WARNING, "pattern",
                TDH_FACTS(TDH_S("pattern", name), TDH_S("why", why.text)),
                "is taken as it is now, not as it was when the run began");
    plugin = tdh_plugins_load(plugins, TD_KIND_PATTERN, name, err);
    return plugin != NULL ? tdh_plugin_hold(plugin) : NULL;
}

/* What was checked once is not held against the schema again: that of a later version may say more,
 * and the run goes on. */
static int remake(void *arg, const json_t *text, const char *edition,
                  struct tdh_definition **ret_definition, struct td_err *err)
{
    json_t *config = json_object_get(text, "config");
    struct tdh_plugin *plugin = find_again(arg, tdh_json_str(text, "pattern", ""), edition, err);

    *ret_definition =
        plugin != NULL
            ? make_with(plugin, config != NULL ? json_incref(config) : json_object(), err)
            : NULL;
    tdh_plugin_release(plugin);
    return *ret_definition != NULL ? 0 : -1;
}

int tdh_patterns_register(struct tdh_plugins *plugins, struct tdh_engine *engine,
                          struct td_err *err)
{
    struct tdh_run_kind kind = { .kind = "pattern",
                                 .target = TD_TARGET_PATTERN,
                                 .find = find_for_run,
                                 .remake = remake,
                                 .arg = plugins };

    return tdh_run_register(engine, &kind, err);
}
