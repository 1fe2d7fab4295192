/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow reduce: what a workflow asks for, event by event. Each row is run plain, again, and saved and loaded between any two events.
 */
#include "flow_case.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TASK(id, rest) "- {id: " id ", type: task, agent: any, action: do" rest "}\n"
#define HEAD(next) "id: t\nnodes:\n- {id: s, type: start, next: [" next "]}\n"
#define VARS(vars, next) "id: t\nvariables: {" vars "}\nnodes:\n- {id: s, type: start, next: [" next "]}\n"
#define END "- {id: e, type: end, output: done}\n"

struct row {
    const char *yaml, *input, *script, *want;
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *trace = run_script(rows[i].yaml, rows[i].input, rows[i].script);

        assert_string_equal(trace, rows[i].want);
        free(trace);
    }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void a_node_runs_when_those_before_it_are_done(void **state)
{
    static const struct row rows[] = {
        { HEAD("e") "- {id: e, type: end}\n", "{}", "", "= {}" },
        { HEAD("a") TASK("a", ", next: b") TASK("b", ", next: [e]") END, "{}", "a; b", "a | b | = 'done'" },
        { HEAD("a, b") TASK("a", ", next: [c]") TASK("b", ", next: [c]") TASK("c", ", next: [e]") END, "{}", "b; a; c",
          "a b |  | c | = 'done'" },
        { "id: t\nnodes:\n- {id: s, type: start}\n" TASK("a", ", depends_on: s") TASK("b", ", depends_on: [{node: a}]")
              "- {id: e, type: end, output: done, depends_on: [b]}\n",
          "{}", "**", "a | b | = 'done'" },
        { HEAD("p") "- {id: p, type: parallel, next: [a, b]}\n" TASK("a", ", next: [e]") TASK("b", "") END, "{}", "a; b",
          "a b |  | = 'done'" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_node_runs_when_those_before_it_are_done),
    };

    return cmocka_run_group_tests_name("flow reduce", tests, NULL, NULL);
}
