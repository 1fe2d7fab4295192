/* SPDX-License-Identifier: Apache-2.0 */
/*
 * internal: the stages, one file each.
 */
#ifndef TDH_CALL_INTERNAL_H
#define TDH_CALL_INTERNAL_H

#include "call/call.h"

tdh_stage_fn tdh_stage_account, tdh_stage_authorise, tdh_stage_validate_input, tdh_stage_deadline,
    tdh_stage_cache, tdh_stage_retry, tdh_stage_limit, tdh_stage_trace, tdh_stage_validate_output,
    tdh_stage_dispatch;

/* True when somebody listens to traces. */
bool tdh_trace_is_on(void);

struct tdh_cache *tdh_cache_new(unsigned entries, int64_t ttl_ms, struct td_err *err);
void tdh_cache_free(struct tdh_cache *cache);

#endif
