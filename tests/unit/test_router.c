/* SPDX-License-Identifier: Apache-2.0 */
/*
 * router: scores, room and balance, with the clock in the test's hands.
 */
#include "agent/router.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum { A, B, C };
static const uint64_t second = 1000000000;

struct bed {
    struct tdh_router router;
    json_t *input, *text, *action;
    uint64_t now_ns;
    struct tdh_choice choice;
};

static const struct tdh_router_options usual = {
    .similarity = 1, .margin = 0.05, .half_life_ns = UINT64_C(600) * 1000000000, .learn = 10
};

static void start(struct bed *bed, const struct tdh_router_options *options)
{
    static const char *const names[] = { "a", "b", "c" };
    static const char *const docs[] = { "invoices and refunds", "logins and passwords", "weather" };
    static struct tdh_words words;
    struct td_err err;

    *bed = (struct bed){ .now_ns = 1000 * second };
    assert_int_equal(tdh_router_start(&bed->router, COUNT(names), options, &err), 0);
    for (uint32_t i = 0; i < COUNT(names); i++) {
        bed->router.candidates[i].name = names[i];
        bed->router.candidates[i].weight = 1;
        bed->router.candidates[i].actions = 1;
        tdh_words_read(docs[i], strlen(docs[i]), &words);
        assert_int_equal(tdh_rank_add(&bed->router.rank, i, &words, &err), 0);
    }
    bed->router.random = 88172645463325252;
    bed->input = json_object();
    bed->action = json_string("answer");
}

static void end(struct bed *bed)
{
    json_decref(bed->input);
    json_decref(bed->action);
    json_decref(bed->text);
    tdh_router_end(&bed->router);
}

static void add_rule(struct bed *bed, const char *when, uint32_t candidate, double weight)
{
    struct tdh_cel_options options = { .roots = tdh_router_roots, .root_count = TDH_ROUTER_ROOTS };
    struct tdh_router_rule *rule = &bed->router.rules[bed->router.rule_count++];
    struct td_err err;

    *rule = (struct tdh_router_rule){ .when = tdh_cel_compile(when, &options, &err),
                                      .text = when,
                                      .weight = weight,
                                      .candidates = calloc(1, sizeof(uint32_t)),
                                      .count = 1 };
    assert_non_null(rule->when);
    rule->candidates[0] = candidate;
}

static struct tdh_router_request ask(struct bed *bed, const json_t **roots, const char *text)
{
    json_decref(bed->text);
    bed->text = json_string(text);
    roots[TDH_ROUTER_ROOT_INPUT] = bed->input;
    roots[TDH_ROUTER_ROOT_TEXT] = bed->text;
    roots[TDH_ROUTER_ROOT_ACTION] = bed->action;
    return (struct tdh_router_request){
        .roots = roots, .text = text, .text_length = strlen(text), .now_ns = bed->now_ns
    };
}

static uint32_t choose(struct bed *bed, const char *text)
{
    const json_t *roots[TDH_ROUTER_ROOTS];
    struct tdh_router_request request = ask(bed, roots, text);

    bed->choice = (struct tdh_choice){ 0 };
    assert_true(tdh_router_choose(&bed->router, &request, &bed->choice));
    return bed->choice.chosen;
}

/* How often each is chosen in so many choices. */
static void count_choices(struct bed *bed, const char *text, unsigned choices, unsigned counts[3])
{
    counts[A] = counts[B] = counts[C] = 0;
    for (unsigned i = 0; i < choices; i++)
        counts[choose(bed, text)]++;
}

/* --- scores --- */

static void words_and_rules_choose(void **state)
{
    struct bed bed;

    (void)state;
    start(&bed, &usual);
    assert_int_equal(choose(&bed, "a refund"), A);
    assert_int_equal(choose(&bed, "my password"), B);
    assert_false(bed.choice.is_blind);
    add_rule(&bed, "text.contains('urgent')", C, 0.8);
    assert_int_equal(choose(&bed, "a refund, urgent"), C);
    assert_int_equal(bed.choice.next_count, 1);
    assert_int_equal(bed.choice.next[0], A);
    end(&bed);
}

/* Two rules for one go before one, whatever their order. */
static void every_rule_that_holds_counts(void **state)
{
    struct bed bed;

    (void)state;
    start(&bed, &usual);
    add_rule(&bed, "true", A, 0.8);
    add_rule(&bed, "action == 'answer'", B, 0.5);
    add_rule(&bed, "text != ''", B, 0.5);
    add_rule(&bed, "text == ''", A, 100);
    assert_int_equal(choose(&bed, "x"), B);
    assert_int_equal(choose(&bed, ""), A);
    end(&bed);
}

static void a_rule_that_cannot_be_worked_out_does_not_hold(void **state)
{
    struct bed bed;

    (void)state;
    start(&bed, &usual);
    add_rule(&bed, "input.gone == 1", C, 5);
    assert_int_equal(choose(&bed, "a refund"), A);
    end(&bed);
}

static void with_similarity_0_words_do_not_count(void **state)
{
    struct tdh_router_options options = usual;
    struct bed bed;

    (void)state;
    options.similarity = 0;
    start(&bed, &options);
    choose(&bed, "a refund");
    assert_true(bed.choice.is_blind);
    end(&bed);
}

static void only_those_that_have_the_action_are_chosen(void **state)
{
    const json_t *roots[TDH_ROUTER_ROOTS];
    struct tdh_router_request request;
    struct bed bed;

    (void)state;
    start(&bed, &usual);
    bed.router.candidates[A].actions = 2;
    for (int i = 0; i < 10; i++)
        assert_int_not_equal(choose(&bed, "a refund"), A);
    request = ask(&bed, roots, "a refund");
    request.action = 2;
    assert_false(tdh_router_choose(&bed.router, &request, &bed.choice));
    request.action = 1;
    assert_true(tdh_router_choose(&bed.router, &request, &bed.choice));
    assert_int_equal(bed.choice.chosen, A);
    end(&bed);
}

/* --- track record --- */

static void who_fails_is_chosen_less_until_it_is_long_ago(void **state)
{
    unsigned counts[3];
    struct bed bed;

    (void)state;
    start(&bed, &usual);
    for (int i = 0; i < 3; i++)
        tdh_router_settle(&bed.router, A, false, second, NULL, bed.now_ns);
    count_choices(&bed, "hello", 30, counts);
    assert_int_equal(counts[A], 0);
    assert_int_equal(counts[B], 15);
    bed.now_ns += 6000 * second; /* ten half-lives */
    count_choices(&bed, "hello", 30, counts);
    assert_int_equal(counts[A], 10);
    end(&bed);
}

static void who_is_slow_is_chosen_less_where_time_counts(void **state)
{
    struct tdh_router_options options = usual;
    unsigned counts[3];
    struct bed bed;

    (void)state;
    for (options.slow_ns = 0; options.slow_ns <= second; options.slow_ns += second) {
        start(&bed, &options);
        tdh_router_settle(&bed.router, B, true, 3 * second, NULL, bed.now_ns);
        assert_true(tdh_candidate_speed(&bed.router, &bed.router.candidates[B]) ==
                    (options.slow_ns == 0 ? 1 : 0.25));
        count_choices(&bed, "hello", 30, counts);
        assert_int_equal(counts[B], options.slow_ns == 0 ? 10 : 0);
        end(&bed);
    }
}

static void calls_by_others_count_once(void **state)
{
    struct tdh_candidate *candidate;
    struct bed bed;

    (void)state;
    start(&bed, &usual);
    candidate = &bed.router.candidates[A];
    tdh_router_account(&bed.router, A, 10, 5, bed.now_ns);
    tdh_router_account(&bed.router, A, 10, 5, bed.now_ns);
    tdh_router_settle(&bed.router, A, false, second, NULL, bed.now_ns); /* in the account as well */
    assert_true(tdh_candidate_success(&bed.router, candidate, bed.now_ns) == 6.0 / 11);
    tdh_router_account(&bed.router, A, 2, 0, bed.now_ns); /* it was made anew */
    assert_true(tdh_candidate_success(&bed.router, candidate, bed.now_ns) == 8.0 / 13);
    end(&bed);
}

static void what_was_answered_well_is_learned(void **state)
{
    static struct tdh_words words;
    struct bed bed;

    (void)state;
    start(&bed, &usual);
    tdh_words_read("black screen", 12, &words);
    tdh_router_settle(&bed.router, C, false, second, &words, bed.now_ns);
    choose(&bed, "black screen");
    assert_true(bed.choice.is_blind);
    tdh_router_settle(&bed.router, B, true, second, &words, bed.now_ns);
    assert_int_equal(choose(&bed, "black screen"), B);
    end(&bed);
}

/* --- room --- */

static const struct {
    uint32_t capacity, running, others;
    bool is_full;
} rooms[] = {
    { 10, 7, 0, false }, { 10, 8, 0, true },      { 10, 4, 4, true },
    { 1, 0, 0, false },  { 1, 1, 0, true },       { 2, 1, 0, false },
    { 2, 2, 0, true },   { 0, 100000, 0, false }, /* no bound is known */
};

static void who_is_used_to_80_percent_is_full(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rooms); i++) {
        struct tdh_candidate candidate = { .capacity = rooms[i].capacity,
                                           .others = rooms[i].others };

        atomic_store(&candidate.running, rooms[i].running);
        assert_int_equal(tdh_candidate_is_full(&candidate), rooms[i].is_full);
    }
}

static void who_is_full_is_left_out_while_others_are_there(void **state)
{
    struct bed bed;

    (void)state;
    start(&bed, &usual);
    add_rule(&bed, "true", B, 0.1);
    bed.router.candidates[A].capacity = 5;
    bed.router.candidates[B].capacity = 5;
    assert_int_equal(choose(&bed, "a refund"), A);
    atomic_store(&bed.router.candidates[A].running, 4);
    assert_int_equal(choose(&bed, "a refund"), B);
    assert_false(bed.choice.is_full);
    assert_int_equal(bed.choice.next[0], A); /* it may be asked yet */
    atomic_store(&bed.router.candidates[B].running, 5);
    assert_int_equal(choose(&bed, "a refund"), A); /* all are: it waits for a slot */
    assert_true(bed.choice.is_full);
    end(&bed);
}

/* --- balance --- */

static struct tdh_router_options balanced(enum tdh_balance balance)
{
    struct tdh_router_options options = usual;

    options.balance = balance;
    return options;
}

static void turns_go_by_weight_and_not_in_a_row(void **state)
{
    struct tdh_router_options options = balanced(TDH_BALANCE_ROUND_ROBIN);
    static const uint32_t want[] = { A, A, B, A, C, A, A };
    struct bed bed;

    (void)state;
    start(&bed, &options);
    bed.router.candidates[A].weight = 5;
    for (size_t i = 0; i < 2 * COUNT(want); i++)
        assert_int_equal(choose(&bed, "hello"), want[i % COUNT(want)]);
    end(&bed);
}

static void the_fewest_calls_by_weight_are_the_least(void **state)
{
    struct tdh_router_options options = balanced(TDH_BALANCE_LEAST);
    unsigned counts[3];
    struct bed bed;

    (void)state;
    start(&bed, &options);
    atomic_store(&bed.router.candidates[A].running, 3);
    atomic_store(&bed.router.candidates[B].running, 2);
    atomic_store(&bed.router.candidates[C].running, 4);
    assert_int_equal(choose(&bed, "hello"), B);
    bed.router.candidates[C].weight = 3;
    assert_int_equal(choose(&bed, "hello"), C);
    atomic_store(&bed.router.candidates[C].running, 6); /* 2 for each weight, as B has */
    count_choices(&bed, "hello", 40, counts);
    assert_int_equal(counts[A], 0);
    assert_int_equal(counts[B], 10); /* those that are alike take turns, by weight */
    end(&bed);
}

static void resources_count_40_30_30(void **state)
{
    struct tdh_router_options options = balanced(TDH_BALANCE_RESOURCES);
    struct tdh_candidate *candidates;
    struct bed bed;

    (void)state;
    start(&bed, &options);
    candidates = bed.router.candidates;
    for (int i = 0; i < 3; i++)
        candidates[i].capacity = 10;
    candidates[A].cpu = 0.5;                 /* 0.20 */
    candidates[B].memory = 0.6;              /* 0.18 */
    atomic_store(&candidates[C].running, 7); /* 0.21 */
    assert_int_equal(choose(&bed, "hello"), B);
    candidates[B].memory = 0.7;
    assert_int_equal(choose(&bed, "hello"), A);
    candidates[A].cpu = 0.6;
    candidates[B].cpu = 0.1;
    assert_int_equal(choose(&bed, "hello"), C);
    end(&bed);
}

/* The worst of three is in no pair the better one; the best is in two of three pairs. */
static void of_two_drawn_ones_the_better_is_taken(void **state)
{
    struct tdh_router_options options = balanced(TDH_BALANCE_TWO);
    unsigned counts[3];
    struct bed bed;

    (void)state;
    start(&bed, &options);
    atomic_store(&bed.router.candidates[A].running, 9);
    atomic_store(&bed.router.candidates[B].running, 5);
    count_choices(&bed, "hello", 3000, counts);
    assert_int_equal(counts[A], 0);
    assert_in_range(counts[B], 850, 1150);
    end(&bed);
}

static void only_who_is_as_good_takes_turns(void **state)
{
    unsigned counts[3];
    struct bed bed;

    (void)state;
    start(&bed, &usual);
    add_rule(&bed, "true", A, 1.00);
    add_rule(&bed, "true", B, 0.96);
    add_rule(&bed, "true", C, 0.94);
    count_choices(&bed, "hello", 20, counts);
    assert_int_equal(counts[A], 10);
    assert_int_equal(counts[B], 10);
    end(&bed);
}

/* --- told --- */

static void a_choice_is_told_without_being_made(void **state)
{
    const json_t *roots[TDH_ROUTER_ROOTS];
    struct tdh_router_request request;
    struct tdh_choice choice = { 0 };
    json_t *rows, *want;
    struct bed bed;

    (void)state;
    start(&bed, &usual);
    add_rule(&bed, "text.contains('wrong')", B, 0.25);
    choose(&bed, "hello");
    for (int i = 0; i < 5; i++) {
        request = ask(&bed, roots, "hello");
        json_decref(tdh_router_explain(&bed.router, &request, 9, &choice));
        assert_int_equal(choice.chosen, B); /* whose turn it is */
    }
    request = ask(&bed, roots, "Wrong refund; wrong");
    rows = tdh_router_explain(&bed.router, &request, 9, &choice);
    assert_int_equal(json_array_size(rows), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 0), "agent")), "a");
    want = json_pack("[s]", "refund");
    assert_true(json_equal(json_object_get(json_array_get(rows, 0), "words"), want));
    json_decref(want);
    want = json_pack("[{s:s, s:f}]", "rule", "text.contains('wrong')", "weight", 0.25);
    assert_true(json_equal(json_object_get(json_array_get(rows, 1), "rules"), want));
    json_decref(want);
    json_decref(rows);
    end(&bed);
}

/* Each request is a sum over what it touches: nothing of it is left for the next. */
static void one_request_leaves_nothing_for_the_next(void **state)
{
    struct bed bed;

    (void)state;
    start(&bed, &usual);
    add_rule(&bed, "text.contains('b')", B, 0.9);
    choose(&bed, "b refund weather password");
    for (uint32_t i = 0; i < 3; i++)
        assert_true(bed.router.by_rules[i] == 0 && bed.router.rank.scores[i] == 0);
    choose(&bed, "nothing");
    assert_true(bed.choice.is_blind);
    end(&bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_rules_choose),
        cmocka_unit_test(every_rule_that_holds_counts),
        cmocka_unit_test(a_rule_that_cannot_be_worked_out_does_not_hold),
        cmocka_unit_test(with_similarity_0_words_do_not_count),
        cmocka_unit_test(only_those_that_have_the_action_are_chosen),
        cmocka_unit_test(who_fails_is_chosen_less_until_it_is_long_ago),
        cmocka_unit_test(who_is_slow_is_chosen_less_where_time_counts),
        cmocka_unit_test(calls_by_others_count_once),
        cmocka_unit_test(what_was_answered_well_is_learned),
        cmocka_unit_test(who_is_used_to_80_percent_is_full),
        cmocka_unit_test(who_is_full_is_left_out_while_others_are_there),
        cmocka_unit_test(turns_go_by_weight_and_not_in_a_row),
        cmocka_unit_test(the_fewest_calls_by_weight_are_the_least),
        cmocka_unit_test(resources_count_40_30_30),
        cmocka_unit_test(of_two_drawn_ones_the_better_is_taken),
        cmocka_unit_test(only_who_is_as_good_takes_turns),
        cmocka_unit_test(a_choice_is_told_without_being_made),
        cmocka_unit_test(one_request_leaves_nothing_for_the_next),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
