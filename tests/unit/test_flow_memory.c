/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow memory: the n-th allocation is made to fail while a workflow is read, run, saved, loaded and
 * drawn, for n = 1, 2, ... until all succeed.
 */
#include "flow/critical.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_fail.h"
#include "base/buf.h"

static const char text[] =
    "id: t\nversion: 1.0.0\ninputs: {type: object}\nvariables: {n: 0, all: []}\n"
    "types: {n: integer, all: {type: array}}\n"
    "triggers: [{event: 'a.*', when: event.data.n > 1, inputs: {n: '${event.data.n}'}, debounce: "
    "1s, throttle: {max: 2, per: 1s}}, {cron: '0 9 * * MON', zone: UTC, missed: all}, {file: "
    "'x/*.csv', on: [created]}, {interval: 5m}, {manual: true}]\nnodes:\n"
    "- {id: s, type: start, next: d}\n"
    "- {id: d, type: decision, next: [{to: a, when: input.n > 1}, {to: b, otherwise: true}]}\n"
    "- {id: a, type: task, agent: any, action: do, retry: {max_attempts: 2}, outputs: {n: 1}, "
    "next: m}\n"
    "- {id: b, type: pattern, pattern: p, config: {x: 1}, outputs: {n: 2}, next: m}\n"
    "- {id: m, type: map, over: '${input.l}', max_parallel: 2, output: '${result}', outputs: {all: "
    "'${result}'}, next: l, body: [\n"
    "  {id: x, type: task, agent: any, action: do, inputs: {t: 'item ${item} of $${}', l: "
    "['${index}', '${nodes.s.output}']}}]}\n"
    "- {id: l, type: loop, while: vars.n + vars.k < 8, until: index > 5, variables: {k: 0, j: "
    "'${vars.n}'}, types: {k: integer, j: integer}, next: e, body: [\n"
    "  {id: y, type: task, agent: any, action: do, inputs: {r: '${run.id}', t: '${now}', v: "
    "'${vars}'}, outputs: {n: '${vars.n + 1}', k: '${vars.k + 1}', j: 2}}]}\n"
    "- {id: q, type: emit, event: 'a.${vars.n}', payload: {x: '${vars}'}, depends_on: m, next: e}\n"
    "- {id: e, type: end, output: {v: '${vars}', x: '${nodes.m.output}'}}\n";

/* One that fails and undoes what it did. */
static const char failing[] =
    "id: t\ntimeout: 1h\nvariables: {v: 0, u: 0}\ntypes: {v: integer}\nnodes:\n"
    "- {id: s, type: start, next: a}\n"
    "- {id: a, type: task, agent: any, action: do, compensate: {agent: any, action: undo, inputs: "
    "{r: '${result}', i: '${input.n}'}}, next: [m, w]}\n"
    "- {id: w, type: wait, signal: 'go-${input.n}', timeout: 1m, on_error: skip, outputs: {u: 1, "
    "v: '${result}'}, "
    "next: z}\n"
    "- {id: m, type: map, over: [1, 2, 3], max_failures: 50%, variables: {k: '${item}', t: "
    "'${vars.v}'}, types: {k: {enum: [1, 3]}}, next: z, body: [\n"
    "  {id: x, type: task, agent: any, action: break, on_error: {goto: y}, next: v},\n"
    "  {id: y, type: task, agent: any, action: do, inputs: {e: '${nodes.x.error.text}', k: "
    "'${vars.k}'}, outputs: {t: '${vars}', k: 3}, next: v},\n"
    "  {id: v, type: sleep, duration: '${string(item)}s'}]}\n"
    "- {id: z, type: sleep, until: '2027-01-01T00:00:00Z', next: c}\n"
    "- {id: c, type: task, agent: any, action: break, next: e}\n"
    "- {id: e, type: end}\n";

static const char chain[] =
    "kind: Chain\nid: t\nstrategy: conditional\n"
    "middleware:\n- {before_chain: '${value.l}', before_link: {agent: any, action: do, outputs: "
    "'${[result, value]}'}, after_link: {value: {v: '${value}', l: '${link.id}'}}}\n"
    "links:\n"
    "- {id: a, agent: any, action: do, when: size(prev) > 1, inputs: ['${prev}', 1], outputs: "
    "'${result}', compensate: {agent: any, action: undo, inputs: {r: '${result}', p: '${prev}'}}}\n"
    "- {id: b, agent: any, action: break, on_error: {value: {t: '${error.text}'}}}\n"
    "- {id: g, merge: {m: '${values.x}'}, parallel: [{id: x, agent: any, action: do, inputs: "
    "'${links.a}'}, {id: y, agent: any, action: break, on_error: skip}]}\n"
    "- {id: c, agent: any, action: do, on_error: {agent: any, action: do}}\n";
static const char pipeline[] =
    "kind: Chain\nid: t\nstrategy: pipeline\nover: '${input.l}'\nbuffer: 0\nrecovery: skip\n"
    "links: [{agent: any, action: do}, {agent: any, action: break}]\n";
static const char again[] =
    "kind: Chain\nid: t\nstrategy: parallel\nrecovery: {restart: 2}\nmerge: first\n"
    "links: [{agent: any, action: do}, {agent: any, action: do}]\n";

/* A host that keeps the asks in order and allocates nothing. */
enum { ASKS = 64 };
struct host {
    struct td_asks asks; /* first: what the reducer gets */
    uint64_t tags[ASKS];
    bool is_broken[ASKS], is_gone[ASKS];
    uint32_t count, done;
    bool is_over;
};

static int note(struct td_asks *asks, uint64_t tag, bool is_broken, uint32_t *ret_ask)
{
    struct host *host = (struct host *)asks;

    assert_in_range(host->count, 0, ASKS - 1);
    host->tags[host->count] = tag;
    host->is_broken[host->count++] = is_broken;
    *ret_ask = host->count;
    return 0;
}

static int ask_call(struct td_asks *asks, const struct td_ask *ask, uint32_t *ret_ask,
                    struct td_err *err)
{
    (void)err;
    json_decref(ask->input);
    return note(asks, ask->tag, ask->action != NULL && strcmp(ask->action, "break") == 0, ret_ask);
}

static int ask_timer(struct td_asks *asks, const char *path, uint64_t tag, uint64_t delay_ms,
                     uint32_t *ret_ask, struct td_err *err)
{
    (void)path;
    (void)err;
    note(asks, tag, false, ret_ask);
    ((struct host *)asks)->is_gone[*ret_ask - 1] = delay_ms >= 60000 && delay_ms <= 3600000;
    return 0;
}

static int ask_wait(struct td_asks *asks, const char *path, uint64_t tag, const char *signal,
                    uint32_t *ret_ask, struct td_err *err)
{
    (void)path;
    (void)signal;
    (void)err;
    return note(asks, tag, false, ret_ask);
}

static int ask_cancel(struct td_asks *asks, uint32_t ask, struct td_err *err)
{
    (void)err;
    ((struct host *)asks)->is_gone[ask - 1] = true;
    return 0;
}

static int ask_fail(struct td_asks *asks, const struct td_err *error, struct td_err *err)
{
    (void)error;
    (void)err;
    ((struct host *)asks)->is_over = true;
    return 0;
}

static int ask_finish(struct td_asks *asks, json_t *output, struct td_err *err)
{
    (void)err;
    json_decref(output);
    ((struct host *)asks)->is_over = true;
    return 0;
}

static const char *run_id(struct td_asks *asks)
{
    (void)asks;
    return "run-1";
}

static const struct td_asks_ops ops = { .size = sizeof(ops),
                                        .call = ask_call,
                                        .timer = ask_timer,
                                        .wait = ask_wait,
                                        .cancel = ask_cancel,
                                        .finish = ask_finish,
                                        .fail = ask_fail,
                                        .run_id = run_id };

static int reload(void *state, const void *plan, struct td_err *err)
{
    json_t *saved = tdh_flow_reducer.save(state, plan, err);
    int rc;

    if (saved == NULL)
        return -1;
    tdh_flow_reducer.drop(state, plan);
    memset(state, 0, tdh_flow_reducer.state_size);
    rc = tdh_flow_reducer.load(state, plan, saved, tdh_flow_reducer.state_version, err);
    json_decref(saved);
    return rc;
}

static int run(const void *plan, const json_t *input, void *state, struct td_err *err)
{
    struct host host = { .asks = { &ops } };
    int rc = tdh_flow_reducer.start(state, plan, input, &host.asks, err);

    while (rc == 0 && !host.is_over) {
        struct td_err error;
        struct td_event event = { .size = sizeof(event),
                                  .kind = TD_EVENT_DONE,
                                  .ask = host.done + 1,
                                  .tag = host.tags[host.done],
                                  .output = json_null(),
                                  .error = &error };

        assert_in_range(host.done, 0, host.count - 1);
        if (host.is_gone[host.done++])
            continue;
        td_fail(&error, TD_E_EXEC, "it broke");
        if (host.is_broken[host.done - 1])
            event.kind = TD_EVENT_FAILED;
        rc = reload(state, plan, err);
        if (rc == 0)
            rc = tdh_flow_reducer.fold(state, plan, &event, &host.asks, err);
    }
    return rc;
}

static int draw(const struct tdh_definition *definition, struct td_err *err)
{
    struct tdh_critical *critical = tdh_critical_new(definition, NULL, err);
    char *svg = critical != NULL ? tdh_flow_svg(definition, critical, err) : NULL,
         *dot = svg != NULL ? tdh_flow_dot(definition, critical, err) : NULL;
    json_t *plan = dot != NULL ? tdh_critical_json(critical, err) : NULL;
    int rc = plan != NULL ? 0 : -1;

    json_decref(plan);
    tdh_critical_free(critical);

    free(svg);
    free(dot);
    return rc;
}

static int do_all(const struct tdh_yaml *yaml, const json_t *input, void *state, struct td_err *err)
{
    struct tdh_definition *definition = tdh_flow_read(yaml, NULL, err);
    int rc;

    if (definition == NULL)
        return -1;
    rc = run(definition->plan, input, state, err);
    tdh_flow_reducer.drop(state, definition->plan);
    if (rc == 0)
        rc = draw(definition, err);
    tdh_definition_release(definition);
    return rc;
}

static void fail_each(const char *workflow)
{
    struct td_err err;
    struct tdh_yaml *yaml = tdh_yaml_parse(workflow, strlen(workflow), "t.yaml", &err);
    json_t *input = json_pack("{s:i, s:[i, i, i]}", "n", 2, "l", 1, 2, 3);
    void *memory = calloc(1, tdh_flow_reducer.state_size);
    bool has_failed = true;
    unsigned n = 0;

    assert_non_null(yaml);
    while (has_failed) {
        int rc;

        memset(memory, 0, tdh_flow_reducer.state_size);
        alloc_fail_at(++n);
        rc = do_all(yaml, input, memory, &err);
        has_failed = alloc_fail_end();
        assert_true(has_failed || rc == 0);
        if (rc != 0)
            assert_true(err.text[0] != '\0');
    }
    assert_true(n > 500);
    free(memory);
    json_decref(input);
    tdh_yaml_free(yaml);
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    fail_each(text);
    fail_each(failing);
    fail_each(chain);
    fail_each(pipeline);
    fail_each(again);
}

/* What is written out without an error is the whole of it. */
static void a_chain_is_written_out_whole_or_not(void **state)
{
    const char *const texts[] = { chain, pipeline, again };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct td_err err;
        struct tdh_yaml *yaml = tdh_yaml_parse(texts[i], strlen(texts[i]), "t.yaml", &err);
        struct tdh_yaml *whole = tdh_chain_lower(yaml, &err), *made;
        bool has_failed = true;

        assert_non_null(whole);
        for (unsigned n = 1; has_failed; n++) {
            alloc_fail_at(n);
            made = tdh_chain_lower(yaml, &err);
            has_failed = alloc_fail_end();
            assert_true(made != NULL ? json_equal(made->root, whole->root) : err.text[0] != '\0');
            tdh_yaml_free(made);
        }
        tdh_yaml_free(whole);
        tdh_yaml_free(yaml);
    }
}

static int find_action(void *arg, const char *agent, const char *action, bool *ret_pure,
                       int64_t *ret_ms)
{
    (void)arg;
    (void)agent;
    *ret_pure = strcmp(action, "do") == 0;
    *ret_ms = 1;
    return 0;
}

static bool is_readable(const json_t *value)
{
    struct td_err err;
    struct tdh_yaml *yaml;
    struct tdh_definition *definition;
    char *written = tdh_json_text(value, 0);

    assert_non_null(written);
    yaml = tdh_yaml_parse(written, strlen(written), "t.yaml", &err);
    definition = yaml != NULL ? tdh_flow_read(yaml, NULL, &err) : NULL;
    if (definition == NULL)
        print_message("%s: %s\n", err.text, written);
    free(written);
    tdh_yaml_free(yaml);
    tdh_definition_release(definition);
    return definition != NULL;
}

/* Short of memory fewer things may be proposed, but what is made is a chain or a workflow. */
static void what_is_optimized_can_be_read(void **state)
{
    static const char *const texts[] = {
        "kind: Chain\nid: t\noutput: '${links.b}'\nlinks:\n"
        "- {id: a, agent: any, action: do, inputs: 1}\n"
        "- {id: b, agent: any, action: do, inputs: '${prev}'}\n"
        "- {id: c, agent: any, action: do, inputs: '${links.a}'}\n"
        "- {id: d, agent: any, action: do}\n"
        "- {id: e, agent: any, action: do, inputs: '${prev + links.c}'}\n"
        "- {id: f, agent: any, action: do, inputs: 2}\n"
        "- {id: g, agent: any, action: do, inputs: 3}\n"
        "- {id: h, agent: any, action: do, inputs: '${[links.f, links.e]}'}\n"
        "- {id: i, agent: any, action: undo, inputs: '${[prev]}'}\n",
        "kind: Chain\nid: t\nlinks: [{agent: any, action: do, inputs: 1}, {agent: any, action: do, "
        "inputs: 2}, {agent: any, action: do, inputs: 3}, {agent: any, action: undo}]\n",
        "id: t\nnodes:\n- {id: s, type: start, next: a}\n"
        "- {id: a, type: task, agent: any, action: do, next: b}\n"
        "- {id: b, type: task, agent: any, action: do, next: c}\n"
        "- {id: c, type: task, agent: any, action: do, inputs: '${nodes.a.output}', next: e}\n"
        "- {id: e, type: end}\n",
    };
    const struct tdh_chain_facts facts = { .action = find_action };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct td_err err;
        struct tdh_yaml *yaml = tdh_yaml_parse(texts[i], strlen(texts[i]), "t.yaml", &err);
        json_t *whole = NULL, *made = NULL;
        bool has_failed = true;

        assert_int_equal(tdh_chain_optimize(yaml, &facts, &whole, &err), 0);
        assert_true(json_array_size(json_object_get(whole, "proposals")) > 0);
        for (unsigned n = 1; has_failed; n++) {
            int rc;

            made = NULL;
            alloc_fail_at(n);
            rc = tdh_chain_optimize(yaml, &facts, &made, &err);
            has_failed = alloc_fail_end();
            assert_true(rc != 0 || is_readable(json_object_get(made, "text")));
            json_decref(made);
        }
        json_decref(whole);
        tdh_yaml_free(yaml);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_allocation_may_fail),
        cmocka_unit_test(a_chain_is_written_out_whole_or_not),
        cmocka_unit_test(what_is_optimized_can_be_read),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests_name("flow memory", tests, NULL, NULL);
}
