/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dsl memory: the n-th allocation is made to fail while a text is read, written in both notations
 * and read again, for n = 1, 2, ... until all succeed.
 */
#include "flow/flow.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_fail.h"

static const char text[] = "workflow \"t\" v1.0:\n"
                           "  variables: {n: 0, all: [\"a b\", 'c \"d\"']}\n"
                           "  trigger: event(\"order.created\") when: event.n > 1\n"
                           "    inputs: {a: 1}\n"
                           "  a -> agent:any action:\"do\\t\" timeout:3s retry:{max_attempts: 2}\n"
                           "    description: |\n"
                           "      two\n"
                           "      lines\n"
                           "  b -> loop max:3 while: vars.n < 3\n"
                           "    until: vars.n\n"
                           "      > 5\n"
                           "    c -> agent:any action:do\n"
                           "    d -> parallel\n"
                           "    c => d\n"
                           "  e -> decision\n"
                           "  f -> wait signal:ok\n"
                           "  a => b => e\n"
                           "  e => f when: vars.n == 3 # so\n";

static int do_all(struct td_err *err)
{
    struct tdh_yaml *yaml = tdh_flow_parse(text, strlen(text), "t.flow", err);
    char *yaml_text = yaml != NULL ? tdh_flow_convert(yaml, false, err) : NULL,
         *flow_text = yaml_text != NULL ? tdh_flow_convert(yaml, true, err) : NULL;
    int rc = flow_text != NULL ? 0 : -1;

    free(yaml_text);
    free(flow_text);
    tdh_yaml_free(yaml);
    return rc;
}

static void each_allocation_may_fail(void **state)
{
    bool has_failed = true;
    unsigned n = 0;

    (void)state;
    while (has_failed) {
        struct td_err err = { 0 };
        int rc;

        alloc_fail_at(++n);
        rc = do_all(&err);
        has_failed = alloc_fail_end();
        if (!has_failed && rc != 0)
            fail_msg("%s", err.text);
        if (rc != 0 && err.code != TD_E_NOMEM)
            fail_msg("allocation %u: %s", n, err.text);
    }
    assert_true(n > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_allocation_may_fail),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests_name("dsl memory", tests, NULL, NULL);
}
