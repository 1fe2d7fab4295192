/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dsl: the text notation says what YAML says, and what it cannot say is told with line and column.
 */
#include "flow_case.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "workflow w v1.0:\n"
#define YAML "id: w\nversion: 1.0.0\n"
/* With start and end added. */
#define IMPLIED(rest) YAML "nodes: [{id: start, type: start, next: [a]}, " rest "]"
#define LAST "{id: end, type: end, depends_on: [a]}"

static struct tdh_yaml *parse(const char *text, struct td_err *err)
{
    return tdh_flow_parse(text, strlen(text), "t.flow", err);
}

static const struct {
    const char *text, *yaml;
} same[] = {
    /* the head */
    { "workflow \"a-b\" v1.2.3:\n s -> start\n e -> end\n",
      "{id: a-b, version: 1.2.3, nodes: [{id: s, type: start, next: [e]}, {id: e, type: end}]}" },
    { "\xEF\xBB\xBF# a comment\n\nworkflow 'w' v2 : # another\n\n# and "
      "one\ns->start\r\ne->end\r\ns=>e",
      "{id: w, version: 2.0.0, nodes: [{id: s, type: start, next: [e]}, {id: e, type: end}]}" },
    { "workflow w v1.0-rc.1+b:\n s -> start\n e -> end\n s => e",
      "{id: w, version: 1.0.0-rc.1+b, nodes: [{id: s, type: start, next: [e]}, {id: e, type: "
      "end}]}" },
    { "workflow w:\n description: >-\n   two\n   words\n tags: [a,\n  b,\n  c\n ]\n announce: "
      "all\n timeout: 7d\n\n"
      " # keys go on\n variables:\n   n: 0\n   s: \"a # b: c\"\n s -> start\n e -> end\n s => e\n",
      "{id: w, description: two words, tags: [a, b, c], announce: all, timeout: 7d, variables: {n: "
      "0, s: 'a # b: "
      "c'}, "
      "nodes: [{id: s, type: start, next: [e]}, {id: e, type: end}]}" },
    { HEAD "  \"inputs\": {type: object}\n  s -> start\n  e -> end\n",
      YAML "inputs: {type: object}\nnodes: [{id: s, type: start, next: [e]}, {id: e, type: end}]" },
    /* triggers */
    { HEAD
      "  trigger: event(\"order.created\")\n  trigger: cron('*/5 * * * *') zone:Asia/Seoul\n"
      "  trigger: interval(5m)\n  trigger: file( \"in/*.csv\" ) # new ones\n    on: [created]\n"
      "    inputs:\n      path: ${event.path}\n  trigger: manual()\n"
      "  trigger: event(a) when: event.n > 3 && 'a # b' != event.s # so\n"
      "  trigger: event(b)\n    when: \"a\" in event.list\n    debounce: 5s\n"
      "  s -> start\n  e -> end\n",
      YAML
      "triggers: [{event: order.created}, {cron: '*/5 * * * *', zone: Asia/Seoul}, {interval: 5m}, "
      "{file: 'in/*.csv', on: [created], inputs: {path: '${event.path}'}}, {manual: true}, "
      "{event: a, when: \"event.n > 3 && 'a # b' != event.s\"}, "
      "{event: b, when: '\"a\" in event.list', debounce: 5s}]\n"
      "nodes: [{id: s, type: start, next: [e]}, {id: e, type: end}]" },
    /* nodes */
    { HEAD "  a -> agent:x action:\"y\"\n",
      IMPLIED("{id: a, type: task, agent: x, action: y}, " LAST) },
    { HEAD "  a -> agent: x action: 'it''s' join:2 timeout:30s inputs:{text: \"a, b\", l: [1, {a: "
           "b}]} # c\n",
      IMPLIED("{id: a, type: task, agent: x, action: it's, join: 2, timeout: 30s, inputs: {text: "
              "'a, b', "
              "l: [1, {a: b}]}}, " LAST) },
    { HEAD "  a -> task\n    agent: x\n    action: y\n",
      IMPLIED("{id: a, type: task, agent: x, action: y}, " LAST) },
    { HEAD "  a -> agent:x action:\"say \\\"\\u00e9\\\"\" on_error:{goto: b}\n  b -> pattern:p\n",
      IMPLIED("{id: a, type: task, agent: x, action: 'say \"\xC3\xA9\"', on_error: {goto: b}}, "
              "{id: b, type: "
              "pattern, pattern: p}, {id: end, type: end, depends_on: [a, b]}") },
    { HEAD "  a -> workflow:./sub/other.yaml inputs:\"${input}\"\n",
      IMPLIED(
          "{id: a, type: subworkflow, workflow: ./sub/other.yaml, inputs: '${input}'}, " LAST) },
    { HEAD
      "  a -> wait signal:ok timeout:3d\n    outputs: {by: \"${result.by}\"}\n    on_error: skip\n",
      IMPLIED("{id: a, type: wait, signal: ok, timeout: 3d, outputs: {by: '${result.by}'}, "
              "on_error: skip}, " LAST) },
    { HEAD "  a -> sleep until: 2027-01-01T00:00:00+09:00\n",
      IMPLIED("{id: a, type: sleep, until: '2027-01-01T00:00:00+09:00'}, " LAST) },
    { HEAD "  a -> emit event:done payload:{n: 1}\n",
      IMPLIED("{id: a, type: emit, event: done, payload: {n: 1}}, " LAST) },
    { HEAD "  a -> agent:x action:y\n    compensate: {agent: x, action: z}\n    retry:\n      "
           "max_attempts: 3\n"
           "      initial: 1s\n    description: |\n      two\n      lines\n",
      IMPLIED("{id: a, type: task, agent: x, action: y, compensate: {agent: x, action: z}, retry: "
              "{max_attempts: "
              "3, initial: 1s}, description: \"two\\nlines\\n\"}, " LAST) },
    /* bodies */
    { HEAD "  a -> map over:${input.list} max_parallel:4\n    output: \"${nodes.c.output}\"\n    b "
           "-> agent:x "
           "action:\"y\"\n      inputs: {v: \"${item}\"}\n    c -> parallel\n    b => c\n",
      IMPLIED("{id: a, type: map, over: '${input.list}', max_parallel: 4, output: "
              "'${nodes.c.output}', body: [{id: b, "
              "type: task, agent: x, action: y, inputs: {v: '${item}'}, next: [c]}, {id: c, type: "
              "parallel}]}, " LAST) },
    { HEAD "  a -> loop while: vars.left > 0 # down\n    max: 10\n    b -> loop times:2\n      c "
           "-> parallel\n  a => d\n"
           "  d -> parallel\n",
      IMPLIED("{id: a, type: loop, while: vars.left > 0, max: 10, body: [{id: b, type: loop, "
              "times: 2, body: [{id: c, "
              "type: parallel}]}], next: [d]}, {id: d, type: parallel}, {id: end, type: end, "
              "depends_on: [d]}") },
    /* variables of a body, beside its nodes */
    { HEAD
      "  a -> loop while: vars.n < 3\n    variables: {n: 0}\n    types: {n: integer}\n    b -> "
      "map over:${input.l} variables:{k: \"${item}\"}\n      c -> set\n        outputs:\n"
      "          k: 1\n          n: \"${vars.n}\"\n",
      IMPLIED(
          "{id: a, type: loop, while: vars.n < 3, variables: {n: 0}, types: {n: integer}, "
          "body: [{id: b, type: map, over: '${input.l}', variables: {k: '${item}'}, body: [{id: "
          "c, type: set, outputs: {k: 1, n: '${vars.n}'}}]}]}, " LAST) },
    /* expressions: what is in quotes as a whole is YAML, true and false are themselves */
    { HEAD "  a -> loop\n    while: true\n    until: \"vars.x == 'y'\" # so\n    b -> parallel\n",
      IMPLIED("{id: a, type: loop, while: true, until: \"vars.x == 'y'\", body: [{id: b, type: "
              "parallel}]}, " LAST) },
    { HEAD "  a -> loop\n    while:\n      vars.x\n    until: vars.a # first\n      # nothing\n    "
           "  && vars.b == '#'\n"
           "    b -> parallel\n",
      IMPLIED("{id: a, type: loop, while: vars.x, until: \"vars.a && vars.b == '#'\", body: [{id: "
              "b, type: parallel}]}, " LAST) },
    { HEAD "  a -> loop\n    until: |-\n      vars.x\n    while: \"true\"\n    b -> parallel\n",
      IMPLIED("{id: a, type: loop, until: vars.x, while: 'true', body: [{id: b, type: "
              "parallel}]}, " LAST) },
    /* edges */
    { HEAD "  s -> start\n  a -> decision\n  b -> parallel\n  c -> parallel\n  e -> end\n  s => a\n"
           "  a => b when: \"x\" in vars.l ? true : vars.m['a: b'] # why\n  a => c when: "
           "!vars.ok\n  a => e otherwise\n"
           "  b, c => e\n",
      YAML "nodes: [{id: s, type: start, next: [a]}, {id: a, type: decision, next: [{to: b, when: "
           "\"\\\"x\\\" in vars.l ? "
           "true : vars.m['a: b']\"}, {to: c, when: '!vars.ok'}, {to: e, otherwise: true}]}, {id: "
           "b, type: parallel, "
           "next: [e]}, {id: c, type: parallel, next: [e]}, {id: e, type: end}]" },
    { HEAD "  s => a => b, c => e # all\n  s -> start\n  a -> parallel\n  b -> parallel\n  c -> "
           "parallel\n  e -> end",
      YAML "nodes: [{id: s, type: start, next: [a]}, {id: a, type: parallel, next: [b, c]}, {id: "
           "b, type: parallel, next: "
           "[e]}, {id: c, type: parallel, next: [e]}, {id: e, type: end}]" },
    { HEAD "  a -> decision\n  b -> parallel\n  c -> parallel\n  d -> parallel\n  a => b soft # "
           "c\n  a => c soft when: "
           "has(nodes.a.error)\n  a => d soft otherwise\n",
      IMPLIED("{id: a, type: decision, next: [{to: b, soft: true}, {to: c, soft: true, when: "
              "has(nodes.a.error)}, {to: d, "
              "soft: true, otherwise: true}]}, {id: b, type: parallel}, {id: c, type: parallel}, "
              "{id: d, type: parallel}, "
              "{id: end, type: end, depends_on: [b, c, d]}") },
    /* start and end, left out or without edges */
    { HEAD "  a -> parallel\n  b -> parallel\n  c -> parallel\n  a, b => c\n",
      YAML "nodes: [{id: start, type: start, next: [a, b]}, {id: a, type: parallel, next: [c]}, "
           "{id: b, type: parallel, "
           "next: [c]}, {id: c, type: parallel}, {id: end, type: end, depends_on: [c]}]" },
    { HEAD "  a -> parallel\n  b -> parallel\n    depends_on: [{node: a, when: \"true\"}]\n  e -> "
           "end output:1\n",
      YAML "nodes: [{id: start, type: start, next: [a]}, {id: a, type: parallel}, {id: b, type: "
           "parallel, depends_on: "
           "[{node: a, when: 'true'}]}, {id: e, type: end, output: 1, depends_on: [b]}]" },
    { HEAD "  s -> start\n  a -> parallel next:e\n  e -> end\n",
      YAML "nodes: [{id: s, type: start, next: [a]}, {id: a, type: parallel, next: e}, {id: e, "
           "type: end}]" },
    { HEAD "  a -> parallel\n  e -> end\n  f -> end\n  a => e\n  a => f\n",
      YAML "nodes: [{id: start, type: start, next: [a]}, {id: a, type: parallel, next: [e, f]}, "
           "{id: e, type: end}, {id: f, "
           "type: end}]" },
};

static void the_text_says_what_yaml_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        struct td_err err;
        struct tdh_yaml *want = tdh_yaml_parse(same[i].yaml, strlen(same[i].yaml), "y", &err);
        struct tdh_yaml *got = want != NULL ? parse(same[i].text, &err) : NULL;

        if (got == NULL)
            fail_msg("%s\n%s", same[i].text, err.text);
        if (!json_equal(got->root, want->root))
            fail_msg("%s\nsays %s", same[i].text, json_dumps(got->root, 0));
        tdh_yaml_free(want);
        tdh_yaml_free(got);
    }
}

static const struct {
    const char *text, *want; /* behind "t.flow:" */
} refused[] = {
    { "", "1:1: the text is empty, expected workflow \"NAME\" v1.0: in the first line" },
    { "# only this\n",
      "1:1: the text is empty, expected workflow \"NAME\" v1.0: in the first line" },
    { "workfow \"x\" v1.0:\n", "1:1: expected workflow \"NAME\" v1.0: in the first line, found "
                               "\"workfow\", did you mean \"workflow\"" },
    { "{id: x}", "1:1: expected workflow \"NAME\" v1.0: in the first line, found \"{\"" },
    { "workflow\n", "1:9: expected the workflow's name, found the end of the line" },
    { "workflow \"a\n", "1:10: the value that begins with \" does not end in this line: one of "
                        "several lines goes beneath, "
                        "behind its key" },
    { "workflow \"a\\n\":", "1:10: a workflow's name is letters, digits, \"_\" and \"-\"" },
    { "workflow x 1.0:", "1:12: expected \":\" behind the name and version, found \"1\"" },
    { "workflow x vv:", "1:13: expected a version such as v1.0, found \"v\"" },
    { "workflow x v1.0\n",
      "1:16: expected \":\" behind the name and version, found the end of the line" },
    { "workflow x v1: y", "1:16: expected the end of the line, found \"y\"" },
    { HEAD,
      "1:1: the workflow has no node, expected one such as greet -> agent:echo action:\"echo\"" },
    { HEAD "  tags: [a]\n",
      "1:1: the workflow has no node, expected one such as greet -> agent:echo action:\"echo\"" },
    { HEAD "  nodes: []\n",
      "2:3: key \"nodes\" cannot stand here: nodes are written as statements, such as greet -> "
      "agent:echo action:\"echo\"" },
    /* lines */
    { HEAD "  - a\n",
      "2:5: expected \":\" (a key), \"->\" (a node) or \"=>\" (an edge), found \"a\"" },
    { HEAD "  \xED\x95\x9C -> start\n",
      "2:3: expected a key, a node or an edge, found \"\xED\x95\x9C\"" },
    { HEAD "  a > b\n",
      "2:5: expected \":\" (a key), \"->\" (a node) or \"=>\" (an edge), found \">\"" },
    { HEAD "  a\n", "2:4: expected \":\" (a key), \"->\" (a node) or \"=>\" (an edge), found the "
                    "end of the line" },
    { HEAD "  tags:[a]\n", "2:8: expected a space behind \":\", found \"[\"" },
    { HEAD "  \"tags: [a]\n", "2:3: the quote is not closed in this line" },
    { HEAD "  \"tags\" [a]\n", "2:9: expected \":\" behind a key, found \" \"" },
    { HEAD "\ta -> start\n", "2:1: a tab cannot indent, use spaces" },
    { HEAD "  a -> start\n   b -> end\n e -> end\n",
      "4:2: expected an indentation of 2 spaces as in the lines before, found 1" },
    { HEAD "  a -> start\n    join: 1\n   b -> end\n",
      "4:4: expected an indentation of 2 spaces as in the lines before, found 3" },
    { HEAD "  a => b\n    c -> end\n",
      "3:5: expected an indentation of 2 spaces as in the lines before, found 4" },
    { HEAD "  a -> start\n  \x01\n", "3:3: a control character cannot stand in the text (0x01)" },
    { HEAD "  a -> start # \xC3\x28\n", "2:16: the text is not UTF-8 (0xC3)" },
    /* nodes */
    { HEAD "  a ->\n", "2:7: expected a type such as wait, or agent:NAME, workflow:NAME or "
                       "pattern:NAME, found the end of "
                       "the line" },
    { HEAD "  a -> agnet:x\n",
      "2:8: expected a type such as wait, or agent:NAME, workflow:NAME or pattern:NAME, found "
      "\"agnet\", did you mean \"agent\"" },
    { HEAD "  a -> agent:\n",
      "2:14: expected a value in the same line, found the end of the line" },
    { HEAD "  a -> agent:x, action:y\n",
      "2:15: expected a space or the end of the line behind a value, found \",\"" },
    { HEAD "  a -> agent:*x\n", "2:14: \"*\" cannot begin a value, put it in quotes" },
    { HEAD "  a -> agent:x action\n",
      "2:22: expected \":\" behind a key, found the end of the line" },
    { HEAD "  a -> agent:x =y\n", "2:16: expected a key or the end of the line, found \"=\"" },
    { HEAD "  a -> agent:x inputs:{text:\"y\"}\n",
      "2:29: expected a space behind \":\" in a map, found \"\"\"" },
    { HEAD "  a -> agent:x inputs:{text: \"y\"\n",
      "2:23: the value that begins with { does not end in this line: one of several lines goes "
      "beneath, behind its key" },
    { HEAD "  a -> agent:x agent:y\n",
      "2:16: key \"agent\" stands twice, first in line 2, column 8" },
    { HEAD "  a -> agent:x\n    agent: y\n",
      "3:5: key \"agent\" stands twice, first in line 2, column 8" },
    { HEAD "  a -> agent:x\n    inputs: {a: [}\n", "3:18: expected a value" },
    { HEAD "  \xED\x95\x9C: 1\n  a -> agent:x\n",
      "2:3: expected a key, a node or an edge, found \"\xED\x95\x9C\"" },
    { HEAD "  a -> loop while:\n",
      "2:19: expected an expression, such as vars.status == 'valid', found the end of the line" },
    { HEAD "  a -> loop times:2\n    body: []\n",
      "3:5: key \"body\" cannot stand here: nodes are written as statements, such as greet -> "
      "agent:echo action:\"echo\"" },
    { HEAD "  start -> wait signal:x\n",
      "2:3: node \"start\" is of another type: call it otherwise, or write the node of type "
      "\"start\" that is left out, such "
      "as begin -> start" },
    /* edges */
    { HEAD "  a -> start\n  b -> end\n  a =>\n",
      "4:7: expected a node's id, found the end of the line" },
    { HEAD "  a -> start\n  b -> end\n  a, b\n",
      "4:7: expected \"=>\" or \",\", found the end of the line" },
    { HEAD "  ann -> start\n  b -> end\n  an => b\n",
      "4:3: there is no node \"an\" beside this edge, did you mean \"ann\"" },
    { HEAD "  a -> start\n  b -> end\n  a => b whem: true\n",
      "4:10: expected \"=>\", \"when:\", \"otherwise\", \"soft\" or the end of the line, found "
      "\"whem\", did "
      "you mean \"when\"" },
    { HEAD "  a -> start\n  b -> end\n  a => b soft wen: true\n",
      "4:15: expected \"=>\", \"when:\", \"otherwise\", \"soft\" or the end of the line, found "
      "\"wen\", did you mean "
      "\"when\"" },
    { HEAD "  a -> start\n  b -> end\n  a => b when true\n",
      "4:15: expected \":\" behind \"when\", found \"true\"" },
    { HEAD "  a -> start\n  b -> end\n  a => b when: # so\n",
      "4:16: expected an expression, such as vars.status == 'valid', found the end of the line" },
    { HEAD "  a -> start\n  b -> end\n  a => b otherwise x\n",
      "4:20: expected the end of the line, found \"x\"" },
    { HEAD "  a -> start\n  b -> end\n  c -> parallel\n  a => b => c when: true\n",
      "5:15: expected \"=>\" or the end of the line: only a single \"=>\" has a condition, found "
      "\"when\"" },
    { HEAD "  a -> parallel\n  b -> parallel\n  a -> b\n",
      "4:8: \"b\" is a node: an edge is written with \"=>\"" },
    { HEAD "  a => agent:x action:\"y\"\n",
      "2:13: a node is written with \"->\", such as pay -> agent:bank action:\"charge\"" },
    /* triggers */
    { HEAD "  trigger:\n  a -> start\n",
      "2:11: expected a trigger such as event(\"order.created\"), found the end of the line" },
    { HEAD "  trigger: event\n  a -> start\n",
      "2:17: expected \"(\" as in event(\"order.created\"), found the end of the line" },
    { HEAD "  trigger: event(\n  a -> start\n",
      "2:18: expected a value and \")\", found the end of the line" },
    { HEAD "  trigger: event(a b)\n  a -> start\n", "2:20: expected \")\", found \"b\"" },
    { HEAD "  trigger: event(a)\n    b -> end\n  a -> start\n",
      "3:7: expected \":\" behind a key, found \"-\"" },
    { HEAD "  trigger: event(a)\n  triggers: []\n  a -> start\n",
      "2:3: key \"triggers\" stands twice, first in line 3, column 3" },
};

static void each_misfit_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct td_err err;
        struct tdh_yaml *yaml = parse(refused[i].text, &err);

        if (yaml != NULL)
            fail_msg("%s\nis taken", refused[i].text);
        if (strncmp(err.text, "t.flow:", 7) != 0 || strcmp(err.text + 7, refused[i].want) != 0)
            fail_msg("%s\nsays %s\nnot  t.flow:%s", refused[i].text, err.text, refused[i].want);
        assert_int_equal(err.code, TD_E_INVAL);
    }
}

/* What read.c says of a workflow has the places of this text. */
static const struct {
    const char *text, *want;
} misread[] = {
    { "workflow w vx:\n", NULL },
    { "workflow w v1.0.0.0:\n  a -> parallel\n",
      "1:13: \"version\" must be a text such as \"1.0.0\"" },
    { "workflow \"a b\":\n  a -> parallel\n",
      "1:10: \"id\" must be a text of at most 64 letters, digits, \"_\" or \"-\"" },
    { HEAD "  variabels: {}\n  a -> parallel\n",
      "2:3: unrecognized key \"variabels\", did you mean \"variables\"" },
    { HEAD "  a -> paralel\n",
      "2:8: there is no node type \"paralel\", did you mean \"parallel\"" },
    { HEAD "  a -> agent:any acton:\"do\"\n",
      "2:18: unrecognized key \"acton\" of a node of type \"task\", did you mean \"action\"" },
    { HEAD "  a -> agent:any action:\"do\" timout:3s\n",
      "2:30: unrecognized key \"timout\" of a node of type \"task\", did you mean \"timeout\"" },
    { HEAD "  a -> agent:any action:\"\xED\x95\x9C\" timout:3s\n",
      "2:29: unrecognized key \"timout\" of a node of type \"task\", did you mean \"timeout\"" },
    { HEAD "  a -> agent:echo action:\"eco\"\n",
      "2:26: agent \"echo\" has no action \"eco\", did you mean \"echo\"" },
    { HEAD "  a -> parallel\n  a => bb\n  b -> parallel\n",
      "3:8: there is no node \"bb\", did you mean \"b\"" },
    { HEAD "  a -> parallel\n  a -> parallel\n", "3:3: there are two nodes \"a\"" },
    { HEAD "  variables: {status: \"\"}\n  a -> decision\n  b -> parallel\n  \xED\x95\x9C: 1\n",
      NULL },
    { HEAD "  variables: {status: \"\"}\n  a -> decision\n  b -> parallel\n  a => b when: status "
           "== \"valid\"\n",
      "5:16: \"status == \"valid\"\": 1:1: variable \"status\" is not known" },
    { HEAD "  a -> agent:echo action:\"echo\"\n    inputs: {text: \"\xED\x95\x9C\", texd: "
           "\"${input.x}\"}\n",
      "3:25: action \"echo\" of \"echo\" has no input \"texd\", did you mean \"text\"" },
    { HEAD "  a -> loop times:1\n    b -> agent:echo action:\"echo\"\n      inputs:\n        text: "
           "\"${item}\"\n",
      "5:15: \"${item}\": 1:1: variable \"item\" is not known" },
    { HEAD "  a -> loop times:1\n    b -> start\n",
      "3:10: a body has no \"start\": it begins with the nodes that nothing leads to" },
    { HEAD "  a -> parallel\n  b -> parallel\n  a => b => a\n", NULL },
};

static void what_is_wrong_with_a_workflow_has_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(misread) / sizeof(misread[0]); i++) {
        struct td_err err;
        struct tdh_yaml *yaml = parse(misread[i].text, &err);
        struct tdh_definition *definition =
            yaml != NULL ? tdh_flow_read(yaml, &fake_world, &err) : NULL;

        if (definition != NULL)
            fail_msg("%s\nis taken", misread[i].text);
        if (strncmp(err.text, "t.flow:", 7) != 0 ||
            (misread[i].want != NULL && strcmp(err.text + 7, misread[i].want) != 0))
            fail_msg("%s\nsays %s\nnot  t.flow:%s", misread[i].text, err.text, misread[i].want);
        tdh_yaml_free(yaml);
    }
}

static void a_bare_variable_is_told_its_name(void **state)
{
    static const char text[] =
        HEAD "  variables: {status: \"\"}\n  a -> decision\n  b -> parallel\n"
             "  a => b when: status == \"valid\"\n";
    struct td_err err;
    struct tdh_yaml *yaml = parse(text, &err);

    (void)state;
    assert_null(tdh_flow_read(yaml, NULL, &err));
    assert_string_equal(err.hint, "a variable of the workflow is read as vars.status");
    tdh_yaml_free(yaml);
}

/* `count` times the line behind the head. new; free(). */
static char *repeat(const char *begin, const char *line, unsigned count)
{
    size_t step = strlen(line), at = strlen(begin);
    char *text = malloc(at + count * step + 1);

    memcpy(text, begin, at + 1);
    for (unsigned i = 0; i < count; i++, at += step)
        memcpy(text + at, line, step + 1);
    return text;
}

static void is_over_limit(char *text, size_t length, const char *want)
{
    struct td_err err;

    assert_null(tdh_flow_parse(text, length, "t.flow", &err));
    if (strstr(err.text, want) == NULL)
        fail_msg("says %s, not %s", err.text, want);
    free(text);
}

static void the_bounds_are_those_of_yaml(void **state)
{
    char *text = repeat(HEAD, "#", TDH_YAML_BYTES + 1U);

    (void)state;
    is_over_limit(text, TDH_YAML_BYTES + 1U, "is 4194305 bytes, the most is 4194304");
    text = repeat(HEAD "  a -> agent:x\n    inputs: ", "[", 300);
    is_over_limit(text, strlen(text), "t.flow:3:138: more than 128 levels deep");
    text = repeat(HEAD "  a -> agent:x action:y\n    inputs: [", "0,\n     ", 200000);
    is_over_limit(text, strlen(text), ": more than 200000 values");
    text = repeat(HEAD "  a -> parallel\n  b -> parallel\n", "  a => b # c\n", 200001);
    is_over_limit(text, strlen(text), ": more than 200000 values");
    text = repeat(HEAD "  a -> parallel\n  a", ", a", 1000);
    is_over_limit(text, strlen(text), "t.flow:3:3003: more than 1000 nodes on one side");
}

static void nodes_nest_as_deep_as_bodies(void **state)
{
    char text[1024] = HEAD;
    struct td_err err;

    (void)state;
    for (unsigned depth = 0; depth < 12; depth++)
        sprintf(text + strlen(text), "%*sn%u -> loop times:1\n", (int)depth + 1, "", depth);
    assert_null(parse(text, &err));
    assert_string_equal(err.text, "t.flow:12:12: nodes stand more than 8 deep in others");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_says_what_yaml_says),
        cmocka_unit_test(each_misfit_is_named),
        cmocka_unit_test(what_is_wrong_with_a_workflow_has_its_place),
        cmocka_unit_test(a_bare_variable_is_told_its_name),
        cmocka_unit_test(the_bounds_are_those_of_yaml),
        cmocka_unit_test(nodes_nest_as_deep_as_bodies),
    };

    return cmocka_run_group_tests_name("dsl", tests, NULL, NULL);
}
