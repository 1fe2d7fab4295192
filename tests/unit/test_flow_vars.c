/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow vars: variables of bodies: how long they live, who sees and writes them, and what becomes of
 * values that do not fit. Each row is run plain, again, and saved and loaded between any two
 * events. What is refused of them stands in tests/data/broken-workflows.txt.
 */
#include "flow_refusal.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"

#define GIVE(output) "- {id: e, type: end, output: " output "}\n"
#define NODE(type, id, keys, body)                                                                 \
    "- {id: " id ", type: " type ", " keys ",\n   body: [" body "]}\n"
#define LOOP(id, keys, body) NODE("loop", id, keys, body)
#define MAP(id, keys, body) NODE("map", id, keys, body)
/* Within a body. */
#define IN(id, rest) "{id: " id DO ", " rest "}"
#define SET(id, rest) "{id: " id ", type: set, " rest "}"
#define MISFIT(variable, value, is)                                                                \
    "variable \"" variable "\" cannot take " value ": must be an integer, is " is " (schema "      \
    "/type)"

struct row {
    const char *variables; /* of the workflow, which has the input {n: 2} */
    const char *next;      /* where the start "s" leads */
    const char *nodes;     /* behind the start */
    const char *script, *want;
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char yaml[3000], *trace;
        int length = snprintf(yaml, sizeof(yaml),
                              "id: t\nvariables: {%s}\nnodes:\n"
                              "- {id: s, type: start, next: [%s]}\n%s",
                              rows[i].variables, rows[i].next, rows[i].nodes);

        assert_in_range(length, 1, sizeof(yaml) - 1);
        trace = run_script(yaml, "{'n':2}", rows[i].script);
        assert_string_equal(trace, rows[i].want);
        free(trace);
    }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

/* --- loops --- */

static void a_loop_keeps_its_variables_from_round_to_round(void **state)
{
    static const struct row rows[] = {
        /* `while`, `until`, `output` and the body see them, the end does not */
        { "k: 1", "l",
          LOOP("l",
               "while: vars.count < 3, variables: {count: 0, seen: []}, output: '${vars.seen}', "
               "next: e",
               IN("x", "inputs: '${vars}', outputs: {seen: '${vars.seen + [vars.count]}', count: "
                       "'${vars.count + 1}'}")) GIVE("['${nodes.l.output}', '${vars}']"),
          "l[0].x; l[1].x; l[2].x",
          "l[0].x{'count':0,'k':1,'seen':[]} | l[1].x{'count':1,'k':1,'seen':[0]} | "
          "l[2].x{'count':2,'k':1,'seen':[0,1]} | = [[0,1,2],{'k':1}]" },
        { "", "l",
          LOOP("l", "until: 'vars.stop', variables: {stop: false}, output: '${index}', next: e",
               IN("x", "outputs: {stop: '${result}'}")) "- {id: e, type: end}\n",
          "l[0].x=false; l[1].x=true", "l[0].x | l[1].x | = {}" },
        /* the whole of them without `output` of the end is the workflow's */
        { "k: 7", "l",
          LOOP("l", "times: 1, variables: {j: 0}, next: e",
               SET("x", "outputs: {j: 1, k: 8}")) "- {id: e, type: end}\n",
          "", "= {'k':8}" },
        /* made anew each time the loop begins */
        { "", "o",
          LOOP("o", "times: 2, output: '${nodes.l.output}', next: e",
               "{id: l, type: loop, times: 2, variables: {sum: '${10 * index}'}, output: "
               "'${vars.sum}', body: [" IN("x", "inputs: '${vars.sum}', outputs: {sum: '${vars.sum "
                                                "+ 1}'}") "]}") GIVE("'${nodes.o.output}'"),
          "**", "o[0].l[0].x0 | o[0].l[1].x1 | o[1].l[0].x10 | o[1].l[1].x11 | = 12" },
        /* loops beside each other have nothing in common but the name */
        { "", "a, b",
          LOOP("a", "while: 'vars.n < 1', variables: {n: 0}, output: '${vars.n}', next: e",
               IN("x", "outputs: {n: '${result}'}"))
              LOOP("b", "while: 'vars.n < 1', variables: {n: 0}, output: '${vars.n}', next: e",
                   IN("x", "outputs: {n: '${result}'}"))
                  GIVE("['${nodes.a.output}', '${nodes.b.output}']"),
          "a[0].x=0; b[0].x=5; a[1].x=3", "a[0].x b[0].x | a[1].x |  | = [3,5]" },
        /* no round at all */
        { "", "l",
          LOOP("l", "while: 'vars.n < 0', variables: {n: 0}, next: e", IN("x", "outputs: {n: 1}"))
              GIVE("'${nodes.l.output}'"),
          "", "= null" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

/* What is written further out, or further in, is seen at once. */
static void each_scope_sees_what_is_written_around_it(void **state)
{
    static const struct row rows[] = {
        { "w: 0", "o",
          LOOP("o", "times: 2, variables: {u: 0}, output: '${vars}', next: e",
               "{id: i, type: loop, times: 2, variables: {v: 0}, output: '${vars}', next: z, body: "
               "[" IN(
                   "x",
                   "inputs: '${vars}', outputs: {w: '${vars.w + 1}', u: '${vars.u + 1}', "
                   "v: '${vars.v + 1}'}, next: y") ", " IN("y",
                                                           "inputs: '${vars}'") "]}"
                                                                                ", " SET(
                                                                                    "z",
                                                                                    "outputs: {u: "
                                                                                    "'${vars.u * "
                                                                                    "10}'}"))
              GIVE("['${nodes.o.output}', '${vars}']"),
          "**",
          "o[0].i[0].x{'u':0,'v':0,'w':0} | o[0].i[0].y{'u':1,'v':1,'w':1} | "
          "o[0].i[1].x{'u':1,'v':1,'w':1} | o[0].i[1].y{'u':2,'v':2,'w':2} | "
          "o[1].i[0].x{'u':20,'v':0,'w':2} | o[1].i[0].y{'u':21,'v':1,'w':3} | "
          "o[1].i[1].x{'u':21,'v':1,'w':3} | o[1].i[1].y{'u':22,'v':2,'w':4} | "
          "= [{'u':220,'w':4},{'w':4}]" },
        /* from a node beside the loop */
        { "w: 0", "b, l",
          "- {id: b" DO ", outputs: {w: '${result}'}, next: e}\n" LOOP(
              "l", "times: 2, variables: {v: 0}, next: e",
              IN("x", "inputs: '${vars}', outputs: {v: '${result}'}")) GIVE("done"),
          "l[0].x=4; b=9; l[1].x", "b l[0].x{'v':0,'w':0} | l[1].x{'v':4,'w':0} |  | = 'done'" },
        { "w: 0", "b, l",
          "- {id: b" DO ", outputs: {w: '${result}'}, next: e}\n" LOOP(
              "l", "times: 2, variables: {v: 0}, next: e",
              IN("x", "inputs: '${vars}', next: y") ", " IN("y", "inputs: '${vars}'")) GIVE("done"),
          "b=9; **",
          "b l[0].x{'v':0,'w':0} |  | l[0].y{'v':0,'w':9} | l[1].x{'v':0,'w':9} | "
          "l[1].y{'v':0,'w':9} | = 'done'" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void a_loop_of_instant_rounds_keeps_its_variables_when_it_pauses(void **state)
{
    static const char yaml[] =
        "id: t\nnodes:\n- {id: s, type: start, next: l}\n"
        "- {id: l, type: loop, while: 'vars.n < 10000', variables: {n: 0}, output: '${vars.n}', "
        "next: e, body: [{id: x, type: set, outputs: {n: '${vars.n + 1}'}}]}\n"
        "- {id: e, type: end, output: '${nodes.l.output}'}\n";
    struct tdh_definition *definition = flow_of(yaml);

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct flow_run *run = run_new(definition, "{}", i == 0 ? RUN_PLAIN : RUN_SAVED);

        while (run_echo(run))
            ;
        run_is_done(run, "10000");
        assert_in_range(run_events(run), 3, 20);
        run_free(run);
    }
    tdh_definition_release(definition);
}

/* --- maps --- */

static void each_item_of_a_map_has_its_own_variables(void **state)
{
    static const struct row rows[] = {
        /* items that are under way together do not disturb each other */
        { "", "m",
          MAP("m", "over: [a, b, c], variables: {k: 0}, output: '${vars.k}', next: e",
              IN("x", "inputs: '${vars.k}', outputs: {k: '${result}'}, next: y") ", " IN(
                  "y", "inputs: '${vars.k}', outputs: {k: '${vars.k + result}'}"))
              GIVE("'${nodes.m.output}'"),
          "m[1].x=10; m[0].x=20; m[0].y=1; m[2].x=30; m[1].y=2; m[2].y=3",
          "m[0].x0 m[1].x0 m[2].x0 | m[1].y10 | m[0].y20 |  | m[2].y30 |  | = [21,12,33]" },
        /* made when its round begins: of items that wait, later */
        { "w: 0", "m",
          MAP("m",
              "over: [a, b], max_parallel: 1, variables: {k: '${nodes.s.output.n + index}'}, "
              "output: '${vars.k}', next: e",
              IN("x", "inputs: '${vars.k}', outputs: {k: '${result}'}"))
              GIVE("'${nodes.m.output}'"),
          "m[0].x=7; m[1].x=8", "m[0].x2 | m[1].x3 | = [7,8]" },
        /* a loop in each */
        { "", "m",
          MAP("m", "over: [1, 2], output: '${nodes.l.output}', next: e",
              "{id: l, type: loop, while: 'vars.k < 2', variables: {k: 0}, output: '${vars.k}', "
              "body: [" IN("x", "outputs: {k: '${vars.k + result}'}") "]}")
              GIVE("'${nodes.m.output}'"),
          "m[1].l[0].x=5; m[0].l[0].x=1; m[0].l[1].x=1",
          "m[0].l[0].x m[1].l[0].x |  | m[0].l[1].x | = [2,5]" },
        { "", "m",
          MAP("m", "over: [1, 2], variables: {k: '${item}'}, output: '${vars.k}', next: e",
              "{id: l, type: loop, times: 2, body: [" IN(
                  "x", "inputs: '${vars.k}', outputs: {k: '${vars.k * 2}'}") "]}")
              GIVE("'${nodes.m.output}'"),
          "**", "m[0].l[0].x1 m[1].l[0].x2 | m[0].l[1].x2 | m[1].l[1].x4 |  | = [4,8]" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void first_values_see_what_is_there_when_they_are_made(void **state)
{
    static const struct row rows[] = {
        { "w: 5", "a",
          "- {id: a" DO ", next: m}\n" MAP(
              "m",
              "over: [x, y], variables: {all: ['${item}', '${index}', '${input.n}', '${vars.w}', "
              "'${nodes.a.output}'], text: 'no ${index}', plain: '$${x}'}, next: e",
              IN("x", "inputs: '${vars}'")) GIVE("done"),
          "a=3; *",
          "a | m[0].x{'all':['x',0,2,5,3],'plain':'${x}','text':'no 0','w':5} "
          "m[1].x{'all':['y',1,2,5,3],'plain':'${x}','text':'no 1','w':5} |  | = 'done'" },
        /* those of a loop are made before it has an item: item and index are of the body around it
         */
        { "", "m",
          MAP("m", "over: [x, y], next: e",
              "{id: l, type: loop, for_each: [1, 2], variables: {all: ['${item}', '${index}']}, "
              "body: [" IN("x", "inputs: ['${vars.all}', '${item}', '${index}']") "]}") GIVE("do"
                                                                                             "ne"),
          "**",
          "m[0].l[0].x[['x',0],1,0] m[1].l[0].x[['y',1],1,0] | m[0].l[1].x[['x',0],2,1] | "
          "m[1].l[1].x[['y',1],2,1] |  | = 'done'" },
        /* of the scope around it, as it is then */
        { "", "o",
          LOOP("o", "times: 2, variables: {u: 1}, next: e",
               "{id: l, type: loop, times: 1, variables: {v: '${vars.u}'}, body: [" IN(
                   "x", "inputs: '${vars.v}', outputs: {u: '${vars.v + 1}'}") "]}") GIVE("done"),
          "**", "o[0].l[0].x1 | o[1].l[0].x2 | = 'done'" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

/* With in_order each node takes the items one after another, so one may write what is around. */
static void a_map_in_order_may_write_a_variable_around_it(void **state)
{
    static const struct row rows[] = {
        { "sum: 0, log: []", "m",
          MAP("m",
              "over: [1, 2, 3], in_order: true, variables: {mine: '${item * 10}'}, output: "
              "'${vars.mine}', next: e",
              IN("x", "outputs: {mine: '${vars.mine + result}'}, next: y") ", " IN(
                  "y", "inputs: '${vars.mine}', outputs: {log: '${vars.log + [vars.mine]}'}"))
              GIVE("['${nodes.m.output}', '${vars.log}']"),
          "m[0].x=1; m[1].x=2; m[0].y; m[2].x=3; m[1].y; m[2].y",
          "m[0].x | m[0].y11 m[1].x | m[2].x | m[1].y22 |  | m[2].y33 | = "
          "[[11,22,33],[11,22,33]]" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

/* --- failures --- */

#define UNDO ", compensate: {agent: any, action: undo, inputs: {k: '${vars.k}', was: '${result}'}}"

static void what_is_undone_saw_the_variables_of_its_round(void **state)
{
    static const struct row rows[] = {
        { "", "m",
          MAP("m", "over: [a, b], variables: {k: '${item}'}, next: z",
              IN("x", "outputs: {k: '${result}'}" UNDO)) "- {id: z" DO ", next: e}\n" GIVE("done"),
          "m[1].x=5; m[0].x=6; !z; m[0].x.compensate; m[1].x.compensate",
          "m[0].x m[1].x |  | z | m[0].x.compensate{'k':'a','was':6} | "
          "m[1].x.compensate{'k':'b','was':5} | ! node \"z\": it broke" },
        /* also when it is done while the run stops */
        { "", "m, z",
          MAP("m", "over: [a, b], variables: {k: '${item}'}, next: e",
              IN("x", "next: y" UNDO) ", " IN("y", "outputs: {k: 1}"))
              LOOP("l", "times: 1, depends_on: s, variables: {k: 8}, next: e",
                   IN("x", "outputs: {k: 9}, next: y") ", " IN(
                       "y", "inputs: '${vars.k}'" UNDO)) "- {id: z" DO ", next: e}\n" GIVE("done"),
          "m[0].x=1; l[0].x; !z; m[1].x=3; l[0].y=4; l[0].y.compensate; m[1].x.compensate; "
          "m[0].x.compensate",
          "z m[0].x m[1].x l[0].x | m[0].y | l[0].y9 | -m[0].y ~m[1].x ~l[0].y |  | "
          "l[0].y.compensate{'k':9,'was':4} | m[1].x.compensate{'k':'b','was':3} | "
          "m[0].x.compensate{'k':'a','was':1} | ! node \"z\": it broke" },
        { "", "l",
          LOOP("l", "times: 2, variables: {k: 0}, next: e",
               IN("x", "outputs: {k: '${vars.k + 1}'}" UNDO)) GIVE("done"),
          "l[0].x=7; cancel; l[1].x=8; l[1].x.compensate; l[0].x.compensate",
          "l[0].x | l[1].x | ~l[1].x | l[1].x.compensate{'k':1,'was':8} | "
          "l[0].x.compensate{'k':0,'was':7} | ! the run was cancelled" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void what_follows_a_failure_sees_the_variables_of_its_round(void **state)
{
    static const struct row rows[] = {
        { "", "m",
          MAP("m", "over: [a, b], variables: {k: '${item}'}, output: '${vars.k}', next: e",
              IN("x", "on_error: {goto: f}, outputs: {k: '${result}'}, next: y") ", " IN(
                  "y", "inputs: '${vars.k}'") ", " IN("f", "inputs: '${vars.k}', outputs: {k: "
                                                           "'${vars.k + \"!\"}'}"))
              GIVE("'${nodes.m.output}'"),
          "!m[0].x; m[1].x='z'; *", "m[0].x m[1].x | m[0].f'a' | m[1].y'z' |  | = ['a!','z']" },
        /* a round that is lost takes its own with it, the loop's stay */
        { "", "l",
          LOOP("l", "times: 2, variables: {n: 0}, output: '${vars.n}', next: e",
               "{id: m, type: map, over: [1, 2], max_failures: 1, variables: {k: 1}, body: "
               "[" IN("x", "outputs: {k: 5}, next: y") ", " IN(
                   "y", "inputs: '${vars.k + vars.n}'") "]"
                                                        ", "
                                                        "next: z}, " SET(
                                                            "z", "outputs: {n: '${vars.n + 1}'}"))
              GIVE("'${nodes.l.output}'"),
          "!l[0].m[0].x; l[0].m[1].x; l[0].m[1].y; l[1].m[0].x; !l[1].m[1].x; l[1].m[0].y",
          "l[0].m[0].x l[0].m[1].x |  | l[0].m[1].y5 | l[1].m[0].x l[1].m[1].x | l[1].m[0].y6 "
          "|  | "
          "= 2" },
        /* a loop that failed has none any more, and begins with new ones */
        { "", "o",
          LOOP("o", "times: 2, next: e",
               "{id: l, type: loop, times: 2, on_error: skip, variables: {n: 0}, body: [" IN(
                   "x", "inputs: '${vars.n}', outputs: {n: 1}") "]}") GIVE("done"),
          "o[0].l[0].x; !o[0].l[1].x; o[1].l[0].x; o[1].l[1].x",
          "o[0].l[0].x0 | o[0].l[1].x1 | o[1].l[0].x0 | o[1].l[1].x1 | = 'done'" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

/* --- types --- */

static void a_value_that_does_not_fit_is_not_written(void **state)
{
    static const struct row rows[] = {
        { "", "l",
          LOOP("l", "times: 1, variables: {n: 0}, types: {n: integer}, next: e",
               IN("x", "outputs: {n: '${result}'}")) GIVE("done"),
          "l[0].x='q'", "l[0].x | ! node \"l[0].x\": " MISFIT("n", "\"q\"", "a string") },
        /* all or none, of whatever scope */
        { "w: 0", "l",
          LOOP("l", "times: 1, variables: {n: 0, u: 0}, types: {n: integer}, next: e",
               IN("a", "inputs: '${vars}', next: x") ", " IN(
                   "x", "on_error: skip, outputs: {w: 1, u: '${vars.w + 4}', n: '${result}'}, "
                        "next: y") ", " IN("y", "inputs: '${vars}'")) GIVE("done"),
          "l[0].a; l[0].x='q'; *",
          "l[0].a{'n':0,'u':0,'w':0} | l[0].x | l[0].y{'n':0,'u':0,'w':0} | = 'done'" },
        { "w: 0", "l",
          LOOP("l", "times: 1, variables: {n: 0, u: 0}, types: {n: integer}, next: e",
               IN("x", "outputs: {w: 1, u: '${vars.w + 4}', n: '${result}'}, next: y") ", " IN(
                   "y", "inputs: '${vars}'")) GIVE("done"),
          "l[0].x=3; *", "l[0].x | l[0].y{'n':3,'u':5,'w':1} | = 'done'" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

/* Their type is known at run time only. */
static void a_first_value_that_does_not_fit_fails_its_loop_or_round(void **state)
{
    static const struct row rows[] = {
        { "w: x", "l",
          LOOP("l",
               "times: 1, timeout: 1m, variables: {n: '${vars.w}'}, types: {n: integer}, "
               "next: e",
               IN("x", "inputs: 1")) GIVE("done"),
          "", "l.timeout:60000ms -l.timeout ! node \"l\": " MISFIT("n", "\"x\"", "a string") },
        { "w: x", "l",
          LOOP("l",
               "times: 1, on_error: skip, variables: {n: '${vars.w}'}, types: {n: integer}, "
               "next: e",
               IN("x", "inputs: 1")) GIVE("'${nodes.l.error.text}'"),
          "",
          "= 'node \\'l\\': variable \\'n\\' cannot take \\'x\\': must be an integer, is a string "
          "(schema /type)'" },
        /* of a map that round, which it may put up with */
        { "", "m",
          MAP("m",
              "over: [1, x, 3], max_failures: 1, variables: {n: '${item}'}, types: {n: "
              "integer}, output: '${vars.n}', next: e",
              IN("x", "inputs: '${vars.n}'")) GIVE("'${nodes.m.output}'"),
          "*", "m[0].x1 m[2].x3 |  | = [1,null,3]" },
        { "", "m",
          MAP("m",
              "over: [x, 2], max_parallel: 1, in_order: true, max_failures: 1, variables: "
              "{n: '${item}'}, types: {n: integer}, output: '${vars.n}', next: e",
              IN("x", "inputs: '${vars.n}'")) GIVE("'${nodes.m.output}'"),
          "*", "m[1].x2 | = [null,2]" },
        { "", "m",
          MAP("m",
              "over: [1, x, 3], on_error: skip, variables: {n: '${item}'}, types: {n: "
              "integer}, next: e",
              IN("x", "inputs: '${vars.n}'")) GIVE("'${nodes.m.error.text}'"),
          "",
          "m[0].x1 m[2].x3 -m[0].x -m[2].x = 'node \\'m[1]\\': variable \\'n\\' cannot take "
          "\\'x\\': must be an integer, is a string (schema /type)'" },
        /* what was done of the others is undone */
        { "", "m",
          MAP("m",
              "over: [1, x], max_parallel: 1, variables: {k: '${item}'}, types: {k: integer}, "
              "next: e",
              IN("x", "inputs: '${vars.k}'" UNDO)) GIVE("done"),
          "m[0].x=4; m[0].x.compensate",
          "m[0].x1 | m[0].x.compensate{'k':1,'was':4} | ! node \"m[1]\": " MISFIT("k", "\"x\"",
                                                                                  "a string") },
    };
    (void)state;
    CHECK_ROWS(rows);
}

/* A fault of the workflow: past every on_error. */
static void a_first_value_that_cannot_be_worked_out_fails_the_run(void **state)
{
    static const struct row rows[] = {
        { "w: {}", "l",
          LOOP("l", "times: 1, on_error: skip, variables: {n: '${vars.w.x}'}, next: e",
               IN("x", "inputs: 1")) GIVE("done"),
          "", "! node \"l\": variable \"n\": \"${vars.w.x}\": 1:8: no such key \"x\"" },
        { "", "m",
          MAP("m", "over: [{x: 1}, {}], on_error: skip, variables: {n: '${item.x}'}, next: e",
              IN("x", "inputs: '${vars.n}'")) GIVE("done"),
          "", "! node \"m[1]\": variable \"n\": \"${item.x}\": 1:6: no such key \"x\"" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

/* --- what is read --- */

static const struct refusal reads[] = {
    /* one name in two bodies beside each other, and written there at the same time */
    { "a, b",
      LOOP("a", "times: 1, variables: {k: 0}, next: e", IN("x", "outputs: {k: 1}"))
          LOOP("b", "times: 1, variables: {k: 0}, next: e", IN("x", "outputs: {k: 1}")) END,
      "valid" },
    { "m", MAP("m", "over: [1], variables: {k: 0}, next: e", IN("x", "outputs: {k: 1}")) END,
      "valid" },
    { "m",
      MAP("m", "over: [1], variables: {k: 0}, next: e",
          "{id: l, type: loop, times: 1, body: [" IN("x", "outputs: {k: 1}") "]}") END,
      "valid" },
    { "m",
      MAP("m", "over: [1], in_order: true, next: e",
          IN("x", "outputs: {n: 1}, next: y") ", " IN("y", "outputs: {ok: true}")) END,
      "valid" },
    { "m",
      MAP("m",
          "over: [1], variables: {k: '${item.name}', l: '${index + 1}'}, types: {l: integer}, "
          "next: e",
          IN("x", "inputs: '${vars.l + 1}'")) END,
      "valid" },
    { "l",
      LOOP("l",
           "times: 1, variables: {k: 0}, types: {k: integer}, output: '${vars.k + index}', "
           "until: 'vars.k > 1 && result == 2', while: vars.k < 1, next: e",
           IN("x", "inputs: 1")) END,
      "valid" },
    { "l", LOOP("l", "times: 1, variables: {}, types: {}, next: e", IN("x", "inputs: 1")) END,
      "valid" },
    /* the types of bodies are theirs */
    { "a",
      LOOP("a", "times: 1, variables: {k: 0}, types: {k: integer}, next: b",
           IN("x", "inputs: '${vars.k + 1}'"))
          LOOP("b", "times: 1, variables: {k: a}, types: {k: string}, next: e",
               IN("x", "inputs: '${vars.k.size()}'")) END,
      "valid" },
};

static void what_bodies_may_have_is_read(void **state)
{
    (void)state;
    CHECK_REFUSALS(reads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loop_keeps_its_variables_from_round_to_round),
        cmocka_unit_test(each_scope_sees_what_is_written_around_it),
        cmocka_unit_test(a_loop_of_instant_rounds_keeps_its_variables_when_it_pauses),
        cmocka_unit_test(each_item_of_a_map_has_its_own_variables),
        cmocka_unit_test(first_values_see_what_is_there_when_they_are_made),
        cmocka_unit_test(a_map_in_order_may_write_a_variable_around_it),
        cmocka_unit_test(what_is_undone_saw_the_variables_of_its_round),
        cmocka_unit_test(what_follows_a_failure_sees_the_variables_of_its_round),
        cmocka_unit_test(a_value_that_does_not_fit_is_not_written),
        cmocka_unit_test(a_first_value_that_does_not_fit_fails_its_loop_or_round),
        cmocka_unit_test(a_first_value_that_cannot_be_worked_out_fails_the_run),
        cmocka_unit_test(what_bodies_may_have_is_read),
    };

    return cmocka_run_group_tests_name("flow vars", tests, NULL, NULL);
}
