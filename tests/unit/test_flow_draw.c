/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow draw: what stands in a drawing, and that nothing of a workflow's text is markup there.
 */
#include "flow_case.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "flow/critical.h"

static const char example[] = "id: t\ndescription: a < b & \"c\"\nnodes:\n"
                              "- {id: s, type: start, next: d}\n"
                              "- {id: d, type: decision, next: [{to: a, when: \"input.x < 1 && "
                              "input.y == '<script>'\"}, {to: m, otherwise: true}]}\n"
                              "- {id: a, type: task, agent: any, action: do, next: e}\n"
                              "- {id: m, type: map, over: '${input.l}', next: e, body: [{id: x, "
                              "type: loop, times: 2, body: [{id: y, type: subworkflow, "
                              "workflow: other}]}]}\n"
                              "- {id: e, type: end}\n";

static char *drawn(const char *yaml,
                   char *(*draw)(const struct tdh_definition *definition,
                                 const struct tdh_critical *critical, struct td_err *err))
{
    struct tdh_definition *definition = flow_of(yaml);
    struct td_err err;
    char *text = draw(definition, NULL, &err);

    assert_non_null(text);
    tdh_definition_release(definition);
    return text;
}

static void dot_names_nodes_edges_and_bodies(void **state)
{
    char *text = drawn(example, tdh_flow_dot);

    (void)state;
    assert_string_equal(text, "digraph \"t\" {\n"
                              "  \"s\" [label=\"s\\nstart\", shape=box];\n"
                              "  \"d\" [label=\"d\\ndecision\", shape=diamond];\n"
                              "  \"a\" [label=\"a\\nany.do\", shape=box];\n"
                              "  \"m\" [label=\"m\\nmap over ${input.l}\", shape=folder];\n"
                              "  \"e\" [label=\"e\\nend\", shape=box];\n"
                              "  \"s\" -> \"d\";\n"
                              "  \"d\" -> \"a\" [label=\"input.x < 1 && input.y == '<script>'\"];\n"
                              "  \"d\" -> \"m\" [label=\"otherwise\"];\n"
                              "  \"a\" -> \"e\";\n"
                              "  \"m\" -> \"e\";\n"
                              "  subgraph \"cluster_m.\" {\n"
                              "  \"m.x\" [label=\"x\\nloop times 2\", shape=folder];\n"
                              "  subgraph \"cluster_m.x.\" {\n"
                              "  \"m.x.y\" [label=\"y\\nsubworkflow other\", shape=box];\n"
                              "  }\n"
                              "  \"m.x\" -> \"m.x.y\" [style=dotted];\n"
                              "  }\n"
                              "  \"m\" -> \"m.x\" [style=dotted];\n"
                              "}\n");
    free(text);
}

static void dot_names_failures_sleeps_and_waits(void **state)
{
    char *text = drawn("id: t\nnodes:\n- {id: s, type: start, next: a}\n"
                       "- {id: a, type: task, agent: any, action: do, on_error: {goto: z}, "
                       "compensate: {agent: any, action: undo}, next: w}\n"
                       "- {id: w, type: wait, signal: ok, next: e}\n"
                       "- {id: z, type: sleep, duration: 5s, next: e}\n- {id: e, type: end}\n",
                       tdh_flow_dot);

    (void)state;
    assert_string_equal(text, "digraph \"t\" {\n"
                              "  \"s\" [label=\"s\\nstart\", shape=box];\n"
                              "  \"a\" [label=\"a\\nany.do / any.undo\", shape=box];\n"
                              "  \"w\" [label=\"w\\nwait signal ok\", shape=box];\n"
                              "  \"z\" [label=\"z\\nsleep duration 5s\", shape=box];\n"
                              "  \"e\" [label=\"e\\nend\", shape=box];\n"
                              "  \"s\" -> \"a\";\n"
                              "  \"a\" -> \"z\" [label=\"on error\"];\n"
                              "  \"a\" -> \"w\";\n"
                              "  \"w\" -> \"e\";\n"
                              "  \"z\" -> \"e\";\n"
                              "}\n");
    free(text);
}

static size_t count_of(const char *text, const char *word)
{
    size_t count = 0;

    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
        count++;
    return count;
}

static void svg_holds_every_text_escaped(void **state)
{
    static const char *const words[] = {
        "<desc>a &lt; b &amp; &quot;c&quot;</desc>",
        "<title>input.x &lt; 1 &amp;&amp; input.y == '&lt;script&gt;'</title>",
        ">otherwise</text>",
        ">any.do</text>",
        ">map over ${input.l}</text>",
        ">loop times 2</text>",
        ">subworkflow other</text>",
        "prefers-color-scheme:dark",
    };
    char *text = drawn(example, tdh_flow_svg);

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strstr(text, words[i]) == NULL)
            fail_msg("%s is not in %s", words[i], text);
    assert_null(strstr(text, "<script"));
    assert_int_equal(count_of(text, "<g class=\""), 7);
    assert_int_equal(count_of(text, "</g>"), 7);
    assert_int_equal(count_of(text, "<path class=\"edge"), 5);
    free(text);
}

/* Boxes of one layer keep clear of each other: their places are in the text. */
static void boxes_of_a_layer_do_not_overlap(void **state)
{
    char *text =
        drawn("id: t\nnodes:\n- {id: s, type: start, next: [a, b, c]}\n- {id: a, type: parallel, "
              "next: [x, y]}\n"
              "- {id: b, type: parallel, next: [x, z]}\n- {id: c, type: parallel, next: [y, z]}\n"
              "- {id: x, type: end}\n- {id: y, type: end}\n- {id: z, type: end}\n",
              tdh_flow_svg);
    double xs[7], ys[7];
    size_t count = 0;

    (void)state;
    for (const char *at = strstr(text, "<rect x="); at != NULL; at = strstr(at + 1, "<rect x="))
        assert_int_equal(sscanf(at, "<rect x=\"%lf\" y=\"%lf\"", &xs[count], &ys[count]), 2),
            count++;
    assert_int_equal(count, 7);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(ys[i] != ys[j] || xs[i] - xs[j] >= 96 || xs[j] - xs[i] >= 96);
    free(text);
}

/* What is on the critical path, and nothing else. */
static void the_critical_path_is_bold(void **state)
{
    struct tdh_definition *definition =
        flow_of("id: t\nnodes:\n- {id: s, type: start, next: [a, l]}\n"
                "- {id: a, type: sleep, duration: 1s, next: e}\n"
                "- {id: l, type: loop, times: 3, next: e, body: [{id: x, type: sleep, duration: "
                "1s}, {id: y, type: parallel, next: z}, {id: z, type: parallel, next: w}, {id: w, "
                "type: sleep, duration: 2ms}]}\n"
                "- {id: e, type: end}\n");
    struct td_err err;
    struct tdh_critical *critical = tdh_critical_new(definition, NULL, &err);
    char *svg = tdh_flow_svg(definition, critical, &err),
         *dot = tdh_flow_dot(definition, critical, &err);
    static const char *const bold[] = { "\"s\" [label=\"s\\nstart\", shape=box, penwidth=3]",
                                        ("\"l.x\" [label=\"x\\nsleep duration 1s\", "
                                         "shape=box, penwidth=3]"),
                                        "\"s\" -> \"l\" [penwidth=3]",
                                        "\"l\" -> \"e\" [penwidth=3]" };

    (void)state;
    assert_non_null(critical);
    for (size_t i = 0; i < sizeof(bold) / sizeof(bold[0]); i++)
        if (strstr(dot, bold[i]) == NULL)
            fail_msg("%s is not in %s", bold[i], dot);
    assert_int_equal(count_of(dot, "penwidth"), 6);
    assert_int_equal(count_of(svg, " critical\" id="), 4);
    assert_int_equal(count_of(svg, "<path class=\"edge critical\""), 2);
    free(svg);
    free(dot);
    tdh_critical_free(critical);
    tdh_definition_release(definition);
}

static void a_large_workflow_is_drawn(void **state)
{
    struct tdh_buf buf = { 0 };
    char *text;

    (void)state;
    tdh_buf_text(
        &buf,
        "id: t\nnodes:\n- {id: s, type: start, next: n0}\n- {id: e, type: end, depends_on: s}\n");
    for (unsigned i = 0; i < 2000; i++)
        tdh_buf_printf(&buf, "- {id: n%u, type: parallel, next: [{to: e, when: input.x}%s%.0u]}\n",
                       i, i < 1999 ? ", n" : "", i < 1999 ? i + 1 : 0);
    text = drawn(buf.data, tdh_flow_svg);
    assert_int_equal(count_of(text, "<g class=\""), 2002);
    free(text);
    tdh_buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dot_names_nodes_edges_and_bodies),
        cmocka_unit_test(dot_names_failures_sleeps_and_waits),
        cmocka_unit_test(svg_holds_every_text_escaped),
        cmocka_unit_test(boxes_of_a_layer_do_not_overlap),
        cmocka_unit_test(the_critical_path_is_bold),
        cmocka_unit_test(a_large_workflow_is_drawn),
    };

    return cmocka_run_group_tests_name("flow draw", tests, NULL, NULL);
}
