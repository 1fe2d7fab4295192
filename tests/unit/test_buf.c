/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf: appends, and the JSON writer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "alloc_fail.h"
#include "base/buf.h"
#include "base/json.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void appends_stand_one_behind_the_other(void **state)
{
    struct tdh_buf buf = { 0 };

    (void)state;
    tdh_buf_text(&buf, "a");
    tdh_buf_add(&buf, "\0b", 2);
    tdh_buf_char(&buf, 'c');
    tdh_buf_add(&buf, NULL, 0);
    tdh_buf_printf(&buf, "%s-%0200d", "d", 7);
    assert_int_equal(buf.length, 4 + 2 + 200);
    assert_memory_equal(buf.data, "a\0bcd-000", 9);
    assert_int_equal(buf.data[buf.length], '\0');
    tdh_buf_clear(&buf);
    assert_int_equal(buf.length, 0);
    assert_string_equal(buf.data, "");
    tdh_buf_free(&buf);
    assert_null(buf.data);
}

static void a_buffer_holds_what_a_thousand_appends_gave(void **state)
{
    struct tdh_buf buf = { 0 };

    (void)state;
    for (int i = 0; i < 1000; i++)
        tdh_buf_text(&buf, "0123456789");
    assert_int_equal(buf.length, 10000);
    for (size_t i = 0; i < buf.length; i++)
        assert_int_equal(buf.data[i], '0' + (int)(i % 10));
    tdh_buf_free(&buf);
}

static void stealing_leaves_an_empty_buffer(void **state)
{
    struct tdh_buf buf = { 0 };
    char *text = tdh_buf_steal(&buf);

    (void)state;
    assert_string_equal(text, "");
    free(text);
    tdh_buf_text(&buf, "x");
    text = tdh_buf_steal(&buf);
    assert_string_equal(text, "x");
    assert_null(buf.data);
    assert_int_equal(buf.length, 0);
    free(text);
}

static void an_append_past_all_memory_fails_and_stays_failed(void **state)
{
    struct tdh_buf buf = { 0 };

    (void)state;
    tdh_buf_text(&buf, "x");
    assert_null(tdh_buf_room(&buf, SIZE_MAX));
    assert_true(buf.failed);
    tdh_buf_text(&buf, "y");
    assert_string_equal(buf.data, "x");
    assert_null(tdh_buf_steal(&buf));
    assert_false(buf.failed);
}

static void integers_print_to_their_ends(void **state)
{
    static const struct {
        int64_t value;
        const char *want;
    } cases[] = {
        { 0, "0" },
        { 7, "7" },
        { -1, "-1" },
        { 10, "10" },
        { INT64_MAX, "9223372036854775807" },
        { INT64_MIN, "-9223372036854775808" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tdh_buf buf = { 0 };

        tdh_buf_int(&buf, cases[i].value);
        assert_string_equal(buf.data, cases[i].want);
        tdh_buf_free(&buf);
    }
}

static const struct {
    double value;
    const char *want;
} reals[] = {
    { 0.0, "0.0" },
    { -0.0, "-0.0" },
    { 1.0, "1.0" },
    { -1.5, "-1.5" },
    { 0.1, "0.1" },
    { 0.3, "0.3" },
    { 0.1 + 0.2, "0.30000000000000004" },
    { 12.05, "12.05" },
    { 0.001, "0.001" },
    { 0.001002, "0.001002" },
    { 0.0000001, "1e-07" },
    { 123456789.123456, "123456789.123456" },
    { 999999999.999999, "999999999.999999" },
    { 1700000000123.0, "1700000000123.0" },
    { 999999999999999.0, "999999999999999.0" },
    { 1e15, "1e+15" },
    { 1234567890123456.0, "1234567890123456.0" },
    { 9007199254740993.0, "9007199254740992.0" },
    { 1e22, "1e+22" },
    { 1e300, "1e+300" },
    { 5e-324, "5e-324" },
    { 1.7976931348623157e308, "1.7976931348623157e+308" },
    { 3.141592653589793, "3.141592653589793" },
    { INFINITY, "null" },
    { -INFINITY, "null" },
    { NAN, "null" },
};

static void reals_print_as_people_write_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(reals); i++) {
        struct tdh_buf buf = { 0 };

        tdh_buf_json_real(&buf, reals[i].value);
        assert_string_equal(buf.data, reals[i].want);
        tdh_buf_free(&buf);
    }
}

static void a_locale_with_a_decimal_comma_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(setenv("LOCPATH", TEST_BUILDDIR "/tests/locale", 1), 0);
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8") == NULL)
        skip();
    reals_print_as_people_write_them(state);
    setlocale(LC_NUMERIC, "C");
}

/* A walk through doubles of all sizes:
 * what is printed reads back the same and is a real to a JSON reader. */
static void every_real_reads_back_the_same(void **state)
{
    uint64_t bits = 88172645463325252U;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct tdh_buf buf = { 0 };
        double value;

        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        memcpy(&value, &bits, sizeof(value));
        if (i % 2 == 0)
            value = (double)(int64_t)(bits >> 20) / 1e6;
        if (!isfinite(value))
            continue;
        tdh_buf_json_real(&buf, value);
        assert_true(strtod(buf.data, NULL) == value);
        assert_non_null(strpbrk(buf.data, ".e"));
        tdh_buf_free(&buf);
    }
}

static void strings_are_escaped_where_they_must_be(void **state)
{
    static const struct {
        const char *text;
        size_t length;
        const char *want, *want_ascii;
    } cases[] = {
        { "", 0, "\"\"", "\"\"" },
        { "plain text of some length, past eight", 37, "\"plain text of some length, past eight\"",
          "\"plain text of some length, past eight\"" },
        { "a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\"", "\"a\\\"b\\\\c/d\"" },
        { "\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"", "\"\\b\\f\\n\\r\\t\"" },
        { "\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\x7f\"", "\"\\u0000\\u0001\\u001f\x7f\"" },
        { "\xEA\xB0\x80"
          "12345678\xC3\xA9",
          13,
          "\"\xEA\xB0\x80"
          "12345678\xC3\xA9\"",
          "\"\\uac00"
          "12345678\\u00e9\"" },
        { "\xF0\x9F\x98\x80", 4, "\"\xF0\x9F\x98\x80\"", "\"\\ud83d\\ude00\"" },
        { "1234567\n1234567\"", 16, "\"1234567\\n1234567\\\"\"", "\"1234567\\n1234567\\\"\"" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *value = json_stringn_nocheck(cases[i].text, cases[i].length);
        char *text = tdh_json_text(value, 0), *ascii = tdh_json_text(value, TDH_JSON_ASCII);

        assert_string_equal(text, cases[i].want);
        assert_string_equal(ascii, cases[i].want_ascii);
        json_decref(value);
        free(text);
        free(ascii);
    }
}

static void bytes_that_are_not_utf8_are_replaced(void **state)
{
    static const struct {
        const char *text;
        size_t length;
        unsigned replaced;
    } cases[] = {
        { "\x80", 1, 1 },
        { "\xC0\x80", 2, 2 },
        { "\xC1\xBF", 2, 2 },
        { "\xE0\x9F\xBF", 3, 3 },
        { "\xED\xA0\x80", 3, 3 },
        { "\xF0\x8F\xBF\xBF", 4, 4 },
        { "\xF4\x90\x80\x80", 4, 4 },
        { "\xF5\x80\x80\x80", 4, 4 },
        { "\xE2\x82", 2, 2 },
        { "\xF0\x9F\x98", 3, 3 },
        { "\xFF", 1, 1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tdh_buf buf = { 0 };

        tdh_buf_json_string(&buf, cases[i].text, cases[i].length);
        assert_int_equal(buf.length, 2 + 3 * cases[i].replaced);
        for (unsigned k = 0; k < cases[i].replaced; k++)
            assert_memory_equal(buf.data + 1 + 3 * k, "\xEF\xBF\xBD", 3);
        tdh_buf_free(&buf);
    }
}

/* A special character at every place of every length around the eight bytes looked at together. */
static void a_special_character_is_found_at_every_place(void **state)
{
    (void)state;
    for (size_t length = 1; length <= 20; length++)
        for (size_t at = 0; at < length; at++) {
            char text[21], want[32];
            struct tdh_buf buf = { 0 };

            memset(text, 'x', sizeof(text));
            text[at] = "\"\\\n"[at % 3];
            snprintf(want, sizeof(want), "\"%.*s\\%c%.*s\"", (int)at, text, "\"\\n"[at % 3],
                     (int)(length - at - 1), text + at + 1);
            tdh_buf_json_string(&buf, text, length);
            assert_string_equal(buf.data, want);
            tdh_buf_free(&buf);
        }
}

static void values_are_written_in_each_form(void **state)
{
    static const struct {
        unsigned flags;
        const char *want;
    } cases[] = {
        { 0, "{\"b\":[1,2.5,null],\"a\":{\"z\":true,\"k\":false},\"ab\":\"x\",\"e\":[],\"o\":{}}" },
        { TDH_JSON_SORTED,
          "{\"a\":{\"k\":false,\"z\":true},\"ab\":\"x\",\"b\":[1,2.5,null],\"e\":[],\"o\":{}}" },
        { TDH_JSON_PRETTY,
          "{\n  \"b\": [\n    1,\n    2.5,\n    null\n  ],\n  \"a\": {\n    \"z\": true,\n"
          "    \"k\": false\n  },\n  \"ab\": \"x\",\n  \"e\": [],\n  \"o\": {}\n}" },
    };
    json_t *value = json_loads(
        "{\"b\":[1,2.5,null],\"a\":{\"z\":true,\"k\":false},\"ab\":\"x\",\"e\":[],\"o\":{}}", 0,
        NULL);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = tdh_json_text(value, cases[i].flags);

        assert_string_equal(text, cases[i].want);
        free(text);
    }
    json_decref(value);
}

static json_t *nest(unsigned levels)
{
    json_t *value = json_integer(1);

    for (unsigned i = 0; i < levels; i++) {
        json_t *outer = i % 2 == 0 ? json_array() : json_object();

        if (i % 2 == 0)
            json_array_append_new(outer, value);
        else
            json_object_set_new(outer, "k", value);
        value = outer;
    }
    return value;
}

static void a_value_may_be_128_levels_deep_and_no_deeper(void **state)
{
    static const unsigned flags[] = { 0, TDH_JSON_SORTED, TDH_JSON_PRETTY };

    (void)state;
    for (size_t i = 0; i < COUNT(flags); i++) {
        json_t *fits = nest(TDH_JSON_DEPTH), *too_deep = nest(TDH_JSON_DEPTH + 1);
        char *text = tdh_json_text(fits, flags[i]);

        assert_non_null(text);
        assert_null(tdh_json_text(too_deep, flags[i]));
        free(text);
        json_decref(fits);
        json_decref(too_deep);
    }
}

static bool refer_to_long_strings(void *arg, struct tdh_buf *buf, const json_t *value)
{
    unsigned *asked = arg;

    ++*asked;
    if (json_string_length(value) < 4)
        return false;
    tdh_buf_text(buf, "{\"$ref\":1}");
    return true;
}

static void a_value_can_be_replaced_while_it_is_written(void **state)
{
    json_t *value = json_loads("[\"abc\",\"abcd\",{\"abcdef\":1},true]", 0, NULL);
    struct tdh_buf buf = { 0 };
    unsigned asked = 0;

    (void)state;
    tdh_buf_json_with(&buf, value, 0, refer_to_long_strings, &asked);
    assert_string_equal(buf.data, "[\"abc\",{\"$ref\":1},{\"abcdef\":1},true]");
    assert_int_equal(asked, 4); /* the array, two strings, the object */
    tdh_buf_free(&buf);
    json_decref(value);
}

static void pointer_steps_are_escaped(void **state)
{
    struct tdh_buf buf = { 0 };

    (void)state;
    tdh_buf_pointer(&buf, "a/b", 3);
    tdh_buf_pointer(&buf, "~", 1);
    tdh_buf_pointer(&buf, "", 0);
    assert_string_equal(buf.data, "/a~1b/~0/");
    tdh_buf_free(&buf);
}

static void no_failed_allocation_is_lost(void **state)
{
    json_t *value =
        json_loads("{\"b\":[1,2.5,null,\"\\n\\u0001 and a text that is longer than one step\"],"
                   "\"a\":{\"z\":true,\"k\":{\"n\":{\"m\":{}}}}}",
                   0, NULL);
    char *want = tdh_json_text(value, TDH_JSON_SORTED | TDH_JSON_PRETTY);
    bool has_failed = true;

    (void)state;
    for (unsigned n = 1; has_failed; n++) {
        char *text;

        alloc_fail_at(n);
        text = tdh_json_text(value, TDH_JSON_SORTED | TDH_JSON_PRETTY);
        has_failed = alloc_fail_end();
        if (has_failed)
            assert_null(text);
        else
            assert_string_equal(text, want);
        free(text);
    }
    free(want);
    json_decref(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_stand_one_behind_the_other),
        cmocka_unit_test(a_buffer_holds_what_a_thousand_appends_gave),
        cmocka_unit_test(stealing_leaves_an_empty_buffer),
        cmocka_unit_test(an_append_past_all_memory_fails_and_stays_failed),
        cmocka_unit_test(integers_print_to_their_ends),
        cmocka_unit_test(reals_print_as_people_write_them),
        cmocka_unit_test(a_locale_with_a_decimal_comma_changes_nothing),
        cmocka_unit_test(every_real_reads_back_the_same),
        cmocka_unit_test(strings_are_escaped_where_they_must_be),
        cmocka_unit_test(bytes_that_are_not_utf8_are_replaced),
        cmocka_unit_test(a_special_character_is_found_at_every_place),
        cmocka_unit_test(values_are_written_in_each_form),
        cmocka_unit_test(a_value_may_be_128_levels_deep_and_no_deeper),
        cmocka_unit_test(a_value_can_be_replaced_while_it_is_written),
        cmocka_unit_test(pointer_steps_are_escaped),
        cmocka_unit_test(no_failed_allocation_is_lost),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
