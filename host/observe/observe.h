/* SPDX-License-Identifier: Apache-2.0 */
/*
 * observe: what is told of the host itself: alerts, by the rules of the policies files, and the
 * herald, who makes events out of what the host tells, so that triggers can start workflows.
 */
#ifndef TDH_OBSERVE_OBSERVE_H
#define TDH_OBSERVE_OBSERVE_H

#include <jansson.h>
#include <stdint.h>
#include <tdev/err.h>

#include "call/call.h"
#include "message/message.h"

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
/** Publishes breaker.*, alert.* and error.* of tdh_hook_event from now on; on this worker. new. */
struct tdh_herald *tdh_herald_new(struct tdh_events *events, struct td_err *err);
/** Publishes what is left, then ends; the store is still there. NULL is fine. */
TD_YIELDS void tdh_herald_end(struct tdh_herald *herald);

#endif
