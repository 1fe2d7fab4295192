/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state: what the host would keep of the instance that is open.
 */
#include <string.h>

#include "internal.h"

static const struct td_agent_state *state_of(const struct td_test *test)
{
    const struct td_agent *agent = test->plugin->agent;

    if (agent == NULL || agent->size < sizeof(struct td_agent) || agent->state == NULL)
        td_testing_end("plugin \"%s\" has no state that is kept", test->plugin->name);
    return agent->state;
}

/* A failure has to say why. */
static int check(int rc, const char *what, struct td_err *said, struct td_err *err)
{
    if (rc == 0)
        return 0;
    if (said->code == TD_OK || said->text[0] == '\0')
        return td_fail(err, TD_E_INTERNAL, "%s failed without saying why", what);
    *err = *said;
    return -1;
}

int td_test_save(struct td_test *test, json_t **ret_saved, struct td_err *err)
{
    const struct td_agent_state *state = state_of(test);
    struct td_err said = { 0 };

    *ret_saved = state->save(td_test_begin(test), &said);
    td_test_end(test);
    return check(*ret_saved != NULL ? 0 : -1, "save", &said, err);
}

int td_test_load(struct td_test *test, json_t *saved, struct td_err *err)
{
    const struct td_agent_state *state = state_of(test);
    struct td_err said = { 0 };
    int rc = state->load(td_test_begin(test), saved, &said);

    td_test_end(test);
    json_decref(saved);
    return check(rc, "load", &said, err);
}

int td_test_restart(struct td_test *test, struct td_err *err)
{
    json_t *options, *saved;

    if (td_test_save(test, &saved, err) != 0)
        return -1;
    options = td_testing_must(json_deep_copy(test->options));
    td_test_close(test);
    if (td_test_open(test, options, err) == 0)
        return td_test_load(test, saved, err);
    json_decref(saved);
    return -1;
}

int td_test_migrate(struct td_test *test, uint32_t from, uint32_t to, json_t *saved,
                    json_t **ret_saved, struct td_err *err)
{
    const struct td_state_migration *const *at = state_of(test)->migrations;
    td_state_migrate_fn *step = NULL;
    struct td_err said = { 0 };

    *ret_saved = NULL;
    for (; at != NULL && *at != NULL && step == NULL; at++)
        step = (*at)->from == from && (*at)->to == to   ? (*at)->up
               : (*at)->from == to && (*at)->to == from ? (*at)->down
                                                        : NULL;
    if (step != NULL)
        *ret_saved = step(saved, &said);
    json_decref(saved);
    if (step == NULL)
        return td_fail(err, TD_E_NOTFOUND, "there is no migration from version %u to %u", from, to);
    return check(*ret_saved != NULL ? 0 : -1, "a migration", &said, err);
}
