/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain tune: what is proposed for a chain, and that the chain which is made of it gives the same.
 *
 * Agent "any" has no effects and takes 10 ms, "far" has effects, "slow" has none and takes 30 ms,
 * "who" is not known.
 */
#include "flow_case.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"

#define CHAIN "kind: Chain\nid: t\n"
#define LINK(id, agent, rest) "- {id: " id ", agent: " agent ", action: do" rest "}\n"
#define GET(value) ", inputs: '${" value "}'"
#define GIVE "output: '${prev}'\n"

static int find_action(void *arg, const char *agent, const char *action, bool *ret_pure,
                       int64_t *ret_ms)
{
    (void)arg;
    (void)action;
    *ret_pure = strcmp(agent, "any") == 0 || strcmp(agent, "slow") == 0;
    *ret_ms = strcmp(agent, "slow") == 0 ? 30 : 10;
    return strcmp(agent, "who") == 0 ? -1 : 0;
}

static json_t *tune(const char *text, const char *durations)
{
    struct td_err err;
    struct tdh_yaml *yaml = tdh_yaml_parse(text, strlen(text), "t.yaml", &err);
    json_t *known = durations != NULL ? json_of(durations) : NULL, *result = NULL;
    struct tdh_chain_facts facts = { .action = find_action, .durations = known };

    assert_non_null(yaml);
    if (tdh_chain_optimize(yaml, &facts, &result, &err) != 0)
        fail_msg("%s", err.text);
    tdh_yaml_free(yaml);
    json_decref(known);
    return result;
}

/* "rule a b; rule c" */
static char *proposals_of(const json_t *result)
{
    struct tdh_buf buf = { 0 };
    json_t *row, *link;
    size_t i, at;

    tdh_buf_text(&buf, "");
    json_array_foreach (json_object_get(result, "proposals"), i, row) {
        tdh_buf_printf(&buf, "%s%s", i > 0 ? "; " : "", tdh_json_str(row, "rule", ""));
        json_array_foreach (json_object_get(row, "links"), at, link)
            tdh_buf_printf(&buf, " %s", json_string_value(link));
    }
    return tdh_buf_steal(&buf);
}

/* "a [b c] d" */
static char *order_of(const json_t *chain)
{
    struct tdh_buf buf = { 0 };
    json_t *step, *link;
    size_t i, at;

    json_array_foreach (json_object_get(chain, "links"), i, step) {
        tdh_buf_printf(&buf, "%s%s", i > 0 ? " " : "",
                       json_object_get(step, "parallel") != NULL ? "["
                                                                 : tdh_json_str(step, "id", ""));
        json_array_foreach (json_object_get(step, "parallel"), at, link)
            tdh_buf_printf(&buf, "%s%s", at > 0 ? " " : "", tdh_json_str(link, "id", ""));
        if (json_object_get(step, "parallel") != NULL)
            tdh_buf_char(&buf, ']');
    }
    return tdh_buf_steal(&buf);
}

/* What it gives when every call gives back its input. */
static char *run_chain(const json_t *text)
{
    char *yaml = tdh_json_text(text, 0);
    struct tdh_definition *definition = flow_of(yaml);
    struct flow_run *run = run_new(definition, "{'n':1,'l':[1,2,3]}", RUN_SAVED);
    char *trace, *output;

    while (run_echo(run))
        continue;
    trace = strdup(run_trace(run));
    assert_true(run_is_over(run));
    output = strdup(strstr(trace, "= ") != NULL ? strstr(trace, "= ") : trace);
    free(trace);
    run_free(run);
    tdh_definition_release(definition);
    free(yaml);
    return output;
}

static void check_same(const char *text, const json_t *chain)
{
    struct td_err err;
    struct tdh_yaml *yaml = tdh_yaml_parse(text, strlen(text), "t.yaml", &err);
    char *before = run_chain(yaml->root), *after = run_chain(chain);

    assert_string_equal(after, before);
    free(before);
    free(after);
    tdh_yaml_free(yaml);
}

struct row {
    const char *chain, *proposals, *order;
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[2048], *proposals, *order;
        json_t *result, *chain;

        snprintf(text, sizeof(text), CHAIN "%s", rows[i].chain);
        result = tune(text, NULL);
        chain = json_object_get(result, "text");
        proposals = proposals_of(result);
        order = order_of(chain);
        assert_string_equal(proposals, rows[i].proposals);
        assert_string_equal(order, rows[i].order);
        check_same(text, chain);
        free(proposals);
        free(order);
        json_decref(result);
    }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void what_does_not_wait_goes_side_by_side(void **state)
{
    static const struct row rows[] = {
        { GIVE "links:\n" LINK("a", "any", GET("input.n")) LINK("b", "any", GET("input.l"))
              LINK("c", "any", GET("[links.a, nodes.b.output]")),
          "parallel a b", "[a b] c" },
        { GIVE "links:\n" LINK("a", "any", "") LINK("b", "any", "") LINK("c", "any", ""), "",
          "a b c" },
        { GIVE "links:\n" LINK("a", "any", "") LINK("b", "any", "") LINK("c", "any", GET("input"))
              LINK("d", "any", GET("[prev, links.b]")),
          "reorder c b; parallel a c", "[a c] b d" },
        /* the last stays last, since its value goes on */
        { GIVE "links:\n" LINK("a", "any", "") LINK("b", "any", GET("[prev]"))
              LINK("c", "any", GET("[input.n, links.b, links.a]")) LINK("d", "any", GET("input.n"))
                  LINK("e", "any", GET("[links.c, prev]")),
          "reorder d b; parallel a d", "[a d] b c e" },
        { GIVE "links:\n" LINK("a", "any", GET("input.l")) LINK("b", "any", GET("prev"))
              LINK("c", "any", GET("links.a.size()")),
          "remove b", "a c" },
        { GIVE "links: [{agent: any, action: do, inputs: 1}, {agent: any, action: do, inputs: 2}, "
               "{agent: any, action: do, inputs: '${[links.any, prev]}'}]\n",
          "parallel any any_2", "[any any_2] any_3" },
        { "strategy: pipeline\nover: '${input.l}'\nlinks:\n" LINK("a", "any", GET("prev"))
              LINK("b", "any", GET("item")) LINK("c", "any", GET("[links.a, prev]")),
          "parallel a b", "[a b] c" },
        { "strategy: parallel\nlinks:\n" LINK("a", "any", "") LINK("b", "any", ""), "", "a b" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

static void only_what_has_no_effects_is_touched(void **state)
{
    static const struct row rows[] = {
        { GIVE "links:\n" LINK("a", "far", GET("1")) LINK("b", "far", GET("1"))
              LINK("c", "who", GET("1")) LINK("d", "far", ""),
          "", "a b c d" },
        /* nothing crosses one that has effects: when the one before fails, it does not happen */
        { GIVE "links:\n" LINK("a", "any", GET("1")) LINK("b", "far", GET("2"))
              LINK("c", "any", GET("3")) LINK("d", "any", GET("[links.a, links.b, prev]")),
          "", "a b c d" },
        { GIVE "links:\n" LINK("a", "any", GET("1")) "- {id: w, workflow: other}\n" LINK(
              "b", "any", GET("[prev, links.a]")),
          "", "a w b" },
        { GIVE "links:\n" LINK("a", "any", GET("1") ", compensate: {agent: far, action: undo}")
              LINK("b", "any", GET("2")) LINK("c", "any", GET("[links.a, prev]")),
          "", "a b c" },
        { GIVE "recovery: skip\nlinks:\n" LINK("a", "any", GET("1")) LINK("b", "any", GET("2"))
              LINK("c", "any", GET("[links.a, prev]")),
          "", "a b c" },
        { GIVE "strategy: conditional\nlinks:\n" LINK("a", "any", GET("1")) LINK(
              "b", "any", GET("2") ", when: links.a > 3") LINK("c", "any", GET("[links.a, prev]")),
          "", "a b c" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

static void what_was_asked_is_not_asked_again(void **state)
{
    static const struct row rows[] = {
        { GIVE "links:\n" LINK("a", "any", GET("input.n")) LINK("b", "far", GET("[prev]"))
              LINK("c", "any", GET("input.n"))
                  LINK("d", "any", GET("[prev, links.c, nodes.c.output, links.b]")),
          "cache a c", "a b d" },
        { GIVE "links:\n" LINK("a", "any", "") LINK("b", "any", GET("[prev, input]"))
              LINK("c", "any", ""),
          "", "a b c" },
        { GIVE "links:\n" LINK("a", "any", GET("1")) LINK("b", "any", GET("prev"))
              LINK("c", "any", GET("links.a")) LINK("d", "any", GET("[prev, links.b]")),
          "cache b c", "a b d" },
        { GIVE "links:\n" LINK("a", "any", GET("1")) LINK("b", "slow", GET("1"))
              LINK("c", "any", GET("1") ", timeout: 3s")
                  LINK("d", "any", GET("[links.a, links.b, prev]")),
          "parallel a b c", "[a b c] d" },
        { "output: '${[links.c, prev]}'\nlinks:\n" LINK("a", "any", GET("1"))
              LINK("c", "any", GET("1")) LINK("d", "any", GET("7")),
          "cache a c; parallel a d", "[a d]" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

/* Any call can fail, and keeps back what stands behind it: a link that nobody reads, or that asks
 * again, may be a check. */
static void a_link_that_guards_effects_stays(void **state)
{
#define CHECK LINK("check", "any", GET("1"))
#define PAY LINK("pay", "far", GET("2"))
    static const struct row rows[] = {
        { GIVE "links:\n" CHECK PAY, "", "check pay" },
        { GIVE "links:\n" CHECK LINK("b", "any", GET("2")) PAY LINK("c", "any", ""),
          "parallel check b", "[check b] pay c" },
        { GIVE "links:\n" CHECK LINK("a", "any", GET("2")) LINK("who", "who", ""),
          "parallel check a", "[check a] who" },
        { GIVE "links:\n" CHECK "- {id: w, workflow: other}\n", "", "check w" },
        { GIVE "links:\n" LINK("a", "any", GET("1")) CHECK PAY, "parallel a check",
          "[a check] pay" },
        { GIVE "links:\n" PAY CHECK LINK("c", "any", GET("3")), "remove check", "pay c" },
        { GIVE "links:\n" LINK("pay", "far", ", compensate: {agent: far, action: undo}")
              CHECK LINK("c", "any", GET("3")),
          "parallel check c", "pay [check c]" },
        { GIVE "links:\n" CHECK LINK("a", "any", GET("2") ", on_error: {agent: far, action: tell}")
              LINK("c", "any", GET("3")),
          "", "check a c" },
        { "middleware: [{after_chain: {agent: far, action: log}}]\n" GIVE
          "links:\n" CHECK LINK("c", "any", GET("3")),
          "parallel check c", "[check c]" },
        { "middleware: [{after_chain: {agent: any, action: log}}]\n" GIVE
          "links:\n" CHECK LINK("c", "any", GET("3")),
          "remove check", "c" },
        /* a stream: later items come to the first link while this one is in the last */
        { "strategy: pipeline\nover: '${input.l}'\nlinks:\n" PAY CHECK LINK("c", "any",
                                                                            GET("item")),
          "parallel check c", "pay [check c]" },
        { GIVE
          "strategy: pipeline\nover: '${input.l}'\nlinks:\n" CHECK LINK("c", "any", GET("item")),
          "remove check", "c" },
        /* of two failures only one undoes */
        { GIVE "links:\n" LINK("pay", "far", ", compensate: {agent: far, action: undo}")
              LINK("a", "any", GET("1") ", on_error: fail") LINK("c", "any", GET("[links.pay]")),
          "", "pay a c" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

static void what_nobody_reads_is_not_asked(void **state)
{
    static const struct row rows[] = {
        { GIVE "links:\n" LINK("a", "any", GET("1")) LINK("b", "any", GET("links.a"))
              LINK("c", "any", GET("3")),
          "remove b; remove a", "c" },
        { "output: '${[links.a, prev]}'\nlinks:\n" LINK("a", "far", GET("1"))
              LINK("b", "any", GET("2")) LINK("c", "any", GET("3")),
          "remove b", "a c" },
        /* what follows it may read its value where it passes that on */
        { GIVE "strategy: conditional\nlinks:\n" LINK("a", "any", GET("1"))
              LINK("b", "any", GET("2") ", when: input.n == 3") LINK("c", "any", GET("[prev]")),
          "", "a b c" },
        { GIVE "links:\n" LINK("a", "any", GET("1")) LINK("b", "any", GET("2") ", on_error: skip")
              LINK("c", "any", GET("[prev]")),
          "", "a b c" },
        /* what a hook around the chain reads is read */
        { "middleware: [{after_chain: '${[value, links.a]}'}]\n" GIVE "links:\n" LINK(
              "a", "any", GET("1")) LINK("b", "any", GET("2")) LINK("c", "any", GET("3")),
          "remove b; parallel a c", "[a c]" },
        { "output: '${[nodes.b, prev]}'\nlinks:\n" LINK("a", "far", GET("1"))
              LINK("b", "any", GET("2")) LINK("c", "far", GET("3")),
          "", "a b c" },
        { GIVE "strategy: conditional\nlinks:\n" LINK("a", "any", GET("1"))
              LINK("b", "far", GET("2") ", when: links.a > 3"),
          "", "a b" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

static void calls_of_one_action_become_one_with_a_list(void **state)
{
    static const struct row rows[] = {
        { GIVE "links:\n" LINK("a", "any", GET("1")) LINK("b", "any", GET("prev + 1"))
              LINK("c", "any", GET("3")) LINK("d", "any", GET("prev"))
                  LINK("e", "any", GET("[links.c, links.b, prev, input.n]")),
          "reorder c b; parallel a c; parallel b d", "[a c] [b d] e" },
        { GIVE "links:\n" LINK("a", "any", "") LINK("b", "any", GET("2"))
              LINK("c", "any", GET("[3]")) LINK("d", "far", GET("[prev, links.a, links.b]"))
                  LINK("e", "far", GET("links.c")),
          "parallel a b c", "[a b c] d e" },
        { GIVE "links:\n" LINK("a", "any", GET("1")) LINK("b", "any", GET("2"))
              LINK("c", "any", GET("3")) LINK("d", "far", GET("[prev, links.a, links.b]")),
          "parallel a b c; batch a b c", "a_batch d" },
        { "output: '${[links.a, links.b, prev]}'\nlinks:\n" LINK("a", "any", GET("1"))
              LINK("b", "any", GET("2")) LINK("c", "any", GET("3")),
          "parallel a b c; batch a b c", "a_batch" },
        { GIVE "links:\n" LINK("a", "any", GET("1")) LINK("b", "any", GET("2"))
              LINK("c", "any", GET("3")) LINK("d", "far", GET("[prev, nodes.a.output, links.b]")),
          "parallel a b c", "[a b c] d" },
        { "middleware: [{after_link: '${[value]}'}]\n" GIVE "links:\n" LINK("a", "any", GET("1"))
              LINK("b", "any", GET("2")) LINK("c", "any", GET("3"))
                  LINK("d", "far", GET("[prev, links.a, links.b]")),
          "parallel a b c", "[a b c] d" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

/* The bug of the sketch: the optimized chain had lost its middleware. */
static void middleware_goes_around_every_link_that_is_left(void **state)
{
#define AB_C                                                                                       \
    "links:\n" LINK("a", "any", GET("1")) LINK("b", "any", GET("2"))                               \
        LINK("c", "any", GET("[links.a, prev]"))
    static const struct row rows[] = {
        { "middleware: [{before_link: '${value}', after_link: '${[value, link.id]}', before_chain: "
          "'${3}', "
          "after_chain: '${[value]}'}]\n" GIVE "links:\n" LINK("a", "any", GET("1"))
              LINK("b", "any", GET("2")) LINK("c", "any", GET("[links.a, links.b]")),
          "parallel a b", "[a b] c" },
        /* a link that reads what a hook made of the value before stays behind that */
        { "middleware: [{before_link: '${[value]}'}]\n" GIVE AB_C, "parallel a b", "[a b] c" },
        { "middleware: [{before_link: '${[value]}'}]\n" GIVE "links:\n" LINK("a", "any", "")
              LINK("b", "any", GET("7")) LINK("c", "any", GET("[links.a, prev]")),
          "", "a b c" },
        /* hooks with effects bind all links */
        { "middleware: [{after_link: {agent: far, action: log}}]\n" GIVE AB_C, "", "a b c" },
        { "middleware: [{after_link: {agent: any, action: log}}]\n" GIVE AB_C, "parallel a b",
          "[a b] c" },
        /* hooks that know the link may give each another value */
        { "middleware: [{after_link: '${link.id}'}]\n" GIVE "links:\n" LINK("a", "any", GET("1"))
              LINK("b", "any", GET("1")) LINK("c", "any", GET("[links.a, prev]")),
          "parallel a b", "[a b] c" },
    };

    (void)state;
    CHECK_ROWS(rows);
}

/* Links as JSON, in front of their times. */
static void the_speed_up_is_that_of_the_critical_path(void **state)
{
    static const char chain[] = CHAIN "links:\n" LINK("a", "any", GET("1"))
        LINK("b", "slow", GET("2")) LINK("c", "far", GET("[links.a, links.b]"));
    static const struct {
        const char *durations, *basis;
        double before_ms, after_ms;
    } rows[] = {
        { NULL, "the estimates of manifests", 50, 40 },
        { "{'a':70}", "runs, as far as there were any", 110, 80 },
        { "{'a':70,'b':70,'c':0}", "runs", 140, 70 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *result = tune(chain, rows[i].durations);

        assert_string_equal(tdh_json_str(result, "basis", ""), rows[i].basis);
        assert_true(json_number_value(json_object_get(result, "before_ms")) == rows[i].before_ms);
        assert_true(json_number_value(json_object_get(result, "after_ms")) == rows[i].after_ms);
        assert_true(json_number_value(json_object_get(result, "speedup")) ==
                    rows[i].before_ms / rows[i].after_ms);
        json_decref(result);
    }
}

#define FLOW "id: t\nnodes:\n- {id: s, type: start, next: a}\n"
#define TASK(id, agent, rest) "- {id: " id ", type: task, agent: " agent ", action: do" rest "}\n"
#define NEXT(node, value) ", inputs: '${" value "}', next: " node
#define END(value) "- {id: e, type: end, output: '${" value "}'}\n"
#define FLOW0(first) "id: t\nnodes:\n- {id: s, type: start, next: " first "}\n"
#define BCD_TO(last)                                                                               \
    TASK("b", "any", NEXT("c", "2"))                                                               \
    TASK("c", "any", NEXT("d", "3")) TASK("d", "any", NEXT(last, "4"))
#define BCD BCD_TO("e")
/* What a workflow asks for when all is done with its input, and who is proposed to change. */
static const struct {
    const char *flow, *proposals, *trace;
} flows[] = {
    { FLOW TASK("a", "any", NEXT("b", "1")) TASK("b", "any", NEXT("c", "2"))
          TASK("c", "any", NEXT("e", "nodes.a.output + nodes.b.output")) END("nodes.c.output"),
      "parallel a b", "a1 b2 |  | c3 | = 3" },
    { FLOW TASK("a", "any", NEXT("b", "1")) TASK("b", "any", NEXT("e", "2"))
          END("[nodes.a.output, nodes.b.output]"),
      "parallel a b", "a1 b2 |  | = [1,2]" },
    { FLOW TASK("a", "any", NEXT("b", "1")) TASK("b", "any", NEXT("c", "nodes.a.output"))
          TASK("c", "any", NEXT("d", "2")) TASK("d", "any", NEXT("e", "nodes.b.output"))
              END("[nodes.c.output, nodes.d.output]"),
      "reorder c b; parallel a c", "a1 c2 |  | b1 | d1 | = [2,1]" },
    { FLOW TASK("a", "any", NEXT("b", "1")) TASK("b", "any", NEXT("c", "2"))
          TASK("c", "any", NEXT("e", "3")) END("[nodes.a.output, nodes.c.output]"),
      "remove b; parallel a c", "a1 c3 |  | = [1,3]" },
    /* what has effects, writes a variable, or stands between two of those, stays */
    { FLOW TASK("a", "any", NEXT("b", "1")) TASK("b", "far", NEXT("c", "2"))
          TASK("c", "any", NEXT("e", "3")) END("nodes.a.output"),
      "", "a1 | b2 | c3 | = 1" },
    { "variables: {v: 0}\n" FLOW TASK("a", "any", NEXT("b", "1"))
          TASK("b", "any", NEXT("c", "2") ", outputs: {v: 3}") TASK("c", "any", NEXT("e", "vars.v"))
              END("nodes.a.output"),
      "", "a1 | b2 | c3 | = 1" },
    /* a choice before or behind a row: its first, its last stands alone */
    { "id: t\nnodes:\n- {id: s, type: start, next: [{to: a, when: input.n == 1}, {to: e, "
      "otherwise: true}]}\n" TASK("a", "any", NEXT("b", "1")) TASK("b", "any", NEXT("c", "2"))
          TASK("c", "any", NEXT("[{to: e, when: result > 2}]", "3")) END("nodes.a.output"),
      "remove b", "a1 | c3 | = 1" },
    { "id: t\nnodes:\n- {id: s, type: start, next: [{to: a, when: input.n == 1}]}\n" TASK(
          "a", "any", NEXT("b", "1")) TASK("b", "any", NEXT("c", "2"))
          TASK("c", "any", NEXT("d", "3"))
              TASK("d", "any", NEXT("[{to: e, when: result > 3}]", "4"))
                  END("[nodes.a.output, nodes.b.output, nodes.c.output, nodes.d.output]"),
      "parallel b c", "a1 | b2 c3 |  | d4 | = [1,2,3,4]" },
    /* what nobody reads stays where effects stand behind it or beside it, or something is undone */
    { FLOW TASK("a", "far", NEXT("b", "1")) BCD END("nodes.b.output + nodes.d.output"),
      "remove c; parallel b d", "a1 | b2 d4 |  | = 6" },
    { FLOW0("b") BCD_TO("p") TASK("p", "far", NEXT("e", "5"))
          END("nodes.b.output + nodes.d.output"),
      "parallel b c d", "b2 c3 d4 |  |  | p5 | = 6" },
    { FLOW0("[b, p]") BCD TASK("p", "far", NEXT("e", "5")) END("nodes.b.output + nodes.d.output"),
      "parallel b c d", "b2 p5 c3 d4 |  |  |  | = 6" },
    { FLOW TASK("a", "far", ", compensate: {agent: far, action: undo}" NEXT("b", "1"))
          BCD END("nodes.b.output + nodes.d.output"),
      "parallel b c d", "a1 | b2 c3 d4 |  |  | = 6" },
    { FLOW TASK("a", "any", ", on_error: fail" NEXT("b", "1")) TASK("b", "any", NEXT("e", "2"))
          END("nodes.a.output + nodes.b.output"),
      "", "a1 | b2 | = 3" },
    /* spelled from the other end */
    { "id: t\nnodes:\n- {id: s, type: start}\n" TASK("a", "any", ", inputs: 1, depends_on: s")
          TASK("b", "any", ", inputs: 2, depends_on: [a]")
              TASK("c", "any",
                   ", inputs: 3, depends_on: {node: b}") "- {id: e, type: end, depends_on: c, "
                                                         "output: '${nodes.a.output + "
                                                         "nodes.b.output}'}\n",
      "parallel a b c", "a1 b2 c3 |  |  | = 3" },
};

static void rows_of_a_workflow_are_loosened(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++) {
        json_t *result = tune(flows[i].flow, NULL);
        char *proposals = proposals_of(result),
             *text = tdh_json_text(json_object_get(result, "text"), 0),
             *trace = run_script(text, "{'n':1}", "**");

        assert_string_equal(proposals, flows[i].proposals);
        assert_string_equal(trace, flows[i].trace);
        free(proposals);
        free(text);
        free(trace);
        json_decref(result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_wait_goes_side_by_side),
        cmocka_unit_test(only_what_has_no_effects_is_touched),
        cmocka_unit_test(what_was_asked_is_not_asked_again),
        cmocka_unit_test(a_link_that_guards_effects_stays),
        cmocka_unit_test(what_nobody_reads_is_not_asked),
        cmocka_unit_test(calls_of_one_action_become_one_with_a_list),
        cmocka_unit_test(middleware_goes_around_every_link_that_is_left),
        cmocka_unit_test(the_speed_up_is_that_of_the_critical_path),
        cmocka_unit_test(rows_of_a_workflow_are_loosened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
