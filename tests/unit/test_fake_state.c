/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_state: what libtdtest does with the state that a plugin has its host keep.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <tdev/test.h>

struct counter {
    int64_t step, count;
};

static const struct td_binding *const bindings[] = { TD_BIND_INT(struct counter, step), NULL };

static int add(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    struct counter *self = td_self(ctx);

    (void)input;
    self->count += self->step;
    *ret_output = json_integer(self->count);
    return *ret_output != NULL ? 0 : td_fail(err, TD_E_NOMEM, "could not allocate the count");
}

static json_t *save(struct td_ctx *ctx, struct td_err *err)
{
    const struct counter *self = td_self(ctx);

    (void)err;
    return self->count < 0 ? NULL : json_pack("{s:I}", "total", (json_int_t)self->count);
}

static int load(struct td_ctx *ctx, const json_t *saved, struct td_err *err)
{
    struct counter *self = td_self(ctx);

    if (!json_is_integer(json_object_get(saved, "total")))
        return td_fail(err, TD_E_INVAL, "there is no total");
    self->count = json_integer_value(json_object_get(saved, "total"));
    return 0;
}

static json_t *up(const json_t *saved, struct td_err *err)
{
    (void)err;
    return json_pack("{s:O}", "total", json_object_get(saved, "count"));
}

static json_t *down(const json_t *saved, struct td_err *err)
{
    (void)err;
    return json_pack("{s:O}", "count", json_object_get(saved, "total"));
}

static const struct td_state_migration first = { TD_SIZE(struct td_state_migration), .from = 1,
                                                 .to = 2, .up = up, .down = down };
static const struct td_state_migration *const migrations[] = { &first, NULL };
static const struct td_agent_state state = { TD_SIZE(struct td_agent_state), .version = 2,
                                             .save = save, .load = load, .migrations = migrations };
static const struct td_action *const actions[] = { TD_ACTION("add", add), NULL };
static const struct td_agent agent = { TD_SIZE(struct td_agent), .actions = actions,
                                       .state = &state };
static const struct td_plugin counter = {
    TD_SIZE(struct td_plugin),
    .kind = TD_KIND_AGENT,
    .name = "counter",
    .version = "1.0.0",
    .state_size = sizeof(struct counter),
    .bindings = bindings,
    .agent = &agent,
};
TD_PLUGIN(counter);

static void a_restart_keeps_what_is_saved(void **ignored)
{
    struct td_test *test = td_test_new(&td_entry, NULL);
    struct td_err err;
    json_t *saved;

    (void)ignored;
    assert_int_equal(td_test_open(test, td_test_json("{'step': 3}"), &err), 0);
    assert_int_equal(td_test_call(test, "add", NULL, NULL, &err), 0);
    assert_int_equal(td_test_restart(test, &err), 0);
    assert_int_equal(td_test_call(test, "add", NULL, NULL, &err), 0);
    assert_int_equal(td_test_save(test, &saved, &err), 0);
    assert_true(td_test_equal(saved, "{'total': 6}"));
    json_decref(saved);
    td_test_close(test);
    assert_int_equal(td_test_open(test, td_test_json("{'step': 3}"), &err), 0);
    assert_int_equal(td_test_load(test, td_test_json("{'total': 'x'}"), &err), -1);
    assert_string_equal(err.text, "there is no total");
    td_test_free(test);
}

static void a_migration_goes_one_step_up_or_down(void **ignored)
{
    static const struct {
        uint32_t from, to;
        const char *given, *want; /* want NULL: err */
    } cases[] = {
        { 1, 2, "{'count': 4}", "{'total': 4}" },
        { 2, 1, "{'total': 4}", "{'count': 4}" },
        { 1, 3, "{}", NULL },
    };
    struct td_test *test = td_test_new(&td_entry, NULL);

    (void)ignored;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct td_err err;
        json_t *saved;
        int rc = td_test_migrate(test, cases[i].from, cases[i].to, td_test_json(cases[i].given),
                                 &saved, &err);

        assert_int_equal(rc, cases[i].want != NULL ? 0 : -1);
        if (rc == 0)
            assert_true(td_test_equal(saved, cases[i].want));
        else
            assert_string_equal(err.text, "there is no migration from version 1 to 3");
        json_decref(saved);
    }
    td_test_free(test);
}

static void a_save_that_does_not_say_why_is_named(void **ignored)
{
    struct td_test *test = td_test_new(&td_entry, NULL);
    struct td_err err;
    json_t *saved;

    (void)ignored;
    assert_int_equal(td_test_open(test, td_test_json("{'step': -3}"), &err), 0);
    assert_int_equal(td_test_call(test, "add", NULL, NULL, &err), 0);
    assert_int_equal(td_test_save(test, &saved, &err), -1);
    assert_null(saved);
    assert_int_equal(err.code, TD_E_INTERNAL);
    assert_string_equal(err.text, "save failed without saying why");
    td_test_free(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restart_keeps_what_is_saved),
        cmocka_unit_test(a_migration_goes_one_step_up_or_down),
        cmocka_unit_test(a_save_that_does_not_say_why_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
