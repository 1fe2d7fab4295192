/* SPDX-License-Identifier: Apache-2.0 */
/* match-rate: what each part of a match counts, who is chosen, and what is left unmet.
 * The catalogue is tests/data's. */
#include "build_agent.h"

#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"

static struct agent *start(double threshold)
{
    struct agent *agent = agent_new("plugins/agents/match-rate", "tests/data");
    struct td_err err;

    agent_set_real(agent, "threshold", threshold);
    agent_set_real(agent, "weight_capability", 0.5);
    agent_set_real(agent, "weight_field_types", 0.2);
    agent_set_real(agent, "weight_features", 0.2);
    agent_set_real(agent, "weight_place", 0.1);
    agent_set_int(agent, "keep", 3);
    if (agent_start(agent, &err) != 0)
        fail_msg("%s", err.text);
    return agent;
}

static json_t *score(struct agent *agent, const char *need, const char *candidates,
                     const char *stack)
{
    struct td_err err;
    json_t *input = json_pack("{s:[o], s:o, s:{s:s}}", "needs", agent_json(need), "candidates",
                              agent_json(candidates), "selection", "stack", stack);
    json_t *output = agent_call(agent, "score", input, &err);

    if (output == NULL)
        fail_msg("%s", err.text);
    return output;
}

static const struct {
    const char *need, *candidates;
    const char *component; /* of the best score; NULL: there is none */
    double match;
    const char *origin;
    bool is_chosen;
    const char *reasons; /* joined by "; " */
} rows[] = {
    { "{'id': 'n', 'capability': 'base', 'stack': 'static'}", "[]", "base", 1.0, "catalogue", true,
      "capability \"base\"" },
    { "{'id': 'n', 'capability': 'record-list', 'field_types': ['text', 'number'], 'stack': "
      "'static', 'layout': 'list'}",
      "[]", "list", 1.0, "catalogue", true, "capability \"record-list\"; 2 of 2 field types" },
    { "{'id': 'n', 'capability': 'record-list', 'field_types': ['text', 'image', 'date', "
      "'number'], 'stack': 'static',"
      " 'layout': 'table'}",
      "[]", "list", 0.85, "catalogue", true,
      "capability \"record-list\"; 2 of 4 field types, not: image, date; not made for layout "
      "\"table\"" },
    { "{'id': 'n', 'capability': 'field', 'field_types': ['image'], 'stack': 'static'}", "[]",
      "text", 0.3, "catalogue", false,
      "nothing asked for of capability \"field\"; 0 of 1 field types, not: image" },
    { "{'id': 'n', 'capability': 'record-list', 'features': ['sort'], 'stack': 'static'}", "[]",
      "list", 0.3, "catalogue", false,
      "nothing asked for of capability \"record-list\"; 0 of 1 features, not: sort" },
    { "{'id': 'n', 'capability': 'tags', 'features': ['tags'], 'stack': 'static'}", "[]", NULL, 0,
      NULL, false, NULL },
    { "{'id': 'n', 'capability': 'tags', 'features': ['tags'], 'stack': 'static'}",
      "[{'need': 'n', 'component': 'marks', 'score': 0.7}, {'need': 'other', 'component': 'list', "
      "'score': 1}]",
      "marks", 0.85, "search", true,
      "found by its words for \"tags\", as sure as 0.70; 1 of 1 features" },
    { "{'id': 'n', 'capability': 'tags', 'features': ['tags'], 'stack': 'static'}",
      "[{'need': 'n', 'component': 'marks', 'score': 0.5}]", "marks", 0.75, "search", false,
      "found by its words for \"tags\", as sure as 0.50; 1 of 1 features" },
    { "{'id': 'n', 'capability': 'pay', 'features': ['pay'], 'stack': 'static'}",
      "[{'need': 'n', 'component': 'list', 'score': 1.0}]", "list", 0.3, "search", false,
      "no capability \"pay\"; 0 of 1 features, not: pay" },
};

static void check_reasons(const json_t *reasons, const char *want)
{
    char got[500] = "";
    const json_t *reason;
    size_t i;

    json_array_foreach ((json_t *)reasons, i, reason)
        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s", i > 0 ? "; " : "",
                 json_string_value(reason));
    assert_string_equal(got, want);
}

static void a_match_is_the_weighted_sum_of_its_parts(void **state)
{
    struct agent *agent = start(0.8);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *output = score(agent, rows[i].need, rows[i].candidates, "static");
        json_t *best = json_array_get(json_object_get(output, "scores"), 0);

        assert_int_equal(json_array_size(json_object_get(output, "chosen")), rows[i].is_chosen);
        assert_int_equal(json_array_size(json_object_get(output, "unmet")), !rows[i].is_chosen);
        assert_true((best != NULL) == (rows[i].component != NULL));
        if (best != NULL) {
            assert_string_equal(json_string_value(json_object_get(best, "component")),
                                rows[i].component);
            assert_true(json_real_value(json_object_get(best, "match")) == rows[i].match);
            assert_string_equal(json_string_value(json_object_get(best, "origin")), rows[i].origin);
            check_reasons(json_object_get(best, "reasons"), rows[i].reasons);
        }
        json_decref(output);
    }
    agent_free(agent);
}

static void the_threshold_is_an_option(void **state)
{
    struct agent *agent = start(0.3);
    json_t *output = score(agent, rows[3].need, "[]", "static");
    json_t *want =
        agent_json("[{'need': 'n', 'component': 'text', 'match': 0.3, 'origin': 'catalogue'}]");

    (void)state;
    assert_true(json_equal(json_object_get(output, "chosen"), want));
    json_decref(want);
    json_decref(output);
    agent_free(agent);
}

static void another_stack_has_no_components(void **state)
{
    struct agent *agent = start(0.8);
    json_t *output = score(agent, rows[0].need, "[]", "other");

    (void)state;
    assert_int_equal(json_array_size(json_object_get(output, "scores")), 0);
    assert_string_equal(json_string_value(json_array_get(json_object_get(output, "unmet"), 0)),
                        "n");
    json_decref(output);
    agent_free(agent);
}

/* Three of the same kind; only their names and layouts differ. */
static void of_equal_matches_the_first_name_is_chosen(void **state)
{
    static const char *const names[] = { "bb", "aa", "cc" };
    char *folder = agent_folder();
    struct agent *agent = agent_new("plugins/agents/match-rate", folder);
    struct td_err err;
    json_t *output;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char path[100], text[500];

        snprintf(path, sizeof(path), "catalogue/static/%s/component.yaml", names[i]);
        snprintf(text, sizeof(text),
                 "name: %s\nversion: \"1\"\nstack: static\ntitle: {en: A, ko: B}\ntext: {en: A, "
                 "ko: B}\ncapabilities: [c]\n"
                 "field_types: []\nfeatures: []\nlayouts: [%s]\nrequires: []\nfiles: []\n",
                 names[i], i == 1 ? "cards" : "list");
        agent_write(folder, path, text);
    }
    agent_set_real(agent, "weight_capability", 1);
    agent_set_real(agent, "weight_place", 1);
    agent_set_int(agent, "keep", 2);
    assert_int_equal(agent_start(agent, &err), 0);
    output = score(agent, "{'id': 'n', 'capability': 'c', 'layout': 'list'}", "[]", "static");
    assert_int_equal(json_array_size(json_object_get(output, "scores")), 2);
    assert_string_equal(json_string_value(json_object_get(
                            json_array_get(json_object_get(output, "scores"), 0), "component")),
                        "bb");
    assert_string_equal(json_string_value(json_object_get(
                            json_array_get(json_object_get(output, "scores"), 1), "component")),
                        "cc");
    json_decref(output);
    agent_free(agent);
    agent_clear(folder);
}

static void weights_that_are_all_0_are_refused(void **state)
{
    struct agent *agent = agent_new("plugins/agents/match-rate", "tests/data");
    struct td_err err;

    (void)state;
    assert_int_equal(agent_start(agent, &err), -1);
    assert_string_equal(err.text, "the four weights are 0 together, one must be more");
    agent_free(agent);
}

static void two_needs_of_one_id_are_refused(void **state)
{
    struct agent *agent = start(0.8);
    struct td_err err;
    json_t *input =
        agent_json("{'needs': [{'id': 'n', 'capability': 'a'}, {'id': 'n', 'capability': 'b'}],"
                   " 'selection': {'stack': 'static'}}");

    (void)state;
    assert_null(agent_call(agent, "score", input, &err));
    assert_string_equal(err.text, "two needs have the id \"n\"");
    agent_free(agent);
}

static struct agent *make(void)
{
    struct agent *agent = agent_new("plugins/agents/match-rate", "tests/data");

    agent_set_real(agent, "weight_capability", 1);
    agent_set_int(agent, "keep", 2);
    return agent;
}

static void each_lack_of_memory_is_told(void **state)
{
    (void)state;
    agent_starve(make, "score",
                 json_pack("{s:[o, o], s:{s:s}}", "needs", agent_json(rows[2].need),
                           agent_json("{'id': 'x', 'capability': 'none'}"), "selection", "stack",
                           "static"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_match_is_the_weighted_sum_of_its_parts),
        cmocka_unit_test(the_threshold_is_an_option),
        cmocka_unit_test(another_stack_has_no_components),
        cmocka_unit_test(of_equal_matches_the_first_name_is_chosen),
        cmocka_unit_test(weights_that_are_all_0_are_refused),
        cmocka_unit_test(two_needs_of_one_id_are_refused),
        cmocka_unit_test(each_lack_of_memory_is_told),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
