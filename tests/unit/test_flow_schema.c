/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow schema: the schema for editors agrees with what is read: it accepts the examples, and
 * refuses what the reader refuses by its shape.
 */
#include "flow_case.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "schema/schema.h"

enum { FILE_MAX = 1 << 20 };

#define HEAD "id: t\nnodes:\n- {id: s, type: start, next: n}\n- {id: e, type: end, depends_on: n}\n"
#define BODY "body: [{id: x, type: task, agent: a, action: b}]"

/* Nodes "n": whether schema and reader take them. */
static const struct {
    const char *node;
    bool is_valid;
} rows[] = {
    { "{id: n, type: task, agent: a, action: b}", true },
    { "{id: n, type: task, agent: a, action: b, inputs: {a: 1}, outputs: {}, retry: {max_attempts: "
      "2, backoff: linear}, timeout: 3s}",
      true },
    { "{id: n, type: task, agent: a, action: b, join: 1, in_doubt: ask}", true },
    { "{id: n, type: sleep, duration: 90000000000}", true },
    { "{id: n, type: sleep, duration: 400000000000}", false },
    { "{id: n, type: task, agent: a}", false },
    { "{id: n, type: task, agent: a, action: b, over: []}", false },
    { "{id: n, type: task, agent: a, action: b, retry: {max_attempts: 0}}", false },
    { "{id: n, type: task, agent: a, action: b, retry: {tries: 1}}", false },
    { "{id: n, type: task, agent: a, action: b, join: first}", true },
    { "{id: n, type: task, agent: a, action: b, join: most}", false },
    { "{id: n, type: taks, agent: a, action: b}", false },
    { "{id: 'n n', type: parallel}", false },
    { "{id: n, type: decision, next: [{to: e, when: true}]}", true },
    { "{id: n, type: decision, next: [{to: e, wen: true}]}", false },
    { "{id: n, type: decision, next: [{to: e, when: true, otherwise: true}]}", false },
    { "{id: n, type: parallel, depends_on: [{node: s}], next: e}", true },
    { "{id: n, type: parallel, depends_on: [{to: s}], next: e}", false },
    { "{id: n, type: loop, times: 3, " BODY "}", true },
    { "{id: n, type: loop, until: result == 3, max: 3, output: '${result}', " BODY "}", true },
    { "{id: n, type: loop, for_each: [1], " BODY "}", true },
    { "{id: n, type: loop, " BODY "}", false },
    { "{id: n, type: loop, times: 3}", false },
    { "{id: n, type: loop, times: 3, body: []}", false },
    { "{id: n, type: loop, times: 3, body: [{id: x, type: end}]}", false },
    { "{id: n, type: map, over: '${input}', max_parallel: 2, " BODY "}", true },
    { "{id: n, type: map, over: '${input}', in_order: true, " BODY "}", true },
    { "{id: n, type: map, over: '${input}', in_order: 1, " BODY "}", false },
    { "{id: n, type: map, over: 3, " BODY "}", false },
    { "{id: n, type: map, over: [], max_parallel: 0, " BODY "}", false },
    { "{id: n, type: subworkflow, workflow: w}", true },
    { "{id: n, type: subworkflow, pattern: w}", false },
    { "{id: n, type: subworkflow, definition: {id: w, nodes: [{id: x, type: start, next: y}, {id: "
      "y, "
      "type: end}]}}",
      true },
    { "{id: n, type: subworkflow, definition: {id: w}}", false },
    { "{id: n, type: subworkflow, workflow: w, definition: {id: w, nodes: [{id: x, type: start, "
      "next: y}, {id: y, type: end}]}}",
      false },
    { "{id: n, type: pattern, pattern: p, config: {a: 1}}", true },
    { "{id: n, type: pattern, pattern: p, config: 1}", false },
    { "{id: n, type: task, agent: a, action: b, on_error: skip, compensate: {agent: a, action: c, "
      "inputs: {x: '${result}'}, retry: {max_attempts: 9}, timeout: 1s}}",
      true },
    { "{id: n, type: task, agent: a, action: b, on_error: {goto: e}}", true },
    { "{id: n, type: task, agent: a, action: b, on_error: {to: e}}", false },
    { "{id: n, type: task, agent: a, action: b, on_error: ignore}", false },
    { "{id: n, type: task, agent: a, action: b, compensate: {agent: a}}", false },
    { "{id: n, type: task, agent: a, action: b, compensate: {agent: a, action: c, next: e}}",
      false },
    { "{id: n, type: decision, next: e, on_error: skip}", false },
    { "{id: n, type: map, over: [], max_failures: 10%, timeout: 1m, on_error: skip, " BODY "}",
      true },
    { "{id: n, type: map, over: [], max_failures: 100%, " BODY "}", false },
    { "{id: n, type: map, over: [], max_failures: -1, " BODY "}", false },
    { "{id: n, type: loop, times: 1, max_failures: 1, " BODY "}", false },
    { "{id: n, type: loop, times: 1, variables: {k: '${input}'}, types: {k: integer}, " BODY "}",
      true },
    { "{id: n, type: map, over: [], variables: {k: '${item}'}, types: {k: {type: integer}}, " BODY
      "}",
      true },
    { "{id: n, type: map, over: [], variables: [k], " BODY "}", false },
    { "{id: n, type: map, over: [], variables: {k: 1}, types: {k: int}, " BODY "}", false },
    { "{id: n, type: loop, times: 1, variables: {k: 1}, types: [k], " BODY "}", false },
    { "{id: n, type: sleep, duration: 5s, variables: {k: 1}}", false },
    { "{id: n, type: subworkflow, workflow: w, timeout: 1h, compensate: {agent: a, action: c}}",
      true },
    { "{id: n, type: sleep, duration: 5s}", true },
    { "{id: n, type: sleep, until: '2027-01-01T00:00:00Z'}", true },
    { "{id: n, type: sleep, duration: 5s, until: '2027-01-01T00:00:00Z'}", false },
    { "{id: n, type: sleep}", false },
    { "{id: n, type: wait, signal: ok, timeout: 2d, outputs: {}}", true },
    { "{id: n, type: wait}", false },
    { "{id: n, type: wait, approval: {text: a, by: [kim, '@ops'], quorum: 2, on_reject: fail}}",
      true },
    { "{id: n, type: wait, approval: {by: '${input.who}'}, timeout: 2d, outputs: {}}", true },
    { "{id: n, type: wait, approval: {}, signal: ok}", false },
    { "{id: n, type: wait, approval: {by: []}}", false },
    { "{id: n, type: wait, signal: 3}", false },
    { "{id: n, type: emit, event: a.b, payload: {x: '${input}'}, correlation: '${run.id}', "
      "on_error: "
      "skip, retry: {max_attempts: 2}, timeout: 1s, outputs: {}}",
      true },
    { "{id: n, type: emit, event: 'a.${input.x}'}", true },
    { "{id: n, type: emit, payload: {}}", false },
    { "{id: n, type: emit, event: 3}", false },
    { "{id: n, type: emit, event: a.b, correlation: 3}", false },
    { "{id: n, type: emit, event: a.b, data: 3}", false },
    { "{id: n, type: set, output: null, outputs: {}}", true },
    { "{id: n, type: set, output: '${input}'}", true },
    { "{id: n, type: set}", false },
    { "{id: n, type: set, outputs: {}}", false },
    { "{id: n, type: set, output: 1, on_error: skip}", false },
};

/* The same of triggers. */
static const struct {
    const char *trigger;
    bool is_valid;
} triggers[] = {
    { "{event: order.created}", true },
    { "{event: 'order.*.**', id: x, when: event.data.total > 3, debounce: 5s, throttle: {max: 1, "
      "per: 1m}, "
      "inputs: {a: '${event.data}'}}",
      true },
    { "{event: '**.x'}", false },
    { "{event: 3}", false },
    { "{event: a, when: 3}", false },
    { "{event: a, zone: UTC}", false },
    { "{event: a, throttle: {max: 0, per: 1m}}", false },
    { "{event: a, throttle: {max: 1}}", false },
    { "{event: a, throttle: {max: 1, per: 1m, burst: 3}}", false },
    { "{event: a, id: 'b c'}", false },
    { "{cron: '* * * * *', zone: UTC, missed: all, throttle: {max: 1, per: 1m}}", true },
    { "{cron: '* * * * *', missed: never}", false },
    { "{cron: '* * * * *', debounce: 1s}", false },
    { "{cron: 3}", false },
    { "{interval: 5m, missed: skip}", true },
    { "{interval: 5m, zone: UTC}", false },
    { "{interval: 5}", false },
    { "{file: 'in/*.csv', on: [created, removed], debounce: 1s, when: event.data.name != 'x'}",
      true },
    { "{file: in.csv, on: removed}", true },
    { "{file: in.csv, on: []}", false },
    { "{file: in.csv, on: gone}", false },
    { "{manual: true, inputs: {a: 1}}", true },
    { "{manual: false}", false },
    { "{manual: true, throttle: {max: 1, per: 1s}}", false },
    { "{event: a, manual: true}", false },
    { "{}", false },
    { "3", false },
};

/* `types` of a workflow with the variable n, which is 0. */
static const struct {
    const char *types;
    bool is_valid;
} type_rows[] = {
    { "{}", true },
    { "{n: integer}", true },
    { "{n: number}", true },
    { "{n: {type: integer, minimum: 0}}", true },
    { "{n: true}", true },
    { "{n: int}", false },
    { "{n: [integer]}", false },
    { "[n]", false },
};

/* `announce` of a workflow. */
static const struct {
    const char *announce;
    bool is_valid;
} announce_rows[] = {
    { "all", true },
    { "[]", true },
    { "[started, completed, failed, cancelled, waiting]", true },
    { "failed", false },
    { "[all]", false },
    { "[ended]", false },
    { "{failed: true}", false },
};

/* `retention` of a workflow or a chain. */
static const struct {
    const char *retention;
    bool is_valid;
} retentions[] = {
    { "{}", true },
    { "{done: 7d, failed: 30d, cancelled: 0s, keep: 100}", true },
    { "{done: 3153600000000}", true },
    { "{done: 3153600000001}", false },
    { "{done: -1}", false },
    { "{done: true}", false },
    { "{running: 7d}", false },
    { "{keep: 1001}", false },
    { "{keep: some}", false },
    { "7d", false },
};

#define LINK "{agent: a, action: b}"
/* What stands behind the head of a chain: whether schema and reader take it. */
static const struct {
    const char *chain;
    bool is_valid;
} chains[] = {
    { "links: [" LINK "]", true },
    { "announce: [failed]\nlinks: [" LINK "]", true },
    { "announce: [ended]\nlinks: [" LINK "]", false },
    { "links: []", false },
    { "linx: [" LINK "]", false },
    { "links: [{agent: a}]", false },
    { "links: [{agent: a, action: b, workflow: w}]", false },
    { "links: [{workflow: w}, {pattern: p, config: {}}]", true },
    { "links: [{agent: a, action: b, id: x__y}]", false },
    { "links: [{agent: a, action: b, id: x-y}]", false },
    { "links: [{agent: a, action: b, id: x, inputs: '${prev}', outputs: 1, retry: {max_attempts: "
      "2}, timeout: 1s, "
      "compensate: {agent: a, action: c}, in_doubt: ask}]",
      true },
    { "links: [{agent: a, action: b, on_error: skip}, {agent: a, action: b, on_error: {value: "
      "null}}, {agent: a, "
      "action: b, on_error: {agent: a, action: c}}]",
      true },
    { "links: [{agent: a, action: b, over: '${prev}', max_parallel: 3}]", true },
    { "links: [{agent: a, action: b, max_parallel: 3}]", false },
    { "links: [{agent: a, action: b, over: 3}]", false },
    { "links: [{agent: a, action: b, on_error: {goto: x}}]", false },
    { "links: [{agent: a, action: b, on_error: {value: 1, agent: a}}]", false },
    { "links: [{agent: a, action: b, when: true}]", false },
    { "strategy: conditional\nlinks: [{agent: a, action: b, when: true}]", true },
    { "strategy: parallel\nmerge: list\nlinks: [" LINK ", " LINK "]", true },
    { "strategy: parallel\nlinks: [{parallel: [" LINK "]}]", false },
    { "merge: list\nlinks: [" LINK "]", false },
    { "links: [{id: g, merge: last, parallel: [" LINK ", " LINK "]}]", true },
    { "links: [{parallel: []}]", false },
    { "strategy: pipeline\nover: '${input}'\nbuffer: 2\nlinks: [" LINK "]", true },
    { "strategy: pipeline\nlinks: [" LINK "]", false },
    { "strategy: pipeline\nover: input\nlinks: [" LINK "]", false },
    { "strategy: pipeline\nover: []\nbuffer: -1\nlinks: [" LINK "]", false },
    { "over: []\nlinks: [" LINK "]", false },
    { "recovery: restart\nlinks: [" LINK "]", true },
    { "recovery: {restart: 5}\nlinks: [" LINK "]", true },
    { "recovery: {restart: 500}\nlinks: [" LINK "]", false },
    { "recovery: {retry: {max_attempts: 5}}\nlinks: [" LINK "]", true },
    { "recovery: goto\nlinks: [" LINK "]", false },
    { "middleware: [{id: x, before_chain: '${value}', before_link: {value: 1}, after_link: {agent: "
      "a, action: b, "
      "outputs: 1}, after_chain: {agent: a, action: b, on_error: skip}}]\nlinks: [" LINK "]",
      true },
    { "middleware: [{after_link: {agent: a, action: b, outputs: 1, on_error: skip}}]\nlinks: [" LINK
      "]",
      false },
    { "middleware: [{around: 1}]\nlinks: [" LINK "]", false },
    { "middleware: [{before_link: 1}]\nlinks: [" LINK "]", false },
};

static struct tdh_schema *schema_of(const char *name)
{
    struct td_err err;
    char path[4096];
    json_t *document;
    struct tdh_schema *schema;

    snprintf(path, sizeof(path), "%s/conf/schema/%s.json", TEST_SRCDIR, name);
    document = tdh_json_read(path, FILE_MAX, &err);
    schema = document != NULL ? tdh_schema_compile(document, NULL, &err) : NULL;
    if (schema == NULL)
        fail_msg("%s", err.text);
    json_decref(document);
    return schema;
}

static void check_text(const struct tdh_schema *schema, const char *text, bool is_valid)
{
    struct td_err err;
    struct tdh_yaml *yaml = tdh_yaml_parse(text, strlen(text), "t.yaml", &err);
    struct tdh_definition *definition;

    if (yaml == NULL)
        fail_msg("%s", err.text);
    definition = tdh_flow_read(yaml, NULL, &err);
    if ((definition != NULL) != is_valid)
        fail_msg("the reader says of %s: %s", text, definition != NULL ? "valid" : err.text);
    if ((tdh_schema_check(schema, yaml->root, &err) == 0) != is_valid)
        fail_msg("the schema says of %s: %s", text, is_valid ? err.text : "valid");
    tdh_definition_release(definition);
    tdh_yaml_free(yaml);
}

static void schema_and_reader_agree(void **state)
{
    struct tdh_schema *schema = schema_of("workflow");
    char text[1024];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(text, sizeof(text), HEAD "- %s\n", rows[i].node);
        check_text(schema, text, rows[i].is_valid);
    }
    for (size_t i = 0; i < sizeof(type_rows) / sizeof(type_rows[0]); i++) {
        snprintf(text, sizeof(text),
                 "variables: {n: 0}\ntypes: %s\n" HEAD "- {id: n, type: parallel, next: e}\n",
                 type_rows[i].types);
        check_text(schema, text, type_rows[i].is_valid);
    }
    for (size_t i = 0; i < sizeof(retentions) / sizeof(retentions[0]); i++) {
        snprintf(text, sizeof(text), "retention: %s\n" HEAD "- {id: n, type: parallel, next: e}\n",
                 retentions[i].retention);
        check_text(schema, text, retentions[i].is_valid);
    }
    tdh_schema_free(schema);
}

static void schema_and_reader_agree_on_what_is_announced(void **state)
{
    struct tdh_schema *schema = schema_of("workflow");
    char text[1024];

    (void)state;
    for (size_t i = 0; i < sizeof(announce_rows) / sizeof(announce_rows[0]); i++) {
        snprintf(text, sizeof(text), "announce: %s\n" HEAD "- {id: n, type: parallel, next: e}\n",
                 announce_rows[i].announce);
        check_text(schema, text, announce_rows[i].is_valid);
    }
    tdh_schema_free(schema);
}

static void schema_and_reader_agree_on_chains(void **state)
{
    struct tdh_schema *schema = schema_of("chain");
    char text[1024];

    (void)state;
    for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++) {
        snprintf(text, sizeof(text), "kind: Chain\nid: t\n%s\n", chains[i].chain);
        check_text(schema, text, chains[i].is_valid);
    }
    for (size_t i = 0; i < sizeof(retentions) / sizeof(retentions[0]); i++) {
        snprintf(text, sizeof(text), "kind: Chain\nid: t\nretention: %s\nlinks: [" LINK "]\n",
                 retentions[i].retention);
        check_text(schema, text, retentions[i].is_valid);
    }
    tdh_schema_free(schema);
}

static void schema_and_reader_agree_on_triggers(void **state)
{
    struct tdh_schema *schema = schema_of("workflow");

    (void)state;
    for (size_t i = 0; i < sizeof(triggers) / sizeof(triggers[0]); i++) {
        char text[1024];
        struct td_err err;
        struct tdh_yaml *yaml;
        struct tdh_definition *definition;

        snprintf(text, sizeof(text), HEAD "- {id: n, type: parallel}\ntriggers: [%s]\n",
                 triggers[i].trigger);
        yaml = tdh_yaml_parse(text, strlen(text), "t.yaml", &err);
        assert_non_null(yaml);
        definition = tdh_flow_read(yaml, NULL, &err);
        if ((definition != NULL) != triggers[i].is_valid)
            fail_msg("the reader says of %s: %s", triggers[i].trigger,
                     definition != NULL ? "valid" : err.text);
        if ((tdh_schema_check(schema, yaml->root, &err) == 0) != triggers[i].is_valid)
            fail_msg("the schema says of %s: %s", triggers[i].trigger,
                     triggers[i].is_valid ? err.text : "valid");
        tdh_definition_release(definition);
        tdh_yaml_free(yaml);
    }
    tdh_schema_free(schema);
}

static void the_examples_fit(void **state)
{
    static const char folder[] = TEST_SRCDIR "/conf/workflows/examples";
    struct tdh_schema *schema = schema_of("workflow"), *chain = schema_of("chain");
    DIR *dir = opendir(folder);
    const struct dirent *row;
    unsigned count = 0;

    (void)state;
    assert_non_null(dir);
    while ((row = readdir(dir)) != NULL) {
        char path[4096];
        struct td_err err;
        struct tdh_yaml *yaml;

        if (row->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, row->d_name);
        yaml = tdh_flow_text(path, &err);
        if (yaml == NULL ||
            tdh_schema_check_yaml(tdh_chain_is(yaml->root) ? chain : schema, yaml, &err) != 0)
            fail_msg("%s", err.text);
        tdh_yaml_free(yaml);
        count++;
    }
    closedir(dir);
    assert_in_range(count, 3, 1000);
    tdh_schema_free(schema);
    tdh_schema_free(chain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schema_and_reader_agree),
        cmocka_unit_test(schema_and_reader_agree_on_triggers),
        cmocka_unit_test(schema_and_reader_agree_on_what_is_announced),
        cmocka_unit_test(schema_and_reader_agree_on_chains),
        cmocka_unit_test(the_examples_fit),
    };

    return cmocka_run_group_tests_name("flow schema", tests, NULL, NULL);
}
