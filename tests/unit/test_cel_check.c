/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cel check: what is refused at compile time, by its exact words, and what is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cel/cel.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char schema_text[] =
    "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
    " \"name\": {\"type\": \"string\"}, \"count\": {\"type\": \"integer\"},"
    " \"price\": {\"type\": \"number\"}, \"ok\": {\"type\": \"boolean\"},"
    " \"note\": {\"type\": [\"string\", \"null\"]}, \"any\": {},"
    " \"state\": {\"enum\": [\"new\", \"paid\"]}, \"fixed\": {\"const\": 5},"
    " \"tags\": {\"type\": \"array\", \"items\": {\"type\": \"string\"}},"
    " \"owner\": {\"$ref\": \"#/$defs/person\"},"
    " \"people\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/person\"}},"
    " \"scores\": {\"type\": \"object\", \"additionalProperties\": {\"type\": \"integer\"}},"
    " \"open\": {\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"integer\"}}},"
    " \"mixed\": {\"type\": \"object\", \"additionalProperties\": false, \"anyOf\": [{}],"
    " \"properties\": {}},"
    " \"circle\": {\"$ref\": \"#/properties/circle\"}, \"outside\": {\"$ref\": \"other.json\"}},"
    " \"$defs\": {\"person\": {\"type\": \"object\", \"additionalProperties\": false,"
    " \"properties\": {\"name\": {\"type\": \"string\"}, \"age\": {\"type\": \"integer\"},"
    " \"boss\": {\"$ref\": \"#/$defs/person\"}}}}}";

static int set_up(void **state)
{
    *state = json_loads(schema_text, 0, NULL);
    return *state != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    json_decref(*state);
    return 0;
}

static const struct {
    const char *text, *want;
} refused[] = {
    /* syntax */
    { "", "1:1: expected an expression, found the end" },
    { "1 +", "1:4: expected an expression, found the end" },
    { "(1", "1:3: expected \")\", found the end" },
    { "[1, 2", "1:6: expected \"]\", found the end" },
    { "[,]", "1:2: expected an expression, found \",\"" },
    { "{'a' 1}", "1:6: expected \":\", found a number" },
    { "1 2", "1:3: expected an operator or the end, found a number" },
    { "vars.a = 1", "1:8: \"=\" is not an operator, did you mean \"==\"" },
    { "vars.a & 1", "1:8: unexpected \"&\"" },
    { "'héllo' + 'abc\n'", "1:11: string has no closing '" },
    { "'''abc", "1:1: string has no closing '''" },
    { "vars.\n  'x'", "2:3: expected a name, found a string" },
    { "vars.true", "1:6: expected a name, found \"true\"" },
    { "for", "1:1: \"for\" is a reserved word" },
    { "9223372036854775808", "1:1: 9223372036854775808 does not fit in int" },
    { "18446744073709551616u", "1:1: 18446744073709551616u does not fit in uint" },
    { "1e999", "1:1: 1e999 does not fit in double" },
    { "12ab", "1:1: a number cannot go on with \"a\"" },
    { "'\\q'", "1:2: escape sequence is none of \\a \\b \\f \\n \\r \\t \\v \\\\ \\? \\\" \\' \\` "
               "\\x \\u \\U \\000" },
    { "'ab\\x1'", "1:4: escape sequence \\x must have 2 hex digits" },
    { "'\\u12'", "1:2: escape sequence \\u must have 4 hex digits" },
    { "'\\ud800'", "1:2: escape sequence is not a Unicode character" },
    { "'\\U00110000'", "1:2: escape sequence is not a Unicode character" },
    { "b'\\u0041'", "1:3: escape sequence \\u and \\U are for strings, not for bytes" },
    { "'\\400'", "1:2: escape sequence must be three octal digits from 000 to 377" },
    { "vars.`a b", "1:6: a name in backticks has letters, digits, \"_\", \".\", \"-\", \"/\" and "
                   "blanks only" },
    { "Msg{a: 1}", "1:1: variable \"Msg\" is not known" },
    { "vars{a: 1}", "1:5: messages cannot be made: there are no message types" },
    { "-true ? 1 : 2", "1:1: \"-\" cannot be applied to bool" },
    { "true ? 1", "1:9: expected \":\", found the end" },
    /* names */
    { "inptu.name", "1:1: variable \"inptu\" is not known, did you mean \"input\"" },
    { "nobody", "1:1: variable \"nobody\" is not known" },
    { "vars.x.exists(i, j == 1)", "1:18: variable \"j\" is not known" },
    { "siez(vars)", "1:1: function \"siez\" is not known, did you mean \"size\"" },
    { "vars.startWith('a')",
      "1:6: function \"startWith\" is not known, did you mean \"startsWith\"" },
    { "vars.exist(v, true)", "1:6: function \"exist\" is not known, did you mean \"exists\"" },
    { "math.cell(1.0)", "1:1: function \"math.cell\" is not known, did you mean \"math.ceil\"" },
    { "input.nmae", "1:7: field \"nmae\" is not known, did you mean \"name\"" },
    { "input['nmae']", "1:7: field \"nmae\" is not known, did you mean \"name\"" },
    { "input.?nmae", "1:8: field \"nmae\" is not known, did you mean \"name\"" },
    { "has(input.nmae)", "1:11: field \"nmae\" is not known, did you mean \"name\"" },
    { "input.owner.boss.agee", "1:18: field \"agee\" is not known, did you mean \"age\"" },
    { "input.people[0].nam", "1:17: field \"nam\" is not known, did you mean \"name\"" },
    { "input.people.all(p, p.agge > 1)",
      "1:23: field \"agge\" is not known, did you mean \"age\"" },
    { "input.people.filter(p, true)[0].x", "1:33: field \"x\" is not known" },
    /* calls */
    { "size()", "1:1: function \"size\" takes 1 argument, not 0" },
    { "size(1, 2)", "1:1: function \"size\" takes 1 argument, not 2" },
    { "'a'.indexOf()", "1:5: function \"indexOf\" takes 1 or 2 arguments, not 0" },
    { "math.greatest()", "1:1: function \"math.greatest\" takes 1 or more arguments, not 0" },
    { "size(5)", "1:1: \"size\" cannot be applied to int" },
    { "size(input.count)", "1:1: \"size\" cannot be applied to int" },
    { "'a'.indexOf(1)", "1:5: \"indexOf\" cannot be applied to string and int" },
    { "input.tags.startsWith('a')", "1:12: \"startsWith\" cannot be applied to list and string" },
    { "input.name.matches('(a')",
      "1:20: pattern \"(a\" cannot be used: missing closing parenthesis at "
      "byte 3" },
    { "math.ceil(1)", "1:1: \"math.ceil\" cannot be applied to int" },
    { "has(input)", "1:5: \"has\" wants a field, such as has(x.name)" },
    { "has((input.ok ? input.owner.name : input.name))",
      "1:5: \"has\" wants a field, such as has(x.name)" },
    { "input.tags.all(1, true)",
      "1:16: \"all\" wants the name of a variable here, found a number" },
    { "input.tags.all(t)", "1:17: expected \",\", found \")\"" },
    { "input.tags.all(i, i, true)", "1:19: \"all\" names two variables \"i\"" },
    { "input.count.all(t, true)", "1:13: \"all\" wants list or map here, not int" },
    { "input.tags.filter(t, t)", "1:22: \"filter\" wants bool here, not string" },
    { "input.tags.map(t, t, t)", "1:19: \"map\" wants bool here, not string" },
    { "input.name.orValue('')", "1:12: \"orValue\" wants optional_type here, not string" },
    /* types */
    { "1 + 'a'", "1:3: \"+\" cannot be applied to int and string" },
    { "1 + 1.5", "1:3: \"+\" cannot be applied to int and double" },
    { "1 == 'a'", "1:3: \"==\" cannot be applied to int and string" },
    { "1 < 'a'", "1:3: \"<\" cannot be applied to int and string" },
    { "true && 1", "1:6: \"&&\" cannot be applied to bool and int" },
    { "!1", "1:1: \"!\" cannot be applied to int" },
    { "1 ? 2 : 3", "1:3: \"?:\" cannot be applied to int" },
    { "null < null", "1:6: \"<\" cannot be applied to null_type and null_type" },
    { "1 in 'abc'", "1:3: \"in\" cannot be applied to int and string" },
    { "[1]['a']", "1:5: \"[]\" cannot be applied to list and string" },
    { "[1, 2].name", "1:8: list has no field \"name\"" },
    { "[?1]", "1:3: \"?\" cannot be applied to int" },
    { "input.count == 'x'", "1:13: \"==\" cannot be applied to int and string" },
    { "input.state == 5", "1:13: \"==\" cannot be applied to string and int" },
    { "input.note > 5", "1:12: \">\" cannot be applied to null_type or string and int" },
    { "input.fixed + ''", "1:13: \"+\" cannot be applied to int and string" },
    { "input.tags[0] + 1", "1:15: \"+\" cannot be applied to string and int" },
    { "input.scores.x + ''", "1:16: \"+\" cannot be applied to int and string" },
    { "input.name.first", "1:12: string has no field \"first\"" },
    { "size(input.tags) + ''", "1:18: \"+\" cannot be applied to int and string" },
    { "[1, 2].map(x, x + 'a')", "1:17: \"+\" cannot be applied to int and string" },
    { "cel.bind(x, 1, x + 'a')", "1:18: \"+\" cannot be applied to int and string" },
};

static struct tdh_cel *compile(const json_t *schema, const char *text, const json_t *want,
                               struct td_err *err)
{
    const struct tdh_cel_root roots[] = { { "input", schema },
                                          { "vars", NULL },
                                          { "result", NULL } };
    const struct tdh_cel_options options = { .roots = roots,
                                             .root_count = COUNT(roots),
                                             .want = want };

    return tdh_cel_compile(text, &options, err);
}

static void what_can_never_work_is_refused_in_these_words(void **state)
{
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct td_err err = { 0 };

        if (compile(*state, refused[i].text, NULL, &err) != NULL)
            fail_msg("%s: want %s, got no error", refused[i].text, refused[i].want);
        if (strcmp(err.text, refused[i].want) != 0)
            fail_msg("%s: want %s, got %s", refused[i].text, refused[i].want, err.text);
        assert_int_equal(err.code, TD_E_INVAL);
    }
}

static const char *const accepted[] = {
    "input.name == 'x' && input.count < 3 && input.price > 1 && input.price * 2.0 > 1.0",
    "input.note == null || input.note.startsWith('a')",
    "input.name == null",
    "input.any.x.y[1] + 1 == 2",
    "input.state == 'new' || input.state in ['paid']",
    "input.open.b + input.open.a == 1",
    "input.mixed.anything == 1",
    "input.circle.x == 1 && input.outside.y == 'a'",
    "input.people.exists(p, p.boss.boss.age > 1)",
    "input.scores.map(k, k + '!') == ['a!']",
    "input.scores.all(k, v, k != '' && v > 0)",
    "input.scores['anything'] + 1 > 0",
    "(input.ok ? input.name : input.count) == 1",
    "vars.a.b.c[result] == vars['x'] + result",
    "[1, 'a', 2.0].exists(x, x == 'a')",
    "1 == 1.0 && 1u < 2 && 1.5 > 1u",
    "dyn(1) == 'a'",
    "input.tags.all(t, i, t == 0 && i == 'a')",
    "optional.of(1).optMap(x, x + 1).orValue(5) == 2",
    "input.?owner.name.orValue('') == ''",
    "'x'.format([]) == 'x'",
    ".input.ok",
    "input . owner . name == ''",
    "type(input.ok) == bool && type(vars) == google.protobuf.Timestamp",
    "input.ok ? 1 : input.count > 1 ? 2 : 3",
    "[1, 2,] == [1, 2] && {'a': 1,} != {}",
};

static void what_may_work_is_accepted(void **state)
{
    for (size_t i = 0; i < COUNT(accepted); i++) {
        struct td_err err = { 0 };
        struct tdh_cel *cel = compile(*state, accepted[i], NULL, &err);

        if (cel == NULL)
            fail_msg("%s: %s", accepted[i], err.text);
        tdh_cel_free(cel);
    }
}

static const struct {
    const char *text, *want, *error; /* NULL: fits */
} results[] = {
    { "input.ok", "{\"type\": \"boolean\"}", NULL },
    { "vars.x", "{\"type\": \"boolean\"}", NULL },
    { "input.name", "{\"type\": \"boolean\"}",
      "1:1: result is string, which does not fit boolean" },
    { "input.note", "{\"enum\": [1, 2]}",
      "1:1: result is null_type or string, which does not fit its schema" },
    { "1 + 1", "{\"type\": \"number\"}", NULL },
    { "1.5", "{\"type\": \"integer\"}", "1:1: result is double, which does not fit integer" },
    { "duration('1s')", "{\"type\": \"string\"}", NULL },
    { "5u", "{\"type\": \"integer\"}", NULL },
    { "[1]", "{\"type\": [\"object\", \"null\"]}",
      "1:1: result is list, which does not fit its schema" },
    { "optional.none()", "{\"type\": \"string\"}", NULL },
};

static void a_result_is_held_against_its_schema(void **state)
{
    for (size_t i = 0; i < COUNT(results); i++) {
        struct td_err err = { 0 };
        json_t *want = json_loads(results[i].want, 0, NULL);
        struct tdh_cel *cel = compile(*state, results[i].text, want, &err);

        if (results[i].error == NULL)
            assert_non_null(cel);
        else
            assert_string_equal(err.text, results[i].error);
        tdh_cel_free(cel);
        json_decref(want);
    }
}

static void what_is_no_text_is_refused(void **state)
{
    struct td_err err;
    char *text = malloc(TDH_CEL_TEXT + 2);

    (void)state;
    memset(text, ' ', TDH_CEL_TEXT + 1);
    text[TDH_CEL_TEXT + 1] = '\0';
    assert_null(tdh_cel_compile(text, NULL, &err));
    assert_string_equal(err.text, "expression is 65537 bytes long, at most 65536 are allowed");
    assert_int_equal(err.code, TD_E_LIMIT);
    assert_null(tdh_cel_compile("'\xff'", NULL, &err));
    assert_string_equal(err.text, "expression is not UTF-8");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_never_work_is_refused_in_these_words),
        cmocka_unit_test(what_may_work_is_accepted),
        cmocka_unit_test(a_result_is_held_against_its_schema),
        cmocka_unit_test(what_is_no_text_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
