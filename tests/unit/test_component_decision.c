/* SPDX-License-Identifier: Apache-2.0 */
/* component-decision: which needs a model has, in both languages;
 * and that each mistake in a rules file is told. */
#include "build_agent.h"

#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"

#define FOLDER "plugins/agents/component-decision"

static struct agent *start(void)
{
    struct agent *agent = agent_new(FOLDER, "conf");
    struct td_err err;

    agent_set_int(agent, "needs", 200);
    if (agent_start(agent, &err) != 0)
        fail_msg("%s", err.text);
    return agent;
}

static json_t *input_of(const char *lang, const char *layout, const char *model)
{
    return json_pack("{s:{s:s, s:s, s:{s:s}}, s:{s:s, s:s}, s:o}", "understanding", "lang", lang,
                     "name", "app", "title", "text", "Books", "selection", "stack", "static",
                     "layout", layout, "model", agent_json(model));
}

/* The ids of the needs, joined by blanks. */
static void join_ids(const json_t *needs, char *ret_ids, size_t size)
{
    const json_t *need;
    size_t i;

    ret_ids[0] = '\0';
    json_array_foreach ((json_t *)needs, i, need)
        snprintf(ret_ids + strlen(ret_ids), size - strlen(ret_ids), "%s%s", i > 0 ? " " : "",
                 json_string_value(json_object_get(need, "id")));
}

static const struct {
    const char *model, *want;
} rows[] = {
    { "{'entities': [{'name': 'book', 'fields': [{'name': 't', 'type': 'text'}]}]}",
      "store shell list form detail field-text" },
    { "{'entities': [{'name': 'a', 'fields': []}, {'name': 'b', 'fields': []}]}",
      "store shell list form detail navigation" },
    { "{'entities': [{'name': 'a', 'fields': [{'name': 'x', 'type': 'money'}, {'name': 'y', "
      "'type': 'image'},"
      " {'name': 'z', 'type': 'money'}]}]}",
      "store shell list form detail field-money field-image" },
    { "{'entities': [{'name': 'a', 'fields': []}], 'features': [{'name': 'undo'}, {'name': "
      "'search'}]}",
      "store shell list form detail search undo" },
    { "{'entities': [{'name': 'a', 'fields': []}], 'features': [{'name': 'new-thing'}, {'name': "
      "'new-thing'}]}",
      "store shell list form detail new-thing" },
    { "{'entities': [{'name': 'a', 'fields': []}], 'not_built': [{'wish': 'push', 'from': 'ring "
      "me'}, {'wish': 'Go to the moon',"
      " 'from': 'x'}]}",
      "store shell list form detail wish-push" },
};

static void the_needs_follow_from_the_model(void **state)
{
    struct agent *agent = start();

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct td_err err;
        json_t *output = agent_call(agent, "decide", input_of("en", "list", rows[i].model), &err);
        char ids[500];

        assert_non_null(output);
        join_ids(json_object_get(output, "needs"), ids, sizeof(ids));
        assert_string_equal(ids, rows[i].want);
        json_decref(output);
    }
    agent_free(agent);
}

/* The whole of one need, as JSON. */
static const struct {
    const char *lang, *layout;
    size_t at;
    const char *want;
} needs[] = {
    { "en", "cards", 2,
      "{'id': 'list', 'capability': 'record-list', 'need': 'show the records: Books, Authors', "
      "'field_types':"
      " ['text', 'choice'], 'features': [], 'stack': 'static', 'layout': 'cards', 'acceptance': "
      "['every record shows"
      " its title', 'an empty list says what to do first', 'the records stand as cards, as many "
      "side by side as fit']}" },
    { "ko", "table", 3,
      "{'id': 'form', 'capability': 'record-form', 'need': '기록 추가와 편집: Books, Authors', "
      "'field_types':"
      " ['text', 'choice'], 'features': [], 'stack': 'static', 'acceptance': ['기록을 추가하고 "
      "고칠 수 있다',"
      " '모든 항목에 이름이 있고, 잘못된 값은 그 옆에 알려 준다', '다음 항목이 비어 있으면 "
      "저장되지 않는다: Title']}" },
    { "en", "list", 7,
      "{'id': 'field-choice', 'capability': 'field', 'need': 'fields with a choice: Kind, Tags', "
      "'field_types': ['choice'],"
      " 'features': [], 'stack': 'static', 'acceptance': ['only the choices there are can be "
      "taken',"
      " 'a word of one\\u0027s own can be added: Tags']}" },
    { "en", "list", 8,
      "{'id': 'wish-push', 'capability': 'push', 'need': 'the wish push', 'field_types': [], "
      "'features': ['push'], 'stack':"
      " 'static', 'acceptance': ['push works without a server'], 'wish': 'push'}" },
};

static void a_need_has_texts_and_criteria_in_the_language_of_the_request(void **state)
{
    const char *model = "{'entities': [{'name': 'book', 'label': 'Book', 'plural_label': 'Books', "
                        "'fields': [{'name': 't', 'type': 'text',"
                        " 'label': 'Title', 'required': true}, {'name': 'k', 'type': 'choice', "
                        "'label': 'Kind'}, {'name': 'g', 'type': 'choice',"
                        " 'label': 'Tags', 'open': true}]}, {'name': 'author', 'plural_label': "
                        "'Authors', 'fields': []}],"
                        " 'not_built': [{'wish': 'push', 'from': 'x'}]}";
    struct agent *agent = start();

    (void)state;
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
        struct td_err err;
        json_t *output =
            agent_call(agent, "decide", input_of(needs[i].lang, needs[i].layout, model), &err);
        json_t *want = agent_json(needs[i].want);
        char *text = json_dumps(json_array_get(json_object_get(output, "needs"), needs[i].at), 0);

        if (!json_equal(json_array_get(json_object_get(output, "needs"), needs[i].at), want))
            fail_msg("got %s", text);
        free(text);
        json_decref(want);
        json_decref(output);
    }
    agent_free(agent);
}

static void more_needs_than_the_bound_are_refused(void **state)
{
    struct agent *agent = start();
    struct td_err err;

    (void)state;
    agent_set_int(agent, "needs", 4);
    assert_null(agent_call(agent, "decide", input_of("en", "list", rows[0].model), &err));
    assert_int_equal(err.code, TD_E_LIMIT);
    assert_string_equal(err.text, "the app has more than 4 needs, the bound of option \"needs\"");
    agent_free(agent);
}

#define GOOD                                                                                       \
    "'capability': 'c', 'when': {}, 'need': {'en': 'E', 'ko': 'K'}, 'acceptance': {'en': ['e'], "  \
    "'ko': ['k']}"
static const struct {
    const char *rules, *want;
} mistakes[] = {
    { "{'rules': []}", "key \"rules\": must be a list of 1 to 500 rules" },
    { "{'rules': [{'id': 'a', " GOOD "}, {'id': 'a', " GOOD "}]}",
      "rule 2: key \"id\": another rule makes this need" },
    { "{'rules': [{" GOOD "}]}",
      "rule 1: key \"id\": a rule has exactly one of \"id\", \"to\" and \"each\"" },
    { "{'rules': [{'to': 'a', " GOOD "}]}",
      "rule 1: key \"to\": no rule before it makes this need" },
    { "{'rules': [{'each': 'x', " GOOD "}]}",
      "rule 1: key \"each\": must be \"feature\" or \"wish\"" },
    { "{'rules': [{'id': 'a', 'color': 1, " GOOD "}]}",
      "rule 1: key \"color\": a rule has no such key" },
    { "{'rules': [{'id': 'a', 'capability': 'c', 'when': {'moon': 'full'}, 'need': {'en': 'E', "
      "'ko': 'K'}}]}",
      "rule 1: key \"moon\": is no condition, or its value is of the wrong type" },
    { "{'rules': [{'id': 'a', 'capability': 'c', 'when': {}, 'need': {'en': 'E'}}]}",
      "rule 1: key \"need\": must have exactly \"en\" and \"ko\"" },
    { "{'rules': [{'id': 'a', 'capability': 'c', 'when': {}, 'need': {'en': '{x}', 'ko': 'K'}}]}",
      "rule 1: key \"need\": may hold only {app}, {entities}, {fields} and {name}" },
    { "{'rules': [{'id': 'a', 'capability': 'c', 'when': {}, 'need': {'en': 'E', 'ko': 'K'}, "
      "'acceptance': {'en': ['a'],"
      " 'ko': []}}]}",
      "rule 1: key \"acceptance\": must have as many sentences in \"en\" as in \"ko\", and at "
      "least one" },
};

static void each_mistake_in_a_rules_file_is_told(void **state)
{
    char *folder = agent_folder();
    char path[600];

    (void)state;
    snprintf(path, sizeof(path), "%s/rules.json", folder);
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        struct agent *agent = agent_new(FOLDER, "conf");
        json_t *rules = agent_json(mistakes[i].rules);
        struct td_err err;

        assert_int_equal(json_dump_file(rules, path, 0), 0);
        agent_set_str(agent, "rules", path);
        assert_int_equal(agent_start(agent, &err), -1);
        assert_int_equal(err.code, TD_E_CONFIG);
        assert_memory_equal(err.text, path, strlen(path));
        assert_string_equal(err.text + strlen(path) + 2, mistakes[i].want);
        json_decref(rules);
        agent_free(agent);
    }
    agent_clear(folder);
}

static struct agent *make(void)
{
    struct agent *agent = agent_new(FOLDER, "conf");

    agent_set_int(agent, "needs", 200);
    return agent;
}

static void each_lack_of_memory_is_told(void **state)
{
    (void)state;
    agent_starve(make, "decide", input_of("ko", "list", rows[3].model));
    agent_starve(make, "decide", input_of("en", "cards", rows[5].model));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_needs_follow_from_the_model),
        cmocka_unit_test(a_need_has_texts_and_criteria_in_the_language_of_the_request),
        cmocka_unit_test(more_needs_than_the_bound_are_refused),
        cmocka_unit_test(each_mistake_in_a_rules_file_is_told),
        cmocka_unit_test(each_lack_of_memory_is_told),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
