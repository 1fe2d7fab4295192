/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan: a workflow as it was read: graphs of nodes with everything compiled. Immutable after tdh_plan_new.
 */
#ifndef TDH_FLOW_PLAN_H
#define TDH_FLOW_PLAN_H

#include "cel/cel.h"
#include "flow/flow.h"
#include "flow/template.h"
#include "schema/schema.h"

/* The roots of CEL, in the order of the environment. */
enum tdh_flow_root { ROOT_INPUT, ROOT_VARS, ROOT_NODES, ROOT_RESULT, ROOT_ERROR, ROOT_ITEM, ROOT_INDEX, ROOT_RUN, ROOT_NOW, ROOT_COUNT };

enum tdh_node_type { NODE_START, NODE_END, NODE_TASK, NODE_DECISION, NODE_PARALLEL, NODE_LOOP, NODE_MAP, NODE_SUBWORKFLOW, NODE_PATTERN,
                     NODE_TYPES };

struct tdh_edge {
    uint32_t to;
    struct tdh_cel *when;   /* NULL: always */
    bool is_otherwise;
    bool is_named_by_next;  /* its condition wins over depends_on */
};

struct tdh_assign {
    char *variable;
    struct tdh_template *value;
};

struct tdh_graph;

struct tdh_node {
    char *id;
    uint32_t index;             /* in its graph */
    uint32_t number;            /* in the plan: unique over all graphs */
    enum tdh_node_type type;
    char *pointer;              /* JSON Pointer in the text */
    char *name, *action;        /* of the agent, workflow or pattern */
    struct td_policy policy;
    struct tdh_template *inputs, *output;
    struct tdh_template *over;  /* map: the list; loop with for_each */
    json_t *config;             /* of a pattern */
    struct tdh_assign *assigns;
    size_t assign_count;
    struct tdh_cel *loop_while, *loop_until;
    int64_t loop_times;         /* -1: not given */
    int64_t loop_max;           /* rounds; 0: TDH_FLOW_ROUNDS, and reaching it is an error */
    uint32_t max_parallel;      /* map; 0: all */
    int join;                   /* 0: all, else how many live predecessors */
    struct tdh_edge *edges;     /* out */
    size_t edge_count;
    uint32_t in_count;
    struct tdh_graph *body;
};

struct tdh_graph {
    struct tdh_node *nodes;
    uint32_t count;
    struct tdh_graph *outer;
    struct tdh_node *owner;     /* the loop or map whose body it is; NULL: the workflow */
    unsigned depth;
};

struct tdh_plan {
    json_t *text;
    struct tdh_graph *graph;
    struct tdh_node **by_number;
    uint32_t node_count;
    json_t *variables;          /* their first values */
    struct tdh_schema *inputs;  /* NULL: anything */
    uint64_t reads;             /* bits of the roots that some expression reads */
};

/* What is known while a workflow is being read. */
struct tdh_flow_reader {
    const struct tdh_yaml *yaml;         /* NULL: from stored text, without places */
    const struct tdh_flow_world *world;  /* NULL: do not look */
    struct tdh_plan *plan;
    json_t *root_schemas[ROOT_COUNT];    /* of the graph being read; NULL: not known */
    const json_t *want;                  /* schema of the next template's result */
    unsigned depth;
};

/* Fails with the place of the value (or the key, with is_key) at `pointer`. Returns -1. */
int tdh_flow_fail(const struct tdh_flow_reader *reader, const char *pointer, bool is_key, struct td_err *err, const char *fmt, ...)
    TD_PRINTF(5, 6);
/* Puts the place in front of what err says, and makes it TD_E_CONFIG. */
int tdh_flow_at(const struct tdh_flow_reader *reader, const char *pointer, struct td_err *err);
struct tdh_cel *tdh_flow_cel(struct tdh_flow_reader *reader, const json_t *text, const char *pointer, bool is_condition, struct td_err *err);
struct tdh_template *tdh_flow_template(struct tdh_flow_reader *reader, const json_t *value, const char *pointer, struct td_err *err);

/* read.c: the whole; node.c: one node; graph.c: edges and their rules; scope.c: what names mean */
struct tdh_plan *tdh_plan_new(const json_t *text, const struct tdh_yaml *yaml, const struct tdh_flow_world *world, struct td_err *err);
void tdh_plan_free(struct tdh_plan *plan);
/* err TD_E_INVAL. */
int tdh_plan_check_input(const struct tdh_plan *plan, const json_t *input, struct td_err *err);
int tdh_node_read(struct tdh_flow_reader *reader, struct tdh_graph *graph, struct tdh_node *node, const json_t *text, struct td_err *err);
void tdh_node_end(struct tdh_node *node);
int tdh_node_check_keys(struct tdh_flow_reader *reader, enum tdh_node_type type, const json_t *text, const char *pointer, struct td_err *err);
const char *tdh_node_type_name(enum tdh_node_type type);
int tdh_node_type_parse(const char *name, enum tdh_node_type *ret_type, const char **ret_near);
struct tdh_graph *tdh_graph_read(struct tdh_flow_reader *reader, const json_t *nodes, const char *pointer, struct tdh_graph *outer,
                                 struct tdh_node *owner, struct td_err *err);
void tdh_graph_free(struct tdh_graph *graph);
int tdh_graph_link(struct tdh_flow_reader *reader, struct tdh_graph *graph, const json_t *nodes, struct td_err *err);
int tdh_graph_check(struct tdh_flow_reader *reader, struct tdh_graph *graph, struct td_err *err);
/* Letters, digits, "_" and "-", at most 64: of nodes and workflows. */
bool tdh_flow_is_id(const char *id);
struct tdh_node *tdh_graph_node(struct tdh_graph *graph, const char *id);
/* Schemas of the roots for the expressions of a graph. */
int tdh_scope_enter(struct tdh_flow_reader *reader, const json_t *workflow, struct td_err *err);
int tdh_scope_nodes(struct tdh_flow_reader *reader, const struct tdh_graph *graph, const json_t *nodes, struct td_err *err);
void tdh_scope_leave(struct tdh_flow_reader *reader);

#endif
