/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern: what a manifest says of a pattern's configuration. What a workflow is told stands in
 * test_flow_check.c.
 */
#include "plugin/internal.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void a_pattern_may_say_what_its_configuration_is(void **state)
{
    static const struct {
        const char *config, *want;
    } cases[] = {
        { "config: {required: [n]}", "" },
        { "config: {type: objekt}",
          "plugin \"x\": plugin.yaml:7:9: schema of the configuration: /type: \"objekt\" is not a "
          "type, did you mean \"object\"" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct tdh_schema *schema = NULL;
        struct tdh_manifest *manifest;
        struct td_err err = { 0 };
        char text[512];

        snprintf(text, sizeof(text),
                 "apiVersion: tdev/v1\nkind: pattern\nname: x\nversion: 1.0.0\nlibrary: x.so\n"
                 "sdk: '1'\n%s\n",
                 cases[i].config);
        manifest = tdh_manifest_parse(text, strlen(text), "/plugins/x", &err);
        assert_string_equal(err.text, "");
        assert_int_equal(tdh_manifest_config_schema(manifest, &schema, &err),
                         cases[i].want[0] == '\0' ? 0 : -1);
        assert_string_equal(err.text, cases[i].want);
        assert_int_equal(schema != NULL, cases[i].want[0] == '\0');
        tdh_manifest_free(manifest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_may_say_what_its_configuration_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
