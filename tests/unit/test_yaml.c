/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml: what texts mean, where their values stand, and how each refusal reads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "alloc_fail.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/yaml.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const struct {
    const char *yaml, *json;
} meanings[] = {
    /* null */
    { "~", "null" },
    { "null", "null" },
    { "Null", "null" },
    { "NULL", "null" },
    { "a:", "{\"a\":null}" },
    { "[a, ]", "[\"a\"]" },
    { "nULL", "\"nULL\"" },
    { "''", "\"\"" },
    { "---", "null" },
    /* booleans, and the words of YAML 1.1 that are none */
    { "[true, True, TRUE, false, False, FALSE]", "[true,true,true,false,false,false]" },
    { "[yes, no, on, off, y, n, tRUE]", "[\"yes\",\"no\",\"on\",\"off\",\"y\",\"n\",\"tRUE\"]" },
    /* integers */
    { "[0, -0, +12, 017, 0o17, 0x1F, 0xaf]", "[0,0,12,17,15,31,175]" },
    { "[9223372036854775807, -9223372036854775808]", "[9223372036854775807,-9223372036854775808]" },
    { "[1_000, 1:30, 0b1, 0o8, 0x, -0x1, +, '-']",
      "[\"1_000\",\"1:30\",\"0b1\",\"0o8\",\"0x\",\"-0x1\",\"+\",\"-\"]" },
    /* floats */
    { "[1.5, -.5, +.5, 1., 1e3, 1.5E-2, 0.1]", "[1.5,-0.5,0.5,1.0,1000.0,0.015,0.1]" },
    { "[., .e1, 1e, 1.2.3, e5, ..5, 1e+, -.]",
      "[\".\",\".e1\",\"1e\",\"1.2.3\",\"e5\",\"..5\",\"1e+\",\"-.\"]" },
    { "[12345678901234567890.0]", "[1.2345678901234567e+19]" },
    /* strings */
    { "['1', \"true\", 'null', \"~\"]", "[\"1\",\"true\",\"null\",\"~\"]" },
    { "a: |\n  x\n  y\nb: >\n  x\n  y\n", "{\"a\":\"x\\ny\\n\",\"b\":\"x y\\n\"}" },
    { "\"\\u00e9\\x41\\0\\/\"", "\"\xC3\xA9"
                                "A\\u0000/\"" },
    { "a: b # c", "{\"a\":\"b\"}" },
    { "\xEF\xBB\xBF"
      "a: 1",
      "{\"a\":1}" },
    /* collections */
    { "a: {b: [1, {c: 2}]}\nd:\n- e\n- - f\n",
      "{\"a\":{\"b\":[1,{\"c\":2}]},\"d\":[\"e\",[\"f\"]]}" },
    { "{\"a\":1,\"b\":[true,null,\"x\"]}", "{\"a\":1,\"b\":[true,null,\"x\"]}" },
    /* keys are text */
    { "1: a\nno: b\nnull: c\n1.0: d\n~: e",
      "{\"1\":\"a\",\"no\":\"b\",\"null\":\"c\",\"1.0\":\"d\",\"~\":\"e\"}" },
    { "? a\n: b\n? c", "{\"a\":\"b\",\"c\":null}" },
    { "'<<': 1", "{\"<<\":1}" },
    { "\"\": x", "{\"\":\"x\"}" },
    /* tags */
    { "[!!str 1, !!str, !!int '7', !!float 1, !!bool 'true', !!null '', ! 1]",
      "[\"1\",\"\",7,1.0,true,null,\"1\"]" },
    { "!!map {a: !!seq [!!int 0x10]}", "{\"a\":[16]}" },
    { "!!str a: 1", "{\"a\":1}" },
    /* anchors */
    { "a: &x [1, {b: 2}]\nc: *x\nd: [*x]",
      "{\"a\":[1,{\"b\":2}],\"c\":[1,{\"b\":2}],\"d\":[[1,{\"b\":2}]]}" },
    { "[&x 1, *x, &x 2, *x]", "[1,1,2,2]" },
    { "&k 0x10: *k", "{\"0x10\":16}" },
    { "a: &k 1\n*k : 2", "{\"a\":1,\"1\":2}" },
    { "a: &e\nb: *e", "{\"a\":null,\"b\":null}" },
    { "%YAML 1.2\n---\na: 1\n...\n", "{\"a\":1}" },
};

static void texts_mean_what_the_core_schema_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(meanings); i++) {
        struct td_err err = { 0 };
        struct tdh_yaml *yaml =
            tdh_yaml_parse(meanings[i].yaml, strlen(meanings[i].yaml), "x", &err);
        char *text;

        assert_string_equal(err.text, "");
        text = tdh_json_text(yaml->root, 0);
        assert_string_equal(text, meanings[i].json);
        free(text);
        tdh_yaml_free(yaml);
    }
}

static const struct {
    const char *yaml;
    enum td_code code;
    const char *want;
} refusals[] = {
    { "", TD_E_INVAL, "f.yaml:1:1: the text is empty, expected a YAML document" },
    { "# only a comment\n", TD_E_INVAL, "f.yaml:1:1: the text is empty, expected a YAML document" },
    { "a: 1\n---\nb: 2\n", TD_E_INVAL, "f.yaml:2:1: another document begins here, 1 allowed" },
    { "a: 1\nb: 2\na: 3\n", TD_E_INVAL,
      "f.yaml:3:1: key \"a\" stands twice, first in line 1, column 1" },
    { "x: {k/~: 1, 'k/~': 2}", TD_E_INVAL,
      "f.yaml:1:13: key \"k/~\" stands twice, first in line 1, column 5" },
    { "1: a\n'1': b", TD_E_INVAL, "f.yaml:2:1: key \"1\" stands twice, first in line 1, column 1" },
    { "a: &x {b: 1}\nc:\n  <<: *x\n", TD_E_INVAL,
      "f.yaml:3:3: merge keys (<<) are not part of YAML 1.2, write the members out" },
    { "[a, b]: c", TD_E_INVAL, "f.yaml:1:1: a key must be a scalar, this is a sequence" },
    { "? {a: b}\n: c", TD_E_INVAL, "f.yaml:1:3: a key must be a scalar, this is a mapping" },
    { "a: &x [1]\n*x : 2", TD_E_INVAL,
      "f.yaml:2:1: a key must be a scalar, alias \"x\" is a collection" },
    { "\"a\\0b\": 1", TD_E_INVAL, "f.yaml:1:1: a key cannot hold a NUL character" },
    { "a: *x", TD_E_INVAL, "f.yaml:1:4: alias \"x\" has no anchor before it" },
    { "&x [*x]", TD_E_INVAL, "f.yaml:1:5: alias \"x\" stands inside its own anchor" },
    { "a: 9223372036854775808", TD_E_INVAL,
      "f.yaml:1:4: integer 9223372036854775808 is not in -9223372036854775808 to "
      "9223372036854775807" },
    { "a: 0x8000000000000000", TD_E_INVAL,
      "f.yaml:1:4: integer 0x8000000000000000 is not in -9223372036854775808 to "
      "9223372036854775807" },
    { "a: .inf", TD_E_INVAL, "f.yaml:1:4: .inf is not a number in JSON" },
    { "a: -.INF", TD_E_INVAL, "f.yaml:1:4: -.INF is not a number in JSON" },
    { "a: .NaN", TD_E_INVAL, "f.yaml:1:4: .NaN is not a number in JSON" },
    { "a: 1e400", TD_E_INVAL, "f.yaml:1:4: number 1e400 is too large for a double" },
    { "a: !!int x", TD_E_INVAL, "f.yaml:1:4: \"x\" is not of its tag's type !!int" },
    { "a: !!bool 1", TD_E_INVAL, "f.yaml:1:4: \"1\" is not of its tag's type !!bool" },
    { "a: !!binary eA==", TD_E_INVAL,
      "f.yaml:1:4: tag \"!!binary\" cannot stand here, allowed: !!str !!int !!float !!bool "
      "!!null" },
    { "a: !mine x", TD_E_INVAL,
      "f.yaml:1:4: tag \"!mine\" cannot stand here, allowed: !!str !!int !!float !!bool !!null" },
    { "a: !!set {b}", TD_E_INVAL, "f.yaml:1:4: tag \"!!set\" cannot stand here, allowed: !!map" },
    { "a: !!map [b]", TD_E_INVAL, "f.yaml:1:4: tag \"!!map\" cannot stand here, allowed: !!seq" },
    { "!mine a: x", TD_E_INVAL,
      "f.yaml:1:1: tag \"!mine\" cannot stand here, allowed: !!str !!int !!float !!bool !!null" },
    { "a:\n\t- b", TD_E_INVAL, "f.yaml:2:1: a tab cannot indent, use spaces" },
    { "a: @b", TD_E_INVAL, "f.yaml:1:4: \"@\" cannot begin a value, put it in quotes" },
    { "a: b: c", TD_E_INVAL,
      "f.yaml:1:5: \":\" cannot stand here: keys of one map begin in one column, a text with \": "
      "\" needs quotes" },
    { "a: 1\n  b: 2", TD_E_INVAL,
      "f.yaml:2:4: \":\" cannot stand here: keys of one map begin in one column, a text with \": "
      "\" needs quotes" },
    { "a: \"b", TD_E_INVAL, "f.yaml:1:4: the quote that begins here is not closed" },
    { "a: [1, 2", TD_E_INVAL,
      "f.yaml:2:1: expected \",\" or \"]\" of the list that began in line 1, column 4" },
    { "a:\n - b\nc", TD_E_INVAL, "f.yaml:3:1: a key needs \": \" behind it" },
    { "a: 가\nb: {c: ${d}}", TD_E_INVAL, "f.yaml:2:8: an expression needs quotes: \"${...}\"" },
    { "a: \xFF", TD_E_INVAL, "f.yaml:1:4: invalid leading UTF-8 octet (0xFF)" },
    { "a:\n  b\xC3(", TD_E_INVAL, "f.yaml:2:5: invalid trailing UTF-8 octet (0x28)" },
    { "a: \x01", TD_E_INVAL, "f.yaml:1:4: control characters are not allowed (0x01)" },
};

static void each_refusal_reads_as_it_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refusals); i++) {
        struct td_err err = { 0 };

        assert_null(tdh_yaml_parse(refusals[i].yaml, strlen(refusals[i].yaml), "f.yaml", &err));
        assert_string_equal(err.text, refusals[i].want);
        assert_int_equal(err.code, refusals[i].code);
    }
}

static void utf16_is_not_taken_for_text(void **state)
{
    struct td_err err = { 0 };

    (void)state;
    assert_null(tdh_yaml_parse("\xFF\xFE"
                               "a\0:\0 \0"
                               "1\0",
                               10, "x", &err));
    assert_string_equal(err.text, "x:1:1: invalid leading UTF-8 octet (0xFF)");
}

/* Opens `levels` flow sequences. */
static struct tdh_yaml *parse_nested(unsigned levels, struct td_err *err)
{
    struct tdh_buf buf = { 0 };
    struct tdh_yaml *yaml;

    for (unsigned i = 0; i < levels; i++)
        tdh_buf_char(&buf, '[');
    for (unsigned i = 0; i < levels; i++)
        tdh_buf_char(&buf, ']');
    yaml = tdh_yaml_parse(buf.data, buf.length, "x", err);
    tdh_buf_free(&buf);
    return yaml;
}

static void depth_is_bounded(void **state)
{
    struct td_err err = { 0 };
    struct tdh_yaml *yaml = parse_nested(TDH_JSON_DEPTH, &err);

    (void)state;
    assert_non_null(yaml);
    tdh_yaml_free(yaml);
    assert_null(parse_nested(TDH_JSON_DEPTH + 1, &err));
    assert_string_equal(err.text, "x:1:129: more than 128 levels deep");
    assert_int_equal(err.code, TD_E_LIMIT);
    assert_null(parse_nested(200000, &err));
    assert_int_equal(err.code, TD_E_LIMIT);
}

static void aliases_cannot_go_deeper_than_texts(void **state)
{
    struct tdh_buf buf = { 0 };
    struct td_err err = { 0 };

    (void)state;
    tdh_buf_text(&buf, "- &a0 [[]]\n"); /* 2 levels; each next line adds one */
    for (int i = 1; i < 130; i++)
        tdh_buf_printf(&buf, "- &a%d [*a%d]\n", i, i - 1);
    assert_null(tdh_yaml_parse(buf.data, buf.length, "x", &err));
    assert_string_equal(err.text, "x:127:10: more than 128 levels deep, aliases expanded");
    assert_int_equal(err.code, TD_E_LIMIT);
    tdh_buf_free(&buf);
}

static void a_billion_laughs_are_refused(void **state)
{
    static const char text[] =
        "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
        "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
        "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
    struct td_err err = { 0 };

    (void)state;
    assert_null(tdh_yaml_parse(text, strlen(text), "x", &err));
    assert_string_equal(err.text, "x:6:8: more than 200000 values, aliases expanded");
    assert_int_equal(err.code, TD_E_LIMIT);
}

static void one_long_text_many_times_is_refused(void **state)
{
    struct tdh_buf buf = { 0 };
    struct td_err err = { 0 };

    (void)state;
    tdh_buf_printf(&buf, "- &a %0100000d'\n", 1);
    for (int i = 0; i < 200; i++)
        tdh_buf_text(&buf, "- *a\n");
    assert_null(tdh_yaml_parse(buf.data, buf.length, "x", &err));
    assert_string_equal(err.text, "x:168:3: more than 16777216 bytes of text, aliases expanded");
    assert_int_equal(err.code, TD_E_LIMIT);
    tdh_buf_free(&buf);
}

static void a_text_over_the_limit_is_not_looked_at(void **state)
{
    struct td_err err = { 0 };

    (void)state;
    assert_null(tdh_yaml_parse("a", TDH_YAML_BYTES + 1, "x", &err));
    assert_string_equal(err.text, "x: is 4194305 bytes, the most is 4194304");
    assert_int_equal(err.code, TD_E_LIMIT);
}

static const char placed[] = "name: sena\n"                  /* 1 */
                             "a/b: {m~n: [10, 20], '': 1}\n" /* 2 */
                             "list:\n"                       /* 3 */
                             "  - one\n"                     /* 4 */
                             "  - &t two: 2\n"               /* 5 */
                             "    three: !!str x\n"          /* 6 */
                             "again: *t\n";                  /* 7 */

static const struct {
    const char *pointer;
    unsigned line, column, key_line, key_column;
} places[] = {
    { "", 1, 1, 1, 1 },
    { "/name", 1, 7, 1, 1 },
    { "/a~1b", 2, 6, 2, 1 },
    { "/a~1b/m~0n", 2, 12, 2, 7 },
    { "/a~1b/m~0n/0", 2, 13, 2, 13 },
    { "/a~1b/m~0n/1", 2, 17, 2, 17 },
    { "/a~1b/", 2, 26, 2, 22 },
    { "/list", 4, 3, 3, 1 },
    { "/list/0", 4, 5, 4, 5 },
    { "/list/1", 5, 5, 5, 5 },
    { "/list/1/three", 6, 12, 6, 5 },
    { "/again", 7, 8, 7, 1 },
    { "/again/three", 7, 8, 7, 8 }, /* what an alias stands for has the alias's place */
    { "/name/x/y", 1, 7, 1, 7 },    /* not there: the nearest parent's */
    { "/missing", 1, 1, 1, 1 },
    { "/list/01", 4, 3, 4, 3 },
    { "/list/7", 4, 3, 4, 3 },
    { "name", 1, 1, 1, 1 },
};

static void values_and_keys_know_their_places(void **state)
{
    struct td_err err = { 0 };
    struct tdh_yaml *yaml = tdh_yaml_parse(placed, strlen(placed), "x", &err);

    (void)state;
    assert_non_null(yaml);
    for (size_t i = 0; i < COUNT(places); i++) {
        struct tdh_place value = tdh_yaml_place(yaml, places[i].pointer);
        struct tdh_place key = tdh_yaml_key_place(yaml, places[i].pointer);

        assert_int_equal(value.line * 1000 + value.column,
                         places[i].line * 1000 + places[i].column);
        assert_int_equal(key.line * 1000 + key.column,
                         places[i].key_line * 1000 + places[i].key_column);
    }
    tdh_yaml_free(yaml);
}

static void places_are_found_without_memory_too(void **state)
{
    struct td_err err = { 0 };
    struct tdh_yaml *yaml = tdh_yaml_parse(placed, strlen(placed), "x", &err);
    struct tdh_place place;

    (void)state;
    alloc_fail_at(1); /* the index */
    place = tdh_yaml_place(yaml, "/list/1");
    assert_true(alloc_fail_end());
    assert_int_equal(place.line, 5);
    tdh_yaml_free(yaml);
}

static void every_one_of_many_places_is_found(void **state)
{
    struct tdh_buf buf = { 0 };
    struct td_err err = { 0 };
    struct tdh_yaml *yaml;

    (void)state;
    for (int i = 0; i < 1000; i++)
        tdh_buf_printf(&buf, "k%d: {a: 1, b: [2]}\n", i);
    yaml = tdh_yaml_parse(buf.data, buf.length, "x", &err);
    for (unsigned i = 0; i < 1000; i++) {
        char pointer[32];

        snprintf(pointer, sizeof(pointer), "/k%u/b/0", i);
        assert_int_equal(tdh_yaml_place(yaml, pointer).line, i + 1);
        snprintf(pointer, sizeof(pointer), "/k%u/c", i);
        assert_int_equal(tdh_yaml_place(yaml, pointer).line, i + 1);
    }
    tdh_yaml_free(yaml);
    tdh_buf_free(&buf);
}

static void a_failure_names_file_line_and_column(void **state)
{
    struct td_err err = { 0 };
    struct tdh_yaml *yaml = tdh_yaml_parse(placed, strlen(placed), "conf/x.yaml", &err);

    (void)state;
    assert_int_equal(
        tdh_yaml_fail(yaml, "/list/1/three", &err, TD_E_CONFIG, "\"%s\" is %d", "three", 3), -1);
    assert_string_equal(err.text, "conf/x.yaml:6:12: \"three\" is 3");
    assert_int_equal(err.code, TD_E_CONFIG);
    assert_int_equal(tdh_yaml_fail(yaml, "/name", &err, TD_E_CONFIG, "again: %s", err.text), -1);
    assert_string_equal(err.text, "conf/x.yaml:1:7: again: conf/x.yaml:6:12: \"three\" is 3");
    tdh_yaml_free(yaml);
}

static void all_documents_are_read(void **state)
{
    static const struct {
        const char *yaml;
        size_t count;
        const char *last;
    } cases[] = {
        { "", 0, NULL },
        { "# nothing\n", 0, NULL },
        { "a: 1", 1, "{\"a\":1}" },
        { "--- 1\n--- [2]\n---\n", 3, "null" },
        { "&a 1\n---\nb: 2\n...\n", 2, "{\"b\":2}" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct td_err err = { 0 };
        size_t count = 99;
        struct tdh_yaml **all =
            tdh_yaml_parse_all(cases[i].yaml, strlen(cases[i].yaml), "x", &count, &err);

        assert_non_null(all);
        assert_int_equal(count, cases[i].count);
        for (size_t k = 0; k < count; k++) {
            char *text = tdh_json_text(all[k]->root, 0);

            if (k + 1 == count)
                assert_string_equal(text, cases[i].last);
            free(text);
            tdh_yaml_free(all[k]);
        }
        free(all);
    }
}

static void documents_keep_their_anchors_to_themselves(void **state)
{
    static const char text[] = "&a 1\n---\n*a\n";
    struct td_err err = { 0 };
    size_t count;

    (void)state;
    assert_null(tdh_yaml_parse_all(text, strlen(text), "x", &count, &err));
    assert_string_equal(err.text, "x:3:1: alias \"a\" has no anchor before it");
}

static void documents_are_counted(void **state)
{
    struct tdh_buf buf = { 0 };
    struct td_err err = { 0 };
    size_t count;

    (void)state;
    for (unsigned i = 0; i <= TDH_YAML_DOCUMENTS; i++)
        tdh_buf_text(&buf, "--- 1\n");
    assert_null(tdh_yaml_parse_all(buf.data, buf.length, "x", &count, &err));
    assert_string_equal(err.text, "x:65:1: another document begins here, 64 allowed");
    assert_int_equal(err.code, TD_E_LIMIT);
    tdh_buf_free(&buf);
}

static void files_are_read_and_missing_ones_named(void **state)
{
    struct td_err err = { 0 };
    struct tdh_yaml *yaml;
    char path[] = "/tmp/test_yaml.XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(tdh_file_write(path, placed, strlen(placed), 0600, &err), 0);
    yaml = tdh_yaml_read(path, &err);
    assert_string_equal(yaml->name, path);
    assert_string_equal(tdh_json_str(yaml->root, "name", ""), "sena");
    tdh_yaml_free(yaml);
    unlink(path);
    assert_null(tdh_yaml_read("/nonexistent/x.yaml", &err));
    assert_string_equal(err.text,
                        "could not open \"/nonexistent/x.yaml\": No such file or directory");
    assert_int_equal(err.code, TD_E_NOTFOUND);
}

static void no_failed_allocation_is_lost(void **state)
{
    static const char text[] = "a: &x [1, two, 3.5, ~, true, {b: \"c\"}]\nd: *x\n&k e: {*k : g}\n";
    bool has_failed = true;
    unsigned n;

    (void)state;
    for (n = 1; has_failed; n++) {
        struct td_err err = { 0 };
        struct tdh_yaml *yaml;

        alloc_fail_at(n);
        yaml = tdh_yaml_parse(text, strlen(text), "x", &err);
        has_failed = alloc_fail_end();
        assert_true(has_failed == (yaml == NULL));
        assert_int_equal(err.code, has_failed ? TD_E_NOMEM : TD_OK);
        tdh_yaml_free(yaml);
    }
    assert_true(n > 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_mean_what_the_core_schema_says),
        cmocka_unit_test(each_refusal_reads_as_it_should),
        cmocka_unit_test(utf16_is_not_taken_for_text),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(aliases_cannot_go_deeper_than_texts),
        cmocka_unit_test(a_billion_laughs_are_refused),
        cmocka_unit_test(one_long_text_many_times_is_refused),
        cmocka_unit_test(a_text_over_the_limit_is_not_looked_at),
        cmocka_unit_test(values_and_keys_know_their_places),
        cmocka_unit_test(places_are_found_without_memory_too),
        cmocka_unit_test(every_one_of_many_places_is_found),
        cmocka_unit_test(a_failure_names_file_line_and_column),
        cmocka_unit_test(all_documents_are_read),
        cmocka_unit_test(documents_keep_their_anchors_to_themselves),
        cmocka_unit_test(documents_are_counted),
        cmocka_unit_test(files_are_read_and_missing_ones_named),
        cmocka_unit_test(no_failed_allocation_is_lost),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
