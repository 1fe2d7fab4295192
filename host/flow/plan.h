/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan: a workflow as it was read: graphs of nodes with everything compiled. Immutable after
 * tdh_plan_new.
 */
#ifndef TDH_FLOW_PLAN_H
#define TDH_FLOW_PLAN_H

#include <limits.h>

#include "base/map.h"
#include "cel/cel.h"
#include "flow/flow.h"
#include "flow/trigger.h"
#include "schema/schema.h"

/* The roots of CEL, in the order of the environment. */
enum tdh_flow_root {
    ROOT_INPUT,
    ROOT_VARS,
    ROOT_NODES,
    ROOT_RESULT,
    ROOT_ITEM,
    ROOT_INDEX,
    ROOT_RUN,
    ROOT_NOW,
    ROOT_COUNT
};

#define ROOT_BIT(root) (1U << (root))
/* What every expression sees. */
#define ROOTS_ALWAYS                                                                               \
    (ROOT_BIT(ROOT_INPUT) | ROOT_BIT(ROOT_VARS) | ROOT_BIT(ROOT_NODES) | ROOT_BIT(ROOT_RUN) |      \
     ROOT_BIT(ROOT_NOW))

enum tdh_node_type {
    NODE_START,
    NODE_END,
    NODE_TASK,
    NODE_DECISION,
    NODE_PARALLEL,
    NODE_LOOP,
    NODE_MAP,
    NODE_SUBWORKFLOW,
    NODE_PATTERN,
    NODE_SLEEP,
    NODE_WAIT,
    NODE_EMIT,
    NODE_SET,
    NODE_UNDO, /* what "compensate" of a node says; in no graph */
    NODE_TYPES
};

/* What becomes of a node that failed. */
enum tdh_on_error {
    ON_ERROR_COMPENSATE, /* the run fails, and what it did is undone */
    ON_ERROR_FAIL,       /* the run fails, and what it did stays */
    ON_ERROR_SKIP,       /* it counts as done, with null */
    ON_ERROR_GOTO,       /* only its edge for errors is taken */
};

struct tdh_edge {
    uint32_t to;
    struct tdh_cel *when; /* NULL: always */
    bool is_otherwise;
    bool is_done, is_error; /* taken when the node is done; when it failed */
    bool is_soft;           /* when it failed, too, if the condition holds */
};

struct tdh_scope;

struct tdh_assign {
    char *variable;
    const struct tdh_scope *scope; /* where it is declared */
    struct tdh_template *value;
    const struct tdh_schema *type; /* of the variable; NULL: anything */
};

/* The variables that are declared in one place: of the workflow, or of the body of a loop or map.
 * Names are unique among those of a place and of the places around it. */
struct tdh_scope {
    const struct tdh_scope *outer; /* NULL: the workflow's */
    const struct tdh_node *owner;  /* the loop or map; NULL: the workflow */
    unsigned depth;                /* of the graph that first sees them */
    json_t *first;                 /* {name: first value}; only those of bodies hold expressions */
    json_t *types;                 /* {name: JSON Schema} of those that have one */
    struct tdh_map type_checks;    /* name -> struct tdh_schema: the same, compiled */
    struct tdh_assign *begins;     /* of a body: the first value of each */
    size_t begin_count;
    uint64_t reads; /* bits of the roots that those read */
    bool is_plain;  /* no first value of a body holds an expression: all of them are `first` */
};

struct tdh_graph;

struct tdh_node {
    char *id;
    uint32_t index; /* in its graph */
    enum tdh_node_type type;
    char *pointer;       /* JSON Pointer in the text */
    char *name, *action; /* of the agent, workflow or pattern */
    struct td_policy policy;
    struct tdh_template *inputs;
    struct tdh_template *output; /* of an end or set; of a loop or map: evaluated in its body */
    struct tdh_template *over;   /* map: the list; loop: for_each */
    json_t *config;              /* of a pattern; of a subworkflow: its definition */
    struct tdh_template *signal; /* of a wait: one of these two */
    struct tdh_template *approval;
    struct tdh_template *duration, *until; /* of a sleep: one of them */
    uint32_t timeout_ms; /* of what is no task: those have it in their policy; 0: none */
    enum tdh_on_error on_error;
    struct tdh_node *undo; /* a call; NULL: nothing undoes it */
    uint32_t undo_number;  /* in the plan's list */
    struct tdh_assign *assigns;
    size_t assign_count;
    bool is_typed; /* some variable that it writes has a type */
    struct tdh_cel *loop_while, *loop_until;
    int64_t loop_times;     /* -1: not given */
    int64_t loop_max;       /* rounds; 0: TDH_FLOW_ROUNDS, and reaching it is an error */
    uint32_t max_parallel;  /* map; 0: all */
    bool is_strict;         /* pattern: a result with `success: false` is a failure */
    bool is_in_order;       /* map: each node of the body takes the items one after another */
    double max_failures;    /* map: rounds that may fail; below 1: their share of all */
    uint32_t join;          /* 0: all, else how many live predecessors */
    bool is_first;          /* join of one, which lets go of the others (first.c) */
    uint32_t goal;          /* the nearest such join that all ways from here come to; 0: none */
    uint32_t rival;         /* of such a join: one it is the goal of; 0: none */
    uint32_t next_rival;    /* another one of the same goal; 0: none. All three: index + 1 */
    struct tdh_edge *edges; /* out */
    size_t edge_count;
    uint32_t in_count;
    struct tdh_graph *body;
    struct tdh_scope *scope;              /* of its body; NULL: that has no variables of its own */
    json_t *input_schema, *output_schema; /* while its graph is being read; NULL: not known */
    const struct tdh_schema *config_schema; /* as those */
};

struct tdh_graph {
    struct tdh_node *nodes;
    uint32_t count;
    struct tdh_graph *outer;
    struct tdh_node *owner;        /* the loop or map whose body it is; NULL: the workflow */
    const struct tdh_scope *scope; /* the innermost whose variables its nodes see */
    unsigned depth;
    unsigned sees;        /* bits of the roots that its expressions may read */
    uint64_t reads;       /* bits of the roots that they, or those of bodies within, do read */
    struct tdh_map ids;   /* of its nodes; while it is being read */
    struct tdh_map pairs; /* edges by both their ends; while it is being read */
    json_t *names;     /* schema of the root `nodes`, one of all graphs; while it is being read */
    json_t *own_names; /* of that, what its nodes are */
};

struct tdh_plan {
    json_t *text;
    const char *name; /* the workflow's id; of text */
    struct tdh_graph *graph;
    uint32_t node_count;           /* bodies counted */
    uint32_t timeout_ms;           /* of a run; 0: none */
    const struct tdh_node **undos; /* nodes that can be undone, by number */
    uint32_t undo_count;
    json_t *warnings; /* texts, at most TDH_FLOW_WARNINGS; NULL: none */
    struct tdh_scope scope;
    struct tdh_schema *inputs; /* NULL: anything */
    struct tdh_trigger *triggers;
    size_t trigger_count;
};

/* What is known while a workflow is being read. */
struct tdh_flow_reader {
    const struct tdh_yaml *yaml;        /* NULL: from stored text, without places */
    const struct tdh_flow_world *world; /* NULL: do not look */
    struct tdh_plan *plan;
    bool is_within;                   /* it is a node's `definition` */
    bool is_deployed;                 /* from stored text, and its triggers count */
    struct tdh_graph *graph;          /* whose expressions are being read */
    json_t *root_schemas[ROOT_COUNT]; /* but for `nodes`; NULL: not known */
    const json_t *want;               /* schema of the next template's result */
    json_t *faults;                   /* gets what is wrong; NULL: the first is enough */
};

/* fault.c: notes what err says, once. Returns true when reading can go on after it, which then must
 * fail in the end: not when the first fault is enough, enough were told, or it is none of the text.
 */
bool tdh_fault_note(const struct tdh_flow_reader *reader, const struct td_err *err);

enum { TDH_POINTER_MAX = 512 }; /* of a node or a key that nodes have */

/* Letters, digits, "_" and "-", at most TDH_FLOW_ID: of nodes and workflows. */
enum { TDH_FLOW_ID = 64 };
bool tdh_flow_is_id(const char *id);

/* file.c: what names of workflows are. A name that is a path has a slash or one of the endings; a
 * file of a folder that is a workflow gives its id: new, free(), NULL: it is none. */
#define TDH_FLOW_YAML ".yaml"
#define TDH_FLOW_TEXT ".flow"
bool tdh_flow_is_path(const char *name);
char *tdh_flow_file_id(const char *file);
bool tdh_flow_is_file(const char *path);
/* Where the workflow of that name stands: the first folder that has it. Returns 1, 0 when no folder
 * has it, or -1 when one has it in both notations: nobody can tell which of them counts. */
int tdh_flow_find_file(char *const *folders, size_t folder_count, const char *name,
                       char path[static PATH_MAX], struct td_err *err);

/* read.c: the whole, places and expressions.
 * Fails with the place of the value at `pointer`. Returns -1. */
int tdh_flow_fail(const struct tdh_flow_reader *reader, const char *pointer, struct td_err *err,
                  const char *fmt, ...) TD_PRINTF(4, 5);
/*
 * As tdh_flow_fail, with ", did you mean" when near is not NULL, and with the place of the member's
 * key when key is not NULL.
 */
int tdh_flow_fail_near(const struct tdh_flow_reader *reader, const char *pointer, const char *key,
                       const char *near, struct td_err *err, const char *fmt, ...) TD_PRINTF(6, 7);
/* The key of an object nearest to the name, or NULL. */
const char *tdh_flow_near(const char *name, const json_t *object);
/* Puts the place in front of what err says, and makes it TD_E_CONFIG. */
int tdh_flow_at(const struct tdh_flow_reader *reader, const char *pointer, struct td_err *err);
int tdh_flow_at_member(const struct tdh_flow_reader *reader, const char *pointer, const char *key,
                       struct td_err *err);
/* The place of the member's key. */
int tdh_flow_at_key(const struct tdh_flow_reader *reader, const char *pointer, const char *key,
                    struct td_err *err);
/* `sees`: bits of roots besides those of the graph. */
struct tdh_cel *tdh_flow_condition(struct tdh_flow_reader *reader, const json_t *text,
                                   const char *pointer, unsigned sees, struct td_err *err);
struct tdh_template *tdh_flow_template(struct tdh_flow_reader *reader, const json_t *value,
                                       const char *pointer, unsigned sees, struct td_err *err);
/* "5s", or a number of milliseconds. */
int tdh_flow_duration(const struct tdh_flow_reader *reader, const json_t *value,
                      const char *pointer, uint32_t *ret_ms, struct td_err *err);
struct tdh_plan *tdh_plan_new(const json_t *text, const struct tdh_yaml *yaml,
                              const struct tdh_flow_world *world, struct td_err *err);
/* One that was checked when it was deployed. */
struct tdh_plan *tdh_plan_new_deployed(const json_t *text, struct td_err *err);
/* As tdh_plan_new, and puts all that is wrong into the array `faults`, {text, hint} each. */
struct tdh_plan *tdh_plan_new_told(const json_t *text, const struct tdh_yaml *yaml,
                                   const struct tdh_flow_world *world, json_t *faults);
/* One that is the `definition` of a node. */
struct tdh_plan *tdh_plan_new_within(const json_t *text, const struct tdh_yaml *yaml,
                                     const struct tdh_flow_world *world, struct td_err *err);
void tdh_plan_free(struct tdh_plan *plan);
/* err TD_E_INVAL. */
int tdh_plan_check_input(const struct tdh_plan *plan, const json_t *input, struct td_err *err);

/* key.c: the keys of nodes */
bool tdh_key_is(const char *name, enum tdh_node_type type);
const char *tdh_key_near(const char *name, enum tdh_node_type type);
int tdh_key_read(struct tdh_flow_reader *reader, struct tdh_node *node, const char *name,
                 const json_t *value, const char *pointer, struct td_err *err);

/* head.c: its keys and their values, but for inputs, variables, triggers and nodes */
int tdh_head_check(const struct tdh_flow_reader *reader, const json_t *text, struct td_err *err);

/* declare.c: the variables of a workflow; of the body of a node, whose scope stays NULL when there
 * are none. `sees`: roots that its first values see besides those of the graph. */
int tdh_declare_workflow(struct tdh_flow_reader *reader, const json_t *text, struct td_err *err);
int tdh_declare_body(struct tdh_flow_reader *reader, struct tdh_node *owner, const json_t *text,
                     unsigned sees, struct td_err *err);
void tdh_scope_end(struct tdh_scope *scope);
/* Where the graph that is being read has that variable; NULL: it has none. */
const struct tdh_scope *tdh_declare_find(const struct tdh_flow_reader *reader, const char *name);
/* Fails with the place of the key, which names no variable. */
int tdh_declare_unknown(const struct tdh_flow_reader *reader, const char *pointer, const char *name,
                        struct td_err *err);
/* An expression was refused: says whose a variable is that it cannot read. */
void tdh_declare_hint(const struct tdh_flow_reader *reader, struct td_err *err);

/* types.c: what the variables of a scope may hold. _read: as a workflow or node says, which has
 * that pointer; their first values are known. _shape: new; what expressions may know of one.
 * _assign: what gets written, as far as it is known now. _check: the rest; err names variable and
 * value. */
int tdh_types_read(struct tdh_flow_reader *reader, struct tdh_scope *scope, const json_t *text,
                   const char *pointer, struct td_err *err);
json_t *tdh_types_shape(const struct tdh_scope *scope, const char *variable);
int tdh_types_assign(const struct tdh_flow_reader *reader, struct tdh_assign *assign,
                     const char *pointer, struct td_err *err);
int tdh_types_check(const struct tdh_assign *assign, const json_t *value, struct td_err *err);

/* approval.c */
int tdh_approval_read(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                      const char *pointer, struct td_err *err);

/* node.c: one node; an undo is read like one. */
struct tdh_node *tdh_undo_read(struct tdh_flow_reader *reader, const struct tdh_node *node,
                               const json_t *text, const char *pointer, struct td_err *err);
int tdh_node_read(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *text,
                  struct td_err *err);
void tdh_node_end(struct tdh_node *node);
int tdh_node_check_keys(struct tdh_flow_reader *reader, const struct tdh_node *node,
                        const json_t *text, struct td_err *err);
const char *tdh_node_type_name(enum tdh_node_type type);
int tdh_node_type_parse(const char *name, enum tdh_node_type *ret_type, const char **ret_near);

/* call.c: what a node calls is there, and gets what it takes.
 * _look finds the schemas, _inputs and _config hold what is given against them. */
int tdh_call_look(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *text,
                  struct td_err *err);
int tdh_call_inputs(struct tdh_flow_reader *reader, const struct tdh_node *node, const json_t *text,
                    struct td_err *err);
/* A key of its policy, that the pointer ends with. */
int tdh_call_policy(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                    const char *pointer, struct td_err *err);
int tdh_call_config(struct tdh_flow_reader *reader, const struct tdh_node *node,
                    struct td_err *err);

/* emit.c: what an emit node calls: its output's schema; then name, action and inputs. */
int tdh_emit_look(struct tdh_node *node, struct td_err *err);
int tdh_emit_read(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *text,
                  struct td_err *err);

/* trigger.c: what starts the workflow; only of a file. */
int tdh_triggers_read(struct tdh_flow_reader *reader, const json_t *triggers, struct td_err *err);
/* A member of what a workflow is asked for with; the definition that is written out in a node. */
int tdh_call_set(struct tdh_node *node, const char *key, const json_t *value, struct td_err *err);
int tdh_call_definition(struct tdh_flow_reader *reader, struct tdh_node *node, const json_t *value,
                        const char *pointer, struct td_err *err);

/* use.c: all that is called can be used by one run. */
int tdh_uses_check(const struct tdh_flow_reader *reader, const struct tdh_graph *graph,
                   struct td_err *err);

/* graph.c: nodes of a graph; edge.c: its edges.
 * A body (owner not NULL) lies within reader->graph. */
struct tdh_graph *tdh_graph_read(struct tdh_flow_reader *reader, const json_t *nodes,
                                 const char *pointer, struct tdh_node *owner, unsigned sees,
                                 struct td_err *err);
void tdh_graph_free(struct tdh_graph *graph);
/* Ends the reading: tells the outer graph what is read,
 * and lets go of what is not needed any more. */
void tdh_graph_forget(struct tdh_graph *graph);
int tdh_graph_link(struct tdh_flow_reader *reader, struct tdh_graph *graph, const json_t *nodes,
                   struct td_err *err);

/* rule.c: what a graph keeps to; write.c: no variable is written by two nodes at once.
 * order: nodes, each behind its predecessors. */
int tdh_graph_check(struct tdh_flow_reader *reader, struct tdh_graph *graph, struct td_err *err);
int tdh_graph_check_writers(struct tdh_flow_reader *reader, const struct tdh_graph *graph,
                            const uint32_t *order, struct td_err *err);

/* first.c: what each `join: first` lets go of; order as above. */
void tdh_first_find(struct tdh_graph *graph, const uint32_t *order);
/* warn.c: notes what may be meant otherwise. */
int tdh_graph_warn(struct tdh_flow_reader *reader, const struct tdh_graph *graph,
                   struct td_err *err);
/* Whether an action can tell what became of a call, only its library knows, which is not opened to
 * read a workflow: so it is said what happens when it cannot. */
int tdh_warn_reconcile(struct tdh_flow_reader *reader, const struct tdh_node *node,
                       const char *pointer, struct td_err *err);

/* scope.c: schemas of the roots, so that names that do not exist are found. _vars: what the
 * variables of a body are stands beside those around it until it is taken back; scope may be NULL.
 */
int tdh_scope_enter(struct tdh_flow_reader *reader, const json_t *workflow, struct td_err *err);
int tdh_scope_show_vars(struct tdh_flow_reader *reader, const struct tdh_scope *scope,
                        struct td_err *err);
void tdh_scope_hide_vars(struct tdh_flow_reader *reader, const struct tdh_scope *scope);
int tdh_scope_nodes(struct tdh_flow_reader *reader, struct tdh_graph *graph, struct td_err *err);
/*
 * A body's names stand among those around it for as long as expressions of it are read. A copy for
 * each body would cost as much as there are nodes; an id is in one of the graphs around a place.
 */
int tdh_scope_show(struct tdh_graph *graph, struct td_err *err);
void tdh_scope_hide(struct tdh_graph *graph);
/* `result` is the output of this node from now on; NULL: it is not known. */
void tdh_scope_result(struct tdh_flow_reader *reader, const struct tdh_node *node);
void tdh_scope_leave(struct tdh_flow_reader *reader);

#endif
