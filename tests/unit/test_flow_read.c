/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow read: what a workflow may not say, by its exact words, with file, line and column.
 */
#include "flow_case.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

/* Four lines; what follows begins on the fifth. */
#define HEAD(next)                                                                                 \
    "id: t\nvariables: {ok: true, n: 0}\nnodes:\n- {id: s, type: start, next: [" next "]}\n"
#define END "- {id: e, type: end}\n"
#define TASK(id, rest) "- {id: " id ", type: task, agent: any, action: do, " rest "}\n"
#define TASK_IN(id) "{id: " id ", type: task, agent: any, action: do}"
/* Nodes a and b beside each other, which write the variables. */
#define FORK(a, b)                                                                                 \
    TASK("a", "outputs: {" a ": 1}, next: e") TASK("b", "outputs: {" b ": 1}, next: e")

struct row {
    const char *yaml, *want;
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct td_err err;
        struct tdh_definition *definition = read_flow(rows[i].yaml, &fake_world, &err);

        assert_string_equal(definition != NULL ? "valid" : err.text, rows[i].want);
        assert_true(definition != NULL || err.code == TD_E_CONFIG);
        tdh_definition_release(definition);
    }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void each_wrong_head_is_refused(void **state)
{
    static const struct row rows[] = {
        { "[]", "t.yaml:1:1: a workflow is a map with \"id\" and \"nodes\"" },
        { "nodes: []", "t.yaml:1:1: a workflow needs an \"id\"" },
        { "id: a/b\nnodes: []",
          "t.yaml:1:5: \"id\" must be a text of at most 64 letters, digits, \"_\" or \"-\"" },
        { "id: 3\nnodes: []",
          "t.yaml:1:5: \"id\" must be a text of at most 64 letters, digits, \"_\" or \"-\"" },
        { "id: t\nnodez: []", "t.yaml:2:1: unrecognized key \"nodez\", did you mean \"nodes\"" },
        { "id: t\nwhatever: []", "t.yaml:2:1: unrecognized key \"whatever\"" },
        { "id: t", "t.yaml:1:1: a workflow needs \"nodes\"" },
        { "id: t\nnodes: {}", "t.yaml:2:8: must be a list of nodes" },
        { "id: t\nnodes: []", "t.yaml:2:8: must be a list of nodes" },
        { "id: t\nkind: agent\nnodes: []", "t.yaml:2:7: \"kind\" of a workflow is \"workflow\"" },
        { "id: t\nversion: 1.0\nnodes: []",
          "t.yaml:2:10: \"version\" must be a text such as \"1.0.0\"" },
        { "id: t\nversion: one\nnodes: []",
          "t.yaml:2:10: \"version\" must be a text such as \"1.0.0\"" },
        { "id: t\ndescription: [a]\nnodes: []", "t.yaml:2:14: \"description\" must be a text" },
        { "id: t\nvariables: [a]\nnodes: []",
          "t.yaml:2:12: \"variables\" must be a map of names and first values" },
        { "id: t\ninputs: {type: objekt}\nnodes: []",
          "t.yaml:2:9: /type: \"objekt\" is not a type, did you mean \"object\"" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void each_wrong_node_is_refused(void **state)
{
    static const struct row rows[] = {
        { HEAD("e") "- 3\n" END, "t.yaml:5:3: a node is a map with \"id\" and \"type\"" },
        { HEAD("e") "- {type: end}\n",
          "t.yaml:5:3: a node needs an \"id\" of at most 64 letters, digits, \"_\" or \"-\"" },
        { HEAD("e") "- {id: 'a b', type: end}\n",
          "t.yaml:5:3: a node needs an \"id\" of at most 64 letters, digits, \"_\" or \"-\"" },
        { HEAD("e") END END, "t.yaml:6:3: there are two nodes \"e\"" },
        { HEAD("e") "- {id: e}\n", "t.yaml:5:3: node \"e\" needs a \"type\"" },
        { HEAD("e") "- {id: e, type: ned}\n",
          "t.yaml:5:17: there is no node type \"ned\", did you mean \"end\"" },
        { HEAD("e") "- {id: e, type: goto}\n", "t.yaml:5:17: there is no node type \"goto\"" },
        { HEAD("e") "- {id: e, type: end, outpt: 1}\n",
          "t.yaml:5:22: unrecognized key \"outpt\" of a node of type \"end\", did you mean "
          "\"output\"" },
        { HEAD("e") "- {id: e, type: end, agent: any}\n",
          "t.yaml:5:22: unrecognized key \"agent\" of a node of type \"end\"" },
        { HEAD("e") "- {id: e, type: end, description: 3}\n",
          "t.yaml:5:35: \"description\" must be a text" },
        { HEAD("a") "- {id: a, type: task, action: do}\n" END,
          "t.yaml:5:3: a node of type \"task\" needs \"agent\"" },
        { HEAD("a") "- {id: a, type: task, agent: any}\n" END,
          "t.yaml:5:3: a node of type \"task\" needs \"action\"" },
        { HEAD("a") "- {id: a, type: subworkflow}\n" END,
          "t.yaml:5:3: a node of type \"subworkflow\" needs \"workflow\"" },
        { HEAD("a") "- {id: a, type: pattern}\n" END,
          "t.yaml:5:3: a node of type \"pattern\" needs \"pattern\"" },
        { HEAD("a") "- {id: a, type: pattern, pattern: debate, config: [1]}\n" END,
          "t.yaml:5:51: must be a map: the configuration of the pattern" },
        { HEAD("a") "- {id: a, type: map, body: []}\n" END,
          "t.yaml:5:3: a node of type \"map\" needs \"over\"" },
        { HEAD("a") "- {id: a, type: map, over: []}\n" END,
          "t.yaml:5:3: a node of type \"map\" needs \"body\"" },
        { HEAD("a") "- {id: a, type: map, over: [], body: []}\n" END,
          "t.yaml:5:38: must be a list of nodes" },
        { HEAD("a") "- {id: a, type: map, over: 3, body: [{id: x, type: parallel, next: y}, {id: "
                    "y, type: parallel, next: z}, " TASK_IN("z") "]}\n" END,
          "t.yaml:5:28: must be a list, or an expression that gives one such as "
          "\"${input.orders}\"" },
        { HEAD("a") "- {id: a, type: loop, body: [" TASK_IN("z") "]}\n" END,
          "t.yaml:5:3: a node of type \"loop\" needs \"while\", \"until\", \"times\" or "
          "\"for_each\"" },
        { HEAD("a") "- {id: a, type: loop, times: 1.5, body: [" TASK_IN("z") "]}\n" END,
          "t.yaml:5:30: must be a whole number from 0 to 1000000000" },
        { HEAD("a") "- {id: a, type: loop, times: 1, max: 0, body: [" TASK_IN("z") "]}\n" END,
          "t.yaml:5:38: must be a whole number from 1 to 1000000000" },
        { HEAD("a") "- {id: a, type: map, over: [], max_parallel: 0, body: [" TASK_IN(
              "z") "]}\n" END,
          "t.yaml:5:46: must be a whole number from 1 to 1000000" },
        { HEAD("a") "- {id: a, type: loop, times: 1, body: [{id: z, type: end}]}\n" END,
          "t.yaml:5:54: a body has no \"end\": it begins with the nodes that nothing leads to" },
        { HEAD("a") "- {id: a, type: loop, times: 1, body: [" TASK_IN("s") "]}\n" END,
          "t.yaml:5:40: there are two nodes \"s\"" },
        { HEAD("a") TASK("a", "timeout: soon, next: e") END,
          "t.yaml:5:56: policy: \"timeout\": duration \"soon\": expected a number and a unit, like "
          "\"1h30m\"" },
        { HEAD("a") TASK("a", "retry: {max_attempts: 0}, next: e") END,
          "t.yaml:5:54: policy: \"max_attempts\" must be a whole number from 1 to 1000" },
        { HEAD("a") TASK("a", "in_doubt: maybe, next: e") END,
          "t.yaml:5:57: policy: \"in_doubt\" is \"maybe\", which is no choice" },
        { HEAD("a") TASK("a", "timeout: 3s, retry: {max_attempts: 2}, in_doubt: ask, next: e") END,
          "valid" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void each_wrong_edge_is_refused(void **state)
{
    static const struct row rows[] = {
        { HEAD("ee") END, "t.yaml:4:31: there is no node \"ee\", did you mean \"e\"" },
        { HEAD("e, other") END, "t.yaml:4:34: there is no node \"other\"" },
        { HEAD("e") "- {id: e, type: end, depends_on: x}\n",
          "t.yaml:5:34: there is no node \"x\", did you mean \"s\"" },
        { HEAD("3") END,
          "t.yaml:4:31: must be a node's id, or a map such as {to: pay, when: \"vars.ok\"}" },
        { HEAD("e") "- {id: e, type: end, depends_on: [{when: true}]}\n",
          "t.yaml:5:35: must be a node's id, or a map such as {node: pay, when: \"vars.ok\"}" },
        { HEAD("{to: e, wen: true}") END,
          "t.yaml:4:39: unrecognized key \"wen\" of an edge, did you mean \"when\"" },
        { HEAD("{to: e, otherwise: 1}") END, "t.yaml:4:31: \"otherwise\" must be true or false" },
        { HEAD("{to: e, when: true, otherwise: true}") END,
          "t.yaml:4:31: an edge has \"when\" or \"otherwise\", not both" },
        { HEAD("{to: e, otherwise: true}") END,
          "t.yaml:4:3: node \"s\" has \"otherwise\", but no edge with \"when\"" },
        { HEAD("{to: e, when: true}") "- {id: e, type: end, depends_on: {node: s, when: true}}\n",
          "t.yaml:5:34: the edge from \"s\" to \"e\" has two conditions" },
        { HEAD("{to: e, when: true}, {to: e, when: false}") END,
          "t.yaml:4:52: the edge from \"s\" to \"e\" has two conditions" },
        { HEAD("{to: e, when: true}") "- {id: e, type: end, depends_on: s}\n", "valid" },
        { HEAD("a") TASK("a", "next: [a, e]") END,
          "t.yaml:5:54: node \"a\" leads to itself: repetition is a node of type \"loop\"" },
        { HEAD("a") TASK("a", "next: b") TASK("b", "next: [c, e]") TASK("c", "next: a") END,
          "t.yaml:5:3: node \"a\" is in a cycle: repetition is a node of type \"loop\" with a "
          "body" },
        { HEAD("a") TASK("x", "depends_on: c") TASK("a", "next: b") TASK("b", "next: [c, e]")
              TASK("c", "next: b") END,
          "t.yaml:7:3: node \"b\" is in a cycle: repetition is a node of type \"loop\" with a "
          "body" },
        { HEAD("e") TASK("a", "next: e") END,
          "t.yaml:5:3: node \"a\" cannot be reached: nothing leads to it" },
        { "id: t\nnodes:\n- {id: e, type: end}\n",
          "t.yaml:3:1: a workflow needs a node of type \"start\"" },
        { HEAD("") TASK("a", "depends_on: s"),
          "t.yaml:4:1: a workflow needs a node of type \"end\"" },
        { HEAD("e") "- {id: s2, type: start, next: e}\n" END,
          "t.yaml:5:3: there are two nodes of type \"start\": \"s\" and \"s2\"" },
        { HEAD("e") TASK("a", "depends_on: s, next: s") END,
          "t.yaml:4:3: node \"s\" is in a cycle: repetition is a node of type \"loop\" with a "
          "body" },
        { HEAD("e") TASK("a", "depends_on: e") END,
          "t.yaml:6:3: end \"e\" leads to \"a\": nothing follows an end" },
        { HEAD("d, e") "- {id: d, type: decision}\n" END,
          "t.yaml:5:3: a node of type \"decision\" needs \"next\"" },
        { HEAD("d, e") "- {id: d, type: parallel, next: []}\n" END,
          "t.yaml:5:3: a node of type \"parallel\" needs \"next\"" },
        { HEAD("d") "- {id: d, type: decision, next: [e, {to: f, when: vars.ok}]}\n" END
                    "- {id: f, type: end}\n",
          "t.yaml:5:3: decision \"d\" never leads to \"f\": the edge to \"e\" takes all the rest" },
        { HEAD("d") "- {id: d, type: decision, next: [{to: e, otherwise: true}, {to: f, when: "
                    "vars.ok}, g]}\n" END "- {id: f, type: end}\n"
                    "- {id: g, type: end}\n",
          "t.yaml:5:3: decision \"d\" never leads to \"e\": the edge to \"g\" takes all the rest" },
        { HEAD("d") "- {id: d, type: decision, next: [{to: e, otherwise: true}, {to: f, otherwise: "
                    "true}, {to: g, when: vars.ok}]}\n" END
                    "- {id: f, type: end}\n- {id: g, type: end}\n",
          "t.yaml:5:3: decision \"d\" never leads to \"f\": the edge to \"e\" takes all the rest" },
        { HEAD("d") "- {id: d, type: decision, next: [{to: e, when: vars.ok}, f]}\n" END
                    "- {id: f, type: end}\n",
          "valid" },
        { HEAD("e") "- {id: e, type: end, join: some}\n",
          "t.yaml:5:28: must be \"all\", \"any\" or a number of predecessors" },
        { HEAD("e") "- {id: e, type: end, join: 0}\n",
          "t.yaml:5:28: must be a whole number from 1 to 10000" },
        { HEAD("e") "- {id: e, type: end, join: 2}\n",
          "t.yaml:5:3: node \"e\" joins 2, but has 1 predecessors" },
        { HEAD("e") "- {id: e, type: end, join: all}\n", "valid" },
        { HEAD("l") "- {id: l, type: loop, times: 1, next: e, body: [" TASK_IN(
              "x") ", {id: y, type: parallel, next: e}]}\n" END,
          "t.yaml:5:124: there is no node \"e\" in this body, did you mean \"x\"" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void each_wrong_expression_is_refused(void **state)
{
    static const struct row rows[] = {
        { HEAD("{to: e, when: vars.okk}") END,
          "t.yaml:4:45: \"vars.okk\": 1:6: field \"okk\" is not known, did you mean \"ok\"" },
        { HEAD("{to: e, when: varz.ok}") END,
          "t.yaml:4:45: \"varz.ok\": 1:1: variable \"varz\" is not known, did you mean \"vars\"" },
        { HEAD("{to: e, when: 1 + 1}") END,
          "t.yaml:4:45: \"1 + 1\": 1:1: result is int, which does not fit boolean" },
        { HEAD("{to: e, when: 1}") END,
          "t.yaml:4:45: must be an expression such as \"vars.status == 'valid'\"" },
        { HEAD("{to: e, when: 'vars.'}") END,
          "t.yaml:4:45: \"vars.\": 1:6: expected a name, found the end" },
        { HEAD("e") "- {id: e, type: end, output: {a: ['${vars.okk}']}}\n",
          "t.yaml:5:35: \"${vars.okk}\": 1:6: field \"okk\" is not known, did you mean \"ok\"" },
        { HEAD("e") "- {id: e, type: end, output: 'x ${vars.ok'}\n",
          "t.yaml:5:30: \"${\" without its closing \"}\" in \"${vars.ok\"" },
        { HEAD("e") "- {id: e, type: end, output: '${nodes.x}'}\n",
          "t.yaml:5:30: \"${nodes.x}\": 1:7: field \"x\" is not known, did you mean \"s\"" },
        { HEAD("e") "- {id: e, type: end, output: '${nodes.s.out}'}\n",
          "t.yaml:5:30: \"${nodes.s.out}\": 1:9: field \"out\" is not known" },
        { HEAD("a") TASK("a", "outputs: {k: 1}, next: e") END,
          "t.yaml:5:57: there is no variable \"k\", did you mean \"ok\"" },
        { HEAD("a") TASK("a", "outputs: {total: 1}, next: e") END,
          "t.yaml:5:57: there is no variable \"total\"" },
        { HEAD("a") TASK("a", "outputs: '${result}', next: e") END,
          "t.yaml:5:56: must be a map of variables and values, such as {status: "
          "\"${result.status}\"}" },
        /* names that are elsewhere */
        { HEAD("a") TASK("a", "inputs: '${result}', next: e") END,
          "t.yaml:5:55: \"${result}\": 1:1: variable \"result\" is not known" },
        { HEAD("e") "- {id: e, type: end, output: '${item}'}\n",
          "t.yaml:5:30: \"${item}\": 1:1: variable \"item\" is not known" },
        { HEAD("l") "- {id: l, type: loop, times: 1, next: e, output: '${item}', body: [" TASK_IN(
              "x") "]}\n" END,
          "t.yaml:5:50: \"${item}\": 1:1: variable \"item\" is not known" },
        { HEAD("l") "- {id: l, type: loop, times: 1, next: e, outputs: {n: '${nodes.x}'}, body: "
                    "[" TASK_IN("x") "]}\n" END,
          "t.yaml:5:55: \"${nodes.x}\": 1:7: field \"x\" is not known, did you mean \"s\"" },
        { HEAD("l") "- {id: l, type: loop, until: 'index > 2 && nodes.x.output', next: e, output: "
                    "'${[index, nodes.x, nodes.s, result]}', "
                    "outputs: {n: '${result}'}, body: [" TASK_IN("x") "]}\n" END,
          "valid" },
        { HEAD("l") "- {id: l, type: map, over: '${vars}', next: e, body: [" TASK_IN(
              "x") "]}\n" END,
          "t.yaml:5:28: \"${vars}\": 1:1: result is map, which does not fit array" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void a_name_that_is_elsewhere_is_hinted_at(void **state)
{
    static const struct {
        const char *yaml, *hint;
    } rows[] = {
        { HEAD("e") "- {id: e, type: end, output: '${item}'}\n",
          "\"item\" is there in the body of a map, or of a loop with \"for_each\"" },
        { HEAD("{to: e, when: index > 0}") END, "\"index\" is there in the body of a loop or map" },
        { HEAD("e") "- {id: e, type: end, output: '${result}'}\n",
          "\"result\" is there in \"outputs\", in conditions of edges, and in \"until\" and "
          "\"output\" of a loop or map" },
        { HEAD("e") "- {id: e, type: end, output: '${itemz}'}\n", "" },
        { HEAD("a") TASK("a", "outputs: {total: 1}, next: e") END,
          "add it to \"variables\" of the workflow" },
    };
    struct td_err err;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_null(read_flow(rows[i].yaml, NULL, &err));
        assert_string_equal(err.hint, rows[i].hint);
    }
}

#define ECHO(inputs)                                                                               \
    HEAD("a") "- {id: a, type: task, agent: echo, action: echo, " inputs ", next: e}\n" END
#define CHARGE(inputs)                                                                             \
    HEAD("a") "- {id: a, type: task, agent: shop, action: charge, " inputs ", next: e}\n" END

static void what_is_called_is_there_and_gets_what_it_takes(void **state)
{
    static const struct row rows[] = {
        { HEAD("a") "- {id: a, type: task, agent: ecko, action: echo, next: e}\n" END,
          "t.yaml:5:30: there is no agent \"ecko\", did you mean \"echo\"" },
        { HEAD("a") "- {id: a, type: task, agent: echo, action: shout, next: e}\n" END,
          "t.yaml:5:30: agent \"echo\" has no action \"shout\"" },
        { HEAD("a") "- {id: a, type: pattern, pattern: quarrel, next: e}\n" END,
          "t.yaml:5:35: there is no pattern \"quarrel\"" },
        { HEAD("a") "- {id: a, type: subworkflow, workflow: another, next: e}\n" END,
          "t.yaml:5:40: there is no workflow \"another\"" },
        { ECHO("inputs: {text: hi}"), "valid" },
        { ECHO("inputs: '${input}'"), "valid" },
        { ECHO("inputs: {}"), "t.yaml:5:3: action \"echo\" of \"echo\" needs the input \"text\"" },
        { ECHO("join: all"), "t.yaml:5:3: action \"echo\" of \"echo\" needs the input \"text\"" },
        { ECHO("inputs: {txt: hi}"),
          "t.yaml:5:59: action \"echo\" of \"echo\" has no input \"txt\", did you mean \"text\"" },
        { ECHO("inputs: {text: 3}"), "t.yaml:5:65: input \"text\" of action \"echo\": must be a "
                                     "string, is an integer (schema /type)" },
        { ECHO("inputs: {text: '${vars.n > 1}'}"),
          "t.yaml:5:65: \"${vars.n > 1}\": 1:1: result is bool, which does not fit string" },
        { ECHO("inputs: {text: '${vars.n}'}"), "valid" },
        { ECHO("inputs: {text: 'n is ${vars.n > 1}'}"), "valid" },

        { CHARGE("inputs: {amount: much}"),
          "t.yaml:5:69: input \"amount\" of action \"charge\": must be a number, is a string "
          "(schema /$defs/money/type)" },
        { CHARGE("inputs: {amount: 1, currency: EUR}"),
          "t.yaml:5:82: input \"currency\" of action \"charge\": must be one of \"KRW\", \"USD\", "
          "is \"EUR\" (schema /enum)" },
        { CHARGE("inputs: {amount: 1, extra: 2}, outputs: {ok: '${result.ok}'}"), "valid" },
        { CHARGE("inputs: {amount: 1}, outputs: {ok: '${result.okay}'}"),
          "t.yaml:5:87: \"${result.okay}\": 1:8: field \"okay\" is not known" },
        { HEAD("a") "- {id: a, type: task, agent: shop, action: charge, inputs: {amount: 1}, next: "
                    "{to: e, when: result.okay}}\n" END,
          "t.yaml:5:93: \"result.okay\": 1:8: field \"okay\" is not known" },
        { HEAD("a") "- {id: a, type: task, agent: shop, action: charge, inputs: {amount: 1}, next: "
                    "e}\n"
                    "- {id: e, type: end, output: '${nodes.a.output.okay}'}\n",
          "t.yaml:6:30: \"${nodes.a.output.okay}\": 1:16: field \"okay\" is not known" },
        { "id: t\ninputs: {type: object, properties: {n: {type: integer}}, additionalProperties: "
          "false}\nnodes:\n"
          "- {id: s, type: start, next: {to: e, when: input.m > 1}}\n" END,
          "t.yaml:4:44: \"input.m > 1\": 1:7: field \"m\" is not known, did you mean \"n\"" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

#define DECISION(next) "- {id: d, type: decision, next: [" next "]}\n"

static void a_variable_is_not_written_twice_at_once(void **state)
{
    static const char both[] =
        "t.yaml:6:3: nodes \"a\" and \"b\" can run at the same time and both write variable \"n\"";
    static const struct row rows[] = {
        { HEAD("a, b") FORK("n", "n") END, both },
        { HEAD("a, b") FORK("n", "ok") END, "valid" },
        { HEAD("a") TASK("a", "outputs: {n: 1}, next: b") TASK("b", "outputs: {n: 1}, next: e") END,
          "valid" },
        { HEAD("a, {to: b, when: vars.ok}") FORK("n", "n") END, both },
        { HEAD("{to: a, when: vars.ok}, {to: b, when: '!vars.ok'}") FORK("n", "n") END, both },
        /* one or the other */
        { HEAD("{to: a, when: vars.ok}, {to: b, otherwise: true}") FORK("n", "n") END, "valid" },
        { HEAD("d") FORK("n", "n") DECISION("{to: a, when: vars.ok}, b") END, "valid" },
        { HEAD("d") FORK("n", "n") DECISION("{to: x, when: vars.ok}, y") TASK("x", "next: a")
              TASK("y", "next: b") END,
          "valid" },
        { HEAD("d") FORK("n", "n") DECISION("{to: x, when: vars.ok}, {to: y, when: vars.n > 1}, z")
              TASK("x", "next: a") TASK("y", "next: a") TASK("z", "next: b") END,
          "valid" },
        /* the same branch leads to both */
        { HEAD("d") FORK("n", "n") DECISION("{to: x, when: vars.ok}, y") TASK("x", "next: [a, b]")
              TASK("y", "next: b") END,
          both },
        /* one of them can be come to besides */
        { HEAD("d, p") FORK("n", "n")
              DECISION("{to: a, when: vars.ok}, b") "- {id: p, type: parallel, next: a}\n" END,
          both },
        /* who joins some of its predecessors does not wait for the others */
        { HEAD("a, c") TASK("a", "outputs: {n: 1}, next: b")
              TASK("b", "outputs: {n: 1}, join: any, next: e") TASK("c", "next: b") END,
          both },
        { HEAD("a, c") TASK("a", "outputs: {n: 1}, next: b") TASK("b", "outputs: {n: 1}, next: e")
              TASK("c", "next: b") END,
          "valid" },
        { HEAD("x") TASK("a", "outputs: {n: 1}, depends_on: x, next: [y, z]")
              TASK("b", "outputs: {n: 1}, join: any, depends_on: [y, z], next: e") TASK("x", "")
                  TASK("y", "") TASK("z", "") END,
          "valid" },
        /* what a body writes its loop writes */
        { HEAD("a, b") TASK(
              "a",
              "outputs: {n: 1}, next: e") "- {id: b, type: loop, times: 1, body: [{id: x, type: "
                                          "task, agent: any, action: do, outputs: {n: 2}}]}\n" END,
          both },
        { HEAD("l") "- {id: l, type: loop, times: 1, next: e, body: [{id: x, type: task, agent: "
                    "any, action: do, outputs: {n: 2}},\n"
                    "   {id: y, type: task, agent: any, action: do, outputs: {n: 2}}]}\n" END,
          "t.yaml:6:4: nodes \"x\" and \"y\" can run at the same time and both write variable "
          "\"n\"" },
        { HEAD("m") "- {id: m, type: map, over: [1], next: e, body: [{id: x, type: task, agent: "
                    "any, action: do, outputs: {n: 2}}]}\n" END,
          "t.yaml:5:49: node \"x\" writes variable \"n\" in the body of map \"m\", whose items run "
          "at the same time" },
        { HEAD("m") "- {id: m, type: map, over: [1], next: e, body: [{id: l, type: loop, times: 1, "
                    "body: [{id: x, type: task, agent: any, "
                    "action: do, outputs: {n: 2}}]}]}\n" END,
          "t.yaml:5:86: node \"x\" writes variable \"n\" in the body of map \"m\", whose items run "
          "at the same time" },
        { HEAD("m") "- {id: m, type: map, over: [1], next: e, outputs: {n: '${result}'}, body: "
                    "[" TASK_IN("x") "]}\n" END,
          "valid" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

/* --- limits --- */

static const char many_head[] =
    "id: t\nvariables: {n: 0}\nnodes:\n- {id: s, type: start}\n- {id: d, type: decision, "
    "depends_on: s}\n- {id: e, type: end, depends_on: s}\n";

/* That many nodes: tasks that a decision leads to. */
static char *many_branches(unsigned count, const char *outputs)
{
    struct tdh_buf buf = { 0 };

    tdh_buf_text(&buf, many_head);
    for (unsigned i = 0; i + 3 < count; i++)
        tdh_buf_printf(&buf,
                       "- {id: n%u, type: task, agent: any, action: do, depends_on: {node: d, "
                       "when: input.x}%s}\n",
                       i, outputs);
    return tdh_buf_steal(&buf);
}

/* Tasks that each two branches of a decision lead to. */
static char *many_joins(unsigned count)
{
    struct tdh_buf buf = { 0 };

    tdh_buf_text(&buf, many_head);
    for (unsigned i = 0; i < count; i++) {
        tdh_buf_printf(
            &buf, "- {id: a%u, type: parallel, depends_on: {node: d, when: input.x}, next: n%u}\n",
            i, i);
        tdh_buf_printf(
            &buf, "- {id: b%u, type: parallel, depends_on: {node: d, when: input.x}, next: n%u}\n",
            i, i);
        tdh_buf_printf(&buf, "- {id: n%u, type: task, agent: any, action: do, outputs: {n: 1}}\n",
                       i);
    }
    return tdh_buf_steal(&buf);
}

/* Takes yaml. */
static void check_many(char *yaml, const char *want)
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
    check_many(many_branches(TDH_FLOW_NODES, ", outputs: {n: 1}"), "valid");
    check_many(many_branches(TDH_FLOW_NODES + 1, ""),
               "t.yaml:4:1: the workflow has more than 10000 nodes");
    check_many(many_joins(300), "valid");
    check_many(many_joins(3000), "t.yaml:1191:3: too many nodes write variable \"n\" to tell that "
                                 "no two do so at the same time");
}

static void bodies_nest_as_deep_as_allowed(void **state)
{
    char yaml[4096];
    struct td_err err;
    struct tdh_definition *definition;

    (void)state;
    for (unsigned depth = TDH_FLOW_DEPTH; depth <= TDH_FLOW_DEPTH + 1; depth++) {
        size_t length = (size_t)snprintf(
            yaml, sizeof(yaml), "id: t\nnodes:\n- {id: s, type: start, next: [e, l0]}\n" END "- ");

        for (unsigned i = 0; i < depth; i++)
            length += (size_t)snprintf(yaml + length, sizeof(yaml) - length,
                                       "{id: l%u, type: loop, times: 1, body: [", i);
        length += (size_t)snprintf(yaml + length, sizeof(yaml) - length, TASK_IN("x"));
        for (unsigned i = 0; i < depth; i++)
            length += (size_t)snprintf(yaml + length, sizeof(yaml) - length, "]}");
        definition = read_flow(yaml, NULL, &err);
        assert_true((definition != NULL) == (depth == TDH_FLOW_DEPTH));
        tdh_definition_release(definition);
    }
    assert_string_equal(err.text, "t.yaml:5:344: bodies nest more than 8 deep");
}

/* --- what is read --- */

static void a_definition_tells_what_it_was_made_from(void **state)
{
    struct tdh_definition *definition =
        flow_of("id: t\nversion: 1.2.3\ndescription: greets\ninputs: {type: object, required: "
                "[n]}\nnodes:\n"
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
        cmocka_unit_test(each_wrong_expression_is_refused),
        cmocka_unit_test(a_name_that_is_elsewhere_is_hinted_at),
        cmocka_unit_test(what_is_called_is_there_and_gets_what_it_takes),
        cmocka_unit_test(a_variable_is_not_written_twice_at_once),
        cmocka_unit_test(limits_are_named),
        cmocka_unit_test(bodies_nest_as_deep_as_allowed),
        cmocka_unit_test(a_definition_tells_what_it_was_made_from),
    };

    return cmocka_run_group_tests_name("flow read", tests, NULL, NULL);
}
