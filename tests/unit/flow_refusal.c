/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_refusal: reads the workflow of each row and compares what is said.
 */
#include "flow_refusal.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

struct tdh_definition *read_nodes(const char *next, const char *nodes, struct td_err *err)
{
    char yaml[2048];
    int length;

    if (next == NULL)
        return read_flow(nodes, &fake_world, err);
    length = snprintf(yaml, sizeof(yaml),
                      "id: t\nvariables: {ok: true, n: 0}\nnodes:\n"
                      "- {id: s, type: start, next: [%s]}\n%s",
                      next, nodes);
    assert_in_range(length, 1, sizeof(yaml) - 1);
    return read_flow(yaml, &fake_world, err);
}

void check_refusals(const struct refusal *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct td_err err;
        struct tdh_definition *definition = read_nodes(rows[i].next, rows[i].nodes, &err);
        char want[TD_ERR_TEXT];

        snprintf(want, sizeof(want), "t.yaml:%s", rows[i].want);
        assert_string_equal(definition != NULL ? "t.yaml:valid" : err.text, want);
        assert_true(definition != NULL || err.code == TD_E_CONFIG);
        tdh_definition_release(definition);
    }
}
