/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow fail: what becomes of failures, timeouts, sleeps, waits and cancels, event by event. Each
 * row is run plain, again, and saved and loaded between any two events.
 */
#include "flow_case.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DO ", type: task, agent: any, action: do"
#define TASK(id, rest) "- {id: " id DO rest "}\n"
#define GIVE(output) "- {id: e, type: end, output: " output "}\n"
#define END GIVE("done")
#define UNDO(id) ", compensate: {agent: any, action: undo, inputs: {of: " id ", was: '${result}'}}"

struct row {
    const char *head;  /* keys of the workflow */
    const char *next;  /* where the start "s" leads */
    const char *nodes; /* behind the start */
    const char *script, *want;
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char yaml[2048], *trace;
        int length =
            snprintf(yaml, sizeof(yaml), "id: t\n%snodes:\n- {id: s, type: start, next: [%s]}\n%s",
                     rows[i].head, rows[i].next, rows[i].nodes);

        assert_in_range(length, 1, sizeof(yaml) - 1);
        trace = run_script(yaml, "{'n':2}", rows[i].script);
        assert_string_equal(trace, rows[i].want);
        free(trace);
    }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void a_node_deals_with_its_failure(void **state)
{
    static const struct row rows[] = {
        /* skipped: done with null, and the error can be read */
        { "", "a",
          TASK("a", ", on_error: skip, next: e") GIVE("['${nodes.a.output}', "
                                                      "'${nodes.a.error.text}']"),
          "!a", "a | = [null,'node \\'a\\': it broke']" },
        { "", "a", TASK("a", ", on_error: skip, next: [{to: e, when: 'has(nodes.a.error)'}]") END,
          "!a", "a | = 'done'" },
        { "variables: {v: 1}\n", "a",
          TASK("a", ", on_error: skip, outputs: {v: '${result.x}'}, next: e") GIVE("'${vars.v}'"),
          "!a", "a | = 1" },
        /* goto: only that edge is taken, and only then */
        { "", "a",
          TASK("a", ", on_error: {goto: f}, next: b") TASK("b", ", next: e")
              TASK("f", ", inputs: {c: '${nodes.a.error.code}'}, next: e") END,
          "!a; f", "a | f{'c':'execution'} | = 'done'" },
        { "", "a",
          TASK("a", ", on_error: {goto: f}, next: b") TASK("b", ", next: e") TASK("f", ", next: e")
              END,
          "a; b", "a | b | = 'done'" },
        /* the same node either way */
        { "", "a", TASK("a", ", on_error: {goto: e}, next: e") GIVE("'${has(nodes.a.error)}'"),
          "!a", "a | = true" },
        { "", "a", TASK("a", ", on_error: {goto: e}, next: e") GIVE("'${has(nodes.a.error)}'"), "a",
          "a | = false" },
        /* a soft edge is taken either way, a hard one only when it is done */
        { "", "a",
          TASK("a", ", next: [{to: f, soft: true}, b]") TASK("b", ", next: e")
              TASK("f", ", inputs: {x: '${has(nodes.a.error)}'}, next: e") END,
          "!a; f", "a | f{'x':true} | = 'done'" },
        { "", "a, c",
          TASK("a", "") TASK("c", "") TASK("j", ", depends_on: [{node: a, soft: true}, c], next: e")
              END,
          "!a; c; j", "a c |  | j | = 'done'" },
        { "", "a, c",
          TASK("a", "") TASK("c", "") TASK("j", ", depends_on: [{node: a, soft: true}, c], next: e")
              END,
          "a; !c", "a c |  | ! node \"c\": it broke" },
        { "", "a",
          TASK(
              "a",
              ", next: [{to: f, soft: true, when: 'has(nodes.a.error)'}, {to: b, soft: true, when: "
              "'!has(nodes.a.error)'}]") TASK("b", ", next: e") TASK("f", ", next: e") END,
          "!a; f", "a | f | = 'done'" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void a_failed_run_is_undone_the_newest_first(void **state)
{
    static const struct row rows[] = {
        { "", "a",
          TASK("a", UNDO("a") ", next: b") TASK("b", UNDO("b") ", next: c")
              TASK("c", UNDO("c") ", next: e") END,
          "a=1; b=2; !c; b.compensate; a.compensate",
          "a | b | c | b.compensate{'of':'b','was':2} | a.compensate{'of':'a','was':1} | "
          "! node \"c\": it broke" },
        /* what cannot be undone is told, and the others go on */
        { "", "a",
          TASK("a", UNDO("a") ", next: b") TASK("b", UNDO("b") ", next: c") TASK("c", ", next: e")
              END,
          "a; b; !c; !b.compensate; a.compensate",
          "a | b | c | b.compensate{'of':'b','was':null} | a.compensate{'of':'a','was':null} | "
          "! node \"c\": it broke; 1 of 2 could not be undone: node \"b\": it broke" },
        /* what is under way and can be undone is waited for, the rest is taken back */
        { "", "a, b, c", TASK("a", UNDO("a")) TASK("b", "") TASK("c", ", next: e") END,
          "!c; a=1; a.compensate",
          "a b c | ~a -b | a.compensate{'of':'a','was':1} | ! node \"c\": it broke" },
        { "", "a, c", TASK("a", UNDO("a")) TASK("c", ", next: e") END, "!c; !a",
          "a c | ~a | ! node \"c\": it broke" },
        /* and so is a run of its own */
        { "", "w, c", "- {id: w, type: subworkflow, workflow: other}\n" TASK("c", ", next: e") END,
          "!c; !w", "w<workflow other> c | ~w | ! node \"c\": it broke" },
        /* fail leaves all as it is */
        { "", "a", TASK("a", UNDO("a") ", next: c") TASK("c", ", on_error: fail, next: e") END,
          "a; !c", "a | c | ! node \"c\": it broke" },
        /* a cancelled run is undone as well, once */
        { "", "a", TASK("a", UNDO("a") ", next: b") TASK("b", ", next: e") END,
          "a=1; cancel; cancel; a.compensate",
          "a | b | -b a.compensate{'of':'a','was':1} |  | ! the run was cancelled" },
        /* rounds, with what they saw then */
        { "", "m",
          "- {id: m, type: map, over: [x, y], next: c, body: [{id: a" DO ", compensate: {agent: "
          "any, action: undo, inputs: {i: '${item}'}}}]}\n" TASK("c", ", next: e") END,
          "m[1].a; m[0].a; !c; m[0].a.compensate; m[1].a.compensate",
          "m[0].a m[1].a |  | c | m[0].a.compensate{'i':'x'} | m[1].a.compensate{'i':'y'} | "
          "! node \"c\": it broke" },
        /* an expression that fails is no way around it */
        { "", "a",
          TASK("a", UNDO("a") ", next: b") TASK("b", ", inputs: {x: '${input.z}'}, next: e") END,
          "a; a.compensate",
          "a | a.compensate{'of':'a','was':null} | ! node \"b\": \"${input.z}\": 1:7: no such key "
          "\"z\"" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

#define MAP(rest)                                                                                  \
    "- {id: m, type: map, over: [x, y, z, w], next: e" rest ", body: [{id: a" DO "}]}\n"
#define ALL GIVE("'${nodes.m.output}'")

static void what_cannot_be_undone_is_named(void **state)
{
    static const struct row rows[] = {
        { "", "a",
          TASK("a", UNDO("a") ", next: b") TASK("b", UNDO("b") ", next: c") TASK("c", ", next: e")
              END,
          "a; b; !c; !b.compensate; !a.compensate",
          "a | b | c | b.compensate{'of':'b','was':null} | a.compensate{'of':'a','was':null} | "
          "! node \"c\": it broke; 2 of 2 could not be undone: node \"b\": it broke; node \"a\": "
          "it broke" },
        /* of many, some */
        { "", "m",
          "- {id: m, type: map, over: [1, 2, 3, 4, 5, 6, 7], next: c, body: [{id: a" DO
          ", compensate: {agent: any, action: undo}}]}\n" TASK("c", ", next: e") END,
          "m[0].a; m[1].a; m[2].a; m[3].a; m[4].a; m[5].a; m[6].a; !c; !m[6].a.compensate; "
          "!m[5].a.compensate; !m[4].a.compensate; !m[3].a.compensate; !m[2].a.compensate; "
          "!m[1].a.compensate; m[0].a.compensate",
          "m[0].a m[1].a m[2].a m[3].a m[4].a m[5].a m[6].a |  |  |  |  |  |  | c | "
          "m[6].a.compensate | m[5].a.compensate | m[4].a.compensate | m[3].a.compensate | "
          "m[2].a.compensate | m[1].a.compensate | m[0].a.compensate | "
          "! node \"c\": it broke; 6 of 7 could not be undone: node \"m[6].a\": it broke; "
          "node \"m[5].a\": it broke; node \"m[4].a\": it broke; node \"m[3].a\": it broke; "
          "node \"m[2].a\": it broke; and 1 more" },
        /* one whose undoing cannot be worked out: it is done all the same */
        { "", "a",
          TASK("a", UNDO("a") ", next: b") TASK(
              "b", ", compensate: {agent: any, action: undo, inputs: {no: '${nodes.c.output}'}}"
                   ", next: c") TASK("c", ", next: e") END,
          "a; b; a.compensate",
          "a | b | a.compensate{'of':'a','was':null} | ! node \"b\": compensate: "
          "\"${nodes.c.output}\": 1:7: no such key \"c\"; 1 of 2 could not be undone: node \"b\": "
          "compensate: \"${nodes.c.output}\": 1:7: no such key \"c\"" },
        { "", "b",
          TASK("b", ", compensate: {agent: any, action: undo, inputs: {no: '${nodes.c.output}'}}"
                    ", next: c") TASK("c", ", next: e") END,
          "b",
          "b | ! node \"b\": compensate: \"${nodes.c.output}\": 1:7: no such key \"c\"; 1 of 1 "
          "could not be undone: node \"b\": compensate: \"${nodes.c.output}\": 1:7: no such key "
          "\"c\"" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

#define PATTERN(rest) "- {id: p, type: pattern, pattern: saga, config: {steps: []}" rest "}\n"

static void a_strict_pattern_that_is_not_successful_has_failed(void **state)
{
    static const struct row rows[] = {
        { "", "p", PATTERN(", strict: true, next: e") END, "p={'success':false,'error':'no seat'}",
          "p<pattern saga> | ! node \"p\": no seat" },
        { "", "p", PATTERN(", strict: true, next: e") END,
          "p={'success':false,'outcome':'no_quorum'}",
          "p<pattern saga> | ! node \"p\": no_quorum" },
        { "", "p", PATTERN(", strict: true, next: e") END, "p={'success':false,'error':null}",
          "p<pattern saga> | ! node \"p\": was not successful" },
        { "", "p",
          PATTERN(", strict: true, on_error: skip, next: e") GIVE("'${has(nodes.p.error)}'"),
          "p={'success':false}", "p<pattern saga> | = true" },
        { "", "p", PATTERN(", strict: true, next: e") GIVE("'${nodes.p.output.success}'"),
          "p={'success':true}", "p<pattern saga> | = true" },
        { "", "p", PATTERN(", strict: true, next: e") END, "p=5", "p<pattern saga> | = 'done'" },
        { "", "p", PATTERN(", next: e") GIVE("'${nodes.p.output.success}'"), "p={'success':false}",
          "p<pattern saga> | = false" },
        { "", "p", PATTERN(", strict: false, next: e") GIVE("'${nodes.p.output.success}'"),
          "p={'success':false}", "p<pattern saga> | = false" },
        /* there is nothing of it to be undone, also when it ends while the run is stopped */
        { "", "p, a", PATTERN(", strict: true" UNDO("p")) TASK("a", ", next: e") END,
          "!a; p={'success':false}", "p<pattern saga> a | ~p | ! node \"a\": it broke" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void a_map_puts_up_with_some_failures(void **state)
{
    static const struct row rows[] = {
        { "", "m", MAP(", max_failures: 1") ALL, "m[0].a=1; !m[1].a; m[2].a=3; m[3].a=4",
          "m[0].a m[1].a m[2].a m[3].a |  |  |  | = [1,null,3,4]" },
        { "", "m", MAP(", max_failures: 1") ALL, "!m[0].a; !m[1].a",
          "m[0].a m[1].a m[2].a m[3].a |  | -m[2].a -m[3].a ! node \"m[1].a\": it broke" },
        { "", "m", MAP(", max_failures: 50%, max_parallel: 1") ALL,
          "!m[0].a; m[1].a=1; !m[2].a; m[3].a=2",
          "m[0].a | m[1].a | m[2].a | m[3].a | = [null,1,null,2]" },
        { "", "m", MAP(", max_failures: 20%") ALL, "!m[0].a",
          "m[0].a m[1].a m[2].a m[3].a | -m[1].a -m[2].a -m[3].a ! node \"m[0].a\": it broke" },
        /* the map itself deals with what it does not put up with */
        { "", "m", MAP(", on_error: skip") ALL, "m[0].a=1; !m[1].a",
          "m[0].a m[1].a m[2].a m[3].a |  | -m[2].a -m[3].a = null" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void a_loop_deals_with_failures_of_its_body(void **state)
{
    static const struct row rows[] = {
        { "", "l",
          "- {id: l, type: loop, times: 3, on_error: {goto: e}, body: [{id: m, type: map, over: "
          "[1, "
          "2], body: [{id: a" DO "}]}]}\n" GIVE("'${nodes.l.error.text}'"),
          "l[0].m[0].a; l[0].m[1].a; !l[1].m[0].a",
          "l[0].m[0].a l[0].m[1].a |  | l[1].m[0].a l[1].m[1].a | -l[1].m[1].a = 'node "
          "\\'l[1].m[0].a\\': it broke'" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void nodes_sleep_and_wait(void **state)
{
    static const struct row rows[] = {
        { "", "z", "- {id: z, type: sleep, duration: 1m30s, next: e}\n" END, "z",
          "z:90000ms | = 'done'" },
        { "", "z", "- {id: z, type: sleep, duration: '${input.n}h', next: e}\n" END, "z",
          "z:7200000ms | = 'done'" },
        { "", "z", "- {id: z, type: sleep, duration: '${input.n}', next: e}\n" END, "z",
          "z:2ms | = 'done'" },
        { "", "z", "- {id: z, type: sleep, duration: '${[input.n]}', next: e}\n" END, "",
          "! node \"z\": \"duration\" gave a value of type array, not a text" },
        { "", "z", "- {id: z, type: sleep, duration: '${input.n * 100000}d', next: e}\n" END, "",
          "! node \"z\": \"duration\" gave 17280000000000 ms, must be 0 to 10 years" },
        /* the first event is at 11:20:01 */
        { "", "z", "- {id: z, type: sleep, until: '2026-11-21T20:20:04.5+09:00', next: e}\n" END,
          "s; z", "s:timer | z:3500ms | = 'done'" },
        { "", "z", "- {id: z, type: sleep, until: '2020-01-01T00:00:00Z', next: e}\n" END, "s; z",
          "s:timer | z:timer | = 'done'" },
        { "variables: {v: 0}\n", "w",
          "- {id: w, type: wait, signal: 'ok-${input.n}', outputs: {v: '${result.by}'}, next: "
          "e}\n" GIVE("'${vars.v}'"),
          "w={'by':'Kim'}", "w?ok-2 | = 'Kim'" },
        { "", "w", "- {id: w, type: wait, signal: ok, timeout: 1m, next: e}\n" END, "w",
          "w.timeout:60000ms w?ok | -w.timeout = 'done'" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

#define ASK(keys) "- {id: w, type: wait, approval: {" keys "}, next: e}\n"
#define ANSWER(yes, by, as)                                                                        \
    "w={'approved':" yes ",'by':'" by "','as':['" by "'" as "],'comment':'c'}"
#define VOTE(yes, by, time)                                                                        \
    "{'approved':" yes ",'by':'" by "','comment':'c','time':'2026-11-21T11:20:0" time "Z'}"

static void people_are_asked(void **state)
{
    static const struct row rows[] = {
        { "", "w", ASK("") GIVE("'${nodes.w.output}'"), ANSWER("true", "kim", ""),
          "w?{'votes':[]} | = {'approved':true,'by':'kim','comment':'c','votes':[" VOTE(
              "true", "kim", "1") "]}" },
        { "", "w", ASK("text: 'pay ${input.n}?', by: ['${\"k\" + \"im\"}', '@ops']") END,
          ANSWER("true", "eve", ",'@dev'") "; " ANSWER("true", "lee", ",'@ops'"),
          "w?{'by':['kim','@ops'],'text':'pay 2?','votes':[]} | "
          "w?{'by':['kim','@ops'],'text':'pay 2?','votes':[]} | = 'done'" },
        /* twice the same person is one; what is no answer is none */
        { "", "w", ASK("quorum: 2") GIVE("'${nodes.w.output.by}'"),
          ANSWER("true", "kim", "") "; " ANSWER("true", "kim", "") "; w=5; " ANSWER("true", "lee",
                                                                                    ""),
          "w?{'quorum':2,'votes':[]} | w?{'quorum':2,'votes':[" VOTE(
              "true", "kim",
              "1") "]} | w?{'quorum':2,'votes':[" VOTE("true", "kim",
                                                       "1") "]} | "
                                                            "w?{'quorum':2,'votes':[" VOTE(
                                                                "true", "kim",
                                                                "1") "]} | = 'lee'" },
        { "", "w", ASK("quorum: 2") END, ANSWER("false", "kim", ""),
          "w?{'quorum':2,'votes':[]} | ! node \"w\": rejected by kim: c" },
        { "", "w", ASK("on_reject: continue") GIVE("'${nodes.w.output.approved}'"),
          ANSWER("false", "kim", ""), "w?{'on_reject':'continue','votes':[]} | = false" },
        { "", "w", ASK("by: '${[]}'") END, "",
          "! node \"w\": \"by\" must be a list of names and groups such as [kim, \"@ops\"]" },
        { "", "w",
          "- {id: w, type: wait, approval: {}, timeout: 1m, on_error: skip, next: e}\n" END,
          "w.timeout", "w.timeout:60000ms w?{'votes':[]} | -w = 'done'" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void what_takes_too_long_fails(void **state)
{
    static const struct row rows[] = {
        { "", "w",
          "- {id: w, type: wait, signal: ok, timeout: 1m, on_error: {goto: f}, next: e}\n" TASK(
              "f", ", next: e") GIVE("'${nodes.w.error.code}'"),
          "w.timeout; f", "w.timeout:60000ms w?ok | -w f | = 'timeout'" },
        { "", "c", "- {id: c, type: subworkflow, workflow: other, timeout: 5s, next: e}\n" END,
          "c.timeout",
          "c.timeout:5000ms c<workflow other> | "
          "-c ! node \"c\": it took longer than its timeout of 5000 ms" },
        { "", "l",
          "- {id: l, type: loop, times: 2, timeout: 5s, on_error: skip, next: e, body: [{id: a" DO
          "}]}\n" END,
          "l[0].a; l.timeout", "l.timeout:5000ms l[0].a | l[1].a | -l[1].a = 'done'" },
        { "timeout: 2h\n", "a", TASK("a", UNDO("a") ", next: b") TASK("b", ", next: e") END,
          "a; run.timeout; a.compensate",
          "run.timeout:7200000ms a | b | -b a.compensate{'of':'a','was':null} | "
          "! the run took longer than its timeout of 7200000 ms" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

#define TYPES "variables: {n: 0, m: 0}\ntypes: {n: {type: integer, maximum: 9}, m: integer}\n"
#define MISFIT(path, variable, value, is)                                                          \
    "node \"" path "\": variable \"" variable "\" cannot take " value                              \
    ": must be an integer, is " is " (schema /type)"
#define NONE(id, rest)                                                                             \
    "{id: " id ", type: loop, times: 0, outputs: {n: '${result}'}, body: [{id: i" id DO "}]" rest  \
    "}"

static void a_node_fails_whose_value_its_variable_cannot_take(void **state)
{
    static const struct row rows[] = {
        { TYPES, "a", TASK("a", ", outputs: {n: '${result}'}, next: e") GIVE("'${vars.n}'"), "a=7",
          "a | = 7" },
        { TYPES, "a", TASK("a", ", outputs: {n: '${result}'}, next: e") END, "a=10",
          "a | ! node \"a\": variable \"n\" cannot take 10: must be at most 9, is 10 "
          "(schema /maximum)" },
        { TYPES, "a", TASK("a", ", outputs: {n: '${result}'}, next: e") END, "a={'x':'y'}",
          "a | ! " MISFIT("a", "n", "{\"x\":\"y\"}", "an object") },
        /* skipped, left: none of its variables is written */
        { TYPES, "a",
          TASK("a", ", on_error: skip, outputs: {m: 5, n: '${result}'}, next: e")
              GIVE("['${vars}', '${nodes.a.output}', '${nodes.a.error.code}']"),
          "a='q'", "a | = [{'m':0,'n':0},null,'invalid']" },
        { TYPES, "a",
          TASK("a", ", on_error: {goto: f}, outputs: {n: '${result}'}, next: b")
              TASK("b", ", next: e") TASK("f", ", next: e") END,
          "a=[]; f", "a | f | = 'done'" },
        /* its call was made, so it is undone as well */
        { TYPES, "a", TASK("a", UNDO("a") ", outputs: {n: '${result}'}, next: e") END,
          "a=true; a.compensate",
          "a | a.compensate{'of':'a','was':true} | ! " MISFIT("a", "n", "true", "a boolean") },
        { TYPES, "a",
          TASK("a", UNDO("a") ", on_error: skip, outputs: {n: '${result}'}, next: b")
              TASK("b", ", next: e") END,
          "a=true; !b; a.compensate",
          "a | b | a.compensate{'of':'a','was':true} | ! node \"b\": it broke" },
        /* its timeout is taken back */
        { TYPES, "l, b",
          "- {id: l, type: loop, times: 1, timeout: 1m, outputs: {n: '${result}'}, on_error: skip, "
          "next: e, body: [{id: x" DO "}]}\n" TASK("b", ", next: e") END,
          "l[0].x='q'; b", "l.timeout:60000ms b l[0].x | -l.timeout | = 'done'" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

/* A loop may be done when it begins: at the start, beside another, and in a round. */
static void a_loop_without_rounds_may_fail_so_too(void **state)
{
    static const struct row rows[] = {
        { TYPES, "l", "- " NONE("l", ", next: e") "\n" END, "",
          "! " MISFIT("l", "n", "null", "null") },
        { TYPES, "k, l",
          "- " NONE("k", ", on_error: skip, next: e") "\n"
                                                      "- {id: l, type: loop, times: 0, outputs: "
                                                      "{m: '${result}'}, on_error: skip, next: e, "
                                                      "body: [{id: x" DO "}]}\n" GIVE(
                                                          "['${has(nodes.k.error)}', "
                                                          "'${has(nodes.l.error)}', '${vars.m}']"),
          "", "= [true,true,0]" },
        { TYPES, "l",
          "- {id: l, type: loop, times: 3, on_error: skip, next: e, body: [" NONE(
              "k", "") "]}\n" GIVE("'${nodes.l.error.text}'"),
          "",
          "= 'node \\'l[0].k\\': variable \\'n\\' cannot take null: must be an integer, is null "
          "(schema /type)'" },
        /* the first to fail ends the round of the second */
        { TYPES, "l",
          "- {id: l, type: loop, times: 2, on_error: skip, next: b, body: [{id: p, type: parallel, "
          "next: [k, y]}, " NONE("k", "") ", {id: y, type: loop, times: 0, outputs: {m: "
                                          "'${result}'}, body: [{id: x" DO
                                          "}]}]}\n" TASK("b", ", next: e") END,
          "b", "b | = 'done'" },
        { TYPES, "l",
          "- {id: l, type: loop, times: 2, next: e, body: [{id: p, type: parallel, next: [k, "
          "y]}, " NONE("k", ", timeout: 1m") ", {id: y" DO "}]}\n" END,
          "",
          "l[0].k.timeout:60000ms l[0].y -l[0].k.timeout -l[0].y ! " MISFIT("l[0].k", "n", "null",
                                                                            "null") },
    };
    (void)state;
    CHECK_ROWS(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_node_fails_whose_value_its_variable_cannot_take),
        cmocka_unit_test(a_loop_without_rounds_may_fail_so_too),
        cmocka_unit_test(a_node_deals_with_its_failure),
        cmocka_unit_test(a_failed_run_is_undone_the_newest_first),
        cmocka_unit_test(what_cannot_be_undone_is_named),
        cmocka_unit_test(a_strict_pattern_that_is_not_successful_has_failed),
        cmocka_unit_test(a_map_puts_up_with_some_failures),
        cmocka_unit_test(a_loop_deals_with_failures_of_its_body),
        cmocka_unit_test(nodes_sleep_and_wait),
        cmocka_unit_test(people_are_asked),
        cmocka_unit_test(what_takes_too_long_fails),
    };

    return cmocka_run_group_tests_name("flow fail", tests, NULL, NULL);
}
