/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recommend: which pattern is recommended for what, and why.
 */
#include "base/json.h" /* before cmocka, whose fail() is a macro */
#include "pattern/pattern.h"
#include "pattern/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pattern_shelf.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* --- words --- */

static void words_are_compared_without_their_endings(void **state)
{
    static const struct {
        const char *sentence, *own;
        bool is_same;
    } cases[] = {
        { "votes", "vote", true },       { "Voting", "vote", true },
        { "voted", "voting", true },     { "stopped", "stop", true },
        { "copies", "copy", true },      { "processes", "process", true },
        { "services", "service", true }, { "bookings", "book", true },
        { "ring", "rung", false },       { "sing", "s", false },
        { "vote", "note", false },       { "class", "classes", true },
        { "투표로", "투표", true },      { "투표", "투표", true },
        { "투표", "투표로", false },     { "공동투표에서", "투표", true },
        { "후보", "보", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *left = cases[i].sentence, *right = cases[i].own;
        struct tdh_word word = { 0 }, own = { 0 };
        bool is_word = tdh_word_next(&left, &word) && tdh_word_next(&right, &own);

        if ((is_word && tdh_word_is(&word, &own)) != cases[i].is_same)
            fail_msg("%s and %s", cases[i].sentence, cases[i].own);
    }
}

static void words_that_say_nothing_are_passed_over(void **state)
{
    static const char sentence[] =
        "The agents, and a \"saga\" for it -- 에이전트의 그리고 투표; "
        "0123456789012345678901234567890123456789012345678901234567890123 e-mail";
    static const char *const want[] = { "saga", "투표", "mail" };
    const char *at = sentence;
    struct tdh_word word;

    (void)state;
    for (size_t i = 0; i < COUNT(want); i++) {
        assert_true(tdh_word_next(&at, &word));
        assert_string_equal(word.text, want[i]);
    }
    assert_false(tdh_word_next(&at, &word));
}

/* --- recommendations --- */

static json_t *recommend(const struct pattern_shelf *shelf, const char *sentence,
                         const char *traits)
{
    struct tdh_wish wish = { .sentence = sentence };
    struct td_err err = { 0 };
    char own[256], *rest = own, *trait;
    json_t *answer;

    snprintf(own, sizeof(own), "%s", traits);
    while ((trait = strsep(&rest, " ")) != NULL)
        if (trait[0] != '\0' && tdh_wish_add(&wish, trait, &err) != 0)
            fail_msg("%s", err.text);
    answer = tdh_pattern_recommend(shelf->patterns, shelf->count, &wish, &err);
    if (answer == NULL)
        fail_msg("%s", err.text);
    return answer;
}

static void a_sentence_gets_the_pattern_it_asks_for(void **state)
{
    static const struct {
        const char *sentence, *traits, *want;
    } cases[] = {
        { "book a hotel and a flight, and undo all of it when one fails", "", "saga" },
        { "charge the customer, ship the order, refund when something fails", "", "saga" },
        { "decide by majority vote of three models", "", "voting" },
        { "translate every document of a long list in parallel", "", "scatter-gather" },
        { "summarize thousands of texts into one report", "", "map-reduce" },
        { "a writer drafts and a critic reviews until the text is good", "", "reflection" },
        { "send each request to the right expert depending on its language", "", "router" },
        { "ask a backup service when the first hangs", "", "request-reply" },
        { "experts look at a shared board and diagnose a failure", "", "blackboard" },
        { "two sides argue about a design and a judge decides", "", "debate" },
        { "get the cheapest offer of several workers", "", "auction" },
        { "extract, transform and load data step by step", "", "pipeline" },
        { "choose a leader, and another one when it is down", "", "election" },
        { "pass a customer conversation from support desk to sales", "", "handoff" },
        { "try a flaky workflow again with growing waits", "", "retry" },
        { "give up when it takes too long", "", "timeout" },
        { "several editors change one document in turns", "", "token-ring" },
        { "react to events without a coordinator", "", "choreography" },
        { "all simulations wait for each other after each phase", "", "barrier" },
        { "agree on a plan that is still to be proposed", "", "consensus" },
        { "collect prices from several shops and take the lowest", "", "aggregator" },
        { "delegate research to a team, by a plan", "", "supervisor" },
        { "orchestrate steps that depend on each other, with alternatives", "", "orchestrator" },
        { "compose patterns in sequence until one of them stops", "", "sequence" },
        { "run different reviews simultaneously and keep their results apart", "", "parallel" },
        { "if the risk is high then audit, else only lint: conditional composition", "", "branch" },
        { "a hierarchy of departments, each with its manager", "", "teams" },
        { "주문을 결제하고 실패하면 환불하고 취소", "", "saga" },
        { "다수결로 결정", "", "voting" },
        { "초안을 검토하고 다듬기를 반복", "", "reflection" },
        { "조건에 따라 다른 에이전트로 분기", "", "router" },
        { "리더를 선출하고 장애가 나면 대체", "", "election" },
        { "항목을 병렬로 나눠 처리", "", "scatter-gather" },
        { NULL, "failure=undo", "saga" },
        { NULL, "members=many cost=low", "scatter-gather" },
        { NULL, "coordination=none order=free cost=low", "handoff" },
        { "decide together", "ends=quorum cost=high members=few complexity=low", "voting" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *answer = recommend(*state, cases[i].sentence, cases[i].traits);
        const json_t *first = json_array_get(json_object_get(answer, "patterns"), 0);

        if (strcmp(tdh_json_str(first, "pattern", ""), cases[i].want) != 0)
            fail_msg("%s %s: %s, not %s", cases[i].sentence != NULL ? cases[i].sentence : "",
                     cases[i].traits, tdh_json_str(first, "pattern", "nothing"), cases[i].want);
        json_decref(answer);
    }
}

static void the_order_of_the_plugins_does_not_matter(void **state)
{
    const struct pattern_shelf *shelf = *state;
    struct pattern_shelf turned = { .count = shelf->count };
    json_t *first = recommend(shelf, "decide by vote", "cost=low"), *second;

    for (size_t i = 0; i < shelf->count; i++)
        turned.patterns[i] = shelf->patterns[shelf->count - 1 - i];
    second = recommend(&turned, "decide by vote", "cost=low");
    assert_true(json_equal(first, second));
    json_decref(first);
    json_decref(second);
}

/* Patterns made for it, so that each point can be reckoned by hand. */
static void fill(struct pattern_shelf *shelf)
{
    struct td_err err = { 0 };

    shelf->patterns[shelf->count++] = pattern_shelf_parse(
        "one",
        "catalogue: {use_cases: [u], advantages: [a], drawbacks: [d], complexity: low, "
        "words: [red, blue], traits: {cost: low, order: fixed}}",
        &err);
    shelf->patterns[shelf->count++] = pattern_shelf_parse(
        "two",
        "catalogue: {use_cases: [houses], advantages: [a], drawbacks: [d], complexity: high, "
        "words: [red], traits: {cost: high, order: parallel}}",
        &err);
    shelf->patterns[shelf->count++] =
        pattern_shelf_parse("three", "tags: [red, blue]", &err); /* without a catalogue */
}

/* What is told of each pattern, in short. */
static void print_rows(const json_t *rows, struct tdh_buf *said)
{
    const json_t *row;
    size_t i;

    tdh_buf_text(said, "[");
    json_array_foreach (rows, i, row) {
        int score = (int)json_integer_value(json_object_get(row, "score"));

        tdh_buf_printf(said, "%s{\"%s\":%d,\"for\":", i > 0 ? "," : "",
                       tdh_json_str(row, "pattern", ""), score);
        tdh_buf_json(said, json_object_get(row, "for"), 0);
        tdh_buf_text(said, ",\"lost\":");
        tdh_buf_json(said, json_object_get(row, "lost"), 0);
        tdh_buf_text(said, "}");
        assert_int_equal(json_is_true(json_object_get(row, "fits")), score > TDH_WISH_FITS);
    }
    tdh_buf_text(said, "]");
}

static void each_lost_point_has_its_reason(void **state)
{
    static const struct {
        const char *sentence, *traits, *want;
    } cases[] = {
        /* both have "red", one has "blue": 1/4 and 1/2 of 240000 */
        { "red blue", "",
          "[{\"one\":100,\"for\":[\"it is for: red, blue\"],\"lost\":[]},"
          "{\"two\":33,\"for\":[\"it is for: red\"],\"lost\":[{\"reason\":\"it is not for: blue\","
          "\"points\":67}]}]" },
        { "house", "",
          "[{\"two\":50,\"for\":[\"its description says: house\"],\"lost\":[{\"reason\":\"only its "
          "description says: house\",\"points\":50}]}]" },
        { "green", "", "[]" },
        { NULL, "cost=medium",
          "[{\"one\":100,\"for\":[\"cost is low\"],\"lost\":[]},{\"two\":50,\"for\":[],\"lost\":[{"
          "\"reason\":\"cost is high, not medium\",\"points\":50}]}]" },
        { NULL, "order=free order=fixed ends=all",
          "[{\"one\":50,\"for\":[\"order is fixed\"],\"lost\":[{\"reason\":\"ends is not told, not "
          "all\",\"points\":50}]}]" },
        { "blue", "order=parallel",
          "[{\"one\":50,\"for\":[\"it is for: blue\"],\"lost\":[{\"reason\":\"order is fixed, not "
          "parallel\",\"points\":50}]},{\"two\":50,\"for\":[\"order is parallel\"],\"lost\":[{"
          "\"reason\":\"it is not for: blue\",\"points\":50}]}]" },
        /* a sentence nobody understands takes nothing from the traits */
        { "green", "order=parallel",
          "[{\"two\":100,\"for\":[\"order is parallel\"],\"lost\":[]}]" },
    };
    struct pattern_shelf shelf = { 0 };

    (void)state;
    fill(&shelf);
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *answer = recommend(&shelf, cases[i].sentence, cases[i].traits);
        struct tdh_buf said = { 0 };

        print_rows(json_object_get(answer, "patterns"), &said);
        assert_string_equal(said.data, cases[i].want);
        tdh_buf_free(&said);
        json_decref(answer);
    }
    pattern_shelf_clear(&shelf);
}

static void a_wish_that_is_none_is_refused(void **state)
{
    static const struct {
        const char *trait, *want;
    } cases[] = {
        { "cost", "trait \"cost\" is not of the form name=word" },
        { "=low", "trait \"=low\" is not of the form name=word" },
        { "cots=low", "trait \"cots\" is none of complexity, members, coordination, order, ends, "
                      "failure, work, cost, did you mean \"cost\"" },
        { "cost=hihg", "trait cost: \"hihg\" is none of low, medium, high, did you mean \"high\"" },
        { "cost=", "trait cost: \"\" is none of low, medium, high" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tdh_wish wish = { 0 };
        struct td_err err = { 0 };

        assert_int_equal(tdh_wish_add(&wish, cases[i].trait, &err), -1);
        assert_string_equal(err.text, cases[i].want);
        assert_int_equal(err.code, TD_E_INVAL);
    }
}

static void a_sentence_has_bounds(void **state)
{
    const struct pattern_shelf *shelf = *state;
    char words[TDH_WISH_BYTES + 2] = "", letters[TDH_WISH_BYTES + 2];
    const struct {
        const char *sentence, *want;
    } cases[] = {
        { NULL, "nothing is asked for: give a sentence, or traits" },
        { "", "the sentence has no word that tells what is wanted" },
        { "all of it, and a - ", "the sentence has no word that tells what is wanted" },
        { words, "the sentence has more than 64 words" },
        { letters, "the sentence is 2001 bytes long, the most is 2000" },
    };

    for (int i = 0; i <= TDH_WISH_WORDS; i++)
        snprintf(words + strlen(words), sizeof(words) - strlen(words), "x%d ", i + 100);
    memset(letters, 'x', sizeof(letters));
    letters[TDH_WISH_BYTES + 1] = '\0';
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tdh_wish wish = { .sentence = cases[i].sentence };
        struct td_err err = { 0 };

        assert_null(tdh_pattern_recommend(shelf->patterns, shelf->count, &wish, &err));
        assert_string_equal(err.text, cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_compared_without_their_endings),
        cmocka_unit_test(words_that_say_nothing_are_passed_over),
        cmocka_unit_test(a_sentence_gets_the_pattern_it_asks_for),
        cmocka_unit_test(the_order_of_the_plugins_does_not_matter),
        cmocka_unit_test(each_lost_point_has_its_reason),
        cmocka_unit_test(a_wish_that_is_none_is_refused),
        cmocka_unit_test(a_sentence_has_bounds),
    };

    return cmocka_run_group_tests(tests, pattern_shelf_open, pattern_shelf_close);
}
