/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire: the inside of a provider's plugin, for the files of this folder.
 */
#ifndef TDH_MODEL_WIRE_H
#define TDH_MODEL_WIRE_H

#include "model/model.h"

struct tdh_wire {
    struct tdh_plugin *plugin;
    const struct td_services *services;
    char *name;
    const struct td_wire *wire; /* NULL: it is native */
    const struct td_native *native;
    void *state, *block, *shared;
    bool is_prepared, is_begun; /* what is to be ended */
};

/** Into the plugin, and out of it. */
void tdh_wire_enter(const struct tdh_wire *wire, struct tdh_call *call, struct tdh_ctx *ctx);

/** Fills err as it is usual: by the status, with the words that most servers send. */
void tdh_fault_of_status(unsigned status, const json_t *body, const char *text, const char *name,
                         enum td_fault *ret_fault, struct td_err *err);

#endif
