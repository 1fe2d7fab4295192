/* SPDX-License-Identifier: Apache-2.0 */
/*
 * convert: a workflow written in the other notation, and back, is the same workflow: those that are
 * shipped and those of the fuzz seeds by their hash, and thousands made at random by their values.
 */
#include "flow_case.h" /* before cmocka.h, whose macro `fail` is a member of ours */

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"

enum { PATH_SIZE = 4096, RANDOM_FLOWS = 3000 };

static struct tdh_yaml *convert(const struct tdh_yaml *yaml, bool to_text)
{
    struct tdh_yaml *again;
    struct td_err err;
    char *text = tdh_flow_convert(yaml, to_text, &err);

    if (text == NULL)
        fail_msg("%s", err.text);
    again = to_text ? tdh_flow_parse(text, strlen(text), "t.flow", &err)
                    : tdh_yaml_parse(text, strlen(text), "t.yaml", &err);
    if (again == NULL)
        fail_msg("%s\nof %s", err.text, text);
    free(text);
    return again;
}

/* The order of `outputs` counts: they are written in it. */
static bool in_same_order(const json_t *a, const json_t *b)
{
    char *x = tdh_json_text(a, 0), *y = tdh_json_text(b, 0);
    bool is_same = x != NULL && y != NULL && strcmp(x, y) == 0;

    free(x);
    free(y);
    return is_same;
}

static void nodes_are_in_order(const json_t *a, const json_t *b)
{
    static const char *const keys[] = { "inputs", "outputs", "config", "next", "compensate" };
    json_t *node;
    size_t i;

    assert_int_equal(json_array_size(a), json_array_size(b));
    json_array_foreach ((json_t *)a, i, node) {
        const json_t *other = json_array_get(b, i);

        for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
            if (json_object_get(node, keys[k]) != NULL)
                assert_true(
                    in_same_order(json_object_get(node, keys[k]), json_object_get(other, keys[k])));
        nodes_are_in_order(json_object_get(node, "body"), json_object_get(other, "body"));
    }
}

/* YAML -> text -> YAML, and what they are as definitions. */
static void goes_both_ways(const struct tdh_yaml *yaml)
{
    struct tdh_yaml *text = convert(yaml, true), *back = convert(text, false);
    struct td_err err;
    struct tdh_definition *definitions[] = { tdh_flow_read(yaml, NULL, &err),
                                             tdh_flow_read(text, NULL, &err),
                                             tdh_flow_read(back, NULL, &err) };

    assert_true(json_equal(yaml->root, text->root));
    assert_true(json_equal(yaml->root, back->root));
    nodes_are_in_order(json_object_get(yaml->root, "nodes"), json_object_get(back->root, "nodes"));
    for (size_t i = 0; i < 3; i++) {
        if (definitions[i] == NULL)
            fail_msg("%s", err.text);
        assert_string_equal(definitions[i]->hash, definitions[0]->hash);
    }
    for (size_t i = 0; i < 3; i++)
        tdh_definition_release(definitions[i]);
    tdh_yaml_free(text);
    tdh_yaml_free(back);
}

/* Returns how many workflows the folder and those in it have. */
static unsigned convert_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *row;
    unsigned count = 0;

    assert_non_null(dir);
    while ((row = readdir(dir)) != NULL) {
        char path[PATH_SIZE];
        struct tdh_yaml *yaml, *made;
        struct td_err err;

        if (row->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, row->d_name);
        if (row->d_type == DT_DIR) {
            count += convert_folder(path);
            continue;
        }
        yaml = tdh_flow_text(path, &err);
        if (yaml == NULL)
            fail_msg("%s", err.text);
        made = tdh_chain_is(yaml->root) ? tdh_chain_lower(yaml, &err) : NULL;
        goes_both_ways(made != NULL ? made : yaml);
        tdh_yaml_free(made);
        count++;
        tdh_yaml_free(yaml);
    }
    closedir(dir);
    return count;
}

static void every_workflow_goes_both_ways(void **state)
{
    (void)state;
    assert_in_range(convert_folder(TEST_SRCDIR "/conf/workflows"), 18, 1000);
    assert_in_range(convert_folder(TEST_SRCDIR "/tests/fuzz/seeds/flow"), 6, 1000);
}

/* --- at random --- */

static uint32_t seed;

static uint32_t below(uint32_t bound)
{
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 8) % bound;
}

static json_t *random_text(void)
{
    static const char *const parts[] = {
        "a",
        "word",
        " ",
        "  ",
        ":",
        ": ",
        "#",
        " # x",
        "\"",
        "'",
        "\\",
        "\n",
        "\n\n",
        "\t",
        "{",
        "}",
        "[",
        "]",
        ",",
        "${vars.n}",
        "true",
        "null",
        "3",
        "-",
        "- ",
        "?",
        "|",
        ">",
        "!",
        "&a",
        "*a",
        "%",
        "@",
        "`",
        "~",
        "=>",
        "->",
        "0x1F",
        "1e3",
        "\xED\x95\x9C",
        "\r",
        "\x01",
        "<<",
        "\xC2\x85",
        "\xE2\x80\xA8",
        "\xEF\xBB\xBF",
        "\xF0\x9F\x98\x80",
        "\x7F",
        "...",
        "---",
    };
    char text[128] = "";

    for (uint32_t i = below(7); i > 0; i--)
        strcat(text, parts[below(sizeof(parts) / sizeof(parts[0]))]);
    return json_string(text);
}

static json_t *random_value(unsigned depth)
{
    json_t *value;
    uint32_t kind = below(depth > 3 ? 6 : 9);

    switch (kind) {
    case 0:
        return json_null();
    case 1:
        return json_boolean(below(2));
    case 2:
        return json_integer((json_int_t)below(100000) - 50000);
    case 3:
        return json_real(((double)below(100000) - 50000) / 8 * (below(2) ? 1 : 1e20));
    case 4:
    case 5:
        return random_text();
    case 6:
        value = json_array();
        for (uint32_t i = below(5); i > 0; i--)
            json_array_append_new(value, random_value(depth + 1));
        return value;
    default:
        value = json_object();
        for (uint32_t i = below(5); i > 0; i--) {
            json_t *key = random_text();

            json_object_set_new(value, json_string_value(key), random_value(depth + 1));
            json_decref(key);
        }
        return value;
    }
}

static void random_keys(json_t *object)
{
    static const char *const keys[] = { "inputs",  "outputs", "timeout", "join",
                                        "retry",   "while",   "until",   "when",
                                        "config",  "x y",     "over",    "on_error",
                                        "unknown", "agent",   "action",  "description" };

    for (uint32_t i = below(5); i > 0; i--)
        json_object_set_new(object, keys[below(sizeof(keys) / sizeof(keys[0]))], random_value(0));
}

static void random_next(json_t *node, uint32_t count)
{
    json_t *next = json_array(), *edge;
    char to[16];

    for (uint32_t i = below(4); i > 0; i--) {
        snprintf(to, sizeof(to), "n%u", below(count));
        edge = json_string(to);
        if (below(3) == 0)
            edge = json_pack("{s:o, s:o}", "to", edge, "when", random_value(9));
        else if (below(6) == 0)
            edge = json_pack("{s:o, s:b}", "to", edge, "otherwise", below(2));
        if (json_is_object(edge) && below(3) == 0)
            json_object_set_new(edge, "soft", json_boolean(below(4)));
        json_array_append_new(next, edge);
    }
    if (below(5) > 0)
        json_object_set(node, below(8) > 0 ? "next" : "depends_on", next);
    json_decref(next);
}

/* n0 is the start and leads to n1, the last one is an end that n1 leads to. */
static json_t *random_nodes(unsigned depth)
{
    static const char *const types[] = { "task",  "pattern", "subworkflow", "wait",
                                         "sleep", "emit",    "decision" };
    uint32_t count = 3 + below(4);
    json_t *nodes = json_array();

    for (uint32_t i = 0; i < count; i++) {
        const char *type = types[below(sizeof(types) / sizeof(types[0]))];
        bool is_outer = depth == 0 && (i == 0 || i == count - 1);
        bool has_body = depth < 3 && below(6) == 0 && !is_outer;
        json_t *node;
        char id[16];

        snprintf(id, sizeof(id), "n%u", i);
        if (is_outer)
            type = i == 0 ? "start" : "end";
        node = json_pack("{s:s, s:s}", "id", id, "type", has_body ? "loop" : type);
        random_keys(node);
        random_next(node, count);
        if (depth == 0 && i == 0)
            json_object_set_new(node, "next", json_pack("[s, s]", "n1", "n2"));
        if (depth == 0 && i == 1)
            json_object_set_new(node, "next", json_pack("[{s:s, s:s}]", "to", "n2", "when", "x"));
        if (depth == 0 && i == count - 1)
            json_object_set_new(node, "depends_on", json_pack("[s]", "n1"));
        if (has_body)
            json_object_set_new(node, "body", random_nodes(depth + 1));
        json_array_append_new(nodes, node);
    }
    return nodes;
}

static json_t *random_triggers(void)
{
    static const char *const names[] = { "event", "cron", "interval", "file", "manual", "other" };
    json_t *triggers = json_array();

    for (uint32_t i = below(4); i > 0; i--) {
        json_t *trigger = json_object();

        random_keys(trigger);
        json_object_set_new(trigger, names[below(6)], random_value(0));
        json_array_append_new(triggers, trigger);
    }
    return triggers;
}

static json_t *random_flow(void)
{
    json_t *flow = json_pack("{s:s, s:s}", "id", "w", "description", "made at random");

    if (below(3) > 0)
        json_object_set_new(flow, "version",
                            below(2) ? json_string("1.2.3-rc.1") : random_value(9));
    random_keys(flow);
    if (below(2) == 0)
        json_object_set_new(flow, "triggers", below(5) > 0 ? random_triggers() : random_value(0));
    json_object_set_new(flow, "nodes", random_nodes(0));
    return flow;
}

static void workflows_made_at_random_go_both_ways(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < RANDOM_FLOWS; i++) {
        struct tdh_yaml yaml = { .name = (char *)(uintptr_t) "random" };
        struct tdh_yaml *text, *back;

        seed = i;
        yaml.root = random_flow();
        text = convert(&yaml, true);
        back = convert(text, false);
        if (!json_equal(text->root, yaml.root) || !json_equal(back->root, yaml.root))
            fail_msg("workflow %u is another one", i);
        json_decref(yaml.root);
        tdh_yaml_free(text);
        tdh_yaml_free(back);
    }
}

/* --- what people see --- */

#define HEAD "id: w\nversion: 1.0.0\n"
static const struct {
    const char *yaml, *text;
} written[] = {
    { HEAD "variables: {n: 0}\ntriggers: [{event: order.created, when: 'event.n > 1'}, {cron: 0 9 "
           "* * *, zone: Asia/Seoul}, "
           "{manual: true, inputs: {a: 1}}]\nnodes:\n"
           "- {id: s, type: start, next: [a]}\n"
           "- {id: a, type: task, agent: echo, action: echo, timeout: 3s, inputs: {text: 'a b'}, "
           "next: [{to: b, when: "
           "'vars.n > 0'}, {to: c, otherwise: true}]}\n"
           "- {id: b, type: wait, signal: ok, next: [c]}\n- {id: c, type: loop, while: vars.n < 3, "
           "max: 9, next: [d], body: "
           "[{id: x, type: parallel, next: [y]}, {id: y, type: parallel}]}\n"
           "- {id: d, type: parallel, next: [e, f]}\n- {id: e, type: end, output: '${vars.n}'}\n- "
           "{id: f, type: end}\n",
      "workflow \"w\" v1.0.0:\n"
      "  variables: {n: 0}\n"
      "  trigger: event(\"order.created\") when: event.n > 1\n"
      "  trigger: cron(\"0 9 * * *\") zone:Asia/Seoul\n"
      "  trigger: manual()\n"
      "    inputs: {a: 1}\n"
      "\n"
      "  s -> start\n"
      "\n"
      "  a -> agent:echo action:\"echo\" timeout:3s\n"
      "    inputs: {text: a b}\n"
      "\n"
      "  b -> wait signal:ok\n"
      "\n"
      "  c -> loop max:9 while: vars.n < 3\n"
      "    x -> parallel\n"
      "    y -> parallel\n"
      "\n"
      "    x => y\n"
      "\n"
      "  d -> parallel\n"
      "  e -> end output:\"${vars.n}\"\n"
      "  f -> end\n"
      "\n"
      "  s => a\n"
      "  a => b when: vars.n > 0\n"
      "  a => c otherwise\n"
      "  b => c => d\n"
      "  d => e, f\n" },
};

static void what_is_written_reads_well(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
        struct td_err err;
        struct tdh_yaml *yaml =
            tdh_yaml_parse(written[i].yaml, strlen(written[i].yaml), "t.yaml", &err);
        char *text = yaml != NULL ? tdh_flow_convert(yaml, true, &err) : NULL;

        if (text == NULL)
            fail_msg("%s", err.text);
        assert_string_equal(text, written[i].text);
        free(text);
        tdh_yaml_free(yaml);
    }
}

/* The text of the next code block, which ends in a NUL from now on. */
static char *next_block(char **at)
{
    char *begin = strstr(*at, "\n```"), *end;

    assert_non_null(begin);
    begin = strchr(begin + 1, '\n') + 1;
    end = strstr(begin, "```");
    assert_non_null(end);
    *end = '\0';
    *at = end + 1;
    return begin;
}

static void the_manual_shows_the_same_workflow_twice(void **state)
{
    struct td_err err;
    size_t length;
    char *page = tdh_file_read(TEST_SRCDIR "/docs/workflow-dsl.md", 1 << 20, &length, &err),
         *at = page;
    const char *text, *yaml_text;
    struct tdh_yaml *flow, *yaml;

    (void)state;
    assert_non_null(page);
    text = next_block(&at);
    yaml_text = next_block(&at);
    flow = tdh_flow_parse(text, strlen(text), "page", &err);
    yaml = tdh_yaml_parse(yaml_text, strlen(yaml_text), "page", &err);
    assert_non_null(flow);
    assert_non_null(yaml);
    assert_true(json_equal(flow->root, yaml->root));
    tdh_yaml_free(flow);
    tdh_yaml_free(yaml);
    free(page);
}

static const struct {
    const char *yaml, *want;
} refused[] = {
    { "[]",
      "t.yaml:1:1: a workflow needs an \"id\" of at most 64 letters, digits, \"_\" or \"-\"" },
    { "id: a b\nnodes: []",
      "t.yaml:1:5: a workflow needs an \"id\" of at most 64 letters, digits, \"_\" or \"-\"" },
    { "id: a\nnodes: []", "t.yaml:2:8: must be a list of nodes" },
    { "id: a\nnodes:\n- {id: x}", "t.yaml:3:3: a node needs an \"id\" and a \"type\" of at most 64 "
                                  "letters, digits, \"_\" or \"-\"" },
    { "id: a\nnodes:\n- {id: x, type: loop, body: 3}", "t.yaml:3:29: must be a list of nodes" },
    { "id: a\nnodes:\n- {id: x, type: parallel}",
      "t.yaml: would not be the same workflow in the other notation" }, /* start and end would be
                                                                           added */
};

static void what_is_no_workflow_is_not_converted(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct td_err err;
        struct tdh_yaml *yaml =
            tdh_yaml_parse(refused[i].yaml, strlen(refused[i].yaml), "t.yaml", &err);

        assert_non_null(yaml);
        assert_null(tdh_flow_convert(yaml, true, &err));
        assert_string_equal(err.text, refused[i].want);
        assert_int_equal(err.code, TD_E_CONFIG);
        tdh_yaml_free(yaml);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_workflow_goes_both_ways),
        cmocka_unit_test(workflows_made_at_random_go_both_ways),
        cmocka_unit_test(what_is_written_reads_well),
        cmocka_unit_test(the_manual_shows_the_same_workflow_twice),
        cmocka_unit_test(what_is_no_workflow_is_not_converted),
    };

    return cmocka_run_group_tests_name("convert", tests, NULL, NULL);
}
