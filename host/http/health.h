/* SPDX-License-Identifier: Apache-2.0 */
/*
 * health: whether a server that is asked answers, as all workers see it. Part of http.h.
 *
 * up -> (failures_max calls in a row could not reach it) down for a while, in which calls fail at
 * once -> one call at a time is let through to see -> up, or down for twice as long. Only what lies
 * between us and its reply counts: any reply, with whatever status, is a sign of life.
 */
#ifndef TDH_HTTP_HEALTH_H
#define TDH_HTTP_HEALTH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <tdev/err.h>

enum {
    TDH_HEALTH_FAILURES = 3,   /* in a row, then it is down */
    TDH_HEALTH_DOWN_MS = 1000, /* the first time; each time twice as long */
    TDH_HEALTH_DOWN_MAX_MS = 30000,
    TDH_HEALTH_PROBE_MS = 60000, /* a look that has not ended after so long counts for nothing */
    TDH_HEALTH_NAME = 300
};

/* Embedded in its upstream. Atomics, so any worker may tell and ask. */
struct tdh_health {
    char name[TDH_HEALTH_NAME];                  /* "https://api.example.com:443" */
    atomic_uint failures;                        /* in a row */
    _Atomic uint64_t down_until_ns;              /* 0: up */
    _Atomic uint64_t probe_until_ns;             /* somebody looks, until then */
    _Atomic uint64_t calls, faults, connections; /* calls begun; that did not get a reply; open */
    struct tdh_health *next, *before;            /* the list has a lock, which no call takes */
};

/** May a call go there now? err TD_E_UNAVAILABLE, with retry_after_ms: it is down. */
int tdh_health_ask(struct tdh_health *health, uint64_t now_ns, struct td_err *err);
/** It gave a reply. */
void tdh_health_good(struct tdh_health *health);
/** It could not be reached, or gave none. */
void tdh_health_bad(struct tdh_health *health, uint64_t now_ns);
/** The call ended for a reason that says nothing of it. */
void tdh_health_unknown(struct tdh_health *health);
bool tdh_health_is_down(const struct tdh_health *health);

/** Enters it in the list of all there are, and takes it out. */
void tdh_health_list(struct tdh_health *health);
void tdh_health_unlist(struct tdh_health *health);
/** Calls fn for each; fn must not wait. Two of one name may be there. In any thread. */
typedef void tdh_health_fn(const struct tdh_health *health, void *arg);
void tdh_health_each(tdh_health_fn *fn, void *arg);

#endif
