/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host: puts the parts together, and takes them apart in reverse.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "http/http.h"
#include "main/main.h"

/* --- folders --- */

/* Where user files are: beside the configuration file. */
static char *user_folder(const struct tdh_host *host, const char *name)
{
    char *conf_dir = host->is_of_machine ? tdh_part_find(TDH_PART_CONF) : NULL;
    const char *file = tdh_conf_file(host->conf), *slash = file != NULL ? strrchr(file, '/') : NULL;
    const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char *path = NULL;
    int rc;

    if (slash != NULL)
        rc = asprintf(&path, "%.*s/%s", (int)(slash - file), file, name);
    else if (conf_dir != NULL)
        rc = asprintf(&path, "%s/%s", conf_dir, name);
    else if (base != NULL && base[0] == '/')
        rc = asprintf(&path, "%s/tdev/%s", base, name);
    else
        rc = asprintf(&path, "%s/.config/tdev/%s", home != NULL ? home : "", name);
    free(conf_dir);
    return rc < 0 ? NULL : path;
}

/* The user's folder, then the one that came with tdev. */
static char **make_folders(const struct tdh_host *host, const char *name)
{
    char **folders = calloc(3, sizeof(char *));

    if (folders == NULL)
        return NULL;
    folders[0] = user_folder(host, name);
    if (asprintf(&folders[1], "%s/%s", host->data_dir, name) < 0)
        folders[1] = NULL;
    return folders;
}

static void free_folders(char **folders)
{
    for (char **at = folders; at != NULL && *at != NULL; at++)
        free(*at);
    free(folders);
}

/* --- first step --- */

static int set_up_log(const struct tdh_conf *conf, struct td_err *err)
{
    enum tdh_log_level level;
    enum tdh_log_format format =
        strcmp(tdh_conf_str(conf, TDH_CONF_LOG_FORMAT), "json") == 0 ? TDH_LOG_JSON : TDH_LOG_TEXT;

    if (tdh_log_level_parse(tdh_conf_str(conf, TDH_CONF_LOG_LEVEL), &level, err) != 0)
        return -1;
    tdh_log_setup(level, format, STDERR_FILENO);
    return 0;
}

static void free_host(struct tdh_host *host)
{
    if (host == NULL)
        return;
    tdh_plugins_free(host->plugins);
    tdh_trust_free(host->trust);
    free_folders(host->flow_folders);
    free_folders(host->agent_folders);
    free_folders(host->policy_folders);
    free_folders(host->model_folders);
    free(host->plugin_folders);
    free(host->data_dir);
    tdh_conf_unref(host->conf);
    tdh_conf_unref(host->reread);
    tdh_log_flush();
    free(host);
}

/* A daemon that an ordinary user starts as it is goes on with what that user's tdev begins, so it
 * looks where that does. A service says --config. */
static bool is_personal(const char *config)
{
    const char *home = getenv("HOME"), *named = getenv("TDEV_CONFIG");

    return geteuid() != 0 && config == NULL && (named == NULL || named[0] == '\0') &&
           home != NULL && home[0] == '/';
}

static struct tdh_host *open_any(bool is_daemon, const char *config, const char *profile,
                                 struct td_err *err)
{
    struct tdh_host *host = calloc(1, sizeof(*host));
    struct tdh_conf_source source = { .is_daemon = is_daemon,
                                      .is_personal = is_daemon && is_personal(config),
                                      .file = config,
                                      .profile = profile };
    const char *data_dir;

    if (host == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the host");
        return NULL;
    }
    host->is_daemon = is_daemon;
    host->is_of_machine = is_daemon && !source.is_personal;
    if (tdh_conf_read(&source, &host->conf, err) != 0 || set_up_log(host->conf, err) != 0)
        goto fail;
    data_dir = tdh_conf_str(host->conf, TDH_CONF_DATA_DIR);
    host->data_dir = data_dir[0] != '\0' ? strdup(data_dir) : tdh_part_find(TDH_PART_DATA);
    if (host->data_dir != NULL) {
        host->flow_folders = make_folders(host, "workflows");
        host->agent_folders = make_folders(host, "agents");
        host->policy_folders = make_folders(host, "policies");
        host->model_folders = make_folders(host, "models");
    }
    if (host->flow_folders == NULL || host->agent_folders == NULL || host->policy_folders == NULL ||
        host->model_folders == NULL) {
        td_fail(err, TD_E_NOMEM, "could not allocate the host's folders");
        goto fail;
    }
    tdh_services_fill(host);
    if (tdh_host_plugins(host, err) == 0)
        return host;
fail:
    free_host(host);
    return NULL;
}

static struct tdh_host *open_host(const char *config, const char *profile, struct td_err *err)
{
    return open_any(false, config, profile, err);
}

static struct tdh_host *open_daemon(const char *config, const char *profile, struct td_err *err)
{
    return open_any(true, config, profile, err);
}

static void fill_limits(const struct tdh_conf *conf, struct tdh_engine_options *options)
{
    options->run_ahead_bytes = (size_t)tdh_conf_int(conf, TDH_CONF_LIMITS_RUN_AHEAD);
    options->input_bytes = (size_t)tdh_conf_int(conf, TDH_CONF_LIMITS_INPUT_BYTES);
    options->stop_ms = (uint32_t)tdh_conf_int(conf, TDH_CONF_LIMITS_STOP);
    options->snapshot_bytes = (size_t)tdh_conf_int(conf, TDH_CONF_LIMITS_SNAPSHOT_BYTES);
}

/* The host's parts keep what they were made with, but for what is marked "reload". */
int tdh_host_reload(struct tdh_host *host, struct td_err *err)
{
    struct tdh_engine_options limits = { 0 };
    struct tdh_conf *conf;
    char name[64];
    int rc;

    if (tdh_conf_reread(host->conf, &conf, err) != 0)
        return -1;
    for (int key = 0; key < TDH_CONF_KEYS_; key++)
        if (tdh_conf_pending(conf, (enum tdh_conf_key)key))
            tdh_log(TDH_LOG_WARNING, "tdevd",
                    TDH_FACTS(TDH_S("setting",
                                    tdh_conf_name((enum tdh_conf_key)key, name, sizeof(name)))),
                    "a setting is another now, which takes a restart");
    rc = set_up_log(conf, err);
    tdh_plugins_revive(host->plugins);
    if (rc == 0)
        rc = tdh_plugins_reread(host->plugins, err);
    fill_limits(conf, &limits);
    tdh_engine_limit(host->engine, &limits);
    tdh_conf_unref(host->reread);
    host->reread = conf;
    return rc;
}

/* --- second step --- */

/* The backend that is configured, and whether it keeps a store in a file. */
static struct tdh_plugin *load_backend(struct tdh_host *host, bool *ret_has_file,
                                       struct td_err *err)
{
    const char *durability = tdh_conf_str(host->conf, TDH_CONF_STORE_DURABILITY);
    const char *name = strcmp(durability, "memory") == 0
                           ? "memory"
                           : tdh_conf_str(host->conf, TDH_CONF_STORE_BACKEND);

    *ret_has_file = strcmp(name, "sqlite") == 0;
    if (*ret_has_file &&
        tdh_file_mkdirs(tdh_conf_str(host->conf, TDH_CONF_STATE_DIR), 0700, err) != 0)
        return NULL;
    return tdh_plugins_load(host->plugins, TD_KIND_STORAGE, name, err);
}

static json_t *file_options(const struct tdh_host *host, const char *path)
{
    return json_pack("{s:s, s:s}", "path", path, "synchronous",
                     tdh_conf_str(host->conf, TDH_CONF_STORE_DURABILITY));
}

/* path: NULL when the backend keeps nothing in a file. */
static int open_backend(struct tdh_host *host, struct tdh_plugin *plugin, const char *path,
                        struct tdh_store **ret_store, struct td_err *err)
{
    json_t *values = path != NULL ? file_options(host, path) : NULL;
    struct tdh_store_backend backend;
    struct tdh_store *store;
    int rc = tdh_plugin_backend(plugin, values, &host->services, &backend, err);

    json_decref(values);
    store = rc == 0 ? tdh_store_new(host->runtime, &backend, err) : NULL;
    if (store != NULL)
        *ret_store = store;
    return store != NULL ? 0 : -1;
}

static int open_own_store(struct tdh_host *host, struct td_err *err)
{
    const char *path = tdh_conf_str(host->conf, TDH_CONF_STORE_PATH);
    bool has_file;
    struct tdh_plugin *plugin = load_backend(host, &has_file, err);

    return plugin != NULL ? open_backend(host, plugin, has_file ? path : NULL, &host->store, err)
                          : -1;
}

static int fail_without_file(const char *what, struct td_err *err)
{
    td_fail(err, TD_E_UNSUPPORTED, "the store that is configured cannot be %s: it is in no file",
            what);
    return td_hint(err, "set store.backend to sqlite, and store.durability to full or normal");
}

static int open_store(struct tdh_host *host, const char *path, struct tdh_store **ret_store,
                      struct td_err *err)
{
    bool has_file;
    struct tdh_plugin *plugin = load_backend(host, &has_file, err);

    if (plugin == NULL)
        return -1;
    return has_file ? open_backend(host, plugin, path, ret_store, err)
                    : fail_without_file("copied", err);
}

struct restoring {
    struct tdh_host *host;
    struct tdh_plugin *plugin;
    const char *image, *aside;
};

static int run_restore(void *arg, struct td_err *err)
{
    struct restoring *restoring = arg;
    struct tdh_host *host = restoring->host;
    json_t *values = file_options(host, tdh_conf_str(host->conf, TDH_CONF_STORE_PATH));
    int rc = tdh_plugin_restore(restoring->plugin, values, &host->services, restoring->image,
                                restoring->aside, err);

    json_decref(values);
    return rc;
}

static int restore_store(struct tdh_host *host, const char *image, const char *aside,
                         struct td_err *err)
{
    bool has_file;
    struct restoring restoring = {
        .host = host, .plugin = load_backend(host, &has_file, err), .image = image, .aside = aside
    };

    if (restoring.plugin == NULL)
        return -1;
    return has_file ? tdh_blocking(host->runtime, run_restore, &restoring, err)
                    : fail_without_file("restored", err);
}

static int start_engine(struct tdh_host *host, struct td_err *err)
{
    struct tdh_engine_options options = {
        .runtime = host->runtime,
        .store = host->store,
        .state_dir = host->store != NULL ? tdh_conf_str(host->conf, TDH_CONF_STATE_DIR) : NULL,
        .notices = tdh_notices_named(tdh_conf_str(host->conf, TDH_CONF_EVENTS_ANNOUNCE)),
    };

    fill_limits(host->conf, &options);
    host->engine = tdh_engine_new(&options, err);
    if (host->engine == NULL || tdh_flows_register(host->flows, host->engine, err) != 0)
        return -1;
    return tdh_patterns_register(host->plugins, host->engine, err);
}

static int start_events(struct tdh_host *host, struct td_err *err)
{
    struct tdh_events_options options = {
        .store = host->store,
        .engine = host->engine,
        .state_dir = tdh_conf_str(host->conf, TDH_CONF_STATE_DIR),
        .keep_ms = tdh_conf_int(host->conf, TDH_CONF_EVENTS_KEEP),
        .keep_count = tdh_conf_int(host->conf, TDH_CONF_EVENTS_MAX),
        .policy = tdh_host_call_policy(host->conf),
    };

    host->events = tdh_events_new(&options, err);
    return host->events != NULL ? tdh_host_tell(host, err) : -1;
}

/* The store, and the workflows that are deployed in it. A host that only looks makes none. */
static int start_store(struct tdh_host *host, enum tdh_host_parts parts, struct td_err *err)
{
    bool is_changed;

    if (parts == TDH_HOST_BARE ||
        (parts == TDH_HOST_LOOKING &&
         access(tdh_conf_str(host->conf, TDH_CONF_STORE_PATH), F_OK) != 0))
        return 0;
    return open_own_store(host, err) == 0 &&
                   tdh_flows_refresh(host->flows, host->store, &is_changed, err) == 0 &&
                   tdh_agents_settings(host->agents, host->store, err) == 0
               ? 0
               : -1;
}

struct job {
    struct tdh_host *host;
    enum tdh_host_parts parts;
    tdh_host_fn *fn;
    void *arg;
    struct td_err *err;
    int rc;
};

static int start_parts(struct tdh_host *host, enum tdh_host_parts parts, struct td_err *err)
{
    if (tdh_host_policies(host, err) != 0 || tdh_host_agents(host, err) != 0 ||
        tdh_host_models(host, err) != 0 || start_store(host, parts, err) != 0)
        return -1;
    tdh_agents_keep(host->agents, host->store);
    return parts != TDH_HOST_WHOLE || (start_engine(host, err) == 0 && start_events(host, err) == 0)
               ? 0
               : -1;
}

static void run_job(void *arg)
{
    struct job *job = arg;
    struct tdh_host *host = job->host;
    bool is_begun = start_parts(host, job->parts, job->err) == 0;

    job->rc = is_begun ? tdh_tell_while(host, job->fn, job->arg, job->err) : -1;
    if (is_begun && host->engine != NULL) {
        tdh_engine_leave(host->engine);
        tdh_engine_stop(host->engine);
    }
    tdh_agents_stop(host->agents);
    tdh_agents_save(host->agents); /* of those that could not be stopped */
    tdh_host_hush(host);
}

static int run_host(struct tdh_host *host, enum tdh_host_parts parts, tdh_host_fn *fn, void *arg,
                    struct td_err *err)
{
    struct tdh_runtime_options options = {
        .workers = (unsigned)tdh_conf_int(host->conf, TDH_CONF_RUNTIME_WORKERS),
        .blocking_threads = (unsigned)tdh_conf_int(host->conf, TDH_CONF_RUNTIME_BLOCKING_THREADS),
        .coroutines_max = (unsigned)tdh_conf_int(host->conf, TDH_CONF_RUNTIME_COROUTINES),
        .stack_bytes = (size_t)tdh_conf_int(host->conf, TDH_CONF_RUNTIME_STACK),
        .is_watched = true,
    };
    struct job job = { host, parts, fn, arg, err, -1 };

    host->runtime = tdh_runtime_new(&options, err);
    if (host->runtime == NULL)
        return -1;
    if (tdh_runtime_run(host->runtime, run_job, &job, err) != 0)
        job.rc = -1;
    tdh_events_free(host->events);
    tdh_engine_free(host->engine);
    tdh_flows_free(host->flows);
    tdh_host_agents_end(host);
    tdh_host_models_end(host);
    tdh_host_policies_end(host);
    tdh_plugins_stop(host->plugins);
    tdh_store_close(host->store);
    tdh_http_end();
    tdh_runtime_free(host->runtime);
    host->events = NULL;
    host->engine = NULL;
    host->flows = NULL;
    host->store = NULL;
    host->runtime = NULL;
    return job.rc;
}

const struct tdh_hosts tdh_hosts_embedded = {
    .open = open_host,
    .run = run_host,
    .open_store = open_store,
    .restore_store = restore_store,
    .free = free_host,
};

const struct tdh_hosts tdh_hosts_daemon = {
    .open = open_daemon,
    .run = run_host,
    .free = free_host,
};
