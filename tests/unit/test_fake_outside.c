/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_outside: libtdtest for bridges: programs and servers are answered by the test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>
#include <tdev/test.h>

/* --- a bridge --- */

struct state {
    const char *const *command;
    struct td_program *program;
    struct td_template *plain;
};

static const struct td_binding *const bindings[] = { TD_BIND_LIST(struct state, command), NULL };

static int init(struct td_ctx *ctx, struct td_err *err)
{
    struct state *self = td_self(ctx);
    const struct td_program_options options = { TD_SIZE(struct td_program_options),
                                                .command = self->command };
    const json_t *config = json_object_get(json_array_get(td_capabilities(ctx), 0), "config");

    if (td_program_open(ctx, &options, &self->program, err) != 0)
        return -1;
    return config != NULL ? td_template_new(ctx, config, (const char *const[]){ "input", NULL },
                                            &self->plain, err)
                          : 0;
}

static void drop(struct td_ctx *ctx)
{
    struct state *self = td_self(ctx);

    td_program_close(ctx, self->program);
    td_template_free(ctx, self->plain);
}

static int run_fetch(struct td_ctx *ctx, json_t **ret_output, struct td_err *err)
{
    static const char *const headers[] = { "X-One: 1", NULL };
    const struct td_http_request request = { TD_SIZE(struct td_http_request),
                                             .method = "POST",
                                             .url = "https://a/b",
                                             .headers = headers,
                                             .body = "{\"n\": 1}",
                                             .body_bytes = 8 };
    struct td_http_reply reply = { TD_SIZE(struct td_http_reply) };

    if (td_http_fetch(ctx, &request, &reply, err) != 0)
        return -1;
    *ret_output = json_pack("{s:i, s:O*, s:s}", "status", (int)reply.status, "headers",
                            reply.headers, "body", reply.body);
    return 0;
}

static int run(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    const struct state *self = td_self(ctx);
    const char *action = td_action_name(ctx);

    if (strcmp(action, "fetch") == 0)
        return run_fetch(ctx, ret_output, err);
    if (strcmp(action, "plain") == 0)
        return td_template_eval(ctx, self->plain, input, ret_output, err);
    return td_program_call(ctx, self->program, action, input, ret_output, err);
}

static const struct td_action *const actions[] = { TD_ACTION("*", run), NULL };
static const struct td_agent agent = { TD_SIZE(struct td_agent), .actions = actions };
static const struct td_plugin plugin = {
    TD_SIZE(struct td_plugin),
    .name = "span",
    .version = "1.0.0",
    .kind = TD_KIND_AGENT,
    .agent = &agent,
    .bindings = bindings,
    .state_size = sizeof(struct state),
    .init = init,
    .drop = drop,
};
TD_PLUGIN(plugin);

/* --- tests --- */

static const char *call(struct td_test *test, const char *action)
{
    static char text[1200];
    struct td_err err;
    json_t *output;
    char *dumped;

    if (td_test_call(test, action, NULL, &output, &err) != 0)
        return strcpy(text, err.text);
    dumped = json_dumps(output, JSON_COMPACT | JSON_SORT_KEYS);
    snprintf(text, sizeof(text), "%s", dumped);
    free(dumped);
    json_decref(output);
    return text;
}

static void a_bridge_is_answered_by_the_test(void **state)
{
    struct td_test *test = td_test_new(&td_entry, NULL);
    struct td_err err;

    (void)state;
    td_test_set_capabilities(test, td_test_json("[{'name': 'plain', 'config': {'a': 'b'}}]"));
    assert_int_equal(td_test_open(test, td_test_json("{'command': ['/bin/x', 'y']}"), &err), 0);
    td_test_answer(test, "/bin/x", "sing", td_test_json("{'la': 1}"));
    assert_string_equal(call(test, "sing"), "{\"la\":1}");
    assert_string_equal(call(test, "hum"),
                        "the test has no answer of agent \"/bin/x\" action \"hum\"");
    td_test_answer(test, "https://a/b", "POST",
                   td_test_json("{'status': 201, 'headers': {'x': 'y'}, 'body': {'id': 7}}"));
    assert_string_equal(call(test, "fetch"),
                        "{\"body\":\"{\\\"id\\\":7}\",\"headers\":{\"x\":\"y\"},\"status\":201}");
    assert_true(td_test_equal(
        json_array_get(td_test_calls(test), 2),
        "{'agent': 'https://a/b', 'action': 'POST', 'input': {'headers': ['X-One: 1'], "
        "'body': {'n': 1}}}"));
    assert_string_equal(call(test, "plain"), "{\"a\":\"b\"}");
    td_test_fail(test, "http_fetch", 1, TD_E_UNAVAILABLE);
    assert_string_equal(call(test, "fetch"), "the test has td_http_fetch fail");
    td_test_free(test);
}

static void what_it_cannot_do_is_told(void **state)
{
    struct td_test *test = td_test_new(&td_entry, NULL);
    struct td_err err;

    (void)state;
    assert_int_equal(td_test_open(test, td_test_json("{'command': ['x']}"), &err), -1);
    assert_string_equal(err.text, "program \"x\" must be an absolute path");
    td_test_set_capabilities(test, td_test_json("[{'config': '${input.a}'}]"));
    assert_int_equal(td_test_open(test, td_test_json("{'command': ['/x']}"), &err), -1);
    assert_int_equal(err.code, TD_E_UNSUPPORTED);
    td_test_free(test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bridge_is_answered_by_the_test),
        cmocka_unit_test(what_it_cannot_do_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
