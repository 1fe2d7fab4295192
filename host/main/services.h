/* SPDX-License-Identifier: Apache-2.0 */
/*
 * services: what the files that fill the table of services share.
 */
#ifndef TDH_MAIN_SERVICES_H
#define TDH_MAIN_SERVICES_H

#include "main/main.h"

/** The call that a function of a plugin serves, or NULL. */
static inline struct tdh_call *tdh_service_call(struct td_ctx *ctx)
{
    return tdh_ctx_of(ctx)->call;
}
/** Runs fn(arg), which sets *rc, here, or on the call's worker when this thread is none. */
int tdh_service_on_worker(struct td_ctx *ctx, tdh_co_fn *fn, void *arg, int *rc,
                          struct td_err *err);
/** Hands a piece of output to whoever watches the call. On the call's worker. */
int tdh_service_emit(struct tdh_call *call, const json_t *chunk, struct td_err *err);
/** programs.c */
void tdh_services_programs(struct tdh_host *host);
/** requests.c */
void tdh_services_requests(struct tdh_host *host);

#endif
