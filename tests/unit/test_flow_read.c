/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow read: what the text of a workflow may not say, by its exact words, with file, line and
 * column; test_flow_check has what its expressions, calls and variables may not.
 */
#include "flow_refusal.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

#define DECISION(next) "- {id: d, type: decision, next: [" next "]}\n"
#define END_F "- {id: f, type: end}\n"
#define END_G "- {id: g, type: end}\n"

static const struct refusal heads[] = {
    { NULL, "[]", "1:1: a workflow is a map with \"id\" and \"nodes\"" },
    { NULL, "nodes: []", "1:1: a workflow needs an \"id\"" },
    { NULL, "id: a/b\nnodes: []",
      "1:5: \"id\" must be a text of at most 64 letters, digits, \"_\" or \"-\"" },
    { NULL, "id: 3\nnodes: []",
      "1:5: \"id\" must be a text of at most 64 letters, digits, \"_\" or \"-\"" },
    { NULL, "id: t\nnodez: []", "2:1: unrecognized key \"nodez\", did you mean \"nodes\"" },
    { NULL, "id: t\nwhatever: []", "2:1: unrecognized key \"whatever\"" },
    { NULL, "id: t\nbudget: 3",
      "2:9: \"budget\" must be a map of meters to numbers, such as {tokens: 500}" },
    { NULL, "id: t\nbudget: {calls: -1}",
      "2:17: \"calls\" of \"budget\" must be a number from 0 to 9007199254" },
    { NULL, "id: t\nbudget: {cost: 1e10}",
      "2:16: \"cost\" of \"budget\" must be a number from 0 to 9007199254" },
    { NULL, "id: t\nbudget: {on_exhausted: stop}",
      "2:24: \"on_exhausted\" of \"budget\" must be fail or pause" },
    { NULL, "id: t\nbudget: {on_exhaustd: pause}",
      "2:10: \"on_exhaustd\" of \"budget\" must be a number from 0 to 9007199254, did you mean "
      "\"on_exhausted\"" },
    { NULL, "id: t\nbudget: {Tokens: 5}",
      "2:10: \"Tokens\" of \"budget\" must be a small letter, then small letters, digits and "
      "\"_\", at most 31" },
    { NULL, "id: t\nbudget: {a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1}",
      "2:9: \"budget\" must not have more than 8 meters besides \"calls\"" },
    { NULL, "id: t", "1:1: a workflow needs \"nodes\"" },
    { NULL, "id: t\nnodes: {}", "2:8: must be a list of nodes, with one at least" },
    { NULL, "id: t\nnodes: []", "2:8: must be a list of nodes, with one at least" },
    { NULL, "id: t\nkind: agent\nnodes: []",
      "2:7: \"kind\" is \"agent\", must be \"workflow\" or \"Chain\"" },
    { NULL, "id: t\nkind: Workflow\nnodes: []",
      "2:7: \"kind\" is \"Workflow\", must be \"workflow\" or \"Chain\", did you mean "
      "\"workflow\"" },
    { NULL, "id: t\nkind: chain\nlinks: []",
      "2:7: \"kind\" is \"chain\", must be \"workflow\" or \"Chain\", did you mean \"Chain\"" },
    { NULL, "id: t\nkind: [Chain]\nlinks: []", "2:7: \"kind\" must be \"workflow\" or \"Chain\"" },
    { NULL, "id: t\ntimeout: [1]\nnodes: []",
      "2:10: must be a duration from 1ms to 49d, such as \"5s\"" },
    { NULL, "id: t\nversion: 1.0\nnodes: []",
      "2:10: \"version\" must be a text such as \"1.0.0\"" },
    { NULL, "id: t\nversion: one\nnodes: []",
      "2:10: \"version\" must be a text such as \"1.0.0\"" },
    { NULL, "id: t\ndescription: [a]\nnodes: []", "2:14: \"description\" must be a text" },
    { NULL, "id: t\nvariables: [a]\nnodes: []",
      "2:12: \"variables\" must be a map of names and first values" },
    { NULL, "id: t\ninputs: {type: objekt}\nnodes: []",
      "2:16: /type: \"objekt\" is not a type, did you mean \"object\"" },
};

static void each_wrong_head_is_refused(void **state)
{
    (void)state;
    CHECK_REFUSALS(heads);
}

static const struct refusal nodes[] = {
    { "e", "- 3\n" END, "5:3: a node is a map with \"id\" and \"type\"" },
    { "e", "- {type: end}\n",
      "5:3: a node needs an \"id\" of at most 64 letters, digits, \"_\" or \"-\"" },
    { "e", "- {id: 'a b', type: end}\n",
      "5:8: a node needs an \"id\" of at most 64 letters, digits, \"_\" or \"-\"" },
    { "e", END END, "6:8: there are two nodes \"e\"" },
    { "e", "- {id: e}\n", "5:3: node \"e\" needs a \"type\", a text" },
    { "e", "- {id: e, type: ned}\n", "5:17: there is no node type \"ned\", did you mean \"end\"" },
    { "e", "- {id: e, type: goto}\n", "5:17: there is no node type \"goto\"" },
    { "e", "- {id: e, type: end, outpt: 1}\n",
      "5:22: unrecognized key \"outpt\" of a node of type \"end\", did you mean \"output\"" },
    { "e", "- {id: e, type: end, agent: any}\n",
      "5:22: unrecognized key \"agent\" of a node of type \"end\"" },
    { "e", "- {id: e, type: end, description: 3}\n", "5:35: \"description\" must be a text" },
    { "a", "- {id: a, type: task, action: do}\n" END,
      "5:3: a node of type \"task\" needs \"agent\"" },
    { "a", "- {id: a, type: task, agent: any}\n" END,
      "5:3: a node of type \"task\" needs \"action\"" },
    { "a", "- {id: a, type: subworkflow}\n" END,
      "5:3: a node of type \"subworkflow\" needs \"workflow\", or else \"definition\"" },
    { "a",
      "- id: a\n  type: subworkflow\n  next: e\n  definition:\n    id: w\n    nodes:\n"
      "      - {id: s, type: start, next: n}\n      - {id: n, type: task, agent: ecko, action: "
      "echo, "
      "next: e}\n      - {id: e, type: end}\n" END,
      "12:36: there is no agent \"ecko\", did you mean \"echo\"" },
    { "a",
      "- id: a\n  type: subworkflow\n  next: e\n  definition:\n    id: w\n    nodes:\n"
      "      - {id: s, type: start, next: n}\n      - {id: n, type: subworkflow, next: e,\n"
      "         definition: {id: v, nodes: []}}\n      - {id: e, type: end}\n" END,
      "13:22: a definition within another is too deep: give it a file of its own" },
    { "a", "- {id: a, type: pattern}\n" END, "5:3: a node of type \"pattern\" needs \"pattern\"" },
    { "a", "- {id: a, type: pattern, pattern: debate, config: [1]}\n" END,
      "5:51: must be a map: the configuration of the pattern" },
    { "a", "- {id: a, type: set, next: e}\n" END,
      "5:3: a node of type \"set\" needs \"output\" or \"outputs\"" },
    { "a", "- {id: a, type: map, body: []}\n" END, "5:3: a node of type \"map\" needs \"over\"" },
    { "a", "- {id: a, type: map, over: []}\n" END, "5:3: a node of type \"map\" needs \"body\"" },
    { "a", "- {id: a, type: map, over: [], body: []}\n" END,
      "5:38: must be a list of nodes, with one at least" },
    { "a",
      "- {id: a, type: map, over: 3, body: [{id: x, type: parallel, next: y}, "
      "{id: y, type: parallel, next: z}, {id: z" DO "}]}\n" END,
      "5:28: must be a list, or an expression that gives one such as \"${input.orders}\"" },
    { "a", "- {id: a, type: loop, body: [{id: z" DO "}]}\n" END,
      "5:3: a node of type \"loop\" needs \"while\", \"until\", \"times\" or \"for_each\"" },
    { "a", "- {id: a, type: loop, times: 1.5, body: [{id: z" DO "}]}\n" END,
      "5:30: must be a whole number from 0 to 1000000000" },
    { "a", "- {id: a, type: loop, times: 1, max: 0, body: [{id: z" DO "}]}\n" END,
      "5:38: must be a whole number from 1 to 1000000000" },
    { "a", "- {id: a, type: map, over: [], max_parallel: 0, body: [{id: z" DO "}]}\n" END,
      "5:46: must be a whole number from 1 to 1000000" },
    { "a", "- {id: a, type: loop, times: 1, body: [{id: z, type: end}]}\n" END,
      "5:54: a body has no \"end\": it begins with the nodes that nothing leads to" },
    { "a", "- {id: a, type: loop, times: 1, body: [{id: s" DO "}]}\n" END,
      "5:45: there are two nodes \"s\"" },
    { "a", TASK("a", "timeout: soon, next: e") END,
      "5:56: duration \"soon\": "
      "expected a number and a unit, like \"1h30m\"" },
    { "a", TASK("a", "retry: {max_attempts: 0}, next: e") END,
      "5:69: \"max_attempts\" must be a whole number from 1 to 1000" },
    { "a", TASK("a", "in_doubt: maybe, next: e") END,
      "5:57: \"in_doubt\" must be default, retry, reconcile, ask or fail" },
    { "a", TASK("a", "timeout: 3s, retry: {max_attempts: 2}, in_doubt: ask, next: e") END,
      "valid" },
    /* failures */
    { "a", TASK("a", "on_error: skipp, next: e") END,
      "5:57: must be compensate, fail, skip or {goto: NODE}, did you mean \"skip\"" },
    { "a", TASK("a", "on_error: {goto: ee}, next: e") END,
      "5:64: there is no node \"ee\", did you mean \"e\"" },
    { "a", TASK("a", "on_error: {goto: a}, next: e") END,
      "5:64: node \"a\" leads to itself: see \"retry\"" },
    { "a", TASK("a", "on_error: {goto: b}, next: e") TASK("b", "next: a") END,
      "5:3: node \"a\" is in a cycle: repetition is a node of type \"loop\" with a body" },
    { "a", TASK("a", "compensate: undo, next: e") END,
      "5:59: must be a map such as {agent: bank, action: refund, inputs: {}}" },
    { "a", TASK("a", "compensate: {agent: any}, next: e") END,
      "5:59: a node of type \"compensate\" needs \"action\"" },
    { "a", TASK("a", "compensate: {agent: any, action: do, next: e}, next: e") END,
      "5:84: unrecognized key \"next\" of a node of type \"compensate\"" },
    { "a", TASK("a", "compensate: {agent: any, action: do, inputs: {x: '${reslt}'}}, next: e") END,
      "5:96: \"${reslt}\": 1:1: variable \"reslt\" is not known, did you mean \"result\"" },
    { "a", "- {id: a, type: map, over: [], max_failures: 101%, body: [{id: z" DO "}]}\n" END,
      "5:46: must be a number of rounds, or a share below 100% such as \"10%\"" },
    /* time */
    { "a", "- {id: a, type: sleep, next: e}\n" END,
      "5:3: a node of type \"sleep\" needs \"duration\" or \"until\"" },
    { "a", "- {id: a, type: sleep, duration: 5, until: x, next: e}\n" END,
      "5:44: must be a time such as \"2026-12-24T18:00:00+09:00\"" },
    { "a", "- {id: a, type: sleep, duration: 90d, next: e}\n" END, "valid" },
    { "a", "- {id: a, type: sleep, duration: 0s, next: e}\n" END, "valid" },
    { "a", "- {id: a, type: sleep, duration: 3653d, next: e}\n" END,
      "5:34: must be a duration of at most 10 years, such as \"5s\"" },
    { "a", "- {id: a, type: sleep, duration: soon, next: e}\n" END,
      "5:34: duration \"soon\": expected a number and a unit, like \"1h30m\"" },
    { "a", "- {id: a, type: wait, signal: ok, timeout: 50d, next: e}\n" END,
      "5:44: must be a duration from 1ms to 49d, such as \"5s\"" },
    { "a", "- {id: a, type: wait, signal: ok, timeout: 0s, next: e}\n" END,
      "5:44: must be a duration from 1ms to 49d, such as \"5s\"" },
    { "a", "- {id: a, type: emit, next: e}\n" END, "5:3: a node of type \"emit\" needs \"event\"" },
    { "a", "- {id: a, type: emit, event: 'a b', next: e}\n" END,
      "5:30: \"a b\" is no name of an event: that is words of letters, digits, \"_\" and \"-\" "
      "with "
      "dots between, such as order.created, at most 128 bytes" },
    { "a", "- {id: a, type: emit, event: [a], next: e}\n" END, "5:30: must be a text" },
    { "a", "- {id: a, type: emit, event: a, payload: {x: '${vras}'}, next: e}\n" END,
      "5:46: \"${vras}\": 1:1: variable \"vras\" is not known, did you mean \"vars\"" },
    { "a", "- {id: a, type: emit, event: a, next: [{to: e, when: result.ids == ''}]}\n" END,
      "5:54: \"result.ids == ''\": 1:8: field \"ids\" is not known, did you mean \"id\"" },
    { "a", "- {id: a, type: wait, signal: '', next: e}\n" END,
      "5:31: must be the name of a signal" },
    { "a", TASK("a", "next: [{to: e, soft: 1}]") END, "5:68: \"soft\" must be true or false" },
    { "a", TASK("b", "depends_on: {node: a, soft: true}, next: e") TASK("a", "") END, "valid" },
    { "a", TASK("a", "next: [{to: e, soft: true, otherwise: true}]") END,
      "5:54: an edge has \"soft\" or \"otherwise\", not both" },
    { "a", TASK("a", "next: [{to: e, soft: true}], on_error: fail") END,
      "5:54: the edge is \"soft\", but node \"a\" says \"on_error: fail\"" },
    { "a", "- {id: a, type: wait, signal: ok, approval: {}, next: e}\n" END,
      "5:3: a node of type \"wait\" has \"signal\" or \"approval\", not both" },
    { "a", "- {id: a, type: wait, approval: kim, next: e}\n" END,
      "5:33: must be a map such as {text: \"Pay?\", by: [kim, \"@ops\"]}" },
    { "a", "- {id: a, type: wait, approval: {quorm: 2}, next: e}\n" END,
      "5:34: unrecognized key \"quorm\" of an approval, did you mean \"quorum\"" },
    { "a", "- {id: a, type: wait, approval: {quorum: 0}, next: e}\n" END,
      "5:42: \"quorum\" must be a whole number from 1 to 1000" },
    { "a", "- {id: a, type: wait, approval: {by: kim}, next: e}\n" END,
      "5:38: \"by\" must be a list of names and groups such as [kim, \"@ops\"]" },
    { "a", "- {id: a, type: wait, approval: {on_reject: stop}, next: e}\n" END,
      "5:45: \"on_reject\" must be fail or continue" },
    { "a", "- {id: a, type: wait, approval: {text: [a]}, next: e}\n" END,
      "5:40: \"text\" must be a text: what people are asked" },
    { "a", "- {id: a, type: wait, approval: {}, next: [{to: e, when: result.aproved}]}\n" END,
      "5:58: \"result.aproved\": 1:8: field \"aproved\" is not known, did you mean \"approved\"" },
};

static void each_wrong_node_is_refused(void **state)
{
    (void)state;
    CHECK_REFUSALS(nodes);
}

static const struct refusal edges[] = {
    { "ee", END, "4:31: there is no node \"ee\", did you mean \"e\"" },
    { "e, other", END, "4:34: there is no node \"other\"" },
    { "e", "- {id: e, type: end, depends_on: x}\n", "5:34: there is no node \"x\"" },
    { "3", END, "4:31: must be a node's id, or a map such as {to: pay, when: \"vars.ok\"}" },
    { "e", "- {id: e, type: end, depends_on: [{when: true}]}\n",
      "5:35: must be a node's id, or a map such as {node: pay, when: \"vars.ok\"}" },
    { "{to: e, wen: true}", END,
      "4:39: unrecognized key \"wen\" of an edge, did you mean \"when\"" },
    { "{to: e, otherwise: 1}", END, "4:50: \"otherwise\" must be true or false" },
    { "{to: e, when: true, otherwise: true}", END,
      "4:31: an edge has \"when\" or \"otherwise\", not both" },
    { "{to: e, otherwise: true}", END,
      "4:3: node \"s\" has \"otherwise\", but no edge with \"when\"" },
    { "{to: e, when: true}", "- {id: e, type: end, depends_on: {node: s, when: true}}\n",
      "5:34: the edge from \"s\" to \"e\" has two conditions" },
    { "{to: e, when: true}, {to: e, when: false}", END,
      "4:52: the edge from \"s\" to \"e\" has two conditions" },
    { "{to: e, when: true}", "- {id: e, type: end, depends_on: s}\n", "valid" },
    { "a", TASK("a", "next: [a, e]") END,
      "5:54: node \"a\" leads to itself: repetition is a node of type \"loop\"" },
    { "a", TASK("a", "next: b") TASK("b", "next: [c, e]") TASK("c", "next: a") END,
      "5:3: node \"a\" is in a cycle: repetition is a node of type \"loop\" with a body" },
    { "a",
      TASK("x", "depends_on: c") TASK("a", "next: b") TASK("b", "next: [c, e]") TASK("c", "next: b")
          END,
      "7:3: node \"b\" is in a cycle: repetition is a node of type \"loop\" with a body" },
    { "e", TASK("a", "next: e") END, "5:3: node \"a\" cannot be reached: nothing leads to it" },
    { NULL, "id: t\nnodes:\n- {id: e, type: end}\n",
      "3:1: a workflow needs a node of type \"start\"" },
    { "", TASK("a", "depends_on: s"), "4:1: a workflow needs a node of type \"end\"" },
    { "e", "- {id: s2, type: start, next: e}\n" END,
      "5:3: there are two nodes of type \"start\": \"s\" and \"s2\"" },
    { "e", TASK("a", "depends_on: s, next: s") END,
      "4:3: node \"s\" is in a cycle: repetition is a node of type \"loop\" with a body" },
    { "e", TASK("a", "depends_on: e") END,
      "6:3: end \"e\" leads to \"a\": nothing follows an end" },
    { "d, e", "- {id: d, type: decision}\n" END,
      "5:3: a node of type \"decision\" needs \"next\"" },
    { "d, e", "- {id: d, type: parallel, next: []}\n" END,
      "5:3: a node of type \"parallel\" needs \"next\"" },
    { "d", DECISION("e, {to: f, when: vars.ok}") END END_F,
      "5:3: decision \"d\" never leads to \"f\": the edge to \"e\" takes all the rest" },
    { "d", DECISION("{to: e, otherwise: true}, {to: f, when: vars.ok}, g") END END_F END_G,
      "5:3: decision \"d\" never leads to \"e\": the edge to \"g\" takes all the rest" },
    { "d",
      DECISION("{to: e, otherwise: true}, {to: f, otherwise: true}, {to: g, when: vars.ok}")
          END END_F END_G,
      "5:3: decision \"d\" never leads to \"f\": the edge to \"e\" takes all the rest" },
    { "d", DECISION("{to: e, when: vars.ok}, f") END END_F, "valid" },
    { "e", "- {id: e, type: end, join: some}\n",
      "5:28: must be \"all\", \"any\", \"first\" or a number of predecessors" },
    { "e", "- {id: e, type: end, join: 0}\n", "5:28: must be a whole number from 1 to 10000" },
    { "e", "- {id: e, type: end, join: 2}\n",
      "5:28: node \"e\" joins 2, but only 1 can come to it" },
    { "e", "- {id: e, type: end, join: all}\n", "valid" },
    { "l",
      "- {id: l, type: loop, times: 1, next: e, "
      "body: [{id: x" DO "}, {id: y, type: parallel, next: e}]}\n" END,
      "5:124: there is no node \"e\" in this body" },
};

static const struct refusal strangers[] = {
    { "pay", "- {id: pay, type: set, output: 1}\n- {id: e, type: end, depends_on: pya}\n",
      "6:34: there is no node \"pya\", did you mean \"pay\"" },
    { "pay", "- {id: pay, type: set, output: 1}\n- {id: e, type: end, depends_on: [s, pai]}\n",
      "6:38: there is no node \"pai\", did you mean \"pay\"" },
    { "pay", "- {id: pay, type: set, output: 1}\n- {id: e, type: end, depends_on: [{node: apy}]}\n",
      "6:35: there is no node \"apy\", did you mean \"pay\"" },
    { "pay", "- {id: pay, type: set, output: 1}\n- {id: e, type: end, depends_on: charge}\n",
      "6:34: there is no node \"charge\"" },
};

static void depends_on_of_an_undefined_node_is_refused_with_the_nearest_name(void **state)
{
    (void)state;
    CHECK_REFUSALS(strangers);
}

static void each_wrong_edge_is_refused(void **state)
{
    (void)state;
    CHECK_REFUSALS(edges);
}

/* --- limits --- */

static const char many_head[] = "id: t\nvariables: {n: 0}\nnodes:\n- {id: s, type: start}\n"
                                "- {id: d, type: decision, depends_on: s}\n"
                                "- {id: e, type: end, depends_on: s}\n";

/* That many nodes: tasks that a decision leads to. */
static char *many_branches(unsigned count, const char *outputs)
{
    struct tdh_buf buf = { 0 };

    tdh_buf_text(&buf, many_head);
    for (unsigned i = 0; i + 3 < count; i++)
        tdh_buf_printf(&buf, "- {id: n%u" DO ", depends_on: {node: d, when: input.x}%s}\n", i,
                       outputs);
    return tdh_buf_steal(&buf);
}

/* Tasks that each two branches of a decision lead to. */
static char *many_joins(unsigned count)
{
    struct tdh_buf buf = { 0 };

    tdh_buf_text(&buf, many_head);
    for (unsigned i = 0; i < count; i++) {
        for (const char *branch = "ab"; *branch != '\0'; branch++)
            tdh_buf_printf(&buf,
                           "- {id: %c%u, type: parallel, next: n%u, "
                           "depends_on: {node: d, when: input.x}}\n",
                           *branch, i, i);
        tdh_buf_printf(&buf, "- {id: n%u" DO ", outputs: {n: 1}}\n", i);
    }
    return tdh_buf_steal(&buf);
}

/* Loops that deep in each other. */
static char *nested_bodies(unsigned depth)
{
    struct tdh_buf buf = { 0 };

    tdh_buf_text(&buf, "id: t\nnodes:\n- {id: s, type: start, next: [e, l0]}\n" END "- ");
    for (unsigned i = 0; i < depth; i++)
        tdh_buf_printf(&buf, "{id: l%u, type: loop, times: 1, body: [", i);
    tdh_buf_text(&buf, "{id: x" DO "}");
    for (unsigned i = 0; i < depth; i++)
        tdh_buf_text(&buf, "]}");
    return tdh_buf_steal(&buf);
}

/* Takes yaml. */
static void check_made(char *yaml, const char *want)
{
    struct td_err err;
    struct tdh_definition *definition = read_flow(yaml, NULL, &err);

    assert_string_equal(definition != NULL ? "valid" : err.text, want);
    tdh_definition_release(definition);
    free(yaml);
}

static void limits_are_named(void **state)
{
    (void)state;
    check_made(many_branches(TDH_FLOW_NODES, ", outputs: {n: 1}"), "valid");
    check_made(many_branches(TDH_FLOW_NODES + 1, ""),
               "t.yaml:4:1: the workflow has more than 10000 nodes");
    check_made(many_joins(300), "valid");
    check_made(many_joins(3000), "t.yaml:1191:3: too many nodes write variable \"n\" to tell "
                                 "that no two do so at the same time");
}

static void bodies_nest_as_deep_as_allowed(void **state)
{
    (void)state;
    check_made(nested_bodies(TDH_FLOW_DEPTH), "valid");
    check_made(nested_bodies(TDH_FLOW_DEPTH + 1), "t.yaml:5:344: bodies nest more than 8 deep");
}

/* --- what is read --- */

static void a_definition_tells_what_it_was_made_from(void **state)
{
    struct tdh_definition *definition = flow_of("id: t\nversion: 1.2.3\ndescription: greets\n"
                                                "inputs: {type: object, required: [n]}\nnodes:\n"
                                                "- {id: s, type: start, next: e}\n" END);
    struct tdh_definition *again;
    json_t *input = json_of("{'n':1}"), *wrong = json_of("{}");
    struct td_err err;

    (void)state;
    assert_string_equal(definition->kind, "workflow");
    assert_string_equal(definition->name, "t");
    assert_string_equal(definition->version, "1.2.3");
    assert_string_equal(tdh_flow_description(definition), "greets");
    assert_true(json_is_object(tdh_flow_inputs(definition)));
    assert_int_equal(tdh_flow_check_input(definition, input, &err), 0);
    assert_int_equal(tdh_flow_check_input(definition, wrong, &err), -1);
    assert_int_equal(err.code, TD_E_INVAL);
    again = tdh_flow_remake(definition->text, &err);
    assert_non_null(again);
    assert_string_equal(again->hash, definition->hash);
    tdh_definition_release(again);
    tdh_definition_release(definition);
    assert_null(tdh_flow_remake(wrong, &err));
    assert_string_equal(err.text, "workflow \"\", : a workflow needs an \"id\"");
    json_decref(input);
    json_decref(wrong);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_wrong_head_is_refused),
        cmocka_unit_test(each_wrong_node_is_refused),
        cmocka_unit_test(each_wrong_edge_is_refused),
        cmocka_unit_test(depends_on_of_an_undefined_node_is_refused_with_the_nearest_name),
        cmocka_unit_test(limits_are_named),
        cmocka_unit_test(bodies_nest_as_deep_as_allowed),
        cmocka_unit_test(a_definition_tells_what_it_was_made_from),
    };

    return cmocka_run_group_tests_name("flow read", tests, NULL, NULL);
}
