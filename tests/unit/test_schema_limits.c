/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema limits: what has no end, what is deep, large or shared, and what happens without memory.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_fail.h"
#include "schema_case.h"

enum { STACK_BYTES = 256 * 1024 }; /* of a coroutine */

static const struct {
    const char *schema, *value, *want;
} limits[] = {
    { "{'anyOf':[{'$ref':'#'},{'type':'null'}]}", "1", "the schema refers to itself without end" },
    { "{'properties':{'a':{'not':{'$ref':'#/properties/a'}}}}", "{'a':1}",
      "/a: the schema refers to itself without end at /properties/a/not" },
    { "{'pattern':'^(a+)+$'}", "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'",
      "the pattern \"^(a+)+$\" takes more than 200000 steps on 45 bytes" },
    { "{'$ref':'#/$defs/a','$defs':{'a':{'allOf':[{'$ref':'#/$defs/b'},{'$ref':'#/$defs/b'}]},"
      "'b':{'allOf':[{'$ref':'#/$defs/c'},{'$ref':'#/$defs/c'}]},'c':{'allOf':[{'$ref':'#/$defs/"
      "d'},"
      "{'$ref':'#/$defs/d'}]},'d':{'items':{'items':{'items':{'allOf':["
      "{'$ref':'#/$defs/a'},{'$ref':'#/$defs/a'}]}}}}}}",
      "[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]", NULL },
};

static void what_has_no_end_runs_into_a_limit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        struct td_err err;

        check(limits[i].schema, limits[i].value, &err);
        assert_int_equal(err.code, TD_E_LIMIT);
        if (limits[i].want != NULL)
            assert_string_equal(err.text, limits[i].want);
        else
            assert_non_null(strstr(err.text, "the check takes more than 20000000 steps"));
    }
}

static json_t *nested(unsigned depth, const char *key)
{
    json_t *value = json_object();

    while (depth-- > 0) {
        json_t *outer = json_object();

        json_object_set_new(outer, key, value);
        value = outer;
    }
    return value;
}

static void schemas_nested_too_deep_are_refused(void **state)
{
    json_t *document = nested(128, "not");
    struct td_err err;

    (void)state;
    assert_null(tdh_schema_compile(document, NULL, &err));
    assert_int_equal(err.code, TD_E_LIMIT);
    json_decref(document);
    document = nested(127, "not");
    tdh_schema_free(tdh_schema_compile(document, NULL, &err));
    json_decref(document);
}

/* {"$ref": "#/$defs/0"}, and each of them refers to the next. */
static json_t *chain_of_references(int length)
{
    json_t *defs = json_object();
    char key[16];

    for (int i = 0; i < length; i++) {
        snprintf(key, sizeof(key), "%d", i);
        json_object_set_new(defs, key,
                            i + 1 < length
                                ? json_pack("{s:o}", "$ref", json_sprintf("#/$defs/%d", i + 1))
                                : json_object());
    }
    return json_pack("{s:s, s:o}", "$ref", "#/$defs/0", "$defs", defs);
}

static void chains_of_references_have_a_limit(void **state)
{
    json_t *document = chain_of_references(400), *value = json_object();
    struct td_err err;
    struct tdh_schema *schema = tdh_schema_compile(document, NULL, &err);

    (void)state;
    assert_int_equal(tdh_schema_check(schema, value, &err), 0);
    tdh_schema_free(schema);
    json_decref(document);
    document = chain_of_references(20000);
    assert_null(tdh_schema_compile(document, NULL, &err));
    assert_int_equal(err.code, TD_E_LIMIT);
    json_decref(document);
    json_decref(value);
}

struct deep_case {
    const char *schema; /* NULL: the one with the largest frames */
    unsigned depth;
    enum td_code want;
};

/* Every schema keeps marks, hands them on through a branch, and the last one is the first again. */
static json_t *endless_schema(void)
{
    json_t *schema = json_of("{'$ref':'#'}");

    for (int i = 0; i < 100; i++) {
        json_t *outer = json_of("{'unevaluatedProperties':{'type':'null'},'anyOf':[]}");

        json_array_append_new(json_object_get(outer, "anyOf"), schema);
        schema = outer;
    }
    return schema;
}

static void *check_deep(void *arg)
{
    const struct deep_case *deep = arg;
    struct td_err err = { .code = TD_OK };
    json_t *document = deep->schema != NULL ? json_of(deep->schema) : endless_schema();
    json_t *value = nested(deep->depth, "a");
    struct tdh_schema *schema = tdh_schema_compile(document, NULL, &err);

    if (schema != NULL)
        tdh_schema_check(schema, value, &err);
    json_decref(value);
    json_decref(document);
    tdh_schema_free(schema);
    return (void *)(size_t)err.code;
}

#define NODE_A                                                                                     \
    "'$id':'x:a','$dynamicAnchor':'n','unevaluatedProperties':"                                    \
    "{'anyOf':[{'$ref':'x:b'},{'$ref':'x:b'}]}"
#define NODE_B "'$id':'x:b','$dynamicAnchor':'n','unevaluatedProperties':{'$ref':'x:a'}"

static const struct deep_case deep_cases[] = {
    { "{'properties':{'a':{'$ref':'#'}},'unevaluatedProperties':false}", 127, TD_OK },
    { "{'anyOf':[{'type':'null'},{'properties':{'a':{'$ref':'#'}}}]}", 127, TD_OK },
    { "{'$dynamicAnchor':'n','additionalProperties':{'$dynamicRef':'#n'},"
      "'not':{'required':['b']}}",
      127, TD_OK },
    { "{" NODE_A ",'$defs':{'b':{" NODE_B "}}}", 127, TD_OK },
    { "{'unevaluatedProperties':{'anyOf':[{'allOf':[{'oneOf':[{'$ref':'#'}]}]}]}}", 127,
      TD_E_LIMIT },
    { NULL, 127, TD_E_LIMIT },
    { "{'$ref':'" DIALECT "schema','propertyNames':{'pattern':'^a$'}}", 1, TD_OK },
};

static void deep_values_fit_the_stack_of_a_coroutine(void **state)
{
    size_t stack_bytes = STACK_BYTES;

    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    stack_bytes *= 4; /* as coroutines have it there */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    stack_bytes *= 4;
#endif
#endif
    for (size_t i = 0; i < sizeof(deep_cases) / sizeof(deep_cases[0]); i++) {
        pthread_attr_t attr;
        pthread_t thread;
        void *code;

        pthread_attr_init(&attr);
        pthread_attr_setstacksize(&attr, stack_bytes);
        assert_int_equal(pthread_create(&thread, &attr, check_deep, (void *)&deep_cases[i]), 0);
        pthread_join(thread, &code);
        pthread_attr_destroy(&attr);
        assert_int_equal((size_t)code, deep_cases[i].want);
    }
}

static void long_arrays_are_checked_for_doubles_in_linear_time(void **state)
{
    struct tdh_schema *schema = schema_of("{'uniqueItems':true}");
    json_t *value = json_array();
    struct td_err err;

    (void)state;
    for (int i = 0; i < 200000; i++)
        json_array_append_new(value, json_pack("[i]", i)); /* by pairs: 2 * 10^10 comparisons */
    assert_int_equal(tdh_schema_check(schema, value, &err), 0);
    json_array_append_new(value, json_pack("[f]", 77.0));
    assert_int_equal(tdh_schema_check(schema, value, &err), -1);
    assert_string_equal(err.text,
                        "items must differ, 77 and 200000 are equal (schema /uniqueItems)");
    json_decref(value);
    tdh_schema_free(schema);
}

static const char rich_schema[] =
    "{'$id':'urn:rich','type':'object','properties':{'a':{'$ref':'#n'},"
    "'e':{'enum':[1,2,3,4,5,6,7,8,9]},'m':{'multipleOf':0.5},'u':{'uniqueItems':true}},"
    "'patternProperties':{'^p':{'const':{}}},'propertyNames':{'maxLength':9},"
    "'$defs':{'n':{'$anchor':'n','type':'string','pattern':'^x'}},"
    "'dependentRequired':{'q':['r']},'unevaluatedProperties':false,"
    "'anyOf':[{'required':['a']},{'$dynamicRef':'" DIALECT "meta/core'}]}";

static void a_compile_without_memory_fails_cleanly(void **state)
{
    json_t *document = json_of(rich_schema);
    struct tdh_schema *schema = NULL;

    (void)state;
    for (unsigned n = 1; schema == NULL; n++) {
        struct td_err err = { .code = TD_OK };

        alloc_fail_at(n);
        schema = tdh_schema_compile(document, NULL, &err);
        if (!alloc_fail_end())
            break;
        if (schema == NULL && err.code != TD_E_NOMEM)
            fail_msg("allocation %u: %s", n, err.text);
    }
    assert_non_null(schema);
    tdh_schema_free(schema);
    json_decref(document);
}

static void a_check_without_memory_says_so_or_has_the_right_answer(void **state)
{
    struct tdh_schema *schema = schema_of(rich_schema);
    json_t *value =
        json_of("{'a':'y','e':0,'m':0.7,'u':[[1],[1]],'p':1,'q':1,'toolongforit':1,'zz':0}");
    bool is_failing = true;

    (void)state;
    for (unsigned n = 1; is_failing; n++) {
        struct td_err err = { .code = TD_OK };
        json_t *errors;

        alloc_fail_at(n);
        errors = tdh_schema_errors(schema, value, &err);
        is_failing = alloc_fail_end();
        if (errors == NULL)
            assert_int_equal(err.code, TD_E_NOMEM);
        else
            assert_int_equal(json_array_size(errors), 7);
        json_decref(errors);
        alloc_fail_at(n);
        assert_int_equal(tdh_schema_check(schema, value, &err), -1);
        alloc_fail_end();
        assert_true(err.code == TD_E_NOMEM || err.code == TD_E_INVAL);
    }
    json_decref(value);
    tdh_schema_free(schema);
}

static void a_common_check_allocates_nothing(void **state)
{
    struct tdh_schema *schema = schema_of(
        "{'type':'object','required':['a'],'properties':{'a':{'type':'string','pattern':'^x'},"
        "'n':{'minimum':0},'l':{'items':{'enum':['p','q']}}},'additionalProperties':false}");
    json_t *value = json_of("{'a':'xy','n':7,'l':['p','q','p']}");
    struct td_err err;

    (void)state;
    assert_int_equal(tdh_schema_check(schema, value, &err), 0);
    alloc_fail_at(1);
    assert_int_equal(tdh_schema_check(schema, value, &err), 0);
    assert_false(alloc_fail_end());
    json_decref(value);
    tdh_schema_free(schema);
}

struct shared {
    const struct tdh_schema *schema;
    const json_t *value;
};

static void *check_often(void *arg)
{
    const struct shared *shared = arg;
    size_t failed = 0;
    struct td_err err;

    for (int i = 0; i < 2000; i++)
        failed += tdh_schema_check(shared->schema, shared->value, &err) != 0;
    return (void *)failed;
}

static void one_schema_serves_many_threads(void **state)
{
    struct tdh_schema *schema = schema_of("{'items':{'pattern':'^(a|b)+$'},'uniqueItems':true}");
    json_t *value = json_of("['a','b','ab','ba','aa','bb','aab','aba','abb']");
    struct shared shared = { schema, value };
    pthread_t threads[4];
    void *failed;

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, check_often, &shared), 0);
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    json_decref(value);
    tdh_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_no_end_runs_into_a_limit),
        cmocka_unit_test(schemas_nested_too_deep_are_refused),
        cmocka_unit_test(chains_of_references_have_a_limit),
        cmocka_unit_test(deep_values_fit_the_stack_of_a_coroutine),
        cmocka_unit_test(long_arrays_are_checked_for_doubles_in_linear_time),
        cmocka_unit_test(a_compile_without_memory_fails_cleanly),
        cmocka_unit_test(a_check_without_memory_says_so_or_has_the_right_answer),
        cmocka_unit_test(a_common_check_allocates_nothing),
        cmocka_unit_test(one_schema_serves_many_threads),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests_name("schema limits", tests, NULL, NULL);
}
