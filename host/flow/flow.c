/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow: a workflow's text as a definition that runs can follow.
 */
#include "flow/flow.h"

#include "base/json.h"
#include "flow/flows.h"
#include "flow/plan.h"

/* The plan is made here, with the places of the text, and handed over: the reducer prepares
 * nothing. Takes plan. */
static struct tdh_definition *define(struct tdh_plan *plan, struct td_err *err)
{
    const char *name = tdh_json_str(plan->text, "id", ""),
               *version = tdh_json_str(plan->text, "version", NULL);
    struct tdh_definition *definition = tdh_definition_new(
        TDH_FLOW_KIND, name, version, &tdh_flow_reducer, json_incref(plan->text), NULL, err);

    if (definition != NULL)
        definition->plan = plan;
    else
        tdh_plan_free(plan);
    return definition;
}

struct tdh_definition *tdh_flow_read(const struct tdh_yaml *yaml,
                                     const struct tdh_flow_world *world, struct td_err *err)
{
    struct tdh_yaml *made = tdh_chain_is(yaml->root) ? tdh_chain_lower(yaml, err) : NULL;
    const struct tdh_yaml *text = made != NULL ? made : yaml;
    struct tdh_plan *plan = made != NULL || !tdh_chain_is(yaml->root)
                                ? tdh_plan_new(text->root, text, world, err)
                                : NULL;

    tdh_yaml_free(made);
    return plan != NULL ? define(plan, err) : NULL;
}

struct tdh_definition *tdh_flow_remake(const json_t *text, struct td_err *err)
{
    struct tdh_plan *plan = tdh_plan_new(text, NULL, NULL, err);

    return plan != NULL ? define(plan, err) : NULL;
}

struct tdh_definition *tdh_flow_remake_deployed(const json_t *text, struct td_err *err)
{
    struct tdh_plan *plan = tdh_plan_new_deployed(text, err);

    return plan != NULL ? define(plan, err) : NULL;
}

const json_t *tdh_flow_inputs(const struct tdh_definition *definition)
{
    return json_object_get(definition->text, "inputs");
}

const char *tdh_flow_description(const struct tdh_definition *definition)
{
    return tdh_json_str(definition->text, "description", "");
}

const json_t *tdh_flow_warnings(const struct tdh_definition *definition)
{
    return ((const struct tdh_plan *)definition->plan)->warnings;
}

int tdh_flow_check_input(const struct tdh_definition *definition, const json_t *input,
                         struct td_err *err)
{
    return tdh_plan_check_input(definition->plan, input, err);
}
