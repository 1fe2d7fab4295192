/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow reduce: what a workflow asks for, event by event. Each row is run plain, again, and saved
 * and loaded between any two events.
 */
#include "flow_case.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

#define TASK(id, rest) "- {id: " id ", type: task, agent: any, action: do" rest "}\n"
#define HEAD(next) "id: t\nnodes:\n- {id: s, type: start, next: [" next "]}\n"
#define VARS(vars, next)                                                                           \
    "id: t\nvariables: {" vars "}\nnodes:\n- {id: s, type: start, next: [" next "]}\n"
#define END "- {id: e, type: end, output: done}\n"

enum { STACK_BYTES = 256 * 1024 };

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
        { HEAD("a") TASK("a", ", next: b") TASK("b", ", next: [e]") END, "{}", "a; b",
          "a | b | = 'done'" },
        { HEAD("a, b") TASK("a", ", next: [c]") TASK("b", ", next: [c]") TASK("c", ", next: [e]")
              END,
          "{}", "b; a; c", "a b |  | c | = 'done'" },
        { "id: t\nnodes:\n- {id: s, type: start}\n" TASK("a", ", depends_on: s") TASK(
              "b",
              ", depends_on: [{node: a}]") "- {id: e, type: end, output: done, depends_on: [b]}\n",
          "{}", "**", "a | b | = 'done'" },
        { HEAD("p") "- {id: p, type: parallel, next: [a, b]}\n" TASK("a", ", next: [e]")
              TASK("b", "") END,
          "{}", "a; b", "a b |  | = 'done'" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void edges_are_taken_by_their_conditions(void **state)
{
    static const struct row rows[] = {
        /* a decision takes the first that holds */
        { HEAD("d") "- {id: d, type: decision, next: [{to: a, when: 'input.n > 1'}, {to: b, when: "
                    "'input.n > 0'}, {to: c, otherwise: true}]}\n" TASK("a", ", next: e")
                        TASK("b", ", next: e") TASK("c", ", next: e") END,
          "{'n':2}", "*", "a | = 'done'" },
        { HEAD("d") "- {id: d, type: decision, next: [{to: a, when: 'input.n > 1'}, {to: b, when: "
                    "'input.n > 0'}, {to: c, otherwise: true}]}\n" TASK("a", ", next: e")
                        TASK("b", ", next: e") TASK("c", ", next: e") END,
          "{'n':1}", "*", "b | = 'done'" },
        { HEAD("d") "- {id: d, type: decision, next: [{to: c, otherwise: true}, {to: a, when: "
                    "'input.n > 1'}, {to: b, when: 'input.n > 0'}]}\n" TASK("a", ", next: e")
                        TASK("b", ", next: e") TASK("c", ", next: e") END,
          "{'n':0}", "*", "c | = 'done'" },
        /* other nodes take all that hold; their conditions see the node's output */
        { HEAD("x") TASK("x", ", next: [{to: a, when: result.n > 1}, {to: b, when: result.n > 0}, "
                              "{to: c, otherwise: true}, d]") TASK("a", "") TASK("b", "")
              TASK("c", "") TASK("d", ", next: e") END,
          "{}", "x={'n':2}; **", "x | a b d |  |  | = 'done'" },
        { HEAD("x") TASK("x", ", next: [{to: a, when: result.n > 1}, {to: b, when: result.n > 0}, "
                              "{to: c, otherwise: true}, d]") TASK("a", "") TASK("b", "")
              TASK("c", "") TASK("d", ", next: e") END,
          "{}", "x={'n':0}; **", "x | d c |  | = 'done'" },
        /* a condition in depends_on counts for the same edge */
        { HEAD("a") TASK("a", ", next: [b, e]")
              TASK("b", ", depends_on: {node: a, when: input.go}, next: e") END,
          "{'go':false}", "a", "a | = 'done'" },
        { HEAD("a") TASK("a", ", next: [b, e]")
              TASK("b", ", depends_on: {node: a, when: input.go}, next: e") END,
          "{'go':true}", "a; b", "a | b | = 'done'" },
        { HEAD("d") "- {id: d, type: decision, next: {to: e, when: false}}\n" END, "{}", "",
          "= null" },
        { HEAD("a") TASK("a", ", next: {to: e, when: result.ok}") END, "{}", "a={'ok':3}",
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
        { HEAD(FORK) THREE TASK("j", ", next: e") END, "{'a':true,'b':false,'c':true}", "c; a; j",
          "a c |  | j | = 'done'" },
        { HEAD(FORK) THREE TASK("j", ", next: e") END, "{'a':false,'b':false,'c':false}", "",
          "= null" },
        { HEAD(FORK) THREE TASK("j", ", join: any, next: e") END, "{'a':true,'b':true,'c':true}",
          "b; a; j; c", "a b c | j |  |  | = 'done'" },
        { HEAD(FORK) THREE TASK("j", ", join: 2, next: e") END, "{'a':true,'b':true,'c':true}",
          "b; c; j; a", "a b c |  | j |  | = 'done'" },
        /* fewer than are joined: the join is dead */
        { HEAD(FORK) THREE TASK("j", ", join: 2, next: e") END, "{'a':true,'b':false,'c':false}",
          "a", "a | = null" },
        /* death goes through chains and joins, and stops where something lives */
        { HEAD("{to: a, when: input.a}, k") TASK("a", ", next: b") TASK("b", ", next: [c, j]")
              TASK("c", ", next: j") TASK("k", ", next: j") TASK("j", ", next: e") END,
          "{'a':false}", "k; j", "k | j | = 'done'" },
        { HEAD("{to: a, when: input.a}, k") TASK(
              "a", ", next: m") "- {id: m, type: map, over: [1], next: j, body: [{id: x, type: "
                                "task, agent: any, action: do}]}\n" TASK("k", ", next: j")
                                    TASK("j", ", next: e") END,
          "{'a':false}", "k; j", "k | j | = 'done'" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void values_go_in_and_out(void **state)
{
    static const struct row rows[] = {
        /* templates keep types, and are printed within text */
        { HEAD("a") TASK("a", ", inputs: {n: '${input.n}', t: 'n is ${input.n}', l: [1, "
                              "'${input.l}'], c: {d: 1}}, next: e") END,
          "{'n':1.5,'l':[true]}", "a",
          "a{'c':{'d':1},'l':[1,[true]],'n':1.5,'t':'n is 1.5'} | = 'done'" },
        { HEAD("a") TASK("a", ", inputs: '${input}', next: e") "- {id: e, type: end, output: "
                                                               "'${nodes.a.output}'}\n",
          "{'n':1}", "a={'x':[null]}", "a{'n':1} | = {'x':[null]}" },
        { HEAD("a") TASK("a", ", inputs: [1, 2], next: e") END, "{}", "a", "a[1,2] | = 'done'" },
        /* variables */
        { VARS("n: 1, m: {k: v}", "a") TASK("a", ", outputs: {n: '${vars.n + result.by}'}, next: b")
              TASK("b",
                   ", inputs: {n: '${vars.n}'}, outputs: {m: '${vars}'}, next: e") "- {id: e, "
                                                                                   "type: end}\n",
          "{}", "a={'by':2}; b", "a | b{'n':3} | = {'m':{'m':{'k':'v'},'n':3},'n':3}" },
        /* an output that is absent, or null */
        { HEAD("a") TASK("a", ", next: e") "- {id: e, type: end, output: '${nodes.a.output.x}'}\n",
          "{}", "a={}", "a | ! node \"e\": \"${nodes.a.output.x}\": 1:16: no such key \"x\"" },
        { HEAD("a") TASK("a", ", next: e") "- {id: e, type: end, output: '${nodes.a.output}'}\n",
          "{}", "a", "a | = null" },
        /* roots */
        { HEAD("e") "- {id: e, type: end, output: ['${run.id}', '${nodes.s.output}', '${now}']}\n",
          "{'x':1}", "s", "s:timer | = ['run-1',{'x':1},'2026-11-21T11:20:01Z']" },
        /* the run's output is that of the end that completed last */
        { HEAD("a, b") TASK("a", ", next: x") TASK(
              "b",
              ", next: y") "- {id: x, type: end, output: 1}\n- {id: y, type: end, output: 2}\n",
          "{}", "b; a", "a b |  | = 1" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

#define LOOP(rest) "- {id: l, type: loop, " rest ", next: e}\n"
#define STEP "body: [{id: x, type: task, agent: any, action: do}]"
#define OUT "- {id: e, type: end, output: '${nodes.l.output}'}\n"

static void loops_go_round_as_they_are_told(void **state)
{
    static const struct row rows[] = {
        { HEAD("l") LOOP("times: 2, " STEP) OUT, "{}", "l[0].x=1; l[1].x=2",
          "l[0].x | l[1].x | = 2" },
        { HEAD("l") LOOP("times: 0, " STEP) OUT, "{}", "", "= null" },
        { HEAD("l") LOOP("until: 'result == 2', " STEP) OUT, "{}", "l[0].x=1; l[1].x=2",
          "l[0].x | l[1].x | = 2" },
        { HEAD("l") LOOP("until: 'result.n == 2', output: {n: '${result}', i: '${index}'}, " STEP)
              OUT,
          "{}", "l[0].x=1; l[1].x=2", "l[0].x | l[1].x | = {'i':1,'n':2}" },
        { VARS("n: 0", "l") LOOP("while: 'vars.n < 2', outputs: {n: '${vars.n * 10}'}, body: [{id: "
                                 "x, type: task, agent: any, action: do, "
                                 "outputs: {n: '${vars.n + 1}'}}]") "- {id: e, type: end}\n",
          "{}", "**", "l[0].x | l[1].x | = {'n':20}" },
        { VARS("n: 5", "l") LOOP("while: 'vars.n < 2', " STEP) OUT, "{}", "", "= null" },
        { HEAD("l") LOOP("for_each: '${input.l}', body: [{id: x, type: task, agent: any, action: "
                         "do, inputs: ['${item}', '${index}']}]") OUT,
          "{'l':['a',null]}", "l[0].x=1; l[1].x=2", "l[0].x['a',0] | l[1].x[null,1] | = 2" },
        { HEAD("l") LOOP("for_each: [], " STEP) OUT, "{}", "", "= null" },
        { HEAD("l") LOOP("for_each: '${input.l}', " STEP) OUT, "{'l':{}}", "",
          "! node \"l\": \"for_each\" gave a value of type object, not a list" },
        /* max ends a loop as it should end */
        { HEAD("l") LOOP("until: false, max: 2, " STEP) OUT, "{}", "**", "l[0].x | l[1].x | = {}" },
        { HEAD("l") LOOP("for_each: [1, 2, 3], max: 2, " STEP) OUT, "{}", "**",
          "l[0].x | l[1].x | = {}" },
        /* a body of several nodes gives the output of the one that completed last */
        { HEAD("l") LOOP("times: 1, body: [{id: x, type: task, agent: any, action: do}, {id: y, "
                         "type: task, agent: any, action: do}]") OUT,
          "{}", "l[0].y=1; l[0].x=2", "l[0].x l[0].y |  | = 2" },
        { HEAD("l") LOOP("times: 1, body: [{id: d, type: decision, next: {to: x, when: false}}, "
                         "{id: x, type: task, agent: any, action: do}]") OUT,
          "{}", "", "= null" },
        { HEAD("l") LOOP("until: 'result.done', " STEP) OUT, "{}", "l[0].x={}",
          "l[0].x | ! node \"l\": \"result.done\": 1:8: no such key \"done\"" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

#define MAP(rest) "- {id: l, type: map, " rest ", next: e}\n"

static void maps_keep_the_order_of_their_list(void **state)
{
    static const struct row rows[] = {
        { HEAD("l") MAP("over: ['a', 'b', 'c'], " STEP) OUT, "{}", "l[1].x=1; l[2].x=2; l[0].x=0",
          "l[0].x l[1].x l[2].x |  |  | = [0,1,2]" },
        { HEAD("l") MAP("over: '${input.l}', max_parallel: 2, body: [{id: x, type: task, agent: "
                        "any, action: do, inputs: ['${item}']}]") OUT,
          "{'l':[5,6,7]}", "l[1].x=1; l[2].x=2; l[0].x=0",
          "l[0].x[5] l[1].x[6] | l[2].x[7] |  | = [0,1,2]" },
        { HEAD("l") MAP("over: '${input.l}', max_parallel: 1, output: '${result * index}', " STEP)
              OUT,
          "{'l':[5,6,7]}", "l[0].x=1; l[1].x=2; l[2].x=3", "l[0].x | l[1].x | l[2].x | = [0,2,6]" },
        { HEAD("l") MAP("over: [], " STEP) OUT, "{}", "", "= []" },
        { VARS("all: []", "l")
              MAP("over: [1, 2], outputs: {all: '${result}'}, " STEP) "- {id: e, type: end}\n",
          "{}", "**", "l[0].x l[1].x |  | = {'all':[{},{}]}" },
        { HEAD("l") MAP("over: [1, 2], " STEP) OUT, "{}", "l[0].x; !l[1].x",
          "l[0].x l[1].x |  | ! node \"l[1].x\": it broke" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void bodies_nest(void **state)
{
    static const struct row rows[] = {
        /* a map in a loop: each round's map is a new one */
        { HEAD("l") LOOP("times: 2, body: [{id: m, type: map, over: '${input.l}', body: [{id: x, "
                         "type: task, agent: any, action: do, "
                         "inputs: ['${item}', '${index}']}]}]") OUT,
          "{'l':[7,8]}", "l[0].m[1].x=1; l[0].m[0].x=2; l[1].m[0].x=3; l[1].m[1].x=4",
          "l[0].m[0].x[7,0] l[0].m[1].x[8,1] |  | l[1].m[0].x[7,0] l[1].m[1].x[8,1] |  | = [3,4]" },
        /* a loop in a map: the map's item is seen through a loop without one */
        { HEAD("l") MAP("over: [7, 8], body: [{id: r, type: loop, times: 2, body: [{id: x, type: "
                        "task, agent: any, action: do, "
                        "inputs: ['${item}', '${index}']}]}]") OUT,
          "{}", "l[1].r[0].x; l[0].r[0].x; l[1].r[1].x=1; l[0].r[1].x=0",
          "l[0].r[0].x[7,0] l[1].r[0].x[8,0] | l[1].r[1].x[8,1] | l[0].r[1].x[7,1] |  | = [0,1]" },
        /* nodes see the outputs of their own and of outer graphs */
        { HEAD("a") TASK("a", ", next: l")
              LOOP("times: 2, body: [{id: x, type: task, agent: any, action: do, next: y, inputs: "
                   "['${nodes.a.output}']}, "
                   "{id: y, type: task, agent: any, action: do, inputs: ['${nodes.x.output}', "
                   "'${nodes.a.output}', '${has(nodes.l)}']}]") OUT,
          "{}", "a=1; l[0].x=2; l[0].y; l[1].x=3; l[1].y=4",
          "a | l[0].x[1] | l[0].y[2,1,false] | l[1].x[1] | l[1].y[3,1,false] | = 4" },
        /* an outer node that completes while a round is under way is seen from then on */
        { HEAD("a, l") TASK("a", ", next: e") LOOP(
              "times: 1, body: [{id: x, type: task, agent: any, action: do, next: y}, "
              "{id: y, type: task, agent: any, action: do, inputs: ['${has(nodes.a)}'], next: z}, "
              "{id: z, type: task, agent: any, action: do, inputs: ['${nodes.a.output}', "
              "'${nodes.y.output}']}]") "- {id: e, type: end, output: 1}\n",
          "{}", "l[0].x; a=7; l[0].y=8; l[0].z",
          "a l[0].x | l[0].y[false] |  | l[0].z[7,8] | = 1" },
        { HEAD("l") LOOP("times: 1, body: [{id: m, type: loop, times: 1, body: [{id: n, type: "
                         "loop, times: 1, body: [{id: x, type: task, "
                         "agent: any, action: do}]}]}]") OUT,
          "{}", "!l[0].m[0].n[0].x", "l[0].m[0].n[0].x | ! node \"l[0].m[0].n[0].x\": it broke" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void children_are_asked_for(void **state)
{
    static const struct row rows[] = {
        { HEAD("w") "- {id: w, type: subworkflow, workflow: other, inputs: {n: 1}, next: p}\n"
                    "- {id: p, type: pattern, pattern: debate, config: {rounds: 3}, inputs: {n: "
                    "'${nodes.w.output}'}, next: e}\n"
                    "- {id: e, type: end, output: '${nodes.p.output}'}\n",
          "{}", "w=5; p=6", "w<workflow other>{'n':1} | p<pattern debate>{'n':5} | = 6" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void a_run_ends_early_when_it_must(void **state)
{
    static const struct row rows[] = {
        { HEAD("a, b") TASK("a", ", next: e") TASK("b", "") END, "{}", "!a",
          "a b | ! node \"a\": it broke" },
        { HEAD("a, b") TASK("a", ", next: e") TASK("b", "") END, "{}", "a; cancel",
          "a b |  | ! the run was cancelled" },
        { "id: t\ninputs: {type: object, required: [n]}\nnodes:\n- {id: s, type: start, next: "
          "e}\n" END,
          "{}", "", "! input of workflow \"t\": the key \"n\" is missing (schema /required)" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

/* --- size and time --- */

static void *in_small_stack(void *arg)
{
    void (*body)(void);

    memcpy(&body, arg, sizeof(body));
    body();
    return NULL;
}

/* What recursion along a graph would overflow. */
static void with_small_stack(void (*body)(void))
{
    pthread_attr_t attr;
    pthread_t thread;

    pthread_attr_init(&attr);
    assert_int_equal(pthread_attr_setstacksize(&attr, STACK_BYTES), 0);
    assert_int_equal(pthread_create(&thread, &attr, in_small_stack, &body), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attr);
}

/* Nodes n0 to n9997 of that text between start and end, each leading to the next. */
static char *chain_of(const char *node)
{
    struct tdh_buf buf = { 0 };

    tdh_buf_text(&buf, "id: t\nvariables: {n: 0}\nnodes:\n- {id: s, type: start, next: n0}\n");
    for (unsigned i = 0; i < TDH_FLOW_NODES - 2; i++) {
        tdh_buf_printf(&buf, "- {id: n%u, ", i);
        tdh_buf_text(&buf, node);
        if (i + 1 < TDH_FLOW_NODES - 2)
            tdh_buf_printf(&buf, ", next: n%u}\n", i + 1);
    }
    tdh_buf_text(&buf, ", next: e}\n- {id: e, type: end}\n");
    return tdh_buf_steal(&buf);
}

static struct flow_run *run_chain(const char *node)
{
    char *yaml = chain_of(node);
    struct tdh_definition *definition = flow_of(yaml);
    struct flow_run *run = run_new(definition, "{}", RUN_PLAIN);

    free(yaml);
    tdh_definition_release(definition);
    while (run_echo(run))
        ;
    return run;
}

static void run_chains(void)
{
    struct flow_run *run = run_chain("type: parallel");

    run_is_done(run, "{'n':0}");
    assert_int_equal(run_events(run), 1);
    run_free(run);
    run = run_chain("type: task, agent: any, action: do, outputs: {n: '${vars.n + 1}'}");
    run_is_done(run, "{'n':9998}");
    assert_int_equal(run_events(run), TDH_FLOW_NODES - 1);
    run_free(run);
}

static void a_chain_as_long_as_allowed_needs_no_stack(void **state)
{
    (void)state;
    with_small_stack(run_chains);
}

#define COUNTER                                                                                    \
    "{id: x, type: loop, times: 1, outputs: {n: '${vars.n + 1}'}, body: [{id: y, type: parallel, " \
    "next: z}, "                                                                                   \
    "{id: z, type: parallel, next: w}, {id: w, type: loop, times: 0, body: [{id: q, type: "        \
    "parallel, next: r}, "                                                                         \
    "{id: r, type: task, agent: any, action: do}]}]}"

/* A loop of nodes that need nobody stops for breath, and is at the same place after a save and a
 * load. */
static void run_instant_rounds(enum run_mode mode)
{
    struct tdh_definition *definition = flow_of(
        "id: t\nvariables: {n: 0}\nnodes:\n- {id: s, type: start, next: l}\n- {id: e, type: end}\n"
        "- {id: l, type: loop, while: vars.n < 10000, next: e, body: [" COUNTER "]}\n");
    struct flow_run *run = run_new(definition, "{}", mode);

    tdh_definition_release(definition);
    assert_false(run_is_over(run));
    while (run_echo(run))
        ;
    run_is_done(run, "{'n':10000}");
    assert_in_range(run_events(run), 5, 20);
    run_free(run);
}

static void run_loops(void)
{
    run_instant_rounds(RUN_PLAIN);
    run_instant_rounds(RUN_SAVED);
}

static void a_loop_of_many_rounds_needs_no_stack(void **state)
{
    (void)state;
    with_small_stack(run_loops);
}

static void a_loop_without_bound_is_stopped(void **state)
{
    struct tdh_definition *definition = flow_of(HEAD("l") LOOP("until: false, " STEP) OUT);
    struct flow_run *run = run_new(definition, "{}", RUN_PLAIN);
    const char *want = "! node \"l\": the loop has gone round 10000 times";

    (void)state;
    tdh_definition_release(definition);
    while (run_echo(run))
        ;
    assert_int_equal(run_events(run), TDH_FLOW_ROUNDS + 1);
    assert_string_equal(run_trace(run) + strlen(run_trace(run)) - strlen(want), want);
    run_free(run);
}

/* A map of many items begins them in several folds, in order, and takes results meanwhile. */
static void a_wide_map_begins_bit_by_bit(void **state)
{
    struct tdh_definition *definition = flow_of(HEAD("l") MAP("over: '${input}', " STEP) OUT);
    json_t *input = json_array();
    struct flow_run *run;
    char *text;

    (void)state;
    for (int i = 0; i < 20000; i++)
        json_array_append_new(input, json_integer(i));
    text = json_dumps(input, 0);
    json_decref(input);
    run = run_new(definition, text, RUN_PLAIN);
    free(text);
    tdh_definition_release(definition);
    assert_in_range(run_open(run), 1000, 4097);
    run_done(run, "l[3].x", json_integer(3));
    while (run_echo(run))
        ;
    assert_true(run_is_over(run));
    run_free(run);
}

static size_t saved_size(struct flow_run *run)
{
    json_t *saved = run_save(run);
    char *text = text_of(saved);
    size_t size = strlen(text);

    free(text);
    json_decref(saved);
    return size;
}

static void a_state_does_not_grow_with_rounds(void **state)
{
    struct tdh_definition *definition = flow_of(HEAD("l") LOOP(
        "times: 3000, body: [{id: x, type: task, agent: any, action: do, inputs: {i: '${index % "
        "10}'}, next: m}, "
        "{id: m, type: map, over: [1, 2, 3], body: [{id: y, type: task, agent: any, action: do, "
        "inputs: ['${nodes.x.output.i}']}]}]") OUT);
    struct flow_run *run = run_new(definition, "{}", RUN_PLAIN);
    size_t early = 0;

    (void)state;
    tdh_definition_release(definition);
    for (unsigned i = 0; i < 4 * 1000; i++) {
        if (i == 4 * 100)
            early = saved_size(run);
        assert_true(run_echo(run));
    }
    assert_in_range(saved_size(run), early, early + 8); /* numbers of rounds have more digits */
    run_free(run);
}

static void a_state_that_does_not_fit_is_refused(void **state)
{
    static const char *const states[] = {
        "{}",
        "{'vars':{},'frames':[]}",
        "{'vars':{},'frames':[1]}",
        "{'vars':[],'frames':[[0,-1,0,0,null,null,[6,1,0]]]}",
        "{'vars':{},'frames':[[1,-1,0,0,null,null,[6,1,0]]]}",
        "{'vars':{},'frames':[[0,-1,0,0,null,null,[6,1]]]}",
        "{'vars':{},'frames':[[0,-1,0,0,null,null,[6,400,0]]]}",
        "{'vars':{},'frames':[[0,-1,0,0,null,null,[6,5,0]]]}",
        "{'vars':{},'frames':[[0,-1,0,0,null,null,[6,[5,1,false,null,null],0]],[0,0,1,0,null,null,["
        "1]]]}",
        "{'vars':{},'frames':[[0,-1,0,0,null,null,[6,[5,1,false,null,null],0]],[1,0,0,0,null,null,["
        "1]]]}",
        "{'vars':{},'frames':[[0,-1,0,0,null,null,[6,[5,1,false,null,null],0]],[1,0,1,1,null,null,["
        "1]]]}",
        "{'vars':{},'frames':[[0,-1,0,0,null,null,[6,[5,1,false,[],null],0]],[1,0,1,0,null,null,[1]"
        "]]}",
        "{'vars':{},'frames':[[0,-1,0,0,null,null,[6,[5,1,false,null,null],0]],[99999999,0,1,0,"
        "null,null,[1]]]}",
    };
    struct tdh_definition *definition =
        flow_of(HEAD("l") LOOP("times: 3, " STEP) "- {id: e, type: end}\n");
    struct td_err err;

    (void)state;
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        void *memory = calloc(1, tdh_flow_reducer.state_size);
        json_t *saved = json_of(states[i]);

        assert_int_equal(tdh_flow_reducer.load(memory, definition->plan, saved, 1, &err), -1);
        assert_int_equal(err.code, TD_E_CORRUPT);
        assert_string_equal(err.text,
                            "the saved state of the workflow does not fit its definition");
        assert_int_equal(tdh_flow_reducer.load(memory, definition->plan, saved, 2, &err), -1);
        assert_int_equal(err.code, TD_E_UNSUPPORTED);
        tdh_flow_reducer.drop(memory, definition->plan);
        free(memory);
        json_decref(saved);
    }
    tdh_definition_release(definition);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_node_runs_when_those_before_it_are_done),
        cmocka_unit_test(edges_are_taken_by_their_conditions),
        cmocka_unit_test(branches_not_taken_hold_nothing_up),
        cmocka_unit_test(values_go_in_and_out),
        cmocka_unit_test(loops_go_round_as_they_are_told),
        cmocka_unit_test(maps_keep_the_order_of_their_list),
        cmocka_unit_test(bodies_nest),
        cmocka_unit_test(children_are_asked_for),
        cmocka_unit_test(a_run_ends_early_when_it_must),
        cmocka_unit_test(a_chain_as_long_as_allowed_needs_no_stack),
        cmocka_unit_test(a_loop_of_many_rounds_needs_no_stack),
        cmocka_unit_test(a_loop_without_bound_is_stopped),
        cmocka_unit_test(a_wide_map_begins_bit_by_bit),
        cmocka_unit_test(a_state_does_not_grow_with_rounds),
        cmocka_unit_test(a_state_that_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests_name("flow reduce", tests, NULL, NULL);
}
