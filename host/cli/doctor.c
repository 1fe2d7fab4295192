/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor: looks at an installation piece by piece, and says of each what is wrong and what to do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "cli/cli.h"

enum finding { GOOD, NOTE, BAD };
enum { VERIFY_BYTES = 64 * 1024 * 1024 };

struct visit {
    const struct tdh_args *args;
    json_t *findings;
    bool is_bad;
};

static void find(struct visit *visit, enum finding finding, const char *what, const char *text,
                 const char *hint)
{
    static const char *const marks[] = { "ok", "note", "bad" };

    visit->is_bad = visit->is_bad || finding == BAD;
    if (!visit->args->is_json) {
        printf("%-5s %-14s %s\n", marks[finding], what, text);
        if (hint[0] != '\0')
            printf("      %-14s %s\n", "", hint);
    }
    json_array_append_new(visit->findings,
                          json_pack("{s:s, s:s, s:s, s:s}", "state", marks[finding], "what", what,
                                    "text", text, "hint", hint));
}

static void look_at_conf(struct visit *visit, const struct tdh_host *host)
{
    const char *file = tdh_conf_file(host->conf);

    find(visit, GOOD, "configuration", file != NULL ? file : "no file: defaults and environment",
         "");
}

static void look_at_data(struct visit *visit, const struct tdh_host *host)
{
    char path[4096], text[4200];

    snprintf(path, sizeof(path), "%s/catalogue/static", host->data_dir);
    if (access(path, R_OK) == 0) {
        find(visit, GOOD, "data", host->data_dir, "");
        return;
    }
    snprintf(text, sizeof(text), "\"%s\" is not there or not readable", path);
    find(visit, BAD, "data", text, "set data.dir, or install tdev again");
}

static void look_at_plugins(struct visit *visit, struct tdh_host *host)
{
    const struct tdh_plugin_entry **entries = NULL;
    unsigned count = 0, refused = 0;
    struct td_err err;
    char text[64];

    if (tdh_plugins_scan(host->plugins, &err) == 0)
        entries = tdh_plugins_list(host->plugins, &err);
    if (entries == NULL) {
        find(visit, BAD, "plugins", err.text, err.hint);
        return;
    }
    for (const struct tdh_plugin_entry **entry = entries; *entry != NULL; entry++) {
        count++;
        if ((*entry)->state != TDH_PLUGIN_REFUSED)
            continue;
        refused++;
        find(visit, BAD, "plugin", (*entry)->why.text, (*entry)->why.hint);
    }
    free(entries);
    snprintf(text, sizeof(text), "%u found, %u refused", count, refused);
    find(visit, count > refused ? GOOD : BAD, "plugins", text,
         count == 0 ? "is TDEV_PLUGIN_PATH right?" : "");
}

static int look_at_agents(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct visit *visit = arg;
    json_t *agents = tdh_agents_list(host->agents, err), *agent;
    size_t i, refused = 0;
    char text[64];

    if (agents == NULL)
        return -1;
    json_array_foreach (agents, i, agent) {
        const char *why = tdh_json_str(agent, "error", NULL);

        if (why == NULL)
            continue;
        refused++;
        find(visit, BAD, "agent", why, "");
    }
    snprintf(text, sizeof(text), "%zu found, %zu refused", json_array_size(agents), refused);
    find(visit, refused == 0 ? GOOD : BAD, "agents", text, "");
    json_decref(agents);
    return 0;
}

/* What keeps isolated plugins to what they may. */
static void look_at_confinement(struct visit *visit, const struct tdh_host *host)
{
    bool is_full = strcmp(tdh_conf_str(host->conf, TDH_CONF_PLUGINS_CONFINEMENT), "full") == 0;
    int landlock = tdh_landlock_version();
    bool is_whole = landlock >= 1 && tdh_has_call_lists();
    char text[160];

    snprintf(text, sizeof(text), "%s, %s, %s",
             tdh_has_call_lists() ? "system calls" : "no system calls (built without libseccomp)",
             landlock >= 1 ? "files" : "no files (this kernel has no Landlock, or it is off)",
             landlock >= 4 ? "ports" : "no ports (Linux 6.7 has them)");
    find(visit, is_whole || !is_full ? GOOD : NOTE, "isolation", text,
         is_whole || !is_full ? ""
                              : "isolated plugins do not run here, unless plugins.confinement is "
                                "possible");
}

/* Runs that wait for somebody, by what they wait for. */
static void look_at_runs(struct visit *visit, struct tdh_host *host)
{
    static const char *const statuses[] = { "orphaned", "in_doubt", "parked" };
    size_t counts[3], all = 0;
    struct td_err err;
    char text[96];

    for (size_t i = 0; i < 3; i++) {
        const struct tdh_run_filter filter = { .status = statuses[i], .limit = 1000 };
        json_t *runs;

        if (tdh_runs_list(host->engine, &filter, &runs, &err) != 0) {
            find(visit, BAD, "runs", err.text, err.hint);
            return;
        }
        all += counts[i] = json_array_size(runs);
        json_decref(runs);
    }
    snprintf(text, sizeof(text), "%zu orphaned, %zu in doubt, %zu parked", counts[0], counts[1],
             counts[2]);
    find(visit, all > 0 ? NOTE : GOOD, "runs", text,
         all > 0 ? "tdev runs list names them, tdev runs resume goes on with them: parked ones by "
                   "name, with --force"
                 : "");
}

/* Reading a large store takes long: whoever wants that can say so. */
static void look_at_store(struct visit *visit, struct tdh_host *host)
{
    const char *path = tdh_conf_str(host->conf, TDH_CONF_STORE_PATH);
    struct stat info;
    struct td_err err;

    if (stat(path, &info) == 0 && info.st_size > VERIFY_BYTES)
        find(visit, GOOD, "store", path,
             "it is large and was only opened: tdev store verify reads it");
    else if (tdh_cli_verify(host, NULL, &err) != 0 && err.code != TD_E_UNSUPPORTED)
        find(visit, BAD, "store", err.text, err.hint);
    else
        find(visit, GOOD, "store", path, "");
}

static int look_inside(struct tdh_host *host, void *arg, struct td_err *err)
{
    struct visit *visit = arg;

    (void)err;
    look_at_store(visit, host);
    look_at_runs(visit, host);
    return 0;
}

static void look_at_tools(struct visit *visit)
{
    const char *path = getenv("PATH");
    char *copy = strdup(path != NULL ? path : ""), *save = NULL;
    bool is_found = false;

    for (char *dir = copy != NULL ? strtok_r(copy, ":", &save) : NULL; dir != NULL && !is_found;
         dir = strtok_r(NULL, ":", &save)) {
        char program[4096];

        snprintf(program, sizeof(program), "%s/node", dir);
        is_found = access(program, X_OK) == 0;
    }
    free(copy);
    find(visit, is_found ? GOOD : NOTE, "node",
         is_found ? "found, for tdev build --verify" : "not found: tdev build --verify needs it",
         "");
}

int tdh_verb_doctor(const struct tdh_args *args)
{
    struct visit visit = { .args = args, .findings = json_array() };
    struct td_err err;
    struct tdh_host *host = tdh_cli_host(args, &err);

    if (host == NULL) {
        find(&visit, BAD, "configuration", err.text, err.hint);
    } else {
        look_at_conf(&visit, host);
        look_at_data(&visit, host);
        look_at_plugins(&visit, host);
        look_at_confinement(&visit, host);
        if (args->hosts->run(host, TDH_HOST_BARE, look_at_agents, &visit, &err) != 0)
            find(&visit, BAD, "agents", err.text, err.hint);
        if (args->hosts->run(host, TDH_HOST_WHOLE, look_inside, &visit, &err) != 0)
            find(&visit, BAD, "store", err.text, err.hint);
        look_at_tools(&visit);
    }
    args->hosts->free(host);
    if (args->is_json)
        tdh_cli_print(visit.findings);
    else
        json_decref(visit.findings);
    return visit.is_bad ? TDH_EXIT_FAILED : TDH_EXIT_DONE;
}
