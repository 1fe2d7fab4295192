/* SPDX-License-Identifier: Apache-2.0 */
/*
 * router: which of some candidates a request goes to. Knows nothing of agents: a candidate is a
 * name, words, a weight, a capacity and what became of the calls it was given.
 *
 * A choice is made in three steps. Scores: the weights of the rules that hold and the similarity of
 * the words, times how well the candidate has done of late. Room: candidates that are used to 80 %
 * of what they can take at once are left out while others are there. Balance: of those whose score
 * is the best, or nearly, the strategy takes one.
 *
 * One owner, no lock, but for `running`. Times are of the caller's clock.
 */
#ifndef TDH_AGENT_ROUTER_H
#define TDH_AGENT_ROUTER_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <tdev/err.h>

#include "agent/rank.h"
#include "base/arena.h"
#include "cel/cel.h"

enum {
    TDH_ROUTER_CANDIDATES = 4096,
    TDH_ROUTER_RULES = 256,
    TDH_ROUTER_REQUESTS = 100000,
    TDH_ROUTER_TRIES = 8 /* most agents that one request is given to, one after another */
};

enum tdh_balance {
    TDH_BALANCE_ROUND_ROBIN, /* by weight, smoothly */
    TDH_BALANCE_LEAST,       /* the fewest calls at once, by weight */
    TDH_BALANCE_RESOURCES,   /* processor 40 %, memory 30 %, calls 30 % */
    TDH_BALANCE_TWO,         /* the better of two drawn ones */
    TDH_BALANCES
};
extern const char *const tdh_balance_names[TDH_BALANCES + 1]; /* ends with NULL */

struct tdh_router_rule {
    struct tdh_cel *when;
    const char *text; /* as written; borrowed from the options' owner */
    double weight;
    uint32_t *candidates;
    uint32_t count;
};

struct tdh_router_options {
    double similarity;     /* weight of the words; 0: they do not count */
    double margin;         /* scores that are less than this share below the best are as good */
    uint64_t half_life_ns; /* after which what became of a call counts half */
    uint64_t slow_ns;      /* a mean time that halves the score; 0: time does not count */
    enum tdh_balance balance;
    uint32_t learn; /* requests that are kept */
};

struct tdh_candidate {
    const char *name;
    uint32_t weight;     /* of the balance, 1 or more */
    uint32_t capacity;   /* calls at once; 0: no bound known */
    uint64_t actions;    /* a bit for each action of the route that it has */
    atomic_uint running; /* calls of ours */
    uint32_t others;     /* calls of others, when they were counted last */
    double good, all;    /* calls, as much as they still count */
    double mean_ns;      /* of ours; 0: none yet */
    uint64_t counted_at_ns;
    bool is_accounted;                  /* its account tells what became of calls, not we */
    uint64_t seen_calls, seen_failures; /* of the account */
    double cpu, memory;                 /* shares, 0 to 1, of a process of its own */
    int64_t turn;                       /* of the round robin */
};

struct tdh_router {
    struct tdh_router_options options;
    struct tdh_candidate *candidates;
    uint32_t count;
    struct tdh_router_rule *rules;
    uint32_t rule_count;
    struct tdh_rank rank;
    uint64_t random;
    double *by_rules; /* by candidate; all 0 between two choices */
    uint32_t *picked; /* those in question */
    double *scores;   /* of those, by candidate */
    struct tdh_arena arena;
    struct tdh_words words; /* of the request at hand */
};

/* A request. */
struct tdh_router_request {
    const json_t *const *roots; /* of the rules: tdh_router_roots */
    const char *text;
    size_t text_length;
    unsigned action; /* of the route's */
    uint64_t now_ns;
};

/* What rules and `text` speak of: input, text, action. */
enum { TDH_ROUTER_ROOT_INPUT, TDH_ROUTER_ROOT_TEXT, TDH_ROUTER_ROOT_ACTION, TDH_ROUTER_ROOTS };
extern const struct tdh_cel_root tdh_router_roots[TDH_ROUTER_ROOTS];

struct tdh_choice {
    uint32_t chosen;
    uint32_t next[TDH_ROUTER_TRIES]; /* the best of the others, best first */
    unsigned next_count;
    uint32_t alike; /* how many were as good as the chosen one, itself included */
    bool is_blind;  /* nothing of the request speaks for any: all are alike */
    bool is_full;   /* all in question are used to 80 % or more */
};

/** Room for candidates, whose fields the caller then fills. err TD_E_NOMEM */
int tdh_router_start(struct tdh_router *router, uint32_t candidates,
                     const struct tdh_router_options *options, struct td_err *err);
void tdh_router_end(struct tdh_router *router);
/** Chooses; nothing is counted but the turn of the round robin. False: no candidate has the
 * action. */
bool tdh_router_choose(struct tdh_router *router, const struct tdh_router_request *request,
                       struct tdh_choice *ret_choice);
/** How the choice comes to be, without making it: rows of the best `most` candidates. new */
json_t *tdh_router_explain(struct tdh_router *router, const struct tdh_router_request *request,
                           unsigned most, struct tdh_choice *ret_choice);
/** What became of a request of ours. took_ns: 0 when it was not begun. words: it was about; NULL:
 * not to be learned. */
void tdh_router_settle(struct tdh_router *router, uint32_t candidate, bool is_good,
                       uint64_t took_ns, const struct tdh_words *words, uint64_t now_ns);
/** Calls of the candidate by anybody, from its account: what is new counts. */
void tdh_router_account(struct tdh_router *router, uint32_t candidate, uint64_t calls,
                        uint64_t failures, uint64_t now_ns);

/* --- parts of the choice --- */

/* track.c */
double tdh_candidate_success(const struct tdh_router *router, const struct tdh_candidate *candidate,
                             uint64_t now_ns);
double tdh_candidate_speed(const struct tdh_router *router, const struct tdh_candidate *candidate);
uint32_t tdh_candidate_running(const struct tdh_candidate *candidate);
bool tdh_candidate_is_full(const struct tdh_candidate *candidate);
/* balance.c: one of the picked, of which there are some; their order changes */
uint32_t tdh_router_balance(struct tdh_router *router, uint32_t *picked, uint32_t count);

#endif
