/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli: the verbs of `tdev`. One file per verb; a verb is a row of a table that drives parsing, help
 * and the manual.
 *
 * Results go to standard output, as words or with --json as one JSON value; progress and errors go
 * to standard error. Exit codes: 0 done, 1 failed, 2 usage, 3 refused (validation, compatibility,
 * permission), 4 unavailable.
 */
#ifndef TDH_CLI_CLI_H
#define TDH_CLI_CLI_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <tdev/err.h>

#include "agent/agent.h"
#include "conf/conf.h"
#include "flow/flow.h"
#include "message/message.h"
#include "model/model.h"
#include "observe/observe.h"
#include "pattern/pattern.h"
#include "plugin/plugin.h"
#include "run/run.h"
#include "runtime/runtime.h"
#include "security/security.h"
#include "store/store.h"

enum {
    TDH_EXIT_DONE = 0,
    TDH_EXIT_FAILED = 1,
    TDH_EXIT_USAGE = 2,
    TDH_EXIT_REFUSED = 3,
    TDH_EXIT_UNAVAILABLE = 4
};
enum { TDH_CLI_VALUES = 64 };
/* In the state folder: tdevd holds it as long as it lives. */
#define TDH_DAEMON_LOCK "tdevd.lock"

/* One option of a verb. */
struct tdh_cli_option {
    const char *name;  /* without "--"; NULL ends the table */
    char letter;       /* or 0 */
    const char *value; /* what its value is called in help; NULL: a switch */
    const char *text;
};
#define TDH_CLI_END                                                                                \
    {                                                                                              \
        NULL, 0, NULL, NULL                                                                        \
    }
#define TDH_CLI_INPUT                                                                              \
    {                                                                                              \
        "input", 'i', "NAME=VALUE",                                                                \
            "one input: JSON or text; NAME=@FILE reads JSON from a file, @FILE a whole map"        \
    }
extern const struct tdh_cli_option tdh_cli_none[];
extern const struct tdh_cli_option tdh_cli_common[]; /* of all verbs */

/*
 * The parts of a host, as verbs use them. What needs no worker (configuration, plugins) is there
 * from the start; the rest lives while the host runs.
 */
struct tdh_host {
    bool is_daemon;     /* of tdevd */
    bool is_of_machine; /* its places are not those of a user */
    struct tdh_conf *conf;
    struct tdh_conf *reread; /* the newest, for what takes effect at once; NULL: conf */
    struct tdh_trust *trust; /* keys of plugins.trusted_keys */
    struct tdh_plugins *plugins;
    char **plugin_folders;
    char *data_dir;
    /* in the order they are searched; end with NULL */
    char **flow_folders, **agent_folders, **policy_folders, **model_folders;
    struct tdh_policies *policies;
    struct tdh_alerts *alerts;
    struct tdh_herald *herald;
    struct td_services services;
    struct tdh_runtime *runtime;
    struct tdh_store *store;
    struct tdh_engine *engine;
    struct tdh_events *events;
    struct tdh_agents *agents;
    struct tdh_rollouts *rollouts;
    struct tdh_catalog *catalog;
    struct tdh_models *models;
    char *model_schema;
    char *rollout_dir;
    struct tdh_flows *flows;
    struct tdh_flow_world world;
};

typedef int tdh_host_fn(struct tdh_host *host, void *arg, struct td_err *err);

/* What of a host is started. */
enum tdh_host_parts {
    TDH_HOST_BARE,    /* agents and workflows */
    TDH_HOST_WHOLE,   /* also the store, runs and events */
    TDH_HOST_LOOKING, /* also the store, where there is one: for what is deployed */
};

/* How a host is made: main/ knows, since it assembles the parts. */
struct tdh_hosts {
    /* Configuration, log, plugins known by their folders.
     * config, profile: NULL for the usual places. err TD_E_CONFIG, TD_E_IO. new. */
    struct tdh_host *(*open)(const char *config, const char *profile, struct td_err *err);
    /*
     * Starts the runtime and the rest, runs `fn(host, arg, err)` in a coroutine of the first
     * worker, and ends them when it has returned. Returns what fn returns.
     */
    int (*run)(struct tdh_host *host, enum tdh_host_parts parts, tdh_host_fn *fn, void *arg,
               struct td_err *err);
    /*
     * While the host runs: another store of the configured backend, kept in the file `path`, which
     * is made when it is not there. new; tdh_store_close(). err TD_E_UNSUPPORTED: the backend keeps
     * nothing in a file
     */
    int (*open_store)(struct tdh_host *host, const char *path, struct tdh_store **ret_store,
                      struct td_err *err);
    /* While the host runs without its store: has `image` put in its place; see
     * tdh_plugin_restore */
    int (*restore_store)(struct tdh_host *host, const char *image, const char *aside,
                         struct td_err *err);
    void (*free)(struct tdh_host *host);
};

/* What was given on the command line. Borrowed from argv. */
struct tdh_args {
    const struct tdh_hosts *hosts;
    const struct tdh_verb *verb;
    const struct tdh_cli_option *given[TDH_CLI_VALUES];
    const char *values[TDH_CLI_VALUES];
    size_t given_count;
    const char *words[TDH_CLI_VALUES]; /* what is no option */
    size_t word_count;
    bool is_json;
    const char *config, *profile;
};

typedef int tdh_verb_fn(const struct tdh_args *args);

/* `name` is one to three words: "run", "plugin list", "agent state show". */
struct tdh_verb {
    const char *name;
    const char *words; /* of usage, after the name: "NAME ACTION" */
    size_t words_min, words_max;
    const char *text;
    const struct tdh_cli_option *options;
    tdh_verb_fn *run;
};

/* Tables of verbs, in the order of help; each ends with a row without a name. */
extern const struct tdh_verb tdh_verbs_runs[], tdh_verbs_agents[], tdh_verbs_host[];
/* verbs.c: the verb that a command begins with. ret_words: how many of its words that takes */
const struct tdh_verb *tdh_cli_find_verb(int argc, char **argv, int *ret_words);
/* What a verb is for, and its options; on standard output. Returns the exit code. */
int tdh_cli_help(const struct tdh_verb *verb);
/* There is none: says so, with the nearest one. Returns the exit code. */
int tdh_cli_unknown_verb(const struct tdh_args *args, int argc, char **argv);

/** The whole command: parses, runs, returns the exit code. */
int tdh_cli_main(int argc, char **argv, const struct tdh_hosts *hosts);

/* For verbs. */
/** A host as the command line wants it, that runs nothing yet.
 * new; end it with args->hosts->free. */
struct tdh_host *tdh_cli_host(const struct tdh_args *args, struct td_err *err);
/** Makes a host, runs fn in it, ends it. Returns what fn returns, or -1. */
int tdh_cli_host_run(const struct tdh_args *args, enum tdh_host_parts parts, tdh_host_fn *fn,
                     void *arg, struct td_err *err);
/** How long the configuration keeps runs that have ended. */
struct tdh_retention tdh_cli_retention(const struct tdh_conf *conf);
/** Reads the whole store and checks it.
 * err TD_E_CORRUPT: the first fault; TD_E_UNSUPPORTED: the backend has no check. */
tdh_host_fn tdh_cli_verify;
bool tdh_args_has(const struct tdh_args *args, const char *option);
/** A whole number from min to max that was given; *ret_count is left alone when none was.
 * err TD_E_INVAL, to be told as a fault of usage. */
int tdh_args_count(const struct tdh_args *args, const char *option, uint32_t min, uint32_t max,
                   uint32_t *ret_count, struct td_err *err);
/** The last value given, or fallback. */
const char *tdh_args_value(const struct tdh_args *args, const char *option, const char *fallback);
/** Reads every `-i k=v`: a value that is JSON is taken as it is, anything else as text; `k=@FILE`
 * reads a file; `-i @FILE` a whole map. new. */
json_t *tdh_args_inputs(const struct tdh_args *args, const char *option, struct td_err *err);
/** The value of --since, a time or how long ago; untouched when it is not given. err TD_E_INVAL */
int tdh_args_since(const struct tdh_args *args, int64_t *ret_us, struct td_err *err);
/** Same, of another option. */
int tdh_args_time(const struct tdh_args *args, const char *option, int64_t *ret_us,
                  struct td_err *err);
/** Tells a failure on standard error (with --json as JSON on standard output)
 * and returns the exit code it means. */
int tdh_cli_fail(const struct tdh_args *args, const struct td_err *err);
/** The same, and the JSON has the members of `more` as well, a map; NULL: none. */
int tdh_cli_fail_with(const struct tdh_args *args, const struct td_err *err, const json_t *more);
int tdh_cli_usage(const struct tdh_args *args, const char *fmt, ...) TD_PRINTF(2, 3);
/** Prints a JSON value and a line end; takes value. Returns TDH_EXIT_DONE. */
int tdh_cli_print(json_t *value);
/** keys.c: prints the keys of an object with that JSON Schema, one a line, those within below. */
void tdh_cli_print_keys(const json_t *schema);
/** pattern.c: prints what tdh_pattern_describe gives; nothing when that is {}. */
void tdh_cli_print_catalogue(const json_t *catalogue);

tdh_verb_fn tdh_verb_build;
tdh_verb_fn tdh_verb_run;
tdh_verb_fn tdh_verb_runs_list;
tdh_verb_fn tdh_verb_runs_show;
tdh_verb_fn tdh_verb_runs_watch;
tdh_verb_fn tdh_verb_runs_resume;
tdh_verb_fn tdh_verb_runs_signal;
tdh_verb_fn tdh_verb_runs_cancel;
tdh_verb_fn tdh_verb_runs_pause;
tdh_verb_fn tdh_verb_runs_fork;
tdh_verb_fn tdh_verb_runs_move;
tdh_verb_fn tdh_verb_runs_export;
tdh_verb_fn tdh_verb_runs_import;
tdh_verb_fn tdh_verb_runs_retry;
tdh_verb_fn tdh_verb_runs_waiting;
tdh_verb_fn tdh_verb_runs_approve;
tdh_verb_fn tdh_verb_runs_reject;
tdh_verb_fn tdh_verb_runs_prune;
tdh_verb_fn tdh_verb_workflow_deploy;
tdh_verb_fn tdh_verb_workflow_diff;
tdh_verb_fn tdh_verb_workflow_list;
tdh_verb_fn tdh_verb_workflow_rollback;
tdh_verb_fn tdh_verb_workflow_undeploy;
tdh_verb_fn tdh_verb_workflow_versions;
tdh_verb_fn tdh_verb_workflow_validate;
tdh_verb_fn tdh_verb_workflow_graph;
tdh_verb_fn tdh_verb_plugin_list;
tdh_verb_fn tdh_verb_plugin_find;
tdh_verb_fn tdh_verb_plugin_info;
tdh_verb_fn tdh_verb_plugin_check;
tdh_verb_fn tdh_verb_plugin_matrix;
tdh_verb_fn tdh_verb_plugin_deps;
tdh_verb_fn tdh_verb_plugin_new;
tdh_verb_fn tdh_verb_plugin_conform;
tdh_verb_fn tdh_verb_plugin_keygen;
tdh_verb_fn tdh_verb_plugin_sign;
tdh_verb_fn tdh_verb_plugin_verify;
tdh_verb_fn tdh_verb_plugin_deploy;
tdh_verb_fn tdh_verb_plugin_status;
tdh_verb_fn tdh_verb_plugin_promote;
tdh_verb_fn tdh_verb_plugin_rollback;
tdh_verb_fn tdh_verb_agent_list;
tdh_verb_fn tdh_verb_agent_call;
tdh_verb_fn tdh_verb_agent_find;
tdh_verb_fn tdh_verb_agent_route;
tdh_verb_fn tdh_verb_agent_state_list;
tdh_verb_fn tdh_verb_agent_state_show;
tdh_verb_fn tdh_verb_agent_state_diff;
tdh_verb_fn tdh_verb_agent_state_save;
tdh_verb_fn tdh_verb_agent_state_rollback;
tdh_verb_fn tdh_verb_agent_state_prune;
tdh_verb_fn tdh_verb_agent_state_export;
tdh_verb_fn tdh_verb_agent_state_import;
tdh_verb_fn tdh_verb_agent_state_migrate;
tdh_verb_fn tdh_verb_agent_state_sync;
tdh_verb_fn tdh_verb_agent_status;
tdh_verb_fn tdh_verb_agent_pause;
tdh_verb_fn tdh_verb_agent_resume;
tdh_verb_fn tdh_verb_agent_stop;
tdh_verb_fn tdh_verb_agent_start;
tdh_verb_fn tdh_verb_agent_restart;
tdh_verb_fn tdh_verb_agent_set;
tdh_verb_fn tdh_verb_agent_unset;
tdh_verb_fn tdh_verb_agent_history;
tdh_verb_fn tdh_verb_agent_rollback;
tdh_verb_fn tdh_verb_model_list;
tdh_verb_fn tdh_verb_model_chat;
tdh_verb_fn tdh_verb_pattern_list;
tdh_verb_fn tdh_verb_pattern_show;
tdh_verb_fn tdh_verb_pattern_docs;
tdh_verb_fn tdh_verb_pattern_recommend;
tdh_verb_fn tdh_verb_pattern_run;
tdh_verb_fn tdh_verb_config_show;
tdh_verb_fn tdh_verb_config_check;
tdh_verb_fn tdh_verb_config_reference;
tdh_verb_fn tdh_verb_doctor;
tdh_verb_fn tdh_verb_top;
tdh_verb_fn tdh_verb_expr;
tdh_verb_fn tdh_verb_schema_check;
tdh_verb_fn tdh_verb_store_verify;
tdh_verb_fn tdh_verb_store_migrate;
tdh_verb_fn tdh_verb_store_backup;
tdh_verb_fn tdh_verb_store_restore;
tdh_verb_fn tdh_verb_version;
tdh_verb_fn tdh_verb_help;
tdh_verb_fn tdh_verb_runs_report;
tdh_verb_fn tdh_verb_workflow_convert;
tdh_verb_fn tdh_verb_errors;
tdh_verb_fn tdh_verb_event_emit;
tdh_verb_fn tdh_verb_event_list;
tdh_verb_fn tdh_verb_event_show;
tdh_verb_fn tdh_verb_event_replay;
tdh_verb_fn tdh_verb_trigger_list;
tdh_verb_fn tdh_verb_trigger_fire;
tdh_verb_fn tdh_verb_workflow_optimize;
tdh_verb_fn tdh_verb_workflow_show;

#endif
