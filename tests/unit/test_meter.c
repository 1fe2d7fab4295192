/* SPDX-License-Identifier: Apache-2.0 */
/*
 * meter: amounts by name are exact, bounded, and read back as they were written.
 */
#include "base/meter.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h> /* needs what stands above */

#include "base/json.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void amounts_are_printed_as_they_are_written(void **state)
{
    static const struct {
        double number;
        const char *text; /* NULL: it is none */
    } rows[] = {
        { 0, "0" },
        { 1, "1" },
        { 2.48, "2.48" },
        { 0.1, "0.1" },
        { 0.000001, "0.000001" },
        { 50000, "50000" },
        { 100, "100" },
        { 0.0000004, "0" },
        { 9007199254, "9007199254" },
        { 9007199255, NULL },
        { -0.000001, NULL },
        { -1, NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t amount = tdh_amount_of(rows[i].number);
        char text[TDH_AMOUNT_TEXT];

        assert_int_equal(amount < 0, rows[i].text == NULL);
        if (amount >= 0)
            assert_string_equal(tdh_amount_print(amount, text), rows[i].text);
    }
    assert_true(tdh_amount_of((double)NAN) < 0);
}

static void tenths_add_up(void **state)
{
    struct tdh_meters meters = { 0 };

    (void)state;
    for (int i = 0; i < 10; i++)
        assert_true(tdh_meters_add(&meters, "cost", tdh_amount_of(0.1)));
    assert_int_equal(tdh_meters_get(&meters, "cost"), TDH_METER_UNIT);
    assert_int_equal(tdh_meters_get(&meters, "tokens"), 0);
    assert_true(tdh_meters_add(&meters, "cost", TDH_AMOUNT_MAX));
    assert_int_equal(tdh_meters_get(&meters, "cost"), TDH_AMOUNT_MAX);
}

static void there_is_room_for_nine(void **state)
{
    struct tdh_meters meters = { 0 };
    char name[] = "a";

    (void)state;
    for (; name[0] <= 'i'; name[0]++)
        assert_true(tdh_meters_add(&meters, name, 1));
    assert_false(tdh_meters_add(&meters, "j", 1));
    assert_true(tdh_meters_add(&meters, "i", 1));
}

static void names_are_small_words(void **state)
{
    static const struct {
        const char *name;
        bool is_name;
    } rows[] = {
        { "tokens", true },
        { "t", true },
        { "gpu_s2", true },
        { "", false },
        { "2s", false },
        { "_a", false },
        { "Tokens", false },
        { "a-b", false },
        { "a b", false },
        { "abcdefghijklmnopqrstuvwxyzabcde", true },
        { "abcdefghijklmnopqrstuvwxyzabcdef", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(tdh_meter_is_name(rows[i].name), rows[i].is_name);
}

static json_t *parse(const char *text)
{
    struct td_err err;
    json_t *value = tdh_json_parse(text, strlen(text), "a test", &err);

    assert_non_null(value);
    return value;
}

static void what_is_no_map_of_numbers_is_named(void **state)
{
    static const struct {
        const char *text, *key, *want;
    } rows[] = {
        { "3", NULL, "must be a map of meters to numbers, such as {tokens: 500}" },
        { "{\"cost\":\"1\"}", "cost", "must be a number from 0 to 9007199254" },
        { "{\"cost\":-1}", "cost", "must be a number from 0 to 9007199254" },
        { "{\"a b\":1}", "a b",
          "must be a small letter, then small letters, digits and \"_\", at most 31" },
        { "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1}", NULL,
          "must not have more than 8 meters besides \"calls\"" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        json_t *value = parse(rows[i].text);
        struct tdh_meter_fault fault;
        struct tdh_meters meters;

        assert_false(tdh_meters_read(value, &meters, &fault));
        assert_string_equal(fault.text, rows[i].want);
        assert_string_equal(fault.key != NULL ? fault.key : "", rows[i].key ? rows[i].key : "");
        json_decref(value);
    }
}

static void journals_have_whole_millionths(void **state)
{
    static const struct {
        const char *text;
        bool is_read;
    } rows[] = {
        { "{}", true },
        { "{\"cost\":2480000}", true },
        { "{\"cost\":2.5}", false },
        { "{\"cost\":-1}", false },
        { "{\"cost\":9007199254740992}", false },
        { "{\"\":1}", false },
        { "[]", false },
    };
    struct tdh_meters meters;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        json_t *value = parse(rows[i].text);

        assert_int_equal(tdh_meters_parse(value, &meters), rows[i].is_read);
        json_decref(value);
    }
    assert_false(tdh_meters_parse(NULL, &meters));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_printed_as_they_are_written),
        cmocka_unit_test(tenths_add_up),
        cmocka_unit_test(there_is_room_for_nine),
        cmocka_unit_test(names_are_small_words),
        cmocka_unit_test(what_is_no_map_of_numbers_is_named),
        cmocka_unit_test(journals_have_whole_millionths),
    };

    return cmocka_run_group_tests_name("meter", tests, NULL, NULL);
}
