/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_make: a document of another notation has the places of that notation, and the rules of YAML.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/yaml_make.h"

static struct tdh_place at(unsigned line, unsigned column)
{
    return (struct tdh_place){ line, column };
}

/* {first: [word, "text"], ...members, last: value}; NULL: refused. */
static struct tdh_yaml *make(const char *members, const char *value, struct td_err *err)
{
    struct tdh_yaml_builder *out = tdh_yaml_make_new("t", err);

    if (tdh_yaml_make_map(out, at(1, 1), err) == 0 &&
        tdh_yaml_make_text(out, "first", at(2, 3), err) == 0 &&
        tdh_yaml_make_list(out, at(2, 10), err) == 0 &&
        tdh_yaml_make_word(out, "12", at(2, 11), err) == 0 &&
        tdh_yaml_make_text(out, "12", at(2, 15), err) == 0 && tdh_yaml_make_end(out, err) == 0 &&
        tdh_yaml_make_members(out, members, strlen(members), at(3, 1), err) == 0 &&
        tdh_yaml_make_text(out, "last", at(9, 5), err) == 0 &&
        tdh_yaml_make_value(out, value, strlen(value), at(9, 11), err) == 0 &&
        tdh_yaml_make_end(out, err) == 0)
        return tdh_yaml_make_done(out);
    tdh_yaml_make_free(out);
    return NULL;
}

static void values_have_their_places(void **state)
{
    static const struct {
        const char *pointer;
        unsigned line, column, key_line, key_column;
    } rows[] = {
        { "", 1, 1, 1, 1 },          { "/first", 2, 10, 2, 3 },     { "/first/1", 2, 15, 2, 15 },
        { "/a", 3, 6, 3, 3 },        { "/b/c", 5, 8, 5, 5 },        { "/last", 9, 11, 9, 5 },
        { "/last/x", 9, 15, 9, 12 }, { "/last/y/0", 10, 6, 10, 6 },
    };
    struct td_err err;
    struct tdh_yaml *yaml = make("  a: 1\n  b:\n    c: 2\n", "{x: 1,\n y: [2]}", &err);
    char *text;

    (void)state;
    assert_non_null(yaml);
    text = json_dumps(yaml->root, 0);
    assert_string_equal(
        text, "{\"first\": [12, \"12\"], \"a\": 1, \"b\": {\"c\": 2}, \"last\": {\"x\": 1, "
              "\"y\": [2]}}");
    free(text);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tdh_place place = tdh_yaml_place(yaml, rows[i].pointer),
                         key_place = tdh_yaml_key_place(yaml, rows[i].pointer);

        assert_int_equal(place.line, rows[i].line);
        assert_int_equal(place.column, rows[i].column);
        assert_int_equal(key_place.line, rows[i].key_line);
        assert_int_equal(key_place.column, rows[i].key_column);
    }
    tdh_yaml_free(yaml);
}

static void what_is_wrong_has_its_place(void **state)
{
    static const struct {
        const char *members, *value, *want;
    } rows[] = {
        { "  a: 1\n  first: 2", "1",
          "t:4:3: key \"first\" stands twice, first in line 2, column 3" },
        { "  a: 1", "{b: 1, b: 2}", "t:9:18: key \"b\" stands twice, first in line 9, column 12" },
        { "  a: 1", "[}", "t:9:12: expected a value" },
        { "  a: 1\n b: 2", "1", "t:4:2: did not find expected <document start>" },
        { "  a: 1\n\tb: 2", "1",
          "t:4:1: found a tab character that violates indentation in what began in line 3, column "
          "6" },
        { "  a: \x01", "1", "t:3:6: control characters are not allowed (0x01)" },
        { "  a: 1", "\x01", "t:9:11: control characters are not allowed (0x01)" },
        { "  a: 1\n...\n---\nb: 2", "1", "t:5:1: a document cannot begin here" },
        { "  [a]", "1", "t:3:1: expected a key, \":\" and a value" },
        { "  a", "1", "t:3:1: expected a key, \":\" and a value" },
        { "  # a", "1", "t:3:1: expected a value" },
        { "  !!map\n  a: 1", "1", "t:3:1: expected a key, \":\" and a value" },
        { "  a: 1", "", "t:9:11: expected a value" },
        { "  a: 1", "*x", "t:9:11: alias \"x\" has no anchor before it" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct td_err err;
        struct tdh_yaml *yaml = make(rows[i].members, rows[i].value, &err);

        if (yaml != NULL)
            fail_msg("%s and %s are taken", rows[i].members, rows[i].value);
        assert_string_equal(err.text, rows[i].want);
        assert_int_equal(err.code, TD_E_INVAL);
    }
}

static void an_anchor_holds_to_the_end(void **state)
{
    struct td_err err;
    struct tdh_yaml *yaml = make("a: &x [1]", "*x", &err);

    (void)state;
    assert_non_null(yaml);
    assert_true(json_equal(json_object_get(yaml->root, "last"), json_object_get(yaml->root, "a")));
    tdh_yaml_free(yaml);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_have_their_places),
        cmocka_unit_test(what_is_wrong_has_its_place),
        cmocka_unit_test(an_anchor_holds_to_the_end),
    };

    return cmocka_run_group_tests_name("yaml_make", tests, NULL, NULL);
}
