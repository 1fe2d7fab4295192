/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger: what each plugin and each agent has used of this process, from its begin on, and what was
 * used for each tenant.
 *
 * A line is made when something is loaded and lasts as long as the process, so that who adds to it
 * needs no lock and what was exchanged for a newer build is not forgotten. Sums only grow, but for
 * the bytes.
 */
#ifndef TDH_BASE_LEDGER_H
#define TDH_BASE_LEDGER_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/meter.h"

enum {
    TDH_LEDGER_LINES = 4096,  /* what comes behind them shares one line of its kind, "(others)" */
    TDH_LEDGER_TENANTS = 100, /* the same for tenants alone */
    TDH_LEDGER_NAME = 128     /* bytes of a name, with its end; longer ones are cut */
};

enum tdh_ledger_kind {
    TDH_LEDGER_PLUGIN, /* what it uses by itself: a pattern's reducer, processes that have ended */
    TDH_LEDGER_AGENT,  /* one of its agents */
    TDH_LEDGER_TENANT, /* on whose account a run is; of no plugin */
    TDH_LEDGER_KINDS
};

struct tdh_ledger_line {
    struct tdh_ledger_line *next; /* made before this one */
    enum tdh_ledger_kind kind;
    char name[TDH_LEDGER_NAME], plugin[TDH_LEDGER_NAME];
    _Atomic uint64_t cpu_ns;  /* of the processor, in the plugin's code */
    _Atomic uint64_t wall_ns; /* within it, waits included; nested calls count for both */
    _Atomic uint64_t calls, failures, retries, cache_hits;
    _Atomic int64_t bytes;   /* of instances, as far as the host allocates them */
    struct tdh_meters spent; /* under the ledger's lock */
};

/**
 * The line of that name, made when there is none. From any thread; never NULL. Without memory it is
 * that of the others.
 *
 * plugin  what it is of; for a plugin its own name, for a tenant ""
 */
struct tdh_ledger_line *tdh_ledger_line(enum tdh_ledger_kind kind, const char *name,
                                        const char *plugin);

static inline void tdh_ledger_add(_Atomic uint64_t *cell, uint64_t amount)
{
    atomic_fetch_add_explicit(cell, amount, memory_order_relaxed);
}

/** So much of a meter was used; more names than a line has room for are not kept. */
void tdh_ledger_spend(struct tdh_ledger_line *line, const char *meter, int64_t amount);

/**
 * All lines on which something was used, the newest first: [{kind, name, plugin, cpu_ns, wall_ns,
 * calls, failures, retries, cache_hits, bytes, spent: {meter: number}}]. new; NULL: without memory.
 */
json_t *tdh_ledger_rows(void);

#endif
