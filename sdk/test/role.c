/* SPDX-License-Identifier: Apache-2.0 */
/*
 * role: who has the roles of the plugin. The fake host reads no manifest, so the test says it.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static struct td_testing_role *find_role(struct td_test *test, const char *name)
{
    struct td_testing_role *role = test->roles;

    while (role != NULL && strcmp(role->name, name) != 0)
        role = role->next;
    return role;
}

void td_test_use(struct td_test *test, const char *name, const char *agent, const char *action)
{
    struct td_testing_role *role = find_role(test, name);

    if (role == NULL) {
        role = td_testing_must(calloc(1, sizeof(*role)));
        role->name = td_testing_must(strdup(name));
        role->next = test->roles;
        test->roles = role;
    }
    free(role->agent);
    free(role->action);
    role->agent = agent != NULL ? td_testing_must(strdup(agent)) : NULL;
    role->action = td_testing_must(strdup(action != NULL ? action : ""));
}

/* The role, with who has it; NULL: err. */
static const struct td_testing_role *role_of(struct td_test *test, const char *name,
                                             struct td_err *err)
{
    const struct td_testing_role *role = find_role(test, name);

    if (role != NULL)
        return role;
    td_fail(err, TD_E_INVAL, "the test has no role \"%s\"", name);
    td_hint(err, "td_test_use says who has it");
    return NULL;
}

int td_testing_has_use(struct td_ctx *ctx, const char *name, struct td_err *err)
{
    const struct td_testing_role *role = role_of(td_testing_enter(ctx, "has_use"), name, err);

    return role != NULL ? role->agent != NULL : -1;
}

int td_testing_use(struct td_ctx *ctx, const char *name, const json_t *input,
                   const struct td_call_options *options, json_t **ret_output, struct td_err *err)
{
    struct td_test *test = td_testing_enter(ctx, "use");
    const struct td_testing_role *role = role_of(test, name, err);

    if (role == NULL || td_testing_fails(test, "use", err))
        return -1;
    if (role->agent == NULL)
        return td_fail(err, TD_E_NOTFOUND, "nobody has the role \"%s\"", name);
    return td_testing_call(ctx, role->agent, role->action, input, options, ret_output, err);
}
