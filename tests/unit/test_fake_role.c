/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_role: libtdtest for plugins that use others by role.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <tdev/test.h>

static int use(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    return td_use(ctx, "mailer", input, NULL, ret_output, err);
}

static int has(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    int rc = td_has_use(ctx, "mailer", err);

    (void)input;
    *ret_output = rc >= 0 ? json_boolean(rc) : NULL;
    return rc >= 0 ? 0 : -1;
}

static const struct td_action *const actions[] = { TD_ACTION("use", use), TD_ACTION("has", has),
                                                   NULL };
static const struct td_agent agent = { TD_SIZE(struct td_agent), .actions = actions };
static const struct td_plugin plugin = {
    TD_SIZE(struct td_plugin), .kind = TD_KIND_AGENT, .name = "tried",
    .version = "1.0.0",        .agent = &agent,
};
TD_PLUGIN(plugin);

/* want: the output, or NULL when it fails with that text. */
static void claim(struct td_test *test, const char *action, const char *want, const char *why)
{
    struct td_err err = { 0 };
    json_t *output = NULL;
    int rc = td_test_call(test, action, json_object(), &output, &err);

    assert_int_equal(rc, want != NULL ? 0 : -1);
    if (want != NULL)
        assert_true(td_test_equal(output, want));
    else
        assert_string_equal(err.text, why);
    json_decref(output);
}

static void a_role_is_answered_as_whoever_has_it(void **state)
{
    struct td_test *test = td_test_new(&td_entry, NULL);
    struct td_err err;

    (void)state;
    assert_int_equal(td_test_open(test, NULL, &err), 0);
    claim(test, "use", NULL, "the test has no role \"mailer\"");
    claim(test, "has", NULL, "the test has no role \"mailer\"");
    td_test_use(test, "mailer", NULL, NULL);
    claim(test, "has", "false", NULL);
    claim(test, "use", NULL, "nobody has the role \"mailer\"");
    td_test_use(test, "mailer", "post", "send");
    td_test_answer(test, "post", "send", json_integer(7));
    claim(test, "has", "true", NULL);
    claim(test, "use", "7", NULL);
    assert_true(
        td_test_equal(td_test_calls(test), "[{'agent': 'post', 'action': 'send', 'input': {}}]"));
    td_test_fail(test, "use", 1, TD_E_UNAVAILABLE);
    claim(test, "use", NULL, "the test has td_use fail");
    td_test_free(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_is_answered_as_whoever_has_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
