/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random_flow: workflow graphs made by chance, and a model that says what a run of one must have
 * done, from the answers it got.
 *
 * The model shares nothing with host/flow: it works out the whole run anew from docs/flow.md each
 * time it is asked. Values are JSON texts, so that it needs no JSON.
 */
#ifndef TDEV_TESTS_RANDOM_FLOW_H
#define TDEV_TESTS_RANDOM_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"

enum {
    GRAPH_NODES = 14,
    NODE_EDGES = 10,
    FLOW_VARS = 10,
    FLOW_NODES = 60,
    PATH_SIZE = 96,
    VALUE_SIZE = 256,
    OPEN_MAX = 1500
};

enum kind { TASK, WAIT, SLEEP, CHILD, START, END, DECISION, PARALLEL, LOOP, MAP }; /* asks first */
enum condition { ALWAYS, WHEN_RESULT, WHEN_INPUT, WHEN_INDEX, OTHERWISE };
enum on_error { LOSE, SKIP, GOTO };
enum first { FIRST_ZERO, FIRST_INPUT, FIRST_INDEX }; /* of a variable of a body */

/* Conditions and loops ask whether a number from 0 to 7 is in a set: a bit for each. */
struct edge {
    unsigned to;
    enum condition condition;
    unsigned set;
    bool is_soft;           /* taken also when the node failed, if its condition holds */
    bool is_done, is_error; /* of `next`; of `on_error: {goto: ...}` */
};

struct node {
    enum kind kind;
    char id[8];
    unsigned in, join; /* edges into it; 0: all */
    enum on_error on_error;
    bool has_timeout;
    struct edge edges[NODE_EDGES];
    unsigned edge_count;
    struct graph *body;
    unsigned rounds;            /* at most */
    int while_variable, writes; /* -1: none */
    int own;                    /* a variable of its body; -1: none */
    enum first first;
    bool is_typed, gives_own; /* that is an integer; is what a round gives */
    unsigned while_set, until_set;
    bool has_until;
    unsigned max_parallel, max_failures; /* of a map; 0: all; in percent */
};

struct graph {
    struct node nodes[GRAPH_NODES]; /* edges lead to later ones */
    unsigned count;
    int output; /* of a body: whose output a round gives */
};

struct flow {
    uint64_t state; /* of the generator */
    struct graph *graphs[FLOW_NODES];
    unsigned graph_count, node_count, variable_count;
    bool is_of_body[FLOW_VARS]; /* by variable */
    unsigned bodies;            /* with variables of their own */
    unsigned input;             /* 0 to 7 */
    unsigned failures;          /* of a hundred answers */
    struct graph *graph;        /* the workflow's own */
};

/* flow: the generator's numbers go on from a seed. */
uint64_t flow_random(struct flow *flow, uint64_t below);
bool flow_is_lucky(struct flow *flow, unsigned percent);
struct flow *flow_new(uint64_t seed);
void flow_free(struct flow *flow);
/* Its YAML, in a spelling made by chance; free(). */
char *flow_text(struct flow *flow);

/* What an ask was answered: a value, or that it failed. */
struct answer {
    bool is_failed;
    char value[8];
};

/* Of a node: still to be decided, under way, over; dead; failed and skipped, left by goto, or lost.
 */
enum status { WAITS, OPEN, DONE, DEAD, SKIPPED, LEFT, LOST, STATUSES };

struct model {
    const struct tdh_map *answers;  /* by path of the ask */
    unsigned input;                 /* of the run */
    char open[OPEN_MAX][PATH_SIZE]; /* found: the asks that must be under way */
    unsigned open_count;
    char variables[FLOW_VARS][VALUE_SIZE];
    char outputs[GRAPH_NODES][VALUE_SIZE]; /* of the workflow's own nodes; "": there is none yet */
    unsigned counts[STATUSES];             /* of nodes, those of all rounds */
};

/** Works out anew what a run of the graph has done. Returns OPEN, DONE or LOST. */
enum status model_run(struct model *model, const struct graph *graph);

#endif
