/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cel bounds: what is too deep, too long, too large or takes too many steps is told, within time,
 * memory and the stack of a coroutine.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "cel/cel.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK_BYTES (1024 * 1024) /* as coroutines have under sanitizers */
#else
#define STACK_BYTES (256 * 1024)
#endif

/* `count` times `open`, then `middle`, then `count` times `close`. */
static char *nest(const char *open, const char *middle, const char *close, size_t count)
{
    size_t size = (strlen(open) + strlen(close)) * count + strlen(middle) + 1;
    char *text = malloc(size), *end = text;

    for (size_t i = 0; i < count; i++)
        end = stpcpy(end, open);
    end = stpcpy(end, middle);
    for (size_t i = 0; i < count; i++)
        end = stpcpy(end, close);
    return text;
}

static const struct tdh_cel_root roots[] = { { .name = "a" } };
static const struct tdh_cel_options options = { .roots = roots, .root_count = COUNT(roots) };

/* Compiles and runs; NULL with err. */
static json_t *evaluate(const char *text, const json_t *a, struct td_err *err)
{
    const json_t *const values[] = { a };
    const struct tdh_cel_env env = { values, COUNT(values) };
    struct tdh_arena arena = { 0 };
    struct tdh_cel *cel = tdh_cel_compile(text, &options, err);
    json_t *value = cel != NULL ? tdh_cel_eval(cel, &env, &arena, err) : NULL;

    tdh_arena_free(&arena);
    tdh_cel_free(cel);
    return value;
}

static const struct {
    const char *open, *middle, *close;
    size_t fits; /* so many levels do, 250 more do not */
} nestings[] = {
    { "(", "1", ")", 249 },
    { "[", "1", "]", 249 },
    { "{'k': ", "1", "}", 249 },
    { "size([", "1", "])", 124 },
    { "1 + (", "1", ")", 124 },
    { "true || true && 1 == 1 + 1 * size([", "1", "])", 35 },
    { "[1].map(x, ", "x", ")", 249 },
    { "[1].all(i, v, ", "true", ")", 249 },
    { "{1: 2}.transformMap(k, v, ", "k", ")", 249 },
    { "cel.bind(x, ", "1", ", x)", 249 },
    { "cel.bind(x, 1, ", "x", ")", 249 },
    { "optional.of(1).optMap(x, ", "x", ")", 249 },
    { "optional.none().orValue(", "1", ")", 249 },
    { "true ? (", "1", ") : 2", 249 },
    { "[1][", "0", "]", 249 },
    { "'a'.indexOf('a', ", "0", ")", 249 },
};

/* cmocka cannot be told of a failure in another thread:
 * the words of the first one are left here. */
static char failure[TD_ERR_TEXT + 200];

static void expect(bool holds, const char *what, const struct td_err *err)
{
    if (!holds && failure[0] == '\0')
        snprintf(failure, sizeof(failure), "%.100s: %s", what, err->text);
}

static void *nest_all(void *unused)
{
    for (size_t i = 0; i < COUNT(nestings); i++) {
        const char *open = nestings[i].open;
        char *fits = nest(open, nestings[i].middle, nestings[i].close, nestings[i].fits);
        char *deep = nest(open, nestings[i].middle, nestings[i].close, nestings[i].fits + 250);
        struct td_err err = { 0 };
        struct tdh_cel *cel = tdh_cel_compile(fits, &options, &err);

        expect(cel != NULL, open, &err);
        tdh_cel_free(cel);
        json_decref(evaluate(fits, NULL, &err));
        expect(tdh_cel_compile(deep, &options, &err) == NULL, open, &err);
        expect(strstr(err.text, ": nested deeper than 250 levels") != NULL, open, &err);
        expect(err.code == TD_E_LIMIT, open, &err);
        free(deep);
        free(fits);
    }
    return unused;
}

/* Runs on a stack as small as a coroutine's. */
static void on_small_stack(void *(*work)(void *), void *arg)
{
    pthread_attr_t attr;
    pthread_t thread;

    assert_int_equal(pthread_attr_init(&attr), 0);
    assert_int_equal(pthread_attr_setstacksize(&attr, STACK_BYTES), 0);
    assert_int_equal(pthread_create(&thread, &attr, work, arg), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attr);
    assert_string_equal(failure, "");
}

static void nesting_is_bounded_and_fits_a_small_stack(void **state)
{
    (void)state;
    on_small_stack(nest_all, NULL);
}

static const struct {
    const char *unit, *last;
} chains[] = {
    { "a + ", "a" },
    { "a - ", "a" },
    { "false || ", "true" },
    { "true && ", "false" },
    { "a < 1 || ", "true" },
    { "!", "true" },
    { "-", "a" },
    { "a == 2 ? 3 : ", "4" },
    { "true == ", "true" },
    { "a in [1, 'x'] || ", "true" },
};

static char *chain(size_t i, size_t length)
{
    size_t count = (length - strlen(chains[i].last)) / strlen(chains[i].unit);

    return nest(chains[i].unit, chains[i].last, "", count);
}

static void *chain_all(void *unused)
{
    json_t *a = json_integer(0);

    for (size_t i = 0; i < COUNT(chains); i++) {
        char *text = chain(i, TDH_CEL_TEXT);
        struct td_err err = { 0 };
        json_t *value = evaluate(text, a, &err);

        expect(value != NULL, chains[i].unit, &err);
        json_decref(value);
        free(text);
    }
    json_decref(a);
    return unused;
}

static void *postfix_all(void *unused)
{
    static const struct {
        const char *first, *unit;
    } members[] = {
        { "a", ".x" }, { "a", ".?x" }, { "a", "[0]" }, { "a", "[?0]" }, { "'a'", ".trim()" }
    };

    for (size_t i = 0; i < COUNT(members); i++) {
        size_t count = (TDH_CEL_TEXT - strlen(members[i].first)) / strlen(members[i].unit);
        char *text = nest("", members[i].first, members[i].unit, count);
        struct td_err err;

        json_decref(evaluate(text, NULL, &err));
        free(text);
    }
    return unused;
}

static void long_chains_fit_a_small_stack(void **state)
{
    (void)state;
    on_small_stack(chain_all, NULL);
    on_small_stack(postfix_all, NULL);
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double compile_time(size_t i, size_t length)
{
    char *text = chain(i, length);
    double best = 1e9;

    for (int round = 0; round < 5; round++) {
        struct td_err err;
        double begin = seconds(), took;
        struct tdh_cel *cel = tdh_cel_compile(text, &options, &err);

        took = seconds() - begin;
        best = took < best ? took : best;
        tdh_cel_free(cel);
    }
    free(text);
    return best;
}

/*
 * Eight times the text takes eight times as long; what grows with the square takes sixty-four
 * times.
 */
static void compiling_is_linear_in_the_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(chains); i++) {
        double shorter = compile_time(i, TDH_CEL_TEXT / 8), longer = compile_time(i, TDH_CEL_TEXT);

        if (longer > 32 * shorter)
            fail_msg("%s: %.0f us for 8 KiB, %.0f us for 64 KiB", chains[i].unit, shorter * 1e6,
                     longer * 1e6);
    }
}

#define MANY "[0,1,2,3,4,5,6,7,8,9]"
#define STEPS "expression needs more than 1000000 steps"
#define MEMORY "expression needs more than 16 MiB of memory"
/* A list of 8 lists of 8 ..., all shared: small in memory, endless when it is walked. */
#define EIGHT(list, of, then)                                                                      \
    "cel.bind(" list ", [" of "," of "," of "," of "," of "," of "," of "," of "]," then ")"
#define EIGHT_TO_THE_7TH(then)                                                                     \
    EIGHT("b", "a",                                                                                \
          EIGHT("c", "b",                                                                          \
                EIGHT("d", "c",                                                                    \
                      EIGHT("e", "d", EIGHT("f", "e", EIGHT("g", "f", EIGHT("h", "g", then)))))))

static const struct {
    const char *text, *want;
} endless[] = {
    { MANY ".all(a, " MANY ".all(b, " MANY ".all(c, " MANY ".all(d, " MANY ".all(e, " MANY
           ".all(f, " MANY ".all(g, true)))))))",
      STEPS },
    { MANY ".all(a, " MANY ".all(b, " MANY ".all(c, " MANY ".all(d, " MANY ".all(e, " MANY
           ".all(f, " MANY ".all(g, 1 / 0 == 1))))))) || true",
      STEPS },
    { "cel.bind(b, a + a, cel.bind(c, b + b + b + b, cel.bind(d, c + c + c + c, cel.bind(e, d + d "
      "+ d + d,"
      " cel.bind(f, e + e + e + e, cel.bind(g, f + f + f + f, cel.bind(h, g + g + g + g, h + h + h "
      "+ h)))))))"
      ".size() > 0",
      MEMORY },
    { EIGHT_TO_THE_7TH("[h]"), MEMORY },
    { EIGHT_TO_THE_7TH("h == h"), STEPS },
    { EIGHT_TO_THE_7TH("'%s'.format([h])"), MEMORY },
    { "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.matches('^(a+)+$')",
      "\"matches\" needs more backtracking than is allowed" },
    { MANY ".all(i, '%.1000f'.format([1.0]).size() > 0 && " MANY ".all(j, " MANY ".all(k, " MANY
           ".all(l, '%.1000f%.1000f'.format([1.0, 1.0]).size() > 0))))",
      MEMORY },
    { "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'.replace('', a).replace('', a).replace('', a).size() > 0",
      MEMORY },
};

static void endless_work_is_stopped(void **state)
{
    char large[4001];
    json_t *a;

    (void)state;
    memset(large, 'a', sizeof(large) - 1);
    large[sizeof(large) - 1] = '\0';
    a = json_string(large);
    for (size_t i = 0; i < COUNT(endless); i++) {
        struct td_err err = { 0 };
        double begin = seconds();

        assert_null(evaluate(endless[i].text, a, &err));
        if (strcmp(err.text, endless[i].want) != 0)
            fail_msg("%s: want %s, got %s", endless[i].text, endless[i].want, err.text);
        assert_int_equal(err.code, TD_E_LIMIT);
        assert_true(seconds() - begin < 5);
    }
    json_decref(a);
}

/* [[[...]]] of 100 levels, around `inner`. */
static char *wrap(const char *inner)
{
    return nest("[", inner, "]", 100);
}

static void *deep_values(void *unused)
{
    static const char *const uses[] = { "d", "d == d", "'%s'.format([d])", "[d, d]" };
    char *b = wrap("1"), *c = wrap("b"), *d = wrap("c"), text[2048];

    for (size_t i = 0; i < COUNT(uses); i++) {
        struct td_err err = { 0 };
        json_t *value;

        snprintf(text, sizeof(text), "cel.bind(b, %s, cel.bind(c, %s, cel.bind(d, [%s], %s)))", b,
                 c, d, uses[i]);
        value = evaluate(text, NULL, &err);
        expect(value == NULL, uses[i], &err);
        expect(strcmp(err.text, "a value of the expression is nested deeper than 300 levels") == 0,
               uses[i], &err);
    }
    free(b);
    free(c);
    free(d);
    return unused;
}

static void deep_values_are_refused(void **state)
{
    (void)state;
    on_small_stack(deep_values, NULL);
}

static void an_arena_with_a_bound_is_kept_to(void **state)
{
    struct tdh_arena arena = { .max_bytes = 2000 };
    struct td_err err;
    struct tdh_cel *cel =
        tdh_cel_compile("[1, 2, 3, 4, 5, 6, 7, 8, 9].map(x, [x, [x, x].map(y, 'a'.split(''))])."
                        "map(x, [x, x, x, x].map(y, y))",
                        NULL, &err);

    (void)state;
    assert_non_null(cel);
    assert_null(tdh_cel_eval(cel, NULL, &arena, &err));
    assert_string_equal(err.text, "expression needs more memory than its caller gives it");
    assert_int_equal(err.code, TD_E_LIMIT);
    tdh_arena_free(&arena);
    tdh_cel_free(cel);
}

/* Keys that all fall into one place cost steps, not time. */
static void a_large_map_is_built_and_found(void **state)
{
    json_t *a = json_array(), *value;
    struct td_err err;

    (void)state;
    for (int i = 0; i < 20000; i++)
        json_array_append_new(a, json_integer(i));
    value = evaluate(
        "cel.bind(m, a.transformMapEntry(i, v, {v: i}), a.all(i, v, m[v] == i && !(-1 in m)))", a,
        &err);
    if (value == NULL)
        fail_msg("%s", err.text);
    assert_true(json_is_true(value));
    json_decref(value);
    json_decref(a);
}

static void *run_often(void *cel)
{
    struct tdh_arena arena = { 0 };
    json_t *a = json_pack("{s:s}", "x", "abc");
    const json_t *const values[] = { a };
    const struct tdh_cel_env env = { values, 1 };

    for (int i = 0; i < 2000; i++) {
        struct td_err err;
        bool value = false;

        if (tdh_cel_eval_bool(cel, &env, &arena, &value, &err) != 0 || !value)
            abort();
        tdh_arena_reset(&arena);
    }
    tdh_arena_free(&arena);
    json_decref(a);
    return NULL;
}

static void one_program_runs_in_many_threads(void **state)
{
    pthread_t threads[4];
    struct td_err err;
    struct tdh_cel *cel = tdh_cel_compile(
        "a.x.matches('^a.c$') && a.x in ['abc', 'x'] && {'k': 1}.all(k, k == 'k')", &options, &err);

    (void)state;
    assert_non_null(cel);
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_often, cel), 0);
    for (size_t i = 0; i < COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    tdh_cel_free(cel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nesting_is_bounded_and_fits_a_small_stack),
        cmocka_unit_test(long_chains_fit_a_small_stack),
        cmocka_unit_test(compiling_is_linear_in_the_text),
        cmocka_unit_test(endless_work_is_stopped),
        cmocka_unit_test(deep_values_are_refused),
        cmocka_unit_test(an_arena_with_a_bound_is_kept_to),
        cmocka_unit_test(a_large_map_is_built_and_found),
        cmocka_unit_test(one_program_runs_in_many_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
