/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route: a named agent whose calls go to one of some others: the router, made from the agent's
 * file, and a target for each action that its candidates have.
 *
 * Candidates are agents with a plugin of their own, so routes do not go in circles.
 */
#ifndef TDH_AGENT_ROUTE_H
#define TDH_AGENT_ROUTE_H

#include "agent/internal.h"
#include "agent/router.h"

enum { TDH_ROUTE_ACTIONS = 64 };

struct tdh_route {
    struct tdh_route *former; /* the next one that serves no more */
    struct tdh_agents *agents;
    char *name;
    json_t *file;          /* as written: rules and names borrow from it */
    json_t *names;         /* of candidates, then of fallbacks that are none */
    uint32_t chosen_count; /* of candidates: the others are never chosen */
    struct tdh_router router;
    struct tdh_cel *text; /* what is compared; NULL: all texts of the input */
    uint32_t *fallbacks;  /* candidates, in the order they are tried */
    uint32_t fallback_count;
    bool has_fallbacks; /* the file says which: else the next best are tried */
    struct tdh_capability *capabilities;
    uint32_t capability_count;
    json_t *actions; /* their names, for rules */
    struct tdh_target *targets;
    uint32_t target_count;
    struct tdh_limiter limiter;
    json_t *permissions;
    struct tdh_worker *home;
    uint64_t counted_at_ns, sampled_at_ns;
    uint64_t *cpu_ns; /* of the processor, by candidate, at the last sample */
};

/** The route of that name; *ret_route NULL when the agent is none. err TD_E_CONFIG with the place
 */
int tdh_route_of(struct tdh_agents *agents, const char *name, struct tdh_route **ret_route,
                 struct td_err *err);
/** Does the agent's file say so, as it is now? */
bool tdh_route_is(const struct tdh_agents *agents, const char *name);
/** Has those routes made anew whose files or candidates are others now; one that cannot be stays as
 * it was, and the log says why. Returns how many. */
unsigned tdh_routes_refresh(struct tdh_agents *agents);
/** Frees those that serve no more. */
void tdh_routes_end(struct tdh_agents *agents);
/** From the agent's file. Opens nothing. new; err TD_E_CONFIG: FILE:LINE:COLUMN */
struct tdh_route *tdh_route_new(struct tdh_agents *agents, const char *name,
                                const struct tdh_yaml *yaml, struct td_err *err);
void tdh_route_free(struct tdh_route *route);
/** The plugin of the first candidate: what its calls may go to is one of many. */
const struct tdh_plugin_entry *tdh_route_entry(struct tdh_agents *agents, const char *name,
                                               struct td_err *err);
/** Borrowed. err TD_E_NOTFOUND with the nearest name */
struct tdh_target *tdh_route_target(struct tdh_route *route, const char *action,
                                    struct td_err *err);
const struct tdh_capability *tdh_route_capability(struct tdh_route *route, const char *action,
                                                  struct td_err *err);

/* route_read.c: fills options, candidates, rules, fallbacks and text from `route:` */
int tdh_route_read(struct tdh_route *route, const struct tdh_yaml *yaml, struct td_err *err);
/* route_actions.c: what candidates can do: capabilities, words, capacities */
int tdh_route_learn_actions(struct tdh_route *route, const struct tdh_yaml *yaml,
                            struct td_err *err);
/* route_tell.c */
/* What a request is about. text: the caller's; json_decref() when it is done. */
struct tdh_route_asked {
    const json_t *roots[TDH_ROUTER_ROOTS];
    json_t *text;
    unsigned action;
    uint64_t now_ns;
};
/* err TD_E_INVAL: the route's expression makes no text of the input */
int tdh_route_ask(struct tdh_route *route, unsigned action, const json_t *input,
                  struct tdh_route_asked *ret_asked, struct td_err *err);
/* Borrows from what was asked. */
struct tdh_router_request tdh_route_request(const struct tdh_route_asked *asked);
/* The chosen one, then those that are asked when it cannot be reached. Returns how many. */
uint32_t tdh_route_order(const struct tdh_route *route, const struct tdh_choice *choice,
                         uint32_t order[static TDH_ROUTER_TRIES + 1]);
/* route_load.c: what the candidates have to do and have done, as far as it is time to look again */
void tdh_route_count(struct tdh_route *route, uint64_t now_ns);
/* Of one that has just been called. */
void tdh_route_count_one(struct tdh_route *route, uint32_t number, uint64_t now_ns);
/* route_call.c */
tdh_dispatch_fn tdh_route_dispatch;

#endif
