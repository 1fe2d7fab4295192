/* SPDX-License-Identifier: Apache-2.0 */
/*
 * within: what can be told of two schemas, and what cannot.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schema/schema.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* want NULL: they go together. */
static const struct {
    const char *claim, *from, *to, *want;
} cases[] = {
    { "a type goes with itself", "{'type': 'string'}", "{'type': 'string'}", NULL },
    { "an integer is a number", "{'type': 'integer'}", "{'type': 'number'}", NULL },
    { "a number need not be an integer", "{'type': 'number'}", "{'type': 'integer'}",
      "may be a number that is no integer, must be an integer" },
    { "each of several types must be taken", "{'type': ['string', 'null']}", "{'type': 'string'}",
      "may be null, must be a string" },
    { "several types may be taken", "{'type': 'string'}", "{'type': ['string', 'null']}", NULL },
    { "a type that is not told is not held against it", "{}", "{'type': 'string'}", NULL },
    { "values that are named have types", "{'enum': ['a', 1]}", "{'type': 'string'}",
      "may be an integer, must be a string" },
    { "a value must be among those taken", "{'enum': ['a', 'b']}", "{'enum': ['a', 'c']}",
      "may be \"b\", which is not among what is taken" },
    { "a constant must be, too", "{'const': 1}", "{'const': 2}",
      "may be 1, which is not among what is taken" },
    { "what may be any text is not told", "{'type': 'string'}", "{'enum': ['a']}", NULL },
    { "what is required must be always there", "{'type': 'object', 'properties': {'to': {}}}",
      "{'required': ['to']}", "must have \"to\", which need not be there" },
    { "what is required and there", "{'properties': {'to': {}}, 'required': ['to']}",
      "{'required': ['to']}", NULL },
    { "what is required and not named", "{'properties': {'a': {}}, 'required': ['a']}",
      "{'required': ['to']}", "must have \"to\", which need not be there" },
    { "an object that names nothing is not told", "{'type': 'object'}", "{'required': ['to']}",
      NULL },
    { "an object that can hold nothing is told",
      "{'type': 'object', 'additionalProperties': false}", "{'required': ['to']}",
      "must have \"to\", which need not be there" },
    { "members are compared at every depth",
      "{'properties': {'a': {'properties': {'b': {'type': 'null'}}}}}",
      "{'properties': {'a': {'properties': {'b': {'type': 'string'}}}}}",
      "/a/b: may be null, must be a string" },
    { "what is not taken is told", "{'properties': {'cc': {}}}",
      "{'properties': {'to': {}}, 'additionalProperties': false}",
      "may have \"cc\", which is not taken" },
    { "what is never there is no matter", "{'properties': {'cc': false}}",
      "{'additionalProperties': false}", NULL },
    { "others have a schema", "{'properties': {'cc': {'type': 'string'}}}",
      "{'additionalProperties': {'type': 'integer'}}", "/cc: may be a string, must be an integer" },
    { "patterns of names are not looked at", "{'properties': {'cc': {}}}",
      "{'patternProperties': {'^c': {}}, 'additionalProperties': false}", NULL },
    { "items are compared", "{'type': 'array', 'items': {'type': 'string'}}",
      "{'items': {'type': 'integer'}}", "/*: may be a string, must be an integer" },
    { "a reference narrows what is not looked at",
      "{'$ref': '#/$defs/a', 'type': 'string', '$defs': {'a': {}}}", "{'type': 'integer'}", NULL },
    { "what is taken is held against its own words, also beside others", "{'type': 'string'}",
      "{'type': 'integer', 'allOf': [{}]}", "may be a string, must be an integer" },
    { "nothing is taken by false", "{}", "false", "is not taken at all" },
    { "nothing is sent by false", "false", "false", NULL },
};

static json_t *parse(const char *text)
{
    char copy[512];
    json_t *value;

    strncpy(copy, text, sizeof(copy) - 1);
    copy[sizeof(copy) - 1] = '\0';
    for (char *at = copy; *at != '\0'; at++)
        if (*at == '\'')
            *at = '"';
    value = json_loads(copy, JSON_DECODE_ANY, NULL);
    assert_non_null(value);
    return value;
}

static void two_schemas_go_together_as_far_as_can_be_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *from = parse(cases[i].from), *to = parse(cases[i].to);
        struct td_err err = { 0 };
        int rc = tdh_schema_within(from, to, &err);

        if ((rc == 0) != (cases[i].want == NULL) ||
            (rc != 0 && strcmp(err.text, cases[i].want) != 0))
            fail_msg("%s: \"%s\"", cases[i].claim, err.text);
        assert_int_equal(rc, rc == 0 ? 0 : -1);
        json_decref(from);
        json_decref(to);
    }
}

static void what_says_nothing_goes_with_all(void **state)
{
    json_t *text = json_pack("{s:s}", "type", "string");
    struct td_err err;

    (void)state;
    assert_int_equal(tdh_schema_within(NULL, text, &err), 0);
    assert_int_equal(tdh_schema_within(text, NULL, &err), 0);
    json_decref(text);
}

/* Also of schemas that are deep or wide: no stack overflows, and a path is cut. */
static void a_deep_pair_is_looked_at_to_a_bound(void **state)
{
    json_t *from = json_pack("{s:s}", "type", "string");
    json_t *to = json_pack("{s:s}", "type", "integer");
    struct td_err err = { 0 };

    (void)state;
    for (unsigned i = 0; i < 120; i++) {
        from = json_pack("{s:{s:o}}", "properties", "a-member-with-a-long-name", from);
        to = json_pack("{s:{s:o}}", "properties", "a-member-with-a-long-name", to);
        if (i == 20)
            assert_int_equal(tdh_schema_within(from, to, &err), -1);
    }
    assert_int_equal(tdh_schema_within(from, to, &err), 0);
    json_decref(from);
    json_decref(to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_schemas_go_together_as_far_as_can_be_told),
        cmocka_unit_test(what_says_nothing_goes_with_all),
        cmocka_unit_test(a_deep_pair_is_looked_at_to_a_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
