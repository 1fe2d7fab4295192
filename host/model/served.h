/* SPDX-License-Identifier: Apache-2.0 */
/*
 * served: providers and models that are called, for the files of this folder.
 */
#ifndef TDH_MODEL_SERVED_H
#define TDH_MODEL_SERVED_H

#include "model/model.h"

/* A provider with its wire. Read-only once made. */
struct tdh_served {
    const struct tdh_models_options *models;
    struct tdh_provider *provider; /* held */
    struct tdh_wire *wire;
    char *url;                 /* base; NULL: it is native */
    struct tdh_served *former; /* the next one that serves no more */
};

struct tdh_model_target {
    struct tdh_target target;            /* first */
    _Atomic(struct tdh_served *) served; /* another when its file is */
    char *name;                          /* PROVIDER/MODEL */
    const char *model;                   /* within it */
    bool is_embed;
};

/* dispatch.c */
tdh_dispatch_fn tdh_model_dispatch;

#endif
