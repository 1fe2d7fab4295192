/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proxy: what proxy.c and proxy_state.c share: requests to the process of an isolated plugin.
 */
#ifndef TDH_PLUGIN_PROXY_H
#define TDH_PLUGIN_PROXY_H

#include "plugin/runner.h"

/* What prepare gives: a plugin with its options. */
struct tdh_proxy_template {
    struct tdh_runner *runner;
    uint64_t id, generation; /* of the process that has it; 0: none */
    struct tdh_turn turn;
    char *name, *options;
};

/* The state of an instance. */
struct tdh_proxy_state {
    const char *options; /* as JSON, of the block that tdh_proxy_bind made */
    uint64_t id, generation;
    struct tdh_turn turn;
};

/* A request on its way. Made on the stack of whoever waits for it. */
struct tdh_proxied {
    struct tdh_runner *runner;
    struct tdh_ctx *ctx;
    const json_t *input;
    enum td_reconciled *answer; /* NULL: the action itself */
    json_t **ret_output;
    struct td_err *err;
    uint64_t until_ns;
    int rc;
};

/** Has the process, the template and the instance there. On the runner's home worker. */
TD_YIELDS int tdh_proxied_ready(const struct tdh_proxied *call);
/** Sends something that belongs to no call, so it cannot make others. ret_done: new. As
 * tdh_runner_request. */
TD_YIELDS int tdh_proxied_send(const struct tdh_proxied *call, const struct tdh_frame_head *head,
                               const struct tdh_buf *payload, const char *what,
                               struct tdh_frame **ret_done);
/** Runs fn(call), which sets call->rc, on the runner's home worker. Returns that. */
TD_YIELDS int tdh_proxied_run(struct tdh_proxied *call, tdh_co_fn *fn);

#endif
