/* SPDX-License-Identifier: Apache-2.0 */
/*
 * role: what `uses` of a manifest may say, and which agents do for a role.
 */
#include "plugin/internal.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static struct tdh_manifest *parse(const char *kind, const char *line, struct td_err *err)
{
    char text[2048];

    snprintf(text, sizeof(text),
             "apiVersion: tdev/v1\nkind: %s\nname: x\nversion: 1.0.0\nlibrary: x.so\n"
             "sdk: \"^1.0\"\n%s\n%s\n",
             kind, strcmp(kind, "agent") == 0 ? "capabilities: [{name: a}]" : "", line);
    return tdh_manifest_parse(text, strlen(text), "/plugins/x", err);
}

static const char whole[] =
    "uses: [{name: mailer, action: send, agent: post, input: {type: object, required: [to],"
    " properties: {to: {type: string}}}, output: {type: object, required: [id]}, text: Sends},"
    " {name: k, action: b, optional: true}]";

static void every_key_of_a_role_is_read(void **state)
{
    struct td_err err = { 0 };
    struct tdh_manifest *manifest = parse("agent", whole, &err);

    (void)state;
    assert_string_equal(err.text, "");
    assert_int_equal(manifest->role_count, 2);
    assert_string_equal(manifest->roles[0].agent, "post");
    assert_string_equal(manifest->roles[0].action, "send");
    assert_string_equal(manifest->roles[0].text, "Sends");
    assert_non_null(manifest->roles[0].input);
    assert_true(manifest->roles[1].is_optional && manifest->roles[1].agent == NULL);
    assert_ptr_equal(tdh_role_find(manifest, "k"), &manifest->roles[1]);
    assert_null(tdh_role_find(manifest, "l"));
    assert_string_equal(tdh_role_near(manifest, "mailr"), "mailer");
    tdh_manifest_free(manifest);
}

static const struct {
    const char *line, *want;
} misfits[] = {
    { "uses: [{name: m}]", "8:8: key \"action\" is missing" },
    { "uses: [{name: M, action: a}]",
      "8:15: name \"M\" must be a small letter, then small letters, digits and \"_\"" },
    { "uses: [{name: m, action: a b}]",
      "8:26: action \"a b\" must be a letter, then letters, digits, \"_\", \".\" and \"-\"" },
    { "uses: [{name: m, action: a, agent: 'b:c'}]",
      "8:36: agent \"b:c\" must be small letters, digits, \"-\" and \"_\": its name" },
    { "uses: [{name: m, action: a}, {name: m, action: b}]", "8:31: role \"m\" stands twice" },
    { "uses: [{name: m, action: a, input: text}]",
      "8:36: \"input\" is of type string, must be a JSON Schema" },
    { "uses: [{name: m, action: a, agnet: b}]",
      "8:29: unrecognized key \"agnet\", did you mean \"agent\"" },
    { "uses: [{name: m, action: a, input: {type: texts}}]", NULL }, /* told when it is compiled */
};

static void a_role_that_is_none_is_told_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(misfits); i++) {
        struct td_err err = { 0 };
        struct tdh_manifest *manifest = parse("agent", misfits[i].line, &err);
        char want[256];

        snprintf(want, sizeof(want), "plugin \"x\": plugin.yaml:%s", misfits[i].want);
        if (misfits[i].want != NULL)
            assert_string_equal(err.text, want);
        else
            assert_int_equal(tdh_manifest_compile(manifest, &err), -1);
        tdh_manifest_free(manifest);
    }
}

static void only_agents_use_others(void **state)
{
    struct td_err err = { 0 };

    (void)state;
    assert_null(parse("storage", "uses: [{name: m, action: a}]", &err));
    assert_string_equal(err.text,
                        "plugin \"x\": plugin.yaml:8:1: a storage uses nobody, only agents do");
}

static void a_manifest_has_so_many_roles_at_most(void **state)
{
    char line[2048] = "uses: [";
    struct td_err err = { 0 };

    (void)state;
    for (int i = 0; i <= TDH_ROLES_MAX; i++)
        snprintf(line + strlen(line), sizeof(line) - strlen(line), "{name: r%d, action: a}%s", i,
                 i < TDH_ROLES_MAX ? ", " : "]");
    assert_null(parse("agent", line, &err));
    assert_string_equal(err.text, "plugin \"x\": plugin.yaml:8:7: 65 roles, the most is 64");
}

/* What is sent must do for the callee, what it answers for the caller: not the other way round. */
static void an_action_does_for_a_role_both_ways(void **state)
{
    static const struct {
        const char *input, *output, *want;
    } cases[] = {
        { NULL, NULL, NULL },
        { "{\"required\": [\"to\"]}", "{\"properties\": {\"id\": {}}, \"required\": [\"id\"]}",
          NULL },
        { "{\"properties\": {\"to\": {\"type\": \"integer\"}}}", NULL,
          "what it is sent: /to: may be a string, must be an integer" },
        { "{\"required\": [\"cc\"]}", NULL,
          "what it is sent: must have \"cc\", which need not be there" },
        { NULL, "{\"properties\": {\"id\": {}}}",
          "what it answers: must have \"id\", which need not be there" },
        { NULL, "{\"type\": \"string\"}", "what it answers: may be a string, must be an object" },
    };
    struct td_err err = { 0 };
    struct tdh_manifest *manifest = parse("agent", whole, &err);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *input = cases[i].input != NULL ? json_loads(cases[i].input, 0, NULL) : NULL;
        json_t *output = cases[i].output != NULL ? json_loads(cases[i].output, 0, NULL) : NULL;
        int rc = tdh_role_takes(&manifest->roles[0], input, output, &err);

        assert_int_equal(rc, cases[i].want != NULL ? -1 : 0);
        if (rc != 0) {
            assert_string_equal(err.text, cases[i].want);
            assert_int_equal(err.code, TD_E_DEPENDENCY);
        }
        json_decref(input);
        json_decref(output);
    }
    tdh_manifest_free(manifest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_of_a_role_is_read),
        cmocka_unit_test(a_role_that_is_none_is_told_with_its_place),
        cmocka_unit_test(only_agents_use_others),
        cmocka_unit_test(a_manifest_has_so_many_roles_at_most),
        cmocka_unit_test(an_action_does_for_a_role_both_ways),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
