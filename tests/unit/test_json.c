/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json: reading texts under the host's rules, and walking values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "alloc_fail.h"
#include "base/buf.h"
#include "base/json.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void what_is_read_is_written_the_same(void **state)
{
    static const char *const cases[] = {
        "null",
        "true",
        "-7",
        "1.5",
        "\"a\\u0000b\"",
        "[]",
        "[[1]]",
        "{}",
        "{\"a\":1}",
        "[\"[\",\"\\\"]\"]",
        "{\"\":{\"a\":[{}]}}",
        "9223372036854775807",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct td_err err = { 0 };
        json_t *value = tdh_json_parse(cases[i], strlen(cases[i]), "test", &err);
        char *text = tdh_json_text(value, 0);

        assert_non_null(value);
        assert_string_equal(text, cases[i]);
        free(text);
        json_decref(value);
    }
}

static void each_refusal_names_its_place(void **state)
{
    static const struct {
        const char *text;
        enum td_code code;
        const char *want;
    } cases[] = {
        { "", TD_E_INVAL, "body:1:1: the text is empty, expected a JSON value" },
        { " \n\t", TD_E_INVAL, "body:1:1: the text is empty, expected a JSON value" },
        { "\xEF\xBB\xBF{}", TD_E_INVAL,
          "body:1:1: begins with a byte order mark, JSON does not allow one" },
        { "{\"a\":1,\"a\":2}", TD_E_INVAL, "body:1:10: duplicate object key near '\"a\"'" },
        { "{\"a\":1,\n  \"b\" 2}", TD_E_INVAL, "body:2:7: ':' expected near '2'" },
        { "[1,]", TD_E_INVAL, "body:1:4: unexpected token near ']'" },
        { "[1", TD_E_INVAL, "body:1:2: ']' expected near end of file" },
        { "1 2", TD_E_INVAL, "body:1:3: end of file expected near '2'" },
        { "nul", TD_E_INVAL, "body:1:3: invalid token near 'nul'" },
        { "\"a\nb\"", TD_E_INVAL, "body:1:2: unexpected newline near '\"a'" },
        { "\"a", TD_E_INVAL, "body:1:2: premature end of input near '\"a'" },
        { "\"\\ud800\"", TD_E_INVAL, "body:1:8: invalid Unicode '\\uD800' near '\"\\ud800\"'" },
        { "\"\x80\"", TD_E_INVAL, "body:1:1: unable to decode byte 0x80 near '\"'" },
        { "1e400", TD_E_INVAL, "body:1:5: real number overflow near '1e400'" },
        { "9223372036854775808", TD_E_INVAL,
          "body:1:19: too big integer near '9223372036854775808'" },
        { "01", TD_E_INVAL, "body:1:1: invalid token near '0'" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct td_err err = { 0 };

        assert_null(tdh_json_parse(cases[i].text, strlen(cases[i].text), "body", &err));
        assert_string_equal(err.text, cases[i].want);
        assert_int_equal(err.code, cases[i].code);
    }
}

/* `levels` brackets, closed again when the text is to be right. */
static char *nest(unsigned levels, const char *before)
{
    size_t lead = strlen(before);
    char *text = malloc(lead + 2 * levels + 1);

    memcpy(text, before, lead);
    memset(text + lead, '[', levels);
    memset(text + lead + levels, ']', levels);
    text[lead + 2 * levels] = '\0';
    return text;
}

static void depth_is_bounded_before_parsing(void **state)
{
    struct td_err err = { 0 };
    char *fits = nest(TDH_JSON_DEPTH, ""), *deep = nest(TDH_JSON_DEPTH + 1, "\n\n ");
    char *deeper = nest(1000000, "{\"a\":");
    json_t *value = tdh_json_parse(fits, strlen(fits), "x", &err);

    (void)state;
    assert_non_null(value);
    assert_null(tdh_json_parse(deep, strlen(deep), "x", &err));
    assert_string_equal(err.text, "x:3:130: more than 128 levels deep");
    assert_int_equal(err.code, TD_E_LIMIT);
    assert_null(tdh_json_parse(deeper, strlen(deeper), "x", &err));
    assert_int_equal(err.code, TD_E_LIMIT);
    json_decref(value);
    free(fits);
    free(deep);
    free(deeper);
}

static void brackets_in_strings_are_no_levels(void **state)
{
    struct td_err err = { 0 };
    char text[600] = "[\"\\\\\\\"";
    json_t *value;

    (void)state;
    memset(text + strlen(text), '[', 500);
    strcpy(text + strlen(text), "\"]");
    value = tdh_json_parse(text, strlen(text), "x", &err);
    assert_non_null(value);
    json_decref(value);
}

static void a_string_that_never_ends_is_no_trap(void **state)
{
    static const char *const cases[] = { "\"", "\"\\", "[\"\\\"", "{\"" };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct td_err err = { 0 };

        assert_null(tdh_json_parse(cases[i], strlen(cases[i]), "x", &err));
        assert_int_equal(err.code, TD_E_INVAL);
    }
}

static void pointers_find_what_they_name(void **state)
{
    static const struct {
        const char *pointer, *want;
    } cases[] = {
        { "", NULL }, /* the root: compared below */
        { "/a/b/0", "1" },
        { "/a/b/1/c", "\"x\"" },
        { "/a~1b", "2" },
        { "/m~0n", "3" },
        { "/", "4" },
        { "/ ", "5" },
        { "/~01", "6" },
        { "/a/b/2", "<none>" },
        { "/a/b/-", "<none>" },
        { "/a/b/00", "<none>" },
        { "/a/b/99999999999999999999999", "<none>" },
        { "/a/b/0/c", "<none>" },
        { "/a/c", "<none>" },
        { "a", "<none>" },
        { "/a/b/", "<none>" },
    };
    json_t *root = json_loads(
        "{\"a\":{\"b\":[1,{\"c\":\"x\"}]},\"a/b\":2,\"m~n\":3,\"\":4,\" \":5,\"~1\":6}", 0, NULL);

    (void)state;
    assert_ptr_equal(tdh_json_at(root, ""), root);
    for (size_t i = 1; i < COUNT(cases); i++) {
        json_t *value = tdh_json_at(root, cases[i].pointer);
        char *text = value != NULL ? tdh_json_text(value, 0) : strdup("<none>");

        assert_string_equal(text, cases[i].want);
        free(text);
    }
    assert_null(tdh_json_at(NULL, ""));
    json_decref(root);
}

static void a_long_key_is_found_by_its_pointer_too(void **state)
{
    char key[400];
    struct tdh_buf pointer = { 0 };
    json_t *root = json_object();

    (void)state;
    memset(key, 'k', sizeof(key) - 1);
    key[sizeof(key) - 1] = '\0';
    key[7] = '/';
    json_object_set_new(root, "other", json_false());
    json_object_set_new(root, key, json_true());
    tdh_buf_pointer(&pointer, key, strlen(key));
    assert_true(json_is_true(tdh_json_at(root, pointer.data)));
    pointer.data[pointer.length - 1] = 'x';
    assert_null(tdh_json_at(root, pointer.data));
    tdh_buf_free(&pointer);
    json_decref(root);
}

static void members_and_type_names_are_told(void **state)
{
    static const char *const names[] = { "null",   "boolean", "boolean", "integer",
                                         "number", "string",  "array",   "object" };
    json_t *values = json_loads("[null,true,false,1,1.5,\"s\",[],{\"k\":\"v\",\"n\":1}]", 0, NULL);
    const json_t *object = json_array_get(values, 7);

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        assert_string_equal(tdh_json_type_name(json_array_get(values, i)), names[i]);
    assert_string_equal(tdh_json_str(object, "k", "f"), "v");
    assert_string_equal(tdh_json_str(object, "n", "f"), "f");
    assert_string_equal(tdh_json_str(NULL, "k", "f"), "f");
    assert_null(tdh_json_str(object, "missing", NULL));
    json_decref(values);
}

static void what_cannot_be_written_is_told(void **state)
{
    json_t *fine =
        json_pack("{s:[s, i], s:s}", "a", "b\303\251\355\225\234 and more text", 5, "c", "");
    json_t *text = json_pack("[{s:o}]", "a", json_stringn_nocheck("plain text, then \377\376", 19));
    json_t *key = json_object(), *deep = json_array();

    (void)state;
    json_object_set_new_nocheck(key, "\xc0\x80", json_true());
    for (int i = 0; i < TDH_JSON_DEPTH; i++)
        deep = json_pack("[o]", deep);
    assert_null(tdh_json_fault(fine));
    assert_null(tdh_json_fault(json_array_get(deep, 0)));
    assert_string_equal(tdh_json_fault(text), "holds a text that is not UTF-8");
    assert_string_equal(tdh_json_fault(key), "has a key that is not UTF-8");
    assert_string_equal(tdh_json_fault(deep), "nests deeper than 128");
    json_decref(fine);
    json_decref(text);
    json_decref(key);
    json_decref(deep);
}

static void no_failed_allocation_is_lost(void **state)
{
    static const char text[] =
        "{\"a\":[1,2.5,\"x\",{\"b\":null}],\"c\":\"\\u00e9\","
        "\"d\":\"a text of more than the sixteen bytes jansson begins with\"}";
    bool has_failed = true;

    (void)state;
    for (unsigned n = 1; has_failed; n++) {
        struct td_err err = { 0 };
        json_t *value;

        alloc_fail_at(n);
        value = tdh_json_parse(text, strlen(text), "x", &err);
        has_failed = alloc_fail_end();
        assert_true(has_failed == (value == NULL));
        if (has_failed) {
            assert_string_equal(err.text, "x: could not allocate the JSON value");
        }
        json_decref(value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_is_written_the_same),
        cmocka_unit_test(each_refusal_names_its_place),
        cmocka_unit_test(depth_is_bounded_before_parsing),
        cmocka_unit_test(brackets_in_strings_are_no_levels),
        cmocka_unit_test(a_string_that_never_ends_is_no_trap),
        cmocka_unit_test(pointers_find_what_they_name),
        cmocka_unit_test(a_long_key_is_found_by_its_pointer_too),
        cmocka_unit_test(members_and_type_names_are_told),
        cmocka_unit_test(what_cannot_be_written_is_told),
        cmocka_unit_test(no_failed_allocation_is_lost),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
