/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow: workflows: read from YAML or the text notation (docs/workflow-dsl.md), checked as a whole,
 * and run as a graph by a reducer.
 *
 * A workflow is a graph of nodes. A node runs when all its live predecessors have completed; a
 * branch that is not taken is dead and holds nothing up. Node types: start end task decision
 * parallel loop map subworkflow pattern. What a node says in CEL is compiled when the workflow is
 * read; a name that does not exist is found then.
 */
#ifndef TDH_FLOW_FLOW_H
#define TDH_FLOW_FLOW_H

#include <jansson.h>
#include <tdev/reducer.h>

#include "base/yaml.h"
#include "message/message.h"
#include "plugin/plugin.h"
#include "run/run.h"
#include "schema/schema.h"

#define TDH_FLOW_NODES 10000                    /* most nodes of one workflow, bodies counted */
#define TDH_FLOW_DEPTH 8                        /* most bodies within bodies */
#define TDH_FLOW_ROUNDS 10000                   /* most rounds of a loop that names no bound */
#define TDH_FLOW_SLEEP_MS INT64_C(315576000000) /* longest sleep: ten years */

#define TDH_FLOW_WARNINGS 20 /* most of one workflow */
#define TDH_FLOW_FAULTS 20   /* most that are told of one workflow */

#define TDH_FLOW_VERSIONS 50      /* of one workflow that are kept; the oldest make room */
#define TDH_FLOW_VERSION_TEXT 192 /* bytes of a version's number with its NUL */

#define TDH_FLOW_KIND "workflow" /* of its definitions */

#define TDH_CHAIN_KIND                                                                             \
    "Chain" /* of a file that is a chain: a workflow in short. docs/chains.md                      \
             */
#define TDH_CHAIN_LINKS 1000
#define TDH_CHAIN_MIDDLEWARE 32 /* most of one chain */
#define TDH_CHAIN_BUFFER 3      /* items of a pipeline that wait between its links, when not told */
#define TDH_CHAIN_BUFFER_MAX 10000
#define TDH_CHAIN_RESTARTS 3 /* when not told */
#define TDH_CHAIN_RESTARTS_MAX 100

/* What a node calls. */
struct tdh_flow_use {
    enum td_target target; /* an agent or a pattern */
    const char *name;
};

/* What there is to be called, so that a workflow can be checked before it runs.
 * Members may be NULL: then that is not checked. */
struct tdh_flow_world {
    void *arg;
    /* err TD_E_NOTFOUND with the nearest name. The schemas are borrowed, NULL: anything. */
    int (*action)(void *arg, const char *agent, const char *action, const json_t **ret_input,
                  const json_t **ret_output, struct td_err *err);
    /* ret_config: the schema of its configuration, borrowed; NULL: anything. */
    int (*pattern)(void *arg, const char *name, const struct tdh_schema **ret_config,
                   struct td_err *err);
    int (*workflow)(void *arg, const char *name, struct td_err *err);
    /* Can one run use all of these? As tdh_plugins_together. */
    int (*together)(void *arg, const struct tdh_flow_use *uses, size_t count,
                    size_t ret_places[static 2], struct td_err *err);
};

/** The reducer of workflows: its config is the workflow as JSON;
 * NULL prepares nothing: the plan is handed over. */
extern const struct td_reducer tdh_flow_reducer;

/**
 * Reads and checks a workflow, or a chain.
 *
 * yaml   borrow
 * world  may be NULL
 * err    TD_E_CONFIG: FILE:LINE:COLUMN, the key, and the nearest valid one
 * Returns a new definition.
 */
struct tdh_definition *tdh_flow_read(const struct tdh_yaml *yaml,
                                     const struct tdh_flow_world *world, struct td_err *err);

/** What is wrong with a workflow: [{text, hint}] of its faults, in the order in which they are
 * found, at most TDH_FLOW_FAULTS; the first is what tdh_flow_read says. Empty when nothing is, or a
 * chain cannot be written out. world may be NULL. new; NULL without memory. */
json_t *tdh_flow_faults(const struct tdh_yaml *yaml, const struct tdh_flow_world *world);

/** As tdh_yaml_parse, of the text notation (*.flow). err TD_E_INVAL, TD_E_LIMIT: FILE:LINE:COLUMN,
 * what was expected, and the nearest word. */
struct tdh_yaml *tdh_flow_parse(const char *text, size_t length, const char *name,
                                struct td_err *err);
/** As tdh_yaml_read, of a file in either notation: its ending tells. */
struct tdh_yaml *tdh_flow_text(const char *path, struct td_err *err);
/** Does the file's name say that it holds the text notation? */
bool tdh_flow_is_text(const char *path);
/**
 * A workflow in the text notation, or in YAML; a chain as it is written out. What is given back
 * reads as the same value; comments are not kept.
 *
 * err TD_E_CONFIG: it is no workflow, and where. new text, free().
 */
char *tdh_flow_convert(const struct tdh_yaml *yaml, bool to_text, struct td_err *err);

/** Does a document say that it is a chain? */
bool tdh_chain_is(const json_t *text);
/**
 * Writes a chain out as the workflow that it is. The root of the document returned is the
 * workflow's text; its places are those of the chain.
 *
 * chain  borrow; must outlive what is returned
 * err    TD_E_CONFIG: FILE:LINE:COLUMN, what is wrong
 * Returns new; end it with tdh_yaml_free().
 */
struct tdh_yaml *tdh_chain_lower(const struct tdh_yaml *chain, struct td_err *err);

/* What is known of what links call. */
struct tdh_chain_facts {
    void *arg;
    /* Has the action no effects, and how long it says it takes; 0: it does not say. -1: not known
     */
    int (*action)(void *arg, const char *agent, const char *action, bool *ret_pure,
                  int64_t *ret_ms);
    const json_t *durations; /* milliseconds by link, of runs there were; NULL: none */
};
/**
 * What a chain, or a plain workflow, could do faster: {proposals: [{rule, links, reason, before_ms,
 * after_ms}], before_ms, after_ms, speedup, basis, text}, where `text` is its own with all of them
 * done. Pure: reads and runs nothing. ret_result: new.
 */
int tdh_chain_optimize(const struct tdh_yaml *chain, const struct tdh_chain_facts *facts,
                       json_t **ret_result, struct td_err *err);

/** Makes the definition again from its text,
 * which was checked when it was read. err TD_E_CONFIG. new. */
struct tdh_definition *tdh_flow_remake(const json_t *text, struct td_err *err);

/** The workflow's description, inputs (JSON Schema or NULL): borrowed. */
const json_t *tdh_flow_inputs(const struct tdh_definition *definition);
const char *tdh_flow_description(const struct tdh_definition *definition);
/** What may be meant otherwise in a workflow that was read from a file: texts as those of errors,
 * FILE:LINE:COLUMN in front, at most TDH_FLOW_WARNINGS. Borrowed; NULL: nothing. */
const json_t *tdh_flow_warnings(const struct tdh_definition *definition);
/**
 * Has a run come to an end of its workflow? One that is over without has left its ways by
 * conditions that did not hold.
 *
 * text   of its definition
 * state  as its reducer saved it
 */
bool tdh_flow_is_end_reached(const json_t *text, const json_t *state);
/** Of the same, what is done and was not undone, as errors; those for which no compensation could
 * be asked have a `step`. Borrowed from state; NULL: none. */
const json_t *tdh_flow_not_undone(const json_t *state);
/** Checks an input against the workflow's `inputs`. err TD_E_INVAL. */
int tdh_flow_check_input(const struct tdh_definition *definition, const json_t *input,
                         struct td_err *err);
/* What is known of how long things take, in microseconds. Members may be NULL: then nothing is.
 * Both return false when they do not know. */
struct tdh_flow_times {
    void *arg;
    /* As the manifest of the agent says. */
    bool (*action)(void *arg, const char *agent, const char *action, int64_t *ret_us);
    /* As earlier runs took; path: of the node, "each.pay" of one in a body. */
    bool (*past)(void *arg, const char *path, int64_t *ret_us);
};

/* How long a run takes, see critical.h. Belongs to the definition, which must live as long. */
struct tdh_critical;
/** new; tdh_critical_free(). times may be NULL. err TD_E_NOMEM. */
struct tdh_critical *tdh_critical_new(const struct tdh_definition *definition,
                                      const struct tdh_flow_times *times, struct td_err *err);
void tdh_critical_free(struct tdh_critical *critical);
/**
 * All of it: {workflow, total_ms, critical_path: [node], groups: [[node]], nodes: [{node, type,
 * source, estimate_ms, start_ms, finish_ms, slack_ms, group, critical, rounds, body}], unknown:
 * [path], rounds_unknown: [path]}. Groups stand in order: no node of one waits for another of it.
 * A node that only a failure leads to has `on_failure` instead of group, critical and slack_ms.
 * `body` is the same again of one round, without workflow and lists of paths. new.
 */
json_t *tdh_critical_json(const struct tdh_critical *critical, struct td_err *err);

/** Draws the graph as SVG; new text, free(). critical: what is bold; NULL: nothing is. */
char *tdh_flow_svg(const struct tdh_definition *definition, const struct tdh_critical *critical,
                   struct td_err *err);
/** The graph as Graphviz DOT, in the same way; new text, free(). */
char *tdh_flow_dot(const struct tdh_definition *definition, const struct tdh_critical *critical,
                   struct td_err *err);

/*
 * Workflows by name: FOLDER/NAME.yaml or .flow, the first folder that has it wins. Read when asked
 * for; read again when the file has changed.
 */
struct tdh_flows;
struct tdh_flows *tdh_flows_new(const char *const *folders, const struct tdh_flow_world *world,
                                struct td_err *err);
void tdh_flows_free(struct tdh_flows *flows);
/**
 * What is deployed under that name, else its file. NAME@RANGE: the newest version in that range. A
 * name with a slash or that ends in .yaml, .yml or .flow is a path. new reference.
 * err TD_E_NOTFOUND, TD_E_CONFIG; TD_E_DEPENDENCY: no version is in the range
 */
struct tdh_definition *tdh_flows_find(struct tdh_flows *flows, const char *name,
                                      struct td_err *err);
/** As tdh_flow_faults, of the file of that name, which tdh_flows_find refused. Empty when there is
 * no such file, or it is no YAML. */
json_t *tdh_flows_faults(struct tdh_flows *flows, const char *name);
/** As tdh_flows_find, of files only. */
struct tdh_definition *tdh_flows_file(struct tdh_flows *flows, const char *name,
                                      struct td_err *err);
/** [{id, version, description, path, deployed} or {path, error}], by id; what is deployed has no
 * path. new. */
json_t *tdh_flows_list(struct tdh_flows *flows, struct td_err *err);
/** One workflow of a folder; definition NULL: err says what is wrong with its file. */
typedef void tdh_flows_fn(void *arg, const char *name, const char *path,
                          struct tdh_definition *definition, const struct td_err *err);
/** Each workflow there is, by name. Reads what is not read yet. */
int tdh_flows_each(struct tdh_flows *flows, tdh_flows_fn *fn, void *arg, struct td_err *err);
/** Reads what is deployed, if that is another than when it was read last; by one at a time.
 * err TD_E_CORRUPT: all stays as it was. */
TD_YIELDS int tdh_flows_refresh(struct tdh_flows *flows, struct tdh_store *store, bool *ret_changed,
                                struct td_err *err);
/** {active, versions: [{version, hash, deployed_us}], before: [version]} as it was read last; NULL:
 * it is not deployed. new reference. */
json_t *tdh_flows_versions(struct tdh_flows *flows, const char *id);
/**
 * Keeps a workflow in the store as a version of its id, for good, and makes that the active one.
 *
 * ret_is_new  false: that version was there, with the same text
 * err         TD_E_EXISTS: it is there with another text; TD_E_CONFIG: it has no version;
 *             TD_E_CONFLICT: somebody else changed it at the same time
 */
TD_YIELDS int tdh_flow_deploy(struct tdh_store *store, const struct tdh_definition *definition,
                              bool *ret_is_new, struct td_err *err);
/** Makes a version active: `to`, or that which was before when it is NULL. err TD_E_NOTFOUND;
 * TD_E_CONFLICT: there was none before. */
TD_YIELDS int tdh_flow_rollback(struct tdh_store *store, const char *id, const char *to,
                                char ret_version[static TDH_FLOW_VERSION_TEXT], struct td_err *err);
/** Takes all versions away; its file counts again. err TD_E_NOTFOUND. */
TD_YIELDS int tdh_flow_undeploy(struct tdh_store *store, const char *id, size_t *ret_count,
                                struct td_err *err);
/**
 * What differs between two workflows: {same, head: [{key, from, to}], added: [node], removed:
 * [node], changed: [{node, keys: [{key, from, to}]}]}. Nodes of bodies go by path: "each.pay". new.
 */
json_t *tdh_flow_diff(const json_t *from, const json_t *to, struct td_err *err);

/** Registers workflows with the engine, as child runs and for resuming. */
int tdh_flows_register(struct tdh_flows *flows, struct tdh_engine *engine, struct td_err *err);

/** May a person answer the question of an approval? about: as asked; as: all the names by which the
 * person goes, groups as "@ops". */
bool tdh_approval_may(const json_t *about, const json_t *as);
/** Is that person's among the votes so far? */
bool tdh_approval_has_voted(const json_t *votes, const char *by);

/*
 * The clerk watches over the triggers of all workflows and starts their runs: one for each event,
 * time and change of a file, whatever crashes. What starts a run is noted together with what was
 * seen (the newest event, the last time, the state of a file), and the note goes away in the commit
 * that begins the run. One clerk per store: who makes one sees to that. Lives on one worker.
 */
struct tdh_clerk;
struct tdh_clerk_options {
    struct tdh_runtime *runtime;
    struct tdh_store *store;
    struct tdh_engine *engine;
    struct tdh_events *events;
    struct tdh_flows *flows;
    const char *const *folders; /* of workflows, to be watched; end with NULL */
    const char *state_dir;      /* for the bell of events */
    void (*ready)(void *arg);   /* told once: from now on nothing is missed */
    void *arg;
};
/** new; tdh_clerk_free(). err TD_E_IO, TD_E_NOMEM */
struct tdh_clerk *tdh_clerk_new(const struct tdh_clerk_options *options, struct td_err *err);
void tdh_clerk_free(struct tdh_clerk *clerk);
/** Reads workflows and works until told to stop; from a coroutine. err: what it cannot do without.
 */
TD_YIELDS int tdh_clerk_work(struct tdh_clerk *clerk, struct td_err *err);
/* From the same worker: reads the workflows again, soon; comes to an end, soon. */
void tdh_clerk_reload(struct tdh_clerk *clerk);
void tdh_clerk_stop(struct tdh_clerk *clerk);

/**
 * Triggers for people: [{workflow, number, key, kind, source, since, next, last, last_run, count,
 * refused, refusal, waiting}], and {path, error} for files that cannot be read. since null: no
 * clerk has seen it yet. new.
 */
TD_YIELDS int tdh_triggers_list(struct tdh_store *store, struct tdh_flows *flows, json_t **ret_list,
                                struct td_err *err);
/**
 * What a run gets that a trigger starts by hand.
 *
 * called     the workflow, as the user called it
 * number     from 1; 0: the one that is "manual", or the only one
 * data       of the event
 * ret_input  new
 * ret_key    of the trigger
 * err        TD_E_NOTFOUND: no such trigger; TD_E_INVAL
 */
int tdh_trigger_by_hand(const struct tdh_definition *definition, const char *called,
                        unsigned number, const json_t *data, json_t **ret_input,
                        const char **ret_key, struct td_err *err);
enum { TDH_TRIGGER_ADDRESS = 160 }; /* bytes of WORKFLOW/TRIGGER with its NUL */
/**
 * Whom a replay of events is for, as the clerk knows it.
 *
 * text  WORKFLOW, or WORKFLOW/TRIGGER with the trigger's id, or its number from 1
 * err   TD_E_NOTFOUND: no such workflow or trigger; TD_E_INVAL: it hears no events
 */
int tdh_trigger_address(struct tdh_flows *flows, const char *text,
                        char ret_address[static TDH_TRIGGER_ADDRESS], struct td_err *err);
/** Counts a start by hand. */
TD_YIELDS int tdh_trigger_count(struct tdh_store *store, const char *workflow, const char *key,
                                const char *run, struct td_err *err);

#endif
