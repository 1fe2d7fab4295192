/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conform_run: opens the plugin of a folder in a host of its own, runs the suites, and tells every
 * rule.
 *
 * The host is the usual one. The folder goes in front of TDEV_PLUGIN_PATH, state is kept in the
 * folder of the try.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/cli.h"
#include "cli/conform.h"

/* --- rules --- */

static void tell(const struct tdh_conform *conform, json_t *line)
{
    struct tdh_buf buf = { 0 };

    tdh_buf_json(&buf, line, 0);
    tdh_buf_char(&buf, '\n');
    for (size_t done = 0; !buf.failed && done < buf.length;) {
        ssize_t wrote = write(conform->fd, buf.data + done, buf.length - done);

        if (wrote <= 0)
            break;
        done += (size_t)wrote;
    }
    tdh_buf_free(&buf);
    json_decref(line);
}

/* A rule on its way into the blocking pool. */
struct trial {
    struct tdh_conform *conform;
    tdh_rule_fn *fn;
    void *arg;
};

static int run_trial(void *arg, struct td_err *err)
{
    const struct trial *trial = arg;

    return trial->fn(trial->conform, trial->arg, err);
}

int tdh_conform_rule(struct tdh_conform *conform, tdh_rule_fn *fn, void *arg, const char *fmt, ...)
{
    struct trial trial = { conform, fn, arg };
    struct td_err err = { 0 };
    char rule[256];
    va_list ap;
    int rc;

    va_start(ap, fmt);
    vsnprintf(rule, sizeof(rule), fmt, ap);
    va_end(ap);
    tell(conform, json_pack("{s:s}", "begin", rule));
    rc = conform->is_pooled
             ? tdh_blocking_plugin(conform->host->runtime, TDH_NEVER, run_trial, &trial, &err)
             : run_trial(&trial, &err);
    tell(conform, json_pack("{s:s, s:b, s:s*, s:s*}", "rule", rule, "ok", rc == 0, "why",
                            rc != 0 ? err.text : NULL, "hint",
                            rc != 0 && err.hint[0] != '\0' ? err.hint : NULL));
    return rc;
}

void tdh_conform_skip(struct tdh_conform *conform, const char *fmt, ...)
{
    char rule[256];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(rule, sizeof(rule), fmt, ap);
    va_end(ap);
    tell(conform, json_pack("{s:s}", "rule", rule));
}

/* --- the host --- */

/* The folder's parent goes in front of what is there, so that the plugin is found as any other is.
 */
static int set_environment(const struct tdh_conform *conform, const char *folder,
                           struct td_err *err)
{
    const char *old = getenv("TDEV_PLUGIN_PATH"), *slash = strrchr(folder, '/');
    char *path = NULL;
    int rc;

    if (asprintf(&path, "%.*s%s%s", (int)(slash - folder), folder,
                 old != NULL && old[0] != '\0' ? ":" : "", old != NULL ? old : "") < 0)
        return td_fail(err, TD_E_NOMEM, "could not allocate the plugin path");
    rc = setenv("TDEV_PLUGIN_PATH", path, 1) == 0 &&
                 setenv("TDEV_STATE_DIR", conform->temp, 1) == 0 &&
                 setenv("TDEV_STORE_DURABILITY", "memory", 1) == 0
             ? 0
             : td_fail_sys(err, "could not set the environment");
    free(path);
    return rc;
}

static int pass_gates(struct tdh_conform *conform, void *folder, struct td_err *err)
{
    return tdh_plugins_check(conform->host->plugins, folder, err);
}

static int load(struct tdh_conform *conform, void *folder, struct td_err *err)
{
    struct tdh_manifest *manifest = tdh_manifest_read(folder, err);
    const char *name = strrchr(folder, '/') + 1;
    int rc = -1;

    if (manifest == NULL)
        return -1;
    if (strcmp(manifest->name, name) != 0)
        td_fail(err, TD_E_CONFIG,
                "plugin \"%s\" is in a folder called \"%s\", so nobody can find it", manifest->name,
                name);
    else
        conform->plugin =
            tdh_plugins_load(conform->host->plugins, manifest->kind, manifest->name, err);
    if (conform->plugin != NULL && strcmp(conform->plugin->manifest->folder, folder) != 0)
        td_fail(err, TD_E_CONFIG, "plugin \"%s\" is found in \"%s\" first", manifest->name,
                conform->plugin->manifest->folder);
    else if (conform->plugin != NULL)
        rc = 0;
    tdh_manifest_free(manifest);
    return rc;
}

/* What conform.yaml may hold. A key that is misspelt would expect nothing. */
static const char script_schema[] =
    "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
    "\"options\": {\"type\": \"object\"},"
    "\"capabilities\": true, \"permissions\": true,"
    "\"uses\": {\"type\": \"object\", \"additionalProperties\": {"
    "  \"type\": [\"object\", \"null\"], \"additionalProperties\": false, \"properties\": {"
    "    \"output\": true, \"error\": {\"type\": \"string\"}}}},"
    "\"calls\": {\"type\": \"array\", \"items\": {"
    "  \"type\": \"object\", \"required\": [\"action\", \"input\"],"
    "  \"additionalProperties\": false, \"properties\": {"
    "    \"action\": {\"type\": \"string\"}, \"input\": true,"
    "    \"output\": true, \"includes\": true, \"error\": {\"type\": \"string\"}}}},"
    "\"states\": {\"type\": \"array\", \"items\": {"
    "  \"type\": \"object\", \"required\": [\"version\", \"state\"],"
    "  \"additionalProperties\": false, \"properties\": {"
    "    \"version\": {\"type\": \"integer\", \"minimum\": 1}, \"state\": true}}},"
    "\"cases\": {\"type\": \"array\", \"items\": {"
    "  \"type\": \"object\", \"required\": [\"name\"],"
    "  \"additionalProperties\": false, \"properties\": {"
    "    \"name\": {\"type\": \"string\"}, \"config\": true, \"input\": true,"
    "    \"order\": {\"type\": \"array\", \"items\": {\"type\": \"integer\", \"minimum\": 1}},"
    "    \"cancel\": {\"type\": \"integer\", \"minimum\": 0},"
    "    \"answers\": {\"type\": \"array\", \"items\": {"
    "      \"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
    "        \"output\": true, \"error\": {\"type\": \"string\"}}}},"
    "    \"output\": true, \"error\": {\"type\": \"string\"}}}}}}";

static int check_script(const struct tdh_yaml *yaml, struct td_err *err)
{
    json_t *document =
        tdh_json_parse(script_schema, sizeof(script_schema) - 1, "schema of conform.yaml", err);
    struct tdh_schema *schema = document != NULL ? tdh_schema_compile(document, NULL, err) : NULL;
    int rc = schema != NULL ? tdh_schema_check_yaml(schema, yaml, err) : -1;

    tdh_schema_free(schema);
    json_decref(document);
    return rc;
}

/* A bridge is tried with what conform.yaml says that an agent of it offers. */
static int read_offer(struct tdh_conform *conform, const struct tdh_yaml *yaml, struct td_err *err)
{
    struct tdh_manifest *manifest = conform->plugin->manifest;

    if (!manifest->is_bridge) {
        conform->offer = tdh_manifest_offer(manifest);
        return 0;
    }
    if (yaml == NULL)
        return td_fail(err, TD_E_CONFIG, "a bridge needs a conform.yaml, with \"capabilities\"");
    return tdh_offer_read(manifest, yaml, &conform->offer, err);
}

/* Reads conform.yaml, if the plugin has one. */
static int read_script(struct tdh_conform *conform, void *folder, struct td_err *err)
{
    char *path = NULL;
    struct tdh_yaml *yaml;
    int rc;

    if (asprintf(&path, "%s/conform.yaml", (const char *)folder) < 0)
        return td_fail(err, TD_E_NOMEM, "could not allocate the path of conform.yaml");
    yaml = tdh_yaml_read(path, err);
    free(path);
    if (yaml != NULL && check_script(yaml, err) == 0)
        conform->script = json_incref(yaml->root);
    else if (yaml == NULL && err->code == TD_E_NOTFOUND)
        conform->script = json_object();
    rc = conform->script != NULL ? read_offer(conform, yaml, err) : -1;
    tdh_yaml_free(yaml);
    return rc;
}

static int run_suites(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct tdh_conform *conform = arg;

    (void)err;
    conform->host = host;
    if (conform->plugin->manifest->role_count > 0 &&
        tdh_conform_rule(conform, tdh_conform_cast, NULL, "somebody has its roles") != 0) {
        tdh_conform_cast_end(conform);
        return 0;
    }
    conform->is_pooled =
        conform->plugin->manifest->is_blocking && conform->plugin->manifest->kind != TD_KIND_AGENT;
    tdh_conform_life(conform);
    switch (conform->plugin->manifest->kind) {
    case TD_KIND_AGENT:
        tdh_conform_agent(conform);
        break;
    case TD_KIND_PATTERN:
        tdh_conform_pattern(conform);
        break;
    case TD_KIND_PROVIDER:
        tdh_conform_provider(conform);
        break;
    case TD_KIND_STORAGE:
        tdh_conform_storage(conform);
        break;
    }
    tdh_conform_cast_end(conform);
    return 0;
}

static int run_host(struct tdh_conform *conform, const char *folder, struct td_err *err)
{
    void *arg = (void *)folder;

    if (tdh_conform_rule(conform, pass_gates, arg, "passes all gates") != 0 ||
        tdh_conform_rule(conform, load, arg, "is found by its name") != 0 ||
        tdh_conform_rule(conform, read_script, arg, "conform.yaml can be read, if it is there") !=
            0)
        return 0; /* told; the rest makes no sense */
    return conform->args->hosts->run(
        conform->host,
        tdh_permission_has(conform->plugin->manifest->permissions, "store", "kv") ? TDH_HOST_WHOLE
                                                                                  : TDH_HOST_BARE,
        run_suites, conform, err);
}

int tdh_conform_run(struct tdh_conform *conform, const char *folder)
{
    struct td_err err;
    int rc = -1;

    if (set_environment(conform, folder, &err) == 0)
        conform->host = tdh_cli_host(conform->args, &err);
    if (conform->host != NULL)
        rc = run_host(conform, folder, &err);
    if (rc != 0)
        tell(conform, json_pack("{s:s, s:b, s:s}", "rule", "a host for the try can be started",
                                "ok", 0, "why", err.text));
    tdh_offer_end(&conform->offer);
    json_decref(conform->script);
    conform->args->hosts->free(conform->host);
    tell(conform, json_pack("{s:b}", "end", 1));
    return TDH_EXIT_DONE;
}
