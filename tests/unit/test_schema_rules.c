/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema rules: what is refused as a schema, and verdicts the public suite does not ask for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema_case.h"

static const struct {
    const char *schema;
    enum td_code code;
    const char *want;
} refusals[] = {
    { "5", TD_E_INVAL, "a schema must be an object or a boolean, is of type integer" },
    { "{'properties':{'a':5}}", TD_E_INVAL,
      "/properties/a: a schema must be an object or a boolean, is of type integer" },
    { "{'type':'strng'}", TD_E_INVAL, "/type: \"strng\" is not a type, did you mean \"string\"" },
    { "{'type':'xyzzy'}", TD_E_INVAL,
      "/type: \"xyzzy\" is not a type: null boolean number integer string array object" },
    { "{'type':[]}", TD_E_INVAL, "/type: must name at least one type" },
    { "{'type':['null','null']}", TD_E_INVAL, "/type: names a type twice" },
    { "{'type':5}", TD_E_INVAL, "/type: must name a type, is of type integer" },
    { "{'properties':{'a/b':{'minLength':-1}}}", TD_E_INVAL,
      "/properties/a~1b/minLength: must be a whole number of at least 0" },
    { "{'properties':[]}", TD_E_INVAL,
      "/properties: must be an object of schemas, is of type array" },
    { "{'$defs':[]}", TD_E_INVAL, "/$defs: must be an object of schemas, is of type array" },
    { "{'items':[{}]}", TD_E_INVAL,
      "/items: must be one schema; an array of them is called prefixItems" },
    { "{'allOf':[]}", TD_E_INVAL, "/allOf: must hold at least one schema" },
    { "{'allOf':{}}", TD_E_INVAL, "/allOf: must be an array of schemas, is of type object" },
    { "{'anyOf':[{},{'minimum':'1'}]}", TD_E_INVAL,
      "/anyOf/1/minimum: must be a number, is of type string" },
    { "{'enum':1}", TD_E_INVAL, "/enum: must be an array of values, is of type integer" },
    { "{'multipleOf':0}", TD_E_INVAL, "/multipleOf: must be more than 0" },
    { "{'required':['a','a']}", TD_E_INVAL, "/required: names a key twice" },
    { "{'required':'a'}", TD_E_INVAL, "/required: must be an array of keys, strings without NUL" },
    { "{'uniqueItems':1}", TD_E_INVAL, "/uniqueItems: must be true or false, is of type integer" },
    { "{'title':5}", TD_E_INVAL, "/title: must be a string, is of type integer" },
    { "{'then':5}", TD_E_INVAL,
      "/then: a schema must be an object or a boolean, is of type integer" },
    { "{'pattern':'^(abc'}", TD_E_INVAL,
      "/pattern: \"^(abc\" is not a regular expression: missing closing parenthesis" },
    { "{'patternProperties':{'[':{}}}", TD_E_INVAL,
      "/patternProperties: \"[\" is not a regular expression: missing terminating ] for character "
      "class" },
    { "{'pattern':'a++'}", TD_E_INVAL,
      "/pattern: \"a++\" is not a regular expression: nothing to repeat before \"+\"" },
    { "{'pattern':'\\\\Z'}", TD_E_INVAL,
      "/pattern: \"\\Z\" is not a regular expression: there is no escape \"\\Z\"" },
    { "{'pattern':'(*UCP)a'}", TD_E_INVAL,
      "/pattern: \"(*UCP)a\" is not a regular expression: there is no group \"(*U\"" },
    { "{'$ref':'#/$defs/nme','$defs':{'name':{}}}", TD_E_INVAL,
      "/$ref: \"#/$defs/nme\" leads nowhere: no \"nme\" is there, did you mean \"name\"" },
    { "{'$ref':'#/$defs/a/type','$defs':{'a':{'type':'null'}}}", TD_E_INVAL,
      "/$defs/a/type: a schema must be an object or a boolean, is of type string" },
    { "{'$ref':'#nme'}", TD_E_INVAL,
      "/$ref: \"#nme\" leads nowhere: no schema there has the anchor \"nme\"" },
    { "{'$ref':'http://x/y#/a'}", TD_E_NOTFOUND,
      "/$ref: \"http://x/y#/a\" refers to the document \"http://x/y\", which is not given" },
    { "{'$ref':'#/%zz'}", TD_E_INVAL, "/$ref: \"#/%zz\" has a % without a byte behind it" },
    { "{'$ref':5}", TD_E_INVAL, "/$ref: must be a string, is of type integer" },
    { "{'$ref':'#'}", TD_E_INVAL, "/$ref: refers to itself without end" },
    { "{'$defs':{'a':{'$ref':'#/$defs/b'},'b':{'allOf':[{'$ref':'#/$defs/a'}]}}}", TD_E_INVAL,
      "/$defs/b/allOf/0/$ref: refers to itself without end" },
    { "{'$id':'a#b'}", TD_E_INVAL,
      "/$id: \"a#b\" has a fragment, a name within a document is an $anchor" },
    { "{'$defs':{'a':{'$id':'x'},'b':{'$id':'x'}}}", TD_E_INVAL,
      "/$defs/b/$id: \"x\" is the $id of another schema here" },
    { "{'$anchor':'1a'}", TD_E_INVAL,
      "/$anchor: \"1a\" is not a name: a letter or _, then letters, digits, - _ and ." },
    { "{'$defs':{'a':{'$anchor':'x'},'b':{'$anchor':'x'}}}", TD_E_INVAL,
      "/$defs/b/$anchor: \"x\" is the anchor of another schema here" },
    { "{'$schema':'http://x/'}", TD_E_NOTFOUND,
      "/$schema: the dialect \"http://x/\" is not given" },
    { "{'$id':'http://x/','$schema':'http://x/','$vocabulary':{'http://x/v':true}}",
      TD_E_UNSUPPORTED,
      "/$schema: the dialect needs the vocabulary \"http://x/v\", which is not known here" },
};

static void each_schema_that_is_wrong_is_refused_by_its_pointer(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        json_t *document = json_of(refusals[i].schema);
        struct td_err err;

        assert_null(tdh_schema_compile(document, NULL, &err));
        assert_string_equal(err.text, refusals[i].want);
        assert_int_equal(err.code, refusals[i].code);
        json_decref(document);
    }
}

static void schemas_of_no_rule_accept_all(void **state)
{
    static const struct {
        const char *schema;
        bool want;
    } cases[] = { { "true", true },
                  { "{}", true },
                  { "false", false },
                  { "{'title':'x','default':1,'$defs':{'a':false}}", true },
                  { "{'type':'null'}", false },
                  { "{'properties':{}, 'required':[]}", true } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tdh_schema *schema = schema_of(cases[i].schema);

        assert_int_equal(tdh_schema_accepts_all(schema), cases[i].want);
        tdh_schema_free(schema);
    }
}

static const struct {
    const char *schema;
    const char *value;
    bool want;
} verdicts[] = {
    { "{'multipleOf':0.1}", "1e300", true },
    { "{'multipleOf':0.1}", "0.30000000000000004", false },
    { "{'multipleOf':0.01}", "4.35", true },
    { "{'multipleOf':1e-7}", "0.0000003", true },
    { "{'multipleOf':3}", "9223372036854775806", true },
    { "{'multipleOf':0.5}", "9223372036854775807", true },
    { "{'multipleOf':1e20}", "3e20", true },
    { "{'multipleOf':1e20}", "100", false },
    { "{'multipleOf':2.5}", "-7.5", true },
    { "{'minimum':9007199254740993}", "9007199254740992.0", false },
    { "{'maximum':9223372036854775807}", "9223372036854775808.0", false },
    { "{'const':9007199254740993}", "9007199254740992.0", false },
    { "{'const':-0.0}", "0", true },
    { "{'const':'a\\u0000b'}", "'a\\u0000c'", false },
    { "{'pattern':'^\\\\d$'}", "'\xD9\xA3'", false },
    { "{'pattern':'^\\\\s$'}", "'\xC2\xA0'", true },
    { "{'pattern':'^\\\\S$'}", "'\xEF\xBB\xBF'", false },
    { "{'pattern':'^[\\\\s\\\\S]$'}", "'\xE2\x82\xAC'", true },
    { "{'pattern':'^\\\\v$'}", "'\\n'", false },
    { "{'pattern':'^a$'}", "'a\\n'", false },
    { "{'pattern':'^.$'}", "'\xF0\x9F\x98\x80'", true },
    { "{'pattern':'^\\\\uD83D\\\\uDE00$'}", "'\xF0\x9F\x98\x80'", true },
    { "{'pattern':'^\\\\u{1F600}\\\\x41\\\\cJ$'}",
      "'\xF0\x9F\x98\x80"
      "A\\n'",
      true },
    { "{'pattern':'^\\\\p{Script=Greek}\\\\p{gc=Lowercase_Letter}\\\\P{Number}$'}",
      "'\xCE\xB1"
      "bc'",
      true },
    { "{'pattern':'^[^]$'}", "'\\n'", true },
    { "{'pattern':'[]'}", "'a'", false },
    { "{'pattern':'^[[:alpha:]]$'}", "':]'", true },
    { "{'pattern':'^(?<x>a)\\\\k<x>(?=b)(?!c)(?:b)(?<=b)(?<!c)\\\\1$'}", "'aaba'", true },
    { "{'pattern':'^(a)(b)?\\\\2$'}", "'a'", true },
    { "{'properties':{'p':true},'unevaluatedProperties':{'type':'null'},"
      "'patternProperties':{'^k':true}}",
      "{'p':1,'k1':2,'x':null}", true },
    { "{'unevaluatedItems':false,'contains':{'type':'string'},'prefixItems':[true]}", "[1,'a','b']",
      true },
    { "{'unevaluatedItems':false,'contains':{'type':'string'},'prefixItems':[true]}", "[1,'a',2]",
      false },
    { "{'$ref':'#/definitions/a','definitions':{'a':{'type':'null'}}}", "1", false },
    { "{'$ref':'" DIALECT "schema'}", "{'$defs':{'a':{'minLength':-1}}}", false },
    { "{'$ref':'" DIALECT "schema'}", "{'pattern':'(','$id':'x'}", false },
};

static void verdicts_the_suite_does_not_ask_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
        struct td_err err;
        bool is_valid = strcmp(check(verdicts[i].schema, verdicts[i].value, &err), "valid") == 0;

        if (is_valid != verdicts[i].want)
            fail_msg("%s of %s: %s", verdicts[i].value, verdicts[i].schema, err.text);
    }
}

static const struct {
    const char *format, *valid, *invalid; /* texts, separated by spaces */
} formats[] = {
    { "date", "2020-02-29 2000-02-29 1985-04-12",
      "2021-02-29 1900-02-29 2020-13-01 2020-00-10 2020-1-01 2020-01-32 20200101 2020-01-0x "
      "2020-01-011" },
    { "time", "00:00:00Z 23:59:60z 15:59:60.5-08:00 12:34:56.789+00:30",
      "24:00:00Z 12:60:00Z 12:00:61Z 22:59:60Z 12:00:00 12:00:00.Z 12:00:00+24:00 12:00:00+0800 "
      "1:00:00Z" },
    { "date-time", "1985-04-12T23:20:50.52Z 1990-12-31t15:59:60-08:00",
      "1985-04-12 1985-04-12_23:20:50Z 1985-02-30T23:20:50Z 1998-12-31T23:58:60Z 1985-04-12T" },
    { "email", "joe@example.com \"a\\\"b\"@x.org a.b+c@[127.0.0.1] x@[IPv6:::1]",
      "joe a@ @b .a@b.c a..b@c a.@b.c a@-b.c a@b_c a@[300.0.0.1] \"a@b.c a@b..c" },
    { "uri",
      "http://u:p@h.x:80/a%20b?q#f urn:isbn:1 mailto:a@b file:///etc ftp://[::1]/ http://[v1.x:y]/ "
      "a:",
      "//h/x /a http://h/%zz http://[::1 http://h/a[b] 1a:b http://h:8a/ http://a@b@c/ a\\b "
      "http://\xC3\xA9/" },
    { "uuid", "2EB8AA08-aa98-11ea-b4aa-73b441d16380",
      "2eb8aa08aa9811eab4aa73b441d16380 2eb8aa08-aa98-11ea-b4aa-73b441d1638 "
      "2eb8aa08-aa98-11ea-b4aa-73b441d1638g" },
    { "ipv4", "192.168.0.1 0.0.0.0", "1.2.3 1.2.3.4.5 256.0.0.1 01.2.3.4 1.2.3.4/8 0x7f.0.0.1" },
    { "ipv6", ":: ::1 1:2:3:4:5:6:7:8 ::ffff:1.2.3.4",
      "1:2 12345:: 1::2::3 fe80::1%eth0 ::1/64 :1:2:3:4:5:6:7" },
    { "regex", "^a|[b-c]{2,}$ \\p{L} (?<n>x)", "( [a \\a a** (?x)" },
};

static void check_format_words(const char *format, const char *words_text, bool want)
{
    char schema_text[64], list[512];
    struct tdh_schema *schema;

    snprintf(schema_text, sizeof(schema_text), "{'format':'%s'}", format);
    schema = schema_of(schema_text);
    snprintf(list, sizeof(list), "%s", words_text);
    for (char *word = strtok(list, " "); word != NULL; word = strtok(NULL, " ")) {
        json_t *value = json_string(word);
        struct td_err err;

        if ((tdh_schema_check(schema, value, &err) == 0) != want)
            fail_msg("\"%s\" should %sbe a %s", word, want ? "" : "not ", format);
        json_decref(value);
    }
    tdh_schema_free(schema);
}

static void formats_are_asserted_when_asked_for(void **state)
{
    json_t *document = json_of("{'format':'date'}");
    struct td_err err;
    struct tdh_schema *schema = tdh_schema_compile(document, NULL, &err);

    (void)state;
    assert_true(tdh_schema_accepts_all(schema));
    tdh_schema_free(schema);
    json_decref(document);
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        check_format_words(formats[i].format, formats[i].valid, true);
        check_format_words(formats[i].format, formats[i].invalid, false);
    }
}

static void marks_are_kept_for_more_than_64_members(void **state)
{
    struct tdh_schema *schema =
        schema_of("{'unevaluatedProperties':false,'anyOf':[{'patternProperties':{'^a':true}},{'"
                  "patternProperties':{'^b':true}}]}");
    json_t *value = json_object();
    struct td_err err;
    char key[16];

    (void)state;
    for (int i = 0; i < 200; i++) {
        snprintf(key, sizeof(key), "%c%d", i % 2 == 0 ? 'a' : 'b', i);
        json_object_set_new(value, key, json_null());
    }
    assert_int_equal(tdh_schema_check(schema, value, &err), 0);
    json_object_set_new(value, "c", json_null());
    assert_int_equal(tdh_schema_check(schema, value, &err), -1);
    assert_string_equal(err.text, "unrecognized key \"c\" (schema /unevaluatedProperties)");
    json_decref(value);
    tdh_schema_free(schema);
}

static void other_documents_are_reached_by_either_name(void **state)
{
    json_t *other = json_of("{'$id':'urn:other','$defs':{'n':{'$id':'http://e.x/"
                            "deep','type':'null'}},'type':'string'}");
    json_t *document = json_of("{'$id':'http://h/a/main','prefixItems':[{'$ref':'sub/other.json'},"
                               "{'$ref':'urn:other#/$defs/n'},{'$ref':'../"
                               "deep','$defs':{'d':{'$id':'/deep','type':'null'}}}]}");
    const struct tdh_schema_resource resources[] = { { "http://h/a/sub/other.json#", other } };
    const struct tdh_schema_options options = { .uri = "http://unused/",
                                                .resources = resources,
                                                .resource_count = 1 };
    struct td_err err;
    struct tdh_schema *schema = tdh_schema_compile(document, &options, &err);
    json_t *value = json_of("['a',null,1]");

    (void)state;
    if (schema == NULL)
        fail_msg("%s", err.text);
    json_decref(other);
    json_decref(document);
    assert_int_equal(tdh_schema_check(schema, value, &err), -1);
    assert_string_equal(err.text,
                        "/2: must be null, is an integer (schema /prefixItems/2/$defs/d/type)");
    json_decref(value);
    value = json_of("[0]");
    assert_int_equal(tdh_schema_check(schema, value, &err), -1);
    assert_string_equal(err.text, "/0: must be a string, is an integer (schema urn:other#/type)");
    json_decref(value);
    tdh_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_schema_that_is_wrong_is_refused_by_its_pointer),
        cmocka_unit_test(schemas_of_no_rule_accept_all),
        cmocka_unit_test(verdicts_the_suite_does_not_ask_for),
        cmocka_unit_test(formats_are_asserted_when_asked_for),
        cmocka_unit_test(marks_are_kept_for_more_than_64_members),
        cmocka_unit_test(other_documents_are_reached_by_either_name),
    };

    return cmocka_run_group_tests_name("schema rules", tests, NULL, NULL);
}
