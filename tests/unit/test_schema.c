/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema: the words of errors and the places they name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json.h"
#include "schema_case.h"

#define UNION                                                                                      \
    "{'oneOf':[{'type':'object','properties':{'kind':{'const':'a'},'n':{'minimum':1}}},"           \
    "{'properties':{'kind':{'enum':['b','c']},'n':{'minimum':5}}},{'type':'null'}]}"

static const struct {
    const char *schema, *value, *want;
} words[] = {
    { "{'type':'object'}", "[1]", "must be an object, is an array (schema /type)" },
    { "{'type':['string','null']}", "1.5", "must be null or a string, is a number (schema /type)" },
    { "{'type':'integer'}", "1.5", "must be an integer, is a number (schema /type)" },
    { "{'type':'integer'}", "1.0", "valid" },
    { "{'properties':{'a':{'type':'string'}}}", "{'a':3}",
      "/a: must be a string, is an integer (schema /properties/a/type)" },
    { "{'items':{'minimum':1}}", "[1,0]", "/1: must be at least 1, is 0 (schema /items/minimum)" },
    { "{'exclusiveMaximum':1.5}", "1.5",
      "must be less than 1.5, is 1.5 (schema /exclusiveMaximum)" },
    { "{'exclusiveMinimum':1}", "1", "must be more than 1, is 1 (schema /exclusiveMinimum)" },
    { "{'maximum':1}", "2", "must be at most 1, is 2 (schema /maximum)" },
    { "{'multipleOf':0.01}", "0.015", "must be a multiple of 0.01, is 0.015 (schema /multipleOf)" },
    { "{'minLength':3}",
      "'\xC3\xA4"
      "b'",
      "must have at least 3 characters, has 2 (schema /minLength)" },
    { "{'maxItems':1}", "[1,2]", "must have at most 1 item, has 2 (schema /maxItems)" },
    { "{'minProperties':1}", "{}", "must have at least 1 key, has 0 (schema /minProperties)" },
    { "{'pattern':'^a'}", "'b'", "does not match the pattern \"^a\" (schema /pattern)" },
    { "{'format':'date'}", "'x'", "must be of the format date (schema /format)" },
    { "{'format':'color'}", "'x'", "valid" },
    { "{'enum':['agent','storage','pattern']}", "'agnet'",
      "must be one of \"agent\", \"storage\", \"pattern\", is \"agnet\", did you mean \"agent\" "
      "(schema /enum)" },
    { "{'enum':[1,2,3,4,5,6,7,8,9,10,11]}", "0",
      "must be one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ..., is 0 (schema /enum)" },
    { "{'enum':[1,2,3,4,5,6,7,8,9,10,'a',{'b':[]},null]}", "{'b':[]}", "valid" },
    { "{'enum':['agent']}", "'x'", "must be \"agent\", is \"x\" (schema /enum)" },
    { "{'const':{'a':[1,2]}}", "3", "must be {\"a\":[1,2]} (schema /const)" },
    { "{'const':{'a':[1,2.0],'b':null}}", "{'b':null,'a':[1.0,2]}", "valid" },
    { "{'required':['a','b']}", "{'a':1}", "the key \"b\" is missing (schema /required)" },
    { "{'dependentRequired':{'a':['b']}}", "{'a':1}",
      "the key \"b\" is missing, \"a\" needs it (schema /dependentRequired)" },
    { "{'properties':{'library':{},'name':{}},'additionalProperties':false}", "{'libary':1}",
      "unrecognized key \"libary\", did you mean \"library\" (schema /additionalProperties)" },
    { "{'properties':{'o':{'additionalProperties':false}}}", "{'o':{'a/b~c':1}}",
      "/o: unrecognized key \"a/b~c\" (schema /properties/o/additionalProperties)" },
    { "{'unevaluatedProperties':false,'allOf':[{'properties':{'x':{}}}],'properties':{'yes':{}}}",
      "{'x':1,'yess':2}",
      "unrecognized key \"yess\", did you mean \"yes\" (schema /unevaluatedProperties)" },
    { "{'propertyNames':{'pattern':'^[a-z]'}}", "{'A':1}",
      "the key \"A\" does not match the pattern \"^[a-z]\" (schema /propertyNames/pattern)" },
    { "{'patternProperties':{'^x/':{'type':'null'}}}", "{'x/y':1}",
      "/x~1y: must be null, is an integer (schema /patternProperties/^x~1/type)" },
    { "{'uniqueItems':true}", "[1,2,1.0]",
      "items must differ, 0 and 2 are equal (schema /uniqueItems)" },
    { "{'uniqueItems':true}", "[{'a':1,'b':[]},0,1,2,3,4,5,6,7,{'b':[],'a':1.0}]",
      "items must differ, 0 and 9 are equal (schema /uniqueItems)" },
    { "{'contains':{'type':'string'}}", "[1]",
      "must have at least 1 item as under \"contains\", has 0 (schema /contains)" },
    { "{'contains':{'type':'string'},'maxContains':1}", "['a','b']",
      "must have at most 1 item as under \"contains\", has 2 (schema /contains)" },
    { "{'not':{'type':'string'}}", "'x'", "must not be as under \"not\" (schema /not)" },
    { "{'anyOf':[{'minLength':3},{'minLength':4}]}", "'x'",
      "fits none of the 2 alternatives (schema /anyOf)" },
    { "{'anyOf':[{'type':'string','minLength':3},{'type':'null'}]}", "'x'",
      "must have at least 3 characters, has 1 (schema /anyOf/0/minLength)" },
    { "{'oneOf':[{'minimum':1},{'minimum':2}]}", "3",
      "fits the alternatives 0 and 1, must fit one (schema /oneOf)" },
    { UNION, "{'kind':'a','n':0}",
      "/n: must be at least 1, is 0 (schema /oneOf/0/properties/n/minimum)" },
    { UNION, "{'kind':'c','n':4}",
      "/n: must be at least 5, is 4 (schema /oneOf/1/properties/n/minimum)" },
    { UNION, "{'kind':'d'}", "fits none of the 3 alternatives (schema /oneOf)" },
    { "{'if':{'type':'string'},'then':{'minLength':2}}", "'x'",
      "must have at least 2 characters, has 1 (schema /then/minLength)" },
    { "{'prefixItems':[true],'items':false}", "[1,2]", "/1: must not be here (schema /items)" },
    { "false", "1", "must not be here" },
    { "{'$ref':'#/$defs/a','$defs':{'a':{'type':'null'}}}", "1",
      "must be null, is an integer (schema /$defs/a/type)" },
    { "{'$ref':'" DIALECT "schema'}", "{'items':{'type':'strng'}}",
      "/items/type: must be one of \"array\", \"boolean\", \"integer\", \"null\", \"number\", "
      "\"object\", "
      "\"string\", is \"strng\", did you mean \"string\" (schema " DIALECT
      "meta/validation#/$defs/simpleTypes/enum)" },
};

static void each_error_names_value_reason_and_keyword(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct td_err err;

        assert_string_equal(check(words[i].schema, words[i].value, &err), words[i].want);
        assert_true(err.code == TD_OK || err.code == TD_E_INVAL);
    }
}

static void an_unknown_key_without_a_near_one_gets_the_list_as_hint(void **state)
{
    struct td_err err;

    (void)state;
    check("{'properties':{'name':{},'kind':{}},'additionalProperties':false}", "{'zzz':1}", &err);
    assert_string_equal(err.text, "unrecognized key \"zzz\" (schema /additionalProperties)");
    assert_string_equal(err.hint, "the keys here are name, kind");
}

static const char plugin_yaml[] = "kind: agnet\n"
                                  "options:\n"
                                  "  - {name: limit, typ: int}\n"
                                  "  - name: 7\n"
                                  "libary: x.so\n";

static const struct {
    const char *schema, *want;
} yaml_cases[] = {
    { "{'properties':{'kind':{'enum':['agent']}}}",
      "plugin.yaml:1:7: /kind: must be \"agent\", is \"agnet\", did you mean \"agent\"" },
    { "{'properties':{'kind':true,'options':true,'library':true},'additionalProperties':false}",
      "plugin.yaml:5:1: unrecognized key \"libary\", did you mean \"library\"" },
    { "{'properties':{'options':{'items':{'properties':{'name':true,'type':true},'"
      "additionalProperties':false}}}}",
      "plugin.yaml:3:19: unrecognized key \"typ\", did you mean \"type\"" },
    { "{'properties':{'options':{'items':{'properties':{'name':{'type':'string'}}}}}}",
      "plugin.yaml:4:11: /options/1/name: must be a string, is an integer" },
    { "{'required':['name']}", "plugin.yaml:1:1: the key \"name\" is missing" },
    { "{'propertyNames':{'maxLength':6}}",
      "plugin.yaml:2:1: the key \"options\" must have at most 6 characters, has 7" },
};

static void errors_in_yaml_begin_with_file_line_and_column(void **state)
{
    struct td_err err;
    struct tdh_yaml *yaml = tdh_yaml_parse(plugin_yaml, strlen(plugin_yaml), "plugin.yaml", &err);

    (void)state;
    assert_non_null(yaml);
    for (size_t i = 0; i < sizeof(yaml_cases) / sizeof(yaml_cases[0]); i++) {
        struct tdh_schema *schema = schema_of(yaml_cases[i].schema);

        assert_int_equal(tdh_schema_check_yaml(schema, yaml, &err), -1);
        assert_string_equal(err.text, yaml_cases[i].want);
        tdh_schema_free(schema);
    }
    tdh_yaml_free(yaml);
}

static void all_errors_are_listed_with_their_places(void **state)
{
    struct tdh_schema *schema = schema_of("{'required':['x'],'properties':{'a':{'type':'string','"
                                          "minLength':2}},'additionalProperties':false,"
                                          "'allOf':[{'properties':{'a':{'minLength':3}}}]}");
    json_t *value = json_of("{'a':'','zzz':1}");
    json_t *want = json_of(
        "[{'instance':'/a','schema':'/properties/a/minLength','keyword':'minLength',"
        "'text':'must have at least 2 characters, has 0'},"
        "{'instance':'/zzz','schema':'/additionalProperties','keyword':'additionalProperties',"
        "'text':'unrecognized key \\'zzz\\''},"
        "{'instance':'','schema':'/required','keyword':'required',"
        "'text':'the key \\'x\\' is missing'},"
        "{'instance':'/a','schema':'/allOf/0/properties/a/minLength','keyword':'minLength',"
        "'text':'must have at least 3 characters, has 0'}]");
    struct td_err err;
    json_t *errors = tdh_schema_errors(schema, value, &err);

    (void)state;
    if (!json_equal(errors, want))
        fail_msg("%s", tdh_json_text(errors, 0));
    json_decref(errors);
    json_decref(want);
    json_decref(value);
    tdh_schema_free(schema);
}

static void a_failed_neighbour_does_not_make_its_keys_unevaluated(void **state)
{
    struct tdh_schema *schema =
        schema_of("{'allOf':[{'properties':{'a':{'type':'null'}}}],'unevaluatedProperties':false}");
    json_t *value = json_of("{'a':1}");
    struct td_err err;
    json_t *errors = tdh_schema_errors(schema, value, &err);

    (void)state;
    assert_int_equal(json_array_size(errors), 1);
    json_decref(errors);
    json_decref(value);
    tdh_schema_free(schema);
}

static void the_list_of_errors_is_bounded_and_empty_when_valid(void **state)
{
    struct tdh_schema *schema = schema_of("{'items':{'type':'null'}}");
    json_t *value = json_array();
    struct td_err err;
    json_t *errors = tdh_schema_errors(schema, value, &err);

    (void)state;
    assert_int_equal(json_array_size(errors), 0);
    json_decref(errors);
    for (int i = 0; i < 1000; i++)
        json_array_append_new(value, json_integer(i));
    errors = tdh_schema_errors(schema, value, &err);
    assert_int_equal(json_array_size(errors), TDH_SCHEMA_ERRORS);
    json_decref(errors);
    json_decref(value);
    tdh_schema_free(schema);
}

static const char manifest_yaml[] =
    "apiVersion: tdev/v1\n"
    "kind: agent\n"
    "name: sena\n"
    "version: 1.2.0\n"
    "description: Analyses a request\n"
    "library: sena.so\n"
    "sdk: \"^1.0\"\n"
    "host: \">=0.1 <2\"\n"
    "requires: [{plugin: sqlite, version: \"^1\"}]\n"
    "conflicts: [{plugin: sena-legacy, version: \"*\"}]\n"
    "isolation: inline\n"
    "execution: async\n"
    "concurrency: one\n"
    "limits: {memory: 256MiB, cpu: 1.0, calls: 50, timeout: 300s}\n"
    "permissions: {network: [], models: [\"*\"], agents: [], store: [kv], files: []}\n"
    "capabilities:\n"
    "  - {name: analyze, type: analysis, effects: none, input: {type: object}, output: true,\n"
    "     permissions: [], estimate: 5ms}\n"
    "options:\n"
    "  - {name: max_subtasks, type: int, default: 20, min: 1, max: 200, text: most subtasks}\n"
    "  - {name: size, type: size, default: 1GiB, min: 1MiB}\n";

/* What a line of the manifest becomes, and what is said then. */
static const struct {
    const char *line, *edit, *want;
} manifest_edits[] = {
    { "kind: agent", "kind: agent", NULL },
    { "library:", "libary:",
      "plugin.yaml:6:1: unrecognized key \"libary\", did you mean \"library\"" },
    { "kind: agent", "kind: agnet",
      "plugin.yaml:2:7: /kind: must be one of \"agent\", \"storage\", \"pattern\", \"provider\", "
      "is \"agnet\", "
      "did you mean \"agent\"" },
    { "kind: agent", "kind: storage", "plugin.yaml:2:7: /kind: must be \"agent\"" },
    { "isolation: inline", "config: {}", "plugin.yaml:2:7: /kind: must be \"pattern\"" },
    { "library: sena.so", "library: ../x.so",
      "plugin.yaml:6:10: /library: does not match the pattern "
      "\"^[A-Za-z0-9_][A-Za-z0-9._-]*\\.so$\"" },
    { "type: int,", "typ: int, ",
      "plugin.yaml:20:26: unrecognized key \"typ\", did you mean \"type\"" },
    { "type: size", "type: bool", "plugin.yaml:21:50: /options/1/min: must not be here" },
    { "effects: none", "effects: some",
      "plugin.yaml:17:46: /capabilities/0/effects: must be one of \"none\", \"idempotent\", "
      "\"external\", is \"some\"" },
    { "sdk:", "#dk:", "plugin.yaml:1:1: the key \"sdk\" is missing" },
};

static struct tdh_schema *shipped_schema(const char *name)
{
    struct tdh_schema *dialect = schema_of("{'$ref':'" DIALECT "schema'}"), *schema;
    struct td_err err;
    char path[512];
    json_t *document;

    snprintf(path, sizeof(path), "%s/conf/schema/%s", TEST_SRCDIR, name);
    document = tdh_json_read(path, 1 << 20, &err);
    if (document == NULL || tdh_schema_check(dialect, document, &err) != 0)
        fail_msg("%s", err.text);
    schema = tdh_schema_compile(document, NULL, &err);
    if (schema == NULL)
        fail_msg("%s", err.text);
    json_decref(document);
    tdh_schema_free(dialect);
    return schema;
}

static void a_plugin_manifest_is_checked_to_the_letter(void **state)
{
    struct tdh_schema *schema = shipped_schema("plugin.json");

    (void)state;
    for (size_t i = 0; i < sizeof(manifest_edits) / sizeof(manifest_edits[0]); i++) {
        const char *line = strstr(manifest_yaml, manifest_edits[i].line);
        struct td_err err = { .code = TD_OK };
        struct tdh_yaml *yaml;
        char text[2 * sizeof(manifest_yaml)];

        snprintf(text, sizeof(text), "%.*s%s%s", (int)(line - manifest_yaml), manifest_yaml,
                 manifest_edits[i].edit, line + strlen(manifest_edits[i].line));
        yaml = tdh_yaml_parse(text, strlen(text), "plugin.yaml", &err);
        if (yaml == NULL)
            fail_msg("%s", err.text);
        if (tdh_schema_check_yaml(schema, yaml, &err) == 0)
            assert_null(manifest_edits[i].want);
        else
            assert_string_equal(err.text, manifest_edits[i].want);
        tdh_yaml_free(yaml);
    }
    tdh_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_error_names_value_reason_and_keyword),
        cmocka_unit_test(an_unknown_key_without_a_near_one_gets_the_list_as_hint),
        cmocka_unit_test(errors_in_yaml_begin_with_file_line_and_column),
        cmocka_unit_test(all_errors_are_listed_with_their_places),
        cmocka_unit_test(a_failed_neighbour_does_not_make_its_keys_unevaluated),
        cmocka_unit_test(the_list_of_errors_is_bounded_and_empty_when_valid),
        cmocka_unit_test(a_plugin_manifest_is_checked_to_the_letter),
    };

    return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
