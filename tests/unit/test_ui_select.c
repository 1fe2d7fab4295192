/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_ui_select: which stack and layout a request gets, and why.
 */
#include "build_agent.h"

#include <string.h>

#include "alloc_fail.h"

static struct agent *agent;

static struct agent *new_agent(void)
{
    return agent_new("plugins/agents/ui-select", "conf");
}

static int start(void **state)
{
    struct td_err err;

    (void)state;
    agent = new_agent();
    if (agent_start(agent, &err) != 0)
        fail_msg("%s", err.text);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    agent_free(agent);
    return 0;
}

static json_t *input_of(const char *lang, const char *domain, const char *constraints,
                        const char *model)
{
    json_t *input =
        json_pack("{s:{s:s, s:s, s:{s:s}, s:o}}", "understanding", "text", "x", "lang", lang,
                  "domain", "name", domain, "constraints", agent_json(constraints));

    if (model != NULL)
        json_object_set_new(input, "model", agent_json(model));
    return input;
}

#define MODEL(fields) "{'entities': [{'fields': [" fields "]}], 'features': []}"

static const struct {
    const char *domain, *constraints, *model, *layout;
} layouts[] = {
    { "general", "[]", NULL, "list" },
    { "productivity", "[]", NULL, "list" },
    { "cooking", "[]", NULL, "cards" },
    { "finance", "[]", NULL, "table" },
    { "productivity", "[{'kind': 'style', 'what': 'board', 'from': 'kanban'}]", NULL, "board" },
    { "finance", "[{'kind': 'style', 'what': 'cards', 'from': 'as cards'}]", NULL, "cards" },
    { "general", "[]",
      MODEL("{'type': 'image'}, {'type': 'text'}, {'type': 'text'}, {'type': 'text'}, {'type': "
            "'date'}"),
      "cards" },
    { "general", "[]",
      MODEL("{'type': 'text', 'role': 'title'}, {'type': 'boolean', 'role': 'done'}"), "list" },
    { "general", "[]",
      MODEL("{'type': 'money'}, {'type': 'number'}, {'type': 'text'}, {'type': 'date'}, {'type': "
            "'text'}"),
      "table" },
    { "work", "[]",
      MODEL("{'type': 'text'}, {'type': 'choice', 'role': 'status'}, {'type': 'text'}, {'type': "
            "'date'}, "
            "{'type': 'text'}"),
      "board" },
};

static void each_app_gets_its_layout(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        struct td_err err;
        json_t *output = agent_call(
            agent, "select",
            input_of("en", layouts[i].domain, layouts[i].constraints, layouts[i].model), &err);

        assert_non_null(output);
        assert_string_equal(json_string_value(json_object_get(output, "stack")), "static");
        if (strcmp(json_string_value(json_object_get(output, "layout")), layouts[i].layout) != 0)
            fail_msg("row %zu: %s", i, json_dumps(output, 0));
        assert_int_equal(json_array_size(json_object_get(output, "scores")), 5);
        json_decref(output);
    }
}

static void scores_are_at_most_one(void **state)
{
    struct td_err err;
    json_t *output = agent_call(
        agent, "select",
        input_of("en", "cooking", "[{'kind': 'style', 'what': 'cards', 'from': 'as cards'}]",
                 MODEL("{'type': 'image'}, {'type': 'number', 'role': 'rating'}")),
        &err);
    size_t i;
    json_t *score;

    (void)state;
    json_array_foreach (json_object_get(output, "scores"), i, score) {
        assert_true(json_number_value(json_object_get(score, "score")) <= 1);
        assert_true(json_array_size(json_object_get(score, "reasons")) > 0);
    }
    json_decref(output);
}

static void reasons_are_in_the_language_of_the_request(void **state)
{
    struct td_err err;
    json_t *output = agent_call(agent, "select", input_of("ko", "finance", "[]", NULL), &err);

    (void)state;
    assert_string_equal(json_string_value(json_array_get(json_object_get(output, "reasons"), 0)),
                        "서버도 빌드도 필요 없는 파일입니다");
    json_decref(output);
}

static const struct {
    const char *lang, *stack, *want;
} other_stacks[] = {
    { "en", "react", "the request names react, which is not among the stacks" },
    { "ko", "react", "요청에 나온 react는 쓸 수 있는 스택이 아닙니다" },
    { "ko", "rails-on-rack", "요청에 나온 rails-on-rack은 쓸 수 있는 스택이 아닙니다" },
    { "ko", "symfon", "요청에 나온 symfon은 쓸 수 있는 스택이 아닙니다" },
    { "ko", "laravel", "요청에 나온 laravel은 쓸 수 있는 스택이 아닙니다" },
    { "ko", "web2", "요청에 나온 web2는 쓸 수 있는 스택이 아닙니다" },
    { "ko", "리액트", "요청에 나온 리액트는 쓸 수 있는 스택이 아닙니다" },
    { "ko", "앵귤러원", "요청에 나온 앵귤러원은 쓸 수 있는 스택이 아닙니다" },
};

/* In Korean with the particle that fits the name. */
static void a_stack_that_is_not_built_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(other_stacks) / sizeof(other_stacks[0]); i++) {
        struct td_err err;
        json_t *input = input_of(other_stacks[i].lang, "general", "[]", NULL);
        json_t *output;

        json_object_set_new(json_object_get(input, "understanding"), "constraints",
                            json_pack("[{s:s, s:s, s:s}]", "kind", "stack", "what",
                                      other_stacks[i].stack, "from", "x"));
        output = agent_call(agent, "select", input, &err);
        assert_string_equal(json_string_value(json_object_get(output, "stack")), "static");
        assert_string_equal(
            json_string_value(json_array_get(json_object_get(output, "reasons"), 1)),
            other_stacks[i].want);
        json_decref(output);
    }
}

static const struct {
    const char *stack, *want;
} refused[] = {
    { "statik", "stack \"statik\" is not one of \"static\", did you mean \"static\"" },
    { "react", "stack \"react\" is not one of \"static\"" },
    { "", "stack \"\" is not one of \"static\"" },
};

static void an_unknown_stack_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct td_err err;
        json_t *input = input_of("en", "general", "[]", NULL);

        json_object_set_new(input, "stack", json_string(refused[i].stack));
        assert_null(agent_call(agent, "select", input, &err));
        assert_int_equal(err.code, TD_E_INVAL);
        assert_string_equal(err.text, refused[i].want);
        assert_string_equal(err.hint, "leave the stack out, or name one of \"static\"");
    }
}

static void a_given_stack_is_used(void **state)
{
    struct td_err err;
    json_t *input = input_of("en", "general", "[]", NULL);
    json_t *output;

    (void)state;
    json_object_set_new(input, "stack", json_string("static"));
    output = agent_call(agent, "select", input, &err);
    assert_string_equal(json_string_value(json_array_get(json_object_get(output, "reasons"), 0)),
                        "it was asked for");
    json_decref(output);
}

static void no_memory_is_told(void **state)
{
    (void)state;
    agent_starve(new_agent, "select", input_of("en", "finance", "[]", MODEL("{'type': 'money'}")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_app_gets_its_layout),
        cmocka_unit_test(scores_are_at_most_one),
        cmocka_unit_test(reasons_are_in_the_language_of_the_request),
        cmocka_unit_test(a_stack_that_is_not_built_is_told),
        cmocka_unit_test(an_unknown_stack_is_refused),
        cmocka_unit_test(a_given_stack_is_used),
        cmocka_unit_test(no_memory_is_told),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, start, stop);
}
