/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_world: workflows out of text, and what there is for them to call: fake_world of flow_case.h.
 */
#include "flow_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/near.h"

static int find_action(void *arg, const char *agent, const char *action, const json_t **ret_input,
                       const json_t **ret_output, struct td_err *err)
{
    static const char *const rows[][4] = {
        { "echo", "echo",
          "{'type':'object','properties':{'text':{'type':'string'}},'required':['text'],'"
          "additionalProperties':false}",
          "{'type':'object','properties':{'text':{'type':'string'}},'additionalProperties':"
          "false}" },
        { "shop", "charge",
          "{'type':'object','properties':{'amount':{'$ref':'#/$defs/"
          "money'},'currency':{'enum':['KRW','USD']}},'required':['amount'],"
          "'$defs':{'money':{'type':'number'}}}",
          "{'type':'object','properties':{'ok':{'type':'boolean'}},'additionalProperties':false}" },
        { "any", "do", NULL, NULL },
    };
    static json_t *schemas[3][2];
    const char *const agents[] = { "echo", "shop", "any" };
    const char *near = tdh_near(agent, agents, 3);

    (void)arg;
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(rows[i][0], agent) != 0)
            continue;
        if (strcmp(rows[i][1], action) != 0)
            return td_fail(err, TD_E_NOTFOUND, "agent \"%s\" has no action \"%s\"%s%s%s", agent,
                           action, tdh_near(action, &rows[i][1], 1) ? ", did you mean \"" : "",
                           tdh_near(action, &rows[i][1], 1) ? rows[i][1] : "",
                           tdh_near(action, &rows[i][1], 1) ? "\"" : "");
        for (size_t s = 0; s < 2 && rows[i][2 + s] != NULL; s++)
            if (schemas[i][s] == NULL)
                schemas[i][s] = json_of(rows[i][2 + s]); /* kept: the world lends them */
        *ret_input = schemas[i][0];
        *ret_output = schemas[i][1];
        return 0;
    }
    return td_fail(err, TD_E_NOTFOUND, "there is no agent \"%s\"%s%s%s", agent,
                   near ? ", did you mean \"" : "", near ? near : "", near ? "\"" : "");
}

static int find_pattern(void *arg, const char *name, const struct tdh_schema **ret_config,
                        struct td_err *err)
{
    const char *text = "{'required':['voters'],'properties':{'quorum':{'type':'integer'},'voters':"
                       "{'type':'array','items':{'properties':{'agent':{}},"
                       "'additionalProperties':false}}},'additionalProperties':false}";
    static struct tdh_schema *schema; /* kept: the world lends it */

    (void)arg;
    if (strcmp(name, "vote") == 0 && schema == NULL) {
        json_t *document = json_of(text);

        schema = tdh_schema_compile(document, NULL, err);
        json_decref(document);
    }
    if (strcmp(name, "vote") == 0)
        *ret_config = schema;
    if (strcmp(name, "vote") == 0 || strcmp(name, "debate") == 0)
        return 0;
    return td_fail(err, TD_E_NOTFOUND, "there is no pattern \"%s\"", name);
}

static int find_workflow(void *arg, const char *name, struct td_err *err)
{
    (void)arg;
    return strcmp(name, "other") == 0
               ? 0
               : td_fail(err, TD_E_NOTFOUND, "there is no workflow \"%s\"", name);
}

const struct tdh_flow_world fake_world = { .action = find_action,
                                           .pattern = find_pattern,
                                           .workflow = find_workflow };

/* --- workflows --- */

struct tdh_definition *read_flow(const char *text, const struct tdh_flow_world *world,
                                 struct td_err *err)
{
    struct tdh_yaml *yaml = tdh_yaml_parse(text, strlen(text), "t.yaml", err);
    struct tdh_definition *definition = yaml != NULL ? tdh_flow_read(yaml, world, err) : NULL;

    tdh_yaml_free(yaml);
    return definition;
}

struct tdh_definition *flow_of(const char *yaml)
{
    struct td_err err;
    struct tdh_definition *definition = read_flow(yaml, NULL, &err);

    if (definition == NULL)
        fail_msg("%s", err.text);
    return definition;
}
