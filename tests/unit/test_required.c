/* SPDX-License-Identifier: Apache-2.0 */
/*
 * required: what an action demands of whoever calls it.
 */
#include "call_bed.h" /* before cmocka, which makes a macro of "fail" */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> /* needs what stands above */

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void require_permissions(void *arg)
{
    static const struct {
        const char *holds, *needs, *want;
    } rows[] = {
        { "{\"agents\": [\"a\"], \"store\": [\"kv\"]}", "[\"store:kv\"]", "" },
        { "{\"agents\": [\"a\"], \"files\": [\"/srv/*\"]}", "[\"files:/srv/x\"]", "" },
        { "{\"agents\": [\"a\"], \"store\": [\"kv\"]}", "[\"store:kv\", \"network:bank:443\"]",
          "\"b\" may not call action \"do\" of \"a\", which needs network:bank:443" },
        { "{\"agents\": [\"a\"]}", "[\"store:kv\"]",
          "\"b\" may not call action \"do\" of \"a\", which needs store:kv" },
    };
    struct bed *bed = arg;

    for (size_t i = 0; i < COUNT(rows) * 2; i++) {
        bool is_relayed =
            i >= COUNT(rows); /* a route between the two asks nothing and has nothing */
        struct tdh_target relay = { .name = "r", .is_relay = true };
        struct tdh_call caller = { .target = &bed->other, .depth = 1, .deadline_ns = TDH_NEVER };
        struct tdh_call between = {
            .target = &relay, .parent = &caller, .depth = 2, .deadline_ns = TDH_NEVER
        };
        struct tdh_call call = { .target = &bed->target,
                                 .parent = is_relayed ? &between : &caller };
        json_t *holds = json_loads(rows[i % COUNT(rows)].holds, 0, NULL),
               *needs = json_loads(rows[i % COUNT(rows)].needs, 0, NULL);
        struct td_err err = { 0 };

        bed->other.permissions = relay.permissions = holds;
        bed->target.required = needs;
        assert_int_equal(tdh_call_run(&call, &err), rows[i % COUNT(rows)].want[0] == '\0' ? 0 : -1);
        assert_string_equal(err.text, rows[i % COUNT(rows)].want);
        call.parent = NULL; /* from outside */
        json_decref(call.output);
        call.output = NULL;
        assert_int_equal(tdh_call_run(&call, &err), 0);
        json_decref(call.output);
        json_decref(holds);
        json_decref(needs);
    }
    bed->target.required = NULL;
}

static void an_action_asks_permissions_of_its_caller(void **state)
{
    bed_run(*state, 1, require_permissions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BED_TEST(an_action_asks_permissions_of_its_caller),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
