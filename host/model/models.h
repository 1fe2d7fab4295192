/* SPDX-License-Identifier: Apache-2.0 */
/*
 * models: what is called: PROVIDER/MODEL with the action `chat` or `embed`, down the path of all
 * calls. Part of model.h.
 *
 * The input is a request in the host's form, without `model`; the output the reply, with
 * `provider`, `cost` in dollars when the price is known, and `dropped`: what of the request the
 * wire had no word for. Who takes chunks of the call gets the deltas of a stream, each as JSON.
 */
#ifndef TDH_MODEL_MODELS_H
#define TDH_MODEL_MODELS_H

#include "model/catalogue.h"
#include "runtime/runtime.h"

enum { TDH_MODELS_MAX = 10000 }; /* that were called, and are kept */

/* A request that goes out. Borrowed while it does. */
struct tdh_ask {
    const char *method, *url; /* whole */
    char *const *headers;     /* "Name: value"; ends with NULL */
    const void *body;
    size_t body_bytes;
    const char *ca_file;  /* NULL: the system's */
    uint64_t deadline_ns; /* TDH_NEVER: none */
    size_t limit_bytes;   /* of the reply */
};
/* The reply's head. */
struct tdh_answer {
    unsigned status;
    json_t *headers; /* names in small letters to values; owned by who asked */
};
/* Gets the body, piece by piece, after the head is known. */
typedef int tdh_body_fn(void *arg, const struct tdh_answer *answer, const char *bytes,
                        size_t length, struct td_err *err);
/**
 * How requests go out; main says which. Any status is a success.
 *
 * ret_is_sent  something of it has left
 * err          as tdh_http_fetch, and what fn says
 */
typedef int tdh_transport_fn(void *arg, const struct tdh_ask *ask, struct tdh_answer *answer,
                             tdh_body_fn *fn, void *fn_arg, bool *ret_is_sent, struct td_err *err);

struct tdh_models_options {
    struct tdh_plugins *plugins;
    const struct td_services *services;
    struct tdh_runtime *runtime;
    struct tdh_catalog *catalog; /* borrow */
    tdh_transport_fn *transport;
    void *transport_arg;
    struct td_policy policy; /* of calls whose caller says nothing */
};
struct tdh_models;
/** new; err TD_E_NOMEM */
struct tdh_models *tdh_models_new(const struct tdh_models_options *options, struct td_err *err);
void tdh_models_free(struct tdh_models *models);
/** Has calls of models found here. At start-up. */
void tdh_models_register(struct tdh_models *models);

#endif
