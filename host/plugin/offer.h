/* SPDX-License-Identifier: Apache-2.0 */
/*
 * offer: what an agent offers and may do. A part of plugin.h, which includes it.
 */
#ifndef TDH_PLUGIN_OFFER_H
#define TDH_PLUGIN_OFFER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tdev/err.h>

#include "base/meter.h"
#include "base/yaml.h"
#include "schema/schema.h"

struct tdh_manifest;

enum tdh_effects { TDH_EFFECTS_NONE, TDH_EFFECTS_IDEMPOTENT, TDH_EFFECTS_EXTERNAL };

/* One action of an agent as its manifest promises it. */
struct tdh_capability {
    char *name, *type, *text;
    enum tdh_effects effects;
    json_t *input, *output; /* schemas as written; NULL: anything */
    /* compiled when the plugin is loaded; NULL when everything is accepted */
    struct tdh_schema *input_schema;
    struct tdh_schema *output_schema;
    json_t *permissions; /* what a caller must hold: ["store:kv", ...]; NULL: nothing */
    int64_t estimate_ms;
    struct tdh_meters *uses; /* most of one attempt; NULL: nothing it knows of */
    json_t *config;          /* for its bridge; NULL: none, and in a manifest */
};

/*
 * What an agent offers, and what it may do: as its plugin's manifest says; of a bridge, as the
 * agent's own file (or conform.yaml) says. Immutable.
 */
struct tdh_offer {
    struct tdh_capability *capabilities;
    size_t capability_count;
    json_t *permissions; /* as written; NULL: none */
    json_t *rows;        /* of a bridge: capabilities as written; else NULL */
    bool is_own;         /* tdh_offer_end() gives it back; else it is the manifest's */
};

/** The manifest's capabilities and permissions; borrowed. */
struct tdh_offer tdh_manifest_offer(const struct tdh_manifest *manifest);
/**
 * The `capabilities` and `permissions` of an agent of a bridge, out of its file, with schemas
 * compiled. The permissions are within those of the manifest, a config fits its `config`.
 *
 * ret_offer  new; tdh_offer_end()
 * err        TD_E_CONFIG with FILE:LINE:COLUMN
 */
int tdh_offer_read(struct tdh_manifest *manifest, const struct tdh_yaml *yaml,
                   struct tdh_offer *ret_offer, struct td_err *err);
void tdh_offer_end(struct tdh_offer *offer);
const struct tdh_capability *tdh_offer_find(const struct tdh_offer *offer, const char *action);
/** The name of an action that is near, or NULL. */
const char *tdh_offer_near(const struct tdh_offer *offer, const char *action);

#endif
