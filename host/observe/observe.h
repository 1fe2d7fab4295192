/* SPDX-License-Identifier: Apache-2.0 */
/*
 * observe: what is told of the host itself: alerts, by the rules of the policies files; the herald,
 * who makes events out of what the host tells, so that triggers can start workflows; and the
 * ledger, which says what each plugin, agent and run uses.
 */
#ifndef TDH_OBSERVE_OBSERVE_H
#define TDH_OBSERVE_OBSERVE_H

#include <jansson.h>
#include <stdint.h>
#include <tdev/err.h>

#include "base/buf.h"
#include "base/proc.h"
#include "call/call.h"
#include "message/message.h"
#include "plugin/plugin.h"
#include "run/run.h"
#include "runtime/runtime.h"

/* --- alerts: host/observe/alert.c --- */

enum {
    TDH_ALERTS_MAX = 100,      /* rules */
    TDH_ALERT_SUBJECTS = 1000, /* of one rule; what comes later is not looked at */
    TDH_ALERT_TARGETS = 10000, /* targets that are looked at */
    TDH_ALERT_LOOK_MS = 1000,  /* between two looks at what is due */
};

/* Made once the policies are read, before any target is readied; ended after all of them. */
struct tdh_alerts;

/** Reads the `alerts` of the policies. err TD_E_CONFIG with FILE:LINE:COLUMN. new. */
struct tdh_alerts *tdh_alerts_new(const struct tdh_policies *policies, struct td_err *err);
void tdh_alerts_free(struct tdh_alerts *alerts);
/** Hears of every attempt from now on, when there is a rule. */
void tdh_alerts_listen(struct tdh_alerts *alerts);
/** Looks each second, on this worker, until _rest. err TD_E_NOMEM */
int tdh_alerts_watch(struct tdh_alerts *alerts, struct td_err *err);
void tdh_alerts_rest(struct tdh_alerts *alerts);

/** An attempt has ended; error NULL: well. In any thread. */
void tdh_alerts_note(struct tdh_alerts *alerts, struct tdh_target *target,
                     const struct td_err *error, unsigned attempt, uint64_t took_ns,
                     uint64_t now_ns);
/** Raises and resolves what is due. In any thread. */
void tdh_alerts_look(struct tdh_alerts *alerts, uint64_t now_ns);

/* --- the herald: host/observe/herald.c --- */

enum { TDH_HERALD_QUEUE = 256 /* most that waits to be published; what comes then is lost */ };

struct tdh_herald;
/** Publishes breaker.*, alert.*, error.* and agent.config.* of tdh_hook_event from now on, of a
 * daemon agent.lifecycle.* as well; on this worker. new. */
struct tdh_herald *tdh_herald_new(struct tdh_events *events, bool is_of_daemon, struct td_err *err);
/** Publishes what is left, then ends; the store is still there. NULL is fine. */
TD_YIELDS void tdh_herald_end(struct tdh_herald *herald);

/* --- the ledger: host/observe/ledger.c, ledgers.c ---
 *
 * What each process uses stands in a file of its own, STATE/ledger/PID, which is written anew at
 * most once a second, when something has been used since, and goes with the process. What was left
 * behind by one that was killed is removed by who reads next. Nothing depends on these files.
 */

enum {
    TDH_LEDGER_EACH_MS = 1000,
    TDH_LEDGER_ROWS = 500,          /* of plugins and agents that are told, those that used most */
    TDH_LEDGER_RUNS = 100,          /* of each worker's runs, the same */
    TDH_LEDGER_BYTES = 1024 * 1024, /* of a file; a larger one is not written, nor read */
    TDH_LEDGER_FILES = 1024         /* processes that are read */
};

/* What is told of; all borrowed. */
struct tdh_ledger_of {
    const char *state_dir;
    const char *program; /* "tdevd" or "tdev" */
    struct tdh_runtime *runtime;
    const struct tdh_plugins *plugins;
    struct tdh_engine *engine; /* NULL: it has no runs */
};

/**
 * Tells what this process uses until the coroutine is cancelled. The first time after
 * TDH_LEDGER_EACH_MS, so a short command writes nothing.
 */
TD_YIELDS void tdh_ledger_tell(const struct tdh_ledger_of *of);

/**
 * What the processes of a state folder tell: [{tdev: PID, program, began_us, at_us, lines: as of
 * tdh_ledger_rows, processes: [{plugin, process: PID, cpu_ns, bytes}], runs: as of tdh_runs_used}].
 * Blocks. new; err TD_E_NOMEM, TD_E_IO
 */
json_t *tdh_ledgers_read(const char *state_dir, struct td_err *err);

/* --- metrics: host/observe/metrics.c --- */

#define TDH_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"
enum {
    TDH_METRICS_MAX = 4096,     /* cells that are told; there are not so many */
    TDH_METRICS_UPSTREAMS = 512 /* upstreams that are told */
};

/** Appends all cells (base/metric.h), the health of upstreams and what the process uses, as
 * Prometheus reads it (0.0.4), in the order of names. In any thread. */
void tdh_metrics_print(struct tdh_buf *buf);

#endif
