/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow state: what long and wide workflows cost: no stack, a fold at a time, a state that does not
 * grow; and what saved state is refused.
 */
#include "flow_case.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

enum { STACK_BYTES = 256 * 1024 };

#define DO ", type: task, agent: any, action: do"
/* A workflow of the node "l". */
#define ONLY(node)                                                                                 \
    "id: t\nnodes:\n- {id: s, type: start, next: l}\n- {id: l, " node ", next: e}\n"               \
    "- {id: e, type: end, output: '${nodes.l.output}'}\n"

/* The caller ends it with run_free(). */
static struct flow_run *start(const char *yaml, const char *input, enum run_mode mode)
{
    struct tdh_definition *definition = flow_of(yaml);
    struct flow_run *run = run_new(definition, input, mode);

    tdh_definition_release(definition);
    return run;
}

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
    struct flow_run *run = start(yaml, "{}", RUN_PLAIN);

    free(yaml);
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

/* A loop of nodes that need nobody stops for breath,
 * and is at the same place after a save and a load. */
static void run_instant_rounds(enum run_mode mode)
{
    static const char yaml[] =
        "id: t\nvariables: {n: 0}\nnodes:\n- {id: s, type: start, next: l}\n- {id: e, type: end}\n"
        "- {id: l, type: loop, while: vars.n < 10000, next: e, body: ["
        "{id: x, type: loop, times: 1, outputs: {n: '${vars.n + 1}'}, body: ["
        "{id: y, type: parallel, next: z}, "
        "{id: z, type: parallel, next: w}, "
        "{id: w, type: loop, times: 0, body: ["
        "{id: q, type: parallel, next: r}, {id: r" DO "}]}]}]}\n";
    struct flow_run *run = start(yaml, "{}", mode);

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
    struct flow_run *run =
        start(ONLY("type: loop, until: false, body: [{id: x" DO "}]"), "{}", RUN_PLAIN);
    const char *want = "! node \"l\": the loop has gone round 10000 times";

    (void)state;
    while (run_echo(run))
        ;
    assert_int_equal(run_events(run), TDH_FLOW_ROUNDS + 1);
    assert_string_equal(run_trace(run) + strlen(run_trace(run)) - strlen(want), want);
    run_free(run);
}

/* A map of many items begins them in several folds, in order, and takes results meanwhile. */
static void a_wide_map_begins_bit_by_bit(void **state)
{
    json_t *input = json_array();
    struct flow_run *run;
    char *text;

    (void)state;
    for (int i = 0; i < 20000; i++)
        json_array_append_new(input, json_integer(i));
    text = json_dumps(input, 0);
    json_decref(input);
    run = start(ONLY("type: map, over: '${input}', body: [{id: x" DO "}]"), text, RUN_PLAIN);
    free(text);
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
    static const char yaml[] = ONLY("type: loop, times: 3000, body: ["
                                    "{id: x" DO ", inputs: {i: '${index % 10}'}, next: m}, "
                                    "{id: m, type: map, over: [1, 2, 3], "
                                    "body: [{id: y" DO ", inputs: ['${nodes.x.output.i}']}]}]");
    struct flow_run *run = start(yaml, "{}", RUN_PLAIN);
    size_t early = 0;

    (void)state;
    for (unsigned i = 0; i < 4 * 1000; i++) {
        if (i == 4 * 100)
            early = saved_size(run);
        assert_true(run_echo(run));
    }
    assert_in_range(saved_size(run), early, early + 8); /* numbers of rounds have more digits */
    run_free(run);
}

/* Of a workflow with a loop, as it is saved while its body runs. */
#define GRAPH "[0,-1,0,0,null,null,[2,[5,0,0,1,false,null,null,0],0]]"
#define ROUND(place) "[" place ",null,null,[[1,3,0]]]"
#define WHOLE "'vars':{},'frames':[" GRAPH "," ROUND("1,0,1,0") "]"
#define WHY "{'code':'execution','text':'it broke'}"

/* Checks that the state is refused, and as one of version 1 for that. */
static void is_refused(const struct tdh_definition *definition, const char *state)
{
    void *memory = calloc(1, tdh_flow_reducer.state_size);
    json_t *saved = json_of(state);
    struct td_err err;

    for (uint32_t version = 3; version > 1; version--) {
        if (tdh_flow_reducer.load(memory, definition->plan, saved, version, &err) == 0)
            fail_msg("loaded: %s", state);
        assert_int_equal(err.code, TD_E_CORRUPT);
        assert_string_equal(err.text,
                            "the saved state of the workflow does not fit its definition");
        tdh_flow_reducer.drop(memory, definition->plan);
        memset(memory, 0, tdh_flow_reducer.state_size);
    }
    assert_int_equal(tdh_flow_reducer.load(memory, definition->plan, saved, 1, &err), -1);
    assert_int_equal(err.code, TD_E_UNSUPPORTED);
    free(memory);
    json_decref(saved);
}

static void a_state_that_does_not_fit_is_refused(void **state)
{
    static const char *const states[] = {
        "{}",
        "{'vars':{},'frames':[]}",
        "{'vars':{},'frames':[1]}",
        "{'vars':[],'frames':[[0,-1,0,0,null,null,[2,[5,1,0,0],0]]]}",
        "{'vars':{},'frames':[[1,-1,0,0,null,null,[2,[5,1,0,0],0]]]}",
        "{'vars':{},'frames':[[0,-1,0,0,null,null,[2,1]]]}",
        "{'vars':{},'frames':[[0,-1,0,0,null,null,[2,400,0]]]}",
        "{'vars':{},'frames':[[0,-1,0,0,null,null,[2,5,0]]]}",
        "{'vars':{},'frames':[" GRAPH ",[1,0,1,0,null,null,[1]]]}",
        "{'vars':{},'frames':[" GRAPH "," ROUND("0,0,1,0") "]}",
        "{'vars':{},'frames':[" GRAPH "," ROUND("1,0,0,0") "]}",
        "{'vars':{},'frames':[" GRAPH "," ROUND("1,0,1,1") "]}",
        "{'vars':{},'frames':[[0,-1,0,0,null,null,[2,[5,0,0,1,false,[],null,0],0]]]}",
        "{'vars':{},'frames':[" GRAPH "," ROUND("99999999,0,1,0") "]}",
        "{" WHOLE ",'undos':[[0,'x',{}]]}", /* nothing of it can be undone */
        "{" WHOLE ",'failing':[0," WHY ",null,0]}",
        "{" WHOLE ",'failing':[3," WHY ",null,0]}",
    };
    struct tdh_definition *definition =
        flow_of("id: t\nnodes:\n- {id: s, type: start, next: [l]}\n"
                "- {id: l, type: loop, times: 3, body: [{id: x" DO "}], next: e}\n"
                "- {id: e, type: end}\n");

    (void)state;
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        is_refused(definition, states[i]);
    tdh_definition_release(definition);
}

static void a_state_without_the_variables_of_its_bodies_is_refused(void **state)
{
    /* in round 0 of a loop with the variables a and b, and of item 1 of a map with c in that */
#define FRAMES                                                                                     \
    "'frames':[[0,-1,0,0,null,null,[2,[5,0,0,1,false,null,null,0],0]],"                            \
    "[1,0,1,0,null,null,[[1,0,0,2,false,[7,8],[null,null],0]]],"                                   \
    "[2,1,0,1,null,null,[[1,3,0]]]]"
    static const char *const states[] = {
        "{'vars':{}," FRAMES "}",
        "{'vars':{},'body_vars':[]," FRAMES "}",
        "{'vars':{},'body_vars':{'l':{'a':1,'b':2}}," FRAMES "}",
        "{'vars':{},'body_vars':{'l[0].m[1]':{'c':3}}," FRAMES "}",
        "{'vars':{},'body_vars':{'l':{'a':1,'b':2},'l[0].m[0]':{'c':3}}," FRAMES "}",
        "{'vars':{},'body_vars':{'l':{'a':1},'l[0].m[1]':{'c':3}}," FRAMES "}",
        "{'vars':{},'body_vars':{'l':{'a':1,'d':2},'l[0].m[1]':{'c':3}}," FRAMES "}",
        "{'vars':{},'body_vars':{'l':[1,2],'l[0].m[1]':{'c':3}}," FRAMES "}",
        "{'vars':{},'body_vars':{'l':{'a':1,'b':2},'l[0].m[1]':{'c':3},'l[0].m[0]':{'c':3}}," FRAMES
        "}",
    };
    struct tdh_definition *definition =
        flow_of("id: t\nnodes:\n- {id: s, type: start, next: [l]}\n"
                "- {id: l, type: loop, times: 3, variables: {a: 0, b: 0}, next: e, body: [{id: m, "
                "type: map, over: [7, 8], variables: {c: 0}, body: [{id: x" DO "}]}]}\n"
                "- {id: e, type: end}\n");
    json_t *fitting =
        json_of("{'vars':{},'body_vars':{'l':{'a':1,'b':2},'l[0].m[1]':{'c':3}}," FRAMES "}");
    void *memory = calloc(1, tdh_flow_reducer.state_size);
    struct td_err err;

    (void)state;
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        is_refused(definition, states[i]);
    assert_int_equal(tdh_flow_reducer.load(memory, definition->plan, fitting, 3, &err), 0);
    tdh_flow_reducer.drop(memory, definition->plan);
    free(memory);
    json_decref(fitting);
    tdh_definition_release(definition);
}

/* As version 2 wrote it, in another place than the run is. */
static void a_state_of_the_version_before_goes_on(void **state)
{
    struct flow_run *run =
        start("id: t\nvariables: {v: 0}\nnodes:\n- {id: s, type: start, next: [l]}\n"
              "- {id: l, type: loop, times: 3, body: [{id: x" DO "}], next: e}\n"
              "- {id: e, type: end}\n",
              "{}", RUN_PLAIN);
    json_t *saved =
        json_of("{'input':{},'vars':{'v':4},'output':null,'frames':[[0,-1,0,0,null,null,"
                "[2,[5,0,0,2,false,null,null,0],0]],[1,0,1,1,null,null,[[1,1,0]]]],"
                "'undos':null,'failing':null}");

    (void)state;
    run_load(run, saved, 2);
    run_done(run, "l[0].x", json_integer(1)); /* which is now of round 1 */
    assert_string_equal(run_trace(run), "l[0].x | l[2].x | ");
    run_done(run, "l[2].x", json_integer(1));
    run_is_done(run, "{'v':4}");
    run_free(run);
    json_decref(saved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_as_long_as_allowed_needs_no_stack),
        cmocka_unit_test(a_loop_of_many_rounds_needs_no_stack),
        cmocka_unit_test(a_loop_without_bound_is_stopped),
        cmocka_unit_test(a_wide_map_begins_bit_by_bit),
        cmocka_unit_test(a_state_does_not_grow_with_rounds),
        cmocka_unit_test(a_state_that_does_not_fit_is_refused),
        cmocka_unit_test(a_state_without_the_variables_of_its_bodies_is_refused),
        cmocka_unit_test(a_state_of_the_version_before_goes_on),
    };

    return cmocka_run_group_tests_name("flow state", tests, NULL, NULL);
}
