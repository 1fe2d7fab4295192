/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugins: where a host's plugins are, and how they may run, as its configuration says.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/http.h"
#include "main/main.h"

/* new: where tdev-runner is; NULL without memory. */
static char *find_runner(const struct tdh_host *host)
{
    const char *folder = tdh_conf_str(host->conf, TDH_CONF_PLUGINS_RUNNER_DIR);
    char *path;

    return asprintf(&path, "%s/tdev-runner", folder) < 0 ? NULL : path;
}

/* new: where the compatibility matrix is when the configuration does not say; NULL without memory.
 */
static char *usual_compat(void)
{
    char *folder = tdh_part_find(TDH_PART_CONF), *path = NULL;

    if (folder != NULL && asprintf(&path, "%s/compat.yaml", folder) < 0)
        path = NULL;
    free(folder);
    return path;
}

static enum tdh_signatures read_signatures(const struct tdh_conf *conf)
{
    const char *word = tdh_conf_str(conf, TDH_CONF_PLUGINS_SIGNATURES);

    if (strcmp(word, "require") == 0)
        return TDH_SIGNATURES_REQUIRE;
    return strcmp(word, "warn") == 0 ? TDH_SIGNATURES_WARN : TDH_SIGNATURES_OFF;
}

/* Keys are read when somebody is to look at signatures: a file of them that is not there holds up
 * nobody else. */
static int read_trust(struct tdh_host *host, enum tdh_signatures signatures, struct td_err *err)
{
    if (signatures == TDH_SIGNATURES_OFF)
        return 0;
    host->trust = tdh_trust_new(err);
    if (host->trust == NULL)
        return -1;
    return tdh_trust_add_all(host->trust, tdh_conf_list(host->conf, TDH_CONF_PLUGINS_TRUSTED_KEYS),
                             err);
}

/* Where the module for requests is: beside tdev-runner; where that was built and not installed, in
 * libtool's folder. Lives as long as the process: it is opened once. */
static void find_http(const struct tdh_host *host)
{
    static const char *const places[] = { "tdev-http.so", ".libs/tdev-http.so" };
    static char path[4096];
    const char *folder = tdh_conf_str(host->conf, TDH_CONF_PLUGINS_RUNNER_DIR);

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, places[i]);
        if (access(path, R_OK) == 0)
            break;
    }
    tdh_http_setup(path);
}

int tdh_host_plugins(struct tdh_host *host, struct td_err *err)
{
    size_t bundled = 0;
    char *compat = usual_compat();
    char *runner = find_runner(host);
    struct tdh_plugins_options options = {
        .inline_roots = tdh_conf_list(host->conf, TDH_CONF_PLUGINS_INLINE),
        .private_dir = tdh_conf_str(host->conf, TDH_CONF_PLUGINS_PRIVATE_DIR),
        .compat_path = tdh_conf_str(host->conf, TDH_CONF_PLUGINS_COMPAT),
        .runner_path = runner,
        .data_dir = host->data_dir,
        .is_strict = strcmp(tdh_conf_str(host->conf, TDH_CONF_PLUGINS_CONFINEMENT), "full") == 0,
        .crashes_max = (unsigned)tdh_conf_int(host->conf, TDH_CONF_PLUGINS_CRASHES),
        .processes_max = (unsigned)tdh_conf_int(host->conf, TDH_CONF_PLUGINS_PROCESSES),
        .signatures = read_signatures(host->conf),
    };

    if (read_trust(host, options.signatures, err) != 0) {
        free(compat);
        free(runner);
        return td_context(err, "plugins.trusted_keys");
    }
    options.trust = host->trust;
    find_http(host);
    host->plugin_folders = tdh_conf_plugin_folders(host->conf, &bundled);
    if (host->plugin_folders == NULL || compat == NULL || runner == NULL) {
        free(compat);
        free(runner);
        return td_fail(err, TD_E_NOMEM, "could not allocate the plugin folders");
    }
    options.roots = (const char *const *)host->plugin_folders;
    options.bundled_root = host->plugin_folders[bundled];
    options.is_compat_needed = strcmp(options.compat_path, compat) != 0;
    host->plugins = tdh_plugins_new(&options, err);
    free(runner);
    free(compat);
    return host->plugins != NULL ? 0 : -1;
}
