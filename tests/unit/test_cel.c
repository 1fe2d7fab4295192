/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cel: expressions over JSON roots, what comes out as JSON, conditions, and the errors of a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cel/cel.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char input_text[] =
    "{\"name\": \"Ann\", \"count\": 3, \"price\": 1.5, \"big\": 9007199254740993, \"none\": null,"
    " \"ok\": true, \"tags\": [\"a\", \"b\"], \"people\": [{\"name\": \"Bo\", \"age\": 40},"
    " {\"name\": \"Cy\", \"age\": 17}], \"nul\": \"a\\u0000b\", \"map\": {\"x\": 1, \"y\": 2}}";

static const struct tdh_cel_root roots[] = { { .name = "input" },
                                             { .name = "gone" },
                                             { .name = "now" } };

struct fixture {
    struct tdh_arena arena;
    json_t *values[COUNT(roots)];
    struct tdh_cel_env env;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture.values[0] = json_loads(input_text, JSON_ALLOW_NUL, NULL);
    fixture.values[2] = json_string("2026-11-21T10:00:00Z");
    fixture.env = (struct tdh_cel_env){ (const json_t *const *)fixture.values, COUNT(roots) };
    assert_non_null(fixture.values[0]);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    json_decref(fixture->values[0]);
    json_decref(fixture->values[2]);
    tdh_arena_free(&fixture->arena);
    return 0;
}

static struct tdh_cel *compile(const char *text, bool is_unchecked)
{
    const struct tdh_cel_options options = { .roots = roots,
                                             .root_count = COUNT(roots),
                                             .is_unchecked = is_unchecked };
    struct td_err err;
    struct tdh_cel *cel = tdh_cel_compile(text, &options, &err);

    if (cel == NULL)
        fail_msg("%s: %s", text, err.text);
    return cel;
}

static json_t *evaluate(struct fixture *fixture, const char *text, struct td_err *err)
{
    struct tdh_cel *cel = compile(text, false);
    json_t *value = tdh_cel_eval(cel, &fixture->env, &fixture->arena, err);

    tdh_cel_free(cel);
    tdh_arena_reset(&fixture->arena);
    return value;
}

static const struct {
    const char *text, *want; /* JSON */
} values[] = {
    { "input.name", "\"Ann\"" },
    { "input.count + 1", "4" },
    { "input.price * 2.0", "3.0" },
    { "input.big + 1", "9007199254740994" },
    { "input.none", "null" },
    { "input.tags", "[\"a\", \"b\"]" },
    { "input.tags + ['c']", "[\"a\", \"b\", \"c\"]" },
    { "input['map']", "{\"x\": 1, \"y\": 2}" },
    { "input.people.filter(p, p.age >= 18).map(p, p.name)", "[\"Bo\"]" },
    { "input.people.map(p, p.age < 18, p.name.upperAscii())", "[\"CY\"]" },
    { "input.map.transformMap(k, v, v * 10)", "{\"x\": 10, \"y\": 20}" },
    { "input.map.transformMapEntry(k, v, {k + k: v})", "{\"xx\": 1, \"yy\": 2}" },
    { "input.map.map(k, k)", "[\"x\", \"y\"]" },
    { "input.people.transformList(i, p, i)", "[0, 1]" },
    { "{'who': input.name, 'n': size(input.tags)}", "{\"who\": \"Ann\", \"n\": 2}" },
    { "{1: 'a', true: 'b', 2u: 'c'}", "{\"1\": \"a\", \"true\": \"b\", \"2\": \"c\"}" },
    { "size(input.nul)", "3" },
    { "input.nul + '!'", "\"a\\u0000b!\"" },
    { "b'\\x00\\xffabc'", "\"AP9hYmM=\"" },
    { "base64.decode('AP9hYmM') == b'\\x00\\xffabc'", "true" },
    { "duration('90m') + duration('1500ms')", "\"5401.5s\"" },
    { "timestamp(now) + duration('24h')", "\"2026-11-22T10:00:00Z\"" },
    { "timestamp(now) - timestamp('2026-11-20T10:00:00.25Z')", "\"86399.75s\"" },
    { "timestamp(now).getHours('Asia/Seoul')", "19" },
    { "timestamp('2040-07-01T00:00:00Z').getHours('Europe/Paris')", "2" },
    { "timestamp('2040-12-01T00:00:00Z').getHours('Europe/Paris')", "1" },
    { "timestamp('1900-01-01T00:00:00Z').getMinutes('-00:30')", "30" },
    { "type(1)", "\"int\"" },
    { "5u", "5" },
    { "optional.none()", "null" },
    { "optional.of({'a': input.tags})", "{\"a\": [\"a\", \"b\"]}" },
    { "input.?missing.orValue('none')", "\"none\"" },
    { "input.?name.or(optional.of(1 / 0)).value()", "\"Ann\"" },
    { "input.?name.orValue(1 / 0)", "\"Ann\"" },
    { "input.?map.?x.optMap(x, x + 1)", "2" },
    { "input.tags[?7].hasValue()", "false" },
    { "has(input.name) && !has(input.nothing)", "true" },
    { "has(input.?map.y)", "true" },
    { "cel.bind(t, input.tags, t + t)", "[\"a\", \"b\", \"a\", \"b\"]" },
    { "cel.bind(a, 1, cel.bind(b, a + 1, [a, b, a + b]))", "[1, 2, 3]" },
    { "[1, 2].map(x, [3, 4].map(y, x * y))", "[[3, 4], [6, 8]]" },
    { "input.count > 2 ? 'many' : input.count == 0 ? 'none' : 'few'", "\"many\"" },
    { "input.missing == 1 || input.count == 3", "true" },
    { "input.count == 4 && input.missing == 1", "false" },
    { "'%s has %d, %.2f'.format([input.name, input.count, input.price])", "\"Ann has 3, 1.50\"" },
    { "'%s'.format([{'b': [1, 2.5, b'x'], 'a': null}])", "\"{a: null, b: [1, 2.5, x]}\"" },
    { "string(1e21) + ' ' + string(123456789.0) + ' ' + string(1e-7)",
      "\"1e+21 123456789 1e-07\"" },
    { "string(0.1 + 0.2)", "\"0.30000000000000004\"" },
    { "'a,b,,c'.split(',')", "[\"a\", \"b\", \"\", \"c\"]" },
    { "'héllo'.split('')", "[\"h\", \"é\", \"l\", \"l\", \"o\"]" },
    { "'aaa'.replace('', '-')", "\"-a-a-a-\"" },
    { "input.name.matches('^A.*n$')", "true" },
    { "'a\\nb'.matches('^b$')", "false" },
    { "'a\\nb'.matches('(?m)^b$')", "true" },
    { "'2026-11'.matches(r'^\\d{4}-\\d{2}$')", "true" },
    { "'abc'.matches(input.ok ? 'b.$' : '[')", "true" },
    { "math.greatest(1, 2.5, 2u)", "2.5" },
    { "1 in [1.0, 2.0] && 'x' in input.map && !(7 in input.map)", "true" },
    { "'\\uD83D\\uDE00' == '😀'", "true" },
    { "// a comment\n1 + // another\n1", "2" },
    { "\"\"\"a\n\"b\" \"\"\"", "\"a\\n\\\"b\\\" \"" },
};

static void values_come_out_as_json(void **state)
{
    struct td_err err;

    for (size_t i = 0; i < COUNT(values); i++) {
        json_t *want = json_loads(values[i].want, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        json_t *value = evaluate(*state, values[i].text, &err);

        if (value == NULL || !json_equal(want, value))
            fail_msg("%s: want %s, got %s", values[i].text, values[i].want,
                     value != NULL ? json_dumps(value, JSON_ENCODE_ANY) : err.text);
        json_decref(value);
        json_decref(want);
    }
}

static void a_value_of_the_environment_is_not_copied(void **state)
{
    struct fixture *fixture = *state;
    struct td_err err;
    json_t *value = evaluate(fixture, "input.people", &err);

    assert_ptr_equal(value, json_object_get(fixture->values[0], "people"));
    json_decref(value);
}

static const struct {
    const char *text, *want;
} errors[] = {
    { "input.nme", "1:7: no such key \"nme\"" },
    { "1 +\n  input.tags[2].size()", "2:14: index 2 is not in the list" },
    { "input.tags['a']", "1:12: \"[]\" cannot be applied to list and string" },
    { "input.tags[0.5]", "1:12: 0.5 is not a whole number, so no index of a list" },
    { "gone.x", "1:1: variable \"gone\" has no value in this run" },
    { "input.count + input.price", "1:13: \"+\" cannot be applied to int and double" },
    { "input.count / 0", "1:13: division by zero" },
    { "9223372036854775807 + input.count", "1:21: result does not fit in int" },
    { "input.name.x", "1:12: a value \"Ann\" has no fields" },
    { "input.tags.x", "1:12: a value of type list has no fields" },
    { "input.name.all(c, true)", "1:12: a value \"Ann\" has no elements to go through" },
    { "input.tags.all(t, t)", "1:12: \"all\" cannot be applied to string" },
    { "input.name ? 1 : 2", "1:12: a condition cannot be \"Ann\"" },
    { "input.count && true", "1:13: \"&&\" cannot be applied to int and bool" },
    { "input.tags.map(t, t, t)", "1:19: a condition cannot be \"a\"" },
    { "size(input.count)", "1:1: \"size\" cannot be applied to int" },
    { "int(input.name)", "1:1: \"Ann\" cannot be an int" },
    { "timestamp(input.name)",
      "1:1: \"Ann\" is not a timestamp of RFC 3339 in the years 1 to 9999" },
    { "duration('5')", "1:1: \"5\" is not a duration such as \"1h30m\" or \"1.5s\"" },
    { "timestamp(now).getHours('Europe/Nowhere')",
      "1:16: time zone \"Europe/Nowhere\" is not known" },
    { "timestamp(now).getHours('../../etc/passwd')",
      "1:16: time zone \"../../etc/passwd\" is not known" },
    { "timestamp(now).getHours('America')", "1:16: time zone \"America\" is not known" },
    { "{'Ann': 1, input.name: 2}", "1:1: map has key \"Ann\" twice" },
    { "{input.price: 2}", "1:1: a map key cannot be 1.5" },
    { "{input.price * 2.0: 2}", "1:1: a map key cannot be 3.0" },
    { "input.name.matches('[' + input.name)",
      "1:12: \"[Ann\" is not a pattern that \"matches\" can use" },
    { "[?input.name]", "1:3: \"?\" cannot be applied to string" },
    { "optional.none().value()", "1:17: optional.none() has no value" },
    { "input.tags.exists(t, t == 'zz' || input.missing)", "1:41: no such key \"missing\"" },
    { "'%d'.format([input.name])", "1:6: \"%d\" cannot be applied to string" },
    { "'%d %d'.format([1])", "1:9: format wants more than 1 values" },
    { "18446744073709551615u",
      "result 18446744073709551615u does not fit in an integer of JSON here" },
    { "0.0 / 0.0", "result is NaN, which JSON does not have" },
    { "[1.0 / 0.0]", "result is infinite, which JSON does not have" },
    { "{input.nul: 1}", "result has a key with NUL in it, which is not allowed in JSON here" },
    { "{1: 1, '1': 2}", "result has two keys that are \"1\" in JSON" },
};

static void errors_of_a_run_tell_their_place(void **state)
{
    for (size_t i = 0; i < COUNT(errors); i++) {
        struct td_err err = { 0 };

        assert_null(evaluate(*state, errors[i].text, &err));
        if (strcmp(err.text, errors[i].want) != 0)
            fail_msg("%s: want %s, got %s", errors[i].text, errors[i].want, err.text);
        assert_int_equal(err.code, TD_E_INVAL);
    }
}

static const struct {
    const char *text;
    int want;          /* 0, 1, or -1 */
    const char *words; /* of the error */
} conditions[] = {
    { "input.count == 3", 1, NULL },
    { "input.ok && !has(input.x)", 1, NULL },
    { "input.people.exists_one(p, p.age < 18)", 1, NULL },
    { "input.name == 'Bob'", 0, NULL },
    { "input.count == 'three'", 0, NULL },
    { "input.name", -1, "condition gives string, must give bool" },
    { "input.missing", -1, "1:7: no such key \"missing\"" },
};

static void a_condition_is_a_bool(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(conditions); i++) {
        struct tdh_cel *cel = compile(conditions[i].text, false);
        struct td_err err;
        bool value = false;
        int rc = tdh_cel_eval_bool(cel, &fixture->env, &fixture->arena, &value, &err);

        assert_int_equal(rc == 0 ? value : -1, conditions[i].want);
        if (rc != 0)
            assert_string_equal(err.text, conditions[i].words);
        tdh_cel_free(cel);
    }
}

static void roots_that_are_read_are_told(void **state)
{
    struct tdh_cel *cel = compile("now == '' || [1].exists(gone, gone == 1)", false);

    (void)state;
    assert_int_equal(tdh_cel_reads(cel), 4);
    assert_string_equal(tdh_cel_text(cel), "now == '' || [1].exists(gone, gone == 1)");
    tdh_cel_free(cel);
    cel = compile("1 + 1", false);
    assert_int_equal(tdh_cel_reads(cel), 0);
    tdh_cel_free(cel);
    tdh_cel_free(NULL);
}

static void without_checks_an_unknown_name_is_an_error_of_the_run(void **state)
{
    struct fixture *fixture = *state;
    struct tdh_cel *cel = compile("nobody || siez(1) || x.y() || true", true);
    struct td_err err;
    json_t *value = tdh_cel_eval(cel, &fixture->env, &fixture->arena, &err);

    assert_true(json_is_true(value));
    tdh_cel_free(cel);
    cel = compile("false || siez(1)", true);
    assert_null(tdh_cel_eval(cel, &fixture->env, &fixture->arena, &err));
    assert_string_equal(err.text, "1:10: no function takes this call of \"siez\"");
    tdh_cel_free(cel);
}

static const struct {
    const char *text, *typed_roots, *want;
} typed[] = {
    { "input", "{\"input\": {\"uint\": \"18446744073709551615\"}}",
      "{\"uint\": \"18446744073709551615\"}" },
    { "input + duration('1s')", "{\"input\": {\"timestamp\": \"2026-01-01T00:00:00Z\"}}",
      "{\"timestamp\": \"2026-01-01T00:00:01Z\"}" },
    { "input[b'x' == b'x']",
      "{\"input\": {\"map\": [[{\"bool\": true}, {\"bytes_hex\": \"00fF\"}]]}}",
      "{\"bytes_hex\": \"00ff\"}" },
    { "[input, type(input)]", "{\"input\": {\"optional\": [{\"null\": null}]}}",
      "{\"list\": [{\"optional\": [{\"null\": null}]}, {\"type\": \"optional_type\"}]}" },
    { "-input", "{\"input\": {\"double\": \"inf\"}}", "{\"double\": \"-inf\"}" },
    { "input", "{\"input\": {\"duration\": \"-1.5s\"}}", "{\"duration\": \"-1.5s\"}" },
    { "input", "{}", "1:1: variable \"input\" has no value in this run" },
    { "input", "{\"input\": 5}",
      "variable \"input\": a typed value must be an object of one member, such as {\"int\": 1}" },
    { "input", "{\"input\": {\"int\": \"1\"}}",
      "variable \"input\": typed value \"int\" has no such tag, or a value that does not fit it" },
    { "input", "{\"input\": {\"list\": 1}}",
      "variable \"input\": typed value \"list\" has no such tag, or a value that does not fit it" },
    { "input",
      "{\"input\": {\"map\": [[{\"int\": 1}, {\"int\": 1}], [{\"uint\": \"1\"}, {\"int\": 1}]]}}",
      "variable \"input\": entry 2 of a \"map\" has a key twice or one of a wrong type" },
};

static void typed_values_keep_their_types(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT(typed); i++) {
        struct tdh_cel *cel = compile(typed[i].text, true);
        json_t *typed_roots = json_loads(typed[i].typed_roots, 0, NULL);
        struct td_err err;
        json_t *value = tdh_cel_eval_typed(cel, typed_roots, &fixture->arena, &err);
        json_t *want = json_loads(typed[i].want, 0, NULL);

        if (value == NULL)
            assert_string_equal(err.text, typed[i].want);
        else
            assert_true(json_equal(value, want));
        json_decref(want);
        json_decref(value);
        json_decref(typed_roots);
        tdh_cel_free(cel);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_out_as_json),
        cmocka_unit_test(a_value_of_the_environment_is_not_copied),
        cmocka_unit_test(errors_of_a_run_tell_their_place),
        cmocka_unit_test(a_condition_is_a_bool),
        cmocka_unit_test(roots_that_are_read_are_told),
        cmocka_unit_test(without_checks_an_unknown_name_is_an_error_of_the_run),
        cmocka_unit_test(typed_values_keep_their_types),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
