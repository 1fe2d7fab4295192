/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_parser: requests in both languages and the models made of them. The rows are in
 * tests/data/requests-parse.json: a request, its entities with the fields its sentence names
 * ("rating:number/rating": name, type, role), relations, features, and what is not built. Fields
 * that a frame adds are not in the rows. tests/data/requests-people.json: the same of requests that
 * were written before anybody looked at what the lists know, with titles for test_nl_input.
 */
#include "build_agent.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nl-input/understand.h>

#include "alloc_fail.h"

#define FOLDER "plugins/agents/parser"

static struct nl_rules *rules;
static struct agent *parser;

static void set_option(struct agent *agent, const char *name, int64_t value)
{
    for (const struct td_binding *const *row = agent->plugin->bindings; *row != NULL; row++)
        if (strcmp((*row)->name, name) == 0)
            *(int64_t *)(void *)((char *)agent->ctx.self + (*row)->offset) = value;
}

static struct agent *new_parser(void)
{
    struct agent *agent = agent_new(FOLDER, "conf");

    set_option(agent, "limit", 65536);
    set_option(agent, "max_entities", 12);
    set_option(agent, "max_fields", 24);
    set_option(agent, "max_options", 24);
    return agent;
}

static int start(void **state)
{
    struct td_err err;

    (void)state;
    rules = nl_rules_read(TEST_SRCDIR "/plugins/agents/nl-input", &err);
    parser = new_parser();
    if (rules == NULL || agent_start(parser, &err) != 0)
        fail_msg("%s", err.text);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    agent_free(parser);
    nl_rules_free(rules);
    return 0;
}

static json_t *understand(const char *text, size_t length)
{
    struct nl_request request = {
        .text = text, .length = length, .limit_bytes = 65536, .name_length = 32
    };
    json_t *understanding = NULL;
    struct td_err err;

    if (nl_understand(rules, &request, &understanding, &err) != 0)
        fail_msg("%s: %s", text, err.text);
    return understanding;
}

static json_t *parse_with(struct agent *agent, const char *text)
{
    struct td_err err;
    json_t *input = json_pack("{s:o}", "understanding", understand(text, strlen(text)));
    json_t *model = agent_call(agent, "parse", input, &err);

    if (model == NULL)
        fail_msg("%s: %s", text, err.text);
    return model;
}

static json_t *parse(const char *text)
{
    return parse_with(parser, text);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

/* The fields of an entity that the sentence named, as the rows write them. */
static json_t *named_fields(const json_t *entity)
{
    json_t *list = json_array();
    size_t i;
    json_t *field;

    json_array_foreach (json_object_get(entity, "fields"), i, field) {
        const char *role = text_of(field, "role");

        if (strncmp(text_of(field, "from"), "frame:", 6) != 0)
            json_array_append_new(list, json_sprintf("%s:%s%s%s", text_of(field, "name"),
                                                     text_of(field, "type"),
                                                     role[0] != '\0' ? "/" : "", role));
    }
    return list;
}

static json_t *names_of(const json_t *list, const char *key)
{
    json_t *names = json_array();
    size_t i;
    json_t *item;

    json_array_foreach (list, i, item)
        json_array_append(names, json_object_get(item, key));
    return names;
}

/* The model as the rows write it. */
static json_t *outline(const json_t *model)
{
    json_t *entities = json_object();
    json_t *relations = json_array();
    size_t i;
    json_t *item;

    json_array_foreach (json_object_get(model, "entities"), i, item)
        json_object_set_new(entities, text_of(item, "name"), named_fields(item));
    json_array_foreach (json_object_get(model, "relations"), i, item)
        json_array_append_new(relations, json_sprintf("%s.%s->%s", text_of(item, "from"),
                                                      text_of(item, "field"), text_of(item, "to")));
    return json_pack("{s:o, s:o, s:o, s:o}", "entities", entities, "relations", relations,
                     "features", names_of(json_object_get(model, "features"), "name"), "not_built",
                     names_of(json_object_get(model, "not_built"), "wish"));
}

static const json_t *entity_named(const json_t *model, const char *name)
{
    size_t i;
    json_t *entity;

    json_array_foreach (json_object_get(model, "entities"), i, entity)
        if (strcmp(text_of(entity, "name"), name) == 0)
            return entity;
    return NULL;
}

static const json_t *field_named(const json_t *entity, const char *name)
{
    size_t i;
    json_t *field;

    json_array_foreach (json_object_get(entity, "fields"), i, field)
        if (strcmp(text_of(field, "name"), name) == 0)
            return field;
    return NULL;
}

static bool is_name(const char *name)
{
    return name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

/* What holds for every model: names are identifiers and unlike,
 * references lead somewhere, `from` is said. */
static void check_shape(const json_t *model, const char *text)
{
    size_t e;
    size_t f;
    json_t *entity;
    json_t *field;

    assert_true(json_array_size(json_object_get(model, "entities")) > 0);
    json_array_foreach (json_object_get(model, "entities"), e, entity) {
        assert_true(is_name(text_of(entity, "name")) && is_name(text_of(entity, "plural_name")));
        assert_ptr_equal(entity_named(model, text_of(entity, "name")), entity);
        assert_non_null(field_named(entity, text_of(entity, "title_field")));
        json_array_foreach (json_object_get(entity, "fields"), f, field) {
            const char *from = text_of(field, "from");

            assert_true(is_name(text_of(field, "name")));
            assert_ptr_equal(field_named(entity, text_of(field, "name")), field);
            assert_true(text_of(field, "label")[0] != '\0' && from[0] != '\0');
            if (strncmp(from, "frame:", 6) != 0 && strstr(text, from) == NULL)
                fail_msg("\"%s\" is not in: %s", from, text);
            if (strcmp(text_of(field, "type"), "relation") == 0)
                assert_non_null(entity_named(model, text_of(field, "target")));
        }
    }
}

static void each_request_gives_its_model(void **state)
{
    json_t *rows = agent_file("tests/data/requests-parse.json");
    json_t *people = agent_file("tests/data/requests-people.json");
    size_t failures = 0;
    size_t i;
    json_t *row;

    (void)state;
    assert_int_equal(json_array_extend(rows, people), 0);
    json_array_foreach (rows, i, row) {
        json_t *model = parse(text_of(row, "request"));
        json_t *got = outline(model);

        json_object_set(got, "request", json_object_get(row, "request"));
        json_object_set(got, "lang", json_object_get(row, "lang"));
        json_object_del(row, "title"); /* test_nl_input's */
        check_shape(model, text_of(row, "request"));
        if (!json_equal(got, row)) {
            char *want_text = json_dumps(row, JSON_SORT_KEYS);
            char *got_text = json_dumps(got, JSON_SORT_KEYS);

            print_error("want %s\ngot  %s\n", want_text, got_text);
            free(want_text);
            free(got_text);
            failures++;
        }
        json_decref(got);
        json_decref(model);
    }
    json_decref(people);
    json_decref(rows);
    assert_int_equal(failures, 0);
}

/* Rows of tests/data/requests-fields.json: members that one field has. */
static void each_field_is_typed_by_its_words(void **state)
{
    json_t *rows = agent_file("tests/data/requests-fields.json");
    size_t i;
    json_t *row;

    (void)state;
    json_array_foreach (rows, i, row) {
        json_t *model = parse(text_of(row, "request"));
        const json_t *field =
            field_named(entity_named(model, text_of(row, "entity")), text_of(row, "field"));
        const char *key;
        json_t *value;

        if (field == NULL)
            fail_msg("%s: no field %s", text_of(row, "request"), text_of(row, "field"));
        json_object_foreach (json_object_get(row, "want"), key, value) {
            if (!json_equal(json_object_get(field, key), value))
                fail_msg("%s: \"%s\" is %s", text_of(row, "request"), key,
                         json_dumps(json_object_get(field, key), JSON_ENCODE_ANY));
        }
        json_decref(model);
    }
    json_decref(rows);
}

/* tests/data/requests-ugly.json: nobody should make them; each gives a model, of the usual shape.
 */
static void ugly_requests_give_a_model_too(void **state)
{
    json_t *rows = agent_file("tests/data/requests-ugly.json");
    size_t i;
    json_t *row;

    (void)state;
    json_array_foreach (rows, i, row) {
        json_t *model = parse(json_string_value(row));

        check_shape(model, json_string_value(row));
        json_decref(model);
    }
    json_decref(rows);
}

static void what_is_past_a_limit_is_not_built(void **state)
{
    struct agent *agent = new_parser();
    struct td_err err;
    json_t *model;

    (void)state;
    set_option(agent, "max_entities", 1);
    set_option(agent, "max_fields", 2);
    set_option(agent, "max_options", 2);
    assert_int_equal(agent_start(agent, &err), 0);
    model = parse_with(
        agent,
        "Books have a title, an author, a size (s, m, l) and a colour. Members have a name.");
    assert_int_equal(json_array_size(json_object_get(model, "entities")), 1);
    assert_int_equal(json_array_size(json_object_get(entity_named(model, "book"), "fields")), 2);
    assert_true(json_array_size(json_object_get(model, "not_built")) >= 2);
    assert_string_equal(text_of(json_array_get(json_object_get(model, "not_built"), 0), "reason"),
                        "more kinds of records than the limit");
    json_decref(model);
    agent_free(agent);
}

static void a_long_list_is_cut_at_the_limits(void **state)
{
    char text[8192] = "Track books with ";
    json_t *model;

    (void)state;
    for (int i = 0; i < 200; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%sthing%d", i > 0 ? ", " : "",
                 i);
    model = parse(text);
    assert_int_equal(json_array_size(json_object_get(entity_named(model, "book"), "fields")), 24);
    assert_true(json_array_size(json_object_get(model, "not_built")) > 10);
    json_decref(model);
}

static void a_text_past_the_limit_is_refused(void **state)
{
    struct td_err err;
    char *text = calloc(1, 65538);
    json_t *input;

    (void)state;
    memset(text, 'a', 65537);
    input = json_pack("{s:{s:s, s:s}}", "understanding", "text", text, "lang", "en");
    assert_null(agent_call(parser, "parse", input, &err));
    assert_int_equal(err.code, TD_E_LIMIT);
    assert_string_equal(err.text, "the request has 65537 bytes, more than the limit of 65536");
    free(text);
}

static void an_understanding_without_text_is_refused(void **state)
{
    struct td_err err;

    (void)state;
    assert_null(agent_call(parser, "parse", agent_json("{'understanding': {'lang': 'en'}}"), &err));
    assert_int_equal(err.code, TD_E_INVAL);
    assert_string_equal(err.text, "\"understanding\" has no \"text\"");
}

static void the_same_request_gives_the_same_model(void **state)
{
    json_t *a = parse("Books have a title and tags. Each loan has a book and a member.");
    json_t *b = parse("Books have a title and tags. Each loan has a book and a member.");

    (void)state;
    assert_true(json_equal(a, b));
    json_decref(a);
    json_decref(b);
}

/* A title is the first field, wherever the sentence has it; relations follow their field. */
static void the_title_comes_first(void **state)
{
    json_t *model = parse("Books have a title. Loans have a book, a date and a name.");
    const json_t *loan = entity_named(model, "loan");
    const json_t *relation = json_array_get(json_object_get(model, "relations"), 0);

    (void)state;
    assert_string_equal(text_of(loan, "title_field"), "name");
    assert_string_equal(text_of(json_array_get(json_object_get(loan, "fields"), 0), "name"),
                        "name");
    assert_string_equal(text_of(relation, "field"), "book");
    json_decref(model);
}

/* A format named near it is the one that "export" and "import" mean. */
/* A chart that is asked for by month, or of a change, goes by the day of what it shows. */
static void a_chart_over_time_goes_by_a_date(void **state)
{
    static const char *const rows[][2] = {
        { "가계부 앱. 날짜, 항목, 금액, 카테고리, 월별 차트", "date" },
        { "가계부 앱. 날짜, 항목, 금액, 카테고리별 차트", "" },
        { "expenses with date, amount, category and a monthly chart", "date" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *model = parse(rows[i][0]);
        const json_t *chart = NULL;
        size_t f;
        json_t *feature;

        json_array_foreach (json_object_get(model, "features"), f, feature)
            if (strcmp(text_of(feature, "name"), "chart") == 0)
                chart = feature;
        assert_string_equal(text_of(chart, "by"), rows[i][1]);
        json_decref(model);
    }
}

static void a_format_reaches_export_and_import(void **state)
{
    json_t *model = parse("a todo app with JSON backup: export and import");
    json_t *names = names_of(json_object_get(model, "features"), "name");
    json_t *want = agent_json("['json-export', 'json-import']");

    (void)state;
    assert_true(json_equal(names, want));
    json_decref(names);
    json_decref(want);
    json_decref(model);
}

/* One that is over 20 000 words long in the middle of every construction. */
static void a_large_request_is_read_in_time(void **state)
{
    static const char piece[] =
        "each ride has a date, distance in km and a difficulty (easy, hard), ";
    char *text = calloc(1, 65536);
    json_t *model;

    (void)state;
    memset(text, 'a', 16000); /* a word longer than any key was looked up past the key's end */
    json_decref(parse(text));
    memset(text, 0, 16000);
    while (strlen(text) + sizeof(piece) < 60000)
        strcat(text, piece);
    model = parse(text);
    check_shape(model, text);
    json_decref(model);
    free(text);
}

static void stories_are_told_in_the_language_of_the_request(void **state)
{
    json_t *model = parse("책을 기록하는 앱. 검색");
    const json_t *stories = json_object_get(model, "stories");

    (void)state;
    assert_string_equal(text_of(json_array_get(stories, 0), "want"),
                        "책을 추가하고 보고 고치고 지우고 싶다");
    assert_string_equal(text_of(json_array_get(stories, 1), "want"), "책을 검색하고 싶다");
    json_decref(model);
    model = parse("Track plants with a name. Search.");
    stories = json_object_get(model, "stories");
    assert_string_equal(text_of(json_array_get(stories, 0), "want"),
                        "add, look at, change and delete plants");
    json_decref(model);
}

/* Every n-th allocation of a call fails once; the first hundred of reading the files, then some. */
static void no_memory_is_told(void **state)
{
    json_t *input = json_pack("{s:o}", "understanding",
                              understand("Books have a title, size (s, m). No login.", 42));
    bool is_over = false;

    (void)state;
    for (unsigned n = 1; !is_over; n++) {
        struct td_err err = { .code = TD_OK };
        json_t *model;

        alloc_fail_at(n);
        model = agent_call(parser, "parse", json_incref(input), &err);
        is_over = !alloc_fail_end();
        if (model == NULL)
            assert_int_equal(err.code, TD_E_NOMEM);
        json_decref(model);
    }
    json_decref(input);
    is_over = false;
    for (unsigned n = 1; !is_over; n += 1 + n / 8) {
        struct td_err err = { .code = TD_OK };
        struct agent *agent = new_parser();

        alloc_fail_at(n);
        if (agent_start(agent, &err) != 0)
            assert_int_equal(err.code, TD_E_NOMEM);
        is_over = !alloc_fail_end();
        agent_free(agent);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_request_gives_its_model),
        cmocka_unit_test(each_field_is_typed_by_its_words),
        cmocka_unit_test(ugly_requests_give_a_model_too),
        cmocka_unit_test(what_is_past_a_limit_is_not_built),
        cmocka_unit_test(a_long_list_is_cut_at_the_limits),
        cmocka_unit_test(a_text_past_the_limit_is_refused),
        cmocka_unit_test(an_understanding_without_text_is_refused),
        cmocka_unit_test(the_same_request_gives_the_same_model),
        cmocka_unit_test(the_title_comes_first),
        cmocka_unit_test(a_chart_over_time_goes_by_a_date),
        cmocka_unit_test(a_format_reaches_export_and_import),
        cmocka_unit_test(a_large_request_is_read_in_time),
        cmocka_unit_test(stories_are_told_in_the_language_of_the_request),
        cmocka_unit_test(no_memory_is_told),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, start, stop);
}
