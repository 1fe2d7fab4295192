/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow reduce: what a workflow asks for, event by event. Each row is run plain, again, and saved
 * and loaded between any two events.
 */
#include "flow_case.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define VARS(vars, next)                                                                           \
    "id: t\nvariables: {" vars "}\nnodes:\n- {id: s, type: start, next: [" next "]}\n"
#define DO ", type: task, agent: any, action: do"
#define TASK(id, rest) "- {id: " id DO rest "}\n"
#define GIVE(output) "- {id: e, type: end, output: " output "}\n"
#define END GIVE("done")
#define PLAIN_END "- {id: e, type: end}\n"
#define X_AND_Y "- {id: x, type: end, output: 1}\n- {id: y, type: end, output: 2}\n"

struct row {
    const char *next;  /* where the start "s" leads */
    const char *nodes; /* behind the start; with next NULL: the whole workflow */
    const char *input, *script, *want;
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char yaml[2048] = "", *trace;
        int length = 0;

        if (rows[i].next != NULL)
            length = snprintf(yaml, sizeof(yaml),
                              "id: t\nnodes:\n- {id: s, type: start, next: [%s]}\n", rows[i].next);
        length += snprintf(yaml + length, sizeof(yaml) - (size_t)length, "%s", rows[i].nodes);
        assert_in_range(length, 1, sizeof(yaml) - 1);
        trace = run_script(yaml, rows[i].input, rows[i].script);
        assert_string_equal(trace, rows[i].want);
        free(trace);
    }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void a_set_works_out_a_value_and_calls_nobody(void **state)
{
    static const struct row rows[] = {
        { "v",
          "- {id: v, type: set, output: {n: '${input.n + 1}'}, next: e}\n" GIVE(
              "'${nodes.v.output.n}'"),
          "{'n':4}", "", "= 5" },
        { NULL,
          VARS("n: 1", "v") "- {id: v, type: set, output: '${vars.n * 3}', outputs: {n: '${result "
                            "+ 1}'}, next: w}\n"
                            "- {id: w, type: set, outputs: {n: '${vars.n * 2}'}, next: a}\n" TASK(
                                "a", ", inputs: {n: '${vars.n}'}, next: e") PLAIN_END,
          "{}", "a", "a{'n':8} | = {'n':8}" },
        { "m",
          "- {id: m, type: map, over: [1, 2], output: '${nodes.v.output}', next: e, body: [{id: v, "
          "type: set, output: '${item * 2}'}]}\n" GIVE("'${nodes.m.output}'"),
          "{}", "", "= [2,4]" },
        { "v", "- {id: v, type: set, output: '${input.n / 0}', next: e}\n" END, "{'n':4}", "",
          "! node \"v\": \"${input.n / 0}\": 1:9: division by zero" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

#define ORDERED(rest, body)                                                                        \
    "- {id: m, type: map, over: '${input}', in_order: true" rest ", next: e, body: [" body         \
    "]}\n" GIVE("'${nodes.m.output}'")
#define AB "{id: a" DO ", inputs: '${item}', next: b}, {id: b" DO ", inputs: '${nodes.a.output}'}"
static void a_map_in_order_is_a_pipeline(void **state)
{
    static const struct row rows[] = {
        { "m", ORDERED("", AB), "[1,2,3]",
          "m[0].a=1; m[1].a=2; m[2].a=3; m[0].b=4; m[1].b=5; m[2].b=6",
          "m[0].a1 | m[0].b1 m[1].a2 | m[2].a3 |  | m[1].b2 | m[2].b3 | = [4,5,6]" },
        /* a round that is lost holds nobody up, wherever it was */
        { "m", ORDERED(", max_failures: 1", AB), "[1,2,3]",
          "!m[0].a; m[1].a; m[1].b=5; m[2].a; m[2].b=6",
          "m[0].a1 | m[1].a2 | m[1].bnull m[2].a3 |  | m[2].bnull | = [null,5,6]" },
        { "m", ORDERED(", max_failures: 1, max_parallel: 3", AB), "[1,2,3,4]",
          "m[0].a; m[1].a; !m[0].b; m[2].a; m[1].b; **",
          "m[0].a1 | m[0].bnull m[1].a2 | m[2].a3 | m[1].bnull | m[3].a4 | m[2].bnull |  | m[3].b4 "
          "| = "
          "[null,null,null,4]" },
        { "m", ORDERED(", max_failures: 2, max_parallel: 2", AB), "[1,2,3]", "m[0].a; !m[1].a; **",
          "m[0].a1 | m[0].bnull m[1].a2 | m[2].a3 |  | m[2].b3 | = [null,null,3]" },
        /* what is dead in one round lets the next go on, when it is its turn */
        { "m",
          ORDERED("", "{id: d, type: decision, next: [{to: a, when: item > 1}, {to: b, otherwise: "
                      "true}]}, {id: a" DO "}, {id: b" DO "}"),
          "[1,2,1]", "m[1].a; m[0].b; m[2].b", "m[0].b m[1].a |  | m[2].b | = [null,null,null]" },
        { "m",
          ORDERED("", "{id: d, type: decision, next: [{to: a, when: item > 1}, {to: b, otherwise: "
                      "true}]}, {id: a" DO "}, {id: b" DO "}"),
          "[1,2,1]", "m[0].b; m[1].a; m[2].b", "m[0].b m[1].a | m[2].b |  | = [null,null,null]" },
        /* bodies within: the loop of item 1 waits for that of item 0 */
        { "m", ORDERED("", "{id: l, type: loop, times: 2, body: [{id: x" DO "}]}"), "[1,2]",
          "m[0].l[0].x=1; m[0].l[1].x=2; m[1].l[0].x=3; m[1].l[1].x=4",
          "m[0].l[0].x | m[0].l[1].x | m[1].l[0].x | m[1].l[1].x | = [2,4]" },
        { "m", ORDERED("", "{id: w, type: set, output: '${item * 2}'}"), "[1,2]", "", "= [2,4]" },
        { "m", ORDERED("", AB), "[1,2,3]", "m[0].a=1; !m[1].a",
          "m[0].a1 | m[0].b1 m[1].a2 | -m[0].b ! node \"m[1].a\": it broke" },
        { "m", ORDERED("", AB), "[1,2,3]", "m[0].a=1; cancel",
          "m[0].a1 | m[0].b1 m[1].a2 | ! the run was cancelled" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

static void a_node_runs_when_those_before_it_are_done(void **state)
{
    static const struct row rows[] = {
        { "e", PLAIN_END, "{}", "", "= {}" },
        { "a", TASK("a", ", next: b") TASK("b", ", next: [e]") END, "{}", "a; b",
          "a | b | = 'done'" },
        { "a, b", TASK("a", ", next: [c]") TASK("b", ", next: [c]") TASK("c", ", next: [e]") END,
          "{}", "b; a; c", "a b |  | c | = 'done'" },
        { NULL,
          "id: t\nnodes:\n- {id: s, type: start}\n"
          "- {id: e, type: end, output: done, depends_on: [b]}\n" TASK("a", ", depends_on: s")
              TASK("b", ", depends_on: [{node: a}]"),
          "{}", "**", "a | b | = 'done'" },
        { "p",
          "- {id: p, type: parallel, next: [a, b]}\n" TASK("a", ", next: [e]") TASK("b", "") END,
          "{}", "a; b", "a b |  | = 'done'" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

#define DECIDE(next) "- {id: d, type: decision, next: [" next "]}\n"
#define IF_A "{to: a, when: 'input.n > 1'}"
#define IF_B "{to: b, when: 'input.n > 0'}"
#define ELSE_C "{to: c, otherwise: true}"
#define ALL_TO_END TASK("a", ", next: e") TASK("b", ", next: e") TASK("c", ", next: e") END
#define X_DECIDES                                                                                  \
    TASK("x", ", next: [{to: a, when: result.n > 1}, {to: b, when: result.n > 0}, " ELSE_C ", d]") \
    TASK("a", "") TASK("b", "") TASK("c", "") TASK("d", ", next: e") END
#define B_DEPENDS                                                                                  \
    TASK("a", ", next: [b, e]")                                                                    \
    TASK("b", ", depends_on: {node: a, when: input.go}, next: e") END

static void edges_are_taken_by_their_conditions(void **state)
{
    static const struct row rows[] = {
        /* a decision takes the first that holds */
        { "d", DECIDE(IF_A ", " IF_B ", " ELSE_C) ALL_TO_END, "{'n':2}", "*", "a | = 'done'" },
        { "d", DECIDE(IF_A ", " IF_B ", " ELSE_C) ALL_TO_END, "{'n':1}", "*", "b | = 'done'" },
        { "d", DECIDE(ELSE_C ", " IF_A ", " IF_B) ALL_TO_END, "{'n':0}", "*", "c | = 'done'" },
        /* other nodes take all that hold; their conditions see the node's output */
        { "x", X_DECIDES, "{}", "x={'n':2}; **", "x | a b d |  |  | = 'done'" },
        { "x", X_DECIDES, "{}", "x={'n':0}; **", "x | d c |  | = 'done'" },
        /* first in `next`, though a node above names the decision in depends_on as well */
        { "d",
          TASK("b", ", depends_on: d, next: e") TASK("a", ", next: e")
              DECIDE("{to: a, when: 'input.n > 1'}, " IF_B) END,
          "{'n':2}", "*", "a | = 'done'" },
        /* a condition in depends_on counts for the same edge */
        { "a", B_DEPENDS, "{'go':false}", "a", "a | = 'done'" },
        { "a", B_DEPENDS, "{'go':true}", "a; b", "a | b | = 'done'" },
        { "d", DECIDE("{to: e, when: false}") END, "{}", "", "= null" },
        { "a", TASK("a", ", next: {to: e, when: result.ok}") END, "{}", "a={'ok':3}",
          "a | ! node \"a\": edge to \"e\": \"result.ok\": condition gives int, must give bool" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

#define FORK "{to: a, when: input.a}, {to: b, when: input.b}, {to: c, when: input.c}"
#define THREE TASK("a", ", next: j") TASK("b", ", next: j") TASK("c", ", next: j")

static void branches_not_taken_hold_nothing_up(void **state)
{
    static const struct row rows[] = {
        { FORK, THREE TASK("j", ", next: e") END, "{'a':true,'b':false,'c':true}", "c; a; j",
          "a c |  | j | = 'done'" },
        { FORK, THREE TASK("j", ", next: e") END, "{'a':false,'b':false,'c':false}", "", "= null" },
        { FORK, THREE TASK("j", ", join: any, next: e") END, "{'a':true,'b':true,'c':true}",
          "b; a; j; c", "a b c | j |  |  | = 'done'" },
        { FORK, THREE TASK("j", ", join: 2, next: e") END, "{'a':true,'b':true,'c':true}",
          "b; c; j; a", "a b c |  | j |  | = 'done'" },
        /* fewer than are joined: the join is dead */
        { FORK, THREE TASK("j", ", join: 2, next: e") END, "{'a':true,'b':false,'c':false}", "a",
          "a | = null" },
        /* at once, so that it holds nothing up */
        { FORK ", k",
          THREE TASK("k", ", next: z") TASK("j", ", join: 2, next: z") TASK("z", ", next: e") END,
          "{'a':false,'b':false,'c':true}", "k; z; c", "c k | z |  | = 'done'" },
        /* death goes through chains and joins, and stops where something lives */
        { "{to: a, when: input.a}, k",
          TASK("a", ", next: b") TASK("b", ", next: [c, j]") TASK("c", ", next: j")
              TASK("k", ", next: j") TASK("j", ", next: e") END,
          "{'a':false}", "k; j", "k | j | = 'done'" },
        { "{to: a, when: input.a}, k",
          "- {id: m, type: map, over: [1], next: j, body: [{id: x" DO "}]}\n" TASK("a", ", next: m")
              TASK("k", ", next: j") TASK("j", ", next: e") END,
          "{'a':false}", "k; j", "k | j | = 'done'" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

#define AT_J TASK("j", ", join: first, next: e") END
static void a_join_of_the_first_lets_go_of_the_others(void **state)
{
    static const struct row rows[] = {
        { "a, b", TASK("a", ", next: j") TASK("b", ", next: j") AT_J, "{}", "b; j",
          "a b | -a j | = 'done'" },
        { "a, b", TASK("a", ", next: j") TASK("b", ", next: j") AT_J, "{}", "a; j",
          "a b | -b j | = 'done'" },
        /* what was yet to come on the way there does not begin */
        { "a, b", TASK("a", ", next: c") TASK("c", ", next: j") TASK("b", ", next: j") AT_J, "{}",
          "b; j", "a b | -a j | = 'done'" },
        { "a, b", TASK("a", ", next: c") TASK("c", ", next: j") TASK("b", ", next: j") AT_J, "{}",
          "a; b; j", "a b | c | -c j | = 'done'" },
        /* what leads elsewhere as well goes on */
        { "a, b", TASK("a", ", next: [j, k]") TASK("k", ", next: e") TASK("b", ", next: j") AT_J,
          "{}", "b; j; a; k", "a b | j |  | k | = 'done'" },
        /* a failure before counts, as ever */
        { "a, b", TASK("a", ", next: j") TASK("b", ", next: j") AT_J, "{}", "!a",
          "a b | ! node \"a\": it broke" },
        { "a, b",
          TASK("a", ", on_error: {goto: h}, next: j") TASK("h", ", next: j") TASK("b", ", next: j")
              AT_J,
          "{}", "!a; b; j", "a b | h | -h j | = 'done'" },
        /* rounds, sleeps, waits, timeouts */
        { "m, w, z, b",
          "- {id: m, type: map, over: [1, 2], next: j, body: [{id: x" DO "}]}\n"
          "- {id: w, type: wait, signal: go, timeout: 1s, next: j}\n"
          "- {id: z, type: sleep, duration: 1m, next: j}\n" TASK("b", ", next: j") AT_J,
          "{}", "m[1].x; b; j",
          "w.timeout:1000ms w?go z:60000ms b m[0].x m[1].x |  | -m[0].x -w -w.timeout -z j | = "
          "'done'" },
        { "l, b",
          "- {id: l, type: loop, times: 2, variables: {v: 1}, next: j, body: [{id: x" DO
          ", outputs: {v: 2}}]}\n" TASK("b", ", next: j") AT_J,
          "{}", "l[0].x; b; j", "b l[0].x | l[1].x | -l[1].x j | = 'done'" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

static void joins_of_the_first_stand_in_each_others_way(void **state)
{
    static const struct row rows[] = {
        /* a join within the way to another: all that is before it is let go of as well */
        { "a, b, c",
          TASK("a", ", next: i") TASK("b", ", next: i") TASK("i", ", join: first, next: j")
              TASK("c", ", next: j") AT_J,
          "{}", "c; j", "a b c | -a -b j | = 'done'" },
        { "a, b, c",
          TASK("a", ", next: i") TASK("b", ", next: i") TASK("i", ", join: first, next: j")
              TASK("c", ", next: j") AT_J,
          "{}", "a; c; j", "a b c | -b i | -i j | = 'done'" },
        /* in the same fold: what was about to begin does not */
        { "p, q",
          "- {id: p, type: set, output: 1, next: j}\n- {id: q, type: set, output: 1, next: "
          "b}\n" TASK("b", ", next: j") AT_J,
          "{}", "j", "j | = 'done'" },
        { "p, m",
          "- {id: p, type: set, output: 1, next: j}\n"
          "- {id: m, type: map, over: [1, 2], next: j, body: [{id: x" DO "}]}\n" AT_J,
          "{}", "j", "j | = 'done'" },
        /* one after another, and of items in order */
        { "a, b",
          TASK("a", ", next: j") TASK("b", ", next: j") TASK("j", ", join: first, next: [c, d]")
              TASK("c", ", next: k") TASK("d", ", next: k") TASK("k", ", join: first, next: e") END,
          "{}", "a; j; d; k", "a b | -b j | c d | -c k | = 'done'" },
        { "m",
          ORDERED("", "{id: a" DO ", next: j}, {id: b" DO ", next: j}, {id: j" DO ", join: first}"),
          "[1,2]", "m[0].b; m[1].a; m[0].j=3; m[1].j=4",
          "m[0].a m[0].b | -m[0].a m[0].j m[1].b m[1].a |  | -m[1].b m[1].j | = [3,4]" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

static void values_go_in_and_out(void **state)
{
    static const struct row rows[] = {
        /* templates keep types, and are printed within text */
        { "a",
          TASK("a", ", next: e, inputs: "
                    "{n: '${input.n}', t: 'n is ${input.n}', l: [1, '${input.l}'], c: {d: 1}}") END,
          "{'n':1.5,'l':[true]}", "a",
          "a{'c':{'d':1},'l':[1,[true]],'n':1.5,'t':'n is 1.5'} | = 'done'" },
        { "a", TASK("a", ", inputs: '${input}', next: e") GIVE("'${nodes.a.output}'"), "{'n':1}",
          "a={'x':[null]}", "a{'n':1} | = {'x':[null]}" },
        { "a", TASK("a", ", inputs: [1, 2], next: e") END, "{}", "a", "a[1,2] | = 'done'" },
        /* variables */
        { NULL,
          VARS("n: 1, m: {k: v}", "a") TASK("a", ", outputs: {n: '${vars.n + result.by}'}, next: b")
              TASK("b", ", inputs: {n: '${vars.n}'}, outputs: {m: '${vars}'}, next: e") PLAIN_END,
          "{}", "a={'by':2}; b", "a | b{'n':3} | = {'m':{'m':{'k':'v'},'n':3},'n':3}" },
        /* an output that is absent, or null */
        { "a", TASK("a", ", next: e") GIVE("'${nodes.a.output.x}'"), "{}", "a={}",
          "a | ! node \"e\": \"${nodes.a.output.x}\": 1:16: no such key \"x\"" },
        { "a", TASK("a", ", next: e") GIVE("'${nodes.a.output}'"), "{}", "a", "a | = null" },
        /* roots */
        { "e", GIVE("['${run.id}', '${nodes.s.output}', '${now}']"), "{'x':1}", "s",
          "s:timer | = ['run-1',{'x':1},'2026-11-21T11:20:01Z']" },
        /* the run's output is that of the end that completed last */
        { "a, b", TASK("a", ", next: x") TASK("b", ", next: y") X_AND_Y, "{}", "b; a",
          "a b |  | = 1" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

#define LOOP(rest) "- {id: l, type: loop, " rest ", next: e}\n"
#define STEP "body: [{id: x" DO "}]"
#define ITEM_STEP "body: [{id: x" DO ", inputs: ['${item}', '${index}']}]"
#define OUT GIVE("'${nodes.l.output}'")

static const struct row loops[] = {
    { "l", LOOP("times: 2, " STEP) OUT, "{}", "l[0].x=1; l[1].x=2", "l[0].x | l[1].x | = 2" },
    { "l", LOOP("times: 0, " STEP) OUT, "{}", "", "= null" },
    { "l", LOOP("until: 'result == 2', " STEP) OUT, "{}", "l[0].x=1; l[1].x=2",
      "l[0].x | l[1].x | = 2" },
    { "l", LOOP("until: 'result.n == 2', output: {n: '${result}', i: '${index}'}, " STEP) OUT, "{}",
      "l[0].x=1; l[1].x=2", "l[0].x | l[1].x | = {'i':1,'n':2}" },
    { NULL,
      VARS("n: 0", "l") LOOP("while: 'vars.n < 2', outputs: {n: '${vars.n * 10}'}, "
                             "body: [{id: x" DO ", outputs: {n: '${vars.n + 1}'}}]") PLAIN_END,
      "{}", "**", "l[0].x | l[1].x | = {'n':20}" },
    { NULL, VARS("n: 5", "l") LOOP("while: 'vars.n < 2', " STEP) OUT, "{}", "", "= null" },
    { "l", LOOP("for_each: '${input.l}', " ITEM_STEP) OUT, "{'l':['a',null]}", "l[0].x=1; l[1].x=2",
      "l[0].x['a',0] | l[1].x[null,1] | = 2" },
    { "l", LOOP("for_each: [], " STEP) OUT, "{}", "", "= null" },
    { "l", LOOP("for_each: '${input.l}', " STEP) OUT, "{'l':{}}", "",
      "! node \"l\": \"for_each\" gave a value of type object, not a list" },
    /* max ends a loop as it should end */
    { "l", LOOP("until: false, max: 2, " STEP) OUT, "{}", "**", "l[0].x | l[1].x | = {}" },
    { "l", LOOP("for_each: [1, 2, 3], max: 2, " STEP) OUT, "{}", "**", "l[0].x | l[1].x | = {}" },
    /* a body of several nodes gives the output of the one that completed last */
    { "l", LOOP("times: 1, body: [{id: x" DO "}, {id: y" DO "}]") OUT, "{}", "l[0].y=1; l[0].x=2",
      "l[0].x l[0].y |  | = 2" },
    { "l",
      LOOP("times: 1, body: [{id: d, type: decision, next: {to: x, when: false}}, "
           "{id: x" DO "}]") OUT,
      "{}", "", "= null" },
    { "l", LOOP("until: 'result.done', " STEP) OUT, "{}", "l[0].x={}",
      "l[0].x | ! node \"l\": \"result.done\": 1:8: no such key \"done\"" },
};

static void loops_go_round_as_they_are_told(void **state)
{
    (void)state;
    CHECK_ROWS(loops);
}

#define MAP(rest) "- {id: l, type: map, " rest ", next: e}\n"

static void maps_keep_the_order_of_their_list(void **state)
{
    static const struct row rows[] = {
        { "l", MAP("over: ['a', 'b', 'c'], " STEP) OUT, "{}", "l[1].x=1; l[2].x=2; l[0].x=0",
          "l[0].x l[1].x l[2].x |  |  | = [0,1,2]" },
        { "l",
          MAP("over: '${input.l}', max_parallel: 2, "
              "body: [{id: x" DO ", inputs: ['${item}']}]") OUT,
          "{'l':[5,6,7]}", "l[1].x=1; l[2].x=2; l[0].x=0",
          "l[0].x[5] l[1].x[6] | l[2].x[7] |  | = [0,1,2]" },
        { "l", MAP("over: '${input.l}', max_parallel: 1, output: '${result * index}', " STEP) OUT,
          "{'l':[5,6,7]}", "l[0].x=1; l[1].x=2; l[2].x=3", "l[0].x | l[1].x | l[2].x | = [0,2,6]" },
        { "l", MAP("over: [], " STEP) OUT, "{}", "", "= []" },
        { NULL,
          VARS("all: []", "l") MAP("over: [1, 2], outputs: {all: '${result}'}, " STEP) PLAIN_END,
          "{}", "**", "l[0].x l[1].x |  | = {'all':[{},{}]}" },
        { "l", MAP("over: [1, 2], " STEP) OUT, "{}", "l[0].x; !l[1].x",
          "l[0].x l[1].x |  | ! node \"l[1].x\": it broke" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void bodies_nest(void **state)
{
    static const struct row rows[] = {
        /* a map in a loop: each round's map is a new one */
        { "l", LOOP("times: 2, body: [{id: m, type: map, over: '${input.l}', " ITEM_STEP "}]") OUT,
          "{'l':[7,8]}", "l[0].m[1].x=1; l[0].m[0].x=2; l[1].m[0].x=3; l[1].m[1].x=4",
          "l[0].m[0].x[7,0] l[0].m[1].x[8,1] |  | l[1].m[0].x[7,0] l[1].m[1].x[8,1] |  | = [3,4]" },
        /* a loop in a map: the map's item is seen through a loop without one */
        { "l", MAP("over: [7, 8], body: [{id: r, type: loop, times: 2, " ITEM_STEP "}]") OUT, "{}",
          "l[1].r[0].x; l[0].r[0].x; l[1].r[1].x=1; l[0].r[1].x=0",
          "l[0].r[0].x[7,0] l[1].r[0].x[8,0] | l[1].r[1].x[8,1] | l[0].r[1].x[7,1] |  | = [0,1]" },
        /* nodes see the outputs of their own and of outer graphs */
        { "a",
          TASK("a", ", next: l")
              LOOP("times: 2, body: [{id: x" DO ", next: y, inputs: ['${nodes.a.output}']}, "
                   "{id: y" DO ", inputs: "
                   "['${nodes.x.output}', '${nodes.a.output}', '${has(nodes.l)}']}]") OUT,
          "{}", "a=1; l[0].x=2; l[0].y; l[1].x=3; l[1].y=4",
          "a | l[0].x[1] | l[0].y[2,1,false] | l[1].x[1] | l[1].y[3,1,false] | = 4" },
        /* an outer node that completes while a round is under way is seen from then on */
        { "a, l",
          TASK("a", ", next: e")
              LOOP("times: 1, body: [{id: x" DO ", next: y}, "
                   "{id: y" DO ", inputs: ['${has(nodes.a)}'], next: z}, "
                   "{id: z" DO ", inputs: ['${nodes.a.output}', '${nodes.y.output}']}]") GIVE("1"),
          "{}", "l[0].x; a=7; l[0].y=8; l[0].z",
          "a l[0].x | l[0].y[false] |  | l[0].z[7,8] | = 1" },
        { "l",
          LOOP("times: 1, body: [{id: m, type: loop, times: 1, "
               "body: [{id: n, type: loop, times: 1, " STEP "}]}]") OUT,
          "{}", "!l[0].m[0].n[0].x", "l[0].m[0].n[0].x | ! node \"l[0].m[0].n[0].x\": it broke" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void children_are_asked_for(void **state)
{
    static const struct row rows[] = {
        { "w",
          "- {id: w, type: subworkflow, workflow: other, inputs: {n: 1}, next: p}\n"
          "- {id: p, type: pattern, pattern: debate, config: {rounds: 3}, "
          "inputs: {n: '${nodes.w.output}'}, next: e}\n" GIVE("'${nodes.p.output}'"),
          "{}", "w=5; p=6", "w<workflow other>{'n':1} | p<pattern debate>{'n':5} | = 6" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void a_run_ends_early_when_it_must(void **state)
{
    static const struct row rows[] = {
        { "a, b", TASK("a", ", next: e") TASK("b", "") END, "{}", "!a",
          "a b | ! node \"a\": it broke" },
        { "a, b", TASK("a", ", next: e") TASK("b", "") END, "{}", "a; cancel",
          "a b |  | ! the run was cancelled" },
        { NULL,
          "id: t\ninputs: {type: object, required: [n]}\nnodes:\n"
          "- {id: s, type: start, next: e}\n" END,
          "{}", "", "! input of workflow \"t\": the key \"n\" is missing (schema /required)" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_works_out_a_value_and_calls_nobody),
        cmocka_unit_test(a_map_in_order_is_a_pipeline),
        cmocka_unit_test(a_node_runs_when_those_before_it_are_done),
        cmocka_unit_test(edges_are_taken_by_their_conditions),
        cmocka_unit_test(branches_not_taken_hold_nothing_up),
        cmocka_unit_test(a_join_of_the_first_lets_go_of_the_others),
        cmocka_unit_test(joins_of_the_first_stand_in_each_others_way),
        cmocka_unit_test(values_go_in_and_out),
        cmocka_unit_test(loops_go_round_as_they_are_told),
        cmocka_unit_test(maps_keep_the_order_of_their_list),
        cmocka_unit_test(bodies_nest),
        cmocka_unit_test(children_are_asked_for),
        cmocka_unit_test(a_run_ends_early_when_it_must),
    };

    return cmocka_run_group_tests_name("flow reduce", tests, NULL, NULL);
}
