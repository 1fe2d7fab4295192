/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain: what a chain asks for, event by event, and what it may not say. Each row is run plain,
 * again, and saved and loaded between any two events.
 */
#include "flow_refusal.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CHAIN "kind: Chain\nid: t\n"
#define LINK(id, rest) "- {id: " id ", agent: any, action: do" rest "}\n"
#define LINKS "links:\n"
#define VALUE "output: '${prev}'\n"

struct row {
    const char *chain, *input, *script, *want;
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char yaml[2048], *trace;

        snprintf(yaml, sizeof(yaml), CHAIN "%s", rows[i].chain);
        trace = run_script(yaml, rows[i].input, rows[i].script);
        assert_string_equal(trace, rows[i].want);
        free(trace);
    }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void a_link_gets_what_the_one_before_gave(void **state)
{
    static const struct row rows[] = {
        { VALUE LINKS LINK("a", "") LINK("b", ""), "{'n':1}", "a={'n':2}; b=3",
          "a{'n':1} | b{'n':2} | = 3" },
        { VALUE LINKS LINK("a", ", outputs: '${result.n + 1}'")
              LINK("b", ", inputs: {m: '${prev * 10}', a: '${nodes.a.output.n}'}"),
          "{}", "a={'n':4}; b={'x':1}", "a | b{'a':4,'m':50} | = {'x':1}" },
        { VALUE LINKS LINK("a", ", outputs: 7") LINK("b", "")
              LINK("c", ", inputs: {b: '${prev}', a: '${links.a}', i: '${input.n}'}"),
          "{'n':1}", "a; b; c=1", "a{'n':1} | b7 | c{'a':7,'b':null,'i':1} | = 1" },
        { VALUE "links: [{agent: any, action: do}, {agent: any, action: do}]\n", "{}",
          "any=1; any_2=2", "any | any_21 | = 2" },
        { VALUE "links: [{id: w, workflow: other}, {pattern: vote, config: {voters: []}}]\n", "{}",
          "w=1; vote=2", "w<workflow other> | vote<pattern vote>1 | = 2" },
        { VALUE LINKS LINK("a", "") LINK("b", ", over: '${[prev, 2]}', inputs: {x: '${item}', p: "
                                              "'${prev}'}, outputs: '${size(result)}'"),
          "{}", "a=1; b[1].b__item=3; b[0].b__item=4",
          "a | b[0].b__item{'p':1,'x':1} b[1].b__item{'p':1,'x':2} |  | = 2" },
        { VALUE LINKS LINK("a", ", over: [1, 2], max_parallel: 1, on_error: skip") LINK("b", ""),
          "{}", "a[0].a__item; !a[1].a__item; b=1", "a[0].a__item1 | a[1].a__item2 | b | = 1" },
        { VALUE "recovery: {retry: {max_attempts: 7}}\n" LINKS LINK("a", ", over: []"), "{}", "",
          "= []" },
        /* a name that a macro binds is its own, and so are fields, strings and functions */
        { VALUE LINKS LINK("a", ", inputs: \"${[1, 2].map(prev, prev * 2)}\"")
              LINK("b", ", inputs: \"${{'prev': prev.map(x, x + 1), 'y': \\\"prev\\\", 'z': "
                        "{'prev': 5}.prev}}\""),
          "{}", "a=[1]; b=0", "a[2,4] | b{'prev':[2],'y':'prev','z':5} | = 0" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

/* The bug of the sketch: failed links left no result, skipped ones were not marked, and success was
 * always true. */
static void every_link_has_a_result(void **state)
{
    static const struct row rows[] = {
        { LINKS LINK("a", "") LINK("b", ", on_error: skip") LINK("c", ""), "{}", "a=1; !b; c=2",
          "a | b1 | c1 | = "
          "{'links':[{'link':'a','output':1,'success':true},{'error':{'category':'execution','code'"
          ":"
          "'execution','retryable':false,'severity':'medium','text':'node \\'b\\': it "
          "broke'},'link':'b','recovered':false,'success':false},"
          "{'link':'c','output':2,'success':true}],'output':2,'success':false}" },
        { LINKS LINK("a", ", on_error: {value: 0}"), "{}", "!a",
          "a | = {'links':[{'error':{'category':'execution','code':'execution','retryable':false,"
          "'severity':'medium','text':'node \\'a\\': it "
          "broke'},'link':'a',"
          "'recovered':true,'success':false}],'output':0,'success':true}" },
        { "strategy: conditional\n" LINKS LINK("a", ", when: false") LINK("b", ""), "{'n':1}",
          "b=2",
          "b{'n':1} | = {'links':[{'link':'a','reason':'condition not met','skipped':true},"
          "{'link':'b','output':2,'success':true}],'output':2,'success':true}" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

/* The bug of the sketch: a handled value that was false, 0, "" or null counted as unhandled. */
static void what_stands_in_for_a_failure_may_be_anything(void **state)
{
    static const struct row rows[] = {
        { VALUE LINKS LINK("a", ", on_error: {value: null}") LINK("b", ""), "{}", "!a; b=1",
          "a | bnull | = 1" },
        { VALUE LINKS LINK("a", ", on_error: {value: 0}") LINK("b", ""), "{}", "!a; b=1",
          "a | b0 | = 1" },
        { VALUE LINKS LINK("a", ", on_error: {value: ''}") LINK("b", ""), "{}", "!a; b=1",
          "a | b'' | = 1" },
        { VALUE LINKS LINK("a", ", on_error: {value: false}") LINK("b", ""), "{}", "!a; b=1",
          "a | bfalse | = 1" },
        { VALUE LINKS LINK("a", ", on_error: {value: '${error.text + prev.n}'}"), "{'n':'!'}", "!a",
          "a{'n':'!'} | = 'node \\'a\\': it broke!'" },
        { VALUE LINKS LINK("a",
                           ", outputs: '${result.x}', on_error: {agent: any, action: do, inputs: "
                           "'${prev}', outputs: '${result.y}'}") LINK("b", ""),
          "{'n':1}", "!a; a__handled={'y':3}; b=1", "a{'n':1} | a__handled{'n':1} | b3 | = 1" },
        { VALUE LINKS LINK("a", ", outputs: '${result.x}', on_error: {value: 9}") LINK("b", ""),
          "{}", "a={'x':2}; b=1", "a | b2 | = 1" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

static void recovery_is_that_of_links_which_do_not_say(void **state)
{
    static const struct row rows[] = {
        { VALUE "recovery: skip\n" LINKS LINK("a", "") LINK("b", "") LINK("c", ", on_error: fail"),
          "{}", "a=1; !b; !c", "a | b1 | c1 | ! node \"c\": it broke" },
        { VALUE LINKS LINK("a", ", compensate: {agent: any, action: undo, inputs: ['${result}', "
                                "'${prev.n}']}") LINK("b", ""),
          "{'n':1}", "a=5; !b; a.compensate",
          "a{'n':1} | b5 | a.compensate[5,1] | ! node \"b\": it broke" },
        { VALUE "recovery: restart\n" LINKS LINK("a", ""), "{'n':1}",
          "!chain__attempts[0].chain__attempt; chain__attempts[1].chain__attempt=7",
          "chain__attempts[0].chain__attempt<workflow t>{'n':1} | "
          "chain__attempts[1].chain__attempt<workflow t>{'n':1} | = 7" },
        { VALUE "recovery: {restart: 1}\n" LINKS LINK("a", ""), "{'n':1}",
          "!chain__attempts[0].chain__attempt; !chain__last",
          "chain__attempts[0].chain__attempt<workflow t>{'n':1} | chain__last<workflow t>{'n':1} | "
          "! node \"chain__last\": it broke" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

static void links_side_by_side_get_the_same_and_are_merged(void **state)
{
    static const char *const ab = "links:\n" LINK("a", "") LINK("b", "");
    static const struct {
        const char *merge, *script, *want;
    } rows[] = {
        { "", "b=2; a=1", "a{'n':0} b{'n':0} |  | = {'a':1,'b':2}" },
        { "merge: object\n", "a=1; b=2", "a{'n':0} b{'n':0} |  | = {'a':1,'b':2}" },
        { "merge: list\n", "b=2; a=1", "a{'n':0} b{'n':0} |  | = [1,2]" },
        { "merge: last\n", "b=2; a=1", "a{'n':0} b{'n':0} |  | = 2" },
        { "merge: first\n", "b=2", "a{'n':0} b{'n':0} | -a = 2" },
        { "merge: first\n", "a=1", "a{'n':0} b{'n':0} | -b = 1" },
        { "merge: first\n", "!b", "a{'n':0} b{'n':0} | ! node \"b\": it broke" },
        { "merge: '${values.a + values.b + prev.n}'\n", "b=2; a=1", "a{'n':0} b{'n':0} |  | = 3" },
        { "merge: {sum: '${values.a + values.b}'}\n", "b=2; a=1",
          "a{'n':0} b{'n':0} |  | = {'sum':3}" },
        { "merge: list\n", "!b", "a{'n':0} b{'n':0} | ! node \"b\": it broke" },
        { "merge: list\nrecovery: skip\n", "!b; a=1", "a{'n':0} b{'n':0} |  | = [1,null]" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char yaml[1024], *trace;

        snprintf(yaml, sizeof(yaml), CHAIN VALUE "strategy: parallel\n%s%s", rows[i].merge, ab);
        trace = run_script(yaml, "{'n':0}", rows[i].script);
        assert_string_equal(trace, rows[i].want);
        free(trace);
    }
}

/* The first that is done counts; the others hold nothing up, and have no entry. */
static void the_first_of_a_group_lets_go_of_the_others(void **state)
{
#define RACE(rest) "strategy: parallel\nmerge: first\n" rest LINKS
#define DONE(id, value) "{'link':'" id "','output':" value ",'success':true}"
#define GROUP(members) LINK("a", "") "- {id: g, merge: first, parallel: [" members "]}\n"
#define ANY(id, rest) "{id: " id ", agent: any, action: do" rest "}"
    static const struct row rows[] = {
        { RACE("") LINK("a", "") LINK("b", ""), "{}", "b=2",
          "a b | -a = {'links':[" DONE("b", "2") "],'output':2,'success':true}" },
        { RACE("") LINK("a", "") LINK("b", ""), "{}", "a=1",
          "a b | -b = {'links':[" DONE("a", "1") "],'output':1,'success':true}" },
        /* a link is done after its hooks and outputs */
        { RACE("middleware: [{before_link: {agent: any, action: do}, after_link: {agent: any, "
               "action: do}}]\n") LINK("a", "") LINK("b", ", outputs: '${result.x}'"),
          "1", "b__before_1; b={'x':4}; a__before_1; b__after_1",
          "a__before_11 b__before_11 | b1 | b__after_14 | a1 | -a = {'links':[" DONE(
              "b", "{'x':4}") "],'output':4,'success':true}" },
        /* what stands in for a failure may be the first */
        { RACE("") LINK("a", "") LINK("b", ", on_error: {value: 7}"), "{}", "!b",
          "a b | -a = "
          "{'links':[{'error':{'category':'execution','code':'execution','retryable':false,"
          "'severity':'medium','text':'node \\'b\\': it "
          "broke'},'link':'b','recovered':true,'success':false}],'output':7,'success':true}" },
        { RACE("") LINK("a", ", over: [1, 2]") LINK("b", ""), "{}", "a[1].a__item; b=2",
          "b a[0].a__item1 a[1].a__item2 |  | -a[0].a__item = {'links':[" DONE(
              "b", "2") "],'output':2,'success':true}" },
        /* a group within a chain, and what stands behind it */
        { LINKS GROUP(ANY("b", "") ", " ANY("c", "")) LINK("d", ""), "{}", "a=1; c=3; d=4",
          "a | b1 c1 | -b d3 | = {'links':[" DONE("a", "1") "," DONE("c", "3") "," DONE(
              "d", "4") "],'output':4,'success':true}" },
        { LINKS GROUP(ANY("b", "") ", " ANY("c", "")) LINK("d", ""), "{}", "a=1; b=3; d=4",
          "a | b1 c1 | -c d3 | = {'links':[" DONE("a", "1") "," DONE("b", "3") "," DONE(
              "d", "4") "],'output':4,'success':true}" },
        { VALUE LINKS GROUP(ANY("b", ", compensate: {agent: any, action: undo}") ", " ANY("c", ""))
              LINK("d", ""),
          "{}", "a=1; c=3; !d", "a | b1 c1 | -b d3 | ! node \"d\": it broke" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

static void a_group_is_one_step_of_a_chain(void **state)
{
    static const struct row rows[] = {
        { VALUE LINKS LINK("a",
                           "") "- {id: both, parallel: [{id: b, agent: any, action: do}, {id: c, "
                               "agent: any, action: do, inputs: '${prev + 1}'}]}\n" LINK(
                                   "d", ", inputs: ['${prev.b}', '${links.c}', '${links.both.c}']"),
          "{}", "a=1; c=3; b=2; d=4", "a | b1 c2 |  | d[2,3,3] | = 4" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

static void a_condition_that_does_not_hold_passes_the_value_on(void **state)
{
    static const struct row rows[] = {
        { VALUE "strategy: conditional\n" LINKS LINK("a", "") LINK("b", ", when: prev > 1")
              LINK("c", ", when: 'links.b > 1'"),
          "{}", "a=1", "a | = 1" },
        { VALUE "strategy: conditional\n" LINKS LINK("a", "") LINK("b", ", when: prev > 1")
              LINK("c", ", when: 'links.b > 1'"),
          "{}", "a=2; b=3; c=4", "a | b2 | c3 | = 4" },
        { VALUE "strategy: conditional\n" LINKS LINK(
              "a", ", when: input.go, on_error: skip, outputs: '${result.x}'") LINK("b", ""),
          "{'go':true}", "!a; b=1", "a{'go':true} | b{'go':true} | = 1" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

#define MIDDLEWARE(list) "middleware:\n" list
static void middleware_goes_around_in_the_order_of_registration(void **state)
{
    static const struct row rows[] = {
        { VALUE MIDDLEWARE(
              "- {before_chain: '${value.s}', after_chain: '<${value}>'}\n"
              "- {before_link: '${value + link.id}', after_link: '${value + \"1\"}'}\n"
              "- {before_link: '${value + string(link.index)}', after_link: '${value + "
              "\"2\"}'}\n") LINKS LINK("a", "") LINK("b", ""),
          "{'s':'x'}", "a='y'; b='z'", "a'xa0' | b'y12b1' | = '<z12>'" },
        /* a call without `outputs` looks on; a value may be false or null */
        { VALUE MIDDLEWARE("- {before_link: {agent: any, action: do, inputs: ['${link.agent}', "
                           "'${value}']}, after_link: {value: false}}\n") LINKS LINK("a", "")
              LINK("b", ""),
          "{}", "a__before_1=9; a=8; b__before_1; b",
          "a__before_1['any',{}] | a | b__before_1['any',false] | bfalse | = false" },
        { VALUE MIDDLEWARE("- {after_link: {agent: any, action: do, outputs: '${result.v}'}}\n")
              LINKS LINK("a", ", outputs: '${result.x}'"),
          "{}", "a={'x':3}; a__after_1={'v':4}", "a | a__after_13 | = 4" },
        /* around those that run: not around one that is skipped, nor behind one that gave nothing
         */
        { VALUE "strategy: conditional\n" MIDDLEWARE("- {before_link: '${value + 1}', after_link: "
                                                     "'${value * 10}'}\n")
              LINKS LINK("a", ", when: false") LINK("b", ", on_error: skip") LINK("c", ""),
          "1", "!b; c=5", "b2 | c2 | = 50" },
        { VALUE "strategy: parallel\nmerge: list\n" MIDDLEWARE("- {before_link: '${value + 1}', "
                                                               "after_link: '${value * 10}'}\n")
              LINKS LINK("a", "") LINK("b", ", on_error: {value: 4}"),
          "1", "a=5; !b", "a2 b2 |  | = [50,40]" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

/* The bug of the sketch: a pipeline took one input, so its stages never overlapped. */
static void stages_of_a_pipeline_overlap(void **state)
{
#define AT(item, link) "chain__stream[" #item "]." link
#define PIPE(buffer) "strategy: pipeline\nover: '${input.list}'\nbuffer: " #buffer "\n"
#define AB LINKS LINK("a", "") LINK("b", "")
    static const struct row rows[] = {
        /* item 1 is in a while item 0 is in b; item 2 has no room before 0 is through */
        { PIPE(0) VALUE AB, "{'list':[1,2,3]}",
          AT(0, "a") "=10; " AT(1, "a") "=20; " AT(0, "b") "=11; " AT(2, "a") "=30; " AT(
              1, "b") "=21; " AT(2, "b") "=31",
          AT(0, "a") "1 | " AT(0, "b") "10 " AT(1, "a") "2 |  | " AT(1, "b") "20 " AT(
              2, "a") "3 |  | " AT(2, "b") "30 | = [11,21,31]" },
        /* with a buffer item 2 goes on to a, and waits before b */
        { PIPE(1) VALUE AB, "{'list':[1,2,3,4]}",
          AT(0, "a") "; " AT(1, "a") "; " AT(2, "a") "; " AT(0, "b") "; " AT(1, "b") "; **",
          AT(0, "a") "1 | " AT(0, "b") "null " AT(1, "a") "2 | " AT(2, "a") "3 |  | " AT(
              1,
              "b") "null " AT(3,
                              "a") "4 | " AT(2,
                                             "b") "null |  | " AT(3,
                                                                  "b") "4 | = [null,null,null,4]" },
        /* what fails is passed over, and holds nothing up */
        { PIPE(2) VALUE "recovery: skip\n" AB, "{'list':[1,2]}",
          "!" AT(0, "a") "; " AT(1, "a") "=5; " AT(0, "b") "=6; **",
          AT(0, "a") "1 | " AT(0, "b") "1 " AT(1, "a") "2 |  | " AT(1, "b") "5 | = [6,5]" },
        { PIPE(2) LINKS LINK("a", ""), "{'list':[]}", "",
          "= {'links':[],'output':[],'success':true}" },
        { PIPE(2) LINKS LINK("a", ", on_error: skip"), "{'list':[7]}", "!" AT(0, "a"),
          AT(0, "a") "7 | = "
                     "{'links':[[{'error':{'category':'execution','code':'execution','retryable':"
                     "false,"
                     "'severity':'medium','text':'node \\'" AT(
                         0, "a") "\\': it "
                                 "broke'},'link':'a','recovered':false,'success':false}]],'output':"
                                 "[7],'success':"
                                 "false}" },
        { PIPE(1)
              VALUE MIDDLEWARE("- {before_chain: '${value.map(x, x + 1)}', before_link: '${value "
                               "* 2}', after_chain: '${size(value)}'}\n") LINKS LINK("a", ""),
          "{'list':[1,2]}", "**", AT(0, "a") "4 | " AT(1, "a") "6 | = 2" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

static const struct refusal refusals[] = {
    { NULL, CHAIN, "1:1: a chain needs \"links\"" },
    { NULL, CHAIN "links: []", "3:8: must be a list of links" },
    { NULL, CHAIN "link: []", "3:1: unrecognized key \"link\" of a chain, did you mean \"links\"" },
    { NULL, CHAIN "announce: [faild]\n" LINKS LINK("a", ""),
      "3:12: nothing of a run is called \"faild\": it is started, completed, failed, cancelled or "
      "waiting, did you mean \"failed\"" },
    { NULL, CHAIN "strategy: paralel\nlinks: []",
      "3:11: must be sequential, parallel, conditional or pipeline" },
    { NULL, CHAIN "recovery: again\nlinks: []",
      "3:11: must be retry, skip, compensate, restart, {retry: {...}} or {restart: 1 to 100}" },
    { NULL, CHAIN "recovery: {restart: 0}\nlinks: []",
      "3:11: must be retry, skip, compensate, restart, {retry: {...}} or {restart: 1 to 100}" },
    { NULL, CHAIN "merge: list\nlinks: []", "3:8: \"merge\" needs \"strategy: parallel\"" },
    { NULL, CHAIN "buffer: 3\nlinks: []", "3:9: \"buffer\" needs \"strategy: pipeline\"" },
    { NULL, CHAIN "strategy: pipeline\nlinks: []",
      "1:1: a pipeline needs \"over\": the list of what goes through, such as \"${input.items}\"" },
    { NULL, CHAIN LINKS "- {agent: any}\n", "4:3: needs the \"action\" of its agent" },
    { NULL, CHAIN LINKS "- {action: do}\n", "4:3: needs an \"agent\" and its \"action\"" },
    { NULL, CHAIN LINKS LINK("a", ", wen: true"),
      "4:35: unrecognized key \"wen\" of a link, did you mean \"when\"" },
    { NULL, CHAIN LINKS LINK("a", ", when: true"),
      "4:41: a condition needs \"strategy: conditional\"" },
    { NULL, CHAIN LINKS LINK("a__b", ""),
      "4:8: must be a name of at most 40 letters, digits and \"_\" that CEL can read, and without "
      "\"__\"" },
    { NULL, CHAIN LINKS LINK("a", "") LINK("a", ""), "5:3: there are two links \"a\"" },
    { NULL, CHAIN LINKS LINK("a", ", on_error: ignore"),
      "4:45: must be compensate, fail, skip, {value: ...} or {agent: ..., action: ...}" },
    { NULL, CHAIN LINKS LINK("a", ", inputs: {x: '${links.b}'}"),
      "4:43: there is no link \"b\" before this one" },
    { NULL, CHAIN LINKS LINK("first", "") LINK("b", ", inputs: {x: '${links.frist}'}"),
      "5:43: there is no link \"frist\" before this one, did you mean \"first\"" },
    { NULL, CHAIN LINKS LINK("a", ", inputs: {x: '${value}'}"),
      "4:47: \"${value}\": 1:1: variable \"value\" is not known" },
    { NULL, CHAIN LINKS "- {agent: ecko, action: echo}\n",
      "4:11: there is no agent \"ecko\", did you mean \"echo\"" },
    { NULL,
      CHAIN LINKS "- {agent: echo, action: echo, inputs: {text: a}}\n"
                  "- {agent: any, action: do, inputs: {n: '${prev.txet}'}}\n",
      "5:40: \"${nodes.echo.output.txet}\": 1:19: field \"txet\" is not known, did you mean "
      "\"text\"" },
    { NULL, CHAIN LINKS LINK("a", ", outputs: {n: '${result.n +}'}"),
      "4:48: \"${nodes.a.output.n +}\": 1:19: expected an expression, found the end" },
    { NULL, CHAIN LINKS LINK("a", ", timeout: soon"),
      "4:44: duration \"soon\": expected a number and a unit, like "
      "\"1h30m\"" },
    { NULL, CHAIN "middleware: [{before_lnk: x}]\nlinks: [{agent: any, action: do}]",
      "3:15: unrecognized key \"before_lnk\" of middleware, did you mean \"before_link\"" },
    { NULL, CHAIN "middleware: [{before_link: 3}]\nlinks: [{agent: any, action: do}]",
      "3:28: must be a template such as \"${value}\", {value: ...} or {agent: ..., action: ...}" },
    { NULL, CHAIN "middleware: [{after_link: '${vale}'}]\nlinks: [{agent: any, action: do}]",
      "3:27: \"${vale}\": 1:1: variable \"vale\" is not known" },
    { NULL, CHAIN "strategy: conditional\nlinks: [{agent: any, action: do, when: 'prev >'}]",
      "4:40: \"input >\": 1:8: expected an expression, found the end" },
    { NULL, CHAIN "output: '${prev.x +}'\nlinks: [{agent: any, action: do}]",
      "3:9: \"${nodes.any.output.x +}\": 1:21: expected an expression, found the end" },
    { NULL,
      CHAIN "strategy: parallel\nmerge: first\nrecovery: skip\nlinks: [{agent: any, action: do}]",
      "6:9: with \"merge: first\" no link may be skipped: it would be the first" },
    { NULL, CHAIN "strategy: pipeline\nover: 3\nlinks: [{agent: any, action: do}]",
      "4:7: must be a list, or an expression that gives one such as \"${input.items}\"" },
    { NULL,
      CHAIN
      "recovery: restart\nlinks: [{agent: any, action: do}, {agent: any, action: do, timeout: x}]",
      "4:69: duration \"x\": expected a number and a unit, like \"1h30m\"" },
};

static void each_wrong_chain_is_refused(void **state)
{
    (void)state;
    CHECK_REFUSALS(refusals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_gets_what_the_one_before_gave),
        cmocka_unit_test(every_link_has_a_result),
        cmocka_unit_test(what_stands_in_for_a_failure_may_be_anything),
        cmocka_unit_test(recovery_is_that_of_links_which_do_not_say),
        cmocka_unit_test(links_side_by_side_get_the_same_and_are_merged),
        cmocka_unit_test(the_first_of_a_group_lets_go_of_the_others),
        cmocka_unit_test(a_group_is_one_step_of_a_chain),
        cmocka_unit_test(a_condition_that_does_not_hold_passes_the_value_on),
        cmocka_unit_test(middleware_goes_around_in_the_order_of_registration),
        cmocka_unit_test(stages_of_a_pipeline_overlap),
        cmocka_unit_test(each_wrong_chain_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
