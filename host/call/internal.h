/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal: the stages, one file each.
 */
#ifndef TDH_CALL_INTERNAL_H
#define TDH_CALL_INTERNAL_H

#include "call/call.h"

tdh_stage_fn tdh_stage_account, tdh_stage_authorise, tdh_stage_validate_input, tdh_stage_deadline,
    tdh_stage_cache, tdh_stage_fallback, tdh_stage_retry, tdh_stage_breaker, tdh_stage_limit,
    tdh_stage_trace, tdh_stage_validate_output, tdh_stage_dispatch, tdh_stage_gate;

/* gate.c: a call that runs, on the stack of its coroutine. */
struct tdh_limit_entry {
    struct tdh_limit_entry *next, *before;
    struct tdh_co *co;
};
/** err: why the gate is closed. Returns -1. */
int tdh_gate_fail(const struct tdh_call *call, struct td_err *err);
/* Around a call that runs. False: it was cut. */
void tdh_limit_begin(struct tdh_limiter *limiter, struct tdh_limit_entry *entry);
bool tdh_limit_end(struct tdh_limiter *limiter, struct tdh_limit_entry *entry);

/* Counts for the action, and for the ledger: its agent and the tenant. */
#define TDH_COUNT(call, what)                                                                      \
    do {                                                                                           \
        tdh_ledger_add(&(call)->target->account.what, 1);                                          \
        if ((call)->target->line != NULL)                                                          \
            tdh_ledger_add(&(call)->target->line->what, 1);                                        \
        if ((call)->tenant != NULL)                                                                \
            tdh_ledger_add(&(call)->tenant->what, 1);                                              \
    } while (0)

/* True when somebody listens to traces. */
bool tdh_trace_is_on(void);

struct tdh_cache *tdh_cache_new(unsigned entries, int64_t ttl_ms, struct td_err *err);
void tdh_cache_free(struct tdh_cache *cache);

/* --- policies: see docs/policies.md --- */

struct tdh_rule {
    struct tdh_match match;
    char *name;       /* FILE/NAME, or FILE/NUMBER */
    const char *file; /* of the policies */
    unsigned line, column;
    struct td_policy retry; /* max_attempts 0: nothing is said */
    const json_t *fallback; /* names of agents; NULL: none */
    const char *escalate;   /* to whom; NULL: nobody */
    json_t *output;         /* what counts in the end; NULL: none */
    const json_t *fail;     /* what is told instead; NULL: what failed */
    enum td_code fail_code;
};

struct tdh_breaker_rule {
    struct tdh_match match;
    uint32_t codes; /* a bit for each that counts as a failure */
    unsigned failures, min_calls, probes;
    double rate, growth;
    int64_t window_ms, cool_down_ms, max_ms;
};

struct tdh_policies {
    struct tdh_yaml *files[TDH_POLICY_FILES];
    size_t file_count;
    struct tdh_rule *rules;
    size_t rule_count;
    struct tdh_breaker_rule *breakers;
    size_t breaker_count;
    struct tdh_schema *schema; /* while they are read */
    const char *schema_path;
};

const struct tdh_policies *tdh_policies_in_force(void);

/* rule.c, breaker_rule.c: the parts of a file that fits the schema; what a target has of them. err
 * TD_E_CONFIG with FILE:LINE:COLUMN */
int tdh_rules_read(struct tdh_policies *policies, const struct tdh_yaml *yaml, struct td_err *err);
void tdh_rules_free(struct tdh_policies *policies);
int tdh_rules_attach(struct tdh_target *target, struct td_err *err);
int tdh_breakers_read(struct tdh_policies *policies, const struct tdh_yaml *yaml,
                      struct td_err *err);
void tdh_breakers_free(struct tdh_policies *policies);
int tdh_breaker_attach(struct tdh_target *target, struct td_err *err);

/* match.c: the codes of categories: one word or a list. err TD_E_CONFIG */
int tdh_codes_read(const struct tdh_yaml *yaml, const char *pointer, const json_t *categories,
                   uint32_t *ret_set, struct td_err *err);

/* breaker.c. Both must outlive it. new. */
struct tdh_breaker *tdh_breaker_new(const struct tdh_breaker_rule *rule,
                                    const struct tdh_target *target, struct td_err *err);
void tdh_breaker_free(struct tdh_breaker *breaker);
/** May a call begin? The ticket is for _leave, which must follow when it may. err TD_E_UNAVAILABLE
 * with retry_after_ms. */
int tdh_breaker_enter(struct tdh_breaker *breaker, uint64_t now_ns, unsigned *ret_ticket,
                      struct td_err *err);
/** How it ended; error NULL: well. */
void tdh_breaker_leave(struct tdh_breaker *breaker, unsigned ticket, uint64_t now_ns,
                       const struct td_err *error);

#endif
