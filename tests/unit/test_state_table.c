/* SPDX-License-Identifier: Apache-2.0 */
/*
 * what a library and its manifest say of the state that is kept: each misfit is named before the
 * plugin is used.
 */
#include "plugin/internal.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static int echo(struct td_ctx *ctx, const json_t *input, json_t **ret_output, struct td_err *err)
{
    (void)ctx, (void)input, (void)ret_output, (void)err;
    return -1;
}

static json_t *save(struct td_ctx *ctx, struct td_err *err)
{
    (void)ctx, (void)err;
    return NULL;
}

static int load(struct td_ctx *ctx, const json_t *saved, struct td_err *err)
{
    (void)ctx, (void)saved, (void)err;
    return -1;
}

static json_t *go(const json_t *saved, struct td_err *err)
{
    (void)saved, (void)err;
    return NULL;
}

#define STATE(version, save, load, ...)                                                            \
    (&(const struct td_agent_state){ sizeof(struct td_agent_state), version, save, load,           \
                                     __VA_ARGS__ })
#define GOOD(...) STATE(2, save, load, __VA_ARGS__)
#define MIGRATIONS(...)                                                                            \
    .migrations = (const struct td_state_migration *const[])                                       \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
#define STEP(from, to)                                                                             \
    (&(const struct td_state_migration){ sizeof(struct td_state_migration), from, to, go, NULL })

static struct tdh_manifest *parse(const char *more, struct td_err *err)
{
    char text[1024];

    snprintf(text, sizeof(text),
             "apiVersion: tdev/v1\nkind: agent\nname: fit\nversion: 1.0.0\nlibrary: fit.so\n"
             "sdk: \"^1.4\"\ncapabilities: [{name: echo}]\n%s\n",
             more);
    return tdh_manifest_parse(text, strlen(text), "/x/fit", err);
}

static void check(const char *more, uint32_t agent_size, const struct td_agent_state *state,
                  const char *want)
{
    const struct td_action *const actions[] = { TD_ACTION("echo", echo), NULL };
    const struct td_agent agent = { .size = agent_size, .actions = actions, .state = state };
    const struct td_plugin descriptor = { TD_SIZE(struct td_plugin), .kind = TD_KIND_AGENT,
                                          .name = "fit", .version = "1.0.0", .agent = &agent };
    struct td_err err = { 0 };
    struct tdh_plugin plugin = { .manifest = parse(more, &err) };

    assert_string_equal(err.text, "");
    assert_int_equal(tdh_descriptor_read(&plugin, &descriptor, &err), want != NULL ? -1 : 0);
    assert_string_equal(err.text, want != NULL ? want : "");
    if (want == NULL)
        assert_ptr_equal(plugin.state, agent_size > 16 ? state : NULL);
    free(plugin.actions);
    free(plugin.bindings);
    tdh_manifest_free(plugin.manifest);
}

static void each_misfit_of_a_state_is_named(void **state)
{
    const struct {
        const struct td_agent_state *state;
        const char *want;
    } cases[] = {
        { GOOD(NULL), NULL },
        { GOOD(MIGRATIONS(STEP(1, 2))), NULL },
        { NULL, "manifest promises a state, the library has none" },
        { &(const struct td_agent_state){ .size = 8 },
          "its table of a state is 8 bytes, the least is 32" },
        { STATE(3, save, load, NULL), "its state has version 3, its manifest says 2" },
        { STATE(2, NULL, load, NULL), "its state has no save" },
        { STATE(2, save, NULL, NULL), "its state has no load" },
        { GOOD(MIGRATIONS(STEP(2, 2))), "a migration of its state leads from version 2 to 2" },
        { GOOD(MIGRATIONS(STEP(0, 2))), "a migration of its state leads from version 0 to 2" },
        { GOOD(MIGRATIONS(STEP(1, 2), STEP(2, 1))),
          "has two migrations of its state between 2 and 1" },
        { GOOD(MIGRATIONS(&(const struct td_state_migration){ sizeof(struct td_state_migration), 1,
                                                              2, NULL, go })),
          "the migration of its state from 1 to 2 has no up" },
        { GOOD(MIGRATIONS(&(const struct td_state_migration){ 16, 1, 2, go, go })),
          "a migration of its state is 16 bytes, the least is 32" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check("state: {version: 2}", sizeof(struct td_agent), cases[i].state, cases[i].want);
    check("", sizeof(struct td_agent), GOOD(NULL), "has a state, its manifest does not promise it");
    check("", 16, GOOD(NULL), NULL); /* of an SDK that had none: not looked at */
}

static void a_state_in_a_manifest_is_read(void **state)
{
    static const struct {
        const char *more, *want;
    } cases[] = {
        { "state: {version: 0}",
          "plugin \"fit\": plugin.yaml:8:18: version of a state is 0, must be 1 to 2147483647" },
        { "state: {version: x}",
          "plugin \"fit\": plugin.yaml:8:18: \"version\" is of type string, must "
          "be a whole number" },
        { "state: {versoin: 1}", "plugin \"fit\": plugin.yaml:8:9: unrecognized key \"versoin\", "
                                 "did you mean \"version\"" },
    };
    struct tdh_manifest *manifest;
    struct td_err err;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_null(parse(cases[i].more, &err));
        assert_string_equal(err.text, cases[i].want);
    }
    manifest = parse("state: {version: 7}", &err);
    assert_non_null(manifest);
    assert_int_equal(manifest->state_version, 7);
    tdh_manifest_free(manifest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_misfit_of_a_state_is_named),
        cmocka_unit_test(a_state_in_a_manifest_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
