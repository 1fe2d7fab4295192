/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow check: what a workflow may not mean, though it is well written: names that are not there,
 * calls that do not fit, and variables that two nodes write at once.
 */
#include "flow_refusal.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DECISION(next) "- {id: d, type: decision, next: [" next "]}\n"
/* Nodes a and b beside each other, which write the variables. */
#define FORK(a, b)                                                                                 \
    TASK("a", "outputs: {" a ": 1}, next: e") TASK("b", "outputs: {" b ": 1}, next: e")

static const struct refusal expressions[] = {
    { "{to: e, when: vars.okk}", END,
      "4:45: \"vars.okk\": 1:6: field \"okk\" is not known, did you mean \"ok\"" },
    { "{to: e, when: varz.ok}", END,
      "4:45: \"varz.ok\": 1:1: variable \"varz\" is not known, did you mean \"vars\"" },
    { "{to: e, when: 1 + 1}", END,
      "4:45: \"1 + 1\": 1:1: result is int, which does not fit boolean" },
    { "{to: e, when: 1}", END, "4:45: must be an expression such as \"vars.status == 'valid'\"" },
    { "{to: e, when: 'vars.'}", END, "4:45: \"vars.\": 1:6: expected a name, found the end" },
    { "e", "- {id: e, type: end, output: {a: ['${vars.okk}']}}\n",
      "5:35: \"${vars.okk}\": 1:6: field \"okk\" is not known, did you mean \"ok\"" },
    { "e", "- {id: e, type: end, output: 'x ${vars.ok'}\n",
      "5:30: \"${\" without its closing \"}\" in \"${vars.ok\"" },
    { "e", "- {id: e, type: end, output: '${nodes.x}'}\n",
      "5:30: \"${nodes.x}\": 1:7: field \"x\" is not known" },
    { "e", "- {id: e, type: end, output: '${nodes.s.out}'}\n",
      "5:30: \"${nodes.s.out}\": 1:9: field \"out\" is not known" },
    { "a", TASK("a", "outputs: {k: 1}, next: e") END,
      "5:57: there is no variable \"k\", did you mean \"ok\"" },
    { "a", TASK("a", "outputs: {total: 1}, next: e") END, "5:57: there is no variable \"total\"" },
    { "a", TASK("a", "outputs: '${result}', next: e") END,
      "5:56: must be a map of variables and values, such as {status: \"${result.status}\"}" },
    /* names that are elsewhere */
    { "a", TASK("a", "inputs: '${result}', next: e") END,
      "5:55: \"${result}\": 1:1: variable \"result\" is not known" },
    { "e", "- {id: e, type: end, output: '${item}'}\n",
      "5:30: \"${item}\": 1:1: variable \"item\" is not known" },
    { "l",
      "- {id: l, type: loop, times: 1, next: e, output: '${item}', body: [{id: x" DO "}]}\n" END,
      "5:50: \"${item}\": 1:1: variable \"item\" is not known" },
    { "l",
      "- {id: l, type: loop, times: 1, next: e, outputs: {n: '${nodes.x}'}, "
      "body: [{id: x" DO "}]}\n" END,
      "5:55: \"${nodes.x}\": 1:7: field \"x\" is not known" },
    { "l",
      "- {id: l, type: loop, until: 'index > 2 && nodes.x.output', next: e, "
      "output: '${[index, nodes.x, nodes.s, result]}', outputs: {n: '${result}'}, "
      "body: [{id: x" DO "}]}\n" END,
      "valid" },
    { "l", "- {id: l, type: map, over: '${vars}', next: e, body: [{id: x" DO "}]}\n" END,
      "5:28: \"${vars}\": 1:1: result is map, which does not fit array" },
};

static void each_wrong_expression_is_refused(void **state)
{
    (void)state;
    CHECK_REFUSALS(expressions);
}

static void a_name_that_is_elsewhere_is_hinted_at(void **state)
{
    static const struct {
        const char *next, *nodes, *hint;
    } rows[] = {
        { "e", "- {id: e, type: end, output: '${item}'}\n",
          "\"item\" is there in the body of a map, or of a loop with \"for_each\"" },
        { "{to: e, when: index > 0}", END, "\"index\" is there in the body of a loop or map" },
        { "e", "- {id: e, type: end, output: '${result}'}\n",
          "\"result\" is there in \"outputs\", in conditions of edges, "
          "and in \"until\" and \"output\" of a loop or map" },
        { "e", "- {id: e, type: end, output: '${itemz}'}\n", "" },
        { "a", TASK("a", "outputs: {total: 1}, next: e") END,
          "add it to \"variables\" of the workflow" },
    };
    struct td_err err;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_null(read_nodes(rows[i].next, rows[i].nodes, &err));
        assert_string_equal(err.hint, rows[i].hint);
    }
}

#define ECHO(inputs) "- {id: a, type: task, agent: echo, action: echo, " inputs ", next: e}\n" END
#define CHARGE(inputs)                                                                             \
    "- {id: a, type: task, agent: shop, action: charge, " inputs ", next: e}\n" END

#define VOTE(config) "- {id: a, type: pattern, pattern: vote, next: e" config "}\n" END

static const struct refusal configs[] = {
    { "a", VOTE(", config: {voters: [{agent: x}], quorum: 2}"), "valid" },
    { "a", VOTE(", config: {votes: []}"),
      "5:59: unrecognized key \"votes\", did you mean \"voters\"" },
    { "a", VOTE(", config: {quorum: 2}"), "5:58: the key \"voters\" is missing" },
    { "a", VOTE(", config: {voters: [{agent: x}, {agnet: y}]}"),
      "5:81: unrecognized key \"agnet\", did you mean \"agent\"" },
    { "a", VOTE(", config: {voters: [], quorum: two}"),
      "5:79: /quorum: must be an integer, is a string" },
    { "a", VOTE(""),
      "5:3: pattern \"vote\" needs a \"config\": the key \"voters\" is missing (schema "
      "/required)" },
    { "l",
      "- {id: l, type: loop, times: 1, next: e, "
      "body: [{id: x, type: pattern, pattern: vote, config: {voters: {}}}]}\n" END,
      "5:104: /voters: must be an array, is an object" },
};

static void a_pattern_gets_the_configuration_it_takes(void **state)
{
    (void)state;
    CHECK_REFUSALS(configs);
}

/* Agents "echo" and "any" cannot be used beside each other, "shop" not at all. */
static int be_together(void *arg, const struct tdh_flow_use *uses, size_t count,
                       size_t ret_places[static 2], struct td_err *err)
{
    size_t echo = count, any = count;

    (void)arg;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(uses[i].name, "shop") == 0) {
            ret_places[0] = ret_places[1] = i;
            return td_fail(err, TD_E_DEPENDENCY, "the shop is closed");
        }
        echo = strcmp(uses[i].name, "echo") == 0 ? i : echo;
        any = strcmp(uses[i].name, "any") == 0 ? i : any;
    }
    ret_places[0] = echo < any ? echo : any;
    ret_places[1] = echo < any ? any : echo;
    return ret_places[1] == count
               ? 0
               : td_fail(err, TD_E_DEPENDENCY, "\"echo\" 1.0.0 and \"any\" 2.0.0");
}

static void agents_that_exclude_each_other_are_in_no_workflow(void **state)
{
    static const struct {
        const char *nodes, *want;
    } rows[] = {
        { TASK("a", "next: b") TASK("b", "next: e"), NULL },
        { "- {id: a, type: task, agent: echo, action: echo, inputs: {text: x}, next: l}\n"
          "- {id: l, type: loop, times: 1, next: e, body: [{id: x" DO "}]}\n",
          "t.yaml:6:76: nodes \"a\" and \"x\" use plugins that exclude each other: \"echo\" 1.0.0 "
          "and \"any\" 2.0.0" },
        { "- {id: a, type: task, agent: shop, action: charge, inputs: {amount: 1}, next: e}\n",
          "t.yaml:5:30: the shop is closed" },
    };
    struct tdh_flow_world world = fake_world;

    (void)state;
    world.together = be_together;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tdh_definition *definition;
        struct td_err err;
        char yaml[1024];

        snprintf(yaml, sizeof(yaml), "id: t\nversion: 1.0.0\nnodes:\n%s%s%s",
                 "- {id: s, type: start, next: a}\n", rows[i].nodes, END);
        definition = read_flow(yaml, &world, &err);
        assert_int_equal(definition == NULL, rows[i].want != NULL);
        if (rows[i].want != NULL) {
            assert_string_equal(err.text, rows[i].want);
            assert_int_equal(err.code, TD_E_CONFIG);
        }
        tdh_definition_release(definition);
    }
}

static const struct refusal calls[] = {
    { "a", "- {id: a, type: task, agent: ecko, action: echo, next: e}\n" END,
      "5:30: there is no agent \"ecko\", did you mean \"echo\"" },
    { "a", "- {id: a, type: task, agent: echo, action: shout, next: e}\n" END,
      "5:44: agent \"echo\" has no action \"shout\"" },
    { "a", TASK("a", "next: e, compensate: {agent: ecko, action: echo}") END,
      "5:76: there is no agent \"ecko\", did you mean \"echo\"" },
    { "a", TASK("a", "next: e, compensate: {agent: echo, action: echo, inputs: {txt: x}}") END,
      "5:105: action \"echo\" of \"echo\" has no input \"txt\", did you mean \"text\"" },
    { "a", "- {id: a, type: pattern, pattern: quarrel, next: e}\n" END,
      "5:35: there is no pattern \"quarrel\"" },
    { "a", "- {id: a, type: subworkflow, workflow: another, next: e}\n" END,
      "5:40: there is no workflow \"another\"" },
    { "a", ECHO("inputs: {text: hi}"), "valid" },
    { "a", ECHO("inputs: '${input}'"), "valid" },
    { "a", ECHO("inputs: {}"), "5:3: action \"echo\" of \"echo\" needs the input \"text\"" },
    { "a", ECHO("join: all"), "5:3: action \"echo\" of \"echo\" needs the input \"text\"" },
    { "a", ECHO("inputs: {txt: hi}"),
      "5:59: action \"echo\" of \"echo\" has no input \"txt\", did you mean \"text\"" },
    { "a", ECHO("inputs: {text: 3}"),
      "5:65: input \"text\" of action \"echo\": "
      "must be a string, is an integer (schema /type)" },
    { "a", ECHO("inputs: {text: '${vars.n > 1}'}"),
      "5:65: \"${vars.n > 1}\": 1:1: result is bool, which does not fit string" },
    { "a", ECHO("inputs: {text: '${vars.n}'}"), "valid" },
    { "a", ECHO("inputs: {text: 'n is ${vars.n > 1}'}"), "valid" },

    { "a", CHARGE("inputs: {amount: much}"),
      "5:69: input \"amount\" of action \"charge\": "
      "must be a number, is a string (schema /$defs/money/type)" },
    { "a", CHARGE("inputs: {amount: 1, currency: EUR}"),
      "5:82: input \"currency\" of action \"charge\": "
      "must be one of \"KRW\", \"USD\", is \"EUR\" (schema /enum)" },
    { "a", CHARGE("inputs: {amount: 1, extra: 2}, outputs: {ok: '${result.ok}'}"), "valid" },
    { "a", CHARGE("inputs: {amount: 1}, outputs: {ok: '${result.okay}'}"),
      "5:87: \"${result.okay}\": 1:8: field \"okay\" is not known" },
    { "a",
      "- {id: a, type: task, agent: shop, action: charge, inputs: {amount: 1}, "
      "next: {to: e, when: result.okay}}\n" END,
      "5:93: \"result.okay\": 1:8: field \"okay\" is not known" },
    { "a",
      "- {id: a, type: task, agent: shop, action: charge, inputs: {amount: 1}, next: e}\n"
      "- {id: e, type: end, output: '${nodes.a.output.okay}'}\n",
      "6:30: \"${nodes.a.output.okay}\": 1:16: field \"okay\" is not known" },
    { NULL,
      "id: t\n"
      "inputs: {type: object, properties: {n: {type: integer}}, additionalProperties: false}\n"
      "nodes:\n"
      "- {id: s, type: start, next: {to: e, when: input.m > 1}}\n" END,
      "4:44: \"input.m > 1\": 1:7: field \"m\" is not known" },
};

static void what_is_called_is_there_and_gets_what_it_takes(void **state)
{
    (void)state;
    CHECK_REFUSALS(calls);
}

#define BOTH "6:3: nodes \"a\" and \"b\" can run at the same time and both write variable \"n\""

#define IN_MAP                                                                                     \
    "node \"x\" writes variable \"n\" in the body of map \"m\", "                                  \
    "whose items run at the same time"

static const struct refusal writes[] = {
    { "a, b", FORK("n", "n") END, BOTH },
    { "a, b", FORK("n", "ok") END, "valid" },
    { "a", TASK("a", "outputs: {n: 1}, next: b") TASK("b", "outputs: {n: 1}, next: e") END,
      "valid" },
    { "a, {to: b, when: vars.ok}", FORK("n", "n") END, BOTH },
    { "{to: a, when: vars.ok}, {to: b, when: '!vars.ok'}", FORK("n", "n") END, BOTH },
    /* one or the other */
    { "{to: a, when: vars.ok}, {to: b, otherwise: true}", FORK("n", "n") END, "valid" },
    { "d", FORK("n", "n") DECISION("{to: a, when: vars.ok}, b") END, "valid" },
    { "d",
      FORK("n", "n") DECISION("{to: x, when: vars.ok}, y") TASK("x", "next: a") TASK("y", "next: b")
          END,
      "valid" },
    { "d",
      FORK("n", "n") DECISION("{to: x, when: vars.ok}, {to: y, when: vars.n > 1}, z")
          TASK("x", "next: a") TASK("y", "next: a") TASK("z", "next: b") END,
      "valid" },
    /* the same branch leads to both */
    { "d",
      FORK("n", "n") DECISION("{to: x, when: vars.ok}, y") TASK("x", "next: [a, b]")
          TASK("y", "next: b") END,
      BOTH },
    /* one of them can be come to besides */
    { "d, p",
      FORK("n", "n")
          DECISION("{to: a, when: vars.ok}, b") "- {id: p, type: parallel, next: a}\n" END,
      BOTH },
    /* who joins some of its predecessors does not wait for the others */
    { "a, c",
      TASK("a", "outputs: {n: 1}, next: b") TASK("b", "outputs: {n: 1}, join: any, next: e")
          TASK("c", "next: b") END,
      BOTH },
    { "a, c",
      TASK("a", "outputs: {n: 1}, next: b") TASK("b", "outputs: {n: 1}, next: e")
          TASK("c", "next: b") END,
      "valid" },
    { "x",
      TASK("a", "outputs: {n: 1}, depends_on: x, next: [y, z]")
          TASK("b", "outputs: {n: 1}, join: any, depends_on: [y, z], next: e") TASK("x", "")
              TASK("y", "") TASK("z", "") END,
      "valid" },
    /* what a body writes its loop writes */
    { "a, b",
      TASK("a", "outputs: {n: 1}, next: e") "- {id: b, type: loop, times: 1, body: [{id: x" DO
                                            ", outputs: {n: 2}}]}\n" END,
      BOTH },
    { "l",
      "- {id: l, type: loop, times: 1, next: e, body: [{id: x" DO ", outputs: {n: 2}},\n"
      "   {id: y" DO ", outputs: {n: 2}}]}\n" END,
      "6:4: nodes \"x\" and \"y\" can run at the same time and both write variable \"n\"" },
    { "m", "- {id: m, type: map, over: [1], next: e, body: [{id: x" DO ", outputs: {n: 2}}]}\n" END,
      "5:49: " IN_MAP },
    { "m",
      "- {id: m, type: map, over: [1], next: e, body: [{id: l, type: loop, times: 1, "
      "body: [{id: x" DO ", outputs: {n: 2}}]}]}\n" END,
      "5:86: " IN_MAP },
    { "m",
      "- {id: m, type: map, over: [1], next: e, outputs: {n: '${result}'}, "
      "body: [{id: x" DO "}]}\n" END,
      "valid" },
};

static void a_variable_is_not_written_twice_at_once(void **state)
{
    (void)state;
    CHECK_REFUSALS(writes);
}

#define TYPED(types, nodes)                                                                        \
    "id: t\nvariables: {n: 0, l: [], o: {a: 1}}\ntypes: {" types                                   \
    "}\nnodes:\n- {id: s, type: start, next: [a]}\n" nodes

static const struct refusal types[] = {
    { NULL, "id: t\nvariables: {n: 0}\ntypes: [n]\nnodes: []",
      "3:8: \"types\" must be a map of variables and their types, such as {total: integer}" },
    { NULL, TYPED("m: integer", END), "3:9: there is no variable \"m\"" },
    { NULL, TYPED("n: integr", END),
      "3:12: there is no type \"integr\", did you mean \"integer\"" },
    { NULL, TYPED("n: 3", END), "3:12: must be a type such as \"integer\", or a JSON Schema" },
    { NULL, TYPED("n: {type: objekt}", END),
      "3:12: /type: \"objekt\" is not a type, did you mean \"object\"" },
    { NULL, TYPED("n: string", END),
      "2:16: variable \"n\": must be a string, is an integer (schema /type)" },
    { NULL, TYPED("o: {properties: {a: {type: string}}}", END),
      "2:29: variable \"o\": /a: must be a string, is an integer (schema /properties/a/type)" },
    /* what expressions know of them */
    { NULL, TYPED("n: integer", "- {id: a, type: end, output: '${vars.n.size()}'}\n"),
      "6:30: \"${vars.n.size()}\": 1:8: \"size\" cannot be applied to int" },
    { NULL,
      TYPED("o: {properties: {a: {}}, additionalProperties: false}",
            "- {id: a, type: end, output: '${vars.o.b}'}\n"),
      "6:30: \"${vars.o.b}\": 1:8: field \"b\" is not known" },
    { NULL,
      TYPED("n: integer",
            "- {id: a, type: map, over: '${vars.n}', next: e, body: [{id: x" DO "}]}\n" END),
      "6:28: \"${vars.n}\": 1:1: result is int, which does not fit array" },
    /* a schema that refers to itself says no more than its type */
    { NULL,
      TYPED("o: {type: object, properties: {a: {}, b: {$ref: '#'}}}",
            "- {id: a, type: end, output: '${vars.o.b.n}'}\n"),
      "valid" },
    { NULL,
      TYPED("o: {type: object, properties: {b: {$ref: '#'}}}",
            "- {id: a, type: end, output: '${vars.o + 1}'}\n"),
      "6:30: \"${vars.o + 1}\": 1:8: \"+\" cannot be applied to map and int" },
    /* what nodes write */
    { NULL, TYPED("n: integer", TASK("a", "outputs: {n: '${vars.l}'}, next: e") END), "valid" },
    { NULL, TYPED("n: integer, l: array", TASK("a", "outputs: {n: '${vars.l}'}, next: e") END),
      "6:60: \"${vars.l}\": 1:1: result is list, which does not fit integer" },
    { NULL, TYPED("n: integer", TASK("a", "outputs: {n: 'n is ${result}'}, next: e") END),
      "6:60: must be of type integer, is a text with an expression in it" },
    { NULL, TYPED("n: integer", TASK("a", "outputs: {n: three}, next: e") END),
      "6:60: variable \"n\": must be an integer, is a string (schema /type)" },
    { NULL, TYPED("n: {type: integer, maximum: 9}", TASK("a", "outputs: {n: 10}, next: e") END),
      "6:60: variable \"n\": must be at most 9, is 10 (schema /maximum)" },
    { NULL, TYPED("n: {type: integer, maximum: 9}", TASK("a", "outputs: {n: 9}, next: e") END),
      "valid" },
};

static void each_use_of_a_variable_against_its_type_is_refused(void **state)
{
    (void)state;
    CHECK_REFUSALS(types);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_use_of_a_variable_against_its_type_is_refused),
        cmocka_unit_test(a_pattern_gets_the_configuration_it_takes),
        cmocka_unit_test(agents_that_exclude_each_other_are_in_no_workflow),
        cmocka_unit_test(each_wrong_expression_is_refused),
        cmocka_unit_test(a_name_that_is_elsewhere_is_hinted_at),
        cmocka_unit_test(what_is_called_is_there_and_gets_what_it_takes),
        cmocka_unit_test(a_variable_is_not_written_twice_at_once),
    };

    return cmocka_run_group_tests_name("flow check", tests, NULL, NULL);
}
