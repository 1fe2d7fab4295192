/* SPDX-License-Identifier: Apache-2.0 */
/*
 * critical: how long a run of a workflow takes at most when nothing fails: when each node begins
 * and ends at the earliest, by how much it may be late, the longest way through the graph, and
 * which nodes stand beside each other.
 *
 * Every edge counts as taken, so of the branches of a decision the longest counts. A node with
 * `join: N` begins with the N-th of its predecessors where so many are sure to come, else with the
 * last. Edges for failures, and what only they lead to, delay nothing. What is not known how long
 * it takes counts as nothing, and is named.
 *
 * Takes time and room for nodes and edges, each once, and for sorting the predecessors of a join.
 */
#ifndef TDH_FLOW_CRITICAL_H
#define TDH_FLOW_CRITICAL_H

#include "flow/plan.h"

#define TDH_CRITICAL_US_MAX (INT64_C(1) << 53) /* 285 years: what is longer counts as that */

/* Where a time is from. */
enum tdh_time_source {
    TIME_NONE, /* what takes no time */
    TIME_MANIFEST,
    TIME_DURATION, /* of a sleep */
    TIME_HISTORY,
    TIME_BODY,
    TIME_UNKNOWN
};

#define TDH_CRITICAL_NONE UINT32_MAX
enum { TDH_CRITICAL_PATH = (TDH_FLOW_DEPTH + 1) * 66 }; /* of a node's path: ids and dots */

/* Of one node. */
struct tdh_span {
    struct tdh_critical *body; /* of a loop or map */
    int64_t rounds;            /* one after another; -1: not known, counted once */
    enum tdh_time_source source;
    int64_t time_us, start_us, finish_us;
    int64_t latest_us; /* finishing later makes the whole longer */
    uint32_t group;    /* nodes on the longest way to it, by number */
    uint32_t before;   /* on the critical path, the node in front; TDH_CRITICAL_NONE: none is */
    bool is_critical;  /* on the path */
    bool is_failure;   /* only a failure leads to it */
    bool is_sure;      /* every run in which nothing fails comes to it */
    bool is_early;     /* begins before all its predecessors are over */
};

/* Of a graph. Belongs to the definition, which must live as long; never changed. */
struct tdh_critical {
    const struct tdh_plan *plan;
    const struct tdh_graph *graph;
    struct tdh_span *spans; /* by node */
    int64_t total_us;
    uint32_t *path; /* the critical one, in order */
    uint32_t path_count, group_count;
};

/* For drawings, of this graph. critical may be NULL. */
bool tdh_critical_has(const struct tdh_critical *critical, uint32_t node);
bool tdh_critical_has_edge(const struct tdh_critical *critical, uint32_t from, uint32_t to);
/** Of the body of a node that is on the path; NULL: none. */
const struct tdh_critical *tdh_critical_body(const struct tdh_critical *critical, uint32_t node);

#endif
