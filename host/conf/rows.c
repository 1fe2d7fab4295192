/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows: the table of all settings, and nothing else.
 */
#include "conf/rows.h"

const struct tdh_conf_section tdh_conf_sections[] = {
    { "runtime", "Threads and coroutines." },
    { "state", "What lasts." },
    { "data", "What an installation brings along." },
    { "store", "The storage backend that holds runs, sessions and everything else that lasts." },
    { "plugins", "Where plugins are looked for." },
    { "log", "The log on standard error." },
    { "limits", "Bounds that keep one caller from taking everything." },
    { "runs", "How long runs that have ended are kept, unless their workflow says so itself." },
    { "call", "Every call's policy, unless its workflow node or manifest says otherwise." },
    { "events", "Events that workflows emit and react to." },
    { "http", "What `tdevd` serves: `/healthz`, `/readyz`, `/metrics`." },
};
const size_t tdh_conf_sections_count = sizeof(tdh_conf_sections) / sizeof(tdh_conf_sections[0]);

const struct tdh_conf_row tdh_conf_rows[TDH_CONF_KEYS_] = {
    [TDH_CONF_RUNTIME_WORKERS] = {
        .section = "runtime", .key = "workers", .type = TDH_CONF_INT,
        .fallback = "0", .embedded = "1", .max = 1024,
        .text = "worker threads, each with its own event loop; 0: one per core",
    },
    [TDH_CONF_RUNTIME_STACK] = {
        .section = "runtime", .key = "stack", .type = TDH_CONF_SIZE,
        .fallback = "0", .max = 64 << 20,
        .text = "stack of one coroutine, at least 64KiB; 0: 256KiB, and 1MiB in a build with "
                "sanitizers",
    },
    [TDH_CONF_RUNTIME_BLOCKING_THREADS] = {
        .section = "runtime", .key = "blocking_threads", .type = TDH_CONF_INT,
        .fallback = "4", .min = 1, .max = 256,
        .text = "most threads for plugins that block; started when needed",
    },
    [TDH_CONF_RUNTIME_COROUTINES] = {
        .section = "runtime", .key = "coroutines", .type = TDH_CONF_INT,
        .fallback = "16000", .min = 16, .max = 16000,
        .text = "most calls and requests in flight, of all workers; each stack takes two of the "
                "65530 mappings that the kernel allows",
    },
    [TDH_CONF_STATE_DIR] = {
        .section = "state", .key = "dir", .type = TDH_CONF_PATH,
        .place = "`/var/lib/tdev` for a daemon, else `$XDG_STATE_HOME/tdev` or "
                 "`~/.local/state/tdev`",
        .text = "folder of everything that lasts; made when needed",
    },
    [TDH_CONF_DATA_DIR] = {
        .section = "data", .key = "dir", .type = TDH_CONF_PATH,
        .place = "the installation's `share/tdev`",
        .text = "folder of catalogue, templates, workflows and schemas",
    },
    [TDH_CONF_STORE_BACKEND] = {
        .section = "store", .key = "backend", .type = TDH_CONF_STRING,
        .fallback = "sqlite",
        .text = "name of the storage plugin",
    },
    [TDH_CONF_STORE_PATH] = {
        .section = "store", .key = "path", .type = TDH_CONF_PATH, .flags = TDH_CONF_IN_STATE,
        .fallback = "store.db",
        .text = "the backend's file",
    },
    [TDH_CONF_STORE_DURABILITY] = {
        .section = "store", .key = "durability", .type = TDH_CONF_CHOICE,
        .fallback = "full", .choices = "full|normal|memory",
        .text = "what a finished commit outlives: full: power loss, normal: a crash of tdev, "
                "memory: nothing",
    },
    [TDH_CONF_PLUGINS_PATHS] = {
        .section = "plugins", .key = "paths", .type = TDH_CONF_LIST,
        .fallback = "",
        .text = "folders searched for plugins before the user's own and the installation's",
    },
    [TDH_CONF_PLUGINS_INLINE] = {
        .section = "plugins", .key = "inline", .type = TDH_CONF_LIST,
        .fallback = "",
        .text = "folders whose plugins may run inside the host, as bundled ones do; root or the "
                "user must own them",
    },
    [TDH_CONF_PLUGINS_PRIVATE_DIR] = {
        .section = "plugins", .key = "private_dir", .type = TDH_CONF_PATH,
        .flags = TDH_CONF_IN_STATE,
        .fallback = "plugins",
        .text = "folder of the copies that are opened, named by their hash",
    },
    [TDH_CONF_PLUGINS_CONFINEMENT] = {
        .section = "plugins", .key = "confinement", .type = TDH_CONF_CHOICE,
        .fallback = "full", .choices = "full|possible",
        .text = "of plugins in a process of their own. full: what cannot be confined as a whole "
                "here does not run; possible: it runs, and the log says what is missing",
    },
    [TDH_CONF_PLUGINS_PROCESSES] = {
        .section = "plugins", .key = "processes", .type = TDH_CONF_INT,
        .fallback = "64", .min = 1, .max = 1000,
        .text = "most processes of isolated plugins; each plugin has one",
    },
    [TDH_CONF_PLUGINS_CRASHES] = {
        .section = "plugins", .key = "crashes", .type = TDH_CONF_INT,
        .fallback = "10", .min = 1, .max = 1000,
        .text = "how often in a row, without a finished call between, the process of an isolated "
                "plugin may end before it is started no more",
    },
    [TDH_CONF_PLUGINS_RUNNER_DIR] = {
        .section = "plugins", .key = "runner_dir", .type = TDH_CONF_PATH,
        .place = "the installation's `libexec/tdev`",
        .text = "folder of tdev-runner, the program that isolated plugins run in",
    },
    [TDH_CONF_PLUGINS_COMPAT] = {
        .section = "plugins", .key = "compat", .type = TDH_CONF_PATH,
        .place = "`compat.yaml` in the installation's `etc/tdev`",
        .text = "file of the compatibility matrix: rules that block or deprecate plugins; a SIGHUP "
                "reads it again",
    },
    [TDH_CONF_PLUGINS_SIGNATURES] = {
        .section = "plugins", .key = "signatures", .type = TDH_CONF_CHOICE,
        .fallback = "off", .choices = "off|warn|require",
        .text = "of plugins that did not come with tdev. require: one that is not signed with a "
                "trusted key, or is not what was signed, is refused; warn: the log says so; off: "
                "nobody looks",
    },
    [TDH_CONF_PLUGINS_TRUSTED_KEYS] = {
        .section = "plugins", .key = "trusted_keys", .type = TDH_CONF_LIST,
        .fallback = "", .literal = "ed25519 ",
        .text = "public keys of those whose plugins are trusted: the line that `tdev plugin "
                "keygen` prints, or a file of such lines",
    },
    [TDH_CONF_PLUGINS_LOAD] = {
        .section = "plugins", .key = "load", .type = TDH_CONF_CHOICE,
        .fallback = "lazy", .choices = "lazy|eager|optimistic",
        .text = "lazy: with the first use. eager: `tdevd` makes all agents that have files before "
                "it is ready, with versions chosen for all together; the log says what cannot be. "
                "optimistic: the same, once it is ready and serves",
    },
    [TDH_CONF_LOG_LEVEL] = {
        .section = "log", .key = "level", .type = TDH_CONF_CHOICE, .flags = TDH_CONF_RELOADABLE,
        .fallback = "info", .embedded = "warning", .choices = "debug|info|warning|error|off",
        .text = "the least that is written",
    },
    [TDH_CONF_LOG_FORMAT] = {
        .section = "log", .key = "format", .type = TDH_CONF_CHOICE, .flags = TDH_CONF_RELOADABLE,
        .fallback = "text", .choices = "text|json",
        .text = "lines for people or for machines",
    },
    [TDH_CONF_LIMITS_INPUT_BYTES] = {
        .section = "limits", .key = "input_bytes", .type = TDH_CONF_SIZE,
        .flags = TDH_CONF_RELOADABLE,
        .fallback = "16MiB", .min = 1 << 10, .max = 1 << 30,
        .text = "largest input of a run, as JSON",
    },
    [TDH_CONF_LIMITS_RUN_AHEAD] = {
        .section = "limits", .key = "run_ahead", .type = TDH_CONF_SIZE,
        .flags = TDH_CONF_RELOADABLE,
        .fallback = "64KiB", .min = 1 << 10, .max = 64 << 20,
        .text = "events of one run that may wait for the disk while steps without effects go on",
    },
    [TDH_CONF_LIMITS_SNAPSHOT_BYTES] = {
        .section = "limits", .key = "snapshot_bytes", .type = TDH_CONF_SIZE,
        .flags = TDH_CONF_RELOADABLE,
        .fallback = "64KiB", .min = 1 << 10, .max = 64 << 20,
        .text = "events of one run after which its state is saved, unless the last state is larger",
    },
    [TDH_CONF_LIMITS_STOP] = {
        .section = "limits", .key = "stop", .type = TDH_CONF_DURATION,
        .flags = TDH_CONF_RELOADABLE,
        .fallback = "30s", .min = 1, .max = 86400 * INT64_C(1000),
        .text = "how long a stopped call that can be undone may go on",
    },
    [TDH_CONF_RUNS_KEEP_DONE] = {
        .section = "runs", .key = "keep_done", .type = TDH_CONF_DURATION,
        .flags = TDH_CONF_RELOADABLE,
        .fallback = "30d", .max = 36500 * INT64_C(86400) * 1000,
        .text = "how long a run that is done stays after its end; 36500d: for ever",
    },
    [TDH_CONF_RUNS_KEEP_FAILED] = {
        .section = "runs", .key = "keep_failed", .type = TDH_CONF_DURATION,
        .flags = TDH_CONF_RELOADABLE,
        .fallback = "90d", .max = 36500 * INT64_C(86400) * 1000,
        .text = "how long a run that has failed stays after its end; 36500d: for ever",
    },
    [TDH_CONF_RUNS_KEEP_CANCELLED] = {
        .section = "runs", .key = "keep_cancelled", .type = TDH_CONF_DURATION,
        .flags = TDH_CONF_RELOADABLE,
        .fallback = "30d", .max = 36500 * INT64_C(86400) * 1000,
        .text = "how long a run that was cancelled stays after its end; 36500d: for ever",
    },
    [TDH_CONF_RUNS_KEEP] = {
        .section = "runs", .key = "keep", .type = TDH_CONF_INT, .flags = TDH_CONF_RELOADABLE,
        .fallback = "0", .max = 1000,
        .text = "so many of each workflow's runs, those that ended last, stay whatever their age",
    },
    [TDH_CONF_CALL_TIMEOUT] = {
        .section = "call", .key = "timeout", .type = TDH_CONF_DURATION,
        .fallback = "5m", .min = 1, .max = 7 * 86400 * INT64_C(1000),
        .text = "how long one attempt may take",
    },
    [TDH_CONF_CALL_RETRIES] = {
        .section = "call", .key = "retries", .type = TDH_CONF_INT,
        .fallback = "2", .max = 100,
        .text = "further attempts after a failure that a later one may mend",
    },
    [TDH_CONF_CALL_RETRY_INITIAL] = {
        .section = "call", .key = "retry_initial", .type = TDH_CONF_DURATION,
        .fallback = "1s", .max = 3600 * INT64_C(1000),
        .text = "wait before the first further attempt; each next wait is twice as long",
    },
    [TDH_CONF_CALL_RETRY_MAX] = {
        .section = "call", .key = "retry_max", .type = TDH_CONF_DURATION,
        .fallback = "1m", .max = 86400 * INT64_C(1000),
        .text = "longest wait between two attempts",
    },
    [TDH_CONF_EVENTS_KEEP] = {
        .section = "events", .key = "keep", .type = TDH_CONF_DURATION,
        .fallback = "30d", .min = 60 * 1000, .max = 3650 * 86400 * INT64_C(1000),
        .text = "how old an event gets before it is taken away",
    },
    [TDH_CONF_EVENTS_MAX] = {
        .section = "events", .key = "max", .type = TDH_CONF_INT,
        .fallback = "100000", .min = 100, .max = 100000000,
        .text = "most events that are kept; the oldest go first",
    },
    [TDH_CONF_EVENTS_ANNOUNCE] = {
        .section = "events", .key = "announce", .type = TDH_CONF_CHOICE,
        .fallback = "none", .choices = "none|failed|ended|all",
        .text = "what runs of workflows without an `announce` of their own tell: none: nothing, "
                "failed: workflow.failed, ended: workflow.completed, failed and cancelled, all: "
                "workflow.started and waiting, too",
    },
    [TDH_CONF_HTTP_LISTEN] = {
        .section = "http", .key = "listen", .type = TDH_CONF_STRING,
        .fallback = "127.0.0.1:8338",
        .text = "address and port, as 127.0.0.1:8338 or [::1]:8338; port 0: any that is free; off: "
                "nothing is served. Only addresses of the machine itself, until there is "
                "authentication",
    },
    [TDH_CONF_HTTP_CERTIFICATE] = {
        .section = "http", .key = "certificate", .type = TDH_CONF_PATH,
        .fallback = "",
        .text = "file of the certificate and those that it was signed with (PEM), for TLS; a "
                "SIGHUP reads the file again",
    },
    [TDH_CONF_HTTP_KEY] = {
        .section = "http", .key = "key", .type = TDH_CONF_PATH,
        .fallback = "",
        .text = "file of the certificate's key (PEM)",
    },
    [TDH_CONF_HTTP_CONNECTIONS] = {
        .section = "http", .key = "connections", .type = TDH_CONF_INT,
        .fallback = "10000", .min = 1, .max = 1000000,
        .text = "most connections at once; further ones get 503",
    },
    [TDH_CONF_HTTP_CONNECTIONS_PER_ADDRESS] = {
        .section = "http", .key = "connections_per_address", .type = TDH_CONF_INT,
        .fallback = "0", .max = 1000000,
        .text = "most connections of one client's address (of IPv6: its first 64 bits); further "
                "ones get 429; 0: as many as there are",
    },
    [TDH_CONF_HTTP_BODY_BYTES] = {
        .section = "http", .key = "body_bytes", .type = TDH_CONF_SIZE,
        .fallback = "16MiB", .min = 1 << 10, .max = 1 << 30,
        .text = "longest body of a request",
    },
    [TDH_CONF_HTTP_HEAD_TIMEOUT] = {
        .section = "http", .key = "head_timeout", .type = TDH_CONF_DURATION,
        .fallback = "10s", .min = 1, .max = 3600 * INT64_C(1000),
        .text = "how long a request's head may take to come",
    },
    [TDH_CONF_HTTP_BODY_TIMEOUT] = {
        .section = "http", .key = "body_timeout", .type = TDH_CONF_DURATION,
        .fallback = "30s", .min = 1, .max = 3600 * INT64_C(1000),
        .text = "how long its body may take beyond what 512 bytes a second need",
    },
    [TDH_CONF_HTTP_WRITE_TIMEOUT] = {
        .section = "http", .key = "write_timeout", .type = TDH_CONF_DURATION,
        .fallback = "30s", .min = 1, .max = 3600 * INT64_C(1000),
        .text = "how long a client may take to read 64KiB that wait for it",
    },
    [TDH_CONF_HTTP_IDLE_TIMEOUT] = {
        .section = "http", .key = "idle_timeout", .type = TDH_CONF_DURATION,
        .fallback = "75s", .min = 1, .max = 86400 * INT64_C(1000),
        .text = "how long a connection may stay without a request",
    },
    [TDH_CONF_HTTP_DRAIN] = {
        .section = "http", .key = "drain", .type = TDH_CONF_DURATION,
        .fallback = "10s", .max = 3600 * INT64_C(1000),
        .text = "how long requests in flight may take to end when `tdevd` does",
    },
    [TDH_CONF_HTTP_ACCESS_LOG] = {
        .section = "http", .key = "access_log", .type = TDH_CONF_CHOICE,
        .fallback = "off", .choices = "off|on",
        .text = "a line in the log for each request; equal ones are counted after five in ten "
                "seconds",
    },
};

const char *tdh_conf_type_name(enum tdh_conf_type type)
{
    static const char *const names[] = {
        [TDH_CONF_INT] = "whole number", [TDH_CONF_BOOL] = "true or false",
        [TDH_CONF_SIZE] = "size",        [TDH_CONF_DURATION] = "duration",
        [TDH_CONF_STRING] = "string",    [TDH_CONF_CHOICE] = "choice",
        [TDH_CONF_PATH] = "path",        [TDH_CONF_LIST] = "list of paths",
    };

    return names[type];
}
