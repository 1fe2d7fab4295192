/* SPDX-License-Identifier: Apache-2.0 */
/* search: finds components by English and Korean words, and reads no input as query language. */
#include "build_agent.h"

#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"
#include "search/terms.h"

static struct agent *start(const char *data_dir, double floor)
{
    struct agent *agent = agent_new("plugins/agents/search", data_dir);
    struct td_err err;

    agent_set_real(agent, "floor", floor);
    agent_set_int(agent, "keep", 5);
    if (agent_start(agent, &err) != 0)
        fail_msg("%s", err.text);
    return agent;
}

static json_t *find(struct agent *agent, const char *need, const char *capability)
{
    struct td_err err;
    json_t *input = json_pack("{s:[{s:s, s:s, s:s}], s:{s:s}}", "needs", "id", "n", "need", need,
                              "capability", capability, "selection", "stack", "static");
    json_t *output = agent_call(agent, "find", input, &err);

    if (output == NULL)
        fail_msg("%s", err.text);
    return output;
}

static const struct {
    const char *need, *capability, *want; /* the best find, or NULL */
} rows[] = {
    { "tag the records with words", "tags", "marks" },
    { "TAGGING", "tag", "marks" }, /* Porter stems */
    { "lines of text", "text", "text" },
    { "기록에 태그 달기", "x", "marks" },
    { "태그를", "x", "marks" },     /* a particle, and a stem too short for a trigram */
    { "검색합니다", "x", "marks" }, /* long enough for one */
    { "record-list", "record-list", "list" },
    { "quantum teleportation", "teleport", NULL },
    { "", "x", NULL },
    { "\" OR 1 NOT ( * ) ^ : NEAR/2 -", "\"", NULL },
    { "tag\" OR \"text", "x", "marks" },
    { "'); DROP TABLE en; --", "x", NULL },
};

static void a_component_is_found_by_its_words(void **state)
{
    struct agent *agent = start("tests/data", 0.25);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *output = find(agent, rows[i].need, rows[i].capability);
        json_t *best = json_array_get(json_object_get(output, "candidates"), 0);

        assert_int_equal(json_array_size(json_object_get(output, "searched")), 1);
        if (best == NULL && rows[i].want != NULL)
            fail_msg("nothing found for \"%s\"", rows[i].need);
        assert_true((best == NULL) == (rows[i].want == NULL));
        if (best != NULL)
            assert_string_equal(json_string_value(json_object_get(best, "component")),
                                rows[i].want);
        json_decref(output);
    }
    agent_free(agent);
}

static void a_score_is_a_share_and_the_floor_cuts(void **state)
{
    struct agent *agent = start("tests/data", 0.0);
    json_t *all = find(agent, "tag the records quantum teleportation", "zeppelin");
    json_t *best = json_array_get(json_object_get(all, "candidates"), 0);
    double score = json_real_value(json_object_get(best, "score"));
    json_t *cut;

    (void)state;
    assert_true(score > 0.0 && score < 0.6);
    agent_set_real(agent, "floor", score + 0.01);
    cut = find(agent, "tag the records quantum teleportation", "zeppelin");
    assert_int_equal(json_array_size(json_object_get(cut, "candidates")), 0);
    agent_set_real(agent, "floor", 0.0);
    agent_set_int(agent, "keep", 1);
    json_decref(cut);
    cut = find(agent, "records text fields", "x");
    assert_int_equal(json_array_size(json_object_get(cut, "candidates")), 1);
    json_decref(cut);
    json_decref(all);
    agent_free(agent);
}

/* The real one: its texts must be good enough to be found by. */
static const struct {
    const char *need, *want;
} real_rows[] = {
    { "reminders of what is overdue", "due-dates" },
    { "dark colours at night", "theme" },
    { "export as CSV", "csv-export" },
    { "다크 모드", "theme" },
    { "마감일 표시", "due-dates" },
};

static void the_shipped_catalogue_is_found_by_a_persons_words(void **state)
{
    struct agent *agent = start("conf", 0.1);

    (void)state;
    for (size_t i = 0; i < sizeof(real_rows) / sizeof(real_rows[0]); i++) {
        json_t *output = find(agent, real_rows[i].need, "");
        json_t *best = json_array_get(json_object_get(output, "candidates"), 0);

        assert_non_null(best);
        assert_string_equal(json_string_value(json_object_get(best, "component")),
                            real_rows[i].want);
        json_decref(output);
    }
    agent_free(agent);
}

static void terms_are_words_once_each(void **state)
{
    struct terms terms = { .count = 0 };
    char text[TERMS_MAX * 8 + 200];
    size_t length = 0;

    (void)state;
    terms_add(&terms, "The CSV-export, csv; x of 기록을 기록 CSV로 태그에서");
    assert_int_equal(terms.count, 4);
    assert_string_equal(terms.items[0].text, "csv");
    assert_string_equal(terms.items[1].text, "export");
    assert_string_equal(terms.items[2].text, "기록");
    assert_string_equal(terms.items[3].text, "태그");
    assert_int_equal(terms_characters("기록x"), 3);
    for (int i = 0; i < TERMS_MAX + 10; i++)
        length += (size_t)snprintf(text + length, sizeof(text) - length, "w%d ", i);
    terms_add(&terms, text);
    assert_int_equal(terms.count, TERMS_MAX);
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    terms.count = 0;
    terms_add(&terms, text);
    assert_int_equal(terms.count, 0);
}

static struct agent *make(void)
{
    struct agent *agent = agent_new("plugins/agents/search", "tests/data");

    agent_set_int(agent, "keep", 3);
    return agent;
}

static void each_lack_of_memory_is_told(void **state)
{
    (void)state;
    agent_starve(make, "find",
                 agent_json("{'needs': [{'id': 'n', 'need': 'tag records 태그'}], 'selection': "
                            "{'stack': 'static'}}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_component_is_found_by_its_words),
        cmocka_unit_test(a_score_is_a_share_and_the_floor_cuts),
        cmocka_unit_test(the_shipped_catalogue_is_found_by_a_persons_words),
        cmocka_unit_test(terms_are_words_once_each),
        cmocka_unit_test(each_lack_of_memory_is_told),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
