/* SPDX-License-Identifier: Apache-2.0 */
/*
 * critical: one pass in the order of the graph finds when each node begins, one against it how late
 * it may be; bodies come first, as they say how long their loop or map takes.
 */
#include "flow/critical.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static const uint32_t none = TDH_CRITICAL_NONE;

/* An edge, from its end. */
struct arrival {
    uint32_t from;
    const struct tdh_edge *edge;
};

/* While it is being made. */
struct work {
    struct tdh_critical *critical;
    const struct tdh_graph *graph;
    struct tdh_span *spans;
    uint32_t *order, *waiting;
    uint32_t *first; /* arrivals of a node are first[node] to first[node + 1] */
    struct arrival *arrivals;
    int64_t *finishes; /* room for sorting */
};

static int64_t bounded(int64_t us)
{
    return us < 0 ? 0 : us < TDH_CRITICAL_US_MAX ? us : TDH_CRITICAL_US_MAX;
}

/* Both are bounded, but for the factor. */
static int64_t times(int64_t us, int64_t factor)
{
    int64_t product;

    return __builtin_mul_overflow(us, factor, &product) ? TDH_CRITICAL_US_MAX : bounded(product);
}

/* --- how long a node takes --- */

/* How many rounds are gone through one after another. -1: not known. */
static int64_t count_rounds(const struct tdh_node *node)
{
    const json_t *list = node->over != NULL ? tdh_template_const(node->over) : NULL;
    int64_t items = list != NULL ? (int64_t)json_array_size(list) : -1, rounds = items;

    if (items == 0)
        return 0;
    if (node->type == NODE_MAP && node->max_parallel == 0)
        return 1;
    if (node->type == NODE_MAP)
        return items < 0 ? -1 : (items + node->max_parallel - 1) / node->max_parallel;
    if (node->loop_times >= 0 && (rounds < 0 || rounds > node->loop_times))
        rounds = node->loop_times;
    return rounds > node->loop_max && node->loop_max > 0 ? node->loop_max : rounds;
}

static enum tdh_time_source sleep_time(const struct tdh_node *node, int64_t *ret_us)
{
    const json_t *plain = node->duration != NULL ? tdh_template_const(node->duration) : NULL;
    int64_t ms = json_integer_value(plain);
    struct td_err ignored;

    if (plain == NULL ||
        (json_is_string(plain) && tdh_duration_parse(json_string_value(plain), &ms, &ignored) != 0))
        return TIME_UNKNOWN;
    *ret_us = times(1000, ms);
    return TIME_DURATION;
}

/* What its kind tells. */
static enum tdh_time_source plain_time(const struct tdh_node *node,
                                       const struct tdh_flow_times *known, int64_t *ret_us)
{
    switch (node->type) {
    case NODE_START:
    case NODE_END:
    case NODE_DECISION:
    case NODE_PARALLEL:
        return TIME_NONE;
    case NODE_SLEEP:
        return sleep_time(node, ret_us);
    case NODE_SUBWORKFLOW: /* nobody waits for an asynchronous one */
        return json_is_true(json_object_get(node->config, "async")) ? TIME_NONE : TIME_UNKNOWN;
    case NODE_TASK:
        if (known != NULL && known->action != NULL &&
            known->action(known->arg, node->name, node->action, ret_us))
            return TIME_MANIFEST;
        return TIME_UNKNOWN;
    default:
        return TIME_UNKNOWN;
    }
}

static struct tdh_critical *graph_new(const struct tdh_plan *plan, const struct tdh_graph *graph,
                                      const char *prefix, const struct tdh_flow_times *known);

/* prefix: of its path. */
static int fill_time(struct tdh_critical *critical, const struct tdh_node *node, const char *prefix,
                     const struct tdh_flow_times *known)
{
    struct tdh_span *span = &critical->spans[node->index];
    char path[TDH_CRITICAL_PATH];
    int64_t past_us;

    snprintf(path, sizeof(path), "%s%s", prefix, node->id);
    if (node->body != NULL) {
        snprintf(path, sizeof(path), "%s%s.", prefix, node->id);
        span->body = graph_new(critical->plan, node->body, path, known);
        if (span->body == NULL)
            return -1;
        span->source = TIME_BODY;
        span->rounds = count_rounds(node);
        span->time_us = times(span->body->total_us, span->rounds < 0 ? 1 : span->rounds);
        return 0;
    }
    span->source = plain_time(node, known, &span->time_us);
    if (span->source != TIME_NONE && known != NULL && known->past != NULL &&
        known->past(known->arg, path, &past_us)) {
        span->source = TIME_HISTORY;
        span->time_us = past_us;
    }
    span->time_us = bounded(span->time_us);
    return 0;
}

/* --- the graph from its end --- */

static void fill_arrivals(struct work *work)
{
    const struct tdh_graph *graph = work->graph;
    uint32_t *filled = work->waiting; /* not needed any more, or not yet */

    for (uint32_t i = 0; i < graph->count; i++) {
        work->first[i + 1] = work->first[i] + graph->nodes[i].in_count;
        filled[i] = work->first[i];
    }
    for (uint32_t i = 0; i < graph->count; i++)
        for (size_t e = 0; e < graph->nodes[i].edge_count; e++)
            work->arrivals[filled[graph->nodes[i].edges[e].to]++] =
                (struct arrival){ i, &graph->nodes[i].edges[e] };
}

static void fill_order(struct work *work)
{
    const struct tdh_graph *graph = work->graph;
    uint32_t count = 0;

    for (uint32_t i = 0; i < graph->count; i++)
        if ((work->waiting[i] = graph->nodes[i].in_count) == 0)
            work->order[count++] = i;
    for (uint32_t at = 0; at < count; at++) {
        const struct tdh_node *node = &graph->nodes[work->order[at]];

        for (size_t e = 0; e < node->edge_count; e++)
            if (--work->waiting[node->edges[e].to] == 0)
                work->order[count++] = node->edges[e].to;
    }
}

/* --- forward --- */

/* It leads there only when something failed. */
static bool is_failure(const struct work *work, const struct arrival *arrival)
{
    return !arrival->edge->is_done || work->spans[arrival->from].is_failure;
}

/* It is taken in every run in which nothing fails. */
static bool is_sure(const struct work *work, const struct arrival *arrival)
{
    const struct tdh_node *from = &work->graph->nodes[arrival->from];

    return work->spans[arrival->from].is_sure && arrival->edge->is_done &&
           arrival->edge->when == NULL && !arrival->edge->is_otherwise &&
           (from->type != NODE_DECISION || from->edge_count == 1);
}

/* Can its being late make the node late? Only known once the node's own start is. */
static bool is_binding(const struct work *work, uint32_t node, const struct arrival *arrival)
{
    const struct tdh_span *span = &work->spans[node];

    if (span->is_failure || !span->is_early)
        return span->is_failure || !is_failure(work, arrival);
    return is_sure(work, arrival) && work->spans[arrival->from].finish_us <= span->start_us;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Whether it is sure, only for failures, early: what its predecessors say of it. */
static void fill_kind(struct work *work, uint32_t node)
{
    struct tdh_span *span = &work->spans[node];
    uint32_t join = work->graph->nodes[node].join, failures = 0, sure = 0;
    uint32_t begin = work->first[node], end = work->first[node + 1];

    for (uint32_t i = begin; i < end; i++) {
        failures += is_failure(work, &work->arrivals[i]);
        if (is_sure(work, &work->arrivals[i]))
            work->finishes[sure++] = work->spans[work->arrivals[i].from].finish_us;
    }
    span->is_failure = end > begin && failures == end - begin;
    span->is_sure = end == begin || sure >= (join > 0 ? join : 1);
    span->is_early = join > 0 && sure >= join;
    if (!span->is_early)
        return;
    qsort(work->finishes, sure, sizeof(*work->finishes), by_time);
    span->start_us = work->finishes[join - 1];
}

static void go_forward(struct work *work, uint32_t node)
{
    struct tdh_span *span = &work->spans[node];

    fill_kind(work, node);
    for (uint32_t i = work->first[node]; i < work->first[node + 1]; i++) {
        const struct tdh_span *from = &work->spans[work->arrivals[i].from];

        if (!span->is_failure && is_failure(work, &work->arrivals[i]))
            continue;
        if (!span->is_early && from->finish_us > span->start_us)
            span->start_us = from->finish_us;
        span->group = from->group >= span->group ? from->group + 1 : span->group;
    }
    span->finish_us = bounded(span->start_us + span->time_us);
    if (span->is_failure)
        return;
    if (span->finish_us > work->critical->total_us)
        work->critical->total_us = span->finish_us;
    if (span->group >= work->critical->group_count)
        work->critical->group_count = span->group + 1;
}

/* --- backward --- */

static void go_backward(struct work *work, uint32_t node)
{
    const struct tdh_span *span = &work->spans[node];
    int64_t latest_us = span->latest_us - (span->finish_us - span->start_us);

    for (uint32_t i = work->first[node]; !span->is_failure && i < work->first[node + 1]; i++) {
        struct tdh_span *from = &work->spans[work->arrivals[i].from];

        if (is_binding(work, node, &work->arrivals[i]) && from->latest_us > latest_us)
            from->latest_us = latest_us;
    }
}

/* Of two that end at the same time, the one with the longer way behind it. */
static bool is_behind(const struct tdh_span *a, const struct tdh_span *b)
{
    return a->finish_us != b->finish_us ? a->finish_us > b->finish_us : a->group > b->group;
}

static uint32_t find_before(const struct work *work, uint32_t node)
{
    uint32_t before = none;

    for (uint32_t i = work->first[node]; i < work->first[node + 1]; i++) {
        uint32_t from = work->arrivals[i].from;

        if (is_binding(work, node, &work->arrivals[i]) &&
            (before == none || is_behind(&work->spans[from], &work->spans[before])))
            before = from;
    }
    return before;
}

static void fill_path(struct work *work)
{
    struct tdh_critical *critical = work->critical;
    uint32_t last = none;

    for (uint32_t i = 0; i < work->graph->count; i++)
        if (!work->spans[i].is_failure &&
            (last == none || is_behind(&work->spans[i], &work->spans[last])))
            last = i;
    for (uint32_t at = last; at != none; at = work->spans[at].before) {
        work->spans[at].is_critical = true;
        work->spans[at].before = find_before(work, at);
        critical->path_count++;
    }
    for (uint32_t at = last, i = critical->path_count; at != none; at = work->spans[at].before)
        critical->path[--i] = at;
}

/* --- the whole --- */

static void walk(struct work *work)
{
    uint32_t count = work->graph->count;

    fill_arrivals(work);
    fill_order(work);
    for (uint32_t i = 0; i < count; i++)
        go_forward(work, work->order[i]);
    for (uint32_t i = 0; i < count; i++)
        work->spans[i].latest_us = work->critical->total_us;
    for (uint32_t i = count; i > 0; i--)
        go_backward(work, work->order[i - 1]);
    fill_path(work);
}

static int work_new(struct work *work, struct tdh_critical *critical)
{
    uint32_t count = critical->graph->count, edges = 0;

    for (uint32_t i = 0; i < count; i++)
        edges += (uint32_t)critical->graph->nodes[i].edge_count;
    *work = (struct work){ .critical = critical,
                           .graph = critical->graph,
                           .spans = critical->spans,
                           .order = calloc(count, sizeof(*work->order)),
                           .waiting = calloc(count, sizeof(*work->waiting)),
                           .first = calloc(count + 1, sizeof(*work->first)),
                           .arrivals = calloc(edges + 1, sizeof(*work->arrivals)),
                           .finishes = calloc(edges + 1, sizeof(*work->finishes)) };
    return work->order != NULL && work->waiting != NULL && work->first != NULL &&
                   work->arrivals != NULL && work->finishes != NULL
               ? 0
               : -1;
}

static void work_free(struct work *work)
{
    free(work->order);
    free(work->waiting);
    free(work->first);
    free(work->arrivals);
    free(work->finishes);
}

/* NULL: without memory. */
static struct tdh_critical *graph_new(const struct tdh_plan *plan, const struct tdh_graph *graph,
                                      const char *prefix, const struct tdh_flow_times *known)
{
    struct tdh_critical *critical = calloc(1, sizeof(*critical));
    struct work work = { 0 };
    int rc = -1;

    if (critical == NULL)
        return NULL;
    critical->plan = plan;
    critical->graph = graph;
    critical->spans = calloc(graph->count, sizeof(*critical->spans));
    critical->path = calloc(graph->count, sizeof(*critical->path));
    if (critical->spans != NULL && critical->path != NULL)
        rc = work_new(&work, critical);
    for (uint32_t i = 0; rc == 0 && i < graph->count; i++)
        rc = fill_time(critical, &graph->nodes[i], prefix, known);
    if (rc == 0)
        walk(&work);
    work_free(&work);
    if (rc == 0)
        return critical;
    tdh_critical_free(critical);
    return NULL;
}

struct tdh_critical *tdh_critical_new(const struct tdh_definition *definition,
                                      const struct tdh_flow_times *known, struct td_err *err)
{
    const struct tdh_plan *plan = definition->plan;
    struct tdh_critical *critical = graph_new(plan, plan->graph, "", known);

    if (critical == NULL)
        td_fail(err, TD_E_NOMEM, "could not allocate the times of %u nodes", plan->node_count);
    return critical;
}

void tdh_critical_free(struct tdh_critical *critical)
{
    if (critical == NULL)
        return;
    for (uint32_t i = 0; critical->spans != NULL && i < critical->graph->count; i++)
        tdh_critical_free(critical->spans[i].body);
    free(critical->spans);
    free(critical->path);
    free(critical);
}

/* --- for drawings --- */

bool tdh_critical_has(const struct tdh_critical *critical, uint32_t node)
{
    return critical != NULL && critical->spans[node].is_critical;
}

bool tdh_critical_has_edge(const struct tdh_critical *critical, uint32_t from, uint32_t to)
{
    return tdh_critical_has(critical, to) && critical->spans[to].before == from;
}

const struct tdh_critical *tdh_critical_body(const struct tdh_critical *critical, uint32_t node)
{
    return tdh_critical_has(critical, node) ? critical->spans[node].body : NULL;
}
