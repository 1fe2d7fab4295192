/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log: how lines read, what is kept out of them, and what is damped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/log_damp.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define TIME_LENGTH 25 /* "2026-11-21T10:00:00.123Z " */

static int fds[2];
static char output[65536];

static int open_pipe(void **state)
{
    (void)state;
    if (pipe2(fds, O_NONBLOCK) != 0)
        return -1;
    tdh_log_setup(TDH_LOG_DEBUG, TDH_LOG_TEXT, fds[1]);
    return 0;
}

static int close_pipe(void **state)
{
    (void)state;
    tdh_log_flush();
    tdh_log_setup(TDH_LOG_OFF, TDH_LOG_TEXT, STDERR_FILENO);
    close(fds[0]);
    close(fds[1]);
    return 0;
}

/* All lines written since the last call. */
static const char *take_output(void)
{
    ssize_t length = read(fds[0], output, sizeof(output) - 1);

    output[length > 0 ? length : 0] = '\0';
    return output;
}

static unsigned count_lines(const char *text)
{
    unsigned lines = 0;

    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

static void a_text_line_has_time_level_unit_sentence_and_facts(void **state)
{
    const char *line;
    unsigned year;

    (void)state;
    tdh_log(TDH_LOG_INFO, "store/sqlite",
            TDH_FACTS(TDH_S("path", "/x \"y\"\n"), TDH_I("took_ms", -3), TDH_R("ratio", 0.5),
                      TDH_B("is_new", true), TDH_S("none", NULL)),
            "opened the %s", "store");
    line = take_output();
    assert_int_equal(sscanf(line, "%4u-%*2u-%*2uT%*2u:%*2u:%*2u.%*3uZ ", &year), 1);
    assert_true(line[10] == 'T' && line[19] == '.' && line[23] == 'Z');
    assert_string_equal(line + TIME_LENGTH,
                        "info store/sqlite opened the store path=\"/x \\\"y\\\"\\n\" took_ms=-3 "
                        "ratio=0.5 is_new=true none=\"\"\n");
}

static void a_json_line_is_one_json_value(void **state)
{
    struct td_err err = { 0 };
    json_t *value;

    (void)state;
    tdh_log_setup(TDH_LOG_DEBUG, TDH_LOG_JSON, fds[1]);
    tdh_log(TDH_LOG_ERROR, "a/b", TDH_FACTS(TDH_S("k", "\x01"), TDH_I("n", 7)), "say \"%s\"\n",
            "x");
    take_output();
    value = tdh_json_parse(output, strlen(output), "line", &err);
    assert_non_null(value);
    assert_string_equal(tdh_json_str(value, "level", ""), "error");
    assert_string_equal(tdh_json_str(value, "unit", ""), "a/b");
    assert_string_equal(tdh_json_str(value, "message", ""), "say \"x\"\n");
    assert_string_equal(tdh_json_str(value, "k", ""), "\x01");
    assert_int_equal(json_integer_value(json_object_get(value, "n")), 7);
    assert_int_equal(strlen(tdh_json_str(value, "time", "")), TIME_LENGTH - 1);
    assert_int_equal(count_lines(output), 1);
    json_decref(value);
}

static void only_wanted_levels_are_written(void **state)
{
    (void)state;
    for (int level = TDH_LOG_DEBUG; level <= TDH_LOG_OFF; level++) {
        tdh_log_setup((enum tdh_log_level)level, TDH_LOG_TEXT, fds[1]);
        tdh_log(TDH_LOG_DEBUG, "u", TDH_NO_FACTS, "at %d", level);
        tdh_log(TDH_LOG_INFO, "u", TDH_NO_FACTS, "at %d", level);
        tdh_log(TDH_LOG_WARNING, "v", TDH_NO_FACTS, "at %d", level);
        tdh_log(TDH_LOG_ERROR, "w", TDH_NO_FACTS, "at %d", level);
        assert_int_equal(count_lines(take_output()), TDH_LOG_OFF - level);
    }
    assert_false(tdh_log_wants(TDH_LOG_OFF));
}

static void levels_have_names_and_others_are_refused(void **state)
{
    static const char *const names[] = { "debug", "info", "warning", "error", "off" };
    enum tdh_log_level level = TDH_LOG_OFF;
    struct td_err err = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_int_equal(tdh_log_level_parse(names[i], &level, &err), 0);
        assert_int_equal(level, i);
    }
    assert_int_equal(tdh_log_level_parse("warn", &level, &err), -1);
    assert_string_equal(err.text,
                        "log level \"warn\" is not one of debug, info, warning, error, off");
}

static void secrets_never_print(void **state)
{
    static const struct {
        const char *key;
        bool is_secret;
    } cases[] = {
        { "password", true },      { "Secret", true },        { "token", true },
        { "key", true },           { "authorization", true }, { "api_key", true },
        { "refresh_TOKEN", true }, { "client_secret", true }, { "db_password", true },
        { "tokens", false },       { "monkey", false },       { "keys", false },
        { "token_count", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char want[64];

        snprintf(want, sizeof(want), "info u s%zu %s=%s\n", i, cases[i].key,
                 cases[i].is_secret ? "\"***\"" : "\"hunter2\"");
        tdh_log(TDH_LOG_INFO, "u", TDH_FACTS(TDH_S(cases[i].key, "hunter2")), "s%zu", i);
        assert_string_equal(take_output() + TIME_LENGTH, want);
    }
}

static void no_text_can_break_the_line_or_steer_a_terminal(void **state)
{
    (void)state;
    tdh_log(TDH_LOG_INFO, "u", TDH_NO_FACTS,
            "a\nb\rc\x1b[31m\x7f\xC2\x9B"
            "d\xC3\xA9");
    assert_string_equal(take_output() + TIME_LENGTH,
                        "info u a\\nb\\x0dc\\x1b[31m\\x7f\\x9bd\xC3\xA9\n");
}

static void long_texts_are_cut(void **state)
{
    char *text = malloc(10000);
    const char *line;

    (void)state;
    memset(text, 'x', 9999);
    text[9999] = '\0';
    memcpy(text + 1023, "\xC3\xA9", 2); /* across the border of a fact */
    tdh_log(TDH_LOG_INFO, "u", TDH_FACTS(TDH_S("k", text)), "%s", text);
    line = take_output();
    assert_int_equal(count_lines(line), 1);
    assert_in_range(strlen(line), 3000, 3200);
    assert_non_null(strstr(line, "x...\"\n"));
    assert_non_null(strstr(line, "x... k="));
    free(text);
}

static void a_failure_tells_code_and_hint(void **state)
{
    struct td_err err;

    (void)state;
    err = (struct td_err){ 0 };
    td_fail(&err, TD_E_LIMIT, "queue \"%s\" is full", "in");
    tdh_log_err(TDH_LOG_ERROR, "u", &err);
    assert_string_equal(take_output() + TIME_LENGTH,
                        "error u queue \"in\" is full code=\"limit\"\n");
    td_hint(&err, "raise queue.size");
    tdh_log_err(TDH_LOG_WARNING, "u", &err);
    assert_string_equal(
        take_output() + TIME_LENGTH,
        "warning u queue \"in\" is full code=\"limit\" hint=\"raise queue.size\"\n");
}

static void the_sixth_equal_sentence_is_counted_and_told_at_the_end(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        tdh_log(TDH_LOG_WARNING, "u", TDH_FACTS(TDH_I("n", i)), "no answer");
        tdh_log(TDH_LOG_INFO, "u", TDH_NO_FACTS, "other %d", i);
    }
    assert_int_equal(count_lines(take_output()), 5 + 12);
    tdh_log_flush();
    assert_string_equal(take_output() + TIME_LENGTH,
                        "warning u repeated 7 more times: no answer\n");
    tdh_log_flush();
    assert_string_equal(take_output(), "");
}

/* The clock is given here, so the ten seconds take none. */
static void damping_ends_after_its_time(void **state)
{
    struct tdh_damped damped;
    uint64_t now = 1000;

    (void)state;
    for (int i = 0; i < 8; i++)
        assert_int_equal(tdh_damp_admits(TDH_LOG_INFO, "u", "s", now + (uint64_t)i), i < 5);
    assert_false(tdh_damp_take(now + TDH_DAMP_NS - 1, &damped));
    assert_true(tdh_damp_take(now + TDH_DAMP_NS, &damped));
    assert_int_equal(damped.count, 3);
    assert_string_equal(damped.unit, "u");
    assert_string_equal(damped.text, "s");
    assert_false(tdh_damp_take(now + TDH_DAMP_NS, &damped));
    assert_true(tdh_damp_admits(TDH_LOG_INFO, "u", "s", now + TDH_DAMP_NS));
    assert_true(tdh_damp_admits(TDH_LOG_INFO, "v", "s", now + TDH_DAMP_NS));
}

/* More sentences than the table holds: a slot that is needed again tells what it counted. */
static void a_flood_of_sentences_loses_no_count(void **state)
{
    struct tdh_damped damped;
    unsigned told = 0;
    char text[300];

    (void)state;
    for (int i = 0; i < 7; i++)
        tdh_damp_admits(TDH_LOG_INFO, "u", "the first", 1);
    for (int i = 0; i < 2000; i++) {
        snprintf(text, sizeof(text), "%0290d", i);
        assert_true(tdh_damp_admits(TDH_LOG_INFO, "u", text, 2));
        while (tdh_damp_take(3, &damped)) {
            assert_string_equal(damped.text, "the first");
            told += (unsigned)damped.count;
        }
    }
    assert_int_equal(told, 2);
}

static void errno_survives_a_line(void **state)
{
    (void)state;
    tdh_log_setup(TDH_LOG_DEBUG, TDH_LOG_TEXT, -1);
    errno = EXDEV;
    tdh_log(TDH_LOG_INFO, "u", TDH_NO_FACTS, "goes nowhere");
    assert_int_equal(errno, EXDEV);
}

static void *log_much(void *arg)
{
    for (int i = 0; i < 100; i++)
        tdh_log(TDH_LOG_INFO, arg, TDH_NO_FACTS, "line %d of many", i);
    return NULL;
}

static void lines_of_threads_stay_whole(void **state)
{
    static char units[4][8] = { "t0", "t1", "t2", "t3" };
    pthread_t threads[4];
    unsigned lines = 0;

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, log_much, units[i]), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    take_output();
    for (char *line = strtok(output, "\n"); line != NULL; line = strtok(NULL, "\n"), lines++)
        assert_non_null(strstr(line, " of many"));
    assert_int_equal(lines, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_text_line_has_time_level_unit_sentence_and_facts,
                                        open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(a_json_line_is_one_json_value, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(only_wanted_levels_are_written, open_pipe, close_pipe),
        cmocka_unit_test(levels_have_names_and_others_are_refused),
        cmocka_unit_test_setup_teardown(secrets_never_print, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(no_text_can_break_the_line_or_steer_a_terminal, open_pipe,
                                        close_pipe),
        cmocka_unit_test_setup_teardown(long_texts_are_cut, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(a_failure_tells_code_and_hint, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(the_sixth_equal_sentence_is_counted_and_told_at_the_end,
                                        open_pipe, close_pipe),
        cmocka_unit_test(damping_ends_after_its_time),
        cmocka_unit_test(a_flood_of_sentences_loses_no_count),
        cmocka_unit_test_setup_teardown(errno_survives_a_line, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(lines_of_threads_stay_whole, open_pipe, close_pipe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
