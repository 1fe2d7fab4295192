/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf: the host's configuration. One table of settings (rows.c) drives reading, defaults,
 * refusals, `tdev config show` and the reference in docs/configuration.md; who uses a setting asks
 * for it by its constant.
 *
 * Layers, each over the one before: defaults, the main file, `profiles/NAME.yaml` beside it, the
 * environment's TDEV_SECTION_KEY. All are checked as a whole before anything is used, so a file
 * with a fault changes nothing. docs/conf.md tells it to users.
 */
#ifndef TDH_CONF_CONF_H
#define TDH_CONF_CONF_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tdev/err.h>

#include "base/buf.h"

/* One constant per setting, in the order of rows.c. */
enum tdh_conf_key {
    TDH_CONF_RUNTIME_WORKERS,
    TDH_CONF_RUNTIME_STACK,
    TDH_CONF_RUNTIME_BLOCKING_THREADS,
    TDH_CONF_RUNTIME_COROUTINES,
    TDH_CONF_STATE_DIR,
    TDH_CONF_DATA_DIR,
    TDH_CONF_STORE_BACKEND,
    TDH_CONF_STORE_PATH,
    TDH_CONF_STORE_DURABILITY,
    TDH_CONF_PLUGINS_PATHS,
    TDH_CONF_PLUGINS_INLINE,
    TDH_CONF_PLUGINS_PRIVATE_DIR,
    TDH_CONF_PLUGINS_CONFINEMENT,
    TDH_CONF_PLUGINS_PROCESSES,
    TDH_CONF_PLUGINS_CRASHES,
    TDH_CONF_PLUGINS_RUNNER_DIR,
    TDH_CONF_PLUGINS_COMPAT,
    TDH_CONF_PLUGINS_SIGNATURES,
    TDH_CONF_PLUGINS_TRUSTED_KEYS,
    TDH_CONF_PLUGINS_LOAD,
    TDH_CONF_LOG_LEVEL,
    TDH_CONF_LOG_FORMAT,
    TDH_CONF_LIMITS_INPUT_BYTES,
    TDH_CONF_LIMITS_RUN_AHEAD,
    TDH_CONF_LIMITS_SNAPSHOT_BYTES,
    TDH_CONF_LIMITS_STOP,
    TDH_CONF_RUNS_KEEP_DONE,
    TDH_CONF_RUNS_KEEP_FAILED,
    TDH_CONF_RUNS_KEEP_CANCELLED,
    TDH_CONF_RUNS_KEEP,
    TDH_CONF_CALL_TIMEOUT,
    TDH_CONF_CALL_RETRIES,
    TDH_CONF_CALL_RETRY_INITIAL,
    TDH_CONF_CALL_RETRY_MAX,
    TDH_CONF_EVENTS_KEEP,
    TDH_CONF_EVENTS_MAX,
    TDH_CONF_EVENTS_ANNOUNCE,
    TDH_CONF_HTTP_LISTEN,
    TDH_CONF_HTTP_CERTIFICATE,
    TDH_CONF_HTTP_KEY,
    TDH_CONF_HTTP_CONNECTIONS,
    TDH_CONF_HTTP_CONNECTIONS_PER_ADDRESS,
    TDH_CONF_HTTP_BODY_BYTES,
    TDH_CONF_HTTP_HEAD_TIMEOUT,
    TDH_CONF_HTTP_BODY_TIMEOUT,
    TDH_CONF_HTTP_WRITE_TIMEOUT,
    TDH_CONF_HTTP_IDLE_TIMEOUT,
    TDH_CONF_HTTP_DRAIN,
    TDH_CONF_HTTP_ACCESS_LOG,
    TDH_CONF_KEYS_
};

/* Where to read from. All may be zero. The texts are borrowed while tdh_conf_read runs. */
struct tdh_conf_source {
    bool is_daemon;      /* picks the usual places and a few defaults */
    bool is_personal;    /* of a daemon: the places are those of its user, not the machine's */
    const char *file;    /* --config; NULL: TDEV_CONFIG, else the usual place, if it is there */
    const char *profile; /* --profile; NULL: TDEV_PROFILE, else the main file's `profile:` */
    char *const *env;    /* "NAME=value" texts that end with NULL; NULL: the process's own */
};

/*
 * The settings in force. Made by tdh_conf_read, never written again, so any thread may read it;
 * ended when its last reference goes. Texts and lists that getters return live as long.
 */
struct tdh_conf;

/**
 * Reads all layers.
 *
 * ret_conf  new, one reference; end it with tdh_conf_unref()
 * err       TD_E_CONFIG: `FILE:LINE:COLUMN: ...` or the variable's name in front; TD_E_NOTFOUND:
 *           a file or profile that was asked for; TD_E_IO
 */
int tdh_conf_read(const struct tdh_conf_source *source, struct tdh_conf **ret_conf,
                  struct td_err *err);
/**
 * Reads the same source again, for a running host. Settings that need a restart keep the value in
 * force; which ones differ now, tdh_conf_pending tells of the new object. err and ret_conf as
 * tdh_conf_read.
 */
int tdh_conf_reread(const struct tdh_conf *conf, struct tdh_conf **ret_conf, struct td_err *err);
struct tdh_conf *tdh_conf_ref(struct tdh_conf *conf);
void tdh_conf_unref(struct tdh_conf *conf);

/* Getters. The type must be the setting's (asserted). */
/** int: the number; size: bytes; duration: milliseconds. */
int64_t tdh_conf_int(const struct tdh_conf *conf, enum tdh_conf_key key);
/** string, choice; path: absolute. Never NULL. */
const char *tdh_conf_str(const struct tdh_conf *conf, enum tdh_conf_key key);
/** Paths, absolute, and what the setting takes as it is; ends with NULL. */
const char *const *tdh_conf_list(const struct tdh_conf *conf, enum tdh_conf_key key);

/** "section.key". */
const char *tdh_conf_name(enum tdh_conf_key key, char *text, size_t size);
/** Finds a setting by "section.key". err: TD_E_NOTFOUND, with the nearest. */
int tdh_conf_find(const char *name, enum tdh_conf_key *ret_key, struct td_err *err);
/** True when the value differs between the two; what it means to change is the caller's. */
bool tdh_conf_differs(const struct tdh_conf *conf, const struct tdh_conf *other,
                      enum tdh_conf_key key);
/** True when the files now say something else than what is in force, which takes a restart. */
bool tdh_conf_pending(const struct tdh_conf *conf, enum tdh_conf_key key);
/** The main file and profile that were read; NULL when there was none. */
const char *tdh_conf_file(const struct tdh_conf *conf);
const char *tdh_conf_profile(const struct tdh_conf *conf);

/** Appends all settings as a YAML file of the same meaning,
 * with where each came from behind it. Secrets are hidden. */
void tdh_conf_print(const struct tdh_conf *conf, struct tdh_buf *buf);
/** new: {"section": {"key": {"value", "from", "is_reloadable"}}}. NULL without memory. */
json_t *tdh_conf_json(const struct tdh_conf *conf);
/** Appends the reference of all settings, in Markdown. */
void tdh_conf_reference(struct tdh_buf *buf);

/* What an installation brings besides the program. */
enum tdh_part { TDH_PART_DATA, TDH_PART_PLUGINS, TDH_PART_CONF, TDH_PART_PROGRAMS };
/**
 * Where an installation's part is: as it was configured, or, when the program was moved with its
 * whole prefix, in the same place beside it, or beside a program that was built and not installed.
 * new: free() it; NULL without memory.
 */
char *tdh_part_find(enum tdh_part part);
/** As tdh_part_find, for a program in another folder. */
char *tdh_part_find_from(enum tdh_part part, const char *program_dir);

/**
 * All folders that are searched for plugins, first found first: TDEV_PLUGIN_PATH, plugins.paths,
 * the user's own
 * ($XDG_DATA_HOME/tdev/plugins; not for a daemon), the installation's. *ret_bundled is the index of
 * the installation's. new: one free() for array and texts; ends with NULL. NULL without memory.
 */
char **tdh_conf_plugin_folders(const struct tdh_conf *conf, size_t *ret_bundled);

#endif
