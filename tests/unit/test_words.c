/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words: texts as words, whatever their script; and documents ranked by them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/rank.h"
#include "alloc_fail.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct {
    const char *text, *want;
} texts[] = {
    { "", "" },
    { "Refund my invoices!", "refund my invoice" },
    { "class as bus gas", "class as bus gas" }, /* "bus" and "gas" are too short for a plural */
    { "parse_url make-pdf", "parse url make pdf" },
    { "GPT4 2nd", "gpt4 2nd" },
    { "환불해 주세요", "환불 불해 주세 세요" },
    { "돈", "돈" },
    { "앱 crashes", "앱 crashe" },
    { "\xe1\x84\x92\xe1\x85\xaa\xe1\x86\xab\xe1\x84\x87\xe1\x85\xae\xe1\x86\xaf",
      "환불" },                /* NFD */
    { "ＡＢＣ１２", "abc12" }, /* wide */
    { "Straße ÉCOLE", "strasse école" },
    { "東京タワー", "東京 京タ タワ ワー" },
    { "счета, Оплата", "счета оплата" },
    { "a\xff\xfe b é", "" }, /* no UTF-8: it says nothing */
};

static void print(const struct tdh_words *words, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (unsigned i = 0; i < words->count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%.*s", i > 0 ? " " : "",
                                 (int)words->list[i].length, words->list[i].text);
}

static void each_text_has_its_words(void **state)
{
    static struct tdh_words words;

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        char out[512];

        tdh_words_read(texts[i].text, strlen(texts[i].text), &words);
        print(&words, out, sizeof(out));
        if (strcmp(out, texts[i].want) != 0)
            fail_msg("\"%s\": \"%s\", want \"%s\"", texts[i].text, out, texts[i].want);
    }
}

/* Also of characters that become eighteen, and cut anywhere. */
static void a_long_text_is_read_to_its_bound(void **state)
{
    static const char *const parts[] = { "word ", "환불 ", "\xef\xb7\xba ", "ß" };
    static struct tdh_words words;
    static char text[20000];

    (void)state;
    for (size_t i = 0; i < COUNT(parts); i++) {
        text[0] = '\0';
        for (size_t used = 0; used + strlen(parts[i]) < sizeof(text); used += strlen(parts[i]))
            memcpy(text + used, parts[i], strlen(parts[i]) + 1);
        for (size_t cut = 0; cut < 40; cut++) {
            tdh_words_read(text, strlen(text) - cut, &words);
            assert_true(words.count <= TDH_WORDS_MAX);
        }
        for (size_t length = 0; length < 5000; length += 7)
            tdh_words_read(text, length, &words);
    }
}

/* --- ranks --- */

static void add(struct tdh_rank *rank, uint32_t document, const char *text)
{
    static struct tdh_words words;
    struct td_err err;

    tdh_words_read(text, strlen(text), &words);
    assert_int_equal(tdh_rank_add(rank, document, &words, &err), 0);
}

static void learn(struct tdh_rank *rank, uint32_t document, const char *text)
{
    static struct tdh_words words;

    tdh_words_read(text, strlen(text), &words);
    tdh_rank_learn(rank, document, &words);
}

/* The best document, or -1 when none has a score. */
static int best(struct tdh_rank *rank, const char *text)
{
    static struct tdh_words words;
    int found = -1;

    tdh_words_read(text, strlen(text), &words);
    tdh_rank_score(rank, &words);
    for (uint32_t i = 0; i < rank->touched_count; i++)
        if (found < 0 || rank->scores[rank->touched[i]] > rank->scores[found])
            found = (int)rank->touched[i];
    tdh_rank_clear(rank);
    return found;
}

static void start(struct tdh_rank *rank, uint32_t requests)
{
    struct td_err err;

    assert_int_equal(tdh_rank_start(rank, 3, requests, &err), 0);
    add(rank, 0, "answers questions about invoices and payments, 청구서와 환불");
    add(rank, 1, "helps with logins and passwords, 비밀번호");
    add(rank, 2, "answers");
}

static void the_document_that_has_the_rare_words_is_the_best(void **state)
{
    struct tdh_rank rank;

    (void)state;
    start(&rank, 0);
    assert_int_equal(best(&rank, "My invoice is wrong"), 0);
    assert_int_equal(best(&rank, "환불해 주세요"), 0);
    assert_int_equal(best(&rank, "비밀번호를 잊었어요"), 1);
    assert_int_equal(best(&rank, "password"), 1);
    assert_int_equal(best(&rank, "answers"), 2); /* it says nothing else */
    assert_int_equal(best(&rank, "weather"), -1);
    tdh_rank_end(&rank);
}

static void what_was_answered_counts_and_is_forgotten_in_turn(void **state)
{
    struct tdh_rank rank;

    (void)state;
    start(&rank, 2);
    learn(&rank, 1, "the screen is black");
    assert_int_equal(best(&rank, "black screen"), 1);
    learn(&rank, 2, "weather");
    assert_int_equal(best(&rank, "black screen"), 1);
    learn(&rank, 2, "rain"); /* the third takes the place of the first */
    assert_int_equal(best(&rank, "black screen"), -1);
    assert_int_equal(best(&rank, "weather"), 2);
    tdh_rank_end(&rank);
}

/* Lengths come back to what they were, however much was learned. */
static void what_is_forgotten_leaves_nothing(void **state)
{
    struct tdh_rank rank;
    uint64_t before;

    (void)state;
    start(&rank, 5);
    before = rank.total_length;
    for (int i = 0; i < 1000; i++) {
        char text[64];

        snprintf(text, sizeof(text), "invoice number%d of client%d", i, i * 7);
        learn(&rank, (uint32_t)i % 3, text);
    }
    for (int i = 0; i < 5; i++)
        learn(&rank, 0, "x");
    assert_int_equal(rank.total_length, before + 5);
    tdh_rank_end(&rank);
}

static void new_words_without_end_take_bounded_room(void **state)
{
    struct tdh_rank rank;

    (void)state;
    start(&rank, 100);
    for (int i = 0; i < 30000; i++) {
        char text[96];

        snprintf(text, sizeof(text), "a%d b%d c%d d%d e%d", i, i, i, i, i);
        learn(&rank, (uint32_t)i % 3, text);
    }
    assert_true(rank.term_count <= TDH_RANK_WORDS_MAX);
    assert_int_equal(best(&rank, "a29999"), 29999 % 3);
    assert_int_equal(best(&rank, "a1"), -1);
    assert_int_equal(best(&rank, "password"), 1);
    tdh_rank_end(&rank);
}

static void a_word_that_most_have_tells_nothing(void **state)
{
    struct tdh_rank rank;
    struct td_err err;

    (void)state;
    assert_int_equal(tdh_rank_start(&rank, 8, 0, &err), 0);
    for (uint32_t i = 0; i < 8; i++)
        add(&rank, i, i < 5 ? "help" : "other");
    assert_int_equal(best(&rank, "help"), -1);
    assert_int_equal(best(&rank, "other"), 5);
    tdh_rank_end(&rank);
}

static void without_memory_it_is_told(void **state)
{
    bool is_done = false;

    (void)state;
    for (unsigned n = 1; !is_done; n++) {
        static struct tdh_words words;
        struct tdh_rank rank;
        struct td_err err = { 0 };
        int rc;

        tdh_words_read("some words of a text", 20, &words);
        alloc_fail_at(n);
        rc = tdh_rank_start(&rank, 2, 2, &err);
        if (rc == 0) {
            rc = tdh_rank_add(&rank, 0, &words, &err);
            tdh_rank_learn(&rank, 1, &words);
            tdh_rank_end(&rank);
        }
        is_done = !alloc_fail_end();
        assert_true(rc == 0 || err.code == TD_E_NOMEM);
        assert_true(!is_done || rc == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_text_has_its_words),
        cmocka_unit_test(a_long_text_is_read_to_its_bound),
        cmocka_unit_test(the_document_that_has_the_rare_words_is_the_best),
        cmocka_unit_test(what_was_answered_counts_and_is_forgotten_in_turn),
        cmocka_unit_test(what_is_forgotten_leaves_nothing),
        cmocka_unit_test(new_words_without_end_take_bounded_room),
        cmocka_unit_test(a_word_that_most_have_tells_nothing),
        cmocka_unit_test(without_memory_it_is_told),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
