/* SPDX-License-Identifier: Apache-2.0 */
/*
 * role: what an agent's plugin needs of another agent, by what that does and not by its name: a row
 * of `uses` in its manifest. Who has the role is said by the file of each agent of the plugin, or
 * by the row's default (host/agent/cast.c). A part of plugin.h, which includes it.
 */
#ifndef TDH_PLUGIN_ROLE_H
#define TDH_PLUGIN_ROLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <tdev/err.h>

#include "base/yaml.h"
#include "schema/schema.h"

struct tdh_manifest;
struct tdh_ctx;

enum { TDH_ROLES_MAX = 64 };

struct tdh_role {
    char *name, *action, *text;
    char *agent;            /* who has it when nobody is named; NULL: nobody */
    json_t *input, *output; /* what is sent, and expected, as written; NULL: anything */
    /* compiled with the manifest's other schemas; NULL when everything is accepted */
    struct tdh_schema *input_schema, *output_schema;
    bool is_optional;
};

/** The manifest's role of that name, or NULL. */
const struct tdh_role *tdh_role_find(const struct tdh_manifest *manifest, const char *name);
/** The name of one that is near, or NULL. */
const char *tdh_role_near(const struct tdh_manifest *manifest, const char *name);
/**
 * The role of that name of a function's plugin.
 *
 * ret_agent  who has it; NULL: nobody. Lives as long as the instance
 * err        TD_E_INVAL: the manifest has no such role
 */
const struct tdh_role *tdh_role_of(const struct tdh_ctx *ctx, const char *name,
                                   const char **ret_agent, struct td_err *err);
/** err TD_E_NOTFOUND: nobody has the role, and what to do. Returns -1. */
int tdh_role_fail(const struct tdh_role *role, const char *instance, struct td_err *err);
/** Do input and output fit what the row says? err: TD_E_INVAL; TD_E_EXEC. */
int tdh_role_check_input(const struct tdh_role *role, const json_t *input, struct td_err *err);
int tdh_role_check_output(const struct tdh_role *role, const json_t *output, struct td_err *err);
/**
 * Does an action with these schemas, as written, do for the role, as far as that can be told
 * (tdh_schema_within)? err: TD_E_DEPENDENCY, without the names of both.
 */
int tdh_role_takes(const struct tdh_role *role, const json_t *input, const json_t *output,
                   struct td_err *err);
/** {name, action, agent, optional, text, input, output}; new */
json_t *tdh_role_describe(const struct tdh_role *role);

#endif
