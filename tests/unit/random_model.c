/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random_model: what docs/flow.md says of joins, dead paths, conditions, failures, loops and maps,
 * as a function of the answers so far. It knows no events and keeps nothing: each time it works
 * out the whole run from its beginning.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random_flow.h"

static enum status run_graph(struct model *model, const struct graph *graph, const char *path,
                             unsigned index, char *value);

/* Sets are of the numbers 0 to 7, so nothing else is in one. */
static bool is_in(const char *value, unsigned set)
{
    return strlen(value) == 1 && value[0] < '8' && (set >> (value[0] - '0') & 1) != 0;
}

/* A variable of a body: of a loop when that begins, of a map in each round. */
static void begin_variable(struct model *model, const struct node *node, unsigned index)
{
    unsigned first = node->first == FIRST_INPUT   ? model->input
                     : node->first == FIRST_INDEX ? index
                                                  : 0;

    if (node->own >= 0)
        sprintf(model->variables[node->own], "%u", first);
}

/* index: of the round around it */
static enum status run_rounds(struct model *model, const struct node *node, const char *path,
                              unsigned index, char *value)
{
    unsigned open = 0, lost = 0, most = node->max_failures * node->rounds / 100;
    char at[PATH_SIZE], list[VALUE_SIZE] = "[";

    begin_variable(model, node, index);
    for (unsigned round = 0; round < node->rounds; round++) {
        if ((node->max_parallel > 0 && open == node->max_parallel) ||
            (node->while_variable >= 0 &&
             !is_in(model->variables[node->while_variable], node->while_set)))
            break;
        if (snprintf(at, sizeof(at), "%s[%u].", path, round) >= PATH_SIZE)
            abort();
        if (node->kind == MAP)
            begin_variable(model, node, round);
        enum status status = run_graph(model, node->body, at, round, value);
        if (status == DONE && node->gives_own)
            strcpy(value, model->variables[node->own]);
        if (node->kind == LOOP && status != DONE)
            return status;
        open += status == OPEN;
        lost += status == LOST;
        strcat(strcat(list, round > 0 ? "," : ""), status == LOST ? "null" : value);
        if (node->has_until && is_in(value, node->until_set))
            break;
    }
    if (node->kind == MAP)
        strcat(strcpy(value, list), "]");
    return lost > most ? LOST : open > 0 ? OPEN : DONE;
}

static enum status run_node(struct model *model, const struct node *node, const char *path,
                            unsigned index, char *value)
{
    const struct answer *answer = tdh_map_get(model->answers, path);
    char timer[PATH_SIZE + 8];
    unsigned open = model->open_count;
    enum status status = DONE;

    sprintf(timer, "%s.timeout", path);
    strcpy(value, answer != NULL ? answer->value : "null");
    if (node->body != NULL)
        status = run_rounds(model, node, path, index, value);
    else if (node->kind <= CHILD && answer == NULL)
        status = OPEN, strcpy(model->open[model->open_count++], path);
    if (tdh_map_get(model->answers, timer) != NULL || (answer != NULL && answer->is_failed))
        status = LOST;
    if (status == OPEN && node->has_timeout)
        strcpy(model->open[model->open_count++], timer);
    if (status != LOST)
        return status;
    model->open_count = open;
    strcpy(value, "null");
    return node->on_error == SKIP ? SKIPPED : node->on_error == GOTO ? LEFT : LOST;
}

/* The edges that leave a node which is over, one way or another. */
static void decide(const struct model *model, const struct node *node, enum status status,
                   const char *value, unsigned index, unsigned *live, unsigned *dead)
{
    bool is_met = false, is_over = status == DEAD;

    for (unsigned e = 0; e < 2 * node->edge_count; e++) {
        const struct edge *edge = &node->edges[e % node->edge_count];
        const char of_run[] = { (char)('0' + model->input), '\0' },
                   round[] = { (char)('0' + index), '\0' };
        const char *about = edge->condition == WHEN_INPUT   ? of_run
                            : edge->condition == WHEN_INDEX ? round
                                                            : value;
        bool is_when = edge->condition != ALWAYS && edge->condition != OTHERWISE;
        bool holds = edge->condition == OTHERWISE ? !is_met : !is_when || is_in(about, edge->set);
        bool is_taken =
            status == LEFT && !edge->is_soft ? edge->is_error : !is_over && edge->is_done && holds;

        if ((edge->condition == OTHERWISE) != (e >= node->edge_count))
            continue;
        is_met = is_met || (is_taken && is_when);
        is_over = is_over || (is_taken && node->kind == DECISION);
        (is_taken ? live : dead)[edge->to]++;
    }
}

static enum status run_graph(struct model *model, const struct graph *graph, const char *path,
                             unsigned index, char *value)
{
    unsigned live[GRAPH_NODES] = { 0 }, dead[GRAPH_NODES] = { 0 }, open = model->open_count;
    enum status whole = DONE, status;
    char at[PATH_SIZE], output[VALUE_SIZE];

    strcpy(value, "null");
    for (unsigned i = 0; i < graph->count; i++) {
        const struct node *node = &graph->nodes[i];
        unsigned least = node->join > 0 ? node->join : 1;

        strcpy(output, "null");
        snprintf(at, sizeof(at), "%s%s", path, node->id);
        if (node->in > 0 && node->in - dead[i] < least)
            status = DEAD;
        else if (node->in > 0 && (node->join > 0 ? live[i] < least : live[i] + dead[i] < node->in))
            status = WAITS;
        else
            status = run_node(model, node, at, index, output);
        model->counts[status]++;
        whole = status == LOST || whole == LOST ? LOST : status <= OPEN ? OPEN : whole;
        if (status == DONE && node->writes >= 0)
            strcpy(model->variables[node->writes], output);
        if (status == DONE && graph->output == (int)i)
            strcpy(value, output);
        if ((status == DONE || status == SKIPPED || status == LEFT) && path[0] == '\0')
            strcpy(model->outputs[i], output);
        if (status != WAITS && status != OPEN)
            decide(model, node, status, output, index, live, dead);
    }
    if (whole == LOST)
        model->open_count = open;
    return whole;
}

enum status model_run(struct model *model, const struct graph *graph)
{
    char ignored[VALUE_SIZE];

    return run_graph(model, graph, "", 0, ignored);
}
