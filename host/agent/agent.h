/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent: instances of agent plugins, and the calls into them.
 *
 * A template is a plugin with options, parsed once. An instance is a template's state, made by
 * copying it; making and ending one costs no system call and no lock. A named agent is an instance
 * that the configuration describes (FOLDER/NAME.yaml: plugin, options, policy), or, with no file,
 * the plugin of that name with its default options.
 */
#ifndef TDH_AGENT_AGENT_H
#define TDH_AGENT_AGENT_H

#include <jansson.h>

#include "agent/states.h"
#include "agent/sync.h"
#include "call/call.h"
#include "plugin/plugin.h"

struct tdh_agents;
struct tdh_agent_template;

struct tdh_agents_options {
    struct tdh_runtime *runtime;
    struct tdh_plugins *plugins;
    const struct td_services *services;
    const char *const *folders; /* of NAME.yaml, first wins; ends with NULL */
    struct td_policy policy;    /* what counts when neither file nor manifest says anything */
};

struct tdh_agents *tdh_agents_new(const struct tdh_agents_options *options, struct td_err *err);
void tdh_agents_free(struct tdh_agents *agents);
/** Registers agents as what can be called. */
void tdh_agents_register(struct tdh_agents *agents);

/** From now on the states of agents whose plugins have one are kept in that store; NULL: none are.
 * Before the first agent is made. */
void tdh_agents_keep(struct tdh_agents *agents, struct tdh_store *store);
/** Saves the states of all agents that serve; what cannot be saved is told in the log. At the end,
 * when nobody calls them any more. NULL is fine. */
TD_YIELDS void tdh_agents_save(struct tdh_agents *agents);

/** The target of a named agent's action; loads plugin and instance when first asked for. As
 * tdh_resolve_fn. err TD_E_NOTFOUND, TD_E_CONFIG. */
int tdh_agents_find(struct tdh_agents *agents, const char *name, const char *action,
                    const char *edition, struct tdh_target **ret_target, struct td_err *err);
/** The plugin behind a named agent, from files and manifests alone. Borrowed; NULL: err. */
const struct tdh_plugin_entry *tdh_agents_entry(struct tdh_agents *agents, const char *name,
                                                struct td_err *err);
/**
 * The capability behind a named agent's action, from files and manifests alone: nothing is opened.
 * Borrowed until the agent's file has changed and is asked for again.
 * err TD_E_NOTFOUND with the nearest name.
 */
int tdh_agents_capability(struct tdh_agents *agents, const char *name, const char *action,
                          const struct tdh_capability **ret_capability, struct td_err *err);
/** Can everybody that the agent uses (the roles of its plugin) be used by it? Opens nothing. err:
 * TD_E_DEPENDENCY, TD_E_CONFIG with FILE:LINE:COLUMN. */
int tdh_agents_uses(struct tdh_agents *agents, const char *name, struct td_err *err);
/** [{name, plugin, version, description, actions: [...]} ...] of all named agents and agent
 * plugins, by name; {name, path, error: "FILE:LINE:COLUMN: ..."} of a file that is refused. Nothing
 * is opened, so what a plugin itself says to its options is not known. new. */
json_t *tdh_agents_list(struct tdh_agents *agents, struct td_err *err);

/** Makes all agents that have files, with versions of their plugins that were chosen for all
 * together. One that cannot be made is told in the log. In a coroutine; gives way between two, and
 * stops when that is cancelled. */
TD_YIELDS void tdh_agents_ready(struct tdh_agents *agents);

/* --- exchange while they are in use --- */

/** Has all named agents of a plugin made anew of the one that is to serve; if one cannot be, none
 * is. Calls that are under way, and runs that began with the old ones, go on with those. */
tdh_exchange_fn tdh_agents_exchange;
/** Has those agents made anew whose files have changed; one that cannot be stays as it was, and the
 * log says why. Returns how many are others now. In a coroutine, one at a time. */
TD_YIELDS unsigned tdh_agents_refresh(struct tdh_agents *agents);
/** Ends old ones that nobody uses any more. Returns how many are left. On their worker. */
unsigned tdh_agents_sweep(struct tdh_agents *agents);

/*
 * Rollouts: agents go over to a new build of their plugin as a plan says, watched, and back when it
 * does worse; docs/rollouts.md. Any host has them, so that what is on trial serves only where it is
 * tried; only tdevd takes them further.
 */
struct tdh_rollouts;
extern const char *const tdh_strategies[]; /* their names; ends with NULL */
/**
 * policies  their `rollouts`; borrow. NULL: what is new serves at once
 * dir       of their files
 * err       TD_E_CONFIG with FILE:LINE:COLUMN
 */
struct tdh_rollouts *tdh_rollouts_new(struct tdh_agents *agents,
                                      const struct tdh_policies *policies, const char *dir,
                                      struct td_err *err);
void tdh_rollouts_free(struct tdh_rollouts *rollouts);
/** As tdh_agents_exchange, but by the plan for the plugin. arg: the rollouts. */
tdh_exchange_fn tdh_rollouts_exchange;
/** Loads what was on trial when tdevd ended, so that the next exchange takes it up again. */
void tdh_rollouts_resume(struct tdh_rollouts *rollouts);
/** Does what was wished of plugins of which no rollout is on. */
TD_YIELDS void tdh_rollouts_heed(struct tdh_rollouts *rollouts);
/** Takes those that are on a step further. Returns in how many ms there is more to do; 0: when
 * something changes. */
TD_YIELDS unsigned tdh_rollouts_step(struct tdh_rollouts *rollouts);
/** Those whose last step was not so long ago that it is forgotten, by plugin: [{plugin, state:
 * trial|done|rolled_back|given_up|promoted, strategy, shares, phase, share, before: {version,
 * edition, seen}, next: {...}, why, waits, mirror, story: [{at_us, what, phase, why}]}]. From the
 * files alone. new */
json_t *tdh_rollouts_list(const char *dir, struct td_err *err);
/**
 * Somebody wants something of the plugin's rollout: "promote" (the next phase; one that was rolled
 * back serves), "promote now" (all phases), "rollback".
 *
 * is_served  tdevd is there, and will see to it; otherwise it is written down for the next one
 * err        TD_E_NOTFOUND, TD_E_CONFLICT: there is nothing it could be done to; TD_E_IO
 */
int tdh_rollouts_wish(const char *dir, const char *plugin, const char *wish, bool is_served,
                      struct td_err *err);
/** Has tdevd not taken the wish yet? */
bool tdh_rollouts_is_wished(const char *dir, const char *plugin);
/**
 * How that version of the plugin alone is to be rolled out, once it is in its folder.
 *
 * plan  as a row of `rollouts`; borrow. err TD_E_INVAL: it is none; TD_E_IO
 */
int tdh_rollouts_plan(const char *dir, const char *plugin, const char *version, const json_t *plan,
                      struct td_err *err);
/** Mirrors no more calls, and waits for those that are. */
TD_YIELDS void tdh_rollouts_rest(struct tdh_rollouts *rollouts);
/* --- the life of named agents: see docs/agent.md --- */

enum tdh_agent_act {
    TDH_AGENT_PAUSE,  /* calls wait, or are refused; what runs goes on */
    TDH_AGENT_RESUME, /* they come in again */
    TDH_AGENT_STOP,   /* calls are refused; what runs may end, then is cut; instances are dropped */
    TDH_AGENT_START,  /* is made anew; one that is started stays as it is */
    TDH_AGENT_RESTART
};
struct tdh_agent_stopped {
    bool is_forced; /* the time for a graceful end was over */
    unsigned left;  /* calls that could not be cut: the agent is in error */
};
/**
 * Has it done, and waits until it is, as long as the agent's file says. An agent that nobody has
 * called yet is made first. One at a time for each agent.
 *
 * err  TD_E_CONFLICT: not from the state it is in; TD_E_NOTFOUND; TD_E_UNSUPPORTED: a route
 */
TD_YIELDS int tdh_agents_act(struct tdh_agents *agents, const char *name, enum tdh_agent_act what,
                             struct tdh_agent_stopped *ret_stopped, struct td_err *err);
/** The host ends: stops all that were made. In a coroutine, when nobody begins calls any more. NULL
 * is fine. */
TD_YIELDS void tdh_agents_stop(struct tdh_agents *agents);
/** Sees to pools and to agents that are pausing; false: there are none, so it need not be called
 * again before an agent has been made. In a coroutine. */
TD_YIELDS bool tdh_agents_tend(struct tdh_agents *agents);
/**
 * [{agent, state, since, plugin, version, edition, running, waiting, calls, failures, births,
 * refused, error, error_time, step, history: [{time, from, to, reason}], forgotten, pool}] of those
 * that were made, by name; or of the one. new. err TD_E_NOTFOUND
 */
json_t *tdh_agents_status(struct tdh_agents *agents, const char *name, struct td_err *err);

/* --- orders from other processes: see order.c --- */

/* In the state folder: its times change when there is an order, or something was set. Whoever wants
 * to hear makes it. */
#define TDH_AGENTS_BELL "agents.bell"
void tdh_agents_ring(const char *state_dir);

struct tdh_order {
    struct tdh_store *store;
    const char *state_dir;
    const char *act;             /* pause, resume, stop, start, restart, status */
    const char *agent;           /* NULL: all, of status */
    bool (*is_there)(void *arg); /* is there still somebody to carry it out? */
    void *arg;
};
/**
 * Has it done by tdevd, and waits for that.
 *
 * ret_result  new; of status what tdh_agents_status gives, else {agent, state, running, forced,
 *             left}
 * err         as tdh_agents_act; TD_E_UNAVAILABLE: nobody is there any more
 */
TD_YIELDS int tdh_agents_order(const struct tdh_order *order, json_t **ret_result,
                               struct td_err *err);

struct tdh_orders;
/** Carries out orders that are given from now on. new; on one worker. err TD_E_NOMEM */
struct tdh_orders *tdh_orders_new(struct tdh_agents *agents, struct tdh_store *store,
                                  struct td_err *err);
/** Begins what there is to do, each in a coroutine of its own. */
TD_YIELDS void tdh_orders_look(struct tdh_orders *orders);
/** Waits for those that are under way. NULL is fine. */
TD_YIELDS void tdh_orders_end(struct tdh_orders *orders);

/* --- what was set of named agents besides their files: see setting.h --- */

/** Reads it anew; tdh_agents_refresh then has those made anew that are others now. */
TD_YIELDS int tdh_agents_settings(struct tdh_agents *agents, struct tdh_store *store,
                                  struct td_err *err);
/**
 * Sets something, once the agent could be made with all that holds then. Told as the event
 * agent.config.changed; who has the agent hears of it by tdh_agents_ring.
 *
 * values      {"options.limit": 5, ...}; null: what the file says holds again
 * source      who says so
 * ret_result  {agent, number, changes: [{path, old, new}], source}, secrets hidden. new
 * err         what speaks against it: nothing has changed then. TD_E_CONFLICT: somebody else set
 *             something meanwhile
 */
TD_YIELDS int tdh_agents_set(struct tdh_agents *agents, struct tdh_store *store, const char *name,
                             const json_t *values, const char *source, json_t **ret_result,
                             struct td_err *err);
/** What held after change `number`; 0: only the file; -1: before the last one. As tdh_agents_set.
 * err TD_E_NOTFOUND: that is not kept */
TD_YIELDS int tdh_agents_rollback(struct tdh_agents *agents, struct tdh_store *store,
                                  const char *name, int64_t number, const char *source,
                                  json_t **ret_result, struct td_err *err);
/** {agent, set, number, forgotten, history: [{number, time, source, changes, set}]}, secrets
 * hidden. new */
TD_YIELDS int tdh_agents_past(struct tdh_agents *agents, struct tdh_store *store, const char *name,
                              json_t **ret_record, struct td_err *err);

/* --- the registry: finding agents and plugins by what they are --- */

/*
 * Entries, with indices over what queries name most. Its content never changes but is swapped as a
 * whole: finders on any thread read it without a lock, and one that reads an old one keeps it.
 */
struct tdh_registry;
/* What one thread asks with. It keeps its latest 64 queries: their plans, and results as long as
 * the registry is the same. */
struct tdh_finder;

/* Borrowed, until the finder's next query. */
struct tdh_found {
    const json_t *const *rows; /* in the order of their names */
    size_t count;
    size_t faults;     /* entries that the query could not judge: they are not found */
    struct td_err why; /* of the first of those */
    bool is_kept;      /* the finder had the result already */
};

/** An empty one. new; after its finders. err TD_E_NOMEM */
struct tdh_registry *tdh_registry_new(struct td_err *err);
void tdh_registry_free(struct tdh_registry *registry);
/**
 * Puts rows in the place of all there are. One thread at a time.
 *
 * rows  an array of objects, borrowed and kept: never changed afterwards. Their members are the
 *       variables of queries (docs/agent.md); one that is missing is empty
 * err   TD_E_EXISTS: two of one kind and name; TD_E_INVAL, TD_E_LIMIT: names entry and member.
 *       Nothing has changed then
 */
int tdh_registry_set(struct tdh_registry *registry, const json_t *rows, struct td_err *err);
/** new; tdh_finder_free(). err TD_E_LIMIT: there are 64 */
struct tdh_finder *tdh_finder_new(struct tdh_registry *registry, struct td_err *err);
void tdh_finder_free(struct tdh_finder *finder);
/**
 * Entries for which a condition in CEL is true; of those that are active only, unless it speaks of
 * `status`. err TD_E_INVAL: `query: LINE:COLUMN: ...`
 */
int tdh_find(struct tdh_finder *finder, const char *query, const struct tdh_found **ret_found,
             struct td_err *err);
/** How it is found: {query, plan: {step, field, value, entries, of: [...]}, entries, judged, found,
 * faults, kept}. new */
json_t *tdh_find_explain(struct tdh_finder *finder, const char *query, struct td_err *err);

/**
 * How a route would choose for an input, without calling anybody: {route, action, text, balance,
 * chosen, then: [...], why, candidates: [{agent, score, rules, similarity, words, success, speed,
 * running, ...}]}. new
 *
 * action  NULL: the first that its candidates have
 * err     TD_E_UNSUPPORTED: the agent is no route
 */
json_t *tdh_agents_route(struct tdh_agents *agents, const char *name, const char *action,
                         const json_t *input, struct td_err *err);

/** Rows of all named agents, and of all plugins, from files and manifests alone. new */
json_t *tdh_agents_rows(struct tdh_agents *agents, struct td_err *err);
json_t *tdh_plugins_rows(struct tdh_plugins *plugins, struct td_err *err);

/* --- what people do to the state of an agent --- */

/*
 * Each adds a version behind the newest, in one commit (states.h); before it nothing has changed,
 * and a failure changes nothing. What can be tried is tried before, on an instance of its own.
 * A process that has the agent at work finds out before its next call, or when it saves.
 */

/** Makes what a version was the newest again. note: a person's, or NULL. ret_note: new. err
 * TD_E_NOTFOUND, TD_E_CORRUPT, TD_E_CONFLICT */
TD_YIELDS int tdh_agent_state_rollback(struct tdh_agents *agents, const char *agent,
                                       const char *version, const char *note, json_t **ret_note,
                                       struct td_err *err);
/**
 * Brings the newest to another version of the form. That its plugin can load it, by the way there
 * if it is not its own, is tried before.
 *
 * to          0: the plugin's own
 * ret_report  new: {agent, from, to, path, diff, dry_run, note of what was added}
 * err         TD_E_UNSUPPORTED: no path; what migrations and load say
 */
TD_YIELDS int tdh_agent_state_migrate(struct tdh_agents *agents, const char *agent, uint32_t to,
                                      bool is_dry, json_t **ret_report, struct td_err *err);
/** {agent, note, state} of a version. new */
TD_YIELDS json_t *tdh_agent_state_export(struct tdh_agents *agents, const char *agent,
                                         const char *version, struct td_err *err);
/** Adds what was exported, of any agent whose state its plugin can load. err TD_E_CORRUPT: it is
 * not what was exported */
TD_YIELDS int tdh_agent_state_import(struct tdh_agents *agents, const char *agent,
                                     const json_t *document, json_t **ret_note, struct td_err *err);
/** As tdh_states_sync, with a store of another host or time: keeps as many as the agent's file
 * says, and takes nothing here that its plugin does not load.
 * wish: keep, ttl_ms and try do not count */
TD_YIELDS int tdh_agent_state_sync(struct tdh_agents *agents, const char *agent,
                                   struct tdh_store *other, const struct tdh_sync *wish,
                                   json_t **ret_report, struct td_err *err);
/** Has the agent save now: a new version if it is another, or when it has a note. ret_note: of the
 * newest */
TD_YIELDS int tdh_agent_state_save(struct tdh_agents *agents, const char *agent, const char *note,
                                   json_t **ret_note, struct td_err *err);

/* --- instances by the thousand --- */

/* Which instance: its place and its generation. 0 is none. */
typedef uint64_t tdh_instance;

/** The template of a plugin with options (NULL: defaults), made once and kept. Borrowed. */
int tdh_agents_template(struct tdh_agents *agents, const char *plugin, const json_t *options,
                        struct tdh_agent_template **ret_template, struct td_err *err);
/** Makes an instance. On the template's worker. err: what init says. */
int tdh_instance_new(struct tdh_agent_template *template, tdh_instance *ret_instance,
                     struct td_err *err);
/** Ends it; one that is not there any more is fine. */
void tdh_instance_end(struct tdh_agent_template *template, tdh_instance instance);
/** Calls an action of an instance. ret_output: new. err TD_E_NOTFOUND: it was ended. */
TD_YIELDS int tdh_instance_call(struct tdh_agent_template *template, tdh_instance instance,
                                const char *action, const json_t *input, json_t **ret_output,
                                struct td_err *err);
/** Bytes of one instance, as the template's slabs count it. */
size_t tdh_instance_bytes(const struct tdh_agent_template *template);

#endif
