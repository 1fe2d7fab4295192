/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow critical: when nodes begin and end, by how much they may be late, and the longest way.
 */
#include "flow/critical.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "flow_case.h"

#define END "- {id: e, type: end}\n"
#define NAP(id, ms, rest) "- {id: " id ", type: sleep, duration: " ms "ms" rest "}\n"
#define IN(id, ms, rest) "{id: " id ", type: sleep, duration: " ms "ms" rest "}"
#define TASK(id, rest) "- {id: " id ", type: task, agent: any, action: do" rest "}\n"

/* What a manifest says of the action "any.do", and earlier runs of the nodes h and m.h. */
static bool action_time(void *arg, const char *agent, const char *action, int64_t *ret_us)
{
    (void)arg;
    *ret_us = 7000;
    return strcmp(agent, "any") == 0 && strcmp(action, "do") == 0;
}

static bool past_time(void *arg, const char *path, int64_t *ret_us)
{
    (void)arg;
    *ret_us = strcmp(path, "h") == 0 ? 100500 : 30000;
    return strcmp(path, "h") == 0 || strcmp(path, "m.h") == 0;
}
static const struct tdh_flow_times known = { NULL, action_time, past_time };

/* "s 0-0+0 | a 0-10+5 ... = 10: s a e": begin, end and slack by node, the whole, the path; "!":
 * only after a failure. */
static void add_graph(struct tdh_buf *buf, const struct tdh_critical *critical)
{
    for (uint32_t i = 0; i < critical->graph->count; i++) {
        const struct tdh_span *span = &critical->spans[i];

        tdh_buf_printf(buf, "%s %g-%g", critical->graph->nodes[i].id, (double)span->start_us / 1000,
                       (double)span->finish_us / 1000);
        if (span->is_failure)
            tdh_buf_char(buf, '!');
        else
            tdh_buf_printf(buf, "+%g", (double)(span->latest_us - span->finish_us) / 1000);
        if (span->body != NULL) {
            tdh_buf_printf(buf, " %lldx(", (long long)span->rounds);
            add_graph(buf, span->body);
            tdh_buf_char(buf, ')');
        }
        tdh_buf_text(buf, i + 1 < critical->graph->count ? " | " : " = ");
    }
    tdh_buf_printf(buf, "%g:", (double)critical->total_us / 1000);
    for (uint32_t i = 0; i < critical->path_count; i++)
        tdh_buf_printf(buf, " %s", critical->graph->nodes[critical->path[i]].id);
}

struct row {
    const char *next, *nodes, *want;
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct tdh_buf buf = { 0 };
        struct tdh_definition *definition;
        struct tdh_critical *critical;
        struct td_err err;
        char yaml[2048];

        snprintf(yaml, sizeof(yaml), "id: t\nnodes:\n- {id: s, type: start, next: [%s]}\n%s",
                 rows[i].next, rows[i].nodes);
        definition = flow_of(yaml);
        critical = tdh_critical_new(definition, &known, &err);
        assert_non_null(critical);
        add_graph(&buf, critical);
        assert_string_equal(buf.data, rows[i].want);
        tdh_buf_free(&buf);
        tdh_critical_free(critical);
        tdh_definition_release(definition);
    }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void the_longest_way_counts(void **state)
{
    static const struct row rows[] = {
        { "a, b",
          NAP("a", "10", ", next: e") NAP("b", "4", ", next: c") NAP("c", "5", ", next: e") END,
          "s 0-0+0 | a 0-10+0 | b 0-4+1 | c 4-9+1 | e 10-10+0 = 10: s a e" },
        /* the first node counts, and one that leads nowhere */
        { "a, b", NAP("a", "3", ", next: e") NAP("b", "4", "") END,
          "s 0-0+0 | a 0-3+1 | b 0-4+0 | e 3-3+1 = 4: s b" },
        /* of the branches of a decision the longest */
        { "d",
          "- {id: d, type: decision, next: [{to: a, when: input.x}, {to: b, otherwise: "
          "true}]}\n" NAP("a", "2", ", next: e") NAP("b", "9", ", next: e") END,
          "s 0-0+0 | d 0-0+0 | a 0-2+7 | b 0-9+0 | e 9-9+0 = 9: s d b e" },
        /* where nothing is known, the way of most nodes */
        { "w, p",
          "- {id: w, type: wait, signal: x, next: e}\n- {id: p, type: parallel, next: q}\n"
          "- {id: q, type: wait, signal: x, next: e}\n" END,
          "s 0-0+0 | w 0-0+0 | p 0-0+0 | q 0-0+0 | e 0-0+0 = 0: s p q e" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void a_join_of_some_waits_only_for_these(void **state)
{
#define THREE(join)                                                                                \
    NAP("a", "1", ", next: j")                                                                     \
    NAP("b", "5", ", next: j")                                                                     \
    NAP("c", "9", ", next: j") NAP("j", "2", ", join: " join ", next: e") END
    static const struct row rows[] = {
        { "a, b, c", THREE("any"),
          "s 0-0+0 | a 0-1+6 | b 0-5+4 | c 0-9+0 | j 1-3+6 | e 3-3+6 = 9: s c" },
        { "a, b, c", THREE("2"),
          "s 0-0+0 | a 0-1+6 | b 0-5+2 | c 0-9+0 | j 5-7+2 | e 7-7+2 = 9: s c" },
        { "a, b, c", THREE("all"),
          "s 0-0+0 | a 0-1+8 | b 0-5+4 | c 0-9+0 | j 9-11+0 | e 11-11+0 = 11: s c j e" },
        /* one that may not come does not let it begin sooner */
        { "{to: a, when: input.x}, b, c", THREE("any"),
          "s 0-0+0 | a 0-1+8 | b 0-5+2 | c 0-9+0 | j 5-7+2 | e 7-7+2 = 9: s c" },
        { "{to: a, when: input.x}, {to: b, otherwise: true}, {to: c, when: input.y}", THREE("any"),
          "s 0-0+0 | a 0-1+8 | b 0-5+4 | c 0-9+0 | j 9-11+0 | e 11-11+0 = 11: s c j e" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void what_follows_a_failure_delays_nothing(void **state)
{
    static const struct row rows[] = {
        { "a",
          TASK("a", ", on_error: {goto: f}, next: e") NAP("f", "50", ", next: g")
              NAP("g", "1", ", next: e") END,
          "s 0-0+0 | a 0-7+0 | f 7-57! | g 57-58! | e 7-7+0 = 7: s a e" },
        /* the same node either way, or softly, is in every run */
        { "a", TASK("a", ", on_error: {goto: f}, next: f") NAP("f", "50", ", next: e") END,
          "s 0-0+0 | a 0-7+0 | f 7-57+0 | e 57-57+0 = 57: s a f e" },
        { "a", TASK("a", ", next: {to: f, soft: true}") NAP("f", "50", ", next: e") END,
          "s 0-0+0 | a 0-7+0 | f 7-57+0 | e 57-57+0 = 57: s a f e" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void a_body_counts_by_its_rounds(void **state)
{
#define LOOP(keys) "- {id: l, type: loop, " keys ", next: e, body: [" IN("x", "4", "") "]}\n" END
#define MAP(keys) "- {id: l, type: map, " keys ", next: e, body: [" IN("x", "4", "") "]}\n" END
#define WANT(rounds, ms)                                                                           \
    "s 0-0+0 | l 0-" ms "+0 " rounds "x(x 0-4+0 = 4: x) | e " ms "-" ms "+0 = " ms ": s l e"
    static const struct row rows[] = {
        { "l", LOOP("times: 3"), WANT("3", "12") },
        { "l", LOOP("times: 0"), WANT("0", "0") },
        { "l", LOOP("times: 3, max: 2"), WANT("2", "8") },
        { "l", LOOP("for_each: [1, 2, 3, 4]"), WANT("4", "16") },
        { "l", LOOP("for_each: []"), WANT("0", "0") },
        { "l", LOOP("for_each: '${input.l}'"), WANT("-1", "4") },
        { "l", LOOP("while: input.x, max: 5"), WANT("-1", "4") },
        { "l", LOOP("times: 1000000000, for_each: '${input.l}'"), WANT("1000000000", "4e+09") },
        { "l", MAP("over: [1, 2, 3]"), WANT("1", "4") },
        { "l", MAP("over: [1, 2, 3], max_parallel: 2"), WANT("2", "8") },
        { "l", MAP("over: []"), WANT("0", "0") },
        { "l", MAP("over: [], max_parallel: 2"), WANT("0", "0") },
        { "l", MAP("over: '${input.l}'"), WANT("1", "4") },
        { "l", MAP("over: '${input.l}', max_parallel: 2"), WANT("-1", "4") },
    };
    (void)state;
    CHECK_ROWS(rows);
}

static void times_are_from_runs_then_manifests(void **state)
{
    static const struct row rows[] = {
        { "a", TASK("a", ", next: e") END, "s 0-0+0 | a 0-7+0 | e 7-7+0 = 7: s a e" },
        { "h", TASK("h", ", next: e") END,
          "s 0-0+0 | h 0-100.5+0 | e 100.5-100.5+0 = 100.5: s h e" },
        { "m",
          "- {id: m, type: map, over: [1], next: e, body: [{id: h, type: wait, signal: x}]}\n" END,
          "s 0-0+0 | m 0-30+0 1x(h 0-30+0 = 30: h) | e 30-30+0 = 30: s m e" },
        { "w, z",
          "- {id: w, type: subworkflow, workflow: other, next: e}\n"
          "- {id: z, type: sleep, duration: '${input.d}', next: e}\n" END,
          "s 0-0+0 | w 0-0+0 | z 0-0+0 | e 0-0+0 = 0: s w e" },
    };
    (void)state;
    CHECK_ROWS(rows);
}

/* Eight bodies of 1e9 rounds of 49 days are bounded. */
static void no_time_overflows(void **state)
{
    struct tdh_buf buf = { 0 };
    struct tdh_definition *definition;
    struct tdh_critical *critical;
    struct td_err err;

    (void)state;
    tdh_buf_text(&buf, "id: t\nnodes:\n- {id: s, type: start, next: l0}\n- {id: e, type: end, "
                       "depends_on: l0}\n- ");
    for (unsigned i = 0; i < TDH_FLOW_DEPTH; i++)
        tdh_buf_printf(&buf, "{id: l%u, type: loop, times: 1000000000, body: [", i);
    tdh_buf_text(&buf, "{id: x, type: sleep, duration: 49d}");
    for (unsigned i = 0; i < TDH_FLOW_DEPTH; i++)
        tdh_buf_text(&buf, "]}");
    definition = flow_of(buf.data);
    critical = tdh_critical_new(definition, NULL, &err);
    assert_true(critical->total_us == TDH_CRITICAL_US_MAX);
    tdh_critical_free(critical);
    tdh_definition_release(definition);
    tdh_buf_free(&buf);
}

static void all_of_it_is_data(void **state)
{
    struct tdh_definition *definition =
        flow_of("id: t\nnodes:\n- {id: s, type: start, next: [a, l]}\n"
                "- {id: a, type: wait, signal: x, next: e}\n"
                "- {id: l, type: loop, until: input.x, next: e, body: [{id: h, type: pattern, "
                "pattern: debate}]}\n- {id: e, type: end}\n");
    struct td_err err;
    struct tdh_critical *critical = tdh_critical_new(definition, NULL, &err);
    json_t *whole = tdh_critical_json(critical, &err);
    char *text = text_of(whole);

    (void)state;
    assert_string_equal(
        text,
        "{'critical_path':['s','a','e'],'groups':[['s'],['a','l'],['e']],'nodes':["
        "{'critical':true,'estimate_ms':0.0,'finish_ms':0.0,'group':0,'node':'s','slack_ms':0.0,"
        "'source':'none','start_ms':0.0,'type':'start'},"
        "{'critical':true,'finish_ms':0.0,'group':1,'node':'a','slack_ms':0.0,"
        "'source':'unknown','start_ms':0.0,'type':'wait'},"
        "{'body':{'critical_path':['h'],'groups':[['h']],'nodes':[{'critical':true,'finish_ms':0.0,"
        "'group':0,'node':'h','slack_ms':0.0,'source':'unknown','start_ms':0.0,"
        "'type':'pattern'}],'total_ms':0.0},'critical':false,'estimate_ms':0.0,'finish_ms':0.0,"
        "'group':1,'node':'l','slack_ms':0.0,'source':'body','start_ms':0.0,'type':'loop'},"
        "{'critical':true,'estimate_ms':0.0,'finish_ms':0.0,'group':2,'node':'e','slack_ms':0.0,"
        "'source':'none','start_ms':0.0,'type':'end'}],"
        "'rounds_unknown':['l'],'total_ms':0.0,'unknown':['a','l.h'],'workflow':'t'}");
    free(text);
    json_decref(whole);
    tdh_critical_free(critical);
    tdh_definition_release(definition);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_way_counts),
        cmocka_unit_test(a_join_of_some_waits_only_for_these),
        cmocka_unit_test(what_follows_a_failure_delays_nothing),
        cmocka_unit_test(a_body_counts_by_its_rounds),
        cmocka_unit_test(times_are_from_runs_then_manifests),
        cmocka_unit_test(no_time_overflows),
        cmocka_unit_test(all_of_it_is_data),
    };

    return cmocka_run_group_tests_name("flow critical", tests, NULL, NULL);
}
