/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_write: values as YAML that people read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/yaml.h"
#include "base/yaml_write.h"

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

static const struct {
    const char *json, *yaml;
} rows[] = {
    { "{}", "{}\n" },
    { "[1, null, true, -0.5, 1e20]", "[1, null, true, -0.5, 1e+20]\n" },
    { "{\"a\": {\"b\": [], \"c\": {}}}", "a: {b: [], c: {}}\n" },
    { "{\"id\": \"greet-all\", \"n\": 3}", "id: greet-all\nn: 3\n" },
    /* texts: without quotes where that is the same text and reads well */
    { "{\"a\": \"Says back what it is told\"}", "a: Says back what it is told\n" },
    { "{\"a\": \"one, two: three\", \"b\": \"one:two, it's\"}",
      "a: \"one, two: three\"\nb: one:two, it's\n" },
    { "{\"a\": \"\\uc548\\ub155\"}", "a: \xEC\x95\x88\xEB\x85\x95\n" },
    { "{\"a\": \"\", \"b\": \"true\", \"c\": \"12\", \"d\": \"1.0.0\", \"e\": \"0x1F\", \"f\": "
      "\"~\", \"g\": \"3d\"}",
      "a: \"\"\nb: \"true\"\nc: \"12\"\nd: 1.0.0\ne: \"0x1F\"\nf: \"~\"\ng: 3d\n" },
    { "{\"a\": \"- x\", \"b\": \"x \", \"c\": \"#x\", \"d\": \"x #y\", \"e\": \"${vars.x}\", "
      "\"f\": \"x:\"}",
      "a: \"- x\"\nb: \"x \"\nc: \"#x\"\nd: \"x #y\"\ne: \"${vars.x}\"\nf: \"x:\"\n" },
    { "{\"a\": \"say \\\"x\\\"\", \"b\": \"it's \\\"x\\\"\", \"c\": \"a\\\\b\"}",
      "a: 'say \"x\"'\nb: 'it''s \"x\"'\nc: 'a\\b'\n" },
    { "{\"a\": \"x\\ty\", \"b\": \"\\u0000\\u007f\\u0085\\u2028\\ufeff\\uffff\"}",
      "a: \"x\\ty\"\nb: \"\\u0000\\u007f\\u0085\\u2028\\ufeff\\uffff\"\n" },
    { "{\"true\": 1, \"a b\": 2, \"\": 3, \"<<\": 4, \"a: b\": 5, \"7\": 6}",
      "\"true\": 1\na b: 2\n\"\": 3\n\"<<\": 4\n\"a: b\": 5\n\"7\": 6\n" },
    { "{\"" SIXTY SIXTY SIXTY "\": {\"b\": 1}}", "? \"" SIXTY SIXTY SIXTY "\"\n: {b: 1}\n" },
    { "{\"a\": {\"x" SIXTY SIXTY SIXTY "\": {\"b\": 1}, \"c\": 2}}",
      "a:\n  ? x" SIXTY SIXTY SIXTY "\n  : {b: 1}\n  c: 2\n" },
    { "[{\"x" SIXTY SIXTY SIXTY "\": 1}]", "[{? x" SIXTY SIXTY SIXTY ": 1}]\n" },
    /* texts of several lines */
    { "{\"a\": \"one\\n  two\\n\\nthree\\n\", \"b\": \"one\\ntwo\"}",
      "a: |\n  one\n    two\n\n  three\nb: |-\n  one\n  two\n" },
    { "{\"a\": [{\"b\": \"one\\ntwo\"}, \"x\\ny\"]}",
      "a:\n  - b: |-\n      one\n      two\n  - |-\n    x\n    y\n" },
    { "{\"a\": \"one\\n\\n\", \"b\": \" one\\ntwo\", \"c\": \"one \\ntwo\", \"d\": \"one\\n\"}",
      "a: \"one\\n\\n\"\nb: \" one\\ntwo\"\nc: \"one \\ntwo\"\nd: \"one\\n\"\n" },
    /* what does not fit on a line */
    { "{\"a\": [\"" SIXTY "\", \"b\", {\"c\": \"" SIXTY "\", \"d\": 1}, {\"e\": 2}]}",
      "a:\n  - \"" SIXTY "\"\n  - b\n  - {c: \"" SIXTY "\", d: 1}\n  - {e: 2}\n" },
    { "{\"a\": [[\"" SIXTY "x\", \"" SIXTY "x\"]]}",
      "a:\n  -\n    - " SIXTY "x\n    - " SIXTY "x\n" },
    { "{\"a\": {\"b\": {\"c\": \"" SIXTY "x\", \"d\": \"" SIXTY "x\"}}}",
      "a:\n  b:\n    c: " SIXTY "x\n    d: " SIXTY "x\n" },
};

static void values_are_written_as_people_write_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tdh_buf buf = { 0 };
        struct tdh_yaml *again;
        struct td_err err;
        json_t *value = tdh_json_parse(rows[i].json, strlen(rows[i].json), "row", &err);

        assert_non_null(value);
        tdh_yaml_write(&buf, value, 0);
        assert_false(buf.failed);
        assert_string_equal(buf.data, rows[i].yaml);
        again = tdh_yaml_parse(buf.data, buf.length, "again", &err);
        if (again == NULL || !json_equal(again->root, value))
            fail_msg("%s reads as another value", buf.data);
        tdh_yaml_free(again);
        json_decref(value);
        tdh_buf_free(&buf);
    }
}

static json_t *nest(unsigned levels)
{
    json_t *value = json_integer(1);

    while (levels-- > 0)
        value = json_pack("[o, s]", value, SIXTY);
    return value;
}

static void depth_is_bounded(void **state)
{
    json_t *deep = json_pack("{s:o}", "a", nest(TDH_JSON_DEPTH - 1)),
           *deeper = json_pack("{s:o}", "a", nest(TDH_JSON_DEPTH + 2));
    struct tdh_buf buf = { 0 };

    (void)state;
    tdh_yaml_write(&buf, deep, 0);
    assert_false(buf.failed);
    tdh_buf_clear(&buf);
    tdh_yaml_write(&buf, deeper, 0);
    assert_true(buf.failed);
    tdh_buf_free(&buf);
    json_decref(deep);
    json_decref(deeper);
}

static void a_line_that_is_too_long_leaves_nothing(void **state)
{
    json_t *value = json_pack("[s, s]", "one", "\xEC\x95\x88\xEB\x85\x95");
    struct tdh_buf buf = { 0 };

    (void)state;
    tdh_buf_text(&buf, "x ");
    assert_false(tdh_yaml_write_line(&buf, value, 8));
    assert_string_equal(buf.data, "x ");
    assert_true(tdh_yaml_write_line(&buf, value, 9)); /* columns, not bytes */
    assert_string_equal(buf.data, "x [one, \xEC\x95\x88\xEB\x85\x95]");
    tdh_buf_free(&buf);
    json_decref(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_written_as_people_write_them),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(a_line_that_is_too_long_leaves_nothing),
    };

    return cmocka_run_group_tests_name("yaml_write", tests, NULL, NULL);
}
