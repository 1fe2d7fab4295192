/* SPDX-License-Identifier: Apache-2.0 */
/*
 * solve: random questions against a model that tries every set of versions there is.
 *
 * QUESTIONS=N asks N of them; SEED=N begins with that one.
 */
#include "solve_case.h" /* before cmocka, whose fail() is a macro */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

/* --- the model --- */

static bool names(const struct tdh_solve_option *option, const char *name, enum td_kind kind)
{
    return strcmp(option->name, name) == 0 && (kind == 0 || option->kind == kind);
}

/* Is one in the set that is meant, and are all that are in the range? */
static bool has(const struct solve_case *one, unsigned set, const char *name, enum td_kind kind,
                const struct tdh_range *range, bool is_limit)
{
    bool is_there = is_limit;

    for (size_t i = 0; i < one->option_count; i++) {
        if ((set & 1u << i) == 0 || !names(&one->options[i], name, kind))
            continue;
        if (range != NULL && !tdh_range_has(range, one->options[i].version))
            return false;
        is_there = true;
    }
    return is_there;
}

static bool stands(const struct solve_case *one, unsigned set, size_t i, size_t k)
{
    const struct tdh_solve_option *a = &one->options[i], *b = &one->options[k];

    for (size_t c = 0; c < a->conflict_count; c++)
        if (names(b, a->conflicts[c].plugin, a->conflicts[c].kind) &&
            tdh_range_has(&a->conflicts[c].range, b->version))
            return false;
    return (set & 1u << k) == 0 || !names(a, b->name, b->kind);
}

/* Is all that is required there? And can all be put in a row, each behind what it requires? */
static bool is_whole(const struct solve_case *one, unsigned set)
{
    unsigned placed = 0, before = ~0u;

    while (placed != before) {
        before = placed;
        for (size_t i = 0; i < one->option_count; i++) {
            bool is_ready = (set & 1u << i) != 0;

            for (size_t k = 0; is_ready && k < one->options[i].need_count; k++) {
                const struct tdh_need *need = &one->options[i].needs[k];

                is_ready = need->is_optional ||
                           (has(one, placed, need->plugin, need->kind, NULL, false) &&
                            has(one, set, need->plugin, need->kind, &need->range, false));
                for (size_t o = 0; is_ready && !need->is_optional && o < one->option_count; o++)
                    is_ready = (set & ~placed & 1u << o) == 0 ||
                               !names(&one->options[o], need->plugin, need->kind);
            }
            placed |= is_ready ? 1u << i : 0;
        }
    }
    return placed == set;
}

static bool is_valid(const struct solve_case *one, unsigned set)
{
    for (size_t i = 0; i < one->want_count; i++)
        if (!has(one, set, one->wants[i].name, one->wants[i].kind, one->wants[i].range,
                 one->wants[i].is_limit))
            return false;
    for (size_t i = 0; i < one->option_count; i++)
        for (size_t k = 0; (set & 1u << i) != 0 && k < one->option_count; k++)
            if (one->options[i].why_out != NULL ||
                ((set & 1u << k) != 0 && i != k && !stands(one, set, i, k)))
                return false;
    return is_whole(one, set);
}

/* --- questions --- */

static uint64_t seed;

static unsigned draw(unsigned count)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)((seed >> 33) % count);
}

static const char *const ranges[] = { "*", "^1", "^2", "<2", ">=2", "1.0.0", "~1.1", "^1||^3" };
static const char *const versions[] = { "1.0.0", "1.1.0", "2.0.0", "2.1.0-rc.1", "3.0.0" };
enum { NAMES = 5 };

static void draw_needs(struct tdh_buf *text, unsigned name)
{
    unsigned count = draw(3);
    bool used[NAMES] = { false };

    for (unsigned i = 0; i < count; i++) {
        unsigned other = draw(NAMES);

        if (used[other] || (other == name && draw(8) != 0))
            continue;
        used[other] = true;
        tdh_buf_printf(text, " %s%c:%s", draw(6) == 0 ? "?" : "", 'a' + (char)other,
                       ranges[draw(8)]);
    }
    if (draw(4) == 0)
        tdh_buf_printf(text, " !%c:%s", 'a' + (char)draw(NAMES), ranges[draw(8)]);
    if (draw(12) == 0)
        tdh_buf_printf(text, " -");
}

static void draw_question(struct tdh_buf *text)
{
    for (unsigned name = 0; name < NAMES; name++)
        for (unsigned i = 0, at = draw(2); i < 3 && at < 5; i++, at += 1 + draw(2)) {
            tdh_buf_printf(text, "%c %s", 'a' + (char)name, versions[at]);
            draw_needs(text, name);
            tdh_buf_printf(text, "\n");
        }
    tdh_buf_printf(text, "@first a%s\n", draw(2) == 0 ? "" : ":^1");
    if (draw(2) == 0)
        tdh_buf_printf(text, "@second b:%s\n", ranges[draw(8)]);
    if (draw(3) == 0)
        tdh_buf_printf(text, "=third c:%s\n", ranges[draw(8)]);
}

/* How early the one that is taken for a want is tried; less is better. */
static size_t rank(const struct solve_case *one, unsigned set, size_t want)
{
    const struct tdh_solve_option *taken = NULL;
    size_t better = 0;

    for (size_t i = 0; i < one->option_count; i++)
        if ((set & 1u << i) != 0 && names(&one->options[i], one->wants[want].name, 0))
            taken = &one->options[i];
    for (size_t i = 0; taken != NULL && i < one->option_count; i++) {
        const struct tdh_semver *a = one->options[i].version, *b = taken->version;

        if (names(&one->options[i], taken->name, 0))
            better += (a->pre[0] == '\0') != (b->pre[0] == '\0') ? a->pre[0] == '\0'
                                                                 : tdh_semver_compare(a, b) > 0;
    }
    return better;
}

/* The order of wants: the first one's version counts most. */
static long score(const struct solve_case *one, unsigned set)
{
    long total = 0;

    for (size_t i = 0; i < one->want_count; i++)
        if (!one->wants[i].is_limit)
            total = total * 100 + (long)rank(one, set, i);
    return total;
}

/* The least score of any set that is valid; -1: there is none. */
static long model_score(const struct solve_case *one)
{
    long best = -1;

    for (unsigned set = 0; set < 1u << one->option_count; set++)
        if (is_valid(one, set) && (best < 0 || score(one, set) < best))
            best = score(one, set);
    return best;
}

static unsigned set_of(const struct solve_case *one, const struct tdh_solved *solved)
{
    unsigned set = 0;

    for (size_t i = 0; i < one->option_count; i++)
        set |= solved->is_taken[i] ? 1u << i : 0;
    return set;
}

static void ask(const char *text, unsigned number, unsigned *solvable)
{
    static struct solve_case one;
    struct tdh_solved solved;
    struct td_err err;
    long want, got = -1;

    solve_case_read(&one, text);
    want = model_score(&one);
    if (solve_case_solve(&one, &solved, &err) == 0) {
        if (!is_valid(&one, set_of(&one, &solved)))
            fail_msg("question %u: %x is no answer to\n%s", number, set_of(&one, &solved), text);
        got = score(&one, set_of(&one, &solved));
    } else {
        assert_int_equal(err.code == TD_E_LIMIT, 0);
    }
    if (got != want)
        fail_msg("question %u: %ld where the model finds %ld for\n%s", number, got, want, text);
    *solvable += want >= 0;
    tdh_solved_end(&solved);
    solve_case_end(&one);
}

static void the_answer_is_the_best_there_is(void **state)
{
    const char *count = getenv("QUESTIONS"), *first = getenv("SEED");
    unsigned questions = count != NULL ? (unsigned)atoi(count) : 400, solvable = 0;

    (void)state;
    for (unsigned i = 0; i < questions; i++) {
        struct tdh_buf text = { 0 };

        seed = i + (first != NULL ? (unsigned)atoi(first) : 1);
        draw(2);
        draw_question(&text);
        ask(text.data, (unsigned)(seed != 0 ? i : 0), &solvable);
        tdh_buf_free(&text);
    }
    assert_in_range(solvable, questions / 10, questions * 9 / 10); /* both happen */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_is_the_best_there_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
