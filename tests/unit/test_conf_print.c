/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf: printing, the reference, and the files that are shipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/json.h"
#include "conf/internal.h"
#include "conf_home.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void what_is_printed_reads_back_the_same(void **state)
{
    struct conf_home *home = *state;
    struct tdh_buf buf = { 0 };
    struct tdh_conf *printed = NULL;

    home->source.file = conf_home_write(
        home, "x.yaml", "plugins: {paths: [/a, 'b\"c: #']}\nruntime: {stack: 1MiB}\n");
    conf_home_set(home, "TDEV_LOG_LEVEL=off");
    conf_home_read_well(home);
    tdh_conf_print(home->conf, &buf);
    assert_false(buf.failed);
    assert_non_null(strstr(buf.data, "  stack: \"1MiB\""));
    assert_non_null(strstr(buf.data, "/x.yaml:2\n"));
    assert_non_null(strstr(buf.data, " # environment: TDEV_LOG_LEVEL\n"));
    assert_non_null(strstr(buf.data, "  workers: 1                            # default\n"));
    home->source.file = conf_home_write(home, "y.yaml", buf.data);
    home->env[1] = NULL;
    if (tdh_conf_read(&home->source, &printed, &home->err) != 0)
        fail_msg("%s", home->err.text);
    for (enum tdh_conf_key key = 0; key < TDH_CONF_KEYS_; key++)
        assert_false(tdh_conf_differs(home->conf, printed, key));
    tdh_conf_unref(printed);
    tdh_buf_free(&buf);
}

static void json_tells_value_and_origin(void **state)
{
    struct conf_home *home = *state;
    json_t *root = NULL;
    char *text = NULL;

    conf_home_set(home, "TDEV_LOG_LEVEL=off");
    conf_home_read_well(home);
    root = tdh_conf_json(home->conf);
    text = tdh_json_text(tdh_json_at(root, "/log/level"), 0);
    assert_string_equal(
        text,
        "{\"value\":\"off\",\"from\":\"environment: TDEV_LOG_LEVEL\",\"layer\":\"environment\","
        "\"is_reloadable\":true,\"is_pending\":false}");
    assert_int_equal(json_integer_value(tdh_json_at(root, "/runtime/workers/value")), 1);
    free(text);
    json_decref(root);
}

static void a_secret_is_never_shown(void **state)
{
    static const struct tdh_conf_row row = {
        .section = "s",
        .key = "k",
        .type = TDH_CONF_CHOICE,
        .flags = TDH_CONF_SECRET,
        .choices = "hush|quiet",
    };
    struct tdh_arena arena = { 0 };
    struct tdh_conf_reader reader = { &arena, "/", NULL };
    struct tdh_conf_value value = { 0 };
    struct td_err err;
    json_t *json = NULL;

    (void)state;
    assert_int_equal(tdh_conf_value_parse(&row, "loud", &reader, &value, &err), -1);
    assert_string_equal(err.text, "s.k is \"***\", must be one of hush|quiet");
    assert_int_equal(tdh_conf_value_parse(&row, "hush", &reader, &value, &err), 0);
    assert_string_equal(value.text, "hush");
    json = tdh_conf_value_json(&row, &value);
    assert_string_equal(json_string_value(json), "***");
    json_decref(json);
    tdh_arena_free(&arena);
}

static void a_boolean_is_true_or_false(void **state)
{
    static const struct tdh_conf_row row = {
        .section = "s", .key = "k", .type = TDH_CONF_BOOL, .max = 1
    };
    struct tdh_arena arena = { 0 };
    struct tdh_conf_reader reader = { &arena, "/", NULL };
    struct tdh_conf_value value = { 0 };
    struct td_err err;
    json_t *json = json_string("true");

    (void)state;
    assert_int_equal(tdh_conf_value_parse(&row, "yes", &reader, &value, &err), -1);
    assert_string_equal(err.text, "s.k is \"yes\", must be true or false");
    assert_int_equal(tdh_conf_value_from_json(&row, json, &reader, &value, &err), -1);
    assert_string_equal(err.text, "s.k is of type string, must be a true or false");
    assert_int_equal(tdh_conf_value_from_json(&row, json_true(), &reader, &value, &err), 0);
    assert_int_equal(value.number, 1);
    json_decref(json);
    tdh_arena_free(&arena);
}

/* The shipped file has every setting behind "#": without it, the file says the defaults. */
static char *uncommented(const char *path)
{
    struct td_err err;
    size_t length = 0;
    char *text = tdh_file_read(path, 1 << 20, &length, &err);

    assert_non_null(text);
    for (char *at = strstr(text, "\n  #"); at != NULL; at = strstr(at + 1, "\n  #"))
        if (at[4] >= 'a' && at[4] <= 'z')
            memmove(at + 3, at + 4, strlen(at + 4) + 1);
    return text;
}

static void the_shipped_file_says_every_default(void **state)
{
    struct conf_home *home = *state;
    char *text = uncommented(TEST_SRCDIR "/conf/tdevd.yaml");
    struct tdh_conf *shipped = NULL;

    home->source.is_daemon = true;
    home->source.file = conf_home_write(home, "plain.yaml", "");
    conf_home_read_well(home);
    home->source.file = conf_home_write(home, "tdevd.yaml", text);
    if (tdh_conf_read(&home->source, &shipped, &home->err) != 0)
        fail_msg("%s", home->err.text);
    for (enum tdh_conf_key key = 0; key < TDH_CONF_KEYS_; key++) {
        assert_int_equal(shipped->values[key].from.kind, TDH_CONF_FILE);
        /* their defaults are where this was built to go */
        if (key != TDH_CONF_DATA_DIR && key != TDH_CONF_PLUGINS_RUNNER_DIR &&
            key != TDH_CONF_PLUGINS_COMPAT)
            assert_false(tdh_conf_differs(home->conf, shipped, key));
    }
    tdh_conf_unref(shipped);
    free(text);
}

static void the_shipped_profiles_are_valid(void **state)
{
    static const char *const profiles[] = { "dev", "prod" };
    struct conf_home *home = *state;

    home->source.is_daemon = true;
    home->source.file = TEST_SRCDIR "/conf/tdevd.yaml";
    for (size_t i = 0; i < COUNT(profiles); i++) {
        home->source.profile = profiles[i];
        conf_home_read_well(home);
        assert_string_equal(tdh_conf_profile(home->conf), profiles[i]);
    }
}

static void the_reference_in_docs_is_the_table(void **state)
{
    struct tdh_buf buf = { 0 };
    struct td_err err;
    size_t length = 0;
    char *docs = tdh_file_read(TEST_SRCDIR "/docs/configuration.md", 1 << 20, &length, &err);

    (void)state;
    tdh_conf_reference(&buf);
    if (docs == NULL || strcmp(docs, buf.data) != 0) {
        assert_int_equal(tdh_file_write("configuration.md", buf.data, buf.length, 0644, &err), 0);
        fail_msg(
            "docs/configuration.md is not what the table says; the new one is ./configuration.md");
    }
    free(docs);
    tdh_buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONF_HOME_TEST(what_is_printed_reads_back_the_same),
        CONF_HOME_TEST(json_tells_value_and_origin),
        cmocka_unit_test(a_secret_is_never_shown),
        cmocka_unit_test(a_boolean_is_true_or_false),
        CONF_HOME_TEST(the_shipped_file_says_every_default),
        CONF_HOME_TEST(the_shipped_profiles_are_valid),
        cmocka_unit_test(the_reference_in_docs_is_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
