/* SPDX-License-Identifier: Apache-2.0 */
/* generation: which files an app gets, what is generated for a need,
 * and what is told as not built. Data: tests/data. */
#include "build_agent.h"

#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"
#include "kit/json.h"

static struct agent *start(const char *data_dir)
{
    struct agent *agent = agent_new("plugins/agents/generation", data_dir);
    struct td_err err;

    if (agent_start(agent, &err) != 0)
        fail_msg("%s", err.text);
    return agent;
}

static const char model[] =
    "{'entities': [{'name': 'task', 'label': 'Task', 'fields': [{'name': 't', 'label': 'Title', "
    "'type': 'text', 'required': true},"
    " {'name': 'n', 'label': 'Count_', 'type': 'number'}]}], 'relations': [], 'stories': [{}], "
    "'features': [{'name': 'tags', 'from':"
    " 'tags'}, {'name': 'chart', 'from': 'a chart'}, {'name': 'ratings', 'from': 'stars'}],"
    " 'not_built': [{'wish': 'push', 'from': 'ring me'}, {'wish': 'fly', 'from': 'fly away'}]}";
static const char needs[] =
    "[{'id': 'list', 'capability': 'record-list'}, {'id': 'tags', 'capability': 'tags', "
    "'features': ['tags']},"
    " {'id': 'chart', 'capability': 'chart', 'features': ['chart'], 'need': 'a chart of it'},"
    " {'id': 'ratings', 'capability': 'ratings', 'features': ['ratings']}, {'id': 'wish-push', "
    "'capability': 'push', 'wish': 'push'}]";
static const char chosen[] =
    "[{'need': 'list', 'component': 'list'}, {'need': 'tags', 'component': 'marks'}]";

static json_t *input_of(const char *lang, const char *title)
{
    return json_pack("{s:{s:s, s:s, s:s, s:{s:s}, s:{s:s}}, s:{s:s, s:s}, s:o, s:o, s:o}",
                     "understanding", "request", "tasks", "lang", lang, "name", "todo", "title",
                     "text", title, "domain", "name", "todo", "selection", "stack", "static",
                     "layout", "list", "model", agent_json(model), "needs", agent_json(needs),
                     "chosen", agent_json(chosen));
}

static json_t *generate(struct agent *agent, const char *lang, const char *title,
                        struct td_err *err)
{
    return agent_call(agent, "generate", input_of(lang, title), err);
}

static const char *text_of(const json_t *output, const char *path)
{
    return kit_str(kit_list_find(json_object_get(output, "files"), "path", path), "text", NULL);
}

static void an_app_gets_its_own_files(void **state)
{
    struct agent *agent = start("tests/data");
    struct td_err err;
    json_t *output = generate(agent, "en", "To <do>", &err);

    (void)state;
    assert_non_null(output);
    assert_string_equal(
        text_of(output, "index.html"),
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<title>To &lt;do&gt;</title>\n"
        "<link rel=\"stylesheet\" href=\"css/base.css\">\n<script src=\"js/base.js\"></script>\n"
        "<script src=\"js/list.js\"></script>\n<script src=\"js/marks.js\"></script>\n"
        "<script src=\"js/text.js\"></script>\n<script src=\"js/stars.js\"></script>\n"
        "<script src=\"js/model.js\"></script>\n</head>\n<body><noscript>No scripts "
        "here</noscript></body>\n"
        "</html>\n");
    assert_string_equal(
        text_of(output, "README.md"),
        "# To \\<do\\>\n\n- Marks\n- Stars\n- not built: chart (a chart)\n- not built: push (ring "
        "me)\n"
        "- not built: fly (fly away)\nFields: Title* Count\\_ \nTypes: `number`, `text`\n");
    assert_string_equal(text_of(output, "js/stars.js"), "globalThis.Stars = \"ratings\";\n");
    assert_non_null(strstr(text_of(output, "js/model.js"), "\"title\": \"To \\u003cdo\\u003e\""));
    assert_non_null(strstr(text_of(output, "js/model.js"), "\"accent\": \"green\""));
    assert_non_null(strstr(text_of(output, "js/model.js"), "\"icon\": \"tasks\""));
    assert_non_null(strstr(text_of(output, "js/model.js"),
                           "strings: {\"base.ok\": \"OK\", \"list.empty\": \"Nothing yet\"}"));
    assert_null(strstr(text_of(output, "js/model.js"), "chart"));
    assert_null(strstr(text_of(output, "js/model.js"), "stories"));
    assert_int_equal(json_array_size(json_object_get(output, "files")), 4);
    json_decref(output);
    agent_free(agent);
}

static void the_language_picks_templates_and_texts(void **state)
{
    struct agent *agent = start("tests/data");
    struct td_err err;
    json_t *output = generate(agent, "ko", "할 일", &err);

    (void)state;
    assert_non_null(output);
    assert_string_equal(text_of(output, "README.md"),
                        "# 할 일\n- 바탕: base 1.0.0\n- 목록: list 1.2.0\n- 꼬리표: marks 1.0.0\n- "
                        "글 항목: text 1.0.0\n"
                        "- 별점: stars 0.1.0\n");
    assert_non_null(strstr(text_of(output, "index.html"), "스크립트 없음"));
    assert_non_null(strstr(text_of(output, "js/model.js"), "\"list.empty\": \"아직 없음\""));
    json_decref(output);
    agent_free(agent);
}

static void what_is_generated_and_what_is_not_built_is_told(void **state)
{
    struct agent *agent = start("tests/data");
    struct td_err err;
    json_t *output = generate(agent, "en", "x", &err);
    json_t *again = generate(agent, "en", "x", &err);
    json_t *generated = agent_json(
        "[{'need': 'ratings', 'component': 'stars', 'version': '0.1.0', 'requires': ['text']}]");
    json_t *not_built =
        agent_json("[{'wish': 'chart', 'from': 'a chart'}, {'wish': 'push', 'from': 'ring me'},"
                   " {'wish': 'fly', 'from': 'fly away'}]");

    (void)state;
    assert_true(json_equal(json_object_get(output, "generated"), generated));
    assert_true(json_equal(json_object_get(output, "not_built"), not_built));
    assert_memory_equal(kit_str(output, "id", ""), "todo-", 5);
    assert_int_equal(strlen(kit_str(output, "id", "")), 13);
    assert_true(json_equal(output, again));
    json_decref(generated);
    json_decref(not_built);
    json_decref(output);
    json_decref(again);
    agent_free(agent);
}

static void a_stack_without_templates_is_refused(void **state)
{
    struct agent *agent = start("tests/data");
    struct td_err err;
    json_t *input = agent_json("{'understanding': {'lang': 'en', 'name': 'a'}, 'selection': "
                               "{'stack': 'native'}, 'model': {'entities':"
                               " []}, 'needs': [], 'chosen': []}");

    (void)state;
    assert_null(agent_call(agent, "generate", input, &err));
    assert_int_equal(err.code, TD_E_NOTFOUND);
    assert_string_equal(err.text, "there are no templates for the stack \"native\"");
    agent_free(agent);
}

/* A templates folder with one mistake; the catalogue is that of tests/data. */
static const struct {
    const char *yaml, *template, *want;
} mistakes[] = {
    { "files: []\n", "", "templates.yaml: key \"files\": must be a list of {from, to}" },
    { "files: [{from: a.tpl, to: ../a}]\n", "",
      "must have \"from\" and \"to\", both relative paths, and may have \"lang\"" },
    { "files: [{from: a.tpl, to: a, mode: 1}]\n", "",
      "must have \"from\" and \"to\", both relative paths, and may have \"lang\"" },
    { "files: [{from: b.tpl, to: a}]\n", "", "b.tpl\": No such file or directory" },
    { "files: [{from: a.tpl, to: a}]\n", "x\n{{text", "a.tpl:2:1: this mark does not end" },
    { "files: [{from: a.tpl, to: a}]\nnote: {en: E}\n", "",
      "key \"note\": must be a text in \"en\" and \"ko\"" },
    { "files: [{from: a.tpl, to: a}]\ncomponents: [{name: c}]\n", "",
      "templates.yaml: key \"version\": is missing" },
};

static void each_mistake_in_templates_is_told_at_the_start(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        char *folder = agent_folder();
        struct agent *agent = agent_new("plugins/agents/generation", "tests/data");
        struct td_err err;

        agent_write(folder, "static/templates.yaml", mistakes[i].yaml);
        agent_write(folder, "static/a.tpl", mistakes[i].template);
        agent_set_str(agent, "templates", folder);
        assert_int_equal(agent_start(agent, &err), -1);
        if (strstr(err.text, mistakes[i].want) == NULL)
            fail_msg("\"%s\" is not in \"%s\"", mistakes[i].want, err.text);
        agent_free(agent);
        agent_clear(folder);
    }
}

static void an_unknown_name_in_a_template_is_told_with_its_place(void **state)
{
    char *folder = agent_folder();
    struct agent *agent = agent_new("plugins/agents/generation", "tests/data");
    struct td_err err;

    (void)state;
    agent_write(folder, "static/templates.yaml", "files: [{from: a.tpl, to: a.txt}]\n");
    agent_write(folder, "static/a.tpl", "one\ntwo {{text app.nmae}}\n");
    agent_set_str(agent, "templates", folder);
    assert_int_equal(agent_start(agent, &err), 0);
    assert_null(generate(agent, "en", "x", &err));
    assert_int_equal(err.code, TD_E_CONFIG);
    assert_non_null(strstr(err.text, "/static/a.tpl:2:12: there is no value \"app.nmae\""));
    agent_free(agent);
    agent_clear(folder);
}

static struct agent *make(void)
{
    return agent_new("plugins/agents/generation", "tests/data");
}

static void each_lack_of_memory_is_told(void **state)
{
    (void)state;
    agent_starve(make, "generate", input_of("en", "x"));
}

/* With the data that is shipped: the entity's look goes before the domain's. */
static void an_app_looks_like_its_first_entity(void **state)
{
    static const char *const rows[][2] = {
        { "income", "\"icon\": \"wallet\"" },
        { "task", "\"icon\": \"tasks\"" },
        { "anything", "\"icon\": \"work\"" },
    };
    struct agent *agent = start("conf");
    struct td_err err;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *input = json_pack(
            "{s:{s:s, s:s, s:s, s:{s:s}, s:{s:s}}, s:{s:s, s:s}, s:{s:[{s:s, s:s, s:[]}]}, s:[], "
            "s:[]}",
            "understanding", "request", "r", "lang", "en", "name", "app", "title", "text", "App",
            "domain", "name", "business", "selection", "stack", "static", "layout", "list", "model",
            "entities", "name", rows[i][0], "label", "Label", "fields", "needs", "chosen");
        json_t *output = agent_call(agent, "generate", input, &err);

        if (output == NULL)
            fail_msg("%s", err.text);
        assert_non_null(strstr(text_of(output, "js/model.js"), rows[i][1]));
        json_decref(output);
    }
    agent_free(agent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_app_gets_its_own_files),
        cmocka_unit_test(an_app_looks_like_its_first_entity),
        cmocka_unit_test(the_language_picks_templates_and_texts),
        cmocka_unit_test(what_is_generated_and_what_is_not_built_is_told),
        cmocka_unit_test(a_stack_without_templates_is_refused),
        cmocka_unit_test(each_mistake_in_templates_is_told_at_the_start),
        cmocka_unit_test(an_unknown_name_in_a_template_is_told_with_its_place),
        cmocka_unit_test(each_lack_of_memory_is_told),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
